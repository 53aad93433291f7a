//! A process that submits, runs and cancels jobs is killed without warning, again and again on the same
//! directory. What it had said was so is so, nothing is there twice, and everything can be brought to its end.
//!
//! `EXACTA_KILL_ROUNDS` sets how many rounds (5), `EXACTA_KILL_SEED` where they begin.
#![cfg(unix)]

mod common;

use common::{new_job, reverse, submit};
use exacta_jobs::{Job, JobId, ListQuery, Pool, State, Store};
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::num::NonZeroUsize;
use std::path::Path;
use std::process::{Child, Command, Stdio};

const DIR: &str = "EXACTA_KILL_DIR";
const FIRST: &str = "EXACTA_KILL_FIRST";
const N_SUBMITTERS: usize = 3;

/// What the process says: each line is written after the commit that it tells of.
#[derive(Default)]
struct Said {
    submitted: HashMap<JobId, usize>,
    cancelled: Vec<JobId>,
    n_lines: usize,
}

impl Said {
    /// Takes in a line; one that was cut off by the kill, or is the test harness's, says nothing.
    fn hear(&mut self, line: &str) {
        let mut words = line
            .strip_suffix('\n')
            .unwrap_or_default()
            .split(' ')
            .skip_while(|word| *word != "said:");
        match (words.nth(1), words.next(), words.next()) {
            (Some("submitted"), Some(id), Some(number)) => {
                let former = self.submitted.insert(id.parse().unwrap(), number.parse().unwrap());
                assert_eq!(former, None, "no id is given twice");
            }
            (Some("cancelled"), Some(id), _) => self.cancelled.push(id.parse().unwrap()),
            _ => return,
        }
        self.n_lines += 1;
    }
}

fn say(text: &str) {
    // Around the harness, which would keep it. Nobody listens any more when this fails.
    writeln!(std::io::stdout(), "said: {text}").expect("the test reads");
}

/// What is killed. It ends by itself when there is nobody to kill it.
#[test]
#[ignore = "the process that the other test kills"]
fn victim() {
    let Some(dir) = std::env::var_os(DIR) else { return };
    let first: usize = std::env::var(FIRST).unwrap().parse().unwrap();
    let store = Store::open(Path::new(&dir)).unwrap();
    let n_workers = NonZeroUsize::new(2).unwrap();
    let _pool = Pool::start(&store, n_workers, |claim| Ok(reverse(&claim.input))).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..N_SUBMITTERS {
            let store = &store;
            scope.spawn(move || submit_for_ever(store, first + thread));
        }
    });
}

fn submit_for_ever(store: &Store, first: usize) {
    for number in (first..).step_by(N_SUBMITTERS).take(100_000) {
        let id = submit(store, number).id;
        say(&format!("submitted {id} {number}"));
        if number % 7 == 0 && store.cancel(id).unwrap().state == State::Cancelled {
            say(&format!("cancelled {id}"));
        }
    }
}

fn start(dir: &Path, first: usize) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["victim", "--exact", "--ignored", "--nocapture"])
        .env(DIR, dir)
        .env(FIRST, first.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Lets the process say so many lines, kills it, and hears what it still said.
fn kill_after(n_lines: usize, mut child: Child, dir: &Path, said: &mut Said) {
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let mut hear = |said: &mut Said| {
        let mut line = String::new();
        let n_bytes = lines.read_line(&mut line).unwrap();
        said.hear(&line);
        n_bytes > 0
    };
    let until = said.n_lines + n_lines;
    while said.n_lines < until {
        assert!(hear(said), "the process ended by itself");
    }
    assert_eq!(Store::open(dir).map(drop).unwrap_err().code(), "jobs.locked");
    child.kill().unwrap();
    child.wait().unwrap();
    while hear(said) {}
}

fn all_jobs(store: &Store) -> Vec<Job> {
    let mut query = ListQuery { page_size: 1000, ..ListQuery::default() };
    let mut jobs = Vec::new();
    loop {
        let page = store.list(&query).unwrap();
        jobs.extend(page.jobs);
        query.page_token = page.next_page_token;
        if query.page_token.is_none() {
            return jobs;
        }
    }
}

/// All that was said is so, and every job ends as it should.
fn check(store: &Store, said: &Said) {
    let n_running = all_jobs(store).iter().filter(|job| job.state == State::Running).count();
    assert_eq!(n_running, 0, "whoever ran them is no more");
    while let Some(claim) = store.claim().unwrap() {
        assert!(store.finish(&claim, Ok(reverse(&claim.input))).unwrap());
    }
    let jobs: HashMap<JobId, Job> = all_jobs(store).into_iter().map(|job| (job.id, job)).collect();
    for (id, number) in &said.submitted {
        let job = jobs.get(id).expect("what was submitted is there");
        if job.state != State::Cancelled {
            assert_eq!(store.result(*id).unwrap(), reverse(&new_job(*number).input));
        }
    }
    for id in &said.cancelled {
        assert_eq!(jobs[id].state, State::Cancelled);
    }
    let results = jobs.values().filter(|job| job.state == State::Succeeded);
    let mut results: Vec<Vec<u8>> = results.map(|job| store.result(job.id).unwrap()).collect();
    let n_results = results.len();
    results.sort_unstable();
    results.dedup();
    assert_eq!(results.len(), n_results, "no work is there twice");
    assert!(
        jobs.values().all(|job| job.state == State::Succeeded || job.state == State::Cancelled)
    );
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

#[test]
fn nothing_that_was_said_is_lost_when_the_process_is_killed() {
    let (n_rounds, seed) = (setting("EXACTA_KILL_ROUNDS", 5), setting("EXACTA_KILL_SEED", 1));
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("data");
    let (mut said, mut state) = (Said::default(), seed);
    for round in 0..n_rounds {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let n_lines = 1 + (state >> 33) as usize % 150;
        println!("round {round} of seed {seed}: killed after {n_lines} lines");
        let first = (round as usize + 1) * 1_000_000;
        kill_after(n_lines, start(&dir, first), &dir, &mut said);
        check(&Store::open(&dir).unwrap(), &said);
    }
}
