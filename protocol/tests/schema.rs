//! The schemas in the repository are those of the types, and allow what the decoder takes.

mod examples;
mod json_schema;

use std::fs;
use std::path::Path;

use examples::{blocks, is_from_client};
use json_schema::fits;
use protocol::limits::{CHARACTER_ID_BYTES_MAX, NAME_CHARS_MAX, SNAPSHOT_STRUCTURES_MAX};
use protocol::schema::{client_schema, server_schema};
use protocol::{DecodeError, Encoding, Reason, decode_client, decode_server};
use serde_json::{Value, json};

#[test]
fn the_schemas_are_current() {
    let folder = Path::new("schema");
    for (name, schema) in [
        ("client.json", client_schema()),
        ("server.json", server_schema()),
    ] {
        let path = folder.join(name);
        if std::env::var_os("BITFORT_BLESS").is_some() {
            fs::create_dir_all(folder).expect("the folder can be made");
            fs::write(&path, &schema).expect("the schema can be written");
        }
        let kept = fs::read_to_string(&path).unwrap_or_default();
        // As values: the order of names depends on who else in the workspace uses serde_json.
        let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
        assert!(
            value(&kept) == value(&schema),
            "{name} is not that of the types; run: BITFORT_BLESS=1 cargo test -p protocol --test schema"
        );
    }
}

/// An example of the page, and changes of it.
struct Example {
    whole: Value,
    from_client: bool,
    schema: Value,
}

impl Example {
    fn all() -> Vec<Self> {
        let examples = blocks().into_iter();
        let examples = examples.filter(|(language, _)| *language == "json");
        let example = |(_, text): (_, &str)| {
            let whole: Value = serde_json::from_str(text).expect(text);
            let from_client = is_from_client(&whole);
            let schema = if from_client {
                client_schema()
            } else {
                server_schema()
            };
            Self {
                whole,
                from_client,
                schema: serde_json::from_str(&schema).expect("it is JSON"),
            }
        };
        examples.map(example).collect()
    }

    fn fits(&self, message: &Value) -> bool {
        fits(&self.schema, &self.schema, message)
    }

    fn decode(&self, message: &Value) -> Result<(), DecodeError> {
        let text = message.to_string();
        if self.from_client {
            decode_client(text.as_bytes(), Encoding::Json).map(|_| ())
        } else {
            decode_server(text.as_bytes(), Encoding::Json, |_| None).map(|_| ())
        }
    }

    /// The paths of all values that hold no others, as JSON pointers.
    fn leaves(&self) -> Vec<String> {
        let mut leaves = Vec::new();
        let mut left = vec![(String::new(), &self.whole)];
        while let Some((path, value)) = left.pop() {
            match value {
                Value::Object(fields) => {
                    let fields = fields.iter();
                    left.extend(fields.map(|(name, value)| (format!("{path}/{name}"), value)));
                }
                Value::Array(items) => {
                    let items = items.iter().enumerate();
                    left.extend(items.map(|(index, value)| (format!("{path}/{index}"), value)));
                }
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                    leaves.push(path);
                }
            }
        }
        leaves
    }

    fn with(&self, path: &str, value: Value) -> Value {
        let mut message = self.whole.clone();
        *message.pointer_mut(path).expect("it was listed") = value;
        message
    }
}

/// What is put in the place of a value.
fn others(value: &Value) -> Vec<Value> {
    let mut others = vec![json!(null), json!(true), json!({}), json!([]), json!("x")];
    for power in [0_u32, 3, 4, 6, 8, 16, 32, 53, 63] {
        let edge = 1_u64 << power;
        others.extend([edge - 1, edge, edge + 1].map(Value::from));
        others.push(json!(edge as f64));
    }
    others.extend([
        json!(-1),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(0.5),
        json!(1e300),
    ]);
    if let Some(text) = value.as_str() {
        let long = [
            0,
            1,
            8,
            9,
            16,
            NAME_CHARS_MAX,
            CHARACTER_ID_BYTES_MAX,
            128,
            2_560,
        ];
        for length in long {
            others.extend([length, length + 1].map(|length| Value::from("a".repeat(length))));
        }
        others.extend(
            [
                text.to_uppercase(),
                text.replace('a', "g"),
                "\u{202e}".into(),
            ]
            .map(Value::from),
        );
    }
    others
}

/// Where the schema is wider, as its description and `docs/PROTOCOL.md` say.
fn is_beyond_the_schema(value: &Value, why: &DecodeError) -> bool {
    let is_whole = value.as_f64().is_some_and(|number| number.fract() == 0.0);
    // An integer with a point or an exponent.
    matches!(why.reason, Reason::WrongType { .. } if is_whole)
        // What only two fields together get wrong.
        || matches!(why.reason, Reason::Contradiction { .. })
        || matches!(why.reason, Reason::MissingField if why.field() == Some("baseId"))
        || matches!(why.reason, Reason::OutOfRange { .. } if why.field().is_some_and(|field| field.ends_with("].seq")))
        // What a name shows.
        || matches!(why.reason, Reason::Name { .. })
}

#[test]
fn the_schemas_allow_what_the_decoder_takes_and_no_more_than_they_say() {
    let (mut tried, mut wider) = (0, 0);
    for example in Example::all() {
        assert!(example.fits(&example.whole), "{}", example.whole);
        for path in example.leaves() {
            let was = example.whole.pointer(&path).expect("it was listed");
            for value in others(was) {
                let message = example.with(&path, value.clone());
                tried += 1;
                match (example.fits(&message), example.decode(&message)) {
                    (true, Ok(())) | (false, Err(_)) => {}
                    (true, Err(why)) => {
                        assert!(is_beyond_the_schema(&value, &why), "{path} {value}: {why}");
                        wider += 1;
                    }
                    (false, Ok(())) => panic!("the decoder takes {value} for {path}: {message}"),
                }
            }
        }
    }
    assert!(tried > 10_000 && wider > 500, "{tried}, {wider}");
}

#[test]
fn the_schemas_agree_with_the_decoder_on_missing_fields_and_long_lists() {
    let mut refused = 0;
    for example in Example::all() {
        // Every field is required or optional.
        for name in example.whole.as_object().expect("it is an object").keys() {
            let mut without = example.whole.clone();
            without
                .as_object_mut()
                .expect("it is an object")
                .remove(name);
            let wrong = example.with(&format!("/{name}"), json!([]));
            for altered in [without, wrong] {
                let decodes = example.decode(&altered).is_ok();
                // What only two fields together get wrong is beyond the schema.
                if name != "baseId" {
                    assert_eq!(example.fits(&altered), decodes, "{name}: {altered}");
                }
                refused += usize::from(!decodes);
            }
        }
    }
    assert!(refused > 200, "{refused}");
    let snapshot = Example::all().into_iter();
    let mut snapshot = snapshot.filter(|example| example.whole["mode"] == "delta");
    let snapshot = snapshot.next_back().expect("the page has a delta");
    for (list, max) in [
        ("presence/removals", 32),
        ("movement/removals", 32),
        ("build/previews/removals", 32),
        ("build/structures/removals", SNAPSHOT_STRUCTURES_MAX),
        ("projectile/removals", 256),
    ] {
        for (length, is_taken) in [(max, true), (max + 1, false)] {
            let ids: Vec<usize> = (0..length).collect();
            let message = snapshot.with(&format!("/features/{list}"), json!(ids));
            assert_eq!(
                snapshot.decode(&message).is_ok(),
                is_taken,
                "{list} {length}"
            );
            assert_eq!(snapshot.fits(&message), is_taken, "{list} {length}");
        }
    }
}
