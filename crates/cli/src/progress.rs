//! What a person sees while a job is waited for. The line itself is drawn by `indicatif`, on a terminal only;
//! what happens to the job is not known here.

use std::time::{Duration, Instant};

use exacta_client::JobState;
use indicatif::{ProgressBar, ProgressFinish, ProgressStyle};

use crate::output;
use crate::text::one_line;

/// How long a person waits without being told that there is something to wait for.
const QUIET: Duration = Duration::from_secs(1);

/// How often the line moves.
const TICK: Duration = Duration::from_millis(100);

/// The line that moves while a job is waited for: on a terminal, and once there has been time to wonder.
pub(crate) struct Progress {
    since: Instant,
    bar: Option<ProgressBar>,
}

impl Progress {
    pub(crate) fn new() -> Self {
        Self { since: Instant::now(), bar: None }
    }

    pub(crate) fn show(&mut self, id: &str, state: &JobState) {
        let elapsed = self.since.elapsed();
        if elapsed >= QUIET {
            let bar = self.bar.get_or_insert_with(|| spinner(elapsed));
            bar.set_message(one_line(&format!("job {id} is {state}; Ctrl-C stops the waiting")));
        }
    }

    /// Warns of something for good, above the line.
    pub(crate) fn warn(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| output::warn(text)),
            None => output::warn(text),
        }
    }
}

/// A line on stderr, where that is a terminal, which vanishes in the end.
fn spinner(elapsed: Duration) -> ProgressBar {
    let style = ProgressStyle::with_template("{spinner} {msg} ({elapsed})");
    let bar = ProgressBar::new_spinner()
        .with_style(style.expect("it is a template"))
        .with_finish(ProgressFinish::AndClear)
        .with_elapsed(elapsed);
    bar.enable_steady_tick(TICK);
    bar
}
