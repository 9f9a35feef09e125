// Names: what can be read, and nothing that shows nothing or disturbs others. The room itself takes every name of 1 to 24
// characters without control characters, so nobody is refused after they have pressed a button.
//
// The rules are Unicode properties. protocol/tests/names.json lists names of both kinds.

/** As protocol::limits::NAME_CHARS_MAX. */
export const NAME_CHARS_MAX = 24;
/** Marks that may follow each other: as many as the letters of any living script have. */
const MARKS_MAX = 4;
/** Of these, marks of every script, which stack on top of each other: two, as Vietnamese has. */
const STACKED_MAX = 2;

const JOINERS = /^[\u200c\u200d]$/u;
const VARIANTS = /^[\ufe0e\ufe0f]$/u;
const HIDDEN = /^[\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Zs}\p{Co}\p{Cs}\p{Cn}\u2800\ufffc\u{1d159}]$/u;
const MARK = /^\p{M}$/u;
const STACKS = /^\p{Script=Inherited}$/u;
const JOINING =
  /^[\p{Script=Arabic}\p{Script=Bengali}\p{Script=Devanagari}\p{Script=Gujarati}\p{Script=Gurmukhi}\p{Script=Kannada}\p{Script=Khmer}\p{Script=Malayalam}\p{Script=Mongolian}\p{Script=Myanmar}\p{Script=Oriya}\p{Script=Sinhala}\p{Script=Syriac}\p{Script=Tamil}\p{Script=Telugu}]$/u;
const PICTURE = /^\p{Extended_Pictographic}$/u;
const BEFORE_PICTURE = /^[\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0e\ufe0f]$/u;
const EMOJI = /^\p{Emoji}$/u;

/** What is wrong with a name. */
export type NameFault = "Empty" | "TooLong" | "Hidden" | "Marks";

/** What somebody typed as the name that is sent: blanks of every kind are one blank, and none stands at an end. */
export function tidied(name: string): string {
  return name.replace(/\s+/gu, " ").trim();
}

/** The first thing that is wrong with a name; none if nothing is. */
export function faultOf(name: string): NameFault | null {
  const characters = [...name];
  let seen = false;
  let marks = 0;
  let stacked = 0;
  for (const [index, character] of characters.entries()) {
    const before = characters[index - 1] ?? "";
    const after = characters[index + 1] ?? "";
    if (character === " ") {
      marks = stacked = 0;
    } else if (JOINERS.test(character)) {
      const inAWord = JOINING.test(before) && JOINING.test(after);
      const inAPicture = character === "\u200d" && BEFORE_PICTURE.test(before) && PICTURE.test(after);
      if (!inAWord && !inAPicture) {
        return "Hidden";
      }
    } else if (VARIANTS.test(character)) {
      if (!EMOJI.test(before)) {
        return "Hidden";
      }
    } else if (HIDDEN.test(character)) {
      return "Hidden";
    } else if (MARK.test(character)) {
      marks += 1;
      stacked += STACKS.test(character) ? 1 : 0;
      if (before === "" || before === " " || marks > MARKS_MAX || stacked > STACKED_MAX) {
        return "Marks";
      }
    } else {
      marks = stacked = 0;
      seen = true;
    }
    if (index >= NAME_CHARS_MAX) {
      return "TooLong";
    }
  }
  return seen ? null : "Empty";
}

/** What is wrong with a name, and what to do about it; none if nothing is. */
export function complaint(name: string): string | null {
  switch (faultOf(name)) {
    case null:
      return null;
    case "Empty":
      return "Type a name, so that others know who you are.";
    case "TooLong":
      return `A name has at most ${NAME_CHARS_MAX} characters; this one has ${[...name].length}.`;
    case "Hidden":
      return "A character of the name shows nothing, or turns what stands around it. Type the name again without it.";
    case "Marks":
      return `A mark needs a letter to stand on, and a letter has at most ${STACKED_MAX} of them.`;
  }
}
