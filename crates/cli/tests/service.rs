//! `exacta serve` over real sockets, `exacta stats --server` against it, and `exacta predict`: the same
//! bits through every door, one problem document for each fault, and an end that loses nothing.

mod common;

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::Stdio;

use common::{Answer, Run, Server, WEATHER, exacta, read_answer, run};
use serde_json::{Value, json};

const SUMMARIZE: &str = "/v1/summarize";
const SUMMARIZE_CSV: &str = "/v1/summarize/csv";

/// Data with what can be odd about it.
const ODD: &str =
    "x,y;z,\"a \"\"b\"\"\",t\n1,inf,9007199254740993,\n-0,nan,NA,x\n1e308,-inf,-5e-324,2\n";

/// What a file is by its name or its bytes must not be lost on the way.
#[test]
fn a_file_that_the_service_cannot_read_is_not_sent() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let server = Server::start();
    let tabs = write("x.tsv", b"a\tb\n1\t2\n");
    let here = run(&["stats", &tabs, "--json"], b"");
    assert_eq!(run(&["stats", &tabs, "--json", "--server", &server.url()], b""), here);
    let others = [
        (write("x.json", b"[[1,2],[3,4]]"), "json"),
        (write("x.npz", b"PK\x03\x04"), "npz"),
        (write("x.json.gz", b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x8b\x36\xd4\x31\x8a\x05\0"), "json"),
    ];
    for (path, what) in &others {
        let there = run(&["stats", path, "--server", &server.url()], b"");
        assert_eq!(there.code, Some(2), "{path}");
        assert!(there.stderr.contains(&format!("this is {what}")), "{}", there.stderr);
    }
    let raw = run(&["stats", &tabs, "--from", "f32", "--server", &server.url()], b"");
    assert_eq!(raw.code, Some(2));
    assert!(raw.stderr.contains("this is f32, and a service takes CSV, TSV,"), "{}", raw.stderr);
    let records = write("x.ndjson", b"{\"a\":1}\n");
    for more in [&[][..], &["--server", &server.url()]] {
        let named = run(&[&["stats", &records, "--names", "x"], more].concat(), b"");
        assert_eq!(named.code, Some(2), "{}", named.stderr);
        assert!(named.stderr.contains("have names of their own"), "{}", named.stderr);
    }
}

#[test]
fn the_service_gives_what_the_shell_gives() {
    let folder = tempfile::tempdir().unwrap();
    let odd = folder.path().join("odd.csv");
    fs::write(&odd, ODD).unwrap();
    let numbers = folder.path().join("numbers");
    fs::write(&numbers, "1,2\n3,4\n").unwrap();
    let server = Server::start();
    let all = "count,sum,mean,min,max,range,sum_squares,rms,variance,stddev,variance_pop,stddev_pop,sem,cv,median";
    let flags: &[&[&str]] = &[
        &[],
        &["-s", all],
        &["-s", all, "-q", "0,1/3,0.5,0.99,1", "--quantile-method", "median_unbiased"],
        &["-q", "0.1,1e-1,1/10"],
        &["-s", "sum", "--bits"],
        &["-s", "count"],
        &["--null", "NA,x", "--nonfinite", "skip"],
        &["--invalid", "count", "--bits"],
        &["--nonfinite", "reject"],
        &["-d", ";"],
        &["-d", "tab"],
        &["-n"],
        &["-c", "x"],
        &["-c", "t,x"],
        &["-c", "wind,temp_max"],
        &["-c", "nope"],
        &["-c", "1"],
        &["-d", "\u{1}"],
        &["-d", "\""],
        &["-q", "18446744073709551614/18446744073709551615"],
    ];
    for path in [WEATHER, odd.to_str().unwrap(), numbers.to_str().unwrap()] {
        for flags in flags {
            for form in [&["--json"][..], &[]] {
                let here = run(&[&["stats", path], *flags, form].concat(), b"");
                let there =
                    run(&[&["stats", path, "--server", &server.url()], *flags, form].concat(), b"");
                assert_eq!(there, here, "{path} {flags:?} {form:?}");
            }
        }
        let data = fs::read(path).unwrap();
        let there = run(&["stats", "--json", "--server", &server.url()], &data);
        assert_eq!(there.stdout, run(&["stats", "--json"], &data).stdout);
    }
    server.stop();
}

/// What the shell prints is what the service writes, byte for byte.
#[test]
fn json_is_the_body_of_the_service() {
    let server = Server::start();
    for (query, flags) in [
        ("quantiles=0.25,0.5,0.75", &[][..]),
        (
            "statistics=cv,sem,sum,stddev&bits=true&quantiles=1/3,.5",
            &["-s", "cv,sem,sum,stddev", "--bits", "-q", "1/3,.5"],
        ),
        (
            "statistics=count&bits=true&invalid=count",
            &["-s", "count", "--bits", "--invalid", "count"],
        ),
    ] {
        let answer = server.post(&format!("{SUMMARIZE_CSV}?{query}"), ODD);
        assert_eq!(answer.status, 200, "{}", answer.body);
        let shell = run(&[&["stats", "--json"], flags].concat(), ODD.as_bytes());
        assert_eq!(shell.stdout, answer.body + "\n");
    }
    server.stop();
}

#[test]
fn predict_from_the_shell() {
    let server = Server::start();
    let endpoint = format!("{}/predict", server.url());
    let predict = |numbers: &[&str], stdin: &[u8]| {
        run(&[&["predict", "--endpoint", &endpoint], numbers].concat(), stdin)
    };
    let answer =
        |line: &str| Run { code: Some(0), stdout: format!("{line}\n"), stderr: String::new() };
    let expected = answer(r#"{"sum":6,"count":3,"average":2,"min":1,"max":3}"#);
    assert_eq!(predict(&["1", "2", "3"], b""), expected);
    assert_eq!(predict(&[], b"1 2\n3\n"), expected);
    let expected =
        answer(r#"{"sum":-0.5,"count":3,"average":-0.16666666666666666,"min":-3.5,"max":2}"#);
    assert_eq!(predict(&["1", "-3.5", "2e0"], b""), expected);
    let failure = |code: i32, line: &str| Run {
        code: Some(code),
        stdout: String::new(),
        stderr: format!("exacta: {line}\n"),
    };
    assert_eq!(predict(&[], b""), failure(3, "input must include at least one value"));
    let expected = "<stdin>:2:3: `x` is not a finite number; give numbers with blanks between them";
    assert_eq!(predict(&[], b"1\n2 x\n"), failure(3, expected));
    assert_eq!(predict(&["1", "nan"], b"").code, Some(2));
    assert_eq!(predict(&["1e308", "1e308"], b"").code, Some(3));
    server.stop();
    assert_eq!(predict(&["1"], b"").code, Some(1));
    let server = Server::start_with(&["--body-max", "20"]);
    let endpoint = format!("{}/predict", server.url());
    let refused = run(&["predict", "--endpoint", &endpoint, "1", "2", "3", "4", "5"], b"");
    assert!(refused.stderr.contains("larger than 20 bytes"), "{}", refused.stderr);
    assert_eq!(refused.code, Some(1));
    server.stop();
}

#[test]
fn predict_refuses_in_its_own_form() {
    let server = Server::start();
    let huge = format!(r#"{{"input":[{}]}}"#, "9".repeat(400));
    let nested = format!(r#"{{"input":{}"#, "[".repeat(100_000));
    let cases: &[&str] = &[
        r#"{"input":[1],"output":2}"#,
        r#"{"input":[1],"input":[2]}"#,
        "{}",
        "",
        r#"{"input":[1]} {}"#,
        r#"{"input":[1]}x"#,
        r#"{"input":1}"#,
        r#"{"input":["1"]}"#,
        r#"{"input":[true]}"#,
        "[[1]]",
        "[1]",
        "null",
        r#"{"input":null}"#,
        r#"{"input":[null]}"#,
        r#"{"input":[NaN]}"#,
        r#"{"input":[1e308,1e308]}"#,
        r#"{"input":[1e309]}"#,
        &huge,
        &nested,
    ];
    for body in cases {
        let shown: String = body.chars().take(80).collect();
        check_predict_error(&server.post("/predict", body), 400, &shown);
    }
    let empty = server.post("/predict", r#"{"input":[]}"#);
    assert_eq!(
        (empty.status, empty.body.as_str()),
        (400, r#"{"error":"input must include at least one value"}"#)
    );
    server.stop();
}

/// One member, one line.
fn check_predict_error(answer: &Answer, status: u16, context: &str) {
    assert_eq!(answer.status, status, "{context}: {}", answer.body);
    assert_eq!(answer.header("content-type"), Some("application/json"), "{context}");
    let body = answer.json();
    let error = body["error"].as_str().unwrap();
    assert!(!error.is_empty() && error.len() < 300 && !error.contains('\n'), "{context}: {error}");
    assert_eq!(body, json!({ "error": error }), "{context}");
}

#[test]
fn predict_over_http() {
    let server = Server::start_with(&["--body-max", "1000"]);
    for content_type in [
        "",
        "Content-Type: text/plain\r\n",
        "Content-Type: application/json\r\n",
        "Content-Type: x\r\n",
    ] {
        let answer = server.send("POST", "/predict", content_type, br#"{"input":[1,2,3]}"#);
        assert_eq!(answer.body, r#"{"sum":6,"count":3,"average":2,"min":1,"max":3}"#);
        assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
    }
    for method in ["GET", "PUT", "DELETE", "PATCH"] {
        let answer = server.send(method, "/predict", "", b"");
        check_predict_error(&answer, 405, method);
        assert_eq!(answer.header("allow"), Some("POST"), "{method}");
    }
    let large = format!(r#"{{"input":[{}1]}}"#, "1,".repeat(1000));
    check_predict_error(&server.post("/predict", large), 413, "413");
    server.stop();
}

fn check_problem(answer: &Answer, status: u16, code: &str, context: &str) {
    assert_eq!(answer.status, status, "{context}: {}", answer.body);
    assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{context}");
    let problem = answer.json();
    assert_eq!(problem["type"], "about:blank", "{context}");
    assert_eq!(problem["status"], status, "{context}");
    assert_eq!(problem["code"], code, "{context}: {problem}");
    for member in ["title", "detail"] {
        assert!(!problem[member].as_str().unwrap().is_empty(), "{context}: {member}");
    }
}

#[test]
fn every_fault_is_one_problem_document() {
    let server = Server::start_with(&["--body-max", "1000000"]);
    check_problem(&server.get("/nope"), 404, "path.unknown", "404");
    let not_allowed = server.get(SUMMARIZE);
    check_problem(&not_allowed, 405, "method.not_allowed", "405");
    assert_eq!(not_allowed.header("allow"), Some("POST"));
    let large = vec![b'1'; 2_000_000];
    check_problem(&server.post(SUMMARIZE, &large), 413, "body.too_large", "413");
    check_problem(&server.post(SUMMARIZE_CSV, &large), 413, "body.too_large", "413");
    let summarize = |body: &str, status: u16, code: &str| {
        let shown: String = body.chars().take(80).collect();
        check_problem(&server.post(SUMMARIZE, body), status, code, &shown);
    };
    summarize("{", 400, "json.syntax");
    summarize("[]", 400, "json.shape");
    summarize(&"[".repeat(100_000), 400, "json.shape");
    summarize(&format!(r#"{{"columns":{}"#, "[".repeat(100_000)), 400, "json.shape");
    summarize(r#"{"columns":[{"name":"x","values":[1e999]}]}"#, 422, "number.out_of_range");
    let twice = r#"{"columns":[{"name":"x","values":[]},{"name":"x","values":[]}]}"#;
    summarize(twice, 422, "column.duplicate");
    let csv = |query: &str, body: &str, status: u16, code: &str| {
        check_problem(&server.post(&format!("{SUMMARIZE_CSV}{query}"), body), status, code, query);
    };
    csv("", "a,b\n1\n", 400, "csv.ragged");
    csv("", "", 400, "input.empty");
    csv("?columns=t", "t\nx\n", 422, "column.text");
    csv("?columns=u", "t\n1\n", 422, "column.unknown");
    csv("?nonfinite=reject", "t\ninf\n", 422, "value.nonfinite");
    csv("?statistics=foo", "t\n1\n", 400, "statistic.unknown");
    csv("?foo=1", "t\n1\n", 400, "query.unknown");
    server.stop();
}

#[test]
fn null_is_no_member() {
    let server = Server::start();
    let whole = json!({
        "columns": [{ "name": "x", "values": [1.0, 2.0] }],
        "plan": {
            "statistics": ["sum"], "quantiles": [0.5], "quantile_method": "linear",
            "nonfinite": "propagate", "bits": true
        }
    });
    assert_eq!(server.post(SUMMARIZE, whole.to_string()).status, 200);
    let pointers = [
        "",
        "/columns",
        "/columns/0",
        "/columns/0/name",
        "/columns/0/values",
        "/columns/0/values/1",
        "/plan",
        "/plan/statistics",
        "/plan/statistics/0",
        "/plan/quantiles",
        "/plan/quantiles/0",
        "/plan/quantile_method",
        "/plan/nonfinite",
        "/plan/bits",
    ];
    for pointer in pointers {
        let mut request = whole.clone();
        *request.pointer_mut(pointer).unwrap() = Value::Null;
        let answer = server.post(SUMMARIZE, request.to_string());
        check_problem(&answer, 400, "json.shape", pointer);
        assert_eq!(answer.json()["pointer"], pointer);
    }
    server.stop();
}

/// The answer to a body that is too large arrives, though the client has most of it still to send.
#[test]
fn a_body_of_100_mib_is_refused_in_so_many_words() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.csv");
    File::create(&path).unwrap().set_len(100 << 20).unwrap();
    let path = path.to_str().unwrap();
    let server = Server::start_with(&["--body-max", "1MiB"]);
    let expected =
        "the body is larger than 1048576 bytes, the most that is taken: send less at a time\n";
    let sent = run(&["stats", "--server", &server.url(), path], b"");
    assert_eq!(sent.stderr, format!("exacta: {path}: {expected}"));
    assert_eq!((sent.code, sent.stdout.as_str()), (Some(1), ""));
    // From a pipe its length is not known beforehand, and it is scanned until then.
    fs::write(path, "1\n".repeat(4 << 20)).unwrap();
    let stdin = File::open(path).unwrap();
    let mut cat =
        std::process::Command::new("cat").stdin(stdin).stdout(Stdio::piped()).spawn().unwrap();
    let mut piped = exacta(&["stats", "--server", &server.url()]);
    let piped = Run::from(piped.stdin(cat.stdout.take().unwrap()).output().unwrap());
    assert_eq!(piped.stderr, format!("exacta: <stdin>: {expected}"));
    assert_eq!((piped.code, piped.stdout.as_str()), (Some(1), ""));
    cat.wait().unwrap();
    server.stop();
}

/// Waits until the server takes no more connections, which is when it has heard that it is to stop.
fn wait_until_closed(server: &Server) {
    while TcpStream::connect(&server.address).is_ok() {
        std::thread::yield_now();
    }
}

#[test]
fn a_request_whose_header_was_read_is_answered_at_the_end() {
    for signal in ["TERM", "INT"] {
        let server = Server::start();
        let mut stream = server.connect();
        let body = r#"{"input":[1,2,3]}"#;
        let length = body.len();
        let head = format!(
            "POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\nExpect: 100-continue\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        // That the client may go on shows that the header was read.
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let mut lines = String::new();
        while !lines.ends_with("\r\n\r\n") {
            reader.read_line(&mut lines).unwrap();
        }
        assert_eq!(lines, "HTTP/1.1 100 Continue\r\n\r\n");
        server.signal(signal);
        wait_until_closed(&server);
        stream.write_all(body.as_bytes()).unwrap();
        let answer = read_answer(stream);
        assert_eq!(answer.body, r#"{"sum":6,"count":3,"average":2,"min":1,"max":3}"#);
        assert_eq!((answer.status, answer.header("connection")), (200, Some("close")));
        assert_eq!(server.wait().code(), Some(0), "{signal}");
    }
}

/// Reads one answer, after which there may be others.
fn next_answer(stream: &mut impl BufRead) -> Answer {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert!(stream.read_line(&mut head).unwrap() > 0, "closed within {head:?}");
    }
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let mut answer = Answer { status, head, body: String::new() };
    let length = answer.header("content-length").unwrap().parse().unwrap();
    stream.take(length).read_to_string(&mut answer.body).unwrap();
    answer
}

/// Each asks on a connection that stays open until an answer says that it will not.
#[test]
fn clients_that_leave_when_they_are_told_to_lose_nothing() {
    let server = Server::start_with(&["--drain-delay", "1s"]);
    let (asked, asking) = std::sync::mpsc::channel();
    let ask_until_told = || {
        let asked = asked.clone();
        let mut stream = BufReader::new(server.connect());
        loop {
            let body = r#"{"input":[1,2,3]}"#;
            let length = body.len();
            let head = format!(
                "POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n"
            );
            stream.get_mut().write_all((head + body).as_bytes()).unwrap();
            let answer = next_answer(&mut stream);
            assert_eq!(answer.status, 200, "{}", answer.body);
            asked.send(()).unwrap();
            if answer.header("connection") == Some("close") {
                return;
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(ask_until_told);
        }
        asking.iter().take(100).for_each(drop);
        server.signal("TERM");
    });
    assert_eq!(server.wait().code(), Some(0));
}

#[test]
fn clients_that_have_asked_nothing_do_not_keep_it_from_ending() {
    let server = Server::start();
    let starts: [&[u8]; 3] = [b"", b"P", b"PRI * HTTP/2.0\r\n\r\nSM"];
    let streams: Vec<_> = starts
        .iter()
        .map(|start| {
            let mut stream = server.connect();
            stream.write_all(start).unwrap();
            stream
        })
        .collect();
    // Connections are taken in their order: once this is answered, those before it are open too.
    assert_eq!(server.get("/healthz").body, r#"{"status":"ok"}"#);
    server.stop();
    drop(streams);
}

#[test]
fn the_address_is_checked_and_told() {
    let server = Server::start();
    let taken = run(&["serve", "--listen", &server.address], b"");
    assert_eq!(taken.code, Some(1));
    let expected = format!("exacta: cannot listen on {}: ", server.address);
    assert!(taken.stderr.starts_with(&expected), "{}", taken.stderr);
    let by_environment =
        exacta(&["serve"]).env("EXACTA_SERVE_LISTEN", &server.address).output().unwrap();
    assert_eq!(Run::from(by_environment), taken);
    let wrong = exacta(&["serve"]).env("EXACTA_SERVE_BODY_MAX", "many").output().unwrap();
    assert_eq!(wrong.status.code(), Some(2));
    server.stop();
}

/// How much a request may add to what an idle service has in memory.
#[cfg(target_os = "linux")]
const ADDED_BYTES_MAX: u64 = 16 << 20;

/// `EXACTA_JSON_BYTES` says how long the request is: a gigabyte at night.
#[cfg(target_os = "linux")]
#[test]
fn a_long_json_request_with_its_plan_in_front_takes_little_memory() {
    let bytes: u64 = std::env::var("EXACTA_JSON_BYTES").map_or(64 << 20, |it| it.parse().unwrap());
    let server = Server::start_with(&["--body-max", "4GiB"]);
    assert_eq!(server.get("/healthz").status, 200);
    let idle_bytes = server.peak_bytes();
    let numbers: Vec<_> =
        (0..10_000).map(|index| format!("{:?}, ", f64::from(index) / 7.0)).collect();
    let numbers = numbers.concat();
    let n_times = bytes / numbers.len() as u64;
    for (path, start) in
        [(SUMMARIZE, r#"{"plan":{"statistics":["sum","kurtosis"]},"#), ("/predict", "{")]
    {
        let (array, end) = if path == SUMMARIZE {
            (r#""columns":[{"name":"x","values":["#, "0]}]}")
        } else {
            (r#""input":["#, "0]}")
        };
        let length =
            (start.len() + array.len() + end.len()) as u64 + n_times * numbers.len() as u64;
        let mut stream = server.connect();
        write!(stream, "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{start}{array}").unwrap();
        (0..n_times).for_each(|_| stream.write_all(numbers.as_bytes()).unwrap());
        stream.write_all(end.as_bytes()).unwrap();
        let answer = read_answer(stream);
        assert_eq!(answer.status, 200, "{path}");
        let added_bytes = server.peak_bytes() - idle_bytes;
        assert!(added_bytes < ADDED_BYTES_MAX, "{path}: {added_bytes} bytes");
    }
}

#[test]
fn a_service_that_knows_its_callers_is_asked_with_a_token() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (principals, token) = (path("principals"), path("token"));
    let new = ["token", "new", "--name", "ann", "--add-to", &principals];
    fs::write(&token, run(&new, b"").stdout).unwrap();
    let data = path("data");
    let server = Server::start_with(&["--auth-principals", &principals, "--data", &data]);
    let (url, endpoint) = (server.url(), format!("{}/predict", server.url()));

    let here = run(&["stats", WEATHER, "--json"], b"");
    let there = ["stats", WEATHER, "--json", "--server", &url];
    assert_eq!(run(&[&there[..], &["--token-file", &token]].concat(), b""), here);
    let mut command = exacta(&there);
    assert_eq!(common::feed(command.env("EXACTA_TOKEN_FILE", &token), b""), here);
    let config = path("config.toml");
    fs::write(&config, format!("token_file = {token:?}\n")).unwrap();
    assert_eq!(run(&[&there[..], &["--config", &config]].concat(), b""), here);
    let predict = ["predict", "--endpoint", &endpoint, "1"];
    assert_eq!(run(&[&predict[..], &["--token-file", &token]].concat(), b"").code, Some(0));

    let wrong = path("wrong");
    fs::write(&wrong, "ann.0000").unwrap();
    let with = |arguments: &[&str], token: &str| {
        let refused = run(&[arguments, &["--token-file", token]].concat(), b"");
        (refused.code, refused.stderr.lines().count(), refused.stderr)
    };
    let list = ["jobs", "list", "--server", &url];
    let far = ["stats", WEATHER, "--server", "http://192.0.2.1"];
    for ((code, n_lines, told), expected) in [
        (with(&there, &wrong), "name a file with another: --token-file FILE"),
        (with(&predict, &wrong), "name a file with another: --token-file FILE"),
        (with(&list, &token), "the caller lacks the scope jobs:read"),
        (with(&list, &path("none")), "cannot be read"),
        (with(&far, &token), "or --token-in-clear if that is meant"),
    ] {
        assert_eq!((code, n_lines), (Some(2), 1), "{told}");
        assert!(told.contains(expected) && !told.contains("0000"), "{told}");
    }
    for arguments in [&there[..], &predict, &list] {
        let refused = run(arguments, b"");
        assert_eq!((refused.code, refused.stderr.lines().count()), (Some(2), 1));
        assert!(refused.stderr.contains("name a file with one: --token-file FILE"));
    }
}
