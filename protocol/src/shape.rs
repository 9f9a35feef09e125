//! How values look in JSON: decimals, hexadecimals, booleans, and the names of fields.
//!
//! Types of `sim_core` keep their own form, bits, in the binary encoding; here is only what differs.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::ToString;
use core::fmt::{self, Display};
use core::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Error, Unexpected, Visitor};
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use sim_core::rules::{ARENA_CELLS, BODIES, COLOURS};
use sim_core::units::FRACTION_BITS;
use sim_core::{
    Aim, Buttons, Cell, Look, PlayerId, Point, ProjectileId, Steps, StructureId, StructureKind,
    Velocity,
};

/// A Q16.16 quantity as its exact decimal.
pub(crate) struct Decimal;

impl Decimal {
    pub(crate) fn serialize<T: Display, S: Serializer>(
        quantity: &T,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        // As a float it would be the shortest decimal of it, which is another.
        let decimal = RawValue::from_string(quantity.to_string());
        decimal.map_err(S::Error::custom)?.serialize(to)
    }

    pub(crate) fn deserialize<'de, T: From<i32>, D: Deserializer<'de>>(
        from: D,
    ) -> Result<T, D::Error> {
        let number = f64::deserialize(from)?;
        // Both steps are exact: a product with a power of two, and a whole number of at most 32 bits.
        let bits = number * f64::from(1 << FRACTION_BITS);
        if bits >= f64::from(i32::MIN)
            && bits <= f64::from(i32::MAX)
            && f64::from(bits as i32) == bits
        {
            Ok(T::from(bits as i32))
        } else {
            Err(D::Error::invalid_value(
                Unexpected::Float(number),
                &"a multiple of 2^-16 from -32768 to below 32768",
            ))
        }
    }
}

impl JsonSchema for Decimal {
    fn schema_name() -> Cow<'static, str> {
        "Decimal".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "The exact decimal of a Q16.16 number: a multiple of 2^-16.",
            "type": "number",
            "minimum": -32768,
            "exclusiveMaximum": 32768,
        })
    }
}

macro_rules! hex {
    ($name:ident, $int:ty, $digits:literal, $schema:literal) => {
        /// A hash as hexadecimal digits, all of them. They are written in lower case.
        pub(crate) struct $name;

        const _: () = assert!(<$int>::BITS == 4 * $digits, "a digit is four bits");

        impl $name {
            pub(crate) fn serialize<S: Serializer>(hash: &$int, to: S) -> Result<S::Ok, S::Error> {
                if to.is_human_readable() {
                    to.serialize_str(&format!(concat!("{:0", $digits, "x}"), hash))
                } else {
                    hash.serialize(to)
                }
            }

            pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<$int, D::Error> {
                if !from.is_human_readable() {
                    return <$int>::deserialize(from);
                }
                struct Digits<T>(PhantomData<T>);
                impl Visitor<'_> for Digits<$int> {
                    type Value = $int;

                    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                        out.write_str(concat!($digits, " hexadecimal digits"))
                    }

                    fn visit_str<E: Error>(self, text: &str) -> Result<$int, E> {
                        let digits = text.bytes().filter(u8::is_ascii_hexdigit).count();
                        if digits != $digits || text.len() != $digits {
                            return Err(E::invalid_value(Unexpected::Str(text), &self));
                        }
                        <$int>::from_str_radix(text, 16)
                            .map_err(|_| E::invalid_value(Unexpected::Str(text), &self))
                    }
                }
                from.deserialize_str(Digits(PhantomData))
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                $schema.into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                let pattern = concat!("^[0-9a-fA-F]{", $digits, "}$");
                json_schema!({ "type": "string", "pattern": pattern })
            }
        }
    };
}
hex!(Hex32, u32, 8, "Hash32");
hex!(Hex64, u64, 16, "Hash64");

/// A cell of the arena.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(remote = "Cell")]
#[schemars(rename = "Cell")]
pub(crate) struct CellShape {
    /// Column.
    #[schemars(range(max = ARENA_CELLS - 1))]
    x: u8,
    /// Row.
    #[schemars(range(max = ARENA_CELLS - 1))]
    y: u8,
}

