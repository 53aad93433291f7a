//! The binary against exact arithmetic in Python, which shares no code with it. What is compared is in
//! oracle.py.

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use common::oracle::python;
use common::{EXACTA, Run};

const ORACLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracle.py");

#[test]
fn every_bit_is_that_of_exact_arithmetic() {
    let Some(mut python) = python() else { return };
    let run = Run::from(
        python.args([ORACLE, EXACTA, "--cases", "10000", "--seed", "1"]).output().unwrap(),
    );
    assert!(run.stdout.ends_with(" passed, 0 failed\n"), "{}{}", run.stdout, run.stderr);
    assert_eq!(run.code, Some(0));
}

/// Writes a program of one line.
fn script(path: &Path, line: &str) {
    fs::write(path, format!("#!/bin/sh\n{line}\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// A test that is skipped passes. Where oracles are required it fails, also when Python is too old.
#[test]
fn a_missing_oracle_fails_where_it_is_required() {
    let folder = tempfile::tempdir().unwrap();
    let passes = |is_required: bool| {
        let mut test = Command::new(std::env::current_exe().unwrap());
        test.args(["--exact", "every_bit_is_that_of_exact_arithmetic"]);
        test.env("PATH", folder.path()).env_remove("EXACTA_REQUIRE_ORACLES");
        test.envs(is_required.then_some(("EXACTA_REQUIRE_ORACLES", "1")));
        let run = Run::from(test.output().unwrap());
        assert!(run.stdout.contains("1 test"), "{}", run.stdout);
        assert_eq!(run.stdout.contains("install Python 3.11"), is_required, "{}", run.stdout);
        run.code == Some(0)
    };
    assert_eq!((passes(false), passes(true)), (true, false), "no Python");
    script(&folder.path().join("python3"), "exit 1");
    assert_eq!((passes(false), passes(true)), (true, false), "an old Python");
}

/// An oracle that cannot say no says nothing: here it is asked about a binary that is off by one bit.
#[test]
fn the_oracle_finds_one_wrong_bit() {
    let Some(mut python) = python() else { return };
    let folder = tempfile::tempdir().unwrap();
    let wrong = folder.path().join("exacta");
    let command = r#""$@" | sed 's/"rms":"\([0-9a-f]*\)0"/"rms":"\11"/'"#;
    script(&wrong, &format!("'{EXACTA}' {command}"));
    let wrong = wrong.to_str().unwrap();
    let run =
        Run::from(python.args([ORACLE, wrong, "--cases", "128", "--seed", "1"]).output().unwrap());
    assert!(run.stdout.contains("FAILED seed 1: rms"), "{}{}", run.stdout, run.stderr);
    assert_eq!(run.code, Some(1));
}
