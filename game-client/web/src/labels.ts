// Names over players: elements of the page, moved with every frame.

import { find } from "./find.js";

/** What stands over a player. */
export interface Named {
  name: string;
  own: boolean;
  connected: boolean;
}

const where = find("labels", HTMLElement);
const labels = new Map<number, HTMLElement>();

/** Puts names where the last frame had their players: number, x and y, one after the other. */
export function drawLabels(places: Float32Array, named: (id: number) => Named | undefined): void {
  const seen = new Set<number>();
  for (let at = 0; at + 2 < places.length; at += 3) {
    const [id = 0, x = 0, y = 0] = places.subarray(at, at + 3);
    const entry = named(id);
    if (entry === undefined) {
      continue;
    }
    seen.add(id);
    const label = labels.get(id) ?? made(id);
    if (label.textContent !== entry.name) {
      label.textContent = entry.name;
    }
    label.classList.toggle("own", entry.own);
    label.classList.toggle("away", !entry.connected);
    label.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px) translate(-50%, -100%)`;
    label.hidden = false;
  }
  for (const [id, label] of labels) {
    if (!seen.has(id)) {
      label.hidden = true;
    }
  }
}

function made(id: number): HTMLElement {
  const label = document.createElement("span");
  label.className = "label";
  labels.set(id, label);
  where.append(label);
  return label;
}
