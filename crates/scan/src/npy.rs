//! Arrays as `numpy.save` writes them: a header in Python's notation, then the elements. An array of one dimension is a
//! column, one of two a table, one of records a column a field. Rows that lie together are read by `rows`, columns that lie
//! one behind the other by `arrays`; archives of arrays are in `npz`.

use std::{collections::BTreeSet, io::Read};

use exacta::Plan;

use crate::{
    COLUMNS_MAX, Element, Error, Format, Place, ScanOptions, Table,
    arrays::{Array, scan_arrays},
    element::{ByteOrder, Field, Kind},
    input::{Positions, Source},
    rows::{RowShape, RowStream, scan_rows},
};

const SIGNATURE: &[u8] = b"\x93NUMPY";

/// The longest header that is read. Version 1 of the format has 64 KiB at most.
const HEADER_BYTES_MAX: u64 = 1 << 20;

/// Summarizes the columns of an array.
pub(crate) fn scan_npy(
    source: Source<'_>,
    options: &ScanOptions,
    plan: &Plan,
) -> Result<Table, Error> {
    let (file, mut input) = source.into_parts();
    let header = Header::read(&mut input)?;
    let (shape, fields) = header.columns()?;
    let names = match fields {
        Some(names) => options.check_unnamed(Format::Npy).map(|()| names)?,
        None => options.names_of(shape.fields.len())?,
    };
    let n_rows = header.n_rows();
    if !header.is_by_column() {
        let rows = RowStream::new(input, Format::Npy, shape.width, Some(n_rows));
        return scan_rows(rows, &shape, &names, options, plan);
    }
    let (file, start) = match file {
        Some(file) => (file, header.n_bytes),
        None => (Source::Stream(input).into_file(options)?, 0),
    };
    let arrays = by_column(&file, start, n_rows, &shape, names)?;
    scan_arrays(arrays, n_rows, Format::Npy, options, plan)
}

/// The columns of a table that lies column by column in a file, from `start` to its end.
pub(crate) fn by_column(
    file: &Positions,
    start: u64,
    n_rows: u64,
    shape: &RowShape,
    names: Vec<String>,
) -> Result<Vec<Array<'static>>, Error> {
    let n_bytes = n_rows.checked_mul(shape.width as u64);
    if n_bytes.and_then(|n_bytes| n_bytes.checked_add(start)) != Some(file.n_bytes()) {
        return Err(invalid("it is not as long as its header says"));
    }
    let column = |(field, name): (&Field, String)| {
        let n_bytes = n_rows * field.kind.n_bytes() as u64;
        let input = Box::new(file.range(start + n_rows * field.offset as u64, n_bytes));
        let shape = RowShape::uniform(1, Field { offset: 0, ..*field });
        Array { input, shape, names: vec![name] }
    };
    Ok(shape.fields.iter().zip(names).map(column).collect())
}

/// What is said of an array.
#[derive(Debug, PartialEq)]
pub(crate) struct Header {
    /// The type of an element; a field each, with their names, where it is a record.
    descr: Descr,
    is_fortran: bool,
    shape: Vec<u64>,
    /// How many bytes stand before the elements.
    n_bytes: u64,
}

#[derive(Debug, PartialEq)]
enum Descr {
    Plain(String),
    Record(Vec<(String, String)>),
}

impl Header {
    pub(crate) fn read(input: &mut impl Read) -> Result<Self, Error> {
        let start = exactly(input, SIGNATURE.len() as u64 + 2)?;
        if !start.starts_with(SIGNATURE) {
            return Err(invalid("it does not begin as one"));
        }
        // Version 1 has a length of two bytes, those behind it of four.
        let mut length = exactly(input, if start[6] == 1 { 2 } else { 4 })?;
        let n_before = (start.len() + length.len()) as u64;
        length.resize(4, 0);
        let length = u32::from_le_bytes(length.try_into().expect("there are four"));
        if !(1..=3).contains(&start[6]) || u64::from(length) > HEADER_BYTES_MAX {
            return Err(invalid("its header is of a kind that is not known"));
        }
        let text = String::from_utf8(exactly(input, u64::from(length))?);
        let text = text.map_err(|_| invalid("its header is no text"))?;
        let header = Parser { rest: &text }.header();
        let header = header.ok_or_else(|| invalid("its header is malformed"))?;
        Ok(Self { n_bytes: n_before + u64::from(length), ..header })
    }

    pub(crate) fn n_rows(&self) -> u64 {
        self.shape.first().copied().unwrap_or_default()
    }

    /// Whether it has columns, rather than being one.
    pub(crate) fn is_table(&self) -> bool {
        self.shape.len() == 2
    }

    /// Whether its columns lie one behind the other: in Fortran's order.
    pub(crate) fn is_by_column(&self) -> bool {
        self.is_fortran && self.is_table()
    }

    /// The columns of the array, and their names if they are fields.
    pub(crate) fn columns(&self) -> Result<(RowShape, Option<Vec<String>>), Error> {
        let n_columns = match self.shape[..] {
            [_] => 1,
            [_, n_columns] => n_columns,
            _ => return Err(invalid("it has neither one dimension nor two")),
        };
        let n_columns = usize::try_from(n_columns).unwrap_or(usize::MAX);
        Error::check_columns(n_columns, COLUMNS_MAX, Place::Row(1))?;
        if n_columns == 0 {
            return Err(Error::Empty);
        }
        match &self.descr {
            Descr::Plain(code) => {
                let field = Field { offset: 0, kind: kind(code)? };
                Ok((RowShape::uniform(n_columns, field), None))
            }
            Descr::Record(_) if self.is_table() => Err(invalid("it has records in two dimensions")),
            Descr::Record(fields) => record(fields).map(|(shape, names)| (shape, Some(names))),
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
        let header = Header { descr: descr?, is_fortran: is_fortran?, shape: shape?, n_bytes: 0 };
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
