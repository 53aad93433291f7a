//! What a request asks for, and the [`Plan`] that it becomes.
//!
//! Names stay text until [`PlanRequest::to_plan`], so that an unknown one is the
//! library's own error with its own code. What the statistics mean is not here.

use std::str::FromStr;

use exacta::{Plan, Probability, Statistic};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::ArrayBuilder;

use crate::error::{Error, check_limit};
use crate::histogram::HistogramRequest;
use crate::limit::{QUANTILES_MAX, STATISTICS_MAX};
use crate::schema::{
    NonfiniteName, QuantileMethodName, StatisticName, array, probability, reference,
};
use crate::strict::{deserialize_object_only, present};

/// Which statistics to compute, and how. Every member is optional; without
/// any, the plan is: count, sum, mean, stddev, min and max, no quantiles.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, ToSchema)]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct PlanRequest {
    /// The statistics to compute; `count` is always there.
    #[serde(default, deserialize_with = "present")]
    #[schema(schema_with = statistics_schema)]
    pub statistics: Option<Vec<String>>,
    /// The probabilities of the quantiles to compute.
    #[serde(default, deserialize_with = "present")]
    #[schema(schema_with = quantiles_schema)]
    pub quantiles: Option<Vec<f64>>,
    /// How quantiles between two values are interpolated; `linear` when absent.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<QuantileMethodName>, nullable = false)]
    pub quantile_method: Option<String>,
    /// What becomes of NaN and infinities; `propagate` when absent.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<NonfiniteName>, nullable = false)]
    pub nonfinite: Option<String>,
    /// The probabilities of the quantiles to approximate in bounded memory.
    #[serde(default, deserialize_with = "present")]
    #[schema(schema_with = approx_quantiles_schema)]
    pub approx_quantiles: Option<Vec<f64>>,
    /// The histogram to count; none when absent.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    pub histogram: Option<HistogramRequest>,
    /// Whether to add the exact decimals of `sum`, `sum_squares`, `min`, `max` and `range`; false when absent.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    pub exact: Option<bool>,
    /// Whether to add the bits of each result; false when absent.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    pub bits: Option<bool>,
}
deserialize_object_only!(PlanRequest);

fn statistics_schema() -> ArrayBuilder {
    array(
        reference::<StatisticName>(),
        STATISTICS_MAX,
        "The statistics to compute; `count` is always there.",
    )
}

fn quantiles_schema() -> ArrayBuilder {
    array(
        probability(),
        QUANTILES_MAX,
        "The probabilities of the quantiles to compute, answered in this order. \
         Each is taken as its shortest decimal: 0.99 is 99/100.",
    )
}

fn approx_quantiles_schema() -> ArrayBuilder {
    array(
        probability(),
        QUANTILES_MAX,
        "The probabilities of the quantiles to approximate in bounded memory, each answered with \
         two bounds that the exact one lies between.",
    )
}

impl PlanRequest {
    /// The plan that is asked for.
    ///
    /// # Errors
    /// For too many items, a name that does not exist or a probability outside
    /// [0, 1]; its pointer is relative to the plan.
    pub fn to_plan(&self) -> Result<Plan, Error> {
        let mut plan = self
            .base()?
            .with_quantiles(probabilities("/quantiles", self.quantiles.as_deref())?)
            .with_approx_quantiles(probabilities(
                "/approx_quantiles",
                self.approx_quantiles.as_deref(),
            )?);
        if let Some(name) = &self.quantile_method {
            plan = plan.with_quantile_method(parse("/quantile_method", name)?);
        }
        if let Some(name) = &self.nonfinite {
            plan = plan.with_nonfinite(parse("/nonfinite", name)?);
        }
        if let Some(histogram) = &self.histogram {
            plan = plan
                .with_histogram(histogram.to_bins().map_err(|error| error.within("/histogram"))?);
        }
        if self.exact == Some(true) {
            plan = plan.with_exact();
        }
        Ok(plan)
    }

    /// A plan of the statistics alone.
    fn base(&self) -> Result<Plan, Error> {
        let Some(names) = &self.statistics else {
            return Ok(Plan::default());
        };
        check_limit("/statistics", names.len(), "items", STATISTICS_MAX)?;
        let statistics = each("/statistics", names, |name| name.parse::<Statistic>())?;
        Ok(Plan::new(statistics))
    }
}

fn probabilities(pointer: &str, list: Option<&[f64]>) -> Result<Vec<Probability>, Error> {
    let list = list.unwrap_or_default();
    check_limit(pointer, list.len(), "items", QUANTILES_MAX)?;
    each(pointer, list, |p| Probability::new(*p))
}

/// Converts each item of a list; an error points at its item.
fn each<T, R>(
    pointer: &str,
    items: &[T],
    convert: impl Fn(&T) -> Result<R, exacta::Error>,
) -> Result<Vec<R>, Error> {
    let convert = |(index, item)| {
        convert(item)
            .map_err(|source| Error::Plan { pointer: format!("{pointer}/{index}"), source })
    };
    items.iter().enumerate().map(convert).collect()
}

fn parse<T: FromStr<Err = exacta::Error>>(pointer: &str, name: &str) -> Result<T, Error> {
    name.parse().map_err(|source| Error::Plan { pointer: pointer.to_owned(), source })
}
