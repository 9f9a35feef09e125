//! Which mutants are tried: those whose hash with the seed is least.

use serde::Deserialize;

/// A change that cargo-mutants can make.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub(crate) struct Mutant {
    /// File, line, column and what is changed.
    pub(crate) name: String,
    /// The crate that it is in.
    pub(crate) package: String,
    /// From the root of the repository.
    pub(crate) file: String,
}

impl Mutant {
    /// The name without line and column, so that a change above it does not draw another sample.
    fn key(&self) -> (&str, &str) {
        let place_and_change = self.name.strip_prefix(&self.file).unwrap_or(&self.name);
        let change = place_and_change
            .split_once(": ")
            .map_or(place_and_change, |(_, change)| change);
        (&self.file, change)
    }
}

/// A mutant, and which one it is of how many of its crate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) mutant: Mutant,
    /// As cargo-mutants takes it: `3/700`, from 0 on.
    pub(crate) shard: String,
}

/// Draws as many mutants as asked for, or all if there are fewer.
pub(crate) fn draw(all: &[Listed], seed: u64, count: usize) -> Vec<&Listed> {
    let mut ranked: Vec<_> = all
        .iter()
        .map(|one| (rank(seed, one.mutant.key()), one.mutant.name.as_str(), one))
        .collect();
    ranked.sort_by_key(|(rank, name, _)| (*rank, *name));
    ranked
        .into_iter()
        .take(count)
        .map(|(_, _, one)| one)
        .collect()
}

/// FNV-1a, mixed as splitmix64 ends: the hash must be the same on every machine and with every version of Rust.
fn rank(seed: u64, (file, change): (&str, &str)) -> u64 {
    let bytes = seed
        .to_le_bytes()
        .into_iter()
        .chain(file.bytes())
        .chain([0])
        .chain(change.bytes());
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mutants(first_line: usize) -> Vec<Listed> {
        let name = |index: usize| {
            let line = first_line + index;
            format!("netcode/src/seq.rs:{line}:5: replace f{index} -> u32 with 0")
        };
        let of = |index| Listed {
            mutant: Mutant {
                name: name(index),
                package: "netcode".to_owned(),
                file: "netcode/src/seq.rs".to_owned(),
            },
            shard: format!("{index}/100"),
        };
        (0..100).map(of).collect()
    }

    fn changes(drawn: &[&Listed]) -> Vec<String> {
        drawn
            .iter()
            .map(|one| one.mutant.key().1.to_owned())
            .collect()
    }

    #[test]
    fn the_same_seed_draws_the_same_whatever_the_order() {
        let all = mutants(1);
        let mut turned = all.clone();
        turned.reverse();
        assert_eq!(draw(&all, 7, 10), draw(&turned, 7, 10));
        assert_eq!(draw(&all, 7, 10).len(), 10);
    }

    #[test]
    fn lines_that_move_draw_the_same_changes() {
        let (before, after) = (mutants(1), mutants(500));
        let drawn = changes(&draw(&before, 7, 10));
        assert_eq!(drawn, changes(&draw(&after, 7, 10)));
        assert!(drawn.iter().all(|change| change.starts_with("replace f")));
    }

    #[test]
    fn another_seed_draws_others() {
        let all = mutants(1);
        assert_ne!(draw(&all, 7, 10), draw(&all, 8, 10));
    }

    #[test]
    fn fewer_than_asked_for_are_all_drawn() {
        let all = mutants(1);
        assert_eq!(draw(&all, 7, 1_000).len(), all.len());
    }

    #[test]
    fn a_draw_is_the_same_on_every_machine() {
        assert_eq!(rank(1, ("a", "b")), 0xbc49_2c6e_b468_d0b2);
    }
}
