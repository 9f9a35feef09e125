//! What must not stand in any tracked file: a path of somebody's machine, and a host that is not known to be public.

use super::{Finding, Tree};

/// Hosts that may be named: standards, registries, licences, the documents that the code cites.
const HOSTS: &[&str] = &[
    "127.0.0.1",
    "api.clerk.com",
    "api.cloudflare.com",
    "challenges.cloudflare.com",
    "crates.io",
    "datatracker.ietf.org",
    "developers.cloudflare.com",
    "docs.rs",
    "github.com",
    "img.clerk.com",
    "json-schema.org",
    "localhost",
    "opencollective.com",
    "paypal.me",
    "registry.npmjs.org",
    "rustsec.org",
    "rustup.rs",
    "www.apache.org",
    "www.iana.org",
    "www.rfc-editor.org",
    "www.sqlite.org",
    "www.w3.org",
];

/// Endings that RFC 2606 keeps for examples.
const RESERVED: &[&str] = &[
    "example.com",
    "example.org",
    "example.net",
    ".example",
    ".invalid",
    ".test",
];

/// Where home folders and checkouts stand. Split, so that this file holds none of them.
const FOLDERS: &[&str] = &[
    concat!("/ro", "ot/"),
    concat!("/ho", "me/"),
    concat!("/Us", "ers/"),
    concat!("/wo", "rk/"),
];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (file, text) in tree.texts() {
        for (index, line) in text.lines().enumerate() {
            for what in folders(line).chain(hosts(line)) {
                findings.push(Finding {
                    file: file.to_owned(),
                    line: index + 1,
                    what,
                });
            }
        }
    }
    findings
}

fn folders(line: &str) -> impl Iterator<Item = String> {
    let absolute = |folder: &&&str| {
        let part_of_a_path = |before: &str| {
            before.ends_with(|c: char| c.is_ascii_alphanumeric() || "_-.}".contains(c))
        };
        line.match_indices(**folder)
            .any(|(at, _)| !part_of_a_path(&line[..at]))
    };
    FOLDERS
        .iter()
        .filter(absolute)
        .map(|folder| format!("`{folder}` is a folder of one machine"))
}

fn hosts(line: &str) -> impl Iterator<Item = String> {
    let named = line.split("://").skip(1).filter_map(|rest| {
        let host = rest
            .split(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '-'))
            .next()?;
        // A host is there only when something follows the slashes that can be one.
        (!host.trim_matches(['.', '-']).is_empty()).then_some(host)
    });
    let unknown = named.filter(|host| {
        let reserved = RESERVED.iter().any(|end| host.ends_with(end));
        !reserved && !HOSTS.contains(host)
    });
    unknown.map(|host| format!("`{host}` is not among the hosts of xtask/src/tidy/words.rs"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        check(&Tree::of(&[("a.md", text)]))
            .iter()
            .map(Finding::to_string)
            .collect()
    }

    #[test]
    fn public_and_reserved_hosts_are_let_through() {
        let text = "https://docs.rs/x http://127.0.0.1:8787/api wss://game.example/ws http://{host}/ x://\n";
        assert_eq!(found(text), [""; 0]);
    }

    #[test]
    fn a_host_that_nobody_listed_is_found() {
        let text = format!(
            "one\n\"resolved\": \"https{}mirror.corp.internal/npm/x.tgz\"\n",
            "://"
        );
        let said =
            "a.md:2: `mirror.corp.internal` is not among the hosts of xtask/src/tidy/words.rs";
        assert_eq!(found(&text), [said]);
    }

    #[test]
    fn a_folder_of_one_machine_is_found_and_a_part_of_a_path_is_not() {
        for folder in FOLDERS {
            assert_eq!(found(&format!("see {folder}x")).len(), 1);
            assert_eq!(found(&format!("see docs{folder}x")), [""; 0]);
        }
    }
}
