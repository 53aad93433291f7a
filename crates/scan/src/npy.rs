//! Arrays as `numpy.save` writes them: a header in Python's notation, then the elements. An array of one dimension is a
//! column, one of two a table, one of records a column a field. Rows that lie together are read by `rows`; archives of
//! arrays (`.npz`) are not read.

use std::{collections::BTreeSet, io::Read};

use exacta::Plan;

use crate::{
    COLUMNS_MAX, Element, Error, Format, Place, ScanOptions, Table,
    element::{ByteOrder, Field, Kind},
    rows::{RowShape, RowStream, scan_rows},
};

const SIGNATURE: &[u8] = b"\x93NUMPY";

/// The longest header that is read. Version 1 of the format has 64 KiB at most.
const HEADER_BYTES_MAX: u64 = 1 << 20;

/// Summarizes the columns of an array.
pub(crate) fn scan_npy(
    mut input: impl Read + Send,
    options: &ScanOptions,
    plan: &Plan,
) -> Result<Table, Error> {
    let header = Header::read(&mut input)?;
    let (shape, names) = header.columns(options)?;
    let n_rows = header.shape.first().copied().unwrap_or_default();
    let rows = RowStream::new(input, Format::Npy, shape.width, Some(n_rows));
    scan_rows(rows, &shape, &names, options, plan)
}

/// What is said of an array.
#[derive(Debug, PartialEq)]
struct Header {
    /// The type of an element; a field each, with their names, where it is a record.
    descr: Descr,
    is_fortran: bool,
    shape: Vec<u64>,
}

#[derive(Debug, PartialEq)]
enum Descr {
    Plain(String),
    Record(Vec<(String, String)>),
}

impl Header {
    fn read(input: &mut impl Read) -> Result<Self, Error> {
        let start = exactly(input, SIGNATURE.len() as u64 + 2)?;
        if !start.starts_with(SIGNATURE) {
            return Err(invalid("it does not begin as one"));
        }
        // Version 1 has a length of two bytes, those behind it of four.
        let mut length = exactly(input, if start[6] == 1 { 2 } else { 4 })?;
        length.resize(4, 0);
        let length = u32::from_le_bytes(length.try_into().expect("there are four"));
        if !(1..=3).contains(&start[6]) || u64::from(length) > HEADER_BYTES_MAX {
            return Err(invalid("its header is of a kind that is not known"));
        }
        let text = String::from_utf8(exactly(input, u64::from(length))?);
        let text = text.map_err(|_| invalid("its header is no text"))?;
        Parser { rest: &text }.header().ok_or_else(|| invalid("its header is malformed"))
    }

    /// The columns of the array, and their names.
    fn columns(&self, options: &ScanOptions) -> Result<(RowShape, Vec<String>), Error> {
        let (n_columns, is_table) = match self.shape[..] {
            [_] => (1, false),
            [_, n_columns] => (n_columns, true),
            _ => return Err(invalid("it has neither one dimension nor two")),
        };
        if self.is_fortran && n_columns > 1 {
            return Err(invalid("it lies column by column: save it by `numpy.ascontiguousarray`"));
        }
        let n_columns = usize::try_from(n_columns).unwrap_or(usize::MAX);
        Error::check_columns(n_columns, COLUMNS_MAX, Place::Row(1))?;
        if n_columns == 0 {
            return Err(Error::Empty);
        }
        match &self.descr {
            Descr::Plain(code) => {
                let field = Field { offset: 0, kind: kind(code)? };
                Ok((RowShape::uniform(n_columns, field), options.names_of(n_columns)?))
            }
            Descr::Record(_) if is_table => Err(invalid("it has records in two dimensions")),
            Descr::Record(fields) => {
                options.check_unnamed(Format::Npy)?;
                record(fields)
            }
        }
    }
}

/// Fields side by side, as records without padding have them.
fn record(fields: &[(String, String)]) -> Result<(RowShape, Vec<String>), Error> {
    let mut shape = RowShape { width: 0, fields: Vec::new() };
    let mut seen = BTreeSet::new();
    for (name, code) in fields {
        if !seen.insert(name) {
            return Err(invalid(format!("it has two fields of the name {name:?}")));
        }
        let kind = kind(code)?;
        shape.fields.push(Field { offset: shape.width, kind });
        shape.width += kind.n_bytes();
    }
    if fields.is_empty() {
        return Err(Error::Empty);
    }
    Ok((shape, fields.iter().map(|(name, _)| name.clone()).collect()))
}

