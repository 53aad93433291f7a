//! Which rows are asked for: a comparison of a column's cells with a value, how it is written, and what it holds of.
//! Which rows of a batch are left is in `sink`.

use std::{cmp::Ordering, str::FromStr};

use exacta::Value;

use crate::{
    Error,
    batch::{Cells, EMPTY},
    number::{Reading, read},
};

/// A condition on the cells of one column, such as `wind >= 5`. Rows for which it does not hold are left out.
///
/// It is written `COLUMN OP VALUE` with one of `= != < <= > >=`; blanks around the operator do not matter. A name or a
/// value with blanks at its ends, or a name with an operator in it, stands in double quotes, which are doubled inside.
///
/// A value that is a number is compared with cells that are numbers as the real numbers that they are, integers beyond
/// 2^53 too; −0 is 0, and NaN equals NaN and is neither less nor greater than anything. Otherwise texts are compared,
/// by bytes. A value in quotes is always a text. Between a text and a number `!=` holds, and nothing else does. A
/// missing cell matches nothing.
///
/// ```
/// use exacta_scan::Filter;
/// assert_eq!("wind>=5".parse::<Filter>()?.column(), "wind");
/// assert_eq!("\"wind speed\" < 1e3".parse::<Filter>()?.column(), "wind speed");
/// assert_eq!("wind 5".parse::<Filter>().unwrap_err().code(), "filter.invalid");
/// # Ok::<(), exacta_scan::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    column: String,
    comparison: Comparison,
    /// The value as it is written, without quotes.
    text: String,
    /// The number that it is.
    number: Option<Value>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

/// The operators, each before those that it begins with.
const OPERATORS: [(&str, Comparison); 6] = [
    ("!=", Comparison::NotEqual),
    ("<=", Comparison::LessEqual),
    (">=", Comparison::GreaterEqual),
    ("=", Comparison::Equal),
    ("<", Comparison::Less),
    (">", Comparison::Greater),
];

impl Comparison {
    /// Whether it asks for an order, rather than for equality alone.
    fn is_order(self) -> bool {
        !matches!(self, Self::Equal | Self::NotEqual)
    }

    /// Whether it holds of two things in this order, or in none.
    fn holds(self, order: Option<Ordering>) -> bool {
        match self {
            Self::Equal => order == Some(Ordering::Equal),
            Self::NotEqual => order != Some(Ordering::Equal),
            Self::Less => order == Some(Ordering::Less),
            Self::LessEqual => order.is_some_and(Ordering::is_le),
            Self::Greater => order == Some(Ordering::Greater),
            Self::GreaterEqual => order.is_some_and(Ordering::is_ge),
        }
    }
}

impl FromStr for Filter {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let invalid = |reason| Error::FilterInvalid { text: text.to_owned(), reason };
        let (column, rest) = match quoted(text.trim_start()) {
            Some((name, rest)) => (name, rest),
            None => {
                let at = text.find(['=', '<', '>']).unwrap_or(text.len());
                let at = if text[..at].ends_with('!') { at - 1 } else { at };
                (text[..at].trim().to_owned(), &text[at..])
            }
        };
        let rest = rest.trim_start();
        let found = OPERATORS.iter().find_map(|(name, it)| Some((*it, rest.strip_prefix(name)?)));
        let (comparison, value) = found.ok_or_else(|| invalid("it has no comparison"))?;
        let value = value.trim();
        if let Some((value, rest)) = quoted(value) {
            let is_whole = rest.is_empty();
            let filter = Self { column, comparison, text: value, number: None };
            return is_whole.then_some(filter).ok_or_else(|| invalid("text follows a quote"));
        }
        if value.is_empty() {
            return Err(invalid("it has no value"));
        }
        if value.starts_with(['=', '<', '>', '"']) {
            return Err(invalid("its value begins like an operator or a quote"));
        }
        Ok(Self { column, comparison, text: value.to_owned(), number: number(value) })
    }
}

