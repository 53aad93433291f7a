//! A million groups stay within 128 MB. In a file of its own, since it looks at the memory of the process.
#![cfg(target_os = "linux")]

use exacta::{Groups, Plan, Statistic};

const N_GROUPS: u32 = 1_000_000;
const BYTES_MAX: u64 = 128_000_000;

/// What the process has in memory now.
fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    1024 * line.trim().trim_end_matches(" kB").parse::<u64>().unwrap()
}

/// What the groups of a plan take when each has some values of the size that `size` says.
fn bytes_of(plan: &Plan, size: impl Fn(u32) -> f64) -> u64 {
    let before = resident_bytes();
    let mut groups = Groups::new(plan, N_GROUPS).unwrap();
    for first in (0..N_GROUPS).step_by(1000) {
        for value in [0.1, -17.25, 1e3] {
            let ids: Vec<u32> = (first..first + 1000).collect();
            let values: Vec<f64> = ids.iter().map(|id| value * size(*id)).collect();
            groups.update(&ids, &values).unwrap();
        }
    }
    let after = resident_bytes();
    assert_eq!(groups.partial(N_GROUPS - 1).unwrap().counts().count, 3);
    after - before
}

#[test]
fn a_million_groups_take_at_most_128_megabytes() {
    let sums = Plan::new([Statistic::Count, Statistic::Sum, Statistic::Mean]);
    for plan in [Plan::default(), sums] {
        let alike = bytes_of(&plan, |_| 1.0);
        // Each group within a window of its own, but far from the others.
        let unlike = bytes_of(&plan, |id| 2f64.powi(id as i32 % 1000 - 500));
        println!("{:?}: {alike} and {unlike} bytes", plan.states());
        assert!(alike.max(unlike) <= BYTES_MAX, "{plan:?}: {alike} and {unlike} bytes");
    }
}
