//! The numbers that are summarized: kinds of data, each from a fixed seed. How they reach the peers is not here.

use std::f64::consts::TAU;

/// How the numbers are spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Uniform,
    Normal,
    Lognormal1,
    Lognormal10,
    Outliers,
    EveryExponent,
    NearOverflow,
    Subnormal,
}

impl Kind {
    pub(crate) const ALL: [Self; 8] = [
        Self::Uniform,
        Self::Normal,
        Self::Lognormal1,
        Self::Lognormal10,
        Self::Outliers,
        Self::EveryExponent,
        Self::NearOverflow,
        Self::Subnormal,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Uniform => "uniform",
            Self::Normal => "normal",
            Self::Lognormal1 => "lognormal σ=1",
            Self::Lognormal10 => "lognormal σ=10",
            Self::Outliers => "outliers",
            Self::EveryExponent => "every exponent",
            Self::NearOverflow => "near overflow",
            Self::Subnormal => "subnormal",
        }
    }

    /// What the name means.
    pub(super) fn meaning(self) -> &'static str {
        match self {
            Self::Uniform => "53 random bits in [0, 1)",
            Self::Normal => "mean 0, standard deviation 1",
            Self::Lognormal1 => "e to the power of normal numbers",
            Self::Lognormal10 => "e to the power of ten times normal numbers",
            Self::Outliers => "normal, each 777th times 10^200",
            Self::EveryExponent => "random signs, random exponents from -1074 to 990",
            Self::NearOverflow => "up to 1.8e308, each with almost its negative after it",
            Self::Subnormal => "random signs, below 2^-1022",
        }
    }

    /// So many of them, always the same.
    pub(crate) fn numbers(self, n_numbers: usize) -> Vec<f64> {
        let mut random = Random(self as u64 + 1);
        let mut before = 0.0;
        (0..n_numbers)
            .map(|index| {
                before = self.number(index, before, &mut random);
                before
            })
            .collect()
    }

    fn number(self, index: usize, before: f64, random: &mut Random) -> f64 {
        match self {
            Self::Uniform => random.unit(),
            Self::Lognormal1 => random.normal().exp(),
            Self::Lognormal10 => (10.0 * random.normal()).exp(),
            Self::Outliers if index % 777 == 776 => random.normal() * 1e200,
            Self::Normal | Self::Outliers => random.normal(),
            Self::EveryExponent => {
                let exponent = random.word() % (1023 + 991);
                f64::from_bits((random.word() & !EXPONENT) | exponent << 52)
            }
            // The sum stays in range, whatever happens on the way.
            Self::NearOverflow if index % 2 == 1 => -before * (1.0 - 2f64.powi(-30)),
            Self::NearOverflow => f64::MAX * (0.5 + 0.5 * random.unit()),
            Self::Subnormal => f64::from_bits(random.word() & !EXPONENT),
        }
    }
}

/// The bits of the exponent.
const EXPONENT: u64 = 0x7ff << 52;

/// A group for each of so many numbers, always the same.
pub(super) fn groups(n_numbers: usize, n_groups: u32) -> Vec<u32> {
    let mut random = Random(0);
    (0..n_numbers).map(|_| (random.word() % u64::from(n_groups)) as u32).collect()
}

/// `SplitMix64` (Steele, Lea and Flood, 2014).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let word = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let word = (word ^ word >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ word >> 31
    }

    /// In [0, 1).
    pub(crate) fn unit(&mut self) -> f64 {
        (self.word() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// By Box and Muller; the other number that it gives is not used.
    pub(crate) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (TAU * self.unit()).cos()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_what_their_kind_says() {
        let all = |kind: Kind, is_right: fn(f64) -> bool| {
            assert!(kind.numbers(10_000).into_iter().all(is_right), "{kind:?}");
        };
        all(Kind::Uniform, |x| (0.0..1.0).contains(&x));
        all(Kind::Normal, |x| x.abs() < 9.0);
        all(Kind::Lognormal1, |x| x > 0.0);
        all(Kind::EveryExponent, |x| x.abs() < 2f64.powi(991));
        all(Kind::NearOverflow, |x| x.is_finite() && x.abs() > f64::MAX / 2.1);
        all(Kind::Subnormal, |x| x.abs() < f64::MIN_POSITIVE);
        let n_outliers =
            Kind::Outliers.numbers(10_000).into_iter().filter(|x| x.abs() > 1e100).count();
        assert_eq!(n_outliers, 12);
    }

    #[test]
    fn a_seed_gives_the_same_numbers_again() {
        for kind in Kind::ALL {
            let bits = |n| kind.numbers(n).into_iter().map(f64::to_bits).collect::<Vec<_>>();
            assert_eq!(bits(100), bits(200)[..100]);
        }
        assert!(groups(1000, 97).into_iter().all(|group| group < 97));
    }
}
