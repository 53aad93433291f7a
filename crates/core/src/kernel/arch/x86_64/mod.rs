//! x86-64: the doors to its vectors, and its MXCSR register (Intel SDM volume 1, 10.2.3): rounding mode,
//! flush-to-zero, denormals-are-zero, exception masks, and sticky exception flags.

mod dispatch;
mod keys;
mod lanes;

use core::arch::asm;
use core::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
pub(crate) use dispatch::has;
pub(super) use dispatch::run;

/// Everything but the six sticky exception flags, which ordinary arithmetic sets.
/// Those flags are sticky and the caller's: restoring them would lose what its own arithmetic
/// raised.
pub(crate) const CONTROL_MASK: u64 = 0xffc0;

/// Round to nearest, subnormals kept, all exceptions masked.
/// What the System V ABI and Windows promise at the start of a thread.
pub(crate) const CONTROL_DEFAULT: u64 = 0x1f80;

/// Reads the control word.
pub(crate) fn control() -> u64 {
    let mut word = 0u32;
    // SAFETY: STMXCSR stores four bytes at the address, which is that of a live u32; SSE is part of x86-64.
    unsafe { asm!("stmxcsr [{}]", in(reg) &raw mut word, options(nostack, preserves_flags)) };
    word.into()
}

/// Writes the control word, one that [`control`] gave or [`CONTROL_DEFAULT`].
pub(crate) fn set_control(word: u64) {
    let word = word as u32;
    // SAFETY: LDMXCSR reads four bytes at the address of a live u32, and no reserved bit of it is set. The
    // block is not declared pure, so that it stays in place between calls that are never inlined.
    unsafe { asm!("ldmxcsr [{}]", in(reg) &raw const word, options(nostack, preserves_flags)) };
}

/// Fetches an element into the caches, so that it is there when it is used.
/// Cost: an instruction that waits for nothing; too early or too late it does no harm.
#[inline(always)]
pub(crate) fn prefetch<T>(data: &[T], index: usize) {
    let address = data.as_ptr().wrapping_add(index);
    // SAFETY: prefetching is a hint: it reads nothing and faults on no address; SSE is part of x86-64.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(address.cast()) };
}
