//! `exacta stats` as a person or a script meets it: what it prints, what it says when something is wrong,
//! and how it ends. That the numbers are right is for `oracle` and `nist`.

mod common;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};

use common::oracle::python;
use common::{EXACTA, Run, Server, WEATHER, exacta, feed, run};

/// The one line about text columns that the weather file calls for.
fn weather_warnings() -> String {
    format!(
        "exacta: warning: {WEATHER}:2:1: columns `date` and `weather` are text, no statistics; use --invalid count to summarize their numbers\n"
    )
}

#[test]
fn the_weather_as_a_table() {
    let run = run(&["stats", WEATHER], b"");
    let expected = "\
column         count      sum               mean   min   max        stddev (n−1)  q(0.25)  q(0.5)  q(0.75)
date           text: 1461 cells, the first in line 2, column 1
precipitation   1461   4426.0   3.02943189596167   0.0  55.9   6.680194322314738      0.0     0.0      2.8
temp_max        1461  24017.5  16.43908281998631  -1.6  35.6   7.349758097360177     10.6    15.6     22.2
temp_min        1461  12031.0  8.234770704996578  -7.1  18.3   5.023004179961265      4.4     8.3     12.2
wind            1461   4735.3   3.24113620807666   0.4   9.5  1.4378250588746195      2.2     3.0      4.0
weather        text: 1461 cells, the first in line 2, column 29
";
    assert_eq!(run, Run { code: Some(0), stdout: expected.to_owned(), stderr: weather_warnings() });
}

