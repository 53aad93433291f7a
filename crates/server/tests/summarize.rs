//! What `/v1/summarize` and `/v1/summarize/csv` answer and refuse, over a real socket.

mod support;

use exacta_server::{Limits, Size};
use serde_json::{Value, json};
use support::{Answer, Server};

const JSON: &str = "application/json";

fn summarize(server: &Server, body: impl AsRef<[u8]>) -> Answer {
    server.post("/v1/summarize", JSON, body)
}

#[track_caller]
fn check_problem(answer: &Answer, status: u16, code: &str, members: &Value) {
    assert_eq!(answer.status, status, "{}", answer.text());
    let problem = answer.problem();
    assert_eq!(problem["code"], code, "{problem}");
    for (name, value) in members.as_object().unwrap() {
        assert_eq!(problem[name], *value, "{name} of {problem}");
    }
}

#[test]
fn columns_are_answered_in_their_order() {
    let server = Server::start();
    let body = r#"{"plan":{"statistics":["mean","sum"],"quantiles":[0.5],"bits":true},"columns":[{"name":"x","values":[1,2]},{"values":[],"name":"e"}]}"#;
    let expected = r#"{"columns":[{"name":"x","count":2,"sum":3.0,"mean":1.5,"quantiles":[{"p":0.5,"value":1.5,"bits":"3ff8000000000000"}],"bits":{"sum":"4008000000000000","mean":"3ff8000000000000"}},{"name":"e","count":0,"sum":0.0,"quantiles":[{"p":0.5,"undefined":"empty"}],"undefined":{"mean":"empty"},"bits":{"sum":"0000000000000000"}}]}"#;
    let answer = summarize(&server, body);
    assert_eq!((answer.status, answer.text()), (200, expected));
    assert_eq!(answer.header("content-type"), Some(JSON));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
}

