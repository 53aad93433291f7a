//! The `OpenAPI` document: what is said of the service as a whole, and what all
//! operations share.
//!
//! What is said of one operation stands with its handler, and of one type with
//! the type.

use std::collections::BTreeMap;

use exacta_api::column::{ColumnType, ExactDecimals, StatisticBits, UndefinedReasons};
use exacta_api::job::KernelName;
use exacta_api::limit::RESULTS_MAX;
use exacta_api::schema::{
    BinRuleName, NonfiniteName, QuantileMethodName, ReasonName, StatisticName,
};
use exacta_api::{
    ApproxQuantileSummary, ColumnInput, FirstInvalid, HistogramSummary, PredictError, Problem,
    QuantileSummary,
};
use serde_json::Value;
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    ComponentsBuilder, ContactBuilder, ContentBuilder, Header, HeaderBuilder, Info, InfoBuilder,
    LicenseBuilder, OpenApi, OpenApiBuilder, Ref, RefOr, Response, ResponseBuilder,
};
use utoipa::{IntoResponses, PartialSchema, ToSchema};

use crate::auth::route::BEARER;
use crate::config::BODY_BYTES_MAX;
use crate::encode::{JSON, PROBLEM_JSON};
use crate::example;
use crate::parameters::{InvalidName, JobState};

const DESCRIPTION: &str = "Statistics whose every result is the binary64 nearest to the exact value: \
no order, chunking, thread count or machine changes one bit of it.\n\n\
An absent member has no value: null is neither sent nor taken. Members may be added to answers, \
and values to their enums: take what you do not know as absent. Requests are closed: an unknown \
member is an error. Errors are problem details (RFC 9457), except those of `/predict`; what a \
server cannot read at all it refuses without a body. A method that a path does not take is 405.";

/// The document before there are operations in it.
pub(crate) fn base() -> OpenApi {
    OpenApiBuilder::new()
        .info(info())
        .security(Some([]))
        .tags(Some([
            TagBuilder::new()
                .name("statistics")
                .description(Some("Numbers in, statistics out."))
                .build(),
            TagBuilder::new()
                .name("partials")
                .description(Some("What is known of numbers, exact and to be merged."))
                .build(),
            TagBuilder::new()
                .name("jobs")
                .description(Some("Work that is accepted now and done later."))
                .build(),
            TagBuilder::new().name("service").description(Some("The service itself.")).build(),
        ]))
        .components(Some(components().build()))
        .build()
}

fn info() -> Info {
    InfoBuilder::new()
        .title("exacta")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(DESCRIPTION))
        .contact(Some(
            ContactBuilder::new()
                .name(Some(env!("CARGO_PKG_AUTHORS")))
                .url(Some(env!("CARGO_PKG_REPOSITORY")))
                .build(),
        ))
        .license(Some(
            LicenseBuilder::new()
                .name("MIT OR Apache-2.0")
                .identifier(Some(env!("CARGO_PKG_LICENSE")))
                .build(),
        ))
        .build()
}

/// The components that no derive finds, since only hand-written schemas name them.
fn components() -> ComponentsBuilder {
    ComponentsBuilder::new()
        .schema_from::<StatisticName>()
        .schema_from::<QuantileMethodName>()
        .schema_from::<NonfiniteName>()
        .schema_from::<BinRuleName>()
        .schema_from::<ReasonName>()
        .schema_from::<InvalidName>()
        .schema_from::<ColumnInput>()
        .schema_from::<ColumnType>()
        .schema_from::<FirstInvalid>()
        .schema_from::<QuantileSummary>()
        .schema_from::<ApproxQuantileSummary>()
        .schema_from::<HistogramSummary>()
        .schema_from::<ExactDecimals>()
        .schema_from::<StatisticBits>()
        .schema_from::<UndefinedReasons>()
        .schema_from::<KernelName>()
        .schema_from::<JobState>()
        .schema_from::<Problem>()
        .schema_from::<PredictError>()
        .response("Problem", error_response::<Problem>(PROBLEM_JSON))
        .response("PredictError", error_response::<PredictError>(JSON))
        .security_scheme(BEARER, bearer())
}

