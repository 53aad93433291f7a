//! The emitter on a document of every shape that is allowed, and what it refuses.

use serde_json::{Value, json};

use super::*;

fn fixture() -> Value {
    serde_json::from_str(include_str!("../../fixtures/document.json")).unwrap()
}

/// The generated models and operations, without line breaks and indentation.
fn emitted() -> (String, String) {
    let document = document::Document::read(&fixture()).unwrap();
    let [_, models, operations] = emit::client(&document).unwrap().map(|(_, text)| {
        assert!(text.starts_with(emit::MARK));
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    });
    (models, operations)
}

#[track_caller]
fn check_holds(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part}\nis not in\n{text}");
    }
}

#[test]
fn files_are_written_checked_and_removed() {
    let root = tempfile::tempdir().unwrap();
    let path = Path::new(CLIENT).join("a.rs");
    let bring = |text: &str, is_check| {
        bring(root.path(), &[(path.clone(), text.to_owned())], is_check).map_err(|e| e.to_string())
    };
    let stale = |name: &str| {
        Err(format!(
            "{CLIENT}/{name} is stale: run `cargo xtask codegen` and commit what it writes"
        ))
    };
    assert_eq!(bring("x", true), stale("a.rs"));
    assert!(!root.path().join("crates").exists(), "a check writes nothing");
    assert_eq!((bring("x", false), bring("x", true)), (Ok(()), Ok(())));
    assert_eq!(bring("y", true), stale("a.rs"));
    assert_eq!(fs::read_to_string(root.path().join(&path)).unwrap(), "x");

    let other = root.path().join(CLIENT).join("b.rs");
    fs::write(&other, emit::MARK).unwrap();
    assert_eq!(bring("x", true), stale("b.rs"));
    assert_eq!(bring("x", false), Ok(()));
    assert!(!other.exists(), "what an earlier run wrote is removed");
    fs::write(&other, "by hand").unwrap();
    let error = bring("x", false).unwrap_err();
    assert!(error.contains("b.rs is not generated"), "{error}");
    assert!(other.exists(), "what a person wrote is not");
}

#[test]
fn models() {
    check_holds(
        &emitted().0,
        &[
            "/// Columns of numbers. #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] pub struct Columns { /// The numbers. pub values: Vec<f64>,",
            "/// How. Closed: only requests hold it. #[serde(default, skip_serializing_if = \"Option::is_none\")] pub method: Option<Method>,",
            "#[non_exhaustive] pub struct Summary { /// What kind it is. pub r#type: String, /// How many. pub count: u64,",
            "pub offset: Option<i64>,",
            "/// The best of all. #[serde(default, skip_serializing_if = \"Option::is_none\")] pub best: Option<StatisticName>,",
            "pub bits: Option<BTreeMap<String, String>>,",
            "pub type Reasons = BTreeMap<String, Reason>;",
            "#[serde(rename = \"too_few\")] TooFew, /// A value that this client does not know yet. #[serde(untagged)] Unknown(String), }",
            "Self::SumSquares => \"sum_squares\",",
        ],
    );
}

#[test]
fn enums_of_requests_are_closed() {
    let models = emitted().0;
    let method = models.split("pub enum Method").nth(1).unwrap().split("/// ").nth(2).unwrap();
    assert_eq!(
        method,
        "`inverted_cdf`. #[serde(rename = \"inverted_cdf\")] InvertedCdf, } impl Method { "
    );
}

#[test]
fn operations() {
    check_holds(
        &emitted().1,
        &[
            "pub fn get_part( &self, id: &str, part: &i32, ) -> Result<serde_json::Map<String, serde_json::Value>, Error> { self.request(\"GET\") .path(\"/v1/columns/\") .segment(id) .path(\"/parts/\") .segment(part) .send(200)",
            "pub fn get_metrics(&self) -> Result<String, Error> { self.request(\"GET\").path(\"/metrics\").send_for_text(200) }",
            "/// Summarize columns /// /// Takes columns in, /// /// gives summaries out. /// /// # Errors",
            "pub fn summarize(&self, body: &Columns) -> Result<Summary, Error>",
            ".send_json(body, 200)",
            "#[derive(Clone, Debug, Default, PartialEq)] pub struct SummarizeCsvParams { /// Which statistics. pub statistics: Option<Vec<StatisticName>>, /// Whether to add bits. pub bits: Option<bool>, }",
            "pub fn summarize_csv<'a>( &self, body: impl Into<Body<'a>>, params: &SummarizeCsvParams, )",
            "pub fn merge<'a>(&self, body: impl Into<Body<'a>>) -> Result<Vec<u8>, Error> { self.request(\"POST\").path(\"/v1/merge\").send_for_bytes(body.into(), 200)",
            ".list(\"statistics\", params.statistics.as_deref()) .query(\"bits\", params.bits.as_ref()) .send_bytes(body.into(), 200)",
        ],
    );
}

