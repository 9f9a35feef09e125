//! A parsed message whose size, depth and count are within limits.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};

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
            failed: None,
        };
        let mut from = serde_json::Deserializer::from_slice(bytes);
        let seed = Seed {
            budget: &mut budget,
            depth: 0,
        };
        let tree = seed
            .deserialize(&mut from)
            .and_then(|tree| from.end().map(|()| tree));
        tree.map_err(|error| {
            budget.failed.unwrap_or_else(|| {
                Reason::Syntax {
                    line: error.line(),
                    column: error.column(),
                }
                .into()
            })
        })
    }
}

/// What is left of the limits, and the check that failed: the parser's own error has no place for it.
struct Budget {
    values_max: usize,
    values: usize,
    failed: Option<DecodeError>,
}

struct Seed<'budget> {
    budget: &'budget mut Budget,
    depth: usize,
}

impl Seed<'_> {
    fn deeper(&mut self) -> Seed<'_> {
        Seed {
            budget: self.budget,
            depth: self.depth + 1,
        }
    }

    fn fail<E: Error>(&mut self, failed: DecodeError) -> E {
        self.budget.failed = Some(failed);
        E::custom("limit")
    }

    fn nest<E: Error>(&mut self) -> Result<(), E> {
        if self.depth < DEPTH_MAX {
            return Ok(());
        }
        Err(self.fail(Reason::TooDeep { max: DEPTH_MAX }.into()))
    }

    /// Puts the way to a failed check together, from its end.
    fn passing<T, E>(
        &mut self,
        result: Result<T, E>,
        place: impl FnOnce(DecodeError) -> DecodeError,
    ) -> Result<T, E> {
        if result.is_err() {
            self.budget.failed = self.budget.failed.take().map(place);
        }
        result
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Tree;

    fn deserialize<D: serde::Deserializer<'de>>(mut self, from: D) -> Result<Tree, D::Error> {
        self.budget.values += 1;
        if self.budget.values > self.budget.values_max {
            let max = self.budget.values_max;
            return Err(self.fail(Reason::TooManyValues { max }.into()));
        }
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
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

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut from: A) -> Result<Tree, A::Error> {
        self.nest()?;
        let mut list = Vec::new();
        loop {
            let next = from.next_element_seed(self.deeper());
            match self.passing(next, |error| error.under_index(list.len()))? {
                Some(value) => list.push(value),
                None => return Ok(Tree::List(list)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut from: A) -> Result<Tree, A::Error> {
        self.nest()?;
        let mut object = Vec::new();
        while let Some(name) = from.next_key::<String>()? {
            let value = from.next_value_seed(self.deeper());
            let value = self.passing(value, |error| error.under(&name))?;
            object.push((name, value));
        }
        Ok(Tree::Object(object))
    }
}
