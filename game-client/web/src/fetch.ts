// Recordings of a room of this server, for who has the admin secret. The secret is kept for as long as the page is.

import { find } from "./find.js";
import { asRoomCode, isRoomCode } from "./room-code.js";

type Opened = (file: Blob, name: string) => Promise<void>;

interface Listed {
  id: number;
  bytes: number;
  current?: boolean;
  firstStep?: number;
  startedAtMs?: number;
}

async function ask(path: string, secret: string): Promise<Response> {
  const answer = await fetch(path, { headers: { Authorization: `Bearer ${secret}` } }).catch(() => null);
  if (answer === null) {
    throw new Error("The server does not answer. Look whether you are online, and try again.");
  }
  if (answer.status === 401) {
    throw new Error("That is not the admin secret of this server.");
  }
  if (answer.status === 429) {
    throw new Error(`Too many wrong secrets came from your address. Try again in ${answer.headers.get("Retry-After") ?? "some"} s.`);
  }
  if (answer.status === 404) {
    throw new Error("There is no such recording here, or this server has no admin secret set.");
  }
  if (answer.status === 503) {
    throw new Error("This server's admin secret is too short to be taken. Whoever runs it sets a longer one.");
  }
  if (!answer.ok) {
    throw new Error(`The server answered ${answer.status}. Try again in a moment.`);
  }
  return answer;
}

/** Makes the form work that lists a room's recordings. */
export function offerRooms(opened: Opened): void {
  const room = find("fetch-room", HTMLInputElement);
  const secret = find("fetch-secret", HTMLInputElement);
  const error = find("drop-error", HTMLElement);
  find("fetch", HTMLFormElement).addEventListener("submit", (event) => {
    event.preventDefault();
    error.textContent = "";
    const code = asRoomCode(room.value);
    if (!isRoomCode(code)) {
      error.textContent = "A room's code is 1 to 32 of a-z, 0-9 and -.";
      room.focus();
      return;
    }
    list(code, secret.value, opened).catch((reason: unknown) => {
      error.textContent = reason instanceof Error ? reason.message : String(reason);
    });
  });
}

async function list(room: string, secret: string, opened: Opened): Promise<void> {
  const answer = await ask(`/api/rooms/${room}/recordings`, secret);
  const { recordings } = (await answer.json()) as { recordings: Listed[] };
  const items = recordings.map(({ id, bytes, current }) => {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = `Recording ${id}, ${(bytes / 1_024).toFixed(1)} KiB${current ? ", still going on" : ""}`;
    button.addEventListener("click", () => void take(room, `${id}`, secret, opened));
    item.append(button);
    return item;
  });
  find("fetch-list", HTMLUListElement).replaceChildren(...items);
}

async function take(room: string, id: string, secret: string, opened: Opened): Promise<void> {
  const error = find("drop-error", HTMLElement);
  try {
    const answer = await ask(`/api/rooms/${room}/recordings/${id}`, secret);
    history.replaceState(null, "", `/replay?room=${room}&session=${id}${location.hash}`);
    await opened(await answer.blob(), `${room}-${id}.rec`);
  } catch (reason) {
    error.textContent = reason instanceof Error ? reason.message : String(reason);
  }
}

/** A link to one of a room's recordings asks for the secret and opens it. */
export async function fetchOf(parameters: URLSearchParams, opened: Opened): Promise<void> {
  const [room, session] = [parameters.get("room"), parameters.get("session")];
  if (room === null || session === null || !isRoomCode(room) || !/^(\d{1,15}|current)$/.test(session)) {
    return;
  }
  find("fetch-room", HTMLInputElement).value = room;
  const secret = find("fetch-secret", HTMLInputElement);
  secret.focus();
  const button = find("fetch", HTMLFormElement).querySelector("button");
  if (button) {
    button.textContent = `Open recording ${session}`;
    button.type = "button";
    button.addEventListener("click", () => void take(room, session, secret.value, opened));
  }
}
