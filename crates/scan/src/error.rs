//! What can go wrong when a stream is scanned: one closed list, each with a stable code. What is only
//! remarkable, and no error, is in `warning`.

use std::{fmt, io, path::PathBuf};

use exacta::NonfiniteKind;

use crate::{Compression, Format, JsonFault, Place, ScanOptions};

/// An error of the scan. The text is one line that names the place and the mend, in words that the query of
/// the service has too, for a caller that knows the name of the input to put it in front; [`Error::code`] is for programs and never changes.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The reader failed.
    #[error(
        "the input cannot be read: {0}; check that it is a file of text, or a pipe that is still open"
    )]
    Io(io::Error),
    /// There is no byte in the input, or nothing but empty lines.
    #[error("the input is empty; give a header and rows, or numbers one a line")]
    Empty,
    /// The delimiter is one that cannot separate cells.
    #[error(
        "the delimiter cannot be {}; choose one ASCII byte that is no quote, line end or NUL",
        .byte.escape_ascii()
    )]
    Delimiter {
        /// The byte as given.
        byte: u8,
    },
    /// The byte of comments is one that cannot begin them.
    #[error(
        "a comment cannot begin with {}; choose one ASCII byte that is no delimiter, quote, line end or NUL",
        .byte.escape_ascii()
    )]
    Comment {
        /// The byte as given.
        byte: u8,
    },
    /// A row has more or fewer cells than the header, or than the first row where there is no header.
    #[error(
        "{place}: this row has {} and the {} has {}; add or remove cells, or quote the cell that holds a delimiter",
        Count(*.n_cells, "cell"), if *.headers { "header" } else { "first row" }, Count(*.n_columns, "cell")
    )]
    Ragged {
        /// The cells of this row.
        n_cells: usize,
        /// The cells that it should have.
        n_columns: usize,
        /// Whether it is a header that says so.
        headers: bool,
        /// Where the row begins.
        place: Place,
    },
    /// A quote stands inside an unquoted cell.
    #[error(
        "{place}: a quote inside an unquoted cell; quote the whole cell and double the quotes in it"
    )]
    QuoteInside {
        /// The place of the quote.
        place: Place,
    },
    /// Something follows the closing quote of a cell.
    #[error(
        "{place}: text after a closing quote; end the cell there, or double the quotes inside it"
    )]
    QuoteTrailed {
        /// The place of the first byte after the quote.
        place: Place,
    },
    /// The input ends inside a quoted cell.
    #[error(
        "{place}: this quote is never closed; close it, or double it if it belongs to the text"
    )]
    QuoteUnclosed {
        /// The place of the opening quote.
        place: Place,
    },
    /// A carriage return that no line feed follows, outside quotes.
    #[error(
        "{place}: a carriage return without a line feed; end lines with LF or CRLF, or quote the cell"
    )]
    CarriageReturn {
        /// The place of the carriage return.
        place: Place,
    },
    /// A NUL byte: binary data, or text in UTF-16.
    #[error("{place}: a NUL byte; is this binary data, or UTF-16? give text in UTF-8")]
    Nul {
        /// The place of the byte.
        place: Place,
    },
    /// Text in UTF-16, by the mark that it begins with, or as every second byte of its beginning is NUL.
    #[error("this is UTF-16; convert it to UTF-8")]
    Utf16,
    /// A table of partials, by how it begins.
    #[error("this is a file of partials; `exacta merge` shows what is in it")]
    Partials,
    /// Bytes that are not UTF-8.
    #[error("{place}: invalid UTF-8; convert the input to UTF-8")]
    Utf8 {
        /// The place of the first byte that is wrong.
        place: Place,
    },
    /// A record is longer than this reader takes.
    #[error(
        "{place}: this record is longer than {bytes_max} bytes; is there a quote that never closes?"
    )]
    RecordTooLong {
        /// The limit, line end included.
        bytes_max: usize,
        /// Where the record begins.
        place: Place,
    },
    /// JSON that is not read.
    #[error("{}{fault}", Before(*.place))]
    Json {
        /// What is wrong.
        fault: JsonFault,
        /// Where, unless it is about the whole input.
        place: Option<Place>,
    },
    /// There are more columns than this reader takes.
    #[error(
        "{}{n_columns} columns, more than the limit of {columns_max}; ask for fewer by name, or cut the input into narrower ones", Before(*.place)
    )]
    ColumnsTooMany {
        /// The columns there are.
        n_columns: usize,
        /// The limit.
        columns_max: usize,
        /// Where the header begins, in an input that has one.
        place: Option<Place>,
    },
    /// A name stands twice in the header.
    #[error(
        "{place}: column {} stands twice in the header; rename one, or use no_headers=true if the first line is data",
        Excerpt(.name)
    )]
    ColumnDuplicate {
        /// The name.
        name: String,
        /// The place of its second appearance.
        place: Place,
    },
    /// A column was asked for twice.
    #[error("column {} is asked for twice; name it once", Excerpt(.name))]
    ColumnRepeated {
        /// The name.
        name: String,
    },
    /// A column that was asked for is not there.
    #[error("no column {}; {}", Excerpt(.name), Known(.nearest.as_deref(), .names))]
    ColumnUnknown {
        /// The name as asked for.
        name: String,
        /// The name that it may be meant for.
        nearest: Option<String>,
        /// The names there are.
        names: Vec<String>,
    },
    /// A column that was asked for by name holds a cell that is no number.
    #[error(
        "{place}: {} in column {} {}; mend it, name it as null, or use invalid=count to leave such cells out",
        Excerpt(.cell), Excerpt(.name),
        if *.overflow { "is beyond the range of binary64" } else { "is not a number" }
    )]
    ColumnText {
        /// The name of the column.
        name: String,
        /// The text of the cell, cut to its beginning.
        cell: String,
        /// Whether it is a number beyond the range of binary64 rather than no number at all.
        overflow: bool,
        /// Where the cell begins.
        place: Place,
    },
    /// A column is asked for something that its type does not have.
    #[error(
        "column {} is of the type {data_type}, which has no {what}; name another column",
        Excerpt(.name)
    )]
    ColumnType {
        /// The name of the column.
        name: String,
        /// The type, as Arrow names it.
        data_type: String,
        /// What it does not have.
        what: &'static str,
    },
    /// Two tables that are to be merged have different columns.
    #[error("column {} is missing, and another input has it; give inputs with the same columns, name those to summarize, or use flexible=true to take its cells as null", Excerpt(.name))]
    ColumnMissing {
        /// The name of the column.
        name: String,
    },
    /// A NaN or an infinity came under the policy `reject`.
    #[error("{place}: {kind} in column {} is rejected; mend it, or use nonfinite=skip or nonfinite=propagate to let it pass", Excerpt(.name))]
    NonfiniteRejected {
        /// What came.
        kind: NonfiniteKind,
        /// The name of the column.
        name: String,
        /// Where the cell begins.
        place: Place,
    },
    /// A weight that is negative, NaN or infinite.
    #[error("{place}: {} in column {} is no weight; weights are finite numbers that are not negative", Excerpt(.cell), Excerpt(.name))]
    WeightInvalid {
        /// The name of the column.
        name: String,
        /// The text of the cell, cut to its beginning.
        cell: String,
        /// Where the cell begins.
        place: Place,
    },
    /// A name of [`Invalid`](crate::Invalid) that does not exist.
    #[error("unknown invalid {}; known: text, count", Excerpt(.name))]
    InvalidUnknown {
        /// The name as given.
        name: String,
    },
    /// A text that is no [`Filter`](crate::Filter).
    #[error("{} is no condition: {reason}; write COLUMN OP VALUE with one of = != < <= > >=, and in double quotes what has them in it", Excerpt(.text))]
    FilterInvalid {
        /// The text as given.
        text: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Decimals were asked for where they are not offered.
    #[error("decimals are not offered for {what}; leave out decimal=true")]
    DecimalUnsupported {
        /// What there is.
        what: String,
    },
    /// A literal has more digits or a larger exponent than decimals may have.
    #[error(
        "{place}: {} in column {} is beyond the 19 digits and the exponents from -400 to 288 of decimals; leave the column out, or leave out decimal=true",
        Excerpt(.cell), Excerpt(.name)
    )]
    DecimalOutOfRange {
        /// The text of the cell, cut to its beginning.
        cell: String,
        /// The name of the column.
        name: String,
        /// Where the cell begins.
        place: Place,
    },
    /// Values for which there is no memory cannot be put into a temporary file.
    #[error(
        "values beyond the memory allowed cannot be kept in {}: {source}; free some room there, set TMPDIR to another place, or use memory=BYTES to allow more",
        .directory.display()
    )]
    Spill {
        /// Where the file is.
        directory: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A stream that must be a file cannot be copied to a temporary one.
    #[error(
        "the input cannot be kept in {} until its end is there: {source}; free some room there, or set TMPDIR to another place",
        .directory.display()
    )]
    Spool {
        /// Where the file is.
        directory: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The sums and sketches of all columns take more memory than there may be.
    #[error(
        "the statistics of {n_columns} columns take about {bytes_needed} bytes, more than the {bytes_max} of memory allowed; ask for fewer columns or statistics, or use memory=BYTES to allow more"
    )]
    ColumnsNeedMemory {
        /// The columns there are.
        n_columns: usize,
        /// What their statistics take.
        bytes_needed: u64,
        /// What is allowed.
        bytes_max: u64,
    },
    /// A name of a [`Format`] that does not exist.
    #[error("unknown format {}; known: {}", Excerpt(.name), Listed(Format::ALL))]
    FormatUnknown {
        /// The name as given.
        name: String,
    },
    /// This build was made without what reads the input.
    #[error(
        "this build does not read {what}; install one with the feature `{feature}`, which is there by default"
    )]
    FeatureMissing {
        /// What it does not read.
        what: String,
        /// The feature of the crate that does.
        feature: &'static str,
    },
    /// A compressed input is damaged, or ends before its end.
    #[error(
        "the {compression} data are damaged or cut short: {cause}; get or write the file again"
    )]
    Compression {
        /// How it is compressed.
        compression: Compression,
        /// What the decoder says.
        cause: String,
    },
    /// An input in a binary format is damaged, ends before its end, or holds what is not read.
    #[error("the input cannot be read as {format}: {cause}; check its format, or write it again")]
    Damaged {
        /// The format.
        format: Format,
        /// What is wrong.
        cause: String,
    },
    /// A share of the input that is decoded as a whole is too large.
    #[error("{place}: {what} of more than {bytes_max} bytes; write the file again in smaller ones")]
    BatchTooLarge {
        /// What it is.
        what: &'static str,
        /// The limit.
        bytes_max: u64,
        /// The first row of it.
        place: Place,
    },
    /// There are not as many names as columns.
    #[error("{n_names} given for {}; give one for each", Count(*.n_columns, "column"), n_names = Count(*.n_names, "name"))]
    NamesMismatch {
        /// The names there are.
        n_names: usize,
        /// The columns there are.
        n_columns: usize,
    },
    /// A name is given to two columns.
    #[error("the name {} is given twice; give each column a name of its own", Excerpt(.name))]
    NameRepeated {
        /// The name.
        name: String,
    },
    /// Names are given for columns that have some.
    #[error("names are given, and the columns of {format} have names of their own; leave them out")]
    NamesTaken {
        /// The format.
        format: Format,
    },
    /// Bytes that are no table of partials.
    #[error("this is no file of partials: {reason}; make one with `exacta partial`")]
    TableInvalid {
        /// What is wrong with them.
        reason: &'static str,
    },
    /// A table of partials of another version of the format.
    #[error(
        "this file of partials is of version {found} of the format, and this build knows {known}; use a later build"
    )]
    TableVersion {
        /// The version that the bytes say.
        found: u8,
        /// The one that is read.
        known: u8,
    },
    /// An error of the kernel.
    #[error(transparent)]
    Core(#[from] exacta::Error),
}

