//! Changes of which no test can know: what they make of the code does the same.

use anyhow::Context as _;

use super::draw::Mutant;

/// A change, by its file, the line that it is made in, and its name; and why it changes nothing.
struct Equivalent {
    file: &'static str,
    line: &'static str,
    change: &'static str,
    why: &'static str,
}

/// Of numbers that are put together from parts.
const NO_BIT_TWICE: &str = "no bit is set in both parts";

const ALL: &[Equivalent] = &[
    Equivalent {
        file: "sim-core/src/movement.rs",
        line: "if *vel > Vel::ZERO {",
        change: "replace > with >= in slide",
        why: "who does not move enters no line of cells",
    },
    Equivalent {
        file: "sim-core/src/movement.rs",
        line: "} else if *vel < Vel::ZERO {",
        change: "replace < with <= in slide",
        why: "who does not move enters no line of cells",
    },
    Equivalent {
        file: "sim-core/src/geometry.rs",
        line: "x: Pos::from_bits(Pos::of_cell(self.x).to_bits() | HALF),",
        change: "replace | with ^ in Cell::centre",
        why: NO_BIT_TWICE,
    },
    Equivalent {
        file: "sim-core/src/geometry.rs",
        line: "y: Pos::from_bits(Pos::of_cell(self.y).to_bits() | HALF),",
        change: "replace | with ^ in Cell::centre",
        why: NO_BIT_TWICE,
    },
    Equivalent {
        file: "protocol/src/binary/bits.rs",
        line: "Ok(u64::from(self.bits(32)?) | u64::from(self.bits(32)?) << 32)",
        change: "replace | with ^ in Reader<'bytes>::word",
        why: NO_BIT_TWICE,
    },
    Equivalent {
        file: "protocol/src/binary/bits.rs",
        line: "shifted = shifted << 1 | u128::from(self.flag()?);",
        change: "replace | with ^ in Reader<'bytes>::number",
        why: NO_BIT_TWICE,
    },
    Equivalent {
        file: "input-log/src/native/evidence_codec/player.rs",
        line: "let hashes = u64::from(wrong.predicted) << 32 | u64::from(wrong.actual);",
        change: "replace | with ^ in Coding<'_, C>::mismatches",
        why: NO_BIT_TWICE,
    },
    Equivalent {
        file: "input-log/src/native/model.rs",
        line: "node = node << 1 | usize::from(bit);",
        change: "replace | with ^ in Symbol<N>::code_bits",
        why: NO_BIT_TWICE,
    },
    Equivalent {
        file: "input-log/src/native/model.rs",
        line: "decoded = 1 << learnt | model.code_bits(coder, learnt, upper) as u64;",
        change: "replace | with ^ in Number::code",
        why: NO_BIT_TWICE,
    },
    Equivalent {
        file: "input-log/src/native/model.rs",
        line: "decoded << even | coder.even_bits(even, number & ((1 << even) - 1))",
        change: "replace | with ^ in Number::code",
        why: NO_BIT_TWICE,
    },
    Equivalent {
        file: "input-log/src/native/range.rs",
        line: "self.place.code = self.place.code << 8 | u32::from(byte);",
        change: "replace | with ^ in Decoder<'b>::shift",
        why: NO_BIT_TWICE,
    },
    Equivalent {
        file: "input-log/src/native/range.rs",
        line: "bits = bits << 1 | u64::from(bit);",
        change: "replace | with ^ in <impl Coder for Decoder<'_>>::even_bits",
        why: NO_BIT_TWICE,
    },
];

/// Why the mutant changes nothing, if that is known; `text` is that of its file.
pub(super) fn reason(mutant: &Mutant, text: &str) -> anyhow::Result<Option<&'static str>> {
    let place = mutant
        .name
        .strip_prefix(&mutant.file)
        .context("a mutant's name begins with its file")?;
    let number = place.split(':').nth(1).and_then(|line| line.parse().ok());
    let number: usize = number.with_context(|| format!("the line of {}", mutant.name))?;
    let line = text.lines().nth(number.saturating_sub(1)).unwrap_or("");
    let known = ALL.iter().find(|known| {
        known.file == mutant.file
            && known.line == line.trim()
            && mutant.name.ends_with(&format!(": {}", known.change))
    });
    Ok(known.map(|known| known.why))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;

    #[test]
    fn an_equivalent_change_is_known_by_its_line_wherever_that_has_moved() {
        let mutant = |line| Mutant {
            name: format!("sim-core/src/movement.rs:{line}:13: replace > with >= in slide"),
            package: "sim-core".into(),
            file: "sim-core/src/movement.rs".into(),
        };
        let text = "\n    if to > PLAYER_POS_MAX {\n    if *vel > Vel::ZERO {\n";
        assert!(reason(&mutant(3), text).unwrap().is_some());
        assert!(reason(&mutant(2), text).unwrap().is_none());
    }

    #[test]
    fn every_line_of_the_list_is_still_there() {
        for known in ALL {
            let text = std::fs::read_to_string(crate::run::root().join(known.file)).unwrap();
            let times = text.lines().filter(|line| line.trim() == known.line);
            assert_eq!(times.count(), 1, "{}: {}", known.file, known.line);
        }
    }
}
