//! One thing of the world as bytes: fixed lengths, little-endian, every byte decided. And as words: names and exact values.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::aim::Aim;
use crate::buttons::Buttons;
use crate::geometry::{Cell, Point, Velocity};
use crate::ids::{PlayerId, ProjectileId, StructureId};
use crate::structure::{Structure, StructureKind};
use crate::structure_fields;
use crate::units::{Pos, Steps, Vel};

/// Fields by name, with their values in words.
pub(crate) type Said = Vec<(String, String)>;

/// A record that is being filled.
pub(crate) struct Filling<const N: usize> {
    bytes: [u8; N],
    at: usize,
}

impl<const N: usize> Filling<N> {
    pub(crate) const fn new() -> Self {
        Self {
            bytes: [0; N],
            at: 0,
        }
    }

    /// The bytes.
    #[inline(always)]
    pub(crate) fn full(self) -> [u8; N] {
        assert!(self.at == N, "a record is filled exactly");
        self.bytes
    }

    #[inline(always)]
    pub(crate) fn put<const M: usize>(&mut self, field: [u8; M]) {
        let end = self.at.saturating_add(M);
        self.bytes[self.at..end].copy_from_slice(&field);
        self.at = end;
    }
}

/// Bytes that are taken from the front.
pub(crate) struct Taking<'a>(pub(crate) &'a [u8]);

/// There were fewer bytes than a field needs.
pub(crate) struct Short;

impl Taking<'_> {
    pub(crate) fn take<const M: usize>(&mut self) -> Result<[u8; M], Short> {
        let (field, rest) = self.0.split_first_chunk::<M>().ok_or(Short)?;
        self.0 = rest;
        Ok(*field)
    }

    pub(crate) fn u32(&mut self) -> Result<u32, Short> {
        self.take().map(u32::from_le_bytes)
    }

    pub(crate) fn u64(&mut self) -> Result<u64, Short> {
        self.take().map(u64::from_le_bytes)
    }
}

/// A field by its type.
pub(crate) trait Field: Copy {
    /// Bytes that it takes.
    const BYTES: usize;

    fn put<const N: usize>(self, record: &mut Filling<N>);

    /// The field, or none if the bytes stand for nothing.
    fn take(from: &mut Taking<'_>) -> Result<Option<Self>, Short>;

    /// Its name and value, or those of its parts.
    fn say(self, name: &str, said: &mut Said);
}

/// A thing with an id.
pub(crate) trait Record: Sized {
    /// Bytes of its record, which begins with the id.
    const BYTES: usize;

    fn put<const N: usize>(&self, record: &mut Filling<N>);