impl Error {
    /// The stable dotted code: the same in every language and door.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Io(_) => "input.read",
            Self::Empty => "input.empty",
            Self::Delimiter { .. } => "csv.delimiter",
            Self::Comment { .. } => "csv.comment",
            Self::Ragged { .. } => "csv.ragged",
            Self::QuoteInside { .. } => "csv.quote_inside",
            Self::QuoteTrailed { .. } => "csv.quote_trailed",
            Self::QuoteUnclosed { .. } => "csv.quote_unclosed",
            Self::CarriageReturn { .. } => "csv.carriage_return",
            Self::Nul { .. } => "csv.nul",
            Self::Utf16 => "input.utf16",
            Self::Partials => "input.partial",
            Self::Utf8 { .. } => "csv.utf8",
            Self::RecordTooLong { .. } => "csv.record_too_long",
            Self::Json { fault, .. } => fault.code(),
            Self::ColumnsTooMany { .. } => "column.too_many",
            Self::ColumnDuplicate { .. } => "column.duplicate",
            Self::ColumnRepeated { .. } => "column.repeated",
            Self::ColumnUnknown { .. } => "column.unknown",
            Self::ColumnText { .. } => "column.text",
            Self::ColumnType { .. } => "column.type",
            Self::ColumnMissing { .. } => "column.missing",
            Self::NonfiniteRejected { .. } => "value.nonfinite",
            Self::WeightInvalid { .. } => "weight.invalid",
            Self::InvalidUnknown { .. } => "invalid.unknown",
            Self::FilterInvalid { .. } => "filter.invalid",
            Self::DecimalUnsupported { .. } => "decimal.unsupported",
            Self::DecimalOutOfRange { .. } => "decimal.out_of_range",
            Self::Spill { .. } => "memory.spill",
            Self::Spool { .. } => "input.spool",
            Self::ColumnsNeedMemory { .. } => "memory.columns",
            Self::FormatUnknown { .. } => "format.unknown",
            Self::FeatureMissing { .. } => "format.disabled",
            Self::Compression { .. } => "compression.invalid",
            Self::Damaged { format, .. } => damaged(*format),
            Self::BatchTooLarge { .. } => "batch.too_large",
            Self::NamesMismatch { .. } => "names.mismatch",
            Self::NameRepeated { .. } => "names.repeated",
            Self::NamesTaken { .. } => "names.taken",
            Self::TableInvalid { .. } => "table.invalid",
            Self::TableVersion { .. } => "table.version",
            Self::Core(error) => error.code(),
        }
    }

    /// Where in the stream it happened, for the errors that have a place.
    pub fn place(&self) -> Option<Place> {
        match self {
            Self::Ragged { place, .. }
            | Self::QuoteInside { place }
            | Self::QuoteTrailed { place }
            | Self::QuoteUnclosed { place }
            | Self::CarriageReturn { place }
            | Self::Nul { place }
            | Self::Utf8 { place }
            | Self::RecordTooLong { place, .. }
            | Self::BatchTooLarge { place, .. }
            | Self::ColumnDuplicate { place, .. }
            | Self::ColumnText { place, .. }
            | Self::WeightInvalid { place, .. }
            | Self::DecimalOutOfRange { place, .. }
            | Self::NonfiniteRejected { place, .. } => Some(*place),
            Self::Json { place, .. } | Self::ColumnsTooMany { place, .. } => *place,
            Self::Io(_)
            | Self::Empty
            | Self::Utf16
            | Self::Partials
            | Self::Delimiter { .. }
            | Self::Comment { .. }
            | Self::ColumnRepeated { .. }
            | Self::ColumnUnknown { .. }
            | Self::ColumnMissing { .. }
            | Self::ColumnType { .. }
            | Self::InvalidUnknown { .. }
            | Self::FilterInvalid { .. }
            | Self::DecimalUnsupported { .. }
            | Self::Spill { .. }
            | Self::ColumnsNeedMemory { .. }
            | Self::FormatUnknown { .. }
            | Self::FeatureMissing { .. }
            | Self::Compression { .. }
            | Self::Damaged { .. }
            | Self::NamesMismatch { .. }
            | Self::NameRepeated { .. }
            | Self::NamesTaken { .. }
            | Self::TableInvalid { .. }
            | Self::TableVersion { .. }
            | Self::Spool { .. }
            | Self::Core(_) => None,
        }
    }
}

