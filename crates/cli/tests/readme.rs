//! The README's walk through jobs, command by command as it stands there.
#![cfg(unix)]

mod common;

use common::EXACTA;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

const README: &str = include_str!("../../../README.md");

/// The lines of the `sh` blocks below a heading, block by block.
fn blocks(heading: &str) -> Vec<Vec<&'static str>> {
    let (_, below) = README.split_once(heading).unwrap();
    let section = below.split("\n## ").next().unwrap();
    let blocks = section.split("```sh\n").skip(1);
    blocks.map(|block| block.split("```").next().unwrap().lines().collect()).collect()
}

/// A folder that looks like the repository, with `exacta` on the path.
struct Sandbox {
    folder: tempfile::TempDir,
}

impl Sandbox {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
        std::fs::create_dir(folder.path().join("target")).unwrap();
        symlink(root.join("examples"), folder.path().join("examples")).unwrap();
        Self { folder }
    }

    fn command(&self, line: &str) -> Command {
        let path = std::env::var("PATH").unwrap_or_default();
        let programs: PathBuf = Path::new(EXACTA).parent().unwrap().into();
        let mut command = Command::new("sh");
        command.current_dir(self.folder.path()).args(["-c", &format!("exec {line}")]);
        command.env("PATH", format!("{}:{path}:/usr/local/go/bin", programs.display()));
        // What Go needs is in the repository and on the machine, or it is not to be had.
        command.envs([("GOTOOLCHAIN", "local"), ("GOPROXY", "off")]);
        for name in
            ["EXACTA_SERVER", "EXACTA_SERVE_LISTEN", "EXACTA_SERVE_DATA", "EXACTA_SERVE_BODY_MAX"]
        {
            command.env_remove(name);
        }
        command
    }

    fn run(&self, line: &str) -> String {
        let output = self.command(line).stderr(Stdio::inherit()).output().unwrap();
        assert!(output.status.success(), "{line}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn has_go(&self) -> bool {
        let has_go = self.command("go version").output().unwrap().status.success();
        if !has_go {
            eprintln!("SKIPPED, the command in Go: there is no go on the path");
        }
        has_go
    }
}

/// The service, which does not outlive a test that fails.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_walk_through_jobs_works_as_it_stands() {
    let blocks = blocks("\n## Jobs\n");
    let [serve, rest] = &blocks[..] else { panic!("two blocks: {blocks:?}") };
    let [submit, submit_from_go, list] = &rest[..] else { panic!("three commands: {rest:?}") };
    let sandbox = Sandbox::new();
    let mut server = Server(sandbox.command(serve[0]).stderr(Stdio::piped()).spawn().unwrap());
    let mut first = String::new();
    BufReader::new(server.0.stderr.take().unwrap()).read_line(&mut first).unwrap();
    assert_eq!(
        first, "listening on http://127.0.0.1:8080\n",
        "is the port taken by another program?"
    );
    let expected = sandbox.run("exacta stats --json examples/data/seattle-weather.csv");
    assert_eq!(sandbox.run(submit), expected);
    let mut n_jobs = 1;
    if sandbox.has_go() {
        assert_eq!(sandbox.run(submit_from_go), expected);
        n_jobs += 1;
    } else {
        let may_skip = std::env::var_os("EXACTA_REQUIRE_ORACLES").is_none();
        assert!(may_skip, "EXACTA_REQUIRE_ORACLES is set: install Go 1.26");
    }
    assert_eq!(sandbox.run(list).matches("succeeded").count(), n_jobs);
    let stopped = sandbox.command(&format!("kill {}", server.0.id())).status().unwrap();
    assert!(stopped.success() && server.0.wait().unwrap().success());
}
