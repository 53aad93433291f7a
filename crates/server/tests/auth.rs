//! Who may call: tokens and what they allow over a real socket, operation by operation as the
//! document declares it, and jobs that only their owners see.

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use exacta_server::{AuthConfig, Config, NewToken, Scope, openapi_json};
use serde_json::{Value, json};
use support::{Answer, Server, id};
use tempfile::TempDir;

/// A folder with a file of principals, and the server that heeds it.
struct Guarded {
    server: Server,
    folder: TempDir,
}

impl Guarded {
    fn with(lines: &[String]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("principals");
        fs::write(&path, lines.join("\n")).unwrap();
        let auth = AuthConfig { principals: Some(path) };
        let data = Some(folder.path().join("data"));
        let server = Server::with(Config { auth, data, ..Config::default() });
        assert_eq!(server.get("/readyz").status, 200);
        Self { server, folder }
    }

    /// Puts another file in the place of the one that is heeded, at once.
    fn replace(&self, text: &str) {
        let new = self.folder.path().join("new");
        fs::write(&new, text).unwrap();
        fs::rename(new, self.folder.path().join("principals")).unwrap();
    }

    fn get(&self, path: &str, token: &str) -> Answer {
        self.send("GET", path, &bearer(token), b"")
    }

    fn send(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> Answer {
        self.server.send(&format!("{method} {path} HTTP/1.1\r\n{headers}"), body)
    }
}

fn bearer(token: &str) -> String {
    format!("authorization: Bearer {token}\r\n")
}

fn token(name: &str, scopes: &[Scope]) -> (String, String) {
    let new = NewToken::new(Some(name), scopes).unwrap();
    assert!(!new.line().contains(new.token().split_once('.').unwrap().1));
    (new.token(), new.line())
}

/// A refusal, after checking what holds for each: the header says what to show.
#[track_caller]
fn check_refusal(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(answer.problem()["code"], code);
    let challenge = answer.header("www-authenticate").unwrap();
    let rest = challenge.strip_prefix(r#"Bearer realm="exacta""#).unwrap();
    let expected = match code {
        "token.missing" => String::new(),
        "token.invalid" => r#", error="invalid_token""#.to_owned(),
        _ => {
            let detail = answer.json()["detail"].as_str().unwrap().to_owned();
            let scope = rest.rsplit('"').nth(1).unwrap();
            assert!(detail.contains(&format!("the scope {scope}:")), "{detail}");
            format!(r#", error="insufficient_scope", scope="{scope}""#)
        }
    };
    assert_eq!(rest, expected);
}

/// The operations of the document: method, path, and the scope that is declared, if any.
fn operations(document: &Value) -> Vec<(String, String, Option<String>)> {
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let scopes = operation["x-exacta-scopes"].as_array().expect("it is declared");
            let scope = scopes.first().map(|scope| scope.as_str().unwrap().to_owned());
            assert!(scopes.len() <= 1, "{path}");
            let security = if scope.is_some() { json!([{"bearer": []}]) } else { json!([]) };
            assert_eq!(operation["security"], security, "{path}");
            for status in ["401", "403"] {
                assert_eq!(operation["responses"].get(status).is_some(), scope.is_some(), "{path}");
            }
            operations.push((method.to_uppercase(), path.clone(), scope));
        }
    }
    operations
}

#[test]
fn each_operation_is_for_those_who_have_its_scope() {
    let document: Value = serde_json::from_str(&openapi_json()).unwrap();
    assert_eq!(document["components"]["securitySchemes"]["bearer"]["scheme"], "bearer");
    let operations = operations(&document);
    let open: Vec<_> = operations.iter().filter(|(_, _, scope)| scope.is_none()).collect();
    assert!(open.iter().map(|(_, path, _)| path).eq(["/healthz", "/readyz", "/openapi.json"]));
    let mut callers: Vec<_> = Scope::ALL
        .iter()
        .map(|scope| (Some(scope.name()), token(&scope.name().replace(':', "-"), &[*scope])))
        .collect();
    let lines: Vec<_> = callers.iter().map(|(_, (_, line))| line.clone()).collect();
    callers.push((None, (String::new(), String::new())));
    let guarded = Guarded::with(&lines);
    for (method, path, scope) in &operations {
        for (held, (token, _)) in &callers {
            let headers = held.map_or_else(String::new, |_| bearer(token));
            let path = path.replace("{id}", "01kdvdna00sabr24pa3eywnyp2");
            let answer = guarded.send(method, &path, &headers, b"x");
            let about = format!("{method} {path} with {held:?} is {}", answer.status);
            let is_refused = [401, 403].contains(&answer.status);
            match (scope.as_deref(), held) {
                (None, _) => assert!(!is_refused, "{about}"),
                (Some(_), None) if path == "/predict" => assert_eq!(answer.status, 401, "{about}"),
                (Some(_), None) => check_refusal(&answer, 401, "token.missing"),
                (Some(needed), Some(held)) if needed == *held => assert!(!is_refused, "{about}"),
                _ if path == "/predict" => assert_eq!(answer.status, 403, "{about}"),
                _ => check_refusal(&answer, 403, "scope.missing"),
            }
        }
    }
}

#[test]
fn what_is_no_token_of_anybody_is_refused_in_the_same_words() {
    let (good, line) = token("ann", &[Scope::JobsRead]);
    let (other, _) = token("bob", &[Scope::JobsRead]);
    let guarded = Guarded::with(&[line]);
    let (name, secret) = good.split_once('.').unwrap();
    let wrong = [
        other.clone(),
        other.replace("bob", "ann"),
        good.to_uppercase(),
        format!("{good}0"),
        good[..good.len() - 1].to_owned(),
        format!("{name}."),
        format!(".{secret}"),
        name.to_owned(),
        secret.to_owned(),
        String::new(),
        "ann.\u{e4}".to_owned(),
        "../../etc/passwd.x".to_owned(),
        format!("ann.{}", "0".repeat(20_000)),
    ];
    let mut headers: Vec<String> = wrong.iter().map(|token| bearer(token)).collect();
    headers.push(format!("authorization: Basic {good}\r\n"));
    headers.push(format!("authorization: {good}\r\n"));
    headers.push("authorization:\r\n".to_owned());
    headers.push(bearer(&good) + &bearer(&good));
    headers.push(bearer(&good) + &bearer(&other));
    headers.push(bearer(&format!("{good}, Bearer {good}")));
    let mut bodies = Vec::new();
    for header in &headers {
        let answer = guarded.send("GET", "/v1/jobs", header, b"");
        check_refusal(&answer, 401, "token.invalid");
        bodies.push(answer.body);
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]));
    // Where a token is not looked for it is none.
    for (path, headers) in [
        (format!("/v1/jobs?access_token={good}"), String::new()),
        ("/v1/jobs".to_owned(), format!("cookie: token={good}\r\nx-api-key: {good}\r\n")),
        ("/v1/jobs".to_owned(), format!("proxy-authorization: Bearer {good}\r\n")),
    ] {
        check_refusal(&guarded.send("GET", &path, &headers, b""), 401, "token.missing");
    }
    for scheme in ["Bearer", "bearer", "BEARER", "Bearer  "] {
        let header = format!("authorization: {scheme} {good}\r\n");
        assert_eq!(guarded.send("GET", "/v1/jobs", &header, b"").status, 200, "{scheme}");
    }
}

