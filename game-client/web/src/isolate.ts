// Text of somebody else among words of ours: its direction ends where it ends.

/** The text in an element that isolates it. */
export function isolated(text: string): HTMLElement {
  const element = document.createElement("bdi");
  element.textContent = text;
  return element;
}

/** The text for where there are no elements, as in a title: between the characters that isolate, without any of its own. */
export function isolatedText(text: string): string {
  return `\u2068${text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "")}\u2069`;
}
