//! Natural logarithms as integers, their sums, and the way back: what a geometric mean is made of. No
//! libm and no float, so a logarithm is the same number on every machine. Other bases are not here.
//!
//! A logarithm is tried first with 116 fraction bits and a proven bound on the error. Where the bound leaves open
//! which of two integers is the nearest, it is computed again with as many bits as it takes. So the result is the
//! nearest integer always, and tables and series may change without changing a bit.

use super::{Dyadic, Natural, Value, round};

/// How many bits of a logarithm lie behind the point.
const FRACTION_BITS: u32 = 96;

/// How many bits lie behind the point while one is computed: one binary64's largest logarithm, 745.2, and
/// a sign fit the other twelve.
const WORK_BITS: u32 = 116;

/// What [`ln_nearby`] may be off by, in units of 2^-116.
const ERROR_MAX: u128 = 4;

/// floor(ln 2 · 2^127).
pub const LN_2: u128 = 0x58b9_0bfb_e8e7_bcd5_e4f1_d9cc_01f9_7b57;

/// The exact sum of the logarithms of a multiset's positive values, and how many values have none.
///
/// **Definition.** ln x is taken as the integer nearest to 2^96·ln x, and those are added without error: so
/// the sum is a function of the multiset, and what it is does not depend on how a logarithm is computed.
/// Each is off by at most 2^-97, and so is their mean.
///
/// **Cost.** About 20 ns a value, 48 bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct LogSum {
    /// The sum is (`high`·2^64 + `low`)·2^-96.
    high: i128,
    low: u64,
    zeros: u64,
    negatives: u64,
}

impl LogSum {
    /// The sum whose canonical content this is: a multiple of 2^-96 that 2^64 logarithms can reach.
    ///
    /// None for anything else, as bytes from outside may hold it.
    pub fn from_parts(sum: &Dyadic, zeros: u64, negatives: u64) -> Option<Self> {
        let shift = u64::try_from(i64::from(sum.exponent()) + i64::from(FRACTION_BITS)).ok()?;
        if sum.magnitude().bit_length() + shift > u64::from(FRACTION_BITS) + 74 {
            return None; // 2^64 logarithms below 2^10
        }
        let mut bytes = [0; 24];
        let magnitude = sum.magnitude().shl(shift).to_le_bytes();
        bytes[..magnitude.len()].copy_from_slice(&magnitude);
        let (low, high) = bytes.split_first_chunk().expect("24 bytes are more than 8");
        let high = i128::from_le_bytes(high.try_into().expect("16 bytes are left"));
        let unsigned = Self { high, low: u64::from_le_bytes(*low), zeros, negatives };
        Some(if sum.is_negative() {
            unsigned.with_sum(Self::default().minus(&unsigned))
        } else {
            unsigned
        })
    }

    /// The exact sum of the logarithms of the positive values.
    ///
    /// It is what is encoded: the 192 bits that it is kept in have one value.
    pub fn sum(&self) -> Dyadic {
        let negative = self.high < 0;
        let (high, low) =
            if negative { Self::default().minus(self) } else { (self.high, self.low) };
        let limbs = [low, high as u64, (high >> 64) as u64];
        Dyadic::new(negative, &Natural::from_limbs(limbs), -(FRACTION_BITS as i32))
    }

    /// How many values are zero, of either sign. One is enough to make a geometric mean zero.
    pub fn zeros(&self) -> u64 {
        self.zeros
    }

    /// How many values are negative. One is enough for there to be no geometric mean.
    pub fn negatives(&self) -> u64 {
        self.negatives
    }

    /// Takes one value. NaN and the infinities are left out.
    #[inline]
    pub fn push(&mut self, value: Value) {
        self.push_times(value, 1);
    }

    /// Takes one value `times` times. NaN and the infinities are left out.
    ///
    /// As exact as taking it so many times: the logarithm is rounded first, and its multiple is not.
    #[inline]
    pub fn push_times(&mut self, value: Value, times: u64) {
        match value.to_parts() {
            (_, 0, _) => self.zeros = self.zeros.wrapping_add(u64::from(value.is_finite()) * times),
            (true, ..) => self.negatives = self.negatives.wrapping_add(times),
            (false, magnitude, exponent) => self.add_times(ln(magnitude, exponent), times),
        }
    }

