//! The client against a service that plays a script on a real socket: what is sent to
//! the byte, and what becomes of every kind of answer. The real service is not here.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use exacta_client::{
    Body, Client, ColumnInput, Error, Options, PredictRequest, QuantileMethodName, ReasonName,
    SummarizeCsvParams, SummarizeParams, SummarizeRequest, Token, Trace,
};

/// A connection as the service sees it.
struct Peer(BufReader<TcpStream>);

impl Peer {
    /// The head of a request, its lines as they came; empty at the end of the stream.
    fn head(&mut self) -> String {
        let mut head = String::new();
        while self.0.read_line(&mut head).unwrap() > 2 {}
        head
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        self.0.read_exact(&mut bytes).unwrap();
        bytes
    }

    fn say(&mut self, text: &str) {
        self.0.get_mut().write_all(text.as_bytes()).unwrap();
    }

    fn answer(&mut self, status: &str, media_type: &str, body: &str) {
        let length = body.len();
        self.say(&format!(
            "HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\nContent-Length: {length}\r\n\r\n{body}"
        ));
    }
}

/// A client of a service that plays the script on the one connection it takes.
fn client_of<T: Send + 'static>(
    script: impl FnOnce(&mut Peer) -> T + Send + 'static,
) -> (Client, JoinHandle<T>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let service = thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        script(&mut Peer(BufReader::new(stream)))
    });
    let options = Options {
        idle_timeout: Duration::from_secs(20),
        response_bytes_max: 1 << 20,
        ..Options::default()
    };
    (Client::with_options(&url, options).unwrap(), service)
}

/// What `get_health` makes of an answer.
fn health_of(status: &'static str, media_type: &'static str, body: &'static str) -> Error {
    let (client, service) = client_of(move |peer| {
        peer.head();
        peer.answer(status, media_type, body);
    });
    let error = client.get_health().unwrap_err();
    service.join().unwrap();
    error
}

const PROBLEM: &str = "application/problem+json";
const TOO_LARGE: &str = r#"{"type":"about:blank","title":"Content Too Large","status":413,"code":"body.too_large","detail":"the body is too large","extra":[1]}"#;
const SUMMARY: &str = r#"{"columns":[{"name":"x","count":2,"sum":0.30000000000000004,"min":-0.0,"max":5e-324,"hue":"blue","type":"image","undefined":{"cv":"stars"}}]}"#;

#[test]
fn a_token_is_sent_as_it_stands_in_its_file_at_that_time() {
    let file = std::env::temp_dir().join(format!("exacta-token-{}", std::process::id()));
    std::fs::write(&file, "ann.first\n").unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let options = Options { token: Some(Token::from_file(&file)), ..Options::default() };
    assert!(!format!("{options:?}").contains("first"));
    let client = Client::with_options(&url, options).unwrap();
    let service = thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut peer = Peer(BufReader::new(stream));
        [(); 2].map(|()| {
            let head = peer.head();
            peer.answer("200 OK", "application/json", r#"{"status":"ok"}"#);
            head
        })
    });
    client.get_health().unwrap();
    std::fs::write(&file, "ann.second").unwrap();
    client.get_health().unwrap();
    for (head, token) in service.join().unwrap().iter().zip(["ann.first", "ann.second"]) {
        let expected = format!("authorization: Bearer {token}\r\n");
        assert!(head.to_lowercase().contains(&expected.to_lowercase()), "{head}");
    }
    for text in ["", "a b", "a\nb", "\u{e4}"] {
        std::fs::write(&file, text).unwrap();
        let error = client.get_health().unwrap_err();
        assert_eq!((error.code(), error.to_string().lines().count()), ("client.token", 1));
        assert!(text.is_empty() || !error.to_string().contains(text));
    }
    std::fs::write(&file, "a".repeat((16 << 10) + 1)).unwrap();
    assert!(client.get_health().unwrap_err().to_string().contains("longer than 16 KiB"));
    std::fs::remove_file(&file).unwrap();
    assert!(client.get_health().unwrap_err().to_string().contains("cannot be read"));
}

