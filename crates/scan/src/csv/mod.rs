//! CSV: how it is read, and the way through it. `window` holds a block of bytes, `grammar` finds the cells
//! of a record in it, `records` makes them text with a place, `header` says which columns there are. What a
//! cell means is in `cell`, what becomes of it in `columns`.

mod grammar;
mod header;
mod records;
mod window;

use std::{fmt, io::Read, str::FromStr};

use exacta::Plan;

pub(crate) use self::records::{Cell, Record};
use self::{header::Header, records::Records};
use crate::{Error, Table, columns::Columns};

/// The longest record that is read, its line end included. A longer one is an error, so that a quote that
/// never closes or a number without end takes no more memory than this.
pub const RECORD_BYTES_MAX: usize = 16 << 20;

/// The most columns that are read.
pub const COLUMNS_MAX: usize = 1 << 16;

/// How a CSV is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvOptions {
    /// The byte between cells: any ASCII byte but the quote, CR, LF and NUL.
    pub delimiter: u8,
    /// Whether the first record names the columns. Even then a single column whose first line is a number
    /// (or a null) has no header. Columns without a header are named `1`, `2` and so on.
    pub headers: bool,
    /// The columns to summarize, in this order; none means all. A cell that is no number is an error in a
    /// column that is named here, unless `invalid` is [`Invalid::Count`].
    pub columns: Vec<String>,
    /// How many columns are summarized at most: each takes about 2 KB. More than [`COLUMNS_MAX`] never are.
    pub columns_max: usize,
    /// What a cell that is no number makes of its column.
    pub invalid: Invalid,
    /// More texts that mean a missing value, beside the empty one. They are compared with the whole text
    /// of a cell, and with what is left of it without the blanks around it if it is unquoted.
    pub null: Vec<String>,
}

impl Default for CsvOptions {
    /// Commas, a header, all columns, [`Invalid::Text`], only empty cells are null.
    fn default() -> Self {
        Self {
            delimiter: b',',
            headers: true,
            columns: Vec::new(),
            columns_max: COLUMNS_MAX,
            invalid: Invalid::default(),
            null: Vec::new(),
        }
    }
}

impl CsvOptions {
    /// Checks what can be said of the options before there is an input.
    ///
    /// # Errors
    ///
    /// When the delimiter is a byte that cannot separate cells.
    pub fn check(&self) -> Result<(), Error> {
        let byte = self.delimiter;
        let fits = byte.is_ascii() && !matches!(byte, b'"' | b'\r' | b'\n' | b'\0');
        if fits { Ok(()) } else { Err(Error::Delimiter { byte }) }
    }
}

/// What a cell that is no number makes of its column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Invalid {
    /// The column is text, and has counts but no statistics.
    #[default]
    Text,
    /// The numbers of the column are summarized, and the other cells counted.
    Count,
}

impl Invalid {
    /// Every variant, in the order of their documentation.
    pub const ALL: &'static [Self] = &[Self::Text, Self::Count];

    /// Its name in options and queries.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Count => "count",
        }
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Invalid {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        let found = Self::ALL.iter().copied().find(|invalid| invalid.name() == name);
        found.ok_or_else(|| Error::InvalidUnknown { name: name.to_owned() })
    }
}

/// Summarizes the columns of a CSV.
///
/// The input is read once, a block at a time: memory does not grow with the rows, except for what the plan
/// itself keeps (an order statistic keeps the values). The values are accumulated on rayon's current pool.
/// The result depends on the bytes of the input alone, not on threads or on how the reader cuts them.
///
/// # Errors
///
/// For input that is not what [`CsvOptions`] says: ragged rows, quotes out of place, bytes that are no text,
/// columns that are not there, each with its place. The first in the order of the input is the one told, but for
/// values that the policy `reject` rejects in columns which may still be text: those are told at the end.
///
/// ```
/// use exacta::{Plan, Statistic};
/// use exacta_scan::{CsvOptions, scan_csv};
///
/// let plan = Plan::new([Statistic::Sum]);
/// let table = scan_csv("x,y\n1e16,a\n1,b\n-1e16,c\n".as_bytes(), &CsvOptions::default(), &plan)?;
/// let sum = table.columns[0].partial.finalize(&plan)?.get(Statistic::Sum);
/// assert_eq!(sum.unwrap().finite(), Some(1.0));
/// assert_eq!(table.warnings[0].to_string(),
///     "line 2, column 6: column `y` is text, no statistics; use invalid=count to summarize its numbers");
/// # Ok::<(), exacta_scan::Error>(())
/// ```
pub fn scan_csv(input: impl Read, options: &CsvOptions, plan: &Plan) -> Result<Table, Error> {
    // Reading a decimal rounds in floating point; accumulating sees to itself.
    exacta::environment::with_default(|| scan(input, options, plan))
}

fn scan(input: impl Read, options: &CsvOptions, plan: &Plan) -> Result<Table, Error> {
    options.check()?;
    let mut records = Records::new(input, options.delimiter)?;
    let mut n_blank = 0;
    let first = loop {
        let Some(record) = records.read()? else { return Err(Error::Empty) };
        if !record.is_blank() {
            break record;
        }
        n_blank += 1;
    };
    let header = Header::new(&first, options)?;
    let mut columns = Columns::new(header.select(options)?, options, plan);
    if !header.has_names() {
        if header.n_columns() == 1 {
            columns.push_null_rows(n_blank);
        }
        columns.push_row(&first)?;
    }
    while let Some(record) = records.read()? {
        if record.is_blank() && header.n_columns() > 1 {
            continue;
        }
        header.check(&record)?;
        columns.push_row(&record)?;
    }
    columns.close(header.warning())
}
