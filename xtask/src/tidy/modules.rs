//! Dead files: a `.rs` file that no `mod` line of any target leads to.
//!
//! A file module declared inside an inline module (`mod a { mod b; }`) is not followed, so it would be reported: this
//! repository does not write that.

use std::collections::BTreeSet;

use super::{Finding, Package, Tree};

pub(super) fn check(tree: &Tree, packages: &[Package]) -> Vec<Finding> {
    let mut reached = BTreeSet::new();
    let mut todo: Vec<(String, bool)> = Vec::new();
    for root in packages.iter().flat_map(|package| &package.roots) {
        todo.push((root.clone(), true));
    }
    todo.extend(apart(tree, packages).map(|root| (root, true)));
    while let Some((file, is_root)) = todo.pop() {
        let Some(Some(text)) = tree.files.get(&file) else {
            continue;
        };
        if !reached.insert(file.clone()) {
            continue;
        }
        let (folder, name) = file.rsplit_once('/').unwrap_or(("", &file));
        let home = match name {
            "mod.rs" => folder.to_owned(),
            _ if is_root => folder.to_owned(),
            _ => format!("{folder}/{}", name.trim_end_matches(".rs")),
        };
        for declared in declarations(text) {
            match declared {
                Declared::Named(name) => {
                    todo.push((format!("{home}/{name}.rs"), false));
                    todo.push((format!("{home}/{name}/mod.rs"), false));
                }
                Declared::At(path) => todo.push((join(folder, &path), true)),
            }
        }
    }
    let sources = tree
        .files
        .keys()
        .filter(|file| file.ends_with(".rs") && !reached.contains(*file));
    let what = "no `mod` leads to this file".to_owned();
    sources
        .map(|file| Finding {
            file: file.clone(),
            line: 0,
            what: what.clone(),
        })
        .collect()
}

/// Root files that the manifests of other workspaces name, a line each: `path = "..."`.
fn apart<'t>(tree: &'t Tree, packages: &'t [Package]) -> impl Iterator<Item = String> + 't {
    let is_ours = |folder: &str| packages.iter().any(|package| package.folder == folder);
    let manifests = tree.texts().filter_map(move |(file, text)| {
        let folder = file.strip_suffix("/Cargo.toml")?;
        (!is_ours(folder)).then_some((folder, text))
    });
    manifests.flat_map(|(folder, text)| {
        let paths = text.lines().filter_map(|line| {
            let path = line.strip_prefix("path = \"")?.strip_suffix('"')?;
            path.ends_with(".rs").then_some(path)
        });
        paths.map(move |path| join(folder, path))
    })
}

enum Declared {
    /// `mod name;`
    Named(String),
    /// `#[path = "..."] mod name;` or `include!("...")`, from the folder of the file.
    At(String),
}

fn declarations(text: &str) -> Vec<Declared> {
    let mut found = Vec::new();
    let mut path: Option<String> = None;
    for line in text.lines().map(str::trim) {
        if let Some(quoted) = line.strip_prefix("#[path = \"") {
            path = quoted.split('"').next().map(str::to_owned);
        } else if let Some((_, quoted)) = line.split_once("include!(\"") {
            found.extend(
                quoted
                    .split('"')
                    .next()
                    .map(|path| Declared::At(path.to_owned())),
            );
        } else if let Some(name) = file_module(line) {
            found.push(
                path.take()
                    .map_or_else(|| Declared::Named(name.to_owned()), Declared::At),
            );
        }
    }
    found
}

/// The name in `mod name;`, whatever its visibility.
fn file_module(line: &str) -> Option<&str> {
    let mut rest = line;
    if let Some(after) = rest.strip_prefix("pub") {
        rest = match after.strip_prefix('(') {
            Some(inside) => inside.split_once(')')?.1,
            None => after,
        };
    }
    let name = rest
        .trim_start()
        .strip_prefix("mod ")?
        .trim()
        .strip_suffix(';')?
        .trim_end();
    name.chars()
        .all(|c| c.is_ascii_alphanumeric() || c == '_')
        .then_some(name)
}

/// Joins a relative path that may go up.
fn join(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            ".." => drop(parts.pop()),
            "." | "" => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dead(files: &[(&str, &str)], roots: &[&str]) -> Vec<String> {
        let roots = roots.iter().map(|root| (*root).to_owned()).collect();
        let found = check(
            &Tree::of(files),
            &[Package {
                roots,
                ..Package::default()
            }],
        );
        found.into_iter().map(|finding| finding.file).collect()
    }

    #[test]
    fn roots_of_another_workspace_are_those_that_its_manifest_names() {
        let tree = Tree::of(&[
            (
                "fuzz/Cargo.toml",
                "[[bin]]\nname = \"a\"\npath = \"targets/a.rs\"\n",
            ),
            ("fuzz/targets/a.rs", ""),
            ("fuzz/targets/b.rs", ""),
        ]);
        let files: Vec<_> = check(&tree, &[])
            .into_iter()
            .map(|found| found.file)
            .collect();
        assert_eq!(files, ["fuzz/targets/b.rs"]);
    }

    #[test]
    fn modules_are_followed_through_every_way_to_declare_them() {
        let files = [
            (
                "a/src/lib.rs",
                "pub mod one;\nmod two;\npub(crate) mod three;\ninclude!(\"four.rs\");",
            ),
            ("a/src/one.rs", "mod inner;"),
            ("a/src/one/inner.rs", ""),
            ("a/src/two/mod.rs", "#[path = \"../far.rs\"]\nmod far;"),
            ("a/src/three.rs", ""),
            ("a/src/four.rs", ""),
            ("a/src/far.rs", ""),
            ("a/tests/it.rs", "mod support;"),
            ("a/tests/support/mod.rs", ""),
        ];
        assert_eq!(dead(&files, &["a/src/lib.rs", "a/tests/it.rs"]), [""; 0]);
    }

    #[test]
    fn a_file_that_nothing_declares_is_dead() {
        let files = [
            ("a/src/lib.rs", "mod one;\n// mod old;\n"),
            ("a/src/one.rs", ""),
            ("a/src/old.rs", ""),
            ("a/src/one/lost.rs", ""),
        ];
        assert_eq!(
            dead(&files, &["a/src/lib.rs"]),
            ["a/src/old.rs", "a/src/one/lost.rs"]
        );
    }
}
