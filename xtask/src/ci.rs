//! `cargo xtask ci`: every check of the repository in order, one line each, until the
//! first that fails. What a check looks at is its own affair.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};
use std::{env, fs, io};

use crate::repository;

const README: &str = "README.md";

#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("{README} has no `cargo test` line in a fenced block: that line is what CI runs")]
    NoTestCommand,
    #[error("no test ran: look at the test command in {README}")]
    NoTests,
    #[error("step `{0}` failed: its output is above")]
    Failed(&'static str),
}

/// One check: a command whose success is all that counts.
struct Step {
    name: &'static str,
    command: Command,
}

/// Runs every step, or those up to the first that fails.
pub(crate) fn run(root: &Path) -> Result<(), Error> {
    let mut counts = Counts::default();
    for step in steps(root)? {
        run_step(step, &mut counts)?;
    }
    check_go(root)?;
    check_dependencies(root)?;
    println!("{counts}");
    if counts.passed == 0 { Err(Error::NoTests) } else { Ok(()) }
}

fn steps(root: &Path) -> Result<Vec<Step>, Error> {
    let cargo = |name, arguments: &str| {
        let mut command = repository::cargo(root);
        command.args(arguments.split_whitespace());
        Step { name, command }
    };
    let path = root.join(README);
    let readme = fs::read_to_string(&path).map_err(|source| Error::Io { path, source })?;
    let test = test_command(&readme).ok_or(Error::NoTestCommand)?;
    let mut doc = cargo("doc", "doc --workspace --no-deps");
    doc.command.env("RUSTDOCFLAGS", "-D warnings");
    Ok(vec![
        cargo("fmt", "fmt --all --check"),
        cargo("clippy", "clippy --workspace --all-targets -- -D warnings"),
        // Features unify in a workspace: only alone is the kernel without them.
        cargo("no_std", "clippy --package exacta --no-default-features -- -D warnings"),
        cargo(TEST, test),
        // What they answer must not depend on them.
        cargo("features", "test --package exacta --no-default-features --lib --tests"),
        cargo("formats", "clippy --package exacta-cli --no-default-features -- -D warnings"),
        cargo("serde", "test --package exacta --features serde --test serde"),
        doc,
        this("codegen", &["codegen", "--check"])?,
        this("tidy", &["tidy"])?,
    ])
}

/// The step whose tests are counted.
const TEST: &str = "test";

/// The arguments of the `cargo test` line in the first fenced block that has one.
fn test_command(readme: &str) -> Option<&str> {
    let mut is_fenced = false;
    readme.lines().map(str::trim).find_map(|line| {
        is_fenced ^= line.starts_with("```");
        line.strip_prefix("cargo ").filter(|rest| is_fenced && rest.starts_with("test"))
    })
}

/// A task of this program as a step.
fn this(name: &'static str, arguments: &[&str]) -> Result<Step, Error> {
    let path = env::current_exe().map_err(|source| Error::Io { path: "xtask".into(), source })?;
    let mut command = Command::new(path);
    command.args(arguments);
    Ok(Step { name, command })
}

/// Runs a step and prints its line; on failure its output too.
fn run_step(mut step: Step, counts: &mut Counts) -> Result<(), Error> {
    let start = Instant::now();
    let output = step.command.output();
    let output = output.map_err(|source| Error::Io { path: step.name.into(), source })?;
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        print_failure(&output, &stdout);
    }
    print_line(if output.status.success() { "ok" } else { "FAILED" }, step.name, start.elapsed());
    if step.name == TEST {
        stdout.lines().filter(|line| line.starts_with(RESULT)).for_each(|line| println!("{line}"));
        *counts = Counts::read(&stdout);
    }
    if output.status.success() {
        return Ok(());
    }
    if step.name == TEST {
        println!("{counts}");
    }
    Err(Error::Failed(step.name))
}

fn print_failure(output: &Output, stdout: &str) {
    print!("{}{stdout}", String::from_utf8_lossy(&output.stderr));
}

fn print_line(outcome: &str, name: &str, time: Duration) {
    println!("{outcome:<6}  {name:<8} {:>6.1}s", time.as_secs_f64());
}

/// Where the Go module is; decision 0060 says why it is there.
const GO_MODULE: &str = "examples/go-bridge";

