//! From a block of records to batches: the fast way for a block in which nothing is unusual, else the plain one.

use exacta::environment;

use super::{fast::Fast, grammar::Grammar, header::Header, plain::Plain};
use crate::{
    Error, ScanOptions,
    arch::InstructionSet,
    batch::Want,
    blocks::Block,
    parallel::{Decoder, Take},
};

/// Makes batches of blocks.
pub(super) struct CsvDecoder<'a> {
    fast: Fast<'a>,
    plain: Plain<'a>,
}

impl<'a> CsvDecoder<'a> {
    pub(super) fn new(
        header: &'a Header,
        grammar: &'a Grammar,
        wants: &'a [Want],
        options: &'a ScanOptions,
    ) -> Self {
        let fast = Fast::new(InstructionSet::best(), header.n_columns(), wants, options);
        Self { fast, plain: Plain::new(header, grammar, wants, options) }
    }
}

impl Decoder<Block> for CsvDecoder<'_> {
    fn decode(&mut self, block: Block, take: &mut Take<'_>) -> Result<(), Error> {
        // Reading a decimal rounds in floating point.
        environment::with_default(|| match self.fast.look(&block) {
            Some(n_rows) => self.fast.decode(&block, n_rows, take),
            None => self.plain.decode(&block, take),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::read_header, *};
    use crate::{
        Batch, COLUMNS_MAX, RECORD_BYTES_MAX, blocks::Blocks, literals::Literals, parallel::Units,
    };

    /// All that a batch says of each of its rows.
    fn rows(batch: &Batch<'_>) -> Vec<String> {
        let cell = |row: usize, column: usize| {
            let (cells, origin) = (&batch.columns[column], batch.origin);
            let bits = cells.numbers.get(row).map(|number| number.to_bits());
            let number = cells.present.get(row).then_some(bits);
            let mut wide = cells.wide.iter().filter(|wide| wide.0 as usize == row);
            let wide = wide.next().map(|wide| wide.1);
            let invalid = cells.invalid.contains(&(row as u32));
            let text = (!cells.texts.is_empty()).then(|| cells.texts.get(row).escape_ascii());
            let text = text.map(|text| text.to_string());
            let literal = (cells.literals.len() > 0).then(|| {
                let mut alone = Literals::default();
                alone.extend_rows(&cells.literals, &[row as u32]);
                format!("{alone:?}")
            });
            let (place, whole) = (origin.place(row, column), origin.text(row, column));
            format!("{number:x?} {wide:?} {invalid} {text:?} {literal:?} {place:?} {whole:?}; ")
        };
        let row = |row| (0..batch.columns.len()).map(|column| cell(row, column)).collect();
        (0..batch.n_rows).map(row).collect()
    }

    /// The rows that a way gives of a CSV in blocks of `n_bytes`, and the error behind them.
    fn decoded(
        input: &[u8],
        n_bytes: usize,
        comment: Option<u8>,
        mut decode: impl FnMut(Block, &mut Take<'_>) -> Result<(), Error>,
    ) -> (Vec<String>, Option<String>) {
        let mut found = Vec::new();
        let blocks = Blocks::new(input, true, n_bytes, RECORD_BYTES_MAX).unwrap();
        let mut blocks = blocks.with_comment(comment);
        while let Some(block) = blocks.next_unit().unwrap() {
            let taken = decode(block, &mut |batch| {
                found.extend(rows(batch));
                Ok(())
            });
            if let Err(error) = taken {
                return (found, Some(format!("{error:?}")));
            }
        }
        (found, None)
    }

    /// Checks that the fast way says what the plain one says, wherever it says anything.
    fn check(input: &[u8], n_columns: usize, n_bytes: usize, options: &ScanOptions) {
        let grammar = Grammar::new(b',', COLUMNS_MAX).with_comment(options.comment);
        let names: Vec<_> = (0..n_columns).map(|index| format!("c{index}")).collect();
        let names = names.join(",");
        let mut names = Blocks::new(names.as_bytes(), true, 1, 100).unwrap();
        let (header, _) = read_header(&mut names, &grammar, options).unwrap();
        let want = |index| Want {
            index,
            numbers: index != 1,
            texts: index != 2,
            literals: index != 0,
            dense: true,
        };
        let wants: Vec<_> = (0..n_columns).rev().map(want).collect();
        let mut plain = Plain::new(&header, &grammar, &wants, options);
        let expected =
            decoded(input, 1 << 20, options.comment, |block, take| plain.decode(&block, take));
        let shown = input.escape_ascii();
        for instruction_set in InstructionSet::available() {
            let mut decoder = CsvDecoder::new(&header, &grammar, &wants, options);
            decoder.fast = Fast::new(instruction_set, n_columns, &wants, options);
            let found =
                decoded(input, n_bytes, options.comment, |block, take| decoder.decode(block, take));
            assert_eq!(found, expected, "{instruction_set:?}, {n_bytes} bytes a block: {shown}");
        }
        let mut fast = Fast::new(InstructionSet::best(), n_columns, &wants, options);
        decoded(input, 1 << 20, options.comment, |block, _| {
            let n_rows = fast.look(&block);
            // What is right is taken, but for lines and rows that need care.
            let expected = expected.1.is_none().then_some(expected.0.len());
            let needs_care = has_blank(input) || options.comment.is_some() || options.flexible;
            assert!(n_rows == expected || n_rows.is_none() && needs_care, "{n_rows:?}: {shown}");
            Ok(())
        });
    }

    /// Whether there is an empty line.
    fn has_blank(input: &[u8]) -> bool {
        let mut lines = input.split(|byte| *byte == b'\n');
        lines.any(|line| matches!(line, b"" | b"\r"))
    }

    /// A cell as it is written.
    fn cell() -> impl Strategy<Value = String> {
        let written = [
            "",
            " ",
            "-",
            ".",
            "-.",
            "0",
            "-0",
            "+1",
            " 7 ",
            "\"8\"",
            "\"\"",
            "\"a\"\"b\"",
            "\"1,\n2\"",
            "\"\r\n\"",
            "NA",
            "nan",
            "-inf",
            "é",
            "\"ü\"",
            "1e5",
            "-2.5E-7",
            "9007199254740993",
            "-9223372036854775808",
            "18446744073709551615",
            "1843000000000000000000",
            "1e999",
            "0x1",
            "0000000000000000000000000000001.5",
            "00000000000000000000000000000001.5",
            "12345678901234567890.5",
            "-9223372036854775807",
            "99999999999.99999999",
            "1e300",
            "-1e-401",
            "0e999",
        ];
        prop_oneof![
            prop::sample::select(written.to_vec()).prop_map(str::to_owned),
            any::<f64>().prop_map(|value| value.to_string()),
            (-1.0..1.0).prop_map(|value: f64| value.to_string()),
            any::<i32>().prop_map(|value| value.to_string()),
            "-?[0-9]{0,20}\\.?[0-9]{0,20}",
        ]
    }

    /// A table as it is written, and its number of columns; with some bytes put in or taken away, if it is `hostile`.
    fn csv(hostile: bool) -> impl Strategy<Value = (Vec<u8>, usize)> {
        let line = |n_columns| {
            let cells = prop::collection::vec(cell(), n_columns);
            let end = prop::sample::select(vec!["\n", "\n", "\r\n"]);
            let line = (cells, end).prop_map(|(cells, end)| cells.join(",") + end);
            let others = ["#\n", "# \",1\r\n", "#\"\"\"\n", "1\n", "1,2,3,4\n"].map(str::to_owned);
            prop_oneof![20 => line, 1 => prop::sample::select(others.to_vec())]
        };
        let lines = (1usize..4).prop_flat_map(move |n_columns| {
            (prop::collection::vec(line(n_columns), 0..40), Just(n_columns))
        });
        let bytes = prop::sample::select(b"\",\n\r\0 x\xe9".to_vec());
        let edit = (any::<prop::sample::Index>(), prop::option::of(bytes));
        let edits = prop::collection::vec(edit, 0..if hostile { 4 } else { 1 });
        (lines, edits, any::<bool>()).prop_map(move |((lines, n_columns), edits, is_cut)| {
            let mut bytes = lines.concat().into_bytes();
            bytes.truncate(bytes.len() - usize::from(is_cut && bytes.ends_with(b"\n")));
            for (at, byte) in edits.iter().filter(|_| hostile) {
                let at = at.index(bytes.len() + 1);
                bytes.splice(at..bytes.len().min(at + usize::from(byte.is_none())), *byte);
            }
            (bytes, n_columns)
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn the_fast_way_says_what_the_plain_one_says(
            (input, n_columns) in prop_oneof![csv(false), csv(true)],
            n_bytes in prop_oneof![1usize..40, 40usize..4000],
            null in prop::sample::select(vec![vec![], vec!["NA"], vec!["NA", "0", "a\"b"]]),
            has_comments: bool,
            flexible: bool,
        ) {
            let null = null.into_iter().map(str::to_owned).collect();
            let comment = has_comments.then_some(b'#');
            let options = ScanOptions { comment, flexible, null, ..ScanOptions::default() };
            check(&input, n_columns, n_bytes, &options);
        }
    }

    #[test]
    fn quotes_and_line_ends_may_stand_at_every_place_of_a_word() {
        for start in 0..140 {
            for rest in [
                "\"a\"\"b\",\"\r\n\"\r\n1.5,2\r\n",
                "\"\",\"\"\"\"\n",
                "\"a\"b,1\n",
                "1\r,2\n",
                "1,2\r",
            ] {
                let input = format!("{},1\n{rest}", "5".repeat(start));
                check(input.as_bytes(), 2, 1, &ScanOptions::default());
            }
        }
    }
}
