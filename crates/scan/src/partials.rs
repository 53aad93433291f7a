//! A table as bytes, to be merged with others on another day or machine: names, kinds and the partial of each column.
//! docs/FORMAT.md draws them. What is in a partial is the business of `exacta`, and places stay behind: they are those of
//! a file that is not there any more.

use std::{collections::BTreeSet, io};

use exacta::{Partial, States};

use crate::{COLUMNS_MAX, Column, Error, Kind, Table};

const MAGIC: &[u8; 4] = b"EXTB";
const VERSION: u8 = 1;
const CHECKSUM_LENGTH: usize = 4;

const CUT_SHORT: &str = "it is cut short";
const NOT_CANONICAL: &str = "it is not in canonical form";

/// Each kind and its byte, which is frozen.
const KINDS: [(Kind, u8); 2] = [(Kind::Number, 1), (Kind::Text, 2)];

impl Table {
    /// The canonical bytes of its columns and rows: equal tables give equal bytes, whatever the order of their rows, the
    /// cut into inputs and the number of threads. Places and warnings are not in them.
    ///
    /// # Errors
    ///
    /// When the values of a column take more than [`Partial::BYTES_MAX`].
    ///
    /// ```
    /// use exacta::Plan;
    /// use exacta_scan::{ScanOptions, Table, scan_csv};
    ///
    /// let scan = |text: &'static str| scan_csv(text.as_bytes(), &ScanOptions::default(), &Plan::default());
    /// let mut merged = Table::from_bytes(&scan("x\n0.1\n0.2\n")?.to_bytes()?)?;
    /// merged.merge(Table::from_bytes(&scan("x\n0.3\n")?.to_bytes()?)?)?;
    /// assert_eq!(merged.to_bytes()?, scan("x\n0.3\n0.2\n0.1\n")?.to_bytes()?);
    /// # Ok::<(), exacta_scan::Error>(())
    /// ```
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        let mut bytes = MAGIC.to_vec();
        bytes.push(VERSION);
        push_varint(&mut bytes, self.rows);
        push_varint(&mut bytes, self.columns.len() as u64);
        for column in &self.columns {
            push_varint(&mut bytes, column.name.len() as u64);
            bytes.extend_from_slice(column.name.as_bytes());
            let (_, kind) =
                KINDS.iter().find(|(kind, _)| *kind == column.kind).expect("each kind has a byte");
            bytes.push(*kind);
            bytes.extend(column.partial.to_bytes()?);
        }
        let checksum = crc32fast::hash(&bytes);
        bytes.extend_from_slice(&checksum.to_le_bytes());
        Ok(bytes)
    }

    /// Reads what [`Table::to_bytes`] wrote. Safe on any bytes: memory and time stay proportional to them,
    /// but for registers, of which there may be 256 KiB in each column of a few bytes.
    ///
    /// # Errors
    ///
    /// For bytes that it does not write: another version, another checksum, a form that is not canonical, counts that
    /// are not those of the rows, and whatever a partial is refused for.
    ///
    /// ```
    /// let error = exacta_scan::Table::from_bytes(b"x,y\n1,2\n").unwrap_err();
    /// assert_eq!(error.code(), "table.invalid");
    /// assert!(error.to_string().contains("it does not begin with EXTB"));
    /// ```
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let body = check_start(bytes)?;
        let (body, checksum) =
            body.split_last_chunk::<CHECKSUM_LENGTH>().ok_or(invalid(CUT_SHORT))?;
        check_sum(&bytes[..bytes.len() - CHECKSUM_LENGTH], *checksum)?;
        let (table, rest) = Reader { rest: body }.table(|_| Ok(()))?;
        if rest.is_empty() { Ok(table) } else { Err(invalid(NOT_CANONICAL)) }
    }

    /// Reads the first of several tables that stand one after the other, and gives the bytes behind it. As safe as
    /// [`Table::from_bytes`].
    ///
    /// # Errors
    ///
    /// Those of [`Table::from_bytes`].
    ///
    /// ```
    /// use exacta::Plan;
    /// use exacta_scan::{ScanOptions, Table, scan_csv};
    ///
    /// let bytes = |text: &'static str| {
    ///     scan_csv(text.as_bytes(), &ScanOptions::default(), &Plan::default())?.to_bytes()
    /// };
    /// let two = [bytes("x\n1\n")?, bytes("x\n2\n3\n")?].concat();
    /// let (first, rest) = Table::from_prefix(&two)?;
    /// let (second, rest) = Table::from_prefix(rest)?;
    /// assert_eq!((first.rows, second.rows, rest.len()), (1, 2, 0));
    /// # Ok::<(), exacta_scan::Error>(())
    /// ```
    pub fn from_prefix(bytes: &[u8]) -> Result<(Self, &[u8]), Error> {
        Self::from_prefix_watched(bytes, |_| Ok(()))
    }

    /// The same, where each column is shown once it is read: it may take much more memory than bytes
    /// ([`Partial::bytes_kept`]), and nothing is read any more where that is too much.
    ///
    /// # Errors
    ///
    /// Those of [`Table::from_bytes`], and [`Error::Io`] with what `watch` answers.
    ///
    /// ```
    /// use std::io;
    /// use exacta::{Plan, Statistic};
    /// use exacta_scan::{Column, ScanOptions, Table, scan_csv};
    ///
    /// let plan = Plan::new([Statistic::ApproxDistinct]);
    /// let bytes = scan_csv("x,y\n1,2\n".as_bytes(), &ScanOptions::default(), &plan)?.to_bytes()?;
    /// let small = |column: &Column| match column.partial.bytes_kept() {
    ///     ..10_000 => Ok(()),
    ///     _ => Err(io::Error::other("too much")),
    /// };
    /// assert!(bytes.len() < 200);
    /// assert_eq!(Table::from_prefix_watched(&bytes, small).unwrap_err().code(), "input.read");
    /// # Ok::<(), exacta_scan::Error>(())
    /// ```
    pub fn from_prefix_watched(
        bytes: &[u8],
        watch: impl FnMut(&Column) -> io::Result<()>,
    ) -> Result<(Self, &[u8]), Error> {
        let body = check_start(bytes)?;
        let (table, rest) = Reader { rest: body }.table(watch)?;
        let (checksum, rest) =
            rest.split_first_chunk::<CHECKSUM_LENGTH>().ok_or(invalid(CUT_SHORT))?;
        let n_bytes = bytes.len() - rest.len() - CHECKSUM_LENGTH;
        check_sum(&bytes[..n_bytes], *checksum)?;
        Ok((table, rest))
    }
}

