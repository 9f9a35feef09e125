//! Writes types as JSON: exact decimals, no fields that are `None`, no tag around a payload (the envelope names it).

use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::fmt::{self, Display};

use serde::ser::{
    Error, Impossible, Serialize, SerializeMap, SerializeSeq, SerializeStruct,
    SerializeStructVariant, SerializeTuple, Serializer,
};
use sim_core::Pos;

use crate::shape::DECIMAL;

const INFALLIBLE: &str = "messages have no values that JSON cannot hold";

/// The outermost object.
pub(super) struct Envelope {
    out: Vec<u8>,
}

impl Envelope {
    pub(super) fn new() -> Self {
        let mut out = Vec::with_capacity(256);
        out.push(b'{');
        Self { out }
    }

    pub(super) fn field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) {
        let first = self.out.len() == 1;
        let mut fields = Compound {
            out: &mut self.out,
            first,
            close: None,
        };
        SerializeStruct::serialize_field(&mut fields, name, value).expect(INFALLIBLE);
    }

    pub(super) fn fields_of<T: Serialize>(&mut self, body: &T) {
        body.serialize(Writer {
            out: &mut self.out,
            beside: true,
        })
        .expect(INFALLIBLE);
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        self.out.push(b'}');
        self.out
    }
}

/// What no message holds.
#[derive(Debug)]
pub(super) struct Unwritable(&'static str);

impl Display for Unwritable {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.0)
    }
}

impl core::error::Error for Unwritable {}

impl Error for Unwritable {
    fn custom<T: Display>(_: T) -> Self {
        Self("a type that refuses to be written")
    }
}

struct Writer<'out> {
    out: &'out mut Vec<u8>,
    /// Whether fields go into the object that is open, beside those that it has.
    beside: bool,
}

impl<'out> Writer<'out> {
    fn text(self, text: &str) -> Result<(), Unwritable> {
        self.out.extend_from_slice(text.as_bytes());
        Ok(())
    }

    fn open(self, open: u8, close: u8) -> Compound<'out> {
        if self.beside {
            return Compound {
                out: self.out,
                first: false,
                close: None,
            };
        }
        self.out.push(open);
        Compound {
            out: self.out,
            first: true,
            close: Some(close),
        }
    }
}

