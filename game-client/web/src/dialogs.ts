// Dialogs: any button may open one, and the arena has the keyboard again when it is closed.

import { find } from "./find.js";

const opened = new Map<string, () => void>();

/** Calls this whenever the dialog is about to be opened. */
export function whenOpened(id: string, fill: () => void): void {
  opened.set(id, fill);
}

export function open(id: string): void {
  opened.get(id)?.();
  // A dialog that closes gives the keyboard back at once to what had it before; its `close` event comes a moment later.
  find("canvas", HTMLCanvasElement).focus();
  find(id, HTMLDialogElement).showModal();
}

export function prepareDialogs(): void {
  for (const button of document.querySelectorAll<HTMLElement>("[data-opens]")) {
    button.addEventListener("click", () => open(button.dataset["opens"] ?? ""));
  }
}