#[test]
fn a_token_does_not_travel_in_clear_unless_that_is_meant() {
    let token = Some(Token::new("ann.secret"));
    let url = "http://example.org";
    let error = Client::with_options(url, Options { token: token.clone(), ..Options::default() });
    let error = error.unwrap_err();
    assert_eq!(error.code(), "client.token_in_clear");
    assert!(!error.to_string().contains("secret"));
    let meant = Options { token: token.clone(), token_in_clear: true, ..Options::default() };
    assert!(Client::with_options(url, meant).is_ok());
    let client = Client::with_options("http://localhost", Options { token, ..Options::default() });
    assert!(!format!("{:?}", client.unwrap()).contains("secret"));
}

#[test]
fn a_request_without_a_body() {
    let (client, service) = client_of(|peer| {
        let head = peer.head();
        peer.answer("200 OK", "application/json", r#"{"status":"ok"}"#);
        head
    });
    assert_eq!(client.get_health().unwrap().status.as_str(), "ok");
    let head = service.join().unwrap().to_lowercase();
    assert!(head.starts_with("get /healthz http/1.1\r\n"), "{head}");
    let agent = format!("user-agent: exacta-client/{}\r\n", env!("CARGO_PKG_VERSION"));
    assert!(head.contains(&agent), "{head}");
    assert!(!head.contains("content-length") && !head.contains("expect"), "{head}");
}

/// The header that names the trace of a request.
fn traceparent(head: &str) -> String {
    let lines = head.lines().filter_map(|line| line.split_once(": "));
    let mut values = lines.filter(|(name, _)| name.eq_ignore_ascii_case("traceparent"));
    let (_, value) = values.next().unwrap();
    assert_eq!(values.next(), None);
    value.to_owned()
}

#[test]
fn a_request_belongs_to_a_trace() {
    let client = |trace: Option<Trace>| {
        let (client, service) = client_of(|peer| {
            [(); 2].map(|()| {
                let head = peer.head();
                peer.answer("200 OK", "application/json", r#"{"status":"ok"}"#);
                traceparent(&head)
            })
        });
        let client = client.with_trace(trace);
        client.get_health().unwrap();
        client.get_health().unwrap();
        service.join().unwrap()
    };
    let [first, second] = client(None);
    assert_ne!(first[3..35], second[3..35]);
    assert!([first, second].iter().all(|text| text.parse::<Trace>().is_ok()));
    let given = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
    assert_eq!(client(Some(given.parse().unwrap())), [given, given]);
}

#[test]
fn json_travels_to_the_bit_and_unknown_members_are_tolerated() {
    let expected =
        r#"{"columns":[{"name":"x","values":[0.1,-0.0,1.7976931348623157e+308,5e-324]}]}"#;
    let (client, service) = client_of(|peer| {
        let head = peer.head();
        let body = String::from_utf8(peer.bytes(expected.len())).unwrap();
        peer.answer("200 OK", "application/json", SUMMARY);
        (head.to_lowercase(), body)
    });
    let values = vec![0.1, -0.0, f64::MAX, 5e-324];
    let columns = vec![ColumnInput { name: "x".to_owned(), values }];
    let answer = client
        .summarize(&SummarizeRequest { columns, plan: None }, &SummarizeParams::default())
        .unwrap();
    let column = &answer.columns[0];
    let bits = [column.sum, column.min, column.max].map(|value| value.unwrap().to_bits());
    assert_eq!(bits, [0x3fd3_3333_3333_3334, 0x8000_0000_0000_0000, 1]);
    assert_eq!(column.r#type.as_ref().unwrap().as_str(), "image");
    assert_eq!(column.undefined.as_ref().unwrap()["cv"].as_str(), "stars");
    let (head, body) = service.join().unwrap();
    assert_eq!(body, expected);
    assert!(head.contains("content-type: application/json\r\n"), "{head}");
    assert!(head.contains(&format!("content-length: {}\r\n", expected.len())), "{head}");
}

#[test]
fn a_query_is_percent_encoded_and_lists_have_commas() {
    let (client, service) = client_of(|peer| {
        let head = peer.head();
        peer.bytes(3);
        peer.answer("200 OK", "application/json", SUMMARY);
        head
    });
    let params = SummarizeCsvParams {
        columns: Some(vec!["a b".to_owned(), "ü&=%".to_owned()]),
        bits: Some(true),
        delimiter: Some(",".to_owned()),
        ..SummarizeCsvParams::default()
    };
    client.summarize_csv(&b"1\n2"[..], &params).unwrap();
    let head = service.join().unwrap();
    let line = head.lines().next().unwrap();
    assert_eq!(
        line,
        "POST /v1/summarize/csv?bits=true&columns=a%20b,%C3%BC%26%3D%25&delimiter=%2C HTTP/1.1"
    );
    let head = head.to_lowercase();
    assert!(head.contains("content-type: application/octet-stream\r\n"), "{head}");
    assert!(head.contains("content-length: 3\r\n") && !head.contains("expect"), "{head}");
}

#[test]
fn a_list_item_with_a_comma_is_not_sent_as_two() {
    let client = Client::new("http://127.0.0.1:1").unwrap();
    let params = SummarizeCsvParams {
        columns: Some(vec!["a".to_owned(), "b,\nc".to_owned()]),
        ..SummarizeCsvParams::default()
    };
    let error = client.summarize_csv(&b"1"[..], &params).unwrap_err();
    assert_eq!(error.code(), "client.list_item");
    let expected = "`b, c` cannot stand in `columns`: a comma separates items there";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn a_large_body_waits_for_the_service() {
    const LENGTH: usize = (1 << 20) + 1;
    let (client, service) = client_of(|peer| {
        let head = peer.head();
        peer.say(CONTINUE);
        let bytes = peer.bytes(LENGTH);
        peer.answer("200 OK", "application/json", SUMMARY);
        (head.to_lowercase(), bytes)
    });
    client.summarize_csv(vec![b'7'; LENGTH], &SummarizeCsvParams::default()).unwrap();
    let (head, bytes) = service.join().unwrap();
    assert!(head.contains("expect: 100-continue\r\n"), "{head}");
    assert!(bytes.iter().all(|byte| *byte == b'7'));
}

#[test]
fn a_body_of_unknown_length_is_chunked() {
    let (client, service) = client_of(|peer| {
        let head = peer.head();
        peer.say(CONTINUE);
        let chunks = String::from_utf8(peer.bytes("3\r\n1\n2\r\n0\r\n\r\n".len())).unwrap();
        peer.answer("200 OK", "application/json", SUMMARY);
        (head.to_lowercase(), chunks)
    });
    client.summarize_csv(Body::new(&b"1\n2"[..]), &SummarizeCsvParams::default()).unwrap();
    let (head, chunks) = service.join().unwrap();
    assert!(head.contains("transfer-encoding: chunked\r\n"), "{head}");
    assert!(head.contains("expect: 100-continue\r\n"), "{head}");
    assert_eq!(chunks, "3\r\n1\n2\r\n0\r\n\r\n");
}

/// A source that must not be asked.
struct Untouched;

impl Read for Untouched {
    fn read(&mut self, _buffer: &mut [u8]) -> io::Result<usize> {
        panic!("a refused body is not read");
    }
}

#[track_caller]
fn check_too_large(error: &Error) {
    assert_eq!(error.code(), "body.too_large", "{error:?}");
    assert_eq!(error.to_string(), "the body is too large");
}

#[test]
fn a_body_refused_by_its_length_is_not_sent() {
    let (client, service) = client_of(|peer| {
        peer.head();
        peer.answer("413 Content Too Large", PROBLEM, TOO_LARGE);
    });
    let body = Body::with_length(Untouched, 100 << 20);
    let error = client.summarize_csv(body, &SummarizeCsvParams::default()).unwrap_err();
    check_too_large(&error);
    service.join().unwrap();
}

/// The service answers after the first bytes and closes, so that the client's writes
/// fail: it must report the answer, not the broken pipe.
fn check_refused_on_the_way(body: Body) {
    let (client, service) = client_of(|peer| {
        peer.head();
        peer.say(CONTINUE);
        peer.bytes(1 << 16);
        peer.answer("413 Content Too Large", PROBLEM, TOO_LARGE);
    });
    let error = client.summarize_csv(body, &SummarizeCsvParams::default()).unwrap_err();
    check_too_large(&error);
    service.join().unwrap();
}

#[test]
fn a_body_refused_on_the_way_is_reported_as_the_problem() {
    check_refused_on_the_way(Body::with_length(io::repeat(b'1'), 1 << 36));
}

#[test]
fn an_endless_body_refused_on_the_way_is_not_read_on() {
    check_refused_on_the_way(Body::new(io::repeat(b'1')));
}

#[test]
fn a_small_body_refused_unread_is_reported_as_the_problem() {
    let (client, service) = client_of(|peer| {
        peer.head();
        peer.answer("413 Content Too Large", PROBLEM, TOO_LARGE);
        peer.0.get_mut().shutdown(Shutdown::Both).unwrap();
    });
    let error = client.summarize_csv(vec![b'1'; 1 << 20], &SummarizeCsvParams::default());
    check_too_large(&error.unwrap_err());
    service.join().unwrap();
}

/// What becomes of an endless body when the service says this, reads the start of the
/// body if it asked for it, and closes.
fn error_of_endless(says_first: &'static str, says_last: &'static str) -> Error {
    let (client, service) = client_of(move |peer| {
        peer.head();
        peer.say(says_first);
        if says_first.contains("100 Continue") {
            peer.bytes(1 << 16);
        }
        peer.say(says_last);
    });
    let body = Body::new(io::repeat(b'1'));
    let error = client.summarize_csv(body, &SummarizeCsvParams::default()).unwrap_err();
    service.join().unwrap();
    error
}

const CONTINUE: &str = "HTTP/1.1 100 Continue\r\n\r\n";

#[test]
fn a_connection_that_breaks_without_an_answer_is_a_transport_error() {
    let error = error_of_endless(CONTINUE, "");
    assert_eq!(error.code(), "client.transport", "{error:?}");
    let text = error.to_string();
    assert!(text.starts_with("no answer from http://127.0.0.1:"), "{text}");
    assert!(text.contains("Broken pipe") || text.contains("Connection reset"), "{text}");
}

#[test]
fn a_success_for_a_part_of_the_data_is_no_success() {
    let success = "HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n{\"columns\":[]}";
    for (says_first, says_last) in [(CONTINUE, success), (success, "")] {
        let error = error_of_endless(says_first, says_last);
        assert_eq!(error.code(), "client.early", "{error:?}");
    }
}

#[test]
fn a_source_that_fails_is_told_apart_from_the_network() {
    let (client, service) = client_of(|peer| {
        peer.head();
        peer.say(CONTINUE);
        io::copy(&mut peer.0, &mut io::sink()).ok();
    });
    let body = Body::with_length(&b"12"[..], 1 << 21);
    let error = client.summarize_csv(body, &SummarizeCsvParams::default()).unwrap_err();
    assert_eq!(error.code(), "client.body");
    let expected = "the body of the request could not be read: \
                    the body ended 2097150 bytes before its stated length";
    assert_eq!(error.to_string(), expected);
    service.join().unwrap();
}

#[test]
fn problems_carry_their_place() {
    let error = health_of(
        "422 Unprocessable Content",
        PROBLEM,
        r#"{"type":"about:blank","title":"t","status":422,"code":"csv.ragged","detail":"two\nlines","line":3,"column":9007199254740991}"#,
    );
    let Error::Problem(problem) = &error else { panic!("{error:?}") };
    assert_eq!((problem.line, problem.column), (Some(3), Some(9_007_199_254_740_991)));
    assert_eq!(error.to_string(), "two lines");
}

#[test]
fn the_errors_of_predict_are_typed() {
    let (client, service) = client_of(|peer| {
        peer.head();
        peer.bytes(r#"{"input":[]}"#.len());
        peer.answer("400 Bad Request", "application/json", r#"{"error":"no input"}"#);
    });
    let error = client.predict(&PredictRequest { input: Vec::new() }).unwrap_err();
    assert!(matches!(&error, Error::Predict { status: 400, error } if error.error == "no input"));
    assert_eq!((error.code(), error.to_string().as_str()), ("predict.refused", "no input"));
    service.join().unwrap();
}

#[test]
fn answers_of_others_are_shown_in_one_line() {
    let cases = [
        (
            "502 Bad Gateway",
            "text/html",
            "<h1>\r\n\u{1b}[31mbad</h1>",
            "502",
            "`<h1>   [31mbad</h1>`",
        ),
        ("302 Found", "text/plain", "", "302", "its body is empty"),
        ("201 Created", "application/json", r#"{"status":"ok"}"#, "201", "`{\"status\":\"ok\"}`"),
        ("500 Oops", PROBLEM, "{", "500", "`{`"),
        ("400 Bad Request", "text/plain", TOO_LARGE, "400", "about:blank"),
    ];
    for (status, media_type, body, code, excerpt) in cases {
        let error = health_of(status, media_type, body);
        assert_eq!(error.code(), "client.unexpected");
        let text = error.to_string();
        assert!(text.contains(code) && text.contains(excerpt), "{text}");
        assert!(!text.chars().any(char::is_control), "{text:?}");
    }
}

#[test]
fn an_answer_outside_the_document_is_a_decode_error() {
    for body in ["", "null", "[]", r#"{"status":1}"#, r#"{"status":"ok"} x"#] {
        let error = health_of("200 OK", "application/json", body);
        assert_eq!(error.code(), "client.decode", "{body}");
        assert!(error.to_string().contains("/healthz is not what its document says"), "{error}");
    }
}

#[test]
fn an_answer_without_end_is_cut() {
    let (client, service) = client_of(|peer| {
        peer.head();
        peer.say("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n");
        while peer.0.get_mut().write_all(&[b' '; 1 << 12]).is_ok() {}
    });
    let error = client.get_health().unwrap_err();
    assert_eq!(error.code(), "client.response_too_large");
    assert!(error.to_string().contains("1048576 bytes"), "{error}");
    service.join().unwrap();
}

#[test]
fn an_answer_that_is_cut_is_a_transport_error() {
    let (client, service) = client_of(|peer| {
        peer.head();
        peer.say("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{");
    });
    assert_eq!(client.get_health().unwrap_err().code(), "client.transport");
    service.join().unwrap();
}

#[test]
fn a_number_that_json_cannot_hold_is_not_sent() {
    let client = Client::new("http://127.0.0.1:1").unwrap();
    let error = client.predict(&PredictRequest { input: vec![1.0, f64::NAN] }).unwrap_err();
    assert_eq!(error.code(), "client.encode");
    assert!(error.to_string().contains("NaN or an infinity"), "{error}");
}

#[test]
fn a_port_without_a_service_is_a_transport_error() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("http://127.0.0.1:{port}");
    let error = Client::new(&url).unwrap().get_health().unwrap_err();
    assert_eq!(error.code(), "client.transport");
    let text = error.to_string();
    assert!(
        text.starts_with(&format!("no answer from {url}/healthz: Connection refused")),
        "{text}"
    );
    assert!(text.ends_with("check the address, and that the service runs"), "{text}");
}

#[test]
fn a_silent_service_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let options = Options { idle_timeout: Duration::from_millis(20), ..Options::default() };
    let error = Client::with_options(&url, options).unwrap().get_health().unwrap_err();
    assert_eq!(error.code(), "client.transport");
    assert!(error.to_string().contains("timeout"), "{error}");
}

#[test]
fn connections_are_kept_and_clients_are_shared() {
    let (client, service) = client_of(|peer| {
        for _ in 0..3 {
            assert!(peer.head().starts_with("GET /readyz"));
            peer.answer("200 OK", "application/json", r#"{"status":"ready"}"#);
        }
    });
    for _ in 0..3 {
        let client = client.clone();
        let health = thread::spawn(move || client.get_readiness()).join().unwrap();
        assert_eq!(health.unwrap().status.to_string(), "ready");
    }
    service.join().unwrap();
}

#[test]
fn names_are_parsed_and_those_of_answers_stay_open() {
    let method: QuantileMethodName = "closest_observation".parse().unwrap();
    assert_eq!(method, QuantileMethodName::ClosestObservation);
    let error = "nearest".parse::<QuantileMethodName>().unwrap_err().to_string();
    assert!(error.contains("`nearest`") && error.contains("`linear`"), "{error}");
    let reason: ReasonName = "too_few".parse().unwrap();
    assert_eq!(reason, ReasonName::TooFew);
    let reason: ReasonName = "eclipse".parse().unwrap();
    assert_eq!(reason, ReasonName::Unknown("eclipse".to_owned()));
    assert_eq!(reason.to_string(), "eclipse");
}
