//! Natural numbers of any size, with the few operations that exact statistics need. Schoolbook
//! algorithms: the longest operands are a few thousand bits, below where cleverer ones pay.
//!
//! Addition, subtraction, shifts and comparison take time in proportion to the length; products and quotients to
//! the product of the two lengths. Results are new numbers: nothing is changed in place, so that no operand can be
//! half done. Signs and exponents are not here; they are those of [`Dyadic`](super::Dyadic).

use super::limbs::Limbs;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::hash::{Hash, Hasher};

/// A natural number: 64-bit limbs, least significant first, no zero limb at the end.
///
/// Without such a limb there is one form of each number, so that comparing limbs is comparing numbers, and more
/// limbs make a larger number. Where the limbs lie, on the stack or on the heap, does not count.
///
/// Limits: those of memory. The longest in use are those of kurtosis: about ten thousand bits for data that spans all
/// binades, a few hundred for ordinary data.
#[derive(Clone, Debug)]
pub struct Natural {
    limbs: Limbs,
}

impl Default for Natural {
    fn default() -> Self {
        Self { limbs: Limbs::zeros(0) }
    }
}

impl From<u64> for Natural {
    /// On the stack, as all numbers of at most six limbs are.
    #[inline]
    fn from(value: u64) -> Self {
        Limbs::from([value]).into()
    }
}

impl From<u128> for Natural {
    #[inline]
    fn from(value: u128) -> Self {
        Limbs::from([value as u64, (value >> 64) as u64]).into()
    }
}

impl From<Limbs> for Natural {
    #[inline]
    fn from(mut limbs: Limbs) -> Self {
        limbs.truncate(significant(&limbs));
        Self { limbs }
    }
}

impl PartialEq for Natural {
    fn eq(&self, other: &Self) -> bool {
        *self.limbs == *other.limbs
    }
}

impl Eq for Natural {}

impl Hash for Natural {
    /// Of the limbs as a slice, as equality has it.
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.limbs.hash(state);
    }
}

impl PartialOrd for Natural {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Natural {
    /// By length, then from the highest limb down.
    fn cmp(&self, other: &Self) -> Ordering {
        let by_length = self.limbs.len().cmp(&other.limbs.len());
        by_length.then_with(|| self.limbs.iter().rev().cmp(other.limbs.iter().rev()))
    }
}

impl Natural {
    /// The number whose limbs, least significant first, are `limbs`.
    ///
    /// Zeros at the end are dropped, any number of them; no limbs at all are zero.
    #[inline]
    pub fn from_limbs(limbs: impl AsRef<[u64]>) -> Self {
        let limbs = limbs.as_ref();
        Self { limbs: Limbs::from(&limbs[..significant(limbs)]) }
    }

    /// The number whose bytes, least significant first, are `bytes`.
    ///
    /// Zeros at the end are allowed and lost: whoever needs one text for each number writes it again and compares.
    pub fn from_le_bytes(bytes: &[u8]) -> Self {
        let mut limbs = Limbs::zeros(bytes.len().div_ceil(8));
        for (limb, chunk) in limbs.iter_mut().zip(bytes.chunks(8)) {
            *limb = chunk.iter().rev().fold(0, |limb, byte| limb << 8 | u64::from(*byte));
        }
        limbs.into()
    }

    /// Its bytes, least significant first, the last not zero. Zero has none.
    ///
    /// It is the shortest text of the number, and therefore the one that partials are encoded with.
    pub fn to_le_bytes(&self) -> Vec<u8> {
        let mut bytes: Vec<u8> = self.limbs.iter().flat_map(|limb| limb.to_le_bytes()).collect();
        bytes.truncate(self.bit_length().div_ceil(8) as usize);
        bytes
    }

    /// Ten to the power of `exponent`.
    ///
    /// By one multiplication after another, for the exponents that decimals of a probability have: some hundreds.
    pub fn power_of_ten(exponent: u32) -> Self {
        let mut power = Self::from(1u64);
        for _ in 0..exponent {
            power = power.mul_u64(10);
        }
        power
    }

    /// Whether it is zero.
    #[inline]
    pub fn is_zero(&self) -> bool {
        self.limbs.is_empty()
    }

    /// How many bits it takes: 0 for zero, otherwise one more than the place of the highest one.
    ///
    /// With b bits, the number lies in [2^(b − 1), 2^b).
    #[inline]
    pub fn bit_length(&self) -> u64 {
        self.limbs
            .last()
            .map_or(0, |top| 64 * self.limbs.len() as u64 - u64::from(top.leading_zeros()))
    }

