//! What a scan gives: columns with their partials, and the joining of the tables of several inputs.
//! Nothing here reads.

use std::{collections::BTreeMap, mem};

use exacta::{Nonfinite, PairPartial, Partial, WeightedAccumulator, WeightedPartial};

use crate::{Error, Grouped, Lacked, Place, Tops, Warning};

/// What the cells of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Numbers, missing values among them.
    Number,
    /// Not all of them numbers.
    Text,
}

/// One column of a table.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its name in the header, or its 1-based number where there is none.
    pub name: String,
    /// Whether it has statistics.
    pub kind: Kind,
    /// What is known of its values. That of a text column holds counts alone, and merges with no other.
    pub partial: Partial,
    /// The first cell that is no number: of every text column, and of a number column whose invalid cells
    /// are counted.
    pub first_invalid: Option<Place>,
    /// The text of all cells that are no number, if it is one and the same, and short, and
    /// [`Invalid::Text`](crate::Invalid::Text) holds: what may be meant as null.
    pub invalid_text: Option<String>,
}

impl Column {
    fn merge(&mut self, other: Self) -> Result<(), Error> {
        let has_invalid = |column: &Self| column.partial.counts().invalid > 0;
        if !has_invalid(self) {
            self.invalid_text.clone_from(&other.invalid_text);
        } else if has_invalid(&other) && self.invalid_text != other.invalid_text {
            self.invalid_text = None;
        }
        self.first_invalid = self.first_invalid.or(other.first_invalid);
        if (self.kind, other.kind) == (Kind::Number, Kind::Number) {
            return Ok(self.partial.merge(other.partial)?);
        }
        self.kind = Kind::Text;
        self.partial = Partial::from_counts(*self.partial.counts())?;
        Ok(self.partial.merge(Partial::from_counts(*other.partial.counts())?)?)
    }
}

/// Two columns, row by row.
#[derive(Clone, Debug)]
pub struct Pair {
    /// The name of the column that is x.
    pub x: String,
    /// The name of the column that is y.
    pub y: String,
    /// What is known of the rows. One with a missing cell, or one that is no number and is counted, is null.
    pub partial: PairPartial,
}

/// A column with the weights of its rows.
#[derive(Clone, Debug)]
pub struct Weighted {
    /// The name of the column.
    pub name: String,
    /// What is known of the rows. One without a number or without a weight is null.
    pub partial: WeightedPartial,
}

/// Adds the columns with weights that others have beside these, null in so many rows.
fn widen(weighted: &mut Vec<Weighted>, n_rows: u64, others: &[Weighted]) {
    for other in others {
        if weighted.iter().all(|known| known.name != other.name) {
            let mut nulls = WeightedAccumulator::new(Nonfinite::Propagate);
            (0..n_rows).for_each(|_| nulls.push_null());
            weighted.push(Weighted { name: other.name.clone(), partial: nulls.into_partial() });
        }
    }
}

/// The columns of one input, or of several that were merged.
#[derive(Debug, Default)]
pub struct Table {
    /// In the order of the input, or in the order asked for.
    pub columns: Vec<Column>,
    /// The groups, if rows were to be grouped; there are no columns of the whole table then.
    pub groups: Option<Grouped>,
    /// The pairs that were asked for, in that order.
    pub pairs: Vec<Pair>,
    /// The columns with weights, if those were asked for. One that is text is among them.
    pub weighted: Vec<Weighted>,
    /// The most frequent values of the columns, if those were asked for.
    pub tops: Option<Tops>,
    /// The columns that were asked for and are not there, where [`Lacking`](crate::Lacking) lets them.
    pub lacked: Vec<Lacked>,
    /// The rows: records that are neither the header nor skipped as blank.
    pub rows: u64,
    /// What a person should know, at most one for each column and one for the header.
    pub warnings: Vec<Warning>,
}

impl Table {
    /// Takes in the table of another input, whose columns are joined by name and may stand in any order.
    ///
    /// A column that is text in one of them is text. Places stay those of the input they were found in.
    ///
    /// # Errors
    ///
    /// When a column is in one of them only, with this one left as it was; or when they were made with
    /// plans that keep different states, after which this one is of no use.
    pub fn merge(&mut self, mut other: Self) -> Result<(), Error> {
        let others = self.matching(mem::take(&mut other.columns))?;
        for (column, other) in self.columns.iter_mut().zip(others) {
            column.merge(other)?;
        }
        self.merge_rows(other)
    }

