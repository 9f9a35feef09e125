//! How fast a recording plays: from the time of frames to steps.

use netcode::Micros;
use serde::{Deserialize, Serialize};
use sim_core::PlayerId;
use sim_core::rules::STEPS_PER_SECOND;

/// The slowest and the fastest that it plays.
pub const SPEED_MIN: f32 = 0.25;
/// See [`SPEED_MIN`].
pub const SPEED_MAX: f32 = 16.0;

/// Steps that one call does at most: four frames' worth at the highest speed. Whoever draws fewer than 15 frames a second
/// then sees it play more slowly.
pub const STEPS_PER_ADVANCE_MAX: u32 = 64;

/// How it plays, and what of it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Transport {
    /// Whether time passes.
    pub playing: bool,
    /// Times as fast as it was played, from [`SPEED_MIN`] to [`SPEED_MAX`].
    pub speed: f32,
    /// Whom the camera follows.
    pub follow: Option<PlayerId>,
    /// Whether it is shown where clients believed their players to be.
    pub ghosts: bool,
}

impl Default for Transport {
    fn default() -> Self {
        Self {
            playing: false,
            speed: 1.0,
            follow: None,
            ghosts: false,
        }
    }
}

impl Transport {
    /// The same with a speed that there is.
    pub(super) fn possible(self) -> Self {
        let speed = if self.speed.is_finite() {
            self.speed.clamp(SPEED_MIN, SPEED_MAX)
        } else {
            1.0
        };
        Self { speed, ..self }
    }
}

/// The time that has passed and was not played.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    before: Option<Micros>,
    /// How much of the way from the step before to the step at hand is over. Above 1 while steps are due.
    phase: f64,
}

impl Pace {
    /// At a step, all of the way.
    pub(super) const ARRIVED: Self = Self {
        before: None,
        phase: 1.0,
    };

    /// Time has come to be `now`; returns how many steps are due.
    pub(super) fn pass(&mut self, now: Micros, transport: Transport) -> u32 {
        let passed = self.before.map_or(0, |before| now.since(before).0);
        self.before = Some(self.before.map_or(now, |before| before.max(now)));
        if !transport.playing {
            return 0;
        }
        let steps = passed as f64 * f64::from(STEPS_PER_SECOND) / 1e6 * f64::from(transport.speed);
        self.phase += steps;
        let due = (self.phase.ceil() - 1.0).max(0.0);
        if due > f64::from(STEPS_PER_ADVANCE_MAX) {
            // What cannot be caught up with is no time that was missed.
            self.phase -= due - f64::from(STEPS_PER_ADVANCE_MAX);
            return STEPS_PER_ADVANCE_MAX;
        }
        due as u32
    }

    /// A step was done.
    pub(super) fn stepped(&mut self) {
        self.phase = (self.phase - 1.0).max(0.0);
    }

    /// It stands at a step, all of the way.
    pub(super) fn arrive(&mut self) {
        self.phase = 1.0;
    }

    pub(super) fn phase(&self) -> f32 {
        self.phase.clamp(0.0, 1.0) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn playing(speed: f32) -> Transport {
        Transport {
            playing: true,
            speed,
            ..Transport::default()
        }
    }

    /// The steps of so many frames.
    fn steps(speed: f32, frame: Micros, frames: u64) -> u32 {
        let mut pace = Pace::ARRIVED;
        let mut now = Micros(5);
        let mut steps = 0;
        pace.pass(now, playing(speed));
        for _ in 0..frames {
            now = now.after(frame);
            let due = pace.pass(now, playing(speed));
            assert!(due <= STEPS_PER_ADVANCE_MAX);
            for _ in 0..due {
                pace.stepped();
            }
            assert!((0.0..=1.0).contains(&pace.phase()));
            steps += due;
        }
        steps
    }

    #[test]
    fn a_minute_has_its_steps_at_every_speed_and_frame_rate() {
        for speed in [SPEED_MIN, 0.5, 1.0, 2.0, 7.5, SPEED_MAX] {
            for frame in [6_944, 16_667, 33_333, 50_000] {
                let frames = 60_000_000 / frame;
                let steps = steps(speed, Micros(frame), frames);
                let exact = (frames * frame) as f64 * 60.0 / 1e6 * f64::from(speed);
                // A step is begun as soon as any of it is over.
                let ahead = f64::from(steps) - exact;
                assert!(
                    (-1e-6..=1.0 + 1e-6).contains(&ahead),
                    "{speed} {frame}: {steps} of {exact}"
                );
            }
        }
    }

    #[test]
    fn a_frame_that_takes_too_long_slows_it_and_is_not_made_up_for() {
        let mut pace = Pace::ARRIVED;
        pace.pass(Micros(0), playing(SPEED_MAX));
        let due = pace.pass(Micros::from_millis(10_000), playing(SPEED_MAX));
        assert_eq!(due, STEPS_PER_ADVANCE_MAX);
        for _ in 0..due {
            pace.stepped();
        }
        assert_eq!(
            pace.pass(Micros::from_millis(10_000), playing(SPEED_MAX)),
            0
        );
    }

    #[test]
    fn no_speed_is_impossible() {
        for (asked, got) in [
            (0.0, SPEED_MIN),
            (-3.0, SPEED_MIN),
            (99.0, SPEED_MAX),
            (f32::NAN, 1.0),
            (f32::INFINITY, 1.0),
        ] {
            assert_eq!(playing(asked).possible().speed, got);
        }
    }
}