    /// How many of the lowest bits are zero: 0 for zero.
    ///
    /// Shifted to the right by so many, a number other than zero is odd. A shift by no more loses nothing: this is how
    /// the sticky bit of a rounding is known without looking at what was cut.
    #[inline]
    pub fn trailing_zeros(&self) -> u64 {
        let zero_limbs = self.limbs.iter().take_while(|limb| **limb == 0).count();
        self.limbs
            .get(zero_limbs)
            .map_or(0, |limb| 64 * zero_limbs as u64 + u64::from(limb.trailing_zeros()))
    }

    /// The value when it is below 2^64.
    #[inline]
    pub fn to_u64(&self) -> Option<u64> {
        match self.limbs[..] {
            [] => Some(0),
            [limb] => Some(limb),
            _ => None,
        }
    }

    /// The value when it is below 2^128.
    #[inline]
    pub fn to_u128(&self) -> Option<u128> {
        match self.limbs[..] {
            [] => Some(0),
            [low] => Some(u128::from(low)),
            [low, high] => Some(u128::from(high) << 64 | u128::from(low)),
            _ => None,
        }
    }

    /// The 64 bits from a place on: floor(self / 2^`place`) mod 2^64. Below the lowest bit and above the highest
    /// there are zeros, so any place will do.
    #[inline]
    pub fn bits_from(&self, place: i64) -> u64 {
        if place < 0 {
            return self.limb(0).unbounded_shl(place.unsigned_abs().min(64) as u32);
        }
        let index = usize::try_from(place / 64).unwrap_or(usize::MAX);
        pair_above(self.limb(index), self.limb(index.saturating_add(1)), place as u64 % 64)
    }

    /// `self + other`.
    ///
    /// The sum is below twice the larger one: one limb more than the longer has is room for the last carry.
    #[inline]
    pub fn add(&self, other: &Self) -> Self {
        let (long, short) =
            if self.limbs.len() >= other.limbs.len() { (self, other) } else { (other, self) };
        let mut sum = Limbs::zeros(long.limbs.len() + 1);
        let mut carry = false;
        for (index, place) in sum.iter_mut().enumerate() {
            (*place, carry) = long.limb(index).carrying_add(short.limb(index), carry);
        }
        sum.into()
    }

    /// `self - other`.
    ///
    /// The last borrow tells whether it was: lengths alone cannot.
    ///
    /// # Panics
    /// When `other` is the larger one, which is a mistake of the caller.
    #[inline]
    pub fn sub(&self, other: &Self) -> Self {
        assert!(other.limbs.len() <= self.limbs.len(), "a natural number is not negative");
        let mut difference = self.limbs.clone();
        let mut borrow = false;
        for (index, limb) in difference.iter_mut().enumerate() {
            (*limb, borrow) = limb.borrowing_sub(other.limb(index), borrow);
        }
        assert!(!borrow, "a natural number is not negative");
        difference.into()
    }

    /// `self * other`, limb by limb.
    ///
    /// A product of two limbs, the limb that stands at its place and a carry are at most
    /// (2^64 − 1)² + 2·(2^64 − 1) = 2^128 − 1 together: two limbs, of which the higher is the next carry.
    #[inline]
    pub fn mul(&self, other: &Self) -> Self {
        let (left, right) = (&self.limbs[..], &other.limbs[..]);
        let mut product = Limbs::zeros(left.len() + right.len());
        let places = &mut product[..];
        for (index, limb) in left.iter().enumerate() {
            let mut carry = 0;
            for (offset, factor) in right.iter().enumerate() {
                let place = &mut places[index + offset];
                (*place, carry) = limb.carrying_mul_add(*factor, *place, carry);
            }
            places[index + right.len()] = carry;
        }
        product.into()
    }

    /// `self * factor`, for a factor of one limb.
    ///
    /// As [`Natural::mul`] with one limb: in proportion to the length.
    pub fn mul_u64(&self, factor: u64) -> Self {
        self.mul(&Self::from(factor))
    }

    /// `self * 2^bits`.
    ///
    /// Exact: the limb above takes what goes over the edge. Whoever shifts by what data says bounds it first, since the
    /// memory grows with `bits`.
    #[inline]
    pub fn shl(&self, bits: u64) -> Self {
        if bits == 0 {
            return self.clone();
        }
        let (skipped, shift) = ((bits / 64) as usize, bits % 64);
        let mut shifted = Limbs::zeros(skipped + self.limbs.len() + 1);
        let mut carry = 0;
        for (place, limb) in shifted[skipped..].iter_mut().zip(&*self.limbs) {
            let wide = u128::from(*limb) << shift;
            *place = wide as u64 | carry;
            carry = (wide >> 64) as u64;
        }
        shifted[skipped + self.limbs.len()] = carry;
        shifted.into()
    }

