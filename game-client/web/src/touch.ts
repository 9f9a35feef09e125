// Two sticks and two buttons, where there is no mouse: the left one walks, the right one aims, and fires when it is far out.

import type { Client } from "./client.js";
import { find } from "./find.js";

/** Part of the way to the edge from which the right stick fires. */
const FIRES_FROM = 0.55;
/** Part of the way below which a stick does nothing. */
const RESTS_BELOW = 0.15;

export function prepareTouch(client: Client): void {
  if (!matchMedia("(pointer: coarse)").matches) {
    return;
  }
  find("touch", HTMLElement).hidden = false;
  stick(find("stick-walk", HTMLElement), (x, y) => client.walk(x, y));
  stick(find("stick-aim", HTMLElement), (x, y) => client.touch_aim(x, y, Math.hypot(x, y) > FIRES_FROM));
  find("touch-place", HTMLButtonElement).addEventListener("pointerdown", () => client.touch_place());
  find("touch-remove", HTMLButtonElement).addEventListener("pointerdown", () => client.touch_remove());
}

function stick(element: HTMLElement, moved: (x: number, y: number) => void): void {
  const knob = element.querySelector("span");
  let finger: number | null = null;
  const move = (event: PointerEvent): void => {
    const box = element.getBoundingClientRect();
    const radius = box.width / 2;
    const [x, y] = [(event.clientX - box.left - radius) / radius, (event.clientY - box.top - radius) / radius];
    const length = Math.hypot(x, y);
    const [toX, toY] = length > 1 ? [x / length, y / length] : [x, y];
    knob?.style.setProperty("transform", `translate(${toX * radius}px, ${toY * radius}px)`);
    moved(length < RESTS_BELOW ? 0 : toX, length < RESTS_BELOW ? 0 : toY);
  };
  const release = (event: PointerEvent): void => {
    if (event.pointerId === finger) {
      finger = null;
      knob?.style.removeProperty("transform");
      moved(0, 0);
    }
  };
  element.addEventListener("pointerdown", (event) => {
    if (finger === null) {
      finger = event.pointerId;
      element.setPointerCapture(finger);
      move(event);
    }
  });
  element.addEventListener("pointermove", (event) => {
    if (event.pointerId === finger) {
      move(event);
    }
  });
  element.addEventListener("pointerup", release);
  element.addEventListener("pointercancel", release);
}
