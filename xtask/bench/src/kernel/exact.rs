//! The ways into exacta that are measured, from the slice to the results. They use the threads of the current pool.

use exacta::kernel_for_tests::InstructionSet;
use exacta::{Column, Outcome, Plan, Statistic};

use crate::race::{Contender, Promise, ours};

/// What is asked in one pass, in the order of every contender's answer.
pub(crate) const ONE_PASS: [Statistic; 7] = [
    Statistic::Count,
    Statistic::Sum,
    Statistic::Mean,
    Statistic::Min,
    Statistic::Max,
    Statistic::Variance,
    Statistic::Stddev,
];

/// Statistics of a column, in the order of the plan.
pub(crate) fn statistics<'a>(plan: &Plan, values: impl Into<Column<'a, f64>>) -> Vec<f64> {
    let summary = plan.summarize(values).expect("nothing is rejected");
    let statistics = summary.statistics().iter().map(|(_, outcome)| number(*outcome));
    statistics.chain(summary.quantiles().iter().map(|(_, outcome)| number(*outcome))).collect()
}

/// NaN where there is no value.
pub(super) fn number(outcome: Outcome) -> f64 {
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
pub(crate) const fn forced_name(set: InstructionSet) -> &'static str {
    match set {
        InstructionSet::Portable => "exacta, without vectors",
        InstructionSet::Sse2 => "exacta, SSE2",
        InstructionSet::Avx2 => "exacta, AVX2",
        InstructionSet::Avx512 => "exacta, AVX-512",
    }
}

/// A contender for each instruction set that this machine has.
pub(super) fn by_instruction_set<'a, A: AsRef<[f64]> + 'a>(
    run: impl Fn() -> A + Copy + 'a,
) -> Vec<Contender<'a>> {
    let contender = |set| ours(forced_name(set), Promise::Exact, move || forced(set, run));
    InstructionSet::available().map(contender).collect()
}
