//! The cases that every service of `/predict` is held to, replayed over a socket. What they are,
//! and how they are written, stands beside them in openapi/conformance/.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use serde::Deserialize;
use serde_json::Value;
use support::{Answer, Server};

const CASES: &str = include_str!("../../../openapi/conformance/predict.json");

/// Stands for any text of one line.
const ANY_TEXT: &str = "*";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "about")]
    _about: String,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    request: Request,
    response: Response,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    method: String,
    path: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    body: Option<String>,
    body_hex: Option<String>,
    body_parts: Option<Vec<(String, usize)>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Response {
    status: u16,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    body: Option<Value>,
}

impl Request {
    fn body(&self) -> Vec<u8> {
        match (&self.body, &self.body_hex, &self.body_parts) {
            (None, None, None) => Vec::new(),
            (Some(text), None, None) => text.as_bytes().to_vec(),
            (None, Some(digits), None) => unhex(digits),
            (None, None, Some(parts)) => {
                parts.iter().flat_map(|(text, times)| text.repeat(*times).into_bytes()).collect()
            }
            _ => panic!("a request has one body"),
        }
    }

    fn head(&self, body_len: usize) -> String {
        let mut head = format!("{} {} HTTP/1.1\r\nhost: test\r\n", self.method, self.path);
        for (name, value) in &self.headers {
            write!(head, "{name}: {value}\r\n").unwrap();
        }
        let has_own = |name| self.headers.contains_key(name);
        if !has_own("content-length") && !has_own("transfer-encoding") {
            write!(head, "content-length: {body_len}\r\n").unwrap();
        }
        head + "\r\n"
    }

    fn send(&self, server: &Server) -> Answer {
        let body = self.body();
        let mut peer = server.connect();
        peer.send(self.head(body.len()));
        peer.send(body);
        let mut answer = peer.answer_to(&self.method);
        if self.method == "HEAD" {
            peer.end();
            answer.body.extend(peer.rest());
        }
        answer
    }
}

fn unhex(digits: &str) -> Vec<u8> {
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.as_bytes().chunks(2).map(byte).collect()
}

impl Response {
    /// What of an answer is not as it should be.
    fn faults(&self, method: &str, answer: &Answer) -> Vec<String> {
        let mut faults = Vec::new();
        if answer.status != self.status {
            faults.push(format!("status {}, not {}", answer.status, self.status));
        }
        for (name, value) in &self.headers {
            if answer.header(name) != Some(value) {
                faults.push(format!("{name}: {:?}, not {value}", answer.header(name)));
            }
        }
        let is_body = match &self.body {
            Some(body) => {
                serde_json::from_slice(&answer.body).is_ok_and(|got: Value| is_same(body, &got))
            }
            None => method != "HEAD" || answer.body.is_empty(),
        };
        if !is_body {
            faults.push(format!("body {:?}, not {:?}", answer.text(), self.body));
        }
        faults
    }
}

/// Whether a value is the expected one: numbers by their bits, members in any order.
fn is_same(expected: &Value, got: &Value) -> bool {
    match (expected, got) {
        (Value::Number(expected), Value::Number(got)) => {
            expected.as_f64().unwrap().to_bits() == got.as_f64().unwrap().to_bits()
        }
        (Value::String(expected), Value::String(got)) if expected == ANY_TEXT => {
            got.lines().count() == 1
        }
        (Value::Array(expected), Value::Array(got)) => {
            expected.len() == got.len() && expected.iter().zip(got).all(|(e, g)| is_same(e, g))
        }
        (Value::Object(expected), Value::Object(got)) => {
            let is_member = |(name, e)| got.get(name).is_some_and(|g| is_same(e, g));
            expected.len() == got.len() && expected.iter().all(is_member)
        }
        _ => expected == got,
    }
}

#[test]
fn every_case_is_answered_as_it_says() {
    let file: File = serde_json::from_str(CASES).unwrap();
    let names: BTreeSet<_> = file.cases.iter().map(|case| &case.name).collect();
    assert_eq!(names.len(), file.cases.len(), "a name stands twice");
    let server = Server::start();
    let mut report = String::new();
    for Case { name, request, response } in &file.cases {
        for fault in response.faults(&request.method, &request.send(&server)) {
            writeln!(report, "{name}: {fault}").unwrap();
        }
    }
    assert!(report.is_empty(), "\n{report}");
}

#[test]
fn values_are_compared_by_their_bits() {
    let is_same = |expected: &str, got: &str| {
        is_same(&serde_json::from_str(expected).unwrap(), &serde_json::from_str(got).unwrap())
    };
    assert!(is_same(r#"{"a":6,"b":["*"]}"#, r#"{"b":["why"],"a":6.0}"#));
    for (expected, got) in [
        ("0", "-0.0"),
        ("1", "1.0000000000000002"),
        ("1", r#""1""#),
        (r#""*""#, r#""two\nlines""#),
        (r#""*""#, r#""""#),
        ("[1]", "[1,2]"),
        ("{}", r#"{"a":1}"#),
        (r#"{"a":1}"#, "{}"),
    ] {
        assert!(!is_same(expected, got), "{expected} {got}");
    }
}
