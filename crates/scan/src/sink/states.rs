//! What the groups of one column keep: the compact states of `exacta` where the plan is content with those, else the
//! values while they are few and an accumulator from then on. Which rows make a group is not known here.

use exacta::{Accumulator, Bins, Counts, Groups, Partial, Plan, Value};

use crate::{Error, batch::Cells, spill::Spill};

/// Values of a group that are kept before they go into an accumulator: those of a small group take no more than they
/// are, where an accumulator would take some kilobytes.
const FEW_MAX: usize = 256;

/// How many bytes an accumulator takes beside the values that it keeps.
const ACCUMULATOR_BYTES: u64 = 8 << 10;

/// How many bytes an accumulator for a plan takes beside the values that it keeps.
pub(super) fn accumulator_bytes(plan: &Plan) -> u64 {
    let registers =
        if plan.states().contains(exacta::States::REGISTERS) { REGISTERS_BYTES } else { 0 };
    let n_bins = plan.bins().and_then(Bins::n_bins).unwrap_or(0) as u64;
    ACCUMULATOR_BYTES + registers + n_bins * size_of::<u64>() as u64
}

/// What its sketch of the different values takes.
const REGISTERS_BYTES: u64 = 16 << 10;

/// Values of a group from which on they are worth a place of their own in a file.
const APART_BYTES: u64 = 64 << 10;

/// The states of all groups.
#[derive(Debug)]
pub(crate) enum States {
    Compact(Groups),
    Gathered(AllGathered),
}

/// What groups keep for a plan that needs more than a compact accumulator has.
#[derive(Debug)]
pub(crate) struct AllGathered {
    groups: Vec<Gathered>,
    plan: Plan,
    /// How many values they have taken and not put into a file.
    n_values: u64,
}

impl States {
    /// No groups yet.
    pub(crate) fn new(plan: &Plan) -> Self {
        match Groups::new(plan, 0) {
            Ok(groups) => Self::Compact(groups),
            Err(_) => {
                let (groups, plan) = (Vec::new(), plan.clone());
                Self::Gathered(AllGathered { groups, plan, n_values: 0 })
            }
        }
    }

    /// Adds groups until there are so many.
    pub(crate) fn grow(&mut self, n_groups: usize) {
        match self {
            Self::Compact(groups) => groups.grow(n_groups as u32),
            Self::Gathered(all) => all.groups.resize_with(n_groups, Gathered::default),
        }
    }

    /// How many bytes they take; about, and rather too many, where a group keeps an accumulator.
    pub(crate) fn bytes_kept(&self) -> u64 {
        match self {
            Self::Compact(groups) => groups.bytes_kept(),
            Self::Gathered(all) => {
                let n_groups = all.groups.len() as u64;
                let value_bytes = size_of::<f64>() as u64;
                let values = all.n_values * value_bytes;
                // Where values are summed up, no group takes more than an accumulator and the few that wait.
                let most = n_groups * (ACCUMULATOR_BYTES + FEW_MAX as u64 * value_bytes);
                let values = if all.plan.value_bytes() > 0 { values } else { values.min(most) };
                n_groups * size_of::<Gathered>() as u64 + values
            }
        }
    }

    /// Puts the values of groups that keep many into a file.
    pub(crate) fn put_away(&mut self, spill: &mut Spill) -> Result<(), Error> {
        let Self::Gathered(all) = self else { return Ok(()) };
        all.groups.iter_mut().try_for_each(|group| group.put_away(spill))?;
        all.count_values();
        Ok(())
    }

    /// Whether values of a group are in a file.
    pub(crate) fn is_apart(&self, id: u32) -> bool {
        matches!(self, Self::Gathered(all) if all.groups[id as usize].is_apart)
    }

    /// Keeps these groups alone, under new numbers in this order: some of which values are in a file.
    pub(crate) fn keep(&mut self, ids: &[u32]) {
        match self {
            Self::Compact(groups) => {
                debug_assert!(ids.is_empty(), "sums are never apart");
                *groups = Groups::new(groups.plan(), 0).expect("there were groups of this plan");
            }
            Self::Gathered(all) => {
                let kept = ids.iter().map(|id| std::mem::take(&mut all.groups[*id as usize]));
                all.groups = kept.collect();
                all.count_values();
            }
        }
    }