/// The fixture with one value replaced (or, by null, removed) is refused there.
#[track_caller]
fn check_refused(at: &str, value: Value, pointer: &str, reason: &str) {
    let mut document = fixture();
    let (parent, name) = at.rsplit_once('/').unwrap();
    let parent = document.pointer_mut(parent).unwrap();
    match (parent, value) {
        (Value::Object(members), Value::Null) => {
            members.shift_remove(name).unwrap();
        }
        (Value::Object(members), value) => {
            members.insert(name.replace("~1", "/"), value);
        }
        (parent, value) => parent[name.parse::<usize>().unwrap()] = value,
    }
    let refusal = document::Document::read(&document).unwrap_err();
    assert_eq!(refusal.pointer, pointer, "{refusal}");
    assert!(refusal.reason.contains(reason), "{refusal}");
}

/// A member of a component, replaced, is refused below itself.
#[track_caller]
fn check_member_refused(schema: Value, below: &str, reason: &str) {
    const SUM: &str = "/components/schemas/Summary/properties/sum";
    check_refused(SUM, schema, &format!("{SUM}{below}"), reason);
}

#[test]
fn refused_types() {
    check_member_refused(json!({"type": ["number", "null"]}), "/type", "one type");
    check_member_refused(json!({"type": "number"}), "", "`format` is missing");
    check_member_refused(json!({"type": "number", "format": "float"}), "/format", "double");
    check_member_refused(
        json!({"type": "integer", "format": "uint32"}),
        "/format",
        "int32 or int64",
    );
    check_member_refused(json!({"type": "string", "format": "binary"}), "/format", "plain");
    check_member_refused(json!({"type": "string", "nullable": true}), "/nullable", "not allowed");
    check_member_refused(json!({"type": "string", "enum": ["a"]}), "/enum", "component");
    check_member_refused(json!({"type": "string"}), "", "`description` is missing");
    check_member_refused(json!({"type": "string", "description": " "}), "/description", "empty");
    check_member_refused(json!({"type": "object", "properties": {}}), "/properties", "component");
    check_member_refused(
        json!({"type": "object", "additionalProperties": {"type": "boolean"}, "propertyNames": {}}),
        "/propertyNames",
        "not allowed",
    );
    check_member_refused(json!({"type": "array"}), "", "`items` is missing");
    check_member_refused(json!({"type": "array", "items": {"oneOf": []}}), "/items/oneOf", "flat");
    check_member_refused(json!({"$ref": "#/components/schemas/"}), "/$ref", "a name");
    check_member_refused(json!({"$ref": "#/paths/Reason"}), "/$ref", "#/components/schemas/");
    check_member_refused(
        json!({"$ref": "#/components/schemas/Reason", "type": "string"}),
        "/type",
        "not allowed",
    );
}

#[test]
fn refused_components() {
    let refused = |at: &str, value, below: &str, reason| {
        let [at, below] = [at, below].map(|place| format!("/components/schemas/{place}"));
        check_refused(&at, value, &below, reason);
    };
    let object = json!({"type": "object", "description": "x", "properties": {}});
    refused("Error", object.clone(), "Error", "of its own");
    refused("a~1b", object, "a~1b", "UpperCamel");
    refused("X", json!({"oneOf": []}), "X", "`type`");
    refused("Reason/enum/1", json!("TooFew"), "Reason/enum/1", "lower_snake");
    refused("Reason/enum/1", json!("empty"), "Reason/enum/1", "twice");
    refused("Reason/enum", json!([]), "Reason/enum", "no value");
    refused("Reason", Value::Null, "Reasons", "`Reason`");
    refused("Columns/additionalProperties", Value::Null, "Columns", "refuses unknown");
    refused("Columns/required/0", json!("x"), "Columns/required/0", "among");
    refused("Summary/additionalProperties", json!(false), "Summary", "stays open");
    let member = json!({"type": "boolean", "description": "x"});
    for (name, reason) in [("lambda", "reserved"), ("someThing", "lower_snake")] {
        let at = format!("Columns/properties/{name}");
        refused(&at, member.clone(), &at, reason);
    }
}

