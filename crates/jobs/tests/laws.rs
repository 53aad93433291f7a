//! The store beside a model of it: a list in memory that knows nothing of files. Whatever is done, in
//! whatever order and with whatever restarts, both say the same.

mod common;

use common::{failure, new_job, reverse};
use exacta_jobs::{Claim, Job, JobId, ListQuery, State, Store};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
    Submit,
    Claim,
    /// End one of the claims ever made, however old.
    Finish(prop::sample::Index, bool),
    Release(prop::sample::Index),
    Cancel(prop::sample::Index),
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::Submit),
        4 => Just(Step::Claim),
        4 => (any::<prop::sample::Index>(), any::<bool>()).prop_map(|(index, good)| Step::Finish(index, good)),
        1 => any::<prop::sample::Index>().prop_map(Step::Release),
        2 => any::<prop::sample::Index>().prop_map(Step::Cancel),
        1 => Just(Step::Restart),
    ]
}

/// What a job should be.
struct Expected {
    id: JobId,
    state: State,
    /// Which of the claims has it.
    holder: Option<usize>,
    /// How often it was claimed.
    n_claims: usize,
}

/// The model, with the claims as the store gave them out: the model's job, the claim.
#[derive(Default)]
struct Model {
    jobs: Vec<Expected>,
    claims: Vec<(usize, Claim)>,
}

impl Model {
    fn apply(&mut self, store: &Store, step: &Step) {
        match step {
            Step::Submit => {
                let job = store.submit(new_job(self.jobs.len())).unwrap();
                self.jobs.push(Expected {
                    id: job.id,
                    state: State::Queued,
                    holder: None,
                    n_claims: 0,
                });
            }
            Step::Claim => self.claim(store),
            Step::Finish(index, is_good) if !self.claims.is_empty() => {
                self.finish(store, index.index(self.claims.len()), *is_good);
            }
            Step::Release(index) if !self.claims.is_empty() => {
                let claim_index = index.index(self.claims.len());
                store.release(&self.claims[claim_index].1).unwrap();
                self.leave(claim_index, State::Queued);
            }
            Step::Cancel(index) if !self.jobs.is_empty() => {
                let job = index.get_mut(&mut self.jobs);
                if !job.state.is_final() {
                    (job.state, job.holder) = (State::Cancelled, None);
                }
                assert_eq!(store.cancel(job.id).unwrap().state, job.state);
            }
            // The restart is done by whoever owns the store.
            _ => {}
        }
    }

    fn claim(&mut self, store: &Store) {
        let queued = |index: &usize| self.jobs[*index].state == State::Queued;
        // Who was interrupted often comes last.
        let oldest = (0..self.jobs.len())
            .filter(queued)
            .min_by_key(|index| (self.jobs[*index].n_claims > 3, *index));
        let claim = store.claim().unwrap();
        assert_eq!(claim.as_ref().map(|claim| claim.id), oldest.map(|index| self.jobs[index].id));
        let Some((index, claim)) = oldest.zip(claim) else { return };
        assert_eq!(claim.input, new_job(index).input);
        let job = &mut self.jobs[index];
        (job.state, job.holder) = (State::Running, Some(self.claims.len()));
        job.n_claims += 1;
        self.claims.push((index, claim));
    }

    fn finish(&mut self, store: &Store, claim_index: usize, is_good: bool) {
        let claim = &self.claims[claim_index].1;
        let outcome = if is_good { Ok(reverse(&claim.input)) } else { Err(failure()) };
        let is_recorded = store.finish(claim, outcome).unwrap();
        let state = if is_good { State::Succeeded } else { State::Failed };
        assert_eq!(is_recorded, self.leave(claim_index, state));
    }

    /// The claim's job goes to a state, if the claim still has it.
    fn leave(&mut self, claim_index: usize, state: State) -> bool {
        let job = &mut self.jobs[self.claims[claim_index].0];
        let has_it = job.holder == Some(claim_index);
        if has_it {
            (job.state, job.holder) = (state, None);
        }
        has_it
    }

    fn restart(&mut self) {
        for job in &mut self.jobs {
            if job.holder.take().is_some() {
                job.state = State::Queued;
            }
        }
    }

    fn check(&self, store: &Store) {
        let mut listed =
            store.list(&ListQuery { page_size: 1000, ..ListQuery::default() }).unwrap().jobs;
        listed.reverse();
        assert_eq!(listed.len(), self.jobs.len());
        for (number, (job, expected)) in listed.iter().zip(&self.jobs).enumerate() {
            assert_eq!((job.id, job.state), (expected.id, expected.state));
            check_fields(job);
            check_result(store, job, number);
        }
        for state in State::ALL {
            let query = ListQuery { state: Some(*state), page_size: 1000, ..ListQuery::default() };
            let n_expected = self.jobs.iter().filter(|job| job.state == *state).count();
            assert_eq!(store.list(&query).unwrap().jobs.len(), n_expected);
        }
    }
}

/// What holds of a job in any state.
fn check_fields(job: &Job) {
    let times = (job.started_at.is_some(), job.finished_at.is_some());
    match job.state {
        State::Queued => assert_eq!(times, (false, false)),
        State::Running => assert_eq!(times, (true, false)),
        State::Cancelled => assert!(times.1),
        _ => assert_eq!(times, (true, true)),
    }
    let times: Vec<_> =
        [Some(job.created_at), job.started_at, job.finished_at].into_iter().flatten().collect();
    assert!(times.is_sorted());
    assert_eq!(job.error.is_some(), job.state == State::Failed);
}

fn check_result(store: &Store, job: &Job, number: usize) {
    let result = store.result(job.id).map_err(|error| error.code());
    let expected = match job.state {
        State::Succeeded => Ok(reverse(&new_job(number).input)),
        State::Failed => Err("job.failed"),
        State::Cancelled => Err("job.cancelled"),
        _ => Err("job.not_finished"),
    };
    assert_eq!(result, expected);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn the_store_does_what_a_list_in_memory_does(steps in prop::collection::vec(step(), 1..60)) {
        let folder = tempfile::tempdir().unwrap();
        let open = || Store::open(folder.path()).unwrap();
        let (mut store, mut model) = (Some(open()), Model::default());
        for step in &steps {
            if matches!(step, Step::Restart) {
                drop(store.take());
                store = Some(open());
                model.restart();
            }
            let store = store.as_ref().unwrap();
            model.apply(store, step);
            model.check(store);
        }
    }
}
