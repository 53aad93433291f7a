//! The workers: what they run, in what order, and how they stop. Nothing here waits for time to pass.

mod common;

use common::{REFUSE, failure, new_job, reverse, store, submit};
use exacta_jobs::{Claim, JobId, NewJob, Pool, State, Store};
use rusqlite::Connection;
use std::collections::HashSet;
use std::num::NonZeroUsize;
use std::sync::mpsc::{Receiver, channel, sync_channel};
use std::sync::{Arc, Barrier, Mutex};

fn workers(n_workers: usize) -> NonZeroUsize {
    NonZeroUsize::new(n_workers).unwrap()
}

/// Workers that tell which jobs they run, in that order, and reverse inputs.
fn start(store: &Store, n_workers: usize) -> (Pool, Receiver<JobId>) {
    let (ran, runs) = channel();
    let pool = Pool::start(store, workers(n_workers), move |claim| {
        ran.send(claim.id).unwrap();
        Ok(reverse(&claim.input))
    });
    (pool.unwrap(), runs)
}

fn spin_until_cancelled(claim: &Claim) {
    while !claim.cancellation.is_cancelled() {
        std::thread::yield_now();
    }
}

#[test]
fn every_job_is_run_once_whenever_it_was_submitted() {
    let (_folder, store) = store();
    let early: Vec<JobId> = (0..20).map(|number| submit(&store, number).id).collect();
    let (pool, runs) = start(&store, 4);
    let late: Vec<JobId> = (20..40).map(|number| submit(&store, number).id).collect();
    let ids = [early, late].concat();
    let mut seen: Vec<JobId> = runs.iter().take(ids.len()).collect();
    pool.shutdown();
    seen.sort_unstable();
    assert_eq!(seen, ids);
    assert_eq!(runs.iter().count(), 0);
    for (number, id) in ids.into_iter().enumerate() {
        assert_eq!(store.result(id).unwrap(), reverse(&new_job(number).input));
    }
}

#[test]
fn a_job_wakes_workers_that_sleep() {
    let (_folder, store) = store();
    let (pool, runs) = start(&store, 3);
    for number in 0..100 {
        let id = submit(&store, number).id;
        assert_eq!(runs.recv().unwrap(), id);
    }
    pool.shutdown();
}

#[test]
fn one_worker_takes_the_oldest_first() {
    let (_folder, store) = store();
    let ids: Vec<JobId> = (0..10).map(|number| submit(&store, number).id).collect();
    let (pool, runs) = start(&store, 1);
    assert!(runs.iter().take(10).eq(ids));
    pool.shutdown();
}

#[test]
fn as_many_jobs_run_at_once_as_there_are_workers() {
    let (_folder, store) = store();
    let meeting = Arc::new(Barrier::new(3));
    let (ran, runs) = channel();
    let pool = Pool::start(&store, workers(3), move |_| {
        // Nobody leaves before three have come.
        meeting.wait();
        ran.send(()).unwrap();
        Ok(vec![])
    });
    for number in 0..9 {
        submit(&store, number);
    }
    assert_eq!(runs.iter().take(9).count(), 9);
    pool.unwrap().shutdown();
}

/// The states that these kernels lead to on one worker; it has recorded one when it runs the next.
fn states(kernels: &[&str]) -> Vec<(State, Option<Vec<u8>>)> {
    let (_folder, store) = store();
    let (ended, end) = channel();
    let pool = Pool::start(&store, workers(1), move |claim| match claim.kernel.as_str() {
        "succeed" => Ok(vec![]),
        "fail" => Err(failure()),
        "panic" => panic!("as this test wants it"),
        _ => {
            ended.send(()).unwrap();
            Ok(vec![])
        }
    });
    let submit = |kernel: &&str| {
        let new = NewJob { kernel: (*kernel).to_owned(), ..new_job(0) };
        store.submit(new).unwrap().id
    };
    let ids: Vec<JobId> = kernels.iter().map(submit).collect();
    submit(&"end");
    end.recv().unwrap();
    let jobs = ids.into_iter().map(|id| store.job(id).unwrap());
    let states = jobs.map(|job| (job.state, job.error)).collect();
    pool.unwrap().shutdown();
    states
}

#[test]
fn a_kernel_that_fails_or_panics_fails_its_job_alone() {
    let states = states(&["succeed", "panic", "fail", "panic", "succeed"]);
    assert_eq!(states[0], (State::Succeeded, None));
    assert_eq!(states[2], (State::Failed, Some(failure().0)));
    assert_eq!(states[4], (State::Succeeded, None));
    for index in [1, 3] {
        let (state, error) = &states[index];
        assert_eq!(*state, State::Failed);
        let problem: serde_json::Value = serde_json::from_slice(error.as_ref().unwrap()).unwrap();
        assert_eq!(problem["code"], "job.panicked");
        assert_eq!((&problem["type"], &problem["status"]), (&"about:blank".into(), &500.into()));
        assert!(problem["title"].is_string() && problem["detail"].is_string());
    }
}

