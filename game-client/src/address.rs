//! Where a room is: the address of its socket, and what is said when it is called.

use protocol::{Encoding, Proof};

/// A room on a server, and who comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The server's, as a page of it would say: `https://play.example.com` or `http://127.0.0.1:8787`.
    pub origin: String,
    /// The room's code.
    pub room: String,
    /// What proves who comes; none where anybody may say who they are.
    pub token: Option<String>,
    /// Who comes, where anybody may say so.
    pub player_id: Option<String>,
}

/// Why there can be no such address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Neither `http://` nor `https://` stands in front.
    #[error("a server's address begins with http:// or https://, and `{0}` does not")]
    Scheme(String),
    /// An encrypted way is asked for where there is none.
    #[error("the program plays on servers of http:// only; open {0} in a browser")]
    Encrypted(String),
    /// The code is not one.
    #[error("a room code is 1 to 32 of a-z, 0-9 and -, and `{0}` is not")]
    RoomCode(String),
}

/// Most characters of a room code.
const ROOM_CODE_MAX: usize = 32;

/// Whether this is a room's code, as the worker takes it.
#[must_use]
pub fn is_room_code(code: &str) -> bool {
    let known = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
    (1..=ROOM_CODE_MAX).contains(&code.len()) && code.bytes().all(known)
}

/// What is said to open a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Its URL.
    pub url: String,
    /// The subprotocols that are offered: the encoding, then the tokens.
    pub offers: Vec<String>,
}

impl Address {
    /// How to open the socket. Tokens are offered, so that they stand in no address; one that cannot be offered is a
    /// parameter.
    pub fn call(
        &self,
        encoding: Encoding,
        resume_token: Option<&str>,
    ) -> Result<Call, AddressError> {
        let Self {
            origin,
            room,
            token,
            player_id,
        } = self;
        let secure = origin.strip_prefix("https://").map(|host| ("wss", host));
        let plain = || origin.strip_prefix("http://").map(|host| ("ws", host));
        let Some((scheme, host)) = secure.or_else(plain) else {
            return Err(AddressError::Scheme(origin.clone()));
        };
        if !is_room_code(room) {
            return Err(AddressError::RoomCode(room.clone()));
        }
        let mut url = format!(
            "{scheme}://{}/api/rooms/{room}/ws",
            host.trim_end_matches('/')
        );
        let mut offers = vec![encoding.subprotocol().to_owned()];
        let mut parameters = Vec::new();
        parameters.extend(player_id.as_deref().map(|id| ("playerId", id)));
        let proofs = [
            (Proof::Session, token.as_deref()),
            (Proof::Resume, resume_token),
        ];
        for (proof, token) in proofs {
            let Some(token) = token else {
                continue;
            };
            match proof.offer(token) {
                Some(offer) => offers.push(offer),
                None => parameters.push((proof.parameter(), token)),
            }
        }
        for (number, (name, value)) in parameters.into_iter().enumerate() {
            url.push(if number == 0 { '?' } else { '&' });
            url.push_str(name);
            url.push('=');
            escape(&mut url, value);
        }
        Ok(Call { url, offers })
    }
}

/// Percent-encodes everything but the unreserved characters of RFC 3986, section 2.3.
fn escape(url: &mut String, value: &str) {
    use std::fmt::Write as _;
    for byte in value.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                url.push(char::from(byte));
            }
            _ => write!(url, "%{byte:02X}").expect("writing to a string cannot fail"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn den() -> Address {
        Address {
            origin: "http://127.0.0.1:8787".into(),
            room: "den".into(),
            token: None,
            player_id: Some("Ann & Bob".into()),
        }
    }

    fn call(address: &Address, resume: Option<&str>) -> (String, Vec<String>) {
        let Call { url, offers } = address.call(Encoding::Json, resume).expect("a room");
        (url, offers)
    }

    #[test]
    fn what_a_parameter_says_does_not_become_another() {
        let (url, _) = call(&den(), None);
        let expected = "ws://127.0.0.1:8787/api/rooms/den/ws?playerId=Ann%20%26%20Bob";
        assert_eq!(url, expected);
    }

    #[test]
    fn tokens_stand_in_no_address() {
        let address = Address {
            token: Some("e.y-j_".into()),
            player_id: None,
            ..den()
        };
        let (url, offers) = call(&address, Some("ab12"));
        assert_eq!(url, "ws://127.0.0.1:8787/api/rooms/den/ws");
        assert_eq!(
            offers,
            [
                "bitfort.v2.json",
                "bitfort.token.e.y-j_",
                "bitfort.resume.ab12"
            ]
        );
    }

    #[test]
    fn a_token_that_cannot_be_offered_is_sent_nevertheless() {
        let address = Address {
            token: Some("a, b".into()),
            ..den()
        };
        let (url, offers) = call(&address, None);
        assert!(
            url.ends_with("?playerId=Ann%20%26%20Bob&token=a%2C%20b"),
            "{url}"
        );
        assert_eq!(offers, ["bitfort.v2.json"]);
    }

    #[test]
    fn a_secure_page_has_a_secure_socket() {
        let address = Address {
            origin: "https://play.example.com/".into(),
            player_id: None,
            ..den()
        };
        let (url, _) = call(&address, None);
        assert_eq!(url, "wss://play.example.com/api/rooms/den/ws");
    }

    #[test]
    fn what_is_no_room_is_told() {
        for room in ["", "Den", "a/b", "ä", &"a".repeat(33)] {
            let address = Address {
                room: room.to_owned(),
                ..den()
            };
            assert_eq!(
                address.call(Encoding::Json, None),
                Err(AddressError::RoomCode(room.to_owned()))
            );
        }
        let address = Address {
            origin: "play.example.com".into(),
            ..den()
        };
        let refused = address.call(Encoding::Json, None);
        assert!(matches!(refused, Err(AddressError::Scheme(_))));
    }
}
