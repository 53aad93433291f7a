//! Who may call: tokens and what they allow over a real socket, operation by operation as the
//! document declares it, and jobs that only their owners see.

mod support;

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256,
    RSA_PSS_SHA256, RsaEncoding, RsaKeyPair, RsaPublicKeyComponents,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
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
        let auth = AuthConfig { principals: Some(path), ..AuthConfig::default() };
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
            let is_refused = |status| operation["responses"].get(status).is_some();
            assert_eq!(is_refused("401"), scope.is_some(), "{path}");
            assert!(is_refused("403"), "{path}");
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

/// A key that an issuer signs with, and what is published of it.
struct Issuer {
    id: &'static str,
    public: Value,
    algorithm: &'static str,
    sign: Sign,
}

/// Signs a message.
type Sign = Box<dyn Fn(&[u8]) -> Vec<u8>>;

impl Issuer {
    fn rsa(id: &'static str, algorithm: &'static str, encoding: &'static dyn RsaEncoding) -> Self {
        let key = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        let RsaPublicKeyComponents::<Vec<u8>> { n, e } = key.public_key().into();
        let sign = move |message: &[u8]| {
            let mut signature = vec![0; key.public_modulus_len()];
            key.sign(encoding, &SystemRandom::new(), message, &mut signature).unwrap();
            signature
        };
        let public = json!({"kty": "RSA", "kid": id, "use": "sig", "alg": algorithm, "n": base64(n), "e": base64(e)});
        Self { id, public, algorithm, sign: Box::new(sign) }
    }

    fn p256(id: &'static str) -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let (x, y) = key.public_key().as_ref()[1..].split_at(32);
        let public =
            json!({"kty": "EC", "kid": id, "crv": "P-256", "x": base64(x), "y": base64(y)});
        let sign = move |message: &[u8]| {
            key.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec()
        };
        Self { id, public, algorithm: "ES256", sign: Box::new(sign) }
    }

    fn ed25519(id: &'static str) -> Self {
        let key = Ed25519KeyPair::generate().unwrap();
        let public =
            json!({"kty": "OKP", "kid": id, "crv": "Ed25519", "x": base64(key.public_key())});
        let sign = move |message: &[u8]| key.sign(message).as_ref().to_vec();
        Self { id, public, algorithm: "EdDSA", sign: Box::new(sign) }
    }

    /// A token that is in order.
    fn token(&self) -> String {
        self.token_of(&claims())
    }

    fn token_of(&self, claims: &Value) -> String {
        self.jwt(&json!({"typ": "JWT", "alg": self.algorithm, "kid": self.id}), claims)
    }

    fn jwt(&self, header: &Value, claims: &Value) -> String {
        self.raw(&header.to_string(), &claims.to_string())
    }

    fn raw(&self, header: &str, claims: &str) -> String {
        let message = format!("{}.{}", base64(header), base64(claims));
        format!("{message}.{}", base64((self.sign)(message.as_bytes())))
    }
}

fn base64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

const ISSUER: &str = "https://issuer.example";
const AUDIENCE: &str = "exacta";

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

fn claims() -> Value {
    json!({"iss": ISSUER, "aud": AUDIENCE, "sub": "ann", "exp": now() + 600, "scope": "openid jobs:read"})
}

fn key_set(issuers: &[&Issuer]) -> String {
    json!({"keys": issuers.iter().map(|issuer| &issuer.public).collect::<Vec<_>>()}).to_string()
}

fn with_jwks(place: &str, pause: &str) -> AuthConfig {
    AuthConfig {
        jwks: Some(place.to_owned()),
        jwt_issuer: Some(ISSUER.to_owned()),
        jwt_audience: Some(AUDIENCE.to_owned()),
        jwks_pause: pause.parse().unwrap(),
        ..AuthConfig::default()
    }
}

/// A server that trusts the keys of an issuer.
fn trusting(auth: AuthConfig) -> Guarded {
    let folder = tempfile::tempdir().unwrap();
    let data = Some(folder.path().join("data"));
    let server = Server::with(Config { auth, data, ..Config::default() });
    assert_eq!(server.get("/readyz").status, 200);
    Guarded { server, folder }
}

