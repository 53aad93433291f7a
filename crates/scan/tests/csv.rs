//! What a CSV means, by cases: every rule of reading with an input that shows it, and every error with its
//! code, place and text.

use exacta::{Accumulator, Counts, Nonfinite, Plan, Statistic, Value};
use exacta_scan::{
    Error, Invalid, Kind, Place, RECORD_BYTES_MAX, ScanOptions, Table, Warning, scan_csv,
};

/// A plan whose partials hold every value.
fn plan() -> Plan {
    Plan::new([Statistic::Sum, Statistic::Median])
}

fn scan(input: &str, options: &ScanOptions) -> Result<Table, Error> {
    scan_csv(input.as_bytes(), options, &plan())
}

/// Checks the columns of a table: name, values, and how many are null.
fn check_table(table: &Table, expected: &[(&str, &[Value], u64)]) {
    let names: Vec<_> = table.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, expected.iter().map(|column| column.0).collect::<Vec<_>>());
    for (column, (name, values, n_nulls)) in table.columns.iter().zip(expected) {
        let mut accumulator = Accumulator::new(&plan());
        accumulator.update(*values).unwrap();
        (0..*n_nulls).for_each(|_| accumulator.push_null());
        let expected = accumulator.into_partial();
        assert_eq!(column.kind, Kind::Number, "{name}");
        assert_eq!(column.partial.counts(), expected.counts(), "{name}");
        assert_eq!(column.partial.to_bytes().unwrap(), expected.to_bytes().unwrap(), "{name}");
    }
}

fn check_with(options: &ScanOptions, input: &str, expected: &[(&str, &[f64], u64)]) {
    let table = scan(input, options).unwrap_or_else(|error| panic!("{input:?}: {error}"));
    let values: Vec<Vec<Value>> = expected
        .iter()
        .map(|column| column.1.iter().map(|value| (*value).into()).collect())
        .collect();
    let expected: Vec<_> = expected
        .iter()
        .zip(&values)
        .map(|(column, values)| (column.0, &values[..], column.2))
        .collect();
    check_table(&table, &expected);
    assert_eq!(table.warnings, [], "{input:?}");
}

fn check(input: &str, expected: &[(&str, &[f64], u64)]) {
    check_with(&ScanOptions::default(), input, expected);
}

fn check_error_with(options: &ScanOptions, input: impl AsRef<[u8]>, code: &str, text: &str) {
    let input = input.as_ref();
    let shown = String::from_utf8_lossy(&input[..input.len().min(60)]);
    let error = scan_csv(input, options, &plan()).expect_err(&shown);
    assert_eq!((error.code(), error.to_string().as_str()), (code, text), "{shown:?}");
}

fn check_error(input: impl AsRef<[u8]>, code: &str, text: &str) {
    check_error_with(&ScanOptions::default(), input, code, text);
}

fn named(columns: &[&str]) -> ScanOptions {
    ScanOptions {
        columns: columns.iter().map(ToString::to_string).collect(),
        ..ScanOptions::default()
    }
}

#[test]
fn lines_end_in_lf_or_crlf_or_the_input() {
    let expected: &[(&str, &[f64], u64)] = &[("x", &[1.0, 3.0], 0), ("y", &[2.0, 4.0], 0)];
    for input in ["x,y\n1,2\n3,4\n", "x,y\n1,2\n3,4", "x,y\r\n1,2\r\n3,4\r\n", "x,y\r\n1,2\n3,4"] {
        check(input, expected);
        check(&format!("\u{feff}{input}"), expected);
    }
}

#[test]
fn quoted_cells_hold_anything() {
    check("\"x\",\"y\"\n\"1\",\"2\"\n", &[("x", &[1.0], 0), ("y", &[2.0], 0)]);
    check("\"a,b\",\"c\"\"d\"\n1,2\n", &[("a,b", &[1.0], 0), ("c\"d", &[2.0], 0)]);
    check("\"two\r\nlines\",\"\"\"\"\n1,2\n", &[("two\r\nlines", &[1.0], 0), ("\"", &[2.0], 0)]);
    check("\u{feff}\"x\",y\n1,2\n", &[("x", &[1.0], 0), ("y", &[2.0], 0)]);
}

