//! As much of JSON Schema as ours use, as the standard means it.

use serde_json::Value;

/// Whether the value is what the schema allows.
pub(crate) fn fits(root: &Value, schema: &Value, value: &Value) -> bool {
    let Value::Object(rules) = schema else {
        return schema == &Value::Bool(true);
    };
    rules.iter().all(|(rule, with)| match rule.as_str() {
        "$ref" => {
            let path = with
                .as_str()
                .expect("a reference is text")
                .trim_start_matches('#');
            fits(
                root,
                root.pointer(path).expect("a reference leads somewhere"),
                value,
            )
        }
        "oneOf" => {
            let fitting = |one: &&Value| fits(root, one, value);
            with.as_array()
                .expect("oneOf is a list")
                .iter()
                .filter(fitting)
                .count()
                == 1
        }
        "anyOf" => with
            .as_array()
            .expect("anyOf is a list")
            .iter()
            .any(|one| fits(root, one, value)),
        "const" => with == value,
        "type" => with.as_array().map_or_else(
            || is_a(with, value),
            |types| types.iter().any(|one| is_a(one, value)),
        ),
        "properties" => {
            with.as_object()
                .expect("properties are named")
                .iter()
                .all(|(name, schema)| {
                    value
                        .get(name)
                        .is_none_or(|value| fits(root, schema, value))
                })
        }
        "required" => with
            .as_array()
            .expect("required is a list")
            .iter()
            .all(|name| value.get(name.as_str().expect("a name is text")).is_some()),
        "items" => value
            .as_array()
            .is_none_or(|items| items.iter().all(|item| fits(root, with, item))),
        "minimum" => value
            .as_f64()
            .is_none_or(|value| Some(value) >= with.as_f64()),
        "maximum" => value
            .as_f64()
            .is_none_or(|value| Some(value) <= with.as_f64()),
        "exclusiveMaximum" => value
            .as_f64()
            .is_none_or(|value| Some(value) < with.as_f64()),
        "minLength" => value
            .as_str()
            .is_none_or(|text| text.chars().count() as u64 >= with.as_u64().unwrap_or(0)),
        "maxLength" => value
            .as_str()
            .is_none_or(|text| text.chars().count() as u64 <= with.as_u64().unwrap_or(0)),
        "minItems" => value
            .as_array()
            .is_none_or(|items| items.len() as u64 >= with.as_u64().unwrap_or(0)),
        "maxItems" => value
            .as_array()
            .is_none_or(|items| items.len() as u64 <= with.as_u64().unwrap_or(0)),
        "pattern" => value
            .as_str()
            .is_none_or(|text| is_hash(with.as_str().expect("a pattern is text"), text)),
        "$schema" | "$defs" | "title" | "description" | "$comment" | "format" | "examples"
        | "default" => true,
        other => panic!("the schema uses {other}"),
    })
}

fn is_a(name: &Value, value: &Value) -> bool {
    match name.as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("null") => value.is_null(),
        Some("number") => value.is_number(),
        // What JSON Schema calls an integer: also 1.0 and 1e2.
        Some("integer") => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        other => panic!("the schema has the type {other:?}"),
    }
}

/// The one kind of pattern that ours use: so many hexadecimal digits.
fn is_hash(pattern: &str, text: &str) -> bool {
    let digits = pattern
        .strip_prefix("^[0-9a-fA-F]{")
        .and_then(|rest| rest.strip_suffix("}$"))
        .and_then(|digits| digits.parse().ok());
    let digits: usize = digits.unwrap_or_else(|| panic!("the schema has the pattern {pattern}"));
    text.len() == digits && text.chars().all(|char| char.is_ascii_hexdigit())
}
