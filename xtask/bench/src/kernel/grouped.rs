//! Sums by group, the groups numbered from 0; and what it costs to merge and to finalize a group of few numbers.

use exacta::{CompactAccumulator, Groups, Plan, Statistic};

use super::exact::{ONE_PASS, number};
use super::numbers::{Kind, groups};
use super::peer::peer;
use super::{Bench, EXACTA, NUMPY};
use crate::claim::{Claim, Measured};
use crate::error::Error;
use crate::race::{Promise, Question, Race, ours};
use crate::table::count;

const NAIVE: &str = "plain loop, `sums[group] += x`";

pub(super) fn measure(bench: &Bench) -> Result<Vec<Measured>, Error> {
    let values = bench.numbers(Kind::Uniform, bench.extent.in_memory_slow)?;
    let bounds = [
        (97, "Sums of 97 groups", 5.5, 3.0),
        (10_000, "Sums of 10,000 groups", 3.0, 2.0),
        (1_000_000, "Sums of 1,000,000 groups", 20.0, 5.0),
    ];
    let measured = bounds.map(|(n_groups, title, must, goal)| {
        let race = race(bench, &values, n_groups, title)?;
        let what = format!("sums of {} groups, against a plain loop", count(n_groups as usize));
        Ok(Measured { race, claims: vec![Claim::at_most(what, [EXACTA, NAIVE], must, Some(goal))] })
    });
    let measured: Result<Vec<_>, Error> = measured.into_iter().collect();
    bench.worker.drop_arrays()?;
    let mut measured = measured?;
    measured.push(tiny(bench)?);
    Ok(measured)
}

const MERGING: &str = "exacta, merging its halves";

/// The statistics of the group are right only where merging was, too.
fn tiny(bench: &Bench) -> Result<Measured, Error> {
    let values = bench.numbers(Kind::Normal, 16)?;
    let expected = bench.worker.expect("one pass", &[])?;
    let (left, right) = values.split_at(values.len() / 2);
    let (left, right) = (compact(left), compact(right));
    let group = merged(&left, &right);
    let plan = Plan::new(ONE_PASS);
    let contenders = vec![
        ours(EXACTA, Promise::Exact, || finalized(&plan, &group)),
        ours(MERGING, Promise::Nothing, || [merged(&left, &right).counts().count as f64]),
    ];
    let question = Question::new("A tiny group", values.len(), Kind::Normal.name());
    let race = Race::run(question, &expected, 3 * bench.extent.n_rounds, contenders)?;
    bench.worker.drop_arrays()?;
    let claim = |what: &str, name| {
        let what = format!("{what} of {} numbers, in µs", values.len());
        Claim::microseconds_at_most(what, name, 1.0)
    };
    let claims =
        vec![claim("merging two halves of a group", MERGING), claim("finalizing a group", EXACTA)];
    Ok(Measured { race, claims })
}

fn compact(values: &[f64]) -> CompactAccumulator {
    let mut group = CompactAccumulator::default();
    values.iter().for_each(|value| group.push(*value));
    group
}

fn merged(left: &CompactAccumulator, right: &CompactAccumulator) -> CompactAccumulator {
    let mut group = left.clone();
    group.merge(right).expect("so few numbers can be counted");
    group
}

fn finalized(plan: &Plan, group: &CompactAccumulator) -> Vec<f64> {
    let partial = group.to_partial(plan).expect("a group has the states of the plan");
    let summary = partial.finalize(plan).expect("nothing is rejected");
    summary.statistics().iter().map(|(_, outcome)| number(*outcome)).collect()
}

fn race(bench: &Bench, values: &[f64], n_groups: u32, title: &'static str) -> Result<Race, Error> {
    let ids = groups(values.len(), n_groups);
    bench.worker.load_groups(&ids, n_groups)?;
    let expected = bench.worker.expect("groups", &[])?;
    let plan = Plan::new([Statistic::Sum]);
    let contenders = vec![
        ours(EXACTA, Promise::Exact, || exact(&plan, &ids, values, n_groups)),
        ours(NAIVE, Promise::Near, || naive(&ids, values, n_groups)),
        peer(NUMPY, &bench.worker, "numpy.bincount(ids, x, minlength=n_groups)"),
    ];
    let question = Question::new(title, values.len(), Kind::Uniform.name());
    Race::run(question, &expected, bench.extent.n_rounds, contenders)
}

fn exact(plan: &Plan, ids: &[u32], values: &[f64], n_groups: u32) -> Vec<f64> {
    let mut groups = Groups::new(plan, n_groups).expect("the plan is one for groups");
    groups.update(ids, values).expect("each number has a group, and none is rejected");
    let sums = groups.outcomes(Statistic::Sum).expect("the plan has it");
    sums.into_iter().map(number).collect()
}

fn naive(ids: &[u32], values: &[f64], n_groups: u32) -> Vec<f64> {
    let mut sums = vec![0.0; n_groups as usize];
    for (id, value) in ids.iter().zip(values) {
        sums[*id as usize] += value;
    }
    sums
}
