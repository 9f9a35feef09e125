// The keyboard and the game: keys play wherever the focus is, except where something is typed, chosen or open. Whatever is
// not a key of the game stays the browser's, and nothing stays held that nobody holds.

import type { Client } from "./client.js";
import { find } from "./find.js";

/** Fields in which every key means something of their own. */
const TYPED = 'input:not([type="range"]):not([type="checkbox"]):not([type="radio"]):not([type="button"]), select, textarea, [contenteditable]';
const PRESSED = "button, a[href], summary, [role='button']";
/** Keys that press what has the focus. */
const PRESSES = new Set(["Space", "Enter", "NumpadEnter"]);
/** Keys that move what can be chosen. */
const CHOOSES = new Set(["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "Home", "End", "PageUp", "PageDown", "Space"]);

/** Whether a key at this element is not the game's. */
export function isTaken(at: Element | null, code: string): boolean {
  if (at === null) {
    return false;
  }
  if (at.closest("dialog[open]") !== null || at.matches(TYPED)) {
    return true;
  }
  if (at.matches('input, [role="radio"], [role="slider"]') && CHOOSES.has(code)) {
    return true;
  }
  return at.matches(PRESSED) && PRESSES.has(code);
}

export function prepareKeys(client: Client): void {
  const canvas = find("canvas", HTMLCanvasElement);
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && document.activeElement === canvas) {
      document.querySelector<HTMLElement>("#hud nav button")?.focus();
      return;
    }
    const isShortcut = event.ctrlKey || event.metaKey || event.altKey;
    if (event.defaultPrevented || isShortcut || isTaken(document.activeElement, event.code)) {
      return;
    }
    // A key that repeats is held already, and says nothing new.
    if (client.key(event.code, true)) {
      // The page would scroll, or search.
      event.preventDefault();
    }
  });
  addEventListener("keyup", (event) => {
    client.key(event.code, false);
    // While it is held, some systems tell of no other key that is let go.
    if (event.key === "Meta") {
      client.release_all();
    }
  });
  const release = (): void => client.release_all();
  addEventListener("blur", release);
  document.addEventListener("visibilitychange", release);
  document.addEventListener("focusin", (event) => {
    if (event.target instanceof Element && isTaken(event.target, "")) {
      release();
    }
  });
  for (const lost of ["lostpointercapture", "pointercancel"]) {
    canvas.addEventListener(lost, () => client.release_pointer());
  }
  // A button that is let go outside of the canvas is let go.
  addEventListener("pointerup", (event) => {
    if (event.target !== canvas) {
      client.release_pointer();
    }
  });
  canvas.addEventListener("wheel", (event) => event.preventDefault(), { passive: false });
  // What shows something and has nothing to press does not take the focus, nor is it selected.
  find("hud", HTMLElement).addEventListener("pointerdown", (event) => {
    if (event.target instanceof Element && event.target.closest(PRESSED) === null) {
      event.preventDefault();
    }
  });
}
