//! What a run of libFuzzer came to, from what it prints.

/// Of one target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Stats {
    pub(super) executions: u64,
    pub(super) per_second: u64,
    /// Edges of the program that were passed.
    pub(super) edges: u64,
    /// Edges and how often they were passed, compared values and the like: what libFuzzer steers by.
    pub(super) features: u64,
    /// Where the input is that does not hold.
    pub(super) finding: Option<String>,
}

/// A line of the table.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) stats: Stats,
    /// Committed inputs.
    pub(super) corpus: usize,
}

impl Stats {
    /// From the log: lines like `#512 NEW cov: 1391 ft: 3127 corp: ..`, and the statistics at the end.
    pub(super) fn of(log: &str) -> Self {
        let mut stats = Self::default();
        for line in log.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            for pair in words.windows(2) {
                let number = pair[1].parse();
                match (pair[0], number) {
                    ("cov:", Ok(number)) => stats.edges = number,
                    ("ft:", Ok(number)) => stats.features = number,
                    ("stat::number_of_executed_units:", Ok(number)) => stats.executions = number,
                    ("stat::average_exec_per_sec:", Ok(number)) => stats.per_second = number,
                    _ => {}
                }
            }
            if let Some((_, path)) = line.split_once("Test unit written to ") {
                stats.finding = Some(path.trim().to_owned());
            }
        }
        stats
    }
}

pub(super) fn line(stats: &Stats) -> String {
    let Stats {
        executions,
        per_second,
        edges,
        features,
        finding,
    } = stats;
    let finding = finding.as_deref().unwrap_or("no finding");
    format!(
        "{executions} executions, {per_second}/s, {edges} edges, {features} features, {finding}"
    )
}

/// For people, in Markdown.
pub(super) fn table(rows: &[Row]) -> String {
    let mut text = String::from(
        "| target | executions | a second | edges | features | committed inputs | findings |\n|---|---|---|---|---|---|---|\n",
    );
    for Row {
        name,
        stats,
        corpus,
    } in rows
    {
        let Stats {
            executions,
            per_second,
            edges,
            features,
            finding,
        } = stats;
        let finding = finding.as_deref().unwrap_or("none");
        text += &format!(
            "| {name} | {executions} | {per_second} | {edges} | {features} | {corpus} | {finding} |\n"
        );
    }
    text
}

/// What to do about it.
pub(super) fn finding(row: &Row) -> Option<String> {
    let path = row.stats.finding.as_ref()?;
    Some(format!(
        "{} does not hold for {path}; copy it to fuzz/regressions/{} under a name that says what it shows, and \
         `cargo test -p fuzz-checks` runs it",
        row.name, row.name
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "\
INFO: Seed: 1
#2\tINITED cov: 10 ft: 11 corp: 1/1b exec/s: 0 rss: 30Mb
#512\tNEW    cov: 1391 ft: 3127 corp: 20/99b lim: 4 exec/s: 0 rss: 31Mb L: 3/9 MS: 1 CopyPart-
Done 9000 runs in 3 second(s)
stat::number_of_executed_units: 9000
stat::average_exec_per_sec:     3000
";

    #[test]
    fn the_numbers_of_a_run_are_read() {
        let stats = Stats {
            executions: 9_000,
            per_second: 3_000,
            edges: 1_391,
            features: 3_127,
            finding: None,
        };
        assert_eq!(Stats::of(LOG), stats);
    }

    #[test]
    fn a_finding_is_told_with_its_file() {
        let log =
            format!("{LOG}artifact_prefix='x/'; Test unit written to x/crash-1\nBase64: AA==\n");
        let row = Row {
            name: "messages".to_owned(),
            stats: Stats::of(&log),
            corpus: 1,
        };
        assert_eq!(row.stats.finding.as_deref(), Some("x/crash-1"));
        assert!(finding(&row).is_some_and(|text| text.contains("fuzz/regressions/messages")));
        assert!(table(&[row]).contains("| messages | 9000 | 3000 | 1391 | 3127 | 1 | x/crash-1 |"));
    }
}