/// The Go module's steps, where Go is installed: with that toolchain, and no module from elsewhere.
fn check_go(root: &Path) -> Result<(), Error> {
    let go = |program: &str, arguments: &str| {
        let mut command = Command::new(program);
        command.current_dir(root.join(GO_MODULE)).args(arguments.split_whitespace());
        command.env("GOTOOLCHAIN", "local").env("GOPROXY", "off");
        command
    };
    if !go("go", "version").output().is_ok_and(|output| output.status.success()) {
        println!("skip    {:<8} not installed: https://go.dev/dl/", "go");
        return if is_strict() { Err(Error::Failed("go")) } else { Ok(()) };
    }
    let unformatted = go("gofmt", "-l .").output();
    let unformatted = unformatted.map_err(|source| Error::Io { path: "gofmt".into(), source })?;
    if !unformatted.stdout.is_empty() || !unformatted.status.success() {
        print_failure(&unformatted, &String::from_utf8_lossy(&unformatted.stdout));
        return Err(Error::Failed("gofmt"));
    }
    // -count=1: a test's cached success knows nothing of the files above the module that it reads.
    for (name, arguments) in [("go vet", "vet ./..."), ("go test", "test -count=1 ./...")] {
        run_step(Step { name, command: go("go", arguments) }, &mut Counts::default())?;
    }
    Ok(())
}

/// The version of cargo-deny that is installed where there is none.
const CARGO_DENY: &str = "0.20.2";
/// Where.
const TOOLS: &str = "target/tools";

/// The last step. Advisories are left to the nightly run: they change without the repository, and are fetched from
/// the network.
fn check_dependencies(root: &Path) -> Result<(), Error> {
    const NAME: &str = "deny";
    let deny = |arguments: &[&str]| {
        let mut command = repository::cargo(root);
        let path = env::var_os("PATH").unwrap_or_default();
        let folders = env::split_paths(&path).chain([root.join(TOOLS).join("bin")]);
        command.env("PATH", env::join_paths(folders).unwrap_or(path)).arg("deny").args(arguments);
        command
    };
    if !deny(&["--version"]).output().is_ok_and(|output| output.status.success()) {
        if !is_strict() {
            println!("skip    {NAME:<8} not installed: cargo install --locked cargo-deny");
            return Ok(());
        }
        let mut command = repository::cargo(root);
        // Not optimized, it is built in a third of the time, and is quick enough.
        command.args(["install", "--locked", "--debug", "cargo-deny", "--version", CARGO_DENY]);
        command.arg("--root").arg(root.join(TOOLS));
        run_step(Step { name: "install", command }, &mut Counts::default())?;
    }
    let command = deny(&["--workspace", "check", "bans", "licenses", "sources"]);
    run_step(Step { name: NAME, command }, &mut Counts::default())
}

/// Whether nothing may be skipped, as .ci/run has it.
fn is_strict() -> bool {
    env::var_os("EXACTA_REQUIRE_ORACLES").is_some()
}

/// What every test binary says last.
const RESULT: &str = "test result: ";

/// How many tests there were, over all binaries.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    passed: u64,
    failed: u64,
    skipped: u64,
}

impl Counts {
    /// Adds up lines such as `test result: ok. 3 passed; 0 failed; 1 ignored; …`.
    fn read(stdout: &str) -> Self {
        let mut counts = Self::default();
        for line in stdout.lines().filter_map(|line| line.strip_prefix(RESULT)) {
            counts.passed += count(line, "passed");
            counts.failed += count(line, "failed");
            counts.skipped += count(line, "ignored");
        }
        counts
    }
}

/// The number before a word; 0 where the word is not there.
fn count(line: &str, word: &str) -> u64 {
    let words: Vec<_> = line.split([' ', ';', '.']).collect();
    let pair = words.windows(2).find(|pair| pair[1] == word);
    pair.and_then(|pair| pair[0].parse().ok()).unwrap_or(0)
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 { write!(f, ", {} skipped", self.skipped) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_test_command_comes_from_a_fenced_block() {
        let readme = "cargo test --not-this\n```sh\ncargo run\n```\ncargo test -x\n\
                      ```sh\n  cargo test --workspace\n```\n";
        assert_eq!(test_command(readme), Some("test --workspace"));
        assert_eq!(test_command("```\ncargo build\n```\ncargo test"), None);
    }

    #[test]
    fn results_are_added_up() {
        let stdout = "running 4 tests\ntest a ... ok\n\
            test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
            test result: FAILED. 10 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out\n\
            a test result: ok. 7 passed; 0 failed;\n";
        let counts = Counts::read(stdout);
        assert_eq!(counts, Counts { passed: 13, failed: 2, skipped: 1 });
        assert_eq!(counts.to_string(), "13 passed, 2 failed, 1 skipped");
        assert_eq!(Counts::read("").to_string(), "0 passed, 0 failed");
    }
}
