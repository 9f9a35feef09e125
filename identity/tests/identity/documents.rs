//! docs/DEPLOY.md tells operators of every refusal, with the close that it comes with.

use std::collections::BTreeSet;

use identity::Refusal;

const DOCUMENT: &str = include_str!("../../../docs/DEPLOY.md");

/// What the worker says when it cannot even make a verifier.
const WORKERS_OWN: (&str, &str) = ("identity_misconfigured", "4012");

#[test]
fn every_refusal_is_listed_with_its_close_and_nothing_else_is() {
    let (_, table) = DOCUMENT
        .split_once("| code | close | what is wrong |")
        .expect("the table of refusals is there");
    let mut listed = BTreeSet::new();
    for row in table.lines().skip(2).take_while(|row| row.starts_with('|')) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let (code, close) = (cells[1].trim_matches('`'), cells[2]);
        assert!(listed.insert((code, close)), "{code} stands there twice");
        assert!(!cells[3].is_empty(), "{row}");
    }
    let mut told: BTreeSet<_> = Refusal::ALL
        .into_iter()
        .map(|refusal| {
            let close = if refusal.is_retryable() {
                "4012"
            } else {
                "4001"
            };
            (refusal.code(), close)
        })
        .collect();
    told.insert(WORKERS_OWN);
    assert_eq!(listed, told);
}
