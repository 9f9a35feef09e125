// What a scene asks of the program that started it: the server, its recordings, tokens, other players. One line of JSON
// out, one line back.

import { createInterface } from "node:readline";

const lines = createInterface({ input: process.stdin });
const waiting = [];
lines.on("line", (line) => waiting.shift()?.(JSON.parse(line)));

/** Asks, and waits for the answer. */
export async function ask(what, more = {}) {
  const answered = new Promise((resolve) => waiting.push(resolve));
  process.stdout.write(`${JSON.stringify({ ask: what, ...more })}\n`);
  const answer = await answered;
  if (answer.error !== undefined) {
    throw new Error(`${what}: ${answer.error}`);
  }
  return answer;
}

/** Says what a scene came to. */
export function say(text) {
  process.stdout.write(`${JSON.stringify({ said: text })}\n`);
}

/** No further questions. */
export function close() {
  lines.close();
}

/** Holds, or this is not so. */
export function ensure(holds, otherwise) {
  if (!holds) {
    throw new Error(typeof otherwise === "string" ? otherwise : JSON.stringify(otherwise));
  }
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until something holds, and gives back what it came to. */
export async function until(what, holds, longest = 10_000) {
  const end = Date.now() + longest;
  let last;
  while (Date.now() < end) {
    last = await holds();
    if (last) {
      return last;
    }
    await sleep(50);
  }
  throw new Error(`after ${longest} ms it is still not so that ${what}`);
}
