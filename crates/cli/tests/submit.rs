//! `exacta submit` and `exacta jobs` against `exacta serve --data`: what comes of a job is what `exacta stats`
//! says of the same file, whoever asks and however it ends. How a job is waited for is in `waiting`.

mod common;
#[path = "common/door.rs"]
mod door;

use std::fs;
use std::path::Path;
use std::process::Stdio;

use common::{Run, Server, WEATHER, exacta, run};
use door::Door;
use serde_json::{Value, json};

/// Data with what can be odd about it.
const ODD: &str = "x,y;z,\"a \"\"b\"\"\",t\n1,inf,9007199254740993,\n-0,nan,NA,x\n1e308,-inf,-5e-324,2\n1e308,,,\n";

/// An id that is well formed, of a job that there is not.
const NOBODY: &str = "00000000000000000000000000";

/// A server that keeps its jobs in a directory, which lives as long as it is held.
fn start() -> (Server, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    (start_on(dir.path()), dir)
}

fn start_on(dir: &Path) -> Server {
    Server::start_with(&["--data", dir.to_str().unwrap()])
}

/// Runs the binary with a service as its environment names it.
fn at(url: &str, arguments: &[&str]) -> Run {
    exacta(arguments).env("EXACTA_SERVER", url).stdin(Stdio::null()).output().unwrap().into()
}

fn failure(code: i32, line: &str) -> Run {
    Run { code: Some(code), stdout: String::new(), stderr: format!("exacta: {line}\n") }
}

/// Submits a file and waits until its job has ended, however it does.
fn submit(url: &str, arguments: &[&str]) -> String {
    let submitted = at(url, &[&["submit"], arguments].concat());
    assert_eq!((submitted.code, submitted.stderr.as_str()), (Some(0), ""));
    let id = submitted.stdout.trim_end().to_owned();
    assert_eq!(submitted.stdout, format!("{id}\n"));
    at(url, &["jobs", "result", &id, "--wait"]);
    id
}

#[test]
fn a_job_ends_as_stats_does() {
    let (server, _dir) = start();
    let folder = tempfile::tempdir().unwrap();
    let files =
        [("odd.csv", ODD), ("empty.csv", ""), ("ragged.csv", "a,b\n1,2\n3\n"), ("nul", "x\n\0\n")];
    let files = files.map(|(name, text)| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    });
    let all = "count,sum,mean,min,max,range,sum_squares,rms,variance,stddev,variance_pop,stddev_pop,sem,cv,median";
    let flags: &[&[&str]] = &[
        &[],
        &["-s", all, "-q", "0,1/3,.5,0.99,1", "--quantile-method", "median_unbiased"],
        &["-s", "sum", "--bits"],
        &["--null", "NA,x", "--nonfinite", "skip"],
        &["--invalid", "count", "--bits", "-q", "1/3"],
        &["--nonfinite", "reject"],
        &["-d", ";"],
        &["-n"],
        &["-c", "wind,temp_max"],
        &["-c", "t"],
        &["-c", "nope"],
    ];
    for path in files.iter().map(String::as_str).chain([WEATHER]) {
        for flags in flags {
            for form in [&["--json"][..], &[]] {
                let here = run(&[&["stats", path], *flags, form].concat(), b"");
                let there =
                    at(&server.url(), &[&["submit", "--wait", path], *flags, form].concat());
                assert_eq!(there, here, "{path} {flags:?} {form:?}");
            }
        }
    }
    server.stop();
}

#[test]
fn a_result_is_what_stats_printed() {
    let (server, _dir) = start();
    let url = &server.url();
    for flags in [&[][..], &["-s", "sum,cv", "-q", "0.5"], &["-s", "count", "--null", "NA"]] {
        let id = &submit(url, &[flags, &[WEATHER]].concat());
        for form in [&["--json"][..], &["--json", "--bits"], &[], &["--bits"]] {
            let stats = run(&[&["stats", WEATHER], flags, form].concat(), b"");
            let result = at(url, &[&["jobs", "result", id], form].concat());
            assert_eq!((result.code, result.stderr.as_str()), (Some(0), ""));
            assert_eq!(result.stdout, stats.stdout, "{flags:?} {form:?}");
        }
    }
    let from_stdin = run(&["submit", "--wait", "--json", "--server", url, "-"], ODD.as_bytes());
    assert_eq!(from_stdin, run(&["stats", "--json"], ODD.as_bytes()));
    server.stop();
}

