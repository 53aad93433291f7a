//! Group-by: the states of many groups that are numbered from 0, filled row by row from a column of ids and
//! a column of values.
//!
//! Two layouts (one shared scale for sums alone, a compact accumulator a group for the rest) give the same bits.
//! Keys that are no numbers, and which rows make a group, are the caller's.

use super::{CompactAccumulator, Counts};
use crate::error::{Error, NonfiniteKind};
use crate::exact::Value;
use crate::kernel::{
    Column, Element, Elsewhere, GroupSum, GroupSums, Piece, Validity, environment, prefetch,
};
use crate::plan::{Nonfinite, Plan};
use crate::stat::States;
use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;

/// How many rows ahead the state of a group is fetched.
const ROWS_AHEAD: usize = 16;

/// Rows with a mask that are taken together.
const BLOCK_LENGTH: usize = 1024;

/// States of some of the groups that lie in one piece of memory: 96 KB.
const PIECE_LENGTH: usize = 1024;

/// Takes rows of a group and a value, and keeps for each group what a plan needs: what an
/// [`Accumulator`](crate::Accumulator) for each group would keep, in a fraction of the memory.
///
/// Groups are numbers from 0 up to how many there are, as a dictionary encoding gives them. Where rows tell how many
/// there are, [`Groups::grow`] adds some on the way; with keys of another kind, keep a [`CompactAccumulator`] for each
/// in a map.
///
/// Limits: 96 bytes a group, as [`CompactAccumulator`] has it. When the plan asks for nothing but counts, sums and
/// means, 24, and 124 for a group in which something is missing or far from the rest. More for groups whose values
/// need it: [`Groups::bytes_kept`] tells.
/// Cost: a nanosecond or a few a row for sums, some more for other statistics, and the time to fetch what
/// is kept of the group.
///
/// ```
/// use exacta::{Groups, Plan, Statistic};
/// let mut groups = Groups::new(&Plan::new([Statistic::Mean]), 3)?;
/// groups.update(&[0, 2, 0, 0], &[0.1, 5.0, 0.2, 0.3])?;
/// let means = groups.outcomes(Statistic::Mean)?;
/// assert_eq!(means[0].finite(), Some(0.2));
/// assert_eq!(means[1].reason(), Some(exacta::Reason::Empty));
/// # Ok::<(), exacta::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Groups {
    plan: Plan,
    /// How many have been taken, missing values among them.
    n_rows: u64,
    layout: Layout,
}

/// How the states lie in memory.
#[derive(Clone, Debug)]
enum Layout {
    /// Sums and counts alone.
    Sums(Sums),
    /// All that a compact accumulator keeps.
    Compact(Compacts),
}

/// Compact accumulators, and what they take.
#[derive(Clone, Debug, Default)]
struct Compacts {
    states: Vec<CompactAccumulator>,
    /// Beside the states themselves.
    bytes_outside: u64,
}

/// The sums of all groups, and for those that need it a compact accumulator beside.
#[derive(Clone, Debug)]
struct Sums {
    sums: GroupSums,
    beside: Beside,
}

/// Compact accumulators of some of the groups.
#[derive(Clone, Debug, Default)]
struct Beside {
    /// For each group one more than its place among the states, or 0; empty while there are none.
    places: Vec<u32>,
    /// How many there are then: made at once, so that no memory of fewer is left behind.
    n_groups: usize,
    /// In pieces that are never moved, all full but the last: one that grows leaves as much memory behind as it has.
    pieces: Vec<Compacts>,
}

impl Groups {
    /// Groups 0 to `n_groups` − 1, which have taken nothing, with the states that `plan` needs.
    ///
    /// # Errors
    /// [`Error::StatesMissing`] when the plan asks for more than a compact accumulator keeps, such as a
    /// quantile.
    ///
    /// # Example
    /// ```
    /// use exacta::{Groups, Plan, Statistic};
    /// let groups = Groups::new(&Plan::default(), 1_000)?;
    /// assert_eq!(groups.len(), 1_000);
    /// let error = Groups::new(&Plan::new([Statistic::Median]), 1).unwrap_err();
    /// assert_eq!(error.code(), "plan.mismatch");
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn new(plan: &Plan, n_groups: u32) -> Result<Self, Error> {
        CompactAccumulator::check_states(plan.states())?;
        let length = n_groups as usize;
        let layout = if States::SUM.contains(plan.states()) && environment::IS_KNOWN {
            let beside = Beside { n_groups: length, ..Beside::default() };
            Layout::Sums(Sums { sums: GroupSums::new(length), beside })
        } else {
            Layout::Compact(Compacts::new(length))
        };
        Ok(Self { plan: plan.clone(), n_rows: 0, layout })
    }

