//! The settings one by one, as the schema of [`Config`] tells them: what flags, variables, the file and documentation
//! are made from. What they mean is in the sections.

use std::sync::LazyLock;

use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use super::Config;

/// Sections whose settings need no other name to be understood.
const SPEAK_FOR_THEMSELVES: [&str; 2] = ["limits", "telemetry"];

/// Sections that keep others out. What is set there is not unset by an empty text, which may be a variable that somebody
/// forgot to fill.
const KEEP_OTHERS_OUT: [&str; 2] = ["auth", "tls"];

/// The JSON Schema of [`Config`], without references.
pub fn schema() -> Value {
    let settings = SchemaSettings::draft07().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    let mut schema = settings.into_generator().into_root_schema_for::<Config>().to_value();
    drop_null(&mut schema);
    schema
}

/// What is `null` for Rust is absent from a file.
fn drop_null(schema: &mut Value) {
    match schema {
        Value::Array(items) => {
            items.retain(|item| !item.is_null() && item["type"] != "null");
            items.iter_mut().for_each(drop_null);
        }
        Value::Object(members) => {
            members.retain(|_, member| !member.is_null());
            members.values_mut().for_each(drop_null);
            if let Some(Value::Array(types)) = members.get_mut("type") {
                types.retain(|name| name != "null");
                if let [only] = types.as_slice() {
                    members["type"] = only.clone();
                }
            }
        }
        _ => {}
    }
}

/// One thing that can be set.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The section that it stands in; none is the top.
    pub section: Option<String>,
    /// Its name there.
    pub key: String,
    /// What it may be, and what it is where nobody says.
    schema: Value,
}

/// All settings, section by section.
pub fn settings() -> &'static [Setting] {
    static SETTINGS: LazyLock<Vec<Setting>> = LazyLock::new(|| listed(&schema()));
    &SETTINGS
}

fn listed(schema: &Value) -> Vec<Setting> {
    let (sections, own): (Vec<_>, Vec<_>) =
        properties(schema).partition(|(_, schema)| schema["properties"].is_object());
    let setting = |section: Option<&str>, key: &str, schema: &Value| Setting {
        section: section.map(str::to_owned),
        key: key.to_owned(),
        schema: schema.clone(),
    };
    let own = own.iter().map(|(key, schema)| setting(None, key, schema));
    let of_sections = sections.iter().flat_map(|(section, schema)| {
        properties(schema).map(move |(key, schema)| setting(Some(section), key, schema))
    });
    own.chain(of_sections).collect()
}

fn properties(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    schema["properties"].as_object().into_iter().flatten()
}

impl Setting {
    /// One that stands in no section.
    pub fn new(key: &str, schema: Value) -> Self {
        Self { section: None, key: key.to_owned(), schema }
    }

    /// Its place in the configuration: `limits.body_max`.
    pub fn path(&self) -> String {
        self.section.iter().chain([&self.key]).cloned().collect::<Vec<_>>().join(".")
    }

    /// Its flag, without dashes in front: `body-max`, `tls-cert`.
    pub fn flag(&self) -> String {
        let section =
            self.section.iter().filter(|name| !SPEAK_FOR_THEMSELVES.contains(&name.as_str()));
        section.chain([&self.key]).cloned().collect::<Vec<_>>().join("_").replace('_', "-")
    }

    /// Its environment variable.
    pub fn variable(&self) -> String {
        format!("EXACTA_SERVE_{}", self.flag().replace('-', "_").to_uppercase())
    }

    /// What it is, as a sentence without its end.
    pub fn help(&self) -> String {
        let words = self.schema["description"].as_str().unwrap_or_default().split_whitespace();
        words.collect::<Vec<_>>().join(" ").trim_end_matches('.').to_owned()
    }

    /// What stands for a value in help.
    pub fn value_name(&self) -> &str {
        self.schema["title"].as_str().unwrap_or(if self.takes("integer") { "N" } else { "TEXT" })
    }

    /// Its schema, without the schemas that it is part of.
    pub fn schema(&self) -> &Value {
        &self.schema
    }

    /// Whether values of this type of JSON are taken.
    pub fn takes(&self, type_name: &str) -> bool {
        let types = &self.schema["type"];
        types == type_name
            || types.as_array().is_some_and(|types| types.contains(&json!(type_name)))
    }

    /// The only values that are taken, if they are words.
    pub fn words(&self) -> Vec<String> {
        let members = |name: &str| self.schema[name].as_array().into_iter().flatten();
        let described = members("oneOf").map(|word| &word["const"]);
        members("enum").chain(described).filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// The value where nobody sets one, as texts; a list has any number of them.
    pub fn default_texts(&self) -> Vec<String> {
        texts(&self.schema["default"])
    }

    /// The value that a text stands for, which is none if it is empty and the setting need not be set and keeps nobody
    /// out, or one of the values if the setting is a list.
    ///
    /// # Errors
    /// With what is wrong about it.
    pub fn value(&self, text: &str) -> Result<Value, String> {
        let keeps_others_out =
            self.section.as_deref().is_some_and(|name| KEEP_OTHERS_OUT.contains(&name));
        let value = if text.is_empty() && keeps_others_out {
            return Err("it is empty, which might let everybody in; leave it out".to_owned());
        } else if text.is_empty() && self.schema.get("default").is_none() {
            return Ok(Value::Null);
        } else if self.takes("boolean") {
            text.parse().map(Value::Bool).map_err(|_| "true or false is taken")?
        } else if self.takes("integer") && !self.takes("string") {
            text.parse::<u64>().map(Value::from).map_err(|_| "a whole number is taken")?
        } else {
            Value::from(text)
        };
        let whole = if self.takes("array") { json!([value]) } else { value.clone() };
        Config::from_values([(self, whole)]).map_err(|error| error.to_string())?;
        Ok(value)
    }
}

/// A value as flags, variables and the file write it.
pub fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::String(text) => vec![text.clone()],
        other => vec![other.to_string()],
    }
}