/// A claim or a member of a header that is another, or none at all.
fn with(value: &Value, name: &str, member: Value) -> Value {
    let mut value = value.clone();
    let members = value.as_object_mut().unwrap();
    if member.is_null() {
        members.remove(name)
    } else {
        members.insert(name.to_owned(), member)
    };
    value
}

/// A token, and what is wrong with it.
type Case = (String, String);

/// The keys that a server trusts.
struct Trusted {
    rsa: Issuer,
    pss: Issuer,
    /// It says nothing of its algorithm.
    plain: Issuer,
    p256: Issuer,
    ed: Issuer,
}

impl Trusted {
    fn new() -> Self {
        let mut plain = Issuer::rsa("plain", "RS256", &RSA_PKCS1_SHA256);
        plain.public = with(&plain.public, "alg", Value::Null);
        Self {
            rsa: Issuer::rsa("rsa", "RS256", &RSA_PKCS1_SHA256),
            pss: Issuer::rsa("pss", "PS256", &RSA_PSS_SHA256),
            plain,
            p256: Issuer::p256("p256"),
            ed: Issuer::ed25519("ed"),
        }
    }

    fn all(&self) -> [&Issuer; 5] {
        [&self.rsa, &self.pss, &self.plain, &self.p256, &self.ed]
    }

    /// A server that trusts them, and the file that they are in.
    fn server(&self) -> (Guarded, tempfile::NamedTempFile) {
        let keys = tempfile::NamedTempFile::new().unwrap();
        fs::write(keys.path(), key_set(&self.all())).unwrap();
        (trusting(with_jwks(keys.path().to_str().unwrap(), "1s")), keys)
    }
}

#[test]
fn a_jwt_that_is_in_order_is_taken() {
    let trusted = Trusted::new();
    let (guarded, _keys) = trusted.server();
    for issuer in trusted.all() {
        assert_eq!(guarded.get("/v1/jobs", &issuer.token()).status, 200, "{}", issuer.id);
    }
    let good = claims();
    for claims in [
        with(&good, "aud", json!(["other", AUDIENCE])),
        with(&good, "exp", json!(now() - 10)),
        with(&good, "exp", json!(1e12)),
        with(&good, "nbf", json!(now() + 10)),
        with(&good, "nbf", json!(0)),
        with(&good, "scope", json!("jobs:read")),
        with(&good, "groups", json!([[[]]])),
    ] {
        let answer = guarded.get("/v1/jobs", &trusted.p256.token_of(&claims));
        assert_eq!(answer.status, 200, "{claims}");
    }
    for scope in
        [Value::Null, json!(""), json!("openid jobs"), json!("JOBS:READ"), json!("jobs:write")]
    {
        let jwt = trusted.p256.token_of(&with(&good, "scope", scope));
        check_refusal(&guarded.get("/v1/jobs", &jwt), 403, "scope.missing");
    }
}

#[test]
fn every_other_jwt_is_refused() {
    let trusted = Trusted::new();
    let (guarded, _keys) = trusted.server();
    let cases = [
        with_wrong_claims(&trusted.p256),
        with_wrong_headers(&trusted.p256),
        of_a_stranger(),
        without_signature(&trusted.rsa),
        with_public_key_as_secret(&trusted.rsa),
        of_another_algorithm(&trusted),
        damaged(&trusted.p256),
    ];
    for (about, jwt) in cases.concat() {
        let answer = guarded.get("/v1/jobs", &jwt);
        assert_eq!(answer.status, 401, "{about}: {jwt}");
        check_refusal(&answer, 401, "token.invalid");
    }
    let jwt = trusted.p256.token();
    assert_eq!(guarded.get("/v1/jobs", &jwt).status, 200);
    for headers in [bearer(&jwt) + &bearer(&jwt), format!("cookie: jwt={jwt}\r\n")] {
        assert_eq!(guarded.send("GET", "/v1/jobs", &headers, b"").status, 401);
    }
    let path = format!("/v1/jobs?access_token={jwt}");
    assert_eq!(guarded.send("GET", &path, "", b"").status, 401);
}

