//! The compact protocol of Thrift, in which Parquet describes itself, as far as a description must be looked at before a
//! library takes its word: <https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md>.

/// How deep values may lie in one another; the descriptions of Parquet need half a dozen.
const DEPTH_MAX: u32 = 32;

/// The type of a value, as the protocol numbers them. The value of a boolean is in its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Boolean,
    Byte,
    I16,
    I32,
    I64,
    Double,
    Binary,
    List,
    Map,
    Struct,
}

impl Kind {
    fn from_number(number: u8) -> Option<Self> {
        Some(match number {
            1 | 2 => Self::Boolean,
            3 => Self::Byte,
            4 => Self::I16,
            5 => Self::I32,
            6 => Self::I64,
            7 => Self::Double,
            8 => Self::Binary,
            9 | 10 => Self::List,
            11 => Self::Map,
            12 => Self::Struct,
            _ => return None,
        })
    }
}

/// Bytes that are read from their beginning. What is not as the protocol has it, or not there, is none.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'a> {
    pub(super) rest: &'a [u8],
    depth: u32,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, depth: 0 }
    }

    /// The next bytes.
    pub(super) fn take(&mut self, n_bytes: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(n_bytes)?;
        self.rest = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|bytes| bytes[0])
    }

    /// A number in groups of seven bits, the lowest first.
    pub(super) fn varint(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    /// A number with a sign.
    pub(super) fn integer(&mut self) -> Option<i64> {
        let number = self.varint()?;
        Some((number >> 1) as i64 ^ -((number & 1) as i64))
    }

    fn deeper(&mut self, read: impl FnOnce(&mut Self) -> Option<()>) -> Option<()> {
        self.depth += 1;
        let is_read = if self.depth > DEPTH_MAX { None } else { read(self) };
        self.depth -= 1;
        is_read
    }

    /// A struct, each field of which is read by its number and its type.
    pub(super) fn fields(
        &mut self,
        mut read: impl FnMut(&mut Self, i16, Kind) -> Option<()>,
    ) -> Option<()> {
        self.deeper(|cursor| {
            let mut id = 0_i16;
            loop {
                let head = cursor.byte()?;
                let (step, kind) = (head >> 4, head & 0xf);
                if kind == 0 {
                    return Some(());
                }
                // A field says by how much its number is greater than that of the one before, or else the number.
                id = match step {
                    0 => cursor.integer()?.try_into().ok()?,
                    step => id.checked_add(step.into())?,
                };
                read(cursor, id, Kind::from_number(kind)?)?;
            }
        })
    }

    /// The beginning of a list: how many values it has, and of what type they are.
    pub(super) fn list_head(&mut self) -> Option<(u64, Kind)> {
        let head = self.byte()?;
        if head == 0 {
            // So some writers leave one that is empty.
            return Some((0, Kind::Byte));
        }
        let n_values = match head >> 4 {
            15 => self.varint()?,
            n_values => n_values.into(),
        };
        Some((n_values, Kind::from_number(head & 0xf)?))
    }

    /// Passes over the value of a field.
    pub(super) fn skip(&mut self, kind: Kind) -> Option<()> {
        match kind {
            Kind::Boolean => Some(()),
            Kind::Byte => self.byte().map(drop),
            Kind::I16 | Kind::I32 | Kind::I64 => self.varint().map(drop),
            Kind::Double => self.take(8).map(drop),
            Kind::Binary => {
                let n_bytes = self.varint()?;
                self.take(usize::try_from(n_bytes).ok()?).map(drop)
            }
            Kind::Struct => self.fields(Self::skip_field),
            Kind::List => self.deeper(|cursor| {
                let (n_values, kind) = cursor.list_head()?;
                (0..n_values).try_for_each(|_| cursor.skip_value(kind))
            }),
            Kind::Map => self.deeper(|cursor| {
                let n_pairs = cursor.varint()?;
                if n_pairs == 0 {
                    return Some(());
                }
                let kinds = cursor.byte()?;
                let (key, value) =
                    (Kind::from_number(kinds >> 4)?, Kind::from_number(kinds & 0xf)?);
                (0..n_pairs).try_for_each(|_| {
                    cursor.skip_value(key)?;
                    cursor.skip_value(value)
                })
            }),
        }
    }

    /// Passes over a field, whatever it is.
    pub(super) fn skip_field(&mut self, _id: i16, kind: Kind) -> Option<()> {
        self.skip(kind)
    }

    /// Passes over a value of a list or a map, where a boolean has a byte of its own.
    fn skip_value(&mut self, kind: Kind) -> Option<()> {
        self.skip(if kind == Kind::Boolean { Kind::Byte } else { kind })
    }
}
