//! `exacta partial` and `exacta merge`: shards that are merged later say what all rows together say, to the bit, and
//! files that are no partials are refused.

mod common;

use std::fs;
use std::process::Stdio;

use common::oracle::python;
use common::{EXACTA, Run, WEATHER, exacta, feed, run};

/// Lends a terminal.
const TERMINAL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/terminal.py");

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    fn write(&self, name: &str, text: &str) -> String {
        fs::write(self.path(name), text).unwrap();
        self.path(name)
    }

    /// The partial of some files, as a file.
    fn partial(&self, name: &str, arguments: &[&str]) -> String {
        let path = self.path(name);
        let made = run(&[&["partial", "-o", &path], arguments].concat(), b"");
        assert_eq!((made.code, made.stdout.as_str()), (Some(0), ""), "{}", made.stderr);
        path
    }

    /// The weather in so many shards, the rows dealt out in turn.
    fn shards(&self, n_shards: usize) -> Vec<String> {
        let text = fs::read_to_string(WEATHER).unwrap();
        let (header, rows) = text.split_once('\n').unwrap();
        let shard = |index: usize| {
            let rows: Vec<_> = rows.lines().rev().skip(index).step_by(n_shards).collect();
            self.write(&format!("{index}.csv"), &format!("{header}\n{}\n", rows.join("\n")))
        };
        (0..n_shards).map(shard).collect()
    }
}

fn merge(arguments: &[&str]) -> Run {
    run(&[&["merge"], arguments].concat(), b"")
}

#[test]
fn shards_say_what_all_rows_say() {
    let folder = Folder::new();
    let asks: &[&[&str]] = &[
        &[],
        &["-s", "mean,stddev,cv"],
        &["--all"],
        &["-s", "sum", "-q", "0.1,1/3", "--approx-quantiles", "0.99"],
        &["-s", "max", "--histogram=-10,0,10,60"],
    ];
    for ask in asks {
        let whole = folder.partial("whole", &[*ask, &[WEATHER]].concat());
        let parts: Vec<_> = folder
            .shards(3)
            .iter()
            .enumerate()
            .map(|(index, shard)| {
                folder.partial(&format!("{index}.partial"), &[*ask, &[shard]].concat())
            })
            .collect();
        let merged = folder.path("merged");
        let [a, b, c] = [&parts[0], &parts[1], &parts[2]];
        assert_eq!(merge(&[c, a, b, "-o", &merged]).code, Some(0));
        assert_eq!(fs::read(&merged).unwrap(), fs::read(&whole).unwrap(), "{ask:?}");
        for format in ["json", "table", "markdown"] {
            let stats = run(
                &[&["stats", "-f", format, "-c", "wind,temp_min", WEATHER], *ask].concat(),
                b"",
            );
            let told = merge(&[&["-f", format, "-c", "wind,temp_min", a, b, c], *ask].concat());
            assert_eq!((told.code, told.stdout), (Some(0), stats.stdout), "{ask:?} {format}");
        }
    }
}

#[test]
fn equal_tables_have_equal_files() {
    let folder = Folder::new();
    let a = folder.write("a", "x,t\n1e16,a\n0.1,b\n,c\n");
    let b = folder.write("b", "x,t\n-1e16,\n2,d\n");
    let whole = folder.write("whole", "x,t\n2,d\n,c\n0.1,b\n-1e16,\n1e16,a\n");
    let expected = fs::read(folder.partial("1", &[&whole])).unwrap();
    for arguments in [[&a, &b], [&b, &a]] {
        for threads in ["1", "7"] {
            let path = folder.partial("2", &[arguments[0], arguments[1], "-t", threads]);
            assert_eq!(fs::read(path).unwrap(), expected);
        }
    }
    let piped = exacta(&["partial", &whole]).stdin(Stdio::null()).output().unwrap();
    assert_eq!((piped.status.code(), piped.stdout), (Some(0), expected));
}

#[test]
fn other_statistics_of_the_same_states_can_be_asked_for() {
    let folder = Folder::new();
    let data = folder.write("a.csv", "x,t\n1,a\n2,b\nnan,c\n");
    let sums = folder.partial("sums", &["-s", "stddev", &data]);
    let told = merge(&[&sums]);
    let expected = "\
column  count  nan  sum  mean  stddev (n−1)
x           2    1  NaN   NaN           NaN
t       text: 3 cells

x has no finite sum, mean, stddev (n−1): nan
";
    let advice = "exacta: warning: 1 of 3 values in `x` is NaN and makes its mean NaN; `--nonfinite skip` leaves it out\n";
    assert_eq!(told, Run { code: Some(0), stdout: expected.to_owned(), stderr: advice.to_owned() });
    let told =
        merge(&["-s", "variance_pop,rms", "--nonfinite", "skip", "-f", "csv", &sums, "-c", "x"]);
    let expected = "column,type,count,null,nan,pos_inf,neg_inf,invalid,rms,variance_pop\nx,number,2,0,1,0,0,0,1.5811388300841898,0.25\n";
    assert_eq!(told.stdout, expected);
    let report = folder.path("report.md");
    assert_eq!(merge(&["-o", &report, &sums]).code, Some(0));
    assert!(fs::read_to_string(&report).unwrap().starts_with("| column | count |"));
}

