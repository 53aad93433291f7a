//! What a service bears: wrk keeps some connections busy, each with the next request as soon
//! as the last is answered.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;

use exacta_client::SummarizeResponse;

use super::Services;
use super::input::{Answer, Input};
use super::latency::{GO, PREDICT, SUMMARIZE};
use crate::error::{Error, at};
use crate::server::Server;
use crate::spread::Spread;

/// What every ratio is to.
pub(crate) const RAW: &str = "hyper alone, the limit";
pub(crate) const ALL_ON: &str = "exacta with all of it on, `POST /predict`";

pub(crate) const CONNECTIONS: [usize; 2] = [2, 16];

/// From how many requests in each run on there is a median, or a 99th percentile, to speak of.
const P50_REQUESTS_MIN: f64 = 2.0;
const P99_REQUESTS_MIN: f64 = 100.0;

/// How long wrk waits for an answer, in seconds.
const TIMEOUT: u32 = 30;

/// One route of one service.
struct Door<'a> {
    name: &'static str,
    server: &'a Server,
    token: Option<&'a str>,
    path: &'static str,
    body: &'a Path,
    read: fn(&[u8]) -> Result<Option<Answer>, Error>,
}

/// What one round came to: requests per second, and the processor time of one.
pub(crate) type Round = (f64, Option<f64>);

/// What a door bore with so many connections, as medians over the rounds.
pub(crate) struct Load {
    pub(crate) name: &'static str,
    pub(crate) n_connections: usize,
    pub(crate) per_second: Spread,
    /// Seconds of processor time that the service used for a request; none where the kernel does not tell.
    pub(crate) cpu: Option<f64>,
    /// Seconds.
    pub(crate) p50: Option<f64>,
    /// Both where there were enough requests for them.
    pub(crate) p99: Option<f64>,
    pub(crate) rounds: Vec<Round>,
}

/// What there is to say of one run.
#[derive(Clone, Copy)]
struct Figures {
    n_requests: f64,
    per_second: f64,
    /// Seconds, as the two below.
    cpu: Option<f64>,
    p50: f64,
    p99: f64,
}

/// Loads every door in every round, in an order that rotates.
pub(crate) fn measure(
    input: &Input,
    services: &Services,
    script: &Path,
    (n_rounds, seconds): (usize, u32),
) -> Result<Vec<Load>, Error> {
    let doors = doors(input, services);
    doors.iter().try_for_each(|door| check(door, input))?;
    let cases =
        doors.iter().flat_map(|door| CONNECTIONS.map(|n_connections| (door, n_connections)));
    let cases: Vec<_> = cases.collect();
    let mut figures = vec![Vec::with_capacity(n_rounds); cases.len()];
    for round in 0..n_rounds {
        for index in (0..cases.len()).map(|index| (index + round) % cases.len()) {
            let (door, n_connections) = cases[index];
            figures[index].push(run(door, script, n_connections, seconds)?);
            door.server.wait_until_idle();
        }
    }
    let loads = cases.iter().zip(&figures);
    loads.map(|((door, n_connections), figures)| load(door.name, *n_connections, figures)).collect()
}

fn load(name: &'static str, n_connections: usize, figures: &[Figures]) -> Result<Load, Error> {
    let spread =
        |figure: fn(&Figures) -> f64| Spread::of(&figures.iter().map(figure).collect::<Vec<_>>());
    let percentile = |figure: fn(&Figures) -> f64, requests_min: f64| {
        let is_enough = figures.iter().all(|figures| figures.n_requests >= requests_min);
        is_enough.then(|| spread(figure).map(|spread| spread.median)).transpose()
    };
    let cpu: Option<Vec<_>> = figures.iter().map(|figures| figures.cpu).collect();
    Ok(Load {
        name,
        n_connections,
        per_second: spread(|figures| figures.per_second)?,
        cpu: cpu.map(|cpu| Spread::of(&cpu)).transpose()?.map(|cpu| cpu.median),
        p50: percentile(|figures| figures.p50, P50_REQUESTS_MIN)?,
        p99: percentile(|figures| figures.p99, P99_REQUESTS_MIN)?,
        rounds: figures.iter().map(|figures| (figures.per_second, figures.cpu)).collect(),
    })
}

fn doors<'a>(input: &'a Input, services: &'a Services) -> Vec<Door<'a>> {
    let predict = |name, server| {
        let body = input.predict_file.as_path();
        Door { name, server, token: None, path: "/predict", body, read: read_prediction }
    };
    let body = input.summarize_file.as_path();
    let server = &services.exacta;
    let summarize = Door {
        name: SUMMARIZE,
        server,
        token: None,
        path: "/v1/summarize",
        body,
        read: read_columns,
    };
    let mut doors = vec![predict(RAW, &services.raw), predict(PREDICT, server)];
    let full = &services.full;
    doors.push(Door { token: Some(&full.token), ..predict(ALL_ON, &full.server) });
    doors.push(summarize);
    doors.extend(services.go.as_ref().map(|server| predict(GO, server)));
    doors
}