/// A job of another client, which did not ask for the bits: JSON has no infinity, so the table has none.
#[test]
fn a_result_without_bits_is_shown() {
    let (server, _dir) = start();
    let answer = server.post("/v1/jobs/csv?statistics=sum,mean,cv&quantiles=0.5", ODD);
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    let url = &server.url();
    let shown = at(url, &["jobs", "result", "--wait", &id]);
    let flags = ["-s", "sum,mean,cv", "-q", "0.5"];
    let expected = run(&[&["stats"][..], &flags].concat(), ODD.as_bytes());
    let words = |text: &str| -> Vec<String> {
        let infinite = |word: &str| matches!(word, "inf" | "NaN");
        let lines = text.lines().skip(1).flat_map(str::split_ascii_whitespace);
        lines.map(|word| if infinite(word) { "–" } else { word }.to_owned()).collect()
    };
    assert_eq!(words(&shown.stdout), words(&expected.stdout));
    assert!(expected.stdout.contains(" inf "), "{}", expected.stdout);
    let shown = at(url, &["jobs", "result", "--json", &id]);
    assert_eq!(
        shown.stdout,
        run(&[&["stats", "--json"][..], &flags].concat(), ODD.as_bytes()).stdout
    );
    assert_eq!(shown.stdout, server.get(&format!("/v1/jobs/{id}/result")).body + "\n");
    server.stop();
}

#[test]
fn jobs_are_listed_and_shown() {
    let (server, _dir) = start();
    let url = &server.url();
    let folder = tempfile::tempdir().unwrap();
    let ragged = folder.path().join("ragged.csv");
    fs::write(&ragged, "a,b\n1,2\n3\n").unwrap();
    let failed = &submit(url, &[ragged.to_str().unwrap()]);
    let succeeded = &submit(url, &[WEATHER]);
    let job = |id: &str| server.get(&format!("/v1/jobs/{id}"));
    for id in [failed, succeeded] {
        for command in ["show", "cancel"] {
            assert_eq!(at(url, &["jobs", command, "--json", id]).stdout, job(id).body + "\n");
        }
    }
    assert_eq!(at(url, &["jobs", "list", "--json"]).stdout, server.get("/v1/jobs").body + "\n");
    let time = |id: &str, member: &str| job(id).json()[member].as_str().unwrap().to_owned();
    let (first, second) = (time(failed, "created_at"), time(succeeded, "created_at"));
    let expected = format!(
        "id                          state      created_at                error\n\
         {succeeded}  succeeded  {second}\n\
         {failed}  failed     {first}  csv.ragged\n"
    );
    let list = Run { code: Some(0), stdout: expected, stderr: String::new() };
    assert_eq!(at(url, &["jobs", "list"]), list);
    let (started, finished) = (time(failed, "started_at"), time(failed, "finished_at"));
    let detail = job(failed).json()["error"]["detail"].as_str().unwrap().to_owned();
    let expected = format!(
        "id           {failed}\nkernel       aggregate\nstate        failed\ncreated_at   {first}\n\
         started_at   {started}\nfinished_at  {finished}\nerror        csv.ragged: {detail}\n"
    );
    assert_eq!(at(url, &["jobs", "show", failed]).stdout, expected);
    let place = "3:1: this row has 1 cell and the header has 2 cells; add or remove cells, or quote the cell that holds a delimiter";
    let expected = failure(3, &format!("job {failed}:{place}"));
    assert_eq!(at(url, &["jobs", "result", failed]), expected);
    server.stop();
}

#[test]
fn a_list_has_the_pages_that_are_asked_for() {
    let (server, _dir) = start();
    let mut ids: Vec<_> = (0..5).map(|_| submit(&server.url(), &[WEATHER])).collect();
    ids.reverse();
    let door = Door::of(server);
    let list = |arguments: &[&str]| -> (Vec<String>, Value, String) {
        let run = at(&door.url, &[&["jobs", "list"], arguments].concat());
        let json = at(&door.url, &[&["jobs", "list", "--json"], arguments].concat()).stdout;
        let json: Value = serde_json::from_str(&json).unwrap();
        let lines = run.stdout.lines().skip(1);
        let shown: Vec<_> = lines.map(|line| line.split(' ').next().unwrap().to_owned()).collect();
        let jobs = json["jobs"].as_array().unwrap().iter().map(|job| job["id"].as_str().unwrap());
        assert!(shown.iter().map(String::as_str).eq(jobs), "{arguments:?}");
        (shown, json["next_page_token"].clone(), run.stderr)
    };
    let more = "there are more jobs: --limit N shows so many, --all shows every one\n";
    let (shown, token, note) = list(&["--limit", "2"]);
    assert_eq!((shown.as_slice(), note.as_str()), (&ids[..2], more));
    assert!(token.is_string());
    let whole = (ids, Value::Null, String::new());
    assert_eq!(list(&[]), whole);
    assert_eq!(list(&["--limit", "5", "--state", "succeeded"]), whole);
    assert_eq!(list(&["--state", "failed"]), (vec![], Value::Null, String::new()));
    for page_size_max in [1, 2, 5] {
        door.limit_pages(page_size_max);
        assert_eq!(list(&["--all"]), whole, "{page_size_max}");
    }
}

