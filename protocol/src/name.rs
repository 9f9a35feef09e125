//! Names that people give their characters: what others can read, and nothing that shows nothing or changes what stands
//! beside it.
//!
//! * Letters, digits, punctuation, symbols and emoji of every script are allowed, also those written from right to left:
//!   whoever shows a name isolates its direction.
//! * What nobody sees is refused where it is given, and taken out where it was stored before this was checked.
//! * `game-client/web/src/names.ts` is the same rules in the page, which asks before the game is there.
//!   `protocol/tests/names.json` is tried on both.

use alloc::string::String;

use icu_properties::props::{
    DefaultIgnorableCodePoint, Emoji, EmojiModifier, ExtendedPictographic, GeneralCategory, Script,
};
use icu_properties::{CodePointMapData, CodePointSetData};

use crate::limits::NAME_CHARS_MAX;

/// Marks that may follow each other: as many as the letters of any living script have.
const MARKS_MAX: usize = 4;
/// Of these, marks of every script, which stack on top of each other: two, as Vietnamese has.
const STACKED_MAX: usize = 2;
/// Symbols with an empty picture, which no property tells.
const EMPTY_SYMBOLS: [char; 3] = ['\u{2800}', '\u{fffc}', '\u{1d159}'];
const JOINER: char = '\u{200d}';
const NON_JOINER: char = '\u{200c}';
const TEXT_OR_EMOJI: [char; 2] = ['\u{fe0e}', '\u{fe0f}'];

/// Why nobody may be called so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing of it can be seen.
    #[error("empty: give it at least one letter, digit or symbol")]
    Empty,
    /// More characters than a name may have.
    #[error("longer than {NAME_CHARS_MAX} characters: shorten it")]
    TooLong,
    /// A character that nobody sees, or that changes the direction of what is around it.
    #[error("showing nothing at U+{0:04X}: leave that character out")]
    Hidden(u32),
    /// A mark without a letter to stand on, or too many on one.
    #[error("piling up marks at U+{0:04X}: put at most {STACKED_MAX} on a letter")]
    Marks(u32),
}

/// What a character is in a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Seen,
    Blank,
    Mark {
        stacks: bool,
    },
    /// Joins or parts the characters beside it, in scripts and emoji that need it.
    Joiner,
    /// Says how the character before it is drawn.
    Variant,
    Hidden,
}

fn kind(char: char) -> Kind {
    use GeneralCategory as Gc;
    match char {
        ' ' => return Kind::Blank,
        JOINER | NON_JOINER => return Kind::Joiner,
        _ if TEXT_OR_EMOJI.contains(&char) => return Kind::Variant,
        _ if EMPTY_SYMBOLS.contains(&char) => return Kind::Hidden,
        _ => {}
    }
    if CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(char) {
        return Kind::Hidden;
    }
    match CodePointMapData::<Gc>::new().get(char) {
        Gc::Control
        | Gc::Format
        | Gc::LineSeparator
        | Gc::ParagraphSeparator
        | Gc::SpaceSeparator
        | Gc::PrivateUse
        | Gc::Surrogate
        | Gc::Unassigned => Kind::Hidden,
        Gc::NonspacingMark | Gc::SpacingMark | Gc::EnclosingMark => Kind::Mark {
            stacks: CodePointMapData::<Script>::new().get(char) == Script::Inherited,
        },
        Gc::UppercaseLetter
        | Gc::LowercaseLetter
        | Gc::TitlecaseLetter
        | Gc::ModifierLetter
        | Gc::OtherLetter
        | Gc::DecimalNumber
        | Gc::LetterNumber
        | Gc::OtherNumber
        | Gc::DashPunctuation
        | Gc::OpenPunctuation
        | Gc::ClosePunctuation
        | Gc::ConnectorPunctuation
        | Gc::OtherPunctuation
        | Gc::InitialPunctuation
        | Gc::FinalPunctuation
        | Gc::MathSymbol
        | Gc::CurrencySymbol
        | Gc::ModifierSymbol
        | Gc::OtherSymbol => Kind::Seen,
    }
}

