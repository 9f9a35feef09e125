// The kernel in this browser comes to the same world as the native one at every step: it reruns every golden recording,
// and what the page itself predicted while it played is held against a native rerun of the room's recording.

import { readFile } from "node:fs/promises";

import { ask, ensure, sleep, told, until } from "./driver.mjs";
import { Player } from "./player.mjs";

/** Predictions that are compared at least: twenty seconds of them. */
const COMPARED_MIN = 1_200;
/** Predictions that are taken: the room has no use for all of them, such as those of a player who rests. */
const TAKEN_MIN = 1_600;
/** How long they may take to come about. */
const LONGEST = 5 * 60_000;
const TURN = 700;
/** Causes of corrections that follow from inputs that came too late or not at all. */
const LATE = ["starved", "dropped", "clock slip"];

export async function scene() {
  const { base } = await ask("serve");
  const { goldens } = await ask("goldens");
  const ann = await Player.open("Ann");
  await ann.page.goto(`${base}/replay`);
  await until("the game is loaded", () => ann.call("default_bindings"));
  const [kept] = await ann.page.evaluate(async () => (await fetch("/kernels/index.json")).json());
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
    const archived = await rerun(ann.page, await readFile(path), kept.name);
    ensure(archived.digest === verdict.digest, { path, archived, verdict });
    steps += here.steps;
  }
  const other = await ask("other-rules");
  const module = await readFile(other.module);
  const refused = await rerun(ann.page, await readFile(other.recording)).catch((error) => `${error}`);
  ensure(`${refused}`.includes("no kernel of them here"), refused);
  const { digest, firstMismatch } = await rerun(ann.page, await readFile(other.recording), module);
  ensure(digest === other.verdict.digest && firstMismatch === null, { digest, firstMismatch, other });
  ann.isContent();
  await ann.close();
  return `${goldens.length} golden recordings: the same digest over ${steps} hashes in Chromium, natively and by kernel ${kept.name}; one of other rules by theirs; ${await predicted(base)}`;
}

/** What a recording comes to by the game's own rules, or by a kernel: the name of an archived one, or a module. */
async function rerun(page, bytes, kernel) {
  const given = { recording: bytes.toString("base64"), name: typeof kernel === "string" ? kernel : null, module: kernel?.toString("base64") };
  const text = await page.evaluate(async ({ recording, name, module }) => {
    const bytes = (base64) => Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
    const archived = async () => {
      const { body } = await fetch(`/kernels/${name}.wasm.zlib`);
      return new Response(body.pipeThrough(new DecompressionStream("deflate"))).arrayBuffer();
    };
    const code = name !== null ? await archived() : module && bytes(module);
    const started = code && (await WebAssembly.instantiate(code, {})).instance.exports;
    return (await import("/client.js")).verify(bytes(recording), started);
  }, given);
  return JSON.parse(text);
}

/**
 * Walks until enough was predicted while the room had every input in time. Where the machine kept one waiting, the room
 * went on without it: what was predicted around that turn is no word about the kernel, and is left out.
 */
async function predicted(base) {
  const room = "hashes";
  const bo = await Player.enter(base, room, "Bo", { colour: 2 });
  await bo.walkTo(30, 30);
  const keys = [["KeyD"], ["KeyD", "KeyS"], ["KeyA"], ["KeyW"], ["KeyA", "KeyS"], []];
  const end = Date.now() + LONGEST;
  const turns = [await looked(bo)];
  const good = () => turns.filter((_, at) => isGood(turns, at));
  const count = () => good().reduce((sum, { from, to }) => sum + to - from, 0);
  for (let turn = 0; count() < TAKEN_MIN; turn += 1) {
    ensure(Date.now() < end, `only ${count()} predictions in ${LONGEST} ms: ${told(turns.slice(-5))}`);
    await bo.hold(keys[turn % keys.length]);
    await bo.aim(28 + (turn % 7), 27 + (turn % 5));
    if (turn % 4 === 0) {
      const { width, height } = bo.page.viewportSize();
      const at = { x: 10 + ((turn * 11) % (width - 20)), y: 40 + ((turn * 5) % (height - 80)) };
      await bo.page.mouse.click(at.x, at.y, { button: turn % 8 === 0 ? "right" : "left" });
    }
    await sleep(TURN);
    turns.push({ ...(await looked(bo)), from: turns.at(-1).to });
  }
  await bo.hold([]);
  const { id } = await bo.stands();
  const { all, step } = await bo.page.evaluate(async () => {
    const { netcode, predictions } = await import("/client.js");
    return { all: JSON.parse(predictions()), step: JSON.parse(netcode()).step };
  });
  const predictions = good().flatMap(({ from, to }) => all.slice(from, to));
  // The room writes every second what it saw.
  await until("the room has recorded it", () => ask("recording", { room }), (recorded) => recorded.lastStep >= step);
  const compared = await ask("predicted", { room, player: id, predictions: JSON.stringify(predictions) });
  ensure(compared.ok && compared.compared >= COMPARED_MIN, compared);
  bo.isContent();
  await bo.close();
  const left = turns.length - 1 - good().length;
  return `${compared.compared} predictions of a page held against a native rerun of its room, all equal; ${left} of ${turns.length - 1} turns left out, in which the machine was late`;
}

/** How far predictions are, and what the room has counted of inputs that came late. */
async function looked(who) {
  // At one moment: whoever stands goes on to step. A step behind a stall of the page is taken without a prediction.
  const { told, to } = await who.page.evaluate(async () => {
    const { netcode, predictions } = await import("/client.js");
    return { told: netcode(), to: JSON.parse(predictions()).length };
  });
  const { starved, dropped, stalls, correctionsTotal, corrections } = JSON.parse(told);
  return { to, late: starved + dropped + stalls, correctionsTotal, corrections };
}

/**
 * Whether every input of a turn came in time, as was known one turn later, and of the turn before it. What a late input
 * leads to comes behind the counters: an input that found no place is missed when its turn in the buffer comes. A turn with
 * a correction of such a cause is left out, and one with any other fails.
 */
function isGood(turns, at) {
  if (at < 2 || at + 1 >= turns.length) {
    return false;
  }
  const [before, after] = [turns[at - 2], turns[at + 1]];
  if (before.late !== after.late) {
    return false;
  }
  const seen = after.correctionsTotal - before.correctionsTotal;
  if (seen === 0) {
    return true;
  }
  const others = after.corrections.slice(-seen).filter(({ cause }) => !LATE.includes(cause));
  ensure(others.length === 0, `corrections while every input came in time: ${told(others)}`);
  return false;
}
