//! The page of counts, and reading them back from it.

use exacta::kernel_for_tests::InstructionSet;

use super::{Counts, SETS, subjects};
use crate::kernel::exact::forced_name;
use crate::table::table;

const WORDS: &str = include_str!("page.md");

/// What a column is called.
pub(super) fn set_name(set: InstructionSet) -> &'static str {
    let name = forced_name(set);
    name.strip_prefix("exacta, ").unwrap_or(name)
}

/// The whole page.
pub(super) fn render(counts: &Counts) -> String {
    let sets = SETS.map(|set| set_name(set).to_owned());
    let head: Vec<_> = [String::new()].into_iter().chain(sets.clone()).collect();
    let row = |subject: String| {
        let cell = |set: &String| counts.get(&(subject.clone(), set.clone()));
        let cells =
            sets.iter().map(|set| cell(set).map_or("–".to_owned(), |c| format!("{c:.3}")));
        let cells: Vec<_> = cells.collect();
        [vec![subject], cells].concat()
    };
    let rows: Vec<_> = subjects().into_iter().map(|subject| row(subject.name())).collect();
    WORDS.replace("{counts}", &table(&head, &rows))
}

/// The counts of a page; none of a page that has no table.
pub(super) fn counts(page: &str) -> Counts {
    let cells = |line: &str| -> Vec<String> {
        line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    let mut lines = page.lines().filter(|line| line.starts_with('|')).map(cells);
    let sets = lines.next().unwrap_or_default();
    let rows = lines.flat_map(|row| {
        let counts = row.iter().zip(&sets).skip(1);
        let counts: Vec<_> = counts.map(|(count, set)| (count.clone(), set.clone())).collect();
        counts.into_iter().map(move |(count, set)| ((row[0].clone(), set), count))
    });
    rows.filter_map(|(key, count)| Some((key, count.parse().ok()?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read_back() {
        let names =
            subjects().into_iter().flat_map(|subject| SETS.map(|set| (subject.name(), set)));
        let counted: Counts = names
            .zip(1..)
            .map(|((name, set), n)| ((name, set_name(set).to_owned()), f64::from(n) / 8.0))
            .collect();
        assert_eq!(counts(&render(&counted)), counted);
        assert_eq!(counts("# No table\n"), Counts::new());
    }
}
