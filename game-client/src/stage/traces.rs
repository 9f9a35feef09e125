//! What the overlay draws into the arena: where the authority has the own player, and how the prediction was repaired.

use super::{Layer, Place, Sprite, Stage};
use crate::art::{Picture, Rgb};

/// The authority's word.
const SERVER: Rgb = Rgb(0x3f, 0xd9, 0xd0);
/// What was wrong.
const WRONG: Rgb = Rgb(0xff, 0x5d, 0x5d);
/// How long a correction is shown, in seconds.
pub(crate) const SHOWN_FOR: f32 = 2.0;
/// A correction is drawn at least so long, in cells: most would not be seen otherwise.
const LENGTH_MIN: f32 = 0.08;

/// A correction that is shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trace {
    /// Where the player was predicted to be.
    pub from: Place,
    /// Where it was put.
    pub to: Place,
    /// Seconds since then.
    pub age: f32,
}

/// Puts the authority's idea of a player and its corrections on the stage.
pub fn traces(
    stage: &mut Stage,
    server: Option<Place>,
    drawn: Option<Place>,
    corrections: &[Trace],
) {
    if let Some(server) = server {
        let ghost = Sprite::new(Picture::Ghost, server, Layer::Marks);
        stage.put(ghost.tinted(SERVER).faded(0.9));
        if let Some(drawn) = drawn {
            stage.put(Sprite::line(server, drawn, 0.05, SERVER, Layer::Marks).faded(0.7));
        }
    }
    for trace in corrections {
        let alpha = (1.0 - trace.age / SHOWN_FOR).clamp(0.0, 1.0);
        let (x, y) = (trace.to.0 - trace.from.0, trace.to.1 - trace.from.1);
        let length = x.hypot(y);
        let to = if length < LENGTH_MIN {
            (trace.from.0, trace.from.1 - LENGTH_MIN)
        } else {
            trace.to
        };
        stage.put(Sprite::line(trace.from, to, 0.08, WRONG, Layer::Marks).faded(alpha));
        let head = Sprite::new(Picture::Shard, to, Layer::Marks).tinted(WRONG);
        stage.put(head.scaled(0.7).turned(y.atan2(x)).faded(alpha));
    }
}
