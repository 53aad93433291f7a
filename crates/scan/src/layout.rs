//! Which columns of an input are read, and what each is for: names that were asked for, looked up among those that
//! are there. What becomes of those that are not there is in `absent`.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

#[cfg(feature = "arrow")]
use crate::Invalid;
use crate::{
    Error, Filter, Lacked, Lacking, Place, ScanOptions, absent::Absent, batch::Want, sink::Shared,
};

/// The columns that a reader gives, and their parts. A part of a column begins with its index in a batch.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    /// What the reader is to give, in this order.
    pub(crate) wants: Vec<Want>,
    /// What is put between the columns that it gives.
    pub(crate) absent: Absent,
    /// The columns that were asked for and are not there.
    pub(crate) lacked: Vec<Lacked>,
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
        given: &[String],
        place: Place,
        options: &ScanOptions,
    ) -> Result<Self, Error> {
        let (names, lacked) = completed(given, options);
        let names = names.as_ref();
        let by = select(names, &options.by)?;
        let selected = summarized(given, names, &by, options)?;
        Error::check_columns(selected.len(), options.columns_max, place)?;
        let mut wants = Wants::default();
        let whole = Want::whole(options);
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
            let want = Want { index, numbers, texts, literals: false, dense: true };
            Ok((wants.add(want), filter.clone()))
        };
        let filters = options.filters.iter().map(filter).collect::<Result<_, Error>>()?;
        let ((wants, absent), groups) = (wants.apart(given.len()), Shared::default());
        Ok(Self { wants, absent, lacked, columns, keys, groups, pairs, weights, filters })
    }

    /// The columns whose numbers are asked for by name, so that text in them is an error.
    #[cfg(feature = "arrow")]
    pub(crate) fn named(&self, options: &ScanOptions) -> impl Iterator<Item = usize> {
        let is_named = !options.columns.is_empty() && options.top.is_none();
        let columns = self.columns.iter().filter(move |_| is_named);
        let asked = columns.chain(self.pairs.iter().flatten()).chain(&self.weights);
        let is_error = options.invalid == Invalid::Text;
        asked.filter(move |_| is_error).map(|(place, _)| *place)
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
                want.dense |= more.dense;
            }
        }
        place
    }

    /// What is wanted of the `n_given` columns that are there, and of the others. A reader that was to give nothing
    /// gives a column that nobody takes, for the number of rows.
    fn apart(self, n_given: usize) -> (Vec<Want>, Absent) {
        let is_there = |want: &Want| want.index < n_given;
        let places = self.list.iter().copied().enumerate();
        let absent = Absent::new(places.filter(|(_, want)| !is_there(want)).collect());
        let mut given: Vec<_> = self.list.into_iter().filter(is_there).collect();
        if given.is_empty() && n_given > 0 {
            given.push(Want::numbers(0));
        }
        (given, absent)
    }
}

/// The names of the columns that are there and, where those may be lacking, of all others that are asked for.
fn completed<'a>(given: &'a [String], options: &ScanOptions) -> (Cow<'a, [String]>, Vec<Lacked>) {
    if options.lacking == Lacking::Refused {
        return (given.into(), Vec::new());
    }
    let known: BTreeSet<_> = given.iter().collect();
    let mut asked = options.column_names();
    asked.retain(|name| !known.contains(name));
    let lacked = asked.iter().map(|name| Lacked::new(name, given)).collect();
    ([given, &asked].concat().into(), lacked)
}

/// The columns to summarize: those asked for, or else all that are there but those that are for something else.
fn summarized(
    given: &[String],
    names: &[String],
    by: &[(usize, String)],
    options: &ScanOptions,
) -> Result<Vec<(usize, String)>, Error> {
    if !options.columns.is_empty() {
        return select(names, &options.columns);
    }
    let mut all: Vec<_> = given.iter().cloned().enumerate().collect();
    let is_part = |column: &(usize, String)| {
        by.contains(column) || options.weights.as_ref() == Some(&column.1)
    };
    all.retain(|column| !is_part(column));
    Ok(all)
}

/// The index of the column with this name.
fn find(name: &str, names: &[String]) -> Result<usize, Error> {
    names.iter().position(|known| known == name).ok_or_else(|| Lacked::new(name, names).into())
}

/// The columns that were asked for, in that order, each with its index.
fn select(names: &[String], asked: &[String]) -> Result<Vec<(usize, String)>, Error> {
    let mut index_of: BTreeMap<&str, Option<usize>> =
        names.iter().enumerate().map(|(index, name)| (name.as_str(), Some(index))).collect();
    let index = |name: &String| match index_of.get_mut(name.as_str()).map(Option::take) {
        Some(Some(index)) => Ok((index, name.clone())),
        Some(None) => Err(Error::ColumnRepeated { name: name.clone() }),
        None => Err(Lacked::new(name, names).into()),
    };
    asked.iter().map(index).collect()
}
