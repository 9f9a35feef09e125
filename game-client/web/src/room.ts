// The room: the game on its canvas, and what the page says around it.

import { prepareCharacters } from "./characters.js";
import { load, type Client, type Notice, type Reading } from "./client.js";
import { open } from "./dialogs.js";
import { find } from "./find.js";
import { mention, prepareHud, show } from "./hud.js";
import { type Identity, signIn, whoComes } from "./identity.js";
import { prepareKeys } from "./keys.js";
import { drawLabels } from "./labels.js";
import { guestOfHash, roomLink, share } from "./link.js";
import { prepareOverlay } from "./overlay.js";
import { prepareSettings, settingsNow } from "./settings.js";
import { showConnection, showEnd } from "./state.js";
import { asMe, isKnown, keepResumeToken, type Me, me, resumeToken, takeAnnouncement } from "./store.js";
import { Tokens } from "./tokens.js";
import { prepareTouch } from "./touch.js";
import { playerIn } from "./who.js";

/** How often what is said is read. */
const READ_MS = 200;
/** How often what is due is done besides frames: a slow picture must not make inputs late. Hidden pages are given less. */
const TICK_MS = 8;

/** A picture that the browser took away, as when the graphics card is reset, does not come back by itself. */
const PICTURE_LOST: Notice = {
  text: "The browser has lost the picture. Your player waits; load the page again to go on.",
  next: "reload",
  lasting: true,
};

export async function showRoom(room: string): Promise<void> {
  document.title = `${room} - Bitfort`;
  const identity = await whoComes(waitAtTheDoor);
  if (identity.kind === "signedOut") {
    stopAtTheDoor(identity);
    return;
  }
  find("door", HTMLElement).hidden = true;
  const game = find("game", HTMLElement);
  game.dataset["shows"] = "game";
  game.hidden = false;
  showConnection("connecting");
  const client = await load();
  const playerId = identity.kind === "anybody" ? await playerIn(room) : null;
  // One account is one player.
  const who = playerId ?? "account";
  const resume = resumeToken(room, who);
  const options = {
    origin: location.origin,
    room,
    playerId,
    resumeToken: resume,
    character: introduction(resume === null),
    json: new URLSearchParams(location.search).has("json"),
    ...settingsNow(),
  };
  if (identity.kind === "signedIn") {
    const tokens = new Tokens(identity.clerk);
    tokens.keep();
    client.play(JSON.stringify(options), (refused) => tokens.next(refused));
  } else {
    client.play(JSON.stringify(options));
  }
  surround(client, room, identity, who);
}

/**
 * Who to be, for a room that does not know it: the first time, and when it was chosen on the front page. At any other time
 * what the room keeps is left as it is.
 */
function introduction(isFirst: boolean): Me | null {
  const guest = guestOfHash(location.hash);
  if (guest !== null) {
    history.replaceState(null, "", location.pathname + location.search);
    return asMe(guest);
  }
  const announced = takeAnnouncement();
  return isKnown() && (announced || isFirst) ? me() : null;
}

function waitAtTheDoor(why: string): void {
  find("door-text", HTMLElement).textContent = why;
  find("sign-in", HTMLButtonElement).hidden = true;
  find("door", HTMLElement).hidden = false;
}

function stopAtTheDoor(identity: Extract<Identity, { kind: "signedOut" }>): void {
  const button = find("sign-in", HTMLButtonElement);
  const text = find("door-text", HTMLElement);
  text.textContent = "You are signed out. Sign in to play in this room: your characters and your player are yours alone then.";
  button.addEventListener("click", () => signIn(identity.clerk));
  button.hidden = false;
  find("door", HTMLElement).hidden = false;
  button.focus();
}

function surround(client: Client, room: string, identity: Identity, who: string): void {
  find("hud", HTMLElement).hidden = false;
  const changed = prepareSettings(client, () => undefined);
  prepareHud(client);
  prepareTouch(client);
  prepareKeys(client);
  prepareOverlay(client);
  const characters = prepareCharacters(client);
  prepareInvitation(room);
  const canvas = find("canvas", HTMLCanvasElement);
  canvas.addEventListener("contextmenu", (event) => event.preventDefault());
  canvas.addEventListener("webglcontextlost", () => tell(PICTURE_LOST, identity));
  canvas.focus();
  // Who opens the front page beside the room stays.
  find("leave", HTMLAnchorElement).addEventListener("click", (event) => {
    if (event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey) {
      client.leave_room();
    }
  });

  let kept = resumeToken(room, who);
  let reading: Reading | null = null;
  setInterval(() => {
    const text = client.reading();
    if (text === undefined) {
      return;
    }
    reading = JSON.parse(text) as Reading;
    show(reading, changed());
    showConnection(reading.connection);
    characters(reading);
    for (const notice of JSON.parse(client.notices()) as Notice[]) {
      tell(notice, identity);
    }
    const resume = client.resume_token();
    if (resume !== undefined && resume !== kept) {
      kept = resume;
      keepResumeToken(room, who, resume);
    }
  }, READ_MS);
  setInterval(() => client.tick(), TICK_MS);
  const frame = (): void => {
    drawLabels(client.labels(), (id) => reading?.players.find((player) => player.id === id));
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}

/** The address stands until it is not wanted any more. */
function prepareInvitation(room: string): void {
  const says = find("invitation-says", HTMLElement);
  find("invite", HTMLButtonElement).addEventListener("click", () => {
    const link = find("invitation-link", HTMLInputElement);
    link.value = roomLink(location.origin, room);
    says.textContent = "";
    open("invitation");
    link.select();
    void share(room).then((text) => {
      says.textContent = text;
    });
  });
}

function tell(notice: Notice, identity: Identity): void {
  if (!notice.lasting) {
    mention(notice.text);
    return;
  }
  showEnd(notice, () => {
    if (notice.next === "signIn" && identity.kind === "signedIn") {
      signIn(identity.clerk);
    } else {
      location.reload();
    }
  });
}