/// Python's statistics for the same columns, as an independent word on the golden numbers above.
#[test]
fn the_weather_by_python() {
    let Some(mut python) = python() else { return };
    let script = "
import csv, statistics, sys
rows = list(csv.DictReader(open(sys.argv[1])))
for name in ['precipitation', 'temp_max', 'temp_min', 'wind']:
    x = [float(row[name]) for row in rows]
    print(name, len(x), statistics.mean(x), min(x), max(x), statistics.stdev(x))
";
    let expected = python.args(["-c", script, WEATHER]).output().unwrap();
    let run = run(&["stats", "-s", "mean,min,max,stddev", WEATHER], b"");
    let lines: Vec<String> = run
        .stdout
        .lines()
        .skip(1)
        .filter(|line| !line.contains("text:"))
        .map(|line| line.split_ascii_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(lines.join("\n") + "\n", Run::from(expected).stdout);
}

#[test]
fn a_narrow_terminal_gets_parts_and_a_single_column_a_block() {
    let arguments =
        |columns| ["stats", "-c", columns, "-s", "mean,stddev", "-q", "1/3", "--bits", WEATHER];
    let on = |width: &str, columns| {
        Run::from(exacta(&arguments(columns)).env("COLUMNS", width).output().unwrap())
    };
    let expected = "\
column    count               mean        stddev (n−1)
wind       1461   3.24113620807666  1.4378250588746195
                  4009edd8d1fc90ce    3ff70154d953c5b2
temp_min   1461  8.234770704996578   5.023004179961265
                  40207833dda809d0    4014178e68626b73

column              q(1/3)
wind                   2.5
          4004000000000000
temp_min               6.1
          4018666666666666
";
    let narrow = on("60", "wind,temp_min");
    assert_eq!(narrow, Run { code: Some(0), stdout: expected.to_owned(), stderr: String::new() });
    assert_eq!(on("54", "wind,temp_min").stdout, expected);
    let expected = "\
wind
  count                       1461
  mean            3.24113620807666  4009edd8d1fc90ce
  stddev (n−1)  1.4378250588746195  3ff70154d953c5b2
  q(1/3)                       2.5  4004000000000000
";
    assert_eq!(on("60", "wind").stdout, expected);
    assert!(on("20", "wind,temp_min").stdout.starts_with("wind\n  count  "), "a block each");
    let wide = on("0", "wind,temp_min").stdout;
    let expected = "\
column    count               mean        stddev (n−1)            q(1/3)
wind       1461   3.24113620807666  1.4378250588746195               2.5
                  4009edd8d1fc90ce    3ff70154d953c5b2  4004000000000000
";
    assert!(wide.starts_with(expected), "{wide}");
    assert!(wide.lines().all(|line| line == line.trim_end()), "{wide}");
}

#[test]
fn what_has_no_finite_value_says_why() {
    let input = "x,y,z,long name\n1,inf,1e308,\n,nan,1e308,NA\n,-inf,-0,t\n";
    let run =
        run(&["stats", "-s", "sum,min,stddev,cv", "-q", ".5", "--null", "NA"], input.as_bytes());
    let expected = "\
column     count  null  nan  inf  -inf  sum   min            stddev (n−1)                  cv   q(.5)
x              1     2    0    0     0  1.0   1.0                       –                   –     1.0
y              0     0    1    1     1  NaN   NaN                     NaN                 NaN     NaN
z              3     0    0    0     0  inf  -0.0  5.773502691896257e+307  0.8660254037844386  1e+308
long name  text: 1 of 3 cells, the first in line 4, column 10

x has no finite stddev (n−1), cv: too_few
y has no finite sum, min, stddev (n−1), cv, q(.5): nan
z has no finite sum: overflow
";
    assert_eq!(run.stdout, expected);
    assert_eq!(run.code, Some(0));
}

#[test]
fn names_from_the_data_stay_in_their_cell() {
    let input = format!("\"a\nb\u{1b}[31m\",日本,{}\n1,2,3\n", "n".repeat(100));
    let run = run(&["stats", "-s", "sum"], input.as_bytes());
    let long = "n".repeat(64) + "…";
    let expected = [
        format!("{:65}  count  sum", "column"),
        format!("{:65}      1  1.0", "a\\nb\\u{1b}[31m"),
        format!("日本{}      1  2.0", " ".repeat(61)),
        format!("{long}      1  3.0"),
    ];
    assert_eq!(run.stdout.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn json_is_one_line_of_the_service() {
    let run =
        run(&["stats", "--json", "-s", "sum,stddev,cv", "-q", "0.5", "--bits"], b"x,y,t\n6,,a\n");
    let expected = concat!(
        r#"{"columns":[{"name":"x","count":1,"sum":6.0,"quantiles":[{"p":0.5,"value":6.0,"bits":"4018000000000000"}],"#,
        r#""undefined":{"stddev":"too_few","cv":"too_few"},"bits":{"sum":"4018000000000000"}},"#,
        r#"{"name":"y","count":0,"null":1,"sum":0.0,"quantiles":[{"p":0.5,"undefined":"empty"}],"#,
        r#""undefined":{"stddev":"empty","cv":"empty"},"bits":{"sum":"0000000000000000"}},"#,
        r#"{"name":"t","type":"text","count":0,"invalid":1,"first_invalid":{"line":2,"column":4,"offset":9}}]}"#,
        "\n"
    );
    assert_eq!(run.stdout, expected);
}

#[test]
fn warnings_teach_what_helps() {
    let rows = |cell: &str| format!("x,y\n1,{cell}\n2,3\n3,{cell}\n");
    let spoiled = "make its mean NaN; `--nonfinite skip` leaves them out";
    let alike = |word: &str| {
        format!(
            "only because of `{0}` 2 times: `--null {1}` if it means",
            word.trim_matches('\''),
            word
        )
    };
    let cases = [
        (&[][..], rows("nan"), format!("2 of 3 values in `y` are NaN and {spoiled}")),
        (
            &["-s", "sum"],
            "x\ninf\n1\n".to_owned(),
            "1 of 2 values in `x` is infinite and makes its sum inf; ".to_owned(),
        ),
        (
            &["-s", "count", "-q", "0.5"],
            "x\nnan\n1\n".to_owned(),
            "makes its quantiles NaN; ".to_owned(),
        ),
        (
            &[],
            rows("NA"),
            format!("<stdin>:2:3: column `y` is text, no statistics, {}", alike("NA")),
        ),
        (&[], rows("-"), alike("-")),
        (&[], rows("\"not known\""), alike("'not known'")),
        (
            &[],
            "x\nred\n1\n".to_owned(),
            "column `x` is text, no statistics; use --invalid count".to_owned(),
        ),
        // Two spellings, no number, or one that cannot be named: a text column as any other.
        (
            &[],
            "x\nNA\n1\nna\n".to_owned(),
            "column `x` is text, no statistics; use --invalid count".to_owned(),
        ),
        (
            &[],
            "x\nNA\nNA\n".to_owned(),
            "column `x` is text, no statistics; use --invalid count".to_owned(),
        ),
        (&[], rows("\"a,b\""), "column `y` is text, no statistics; use --invalid count".to_owned()),
    ];
    for (arguments, input, expected) in cases {
        for threads in ["1", "3"] {
            let told = run(&[&["stats", "-t", threads], arguments].concat(), input.as_bytes());
            assert!(told.stderr.contains(&expected), "{input:?}: {}", told.stderr);
            assert_eq!(
                (told.code, told.stderr.matches('\n').count()),
                (Some(0), 1),
                "{}",
                told.stderr
            );
        }
    }
    let mended = run(&["stats", "-s", "sum", "--null", "NA"], rows("NA").as_bytes());
    assert_eq!(mended.stderr, "");
    let skipped = run(&["stats", "--nonfinite", "skip"], rows("nan").as_bytes());
    assert_eq!(skipped.stderr, "");
    let server = Server::start();
    let asked = |input: &str| run(&["stats", "--server", &server.url()], input.as_bytes());
    assert!(asked(&rows("nan")).stderr.contains(spoiled));
    assert!(asked(&rows("NA")).stderr.contains("column `y` is text"));
    server.stop();
}

/// A command line after `stats`, what it reads, how it ends, and what its line on stderr begins with.
type Fault = (&'static [&'static str], &'static [u8], i32, &'static str);

#[rustfmt::skip]
const FAULTS: &[Fault] = &[
    (&[], b"a,b\n1,2\n3\n", 3, "<stdin>:3:1: this row has 1 cell and the header has 2 cells; add or"),
    (&["-c", "b"], b"a,b\n1,2\n3,x\n", 3, "<stdin>:3:3: `x` in column `b` is not a number; mend it"),
    (&["-c", "a"], b"a,b\n1e999,2\n", 3, "<stdin>:2:1: `1e999` in column `a` is beyond the range of"),
    (&["-c", "wind"], b"a,b\n1,2\n", 2, "<stdin>: no column `wind`; the columns are `a`, `b`"),
    (&["-c", "wins"], b"win,b\n1,2\n", 2, "<stdin>: no column `wins`; is `win` meant?"),
    (&["-c", "a,a"], b"a,b\n1,2\n", 2, "<stdin>: column `a` is asked for twice; name it once"),
    (&[], b"a,b\n1,\x002\n", 3, "<stdin>:2:3: a NUL byte; is this binary data, or UTF-16? give text in UTF-8"),
    (&[], b"a,b\n1,2\xff\n", 3, "<stdin>:2:4: invalid UTF-8; convert the input to UTF-8"),
    (&[], b"a,b\n\"1,2\n", 3, "<stdin>:2:1: this quote is never closed; close it"),
    (&[], b"a,a\n1,2\n", 3, "<stdin>:1:3: column `a` stands twice in the header; rename one"),
    (&["--nonfinite", "reject"], b"a\n1\ninf\n", 3, "<stdin>:3:1: inf in column `a` is rejected; mend it"),
    (&[], b"", 3, "<stdin>: the input is empty; give a header and rows, or numbers one a line"),
    (&["-d", "\""], b"a\n1\n", 2, "<stdin>: the delimiter cannot be \\\"; choose one ASCII byte"),
    (&["-d", "ab"], b"", 2, "invalid value 'ab' for '--delimiter <CHAR>': one ASCII character is taken"),
    (&["-s", "sum,foo"], b"", 2, "invalid value 'foo' for '--statistics <LIST>'; possible values: count, sum"),
    (&["--quantile-method", "linaer"], b"", 2, "invalid value 'linaer' for '--quantile-method <METHOD>'; possible"),
    (&["-q", "0.5,1.5"], b"", 2, "invalid value '1.5' for '--quantiles <LIST>': probability 1.5 is not a number"),
    (&["-t", "0"], b"", 2, "invalid value '0' for '--threads <N>': 0 is not in 1..=1024; --help"),
    (&["--all", "-s", "sum"], b"", 2, "the argument '--all' cannot be used with '--statistics <LIST>'"),
    (&["-f", "cvs"], b"", 2, "invalid value 'cvs' for '--format <FORMAT>'; possible values: table, json, ndjson, csv"),
    (&["--json", "-f", "csv"], b"", 2, "--json is another format than --format says; give one of them"),
    (&["-o", "a.xls"], b"", 2, "the name `a.xls` tells no format; say which with --format, or end it in .json"),
    (&["-f", "csv", "--histogram", "3"], b"", 2, "a histogram does not fit into rows of numbers; use --format"),
    (&["-o", "no/such/a.csv"], b"", 1, "no/such/a.csv: cannot be written: No such file or directory (os error 2); make its folder, or try another place\n"),
    (&["-o", "/", "-f", "csv"], b"", 1, "/: cannot be written: is a directory; name a file in it\n"),
    (&["--foo"], b"", 2, "unexpected argument '--foo' found; tip: "),
    (&["-", "-"], b"", 2, "stdin is named more than once; give `-` once"),
    (&["no/such.csv"], b"", 1, "no/such.csv: cannot be opened: No such file or directory"),
    (&["/"], b"", 1, "/: is a directory; name the files in it"),
    (&["a.csv", "b.csv", "--server", "http://127.0.0.1:1"], b"", 2, "2 inputs and --server, which takes one; run it"),
    (&["--server", "http://127.0.0.1:1"], b"", 1, "<stdin>: no answer from http://127.0.0.1:1/v1/summarize/csv: "),
];

#[test]
fn one_line_says_what_is_wrong() {
    for (arguments, stdin, code, message) in FAULTS {
        let run = run(&[&["stats"], *arguments].concat(), stdin);
        assert_eq!(
            (run.code, run.stdout.as_str()),
            (Some(*code), ""),
            "{arguments:?}: {}",
            run.stderr
        );
        let message = format!("exacta: {message}");
        assert!(run.stderr.starts_with(&message), "{arguments:?}: {}", run.stderr);
        assert_eq!(run.stderr.matches('\n').count(), 1, "{arguments:?}: {}", run.stderr);
    }
}

#[test]
fn a_numeric_header_is_remarked_on() {
    let run = run(&["stats", "-s", "sum"], b"1,2\n3,4\n");
    let warning = "exacta: warning: <stdin>:1:1: the header is made of numbers; use --no-headers if it is data\n";
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), warning));
}

