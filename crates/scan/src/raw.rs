//! Raw numbers: of one type, the lowest byte first, row after row, as many in a row as there are names. The rows are
//! taken apart in `rows`.

use std::io::Read;

use exacta::Plan;

use crate::{
    Element, Error, Format, Place, ScanOptions, Table,
    csv::COLUMNS_MAX,
    element::{ByteOrder, Field, Kind},
    rows::{RowShape, RowStream, scan_rows},
};

/// Summarizes the columns of raw numbers.
pub(crate) fn scan_raw(
    input: impl Read + Send,
    element: Element,
    options: &ScanOptions,
    plan: &Plan,
) -> Result<Table, Error> {
    let names = if options.names.is_empty() { vec!["1".to_owned()] } else { options.names.clone() };
    Error::check_columns(names.len(), COLUMNS_MAX, Place::Row(1))?;
    let kind = Kind::Number(element, ByteOrder::Little);
    let shape = RowShape::uniform(names.len(), Field { offset: 0, kind });
    let rows = RowStream::new(input, Format::Raw(element), shape.width, None);
    scan_rows(rows, &shape, &names, options, plan)
}
