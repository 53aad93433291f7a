//! From a block of records to batches: each record is read once, and its cells are put where their members belong.

use std::{borrow::Cow, cmp::Ordering};

use exacta::environment;

use super::{
    RowKind,
    cursor::{Cursor, Scalar, unescape},
    fault::{Fault, JsonFault},
    locate::locate,
    members::{Members, ROOT},
    names::Names,
};
use crate::{
    Error, Place, RECORD_BYTES_MAX,
    batch::{Batch, Cells, Origin, Want, rows_max},
    blocks::Block,
    number::{self, Decimal, Reading, Written},
    parallel::{Decoder, Take},
};

/// What is the same for all records.
#[derive(Clone, Copy)]
pub(super) struct Rules<'a> {
    /// Whether a record is a line; else it is an element of an array.
    pub(super) lines: bool,
    pub(super) kind: RowKind,
    pub(super) names: &'a Names,
    pub(super) wants: &'a [Want],
    /// What is wanted of columns that nobody asked for, whatever their index.
    pub(super) late: Want,
    pub(super) null: &'a [String],
}

impl Rules<'_> {
    /// What is wanted of a column.
    fn want(&self, column: usize) -> Want {
        self.wants.get(column).copied().unwrap_or(Want { index: column, ..self.late })
    }

    /// Whether it matters how any cells are written.
    fn has_texts(&self) -> bool {
        let mut wants = self.wants.iter().chain([&self.late]);
        !self.null.is_empty() || wants.any(|want| want.texts || want.literals)
    }
}

/// Makes batches of blocks.
pub(super) struct JsonDecoder<'a> {
    rules: Rules<'a>,
    members: Members<'a>,
    /// The columns of a batch.
    columns: Vec<Cells>,
    /// Those of which each row is wanted, and those that have a cell in the batch.
    dense: Vec<usize>,
    held: Vec<usize>,
    /// How many columns this thread knows of.
    n_columns: usize,
    /// Where the records of a batch begin in the block, and where the one begins that is read.
    starts: Vec<u32>,
    start: usize,
    /// Whether it matters how any cells are written.
    texts: bool,
}

