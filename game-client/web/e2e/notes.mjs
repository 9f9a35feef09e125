// What a page showed, noted down with every frame by the page itself: what comes and goes between two looks from out here
// is not missed.

/** Lines of the feed that are kept. */
const LINES_MAX = 100;

/**
 * Notes down from now on what a player's page shows. What it returns tells it: the most shots at once, how often each
 * player fell and rose again, where each was drawn from frame to frame, and what the feed has said.
 */
export async function takeNotes({ page }) {
  await page.evaluate(async (most) => {
    const { seen } = await import("/client.js");
    const notes = { shots: 0, fell: {}, rose: {}, places: {}, feed: [] };
    const alive = {};
    globalThis.notes = notes;
    const note = () => {
      if (globalThis.notes !== notes) {
        return;
      }
      const { own, players, shots } = JSON.parse(seen());
      notes.shots = Math.max(notes.shots, shots);
      for (const one of own === null ? players : [own, ...players]) {
        const { id } = one;
        if (alive[id] === true && !one.alive) {
          notes.fell[id] = (notes.fell[id] ?? 0) + 1;
        }
        if (alive[id] === false && one.alive) {
          notes.rose[id] = (notes.rose[id] ?? 0) + 1;
        }
        alive[id] = one.alive;
        (notes.places[id] ??= []).push({ x: one.x, y: one.y });
      }
      const line = document.getElementById("feed").textContent;
      if (line !== "" && line !== notes.feed.at(-1) && notes.feed.length < most) {
        notes.feed.push(line);
      }
      requestAnimationFrame(note);
    };
    note();
  }, LINES_MAX);
  /** Everything noted down, but for places; of them those of one player if one is asked for. */
  return (of) =>
    page.evaluate((of) => {
      const { places, ...others } = globalThis.notes;
      return { ...others, places: of === undefined ? [] : (places[of] ?? []) };
    }, of);
}
