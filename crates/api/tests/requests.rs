//! Requests are read strictly at every level: what the document does not allow is refused.

use exacta::{BinRule, Bins, Plan, Probability, Statistic};
use exacta_api::limit::{
    COLUMNS_MAX, NAME_CHARS_MAX, QUANTILES_MAX, STATISTICS_MAX, check_columns, check_results,
};
use exacta_api::{
    ColumnInput, ColumnSummary, Error, PlanRequest, PredictRequest, SummarizeRequest,
};
use serde_json::json;

fn refused(text: &str) -> String {
    serde_json::from_str::<SummarizeRequest>(text).expect_err(text).to_string()
}

#[test]
fn a_request_in_order_is_taken() {
    let text =
        r#"{"plan":{"bits":true,"quantiles":[0.5]},"columns":[{"values":[1,-0,2.5],"name":"x"}]}"#;
    let request: SummarizeRequest = serde_json::from_str(text).unwrap();
    let values = [1.0_f64, -0.0, 2.5].map(f64::to_bits);
    assert_eq!(request.columns[0].values.iter().map(|x| x.to_bits()).collect::<Vec<_>>(), values);
    let plan = request.plan.unwrap();
    assert_eq!(plan.bits, Some(true));
    assert_eq!(plan.to_plan().unwrap().quantiles(), [Probability::new(0.5).unwrap()]);
}

#[test]
fn an_array_is_no_object_at_any_level() {
    for text in [
        r"[]",
        r"[[]]",
        r#"[[{"name":"x","values":[]}]]"#,
        r#"{"columns":[["x",[1]]]}"#,
        r#"{"columns":[],"plan":[]}"#,
        r#"{"columns":[],"plan":[["sum"],[0.5],"linear","skip",true]}"#,
    ] {
        assert!(refused(text).contains("expected a JSON object"), "{text}");
    }
    assert!(serde_json::from_str::<PredictRequest>("[[1]]").is_err());
}

#[test]
fn null_is_no_value_of_any_member() {
    for text in [
        r"null",
        r#"{"columns":null}"#,
        r#"{"columns":[null]}"#,
        r#"{"columns":[{"name":null,"values":[]}]}"#,
        r#"{"columns":[{"name":"x","values":null}]}"#,
        r#"{"columns":[{"name":"x","values":[null]}]}"#,
        r#"{"columns":[],"plan":null}"#,
        r#"{"columns":[],"plan":{"statistics":null}}"#,
        r#"{"columns":[],"plan":{"statistics":[null]}}"#,
        r#"{"columns":[],"plan":{"quantiles":null}}"#,
        r#"{"columns":[],"plan":{"quantiles":[null]}}"#,
        r#"{"columns":[],"plan":{"quantile_method":null}}"#,
        r#"{"columns":[],"plan":{"nonfinite":null}}"#,
        r#"{"columns":[],"plan":{"bits":null}}"#,
    ] {
        assert!(refused(text).contains("invalid type: null"), "{text}: {}", refused(text));
    }
}

#[test]
fn unknown_and_repeated_members_are_refused_at_every_level() {
    for text in [
        r#"{"columns":[],"rows":[]}"#,
        r#"{"columns":[{"name":"x","values":[],"unit":"m"}]}"#,
        r#"{"columns":[],"plan":{"precision":3}}"#,
        r#"{"columns":[],"plan":{"histogram":{"count":3}}}"#,
    ] {
        assert!(refused(text).contains("unknown field"), "{text}");
    }
    for text in [
        r#"{"columns":[],"columns":[]}"#,
        r#"{"columns":[{"name":"x","name":"x","values":[]}]}"#,
        r#"{"columns":[],"plan":{"bits":true,"bits":true}}"#,
    ] {
        assert!(refused(text).contains("duplicate field"), "{text}");
    }
    for text in [r"{}", r#"{"columns":[{"name":"x"}]}"#, r#"{"columns":[{"values":[]}]}"#] {
        assert!(refused(text).contains("missing field"), "{text}");
    }
}

#[test]
fn an_empty_plan_is_the_default_plan() {
    assert_eq!(PlanRequest::default().to_plan().unwrap(), Plan::default());
    let none = PlanRequest { statistics: Some(vec![]), ..PlanRequest::default() };
    assert_eq!(none.to_plan().unwrap(), Plan::new([]));
}

#[test]
fn a_histogram_is_described_by_one_of_its_members() {
    let cases = [
        (json!({"rule": "doane"}), Bins::from(BinRule::Doane)),
        (json!({"bins": 65536}), Bins::count(65536).unwrap()),
        (json!({"bins": 8.0}), Bins::count(8).unwrap()),
        (json!({"edges": [-1, 0.5, 1e300]}), Bins::edges([-1.0, 0.5, 1e300]).unwrap()),
    ];
    for (histogram, bins) in cases {
        let request: PlanRequest =
            serde_json::from_value(json!({"histogram": histogram, "exact": true})).unwrap();
        assert_eq!(request.to_plan().unwrap(), Plan::default().with_histogram(bins).with_exact());
    }
}

