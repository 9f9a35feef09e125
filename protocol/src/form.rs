//! How values look in JSON: decimals, hexadecimals, booleans, and the names of fields.
//!
//! Types of `sim_core` keep their own form, bits, in the binary encoding; here is only what differs.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::ToString;
use core::fmt::{self, Display, LowerHex};

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
        // Both steps are exact: a product with a power of two, and a cast that another number than those of 32 bits does not survive.
        let bits = number * f64::from(1 << FRACTION_BITS);
        let as_bits = bits as i32;
        if f64::from(as_bits) != bits {
            let expected = "a multiple of 2^-16 from -32768 to below 32768";
            return Err(D::Error::invalid_value(
                Unexpected::Float(number),
                &expected,
            ));
        }
        Ok(T::from(as_bits))
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

/// A hash as so many hexadecimal digits, all of them. They are written in lower case.
pub(crate) struct Hex<const DIGITS: usize>;

impl<const DIGITS: usize> Hex<DIGITS> {
    pub(crate) fn serialize<T: Serialize + LowerHex, S: Serializer>(
        hash: &T,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        if !to.is_human_readable() {
            return hash.serialize(to);
        }
        to.collect_str(&format_args!("{hash:0DIGITS$x}"))
    }

    pub(crate) fn deserialize<'de, T: Deserialize<'de> + TryFrom<u64>, D: Deserializer<'de>>(
        from: D,
    ) -> Result<T, D::Error> {
        if !from.is_human_readable() {
            return T::deserialize(from);
        }
        from.deserialize_str(Self)?
            .try_into()
            .map_err(|_| D::Error::custom("a hash has its digits"))
    }
}

impl<const DIGITS: usize> Visitor<'_> for Hex<DIGITS> {
    type Value = u64;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{DIGITS} hexadecimal digits")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<u64, E> {
        let is_hash = text.len() == DIGITS && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let hash = u64::from_str_radix(text, 16).ok().filter(|_| is_hash);
        hash.ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self))
    }
}

impl<const DIGITS: usize> JsonSchema for Hex<DIGITS> {
    fn schema_name() -> Cow<'static, str> {
        format!("Hash{}", 4 * DIGITS).into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": format!("^[0-9a-fA-F]{{{DIGITS}}}$") })
    }
}

/// A cell of the arena.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(remote = "Cell")]
#[schemars(rename = "Cell")]
pub(crate) struct CellForm {
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
pub(crate) enum KindForm {
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
pub(crate) struct LookForm {
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
pub(crate) struct PointForm {
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
pub(crate) struct VelocityForm {
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
pub(crate) struct ButtonsForm {
    /// Towards smaller y.
    pub(crate) up: bool,
    /// Towards larger y.
    pub(crate) down: bool,
    /// Towards smaller x.
    pub(crate) left: bool,
    /// Towards larger x.
    pub(crate) right: bool,
}

impl From<Buttons> for ButtonsForm {
    fn from(buttons: Buttons) -> Self {
        Self {
            up: buttons.holds(Buttons::UP),
            down: buttons.holds(Buttons::DOWN),
            left: buttons.holds(Buttons::LEFT),
            right: buttons.holds(Buttons::RIGHT),
        }
    }
}

impl From<ButtonsForm> for Buttons {
    fn from(form: ButtonsForm) -> Self {
        Self::new(form.up, form.down, form.left, form.right)
    }
}

/// A field in its own form, for records whose fields stand in a table.
pub(crate) struct Formed<T>(pub(crate) T);

macro_rules! formed {
    ($($type:ty: $form:ty, |$field:ident| $to:expr, $from:expr;)*) => { $(
        impl Serialize for Formed<$type> {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                let $field = self.0;
                <$form>::serialize(&$to, to)
            }
        }

        impl<'de> Deserialize<'de> for Formed<$type> {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                <$form>::deserialize(from).map(|$field| Self($from))
            }
        }

        impl JsonSchema for Formed<$type> {
            fn schema_name() -> Cow<'static, str> {
                <$form>::schema_name()
            }

            fn schema_id() -> Cow<'static, str> {
                <$form>::schema_id()
            }

            fn inline_schema() -> bool {
                <$form>::inline_schema()
            }

            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                <$form>::json_schema(generator)
            }
        }
    )* };
}
formed! {
    u8: u8, |number| number, number;
    u16: u16, |number| number, number;
    PlayerId: u16, |id| id.0, PlayerId(id);
    StructureId: u32, |id| id.0, StructureId(id);
    ProjectileId: u32, |id| id.0, ProjectileId(id);
    Aim: u16, |aim| aim.0, Aim(aim);
    Cell: CellForm, |cell| cell, cell;
    StructureKind: KindForm, |kind| kind, kind;
    Look: LookForm, |look| look, look;
    Steps: u16, |steps| steps.0, Steps(steps);
    Point: PointForm, |point| point, point;
    Velocity: VelocityForm, |velocity| velocity, velocity;
    Buttons: ButtonsForm, |buttons| ButtonsForm::from(buttons), buttons.into();
}
