//! One JSON text that comes in pieces, read by someone who knows what should be in it and asks for that: no tree is made,
//! and nothing is skipped. The grammar of a token is in `cursor`, the window in `window`; the numbers of an array are read
//! in `numbers`, by threads in `shares`.

use std::{io::Read, ops::Range};

use exacta::environment;

use super::{
    JsonFault,
    cursor::{Cursor, Scalar, unescape},
    fault::Fault,
    numbers::{self, Progress},
    shares::{self, Shares},
    window::Window,
    wrong::{JsonError, JsonKind},
};
use crate::{RECORD_BYTES_MAX, arch::InstructionSet, number::Decimal};

/// How far behind a token the grammar looks.
const LOOKAHEAD_BYTES: usize = 16;

/// Fewer bytes than these are read number by number: a bunch costs more than it saves.
const BUNCHED_BYTES_MIN: usize = 64;

/// So many numbers are given at a time, or some more.
pub(super) const BATCH_LENGTH: usize = 4 << 10;

/// Reads a JSON text (RFC 8259, strictly) value by value.
///
/// Whoever reads asks for what should come next, and gets it or a [`JsonError`] that says what stands there and where.
/// A text that lies in memory is read where it lies. Of one that comes from a [`Read`] a window is kept: 128 KiB, and
/// twice a value that is longer, which is at most 16 MiB. How the text is cut into reads does not show.
///
/// # Example
///
/// ```
/// use exacta_scan::JsonReader;
///
/// let mut reader = JsonReader::from_bytes(br#"{"values": [1, -0, 2.5e3]}"#);
/// reader.begin_object()?;
/// assert_eq!(reader.next_name()?.as_deref(), Some("values"));
/// reader.begin_array()?;
/// let (mut values, mut batch) = (Vec::new(), Vec::new());
/// while reader.numbers(&mut batch)? {
///     values.append(&mut batch);
/// }
/// assert_eq!(batch, [1.0, -0.0, 2500.0]);
/// assert_eq!(reader.next_name()?, None);
/// reader.end()?;
/// # Ok::<(), exacta_scan::JsonError>(())
/// ```
pub struct JsonReader<'a> {
    window: Window<'a>,
    /// The position in the window.
    at: usize,
    /// Whether what was read last is the bracket that opens an object or array.
    is_opened: bool,
    /// How many numbers of the array have been given.
    n_numbers: u64,
    set: InstructionSet,
}

impl<'a> JsonReader<'a> {
    /// Reads a text that lies in memory.
    pub fn from_bytes(bytes: &'a [u8]) -> Self {
        Self::new(Window::of_bytes(bytes))
    }

    /// Reads a text as it comes.
    pub fn from_input(input: impl Read + Send + 'a) -> Self {
        Self::new(Window::of_input(input))
    }

    fn new(window: Window<'a>) -> Self {
        Self { window, at: 0, is_opened: false, n_numbers: 0, set: InstructionSet::best() }
    }

    /// Steps into the object that must stand here.
    ///
    /// # Errors
    /// When the text is no JSON up to there, or another value stands there; as for all that is asked for.
    pub fn begin_object(&mut self) -> Result<(), JsonError> {
        self.begin(b'{', JsonKind::Object)
    }

    /// Steps into the array that must stand here.
    ///
    /// # Errors
    /// As [`JsonReader::begin_object`].
    pub fn begin_array(&mut self) -> Result<(), JsonError> {
        self.n_numbers = 0;
        self.begin(b'[', JsonKind::Array)
    }

    fn begin(&mut self, bracket: u8, kind: JsonKind) -> Result<(), JsonError> {
        if self.peek()? != Some(bracket) {
            return Err(self.other_than(kind, None));
        }
        self.at += 1;
        self.is_opened = true;
        Ok(())
    }

    /// Steps to the value of the next member of the object, and gives its name; behind the last one, out of the object.
    ///
    /// # Errors
    /// As [`JsonReader::begin_object`]. That a name stands twice is not looked for.
    pub fn next_name(&mut self) -> Result<Option<String>, JsonError> {
        if !self.more(b'}')? {
            return Ok(None);
        }
        if self.peek()? != Some(b'"') {
            return Err(self.unexpected("a name in quotes"));
        }
        let name = self.quoted()?;
        if self.peek()? != Some(b':') {
            return Err(self.unexpected("a colon"));
        }
        self.at += 1;
        Ok(Some(name))
    }

    /// Steps to the next element of the array, if there is one; else out of the array.
    ///
    /// # Errors
    /// As [`JsonReader::begin_object`].
    pub fn next_element(&mut self) -> Result<bool, JsonError> {
        self.more(b']')
    }

    /// Reads the string that must stand here.
    ///
    /// # Errors
    /// As [`JsonReader::begin_object`].
    pub fn string(&mut self) -> Result<String, JsonError> {
        if self.peek()? != Some(b'"') {
            return Err(self.other_than(JsonKind::String, None));
        }
        self.quoted()
    }

