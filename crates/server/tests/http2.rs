//! HTTP/2 without TLS, by prior knowledge, on the same port as HTTP/1.1.

mod support;

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use exacta_server::{Limits, Size};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Frame};
use hyper::client::conn::http2::{Builder, SendRequest, handshake};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use support::Server;
use tokio::net::TcpStream;

async fn connect<B>(server: &Server) -> SendRequest<B>
where
    B: Body<Data = Bytes, Error = Infallible> + Send + Unpin + 'static,
{
    let stream = TcpStream::connect(server.address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let (sender, connection) = handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    sender
}

fn post<B>(server: &Server, path: &str, body: B) -> Request<B> {
    Request::post(format!("http://{}{path}", server.address)).body(body).unwrap()
}

async fn text(response: Response<hyper::body::Incoming>) -> String {
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_share_a_connection() {
    let server = Server::start();
    let mut sender = connect(&server).await;
    for (body, status, answer) in [
        (r#"{"input":[1,2,3]}"#, 200, r#"{"sum":6,"count":3,"average":2,"min":1,"max":3}"#),
        (r#"{"input":[]}"#, 400, r#"{"error":"input must include at least one value"}"#),
    ] {
        let response =
            sender.send_request(post(&server, "/predict", Full::from(body))).await.unwrap();
        assert_eq!(response.status(), StatusCode::from_u16(status).unwrap());
        assert_eq!(text(response).await, answer);
    }
}

/// hyper sends what it is given, also to who asks for the head alone.
#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_is_refused_has_the_length_of_its_problem_and_no_body() {
    let limits = Limits { address_max: Size::of(100), ..Limits::default() };
    let server = Server::with(limits);
    let mut sender = connect(&server).await;
    let path = format!("/healthz?{}", "x".repeat(100));
    let mut ask = async |method: &str| {
        let uri = format!("http://{}{path}", server.address);
        let request = Request::builder().method(method).uri(uri);
        let request = request.body(Full::<Bytes>::default()).unwrap();
        let response = sender.send_request(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::URI_TOO_LONG);
        (response.headers()["content-length"].clone(), text(response).await)
    };
    let (length, problem) = ask("GET").await;
    assert_eq!(length, problem.len().to_string());
    assert_eq!(ask("HEAD").await, (length, String::new()));
}

/// So many bytes, in pieces.
struct Spaces(usize);

impl Body for Spaces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        const PIECE: &[u8] = &[b' '; 16 << 10];
        let len = self.0.min(PIECE.len());
        self.0 -= len;
        Poll::Ready((len > 0).then(|| Ok(Frame::data(Bytes::from_static(&PIECE[..len])))))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_too_large_is_413_and_the_connection_lives() {
    let server = Server::with(Limits { body_max: Size::of(1 << 20), ..Limits::default() });
    let mut sender = connect(&server).await;
    let response =
        sender.send_request(post(&server, "/v1/summarize", Spaces(100 << 20))).await.unwrap();
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert!(text(response).await.contains("body.too_large"));
    let response = sender.send_request(post(&server, "/predict", Spaces(1))).await.unwrap();
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
}

/// A body that never comes.
struct Never;

impl Body for Never {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Pending
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_pauses_too_long_is_408() {
    let stall_timeout = Duration::from_millis(100).into();
    let server = Server::with(Limits { stall_timeout, ..Limits::default() });
    let mut sender = connect(&server).await;
    let response = sender.send_request(post(&server, "/v1/summarize", Never)).await.unwrap();
    assert_eq!(response.status(), StatusCode::REQUEST_TIMEOUT);
}

/// It is told so by GOAWAY while the server still takes requests of others.
#[tokio::test(flavor = "multi_thread")]
async fn clients_that_leave_when_they_are_told_to_lose_nothing() {
    let limits = Limits { drain_delay: Duration::from_hours(1).into(), ..Limits::default() };
    let mut server = Server::with(limits);
    let mut sender = connect(&server).await;
    let mut n_answered = 0;
    for n_asked in 0.. {
        // Whoever is told to leave asks no more: the sender is not ready again.
        if sender.ready().await.is_err() {
            break;
        }
        let asked = sender.send_request(post(&server, "/predict", Full::from(r#"{"input":[1]}"#)));
        // One that is told so at that moment has an error, and its request was not sent.
        if let Ok(response) = asked.await {
            assert_eq!(response.status(), StatusCode::OK);
            n_answered += 1;
        }
        if n_asked == 100 {
            server.stop();
        }
    }
    assert!(n_answered > 100);
    let metrics = String::from_utf8(server.get("/metrics").body).unwrap();
    let taken = metrics.lines().find(|line| {
        line.starts_with("http_server_request_duration_seconds_count") && line.contains("/predict")
    });
    let n_taken = taken.and_then(|line| line.split_whitespace().last());
    assert_eq!(n_taken, Some(n_answered.to_string().as_str()), "{metrics}");
    assert_eq!(server.get("/readyz").status, 503);
}

/// A client that takes one byte of an answer holds the memory of all of it.
#[tokio::test(flavor = "multi_thread")]
async fn answers_that_nobody_takes_stay_within_their_memory() {
    // What a body takes that is read, and so an answer leaves too little for it.
    let bodies_max = Size::of(17 * (64 << 10));
    let server =
        Server::with(Limits { body_max: Size::of(1 << 10), bodies_max, ..Limits::default() });
    let stream = TcpStream::connect(server.address).await.unwrap();
    let (mut sender, connection) = Builder::new(TokioExecutor::new())
        .initial_stream_window_size(1)
        .handshake::<_, Full<Bytes>>(TokioIo::new(stream))
        .await
        .unwrap();
    tokio::spawn(connection);
    // A letter for each name, and hundreds for what is told of it.
    let column = |n: u8| format!(r#"{{"name":"{}","values":[1]}}"#, char::from(n));
    let columns: Vec<_> = (b'a'..=b'z').chain(b'A'..=b'D').map(column).collect();
    let body = format!(r#"{{"plan":{{"bits":true}},"columns":[{}]}}"#, columns.join(","));
    let asked = post(&server, "/v1/summarize", Full::from(body.clone()));
    let response = sender.send_request(asked).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let summarize = || server.post("/v1/summarize", "application/json", &body);
    assert_eq!(summarize().problem()["code"], "server.busy");
    assert_eq!(server.get("/healthz").status, 200, "small answers go on");
    drop((response, sender));
    let answer = std::iter::repeat_with(summarize).find(|answer| answer.status != 503).unwrap();
    assert_eq!(answer.status, 200);
}
