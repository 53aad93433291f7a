//! Questions about rows by the real binary: which rows (`--where`), in which groups (`--by`), in pairs, with weights,
//! and which values are frequent (`--top`), in every format, and against exact arithmetic in Python. What is compared is in rows.py.
//! A question costs a process, so there are a few hundred; ten thousand tables of pairs and weights are compared in
//! crates/core/tests/pairs.rs, and each night twenty thousand here.

mod common;

use common::oracle::python;
use common::{EXACTA, Run, WEATHER, run};

const ORACLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/rows.py");

#[test]
fn every_bit_is_that_of_exact_arithmetic() {
    let Some(mut python) = python() else { return };
    let run =
        Run::from(python.args([ORACLE, EXACTA, "--cases", "600", "--seed", "1"]).output().unwrap());
    assert!(run.stdout.ends_with(" passed, 0 failed\n"), "{}{}", run.stdout, run.stderr);
    assert_eq!(run.code, Some(0));
}

const INPUT: &str = "k,\"l,m\",x,t\nb,10,1,r\n9.50,,2,s\nb,1e1,4,\n,x\u{1b},inf,r\n";

fn stats(arguments: &[&str]) -> Run {
    run(&[&["stats", "-s", "sum,stddev"], arguments].concat(), INPUT.as_bytes())
}

#[test]
fn groups_are_objects_with_their_key() {
    let json = stats(&["--by", "k", "-c", "x", "--json"]);
    let expected = concat!(
        r#"{"groups":[{"by":{"k":"9.5"},"rows":1,"columns":[{"name":"x","count":1,"sum":2.0,"undefined":{"stddev":"too_few"}}]},"#,
        r#"{"by":{"k":"b"},"rows":2,"columns":[{"name":"x","count":2,"sum":5.0,"stddev":2.1213203435596424}]},"#,
        r#"{"by":{},"rows":1,"columns":[{"name":"x","count":0,"pos_inf":1,"undefined":{"sum":"infinite","stddev":"too_few"}}]}]}"#,
        "\n",
    );
    assert_eq!((json.code, json.stdout.as_str()), (Some(0), expected));
    let lines = stats(&["--by", "k", "-c", "x", "-f", "ndjson"]).stdout;
    let joined: Vec<_> = lines.lines().collect();
    assert_eq!(format!("{{\"groups\":[{}]}}\n", joined.join(",")), expected);
}

#[test]
fn a_text_column_is_text_in_every_group() {
    let json = stats(&["--by", "k", "--json", "--where", "x < 3"]);
    let text = r#"{"name":"t","type":"text","count":0,"invalid":1,"first_invalid":{"line":2,"column":8,"offset":19}}"#;
    assert_eq!(json.stdout.matches(text).count(), 2, "{}", json.stdout);
    assert_eq!(json.stderr.matches("column `t` is text").count(), 1, "{}", json.stderr);
}

#[test]
fn groups_are_rows_with_their_key_in_front() {
    let csv = stats(&["--by", "l,m", "-c", "x", "-f", "csv"]);
    assert!(csv.stderr.contains("no column `l`"), "{}", csv.stderr);
    let csv = stats(&["--by", "k", "-c", "x", "-f", "csv"]);
    let expected = "\
k,rows,column,type,count,null,nan,pos_inf,neg_inf,invalid,sum,stddev
9.5,1,x,number,1,0,0,0,0,0,2.0,
b,2,x,number,2,0,0,0,0,0,5.0,2.1213203435596424
,1,x,number,0,0,0,1,0,0,inf,
";
    assert_eq!(csv.stdout, expected);
    let table = stats(&["--by", "k", "-c", "x"]);
    let expected = "\
k    column  count  inf  sum        stddev (n−1)
9.5  x           1    0  2.0                   –
b    x           2    0  5.0  2.1213203435596424
–    x           0    1  inf                   –

2 of 3 lines have no finite stddev (n−1): too_few
1 of 3 lines has no finite sum: infinite
";
    assert_eq!(table.stdout, expected);
    let markdown = stats(&["--by", "k", "-c", "x", "-f", "markdown", "--where", "k != b"]);
    let expected = "\
| k   | column | count | sum | stddev (n−1) |
|-----|--------|------:|----:|-------------:|
| 9.5 | x      |     1 | 2.0 |            – |

- 1 of 1 lines has no finite stddev (n−1): too_few
";
    assert_eq!(markdown.stdout, expected);
}

