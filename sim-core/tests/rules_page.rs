//! `docs/RULES.md` states every constant, with its value.

use std::collections::BTreeMap;

use sim_core::rules;

const SOURCE: &str = include_str!("../src/rules.rs");
const PAGE: &str = include_str!("../../docs/RULES.md");

/// The page's table: constant and value.
fn stated() -> BTreeMap<&'static str, i64> {
    let rows = PAGE.lines().filter_map(|line| line.strip_prefix("| `"));
    let row = |line: &'static str| {
        let (name, rest) = line.split_once("` | ")?;
        Some((name, rest.split(" |").next()?.parse().ok()?))
    };
    rows.filter_map(row).collect()
}

/// What stands inside `rules! { .. }`, by name.
fn declared() -> Vec<&'static str> {
    let (_, inside) = SOURCE
        .split_once("\nrules! {")
        .expect("the constants stand in one macro");
    let (inside, _) = inside.split_once("\n}\n").expect("the macro ends");
    let code = inside
        .lines()
        .map(str::trim)
        .filter(|line| !line.starts_with("//"));
    code.filter_map(|line| Some(line.split_once(": ")?.0))
        .filter(|name| !name.contains(' '))
        .collect()
}

#[test]
fn the_page_states_every_constant_as_it_is() {
    macro_rules! values {
        ($($name:ident => $value:expr),* $(,)?) => {
            BTreeMap::from([$((stringify!($name), i64::from($value)),)*])
        };
    }
    let limit = |limit: usize| i64::try_from(limit).expect("limits are small");
    let values = values! {
        SIM_VERSION => rules::SIM_VERSION,
        STEPS_PER_SECOND => rules::STEPS_PER_SECOND,
        STEPS_PER_TICK => rules::STEPS_PER_TICK,
        STEPS_PER_SNAPSHOT => rules::STEPS_PER_SNAPSHOT,
        ARENA_CELLS => rules::ARENA_CELLS,
        PLAYERS_MAX => limit(rules::PLAYERS_MAX),
        STRUCTURES_MAX => limit(rules::STRUCTURES_MAX),
        STRUCTURES_PER_PLAYER_MAX => limit(rules::STRUCTURES_PER_PLAYER_MAX),
        PROJECTILES_MAX => limit(rules::PROJECTILES_MAX),
        BODIES => rules::BODIES,
        COLOURS => rules::COLOURS,
        FRICTION_KEEPS => rules::FRICTION_KEEPS,
        ACCELERATION => rules::ACCELERATION.to_bits(),
        ACCELERATION_DIAGONAL => rules::ACCELERATION_DIAGONAL.to_bits(),
        TERMINAL_SPEED => rules::TERMINAL_SPEED.to_bits(),
        PLAYER_HALF_BOX => rules::PLAYER_HALF_BOX.to_bits(),
        SHOT_SPEED => rules::SHOT_SPEED.to_bits(),
        SHOT_LIFE => rules::SHOT_LIFE.0,
        SHOT_DAMAGE => rules::SHOT_DAMAGE,
        FIRE_COOLDOWN => rules::FIRE_COOLDOWN.0,
        HEALTH_MAX => rules::HEALTH_MAX,
        RESPAWN_WAIT => rules::RESPAWN_WAIT.0,
        SPAWN_PROTECTION => rules::SPAWN_PROTECTION.0,
        WALL_HP => rules::WALL_HP,
        GATE_HP => rules::GATE_HP,
        FENCE_HP => rules::FENCE_HP,
        BUILD_COOLDOWN => rules::BUILD_COOLDOWN.0,
        REACH => rules::REACH.to_bits(),
    };
    assert_eq!(stated(), values);
    let mut declared = declared();
    declared.sort_unstable();
    assert_eq!(
        declared,
        values.into_keys().collect::<Vec<_>>(),
        "a constant without a row"
    );
}
