//! Figures as people read them, and tables of them in Markdown.

/// What stands where there is nothing to say.
pub(crate) const NOTHING: &str = "–";

/// A table: the first column is words, the others are figures.
pub(crate) fn table(head: &[String], rows: &[Vec<String>]) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let marks = head.iter().enumerate().map(|(index, _)| if index == 0 { "---" } else { "---:" });
    let marks: Vec<_> = marks.map(str::to_owned).collect();
    let rows: String = rows.iter().map(|row| line(row)).collect();
    line(head) + &line(&marks) + &rows
}

/// A duration in the unit in which it has one to three digits before the point.
pub(crate) fn time(seconds: f64) -> String {
    let units = [(1.0, "s"), (1e-3, "ms"), (1e-6, "µs")];
    let unit = units.iter().find(|(unit, _)| seconds >= *unit);
    let (unit, name) = unit.unwrap_or(&(1e-9, "ns"));
    format!("{} {name}", figure(seconds / unit))
}

/// A whole number, in groups of three digits.
pub(crate) fn count(n: usize) -> String {
    grouped(&n.to_string())
}

/// Three digits, or all that stand before the point, in groups.
pub(crate) fn figure(value: f64) -> String {
    let decimals = match value.abs() {
        magnitude if magnitude >= 99.95 => 0,
        magnitude if magnitude >= 9.995 => 1,
        magnitude if magnitude >= 0.0995 => 2,
        magnitude if magnitude >= 0.00995 => 3,
        _ => 4,
    };
    let text = format!("{value:.decimals$}");
    let (whole, fraction) = text.split_at(text.find('.').unwrap_or(text.len()));
    grouped(whole) + fraction
}

/// Digits in groups of three.
fn grouped(digits: &str) -> String {
    let comma = |index: usize| index > 0 && (digits.len() - index).is_multiple_of(3);
    let groups = digits.char_indices();
    groups
        .flat_map(|(index, digit)| comma(index).then_some(',').into_iter().chain([digit]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_three_digits() {
        let expected = [
            (1_234_567.0, "1,234,567"),
            (1000.4, "1,000"),
            (123.4, "123"),
            (99.96, "100"),
            (12.34, "12.3"),
            (1.0, "1.00"),
            (0.1234, "0.12"),
            (0.0123, "0.012"),
            (0.001_23, "0.0012"),
        ];
        for (value, text) in expected {
            assert_eq!(figure(value), text);
        }
    }

    #[test]
    fn counts_are_whole() {
        assert_eq!([10, 100, 1_000_000].map(count), ["10", "100", "1,000,000"]);
    }

    #[test]
    fn times_have_a_unit() {
        let expected =
            [(2.5, "2.50 s"), (0.0123, "12.3 ms"), (4.56e-5, "45.6 µs"), (7.89e-7, "789 ns")];
        for (seconds, text) in expected {
            assert_eq!(time(seconds), text);
        }
    }

    #[test]
    fn a_table_in_markdown() {
        let row = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>();
        let table = table(&row(&["", "10"]), &[row(&["a", "1.00"]), row(&["b", "2.00"])]);
        assert_eq!(table, "|  | 10 |\n| --- | ---: |\n| a | 1.00 |\n| b | 2.00 |\n");
    }
}
