//! A Rust file as a flat list of words with their lines, so that a rule can look for a
//! few of them in a row, inside macros as well. What the words mean is for the rules.

use proc_macro2::{Delimiter, Group, Spacing, Span, TokenStream, TokenTree};

/// An identifier, a literal, a delimiter or a mark; `::` is one word.
#[derive(Debug)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) line: usize,
    /// Whether it is compiled for tests only.
    pub(super) is_test: bool,
}

/// The words of a file; what is no Rust has none, and the compiler tells.
pub(super) fn words(path: &str, source: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let is_test = is_test_path(path) || source.contains("#![cfg(test)]");
    if let Ok(tokens) = source.parse() {
        flatten(tokens, is_test, &mut words);
    }
    words
}

/// Whether all of a file is compiled for tests or benches only.
fn is_test_path(path: &str) -> bool {
    let is_folder = |name| path.split('/').any(|part| part == name);
    is_folder("tests") || is_folder("benches") || path.ends_with("/tests.rs")
}

fn flatten(tokens: TokenStream, is_test: bool, words: &mut Vec<Word>) {
    let mut is_test_item = false;
    for token in tokens {
        let is_test_here = is_test || is_test_item;
        match token {
            TokenTree::Group(group) => {
                is_test_item |= is_test_attribute(&group);
                is_test_item &= group.delimiter() != Delimiter::Brace;
                flatten_group(&group, is_test_here, words);
            }
            TokenTree::Punct(mark) => {
                is_test_item &= mark.as_char() != ';';
                // The second colon of a pair joins the first.
                match words.last_mut() {
                    Some(last) if mark.as_char() == ':' && last.text == ": " => {
                        "::".clone_into(&mut last.text);
                    }
                    _ => {
                        let space = if mark.spacing() == Spacing::Joint { " " } else { "" };
                        let text = format!("{mark}{space}");
                        words.push(Word::new(text, mark.span(), is_test_here));
                    }
                }
            }
            other => words.push(Word::new(other.to_string(), other.span(), is_test_here)),
        }
    }
}

fn flatten_group(group: &Group, is_test: bool, words: &mut Vec<Word>) {
    let (open, close) = match group.delimiter() {
        Delimiter::Brace => ("{", "}"),
        Delimiter::Bracket => ("[", "]"),
        Delimiter::Parenthesis => ("(", ")"),
        Delimiter::None => ("", ""),
    };
    words.push(Word::new(open.to_owned(), group.span_open(), is_test));
    flatten(group.stream(), is_test, words);
    words.push(Word::new(close.to_owned(), group.span_close(), is_test));
}

/// Whether this is what `#[test]` and `#[cfg(test)]` hold.
fn is_test_attribute(group: &Group) -> bool {
    let text: String = group.stream().to_string().split_whitespace().collect();
    let is_cfg = text == "cfg(test)" || text.starts_with("cfg(all(test,");
    group.delimiter() == Delimiter::Bracket && (is_cfg || text == "test")
}

impl Word {
    fn new(text: String, span: Span, is_test: bool) -> Self {
        Self { text, line: span.start().line, is_test }
    }
}

/// The words that follow `base::`, one for each item of a group such as `base::{a, b}`.
pub(super) fn children<'a>(words: &'a [Word], base: &str) -> Vec<&'a Word> {
    let starts = words.windows(2).enumerate().filter(|(index, pair)| {
        let is_path = index.checked_sub(1).is_none_or(|before| words[before].text != "::");
        is_path && pair[0].text == base && pair[1].text == "::"
    });
    starts.flat_map(|(index, _)| heads(&words[index + 2..])).collect()
}

/// The first word of a path, or of each path in a group.
pub(super) fn heads(words: &[Word]) -> Vec<&Word> {
    let Some(first) = words.first() else { return Vec::new() };
    if first.text != "{" {
        return vec![first];
    }
    let mut heads = Vec::new();
    let mut depth = 0;
    let mut is_start = false;
    for word in words {
        match word.text.as_str() {
            "{" => depth += 1,
            "}" => depth -= 1,
            "," => {}
            _ if is_start && depth == 1 => heads.push(word),
            _ => {}
        }
        if depth == 0 {
            break;
        }
        is_start = depth == 1 && matches!(word.text.as_str(), "{" | ",");
    }
    heads
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_told_apart() {
        let source = "fn a() {} #[cfg(test)] mod tests { fn b() {} } #[test] fn c() {}\n\
                      #[cfg(test)] use d; fn e() {} #[cfg(not(test))] fn f() {}";
        let words = words("crates/x/src/lib.rs", source);
        let is_test = |name: &str| words.iter().find(|word| word.text == name).unwrap().is_test;
        assert_eq!(
            ["a", "b", "c", "d", "e", "f"].map(is_test),
            [false, true, true, true, false, false]
        );
        assert_eq!(words.iter().find(|word| word.text == "d").unwrap().line, 2);
    }

    #[test]
    fn paths_and_groups() {
        let source = "use std::{fs, io::{self, Read}, net::TcpStream}; fn f() { std::env::args(); }\n\
                      use not::std::time; macro_rules! m { () => { ::std::thread::park() } }";
        let words = words("x.rs", source);
        let children = children(&words, "std");
        let names: Vec<_> = children.iter().map(|word| word.text.as_str()).collect();
        assert_eq!(names, ["fs", "io", "net", "env"]);
    }
}
