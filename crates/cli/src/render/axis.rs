//! A straight axis: where a number stands on it, and the round numbers to write along it, with labels that do
//! not touch. In which units it is drawn, characters or pixels, is for the pictures to say.

use super::decimal::{Decimal, texts};

/// An axis from one number to a larger one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Axis {
    lo: f64,
    hi: f64,
    /// No two ticks are nearer than that.
    step_min: f64,
}

/// A round number on an axis.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tick {
    /// The binary64 nearest to the label.
    pub(super) value: f64,
    pub(super) label: String,
}

impl Axis {
    /// The axis between two finite numbers, unless the second is not above the first.
    pub(super) fn new(lo: f64, hi: f64) -> Option<Self> {
        (lo < hi && lo.is_finite() && hi.is_finite()).then_some(Self { lo, hi, step_min: 0.0 })
    }

    /// The same axis for numbers that are multiples of `step`: no tick stands between them.
    pub(super) fn with_step(self, step: f64) -> Self {
        Self { step_min: step, ..self }
    }

    pub(super) fn lo(self) -> f64 {
        self.lo
    }

    pub(super) fn hi(self) -> f64 {
        self.hi
    }

    /// Which part of the way from one end to the other a number has behind it: from 0 to 1, whatever the number.
    pub(super) fn share(self, value: f64) -> f64 {
        // Between huge numbers of unlike sign lies more than a binary64 can say.
        let scale = if (self.hi - self.lo).is_finite() { 1.0 } else { 0.25 };
        let [value, lo, hi] = [value, self.lo, self.hi].map(|number| number * scale);
        ((value - lo) / (hi - lo)).clamp(0.0, 1.0)
    }

    /// The multiples on the axis of a round step (1, 2 or 5 times a power of ten): of the smallest one that has no
    /// more than `n_max`.
    pub(super) fn ticks(self, n_max: usize) -> Vec<Tick> {
        let length = self.hi - self.lo;
        let length = if length.is_finite() { length } else { f64::MAX };
        let exponents = decimal_exponent(length / n_max as f64)..;
        let mut steps =
            exponents.flat_map(|exponent| [1, 2, 5].map(|digits| Decimal { digits, exponent }));
        let decimals = steps.find_map(|step| {
            let multiples = self.multiples(step)?;
            (multiples.len() <= n_max).then_some(multiples)
        });
        let decimals = decimals.expect("a step beyond all numbers has one multiple at most");
        let ticks = decimals.iter().zip(texts(&decimals));
        ticks.map(|(decimal, label)| Tick { value: decimal.value(), label }).collect()
    }

    /// The multiples of a step that lie on the axis, ascending; nothing if the step is too small to count
    /// them or to tell them apart.
    fn multiples(self, step: Decimal) -> Option<Vec<Decimal>> {
        let length = step.value();
        // One further on each side, since quotients are rounded.
        let [first, last] = [(self.lo / length).floor() - 1.0, (self.hi / length).ceil() + 1.0];
        let is_countable = last - first < 1000.0 && first.abs() < 1e30;
        if !is_countable || length < 0.999 * self.step_min {
            return None;
        }
        let decimal = |index| Decimal { digits: index * step.digits, exponent: step.exponent };
        let is_here = |decimal: &Decimal| (self.lo..=self.hi).contains(&decimal.value());
        let indices = first as i128..=last as i128;
        let decimals: Vec<_> = indices.map(decimal).filter(is_here).collect();
        // Where the step is finer than binary64, several multiples are one number.
        let is_told_apart = decimals.is_sorted_by(|one, next| one.value() < next.value());
        is_told_apart.then_some(decimals)
    }

    /// As many ticks as keep their labels, each centred at its number, two apart from the next, on an axis as long as
    /// so many characters.
    pub(super) fn ticks_within(self, width: usize) -> Vec<Tick> {
        let fits = |ticks: &Vec<Tick>| {
            ticks.windows(2).all(|pair| {
                let distance =
                    (self.share(pair[1].value) - self.share(pair[0].value)) * width as f64;
                let half_labels = (pair[0].label.len() + pair[1].label.len()) as f64 / 2.0;
                distance >= half_labels + 2.0
            })
        };
        let n_max = (width / 6).max(2);
        let ticks = (1..=n_max).rev().map(|n_max| self.ticks(n_max)).find(fits).unwrap_or_default();
        if ticks.len() > 1 {
            return ticks;
        }
        // One number says where something is, and not how far it is to anything else.
        self.ends().filter(fits).unwrap_or(ticks)
    }

    /// The first number and the last: of those with a step, half of one from the ends.
    fn ends(self) -> Option<Vec<Tick>> {
        let half = self.step_min / 2.0;
        // The ends have all digits that they need; what is computed from them, those that are right.
        let n_digits = if half > 0.0 { f64::DIGITS as usize } else { usize::MAX };
        let decimals =
            [self.lo + half, self.hi - half].map(|value| Decimal::rounded(value, n_digits));
        let ticks = decimals.iter().zip(texts(&decimals));
        let ticks: Vec<_> =
            ticks.map(|(decimal, label)| Tick { value: decimal.value(), label }).collect();
        let is_here = |tick: &Tick| (self.lo..=self.hi).contains(&tick.value);
        (ticks.iter().all(is_here) && ticks[0].value < ticks[1].value).then_some(ticks)
    }
}

