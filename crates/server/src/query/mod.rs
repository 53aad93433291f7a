//! Queries of addresses: parameters by name, each at most once and none unknown.
//!
//! Which parameters a path takes is in a file for each kind of query. They are
//! documented in [`parameters`](crate::parameters); what they mean is the affair of
//! the plan, of the scan and of the store of jobs.

mod file;
mod jobs;
mod plan;

use std::char::REPLACEMENT_CHARACTER;
use std::fmt;
use std::str::FromStr;

use axum::extract::Query;
use exacta_scan::Excerpt;
use hyper::Uri;

pub(crate) use file::{COLUMNS, FileQuery, NULLS, PartialQuery, Question};
pub(crate) use jobs::JobsQuery;
pub(crate) use plan::{HISTOGRAM_CHARS_MAX, PlanQuery, QUANTILES, STATISTICS};

/// How many items a list takes, and how long each may be in characters. A query
/// that holds the most of all is longer than an address may be: its 32 KiB
/// are the limit of the whole.
#[derive(Clone, Copy)]
pub(crate) struct ListLimit {
    pub(crate) items: usize,
    pub(crate) chars: usize,
}

/// Why a query is not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum QueryError {
    #[error("the query holds what is not UTF-8: percent-encode it as UTF-8")]
    Encoding,
    #[error("unknown query parameter {name}: the path takes {known}")]
    Unknown { name: String, known: Known },
    #[error("query parameter {name} stands twice: join its values with commas")]
    Repeated { name: &'static str },
    #[error("query parameter {name} is {value}: {expected}")]
    Value { name: &'static str, value: String, expected: String },
    #[error("query parameter {name} has more than {max} {unit}: send fewer")]
    LimitExceeded { name: &'static str, unit: &'static str, max: usize },
    #[error("query parameter {name}: {source}")]
    Core { name: &'static str, source: exacta::Error },
    #[error(transparent)]
    Scan(#[from] exacta_scan::Error),
    #[error(transparent)]
    Jobs(#[from] exacta_jobs::Error),
}

/// The names of parameters, as a message lists them.
#[derive(Debug)]
pub(crate) struct Known(Vec<&'static str>);

impl fmt::Display for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { f.write_str("none") } else { f.write_str(&self.0.join(", ")) }
    }
}

/// Refuses any parameter.
pub(crate) fn check_none(uri: &Uri) -> Result<(), QueryError> {
    Parameters::from_uri(uri, Vec::new()).map(drop)
}

impl QueryError {
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Encoding => "query.encoding",
            Self::Unknown { .. } => "query.unknown",
            Self::Repeated { .. } => "query.repeated",
            Self::Value { .. } => "query.value",
            Self::LimitExceeded { .. } => "limit.exceeded",
            Self::Core { source, .. } => source.code(),
            Self::Scan(error) => error.code(),
            Self::Jobs(error) => error.code(),
        }
    }
}

/// The parameters of a query, in the order of the names that its path takes.
struct Parameters {
    names: Vec<&'static str>,
    values: Vec<Option<String>>,
}

impl Parameters {
    fn from_uri(uri: &Uri, names: Vec<&'static str>) -> Result<Self, QueryError> {
        let Query(pairs) =
            Query::<Vec<(String, String)>>::try_from_uri(uri).map_err(|_| QueryError::Encoding)?;
        let mut parameters = Self { values: vec![None; names.len()], names };
        for (name, value) in pairs {
            parameters.set(&name, value)?;
        }
        Ok(parameters)
    }

    fn set(&mut self, name: &str, value: String) -> Result<(), QueryError> {
        // What cannot be decoded was replaced by this character.
        if name.contains(REPLACEMENT_CHARACTER) || value.contains(REPLACEMENT_CHARACTER) {
            return Err(QueryError::Encoding);
        }
        let Some(index) = self.index(name) else {
            return Err(QueryError::Unknown {
                name: excerpt(name),
                known: Known(self.names.clone()),
            });
        };
        match self.values[index].replace(value) {
            None => Ok(()),
            Some(_) => Err(QueryError::Repeated { name: self.names[index] }),
        }
    }

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.values.iter().all(Option::is_none)
    }

    fn index(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| *known == name)
    }

    /// The value of a parameter; none of one that the path does not take.
    fn text(&self, name: &'static str) -> Option<&str> {
        self.values[self.index(name)?].as_deref()
    }

    /// The items of a list; an empty list has none.
    fn list(&self, name: &'static str, limit: ListLimit) -> Result<Option<Vec<&str>>, QueryError> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let items: Vec<_> = text.split(',').filter(|_| !text.is_empty()).collect();
        check_limit(name, items.len(), "items", limit.items)?;
        for item in &items {
            check_limit(name, item.chars().count(), "characters in an item", limit.chars)?;
        }
        Ok(Some(items))
    }

    fn flag(&self, name: &'static str) -> Result<bool, QueryError> {
        match self.text(name) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(value) => Err(value_error(name, value, "it must be true or false")),
        }
    }

    fn parsed<T: FromStr<Err = exacta::Error>>(
        &self,
        name: &'static str,
    ) -> Result<Option<T>, QueryError> {
        self.text(name).map(|text| parse(name, text)).transpose()
    }
}

fn parse<T: FromStr<Err = exacta::Error>>(name: &'static str, text: &str) -> Result<T, QueryError> {
    text.parse().map_err(|source| QueryError::Core { name, source })
}

fn each<T: FromStr<Err = exacta::Error>>(
    name: &'static str,
    texts: &[&str],
) -> Result<Vec<T>, QueryError> {
    texts.iter().map(|text| parse(name, text)).collect()
}

fn owned(items: &[&str]) -> Vec<String> {
    items.iter().map(|item| (*item).to_owned()).collect()
}

fn check_limit(
    name: &'static str,
    len: usize,
    unit: &'static str,
    max: usize,
) -> Result<(), QueryError> {
    if len > max { Err(QueryError::LimitExceeded { name, unit, max }) } else { Ok(()) }
}

fn value_error(name: &'static str, value: &str, expected: &str) -> QueryError {
    QueryError::Value { name, value: excerpt(value), expected: expected.to_owned() }
}

fn excerpt(text: &str) -> String {
    Excerpt(text).to_string()
}
