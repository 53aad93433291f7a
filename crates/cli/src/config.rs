//! The configuration file: defaults for flags, and nothing that changes what is computed. Which flags those are stands
//! here; what their values may be, and that the command line and the environment come first, is left to the flags.

use std::env;
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use clap::builder::{ArgPredicate, OsStr, Resettable};
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, Command};
use exacta_scan::{Excerpt, nearest};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::args::{self, one_line_of};
use crate::error::Error;
use crate::output;
use crate::text::one_line;

/// The section of the service, and the command that it is about.
const SERVE: &str = "serve";

/// The settings, each under the name of its flag, and in the section of the command that it is for.
const SETTINGS: &[(Option<&str>, &str)] = &[
    (None, "server"),
    (None, "threads"),
    (None, "memory"),
    (None, "color"),
    (None, "format"),
    (Some(SERVE), "listen"),
    (Some(SERVE), "body_max"),
    (Some(SERVE), "data"),
];

/// More than any configuration has.
const BYTES_MAX: u64 = 1 << 20;

/// What the file says.
#[derive(Debug, Default)]
pub(crate) struct Config {
    /// Where it is, or would be.
    path: PathBuf,
    entries: Vec<Entry>,
}

/// One line of it.
#[derive(Debug)]
struct Entry {
    section: Option<&'static str>,
    key: &'static str,
    value: String,
    line: usize,
}

impl Config {
    /// Reads the file that is named, which must be there, or the one of this user, which need not.
    pub(crate) fn load(named: Option<&Path>) -> Result<Self, Error> {
        let Some(path) = named.map(Path::to_owned).or_else(default_path) else {
            return Ok(Self::default());
        };
        let text = match read(&path) {
            Ok(text) => text,
            Err(error) if named.is_none() && error.kind() == ErrorKind::NotFound => String::new(),
            Err(source) => {
                let input = one_line(&path.to_string_lossy());
                return Err(Error::Open { input, source });
            }
        };
        let reader = Reader { path: &path, text: &text };
        let entries = reader.read()?;
        Ok(Self { path, entries })
    }

    /// The command line with what the file says as its defaults.
    pub(crate) fn apply(&self, command: Command) -> Command {
        let command = command.mut_subcommands(|sub| self.apply(sub));
        self.entries.iter().fold(command, |command, entry| entry.apply(command))
    }

    fn entry(&self, section: Option<&str>, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| (entry.section, entry.key) == (section, key))
    }
}

impl Entry {
    /// The command with this default, where it is one of its own.
    fn apply(&self, command: Command) -> Command {
        let is_for = self.section.is_none_or(|section| command.get_name() == section);
        let flag = command.get_arguments().find(|known| is_for && known.get_id() == self.key);
        let Some(flag) = flag else { return command };
        // What is said on the command line comes before what it excludes in the file.
        let excludes = |other: &&Arg| {
            let is_of = |one: &Arg, id: &str| {
                command.get_arg_conflicts_with(one).iter().any(|excluded| excluded.get_id() == id)
            };
            is_of(other, self.key) || is_of(flag, other.get_id().as_str())
        };
        // A flag without a value is always there for clap, as false.
        let given = |other: &Arg| match other.get_action() {
            ArgAction::SetTrue => ArgPredicate::Equals("true".into()),
            _ => ArgPredicate::IsPresent,
        };
        let others = command.get_arguments().filter(excludes);
        let without = others
            .map(|other| (other.get_id().clone(), given(other), Resettable::<OsStr>::Reset))
            .collect::<Vec<_>>();
        command.mut_arg(self.key, |argument| {
            let argument = argument.default_value(self.value.clone()).required(false);
            argument.default_value_ifs(without)
        })
    }
}

/// `$XDG_CONFIG_HOME/exacta/config.toml`, without that variable below `~/.config`.
fn default_path() -> Option<PathBuf> {
    let folder = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let folder = folder("XDG_CONFIG_HOME").or_else(|| Some(folder("HOME")?.join(".config")))?;
    Some(folder.join("exacta").join("config.toml"))
}

fn read(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(BYTES_MAX + 1).read_to_string(&mut text)?;
    let is_whole = text.len() as u64 <= BYTES_MAX;
    if is_whole { Ok(text) } else { Err(io::Error::other("it is no configuration, but longer")) }
}

/// Finds the settings in the text.
struct Reader<'a> {
    path: &'a Path,
    text: &'a str,
}

