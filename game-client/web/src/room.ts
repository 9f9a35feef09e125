// The room: the game on its canvas, and what the page says around it.

import { prepareCharacters } from "./characters.js";
import { load, type Client, type Notice, type Reading } from "./client.js";
import { find } from "./find.js";
import { mention, prepareHud, show } from "./hud.js";
import { type Identity, signIn, whoComes } from "./identity.js";
import { drawLabels } from "./labels.js";
import { share } from "./link.js";
import { prepareOverlay } from "./overlay.js";
import { prepareSettings, settingsNow } from "./settings.js";
import { showConnection, showEnd } from "./state.js";
import { isKnown, keepResumeToken, me, playerId, resumeToken, takeAnnouncement } from "./store.js";
import { Tokens } from "./tokens.js";
import { prepareTouch } from "./touch.js";

/** How often what is said is read. */
const READ_MS = 200;
/** How often what is due is done besides frames: a slow picture must not make inputs late. Hidden pages are given less. */
const TICK_MS = 8;

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
  const { name, body, colour } = me();
  // What the room keeps of a character is left as it is, unless another was chosen on the front page.
  const announces = takeAnnouncement() && isKnown();
  const options = {
    origin: location.origin,
    room,
    playerId: identity.kind === "anybody" ? playerId() : null,
    resumeToken: resumeToken(room),
    character: announces ? { name, body, colour } : null,
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
  surround(client, room, identity);
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

function surround(client: Client, room: string, identity: Identity): void {
  find("hud", HTMLElement).hidden = false;
  const changed = prepareSettings(client, () => undefined);
  prepareHud(client);
  prepareTouch(client);
  prepareOverlay(client);
  const characters = prepareCharacters(client);
  find("invite", HTMLButtonElement).addEventListener("click", () => {
    void share(room).then((text) => mention(text));
  });
  find("canvas", HTMLCanvasElement).addEventListener("contextmenu", (event) => event.preventDefault());
  find("canvas", HTMLCanvasElement).focus();

  let kept = resumeToken(room);
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
      keepResumeToken(room, resume);
    }
  }, READ_MS);
  setInterval(() => client.tick(), TICK_MS);
  const frame = (): void => {
    drawLabels(client.labels(), (id) => reading?.players.find((player) => player.id === id));
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
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