/// What stands in the double quotes that a text begins with, in which a doubled one stands for one, and what follows
/// them; nothing for a text that begins with none, or with one that is never closed.
///
/// ```
/// assert_eq!(exacta_scan::quoted(r#""a,""b""",c"#), Some((r#"a,"b""#.to_owned(), ",c")));
/// ```
pub fn quoted(text: &str) -> Option<(String, &str)> {
    let mut rest = text.strip_prefix('"')?;
    let mut within = String::new();
    loop {
        let (before, after) = rest.split_once('"')?;
        within += before;
        match after.strip_prefix('"') {
            Some(more) => (rest, within) = (more, within + "\""),
            None => return Some((within, after)),
        }
    }
}

fn number(text: &str) -> Option<Value> {
    exacta::environment::with_default(|| match read(text) {
        Reading::Float(value) => Some(value.into()),
        Reading::Wide(value) => Some(value),
        Reading::Null | Reading::Overflow | Reading::Text => None,
    })
}

/// The order of the real numbers, of which NaN is none.
fn real_order(left: Value, right: Value) -> Option<Ordering> {
    let floats = [left, right].map(Value::to_f64);
    match floats.map(f64::is_nan) {
        [true, true] => Some(Ordering::Equal),
        [false, false] if floats == [0.0; 2] => Some(Ordering::Equal),
        [false, false] => Some(left.cmp(&right)),
        _ => None,
    }
}

impl Filter {
    /// The name of the column.
    pub fn column(&self) -> &str {
        &self.column
    }

    /// Whether it needs to know the numbers of the cells.
    pub(crate) fn needs_numbers(&self) -> bool {
        self.number.is_some() || self.comparison.is_order()
    }

    /// Whether it needs to know the texts of the cells.
    pub(crate) fn needs_texts(&self) -> bool {
        self.number.is_none() || !self.comparison.is_order()
    }

    /// The rows for which it holds, ascending.
    pub(crate) fn rows(&self, cells: &Cells, n_rows: usize) -> Vec<u32> {
        let mut wide = cells.wide.iter().copied().peekable();
        let mut invalid = cells.invalid.iter().copied().peekable();
        let holds = |row: &u32| {
            let wide = wide.next_if(|(wide, _)| wide == row).map(|(_, value)| value);
            let is_invalid = invalid.next_if_eq(row).is_some();
            let at = *row as usize;
            let present = self.needs_numbers() && wide.is_none() && cells.present.get(at);
            let cell = if present { Some(cells.numbers[at].into()) } else { wide };
            match (self.number, cell) {
                (Some(number), Some(cell)) => self.comparison.holds(real_order(cell, number)),
                (Some(_), None) => is_invalid && self.holds_of_text(cells, at),
                (None, cell) => {
                    (cell.is_none() || !self.comparison.is_order()) && self.holds_of_text(cells, at)
                }
            }
        };
        (0..n_rows as u32).filter(holds).collect()
    }

    #[cfg(any(feature = "parquet", test))]
    /// Whether it can hold of a cell between these two, which are numbers; of others nothing is known.
    #[cfg(any(test, feature = "parquet"))]
    pub(crate) fn may_hold(&self, least: Value, greatest: Value) -> bool {
        let Some(number) = self.number.filter(|number| !number.to_f64().is_nan()) else {
            return true;
        };
        let is_at_least = |cell| real_order(cell, number).is_none_or(Ordering::is_ge);
        let is_at_most = |cell| real_order(cell, number).is_none_or(Ordering::is_le);
        match self.comparison {
            Comparison::NotEqual => true,
            Comparison::Equal => is_at_most(least) && is_at_least(greatest),
            // Of NaN as a bound nothing is known: it is neither less nor greater.
            Comparison::Less => real_order(least, number).is_none_or(Ordering::is_lt),
            Comparison::LessEqual => is_at_most(least),
            Comparison::Greater => real_order(greatest, number).is_none_or(Ordering::is_gt),
            Comparison::GreaterEqual => is_at_least(greatest),
        }
    }

