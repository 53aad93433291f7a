//! Lists of jobs, page by page.

mod common;

use common::{failure, new_job, run_next, store, submit};
use exacta_jobs::{Job, JobId, ListQuery, NewJob, PAGE_SIZE_MAX, PageToken, State, Store};

/// All pages from the first on; `between` is done before each further one.
fn list_all(store: &Store, query: &ListQuery, mut between: impl FnMut()) -> Vec<Job> {
    let mut query = query.clone();
    let mut jobs = Vec::new();
    loop {
        let page = store.list(&query).unwrap();
        assert!(page.jobs.len() <= query.page_size);
        assert!(page.next_page_token.is_none() || page.jobs.len() == query.page_size);
        jobs.extend(page.jobs);
        assert!(jobs.is_sorted_by(|left, right| left.id > right.id), "the newest first, each once");
        let Some(token) = page.next_page_token else { return jobs };
        query.page_token = Some(token.to_string().parse().unwrap());
        between();
    }
}

fn ids(jobs: &[Job]) -> Vec<JobId> {
    jobs.iter().map(|job| job.id).collect()
}

#[test]
fn pages_hold_every_job_once_while_new_ones_arrive() {
    let (_folder, store) = store();
    let mut newest_first: Vec<JobId> = (0..30).map(|number| submit(&store, number).id).collect();
    newest_first.reverse();
    for page_size in [1, 7, 10, 29, 30, 31, PAGE_SIZE_MAX] {
        let query = ListQuery { page_size, ..ListQuery::default() };
        let mut arrived = Vec::new();
        let listed = list_all(&store, &query, || arrived.push(submit(&store, 0).id));
        assert_eq!(ids(&listed), newest_first, "page_size {page_size}");
        newest_first.splice(..0, arrived.into_iter().rev());
    }
}

#[test]
fn a_state_asked_for_is_all_that_is_listed() {
    let (_folder, store) = store();
    for number in 0..25 {
        let job = submit(&store, number);
        match number % 5 {
            0 => drop(store.cancel(job.id).unwrap()),
            1 => drop(run_next(&store, Ok(vec![]))),
            2 => drop(run_next(&store, Err(failure()))),
            _ => {}
        }
    }
    let all = list_all(&store, &ListQuery::default(), || ());
    assert_eq!(all.len(), 25);
    for state in State::ALL {
        let query = ListQuery { state: Some(*state), page_size: 2, ..ListQuery::default() };
        let expected: Vec<Job> = all.iter().filter(|job| job.state == *state).cloned().collect();
        assert_eq!(list_all(&store, &query, || ()), expected, "{state}");
    }
}

#[test]
fn an_owner_asked_for_has_the_jobs_that_are_listed() {
    let (_folder, store) = store();
    let owners = [None, Some("ann"), Some("bob"), Some("bo")];
    for number in 0..40 {
        let owner = owners[number % owners.len()].map(str::to_owned);
        let job = store.submit(NewJob { owner: owner.clone(), ..new_job(number) }).unwrap();
        assert_eq!(job.owner, owner);
        if number % 3 == 0 {
            store.cancel(job.id).unwrap();
        }
    }
    let all = list_all(&store, &ListQuery::default(), || ());
    assert_eq!(all.len(), 40);
    for owner in ["ann", "bob", "bo", "nobody"] {
        for state in [None, Some(State::Queued), Some(State::Cancelled)] {
            let owner = Some(owner.to_owned());
            let is_meant = |job: &&Job| job.owner == owner && state.is_none_or(|s| s == job.state);
            let expected: Vec<Job> = all.iter().filter(is_meant).cloned().collect();
            let query = ListQuery { owner: owner.clone(), state, page_size: 3, page_token: None };
            assert_eq!(list_all(&store, &query, || ()), expected, "{query:?}");
        }
    }
}

#[test]
fn sizes_and_tokens_that_are_none_are_refused() {
    let (_folder, store) = store();
    for page_size in [0, PAGE_SIZE_MAX + 1, usize::MAX] {
        let query = ListQuery { page_size, ..ListQuery::default() };
        assert_eq!(store.list(&query).unwrap_err().code(), "page_size.invalid");
    }
    let id = submit(&store, 0).id.to_string();
    for text in
        ["", "a", "b", id.as_str(), &format!("b{id}"), &format!("a{id}0"), &format!("a{id}\n")]
    {
        assert_eq!(text.parse::<PageToken>().unwrap_err().code(), "page_token.invalid", "{text:?}");
    }
    assert_eq!(store.list(&ListQuery::default()).unwrap().next_page_token, None);
}
