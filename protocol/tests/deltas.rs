//! A merged delta equals the full view, through the bytes of both encodings.

mod game;
mod messages;

use game::{Game, Play, snapshot};
use proptest::prelude::*;
use protocol::{
    ApplyError, Encoding, Reason, ServerBody, SnapshotDelta, View, decode_server, encode_server,
};
use sim_core::{PlayerId, ProjectileId, Step, StructureId, StructureKind};

fn play(players: u16, structures: u32, act: u32) -> Play {
    Play {
        players,
        structures,
        kinds: &StructureKind::ALL,
        shots: 64,
        change: 6,
        act,
    }
}

/// Sends `now` against `base` and gives back what the client makes of it.
fn sent(encoding: Encoding, base: Option<&View>, now: &View) -> Result<View, TestCaseError> {
    let message = snapshot(9, base.map(|base| (4, base)), now);
    let bytes = encode_server(&message, encoding, base);
    let decoded = decode_server(&bytes, encoding, |id| base.filter(|_| id == 4));
    prop_assert_eq!(&decoded, &Ok(messages::as_told(message, encoding)));
    let Ok(protocol::ServerMessage {
        step,
        body: ServerBody::Snapshot(received),
        ..
    }) = decoded
    else {
        return Err(TestCaseError::fail("not a snapshot"));
    };
    let mut view = base.cloned().unwrap_or(View {
        step,
        ..View::default()
    });
    view.apply(&received.features, step)
        .map_err(|error| TestCaseError::fail(error.to_string()))?;
    Ok(view)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_merged_delta_equals_the_full_view(
        seed: u64,
        players in 1_u16..12,
        structures in 0_u32..100,
        act in 2_u32..60,
        before in 0_u32..200,
        ages in prop::collection::vec(0_u32..40, 1..8),
    ) {
        let mut game = Game::new(seed, play(players, structures.min(u32::from(players) * 40), act));
        (0..before).for_each(|_| game.step());
        for age in ages {
            let base = game.view();
            (0..age).for_each(|_| game.step());
            let now = game.view();
            for encoding in Encoding::ALL {
                prop_assert_eq!(&sent(encoding, Some(&base), &now)?, &now);
                prop_assert_eq!(&sent(encoding, None, &now)?, &now);
            }
        }
    }

    #[test]
    fn a_delta_between_views_that_no_world_shows_is_right_too(
        base in messages::view(), now in messages::view(), ahead in 0_u64..=300,
    ) {
        let now = View { step: base.step.after(ahead), ..now };
        for encoding in Encoding::ALL {
            prop_assert_eq!(&sent(encoding, Some(&base), &now)?, &now);
        }
    }

    #[test]
    fn a_delta_between_unrelated_worlds_is_right_too(seed: u64, other: u64, ahead in 0_u64..300) {
        let mut base = Game::new(seed, play(7, 60, 9));
        let mut now = Game::new(other, play(4, 30, 9));
        (0..60).for_each(|_| { base.step(); now.step(); });
        let (base, mut now) = (base.view(), now.view());
        now.step = base.step.after(ahead);
        for encoding in Encoding::ALL {
            prop_assert_eq!(&sent(encoding, Some(&base), &now)?, &now);
        }
    }
}

#[test]
fn nothing_is_sent_of_what_only_ages() {
    let mut game = Game::new(
        3,
        Play {
            change: u32::MAX,
            ..play(4, 0, u32::MAX)
        },
    );
    // Everybody has fired once and stands; then nobody fires any more.
    game.step();
    game.cease_fire();
    let base = game.view();
    assert!(!base.projectiles.is_empty());
    (0..10).for_each(|_| game.step());
    let now = game.view();
    assert_ne!(base, now);
    assert_eq!(View::diff(Some(&base), &now), SnapshotDelta::default());
}

#[test]
fn changes_of_another_view_are_refused() {
    let mut game = Game::new(5, play(3, 10, u32::MAX));
    let base = game.view();
    (0..6).for_each(|_| game.step());
    let now = game.view();
    let features = View::diff(Some(&base), &now);

    let mut late = View {
        step: now.step.after(1),
        ..base.clone()
    };
    let (view, step) = (late.step, now.step);
    assert_eq!(
        late.apply(&features, step),
        Err(ApplyError::Backwards { view, step })
    );

    let mut early = View {
        step: Step(0),
        ..base.clone()
    };
    let view = Step(0);
    assert_eq!(
        early.apply(&features, step),
        Err(ApplyError::TooFar { view, step })
    );

    let mut removing = features;
    removing.movement.removals.insert(PlayerId(999));
    let unknown = ApplyError::UnknownRemoval {
        channel: "movement",
        id: 999,
    };
    assert_eq!(base.clone().apply(&removing, now.step), Err(unknown));
    assert_eq!(View::from_full(&removing, now.step), Err(unknown));
}

#[test]
fn a_binary_delta_without_its_base_is_refused() {
    let mut game = Game::new(5, play(3, 10, 5));
    let base = game.view();
    game.step();
    let bytes = encode_server(
        &snapshot(9, Some((4, &base)), &game.view()),
        Encoding::Binary,
        Some(&base),
    );
    let error =
        decode_server(&bytes, Encoding::Binary, |_| None).expect_err("the base is not there");
    assert_eq!(error.reason, Reason::UnknownBase { base_id: 4 });
    assert_eq!(error.field(), Some("baseId"));
}

#[test]
fn a_change_of_one_channel_alone_is_a_change() {
    let view = Game::new(5, play(3, 10, u32::MAX)).view();
    let full = View::diff(None, &view);
    let nothing = SnapshotDelta::default();
    assert!(nothing.is_empty() && !full.is_empty());
    let mut one = nothing.clone();
    one.presence = full.presence;
    assert!(!one.is_empty(), "presence");
    let mut one = nothing.clone();
    one.movement = full.movement;
    assert!(!one.is_empty(), "movement");
    let mut one = nothing.clone();
    one.build.structures.removals.insert(StructureId(1));
    assert!(!one.is_empty(), "structures");
    let mut one = nothing.clone();
    one.build.previews.removals.insert(PlayerId(1));
    assert!(!one.is_empty(), "previews");
    let mut one = nothing;
    one.projectile.removals.insert(ProjectileId(1));
    assert!(!one.is_empty(), "projectiles");
}