    /// Takes what `other` has taken.
    ///
    /// Sums wrap where no data can reach them, so that hostile bytes do not panic; counts are checked elsewhere.
    pub fn merge(&mut self, other: &Self) {
        let (low, carry) = self.low.overflowing_add(other.low);
        self.high = self.high.wrapping_add(other.high).wrapping_add(carry.into());
        self.low = low;
        self.zeros = self.zeros.wrapping_add(other.zeros);
        self.negatives = self.negatives.wrapping_add(other.negatives);
    }

    /// What is left without the values of `other`; none where it has more zeros or negatives.
    #[must_use]
    pub fn subtract(&self, other: &Self) -> Option<Self> {
        let zeros = self.zeros.checked_sub(other.zeros)?;
        let negatives = self.negatives.checked_sub(other.negatives)?;
        Some(Self { zeros, negatives, ..self.with_sum(self.minus(other)) })
    }

    /// The geometric mean of `n` values, of which these are the logarithms: exp(Σ ln x / n); none where a
    /// value is negative or `n` is zero.
    ///
    /// **Rounding.** The mean logarithm is off by at most 2^-97 and its exponential by a factor of at most
    /// 1 ± 2^-113, so the result lies within 1/2 + 2^-43 ulp of the exact geometric mean; where that is a
    /// binary64, it is the result.
    ///
    /// **Special values.** Any zero gives +0.0.
    ///
    /// **Cost.** One exponential in 128-bit integers, however many values there are.
    pub fn geometric_mean(&self, n: u64) -> Option<f64> {
        if self.negatives > 0 || n == 0 {
            return None;
        }
        if self.zeros > 0 {
            return Some(0.0);
        }
        Some(exp(self.mean(n)))
    }

    /// floor of the mean in units of 2^-116.
    fn mean(&self, n: u64) -> i128 {
        let n = i128::from(n);
        let (high, rest) = (self.high.div_euclid(n), self.high.rem_euclid(n));
        let next = (rest as u128) << 64 | u128::from(self.low);
        let (middle, rest) = (next / n as u128, next % n as u128);
        let last = (rest << (WORK_BITS - FRACTION_BITS)) / n as u128;
        // A mean lies within ±2^10 unless n is not the number of values: wrapping is no panic then.
        let integer = (high << 64).wrapping_add(middle as i128);
        (integer << (WORK_BITS - FRACTION_BITS)).wrapping_add(last as i128)
    }

    /// Adds `logarithm`·`times`, in two halves of 64 bits.
    #[inline]
    fn add_times(&mut self, logarithm: i128, times: u64) {
        let low = u128::from(logarithm as u64) * u128::from(times) + u128::from(self.low);
        let high = (logarithm >> 64) * i128::from(times) + (low >> 64) as i128;
        self.low = low as u64;
        self.high = self.high.wrapping_add(high);
    }

    /// The sum without that of `other`, as its two halves.
    fn minus(&self, other: &Self) -> (i128, u64) {
        let (low, borrow) = self.low.overflowing_sub(other.low);
        (self.high.wrapping_sub(other.high).wrapping_sub(borrow.into()), low)
    }

    /// The same counts with another sum.
    fn with_sum(self, (high, low): (i128, u64)) -> Self {
        Self { high, low, ..self }
    }
}

/// The integer nearest to 2^96·ln(`magnitude`·2^`exponent`), for a magnitude that is not zero and an
/// exponent that a value has. There is no tie: the logarithm of no rational but 1 is rational.
///
/// **Cost.** About 20 ns: two tables are looked up, and a short series is computed in 128-bit integers.
#[inline]
pub fn ln(magnitude: u64, exponent: i32) -> i128 {
    const SURPLUS: u32 = WORK_BITS - FRACTION_BITS;
    const HALF: i128 = 1 << (SURPLUS - 1);
    let zeros = magnitude.leading_zeros();
    let (significand, power) = (magnitude << zeros, exponent + 63 - zeros as i32);
    let nearby = ln_nearby(significand, power);
    if (nearby & ((1 << SURPLUS) - 1)).abs_diff(HALF) <= ERROR_MAX {
        return ln_by_series(significand, power); // one in a hundred thousand
    }
    (nearby + HALF) >> SURPLUS
}

