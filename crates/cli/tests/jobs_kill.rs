//! `exacta serve --data` is killed without warning while jobs are queued and running, again and again on the
//! same directory. Each job that was accepted ends, none is lost or there twice, and each result is what
//! `exacta stats --json` prints for the same file.
//!
//! `EXACTA_KILL_ROUNDS` sets how many rounds (3), `EXACTA_KILL_SEED` where they begin.
#![cfg(unix)]

mod common;

use std::collections::HashMap;
use std::fmt::Write;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use common::{Server, run};
use exacta_client::{Client, Job, JobState, ListJobsParams, SubmitJobCsvParams};

/// Longer than any round takes.
const PATIENCE: Duration = Duration::from_mins(2);
/// How long a start may take on what a kill has left.
const RESTART_MAX: Duration = Duration::from_secs(1);
/// More than there are workers on any machine that has few: the queue grows.
const N_SUBMITTERS: u64 = 4;

/// The next number of a generator that is the same in every run (`SplitMix64`).
fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let word = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

/// The file of a submission. No two have one answer: the first column is the number itself.
fn file(number: u64) -> String {
    let mut state = number;
    let n_rows = 1 + random(&mut state) % if number.is_multiple_of(8) { 20_000 } else { 500 };
    let mut text = "job,x\n".to_owned();
    for _ in 0..n_rows {
        let value = f64::from_bits(random(&mut state) >> 2);
        writeln!(text, "{number},{value:e}").unwrap();
    }
    text
}

/// What the shell prints for it.
fn expected(number: u64) -> String {
    let arguments = ["stats", "--json", "--bits", "-s", "sum,variance", "-q", "1/3,0.9"];
    let run = run(&arguments, file(number).as_bytes());
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    run.stdout
}

fn params() -> SubmitJobCsvParams {
    SubmitJobCsvParams {
        statistics: Some(["sum", "variance"].map(|name| name.parse().unwrap()).to_vec()),
        quantiles: Some(["1/3", "0.9"].map(str::to_owned).to_vec()),
        bits: Some(true),
        ..SubmitJobCsvParams::default()
    }
}

/// What was submitted in all rounds, and what was heard of it.
#[derive(Default)]
struct Submitted {
    /// Which submission each accepted job is.
    accepted: Mutex<HashMap<String, u64>>,
    /// Those of which nothing was heard: each may be there, once.
    unheard: Mutex<Vec<u64>>,
    n_attempts: AtomicU64,
}

impl Submitted {
    /// Submits until the server is no more.
    fn submit_on(&self, client: &Client) {
        loop {
            let number = self.n_attempts.fetch_add(1, Ordering::Relaxed);
            let Ok(job) = client.submit_job_csv(file(number).into_bytes(), &params()) else {
                self.unheard.lock().unwrap().push(number);
                return;
            };
            let former = self.accepted.lock().unwrap().insert(job.id, number);
            assert_eq!(former, None, "no name is given twice");
        }
    }
}

/// It serves again within a second, jobs included.
fn start(dir: &Path) -> (Server, Client) {
    let start = Instant::now();
    let server = Server::start_with(&["--data", dir.to_str().unwrap()]);
    let client = Client::new(&server.url()).unwrap();
    client.list_jobs(&ListJobsParams::default()).unwrap();
    let took = start.elapsed();
    assert!(took < RESTART_MAX, "it took {took:?}");
    (server, client)
}

/// Asks again and again until it is so.
fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "it never comes that {what}");
        std::thread::park_timeout(Duration::from_millis(1));
    }
}

fn jobs(client: &Client, state: Option<JobState>) -> Vec<Job> {
    let mut params = ListJobsParams { state, page_size: Some(1000), page_token: None };
    let mut jobs = Vec::new();
    loop {
        let page = client.list_jobs(&params).unwrap();
        jobs.extend(page.jobs);
        params.page_token = page.next_page_token;
        if params.page_token.is_none() {
            return jobs;
        }
    }
}

fn any(client: &Client, state: JobState) -> bool {
    let params = ListJobsParams { state: Some(state), page_size: Some(1), page_token: None };
    !client.list_jobs(&params).unwrap().jobs.is_empty()
}

/// Submits from all sides, and kills once so many jobs were accepted and some wait while another runs.
fn kill_busy(dir: &Path, n_accepted: usize, submitted: &Submitted) {
    let (server, client) = start(dir);
    let until = submitted.accepted.lock().unwrap().len() + n_accepted;
    std::thread::scope(|scope| {
        for _ in 0..N_SUBMITTERS {
            scope.spawn(|| submitted.submit_on(&client));
        }
        wait_until("jobs wait while another runs", || {
            let is_enough = submitted.accepted.lock().unwrap().len() >= until;
            is_enough && any(&client, JobState::Queued) && any(&client, JobState::Running)
        });
        server.kill();
    });
}

/// Starts anew and kills as soon as another job has ended, or none is left.
fn kill_on_the_way(dir: &Path) {
    let (server, client) = start(dir);
    let n_ended = || jobs(&client, Some(JobState::Succeeded)).len();
    let before = n_ended();
    wait_until("a job ends", || n_ended() > before || !any(&client, JobState::Queued));
    server.kill();
}

/// All that was accepted has ended, with the answer of the shell, and nothing else is there.
fn check(dir: &Path, submitted: &Submitted, checked: &mut HashMap<String, u64>) {
    let (server, client) = start(dir);
    wait_until("all jobs have ended", || {
        !any(&client, JobState::Queued) && !any(&client, JobState::Running)
    });
    let accepted = submitted.accepted.lock().unwrap();
    let mut unheard = submitted.unheard.lock().unwrap();
    let jobs = jobs(&client, None);
    for job in &jobs {
        assert_eq!(job.state, JobState::Succeeded, "{job:?}");
        if checked.contains_key(&job.id) {
            continue;
        }
        let result = server.get(&format!("/v1/jobs/{}/result", job.id)).body + "\n";
        let number = accepted.get(&job.id).copied().unwrap_or_else(|| {
            let is_it = |number: &u64| expected(*number) == result;
            let index = unheard.iter().position(is_it).expect("it was submitted, once");
            unheard.swap_remove(index)
        });
        assert_eq!(result, expected(number), "submission {number}");
        checked.insert(job.id.clone(), number);
    }
    assert_eq!(jobs.len(), checked.len(), "each is listed once");
    assert!(accepted.keys().all(|id| checked.contains_key(id)), "none is lost");
    // What was not there by now will not come.
    unheard.clear();
    server.kill();
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

#[test]
fn accepted_jobs_survive_a_kill_and_end_with_the_answer_of_the_shell() {
    let (n_rounds, seed) = (setting("EXACTA_KILL_ROUNDS", 3), setting("EXACTA_KILL_SEED", 1));
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("data");
    let (submitted, mut checked, mut state) = (Submitted::default(), HashMap::new(), seed);
    for round in 0..n_rounds {
        let n_accepted = 1 + random(&mut state) as usize % 20;
        let n_more_kills = random(&mut state) % 3;
        println!(
            "round {round} of seed {seed}: killed after {n_accepted} jobs, and {n_more_kills} times more"
        );
        kill_busy(&dir, n_accepted, &submitted);
        (0..n_more_kills).for_each(|_| kill_on_the_way(&dir));
        check(&dir, &submitted, &mut checked);
    }
}
