//! What the pure crates promise in their manifest and in the first lines of `lib.rs`.

use super::{Finding, Package, Tree};

/// Crates without I/O: no clock, no threads, no allocator of their own choice.
pub(crate) const PURE: &[&str] = &[
    "sim-core",
    "protocol",
    "input-log",
    "authority",
    "netcode",
    "identity",
];

/// Attributes that each of them carries.
const PROMISES: &[&str] = &["#![no_std]", "#![forbid(unsafe_code)]"];

pub(super) fn check(tree: &Tree, packages: &[Package]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for name in PURE {
        let Some(package) = packages.iter().find(|package| package.name == *name) else {
            let what = format!("the pure crate `{name}` is not in the workspace");
            findings.push(Finding {
                file: "Cargo.toml".to_owned(),
                line: 0,
                what,
            });
            continue;
        };
        for feature in &package.features {
            let what = format!("a pure crate has no features, this one has `{feature}`");
            let file = format!("{}/Cargo.toml", package.folder);
            findings.push(Finding {
                file,
                line: 0,
                what,
            });
        }
        let file = format!("{}/src/lib.rs", package.folder);
        let text = tree
            .files
            .get(&file)
            .and_then(Option::as_deref)
            .unwrap_or_default();
        for promise in PROMISES
            .iter()
            .filter(|promise| !text.lines().any(|line| line == **promise))
        {
            let what = format!("`{promise}` is missing");
            findings.push(Finding {
                file: file.clone(),
                line: 0,
                what,
            });
        }
        findings.extend(std_let_in(tree, &format!("{}/src/", package.folder)));
    }
    findings
}

/// `extern crate std` takes `#![no_std]` back, so it may only stand under `#[cfg(test)]`.
fn std_let_in(tree: &Tree, folder: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (file, text) in tree.texts().filter(|(file, _)| file.starts_with(folder)) {
        let mut before = "";
        for (index, line) in text.lines().map(str::trim).enumerate() {
            if line.starts_with("extern crate std") && before != "#[cfg(test)]" {
                let what = "`extern crate std` without `#[cfg(test)]`".to_owned();
                findings.push(Finding {
                    file: file.to_owned(),
                    line: index + 1,
                    what,
                });
            }
            before = line;
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str =
        "//! A crate.\n#![no_std]\n#![forbid(unsafe_code)]\n#[cfg(test)]\nextern crate std;\n";

    fn found(sim_core: &str, features: &[&str]) -> Vec<String> {
        let mut files = Vec::new();
        let mut packages = Vec::new();
        for name in PURE {
            let text = if *name == "sim-core" { sim_core } else { GOOD };
            files.push((format!("{name}/src/lib.rs"), text));
            packages.push(Package {
                name: (*name).to_owned(),
                folder: (*name).to_owned(),
                ..Package::default()
            });
        }
        packages[0].features = features
            .iter()
            .map(|feature| (*feature).to_owned())
            .collect();
        let files: Vec<_> = files
            .iter()
            .map(|(path, text)| (path.as_str(), *text))
            .collect();
        check(&Tree::of(&files), &packages)
            .iter()
            .map(Finding::to_string)
            .collect()
    }

    #[test]
    fn a_crate_that_keeps_its_promises_is_let_through() {
        assert_eq!(found(GOOD, &[]), [""; 0]);
    }

    #[test]
    fn a_missing_attribute_is_found_and_a_comment_is_no_attribute() {
        let text = "// #![no_std]\n#![forbid(unsafe_code)]\n";
        assert_eq!(
            found(text, &[]),
            ["sim-core/src/lib.rs: `#![no_std]` is missing"]
        );
    }

    #[test]
    fn a_feature_is_found() {
        let said = "sim-core/Cargo.toml: a pure crate has no features, this one has `fast`";
        assert_eq!(found(GOOD, &["fast"]), [said]);
    }

    #[test]
    fn std_outside_of_tests_is_found() {
        let text = "#![no_std]\n#![forbid(unsafe_code)]\nextern crate std;\n";
        let said = "sim-core/src/lib.rs:3: `extern crate std` without `#[cfg(test)]`";
        assert_eq!(found(text, &[]), [said]);
    }
}
