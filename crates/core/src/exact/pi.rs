//! π between two natural numbers as near as one likes: what a comparison with an irrational number takes.
//!
//! It is needed by one rule for the width of bins. There a quotient is compared with a multiple of π, and bits are
//! asked for until the two bounds fall on one side: π is irrational, so they do.

use super::Natural;

/// floor(2^`bits`·π), or one less.
///
/// The terms of both series are cut off, none by one unit or more, and π is their sum with factors 16 and 4: the
/// 40 bits that are computed below the last place take all of that, so only the last place can be off, downwards.
/// Cost: about `bits`/2 divisions of numbers of that length by one limb.
///
/// Source: Machin's formula, π = 16·arctan(1/5) − 4·arctan(1/239).
pub fn pi_floor(bits: u64) -> Natural {
    // Each term is cut off by less than one; there are fewer than 2^32 of them, of which these are the room.
    const GUARD: u64 = 40;
    let one = Natural::from(1u64).shl(bits + GUARD);
    let (fifth, small) = (arctan_inverse(5, &one), arctan_inverse(239, &one));
    let (low, high) = (fifth.mul_u64(16), small.mul_u64(4));
    low.sub(&high).sub(&Natural::from(1u64).shl(GUARD - 1)).shr(GUARD)
}

/// `one`·arctan(1/`x`), off by less than one for each term of its series.
///
/// Definition: Σ (−1)^k / ((2k + 1)·x^(2k + 1)). Positive and negative terms are summed apart, since natural
/// numbers have no sign.
fn arctan_inverse(x: u64, one: &Natural) -> Natural {
    let divide = |dividend: &Natural, divisor: u64| dividend.div_rem(&Natural::from(divisor)).0;
    let (mut sum, mut rest) = (Natural::default(), Natural::default());
    let mut power = divide(one, x);
    let mut k = 1;
    while !power.is_zero() {
        let term = divide(&power, k);
        if k % 4 == 1 {
            sum = sum.add(&term);
        } else {
            rest = rest.add(&term);
        }
        power = divide(&power, x * x);
        k += 2;
    }
    sum.sub(&rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_first_bits() {
        for bits in [0, 1, 50, 51, 52, 53, 54, 55] {
            // The binary64 is 2^-52 too small at most, and right to 51 bits behind the point.
            let expected = (core::f64::consts::PI * 2f64.powi(bits.min(51))) as u64;
            let found = pi_floor(bits as u64).shr(bits.max(51) as u64 - 51).to_u64().unwrap();
            assert!(found == expected || found + 1 == expected, "{bits} bits: {found} {expected}");
        }
        let coarse = pi_floor(300);
        let fine = pi_floor(4000).shr(3700);
        assert!(coarse == fine || coarse.add(&Natural::from(1u64)) == fine);
        // The first 128 bits behind the point, from a table.
        let expected = (3u128 << 124) + (0x243f_6a88_85a3_08d3_1319_8a2e_0370_7344_u128 >> 4);
        let found = pi_floor(124).to_u128().unwrap();
        assert!(found == expected || found + 1 == expected, "{found:x} {expected:x}");
    }
}
