// At 100 ms and 30 ms jitter, set by the overlay's own sliders, a minute of walking needs no correction.
//
// The line is what is measured, so the page must have its processor. It is small enough to be drawn 60 times a second
// without a graphics card. Where the machine kept a process waiting, the line was another one: that minute is begun anew,
// if it has come to a correction or not.

import { ask, ensure, sleep, until } from "./driver.mjs";
import { Player } from "./player.mjs";

const WALKED = 60_000;
const SETTLES = 10_000;
const LATENCY = 100;
const JITTER = 30;
/** What is later than this, in milliseconds, was kept waiting by the machine. */
const STALL = 50;
const BEGUN_MAX = 6;
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
  const slow = await until("the line is slow", async () => {
    const { rtt } = await ann.netcode();
    return rtt >= 2 * LATENCY ? rtt : null;
  });
  const { steps, fps, starved, delay, stalls } = await minute(ann);
  ensure(steps > (WALKED / 1_000) * 55, `only ${steps} steps`);
  // With a larger picture, and so outside of what is measured.
  await ann.hold(["KeyD"]);
  await ann.picture(`${pictures}/overlay.png`);
  ann.isContent();
  await ann.close();
  const begun = stalls.length === 0 ? "" : `; begun anew after the machine had stalled for ${stalls.join(", ")} ms`;
  return `round trip ${Math.round(slow)} ms: ${steps} steps in ${WALKED / 1_000} s, no correction; ${fps} frames/s, starved ${starved}, interpolation ${Math.round(delay)} ms${begun}`;
}

/** Walks until the machine has let it do so for the whole length, and says what it came to. */
async function minute(ann) {
  const stalls = [];
  while (stalls.length < BEGUN_MAX) {
    // The pace has to find its buffer, and the delays to forget how short they were: that is not what is measured.
    await walk(ann, SETTLES, () => false);
    const stalled = await watch(ann);
    const before = await ann.netcode();
    let stall = 0;
    await walk(ann, WALKED, async () => {
      stall = await stalled();
      if (stall > STALL) {
        return true;
      }
      const { correctionsTotal, corrections } = await ann.netcode();
      const seen = correctionsTotal - before.correctionsTotal;
      ensure(seen === 0, `${seen} corrections: ${JSON.stringify(corrections)}, the longest stall ${stall} ms`);
      return false;
    });
    if (stall <= STALL) {
      const after = await ann.netcode();
      const { fps } = await ann.reading();
      const [steps, starved] = [after.steps - before.steps, after.starved - before.starved];
      return { steps, fps, starved, delay: after.interpolationDelay, stalls };
    }
    stalls.push(stall);
  }
  throw new Error(`nothing can be measured here: the machine stalled for ${stalls.join(", ")} ms`);
}

/** Tells how long, at most, this program, the page or a snapshot has been kept waiting from now on, in milliseconds. */
async function watch(ann) {
  const keep = () => {
    clearInterval(globalThis.watching);
    globalThis.waited = 0;
    let last = performance.now();
    globalThis.watching = setInterval(() => {
      const now = performance.now();
      globalThis.waited = Math.max(globalThis.waited, now - last);
      last = now;
    }, 8);
    // A page's timer has no such thing: it does not keep anything open.
    globalThis.watching.unref?.();
  };
  keep();
  await ann.page.evaluate(keep);
  const began = performance.now();
  return async () => {
    const page = await ann.page.evaluate(() => globalThis.waited);
    const { snapshots } = await ann.netcode();
    const passed = performance.now() - began;
    const late = snapshots.filter(({ age }) => age < passed).map(({ delay }) => delay - JITTER);
    return Math.round(Math.max(globalThis.waited, page, ...late));
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

/** Walks squares, until it is long enough or a turn says that it ends. */
async function walk(ann, length, ends) {
  const end = Date.now() + length;
  const turns = [["KeyD"], ["KeyD", "KeyS"], ["KeyS"], ["KeyA"], ["KeyA", "KeyW"], ["KeyW"]];
  for (let turn = 0; Date.now() < end; turn += 1) {
    await ann.hold(turns[turn % turns.length]);
    await sleep(700);
    if (await ends()) {
      break;
    }
  }
  await ann.hold([]);
}
