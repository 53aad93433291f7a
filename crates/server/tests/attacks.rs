//! Clients that mean harm, over a real socket: each gets what it should, and the server goes on.
//!
//! A test waits for what must happen, under deadlines that are short here. What a shutdown does to
//! connections is in connections.rs.

mod support;

use std::io::Write;
use std::num::NonZeroU32;
use std::time::Duration;

use exacta_server::{AuthConfig, Config, Limits, Size, Time};
use flate2::write::GzEncoder;
use support::frames::{self, frame};
use support::{Answer, JobServer, Peer, Server};

/// How long a client may take that is meant to be too slow.
const TOO_SLOW: Duration = Duration::from_millis(200);

/// Longer than any test takes.
const NEVER: Time = Time::secs(3600);

/// Limits that no test reaches by being slow.
fn patient() -> Limits {
    Limits {
        header_timeout: NEVER,
        idle_timeout: NEVER,
        stall_timeout: NEVER,
        rate_grace: NEVER,
        request_timeout: NEVER,
        ..Limits::default()
    }
}

/// A request after which the server closes.
const LAST: &str = "GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";

/// The statuses of all answers until the server closes.
fn statuses(server: &Server, sent: &[u8]) -> Vec<u16> {
    let mut peer = server.connect();
    peer.repeat(sent, 1);
    let bytes = peer.rest();
    let text = String::from_utf8_lossy(&bytes);
    let heads = text.split("HTTP/1.").skip(1).map(|head| head[2..5].parse().unwrap());
    heads.collect()
}

#[track_caller]
fn check_alive(server: &Server) {
    assert_eq!(server.get("/healthz").status, 200);
}

/// How many connections were closed because they were late.
fn n_late(server: &Server) -> u64 {
    let metrics = server.get("/metrics");
    let late = r#"exacta_connections_refused_total{error_type="late"} "#;
    let count = metrics.text().lines().find_map(|line| line.strip_prefix(late));
    count.unwrap().parse().unwrap()
}

// ---- Slow ----

/// A peer of HTTP/2 is told to leave, and is then given the time of a stall.
#[test]
fn a_header_that_does_not_come_to_its_end_is_not_waited_for() {
    let (header_timeout, stall_timeout) = (TOO_SLOW.into(), TOO_SLOW.into());
    let server = Server::with(Limits { header_timeout, stall_timeout, ..patient() });
    let opening = frames::opening();
    let begun = frame(frames::HEADERS, 0, 1, &frames::request("GET", "/"));
    let cases: [(&str, &[u8]); 9] = [
        ("silence", b""),
        ("a lone byte", b"P"),
        ("half a preface", &opening[..12]),
        ("a letter", b"G"),
        ("half a header", b"GET /healthz HTTP/1.1\r\nhost:"),
        ("an empty line", b"\r\n"),
        ("a preface", &opening[..24]),
        ("a preface and settings", &opening),
        ("half a header of HTTP/2", &[&opening[..], &begun].concat()),
    ];
    let send = |(name, sent): (_, &[u8])| {
        let mut peer = server.connect();
        peer.send(sent);
        (name, peer)
    };
    for (name, mut peer) in cases.map(send) {
        let rest = peer.rest();
        assert!(!rest.starts_with(b"HTTP/1.1"), "{name}: {rest:?}");
    }
    check_alive(&server);
}

/// The second header has as much time as the first, and the pause before it more.
#[test]
fn a_second_header_is_not_waited_for_either() {
    let server = Server::with(Limits { header_timeout: Time::secs(1), ..patient() });
    let mut peer = server.connect();
    peer.send_request("GET /healthz HTTP/1.1\r\n", b"");
    assert_eq!(peer.answer().status, 200);
    peer.send("GET /healthz HTTP/1.1\r\n");
    assert_eq!(peer.rest(), b"");
    assert_eq!(n_late(&server), 1);
}

#[test]
fn an_unused_connection_is_closed() {
    let server = Server::with(Limits { idle_timeout: TOO_SLOW.into(), ..patient() });
    let mut peer = server.connect();
    peer.send_request("GET /healthz HTTP/1.1\r\n", b"");
    assert_eq!(peer.answer().status, 200);
    assert_eq!(peer.rest(), b"");
    assert_eq!(n_late(&server), 0, "it has done nothing wrong");
}

/// It is told before, since a request may be on its way.
#[test]
fn an_unused_connection_of_http2_is_told_to_leave() {
    let (idle_timeout, stall_timeout) = (TOO_SLOW.into(), TOO_SLOW.into());
    let server = Server::with(Limits { idle_timeout, stall_timeout, ..patient() });
    let mut peer = server.connect();
    peer.send([frames::opening(), frames::get(1, "/healthz")].concat());
    let received = frames::received(&mut peer);
    assert!(received.iter().any(|(kind, _)| *kind == frames::HEADERS), "it was answered");
    assert_eq!(frames::goaway(&received), Some(0));
}

