//! From arrays to the cells of a batch. Numbers are numbers; whatever else an array holds is text.

use std::ops::Range;

use arrow_array::{
    AnyDictionaryArray, Array,
    cast::AsArray,
    types::{
        Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type,
        Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
        Time32MillisecondType, Time32SecondType, Time64MicrosecondType, Time64NanosecondType,
        TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
        TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
    },
};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, TimeUnit};
#[cfg(feature = "parquet")]
use exacta::Value;

use crate::{
    batch::{Cells, Want},
    element::{signed, unsigned, widened},
    number::Reading,
};

/// Adds the cells of an array with these gaps. Texts that are spellings of null are null.
pub(super) fn push(
    array: &dyn Array,
    nulls: Option<&NullBuffer>,
    want: Want,
    spellings: &[String],
    cells: &mut Cells,
) {
    if array.data_type().is_null() {
        // In all rows, which need be told where each of them matters.
        if want.dense {
            cells.pad(array.len(), want);
        }
        return;
    }
    if want.numbers && !push_numbers(array, 0..array.len(), cells) {
        push_readings(array, nulls, spellings, cells);
    } else if let Some(nulls) = nulls.filter(|nulls| want.numbers && nulls.null_count() > 0) {
        cells.present.set(&nulls.inner().sliced(), nulls.len());
    }
    for row in 0..if want.texts { array.len() } else { 0 } {
        let is_null = nulls.is_some_and(|nulls| nulls.is_null(row));
        let text = if is_null { String::new() } else { text(array, row) };
        if is_null || is_spelled(array, &text, spellings) {
            cells.texts.push_missing();
        } else {
            cells.texts.push_present(text.as_bytes());
        }
    }
}

/// Adds rows of an array, gaps and all, if each is a number that a binary64 holds; and tells whether it is so.
fn push_numbers(array: &dyn Array, rows: Range<usize>, cells: &mut Cells) -> bool {
    /// The rows of a type.
    macro_rules! values {
        ($type:ty) => {
            array.as_primitive::<$type>().values()[rows].iter()
        };
    }
    match array.data_type() {
        DataType::Float64 => cells.extend(values!(Float64Type).copied()),
        DataType::Float32 => cells.extend(values!(Float32Type).map(|x| f64::from(*x))),
        DataType::Float16 => cells.extend(values!(Float16Type).map(|x| widened(x.to_bits()))),
        DataType::Int8 => cells.extend(values!(Int8Type).map(|x| f64::from(*x))),
        DataType::Int16 => cells.extend(values!(Int16Type).map(|x| f64::from(*x))),
        DataType::Int32 => cells.extend(values!(Int32Type).map(|x| f64::from(*x))),
        DataType::UInt8 => cells.extend(values!(UInt8Type).map(|x| f64::from(*x))),
        DataType::UInt16 => cells.extend(values!(UInt16Type).map(|x| f64::from(*x))),
        DataType::UInt32 => cells.extend(values!(UInt32Type).map(|x| f64::from(*x))),
        DataType::Int64 => {
            let values = values!(Int64Type);
            if !is_narrow(values.clone().map(|x| x.unsigned_abs())) {
                return false;
            }
            cells.extend(values.map(|x| *x as f64));
        }
        DataType::UInt64 => {
            let values = values!(UInt64Type);
            if !is_narrow(values.clone().copied()) {
                return false;
            }
            cells.extend(values.map(|x| *x as f64));
        }
        _ => return false,
    }
    true
}

/// Whether all magnitudes are below 2^53.
fn is_narrow(magnitudes: impl Iterator<Item = u64>) -> bool {
    magnitudes.fold(0, |all, magnitude| all | magnitude) < 1 << f64::MANTISSA_DIGITS
}

/// Adds the rows of any array one by one.
fn push_readings(
    array: &dyn Array,
    nulls: Option<&NullBuffer>,
    spellings: &[String],
    cells: &mut Cells,
) {
    let keys = array.as_any_dictionary_opt().map(AnyDictionaryArray::normalized_keys);
    for row in 0..array.len() {
        let is_null = nulls.is_some_and(|nulls| nulls.is_null(row));
        cells.push(match &keys {
            _ if is_null => Reading::Null,
            Some(keys) => reading(array.as_any_dictionary().values(), keys[row], spellings),
            None => reading(array, row, spellings),
        });
    }
}

/// What a cell that is not null is read as.
fn reading(array: &dyn Array, row: usize, spellings: &[String]) -> Reading {
    match array.data_type() {
        DataType::Int64 => signed(array.as_primitive::<Int64Type>().value(row)),
        DataType::UInt64 => unsigned(array.as_primitive::<UInt64Type>().value(row)),
        DataType::Null => Reading::Null,
        _ if !spellings.is_empty() && is_spelled(array, &text(array, row), spellings) => {
            Reading::Null
        }
        _ => {
            let mut cells = Cells::default();
            let is_number = push_numbers(array, row..row + 1, &mut cells);
            if is_number { Reading::Float(cells.numbers[0]) } else { Reading::Text }
        }
    }
}

