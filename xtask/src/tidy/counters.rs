//! `docs/COUNTERS.md` names every counter, and its tests exist.
//!
//! What counts is found where it shows: whole numbers of messages, integer columns of the worker's tables, and fields that
//! the pure crates or the worker count up by one.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Finding, Tree};

const PAGE: &str = "docs/COUNTERS.md";
const SCHEMAS: &str = "protocol/schema/";
const TABLES: &str = "worker/src/schema.rs";
/// Crates whose fields are looked at.
const COUNTING: [&str; 7] = [
    "sim-core/src/",
    "protocol/src/",
    "input-log/src/",
    "authority/src/",
    "netcode/src/",
    "identity/src/",
    "worker/src/",
];
/// How a field is counted up.
const UPWARDS: [&str; 4] = [
    " += 1;",
    ".wrapping_add(1)",
    ".saturating_add(1)",
    ".checked_add(1)",
];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let Some(Some(page)) = tree.files.get(PAGE) else {
        return Vec::new();
    };
    let named: BTreeSet<&str> = page.split('`').skip(1).step_by(2).collect();
    let mut findings: Vec<Finding> = counted(tree)
        .into_iter()
        .filter(|(_, name)| !named.contains(name.as_str()))
        .map(|(file, name)| finding(file, 0, format!("`{name}` is counted and not in {PAGE}")))
        .collect();
    let tests: BTreeSet<&str> = tree
        .texts()
        .filter(|(file, _)| file.ends_with(".rs"))
        .flat_map(|(_, text)| text.split("fn ").skip(1))
        .filter_map(|rest| rest.split('(').next())
        .collect();
    for (index, line) in page.lines().enumerate() {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").collect();
        let is_row = cells.len() == 5 && cells[1].trim_start().starts_with('`');
        if !line.starts_with("| ") || !is_row {
            continue;
        }
        let shown: Vec<&str> = cells[4].split('`').skip(1).step_by(2).collect();
        if shown.is_empty() {
            findings.push(finding(PAGE, index + 1, "no test shows it".to_owned()));
        }
        for gone in shown.into_iter().filter(|test| !tests.contains(test)) {
            let what = format!("there is no test `{gone}`");
            findings.push(finding(PAGE, index + 1, what));
        }
    }
    findings
}

fn finding(file: &str, line: usize, what: String) -> Finding {
    let file = file.to_owned();
    Finding { file, line, what }
}

/// Everything that may count, with the file where it was seen.
fn counted(tree: &Tree) -> BTreeSet<(&str, String)> {
    let mut all = BTreeSet::new();
    for (file, text) in tree.texts() {
        if file.starts_with(SCHEMAS) {
            if let Ok(schema) = serde_json::from_str(text) {
                whole_numbers(&schema, &mut |name| {
                    all.insert((file, name.to_owned()));
                });
            }
        } else if file == TABLES {
            let columns = text.lines().map(str::trim_start);
            all.extend(
                columns
                    .filter_map(|line| Some(line.split_once(" INTEGER")?.0))
                    .filter(|name| name.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
                    .map(|name| (file, name.to_owned())),
            );
        }
        if file.ends_with(".rs") && COUNTING.iter().any(|folder| file.starts_with(folder)) {
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            all.extend(counted_up(code).map(|name| (file, name.to_owned())));
        }
    }
    all
}

/// Properties of a schema that are whole numbers.
fn whole_numbers(schema: &Value, found: &mut impl FnMut(&str)) {
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        for (name, of) in properties {
            let is_whole = |kind: &Value| kind == "integer";
            let kind = of.get("type");
            let any = kind.and_then(Value::as_array);
            if kind.is_some_and(is_whole) || any.is_some_and(|kinds| kinds.iter().any(is_whole)) {
                found(name);
            }
        }
    }
    match schema {
        Value::Array(all) => all.iter().for_each(|one| whole_numbers(one, found)),
        Value::Object(all) => all.values().for_each(|one| whole_numbers(one, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Fields that are counted up by one; a variable of a function ends with it.
fn counted_up(code: &str) -> impl Iterator<Item = &str> {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    UPWARDS
        .iter()
        .flat_map(move |upwards| code.match_indices(upwards))
        .filter_map(move |(at, _)| {
            let before = code[..at].trim_end();
            // Of an element of a list, the list.
            let before = match before.strip_suffix(']') {
                Some(inside) => &inside[..inside.rfind('[')?],
                None => before,
            };
            let path = &before[before.rfind(|c| !word(c)).map_or(0, |at| at + 1)..];
            let (_, field) = path.trim_end_matches(".0").rsplit_once('.')?;
            Some(field).filter(|_| !path.starts_with('.'))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(page: &str, code: &str) -> Vec<String> {
        let tree = Tree::of(&[
            (PAGE, page),
            ("authority/src/room.rs", code),
            (
                "protocol/schema/client.json",
                r#"{"properties":{"seq":{"type":["integer","null"]},"name":{"type":"string"}}}"#,
            ),
            (TABLES, "        block INTEGER NOT NULL,\n"),
        ]);
        check(&tree).iter().map(Finding::to_string).collect()
    }

    const ROW: &str = "| messages | `seq`, `block`, `next`, `seen` | 9 | stays | `it_stays` |\n";

    #[test]
    fn what_is_named_and_tested_is_let_through() {
        let code = "fn it_stays() { self.next += 1; of.seen[at] += 1; here += 1; }";
        assert_eq!(found(ROW, code), [""; 0]);
    }

    #[test]
    fn what_is_counted_and_not_named_is_found() {
        let code = "fn it_stays() { self.other.lost = self.other.lost.saturating_add(1); }";
        let what = format!("authority/src/room.rs: `lost` is counted and not in {PAGE}");
        assert_eq!(found(ROW, code), [what]);
        let row = ROW.replace("`seq`, `block`, ", "");
        let page = format!("is counted and not in {PAGE}");
        let both = [
            format!("protocol/schema/client.json: `seq` {page}"),
            format!("worker/src/schema.rs: `block` {page}"),
        ];
        assert_eq!(found(&row, "fn it_stays() {}"), both);
    }

    #[test]
    fn a_test_that_is_gone_is_found() {
        let what = format!("{PAGE}:1: there is no test `it_stays`");
        assert_eq!(found(ROW, ""), [what]);
        let none = ROW.replace("`it_stays`", "nothing");
        assert_eq!(found(&none, ""), [format!("{PAGE}:1: no test shows it")]);
    }
}
