//! Reads types out of a tree; an error gets the path of its field on its way up.

use alloc::format;
use alloc::string::{String, ToString};
use core::fmt::Display;
use core::iter::Enumerate;
use core::slice::Iter;

use serde::de::{
    DeserializeSeed, Deserializer, Error, Expected, IntoDeserializer, MapAccess, SeqAccess,
    Unexpected, Visitor,
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
        wrong_type(expected)
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let expected = expected.to_string();
        Reason::OutOfRange { expected }.into()
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

fn wrong_type(expected: impl Display) -> DecodeError {
    let expected = expected.to_string();
    Reason::WrongType { expected }.into()
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
            Tree::List(list) => visitor.visit_seq(Elements(list.iter().enumerate())),
            Tree::Object(fields) => visitor.visit_map(Entries::of(fields)),
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
            return Err(wrong_type("a name"));
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
        self.deserialize_map(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        let Tree::Object(fields) = self.0 else {
            return Err(wrong_type("an object"));
        };
        visitor.visit_map(Entries::of(fields))
    }

    /// The payload of a variant without fields: whatever it is, it has no field that is known.
    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_unit()
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string
        bytes byte_buf unit_struct seq tuple tuple_struct identifier
    }
}

impl<'de> IntoDeserializer<'de, DecodeError> for Node<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// The elements of a list.
struct Elements<'tree>(Enumerate<Iter<'tree, Tree>>);

impl<'de> SeqAccess<'de> for Elements<'_> {
    type Error = DecodeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, DecodeError> {
        let value = self.0.next().map(|(index, value)| {
            let element = seed.deserialize(Node(value));
            element.map_err(|error| error.under_index(index))
        });
        value.transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

/// The fields of an object.
pub(super) struct Entries<'tree> {
    left: Iter<'tree, (String, Tree)>,
    current: Option<&'tree (String, Tree)>,
}

impl<'tree> Entries<'tree> {
    pub(super) fn of(fields: &'tree [(String, Tree)]) -> Self {
        let left = fields.iter();
        Self {
            left,
            current: None,
        }
    }
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = DecodeError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, DecodeError> {
        self.current = self.left.next();
        let name = self.current.map(|(name, _)| name.as_str());
        name.map(|name| seed.deserialize(name.into_deserializer()))
            .transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, DecodeError> {
        let current = self.current.take();
        let (name, value) = current.expect("serde asks for a value after its key");
        seed.deserialize(Node(value))
            .map_err(|error| error.under(name))
    }
}