/// Whether the text of a cell is a spelling of null: where texts are kept, and nowhere else.
fn is_spelled(array: &dyn Array, text: &str, spellings: &[String]) -> bool {
    let data_type = match array.data_type() {
        DataType::Dictionary(_, values) => values,
        data_type => data_type,
    };
    let is_string = matches!(data_type, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View);
    is_string && spellings.iter().any(|spelling| spelling == text)
}

#[cfg(feature = "parquet")]
/// The number in a cell, if there is one.
pub(crate) fn number(array: &dyn Array, row: usize) -> Option<Value> {
    match reading(array, row, &[]) {
        _ if array.is_null(row) => None,
        Reading::Float(value) => Some(value.into()),
        Reading::Wide(value) => Some(value),
        Reading::Null | Reading::Overflow | Reading::Text => None,
    }
}

/// Whether the cells of a type have texts of their own.
pub(super) fn has_text(data_type: &DataType) -> bool {
    match data_type {
        DataType::Dictionary(_, values) => has_text(values),
        DataType::Duration(_) | DataType::Interval(_) => false,
        DataType::Null
        | DataType::Boolean
        | DataType::Utf8
        | DataType::LargeUtf8
        | DataType::Utf8View => true,
        other => other.is_primitive(),
    }
}

/// The text of a cell that is not null: the shortest of a number, dates and times as in ISO 8601. Where a type has no
/// text it is the name of the type.
pub(super) fn text(array: &dyn Array, row: usize) -> String {
    /// What a method of a type says.
    macro_rules! value {
        ($type:ty) => {
            array.as_primitive::<$type>().value(row)
        };
        ($type:ty, $method:ident) => {
            array.as_primitive::<$type>().$method(row).map_or_else(
                || array.as_primitive::<$type>().value(row).to_string(),
                |value| format!("{value:?}"),
            )
        };
    }
    match array.data_type() {
        DataType::Utf8 => array.as_string::<i32>().value(row).to_owned(),
        DataType::LargeUtf8 => array.as_string::<i64>().value(row).to_owned(),
        DataType::Utf8View => array.as_string_view().value(row).to_owned(),
        DataType::Boolean => array.as_boolean().value(row).to_string(),
        DataType::Dictionary(..) => {
            let dictionary = array.as_any_dictionary();
            let key = text(dictionary.keys(), row).parse();
            text(dictionary.values(), key.expect("keys are indices, which are checked"))
        }
        DataType::Float64 => format!("{:?}", value!(Float64Type)),
        DataType::Float32 => format!("{:?}", f64::from(value!(Float32Type))),
        DataType::Float16 => format!("{:?}", widened(value!(Float16Type).to_bits())),
        DataType::Int64 => value!(Int64Type).to_string(),
        DataType::Int32 => value!(Int32Type).to_string(),
        DataType::Int16 => value!(Int16Type).to_string(),
        DataType::Int8 => value!(Int8Type).to_string(),
        DataType::UInt64 => value!(UInt64Type).to_string(),
        DataType::UInt32 => value!(UInt32Type).to_string(),
        DataType::UInt16 => value!(UInt16Type).to_string(),
        DataType::UInt8 => value!(UInt8Type).to_string(),
        DataType::Decimal32(..) => array.as_primitive::<Decimal32Type>().value_as_string(row),
        DataType::Decimal64(..) => array.as_primitive::<Decimal64Type>().value_as_string(row),
        DataType::Decimal128(..) => array.as_primitive::<Decimal128Type>().value_as_string(row),
        DataType::Decimal256(..) => array.as_primitive::<Decimal256Type>().value_as_string(row),
        DataType::Date32 => value!(Date32Type, value_as_date),
        DataType::Date64 => value!(Date64Type, value_as_date),
        DataType::Time32(TimeUnit::Second) => value!(Time32SecondType, value_as_time),
        DataType::Time32(_) => value!(Time32MillisecondType, value_as_time),
        DataType::Time64(TimeUnit::Microsecond) => value!(Time64MicrosecondType, value_as_time),
        DataType::Time64(_) => value!(Time64NanosecondType, value_as_time),
        DataType::Timestamp(unit, zone) => {
            let text = match unit {
                TimeUnit::Second => value!(TimestampSecondType, value_as_datetime),
                TimeUnit::Millisecond => value!(TimestampMillisecondType, value_as_datetime),
                TimeUnit::Microsecond => value!(TimestampMicrosecondType, value_as_datetime),
                TimeUnit::Nanosecond => value!(TimestampNanosecondType, value_as_datetime),
            };
            // With a zone the instant is kept in UTC.
            if zone.is_some() { text + "Z" } else { text }
        }
        other => other.to_string(),
    }
}
