//! What `exacta stats` writes in each format, and where to: that programs read it back, and that a file is there
//! whole or not at all.

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;

use common::{Run, Server, WEATHER, exacta, feed, run};

const INPUT: &str = "\"a,\"\"b\",x_y,|_t\n1,inf,r\n0.5,2,\n,nan,\n";

fn as_format(format: &str) -> Run {
    run(&["stats", "-s", "sum,stddev", "-q", "1/3", "-f", format], INPUT.as_bytes())
}

#[test]
fn rows_for_programs() {
    let expected = "\
column,type,count,null,nan,pos_inf,neg_inf,invalid,sum,stddev,q(1/3)
\"a,\"\"b\",number,2,1,0,0,0,0,1.5,0.3535533905932738,0.6666666666666666
x_y,number,1,0,1,1,0,0,NaN,NaN,NaN
|_t,text,0,2,0,0,0,1,,,
";
    let csv = as_format("csv");
    assert_eq!((csv.code, csv.stdout.as_str()), (Some(0), expected));
    let tsv = as_format("tsv").stdout;
    let third = "x_y\tnumber\t1\t0\t1\t1\t0\t0\tNaN\tNaN\tNaN";
    assert_eq!(tsv.lines().nth(2), Some(third));
    // What is written is read: the sum of the sums.
    let read =
        run(&["stats", "-s", "sum", "-c", "sum", "--nonfinite", "skip"], csv.stdout.as_bytes());
    assert_eq!(read.stdout, "column  count  null  nan  sum\nsum         1     1    1  1.5\n");
}

#[test]
fn rows_have_every_result_that_has_a_number() {
    let arguments =
        ["stats", "-s", "sum,stddev,distinct", "-q", "0.5", "--approx-quantiles", "1/2"];
    let csv = run(&[&arguments[..], &["--exact", "--bits", "-f", "csv"]].concat(), b"x\n0.1\n");
    let expected = "\
column,type,count,null,nan,pos_inf,neg_inf,invalid,sum,stddev,distinct,q(0.5),approx_q(1/2),approx_q(1/2).lower,\
approx_q(1/2).upper,exact.sum,bits.sum,bits.stddev,bits.q(0.5)
x,number,1,0,0,0,0,0,0.1,,1,0.1,0.1,0.1,0.1,\
0.1000000000000000055511151231257827021181583404541015625,3fb999999999999a,,3fb999999999999a
";
    assert_eq!(csv.stdout, expected);
}

#[test]
fn an_object_a_line() {
    let expected = concat!(
        r#"{"name":"a,\"b","count":2,"null":1,"sum":1.5,"stddev":0.3535533905932738,"#,
        r#""quantiles":[{"p":0.3333333333333333,"value":0.6666666666666666}]}"#,
        "\n",
        r#"{"name":"x_y","count":1,"nan":1,"pos_inf":1,"#,
        r#""quantiles":[{"p":0.3333333333333333,"undefined":"nan"}],"#,
        r#""undefined":{"sum":"nan","stddev":"nan"}}"#,
        "\n",
        r#"{"name":"|_t","type":"text","count":0,"null":2,"invalid":1,"first_invalid":{"line":2,"column":7,"offset":22}}"#,
        "\n"
    );
    let ndjson = as_format("ndjson").stdout;
    assert_eq!(ndjson, expected);
    let whole = as_format("json").stdout;
    let joined = ndjson.trim_end().replace('\n', ",");
    assert_eq!(whole, format!("{{\"columns\":[{joined}]}}\n"));
}

#[test]
fn a_table_for_an_issue() {
    let expected = r#"| column | count | null | nan | inf | sum |       stddev (n−1) |             q(1/3) |
|--------|------:|-----:|----:|----:|----:|-------------------:|-------------------:|
| a,"b   |     2 |    1 |   0 |   0 | 1.5 | 0.3535533905932738 | 0.6666666666666666 |
| x_y    |     1 |    0 |   1 |   1 | NaN |                NaN |                NaN |
| \|\_t  |  text |      |     |     |     |                    |                    |

- \|\_t: text: 1 of 3 cells, the first in line 2, column 7
- x_y has no finite sum, stddev (n−1), q(1/3): nan
"#;
    assert_eq!(as_format("markdown").stdout, expected);
    let drawn = run(&["stats", "-s", "sum", "--histogram", "2", "-f", "markdown"], b"x\n0\n2\n");
    let bars = "█".repeat(40);
    let expected = format!(
        "| column | count | sum |\n|--------|------:|----:|\n| x      |     2 | 2.0 |\n\n**x, histogram**\n\n\
         ```text\n  [0.0, 1.0)  1  {bars}\n  [1.0, 2.0]  1  {bars}\n```\n"
    );
    assert_eq!(drawn.stdout, expected);
}

