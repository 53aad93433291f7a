//! The outline of a CSV: where its cells end, found by operations on a word of bits for 64 bytes, and whether anything
//! in it is unusual. Which bytes are at fault, and what is wrong, the plain grammar finds.

use super::{CHUNK_BYTES, Chunk, InstructionSet, Kernel, filled, run};

/// Room behind the positions that the loop may write to.
const SLACK: usize = CHUNK_BYTES;

/// What a look at some whole records says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Outline {
    /// The delimiters and line feeds outside quotes.
    pub(crate) n_ends: usize,
    /// The line feeds among them.
    pub(crate) n_lines: usize,
    /// Whether a byte breaks the grammar: a quote out of place or never closed, a carriage return without a line feed, a
    /// NUL.
    pub(crate) faulty: bool,
    /// Whether all is ASCII.
    pub(crate) ascii: bool,
    /// Whether a line ends in a carriage return and a line feed.
    pub(crate) carriage_returns: bool,
}

/// Finds the delimiters and line feeds outside quotes. Their positions stand in `ends` from index 1 on, behind a
/// `u32::MAX`, for a cell that ended just before the text; it is made long enough for one position more.
///
/// # Panics
/// When the text is longer than a position can say.
pub(crate) fn outline(
    set: InstructionSet,
    bytes: &[u8],
    delimiter: u8,
    ends: &mut Vec<u32>,
) -> Outline {
    assert!(i32::try_from(bytes.len()).is_ok(), "positions fit");
    let room = 1 + bytes.len() + SLACK;
    if ends.len() < room {
        // A new one comes from the system in zeros, and is not touched before it is used.
        *ends = vec![0; room];
    }
    ends[0] = u32::MAX;
    run(set, Find { bytes, delimiter, ends: &mut ends[1..] })
}

struct Find<'a> {
    bytes: &'a [u8],
    delimiter: u8,
    ends: &'a mut [u32],
}

impl Kernel for Find<'_> {
    type Output = Outline;

    #[inline(always)]
    unsafe fn chunks<C: Chunk>(self) -> Outline {
        let mut found = Found { opens: 1, ..Found::default() };
        let (chunks, rest) = self.bytes.as_chunks();
        for chunk in chunks {
            // SAFETY: the caller vouches for the instruction set.
            unsafe { found.take::<C>(&Bits::new::<C>(chunk, self.delimiter, u64::MAX), self.ends) };
        }
        let (last, there) = filled(rest);
        // SAFETY: the caller vouches for the instruction set.
        unsafe { found.take::<C>(&Bits::new::<C>(&last, self.delimiter, there), self.ends) };
        Outline {
            n_ends: found.n_ends,
            n_lines: found.n_lines,
            faulty: found.faults | found.inside | found.returned != 0,
            ascii: found.high == 0,
            carriage_returns: found.returns != 0,
        }
    }
}

/// What has been found in the chunks so far.
#[derive(Default)]
struct Found {
    n_bytes: u32,
    n_ends: usize,
    n_lines: usize,
    /// All ones if they end inside quotes.
    inside: u64,
    /// Whether a quote may open behind them; whether they end with a closing quote, or with a carriage return outside
    /// quotes: as the lowest bit.
    opens: u64,
    closed: u64,
    returned: u64,
    /// Whether there were any breaches of the grammar, other bytes than ASCII, carriage returns: none if zero.
    faults: u64,
    high: u64,
    returns: u64,
}

impl Found {
    #[inline(always)]
    unsafe fn take<C: Chunk>(&mut self, bits: &Bits, positions: &mut [u32]) {
        // SAFETY: the caller vouches for the instruction set.
        let ends = unsafe { self.ends::<C>(bits) };
        let room =
            positions[self.n_ends..].first_chunk_mut().expect("there is a place for each byte");
        // SAFETY: the caller vouches for the instruction set.
        unsafe { C::positions(ends, self.n_bytes, room) };
        self.n_bytes += CHUNK_BYTES as u32;
        self.n_ends += ends.count_ones() as usize;
        self.n_lines += (ends & bits.line_feeds).count_ones() as usize;
        self.faults |= bits.nuls;
        self.high |= bits.high;
        self.returns |= bits.returns;
    }

    /// The ends of cells in a chunk. Breaches of the grammar are noted.
    #[inline(always)]
    unsafe fn ends<C: Chunk>(&mut self, bits: &Bits) -> u64 {
        let Bits { delimiters, line_feeds, quotes, returns, .. } = *bits;
        let all = delimiters | line_feeds;
        if quotes | self.inside | self.closed == 0 {
            // The usual case. A carriage return is followed by a line feed.
            self.faults |= (returns << 1 | self.returned) & !line_feeds;
            self.returned = returns >> 63;
            self.opens = all >> 63;
            return all;
        }
        // From an opening quote on, up to its closing one.
        // SAFETY: the caller vouches for the instruction set.
        let inside = unsafe { C::prefix_xor(quotes) } ^ self.inside;
        let (opening, closing, ends) = (quotes & inside, quotes & !inside, all & !inside);
        // A quote opens at the beginning of a cell, or as the second of a pair: then it goes on with the cell.
        let opens = ends | closing;
        self.faults |= opening & !(opens << 1 | self.opens);
        // Behind a closing one a cell ends, or a pair has its second, or the text ends.
        self.faults |= (closing << 1 | self.closed) & !(all | returns | quotes) & bits.there;
        let returns = returns & !inside;
        self.faults |= (returns << 1 | self.returned) & !line_feeds;
        self.inside = ((inside as i64) >> 63) as u64;
        self.opens = opens >> 63;
        self.closed = closing >> 63;
        self.returned = returns >> 63;
        ends
    }
}

/// The bytes of a chunk that mean something.
#[derive(Clone, Copy)]
struct Bits {
    delimiters: u64,
    line_feeds: u64,
    quotes: u64,
    returns: u64,
    nuls: u64,
    high: u64,
    /// Those that are in the text.
    there: u64,
}

impl Bits {
    #[inline(always)]
    unsafe fn new<C: Chunk>(chunk: &[u8; CHUNK_BYTES], delimiter: u8, there: u64) -> Self {
        // SAFETY: the caller vouches for the instruction set.
        unsafe {
            let text = C::load(chunk);
            Self {
                delimiters: text.equal(delimiter) & there,
                line_feeds: text.equal(b'\n') & there,
                quotes: text.equal(b'"') & there,
                returns: text.equal(b'\r') & there,
                nuls: text.equal(0) & there,
                high: text.high(),
                there,
            }
        }
    }
}