/// The code of a damaged input.
fn damaged(format: Format) -> &'static str {
    match format {
        Format::Parquet => "parquet.invalid",
        Format::Arrow => "arrow.invalid",
        Format::Npy | Format::Npz => "npy.invalid",
        // Text has errors of its own.
        _ => "raw.length",
    }
}

impl From<io::Error> for Error {
    /// What a reader of ours had to say comes back as it was.
    fn from(error: io::Error) -> Self {
        error.downcast::<Self>().unwrap_or_else(Self::Io)
    }
}

impl Error {
    /// Checks that there are not too many columns.
    pub(crate) fn check_columns(
        n_columns: usize,
        columns_max: usize,
        place: Place,
    ) -> Result<(), Self> {
        if n_columns > columns_max {
            return Err(Self::ColumnsTooMany { n_columns, columns_max, place: Some(place) });
        }
        Ok(())
    }

    /// The same, where it names a limit the one that these options set.
    pub(crate) fn limited(self, options: &ScanOptions) -> Self {
        match self {
            Self::ColumnsTooMany { n_columns, columns_max, place }
                if options.columns.is_empty() =>
            {
                let columns_max = columns_max.min(options.columns_max);
                Self::ColumnsTooMany { n_columns, columns_max, place }
            }
            error => error,
        }
    }
}

