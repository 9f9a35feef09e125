//! What targets came to, side by side.

/// What one target came to: a cell for each row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) name: &'static str,
    /// A digest, or a sentence; empty where the target does not do this.
    pub(crate) cells: Vec<String>,
}

/// A row, by its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Row(pub(crate) usize);

/// The rows in which a target differs from the reference.
pub(crate) fn difference(reference: &Column, other: &Column) -> Vec<Row> {
    let rows = reference.cells.iter().zip(&other.cells).enumerate();
    rows.filter(|(_, (is, was))| !was.is_empty() && is != was)
        .map(|(at, _)| Row(at))
        .collect()
}

/// A line for each row: what the reference came to, and of every other target whether it is the same.
pub(crate) fn table(rows: &[String], columns: &[&Column]) -> String {
    let Some((reference, others)) = columns.split_first() else {
        return String::new();
    };
    let width = rows.iter().map(String::len).max().unwrap_or(0);
    let mut out = format!("{:width$}  {:16}", "", reference.name);
    for column in others {
        out += &format!("  {}", column.name);
    }
    out.push('\n');
    for (at, row) in rows.iter().enumerate() {
        out += &format!("{row:width$}  {:16}", reference.cells[at]);
        for column in others {
            let is = match &column.cells[at] {
                none if none.is_empty() => "-",
                same if *same == reference.cells[at] => "equal",
                _ => "DIFFERS",
            };
            out += &format!("  {is:len$}", len = column.name.len());
        }
        out.push('\n');
    }
    out
}

/// Of two lists of `phase field value`, the first line that differs, in words.
pub(crate) fn first_line(expected: &str, actual: &str) -> Option<String> {
    let mut pairs = expected.lines().zip(actual.lines());
    let (is, was) = pairs.find(|(is, was)| is != was)?;
    let mut parts = is.splitn(3, ' ');
    let (phase, field, value) = (parts.next()?, parts.next()?, parts.next()?);
    let other = was.splitn(3, ' ').nth(2).unwrap_or(was);
    Some(format!(
        "phase {phase}, {field} is {value} and here {other}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &'static str, cells: &[&str]) -> Column {
        Column {
            name,
            cells: cells.iter().map(|cell| (*cell).to_owned()).collect(),
        }
    }

    #[test]
    fn what_differs_is_found_and_what_was_not_done_is_not() {
        let reference = column("x86-64", &["aa", "bb", "cc"]);
        let other = column("s390x", &["aa", "", "dd"]);
        assert_eq!(difference(&reference, &other), [Row(2)]);
        assert_eq!(difference(&reference, &reference), []);
        let rows = ["one", "two", "three"].map(str::to_owned);
        let shown = table(&rows, &[&reference, &other]);
        let lines: Vec<&str> = shown.lines().collect();
        assert!(lines[1].ends_with("equal"), "{shown}");
        assert!(lines[2].trim_end().ends_with('-'), "{shown}");
        assert!(lines[3].ends_with("DIFFERS"), "{shown}");
    }

    #[test]
    fn the_first_field_that_differs_is_named_with_its_phase() {
        let expected = "hold players[1].pos.x 3.5\nwalk players[1].pos.x 3.75\nwalk hash 01";
        let actual = "hold players[1].pos.x 3.5\nwalk players[1].pos.x 4\nwalk hash 02";
        let told = first_line(expected, actual).expect("they differ");
        assert_eq!(told, "phase walk, players[1].pos.x is 3.75 and here 4");
        assert_eq!(first_line(expected, expected), None);
    }
}
