//! Clients that mean harm, over a real socket: each gets what it should, and the server goes on.
//!
//! A test waits for what must happen, under deadlines that are short here. What a shutdown does to
//! connections is in connections.rs.

mod support;

use std::time::Duration;

use exacta_server::{Limits, Time};
use support::Server;
use support::frames::{self, frame};

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
}

#[test]
fn an_unused_connection_is_closed() {
    let server = Server::with(Limits { idle_timeout: TOO_SLOW.into(), ..patient() });
    let mut peer = server.connect();
    peer.send_request("GET /healthz HTTP/1.1\r\n", b"");
    assert_eq!(peer.answer().status, 200);
    assert_eq!(peer.rest(), b"");
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
    for (code, limits) in cases {
        let server = Server::with(limits);
        for (body, path) in
            bodies.iter().flat_map(|body| ["/v1/summarize", "/predict"].map(|path| (body, path)))
        {
            let mut peer = server.connect();
            peer.send(format!("POST {path} HTTP/1.1\r\nhost: x\r\n{body}"));
            let answer = peer.answer();
            assert_eq!((answer.status, answer.header("connection")), (408, Some("close")));
            match path {
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