fn read_prediction(body: &[u8]) -> Result<Option<Answer>, Error> {
    Ok(Some(Answer::of_prediction(&serde_json::from_slice(body)?)))
}

fn read_columns(body: &[u8]) -> Result<Option<Answer>, Error> {
    let answer: SummarizeResponse = serde_json::from_slice(body)?;
    Ok(Answer::of_columns(&answer))
}

/// Sends the very body that wrk will send, once: wrk looks at the status of answers alone.
fn check(door: &Door, input: &Input) -> Result<(), Error> {
    let body = fs::read(door.body).map_err(at(door.body))?;
    let answer = post(door, &body).map_err(at(door.server.url(door.path)))?;
    let split = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n");
    let (head, body) = answer.split_at(split.map_or(answer.len(), |index| index + 4));
    if !head.starts_with(b"HTTP/1.1 200 ") {
        let answer = String::from_utf8_lossy(&answer).into_owned();
        return Err(Error::Refused { url: door.server.url(door.path), answer });
    }
    let answer = (door.read)(body)?.ok_or(Error::Incomplete { contender: door.name })?;
    let wrong = Error::Wrong { contender: door.name, n_numbers: input.values.len() };
    if answer.agrees(&input.answer) { Ok(()) } else { Err(wrong) }
}

fn post(door: &Door, body: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut connection = TcpStream::connect(&door.server.address)?;
    let (path, address, length) = (door.path, &door.server.address, body.len());
    let token = door.token.map(|token| format!("Authorization: Bearer {token}\r\n"));
    let token = token.unwrap_or_default();
    write!(
        connection,
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n{token}\
         Content-Length: {length}\r\nConnection: close\r\n\r\n"
    )?;
    connection.write_all(body)?;
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer)?;
    Ok(answer)
}

fn run(door: &Door, script: &Path, n_connections: usize, seconds: u32) -> Result<Figures, Error> {
    let url = door.server.url(door.path);
    let mut command = Command::new("wrk");
    command.args(["--threads", "1", "--connections", &n_connections.to_string()]);
    command.args([format!("--duration={seconds}s"), format!("--timeout={TIMEOUT}s")]);
    command.arg("--script").arg(script).arg(&url).arg(door.body).args(door.token);
    let before = door.server.cpu_seconds();
    let output = command.output().map_err(at("wrk"))?;
    let cpu = door.server.cpu_seconds().zip(before).map(|(after, before)| after - before);
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    let Some([micros, requests, failed, p50, p99]) = read_figures(&stdout) else {
        let stderr = String::from_utf8_lossy(&output.stderr);
        return Err(Error::LoadOutput { output: stdout + &stderr });
    };
    if failed > 0.0 {
        return Err(Error::Load { url, count: failed as u64, total: requests as u64 });
    }
    Ok(Figures {
        n_requests: requests,
        per_second: requests / (micros * 1e-6),
        cpu: cpu.map(|seconds| seconds / requests.max(1.0)),
        p50: p50 * 1e-6,
        p99: p99 * 1e-6,
    })
}

/// The numbers in the line that the script prints at the end.
fn read_figures(output: &str) -> Option<[f64; 5]> {
    let line = output.lines().find_map(|line| line.strip_prefix("figures "))?;
    let numbers: Vec<f64> = line.split(' ').map(str::parse).collect::<Result<_, _>>().ok()?;
    numbers.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_figures_is_found() {
        let output = "Running 1s test\n  2 requests in 1.00s\nfigures 1000000 2 0 150 900\n";
        assert_eq!(read_figures(output), Some([1e6, 2.0, 0.0, 150.0, 900.0]));
        assert_eq!(read_figures("figures 1 2"), None);
        assert_eq!(read_figures("unable to connect"), None);
    }

    #[test]
    fn a_percentile_of_few_requests_is_left_out() {
        let many = Figures { n_requests: 200.0, per_second: 10.0, cpu: None, p50: 0.1, p99: 0.3 };
        let few = Figures { n_requests: 50.0, per_second: 30.0, cpu: None, p50: 0.3, p99: 0.9 };
        assert_eq!(load("x", 2, &[many, many]).unwrap().p99, Some(0.3));
        let load = load("x", 2, &[many, few]).unwrap();
        assert_eq!((load.p99, load.p50, load.per_second.median), (None, Some(0.2), 20.0));
    }
}
