// Room codes: what the worker takes, and new ones that are easy to say.

const CODE = /^[a-z0-9-]{1,32}$/;

export function isRoomCode(code: string): boolean {
  return CODE.test(code);
}

/** What somebody typed, as the code that they meant: `The Den` is `the-den`. */
export function asRoomCode(typed: string): string {
  return typed
    .trim()
    .toLowerCase()
    .replace(/[\s_]+/g, "-")
    .slice(0, 32);
}

/** The code in the address of a room, if there is one. */
export function roomOfPath(path: string): string | null {
  const found = /^\/room\/([^/]+)$/.exec(path);
  const code = found?.[1];
  return code !== undefined && isRoomCode(code) ? code : null;
}

const FIRST = ["amber", "brisk", "cedar", "dusty", "early", "fern", "gold", "hazel", "iron", "jade", "keen", "lunar"];
const SECOND = ["anvil", "bastion", "cairn", "drum", "ember", "ford", "garrison", "harbour", "island", "keep", "ledge", "mill"];

/** A code that nobody is likely to use, from random numbers below 2^32. */
export function newRoomCode(random: Uint32Array): string {
  const [one = 0, two = 0, three = 0] = random;
  const first = FIRST[one % FIRST.length];
  const second = SECOND[two % SECOND.length];
  return `${first}-${second}-${1000 + (three % 9000)}`;
}