#[test]
fn flags_reach_the_reader() {
    let cases: &[(&[&str], &str, &str)] = &[
        (&["-d", ";"], "x;y\n1;2\n", "x 1 1.0 y 1 2.0"),
        (&["-d", "tab"], "x\ty\n1\t2\n", "x 1 1.0 y 1 2.0"),
        (&["-d", "\\t"], "x\ty\n1\t2\n", "x 1 1.0 y 1 2.0"),
        (&["--no-headers"], "1,2\n3,4\n", "1 2 4.0 2 2 6.0"),
        (&["-n"], "1\n3\n", "1 2 4.0"),
        (&["-c", "y,x"], "x,y\n1,2\n", "y 1 2.0 x 1 1.0"),
        (&["--invalid", "count"], "x\n1\na\n", "x 1 1 1.0"),
        (&["--null", "-,NA"], "x\n1\n-\nNA\n", "x 1 2 1.0"),
        (&["--nonfinite", "skip"], "x\n1\ninf\n", "x 1 1 1.0"),
    ];
    for (arguments, stdin, expected) in cases {
        let run = run(&[&["stats", "-s", "sum"], *arguments].concat(), stdin.as_bytes());
        let cells = run.stdout.lines().skip(1).flat_map(str::split_ascii_whitespace);
        assert_eq!(cells.collect::<Vec<_>>().join(" "), *expected, "{arguments:?}: {}", run.stderr);
    }
}

