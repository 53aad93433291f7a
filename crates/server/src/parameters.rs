//! The parameters of a query, as the document describes them.
//!
//! Reading them is in [`query`](crate::query).

use exacta_api::job::page_token;
use exacta_api::schema::{NonfiniteName, QuantileMethodName, StatisticName};
use exacta_jobs::{PAGE_SIZE_MAX, State};
use exacta_scan::Invalid;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn, ParameterStyle};
use utoipa::openapi::schema::{
    ArrayBuilder, KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type,
};
use utoipa::openapi::{Ref, RefOr, Required};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use crate::format::FileFormat;
use crate::query::{
    COLUMNS, FileQuery, HISTOGRAM_CHARS_MAX, JobsQuery, ListLimit, NULLS, PartialQuery, PlanQuery,
    QUANTILES, STATISTICS,
};

/// What the scan does with a cell that is no number, by its names.
pub(crate) enum InvalidName {}

impl PartialSchema for InvalidName {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some([Invalid::Text, Invalid::Count].map(Invalid::name)))
            .description(Some(
                "What becomes of a column with a cell that is no number: `text` reports it as \
                 text, `count` summarizes its numbers and counts the other cells.",
            ))
            .into()
    }
}

impl ToSchema for InvalidName {
    fn name() -> std::borrow::Cow<'static, str> {
        "InvalidName".into()
    }
}

impl<F: FileFormat> IntoParams for FileQuery<F> {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        Self::names().into_iter().map(of_file).collect()
    }
}

impl IntoParams for PlanQuery {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        Self::NAMES.iter().map(|name| of_file(name)).collect()
    }
}

impl<F: FileFormat> IntoParams for PartialQuery<F> {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        Self::names().into_iter().map(of_file).collect()
    }
}

/// A parameter of a question about a file.
fn of_file(name: &str) -> Parameter {
    match name {
        "statistics" => list(
            name,
            "The statistics to compute, the default plan when absent; `count` is always there.",
            reference::<StatisticName>(),
            STATISTICS,
        ),
        "quantiles" => list(
            name,
            "The probabilities of the quantiles to compute, as decimals or ratios: `0.5,1/3`.",
            probability(),
            QUANTILES,
        ),
        "approx_quantiles" => list(
            name,
            "The probabilities of the quantiles to approximate in bounded memory, each answered \
             with two bounds that the exact one lies between.",
            probability(),
            QUANTILES,
        ),
        "columns" => list(
            name,
            "The columns to summarize, by name and in this order; all when absent.",
            text(COLUMNS.chars),
            COLUMNS,
        ),
        "null" => list(name, "More spellings of a missing value.", text(NULLS.chars), NULLS),
        "names" => list(
            name,
            "Names for the columns of a file that has none: its first row is data. Raw numbers are as \
             many in a row.",
            text(COLUMNS.chars),
            COLUMNS,
        ),
        _ => single_of_file(name),
    }
}

/// The same, for one that is no list.
fn single_of_file(name: &str) -> Parameter {
    let (description, schema): (_, RefOr<Schema>) = match name {
        "quantile_method" => (
            "How quantiles between two values are interpolated; `linear` when absent.",
            reference::<QuantileMethodName>(),
        ),
        "nonfinite" => (
            "What becomes of NaN and infinities; `propagate` when absent.",
            reference::<NonfiniteName>(),
        ),
        "histogram" => (
            "The bins of a histogram: a rule (`auto`, `fd`, …), a number of bins, or edges \
             (`0,1,10`); none when absent.",
            text(HISTOGRAM_CHARS_MAX).min_length(Some(1)).into(),
        ),
        "exact" => (
            "Whether to add the exact decimals of `sum`, `sum_squares`, `min`, `max` and \
             `range`; false when absent.",
            flag().into(),
        ),
        "bits" => ("Whether to add the bits of each result; false when absent.", flag().into()),
        "delimiter" => ("The character between cells; a comma when absent.", delimiter().into()),
        "no_headers" => ("Whether the first line is data; false when absent.", flag().into()),
        "invalid" => (
            "What becomes of cells that are no numbers; `text` when absent.",
            reference::<InvalidName>(),
        ),
        _ => unreachable!("{name} is read and not described"),
    };
    single(name, description, schema)
}

/// Where a job can stand, by the names of the store.
pub(crate) enum JobState {}

impl PartialSchema for JobState {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(State::ALL.iter().map(|state| state.name())))
            .description(Some(
                "Where a job stands: `queued` waits to be taken up, `running` is being done; \
                 `succeeded` has a result, `failed` an error, `cancelled` neither, and these three \
                 are final. More may be added.",
            ))
            .into()
    }
}

impl ToSchema for JobState {
    fn name() -> std::borrow::Cow<'static, str> {
        "JobState".into()
    }
}

impl IntoParams for JobsQuery {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![
            single("state", "Only jobs in this state; all when absent.", reference::<JobState>()),
            single("page_size", "How many jobs at the most; 100 when absent.", page_size()),
            single(
                "page_token",
                "The `next_page_token` of the page before, as it came; the first page when absent.",
                page_token("An opaque text."),
            ),
        ]
    }
}

fn page_size() -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)))
        .minimum(Some(1))
        .maximum(Some(PAGE_SIZE_MAX))
}

fn single(name: &str, description: &str, schema: impl Into<RefOr<Schema>>) -> Parameter {
    parameter(name, description).schema(Some(schema)).build()
}

/// A list in one parameter, its items separated by commas.
fn list(
    name: &str,
    description: &str,
    item: impl Into<RefOr<Schema>>,
    limit: ListLimit,
) -> Parameter {
    let items = ArrayBuilder::new().items(item.into()).max_items(Some(limit.items));
    parameter(name, description)
        .style(Some(ParameterStyle::Form))
        .explode(Some(false))
        .schema(Some(items))
        .build()
}

fn parameter(name: &str, description: &str) -> ParameterBuilder {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(description))
}

fn reference<T: ToSchema>() -> RefOr<Schema> {
    Ref::from_schema_name(T::name()).into()
}

fn flag() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Boolean)
}

fn text(chars_max: usize) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).max_length(Some(chars_max))
}

fn probability() -> ObjectBuilder {
    text(QUANTILES.chars).description(Some("A number from 0 to 1, or a ratio of two integers."))
}

fn delimiter() -> ObjectBuilder {
    text(1).min_length(Some(1)).pattern(Some(r"^[\x01-\x09\x0b\x0c\x0e-\x21\x23-\x7f]$"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_what_is_described() {
        let described = JobsQuery::into_params(|| None);
        assert!(described.iter().map(|parameter| &parameter.name).eq(JobsQuery::NAMES));
    }
}