#[test]
fn refused_operations() {
    let post = "/paths/~1v1~1summarize/post";
    for name in ["description", "summary", "tags", "security", "operationId", "responses"] {
        check_refused(&format!("{post}/{name}"), Value::Null, post, "is missing");
    }
    let refused = |at: &str, value, below: &str, reason| {
        check_refused(&format!("{post}{at}"), value, &format!("{post}{below}"), reason);
    };
    refused("/operationId", json!("sumUp"), "/operationId", "lower_snake");
    let id = "/paths/~1predict/post/operationId";
    check_refused(id, json!("summarize"), id, "twice");
    refused("/callbacks", json!({}), "/callbacks", "not allowed");
    refused("/responses/201", json!({"description": ""}), "/responses/201", "one success");
    refused("/responses/302", json!({}), "/responses/302", "a success or an error");
    refused("/responses/default", json!({}), "/responses/default", "three digits");
    refused("/responses/400", Value::Null, "/responses", "4xx");
    refused("/responses/200", Value::Null, "/responses", "one success");
    refused(
        "/responses/400",
        json!({"description": ""}),
        "/responses/400/description",
        "not allowed",
    );
    let inline = json!({"application/json": {"schema": {"type": "array"}}});
    refused(
        "/responses/200/content",
        inline.clone(),
        "/responses/200/content/application~1json/schema",
        "items",
    );
    refused(
        "/requestBody/content",
        inline,
        "/requestBody/content/application~1json/schema/type",
        "not allowed",
    );
    let text = json!({"text/csv": {"schema": {}}});
    refused("/requestBody/content", text, "/requestBody/content/text~1csv", "application/json");
    refused("/requestBody/content", json!({}), "/requestBody/content", "exactly one");
    let bytes =
        json!({"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}});
    refused("/responses/200/content", bytes, "/responses", "bytes are an answer to bytes");
    let text = json!({"text/plain": {"schema": {"type": "string"}}});
    refused("/responses/200/content", text, "/responses", "to no body");
    let schema = "/paths/~1metrics/get/responses/200/content/text~1plain";
    check_refused(&format!("{schema}/schema"), json!({"type": "boolean"}), schema, "a string");
}

#[test]
fn refused_parameters() {
    let csv = "/paths/~1v1~1summarize~1csv/post/parameters";
    let list = format!("{csv}/0");
    check_refused(&format!("{list}/explode"), Value::Null, &list, "with commas");
    check_refused(&format!("{csv}/1/required"), json!(true), &format!("{csv}/1"), "optional");
    check_refused(
        &format!("{csv}/1/in"),
        json!("header"),
        &format!("{csv}/1"),
        "path or the query",
    );
    check_refused(
        &format!("{csv}/1/schema"),
        json!({"type": "object"}),
        &format!("{csv}/1/schema"),
        "plain",
    );
    let part = "/paths/~1v1~1columns~1{id}~1parts~1{part}/get";
    check_refused(&format!("{part}/parameters/0/name"), json!("id"), part, "needs one parameter");
    check_refused(
        &format!("{part}/parameters/0/required"),
        json!(false),
        &format!("{part}/parameters/0"),
        "required",
    );
}

#[test]
fn refused_roots() {
    check_refused("/openapi", json!("3.0.3"), "/openapi", "3.1");
    check_refused("/webhooks", json!({}), "/webhooks", "not allowed");
    check_refused("/info/contact", Value::Null, "/info", "contact");
    let error = "/components/responses/Problem/content";
    let inline = json!({"text/plain": {"schema": {"$ref": "#/components/schemas/Problem"}}});
    check_refused(error, inline, &format!("{error}/text~1plain"), "problem+json");
}
