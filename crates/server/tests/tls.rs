//! TLS over real sockets: handshakes that succeed, fail and stall, certificates that change under load, clients
//! that show one, and what the client of this repository says of a service that it cannot trust.
#![cfg(feature = "tls")]

#[path = "support/authority.rs"]
mod authority;
mod support;

use std::fs;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use authority::{Authority, Files, expired, for_names};
use exacta_client::{
    Body, Client, Error as ClientError, ListJobsParams, Options, SubmitJobCsvParams,
    SummarizeCsvParams, Tls as Trust, Token,
};
use exacta_server::{AuthConfig, ClientAuth, Config, Limits, NewToken, Scope, Tls};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{
    AlertDescription, ClientConfig, ClientConnection, NamedGroup, ProtocolVersion, RootCertStore,
    StreamOwned, SupportedProtocolVersion, version,
};
use support::Server;

const PATIENCE: Duration = Duration::from_secs(30);

/// How long a client may take that is meant to be too slow.
const TOO_SLOW: Duration = Duration::from_millis(200);

static TLS12: &[&SupportedProtocolVersion] = &[&version::TLS12];

const REQUEST: &str = "GET /readyz HTTP/1.1\r\nhost: localhost\r\n\r\n";

fn settings(files: &Files) -> Tls {
    Tls { cert: Some(files.cert.clone()), key: Some(files.key.clone()), ..Tls::default() }
}

fn serve(tls: Tls) -> Server {
    Server::with(Config { tls, ..Config::default() })
}

/// A client that nobody here wrote: rustls as it comes.
struct Foreign {
    roots: CertificateDer<'static>,
    identity: Option<Files>,
    protocols: &'static [&'static str],
    versions: &'static [&'static SupportedProtocolVersion],
}

type Stream = StreamOwned<ClientConnection, TcpStream>;

impl Foreign {
    fn new(authority: &Authority) -> Self {
        Self {
            roots: CertificateDer::from_pem_file(authority.ca()).unwrap(),
            identity: None,
            protocols: &[],
            versions: rustls::ALL_VERSIONS,
        }
    }

    fn with(authority: &Authority, identity: Files) -> Self {
        Self { identity: Some(identity), ..Self::new(authority) }
    }

    fn config(&self) -> ClientConfig {
        let mut roots = RootCertStore::empty();
        roots.add(self.roots.clone()).unwrap();
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(self.versions)
            .unwrap()
            .with_root_certificates(roots);
        let mut config = match &self.identity {
            None => builder.with_no_client_auth(),
            Some(files) => {
                let chain = vec![CertificateDer::from_pem_file(&files.cert).unwrap()];
                let key = PrivateKeyDer::from_pem_file(&files.key).unwrap();
                builder.with_client_auth_cert(chain, key).unwrap()
            }
        };
        config.alpn_protocols =
            self.protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        config
    }