fn quote(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    for char in text.chars() {
        match char {
            '"' | '\\' => out.extend_from_slice(&[b'\\', char as u8]),
            '\0'..='\x1f' => out.extend_from_slice(format!("\\u{:04x}", char as u32).as_bytes()),
            _ => out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    out.push(b'"');
}

macro_rules! numbers {
    ($($name:ident: $type:ty,)*) => {
        $( fn $name(self, value: $type) -> Result<(), Unwritable> { self.text(&value.to_string()) } )*
    };
}

impl<'out> Serializer for Writer<'out> {
    type Ok = ();
    type Error = Unwritable;
    type SerializeSeq = Compound<'out>;
    type SerializeTuple = Compound<'out>;
    type SerializeTupleStruct = Impossible<(), Unwritable>;
    type SerializeTupleVariant = Impossible<(), Unwritable>;
    type SerializeMap = Compound<'out>;
    type SerializeStruct = Compound<'out>;
    type SerializeStructVariant = Compound<'out>;

    numbers! {
        serialize_bool: bool,
        serialize_i8: i8,
        serialize_i16: i16,
        serialize_i32: i32,
        serialize_i64: i64,
        serialize_u8: u8,
        serialize_u16: u16,
        serialize_u32: u32,
        serialize_u64: u64,
    }

    fn serialize_f32(self, value: f32) -> Result<(), Unwritable> {
        self.serialize_f64(value.into())
    }

    /// The shortest digits that parse to the same number.
    fn serialize_f64(self, value: f64) -> Result<(), Unwritable> {
        if !value.is_finite() {
            return Err(Unwritable("a number that is not finite"));
        }
        self.text(&value.to_string())
    }

    fn serialize_char(self, value: char) -> Result<(), Unwritable> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<(), Unwritable> {
        quote(self.out, value);
        Ok(())
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<(), Unwritable> {
        Err(Unwritable("bytes"))
    }

    fn serialize_none(self) -> Result<(), Unwritable> {
        self.text("null")
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Unwritable> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Unwritable> {
        self.text("null")
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Unwritable> {
        self.text("null")
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), Unwritable> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Unwritable> {
        if name != DECIMAL {
            return value.serialize(self);
        }
        let start = self.out.len();
        value.serialize(Writer {
            out: &mut *self.out,
            beside: false,
        })?;
        let bits = core::str::from_utf8(&self.out[start..])
            .ok()
            .and_then(|bits| bits.parse().ok());
        self.out.truncate(start);
        self.text(&Pos::from_bits(bits.ok_or(Unwritable("a decimal without bits"))?).to_string())
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        value: &T,
    ) -> Result<(), Unwritable> {
        value.serialize(self)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Compound<'out>, Unwritable> {
        Ok(self.open(b'[', b']'))
    }

    fn serialize_tuple(self, _: usize) -> Result<Compound<'out>, Unwritable> {
        Ok(self.open(b'[', b']'))
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleStruct, Unwritable> {
        Err(Unwritable("a tuple struct"))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Unwritable> {
        Err(Unwritable("a tuple variant"))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Compound<'out>, Unwritable> {
        Ok(self.open(b'{', b'}'))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Compound<'out>, Unwritable> {
        Ok(self.open(b'{', b'}'))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Compound<'out>, Unwritable> {
        Ok(self.open(b'{', b'}'))
    }
}

/// A list or object that is open.
struct Compound<'out> {
    out: &'out mut Vec<u8>,
    first: bool,
    close: Option<u8>,
}

impl Compound<'_> {
    fn comma(&mut self) {
        if !self.first {
            self.out.push(b',');
        }
        self.first = false;
    }

    fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
        value.serialize(Writer {
            out: &mut *self.out,
            beside: false,
        })
    }

    fn close(self) -> Result<(), Unwritable> {
        self.out.extend(self.close);
        Ok(())
    }
}

impl SerializeSeq for Compound<'_> {
    type Ok = ();
    type Error = Unwritable;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
        self.comma();
        self.value(value)
    }

    fn end(self) -> Result<(), Unwritable> {
        self.close()
    }
}

impl SerializeTuple for Compound<'_> {
    type Ok = ();
    type Error = Unwritable;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
        SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Result<(), Unwritable> {
        self.close()
    }
}

impl SerializeMap for Compound<'_> {
    type Ok = ();
    type Error = Unwritable;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unwritable> {
        self.comma();
        self.value(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
        self.out.push(b':');
        self.value(value)
    }

    fn end(self) -> Result<(), Unwritable> {
        self.close()
    }
}

impl SerializeStruct for Compound<'_> {
    type Ok = ();
    type Error = Unwritable;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Unwritable> {
        let (start, first) = (self.out.len(), self.first);
        self.comma();
        quote(self.out, name);
        self.out.push(b':');
        let begin = self.out.len();
        self.value(value)?;
        if &self.out[begin..] == b"null" {
            self.out.truncate(start);
            self.first = first;
        }
        Ok(())
    }

    fn end(self) -> Result<(), Unwritable> {
        self.close()
    }
}

impl SerializeStructVariant for Compound<'_> {
    type Ok = ();
    type Error = Unwritable;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Unwritable> {
        SerializeStruct::serialize_field(self, name, value)
    }

    fn end(self) -> Result<(), Unwritable> {
        self.close()
    }
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_map_is_an_object_and_is_closed() {
        let mut envelope = Envelope::new();
        envelope.field("map", &BTreeMap::from([("a", 1_u8), ("b", 2)]));
        let bytes = envelope.finish();
        assert!(bytes.ends_with(br#""map":{"a":1,"b":2}}"#), "{bytes:?}");
    }
}