/// ln(y·2^`power`) in units of 2^-116 for y = `significand`/2^63 in [1, 2), off by less than four.
///
/// y is multiplied by two factors that bring it near 1, without error: r/4096 of 12 bits, chosen by the
/// leading 8 bits of y's fraction, leaves 1 + z with |z| < 144.1·2^-16; and 1 − j/2^16, j the integer
/// nearest to 2^16·z, leaves 1 + w with |w| < 2^-16. Tables know the logarithms of the factors.
///
/// The error in units of 2^-116: `power`·ln 2 less than 1.6, the tables 0.6 each, the series 1.1.
#[inline]
fn ln_nearby(significand: u64, power: i32) -> i128 {
    let coarse = &COARSE[(significand >> 55) as usize & 0xff];
    let product = i128::from(significand) * i128::from(coarse.factor); // y·r/4096 = product·2^-75
    let j = (product - (1 << 75) + (1 << 58)) >> 59;
    let w = product * (FINE_STEPS - j) - (1 << 91); // in units of 2^-91
    let fine = FINE[(j + FINE_REACH) as usize];
    times_ln_2(power) + coarse.logarithm + fine + ln_1_plus(w)
}

/// `power`·ln 2 in units of 2^-116, rounded down: for |`power`| < 1100 the error is less than 1.6, of which
/// 0.6 are those of [`LN_2`].
#[inline]
fn times_ln_2(power: i32) -> i128 {
    let (high, low) = ((LN_2 >> 64) as i128, i128::from(LN_2 as u64));
    let power = i128::from(power);
    ((power * high) << (64 - (127 - WORK_BITS))) + ((power * low) >> (127 - WORK_BITS))
}

/// ln(1 + `w`·2^-91) in units of 2^-116, for |w| < 2^75: seven terms of the series, the rest being less
/// than 2^-130. With s = 2^16·w, terms from the fourth on need no more than 64 bits:
/// ln(1 + w) = w·(1 − w·(1/2 − w·(1/3 − …))).
#[inline]
fn ln_1_plus(w: i128) -> i128 {
    const ONE: i128 = 1 << 126;
    let s = w << 52; // 2^16·w in units of 2^-127
    let short = s >> 64; // in units of 2^-63
    let mut inner = (ONE >> 64) / 7;
    for k in [6, 5, 4] {
        inner = (ONE >> 64) / k - ((short * inner) >> (63 + 16));
    }
    let third = ONE / 3 - ((short * inner) >> 15);
    let second = ONE / 2 - (multiply_high(s, third) >> 15);
    let first = ONE - (multiply_high(s, second) >> 15);
    multiply_high(s, first) >> (125 + 16 - WORK_BITS)
}

/// `a`·`b`/2^128, less than two too small.
///
/// The product of the low halves is left out: it is below 2^128.
#[inline]
fn multiply_high(a: i128, b: i128) -> i128 {
    let (a_high, a_low) = (a >> 64, i128::from(a as u64));
    let (b_high, b_low) = (b >> 64, i128::from(b as u64));
    a_high * b_high + ((a_high * b_low) >> 64) + ((a_low * b_high) >> 64)
}

/// A factor r/4096 near the reciprocal of an interval of y, and −ln of it in units of 2^-116.
#[derive(Clone, Copy)]
struct Coarse {
    logarithm: i128,
    factor: u32,
}

/// For each of the 256 intervals [1 + i/256, 1 + (i + 1)/256) the factor nearest to the reciprocal of its
/// middle.
static COARSE: [Coarse; 256] = {
    let mut table = [Coarse { logarithm: 0, factor: 0 }; 256];
    let mut i = 0;
    while i < 256 {
        let middle = 513 + 2 * i as u32; // in units of 1/512
        let factor = ((1 << 21) + middle / 2) / middle;
        table[i] = Coarse { logarithm: ln_ratio(1 << 12, factor as i128), factor };
        i += 1;
    }
    table
};

/// How many steps of the second factor lie between 0 and 1, and how many of them z can be away from 0.
const FINE_STEPS: i128 = 1 << 16;
const FINE_REACH: i128 = 144;