    /// Shakes hands to the end, as far as the client can tell.
    fn connect(&self, server: &Server) -> io::Result<Stream> {
        let name = "localhost".try_into().unwrap();
        let session = ClientConnection::new(self.config().into(), name).unwrap();
        let stream = TcpStream::connect(server.address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut stream = StreamOwned::new(session, stream);
        while stream.conn.is_handshaking() {
            stream.conn.complete_io(&mut stream.sock)?;
        }
        Ok(stream)
    }

    /// The first line of the answer to a request on a connection of its own.
    fn ask(&self, server: &Server) -> io::Result<String> {
        ask(&mut self.connect(server)?)
    }
}

fn ask(stream: &mut Stream) -> io::Result<String> {
    stream.write_all(REQUEST.as_bytes())?;
    let mut answer = Vec::new();
    let mut byte = [0];
    while !answer.ends_with(b"\r\n") {
        stream.read_exact(&mut byte)?;
        answer.extend(byte);
    }
    Ok(String::from_utf8(answer).unwrap())
}

fn alert(result: io::Result<String>) -> AlertDescription {
    let error = result.unwrap_err();
    match error.get_ref().and_then(|error| error.downcast_ref()) {
        Some(rustls::Error::AlertReceived(alert)) => *alert,
        _ => panic!("no alert, but {error:?}"),
    }
}

#[test]
fn versions_groups_and_protocols() {
    let authority = Authority::new("here");
    let server = serve(settings(&authority.server()));
    let foreign = || Foreign::new(&authority);

    let stream = foreign().connect(&server).unwrap();
    assert_eq!(stream.conn.protocol_version(), Some(ProtocolVersion::TLSv1_3));
    let group = stream.conn.negotiated_key_exchange_group().unwrap().name();
    assert_eq!(group, NamedGroup::X25519MLKEM768, "no later computer reads what is recorded now");

    let old = Foreign { versions: TLS12, ..foreign() };
    assert_eq!(old.ask(&server).unwrap(), "HTTP/1.1 200 OK\r\n");

    let cases: [(&[&str], Option<&str>); 3] = [
        (&["h2", "http/1.1"], Some("h2")),
        (&["http/1.1", "h2"], Some("h2")),
        (&["http/1.1"], Some("http/1.1")),
    ];
    for (protocols, expected) in cases {
        let stream = Foreign { protocols, ..foreign() }.connect(&server).unwrap();
        assert_eq!(stream.conn.alpn_protocol(), expected.map(str::as_bytes));
    }
    assert_eq!(foreign().ask(&server).unwrap(), "HTTP/1.1 200 OK\r\n", "without a word on it");
    let other = Foreign { protocols: &["spdy/1"], ..foreign() };
    assert_eq!(alert(other.ask(&server)), AlertDescription::NoApplicationProtocol);
}

/// Who agreed on one version of HTTP is not served another one.
#[test]
fn the_agreed_protocol_is_what_is_spoken() {
    let authority = Authority::new("here");
    let server = serve(settings(&authority.server()));
    let mut stream =
        Foreign { protocols: &["h2"], ..Foreign::new(&authority) }.connect(&server).unwrap();
    let answer = ask(&mut stream);
    assert!(!answer.is_ok_and(|line| line.starts_with("HTTP/1.1")), "h2 was agreed on");
    let mut stream = Foreign::new(&authority).connect(&server).unwrap();
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 "), "{answer:?}");
}

#[test]
fn who_speaks_http_without_tls_is_told_so() {
    let authority = Authority::new("here");
    let server = serve(settings(&authority.server()));
    for (path, media_type) in
        [("/v1/summarize", "application/problem+json"), ("/predict", "application/json")]
    {
        let mut peer = server.connect();
        peer.send_request(&format!("POST {path} HTTP/1.1\r\n"), b"{}");
        let answer = peer.answer();
        assert_eq!((answer.status, answer.header("content-type")), (400, Some(media_type)));
        assert_eq!(answer.header("connection"), Some("close"));
        assert!(answer.text().contains("https://"), "{}", answer.text());
        assert_eq!(peer.rest(), b"");
    }
    // Whatever else it is gets an alert at the most.
    for bytes in
        [&b"\0\0\0\0\0\0\0\0"[..], b"\x16\x03\x01\0\x05hello", b"\x80\x2e\x01\0\x02", b"get /"]
    {
        let mut peer = server.connect();
        peer.send(bytes);
        peer.end();
        let rest = peer.rest();
        assert!(rest.is_empty() || rest[0] == 0x15, "{bytes:?}: {rest:?}");
    }
}

/// A handshake that stalls is ended, and takes a place until then.
#[test]
fn a_handshake_has_a_deadline_and_counts_as_a_connection() {
    let authority = Authority::new("here");
    let files = authority.server();
    let limits = Limits { connections_max: 1.try_into().unwrap(), ..Limits::default() };
    let tls = Tls { handshake_timeout: TOO_SLOW.into(), ..settings(&files) };
    let server = Server::with(Config { tls, limits, ..Config::default() });
    for sent in [&b""[..], b"\x16", b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03"] {
        let mut peer = server.connect();
        peer.send(sent);
        let mut other = Foreign::new(&authority).connect(&server).unwrap();
        assert_eq!(peer.rest(), b"", "it was gone before another one was served");
        assert_eq!(ask(&mut other).unwrap(), "HTTP/1.1 200 OK\r\n");
    }
}

#[test]
fn a_handshake_does_not_keep_a_server_from_stopping() {
    let authority = Authority::new("here");
    let server = serve(settings(&authority.server()));
    let mut peer = server.connect();
    peer.send(b"\x16");
    let mut kept = Foreign::new(&authority).connect(&server).unwrap();
    ask(&mut kept).unwrap();
    let start = Instant::now();
    server.join().unwrap();
    assert!(start.elapsed() < Duration::from_secs(5), "a handshake may take ten seconds");
    assert_eq!(peer.rest(), b"");
}

#[test]
fn clients_are_known_by_their_certificates() {
    let authority = Authority::new("here");
    let other = Authority::new("other");
    let uri = "spiffe://example.org/worker";
    let tls = Tls { client_ca: Some(authority.ca()), ..settings(&authority.server()) };
    let required = serve(tls.clone());
    let optional = serve(Tls { client_auth: ClientAuth::Optional, ..tls });
    let with = |files| Foreign::with(&authority, files);

    let known = with(authority.client(uri));
    let stranger = with(other.client(uri));
    let late = with(authority.issue("late", &expired(for_names(&["worker.example.org"]))));
    for versions in [rustls::ALL_VERSIONS, TLS12] {
        let known = Foreign { versions, ..with(authority.client(uri)) };
        assert_eq!(known.ask(&required).unwrap(), "HTTP/1.1 200 OK\r\n");
        assert_eq!(known.ask(&required).unwrap(), "HTTP/1.1 200 OK\r\n", "also the second time");
    }
    let nobody = || Foreign::new(&authority);
    assert_eq!(alert(nobody().ask(&required)), AlertDescription::CertificateRequired);
    assert_eq!(nobody().ask(&optional).unwrap(), "HTTP/1.1 200 OK\r\n");
    for server in [&required, &optional] {
        assert_eq!(known.ask(server).unwrap(), "HTTP/1.1 200 OK\r\n");
        assert_eq!(alert(stranger.ask(server)), AlertDescription::UnknownCA);
        assert_eq!(alert(late.ask(server)), AlertDescription::CertificateExpired);
    }
    // A certificate for servers alone is none of a client.
    let mut params = for_names(&["worker.example.org"]);
    params.extended_key_usages.push(rcgen::ExtendedKeyUsagePurpose::ServerAuth);
    assert!(with(authority.issue("server_only", &params)).ask(&optional).is_err());
}

/// The serial number of the certificate that is shown.
fn shown(authority: &Authority, server: &Server) -> Vec<u8> {
    let stream = Foreign::new(authority).connect(server).unwrap();
    stream.conn.peer_certificates().unwrap()[0].to_vec()
}

/// Certificates change while clients come and stay, and none of them notices.
#[test]
fn a_certificate_is_rotated_under_load_with_no_failed_request() {
    let authority = Authority::new("here");
    let files = authority.server();
    let tls = Tls { reload_interval: Duration::from_millis(10).into(), ..settings(&files) };
    let server = serve(tls);
    let is_over = AtomicBool::new(false);
    let n_asked = AtomicUsize::new(0);
    let seen = |before: &[u8]| {
        let start = Instant::now();
        while shown(&authority, &server) == before {
            assert!(start.elapsed() < PATIENCE, "the old certificate is still shown");
        }
    };
    thread::scope(|scope| {
        for is_kept in [true, false] {
            let (foreign, server) = (Foreign::new(&authority), &server);
            let (is_over, n_asked) = (&is_over, &n_asked);
            scope.spawn(move || {
                let mut kept = foreign.connect(server).unwrap();
                while !is_over.load(Ordering::Relaxed) {
                    if !is_kept {
                        kept = foreign.connect(server).unwrap();
                    }
                    assert_eq!(ask(&mut kept).unwrap(), "HTTP/1.1 200 OK\r\n");
                    n_asked.fetch_add(1, Ordering::Relaxed);
                    drain(&mut kept);
                }
            });
        }
        for round in 0..4 {
            let before = shown(&authority, &server);
            if round == 2 {
                // What is broken keeps what was: a key that does not fit, then no certificate at all.
                let key = fs::read(&files.key).unwrap();
                authority.server();
                fs::write(&files.key, &key).unwrap();
                fs::write(&files.cert, "no certificate").unwrap();
                (0..20).for_each(|_| assert_eq!(shown(&authority, &server), before));
            }
            authority.server();
            seen(&before);
        }
        is_over.store(true, Ordering::Relaxed);
    });
    assert!(n_asked.into_inner() > 0);
}

/// Reads the rest of an answer whose first line was read.
fn drain(stream: &mut Stream) {
    let mut answer = Vec::new();
    let mut piece = [0; 1024];
    while !answer.ends_with(b"}") {
        let len = stream.read(&mut piece).unwrap();
        answer.extend_from_slice(&piece[..len]);
    }
}

fn refused(tls: Tls) -> String {
    Config { tls, ..Config::default() }.check().unwrap_err().to_string()
}

#[test]
fn what_is_wrong_with_a_file_is_told_with_its_name() {
    let authority = Authority::new("here");
    let files = authority.server();
    let other = authority.issue("other", &for_names(&["other"]));
    let write = |name: &str, text: &str| {
        let path = authority.path(name);
        fs::write(&path, text).unwrap();
        path
    };
    let none = authority.path("none.pem");
    let text = write("text.pem", "no PEM");
    let broken =
        write("broken.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    let good = settings(&files);
    let cert = |path: &Path| Tls { cert: Some(path.to_owned()), ..good.clone() };
    let key = |path: &Path| Tls { key: Some(path.to_owned()), ..good.clone() };
    let ca = |path: &Path| Tls { client_ca: Some(path.to_owned()), ..good.clone() };
    let alone = |tls: Tls| Tls { cert: None, ..tls };
    let cases = [
        (cert(&none), "none.pem: it cannot be read"),
        (cert(&text), "text.pem: there is no certificate in it"),
        (cert(&files.key), "server.key: there is no certificate in it"),
        (cert(&broken), "broken.pem: a certificate in it is broken"),
        (cert(&other.cert), "server.key: it is not the key of the certificate in"),
        (key(&none), "none.pem: it cannot be read"),
        (key(&files.cert), "server.pem: there is no private key in it"),
        (Tls { key: None, ..good.clone() }, "server.pem: there is no private key in it"),
        (key(&other.key), "other.key: it is not the key of the certificate in"),
        (ca(&none), "none.pem: it cannot be read"),
        (ca(&text), "text.pem: there is no certificate in it"),
        (ca(&broken), "broken.pem: a certificate in it is broken"),
        (alone(good.clone()), "serve.tls.key: it is of use with a certificate alone"),
        (alone(Tls { key: None, ..ca(&text) }), "serve.tls.client_ca: it is of use"),
        (
            Tls { handshake_timeout: Duration::ZERO.into(), ..good.clone() },
            "serve.tls.handshake_timeout",
        ),
    ];
    for (tls, expected) in cases {
        let told = refused(tls);
        assert!(told.contains(expected) && told.lines().count() == 1, "{told}, not {expected}");
    }
    let both = write(
        "both.pem",
        &(fs::read_to_string(&files.cert).unwrap() + &fs::read_to_string(&files.key).unwrap()),
    );
    Config { tls: Tls { key: None, ..cert(&both) }, ..Config::default() }.check().unwrap();
}

/// Runs a program that is not everywhere.
fn foreign(program: &str, arguments: &[&str], stdin: &[u8]) -> Option<String> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().ok()?;
    // It may not read to the end.
    let _ = child.stdin.take().unwrap().write_all(stdin);
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    Some(text.into_owned())
}

/// Keys as other programs write them.
#[test]
fn keys_of_openssl_are_read() {
    let authority = Authority::new("here");
    let path = |name: &str| authority.path(name).to_str().unwrap().to_owned();
    for (kind, arguments) in [
        ("PRIVATE KEY", &["genpkey", "-algorithm", "ed25519"][..]),
        ("EC PRIVATE KEY", &["ecparam", "-genkey", "-noout", "-name", "secp384r1"]),
        ("RSA PRIVATE KEY", &["genrsa", "-traditional", "2048"]),
    ] {
        let (key, cert) = (path("openssl.key"), path("openssl.pem"));
        let command = [&arguments[..1], &["-out", &key], &arguments[1..]].concat();
        let Some(_) = foreign("openssl", &command, b"") else { return };
        assert!(fs::read_to_string(&key).unwrap().contains(&format!("BEGIN {kind}")));
        let request =
            ["req", "-x509", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
        foreign("openssl", &[&request[..], &["-key", &key, "-out", &cert]].concat(), b"");
        let files = Files { cert: cert.into(), key: key.into() };
        Config { tls: settings(&files), ..Config::default() }.check().unwrap();
        let encrypted = path("encrypted.key");
        let cipher =
            ["pkey", "-aes128", "-passout", "pass:secret", "-in", files.key.to_str().unwrap()];
        foreign("openssl", &[&cipher[..], &["-out", &encrypted]].concat(), b"");
        let told = refused(Tls { key: Some(encrypted.into()), ..settings(&files) });
        assert!(told.contains("encrypted.key: there is no private key in it"), "{told}");
    }
}

#[test]
fn curl_and_openssl_are_served() {
    let authority = Authority::new("here");
    let server = serve(settings(&authority.server()));
    let (ca, port) = (authority.ca(), server.address.port());
    let ca = ca.to_str().unwrap();
    let url = format!("https://localhost:{port}/readyz");
    for version in ["--http1.1", "--http2"] {
        let told = foreign(
            "curl",
            &["-sS", "--noproxy", "*", "--cacert", ca, version, "-w", " %{http_version}", &url],
            b"",
        );
        let expected = if version == "--http2" { "2" } else { "1.1" };
        let is_right = |told: &str| told.contains("ready") && told.trim_end().ends_with(expected);
        assert!(told.as_deref().is_none_or(is_right), "{told:?}");
    }
    let address = format!("localhost:{port}");
    let arguments = [
        "s_client",
        "-connect",
        &address,
        "-CAfile",
        ca,
        "-verify_return_error",
        "-quiet",
        "-alpn",
        "http/1.1",
    ];
    let request = REQUEST.replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n");
    let told = foreign("openssl", &arguments, request.as_bytes());
    assert!(told.as_deref().is_none_or(|told| told.contains("HTTP/1.1 200 OK")), "{told:?}");
}

fn client(url: &str, tls: Trust) -> Result<Client, ClientError> {
    Client::with_options(url, Options { tls, ..Options::default() })
}

fn url(scheme: &str, host: &str, server: &Server) -> String {
    format!("{scheme}://{host}:{}", server.address.port())
}

/// Small and large requests, and an answer that comes before the whole body is sent.
#[test]
fn the_client_is_served() {
    let authority = Authority::new("here");
    let limits = Limits { body_max: "2MiB".parse().unwrap(), ..Limits::default() };
    let files = authority.server();
    let tls = Tls { client_ca: Some(authority.ca()), ..settings(&files) };
    let server = Server::with(Config { tls, limits, ..Config::default() });
    let identity = authority.client("spiffe://example.org/worker");
    let trust =
        Trust { cacert: Some(authority.ca()), cert: Some(identity.cert), key: Some(identity.key) };
    for host in ["localhost", "127.0.0.1"] {
        let client = client(&url("https", host, &server), trust.clone()).unwrap();
        let send = |len: usize| {
            let file = "x\n".to_owned() + &"1\n".repeat(len / 2);
            client.summarize_csv(Body::from(file.into_bytes()), &SummarizeCsvParams::default())
        };
        for len in [10, 1 << 20, 3 << 19] {
            assert_eq!(send(len).unwrap().columns[0].count, len as u64 / 2, "{len}");
        }
        let error = send(64 << 20).unwrap_err();
        assert_eq!(error.code(), "body.too_large", "{error}");
    }
}

#[test]
fn the_client_says_whom_it_does_not_trust() {
    let (authority, other) = (Authority::new("here"), Authority::new("other"));
    let trust = |ca: &Authority| Trust { cacert: Some(ca.ca()), ..Trust::default() };
    let files = authority.server();
    let server = serve(settings(&files));
    let named = serve(settings(&authority.issue("named", &for_names(&["example.org"]))));
    let late = serve(settings(&authority.issue("late", &expired(for_names(&["localhost"])))));
    let ca = Some(authority.ca());
    let closed = serve(Tls { client_ca: ca.clone(), ..settings(&files) });
    let plain = Server::start();
    let stranger = other.client("spiffe://example.org/worker");
    let stranger = Trust { cacert: ca, cert: Some(stranger.cert), key: Some(stranger.key) };
    let cases = [
        ("https", &server, trust(&other), "client.tls", "of an authority that is not trusted here"),
        (
            "https",
            &server,
            Trust::default(),
            "client.tls",
            "of an authority that is not trusted here",
        ),
        ("https", &named, trust(&authority), "client.tls", "is for example.org, not for localhost"),
        ("https", &late, trust(&authority), "client.tls", "certificate expired"),
        ("https", &closed, trust(&authority), "client.tls", "it asks for a client certificate"),
        (
            "https",
            &closed,
            stranger,
            "client.tls",
            "does not take the certificate of this client: UnknownCA",
        ),
        (
            "https",
            &plain,
            trust(&authority),
            "client.tls",
            "does not speak TLS; for plain HTTP write http://",
        ),
        ("http", &server, Trust::default(), "tls.needed", "this port speaks TLS: write https://"),
    ];
    for (scheme, server, tls, code, expected) in cases {
        let client = client(&url(scheme, "localhost", server), tls).unwrap();
        let small = client.get_readiness().unwrap_err();
        let large = Body::from(vec![b'1'; 2 << 20]);
        let large = client.summarize_csv(large, &SummarizeCsvParams::default()).unwrap_err();
        for error in [small, large] {
            let told = error.to_string();
            assert!(told.contains(expected) && told.lines().count() == 1, "{told}, not {expected}");
            assert_eq!(error.code(), code, "{told}");
        }
    }
}

/// Any other service that speaks TLS where HTTP is meant.
#[test]
fn what_does_not_speak_http_is_told_as_such() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.write_all(b"\x15\x03\x03\0\x02\x02\x0a").unwrap();
        // The client hangs up.
        let _ = stream.read_to_end(&mut Vec::new());
    });
    let error = Client::new(&url).unwrap().get_readiness().unwrap_err();
    assert_eq!(error.code(), "client.not_http", "{error}");
    server.join().unwrap();
}

