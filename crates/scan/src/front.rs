//! The front door: whatever the input is, it finds the reader. How each reads is in its own module.

use std::{io::Read, path::Path};

use exacta::Plan;

use crate::{
    Error, Format, Input, ScanOptions, Table,
    compression::Compression,
    csv::scan_csv,
    format::uncompressed,
    input::{START_BYTES, Source},
    json::{scan_json, scan_ndjson},
    npy::scan_npy,
    partials::is_table,
    raw::scan_raw,
};

/// Summarizes the columns of an input of any format.
///
/// A compression (gzip, zstd, bzip2, xz) is undone, recognized by how the bytes begin; only raw numbers, which may begin with
/// any bytes, must have a name that ends in `.gz`, `.zst`, `.bz2` or `.xz`. The format is [`ScanOptions::format`],
/// and else what the bytes say by a signature, then what the name says by `.csv`, `.tsv`, `.tab`, `.ndjson` or `.jsonl`, then JSON if
/// the text begins like `{"` or `[{`, and at last CSV. Equal values give equal bits in any format.
///
/// Rows are read in shares that threads of rayon's current pool take in turn: memory does not grow with the
/// rows, except for what the plan itself keeps.
///
/// # Errors
///
/// For input that is not what its format says, and for what this build has no reader for. The first in the
/// order of the input is the one told, as [`scan_csv`] has it.
///
/// # Example
///
/// ```
/// use exacta::{Plan, Statistic};
/// use exacta_scan::{Format, Input, ScanOptions, scan};
///
/// let bytes: Vec<u8> = [1e16, 1.0, -1e16].iter().flat_map(|x: &f64| x.to_le_bytes()).collect();
/// let options = ScanOptions { format: Some("f64".parse()?), ..ScanOptions::default() };
/// let plan = Plan::new([Statistic::Sum]);
/// let table = scan(Input::stream(bytes.as_slice()), &options, &plan)?;
/// let sum = table.columns[0].partial.finalize(&plan)?.get(Statistic::Sum);
/// assert_eq!(sum.unwrap().finite(), Some(1.0));
/// # Ok::<(), exacta_scan::Error>(())
/// ```
pub fn scan(input: Input<'_>, options: &ScanOptions, plan: &Plan) -> Result<Table, Error> {
    options.check()?;
    let Input { source, name } = input;
    let (mut start, mut source) = source.start()?;
    let plain_name = uncompressed(&name);
    let may_be_compressed = !matches!(options.format, Some(Format::Raw(_))) || plain_name != name;
    if let Some(compression) = Compression::detect(&start).filter(|_| may_be_compressed) {
        let undone = compression.undo(source.into_reader(), Compression::WINDOW_BYTES_MAX)?;
        (start, source) = Source::Stream(undone).start()?;
    }
    if options.format.is_none() && is_table(&start) {
        return Err(Error::Partials);
    }
    let format = options.format.unwrap_or_else(|| Format::detect(&start, plain_name));
    read(format, source, options, plan)
}

/// Summarizes the columns of an input of a format that is known. Nothing about it is guessed, so that a compressed one is
/// an error: [`Compression::undo`] is for those.
///
/// # Errors
///
/// Those of [`scan`].
///
/// ```
/// use exacta::Plan;
/// use exacta_scan::{Format, Input, ScanOptions, scan_as};
///
/// let input = Input::stream("[1,2]".as_bytes());
/// let table = scan_as(Format::Csv, input, &ScanOptions::default(), &Plan::default())?;
/// assert_eq!(table.columns[0].name, "[1");
/// # Ok::<(), exacta_scan::Error>(())
/// ```
pub fn scan_as(
    format: Format,
    input: Input<'_>,
    options: &ScanOptions,
    plan: &Plan,
) -> Result<Table, Error> {
    options.check()?;
    read(format, input.source, options, plan)
}

/// What [`scan`] would take an input for that begins with these bytes and has this name: what it is compressed by, if
/// anything, and its format; of a compressed one as far as its name tells, and what these bytes are the beginning of.
///
/// ```
/// use exacta_scan::{Format, detect};
/// assert_eq!(detect(b"a\tb\n", "data.tsv".as_ref()), (None, Format::Tsv));
/// ```
pub fn detect(start: &[u8], name: &Path) -> (Option<Compression>, Format) {
    match Compression::detect(start) {
        Some(compression) => {
            let beginning = beginning(compression, start);
            (Some(compression), Format::detect(&beginning, uncompressed(name)))
        }
        None => (None, Format::detect(start, uncompressed(name))),
    }
}

/// What the first bytes were before they were compressed, as far as that can be told.
fn beginning(compression: Compression, start: &[u8]) -> Vec<u8> {
    let mut beginning = Vec::new();
    if let Ok(undone) = compression.undo(start, Compression::WINDOW_BYTES_MAX) {
        // It ends in an error where the bytes do, and what came before is there.
        let _ = undone.take(START_BYTES).read_to_end(&mut beginning);
    }
    beginning
}

fn read(
    format: Format,
    source: Source<'_>,
    options: &ScanOptions,
    plan: &Plan,
) -> Result<Table, Error> {
    options.check_decimal(format, plan)?;
    read_as(format, source, options, plan).map_err(|error| error.limited(options))
}

fn read_as(
    format: Format,
    source: Source<'_>,
    options: &ScanOptions,
    plan: &Plan,
) -> Result<Table, Error> {
    match format {
        Format::Csv => scan_csv(source.into_reader(), options, plan),
        Format::Tsv => {
            let options = ScanOptions { delimiter: b'\t', ..options.clone() };
            scan_csv(source.into_reader(), &options, plan)
        }
        Format::Ndjson => {
            options.check_unnamed(format)?;
            scan_ndjson(source.into_reader(), options, plan)
        }
        Format::Json => {
            options.check_unnamed(format)?;
            scan_json(source.into_reader(), options, plan)
        }
        Format::Raw(element) => scan_raw(source.into_reader(), element, options, plan),
        #[cfg(feature = "arrow")]
        Format::Arrow => crate::arrow::scan_arrow(source, options, plan),
        #[cfg(feature = "parquet")]
        Format::Parquet => crate::parquet::scan_parquet(&source.into_file(options)?, options, plan),
        #[cfg(not(feature = "arrow"))]
        Format::Arrow => Err(missing(format)),
        #[cfg(not(feature = "parquet"))]
        Format::Parquet => Err(missing(format)),
        Format::Npy => scan_npy(source, options, plan),
        #[cfg(feature = "compression")]
        Format::Npz => crate::npz::scan_npz(&source.into_file(options)?, options, plan),
        #[cfg(not(feature = "compression"))]
        Format::Npz => {
            Err(Error::FeatureMissing { what: format.to_string(), feature: "compression" })
        }
    }
}

#[cfg(not(all(feature = "arrow", feature = "parquet")))]
fn missing(format: Format) -> Error {
    Error::FeatureMissing { what: format.to_string(), feature: format.name() }
}
