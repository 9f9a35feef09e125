// The page: each of its addresses is loaded anew and shows one thing.

import { prepareDialogs } from "./dialogs.js";
import { find } from "./find.js";
import { showLobby } from "./lobby.js";
import { roomOfPath } from "./room-code.js";
import { showRoom } from "./room.js";
import { showViewer } from "./viewer.js";

async function show(): Promise<void> {
  prepareDialogs();
  const { pathname } = location;
  const room = roomOfPath(pathname);
  if (room !== null) {
    document.body.dataset["route"] = "room";
    await showRoom(room);
  } else if (pathname === "/replay") {
    document.body.dataset["route"] = "viewer";
    await showViewer();
  } else {
    document.body.dataset["route"] = "lobby";
    await showLobby();
  }
}

show().catch((error: unknown) => {
  const text = find("door-text", HTMLElement);
  text.textContent = error instanceof Error ? error.message : String(error);
  find("sign-in", HTMLButtonElement).hidden = true;
  find("game", HTMLElement).hidden = true;
  find("lobby", HTMLElement).hidden = true;
  find("door", HTMLElement).hidden = false;
});