#[test]
fn what_values_do_to_groups_is_told_with_the_flag_for_it() {
    let input = "g,a,b\nx,1,1\nx,nan,2\ny,nan,3\ny,inf,4\nz,inf,5\nz,1,6\nw,1,7\n";
    let told = |arguments: &[&str]| {
        run(&[&["stats", "--by", "g"], arguments].concat(), input.as_bytes()).stderr
    };
    for format in ["table", "markdown", "json", "ndjson", "csv", "tsv"] {
        let expected = "\
exacta: warning: values in `a` are NaN and make its mean NaN in 2 of 4 groups; `--nonfinite skip` leaves them out
exacta: warning: values in `a` are infinite and make its mean inf in 1 of 4 groups; `--nonfinite skip` leaves them out
";
        assert_eq!(told(&["-s", "mean", "-f", format]), expected);
    }
    assert_eq!(told(&["-s", "count"]), "");
    assert_eq!(told(&["-s", "mean", "--nonfinite", "skip"]), "");
}

#[test]
fn groups_without_numbers_have_their_rows() {
    let only_keys = "k\na\nb\n\"\"\na\n";
    let stats = |arguments: &[&str], input: &str| {
        let by = ["stats", "-s", "mean", "--by", "k"];
        run(&[&by, arguments].concat(), input.as_bytes()).stdout
    };
    let table = "k  rows\na     2\nb     1\n–     1\n";
    assert_eq!(stats(&[], only_keys), table);
    assert_eq!(stats(&[], "k,t\na,x\nb,y\n,z\na,x\n"), table);
    assert_eq!(stats(&["--where", "k = a"], only_keys), "k  rows\na     2\n");
    let markdown = "| k | rows |\n|---|-----:|\n| a |    2 |\n| b |    1 |\n| – |    1 |\n";
    assert_eq!(stats(&["-f", "markdown"], only_keys), markdown);
    let json = concat!(
        r#"{"groups":[{"by":{"k":"a"},"rows":2,"columns":[]},{"by":{"k":"b"},"rows":1,"columns":[]},"#,
        r#"{"by":{},"rows":1,"columns":[]}]}"#,
        "\n",
    );
    assert_eq!(stats(&["--json"], only_keys), json);
    let csv = "k,rows,column,type,count,null,nan,pos_inf,neg_inf,invalid,mean\n\
               a,2,,,,,,,,,\nb,1,,,,,,,,,\n,1,,,,,,,,,\n";
    assert_eq!(stats(&["-f", "csv"], only_keys), csv);
}

#[test]
fn more_groups_than_a_person_reads_are_counted() {
    let input = (0..10_002).fold("k,x,y\n".to_owned(), |input, k| input + &format!("{k},1,2\n"));
    let stats = |arguments: &[&str]| {
        run(&[&["stats", "-s", "sum", "--by", "k"], arguments].concat(), input.as_bytes())
    };
    for (format, columns, n_shown, n_rows) in [
        ("table", "x", 10_000, 10_001),
        ("table", "x,y", 5000, 10_001),
        ("markdown", "x", 10_000, 10_002),
    ] {
        let told = stats(&["-c", columns, "-f", format]);
        assert_eq!(told.stdout.lines().count(), n_rows, "{format} {columns}");
        let expected = format!(
            "exacta: warning: these are the first {n_shown} of 10002 groups; --format csv, tsv, json or ndjson has all\n"
        );
        assert_eq!(told.stderr, expected);
    }
    let all = stats(&["-f", "csv"]);
    assert_eq!((all.stdout.lines().count(), all.stderr.as_str()), (1 + 2 * 10_002, ""));
    let fits = stats(&["-c", "x", "--where", "k < 10000"]);
    assert_eq!((fits.stdout.lines().count(), fits.stderr.as_str()), (10_001, ""));
}

