//! The grammar of RFC 8259, strict, over bytes that are UTF-8: from where a token begins to where it ends. What the
//! tokens of a record make is in `row`.

use super::{
    DEPTH_MAX,
    fault::{Fault, JsonFault},
    swar::{self, Word},
};
use crate::number::{Decimal, Form};

/// A position in the bytes of a block.
pub(super) struct Cursor<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
    /// Whether a line feed ends a record, and so is no space inside it.
    lines: bool,
    /// Whether the bytes ended too early.
    pub(super) ran_out: bool,
}

/// A value that is no object, which ends where the cursor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scalar {
    Null,
    Number,
    /// With the quotes around it.
    String {
        escaped: bool,
    },
    /// A boolean or an array.
    Other,
}

/// Any number of so many digits fits in 64 bits.
const DIGITS_MAX: usize = 19;

/// An exponent of so many digits is short.
const EXPONENT_DIGITS_MAX: usize = 5;

const POWERS_OF_TEN: [u64; 9] =
    [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];

impl<'a> Cursor<'a> {
    pub(super) fn new(bytes: &'a [u8], at: usize, lines: bool) -> Self {
        Self { bytes, at, lines, ran_out: false }
    }

    /// A part of the bytes.
    pub(super) fn text(&self, start: usize, end: usize) -> &'a str {
        std::str::from_utf8(&self.bytes[start..end]).expect("tokens of UTF-8 are UTF-8")
    }

    /// The byte here.
    #[inline]
    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Steps over a byte, if it stands here.
    #[inline]
    pub(super) fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// Steps over spaces.
    #[inline]
    pub(super) fn space(&mut self) {
        if self.peek().is_some_and(|byte| byte <= b' ') {
            self.spaces();
        }
    }

    fn spaces(&mut self) {
        while let Some(byte) = self.peek() {
            let is_space = matches!(byte, b' ' | b'\t' | b'\r') || byte == b'\n' && !self.lines;
            if !is_space {
                break;
            }
            self.at += 1;
        }
    }

    /// What is wrong where `expected` must stand.
    #[cold]
    pub(super) fn unexpected(&mut self, expected: &'static str) -> Fault {
        let kind = match self.peek() {
            None => {
                self.ran_out = true;
                JsonFault::Truncated
            }
            Some(b'\n') if self.lines => JsonFault::LineEnd,
            Some(b'\0') => JsonFault::Nul,
            Some(_) => JsonFault::Syntax(expected),
        };
        kind.at(self.at)
    }

    /// Steps over the spaces and the byte that must stand here.
    #[inline]
    pub(super) fn expect(&mut self, byte: u8, expected: &'static str) -> Result<(), Fault> {
        self.space();
        if self.eat(byte) { Ok(()) } else { Err(self.unexpected(expected)) }
    }

    /// Steps over a line, if there is nothing in it.
    pub(super) fn blank_line(&mut self) -> bool {
        self.space();
        self.eat(b'\n') || self.peek().is_none()
    }

    /// Steps over what stands behind a record.
    #[inline]
    pub(super) fn end_of_record(&mut self) -> Result<(), Fault> {
        self.space();
        if self.lines {
            let ended = self.eat(b'\n') || self.peek().is_none();
            return if ended { Ok(()) } else { Err(self.unexpected("the end of the line")) };
        }
        let ended = self.eat(b',') || self.eat(b']');
        if ended { Ok(()) } else { Err(self.unexpected("a comma or `]`")) }
    }

    /// Steps over what stands behind a value in an object or array: whether another one follows.
    #[inline]
    pub(super) fn more(&mut self, end: u8) -> Result<bool, Fault> {
        self.space();
        if self.eat(b',') {
            self.space();
            if self.peek() == Some(end) {
                return Err(JsonFault::TrailingComma.at(self.at));
            }
            return Ok(true);
        }
        let expected = if end == b'}' { "a comma or `}`" } else { "a comma or `]`" };
        if self.eat(end) { Ok(false) } else { Err(self.unexpected(expected)) }
    }

    /// Steps over the bracket here, and the spaces behind it: whether a value follows.
    #[inline]
    pub(super) fn open(&mut self, end: u8, depth: usize) -> Result<bool, Fault> {
        if depth > DEPTH_MAX {
            return Err(JsonFault::Depth.at(self.at));
        }
        self.at += 1;
        self.space();
        Ok(!self.eat(end))
    }

    /// Steps over a value that is no object; `depth` is how many brackets stand around it.
    pub(super) fn scalar(&mut self, depth: usize) -> Result<Scalar, Fault> {
        match self.peek() {
            Some(b'-' | b'0'..=b'9') => self.number().map(|_| Scalar::Number),
            Some(b'"') => Ok(Scalar::String { escaped: self.string()? }),
            Some(b'n') => self.word("null").map(|()| Scalar::Null),
            Some(b't') => self.word("true").map(|()| Scalar::Other),
            Some(b'f') => self.word("false").map(|()| Scalar::Other),
            Some(b'[') => self.array(depth + 1).map(|_| Scalar::Other),
            _ => Err(self.no_value()),
        }
    }

    #[cold]
    fn no_value(&mut self) -> Fault {
        let rest = &self.bytes[self.at..];
        if rest.starts_with(b"NaN") || rest.starts_with(b"Infinity") {
            return JsonFault::Nonfinite.at(self.at);
        }
        match rest.first() {
            Some(b'+' | b'.') => JsonFault::Number.at(self.at),
            _ => self.unexpected("a value"),
        }
    }

    /// Steps over a value of any kind; `depth` is how many brackets stand around it.
    pub(super) fn value(&mut self, depth: usize) -> Result<(), Fault> {
        if self.peek() != Some(b'{') {
            return self.scalar(depth).map(drop);
        }
        let mut more = self.open(b'}', depth + 1)?;
        while more {
            self.name()?;
            self.value(depth + 1)?;
            more = self.more(b'}')?;
        }
        Ok(())
    }

    /// Steps over an array, and tells how long it is.
    pub(super) fn array(&mut self, depth: usize) -> Result<usize, Fault> {
        let mut n_values = 0;
        let mut more = self.open(b']', depth)?;
        while more {
            self.value(depth)?;
            n_values += 1;
            more = self.more(b']')?;
        }
        Ok(n_values)
    }

    /// Steps over the name of a member, its colon and the spaces around it. Gives the end of the name, and whether there
    /// are escapes in it.
    pub(super) fn name(&mut self) -> Result<(usize, bool), Fault> {
        if self.peek() != Some(b'"') {
            return Err(self.unexpected("a name in quotes"));
        }
        let escaped = self.string()?;
        let end = self.at;
        self.colon()?;
        Ok((end, escaped))
    }

    /// Steps over a colon and the spaces around it.
    #[inline]
    pub(super) fn colon(&mut self) -> Result<(), Fault> {
        self.expect(b':', "a colon")?;
        self.space();
        Ok(())
    }

    fn word(&mut self, word: &str) -> Result<(), Fault> {
        if !self.bytes[self.at..].starts_with(word.as_bytes()) {
            let same = |(left, right): &(&u8, u8)| **left == *right;
            self.at += self.bytes[self.at..].iter().zip(word.bytes()).take_while(same).count();
            return Err(self.unexpected("true, false or null"));
        }
        self.at += word.len();
        Ok(())
    }

    /// Steps over a string, and tells whether there are escapes in it.
    #[inline]
    fn string(&mut self) -> Result<bool, Fault> {
        let open = self.at;
        self.at += 1;
        let mut escaped = false;
        loop {
            self.plain();
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(escaped);
                }
                Some(b'\\') => {
                    escaped = true;
                    self.escape(open)?;
                }
                _ => return Err(self.broken(open)),
            }
        }
    }

    /// Steps over what means itself in a string.
    #[inline]
    fn plain(&mut self) {
        while let Some(bytes) = self.bytes[self.at..].first_chunk() {
            let word = Word::new(*bytes);
            let stops = word.first(b'"') | word.first(b'\\') | word.first_control();
            if stops != 0 {
                self.at += swar::index(stops);
                return;
            }
            self.at += bytes.len();
        }
        while self.peek().is_some_and(|byte| byte >= b' ' && byte != b'"' && byte != b'\\') {
            self.at += 1;
        }
    }

    /// What is wrong with the string whose quote is at `open`, which cannot go on here.
    #[cold]
    fn broken(&mut self, open: usize) -> Fault {
        match self.peek() {
            None => {
                self.ran_out = true;
                JsonFault::StringUnclosed.at(open)
            }
            Some(b'\n') if self.lines => JsonFault::StringUnclosed.at(open),
            Some(b'\0') => JsonFault::Nul.at(self.at),
            Some(_) => JsonFault::ControlCharacter.at(self.at),
        }
    }

    /// Steps over the escape here, in the string whose quote is at `open`.
    fn escape(&mut self, open: usize) -> Result<(), Fault> {
        let start = self.at;
        self.at += 1;
        match self.peek() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 1,
            Some(b'u') => {
                let half = self.hexadecimal(open)?;
                let is_pair = (0xd800..0xdc00).contains(&half)
                    && self.bytes[self.at..].starts_with(b"\\u")
                    && {
                        self.at += 1;
                        (0xdc00..0xe000).contains(&self.hexadecimal(open)?)
                    };
                if !is_pair && (0xd800..0xe000).contains(&half) {
                    return Err(JsonFault::Surrogate.at(start));
                }
            }
            None => return Err(self.broken(open)),
            Some(_) => return Err(JsonFault::Escape.at(start)),
        }
        Ok(())
    }

    /// Steps over the `u` here and the four digits behind it, and gives their number.
    fn hexadecimal(&mut self, open: usize) -> Result<u32, Fault> {
        let start = self.at - 1;
        self.at += 1;
        let mut number = 0;
        for _ in 0..4 {
            let Some(byte) = self.peek() else { return Err(self.broken(open)) };
            let digit = char::from(byte).to_digit(16);
            number = number * 16 + digit.ok_or(JsonFault::Escape.at(start))?;
            self.at += 1;
        }
        Ok(number)
    }

    /// Steps over a number, and gives it if it is short.
    #[inline(always)]
    #[allow(clippy::inline_always)] // a call costs a fifth of all that is done for a number of a record
    pub(super) fn number(&mut self) -> Result<Option<Decimal>, Fault> {
        let start = self.at;
        let negative = self.eat(b'-');
        let leading_zero = self.peek() == Some(b'0');
        let (whole, n_whole) = self.digits(0);
        let is_fraction = self.eat(b'.');
        let (mantissa, n_fraction) = if is_fraction { self.digits(whole) } else { (whole, 0) };
        if n_whole == 0 || leading_zero && n_whole > 1 || is_fraction && n_fraction == 0 {
            return Err(self.no_number(start));
        }
        let form = if is_fraction { Form::Fraction } else { Form::Integer };
        let mut decimal = Decimal { mantissa, exponent: -(n_fraction as i32), negative, form };
        if self.peek().is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'.') {
            let Some(exponent) = self.exponent(start)? else { return Ok(None) };
            decimal =
                Decimal { exponent: decimal.exponent + exponent, form: Form::Fraction, ..decimal };
        }
        Ok((n_whole + n_fraction <= DIGITS_MAX).then_some(decimal))
    }

    /// Steps over the exponent, and nothing else, of the number that begins at `start`, and gives it if it is short.
    fn exponent(&mut self, start: usize) -> Result<Option<i32>, Fault> {
        if !self.eat(b'e') && !self.eat(b'E') {
            return Err(self.no_number(start));
        }
        let negative = self.eat(b'-');
        let _ = !negative && self.eat(b'+');
        let (digits, n_digits) = self.digits(0);
        let trailed = self.peek().is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'.');
        if n_digits == 0 || trailed {
            return Err(self.no_number(start));
        }
        if n_digits > EXPONENT_DIGITS_MAX {
            return Ok(None);
        }
        let magnitude = digits as i32;
        Ok(Some(if negative { -magnitude } else { magnitude }))
    }

    /// Steps over digits, which are put behind those of `number`, and tells how many they are.
    #[inline]
    fn digits(&mut self, mut number: u64) -> (u64, usize) {
        let start = self.at;
        while let Some(bytes) = self.bytes[self.at..].first_chunk() {
            let (n_digits, value) = swar::digits(*bytes);
            number = number.wrapping_mul(POWERS_OF_TEN[n_digits]).wrapping_add(value);
            self.at += n_digits;
            if n_digits < bytes.len() {
                return (number, self.at - start);
            }
        }
        while let Some(digit @ 0..=9) = self.peek().map(|byte| byte.wrapping_sub(b'0')) {
            number = number.wrapping_mul(10).wrapping_add(digit.into());
            self.at += 1;
        }
        (number, self.at - start)
    }

    /// What is wrong with the number that begins at `start`.
    #[cold]
    fn no_number(&mut self, start: usize) -> Fault {
        match self.peek() {
            None => self.unexpected("a digit"),
            Some(b'I') => JsonFault::Nonfinite.at(start),
            Some(_) => JsonFault::Number.at(start),
        }
    }
}

/// What a string without its quotes stands for. It has been read before.
pub(super) fn unescape(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((plain, escape)) = rest.split_once('\\') {
        text.push_str(plain);
        let (kind, behind) = escape.split_at(1);
        rest = behind;
        match kind {
            "b" => text.push('\u{8}'),
            "f" => text.push('\u{c}'),
            "n" => text.push('\n'),
            "r" => text.push('\r'),
            "t" => text.push('\t'),
            "u" => {
                let (character, n_bytes) = unicode(behind);
                text.push(character);
                rest = &behind[n_bytes..];
            }
            itself => text.push_str(itself),
        }
    }
    text + rest
}

/// The character whose digits stand at the beginning of `text`, and how long they are.
fn unicode(text: &str) -> (char, usize) {
    let unit = |at: usize| u16::from_str_radix(&text[at..at + 4], 16).expect("it has been read");
    let first = unit(0);
    let is_pair = (0xd800..0xe000).contains(&first);
    let (units, n_bytes) = if is_pair { (vec![first, unit(6)], 10) } else { (vec![first], 4) };
    let character = char::decode_utf16(units).next().and_then(Result::ok);
    (character.expect("pairs have been checked"), n_bytes)
}
