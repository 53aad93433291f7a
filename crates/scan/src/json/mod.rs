//! JSON: how it is read, and the way through it. `cursor` is the grammar, `elements` cuts an array into blocks by what
//! `nesting` counts, `members` and `names` know which columns there are, `decoder` makes batches, `locate` finds a cell
//! again. What a number means is in `number`.

mod cursor;
mod decoder;
mod elements;
mod fault;
mod locate;
mod members;
mod names;
mod nesting;
mod numbers;
mod reader;
mod shares;
mod swar;
mod window;
mod wrong;

use std::io::Read;

use exacta::Plan;

use self::{
    cursor::Cursor,
    decoder::{JsonDecoder, Rules},
    elements::Elements,
    names::Names,
};
pub use self::{
    fault::JsonFault,
    reader::JsonReader,
    wrong::{JsonError, JsonKind},
};
use crate::{
    Batch, Error, Format, Lacked, Lacking, Place, Progress, RECORD_BYTES_MAX, ScanOptions, Table,
    batch::Want,
    blocks::{BLOCK_BYTES, Block, Blocks},
    layout::Layout,
    parallel::{Units, run},
    sink::{Sink, n_threads},
};

/// How many objects and arrays may stand in one another, the record counted.
const DEPTH_MAX: usize = 128;

/// What the records are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RowKind {
    Object,
    Array { n_columns: usize },
    Value,
}

/// Summarizes the columns of NDJSON: a record a line, each an object, an array or a bare value.
///
/// The columns are the members that any record has, in the order in which they first appear; the member `b` of the
/// object `a` is the column `a.b`. A member that is absent is null there, as `null` is. A number means what its text
/// means in a CSV; a string, a boolean or an array is no number. Values of records that are arrays are the columns `1`,
/// `2` and so on. Empty lines are skipped.
///
/// The input is read once, as [`scan_csv`](crate::scan_csv) does, with the same limits for records and columns.
///
/// # Errors
///
/// [`Error::Json`] for lines that are no JSON (RFC 8259, strictly) and for records of another kind than the first, each
/// with its place; [`Error::ColumnUnknown`] for a column that no record has.
///
/// # Example
///
/// ```
/// use exacta::{Plan, Statistic};
/// use exacta_scan::{ScanOptions, scan_ndjson};
///
/// let plan = Plan::new([Statistic::Sum]);
/// let input = "{\"x\": 1e16}\n{\"x\": 1, \"at\": {\"y\": 5}}\n{\"x\": -1e16}\n";
/// let table = scan_ndjson(input.as_bytes(), &ScanOptions::default(), &plan)?;
/// let sum = table.columns[0].partial.finalize(&plan)?.get(Statistic::Sum);
/// assert_eq!(sum.unwrap().finite(), Some(1.0));
/// assert_eq!(table.columns[1].name, "at.y");
/// assert_eq!(table.columns[1].partial.counts().null, 2);
/// # Ok::<(), exacta_scan::Error>(())
/// ```
pub fn scan_ndjson(
    input: impl Read + Send,
    options: &ScanOptions,
    plan: &Plan,
) -> Result<Table, Error> {
    options.check_decimal(Format::Ndjson, plan)?;
    scan_lines(input, BLOCK_BYTES, options, plan)
}

/// Summarizes the columns of a JSON array: its elements are the records, each an object, an array or a bare value.
///
/// What they mean is told at [`scan_ndjson`]. An array without elements is a table without columns and rows.
///
/// # Errors
///
/// Those of [`scan_ndjson`]; and [`JsonFault::Top`] for an input that is no array.
///
/// # Example
///
/// ```
/// use exacta::{Plan, Statistic};
/// use exacta_scan::{ScanOptions, scan_json};
///
/// let plan = Plan::new([Statistic::Sum]);
/// let table = scan_json("[[1, 2], [3, null]]".as_bytes(), &ScanOptions::default(), &plan)?;
/// let sum = table.columns[0].partial.finalize(&plan)?.get(Statistic::Sum);
/// assert_eq!(sum.unwrap().finite(), Some(4.0));
/// # Ok::<(), exacta_scan::Error>(())
/// ```
pub fn scan_json(
    input: impl Read + Send,
    options: &ScanOptions,
    plan: &Plan,
) -> Result<Table, Error> {
    options.check_decimal(Format::Json, plan)?;
    scan_elements(input, BLOCK_BYTES, options, plan)
}