#[test]
fn a_cancelled_job_has_no_result() {
    let (server, _dir) = start();
    let url = &server.url();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.csv");
    // Seconds of work: quantiles of so many numbers that are not in order.
    let rows = (0..8_000_000_u32).flat_map(|i| [b'0' + (i.wrapping_mul(7919) % 10) as u8, b'\n']);
    fs::write(&path, b"x\n".iter().copied().chain(rows).collect::<Vec<_>>()).unwrap();
    let path = path.to_str().unwrap();
    let mut waiting = exacta(&["submit", "--wait", path, "--server", url]);
    let waiting = waiting.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let id = loop {
        if let Some(job) = server.get("/v1/jobs").json()["jobs"].get(0) {
            break job["id"].as_str().unwrap().to_owned();
        }
        std::thread::yield_now();
    };
    let early = at(url, &["jobs", "result", &id]);
    assert_eq!(
        early,
        failure(1, &format!("job {id} has not finished; ask again when its state is succeeded"))
    );
    let cancelled = at(url, &["jobs", "cancel", &id]);
    assert!(cancelled.stdout.contains("\nstate        cancelled\n"), "{}", cancelled.stdout);
    let line = format!("job {id} was cancelled and has no result; submit it again to have one");
    let end = Run::from(waiting.wait_with_output().unwrap());
    assert_eq!(end, failure(1, &line));
    for form in [&["--wait"][..], &[]] {
        assert_eq!(at(url, &[&["jobs", "result", &id], form].concat()), end);
    }
    assert_eq!(at(url, &["jobs", "cancel", &id]), at(url, &["jobs", "show", &id]));
    server.stop();
}

#[test]
fn what_is_not_there_is_told_in_one_line() {
    let (server, dir) = start();
    let url = &server.url();
    for command in ["show", "result", "cancel"] {
        for id in [NOBODY, "no/pe", ".."] {
            let line = format!("there is no job `{id}`; the list of jobs has the ids there are");
            assert_eq!(at(url, &["jobs", command, id]), failure(2, &line));
        }
    }
    let unknown = "unknown state `odd`; known: queued, running, succeeded, failed, cancelled";
    assert_eq!(at(url, &["jobs", "list", "--state", "odd"]), failure(2, unknown));
    let nowhere = run(&["submit", WEATHER], b"");
    assert_eq!((nowhere.code, nowhere.stdout.as_str()), (Some(2), ""));
    assert!(nowhere.stderr.contains("--server <URL>"), "{}", nowhere.stderr);
    assert_eq!(at(url, &["submit", "nope.csv"]).code, Some(1));
    let second =
        run(&["serve", "--listen", "127.0.0.1:0", "--data", dir.path().to_str().unwrap()], b"");
    let line = format!(
        "another process has the job directory {} open; stop that process, or give this one a directory of its own",
        dir.path().display()
    );
    assert_eq!(second, failure(1, &line));
    server.stop();
}

#[test]
fn a_server_without_a_directory_keeps_no_jobs() {
    let server = Server::start();
    let url = &server.url();
    let line = "this server keeps no jobs: have it started with a data directory (--data)";
    let commands: [&[&str]; 4] = [
        &["jobs", "list"],
        &["jobs", "show", NOBODY],
        &["jobs", "result", "--wait", NOBODY],
        &["jobs", "cancel", NOBODY],
    ];
    for command in commands {
        assert_eq!(at(url, command), failure(1, line), "{command:?}");
    }
    for form in [&["--wait"][..], &["--json"], &[]] {
        let submitted = at(url, &[&["submit", WEATHER], form].concat());
        assert_eq!(submitted, failure(1, &format!("{WEATHER}: {line}")));
    }
    server.stop();
}

#[test]
fn the_environment_names_the_service_and_a_flag_another() {
    let (server, _dir) = start();
    let url = &server.url();
    let stats = run(&["stats", "--json", WEATHER], b"");
    for command in [&["stats"][..], &["submit", "--wait"]] {
        let arguments = [command, &["--json", WEATHER]].concat();
        assert_eq!(at(url, &arguments), stats);
        assert_eq!(at("nowhere", &arguments).code, Some(2));
        let by_flag = [&arguments[..], &["--server", url]].concat();
        assert_eq!(at("nowhere", &by_flag), stats);
    }
    let job = at(url, &["submit", "--json", WEATHER]).stdout;
    let job: Value = serde_json::from_str(&job).unwrap();
    assert_eq!(job["kernel"], json!("aggregate"));
    server.stop();
}
