// What a scene asks of the program that started it: the server, its recordings, tokens, other players. One line of JSON
// out, one line back. And what a scene does with what it is told: it waits for it, and holds it against what must be.

import { createInterface } from "node:readline";

/** How long is waited, in milliseconds, for what only a slow machine delays. What is promised in less is held against a
 * bound of its own. */
export const PATIENCE = 60_000;
/** How much of a value is told when it is not what it should be. */
const TOLD_MAX = 2_000;
/** What a browser says of a page that will not come back. */
const GONE = /has been closed|Target closed|crashed/;

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

/** Something does not hold, and waiting does not change it. */
class Untrue extends Error {}

/** Holds, or this is not so. */
export function ensure(holds, otherwise) {
  if (!holds) {
    throw new Untrue(typeof otherwise === "string" ? otherwise : told(otherwise));
  }
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Reads something until it holds, and gives back what was read then. What cannot be read does not hold yet: the page may
 * be on its way to another. The error says what was read last.
 */
export async function until(what, read, holds = Boolean, longest = PATIENCE) {
  const end = Date.now() + longest;
  let last;
  let failed = null;
  do {
    try {
      last = await read();
      failed = null;
      if (holds(last)) {
        return last;
      }
    } catch (error) {
      if (error instanceof Untrue || GONE.test(error.message)) {
        throw error;
      }
      failed = error;
    }
    await sleep(50);
  } while (Date.now() < end);
  const why = failed === null ? "" : `; it could not be read: ${failed.message}`;
  throw new Error(`after ${longest} ms it is still not so that ${what}: the last reading is ${told(last)}${why}`);
}

/** A value as an error tells it. */
export function told(value) {
  const text = JSON.stringify(value) ?? `${value}`;
  return text.length > TOLD_MAX ? `${text.slice(0, TOLD_MAX)} and so on` : text;
}
