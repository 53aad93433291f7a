//! What a job goes through, way by way: what is shown of it, and what is kept.

mod common;

use common::{REFUSE, failure, new_job, reverse, run_next, store, submit};
use exacta_jobs::{BYTES_MAX, Error, JobId, ListQuery, NewJob, State, Store};
use rusqlite::Connection;
use std::sync::Barrier;

fn code<T: std::fmt::Debug>(outcome: Result<T, Error>) -> &'static str {
    let error = outcome.unwrap_err();
    assert!(!error.to_string().contains('\n'), "{error}");
    error.code()
}

/// How many inputs are kept.
fn n_inputs(folder: &tempfile::TempDir) -> i64 {
    let connection = Connection::open(folder.path().join("data/jobs.sqlite")).unwrap();
    connection.query_row("SELECT count(*) FROM input", [], |row| row.get(0)).unwrap()
}

#[test]
fn a_job_is_submitted_claimed_and_succeeds() {
    let (folder, store) = store();
    let job = submit(&store, 1);
    assert_eq!((job.state, job.kernel.as_str()), (State::Queued, "reverse"));
    assert_eq!((job.started_at, job.finished_at, &job.error), (None, None, &None));
    assert_eq!(store.job(job.id).unwrap(), job);
    assert_eq!(code(store.result(job.id)), "job.not_finished");

    let claim = store.claim().unwrap().unwrap();
    let NewJob { kernel, spec, input, .. } = new_job(1);
    assert_eq!(
        (claim.id, &claim.kernel, &claim.spec, &claim.input),
        (job.id, &kernel, &spec, &input)
    );
    let running = store.job(job.id).unwrap();
    assert_eq!((running.state, running.finished_at), (State::Running, None));
    assert!(running.started_at.unwrap() >= job.created_at);
    assert_eq!(code(store.result(job.id)), "job.not_finished");
    assert!(store.claim().unwrap().is_none());
    assert_eq!(n_inputs(&folder), 1);

    assert!(store.finish(&claim, Ok(reverse(&input))).unwrap());
    let done = store.job(job.id).unwrap();
    assert_eq!(
        (done.state, done.started_at, &done.error),
        (State::Succeeded, running.started_at, &None)
    );
    assert!(done.finished_at >= done.started_at);
    assert_eq!(store.result(job.id).unwrap(), reverse(&input));
    assert_eq!(n_inputs(&folder), 0);
    assert_eq!(store.cancel(job.id).unwrap(), done);
}

#[test]
fn a_job_that_fails_keeps_its_error_and_has_no_result() {
    let (folder, store) = store();
    let id = submit(&store, 1).id;
    run_next(&store, Err(failure()));
    let job = store.job(id).unwrap();
    assert_eq!((job.state, job.error.as_ref()), (State::Failed, Some(&failure().0)));
    assert!(job.finished_at >= job.started_at && job.started_at.is_some());
    let Err(Error::Failed { id: failed, error }) = store.result(id) else { panic!("it failed") };
    assert_eq!((failed, error), (id, failure().0));
    assert_eq!(store.cancel(id).unwrap(), job);
    assert_eq!(n_inputs(&folder), 0);
}

#[test]
fn a_queued_job_that_is_cancelled_is_never_claimed() {
    let (folder, store) = store();
    let id = submit(&store, 1).id;
    let job = store.cancel(id).unwrap();
    assert_eq!((job.state, job.started_at), (State::Cancelled, None));
    assert!(job.finished_at >= Some(job.created_at));
    assert_eq!(store.cancel(id).unwrap(), job, "once more changes nothing");
    assert_eq!(code(store.result(id)), "job.cancelled");
    assert!(store.claim().unwrap().is_none());
    assert_eq!(n_inputs(&folder), 0);
}

#[test]
fn a_late_outcome_does_not_overwrite_cancelled() {
    let (_folder, store) = store();
    for outcome in [Ok(b"late".to_vec()), Err(failure())] {
        let id = submit(&store, 1).id;
        let claim = store.claim().unwrap().unwrap();
        assert!(!claim.cancellation.is_cancelled());
        let job = store.cancel(id).unwrap();
        assert!(claim.cancellation.is_cancelled(), "whoever runs it is told");
        assert!(!store.finish(&claim, outcome).unwrap());
        store.release(&claim).unwrap();
        assert_eq!(store.job(id).unwrap(), job);
        assert_eq!(code(store.result(id)), "job.cancelled");
    }
}

