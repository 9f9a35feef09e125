//! Modules of a crate that need each other in a circle: none of them can be read, or changed, without the others.
//!
//! * What is looked at are the modules below the crate's root, each with everything in its folder, and the paths that begin
//!   with `crate::` or, in a file beside the root, with `super::`. Tests do not count.
//! * Circles that there are stand in a list, so that none is added and one that is gone is noticed.

use std::collections::{BTreeMap, BTreeSet};

use super::{Finding, Package, Tree};

/// Circles that are still to be broken: the folder of a crate, and modules that need each other.
const KNOWN: &[(&str, &[&str])] = &[];

type Graph<'t> = BTreeMap<&'t str, BTreeSet<&'t str>>;

pub(super) fn check(tree: &Tree, packages: &[Package]) -> Vec<Finding> {
    against(tree, packages, KNOWN)
}

fn against(tree: &Tree, packages: &[Package], known: &[(&str, &[&str])]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut left: Vec<_> = known.to_vec();
    for package in packages {
        for circle in circles(&graph(tree, &package.folder)) {
            let known = |(folder, modules): &(&str, &[&str])| {
                *folder == package.folder && circle.iter().copied().eq(modules.iter().copied())
            };
            match left.iter().position(known) {
                Some(at) => drop(left.remove(at)),
                None => findings.push(Finding {
                    file: format!("{}/src", package.folder),
                    line: 0,
                    what: format!("modules need each other in a circle: {}", circle.join(", ")),
                }),
            }
        }
    }
    let gone = left.into_iter().map(|(folder, modules)| Finding {
        file: "xtask/src/tidy/circles.rs".to_owned(),
        line: 0,
        what: format!(
            "no such circle is in {folder} any more: {}",
            modules.join(", ")
        ),
    });
    findings.extend(gone);
    findings
}

/// Which modules below a crate's root need which others.
fn graph<'t>(tree: &'t Tree, folder: &str) -> Graph<'t> {
    let sources = format!("{folder}/src/");
    let mut needs: Graph<'t> = BTreeMap::new();
    let files: Vec<(&str, &str)> = tree
        .texts()
        .filter_map(|(path, text)| {
            let below = path.strip_prefix(&sources)?.strip_suffix(".rs")?;
            (!["lib", "main"].contains(&below)).then_some((below, text))
        })
        .collect();
    for (below, text) in &files {
        let (module, is_beside_the_root) = match below.split_once('/') {
            Some((module, _)) => (module, false),
            None => (*below, true),
        };
        let of = needs.entry(module).or_default();
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or("");
        named_after(code, "crate::", of);
        if is_beside_the_root {
            named_after(code, "super::", of);
        }
    }
    let modules: BTreeSet<&str> = needs.keys().copied().collect();
    for (module, of) in &mut needs {
        of.retain(|name| name != module && modules.contains(name));
    }
    needs
}

/// Puts in the first name of each path behind the prefix, of a group each one's. Comments do not count.
fn named_after<'t>(code: &'t str, prefix: &str, names: &mut BTreeSet<&'t str>) {
    let is_name = |of: char| of.is_alphanumeric() || of == '_';
    for (at, _) in code.match_indices(prefix) {
        let line = code[..at].rsplit('\n').next().unwrap_or("");
        let is_within_a_name = code[..at].ends_with(is_name);
        if line.trim_start().starts_with("//") || is_within_a_name {
            continue;
        }
        let rest = &code[at + prefix.len()..];
        let Some(group) = rest.strip_prefix('{') else {
            let end = rest.find(|of| !is_name(of)).unwrap_or(rest.len());
            names.insert(&rest[..end]);
            continue;
        };
        let mut depth = 0_u32;
        let mut is_first = true;
        for (at, of) in group.char_indices() {
            match of {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => is_first = true,
                _ if is_first && is_name(of) => {
                    let rest = &group[at..];
                    let end = rest.find(|of| !is_name(of)).unwrap_or(rest.len());
                    names.insert(&rest[..end]);
                    is_first = false;
                }
                _ => {}
            }
        }
    }
}

/// Modules that lead to each other, each set in the order of names.
fn circles<'t>(needs: &Graph<'t>) -> Vec<Vec<&'t str>> {
    let reached: Graph<'t> = needs
        .keys()
        .map(|from| {
            let mut seen = BTreeSet::new();
            let mut todo = vec![*from];
            while let Some(at) = todo.pop() {
                let next = needs.get(at).into_iter().flatten();
                todo.extend(next.copied().filter(|next| seen.insert(*next)));
            }
            (*from, seen)
        })
        .collect();
    let leads = |from: &str, to: &str| reached.get(from).is_some_and(|seen| seen.contains(to));
    let mut found: Vec<Vec<&str>> = Vec::new();
    for module in needs.keys().filter(|module| leads(module, module)) {
        if found.iter().any(|circle| circle.contains(module)) {
            continue;
        }
        let circle = needs
            .keys()
            .filter(|other| leads(module, other) && leads(other, module));
        found.push(circle.copied().collect());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package() -> Package {
        Package {
            folder: "a".to_owned(),
            ..Package::default()
        }
    }

    #[test]
    fn a_circle_is_found_however_it_is_written() {
        let tree = Tree::of(&[
            (
                "a/src/lib.rs",
                "mod one;\nmod two;\nmod three;\nuse crate::one::x;\n",
            ),
            (
                "a/src/one.rs",
                "use crate::{\n    two::{x, y},\n    z,\n};\n",
            ),
            (
                "a/src/two/inner.rs",
                "fn f() -> crate::three::T { todo!() }\n",
            ),
            (
                "a/src/three.rs",
                "// use crate::two::no;\nuse super::one;\n",
            ),
            (
                "a/src/four.rs",
                "use crate::one;\n#[cfg(test)]\nmod tests {\n    use crate::five;\n}\n",
            ),
            ("a/src/five.rs", "use crate::four;\n"),
        ]);
        let found = against(&tree, &[package()], &[]);
        let what: Vec<&str> = found.iter().map(|one| one.what.as_str()).collect();
        assert_eq!(
            what,
            ["modules need each other in a circle: one, three, two"]
        );
        let known: &[(&str, &[&str])] = &[("a", &["one", "three", "two"])];
        assert_eq!(against(&tree, &[package()], known), []);
    }

    #[test]
    fn a_circle_that_is_gone_leaves_the_list() {
        let tree = Tree::of(&[("a/src/one.rs", "")]);
        let known: &[(&str, &[&str])] = &[("a", &["one", "two"])];
        let found = against(&tree, &[package()], known);
        assert_eq!(found.len(), 1);
        assert!(found[0].what.contains("any more"), "{found:?}");
    }
}
