// How long the machine keeps a program waiting that has something to do: what a scene takes out of what it judges.

/** What comes later than this, in milliseconds, was kept waiting by the machine. */
export const STALL = 50;
/** From one look at the clock to the next. */
const LOOK = 8;

/**
 * Measures from now on how long this program and the players' pages are kept waiting. A page that is loaded again must be
 * watched again. What it returns tells the longest wait and the sum of all waits, in milliseconds, of whoever waited most.
 */
export async function watchStalls(...players) {
  const began = Date.now();
  const kept = { look: LOOK, stall: STALL };
  keep(kept);
  await Promise.all(players.map(({ page }) => page.evaluate(keep, kept)));
  return async () => {
    const pages = await Promise.all(players.map(({ page }) => page.evaluate(since, began)));
    const all = [since(began), ...pages];
    return { longest: most(all, "longest"), total: most(all, "total") };
  };
}

function most(all, what) {
  return Math.round(Math.max(...all.map((one) => one[what])));
}

/** In this program or in a page: notes down every stall from now on. */
function keep({ look, stall }) {
  if (globalThis.stalls !== undefined) {
    return;
  }
  globalThis.stalls = [];
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    const length = now - last;
    last = now;
    if (length > stall) {
      globalThis.stalls.push({ at: Date.now(), length });
    }
  }, look);
  // A page's timer has no such thing: it does not keep anything open.
  timer.unref?.();
}

/** In this program or in a page: what was noted down since then. */
function since(began) {
  const lengths = globalThis.stalls.filter(({ at }) => at >= began).map(({ length }) => length);
  return { longest: Math.max(0, ...lengths), total: lengths.reduce((sum, length) => sum + length, 0) };
}
