// The front page: who to be, and where to play.

import { find } from "./find.js";
import { signIn, whoComes } from "./identity.js";
import { isolated } from "./isolate.js";
import { guestLink, share } from "./link.js";
import { LookChooser } from "./look.js";
import { loadAhead } from "./loading.js";
import { complaint, tidied } from "./names.js";
import { asRoomCode, isRoomCode, newRoomCode } from "./room-code.js";
import { prepareSettings, settingsNow } from "./settings.js";
import { announce, keepMe, me } from "./store.js";

export async function showLobby(): Promise<void> {
  const name = find("name", HTMLInputElement);
  const room = find("room", HTMLInputElement);
  const looks = new LookChooser(find("look", HTMLElement), "", settingsNow().palette);
  prepareSettings(null, (settings) => {
    looks.palette = settings.palette;
  });
  const known = me();
  name.value = known.name;
  looks.look = known;
  const another = (): void => {
    room.value = newRoomCode(crypto.getRandomValues(new Uint32Array(3)));
  };
  const wanted = new URLSearchParams(location.search).get("room");
  if (wanted !== null && isRoomCode(wanted)) {
    room.value = wanted;
  } else {
    another();
  }
  find("other-room", HTMLButtonElement).addEventListener("click", another);
  find("enter", HTMLFormElement).addEventListener("submit", (event) => {
    event.preventDefault();
    const code = asRoomCode(room.value);
    const wrong = [
      mark(name, "name-error", complaint(tidied(name.value))),
      mark(room, "room-error", isRoomCode(code) ? null : "A room's code is 1 to 32 of a-z, 0-9 and -."),
    ].find((field) => field !== null);
    if (wrong) {
      wrong.focus();
      return;
    }
    const chosen = { name: tidied(name.value), ...looks.look };
    // A browser that keeps nothing is told with the address.
    const kept = keepMe(chosen) && announce();
    location.assign(kept ? `/room/${code}` : guestLink(code, JSON.stringify(chosen)));
  });
  find("share", HTMLButtonElement).addEventListener("click", () => {
    const code = asRoomCode(room.value);
    if (mark(room, "room-error", isRoomCode(code) ? null : "A room's code is 1 to 32 of a-z, 0-9 and -.") === null) {
      void share(code).then((said) => {
        find("shared", HTMLElement).textContent = said;
      });
    }
  });
  find("lobby", HTMLElement).hidden = false;
  name.focus();
  loadAhead();
  await showAccount();
}

/** Marks a field as wrong or as right. Gives it back if it is wrong. */
function mark(field: HTMLInputElement, where: string, what: string | null): HTMLInputElement | null {
  find(where, HTMLElement).textContent = what ?? "";
  field.setAttribute("aria-invalid", `${what !== null}`);
  return what === null ? null : field;
}

async function showAccount(): Promise<void> {
  const account = find("account", HTMLElement);
  const identity = await whoComes((why) => {
    account.textContent = why;
  });
  account.textContent = "";
  const button = (text: string, does: () => void): HTMLButtonElement => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "link";
    made.textContent = text;
    made.addEventListener("click", does);
    return made;
  };
  switch (identity.kind) {
    case "anybody":
      break;
    case "signedIn":
      account.replaceChildren(
        "You are signed in as ",
        isolated(identity.name),
        ". ",
        button("Sign out", () => void identity.clerk.signOut().then(() => location.reload())),
      );
      break;
    case "signedOut":
      account.replaceChildren("This server wants to know who plays. ", button("Sign in", () => signIn(identity.clerk)));
      break;
  }
}
