//! Archives of arrays as `numpy.savez` and `numpy.savez_compressed` write them: each member is one array, and
//! gives columns of one table. What is in a member is in `npy`, what an archive is in the crate `zip`.

use std::{
    collections::BTreeSet,
    io::{self, Read},
};

use exacta::Plan;
use zip::{ZipArchive, read::ZipFile, result::ZipError};

use crate::{
    COLUMNS_MAX, Error, Format, Place, ScanOptions, Table,
    arrays::{Array, scan_arrays},
    input::{Positions, Range, Source},
    npy::{Header, by_column},
};

/// The most members that are read: each is decoded by itself, in step with the others, which takes some 50 KB.
const MEMBERS_MAX: usize = 4096;

/// Summarizes the columns of all arrays of an archive, which must have as many rows.
pub(crate) fn scan_npz(
    file: &Positions,
    options: &ScanOptions,
    plan: &Plan,
) -> Result<Table, Error> {
    options.check_unnamed(Format::Npz)?;
    let archive = ZipArchive::new(file.range(0, file.n_bytes())).map_err(|it| unreadable(&it))?;
    let n_members = archive.len();
    if n_members > MEMBERS_MAX {
        return Err(invalid(format!("it has {n_members} members, more than {MEMBERS_MAX}")));
    }
    // Each member is read through an archive of its own, so that all of them can be read in step.
    let mut archives = vec![archive; n_members];
    let mut members = Vec::with_capacity(n_members);
    for (index, archive) in archives.iter_mut().enumerate() {
        let file = archive.by_index(index).map_err(|it| unreadable(&it))?;
        members.push(Member::open(file, options)?);
    }
    let n_rows = rows_of(&members)?;
    let arrays: Vec<_> = members.into_iter().flat_map(|member| member.arrays).collect();
    check_names(&arrays)?;
    scan_arrays(arrays, n_rows, Format::Npz, options, plan)
}

/// An array of an archive.
struct Member<'a> {
    name: String,
    n_rows: u64,
    /// Its columns: together if it lies row by row, each alone if it lies column by column.
    arrays: Vec<Array<'a>>,
}

impl<'a> Member<'a> {
    fn open(file: ZipFile<'a, Range>, options: &ScanOptions) -> Result<Self, Error> {
        let name = file.name().map_err(|it| unreadable(&it))?.into_owned();
        let Some(name) = name.strip_suffix(".npy").map(str::to_owned) else {
            return Err(invalid(format!("its member {name:?} is no array")));
        };
        let columns = columns(&name, Decoded(file), options);
        let (n_rows, arrays) = columns.map_err(|error| match error {
            Error::Damaged { cause, .. } => invalid(format!("its array {name:?}: {cause}")),
            other => other,
        })?;
        Ok(Self { name, n_rows, arrays })
    }
}

/// How many rows an array has, and its columns.
fn columns<'a>(
    name: &str,
    mut file: Decoded<'a>,
    options: &ScanOptions,
) -> Result<(u64, Vec<Array<'a>>), Error> {
    let header = Header::read(&mut file)?;
    let (shape, fields) = header.columns()?;
    let numbers = (1..=shape.fields.len()).map(|number| number.to_string());
    let names = match fields {
        Some(fields) => fields.iter().map(|field| format!("{name}.{field}")).collect(),
        None if header.is_table() => numbers.map(|number| format!("{name}.{number}")).collect(),
        None => vec![name.to_owned()],
    };
    let n_rows = header.n_rows();
    if !header.is_by_column() {
        return Ok((n_rows, vec![Array { input: Box::new(file), shape, names }]));
    }
    // Its columns are at as many places, of which what is compressed has none: it is put into a file.
    let n_bytes = n_rows.saturating_mul(shape.width as u64).saturating_add(1);
    let file = Source::Stream(Box::new(file.take(n_bytes))).into_file(options)?;
    Ok((n_rows, by_column(&file, 0, n_rows, &shape, names)?))
}

/// How many rows each of the members has.
fn rows_of(members: &[Member<'_>]) -> Result<u64, Error> {
    let first = members.first().ok_or(Error::Empty)?;
    match members.iter().find(|other| other.n_rows != first.n_rows) {
        None => Ok(first.n_rows),
        Some(other) => Err(invalid(format!(
            "its arrays are no table: {:?} has {} rows and {:?} has {}",
            first.name, first.n_rows, other.name, other.n_rows
        ))),
    }
}

fn check_names(arrays: &[Array<'_>]) -> Result<(), Error> {
    let names = || arrays.iter().flat_map(|array| &array.names);
    Error::check_columns(names().count(), COLUMNS_MAX, Place::Row(1))?;
    let mut seen = BTreeSet::new();
    match names().find(|name| !seen.insert(*name)) {
        None => Ok(()),
        Some(name) => Err(invalid(format!("two of its columns have the name {name:?}"))),
    }
}

/// A member as it is decoded, whose complaints are told from those of the file.
struct Decoded<'a>(ZipFile<'a, Range>);

impl Read for Decoded<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| match error.kind() {
            // What the system says has a number. What is to be tried again is no fault.
            _ if error.raw_os_error().is_some() => error,
            io::ErrorKind::Interrupted => error,
            _ => io::Error::other(invalid(error.to_string())),
        })
    }
}

fn unreadable(error: &ZipError) -> Error {
    invalid(error.to_string())
}

fn invalid(cause: impl Into<String>) -> Error {
    Error::Damaged { format: Format::Npz, cause: cause.into() }
}
