//! Changes of a channel of a snapshot. In JSON they are lists: whole entries, each with its id, and ids that are gone.

use alloc::borrow::Cow;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::form::Formed;

/// Entries that are new or different, and entries that are gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(
    serialize = "Id: Serialize, Entry: self::Entry<Id = Id>",
    deserialize = "Id: Ord + Deserialize<'de>, Entry: self::Entry<Id = Id>"
))]
pub struct Changes<Id, Entry> {
    /// New or different, whole.
    #[serde(serialize_with = "serialize", deserialize_with = "deserialize")]
    pub upserts: BTreeMap<Id, Entry>,
    /// Gone.
    pub removals: BTreeSet<Id>,
}

impl<Id, Entry> Default for Changes<Id, Entry> {
    fn default() -> Self {
        Self {
            upserts: BTreeMap::new(),
            removals: BTreeSet::new(),
        }
    }
}

impl<Id, Entry> Changes<Id, Entry> {
    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.upserts.is_empty() && self.removals.is_empty()
    }
}

/// An entry of a channel.
pub trait Entry: Sized {
    /// What names it.
    type Id: Ord + Copy;
    /// It with its id.
    type Record: Serialize + DeserializeOwned + JsonSchema;
    /// The name of the channel's schema, and what it holds.
    const CHANNEL: (&str, &str);
    /// Entries that there may be.
    const MAX: usize;

    fn record(&self, id: Self::Id) -> Self::Record;
    fn of(record: Self::Record) -> (Self::Id, Self);
}

fn serialize<E: Entry, S: Serializer>(
    entries: &BTreeMap<E::Id, E>,
    to: S,
) -> Result<S::Ok, S::Error> {
    to.collect_seq(entries.iter().map(|(id, entry)| entry.record(*id)))
}

fn deserialize<'de, E: Entry, D: Deserializer<'de>>(
    from: D,
) -> Result<BTreeMap<E::Id, E>, D::Error> {
    Vec::deserialize(from).map(|records| records.into_iter().map(E::of).collect())
}

impl<E: Entry> JsonSchema for Changes<E::Id, E>
where
    Formed<E::Id>: JsonSchema,
{
    fn schema_name() -> Cow<'static, str> {
        E::CHANNEL.0.into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let record = generator.subschema_for::<E::Record>();
        let id = generator.subschema_for::<Formed<E::Id>>();
        json_schema!({
            "description": E::CHANNEL.1,
            "type": "object",
            "properties": {
                "upserts": {
                    "description": "New or different, whole.",
                    "type": "array",
                    "items": record,
                    "maxItems": E::MAX,
                },
                "removals": { "description": "Gone.", "type": "array", "items": id, "maxItems": E::MAX },
            },
            "required": ["upserts", "removals"],
        })
    }
}
