//! Which columns of an input are read, and what each is for: names that were asked for, looked up among those that
//! are there.

use std::collections::BTreeMap;

use crate::{Error, Filter, Place, ScanOptions, batch::Want, nearest::nearest, sink::Shared};

/// The columns that a reader gives, and their parts. A part of a column begins with its index among the wants.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    /// What the reader is to give, in this order.
    pub(crate) wants: Vec<Want>,
    /// The columns to summarize, with their names.
    pub(crate) columns: Vec<(usize, String)>,
    /// The columns that make groups, with their names.
    pub(crate) keys: Vec<(usize, String)>,
    /// Where all threads bring their groups.
    pub(crate) groups: Shared,
    /// The columns x and y of each pair, with their names.
    pub(crate) pairs: Vec<[(usize, String); 2]>,
    /// The column with the weights.
    pub(crate) weights: Option<(usize, String)>,
    /// The conditions that rows must meet.
    pub(crate) filters: Vec<(usize, Filter)>,
}

impl Layout {
    /// The parts of the columns with these names, which stand at `place`.
    pub(crate) fn new(
        names: &[String],
        place: Place,
        options: &ScanOptions,
    ) -> Result<Self, Error> {
        let by = if options.by.is_empty() { Vec::new() } else { select(names, &options.by)? };
        let mut selected = select(names, &options.columns)?;
        if options.columns.is_empty() {
            let is_part = |column: &(usize, String)| {
                by.contains(column) || options.weights.as_ref() == Some(&column.1)
            };
            selected.retain(|column| !is_part(column));
        }
        Error::check_columns(selected.len(), options.columns_max, place)?;
        let mut wants = Wants::default();
        let whole = Want {
            index: 0,
            numbers: !options.decimal,
            texts: options.top.is_some(),
            literals: options.decimal,
        };
        let column = |(index, name)| (wants.add(Want { index, ..whole }), name);
        let columns = selected.into_iter().map(column).collect();
        let key = |(index, name)| (wants.add(Want::texts(index)), name);
        let keys = by.into_iter().map(key).collect();
        let mut number = |name: &String| {
            find(name, names).map(|index| (wants.add(Want::numbers(index)), name.clone()))
        };
        let pairs = options.pairs.iter().map(|[x, y]| Ok([number(x)?, number(y)?]));
        let pairs = pairs.collect::<Result<_, Error>>()?;
        let weights = options.weights.as_ref().map(number).transpose()?;
        let filter = |filter: &Filter| {
            let index = find(filter.column(), names)?;
            let (numbers, texts) = (filter.needs_numbers(), filter.needs_texts());
            let want = Want { index, numbers, texts, literals: false };
            Ok((wants.add(want), filter.clone()))
        };
        let filters = options.filters.iter().map(filter).collect::<Result<_, Error>>()?;
        let (wants, groups) = (wants.list, Shared::default());
        Ok(Self { wants, columns, keys, groups, pairs, weights, filters })
    }
}

/// Wants, one a column of the input.
#[derive(Default)]
struct Wants {
    list: Vec<Want>,
    /// Where in the list a column of the input is.
    places: BTreeMap<usize, usize>,
}

impl Wants {
    /// Asks for more of a column, and gives its place among the wants.
    fn add(&mut self, more: Want) -> usize {
        let place = *self.places.entry(more.index).or_insert(self.list.len());
        match self.list.get_mut(place) {
            None => self.list.push(more),
            Some(want) => {
                want.numbers |= more.numbers;
                want.texts |= more.texts;
                want.literals |= more.literals;
            }
        }
        place
    }
}

/// The index of the column with this name.
fn find(name: &str, names: &[String]) -> Result<usize, Error> {
    names.iter().position(|known| known == name).ok_or_else(|| unknown(name, names))
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
