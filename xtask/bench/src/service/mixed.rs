//! How long small requests take beside a large one: they come at their times, whether the answers do or not, so that an
//! answer that is late makes those behind it late too, and all of it is counted.

use std::io::{BufReader, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use exacta::{Column, Plan, Probability};

use super::wire::{Answer, Body};
use crate::error::{Error, at};
use crate::server::Server;

/// How many small requests there are in a second, and over how many connections.
pub(super) const PER_SECOND: u32 = 1_000;
const N_CONNECTIONS: u32 = 16;

/// Of ten numbers.
const SMALL: &str = r#"{"input":[1.5,2.5,3.5,4.5,5.5,6.5,7.5,8.5,9.5,10.5]}"#;

/// Seconds: half of the answers, and 99 in 100, are there sooner.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waits {
    pub(super) p50: f64,
    pub(super) p99: f64,
}

/// Rounds of waits without other load, and beside a large body that is sent again and again.
pub(super) fn measure(
    server: &Server,
    large_bytes: u64,
    (n_rounds, time): (usize, Duration),
) -> Result<Vec<[Waits; 2]>, Error> {
    let body = Body::json(large_bytes);
    (0..n_rounds).map(|_| round(server, &body, time)).collect()
}

fn round(server: &Server, body: &Body, time: Duration) -> Result<[Waits; 2], Error> {
    let alone = waits(server, time)?;
    let is_over = AtomicBool::new(false);
    let beside = thread::scope(|scope| {
        let large = scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                body.post(server, "/v1/summarize")?;
            }
            Ok::<_, Error>(())
        });
        let waits = waits(server, time);
        is_over.store(true, Ordering::Relaxed);
        large.join().expect("it ends")?;
        waits
    })?;
    Ok([alone, beside])
}

fn waits(server: &Server, time: Duration) -> Result<Waits, Error> {
    let start = Instant::now();
    let waits = thread::scope(|scope| {
        let threads: Vec<_> = (0..N_CONNECTIONS)
            .map(|index| scope.spawn(move || wait(server, start, index, time)))
            .collect();
        let waits = threads.into_iter().map(|thread| thread.join().expect("it ends"));
        waits.collect::<Result<Vec<_>, _>>()
    });
    let waits = waits.map_err(at(&server.address))?.concat();
    let plan = Plan::new([]).with_quantiles([Probability::new(0.5)?, Probability::new(0.99)?]);
    let summary = plan.summarize(Column::from(waits.as_slice()))?;
    let [p50, p99] = [0, 1].map(|index| summary.quantiles()[index].1.finite());
    let figure = |value: Option<f64>| value.expect("there were requests");
    Ok(Waits { p50: figure(p50), p99: figure(p99) })
}

/// What one connection waits for: seconds from when each request was due.
fn wait(server: &Server, start: Instant, index: u32, time: Duration) -> std::io::Result<Vec<f64>> {
    let step = Duration::from_secs(1) / PER_SECOND;
    let mut stream = BufReader::new(TcpStream::connect(&server.address)?);
    stream.get_ref().set_nodelay(true)?;
    let request = format!(
        "POST /predict HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{SMALL}",
        server.address,
        SMALL.len()
    );
    let due = (0..).map(|n| start + step * (index + n * N_CONNECTIONS));
    let mut waits = Vec::new();
    for due in due.take_while(|due| *due < start + time) {
        thread::sleep(due.saturating_duration_since(Instant::now()));
        stream.get_mut().write_all(request.as_bytes())?;
        Answer::read(&mut stream)?;
        waits.push(due.elapsed().as_secs_f64());
    }
    Ok(waits)
}
