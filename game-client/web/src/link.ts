// Links to give to others.

/** The address of a room. */
export function roomLink(origin: string, room: string): string {
  return `${origin}/room/${room}`;
}

/** The address of a step of what the viewer shows. */
export function stepLink(href: string, step: number): string {
  const url = new URL(href);
  url.hash = `step=${step}`;
  return url.href;
}

/** The step that an address points at; none if it points at none. */
export function stepOfHash(hash: string): number | null {
  const found = /^#step=(\d{1,15})$/.exec(hash)?.[1];
  return found === undefined ? null : Number(found);
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