#[test]
fn every_statistic_by_one_word() {
    let all = run(&["stats", "--all", "-f", "csv"], b"x\n1\n2\n").stdout;
    let header = all.lines().next().unwrap();
    for name in ["skewness_sample", "approx_distinct", "geometric_mean", "q(0.75)"] {
        assert!(header.split(',').any(|word| word == name), "{name} in {header}");
    }
    let server = Server::start();
    let there = run(&["stats", "--all", "-f", "csv", "--server", &server.url()], b"x\n1\n2\n");
    assert_eq!(there.stdout, all);
    server.stop();
}

#[test]
fn a_file_says_its_format_unless_a_flag_does() {
    let folder = tempfile::tempdir().unwrap();
    let stdout = |format| run(&["stats", "-c", "wind", "-f", format, WEATHER], b"").stdout;
    for (name, format) in [
        ("a.json", "json"),
        ("a.ndjson", "ndjson"),
        ("a.jsonl", "ndjson"),
        ("a.CSV", "csv"),
        ("a.tsv", "tsv"),
        ("a.md", "markdown"),
        ("a.txt", "table"),
    ] {
        let path = folder.path().join(name);
        let path = path.to_str().unwrap();
        let mut command = exacta(&["stats", "-c", "wind", "-o", path, WEATHER]);
        let told = feed(command.env("EXACTA_FORMAT", "markdown"), b"");
        assert_eq!(told, Run { code: Some(0), stdout: String::new(), stderr: String::new() });
        assert_eq!(fs::read_to_string(path).unwrap(), stdout(format), "{name}");
        let told = run(&["stats", "-c", "wind", "-f", "csv", "-o", path, WEATHER], b"");
        assert_eq!((told.code, fs::read_to_string(path).unwrap()), (Some(0), stdout("csv")));
    }
    let mut command = exacta(&["stats", "-c", "wind", "--json", "-o", "-", WEATHER]);
    assert_eq!(feed(command.env("EXACTA_FORMAT", "csv"), b"").stdout, stdout("json"));
    let mut command = exacta(&["stats", "-c", "wind", WEATHER]);
    assert_eq!(feed(command.env("EXACTA_FORMAT", "csv"), b"").stdout, stdout("csv"));
}

#[cfg(unix)]
#[test]
fn a_device_is_written_as_stdout_is() {
    let table = run(&["stats", "-c", "wind", WEATHER], b"");
    assert_eq!(run(&["stats", "-c", "wind", "-o", "/dev/stdout", WEATHER], b""), table);
    let told = run(&["stats", "-c", "wind", "-o", "/dev/stderr", WEATHER], b"");
    assert_eq!((told.code, told.stderr), (Some(0), table.stdout.clone()));
    // Stdout may be a file with something in it.
    let log = tempfile::NamedTempFile::new().unwrap();
    fs::write(&log, "old\n").unwrap();
    let appended = fs::OpenOptions::new().append(true).open(&log).unwrap();
    let mut command = exacta(&["stats", "-c", "wind", "-o", "/dev/stdout", WEATHER]);
    assert!(command.stdout(appended).status().unwrap().success());
    assert_eq!(fs::read_to_string(log.path()).unwrap(), "old\n".to_owned() + &table.stdout);
}

/// The names in a folder.
fn names(folder: &Path) -> Vec<String> {
    let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name();
    let names = fs::read_dir(folder).unwrap().map(name);
    names.map(|name| name.into_string().unwrap()).collect()
}

#[test]
fn a_file_is_replaced_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    fs::write(&path, "old").unwrap();
    let arguments = ["stats", "-s", "sum", "-o", path.to_str().unwrap()];
    let failed = run(&arguments, b"x,y\n1\n");
    assert_eq!((failed.code, fs::read_to_string(&path).unwrap().as_str()), (Some(3), "old"));
    assert_eq!(run(&arguments, b"x\n1\n").code, Some(0));
    assert!(fs::read_to_string(&path).unwrap().ends_with("\nx,number,1,0,0,0,0,0,1.0\n"));
    assert_eq!(names(folder.path()), ["a.csv"]);
    let under = path.join("b.csv");
    let failed = run(&["stats", "-o", under.to_str().unwrap()], b"x\n1\n");
    let message = format!(
        "exacta: {}: cannot be written: Not a directory (os error 20); try another place\n",
        under.display()
    );
    assert_eq!((failed.code, failed.stderr), (Some(1), message));
}

