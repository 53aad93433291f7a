//! How much core explains: lines of documentation beside lines of code, over all of its
//! files. Whether they say something is for the reviewer.

use std::collections::BTreeSet;

use super::words::words;
use super::{File, Finding};

const SOURCES: &str = "crates/core/src/";

/// Lines of documentation for each ten lines of code. In crates that one can read like a
/// page it is between four and eight.
const DOCS_PER_TEN_MIN: usize = 4;

pub(super) fn check(sources: &[File]) -> Vec<Finding> {
    let files = sources.iter().filter(|file| file.path.starts_with(SOURCES));
    let counts = files.map(count);
    let (docs, code) = counts.fold((0, 0), |sum, (docs, code)| (sum.0 + docs, sum.1 + code));
    if docs * 10 >= code * DOCS_PER_TEN_MIN {
        return Vec::new();
    }
    let what = format!(
        "core has {docs} lines of documentation for {code} of code, fewer than {DOCS_PER_TEN_MIN} for ten: \
         say what the new items give, why it is right, and how to call them"
    );
    vec![Finding::new(&format!("{SOURCES}lib.rs"), 1, what)]
}

/// Lines of documentation and lines of code, those of tests, blanks and comments left out.
fn count(file: &File) -> (usize, usize) {
    let lines: Vec<&str> = file.text.lines().map(str::trim_start).collect();
    let is_doc = |line: &usize| {
        lines.get(line - 1).is_some_and(|text| text.starts_with("///") || text.starts_with("//!"))
    };
    // Documentation is made of words as code is: attributes to the compiler.
    let words = words(&file.path, &file.text);
    let shipped = words.iter().filter(|word| !word.is_test).map(|word| word.line);
    let shipped: BTreeSet<usize> = shipped.collect();
    let docs = shipped.iter().filter(|line| is_doc(line)).count();
    (docs, shipped.len() - docs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> File {
        File { path: path.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn lines_of_documentation_and_of_code() {
        let text = "//! Words.\n//!\n\nuse x;\n\n// A comment.\n/// What it gives.\n///\n/// More.\n\
                    fn f() {\n    g(\"/// text\"); // so\n}\n\n#[cfg(test)]\nmod tests {\n    /// Words.\n    fn t() {}\n}\n";
        assert_eq!(count(&file("crates/core/src/a.rs", text)), (5, 5));
        assert_eq!(count(&file("crates/core/src/a/tests.rs", text)), (0, 0));
    }

    #[test]
    fn core_explains_itself() {
        let five = "fn f() {\n a;\n b;\n c;\n}\n";
        let explained = file("crates/core/src/a.rs", &format!("//! One.\n//! Two.\n{five}"));
        let bare = || file("crates/core/src/b.rs", five);
        assert_eq!(check(&[explained]), []);
        assert_eq!(check(&[file("crates/api/src/b.rs", five)]), []);
        let found = check(&[bare(), file("crates/core/src/c.rs", "//! Words.\n")]);
        assert_eq!(found.len(), 1);
        assert!(found[0].what.starts_with("core has 1 lines of documentation for 5 of code"));
    }
}