#[test]
fn the_client_says_what_is_wrong_with_its_files() {
    let authority = Authority::new("here");
    let files = authority.client("spiffe://example.org/worker");
    let other = authority.server();
    let none = authority.path("none.pem");
    let key = files.key.clone();
    let cases = [
        (Trust { cacert: Some(none.clone()), ..Trust::default() }, "none.pem: it cannot be read"),
        (
            Trust { cacert: Some(key.clone()), ..Trust::default() },
            "client.key: there is no certificate",
        ),
        (
            Trust { cert: Some(files.cert.clone()), ..Trust::default() },
            "client.pem: there is no private key",
        ),
        (Trust { key: Some(key), ..Trust::default() }, "client.key: a key is of use"),
        (
            Trust { cert: Some(files.cert), key: Some(other.key), ..Trust::default() },
            "server.key: it is not the key of",
        ),
    ];
    for (trust, expected) in cases {
        let error = client("https://localhost", trust).unwrap_err();
        assert_eq!(error.code(), "client.tls_file");
        assert!(error.to_string().contains(expected), "{error}, not {expected}");
    }
}

/// What comes of a question of somebody who shows this certificate, or none.
fn outcome(
    authority: &Authority,
    server: &Server,
    shown: Option<Files>,
    token: Option<&str>,
) -> String {
    let (cert, key) = shown.map(|files| (files.cert, files.key)).unzip();
    let tls = Trust { cacert: Some(authority.ca()), cert, key };
    let options = Options { tls, token: token.map(Token::new), ..Options::default() };
    let client = Client::with_options(&url("https", "localhost", server), options).unwrap();
    let file = Body::from(b"x\n1\n".to_vec());
    match client.summarize_csv(file, &SummarizeCsvParams::default()) {
        Ok(_) => "answered".to_owned(),
        Err(error) => error.code().to_owned(),
    }
}

