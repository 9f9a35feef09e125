// Which of many are listed where there is place for a few.

/** Those who are listed: the first ones, and oneself. */
export function rowsOf<T extends { own: boolean }>(entries: T[], most: number): T[] {
  if (entries.length <= most) {
    return entries;
  }
  const own = entries.findIndex((entry) => entry.own);
  const first = entries.slice(0, most);
  const last = entries[own];
  return own < most || last === undefined ? first : [...first.slice(0, -1), last];
}