#[test]
fn empty_and_blank_cells_are_null() {
    check("x,y\n,1\n\"\",2\n \t ,3\n", &[("x", &[], 3), ("y", &[1.0, 2.0, 3.0], 0)]);
    check("x,y\n1,\n2,\n", &[("x", &[1.0, 2.0], 0), ("y", &[], 2)]);
}

#[test]
fn more_texts_are_null_on_request() {
    let null = ["NA", "-999", "a\"b"].map(str::to_owned).to_vec();
    let options = ScanOptions { null, ..ScanOptions::default() };
    check_with(
        &options,
        "x,y\nNA,1\n-999,2\n \"\",3\n".replace(" \"\"", "\"a\"\"b\"").as_str(),
        &[("x", &[], 3), ("y", &[1.0, 2.0, 3.0], 0)],
    );
    check_with(&options, "x,y\n  -999,1\n-999.0,NA\n", &[("x", &[-999.0], 1), ("y", &[1.0], 1)]);
    check_with(&options, "NA\n1\n", &[("1", &[1.0], 1)]);
    let table = scan("x\nna\n", &options).unwrap();
    assert_eq!(table.columns[0].kind, Kind::Text, "a null is its exact text");
}

#[test]
fn blanks_around_an_unquoted_number_mean_nothing() {
    check("x\n   1\n2\t\n", &[("x", &[1.0, 2.0], 0)]);
    let table = scan("x\n\" 1\"\n", &ScanOptions::default()).unwrap();
    assert_eq!(table.columns[0].kind, Kind::Text, "in quotes they are text");
}

#[test]
fn numbers_one_a_line_need_no_header() {
    check("1\n2.5\n-3\n", &[("1", &[1.0, 2.5, -3.0], 0)]);
    check("   1\r\n   2", &[("1", &[1.0, 2.0], 0)]);
    check("\"1\"\n2", &[("1", &[1.0, 2.0], 0)]);
    check("inf\n2", &[("1", &[f64::INFINITY, 2.0], 0)]);
    check("\n\n1\n\n2\n\n", &[("1", &[1.0, 2.0], 4)]);
    check("x\n1\n\n2\n", &[("x", &[1.0, 2.0], 1)]);
    check("\n\nx\n1\n", &[("x", &[1.0], 0)]);
    let table = scan("1e999\n1\n", &ScanOptions::default()).unwrap();
    assert_eq!(
        (table.columns[0].kind, table.rows),
        (Kind::Text, 2),
        "a literal too large is no name"
    );
}

#[test]
fn columns_without_a_header_are_numbered() {
    let options = ScanOptions { headers: false, ..ScanOptions::default() };
    check_with(&options, "1,2\n3,4\n", &[("1", &[1.0, 3.0], 0), ("2", &[2.0, 4.0], 0)]);
    check_with(
        &ScanOptions { headers: false, ..named(&["2"]) },
        "a,2\nb,4\n",
        &[("2", &[2.0, 4.0], 0)],
    );
}

#[test]
fn empty_lines_between_rows_hold_no_cell() {
    check("\n\nx,y\n\n1,2\n\r\n\n3,4\n\n", &[("x", &[1.0, 3.0], 0), ("y", &[2.0, 4.0], 0)]);
    assert_eq!(scan("x,y\n\n1,2\n\n", &ScanOptions::default()).unwrap().rows, 1);
}

#[test]
fn a_header_alone_has_columns_without_rows() {
    for input in ["x,y", "x,y\n", "x,y\r\n", "\u{feff}x,y\n\n"] {
        check(input, &[("x", &[], 0), ("y", &[], 0)]);
    }
}

#[test]
fn any_ascii_byte_can_be_the_delimiter() {
    for delimiter in [b';', b'\t', b'|', b' ', 0x1f, b':'] {
        let options = ScanOptions { delimiter, ..ScanOptions::default() };
        let input = "x,y\n1,2\n".replace(',', &char::from(delimiter).to_string());
        check_with(&options, &input, &[("x", &[1.0], 0), ("y", &[2.0], 0)]);
    }
    for delimiter in [b'"', b'\r', b'\n', b'\0', 0x80, 0xff] {
        let options = ScanOptions { delimiter, ..ScanOptions::default() };
        let shown = delimiter.escape_ascii();
        check_error_with(
            &options,
            "x\n",
            "csv.delimiter",
            &format!(
                "the delimiter cannot be {shown}; choose one ASCII byte that is no quote, line end or NUL"
            ),
        );
    }
}

