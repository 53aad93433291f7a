//! The keys of groups: texts become numbers from 0, cells that are the same number become one key, and keys have an
//! order. What a group keeps is not here.

use std::hash::BuildHasher;

use exacta::Value;
use hashbrown::{DefaultHashBuilder, HashTable};
use rayon::slice::ParallelSliceMut;

use crate::{
    batch::{Cells, EMPTY},
    number::{Reading, read},
};

/// Texts, each once, numbered as they come.
///
/// Cost: the bytes of the text, and about 20 more.
#[derive(Clone, Debug, Default)]
struct Interned {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    /// The numbers, by the hash of their texts. Its seed decides on no result: groups are sorted in the end.
    table: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl Interned {
    fn get(&self, number: u32) -> &[u8] {
        text(&self.bytes, &self.ends, number)
    }

    #[inline]
    fn find(&self, text: &[u8], hash: u64) -> Option<u32> {
        self.table.find(hash, |number| self.get(*number) == text).copied()
    }

    /// Adds a text that is not there.
    fn insert(&mut self, text: &[u8], hash: u64) {
        let number = u32::try_from(self.ends.len()).expect("memory ends before 2^32 texts do");
        self.bytes.extend_from_slice(text);
        self.ends.push(self.bytes.len());
        let Self { bytes, ends, table, hasher } = self;
        table.insert_unique(hash, number, |number| {
            hasher.hash_one(self::text(bytes, ends, *number))
        });
    }
}

/// A text among others that lie one after the other.
#[inline]
fn text<'a>(bytes: &'a [u8], ends: &[usize], number: u32) -> &'a [u8] {
    let number = number as usize;
    let start = if number == 0 { 0 } else { ends[number - 1] };
    &bytes[start..ends[number]]
}

/// Keys, each of a cell or of several, numbered from 0 as they come.
///
/// The cells of a key stand in one text, each but the last behind its length. A cell is a number or a text, whichever
/// its text reads as; a missing one is empty.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    n_cells: usize,
    /// Keys as cells spell them, and as they are written.
    spellings: Interned,
    /// The key of each spelling.
    key_of: Vec<u32>,
    /// The spelling in which each key is written.
    written: Vec<u32>,
    /// The cells of the row at hand, and of the one before it.
    rows: [Vec<u8>; 2],
}

impl Keys {
    /// No keys yet; each will be of so many cells.
    pub(crate) fn new(n_cells: usize) -> Self {
        let spellings = Interned::default();
        let (key_of, written) = (Vec::new(), Vec::new());
        Self { n_cells, spellings, key_of, written, rows: Default::default() }
    }

    /// No keys yet, of as many cells.
    pub(crate) fn to_empty(&self) -> Self {
        Self::new(self.n_cells)
    }

    /// How many keys there are.
    pub(crate) fn len(&self) -> usize {
        self.written.len()
    }

    /// How many spellings of keys there are.
    pub(crate) fn n_spellings(&self) -> usize {
        self.key_of.len()
    }

    /// How many bytes the keys take, and a count beside each.
    pub(crate) fn bytes_kept(&self) -> u64 {
        (self.spellings.bytes.len() + self.n_spellings() * SPELLING_BYTES) as u64
    }

    /// Gives the key of each row, whose cells are in these columns.
    pub(crate) fn take(&mut self, columns: &[&Cells], n_rows: usize, keys: &mut Vec<u32>) {
        keys.clear();
        match columns {
            [column] => {
                let mut last: (&[u8], u32) = (&[], u32::MAX);
                keys.extend((0..n_rows).map(|row| {
                    let text = column.texts.get(row);
                    if last.1 == u32::MAX || text != last.0 {
                        last = (text, self.key(text));
                    }
                    last.1
                }));
            }
            _ => {
                let [mut row, mut before] = std::mem::take(&mut self.rows);
                for index in 0..n_rows {
                    join(columns.iter().map(|column| column.texts.get(index)), &mut row);
                    let last = keys.last().filter(|_| row == before).copied();
                    keys.push(last.unwrap_or_else(|| self.key(&row)));
                    std::mem::swap(&mut row, &mut before);
                }
                self.rows = [row, before];
            }
        }
    }

    /// The key of a spelling.
    #[inline]
    pub(crate) fn key(&mut self, spelling: &[u8]) -> u32 {
        let hash = self.spellings.hasher.hash_one(spelling);
        match self.spellings.find(spelling, hash) {
            Some(number) => self.key_of[number as usize],
            None => self.insert(spelling, hash),
        }
    }

