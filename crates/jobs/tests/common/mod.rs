//! What the tests of the store share.
#![allow(dead_code, reason = "each test binary uses its own part of this")]

use exacta_jobs::{Failure, Job, JobId, NewJob, Outcome, Store};
use tempfile::TempDir;

/// Makes a store refuse every result, as a full disk would.
pub(crate) const REFUSE: &str = "CREATE TRIGGER refuse BEFORE INSERT ON result
    BEGIN SELECT raise(ABORT, 'refused by the test'); END";

/// A store in a directory that goes away with the test.
pub(crate) fn store() -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("data")).unwrap();
    (folder, store)
}

/// Work that nothing else submits.
pub(crate) fn new_job(number: usize) -> NewJob {
    let input = format!("input {number}").into_bytes();
    NewJob {
        kernel: "reverse".to_owned(),
        spec: number.to_string().into_bytes(),
        input,
        owner: None,
    }
}

pub(crate) fn submit(store: &Store, number: usize) -> Job {
    store.submit(new_job(number)).unwrap()
}

/// What the kernel of these tests makes of an input.
pub(crate) fn reverse(input: &[u8]) -> Vec<u8> {
    input.iter().rev().copied().collect()
}

pub(crate) fn failure() -> Failure {
    Failure(br#"{"code":"number.odd"}"#.to_vec())
}

/// Claims the oldest job and ends it.
pub(crate) fn run_next(store: &Store, outcome: Outcome) -> JobId {
    let claim = store.claim().unwrap().expect("a job is queued");
    assert!(store.finish(&claim, outcome).unwrap());
    claim.id
}