    /// `floor(self / 2^bits)`.
    ///
    /// Any shift is allowed, and beyond the length gives zero. What is cut off is for the caller to notice:
    /// [`Natural::trailing_zeros`] tells whether it was anything.
    #[inline]
    pub fn shr(&self, bits: u64) -> Self {
        let skipped = usize::try_from(bits / 64).unwrap_or(usize::MAX).min(self.limbs.len());
        let kept = &self.limbs[skipped..];
        let mut shifted = self.limbs.clone();
        for (index, place) in shifted.iter_mut().enumerate().take(kept.len()) {
            *place = pair_above(kept[index], self.limb(skipped + index + 1), bits % 64);
        }
        shifted.truncate(kept.len());
        shifted.into()
    }

    /// Quotient and remainder of `self / divisor`.
    ///
    /// self = quotient·divisor + remainder with remainder < divisor. A remainder that is not zero is all that a
    /// rounding has to know of what the quotient lacks. A divisor of one limb is divided by in one run over the limbs.
    ///
    /// # Panics
    /// When `divisor` is zero, which is a mistake of the caller.
    pub fn div_rem(&self, divisor: &Self) -> (Self, Self) {
        match divisor.limbs[..] {
            [] => panic!("division by zero"),
            [single] => {
                let (quotient, remainder) = self.div_rem_u64(single);
                (quotient, Self::from(remainder))
            }
            _ if self < divisor => (Self::default(), self.clone()),
            _ => self.div_rem_long(divisor),
        }
    }

    /// Quotient and remainder for a divisor of one limb that is not zero.
    fn div_rem_u64(&self, divisor: u64) -> (Self, u64) {
        let mut quotient = self.limbs.clone();
        let remainder = divide(&mut quotient, divisor);
        (quotient.into(), remainder)
    }

    /// Quotient and remainder for a divisor of two limbs or more that is not above `self`.
    ///
    /// Both are shifted until the highest bit of the divisor is set. Then a digit of the quotient that is estimated
    /// from two limbs, and checked against a third, is right or one too large, and one too large is seen by the
    /// borrow that is left. The quotient does not notice the shift, and the remainder is shifted back.
    ///
    /// Source: Knuth, The Art of Computer Programming, volume 2, 4.3.1, algorithm D.
    fn div_rem_long(&self, divisor: &Self) -> (Self, Self) {
        let shift = u64::from(divisor.limbs[divisor.limbs.len() - 1].leading_zeros());
        let v = divisor.shl(shift).limbs;
        let mut u = Limbs::zeros(self.limbs.len() + 1);
        let dividend = self.shl(shift).limbs;
        u[..dividend.len()].copy_from_slice(&dividend);
        let n = v.len();
        let mut quotient = Limbs::zeros(u.len() - n);
        for j in (0..quotient.len()).rev() {
            let mut digit =
                estimate_digit(u[j + n], u[j + n - 1], u[j + n - 2], v[n - 1], v[n - 2]);
            if subtract_multiple(&mut u[j..=j + n], &v, digit) {
                digit -= 1;
                add_to(&mut u[j..=j + n], &v);
            }
            quotient[j] = digit;
        }
        (quotient.into(), Self::from(u).shr(shift))
    }