#[test]
fn a_body_that_is_late_is_408() {
    let too_slow = TOO_SLOW.into();
    let cases = [
        ("body.stalled", Limits { stall_timeout: too_slow, ..patient() }),
        ("body.slow", Limits { rate_grace: too_slow, ..patient() }),
        ("body.slow", Limits { request_timeout: too_slow, ..patient() }),
    ];
    let bodies = ["content-length: 10\r\n\r\n{", "transfer-encoding: chunked\r\n\r\n000"];
    let paths = ["/v1/summarize", "/predict"];
    let requests: Vec<_> = paths.iter().flat_map(|path| bodies.map(|body| (path, body))).collect();
    for (code, limits) in cases {
        let server = Server::with(limits);
        let send = |(path, body): &(_, _)| {
            let mut peer = server.connect();
            peer.send(format!("POST {path} HTTP/1.1\r\nhost: x\r\n{body}"));
            peer
        };
        let peers: Vec<_> = requests.iter().map(send).collect();
        for ((path, body), mut peer) in requests.iter().zip(peers) {
            let answer = peer.answer();
            assert_eq!((answer.status, answer.header("connection")), (408, Some("close")));
            match **path {
                "/predict" => assert!(answer.json()["error"].is_string()),
                _ => assert_eq!(answer.problem()["code"], code, "{body}"),
            }
            assert_eq!(peer.rest(), b"");
        }
    }
}

// ---- Two requests or one ----

const GOOD: &str = r#"{"input":[1]}"#;

/// A head that two servers might read in two ways, before a body of 13 bytes and another request;
/// and the statuses of all that is answered before the server closes.
#[test]
fn what_two_servers_may_read_in_two_ways_is_refused_or_the_last() {
    let server = Server::with(patient());
    let forms: &[(&str, &[u16])] = &[
        // Once and clear.
        ("Host: a\r\nContent-Length: 13", &[200, 200]),
        ("host:a\r\ncontent-length:\t13 ", &[200, 200]),
        ("Host: a\r\nContent-Length: 13\r\nContent-Length: 13", &[200, 200]),
        ("Host: a\r\nContent-Length: 13\r\nUpgrade: h2c", &[200, 200]),
        ("Host: a\r\nContent-Length: 13\r\nExpect: else", &[200, 200]),
        // Lengths.
        ("Host: a\r\nContent-Length: 13\r\nContent-Length: 0", &[400]),
        ("Host: a\r\nContent-Length: 13, 13", &[400]),
        ("Host: a\r\nContent-Length: +13", &[400]),
        ("Host: a\r\nContent-Length: -13", &[400]),
        ("Host: a\r\nContent-Length: 0x0d", &[400]),
        ("Host: a\r\nContent-Length: 1 3", &[400]),
        ("Host: a\r\nContent-Length: 13.0", &[400]),
        ("Host: a\r\nContent-Length:", &[400]),
        ("Host: a\r\nContent-Length: 18446744073709551616", &[400]),
        ("Host: a\r\nContent-Length: 18446744073709551615", &[431]),
        ("Host: a", &[411]),
        // Codings.
        ("Host: a\r\nContent-Length: 13\r\nTransfer-Encoding: identity", &[400]),
        ("Host: a\r\nTransfer-Encoding: gzip, chunked", &[400]),
        ("Host: a\r\nTransfer-Encoding: chunked, identity", &[400]),
        ("Host: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked", &[400]),
        ("Host: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: x", &[400]),
        ("Host: a\r\nTransfer-Encoding: xchunked", &[400]),
        ("Host: a\r\nTransfer-Encoding: chunked;q=1", &[400]),
        ("Host: a\r\nTransfer-Encoding: \"chunked\"", &[400]),
        ("Host: a\r\nTransfer-Encoding: \u{b}chunked", &[400]),
        ("Host: a\r\nTransfer-Encoding:", &[400]),
        // Lines.
        ("Host: a\r\nContent-Length : 13", &[400]),
        ("Host: a\r\n Content-Length: 13", &[400]),
        ("Host: a\r\nX: y\r\n Content-Length: 13", &[400]),
        ("Host: a\r\nX\r\nContent-Length: 13", &[400]),
        ("Host: a\r\n: y\r\nContent-Length: 13", &[400]),
        ("Host: a\r\nX: y\rContent-Length: 13", &[400]),
        ("Host: a\r\nX: \0\r\nContent-Length: 13", &[400]),
        ("Host: a\r\nX\0: y\r\nContent-Length: 13", &[400]),
        (" Host: a\r\nContent-Length: 13", &[400]),
        // Hosts.
        ("Content-Length: 13", &[400]),
        ("Host:\r\nContent-Length: 13", &[400]),
        ("Host: a\r\nHost: a\r\nContent-Length: 13", &[400]),
        ("Host: a\r\nHost: b\r\nContent-Length: 13", &[400]),
        ("Host: a, b\r\nContent-Length: 13", &[400]),
        ("Host: a b\r\nContent-Length: 13", &[400]),
        ("Host: a/b\r\nContent-Length: 13", &[400]),
        ("Host: a@b\r\nContent-Length: 13", &[400]),
        ("Host: a:80\r\nContent-Length: 13", &[200, 200]),
        ("Host: [::1]:65535\r\nContent-Length: 13", &[200, 200]),
        ("Host: a:xyz\r\nContent-Length: 13", &[400]),
        ("Host: a:65536\r\nContent-Length: 13", &[400]),
        ("Host: a:+80\r\nContent-Length: 13", &[400]),
        ("Host: a:80:80\r\nContent-Length: 13", &[400]),
        ("Host: [::1]x\r\nContent-Length: 13", &[400]),
    ];
    for (headers, expected) in forms {
        let sent = format!("POST /predict HTTP/1.1\r\n{headers}\r\n\r\n{GOOD}{LAST}");
        assert_eq!(statuses(&server, sent.as_bytes()), *expected, "{headers:?}");
    }
    check_alive(&server);
}