#[test]
fn who_is_not_let_in_need_not_send_a_body() {
    let (good, line) = token("ann", &[Scope::JobsRead]);
    let guarded = Guarded::with(&[line]);
    for (headers, status) in [(String::new(), 401), (bearer(&good), 403)] {
        for path in ["/v1/summarize", "/predict", "/v1/jobs/csv"] {
            let mut peer = guarded.server.connect();
            peer.send(format!(
                "POST {path} HTTP/1.1\r\nhost: x\r\n{headers}expect: 100-continue\r\ncontent-length: 1000\r\n\r\n"
            ));
            let answer = peer.answer();
            assert_eq!(answer.status, status, "{path}");
            assert!(answer.header("www-authenticate").is_some());
            let is_predict = path == "/predict";
            assert_eq!(answer.json().get("error").is_some(), is_predict, "{}", answer.text());
        }
    }
}

#[test]
fn jobs_are_seen_by_their_owners_alone() {
    let everything = [Scope::JobsRead, Scope::JobsWrite];
    let (ann, line) = token("ann", &everything);
    let (ann_too, second_line) = token("ann", &everything);
    let (bob, third_line) = token("bob", &everything);
    let guarded = Guarded::with(&[line, second_line, third_line]);
    let submit = |token: &str| {
        let headers = bearer(token) + "content-type: text/csv\r\n";
        id(&guarded.send("POST", "/v1/jobs/csv", &headers, b"a\n1\n"))
    };
    let list = |token: &str, query: &str| -> Vec<String> {
        let page = guarded.get(&format!("/v1/jobs{query}"), token).json();
        let jobs = page["jobs"].as_array().unwrap();
        jobs.iter().map(|job| job["id"].as_str().unwrap().to_owned()).collect()
    };
    let (first, second, third) = (submit(&ann), submit(&bob), submit(&ann_too));
    let ended = |id: &String, token: &str| {
        support::wait_until(|| {
            guarded.get(&format!("/v1/jobs/{id}"), token).json()["state"] == "succeeded"
        });
    };
    ended(&first, &ann_too);
    ended(&second, &bob);
    ended(&third, &ann);
    for query in ["", "?state=succeeded", "?page_size=2"] {
        assert_eq!(list(&ann, query), [third.clone(), first.clone()]);
        assert_eq!(list(&ann_too, query), [third.clone(), first.clone()]);
        assert_eq!(list(&bob, query), std::slice::from_ref(&second));
    }
    // The job of somebody else is answered as one that never was.
    for (token, id) in [(&bob, &first), (&ann, &second)] {
        for (method, end) in [("GET", ""), ("GET", "/result"), ("POST", "/cancel")] {
            let ask = |id: &str| {
                guarded.send(method, &format!("/v1/jobs/{id}{end}"), &bearer(token), b"")
            };
            let (answer, never) = (ask(id), ask("01kdvdna00sabr24pa3eywnyp2"));
            assert_eq!((answer.status, never.status), (404, 404));
            assert_eq!(answer.text().replace(id, "01kdvdna00sabr24pa3eywnyp2"), never.text());
        }
    }
    assert_eq!(guarded.get(&format!("/v1/jobs/{first}/result"), &ann).status, 200);
}

