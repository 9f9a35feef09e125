//! Which inputs are committed: those that together reach the most, from what libFuzzer notes while it merges.

use std::collections::BTreeSet;
use std::path::PathBuf;

/// An input, and what it reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Input {
    pub(super) path: PathBuf,
    bytes: u64,
    reaches: Vec<u32>,
}

/// Reads a merge control file: how many inputs, how many of them are in the first folder, their paths, and for each in any
/// order `STARTED <number> <bytes>` and `FT <number> <feature>...`. An input that was not run reaches nothing.
pub(super) fn read(control: &str) -> Vec<Input> {
    let mut lines = control.lines();
    let count = lines.next().and_then(|count| count.parse().ok());
    let paths = lines.by_ref().skip(1).take(count.unwrap_or(0));
    let mut inputs: Vec<Input> = paths
        .map(|path| Input {
            path: path.into(),
            bytes: 0,
            reaches: Vec::new(),
        })
        .collect();
    for line in lines {
        let mut words = line.split(' ');
        let what = words.next();
        let number = words.next().and_then(|number| number.parse::<usize>().ok());
        let Some(input) = number.and_then(|number| inputs.get_mut(number)) else {
            continue;
        };
        let mut numbers = words.filter_map(|word| word.parse().ok());
        match what {
            Some("STARTED") => input.bytes = numbers.next().unwrap_or(0).into(),
            Some("FT") => input.reaches.extend(numbers),
            _ => {}
        }
    }
    inputs
}

/// At most so many of them, each the one that reaches most of what those before it do not; of equals the shortest.
pub(super) fn choose(inputs: &[Input], most: usize) -> Vec<PathBuf> {
    let mut reached = BTreeSet::new();
    let mut left: Vec<(usize, &Input)> = inputs
        .iter()
        .map(|input| (input.reaches.len(), input))
        .collect();
    let mut chosen = Vec::new();
    while chosen.len() < most {
        // What an input adds only becomes less, so whoever is still best when counted anew is the best.
        left.sort_by_key(|(adds, input)| (*adds, std::cmp::Reverse((input.bytes, &input.path))));
        let Some(best) = best(&mut left, &reached) else {
            break;
        };
        reached.extend(&best.reaches);
        chosen.push(best.path.clone());
    }
    chosen
}

/// Takes the best one out of those that were sorted by what they once added.
fn best<'i>(left: &mut Vec<(usize, &'i Input)>, reached: &BTreeSet<u32>) -> Option<&'i Input> {
    let mut best: Option<(usize, usize)> = None;
    for place in (0..left.len()).rev() {
        let (once, input) = left[place];
        if best.is_some_and(|(adds, _)| adds >= once) {
            break;
        }
        let adds = input
            .reaches
            .iter()
            .filter(|feature| !reached.contains(feature));
        let adds = adds.count();
        left[place].0 = adds;
        if adds > best.map_or(0, |(adds, _)| adds) {
            best = Some((adds, place));
        }
    }
    best.map(|(_, place)| left.remove(place).1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTROL: &str = "3\n1\na\nb\nc\nSTARTED 0 9\nFT 0 1 2\nCOV 0 7\nSTARTED 1 5\nFT 1 1 2 3\nSTARTED 2 4\nFT 2 4\n";

    #[test]
    fn an_input_is_read_with_what_it_reaches() {
        let inputs = read(CONTROL);
        assert_eq!(inputs.len(), 3);
        assert_eq!(inputs[1].path, PathBuf::from("b"));
        assert_eq!(
            (inputs[1].bytes, &inputs[1].reaches[..]),
            (5, &[1, 2, 3][..])
        );
    }

    #[test]
    fn what_adds_nothing_is_left_out() {
        let chosen = choose(&read(CONTROL), 9);
        assert_eq!(chosen, ["b", "c"].map(PathBuf::from));
    }

    #[test]
    fn those_that_add_most_come_first() {
        assert_eq!(choose(&read(CONTROL), 1), [PathBuf::from("b")]);
    }

    #[test]
    fn of_equals_the_shortest_is_taken() {
        let control = "2\n0\na\nb\nSTARTED 0 9\nFT 0 1\nSTARTED 1 5\nFT 1 1\n";
        assert_eq!(choose(&read(control), 9), [PathBuf::from("b")]);
    }
}