fn with_wrong_claims(issuer: &Issuer) -> Vec<Case> {
    let long = json!("a".repeat(257));
    let wrong = json!({
        "aud": [null, "other", [], ["other"], "", 1, "Exacta"],
        "iss": [null, "https://other.example", [ISSUER], "", format!("{ISSUER}/")],
        "exp": [null, now() - 60, 0, -1, "9999999999", [9_999_999_999_u64]],
        "nbf": [now() + 120, "0"],
        "sub": [null, "", 7, "a\nb", long],
        "scope": [["jobs:read"], {"jobs:read": true}],
    });
    let mut cases = Vec::new();
    for (name, values) in wrong.as_object().unwrap() {
        for value in values.as_array().unwrap() {
            let jwt = issuer.token_of(&with(&claims(), name, value.clone()));
            cases.push((format!("{name} is {value}"), jwt));
        }
    }
    cases
}

fn with_wrong_headers(issuer: &Issuer) -> Vec<Case> {
    let headers = json!([
        {"alg": "ES256"},
        {"alg": "ES256", "kid": ""},
        {"alg": "ES256", "kid": "../../../../etc/passwd"},
        {"alg": "ES256", "kid": "p256\0"},
        {"alg": "ES256", "kid": 1},
        {"alg": "ES256", "kid": ["p256"]},
        {"alg": "ES256", "kid": "ed"},
        {"alg": "EdDSA", "kid": "p256"},
        {"alg": "ES384", "kid": "p256"},
        {"alg": "RS256", "kid": "p256"},
        {"kid": "p256"},
        {"alg": "ES256", "kid": "p256", "crit": ["b64"]},
        {"alg": "ES256", "kid": "p256", "crit": []},
    ]);
    let headers = headers.as_array().unwrap().iter();
    headers.map(|header| (header.to_string(), issuer.jwt(header, &claims()))).collect()
}

/// Tokens of somebody who has a key of the same name, and brings it along.
fn of_a_stranger() -> Vec<Case> {
    let stranger = Issuer::p256("p256");
    let header = json!({"alg": "ES256", "kid": "p256"});
    let brought = [
        ("jwk", stranger.public.clone()),
        ("jku", json!("https://stranger.example/jwks")),
        ("x5u", json!("https://stranger.example")),
    ];
    let case = |(name, value): (&str, Value)| {
        (name.to_owned(), stranger.jwt(&with(&header, name, value), &claims()))
    };
    let plain = ("of a stranger".to_owned(), stranger.token());
    brought.into_iter().map(case).chain([plain]).collect()
}

/// Tokens that are signed by a key that is trusted, and for another algorithm of its kind.
fn of_another_algorithm(trusted: &Trusted) -> Vec<Case> {
    let Trusted { rsa, pss, plain, .. } = trusted;
    let others = [("RS512", rsa), ("PS256", rsa), ("RS256", pss), ("PS256", plain)];
    let case = |(other, issuer): (&str, &Issuer)| {
        let header = json!({"alg": other, "kid": issuer.id});
        (format!("{other} of {}", issuer.id), issuer.jwt(&header, &claims()))
    };
    others.map(case).to_vec()
}

