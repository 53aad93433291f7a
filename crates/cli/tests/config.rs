//! The configuration file: what it sets, what comes before it, and what is said of one that is wrong.

mod common;

use std::fs;
use std::path::PathBuf;

use common::{Run, Server, exacta, feed, run};

const INPUT: &[u8] = b"x\n1\n";

/// A folder with a configuration where users keep theirs.
struct Home {
    folder: tempfile::TempDir,
}

impl Home {
    fn new(config: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("exacta")).unwrap();
        let home = Self { folder };
        fs::write(home.path(), config).unwrap();
        home
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("exacta/config.toml")
    }

    fn run_with(&self, variables: &[(&str, &str)], arguments: &[&str]) -> Run {
        let mut command = exacta(arguments);
        command.env("XDG_CONFIG_HOME", self.folder.path()).envs(variables.iter().copied());
        feed(&mut command, INPUT)
    }

    fn run(&self, arguments: &[&str]) -> Run {
        self.run_with(&[], arguments)
    }
}

#[test]
fn a_flag_comes_before_a_variable_and_that_before_the_file() {
    let home = Home::new("format = \"ndjson\"\nthreads = 1\ncolor = \"never\"\n");
    let in_format = |format| run(&["stats", "-f", format], INPUT).stdout;
    assert_eq!(home.run(&["stats"]).stdout, in_format("ndjson"));
    let csv = [("EXACTA_FORMAT", "csv")];
    assert_eq!(home.run_with(&csv, &["stats"]).stdout, in_format("csv"));
    assert_eq!(home.run_with(&csv, &["stats", "-f", "tsv"]).stdout, in_format("tsv"));
    assert_eq!(home.run_with(&csv, &["stats", "--json"]).stdout, in_format("json"));
    // What is said of all outputs yields where it has no place for what is asked for; what is said of this one does not.
    for asked in [&["--plot"][..], &["--top"], &["--histogram", "2"]] {
        let asked = [&["stats", "-s", "mean"], asked].concat();
        let expected = run(&asked, INPUT);
        assert_eq!((home.run_with(&csv, &asked), expected.code), (expected, Some(0)), "{asked:?}");
        assert_eq!(run(&[&asked[..], &["-f", "csv"]].concat(), INPUT).code, Some(2), "{asked:?}");
    }
    // A job has an id alone before it has ended; that there is no service is what is told.
    let nowhere = ["submit", "--server", "http://127.0.0.1:1"];
    assert_eq!(home.run_with(&csv, &nowhere).code, Some(1));
    assert_eq!(run(&[&nowhere[..], &["-f", "csv"]].concat(), INPUT).code, Some(2));
    let json = home.run_with(&csv, &["stats", "--plot", "--json"]);
    assert_eq!((json.code, json.stdout.as_str()), (Some(2), ""));
    // Without XDG_CONFIG_HOME it is below ~/.config.
    let user = tempfile::tempdir().unwrap();
    fs::create_dir_all(user.path().join(".config/exacta")).unwrap();
    fs::copy(home.path(), user.path().join(".config/exacta/config.toml")).unwrap();
    let mut command = exacta(&["stats"]);
    let command = command.env_remove("XDG_CONFIG_HOME").env("HOME", user.path());
    assert_eq!(feed(command, INPUT).stdout, in_format("ndjson"));
}