    /// The limb of this index; above the highest they are zero.
    #[inline]
    fn limb(&self, index: usize) -> u64 {
        self.limbs.get(index).copied().unwrap_or(0)
    }
}

/// How many limbs there are without the zeros at the end.
///
/// All numbers are made through here or from limbs that were cut to so many: this keeps the form the only one.
#[inline]
fn significant(limbs: &[u64]) -> usize {
    limbs.iter().rposition(|limb| *limb != 0).map_or(0, |last| last + 1)
}

/// The 64 bits from bit `shift` on of two limbs, for a shift below 64.
///
/// Through 128 bits, so that a shift of 0 needs no case of its own.
#[inline]
fn pair_above(low: u64, high: u64, shift: u64) -> u64 {
    ((u128::from(high) << 64 | u128::from(low)) >> shift) as u64
}

/// Divides `limbs` by a divisor that is not zero; the remainder.
///
/// From the highest limb down, each with the remainder of those above: that is below the divisor, so that two
/// limbs are divided and the quotient fits one.
#[inline]
pub(super) fn divide(limbs: &mut [u64], divisor: u64) -> u64 {
    let mut remainder = 0;
    for limb in limbs.iter_mut().rev() {
        let wide = u128::from(remainder) << 64 | u128::from(*limb);
        // Where it does, one machine word is divided much faster than two.
        let digit =
            if remainder == 0 { *limb / divisor } else { (wide / u128::from(divisor)) as u64 };
        remainder = limb.wrapping_sub(digit.wrapping_mul(divisor));
        *limb = digit;
    }
    remainder
}

/// Step D3: a quotient digit from the leading limbs, at most one too large.
///
/// The divisor is normalized: its leading limb `v1` is 2^63 or more. The digit estimated from it alone is at
/// most two too large; the next limb `v0` finds out nearly all of those, in two rounds at most.
fn estimate_digit(u2: u64, u1: u64, u0: u64, v1: u64, v0: u64) -> u64 {
    let top = u128::from(u2) << 64 | u128::from(u1);
    let mut digit = top / u128::from(v1);
    let mut rest = top % u128::from(v1);
    while digit >> 64 != 0 || digit * u128::from(v0) > (rest << 64 | u128::from(u0)) {
        digit -= 1;
        rest += u128::from(v1);
        if rest >> 64 != 0 {
            break;
        }
    }
    digit as u64
}

/// Step D4: `u -= digit * v`; whether it went below zero. Then `u` holds the difference plus a power of 2^64, which
/// the carry of [`add_to`] takes away again.
fn subtract_multiple(u: &mut [u64], v: &[u64], digit: u64) -> bool {
    let (mut carry, mut borrow) = (0, false);
    for (index, place) in u.iter_mut().enumerate() {
        let product;
        (product, carry) = digit.carrying_mul(v.get(index).copied().unwrap_or(0), carry);
        (*place, borrow) = place.borrowing_sub(product, borrow);
    }
    borrow
}

/// Step D6: `u += v`, dropping the last carry.
///
/// It is the one step back that a digit one too large asks for. The carry and the borrow before it cancel out.
fn add_to(u: &mut [u64], v: &[u64]) {
    let mut carry = false;
    for (index, place) in u.iter_mut().enumerate() {
        (*place, carry) = place.carrying_add(v.get(index).copied().unwrap_or(0), carry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_bigint::BigUint;
    use proptest::prelude::*;

    /// Limbs that reach the rare corrections of long division far more often than random ones.
    fn natural() -> impl Strategy<Value = Natural> {
        let limb = prop_oneof![
            Just(0),
            Just(1),
            Just(u64::MAX),
            Just(u64::MAX - 1),
            Just(1 << 63),
            Just((1 << 63) - 1),
            any::<u64>()
        ];
        proptest::collection::vec(limb, 0..9).prop_map(Natural::from_limbs)
    }

    fn big(natural: &Natural) -> BigUint {
        BigUint::from_bytes_le(&natural.to_le_bytes())
    }

    proptest! {
        #[test]
        fn agrees_with_num_bigint(a in natural(), b in natural(), shift in 0u64..300) {
            prop_assert_eq!(big(&a.add(&b)), big(&a) + big(&b));
            prop_assert_eq!(big(&a.mul(&b)), big(&a) * big(&b));
            prop_assert_eq!(big(&a.shl(shift)), big(&a) << shift);
            prop_assert_eq!(big(&a.shr(shift)), big(&a) >> shift);
            let low_limb = |n: BigUint| n.iter_u64_digits().next().unwrap_or(0);
            prop_assert_eq!(a.bits_from(shift as i64), low_limb(big(&a) >> shift));
            prop_assert_eq!(a.bits_from(-(shift as i64)), low_limb(big(&a) << shift));
            prop_assert_eq!(a.bit_length(), big(&a).bits());
            prop_assert_eq!(a.trailing_zeros(), big(&a).trailing_zeros().unwrap_or(0));
            prop_assert_eq!(a.cmp(&b), big(&a).cmp(&big(&b)));
            let (large, small) = if a > b { (&a, &b) } else { (&b, &a) };
            prop_assert_eq!(big(&large.sub(small)), big(large) - big(small));
            prop_assert_eq!(&Natural::from_le_bytes(&a.to_le_bytes()), &a);
        }

        #[test]
        fn divides_as_num_bigint_does(a in natural(), b in natural(), c in natural()) {
            prop_assume!(!b.is_zero());
            for dividend in [a.clone(), a.mul(&b), a.mul(&b).add(&c)] {
                let (quotient, remainder) = dividend.div_rem(&b);
                prop_assert_eq!(big(&quotient), big(&dividend) / big(&b));
                prop_assert_eq!(big(&remainder), big(&dividend) % big(&b));
            }
        }
    }

    #[test]
    fn powers_of_ten() {
        assert_eq!(big(&Natural::power_of_ten(50)), BigUint::from(10u32).pow(50));
    }

    #[test]
    fn shifting_everything_out_gives_zero() {
        assert!(Natural::from(u64::MAX).shr(u64::MAX).is_zero());
    }
}