/// A kind of structure.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(remote = "StructureKind", rename_all = "camelCase")]
#[schemars(rename = "StructureKind")]
pub(crate) enum KindShape {
    /// Stops everybody and every shot.
    Wall,
    /// Lets its owner and the owner's shots pass.
    Gate,
    /// Stops everybody, lets every shot pass.
    Fence,
}

/// How a character looks.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(remote = "Look")]
#[schemars(rename = "Look")]
pub(crate) struct LookShape {
    /// Which body.
    #[schemars(range(max = BODIES - 1))]
    body: u8,
    /// Which colour.
    #[schemars(range(max = COLOURS - 1))]
    colour: u8,
}

/// A place, in cells.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(remote = "Point")]
#[schemars(rename = "Point")]
pub(crate) struct PointShape {
    /// From the left edge.
    #[serde(with = "Decimal")]
    x: sim_core::Pos,
    /// From the upper edge.
    #[serde(with = "Decimal")]
    y: sim_core::Pos,
}

/// A velocity, in cells a step.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(remote = "Velocity")]
#[schemars(rename = "Velocity")]
pub(crate) struct VelocityShape {
    /// To the right.
    #[serde(with = "Decimal")]
    x: sim_core::Vel,
    /// Downwards.
    #[serde(with = "Decimal")]
    y: sim_core::Vel,
}

/// Held buttons.
#[derive(Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Buttons")]
pub(crate) struct ButtonsShape {
    /// Towards smaller y.
    pub(crate) up: bool,
    /// Towards larger y.
    pub(crate) down: bool,
    /// Towards smaller x.
    pub(crate) left: bool,
    /// Towards larger x.
    pub(crate) right: bool,
}

impl From<Buttons> for ButtonsShape {
    fn from(buttons: Buttons) -> Self {
        Self {
            up: buttons.holds(Buttons::UP),
            down: buttons.holds(Buttons::DOWN),
            left: buttons.holds(Buttons::LEFT),
            right: buttons.holds(Buttons::RIGHT),
        }
    }
}

impl From<ButtonsShape> for Buttons {
    fn from(shape: ButtonsShape) -> Self {
        Self::new(shape.up, shape.down, shape.left, shape.right)
    }
}

/// Serialises a type as another, which is its form in messages. The type itself knows nothing of it.
macro_rules! serialised {
    ($type:ty as $shape:ty) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                <$shape>::from(self.clone()).serialize(to)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                <$shape>::deserialize(from).map(Self::from)
            }
        }
    };
}
pub(crate) use serialised;

/// A field in its own form, for records whose fields stand in a table.
pub(crate) struct Shaped<T>(pub(crate) T);

macro_rules! shaped {
    ($($type:ty: $shape:ty, |$field:ident| $to:expr, $from:expr;)*) => { $(
        impl Serialize for Shaped<$type> {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                let $field = self.0;
                <$shape>::serialize(&$to, to)
            }
        }

        impl<'de> Deserialize<'de> for Shaped<$type> {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                <$shape>::deserialize(from).map(|$field| Self($from))
            }
        }

        impl JsonSchema for Shaped<$type> {
            fn schema_name() -> Cow<'static, str> {
                <$shape>::schema_name()
            }

            fn schema_id() -> Cow<'static, str> {
                <$shape>::schema_id()
            }

            fn inline_schema() -> bool {
                <$shape>::inline_schema()
            }

            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                <$shape>::json_schema(generator)
            }
        }
    )* };
}
shaped! {
    u8: u8, |number| number, number;
    u16: u16, |number| number, number;
    PlayerId: u16, |id| id.0, PlayerId(id);
    StructureId: u32, |id| id.0, StructureId(id);
    ProjectileId: u32, |id| id.0, ProjectileId(id);
    Aim: u16, |aim| aim.0, Aim(aim);
    Cell: CellShape, |cell| cell, cell;
    StructureKind: KindShape, |kind| kind, kind;
    Look: LookShape, |look| look, look;
    Steps: u16, |steps| steps.0, Steps(steps);
    Point: PointShape, |point| point, point;
    Velocity: VelocityShape, |velocity| velocity, velocity;
    Buttons: ButtonsShape, |buttons| ButtonsShape::from(buttons), buttons.into();
}