#[test]
fn the_server_of_the_file_is_asked_unless_a_flag_says_otherwise() {
    let server = Server::start();
    let home = Home::new(&format!("server = \"{}\"\n", server.url()));
    let here = run(&["stats"], INPUT);
    assert_eq!(home.run(&["stats"]), here);
    server.stop();
    assert_eq!(home.run(&["stats"]).code, Some(1), "the server was asked, and is gone");
    assert_eq!(home.run(&["stats", "--server", ""]), here);
    for local in [&["--where", "x > 0"][..], &["--flexible"]] {
        assert_eq!(home.run(&[&["stats"], local].concat()), here, "{local:?}");
    }
    let refused = home.run(&["stats", "-t", "2"]);
    let message = "exacta: --threads is for computing here, and a server is named; drop it, or say --server ''; --help tells more\n";
    assert_eq!((refused.code, refused.stderr.as_str()), (Some(2), message));
    assert_eq!(home.run(&["stats", "--memory", "1M"]).code, Some(2));
    let threads = [("EXACTA_THREADS", "2")];
    assert_eq!(home.run_with(&threads, &["stats"]).code, Some(1), "for other commands");
    // `jobs` needs a server, and has one.
    assert_eq!(home.run(&["jobs", "list"]).code, Some(1));
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    for (config, message) in [
        ("colour = \"never\"", "1:1: unknown key `colour`; is `color` meant?"),
        (
            "\nquantiles = \"0.5\"",
            "2:1: unknown key `quantiles`; known are server, cacert, cert, key, token_file, threads, ",
        ),
        ("[serve]\nlissen = \"\"", "2:1: unknown key `lissen`; is `listen` meant?"),
        ("[server]\nlisten = \"\"", "1:1: `server` is a text"),
        ("[serv]\n", "1:2: unknown key `serv`; is `"),
        (
            "threads = 0",
            "1:11: `threads`: invalid value '0' for '--threads <N>': 0 is not in 1..=1024",
        ),
        ("threads = 1.5", "1:11: `threads` is a whole number"),
        ("threads = \"2\"", "1:11: `threads` is a whole number"),
        ("memory = true", "1:10: `memory` is a whole number or a text"),
        ("[serve]\nbody_max = 1", "2:1: unknown key `body_max`; it stands in [serve.limits]"),
        ("[serve.limits]\nserver = \"\"", "2:1: unknown key `server`; it stands before all tables"),
        ("[serve.limit]", "1:8: unknown key `limit`; is `limits` meant?"),
        ("serve = 1", "1:9: `serve` is a table: [serve]"),
        (
            "[serve]\n\n[serve.limits] # é\n  header_timeout = 30",
            "4:20: `header_timeout` is a text",
        ),
        (
            "serve.limits.header_timeout = \"30\"",
            "1:31: `header_timeout`: invalid value '30' for '--header-timeout <TIME>': a time with its unit is taken, such as",
        ),
        (
            "[serve.limits]\nconnections_max = 0",
            "2:19: `connections_max`: invalid value '0' for '--connections-max <N>': invalid value: integer `0`, expected a nonzero u32",
        ),
        (
            "format = \"cvs\"",
            "1:10: `format`: invalid value 'cvs' for '--format <FORMAT>'; possible values: table",
        ),
        ("a = 1\na = 2", "2:1: duplicate key"),
        ("server = \"x", "1:"),
    ] {
        let home = Home::new(config);
        let told = home.run(&["stats"]);
        assert_eq!((told.code, told.stdout.as_str()), (Some(2), ""), "{config}");
        let message = format!("exacta: {}:{message}", home.path().display());
        assert!(told.stderr.starts_with(&message), "{config}: {}", told.stderr);
        assert_eq!(told.stderr.matches('\n').count(), 1, "{}", told.stderr);
        assert_eq!(home.run(&["stats", "--help"]).code, Some(0));
    }
    let missing = run(&["stats", "--config", "no/such.toml"], INPUT);
    assert_eq!(missing.code, Some(2));
    let message = "exacta: no/such.toml: the configuration cannot be read: ";
    assert!(missing.stderr.starts_with(message));
}

/// A line of `exacta config` without what aligns it.
fn cells(line: &str) -> [&str; 3] {
    let (name, rest) = line.split_once("  ").unwrap_or((line, ""));
    let (value, from) = rest.trim_start().split_once("  ").unwrap_or((rest.trim(), ""));
    [name, value, from.trim_start()]
}

#[test]
fn the_settings_are_shown_with_where_they_come_from() {
    let home = Home::new("threads = 3\n[serve.limits]\nbody_max = 1000\n");
    let told = home.run_with(&[("EXACTA_SERVE_LISTEN", "127.0.0.1:0")], &["config"]);
    assert_eq!(told.code, Some(0));
    let head = format!("file  {}\n\nserver  ", home.path().display());
    assert!(told.stdout.starts_with(&head), "{}", told.stdout);
    for expected in [
        ["server", "–", ""],
        ["threads", "3", "line 1 of the file"],
        ["memory", "1GiB", ""],
        ["serve.listen", "127.0.0.1:0", "EXACTA_SERVE_LISTEN"],
        ["serve.data", "–", ""],
        ["serve.limits.body_max", "1000", "line 3 of the file"],
        ["serve.limits.header_timeout", "10s", ""],
    ] {
        assert!(told.stdout.lines().any(|line| cells(line) == expected), "{}", told.stdout);
    }
    let named = run(&["config", "--config", home.path().to_str().unwrap()], b"");
    assert!(named.stdout.lines().any(|line| cells(line)[..2] == ["threads", "3"]));
    let wrong = home.run_with(&[("EXACTA_THREADS", "x")], &["config"]);
    assert_eq!(wrong.code, Some(0));
    let [_, value, from] =
        cells(wrong.stdout.lines().find(|line| line.starts_with("threads")).unwrap());
    assert_eq!(value, "x");
    assert!(from.starts_with("EXACTA_THREADS: invalid value 'x' for '--threads <N>'"), "{from}");
}

