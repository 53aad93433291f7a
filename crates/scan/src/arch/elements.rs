//! The elements of a JSON array of numbers: where they end, and those in the common forms, a tile of bytes at a time. A
//! tile in which anything else stands is no fault here: it is left to the grammar.

use super::{CHUNK_BYTES, Chunk, InstructionSet, Kernel, WINDOW_BYTES, filled, run};

/// Bytes that are looked at together. What is found in them stays in the nearest cache.
pub(crate) const TILE_BYTES: usize = 1 << 10;

/// Positions of a tile: one for each byte, one before them, and room that the loop may write to.
const POSITIONS: usize = 1 + TILE_BYTES + CHUNK_BYTES;

/// What is found in a tile.
pub(crate) struct Tile {
    /// Where the elements end, from index 1 on; before that, where the one before them did.
    pub(crate) ends: [u32; POSITIONS],
    /// The numbers.
    pub(crate) floats: [f64; TILE_BYTES],
    /// The indices of elements that are none in a common form.
    pub(crate) others: [u32; TILE_BYTES],
}

impl Tile {
    pub(crate) fn new() -> Box<Self> {
        Box::new(Self { ends: [0; POSITIONS], floats: [0.0; TILE_BYTES], others: [0; TILE_BYTES] })
    }
}

/// How much is found in a tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// The elements that end in the tile.
    pub(crate) n_elements: usize,
    /// Those of them that are no number in a common form.
    pub(crate) n_others: usize,
    /// Whether the last one ends with the bracket that closes the array.
    pub(crate) closed: bool,
}

/// Looks at the bytes from `start` on, where an element begins. What ends the elements are the commas up to the first
/// closing bracket, and that. Their positions are those in the tile, so that the first is at most its length.
///
/// A number in a common form is what JSON allows of a sign, digits and a point in 32 bytes, behind one space at the
/// most, and it is not too near to the beginning of the text.
pub(crate) fn elements(set: InstructionSet, bytes: &[u8], start: usize, tile: &mut Tile) -> Found {
    let end = bytes.len().min(start + TILE_BYTES);
    tile.ends[0] = u32::MAX;
    run(set, Read { bytes: &bytes[..end], start, tile })
}

struct Read<'a> {
    bytes: &'a [u8],
    start: usize,
    tile: &'a mut Tile,
}

impl Kernel for Read<'_> {
    type Output = Found;

    #[inline(always)]
    unsafe fn chunks<C: Chunk>(self) -> Found {
        let Self { bytes, start, tile } = self;
        // SAFETY: the caller vouches for the instruction set.
        let (n_elements, closed) = unsafe { find::<C>(&bytes[start..], &mut tile.ends) };
        let mut n_others = 0;
        let ends = tile.ends.windows(2).zip(&mut tile.floats).take(n_elements);
        for (index, (pair, float)) in ends.enumerate() {
            let (first, end) = (start + pair[0].wrapping_add(1) as usize, start + pair[1] as usize);
            let first = first + usize::from(bytes[first] == b' ');
            // SAFETY: the caller vouches for the instruction set.
            match unsafe { number::<C>(bytes, first, end) } {
                Some(value) => *float = value,
                None => {
                    tile.others[n_others] = index as u32;
                    n_others += 1;
                }
            }
        }
        Found { n_elements, n_others, closed }
    }
}

/// Finds where elements end, and whether the last one ends the array.
#[inline(always)]
unsafe fn find<C: Chunk>(bytes: &[u8], ends: &mut [u32]) -> (usize, bool) {
    let mut n_ends = 0;
    let (chunks, rest) = bytes.as_chunks();
    let (last, there) = filled(rest);
    let chunks = chunks.iter().map(|chunk| (chunk, u64::MAX)).chain([(&last, there)]);
    for (index, (chunk, there)) in chunks.enumerate() {
        // SAFETY: the caller vouches for the instruction set.
        let (commas, brackets) = unsafe {
            let text = C::load(chunk);
            (text.equal(b',') & there, text.equal(b']') & there)
        };
        // The bits up to the first bracket, and it; all of them where there is none.
        let found = (commas | brackets) & (brackets ^ brackets.wrapping_sub(1));
        let room = ends[1 + n_ends..].first_chunk_mut().expect("there is a place for each byte");
        // SAFETY: the caller vouches for the instruction set.
        unsafe { C::positions(found, (index * CHUNK_BYTES) as u32, room) };
        n_ends += found.count_ones() as usize;
        if brackets != 0 {
            return (n_ends, true);
        }
    }
    (n_ends, false)
}

/// The number between two positions, if it is one in a common form.
#[inline(always)]
unsafe fn number<C: Chunk>(bytes: &[u8], first: usize, end: usize) -> Option<f64> {
    let window =
        bytes[..end].last_chunk().filter(|_| (1..WINDOW_BYTES).contains(&(end - first)))?;
    // SAFETY: the caller vouches for the instruction set, and the length is that of a literal in the window.
    let decimal = unsafe { C::decimal(window, end - first) };
    is_json(bytes, first, end).then(|| decimal.nearest())?
}

/// Whether JSON takes digits and points as they stand there: digits on both sides of a point, and no zero leads.
#[inline(always)]
fn is_json(bytes: &[u8], first: usize, end: usize) -> bool {
    let first = first + usize::from(bytes[first] == b'-');
    let leads_alone = bytes[first] != b'0' || first + 1 == end || bytes[first + 1] == b'.';
    bytes[first].is_ascii_digit() && leads_alone && bytes[end - 1].is_ascii_digit()
}
