//! The arena and who and what is in it.

use netcode::{Client, ShotKey};
use sim_core::rules::HEALTH_MAX;
use sim_core::{Cell, Look, Player, PlayerId, StructureKind, Structures};

use super::{Camera, Layer, PLAIN, Place, Sprite, Stage};
use crate::aim::cells;
use crate::art::{Palette, Picture, Rgb};

/// A shot's picture over its natural size.
const SHOT_SCALE: f32 = 1.15;
/// How far above a player's middle the bar of its health is, in cells.
const BAR_ABOVE: f32 = 0.62;
/// The bar's width and height, in cells.
const BAR: (f32, f32) = (0.8, 0.1);
/// Colours of the bar: plenty, some, little.
const HEALTH: [Rgb; 3] = [
    Rgb(0x5f, 0xd3, 0x7a),
    Rgb(0xff, 0xc6, 0x4b),
    Rgb(0xff, 0x5d, 0x5d),
];
/// Where something may not be built.
const FORBIDDEN: Rgb = Rgb(0xff, 0x5d, 0x5d);

/// A player as shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShownPlayer {
    /// Its state.
    pub player: Player,
    /// Where it is shown.
    pub at: Place,
    /// Which way it looks.
    pub facing: f32,
    /// How much of it is seen: less for who is away or is not heard of.
    pub alpha: f32,
}

/// A shot as shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShownShot {
    /// What it is called from frame to frame.
    pub key: ShotKey,
    /// Who fired it.
    pub owner: PlayerId,
    /// Place in the arena, in cells.
    pub at: Place,
    /// Which way it flies.
    pub angle: f32,
}

/// What the own player is about to build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Cell that it stands in.
    pub cell: Cell,
    /// Kind of structure.
    pub kind: StructureKind,
    /// Whether it may stand there, as far as is known.
    pub allowed: bool,
}

/// A moment of the arena.
#[derive(Clone)]
pub struct Shown<'a> {
    /// Everybody.
    pub players: &'a [ShownPlayer],
    /// Who is the own player or the one that is followed.
    pub own: Option<PlayerId>,
    /// What flies.
    pub shots: &'a [ShownShot],
    /// What stands.
    pub structures: &'a Structures,
    /// What the own player is about to build.
    pub plan: Option<Plan>,
    /// How players look, for the colours of what is theirs.
    pub looks: &'a dyn Fn(PlayerId) -> Option<Look>,
    /// Seconds since some moment, for what moves by itself.
    pub seconds: f32,
}

/// Puts a moment of the arena on the stage, as far as the camera sees it.
pub fn field(stage: &mut Stage, camera: &Camera, palette: Palette, shown: &Shown<'_>) {
    let colour = |look: Option<Look>| look.map_or(PLAIN, |look| palette.player(look.colour));
    for structure in shown.structures.iter() {
        let at = cells(structure.cell.centre());
        if !camera.sees(at) {
            continue;
        }
        let provisional = Client::is_provisional(structure.id);
        let alpha = if provisional { 0.7 } else { 1.0 };
        let picture = Picture::structure(structure.kind, structure.hp);
        stage.put(Sprite::new(picture, at, Layer::Structures).faded(alpha));
        let banner = colour((shown.looks)(structure.owner));
        stage.put(
            Sprite::new(Picture::Banner, at, Layer::Structures)
                .tinted(banner)
                .faded(alpha),
        );
    }
    for shown_player in shown.players {
        if let Some(preview) = shown_player.player.preview
            && shown.own != Some(shown_player.player.id)
        {
            let tint = palette.player(shown_player.player.look.colour);
            plan(stage, preview.cell, preview.kind, tint, 0.6);
        }
    }
    if let Some(own) = shown.plan {
        let tint = if own.allowed { PLAIN } else { FORBIDDEN };
        plan(stage, own.cell, own.kind, tint, 0.85);
    }
    for shown_player in shown.players {
        if shown_player.player.is_alive() && camera.sees(shown_player.at) {
            player(stage, palette, shown_player, shown);
        }
    }
    for shot in shown.shots {
        if camera.sees(shot.at) {
            let glow = Sprite::new(Picture::Glow, shot.at, Layer::Shots);
            stage.put(
                glow.scaled(0.5)
                    .tinted(colour((shown.looks)(shot.owner)))
                    .faded(0.55),
            );
            let bolt = Sprite::new(Picture::Shot, shot.at, Layer::Shots);
            stage.put(bolt.scaled(SHOT_SCALE).turned(shot.angle));
        }
    }
}

fn plan(stage: &mut Stage, cell: Cell, kind: StructureKind, tint: Rgb, alpha: f32) {
    let sprite = Sprite::new(Picture::Plan(kind), cells(cell.centre()), Layer::Plans);
    stage.put(sprite.tinted(tint).faded(alpha));
}

fn player(stage: &mut Stage, palette: Palette, shown: &ShownPlayer, moment: &Shown<'_>) {
    let ShownPlayer {
        player,
        at,
        facing,
        alpha,
    } = *shown;
    let tint = palette.player(player.look.colour);
    stage.put(Sprite::new(Picture::Shadow, at, Layer::Ground).faded(alpha));
    if moment.own == Some(player.id) {
        let ring = Sprite::new(Picture::Wave, at, Layer::Ground);
        stage.put(ring.scaled(0.62).tinted(tint).faded(0.35 * alpha));
    }
    let body = Sprite::new(Picture::Body(player.look.body), at, Layer::Players);
    stage.put(body.turned(facing).tinted(tint).faded(alpha));
    if !player.protected.is_zero() {
        let shield = Sprite::new(Picture::Shield, at, Layer::Players);
        stage.put(
            shield
                .turned(moment.seconds % std::f32::consts::TAU)
                .faded(0.8 * alpha),
        );
    }
    if player.health < HEALTH_MAX {
        health(stage, at, player.health, alpha);
    }
}

fn health(stage: &mut Stage, (x, y): Place, health: u8, alpha: f32) {
    let (width, height) = BAR;
    let part = f32::from(health) / f32::from(HEALTH_MAX);
    let colour = match health {
        0..=34 => HEALTH[2],
        35..=64 => HEALTH[1],
        _ => HEALTH[0],
    };
    let at = (x, y - BAR_ABOVE);
    let frame = (width + 0.06, height + 0.06);
    let dark = Sprite::bar(at, frame, Rgb(0x0b, 0x0e, 0x14), Layer::Marks);
    stage.put(dark.faded(0.8 * alpha));
    let left = (x - width * (1.0 - part) / 2.0, y - BAR_ABOVE);
    stage.put(Sprite::bar(left, (width * part, height), colour, Layer::Marks).faded(alpha));
}
