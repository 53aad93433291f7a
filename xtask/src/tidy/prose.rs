//! A rule for the page that maps the house: every path and every test that it quotes is
//! there. What it says of them is for its readers to check.

use std::path::Path;

use super::{File, Finding};

/// The page.
pub(super) const PAGE: &str = "docs/ARCHITECTURE.md";

pub(super) fn check(page: &File, paths: &[String], sources: &[File]) -> Vec<Finding> {
    let finding = |(line, quoted): (usize, &str)| {
        let what = if is_path(quoted) {
            let is_there = paths.iter().any(|path| is_part(quoted, path));
            (!is_there).then(|| format!("`{quoted}` is no path of the repository: mend it"))
        } else if is_test_name(quoted) {
            let definition = format!("fn {quoted}(");
            let is_there = sources.iter().any(|source| source.text.contains(&definition));
            (!is_there).then(|| format!("there is no test `{quoted}`: name the one that is meant"))
        } else {
            None
        };
        what.map(|what| Finding::new(&page.path, line, what))
    };
    quotations(&page.text).filter_map(finding).collect()
}

/// What stands between backticks outside of fenced blocks, with its line.
fn quotations(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut is_fenced = false;
    let lines = text.lines().enumerate().filter(move |(_, line)| {
        let is_fence = line.trim_start().starts_with("```");
        is_fenced ^= is_fence;
        !is_fenced && !is_fence
    });
    lines.flat_map(|(index, line)| {
        line.split('`').skip(1).step_by(2).map(move |quoted| (index + 1, quoted))
    })
}

fn is_path(quoted: &str) -> bool {
    let is_word = !quoted.contains(char::is_whitespace);
    let is_source = Path::new(quoted).extension().is_some_and(|end| end == "rs");
    // What begins with a slash is an address of the service.
    is_word && !quoted.starts_with('/') && (is_source || quoted.contains('/'))
}

/// Whether a path leads to what is quoted, or through it; a path may be quoted by its end.
fn is_part(quoted: &str, path: &str) -> bool {
    format!("/{path}/").contains(&format!("/{}/", quoted.trim_matches('/')))
}

/// Whether it is several words in the way of functions: tests have long names.
fn is_test_name(quoted: &str) -> bool {
    let is_letter = |c: char| c == '_' || c.is_ascii_lowercase() || c.is_ascii_digit();
    quoted.contains('_') && quoted.chars().all(is_letter)
}

#[cfg(test)]
mod tests {
    use super::super::findings_of;
    use super::*;

    #[track_caller]
    fn check_page(text: &str, expected: &[(usize, &str)]) {
        let paths = ["crates/core/src/plan.rs", "crates/core/tests/laws.rs"].map(str::to_owned);
        let source = File {
            path: paths[1].clone(),
            text: "#[test]\nfn order_does_not_show() {}".to_owned(),
        };
        let rule = |page: &File| check(page, &paths, std::slice::from_ref(&source));
        let found = findings_of(rule, PAGE, text);
        let quoted = |what: &str| what.split('`').nth(1).unwrap_or_default().to_owned();
        let found: Vec<_> = found.iter().map(|(line, what)| (*line, quoted(what))).collect();
        let expected: Vec<_> =
            expected.iter().map(|(line, text)| (*line, (*text).to_owned())).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn what_is_there_may_be_quoted() {
        check_page(
            "`crates/core/src/plan.rs`, `crates/core`, `src/`, `plan.rs` and `laws.rs`",
            &[],
        );
        check_page(
            "`laws.rs`:\n`order_does_not_show`; `cargo xtask tidy a/b`, `round`, `f()`",
            &[],
        );
        check_page("```\n`a/b` `no_test`\n```\n", &[]);
    }

    #[test]
    fn what_is_not_there_is_found() {
        check_page("a\n`crates/core/tests/law.rs`", &[(2, "crates/core/tests/law.rs")]);
        check_page(
            "`core/plan.rs` `lan.rs` `x/`",
            &[(1, "core/plan.rs"), (1, "lan.rs"), (1, "x/")],
        );
        check_page("```\n```\n`laws.rs`: `order_does_show`", &[(3, "order_does_show")]);
    }
}
