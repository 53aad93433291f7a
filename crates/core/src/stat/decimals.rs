//! What is different for numbers taken as they are written in decimal: their sums are integers in units of a power of
//! ten, which no sum of binary64s is. How they are summed is not here.

use crate::exact::{Dyadic, Natural};

/// The scale of decimals, and the smallest and the largest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decimals {
    /// The sums and the extremes are in units of 10^-`scale`.
    pub scale: u32,
    /// As integers, if there is a value.
    pub extremes: Option<(Dyadic, Dyadic)>,
}

impl Decimals {
    /// 1 in the units of products of so many values.
    pub fn unit(&self, degree: u32) -> Dyadic {
        power_of_ten(self.scale * degree)
    }

    /// The largest value minus the smallest.
    pub(super) fn range(&self) -> Option<Dyadic> {
        self.extremes.as_ref().map(|(min, max)| max.sub(min))
    }
}

/// 10^`exponent`.
pub fn power_of_ten(exponent: u32) -> Dyadic {
    Dyadic::from(Natural::power_of_ten(exponent))
}