/// Whether an input begins as a table of partials does, of whatever version. No text has such a byte after a name.
pub(crate) fn is_table(start: &[u8]) -> bool {
    matches!(start.strip_prefix(MAGIC), Some([1..=8, ..]))
}

/// What stands behind the mark and the version.
fn check_start(bytes: &[u8]) -> Result<&[u8], Error> {
    let rest = bytes.strip_prefix(MAGIC).ok_or(invalid("it does not begin with EXTB"))?;
    match rest.split_first() {
        Some((&VERSION, body)) => Ok(body),
        Some((&found, _)) => Err(Error::TableVersion { found, known: VERSION }),
        None => Err(invalid(CUT_SHORT)),
    }
}

fn check_sum(bytes: &[u8], checksum: [u8; CHECKSUM_LENGTH]) -> Result<(), Error> {
    if crc32fast::hash(bytes).to_le_bytes() == checksum {
        return Ok(());
    }
    Err(invalid("its checksum is another one, as of a file that was cut or damaged"))
}

/// Bytes that are still to be read.
struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// A table, and the bytes behind it.
    fn table(
        mut self,
        mut watch: impl FnMut(&Column) -> io::Result<()>,
    ) -> Result<(Table, &'a [u8]), Error> {
        let rows = self.varint()?;
        let n_columns = self.varint()?;
        if n_columns == 0 || n_columns > COLUMNS_MAX as u64 {
            return Err(invalid("it has no column, or more than there may be"));
        }
        let columns = (0..n_columns).map(|_| {
            let column = self.column(rows)?;
            watch(&column)?;
            Ok(column)
        });
        let columns: Vec<_> = columns.collect::<Result<_, Error>>()?;
        let names: BTreeSet<_> = columns.iter().map(|column| &column.name).collect();
        if names.len() < columns.len() {
            return Err(invalid(NOT_CANONICAL));
        }
        Ok((Table { columns, rows, ..Table::default() }, self.rest))
    }

    fn column(&mut self, rows: u64) -> Result<Column, Error> {
        let n_bytes = self.varint()?;
        let name = self.take(usize::try_from(n_bytes).map_err(|_| invalid(CUT_SHORT))?)?;
        let name = str::from_utf8(name).map_err(|_| invalid("a name is no UTF-8"))?.to_owned();
        let kind = self.take(1)?[0];
        let kind = KINDS.iter().find(|(_, byte)| *byte == kind);
        let (kind, _) =
            *kind.ok_or(invalid("a column is of a kind that this build does not know"))?;
        let (partial, rest) = Partial::from_prefix(self.rest)?;
        self.rest = rest;
        let counts = partial.counts();
        let others = [counts.null, counts.nan, counts.pos_inf, counts.neg_inf, counts.invalid];
        let n_cells = others.iter().try_fold(counts.count, |sum, count| sum.checked_add(*count));
        let is_bare = partial.states() == States::NONE;
        if n_cells != Some(rows) || (kind == Kind::Text && !(is_bare && counts.invalid > 0)) {
            return Err(invalid("a column does not have the cells that its table has rows"));
        }
        Ok(Column { name, kind, partial, first_invalid: None, invalid_text: None })
    }

    fn take(&mut self, n_bytes: usize) -> Result<&'a [u8], Error> {
        let (taken, rest) = self.rest.split_at_checked(n_bytes).ok_or(invalid(CUT_SHORT))?;
        self.rest = rest;
        Ok(taken)
    }

    /// An integer in the shortest form that it has.
    fn varint(&mut self) -> Result<u64, Error> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?[0];
            let part = u64::from(byte & 0x7f);
            if part << shift >> shift != part || (byte == 0 && shift > 0) {
                return Err(invalid(NOT_CANONICAL));
            }
            value |= part << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(invalid(NOT_CANONICAL))
    }
}

