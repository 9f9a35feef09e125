//! The cost of every step as a picture: SVG without scripts.

use std::fmt::Write as _;

use sim_core::rules::STEPS_PER_SECOND;

use super::Benched;
use super::cost::StepCost;

/// The drawing within its margins.
const WIDTH: usize = 1_000;
const HEIGHT: usize = 240;
const LEFT: usize = 60;
const TOP: usize = 30;
const BOTTOM: usize = 30;

/// Each column of the picture stands for as many steps as fall on it: a line from their median to their maximum.
pub(super) fn svg(one: &Benched) -> String {
    let steps = one.costs.steps();
    let top = one.costs.percentiles(StepCost::both_ns).max.max(1);
    let y = |nanos: u64| TOP as f64 + HEIGHT as f64 * (1.0 - nanos as f64 / top as f64);
    let per_column = steps.len().div_ceil(WIDTH).max(1);
    let mut lines = String::new();
    for (column, chunk) in steps.chunks(per_column).enumerate() {
        let mut costs: Vec<u64> = chunk.iter().map(StepCost::both_ns).collect();
        costs.sort_unstable();
        let (median, max) = (costs[costs.len() / 2], costs[costs.len() - 1]);
        let x = LEFT + column * WIDTH * per_column / steps.len().max(WIDTH);
        let _ = write!(
            lines,
            "M{x} {:.1}V{:.1}",
            y(median),
            y(max).min(y(median) - 1.0)
        );
    }
    let (right, bottom) = (LEFT + WIDTH, TOP + HEIGHT);
    let mut marks = String::new();
    for part in [0, 1, 2, 3, 4] {
        let nanos = top * part / 4;
        let at = y(nanos);
        let micros = nanos as f64 / 1_000.0;
        let _ = write!(
            marks,
            "<path d=\"M{LEFT} {at:.1}H{right}\" stroke=\"#ddd\"/>\
             <text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{micros:.1}</text>",
            LEFT - 6,
            at + 4.0
        );
    }
    let first = steps.first().map_or(0, |cost| cost.things.step.0);
    let last = steps.last().map_or(0, |cost| cost.things.step.0);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
         <text x=\"{LEFT}\" y=\"18\">{}: microseconds a step with its hash, median to maximum, {} reruns</text>\n\
         {marks}\n<path d=\"{lines}\" stroke=\"#2563a8\" fill=\"none\"/>\n\
         <text x=\"{LEFT}\" y=\"{}\">step {first}, {}</text>\
         <text x=\"{right}\" y=\"{}\" text-anchor=\"end\">step {last}, {}</text>\n</svg>\n",
        right + 20,
        bottom + BOTTOM,
        escaped(&one.name),
        one.costs.reruns(),
        bottom + 20,
        clock(first),
        bottom + 20,
        clock(last),
    )
}

/// The room's time at a step, in minutes and seconds.
pub(super) fn clock(step: u64) -> String {
    let tenths = step * 10 / u64::from(STEPS_PER_SECOND);
    let (minutes, seconds) = (tenths / 600, tenths % 600);
    format!("{minutes}:{:02}.{}", seconds / 10, seconds % 10)
}

/// Text that is no markup and has no control characters.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for char in text.chars() {
        match char {
            '<' => out.push_str("&lt;"),
            '&' => out.push_str("&amp;"),
            _ if char.is_control() => out.push('\u{fffd}'),
            _ => out.push(char),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_has_a_time_of_the_room() {
        assert_eq!(clock(0), "0:00.0");
        assert_eq!(clock(11_052), "3:04.2");
    }

    #[test]
    fn a_name_is_no_markup() {
        assert_eq!(escaped("a<b>&\u{1b}"), "a&lt;b>&amp;\u{fffd}");
    }
}
