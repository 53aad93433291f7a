//! What JSON means as a table, by cases: every rule of reading with an input that shows it, and every error with its
//! code, place and text.

use exacta::{Accumulator, Plan, Statistic, Value};
use exacta_scan::{
    Error, Invalid, JsonFault, Kind, RECORD_BYTES_MAX, ScanOptions, Table, scan_csv, scan_json,
    scan_ndjson,
};

/// A plan whose partials hold every value.
fn plan() -> Plan {
    Plan::new([Statistic::Sum, Statistic::Median])
}

fn lines(input: &str, options: &ScanOptions) -> Result<Table, Error> {
    scan_ndjson(input.as_bytes(), options, &plan())
}

fn array(input: &str, options: &ScanOptions) -> Result<Table, Error> {
    scan_json(input.as_bytes(), options, &plan())
}

/// A column: its name, its values, and how many of its cells are null or invalid.
type Expected<'a> = (&'a str, &'a [Value], u64, u64);

fn check_table(table: &Table, expected: &[Expected<'_>]) {
    let names: Vec<_> = table.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, expected.iter().map(|column| column.0).collect::<Vec<_>>());
    for (column, (name, values, n_nulls, n_invalid)) in table.columns.iter().zip(expected) {
        let mut accumulator = Accumulator::new(&plan());
        accumulator.update(*values).unwrap();
        (0..*n_nulls).for_each(|_| accumulator.push_null());
        (0..*n_invalid).for_each(|_| accumulator.push_invalid());
        let expected = accumulator.into_partial();
        assert_eq!(column.kind, if *n_invalid > 0 { Kind::Text } else { Kind::Number }, "{name}");
        assert_eq!(column.partial.counts(), expected.counts(), "{name}");
        if *n_invalid == 0 {
            assert_eq!(column.partial.to_bytes().unwrap(), expected.to_bytes().unwrap(), "{name}");
        }
    }
}

