// At 100 ms and 30 ms jitter, set by the overlay's own sliders, a minute of walking needs no correction.
//
// The line is what is measured, so the page must have its processor. It is small enough to be drawn 60 times a second
// without a graphics card. Where the machine kept a process waiting, the line was another one: from then on until the line
// has settled again nothing is judged, if it came to a correction or not. What is walked before and after that counts.

import { ask, ensure, sleep, told, until } from "./driver.mjs";
import { Player } from "./player.mjs";
import { STALL, watchStalls } from "./stalls.mjs";

/** What is walked on a line that nothing disturbs, in milliseconds. */
const WALKED = 60_000;
/** How long the pace needs to find its buffer, and the delays to forget what was before: no longer than they are kept. */
const SETTLES = 10_000;
/** How long a machine may take that keeps stalling. */
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
  const { steps, walked, fps, starved, delay, stalls } = await minute(ann);
  ensure(steps > (walked / 1_000) * 55, `only ${steps} steps in ${walked} ms`);
  // With a larger picture, and so outside of what is measured.
  await ann.hold(["KeyD"]);
  await ann.picture(`${pictures}/overlay.png`);
  ann.isContent();
  await ann.close();
  const left = stalls.length === 0 ? "" : `; left out ${SETTLES / 1_000} s after each time the machine stalled, for ${stalls.join(", ")} ms`;
  return `round trip ${Math.round(rtt)} ms: ${steps} steps in ${Math.round(walked / 1_000)} s, no correction; ${fps} frames/s, starved ${starved}, interpolation ${Math.round(delay)} ms${left}`;
}

/** Walks until it was a minute on a line that nothing disturbed, and says what it came to. */
async function minute(ann) {
  const end = Date.now() + LONGEST;
  const stalls = [];
  const sum = { steps: 0, walked: 0, starved: 0 };
  // From here on no delay is known any more of the line that was.
  let turn = await walk(ann, SETTLES, 0, () => false);
  while (sum.walked < WALKED) {
    ensure(Date.now() < end, `nothing can be measured here: ${sum.walked} ms were walked in ${LONGEST}, the machine stalled for ${stalls.join(", ")} ms`);
    const { next, ...more } = await stretch(ann, WALKED - sum.walked, turn, stalls);
    turn = next;
    for (const [name, value] of Object.entries(more)) {
      sum[name] += value;
    }
  }
  const { fps } = await ann.reading();
  return { ...sum, fps, delay: (await ann.netcode()).interpolationDelay, stalls };
}

/** Walks so long at most, and until the machine stalls. What it came to is counted once the line has settled. */
async function stretch(ann, length, turn, stalls) {
  const stalled = await watch(ann);
  const isStalled = (stall) => {
    if (stall > STALL) {
      stalls.push(stall);
    }
    return stall > STALL;
  };
  const nothing = { steps: 0, walked: 0, starved: 0 };
  let broken = false;
  const settled = async () => {
    broken = isStalled(await stalled());
    return broken;
  };
  let next = await walk(ann, SETTLES, turn, settled);
  if (broken) {
    return { next, ...nothing };
  }
  const before = await ann.netcode();
  const began = performance.now();
  let counted = nothing;
  next = await walk(ann, length, next, async () => {
    const after = await ann.netcode();
    const walked = performance.now() - began;
    // Asked after what may have come of it.
    const stall = await stalled();
    if (isStalled(stall)) {
      return true;
    }
    const seen = after.correctionsTotal - before.correctionsTotal;
    ensure(seen === 0, `${seen} corrections: ${told(after.corrections)}, the longest stall ${stall} ms`);
    counted = { steps: after.steps - before.steps, walked, starved: after.starved - before.starved };
    return false;
  });
  return { next, ...counted };
}

/** Tells how long, at most, this program, the page or a snapshot has been kept waiting from now on, in milliseconds. */
async function watch(ann) {
  const stalled = await watchStalls(ann);
  const began = performance.now();
  return async () => {
    const { snapshots } = await ann.netcode();
    const passed = performance.now() - began;
    const late = snapshots.filter(({ age }) => age < passed).map(({ delay }) => delay - JITTER);
    return Math.round(Math.max((await stalled()).longest, ...late));
  };
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
