//! The settings that the file may have: each is a flag as well. Those of the service come from `exacta_server`, which
//! says what they mean; of the others, the flag does.

use clap::builder::PossibleValue;
use clap::{Arg, Command};
use exacta_server::{Setting, Size, settings};
use serde_json::{Map, Value, json};

use crate::args::{self, SERVE};
use crate::threads::THREADS_MAX;

/// A setting of the file.
#[derive(Clone, Debug)]
pub(super) struct Known {
    /// The table that it stands in, as in `serve.limits`; at the top there is none.
    pub(super) table: String,
    pub(super) setting: Setting,
}

/// All of them: those that several commands have, then those of the service.
pub(super) fn all() -> Vec<Known> {
    let of_commands = of_commands().map(|(key, schema)| Setting::new(key, schema));
    let of_commands =
        of_commands.into_iter().map(|setting| Known { table: String::new(), setting });
    let of_service = settings().iter().map(|setting| {
        let table = setting.section.as_deref().map_or(SERVE.to_owned(), |name| join(SERVE, name));
        Known { table, setting: setting.clone() }
    });
    of_commands.chain(of_service).collect()
}

/// What the flags of several commands take.
fn of_commands() -> [(&'static str, Value); 9] {
    let text = || json!({ "type": "string" });
    let threads = json!({ "type": "integer", "minimum": 1, "maximum": THREADS_MAX });
    [
        ("server", text()),
        ("cacert", text()),
        ("cert", text()),
        ("key", text()),
        ("token_file", text()),
        ("threads", threads),
        ("memory", Size::schema()),
        ("color", text()),
        ("format", text()),
    ]
}

/// The name of what stands in a table.
pub(super) fn join(table: &str, key: &str) -> String {
    if table.is_empty() { key.to_owned() } else { format!("{table}.{key}") }
}

impl Known {
    /// Its name in the whole file.
    pub(super) fn path(&self) -> String {
        join(&self.table, &self.setting.key)
    }

    /// What clap calls its flag.
    pub(super) fn id(&self) -> String {
        self.setting.path()
    }

    /// Whether a command has it for a flag.
    pub(super) fn is_of(&self, command: &Command) -> bool {
        self.flag_of(command).is_some()
    }

    pub(super) fn flag_of<'a>(&self, command: &'a Command) -> Option<&'a Arg> {
        let is_for = self.table.is_empty() || command.get_name() == SERVE;
        let id = self.id();
        command.get_arguments().find(|flag| is_for && flag.get_id() == id.as_str())
    }

    /// A command that has it.
    pub(super) fn owner(&self) -> Command {
        fn find(command: &Command, known: &Known) -> Option<Command> {
            let below = command.get_subcommands().find_map(|command| find(command, known));
            below.or_else(|| known.is_of(command).then(|| command.clone()))
        }
        find(&args::definition(), self).expect("each setting is a flag")
    }
}

/// The JSON Schema of the file.
pub(crate) fn schema() -> String {
    let mut properties = Map::new();
    for known in all().iter().filter(|known| known.table.is_empty()) {
        properties.insert(known.setting.key.clone(), schema_of_flag(known));
    }
    properties.insert(SERVE.to_owned(), exacta_server::schema());
    let schema = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "The configuration of exacta",
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    });
    format!("{schema:#}\n")
}

/// What a flag takes, with its help, its words and its default.
fn schema_of_flag(known: &Known) -> Value {
    let mut schema = known.setting.schema().clone();
    let owner = known.owner();
    let flag = known.flag_of(&owner).expect("its owner has it");
    schema["description"] = flag.get_help().map(ToString::to_string).into();
    let words = flag.get_possible_values();
    if !words.is_empty() {
        schema["enum"] = words.iter().map(PossibleValue::get_name).collect();
    }
    if let Some(default) = flag.get_default_values().first() {
        schema["default"] = default.to_string_lossy().into();
    }
    schema
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_setting_is_a_flag_with_a_variable() {
        for known in all() {
            let owner = known.owner();
            let variable = known.flag_of(&owner).unwrap().get_env().unwrap();
            let name = join(&known.table, &known.setting.key);
            let expected = match known.table.as_str() {
                "" => format!("EXACTA_{}", name.to_uppercase()),
                _ => known.setting.variable(),
            };
            assert_eq!(variable.to_str(), Some(expected.as_str()), "{name}");
        }
    }
}
