// Trying again: soon at first, then rarely, and never at the same moment as everybody else.

const FIRST_MS = 1_000;
const LONGEST_MS = 30_000;

/** How long to wait after so many attempts; `random` is from 0 to 1. */
export function waitAfter(attempts: number, random: number = Math.random()): number {
  const wait = Math.min(FIRST_MS * 2 ** attempts, LONGEST_MS);
  return wait / 2 + (wait / 2) * random;
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
