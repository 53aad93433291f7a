//! Pictures of an answer, in characters and as SVG: how they look, byte for byte, and that they keep to their room.
//! What is drawn for which numbers is for the tests beside the code.

mod common;

use std::fs;
use std::path::Path;

use common::{Run, WEATHER, exacta};
use unicode_width::UnicodeWidthStr;

const ODD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/pictures/odd.csv");

/// Runs the binary in a terminal of so many columns, or in none.
fn run(width: &str, locale: &str, arguments: &[&str]) -> Run {
    let mut command = exacta(&["stats"]);
    command.args(arguments).env("COLUMNS", width).env("LC_ALL", locale);
    command.output().unwrap().into()
}

/// What is written is what stands in a file, which a person has looked at.
#[track_caller]
fn check(width: &str, locale: &str, arguments: &[&str], file: &str) {
    let run = run(width, locale, arguments);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    check_file(&run.stdout, file);
}

#[track_caller]
fn check_file(found: &str, file: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let expected = fs::read_to_string(&path).unwrap_or_default();
    if found != expected {
        let beside = Path::new(env!("CARGO_TARGET_TMPDIR")).join(path.file_name().unwrap());
        fs::write(&beside, found).unwrap();
        panic!(
            "{file} is another one than {}: look at that one, and take it if it is better",
            beside.display()
        );
    }
}

#[test]
fn the_weather_on_terminals() {
    let plot = ["--plot", WEATHER];
    check("80", "C.UTF-8", &plot, "tests/pictures/weather-80.txt");
    check("200", "C.UTF-8", &plot, "tests/pictures/weather-200.txt");
    check("80", "C", &["--plot", "-c", "wind", WEATHER], "tests/pictures/weather-ascii.txt");
}

#[test]
fn a_terminal_of_unknown_width_has_80_columns() {
    let plot = |width| run(width, "", &["-s", "mean", "--plot", WEATHER]).stdout;
    let expected = plot("80");
    assert!(["", "0", "many"].iter().all(|width| plot(width) == expected), "{expected}");
}

#[test]
fn odd_columns_on_terminals() {
    check("80", "C.UTF-8", &["-s", "mean", "--plot", ODD], "tests/pictures/odd-80.txt");
    check("40", "C.UTF-8", &["-s", "mean", "--plot", ODD], "tests/pictures/odd-40.txt");
}

#[test]
fn no_picture_is_wider_than_the_terminal() {
    for width in 32..=240 {
        let run =
            run(&width.to_string(), "", &["-s", "count", "--plot", "-c", "temp_min,wind", WEATHER]);
        let widest = run.stdout.lines().map(UnicodeWidthStr::width).max().unwrap();
        assert!(widest <= width, "{widest} of {width}");
    }
}

#[test]
fn pictures_add_no_results_to_the_table() {
    for asked in [vec!["-s", "sum", "--exact"], vec!["-q", "0.9,0.5", "--bits"], vec!["-s", "min"]]
    {
        let table = run("200", "", &[&asked[..], &["-c", "few", ODD]].concat());
        let plot = run("200", "", &[&asked[..], &["--plot", "-c", "few", ODD]].concat());
        assert!(plot.stdout.starts_with(&(table.stdout + "\nfew  3 values\n")), "{}", plot.stdout);
    }
}