    /// How many groups there are.
    ///
    /// ```
    /// assert_eq!(exacta::Groups::new(&exacta::Plan::default(), 3)?.len(), 3);
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn len(&self) -> usize {
        match &self.layout {
            Layout::Sums(sums) => sums.sums.len(),
            Layout::Compact(compacts) => compacts.states.len(),
        }
    }

    /// Whether there is no group.
    ///
    /// ```
    /// assert!(exacta::Groups::new(&exacta::Plan::default(), 0)?.is_empty());
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds groups that have taken nothing until there are `n_groups`. Where there are as many, nothing changes.
    ///
    /// Cost: that of making room, over all calls in proportion to how many groups there are in the end.
    ///
    /// ```
    /// use exacta::{Groups, Plan};
    /// let mut groups = Groups::new(&Plan::default(), 0)?;
    /// groups.grow(2);
    /// groups.update(&[1, 0], &[1.0, 2.0])?;
    /// groups.grow(1);
    /// assert_eq!(groups.len(), 2);
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn grow(&mut self, n_groups: u32) {
        let length = self.len().max(n_groups as usize);
        match &mut self.layout {
            Layout::Sums(sums) => {
                sums.sums.grow(length);
                sums.beside.n_groups = length;
            }
            Layout::Compact(compacts) => {
                compacts.states.resize_with(length, CompactAccumulator::default);
            }
        }
    }

    /// How many bytes the groups take, which grows with the values that need more than the few of the others.
    ///
    /// Cost: next to none; it is counted on the way.
    ///
    /// ```
    /// use exacta::{Groups, Plan};
    /// let mut groups = Groups::new(&Plan::default(), 1_000)?;
    /// groups.update(&[0, 1], &[u64::MAX, 1])?;
    /// assert_eq!(groups.bytes_kept(), 96_000);
    /// groups.update(&[0], &[1e-300])?;
    /// assert!(groups.bytes_kept() > 97_000);
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn bytes_kept(&self) -> u64 {
        match &self.layout {
            Layout::Sums(sums) => sums.sums.bytes_kept() + sums.beside.bytes_kept(),
            Layout::Compact(compacts) => compacts.bytes_kept(),
        }
    }

    /// The plan that they were made for.
    ///
    /// ```
    /// let plan = exacta::Plan::default();
    /// assert_eq!(exacta::Groups::new(&plan, 3)?.plan(), &plan);
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Takes the value of each row into the group of its id: a slice, an array, a vector, or a [`Column`]
    /// with a stride or a mask.
    ///
    /// # Errors
    /// [`Error::LengthsDiffer`] when there are not as many ids as values, [`Error::GroupUnknown`] when an
    /// id is none of a group: nothing has been taken then. [`Error::NonfiniteRejected`] at the first NaN or
    /// infinity when the plan's policy is `reject`; the rows before it have been taken.
    ///
    /// # Example
    /// ```
    /// use exacta::{Column, Groups, Plan, Validity};
    /// let mut groups = Groups::new(&Plan::default(), 2)?;
    /// let present = Validity::new(&[0b011], 0, 3).unwrap();
    /// groups.update(&[0, 1, 0], Column::from(&[1i32, 2, 3]).with_validity(present)?)?;
    /// let counts = *groups.partial(0).unwrap().counts();
    /// assert_eq!((counts.count, counts.null), (1, 1));
    /// assert_eq!(groups.update(&[2], &[1.0]).unwrap_err().code(), "group.unknown");
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn update<'a, T: Element + 'a>(
        &mut self,
        ids: &[u32],
        values: impl Into<Column<'a, T>>,
    ) -> Result<(), Error> {
        let column = values.into();
        if ids.len() != column.len() {
            return Err(Error::LengthsDiffer { left: ids.len(), right: column.len() });
        }
        ids.iter().max().map_or(Ok(()), |id| self.check_id(*id))?;
        let mut ids = ids;
        environment::with_default(|| {
            column.try_for_each_piece(|piece| {
                let (taken, rest) = ids.split_at(piece.len());
                ids = rest;
                self.take_piece(taken, &piece)
            })
        })
    }

