//! One change of a frame, told as what happened to the recording.

use std::fmt;

use sim_core::{Buttons, Command, Frame, Look, PlayerId};

/// A frame with one change.
pub(crate) struct Tried<'a> {
    pub(crate) frame: &'a Frame,
    pub(crate) what: What<'a>,
}

/// Which change, told as what happened to the recording.
#[derive(Clone, Copy)]
pub(crate) enum What<'a> {
    Buttons {
        player: PlayerId,
        recorded: Option<Buttons>,
        fits: Option<Buttons>,
    },
    Leave {
        player: PlayerId,
        added: bool,
    },
    JoinAdded {
        player: PlayerId,
    },
    JoinMissing {
        player: PlayerId,
        look: Look,
    },
    JoinLook {
        player: PlayerId,
        recorded: Look,
        fits: Look,
    },
    CommandAdded {
        index: usize,
        player: PlayerId,
        command: Command,
    },
    CommandMissing {
        player: PlayerId,
        command: Command,
    },
    CommandChanged {
        index: usize,
        recorded: (PlayerId, Command),
        fits: (PlayerId, Command),
    },
    CommandsSwapped {
        index: usize,
        frame: &'a Frame,
    },
}

impl fmt::Display for What<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let held = |buttons: Option<Buttons>| match buttons {
            None => "no change".to_owned(),
            Some(buttons) => format!("{:#06b}", buttons.to_bits()),
        };
        match *self {
            Self::Buttons {
                player,
                recorded,
                fits,
            } => {
                let (recorded, fits) = (held(recorded), held(fits));
                write!(
                    out,
                    "buttons of player {player}: the frame has {recorded}, the hashes fit {fits}"
                )
            }
            Self::Leave {
                player,
                added: true,
            } => {
                write!(
                    out,
                    "the frame has a leave of player {player}; the hashes fit none"
                )
            }
            Self::Leave {
                player,
                added: false,
            } => {
                write!(
                    out,
                    "the frame has no leave of player {player}; the hashes fit one"
                )
            }
            Self::JoinAdded { player } => {
                write!(
                    out,
                    "the frame has a join of player {player}; the hashes fit none"
                )
            }
            Self::JoinMissing { player, look } => {
                write!(
                    out,
                    "the frame has no join of player {player}; the hashes fit one with {look:?}"
                )
            }
            Self::JoinLook {
                player,
                recorded,
                fits,
            } => {
                write!(
                    out,
                    "join of player {player}: the frame has {recorded:?}, the hashes fit {fits:?}"
                )
            }
            Self::CommandAdded {
                index,
                player,
                command,
            } => {
                write!(
                    out,
                    "command {index}: the frame has {command:?} of player {player}, the hashes fit none"
                )
            }
            Self::CommandMissing { player, command } => {
                write!(out, "the frame lacks {command:?} of player {player}")
            }
            Self::CommandChanged {
                index,
                recorded,
                fits,
            } => write!(
                out,
                "command {index}: the frame has {:?} of player {}, the hashes fit {:?} of player {}",
                recorded.1, recorded.0, fits.1, fits.0
            ),
            Self::CommandsSwapped { index, frame } => write!(
                out,
                "commands {index} and {}: the hashes fit the other order, {:?}",
                index + 1,
                frame.commands.get(index..index + 2).unwrap_or_default()
            ),
        }
    }
}
