// Who this browser is where anybody may be who they say: the same player in every tab, in every room and after every visit.
// A player is in a room once, so a second tab in a room is another player, and is the same other one the next time.

import { keepPlayerOfTab, keepPlayers, playerOfTab, players } from "./store.js";

/** How long a page that was loaded again waits until the one before it has let go. */
const PATIENCE_MS = 1_500;

/** Takes a player of this browser who is in no other tab of this room, for as long as the page is there. */
export async function playerIn(room: string): Promise<string> {
  const known = players();
  const own = playerOfTab();
  const first = own !== null && known.includes(own) ? own : null;
  const order = first === null ? known : [first, ...known.filter((id) => id !== first)];
  for (const id of order) {
    if (await takes(room, id, id === first)) {
      keepPlayerOfTab(id);
      return id;
    }
  }
  const id = newId();
  await takes(room, id, false);
  // Another tab may have become somebody meanwhile.
  keepPlayers([...players(), id]);
  keepPlayerOfTab(id);
  return id;
}

/**
 * Whether nobody else is that player there. Where the browser has no locks, as on a page without encryption, it cannot be
 * known: then whoever comes last is the player.
 */
function takes(room: string, id: string, waits: boolean): Promise<boolean> {
  const { locks } = navigator as { locks?: LockManager };
  if (locks === undefined) {
    return Promise.resolve(true);
  }
  return new Promise((resolve) => {
    const how: LockOptions = waits ? { signal: AbortSignal.timeout(PATIENCE_MS) } : { ifAvailable: true };
    const held = locks.request(`bitfort ${room} ${id}`, how, (lock) => {
      resolve(lock !== null);
      return lock === null ? undefined : new Promise<undefined>(() => undefined);
    });
    held.catch(() => resolve(false));
  });
}

/** \`crypto.randomUUID\` is there on encrypted pages only. */
function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