#[test]
fn histograms_and_exact_values_are_the_same_from_json_and_from_a_file() {
    let server = Server::start();
    let body = r#"{"columns":[{"name":"x","values":[0.5,1.5,9]}],"plan":{"statistics":["range"],"exact":true,"histogram":{"edges":[0,1,2]}}}"#;
    let expected = r#"{"columns":[{"name":"x","count":3,"range":8.5,"histogram":{"edges":[0.0,1.0,2.0],"counts":[1,1],"under":0,"over":1},"exact":{"range":"8.5"}}]}"#;
    let answer = summarize(&server, body);
    assert_eq!((answer.status, answer.text()), (200, expected));
    let path = "/v1/summarize/csv?statistics=range&exact=true&histogram=0,1,2";
    let answer = server.post(path, "text/csv", "x\n0.5\n1.5\n9\n");
    assert_eq!((answer.status, answer.text()), (200, expected));
    let body = r#"{"columns":[{"name":"x","values":[0.5,1.5,9]}],"plan":{"statistics":["approx_distinct"],"approx_quantiles":[0.5],"bits":true}}"#;
    let path = "/v1/summarize/csv?statistics=approx_distinct&approx_quantiles=1/2&bits=true";
    let answer = server.post(path, "text/csv", "x\n0.5\n1.5\n9\n");
    assert_eq!(answer.text(), summarize(&server, body).text());
    assert!(answer.text().contains(r#""approx_distinct":3,"approx_quantiles":[{"p":0.5,"#));
    let answer = server.post("/v1/summarize/csv?histogram=1,x", "text/csv", "x\n1\n");
    check_problem(&answer, 400, "edges.invalid", &json!({}));
}

/// The body of columns of numbers from a seed, with the plan before them, behind them, or nowhere.
fn columns_and_plan(place: &str) -> String {
    let column = |(index, values): (usize, &[f64])| {
        let values: Vec<_> = values.iter().map(|value| format!("{value:?}")).collect();
        format!(r#"{{"values":[{}], "name":"{index}"}}"#, values.join(", "))
    };
    let columns: Vec<_> = doubles(30_000).chunks(10_001).enumerate().map(column).collect();
    let columns = format!(r#""columns":[{}]"#, columns.join(","));
    let plan =
        r#""plan":{"statistics":["mean","skewness","distinct"],"quantiles":[0.25],"bits":true}"#;
    match place {
        "before" => format!("{{{plan},{columns}}}"),
        "behind" => format!("{{{columns}, {plan}}}"),
        _ => format!("{{{columns}}}"),
    }
}

#[test]
fn a_plan_says_the_same_wherever_it_stands() {
    let server = Server::start();
    let expected = summarize(&server, columns_and_plan("before"));
    assert_eq!(expected.status, 200, "{}", expected.text());
    assert!(expected.text().contains(r#""distinct":10001,"#));
    let path = "/v1/summarize?statistics=mean,skewness,distinct&quantiles=0.25&bits=true";
    let in_query = server.post(path, JSON, columns_and_plan("nowhere"));
    assert!(in_query.text() == expected.text());
    assert!(summarize(&server, columns_and_plan("behind")).text() == expected.text());
    let twice = server.post("/v1/summarize?bits=true", JSON, columns_and_plan("before"));
    check_problem(&twice, 400, "plan.repeated", &json!({"pointer": "/plan"}));
    let answer = server.post("/v1/summarize?columns=a", JSON, r#"{"columns":[]}"#);
    check_problem(&answer, 400, "query.unknown", &json!({}));
}

/// What goes over the wire in one piece, and in many, chunked and not.
#[test]
fn the_cuts_of_a_body_do_not_show() {
    let server = Server::start();
    let body = columns_and_plan("behind");
    let expected = summarize(&server, &body);
    for size in [997, 40_000, 300_000] {
        let mut peer = server.connect();
        peer.send("POST /v1/summarize HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n");
        let mut chunks = Vec::new();
        for piece in body.as_bytes().chunks(size) {
            chunks.extend(format!("{:x}\r\n", piece.len()).into_bytes());
            chunks.extend([piece, b"\r\n"].concat());
        }
        peer.send(chunks);
        peer.send("0\r\n\r\n");
        assert!(peer.answer().text() == expected.text(), "in chunks of {size}");
    }
}

#[test]
fn values_that_must_be_kept_are_kept_within_the_memory() {
    let limits = Limits { memory_max: Size::of(1 << 20), ..Limits::default() };
    let server = Server::with(limits);
    let values = vec!["1.5"; 200_000].join(",");
    let body = |before: &str, behind: &str| {
        format!(r#"{{{before}"columns":[{{"name":"x","values":[{values}]}}]{behind}}}"#)
    };
    for plan in [r#""statistics":["sum"]"#, r#""statistics":["approx_distinct"]"#] {
        let plan = format!(r#""plan":{{{plan}}}"#);
        assert_eq!(summarize(&server, body(&format!("{plan},"), "")).status, 200, "{plan}");
        let late = summarize(&server, body("", &format!(",{plan}")));
        check_problem(&late, 413, "plan.needs_memory", &json!({}));
    }
    let median = server.post("/v1/summarize?statistics=median", JSON, body("", ""));
    check_problem(&median, 413, "plan.needs_memory", &json!({}));
    let answer = server.post("/v1/summarize?statistics=sum", JSON, body("", ""));
    assert_eq!(answer.text(), r#"{"columns":[{"name":"x","count":200000,"sum":300000.0}]}"#);
    assert_eq!(server.post("/predict", JSON, format!(r#"{{"input":[{values}]}}"#)).status, 200);
}

#[test]
fn a_result_that_overflows_is_absent_and_says_so() {
    let answer = summarize(
        &Server::start(),
        r#"{"columns":[{"name":"x","values":[1e308,1e308]}],"plan":{"statistics":["sum"]}}"#,
    );
    assert_eq!(
        answer.text(),
        r#"{"columns":[{"name":"x","count":2,"undefined":{"sum":"overflow"}}]}"#
    );
}

/// A generator of doubles with many digits, the same in every run (`SplitMix64`).
fn doubles(len: usize) -> Vec<f64> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = state;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        f64::from_bits(word ^ (word >> 31))
    };
    std::iter::repeat_with(next).filter(|x| x.is_finite()).take(len).collect()
}

/// Without the feature `float_roundtrip` of `serde_json` three of these in ten are read wrong.
#[test]
fn every_literal_is_read_as_the_nearest_double() {
    let server = Server::start();
    for values in doubles(10_000).chunks(5_000) {
        let column =
            |(index, value): (usize, &f64)| format!(r#"{{"name":"{index}","values":[{value:e}]}}"#);
        let columns: Vec<_> = values.iter().enumerate().map(column).collect();
        let body = format!(
            r#"{{"columns":[{}],"plan":{{"statistics":["max"],"bits":true}}}}"#,
            columns.join(",")
        );
        let answer = summarize(&server, body).json();
        for (index, value) in values.iter().enumerate() {
            let bits = answer["columns"][index]["bits"]["max"].as_str().unwrap();
            assert_eq!(bits, format!("{:016x}", value.to_bits()), "{value:e}");
        }
    }
}

#[test]
fn refusals_of_json_say_where() {
    let server = Server::start();
    let cases = [
        (r"[]", 400, "json.shape", json!({"pointer": ""})),
        (r"{}", 400, "json.shape", json!({"pointer": ""})),
        (r#"{"columns":[]} 1"#, 400, "json.syntax", json!({"offset": 15})),
        (r#"{"columns":[}"#, 400, "json.syntax", json!({"offset": 12})),
        ("{\"columns\":[\n\n}", 400, "json.syntax", json!({"offset": 14})),
        (r#"{"columns":[],"a/b~c":1}"#, 400, "json.shape", json!({"pointer": "/a~1b~0c"})),
        (
            r#"{"columns":[{"name":"x","values":[1,"2"]}]}"#,
            400,
            "json.shape",
            json!({"pointer": "/columns/0/values/1", "offset": 38}),
        ),
        (
            r#"{"columns":[],"plan":{"bits":null}}"#,
            400,
            "json.shape",
            json!({"pointer": "/plan/bits"}),
        ),
        (
            r#"{"columns":[],"plan":{"statistics":["sum","average"]}}"#,
            400,
            "statistic.unknown",
            json!({"pointer": "/plan/statistics/1"}),
        ),
        (
            r#"{"columns":[],"plan":{"quantiles":[1.5]}}"#,
            400,
            "probability.invalid",
            json!({"pointer": "/plan/quantiles/0"}),
        ),
        (
            r#"{"columns":[{"name":"x","values":[1e999]}]}"#,
            422,
            "number.out_of_range",
            json!({"pointer": "/columns/0/values/0"}),
        ),
        (
            r#"{"columns":[{"name":"x","values":[]},{"name":"x","values":[]}]}"#,
            422,
            "column.duplicate",
            json!({"pointer": "/columns/1/name"}),
        ),
        ("\u{feff}{}", 400, "json.syntax", json!({"offset": 0})),
        ("", 400, "json.syntax", json!({"offset": 0})),
    ];
    for (body, status, code, members) in cases {
        check_problem(&summarize(&server, body), status, code, &members);
    }
    check_problem(
        &summarize(&server, b"{\"columns\":[{\"name\":\"\xff\"}]}"),
        400,
        "json.syntax",
        &json!({}),
    );
    check_problem(&summarize(&server, "[".repeat(100_000)), 400, "json.shape", &json!({}));
}

#[test]
fn a_message_does_not_give_the_body_back() {
    let server = Server::start();
    let long = "s".repeat(100_000);
    for body in [
        format!(r#"{{"columns":[],"{long}":1}}"#),
        format!(r#"{{"columns":"{long}"}}"#),
        format!(r#"{{"columns":[],"plan":{{"nonfinite":"{long}"}}}}"#),
    ] {
        let answer = summarize(&server, body);
        assert_eq!(answer.status, 400);
        assert!(answer.body.len() < 1_000, "{} bytes", answer.body.len());
        answer.problem();
    }
}

#[test]
fn a_body_of_another_kind_is_415() {
    let server = Server::start();
    let body = r#"{"columns":[]}"#;
    for taken in [JSON, "application/json; charset=utf-8", "Application/JSON", "application/x+json"]
    {
        assert_eq!(server.post("/v1/summarize", taken, body).status, 200, "{taken}");
    }
    assert_eq!(server.send("POST /v1/summarize HTTP/1.1\r\n", body.as_bytes()).status, 200);
    for refused in ["text/plain", "application/x-www-form-urlencoded", "text/json", "json"] {
        let answer = server.post("/v1/summarize", refused, body);
        check_problem(&answer, 415, "media_type.unsupported", &json!({}));
    }
    let head = "POST /v1/summarize HTTP/1.1\r\ncontent-encoding: gzip\r\n";
    check_problem(
        &server.send(head, body.as_bytes()),
        415,
        "content_encoding.unsupported",
        &json!({}),
    );
    for taken in ["text/csv; header=present", "application/octet-stream"] {
        assert_eq!(server.post("/v1/summarize/csv", taken, "a\n1\n").status, 200, "{taken}");
    }
    check_problem(
        &server.post("/v1/summarize/csv", JSON, "a\n1\n"),
        415,
        "media_type.unsupported",
        &json!({}),
    );
}

#[test]
fn a_file_is_summarized_by_its_query() {
    let server = Server::start();
    let cases = [
        (
            "",
            "a,b\n1,x\n2,3\n",
            r#"{"columns":[{"name":"a","count":2,"sum":3.0,"mean":1.5,"min":1.0,"max":2.0,"stddev":0.7071067811865476},{"name":"b","type":"text","count":1,"invalid":1,"first_invalid":{"line":2,"column":3,"offset":6}}]}"#,
        ),
        (
            "?statistics=sum&columns=b&invalid=count",
            "a,b\n1,x\n2,3\n",
            r#"{"columns":[{"name":"b","count":1,"invalid":1,"first_invalid":{"line":2,"column":3,"offset":6},"sum":3.0}]}"#,
        ),
        (
            "?statistics=&quantiles=1/3,0.5&bits=true",
            "a\n1\n2\n",
            r#"{"columns":[{"name":"a","count":2,"quantiles":[{"p":0.3333333333333333,"value":1.3333333333333333,"bits":"3ff5555555555555"},{"p":0.5,"value":1.5,"bits":"3ff8000000000000"}],"bits":{}}]}"#,
        ),
        (
            "?statistics=sum&delimiter=%3B&null=NA,n/a",
            "a;b\nNA;n/a\n1;2\n",
            r#"{"columns":[{"name":"a","count":1,"null":1,"sum":1.0},{"name":"b","count":1,"null":1,"sum":2.0}]}"#,
        ),
        (
            "?statistics=max&nonfinite=skip",
            "a\n1\ninf\nnan\n",
            r#"{"columns":[{"name":"a","count":1,"nan":1,"pos_inf":1,"max":1.0}]}"#,
        ),
        (
            "?statistics=max",
            "a\n1\ninf\nnan\n",
            r#"{"columns":[{"name":"a","count":1,"nan":1,"pos_inf":1,"undefined":{"max":"nan"}}]}"#,
        ),
    ];
    for (query, file, expected) in cases {
        let answer = server.post(&format!("/v1/summarize/csv{query}"), "text/csv", file);
        assert_eq!((answer.status, answer.text()), (200, expected), "{query}");
    }
}

#[test]
fn refusals_of_a_file_say_where() {
    let server = Server::start();
    let place = |line: u64, column: u64, offset: u64| json!({"line": line, "column": column, "offset": offset});
    let cases = [
        ("", "a,b\n1\n", 400, "csv.ragged", place(2, 1, 4)),
        ("", "a\n\"1\n", 400, "csv.quote_unclosed", place(2, 1, 2)),
        ("", "a,b\n1,\0\n", 400, "csv.nul", place(2, 3, 6)),
        ("", "", 400, "input.empty", json!({})),
        ("", "a,a\n1,2\n", 422, "column.duplicate", place(1, 3, 2)),
        ("?columns=c", "a,b\n1,2\n", 422, "column.unknown", json!({})),
        ("?columns=b", "a,b\n1,x\n", 422, "column.text", place(2, 3, 6)),
        ("?nonfinite=reject", "a,b\n1,2\n3,nan\n", 422, "value.nonfinite", place(3, 3, 10)),
    ];
    for (query, file, status, code, members) in cases {
        let answer = server.post(&format!("/v1/summarize/csv{query}"), "text/csv", file);
        check_problem(&answer, status, code, &members);
    }
    let answer = server.post("/v1/summarize/csv", "text/csv", b"a,b\n1,\xff\n");
    check_problem(&answer, 400, "csv.utf8", &place(2, 3, 6));
}

#[test]
fn a_query_is_taken_whole_or_refused() {
    let server = Server::start();
    let many = format!("?null={}", vec!["x"; 65].join(","));
    let long = format!("?columns={}", "x".repeat(1_025));
    let long_quantile = format!("?quantiles={}", "0".repeat(65));
    let cases = [
        (long_quantile.as_str(), "limit.exceeded"),
        ("?mean=1", "query.unknown"),
        ("?bits=true&bits=true", "query.repeated"),
        ("?statistics=sum&statistics=mean", "query.repeated"),
        ("?bits=1", "query.value"),
        ("?no_headers=", "query.value"),
        ("?delimiter=", "query.value"),
        ("?delimiter=;;", "query.value"),
        ("?delimiter=%22", "csv.delimiter"),
        ("?delimiter=%0a", "csv.delimiter"),
        ("?delimiter=%c3%bc", "query.value"),
        ("?invalid=skip", "invalid.unknown"),
        ("?columns=%ff", "query.encoding"),
        ("?statistics=average", "statistic.unknown"),
        ("?statistics=sum,", "statistic.unknown"),
        ("?quantiles=0.5,2", "probability.invalid"),
        ("?quantile_method=cubic", "quantile_method.unknown"),
        ("?nonfinite=ignore", "nonfinite.unknown"),
        (many.as_str(), "limit.exceeded"),
        (long.as_str(), "limit.exceeded"),
    ];
    for (query, code) in cases {
        let answer = server.post(&format!("/v1/summarize/csv{query}"), "text/csv", "a\n1\n");
        check_problem(&answer, 400, code, &json!({}));
    }
    let path = format!("/v1/summarize/csv?bits={}", "%01".repeat(65));
    let shown = format!("`{}…`", "\\u{1}".repeat(64));
    let detail = format!("query parameter bits is {shown}: it must be true or false");
    let answer = server.post(&path, "text/csv", "");
    check_problem(&answer, 400, "query.value", &json!({"detail": detail}));
}

#[test]
fn an_answer_is_not_far_larger_than_its_question() {
    let server = Server::start();
    let names: Vec<_> =
        (0..1_001).map(|index| format!(r#"{{"name":"{index}","values":[]}}"#)).collect();
    let quantiles: Vec<_> = (0..100).map(|index| format!("0.{index:03}1")).collect();
    let body = format!(
        r#"{{"columns":[{}],"plan":{{"quantiles":[{}]}}}}"#,
        names.join(","),
        quantiles.join(",")
    );
    check_problem(&summarize(&server, body), 422, "result.too_many", &json!({}));
}

/// A header of 400 KB would else take 150 MB of accumulators.
#[test]
fn a_file_has_as_many_columns_as_a_request_unless_some_are_chosen() {
    let server = Server::start();
    let names: Vec<_> = (0..10_001).map(|index| format!("c{index}")).collect();
    let file = format!("{}\n", names.join(","));
    let answer = server.post("/v1/summarize/csv", "text/csv", &file);
    check_problem(&answer, 422, "column.too_many", &json!({"line": 1}));
    let answer = server.post("/v1/summarize/csv?columns=c10000", "text/csv", &file);
    assert_eq!(answer.json()["columns"][0]["name"], "c10000");
}

#[test]
fn a_path_or_method_that_is_not_there_is_a_problem() {
    let server = Server::start();
    check_problem(&server.get("/v1/nothing"), 404, "path.unknown", &json!({"title": "Not Found"}));
    check_problem(&server.get("/predict/"), 404, "path.unknown", &json!({}));
    for (method, path, allow) in [
        ("GET", "/v1/summarize", "POST"),
        ("GET", "/v1/summarize/csv", "POST"),
        ("POST", "/healthz", "GET,HEAD"),
        ("DELETE", "/openapi.json", "GET,HEAD"),
    ] {
        let answer = server.send(&format!("{method} {path} HTTP/1.1\r\n"), b"");
        check_problem(&answer, 405, "method.not_allowed", &json!({}));
        assert_eq!(answer.header("allow"), Some(allow), "{method} {path}");
    }
}
