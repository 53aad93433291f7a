//! What was dropped because nobody took it in time. Telemetry is never waited for.

use std::sync::atomic::{AtomicU64, Ordering};

/// What this process has dropped: its logs and traces go one way, whatever serves in it.
pub(crate) static DROPPED: Dropped = Dropped([const { AtomicU64::new(0) }; Loss::ALL.len()]);

/// What can be lost, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Loss {
    /// A line for stderr found no room.
    LineFull,
    /// A span found the queue full.
    SpanFull,
    /// The collector did not take a span.
    SpanFailed,
    /// A log record found the queue full.
    RecordFull,
    /// The collector did not take a log record.
    RecordFailed,
    /// The collector did not take the metrics; the next ones include them.
    MetricsFailed,
}

impl Loss {
    const ALL: [Self; 6] = [
        Self::LineFull,
        Self::SpanFull,
        Self::SpanFailed,
        Self::RecordFull,
        Self::RecordFailed,
        Self::MetricsFailed,
    ];

    /// The values of its labels: of which signal, and why.
    fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::LineFull => ("stderr", "queue_full"),
            Self::SpanFull => ("traces", "queue_full"),
            Self::SpanFailed => ("traces", "export_failed"),
            Self::RecordFull => ("logs", "queue_full"),
            Self::RecordFailed => ("logs", "export_failed"),
            Self::MetricsFailed => ("metrics", "export_failed"),
        }
    }
}

/// Counts of what was lost.
#[derive(Debug)]
pub(crate) struct Dropped([AtomicU64; Loss::ALL.len()]);

impl Dropped {
    pub(crate) fn add(&self, loss: Loss, n_items: u64) {
        self.0[loss as usize].fetch_add(n_items, Ordering::Relaxed);
    }

    /// Signal, reason and count of every loss, also of those that never were.
    pub(crate) fn read(&self) -> impl Iterator<Item = (&'static str, &'static str, u64)> {
        Loss::ALL.into_iter().map(|loss| {
            let (signal, error) = loss.labels();
            (signal, error, self.0[loss as usize].load(Ordering::Relaxed))
        })
    }
}
