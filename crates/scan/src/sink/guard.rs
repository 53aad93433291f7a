//! What is watched for in the cells of a column while they pass: the first that is no number, and the first that the
//! policy rejects. What becomes of the numbers is not here.

use exacta::{Nonfinite, NonfiniteKind, Plan};

use crate::{
    Batch, Error, Invalid, Place, ScanOptions,
    batch::Cells,
    error::{excerpt, first},
};

/// What is the same for all columns.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    invalid: Invalid,
    /// Whether NaN and the infinities are errors.
    reject: bool,
    /// Whether columns were asked for by name, and so must not be text: of which the most frequent values are asked may be.
    named: bool,
}

impl Rules {
    /// The rules for the columns to summarize.
    pub(super) fn new(options: &ScanOptions, plan: &Plan) -> Self {
        Self {
            invalid: options.invalid,
            reject: plan.nonfinite() == Nonfinite::Reject,
            named: !options.columns.is_empty() && options.top.is_none(),
        }
    }

    /// The same for a column that was asked for by name.
    pub(super) fn named(self) -> Self {
        Self { named: true, ..self }
    }

    /// The same, with NaN and the infinities for somebody else to reject.
    pub(super) fn lenient(self) -> Self {
        Self { reject: false, ..self }
    }
}

/// What has been seen of one column.
#[derive(Debug)]
pub(crate) struct Guard {
    /// The index of the column in a batch.
    pub(super) index: usize,
    pub(crate) name: String,
    pub(crate) first_invalid: Option<Place>,
    /// What is wrong with the first value that is to be rejected, unless the column turns out to be text.
    rejected: Option<Error>,
}

impl Guard {
    /// Nothing has been seen yet of the column with this index in a batch and this name.
    pub(super) fn new((index, name): &(usize, String)) -> Self {
        Self { index: *index, name: name.clone(), first_invalid: None, rejected: None }
    }

    /// The same column, of which nothing has been seen.
    pub(super) fn to_empty(&self) -> Self {
        Self { index: self.index, name: self.name.clone(), first_invalid: None, rejected: None }
    }

    /// Looks at the cells of a batch, and tells whether they make the column text.
    pub(super) fn check(&mut self, batch: &Batch<'_>, rules: Rules) -> Result<bool, Error> {
        let cells = &batch.columns[self.index];
        if rules.reject && self.rejected.is_none() {
            self.rejected = self.find_rejected(cells, batch);
        }
        if let Some(row) = cells.invalid.first() {
            self.take_invalid(*row as usize, batch, rules)?;
        }
        // Where a cell to come may still make the column text, it is too early to reject.
        if (rules.named || rules.invalid == Invalid::Count)
            && let Some(rejected) = self.rejected.take()
        {
            return Err(rejected);
        }
        Ok(rules.invalid == Invalid::Text && !cells.invalid.is_empty())
    }

    /// Takes notice of the first invalid cell of a batch.
    #[cold]
    fn take_invalid(&mut self, row: usize, batch: &Batch<'_>, rules: Rules) -> Result<(), Error> {
        let place = batch.origin.place(row, self.index);
        if rules.invalid == Invalid::Text && rules.named {
            let invalid = Some(self.no_number(row, place, batch));
            return Err(
                first(invalid.into_iter().chain(self.rejected.take())).expect("there is one")
            );
        }
        self.first_invalid.get_or_insert(place);
        Ok(())
    }

    fn no_number(&self, row: usize, place: Place, batch: &Batch<'_>) -> Error {
        let cell = batch.origin.text(row, self.index);
        Error::ColumnText {
            name: self.name.clone(),
            overflow: crate::cell::is_overflow(&cell),
            cell: excerpt(&cell),
            place,
        }
    }

    /// The error of the first NaN or infinity of a batch.
    fn find_rejected(&self, cells: &Cells, batch: &Batch<'_>) -> Option<Error> {
        let mut rows = cells.numbers.iter().enumerate();
        let (row, kind) = rows.find_map(|(row, value)| {
            Some((row, NonfiniteKind::of(*value).filter(|_| cells.present.get(row))?))
        })?;
        let place = batch.origin.place(row, self.index);
        Some(Error::NonfiniteRejected { kind, name: self.name.clone(), place })
    }

    /// The error of the first value that is to be rejected after all, since the column turned out to be no text.
    pub(super) fn take_rejected(&mut self) -> Option<Error> {
        self.rejected.take()
    }

    /// Takes what another has seen of the same column.
    pub(super) fn merge(&mut self, other: Self) {
        self.first_invalid = self.first_invalid.into_iter().chain(other.first_invalid).min();
        self.rejected = first(self.rejected.take().into_iter().chain(other.rejected));
    }
}
