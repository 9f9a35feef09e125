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
