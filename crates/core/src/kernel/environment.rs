//! The guard of the floating-point environment. A shared library built with `-ffast-math` sets
//! flush-to-zero for the whole thread, and a host may have changed the rounding mode: both would change
//! float arithmetic under us. Entry points run their work through here.
//!
//! It matters here more than elsewhere. The fast kernels take digits off by rounding to nearest,
//! and what they prove holds for that mode alone; under flush-to-zero a subnormal digit would
//! vanish and the sum with it. So the guard stands at every door through which values come, and in
//! every task, since threads of a pool keep whatever their creator had set. Only the control bits
//! are compared and restored: exception flags that arithmetic raises are the caller's to read.
//!
//! What is guarded: rounding mode, flush-to-zero and denormals-are-zero in MXCSR of x86-64 and in
//! FPCR of `AArch64`. Elsewhere nothing can be set, or it is not known how, and the guard is empty.
//! The x87 unit is not used.

use super::arch;

/// Whether the floating-point environment can be seen to here. Where it cannot, nothing computes with floats.
pub(crate) const IS_KNOWN: bool = arch::CONTROL_MASK != 0;

/// Runs `body` with rounding to nearest and without flushing subnormals to zero, and gives the caller's
/// environment back afterwards, also when `body` panics. A few nanoseconds where nothing has to change.
///
/// ```
/// let tiny = exacta::environment::with_default(|| "5e-324".parse::<f64>());
/// assert_eq!(tiny, Ok(5e-324));
/// ```
///
/// Cost: reading one register where the environment is the default already, as it nearly always is;
/// else two writes as well.
/// Panics: as `body` does; the environment is restored while it unwinds.
pub fn with_default<R>(body: impl FnOnce() -> R) -> R {
    let found = arch::control();
    if found & arch::CONTROL_MASK == arch::CONTROL_DEFAULT & arch::CONTROL_MASK {
        return body();
    }
    arch::set_control(arch::CONTROL_DEFAULT);
    let _restore = Restore(found);
    apart(body)
}

/// The body must not be inlined into its caller, or arithmetic could be moved across the switch.
#[inline(never)]
fn apart<R>(body: impl FnOnce() -> R) -> R {
    body()
}

/// Gives the environment back when it is dropped, on return as in a panic.
struct Restore(u64);

impl Drop for Restore {
    fn drop(&mut self) {
        arch::set_control(self.0);
    }
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;
    use crate::{
        Accumulator, Bins, Nonfinite, PairAccumulator, PairSummary, Partial, Plan, Probability,
        QuantileMethod, Statistic, Summary, Value, WeightedAccumulator, WeightedSummary,
    };
    use std::hint::black_box;

    /// Flush-to-zero, denormals-are-zero and round-up.
    const HOSTILE: u64 = arch::CONTROL_DEFAULT | 1 << 15 | 1 << 6 | 2 << 13;

    /// Runs `body` as a host would that had set the hostile word.
    #[inline(never)]
    fn in_hostile<R>(body: impl FnOnce() -> R) -> R {
        let found = arch::control();
        arch::set_control(HOSTILE);
        let _restore = Restore(found);
        apart(body)
    }

    #[inline(never)]
    fn sum_of_floats() -> f64 {
        black_box(1e-310) + black_box(1e-310)
    }

    #[test]
    fn the_hostile_environment_does_change_plain_arithmetic() {
        assert_eq!(in_hostile(sum_of_floats), 0.0);
        assert_eq!(in_hostile(|| with_default(sum_of_floats)), 2e-310);
    }

    #[test]
    fn the_callers_environment_comes_back_even_after_a_panic() {
        let after = in_hostile(|| {
            let _ = std::panic::catch_unwind(|| with_default(|| panic!("on purpose")));
            arch::control()
        });
        assert_eq!(after & arch::CONTROL_MASK, HOSTILE & arch::CONTROL_MASK);
    }

    /// The bytes of a partial, and everything that can be asked of a column, of pairs and of weights.
    type Results = (Vec<u8>, Vec<Summary>, PairSummary, WeightedSummary);

    fn all_statistics(values: &[f64], singles: &[f32]) -> Results {
        let quantiles = || ["0.1", "1/3", "0.99"].map(|p| p.parse::<Probability>().unwrap());
        let edges = [2_000, 1 << 28, 1 << 62].map(f64::from_bits);
        let plan = Plan::new(Statistic::ALL.iter().copied())
            .with_quantiles(quantiles())
            .with_quantile_method(QuantileMethod::MedianUnbiased)
            .with_approx_quantiles(quantiles())
            .with_histogram(Bins::edges(edges).unwrap())
            .with_exact();
        let mut accumulator = Accumulator::new(&plan);
        accumulator.update_parallel(values).unwrap();
        accumulator.update(singles).unwrap();
        accumulator.push(Value::from(u64::MAX)).unwrap();
        let partial = accumulator.into_partial();
        let bytes = partial.to_bytes().unwrap();
        let read = Partial::from_bytes(&bytes).unwrap();
        let derived = Plan::new([]).with_histogram(Bins::count(7).unwrap());
        let [all, bins] = [&plan, &derived].map(|plan| read.finalize(plan).unwrap());
        let summaries =
            vec![all, bins, plan.summarize(values).unwrap(), derived.summarize(singles).unwrap()];
        let reversed: Vec<f64> = values.iter().rev().copied().collect();
        let mut pairs = PairAccumulator::new(Nonfinite::Propagate);
        pairs.update(values, &reversed).unwrap();
        pairs.push(singles[1], f64::MAX).unwrap();
        let mut weighted = WeightedAccumulator::new(Nonfinite::Propagate);
        weighted.update(values, &reversed).unwrap();
        weighted.push(0.1, singles[1]).unwrap();
        weighted.push(-1e-300, 5).unwrap();
        let pairs = pairs.into_partial().finalize(Nonfinite::Propagate).unwrap();
        let weighted = weighted.into_partial().finalize(Nonfinite::Propagate).unwrap();
        (bytes, summaries, pairs, weighted)
    }

    #[test]
    fn no_bit_changes_in_a_hostile_environment() {
        let values: Vec<f64> = (0..140_000u64).map(|i| f64::from_bits(i * 7919 + i % 13)).collect();
        let singles: Vec<f32> = (1..500).map(f32::from_bits).collect();
        // Written and compared as text, which tells every bit, once the environment is back.
        let text = |results: Results| format!("{results:?}");
        let expected = text(all_statistics(&values, &singles));
        assert_eq!(text(in_hostile(|| all_statistics(&values, &singles))), expected);
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(3)
            .start_handler(|_| arch::set_control(HOSTILE))
            .build()
            .unwrap();
        assert_eq!(text(pool.install(|| all_statistics(&values, &singles))), expected);
    }
}
