//! Every message comes back from both encodings, and no bytes make a decoder panic.

mod game;
mod messages;

use game::{Game, Play};
use messages::{as_said, as_told, client_message, server_message};
use proptest::prelude::*;
use protocol::{
    Encoding, ServerBody, View, decode_client, decode_server, encode_client, encode_server,
};
use sim_core::{Pos, StructureKind};

fn base() -> View {
    let play = Play {
        players: 5,
        structures: 40,
        kinds: &StructureKind::ALL,
        shots: 20,
        change: 4,
        act: 10,
    };
    let mut game = Game::new(11, play);
    (0..50).for_each(|_| game.step());
    game.view()
}

proptest! {
    #[test]
    fn a_client_message_comes_back(message in client_message()) {
        for encoding in Encoding::ALL {
            let bytes = encode_client(&message, encoding);
            prop_assert_eq!(decode_client(&bytes, encoding), Ok(as_said(message.clone(), encoding)), "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn a_server_message_comes_back(message in server_message()) {
        for encoding in Encoding::ALL {
            let bytes = encode_server(&message, encoding, None);
            prop_assert_eq!(decode_server(&bytes, encoding, |_| None), Ok(as_told(message.clone(), encoding)), "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn what_is_written_is_what_serde_json_reads(message in server_message()) {
        let bytes = encode_server(&message, Encoding::Json, None);
        let value: serde_json::Value = serde_json::from_slice(&bytes).expect("it is JSON");
        prop_assert_eq!(&value["v"], 2);
        prop_assert_eq!(value["step"].as_u64(), Some(message.step.0));
    }

    #[test]
    fn arbitrary_bytes_do_not_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let base = base();
        for encoding in Encoding::ALL {
            let _ = decode_client(&bytes, encoding);
            let _ = decode_server(&bytes, encoding, |_| Some(&base));
        }
        // And behind a header that is right, deltas included.
        for tag in 0..7 {
            let framed: Vec<u8> = [2, tag].into_iter().chain(bytes.iter().copied()).collect();
            for layout in [Encoding::Binary, Encoding::Binary1] {
                let _ = decode_client(&framed, layout);
                let _ = decode_server(&framed, layout, |_| Some(&base));
            }
        }
    }

    #[test]
    fn arbitrary_deltas_do_not_panic(
        base in messages::view(), bytes in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        // Two bytes of header, then two that hold the ids of a delta; anything may follow.
        let delta = game::snapshot(8, Some((7, &base)), &base);
        let mut out = encode_server(&delta, Encoding::Binary, Some(&base));
        out.truncate(4);
        out.extend(bytes);
        let mut asked = None;
        let _ = decode_server(&out, Encoding::Binary, |id| { asked = Some(id); None });
        prop_assert_eq!(asked, Some(7));
        if let Ok(message) = decode_server(&out, Encoding::Binary, |_| Some(&base))
            && let ServerBody::Snapshot(snapshot) = message.body
        {
            let _ = base.clone().apply(&snapshot.features, message.step);
        }
    }

    #[test]
    fn altered_messages_do_not_panic(
        client in client_message(), server in server_message(),
        places in prop::collection::vec(any::<(prop::sample::Index, u8)>(), 1..6),
    ) {
        let base = base();
        for encoding in Encoding::ALL {
            let mut bytes = encode_client(&client, encoding);
            places.iter().for_each(|(place, value)| *place.get_mut(&mut bytes) = *value);
            let _ = decode_client(&bytes, encoding);
            let mut bytes = encode_server(&server, encoding, None);
            places.iter().for_each(|(place, value)| *place.get_mut(&mut bytes) = *value);
            let _ = decode_server(&bytes, encoding, |_| Some(&base));
        }
    }

    #[test]
    fn a_message_cut_short_is_refused(client in client_message(), server in server_message(), cut: prop::sample::Index) {
        for encoding in Encoding::ALL {
            let bytes = encode_client(&client, encoding);
            prop_assert!(decode_client(&bytes[..cut.index(bytes.len())], encoding).is_err());
            let bytes = encode_server(&server, encoding, None);
            prop_assert!(decode_server(&bytes[..cut.index(bytes.len())], encoding, |_| None).is_err());
        }
    }

    #[test]
    fn bytes_behind_the_end_are_refused(client in client_message(), server in server_message(), more in 1_u8..) {
        for encoding in Encoding::ALL {
            let more = if encoding == Encoding::Json { b'}' } else { more };
            let mut bytes = encode_client(&client, encoding);
            bytes.push(more);
            prop_assert!(decode_client(&bytes, encoding).is_err());
            let mut bytes = encode_server(&server, encoding, None);
            bytes.push(more);
            prop_assert!(decode_server(&bytes, encoding, |_| None).is_err());
        }
    }
}

#[test]
fn every_fraction_and_every_whole_number_is_an_exact_decimal_in_an_f64() {
    let exact = |bits: i32| {
        let text = Pos::from_bits(bits).to_string();
        assert!(
            text.split_once('.')
                .is_none_or(|(_, fraction)| fraction.len() <= 16),
            "{text}"
        );
        let number: f64 = text.parse().expect("it is a number");
        assert_eq!(number * 65_536.0, f64::from(bits), "{text}");
    };
    // The fraction and the whole part are written independently of each other, so all of each are all there are.
    (0..=i32::from(u16::MAX)).for_each(exact);
    (i32::from(i16::MIN)..=i32::from(i16::MAX)).for_each(|whole| exact(whole << 16 | 0xFFFF));
    (i32::from(i16::MIN)..=i32::from(i16::MAX)).for_each(|whole| exact(whole << 16));
}