/// The largest e with 10^e ≤ `value`; of zero, one that is below that of all numbers.
pub(super) fn decimal_exponent(value: f64) -> i32 {
    // Exact, which the logarithm of a platform need not be.
    let text = format!("{value:e}");
    let exponent = text.split('e').nth(1).and_then(|exponent| exponent.parse().ok());
    if value > 0.0 { exponent.expect("the format has an exponent") } else { -324 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(lo: f64, hi: f64, n_max: usize, expected: &[&str]) {
        let ticks = Axis::new(lo, hi).unwrap().ticks(n_max);
        let labels: Vec<_> = ticks.iter().map(|tick| tick.label.as_str()).collect();
        assert_eq!(labels, expected, "{lo:?}..{hi:?}");
    }

    #[test]
    fn ticks_are_round_and_as_many_as_fit() {
        check(0.0, 55.9, 6, &["0", "10", "20", "30", "40", "50"]);
        check(0.0, 55.9, 5, &["0", "20", "40"]);
        check(-1.6, 35.6, 5, &["0", "10", "20", "30"]);
        check(0.1, 0.3, 5, &["0.1", "0.15", "0.2", "0.25", "0.3"]);
        check(0.0, 0.0004, 4, &["0", "0.0002", "0.0004"]);
        check(0.0, 3e-7, 4, &["0", "1e-7", "2e-7", "3e-7"]);
        check(0.0, 1_500_000.0, 4, &["0", "500000", "1000000", "1500000"]);
        check(0.0, 3.1e9, 4, &["0", "1e9", "2e9", "3e9"]);
        check(-2.5e7, 2.5e7, 5, &["-2e7", "-1e7", "0", "1e7", "2e7"]);
        check(4.2, 4.3, 1, &["4.2"]);
        check(4.21, 4.29, 1, &["4.25"]);
    }

    #[test]
    fn the_ends_of_binary64_have_ticks() {
        check(-f64::MAX, f64::MAX, 5, &["-1e308", "0", "1e308"]);
        check(1e-300, 1e300, 3, &["5e299", "1e300"]);
        check(0.0, 5e-324, 5, &["0", "5e-324"]);
        check(0.0, 2e-320, 3, &["0", "1e-320", "2e-320"]);
        check(1e9, 1e9 + 0.25, 3, &["1000000000", "1000000000.1", "1000000000.2"]);
        check(
            1e16,
            1e16 + 4.0,
            3,
            &["10000000000000000", "10000000000000002", "10000000000000004"],
        );
    }

    #[test]
    fn no_tick_stands_between_the_numbers() {
        let axis = Axis::new(-0.5, 1.5).unwrap().with_step(1.0);
        assert!(axis.ticks(12).iter().map(|tick| tick.label.as_str()).eq(["0", "1"]));
    }

    /// Numbers of every size and sign, and neighbours.
    fn axes() -> impl Iterator<Item = Axis> {
        let mut state = 7_u64;
        let mut random = move || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            state ^ (state >> 31)
        };
        let pairs = (0..800).map(move |index| {
            let lo = f64::from_bits(random());
            let hi = match index % 4 {
                0 => f64::from_bits(random()),
                1 => lo.next_up(),
                2 => lo + lo.abs() * 1e-9,
                _ => lo + (random() % 1000) as f64,
            };
            (lo.min(hi), lo.max(hi))
        });
        pairs.filter_map(|(lo, hi)| Axis::new(lo, hi))
    }

    #[test]
    fn ticks_are_on_the_axis_ascending_and_what_their_labels_say() {
        for axis in axes() {
            for n_max in [1, 2, 5, 12] {
                let ticks = axis.ticks(n_max);
                assert!(ticks.len() <= n_max);
                assert!(
                    ticks.iter().all(|tick| (axis.lo..=axis.hi).contains(&tick.value)),
                    "{axis:?}"
                );
                assert!(ticks.is_sorted_by(|a, b| a.value < b.value), "{axis:?}: {ticks:?}");
                assert!(ticks.iter().all(|tick| tick.label.parse() == Ok(tick.value)), "{ticks:?}");
            }
        }
    }

    #[test]
    fn labels_do_not_touch() {
        for axis in axes() {
            let ticks = axis.ticks_within(60);
            let ends = ticks.iter().map(|tick| {
                let (middle, half) = (axis.share(tick.value) * 60.0, tick.label.len() as f64 / 2.0);
                (middle - half, middle + half)
            });
            assert!(ends.is_sorted_by(|left, right| left.1 + 1.9 < right.0), "{axis:?}: {ticks:?}");
        }
    }

    #[test]
    fn an_axis_with_room_has_two_labels() {
        let two = Axis::new(0.5, 6.5).unwrap().with_step(3.0).ticks_within(60);
        assert!(two.iter().map(|tick| tick.label.as_str()).eq(["2", "5"]));
        for axis in axes() {
            let ticks = axis.ticks_within(80);
            assert!(ticks.len() > 1, "{axis:?}: {ticks:?}");
        }
    }

    #[test]
    fn shares_go_from_zero_to_one() {
        for axis in axes() {
            let shares =
                [axis.lo, axis.lo / 2.0 + axis.hi / 2.0, axis.hi].map(|value| axis.share(value));
            assert!(
                shares.is_sorted() && shares[0] == 0.0 && shares[2] == 1.0,
                "{axis:?}: {shares:?}"
            );
        }
        let axis = Axis::new(-1e308, 1e308).unwrap();
        assert_eq!([0.0, -1e308, f64::MAX].map(|value| axis.share(value)), [0.5, 0.0, 1.0]);
    }

    #[test]
    fn an_axis_has_two_ends() {
        let ends = [(1.0, 1.0), (2.0, 1.0), (0.0, f64::INFINITY), (f64::NAN, 1.0)];
        assert!(ends.iter().all(|(lo, hi)| Axis::new(*lo, *hi).is_none()));
    }
}
