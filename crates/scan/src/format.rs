//! The formats that are read, their names, and how an input is recognized that does not say what it is. What is
//! behind a format is in the module of its reader.

use std::{ffi::OsStr, fmt, path::Path, str::FromStr};

use crate::{Element, Error};

/// How the bytes of an input make rows and columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// Text: records of cells between delimiters (RFC 4180). Plain numbers, one a line, are one.
    Csv,
    /// The same with tabs between cells.
    Tsv,
    /// Text: a JSON record a line, an object as a rule.
    Ndjson,
    /// Text: a JSON array of records, objects as a rule.
    Json,
    /// Apache Parquet.
    Parquet,
    /// Apache Arrow's IPC, as a file (Feather's second version, too) or as a stream.
    Arrow,
    /// One array, as `numpy.save` writes it.
    Npy,
    /// Several arrays with as many rows, as `numpy.savez` writes them. Columns bear the names of the arrays; those of one
    /// of two dimensions are `name.1` and so on.
    Npz,
    /// Numbers of one type side by side, row after row, the lowest byte first.
    Raw(Element),
}

impl Format {
    /// Every format that is read, in the order of their documentation.
    pub const ALL: &'static [Self] = &[
        Self::Csv,
        Self::Tsv,
        Self::Ndjson,
        Self::Json,
        Self::Parquet,
        Self::Arrow,
        Self::Npy,
        Self::Npz,
        Self::Raw(Element::F64),
        Self::Raw(Element::F32),
        Self::Raw(Element::F16),
        Self::Raw(Element::I64),
        Self::Raw(Element::I32),
        Self::Raw(Element::I16),
        Self::Raw(Element::I8),
        Self::Raw(Element::U64),
        Self::Raw(Element::U32),
        Self::Raw(Element::U16),
        Self::Raw(Element::U8),
    ];

    /// Its name in options; raw numbers go by the name of their type.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::Ndjson => "ndjson",
            Self::Json => "json",
            Self::Parquet => "parquet",
            Self::Arrow => "arrow",
            Self::Npy => "npy",
            Self::Npz => "npz",
            Self::Raw(element) => element.name(),
        }
    }

    /// The format of an input that begins with these bytes and has this name: by a signature; else by the end of
    /// the name, where that stands for cells with delimiters or for NDJSON; else by how the text begins.
    pub(crate) fn detect(start: &[u8], name: &Path) -> Self {
        signed(start).or_else(|| named(name)).or_else(|| structured(start)).unwrap_or(Self::Csv)
    }
}

/// The format whose signature the bytes bear.
fn signed(start: &[u8]) -> Option<Format> {
    const SIGNATURES: [(&[u8], Format); 5] = [
        (b"PAR1", Format::Parquet),
        (b"ARROW1", Format::Arrow),
        // A message of a stream: a mark, then the length of a schema, which is below 2^16 · 256.
        (b"\xff\xff\xff\xff", Format::Arrow),
        (b"\x93NUMPY", Format::Npy),
        (b"PK\x03\x04", Format::Npz),
    ];
    let bears = |(signature, _): &&(&[u8], Format)| start.starts_with(signature);
    SIGNATURES.iter().find(bears).map(|(_, format)| *format)
}

/// The format that the end of a name stands for, if its text does not tell.
fn named(name: &Path) -> Option<Format> {
    let end = name.extension()?.to_ascii_lowercase();
    match end.to_str()? {
        "csv" => Some(Format::Csv),
        "tsv" | "tab" => Some(Format::Tsv),
        "ndjson" | "jsonl" => Some(Format::Ndjson),
        _ => None,
    }
}

/// The format of JSON that the first two characters say; a name in brackets is no JSON.
fn structured(start: &[u8]) -> Option<Format> {
    let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    let (first, rest) = text.trim_ascii_start().split_first()?;
    match (first, rest.trim_ascii_start().first()?) {
        (b'{', b'"' | b'}') => Some(Format::Ndjson),
        (b'[', b'{' | b'[' | b']' | b'-' | b'0'..=b'9') => Some(Format::Json),
        _ => None,
    }
}

/// A name without the end that stands for a compression.
pub(crate) fn uncompressed(name: &Path) -> &Path {
    let ends = ["gz", "zst", "bz2", "xz"];
    let is_compressed = |end: &OsStr| ends.iter().any(|known| end.eq_ignore_ascii_case(known));
    match name.extension().filter(|end| is_compressed(end)) {
        Some(_) => Path::new(name.file_stem().unwrap_or_default()),
        None => name,
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Format {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        let found = Self::ALL.iter().copied().find(|format| format.name() == name);
        found.ok_or_else(|| Error::FormatUnknown { name: name.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for format in Format::ALL {
            assert_eq!(format.name().parse::<Format>().unwrap(), *format);
        }
        assert_eq!("f63".parse::<Format>().unwrap_err().code(), "format.unknown");
    }

    #[test]
    fn an_input_says_what_it_is() {
        let cases: [(&[u8], &str, Format); 19] = [
            (b"PAR1\x15\x04", "x.csv", Format::Parquet),
            (b"ARROW1\0\0", "", Format::Arrow),
            (b"\xff\xff\xff\xff\x10\x01\0\0", "", Format::Arrow),
            (b"\x93NUMPY\x01\0", "", Format::Npy),
            (b"PK\x03\x04\x14\0", "", Format::Npz),
            (b"{\"x\":1}\n", "", Format::Ndjson),
            (b"\xef\xbb\xbf \n[{\"x\":1}]", "x.json", Format::Json),
            (b"[1,2]", "", Format::Json),
            (b"[1,2]\n[3,4]", "x.jsonl", Format::Ndjson),
            (b"[date],x\n", "", Format::Csv),
            (b"[1],x\n", "x.csv", Format::Csv),
            (b"{date}\tx\n", "X.TSV", Format::Tsv),
            (b"x\ty\n", "x.tab", Format::Tsv),
            (b"x,y\n", "x.json", Format::Csv),
            (b"1\n", "", Format::Csv),
            (b"", "", Format::Csv),
            (b"PAR", "", Format::Csv),
            (b"x\ty\n", "x.txt", Format::Csv),
            (b"PK,1\n", "", Format::Csv),
        ];
        for (start, name, expected) in cases {
            assert_eq!(Format::detect(start, Path::new(name)), expected, "{start:?} {name}");
        }
    }

    #[test]
    fn a_compression_hides_no_name() {
        for (name, expected) in [("a/x.tsv.gz", "x.tsv"), ("x.tsv", "x.tsv"), ("x.ZST", "x")] {
            assert_eq!(uncompressed(Path::new(name)), Path::new(expected));
        }
    }
}
