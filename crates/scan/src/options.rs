//! How an input is read and what is asked of it, as a caller says it. What the plan computes is in `exacta`.

use std::{collections::BTreeSet, fmt, num::NonZeroUsize, str::FromStr};

#[cfg(doc)]
use exacta::DecimalAccumulator;
use exacta::{Plan, States};

use crate::{COLUMNS_MAX, Error, Filter, Format, Lacking, Memory, Progress, Watch};

/// How an input is read, and which of its columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScanOptions {
    /// The format of the input; nothing means that it says so itself, as [`scan`](crate::scan) tells.
    pub format: Option<Format>,
    /// The names of the columns of input that has none: then its first record is data. Raw numbers have as many
    /// columns as there are names here, and one if there is none.
    pub names: Vec<String>,
    /// The byte between cells: any ASCII byte but the quote, CR, LF and NUL.
    pub delimiter: u8,
    /// The byte that a comment begins with, if there are any: a line of text that begins with it is skipped, whatever
    /// is in it. Within a record, as in quotes, no line is a comment.
    pub comment: Option<u8>,
    /// Whether rows of text may have any number of cells. Those that one has too few are null, and those beyond the
    /// first record's are left out.
    pub flexible: bool,
    /// What becomes of a column that is named here and is not there.
    pub lacking: Lacking,
    /// Whether the first record names the columns. Even then a single column whose first line is a number
    /// (or a null) has no header. Columns without a header are named `1`, `2` and so on.
    pub headers: bool,
    /// The columns to summarize, in this order; none means all but those in `by`. A cell that is no number is an error in a
    /// column that is named here, unless `invalid` is [`Invalid::Count`] or `top` is asked.
    pub columns: Vec<String>,
    /// How many columns are summarized at most: each takes about 2 KB. More than [`COLUMNS_MAX`] never are.
    pub columns_max: usize,
    /// What a cell that is no number makes of its column.
    pub invalid: Invalid,
    /// More texts that mean a missing value, beside the empty one. They are compared with the whole text
    /// of a cell, and with what is left of it without the blanks around it if it is unquoted.
    pub null: Vec<String>,
    /// The columns whose cells group the rows; none means no groups. They are not summarized, unless they are in
    /// `columns` too.
    pub by: Vec<String>,
    /// Pairs of columns, x and y, of which covariance and its like are asked.
    pub pairs: Vec<[String; 2]>,
    /// The column with the weights of rows, if there is one. It is not summarized, unless it is in `columns` too.
    pub weights: Option<String>,
    /// How many of the most frequent values of each column are asked, if any. All its distinct values are kept.
    pub top: Option<NonZeroUsize>,
    /// Conditions on rows: one for which not all of them hold is left out, as if it were not there.
    pub filters: Vec<Filter>,
    /// Whether numbers are taken as they are written instead of as the nearest binary64, so that 0.1 + 0.2 + 0.3 is
    /// 0.6. For CSV, TSV, NDJSON and JSON, without groups, pairs, weights and frequent values, and for plans that need no more than sums, squares and extremes; literals
    /// have up to 19 significant digits and an exponent in [`DecimalAccumulator::EXPONENTS`].
    pub decimal: bool,
    /// How much memory the values may take that the plan keeps, and how much those that `top` counts.
    pub memory: Memory,
    /// How many bytes a record batch of Arrow may have, which is decoded as a whole, and how many what it was compressed
    /// from.
    pub batch_bytes_max: u64,
    /// What is told how the scan goes, and may end it.
    pub watch: Option<Watch>,
}

impl Default for ScanOptions {
    /// Commas, a header, all columns, [`Invalid::Text`], only empty cells are null, no comments, no ragged rows, no groups
    /// and no condition.
    fn default() -> Self {
        Self {
            format: None,
            names: Vec::new(),
            delimiter: b',',
            comment: None,
            flexible: false,
            lacking: Lacking::default(),
            headers: true,
            columns: Vec::new(),
            columns_max: COLUMNS_MAX,
            invalid: Invalid::default(),
            null: Vec::new(),
            by: Vec::new(),
            pairs: Vec::new(),
            weights: None,
            top: None,
            filters: Vec::new(),
            decimal: false,
            memory: Memory::default(),
            batch_bytes_max: u64::MAX,
            watch: None,
        }
    }
}

impl ScanOptions {
    /// Checks what can be said of the options before there is an input.
    ///
    /// # Errors
    ///
    /// When the delimiter is a byte that cannot separate cells, or the byte of comments one that cannot begin them, or
    /// a name is given twice.
    pub fn check(&self) -> Result<(), Error> {
        let fits = |byte: u8| byte.is_ascii() && !matches!(byte, b'"' | b'\r' | b'\n' | b'\0');
        if !fits(self.delimiter) {
            return Err(Error::Delimiter { byte: self.delimiter });
        }
        if let Some(byte) = self.comment.filter(|byte| !fits(*byte) || *byte == self.delimiter) {
            return Err(Error::Comment { byte });
        }
        let mut seen = BTreeSet::new();
        match self.names.iter().find(|name| !seen.insert(*name)) {
            Some(name) => Err(Error::NameRepeated { name: name.clone() }),
            None => Ok(()),
        }
    }

    /// Checks that decimals, if they are wanted, are offered for such an input and plan.
    pub(crate) fn check_decimal(&self, format: Format, plan: &Plan) -> Result<(), Error> {
        let offered = States::SUM.union(States::SUM_SQUARES).union(States::EXTREMES);
        let is_text = matches!(format, Format::Csv | Format::Tsv | Format::Ndjson | Format::Json);
        let lacks = match () {
            () if !self.decimal => None,
            () if !is_text => Some(format!("{format} input")),
            () if !self.by.is_empty() => Some("groups".to_owned()),
            () if !self.pairs.is_empty() => Some("pairs".to_owned()),
            () if self.weights.is_some() => Some("weights".to_owned()),
            () if self.top.is_some() => Some("frequent values".to_owned()),
            () if offered.contains(plan.states()) => None,
            () => Some("statistics beyond sums, squares and extremes".to_owned()),
        };
        lacks.map_or(Ok(()), |what| Err(Error::DecimalUnsupported { what }))
    }

    /// Tells how the scan goes.
    pub(crate) fn tell(&self, progress: Progress) -> Result<(), Error> {
        Ok(self.watch.as_ref().map_or(Ok(()), |watch| watch.tell(progress))?)
    }

    /// Checks that no names are given for an input whose format has some.
    pub(crate) fn check_unnamed(&self, format: Format) -> Result<(), Error> {
        if self.names.is_empty() { Ok(()) } else { Err(Error::NamesTaken { format }) }
    }

    /// The names given for so many columns, or else their numbers.
    pub(crate) fn names_of(&self, n_columns: usize) -> Result<Vec<String>, Error> {
        match self.names.len() {
            0 => Ok((1..=n_columns).map(|number| number.to_string()).collect()),
            n_names if n_names == n_columns => Ok(self.names.clone()),
            n_names => Err(Error::NamesMismatch { n_names, n_columns }),
        }
    }

    /// The columns that are named, each once.
    pub(crate) fn column_names(&self) -> Vec<String> {
        let mut seen = BTreeSet::new();
        let named = self.columns.iter().chain(&self.by);
        let named = named.chain(self.pairs.iter().flatten()).chain(&self.weights);
        let named = named.map(String::as_str);
        let named = named.chain(self.filters.iter().map(Filter::column));
        named.filter(|name| seen.insert(*name)).map(str::to_owned).collect()
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