    /// Reads the object that must stand here, and gives it as it is written, with its offset in the text.
    ///
    /// # Errors
    /// As [`JsonReader::begin_object`]; and when it is longer than 16 MiB, or more than 128 objects and arrays stand in
    /// one another.
    pub fn object_text(&mut self) -> Result<(String, u64), JsonError> {
        if self.peek()? != Some(b'{') {
            return Err(self.other_than(JsonKind::Object, None));
        }
        let ((), range) = self.token(|cursor| in_utf8(cursor, |cursor| cursor.value(0)))?;
        Ok((self.text(range.clone()).to_owned(), self.window.offset(range.start)))
    }

    /// Reads the next numbers of the array, some thousands of them: each as the nearest binary64, `-0` as −0.0. Gives
    /// whether more may follow; if not, steps out of the array.
    ///
    /// # Errors
    /// As [`JsonReader::begin_object`]; and for a number beyond the range of binary64.
    pub fn numbers(&mut self, batch: &mut Vec<f64>) -> Result<bool, JsonError> {
        batch.clear();
        if self.is_opened && !self.more(b']')? {
            return Ok(false);
        }
        // Reading a decimal rounds in floating point.
        let more = environment::with_default(|| self.fill(batch))?;
        self.n_numbers += batch.len() as u64;
        Ok(more)
    }

    /// Reads all numbers of the array that are left, by the threads of rayon's current pool as far as the text lies in
    /// memory and the array is long.
    ///
    /// Batches are given to `take`, for `state` or for a new one of a thread's. After each batch, and after each round
    /// of threads, `join` gets the state and those of the threads, in the order of their shares; an error of its ends it.
    ///
    /// # Errors
    /// As [`JsonReader::numbers`], and those of `join`.
    pub fn fold_numbers<S: Send, E: From<JsonError>>(
        &mut self,
        state: &mut S,
        empty: impl Fn() -> S + Sync,
        take: impl Fn(&mut S, &[f64]) + Sync,
        mut join: impl FnMut(&mut S, Vec<S>) -> Result<(), E>,
    ) -> Result<(), E> {
        let (start, mut is_shared) = (self.at, !self.window.is_last());
        let mut batch = Vec::new();
        loop {
            let more = self.numbers(&mut batch)?;
            take(state, &batch);
            join(state, Vec::new())?;
            if !more {
                return Ok(());
            }
            // Where the array ends is not known: it is cut once it has shown to be long.
            if !is_shared && self.at - start > shares::BYTES_MIN {
                is_shared = true;
                if self.share(&empty, &take, &mut |states| join(state, states))? {
                    return Ok(());
                }
            }
        }
    }

    /// Reads numbers by shares, and gives whether the array has ended.
    fn share<S: Send, E>(
        &mut self,
        empty: &(impl Fn() -> S + Sync),
        take: &(impl Fn(&mut S, &[f64]) + Sync),
        join: &mut impl FnMut(Vec<S>) -> Result<(), E>,
    ) -> Result<bool, E> {
        let mut shares = Shares::new(self.window.bytes(), self.at);
        let closed = shares.fold(empty, take, join)?;
        self.at = shares.at;
        self.n_numbers += shares.n_numbers;
        Ok(closed)
    }

    /// Where in the text the next byte is.
    pub fn offset(&self) -> u64 {
        self.window.offset(self.at)
    }

    /// Checks that nothing but spaces is left.
    ///
    /// # Errors
    /// When there is more.
    pub fn end(&mut self) -> Result<(), JsonError> {
        match self.peek()? {
            None => Ok(()),
            Some(_) => Err(self.fault(JsonFault::Trailed.at(self.at))),
        }
    }

