//! How many different values there are, about: the registers of a `HyperLogLog`. The exact number needs all
//! values and is not here.
//!
//! An exact count of different values has to remember them. A hash sends each value to a number
//! that looks random, of which a run of k zeros is as rare as 2^-k; so the longest run that was met
//! tells about how many different hashes there were, and 2^14 registers with a share of the values
//! each average out the luck. Repeated values change nothing, since a maximum does not, and so
//! shards may overlap.

use crate::exact::{LN_2, Value};
use alloc::vec;
use alloc::vec::Vec;

/// For each of 2^precision shares of all values, how rare the rarest hash was that it has met.
///
/// **Definition.** Of the [`hash`] of a value the first `precision` bits choose a register, and the register
/// keeps the largest rank: one more than the number of zeros with which the other bits begin. So the
/// registers are a function of the set of values; no order, repetition or merge tree shows. A value is a
/// real number: 5 is one value whatever its type, and −0.0 and +0.0 are one.
///
/// **Error.** The estimate has a standard error of 1.04/√2^precision, 0.8 % by default, whether there
/// are few values or many; at the lowest precisions it is up to half as much again.
///
/// **Cost.** About 2 ns a value; 2^precision bytes.
///
/// **Source.** Flajolet, Fusy, Gandouet, Meunier, "`HyperLogLog`" (2007); the estimator is that of Ertl, "New
/// cardinality estimation algorithms for `HyperLogLog` sketches" (arXiv 1702.01284), algorithm 6.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Registers {
    precision: u8,
    ranks: Vec<u8>,
}

impl Default for Registers {
    fn default() -> Self {
        Self::empty(Self::PRECISION_DEFAULT)
    }
}

impl Registers {
    /// The precision unless said otherwise: 16 384 registers.
    pub const PRECISION_DEFAULT: u8 = 14;

    /// The precisions that there are.
    /// From 16 bytes with a standard error of 26 % to 256 KB with one of 0.2 %.
    const PRECISIONS: core::ops::RangeInclusive<u8> = 4..=18;

    /// Registers that have met nothing; none unless `precision` is from 4 to 18.
    ///
    /// Each step of precision doubles the memory and divides the error by √2.
    pub fn new(precision: u8) -> Option<Self> {
        Self::PRECISIONS.contains(&precision).then(|| Self::empty(precision))
    }

    fn empty(precision: u8) -> Self {
        Self { precision, ranks: vec![0; 1 << precision] }
    }

    /// The registers whose canonical content this is: a power of two of ranks that hashes can have.
    ///
    /// What bytes from outside have to pass: a wrong number of ranks, or one that no hash has, is
    /// refused. Whether some set of values has exactly these ranks is not asked; nearly any
    /// combination has.
    pub fn from_ranks(ranks: Vec<u8>) -> Option<Self> {
        let precision = u8::try_from(ranks.len().checked_ilog2()?).ok()?;
        let registers = Self { precision, ranks };
        let possible = Self::PRECISIONS.contains(&precision)
            && registers.ranks.len().is_power_of_two()
            && registers.ranks.iter().all(|rank| *rank <= registers.rank_max());
        possible.then_some(registers)
    }

    /// The largest rank of each register; 0 where it has met nothing.
    pub fn ranks(&self) -> &[u8] {
        &self.ranks
    }

    /// How many bits choose a register.
    pub fn precision(&self) -> u8 {
        self.precision
    }

    /// Takes one value. NaN and the infinities are left out.
    #[inline]
    pub fn push(&mut self, value: Value) {
        if value.is_finite() {
            self.take(hash(value));
        }
    }

    /// Takes every value of a slice. NaN and the infinities are left out.
    pub fn update(&mut self, values: &[f64]) {
        values.iter().for_each(|value| self.push(Value::from(*value)));
    }

    /// Takes what `other` has taken. Where their precisions differ the lower one holds.
    ///
    /// The registers of the union of two sets. Associative, commutative and idempotent.
    pub fn merge(&mut self, other: &Self) {
        if other.precision < self.precision {
            *self = self.reduced(other.precision);
        } else if other.precision > self.precision {
            return self.merge(&other.reduced(self.precision));
        }
        for (rank, other) in self.ranks.iter_mut().zip(&other.ranks) {
            *rank = (*rank).max(*other);
        }
    }