#[test]
fn every_name_of_the_library_is_taken() {
    let statistics = Statistic::ALL.iter().map(|s| s.name().to_owned()).collect();
    let all = PlanRequest { statistics: Some(statistics), ..PlanRequest::default() };
    assert_eq!(all.to_plan().unwrap(), Plan::new(Statistic::ALL.iter().copied()));
}

/// A plan that is refused, with the pointer and the code of the refusal.
#[test]
fn a_plan_is_refused_at_its_place() {
    let cases = [
        (json!({"statistics": ["sum", "average"]}), "/plan/statistics/1", "statistic.unknown"),
        (json!({"quantiles": [0.5, 1.5]}), "/plan/quantiles/1", "probability.invalid"),
        (json!({"quantiles": [-0.1]}), "/plan/quantiles/0", "probability.invalid"),
        (json!({"quantile_method": "cubic"}), "/plan/quantile_method", "quantile_method.unknown"),
        (json!({"nonfinite": "ignore"}), "/plan/nonfinite", "nonfinite.unknown"),
        (
            json!({"statistics": vec!["sum"; STATISTICS_MAX + 1]}),
            "/plan/statistics",
            "limit.exceeded",
        ),
        (json!({"quantiles": vec![0.5; QUANTILES_MAX + 1]}), "/plan/quantiles", "limit.exceeded"),
        (json!({"approx_quantiles": [2]}), "/plan/approx_quantiles/0", "probability.invalid"),
        (json!({"histogram": {}}), "/plan/histogram", "histogram.shape"),
        (json!({"histogram": {"bins": 2, "rule": "fd"}}), "/plan/histogram", "histogram.shape"),
        (json!({"histogram": {"rule": "best"}}), "/plan/histogram/rule", "bin_rule.unknown"),
        (json!({"histogram": {"bins": 0}}), "/plan/histogram/bins", "bins.out_of_range"),
        (json!({"histogram": {"bins": 65537}}), "/plan/histogram/bins", "bins.out_of_range"),
        (json!({"histogram": {"edges": [1, 1]}}), "/plan/histogram/edges", "edges.invalid"),
    ];
    for (plan, pointer, code) in cases {
        let request: PlanRequest = serde_json::from_value(plan.clone()).unwrap();
        let error = request.to_plan().unwrap_err().within("/plan");
        assert_eq!((error.pointer(), error.code()), (Some(pointer), code), "{plan}");
        assert_eq!(error.to_string().lines().count(), 1, "{error}");
    }
}

fn columns(names: impl IntoIterator<Item = String>) -> SummarizeRequest {
    let column = |name| ColumnInput { name, values: vec![] };
    SummarizeRequest { columns: names.into_iter().map(column).collect(), plan: None }
}

#[test]
fn names_differ_and_limits_hold_to_the_last_item() {
    let numbered = |len: usize| (0..len).map(|index| index.to_string());
    assert_eq!(columns(numbered(COLUMNS_MAX)).check(), Ok(()));
    assert_eq!(columns(["ü".repeat(NAME_CHARS_MAX)]).check(), Ok(()));
    let cases = [
        (columns(numbered(COLUMNS_MAX + 1)), "/columns", "limit.exceeded"),
        (columns(["ü".repeat(NAME_CHARS_MAX + 1)]), "/columns/0/name", "limit.exceeded"),
        (columns(["x", "y", "x"].map(str::to_owned)), "/columns/2/name", "column.duplicate"),
    ];
    for (request, pointer, code) in cases {
        let error = request.check().unwrap_err();
        assert_eq!((error.pointer(), error.code()), (Some(pointer), code));
    }
}

#[test]
fn an_answer_cannot_be_far_larger_than_its_question() {
    let probabilities = (0..500).map(|n| Probability::ratio(n, 500).unwrap());
    let plan =
        Plan::new([]).with_quantiles(probabilities).with_histogram(Bins::count(500).unwrap());
    assert_eq!(check_results(100, &plan), Ok(()));
    let error = check_results(101, &plan).unwrap_err();
    assert_eq!((error.code(), error.pointer()), ("result.too_many", None));
    assert_eq!(error.within("/plan").pointer(), None);
    assert!(check_results(usize::MAX, &plan).is_err());
}

/// A rule says how many bins there are only when it has seen the data.
#[test]
fn bins_of_rules_are_counted_as_they_come() {
    let plan = Plan::new([]).with_histogram(BinRule::Sqrt.into());
    let values: Vec<f64> = (0..1_000_000).map(f64::from).collect();
    let summary = plan.summarize(&values).unwrap();
    let column = || Ok::<_, Error>(ColumnSummary::number("x", &summary, false));
    let columns = |n: usize| check_columns(std::iter::repeat_with(column).take(n));
    assert_eq!(columns(100).unwrap().len(), 100);
    assert_eq!(columns(101).unwrap_err().code(), "result.too_many");
}
