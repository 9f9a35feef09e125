//! The frames block: columnar, and only what changed costs anything.
//!
//! * Reader and writer keep the same list of who holds which buttons, so a step is one cheap bit for every player whose
//!   buttons stay, and four more for one whose change.
//! * A frame that is not in the usual form (somebody joins or leaves, somebody unknown presses, a change that changes
//!   nothing) is written as it is, so every frame whatsoever comes back as it was.
//! * Models learn from the keyframe on; a keyframe forgets, so that reading can begin there.

use alloc::vec::Vec;

use sim_core::{Buttons, Frame, PlayerId};

use crate::kernel::Malformed;
use crate::limits::{COMMANDS_MAX, PLAYERS_MAX, ROW_BYTES_MAX};
use crate::native::model::{Number, Symbol};
use crate::native::range::{Coder, Decoder, Encoder, Prob};
use crate::native::rows::{Rows, frame_bytes};

/// What both sides know while coding frames.
#[derive(Clone, Debug)]
pub(crate) struct Frames {
    held: Vec<HeldInput>,
    changed: [Prob; AGES],
    /// By what was held before; the bits that change.
    change: [Symbol<16>; 16],
    with_commands: [Prob; 2],
    had_commands: bool,
    whole: Prob,
    commands: Number,
    rows: Rows,
}

/// What one player holds, and since how many steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HeldInput {
    pub(crate) player: PlayerId,
    pub(crate) buttons: Buttons,
    pub(crate) age: u8,
}

/// Classes of how long a player has held the same: 0, 1, 2-3, 4-7, 8-15, 16-31, 32-63, longer.
const AGES: usize = 8;
const AGE_MAX: u8 = 64;

impl HeldInput {
    const fn class(self) -> usize {
        let class = u8::BITS - self.age.leading_zeros();
        if class as usize >= AGES {
            AGES - 1
        } else {
            class as usize
        }
    }
}

impl Frames {
    /// What is known at a keyframe: who is in, ids ascending, and what they hold.
    pub(crate) fn new(held: impl Iterator<Item = (PlayerId, Buttons)>) -> Self {
        Self {
            held: held
                .take(PLAYERS_MAX)
                .map(|(player, buttons)| HeldInput {
                    player,
                    buttons,
                    age: 0,
                })
                .collect(),
            changed: [Prob::MOSTLY_0; AGES],
            change: [const { Symbol::new() }; 16],
            with_commands: [Prob::MOSTLY_0; 2],
            had_commands: false,
            whole: Prob::MOSTLY_0,
            commands: Number::new(),
            rows: Rows::new(),
        }
    }

    pub(crate) fn put(&mut self, coder: &mut Encoder, frame: &Frame) {
        let whole = !self.is_usual(frame);
        self.code_shape(coder, !frame.commands.is_empty(), whole);
        if whole {
            assert!(
                frame_bytes(frame) <= ROW_BYTES_MAX,
                "a frame has more than ROW_BYTES_MAX"
            );
            self.rows.put_frame(coder, frame);
            self.take_over(frame);
            return;
        }
        let mut buttons = frame.buttons.iter().peekable();
        for held in &mut self.held {
            let new = buttons.next_if(|(player, _)| *player == held.player);
            let changed = &mut self.changed[held.class()];
            if coder.bit(changed, new.is_some())
                && let Some(&(_, new)) = new
            {
                let old = usize::from(held.buttons.to_bits());
                self.change[old].code(coder, old ^ usize::from(new.to_bits()));
                held.buttons = new;
                held.age = 0;
            } else {
                held.age = (held.age + 1).min(AGE_MAX);
            }
        }
        if !frame.commands.is_empty() {
            self.commands.code(coder, frame.commands.len() as u64);
            for command in &frame.commands {
                self.rows.put_command(coder, command);
            }
        }
    }

    /// Reads the next step's frame into `frame`, using its memory again.
    pub(crate) fn take(
        &mut self,
        coder: &mut Decoder<'_>,
        frame: &mut Frame,
    ) -> Result<(), Malformed> {
        frame.clear();
        let (with_commands, whole) = self.code_shape(coder, false, false);
        if whole {
            *frame = self.rows.take_frame(coder)?;
            if frame.commands.is_empty() == with_commands {
                return Err(Malformed);
            }
            self.take_over(frame);
            return Ok(());
        }
        for held in &mut self.held {
            if !coder.bit(&mut self.changed[held.class()], false) {
                held.age = (held.age + 1).min(AGE_MAX);
                continue;
            }
            let old = held.buttons.to_bits();
            let change = self.change[usize::from(old)].code(coder, 0) as u8;
            if change == 0 {
                return Err(Malformed);
            }
            held.buttons = Buttons::from_bits(old ^ change).ok_or(Malformed)?;
            held.age = 0;
            frame.buttons.push((held.player, held.buttons));
        }
        if with_commands {
            let commands = self.commands.code(coder, 0);
            if commands == 0 || commands > COMMANDS_MAX as u64 {
                return Err(Malformed);
            }
            for _ in 0..commands {
                frame.commands.push(self.rows.take_command(coder)?);
            }
        }
        Ok(())
    }

    /// Whether the usual form holds all of the frame: only changes, of players who are known, ids ascending.
    fn is_usual(&self, frame: &Frame) -> bool {
        if !frame.joins.is_empty()
            || !frame.leaves.is_empty()
            || frame.commands.len() > COMMANDS_MAX
        {
            return false;
        }
        let mut held = self.held.iter();
        frame.buttons.iter().all(|&(player, buttons)| {
            held.find(|held| held.player >= player)
                .is_some_and(|held| held.player == player && held.buttons != buttons)
        })
    }

    fn code_shape(
        &mut self,
        coder: &mut impl Coder,
        with_commands: bool,
        whole: bool,
    ) -> (bool, bool) {
        let model = &mut self.with_commands[usize::from(self.had_commands)];
        let with_commands = coder.bit(model, with_commands);
        self.had_commands = with_commands;
        (with_commands, coder.bit(&mut self.whole, whole))
    }

    /// Who is in and holds what after a frame that was written as it is.
    fn take_over(&mut self, frame: &Frame) {
        self.held
            .retain(|held| !frame.leaves.contains(&held.player));
        let joined = frame.joins.iter().map(|join| (join.player, None));
        let pressed = frame.buttons.iter().map(|&(id, held)| (id, Some(held)));
        for (player, buttons) in joined.chain(pressed) {
            match self.held.binary_search_by_key(&player, |held| held.player) {
                Ok(seat) => {
                    if let Some(buttons) = buttons {
                        self.held[seat].buttons = buttons;
                        self.held[seat].age = 0;
                    }
                }
                Err(seat) if self.held.len() < PLAYERS_MAX => {
                    let buttons = buttons.unwrap_or(Buttons::NONE);
                    let held = HeldInput {
                        player,
                        buttons,
                        age: 0,
                    };
                    self.held.insert(seat, held);
                }
                Err(_) => {}
            }
        }
    }
}
