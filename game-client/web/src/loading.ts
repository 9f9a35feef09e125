// Fetching and compiling the game: unseen while the front page is shown, and with a bar where somebody waits for it.

import { find } from "./find.js";

/** Bytes of the module, which the build of this page knows. */
declare const GAME_BYTES: number;

const MODULE = "/client_bg.wasm";
export const SCRIPT = "/client.js";
/** What comes sooner needs no bar. */
const PATIENCE_MS = 250;

/**
 * Compiles the game while it comes. The browser keeps both what came and what it compiled, so who did this once waits for
 * next to nothing.
 */
async function compile(told: (bytes: number) => void): Promise<WebAssembly.Module> {
  const response = await fetch(MODULE);
  if (!response.ok) {
    throw new Error(`${MODULE}: ${response.status}`);
  }
  // The browser keeps what it compiled only with the response that it has fetched itself: the copy is counted.
  const counted = count(response.clone(), told);
  const [module] = await Promise.all([WebAssembly.compileStreaming(response), counted]);
  return module;
}

async function count(response: Response, told: (bytes: number) => void): Promise<void> {
  if (response.body === null) {
    return;
  }
  const reader = response.body.getReader();
  let bytes = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    bytes += part.value.byteLength;
    told(bytes);
  }
}

/** Prepares for the room that comes next. Nothing depends on it. */
export function loadAhead(): void {
  const { connection } = navigator as { connection?: { saveData?: boolean } };
  if (connection?.saveData !== true) {
    Promise.all([WebAssembly.compileStreaming(fetch(MODULE)), import(SCRIPT)]).catch((reason: unknown) => console.info(reason));
  }
}

/** The same where somebody waits. */
export async function compileShown(): Promise<WebAssembly.Module> {
  const shown = find("loading", HTMLElement);
  const bar = find("loading-bar", HTMLProgressElement);
  const says = find("loading-says", HTMLElement);
  const waits = setTimeout(() => {
    shown.hidden = false;
  }, PATIENCE_MS);
  bar.max = GAME_BYTES;
  try {
    return await compile((bytes) => {
      bar.value = bytes;
      says.textContent = `Loading the game: ${megabytes(bytes)} of ${megabytes(GAME_BYTES)} MB`;
    });
  } finally {
    clearTimeout(waits);
    shown.hidden = true;
  }
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
