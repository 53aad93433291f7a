//! The powers of five that most decimals need, in 128 bits, written by the compiler. Not here: those of literals so
//! small or so large that they are rare.

/// The exponents in the table, either way. A power and twice a remainder by it fit in 128 bits.
const EXPONENT_MAX: i32 = 54;

/// Down to this exponent the reciprocals are rounded up, so that quotients which are no fractions come out whole.
const ROUNDED_UP_MIN: i32 = -27;

static POWERS: [u128; 2 * EXPONENT_MAX as usize + 1] = powers();

/// The high and the low halves of 5^0, 5^−1 and so on: the powers of literals without an exponent of their own.
#[cfg(target_arch = "x86_64")]
pub(crate) static FRACTION_HALVES: [[u64; 32]; 2] = {
    let powers = powers();
    let mut halves = [[0; 32]; 2];
    let mut index = 0;
    while index < 32 {
        let power = powers[EXPONENT_MAX as usize - index];
        (halves[0][index], halves[1][index]) = ((power >> 64) as u64, power as u64);
        index += 1;
    }
    halves
};

/// The first 128 bits of 5^`exponent`, the highest of them set; `None` if the exponent is beyond the table.
///
/// Exact from 0 on. Below, it is the next integer above the exact value down to −27, and the one below it from there:
/// what [Lemire's proof](https://arxiv.org/abs/2101.11408) takes for given.
#[inline(always)]
pub(super) fn power_of_five(exponent: i32) -> Option<u128> {
    POWERS.get(exponent.wrapping_add(EXPONENT_MAX) as usize).copied()
}

const fn powers() -> [u128; 2 * EXPONENT_MAX as usize + 1] {
    let mut powers = [0; 2 * EXPONENT_MAX as usize + 1];
    let mut exponent = -EXPONENT_MAX;
    while exponent <= EXPONENT_MAX {
        let power = 5u128.pow(exponent.unsigned_abs());
        powers[(exponent + EXPONENT_MAX) as usize] =
            if exponent < 0 { reciprocal(power, exponent) } else { power << power.leading_zeros() };
        exponent += 1;
    }
    powers
}

/// The first 128 bits of 5^`exponent`, which is 1 / `power`.
const fn reciprocal(power: u128, exponent: i32) -> u128 {
    // The largest power of two below it, divided bit by bit.
    let (mut remainder, mut quotient) = (1 << power.ilog2(), 0);
    let mut n_bits = 0;
    while n_bits < 128 {
        remainder *= 2;
        quotient = 2 * quotient + (remainder >= power) as u128;
        remainder -= if remainder >= power { power } else { 0 };
        n_bits += 1;
    }
    if exponent < ROUNDED_UP_MIN { quotient } else { quotient + 1 }
}
