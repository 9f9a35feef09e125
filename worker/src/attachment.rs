//! What a socket keeps while the object is out of memory.

use authority::Encoding;
use serde::{Deserialize, Serialize};

/// What a socket keeps while the object sleeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Attachment {
    /// Rises over all lives of the object, and stays exact as a JavaScript number.
    pub(crate) conn: u64,
    /// User that the connection belongs to.
    pub(crate) user_id: String,
    /// The binary encoding was agreed on.
    pub(crate) binary: bool,
    /// With which code the room closed it.
    #[serde(default)]
    pub(crate) closed: Option<u16>,
    /// In which layout. A build that knew one only did not say.
    #[serde(default = "first_layout")]
    pub(crate) layout: u8,
}

fn first_layout() -> u8 {
    1
}

impl Attachment {
    pub(crate) fn new(conn: u64, user_id: &str, encoding: Encoding) -> Self {
        let (binary, layout) = match encoding {
            Encoding::Json => (false, 0),
            Encoding::Binary1 => (true, 1),
            Encoding::Binary => (true, 2),
        };
        Self {
            conn,
            user_id: user_id.to_owned(),
            binary,
            layout,
            closed: None,
        }
    }

    /// What was agreed on.
    pub(crate) fn encoding(&self) -> Encoding {
        match (self.binary, self.layout) {
            (false, _) => Encoding::Json,
            (true, 1) => Encoding::Binary1,
            (true, _) => Encoding::Binary,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_goes_on_in_what_was_agreed_on_also_if_the_build_before_took_it_in() {
        for encoding in Encoding::ALL {
            assert_eq!(Attachment::new(1, "anna", encoding).encoding(), encoding);
        }
        // That build did not write a layout.
        for (binary, encoding) in [(false, Encoding::Json), (true, Encoding::Binary1)] {
            let kept = Attachment {
                conn: 1,
                user_id: "anna".to_owned(),
                binary,
                layout: first_layout(),
                closed: None,
            };
            assert_eq!(kept.encoding(), encoding);
        }
    }
}