#[test]
fn only_rows_that_are_asked_for_are_kept() {
    let folder = Folder::new();
    let asked = ["-s", "sum,stddev", "--where", "wind >= 5", "--where", "weather = rain"];
    let partial = folder.partial("rain", &[&asked[..], &[WEATHER]].concat());
    let columns = ["-c", "wind,precipitation", "--json"];
    let merged = merge(&[&["-s", "sum,stddev", &partial], &columns[..]].concat());
    let stats = run(&[&["stats", WEATHER], &asked[..], &columns].concat(), b"");
    assert_eq!((stats.code, merged.stdout), (Some(0), stats.stdout));
}

#[test]
fn what_does_not_fit_is_told_in_one_line() {
    let folder = Folder::new();
    let data = folder.write("a.csv", "x\n1\n");
    let other = folder.write("b.csv", "y\n1\n");
    let sums = folder.partial("sums", &["-s", "sum", &data]);
    let values = folder.partial("values", &["-q", "0.5", &data]);
    let others = folder.partial("others", &["-s", "sum", &other]);
    let bytes = fs::read(&sums).unwrap();
    let cut = folder.path("cut");
    fs::write(&cut, &bytes[..bytes.len() - 1]).unwrap();
    let later = folder.path("later");
    fs::write(&later, [&bytes[..4], &[2], &bytes[5..]].concat()).unwrap();
    let cases: &[(&[&str], i32, String)] = &[
        (&[&sums, &values], 2, format!("{values}: states differ: one holds sum, the other sum + ")),
        (
            &[&sums, &others],
            3,
            format!("{others}: column `x` is missing, and another input has it"),
        ),
        (
            &["-q", "0.5", &sums],
            2,
            "the plan needs values, which the files do not hold; make them with".to_owned(),
        ),
        (
            &[&data],
            3,
            format!("{data}: this is no file of partials: it does not begin with EXTB; make one"),
        ),
        (&[&cut], 3, format!("{cut}: this is no file of partials: its checksum is another one")),
        (
            &[&later],
            3,
            format!(
                "{later}: this file of partials is of version 2 of the format, and this build knows 1"
            ),
        ),
        (&["-c", "X", &sums], 2, format!("{sums}: no column `X`; is `x` meant?")),
        (&["-c", "x,x", &sums], 2, format!("{sums}: column `x` is asked for twice; name it once")),
        (
            &["-f", "csv", "--histogram", "3", &values],
            2,
            "a histogram does not fit into rows".to_owned(),
        ),
        (
            &[],
            2,
            "the following required arguments were not provided: <PARTIAL>...; --help".to_owned(),
        ),
    ];
    for (arguments, code, message) in cases {
        let told = merge(arguments);
        assert_eq!((told.code, told.stdout.as_str()), (Some(*code), ""), "{}", told.stderr);
        assert!(told.stderr.starts_with(&format!("exacta: {message}")), "{}", told.stderr);
        assert_eq!(told.stderr.matches('\n').count(), 1, "{}", told.stderr);
    }
}

#[test]
fn a_partial_is_taken_for_nothing_else() {
    let folder = Folder::new();
    let partial = folder.partial("x.partial", &[WEATHER]);
    let read = run(&["stats", &partial], b"");
    let line = format!(
        "exacta: {partial}: this is a file of partials; `exacta merge` shows what is in it\n"
    );
    assert_eq!(read, Run { code: Some(3), stdout: String::new(), stderr: line });
    assert_eq!(run(&["stats", "-s", "sum"], b"EXTB\n1\n").code, Some(0));
    let named = folder.write("x.json", "old");
    let refused = run(&["partial", "-o", &named, WEATHER], b"");
    let line = format!(
        "exacta: {named}: a partial is binary, and its name says another format; end it in .partial, or run exacta stats for a report\n"
    );
    assert_eq!(refused, Run { code: Some(2), stdout: String::new(), stderr: line });
    assert_eq!(fs::read_to_string(named).unwrap(), "old");
}

#[test]
fn binary_output_is_kept_from_a_terminal() {
    let Some(mut python) = python() else { return };
    python.args([TERMINAL, "80", "", EXACTA, "partial", WEATHER]).env("NO_COLOR", "1");
    let refused = Run::from(python.output().unwrap());
    let line = "exacta: a partial is binary, and stdout is a terminal; name a file, as in: exacta partial data.csv -o data.partial\n";
    assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), line));
}

#[test]
fn a_partial_goes_through_pipes() {
    let made = exacta(&["partial", "-s", "sum", WEATHER]).output().unwrap().stdout;
    let told = feed(&mut exacta(&["merge", "-s", "sum", "-f", "ndjson", "-c", "wind", "-"]), &made);
    assert_eq!(told.stdout, "{\"name\":\"wind\",\"count\":1461,\"sum\":4735.3}\n");
}
