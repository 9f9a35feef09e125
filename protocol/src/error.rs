//! Why bytes were refused: one variant a check, each with the field that it is about.

use alloc::format;
use alloc::string::String;

use crate::code::ErrorCode;
use crate::name::NameError;
use crate::shape::clip;

/// Why bytes are no message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(
    missing_docs,
    reason = "field: the path of what was refused; the others are in the text"
)]
pub enum DecodeError {
    /// More bytes than a message may have.
    #[error("{bytes} bytes are more than {max}")]
    TooLong { bytes: usize, max: usize },
    /// Not JSON.
    #[error("no JSON at line {line}, column {column}")]
    Syntax { line: usize, column: usize },
    /// JSON, but no object.
    #[error("the message is not an object")]
    NotAnObject,
    /// Objects and lists nested too deep.
    #[error("{field} is nested deeper than {max}")]
    TooDeep { field: String, max: usize },
    /// More values than a message may have.
    #[error("more than {max} values, the first of them {field}")]
    TooManyValues { field: String, max: usize },
    /// A protocol version that is not spoken.
    #[error("version {version} is not spoken")]
    UnsupportedVersion { version: u64 },
    /// No such kind.
    #[error("no kind is called {name:?}")]
    UnknownKind { name: String },
    /// No such feature.
    #[error("no feature is called {name:?}")]
    UnknownFeature { name: String },
    /// The feature has no such action.
    #[error("no action of the feature is called {name:?}")]
    UnknownAction { name: String },
    /// The feature has no such event.
    #[error("no event of the feature is called {name:?}")]
    UnknownEvent { name: String },
    /// A required field is not there.
    #[error("{field} is missing")]
    MissingField { field: String },
    /// A field is there twice.
    #[error("{field} is there twice")]
    DuplicateField { field: String },
    /// A value of another type.
    #[error("{field} is not {expected}")]
    WrongType { field: String, expected: String },
    /// A value outside of what it may be.
    #[error("{field} is not {expected}")]
    OutOfRange { field: String, expected: String },
    /// More entries than a list may have.
    #[error("{field} has {count} entries, more than {max}")]
    TooManyEntries {
        field: String,
        count: usize,
        max: usize,
    },
    /// No entry where there must be one.
    #[error("{field} is empty")]
    Empty { field: String },
    /// More text than there may be.
    #[error("{field} is longer than {max}")]
    TextTooLong { field: String, max: usize },
    /// Characters that no text may have.
    #[error("{field} has control characters")]
    ControlCharacters { field: String },
    /// A name that nobody may have, with what to do about it.
    #[error("{field} is {why}")]
    Name { field: String, why: NameError },
    /// Fields that contradict each other.
    #[error("{field} does not fit {with}")]
    Contradiction { field: String, with: String },
    /// None of the names that it may be.
    #[error("{field} does not know {name:?}")]
    UnknownName { field: String, name: String },
    /// Binary: it ends in the middle.
    #[error("it ends in {field}")]
    Truncated { field: String },
    /// Binary: something is behind its end.
    #[error("{bytes} bytes are behind its end")]
    TrailingBytes { bytes: usize },
    /// Binary: a value that no encoder writes.
    #[error("{field} is encoded wrongly")]
    NotCanonical { field: String },
    /// A delta against a snapshot that is not there.
    #[error("snapshot {base_id} is not there to count from")]
    UnknownBase { base_id: u32 },
}

