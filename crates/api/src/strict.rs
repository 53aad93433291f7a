//! JSON read strictly: an object is an object, and an absent member is absent.
//!
//! What serde derives also takes an array for a struct and `null` for an
//! `Option`. Here is what takes neither; unknown and repeated members are
//! refused by serde's own attributes, which is why they are not here.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, Unexpected, Visitor};

/// A deserializer whose structs are JSON objects, never arrays.
///
/// A type uses it at its own level: it derives `Deserialize` with
/// `#[serde(remote = "Self")]`, which gives an inherent `deserialize`, and
/// implements the trait by calling that with the deserializer wrapped in this.
pub(crate) struct ObjectOnly<D>(pub(crate) D);

impl<'de, D: Deserializer<'de>> Deserializer<'de> for ObjectOnly<D> {
    type Error = D::Error;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_map(MapOnly(visitor))
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_map(MapOnly(visitor))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string
        bytes byte_buf option unit unit_struct newtype_struct seq tuple
        tuple_struct map enum identifier ignored_any
    }
}

/// A visitor that hands on a map and refuses all else.
struct MapOnly<V>(V);

impl<'de, V: Visitor<'de>> Visitor<'de> for MapOnly<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(map)
    }
}

/// Reads an optional member that is present: `null` is no value of it.
pub(crate) fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// The same of a count, which is the number `8` also where it is written `8.0`: to JSON Schema both are integers.
pub(crate) fn present_count<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<u64>, D::Error> {
    deserializer.deserialize_u64(Count).map(Some)
}

struct Count;

impl Visitor<'_> for Count {
    type Value = u64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number")
    }

    fn visit_u64<E: de::Error>(self, count: u64) -> Result<u64, E> {
        Ok(count)
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<u64, E> {
        let is_count = number.fract() == 0.0 && (0.0..u64::MAX as f64).contains(&number);
        let wrong = || E::invalid_type(Unexpected::Float(number), &self);
        is_count.then_some(number as u64).ok_or_else(wrong)
    }
}

/// Implements `Deserialize` through [`ObjectOnly`] for a type that derives it
/// with `#[serde(remote = "Self")]`.
macro_rules! deserialize_object_only {
    ($($type:ty),+) => {$(
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <$type>::deserialize($crate::strict::ObjectOnly(deserializer))
            }
        }
    )+};
}
pub(crate) use deserialize_object_only;
