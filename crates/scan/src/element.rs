//! The types of numbers that stand side by side in binary formats, and the way of their bytes into the cells of a
//! batch. Where the bytes are found is the reader's business.

use exacta::Value;

use crate::{batch::Cells, number::Reading};

/// A type of numbers of a fixed width.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Element {
    /// binary64.
    F64,
    /// binary32.
    F32,
    /// binary16.
    F16,
    /// A signed integer of 64 bits.
    I64,
    /// A signed integer of 32 bits.
    I32,
    /// A signed integer of 16 bits.
    I16,
    /// A signed integer of 8 bits.
    I8,
    /// An unsigned integer of 64 bits.
    U64,
    /// An unsigned integer of 32 bits.
    U32,
    /// An unsigned integer of 16 bits.
    U16,
    /// An unsigned integer of 8 bits.
    U8,
}

impl Element {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::F64 => "f64",
            Self::F32 => "f32",
            Self::F16 => "f16",
            Self::I64 => "i64",
            Self::I32 => "i32",
            Self::I16 => "i16",
            Self::I8 => "i8",
            Self::U64 => "u64",
            Self::U32 => "u32",
            Self::U16 => "u16",
            Self::U8 => "u8",
        }
    }

    /// How many bytes a number takes.
    pub fn n_bytes(self) -> usize {
        match self {
            Self::F64 | Self::I64 | Self::U64 => 8,
            Self::F32 | Self::I32 | Self::U32 => 4,
            Self::F16 | Self::I16 | Self::U16 => 2,
            Self::I8 | Self::U8 => 1,
        }
    }

    /// The shortest text of a number.
    fn text(self, order: ByteOrder, bytes: &[u8]) -> String {
        /// The number of a type.
        macro_rules! number {
            ($type:ty) => {{
                let bytes = bytes.try_into().expect("as many bytes as the type has");
                match order {
                    ByteOrder::Little => <$type>::from_le_bytes(bytes),
                    ByteOrder::Big => <$type>::from_be_bytes(bytes),
                }
            }};
        }
        match self {
            Self::F64 => format!("{:?}", number!(f64)),
            Self::F32 => format!("{:?}", f64::from(number!(f32))),
            Self::F16 => format!("{:?}", widened(number!(u16))),
            Self::I64 => number!(i64).to_string(),
            Self::I32 => number!(i32).to_string(),
            Self::I16 => number!(i16).to_string(),
            Self::I8 => number!(i8).to_string(),
            Self::U64 => number!(u64).to_string(),
            Self::U32 => number!(u32).to_string(),
            Self::U16 => number!(u16).to_string(),
            Self::U8 => number!(u8).to_string(),
        }
    }
}

/// Which byte of a number comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ByteOrder {
    /// The lowest.
    Little,
    /// The highest.
    Big,
}

/// What the bytes of a cell are.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Number(Element, ByteOrder),
    /// So many bytes that are no number, which a reader may know how to show.
    Other(usize, fn(&[u8]) -> String),
}

impl Kind {
    /// How many bytes a cell has.
    pub(crate) fn n_bytes(self) -> usize {
        match self {
            Self::Number(element, _) => element.n_bytes(),
            Self::Other(n_bytes, _) => n_bytes,
        }
    }
}

/// One cell of a row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field {
    /// Where in the row it begins.
    pub(crate) offset: usize,
    pub(crate) kind: Kind,
}

/// The same field of several rows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields<'a> {
    /// Whole rows.
    pub(crate) bytes: &'a [u8],
    /// How many bytes a row has.
    pub(crate) stride: usize,
    pub(crate) field: Field,
}

impl<'a> Fields<'a> {
    /// Adds a cell for each row, with its text if that is wanted.
    ///
    /// To be called in the default floating-point environment: widening a subnormal is arithmetic.
    pub(crate) fn push_to(self, cells: &mut Cells, texts: bool) {
        let n_rows = self.bytes.len() / self.stride;
        match self.field.kind {
            Kind::Number(element, order) => self.push_numbers(element, order, cells),
            Kind::Other(..) => (0..n_rows).for_each(|_| cells.push(Reading::Text)),
        }
        if texts {
            (0..n_rows).for_each(|row| cells.texts.push(self.text(row).as_bytes()));
        }
    }

    /// The text of a cell: the shortest of a number.
    pub(crate) fn text(self, row: usize) -> String {
        let Field { offset, kind } = self.field;
        let cell = &self.bytes[row * self.stride + offset..][..kind.n_bytes()];
        match kind {
            Kind::Number(element, order) => element.text(order, cell),
            Kind::Other(_, show) => show(cell),
        }
    }