#[test]
fn the_service_has_its_section() {
    let home = Home::new("[serve]\nlisten = \"127.0.0.1:x\"\n");
    let message = format!(
        "exacta: {}:2:10: serve.listen: `127.0.0.1:x` is no HOST:PORT, such as 127.0.0.1:8080\n",
        home.path().display()
    );
    for arguments in [&["serve"][..], &["serve", "--check"]] {
        let told = home.run(arguments);
        assert_eq!((told.code, told.stderr.as_str()), (Some(2), message.as_str()));
    }
    assert_eq!(home.run(&["serve", "--check", "--listen", "127.0.0.1:0"]).code, Some(0));
}

#[test]
fn what_is_checked_is_told_with_who_said_it() {
    let home = Home::new("");
    for (variables, flags, message) in [
        (&[][..], &[][..], "the settings are in order\n"),
        (&[("EXACTA_SERVE_DATA", "")], &[], "the settings are in order\n"),
        (
            &[("EXACTA_SERVE_STALL_TIMEOUT", "0s")],
            &[],
            "exacta: EXACTA_SERVE_STALL_TIMEOUT: serve.limits.stall_timeout: no client is that fast",
        ),
        (
            &[("EXACTA_SERVE_STALL_TIMEOUT", "0s")],
            &["--stall-timeout", "0ms"],
            "exacta: --stall-timeout: serve.limits.stall_timeout: no client is that fast",
        ),
        (
            &[("EXACTA_SERVE_BODY_MAX", "many")],
            &[],
            "exacta: EXACTA_SERVE_BODY_MAX: invalid value 'many' for '--body-max <BYTES>': a number of bytes",
        ),
        // A guard that is misspelt, or that is nothing, is none.
        (
            &[("EXACTA_SERVE_AUTH_PRINCIPLES", "/etc/principals")],
            &[],
            "exacta: EXACTA_SERVE_AUTH_PRINCIPLES: there is no such setting; is EXACTA_SERVE_AUTH_PRINCIPALS meant?\n",
        ),
        (
            &[("EXACTA_SERVE_SERVICE_ADDRESS_OF_OURS", "")],
            &[],
            "exacta: EXACTA_SERVE_SERVICE_ADDRESS_OF_OURS: there is no such setting; `exacta serve --help`",
        ),
        (
            &[("EXACTA_SERVE_AUTH_PRINCIPALS", "")],
            &[],
            "exacta: EXACTA_SERVE_AUTH_PRINCIPALS: invalid value '' for '--auth-principals <FILE>': it is empty",
        ),
        (
            &[],
            &["--tls-client-ca="],
            "exacta: invalid value '' for '--tls-client-ca <FILE>': it is empty",
        ),
        (
            &[("EXACTA_SERVE_OTLP_ENDPOINT", "https://ann:secret@localhost:4318")],
            &[],
            "exacta: EXACTA_SERVE_OTLP_ENDPOINT: serve.telemetry.otlp_endpoint: a URL is shown, so",
        ),
    ] {
        let told = home.run_with(variables, &[&["serve", "--check"], flags].concat());
        let code = if message.starts_with("exacta") { 2 } else { 0 };
        assert_eq!(told.code, Some(code), "{}", told.stderr);
        assert!(told.stderr.starts_with(message), "{}", told.stderr);
        assert!(!told.stderr.contains("secret"), "{}", told.stderr);
    }
}

/// `--check && systemctl restart` took a service down: variables of telemetry were looked at by the start alone.
#[test]
fn what_keeps_the_service_from_starting_is_found_by_a_check() {
    let home = Home::new("");
    for (variable, url) in [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "foo"),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://ann:secret@localhost/v1/traces"),
        ("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "ftp://localhost"),
        ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "localhost:4318"),
    ] {
        let [checked, started] = [&["serve", "--check"][..], &["serve", "--listen", "127.0.0.1:0"]]
            .map(|arguments| home.run_with(&[(variable, url)], arguments));
        assert_eq!(checked.code, Some(2), "{variable}={url}");
        assert!(checked.stderr.contains(variable), "{}", checked.stderr);
        assert!(!checked.stderr.contains("secret"), "{}", checked.stderr);
        assert_eq!(checked, started);
    }
    let off = [("OTEL_EXPORTER_OTLP_ENDPOINT", "foo"), ("OTEL_SDK_DISABLED", "true")];
    assert_eq!(home.run_with(&off, &["serve", "--check"]).code, Some(0));
}

#[test]
fn what_is_wrong_is_told_with_the_setting_that_is_there() {
    for (text, place) in [
        ("[serve.auth]\njwt_issuer = \"a\"\n", "2:14: serve.auth.jwt_issuer: "),
        ("[serve.auth]\njwt_audience = \"a\"\n", "2:16: serve.auth.jwt_audience: "),
        ("[serve]\nlisten = \"0.0.0.0:80\"\n", "2:10: 0.0.0.0:80 can be reached"),
    ] {
        let home = Home::new(text);
        let told = home.run(&["serve", "--check"]);
        assert_eq!(told.code, Some(2), "{}", told.stderr);
        let expected = format!("exacta: {}:{place}", home.path().display());
        assert!(told.stderr.starts_with(&expected), "{}", told.stderr);
    }
}

