//! What is put in order before a signal ends the process: the line on the terminal and the file that is not whole. Each is
//! kept where it is made.

use std::fs;
use std::sync::Once;
use std::thread;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

use crate::{output, progress};

/// From now on these signals leave nothing behind when they end the process, as they would have.
pub(crate) fn tidy() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let ignored = ignored();
        let heeded = [SIGHUP, SIGINT, SIGTERM].into_iter().filter(|signal| !ignored.has(*signal));
        let Ok(mut signals) = Signals::new(heeded) else { return };
        thread::spawn(move || {
            for signal in &mut signals {
                progress::clear();
                // As long as it is held no other file is begun.
                let _unfinished = output::remove_unfinished();
                let _ = emulate_default_handler(signal);
            }
        });
    });
}

/// Signals, a bit each.
struct Mask(u64);

impl Mask {
    fn has(&self, signal: i32) -> bool {
        self.0 >> (signal - 1) & 1 == 1
    }
}

/// What whoever started the process wants ignored, as `nohup` does; none where the system does not tell.
fn ignored() -> Mask {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    Mask(mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0))
}
