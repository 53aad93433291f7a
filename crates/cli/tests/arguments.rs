//! What a command line and its environment may say, through the real binary.

mod common;

use common::{Server, exacta, feed, run};

#[test]
fn threads_of_the_environment_are_a_number_or_an_error() {
    let with = |value: &str| {
        let mut command = exacta(&["stats", "--json", "-s", "sum"]);
        feed(command.env("RAYON_NUM_THREADS", value), b"1\n2\n")
    };
    let expected = run(&["stats", "--json", "-s", "sum"], b"1\n2\n");
    for value in ["", "0", "1", "3"] {
        assert_eq!(with(value), expected, "{value:?}");
    }
    for value in ["abc", "40000", "-1"] {
        let run = with(value);
        let line = format!(
            "exacta: RAYON_NUM_THREADS is `{value}`; set it to a number up to 1024, or not at all\n"
        );
        assert_eq!((run.code, run.stdout.as_str(), run.stderr), (Some(2), "", line));
    }
}

#[test]
fn every_spelling_of_a_negative_number_can_be_an_argument() {
    let server = Server::start();
    let endpoint = format!("{}/predict", server.url());
    let numbers = ["-5e-3", "-.5", "-1.5e-3", "-1e+5", "-5e-324"];
    let arguments = [&["predict"], &numbers[..], &["--endpoint", &endpoint]].concat();
    let answer = run(&arguments, b"");
    assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""), "{}", answer.stdout);
    assert!(answer.stdout.contains(r#""min":-100000,"max":-5e-324"#), "{}", answer.stdout);
    let wrong = run(&["predict", "--endpoint", &endpoint, "1", "-x"], b"");
    assert_eq!(wrong.code, Some(2));
    assert!(wrong.stderr.contains("'-x'"), "{}", wrong.stderr);
}

#[test]
fn an_answer_about_nothing_says_so() {
    let expected = "exacta: warning: there is no row; of text whose first line is data say so with \
                    --no-headers\n";
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start_with(&["--data", dir.path().to_str().unwrap()]);
    let url = server.url();
    for door in
        [&["stats"][..], &["stats", "--server", &url], &["submit", "--wait", "--server", &url]]
    {
        let arguments = [door, &["--json"]].concat();
        let nothing = run(&arguments, b"[a,b,c]\n");
        assert_eq!((nothing.code, nothing.stderr.as_str()), (Some(0), expected));
        assert_eq!(run(&arguments, b"a,b\n,\n").stderr, "");
    }
}

#[test]
fn a_new_token_is_shown_once_and_its_line_holds_only_a_digest() {
    let new = run(&["token", "new", "--name", "ann", "--scope", "metrics"], b"");
    assert_eq!(new.code, Some(0), "{}", new.stderr);
    let [token, line] = new.stdout.lines().collect::<Vec<_>>()[..] else {
        panic!("{}", new.stdout)
    };
    let secret = token.strip_prefix("ann.").unwrap();
    assert!(line.starts_with("ann sha256:") && line.ends_with(" metrics"), "{line}");
    assert!(!line.contains(secret) && !new.stderr.contains(secret));

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("principals");
    std::fs::write(&path, "# who").unwrap();
    let add_to = ["token", "new", "--add-to", path.to_str().unwrap()];
    let tokens = [run(&add_to, b""), run(&add_to, b"")];
    assert!(tokens.iter().all(|new| (new.code, new.stderr.as_str()) == (Some(0), "")));
    assert_ne!(tokens[0].stdout, tokens[1].stdout);
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(text.lines().count(), 3, "{text}");
    assert!(text.lines().skip(1).all(|line| line.ends_with(" statistics")), "{text}");

    for (arguments, expected) in [
        (["token", "new", "--name", "a.b"], "the name is none"),
        (
            ["token", "new", "--scope", "everything"],
            "known: statistics,jobs:read,jobs:write,metrics",
        ),
    ] {
        let wrong = run(&arguments, b"");
        assert_eq!((wrong.code, wrong.stderr.lines().count()), (Some(2), 1), "{}", wrong.stderr);
        assert!(wrong.stderr.contains(expected), "{}", wrong.stderr);
    }
}
