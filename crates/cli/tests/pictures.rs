//! Pictures of an answer, in characters and as SVG: how they look, byte for byte, and that they keep to their room.
//! What is drawn for which numbers is for the tests beside the code.

mod common;

use std::fs;
use std::path::Path;

use common::oracle::python;
use common::{EXACTA, Run, Server, WEATHER, exacta, feed};
use unicode_width::UnicodeWidthStr;

const ODD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/pictures/odd.csv");

/// Lends a terminal of so many columns.
const TERMINAL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/terminal.py");

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

/// Colours are put around what is there without them.
#[test]
fn a_terminal_has_colours_unless_it_wants_none() {
    let on_terminal = |no_color: &str| -> Option<Run> {
        let mut python = python()?;
        python.args([TERMINAL, "80", "", EXACTA, "stats", "--plot", "-c", "wind", WEATHER]);
        python.envs([("TERM", "xterm"), ("LC_ALL", "C.UTF-8"), ("NO_COLOR", no_color)]);
        Some(python.env_remove("COLUMNS").output().unwrap().into())
    };
    let (Some(styled), Some(plain)) = (on_terminal(""), on_terminal("1")) else { return };
    assert_eq!(plain.stdout, run("80", "C.UTF-8", &["--plot", "-c", "wind", WEATHER]).stdout);
    let mut parts = styled.stdout.split("\u{1b}[");
    let first = parts.next().unwrap().to_owned();
    let codes: Vec<_> = parts.map(|part| part.split_once('m').unwrap()).collect();
    assert!(["1", "2", "36"].iter().all(|code| codes.iter().any(|(found, _)| found == code)));
    assert_eq!(first + &codes.iter().map(|(_, text)| *text).collect::<String>(), plain.stdout);
}

/// The picture of the README, which is written anew by
/// `exacta stats -o docs/images/seattle-weather.svg examples/data/seattle-weather.csv`.
#[test]
fn the_weather_as_svg() {
    check("", "", &["-f", "svg", WEATHER], "../../docs/images/seattle-weather.svg");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("weather.svg");
    let written = run("", "", &["-o", file.to_str().unwrap(), WEATHER]);
    assert_eq!((written.code, written.stdout.as_str()), (Some(0), ""));
    check_file(&fs::read_to_string(file).unwrap(), "../../docs/images/seattle-weather.svg");
}

#[test]
fn odd_columns_as_svg() {
    check("", "", &["-f", "svg", ODD], "tests/pictures/odd.svg");
}

/// Whatever a column is called and holds, a parser of XML that is not ours reads a picture with a name and a
/// description, and with nothing in it that a reader would run or fetch.
#[test]
fn every_svg_is_well_formed() {
    let Some(mut python) = python() else { return };
    let folder = tempfile::tempdir().unwrap();
    let header =
        "\"<script>&amp;]]>\",\"a\u{7}\u{1b}\nb\",\u{ffff}\u{fffe},\u{202e}',nan,text,inf\n";
    let rows = "1,5e-324,-1e300,7,nan,x,-inf\n2,1e-323,1e-300,7,1,y,4\n4,0,1e300,7,2,z,5\n";
    let inputs = [&(header.to_owned() + rows), "x\n", "a,b\n", "1\n", "1\n2\n"];
    let questions =
        [vec![], vec!["--all"], vec!["-s", "count", "-q", "1/3"], vec!["--nonfinite", "skip"]];
    for (index, (input, question)) in
        inputs.iter().flat_map(|input| questions.iter().map(move |q| (input, q))).enumerate()
    {
        let picture = feed(exacta(&["stats", "-f", "svg"]).args(question), input.as_bytes());
        assert_eq!(picture.code, Some(0), "{}", picture.stderr);
        fs::write(folder.path().join(format!("{index}.svg")), picture.stdout).unwrap();
    }
    let script = "
import glob, sys, xml.etree.ElementTree as xml
SVG = '{http://www.w3.org/2000/svg}'
files = glob.glob(sys.argv[1] + '/*.svg')
for file in files:
    root = xml.parse(file).getroot()
    assert root.tag == SVG + 'svg' and root.get('role') == 'img', file
    names = {part.get('id') for part in root if part.tag in (SVG + 'title', SVG + 'desc') and part.text}
    assert set(root.get('aria-labelledby').split()) == names, file
    tags = {part.tag.removeprefix(SVG) for part in root.iter()}
    assert tags <= {'svg', 'title', 'desc', 'style', 'rect', 'text', 'path', 'g'}, tags
    assert not any('href' in name or name.startswith('on') for part in root.iter() for name in part.keys())
print(len(files))
";
    let read =
        Run::from(python.args(["-c", script, folder.path().to_str().unwrap()]).output().unwrap());
    assert_eq!((read.stdout.as_str(), read.stderr.as_str()), ("20\n", ""));
}

#[test]
fn what_no_picture_can_show_is_refused() {
    let cases = [
        (
            vec!["--plot", "--json"],
            "pictures in characters stand below a table; leave out --plot, or take --format table or svg",
        ),
        (vec!["--plot", "--histogram", "5"], "a picture chooses its bins; leave out --histogram"),
        (
            vec!["-f", "svg", "--histogram", "auto"],
            "a picture chooses its bins; leave out --histogram",
        ),
    ];
    for (arguments, expected) in cases {
        let run = run("", "", &[&arguments[..], &[WEATHER]].concat());
        assert_eq!((run.code, run.stderr), (Some(2), format!("exacta: {expected}\n")));
    }
}

/// Pictures of what a service computed, and of a job, which must have been asked for what they are drawn from.
#[test]
fn pictures_are_alike_from_everywhere() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start_with(&["--data", folder.path().to_str().unwrap()]);
    let url = server.url();
    let at_service = |arguments: &[&str]| -> Run {
        let mut command = exacta(arguments);
        command.env("COLUMNS", "80").env("LC_ALL", "").env("EXACTA_SERVER", &url);
        command.output().unwrap().into()
    };
    for question in [["-s", "mean", "--plot", WEATHER], ["-q", "0.5,0.9", "-fsvg", WEATHER]] {
        let here = run("80", "", &question);
        let there = at_service(&[&["stats"], &question[..]].concat());
        assert_eq!(there, here);
    }
    let svg = at_service(&["submit", "--wait", "-f", "svg", WEATHER]).stdout;
    assert_eq!(svg, run("", "", &["-f", "svg", WEATHER]).stdout);
    let id = at_service(&["submit", WEATHER]).stdout;
    let refused = at_service(&["jobs", "result", "--wait", "-f", "svg", id.trim_end()]);
    let expected = "exacta: the job was not asked for what a picture is drawn from; exacta stats -f svg asks for it\n";
    assert_eq!((refused.code, refused.stderr.as_str()), (Some(2), expected));
}

#[test]
fn bars_of_a_histogram_end_before_the_terminal_does() {
    for (width, width_max) in [("", 70), ("200", 70), ("60", 60), ("40", 40), ("10", 38)] {
        let run = run(width, "", &["-s", "count", "-c", "wind", "--histogram", "8", WEATHER]);
        let bars = run.stdout.lines().filter(|line| line.contains('█'));
        assert!(bars.map(UnicodeWidthStr::width).all(|width| width <= width_max), "{}", run.stdout);
    }
    let arguments = ["-s", "stddev", "-c", "wind", "--histogram", "8", WEATHER];
    let ascii = run("", "POSIX", &arguments).stdout;
    assert!(ascii.is_ascii() && ascii.contains("119  ##########|\n"), "{ascii}");
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