#[test]
fn quantiles_are_answered_once_and_in_order() {
    let headings = |arguments: &[&str]| {
        let run = run(&[&["stats"], arguments].concat(), b"x\n1\n2\n");
        run.stdout
            .lines()
            .next()
            .unwrap()
            .split_ascii_whitespace()
            .skip(2)
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(headings(&[]), "sum mean min max stddev (n−1) q(0.25) q(0.5) q(0.75)");
    assert_eq!(headings(&["-q", "0.9,1/10,.9"]), "sum mean min max stddev (n−1) q(0.9) q(1/10)");
    assert_eq!(headings(&["-s", "variance_pop,mean"]), "mean variance_pop (n)");
    assert_eq!(headings(&["-s", "count", "-q", "1/3,2/6"]), "q(1/3)");
}

#[test]
fn stdin_and_file_and_any_number_of_threads_give_the_same_bytes() {
    let data = fs::read(WEATHER).unwrap();
    let arguments =
        ["stats", "--json", "--bits", "-s", "sum,mean,stddev,cv,median", "-q", "0.1,1/3"];
    let expected = run(&[&arguments, [WEATHER].as_slice()].concat(), b"").stdout;
    assert!(
        expected
            .starts_with(r#"{"columns":[{"name":"date","type":"text","count":0,"invalid":1461"#)
    );
    assert_eq!(run(&arguments, &data).stdout, expected);
    assert_eq!(run(&[&arguments, ["-"].as_slice()].concat(), &data).stdout, expected);
    for n_threads in ["1", "2", "7"] {
        assert_eq!(
            run(&[&arguments, ["-t", n_threads].as_slice()].concat(), &data).stdout,
            expected
        );
        let mut command = exacta(&arguments);
        let run = feed(command.env("RAYON_NUM_THREADS", n_threads), &data);
        assert_eq!(run.stdout, expected, "RAYON_NUM_THREADS={n_threads}");
    }
}

#[test]
fn files_are_joined_by_column_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (a, b) = (path("a", "x,y\n1e16,a\n1,b\n"), path("b", "y,x\nc,-1e16\n"));
    let c = path("c", "x\n1\n");
    let joined = run(&["stats", "-s", "sum,median", &a, &b], b"");
    let expected = format!(
        "\
column  count  sum  median
x           3  1.0     1.0
y       text: 3 cells, the first in {a}, line 2, column 6
"
    );
    assert_eq!((joined.code, joined.stdout), (Some(0), expected));
    // The column is remarked on in the first file alone.
    assert_eq!(joined.stderr.matches('\n').count(), 1);
    assert!(joined.stderr.starts_with(&format!("exacta: warning: {a}:2:6: column `y` is text")));
    // A column of numbers in the first file may be text in the second.
    let late = run(&["stats", "-s", "sum", &c, "-"], b"x\n2\nred\n");
    let warning = "exacta: warning: <stdin>:3:1: column `x` is text";
    assert!(late.stderr.starts_with(warning), "{}", late.stderr);
    let remark = "x text: 1 of 3 cells, the first in <stdin>, line 3, column 1";
    let cells: Vec<_> = late.stdout.lines().nth(1).unwrap().split_ascii_whitespace().collect();
    assert_eq!(cells.join(" "), remark);
    let chosen = run(&["stats", "-s", "sum", "-c", "x", &a, "-", &c], b"x\n2\n");
    let expected = "\
column  count                     sum
x           4  1.0000000000000004e+16
";
    assert_eq!(chosen.stdout, expected);
    let missing = run(&["stats", &a, &c], b"");
    assert_eq!(missing.code, Some(3));
    assert!(missing.stderr.ends_with(&format!(
        "exacta: {c}: column `y` is missing, and another input has it; give inputs with the same columns, name those to summarize, or use --flexible to take its cells as null\n"
    )));
}

/// Files of different columns in any order and two formats: those that a file lacks are null there.
#[test]
fn a_column_that_a_file_lacks_is_null_if_flexible() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let a = file("a.csv", "x,y\n1,2\n0.1,\n");
    let b = file("b.csv", "z,y\n4,8\n");
    let c = file("c.ndjson", "{\"x\":0.2,\"t\":\"r\"}\n{\"x\":1e300}\n{\"w\":1}\n");
    // The names in order, then each with its numbers, missing cells and sum.
    let known = [
        ("x", "4,2,0,1e+300"),
        ("y", "2,4,0,10.0"),
        ("z", "1,5,0,4.0"),
        ("t", "0,5,1,"),
        ("w", "1,5,0,1.0"),
    ];
    for (files, order) in [
        ([&a, &b, &c], ["x", "y", "z", "t", "w"]),
        ([&a, &c, &b], ["x", "y", "t", "w", "z"]),
        ([&b, &a, &c], ["z", "y", "x", "t", "w"]),
        ([&b, &c, &a], ["z", "y", "x", "t", "w"]),
        ([&c, &a, &b], ["x", "t", "w", "y", "z"]),
        ([&c, &b, &a], ["x", "t", "w", "z", "y"]),
    ] {
        let files = files.map(String::as_str);
        let flexible = ["stats", "-s", "sum", "-f", "csv", "--flexible"];
        let joined = run(&[&flexible[..], &files].concat(), b"");
        let lines: Vec<_> = joined.stdout.lines().skip(1).map(str::to_owned).collect();
        let expected = order.map(|name| {
            let (_, cells) = known.iter().find(|(known, _)| *known == name).unwrap();
            let [count, null, invalid, sum] =
                cells.split(',').collect::<Vec<_>>().try_into().unwrap();
            let kind = if invalid == "1" { "text" } else { "number" };
            format!("{name},{kind},{count},{null},0,0,0,{invalid},{sum}")
        });
        assert_eq!(lines, expected, "{}", joined.stderr);
        // Those that are named may be missing as well, all of them even, but not everywhere.
        let named = run(&[&flexible[..], &["-c", "y,z"], &files].concat(), b"");
        let mut lines: Vec<_> = named.stdout.lines().skip(1).collect();
        lines.sort_unstable();
        let expected = ["y,number,2,4,0,0,0,0,10.0", "z,number,1,5,0,0,0,0,4.0"];
        assert_eq!(lines, expected, "{}", named.stderr);
        let unknown = run(&[&flexible[..], &["-c", "y,u"], &files].concat(), b"");
        assert_eq!(unknown.code, Some(2), "{}", unknown.stdout);
        assert!(unknown.stderr.contains("`u`"), "{}", unknown.stderr);
        let top = run(&[&["stats", "--top=1", "--json", "--flexible"], &files[..]].concat(), b"");
        assert!(top.stdout.contains(r#""value":"r","count":1"#), "{}{}", top.stdout, top.stderr);
        // Partials of the files say the same.
        let partials = files.map(|file| {
            let partial = format!("{file}.partial");
            assert_eq!(run(&["partial", "-s", "sum", file, "-o", &partial], b"").code, Some(0));
            partial
        });
        let mut arguments = vec!["merge", "--flexible", "-f", "csv"];
        arguments.extend(partials.iter().map(String::as_str));
        let merged = run(&arguments, b"");
        assert_eq!(merged.stdout.lines().count(), 6, "{}", merged.stderr);
    }
}

#[test]
fn a_file_that_lacks_a_column_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (less, more) = (file("less.csv", "k,x\n1,1\n"), file("more.csv", "k,x,y\n1,1,2\n2,3,4\n"));
    for files in [[&less, &more], [&more, &less]] {
        for asked in [&["-s", "sum"][..], &["-s", "sum", "--by", "k"]] {
            let refused = run(&[&["stats"], asked, &files.map(String::as_str)].concat(), b"");
            let words = format!("exacta: {less}: column `y` is missing, and another input has it;");
            assert!(refused.stderr.starts_with(&words), "{}", refused.stderr);
            assert!(refused.stderr.contains("use --flexible"), "{}", refused.stderr);
            assert_eq!(refused.code, Some(3));
        }
        let by = ["stats", "-s", "sum", "--flexible", "--by", "k", "-f", "csv"];
        let grouped = run(&[&by[..], &files.map(String::as_str)].concat(), b"");
        let expected = "\
k,rows,column,type,count,null,nan,pos_inf,neg_inf,invalid,sum
1,2,x,number,2,0,0,0,0,0,2.0
1,2,y,number,1,1,0,0,0,0,2.0
2,1,x,number,1,0,0,0,0,0,3.0
2,1,y,number,1,0,0,0,0,0,4.0
";
        assert_eq!(grouped.stdout, expected, "{}", grouped.stderr);
    }
}

/// Files that lack what is named say what one file says that has all columns, with empty cells.
#[test]
fn a_named_column_that_a_file_lacks_is_null_if_flexible() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let rows = [["1", "r", "2"], ["0.1", "s", "3"]];
    let csv = |columns: &[usize]| {
        let names = ["x", "k", "w"];
        let line = |cells: &[&str; 3]| {
            columns.iter().map(|column| cells[*column]).collect::<Vec<_>>().join(",") + "\n"
        };
        line(&names) + &rows.iter().map(line).collect::<String>()
    };
    let all = [&[0, 1, 2][..], &[2], &[1, 0], &[0, 2], &[1, 2]];
    let mut files: Vec<_> = all
        .iter()
        .enumerate()
        .map(|(index, columns)| file(&format!("{index}.csv"), &csv(columns)))
        .collect();
    files.push(file("5.ndjson", "{\"x\":1}\n{\"x\":0.1,\"k\":\"s\"}\n"));
    files.push(file("6.ndjson", "{\"w\":2}\n"));
    let expected = "x,k,w\n1,r,2\n0.1,s,3\n,,2\n,,3\n1,r,\n0.1,s,\n1,,2\n0.1,,3\n,r,2\n,s,3\n1,,\n0.1,s,\n,,2\n";
    let whole = file("whole.csv", expected);
    for asked in [
        &["--where", "w > 2"][..],
        &["--where", "k = r", "-c", "x"],
        &["--where", "w <= 3", "--where", "x > 0.5"],
        &["--by", "k"],
        &["--by", "k,w", "-c", "x"],
        &["--by", "w", "--where", "k != s", "-c", "x"],
        &["--pair", "x,w"],
        &["--pair", "w,x", "-c", "x"],
        &["--weights", "w", "--invalid", "count"],
        &["--weights", "x", "-c", "w"],
        &["--top=2", "--where", "w = 2"],
    ] {
        let asked = [&["stats", "-s", "count,sum,mean", "--json"], asked].concat();
        let one = run(&[&asked[..], &[&whole]].concat(), b"");
        // The first file has all columns, so that theirs is one order.
        for order in [[0, 1, 2, 3, 4, 5, 6], [0, 6, 5, 4, 3, 2, 1], [0, 5, 1, 6, 2, 4, 3]] {
            let files = order.map(|index: usize| files[index].as_str());
            let joined = run(&[&asked[..], &["--flexible"], &files].concat(), b"");
            assert_eq!(
                (joined.code, &joined.stdout),
                (Some(0), &one.stdout),
                "{asked:?} {order:?} {}",
                joined.stderr
            );
        }
        let strict = run(&[&asked[..], &[files[0].as_str(), &files[1], &files[6]]].concat(), b"");
        assert_ne!(strict.code, Some(0), "{asked:?} {}", strict.stdout);
    }
    for asked in
        [&["--where", "q > 0"][..], &["--by", "q"], &["--pair", "x,q"], &["--weights", "q"]]
    {
        for files in [[&files[1], &files[2]], [&files[5], &files[3]]] {
            let asked = [&["stats", "--flexible"], asked, &files.map(String::as_str)].concat();
            let unknown = run(&asked, b"");
            assert_eq!(
                (unknown.code, unknown.stderr.contains("no column `q`")),
                (Some(2), true),
                "{asked:?} {}",
                unknown.stderr
            );
        }
    }
}