#[cfg(unix)]
#[test]
fn a_file_keeps_its_rights_a_link_its_aim_and_a_device_its_place() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = tempfile::tempdir().unwrap();
    let [aim, link, new, ahead] =
        ["aim.csv", "link.csv", "new.csv", "ahead.csv"].map(|name| folder.path().join(name));
    fs::write(&aim, "old").unwrap();
    fs::set_permissions(&aim, fs::Permissions::from_mode(0o604)).unwrap();
    symlink(&aim, &link).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    symlink("later.csv", &ahead).unwrap();
    for path in [&link, &new, &ahead] {
        assert_eq!(run(&["stats", "-o", path.to_str().unwrap()], b"x\n1\n").code, Some(0));
    }
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(fs::symlink_metadata(&ahead).unwrap().is_symlink());
    for path in [&aim, &folder.path().join("later.csv")] {
        assert!(fs::read_to_string(path).unwrap().starts_with("column,type,count"));
    }
    let plain = folder.path().join("plain");
    fs::write(&plain, "").unwrap();
    assert_eq!((mode(&aim), mode(&new)), (0o604, mode(&plain)));
    if Path::new("/dev/full").exists() {
        let full = run(&["stats", "-f", "csv", "-o", "/dev/full"], b"x\n1\n");
        let message = "exacta: /dev/full: cannot be written: No space left on device (os error 28); try another place\n";
        assert_eq!((full.code, full.stderr.as_str()), (Some(1), message));
        assert!(Path::new("/dev/full").exists());
    }
}

#[cfg(unix)]
#[test]
fn a_signal_leaves_no_file_that_is_not_whole() {
    use std::os::unix::process::ExitStatusExt;
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("out");
    let data = folder.path().join("a.csv");
    let rows: Vec<_> = (0..200_000).map(|key| format!("{key},1\n")).collect();
    fs::write(&data, "key,x\n".to_owned() + &rows.concat()).unwrap();
    fs::create_dir(&output).unwrap();
    let is_begun = || names(&output).iter().any(|name| name.starts_with(".exacta-"));
    let path = output.join("a.json");
    let arguments = ["stats", "--by", "key", "-o", path.to_str().unwrap(), data.to_str().unwrap()];
    for (name, signal) in [("HUP", 1), ("INT", 2), ("TERM", 15)] {
        let mut child = exacta(&arguments).spawn().unwrap();
        while !is_begun() && child.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        let id = child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
        assert_eq!(child.wait().unwrap().signal(), Some(signal));
        assert_eq!(names(&output), [""; 0]);
    }
}

#[test]
fn color_is_for_terminals_unless_it_is_asked_for() {
    let arguments = ["stats", "-s", "sum", "-c", "wind", WEATHER];
    let bold = "\u{1b}[1mcolumn  count     sum\u{1b}[0m\n";
    let told = |more: &[&str]| run(&[&arguments[..], more].concat(), b"").stdout;
    assert!(!told(&[]).contains('\u{1b}'));
    assert!(told(&["--color", "always"]).starts_with(bold));
    let mut command = exacta(&arguments);
    let always = feed(command.envs([("EXACTA_COLOR", "always"), ("NO_COLOR", "1")]), b"").stdout;
    assert!(always.starts_with(bold));
    assert!(!told(&["--color", "always", "-f", "csv"]).contains('\u{1b}'));
    let warned = run(&["--color", "always", "stats"], b"x\na\n").stderr;
    assert!(warned.starts_with("exacta: \u{1b}[1;33mwarning:\u{1b}[0m <stdin>:2:1: "), "{warned}");
}

#[test]
fn a_job_is_written_as_stats_is() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("jobs");
    let server = Server::start_with(&["--data", data.to_str().unwrap()]);
    let url = server.url();
    let stats = run(&["stats", "-f", "csv", WEATHER], b"");
    let submitted = run(&["submit", "--wait", "-f", "csv", "--server", &url, WEATHER], b"");
    assert_eq!(submitted, stats);
    let id = run(&["submit", "--server", &url, "--histogram", "3", WEATHER], b"").stdout;
    let result = |more: &[&str]| {
        run(&[&["jobs", "result", "--wait", id.trim(), "--server", &url], more].concat(), b"")
    };
    let path = folder.path().join("a.md");
    assert_eq!(result(&["-o", path.to_str().unwrap()]).code, Some(0));
    assert!(fs::read_to_string(&path).unwrap().starts_with("| column "));
    for refused in [
        result(&["-f", "tsv"]),
        run(&["submit", "-f", "csv", "--server", &url, WEATHER], b""),
        run(&["submit", "-o", "a.csv", "--server", &url, WEATHER], b""),
    ] {
        assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""), "{}", refused.stderr);
    }
    server.stop();
}