    /// Whether it holds of a cell of which one is no number, as texts. Missing ones have none.
    fn holds_of_text(&self, cells: &Cells, row: usize) -> bool {
        if self.number.is_some() && self.comparison.is_order() {
            return false;
        }
        let text = match cells.texts.get(row) {
            [] => return false,
            EMPTY => &[],
            text => text,
        };
        self.comparison.holds(Some(text.cmp(self.text.as_bytes())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, column: &str, comparison: Comparison, value: &str, is_number: bool) {
        let filter: Filter = text.parse().unwrap();
        assert_eq!((filter.column(), filter.comparison), (column, comparison), "{text}");
        assert_eq!((filter.text.as_str(), filter.number.is_some()), (value, is_number), "{text}");
    }

    #[test]
    fn conditions_are_read_as_they_are_written() {
        check("wind>5", "wind", Comparison::Greater, "5", true);
        check(" wind speed  <= 1e3 ", "wind speed", Comparison::LessEqual, "1e3", true);
        check("x!=-inf", "x", Comparison::NotEqual, "-inf", true);
        check("x != a=b", "x", Comparison::NotEqual, "a=b", false);
        check("\"a = \"\"b\"\"\" = \" c\"", "a = \"b\"", Comparison::Equal, " c", false);
        check("id = \"007\"", "id", Comparison::Equal, "007", false);
        check("x != \"\"", "x", Comparison::NotEqual, "", false);
        check("=1", "", Comparison::Equal, "1", true);
        check("what! = no", "what!", Comparison::Equal, "no", false);
        check("é>=ü", "é", Comparison::GreaterEqual, "ü", false);
    }

    #[test]
    fn what_is_no_condition_says_why() {
        let cases = [
            ("", "no comparison"),
            ("wind 5", "no comparison"),
            ("wind !5", "no comparison"),
            ("\"wind", "no comparison"),
            ("wind =", "no value"),
            ("wind == 5", "begins like"),
            ("wind <> 5", "begins like"),
            ("wind = \"5", "begins like"),
            ("wind = \"5\" or", "follows a quote"),
        ];
        for (text, reason) in cases {
            let error = text.parse::<Filter>().unwrap_err();
            assert!(error.to_string().contains(reason), "{text}: {error}");
        }
    }

    #[test]
    fn what_holds_of_a_cell_may_hold_of_those_around_it() {
        let values = [f64::NEG_INFINITY, -1.0, -0.0, 0.0, 2.0, f64::INFINITY, f64::NAN];
        let literals = ["-inf", "-1", "0", "1", "2", "inf", "nan", "\"1\"", "text"];
        let mut n_ruled_out = 0;
        for (operator, _) in OPERATORS {
            for literal in literals {
                let filter: Filter = format!("x {operator} {literal}").parse().unwrap();
                for [least, cell, greatest] in values.iter().flat_map(|least| {
                    let pairs =
                        values.iter().flat_map(|cell| values.iter().map(move |it| (cell, it)));
                    pairs.map(move |(cell, greatest)| [*least, *cell, *greatest])
                }) {
                    let holds = filter.number.is_some_and(|number| {
                        filter.comparison.holds(real_order(cell.into(), number))
                    });
                    let is_between = (least <= cell && cell <= greatest) || cell.is_nan();
                    let may = filter.may_hold(least.into(), greatest.into());
                    n_ruled_out += u32::from(!may);
                    assert!(may || !holds || !is_between, "{filter:?} {least} {cell} {greatest}");
                }
            }
        }
        assert!(n_ruled_out > 100);
    }

    #[test]
    fn numbers_have_the_order_of_the_reals() {
        let wide = |integer: i64| Value::from(integer);
        let (two53, nan) = (1i64 << 53, f64::NAN);
        assert_eq!(real_order((-0.0).into(), 0.into()), Some(Ordering::Equal));
        assert_eq!(real_order(wide(two53 + 1), wide(two53)), Some(Ordering::Greater));
        assert_eq!(real_order(wide(two53 + 1), wide(two53 + 2)), Some(Ordering::Less));
        assert_eq!(real_order(nan.into(), (-nan).into()), Some(Ordering::Equal));
        assert_eq!(real_order(nan.into(), f64::INFINITY.into()), None);
    }
}
