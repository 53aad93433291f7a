//! Bytes by the dozen: where the cells of a text end and what number stands in them, with the vectors of the processor
//! behind safe doors. The one module of this crate in which `unsafe` is allowed; what is found means nothing here.
//!
//! Each loop is written once, generic over [`Chunk`], and compiled for every instruction set; `run` checks that the
//! processor has the one asked for. Tests compare all with [`Portable`].
#![allow(unsafe_code)]
#![allow(clippy::inline_always)] // what is compiled for an instruction set has to be inlined where it is enabled

mod count;
mod decimals;
mod elements;
mod floats;
mod instruction_set;
mod literals;
mod outline;
mod portable;
#[cfg(target_arch = "x86_64")]
mod x86_64;

pub(crate) use self::{
    count::count,
    decimals::ColumnOfCells,
    elements::{Progress, elements},
    floats::floats,
    instruction_set::InstructionSet,
    literals::literals,
    outline::{Outline, outline},
};
use self::{
    decimals::{BUNCH, Bunch, Decimals},
    instruction_set::run,
    portable::Portable,
};
use crate::number::{Decimal, nearest_of_many};

/// Bytes that are looked at together: a bit for each makes a word.
const CHUNK_BYTES: usize = 64;

/// Bytes before the end of a cell that are read to find its number.
const WINDOW_BYTES: usize = 33;

/// What an instruction set makes of [`CHUNK_BYTES`]. The first byte is the lowest bit.
trait Chunk: Copy {
    /// # Safety
    /// The processor has the instruction set, here and in all the others.
    unsafe fn load(bytes: &[u8; CHUNK_BYTES]) -> Self;

    /// The bytes that are `byte`.
    unsafe fn equal(self, byte: u8) -> u64;

    /// The bytes that are not ASCII.
    unsafe fn high(self) -> u64;

    /// Every bit the parity of those up to it.
    unsafe fn prefix_xor(bits: u64) -> u64;

    /// Writes the places of the bits, each plus `base`, in ascending order. What stands behind them is lost.
    unsafe fn positions(bits: u64, base: u32, to: &mut [u32; CHUNK_BYTES]);

    /// The literal in the last `length` bytes of a window, from 1 to 32. One with an exponent of its own is another.
    unsafe fn decimal(window: &[u8; WINDOW_BYTES], length: usize) -> Decimal;

    /// The literals in the cells of a bunch of a text. A cell may be another that is longer than 31 bytes, or ends before
    /// there is a whole window; if they are `STRICT`, also where JSON does not take its digits and point as they stand.
    #[inline(always)]
    unsafe fn decimals<const STRICT: bool>(bytes: &[u8], bunch: &Bunch, to: &mut Decimals) {
        to.clear(bunch.n_cells);
        for index in 0..bunch.n_cells {
            let decimal = match bunch.window(bytes, index) {
                Some((window, length)) if !STRICT || is_strict(window, length) => {
                    // SAFETY: the caller vouches for the instruction set, and the length is that of a cell in the window.
                    unsafe { Self::decimal(window, length) }
                }
                _ => Decimal::OTHER,
            };
            to.set(index, decimal);
        }
    }

    /// The binary64 nearest to each literal of some that are not all integers. Gives a bit for each that it leaves
    /// undecided.
    #[inline(always)]
    unsafe fn nearest(decimals: &Decimals, to: &mut [f64; BUNCH]) -> u64 {
        let mut undecided = 0;
        for (index, float) in to[..decimals.n_cells].iter_mut().enumerate() {
            let Decimals { mantissas, exponents, .. } = decimals;
            match nearest_of_many(mantissas[index], exponents[index].into()) {
                Some(magnitude) => *float = decimals.signed(index, magnitude),
                None => undecided |= 1 << index,
            }
        }
        undecided
    }
}

/// A loop over data, written once for the chunks of any instruction set.
trait Kernel {
    type Output;

    /// The loop. It must be `#[inline(always)]`, so that it becomes part of a function that is compiled for the
    /// instruction set.
    ///
    /// # Safety
    /// The processor has the instruction set of `C`.
    unsafe fn chunks<C: Chunk>(self) -> Self::Output;
}

/// Whether digits stand on both sides of a point, and no zero leads, in the last bytes of a window, of which no more is
/// asked.
#[inline(always)]
fn is_strict(window: &[u8; WINDOW_BYTES], length: usize) -> bool {
    let text = &window[WINDOW_BYTES - length..];
    let ([b'-', first, rest @ ..] | [first, rest @ ..]) = text else { return false };
    let leads_alone = *first != b'0' || !rest.first().is_some_and(u8::is_ascii_digit);
    first.is_ascii_digit() && leads_alone && text[length - 1].is_ascii_digit()
}

/// The last chunk of a text, of fewer bytes than the others, filled up; and a bit for each byte that is in the text.
#[inline(always)]
fn filled(rest: &[u8]) -> ([u8; CHUNK_BYTES], u64) {
    let mut chunk = [0; CHUNK_BYTES];
    chunk[..rest.len()].copy_from_slice(rest);
    (chunk, (1 << rest.len()) - 1)
}
