//! The plan, as it stands in a query.
//!
//! What it means is the affair of the plan.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use exacta::{Bins, Nonfinite, Plan, Probability, QuantileMethod, Statistic};
use exacta_api::limit::{QUANTILES_MAX, STATISTICS_MAX};
use hyper::Uri;
use hyper::http::request::Parts;

use crate::app::App;
use crate::columns::Ask;
use crate::problem::Refusal;

use super::{ListLimit, Parameters, QueryError, check_limit, each};

pub(crate) const STATISTICS: ListLimit = ListLimit { items: STATISTICS_MAX, chars: 32 };
pub(crate) const QUANTILES: ListLimit = ListLimit { items: QUANTILES_MAX, chars: 64 };
/// Characters that say which bins a histogram has.
pub(crate) const HISTOGRAM_CHARS_MAX: usize = 16_384;

/// What a query asks of each column, if it asks anything.
pub(crate) struct PlanQuery(pub(crate) Option<Ask>);

impl PlanQuery {
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
    ];

    /// Reads the query of an address.
    fn from_uri(uri: &Uri) -> Result<Self, QueryError> {
        let parameters = Parameters::from_uri(uri, Self::NAMES.to_vec())?;
        if parameters.is_empty() {
            return Ok(Self(None));
        }
        Ok(Self(Some(Ask { plan: parameters.plan()?, bits: parameters.flag("bits")? })))
    }
}

impl FromRequestParts<Arc<App>> for PlanQuery {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, Refusal> {
        Ok(Self::from_uri(&parts.uri)?)
    }
}

impl Parameters {
    pub(super) fn plan(&self) -> Result<Plan, QueryError> {
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
}
