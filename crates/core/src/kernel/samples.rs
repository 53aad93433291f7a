//! Data for the tests of kernels: kinds of numbers that take different ways through them, from seeds.
//!
//! Each kind is there for a branch: constants and uniform values for the fast way, lognormal and
//! ill-conditioned ones for what digits leave, outliers for the sieve, wild ones for buckets and
//! classes, subnormal and huge ones for the ends of scaling, holes for compaction. Seeds are
//! printed by the tests, and give the same numbers on every machine.
#![cfg(test)]

use super::InstructionSet;

/// A kind of numbers.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// Multiples of 2^-53 in [0, 1).
    Uniform,
    /// Sums of uniform ones around zero.
    Normal,
    /// Many magnitudes, few of them far out.
    Lognormal,
    /// Large ones that cancel, and small ones.
    IllConditioned,
    /// Ordinary but for a few huge ones.
    Outliers,
    /// Any exponent.
    Wild,
    /// Subnormal ones.
    Subnormal,
    /// Close to the largest.
    Huge,
    /// One number again and again.
    Constant,
    /// Integers.
    Integers,
    /// Zeros of either sign.
    Zeros,
    /// Ordinary but for NaNs and infinities.
    Holed,
    /// Any bits.
    Any,
}

/// Every kind.
pub(super) const KINDS: [Kind; 13] = [
    Kind::Uniform,
    Kind::Normal,
    Kind::Lognormal,
    Kind::IllConditioned,
    Kind::Outliers,
    Kind::Wild,
    Kind::Subnormal,
    Kind::Huge,
    Kind::Constant,
    Kind::Integers,
    Kind::Zeros,
    Kind::Holed,
    Kind::Any,
];

/// How many short arrays a kernel is tried with: its share of a million, or of `EXACTA_CASES` at night.
///
/// The shares of all tests named `many_short_arrays_…` are 100 percent. They are as large as the loops they
/// are for are cheap: portable third and fourth powers take thirty times as long as sums.
pub(super) fn cases(percent: usize) -> usize {
    let total = std::env::var("EXACTA_CASES")
        .map_or(1_000_000, |cases| cases.parse().expect("a number of cases"));
    total / 100 * percent
}

/// The instruction sets of this machine that are to equal the portable one.
pub(super) fn fast_sets() -> impl Iterator<Item = InstructionSet> {
    InstructionSet::available().filter(|set| *set != InstructionSet::Portable)
}

/// Runs a test with each instruction set in use, for the loops that ask which one is. What is forced holds for the
/// process, so one such test runs at a time.
pub(super) fn with_each_set(mut test: impl FnMut(InstructionSet)) {
    static FORCED: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _guard = FORCED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let current = InstructionSet::current();
    for set in InstructionSet::available() {
        set.force();
        test(set);
    }
    current.force();
}

/// Runs a test with numbers of every kind, of every length up to 300.
pub(super) fn each_kind_and_length(mut test: impl FnMut(&[f64])) {
    for (seed, kind) in KINDS.into_iter().enumerate() {
        let values = Random::new(seed as u64).values(kind, 320);
        (0..=300).for_each(|length| test(&values[length % 20..][..length]));
    }
}

/// The values at each of the eight places in a line of the cache where doubles can begin.
pub(super) fn at_every_alignment<T: Copy + Default>(values: &[T], mut test: impl FnMut(&[T])) {
    let mut room = vec![T::default(); values.len() + 8];
    for offset in 0..8 {
        let place = &mut room[offset..][..values.len()];
        place.copy_from_slice(values);
        test(place);
    }
}

/// A bitmap with `length` bits: all set, few not, or any.
pub(super) fn mask(random: &mut Random, length: usize) -> Vec<u8> {
    let share = [0, 1, 128][random.below(3)];
    let mut bit = || u8::from(random.below(256) >= share);
    (0..length.div_ceil(8)).map(|_| (0..8).fold(0, |byte, at| byte | bit() << at)).collect()
}

/// Numbers from a seed (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    pub(super) fn below(&mut self, bound: usize) -> usize {
        (self.bits() % bound as u64) as usize
    }

    /// `length` numbers of a kind.
    pub(super) fn values(&mut self, kind: Kind, length: usize) -> Vec<f64> {
        (0..length).map(|_| self.value(kind)).collect()
    }

    fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        (0..4).map(|_| self.uniform() - 0.5).sum()
    }

    fn value(&mut self, kind: Kind) -> f64 {
        let chance = self.below(100);
        match kind {
            Kind::Uniform => self.uniform(),
            Kind::Lognormal => self.normal() * 2f64.powi((self.normal() * 30.0) as i32),
            Kind::IllConditioned => {
                let sign = if self.below(2) == 0 { 1.0 } else { -1.0 };
                if chance < 50 { sign * 1e30 } else { self.normal() }
            }
            Kind::Outliers if chance == 0 => self.normal() * 1e200,
            Kind::Wild => self.with_exponent(0..2047),
            Kind::Subnormal => self.with_exponent(0..2),
            Kind::Huge => self.with_exponent(2045..2047),
            Kind::Constant => 0.1,
            Kind::Integers => self.below(2_000_001) as f64 - 1e6,
            Kind::Zeros => [0.0, -0.0][usize::from(chance == 0)],
            Kind::Holed if chance == 0 => f64::NAN,
            Kind::Holed if chance == 1 => [f64::INFINITY, f64::NEG_INFINITY][self.below(2)],
            Kind::Normal | Kind::Outliers | Kind::Holed => self.normal(),
            Kind::Any => f64::from_bits(self.bits()),
        }
    }

    fn with_exponent(&mut self, exponents: core::ops::Range<u64>) -> f64 {
        let exponent = exponents.start + self.bits() % (exponents.end - exponents.start);
        f64::from_bits(self.bits() & !(0x7ff << 52) | exponent << 52)
    }
}
