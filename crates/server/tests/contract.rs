//! The document is what the server serves, and what the server does is what the document says.

mod support;

use exacta_api::limit;
use exacta_server::{BODY_BYTES_MAX, Config, openapi_json, router};
use serde_json::{Value, json};
use support::{Answer, JobServer, Server, id};

fn document() -> Value {
    serde_json::from_str(&openapi_json()).unwrap()
}

#[test]
fn the_repository_holds_the_document() {
    let kept = include_str!("../../../openapi/exacta.json");
    assert!(
        kept == openapi_json(),
        "openapi/exacta.json is stale: run `cargo xtask codegen` and commit what it writes"
    );
    assert_eq!(openapi_json(), openapi_json());
}

#[test]
fn the_server_serves_the_document() {
    let server = Server::start();
    let answer = server.get("/openapi.json");
    assert_eq!((answer.status, answer.text()), (200, openapi_json().as_str()));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("public, max-age=3600"));
    let tag = answer.header("etag").unwrap();
    let again = |known: &str| {
        server.send(&format!("GET /openapi.json HTTP/1.1\r\nif-none-match: {known}\r\n"), b"")
    };
    for known in [tag, "*", &format!("\"x\", W/{tag}")] {
        let answer = again(known);
        assert_eq!((answer.status, answer.header("etag"), answer.text()), (304, Some(tag), ""));
    }
    assert_eq!(again("\"x\"").status, 200);
    let mut peer = server.connect();
    peer.send("HEAD /openapi.json HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    let head = String::from_utf8(peer.rest()).unwrap();
    assert!(head.contains(&format!("content-length: {}\r\n", openapi_json().len())), "{head}");
    assert!(head.ends_with("\r\n\r\n"), "a HEAD has no body");
}

/// Each operation: its path, its method and what is said of it.
fn operations(document: &Value) -> Vec<(&str, &str, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    paths
        .iter()
        .flat_map(|(path, item)| {
            item.as_object()
                .unwrap()
                .iter()
                .map(move |(method, op)| (path.as_str(), method.as_str(), op))
        })
        .collect()
}

#[test]
fn every_example_is_answered_as_the_document_says() {
    let server = Server::start();
    let document = document();
    let mut n_examples = 0;
    for (path, method, operation) in operations(&document) {
        if path.starts_with(JOBS) {
            continue;
        }
        let answer = send_example(&server, path, method, operation);
        check_answer(&document, operation, &answer);
        if let Some(example) = example(operation, &answer) {
            assert_eq!(answer.json(), *example, "{path}");
            n_examples += 1;
        }
    }
    assert_eq!(n_examples, 7);
}

/// Where the operations are whose answers depend on what was asked before.
const JOBS: &str = "/v1/jobs";

fn send_example(server: &Server, path: &str, method: &str, operation: &Value) -> Answer {
    let request =
        operation["requestBody"]["content"].as_object().and_then(|content| content.iter().next());
    let (media_type, body) =
        request.map_or(("", &Value::Null), |(name, content)| (name, &content["example"]));
    let body = if media_type == "application/json" {
        body.to_string()
    } else {
        body.as_str().unwrap_or_default().to_owned()
    };
    let head =
        format!("{} {path} HTTP/1.1\r\ncontent-type: {media_type}\r\n", method.to_uppercase());
    server.send(&head, body.as_bytes())
}

/// What the document gives as the answer.
fn example<'a>(operation: &'a Value, answer: &Answer) -> Option<&'a Value> {
    let content = &operation["responses"][answer.status.to_string()]["content"];
    content["application/json"].get("example")
}

#[test]
fn every_example_of_a_job_is_answered_as_the_document_says() {
    let (jobs, document) = (JobServer::start(), document());
    let send = |operation_id: &str, id: &str| {
        let operations = operations(&document);
        let (path, method, operation) =
            operations.iter().find(|(_, _, op)| op["operationId"] == operation_id).unwrap();
        let answer = send_example(&jobs.server, &path.replace("{id}", id), method, operation);
        check_answer(&document, operation, &answer);
        let example = example(operation, &answer).unwrap();
        assert_eq!(steady(answer.json()), steady(example.clone()), "{operation_id}");
        answer
    };
    let first = id(&send("submit_job", ""));
    jobs.wait_for_end(&first);
    jobs.wait_for_end(&id(&send("submit_job_csv", "")));
    send("get_job", &first);
    send("get_job_result", &first);
    send("list_jobs", "");
    // A job that has not been taken up when it is cancelled.
    let _hold = jobs.hold();
    jobs.wait(&jobs.submit_csv("", "a\n1\n"), &["running"]);
    let last = id(&send("submit_job", ""));
    send("cancel_job", &last);
}