fn scan_lines(
    input: impl Read + Send,
    block_bytes: usize,
    options: &ScanOptions,
    plan: &Plan,
) -> Result<Table, Error> {
    let mut blocks = Blocks::new(input, false, block_bytes, RECORD_BYTES_MAX)?;
    loop {
        let block = blocks.next_unit()?.ok_or(Error::Empty)?;
        if let Some(kind) = first_kind(&block, true) {
            blocks.put_back(block);
            return scan(blocks, kind, true, options, plan);
        }
    }
}

fn scan_elements(
    input: impl Read + Send,
    block_bytes: usize,
    options: &ScanOptions,
    plan: &Plan,
) -> Result<Table, Error> {
    let mut elements = Elements::new(input, block_bytes)?;
    let block = elements.next_unit()?.expect("an array that is open has a block");
    let kind = first_kind(&block, false);
    if kind.is_some() {
        elements.put_back(block);
    }
    scan(elements, kind.unwrap_or(RowKind::Value), false, options, plan)
}

/// What the first record of a block is, if there is one.
fn first_kind(block: &Block, lines: bool) -> Option<RowKind> {
    let mut cursor = Cursor::new(&block.bytes, 0, lines);
    while lines && cursor.peek().is_some() && cursor.blank_line() {}
    cursor.space();
    match cursor.peek()? {
        b'{' => Some(RowKind::Object),
        // One that is at fault is read up to there.
        b'[' => Some(RowKind::Array { n_columns: cursor.array(1).unwrap_or(usize::MAX) }),
        b']' if !lines => None,
        _ => Some(RowKind::Value),
    }
}

fn scan(
    units: impl Units<Unit = Block>,
    kind: RowKind,
    lines: bool,
    options: &ScanOptions,
    plan: &Plan,
) -> Result<Table, Error> {
    let asked = options.column_names();
    let layout = Layout::new(&asked, Place::START, options)?;
    let names = Names::new(&asked, &layout, options);
    let (wants, null) = (&layout.wants[..], &options.null[..]);
    let rules = Rules { lines, kind, names: &names, wants, late: Want::whole(options), null };
    let n_threads = n_threads(&layout, layout.columns.len(), options, plan)?;
    let sinks = run(
        units,
        n_threads,
        || JsonDecoder::new(rules),
        || WideSink {
            sink: Sink::new(&layout, options, plan),
            n_columns: layout.wants.len(),
            layout: &layout,
            options,
            plan,
        },
        |sink, batch| sink.take(batch, &names),
    )?;
    let sinks = sinks.into_iter().map(|sink| sink.widened(&names));
    let mut whole = Sink::merged(sinks.collect::<Result<Vec<_>, _>>()?)?;
    let (order, lacked) = names.close();
    if options.columns.is_empty() {
        whole.sort_columns(|name| order.rank(name))?;
    }
    let table = whole.close(None)?;
    match options.lacking {
        Lacking::Refused => known(table, lacked),
        Lacking::Null => Ok(without(table, lacked, options)),
    }
}

/// The table, if no column that was asked for is lacked.
fn known(table: Table, lacked: Vec<Lacked>) -> Result<Table, Error> {
    lacked.into_iter().next().map_or(Ok(table), |lacked| Err(lacked.into()))
}

/// The table without the columns that are lacked, unless they are to be summarized: any may have come, so that those of
/// conditions and pairs stand among the others.
fn without(mut table: Table, lacked: Vec<Lacked>, options: &ScanOptions) -> Table {
    let is_kept =
        |name: &str| !options.columns.is_empty() || lacked.iter().all(|lacked| lacked.name != name);
    table.columns.retain(|column| is_kept(&column.name));
    table.weighted.retain(|column| is_kept(&column.name));
    table.lacked = lacked;
    table
}

