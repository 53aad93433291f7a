//! The bars of a histogram in a picture: a fine histogram, as the answer has it, whose neighbouring bins are joined
//! until the bars tell something. How many bars that takes is a matter of taste; what each of them counts is exact.

use exacta_client::HistogramSummary;

use super::axis::Axis;

/// How many bins of equal width the histogram has from which bars are made. The number has many divisors, and no
/// data are refused for it, as they are by rules once a value lies far out.
pub(crate) const N_BINS: usize = 720;

/// In how many equal steps from the smallest value to the largest the values may stand for bins to tell the steps.
const N_STEPS_MAX: usize = N_BINS / 4;

/// How many bins a value may be away from its place between steps.
const N_BINS_APART_MAX: usize = 3;

/// Up to how many values in equal steps have a bar each, however many bars a rule would take.
const N_POINTS_SHOWN: usize = 16;

/// More bars than that are no better to look at.
const N_BARS_MAX: usize = 60;

/// Counts in bins of equal width.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Bars {
    /// From the lower edge of the first bar to the upper edge of the last one.
    pub(super) axis: Axis,
    pub(super) counts: Vec<u64>,
    /// Whether each bar counts one number, which is in its middle.
    pub(super) is_of_single: bool,
}

/// What is known of the values besides their fine histogram.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sample {
    pub(super) count: u64,
    pub(super) distinct: u64,
    /// The interquartile range as a part of the range.
    pub(super) iqr_share: f64,
}

impl Bars {
    /// The bars of a fine histogram for a picture that is so many characters or pixels wide; none, if the histogram is
    /// another one, or has no width.
    ///
    /// Where the values stand in equal steps, as integers do, each bar has as many steps as any other, and its values in
    /// its middle. Else there are about as many bars as by the rule `auto`.
    pub(super) fn new(histogram: &HistogramSummary, sample: Sample, width: usize) -> Option<Self> {
        let counts = &histogram.counts;
        let axis = Axis::new(*histogram.edges.first()?, *histogram.edges.last()?)?;
        if counts.len() != N_BINS {
            return None;
        }
        let by_steps = n_steps(counts, sample.distinct)
            .and_then(|n_steps| Self::of_steps(axis, counts, n_steps, sample, width));
        Some(by_steps.unwrap_or_else(|| {
            let is_fit = |n_bars: &usize| N_BINS.is_multiple_of(*n_bars) && fits(*n_bars, width);
            let n_bars = enough((1..=N_BARS_MAX).filter(is_fit), sample);
            let joined = counts.chunks(N_BINS / n_bars).map(|bins| bins.iter().sum());
            Self { axis, counts: joined.collect(), is_of_single: false }
        }))
    }

    /// Bars of whole steps; none, where an edge is beyond binary64.
    fn of_steps(
        axis: Axis,
        counts: &[u64],
        n_steps: usize,
        sample: Sample,
        width: usize,
    ) -> Option<Self> {
        let n_points = n_steps + 1;
        let n_bars_max = N_POINTS_SHOWN.max(3 * enough(1..=N_BARS_MAX, sample) / 2);
        let is_fit = |n_bars: usize| n_bars <= n_bars_max && fits(n_bars, width);
        let points_per_bar = (1..=n_points).find(|n| is_fit(n_points.div_ceil(*n)))?;
        let mut bars = vec![0; n_points.div_ceil(points_per_bar)];
        for (bin, count) in counts.iter().enumerate() {
            bars[nearest_point(bin, n_steps) / points_per_bar] += count;
        }
        let step = (axis.hi() - axis.lo()) / n_steps as f64;
        let lo = axis.lo() - step / 2.0;
        let hi = lo + step * (bars.len() * points_per_bar) as f64;
        let axis = Axis::new(lo, hi)?.with_step(step);
        Some(Self { axis, counts: bars, is_of_single: points_per_bar == 1 })
    }

    /// The largest of the counts.
    pub(super) fn count_max(&self) -> u64 {
        self.counts.iter().copied().max().unwrap_or(0)
    }
}

/// In how many equal steps the values stand, if they do and at least half of the places are taken.
fn n_steps(counts: &[u64], distinct: u64) -> Option<usize> {
    let taken: Vec<usize> = (0..N_BINS).filter(|bin| counts[*bin] > 0).collect();
    // Values that share a bin have no steps that bins could tell.
    if taken.len() as u64 != distinct {
        return None;
    }
    let is_step = |n_steps: &usize| {
        // Values may be rounded, as converted ones are: 10.6, 11.1, 11.7. Less than half a step keeps them apart.
        let distance_max = (N_BINS / (4 * n_steps)).min(N_BINS_APART_MAX);
        let is_near = |bin: usize| {
            let place = nearest_point(bin, *n_steps) * N_BINS / n_steps;
            bin.abs_diff(place) <= distance_max
        };
        taken.iter().all(|bin| is_near(*bin))
    };
    (1..=N_STEPS_MAX.min(2 * taken.len())).find(is_step)
}

/// At which of the places between equal steps the values of a bin are.
fn nearest_point(bin: usize, n_steps: usize) -> usize {
    (2 * bin * n_steps + N_BINS) / (2 * N_BINS)
}

/// Whether so many bars of equal width, in whole characters or pixels, fill the width but for a fifth.
fn fits(n_bars: usize, width: usize) -> bool {
    n_bars == 1 || width / n_bars * n_bars * 5 >= width * 4
}

