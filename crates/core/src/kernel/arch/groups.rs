//! The loop over rows of groups, as compiled for an instruction set.
//!
//! The loop itself is with its data in `kernel::groups`; here it is only compiled again, since the
//! part that takes digits off becomes vectors, and the scattering stays what it is.

use super::{Kernel, Vector, run};
use crate::kernel::InstructionSet;
use crate::kernel::groups::{Elsewhere, Rows};

/// Adds rows to the sums of their groups with the vectors of `set`.
///
/// # Panics
/// When the machine does not have it.
pub(in super::super) fn add_rows(
    set: InstructionSet,
    rows: Rows<'_>,
    elsewhere: &mut dyn Elsewhere,
) {
    run(set, AddRows { rows, elsewhere });
}

struct AddRows<'a, 's> {
    rows: Rows<'a>,
    elsewhere: &'s mut dyn Elsewhere,
}

impl Kernel for AddRows<'_, '_> {
    type Output = ();

    /// The compiler finds the vectors by itself.
    #[inline(always)]
    unsafe fn vectors<V: Vector>(self) {
        self.rows.add(self.elsewhere);
    }
}
