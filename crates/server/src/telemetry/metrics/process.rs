//! What the system knows of this process. Each figure is looked up by itself: one that cannot be had takes no other
//! one with it. Where the system is not asked, there are none.

/// The process at one moment.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Process {
    pub(crate) cpu_seconds: Option<f64>,
    pub(crate) resident_bytes: Option<u64>,
    pub(crate) virtual_bytes: Option<u64>,
    pub(crate) open_fds: Option<u64>,
    pub(crate) fds_max: Option<u64>,
    pub(crate) start_seconds: Option<f64>,
}

#[cfg(target_os = "linux")]
impl Process {
    /// Asks the kernel, for nothing but what is of this process: of `/proc` there may be no more (`ProcSubset=pid`).
    pub(crate) fn look() -> Self {
        use procfs::WithCurrentSystemInfo;

        let Ok(process) = procfs::process::Process::myself() else { return Self::default() };
        let stat = process.stat().ok();
        let stat = stat.as_ref();
        Self {
            cpu_seconds: stat.map(|stat| linux::seconds(stat.utime + stat.stime)),
            resident_bytes: stat.map(|stat| stat.rss_bytes().get()),
            virtual_bytes: stat.map(|stat| stat.vsize),
            open_fds: process.fd_count().ok().map(|n_fds| n_fds as u64),
            fds_max: process.limits().ok().map(|limits| linux::fds_max(&limits)),
            start_seconds: stat.map(|stat| linux::start_seconds(stat.starttime)),
        }
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::sync::OnceLock;
    use std::time::{SystemTime, UNIX_EPOCH};

    use procfs::process::{LimitValue, Limits};
    use rustix::time::{ClockId, clock_gettime};

    pub(super) fn seconds(ticks: u64) -> f64 {
        ticks as f64 / procfs::ticks_per_second() as f64
    }

    pub(super) fn fds_max(limits: &Limits) -> u64 {
        match limits.max_open_files.soft_limit {
            LimitValue::Unlimited => u64::MAX,
            LimitValue::Value(n_fds) => n_fds,
        }
    }

    /// The moment of so many ticks after the machine began, in seconds since 1970. It is reckoned once: a clock that
    /// is set later does not move it.
    pub(super) fn start_seconds(ticks: u64) -> f64 {
        static START: OnceLock<f64> = OnceLock::new();
        *START.get_or_init(|| {
            let running = clock_gettime(ClockId::Boottime);
            let running = running.tv_sec as f64 + running.tv_nsec as f64 / 1e9;
            let now = SystemTime::now().duration_since(UNIX_EPOCH);
            now.map_or(0.0, |now| now.as_secs_f64()) - running + seconds(ticks)
        })
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        /// What the kernel says of the time at which it was started, in whole seconds, leads to the same moment.
        #[test]
        fn the_start_is_that_of_the_process() {
            let ticks = procfs::process::Process::myself().unwrap().stat().unwrap().starttime;
            let start = start_seconds(ticks);
            let expected = procfs::boot_time_secs().unwrap() as f64 + seconds(ticks);
            assert!((start - expected).abs() <= 2.0, "{start} {expected}");
            assert_eq!(start_seconds(ticks).to_bits(), start.to_bits());
        }
    }
}

#[cfg(not(target_os = "linux"))]
impl Process {
    /// Nobody is asked.
    pub(crate) fn look() -> Self {
        Self::default()
    }
}