fn bearer() -> SecurityScheme {
    let text = "A token that the service knows, or a JWT of an issuer that it trusts. Each operation \
                names the scope that it needs in `x-exacta-scopes`. A service that only its own machine \
                can reach may let everybody in.";
    let http = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(text));
    SecurityScheme::Http(http.build())
}

fn error_response<T: ToSchema>(media_type: &str) -> Response {
    let schema = Ref::from_schema_name(T::name());
    ResponseBuilder::new()
        .description("The request is refused, or cannot be answered; the body says why.")
        .content(media_type, ContentBuilder::new().schema(Some(schema)).build())
        .header("Retry-After", retry_after())
        .header("WWW-Authenticate", challenge())
        .build()
}

fn retry_after() -> Header {
    HeaderBuilder::new()
        .description(Some("With 503: after how many seconds to try again."))
        .schema(Some(exacta_api::schema::count("Seconds.")))
        .build()
}

fn challenge() -> Header {
    HeaderBuilder::new()
        .description(Some("With 401 and 403: what the caller is to show (RFC 6750)."))
        .build()
}

/// Declares a set of statuses that are answered with one error component.
macro_rules! error_responses {
    ($(#[doc = $doc:literal] $type:ident = $component:literal [$($status:literal),+];)+) => {$(
        #[doc = $doc]
        pub(crate) enum $type {}

        impl IntoResponses for $type {
            fn responses() -> BTreeMap<String, RefOr<Response>> {
                let reference = || Ref::from_response_name($component).into();
                BTreeMap::from([$(($status.to_owned(), reference())),+])
            }
        }
    )+};
}

error_responses! {
    /// What can be wrong with any request.
    RequestProblems = "Problem" ["400", "403", "406", "414", "421", "431", "503"];
    /// What can be wrong with a request that has a body.
    BodyProblems =
        "Problem" ["400", "403", "406", "408", "411", "413", "414", "415", "421", "422", "431", "500", "503"];
    /// What can be wrong with a question about one job.
    JobProblems = "Problem" ["400", "403", "404", "406", "414", "421", "431", "500", "503"];
    /// The same, and that the job has no result.
    JobResultProblems = "Problem" ["400", "403", "404", "406", "409", "414", "421", "431", "500", "503"];
    /// What can be wrong with a question about jobs.
    JobListProblems = "Problem" ["400", "403", "406", "414", "421", "431", "500", "503"];
    /// The same in the words of `/predict`.
    PredictProblems = "PredictError" ["400", "403", "406", "408", "411", "413", "414", "415", "421", "431", "500", "503"];
}

/// A body of bytes.
pub(crate) enum Octets {}

impl PartialSchema for Octets {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)))
            .into()
    }
}

impl ToSchema for Octets {}

/// An `OpenAPI` document, of which nothing more is said.
pub(crate) enum OpenApiDocument {}

impl PartialSchema for OpenApiDocument {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .description(Some("An OpenAPI 3.1 document."))
            .into()
    }
}

impl ToSchema for OpenApiDocument {
    fn name() -> std::borrow::Cow<'static, str> {
        "OpenApiDocument".into()
    }
}

/// The document as text: the bytes of `openapi/exacta.json`.
pub(crate) fn text(mut document: OpenApi) -> String {
    for item in document.paths.paths.values_mut() {
        for operation in [&mut item.get, &mut item.post].into_iter().flatten() {
            set_examples(operation);
        }
    }
    let mut document = serde_json::to_value(document).expect("the document is plain data");
    strip_property_names(&mut document);
    set_limits(&mut document);
    set_semantic_refusals(&mut document);
    let mut text = serde_json::to_string_pretty(&document).expect("the document is plain data");
    text.push('\n');
    text
}

