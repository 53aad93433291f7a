//! The feature `serde`: what has a name travels as its name, a partial as its bytes. Plans and summaries have
//! no form of their own here: what a question and an answer look like is for each door to say.
//!
//! A plan has members that act at the end and a summary has reasons for what is absent: as JSON, in text and in a
//! table they look differently, and a form frozen here would be one more. Names are short and stable, and bytes are
//! the canonical ones, so that what is equal stays equal on the way.

use crate::error::Error;
use crate::partial::Partial;
use crate::plan::Nonfinite;
use crate::stat::{QuantileMethod, Reason, Statistic};
use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;
use core::str::FromStr;
use serde_core::de::{Deserialize, Deserializer, SeqAccess, Visitor};
use serde_core::ser::{Error as _, Serialize, Serializer};

macro_rules! serialize_by_name {
    ($($type:ty)*) => { $(
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
            }
        }
    )* };
}
serialize_by_name!(Statistic QuantileMethod Nonfinite Reason);

macro_rules! deserialize_by_name {
    ($($type:ty)*) => { $(
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(Name(PhantomData))
            }
        }
    )* };
}
deserialize_by_name!(Statistic QuantileMethod Nonfinite);

/// Reads a name and looks it up in the list of `T`; an unknown one is refused with the names there are.
struct Name<T>(PhantomData<T>);

impl<T: FromStr<Err = Error>> Visitor<'_> for Name<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: serde_core::de::Error>(self, name: &str) -> Result<T, E> {
        name.parse().map_err(E::custom)
    }
}

impl Serialize for Partial {
    /// The bytes of [`Partial::to_bytes`].
    ///
    /// A partial too large to be written is an error of the serializer.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.to_bytes().map_err(S::Error::custom)?)
    }
}

impl<'de> Deserialize<'de> for Partial {
    /// Reads what [`Partial::from_bytes`] reads.
    ///
    /// It is made for formats with bytes, such as bincode and `MessagePack`; lists of numbers are read too.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_bytes(Bytes)
    }
}

/// Reads the bytes of a partial, and checks them as [`Partial::from_bytes`] does.
struct Bytes;

impl<'de> Visitor<'de> for Bytes {
    type Value = Partial;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the bytes of a partial")
    }

    fn visit_bytes<E: serde_core::de::Error>(self, bytes: &[u8]) -> Result<Partial, E> {
        Partial::from_bytes(bytes).map_err(E::custom)
    }

    /// Formats without bytes, such as JSON, have lists of numbers.
    fn visit_seq<A: SeqAccess<'de>>(self, mut numbers: A) -> Result<Partial, A::Error> {
        // Not as many as the input claims: only what comes is held.
        let mut bytes = Vec::new();
        while let Some(byte) = numbers.next_element()? {
            bytes.push(byte);
        }
        self.visit_bytes(&bytes)
    }
}