/// What the elements of a type are, by its code: an order of bytes, a letter and a number of bytes, as in `<f8`.
fn kind(code: &str) -> Result<Kind, Error> {
    let unknown = || invalid(format!("the type {code:?} is none of numbers"));
    let order = match code.as_bytes().first() {
        Some(b'>') => ByteOrder::Big,
        Some(b'<' | b'|') => ByteOrder::Little,
        _ => return Err(unknown()),
    };
    let element = match &code[1..] {
        "f8" => Element::F64,
        "f4" => Element::F32,
        "f2" => Element::F16,
        "i8" => Element::I64,
        "i4" => Element::I32,
        "i2" => Element::I16,
        "i1" => Element::I8,
        "u8" => Element::U64,
        "u4" => Element::U32,
        "u2" => Element::U16,
        "u1" => Element::U8,
        "b1" => return Ok(Kind::Other(1, |bytes| (bytes[0] != 0).to_string())),
        _ => return Err(unknown()),
    };
    Ok(Kind::Number(element, order))
}

/// Reads the part of Python's notation that headers are written in.
struct Parser<'a> {
    rest: &'a str,
}

impl Parser<'_> {
    /// A dictionary of the three members, in any order.
    fn header(&mut self) -> Option<Header> {
        let (mut descr, mut is_fortran, mut shape) = (None, None, None);
        self.token("{")?;
        while self.token("}").is_none() {
            match self.string()?.as_str() {
                "descr" if descr.is_none() => descr = Some(self.value(Self::descr)?),
                "fortran_order" if is_fortran.is_none() => {
                    is_fortran = Some(self.value(Self::boolean)?);
                }
                "shape" if shape.is_none() => shape = Some(self.value(Self::shape)?),
                _ => return None,
            }
        }
        let header = Header { descr: descr?, is_fortran: is_fortran?, shape: shape? };
        self.rest.trim_ascii().is_empty().then_some(header)
    }

    /// What stands behind the name of a member, and the comma behind it.
    fn value<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        self.token(":")?;
        let value = read(self)?;
        self.separator("}")?;
        Some(value)
    }

    fn descr(&mut self) -> Option<Descr> {
        if self.token("[").is_none() {
            return self.string().map(Descr::Plain);
        }
        let mut fields = Vec::new();
        while self.token("]").is_none() {
            self.token("(")?;
            let name = self.string()?;
            self.token(",")?;
            fields.push((name, self.string()?));
            self.token(")")?;
            self.separator("]")?;
        }
        Some(Descr::Record(fields))
    }

    fn boolean(&mut self) -> Option<bool> {
        self.token("True").map(|()| true).or_else(|| self.token("False").map(|()| false))
    }

    fn shape(&mut self) -> Option<Vec<u64>> {
        let mut lengths = Vec::new();
        self.token("(")?;
        while self.token(")").is_none() {
            let n_digits = self.rest.bytes().take_while(u8::is_ascii_digit).count();
            let (digits, rest) = self.rest.split_at(n_digits);
            lengths.push(digits.parse().ok()?);
            self.rest = rest.trim_ascii_start();
            self.separator(")")?;
        }
        Some(lengths)
    }

    /// A string without escapes, in quotes of either kind.
    fn string(&mut self) -> Option<String> {
        let quote = self.rest.chars().next().filter(|quote| matches!(quote, '\'' | '"'))?;
        let (text, rest) = self.rest[1..].split_once(quote)?;
        self.rest = rest.trim_ascii_start();
        (!text.contains('\\')).then(|| text.to_owned())
    }

    /// A comma, which may be left out before what closes.
    fn separator(&mut self, close: &str) -> Option<()> {
        self.token(",").or_else(|| self.rest.starts_with(close).then_some(()))
    }

    fn token(&mut self, token: &str) -> Option<()> {
        self.rest = self.rest.strip_prefix(token)?.trim_ascii_start();
        Some(())
    }
}

/// So many bytes.
fn exactly(input: &mut impl Read, n_bytes: u64) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    input.take(n_bytes).read_to_end(&mut bytes)?;
    if (bytes.len() as u64) < n_bytes { Err(invalid("its header is cut short")) } else { Ok(bytes) }
}

fn invalid(cause: impl Into<String>) -> Error {
    Error::Damaged { format: Format::Npy, cause: cause.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_strictly() {
        let read = |text: &str| Parser { rest: text }.header();
        let plain =
            read("{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2), }   \n").unwrap();
        assert_eq!(plain.descr, Descr::Plain("<f8".into()));
        assert_eq!((plain.is_fortran, plain.shape), (false, vec![3, 2]));
        let record =
            read("{'descr': [('x', '<f4'), ('y', '>i2')], 'fortran_order': False, 'shape': (5,)}");
        let fields = [("x", "<f4"), ("y", ">i2")].map(|(name, code)| (name.into(), code.into()));
        assert_eq!(record.unwrap().descr, Descr::Record(fields.to_vec()));
        for text in [
            "",
            "{}",
            "{'descr': '<f8', 'fortran_order': False}",
            "{'descr': '<f8', 'fortran_order': 0, 'shape': (3,)}",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (3,), 'shape': (3,)}",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (-3,)}",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (3,)} x",
            "{'descr': '<f8' 'fortran_order': False, 'shape': (3,)}",
            "{'descr': [('x', '<f4', (2,))], 'fortran_order': False, 'shape': (3,)}",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