impl Reader<'_> {
    fn read(&self) -> Result<Vec<Entry>, Error> {
        let table = DeTable::parse(self.text).map_err(|error| {
            self.wrong(error.span().map_or(0, |span| span.start), error.message())
        })?;
        let mut entries = Vec::new();
        self.collect(table.get_ref(), None, &mut entries)?;
        entries.sort_by_key(|entry| entry.line);
        Ok(entries)
    }

    fn collect(
        &self,
        table: &DeTable<'_>,
        section: Option<&'static str>,
        entries: &mut Vec<Entry>,
    ) -> Result<(), Error> {
        for (key, value) in table {
            if let (None, SERVE, DeValue::Table(table)) =
                (section, key.get_ref().as_ref(), value.get_ref())
            {
                self.collect(table, Some(SERVE), entries)?;
                continue;
            }
            let is_meant = |&&(other, name): &&(_, &str)| other == section && name == key.get_ref();
            let (_, known) = SETTINGS
                .iter()
                .find(is_meant)
                .ok_or_else(|| self.wrong(key.span().start, &unknown(key.get_ref(), section)))?;
            entries.push(self.entry(section, known, value)?);
        }
        Ok(())
    }

    /// A setting, if its flag takes the value.
    fn entry(
        &self,
        section: Option<&'static str>,
        key: &'static str,
        value: &Spanned<DeValue<'_>>,
    ) -> Result<Entry, Error> {
        let start = value.span().start;
        let text = match value.get_ref() {
            DeValue::String(text) => text.to_string(),
            DeValue::Integer(number) if number.radix() == 10 => number.as_str().to_owned(),
            _ => return Err(self.wrong(start, &format!("`{key}` is a text or a number"))),
        };
        if let Some(owner) = owner(section, key) {
            let value = text.clone();
            let tried = probe(owner, key, |flag| flag.env(Resettable::Reset).default_value(value));
            tried
                .map_err(|error| self.wrong(start, &format!("`{key}`: {}", one_line_of(&error))))?;
        }
        Ok(Entry { section, key, value: text, line: self.line(start) })
    }

    /// The line of a byte, from 1.
    fn line(&self, at: usize) -> usize {
        self.text.get(..at).unwrap_or(self.text).matches('\n').count() + 1
    }

    fn wrong(&self, at: usize, what: &str) -> Error {
        Error::Config {
            path: one_line(&self.path.to_string_lossy()),
            line: self.line(at),
            what: one_line(what),
        }
    }
}

/// What is said of a key that is none.
fn unknown(key: &str, section: Option<&str>) -> String {
    let known = SETTINGS.iter().filter(|(other, _)| *other == section);
    let mut names: Vec<String> = known.map(|(_, name)| (*name).to_owned()).collect();
    names.extend(section.is_none().then(|| format!("[{SERVE}]")));
    let advice = match nearest(key, &names) {
        Some(name) => format!("is {} meant?", Excerpt(name)),
        None => format!("known are {}", names.join(", ")),
    };
    format!("unknown key {}; {advice}", Excerpt(key))
}

/// A command that has the flag of a setting.
fn owner(section: Option<&str>, key: &str) -> Option<Command> {
    find(&args::definition(), section, key)
}

fn find(command: &Command, section: Option<&str>, key: &str) -> Option<Command> {
    let below = command.get_subcommands().find_map(|command| find(command, section, key));
    let is_for = section.is_none_or(|section| command.get_name() == section);
    let has_flag = || command.get_arguments().any(|known| known.get_id() == key);
    below.or_else(|| (is_for && has_flag()).then(|| command.clone()))
}

/// A command line that says nothing, as a command takes it whose only flag is this one.
fn probe(
    owner: Command,
    key: &str,
    change: impl FnOnce(Arg) -> Arg,
) -> Result<clap::ArgMatches, clap::Error> {
    let quiet = |argument: Arg| {
        let is_this = argument.get_id() == key;
        let argument = argument.required(false);
        if is_this { argument } else { argument.env(Resettable::Reset) }
    };
    owner.mut_args(quiet).mut_arg(key, change).try_get_matches_from(["exacta"])
}

/// `exacta config`: prints where the file is, and each setting with where it comes from.
pub(crate) fn show(config: &Config) -> Result<(), Error> {
    let mut text = format!("file  {}\n\n", one_line(&config.path.to_string_lossy()));
    for (section, key) in SETTINGS {
        let name = section.map_or_else(String::new, |section| format!("{section}.")) + key;
        let (value, from) = effective(config, *section, key)?;
        let line = format!("{name:14}  {value:28}  {from}");
        text.extend([line.trim_end(), "\n"]);
    }
    output::print(&text)
}

/// What a setting is when the command line does not say, and who says so.
fn effective(config: &Config, section: Option<&str>, key: &str) -> Result<(String, String), Error> {
    let entry = config.entry(section, key);
    let owner = owner(section, key).expect("each setting is a flag");
    let variable = owner.get_arguments().find(|flag| flag.get_id() == key).and_then(Arg::get_env);
    let variable = variable.map(|name| name.to_string_lossy().into_owned());
    let matches = probe(owner, key, |flag| match entry {
        Some(entry) => flag.default_value(entry.value.clone()),
        None => flag,
    });
    let matches = matches.map_err(|error| Error::Setting(one_line_of(&error)))?;
    let value = matches.get_raw(key).and_then(|mut values| values.next());
    let value = value.map_or_else(|| "–".to_owned(), |value| one_line(&value.to_string_lossy()));
    let from = match (matches.value_source(key), entry, variable) {
        (Some(ValueSource::EnvVariable), _, Some(variable)) => variable,
        (Some(_), Some(entry), _) => format!("line {} of the file", entry.line),
        _ => String::new(),
    };
    Ok((value, from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_setting_is_a_flag_with_a_variable() {
        for (section, key) in SETTINGS {
            let owner = owner(*section, key).unwrap_or_else(|| panic!("{key}"));
            let mut flags = owner.get_arguments();
            let argument = flags.find(|flag| flag.get_id() == *key).unwrap();
            let variable = format!("EXACTA_{}", key.to_uppercase());
            assert_eq!(argument.get_env().unwrap().to_str(), Some(variable.as_str()));
        }
    }
}
