//! The elements of a JSON array of numbers: where they end, and those in the common forms, a bunch at a time. What else
//! an element may be is no affair of this: whoever asks is asked for it.

use super::{
    CHUNK_BYTES, Chunk, InstructionSet, Kernel, WINDOW_BYTES,
    decimals::{BUNCH, Bunch, Decimals},
    filled, portable, run,
};

/// Bytes that are looked at in one go: positions in them are small, and what is read from them stays in the nearest
/// cache.
const SPAN_BYTES: usize = 16 << 10;

/// How far elements were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Progress {
    /// The position behind the last comma, or behind the bracket that closes the array.
    pub(crate) at: usize,
    pub(crate) closed: bool,
}

/// Reads elements of the bytes from `at` on, where one begins, and puts them behind `values`: some thousands, as long as
/// they are numbers. What ends the elements are the commas up to the first closing bracket, and that.
///
/// A number in a common form is what JSON allows of a sign, digits and a point in 31 bytes, behind a space if all have
/// one, and it is not too near to the beginning of the text. `other` is asked for the number that another element is;
/// one that is none ends it.
pub(crate) fn elements(
    set: InstructionSet,
    bytes: &[u8],
    at: usize,
    values: &mut Vec<f64>,
    other: impl Fn(&[u8]) -> Option<f64>,
) -> Progress {
    let start = at.saturating_sub(WINDOW_BYTES);
    let text = &bytes[start..bytes.len().min(at + SPAN_BYTES)];
    let progress = run(set, Read { text, at: at - start, values, other });
    Progress { at: start + progress.at, ..progress }
}

struct Read<'a, F> {
    text: &'a [u8],
    at: usize,
    values: &'a mut Vec<f64>,
    other: F,
}

impl<F: Fn(&[u8]) -> Option<f64>> Kernel for Read<'_, F> {
    type Output = Progress;

    #[inline(always)]
    unsafe fn chunks<C: Chunk>(self) -> Progress {
        let Self { text, at, values, other } = self;
        let mut ends = Ends::new(at);
        let (mut bunch, mut decimals) = (Bunch::NONE, Decimals::NONE);
        let mut floats = [0.0; BUNCH];
        loop {
            // SAFETY: the caller vouches for the instruction set.
            unsafe { ends.find::<C>(text) };
            ends.fill(&mut bunch, text);
            if bunch.n_cells == 0 {
                return ends.progress(0);
            }
            // SAFETY: the caller vouches for the instruction set.
            let others = unsafe {
                C::decimals::<true>(text, &bunch, &mut decimals);
                decimals.nearest::<C>(&mut floats)
            };
            let others = others & bunch.there();
            let wrong = ask(others, &mut floats, |index| other(&text[ends.element(index)]));
            let n_numbers = wrong.unwrap_or(bunch.n_cells);
            if n_numbers < BUNCH {
                values.extend_from_slice(&floats[..n_numbers]);
                return ends.progress(n_numbers);
            }
            values.extend_from_slice(&floats);
            ends.drop_bunch();
        }
    }
}

/// Asks for the numbers of these elements, up to one that is none: its index, if there is one.
#[inline(always)]
fn ask(
    mut elements: u64,
    floats: &mut [f64; BUNCH],
    number: impl Fn(usize) -> Option<f64>,
) -> Option<usize> {
    while elements != 0 {
        let index = elements.trailing_zeros() as usize;
        let Some(value) = number(index) else { return Some(index) };
        floats[index] = value;
        elements &= elements - 1;
    }
    None
}

/// Where elements end that are to be read.
struct Ends {
    /// Their positions, from index 1 on; before them, where the element before them ended.
    positions: [u32; 2 * BUNCH],
    n_found: usize,
    /// How far has been looked for them.
    at: usize,
    /// Whether the last one ends the array.
    closed: bool,
}

impl Ends {
    /// There are none before `at`, where an element begins.
    #[inline(always)]
    fn new(at: usize) -> Self {
        let mut positions = [0; 2 * BUNCH];
        positions[0] = (at as u32).wrapping_sub(1);
        Self { positions, n_found: 0, at, closed: false }
    }

    /// Looks for more, until there are enough for a bunch.
    #[inline(always)]
    unsafe fn find<C: Chunk>(&mut self, text: &[u8]) {
        let Self { mut n_found, mut at, mut closed, .. } = *self;
        while n_found < BUNCH && !closed && at < text.len() {
            let rest = &text[at..];
            let last;
            let (chunk, there) = match rest.first_chunk() {
                Some(chunk) => (chunk, u64::MAX),
                None => {
                    last = filled(rest);
                    (&last.0, last.1)
                }
            };
            // SAFETY: the caller vouches for the instruction set.
            let (commas, brackets) = unsafe {
                let chunk = C::load(chunk);
                (chunk.equal(b',') & there, chunk.equal(b']') & there)
            };
            // The bits up to the first bracket, and it; all of them where there is none.
            let found = (commas | brackets) & (brackets ^ brackets.wrapping_sub(1));
            let room = self.positions[1 + n_found..].first_chunk_mut();
            // Few of the bytes are ends.
            portable::positions(found, at as u32, room.expect("there is a place for each byte"));
            n_found += found.count_ones() as usize;
            closed = brackets != 0;
            at += CHUNK_BYTES;
        }
        (self.n_found, self.at, self.closed) = (n_found, at, closed);
    }

    /// Makes a bunch of the first elements, without the space that may be before each.
    #[inline(always)]
    fn fill(&self, bunch: &mut Bunch, text: &[u8]) {
        bunch.n_cells = self.n_found.min(BUNCH);
        for (start, end) in bunch.starts.iter_mut().zip(&self.positions) {
            *start = end.wrapping_add(1);
        }
        bunch.ends.copy_from_slice(&self.positions[1..=BUNCH]);
        let starts = &mut bunch.starts[..bunch.n_cells];
        let is_space = |start: u32| text[start as usize] == b' ';
        // Who writes a space before one writes it before all.
        if starts.last().is_some_and(|start| is_space(*start)) {
            starts.iter_mut().for_each(|start| *start += u32::from(is_space(*start)));
        }
    }

    /// Where the element with this index lies.
    fn element(&self, index: usize) -> std::ops::Range<usize> {
        self.start(index)..self.positions[index + 1] as usize
    }

    /// Where it begins, or the one behind the last would.
    fn start(&self, index: usize) -> usize {
        self.positions[index].wrapping_add(1) as usize
    }

    /// How far they are read with so many of them.
    fn progress(&self, n_elements: usize) -> Progress {
        let closed = self.closed && n_elements == self.n_found;
        Progress { at: self.start(n_elements), closed }
    }

    /// Drops a bunch of them.
    #[inline(always)]
    fn drop_bunch(&mut self) {
        self.positions.copy_within(BUNCH.., 0);
        self.n_found -= BUNCH;
    }
}