/// A sink that gets more columns as they are found.
struct WideSink<'a> {
    sink: Sink,
    n_columns: usize,
    layout: &'a Layout,
    options: &'a ScanOptions,
    plan: &'a Plan,
}

impl WideSink<'_> {
    fn take(&mut self, batch: &Batch<'_>, names: &Names) -> Result<(), Error> {
        self.widen(batch.columns.len(), names)?;
        self.sink.take(batch)
    }

    fn widen(&mut self, n_columns: usize, names: &Names) -> Result<(), Error> {
        if n_columns > self.n_columns {
            self.options.tell(Progress::Columns(n_columns))?;
            n_threads(self.layout, n_columns, self.options, self.plan)?;
            self.sink.widen(&names.columns(self.n_columns..n_columns));
            self.n_columns = n_columns;
        }
        Ok(())
    }

    /// The sink with all columns.
    fn widened(mut self, names: &Names) -> Result<Sink, Error> {
        self.widen(names.n_columns(), names)?;
        Ok(self.sink)
    }
}

#[cfg(test)]
mod tests {
    use exacta::Statistic;
    use proptest::prelude::*;

    use super::*;

    /// All that a scan says, to compare.
    fn outcome(result: Result<Table, Error>) -> String {
        let table = match result {
            Ok(table) => table,
            Err(error) => return format!("{error:?}"),
        };
        let columns = table.columns.into_iter().map(|column| {
            let bytes = column.partial.to_bytes().unwrap();
            format!("{} {:?} {:?} {bytes:?}", column.name, column.kind, column.first_invalid)
        });
        format!("{} {:?} {:#?}", table.rows, table.warnings, columns.collect::<Vec<_>>())
    }

    /// Records in which every second character means something.
    fn records() -> impl Strategy<Value = Vec<String>> {
        let pieces = [
            "{\"a\":1}",
            "{\"a\":{\"b\":-2.5e3}}",
            "{\"b\":\"x\\\"y\",\"a\":3}",
            "{}",
            "[1,[2]]",
            "7",
            "{ \"c\" : null , \"b\":[1,{\"a\":\"]}\"}] }",
            "{\"a\":18446744073709551615,\"d\":true}",
            "{\"é\":\"é\"}",
        ];
        let broken = [
            "{\"a\":1,}",
            "{\"a\":tru}",
            "\"",
            "]",
            "}",
            "{\"a\":1,\"a\":2}",
            "\u{0}",
            "{\"a",
            "\\",
            "",
            ",",
            "01",
        ];
        let piece = prop_oneof![
            40 => prop::sample::select(pieces[..4].to_vec()),
            20 => prop::sample::select(pieces.to_vec()),
            1 => prop::sample::select(broken.to_vec()),
        ];
        prop::collection::vec(piece.prop_map(str::to_owned), 0..60)
    }

    proptest! {
        #[test]
        fn blocks_and_threads_do_not_show(
            records in records(),
            space in prop::sample::select(vec!["", " ", "\n", "\r\n\t"]),
            block_bytes in 1usize..80,
            n_threads in prop::sample::select(vec![1, 2, 7]),
            hostile in prop::option::weighted(0.1, (any::<prop::sample::Index>(), any::<u8>())),
        ) {
            let plan = Plan::new([Statistic::Sum, Statistic::Median]);
            let options = ScanOptions::default();
            let lines = records.join("\n") + space;
            let array = format!("{space}[{space}{}{space}]{space}", records.join(&format!("{space},{space}")));
            let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
            for (text, lines) in [(lines, true), (array, false)] {
                let mut bytes = text.into_bytes();
                if let (Some((index, byte)), false) = (&hostile, bytes.is_empty()) {
                    let index = index.index(bytes.len());
                    bytes[index] = *byte;
                }
                let scan = |block_bytes| {
                    let scan = if lines { scan_lines } else { scan_elements };
                    outcome(scan(bytes.as_slice(), block_bytes, &options, &plan))
                };
                let cut = pool.install(|| scan(block_bytes));
                prop_assert_eq!(cut, scan(BLOCK_BYTES), "{}", String::from_utf8_lossy(&bytes));
            }
        }
    }
}
