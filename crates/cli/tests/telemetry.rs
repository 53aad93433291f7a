//! What a server lets out of what it is sent: logs, metrics, and what goes to a collector. Everything that a client can
//! mark is marked, everything that comes out is looked at.

mod common;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use common::{exacta, read_answer};
use serde_json::Value;

/// What must not come out.
const MARK: &str = "marked5ecret";

/// The digits of a number that must not come out.
const NUMBER: &str = "48151623.42";

/// A collector that takes what it gets, and keeps it with the path where it came; and its port.
fn collector<S: Read + Write>(
    open: impl Fn(TcpStream) -> S + Send + Sync + 'static,
) -> (u16, Receiver<(String, Vec<u8>)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, messages) = mpsc::channel();
    let open = Arc::new(open);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (open, sender) = (Arc::clone(&open), sender.clone());
            thread::spawn(move || {
                let mut stream = open(stream.unwrap());
                while take(&mut stream, &sender).is_some() {}
            });
        }
    });
    (port, messages)
}

/// Takes one message; there is none at the end of the connection.
fn take(stream: &mut (impl Read + Write), sender: &mpsc::Sender<(String, Vec<u8>)>) -> Option<()> {
    let mut reader = BufReader::new(&mut *stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let lower = head.to_lowercase();
    let length = lower.split("content-length: ").nth(1)?.lines().next()?.parse().unwrap();
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").ok()?;
    stream.flush().ok()?;
    sender.send((head.split(' ').nth(1)?.to_owned(), body)).ok()
}

/// A server whose log is JSON, and its address.
fn serve(
    arguments: &[&str],
    variables: &[(&str, &str)],
) -> (Child, BufReader<ChildStderr>, String) {
    let mut command = exacta(&["serve", "--listen", "127.0.0.1:0", "--log-format", "json"]);
    let mut child = command
        .args(arguments)
        .envs(variables.iter().copied())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let address = loop {
        let mut line = String::new();
        assert!(stderr.read_line(&mut line).unwrap() > 0, "it has ended");
        let line: Value = serde_json::from_str(&line).unwrap();
        if line["message"] == "listening" {
            break line["address"].as_str().unwrap().to_owned();
        }
    };
    (child, stderr, address)
}

fn ask(address: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    read_answer(stream).body
}

/// Asks as a server is asked to stop, and reads the rest of its log.
fn stop(mut child: Child, mut stderr: BufReader<ChildStderr>) -> Vec<Value> {
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-s", "TERM", &id]).status().unwrap().success());
    let mut log = String::new();
    stderr.read_to_string(&mut log).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0), "{log}");
    assert!(!log.contains(MARK) && !log.contains(NUMBER), "{log}");
    log.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn request(line: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "{line} HTTP/1.1\r\nHost: {MARK}.localhost\r\nAuthorization: Bearer {MARK}\r\nCookie: a={MARK}\r\nUser-Agent: {MARK}\r\n\
         Tracestate: a={MARK}\r\nX-{MARK}: {MARK}\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
    )
}

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const SPAN: &str = "b7ad6b7169203331";

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

fn unhex(digits: &str) -> Vec<u8> {
    let digit = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
    (0..digits.len()).step_by(2).map(digit).collect()
}

