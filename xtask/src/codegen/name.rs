//! Names: which ones the contract allows, and how each is written in Rust.

/// Names that a generator for Go, Python or TypeScript takes for itself.
const TAKEN_COMPONENTS: [&str; 16] = [
    "Any", "Array", "Boolean", "Date", "Error", "Float", "Function", "Integer", "List", "Map",
    "None", "Number", "Object", "Option", "Result", "String",
];

/// Words that are reserved in Rust, Go, Python or TypeScript. `type`, `null` and
/// `range` are too, and are the three that the contract uses all the same.
const RESERVED: [&str; 62] = [
    "and",
    "as",
    "assert",
    "async",
    "await",
    "break",
    "case",
    "catch",
    "chan",
    "class",
    "const",
    "continue",
    "crate",
    "def",
    "default",
    "defer",
    "del",
    "do",
    "dyn",
    "elif",
    "else",
    "enum",
    "except",
    "export",
    "extern",
    "fallthrough",
    "false",
    "finally",
    "fn",
    "for",
    "from",
    "func",
    "function",
    "global",
    "go",
    "goto",
    "if",
    "impl",
    "import",
    "in",
    "interface",
    "is",
    "lambda",
    "let",
    "loop",
    "match",
    "mod",
    "move",
    "new",
    "not",
    "or",
    "package",
    "pass",
    "return",
    "self",
    "static",
    "struct",
    "super",
    "switch",
    "true",
    "var",
    "while",
];

/// Refuses what is not `lower_snake`.
pub(crate) fn check_snake(name: &str) -> Result<(), String> {
    let mut words = name.split('_');
    let starts = name.starts_with(|c: char| c.is_ascii_lowercase());
    let is_word = |word: &str| {
        !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    if starts && words.all(is_word) { Ok(()) } else { Err(format!("`{name}` must be lower_snake")) }
}

/// Refuses a member, parameter or operation name that some language could not write.
pub(crate) fn check_member(name: &str) -> Result<(), String> {
    check_snake(name)?;
    if RESERVED.contains(&name) {
        return Err(format!("`{name}` is a reserved word of some language: choose another"));
    }
    Ok(())
}

/// Refuses a component name that some generator would rename.
pub(crate) fn check_component(name: &str) -> Result<(), String> {
    let starts = name.starts_with(|c: char| c.is_ascii_uppercase());
    if !starts || !name.chars().all(|c| c.is_ascii_alphanumeric()) {
        return Err(format!("`{name}` must be UpperCamel"));
    }
    if TAKEN_COMPONENTS.contains(&name) {
        return Err(format!("`{name}` is a name of its own in some language: choose another"));
    }
    Ok(())
}

/// `sum_squares` as `SumSquares`.
pub(crate) fn upper_camel(snake: &str) -> String {
    let mut camel = String::with_capacity(snake.len());
    for word in snake.split('_') {
        let (first, rest) = word.split_at(word.len().min(1));
        camel.push_str(&first.to_ascii_uppercase());
        camel.push_str(rest);
    }
    camel
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked() {
        let snake = ["sum", "sum_squares", "p2", "range", "null", "type"];
        assert!(snake.iter().all(|name| check_member(name).is_ok()));
        let others = ["", "Sum", "sum-squares", "_sum", "sum_", "sum__squares", "2p", "in", "é"];
        assert!(others.iter().all(|name| check_member(name).is_err()));
        assert!(check_component("ColumnSummary").is_ok());
        let others = ["", "columnSummary", "Error", "Column_Summary", "2D"];
        assert!(others.iter().all(|name| check_component(name).is_err()));
    }

    #[test]
    fn camel() {
        assert_eq!(upper_camel("closest_observation"), "ClosestObservation");
        assert_eq!(upper_camel("p99"), "P99");
    }
}
