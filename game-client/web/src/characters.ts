// The characters that the room keeps: choose one, change it, make another.

import type { Character, Client, Reading } from "./client.js";
import { whenOpened } from "./dialogs.js";
import { find } from "./find.js";
import { freeId } from "./ids.js";
import { isolated } from "./isolate.js";
import { LookChooser } from "./look.js";
import { complaint, tidied } from "./names.js";
import { drawing } from "./palette.js";
import { settingsNow } from "./settings.js";
import { isKnown, keepMe, me } from "./store.js";

/** Makes the dialog work. What it gives back is told of every reading. */
export function prepareCharacters(client: Client): (reading: Reading) => void {
  const list = find("characters-list", HTMLElement);
  const heading = find("character-heading", HTMLElement);
  const name = find("character-name", HTMLInputElement);
  const error = find("character-error", HTMLElement);
  const saved = find("character-saved", HTMLElement);
  const looks = new LookChooser(find("character-look", HTMLElement), "character-", settingsNow().palette);
  let known: Character[] = [];
  let active: string | null = null;
  /** The one that is changed; none while a new one is made. */
  let edited: string | null = null;
  let shown = "";

  const edit = (character: Character | null): void => {
    edited = character?.characterId ?? null;
    heading.replaceChildren(...(character === null ? ["A new character"] : ["Change ", isolated(character.name)]));
    name.value = character?.name ?? "";
    looks.palette = settingsNow().palette;
    looks.look = { body: character?.body ?? 0, colour: character?.colour ?? 0 };
    error.textContent = "";
  };
  const fill = (): void => {
    const buttons = known.map((character) => {
      const button = document.createElement("button");
      button.type = "button";
      button.setAttribute("role", "radio");
      button.setAttribute("aria-checked", `${character.characterId === active}`);
      button.dataset["character"] = character.characterId;
      button.append(drawing(settingsNow().palette, character.body, character.colour), isolated(character.name));
      button.addEventListener("click", () => {
        client.select_character(character.characterId);
        edit(character);
        remember(character);
      });
      return button;
    });
    list.replaceChildren(...buttons);
  };
  find("character-new", HTMLButtonElement).addEventListener("click", () => {
    edit(null);
    name.focus();
  });
  find("character-form", HTMLFormElement).addEventListener("submit", (event) => {
    event.preventDefault();
    const text = tidied(name.value);
    const wrong = complaint(text);
    error.textContent = wrong ?? "";
    name.setAttribute("aria-invalid", `${wrong !== null}`);
    if (wrong !== null) {
      name.focus();
      return;
    }
    const id = edited ?? freeId(known.map((character) => character.characterId));
    const { body, colour } = looks.look;
    client.save_character(id, text, body, colour);
    saved.replaceChildren(isolated(text), " is saved.");
    if (edited === null) {
      client.select_character(id);
    }
    edited = id;
    if (id === active || active === null) {
      remember({ characterId: id, name: text, body, colour });
    }
  });
  whenOpened("characters", () => {
    saved.textContent = "";
    fill();
    edit(known.find((character) => character.characterId === active) ?? null);
  });
  return (reading) => {
    const now = JSON.stringify([reading.characters, reading.character]);
    if (now !== shown) {
      shown = now;
      known = reading.characters;
      active = reading.character;
      fill();
    }
  };
}

/** The front page begins with who was played last. */
function remember({ name, body, colour }: Character): void {
  if (isKnown() || me().name === "") {
    keepMe({ name, body, colour });
  }
}
