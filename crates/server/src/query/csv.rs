//! The plan and the shape of a CSV file, as they stand in a query.
//!
//! What they mean is the affair of the plan and of the scan.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use exacta::{Bins, Nonfinite, Plan, Probability, QuantileMethod, Statistic};
use exacta_api::limit::{COLUMNS_MAX, NAME_CHARS_MAX, QUANTILES_MAX, STATISTICS_MAX};
use exacta_scan::ScanOptions;
use hyper::Uri;
use hyper::http::request::Parts;

use crate::app::App;
use crate::problem::Refusal;

use super::{ListLimit, Parameters, QueryError, check_limit, each, owned, value_error};

pub(crate) const STATISTICS: ListLimit = ListLimit { items: STATISTICS_MAX, chars: 32 };
pub(crate) const QUANTILES: ListLimit = ListLimit { items: QUANTILES_MAX, chars: 64 };
/// Characters that say which bins a histogram has.
pub(crate) const HISTOGRAM_CHARS_MAX: usize = 16_384;
pub(crate) const COLUMNS: ListLimit = ListLimit { items: 1_000, chars: NAME_CHARS_MAX };
pub(crate) const NULLS: ListLimit = ListLimit { items: 64, chars: 64 };

/// What a query asks for.
#[derive(Debug, Default)]
pub(crate) struct CsvQuery {
    pub(crate) plan: Plan,
    pub(crate) bits: bool,
    pub(crate) options: ScanOptions,
}

impl CsvQuery {
    /// The names of the parameters.
    pub(crate) const NAMES: &[&str] = &[
        "statistics",
        "quantiles",
        "quantile_method",
        "nonfinite",
        "approx_quantiles",
        "histogram",
        "exact",
        "bits",
        "columns",
        "delimiter",
        "no_headers",
        "invalid",
        "null",
    ];

    /// Reads the query of an address.
    pub(crate) fn from_uri(uri: &Uri) -> Result<Self, QueryError> {
        let parameters = Parameters::from_uri(uri, Self::NAMES)?;
        Ok(Self {
            plan: parameters.plan()?,
            bits: parameters.flag("bits")?,
            options: parameters.options()?,
        })
    }

    /// Reads a query that stood in an address before.
    pub(crate) fn from_text(query: &str) -> Result<Self, QueryError> {
        let uri = format!("/?{query}").parse().map_err(|_| QueryError::Encoding)?;
        Self::from_uri(&uri)
    }
}

impl FromRequestParts<Arc<App>> for CsvQuery {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, Refusal> {
        Ok(Self::from_uri(&parts.uri)?)
    }
}

impl Parameters {
    fn plan(&self) -> Result<Plan, QueryError> {
        let mut plan = match self.list("statistics", STATISTICS)? {
            Some(names) => Plan::new(each::<Statistic>("statistics", &names)?),
            None => Plan::default(),
        };
        if let Some(texts) = self.list("quantiles", QUANTILES)? {
            plan = plan.with_quantiles(each::<Probability>("quantiles", &texts)?);
        }
        if let Some(texts) = self.list("approx_quantiles", QUANTILES)? {
            plan = plan.with_approx_quantiles(each::<Probability>("approx_quantiles", &texts)?);
        }
        if let Some(method) = self.parsed::<QuantileMethod>("quantile_method")? {
            plan = plan.with_quantile_method(method);
        }
        if let Some(policy) = self.parsed::<Nonfinite>("nonfinite")? {
            plan = plan.with_nonfinite(policy);
        }
        let len = self.text("histogram").map_or(0, |text| text.chars().count());
        check_limit("histogram", len, "characters", HISTOGRAM_CHARS_MAX)?;
        if let Some(bins) = self.parsed::<Bins>("histogram")? {
            plan = plan.with_histogram(bins);
        }
        if self.flag("exact")? {
            plan = plan.with_exact();
        }
        Ok(plan)
    }

    fn options(&self) -> Result<ScanOptions, QueryError> {
        let headers = !self.flag("no_headers")?;
        let mut options =
            ScanOptions { headers, columns_max: COLUMNS_MAX, ..ScanOptions::default() };
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

/// One byte. Which can separate cells is for the scan to say.
fn delimiter(text: &str) -> Result<u8, QueryError> {
    match text.as_bytes() {
        [byte] => Ok(*byte),
        _ => Err(value_error("delimiter", text, "it must be one ASCII character")),
    }
}