impl DecodeError {
    /// The code to answer with.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::TooLong { .. } => ErrorCode::MessageTooLong,
            Self::Syntax { .. }
            | Self::Truncated { .. }
            | Self::TrailingBytes { .. }
            | Self::NotCanonical { .. } => ErrorCode::Malformed,
            Self::TooDeep { .. } => ErrorCode::TooDeep,
            Self::TooManyValues { .. } | Self::TooManyEntries { .. } => ErrorCode::TooMany,
            Self::UnsupportedVersion { .. } => ErrorCode::UnsupportedVersion,
            Self::UnknownKind { .. } => ErrorCode::UnknownKind,
            Self::UnknownFeature { .. } => ErrorCode::UnknownFeature,
            Self::UnknownAction { .. } | Self::UnknownEvent { .. } => ErrorCode::UnknownAction,
            Self::MissingField { .. } => ErrorCode::MissingField,
            Self::DuplicateField { .. } => ErrorCode::DuplicateField,
            Self::WrongType { .. } | Self::NotAnObject => ErrorCode::WrongType,
            Self::OutOfRange { .. }
            | Self::Empty { .. }
            | Self::TextTooLong { .. }
            | Self::ControlCharacters { .. }
            | Self::Name { .. }
            | Self::Contradiction { .. } => ErrorCode::OutOfRange,
            Self::UnknownName { .. } => ErrorCode::UnknownValue,
            Self::UnknownBase { .. } => ErrorCode::UnknownBase,
        }
    }

    /// The path of the field that was refused, such as `payload.inputs[3].seq`; none if it is the whole message.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::TooLong { .. }
            | Self::Syntax { .. }
            | Self::NotAnObject
            | Self::TrailingBytes { .. } => None,
            Self::UnsupportedVersion { .. } => Some("v"),
            Self::UnknownKind { .. } => Some("kind"),
            Self::UnknownFeature { .. } => Some("feature"),
            Self::UnknownAction { .. } => Some("action"),
            Self::UnknownEvent { .. } => Some("name"),
            Self::UnknownBase { .. } => Some("baseId"),
            Self::TooDeep { field, .. }
            | Self::TooManyValues { field, .. }
            | Self::MissingField { field }
            | Self::DuplicateField { field }
            | Self::WrongType { field, .. }
            | Self::OutOfRange { field, .. }
            | Self::TooManyEntries { field, .. }
            | Self::Empty { field }
            | Self::TextTooLong { field, .. }
            | Self::ControlCharacters { field }
            | Self::Name { field, .. }
            | Self::Contradiction { field, .. }
            | Self::UnknownName { field, .. }
            | Self::Truncated { field }
            | Self::NotCanonical { field } => {
                Some(field).filter(|f| !f.is_empty()).map(String::as_str)
            }
        }
    }

    /// The same, of the field `name` of what it was about.
    pub(crate) fn under(mut self, name: &str) -> Self {
        if let Some(field) = self.path() {
            let separator = if field.is_empty() || field.starts_with('[') {
                ""
            } else {
                "."
            };
            *field = format!("{}{separator}{field}", clip(name));
        }
        self
    }

    /// The same, of an element of what it was about.
    pub(crate) fn under_index(mut self, index: usize) -> Self {
        if let Some(field) = self.path() {
            let separator = if field.is_empty() || field.starts_with('[') {
                ""
            } else {
                "."
            };
            *field = format!("[{index}]{separator}{field}");
        }
        self
    }

    fn path(&mut self) -> Option<&mut String> {
        match self {
            Self::TooLong { .. }
            | Self::Syntax { .. }
            | Self::NotAnObject
            | Self::TrailingBytes { .. }
            | Self::UnsupportedVersion { .. }
            | Self::UnknownKind { .. }
            | Self::UnknownFeature { .. }
            | Self::UnknownAction { .. }
            | Self::UnknownEvent { .. }
            | Self::UnknownBase { .. } => None,
            Self::TooDeep { field, .. }
            | Self::TooManyValues { field, .. }
            | Self::MissingField { field }
            | Self::DuplicateField { field }
            | Self::WrongType { field, .. }
            | Self::OutOfRange { field, .. }
            | Self::TooManyEntries { field, .. }
            | Self::Empty { field }
            | Self::TextTooLong { field, .. }
            | Self::ControlCharacters { field }
            | Self::Name { field, .. }
            | Self::Contradiction { field, .. }
            | Self::UnknownName { field, .. }
            | Self::Truncated { field }
            | Self::NotCanonical { field } => Some(field),
        }
    }
}
