//! The FPCR register of AArch64 (Arm ARM, C5.2.8): rounding mode, flush-to-zero, alternative handling.
//!
//! There are no vector kernels for it so far: its sums are those of the portable loops, and have
//! the same bits.

use core::arch::asm;

/// AHP, DN, FZ, RMode, FZ16, the trap enables, and with FEAT_AFP: NEP, AH, FIZ.
pub(crate) const CONTROL_MASK: u64 = 0x07ff_9f07;

/// Round to nearest, subnormals kept, no traps.
pub(crate) const CONTROL_DEFAULT: u64 = 0;

/// Reads the control word.
pub(crate) fn control() -> u64 {
    let word: u64;
    // SAFETY: reading FPCR has no effect and is allowed in user mode.
    unsafe { asm!("mrs {}, fpcr", out(reg) word, options(nomem, nostack, preserves_flags)) };
    word
}

/// Writes the control word, one that [`control`] gave or [`CONTROL_DEFAULT`].
pub(crate) fn set_control(word: u64) {
    // SAFETY: the word is one that this register held or its reset value.
    unsafe { asm!("msr fpcr, {}", in(reg) word, options(nostack, preserves_flags)) };
}