    /// Takes the cell of each row into its group.
    pub(crate) fn take(&mut self, ids: &[u32], cells: &Cells) -> Result<(), Error> {
        match self {
            Self::Compact(groups) => take_compact(groups, ids, cells),
            Self::Gathered(AllGathered { groups, plan, n_values }) => {
                *n_values += (cells.present.n_set(ids.len()) + cells.wide.len()) as u64;
                for_each_cell(ids, cells, |id, cell| groups[id as usize].push(cell, plan))
            }
        }
    }

    /// Takes other groups, each into the one whose id stands at its place.
    pub(crate) fn merge_at(&mut self, ids: &[u32], other: Self) -> Result<(), Error> {
        match (self, other) {
            (Self::Compact(groups), Self::Compact(others)) => Ok(groups.merge_at(ids, &others)?),
            (Self::Gathered(all), Self::Gathered(others)) => {
                all.n_values += others.n_values;
                let AllGathered { groups, plan, .. } = all;
                let mut others = ids.iter().zip(others.groups);
                others.try_for_each(|(id, other)| groups[*id as usize].merge(other, plan))
            }
            _ => unreachable!("both were made for one plan"),
        }
    }

    /// What a group has taken, to be counted.
    pub(crate) fn counts(&self, id: u32) -> Counts {
        match self {
            Self::Compact(groups) => groups.counts(id).expect("the group is one of them"),
            Self::Gathered(all) => all.groups[id as usize].counts(),
        }
    }

    /// Takes away what a group has taken.
    pub(crate) fn take_partial(&mut self, id: u32) -> Result<Partial, Error> {
        match self {
            Self::Compact(groups) => Ok(groups.partial(id).expect("the group is one of them")),
            Self::Gathered(AllGathered { groups, plan, .. }) => {
                std::mem::take(&mut groups[id as usize]).into_partial(plan)
            }
        }
    }
}

impl AllGathered {
    fn count_values(&mut self) {
        self.n_values = self.groups.iter().map(Gathered::n_values).sum();
    }
}

/// Takes numbers with gaps that are nulls alone where they lie.
fn take_compact(groups: &mut Groups, ids: &[u32], cells: &Cells) -> Result<(), Error> {
    if let Some(numbers) = cells.plain() {
        return Ok(groups.update(ids, numbers)?);
    }
    for_each_cell(ids, cells, |id, cell| match cell {
        Cell::Number(value) => Ok(groups.update(&[id], &[value])?),
        Cell::Wide(value) => Ok(groups.update(&[id], &[value])?),
        Cell::Invalid => Ok(groups.push_invalid(id)?),
        Cell::Null => Ok(groups.push_null(id)?),
    })
}

/// One cell.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cell {
    Number(f64),
    Wide(Value),
    Invalid,
    Null,
}

/// Gives the cell of each row with the id of the row.
pub(crate) fn for_each_cell(
    ids: &[u32],
    cells: &Cells,
    mut take: impl FnMut(u32, Cell) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut wide = cells.wide.iter().peekable();
    let mut invalid = cells.invalid.iter().peekable();
    for (row, id) in ids.iter().enumerate() {
        let cell = if cells.present.get(row) {
            Cell::Number(cells.numbers[row])
        } else if let Some((_, value)) = wide.next_if(|(wide, _)| *wide as usize == row) {
            Cell::Wide(*value)
        } else if invalid.next_if(|invalid| **invalid as usize == row).is_some() {
            Cell::Invalid
        } else {
            Cell::Null
        };
        take(*id, cell)?;
    }
    Ok(())
}

/// What a group keeps for a plan that needs more than a compact accumulator has.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gathered {
    /// Values that are not in the accumulator yet.
    few: Vec<f64>,
    n_null: u64,
    n_invalid: u64,
    accumulator: Option<Box<Accumulator>>,
    /// Whether values are in a file.
    is_apart: bool,
}

impl Gathered {
    fn push(&mut self, cell: Cell, plan: &Plan) -> Result<(), Error> {
        match cell {
            Cell::Number(value) => {
                self.few.push(value);
                if self.few.len() == FEW_MAX {
                    self.settle(plan)?;
                }
            }
            Cell::Wide(value) => self.accumulator(plan).push(value)?,
            Cell::Invalid => self.n_invalid += 1,
            Cell::Null => self.n_null += 1,
        }
        Ok(())
    }