/// A file that is read is not written over, whatever it is called.
#[test]
fn an_input_is_no_output() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (data, link, hard) = (path("t.csv"), path("link.csv"), path("hard.partial"));
    fs::write(&data, "x\n1\n").unwrap();
    std::os::unix::fs::symlink(&data, &link).unwrap();
    fs::hard_link(&data, &hard).unwrap();
    let partial = path("x.partial");
    assert_eq!(run(&["partial", &data, "-o", &partial], b"").code, Some(0));
    let kept = fs::read(&partial).unwrap();
    for (asked, output) in [
        (&["stats", "-o", &data, &data][..], &data),
        (&["stats", "-o", &link, &data], &link),
        (&["stats", "-o", &data, "-", &link], &data),
        (&["partial", "-o", &hard, &data], &hard),
        (&["merge", "-o", &partial, &partial], &partial),
    ] {
        let refused = run(asked, b"x\n1\n");
        let message = format!(
            "exacta: {output}: this is an input, and the output would take its place; write to another file\n"
        );
        assert_eq!(refused, Run { code: Some(2), stdout: String::new(), stderr: message });
    }
    let piped = |file: fs::File| exacta(&["stats", "-o", &data]).stdin(file).output().unwrap();
    assert_eq!(piped(fs::File::open(&data).unwrap()).status.code(), Some(2));
    assert_eq!(
        (fs::read_to_string(&data).unwrap().as_str(), fs::read(&partial).unwrap()),
        ("x\n1\n", kept)
    );
}

