//! Answers are flat, what has no value is absent, and their schemas name what they hold.

use exacta::{Accumulator, BinRule, Bins, Counts, Partial, Plan, Probability, Reason, Statistic};
use exacta_api::column::{StatisticBits, UndefinedReasons};
use exacta_api::schema::{ReasonName, StatisticName};
use exacta_api::{ColumnSummary, FirstInvalid, PredictResponse, Problem};
use serde_json::{Value, json};
use utoipa::PartialSchema;

fn summarize(values: &[f64], plan: &Plan, bits: bool) -> Value {
    let mut accumulator = Accumulator::new(plan);
    accumulator.update(values).unwrap();
    accumulator.push_null();
    let summary = accumulator.into_partial().finalize(plan).unwrap();
    serde_json::to_value(ColumnSummary::number("x", &summary, bits)).unwrap()
}

fn schema<T: PartialSchema>() -> Value {
    serde_json::to_value(T::schema()).unwrap()
}

#[test]
fn results_are_members_in_the_order_of_the_library() {
    let plan = Plan::new([Statistic::Max, Statistic::Sum, Statistic::Stddev])
        .with_quantiles([Probability::new(0.5).unwrap()]);
    let answer = summarize(&[1.0, 2.0, 6.0], &plan, false);
    let text = r#"{"name":"x","count":3,"null":1,"sum":9.0,"max":6.0,"stddev":2.6457513110645907,"quantiles":[{"p":0.5,"value":2.0}]}"#;
    assert_eq!(serde_json::from_str::<Value>(text).unwrap(), answer);
    let names: Vec<_> = answer.as_object().unwrap().keys().map(String::as_str).collect();
    let known = Statistic::ALL.iter().map(|s| s.name()).filter(|name| *name != "count");
    let expected: Vec<_> = known.filter(|name| names.contains(name)).collect();
    assert_eq!(names[3..6], expected);
}

#[test]
fn a_result_without_a_value_is_absent_and_says_why() {
    let plan = Plan::new([Statistic::Sum, Statistic::Mean, Statistic::Stddev])
        .with_quantiles([Probability::new(0.5).unwrap()]);
    assert_eq!(
        summarize(&[], &plan, true),
        json!({
            "name": "x", "count": 0, "null": 1, "sum": 0.0,
            "quantiles": [{"p": 0.5, "undefined": "empty"}],
            "undefined": {"mean": "empty", "stddev": "empty"},
            "bits": {"sum": "0000000000000000"},
        })
    );
    assert_eq!(
        summarize(&[f64::MAX, f64::MAX], &Plan::new([Statistic::Sum]), true),
        json!({
            "name": "x", "count": 2, "null": 1,
            "undefined": {"sum": "overflow"},
            "bits": {"sum": "7ff0000000000000"},
        })
    );
}

#[test]
fn histograms_and_exact_decimals_are_members() {
    let bins = Bins::edges([0.0, 1.0, 2.0]).unwrap();
    let plan = Plan::new([Statistic::Sum, Statistic::Mean, Statistic::Max, Statistic::Distinct])
        .with_histogram(bins)
        .with_exact();
    assert_eq!(
        summarize(&[0.1, 0.25, 2.0, -7.0], &plan, false),
        json!({
            "name": "x", "count": 4, "null": 1, "sum": -4.65, "mean": -1.1625, "max": 2.0, "distinct": 4,
            "histogram": {"edges": [0.0, 1.0, 2.0], "counts": [2, 1], "under": 1, "over": 0},
            "exact": {
                "sum": "-4.6499999999999999944488848768742172978818416595458984375",
                "max": "2",
            },
        })
    );
    let none = summarize(&[f64::NAN], &Plan::new([]).with_histogram(BinRule::Fd.into()), false);
    assert_eq!(none["undefined"], json!({"histogram": "nan"}));
    assert!(none.get("histogram").is_none());
}

#[test]
fn approximate_quantiles_come_with_their_bounds() {
    let half = Probability::HALF;
    let plan = Plan::new([]).with_approx_quantiles([half]);
    let values: Vec<f64> = (1..=101).map(f64::from).collect();
    let answer = summarize(&values, &plan, true);
    let found = &answer["approx_quantiles"][0];
    let [lower, value, upper] =
        ["lower", "value", "upper"].map(|name| found[name].as_f64().unwrap());
    assert!(lower <= 51.0 && 51.0 <= upper && upper < 1.05 * lower, "{found}");
    assert!(lower <= value && value <= upper, "{found}");
    assert_eq!(found["bits"], format!("{:016x}", value.to_bits()));
    let infinite = summarize(&[f64::INFINITY], &plan, false);
    assert_eq!(infinite["approx_quantiles"], json!([{"p": 0.5, "undefined": "infinite"}]));
}