/// −ln(1 − j/2^16) in units of 2^-116, for j from −144 to 144.
static FINE: [i128; 2 * FINE_REACH as usize + 1] = {
    let mut table = [0; 2 * FINE_REACH as usize + 1];
    let mut j = -FINE_REACH;
    while j <= FINE_REACH {
        table[(j + FINE_REACH) as usize] = ln_ratio(FINE_STEPS, FINE_STEPS - j);
        j += 1;
    }
    table
};

/// ln(p/q) in units of 2^-116 for 1/2 < p/q < 2 below 2^17: 2·artanh((p − q)/(p + q)), whose argument is
/// less than 1/3. Its 40 terms are computed in units of 2^-126 and each is off by less than three: the sum
/// by less than 0.2 units of 2^-116, before it is rounded to nearest.
///
/// It is run by the compiler, for the tables: no table was written by hand or by another program.
const fn ln_ratio(p: i128, q: i128) -> i128 {
    let (numerator, denominator) = (p - q, p + q);
    let (numerator_squared, denominator_squared) =
        (numerator * numerator, denominator * denominator);
    let scaled = numerator << 90;
    let mut power = (scaled / denominator) << 36;
    power += ((scaled % denominator) << 36) / denominator;
    let (mut sum, mut k) = (0, 1);
    while power != 0 {
        sum += 2 * power / k;
        power = power / denominator_squared * numerator_squared
            + power % denominator_squared * numerator_squared / denominator_squared;
        k += 2;
    }
    (sum + (1 << 9)) >> 10
}

/// What [`ln`] is, by as many bits as it takes to tell to which integer it is nearest.
///
/// By ln x = 2·artanh((x − 1)/(x + 1)) for the significand and for 2 = 2^1. With each attempt there are 192 bits
/// more; it ends, since only the logarithm of 1 is rational, and 1 never comes here.
#[cold]
fn ln_by_series(significand: u64, power: i32) -> i128 {
    let one = 1u64 << 63;
    let numerator = Natural::from(significand - one);
    let denominator = Natural::from(u128::from(significand) + u128::from(one));
    let (of_2, three) = (u64::from(power.unsigned_abs()), Natural::from(3u64));
    let nearest = |bits: u64| {
        let of_power = twice_artanh(&Natural::from(1u64), &three, bits).mul_u64(of_2);
        let of_significand = twice_artanh(&numerator, &denominator, bits);
        // Of 2^power the logarithm is the larger one where it is the negative one.
        let magnitude =
            if power < 0 { of_power.sub(&of_significand) } else { of_power.add(&of_significand) };
        let error = Natural::from(bits << 11); // the error of 1076 series, rounded up
        let surplus = bits - u64::from(FRACTION_BITS);
        let round = |it: Natural| it.add(&Natural::from(1u64).shl(surplus - 1)).shr(surplus);
        let (low, high) = (round(magnitude.sub(&error)), round(magnitude.add(&error)));
        (low == high).then_some(low)
    };
    let magnitude = (1..).find_map(|attempt| nearest(192 * attempt));
    let magnitude =
        magnitude.and_then(|it| it.to_u128()).expect("a logarithm is below 2^10") as i128;
    if power < 0 { -magnitude } else { magnitude }
}

/// 2·artanh(`numerator`/`denominator`) for an argument of at most 1/3, in units of 2^-`bits`. Fewer than
/// `bits`/3 terms are off by less than three each: the sum by less than `bits`.
///
/// Definition: 2·Σ z^(2k + 1)/(2k + 1). With z at most 1/3 a term is a ninth of the one before it at most.
fn twice_artanh(numerator: &Natural, denominator: &Natural, bits: u64) -> Natural {
    let numerator_squared = numerator.mul(numerator);
    let denominator_squared = denominator.mul(denominator);
    let mut power = numerator.shl(bits + 1).div_rem(denominator).0;
    let (mut sum, mut k) = (Natural::default(), 1u64);
    while !power.is_zero() {
        sum = sum.add(&power.div_rem(&Natural::from(k)).0);
        power = power.mul(&numerator_squared).div_rem(&denominator_squared).0;
        k += 2;
    }
    sum
}

