//! Why bytes were refused: the field that it is about, and a reason for each check, from one list.

use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;

use crate::code::ErrorCode;
use crate::name::{NameError, plain};

/// Why bytes are no message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError {
    field: String,
    /// What is wrong with it.
    pub reason: Reason,
}

/// A row is a reason with what it tells, the code to answer with, and the sentence, in which the path of the field is `field`.
macro_rules! reasons {
    (about $field:ident: $(
        $(#[$doc:meta])* $reason:ident $({ $($part:ident: $type:ty),* })? => $code:expr, $sentence:literal;
    )*) => {
        /// What is wrong with bytes: one variant a check.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "the sentences say what the parts are")]
        pub enum Reason {
            $($(#[$doc])* $reason $({ $($part: $type),* })?,)*
        }

        impl DecodeError {
            /// The code to answer with.
            #[must_use]
            pub const fn code(&self) -> ErrorCode {
                match self.reason {
                    $(Reason::$reason { .. } => $code,)*
                }
            }
        }

        impl fmt::Display for DecodeError {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                let $field = &self.field;
                match &self.reason {
                    $(Reason::$reason $({ $($part),* })? => write!(out, $sentence),)*
                }
            }
        }
    };
}

reasons! { about field:
    /// More bytes than a message may have.
    TooLong { bytes: usize, max: usize } => ErrorCode::MessageTooLong, "{bytes} bytes are more than {max}";
    /// Not JSON.
    Syntax { line: usize, column: usize } => ErrorCode::Malformed, "no JSON at line {line}, column {column}";
    /// JSON, but no object.
    NotAnObject => ErrorCode::WrongType, "the message is not an object";
    /// Objects and lists nested too deep.
    TooDeep { max: usize } => ErrorCode::TooDeep, "{field} is nested deeper than {max}";
    /// More values than a message may have.
    TooManyValues { max: usize } => ErrorCode::TooMany, "more than {max} values, the first of them {field}";
    /// A protocol version that is not spoken.
    UnsupportedVersion { version: u64 } => ErrorCode::UnsupportedVersion, "version {version} is not spoken";
    /// No such kind.
    UnknownKind { name: String } => ErrorCode::UnknownKind, "no kind is called {name:?}";
    /// No such feature.
    UnknownFeature { name: String } => ErrorCode::UnknownFeature, "no feature is called {name:?}";
    /// The feature has no such action.
    UnknownAction { name: String } => ErrorCode::UnknownAction, "no action of the feature is called {name:?}";
    /// The feature has no such event.
    UnknownEvent { name: String } => ErrorCode::UnknownAction, "no event of the feature is called {name:?}";
    /// A required field is not there.
    MissingField => ErrorCode::MissingField, "{field} is missing";
    /// A field is there twice.
    DuplicateField => ErrorCode::DuplicateField, "{field} is there twice";
    /// A value of another type.
    WrongType { expected: String } => ErrorCode::WrongType, "{field} is not {expected}";
    /// A value outside of what it may be.
    OutOfRange { expected: String } => ErrorCode::OutOfRange, "{field} is not {expected}";
    /// More entries than a list may have.
    TooManyEntries { count: usize, max: usize } => ErrorCode::TooMany, "{field} has {count} entries, more than {max}";
    /// No entry where there must be one.
    Empty => ErrorCode::OutOfRange, "{field} is empty";
    /// More text than there may be.
    TextTooLong { max: usize } => ErrorCode::OutOfRange, "{field} is longer than {max}";
    /// Characters that no text may have.
    ControlCharacters => ErrorCode::OutOfRange, "{field} has control characters";
    /// A name that nobody may have, with what to do about it.
    Name { why: NameError } => ErrorCode::OutOfRange, "{field} is {why}";
    /// Fields that contradict each other.
    Contradiction { with: &'static str } => ErrorCode::OutOfRange, "{field} does not fit {with}";
    /// None of the names that it may be.
    UnknownName { name: String } => ErrorCode::UnknownValue, "{field} does not know {name:?}";
    /// Binary: it ends in the middle.
    Truncated => ErrorCode::Malformed, "it ends in {field}";
    /// Binary: something is behind its end.
    TrailingBytes { bytes: usize } => ErrorCode::Malformed, "{bytes} bytes are behind its end";
    /// Binary: a value that no encoder writes.
    NotCanonical => ErrorCode::Malformed, "{field} is encoded wrongly";
    /// A delta against a snapshot that is not there.
    UnknownBase { base_id: u32 } => ErrorCode::UnknownBase, "snapshot {base_id} is not there to count from";
}

impl core::error::Error for DecodeError {}

impl From<Reason> for DecodeError {
    /// It is about the whole message, or about what whoever gets the error puts it `under`.
    fn from(reason: Reason) -> Self {
        reason.of("")
    }
}

impl Reason {
    /// The error of a field.
    pub(crate) fn of(self, field: &str) -> DecodeError {
        DecodeError {
            field: field.to_string(),
            reason: self,
        }
    }
}

impl DecodeError {
    /// The path of the field that was refused, such as `payload.inputs[3].seq`; none if it is the whole message.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        Some(self.field.as_str()).filter(|field| !field.is_empty())
    }

    /// The same, of the field `name` of what it was about.
    pub(crate) fn under(self, name: &str) -> Self {
        self.within(&clip(name))
    }

    /// The same, of an element of what it was about.
    pub(crate) fn under_index(self, index: usize) -> Self {
        self.within(&format!("[{index}]"))
    }

    fn within(mut self, place: &str) -> Self {
        let is_name = !self.field.is_empty() && !self.field.starts_with('[');
        let dot = if is_name { "." } else { "" };
        self.field = format!("{place}{dot}{}", self.field);
        self
    }
}

/// A peer's text inside our own: short, so that a question cannot make the answer long, and without anything that shows nothing
/// or turns what stands around it.
pub(crate) fn clip(text: &str) -> String {
    const CHARS: usize = 24;
    text.chars().take(CHARS).map(plain).collect()
}
