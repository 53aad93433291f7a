//! The way of a table through the threads: one thread at a time fetches the next unit of the input, and decodes it
//! into batches for a sink of its own while others fetch and decode. What a unit is, the reader knows.

use std::sync::{
    Mutex,
    atomic::{AtomicBool, Ordering},
};

use crate::{Batch, Error};

/// The units of an input in their order, fetched by whichever thread asks next.
pub(crate) trait Units: Send {
    /// A share of the input that any thread can decode: a block of whole records, a group of rows.
    type Unit: Send;

    /// The next one; `None` at the end.
    fn next_unit(&mut self) -> Result<Option<Self::Unit>, Error>;
}

/// Makes batches of units. Each thread has one, with buffers that it keeps.
pub(crate) trait Decoder<U> {
    /// Gives the rows of a unit to `take`, a batch at a time, in their order.
    fn decode(&mut self, unit: U, take: &mut Take<'_>) -> Result<(), Error>;
}

/// What takes batches.
pub(crate) type Take<'a> = dyn FnMut(&Batch<'_>) -> Result<(), Error> + 'a;

/// A sink for each of `n_threads` of rayon's current pool that had work, or one without any, after the whole input. A thread
/// makes its own with the first unit that it gets.
///
/// The error that comes first in the input is the one told: all units before it are decoded.
pub(crate) fn run<U: Units, D: Decoder<U::Unit>, S: Send>(
    units: U,
    n_threads: usize,
    decoder: impl Fn() -> D + Sync,
    sink: impl Fn() -> S + Sync,
    take: impl Fn(&mut S, &Batch<'_>) -> Result<(), Error> + Sync,
) -> Result<Vec<S>, Error> {
    let units = Mutex::new((units, 0));
    let failed = AtomicBool::new(false);
    let outcomes = Mutex::new(Vec::new());
    let work = || {
        let mut own = None;
        let outcome = loop {
            let mut fetching = units.lock().expect("fetching does not panic");
            if failed.load(Ordering::Relaxed) {
                break Ok(());
            }
            let number = fetching.1;
            let fetched = fetching.0.next_unit();
            fetching.1 += 1;
            let result = match fetched {
                Ok(None) => break Ok(()),
                Ok(Some(unit)) => {
                    drop(fetching);
                    let (decoder, sink) = own.get_or_insert_with(|| (decoder(), sink()));
                    decoder.decode(unit, &mut |batch| take(sink, batch))
                }
                Err(error) => Err(error),
            };
            if let Err(error) = result {
                failed.store(true, Ordering::Relaxed);
                break Err((number, error));
            }
        };
        let sink = own.map(|(_, sink)| sink);
        outcomes.lock().expect("pushing does not panic").push(outcome.map(|()| sink));
    };
    rayon::scope(|scope| {
        (0..n_threads).for_each(|_| scope.spawn(|_| work()));
    });
    let mut first: Option<(usize, Error)> = None;
    let mut sinks = Vec::new();
    for outcome in outcomes.into_inner().expect("pushing does not panic") {
        match outcome {
            Ok(sink) => sinks.extend(sink),
            Err(error) if first.as_ref().is_none_or(|first| error.0 < first.0) => {
                first = Some(error);
            }
            Err(_) => {}
        }
    }
    if let Some((_, error)) = first {
        return Err(error);
    }
    if sinks.is_empty() {
        sinks.push(sink());
    }
    Ok(sinks)
}