/// Adds an example of the body and the answer to it.
fn set_examples(operation: &mut Operation) {
    let id = operation.operation_id.as_deref().unwrap_or_default();
    let Some((request, answer)) = example::of(id) else { return };
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        set_example(body.content.values_mut(), &request);
    }
    for status in ["200", "202"] {
        if let Some(RefOr::T(response)) = operation.responses.responses.get_mut(status) {
            set_example(response.content.values_mut(), &answer);
        }
    }
}

fn set_example<'a>(
    contents: impl Iterator<Item = &'a mut RefOr<utoipa::openapi::Content>>,
    example: &Value,
) {
    for content in contents {
        if let RefOr::T(content) = content {
            content.example = Some(example.clone());
        }
    }
}

/// Adds the limits that no schema can state.
fn set_limits(document: &mut Value) {
    let Some(paths) = document["paths"].as_object_mut() else { return };
    for operation in paths.values_mut().filter_map(|item| item.get_mut("post")) {
        if operation["requestBody"].is_object() {
            operation["x-exacta-body-bytes-max"] = BODY_BYTES_MAX.into();
        }
        if operation["responses"]["422"].is_object() {
            operation["x-exacta-results-max"] = RESULTS_MAX.into();
        }
    }
}

/// With which codes a request of JSON is refused that its schema allows.
const JSON_MEANINGS: [&str; 8] = [
    "bins.out_of_range",
    "bins.too_many",
    "column.duplicate",
    "edges.invalid",
    "histogram.shape",
    "number.out_of_range",
    "number.overflow",
    "result.too_many",
];

/// The same of a plan in the query; a code with an asterisk is a family.
const QUERY_MEANINGS: [&str; 6] = [
    "bin_rule.unknown",
    "limit.exceeded",
    "plan.*",
    "probability.invalid",
    "query.encoding",
    "query.value",
];

/// The same of a body of bytes.
const BYTES_MEANINGS: [&str; 21] = [
    "arrow.invalid",
    "batch.too_large",
    "bins.out_of_range",
    "bins.too_many",
    "column.*",
    "compression.invalid",
    "csv.*",
    "edges.invalid",
    "input.*",
    "json.*",
    "limit.exceeded",
    "names.*",
    "npy.invalid",
    "number.overflow",
    "parquet.invalid",
    "partial.*",
    "plan.*",
    "raw.length",
    "result.too_many",
    "table.*",
    "value.nonfinite",
];

/// Adds the codes of refusals that are about the meaning of a request.
fn set_semantic_refusals(document: &mut Value) {
    let Some(paths) = document["paths"].as_object_mut() else { return };
    for operation in
        paths.values_mut().filter_map(Value::as_object_mut).flat_map(|item| item.values_mut())
    {
        let content = &operation["requestBody"]["content"];
        let meanings = match content.as_object() {
            Some(content) if content.contains_key(JSON) => &JSON_MEANINGS[..],
            Some(_) => &BYTES_MEANINGS[..],
            None if operation["operationId"] == "list_jobs" => &["page_token.invalid"],
            None => continue,
        };
        let is_plan = |parameter: &Value| parameter["name"] == "statistics";
        let parameters = operation["parameters"].as_array();
        let has_plan = parameters.is_some_and(|parameters| parameters.iter().any(is_plan));
        let in_query = if has_plan { &QUERY_MEANINGS[..] } else { &[] };
        let mut meanings = [meanings, in_query].concat();
        meanings.sort_unstable();
        meanings.dedup();
        operation["x-exacta-semantic"] = meanings.into();
    }
}

/// Removes a keyword that utoipa adds to maps and many generators do not know.
fn strip_property_names(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.shift_remove("propertyNames");
            members.values_mut().for_each(strip_property_names);
        }
        Value::Array(items) => items.iter_mut().for_each(strip_property_names),
        _ => {}
    }
}
