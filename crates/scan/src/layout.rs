//! Which columns of an input are read, and what each is for: names that were asked for, looked up among those that
//! are there.

use std::collections::BTreeMap;

use crate::{Error, Place, ScanOptions, batch::Want, nearest::nearest};

/// The columns that a reader gives, and their parts.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    /// What the reader is to give, in this order.
    pub(crate) wants: Vec<Want>,
    /// The columns to summarize: their index among the wants, and their name.
    pub(crate) columns: Vec<(usize, String)>,
}

impl Layout {
    /// The parts of the columns with these names, which stand at `place`.
    pub(crate) fn new(
        names: &[String],
        place: Place,
        options: &ScanOptions,
    ) -> Result<Self, Error> {
        let selected = select(names, &options.columns)?;
        Error::check_columns(selected.len(), options.columns_max, place)?;
        let want =
            |(index, _): &(usize, String)| Want { index: *index, numbers: true, texts: false };
        let wants = selected.iter().map(want).collect();
        let columns = selected.into_iter().map(|(_, name)| name).enumerate().collect();
        Ok(Self { wants, columns })
    }
}

/// The columns that were asked for, in that order, each with its index; all, if none was.
fn select(names: &[String], asked: &[String]) -> Result<Vec<(usize, String)>, Error> {
    if asked.is_empty() {
        return Ok(names.iter().cloned().enumerate().collect());
    }
    let mut index_of: BTreeMap<&str, Option<usize>> =
        names.iter().enumerate().map(|(index, name)| (name.as_str(), Some(index))).collect();
    let index = |name: &String| match index_of.get_mut(name.as_str()).map(Option::take) {
        Some(Some(index)) => Ok((index, name.clone())),
        Some(None) => Err(Error::ColumnRepeated { name: name.clone() }),
        None => Err(unknown(name, names)),
    };
    asked.iter().map(index).collect()
}

fn unknown(name: &str, names: &[String]) -> Error {
    Error::ColumnUnknown {
        name: name.to_owned(),
        nearest: nearest(name, names).cloned(),
        names: names.to_vec(),
    }
}
