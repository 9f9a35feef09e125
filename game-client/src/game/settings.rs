//! What a player chooses for the own screen, and who they want to be.

use serde::Deserialize;

use crate::art::Palette;
use crate::keys::Bindings;

/// What a player chooses for the own screen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Settings {
    /// The colours of players.
    pub palette: Palette,
    /// Whether there shall be little motion.
    pub reduced_motion: bool,
    /// Which key does what.
    pub bindings: Bindings,
}

/// Who a player wants to be.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Character {
    /// Which of the player's characters.
    #[serde(default = "default_character")]
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its body.
    pub body: u8,
    /// Its colour.
    pub colour: u8,
}

/// The character that everybody has.
fn default_character() -> String {
    "default".to_owned()
}