/// Checks records, as lines and as elements of an array.
fn check_with(options: &ScanOptions, records: &[&str], expected: &[Expected<'_>]) {
    check_table(&lines(&records.join("\n"), options).unwrap(), expected);
    check_table(&lines(&(records.join("\r\n\n ") + "\r\n"), options).unwrap(), expected);
    check_table(&array(&format!("[{}]", records.join(",")), options).unwrap(), expected);
    let spread = format!("\u{feff}\n[ {}\t]\r\n", records.join("\n,\n "));
    check_table(&array(&spread, options).unwrap(), expected);
}

fn check(records: &[&str], expected: &[Expected<'_>]) {
    check_with(&ScanOptions::default(), records, expected);
}

fn check_error(result: Result<Table, Error>, code: &str, text: &str) {
    let error = result.expect_err(text);
    assert_eq!((error.code(), error.to_string().as_str()), (code, text));
}

fn check_line(input: &str, code: &str, text: &str) {
    check_error(lines(input, &ScanOptions::default()), code, text);
}

fn check_array(input: &str, code: &str, text: &str) {
    check_error(array(input, &ScanOptions::default()), code, text);
}

fn named(columns: &[&str]) -> ScanOptions {
    let columns = columns.iter().map(ToString::to_string).collect();
    ScanOptions { columns, ..ScanOptions::default() }
}

fn float(value: f64) -> Value {
    value.into()
}

#[test]
fn members_are_columns_in_the_order_of_their_first_appearance() {
    check(
        &[r#"{"b":1}"#, r#"{ "a" : 2 , "b" : 3 }"#, "{}", r#"{"c":4}"#],
        &[
            ("b", &[float(1.0), float(3.0)], 2, 0),
            ("a", &[float(2.0)], 3, 0),
            ("c", &[float(4.0)], 3, 0),
        ],
    );
}

#[test]
fn members_of_objects_have_dotted_paths() {
    check(
        &[
            r#"{"at":{"x":1,"deep":{"y":2}},"z":3}"#,
            r#"{"at":null,"z":4}"#,
            r#"{"at":{},"z":5}"#,
            r#"{"at.x":6}"#,
        ],
        &[
            ("at.x", &[float(1.0), float(6.0)], 2, 0),
            ("at.deep.y", &[float(2.0)], 3, 0),
            ("z", &[float(3.0), float(4.0), float(5.0)], 1, 0),
            ("at", &[], 4, 0),
        ],
    );
}

#[test]
fn names_are_what_their_escapes_stand_for() {
    check(
        &[r#"{"\u0061\/\"":1,"😀":2}"#, r#"{"a/\u0022":3,"\ud83d\ude00":4}"#],
        &[("a/\"", &[float(1.0), float(3.0)], 0, 0), ("😀", &[float(2.0), float(4.0)], 0, 0)],
    );
}

#[test]
fn numbers_mean_what_their_text_means() {
    let wide: Value = 9_007_199_254_740_993_i64.into();
    check(
        &[
            "0",
            "-0",
            "-0.0",
            "9007199254740993",
            "18446744073709551615",
            "1e3",
            "-2.5E-1",
            "5e-324",
        ],
        &[(
            "1",
            &[
                float(0.0),
                float(-0.0),
                float(-0.0),
                wide,
                u64::MAX.into(),
                float(1000.0),
                float(-0.25),
                float(5e-324),
            ],
            0,
            0,
        )],
    );
    check(&["0.1", "1e400", "-1e999999999999"], &[("1", &[float(0.1)], 0, 2)]);
}

#[test]
fn strings_booleans_and_arrays_are_no_numbers() {
    for cell in [r#""1""#, r#""""#, "true", "false", "[]", "[1, {\"y\": []}]"] {
        let record = format!(r#"{{"x":{cell}}}"#);
        check(&[r#"{"x":1}"#, &record], &[("x", &[float(1.0)], 0, 1)]);
    }
}

#[test]
fn records_may_be_arrays() {
    check(
        &["[1,null,3]", "[ 4 , 5 , {\"x\":6} ]"],
        &[
            ("1", &[float(1.0), float(4.0)], 0, 0),
            ("2", &[float(5.0)], 1, 0),
            ("3", &[float(3.0)], 1, 0),
            ("3.x", &[float(6.0)], 1, 0),
        ],
    );
}

#[test]
fn columns_asked_for_may_come_late() {
    let records = [r#"{"x":1,"t":"a"}"#, r#"{"x":2,"y":{"z":3}}"#];
    check_with(
        &named(&["y.z", "x"]),
        &records,
        &[("y.z", &[float(3.0)], 1, 0), ("x", &[float(1.0), float(2.0)], 0, 0)],
    );
    let text = "no column `y`; the columns are `x`, `t`, `y.z`";
    for result in [
        lines(&records.join("\n"), &named(&["x", "y"])),
        array(&format!("[{}]", records.join(",")), &named(&["x", "y"])),
    ] {
        check_error(result, "column.unknown", text);
    }
    check_error(
        array("[]", &named(&["x"])),
        "column.unknown",
        "no column `x`; there are no columns",
    );
}

#[test]
fn conditions_may_be_on_columns_that_come_late() {
    let filters = vec!["kind = b".parse().unwrap()];
    let options = ScanOptions { filters, ..ScanOptions::default() };
    let records = [r#"{"x":1}"#, r#"{"x":2,"kind":"\u0062"}"#, r#"{"x":3,"kind":"c"}"#];
    check_with(&options, &records, &[("x", &[float(2.0)], 0, 0), ("kind", &[], 0, 1)]);
    let options = ScanOptions { columns: vec!["x".to_owned()], ..options };
    check_with(&options, &records, &[("x", &[float(2.0)], 0, 0)]);
}

#[test]
fn more_texts_are_null_on_request() {
    let options = ScanOptions { null: vec!["NA".into(), "-999".into()], ..ScanOptions::default() };
    check_with(
        &options,
        &[r#"{"x":"NA"}"#, r#"{"x":-999}"#, r#"{"x":"\u004eA"}"#, r#"{"x":1}"#],
        &[("x", &[float(1.0)], 3, 0)],
    );
}

#[test]
fn an_array_without_elements_is_a_table() {
    for input in ["[]", " [\n] "] {
        let table = array(input, &ScanOptions::default()).unwrap();
        assert_eq!((table.columns.len(), table.rows), (0, 0));
    }
    for input in ["", "\n \r\n"] {
        assert_eq!(lines(input, &ScanOptions::default()).unwrap_err().code(), "input.empty");
        assert_eq!(array(input, &ScanOptions::default()).unwrap_err().code(), "input.empty");
    }
}

#[test]
fn an_invalid_cell_has_its_place() {
    let input = "[{\"x\": 1, \"y\": {\"z\": 2}},\n {\"x\": 1, \"y\": {\"z\": \"a\\\"b\"}}]";
    let text = "line 2, column 22: `a\\\"b` in column `y.z` is not a number; mend it, name it as null, \
                or use invalid=count to leave such cells out";
    check_error(array(input, &named(&["y.z"])), "column.text", text);
    let text = "line 1, column 12: `1e999` in column `2` is beyond the range of binary64; mend it, name it as \
                null, or use invalid=count to leave such cells out";
    check_error(array("[[1,2],[3, 1e999]]", &named(&["2"])), "column.text", text);
    let options = ScanOptions { invalid: Invalid::Count, ..ScanOptions::default() };
    let table = lines("{\"x\":1}\n{\"x\":true}", &options).unwrap();
    assert_eq!(table.columns[0].first_invalid.unwrap().to_string(), "line 2, column 6");
}

#[test]
fn what_is_no_json_is_told() {
    use JsonFault::{
        ControlCharacter, Duplicate, Escape, Nonfinite, Nul, Number, StringUnclosed, Surrogate,
        Syntax, TrailingComma,
    };
    let cases = [
        ("{\"x\" 1}", 6, Syntax("a colon")),
        ("{x:1}", 2, Syntax("a name in quotes")),
        ("{\"x\":1 2}", 8, Syntax("a comma or `}`")),
        ("{\"x\":[1 2]}", 9, Syntax("a comma or `]`")),
        ("{\"x\":}", 6, Syntax("a value")),
        ("{\"x\":trie}", 8, Syntax("true, false or null")),
        ("{\"x\":1,}", 8, TrailingComma),
        ("{\"x\":[1,]}", 9, TrailingComma),
        ("{\"x\":\"a", 6, StringUnclosed),
        ("{\"x\":\"\t\"}", 7, ControlCharacter),
        ("{\"x\":\"\\x\"}", 7, Escape),
        ("{\"x\":\"\\u00g0\"}", 7, Escape),
        ("{\"\\ud800\":1}", 3, Surrogate),
        ("{\"x\":\"\\ud800\\u0061\"}", 7, Surrogate),
        ("{\"x\":\"\\udc00\\ud800\"}", 7, Surrogate),
        ("{\"x\":01}", 6, Number),
        ("{\"x\":NaN}", 6, Nonfinite),
        ("{\"x\":-Infinity}", 6, Nonfinite),
        ("{\"x\":\0}", 6, Nul),
        ("{\"x\":\"\0\"}", 7, Nul),
        ("{\"x\":1,\"x\":2}", 8, Duplicate),
        ("{\"x\":{\"y\":1},\"x\":{}}", 14, Duplicate),
        ("{\"x\":{\"y\":1},\"x.y\":2}", 20, Duplicate),
    ];
    for (input, column, fault) in cases {
        check_line(input, fault.code(), &format!("line 1, column {column}: {fault}"));
        if fault != StringUnclosed {
            let elements = format!("[{{}},\n{input}]");
            check_array(&elements, fault.code(), &format!("line 2, column {column}: {fault}"));
        }
    }
}

#[test]
fn other_forms_of_numbers_are_refused() {
    for number in
        ["-", "1.", ".5", "+1", "1e", "1e+", "-a", "1.e5", "00", "-01", "0x10", "1_0", "1.5.2"]
    {
        let input = format!("{{\"x\":{number}}}");
        let code = lines(&input, &ScanOptions::default()).unwrap_err().code();
        let expected = if number == "1_0" { "json.syntax" } else { "json.number" };
        assert_eq!(code, expected, "{number}");
    }
}

#[test]
fn what_ends_too_early_is_told() {
    let line_end =
        "the line ends inside a record; write each record in one line, or all of them as one array";
    let cut = "the input ends in the middle of the JSON; it was cut short: get the rest of it";
    let unclosed = JsonFault::StringUnclosed;
    check_line("{\"x\":\n1}", "json.line_end", &format!("line 1, column 6: {line_end}"));
    check_line(
        "{\"x\":1}\n{\"x\":\"a\n\"}",
        "json.string_unclosed",
        &format!("line 2, column 6: {unclosed}"),
    );
    check_line("{\"x\":1}\n{\"x\":2", "json.truncated", &format!("line 2, column 7: {cut}"));
    let cases =
        ["[", "[1", "[1,", "[1, ", "[{\"x\":1}", "[{\"x\":1", "[{\"x\":-", "[nul", "[[1,2]\n"];
    for input in cases {
        let (line, column) = if input.ends_with('\n') { (2, 1) } else { (1, input.len() + 1) };
        check_array(input, "json.truncated", &format!("line {line}, column {column}: {cut}"));
    }
    check_array("[\"a", "json.string_unclosed", &format!("line 1, column 2: {unclosed}"));
}

#[test]
fn an_array_is_all_there_is() {
    let syntax = |what| {
        format!(
            "this is no JSON: {what} must stand here; mend it, or write the file with a JSON library"
        )
    };
    let trailed = JsonFault::Trailed;
    check_array("[1]\n 2", "json.trailed", &format!("line 2, column 2: {trailed}"));
    check_array("[]]", "json.trailed", &format!("line 1, column 3: {trailed}"));
    check_array(
        "[1,]",
        "json.trailing_comma",
        "line 1, column 4: a comma stands before it and nothing between; remove the comma",
    );
    check_array("[,1]", "json.syntax", &format!("line 1, column 2: {}", syntax("a value")));
    check_array("[1 2]", "json.syntax", &format!("line 1, column 4: {}", syntax("a comma or `]`")));
    check_line(
        "1 2",
        "json.syntax",
        &format!("line 1, column 3: {}", syntax("the end of the line")),
    );
    let top = "the input is no array of records; give an array, or records one a line as NDJSON";
    check_array(" {\"x\":[1]}", "json.shape", &format!("line 1, column 2: {top}"));
}

#[test]
fn records_are_of_one_kind_and_arrays_of_one_length() {
    let kind = "this record is not what the first one is, an object, an array or a bare value; give records of one kind";
    for input in ["[1,\n{\"x\":1}]", "[{},\n1]", "[[],\n{}]", "[1,\n[2]]", "[{},\nnull]"] {
        check_array(input, "json.shape", &format!("line 2, column 1: {kind}"));
    }
    let ragged =
        "this array is not as long as the first one, of 2; add or remove values, or write null";
    for input in ["[1,2]\n[3]", "[1,2]\n[3,4,5]", "[1,2]\n[]"] {
        check_line(input, "json.ragged", &format!("line 2, column 1: {ragged}"));
    }
}

#[test]
fn invalid_utf8_has_its_place() {
    for (input, column) in
        [(&b"{\"x\":1}\n{\"\xff\":1}"[..], 3), (b"[1]\n\xff", 1), (b"1\n2\xff\n", 2)]
    {
        let error = scan_ndjson(input, &ScanOptions::default(), &plan()).unwrap_err();
        let text = format!("line 2, column {column}: invalid UTF-8; convert the input to UTF-8");
        assert_eq!((error.code(), error.to_string()), ("json.utf8", text));
    }
}

#[test]
fn what_has_no_end_takes_no_more_memory_than_a_record() {
    let deep = "nested deeper than 128; flatten the record";
    let open = "[".repeat(128);
    let shut = "]".repeat(128);
    array(&format!("[{open}{shut}]"), &ScanOptions::default()).unwrap();
    check_array(&format!("[[{open}{shut}]]"), "json.depth", &format!("line 1, column 130: {deep}"));
    let objects = "{\"x\":".repeat(1_000_000);
    check_line(&objects, "json.depth", &format!("line 1, column 641: {deep}"));
    let long = format!(
        "line 2, column 1: this record is longer than {RECORD_BYTES_MAX} bytes; is there a quote or a bracket that never closes?"
    );
    for pad in ["1", " "] {
        let input = format!("{{}}\n{{\"x\":{}", pad.repeat(RECORD_BYTES_MAX));
        check_line(&input, "json.record_too_long", &long);
    }
    let string = format!("[1,\n\"{}\"]", "a".repeat(RECORD_BYTES_MAX + 10));
    check_array(
        &string,
        "json.record_too_long",
        &long.replace("line 2, column 1", "line 1, column 4"),
    );
}

#[test]
fn columns_without_end_are_an_error() {
    let members = |n: usize| (0..n).map(|i| format!("\"{i}\":1")).collect::<Vec<_>>().join(",");
    let many = "65537 columns, more than the limit of 65536; ask for fewer by name, or cut the \
                input into narrower ones";
    check_line(&format!("{{{}}}", members(70_000)), "column.too_many", many);
    let few = ScanOptions { columns_max: 2, ..ScanOptions::default() };
    let text = "3 columns, more than the limit of 2; ask for fewer by name, or cut the input \
                into narrower ones";
    check_error(lines("{\"a\":1}\n{\"b\":1,\"c\":1}", &few), "column.too_many", text);
    let long = format!("{{\"{}\":{{{}}}}}", "n".repeat(1 << 20), members(100));
    let text = "the names of the columns are longer than 16777216 bytes together; shorten them, \
                or flatten the records";
    check_line(&long, "column.names_too_long", text);
}

/// Many rows before the columns: a batch must not be padded for each of them.
#[test]
fn late_columns_do_not_take_memory_for_earlier_rows() {
    let members = (0..5_000).map(|i| format!("\"{i}\":1")).collect::<Vec<_>>().join(",");
    let input = "{}\n".repeat(5_000) + "{" + &members + "}\n{}";
    let table = lines(&input, &ScanOptions::default()).unwrap();
    assert_eq!((table.columns.len(), table.rows), (5_000, 5_002));
    assert!(table.columns.iter().all(|column| column.partial.counts().null == 5_001));
    let names = table.columns.iter().map(|column| column.name.clone());
    assert!(names.eq((0..5_000).map(|i| i.to_string())));
}

/// Names that come one a record: nobody looks at all names for each of them.
#[test]
fn many_names_take_no_time_for_records_that_lack_them() {
    let n_records = 10_000;
    let record = |number| format!("{{\"k{number}\":{number}}}\n");
    let input: String = (0..n_records).map(record).collect();
    let plan = Plan::new([Statistic::Sum]);
    let table = scan_ndjson(input.as_bytes(), &ScanOptions::default(), &plan).unwrap();
    assert_eq!(table.columns.len(), n_records);
    for (number, column) in table.columns.iter().enumerate() {
        let summary = column.partial.finalize(&plan).unwrap();
        assert_eq!(column.name, format!("k{number}"));
        assert_eq!(summary.get(Statistic::Sum).unwrap().finite(), Some(number as f64));
        assert_eq!(summary.counts().null, n_records as u64 - 1);
    }
}

/// NDJSON in which few records have some of the members, and the same as CSV.
fn rare_members() -> (String, String) {
    let (mut json, mut csv) = (String::new(), "g,w,a,b,late,t\n".to_owned());
    for row in 0..9_000 {
        let cell = |every: usize, text: String| (row % every == 0).then_some(text);
        let late = (row > 5_000).then(|| cell(1000, format!("{row}.5"))).flatten();
        let cells = [
            ("g", cell(3, (row % 7).to_string())),
            ("w", Some((row % 4).to_string())),
            ("a", cell(5, format!("0.{row}"))),
            ("b", cell(4500, "1e9".to_owned())),
            ("late", late),
            ("t", cell(2500, "word".to_owned())),
        ];
        let member = |(name, text): &(&str, Option<String>)| {
            let quote = if *name == "t" { "\"" } else { "" };
            text.as_ref().map(|text| format!("\"{name}\":{quote}{text}{quote}"))
        };
        let members: Vec<_> = cells.iter().filter_map(member).collect();
        json.extend(["{", &members.join(","), "}\n"]);
        let texts = cells.map(|(_, text)| text.unwrap_or_default());
        csv += &(texts.join(",") + "\n");
    }
    (json, csv)
}

/// All that a table says, a line each, in whatever order its columns have.
fn said(table: Table) -> Vec<String> {
    let column =
        |it: &exacta_scan::Column| format!("{} {:?}", it.name, it.partial.to_bytes().unwrap());
    let mut said: Vec<_> = table.columns.iter().map(column).collect();
    said.extend(table.weighted.iter().map(|it| format!("{} {:?}", it.name, it.partial)));
    said.extend(table.pairs.iter().map(|it| format!("{:?}", it.partial)));
    if let Some(tops) = &table.tops {
        said.extend(["a", "b", "late", "t"].map(|name| format!("{:?}", tops.of(name).unwrap())));
    }
    for group in table.groups.into_iter().flat_map(exacta_scan::Grouped::into_groups) {
        let group = group.unwrap();
        let key = format!("{:?} {}", group.by, group.rows);
        said.extend(group.columns.iter().map(|it| format!("{key} {}", column(it))));
    }
    said.sort();
    said
}

/// Members that few records have are the empty cells of a CSV, whatever is asked of the rows.
#[test]
fn members_that_are_rare_are_empty_cells() {
    let (json, csv) = rare_members();
    let ordinary = ScanOptions::default();
    let cases = [
        ordinary.clone(),
        ScanOptions { by: vec!["g".into()], ..ordinary.clone() },
        ScanOptions { by: vec!["late".into(), "b".into()], ..ordinary.clone() },
        ScanOptions { weights: Some("w".into()), ..ordinary.clone() },
        ScanOptions { filters: vec!["late > 0".parse().unwrap()], ..ordinary.clone() },
        ScanOptions { pairs: vec![["a".into(), "late".into()]], ..ordinary.clone() },
        ScanOptions { top: std::num::NonZero::new(3), ..ordinary },
    ];
    for options in cases {
        let expected = scan_csv(csv.as_bytes(), &options, &plan()).unwrap();
        let found = lines(&json, &options).unwrap();
        assert_eq!(found.rows, expected.rows, "{options:?}");
        assert_eq!(said(found), said(expected), "{options:?}");
    }
}
