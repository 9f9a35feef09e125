//! `docs/RULES.md` states every constant, with its value.

use std::collections::BTreeMap;

use sim_core::rules::rules;

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

#[test]
fn the_page_states_every_constant_as_it_is() {
    let values = rules().into_iter();
    let values: BTreeMap<_, _> = values
        .map(|(name, bits)| (name, bits.cast_signed()))
        .collect();
    assert_eq!(stated(), values);
}