    fn push_numbers(self, element: Element, order: ByteOrder, cells: &mut Cells) {
        /// The numbers of a type, in its order of bytes.
        macro_rules! numbers {
            ($type:ty) => {
                self.each().map(|bytes| match order {
                    ByteOrder::Little => <$type>::from_le_bytes(bytes),
                    ByteOrder::Big => <$type>::from_be_bytes(bytes),
                })
            };
        }
        match element {
            Element::F64 => cells.extend(numbers!(f64)),
            Element::F32 => cells.extend(numbers!(f32).map(f64::from)),
            Element::F16 => cells.extend(numbers!(u16).map(widened)),
            Element::I64 => numbers!(i64).for_each(|number| cells.push(signed(number))),
            Element::I32 => cells.extend(numbers!(i32).map(f64::from)),
            Element::I16 => cells.extend(numbers!(i16).map(f64::from)),
            Element::I8 => cells.extend(numbers!(i8).map(f64::from)),
            Element::U64 => numbers!(u64).for_each(|number| cells.push(unsigned(number))),
            Element::U32 => cells.extend(numbers!(u32).map(f64::from)),
            Element::U16 => cells.extend(numbers!(u16).map(f64::from)),
            Element::U8 => cells.extend(numbers!(u8).map(f64::from)),
        }
    }

    /// The bytes of the field in each row.
    fn each<const N: usize>(self) -> impl Iterator<Item = [u8; N]> + 'a {
        let offset = self.field.offset;
        let cell = move |row: &[u8]| row[offset..offset + N].try_into().expect("there are N bytes");
        self.bytes.chunks_exact(self.stride).map(cell)
    }
}

/// What a signed integer is read as.
#[inline]
pub(crate) fn signed(number: i64) -> Reading {
    if number.unsigned_abs() < 1 << f64::MANTISSA_DIGITS {
        Reading::Float(number as f64)
    } else {
        Reading::Wide(Value::from(number))
    }
}

/// What an unsigned integer is read as.
#[inline]
pub(crate) fn unsigned(number: u64) -> Reading {
    if number < 1 << f64::MANTISSA_DIGITS {
        Reading::Float(number as f64)
    } else {
        Reading::Wide(Value::from(number))
    }
}

/// The binary64 that is a binary16, given by its bits.
#[inline]
pub(crate) fn widened(bits: u16) -> f64 {
    /// 2^-24, the last place of a subnormal.
    const LAST_PLACE: f64 = 1.0 / 16_777_216.0;
    let (exponent, fraction) = (bits >> 10 & 0x1f, bits & 0x3ff);
    let magnitude = match exponent {
        0 => f64::from(fraction) * LAST_PLACE,
        31 if fraction == 0 => f64::INFINITY,
        31 => f64::NAN,
        // The bias of the exponent is 15 here and 1023 there.
        _ => f64::from_bits(u64::from(exponent + 1008) << 52 | u64::from(fraction) << 42),
    };
    if bits >> 15 == 1 { -magnitude } else { magnitude }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By the formula of IEEE 754, for every one of them.
    #[test]
    fn every_binary16_is_widened_exactly() {
        for bits in 0..=u16::MAX {
            let (exponent, fraction) = (i32::from(bits >> 10 & 0x1f), f64::from(bits & 0x3ff));
            let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
            let expected = match exponent {
                0 => sign * fraction * 2f64.powi(-24),
                31 if fraction == 0.0 => sign * f64::INFINITY,
                31 => f64::NAN,
                _ => sign * (1024.0 + fraction) * 2f64.powi(exponent - 25),
            };
            let given = widened(bits);
            assert!(
                given.to_bits() == expected.to_bits() || given.is_nan() && expected.is_nan(),
                "{bits:04x}"
            );
        }
    }

    #[test]
    fn integers_are_exact() {
        for number in [0, -1, 1 << 53, -(1 << 53), (1 << 53) - 1, i64::MIN, i64::MAX] {
            let value = match signed(number) {
                Reading::Float(value) => Value::from(value),
                Reading::Wide(value) => value,
                _ => panic!("an integer is a number"),
            };
            assert_eq!(value, Value::from(number));
            if let Ok(number) = u64::try_from(number) {
                assert_eq!(unsigned(number), signed(number as i64));
            }
        }
        assert_eq!(unsigned(u64::MAX), Reading::Wide(Value::from(u64::MAX)));
    }
}
