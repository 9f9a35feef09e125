// The kernel in this browser comes to the same world as the native one at every step: it reruns every golden recording,
// and what the page itself predicted while it played is held against a native rerun of the room's recording.

import { readFile } from "node:fs/promises";

import { ask, ensure, sleep, until } from "./driver.mjs";
import { Player } from "./player.mjs";

/** Predictions that there must be at least: half a minute of them, less what a slow browser leaves out. */
const COMPARED_MIN = 1_200;

export async function scene() {
  const { base } = await ask("serve");
  const { goldens } = await ask("goldens");
  const ann = await Player.open("Ann");
  await ann.page.goto(`${base}/replay`);
  await until("the game is loaded", () => ann.call("default_bindings").then(() => true, () => false), 60_000);
  let steps = 0;
  for (const { path, verdict } of goldens) {
    const here = await rerun(ann.page, await readFile(path));
    ensure(here.firstMismatch === null, { path, here });
    for (const [name, native] of [
      ["steps", verdict.steps],
      ["slept", verdict.slept],
      ["hashesCompared", verdict.hashesCompared],
      ["digestsCompared", verdict.digestsCompared],
      ["digest", verdict.digest],
    ]) {
      ensure(here[name] === native, `${path}: ${name} is ${here[name]} here and ${native} natively`);
    }
    steps += here.steps;
  }
  ann.isContent();
  await ann.close();
  return `${goldens.length} golden recordings: the same digest over ${steps} hashes in Chromium and natively; ${await predicted(base)}`;
}

async function rerun(page, bytes) {
  const text = await page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
    return (await import("/client.js")).verify(bytes);
  }, bytes.toString("base64"));
  return JSON.parse(text);
}

async function predicted(base) {
  const room = "hashes";
  const bo = await Player.enter(base, room, "Bo", { colour: 2 });
  await bo.walkTo(30, 30);
  const keys = [["KeyD"], ["KeyD", "KeyS"], ["KeyA"], ["KeyW"], ["KeyA", "KeyS"], []];
  for (let turn = 0; turn < 40; turn += 1) {
    await bo.hold(keys[turn % keys.length]);
    await bo.point(28 + (turn % 7), 27 + (turn % 5));
    if (turn % 4 === 0) {
      await bo.page.mouse.click(10 + turn * 11, 40 + turn * 5, { button: turn % 8 === 0 ? "right" : "left" });
    }
    await sleep(700);
  }
  await bo.hold([]);
  const { own } = await bo.seen();
  const predictions = await bo.call("predictions");
  // The room writes every second what it saw.
  await sleep(2_500);
  const { corrections } = await bo.reading();
  const compared = await ask("predicted", { room, player: own.id, predictions });
  ensure(compared.ok, compared);
  ensure(compared.compared >= COMPARED_MIN, compared);
  ensure(corrections === 0, `${corrections} corrections`);
  bo.isContent();
  await bo.close();
  return `${compared.compared} predictions of a page held against a native rerun of its room, all equal`;
}
