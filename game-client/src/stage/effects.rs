//! What flashes, breaks and fades when something happens. It is for the eye alone and knows no rule.

use std::f32::consts::TAU;

use sim_core::Rng;

use super::{Camera, Layer, PLAIN, Place, Sprite, Stage};
use crate::art::{Picture, Rgb};

/// More than these are not shown at once: a room full of falling walls.
const PARTICLES_MAX: usize = 600;

const HOT: Rgb = Rgb(0xff, 0xb3, 0x4d);
const DUST: Rgb = Rgb(0xa4, 0xae, 0xbc);

/// Something that happened.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Effect {
    /// A shot left the barrel, in this direction.
    Fired {
        /// Of the player.
        at: Place,
        /// Where it flies.
        angle: f32,
    },
    /// A shot ended on something.
    Hit {
        /// Place in the arena, in cells.
        at: Place,
        /// Of what was hit.
        tint: Rgb,
    },
    /// A player was shot down.
    Died {
        /// Place in the arena, in cells.
        at: Place,
        /// The player's.
        tint: Rgb,
    },
    /// A player came into play.
    Appeared {
        /// Place in the arena, in cells.
        at: Place,
        /// The player's.
        tint: Rgb,
    },
    /// A shot ended without hitting a player.
    Ended {
        /// Place in the arena, in cells.
        at: Place,
    },
    /// A structure was built.
    Built {
        /// Place in the arena, in cells.
        at: Place,
    },
    /// A structure fell or was taken away.
    Fell {
        /// Place in the arena, in cells.
        at: Place,
    },
}

#[derive(Clone, Copy, Debug)]
struct Particle {
    picture: Picture,
    at: Place,
    velocity: Place,
    angle: f32,
    spin: f32,
    scale: (f32, f32),
    tint: Rgb,
    alpha: f32,
    age: f32,
    life: f32,
    layer: Layer,
}

/// What is seen of what happened.
#[derive(Clone, Debug)]
pub struct Effects {
    particles: Vec<Particle>,
    rng: Rng,
    calm: bool,
}

impl Default for Effects {
    fn default() -> Self {
        Self {
            particles: Vec::new(),
            rng: Rng::new(1),
            calm: false,
        }
    }
}

impl Effects {
    /// Whether there shall be little motion: then things fade where they are.
    pub fn calm(&mut self, calm: bool) {
        self.calm = calm;
    }

    /// Forgets everything: another moment is shown.
    pub fn clear(&mut self) {
        self.particles.clear();
    }

    /// Time passes.
    pub fn advance(&mut self, seconds: f32) {
        for particle in &mut self.particles {
            particle.age += seconds;
            let slower = 0.02_f32.powf(seconds);
            particle.at.0 += particle.velocity.0 * seconds;
            particle.at.1 += particle.velocity.1 * seconds;
            particle.velocity.0 *= slower;
            particle.velocity.1 *= slower;
            particle.angle += particle.spin * seconds;
        }
        self.particles
            .retain(|particle| particle.age < particle.life);
    }

    /// Puts what is seen at the moment on the stage.
    pub fn draw(&self, stage: &mut Stage, camera: &Camera) {
        for particle in &self.particles {
            if !camera.sees(particle.at) {
                continue;
            }
            let gone = particle.age / particle.life;
            let (from, to) = particle.scale;
            let scale = from + (to - from) * (1.0 - (1.0 - gone) * (1.0 - gone));
            let sprite = Sprite::new(particle.picture, particle.at, particle.layer);
            let alpha = particle.alpha * (1.0 - gone);
            stage.put(
                sprite
                    .turned(particle.angle)
                    .scaled(scale)
                    .tinted(particle.tint)
                    .faded(alpha),
            );
        }
    }