/// Why a record is not put into a batch.
enum Stop {
    /// It has a column more, and with that the batch would have too many cells.
    Full,
    Fault(Fault),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl<'a> JsonDecoder<'a> {
    pub(super) fn new(rules: Rules<'a>) -> Self {
        Self {
            rules,
            members: Members::new(rules.names),
            columns: Vec::new(),
            dense: (0..rules.wants.len()).filter(|column| rules.wants[*column].dense).collect(),
            held: Vec::new(),
            n_columns: rules.wants.len(),
            starts: Vec::new(),
            start: 0,
            texts: rules.has_texts(),
        }
    }

    /// Fills the columns with the records from the cursor on until they are full.
    fn fill(&mut self, cursor: &mut Cursor<'_>, offset: u64) -> Result<(), Fault> {
        self.columns.resize_with(self.n_columns, Cells::default);
        for column in self.held.drain(..).chain(self.dense.iter().copied()) {
            self.columns[column].clear();
        }
        self.starts.clear();
        let outcome = self.records(cursor, offset);
        let n_rows = self.starts.len();
        for column in self.held.iter().chain(&self.dense) {
            let cells = &mut self.columns[*column];
            cells.truncate(n_rows);
            cells.pad(n_rows, self.rules.want(*column));
        }
        outcome
    }

    fn records(&mut self, cursor: &mut Cursor<'_>, offset: u64) -> Result<(), Fault> {
        while self.starts.len() < rows_max(self.held.len()) && cursor.at < cursor.bytes.len() {
            self.start = cursor.at;
            if self.rules.lines && cursor.blank_line() {
                continue;
            }
            match self.record(cursor, offset) {
                Ok(()) => self.starts.push(self.start as u32),
                Err(Stop::Full) => {
                    cursor.at = self.start;
                    break;
                }
                Err(Stop::Fault(fault)) => return Err(fault),
            }
        }
        Ok(())
    }

    /// Reads a record and what stands behind it.
    fn record(&mut self, cursor: &mut Cursor<'_>, offset: u64) -> Result<(), Stop> {
        cursor.space();
        self.members.begin();
        match (self.rules.kind, cursor.peek()) {
            (RowKind::Object, Some(b'{')) => self.object(cursor, offset, ROOT, 1)?,
            (RowKind::Array { n_columns }, Some(b'[')) => self.array(cursor, offset, n_columns)?,
            (RowKind::Value, Some(byte)) if !matches!(byte, b'{' | b'[' | b']') => {
                self.numbered(cursor, offset, 0, 0)?;
            }
            (_, Some(b']')) if !self.rules.lines => {
                return Err(JsonFault::TrailingComma.at(cursor.at).into());
            }
            _ => {
                let start = cursor.at;
                cursor.value(0)?;
                return Err(JsonFault::Kind.at(start).into());
            }
        }
        cursor.end_of_record()?;
        if cursor.at - self.start > RECORD_BYTES_MAX {
            return Err(too_long().at(self.start).into());
        }
        Ok(())
    }

    fn object(
        &mut self,
        cursor: &mut Cursor<'_>,
        offset: u64,
        node: usize,
        depth: usize,
    ) -> Result<(), Stop> {
        let mut guess = 0;
        let mut more = cursor.open(b'}', depth)?;
        while more {
            let member = self.members.read(node, guess, cursor)?;
            self.cell(cursor, offset, (node, member), depth)?;
            guess = member + 1;
            more = cursor.more(b'}')?;
        }
        Ok(())
    }

    fn array(
        &mut self,
        cursor: &mut Cursor<'_>,
        offset: u64,
        n_columns: usize,
    ) -> Result<(), Stop> {
        let start = cursor.at;
        let mut n_values = 0;
        let mut more = cursor.open(b']', 1)?;
        while more && n_values < n_columns {
            self.numbered(cursor, offset, n_values, 1)?;
            n_values += 1;
            more = cursor.more(b']')?;
        }
        if more || n_values < n_columns {
            return Err(JsonFault::Ragged { n_columns }.at(start).into());
        }
        Ok(())
    }

    /// Reads a value without a name.
    fn numbered(
        &mut self,
        cursor: &mut Cursor<'_>,
        offset: u64,
        index: usize,
        depth: usize,
    ) -> Result<(), Stop> {
        let member = self.members.numbered(index).map_err(|fault| fault.at(cursor.at))?;
        self.cell(cursor, offset, (ROOT, member), depth)
    }

    /// Reads the value of a member: an object with more of them, or a cell.
    #[inline]
    fn cell(
        &mut self,
        cursor: &mut Cursor<'_>,
        offset: u64,
        (node, member): (usize, usize),
        depth: usize,
    ) -> Result<(), Stop> {
        let start = cursor.at;
        let (scalar, reading) = match cursor.peek() {
            Some(b'-' | b'0'..=b'9') => {
                let reading = cursor.number()?.and_then(Decimal::reading);
                let reading =
                    reading.unwrap_or_else(|| number::read(cursor.text(start, cursor.at)));
                (Scalar::Number, reading)
            }
            Some(b'{') => {
                let node = self.members.object(node, member);
                return self.object(cursor, offset, node, depth + 1);
            }
            _ => match cursor.scalar(depth)? {
                Scalar::Null => (Scalar::Null, Reading::Null),
                scalar => (scalar, Reading::Text),
            },
        };
        let column = self.members.column(node, member, offset + start as u64);
        let Some(column) = column.map_err(|fault| fault.at(start))? else { return Ok(()) };
        let row = self.starts.len();
        let n_cells = self.columns.get(column).map_or(0, Cells::len);
        if n_cells == 0 {
            self.hold(column)?;
        }
        let cells = &mut self.columns[column];
        match n_cells.cmp(&row) {
            Ordering::Equal => {}
            Ordering::Less => cells.pad(row, self.rules.want(column)),
            Ordering::Greater => return Err(JsonFault::Duplicate.at(start).into()),
        }
        match reading {
            _ if self.texts => {
                self.push_text(column, (scalar, reading), &text(scalar, cursor, start));
            }
            Reading::Float(value) => cells.push_float(value),
            reading => cells.push(reading),
        }
        Ok(())
    }

    /// Makes room for the first cell of a column in a batch.
    #[cold]
    fn hold(&mut self, column: usize) -> Result<(), Stop> {
        self.n_columns = self.n_columns.max(column + 1);
        let row = self.starts.len();
        if row > 0 && row >= rows_max(self.held.len() + 1) {
            return Err(Stop::Full);
        }
        self.columns.resize_with(self.n_columns, Cells::default);
        self.held.push(column);
        Ok(())
    }

    fn push_text(&mut self, column: usize, (scalar, reading): (Scalar, Reading), text: &str) {
        let is_null = self.rules.null.iter().any(|null| null == text);
        let reading = if is_null { Reading::Null } else { reading };
        let want = self.rules.want(column);
        let cells = &mut self.columns[column];
        if want.literals {
            cells.literals.push(match scalar {
                _ if reading == Reading::Null => Written::Null,
                Scalar::Number => number::read_written(text),
                _ => Written::Text,
            });
        }
        match (want.numbers, want.texts) {
            (false, false) => {}
            (true, false) => cells.push(reading),
            (true, true) => cells.push_text(reading, text.as_bytes()),
            (false, true) if reading == Reading::Null => cells.texts.push_missing(),
            (false, true) => cells.texts.push_present(text.as_bytes()),
        }
    }

    /// The error of a fault in the record that is read.
    fn error(&self, block: &Block, cursor: &Cursor<'_>, fault: Fault) -> Error {
        let n_valid = cursor.bytes.len();
        let Fault { mut at, mut kind } = fault;
        if cursor.ran_out && n_valid < block.bytes.len() {
            (at, kind) = (n_valid, JsonFault::Utf8);
        }
        let too_far = cursor.at - self.start >= RECORD_BYTES_MAX;
        if too_far || cursor.ran_out && !block.whole {
            (at, kind) = (self.start, too_long());
        }
        kind.error(block.place(at))
    }
}

fn too_long() -> JsonFault {
    JsonFault::RecordTooLong { bytes_max: RECORD_BYTES_MAX }
}

impl Decoder<Block> for JsonDecoder<'_> {
    fn decode(&mut self, block: Block, take: &mut Take<'_>) -> Result<(), Error> {
        // Reading a decimal rounds in floating point.
        environment::with_default(|| {
            let n_valid = match std::str::from_utf8(&block.bytes) {
                Ok(text) => text.len(),
                Err(error) => error.valid_up_to(),
            };
            let mut cursor = Cursor::new(&block.bytes[..n_valid], 0, self.rules.lines);
            while cursor.at < n_valid {
                let outcome = self.fill(&mut cursor, block.offset);
                let outcome = outcome.map_err(|fault| self.error(&block, &cursor, fault));
                let origin = Rows { block: &block, decoder: self };
                let n_rows = self.starts.len();
                take(&Batch { n_rows, columns: &self.columns, origin: &origin })?;
                outcome?;
            }
            if n_valid == block.bytes.len() {
                return Ok(());
            }
            Err(JsonFault::Utf8.error(block.place(n_valid)))
        })
    }
}

