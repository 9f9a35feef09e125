//! What the random moves lead to, so that the law about them says something.

use std::collections::BTreeSet;

use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;
use proptest_state_machine::ReferenceStateMachine as _;

use super::Reference;
use super::model::{Model, Told};

/// Which kinds of things a model was told of.
fn kinds(model: &Model, kinds: &mut BTreeSet<String>) {
    for told in model.told.values().flatten() {
        kinds.insert(match told {
            Told::Welcome { resumed, .. } => format!("welcome, resumed: {resumed}"),
            Told::Ack(ack) => match (ack.structure_id, ack.projectile_id) {
                (Some(_), _) => "ack of a structure".to_owned(),
                (_, Some(_)) => "ack of a shot".to_owned(),
                (None, None) => "ack".to_owned(),
            },
            Told::Error { code, .. } => code.as_str().to_owned(),
            Told::Pong(_) => "pong".to_owned(),
            Told::Event(event) => format!("{event:?}").split(' ').next().unwrap().to_owned(),
        });
    }
    let slept = model.clock.is_some() && !model.is_awake() && !model.connections.is_empty();
    let held = !model.world.structures().is_empty();
    kinds.extend(slept.then(|| "quiet".to_owned()));
    kinds.extend(held.then(|| "built".to_owned()));
}

#[test]
fn random_moves_reach_every_kind_of_answer() {
    let mut runner = TestRunner::deterministic();
    let sessions = Reference::sequential_strategy(100..101);
    let mut seen = BTreeSet::new();
    for _ in 0..60 {
        let (mut model, all, _) = sessions.new_tree(&mut runner).unwrap().current();
        for one in &all {
            model = Reference::apply(model, one);
            kinds(&model, &mut seen);
        }
    }
    // Without these, the law below would hold of less than it says.
    let expected = [
        "Died",
        "Destroyed",
        "Hit",
        "Joined",
        "Left",
        "Respawned",
        "ack",
        "ack of a shot",
        "ack of a structure",
        "bad_resume_token",
        "input_seq_future",
        "input_seq_gap",
        "late_command",
        "malformed",
        "out_of_range",
        "pong",
        "quiet",
        "rate_limited",
        "rejected_build_cooldown",
        "rejected_fire_cooldown",
        "rejected_not_owner",
        "rejected_out_of_reach",
        "replaced_by_newer_connection",
        "room_full",
        "seq_not_increasing",
        "too_many_pending",
        "unknown_character",
        "welcome, resumed: false",
        "welcome, resumed: true",
    ];
    let missing: Vec<_> = expected
        .iter()
        .filter(|kind| !seen.contains(**kind))
        .collect();
    assert!(missing.is_empty(), "{missing:?} are not in {seen:?}");
}
