//! Connections are made, lost and made again.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod table;

use netcode::{Event, Input, Micros};
use protocol::{CloseCode, Encoding, ErrorBody, ErrorCode, ServerBody};
use sim_core::{Action, Aim, Buttons, Cell, StructureKind};
use table::{FAR, NEAR, Table};

#[test]
fn a_lost_connection_is_resumed_and_nothing_typed_is_lost() {
    for encoding in Encoding::CURRENT {
        let mut table = Table::new(FAR, encoding);
        table.give(Input::Buttons(Buttons::RIGHT));
        table.idle(3_000);
        let corrections = table.corrections.len();
        let at = table.client.predicted().unwrap().pos.cell().unwrap();
        let cell = Cell {
            x: at.x,
            y: at.y - 2,
        };
        table.give(Input::Act(Action::Place {
            cell,
            kind: StructureKind::Wall,
        }));
        table.give(Input::Act(Action::Fire { aim: Aim(5) }));
        // Two frames, so that there was a step: what waits for one when the line goes is not typed yet.
        table.idle(33);
        let typed = table.client.next_seq();
        assert!((table.room.received.wrapping_sub(typed) as i32) < -2);
        table.cut();
        assert!(!table.client.is_playing());
        let steps = table.stepped.len();
        table.idle(1_000);
        assert!(table.client.is_playing());
        assert_eq!(table.connects.len(), 2);
        assert_eq!(table.connects[1].1.as_deref(), Some("token"));
        assert!(table.stepped.len() > steps);
        assert!(table.client.stats().inputs_resent > 0);
        assert!(table.room.world.structures().at(cell).is_some());
        assert!(
            table
                .room
                .truth
                .keys()
                .zip(table.room.truth.keys().skip(1))
                .all(|(a, b)| a + 1 == *b),
            "every input is consumed, in order"
        );
        table.idle(2_000);
        println!(
            "{:#?} {:?}",
            &table.corrections[corrections..],
            table.room.timing
        );
        assert!(table.corrections.len() - corrections <= 3);
        let corrections = table.corrections.len();
        table.wander(10_000);
        assert_eq!(table.corrections.len(), corrections);
    }
}

#[test]
fn attempts_are_further_and_further_apart_but_not_too_far() {
    let mut table = Table::new(NEAR, Encoding::Json);
    table.idle(1_000);
    table.refuse = true;
    table.cut();
    table.idle(60_000);
    let waits: Vec<u64> = table
        .connects
        .windows(2)
        .map(|pair| (pair[1].0 - pair[0].0) / 1000)
        .skip(1)
        .collect();
    assert!(waits.len() >= 8, "{waits:?}");
    for (attempt, wait) in waits.iter().enumerate() {
        let most = (250_u64 << (attempt + 1)).min(8_000);
        assert!((most / 2..=most + 16).contains(wait), "{waits:?}");
    }
    table.refuse = false;
    table.idle(9_000);
    assert!(table.client.is_playing());
}

#[test]
fn a_silent_authority_counts_as_lost() {
    let mut table = Table::new(NEAR, Encoding::Json);
    table.idle(1_000);
    table.deliver = |_| false;
    table.idle(7_500);
    assert!(!table.client.is_playing());
    table.deliver = |_| true;
    table.idle(12_000);
    assert!(table.client.is_playing());
}

#[test]
fn a_client_at_rest_says_only_what_its_host_can_answer() {
    for encoding in Encoding::CURRENT {
        let mut table = Table::new(NEAR, encoding);
        table.idle(1_000);
        table.host_answers = true;
        table.deliver = |_| false;
        table.idle(4_000);
        let (messages, keepalives) = (table.room.message_seqs.len(), table.keepalives);
        table.idle(60_000);
        assert_eq!(table.connects.len(), 1);
        assert_eq!(table.room.message_seqs.len(), messages);
        assert!((29..=31).contains(&(table.keepalives - keepalives)));
        assert_eq!(table.client.stats().messages_bad, 0);
        // The first key is for the room again.
        table.deliver = |_| true;
        table.give(Input::Buttons(Buttons::UP));
        table.idle(500);
        assert!(table.room.message_seqs.len() > messages);
        assert_eq!(table.connects.len(), 1);
        // And who gets no answer at all does not wait for ever.
        table.give(Input::Buttons(Buttons::NONE));
        table.idle(1_000);
        table.deliver = |_| false;
        table.idle(4_000);
        table.host_answers = false;
        table.idle(9_000);
        assert!(table.connects.len() > 1);
    }
}