    /// Shows something.
    pub fn show(&mut self, effect: Effect) {
        match effect {
            Effect::Fired { at, angle } => {
                let barrel = (at.0 + angle.cos() * 0.5, at.1 + angle.sin() * 0.5);
                self.flash(barrel, 0.45, 0.09, HOT);
            }
            Effect::Hit { at, tint } => {
                self.flash(at, 0.5, 0.16, HOT);
                self.shards(at, 5, 3.0, 0.35, tint);
            }
            Effect::Died { at, tint } => {
                self.flash(at, 1.5, 0.3, HOT);
                self.wave(at, (0.2, 1.3), 0.5, tint);
                self.shards(at, 18, 5.0, 0.8, tint);
            }
            Effect::Appeared { at, tint } => {
                self.wave(at, (1.1, 0.3), 0.4, tint);
                self.flash(at, 0.9, 0.3, tint);
            }
            Effect::Ended { at } => self.shards(at, 3, 1.5, 0.2, HOT),
            Effect::Built { at } => self.wave(at, (0.35, 0.75), 0.22, PLAIN),
            Effect::Fell { at } => {
                self.shards(at, 12, 3.2, 0.6, DUST);
                self.wave(at, (0.2, 0.8), 0.3, DUST);
            }
        }
    }

    fn flash(&mut self, at: Place, scale: f32, life: f32, tint: Rgb) {
        self.add(Particle {
            picture: Picture::Glow,
            at,
            velocity: (0.0, 0.0),
            angle: 0.0,
            spin: 0.0,
            scale: (scale, scale * 0.6),
            tint,
            alpha: if self.calm { 0.4 } else { 0.9 },
            age: 0.0,
            life,
            layer: Layer::Effects,
        });
    }

    fn wave(&mut self, at: Place, scale: (f32, f32), life: f32, tint: Rgb) {
        let calm = (scale.0.max(scale.1), scale.0.max(scale.1));
        self.add(Particle {
            picture: Picture::Wave,
            at,
            velocity: (0.0, 0.0),
            angle: 0.0,
            spin: 0.0,
            scale: if self.calm { calm } else { scale },
            tint,
            alpha: 0.7,
            age: 0.0,
            life,
            layer: Layer::Ground,
        });
    }

    fn shards(&mut self, at: Place, count: u32, speed: f32, life: f32, tint: Rgb) {
        if self.calm {
            return;
        }
        for _ in 0..count {
            let angle = self.part() * TAU;
            let speed = speed * (0.3 + 0.7 * self.part());
            let spin = (self.part() - 0.5) * 20.0;
            let size = 0.5 + 0.6 * self.part();
            let life = life * (0.6 + 0.4 * self.part());
            self.add(Particle {
                picture: Picture::Shard,
                at: (at.0 + angle.cos() * 0.15, at.1 + angle.sin() * 0.15),
                velocity: (angle.cos() * speed, angle.sin() * speed),
                angle,
                spin,
                scale: (size, size * 0.5),
                tint,
                alpha: 1.0,
                age: 0.0,
                life,
                layer: Layer::Effects,
            });
        }
    }

    fn add(&mut self, particle: Particle) {
        if self.particles.len() < PARTICLES_MAX {
            self.particles.push(particle);
        }
    }

    /// From 0 to 1.
    fn part(&mut self) -> f32 {
        self.rng.below(1 << 16) as f32 / 65_536.0
    }
}

#[cfg(test)]
mod tests {
    use super::super::Viewport;
    use super::*;

    fn seen(effects: &Effects) -> usize {
        let camera = Camera::new(Viewport {
            width: 800.0,
            height: 450.0,
        });
        let mut stage = Stage::default();
        effects.draw(&mut stage, &camera);
        stage.sorted().len()
    }

    #[test]
    fn an_effect_is_seen_and_ends() {
        let mut effects = Effects::default();
        let at = (32.0, 32.0);
        effects.show(Effect::Died { at, tint: PLAIN });
        effects.advance(0.06);
        assert!(seen(&effects) > 10);
        effects.advance(2.0);
        assert_eq!(seen(&effects), 0);
    }

    #[test]
    fn who_wants_little_motion_sees_no_shards() {
        let mut effects = Effects::default();
        effects.calm(true);
        let at = (32.0, 32.0);
        effects.show(Effect::Fell { at });
        effects.advance(0.01);
        assert_eq!(seen(&effects), 1);
        assert!(
            effects
                .particles
                .iter()
                .all(|one| one.velocity == (0.0, 0.0))
        );
    }
}