#[test]
fn a_nan_has_bits_and_a_reason_but_no_value() {
    let plan = Plan::new([Statistic::Mean]).with_quantiles([Probability::new(0.25).unwrap()]);
    assert_eq!(
        summarize(&[1.0, f64::NAN], &plan, true),
        json!({
            "name": "x", "count": 1, "null": 1, "nan": 1,
            "quantiles": [{"p": 0.25, "undefined": "nan", "bits": "7ff8000000000000"}],
            "undefined": {"mean": "nan"},
            "bits": {"mean": "7ff8000000000000"},
        })
    );
}

#[test]
fn a_text_column_has_counts_and_a_place() {
    let counts = Counts { count: 2, invalid: 1, ..Counts::default() };
    let place = FirstInvalid { line: 3, column: 1, offset: 9 };
    let (partial, plan) = (Partial::from_counts(counts).unwrap(), Plan::new([]));
    let answer = |place, is_text| {
        let column = ColumnSummary::of_file("day", &partial, &plan, false, place, is_text);
        serde_json::to_value(column.unwrap()).unwrap()
    };
    let expected = json!({
        "name": "day", "type": "text", "count": 2, "invalid": 1,
        "first_invalid": {"line": 3, "column": 1, "offset": 9},
    });
    assert_eq!(answer(Some(place), true), expected);
    let mut counted = expected;
    counted.as_object_mut().unwrap().remove("type");
    assert_eq!(answer(Some(place), false), counted, "numbers, whose invalid cells are counted");
    counted.as_object_mut().unwrap().remove("first_invalid");
    assert_eq!(answer(None, false), counted);
}

/// An answer's member may be one that the schema names, and nothing else.
#[test]
fn the_schema_of_a_column_names_every_member() {
    let schema = schema::<ColumnSummary>();
    let properties = schema["properties"].as_object().unwrap();
    let plan =
        Plan::new(Statistic::ALL.iter().copied()).with_quantiles([Probability::new(0.5).unwrap()]);
    for values in [&[][..], &[1.0, 2.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY]] {
        for name in summarize(values, &plan, true).as_object().unwrap().keys() {
            assert!(properties.contains_key(name), "{name}");
        }
    }
    for statistic in Statistic::ALL {
        assert!(properties.contains_key(statistic.name()), "{statistic}");
    }
}

#[test]
fn names_in_schemas_are_the_lists_of_the_library() {
    let names = |schema: Value| schema["enum"].as_array().unwrap().clone();
    assert!(names(schema::<StatisticName>()).iter().eq(Statistic::ALL.iter().map(|s| s.name())));
    assert!(names(schema::<ReasonName>()).iter().eq(Reason::ALL.iter().map(|r| r.name())));
    assert_eq!(
        schema::<UndefinedReasons>()["additionalProperties"]["$ref"],
        "#/components/schemas/ReasonName"
    );
    assert_eq!(schema::<StatisticBits>()["additionalProperties"]["pattern"], "^[0-9a-f]{16}$");
}

/// The text that `/predict` gives a number.
fn predicted(number: f64) -> String {
    let answer = PredictResponse { sum: number, count: 1, average: 0.0, min: 0.0, max: 0.0 };
    let text = serde_json::to_string(&answer).unwrap();
    let text = text.strip_prefix(r#"{"sum":"#).unwrap();
    text.strip_suffix(r#","count":1,"average":0,"min":0,"max":0}"#).unwrap().to_owned()
}

#[test]
fn figures_are_bare_when_integral_and_read_back_to_the_same_bits() {
    let cases = [
        (6.0, "6"),
        (-6.0, "-6"),
        (0.0, "0"),
        (-0.0, "-0.0"),
        (0.1, "0.1"),
        (9_007_199_254_740_991.0, "9007199254740991"),
        (9_007_199_254_740_992.0, "9007199254740992.0"),
        (-9_007_199_254_740_992.0, "-9007199254740992.0"),
        (1e300, "1e+300"),
        (5e-324, "5e-324"),
        (f64::MAX, "1.7976931348623157e+308"),
    ];
    for (number, text) in cases {
        assert_eq!(predicted(number), text);
        assert_eq!(text.parse::<f64>().unwrap().to_bits(), number.to_bits(), "{text}");
    }
}

#[test]
fn a_problem_without_a_place_has_no_place() {
    let problem =
        serde_json::to_value(Problem::new(404, "Not Found", "path.unknown", "no")).unwrap();
    let expected = json!({
        "type": "about:blank", "title": "Not Found", "status": 404, "code": "path.unknown", "detail": "no",
    });
    assert_eq!(problem, expected);
}
