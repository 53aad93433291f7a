//! Rules that look at one Rust file: its first words, `unsafe`, sleeping tests, and
//! what core must not touch. The order of modules is in `rooms`.

use super::words::{Word, children, words};
use super::{File, Finding};

/// The folders in which `unsafe` may stand.
const UNSAFE: [&str; 2] = ["crates/core/src/kernel/arch/", "crates/scan/src/arch/"];

/// The modules of std that reach outside the program, or ask what time it is.
const IMPURE: [&str; 7] = ["env", "fs", "io", "net", "process", "thread", "time"];

pub(super) fn check(file: &File) -> Vec<Finding> {
    let words = words(&file.path, &file.text);
    let mut findings = check_docs(file);
    findings.extend(check_unsafe(file, &words));
    findings.extend(check_sleep(file, &words));
    findings.extend(check_pure(file, &words));
    findings
}

/// A module says what is in it before anything else.
fn check_docs(file: &File) -> Vec<Finding> {
    let is_before = |line: &&str| {
        line.is_empty()
            || (line.starts_with("//") && !line.starts_with("//!"))
            || line.starts_with("#!")
    };
    let first = file.text.lines().find(|line| !is_before(line));
    if first.is_some_and(|line| line.starts_with("//!")) {
        return Vec::new();
    }
    let what = "the file says nothing of itself: begin it with `//!`, what is here and what is not";
    vec![Finding::new(&file.path, 1, what)]
}

fn check_unsafe(file: &File, words: &[Word]) -> Vec<Finding> {
    if UNSAFE.iter().any(|folder| file.path.starts_with(folder)) {
        return Vec::new();
    }
    let what = format!("`unsafe` stands outside {}: move it there", UNSAFE.join(" and "));
    named(file, words.iter().filter(|word| word.text == "unsafe"), &what)
}

fn check_sleep(file: &File, words: &[Word]) -> Vec<Finding> {
    let sleeps = words.iter().filter(|word| word.is_test && word.text == "sleep");
    named(file, sleeps, "a test sleeps: wait for what it expects instead")
}

fn check_pure(file: &File, words: &[Word]) -> Vec<Finding> {
    if !file.path.starts_with("crates/core/src/") {
        return Vec::new();
    }
    let mut used = children(words, "std");
    used.extend(children(words, "core"));
    used.retain(|word| !word.is_test && IMPURE.contains(&word.text.as_str()));
    let what = "core performs no I/O and reads no clock: let the caller hand it in";
    named(file, used.into_iter(), what)
}

fn named<'a>(file: &File, words: impl Iterator<Item = &'a Word>, what: &str) -> Vec<Finding> {
    words.map(|word| Finding::new(&file.path, word.line, what)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::findings_of;
    use super::*;

    #[track_caller]
    fn check_source(path: &str, text: &str, expected: &[(usize, &str)]) {
        let found = findings_of(check, path, text);
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for ((line, what), (expected_line, part)) in found.iter().zip(expected) {
            assert!(line == expected_line && what.contains(part), "{found:?}");
        }
    }

    #[test]
    fn tidy_files() {
        check_source(
            "crates/api/src/a.rs",
            "//! Words.\n// unsafe sleep\nfn f() { sleep(1) }",
            &[],
        );
        check_source("crates/api/src/a.rs", "// @generated\n\n#![no_main]\n//! Words.\n", &[]);
        check_source("crates/core/src/kernel/arch/x86.rs", "//! Words.\nunsafe fn f() {}", &[]);
        check_source(
            "crates/core/src/plan.rs",
            "//! Words.\n#[cfg(test)]\nmod t { use std::io; }",
            &[],
        );
        check_source(
            "crates/core/src/plan.rs",
            "//! Words.\nuse std::fmt;\nmod io; use self::io::X;",
            &[],
        );
        check_source("crates/scan/src/a.rs", "//! Words.\nuse std::io;", &[]);
    }

    #[test]
    fn untidy_files() {
        check_source("crates/api/src/a.rs", "use x;\n//! Words.", &[(1, "`//!`")]);
        check_source("crates/api/src/a.rs", "", &[(1, "`//!`")]);
        check_source(
            "crates/core/src/plan.rs",
            "//! Words.\nfn f() { unsafe { g() } }",
            &[(2, "`unsafe`")],
        );
        check_source(
            "crates/core/src/plan.rs",
            "//! Words.\nuse std::{fmt, fs};",
            &[(2, "no I/O")],
        );
        check_source(
            "crates/core/src/plan.rs",
            "//! Words.\nfn f() { core::time::X }",
            &[(2, "no I/O")],
        );
        let sleeps = "//! Words.\n#[test]\nfn f() {\n  std::thread::sleep(x);\n}";
        check_source("crates/scan/src/a.rs", sleeps, &[(4, "sleeps")]);
        check_source("crates/scan/tests/a.rs", "//! Words.\nfn f() { sleep(x) }", &[(2, "sleeps")]);
    }
}