#[test]
fn integers_are_exact_beyond_binary64() {
    let (low, high) = (i64::MIN + 1, u64::MAX);
    let table =
        scan(&format!("{low}\n{high}\n9007199254740993\n"), &ScanOptions::default()).unwrap();
    let values = [Value::from(low), Value::from(high), Value::from((1u64 << 53) + 1)];
    check_table(&table, &[("1", &values, 0)]);
}

#[test]
fn columns_come_in_the_order_asked_for() {
    check_with(&named(&["c", "a"]), "a,b,c\n1,x,3\n", &[("c", &[3.0], 0), ("a", &[1.0], 0)]);
}

#[test]
fn a_column_with_text_is_counted_and_told() {
    let table =
        scan("x,y\n1,7\nNaN,8\n,9\nred,10\n\"é\n\",11\n-inf,12\n3,13\n", &ScanOptions::default());
    let table = table.unwrap();
    let place = Place::Text { line: 5, column: 1, offset: 17 };
    let counts = Counts { count: 2, null: 1, nan: 1, pos_inf: 0, neg_inf: 1, invalid: 2 };
    assert_eq!(table.columns[0].kind, Kind::Text);
    assert_eq!(table.columns[0].first_invalid, Some(place));
    assert_eq!(table.columns[0].partial.counts(), &counts);
    assert_eq!(table.columns[1].kind, Kind::Number);
    assert_eq!(table.columns[1].partial.counts().count, 7);
    assert_eq!(table.rows, 7);
    assert_eq!(table.warnings, [Warning::TextColumn { name: "x".to_owned(), place }]);
    assert_eq!(
        table.warnings[0].to_string(),
        "line 5, column 1: column `x` is text, no statistics; use invalid=count to summarize its numbers"
    );
}

#[test]
fn a_column_of_text_keeps_no_values() {
    let numbers: String = (0..10_000).map(|number| number.to_string() + ".5\n").collect();
    let table = scan(&format!("x\n{numbers}red\n{numbers}"), &ScanOptions::default()).unwrap();
    let partial = &table.columns[0].partial;
    assert_eq!(partial.counts(), &Counts { count: 20_000, invalid: 1, ..Counts::default() });
    assert!(partial.to_bytes().unwrap().len() < 100);
}

#[test]
fn text_is_an_error_in_a_column_asked_for() {
    check_error_with(
        &named(&["y"]),
        "x,y\na,1\nb,two\nlines\n".replace("two\nlines", "\"two\nlines\"").as_str(),
        "column.text",
        "line 3, column 3: `two\\nlines` in column `y` is not a number; mend it, name it as null, or use invalid=count to leave such cells out",
    );
    check_error_with(
        &named(&["x"]),
        "x\n-1e309\n",
        "column.text",
        "line 2, column 1: `-1e309` in column `x` is beyond the range of binary64; mend it, name it as null, or use invalid=count to leave such cells out",
    );
}

#[test]
fn invalid_cells_are_counted_on_request() {
    for columns in [vec![], vec!["x".to_owned()]] {
        let options = ScanOptions { invalid: Invalid::Count, columns, ..ScanOptions::default() };
        let table = scan("x\n1\nabc\n3\n1e999\n", &options).unwrap();
        let column = &table.columns[0];
        assert_eq!(column.partial.counts(), &Counts { count: 2, invalid: 2, ..Counts::default() });
        assert_eq!(column.first_invalid, Some(Place::Text { line: 3, column: 1, offset: 4 }));
        assert_eq!(column.kind, Kind::Number);
        let mut expected = Accumulator::new(&plan());
        expected.update(&[1.0, 3.0]).unwrap();
        (0..2).for_each(|_| expected.push_invalid());
        assert_eq!(column.partial.to_bytes().unwrap(), expected.into_partial().to_bytes().unwrap());
        assert_eq!(table.warnings, []);
    }
}