    /// The same, where a column that is in one of them only is null in all rows of the other. Columns stand in the order in
    /// which they have come.
    ///
    /// # Errors
    ///
    /// Those of [`Table::merge`].
    ///
    /// ```
    /// use exacta::Plan;
    /// use exacta_scan::{ScanOptions, scan_csv};
    ///
    /// let scan = |text: &'static str| scan_csv(text.as_bytes(), &ScanOptions::default(), &Plan::default());
    /// let mut table = scan("x,y\n1,2\n")?;
    /// table.merge_flexible(scan("z,x\n3,4\n5,6\n")?)?;
    /// let counts = table.columns.iter().map(|column| {
    ///     let counts = column.partial.counts();
    ///     (column.name.as_str(), counts.count, counts.null)
    /// });
    /// assert!(counts.eq([("x", 3, 0), ("y", 1, 2), ("z", 2, 1)]));
    /// # Ok::<(), exacta_scan::Error>(())
    /// ```
    pub fn merge_flexible(&mut self, mut other: Self) -> Result<(), Error> {
        self.join(mem::take(&mut other.columns), other.rows)?;
        widen(&mut self.weighted, self.rows, &other.weighted);
        widen(&mut other.weighted, other.rows, &self.weighted);
        if let (Some(groups), Some(others)) = (&mut self.groups, &mut other.groups) {
            groups.widen_like(others);
            others.widen_like(groups);
        }
        self.merge_rows(other)
    }

    /// Whether it has a column of this name, in its groups if it has some.
    pub fn has_column(&self, name: &str) -> bool {
        let mut grouped = self.groups.iter().flat_map(Grouped::columns);
        self.columns.iter().any(|column| column.name == name) || grouped.any(|it| it == name)
    }

    /// Takes in the columns of another table of so many rows. Those that it lacks are null there.
    fn join(&mut self, others: Vec<Column>, n_rows: u64) -> Result<(), Error> {
        let names = self.columns.iter().map(|column| column.name.clone());
        let mut places: BTreeMap<_, usize> = names.zip(0..).collect();
        for mut other in others {
            match places.remove(&other.name) {
                Some(place) => self.columns[place].merge(other)?,
                None => {
                    other.partial.push_nulls(self.rows)?;
                    self.columns.push(other);
                }
            }
        }
        let mut lacked = places.into_values();
        Ok(lacked.try_for_each(|place| self.columns[place].partial.push_nulls(n_rows))?)
    }

    /// Takes in what another table has beside its columns.
    fn merge_rows(&mut self, other: Self) -> Result<(), Error> {
        if let (Some(groups), Some(others)) = (&mut self.groups, other.groups) {
            groups.merge(others)?;
        }
        for (pair, other) in self.pairs.iter_mut().zip(other.pairs) {
            pair.partial.merge(other.partial)?;
        }
        for other in other.weighted {
            match self.weighted.iter_mut().find(|weighted| weighted.name == other.name) {
                Some(weighted) => weighted.partial.merge(other.partial)?,
                None => return Err(Error::ColumnMissing { name: other.name }),
            }
        }
        if let (Some(tops), Some(others)) = (&mut self.tops, other.tops) {
            tops.merge(others)?;
        }
        self.lacked.retain(|lacked| other.lacked.iter().any(|other| other.name == lacked.name));
        self.rows += other.rows;
        self.merge_warnings(other.warnings);
        Ok(())
    }

    /// The columns of another table in the order of this one's.
    fn matching(&self, others: Vec<Column>) -> Result<Vec<Column>, Error> {
        let mut others: BTreeMap<String, Column> =
            others.into_iter().map(|column| (column.name.clone(), column)).collect();
        let matching =
            self.columns.iter().map(|column| others.remove(&column.name).ok_or(&column.name));
        let matching: Result<Vec<_>, _> = matching.collect();
        match (matching, others.pop_first()) {
            (Ok(matching), None) => Ok(matching),
            (Err(name), _) => Err(Error::ColumnMissing { name: name.clone() }),
            (Ok(_), Some((name, _))) => Err(Error::ColumnMissing { name }),
        }
    }

    /// Keeps one warning for each text column, from the first input where it is text.
    fn merge_warnings(&mut self, others: Vec<Warning>) {
        let is_general = |warning: &Warning| !matches!(warning, Warning::TextColumn { .. });
        self.warnings.retain(is_general);
        for warning in others.into_iter().filter(is_general) {
            if !self.warnings.contains(&warning) {
                self.warnings.push(warning);
            }
        }
        let text = self.text_columns();
        self.warnings.extend(text);
    }

    /// A warning for each text column.
    pub(crate) fn text_columns(&self) -> Vec<Warning> {
        let whole = self.columns.iter().map(|it| (it.kind, &it.name, it.first_invalid));
        let grouped = self.groups.iter().flat_map(Grouped::kinds);
        let text = |(kind, name, place): (Kind, &String, Option<Place>)| {
            let place = place.filter(|_| kind == Kind::Text)?;
            Some(Warning::TextColumn { name: name.clone(), place })
        };
        whole.chain(grouped).filter_map(text).collect()
    }
}
