//! What `/metrics` tells of requests, connections and jobs, and what it does not tell.

mod support;

use std::collections::BTreeMap;

use support::{Answer, JobServer, Server, wait_for};

/// The samples of a scrape by name and labels, as they are written.
fn samples(answer: &Answer) -> BTreeMap<String, String> {
    assert_eq!(answer.status, 200);
    let lines = answer.text().lines().filter(|line| !line.starts_with('#'));
    let sample = |line: &str| {
        let (name, value) = line.rsplit_once(' ').unwrap();
        (name.to_owned(), value.to_owned())
    };
    lines.map(sample).collect()
}

const JSON: &str = "application/json";

#[test]
fn requests_are_counted_by_route_method_and_status() {
    let server = Server::start();
    let good = br#"{"input":[1,2]}"#;
    let n_bytes = server.post("/predict", JSON, good).body.len();
    server.post("/predict", JSON, good);
    server.post("/predict", JSON, b"{");
    server.send("BREW /predict HTTP/1.1\r\n", b"");
    server.get("/marked-secret?token=marked-secret");
    let mut peer = server.connect();
    peer.send("GET /healthz HTTP/1.1\r\n\r\n");
    assert_eq!(peer.answer().status, 400);
    let samples = samples(&server.get("/metrics"));
    let count = |labels: &str| {
        let name = format!("http_server_request_duration_seconds_count{{{labels}}}");
        samples.get(&name).unwrap_or_else(|| panic!("{name}: {samples:#?}")).clone()
    };
    let scheme = "url_scheme=\"http\"";
    let predict = "http_route=\"/predict\"";
    for (labels, expected) in [
        (
            format!(
                "http_request_method=\"POST\",{predict},http_response_status_code=\"200\",{scheme}"
            ),
            "2",
        ),
        (
            format!(
                "http_request_method=\"POST\",{predict},http_response_status_code=\"400\",error_type=\"json.syntax\",{scheme}"
            ),
            "1",
        ),
        (
            format!(
                "http_request_method=\"_OTHER\",{predict},http_response_status_code=\"405\",error_type=\"method.not_allowed\",{scheme}"
            ),
            "1",
        ),
        (
            format!(
                "http_request_method=\"GET\",http_response_status_code=\"404\",error_type=\"path.unknown\",{scheme}"
            ),
            "1",
        ),
        (
            format!(
                "http_request_method=\"GET\",http_route=\"/healthz\",http_response_status_code=\"400\",error_type=\"host.invalid\",{scheme}"
            ),
            "1",
        ),
    ] {
        assert_eq!(count(&labels), expected, "{labels}");
    }
    let labels = format!(
        "http_request_method=\"POST\",{predict},http_response_status_code=\"200\",{scheme}"
    );
    let size = |name: &str| {
        samples[&format!("http_server_{name}_body_size_bytes_sum{{{labels}}}")].clone()
    };
    assert_eq!(size("request"), format!("{:?}", 2.0 * good.len() as f64));
    assert_eq!(size("response"), format!("{:?}", 2.0 * n_bytes as f64));
    assert!(!samples.keys().any(|name| name.contains("marked-secret") || name.contains("BREW")));
}

#[test]
fn what_is_under_way_is_told() {
    let server = Server::start();
    let answer = server.get("/metrics");
    assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    let samples = samples(&answer);
    let value = |name: &str| samples[name].as_str();
    assert_eq!(
        value("http_server_active_requests{http_request_method=\"GET\",url_scheme=\"http\"}"),
        "1"
    );
    assert_eq!(value("exacta_connections_open"), "1");
    assert_eq!(value("exacta_connections_accepted_total"), "1");
    assert_eq!(value("exacta_memory_held_bytes"), "0");
    assert_eq!(
        value(concat!("exacta_build_info{version=\"", env!("CARGO_PKG_VERSION"), "\"}")),
        "1"
    );
    #[cfg(target_os = "linux")]
    for name in ["process_resident_memory_bytes", "process_open_fds", "process_start_time_seconds"]
    {
        assert!(value(name).parse::<f64>().unwrap() > 0.0, "{name}");
    }
}

/// A client that leaves before its answer is counted, and what it began is not under way for ever.
#[test]
fn a_client_that_goes_away_is_counted() {
    let server = Server::start();
    let mut peer = server.connect();
    peer.send("POST /predict HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{");
    let active = "http_server_active_requests{http_request_method=\"POST\",url_scheme=\"http\"}";
    wait_for(|| samples(&server.get("/metrics")).contains_key(active));
    drop(peer);
    let gone = |name: &String| {
        name.starts_with("http_server_request_duration_seconds_count{http_request_method=\"POST\"")
    };
    wait_for(|| samples(&server.get("/metrics")).keys().any(gone));
    let samples = samples(&server.get("/metrics"));
    assert!(!samples.contains_key(active));
}

#[test]
fn open_metrics_are_for_those_who_ask() {
    let server = Server::start();
    let ask =
        |accept: &str| server.send(&format!("GET /metrics HTTP/1.1\r\naccept: {accept}\r\n"), b"");
    let text = ask("text/plain;version=0.0.4, application/openmetrics-text;q=0");
    assert_eq!(text.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    assert_eq!(ask("text/plain;version=1.0.0").problem()["code"], "accept.unsatisfiable");
    // As Prometheus does.
    let answer = ask(
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
    );
    let expected = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert_eq!(answer.header("content-type"), Some(expected));
    assert!(answer.text().ends_with("\n# EOF\n"));
    assert!(answer.text().contains("# TYPE exacta_build info\n"));
}

#[test]
fn jobs_are_counted() {
    let jobs = JobServer::start();
    jobs.wait_for_end(&jobs.submit_csv("", "a\n1\n"));
    jobs.wait_for_end(&jobs.submit_csv("", "a,b\n1\n"));
    let samples = samples(&jobs.server.get("/metrics"));
    for (name, expected) in [
        ("exacta_jobs_pending{state=\"queued\"}", "0"),
        ("exacta_jobs_pending{state=\"running\"}", "0"),
        ("exacta_jobs_finished_total{state=\"succeeded\"}", "1"),
        ("exacta_jobs_finished_total{state=\"failed\"}", "1"),
    ] {
        assert_eq!(samples[name], expected, "{name}");
    }
}