/// A value without what is another one each time: the names of jobs, and moments.
fn steady(mut value: Value) -> Value {
    match &mut value {
        Value::Object(members) => {
            for (name, member) in members.iter_mut() {
                let changes = name == "id" || name.ends_with("_at");
                *member = if changes { Value::Null } else { steady(member.take()) };
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| *item = steady(item.take())),
        _ => {}
    }
    value
}

#[test]
fn every_refusal_is_answered_as_the_document_says() {
    let jobs = JobServer::start();
    let (server, document) = (&jobs.server, document());
    let too_large = format!("content-length: {}\r\n\r\n", BODY_BYTES_MAX + 1);
    for (path, _, operation) in
        operations(&document).into_iter().filter(|(_, _, op)| op["requestBody"].is_object())
    {
        let head = format!("POST {path} HTTP/1.1\r\ncontent-type: application/json\r\n");
        let bad = if takes_octets(operation) {
            server.post(&format!("{path}?bits=1"), "application/octet-stream", "")
        } else {
            server.send(&head, b"{")
        };
        let mut peer = server.connect();
        peer.send(
            format!("{head}host: x\r\nexpect: 100-continue\r\n{too_large}")
                .replace("application/json", "application/octet-stream"),
        );
        let mut answers = vec![(bad, 400)];
        let is_other = path != "/predict" && !takes_octets(operation);
        answers.push((peer.answer(), if is_other { 415 } else { 413 }));
        for (answer, status) in answers {
            assert_eq!(answer.status, status, "{path}");
            check_answer(&document, operation, &answer);
        }
    }
}

fn takes_octets(operation: &Value) -> bool {
    operation["requestBody"]["content"]["application/octet-stream"].is_object()
}

#[test]
fn every_refusal_of_a_job_is_answered_as_the_document_says() {
    let (jobs, without, document) = (JobServer::start(), Server::start(), document());
    let operations = operations(&document);
    let check_refusal = |server: &Server, at: usize, id: &str, status, code| {
        let (path, method, operation) = operations[at];
        let answer = send_example(server, &path.replace("{id}", id), method, operation);
        check_answer(&document, operation, &answer);
        assert_eq!((answer.status, &answer.problem()["code"]), (status, &json!(code)), "{path}");
        assert_eq!(answer.header("retry-after"), None);
    };
    let failed = jobs.submit_csv("", "a,b\n1\n");
    jobs.wait_for_end(&failed);
    let _hold = jobs.hold();
    let running = jobs.submit_csv("", "a\n1\n");
    let cancelled = jobs.submit_csv("", "a\n1\n");
    assert_eq!(jobs.cancel(&cancelled).status, 200);
    for (at, (path, _, operation)) in operations.iter().enumerate() {
        if path.starts_with(JOBS) {
            check_refusal(&without, at, "x", 503, "jobs.disabled");
        }
        if path.contains("{id}") {
            for id in ["x", "%ff", "01kdvdna00sabr24pa3eywnyp2"] {
                check_refusal(&jobs.server, at, id, 404, "job.not_found");
            }
        }
        if path.ends_with("/result") {
            check_refusal(&jobs.server, at, &running, 409, "job.not_finished");
            check_refusal(&jobs.server, at, &cancelled, 409, "job.cancelled");
            check_refusal(&jobs.server, at, &failed, 409, "job.failed");
        }
        if operation["operationId"] == "get_job" {
            let answer = jobs.server.get(&format!("/v1/jobs/{failed}"));
            check_answer(&document, operation, &answer);
            assert_eq!(answer.json()["error"]["code"], "csv.ragged");
        }
    }
}

#[test]
fn refusals_about_a_meaning_are_declared() {
    let (server, document) = (Server::start(), document());
    let column = r#"{"name":"x","values":[1e308,1e308]}"#;
    let plan = |plan: &str| format!(r#"{{"columns":[{column}],"plan":{plan}}}"#);
    let cases = [
        ("/v1/summarize", format!(r#"{{"columns":[{column},{column}]}}"#), "column.duplicate"),
        ("/v1/summarize", plan(r#"{"histogram":{"bins":1,"rule":"fd"}}"#), "histogram.shape"),
        ("/v1/summarize", plan(r#"{"histogram":{"edges":[2,1]}}"#), "edges.invalid"),
        ("/v1/summarize/csv", "a,b\n1\n".to_owned(), "csv.ragged"),
        ("/v1/summarize/csv?columns=b", "a\n1\n".to_owned(), "column.unknown"),
        ("/v1/summarize/csv?quantiles=2", "a\n1\n".to_owned(), "probability.invalid"),
    ];
    for (path, body, code) in cases {
        let media_type = if path.contains("csv") { "text/csv" } else { "application/json" };
        let answer = server.post(path, media_type, body);
        assert_eq!(answer.problem()["code"], code);
        let operation = &document["paths"][path.split('?').next().unwrap()]["post"];
        let declared = operation["x-exacta-semantic"].as_array().unwrap();
        let family = format!("{}.*", code.split('.').next().unwrap());
        assert!(declared.iter().any(|known| known == code || *known == family), "{path}: {code}");
    }
}

#[track_caller]
fn check_answer(document: &Value, operation: &Value, answer: &Answer) {
    let response = resolve(document, &operation["responses"][answer.status.to_string()]);
    assert!(response.is_object(), "{} is not documented", answer.status);
    let media_type = answer.header("content-type").unwrap().split(';').next().unwrap();
    let schema = &response["content"][media_type]["schema"];
    assert!(schema.is_object(), "{media_type} is not documented for {}", answer.status);
    if schema["format"] == "binary" {
        return;
    }
    let body = match media_type {
        "text/plain" => Value::from(answer.text()),
        _ => answer.json(),
    };
    check(document, schema, &body, "");
}

fn resolve<'a>(document: &'a Value, node: &'a Value) -> &'a Value {
    match node.get("$ref") {
        Some(pointer) => {
            document.pointer(pointer.as_str().unwrap().strip_prefix('#').unwrap()).unwrap()
        }
        None => node,
    }
}

/// Checks a value against a schema, for the keywords that the document uses; a
/// member that the schema does not name is an error here, though clients allow it.
#[track_caller]
fn check(document: &Value, schema: &Value, value: &Value, at: &str) {
    let schema = resolve(document, schema);
    match schema["type"].as_str().unwrap() {
        "object" => check_object(document, schema, value, at),
        "array" => {
            for (index, item) in value.as_array().expect(at).iter().enumerate() {
                check(document, &schema["items"], item, &format!("{at}/{index}"));
            }
        }
        "string" => check_text(schema, value.as_str().expect(at), at),
        "boolean" => assert!(value.is_boolean(), "{at}"),
        "integer" => check_bounds(schema, value.as_u64().expect(at) as f64, at),
        "number" => check_bounds(schema, value.as_f64().expect(at), at),
        other => panic!("{at}: {other} is no type"),
    }
}

fn check_object(document: &Value, schema: &Value, value: &Value, at: &str) {
    let members = value.as_object().expect(at);
    for name in schema["required"].as_array().into_iter().flatten() {
        assert!(members.contains_key(name.as_str().unwrap()), "{at} lacks {name}");
    }
    let is_free =
        schema.get("properties").is_none() && schema.get("additionalProperties").is_none();
    for (name, member) in members.iter().filter(|_| !is_free) {
        let known = schema["properties"].get(name).or(schema.get("additionalProperties"));
        check(
            document,
            known.unwrap_or_else(|| panic!("{at}/{name} is not documented")),
            member,
            &format!("{at}/{name}"),
        );
    }
}

fn check_text(schema: &Value, text: &str, at: &str) {
    if let Some(names) = schema["enum"].as_array() {
        assert!(names.iter().any(|name| name == text), "{at}: {text}");
    }
    if schema["format"] == "date-time" {
        let digits = text.replace(|letter: char| letter.is_ascii_digit(), "0");
        assert_eq!(digits, "0000-00-00T00:00:00.000Z", "{at}: {text}");
    }
    if schema["pattern"] == "^[0-9a-f]{16}$" {
        assert!(
            text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit()),
            "{at}: {text}"
        );
    }
}

fn check_bounds(schema: &Value, number: f64, at: &str) {
    let bound =
        |name: &str, default| schema.get(name).map_or(default, |bound| bound.as_f64().unwrap());
    assert!(number >= bound("minimum", f64::NEG_INFINITY), "{at}: {number}");
    assert!(number <= bound("maximum", f64::INFINITY), "{at}: {number}");
}

#[test]
fn what_is_routed_is_what_is_documented() {
    let (_, from_router) = router(&Config::default()).unwrap();
    let document = document();
    let paths: Vec<_> = document["paths"].as_object().unwrap().keys().collect();
    assert!(paths.iter().eq(&from_router.paths.paths.keys().collect::<Vec<_>>()));
    let ids: Vec<_> =
        operations(&document).iter().map(|(_, _, op)| op["operationId"].clone()).collect();
    let expected = [
        "summarize",
        "summarize_csv",
        "summarize_tsv",
        "summarize_ndjson",
        "summarize_arrow",
        "summarize_parquet",
        "summarize_npy",
        "summarize_f64",
        "partial_csv",
        "partial_tsv",
        "partial_ndjson",
        "partial_arrow",
        "partial_parquet",
        "partial_npy",
        "partial_f64",
        "merge",
        "list_jobs",
        "submit_job",
        "submit_job_csv",
        "get_job",
        "get_job_result",
        "cancel_job",
        "predict",
        "get_health",
        "get_readiness",
        "get_metrics",
        "get_openapi",
    ];
    assert_eq!(json!(ids), json!(expected));
}

#[test]
fn the_limits_in_the_document_are_those_that_are_enforced() {
    let document = document();
    let schemas = &document["components"]["schemas"];
    let cases = [
        (&schemas["SummarizeRequest"]["properties"]["columns"]["maxItems"], limit::COLUMNS_MAX),
        (&schemas["ColumnInput"]["properties"]["name"]["maxLength"], limit::NAME_CHARS_MAX),
        (&schemas["PlanRequest"]["properties"]["statistics"]["maxItems"], limit::STATISTICS_MAX),
        (&schemas["PlanRequest"]["properties"]["quantiles"]["maxItems"], limit::QUANTILES_MAX),
        (&schemas["JobList"]["properties"]["jobs"]["maxItems"], limit::JOBS_MAX),
        (
            &schemas["JobList"]["properties"]["next_page_token"]["maxLength"],
            limit::PAGE_TOKEN_CHARS_MAX,
        ),
        (
            &document["paths"]["/v1/jobs"]["get"]["parameters"][1]["schema"]["maximum"],
            exacta_jobs::PAGE_SIZE_MAX,
        ),
        (
            &document["paths"]["/v1/jobs"]["post"]["x-exacta-body-bytes-max"],
            BODY_BYTES_MAX as usize,
        ),
        (
            &document["paths"]["/predict"]["post"]["x-exacta-body-bytes-max"],
            BODY_BYTES_MAX as usize,
        ),
        (&document["paths"]["/v1/summarize"]["post"]["x-exacta-results-max"], limit::RESULTS_MAX),
    ];
    for (written, enforced) in cases {
        assert_eq!(*written, enforced);
    }
}

/// Words that no generator need know, and shapes that none need understand.
#[test]
fn the_document_keeps_to_its_own_rules() {
    check_rules(&document(), "");
}

fn check_rules(node: &Value, at: &str) {
    match node {
        Value::Object(members) if !at.ends_with("/example") && !at.contains("/examples/") => {
            for (name, member) in members {
                let is_name = at.ends_with("/properties");
                let forbidden = [
                    "oneOf",
                    "anyOf",
                    "allOf",
                    "nullable",
                    "propertyNames",
                    "const",
                    "prefixItems",
                    "$defs",
                ];
                assert!(is_name || !forbidden.contains(&name.as_str()), "{at}/{name}");
                assert!(is_name || name != "type" || member.is_string(), "{at} has several types");
                check_rules(member, &format!("{at}/{name}"));
            }
            if members.get("type") == Some(&json!("number")) {
                assert_eq!(members.get("format"), Some(&json!("double")), "{at}");
            }
        }
        Value::Array(items) => items.iter().for_each(|item| check_rules(item, at)),
        Value::Null => panic!("{at} is null"),
        _ => {}
    }
}
