//! The ways into exacta that are measured: one thread unless said, from the slice to the results.

use exacta::kernel_for_tests::InstructionSet;
use exacta::{Accumulator, Outcome, Plan, Statistic, Summary};

use super::race::{Contender, Promise, ours};

/// What is asked in one pass, in the order of every contender's answer.
pub(super) const ONE_PASS: [Statistic; 7] = [
    Statistic::Count,
    Statistic::Sum,
    Statistic::Mean,
    Statistic::Min,
    Statistic::Max,
    Statistic::Variance,
    Statistic::Stddev,
];

/// Statistics of a slice, in the order of the plan.
pub(super) fn statistics(plan: &Plan, values: &[f64]) -> Vec<f64> {
    let mut accumulator = Accumulator::new(plan);
    accumulator.update(values).expect("nothing is rejected");
    answer(&finish(accumulator, plan))
}

/// The same with the threads of the current pool.
pub(super) fn statistics_by_threads(plan: &Plan, values: &[f64]) -> Vec<f64> {
    let mut accumulator = Accumulator::new(plan);
    accumulator.update_parallel(values).expect("nothing is rejected");
    answer(&finish(accumulator, plan))
}

fn finish(accumulator: Accumulator, plan: &Plan) -> Summary {
    accumulator.into_partial().finalize(plan).expect("the accumulator was made for this plan")
}

fn answer(summary: &Summary) -> Vec<f64> {
    let statistics = summary.statistics().iter().map(|(_, outcome)| number(*outcome));
    statistics.chain(summary.quantiles().iter().map(|(_, outcome)| number(*outcome))).collect()
}

/// NaN where there is no value.
fn number(outcome: Outcome) -> f64 {
    outcome.value().unwrap_or(f64::NAN)
}

/// Runs with the vectors of one instruction set, and gives the choice back.
pub(super) fn forced<R>(set: InstructionSet, run: impl FnOnce() -> R) -> R {
    let found = InstructionSet::current();
    set.force();
    let result = run();
    found.force();
    result
}

/// What a contender is called that is forced to an instruction set.
pub(super) const fn forced_name(set: InstructionSet) -> &'static str {
    match set {
        InstructionSet::Portable => "exacta, without vectors",
        InstructionSet::Sse2 => "exacta, SSE2",
        InstructionSet::Avx2 => "exacta, AVX2",
        InstructionSet::Avx512 => "exacta, AVX-512",
    }
}

/// A contender for each instruction set that this machine has.
pub(super) fn by_instruction_set<'a>(plan: &Plan, values: &'a [f64]) -> Vec<Contender<'a>> {
    let contender = |set| {
        let plan = plan.clone();
        let run = move || forced(set, || statistics(&plan, values));
        ours(forced_name(set), Promise::Exact, run)
    };
    InstructionSet::available().map(contender).collect()
}
