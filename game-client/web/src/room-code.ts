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

/** What an address is for. */
export type Route =
  | { shows: "lobby" }
  | { shows: "viewer" }
  | { shows: "room"; code: string }
  /** The address of a room whose code is another: it was typed by hand. */
  | { shows: "elsewhere"; path: string }
  | { shows: "nothing"; why: string };

export function routeOf(path: string): Route {
  const parts = path.split("/").filter((part) => part !== "");
  const [first, typed] = parts;
  if (first === undefined || path === "/index.html") {
    return { shows: "lobby" };
  }
  if (first === "replay" && parts.length === 1) {
    return { shows: "viewer" };
  }
  if (first !== "room" || typed === undefined || parts.length > 2) {
    return { shows: "nothing", why: "There is nothing at this address." };
  }
  if (isRoomCode(typed)) {
    return { shows: "room", code: typed };
  }
  const code = asRoomCode(decoded(typed));
  return isRoomCode(code)
    ? { shows: "elsewhere", path: `/room/${code}` }
    : { shows: "nothing", why: "There is no such room: a room's code is 1 to 32 of a-z, 0-9 and -." };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
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