#[test]
fn a_file_that_is_replaced_holds_at_once_and_a_broken_one_never() {
    let (old, old_line) = token("ann", &[Scope::JobsRead]);
    let (new, new_line) = token("ann", &[Scope::JobsRead]);
    let guarded = Guarded::with(std::slice::from_ref(&old_line));
    let is_taken = |token: &str| guarded.get("/v1/jobs", token).status == 200;
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        // Under load: who has one of the two that hold at any time is never refused.
        let load = scope.spawn(|| {
            let mut n_answers = 0;
            while !stop.load(Ordering::Relaxed) {
                assert!(is_taken(&old));
                n_answers += 1;
            }
            n_answers
        });
        guarded.replace(&format!("{old_line}\n{new_line}\n"));
        support::wait_until(|| is_taken(&new));
        guarded.replace("ann sha256:00 jobs:read\n");
        let (third, third_line) = token("eve", &[Scope::JobsRead]);
        // It is heeded only after the broken one was seen, or in its stead.
        guarded.replace(&format!("{old_line}\n{new_line}\n{third_line}\n"));
        support::wait_until(|| is_taken(&third));
        stop.store(true, Ordering::Relaxed);
        assert!(load.join().unwrap() > 10);
    });
    guarded.replace(&new_line);
    support::wait_until(|| !is_taken(&old));
    assert!(is_taken(&new));
    guarded.replace("\n# nobody\n");
    support::wait_until(|| !is_taken(&new));
}

fn refusal_of(path: &Path) -> exacta_server::Error {
    let auth = AuthConfig { principals: Some(path.to_owned()) };
    Server::with(Config { auth, ..Config::default() }).join().unwrap_err()
}

#[test]
fn a_server_does_not_start_with_a_file_that_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let path: PathBuf = folder.path().join("principals");
    assert!(refusal_of(&path).to_string().contains("cannot be read"));
    let (token, line) = token("ann", &[Scope::Statistics]);
    let digest = line.split(' ').nth(1).unwrap();
    let cases = [
        (format!("{line}\n\n{line}"), "line 3: the same token"),
        (format!("ann {digest}"), "line 1: it has 2 words"),
        (format!("ann {token} statistics"), "line 1: the credential"),
        (format!("ann {digest}00 statistics"), "line 1: the digest"),
        (format!("ann {} statistics", digest.replace("sha256:", "sha256:x")), "the digest"),
        (format!("ann {digest} statistics,{token}"), "known: statistics,jobs:read,jobs:write"),
        (format!("jwt:ann {digest} statistics"), "line 1: the name"),
        (format!("{line} # who\n"), "line 1: it has"),
        ("\u{fffd}".to_owned() + &"a".repeat(65), "line 1"),
        ("#".repeat(2 << 20), "1 MiB"),
    ];
    for (text, expected) in cases {
        fs::write(&path, text).unwrap();
        let error = refusal_of(&path);
        let told = error.to_string();
        assert_eq!((error.code(), told.lines().count()), ("config.invalid", 1));
        assert!(told.starts_with("serve.auth.principals: /"), "{told}");
        assert!(told.contains(expected), "{told}");
        assert!(!told.contains(&token), "no secret is told: {told}");
    }
    fs::write(&path, b"\xff").unwrap();
    assert!(refusal_of(&path).to_string().contains("line 1: it is no UTF-8"));
}

#[test]
fn new_tokens_are_unlike_and_show_no_secret() {
    let tokens: Vec<_> = (0..100).map(|_| NewToken::new(None, Scope::ALL).unwrap()).collect();
    let distinct: std::collections::HashSet<_> = tokens.iter().map(NewToken::token).collect();
    assert_eq!(distinct.len(), 100);
    for new in &tokens {
        let token = new.token();
        let (name, secret) = token.split_once('.').unwrap();
        assert_eq!((name.len(), secret.len()), (12, 64));
        assert!(!format!("{new:?}").contains(secret));
    }
    for name in ["", "a b", "a.b", "a:b", "\u{e4}", &"a".repeat(65)] {
        assert_eq!(NewToken::new(Some(name), &[]).unwrap_err().code(), "auth.name", "{name}");
    }
}
