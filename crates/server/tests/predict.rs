//! Every case of the simple contract, over a real socket.

mod support;

use serde_json::json;
use support::{Answer, Server};

const MIB: usize = 1 << 20;

#[track_caller]
fn check_error(answer: &Answer, status: u16) -> String {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let error = answer.json();
    assert_eq!(error.as_object().unwrap().len(), 1, "{error}");
    error["error"].as_str().unwrap().to_owned()
}

/// It was read as JSON, and no JSON was found.
#[test]
fn a_body_that_is_encoded_is_415() {
    let server = Server::start();
    let ask = |path: &str, headers: &str| {
        server.send(&format!("POST {path} HTTP/1.1\r\n{headers}"), br#"{"input":[1]}"#)
    };
    for headers in [
        "content-encoding: gzip\r\n",
        "content-encoding: identity\r\ncontent-encoding: gzip\r\n",
        "content-encoding: \r\ncontent-encoding: gzip\r\n",
    ] {
        let answer = ask("/predict", headers);
        assert!(check_error(&answer, 415).contains("gzip"), "{}", answer.text());
        assert_eq!(answer.header("accept-encoding"), Some("identity"));
        for path in ["/v1/summarize", "/v1/merge"] {
            assert_eq!(ask(path, headers).problem()["code"], "content_encoding.unsupported");
        }
    }
    assert_eq!(ask("/predict", "content-encoding: identity\r\n").status, 200);
}

#[test]
fn figures_are_exact_and_bare() {
    let server = Server::start();
    let cases = [
        (r#"{"input":[1,2,3]}"#, r#"{"sum":6,"count":3,"average":2,"min":1,"max":3}"#),
        (
            r#" {"input" : [1e16, 1, -1e16]} "#,
            r#"{"sum":1,"count":3,"average":0.3333333333333333,"min":-1e+16,"max":1e+16}"#,
        ),
        (
            r#"{"input":[0.1,0.2]}"#,
            r#"{"sum":0.30000000000000004,"count":2,"average":0.15000000000000002,"min":0.1,"max":0.2}"#,
        ),
        (r#"{"input":[-0]}"#, r#"{"sum":0,"count":1,"average":0,"min":-0.0,"max":-0.0}"#),
        (
            r#"{"input":[1e308,1e308,-1e308]}"#,
            r#"{"sum":1e+308,"count":3,"average":3.333333333333333e+307,"min":-1e+308,"max":1e+308}"#,
        ),
    ];
    for (body, answer) in cases {
        for media_type in
            ["application/json", "text/plain", "application/x-www-form-urlencoded", "x"]
        {
            let got = server.post("/predict", media_type, body);
            assert_eq!((got.status, got.text()), (200, answer), "{body} as {media_type}");
            assert_eq!(got.header("content-type"), Some("application/json"));
        }
    }
}

#[test]
fn what_is_wrong_with_the_input_is_400_and_a_message() {
    let server = Server::start();
    let empty = server.post("/predict", "application/json", r#"{"input":[]}"#);
    assert_eq!(check_error(&empty, 400), "input must include at least one value");
    let cases: [(&str, &str); 16] = [
        (r#"{"input":[1],"precision":2}"#, "unknown field `precision`"),
        (r#"{"input":[1],"input":[2]}"#, "duplicate field"),
        (r"{}", "missing field `input`"),
        (r#"{"input":[1]}{"#, "something follows"),
        (r#"{"input":[1]} 1"#, "something follows"),
        (r#"{"input":["1"]}"#, "/input/0: invalid type"),
        (r#"{"input":1}"#, "expected an array"),
        (r#"{"input":{}}"#, "expected an array"),
        (r#"{"input":[true]}"#, "expected a number"),
        (r"[[1]]", "array, expected a JSON object"),
        (r"null", "null, expected a JSON object"),
        (r#"{"input":null}"#, "null, expected an array"),
        (r#"{"input":[null]}"#, "null, expected a number"),
        (r#"{"input":[1e308,1e308]}"#, "the sum of input is beyond the range of binary64"),
        (r#"{"input":[1,1e309]}"#, "/input/1: number beyond the range of binary64"),
        ("", "the body ends within a value"),
    ];
    for (body, message) in cases {
        let error = check_error(&server.post("/predict", "application/json", body), 400);
        assert!(error.contains(message), "{body}: {error}");
    }
}

#[test]
fn other_methods_are_told_which_one_is_taken() {
    let server = Server::start();
    for method in ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"] {
        let answer = server.send(&format!("{method} /predict HTTP/1.1\r\n"), b"");
        assert_eq!(answer.header("allow"), Some("POST"), "{method}");
        check_error(&answer, 405);
    }
}

#[test]
fn a_body_that_is_too_large_is_413_and_a_message() {
    let server = Server::start();
    let mut peer = server.connect();
    peer.send(format!("POST /predict HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n", 65 * MIB));
    let error = check_error(&peer.answer(), 413);
    assert!(error.contains("67108864"), "{error}");
}

#[test]
fn ambiguous_hosts_are_refused_in_the_same_words() {
    let server = Server::start();
    let mut peer = server.connect();
    peer.send("POST /predict HTTP/1.1\r\nhost: a\r\nhost: b\r\ncontent-length: 0\r\n\r\n");
    check_error(&peer.answer(), 400);
}

#[test]
fn nesting_does_not_reach_the_stack() {
    let server = Server::start();
    for body in [
        "[".repeat(100_000),
        format!(r#"{{"input":{}"#, "[".repeat(100_000)),
        r#"{"input":"#.repeat(100_000),
    ] {
        check_error(&server.post("/predict", "application/json", body), 400);
    }
    assert_eq!(server.get("/healthz").json(), json!({"status": "ok"}));
}
