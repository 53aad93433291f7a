//! The order of the rooms inside core: a module imports only from its left. Crates
//! among each other are in `crates`.

use super::words::{Word, children, heads, words};
use super::{File, Finding};

const SOURCES: &str = "crates/core/src/";

/// The rooms of core, each allowed to see those before it.
const ROOMS: [&str; 8] =
    ["error", "exact", "kernel", "stat", "plan", "accumulator", "partial", "summary"];

pub(super) fn check(file: &File) -> Vec<Finding> {
    let Some(module) = file.path.strip_prefix(SOURCES) else { return Vec::new() };
    let module = module.trim_end_matches(".rs").trim_end_matches("/mod");
    if module == "lib" {
        return Vec::new();
    }
    let room = module.split('/').next().unwrap_or(module);
    let Some(place) = ROOMS.iter().position(|other| *other == room) else {
        let what = format!("`{room}` has no place among core's rooms: {}", ROOMS.join(" · "));
        return vec![Finding::new(&file.path, 1, what)];
    };
    let words = words(&file.path, &file.text);
    let mut seen = children(&words, "crate");
    seen.extend(above_root(&words, module.split('/').count()));
    let seen = seen.into_iter().filter(|word| !word.is_test && word.text != room);
    seen.filter_map(|word| finding(file, place, word)).collect()
}

fn finding(file: &File, place: usize, word: &Word) -> Option<Finding> {
    let (room, seen) = (ROOMS[place], &word.text);
    let what = match ROOMS.iter().position(|other| other == seen) {
        Some(other) if other < place => return None,
        Some(_) => format!(
            "`{room}` looks into `{seen}`, which stands to its right: move what it needs to the left"
        ),
        None => format!("`{seen}` comes from core's root: name the room that it lives in"),
    };
    Some(Finding::new(&file.path, word.line, what))
}

/// What is reached by climbing with `super::` from a module of this depth to the root.
fn above_root(words: &[Word], depth: usize) -> Vec<&Word> {
    let mut found = Vec::new();
    let mut steps = 0;
    for (index, pair) in words.windows(2).enumerate() {
        if pair[0].text != "super" || pair[1].text != "::" {
            continue;
        }
        let is_first = index.checked_sub(1).is_none_or(|before| words[before].text != "::");
        steps = if is_first { 1 } else { steps + 1 };
        if steps >= depth {
            found.extend(heads(&words[index + 2..]));
        }
    }
    found.retain(|word| !["super", "*"].contains(&word.text.as_str()));
    found
}

#[cfg(test)]
mod tests {
    use super::super::findings_of;
    use super::*;

    #[track_caller]
    fn check_rooms(path: &str, text: &str, expected: &[(usize, &str)]) {
        let found = findings_of(check, &format!("{SOURCES}{path}"), text);
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for ((line, what), (expected_line, part)) in found.iter().zip(expected) {
            assert!(line == expected_line && what.contains(part), "{found:?}");
        }
    }

    #[test]
    fn the_left_is_free() {
        check_rooms("stat/mean.rs", "use crate::{error::Error, exact::Ratio};\nuse super::x;", &[]);
        check_rooms("exact/ratio.rs", "fn f() { crate::exact::round(1) }", &[]);
        check_rooms("plan.rs", "use super::stat::Statistic;", &[]);
        check_rooms("lib.rs", "pub use crate::summary::Summary;", &[]);
        check_rooms(
            "exact/mod.rs",
            "#[cfg(test)]\nmod tests { use crate::summary::S; use super::*; }",
            &[],
        );
    }

    #[test]
    fn the_right_is_not() {
        check_rooms(
            "exact/mod.rs",
            "\nuse crate::stat::Mean;",
            &[(2, "`exact` looks into `stat`")],
        );
        check_rooms("stat/mean.rs", "fn f(p: crate::plan::Plan) {}", &[(1, "`plan`")]);
        check_rooms(
            "error.rs",
            "use crate::{\n  exact::{Value, Ratio},\n  plan,\n};",
            &[(2, "`exact`"), (3, "`plan`")],
        );
        check_rooms("exact/mod.rs", "use super::plan::Plan;", &[(1, "`plan`")]);
        check_rooms(
            "stat/mean.rs",
            "use super::super::{plan::Plan, exact::Ratio};",
            &[(1, "`plan`")],
        );
        check_rooms("stat/mean.rs", "use crate::Summary;", &[(1, "name the room")]);
        check_rooms("attic.rs", "", &[(1, "no place")]);
    }
}