    /// Counts a missing value in a group.
    ///
    /// # Errors
    /// [`Error::GroupUnknown`] when the id is none of a group.
    ///
    /// # Example
    /// ```
    /// use exacta::{Groups, Plan};
    /// let mut groups = Groups::new(&Plan::default(), 2)?;
    /// groups.push_null(1)?;
    /// assert_eq!(groups.counts(1).unwrap().null, 1);
    /// assert_eq!(groups.push_null(2).unwrap_err().code(), "group.unknown");
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn push_null(&mut self, id: u32) -> Result<(), Error> {
        self.check_id(id)?;
        self.n_rows += 1;
        self.layout.change(id as usize, CompactAccumulator::push_null);
        Ok(())
    }

    /// Counts a cell that is no number in a group.
    ///
    /// # Errors
    /// [`Error::GroupUnknown`] when the id is none of a group.
    ///
    /// # Example
    /// ```
    /// use exacta::{Groups, Plan};
    /// let mut groups = Groups::new(&Plan::default(), 1)?;
    /// groups.push_invalid(0)?;
    /// assert_eq!(groups.counts(0).unwrap().invalid, 1);
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn push_invalid(&mut self, id: u32) -> Result<(), Error> {
        self.check_id(id)?;
        self.n_rows += 1;
        self.layout.change(id as usize, CompactAccumulator::push_invalid);
        Ok(())
    }

    /// What a group has taken so far. None for an id that is none of a group.
    ///
    /// ```
    /// use exacta::{Groups, Plan};
    /// let mut groups = Groups::new(&Plan::default(), 1)?;
    /// groups.update(&[0, 0], &[1.0, f64::NAN])?;
    /// let counts = groups.counts(0).unwrap();
    /// assert_eq!((counts.count, counts.nan), (1, 1));
    /// assert!(groups.counts(1).is_none());
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn counts(&self, id: u32) -> Option<Counts> {
        let group = id as usize;
        (group < self.len()).then(|| {
            let mut counts =
                self.compact(group).map_or_else(Counts::default, CompactAccumulator::counts);
            counts.count += self.sum(group).count;
            counts
        })
    }

    /// Takes what other groups have taken, group by group.
    ///
    /// # Errors
    /// [`Error::StatesDiffer`] when the two were made for plans with different states,
    /// [`Error::LengthsDiffer`] when they are not as many, [`Error::CountOverflow`] when a count would pass
    /// 2^64 − 1; the groups stay as they were.
    ///
    /// # Example
    /// ```
    /// use exacta::{Groups, Plan, Statistic};
    /// let plan = Plan::new([Statistic::Sum]);
    /// let (mut left, mut right) = (Groups::new(&plan, 2)?, Groups::new(&plan, 2)?);
    /// left.update(&[0, 1], &[1e16, 5.0])?;
    /// right.update(&[0, 0], &[1.0, -1e16])?;
    /// left.merge(&right)?;
    /// let sums: Vec<_> = left.outcomes(Statistic::Sum)?.iter().map(|sum| sum.finite()).collect();
    /// assert_eq!(sums, [Some(1.0), Some(5.0)]);
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn merge(&mut self, other: &Self) -> Result<(), Error> {
        if self.len() != other.len() {
            return Err(Error::LengthsDiffer { left: self.len(), right: other.len() });
        }
        self.merge_all(other, |group| group)
    }

    /// Takes what other groups have taken, each into the group that `ids` names at its place: for groups that were
    /// numbered apart.
    ///
    /// # Errors
    /// [`Error::LengthsDiffer`] when there are not as many ids as other groups, [`Error::GroupUnknown`] when an id is
    /// none of a group, and those of [`Groups::merge`]; the groups stay as they were.
    ///
    /// # Example
    /// ```
    /// use exacta::{Groups, Plan, Statistic};
    /// let plan = Plan::new([Statistic::Sum]);
    /// let (mut left, mut right) = (Groups::new(&plan, 3)?, Groups::new(&plan, 2)?);
    /// right.update(&[0, 1], &[1.0, 5.0])?;
    /// left.merge_at(&[2, 0], &right)?;
    /// let sums: Vec<_> = left.outcomes(Statistic::Sum)?.iter().map(|sum| sum.finite()).collect();
    /// assert_eq!(sums, [Some(5.0), Some(0.0), Some(1.0)]);
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn merge_at(&mut self, ids: &[u32], other: &Self) -> Result<(), Error> {
        if ids.len() != other.len() {
            return Err(Error::LengthsDiffer { left: ids.len(), right: other.len() });
        }
        ids.iter().max().map_or(Ok(()), |id| self.check_id(*id))?;
        self.merge_all(other, |group| ids[group] as usize)
    }

