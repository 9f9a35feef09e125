//! What becomes of the sockets that the platform lists when the object comes back into memory.
//!
//! * A socket that the room closed stays closed. The platform lists it until the peer has answered, and a peer that is gone
//!   without a word never does.
//! * Of a user's sockets the newest goes on, in whatever order they are listed.
//! * A number is never used twice, also if nothing is left of the socket that had it: something of that socket may
//!   still be on its way to the object.

use authority::{CloseCode, Millis};

use crate::attachment::Attachment;

/// Numbers of sockets that there are for each millisecond. More sockets a second than any object is sent, and few enough
/// for numbers to stay exact as JavaScript numbers until the year 2248.
const NUMBERS_PER_MS: u64 = 1_024;

/// What becomes of a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    GoesOn,
    /// It is closed, or closed again.
    Closes(CloseCode),
}

/// The fates of all listed sockets, in their order.
pub(crate) fn fates(listed: &[Attachment]) -> Vec<Fate> {
    let is_newest = |one: &Attachment| {
        let of_user = listed.iter().filter(|other| other.user_id == one.user_id);
        of_user.map(|other| other.conn).max() == Some(one.conn)
    };
    listed
        .iter()
        .map(|one| match one.closed {
            Some(code) => Fate::Closes(CloseCode::from_number(code).unwrap_or(CloseCode::Internal)),
            None if is_newest(one) => Fate::GoesOn,
            None => Fate::Closes(CloseCode::ReplacedByNewerConnection),
        })
        .collect()
}

/// The number of the next socket. `last` is the highest that the object knows of.
pub(crate) fn next_number(last: u64, now: Millis) -> u64 {
    // The clock stands in for the numbers that nobody remembers.
    (last + 1).max(now.0 * NUMBERS_PER_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(conn: u64, user_id: &str, closed: Option<CloseCode>) -> Attachment {
        Attachment {
            conn,
            user_id: user_id.to_owned(),
            binary: false,
            layout: 0,
            closed: closed.map(CloseCode::number),
        }
    }

    #[test]
    fn a_socket_that_was_closed_is_closed_again_with_its_own_code() {
        let flooder = CloseCode::RateLimited;
        let all = [
            listed(1, "anna", None),
            listed(2, "bert", Some(flooder)),
            // A code of another build.
            Attachment {
                closed: Some(4_999),
                ..listed(3, "cleo", None)
            },
        ];
        let closes = [Fate::Closes(flooder), Fate::Closes(CloseCode::Internal)];
        assert_eq!(fates(&all), [&[Fate::GoesOn][..], &closes].concat());
    }

    #[test]
    fn the_newest_socket_of_a_user_goes_on_in_whatever_order_they_are_listed() {
        let replaced = Fate::Closes(CloseCode::ReplacedByNewerConnection);
        for (conns, newest) in [([7, 8, 9], 2), ([9, 8, 7], 0), ([8, 9, 7], 1)] {
            let mut all = conns.map(|conn| listed(conn, "anna", None)).to_vec();
            all.push(listed(1, "bert", None));
            let mut expected = vec![replaced; 3];
            expected[newest] = Fate::GoesOn;
            expected.push(Fate::GoesOn);
            assert_eq!(fates(&all), expected, "{conns:?}");
        }
    }

    #[test]
    fn who_was_closed_does_not_go_on_over_the_socket_before() {
        let flooder = CloseCode::RateLimited;
        let all = [listed(1, "anna", None), listed(2, "anna", Some(flooder))];
        let replaced = Fate::Closes(CloseCode::ReplacedByNewerConnection);
        assert_eq!(fates(&all), [replaced, Fate::Closes(flooder)]);
    }

    #[test]
    fn numbers_rise_over_all_lives_and_stay_exact() {
        let now = Millis(1_767_225_600_000);
        let first = next_number(0, now);
        let second = next_number(first, now);
        assert!(second > first);
        // Nothing is left of either, and the object begins anew a moment later.
        assert!(next_number(0, Millis(now.0 + 1)) > second);
        // The clock goes back, and a socket tells how far the numbers were.
        assert!(next_number(second, Millis(now.0 - 1_000)) > second);
        let exact = 1 << 53;
        assert!(next_number(0, Millis(8_700_000_000_000)) < exact);
    }
}