#[test]
fn invalid_has_names() {
    for invalid in Invalid::ALL {
        assert_eq!(invalid.to_string().parse::<Invalid>().unwrap(), *invalid);
    }
    let error = "Text".parse::<Invalid>().unwrap_err();
    assert_eq!(error.code(), "invalid.unknown");
    assert_eq!(error.to_string(), "unknown invalid `Text`; known: text, count");
}

#[test]
fn a_numeric_header_is_told() {
    let place = Place::Text { line: 1, column: 1, offset: 0 };
    for input in ["1,2\n3,4\n", "1,\n3,4\n", "1e999,nan\n"] {
        let table = scan(input, &ScanOptions::default()).unwrap();
        assert_eq!(table.warnings, [Warning::NumericHeader { place }], "{input:?}");
    }
    assert_eq!(scan("1,2\n3,4\n", &named(&["1", "2"])).unwrap().warnings, []);
    let warning = Warning::NumericHeader { place }.to_string();
    assert_eq!(
        warning,
        "line 1, column 1: the header is made of numbers; use no_headers=true if it is data"
    );
}

#[test]
fn nonfinite_values_are_rejected_where_they_stand() {
    let reject = plan().with_nonfinite(Nonfinite::Reject);
    let check = |input: &str, text: &str| {
        let error = scan_csv(input.as_bytes(), &ScanOptions::default(), &reject).unwrap_err();
        assert_eq!(error.code(), "value.nonfinite");
        assert_eq!(error.to_string(), text);
    };
    check(
        "x,y\n1,2\n3, nan\n",
        "line 3, column 3: NaN in column `y` is rejected; mend it, or use nonfinite=skip or nonfinite=propagate to let it pass",
    );
    check(
        "-inf\n",
        "line 1, column 1: -inf in column `1` is rejected; mend it, or use nonfinite=skip or nonfinite=propagate to let it pass",
    );
    check(
        "x,y\n1,\"Infinity\"\ninf,a\n",
        "line 3, column 1: inf in column `x` is rejected; mend it, or use nonfinite=skip or nonfinite=propagate to let it pass",
    );
    check(
        "x,y,z\n1,2,inf\nnan,2,3\n-inf,a,3\n",
        "line 2, column 5: inf in column `z` is rejected; mend it, or use nonfinite=skip or nonfinite=propagate to let it pass",
    );
}

/// What is text has no values that could be rejected, wherever its text stands.
#[test]
fn the_order_of_rows_does_not_decide_between_text_and_an_error() {
    let reject = plan().with_nonfinite(Nonfinite::Reject);
    for input in ["x\nred\ninf\n", "x\ninf\nred\n"] {
        let table = scan_csv(input.as_bytes(), &ScanOptions::default(), &reject).unwrap();
        assert_eq!(table.columns[0].kind, Kind::Text);
        assert_eq!(
            table.columns[0].partial.counts(),
            &Counts { invalid: 1, pos_inf: 1, ..Counts::default() }
        );
    }
    // Where no cell can make the column text, the first fault is told, and nothing behind it is read.
    let counted = ScanOptions { invalid: Invalid::Count, ..ScanOptions::default() };
    for options in [named(&["x"]), counted] {
        let input = "x,y\ninf,1\nragged\n";
        let error = scan_csv(input.as_bytes(), &options, &reject).unwrap_err();
        assert_eq!(error.code(), "value.nonfinite", "{options:?}");
    }
}

#[test]
fn ragged_rows_are_errors() {
    check_error(
        "x,y\n1,2\n3\n",
        "csv.ragged",
        "line 3, column 1: this row has 1 cell and the header has 2 cells; add or remove cells, or quote the cell that holds a delimiter",
    );
    check_error(
        "x,y\n\"\n\n\",2\n3,4,5\n",
        "csv.ragged",
        "line 5, column 1: this row has 3 cells and the header has 2 cells; add or remove cells, or quote the cell that holds a delimiter",
    );
    check_error(
        "1\n1,5\n",
        "csv.ragged",
        "line 2, column 1: this row has 2 cells and the first row has 1 cell; add or remove cells, or quote the cell that holds a delimiter",
    );
    check_error(
        "x,y\n \n",
        "csv.ragged",
        "line 2, column 1: this row has 1 cell and the header has 2 cells; add or remove cells, or quote the cell that holds a delimiter",
    );
    let wide = format!("x,y\n{}", ",".repeat(99_999));
    check_error(
        wide,
        "csv.ragged",
        "line 2, column 1: this row has 100000 cells and the header has 2 cells; add or remove cells, or quote the cell that holds a delimiter",
    );
}

