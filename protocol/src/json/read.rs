//! Reads types out of a tree; an error gets the path of its field on its way up.

use alloc::format;
use alloc::string::{String, ToString};
use core::fmt::Display;
use core::slice::Iter;

use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, Expected, IntoDeserializer, MapAccess,
    SeqAccess, Unexpected, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::tree::Tree;
use crate::error::{DecodeError, Reason, clip};

/// One check of serde, one reason of ours. The field is added by whoever knows it.
impl Error for DecodeError {
    fn custom<T: Display>(why: T) -> Self {
        let expected = format!("valid: {why}");
        Reason::OutOfRange { expected }.into()
    }

    fn invalid_type(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let expected = expected.to_string();
        Reason::WrongType { expected }.into()
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let expected = expected.to_string();
        Reason::OutOfRange { expected }.into()
    }

    fn invalid_length(_: usize, expected: &dyn Expected) -> Self {
        let expected = expected.to_string();
        Reason::WrongType { expected }.into()
    }

    fn unknown_variant(variant: &str, _: &'static [&'static str]) -> Self {
        let name = clip(variant);
        Reason::UnknownName { name }.into()
    }

    fn missing_field(field: &'static str) -> Self {
        Reason::MissingField.of(field)
    }

    fn duplicate_field(field: &'static str) -> Self {
        Reason::DuplicateField.of(field)
    }
}

/// A value of the tree.
pub(super) struct Node<'tree>(pub(super) &'tree Tree);

impl<'de> Deserializer<'de> for Node<'_> {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.0 {
            Tree::Null => visitor.visit_unit(),
            Tree::Bool(value) => visitor.visit_bool(*value),
            Tree::Unsigned(value) => visitor.visit_u64(*value),
            Tree::Signed(value) => visitor.visit_i64(*value),
            Tree::Float(value) => visitor.visit_f64(*value),
            Tree::Text(value) => visitor.visit_str(value),
            Tree::List(list) => visitor.visit_seq(Elements {
                left: list.iter(),
                index: 0,
            }),
            Tree::Object(fields) => Fields(fields).deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        if matches!(self.0, Tree::Null) {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        let Tree::Text(name) = self.0 else {
            return Err(Reason::WrongType {
                expected: "a name".to_string(),
            }
            .into());
        };
        visitor.visit_enum(name.as_str().into_deserializer())
    }

    /// Only from an object: serde would take a list of the values as well.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        let Tree::Object(fields) = self.0 else {
            return Err(Reason::WrongType {
                expected: "an object".to_string(),
            }
            .into());
        };
        Fields(fields).deserialize_any(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string
        bytes byte_buf unit unit_struct seq tuple tuple_struct map identifier
    }
}

/// An object's fields.
pub(super) struct Fields<'tree>(pub(super) &'tree [(String, Tree)]);

impl<'de> Deserializer<'de> for Fields<'_> {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_map(Entries {
            left: self.0.iter(),
            current: None,
        })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string option newtype_struct enum
        bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

struct Elements<'tree> {
    left: Iter<'tree, Tree>,
    index: usize,
}

impl<'de> SeqAccess<'de> for Elements<'_> {
    type Error = DecodeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, DecodeError> {
        let Some(value) = self.left.next() else {
            return Ok(None);
        };
        let index = self.index;
        self.index += 1;
        seed.deserialize(Node(value))
            .map(Some)
            .map_err(|error| error.under_index(index))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left.len())
    }
}

struct Entries<'tree> {
    left: Iter<'tree, (String, Tree)>,
    current: Option<&'tree (String, Tree)>,
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = DecodeError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, DecodeError> {
        self.current = self.left.next();
        let Some((name, _)) = self.current else {
            return Ok(None);
        };
        seed.deserialize(StrDeserializer::<DecodeError>::new(name))
            .map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, DecodeError> {
        let (name, value) = self
            .current
            .take()
            .expect("serde asks for a value after its key");
        seed.deserialize(Node(value))
            .map_err(|error| error.under(name))
    }
}

/// An enum whose variant the envelope names; the fields, if any, are the payload.
pub(super) struct Tagged<'tree> {
    pub(super) variant: &'static str,
    pub(super) payload: Option<&'tree Tree>,
}

impl<'de> Deserializer<'de> for Tagged<'_> {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_enum(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string option newtype_struct enum
        bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

impl<'de> EnumAccess<'de> for Tagged<'_> {
    type Error = DecodeError;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Self), DecodeError> {
        let variant = seed.deserialize(StrDeserializer::<DecodeError>::new(self.variant))?;
        Ok((variant, self))
    }
}

impl Tagged<'_> {
    fn node(&self) -> Result<Node<'_>, DecodeError> {
        self.payload
            .map(Node)
            .ok_or_else(|| Reason::MissingField.into())
    }
}

impl<'de> VariantAccess<'de> for Tagged<'_> {
    type Error = DecodeError;

    /// Whatever the payload is, it has no field that is known.
    fn unit_variant(self) -> Result<(), DecodeError> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<T::Value, DecodeError> {
        seed.deserialize(self.node()?)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, DecodeError> {
        self.node()?.deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        self.node()?
            .deserialize_struct(self.variant, fields, visitor)
    }
}