#[test]
fn results_that_groups_lack_are_told_by_reason() {
    let input = "k,x\na,1\nb,1\nc,1\nc,2\n";
    let table = run(&["stats", "--all", "--by", "k"], input.as_bytes()).stdout;
    let expected = "
3 of 3 lines have no finite skewness_sample, kurtosis_sample: too_few
2 of 3 lines have no finite variance (n−1), stddev (n−1), sem, cv: too_few
2 of 3 lines have no finite skewness, kurtosis: zero_variance
";
    assert!(table.ends_with(expected), "{table}");
}

#[test]
fn files_become_groups_of_one_table() {
    let arguments = ["stats", "-s", "mean", "--by", "weather", "-c", "wind", "--json"];
    let one = run(&[&arguments[..], &[WEATHER]].concat(), b"").stdout;
    let two = run(&[&arguments[..], &[WEATHER, WEATHER]].concat(), b"").stdout;
    let count = |json: &str, key: &str| {
        let answer: serde_json::Value = serde_json::from_str(json).unwrap();
        let groups = answer["groups"].as_array().unwrap().clone();
        let group = groups.into_iter().find(|group| group["by"]["weather"] == key).unwrap();
        (group["columns"][0]["count"].as_u64().unwrap(), group["columns"][0]["mean"].clone())
    };
    for key in ["drizzle", "fog", "rain", "snow", "sun"] {
        let (one, two) = (count(&one, key), count(&two, key));
        assert_eq!((2 * one.0, one.1), two, "{key}");
    }
}

#[test]
fn nothing_left_is_told() {
    let nothing = stats(&["--where", "x < -100", "-c", "x"]);
    assert_eq!(nothing.code, Some(0));
    assert!(nothing.stderr.contains("no row meets --where"), "{}", nothing.stderr);
    let nothing = stats(&["--where", "x < -100", "--by", "k", "--json"]);
    assert_eq!(nothing.stdout, "{\"groups\":[]}\n");
    assert!(nothing.stderr.contains("no row meets --where"), "{}", nothing.stderr);
}

const ROWS: &str = "x,y,w,t\n1,2,1,a\n2,4,0,b\n3,6,2.5,c\n,8,1,d\n";

fn rows(arguments: &[&str]) -> Run {
    run(&[&["stats", "-s", "sum"], arguments].concat(), ROWS.as_bytes())
}

#[test]
fn pairs_stand_beside_the_columns() {
    let json = rows(&["--pair", "x,y", "-c", "x", "--json"]);
    let expected = concat!(
        r#"{"columns":[{"name":"x","count":3,"null":1,"sum":6.0}],"#,
        r#""pairs":[{"x":"x","y":"y","count":3,"null":1,"covariance":2.0,"covariance_pop":1.3333333333333333,"#,
        r#""correlation":1.0,"slope":2.0,"intercept":0.0}]}"#,
        "\n",
    );
    assert_eq!((json.code, json.stdout.as_str()), (Some(0), expected));
    let table = rows(&["--pair", "x,y", "-c", "x"]).stdout;
    let expected = "\
column  count  null  sum
x           3     1  6.0

y on x
  count                              3
  covariance (n−1)                 2.0
  covariance_pop (n)  1.3333333333333333
  correlation                      1.0
  slope                            2.0
  intercept                        0.0
";
    let squeezed = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(squeezed(&table), squeezed(expected));
}