#[test]
fn what_two_servers_may_read_in_two_ways_is_refused_in_the_first_line_too() {
    let server = Server::with(patient());
    let lines: &[(&str, &[u16])] = &[
        ("POST /predict HTTP/1.1", &[200, 200]),
        ("\r\nPOST /predict HTTP/1.1", &[200, 200]),
        ("POST http://A/predict HTTP/1.1", &[200, 200]),
        ("POST http://b/predict HTTP/1.1", &[400]),
        ("POST http://a@a/predict HTTP/1.1", &[400]),
        ("POST /predict HTTP/1.0", &[200]),
        ("POST /predict HTTP/1.2", &[400]),
        ("POST /predict HTTP/2.0", &[400]),
        ("POST /predict HTTP/0.9", &[400]),
        ("POST /predict http/1.1", &[400]),
        ("POST /predict", &[400]),
        ("POST  /predict HTTP/1.1", &[400]),
        ("POST /predict  HTTP/1.1", &[400]),
        ("POST\t/predict HTTP/1.1", &[400]),
        (" POST /predict HTTP/1.1", &[400]),
        ("POST /pre dict HTTP/1.1", &[400]),
        ("POST /predict\0 HTTP/1.1", &[400]),
        ("PO(ST /predict HTTP/1.1", &[400]),
    ];
    for (line, expected) in lines {
        let headers = "Host: a\r\nContent-Length: 13";
        let sent = format!("{line}\r\n{headers}\r\n\r\n{GOOD}{LAST}");
        assert_eq!(statuses(&server, sent.as_bytes()), *expected, "{line:?}");
    }
    let old = format!("POST /predict HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n{LAST}");
    assert_eq!(statuses(&server, old.as_bytes()), [400]);
    // RFC 9112 allows it, and hyper does not tell.
    assert_eq!(statuses(&server, LAST.replace('\r', "").as_bytes()), [200]);
}

#[test]
fn a_body_in_chunks_ends_where_all_servers_see_its_end() {
    let server = Server::with(patient());
    let bodies: &[(&str, &[u16])] = &[
        ("d\r\n{BODY}\r\n0\r\n\r\n", &[200, 200]),
        ("D;a=b;c=\"d\"\r\n{BODY}\r\n000\r\n\r\n", &[200, 200]),
        ("d\r\n{BODY}\r\n0\r\nX: y\r\n\r\n", &[200, 200]),
        ("0x0d\r\n{BODY}\r\n0\r\n\r\n", &[400]),
        ("+d\r\n{BODY}\r\n0\r\n\r\n", &[400]),
        ("-d\r\n{BODY}\r\n0\r\n\r\n", &[400]),
        (" d\r\n{BODY}\r\n0\r\n\r\n", &[400]),
        ("d d\r\n{BODY}\r\n0\r\n\r\n", &[400]),
        ("\r\n{BODY}\r\n0\r\n\r\n", &[400]),
        ("1000000000000000d\r\n{BODY}\r\n0\r\n\r\n", &[400]),
        ("d\n{BODY}\r\n0\r\n\r\n", &[400]),
        ("d;\n{BODY}\r\n0\r\n\r\n", &[400]),
        ("d\r\n{BODY}0\r\n\r\n", &[400]),
        ("c\r\n{BODY}\r\n0\r\n\r\n", &[400]),
        ("e\r\n{BODY}\r\n0\r\n\r\n", &[400]),
    ];
    for (body, expected) in bodies {
        let sent = format!(
            "POST /predict HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{}{LAST}",
            body.replace("{BODY}", GOOD)
        );
        assert_eq!(statuses(&server, sent.as_bytes()), *expected, "{body:?}");
    }
    // The length is passed over, and what follows the last chunk is never read.
    let both = "Content-Length: 5\r\nTransfer-Encoding: chunked";
    for both in [both.to_owned(), both.lines().rev().collect::<Vec<_>>().join("\r\n")] {
        let head = format!("POST /predict HTTP/1.1\r\nHost: a\r\n{both}\r\n\r\n");
        let sent = format!("{head}d\r\n{GOOD}\r\n0\r\n\r\n{LAST}");
        assert_eq!(statuses(&server, sent.as_bytes()), [200], "{both}");
    }
    // A body that nobody asked for is not taken for a request.
    let sent = format!(
        "GET /healthz HTTP/1.1\r\nhost: a\r\ncontent-length: {}\r\n\r\n{LAST}{LAST}",
        LAST.len()
    );
    assert_eq!(statuses(&server, sent.as_bytes()), [200, 200]);
}

