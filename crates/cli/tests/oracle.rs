//! The binary against exact arithmetic in Python, which shares no code with it. What is compared is in
//! oracle.py.

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt;

use common::{EXACTA, Run, python};

const ORACLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracle.py");

#[test]
fn every_bit_is_that_of_exact_arithmetic() {
    let Some(mut python) = python() else { return };
    let run = Run::from(
        python.args([ORACLE, EXACTA, "--cases", "1152", "--seed", "1"]).output().unwrap(),
    );
    assert!(run.stdout.ends_with(" passed, 0 failed\n"), "{}{}", run.stdout, run.stderr);
    assert_eq!(run.code, Some(0));
}

/// An oracle that cannot say no says nothing: here it is asked about a binary that is off by one bit.
#[test]
fn the_oracle_finds_one_wrong_bit() {
    let Some(mut python) = python() else { return };
    let folder = tempfile::tempdir().unwrap();
    let wrong = folder.path().join("exacta");
    let script = format!(
        r#"#!/bin/sh
'{EXACTA}' "$@" | sed 's/"rms":"\([0-9a-f]*\)0"/"rms":"\11"/'
"#
    );
    fs::write(&wrong, script).unwrap();
    fs::set_permissions(&wrong, fs::Permissions::from_mode(0o755)).unwrap();
    let wrong = wrong.to_str().unwrap();
    let run =
        Run::from(python.args([ORACLE, wrong, "--cases", "128", "--seed", "1"]).output().unwrap());
    assert!(run.stdout.contains("FAILED seed 1: rms"), "{}{}", run.stdout, run.stderr);
    assert_eq!(run.code, Some(1));
}
