//! What is documented is used, and what is used is documented: close codes, codes of errors, settings.
//!
//! * A code is used where product code names it, tests left out. Where it is declared does not count.
//! * A setting is a name in a constant of the worker that its environment is asked for.

use std::collections::{BTreeMap, BTreeSet};

use super::{Finding, Tree};

const PROTOCOL: &str = "docs/PROTOCOL.md";
const DEPLOY: &str = "docs/DEPLOY.md";
/// Where settings reach the worker, besides the page that tells of them.
const HOSTS: [&str; 2] = ["worker/wrangler.toml", "worker/config.capnp"];
/// Folders of what answers clients.
const ANSWERING: [&str; 3] = ["authority/src/", "protocol/src/", "worker/src/"];
/// Where codes are declared.
const DECLARING: [&str; 2] = ["protocol/src/close.rs", "protocol/src/code.rs"];
/// The codes of the rules' refusals have the rules' own list, from which they are made.
const OF_RULES: &str = "rejected_";
/// What a client makes of a code that it does not know. It is never sent, and the page says so.
const NEVER_SENT: &str = "unrecognised";

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(text) = text_of(tree, PROTOCOL) {
        let (errors, closes) = documented_codes(text);
        findings.extend(codes(tree, "ErrorCode", &errors));
        findings.extend(codes(tree, "CloseCode", &closes));
    }
    findings.extend(settings(tree));
    findings
}

/// By name, with its line: codes of errors, and codes of closes. Both are tables whose rows begin with the code.
fn documented_codes(text: &str) -> (BTreeMap<String, usize>, BTreeMap<String, usize>) {
    let (mut errors, mut closes) = (BTreeMap::new(), BTreeMap::new());
    let mut heading = "";
    for (line, row) in text.lines().enumerate() {
        if row.starts_with('#') {
            heading = row.trim_start_matches(['#', ' ']);
        }
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let name = |cell: Option<&&str>| {
            let name = cell?.strip_prefix('`')?.strip_suffix('`')?;
            Some(name.to_owned())
        };
        match heading {
            "error" => {
                errors.extend(name(cells.get(1)).map(|name| (name, line + 1)));
            }
            "Close codes" => {
                closes.extend(name(cells.get(2)).map(|name| (name, line + 1)));
            }
            _ => {}
        }
    }
    (errors, closes)
}

fn codes(tree: &Tree, of: &str, documented: &BTreeMap<String, usize>) -> Vec<Finding> {
    let used = used_codes(tree, of);
    let mut findings = Vec::new();
    for (name, line) in documented {
        let is_made = name.starts_with(OF_RULES) || name == NEVER_SENT;
        if !is_made && !used.contains_key(&variant(name)) {
            findings.push(Finding {
                file: PROTOCOL.to_owned(),
                line: *line,
                what: format!("nothing sends `{name}`"),
            });
        }
    }
    let known: BTreeSet<String> = documented.keys().map(|name| variant(name)).collect();
    for (name, (file, line)) in used {
        if !known.contains(&name) {
            findings.push(Finding {
                file,
                line,
                what: format!("{PROTOCOL} does not tell of {of}::{name}"),
            });
        }
    }
    findings
}

/// The variants that product code names, each with a place.
fn used_codes(tree: &Tree, of: &str) -> BTreeMap<String, (String, usize)> {
    let mut used = BTreeMap::new();
    let marker = format!("{of}::");
    let product = tree.texts().filter(|(file, _)| {
        ANSWERING.iter().any(|folder| file.starts_with(folder))
            && file.ends_with(".rs")
            && !DECLARING.contains(file)
    });
    for (file, text) in product {
        for (line, code) in product_lines(text) {
            for after in code.split(marker.as_str()).skip(1) {
                let name: String = after
                    .chars()
                    .take_while(char::is_ascii_alphanumeric)
                    .collect();
                let is_variant = name.starts_with(|first: char| first.is_ascii_uppercase())
                    && name.contains(|letter: char| letter.is_ascii_lowercase())
                    && name != "Rejected";
                if is_variant {
                    used.entry(name).or_insert((file.to_owned(), line));
                }
            }
        }
    }
    used
}

/// The lines in front of the tests, with their numbers.
fn product_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().enumerate();
    lines
        .take_while(|(_, line)| line.trim() != "#[cfg(test)]")
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .map(|(line, text)| (line + 1, text))
}