// ---- Answers that nobody takes ----

/// Asks for more than the buffers of a connection hold, and reads nothing.
fn ask_and_not_read(server: &Server) -> Peer {
    let mut peer = server.connect();
    let asked = b"GET /openapi.json HTTP/1.1\r\nhost: a\r\n\r\n".repeat(1000);
    peer.send(asked);
    peer
}

/// The first connection keeps the second one from being taken, until it is cut.
#[test]
fn who_takes_nothing_of_an_answer_is_cut() {
    let connections_max = NonZeroU32::MIN;
    let stalled = Limits { stall_timeout: TOO_SLOW.into(), connections_max, ..patient() };
    let slow = Limits {
        rate_grace: TOO_SLOW.into(),
        rate_min: Size::of(1 << 40),
        connections_max,
        ..patient()
    };
    for limits in [stalled, slow] {
        let server = Server::with(limits);
        let peer = ask_and_not_read(&server);
        check_alive(&server);
        drop(peer);
    }
}

/// What a client of HTTP/2 sends that gives its answers so much room.
fn room(len: u32) -> Vec<u8> {
    let setting = [&[0, 4][..], &len.to_be_bytes()].concat();
    [frames::opening(), frame(frames::SETTINGS, 0, 0, &setting)].concat()
}

/// Asks for so many large answers at one time.
fn ask_for(n_answers: u32) -> Vec<u8> {
    (0..n_answers).flat_map(|n| frames::get(2 * n + 1, "/openapi.json")).collect()
}

/// Over HTTP/2 a stream can be stuck while the connection goes on: the client gives it no window. For a hundred
/// answers it had ten hours, and what it took at once paid for more.
#[test]
fn who_gives_answers_no_room_is_cut() {
    let (rate_grace, stall_timeout) = (TOO_SLOW.into(), TOO_SLOW.into());
    for (room_bytes, n_answers) in [(0, 1), (0, 100), (60_000, 100)] {
        let server = Server::with(Limits { rate_grace, stall_timeout, ..patient() });
        let mut peer = server.connect();
        peer.send([room(room_bytes), ask_for(n_answers)].concat());
        let received = frames::received(&mut peer);
        let of_kind = |asked| received.iter().filter(move |(kind, _)| *kind == asked);
        assert_eq!(of_kind(frames::HEADERS).count(), n_answers as usize, "all are answered");
        let n_taken = of_kind(frames::DATA).map(|(_, data)| data.len()).sum::<usize>();
        assert_eq!(n_taken > 0, room_bytes > 0);
    }
}

/// The document is there once for all, and metrics have memory of their own. One client with answers that it does not
/// take shut out everybody, and hid that.
#[test]
fn a_server_that_is_full_still_shows_it_and_what_takes_no_memory() {
    let (body_max, bodies_max) = (Size::of(1), Size::of(64 << 10));
    let server = Server::with(Limits { body_max, bodies_max, ..patient() });
    let mut stuck = server.connect();
    stuck.send([room(0), ask_for(100)].concat());
    let mut full = server.connect();
    full.send(format!("{HOLDS_A_PIECE}\r\n"));
    assert_eq!(full.answer().status, 100);
    assert_eq!(server.post("/v1/summarize", "application/json", "2").status, 503);
    for path in ["/healthz", "/readyz", "/openapi.json"] {
        assert_eq!(server.get(path).status, 200, "{path}");
    }
    let metrics = server.get("/metrics");
    assert_eq!(metrics.status, 200);
    assert!(metrics.body.len() > 4 << 10, "it is no small answer");
    for gauge in ["exacta_memory_held_bytes 65536", "exacta_memory_limit_bytes 65536"] {
        assert!(metrics.text().lines().any(|line| line == gauge), "{gauge}: {}", metrics.text());
    }
}

// ---- Too much ----

