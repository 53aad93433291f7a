//! The formats of files that come as bodies: what each is called in a header, and which parameters say how it is read.
//!
//! How a file is read is not here, nor what is asked of it.

use exacta_scan::{Element, Format};

/// What every kind of file may be sent as.
pub(crate) const OCTETS: &str = "application/octet-stream";

/// A format, as a type: each has operations of its own.
pub(crate) trait FileFormat: Send + Sync + 'static {
    const FORMAT: Format;

    /// The media types that it has of its own.
    const MEDIA_TYPES: &'static [&'static str];

    /// The parameters that say how it is read.
    const PARAMETERS: &'static [&'static str];

    /// What the document says of such a body.
    const BODY: &'static str;

    /// Whether few bytes may hold many rows.
    const IS_DENSE: bool = false;
}

macro_rules! formats {
    ($($name:ident = $format:expr, $media_types:expr, $parameters:expr, $body:expr $(, $is_dense:expr)?;)+) => {$(
        pub(crate) enum $name {}

        impl FileFormat for $name {
            const FORMAT: Format = $format;
            const MEDIA_TYPES: &'static [&'static str] = &$media_types;
            const PARAMETERS: &'static [&'static str] = &$parameters;
            const BODY: &'static str = $body;
            $(const IS_DENSE: bool = $is_dense;)?
        }
    )+};
}

formats! {
    Csv = Format::Csv, ["text/csv"], ["delimiter", "no_headers", "invalid", "null", "names"],
        "The file. The media type text/csv is taken as well.";
    Tsv = Format::Tsv, ["text/tab-separated-values"], ["no_headers", "invalid", "null", "names"],
        "The file. The media type text/tab-separated-values is taken as well.";
    Ndjson = Format::Ndjson, ["application/x-ndjson", "application/jsonl"], ["invalid", "null"],
        "The records. The media types application/x-ndjson and application/jsonl are taken as well.";
    Arrow = Format::Arrow,
        ["application/vnd.apache.arrow.stream", "application/vnd.apache.arrow.file"],
        ["invalid", "null"],
        "The data. The media types application/vnd.apache.arrow.stream and \
         application/vnd.apache.arrow.file are taken as well.", true;
    Parquet = Format::Parquet, ["application/vnd.apache.parquet"], ["invalid", "null"],
        "The file. The media type application/vnd.apache.parquet is taken as well.", true;
    Npy = Format::Npy, [], ["names"], "The array.";
    F64 = Format::Raw(Element::F64), [], ["names"],
        "The numbers: a multiple of eight bytes for each name.";
}
