// The page: each of its addresses is loaded anew and shows one thing.

import { prepareDialogs } from "./dialogs.js";
import { find } from "./find.js";
import { showLobby } from "./lobby.js";
import { routeOf } from "./room-code.js";
import { showRoom } from "./room.js";
import { showViewer } from "./viewer.js";

async function show(): Promise<void> {
  prepareDialogs();
  const route = routeOf(location.pathname);
  document.body.dataset["route"] = route.shows;
  switch (route.shows) {
    case "lobby":
      return showLobby();
    case "viewer":
      return showViewer();
    case "room":
      return showRoom(route.code);
    case "elsewhere":
      location.replace(route.path + location.search + location.hash);
      return;
    case "nothing":
      shut(route.why, false);
  }
}

/** Shows why there is nothing else, and the ways on. */
function shut(why: string, mayHelp: boolean): void {
  find("door-text", HTMLElement).textContent = why;
  find("sign-in", HTMLButtonElement).hidden = true;
  const again = find("again", HTMLButtonElement);
  again.hidden = !mayHelp;
  again.onclick = () => location.reload();
  find("game", HTMLElement).hidden = true;
  find("lobby", HTMLElement).hidden = true;
  find("door", HTMLElement).hidden = false;
  if (mayHelp) {
    again.focus();
  }
}

show().catch((error: unknown) => shut(error instanceof Error ? error.message : String(error), true));
