// The settings dialog: colours, motion, and which key does what.

import { type Bindings, DEFAULTS, bind, listed, mayBind, nameOf, takesAway, unbind, unbound, wordsOf } from "./bindings.js";
import type { Client } from "./client.js";
import { whenOpened } from "./dialogs.js";
import { find } from "./find.js";
import type { Palette } from "./palette.js";
import { keepSettings, type Settings, settings } from "./store.js";

interface Keyboard {
  getLayoutMap?: () => Promise<ReadonlyMap<string, string>>;
}

let now = settings();
let layout: ReadonlyMap<string, string> | null = null;

export function settingsNow(): Settings {
  return now;
}

/** Makes the dialog work. What it gives back tells the palette of the moment. */
export function prepareSettings(client: Client | null, changed: (settings: Settings) => void): () => Palette {
  const defaults = client === null ? DEFAULTS : (JSON.parse(client.default_bindings()) as Bindings);
  const change = (part: Partial<Settings>): void => {
    now = { ...now, ...part };
    keepSettings(now);
    client?.settings(JSON.stringify(now));
    changed(now);
  };
  for (const radio of document.querySelectorAll<HTMLInputElement>('input[name="palette"]')) {
    radio.addEventListener("change", () => change({ palette: radio.value as Palette }));
  }
  const calm = find("reduced-motion", HTMLInputElement);
  calm.addEventListener("change", () => change({ reducedMotion: calm.checked }));

  let waitsFor: string | null = null;
  const bindings = (): Bindings => now.bindings ?? defaults;
  const list = (): void => {
    const rows = listed(bindings(), layout).flatMap(({ action, words, keys }) => {
      const label = document.createElement("span");
      label.id = `binding-${action}`;
      label.textContent = words;
      const button = document.createElement("button");
      button.type = "button";
      button.dataset["action"] = action;
      button.setAttribute("aria-describedby", label.id);
      button.setAttribute("aria-pressed", `${waitsFor === action}`);
      button.textContent = waitsFor === action ? "Press a key" : keys.length > 0 ? keys.join(", ") : "no key";
      button.addEventListener("click", () => {
        waitsFor = waitsFor === action ? null : action;
        list();
      });
      return [label, button];
    });
    find("bindings", HTMLElement).replaceChildren(...rows);
    if (waitsFor !== null) {
      document.querySelector<HTMLElement>(`#bindings [data-action="${waitsFor}"]`)?.focus();
    }
  };
  const dialog = find("settings", HTMLDialogElement);
  const says = find("bindings-say", HTMLElement);
  dialog.addEventListener("keydown", (event) => {
    if (waitsFor === null || event.key === "Tab") {
      return;
    }
    event.preventDefault();
    const action = waitsFor;
    waitsFor = null;
    const without = (): string => {
      const lost = unbound(bindings()).map(wordsOf);
      return lost.length === 0 ? "" : ` No key is left for: ${lost.join(", ")}.`;
    };
    if (takesAway(event.code)) {
      change({ bindings: unbind(bindings(), action) });
      says.textContent = `"${wordsOf(action)}" has no key now.${without()}`;
    } else if (mayBind(event.code)) {
      const done = bind(bindings(), event.code, action);
      change({ bindings: done.bindings });
      const key = nameOf(event.code, layout);
      const took = done.before === null ? "" : ` It did "${wordsOf(done.before)}" before.`;
      says.textContent = `${key} is for "${wordsOf(action)}" now.${took}${without()}`;
    } else {
      says.textContent = "That key is kept for something else.";
    }
    list();
    document.querySelector<HTMLElement>(`#bindings [data-action="${action}"]`)?.focus();
  });
  dialog.addEventListener("cancel", (event) => {
    if (waitsFor !== null) {
      event.preventDefault();
      waitsFor = null;
      list();
    }
  });
  find("bindings-reset", HTMLButtonElement).addEventListener("click", () => {
    change({ bindings: null });
    says.textContent = "Every key does what it did at first.";
    list();
  });
  whenOpened("settings", () => {
    for (const radio of document.querySelectorAll<HTMLInputElement>('input[name="palette"]')) {
      radio.checked = radio.value === now.palette;
    }
    calm.checked = now.reducedMotion;
    says.textContent = "";
    waitsFor = null;
    list();
  });
  whenOpened("help", () => fillHelp(bindings()));
  void learnLayout();
  return () => now.palette;
}

async function learnLayout(): Promise<void> {
  const { keyboard } = navigator as Navigator & { keyboard?: Keyboard };
  // Where the browser does not tell, keys are called by their places.
  layout = (await keyboard?.getLayoutMap?.().catch(() => null)) ?? null;
}

function fillHelp(bindings: Bindings): void {
  const rows = listed(bindings, layout).map(({ words, keys }) => {
    const row = document.createElement("tr");
    const what = document.createElement("th");
    what.scope = "row";
    what.textContent = words;
    const cell = document.createElement("td");
    for (const key of keys) {
      const shown = document.createElement("kbd");
      shown.textContent = key;
      cell.append(shown, " ");
    }
    row.append(what, cell);
    return row;
  });
  find("keys", HTMLTableElement).tBodies[0]?.replaceChildren(...rows);
}