#[test]
fn a_number_behind_top_is_told_where_it_belongs() {
    let told = run(&["stats", "--top", "3", WEATHER], b"");
    let line = "exacta: 3: there is no such file; if so many values are meant, write --top=3\n";
    assert_eq!((told.code, told.stderr.as_str()), (Some(2), line));
}

#[test]
fn a_closed_pipe_ends_quietly() {
    // Longer than a pipe holds, so that the reader is gone before the writer is done.
    let names: Vec<_> = (0..5000).map(|index| format!("c{index}")).collect();
    let input = format!("{}\n{}\n", names.join(","), vec!["1"; 5000].join(","));
    let mut child = exacta(&["stats"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with("column"));
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    assert_eq!((child.wait().unwrap().code(), stderr.as_str()), (Some(0), ""));
}

/// A cell of 256 MiB, in a process that may have as many in all: the allocator takes some in advance.
#[test]
fn a_number_without_end_takes_bounded_memory() {
    let limited = |bytes: &[u8]| {
        let mut command = Command::new("sh");
        let script = r#"ulimit -v 262144 && exec "$0" stats -t 1 -s sum"#;
        feed(command.args(["-c", script, EXACTA]), bytes)
    };
    assert_eq!(limited(b"x\n12\n").stdout, "column  count   sum\nx           1  12.0\n");
    for start in ["", "x,y\n1,", "x\n\"", "x\n0."] {
        let mut input = start.as_bytes().to_vec();
        input.resize(256 << 20, b'1');
        let run = limited(&input);
        assert_eq!((run.code, run.stdout.as_str()), (Some(3), ""), "{start}: {}", run.stderr);
        assert!(
            run.stderr.contains(": this record is longer than 16777216 bytes; "),
            "{}",
            run.stderr
        );
        assert_eq!(run.stderr.matches('\n').count(), 1);
    }
}

#[test]
fn a_histogram_is_drawn_and_exact_values_are_written_out() {
    let data = b"x\n0.1\n0.25\n1\n1\n7\nnan\n";
    let arguments =
        ["stats", "-s", "sum,distinct", "--nonfinite", "skip", "--exact", "--histogram"];
    let told = run(&[&arguments[..], &["0,1,2"]].concat(), data);
    let bars = format!("  [0.0, 1.0)  2  {0}\n  [1.0, 2.0]  2  {0}\n", "█".repeat(40));
    let expected = format!(
        "column  count  nan   sum  distinct\nx           5    1  9.35         4\n\nx, histogram\n{bars}  \
         above       1  {}\n\nx, exact\n  sum = 9.3500000000000000\
         055511151231257827021181583404541015625\n",
        "█".repeat(20)
    );
    assert_eq!((told.code, told.stdout), (Some(0), expected));
    let told = run(&["stats", "-s", "sum", "--histogram", "3"], data);
    assert!(told.stdout.ends_with("\nx has no finite sum, histogram: nan\n"), "{}", told.stdout);
    let twice = ["stats", "--approx-quantiles", "1/2,0.5,1", "--nonfinite", "skip"];
    let told = run(&twice, data);
    let labels = told.stdout.lines().filter(|line| line.starts_with("  q("));
    let labels: Vec<_> = labels.filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(labels, ["q(1/2)", "q(1)"]);
    let told = run(&["stats", "--approx-quantiles", "0.5,1", "--nonfinite", "skip"], data);
    assert!(!told.stdout.contains("q(0.25)"), "sketches were asked for: {}", told.stdout);
    let sketched = "\nx, approximate quantiles\n  q(0.5)  1.0  [";
    assert!(
        told.stdout.contains(sketched) || told.stdout.contains("q(0.5)  0.9"),
        "{}",
        told.stdout
    );
    for (bins, what) in
        [("0,0", "edge 1"), ("0", "0 bins"), ("best", "edges such as 0,1,10, auto, fd")]
    {
        let told = run(&["stats", "--histogram", bins], data);
        assert_eq!((told.code, told.stdout.as_str()), (Some(2), ""), "{bins}");
        assert!(told.stderr.contains(what), "{}", told.stderr);
    }
}

/// A shell reports a process that SIGINT ended as 128 + 2, and stops its script.
#[test]
fn an_interrupt_ends_it_as_shells_expect() {
    let mut child = exacta(&["stats"]).stdin(Stdio::piped()).spawn().unwrap();
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-s", "INT", &id]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().signal(), Some(2));
}

#[test]
fn a_full_disk_is_told() {
    let Ok(full) = fs::OpenOptions::new().write(true).open("/dev/full") else { return };
    let output = exacta(&["stats", "--json", WEATHER]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("exacta: the output cannot be written: ")
    );
}

/// Both are made from the command line itself: they know its last flag.
#[test]
fn shells_and_readers_are_told_of_every_flag() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = run(&["completions", shell], b"");
        assert_eq!((script.code, script.stderr.as_str()), (Some(0), ""), "{shell}");
        for word in ["quantile-method", "body-max"] {
            assert!(script.stdout.contains(word), "{shell}: {word}");
        }
    }
    let syntax =
        feed(Command::new("bash").arg("-n"), run(&["completions", "bash"], b"").stdout.as_bytes());
    assert_eq!((syntax.code, syntax.stderr.as_str()), (Some(0), ""));
    for (arguments, title, word) in [
        (&["man"][..], ".TH exacta 1", "\\-\\-version"),
        (&["man", "stats"], ".TH exacta-stats 1", "\\-\\-quantile\\-method"),
    ] {
        let page = run(arguments, b"");
        assert_eq!((page.code, page.stderr.as_str()), (Some(0), ""), "{arguments:?}");
        assert!(page.stdout.contains(title) && page.stdout.contains(word), "{}", page.stdout);
    }
    for (name, advice) in [("stat", "is `stats` meant?"), ("xyz", "--help lists them")] {
        let unknown = run(&["man", name], b"");
        let told = format!("exacta: there is no command `{name}`; {advice}\n");
        assert_eq!((unknown.code, unknown.stderr), (Some(2), told));
    }
}

