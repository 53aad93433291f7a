//! A million groups stay within 128 MB. In a file of its own, since it looks at the memory of the process.
#![cfg(target_os = "linux")]

use exacta::{Element, Groups, Plan, Statistic};

const N_GROUPS: u32 = 1_000_000;
const BYTES_MAX: u64 = 128_000_000;

/// What a group takes; some have one that is missing.
const MEASURED: [f64; 3] = [0.1, -17.25, 1e3];
const MISSED: [f64; 3] = [0.1, f64::NAN, 1e3];

/// What the process has in memory now.
fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    1024 * line.trim().trim_end_matches(" kB").parse::<u64>().unwrap()
}

/// What the groups of a plan take when each has three values: `value` says which, by the group and from 0 to 2.
fn bytes_of<T: Element>(plan: &Plan, value: impl Fn(u32, usize) -> T) -> u64 {
    let before = resident_bytes();
    let mut groups = Groups::new(plan, N_GROUPS).unwrap();
    for first in (0..N_GROUPS).step_by(1000) {
        for turn in 0..3 {
            let ids: Vec<u32> = (first..first + 1000).collect();
            let values: Vec<T> = ids.iter().map(|id| value(*id, turn)).collect();
            groups.update(&ids, &values).unwrap();
        }
    }
    let bytes = resident_bytes() - before;
    assert_eq!(groups.partial(N_GROUPS - 1).unwrap().counts().total(), 3);
    let stated = groups.bytes_kept();
    // The process may have grown by less, where groups before these left memory behind.
    assert!(bytes <= stated + BYTES_MAX / 100, "{plan:?}: {bytes} bytes, stated {stated}");
    bytes.max(stated)
}

#[test]
fn a_million_groups_take_at_most_128_megabytes() {
    let sums = Plan::new([Statistic::Count, Statistic::Sum, Statistic::Mean]);
    for plan in [Plan::default(), sums] {
        let taken = [
            bytes_of(&plan, |_, turn| MEASURED[turn]),
            // Each group within a window of its own, but far from the others.
            bytes_of(&plan, |id, turn| MEASURED[turn] * 2f64.powi(id as i32 % 1000 - 500)),
            bytes_of(&plan, |_, turn| MISSED[turn]),
            // Nanoseconds of a time, and identifiers: integers that are no binary64.
            bytes_of(&plan, |id, turn| 1_700_000_000_000_000_001 + i64::from(id) + turn as i64),
            bytes_of(&plan, |id, turn| u64::MAX - u64::from(id) - turn as u64),
        ];
        println!("{:?}: {taken:?} bytes", plan.states());
        assert!(taken.iter().all(|bytes| *bytes <= BYTES_MAX), "{plan:?}: {taken:?} bytes");
    }
}