impl Config {
    /// The configuration with these values, and the defaults for the others.
    ///
    /// # Errors
    /// With the first value that its setting does not take.
    pub fn from_values<'a>(
        values: impl IntoIterator<Item = (&'a Setting, Value)>,
    ) -> Result<Self, serde_json::Error> {
        let mut config = json!({});
        for (setting, value) in values {
            match &setting.section {
                Some(section) => config[section][&setting.key] = value,
                None => config[&setting.key] = value,
            }
        }
        serde_json::from_value(config)
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::path::Path;
    use std::{env, fs};

    use super::*;

    fn setting(path: &str) -> &'static Setting {
        let found = settings().iter().find(|setting| setting.path() == path);
        found.unwrap_or_else(|| panic!("no setting {path}"))
    }

    #[test]
    fn a_setting_is_named_alike_everywhere() {
        let body_max = setting("limits.body_max");
        assert_eq!(body_max.flag(), "body-max");
        assert_eq!(body_max.variable(), "EXACTA_SERVE_BODY_MAX");
        assert_eq!(body_max.value_name(), "BYTES");
        assert_eq!(body_max.help(), "Largest request body to take");
        assert_eq!(setting("listen").variable(), "EXACTA_SERVE_LISTEN");
    }

    #[test]
    fn no_two_settings_have_one_flag() {
        let mut flags: Vec<_> = settings().iter().map(Setting::flag).collect();
        let n_settings = flags.len();
        flags.sort_unstable();
        flags.dedup();
        assert_eq!(flags.len(), n_settings);
    }

    #[test]
    fn each_setting_has_help_and_a_type_that_a_flag_can_have() {
        for setting in settings() {
            assert!(!setting.help().is_empty(), "{}", setting.path());
            let types = ["boolean", "integer", "string", "array"];
            let is_plain =
                types.iter().any(|name| setting.takes(name)) || !setting.words().is_empty();
            assert!(is_plain, "{}: {}", setting.path(), setting.schema);
        }
    }

    #[test]
    fn the_defaults_of_the_settings_are_those_of_the_configuration() {
        let with_default = settings().iter().filter(|setting| !setting.schema["default"].is_null());
        let values = with_default.map(|setting| (setting, setting.schema["default"].clone()));
        assert_eq!(Config::from_values(values).unwrap(), Config::default());
        assert_eq!(setting("limits.header_timeout").default_texts(), ["10s"]);
        assert!(setting("data").default_texts().is_empty());
    }

    /// A table for each section.
    fn tables() -> String {
        let mut text = String::new();
        let mut section = None;
        for setting in settings() {
            if section != Some(&setting.section) {
                section = Some(&setting.section);
                let table = setting.section.iter().map(|name| format!(".{name}"));
                let _ = write!(
                    text,
                    "\n### `[serve{}]`\n\n| key | flag | | default | |\n| --- | --- | --- | --- | --- |\n",
                    table.collect::<String>()
                );
            }
            let default = setting.default_texts().join(",");
            let default =
                if default.is_empty() { "–".to_owned() } else { format!("`{default}`") };
            let (key, flag) = (&setting.key, setting.flag());
            let value = setting.value_name().replace('|', "\\|");
            let help = setting.help().replace('|', "\\|");
            let _ = writeln!(text, "| `{key}` | `--{flag}` | {value} | {default} | {help} |");
        }
        text + "\n"
    }

    #[test]
    fn the_documentation_has_every_setting() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/OPERATIONS.md");
        let page = fs::read_to_string(&path).unwrap();
        let (head, rest) = page.split_once("EXACTA_WRITE_DOCS=1 -->\n").unwrap();
        let (tables_there, tail) = rest.split_once("<!-- end of settings -->").unwrap();
        let expected = tables();
        if env::var_os("EXACTA_WRITE_DOCS").is_some() {
            let page =
                format!("{head}EXACTA_WRITE_DOCS=1 -->\n{expected}<!-- end of settings -->{tail}");
            fs::write(path, page).unwrap();
        } else {
            assert!(
                tables_there == expected,
                "docs/OPERATIONS.md is stale; run this test once with EXACTA_WRITE_DOCS=1"
            );
        }
    }

    #[test]
    fn a_value_is_checked_by_its_type() {
        let connections = setting("limits.connections_max");
        assert_eq!(connections.value("7"), Ok(json!(7)));
        assert_eq!(connections.value("x").unwrap_err(), "a whole number is taken");
        assert!(connections.value("0").unwrap_err().contains("nonzero"));
        assert_eq!(setting("data").value(""), Ok(Value::Null));
        for name in ["auth.principals", "auth.jwks", "tls.cert", "tls.client_ca", "tls.client_auth"]
        {
            assert!(setting(name).value("").unwrap_err().starts_with("it is empty"), "{name}");
        }
        let timeout = setting("limits.header_timeout");
        assert_eq!(timeout.value("5 min"), Ok(json!("5 min")));
        assert!(timeout.value("5").unwrap_err().contains("with its unit"));
    }
}