#[test]
fn inputs_that_are_lost_before_a_room_that_sleeps_are_given_up_and_the_player_goes_on() {
    let mut table = Table::new(NEAR, Encoding::Binary);
    table.idle(1_000);
    // The room sleeps and has not heard of the key.
    table.deliver = |_| false;
    table.give(Input::Buttons(Buttons::UP));
    table.idle(3_000);
    let waits = table.stepped.len();
    table.idle(1_500);
    assert_eq!(table.stepped.len(), waits, "it has nothing to count on");
    table.idle(1_500);
    assert!(table.stepped.len() > waits, "it waits for ever");
    assert_eq!(table.client.stats().resyncs, 1);
    assert_eq!(table.connects.len(), 1);
}

#[test]
fn a_line_that_carries_only_down_counts_as_lost() {
    let mut table = Table::new(NEAR, Encoding::Json);
    table.idle(1_000);
    assert_eq!(table.connects.len(), 1);
    table.deliver = |message| !matches!(message.body, ServerBody::Pong { .. });
    table.idle(9_500);
    assert_eq!(table.connects.len(), 2, "pings stay unanswered");
    table.deliver = |_| true;
    table.idle(20_000);
    assert_eq!(table.connects.len(), 2);
    assert!(table.client.is_playing());
}

#[test]
fn a_used_token_is_dropped_and_a_newer_connection_ends_this_one() {
    let mut table = Table::new(NEAR, Encoding::Json);
    table.idle(500);
    assert_eq!(table.client.resume_token(), Some("token"));
    table.connected = false;
    table.give(Input::Closed {
        code: Some(CloseCode::BadResumeToken),
    });
    table.idle(1_000);
    assert_eq!(table.connects[1].1, None);
    table.connected = false;
    table.give(Input::Closed {
        code: Some(CloseCode::ReplacedByNewerConnection),
    });
    assert_eq!(
        table.events.last(),
        Some(&Event::Disconnected { retry_at: None })
    );
    table.idle(30_000);
    assert_eq!(table.connects.len(), 2);
    assert_eq!(table.client.due(), None);
}

#[test]
fn who_leaves_says_so_once_and_does_not_come_back() {
    let mut table = Table::new(NEAR, Encoding::Json);
    table.idle(500);
    table.give(Input::Leave);
    table.give(Input::Leave);
    assert_eq!(table.closes, [CloseCode::Left]);
    assert_eq!(
        table.events.last(),
        Some(&Event::Disconnected { retry_at: None })
    );
    table.idle(30_000);
    assert_eq!(table.connects.len(), 1);
    assert_eq!(table.client.due(), None);
}

#[test]
fn whoever_is_told_to_be_too_fast_waits_longest_and_comes_back() {
    let mut table = Table::new(NEAR, Encoding::Json);
    table.idle(500);
    assert!(table.client.is_playing());
    table.connected = false;
    table.give(Input::Closed {
        code: Some(CloseCode::RateLimited),
    });
    table.idle(3_900);
    assert_eq!(table.connects.len(), 1);
    table.idle(5_000);
    assert_eq!(table.connects.len(), 2);
    assert!(table.client.is_playing());
}

#[test]
fn a_client_that_was_replaced_by_its_own_past_comes_back_once() {
    let mut table = Table::new(NEAR, Encoding::Json);
    table.idle(500);
    // Nothing comes for long, so the connection is given up and made again; then the old one reaches the room.
    table.deliver = |_| false;
    table.idle(7_500);
    table.deliver = |_| true;
    table.idle(12_000);
    assert!(table.client.is_playing());
    let replaced = || Input::Closed {
        code: Some(CloseCode::ReplacedByNewerConnection),
    };
    let before = table.connects.len();
    table.send(fatal(ErrorCode::ReplacedByNewerConnection));
    table.idle(100);
    table.connected = false;
    table.give(replaced());
    table.idle(2_000);
    assert_eq!(table.connects.len(), before + 1);
    assert!(table.client.is_playing());
    // The next time it is somebody else.
    table.connected = false;
    table.give(replaced());
    table.idle(30_000);
    assert_eq!(table.connects.len(), before + 1);
    assert_eq!(table.client.due(), None);
}

