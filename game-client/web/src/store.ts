// What the browser keeps for the player. A browser that keeps nothing loses nothing but comfort.

import type { Bindings } from "./bindings.js";
import type { Look } from "./look.js";
import type { Palette } from "./palette.js";

function read(storage: () => Storage, key: string): string | null {
  try {
    return storage().getItem(key);
  } catch {
    return null;
  }
}

function write(storage: () => Storage, key: string, value: string | null): void {
  try {
    if (value === null) {
      storage().removeItem(key);
    } else {
      storage().setItem(key, value);
    }
  } catch {
    // Full, or forbidden.
  }
}

function parsed<T extends object>(text: string | null, otherwise: T): T {
  if (text === null) {
    return otherwise;
  }
  try {
    return { ...otherwise, ...(JSON.parse(text) as Partial<T>) };
  } catch {
    return otherwise;
  }
}

const kept = (): Storage => localStorage;
const ofTab = (): Storage => sessionStorage;

export interface Settings {
  palette: Palette;
  reducedMotion: boolean;
  /** None where nothing was changed. */
  bindings: Bindings | null;
}

export function settings(): Settings {
  const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)").matches;
  return parsed<Settings>(read(kept, "bitfort.settings"), { palette: "vivid", reducedMotion, bindings: null });
}

export function keepSettings(changed: Settings): void {
  write(kept, "bitfort.settings", JSON.stringify(changed));
}

/** Who the player was last. */
export interface Me extends Look {
  name: string;
}

export function me(): Me {
  return parsed<Me>(read(kept, "bitfort.me"), { name: "", body: 0, colour: 0 });
}

export function keepMe(changed: Me): void {
  write(kept, "bitfort.me", JSON.stringify(changed));
}

/** Whether the browser knows somebody. */
export function isKnown(): boolean {
  return read(kept, "bitfort.me") !== null;
}

/** Who the player has chosen to be on the front page: told to the room once, so that what it keeps is not undone later. */
export function announce(): void {
  write(ofTab, "bitfort.announce", "yes");
}

export function takeAnnouncement(): boolean {
  const is = read(ofTab, "bitfort.announce") !== null;
  write(ofTab, "bitfort.announce", null);
  return is;
}

/** The token that brings this tab back to its player; another tab is another player. */
export function resumeToken(room: string): string | null {
  return read(ofTab, `bitfort.resume.${room}`);
}

export function keepResumeToken(room: string, token: string): void {
  write(ofTab, `bitfort.resume.${room}`, token);
}

/** Who this tab is where anybody may be who they say. */
export function playerId(): string {
  const known = read(ofTab, "bitfort.player");
  if (known !== null) {
    return known;
  }
  const id = crypto.randomUUID();
  write(ofTab, "bitfort.player", id);
  return id;
}
