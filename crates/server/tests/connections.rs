//! Bodies and their memory, and connections that are in the way of a shutdown. Clients that mean harm are in
//! attacks.rs.

mod support;

use std::io::Read;
use std::time::{Duration, Instant};

use exacta_client::{Body, Client, SummarizeCsvParams};
use exacta_server::{Error, Limits, Size};
use serde_json::json;
use support::frames::{self, frame};
use support::{Answer, Peer, Server, wait_until};

const MIB: usize = 1 << 20;

fn small_bodies() -> Limits {
    Limits { body_max: Size::of(10), ..Limits::default() }
}

fn check_too_large(mut peer: Peer) {
    let answer = peer.answer();
    assert_eq!(answer.status, 413);
    assert_eq!(answer.problem()["code"], "body.too_large");
}

const HEAD: &str = "POST /v1/summarize HTTP/1.1\r\nhost: x\r\n";

#[test]
fn a_body_that_is_announced_too_large_is_refused_before_it_is_sent() {
    let server = Server::start();
    let mut peer = server.connect();
    peer.send(format!("{HEAD}content-length: {}\r\nexpect: 100-continue\r\n\r\n", 100 * MIB));
    check_too_large(peer);
    let mut peer = server.connect();
    peer.send(format!("{HEAD}content-length: 14\r\nexpect: 100-continue\r\n\r\n"));
    assert_eq!(peer.answer().status, 100);
    peer.send(r#"{"columns":[]}"#);
    assert_eq!(peer.answer().status, 200);
}

#[test]
fn a_query_is_refused_before_the_body_is_sent() {
    let server = Server::start();
    let mut peer = server.connect();
    let head = "POST /v1/summarize/csv?statistics=sums HTTP/1.1\r\nhost: x\r\n";
    peer.send(format!("{head}content-length: {MIB}\r\nexpect: 100-continue\r\n\r\n"));
    assert_eq!(peer.answer().problem()["code"], "statistic.unknown");
}

/// A client that sends all before it reads anything still gets to read the refusal.
#[test]
fn a_body_that_is_sent_unasked_is_read_on_after_the_refusal() {
    let server = Server::start();
    for head in
        [HEAD, "POST /nothing HTTP/1.1\r\nhost: x\r\n", "PUT /predict HTTP/1.1\r\nhost: x\r\n"]
    {
        let mut peer = server.connect();
        peer.send(format!("{head}content-length: {}\r\n\r\n", 100 * MIB));
        assert!(peer.flood(100 * MIB), "{head}");
        let answer = peer.answer();
        assert!([404, 405, 413].contains(&answer.status), "{head}");
        assert_eq!(answer.header("connection"), None, "{head}");
        peer.send_request("GET /healthz HTTP/1.1\r\n", b"");
        assert_eq!(peer.answer().status, 200, "the connection is in order");
    }
}

/// The server closes after these answers. A client that was not told so lost the next request that it sent.
#[test]
fn an_answer_after_which_nothing_can_follow_says_so() {
    let server = Server::start();
    let bad_chunk = "transfer-encoding: chunked\r\n\r\n1\r\n{\r\nno length\r\n";
    let unwanted = "content-length: 1000000000\r\nexpect: 100-continue\r\n\r\n";
    let endless = "content-length: 1000000000\r\n\r\n";
    let paths = ["/v1/summarize", "/v1/summarize/ndjson", "/predict"];
    let cases = [(400, bad_chunk), (413, unwanted), (413, endless)];
    let send = |(status, body)| {
        paths.map(|path| {
            let mut peer = server.connect();
            peer.send(format!("POST {path} HTTP/1.1\r\nhost: x\r\n{body}"));
            (peer, status, format!("{path} {body}"))
        })
    };
    for (mut peer, status, name) in cases.map(send).into_iter().flatten() {
        let answer = peer.answer();
        assert_eq!((answer.status, answer.header("connection")), (status, Some("close")), "{name}");
        assert_eq!(peer.rest(), b"", "{name}");
    }
}

#[test]
fn a_body_of_unknown_length_is_counted_while_it_is_read() {
    let server = Server::with(small_bodies());
    let mut peer = server.connect();
    peer.send(format!("{HEAD}transfer-encoding: chunked\r\n\r\nb\r\n01234567890\r\n"));
    check_too_large(peer);
}

#[test]
fn the_limit_itself_is_taken() {
    let server = Server::with(small_bodies());
    let body = "{        }";
    assert_eq!(body.len(), 10);
    assert_eq!(server.post("/v1/summarize", "application/json", body).status, 400);
    assert_eq!(server.post("/v1/summarize", "application/json", "{         }").status, 413);
}

/// Memory is lent in pieces of this many bytes.
const PIECE: usize = 64 << 10;

/// Peers that were told to send a body, for which a piece is held.
fn hold_pieces(server: &Server, n_pieces: usize) -> Vec<Peer> {
    let hold = |_| {
        let mut peer = server.connect();
        peer.send(format!("{HEAD}content-length: 1\r\nexpect: 100-continue\r\n\r\n"));
        assert_eq!(peer.answer().status, 100);
        peer
    };
    (0..n_pieces).map(hold).collect()
}

/// Ends the bodies that hold pieces, which are no requests.
fn release_pieces(peers: Vec<Peer>) {
    for mut peer in peers {
        peer.send("1");
        assert_eq!(peer.answer().status, 400);
    }
}

#[track_caller]
fn check_busy(answer: &Answer) {
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")));
    assert_eq!(answer.problem()["code"], "server.busy");
}

#[test]
fn bodies_together_stay_within_their_memory() {
    // A body that is read takes 17 pieces.
    let bodies_max = Size::of(18 * PIECE as u64);
    let (body_max, client_percent_max) = (Size::of(1), 100.try_into().unwrap());
    let limits = Limits { body_max, bodies_max, client_percent_max, ..Limits::default() };
    let server = Server::with(limits);
    let post = || server.post("/v1/summarize", "application/json", "2");
    let peers = hold_pieces(&server, 2);
    check_busy(&post());
    release_pieces(peers);
    assert_eq!(post().status, 400, "the memory came back");
}

/// A long body takes 32 pieces while it is read, and where all of its values are needed 8 bytes for each.
#[test]
fn what_is_computed_counts_like_the_body() {
    let (body_max, bodies_max) = (Size::of(16 * PIECE as u64), Size::of(64 * PIECE as u64));
    let n_values = 4 * PIECE;
    let client_percent_max = 100.try_into().unwrap();
    let limits = Limits { body_max, bodies_max, client_percent_max, ..Limits::default() };
    let server = Server::with(limits);
    let json = |statistic: &str| {
        let values = vec!["1"; n_values].join(",");
        let columns = format!(r#"[{{"name":"x","values":[{values}]}}]"#);
        let plan = format!(r#"{{"statistics":["{statistic}"]}}"#);
        let body = format!(r#"{{"plan":{plan},"columns":{columns}}}"#);
        server.post("/v1/summarize", "application/json", body)
    };
    let predict = || {
        let body = format!(r#"{{"input":[{}]}}"#, vec!["1"; n_values].join(","));
        server.post("/predict", "application/json", body)
    };
    let peers = hold_pieces(&server, 1);
    check_busy(&json("median"));
    assert_eq!(json("sum").status, 200);
    assert_eq!(predict().status, 200);
    release_pieces(peers);
    // More than there is: it is answered when it is alone.
    assert_eq!(json("median").status, 200);
}

/// It was 503 for ever.
#[test]
fn a_body_may_be_larger_than_the_memory_for_all() {
    let limits = Limits { bodies_max: Size::of(1), ..Limits::default() };
    let answer =
        Server::with(limits).post("/v1/summarize", "application/json", vec![b' '; 2 * PIECE]);
    assert_eq!(answer.status, 400, "{}", answer.text());
}

#[test]
fn the_rust_client_reports_the_refusal_of_100_mib() {
    // What is refused on the way is scanned until then.
    let server = Server::with(Limits { body_max: Size::of(MIB as u64), ..Limits::default() });
    let client = Client::new(&format!("http://{}", server.address)).unwrap();
    let len = 100 * MIB as u64;
    let bodies = [
        Body::with_length(std::io::repeat(b'\n'), len),
        Body::new(std::io::repeat(b'\n').take(len)),
    ];
    for body in bodies {
        let error = client.summarize_csv(body, &SummarizeCsvParams::default()).unwrap_err();
        assert_eq!(error.code(), "body.too_large", "{error}");
    }
    assert!(client.get_health().is_ok());
}

/// The delay is longer than the test, which does not wait for its end.
#[test]
fn a_server_that_is_told_to_stop_says_so_while_it_still_answers() {
    let drain_delay = Duration::from_hours(1).into();
    let mut server = Server::with(Limits { drain_delay, ..Limits::default() });
    assert_eq!(server.get("/readyz").json(), json!({"status": "ready"}));
    let mut peer = server.connect();
    peer.send(format!("{HEAD}content-length: 14\r\nexpect: 100-continue\r\n\r\n"));
    assert_eq!(peer.answer().status, 100, "the header is read");
    server.stop();
    let readiness = || server.get("/readyz");
    let answer = std::iter::repeat_with(readiness).find(|answer| answer.status != 200).unwrap();
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")));
    assert_eq!(answer.header("connection"), Some("close"));
    assert_eq!(answer.problem()["code"], "server.draining");
    peer.send(r#"{"columns":[]}"#);
    let early = peer.answer();
    let late = server.post("/predict", "application/json", r#"{"input":[1]}"#);
    for answer in [early, late] {
        assert_eq!((answer.status, answer.header("connection")), (200, Some("close")));
    }
}

#[test]
fn a_request_that_is_under_way_is_answered_though_the_server_stops() {
    let mut server = Server::start();
    let mut peer = server.connect();
    peer.send(format!("{HEAD}content-length: 14\r\nexpect: 100-continue\r\n\r\n"));
    assert_eq!(peer.answer().status, 100, "the header is read");
    let mut idle = server.connect();
    idle.send_request("GET /healthz HTTP/1.1\r\n", b"");
    assert_eq!(idle.answer().status, 200);
    server.stop();
    assert_eq!(idle.rest(), b"", "a connection without a request is closed");
    peer.send(r#"{"columns":[]}"#);
    let answer = peer.answer();
    assert_eq!((answer.status, answer.text()), (200, r#"{"columns":[]}"#));
    assert_eq!(answer.header("connection"), Some("close"));
    assert_eq!(peer.rest(), b"");
    server.join().unwrap();
}

#[test]
fn a_request_that_never_ends_does_not_keep_the_server_from_stopping() {
    let drain_timeout = Duration::from_millis(100).into();
    let server = Server::with(Limits { drain_timeout, ..Limits::default() });
    let mut peer = server.connect();
    peer.send(format!("{HEAD}content-length: 14\r\nexpect: 100-continue\r\n\r\n"));
    assert_eq!(peer.answer().status, 100);
    assert!(matches!(server.join(), Err(Error::Cut)));
    assert_eq!(peer.rest(), b"");
}

/// Nothing else would end the connection in time: the drain timeout makes it an error.
#[test]
fn a_request_that_is_only_begun_does_not_keep_the_server_from_stopping() {
    let header_timeout = Duration::from_hours(1).into();
    let server = Server::with(Limits { header_timeout, ..Limits::default() });
    let mut peer = server.connect();
    peer.send_request("GET /healthz HTTP/1.1\r\n", b"");
    assert_eq!(peer.answer().status, 200);
    peer.send("GET /healthz HTTP/1.1\r\nhost:");
    let mut other = server.connect();
    other.send("GET /healthz HTTP/1.1\r\nhost:");
    server.get("/healthz"); // what was sent before is read by now, as a rule
    server.join().unwrap();
    assert_eq!((peer.rest(), other.rest()), (Vec::new(), Vec::new()));
}

/// A connection of HTTP/2 with one request that was answered. It says nothing of its own accord.
fn connect_http2(server: &Server) -> Peer {
    let mut peer = server.connect();
    peer.send([frames::opening(), frames::get(1, "/healthz")].concat());
    frames::received_until(&mut peer, frames::HEADERS);
    peer
}

/// It was waited for until all time to drain was over, and then called a request that was cut.
#[test]
fn a_peer_of_http2_that_is_dead_does_not_keep_the_server_from_stopping() {
    let drain_timeout = Duration::from_secs(10);
    let server = Server::with(Limits { drain_timeout: drain_timeout.into(), ..Limits::default() });
    let opening = frames::opening();
    let send = |sent: &[u8]| {
        let mut peer = server.connect();
        peer.send(sent);
        frames::received_until(&mut peer, frames::SETTINGS);
        peer
    };
    let peers = [send(&opening[..24]), send(&opening), connect_http2(&server)];
    let start = Instant::now();
    server.join().unwrap();
    assert!(start.elapsed() < drain_timeout);
    for mut peer in peers {
        assert_eq!(frames::goaway(&frames::received(&mut peer)), Some(0), "it is told to leave");
    }
}

#[test]
fn only_what_is_under_way_can_be_cut() {
    let short = || {
        let drain_timeout = Duration::from_millis(10).into();
        Server::with(Limits { drain_timeout, ..Limits::default() })
    };
    let server = short();
    let _peer = connect_http2(&server);
    server.join().unwrap();

    let server = short();
    let mut peer = server.connect();
    let request = frames::request("POST", "/v1/summarize");
    let begun = frame(frames::HEADERS, frames::END_HEADERS, 1, &request);
    // The second is answered when the first is under way.
    peer.send([frames::opening(), begun, frames::get(3, "/healthz")].concat());
    frames::received_until(&mut peer, frames::HEADERS);
    assert!(matches!(server.join(), Err(Error::Cut)));
}

#[test]
fn a_request_of_http2_that_was_sent_before_its_client_knew_is_answered() {
    let mut server = Server::start();
    let mut peer = server.connect();
    peer.send(frames::opening());
    frames::received_until(&mut peer, frames::SETTINGS);
    server.stop();
    frames::received_until(&mut peer, frames::GOAWAY);
    peer.send(frames::get(1, "/healthz"));
    frames::received_until(&mut peer, frames::DATA);
    server.join().unwrap();
}

#[test]
fn who_comes_while_the_server_drains_is_told_so_over_http2_as_well() {
    let drain_delay = Duration::from_hours(1).into();
    let mut server = Server::with(Limits { drain_delay, ..Limits::default() });
    server.stop();
    wait_until(|| server.get("/readyz").status == 503);
    let mut peer = connect_http2(&server);
    // One follows upon being told. The first that it gets otherwise asks whether it is there.
    let received = frames::received_until(&mut peer, frames::PING);
    assert_eq!(frames::goaway(&received), Some(0));
}
