//! Natural numbers of any size, with the few operations that exact statistics need. Schoolbook
//! algorithms: the longest operands are a few thousand bits, below where cleverer ones pay.

use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Ordering;

/// A natural number: 64-bit limbs, least significant first, no zero limb at the end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Natural {
    limbs: Vec<u64>,
}

impl From<u64> for Natural {
    fn from(value: u64) -> Self {
        Self::from_limbs(vec![value])
    }
}

impl From<u128> for Natural {
    fn from(value: u128) -> Self {
        Self::from_limbs(vec![value as u64, (value >> 64) as u64])
    }
}

impl PartialOrd for Natural {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Natural {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_length = self.limbs.len().cmp(&other.limbs.len());
        by_length.then_with(|| self.limbs.iter().rev().cmp(other.limbs.iter().rev()))
    }
}

impl Natural {
    /// The number whose limbs, least significant first, are `limbs`.
    pub fn from_limbs(mut limbs: Vec<u64>) -> Self {
        while limbs.last() == Some(&0) {
            limbs.pop();
        }
        Self { limbs }
    }

    /// The number whose bytes, least significant first, are `bytes`.
    pub fn from_le_bytes(bytes: &[u8]) -> Self {
        let limb =
            |chunk: &[u8]| chunk.iter().rev().fold(0, |limb, byte| limb << 8 | u64::from(*byte));
        Self::from_limbs(bytes.chunks(8).map(limb).collect())
    }

    /// Its bytes, least significant first, the last not zero. Zero has none.
    pub fn to_le_bytes(&self) -> Vec<u8> {
        let mut bytes: Vec<u8> = self.limbs.iter().flat_map(|limb| limb.to_le_bytes()).collect();
        bytes.truncate(self.bit_length().div_ceil(8) as usize);
        bytes
    }

    /// Ten to the power of `exponent`.
    pub fn power_of_ten(exponent: u32) -> Self {
        let mut power = Self::from(1u64);
        for _ in 0..exponent {
            power = power.mul_u64(10);
        }
        power
    }

    /// Whether it is zero.
    pub fn is_zero(&self) -> bool {
        self.limbs.is_empty()
    }

    /// How many bits it takes: 0 for zero, otherwise one more than the place of the highest one.
    pub fn bit_length(&self) -> u64 {
        self.limbs
            .last()
            .map_or(0, |top| 64 * self.limbs.len() as u64 - u64::from(top.leading_zeros()))
    }

    /// How many of the lowest bits are zero: 0 for zero.
    pub fn trailing_zeros(&self) -> u64 {
        let zero_limbs = self.limbs.iter().take_while(|limb| **limb == 0).count();
        self.limbs
            .get(zero_limbs)
            .map_or(0, |limb| 64 * zero_limbs as u64 + u64::from(limb.trailing_zeros()))
    }

    /// The value when it fits.
    pub fn to_u64(&self) -> Option<u64> {
        match self.limbs[..] {
            [] => Some(0),
            [limb] => Some(limb),
            _ => None,
        }
    }

    /// The value when it fits.
    pub fn to_u128(&self) -> Option<u128> {
        match self.limbs[..] {
            [] => Some(0),
            [low] => Some(u128::from(low)),
            [low, high] => Some(u128::from(high) << 64 | u128::from(low)),
            _ => None,
        }
    }

    /// `self + other`.
    pub fn add(&self, other: &Self) -> Self {
        let (long, short) =
            if self.limbs.len() >= other.limbs.len() { (self, other) } else { (other, self) };
        let mut limbs = Vec::with_capacity(long.limbs.len() + 1);
        let mut carry = false;
        for (index, limb) in long.limbs.iter().enumerate() {
            let (partial, over) = limb.overflowing_add(short.limb(index));
            let (sum, over_again) = partial.overflowing_add(u64::from(carry));
            carry = over || over_again;
            limbs.push(sum);
        }
        limbs.push(u64::from(carry));
        Self::from_limbs(limbs)
    }

    /// `self - other`.
    ///
    /// # Panics
    /// When `other` is the larger one, which is a mistake of the caller.
    pub fn sub(&self, other: &Self) -> Self {
        let mut borrow = false;
        let mut limbs = Vec::with_capacity(self.limbs.len());
        for (index, limb) in self.limbs.iter().enumerate() {
            let (partial, under) = limb.overflowing_sub(other.limb(index));
            let (difference, under_again) = partial.overflowing_sub(u64::from(borrow));
            borrow = under || under_again;
            limbs.push(difference);
        }
        assert!(
            !borrow && other.limbs.len() <= self.limbs.len(),
            "a natural number is not negative"
        );
        Self::from_limbs(limbs)
    }

