//! The plan and the shape of a CSV file, as they stand in a query.
//!
//! The parameters are read and documented side by side. What they mean is the
//! affair of the plan and of the scan.

use std::char::REPLACEMENT_CHARACTER;
use std::str::FromStr;
use std::sync::Arc;

use axum::extract::{FromRequestParts, Query};
use exacta::{Nonfinite, Plan, Probability, QuantileMethod, Statistic};
use exacta_api::limit::{COLUMNS_MAX, NAME_CHARS_MAX, QUANTILES_MAX, STATISTICS_MAX};
use exacta_scan::{CsvOptions, Excerpt};
use hyper::Uri;
use hyper::http::request::Parts;

use crate::app::App;
use crate::problem::Refusal;

/// How many items a list takes, and how long each may be in characters. A query
/// that holds the most of all is longer than an address can be: its 65,534 bytes
/// are the limit of the whole.
#[derive(Clone, Copy)]
pub(crate) struct ListLimit {
    pub(crate) items: usize,
    pub(crate) chars: usize,
}

pub(crate) const STATISTICS: ListLimit = ListLimit { items: STATISTICS_MAX, chars: 32 };
pub(crate) const QUANTILES: ListLimit = ListLimit { items: QUANTILES_MAX, chars: 64 };
pub(crate) const COLUMNS: ListLimit = ListLimit { items: 1_000, chars: NAME_CHARS_MAX };
pub(crate) const NULLS: ListLimit = ListLimit { items: 64, chars: 64 };

/// Why a query is not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum QueryError {
    #[error("the query holds what is not UTF-8: percent-encode it as UTF-8")]
    Encoding,
    #[error("unknown query parameter {name}: the path takes {}", NAMES.join(", "))]
    Unknown { name: String },
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
        }
    }
}

/// The names of the parameters.
pub(crate) const NAMES: [&str; 10] = [
    "statistics",
    "quantiles",
    "quantile_method",
    "nonfinite",
    "bits",
    "columns",
    "delimiter",
    "no_headers",
    "invalid",
    "null",
];

/// What a query asks for.
#[derive(Debug, Default)]
pub(crate) struct CsvQuery {
    pub(crate) plan: Plan,
    pub(crate) bits: bool,
    pub(crate) options: CsvOptions,
}

impl CsvQuery {
    /// Reads the query of an address.
    pub(crate) fn from_uri(uri: &Uri) -> Result<Self, QueryError> {
        let Query(pairs) =
            Query::<Vec<(String, String)>>::try_from_uri(uri).map_err(|_| QueryError::Encoding)?;
        let parameters = Parameters::new(pairs)?;
        Ok(Self {
            plan: parameters.plan()?,
            bits: parameters.flag("bits")?,
            options: parameters.options()?,
        })
    }
}

impl FromRequestParts<Arc<App>> for CsvQuery {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, Refusal> {
        Ok(Self::from_uri(&parts.uri)?)
    }
}

/// The parameters of a query, each at most once and none unknown.
struct Parameters([Option<String>; NAMES.len()]);

impl Parameters {
    fn new(pairs: Vec<(String, String)>) -> Result<Self, QueryError> {
        let mut parameters = Self(Default::default());
        for (name, value) in pairs {
            // What cannot be decoded was replaced by this character.
            if name.contains(REPLACEMENT_CHARACTER) || value.contains(REPLACEMENT_CHARACTER) {
                return Err(QueryError::Encoding);
            }
            let Some(index) = index(&name) else {
                return Err(QueryError::Unknown { name: excerpt(&name) });
            };
            if parameters.0[index].replace(value).is_some() {
                return Err(QueryError::Repeated { name: NAMES[index] });
            }
        }
        Ok(parameters)
    }

    fn text(&self, name: &'static str) -> Option<&str> {
        self.0[index(name).expect("handlers ask for known names")].as_deref()
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

    fn plan(&self) -> Result<Plan, QueryError> {
        let mut plan = match self.list("statistics", STATISTICS)? {
            Some(names) => Plan::new(each::<Statistic>("statistics", &names)?),
            None => Plan::default(),
        };
        if let Some(texts) = self.list("quantiles", QUANTILES)? {
            plan = plan.with_quantiles(each::<Probability>("quantiles", &texts)?);
        }
        if let Some(method) = self.parsed::<QuantileMethod>("quantile_method")? {
            plan = plan.with_quantile_method(method);
        }
        if let Some(policy) = self.parsed::<Nonfinite>("nonfinite")? {
            plan = plan.with_nonfinite(policy);
        }
        Ok(plan)
    }

    fn parsed<T: FromStr<Err = exacta::Error>>(
        &self,
        name: &'static str,
    ) -> Result<Option<T>, QueryError> {
        self.text(name).map(|text| parse(name, text)).transpose()
    }

    fn options(&self) -> Result<CsvOptions, QueryError> {
        let headers = !self.flag("no_headers")?;
        let mut options = CsvOptions { headers, columns_max: COLUMNS_MAX, ..CsvOptions::default() };
        if let Some(columns) = self.list("columns", COLUMNS)? {
            options.columns = owned(&columns);
        }
        if let Some(nulls) = self.list("null", NULLS)? {
            options.null = owned(&nulls);
        }
        if let Some(text) = self.text("delimiter") {
            options.delimiter = delimiter(text)?;
            options.check()?;
        }
        if let Some(text) = self.text("invalid") {
            options.invalid = text.parse()?;
        }
        Ok(options)
    }
}

fn index(name: &str) -> Option<usize> {
    NAMES.iter().position(|known| *known == name)
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

/// One byte. Which can separate cells is for the scan to say.
fn delimiter(text: &str) -> Result<u8, QueryError> {
    match text.as_bytes() {
        [byte] => Ok(*byte),
        _ => Err(value_error("delimiter", text, "it must be one ASCII character")),
    }
}

fn value_error(name: &'static str, value: &str, expected: &str) -> QueryError {
    QueryError::Value { name, value: excerpt(value), expected: expected.to_owned() }
}

fn excerpt(text: &str) -> String {
    Excerpt(text).to_string()
}