/// The first of some errors in the input; those without a place come before all that have one.
pub(crate) fn first(errors: impl IntoIterator<Item = Error>) -> Option<Error> {
    errors.into_iter().min_by_key(Error::place)
}

/// How much of a name or a cell a message shows, in characters.
const EXCERPT_CHARS_MAX: usize = 64;

/// The beginning of a cell: as much as [`Excerpt`] shows, and one character more to tell that there is more.
pub(crate) fn excerpt(cell: &str) -> String {
    cell.chars().take(EXCERPT_CHARS_MAX + 1).collect()
}

/// How many column names a message lists.
const NAMES_MAX: usize = 12;

/// Text from outside as messages show it, fit for one line: in backticks, escaped, and cut after 64
/// characters, with a mark if there is more.
#[derive(Clone, Copy, Debug)]
pub struct Excerpt<'a>(pub &'a str);

impl fmt::Display for Excerpt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0.chars();
        let shown: String = rest.by_ref().take(EXCERPT_CHARS_MAX).collect();
        let cut = if rest.next().is_some() { "…" } else { "" };
        write!(f, "`{}{cut}`", shown.escape_debug())
    }
}

/// A place before what is said of it, if there is one.
struct Before(Option<Place>);

impl fmt::Display for Before {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |place| write!(f, "{place}: "))
    }
}

/// `1 cell`, `3 cells`.
struct Count(usize, &'static str);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}{}", self.0, self.1, if self.0 == 1 { "" } else { "s" })
    }
}

/// Names with commas between them.
struct Listed(&'static [Format]);

impl fmt::Display for Listed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.0.iter().map(|format| format.name()).collect();
        f.write_str(&names.join(", "))
    }
}

/// The name that is meant, or else the names there are.
struct Known<'a>(Option<&'a str>, &'a [String]);

impl fmt::Display for Known<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(nearest, names) = self;
        if let Some(nearest) = nearest {
            return write!(f, "is {} meant?", Excerpt(nearest));
        }
        if names.is_empty() {
            return f.write_str("there are no columns");
        }
        f.write_str("the columns are ")?;
        for (index, name) in names.iter().take(NAMES_MAX).enumerate() {
            write!(f, "{}{}", if index == 0 { "" } else { ", " }, Excerpt(name))?;
        }
        match names.len().saturating_sub(NAMES_MAX) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}
