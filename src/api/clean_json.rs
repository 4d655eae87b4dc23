//! JSON that leaves nothing open to a second reading.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// The value that `body` is, if it is clean: one value and nothing besides, in UTF-8 without a
/// byte order mark, no key twice in an object, and nothing that the parser refuses.
pub(crate) fn read(body: &[u8]) -> Option<Value> {
    let mut parser = serde_json::Deserializer::from_slice(body);
    let value = Unambiguous.deserialize(&mut parser).ok()?;
    parser.end().ok()?;
    Some(value)
}

/// Builds a value and refuses an object that holds a key twice.
struct Unambiguous;

impl<'de> DeserializeSeed<'de> for Unambiguous {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, parser: D) -> Result<Value, D::Error> {
        parser.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Unambiguous {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value without a key twice in an object")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::from).ok_or_else(|| E::custom("not a number"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(item) = items.next_element_seed(Unambiguous)? {
            array.push(item);
        }
        Ok(array.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            let value = entries.next_value_seed(Unambiguous)?;
            if object.insert(key, value).is_some() {
                return Err(A::Error::custom("a key stands twice"));
            }
        }
        Ok(object.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_clean_is_read_as_any_parser_reads_it() {
        for text in [
            "null",
            " {\"a\": [1, -2, 0.5, 18446744073709551615, true], \"b\": {\"a\": \"\\u674e\"}}\r\n",
            "\"\"",
            "[]",
        ] {
            let expected: Value = serde_json::from_str(text).unwrap();
            assert_eq!(read(text.as_bytes()), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_two_readers_may_read_differently_is_not_clean() {
        let deep = [vec![b'['; 1000], vec![b']'; 1000]].concat();
        for body in [
            &b""[..],
            b" ",
            b"{\"a\":1,\"a\":1}",
            b"[{\"x\":{\"\\u0061\":1,\"a\":2}}]",
            b"{} {}",
            b"{}x",
            b"\xef\xbb\xbf{}",
            b"\xff\xfe{\0}\0",
            b"\"\xd6\xd0\"",
            b"\"\\ud800\"",
            b"\"a\nb\"",
            b"1e999",
            b"01",
            b"NaN",
            b"{\"a\":1,}",
            b"{'a':1}",
            b"{\"a\":1",
            &deep,
        ] {
            assert_eq!(read(body), None, "{}", String::from_utf8_lossy(body));
        }
    }
}
