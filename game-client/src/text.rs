//! A text that the desktop's window draws, as there is no page around it.

/// Where a text begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// Its upper left corner.
    Corner,
    /// The middle of its lower edge.
    Foot,
}

/// A text in the viewport.
#[derive(Clone, Debug, PartialEq)]
pub struct Text {
    /// What it says.
    pub text: String,
    /// Where it is.
    pub at: (f32, f32),
    /// Of what of it that is the place.
    pub anchor: Anchor,
}