    /// Takes in each of the others where `place` says, which is a group.
    fn merge_all(&mut self, other: &Self, place: impl Fn(usize) -> usize) -> Result<(), Error> {
        let (states, others) = (self.plan.states(), other.plan.states());
        if states != others {
            return Err(Error::StatesDiffer {
                left: states.to_string(),
                right: others.to_string(),
            });
        }
        self.n_rows = self.n_rows.checked_add(other.n_rows).ok_or(Error::CountOverflow)?;
        match (&mut self.layout, &other.layout) {
            (Layout::Sums(sums), Layout::Sums(other)) => sums.merge(other, place),
            (Layout::Compact(compacts), Layout::Compact(others)) => {
                for (group, other) in others.states.iter().enumerate() {
                    compacts.change(place(group), |it| it.merge(other).expect("the counts fit"));
                }
            }
            _ => unreachable!("the layout depends on the states alone"),
        }
        Ok(())
    }

    fn check_id(&self, id: u32) -> Result<(), Error> {
        let n_groups = self.len();
        if (id as usize) < n_groups { Ok(()) } else { Err(Error::GroupUnknown { id, n_groups }) }
    }

    /// The compact accumulator of a group, if it has one.
    pub(crate) fn compact(&self, group: usize) -> Option<&CompactAccumulator> {
        match &self.layout {
            Layout::Sums(sums) => sums.beside.at(group),
            Layout::Compact(compacts) => compacts.states.get(group),
        }
    }

    /// What of a group's values is in a sum and in no compact accumulator.
    pub(crate) fn sum(&self, group: usize) -> GroupSum {
        match &self.layout {
            Layout::Sums(sums) => sums.sums.at(group),
            Layout::Compact(_) => GroupSum::default(),
        }
    }

    /// Takes the rows of one piece, under `reject` those before the first NaN or infinity.
    fn take_piece(&mut self, ids: &[u32], piece: &Piece<'_>) -> Result<(), Error> {
        let (values, validity) = match *piece {
            Piece::Floats(values, validity) => (values, validity),
            Piece::Integers(values, validity) => {
                self.n_rows += values.len() as u64;
                self.layout.update_integers(ids, values, validity);
                return Ok(());
            }
        };
        let rejected = self.find_rejected(values, validity);
        let admitted = rejected.map_or(values.len(), |(index, _)| index);
        self.n_rows += admitted as u64;
        let (ids, values) = (&ids[..admitted], &values[..admitted]);
        match validity {
            Some(validity) => self.layout.update_valid(ids, values, validity.slice(0, admitted)),
            None => self.layout.update(ids, values),
        }
        match rejected {
            Some((_, kind)) => Err(Error::NonfiniteRejected { kind, index: self.n_rows }),
            None => Ok(()),
        }
    }

    /// The first value that the policy rejects, and what it is.
    fn find_rejected(
        &self,
        values: &[f64],
        validity: Option<Validity<'_>>,
    ) -> Option<(usize, NonfiniteKind)> {
        if self.plan.nonfinite() != Nonfinite::Reject {
            return None;
        }
        let is_valid = |index| validity.is_none_or(|validity| validity.is_valid(index));
        let mut rows = values.iter().enumerate().filter(|(index, _)| is_valid(*index));
        rows.find_map(|(index, value)| Some((index, NonfiniteKind::of(*value)?)))
    }
}

impl Layout {
    fn update(&mut self, ids: &[u32], values: &[f64]) {
        match self {
            Self::Sums(sums) => sums.sums.update(ids, values, &mut sums.beside),
            Self::Compact(compacts) => compacts.update(ids, values),
        }
    }

    /// Takes the values that are there, and counts the others as missing.
    fn update_valid(&mut self, ids: &[u32], values: &[f64], validity: Validity<'_>) {
        let (mut valid_ids, mut valid_values) = (Vec::new(), Vec::new());
        for start in (0..ids.len()).step_by(BLOCK_LENGTH) {
            for row in start..ids.len().min(start + BLOCK_LENGTH) {
                if validity.is_valid(row) {
                    valid_ids.push(ids[row]);
                    valid_values.push(values[row]);
                } else {
                    self.change(ids[row] as usize, CompactAccumulator::push_null);
                }
            }
            self.update(&valid_ids, &valid_values);
            valid_ids.clear();
            valid_values.clear();
        }
    }