#[test]
fn of_a_cancel_and_an_outcome_at_once_exactly_one_counts() {
    let (_folder, store) = store();
    for number in 0..100 {
        let id = submit(&store, number).id;
        let claim = store.claim().unwrap().unwrap();
        let barrier = Barrier::new(2);
        let (is_recorded, job) = std::thread::scope(|scope| {
            let finish = scope.spawn(|| {
                barrier.wait();
                store.finish(&claim, Ok(b"result".to_vec())).unwrap()
            });
            barrier.wait();
            let job = store.cancel(id).unwrap();
            (finish.join().unwrap(), job)
        });
        let state = if is_recorded { State::Succeeded } else { State::Cancelled };
        assert_eq!(job.state, state);
        assert_eq!(store.job(id).unwrap(), job);
        assert_eq!(store.result(id).is_ok(), is_recorded);
    }
}

#[test]
fn a_claim_that_was_given_back_ends_nothing() {
    let (_folder, store) = store();
    let ids = [submit(&store, 1).id, submit(&store, 2).id];
    let first = store.claim().unwrap().unwrap();
    store.release(&first).unwrap();
    let job = store.job(ids[0]).unwrap();
    assert_eq!((job.state, job.started_at), (State::Queued, None));
    let second = store.claim().unwrap().unwrap();
    assert_eq!(second.id, ids[0], "it has its old place");
    assert!(!store.finish(&first, Ok(b"of the first claim".to_vec())).unwrap());
    store.release(&first).unwrap();
    assert_eq!(store.job(ids[0]).unwrap().state, State::Running);
    store.cancel(ids[0]).unwrap();
    assert!(second.cancellation.is_cancelled() && !first.cancellation.is_cancelled());
}

#[test]
fn what_ran_when_the_store_closed_is_queued_again_in_its_old_place() {
    let (folder, store) = store();
    let ids: Vec<JobId> = (0..5).map(|number| submit(&store, number).id).collect();
    run_next(&store, Ok(b"done".to_vec()));
    let lost = store.claim().unwrap().unwrap();
    store.cancel(ids[4]).unwrap();
    drop(store);

    let store = Store::open(&folder.path().join("data")).unwrap();
    let states = ids.iter().map(|id| store.job(*id).unwrap().state);
    let expected =
        [State::Succeeded, State::Queued, State::Queued, State::Queued, State::Cancelled];
    assert!(states.eq(expected));
    assert_eq!(store.job(ids[1]).unwrap().started_at, None);
    assert!(!store.finish(&lost, Ok(b"from a former life".to_vec())).unwrap());
    for id in &ids[1..4] {
        assert_eq!(run_next(&store, Ok(b"done".to_vec())), *id);
    }
    assert!(submit(&store, 5).id > ids[4]);
}

#[test]
fn ids_ascend_after_an_id_from_the_future() {
    let (folder, store) = store();
    submit(&store, 0);
    drop(store);
    // As if the clock had been set back by some thousand years.
    let file = Connection::open(folder.path().join("data/jobs.sqlite")).unwrap();
    file.execute_batch(
        "PRAGMA foreign_keys = off;
         UPDATE job SET id = '7' || substr(id, 2); UPDATE input SET job_id = '7' || substr(job_id, 2);",
    )
    .unwrap();
    drop(file);
    let store = Store::open(&folder.path().join("data")).unwrap();
    let mut last = store.list(&ListQuery::default()).unwrap().jobs[0].id;
    for number in 1..10 {
        let id = submit(&store, number).id;
        assert!(id > last, "{id} {last}");
        last = id;
    }
}

