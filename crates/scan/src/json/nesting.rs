//! How deep in brackets and strings bytes stand, counted eight at a time: enough to tell where an element of the array
//! around all of them ends, and no more than that.

use super::swar::{self, Word};

/// How much is counted at once. The last comma is looked for in as much, byte by byte.
const CHUNK_BYTES: usize = 1 << 10;

/// What was found in the bytes of an array behind its bracket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// The end of the array: its position, behind the bracket.
    End(usize),
    /// The last comma between two elements: its position, behind it.
    Comma(usize),
    /// None of them.
    Nothing,
}

/// What has been counted of the bytes so far.
#[derive(Default)]
pub(super) struct Nesting {
    state: State,
    n_bytes: usize,
    /// Where each chunk began that may have a comma, and the state there.
    chunks: Vec<(usize, State)>,
}

/// Where the bytes have led to.
#[derive(Clone, Copy, Default)]
struct State {
    /// The brackets that are open, without the one around all.
    depth: i64,
    in_string: bool,
    /// Whether a backslash stands before.
    escaped: bool,
}

impl Nesting {
    /// Takes notice of the bytes behind those that it knows.
    pub(super) fn advance(&mut self, bytes: &[u8]) -> Found {
        for chunk in bytes[self.n_bytes..].chunks(CHUNK_BYTES) {
            let before = self.state;
            if self.state.skip(chunk) < 0
                && let Some(end) = before.find_end(chunk)
            {
                return Found::End(self.n_bytes + end);
            }
            self.chunks.push((self.n_bytes, before));
            self.n_bytes += chunk.len();
        }
        let mut end = bytes.len();
        while let Some((start, state)) = self.chunks.pop() {
            if let Some(comma) = state.find_last_comma(&bytes[start..end]) {
                return Found::Comma(start + comma);
            }
            end = start;
        }
        Found::Nothing
    }
}

impl State {
    /// Steps over bytes. Gives a bound that the depth has not been below.
    fn skip(&mut self, bytes: &[u8]) -> i64 {
        let mut lowest = self.depth;
        let (words, rest) = bytes.as_chunks();
        for bytes in words {
            let word = Word::new(*bytes);
            if self.escaped || word.equal(b'\\') != 0 {
                lowest = lowest.min(self.depth - bytes.len() as i64);
                bytes.iter().for_each(|byte| self.step(*byte));
            } else {
                lowest = lowest.min(self.step_word(word));
            }
        }
        lowest = lowest.min(self.depth - rest.len() as i64);
        rest.iter().for_each(|byte| self.step(*byte));
        lowest
    }

    /// Steps over eight bytes without a backslash. Gives a bound that the depth has not been below.
    #[inline]
    fn step_word(&mut self, word: Word) -> i64 {
        let carry = if self.in_string { u64::MAX } else { 0 };
        let strings = swar::between(word.equal(b'"')) ^ carry;
        let opened = swar::count(word.equal_in_two_cases(b'{') & !strings);
        let closed = swar::count(word.equal_in_two_cases(b'}') & !strings);
        let lowest = self.depth - closed;
        self.depth = lowest + opened;
        self.in_string = strings >> 63 == 1;
        lowest
    }

    #[inline]
    fn step(&mut self, byte: u8) {
        if self.in_string {
            let escaped = !self.escaped && byte == b'\\';
            self.in_string = self.escaped || byte != b'"';
            self.escaped = escaped;
            return;
        }
        match byte {
            b'"' => self.in_string = true,
            b'[' | b'{' => self.depth += 1,
            b']' | b'}' => self.depth -= 1,
            _ => {}
        }
    }

    /// The position behind the bracket that closes what is around all.
    fn find_end(mut self, bytes: &[u8]) -> Option<usize> {
        let closes = |byte: &u8| {
            self.step(*byte);
            self.depth < 0
        };
        bytes.iter().position(closes).map(|at| at + 1)
    }

    /// The position behind the last comma that is in nothing.
    fn find_last_comma(mut self, bytes: &[u8]) -> Option<usize> {
        let mut last = None;
        for (at, byte) in bytes.iter().enumerate() {
            if *byte == b',' && self.depth == 0 && !self.in_string {
                last = Some(at + 1);
            }
            self.step(*byte);
        }
        last
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The same, a byte at a time from the beginning.
    fn plainly(bytes: &[u8]) -> Found {
        match State::default().find_end(bytes) {
            Some(end) => Found::End(end),
            None => State::default().find_last_comma(bytes).map_or(Found::Nothing, Found::Comma),
        }
    }

    proptest! {
        #[test]
        fn words_and_chunks_are_bytes_one_by_one(
            pieces in prop::collection::vec(
                prop::sample::select(vec!["{", "}", "[", "]", "\"", "\\", ",", "{\"a\":[1]}", "\"x\\\"\"", "        "]),
                0..400,
            ),
        ) {
            let text = pieces.concat();
            prop_assert_eq!(Nesting::default().advance(text.as_bytes()), plainly(text.as_bytes()));
        }
    }

    #[test]
    fn what_is_in_brackets_or_quotes_ends_nothing() {
        let cases = [
            ("", Found::Nothing),
            ("1,2", Found::Comma(2)),
            ("[1,2]", Found::Nothing),
            ("\",\"", Found::Nothing),
            ("\"\\\",\",{\"a\":1,\"b\":2}", Found::Comma(6)),
            ("1]2,", Found::End(2)),
            ("{\"]\":[]}]", Found::End(9)),
        ];
        for (text, expected) in cases {
            assert_eq!(Nesting::default().advance(text.as_bytes()), expected, "{text}");
        }
    }
}
