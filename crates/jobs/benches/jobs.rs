//! What a job costs, and that it costs the same behind ten thousand others: read each line with its
//! neighbour of the other length. The disk has its say in all that is committed.

use std::path::Path;

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use exacta_jobs::{JobId, ListQuery, NewJob, State, Store};

const LENGTHS: [usize; 2] = [100, 10_000];

fn new_job() -> NewJob {
    NewJob {
        kernel: "aggregate".to_owned(),
        spec: b"{}".to_vec(),
        input: vec![b'1'; 1000],
        owner: None,
    }
}

/// A store in which so many jobs are queued.
fn fill(dir: &Path, length: usize) -> Store {
    let store = Store::open(dir).expect("the directory is ours");
    std::thread::scope(|scope| {
        // Together, so that many share a commit.
        for _ in 0..20 {
            let submit = || store.submit(new_job()).expect("there is room");
            scope.spawn(move || (0..length / 20).for_each(|_| drop(submit())));
        }
    });
    store
}

fn oldest(store: &Store) -> JobId {
    let claim = store.claim().expect("the store works").expect("a job is queued");
    store.release(&claim).expect("the store works");
    claim.id
}

fn jobs(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("jobs");
    group.sample_size(20);
    for length in LENGTHS {
        let folder = tempfile::tempdir().expect("there is a place for temporary files");
        let store = fill(folder.path(), length);
        let id = |name| BenchmarkId::new(name, length);
        let id_oldest = oldest(&store);
        group.bench_function(id("job"), |b| b.iter(|| store.job(id_oldest)));
        for (name, state) in [
            ("list", None),
            ("list queued", Some(State::Queued)),
            ("list failed", Some(State::Failed)),
        ] {
            let query = ListQuery { state, ..ListQuery::default() };
            group.bench_function(id(name), |b| b.iter(|| store.list(&query)));
        }
        group.bench_function(id("claim and release"), |b| b.iter(|| oldest(&store)));
        group.bench_function(id("submit and cancel"), |b| {
            b.iter_batched(
                new_job,
                |new| store.submit(new).and_then(|job| store.cancel(job.id)),
                BatchSize::SmallInput,
            );
        });
        drop(store);
        group.bench_function(id("start and stop"), |b| {
            b.iter(|| Store::open(folder.path()).map(drop));
        });
    }
    group.finish();
}

criterion_group!(benches, jobs);
criterion_main!(benches);
