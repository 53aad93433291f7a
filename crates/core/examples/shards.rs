//! Shards that are summarized by threads of their own and sent as bytes: the result is that of all values
//! together, to the bit. Run it with `cargo run --release -p exacta --example shards`.

use exacta::{Accumulator, Error, Partial, Plan, Statistic};

/// What a shard sends: some hundred bytes, whatever it holds.
fn shard(plan: &Plan, values: &[f64]) -> Result<Vec<u8>, Error> {
    let mut accumulator = Accumulator::new(plan);
    accumulator.update(values)?;
    accumulator.into_partial().to_bytes()
}

fn main() -> Result<(), Error> {
    let plan = Plan::default();
    let values: Vec<f64> = (0..1_000_000).map(|n| (f64::from(n) * 0.1).sin() * 1e10).collect();

    let mut total = Accumulator::new(&plan).into_partial();
    let sent = std::thread::scope(|scope| {
        let shards = values.chunks(123_457).map(|values| scope.spawn(|| shard(&plan, values)));
        let shards: Vec<_> = shards.collect();
        shards.into_iter().map(|shard| shard.join().expect("no shard panics")).collect::<Vec<_>>()
    });
    for bytes in sent.into_iter().rev() {
        total.merge(Partial::from_bytes(&bytes?)?)?;
    }

    let summary = total.finalize(&plan)?;
    assert_eq!(summary, plan.summarize(&values)?);
    for statistic in [Statistic::Count, Statistic::Sum, Statistic::Stddev] {
        println!("{statistic}: {:?}", summary.get(statistic));
    }
    Ok(())
}