    /// About how many different values there were. Integers only, so the same on every machine; 2^64 − 1
    /// where the registers are so full that no number of values explains them.
    ///
    /// Definition: with m registers, of which `counts[k]` have rank k and q is the largest rank
    /// less one, it is m²/(2 ln 2) over m·σ(counts at 0 / m) + Σ counts at k·2^-k + m·τ(1 − counts
    /// at q + 1 / m)·2^-q: algorithm 6 of Ertl's paper. It is unbiased over the whole range, so no
    /// table of corrections and no change of estimator is needed.
    /// Rounding: in units of 2^-64, each step cut off; far below the standard error, and the same
    /// everywhere.
    /// Cost: one pass over the registers and about a hundred multiplications.
    pub fn estimate(&self) -> u64 {
        const FRACTION_BITS: u32 = 64;
        /// 1/(2·ln 2) in units of 2^-64.
        const ALPHA: u128 = (1 << 126) / (LN_2 >> 64);
        let (length, rank_max) = (self.ranks.len() as u128, usize::from(self.rank_max()));
        let mut counts = [0u128; 64];
        self.ranks.iter().for_each(|rank| counts[usize::from(*rank)] += 1);
        if counts[0] == length {
            return 0;
        }
        let share = |count: u128| (count << FRACTION_BITS) >> self.precision;
        // Σ over the registers of 2^-rank, but for those that are empty and those that are full.
        let mut sum = tau(share(length - counts[rank_max])) << self.precision;
        for count in counts[1..rank_max].iter().rev() {
            sum = (sum + (count << FRACTION_BITS)) >> 1;
        }
        sum += sigma(share(counts[0])) << self.precision;
        let scaled = length * length * ALPHA;
        let surplus = scaled.leading_zeros();
        let quotient = (scaled << surplus).checked_div(sum).unwrap_or(u128::MAX);
        let rounded = (quotient >> (surplus - 1)).div_ceil(2);
        u64::try_from(rounded).unwrap_or(u64::MAX)
    }

    /// The rank of a hash whose bits after those that choose a register are all zero.
    fn rank_max(&self) -> u8 {
        65 - self.precision
    }

    /// The one store that a value costs; most values change nothing.
    #[inline]
    fn take(&mut self, hash: u64) {
        let register = &mut self.ranks[(hash >> (64 - self.precision)) as usize];
        // The bit that ends the zeros, should there be nothing else after the register's own.
        let rest = hash << self.precision | 1 << (self.precision - 1);
        *register = (*register).max(rest.leading_zeros() as u8 + 1);
    }

    /// What the registers of a lower precision would have met.
    ///
    /// Exact: the register of fewer bits is the maximum over those that it unites, with the bits
    /// that told them apart counted as the first of the rank. So a merge is that of sketches that
    /// had been so small from the beginning.
    fn reduced(&self, precision: u8) -> Self {
        let mut reduced = Self::empty(precision);
        let by = self.precision - precision;
        for (index, rank) in self.ranks.iter().enumerate().filter(|(_, rank)| **rank > 0) {
            // Bits that chose a register are now the first of those that are counted.
            let chosen = (index & ((1 << by) - 1)) as u32;
            let zeros = chosen.leading_zeros() as u8 - (32 - by);
            let rank = if zeros == by { by + rank } else { zeros + 1 };
            let register = &mut reduced.ranks[index >> by];
            *register = (*register).max(rank);
        }
        reduced
    }
}

/// 64 bits that look random and are the same for the same real number. Frozen: registers of one program meet
/// those of another.
///
/// It is the finalizer of `SplitMix64` (Steele, Lea, Flood 2014; mix 13 of Stafford) of the bits of the nearest
/// binary64 plus 2^64/φ. For an integer that is no binary64 what it is above its nearest, as 64 bits in two's
/// complement, is combined with that by exclusive or, and finalized again.
#[inline]
pub fn hash(value: Value) -> u64 {
    const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
    let bits = value.to_f64().to_bits();
    let bits = if bits << 1 == 0 { 0 } else { bits }; // both zeros are +0.0
    let hash = finalize(bits.wrapping_add(GOLDEN));
    match value.remainder() {
        0 => hash,
        remainder => finalize(hash ^ i64::from(remainder) as u64),
    }
}

/// A bijection, so that different binary64 never share a hash.
#[inline]
fn finalize(mut bits: u64) -> u64 {
    bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ bits >> 31
}

/// σ(x) = x + Σ x^(2^k)·2^(k−1) over k ≥ 1, in units of 2^-64, for 0 ≤ x < 1.
///
/// For the empty registers: by linear counting they know most where values are few. The powers
/// vanish after some two dozen squarings, since x is at least one register short of 1.
fn sigma(x: u128) -> u128 {
    let (mut power, mut sum, mut shift) = (x, x, 0);
    while power > 0 {
        power = (power * power) >> 64;
        sum += power << shift;
        shift += 1;
    }
    sum
}

