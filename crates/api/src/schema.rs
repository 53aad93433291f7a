//! Schemas that are made from the library's own lists, so that no name stands twice.
//!
//! Each type here stands for a named component of the document and has no values.
//! Shapes that a derive can describe stay with their types.

use exacta::{BinRule, Nonfinite, QuantileMethod, Reason, Statistic};
use utoipa::openapi::schema::{
    ArrayBuilder, KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type,
};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use crate::limit::INTEGER_MAX;

/// Declares a schema of lower-snake names taken from a list of the library.
macro_rules! name_schema {
    ($(#[doc = $doc:literal] $type:ident = $all:expr, $description:expr;)+) => {$(
        #[doc = $doc]
        #[derive(Debug)]
        pub enum $type {}

        impl PartialSchema for $type {
            fn schema() -> RefOr<Schema> {
                names($all.iter().map(|item| item.name()), $description).into()
            }
        }

        impl ToSchema for $type {
            fn name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }
        }
    )+};
}

name_schema! {
    /// The names of the statistics.
    StatisticName = Statistic::ALL, statistic_names();
    /// The names of the quantile methods.
    QuantileMethodName = QuantileMethod::ALL,
        "How a quantile between two values is interpolated: Hyndman and Fan's types 1 to 9 under NumPy's names.";
    /// The names of the policies for NaN and infinities.
    NonfiniteName = Nonfinite::ALL,
        "What becomes of NaN and infinities: `propagate` computes with them as IEEE 754 does, `skip` leaves them out, `reject` refuses them.";
    /// The names of the rules for the number of bins.
    BinRuleName = BinRule::ALL,
        "How many bins of equal width a histogram has: the rules of NumPy's histogram_bin_edges, decided exactly.";
    /// The names of the reasons for which a result is absent.
    ReasonName = Reason::ALL,
        "Why a result is absent. More reasons may be added: take an unknown one as \"no value\".";
}

/// What each statistic is, as the description of the list of their names.
fn statistic_names() -> String {
    Statistic::ALL.iter().fold("A statistic:".to_owned(), |text, statistic| {
        format!("{text}\n- `{}`: {}", statistic.name(), statistic.description())
    })
}

fn names(
    names: impl Iterator<Item = &'static str>,
    description: impl Into<String>,
) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(names))
        .description(Some(description))
}

/// A count: an integer that every JSON reader keeps.
pub fn count(description: &str) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
        .minimum(Some(0))
        .maximum(Some(INTEGER_MAX as f64))
        .description(Some(description))
}

/// A finite binary64.
pub(crate) fn double(description: &str) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::Number)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Double)))
        .description(Some(description))
}

/// A probability.
pub(crate) fn probability() -> ObjectBuilder {
    double("A probability.").minimum(Some(0)).maximum(Some(1))
}

/// The bits of a binary64 as text.
pub(crate) fn bits(description: &str) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some("^[0-9a-f]{16}$"))
        .description(Some(description))
}

/// An array of at most `len_max` items.
pub(crate) fn array(
    items: impl Into<RefOr<Schema>>,
    len_max: usize,
    description: &str,
) -> ArrayBuilder {
    ArrayBuilder::new().items(items.into()).max_items(Some(len_max)).description(Some(description))
}

/// A reference to the component of a type.
pub(crate) fn reference<T: ToSchema>() -> Ref {
    Ref::from_schema_name(T::name())
}