#[test]
fn heads_have_an_end() {
    let server = Server::with(patient());
    let cases = [
        ("many headers", format!("host: a\r\n{}", "a: b\r\n".repeat(100)), 431),
        ("a long header", format!("host: a\r\nx: {}\r\n", "x".repeat(64 << 10)), 431),
        ("a header without end", format!("host: a\r\nx: {}", "x".repeat(1 << 20)), 431),
        (
            "long headers",
            format!("host: a\r\n{}", format!("x: {}\r\n", "x".repeat(1 << 10)).repeat(64)),
            431,
        ),
    ];
    for (name, headers, status) in cases {
        let sent = format!("GET /healthz HTTP/1.1\r\n{headers}\r\n");
        assert_eq!(statuses(&server, sent.as_bytes()), [status], "{name}");
    }
    // Those that hyper still reads, and the one that is allowed.
    for (n_headers, status) in [(79, 200), (80, 431), (99, 431)] {
        let head = format!("GET /healthz HTTP/1.1\r\n{}", "a: b\r\n".repeat(n_headers));
        let mut peer = server.connect();
        peer.send(format!("{head}host: a\r\n\r\n"));
        let answer = peer.answer();
        assert_eq!(answer.status, status, "{n_headers}");
        assert!(status == 200 || answer.problem()["code"] == "headers.too_many", "{n_headers}");
    }
    let address =
        |len: usize| format!("GET /healthz?{} HTTP/1.1\r\nhost: a\r\n\r\n{LAST}", "x".repeat(len));
    assert_eq!(statuses(&server, address(32_000).as_bytes()), [200, 200]);
    assert_eq!(statuses(&server, address(32 << 10).as_bytes()), [414]);
    assert_eq!(statuses(&server, address(70_000).as_bytes()), [431]);
}

#[test]
fn an_address_has_so_many_connections() {
    let connections_per_address_max = NonZeroU32::MIN;
    let server = Server::with(Limits { connections_per_address_max, ..patient() });
    let mut first = server.connect();
    first.send_request("GET /healthz HTTP/1.1\r\n", b"");
    assert_eq!(first.answer().status, 200);
    assert_eq!(server.connect().rest(), b"", "one more is closed");
    first.send_request("GET /healthz HTTP/1.1\r\n", b"");
    assert_eq!(first.answer().status, 200, "the first goes on");
    drop(first);
    // Its place becomes free again.
    let ask = || statuses(&server, LAST.as_bytes());
    assert_eq!(std::iter::repeat_with(ask).find(|statuses| !statuses.is_empty()), Some(vec![200]));
}

/// Sends the same again and again until the server closes, and tells how it said so.
fn flood(server: &Server, first: Vec<u8>, again: &[u8]) -> Option<u32> {
    let mut peer = server.connect();
    peer.send([frames::opening(), first].concat());
    let n_frames = (64 << 10) / again.len();
    assert!(!peer.repeat(&again.repeat(n_frames), 10_000), "it is still read");
    frames::goaway(&frames::received(&mut peer))
}

#[test]
fn floods_of_http2_end_their_connection() {
    let server = Server::with(patient());
    let begun = frame(frames::HEADERS, 0, 1, &frames::request("GET", "/healthz"));
    let post = frame(frames::HEADERS, frames::END_HEADERS, 1, &frames::request("POST", "/predict"));
    let large = frames::header("x", &"x".repeat(100)).repeat(100);
    let cases = [
        ("continuation", &begun, frame(frames::CONTINUATION, 0, 1, b""), frames::CALM),
        ("headers", &begun, frame(frames::CONTINUATION, 0, 1, &large), frames::CALM),
        ("empty data", &post, frame(frames::DATA, 0, 1, b""), frames::CALM),
        ("window", &post, frame(frames::WINDOW_UPDATE, 0, 0, &[127, 255, 255, 255]), 3),
    ];
    for (name, first, again, code) in cases {
        assert_eq!(flood(&server, first.clone(), &again), Some(code), "{name}");
        check_alive(&server);
    }
}

/// CVE-2023-44487: requests that are taken back before anybody counts them.
#[test]
fn requests_that_are_reset_as_they_come_end_their_connection() {
    let server = Server::with(patient());
    let reset = |n: u32| {
        let cancel = frame(frames::RST_STREAM, 0, 2 * n + 1, &8u32.to_be_bytes());
        [frames::get(2 * n + 1, "/healthz"), cancel].concat()
    };
    let mut peer = server.connect();
    peer.send(frames::opening());
    peer.repeat(&(0..10_000).flat_map(reset).collect::<Vec<_>>(), 1);
    assert_eq!(frames::goaway(&frames::received(&mut peer)), Some(frames::CALM));
    check_alive(&server);
}

