// Names: what the room takes, so that nobody is refused after they have pressed a button.

/** As protocol::limits::NAME_CHARS_MAX. */
export const NAME_CHARS_MAX = 24;

/** What is wrong with a name; none if nothing is. */
export function complaint(name: string): string | null {
  const characters = [...name.trim()];
  if (characters.length === 0) {
    return "Type a name, so that others know who you are.";
  }
  if (characters.length > NAME_CHARS_MAX) {
    return `A name has at most ${NAME_CHARS_MAX} characters; this one has ${characters.length}.`;
  }
  if (characters.some((character) => /\p{Cc}/u.test(character))) {
    return "A name has no control characters.";
  }
  return null;
}