#[test]
fn help_and_version_are_results() {
    for (arguments, start) in [
        (
            &["--help"][..],
            "Exact statistics: every number is the binary64 nearest to the true value\n",
        ),
        (&["stats", "--help"], "Summarize the columns of files\n"),
        (&["predict", "-h"], "Send numbers to a /predict endpoint and print its answer\n"),
        (&["serve", "-h"], "Serve the statistics over HTTP\n"),
        (&["--version"], "exacta 0."),
        (&["openapi"], "{\n  \"openapi\": \"3.1"),
    ] {
        let run = run(arguments, b"");
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{arguments:?}");
        assert!(run.stdout.starts_with(start), "{arguments:?}: {}", run.stdout);
    }
    let bare = run(&[], b"");
    assert_eq!((bare.code, bare.stdout.as_str()), (Some(2), ""));
    assert!(bare.stderr.contains("Exit codes:\n    0  it is done\n"));
    let document =
        fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../openapi/exacta.json"));
    assert_eq!(run(&["openapi"], b"").stdout, document.unwrap());
}

#[test]
fn comments_and_ragged_rows_are_taken_on_request_and_here_alone() {
    let input = b"# by \"hand\nx,y\n1,2\n# 3,4\n5\n6,7,8\n";
    let given = run(&["stats", "-s", "sum", "--comment", "#", "--flexible"], input);
    assert_eq!(
        given.stdout,
        "column  count  null   sum\nx           3     0  12.0\ny           2     1   9.0\n"
    );
    let strict = run(&["stats", "--comment", "#"], input);
    assert_eq!(
        (strict.code, strict.stderr.contains("<stdin>:5:1: this row has 1 cell")),
        (Some(3), true)
    );
    for flag in ["--comment=#", "--flexible"] {
        let there = run(&["stats", flag, "--server", "http://127.0.0.1:1"], b"");
        let name = &flag[..flag.find('=').unwrap_or(flag.len())];
        assert_eq!((there.code, there.stderr.contains(name)), (Some(2), true), "{}", there.stderr);
    }
}
