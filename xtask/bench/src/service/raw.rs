//! The limit of a service: hyper alone, which reads the same POST, parses it with `serde_json`, adds plainly and answers.
//! No routes, no limits, no deadlines, no exact sums; whatever a service does beyond this has its price in the ratio.

use std::convert::Infallible;
use std::io;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::runtime::Builder;

use crate::error::{Error, at};

/// Where the body is only read, and its length is the answer.
pub(crate) const READ: &str = "/read";
/// Below it the body is read, and the answer is empty: what a collector of telemetry says when it is content.
pub(super) const COLLECT: &str = "/collect";

/// Serves until it is killed; the first line on stderr tells where.
pub(crate) fn serve() -> Result<(), Error> {
    let runtime = Builder::new_multi_thread().enable_all().build().map_err(at("a runtime"))?;
    match runtime.block_on(accept()).map_err(at("the listener"))? {}
}

async fn accept() -> io::Result<Infallible> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    eprintln!("listening on http://{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let connection =
            http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(answer));
        tokio::spawn(connection);
    }
}

async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, hyper::Error> {
    let path = request.uri().path();
    let (is_read, is_collected) = (path == READ, path.starts_with(COLLECT));
    let mut body = request.into_body();
    if is_read {
        let mut length = 0;
        while let Some(frame) = body.frame().await {
            length += frame?.data_ref().map_or(0, Bytes::len);
        }
        return Ok(Response::new(Full::from(length.to_string())));
    }
    let text = body.collect().await?.to_bytes();
    if is_collected {
        return Ok(Response::default());
    }
    let mut response = Response::new(Full::default());
    match serde_json::from_slice(&text) {
        Ok(numbers) => *response.body_mut() = Full::from(summary(&numbers)),
        Err(_) => *response.status_mut() = hyper::StatusCode::BAD_REQUEST,
    }
    Ok(response)
}

#[derive(Deserialize)]
struct Numbers {
    input: Vec<f64>,
}

#[derive(Serialize)]
struct Summary {
    sum: f64,
    count: usize,
    average: f64,
    min: f64,
    max: f64,
}

fn summary(Numbers { input }: &Numbers) -> Vec<u8> {
    let sum = input.iter().sum();
    let (min, max) = input
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(min, max), x| (min.min(*x), max.max(*x)));
    let count = input.len();
    let summary = Summary { sum, count, average: sum / count as f64, min, max };
    serde_json::to_vec(&summary).expect("numbers are written as JSON")
}
