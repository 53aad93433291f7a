//! `exacta serve --print-config`: what holds for the service, as a file that says the same. No setting is a secret:
//! those stand in files of their own, of which the names are shown. A password and a query that stand in a URL are
//! not shown.

use std::fmt::Write as _;

use clap::parser::ValueSource;
use exacta_client::without_secrets;
use exacta_server::Setting;
use serde_json::Value;

use super::Config;
use super::known::join;
use crate::args::{Given, SERVE, ServiceArguments};
use crate::error::Error;
use crate::output;
use crate::text::one_line;

/// The width after which most comments begin.
const COMMENT_COLUMN: usize = 39;

/// Prints all settings of the service.
pub(crate) fn print(service: &ServiceArguments, file: &Config) -> Result<(), Error> {
    let mut text =
        "# What holds for `exacta serve`, and where each setting comes from.\n".to_owned();
    let mut section = None;
    for given in &service.0 {
        if section != Some(&given.setting.section) {
            section = Some(&given.setting.section);
            let _ = write!(text, "\n[{}]\n", table(&given.setting));
        }
        let nobody = if given.value.is_some() { "default" } else { "not set" };
        let from = origin(given, file).unwrap_or_else(|| nobody.to_owned());
        let _ = writeln!(text, "{:COMMENT_COLUMN$} # {from}", line(given));
    }
    output::print(&text)
}

fn table(setting: &Setting) -> String {
    setting.section.as_deref().map_or(SERVE.to_owned(), |section| join(SERVE, section))
}

/// The setting as the file would have it; one that is not set is a comment.
fn line(given: &Given) -> String {
    let key = &given.setting.key;
    match &given.value {
        Some(value) => {
            let shown = value.as_str().map(|text| Value::from(without_secrets(text).into_owned()));
            let value = toml::Value::try_from(shown.as_ref().unwrap_or(value));
            let value = value.expect("values are plain");
            format!("{key} = {value}")
        }
        None => format!("# {key} ="),
    }
}

/// Who says so, if it is not the default.
pub(crate) fn origin(given: &Given, file: &Config) -> Option<String> {
    match given.source? {
        ValueSource::CommandLine => Some(format!("--{}", given.setting.flag())),
        ValueSource::EnvVariable => Some(given.setting.variable()),
        _ => {
            let place = file.place_of(&given.setting)?;
            Some(format!("{}:{place}", one_line(&file.path.to_string_lossy())))
        }
    }
}
