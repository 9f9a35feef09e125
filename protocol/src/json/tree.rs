//! A parsed message whose size, depth and count are within limits.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::error::{DecodeError, Reason};
use crate::limits::DEPTH_MAX;

/// Any JSON.
#[derive(Debug)]
pub(super) enum Tree {
    Null,
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Text(String),
    List(Vec<Tree>),
    /// In the order of the text, names perhaps more than once.
    Object(Vec<(String, Tree)>),
}

impl Tree {
    pub(super) fn parse(bytes: &[u8], values_max: usize) -> Result<Self, DecodeError> {
        let mut budget = Budget {
            values_max,
            values: 0,
            depth: 0,
            failed: None,
        };
        let mut from = serde_json::Deserializer::from_slice(bytes);
        let tree = budget
            .deserialize(&mut from)
            .and_then(|tree| from.end().map(|()| tree));
        tree.map_err(|error| {
            let (line, column) = (error.line(), error.column());
            let syntax = || Reason::Syntax { line, column }.into();
            budget.failed.unwrap_or_else(syntax)
        })
    }
}

/// What is used of the limits, and the check that failed: the parser's own error has no place for it.
struct Budget {
    values_max: usize,
    values: usize,
    depth: usize,
    failed: Option<DecodeError>,
}

impl Budget {
    fn fail<E: Error>(&mut self, reason: Reason) -> E {
        self.failed = Some(reason.into());
        E::custom("limit")
    }

    fn enter<E: Error>(&mut self) -> Result<(), E> {
        if self.depth == DEPTH_MAX {
            return Err(self.fail(Reason::TooDeep { max: DEPTH_MAX }));
        }
        self.depth += 1;
        Ok(())
    }

    /// Puts the way to a failed check together, from its end.
    fn passed<E>(&mut self, error: E, place: impl FnOnce(DecodeError) -> DecodeError) -> E {
        self.failed = self.failed.take().map(place);
        error
    }
}

impl<'de> DeserializeSeed<'de> for &mut Budget {
    type Value = Tree;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Tree, D::Error> {
        self.values += 1;
        if self.values > self.values_max {
            let max = self.values_max;
            return Err(self.fail(Reason::TooManyValues { max }));
        }
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &mut Budget {
    type Value = Tree;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Tree, E> {
        Ok(Tree::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Tree, E> {
        Ok(Tree::Unsigned(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Tree, E> {
        Ok(Tree::Signed(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Tree, E> {
        Ok(Tree::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Tree, E> {
        Ok(Tree::Text(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Tree, A::Error> {
        self.enter()?;
        let mut list = Vec::new();
        while let Some(value) = from
            .next_element_seed(&mut *self)
            .map_err(|error| self.passed(error, |failed| failed.under_index(list.len())))?
        {
            list.push(value);
        }
        self.depth -= 1;
        Ok(Tree::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Tree, A::Error> {
        self.enter()?;
        let mut object = Vec::new();
        while let Some(name) = from.next_key::<String>()? {
            let value = from
                .next_value_seed(&mut *self)
                .map_err(|error| self.passed(error, |failed| failed.under(&name)))?;
            object.push((name, value));
        }
        self.depth -= 1;
        Ok(Tree::Object(object))
    }
}
