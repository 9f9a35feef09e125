// Ids of characters.

/** An id that none of them has. */
export function freeId(taken: string[]): string {
  for (let number = 2; ; number += 1) {
    const id = `character-${number}`;
    if (!taken.includes(id)) {
      return id;
    }
  }
}