#[test]
fn nothing_that_a_client_wrote_comes_out() {
    let (port, messages) = collector(|stream| stream);
    let url = format!("http://127.0.0.1:{port}");
    let (child, stderr, address) = serve(&["--log-level", "trace", "--otlp-endpoint", &url], &[]);
    let traced = format!("traceparent: 00-{TRACE}-{SPAN}-01\r\n");
    let column = format!(r#"{{"columns":[{{"name":"{MARK}","values":[{NUMBER}]}}]}}"#);
    let broken = format!(r#"{{"input":[{NUMBER},"{MARK}"]}}"#);
    for request in [
        request("POST /v1/summarize", &traced, &column),
        request("POST /predict", &format!("traceparent: {MARK}\r\n"), &broken),
        request(
            &format!("POST /v1/summarize/csv?columns={MARK}"),
            "",
            &format!("{MARK}\n{NUMBER}\nx\n"),
        ),
        request(&format!("GET /{MARK}?token={MARK}"), "", ""),
        request(&format!("{MARK} /predict"), "", ""),
        request("POST /v1/summarize", &format!("Content-Type: {MARK}/x\r\n"), &column),
    ] {
        ask(&address, &request);
    }
    let metrics =
        ask(&address, "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    assert!(metrics.contains("http_server_request_duration_seconds_sum"));
    assert!(!metrics.contains(MARK) && !metrics.contains(NUMBER), "{metrics}");
    let log = stop(child, stderr);
    let lines: Vec<_> =
        log.iter().filter(|line| line["target"] == "exacta_server::access").collect();
    assert_eq!(lines.len(), 7);
    assert_eq!(
        (&lines[0]["trace_id"], &lines[0]["http.route"]),
        (&Value::from(TRACE), &Value::from("/v1/summarize"))
    );
    assert_eq!(lines[3].get("http.route"), None);
    assert_eq!(lines[4]["http.request.method"], "_OTHER");
    assert_eq!(lines[4]["error.type"], "method.not_allowed");
    let messages: Vec<_> = messages.try_iter().collect();
    for (path, message) in &messages {
        assert!(
            !contains(message, MARK.as_bytes()) && !contains(message, NUMBER.as_bytes()),
            "{path}"
        );
    }
    // Traces and logs have the trace of the caller, and the span is under its span.
    let of = |signal: &str| {
        let of_signal = messages.iter().filter(|(path, _)| path == signal);
        of_signal.map(|(_, message)| message.as_slice()).collect::<Vec<_>>().concat()
    };
    assert!(
        contains(&of("/v1/traces"), &unhex(TRACE)) && contains(&of("/v1/traces"), &unhex(SPAN))
    );
    assert!(contains(&of("/v1/logs"), &unhex(TRACE)));
    assert!(contains(&of("/v1/metrics"), b"http.server.request.duration"));
    // Nothing stands with a span that the conventions do not have.
    assert!(!contains(&of("/v1/traces"), b"busy_ns") && !contains(&of("/v1/traces"), b"idle_ns"));
}

/// Requests are answered, and the server ends in time, with a collector that takes connections and nothing else.
#[test]
fn a_collector_that_is_stuck_holds_nobody_up() {
    let stuck = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", stuck.local_addr().unwrap());
    let small = [("OTEL_BSP_MAX_QUEUE_SIZE", "16")];
    let (child, stderr, address) = serve(&["--otlp-endpoint", &url], &small);
    let n_requests = 100;
    for _ in 0..n_requests {
        let answer =
            ask(&address, "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        assert_eq!(answer, r#"{"status":"ok"}"#);
    }
    let dropped = dropped(&address, "traces", "queue_full");
    assert!((1..=n_requests - 16).contains(&dropped), "{dropped}");
    stop(child, stderr);
}

/// A collector that speaks TLS gets all three signals if the system trusts it; if not, what is lost is counted.
#[cfg(feature = "tls")]
#[test]
fn a_collector_may_speak_tls() {
    let (tls, certificate) = for_localhost();
    let open = move |stream| {
        let session = rustls::ServerConnection::new(Arc::clone(&tls)).unwrap();
        rustls::StreamOwned::new(session, stream)
    };
    let (port, messages) = collector(open);
    let url = format!("https://localhost:{port}");
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), certificate).unwrap();
    let soon =
        ["OTEL_BSP_SCHEDULE_DELAY", "OTEL_BLRP_SCHEDULE_DELAY", "OTEL_METRIC_EXPORT_INTERVAL"];
    let soon = soon.map(|name| (name, "10"));
    for is_trusted in [true, false] {
        let trusted = if is_trusted { file.path().to_str().unwrap() } else { "/dev/null" };
        let variables = [&soon[..], &[("SSL_CERT_FILE", trusted), ("SSL_CERT_DIR", "/dev/null")]];
        let (child, stderr, address) = serve(&["--otlp-endpoint", &url], &variables.concat());
        for signal in ["traces", "logs", "metrics"] {
            let path = format!("/v1/{signal}");
            wait_until(|| {
                let is_lost = dropped(&address, signal, "export_failed") > 0;
                let is_sent = messages.try_iter().any(|(to, _)| to == path);
                assert!(!(if is_trusted { is_lost } else { is_sent }), "{signal}");
                is_lost || is_sent
            });
        }
        let log = stop(child, stderr);
        assert!(!log.iter().any(|line| line.to_string().contains("panick")), "{log:?}");
        let _ = messages.try_iter().count();
    }
}

/// What a service on this machine speaks TLS with, and the certificate by which it is known, in PEM.
#[cfg(feature = "tls")]
fn for_localhost() -> (Arc<rustls::ServerConfig>, String) {
    let known = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key =
        rustls::pki_types::PrivateKeyDer::try_from(known.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![known.cert.der().clone()], key)
        .unwrap();
    (Arc::new(config), known.cert.pem())
}

/// How much was dropped of a signal for this reason.
fn dropped(address: &str, signal: &str, reason: &str) -> u64 {
    let metrics =
        ask(address, "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    let name =
        format!("exacta_telemetry_dropped_total{{signal=\"{signal}\",error_type=\"{reason}\"}} ");
    metrics.lines().find_map(|line| line.strip_prefix(&name)).unwrap().parse().unwrap()
}

/// Looks again and again until something is so.
fn wait_until(mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(30), "it does not come about");
        thread::park_timeout(Duration::from_millis(5));
    }
}

#[test]
fn the_command_passes_on_the_trace_of_its_caller() {
    let (child, mut stderr, address) = serve(&[], &[]);
    let endpoint = format!("http://{address}/predict");
    let mut trace_of = |traceparent: Option<&str>| {
        let mut command = exacta(&["predict", "--endpoint", &endpoint, "1"]);
        command.envs(traceparent.map(|value| ("TRACEPARENT", value)));
        assert!(command.output().unwrap().status.success());
        let mut line = String::new();
        stderr.read_line(&mut line).unwrap();
        let line: Value = serde_json::from_str(&line).unwrap();
        line["trace_id"].as_str().unwrap().to_owned()
    };
    assert_eq!(trace_of(Some(&format!("00-{TRACE}-{SPAN}-01"))), TRACE);
    assert_ne!(trace_of(None), trace_of(Some("00-malformed")));
    stop(child, stderr);
}

#[test]
fn the_access_line_names_the_caller_once_it_is_known() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("principals");
    let file = file.to_str().unwrap();
    let token = |name: &str, scope: &str| {
        let made =
            common::run(&["token", "new", "--name", name, "--scope", scope, "--add-to", file], b"");
        format!("Authorization: Bearer {}\r\n", made.stdout.trim())
    };
    let headers = [token("ann", "statistics"), token("bob", "metrics"), String::new()];
    let (child, stderr, address) = serve(&["--auth-principals", file], &[]);
    for header in &headers {
        let body = r#"{"input":[1]}"#;
        let length = body.len();
        let head =
            format!("POST /predict HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{header}");
        ask(&address, &format!("{head}Content-Length: {length}\r\n\r\n{body}"));
    }
    let log = stop(child, stderr);
    let access = log.iter().filter(|line| line["target"] == "exacta_server::access");
    let told: Vec<_> = access
        .map(|line| (line["http.response.status_code"].as_u64(), line["user.id"].as_str()))
        .collect();
    assert_eq!(told, [(Some(200), Some("ann")), (Some(403), Some("bob")), (Some(401), None)]);
}

/// It blamed the file that was sent, and the log said no more than its code.
#[test]
fn the_cause_of_a_failure_is_in_the_log() {
    let (mut child, mut stderr, address) = serve(&[], &[("TMPDIR", "/nowhere/at/all")]);
    let head = "POST /v1/summarize/parquet HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n";
    let problem = ask(&address, &format!("{head}content-length: 4\r\n\r\nPAR1"));
    let problem: Value = serde_json::from_str(&problem).unwrap();
    assert_eq!((&problem["status"], &problem["code"]), (&500.into(), &"input.spool".into()));
    assert!(!problem["detail"].as_str().unwrap().contains("/nowhere"), "{problem}");
    let told = loop {
        let mut line = String::new();
        assert!(stderr.read_line(&mut line).unwrap() > 0, "it has ended");
        let line: Value = serde_json::from_str(&line).unwrap();
        if line["http.response.status_code"] == 500 {
            break line["exception.message"].as_str().unwrap().to_owned();
        }
    };
    assert!(told.contains("/nowhere/at/all") && told.contains("os error 2"), "{told}");
    child.kill().unwrap();
    child.wait().unwrap();
}