    /// Adds a spelling that is not there, and its key where that is new.
    #[cold]
    fn insert(&mut self, spelling: &[u8], hash: u64) -> u32 {
        let key = match self.rewritten(spelling) {
            Some(written) => self.key(&written),
            None => {
                self.written.push(self.key_of.len() as u32);
                self.written.len() as u32 - 1
            }
        };
        // A spelling that is written otherwise comes after the way in which it is written.
        self.spellings.insert(spelling, hash);
        self.key_of.push(key);
        key
    }

    /// A spelling as it is written, unless it is that.
    fn rewritten(&self, spelling: &[u8]) -> Option<Vec<u8>> {
        let cells: Vec<_> = split(spelling, self.n_cells).collect();
        let written: Vec<_> = cells.iter().map(|cell| shortest(cell)).collect();
        if written.iter().all(Option::is_none) {
            return None;
        }
        let cells = cells.iter().zip(&written);
        let mut joined = Vec::new();
        join(cells.map(|(cell, it)| it.as_ref().map_or(*cell, |it| it.as_bytes())), &mut joined);
        Some(joined)
    }

    /// A key as it is written: all of its cells in one text.
    pub(crate) fn written(&self, key: u32) -> &[u8] {
        self.spellings.get(self.written[key as usize])
    }

    /// The cells of a key; a missing one is none.
    pub(crate) fn cells(&self, key: u32) -> impl Iterator<Item = Option<String>> {
        cells(self.written(key), self.n_cells)
    }

    /// Of how many cells each key is.
    pub(crate) fn n_cells(&self) -> usize {
        self.n_cells
    }

    /// All keys in order: by the first cell, then by those behind it; numbers by value, then texts by their bytes,
    /// missing ones last.
    pub(crate) fn sorted(&self) -> Vec<u32> {
        let n_keys = self.len() as u32;
        let ranks =
            (0..n_keys).flat_map(|key| split(self.written(key), self.n_cells).map(Rank::of));
        let ranks: Vec<_> = ranks.collect();
        let of = |key: u32| &ranks[key as usize * self.n_cells..][..self.n_cells];
        let mut sorted: Vec<_> = (0..n_keys).collect();
        sorted.par_sort_unstable_by(|left, right| of(*left).cmp(of(*right)));
        sorted
    }
}

/// What a spelling takes beside its text, with room for those to come: where it ends, its place in the table, its key
/// with the spelling of that, and a count.
const SPELLING_BYTES: usize = 40;

/// Puts cells one after the other, each but the last behind its length.
fn join<'a>(cells: impl ExactSizeIterator<Item = &'a [u8]>, joined: &mut Vec<u8>) {
    joined.clear();
    let last = cells.len() - 1;
    for (index, cell) in cells.enumerate() {
        if index < last {
            joined.extend_from_slice(&(cell.len() as u32).to_le_bytes());
        }
        joined.extend_from_slice(cell);
    }
}

/// The cells that were put one after the other.
fn split(mut joined: &[u8], n_cells: usize) -> impl Iterator<Item = &[u8]> {
    (1..=n_cells).map(move |number| match joined.split_first_chunk() {
        Some((length, rest)) if number < n_cells => {
            let (cell, rest) = rest.split_at(u32::from_le_bytes(*length) as usize);
            joined = rest;
            cell
        }
        _ => joined,
    })
}

/// Where a cell stands among others. Two cells as they are written have the same if they are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rank<T> {
    Number(Value),
    Text(T),
    Missing,
}

/// Where a key stands among others.
pub(crate) type KeyRank = Vec<Rank<Vec<u8>>>;

/// Where a key of so many cells stands, as it is written.
pub(crate) fn rank(written: &[u8], n_cells: usize) -> KeyRank {
    split(written, n_cells).map(|cell| Rank::of(cell).into_owned()).collect()
}

/// The cells of a key of so many, as it is written; a missing one is none.
pub(crate) fn cells(written: &[u8], n_cells: usize) -> impl Iterator<Item = Option<String>> {
    split(written, n_cells).map(|cell| match cell {
        [] => None,
        EMPTY => Some(String::new()),
        cell => Some(String::from_utf8_lossy(cell).into_owned()),
    })
}

impl<'a> Rank<&'a [u8]> {
    /// The rank of a cell as it is written.
    fn of(cell: &'a [u8]) -> Self {
        match number(cell) {
            Some(Reading::Float(value)) => Self::Number(value.into()),
            Some(Reading::Wide(value)) => Self::Number(value),
            _ if cell.is_empty() => Self::Missing,
            _ if cell == EMPTY => Self::Text(&[]),
            _ => Self::Text(cell),
        }
    }

    fn into_owned(self) -> Rank<Vec<u8>> {
        match self {
            Self::Number(value) => Rank::Number(value),
            Self::Text(text) => Rank::Text(text.to_vec()),
            Self::Missing => Rank::Missing,
        }
    }
}

