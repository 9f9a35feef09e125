// At 100 ms and 30 ms jitter, set by the overlay's own sliders, a minute of walking needs no correction.

import { ask, ensure, sleep, until } from "./driver.mjs";
import { Player } from "./player.mjs";

const WALKED = 60_000;

export async function scene() {
  const { base, pictures } = await ask("serve");
  const ann = await Player.enter(base, "line", "Ann", { colour: 5 });
  await ask("bots", { room: "line", count: 2, kind: "walker" });
  await ann.walkTo(30, 30);
  await ann.page.keyboard.press("F3");
  await ann.page.waitForSelector("#overlay", { state: "visible" });
  await slide(ann.page, "#latency", 100);
  await slide(ann.page, "#jitter", 30);
  const slow = await until("the line is slow", async () => {
    const { rtt } = await ann.netcode();
    return rtt >= 200 ? rtt : null;
  });
  // The pace has to find its buffer first: that is not what is measured.
  await walk(ann, 5_000);
  const before = await ann.netcode();
  await walk(ann, WALKED);
  const after = await ann.netcode();
  const { fps } = await ann.reading();
  const corrections = after.correctionsTotal - before.correctionsTotal;
  const steps = after.steps - before.steps;
  ensure(steps > (WALKED / 1_000) * 55, `only ${steps} steps`);
  ensure(corrections === 0, `${corrections} corrections: ${JSON.stringify(after.corrections)}`);
  // With a larger picture, and so outside of what is measured.
  await ann.hold(["KeyD"]);
  await ann.picture(`${pictures}/overlay.png`);
  ann.isContent();
  await ann.close();
  return `round trip ${Math.round(slow)} ms: ${steps} steps in ${WALKED / 1_000} s, no correction; ${fps} frames/s, starved ${after.starved - before.starved}, interpolation ${Math.round(after.interpolationDelay)} ms`;
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

/** Walks squares. */
async function walk(ann, length) {
  const end = Date.now() + length;
  const turns = [["KeyD"], ["KeyD", "KeyS"], ["KeyS"], ["KeyA"], ["KeyA", "KeyW"], ["KeyW"]];
  for (let turn = 0; Date.now() < end; turn += 1) {
    await ann.hold(turns[turn % turns.length]);
    await sleep(700);
  }
  await ann.hold([]);
}