#[test]
fn lines_that_begin_with_the_byte_of_comments_are_skipped() {
    let options = ScanOptions { comment: Some(b'#'), ..ScanOptions::default() };
    let input = "# a \"table\nx,y\n1,2\n#\n# 3,\0\"\n\"#\n#\",4\n #,5\r\n# the end";
    let table = scan(input, &options).unwrap();
    assert_eq!((table.rows, table.columns[0].partial.counts().invalid), (3, 2));
    assert_eq!(
        table.columns[0].first_invalid,
        Some(Place::Text { line: 6, column: 1, offset: 28 })
    );
    check_with(&options, "#\n1\n#\n\n2", &[("1", &[1.0, 2.0], 1)]);
    check_error_with(
        &options,
        "x\n1\n#\n5\"\n",
        "csv.quote_inside",
        "line 4, column 2: a quote inside an unquoted cell; quote the whole cell and double the quotes in it",
    );
    check_error_with(
        &options,
        "# x\n",
        "input.empty",
        "the input is empty; give a header and rows, or numbers one a line",
    );
    for comment in [b',', b'"', b'\n', 0xe9] {
        let options = ScanOptions { comment: Some(comment), ..ScanOptions::default() };
        assert_eq!(scan("x\n", &options).unwrap_err().code(), "csv.comment");
    }
}

#[test]
fn rows_may_be_ragged_on_request() {
    let options = ScanOptions { flexible: true, ..ScanOptions::default() };
    check_with(
        &options,
        "x,y\n1,2\n3\n\n4,5,6\n\"\"\n",
        &[("x", &[1.0, 3.0, 4.0], 1), ("y", &[2.0, 5.0], 2)],
    );
    check_with(&options, "1\n2,3\n", &[("1", &[1.0, 2.0], 0)]);
}

#[test]
fn quotes_out_of_place_are_errors() {
    let inside =
        "a quote inside an unquoted cell; quote the whole cell and double the quotes in it";
    check_error("x\n1\n5\" \n", "csv.quote_inside", &format!("line 3, column 2: {inside}"));
    check_error("x,y\n1, \"2\"\n", "csv.quote_inside", &format!("line 2, column 4: {inside}"));
    let trailed = "text after a closing quote; end the cell there, or double the quotes inside it";
    check_error("x,y\n\"1\" ,2\n", "csv.quote_trailed", &format!("line 2, column 4: {trailed}"));
    check_error("x\n\"a\nb\"c\"\n", "csv.quote_trailed", &format!("line 3, column 3: {trailed}"));
    let unclosed = "this quote is never closed; close it, or double it if it belongs to the text";
    check_error(
        "x,y\n1,\"2\n3,4\n5,6\n",
        "csv.quote_unclosed",
        &format!("line 2, column 3: {unclosed}"),
    );
    check_error("\"", "csv.quote_unclosed", &format!("line 1, column 1: {unclosed}"));
    check_error("x\n\"1\"\"", "csv.quote_unclosed", &format!("line 2, column 1: {unclosed}"));
}

#[test]
fn bytes_that_are_no_text_are_errors() {
    let nul = "a NUL byte; is this binary data, or UTF-16? give text in UTF-8";
    check_error("x\n1\0\n", "csv.nul", &format!("line 2, column 2: {nul}"));
    check_error("x\n\"1\n\0\"\n", "csv.nul", &format!("line 3, column 1: {nul}"));
    let utf16 = "this is UTF-16; convert it to UTF-8";
    check_error(b"\xff\xfex\0\n\0", "input.utf16", utf16);
    check_error(b"\xfe\xff\0x\0\n", "input.utf16", utf16);
    // Without the mark, in both orders of bytes.
    check_error(b"x\0\n\0", "input.utf16", utf16);
    check_error(b"\0x\0,\0y\0\n\x26\x03", "input.utf16", utf16);
    check_error(b"x\0\n", "csv.nul", &format!("line 1, column 2: {nul}"));
    check_error(b"x\0\n1\n\0", "csv.nul", &format!("line 1, column 2: {nul}"));
    let utf8 = "invalid UTF-8; convert the input to UTF-8";
    check_error(b"x,n\n1,caf\xe9\n", "csv.utf8", &format!("line 2, column 6: {utf8}"));
    check_error(b"x\n\"\n\xc3\"\n", "csv.utf8", &format!("line 3, column 1: {utf8}"));
    check_error(b"\xef\xbb", "csv.utf8", &format!("line 1, column 1: {utf8}"));
    let lone =
        "a carriage return without a line feed; end lines with LF or CRLF, or quote the cell";
    check_error("x\r1\r", "csv.carriage_return", &format!("line 1, column 2: {lone}"));
    check_error("x\r\n1\r", "csv.carriage_return", &format!("line 2, column 2: {lone}"));
    check_error("x\r\n\"1\"\r\r\n", "csv.carriage_return", &format!("line 2, column 4: {lone}"));
}

