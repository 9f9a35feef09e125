// Elements of the page, which are there or the page is broken.

export function find<T extends Element>(id: string, kind: new (...args: never[]) => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) {
    throw new Error(`the page has no ${kind.name} #${id}`);
  }
  return found;
}