/// What a cell reads as, if that is a number.
fn number(cell: &[u8]) -> Option<Reading> {
    let text = std::str::from_utf8(cell).ok()?.trim_matches([' ', '\t']);
    let reading = exacta::environment::with_default(|| read(text));
    matches!(reading, Reading::Float(_) | Reading::Wide(_)).then_some(reading)
}

/// The number that a cell reads as in its shortest form, unless it stands in that already or is none.
///
/// Integers of 64 bits have all their digits, and other numbers the fewest that read back to them.
fn shortest(cell: &[u8]) -> Option<String> {
    let written = match number(cell)? {
        Reading::Float(value) => written(value),
        _ => digits(std::str::from_utf8(cell).ok()?.trim_matches([' ', '\t'])),
    };
    (written.as_bytes() != cell).then_some(written)
}

/// A binary64 in its shortest form.
fn written(value: f64) -> String {
    let is_integer = value.fract() == 0.0 && (-TWO_63..2.0 * TWO_63).contains(&value);
    match value {
        _ if value == 0.0 => "0".to_owned(),
        _ if is_integer => (value as i128).to_string(),
        _ if value.is_nan() => "NaN".to_owned(),
        _ if value.is_infinite() => value.to_string(),
        _ => format!("{value:?}"),
    }
}

const TWO_63: f64 = 9_223_372_036_854_775_808.0;

/// The literal of an integer that is not zero, without a plus and zeros before it.
fn digits(literal: &str) -> String {
    let sign = if literal.starts_with('-') { "-" } else { "" };
    format!("{sign}{}", literal.trim_start_matches(['+', '-', '0']))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check_shortest(cell: &str, expected: &str) {
        let written = shortest(cell.as_bytes()).unwrap_or_else(|| cell.to_owned());
        assert_eq!(written, expected, "{cell}");
        assert_eq!(shortest(expected.as_bytes()), None, "{expected} is written so");
    }

    #[test]
    fn numbers_have_one_shortest_form() {
        for (cell, expected) in [
            ("1", "1"),
            ("1.0", "1"),
            ("1e0", "1"),
            ("+01.50", "1.5"),
            (" 7\t", "7"),
            ("-0", "0"),
            ("0.000", "0"),
            ("-2.", "-2"),
            ("1e3", "1000"),
            ("1e16", "10000000000000000"),
            ("10000000000000000", "10000000000000000"),
            ("+009007199254740993", "9007199254740993"),
            ("-9223372036854775808", "-9223372036854775808"),
            ("-9223372036854775808.0", "-9223372036854775808"),
            ("18446744073709551615", "18446744073709551615"),
            ("18446744073709551616", "1.8446744073709552e19"),
            ("1e300", "1e300"),
            ("0.00001", "1e-5"),
            ("0.1", "0.1"),
            ("nan", "NaN"),
            ("-NAN", "NaN"),
            ("Infinity", "inf"),
            ("-inf", "-inf"),
            ("1e999", "1e999"),
            ("rain", "rain"),
            (" rain", " rain"),
            ("", ""),
        ] {
            check_shortest(cell, expected);
        }
    }

    #[test]
    fn keys_are_in_order() {
        let cells = [
            "-inf",
            "-2",
            "0",
            "9007199254740992",
            "9007199254740993",
            "inf",
            "NaN",
            " ",
            "A",
            "a",
            "é",
            "",
        ];
        let mut keys = Keys::new(1);
        cells
            .iter()
            .rev()
            .for_each(|cell| assert!((keys.key(cell.as_bytes()) as usize) < cells.len()));
        let sorted: Vec<_> = keys.sorted().iter().flat_map(|key| keys.cells(*key)).collect();
        let expected = cells.map(|cell| (!cell.is_empty()).then(|| cell.to_owned()));
        assert_eq!(sorted, expected);
    }

    proptest! {
        #[test]
        fn a_key_is_found_by_all_of_its_spellings(
            rows in prop::collection::vec(prop::collection::vec("[01.a\"\n]{0,3}", 3), 1..60),
        ) {
            let mut keys = Keys::new(3);
            let canonical = |cell: &String| shortest(cell.as_bytes()).unwrap_or_else(|| cell.clone());
            let mut joined = Vec::new();
            for row in &rows {
                join(row.iter().map(String::as_bytes), &mut joined);
                let key = keys.key(&joined);
                let cells: Vec<_> = keys.cells(key).map(Option::unwrap_or_default).collect();
                prop_assert_eq!(cells, row.iter().map(canonical).collect::<Vec<_>>());
            }
            let mut distinct: Vec<Vec<String>> =
                rows.iter().map(|row| row.iter().map(canonical).collect()).collect();
            distinct.sort();
            distinct.dedup();
            prop_assert_eq!(keys.len(), distinct.len());
        }
    }
}