/// Scripts whose letters are told apart by joiners.
fn joins(char: char) -> bool {
    const JOINING: [Script; 15] = [
        Script::Arabic,
        Script::Bengali,
        Script::Devanagari,
        Script::Gujarati,
        Script::Gurmukhi,
        Script::Kannada,
        Script::Khmer,
        Script::Malayalam,
        Script::Mongolian,
        Script::Myanmar,
        Script::Oriya,
        Script::Sinhala,
        Script::Syriac,
        Script::Tamil,
        Script::Telugu,
    ];
    JOINING.contains(&CodePointMapData::<Script>::new().get(char))
}

fn is_picture(char: char) -> bool {
    CodePointSetData::new::<ExtendedPictographic>().contains(char)
}

/// What of a name stands so far.
#[derive(Clone, Copy, Debug, Default)]
struct So {
    chars: usize,
    seen: bool,
    before: Option<char>,
    marks: usize,
    stacked: usize,
}

impl So {
    /// Whether the character may follow, with the one after it.
    fn take(&mut self, char: char, next: Option<char>) -> Result<(), NameError> {
        let kind = kind(char);
        let hidden = Err(NameError::Hidden(u32::from(char)));
        match kind {
            Kind::Hidden => return hidden,
            Kind::Joiner => {
                let beside = self.before.zip(next);
                let in_a_word = beside.is_some_and(|(a, b)| joins(a) && joins(b));
                let modified = CodePointSetData::new::<EmojiModifier>();
                let in_a_picture = char == JOINER
                    && beside.is_some_and(|(a, b)| {
                        let begins =
                            is_picture(a) || modified.contains(a) || TEXT_OR_EMOJI.contains(&a);
                        begins && is_picture(b)
                    });
                if !in_a_word && !in_a_picture {
                    return hidden;
                }
            }
            Kind::Variant => {
                let emoji = CodePointSetData::new::<Emoji>();
                if !self.before.is_some_and(|before| emoji.contains(before)) {
                    return hidden;
                }
            }
            Kind::Mark { stacks } => {
                self.marks += 1;
                self.stacked += usize::from(stacks);
                let stands = self.before.is_some_and(|before| before != ' ');
                if !stands || self.marks > MARKS_MAX || self.stacked > STACKED_MAX {
                    return Err(NameError::Marks(u32::from(char)));
                }
            }
            Kind::Seen | Kind::Blank => {
                self.marks = 0;
                self.stacked = 0;
                self.seen |= kind == Kind::Seen;
            }
        }
        self.chars += 1;
        self.before = Some(char);
        Ok(())
    }
}

/// Whether somebody may be called so.
///
/// # Errors
/// The first of it that may not be.
pub fn check_name(name: &str) -> Result<(), NameError> {
    let mut so = So::default();
    let mut chars = name.chars().peekable();
    while let Some(char) = chars.next() {
        so.take(char, chars.peek().copied())?;
        if so.chars > NAME_CHARS_MAX {
            return Err(NameError::TooLong);
        }
    }
    if so.seen {
        Ok(())
    } else {
        Err(NameError::Empty)
    }
}

/// The name without everything that it may not have, as it was stored before that was checked. None if nothing is left that
/// can be seen.
#[must_use]
pub fn repaired_name(name: &str) -> Option<String> {
    let mut so = So::default();
    let mut left = String::new();
    let mut chars = name
        .chars()
        .map(|char| if is_blank(char) { ' ' } else { char })
        .peekable();
    while let Some(char) = chars.next() {
        let mut more = so;
        if more.take(char, chars.peek().copied()).is_ok() && more.chars <= NAME_CHARS_MAX {
            so = more;
            left.push(char);
        }
    }
    let left = left.trim();
    // What was taken out may leave something beside it that could not stand alone.
    check_name(left).is_ok().then(|| left.into())
}

fn is_blank(char: char) -> bool {
    CodePointMapData::<GeneralCategory>::new().get(char) == GeneralCategory::SpaceSeparator
}

/// The text with everything replaced that shows nothing or changes what stands around it: for words of a peer in sentences of
/// ours.
pub(crate) fn plain(char: char) -> char {
    match kind(char) {
        Kind::Seen | Kind::Blank | Kind::Mark { stacks: false } => char,
        Kind::Mark { stacks: true } | Kind::Joiner | Kind::Variant | Kind::Hidden => '?',
    }
}