#[test]
fn a_name_in_a_certificate_is_a_principal() {
    let authority = Authority::new("here");
    let new = NewToken::new(Some("ann"), &[Scope::Statistics]).unwrap();
    let lines = [
        "worker uri:spiffe://example.org/worker statistics",
        "host dns:Worker.Example.org statistics",
        "lister uri:spiffe://example.org/lister jobs:read",
        &new.line(),
    ];
    let principals = tempfile::NamedTempFile::new().unwrap();
    fs::write(principals.path(), lines.join("\n")).unwrap();
    let auth =
        AuthConfig { principals: Some(principals.path().to_owned()), ..AuthConfig::default() };
    let tls = Tls {
        client_ca: Some(authority.ca()),
        client_auth: ClientAuth::Optional,
        ..settings(&authority.server())
    };
    let server = Server::with(Config { tls, auth, ..Config::default() });
    let of_uri = |name: &str| Some(authority.client(&format!("spiffe://example.org/{name}")));
    let of_host = |name: &str| Some(authority.issue("host", &for_names(&[name])));
    let check = |shown, token: Option<&str>, expected: &str| {
        assert_eq!(outcome(&authority, &server, shown, token), expected);
    };
    check(of_uri("worker"), None, "answered");
    check(of_host("worker.example.org"), None, "answered");
    check(of_uri("lister"), None, "scope.missing");
    for stranger in [of_uri("worker/"), of_uri("Worker"), of_host("example.org"), None] {
        check(stranger, None, "token.missing");
    }
    // Who shows a token is known by that, whatever the certificate says.
    check(of_uri("lister"), Some(&new.token()), "answered");
    check(of_uri("worker"), Some("ann.0"), "token.invalid");
}