    /// Takes the integers that are there, which may be no binary64, and counts the others as missing.
    fn update_integers(&mut self, ids: &[u32], values: &[i128], validity: Option<Validity<'_>>) {
        for (row, (id, value)) in ids.iter().zip(values).enumerate() {
            let group = *id as usize;
            match self {
                _ if validity.is_some_and(|validity| !validity.is_valid(row)) => {
                    self.change(group, CompactAccumulator::push_null);
                }
                Self::Sums(sums) => sums.push_integer(group, *value),
                Self::Compact(compacts) => {
                    if let Some(next) = ids.get(row + ROWS_AHEAD) {
                        prefetch(&compacts.states, *next as usize);
                    }
                    compacts.push(group, Value::from_wide(*value));
                }
            }
        }
    }

    /// Lets a group take something that is in no shared sum.
    fn change(&mut self, group: usize, change: impl FnOnce(&mut CompactAccumulator)) {
        match self {
            Self::Sums(sums) => sums.beside.change(group, change),
            Self::Compact(compacts) => compacts.change(group, change),
        }
    }
}

impl Compacts {
    fn new(length: usize) -> Self {
        Self { states: vec![CompactAccumulator::default(); length], bytes_outside: 0 }
    }

    fn bytes_kept(&self) -> u64 {
        size_of_val(&self.states[..]) as u64 + self.bytes_outside
    }

    fn update(&mut self, ids: &[u32], values: &[f64]) {
        for (row, (id, value)) in ids.iter().zip(values).enumerate() {
            if let Some(next) = ids.get(row + ROWS_AHEAD) {
                prefetch(&self.states, *next as usize);
            }
            self.push(*id as usize, Value::from(*value));
        }
    }

    #[inline]
    fn push(&mut self, index: usize, value: Value) {
        if !self.states[index].push_within(value) {
            self.change(index, |state| state.push_outside(value));
        }
    }

    /// Lets a state take something, and counts what it allocates for that.
    fn change(&mut self, index: usize, change: impl FnOnce(&mut CompactAccumulator)) {
        let state = &mut self.states[index];
        let before = state.bytes_kept();
        change(state);
        self.bytes_outside += state.bytes_kept() - before;
    }
}

impl Sums {
    /// Takes an integer that may be no binary64.
    fn push_integer(&mut self, group: usize, integer: i128) {
        if !self.sums.add(group, GroupSum { sum: integer, exponent: 0, count: 1 }) {
            self.beside.change(group, |state| state.push(Value::from_wide(integer)));
        }
    }

    /// Takes in others, each where `place` says; no group passes a count of 2^64 − 1.
    fn merge(&mut self, other: &Self, place: impl Fn(usize) -> usize) {
        for group in 0..other.sums.len() {
            let (sum, place) = (other.sums.at(group), place(group));
            if !self.sums.add(place, sum) {
                self.beside.take_sum(place, sum);
            }
            if let Some(state) = other.beside.at(group) {
                self.beside.change(place, |it| it.merge(state).expect("the counts fit"));
            }
        }
    }
}

impl Beside {
    fn at(&self, group: usize) -> Option<&CompactAccumulator> {
        let place = self.places.get(group)?.checked_sub(1)? as usize;
        self.pieces[place / PIECE_LENGTH].states.get(place % PIECE_LENGTH)
    }

    fn bytes_kept(&self) -> u64 {
        let pieces: u64 = self.pieces.iter().map(Compacts::bytes_kept).sum();
        size_of_val(&self.places[..]) as u64 + pieces
    }

    /// The place of the state of a group, which has one from now on.
    fn place(&mut self, group: usize) -> usize {
        if group >= self.places.len() {
            self.places.resize(self.n_groups, 0);
        }
        if self.places[group] == 0 {
            self.places[group] = self.push_state() as u32;
        }
        self.places[group] as usize - 1
    }

    /// Adds a state, and tells how many there are.
    fn push_state(&mut self) -> usize {
        if self.pieces.last().is_none_or(|piece| piece.states.len() == PIECE_LENGTH) {
            let states = Vec::with_capacity(PIECE_LENGTH);
            self.pieces.push(Compacts { states, bytes_outside: 0 });
        }
        let piece = self.pieces.last_mut().expect("there is one with room");
        piece.states.push(CompactAccumulator::default());
        let in_last = piece.states.len();
        (self.pieces.len() - 1) * PIECE_LENGTH + in_last
    }

    fn change(&mut self, group: usize, change: impl FnOnce(&mut CompactAccumulator)) {
        let place = self.place(group);
        self.pieces[place / PIECE_LENGTH].change(place % PIECE_LENGTH, change);
    }
}

impl Elsewhere for Beside {
    fn take_value(&mut self, group: usize, value: f64) {
        self.change(group, |state| state.push(value));
    }

    fn take_sum(&mut self, group: usize, sum: GroupSum) {
        self.change(group, |state| state.take_sum(sum));
    }
}
