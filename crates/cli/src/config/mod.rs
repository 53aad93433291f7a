//! The configuration file: defaults for flags, and nothing that changes what is computed. Which flags those are stands
//! in `known`, how the file is read in `reader`; what their values may be, and that the command line and the
//! environment come first, is left to the flags.

mod known;
mod print;
mod reader;
mod show;

use std::env;
use std::fmt;
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use clap::builder::{ArgPredicate, OsStr, Resettable};
use clap::{Arg, ArgAction, Command};
use exacta_server::Setting;

use crate::args::{SERVE, with_settings_now};
use crate::error::Error;
use crate::text::one_line;

use known::Known;
pub(crate) use known::schema;
pub(crate) use print::{origin, print};
use reader::Reader;
pub(crate) use show::show;

/// The setting of which an empty text means that there is none.
const SERVER: &str = "server";

/// More than any configuration has.
const BYTES_MAX: u64 = 1 << 20;

/// What the file says.
#[derive(Debug, Default)]
pub(crate) struct Config {
    /// Where it is, or would be.
    pub(crate) path: PathBuf,
    entries: Vec<Entry>,
}

/// One setting of it.
#[derive(Debug)]
struct Entry {
    known: Known,
    /// As its flag would be given them: one, or any number if it is a list.
    values: Vec<String>,
    place: Place,
}

/// Where something stands in the file: both count from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

impl Config {
    /// Reads the file that is named, which must be there, or the one of this user, which need not.
    pub(crate) fn load(named: Option<&Path>) -> Result<Self, Error> {
        let Some(path) = named.map(Path::to_owned).or_else(default_path) else {
            return Ok(Self::default());
        };
        let text = match read(&path) {
            Ok(text) => text,
            Err(error) if named.is_none() && error.kind() == ErrorKind::NotFound => {
                return Ok(Self { path, entries: Vec::new() });
            }
            Err(source) => {
                return Err(Error::ConfigUnread {
                    path: one_line(&path.to_string_lossy()),
                    source,
                });
            }
        };
        let entries = Reader::new(&path, &text).read()?;
        let config = Self { path, entries };
        let has_empty_server = config
            .entries
            .iter()
            .any(|entry| entry.known.path() == SERVER && entry.values.iter().all(String::is_empty));
        Ok(if has_empty_server { config.without_server() } else { config })
    }

    /// The command line with what the file says as its defaults.
    pub(crate) fn apply(&self, command: Command) -> Command {
        let mut command = command.mut_subcommands(|sub| self.apply(sub));
        let is_of_service = |entry: &Entry| entry.known.table.starts_with(SERVE);
        if command.get_name() == SERVE && self.entries.iter().any(is_of_service) {
            command = with_settings_now(command);
        }
        self.entries.iter().fold(command, |command, entry| entry.apply(command))
    }

    /// The same without a server.
    pub(crate) fn without_server(mut self) -> Self {
        self.entries.retain(|entry| entry.known.path() != SERVER);
        self
    }

    /// Where a setting of the service stands in the file, if it does.
    pub(crate) fn place_of(&self, setting: &Setting) -> Option<Place> {
        let is_of_service = |entry: &&Entry| entry.known.table.starts_with(SERVE);
        let mut entries = self.entries.iter().filter(is_of_service);
        entries.find(|entry| entry.known.id() == setting.path()).map(|entry| entry.place)
    }

    fn entry(&self, known: &Known) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.known.path() == known.path())
    }
}

impl Entry {
    /// The command with this default, where it is one of its own.
    fn apply(&self, command: Command) -> Command {
        let Some(flag) = self.known.flag_of(&command) else { return command };
        // What is said on the command line comes before what it excludes in the file.
        let excludes = |other: &&Arg| {
            let is_of = |one: &Arg, id: &clap::Id| {
                command.get_arg_conflicts_with(one).iter().any(|excluded| excluded.get_id() == id)
            };
            is_of(other, flag.get_id()) || is_of(flag, other.get_id())
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
        command.mut_arg(self.known.id(), |argument| {
            let argument = argument.default_values(self.values.clone()).required(false);
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

/// A command line that says nothing, as a command takes it whose only flag is this one.
fn probe(known: &Known, change: impl FnOnce(Arg) -> Arg) -> Result<clap::ArgMatches, clap::Error> {
    let id = known.id();
    let quiet = |argument: Arg| {
        let is_this = argument.get_id() == id.as_str();
        let argument = argument.required(false);
        if is_this { argument } else { argument.env(Resettable::Reset) }
    };
    known.owner().mut_args(quiet).mut_arg(&id, change).try_get_matches_from(["exacta"])
}
