// What happened to the player who is followed: a list to go through, and lanes around the step at hand.

import type { Client, Told } from "./client.js";
import { find } from "./find.js";
import { kernelOf } from "./kernels.js";

/** Steps that the lanes show on either side of the step at hand: five seconds. */
const AROUND_STEPS = 300;
/** Buttons, by bit, from above: up, down, left, right. */
const BUTTONS = 4;
const BUTTON_HEIGHT = 5;
const COLOURS = { held: "#3fd9d0", starved: "#ff5d5d", dropped: "#ffb347", trip: "#8fb7ff", slack: "#9be564", now: "#f4f1e8", quiet: "#55637a" };
/** A round trip, or inputs that come early, by so many steps fill their lane. */
const TRIP_STEPS = 30;
const SLACK_STEPS = 12;

const NOTHING: Told = { moments: [], held: [], starved: [], dropped: [], roundTrips: [], slack: [] };

export interface Why {
  /** Another recording, or another player of it. */
  about: (bytes: Uint8Array | null, player: number | null) => void;
  /** The step at hand is another one. */
  at: (step: number, perSecond: number) => void;
}

/** Minutes, seconds and tenths from the first step. */
export function clockOf(step: number, first: number, perSecond: number): string {
  const tenths = Math.floor(((step - first) * 10) / perSecond);
  return `${Math.floor(tenths / 600)}:${String(Math.floor(tenths / 10) % 60).padStart(2, "0")}.${tenths % 10}`;
}

/** Makes the list work. `goTo` shows a step. */
export function prepareWhy(client: Client, first: () => number, show: (step: number) => void): Why {
  const panel = find("why", HTMLDetailsElement);
  const list = find("why-list", HTMLOListElement);
  const filter = find("why-filter", HTMLSelectElement);
  const says = find("why-says", HTMLElement);
  let told = NOTHING;
  let about: { bytes: Uint8Array | null; player: number | null } = { bytes: null, player: null };
  let known: typeof about | null = null;
  let now = { step: 0, perSecond: 60 };
  // Whoever asks for the next one at once means the one behind this.
  const goTo = (step: number): void => {
    now = { ...now, step };
    show(step);
  };

  const listed = (): Told["moments"] =>
    told.moments.filter(({ what, cause }) => filter.value === "" || (filter.value === "corrected" ? cause !== null : what === filter.value));
  const draw = (): void => {
    const rows = listed().map(({ step, says: text }) => {
      const go = document.createElement("button");
      go.type = "button";
      go.dataset["step"] = `${step}`;
      go.textContent = `${clockOf(step, first(), now.perSecond)} ${text}`;
      go.addEventListener("click", () => goTo(step));
      const row = document.createElement("li");
      row.append(go);
      return row;
    });
    list.replaceChildren(...rows);
    says.textContent = about.player === null ? "Follow a player to see what happened to it." : `${rows.length} of ${told.moments.length}`;
  };
  const ask = async (): Promise<void> => {
    if (!panel.open || known === about) {
      return;
    }
    const asked = (known = about);
    const { bytes, player } = asked;
    told = NOTHING;
    if (bytes !== null && player !== null) {
      says.textContent = "Rerunning the recording.";
      // What is said must be on the screen before the page is busy.
      await new Promise((done) => setTimeout(done, 50));
      try {
        const found = JSON.parse(client.told(bytes, player, await kernelOf(client, bytes))) as Told;
        if (asked === about) {
          told = found;
        }
      } catch (reason) {
        draw();
        says.textContent = String(reason);
        return;
      }
    }
    draw();
  };
  const next = (back: boolean): void => {
    const steps = listed().map(({ step }) => step);
    const to = back ? steps.reverse().find((step) => step < now.step) : steps.find((step) => step > now.step);
    if (to !== undefined) {
      goTo(to);
    }
  };
  panel.addEventListener("toggle", () => void ask());
  filter.addEventListener("change", draw);
  find("why-before", HTMLButtonElement).addEventListener("click", () => next(true));
  find("why-next", HTMLButtonElement).addEventListener("click", () => next(false));
  return {
    about: (bytes, player) => {
      about = { bytes, player };
      void ask();
    },
    at: (step, perSecond) => {
      now = { step, perSecond };
      if (panel.open) {
        drawLanes(told, step);
        for (const row of list.querySelectorAll("button")) {
          row.toggleAttribute("aria-current", Number(row.dataset["step"]) === step);
        }
      }
    },
  };
}

/** Buttons, steps without input, lost inputs, round trip and slack around a step. */
function drawLanes(told: Told, now: number): void {
  const canvas = find("lanes", HTMLCanvasElement);
  const context = canvas.getContext("2d");
  if (context === null) {
    return;
  }
  const { width, height } = canvas;
  const from = now - AROUND_STEPS;
  const place = (step: number): number => ((step - from) / (2 * AROUND_STEPS)) * width;
  const bar = (first: number, steps: number, top: number, tall: number): void => context.fillRect(place(first), top, Math.max(1, place(first + steps) - place(first)), tall);
  const isNear = (first: number, last = first): boolean => last >= from && first <= now + AROUND_STEPS;
  context.clearRect(0, 0, width, height);
  context.fillStyle = COLOURS.held;
  told.held.forEach(([step, held], at) => {
    const until = told.held[at + 1]?.[0] ?? now + AROUND_STEPS;
    for (let bit = 0; bit < BUTTONS && isNear(step, until); bit += 1) {
      if ((held >> bit) & 1) {
        bar(step, until - step, bit * (BUTTON_HEIGHT + 1), BUTTON_HEIGHT);
      }
    }
  });
  context.fillStyle = COLOURS.starved;
  for (const [step, steps] of told.starved) {
    if (isNear(step, step + steps)) {
      bar(step, steps, 26, 8);
    }
  }
  context.fillStyle = COLOURS.dropped;
  for (const [step] of told.dropped) {
    if (isNear(step)) {
      bar(step, 2, 36, 8);
    }
  }
  const level = (steps: number, most: number): number => 22 * Math.min(1, Math.max(0, steps / most));
  context.fillStyle = COLOURS.trip;
  for (const [step, steps] of told.roundTrips) {
    if (isNear(step)) {
      const tall = level(steps, TRIP_STEPS);
      context.fillRect(place(step) - 1, 68 - tall, 3, tall);
    }
  }
  context.fillStyle = COLOURS.slack;
  for (const [first, last, least] of told.slack) {
    if (isNear(first, last)) {
      context.fillRect(place(first), 92 - level(least, SLACK_STEPS), place(last) - place(first), 2);
    }
  }
  context.fillStyle = COLOURS.now;
  context.fillRect(width / 2, 0, 1, height);
}
