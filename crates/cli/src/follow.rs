//! Waiting for a job: the service is asked again and again, through restarts of its own, until the job has
//! ended or the person at the terminal has seen enough. What becomes of the result is not here.

use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::{Duration, Instant};

use exacta_client::{Client, Error as ClientError, Job, JobState, SummarizeResponse};
use signal_hook::consts::SIGINT;
use signal_hook::iterator::Signals;

use crate::error::Error;
use crate::output;
use crate::progress::Waiting;
use crate::service::{Service, result_of};

/// The pause between the first two looks at a job; each later one is twice as long.
const PAUSE_MIN: Duration = Duration::from_millis(10);

/// The longest pause between two looks.
const PAUSE_MAX: Duration = Duration::from_secs(1);

/// How long a service may be away before it is given up.
const ABSENCE_MAX: Duration = Duration::from_mins(1);

/// What happens while a job is waited for.
enum Event {
    Seen(JobState),
    Absent(ClientError),
    Ended(Result<SummarizeResponse, Error>),
    Interrupted,
}

/// The result of a job, once it has ended. What is wrong with the job is told of the `input`.
pub(crate) fn follow(service: &Service, id: &str, input: &str) -> Result<SummarizeResponse, Error> {
    let (sender, events) = mpsc::channel();
    let (id, way_back) = (id.to_owned(), service.way_back(id));
    listen(sender.clone());
    let (client, input) = (service.client.clone(), input.to_owned());
    let watcher = Watcher { client, id: id.clone(), input, way_back: way_back.clone(), sender };
    thread::spawn(move || watcher.watch());
    let mut waiting = Waiting::new();
    for event in events {
        match event {
            Event::Seen(state) => waiting.show(&id, &state),
            Event::Absent(source) => output::warn(&absence(&source)),
            Event::Ended(end) => return end,
            Event::Interrupted => break,
        }
    }
    Err(Error::Detached { way_back })
}

fn absence(source: &ClientError) -> String {
    let n_seconds = ABSENCE_MAX.as_secs();
    format!("{source}; the job is not lost, so it is asked after for another {n_seconds} s")
}

/// Reports Ctrl-C from now on, instead of dying of it. Where that cannot be had, Ctrl-C ends the process
/// as ever, with no word on the way back.
fn listen(sender: Sender<Event>) {
    let Ok(mut signals) = Signals::new([SIGINT]) else { return };
    thread::spawn(move || {
        for _ in &mut signals {
            // Whoever waits no longer need not be told.
            let _ = sender.send(Event::Interrupted);
        }
    });
}

/// Looks at a job from a thread of its own, and reports.
struct Watcher {
    client: Client,
    id: String,
    input: String,
    way_back: String,
    sender: Sender<Event>,
}

impl Watcher {
    /// Looks until the job has ended.
    fn watch(&self) {
        let end = self.end();
        self.report(Event::Ended(end));
    }

    fn end(&self) -> Result<SummarizeResponse, Error> {
        let look = || self.ask(|| self.client.get_job(&self.id));
        let mut job = look()?;
        let mut pause = PAUSE_MIN;
        while !has_ended(&job) {
            self.report(Event::Seen(job.state));
            thread::sleep(pause);
            pause = PAUSE_MAX.min(pause * 2);
            job = look()?;
        }
        result_of(job, &self.input, |id| self.ask(|| self.client.get_job_result(id)))
    }

    /// The answer to a question, which is asked again while the service is away.
    fn ask<T>(&self, question: impl Fn() -> Result<T, ClientError>) -> Result<T, Error> {
        let mut away_since: Option<Instant> = None;
        loop {
            let source = match question() {
                Ok(answer) => return Ok(answer),
                Err(source) if is_absence(&source) => source,
                Err(source) => return Err(source.into()),
            };
            match away_since {
                None => self.report(Event::Absent(source)),
                Some(since) if since.elapsed() < ABSENCE_MAX => {}
                Some(_) => return Err(Error::Lost { source, way_back: self.way_back.clone() }),
            }
            away_since.get_or_insert_with(Instant::now);
            thread::sleep(PAUSE_MAX);
        }
    }

    fn report(&self, event: Event) {
        // Whoever waits no longer need not be told.
        let _ = self.sender.send(event);
    }
}

/// Whether a job stays as it is. Of a state that only a later service knows, the job's end tells.
fn has_ended(job: &Job) -> bool {
    use JobState::{Cancelled, Failed, Succeeded};
    matches!(job.state, Succeeded | Failed | Cancelled) || job.finished_at.is_some()
}

/// Whether there is no service for now, as while it is started anew.
fn is_absence(error: &ClientError) -> bool {
    match error {
        ClientError::Transport { .. } => true,
        ClientError::Unexpected { status, .. } => matches!(status, 502..=504),
        ClientError::Problem(problem) => problem.status == 503 && problem.code != "jobs.disabled",
        _ => false,
    }
}
