//! The game as a player has it: a [`netcode::Client`], its connection, and what the screen says about them.
//!
//! * Nothing here knows a rule of the game or repairs a prediction. What is shown is read from [`netcode`].
//! * Floats begin here, for angles and pixels, and none of them flows back.
#![forbid(unsafe_code)]

pub mod address;
pub mod aim;
pub mod art;
#[cfg(all(feature = "window", target_arch = "wasm32"))]
pub mod browser;
pub mod delay_line;
pub mod game;
pub mod hud;
pub mod keys;
#[cfg(not(target_arch = "wasm32"))]
pub mod native;
pub mod play;
pub mod predictions;
pub mod proof;
pub mod socket;
pub mod stage;
#[cfg(feature = "desktop")]
pub mod text;
pub mod timeline;
pub mod viewer;
pub mod watch;
#[cfg(feature = "window")]
pub mod window;
pub mod words;
