//! Dependencies in the code: each that a manifest names is used, and the one that nobody maintains stays in one place.

use super::{Finding, Package, Tree};

/// Unmaintained, so that replacing it must stay small: one file a crate may name it.
const FENCED: &str = "bincode";

pub(super) fn check(tree: &Tree, packages: &[Package]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in packages {
        let users = |dependency: &str| {
            let name = dependency.replace('-', "_");
            sources(tree, packages, package)
                .filter(move |(_, text)| names(text, &name))
                .map(|(file, _)| file)
        };
        for dependency in package
            .dependencies
            .iter()
            .filter(|dependency| users(dependency).next().is_none())
        {
            let what = format!("`{dependency}` is not used");
            findings.push(Finding {
                file: format!("{}/Cargo.toml", package.folder),
                line: 0,
                what,
            });
        }
        for file in users(FENCED)
            .skip(1)
            .filter(|_| package.dependencies.contains(FENCED))
        {
            let what = format!("`{FENCED}` is used in another file of this crate already");
            findings.push(Finding {
                file: file.to_owned(),
                line: 0,
                what,
            });
        }
    }
    findings
}

/// The sources below the package's folder that are not below that of a package within it.
fn sources<'t>(
    tree: &'t Tree,
    packages: &'t [Package],
    package: &'t Package,
) -> impl Iterator<Item = (&'t str, &'t str)> {
    let inner = move |folder: &str| below(folder, &package.folder);
    tree.texts().filter(move |(file, _)| {
        file.ends_with(".rs")
            && below(file, &package.folder)
            && !packages
                .iter()
                .any(|other| inner(&other.folder) && below(file, &other.folder))
    })
}

fn below(file: &str, folder: &str) -> bool {
    file.strip_prefix(folder)
        .is_some_and(|rest| rest.starts_with('/'))
}

/// Whether code outside of comments has the word as a path's beginning or end: `name::x`, `use name;`, `with = "name"`.
fn names(text: &str, name: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let code = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default());
    code.flat_map(|line| line.match_indices(name).map(move |(at, _)| (line, at)))
        .any(|(line, at)| {
            let (before, after) = (&line[..at], &line[at + name.len()..]);
            !before.ends_with(word)
                && !before.ends_with("::")
                && (after.starts_with("::") || after.trim_end() == ";")
                || before.ends_with("use ") && !after.starts_with(word)
                || before.ends_with("with = \"") && after.starts_with('"')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[(&str, &str)], dependencies: &[&str]) -> Vec<String> {
        let package = Package {
            name: "one".to_owned(),
            folder: "one".to_owned(),
            dependencies: dependencies.iter().map(|name| (*name).to_owned()).collect(),
            ..Package::default()
        };
        let inner = Package {
            name: "two".to_owned(),
            folder: "one/two".to_owned(),
            ..Package::default()
        };
        check(&Tree::of(files), &[package, inner])
            .iter()
            .map(Finding::to_string)
            .collect()
    }

    #[test]
    fn every_way_to_use_a_crate_counts() {
        for text in [
            "use a_b::C;",
            "let x = a_b::c();",
            "use a_b;",
            "#[derive(a_b::C)]",
            "pub use a_b as c;",
            "#[serde(with = \"a_b\")]",
        ] {
            assert_eq!(
                found(&[("one/src/lib.rs", text)], &["a-b"]),
                [""; 0],
                "{text}"
            );
        }
    }

    #[test]
    fn a_dependency_that_only_comments_and_other_crates_name_is_found() {
        let files = [
            (
                "one/src/lib.rs",
                "// a_b::c\nlet a_b_c = my::a_b::x;\nuse not_a_b::c;",
            ),
            ("one/two/src/lib.rs", "use a_b::C;"),
        ];
        assert_eq!(
            found(&files, &["a-b"]),
            ["one/Cargo.toml: `a-b` is not used"]
        );
    }

    #[test]
    fn the_fenced_crate_stands_in_one_file() {
        let files = [
            ("one/src/a.rs", "use bincode::x;"),
            ("one/src/b.rs", "bincode::y();"),
        ];
        assert_eq!(
            found(&files, &["bincode"]),
            ["one/src/b.rs: `bincode` is used in another file of this crate already"]
        );
        assert_eq!(found(&files[..1], &["bincode"]), [""; 0]);
    }
}
