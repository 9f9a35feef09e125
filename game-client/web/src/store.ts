// What the browser keeps for the player. A browser that keeps nothing loses nothing but comfort.

import { type Bindings, known } from "./bindings.js";
import type { Look } from "./look.js";
import { BODIES, COLOURS, type Palette } from "./palette.js";

function read(storage: () => Storage, key: string): string | null {
  try {
    return storage().getItem(key);
  } catch {
    return null;
  }
}

/** Whether it is kept: storage may be full, or forbidden. */
function write(storage: () => Storage, key: string, value: string | null): boolean {
  try {
    if (value === null) {
      storage().removeItem(key);
    } else {
      storage().setItem(key, value);
    }
    return true;
  } catch {
    return false;
  }
}

/** What another build may have kept: nothing in it is sure to be what this one keeps. */
function parsed(text: string | null): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? "{}");
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function numberBelow(value: unknown, end: number): number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value < end ? value : 0;
}

const kept = (): Storage => localStorage;
const ofTab = (): Storage => sessionStorage;

export interface Settings {
  palette: Palette;
  reducedMotion: boolean;
  /** None where nothing was changed. */
  bindings: Bindings | null;
}

/** What this build does not know of them is as if it had never been chosen. */
export function settings(): Settings {
  const { palette, reducedMotion, bindings } = parsed(read(kept, "bitfort.settings"));
  return {
    palette: palette === "distinct" ? palette : "vivid",
    reducedMotion: typeof reducedMotion === "boolean" ? reducedMotion : matchMedia("(prefers-reduced-motion: reduce)").matches,
    bindings: typeof bindings === "object" && bindings !== null ? known(bindings as Record<string, unknown>) : null,
  };
}

export function keepSettings(changed: Settings): void {
  write(kept, "bitfort.settings", JSON.stringify(changed));
}

/** Who the player was last. */
export interface Me extends Look {
  name: string;
}

export function asMe(text: string | null): Me {
  const { name, body, colour } = parsed(text);
  return { name: typeof name === "string" ? name : "", body: numberBelow(body, BODIES.length), colour: numberBelow(colour, COLOURS) };
}

export function me(): Me {
  return asMe(read(kept, "bitfort.me"));
}

/** Whether it is kept. */
export function keepMe(changed: Me): boolean {
  return write(kept, "bitfort.me", JSON.stringify(changed));
}

/** Whether the browser knows somebody. */
export function isKnown(): boolean {
  return read(kept, "bitfort.me") !== null;
}

/** Who the player has chosen to be on the front page: told to the room once, so that what it keeps is not undone later. */
export function announce(): boolean {
  return write(ofTab, "bitfort.announce", "yes");
}

export function takeAnnouncement(): boolean {
  const is = read(ofTab, "bitfort.announce") !== null;
  write(ofTab, "bitfort.announce", null);
  return is;
}

/** Resume tokens that are kept, of the rooms that were played in last. */
const TOKENS_MAX = 64;

const tokens = (): [place: string, token: string][] =>
  Object.entries(parsed(read(kept, "bitfort.resume"))).filter((entry): entry is [string, string] => typeof entry[1] === "string");

/** The token that brings somebody back to their player in a room. Whoever has none was never there. */
export function resumeToken(room: string, who: string): string | null {
  return tokens().find(([place]) => place === `${room} ${who}`)?.[1] ?? null;
}

export function keepResumeToken(room: string, who: string, token: string): void {
  const place = `${room} ${who}`;
  const others = tokens().filter(([other]) => other !== place);
  const all = [...others, [place, token]].slice(-TOKENS_MAX);
  write(kept, "bitfort.resume", JSON.stringify(Object.fromEntries(all)));
}

/** Who this browser has been, the first first: more than one where several tabs were in a room at once. */
export function players(): string[] {
  const { ids } = parsed(read(kept, "bitfort.players"));
  return Array.isArray(ids) ? ids.filter((id) => typeof id === "string" && id !== "") : [];
}

export function keepPlayers(ids: string[]): void {
  write(kept, "bitfort.players", JSON.stringify({ ids }));
}

/** Who this tab was last. */
export function playerOfTab(): string | null {
  return read(ofTab, "bitfort.player");
}

export function keepPlayerOfTab(id: string): void {
  write(ofTab, "bitfort.player", id);
}