#[test]
fn weights_stand_beside_each_column() {
    let json = rows(&["--weights", "w", "--json", "--bits"]).stdout;
    let x = concat!(
        r#"{"name":"x","count":3,"null":1,"sum":6.0,"bits":{"sum":"4018000000000000","#,
        r#""weighted_mean":"40036db6db6db6db","weighted_variance":"3ff2492492492492","#,
        r#""weighted_variance_pop":"3fea1f58d0fac688"},"weighted_count":3,"weighted_mean":2.4285714285714284,"#,
    );
    assert!(json.starts_with(&format!("{{\"columns\":[{x}")), "{json}");
    assert!(!json.contains(r#""name":"w""#), "{json}");
}

#[test]
fn frequent_values_stand_beside_each_column() {
    let json = stats(&["--top=2", "-c", "k,x", "--json"]);
    let expected = concat!(
        r#"{"columns":[{"name":"k","type":"text","count":1,"null":1,"invalid":2,"#,
        r#""first_invalid":{"line":2,"column":1,"offset":12},"#,
        r#""top":[{"value":"b","count":2},{"value":"9.5","count":1}]},"#,
        r#"{"name":"x","count":3,"pos_inf":1,"undefined":{"sum":"infinite","stddev":"infinite"},"#,
        r#""top":[{"value":"1","count":1},{"value":"2","count":1}]}]}"#,
        "\n",
    );
    assert_eq!((json.code, json.stdout.as_str()), (Some(0), expected));
    let lines = stats(&["--top=2", "-c", "k,x", "-f", "ndjson"]).stdout;
    let columns: Vec<_> = lines.lines().collect();
    assert_eq!(format!("{{\"columns\":[{}]}}\n", columns.join(",")), expected);
    let table = stats(&["--top", "-c", "t", "--where", "x < 4"]).stdout;
    assert!(table.ends_with("\n\nt, most frequent\n  r  1\n  s  1\n"), "{table}");
}

#[test]
fn frequent_values_of_files_are_those_of_one_table() {
    let columns = |files: &[&str]| {
        let arguments = ["stats", "-s", "sum", "--top", "--json"];
        let json = run(&[&arguments[..], files].concat(), b"").stdout;
        let answer: serde_json::Value = serde_json::from_str(&json).unwrap();
        answer["columns"].as_array().unwrap().clone()
    };
    for (one, two) in columns(&[WEATHER]).iter().zip(columns(&[WEATHER, WEATHER])) {
        let mut doubled = one["top"].clone();
        for value in doubled.as_array_mut().unwrap() {
            value["count"] = (2 * value["count"].as_u64().unwrap()).into();
        }
        assert_eq!(doubled, two["top"], "{}", one["name"]);
    }
}

#[test]
fn what_has_no_place_for_frequent_values_is_named() {
    for other in
        ["-fcsv", "-ftsv", "-fsvg", "--plot", "--by=k", "--decimal", "--server=http://127.0.0.1:9"]
    {
        let refused = stats(&["--top=3", other]);
        assert_eq!(refused.code, Some(2), "{other}");
        assert!(refused.stderr.contains("--top"), "{}", refused.stderr);
    }
    assert_eq!(stats(&["--top=0"]).code, Some(2));
}

#[test]
fn faults_in_rows_have_their_place() {
    let fault = |arguments: &[&str], input: &str| {
        let run = run(&[&["stats", "-s", "sum"], arguments].concat(), input.as_bytes());
        (run.code, run.stderr)
    };
    for weight in ["-1", "nan", "inf"] {
        let (code, stderr) =
            fault(&["--weights", "w", "-c", "x"], &format!("x,w\n1,1\n2,{weight}\n"));
        assert_eq!(code, Some(3));
        assert!(stderr.contains("<stdin>:3:3: ") && stderr.contains("is no weight"), "{stderr}");
    }
    let (code, stderr) = fault(&["--pair", "x,t"], ROWS);
    assert_eq!(code, Some(3));
    assert!(stderr.contains("<stdin>:2:7: `a` in column `t` is not a number"), "{stderr}");
    for wrong in [
        &["--pair", "x"][..],
        &["--pair", "x,z"],
        &["--weights", "q"],
        &["--by", "x", "--pair", "x,y"],
        &["--pair", "x,y", "-f", "csv"],
    ] {
        assert_eq!(fault(wrong, ROWS).0, Some(2), "{wrong:?}");
    }
}

#[test]
fn groups_have_no_picture() {
    for picture in [&["--plot"][..], &["-f", "svg"]] {
        let refused = stats(&[&["--by", "k"], picture].concat());
        assert_eq!(refused.code, Some(2));
        assert!(refused.stderr.contains("groups of rows have no picture"), "{}", refused.stderr);
    }
}

#[test]
fn what_the_service_does_not_take_is_named() {
    for flag in ["--where=x > 1", "--by=k", "--pair=k,x", "--weights=x"] {
        let refused = stats(&[flag, "--server", "http://127.0.0.1:9"]);
        let name = flag.split('=').next().unwrap();
        assert_eq!(refused.code, Some(2));
        assert!(
            refused.stderr.contains(name) && refused.stderr.contains("--server"),
            "{}",
            refused.stderr
        );
    }
}
