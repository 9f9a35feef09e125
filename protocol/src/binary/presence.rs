//! Who is in the room: names whole, and what else others know as the difference from before.

use alloc::string::String;
use alloc::vec::Vec;

use sim_core::{Look, player_fields};

use super::bits::{Reader, Writer};
use crate::error::DecodeError;
use crate::snapshot_delta::Presence;

/// Order of the code for bytes of a name.
const NAME: u32 = 4;

macro_rules! presence {
    (
        $(#[$doc:meta])* $first:ident: $first_type:ty, $_:ident, $first_known:ident, [$($first_bound:tt)*];
        $($(#[$docs:meta])* $name:ident: $type:ty, $channel:ident, $known:ident, [$($bound:tt)*];)*
    ) => {
        pub(super) fn write(out: &mut Writer, known: Option<&Presence>, entry: &Presence) {
            let nobody = Presence::default();
            let known = known.unwrap_or(&nobody);
            write_name(out, &known.name, &entry.name);
            entry.$first.write(known.$first, out);
            out.flag(entry.connected);
            $(entry.$name.write(known.$name, out);)*
        }

        pub(super) fn read(
            from: &mut Reader<'_>,
            known: Option<&Presence>,
        ) -> Result<Presence, DecodeError> {
            let nobody = Presence::default();
            let known = known.unwrap_or(&nobody);
            Ok(Presence {
                name: read_name(from, &known.name)?,
                $first: <$first_type>::read(known.$first, from)?,
                connected: from.flag()?,
                $($name: <$type>::read(known.$name, from)?,)*
            })
        }
    };
}
player_fields!(in presence: presence);

fn write_name(out: &mut Writer, known: &str, name: &str) {
    out.flag(name != known);
    if name != known {
        out.number(
            u64::try_from(name.len()).expect("a usize has at most 64 bits"),
            NAME,
        );
        name.bytes().for_each(|byte| out.bits(byte.into(), 8));
    }
}

fn read_name(from: &mut Reader<'_>, known: &str) -> Result<String, DecodeError> {
    if !from.flag()? {
        return Ok(known.into());
    }
    let bytes: u16 = from.small(NAME)?;
    let bytes: Vec<u8> = (0..bytes).map(|_| from.byte()).collect::<Result<_, _>>()?;
    String::from_utf8(bytes).map_err(|_| from.wrong())
}

/// A field beside what was known of it.
trait Change: Sized {
    fn write(self, known: Self, out: &mut Writer);
    fn read(known: Self, from: &mut Reader<'_>) -> Result<Self, DecodeError>;
}

impl Change for Look {
    fn write(self, known: Self, out: &mut Writer) {
        out.flag(self != known);
        if self != known {
            out.bits(self.body.into(), 8);
            out.bits(self.colour.into(), 8);
        }
    }

    fn read(known: Self, from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        if !from.flag()? {
            return Ok(known);
        }
        Ok(Self {
            body: from.byte()?,
            colour: from.byte()?,
        })
    }
}

impl Change for u16 {
    fn write(self, known: Self, out: &mut Writer) {
        out.signed(i64::from(self) - i64::from(known), 0);
    }

    fn read(known: Self, from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let now = i64::from(known).checked_add(from.signed(0)?);
        now.and_then(|now| Self::try_from(now).ok())
            .ok_or_else(|| from.wrong())
    }
}