#[test]
fn a_running_job_that_is_cancelled_is_told_and_stays_cancelled() {
    let (_folder, store) = store();
    let (started, start) = channel();
    let pool = Pool::start(&store, workers(1), move |claim| {
        started.send(claim.id).unwrap();
        if claim.spec == b"1" {
            spin_until_cancelled(claim);
        }
        Ok(b"late".to_vec())
    });
    let id = submit(&store, 1).id;
    assert_eq!(start.recv().unwrap(), id);
    let job = store.cancel(id).unwrap();
    assert_eq!(job.state, State::Cancelled);
    let next = submit(&store, 2).id;
    assert_eq!(start.recv().unwrap(), next, "the worker is free again");
    assert_eq!(store.job(id).unwrap(), job);
    pool.unwrap().shutdown();
    assert_eq!(store.result(next).unwrap(), b"late");
}

#[test]
fn a_shutdown_queues_what_it_interrupts_and_loses_nothing() {
    let (folder, store) = store();
    let ids: Vec<JobId> = (0..6).map(|number| submit(&store, number).id).collect();
    let (started, start) = channel();
    let pool = Pool::start(&store, workers(3), move |claim| {
        started.send(()).unwrap();
        spin_until_cancelled(claim);
        match claim.spec.as_slice() {
            b"0" => Ok(b"in time".to_vec()),
            b"1" => Err(failure()),
            _ => panic!("as this test wants it"),
        }
    });
    assert_eq!(start.iter().take(3).count(), 3);
    pool.unwrap().shutdown();
    assert_eq!(start.iter().count(), 0, "no job is taken any more");
    assert_eq!(store.result(ids[0]).unwrap(), b"in time");
    for id in &ids[1..] {
        let job = store.job(*id).unwrap();
        assert_eq!((job.state, job.error, job.started_at), (State::Queued, None, None));
    }
    // Threads and handles are gone, so the directory is free.
    drop(store);
    let store = Store::open(&folder.path().join("data")).unwrap();
    let claimed: Vec<JobId> =
        std::iter::from_fn(|| store.claim().unwrap()).map(|claim| claim.id).collect();
    assert_eq!(claimed, ids[1..]);
}

#[test]
fn an_outcome_that_the_storage_refuses_is_kept_and_the_job_not_run_again() {
    let (folder, store) = store();
    let file = Connection::open(folder.path().join("data/jobs.sqlite")).unwrap();
    file.execute_batch(REFUSE).unwrap();
    let (pool, runs) = start(&store, 1);
    let ids: Vec<JobId> = (0..10).map(|number| submit(&store, number).id).collect();
    assert_eq!(runs.recv().unwrap(), ids[0]);
    // The worker's outcome stands before these in the line of the writer.
    let more = (10..20).map(|number| submit(&store, number).id);
    let ids: Vec<JobId> = ids.into_iter().chain(more).collect();
    assert_eq!(store.job(ids[0]).unwrap().state, State::Running);
    file.execute_batch("DROP TRIGGER refuse").unwrap();
    assert!(runs.iter().take(19).eq(ids[1..].iter().copied()));
    pool.shutdown();
    assert_eq!(store.result(ids[0]).unwrap(), reverse(&new_job(0).input));
}

#[test]
fn a_job_whose_outcome_is_refused_to_the_end_is_run_at_the_next_start() {
    let (folder, store) = store();
    let file = Connection::open(folder.path().join("data/jobs.sqlite")).unwrap();
    file.execute_batch(REFUSE).unwrap();
    let (pool, runs) = start(&store, 1);
    let id = submit(&store, 1).id;
    assert_eq!(runs.recv().unwrap(), id);
    pool.shutdown();
    drop((store, file));
    let store = Store::open(&folder.path().join("data")).unwrap();
    assert_eq!(store.claim().unwrap().unwrap().id, id);
}

#[test]
fn an_idle_pool_stops_and_so_does_one_that_is_dropped() {
    let (_folder, store) = store();
    Pool::start(&store, workers(4), |_| Ok(vec![])).unwrap().shutdown();
    drop(Pool::start(&store, workers(4), |_| Ok(vec![])).unwrap());
    let id = submit(&store, 1).id;
    assert_eq!(store.job(id).unwrap().state, State::Queued);
}

#[test]
fn two_pools_share_a_store_and_stop_alone() {
    let (_folder, store) = store();
    let (ran, runs) = channel();
    let (told, signs) = channel();
    let (let_go, gate) = sync_channel::<()>(0);
    let gate = Mutex::new(gate);
    let first = Pool::start(&store, workers(1), move |claim| {
        ran.send(claim.id).unwrap();
        gate.lock().unwrap().recv().unwrap();
        told.send(claim.cancellation.is_cancelled()).unwrap();
        Ok(vec![])
    });
    let held = submit(&store, 1).id;
    assert_eq!(runs.recv().unwrap(), held);
    let (second, second_runs) = start(&store, 1);
    let ids: HashSet<JobId> = (2..8).map(|number| submit(&store, number).id).collect();
    assert_eq!(second_runs.iter().take(6).collect::<HashSet<_>>(), ids);
    second.shutdown();
    let_go.send(()).unwrap();
    assert!(!signs.recv().unwrap());
    first.unwrap().shutdown();
    assert_eq!(store.job(held).unwrap().state, State::Succeeded);
}