/// exp(`x`·2^-116) as a binary64 that is nearest to a number off by a factor of at most 1 ± 2^-113.
///
/// x = k·ln 2 + t with |t| < 0.35 in units of 2^-116, off by less than three; exp t by Horner's rule, whose
/// 28 terms leave less than 2^-130, in units of 2^-125.
fn exp(x: i128) -> f64 {
    const ONE: i128 = 1 << 125;
    const LN_2_SHORT: i128 = (LN_2 >> (127 - WORK_BITS)) as i128;
    if x == 0 {
        return 1.0;
    }
    // Saturating, for a sum and a number of values that no data has together.
    let k = x.saturating_add(LN_2_SHORT / 2).div_euclid(LN_2_SHORT) as i32;
    let t = (x - times_ln_2(k)) << (127 - WORK_BITS);
    let terms = (1..=28).rev();
    let power = terms.fold(ONE, |inner, k| ONE + (multiply_high(t, inner) << 1) / k);
    round::nearest(false, &Natural::from(power as u128), i64::from(k) - 125, true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_bigint::{BigInt, BigUint};
    use proptest::prelude::*;

    fn parts(value: f64) -> (u64, i32) {
        let (_, magnitude, exponent) = Value::from(value).to_parts();
        (magnitude, exponent)
    }

    /// Integers nearest to 2^96·ln x, by mpmath with 400 bits.
    const NEAREST: &[(u64, i128)] = &[
        (0x0000_0000_0000_0001, -0x02e8_70a8_8dae_386c_72b4_fd47_73c1),
        (0x0010_0000_0000_0000, -0x02c4_657b_af57_9a47_bbcf_fb06_f8e0),
        (0x01a5_6e1f_c2f8_f359, -0x02b2_c688_ff0f_f6a6_a99c_34d4_c939),
        (0x3fb9_9999_9999_999a, -0x0002_4d76_3776_aaa2_ac5b_a95b_58ae),
        (0x3fe0_0000_0000_0000, -0xb172_17f7_d1cf_79ab_c9e3_b398),
        (0x3fef_ffff_ffff_ffff, -0x0800_0000_0000),
        (0x3ff0_0000_0000_0000, 0x0000),
        (0x3ff0_0000_0000_0001, 0x1000_0000_0000),
        (0x3ff8_0000_0000_0000, 0x67cc_8fb2_fe61_2fca_da35_d9bd),
        (0x4000_0000_0000_0000, 0xb172_17f7_d1cf_79ab_c9e3_b398),
        (0x4005_bf0a_8b14_5769, 0xffff_ffff_ffff_fc2a_f553_3763),
        (0x4008_0000_0000_0000, 0x0001_193e_a7aa_d030_a976_a419_8d55),
        (0x4024_0000_0000_0000, 0x0002_4d76_3776_aaa2_b05b_a95b_58ae),
        (0x4341_c379_37e0_8000, 0x0024_d763_776a_aa2b_05ba_95b5_8ae1),
        (0x7e37_e43c_8800_759c, 0x02b2_c688_ff0f_f6a6_af33_01c4_3f35),
        (0x7fef_ffff_ffff_ffff, 0x02c5_c85f_df47_3de6_a727_8ece_6010),
        (0x20b2_6c1c_9f76_7c46, -0x015a_6ebf_f414_9d5a_6041_c193_8cd2),
        (0x2de4_7dde_bde5_c09a, -0x00c8_1275_785e_f422_ac84_f0ce_6edb),
        (0x5860_8fef_cb91_ce38, 0x010f_0e1a_0dcc_e5fa_8aae_b3a4_f213),
        (0x6bb6_a198_f144_6beb, 0x01e5_8cbd_a7ef_aad2_e279_5602_3831),
        (0x5375_c64f_bd69_fe2a, 0x00d8_91f0_a609_e90f_6d75_8031_d828),
        (0x43d8_5892_ec1d_7da1, 0x002b_6518_68b9_639c_a9c9_677c_6d7f),
        (0x6b90_86ff_076c_e2f0, 0x01e3_d962_758f_0a99_181c_0ab8_eb3e),
        (0x6352_9c3b_7733_0bdc, 0x0188_78f1_276e_572c_bc06_9611_fcaf),
        (0x3fff_17fd_367f_83d4, 0xaa17_373c_09c0_9e93_c33f_e486),
        (0x3ffa_6233_241a_8c82, 0x800a_112d_8155_1883_1410_3f0e),
        (0x3ffe_6a16_a250_4ed1, 0xa46f_96d9_8037_59ee_93a7_6b27),
        (0x3ff1_cfb1_0ebe_5bb2, 0x1b74_5993_dae3_b4a8_2bc5_8dcd),
    ];

    #[test]
    fn logarithms_are_those_of_an_independent_library() {
        for (bits, expected) in NEAREST {
            let (magnitude, exponent) = parts(f64::from_bits(*bits));
            assert_eq!(ln(magnitude, exponent), *expected, "{:e}", f64::from_bits(*bits));
        }
        let largest: i128 = 0x002c_5c85_fdf4_73de_6af1_78ec_e601;
        assert_eq!(ln(u64::MAX, 0), largest);
    }

    #[test]
    fn ln_2_is_its_series() {
        // ln 2 = Σ 1/(k·2^k), in units of 2^-200.
        let series = (1..200u32).map(|k| (BigUint::from(1u32) << (200 - k)) / k);
        assert_eq!(BigUint::from(LN_2), series.sum::<BigUint>() >> 73);
    }

    #[test]
    fn tables_hold_what_they_say() {
        // Of the nearest integers to the same logarithms, computed another way.
        let nearest = |p: u64, q: u64| {
            let x =
                |it: u64| ln_by_series(it << it.leading_zeros(), 63 - it.leading_zeros() as i32);
            x(p) - x(q)
        };
        let same = |fine: i128, coarse: i128| ((fine >> 20) - coarse).abs() <= 2;
        for coarse in &COARSE {
            assert!(same(coarse.logarithm, nearest(4096, coarse.factor.into())));
        }
        for (j, fine) in (-FINE_REACH..).zip(&FINE) {
            assert!(same(*fine, nearest(1 << 16, (FINE_STEPS - j) as u64)));
        }
    }

    /// Significands that reach both ends of every interval, and any other.
    fn significand() -> impl Strategy<Value = u64> {
        let near = (0..=512u64, -2..=2i64).prop_map(|(i, off)| {
            (1u64 << 63).wrapping_add(i << 54).wrapping_add_signed(off) | 1 << 63
        });
        prop_oneof![any::<u64>().prop_map(|it| it | 1 << 63), near]
    }

    proptest! {
        #[test]
        fn every_logarithm_is_the_nearest(significand in significand(), power in -1100i32..1100) {
            prop_assume!((significand, power) != (1 << 63, 0));
            prop_assert_eq!(ln(significand, power - 63), ln_by_series(significand, power));
        }

        #[test]
        fn the_reduction_keeps_its_bounds(significand in significand()) {
            let factor = i128::from(COARSE[(significand >> 55) as usize & 0xff].factor);
            let product = i128::from(significand) * factor;
            let j = (product - (1 << 75) + (1 << 58)) >> 59;
            prop_assert!(j.abs() <= FINE_REACH);
            let w = product * (FINE_STEPS - j) - (1 << 91);
            prop_assert!(w.unsigned_abs() < 1 << 75, "w = {} · 2^-91", w);
        }

        /// The exact geometric mean lies between r ∓ (1/2 + 2^-43) ulp: by comparing powers of rationals.
        #[test]
        fn geometric_means_keep_their_bound(
            values in proptest::collection::vec(1u64..0x7ff0_0000_0000_0000, 1..6),
        ) {
            let values: Vec<f64> = values.into_iter().map(f64::from_bits).collect();
            let n = values.len() as u32;
            let mean = sum_of(&values).geometric_mean(n.into()).unwrap();
            let mut product = BigInt::from(1);
            for value in &values {
                let (magnitude, exponent) = parts(*value);
                product *= BigInt::from(magnitude) << (exponent + 1074);
            }
            // In units of 2^-44 ulp, whose n-th power is that of the product divided by 2^(44n) ulp^n.
            let (magnitude, exponent) = parts(mean);
            let bound = |off: i64| ((BigInt::from(magnitude) << 44u32) + off).pow(n);
            let scaled = (product << (44 * n)) >> (n as i32 * (exponent + 1074));
            let half = (1 << 43) + 2;
            prop_assert!(bound(-half) <= scaled && scaled <= bound(half));
        }

        #[test]
        fn neither_order_nor_cut_shows(
            values in proptest::collection::vec(any::<f64>(), 0..40), cut in 0usize..40,
        ) {
            let whole = sum_of(&values);
            let (left, right) = values.split_at(cut.min(values.len()));
            let mut merged = sum_of(right);
            merged.merge(&sum_of(left));
            prop_assert_eq!(merged, whole);
            prop_assert_eq!(whole.subtract(&sum_of(left)), Some(sum_of(right)));
            let parts = (whole.sum(), whole.zeros(), whole.negatives());
            prop_assert_eq!(LogSum::from_parts(&parts.0, parts.1, parts.2), Some(whole));
        }

        #[test]
        fn a_repeated_value_is_its_own_geometric_mean(value in 1u64..0x7ff0_0000_0000_0000, times in 1u64..) {
            let value = f64::from_bits(value);
            let mut sum = LogSum::default();
            sum.push_times(value.into(), times);
            prop_assert_eq!(sum.geometric_mean(times), Some(value));
        }
    }

    fn sum_of(values: &[f64]) -> LogSum {
        let mut sum = LogSum::default();
        values.iter().for_each(|value| sum.push((*value).into()));
        sum
    }

    #[test]
    fn doubtful_logarithms_are_settled_by_more_bits() {
        let doubtful = |significand: &u64| {
            let rest = ln_nearby(*significand, 0) & 0xf_ffff;
            rest.abs_diff(1 << 19) <= ERROR_MAX
        };
        let steps = (0..1u64 << 19).map(|step| (1 << 63) + (step << 40) + 12_345);
        let doubtful: Vec<u64> = steps.filter(doubtful).collect();
        assert!(!doubtful.is_empty());
        for significand in doubtful {
            let off = (ln_nearby(significand, 0) >> 20) - ln(significand, -63);
            assert!(off == 0 || off == -1);
            assert_eq!(ln(significand, -63), ln_by_series(significand, 0));
        }
    }

    #[test]
    fn means_of_few_values() {
        let check = |values: &[f64], expected: Option<f64>| {
            let mean = sum_of(values).geometric_mean(values.len() as u64);
            assert_eq!(mean.map(f64::to_bits), expected.map(f64::to_bits), "{values:?}");
        };
        check(&[], None);
        check(&[1.0, 1.0], Some(1.0));
        check(&[2.0, 8.0], Some(4.0));
        check(&[0.5, 2.0], Some(1.0));
        check(&[1e300, 1e-300, 4.0], Some(4f64.cbrt()));
        check(&[f64::MAX, f64::MAX], Some(f64::MAX));
        check(&[f64::from_bits(1), f64::from_bits(4)], Some(f64::from_bits(2)));
        check(&[3.0, -0.0], Some(0.0));
        check(&[3.0, -1.0], None);
        check(&[0.0, -1.0], None);
    }

    #[test]
    fn sums_that_no_data_has_are_refused() {
        let refused = |magnitude: u64, exponent: i32| {
            LogSum::from_parts(&Dyadic::new(false, &Natural::from(magnitude), exponent), 0, 0)
                .is_none()
        };
        assert!(refused(1, -97) && refused(1, 74) && refused(1, i32::MAX) && refused(u64::MAX, 11));
        assert!(!refused(1, -96) && !refused(1, 73));
        // What no data has together with a number of values is no reason to panic.
        for (negative, exponent) in [(true, 10), (false, 10), (true, 60), (false, 60), (true, 73)] {
            let sum = Dyadic::new(negative, &Natural::from(1u64), exponent);
            let sum = LogSum::from_parts(&sum, 0, 0).unwrap();
            assert!([1, 2, u64::MAX].iter().all(|n| sum.geometric_mean(*n).is_some()));
        }
        let few = sum_of(&[-1.0, 0.0]);
        assert_eq!(sum_of(&[-1.0]).subtract(&few), None);
    }
}
