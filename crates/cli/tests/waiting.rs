//! `exacta submit --wait` while the job does not end: Ctrl-C, a service that is started anew, a state that only
//! a later service knows. The jobs are real ones; the door keeps from the command that they have ended.

mod common;
#[path = "common/door.rs"]
mod door;

use std::path::Path;
use std::process::{Child, Command, Stdio};

use common::oracle::python;
use common::{EXACTA, Run, Server, WEATHER, exacta, run};
use door::Door;

fn start_on(dir: &Path) -> Server {
    Server::start_with(&["--data", dir.to_str().unwrap()])
}

/// A command that waits for a job which is said to be in a state, and has asked for it.
fn wait_in(door: &Door, state: &'static str) -> Child {
    door.say(Some(state));
    let mut command = exacta(&["submit", "--wait", "--json", WEATHER, "--server", &door.url]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    door.wait_for_question();
    child
}

/// The id of the one job that there is.
fn id(door: &Door) -> String {
    let list = run(&["jobs", "list", "--json", "--server", &door.url], b"").stdout;
    let list: serde_json::Value = serde_json::from_str(&list).unwrap();
    list["jobs"][0]["id"].as_str().unwrap().to_owned()
}

#[test]
fn ctrl_c_ends_the_waiting_and_not_the_job() {
    let dir = tempfile::tempdir().unwrap();
    let door = Door::of(start_on(dir.path()));
    let child = wait_in(&door, "running");
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-s", "INT", &pid]).status().unwrap().success());
    let end = Run::from(child.wait_with_output().unwrap());
    let way_back = format!("exacta jobs result {} --server {} --wait", id(&door), door.url);
    let line = format!(
        "exacta: no longer waiting, and the job goes on; this has its result: {way_back}\n"
    );
    assert_eq!(end, Run { code: Some(130), stdout: String::new(), stderr: line });
    door.say(None);
    let words: Vec<_> = way_back.split(' ').skip(1).chain(["--json"]).collect();
    assert_eq!(run(&words, b"").stdout, run(&["stats", "--json", WEATHER], b"").stdout);
    door.take().stop();
}

#[test]
fn a_service_that_is_started_anew_is_waited_for() {
    let dir = tempfile::tempdir().unwrap();
    let door = Door::of(start_on(dir.path()));
    let child = wait_in(&door, "running");
    drop(door.take());
    door.wait_for_question();
    door.say(None);
    door.put(start_on(dir.path()));
    let end = Run::from(child.wait_with_output().unwrap());
    let stats = run(&["stats", "--json", WEATHER], b"");
    assert_eq!((end.code, end.stdout), (Some(0), stats.stdout));
    let told = end.stderr.strip_suffix(&stats.stderr).unwrap();
    assert!(told.starts_with("exacta: warning: no answer from http://"), "{told}");
    assert!(
        told.ends_with("the job is not lost, so it is asked after for another 60 s\n"),
        "{told}"
    );
    assert_eq!(told.lines().count(), 1, "{told}");
    door.take().stop();
}

/// The command that Ctrl-C names waits for the service as the one that was interrupted did.
#[test]
fn the_way_back_waits_for_a_service_that_is_away() {
    let dir = tempfile::tempdir().unwrap();
    let door = Door::of(start_on(dir.path()));
    run(&["submit", "--wait", WEATHER, "--server", &door.url], b"");
    let id = id(&door);
    drop(door.take());
    let mut command = exacta(&["jobs", "result", &id, "--wait", "--json", "--server", &door.url]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    door.wait_for_question();
    door.put(start_on(dir.path()));
    let end = Run::from(child.wait_with_output().unwrap());
    let stats = run(&["stats", "--json", WEATHER], b"");
    assert_eq!((end.code, end.stdout), (Some(0), stats.stdout));
    door.take().stop();
}

#[test]
fn a_state_of_a_later_service_is_shown_and_waited_through() {
    let dir = tempfile::tempdir().unwrap();
    let door = Door::of(start_on(dir.path()));
    let child = wait_in(&door, "paused");
    let shown = run(&["jobs", "show", &id(&door), "--server", &door.url], b"");
    assert!(shown.stdout.contains("paused\n"), "{}", shown.stdout);
    door.say(None);
    let end = Run::from(child.wait_with_output().unwrap());
    assert_eq!(end, run(&["stats", "--json", WEATHER], b""));
    door.take().stop();
}

/// Lends a terminal, and presses Ctrl-C.
const TERMINAL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/terminal.py");

#[test]
fn a_terminal_shows_what_is_waited_for() {
    let Some(mut python) = python() else { return };
    let dir = tempfile::tempdir().unwrap();
    let door = Door::of(start_on(dir.path()));
    door.say(Some("running"));
    let command = [EXACTA, "submit", "--wait", WEATHER, "--server", &door.url];
    let python = python.args([TERMINAL, "100", "Ctrl-C"]).args(command).env("TERM", "xterm");
    let end = Run::from(python.output().unwrap());
    let id = id(&door);
    assert_eq!((end.code, end.stderr.as_str()), (Some(130), ""));
    let line = format!("job {id} is running; Ctrl-C stops the waiting");
    assert!(end.stdout.contains(&line), "{}", end.stdout);
    assert!(end.stdout.contains("no longer waiting, and the job goes on"), "{}", end.stdout);
    door.take().stop();
}
