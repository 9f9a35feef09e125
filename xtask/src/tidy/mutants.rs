//! Mutants still fit the code: what each of them replaces stands in its file exactly once.

use super::{Finding, Tree};
use crate::mutants::list::{FOLDER, Mutant};

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let files = tree.texts().filter_map(|(file, text)| {
        let name = file.strip_prefix(FOLDER)?.strip_prefix('/')?;
        Some((file, name.strip_suffix(".toml")?, text))
    });
    files
        .flat_map(|(file, name, text)| {
            let wrong = match Mutant::parse(name, text) {
                Ok(mutant) => misfits(tree, &mutant),
                Err(error) => vec![format!("{error:#}")],
            };
            wrong.into_iter().map(|what| Finding {
                file: file.to_owned(),
                line: 0,
                what,
            })
        })
        .collect()
}

fn misfits(tree: &Tree, mutant: &Mutant) -> Vec<String> {
    let texts = mutant
        .edits
        .iter()
        .map(|edit| (edit, tree.files.get(&edit.file)));
    texts
        .filter_map(|(edit, text)| match text {
            Some(Some(text)) => edit.apply(text).err().map(|error| error.to_string()),
            Some(None) | None => Some(format!("there is no {}", edit.file)),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(code: &str) -> Vec<String> {
        let mutant = "bug = \"b\"\nsource = \"s\"\nlikeness = \"the same mechanism\"\n\
            [[edit]]\nfile = \"a.rs\"\nfind = \"x\"\nreplace = \"y\"\n";
        let tree = Tree::of(&[("fuzz/mutants/m.toml", mutant), ("a.rs", code)]);
        check(&tree).iter().map(Finding::to_string).collect()
    }

    #[test]
    fn a_place_that_is_there_once_is_let_through() {
        assert_eq!(found("axb"), [""; 0]);
    }

    #[test]
    fn a_place_that_is_gone_or_doubled_is_found() {
        for (code, times) in [("ab", 0), ("xx", 2)] {
            let said =
                format!("fuzz/mutants/m.toml: a.rs has what is to be replaced {times} times");
            assert_eq!(found(code), [said]);
        }
    }
}