    /// The thing, or none if a byte has a value that stands for nothing.
    fn take(from: &mut Taking<'_>) -> Result<Option<Self>, Short>;

    /// Its fields but the id, by name.
    fn fields(&self) -> Said;

    /// Its record; `N` is [`Record::BYTES`].
    #[inline(always)]
    fn record<const N: usize>(&self) -> [u8; N] {
        let mut record = Filling::new();
        self.put(&mut record);
        record.full()
    }
}

macro_rules! record {
    ([$thing:ident($id:ident)]
        $($(#[$doc:meta])* $name:ident: $type:ty, $channel:ident, $known:ident, [$($bound:tt)*];)*
    ) => {
        impl $crate::record::Record for $thing {
            const BYTES: usize = <$id as $crate::record::Field>::BYTES $(+ <$type as $crate::record::Field>::BYTES)*;

            #[inline(always)]
            fn put<const N: usize>(&self, record: &mut $crate::record::Filling<N>) {
                $crate::record::Field::put(self.id, record);
                $($crate::record::Field::put(self.$name, record);)*
            }

            fn take(
                from: &mut $crate::record::Taking<'_>,
            ) -> Result<Option<Self>, $crate::record::Short> {
                let id = <$id as $crate::record::Field>::take(from)?;
                $(let $name = <$type as $crate::record::Field>::take(from)?;)*
                let made = || Some(Self { id: id?, $($name: $name?,)* });
                Ok(made())
            }

            fn fields(&self) -> $crate::record::Said {
                let mut said = $crate::record::Said::new();
                $($crate::record::Field::say(self.$name, stringify!($name), &mut said);)*
                said
            }
        }
    };
}
pub(crate) use record;

structure_fields!(record[Structure(StructureId)]);

/// A field that is a number.
macro_rules! number {
    ($($type:ty: $bits:ty, $bytes:literal, |$field:ident| $out:expr, $in:expr;)*) => { $(
        impl Field for $type {
            const BYTES: usize = $bytes;

            #[inline(always)]
            fn put<const N: usize>(self, record: &mut Filling<N>) {
                let $field = self;
                let number: $bits = $out;
                record.put(number.to_le_bytes());
            }

            fn take(from: &mut Taking<'_>) -> Result<Option<Self>, Short> {
                let number = from.take().map(<$bits>::from_le_bytes)?;
                Ok(Some($in(number)))
            }

            fn say(self, name: &str, said: &mut Said) {
                let $field = self;
                said.push((name.to_string(), $out.to_string()));
            }
        }
    )* };
}
number! {
    u8: u8, 1, |field| field, core::convert::identity;
    u16: u16, 2, |field| field, core::convert::identity;
    PlayerId: u16, 2, |field| field.0, PlayerId;
    StructureId: u32, 4, |field| field.0, StructureId;
    ProjectileId: u32, 4, |field| field.0, ProjectileId;
    Aim: u16, 2, |field| field.0, Aim;
    Steps: u16, 2, |field| field.0, Steps;
}

/// A field of fixed point: the bytes are its bits, its value is said as a decimal.
macro_rules! fixed {
    ($($type:ty),*) => { $(
        impl Field for $type {
            const BYTES: usize = 4;

            #[inline(always)]
            fn put<const N: usize>(self, record: &mut Filling<N>) {
                record.put(self.to_bits().to_le_bytes());
            }

            fn take(from: &mut Taking<'_>) -> Result<Option<Self>, Short> {
                let bits = from.take().map(i32::from_le_bytes)?;
                Ok(Some(Self::from_bits(bits)))
            }

            fn say(self, name: &str, said: &mut Said) {
                said.push((name.to_string(), self.to_string()));
            }
        }
    )* };
}
fixed!(Pos, Vel);

/// A field of two parts.
macro_rules! pair {
    ($($type:ident { $one:ident: $of_one:ty, $two:ident: $of_two:ty }),*) => { $(
        impl $crate::record::Field for $type {
            const BYTES: usize = <$of_one as $crate::record::Field>::BYTES + <$of_two as $crate::record::Field>::BYTES;

            #[inline(always)]
            fn put<const N: usize>(self, record: &mut $crate::record::Filling<N>) {
                $crate::record::Field::put(self.$one, record);
                $crate::record::Field::put(self.$two, record);
            }

            fn take(
                from: &mut $crate::record::Taking<'_>,
            ) -> Result<Option<Self>, $crate::record::Short> {
                let ($one, $two) = (
                    <$of_one as $crate::record::Field>::take(from)?,
                    <$of_two as $crate::record::Field>::take(from)?,
                );
                Ok($one.zip($two).map(|($one, $two)| Self { $one, $two }))
            }

            fn say(self, name: &str, said: &mut $crate::record::Said) {
                $crate::record::Field::say(self.$one, &alloc::format!("{name}.{}", stringify!($one)), said);
                $crate::record::Field::say(self.$two, &alloc::format!("{name}.{}", stringify!($two)), said);
            }
        }
    )* };
}
pub(crate) use pair;

pair! {
    Point { x: Pos, y: Pos },
    Velocity { x: Vel, y: Vel },
    Cell { x: u8, y: u8 }
}

impl Field for Buttons {
    const BYTES: usize = 1;

    #[inline(always)]
    fn put<const N: usize>(self, record: &mut Filling<N>) {
        record.put([self.to_bits()]);
    }

    fn take(from: &mut Taking<'_>) -> Result<Option<Self>, Short> {
        let [bits] = from.take()?;
        Ok(Self::from_bits(bits))
    }

    fn say(self, name: &str, said: &mut Said) {
        said.push((name.to_string(), format!("{:#06b}", self.to_bits())));
    }
}

impl Field for StructureKind {
    const BYTES: usize = 1;

    #[inline(always)]
    fn put<const N: usize>(self, record: &mut Filling<N>) {
        record.put([self.code()]);
    }

    fn take(from: &mut Taking<'_>) -> Result<Option<Self>, Short> {
        let [code] = from.take()?;
        Ok(Self::from_code(code))
    }

    fn say(self, name: &str, said: &mut Said) {
        said.push((name.to_string(), format!("{self:?}")));
    }
}