fn damaged(issuer: &Issuer) -> Vec<Case> {
    let jwt = issuer.token();
    let (message, signature) = jwt.rsplit_once('.').unwrap();
    let (head, _) = message.split_once('.').unwrap();
    let other_claims = base64(with(&claims(), "sub", json!("bob")).to_string());
    let header = json!({"alg": "ES256", "kid": "p256"}).to_string();
    let twice = claims().to_string().replacen('{', r#"{"aud":"other","#, 1);
    let cases = [
        ("other claims", format!("{head}.{other_claims}.{signature}")),
        ("no signature", format!("{message}.")),
        ("half a signature", jwt[..jwt.len() - 40].to_owned()),
        ("padding", format!("{jwt}=")),
        ("a part more", format!("{jwt}.{signature}")),
        ("a part less", message.to_owned()),
        ("dots", "..".to_owned()),
        ("twice aud", issuer.raw(&header, &twice)),
        (
            "twice alg",
            issuer.raw(r#"{"alg":"none","alg":"ES256","kid":"p256"}"#, &claims().to_string()),
        ),
        ("deep", issuer.raw(&header, &"[".repeat(10_000))),
        ("a list", issuer.raw(&header, "[]")),
    ];
    cases.map(|(about, jwt)| (about.to_owned(), jwt)).to_vec()
}

/// Tokens that say that they need no signature.
fn without_signature(issuer: &Issuer) -> Vec<Case> {
    let names = ["none", "None", "NONE", "nOnE", "", "null"];
    let mut tokens = Vec::new();
    for name in names {
        let signed = issuer.jwt(&json!({"alg": name, "kid": issuer.id}), &claims());
        let (message, _) = signed.rsplit_once('.').unwrap();
        tokens.push((format!("alg {name:?}"), format!("{message}.")));
        tokens.push((format!("alg {name:?}, signed"), signed));
    }
    tokens
}

/// Tokens whose symmetric key is what everybody knows of an asymmetric one.
fn with_public_key_as_secret(issuer: &Issuer) -> Vec<Case> {
    let modulus = issuer.public["n"].as_str().unwrap();
    let secrets = [
        modulus.as_bytes().to_vec(),
        URL_SAFE_NO_PAD.decode(modulus).unwrap(),
        issuer.public.to_string().into_bytes(),
        Vec::new(),
    ];
    let token = |secret: &Vec<u8>| {
        let header = json!({"alg": "HS256", "kid": issuer.id}).to_string();
        let message = format!("{}.{}", base64(header), base64(claims().to_string()));
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message.as_bytes());
        (format!("HS256 with {} bytes", secret.len()), format!("{message}.{}", base64(tag)))
    };
    secrets.iter().map(token).collect()
}

/// What an issuer answers who is asked for keys.
#[derive(Clone)]
enum Reply {
    Keys(String),
    Raw(String),
    Silence,
}

/// A server of key sets, which counts how often it is asked.
struct KeyServer {
    url: String,
    reply: Arc<Mutex<Reply>>,
    n_asked: Arc<AtomicUsize>,
}

impl KeyServer {
    fn start(keys: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/jwks", listener.local_addr().unwrap());
        let reply = Arc::new(Mutex::new(Reply::Keys(keys)));
        let n_asked = Arc::new(AtomicUsize::new(0));
        let (replies, count) = (Arc::clone(&reply), Arc::clone(&n_asked));
        std::thread::spawn(move || {
            let mut silent = Vec::new();
            for stream in listener.incoming().map(Result::unwrap) {
                count.fetch_add(1, Ordering::Relaxed);
                let mut head = [0; 4096];
                let _ = (&stream).read(&mut head);
                let text = match replies.lock().unwrap().clone() {
                    Reply::Keys(keys) => format!(
                        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{keys}",
                        keys.len()
                    ),
                    Reply::Raw(text) => text,
                    Reply::Silence => {
                        silent.push(stream);
                        continue;
                    }
                };
                let _ = (&stream).write_all(text.as_bytes());
            }
        });
        Self { url, reply, n_asked }
    }

    fn reply(&self, reply: Reply) {
        *self.reply.lock().unwrap() = reply;
    }

    fn n_asked(&self) -> usize {
        self.n_asked.load(Ordering::Relaxed)
    }
}

#[test]
fn keys_are_exchanged_by_their_issuer_and_stay_when_it_fails() {
    let [old, new, never] = ["old", "new", "never"].map(Issuer::p256);
    let keys = KeyServer::start(key_set(&[&old]));
    let guarded = trusting(with_jwks(&keys.url, "10ms"));
    let is_taken = |issuer: &Issuer| guarded.get("/v1/jobs", &issuer.token()).status == 200;
    support::wait_until(|| is_taken(&old));
    assert!(!is_taken(&never));
    keys.reply(Reply::Keys(key_set(&[&new])));
    support::wait_until(|| is_taken(&new));
    assert!(!is_taken(&old), "a key that was withdrawn is forgotten");
    let head = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n";
    let mut secret = serde_json::from_str::<Value>(&key_set(&[&never])).unwrap();
    secret["keys"].as_array_mut().unwrap().push(json!({"kty": "oct", "k": "AAAA", "kid": "s"}));
    let failures = [
        "HTTP/1.1 500 Oops\r\ncontent-length: 0\r\n\r\n".to_owned(),
        "HTTP/1.1 302 Found\r\nlocation: /other\r\ncontent-length: 0\r\n\r\n".to_owned(),
        format!("{head}{{"),
        format!("{head}{}", json!({"keys": []})),
        format!("{head}{secret}"),
        format!("{head}{}{}", key_set(&[&never]), " ".repeat(2 << 20)),
        String::new(),
    ];
    for failure in failures {
        keys.reply(Reply::Raw(failure));
        let before = keys.n_asked();
        support::wait_until(|| {
            assert!(is_taken(&new) && !is_taken(&never));
            keys.n_asked() > before + 1
        });
    }
    // While nobody answers, whoever has a known key is let in.
    keys.reply(Reply::Silence);
    let before = keys.n_asked();
    support::wait_until(|| {
        let mut peer = guarded.server.connect();
        let headers = bearer(&never.token());
        peer.send(format!("GET /v1/jobs HTTP/1.1\r\nhost: x\r\n{headers}\r\n"));
        keys.n_asked() > before
    });
    assert!(is_taken(&new));
}

/// It waited for the fetch to be given up.
#[test]
fn a_token_is_withdrawn_while_an_issuer_hangs() {
    let keys = KeyServer::start(String::new());
    keys.reply(Reply::Silence);
    let (ann, line) = token("ann", &[Scope::JobsRead]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("principals");
    fs::write(&path, line).unwrap();
    let auth = AuthConfig { principals: Some(path.clone()), ..with_jwks(&keys.url, "10ms") };
    let guarded = trusting(auth);
    assert_eq!(guarded.get("/v1/jobs", &ann).status, 200);
    support::wait_until(|| keys.n_asked() > 0);
    let start = Instant::now();
    fs::write(&path, "").unwrap();
    support::wait_until(|| guarded.get("/v1/jobs", &ann).status == 401);
    assert!(start.elapsed() < Duration::from_secs(3), "a fetch is given up after five");
}

/// It was called invalid, and clients threw good tokens away.
#[test]
fn a_token_whose_key_cannot_be_fetched_is_to_be_sent_again() {
    let [known, new] = ["known", "new"].map(Issuer::p256);
    let failure = || Reply::Raw("HTTP/1.1 500 Oops\r\ncontent-length: 0\r\n\r\n".to_owned());
    let keys = KeyServer::start(String::new());
    keys.reply(failure());
    let guarded = trusting(with_jwks(&keys.url, "10ms"));
    let ask = |token: &str| guarded.get("/v1/jobs", token);
    let answer = ask(&known.token());
    assert_eq!((answer.status, &answer.problem()["code"]), (503, &"keys.unavailable".into()));
    assert!(answer.header("retry-after").is_some() && answer.header("www-authenticate").is_none());
    for wrong in [
        known.jwt(&json!({"alg": "HS256", "kid": "known"}), &claims()),
        known.raw(r#"{"alg":"ES256","kid":"known"}"#, "no claims"),
        "a.b.c".to_owned(),
    ] {
        assert_eq!(ask(&wrong).status, 401, "{wrong}");
    }
    keys.reply(Reply::Keys(key_set(&[&known])));
    support::wait_until(|| ask(&known.token()).status == 200);
    assert_eq!(ask(&new.token()).status, 401, "its issuer has no such key");
    keys.reply(failure());
    support::wait_until(|| ask(&new.token()).status == 503);
    assert_eq!(ask(&known.token()).status, 200);
}

#[test]
fn unknown_keys_are_looked_for_no_more_often_than_is_said() {
    let [known, never] = ["known", "never"].map(Issuer::p256);
    let keys = KeyServer::start(key_set(&[&known]));
    let guarded = trusting(with_jwks(&keys.url, "1h"));
    support::wait_until(|| guarded.get("/v1/jobs", &known.token()).status == 200);
    for _ in 0..30 {
        assert_eq!(guarded.get("/v1/jobs", &never.token()).status, 401);
    }
    assert_eq!(keys.n_asked(), 1);
}

#[test]
fn a_subject_of_a_jwt_is_nobody_of_the_file() {
    let everything = "jobs:read jobs:write";
    let issuer = Issuer::p256("p256");
    let folder = tempfile::tempdir().unwrap();
    let (keys, principals) = (folder.path().join("keys"), folder.path().join("principals"));
    fs::write(&keys, key_set(&[&issuer])).unwrap();
    let (ann, line) = token("ann", &[Scope::JobsRead, Scope::JobsWrite]);
    fs::write(&principals, line).unwrap();
    let auth = with_jwks(keys.to_str().unwrap(), "1s");
    let guarded = trusting(AuthConfig { principals: Some(principals), ..auth });
    let jwt = issuer.token_of(&with(&claims(), "scope", json!(everything)));
    let submit = |token: &str| {
        let headers = bearer(token) + "content-type: text/csv\r\n";
        id(&guarded.send("POST", "/v1/jobs/csv", &headers, b"a\n1\n"))
    };
    let (of_ann, of_subject) = (submit(&ann), submit(&jwt));
    for (token, own, other) in [(&ann, &of_ann, &of_subject), (&jwt, &of_subject, &of_ann)] {
        assert_eq!(guarded.get(&format!("/v1/jobs/{own}"), token).status, 200);
        assert_eq!(guarded.get(&format!("/v1/jobs/{other}"), token).status, 404);
    }
}

#[test]
fn a_server_does_not_start_with_keys_that_are_no_such() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys");
    let place = path.to_str().unwrap();
    let told = |auth: AuthConfig| {
        let error = Server::with(Config { auth, ..Config::default() }).join().unwrap_err();
        assert_eq!((error.code(), error.to_string().lines().count()), ("config.invalid", 1));
        error.to_string()
    };
    let key = Issuer::p256("a");
    let private = json!({"keys": [with(&key.public, "d", json!("AAAA"))]});
    let small = json!({"keys": [{"kty": "EC", "crv": "P-521", "x": "AA", "y": "AA", "kid": "a"}]});
    let encrypting = json!({"keys": [with(&key.public, "use", json!("enc"))]});
    let other = json!({"keys": [with(&key.public, "alg", json!("RS256"))]});
    let cases = [
        ("{".to_owned(), "no JSON object"),
        ("[]".to_owned(), "no JSON object"),
        (json!({"keys": [{"kty": "oct", "k": "AAAA"}]}).to_string(), "a key to sign with"),
        (private.to_string(), "a key to sign with"),
        (small.to_string(), "no key to verify"),
        (encrypting.to_string(), "no key to verify"),
        (other.to_string(), "no key to verify"),
        (json!({"keys": vec![&key.public; 2]}).to_string(), "two of its keys"),
        (json!({"keys": vec![&key.public; 101]}).to_string(), "more than 100"),
    ];
    for (text, expected) in cases {
        fs::write(&path, text).unwrap();
        let told = told(with_jwks(place, "1s"));
        assert!(told.contains(expected), "{told}");
    }
    let missing = AuthConfig { jwt_audience: None, ..with_jwks(place, "1s") };
    assert!(told(missing).contains("all of jwks, jwt_issuer and jwt_audience"));
    for url in [
        "http://issuer.example/jwks",
        "http://127.0.0.1.example/jwks",
        "ftp://localhost/",
        "http://",
        "https://ann:secret@issuer.example/jwks",
    ] {
        assert!(told(with_jwks(url, "1s")).starts_with("serve.auth.jwks: "), "{url}");
    }
    assert!(told(with_jwks("https://issuer.example/jwks", "0s")).contains("jwks_pause"));
}

fn refusal_of(path: &Path) -> exacta_server::Error {
    let auth = AuthConfig { principals: Some(path.to_owned()), ..AuthConfig::default() };
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