#[test]
fn a_password_in_a_url_is_not_shown() {
    let home = Home::new(
        "server = 'http://ann:secret@localhost'\n[serve.auth]\njwks = 'https://ann:secret@localhost/jwks?token=secret'\njwt_issuer = 'a'\njwt_audience = 'a'\n",
    );
    let variables = [("EXACTA_SERVE_OTLP_ENDPOINT", "http://localhost:4318?api_key=secret")];
    for (arguments, expected) in [
        (&["config"][..], &["http://…@localhost", "http://localhost:4318?…"][..]),
        (&["serve", "--print-config"], &["https://…@localhost/jwks?…", "http://localhost:4318?…"]),
        (&["serve", "--check"], &[]),
        (&["stats"], &[]),
    ] {
        let told = home.run_with(&variables, arguments);
        let text = told.stdout + &told.stderr;
        assert!(!text.contains("secret"), "{text}");
        for expected in expected {
            assert!(text.contains(expected.trim_matches(['\'', '"'])), "{text}");
        }
    }
}

#[test]
fn what_is_printed_reads_back() {
    let home = Home::new("[serve.limits]\nconnections_max = 1_000\nbody_max = \"1 kB\"\n");
    let variables = [("EXACTA_SERVE_DATA", "a \"b\"\\c"), ("EXACTA_SERVE_HEADER_TIMEOUT", "2s")];
    let told = home.run_with(&variables, &["serve", "--print-config", "--drain-delay", "5s"]);
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    let file = home.path().display().to_string();
    for (line, from) in [
        ("listen = \"127.0.0.1:8080\"", "default"),
        ("data = 'a \"b\"\\c'", "EXACTA_SERVE_DATA"),
        ("connections_max = 1000", &format!("{file}:2:19")),
        ("body_max = \"1 kB\"", &format!("{file}:3:12")),
        ("header_timeout = \"2s\"", "EXACTA_SERVE_HEADER_TIMEOUT"),
        ("drain_delay = \"5s\"", "--drain-delay"),
        ("# job_threads =", "not set"),
    ] {
        let mut lines =
            told.stdout.lines().map(|line| line.rsplit_once("# ").unwrap_or((line, "")));
        let found = lines.find(|(start, _)| start.trim_end() == line);
        assert_eq!(found.map(|(_, from)| from), Some(from), "{line}\n{}", told.stdout);
    }
    let values = |text: &str| -> Vec<String> {
        let lines = text.lines().filter_map(|line| line.rsplit_once("# "));
        lines.map(|(line, _)| line.trim_end().to_owned()).collect()
    };
    let again = Home::new(&told.stdout).run(&["serve", "--print-config"]);
    assert_eq!(values(&again.stdout), values(&told.stdout), "{}", again.stderr);
}

#[test]
fn an_empty_server_is_none_and_stands_in_no_ones_way() {
    let server = Server::start();
    let home = Home::new(&format!("server = \"{}\"\n", server.url()));
    server.stop();
    for local in [&["--by", "x"][..], &["--where", "x > 0"], &["--decimal"], &["--threads", "1"]] {
        let here = run(&[&["stats", "-s", "sum"], local].concat(), INPUT);
        assert_eq!(here.code, Some(0), "{}", here.stderr);
        for empty in [&["--server", ""][..], &["--server="]] {
            let told = home.run(&[&["stats", "-s", "sum"], local, empty].concat());
            assert_eq!(told, here, "{local:?}");
        }
        let told =
            home.run_with(&[("EXACTA_SERVER", "")], &[&["stats", "-s", "sum"], local].concat());
        assert_eq!(told, here, "{local:?}");
    }
    assert_eq!(Home::new("server = ''\n").run(&["stats", "--by", "x"]).code, Some(0));
    let told = home.run(&["jobs", "list", "--server", ""]);
    assert_eq!(told.code, Some(2), "{}", told.stderr);
    assert!(told.stderr.contains("--server <URL>"), "{}", told.stderr);
}

#[test]
fn a_wrong_color_stops_every_command_but_the_one_that_shows_it() {
    let home = Home::new("");
    let wrong = [("EXACTA_COLOR", "blue")];
    let told = home.run_with(&wrong, &["stats"]);
    assert_eq!(told.code, Some(2));
    assert!(
        told.stderr.starts_with("exacta: EXACTA_COLOR: invalid value 'blue'"),
        "{}",
        told.stderr
    );
    let told = home.run_with(&wrong, &["config"]);
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    assert!(told.stdout.contains("EXACTA_COLOR: invalid value 'blue'"), "{}", told.stdout);
}