#[test]
fn places_count_lines_and_bytes() {
    let error = scan("\u{feff}x,y\r\né,\"1\n2\"\r\n3,4,5", &ScanOptions::default()).unwrap_err();
    assert_eq!(error.place(), Some(Place::Text { line: 4, column: 1, offset: 18 }));
    let error = scan("\u{feff}x,\"y\"z", &ScanOptions::default()).unwrap_err();
    assert_eq!(
        error.place(),
        Some(Place::Text { line: 1, column: 6, offset: 8 }),
        "the mark is no part of the line"
    );
}

#[test]
fn an_input_without_anything_is_an_error() {
    for input in ["", "\u{feff}", "\n", "\r\n\n"] {
        let text = "the input is empty; give a header and rows, or numbers one a line";
        check_error(input, "input.empty", text);
    }
}

#[test]
fn a_reader_that_fails_is_an_error() {
    struct Failing;
    impl std::io::Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("the cable is out"))
        }
    }
    let input = std::io::Read::chain("x\n1\n".as_bytes(), Failing);
    let error = scan_csv(input, &ScanOptions::default(), &plan()).unwrap_err();
    assert_eq!(error.code(), "input.read");
    assert_eq!(
        error.to_string(),
        "the input cannot be read: the cable is out; check that it is a file of text, or a pipe that is still \
         open"
    );
}

#[test]
fn columns_that_are_not_there_are_errors() {
    let input = "date,temp_max,wind\n1,2,3\n";
    check_error_with(
        &named(&["temp-max"]),
        input,
        "column.unknown",
        "no column `temp-max`; is `temp_max` meant?",
    );
    check_error_with(
        &named(&["Wind"]),
        input,
        "column.unknown",
        "no column `Wind`; is `wind` meant?",
    );
    check_error_with(
        &named(&["pressure"]),
        input,
        "column.unknown",
        "no column `pressure`; the columns are `date`, `temp_max`, `wind`",
    );
    check_error_with(
        &named(&["wind", "date", "wind"]),
        input,
        "column.repeated",
        "column `wind` is asked for twice; name it once",
    );
    let names: Vec<_> = (1..=20).map(|number| format!("column {number}")).collect();
    let error = scan(&names.join(","), &named(&["x"])).unwrap_err().to_string();
    assert!(error.starts_with("no column `x`; the columns are `column 1`, `column 2`"), "{error}");
    assert!(error.ends_with("`column 12` and 8 more"), "{error}");
}

#[test]
fn names_must_differ() {
    check_error(
        "x,\"y\nz\",x\n1,2,3\n",
        "column.duplicate",
        "line 2, column 4: column `x` stands twice in the header; rename one, or use no_headers=true if the first line is data",
    );
    check_error(
        ",\n",
        "column.duplicate",
        "line 1, column 2: column `` stands twice in the header; rename one, or use no_headers=true if the first line is data",
    );
}

#[test]
fn messages_are_one_short_line_whatever_is_in_the_data() {
    let name = "a\nb\u{7}".repeat(1000);
    let input = format!("\"{name}\"\n\"{name}\"\n");
    for error in [
        scan(&input, &named(&[&name])).unwrap_err(),
        scan(&input, &named(&[&format!("{name}x")])).unwrap_err(),
        scan(&input.replace('\n', "").replace("\"\"", "\",\""), &ScanOptions::default())
            .unwrap_err(),
    ] {
        let text = error.to_string();
        assert!(text.len() < 700 && !text.contains(char::is_control), "{text}");
    }
}