#[test]
fn a_room_with_other_rules_is_left() {
    let mut table = Table::new(NEAR, Encoding::Json);
    let ServerBody::Welcome(mut welcome) = table.room.connect(false) else {
        unreachable!("a room greets with a welcome")
    };
    welcome.rules_hash ^= 1;
    // The table's own welcome is still on its way.
    let bytes = protocol::encode_server(
        &protocol::ServerMessage {
            server_time: 1.0,
            step: sim_core::Step(1),
            body: ServerBody::Welcome(welcome),
        },
        Encoding::Json,
        None,
    );
    table.give(Input::Message {
        bytes: &bytes,
        text: true,
    });
    assert!(table.events.contains(&Event::Outdated));
    assert!(!table.connected);
    assert_eq!(table.client.due(), None);
}

#[test]
fn who_was_silent_for_too_long_is_told_and_does_not_come_back_by_itself() {
    for is_told in [true, false] {
        let mut table = Table::new(NEAR, Encoding::Json);
        table.idle(1_000);
        if is_told {
            table.send(fatal(ErrorCode::IdleTimeout));
            table.idle(100);
        }
        table.connected = false;
        table.give(Input::Closed {
            code: Some(CloseCode::IdleTimeout),
        });
        table.idle(30_000);
        assert_eq!(table.connects.len(), 1);
        assert_eq!(table.client.due(), None);
        let failed = |event: &Event| matches!(event, Event::Failed { code, .. } if *code == ErrorCode::IdleTimeout);
        assert_eq!(table.events.iter().any(failed), is_told);
        let over = Event::Disconnected { retry_at: None };
        assert_eq!(table.events.last(), Some(&over));
        // What brings the player back is kept for whoever asks to be back.
        assert_eq!(table.client.resume_token(), Some("token"));
    }
}

#[test]
fn a_fatal_error_that_no_other_connection_mends_is_the_end_whether_or_not_a_close_follows() {
    let ends = [
        ErrorCode::UnsupportedVersion,
        ErrorCode::RoomFull,
        ErrorCode::RoomClosed,
        ErrorCode::ReplacedByNewerConnection,
        ErrorCode::OriginNotAllowed,
        ErrorCode::IdleTimeout,
    ];
    for &code in ErrorCode::ALL {
        let mut table = Table::new(NEAR, Encoding::Binary);
        table.idle(1_000);
        table.send(fatal(code));
        table.idle(100);
        let is_over = ends.contains(&code);
        assert_eq!(table.client.is_playing(), !is_over, "{code:?}");
        assert_eq!(table.client.due().is_none(), is_over, "{code:?}");
        let over = Event::Disconnected { retry_at: None };
        assert_eq!(table.events.contains(&over), is_over, "{code:?}");
        let closes: &[CloseCode] = if is_over { &[CloseCode::Normal] } else { &[] };
        assert_eq!(table.closes, closes, "{code:?}");
        // A token that is good for nothing is not brought again.
        let token = (code != ErrorCode::BadResumeToken).then_some("token");
        assert_eq!(table.client.resume_token(), token, "{code:?}");
    }
}

fn fatal(code: ErrorCode) -> ServerBody {
    ServerBody::Error(ErrorBody {
        code,
        message: "it is over".into(),
        field: None,
        seq: None,
        fatal: true,
    })
}

#[test]
fn a_gap_in_the_inputs_is_resolved_by_coming_back() {
    let mut table = Table::new(NEAR, Encoding::Json);
    table.idle(1_000);
    table.send(ServerBody::Error(ErrorBody {
        code: ErrorCode::InputSeqGap,
        message: "inputs are missing".into(),
        field: None,
        seq: Some(1),
        fatal: false,
    }));
    table.idle(1_000);
    assert_eq!(table.connects.len(), 2);
    assert!(table.client.is_playing());
}

#[test]
fn pings_measure_the_round_trip() {
    let mut table = Table::new(NEAR, Encoding::Binary);
    table.idle(5_000);
    let rtt = table.client.stats().rtt.unwrap();
    assert!((Micros(40_000)..=Micros(58_000)).contains(&rtt), "{rtt:?}");
}

#[test]
fn the_driver_may_sleep_until_something_is_due() {
    let mut table = Table::new(NEAR, Encoding::Binary);
    table.idle(2_000);
    let due = table.client.due().unwrap();
    assert!(due.since(Micros(table.now)) <= Micros(17_600));
    let steps = table.client.stats().steps;
    let early = Micros(due.0.saturating_sub(1).max(table.now));
    if early < due {
        let outputs = table.client.handle(early, Input::Advance).count();
        assert_eq!(outputs, 0);
    }
    table.client.handle(due, Input::Advance);
    assert!(table.client.stats().steps > steps);
}