/// Each is answered, and nobody reads the answers, which takes until the buffers of the system are full; or there is
/// no answer, and no request either.
#[test]
fn floods_of_http2_that_are_no_requests_are_over_in_time() {
    let too_slow = TOO_SLOW.into();
    let stalls = Server::with(Limits { stall_timeout: too_slow, ..patient() });
    let idles =
        Server::with(Limits { header_timeout: too_slow, stall_timeout: too_slow, ..patient() });
    for (server, again) in
        [(&stalls, frame(frames::PING, 0, 0, &[0; 8])), (&idles, frame(200, 0, 0, b""))]
    {
        flood(server, Vec::new(), &again);
        check_alive(server);
    }
}

// ---- Bodies ----

/// What a body that is no request is answered with: at once, and never with a fault of the server.
#[test]
fn json_that_means_harm_is_refused() {
    let server = Server::with(patient());
    let deep = |open: &str| open.repeat(100_000);
    let values = |values: &str| format!(r#"{{"columns":[{{"name":"x","values":[{values}]}}]}}"#);
    let digits = "9".repeat(1_000_000);
    let cases = [
        ("arrays", deep("["), 400),
        ("objects", deep(r#"{"a":"#), 400),
        ("both", deep(r#"[{"a":"#), 400),
        ("arrays that end", deep("[") + &deep("]"), 400),
        ("arrays among values", values(&(deep("[") + &deep("]"))), 400),
        ("arrays in what is unknown", format!(r#"{{"x":{}{}}}"#, deep("["), deep("]")), 400),
        ("a large exponent", values("1e999999999999999999999"), 422),
        ("a small exponent", values("1e-999999999999999999999"), 200),
        ("many digits", values(&digits), 422),
        ("many digits after the point", values(&format!("0.{digits}")), 200),
        ("many zeros", values(&format!("0.{}1", "0".repeat(1_000_000))), 200),
        ("digits against an exponent", values(&format!("{digits}e-999900")), 200),
        ("a long name", format!(r#"{{"{digits}":1}}"#), 400),
        ("a long text", format!(r#"{{"columns":"{digits}"}}"#), 400),
        ("half a surrogate", r#"{"\ud800":1}"#.to_owned(), 400),
        ("many members", format!("{{{}}}", r#""a":1,"#.repeat(100_000)), 400),
    ];
    for (name, body, status) in cases {
        let answer = server.post("/v1/summarize", "application/json", &body);
        assert_eq!(answer.status, status, "{name}: {}", answer.text());
        if status >= 400 {
            answer.problem();
        }
        assert!(answer.body.len() < 2_000, "{name}: a refusal does not repeat what was sent");
        let answer = server.post("/predict", "application/json", &body);
        assert_eq!(answer.status, 400, "{name}: {}", answer.text());
    }
    check_alive(&server);
}

/// A request that holds a piece of memory as soon as it is told to continue.
const HOLDS_A_PIECE: &str =
    "POST /v1/summarize HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\nexpect: 100-continue\r\n";

/// Bytes that came at once paid for minutes of a trickle.
#[test]
fn who_sends_much_and_then_trickles_is_408() {
    let (rate_grace, stall_timeout) = (TOO_SLOW.into(), TOO_SLOW.into());
    let server =
        Server::with(Limits { rate_grace, stall_timeout, rate_min: Size::of(1000), ..patient() });
    let mut peer = server.connect();
    let head = "host: a\r\ncontent-type: text/csv\r\ncontent-length: 1000000\r\n";
    peer.send(format!("POST /v1/summarize/csv HTTP/1.1\r\n{head}\r\n{}", "1\n".repeat(35_000)));
    support::wait_for(|| {
        let is_over = peer.has_answer();
        // Each byte earns a millisecond, and comes after two.
        if !is_over {
            peer.send("1");
        }
        is_over
    });
    assert_eq!((peer.answer().status, server.get("/healthz").status), (408, 200));
}

/// Slow bodies of one address, few bytes each, took all the memory there is.
#[test]
fn the_bodies_of_one_client_leave_memory_to_others() {
    // A body that is read takes 17 pieces.
    let (body_max, bodies_max) = (Size::of(1), Size::of(40 * (64 << 10)));
    let server = Server::with(Limits { body_max, bodies_max, ..patient() });
    let hold = |_| {
        let mut peer = server.connect();
        peer.send(format!("{HOLDS_A_PIECE}\r\n"));
        assert_eq!(peer.answer().status, 100);
        peer
    };
    let holders: Vec<_> = (0..4).map(hold).collect();
    let post = |mut peer: Peer| {
        let head = "POST /v1/summarize HTTP/1.1\r\ncontent-type: application/json\r\n";
        peer.send_request(head, b"2");
        peer.answer()
    };
    let refused = post(server.connect());
    assert_eq!((refused.status, refused.header("retry-after")), (503, Some("1")));
    assert_eq!(refused.problem()["code"], "memory.share");
    assert_eq!(post(server.connect_from("127.0.0.2")).status, 400, "it is read, and is no request");
    drop(holders);
}

/// A decoder of gzip takes some kilobytes. Each was charged as one of zstd is.
#[test]
fn bodies_in_gzip_take_little_memory() {
    let client_percent_max = 100.try_into().unwrap();
    let bodies_max = Size::of(100 * (64 << 10));
    let server = Server::with(Limits { bodies_max, client_percent_max, ..patient() });
    let mut packed = GzEncoder::new(Vec::new(), flate2::Compression::none());
    packed.write_all(&b"1\n".repeat(50_000)).unwrap();
    let packed = packed.finish().unwrap();
    let (start, end) = packed.split_at(packed.len() - 1);
    let head = format!(
        "POST /v1/summarize/csv HTTP/1.1\r\nhost: a\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n",
        packed.len()
    );
    let begin = |_| {
        let mut peer = server.connect();
        peer.send([head.as_bytes(), start].concat());
        peer
    };
    let mut peers: Vec<_> = (0..2).map(begin).collect();
    let n_pieces = || {
        let metrics = server.get("/metrics");
        let line =
            metrics.text().lines().find_map(|it| it.strip_prefix("exacta_memory_held_bytes "));
        line.unwrap().parse::<u64>().unwrap() / (64 << 10)
    };
    // Two megabytes each, and a little more for the decoder and the column.
    support::wait_for(|| n_pieces() > 2 * 32);
    assert!(n_pieces() <= 2 * 34, "{}", n_pieces());
    for peer in &mut peers {
        peer.send(end);
        assert_eq!(peer.answer().status, 200);
    }
}

/// The memory of one body is all there is.
#[test]
fn a_client_that_vanishes_leaves_nothing() {
    let bodies_max = Size::of(64 << 10);
    let server = Server::with(Limits { body_max: Size::of(1), bodies_max, ..patient() });
    let mut peer = server.connect();
    peer.send(format!("{HOLDS_A_PIECE}\r\n"));
    assert_eq!(peer.answer().status, 100);
    let post = || server.post("/v1/summarize", "application/json", "2").status;
    assert_eq!(post(), 503);
    drop(peer);
    let status = std::iter::repeat_with(post).find(|status| *status != 503);
    assert_eq!(status, Some(400));
}

// ---- What is not there ----

#[test]
fn pages_of_other_origins_read_nothing() {
    // They may send what they like.
    let hosts = vec!["a.example".to_owned()];
    let server = Server::with(Config { hosts, ..Config::default() });
    let asks = "origin: https://a.example\r\naccess-control-request-method: POST\r\n";
    for (method, path, status) in [
        ("OPTIONS", "/predict", 405),
        ("OPTIONS", "/v1/summarize", 405),
        ("OPTIONS", "*", 404),
        ("GET", "/healthz", 200),
        ("GET", "/nothing", 404),
    ] {
        let answer = server.send(&format!("{method} {path} HTTP/1.1\r\n{asks}"), b"");
        assert_eq!(answer.status, status, "{method} {path}");
        assert!(answer.names().all(|name| !name.starts_with("access-control")), "{path}");
    }
}

#[test]
fn a_method_that_a_path_does_not_take_is_405_with_those_it_takes() {
    let server = Server::start();
    for (method, path, allowed) in [
        ("PUT", "/predict", "POST"),
        ("GET", "/v1/summarize", "POST"),
        ("POST", "/healthz", "GET,HEAD"),
        ("DELETE", "/v1/jobs", "GET,HEAD,POST"),
        ("TRACE", "/openapi.json", "GET,HEAD"),
        ("BREW", "/readyz", "GET,HEAD"),
    ] {
        let answer = server.send(&format!("{method} {path} HTTP/1.1\r\n"), b"");
        let allow = answer.header("allow").unwrap();
        let mut allow: Vec<_> = allow.split(',').map(str::trim).collect();
        allow.sort_unstable();
        assert_eq!((answer.status, allow.join(",")), (405, allowed.to_owned()), "{method} {path}");
    }
    assert_eq!(server.send("CONNECT a:80 HTTP/1.1\r\n", b"").status, 400);
}

#[test]
fn an_answer_that_is_not_accepted_is_406() {
    let server = Server::start();
    let ask = |path: &str, accept: &str| {
        let head = format!("POST {path} HTTP/1.1\r\n{accept}");
        server.send(&head, br#"{"input":[1]}"#)
    };
    for accept in [
        "",
        "accept: */*\r\n",
        "accept:\r\n",
        "accept: application/json\r\n",
        "accept: text/html, application/*;q=0.1\r\n",
        "accept: text/html\r\naccept: application/json\r\n",
        "accept: no media type\r\n",
        "accept: application/json;charset=utf-8\r\n",
    ] {
        assert_eq!(ask("/predict", accept).status, 200, "{accept:?}");
    }
    for accept in [
        "accept: text/html\r\n",
        "accept: application/problem+json\r\n",
        "accept: application/json;q=0, text/*\r\n",
    ] {
        let answer = ask("/predict", accept);
        assert_eq!((answer.status, answer.json()["error"].is_string()), (406, true), "{accept:?}");
        assert_eq!(ask("/v1/summarize", accept).problem()["code"], "accept.unsatisfiable");
    }
}

/// What a browser sends for a page of somebody else: its headers, and what comes of them where nobody is asked who
/// they are.
const FOREIGN: [(&str, u16, &str); 20] = [
    ("Host: evil.example", 421, "host.foreign"),
    ("Host: evil.example:80\r\nOrigin: http://evil.example", 421, "host.foreign"),
    ("Host: localhost.evil.example", 421, "host.foreign"),
    ("Host: 10.0.0.1", 421, "host.foreign"),
    ("Host: localhost", 0, ""),
    ("Host: LOCALHOST:9", 0, ""),
    ("Host: stats.localhost.", 0, ""),
    ("Host: 127.9.9.9:80", 0, ""),
    ("Host: [::1]:80", 0, ""),
    ("Host: localhost\r\nOrigin: http://localhost:3000", 0, ""),
    ("Host: localhost\r\nOrigin: https://127.0.0.1\r\nSec-Fetch-Site: cross-site", 0, ""),
    ("Host: localhost\r\nSec-Fetch-Site: same-origin", 0, ""),
    ("Host: localhost\r\nSec-Fetch-Site: none", 0, ""),
    ("Host: localhost\r\nOrigin: http://evil.example", 403, "origin.foreign"),
    ("Host: localhost\r\nOrigin: http://localhost.evil.example", 403, "origin.foreign"),
    ("Host: localhost\r\nOrigin: http://localhost\r\nOrigin: http://b", 403, "origin.foreign"),
    ("Host: localhost\r\nOrigin: null", 403, "origin.foreign"),
    ("Host: localhost\r\nOrigin: localhost", 403, "origin.foreign"),
    ("Host: localhost\r\nOrigin:", 403, "origin.foreign"),
    ("Host: localhost\r\nSec-Fetch-Site: cross-site", 403, "origin.foreign"),
];

fn ask_as(server: &Server, line: &str, headers: &str) -> Answer {
    let mut peer = server.connect();
    peer.send(format!("{line} HTTP/1.1\r\n{headers}\r\nContent-Length: 2\r\n\r\n1\n"));
    peer.answer()
}

/// It listed, took and cancelled jobs for any page that the user of the machine had open.
#[test]
fn a_page_of_somebody_else_gets_nothing() {
    let jobs = JobServer::start();
    let server = &jobs.server;
    let id = jobs.submit_csv("", "x\n1\n");
    let cancel = format!("POST /v1/jobs/{id}/cancel");
    for (headers, status, code) in FOREIGN {
        let lines = ["GET /v1/jobs", "POST /v1/jobs/csv", &cancel, "GET /healthz", "GET /nowhere"];
        for line in lines {
            let answer = ask_as(server, line, headers);
            if status == 0 {
                assert!(![403, 421].contains(&answer.status), "{line} {headers}");
            } else {
                assert_eq!(
                    (answer.status, &answer.problem()["code"]),
                    (status, &code.into()),
                    "{headers}"
                );
            }
        }
    }
    // What is no browser's, and names no host.
    let mut peer = server.connect();
    peer.send("GET /healthz HTTP/1.0\r\n\r\n");
    assert_eq!(peer.answer().status, 200);
    // In the words of `/predict`.
    let answer = ask_as(server, "POST /predict", "Host: evil.example");
    assert_eq!((answer.status, answer.json()["error"].is_string()), (421, true));
}

#[test]
fn hosts_are_as_they_are_set_and_any_where_that_is_said_or_callers_are_known() {
    let of_proxy = "Host: Stats.Example.org:8443\r\nOrigin: https://app.example.org";
    let [proxy, app] = ["stats.example.org", "app.example.org"].map(str::to_owned);
    let with = |hosts| Server::with(Config { hosts, ..Config::default() });
    let ask = |server: &Server, headers| ask_as(server, "GET /healthz", headers).status;
    assert_eq!(ask(&with(vec![]), of_proxy), 421);
    assert_eq!(ask(&with(vec![proxy.clone()]), of_proxy), 403);
    assert_eq!(ask(&with(vec![proxy, app]), of_proxy), 200);
    let folder = tempfile::tempdir().unwrap();
    let principals = folder.path().join("principals");
    std::fs::write(&principals, "").unwrap();
    let auth = AuthConfig { principals: Some(principals), ..AuthConfig::default() };
    for config in [
        Config { auth, ..Config::default() },
        Config { insecure_bind_without_auth_and_tls: true, ..Config::default() },
    ] {
        let server = Server::with(config);
        assert!(FOREIGN.iter().all(|(headers, ..)| ask(&server, headers) == 200));
    }
}