    /// `self * other`.
    pub fn mul(&self, other: &Self) -> Self {
        let mut limbs = vec![0; self.limbs.len() + other.limbs.len()];
        for (index, limb) in self.limbs.iter().enumerate() {
            let mut carry = 0u64;
            for (offset, factor) in other.limbs.iter().enumerate() {
                let place = &mut limbs[index + offset];
                let wide = u128::from(*limb) * u128::from(*factor)
                    + u128::from(*place)
                    + u128::from(carry);
                *place = wide as u64;
                carry = (wide >> 64) as u64;
            }
            limbs[index + other.limbs.len()] = carry;
        }
        Self::from_limbs(limbs)
    }

    /// `self * factor`.
    pub fn mul_u64(&self, factor: u64) -> Self {
        self.mul(&Self::from(factor))
    }

    /// `self * 2^bits`.
    pub fn shl(&self, bits: u64) -> Self {
        let mut limbs = vec![0; (bits / 64) as usize];
        let shift = bits % 64;
        let mut carry = 0;
        for limb in &self.limbs {
            let wide = u128::from(*limb) << shift;
            limbs.push(wide as u64 | carry);
            carry = (wide >> 64) as u64;
        }
        limbs.push(carry);
        Self::from_limbs(limbs)
    }

    /// `floor(self / 2^bits)`.
    pub fn shr(&self, bits: u64) -> Self {
        let skipped =
            usize::try_from(bits / 64).map_or(self.limbs.len(), |n| n.min(self.limbs.len()));
        let shift = bits % 64;
        let kept = &self.limbs[skipped..];
        let limb = |index: usize| {
            let high = kept.get(index + 1).copied().unwrap_or(0);
            ((u128::from(high) << 64 | u128::from(kept[index])) >> shift) as u64
        };
        Self::from_limbs((0..kept.len()).map(limb).collect())
    }

    /// Quotient and remainder of `self / divisor`.
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

    fn div_rem_u64(&self, divisor: u64) -> (Self, u64) {
        let mut limbs = vec![0; self.limbs.len()];
        let mut remainder = 0u64;
        for (index, limb) in self.limbs.iter().enumerate().rev() {
            let wide = u128::from(remainder) << 64 | u128::from(*limb);
            limbs[index] = (wide / u128::from(divisor)) as u64;
            remainder = (wide % u128::from(divisor)) as u64;
        }
        (Self::from_limbs(limbs), remainder)
    }

    /// Knuth, The Art of Computer Programming, volume 2, 4.3.1, algorithm D.
    fn div_rem_long(&self, divisor: &Self) -> (Self, Self) {
        let shift = u64::from(divisor.limbs[divisor.limbs.len() - 1].leading_zeros());
        let v = divisor.shl(shift).limbs;
        let mut u = self.shl(shift).limbs;
        u.resize(self.limbs.len() + 1, 0);
        let n = v.len();
        let mut quotient = vec![0; u.len() - n];
        for j in (0..quotient.len()).rev() {
            let mut digit =
                estimate_digit(u[j + n], u[j + n - 1], u[j + n - 2], v[n - 1], v[n - 2]);
            if subtract_multiple(&mut u[j..=j + n], &v, digit) {
                digit -= 1;
                add_back(&mut u[j..=j + n], &v);
            }
            quotient[j] = digit;
        }
        (Self::from_limbs(quotient), Self::from_limbs(u).shr(shift))
    }

    fn limb(&self, index: usize) -> u64 {
        self.limbs.get(index).copied().unwrap_or(0)
    }
}

/// Step D3: a quotient digit from the leading limbs, at most one too large.
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

/// Step D4: `u -= digit * v`; whether it went below zero.
fn subtract_multiple(u: &mut [u64], v: &[u64], digit: u64) -> bool {
    let mut carry = 0u64;
    let mut borrow = false;
    for (index, place) in u.iter_mut().enumerate() {
        let factor = v.get(index).copied().unwrap_or(0);
        let product = u128::from(digit) * u128::from(factor) + u128::from(carry);
        carry = (product >> 64) as u64;
        let (partial, under) = place.overflowing_sub(product as u64);
        let (difference, under_again) = partial.overflowing_sub(u64::from(borrow));
        borrow = under || under_again;
        *place = difference;
    }
    borrow
}

/// Step D6: `u += v`, dropping the last carry.
fn add_back(u: &mut [u64], v: &[u64]) {
    let mut carry = false;
    for (index, place) in u.iter_mut().enumerate() {
        let (partial, over) = place.overflowing_add(v.get(index).copied().unwrap_or(0));
        let (sum, over_again) = partial.overflowing_add(u64::from(carry));
        carry = over || over_again;
        *place = sum;
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