/// The text of the cell that begins at `start` and ends at the cursor: what a string stands for, and anything else as
/// it is written.
fn text<'a>(scalar: Scalar, cursor: &Cursor<'a>, start: usize) -> Cow<'a, str> {
    match scalar {
        Scalar::Null => Cow::Borrowed(""),
        Scalar::String { escaped: true } => {
            Cow::Owned(unescape(cursor.text(start + 1, cursor.at - 1)))
        }
        Scalar::String { escaped: false } => Cow::Borrowed(cursor.text(start + 1, cursor.at - 1)),
        Scalar::Number | Scalar::Other => Cow::Borrowed(cursor.text(start, cursor.at)),
    }
}

/// The rows of a batch, to be looked at again.
struct Rows<'a> {
    block: &'a Block,
    decoder: &'a JsonDecoder<'a>,
}

impl Rows<'_> {
    /// Where the cell begins, or else its record.
    fn cursor(&self, row: usize, column: usize) -> Cursor<'_> {
        let Rules { lines, kind, names, .. } = self.decoder.rules;
        let start = self.decoder.starts[row] as usize;
        let cursor = |at| Cursor::new(&self.block.bytes, at, lines);
        let cell = locate(cursor(start), kind, &names.name(column));
        cursor(cell.unwrap_or(start))
    }
}

impl Origin for Rows<'_> {
    fn place(&self, row: usize, column: usize) -> Place {
        self.block.place(self.cursor(row, column).at)
    }

    fn text(&self, row: usize, column: usize) -> String {
        let mut cursor = self.cursor(row, column);
        let start = cursor.at;
        let scalar = cursor.scalar(0).unwrap_or(Scalar::Null);
        text(scalar, &cursor, start).into_owned()
    }
}