#[test]
fn jobs_submitted_by_many_threads_keep_the_order_of_each() {
    let (_folder, store) = store();
    let ids: Vec<Vec<JobId>> = std::thread::scope(|scope| {
        let submit_all = || (0..50).map(|number| submit(&store, number).id).collect();
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(submit_all)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(ids.iter().all(|ids| ids.is_sorted_by(|left, right| left < right)));
    let mut all = ids.concat();
    all.sort_unstable();
    let claimed = std::iter::from_fn(|| store.claim().unwrap()).map(|claim| claim.id);
    assert!(claimed.eq(all), "each once, and the oldest first");
}

#[test]
fn what_is_not_there_is_not_found() {
    let (_folder, store) = store();
    let id: JobId = "01arz3ndektsv4rrffq69g5fav".parse().unwrap();
    assert_eq!(code(store.job(id)), "job.not_found");
    assert_eq!(code(store.result(id)), "job.not_found");
    assert_eq!(code(store.cancel(id)), "job.not_found");
    assert_eq!(code("../../etc/passwd\n".parse::<JobId>()), "job.not_found");
}

#[test]
fn a_job_larger_than_the_store_holds_is_refused() {
    let (_folder, store) = store();
    let new = NewJob { input: vec![0; BYTES_MAX], ..new_job(1) };
    assert_eq!(code(store.submit(new)), "job.too_large");
    assert!(store.claim().unwrap().is_none());
}

#[test]
fn a_result_larger_than_the_store_holds_is_a_failure() {
    let (_folder, store) = store();
    let id = submit(&store, 1).id;
    run_next(&store, Ok(vec![0; BYTES_MAX + 1]));
    let error = store.job(id).unwrap().error.unwrap();
    let problem: serde_json::Value = serde_json::from_slice(&error).unwrap();
    assert_eq!(problem["code"], "job.result_too_large");
}

#[test]
fn an_outcome_that_the_storage_refuses_may_be_tried_again() {
    let (folder, store) = store();
    let id = submit(&store, 1).id;
    let claim = store.claim().unwrap().unwrap();
    let file = Connection::open(folder.path().join("data/jobs.sqlite")).unwrap();
    file.execute_batch(REFUSE).unwrap();
    assert_eq!(code(store.finish(&claim, Ok(vec![]))), "jobs.storage");
    assert_eq!(store.job(id).unwrap().state, State::Running);
    file.execute_batch("DROP TRIGGER refuse").unwrap();
    assert!(store.finish(&claim, Ok(vec![])).unwrap());
    assert_eq!(store.job(id).unwrap().state, State::Succeeded);
}

#[test]
fn any_bytes_are_kept_as_they_are() {
    let (_folder, store) = store();
    let all: Vec<u8> = (0..=255).cycle().take(300_000).collect();
    for bytes in [&all[..0], &all[..1], &all] {
        let kernel = "\0 ' ü";
        let new = NewJob {
            kernel: kernel.to_owned(),
            spec: reverse(bytes),
            input: bytes.to_vec(),
            owner: None,
        };
        let id = store.submit(new).unwrap().id;
        let claim = store.claim().unwrap().unwrap();
        assert_eq!(
            (claim.kernel.as_str(), &*claim.spec, &*claim.input),
            (kernel, &*reverse(bytes), bytes)
        );
        assert!(store.finish(&claim, Ok(bytes.to_vec())).unwrap());
        assert_eq!(store.result(id).unwrap(), bytes);
    }
}

#[test]
fn states_have_the_names_that_they_are_found_by() {
    for state in State::ALL {
        assert_eq!(state.name().parse::<State>().unwrap(), *state);
    }
    assert_eq!(code("Queued".parse::<State>()), "state.unknown");
}

/// It may be what kills the process each time, and must not keep the others from being done.
#[test]
fn a_job_that_was_interrupted_often_waits_for_all_others() {
    let (_folder, store) = store();
    let (often, once) = (submit(&store, 1), submit(&store, 2));
    for _ in 0..4 {
        let claim = store.claim().unwrap().unwrap();
        assert_eq!(claim.id, often.id);
        store.release(&claim).unwrap();
    }
    assert_eq!(store.claim().unwrap().unwrap().id, once.id);
    assert_eq!(store.claim().unwrap().unwrap().id, often.id, "it is not given up");
}