#[test]
fn a_record_has_a_greatest_length() {
    let text = format!(
        "line 2, column 1: this record is longer than {RECORD_BYTES_MAX} bytes; is there a quote that never closes?"
    );
    let longest = "1".repeat(RECORD_BYTES_MAX - 1);
    check_error(format!("x\n{longest}1\n1\n"), "csv.record_too_long", &text);
    check_error(format!("x\n{longest}11"), "csv.record_too_long", &text);
    check_error(format!("x\n\"{longest}1"), "csv.record_too_long", &text);
    for input in [format!("x\n{longest}\n"), format!("x\n{longest}1")] {
        let table = scan(&input, &ScanOptions::default()).unwrap();
        assert_eq!(table.columns[0].partial.counts().invalid, 1, "it is read, and overflows");
    }
}

#[test]
fn a_number_without_end_takes_no_more_memory_than_a_record() {
    for byte in [b'1', b'"', b',', b' '] {
        let endless = std::io::repeat(byte);
        let error = scan_csv(endless, &ScanOptions::default(), &plan()).unwrap_err();
        assert_eq!(error.code(), "csv.record_too_long");
    }
}

#[test]
fn there_are_not_more_columns_than_a_limit() {
    let header: Vec<_> = (0..70_000).map(|number| format!("c{number}")).collect();
    check_error(
        header.join(","),
        "column.too_many",
        "line 1, column 1: 70000 columns, more than the limit of 65536; ask for fewer by name, or cut the input into narrower ones",
    );
    let three = ScanOptions { columns_max: 3, ..ScanOptions::default() };
    assert_eq!(scan("a,b,c\n", &three).unwrap().columns.len(), 3);
    let text = "line 1, column 1: 4 columns, more than the limit of 3; ask for fewer by name, or cut the input into narrower ones";
    check_error_with(&three, "a,b,c,d\n", "column.too_many", text);
    let named = ScanOptions { columns: vec!["d".to_owned()], ..three };
    assert_eq!(scan("a,b,c,d\n", &named).unwrap().columns.len(), 1);
}

#[test]
fn tables_of_inputs_are_joined_by_name() {
    let options = ScanOptions::default();
    let mut all = scan("x,y\n1,2\n", &options).unwrap();
    all.merge(scan("y,x\n20,10\n,\n", &options).unwrap()).unwrap();
    let values: [&[Value]; 2] = [&[1.0.into(), 10.0.into()], &[2.0.into(), 20.0.into()]];
    check_table(&all, &[("x", values[0], 1), ("y", values[1], 1)]);
    assert_eq!(all.rows, 3);
}

#[test]
fn a_column_that_is_text_in_one_input_is_text() {
    let options = ScanOptions::default();
    let number = "x\n1\n\n2\n";
    let text = "x\n3\nred\n";
    let expected = Counts { count: 3, null: 1, invalid: 1, ..Counts::default() };
    for (first, second) in [(number, text), (text, number)] {
        let mut all = scan(first, &options).unwrap();
        all.merge(scan(second, &options).unwrap()).unwrap();
        assert_eq!(all.columns[0].kind, Kind::Text);
        assert_eq!(all.columns[0].partial.counts(), &expected);
        assert_eq!(all.warnings.len(), 1);
    }
    let mut all = scan(text, &options).unwrap();
    all.merge(scan(text, &options).unwrap()).unwrap();
    assert_eq!(
        all.columns[0].partial.counts(),
        &Counts { count: 2, invalid: 2, ..Counts::default() }
    );
    assert_eq!(all.warnings.len(), 1, "one for a column");
}

#[test]
fn tables_of_other_columns_do_not_merge() {
    let options = ScanOptions::default();
    for other in ["x\n1\n", "x,y,z\n1,2,3\n", "x,z\n1,2\n"] {
        let mut table = scan("x,y\n1,2\n", &options).unwrap();
        let error = table.merge(scan(other, &options).unwrap()).unwrap_err();
        assert_eq!(error.code(), "column.missing");
        assert!(error.to_string().contains("is missing, and another input has it"), "{error}");
        assert_eq!(table.rows, 1);
    }
}
