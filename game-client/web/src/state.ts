// How the connection is, as far as it stands in the way of playing.

import type { Connection, Next, Notice } from "./client.js";
import { find } from "./find.js";

/** A connection that is made again this quickly is not worth a word. */
const PATIENCE_MS = 400;

const game = find("game", HTMLElement);
const state = find("state", HTMLElement);
const text = find("state-text", HTMLElement);
const next = find("state-next", HTMLButtonElement);

let ended = false;
let shown: Connection | null = null;
let waits: ReturnType<typeof setTimeout> | undefined;

export function showConnection(connection: Connection): void {
  if (connection === shown) {
    return;
  }
  const first = shown === null;
  shown = connection;
  game.dataset["connection"] = connection;
  clearTimeout(waits);
  if (ended) {
    return;
  }
  if (connection === "playing") {
    state.hidden = true;
    return;
  }
  waits = setTimeout(
    () => {
      text.textContent = first ? "Going into the room." : "The connection is lost. Your player waits while it is made again.";
      next.hidden = true;
      state.hidden = false;
    },
    first ? 0 : PATIENCE_MS,
  );
}

const WORDS: Record<Next, string | null> = {
  wait: null,
  reload: "Load the page again",
  signIn: "Sign in",
  otherRoom: "To the front page",
};

/** It is over: why, and what to do. */
export function showEnd(notice: Notice, again: () => void): void {
  ended = true;
  clearTimeout(waits);
  text.textContent = notice.text;
  const words = WORDS[notice.next];
  next.hidden = words === null;
  next.textContent = words ?? "";
  next.onclick = () => {
    if (notice.next === "otherRoom") {
      location.assign("/");
    } else {
      again();
    }
  };
  state.hidden = false;
  next.focus();
}
