// Links to give to others.

/** The address of a room. */
export function roomLink(origin: string, room: string): string {
  return `${origin}/room/${room}`;
}

/** What an address points at in a recording: a step, or what is played from one step to another, and whom to follow. */
export interface Pointed {
  step: number;
  /** The last step of a clip; none if it is a step alone. */
  to: number | null;
  player: number | null;
}

/** The address of a step or a clip of what the viewer shows. */
export function pointedLink(href: string, { step, to, player }: Pointed): string {
  const url = new URL(href);
  const what = to === null ? `step=${step}` : `from=${step}&to=${to}`;
  url.hash = player === null ? what : `${what}&player=${player}`;
  return url.href;
}

/** What an address points at; none if it points at nothing. */
export function pointedOfHash(hash: string): Pointed | null {
  const found = /^#(?:step=(\d{1,15})|from=(\d{1,15})&to=(\d{1,15}))(?:&player=(\d{1,5}))?$/.exec(hash);
  if (found === null) {
    return null;
  }
  const number = (at: number): number | null => (found[at] === undefined ? null : Number(found[at]));
  return { step: number(1) ?? number(2) ?? 0, to: number(3), player: number(4) };
}

/** The address of a room, for somebody whom the browser does not keep. */
export function guestLink(room: string, me: string): string {
  return `/room/${room}#as=${encodeURIComponent(me)}`;
}

/** Whom such an address brings; none if it is another. */
export function guestOfHash(hash: string): string | null {
  const found = /^#as=(.+)$/.exec(hash)?.[1];
  try {
    return found === undefined ? null : decodeURIComponent(found);
  } catch {
    return null;
  }
}

/** Gives a text to others or to the clipboard. Says what became of it. */
export async function copy(text: string): Promise<string> {
  try {
    await navigator.clipboard.writeText(text);
    return `Copied: ${text}`;
  } catch {
    return `Copy this: ${text}`;
  }
}

export async function share(room: string): Promise<string> {
  const url = roomLink(location.origin, room);
  if (typeof navigator.share === "function" && matchMedia("(pointer: coarse)").matches) {
    try {
      await navigator.share({ title: "Bitfort", text: "Play with me", url });
      return "";
    } catch {
      // They thought better of it, or there is nobody to share with.
    }
  }
  return copy(url);
}