/// τ(x) = (1 − x − Σ (1 − x^(2^-k))²·2^-k over k ≥ 1)/3, in units of 2^-64, for 0 ≤ x ≤ 1; 0 for x = 0.
///
/// For the full registers, which matter near 2^64 values alone. Square roots are integer ones, cut
/// off.
fn tau(x: u128) -> u128 {
    const ONE: u128 = 1 << 64;
    if x == 0 || x == ONE {
        return 0;
    }
    let (mut root, mut sum) = (x, ONE - x);
    for k in 1..64 {
        root = (root << 64).isqrt();
        sum -= ((ONE - root) * (ONE - root)) >> 64 >> k;
    }
    sum / 3
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The standard error of an estimate, as a share of it.
    fn standard_error(precision: u8) -> f64 {
        1.04 / f64::from(1u32 << precision).sqrt()
    }

    #[test]
    fn hashes_are_those_of_an_independent_program() {
        let expected: [(Value, u64); 8] = [
            (0.0.into(), 0xe220_a839_7b1d_cdaf),
            (Value::from(-0.0), 0xe220_a839_7b1d_cdaf),
            (5u8.into(), 0xdac7_5b10_b0cd_0589),
            (Value::from(-0.1), 0x2bd2_c02c_909a_ae3d),
            (Value::from(f64::MAX), 0x6735_006f_02ac_3458),
            (u64::MAX.into(), 0x0716_d9e3_0ce8_36b5),
            (((1i64 << 53) + 1).into(), 0xc776_41bc_aab9_cbc6),
            (i64::MAX.into(), 0xed5b_8ef0_6003_f3ca),
        ];
        for (value, expected) in expected {
            assert_eq!(hash(value), expected, "{value:?}");
        }
    }

    /// The estimator as the paper has it.
    fn by_paper(registers: &Registers) -> f64 {
        let m = registers.ranks.len() as f64;
        let count = |rank: u8| {
            registers.ranks.iter().map(|it| f64::from(u8::from(*it == rank))).sum::<f64>()
        };
        let q = 64 - registers.precision;
        let (mut x, mut y) = (1.0 - count(q + 1) / m, 1.0);
        let mut z = if x == 0.0 { 0.0 } else { 1.0 - x };
        while x > 0.0 && x < 1.0 {
            (x, y) = (x.sqrt(), y / 2.0);
            let before = z;
            z -= (1.0 - x) * (1.0 - x) * y;
            if z == before {
                break;
            }
        }
        z *= m / 3.0;
        (1..=q).rev().for_each(|rank| z = 0.5 * (z + count(rank)));
        let (mut x, mut y) = (count(0) / m, 1.0);
        let mut sigma = x;
        while x > 0.0 && x < 1.0 {
            x *= x;
            sigma += x * y;
            y *= 2.0;
        }
        m * m / (2.0 * core::f64::consts::LN_2 * (z + m * sigma))
    }

    /// Registers after `count` random hashes.
    fn random(precision: u8, count: u64, seed: u64) -> Registers {
        let mut registers = Registers::new(precision).unwrap();
        (0..count).for_each(|index| registers.take(finalize(finalize(seed) ^ index)));
        registers
    }

    fn ranks() -> impl Strategy<Value = Registers> {
        (4..9u8, 1..70u8).prop_flat_map(|(precision, most)| {
            let rank = 0..=most.min(65 - precision);
            let ranks = proptest::collection::vec(rank, 1 << precision);
            ranks.prop_map(|ranks| Registers::from_ranks(ranks).unwrap())
        })
    }

    proptest! {
        #[test]
        fn estimates_are_those_of_the_paper(registers in ranks()) {
            let (found, expected) = (registers.estimate() as f64, by_paper(&registers));
            // The registers of more than 2^50 values leave few of the 64 bits.
            prop_assume!(expected < 2f64.powi(50));
            let off = (found - expected).abs();
            prop_assert!(off <= 0.500_001 + 1e-3 * expected, "{} and {}", found, expected);
        }

        #[test]
        fn neither_order_nor_repetition_nor_merge_tree_shows(
            values in proptest::collection::vec(any::<f64>(), 0..300), cut in 0usize..300,
        ) {
            let mut whole = Registers::new(6).unwrap();
            let [mut left, mut right] = [whole.clone(), whole.clone()];
            whole.update(&values);
            values.iter().rev().take(cut).for_each(|value| right.push((*value).into()));
            values.iter().rev().skip(cut / 2).for_each(|value| left.push((*value).into()));
            let mut reverse = right.clone();
            reverse.merge(&left);
            left.merge(&right);
            prop_assert_eq!(&left, &whole);
            prop_assert_eq!(&reverse, &whole);
            prop_assert_eq!(Registers::from_ranks(whole.ranks().to_vec()), Some(whole));
        }

        #[test]
        fn the_lower_precision_holds(
            values in proptest::collection::vec(any::<f64>(), 0..300), low in 4..12u8, more in 0..7u8,
        ) {
            let [mut fine, mut coarse] = [low + more, low].map(|it| Registers::new(it).unwrap());
            let empty = coarse.clone();
            fine.update(&values);
            coarse.update(&values);
            let mut reverse = empty.clone();
            reverse.merge(&fine);
            fine.merge(&empty);
            prop_assert_eq!(&fine, &coarse);
            prop_assert_eq!(&reverse, &coarse);
        }
    }

    /// Random hashes at every number of values: no estimate beyond four and a half standard errors, and
    /// all together within what their number allows.
    #[test]
    fn errors_are_those_that_are_stated() {
        const SEEDS: u64 = 100;
        for precision in [4, 10, 14] {
            for count in [1u64, 10, 100, 1000, 10_000, 100_000] {
                let standard = standard_error(precision);
                let errors = (0..SEEDS).map(|seed| {
                    let found = random(precision, count, seed << 32 | count).estimate();
                    (found as f64 / count as f64 - 1.0) / standard
                });
                let errors: Vec<f64> = errors.collect();
                let mean = errors.iter().sum::<f64>() / SEEDS as f64;
                let square = errors.iter().map(|it| it * it).sum::<f64>() / SEEDS as f64;
                // So few as sixteen registers do worse, and their errors are not those of a bell.
                let (most, spread) = if precision == 4 { (8.0, 1.5) } else { (4.5, 1.25) };
                let context = (precision, count, mean, square.sqrt());
                assert!(errors.iter().all(|it| it.abs() < most), "{context:?}");
                // Rounding to an integer may be what is off.
                let bias_max = 0.4f64.max(0.5 / (count as f64 * standard));
                assert!(mean.abs() < bias_max && square.sqrt() < spread, "{context:?}");
                assert!(count < 100_000 || square.sqrt() > 0.75, "{context:?}");
            }
        }
    }

    /// Values as data brings them, whose bits are far from random.
    #[test]
    fn patterns_do_not_show() {
        let check = |name: &str, value: &dyn Fn(u64) -> Value| {
            for count in [0u64, 1, 10, 1000, 100_000, 1_000_000] {
                let mut registers = Registers::default();
                (0..count).for_each(|index| registers.push(value(index)));
                let off = registers.estimate() as f64 - count as f64;
                let most = 4.0 * standard_error(registers.precision()) * count as f64;
                assert!(off.abs() <= most, "{name}: {off} of {count}");
            }
        };
        check("integers", &|index| index.into());
        check("negative integers", &|index| (-(index as i64)).into());
        check("tenths", &|index| (index as f64 / 10.0).into());
        check("integers beyond 2^53", &|index| (index + (1 << 60)).into());
        check("the largest integers", &|index| (u64::MAX - index).into());
        check("millions", &|index| (index * 1_000_000).into());
        check("subnormals", &|index| f64::from_bits(index + 1).into());
        check("neighbours", &|index| f64::from_bits(1f64.to_bits() + index).into());
        check("single precision", &|index| f32::from_bits(0x3f80_0000 + index as u32).into());
        check("reversed bits", &|index| f64::from_bits(index.reverse_bits() >> 2).into());
    }

    #[test]
    fn the_ends() {
        let full = |precision: u8, rank: u8| {
            Registers::from_ranks(vec![rank; 1 << precision]).map(|it| it.estimate())
        };
        for precision in 4..=18 {
            assert_eq!(full(precision, 0), Some(0));
            assert_eq!(full(precision, 65 - precision), Some(u64::MAX));
            assert_eq!(full(precision, 66 - precision), None);
        }
        assert!(Registers::new(3).is_none() && Registers::new(19).is_none());
        let refused = [vec![], vec![0; 17], vec![0; 8], vec![0; 1 << 19]];
        assert!(refused.into_iter().all(|ranks| Registers::from_ranks(ranks).is_none()));
        let mut registers = Registers::default();
        registers.update(&[f64::NAN, f64::INFINITY, 0.0, -0.0, f64::NEG_INFINITY]);
        registers.push(0u8.into());
        assert_eq!(registers.estimate(), 1);
    }
}