/// Where certificates are required and nothing is said of callers, each is a principal with jobs of its own, and one that
/// names nobody is nobody.
#[test]
fn where_a_certificate_is_all_that_is_asked_for_it_is_a_principal() {
    let authority = Authority::new("here");
    let folder = tempfile::tempdir().unwrap();
    let tls = Tls { client_ca: Some(authority.ca()), ..settings(&authority.server()) };
    let data = Some(folder.path().join("data"));
    let server = Server::with(Config { tls, data, ..Config::default() });
    let client_with = |files: Files, token: Option<&str>| {
        let tls =
            Trust { cacert: Some(authority.ca()), cert: Some(files.cert), key: Some(files.key) };
        let options = Options { tls, token: token.map(Token::new), ..Options::default() };
        Client::with_options(&url("https", "localhost", &server), options).unwrap()
    };
    let of_uri = |name: &str, token| {
        client_with(authority.client(&format!("spiffe://example.org/{name}")), token)
    };
    let all = ListJobsParams::default();
    let (ann, bob) = (of_uri("ann", None), of_uri("bob", None));
    let job = ann.submit_job_csv(b"x\n1\n".to_vec(), &SubmitJobCsvParams::default()).unwrap();
    ann.get_job(&job.id).unwrap();
    assert_eq!(bob.get_job(&job.id).unwrap_err().code(), "job.not_found");
    assert_eq!(ann.list_jobs(&all).unwrap().jobs.len(), 1);
    assert!(bob.list_jobs(&all).unwrap().jobs.is_empty());
    assert!(bob.get_metrics().is_ok());
    // It has a name, which is none of those that are looked at.
    let nameless = client_with(authority.issue("nameless", &for_names(&["10.0.0.1"])), None);
    assert!(nameless.get_health().is_ok());
    let refused = [nameless.get_metrics().map(drop), nameless.list_jobs(&all).map(drop)];
    for refused in refused {
        assert_eq!(refused.unwrap_err().code(), "certificate.nameless");
    }
    // A token is no one's here, and not made good by a certificate.
    assert_eq!(of_uri("ann", Some("ann.0")).get_metrics().unwrap_err().code(), "token.invalid");
}