/// Seven bits a byte, the lowest first, the highest bit set on all but the last.
fn push_varint(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

fn invalid(reason: &'static str) -> Error {
    Error::TableInvalid { reason }
}

#[cfg(test)]
mod tests {
    use exacta::{Plan, Statistic};
    use proptest::prelude::*;

    use super::*;
    use crate::{ScanOptions, scan_csv};

    fn scan(text: &str) -> Table {
        let plan = Plan::new([Statistic::Median, Statistic::Stddev, Statistic::Min]);
        scan_csv(text.as_bytes(), &ScanOptions::default(), &plan).unwrap()
    }

    /// Bytes with the checksum that they call for.
    fn sealed(mut body: Vec<u8>) -> Vec<u8> {
        let checksum = crc32fast::hash(&body);
        body.extend_from_slice(&checksum.to_le_bytes());
        body
    }

    fn code(bytes: &[u8]) -> &'static str {
        Table::from_bytes(bytes).unwrap_err().code()
    }

    #[test]
    fn what_is_drawn_in_the_document() {
        let bytes =
            scan_csv("x,t\n1,a\n".as_bytes(), &ScanOptions::default(), &Plan::new([])).unwrap();
        let hex: Vec<_> =
            bytes.to_bytes().unwrap().iter().map(|byte| format!("{byte:02x}")).collect();
        let document = include_str!("../../../docs/FORMAT.md");
        let words: Vec<_> = document.split_ascii_whitespace().collect();
        assert!(words.windows(hex.len()).any(|window| window == hex), "{}", hex.join(" "));
    }

    #[test]
    fn bytes_are_read_back_and_nothing_else_is() {
        let bytes = scan("x,t\n1,a\n-0.5,\n,b\n").to_bytes().unwrap();
        assert_eq!(Table::from_bytes(&bytes).unwrap().to_bytes().unwrap(), bytes);
        for length in 0..bytes.len() {
            assert!(
                matches!(code(&bytes[..length]), "table.invalid" | "table.version"),
                "{length}"
            );
        }
        let mut other = bytes.clone();
        other[4] = 2;
        assert_eq!(code(&other), "table.version");
        for (body, what) in [
            (vec![1, 0, 0], "no column"),
            (vec![1, 0, 0x80, 0x80, 0x80, 0x80, 0x10], "more than there may be"),
            (vec![1, 0x80, 0], "canonical"),
            (vec![1, 0, 1, 0xff, 0xff, 0xff, 0xff, 0x0f], "cut short"),
            (vec![1, 0, 1, 1, 0xff], "no UTF-8"),
            (vec![1, 0, 1, 1, b'x', 3], "of a kind"),
        ] {
            let bytes = sealed([MAGIC.to_vec(), body].concat());
            let error = Table::from_bytes(&bytes).unwrap_err().to_string();
            assert!(error.contains(what), "{error}");
        }
        let bare = [MAGIC, &[1, 2, 1, 1, b'x', 1][..]].concat();
        let one_row =
            Partial::from_counts(exacta::Counts { null: 1, ..Default::default() }).unwrap();
        let wrong = sealed([bare, one_row.to_bytes().unwrap()].concat());
        assert!(Table::from_bytes(&wrong).unwrap_err().to_string().contains("its table has rows"));
    }

    proptest! {
        #[test]
        fn any_cut_and_order_gives_the_same_bytes(
            cells in prop::collection::vec(prop::sample::select(vec!["1", "0.1", "-7e300", "", "nan", "x"]), 1..40),
            cut in 0..40usize,
        ) {
            let text = |cells: &[&str]| format!("a,b\n{}", cells.iter().flat_map(|cell| [*cell, ",1\n"]).collect::<String>());
            let whole = scan(&text(&cells)).to_bytes().unwrap();
            let mut reversed = cells.clone();
            reversed.reverse();
            prop_assert_eq!(&scan(&text(&reversed)).to_bytes().unwrap(), &whole);
            let (left, right) = cells.split_at(cut.min(cells.len()));
            let read = |cells: &[&str]| Table::from_bytes(&scan(&text(cells)).to_bytes().unwrap()).unwrap();
            let mut merged = read(right);
            merged.merge(read(left)).unwrap();
            prop_assert_eq!(merged.to_bytes().unwrap(), whole);
        }

        #[test]
        fn edits_never_panic(at in 0..200usize, byte in any::<u8>()) {
            let bytes = scan("x,t\n1,a\n-0.5,\n").to_bytes().unwrap();
            let mut body = bytes[..bytes.len() - CHECKSUM_LENGTH].to_vec();
            let at = at % body.len();
            body[at] = byte;
            let bytes = sealed(body);
            if let Ok(table) = Table::from_bytes(&bytes) {
                prop_assert_eq!(table.to_bytes().unwrap(), bytes);
            }
        }
    }
}
