//! The arguments of `exacta serve`: the settings of `exacta_server`, each with its flag and its variable.

use clap::builder::{PossibleValuesParser, TypedValueParser, ValueParser};
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};
use exacta_server::{Config, Setting, settings};
use serde_json::Value;

/// The name of the command.
pub(crate) const NAME: &str = "serve";

const EXAMPLES: &str = "\
Examples:
  exacta serve                              on http://127.0.0.1:8080
  exacta serve --listen 127.0.0.1:0         on a free port, told in the first line on stderr
  exacta serve --data jobs                  with jobs, which survive this process in ./jobs
  exacta serve --check && systemctl restart exacta
  exacta serve --print-config               what holds, and where it comes from
  curl -H 'Content-Type: text/csv' --data-binary @data.csv http://127.0.0.1:8080/v1/summarize/csv

A flag comes before its variable EXACTA_SERVE_..., that before the file (--config), and that before the default.
SIGINT or SIGTERM ends it once every request that it has read is answered.";

/// Serve the statistics over HTTP
///
/// Numbers and files are summarized at /v1/summarize and below, made partials at /v1/partials and merged at /v1/merge, and are
/// jobs at /v1/jobs; /predict gives their mean. /openapi.json describes every path.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ServeArguments {
    #[command(flatten)]
    pub(crate) service: ServiceArguments,

    /// Read and check the settings and the files that they name, and open nothing: exit code 0 or 2
    #[arg(long)]
    pub(crate) check: bool,

    /// Print the settings in the form of the file, and where each comes from, and open nothing
    #[arg(long, conflicts_with = "check")]
    pub(crate) print_config: bool,
}

/// What is set of a service.
#[derive(Debug)]
pub(crate) struct ServiceArguments(pub(crate) Vec<Given>);

/// A setting with what holds for it.
#[derive(Debug)]
pub(crate) struct Given {
    pub(crate) setting: Setting,
    /// Nothing where it is not set, and has no default.
    pub(crate) value: Option<Value>,
    /// The file and what this crate has as default are alike to clap.
    pub(crate) source: Option<ValueSource>,
}

impl ServiceArguments {
    /// The configuration that they are together.
    pub(crate) fn config(&self) -> Config {
        let values = self.0.iter().filter_map(|given| Some((&given.setting, given.value.clone()?)));
        Config::from_values(values).expect("each value was taken by its setting")
    }
}

impl Args for ServiceArguments {
    /// The flags are made when they are needed: there are many, and each start of another command would pay for them.
    fn augment_args(command: Command) -> Command {
        command.defer(with_settings)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for ServiceArguments {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        Ok(Self(settings().iter().map(|setting| given(setting, matches)).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// The command with a flag for each setting.
fn with_settings(command: Command) -> Command {
    settings().iter().fold(command, |command, setting| command.arg(flag(setting)))
}

/// The same for one whose flags were to be made later.
pub(crate) fn with_settings_now(command: Command) -> Command {
    with_settings(command.defer(|command| command))
}

fn flag(setting: &Setting) -> Arg {
    let flag = Arg::new(setting.path())
        .long(setting.flag())
        .env(setting.variable())
        .help(setting.help())
        .help_heading(heading(setting))
        .value_name(setting.value_name().to_owned())
        .default_values(setting.default_texts());
    let flag = match (setting.takes("array"), setting.takes("boolean")) {
        (true, _) => flag.action(ArgAction::Append).value_delimiter(','),
        (_, true) => flag.num_args(0..=1).require_equals(true).default_missing_value("true"),
        _ => flag,
    };
    flag.value_parser(value_parser(setting))
}

fn heading(setting: &Setting) -> String {
    setting
        .section
        .as_ref()
        .map_or("In [serve]".to_owned(), |section| format!("In [serve.{section}]"))
}

/// The setting says what a text stands for; clap knows words too, for completions.
fn value_parser(setting: &Setting) -> ValueParser {
    let words = setting.words();
    if words.is_empty() {
        let setting = setting.clone();
        return ValueParser::new(move |text: &str| setting.value(text));
    }
    ValueParser::new(PossibleValuesParser::new(words).map(Value::from))
}

fn given(setting: &Setting, matches: &ArgMatches) -> Given {
    let id = setting.path();
    let mut values = matches.get_many::<Value>(&id).into_iter().flatten().cloned();
    let value = if setting.takes("array") {
        Some(Value::Array(values.collect())).filter(|_| matches.contains_id(&id))
    } else {
        values.next().filter(|value| !value.is_null())
    };
    Given { value, source: matches.value_source(&id), setting: setting.clone() }
}