    fn accumulator(&mut self, plan: &Plan) -> &mut Accumulator {
        self.accumulator.get_or_insert_with(|| Box::new(Accumulator::new(plan)))
    }

    /// How many values it keeps.
    fn n_values(&self) -> u64 {
        let settled = self.accumulator.as_ref().map_or(0, |it| it.bytes_kept());
        self.few.len() as u64 + settled / size_of::<f64>() as u64
    }

    /// Puts its values into a file if they are worth that.
    fn put_away(&mut self, spill: &mut Spill) -> Result<(), Error> {
        let Some(accumulator) = &mut self.accumulator else { return Ok(()) };
        if accumulator.bytes_kept() < APART_BYTES {
            return Ok(());
        }
        self.is_apart = true;
        spill.put_away(accumulator)
    }

    /// Takes the few values into the accumulator, and keeps their memory.
    fn settle(&mut self, plan: &Plan) -> Result<(), Error> {
        let mut few = std::mem::take(&mut self.few);
        self.accumulator(plan).update(&few)?;
        few.clear();
        self.few = few;
        Ok(())
    }

    fn merge(&mut self, mut other: Self, plan: &Plan) -> Result<(), Error> {
        self.n_null += other.n_null;
        self.n_invalid += other.n_invalid;
        self.is_apart |= other.is_apart;
        if let Some(others) = other.accumulator.take() {
            self.accumulator(plan).merge(*others)?;
        }
        other.few.drain(..).try_for_each(|value| self.push(Cell::Number(value), plan))
    }

    fn counts(&self) -> Counts {
        let mut counts = self.accumulator.as_ref().map_or_else(Counts::default, |it| *it.counts());
        for value in &self.few {
            count_number(&mut counts, *value);
        }
        counts.null += self.n_null;
        counts.invalid += self.n_invalid;
        counts
    }

    fn into_partial(mut self, plan: &Plan) -> Result<Partial, Error> {
        self.settle(plan)?;
        let mut accumulator = self.accumulator.expect("settling makes one");
        (0..self.n_null).for_each(|_| accumulator.push_null());
        (0..self.n_invalid).for_each(|_| accumulator.push_invalid());
        Ok(accumulator.into_partial())
    }
}

/// Counts a number for what it is.
pub(crate) fn count_number(counts: &mut Counts, value: f64) {
    let counter = match value {
        f64::INFINITY => &mut counts.pos_inf,
        f64::NEG_INFINITY => &mut counts.neg_inf,
        value if value.is_nan() => &mut counts.nan,
        _ => &mut counts.count,
    };
    *counter += 1;
}

/// Counts a cell for what it is.
pub(crate) fn count_cell(counts: &mut Counts, cell: Cell) {
    match cell {
        Cell::Number(value) => count_number(counts, value),
        Cell::Wide(_) => counts.count += 1,
        Cell::Invalid => counts.invalid += 1,
        Cell::Null => counts.null += 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use exacta::Statistic;

    const N_GROUPS: u32 = 1000;

    /// What so many groups of a plan take, each of these three values.
    fn bytes_kept(plan: &Plan, values: [Value; 3]) -> u64 {
        let mut states = States::new(plan);
        states.grow(N_GROUPS as usize);
        let States::Compact(groups) = &mut states else { panic!("{plan:?} needs more") };
        for id in 0..N_GROUPS {
            groups.update(&[id; 3], &values).unwrap();
        }
        states.bytes_kept()
    }

    #[test]
    fn groups_of_hard_numbers_count_as_what_they_take() {
        let times = [1, 2, 3].map(|k| Value::from(1_700_000_000_000_000_001i64 + k));
        let far_apart = [1e-300, 1.0, 1e300].map(Value::from);
        for plan in [Plan::default(), Plan::new([Statistic::Mean])] {
            assert!(bytes_kept(&plan, times) <= u64::from(N_GROUPS) * 128, "{plan:?}");
            let wild = bytes_kept(&plan, far_apart);
            assert!(wild >= u64::from(N_GROUPS) * 1500, "{plan:?}: {wild}");
        }
    }
}
