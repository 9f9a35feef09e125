// How the line is, in a word, and why. What it is judged by stands behind F3 in numbers.

import type { Reading } from "./client.js";

export type Quality = "good" | "fair" | "bad";

/** Milliseconds of a round trip. Up to the first nobody notices; from the second on every answer is seen to be late. */
const PING_FAIR = 120;
const PING_BAD = 250;
/** Milliseconds by which messages come unevenly. */
const JITTER_FAIR = 25;
const JITTER_BAD = 60;
/** Repaired predictions in a minute. */
const CORRECTIONS_FAIR = 20;
const CORRECTIONS_BAD = 60;
/** Pictures a second. */
const FRAMES_FAIR = 40;
const FRAMES_BAD = 20;

/** The worst of what there is to complain about. */
export function qualityOf(reading: Pick<Reading, "connection" | "ping" | "jitter" | "corrections" | "fps">): { quality: Quality; why: string } {
  if (reading.connection !== "playing") {
    return { quality: "bad", why: "no connection" };
  }
  const over = (value: number, fair: number, bad: number): Quality => (value >= bad ? "bad" : value >= fair ? "fair" : "good");
  const judged: [Quality, string][] = [
    [over(reading.ping ?? 0, PING_FAIR, PING_BAD), "it is far to the server"],
    [over(reading.jitter, JITTER_FAIR, JITTER_BAD), "messages come unevenly"],
    [over(reading.corrections, CORRECTIONS_FAIR, CORRECTIONS_BAD), "you are moved back often"],
    [over(-reading.fps, -FRAMES_FAIR, -FRAMES_BAD), "this device draws slowly"],
  ];
  for (const quality of ["bad", "fair"] as const) {
    const why = judged.find(([found]) => found === quality)?.[1];
    if (why !== undefined) {
      return { quality, why };
    }
  }
  return { quality: "good", why: "" };
}
