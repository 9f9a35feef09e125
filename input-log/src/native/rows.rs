//! The only place that knows bincode: rare values, through the range coder, byte by byte.
//!
//! * The configuration is `standard()`: little-endian, numbers above 250 marked with their width, enums by number.
//! * A byte's model is chosen by where in its row it is (and, in a command, by which command it is), so that the bytes
//!   that are always the same cost next to nothing.

use bincode::config::{Configuration, Limit, LittleEndian, Varint};
use bincode::de::read::Reader;
use bincode::enc::write::Writer;
use bincode::error::{DecodeError, EncodeError};
use sim_core::{Command, Frame, PlayerId};

use crate::kernel::Malformed;
use crate::limits::ROW_BYTES_MAX;
use crate::native::model::Symbol;
use crate::native::range::{Coder, Decoder, Encoder};

const CONFIG: Configuration<LittleEndian, Varint, Limit<ROW_BYTES_MAX>> =
    bincode::config::standard().with_limit::<ROW_BYTES_MAX>();

/// Models of the bytes of rows.
#[derive(Clone, Debug)]
pub(crate) struct Rows {
    player: Symbol<256>,
    command: Symbol<256>,
    arguments: [Symbol<256>; COMMANDS * ARGUMENT_PLACES],
    whole: [Symbol<256>; WHOLE_PLACES],
}

/// Kinds of command that have models of their own; a byte that is none of them, in forged bytes, uses the last.
const COMMANDS: usize = 5;
/// Bytes of a command's arguments that have models of their own; those behind share the last.
const ARGUMENT_PLACES: usize = 5;
/// The same for bytes of a whole frame.
const WHOLE_PLACES: usize = 8;

impl Rows {
    pub(crate) const fn new() -> Self {
        Self {
            player: Symbol::new(),
            command: Symbol::new(),
            arguments: [const { Symbol::new() }; COMMANDS * ARGUMENT_PLACES],
            whole: [const { Symbol::new() }; WHOLE_PLACES],
        }
    }

    pub(crate) fn put_command(&mut self, coder: &mut Encoder, command: &(PlayerId, Command)) {
        let place = Place::of_command(self);
        bincode::serde::encode_into_writer(command, Bytes { coder, place }, CONFIG)
            .expect("a command has no length that is unknown, and the writer takes every byte");
    }

    pub(crate) fn take_command(
        &mut self,
        coder: &mut Decoder<'_>,
    ) -> Result<(PlayerId, Command), Malformed> {
        let place = Place::of_command(self);
        bincode::serde::decode_from_reader(Bytes { coder, place }, CONFIG).map_err(|_| Malformed)
    }

    pub(crate) fn put_frame(&mut self, coder: &mut Encoder, frame: &Frame) {
        let place = Place::of_frame(self);
        bincode::serde::encode_into_writer(frame, Bytes { coder, place }, CONFIG)
            .expect("a frame has no length that is unknown, and the writer takes every byte");
    }

    pub(crate) fn take_frame(&mut self, coder: &mut Decoder<'_>) -> Result<Frame, Malformed> {
        let place = Place::of_frame(self);
        bincode::serde::decode_from_reader(Bytes { coder, place }, CONFIG).map_err(|_| Malformed)
    }
}

/// Bytes of a frame's row; what [`ROW_BYTES_MAX`] bounds.
pub(crate) fn frame_bytes(frame: &Frame) -> usize {
    let mut size = bincode::enc::write::SizeWriter::default();
    bincode::serde::encode_into_writer(frame, &mut size, CONFIG)
        .expect("a frame has no length that is unknown, and counting cannot fail");
    size.bytes_written
}

/// Where in a row the next byte is.
struct Place<'r> {
    rows: &'r mut Rows,
    is_command: bool,
    at: usize,
    command: usize,
}

impl<'r> Place<'r> {
    const fn of_command(rows: &'r mut Rows) -> Self {
        Self {
            rows,
            is_command: true,
            at: 0,
            command: 0,
        }
    }

    const fn of_frame(rows: &'r mut Rows) -> Self {
        Self {
            rows,
            is_command: false,
            at: 0,
            command: 0,
        }
    }

    fn code(&mut self, coder: &mut impl Coder, byte: u8) -> u8 {
        let at = self.at;
        self.at += 1;
        let model = match (self.is_command, at) {
            (false, _) => &mut self.rows.whole[at.min(WHOLE_PLACES - 1)],
            (true, 0) => &mut self.rows.player,
            (true, 1) => &mut self.rows.command,
            (true, _) => {
                let place = (at - 2).min(ARGUMENT_PLACES - 1);
                &mut self.rows.arguments[self.command * ARGUMENT_PLACES + place]
            }
        };
        let coded = model.code(coder, usize::from(byte));
        if at == 1 {
            self.command = coded.min(COMMANDS - 1);
        }
        coded as u8
    }
}

struct Bytes<'c, 'r, C> {
    coder: &'c mut C,
    place: Place<'r>,
}

impl Writer for Bytes<'_, '_, Encoder> {
    fn write(&mut self, bytes: &[u8]) -> Result<(), EncodeError> {
        for &byte in bytes {
            self.place.code(self.coder, byte);
        }
        Ok(())
    }
}

impl Reader for Bytes<'_, '_, Decoder<'_>> {
    fn read(&mut self, bytes: &mut [u8]) -> Result<(), DecodeError> {
        for byte in bytes {
            if self.coder.is_exhausted() {
                return Err(DecodeError::UnexpectedEnd { additional: 1 });
            }
            *byte = self.place.code(self.coder, 0);
        }
        Ok(())
    }
}
