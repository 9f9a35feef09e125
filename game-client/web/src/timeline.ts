// Scales of pictures of time.

/** What the overlay's timeline shows. */
const SHOWN_MS = 10_000;
/** A snapshot of this size fills its part of the timeline. */
const FULL_BYTES = 4_096;

/** Where something of this age is, from the left: now is at the right edge. */
export function placeOf(age: number, width: number): number {
  return Math.round(width * (1 - Math.min(age, SHOWN_MS) / SHOWN_MS));
}

/** How tall a bar for so many bytes is: by their logarithm, as a full snapshot is a hundred times a small one. */
export function barHeight(bytes: number, most: number): number {
  const part = Math.log2(1 + Math.max(bytes, 0)) / Math.log2(1 + FULL_BYTES);
  return Math.max(1, Math.min(1, part) * most);
}

/** Where a step is on a scale from the first to the last. */
export function placeOfStep(step: number, first: number, last: number, width: number): number {
  return last <= first ? 0 : ((step - first) / (last - first)) * width;
}