/// The first of some ascending numbers of bars that the rules of Sturges and of Freedman and Diaconis are content
/// with, or the last: Rice's rule, where half of the values or more are one and the other has no answer.
fn enough(numbers: impl Iterator<Item = usize>, sample: Sample) -> usize {
    let Sample { count, iqr_share, .. } = sample;
    let is_enough = |n_bars: usize| {
        let by_sturges = n_bars > 64 || 1_u64 << (n_bars - 1) >= count;
        // n_bars ≥ count^(1/3) / (2 iqr / range), without a root, which is not alike on all platforms.
        let root = if iqr_share > 0.0 { 2.0 * iqr_share } else { 0.5 } * n_bars as f64;
        by_sturges && root * root * root >= count as f64
    };
    let mut last = 1;
    for n_bars in numbers {
        last = n_bars;
        if is_enough(n_bars) {
            break;
        }
    }
    last
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The fine histogram of these values, and what else is known of them.
    fn fine(values: &[f64]) -> (HistogramSummary, Sample) {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let (lo, hi) = (sorted[0], sorted[sorted.len() - 1]);
        let edge = |index: usize| lo + (hi - lo) * index as f64 / N_BINS as f64;
        let mut counts = vec![0; N_BINS];
        for value in values {
            let bin = (1..N_BINS).rfind(|bin| edge(*bin) <= *value).unwrap_or(0);
            counts[bin] += 1;
        }
        let edges: Vec<_> = (0..=N_BINS).map(edge).collect();
        let rank = |part: usize| sorted[(sorted.len() - 1) * part / 4];
        let iqr_share = (rank(3) - rank(1)) / (hi - lo);
        let count = sorted.len() as u64;
        sorted.dedup();
        let sample = Sample { count, distinct: sorted.len() as u64, iqr_share };
        let members = json!({ "edges": edges, "counts": counts, "over": 0, "under": 0 });
        (serde_json::from_value(members).unwrap(), sample)
    }

    #[track_caller]
    fn check(values: &[f64], width: usize, axis: (f64, f64), counts: &[u64]) {
        let (histogram, sample) = fine(values);
        let bars = Bars::new(&histogram, sample, width).unwrap();
        assert_eq!(((bars.axis.lo(), bars.axis.hi()), &bars.counts[..]), (axis, counts));
    }

    #[test]
    fn integers_have_a_bar_each_around_them() {
        check(&[3.0, 4.0, 4.0, 6.0, 8.0], 60, (2.5, 8.5), &[1, 2, 0, 1, 0, 1]);
        check(&[0.0, 1.0, 1.0], 60, (-0.5, 1.5), &[1, 2]);
        let tenths: Vec<_> = (1..=9).map(|tenth| f64::from(tenth) / 10.0).collect();
        let (histogram, sample) = fine(&tenths);
        assert_eq!(Bars::new(&histogram, sample, 60).unwrap().counts, [1; 9]);
    }

    #[test]
    fn many_integers_are_shared_out_evenly() {
        let values: Vec<_> = (0..120).flat_map(|value| [f64::from(value); 3]).collect();
        let (histogram, sample) = fine(&values);
        let bars = Bars::new(&histogram, sample, 60).unwrap();
        let n_each = bars.counts[0];
        assert!(bars.counts.len() > 5 && n_each > 3, "{bars:?}");
        assert!(bars.counts.iter().rev().skip(1).all(|count| *count == n_each), "{bars:?}");
    }

    #[test]
    fn values_without_steps_have_the_bars_of_a_rule() {
        let squares: Vec<_> = (0..1000).map(|value| f64::from(value * value)).collect();
        let (histogram, sample) = fine(&squares);
        let bars = Bars::new(&histogram, sample, 60).unwrap();
        assert_eq!((bars.axis.lo(), bars.axis.hi(), bars.counts.len()), (0.0, 998_001.0, 12));
        let far = [vec![0.0; 500], vec![1.0; 500], vec![1e6]].concat();
        let (histogram, sample) = fine(&far);
        let bars = Bars::new(&histogram, sample, 60).unwrap();
        assert_eq!((bars.counts[0], bars.axis.hi()), (1000, 1e6));
    }

    #[test]
    fn bars_hold_all_values_and_fill_the_width_without_exceeding_it() {
        for width in 1..=200 {
            for n_values in [2_u32, 3, 10, 100, 500] {
                let values = |power: i32| -> Vec<f64> {
                    (0..n_values).map(|value| f64::from(value).powi(power)).collect()
                };
                for values in [values(1), values(3)] {
                    let (histogram, sample) = fine(&values);
                    let bars = Bars::new(&histogram, sample, width).unwrap();
                    assert_eq!(bars.counts.iter().sum::<u64>(), u64::from(n_values));
                    let n_bars = bars.counts.len();
                    let drawn = width / n_bars * n_bars;
                    assert!(5 * drawn >= 4 * width, "{n_bars} bars in {width}");
                }
            }
        }
    }

    #[test]
    fn another_histogram_makes_no_bars() {
        let (mut histogram, sample) = fine(&[1.0, 2.0]);
        histogram.counts.pop();
        assert_eq!(Bars::new(&histogram, sample, 60), None);
    }
}
