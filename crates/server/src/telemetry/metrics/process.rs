//! What the system knows of this process. Where it is not asked, there is nothing.

/// The process at one moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Process {
    pub(crate) cpu_seconds: f64,
    pub(crate) resident_bytes: u64,
    pub(crate) virtual_bytes: u64,
    pub(crate) open_fds: u64,
    pub(crate) fds_max: u64,
    pub(crate) start_seconds: f64,
}

#[cfg(target_os = "linux")]
impl Process {
    /// Asks the kernel.
    pub(crate) fn look() -> Option<Self> {
        use procfs::WithCurrentSystemInfo;

        let process = procfs::process::Process::myself().ok()?;
        let stat = process.stat().ok()?;
        let ticks = procfs::ticks_per_second() as f64;
        let limits = process.limits().ok()?;
        let fds_max = match limits.max_open_files.soft_limit {
            procfs::process::LimitValue::Unlimited => u64::MAX,
            procfs::process::LimitValue::Value(n_fds) => n_fds,
        };
        let boot = procfs::boot_time_secs().ok()? as f64;
        Some(Self {
            cpu_seconds: (stat.utime + stat.stime) as f64 / ticks,
            resident_bytes: stat.rss_bytes().get(),
            virtual_bytes: stat.vsize,
            open_fds: process.fd_count().ok()? as u64,
            fds_max,
            start_seconds: boot + stat.starttime as f64 / ticks,
        })
    }
}

#[cfg(not(target_os = "linux"))]
impl Process {
    /// Nobody is asked.
    pub(crate) fn look() -> Option<Self> {
        None
    }
}
