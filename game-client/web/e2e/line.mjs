// At 100 ms and 30 ms jitter, set by the overlay's own sliders, a minute of walking needs no correction.
//
// The line is what is measured, so the page must have its processor. It is small enough to be drawn 60 times a second
// without a graphics card. Where the machine kept a process waiting, the line was a worse one for a while. A minute
// without a correction is one on a worse line as well. Only a correction soon after such a stall proves nothing: the
// minute begins anew, and what happened is told.

import { ask, ensure, sleep, told, until } from "./driver.mjs";
import { Player } from "./player.mjs";
import { STALL, watchStalls } from "./stalls.mjs";

/** What is walked in one piece without a correction, in milliseconds. */
const WALKED = 60_000;
/**
 * How long the pace needs to find its buffer, and the delays to forget what was before: no longer than they are kept. A
 * stall explains no correction that comes later than this.
 */
const SETTLES = 10_000;
/** How long a machine may take whose stalls keep leading to corrections. */
const LONGEST = 8 * 60_000;
const LATENCY = 100;
const JITTER = 30;
const TURN = 700;
const VIEWPORT = { width: 240, height: 136 };

export async function scene() {
  const { base, pictures } = await ask("serve");
  const ann = await Player.enter(base, "line", "Ann", { colour: 5, viewport: VIEWPORT });
  await ask("bots", { room: "line", count: 2, kind: "walker" });
  await ann.walkTo(30, 30);
  await ann.page.keyboard.press("F3");
  await ann.page.waitForSelector("#overlay", { state: "visible" });
  await slide(ann.page, "#latency", LATENCY);
  await slide(ann.page, "#jitter", JITTER);
  const { rtt } = await until("the line is slow", () => ann.netcode(), ({ rtt }) => rtt >= 2 * LATENCY);
  const { steps, walked, fps, starved, delay, stalls, began } = await minute(ann);
  ensure(steps > (walked / 1_000) * 55, `only ${steps} steps in ${walked} ms`);
  // With a larger picture, and so outside of what is measured.
  await ann.hold(["KeyD"]);
  await ann.picture(`${pictures}/overlay.png`);
  ann.isContent();
  await ann.close();
  const anew = began.length === 0 ? "" : `; began anew after ${began.join(" and ")}`;
  return `round trip ${Math.round(rtt)} ms: ${steps} steps in ${Math.round(walked / 1_000)} s, no correction; ${fps} frames/s, starved ${starved}, interpolation ${Math.round(delay)} ms, ${stalls} stalls of the machine${anew}`;
}

/** Walks until it was a minute in one piece without a correction, and says what it came to. */
async function minute(ann) {
  const end = Date.now() + LONGEST;
  const began = [];
  // From here on no delay is known any more of the line that was.
  let turn = await walk(ann, SETTLES, 0, () => false);
  const stalls = new Stalls(ann);
  for (;;) {
    await stalls.look();
    const { next, explained, ...sum } = await piece(ann, turn, stalls);
    if (explained === null) {
      const { fps } = await ann.reading();
      return { ...sum, fps, delay: (await ann.netcode()).interpolationDelay, stalls: stalls.count, began };
    }
    began.push(explained);
    ensure(Date.now() < end, `nothing can be measured here: it began anew after ${began.join(" and ")}`);
    turn = await walk(ann, SETTLES, next, () => stalls.look());
  }
}

/** Walks until the minute is over or a stall explains a correction. Any other correction fails. */
async function piece(ann, turn, stalls) {
  const before = await ann.netcode();
  const started = performance.now();
  let sum = { steps: 0, walked: 0, starved: 0 };
  let explained = null;
  const next = await walk(ann, WALKED, turn, async () => {
    const after = await ann.netcode();
    const walked = performance.now() - started;
    // Asked after what may have come of it.
    await stalls.look();
    sum = { steps: after.steps - before.steps, walked, starved: after.starved - before.starved };
    const seen = after.correctionsTotal - before.correctionsTotal;
    if (seen === 0) {
      return false;
    }
    const stall = stalls.longestOf(SETTLES);
    ensure(stall > STALL, `${seen} corrections: ${told(after.corrections)}, the longest stall ${stall} ms`);
    explained = `${seen} corrections behind a stall of ${stall} ms`;
    return true;
  });
  return { next, explained, ...sum };
}

/** How long, at most, this program, the page or a snapshot was kept waiting from one look to the next, in milliseconds. */
class Stalls {
  #ann;
  #looks = [];
  #since = null;
  /** Looks that found a stall. */
  count = 0;

  constructor(ann) {
    this.#ann = ann;
  }

  /** Notes down what there was since the last look. The first one begins. Says that nothing ends. */
  async look() {
    const longest = this.#since === null ? 0 : await this.#since();
    this.#since = await this.#watch();
    this.#looks.push({ at: performance.now(), longest });
    this.count += longest > STALL ? 1 : 0;
    return false;
  }

  /** The longest stall that a look of the last so many milliseconds found. */
  longestOf(lately) {
    const now = performance.now();
    return Math.max(...this.#looks.filter(({ at }) => now - at <= lately).map(({ longest }) => longest));
  }

  async #watch() {
    const stalled = await watchStalls(this.#ann);
    const began = performance.now();
    return async () => {
      const { snapshots } = await this.#ann.netcode();
      const passed = performance.now() - began;
      const late = snapshots.filter(({ age }) => age < passed).map(({ delay }) => delay - JITTER);
      return Math.round(Math.max((await stalled()).longest, ...late));
    };
  }
}

async function slide(page, slider, value) {
  await page.$eval(
    slider,
    (element, value) => {
      element.value = `${value}`;
      element.dispatchEvent(new Event("input", { bubbles: true }));
    },
    value,
  );
  await page.focus("#canvas");
}

/** Walks squares from this turn on, until it is long enough or a turn says that it ends. Returns the next turn. */
async function walk(ann, length, turn, ends) {
  const end = performance.now() + length;
  const turns = [["KeyD"], ["KeyD", "KeyS"], ["KeyS"], ["KeyA"], ["KeyA", "KeyW"], ["KeyW"]];
  for (;;) {
    await ann.hold(turns[turn % turns.length]);
    turn += 1;
    await sleep(TURN);
    if ((await ends()) || performance.now() >= end) {
      return turn;
    }
  }
}