    /// Fills a batch with numbers, the first of which begins here.
    fn fill(&mut self, batch: &mut Vec<f64>) -> Result<bool, JsonError> {
        while batch.len() < BATCH_LENGTH {
            let more = match self.bunches(batch) {
                Some(more) => more,
                None => self.number(batch)?,
            };
            if !more {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Reads numbers by the bunch, if there are any, and what stands behind them: whether more follow.
    #[inline]
    fn bunches(&mut self, batch: &mut Vec<f64>) -> Option<bool> {
        let bytes = self.window.bytes();
        if bytes.len() - self.at < BUNCHED_BYTES_MIN {
            return None;
        }
        let Progress { at, closed } = numbers::read(self.set, bytes, self.at, batch);
        let moved = at > self.at;
        self.at = at;
        moved.then_some(!closed)
    }

    /// Reads a number, and what stands behind it: whether more follow.
    fn number(&mut self, batch: &mut Vec<f64>) -> Result<bool, JsonError> {
        let element = self.n_numbers + batch.len() as u64;
        match self.peek()? {
            Some(b'-' | b'0'..=b'9') => {}
            Some(b']') => return Err(self.fault(JsonFault::TrailingComma.at(self.at))),
            _ => return Err(self.other_than(JsonKind::Number, Some(element))),
        }
        let (decimal, literal) = self.token(number)?;
        let offset = self.window.offset(literal.end - 1);
        let value = numbers::nearest(decimal, &self.window.bytes()[literal]);
        batch.push(value.ok_or(JsonError::OutOfRange { offset, element })?);
        self.more(b']')
    }

    /// Steps over what stands before a member or element: whether there is one. If not, steps over the bracket.
    #[inline]
    fn more(&mut self, end: u8) -> Result<bool, JsonError> {
        let byte = self.peek()?;
        let is_opened = std::mem::take(&mut self.is_opened);
        if byte == Some(end) {
            self.at += 1;
            return Ok(false);
        }
        if is_opened {
            return Ok(true);
        }
        if byte != Some(b',') {
            let expected = if end == b'}' { "a comma or `}`" } else { "a comma or `]`" };
            return Err(self.unexpected(expected));
        }
        self.at += 1;
        if self.peek()? == Some(end) {
            return Err(self.fault(JsonFault::TrailingComma.at(self.at)));
        }
        Ok(true)
    }

    /// Steps over spaces, and gives the byte behind them.
    #[inline]
    fn peek(&mut self) -> Result<Option<u8>, JsonError> {
        loop {
            let mut cursor = self.cursor();
            cursor.space();
            let (at, byte) = (cursor.at, cursor.peek());
            self.at = at;
            if byte.is_some() || self.window.is_last() {
                return Ok(byte);
            }
            self.advance()?;
        }
    }

    /// Reads the string that stands here.
    fn quoted(&mut self) -> Result<String, JsonError> {
        let (scalar, Range { start, end }) =
            self.token(|cursor| in_utf8(cursor, |cursor| cursor.scalar(0)))?;
        let text = self.text(start + 1..end - 1);
        let is_escaped = matches!(scalar, Scalar::String { escaped: true });
        Ok(if is_escaped { unescape(text) } else { text.to_owned() })
    }

    /// Reads a token: again, with more of the text, as long as what stands behind the window may change it.
    #[inline]
    fn token<T>(
        &mut self,
        read: impl Fn(&mut Cursor<'_>) -> Result<T, Fault>,
    ) -> Result<(T, Range<usize>), JsonError> {
        loop {
            let mut cursor = self.cursor();
            let outcome = read(&mut cursor);
            let (start, end) = (self.at, cursor.at);
            if end + LOOKAHEAD_BYTES <= self.window.bytes().len() || self.window.is_last() {
                let value = outcome.map_err(|fault| self.fault(fault))?;
                self.at = end;
                return Ok((value, start..end));
            }
            self.advance()?;
        }
    }

    /// Moves the window on, to begin here.
    #[cold]
    fn advance(&mut self) -> Result<(), JsonError> {
        if self.window.bytes().len() - self.at > RECORD_BYTES_MAX {
            let fault = JsonFault::RecordTooLong { bytes_max: RECORD_BYTES_MAX };
            return Err(self.fault(fault.at(self.at)));
        }
        self.window.advance(self.at)?;
        self.at = 0;
        Ok(())
    }

    #[inline]
    fn cursor(&self) -> Cursor<'_> {
        Cursor::new(self.window.bytes(), self.at, false)
    }

    /// A part of the window that has been read as text.
    fn text(&self, range: Range<usize>) -> &str {
        std::str::from_utf8(&self.window.bytes()[range]).expect("it has been checked")
    }

    #[cold]
    fn fault(&self, fault: Fault) -> JsonError {
        JsonError::Fault { fault: fault.kind, offset: self.window.offset(fault.at) }
    }

    #[cold]
    fn unexpected(&self, expected: &'static str) -> JsonError {
        self.fault(self.cursor().unexpected(expected))
    }

    /// What is wrong with the value here, which is not of the kind that is expected, if it is a value at all.
    #[cold]
    fn other_than(&mut self, expected: JsonKind, element: Option<u64>) -> JsonError {
        let (found, at) = match self.cursor().peek() {
            Some(b'{') => (JsonKind::Object, self.at),
            Some(b'[') => (JsonKind::Array, self.at),
            _ => match self.token(|cursor| in_utf8(cursor, |cursor| cursor.scalar(0))) {
                Ok((scalar, range)) => (kind(scalar), range.end - 1),
                Err(error) => return error,
            },
        };
        JsonError::Kind { found, expected, offset: self.window.offset(at), element }
    }
}

/// Reads a number, with the bytes of a window of any lifetime.
fn number(cursor: &mut Cursor<'_>) -> Result<Option<Decimal>, Fault> {
    cursor.number()
}

/// What a value is that is neither an object nor an array.
fn kind(scalar: Scalar) -> JsonKind {
    match scalar {
        Scalar::Null => JsonKind::Null,
        Scalar::Number => JsonKind::Number,
        Scalar::String { .. } => JsonKind::String,
        Scalar::Other => JsonKind::Boolean,
    }
}

/// Reads what may hold strings. If they are no text, that comes before whatever is wrong behind it.
fn in_utf8<T>(
    cursor: &mut Cursor<'_>,
    read: impl Fn(&mut Cursor<'_>) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let start = cursor.at;
    let outcome = read(cursor);
    match std::str::from_utf8(&cursor.bytes[start..cursor.at]) {
        Ok(_) => outcome,
        Err(error) => Err(JsonFault::Utf8.at(start + error.valid_up_to())),
    }
}
