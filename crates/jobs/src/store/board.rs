//! What threads tell each other beside the file: that there may be work, and that a running job is to stop.
//! Nothing here outlives the process, and nothing here needs to.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::Duration;

use super::transition::Attempt;
use crate::{Cancellation, JobId};

#[derive(Default)]
pub(crate) struct Board {
    notices: Mutex<Notices>,
    changed: Condvar,
}

#[derive(Default)]
struct Notices {
    /// How often work was announced: who has seen the number has looked after that announcement.
    n_announced: u64,
    running: HashMap<JobId, (i64, Cancellation)>,
}

impl Board {
    fn notices(&self) -> MutexGuard<'_, Notices> {
        self.notices.lock().expect("nothing panics while it holds the notices")
    }

    pub(crate) fn n_announced(&self) -> u64 {
        self.notices().n_announced
    }

    pub(super) fn announce(&self) {
        self.notices().n_announced += 1;
        self.changed.notify_all();
    }

    /// Sleeps until work was announced after `seen`, or it is time to stop.
    pub(crate) fn wait(&self, seen: u64, stopping: &AtomicBool) {
        let idle = |notices: &mut Notices| {
            notices.n_announced == seen && !stopping.load(Ordering::Relaxed)
        };
        drop(self.changed.wait_while(self.notices(), idle).expect("the notices are whole"));
    }

    /// Sleeps for so long, or until it is time to stop.
    pub(crate) fn pause(&self, pause: Duration, stopping: &AtomicBool) {
        let idle = |_: &mut Notices| !stopping.load(Ordering::Relaxed);
        drop(
            self.changed
                .wait_timeout_while(self.notices(), pause, idle)
                .expect("the notices are whole"),
        );
    }

    /// Sets the sign, and wakes everyone who sleeps here to see it.
    pub(crate) fn stop(&self, stopping: &AtomicBool) {
        // Under the lock, or a thread between its look at the sign and its sleep would miss it.
        let notices = self.notices();
        stopping.store(true, Ordering::Relaxed);
        drop(notices);
        self.changed.notify_all();
    }

    pub(super) fn register(&self, attempt: Attempt, cancellation: Cancellation) {
        self.notices().running.insert(attempt.id, (attempt.number, cancellation));
    }

    pub(super) fn forget(&self, attempt: Attempt) {
        let running = &mut self.notices().running;
        if running.get(&attempt.id).is_some_and(|(number, _)| *number == attempt.number) {
            running.remove(&attempt.id);
        }
    }

    pub(super) fn cancel(&self, id: JobId) {
        if let Some((_, cancellation)) = self.notices().running.get(&id) {
            cancellation.cancel();
        }
    }
}
