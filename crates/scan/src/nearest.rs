//! The name that a person may have meant.

/// Longer names are not compared.
const NEAREST_CHARS_MAX: usize = 64;

/// The name that is most like `name`, if one is so like it that it may be meant: an edit in three letters or in two, and
/// none in one.
///
/// ```
/// let names = ["height", "weight", "wind"].map(str::to_owned);
/// assert_eq!(exacta_scan::nearest("Wieght", &names), Some(&names[1]));
/// assert_eq!(exacta_scan::nearest("colour", &names), None);
/// ```
pub fn nearest<'a>(name: &str, names: &'a [String]) -> Option<&'a String> {
    let asked: Vec<char> = letters(name)?;
    let distance_max = (asked.len() + 1) / 3;
    let rated =
        names.iter().filter_map(|known| Some((edit_distance(&asked, &letters(known)?), known)));
    rated
        .filter(|(distance, _)| *distance <= distance_max)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// The letters that count when names are compared, unless there are too many: no case, no blanks.
fn letters(name: &str) -> Option<Vec<char>> {
    let letters: Vec<char> = name
        .chars()
        .take(NEAREST_CHARS_MAX + 1)
        .filter(|letter| !letter.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect();
    (letters.len() <= NEAREST_CHARS_MAX).then_some(letters)
}

/// How many letters must be put in, taken out or replaced to make one name of the other (Levenshtein).
fn edit_distance(left: &[char], right: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (above, letter) in left.iter().enumerate() {
        let mut diagonal = above;
        row[0] = above + 1;
        for (index, other) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != other);
            diagonal = row[index + 1];
            row[index + 1] = replaced.min(diagonal + 1).min(row[index] + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_counted() {
        let cases = [
            ("", "", 0),
            ("a", "", 1),
            ("", "ab", 2),
            ("wind", "wind", 0),
            ("kitten", "sitting", 3),
            ("saturday", "sunday", 3),
            ("flaw", "lawn", 2),
        ];
        for (left, right, expected) in cases {
            let (left, right): (Vec<_>, Vec<_>) = (left.chars().collect(), right.chars().collect());
            assert_eq!(edit_distance(&left, &right), expected, "{left:?} {right:?}");
            assert_eq!(edit_distance(&right, &left), expected, "{right:?} {left:?}");
        }
    }

    #[test]
    fn the_nearest_name_is_one_that_may_be_meant() {
        let names = ["date", "temp_max", "temp_min", " wind ", "y"].map(str::to_owned);
        let cases = [
            ("Date", Some("date")),
            ("temp_mx", Some("temp_max")),
            ("temp min", Some("temp_min")),
            ("wind", Some(" wind ")),
            ("pressure", None),
            ("", None),
            ("x", None),
        ];
        for (name, expected) in cases {
            assert_eq!(nearest(name, &names).map(String::as_str), expected, "{name}");
        }
        assert_eq!(nearest("date", &["date".repeat(1000)]), None, "a long one is not compared");
    }
}