fn settings(tree: &Tree) -> Vec<Finding> {
    let mut read = BTreeMap::new();
    for (file, text) in tree.texts() {
        if !file.starts_with("worker/src/") || !file.ends_with(".rs") {
            continue;
        }
        for (line, code) in product_lines(text) {
            if let Some(name) = setting(code) {
                read.entry(name).or_insert((file, line));
            }
        }
    }
    let mut findings = Vec::new();
    for (name, (file, line)) in &read {
        let lacking = [DEPLOY].into_iter().chain(HOSTS);
        for page in lacking.filter(|page| text_of(tree, page).is_some_and(|text| !says(text, name)))
        {
            findings.push(Finding {
                file: (*file).to_owned(),
                line: *line,
                what: format!("{page} does not tell of the setting {name}"),
            });
        }
    }
    let rows = text_of(tree, DEPLOY).unwrap_or_default().lines();
    for (line, row) in rows.enumerate() {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let is_setting = cells
            .get(2)
            .is_some_and(|kind| ["secret", "variable"].contains(kind));
        let name = cells.get(1).map(|cell| cell.trim_matches('`'));
        if let Some(name) = name.filter(|name| is_setting && !read.contains_key(*name)) {
            findings.push(Finding {
                file: DEPLOY.to_owned(),
                line: line + 1,
                what: format!("nothing reads the setting {name}"),
            });
        }
    }
    findings
}

/// The setting that a line gives a name to: `const ADMIN_SECRET: &str = "ADMIN_SECRET";`.
fn setting(line: &str) -> Option<&str> {
    let (_, value) = line.split_once(": &str = \"")?;
    let name = value.strip_suffix("\";")?;
    let is_name =
        |letter: char| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_';
    // Names of bindings have no underscore.
    (name.contains('_') && name.chars().all(is_name)).then_some(name)
}

/// Whether it is there as a whole word.
fn says(text: &str, name: &str) -> bool {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    text.split(|letter| !is_part(letter))
        .any(|word| word == name)
}

fn text_of<'t>(tree: &'t Tree, file: &str) -> Option<&'t str> {
    tree.files.get(file)?.as_deref()
}

/// `room_full` is `RoomFull`.
fn variant(name: &str) -> String {
    let capital = |part: &str| {
        let (first, rest) = part.split_at(1);
        first.to_uppercase() + rest
    };
    name.split('_')
        .filter(|part| !part.is_empty())
        .map(capital)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "### error\n| `room_full` | No. |\n| `rejected_dead` | No. |\n\
        ## Close codes\n| 4004 | `room_full` | No. | no |\n";
    const CODE: &str = "fn f() { (ErrorCode::RoomFull, CloseCode::RoomFull) }\n";

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        check(&Tree::of(files))
            .iter()
            .map(Finding::to_string)
            .collect()
    }

    #[test]
    fn codes_that_are_told_of_and_sent_are_let_through() {
        let files = [(PROTOCOL, PAGE), ("authority/src/enter.rs", CODE)];
        assert_eq!(found(&files), [""; 0]);
    }

    #[test]
    fn a_code_that_nothing_sends_is_found_also_if_a_test_or_the_list_has_it() {
        let test = format!("#[cfg(test)]\nmod tests {{ {CODE} }}\n");
        let files = [
            (PROTOCOL, PAGE),
            ("authority/src/enter.rs", test.as_str()),
            ("authority/tests/enter.rs", CODE),
            ("protocol/src/close.rs", CODE),
        ];
        let errors = format!("{PROTOCOL}:2: nothing sends `room_full`");
        let closes = format!("{PROTOCOL}:5: nothing sends `room_full`");
        assert_eq!(found(&files), [errors, closes]);
    }

    #[test]
    fn a_code_that_is_sent_and_not_told_of_is_found() {
        let code = format!(
            "{CODE}\nfn g() {{ ErrorCode::TooDeep; CloseCode::ALL; ErrorCode::from_name }}\n"
        );
        let files = [(PROTOCOL, PAGE), ("worker/src/gate.rs", code.as_str())];
        let said = format!("worker/src/gate.rs:3: {PROTOCOL} does not tell of ErrorCode::TooDeep");
        assert_eq!(found(&files), [said]);
    }

    #[test]
    fn a_setting_is_told_of_wherever_it_is_needed_and_read() {
        let code = "const SECRET: &str = \"ADMIN_SECRET\";\nconst ROOMS: &str = \"ROOMS\";\n";
        let page = "| `ADMIN_SECRET` | secret | It. |\n| `OLD_ONE` | variable | It. |\n";
        let files = [
            ("worker/src/gate.rs", code),
            (DEPLOY, page),
            (HOSTS[0], "# ADMIN_SECRET"),
            (HOSTS[1], "(name = \"ADMIN_SECRETS\")"),
        ];
        let lacks = format!(
            "worker/src/gate.rs:1: {} does not tell of the setting ADMIN_SECRET",
            HOSTS[1]
        );
        let stale = format!("{DEPLOY}:2: nothing reads the setting OLD_ONE");
        assert_eq!(found(&files), [lacks, stale]);
    }
}
