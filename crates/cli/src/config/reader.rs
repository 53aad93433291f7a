//! Finds the settings in the text of the file, and says where it is wrong. What a value may be, its flag says.

use std::path::Path;

use clap::builder::Resettable;
use exacta_scan::{Excerpt, nearest};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::known::{self, Known, join};
use super::{Entry, Place, probe};
use crate::args::one_line_of;
use crate::error::Error;
use crate::text::one_line;

/// A file, and what can stand in it.
pub(super) struct Reader<'a> {
    path: &'a Path,
    text: &'a str,
    known: Vec<Known>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(path: &'a Path, text: &'a str) -> Self {
        Self { path, text, known: known::all() }
    }

    pub(super) fn read(&self) -> Result<Vec<Entry>, Error> {
        let table = DeTable::parse(self.text).map_err(|error| {
            self.wrong(error.span().map_or(0, |span| span.start), error.message())
        })?;
        let mut entries = Vec::new();
        self.collect(table.get_ref(), "", &mut entries)?;
        entries.sort_by_key(|entry| entry.place);
        Ok(entries)
    }

    fn collect(
        &self,
        table: &DeTable<'_>,
        path: &str,
        entries: &mut Vec<Entry>,
    ) -> Result<(), Error> {
        for (key, value) in table {
            let here = join(path, key.get_ref());
            match value.get_ref() {
                DeValue::Table(below) if self.is_table(&here) => {
                    self.collect(below, &here, entries)?;
                }
                _ if self.is_table(&here) => {
                    let what = format!("`{here}` is a table: [{here}]");
                    return Err(self.wrong(value.span().start, &what));
                }
                _ => {
                    let known = self.known.iter().find(|known| known.path() == here);
                    let known = known.ok_or_else(|| {
                        self.wrong(key.span().start, &self.unknown(key.get_ref(), path))
                    })?;
                    entries.push(self.entry(known, value)?);
                }
            }
        }
        Ok(())
    }

    fn is_table(&self, path: &str) -> bool {
        let below = format!("{path}.");
        self.known.iter().any(|known| known.path().starts_with(&below))
    }

    /// A setting, if its flag takes the value.
    fn entry(&self, known: &Known, value: &Spanned<DeValue<'_>>) -> Result<Entry, Error> {
        let start = value.span().start;
        let key = &known.setting.key;
        let texts = texts(known, value.get_ref())
            .ok_or_else(|| self.wrong(start, &format!("`{key}` is {}", type_of(known))))?;
        let tried = probe(known, |flag| flag.env(Resettable::Reset).default_values(texts.clone()));
        tried.map_err(|error| self.wrong(start, &format!("`{key}`: {}", one_line_of(&error))))?;
        Ok(Entry { known: known.clone(), values: texts, place: self.place(start) })
    }

    /// What is said of a key that is none.
    fn unknown(&self, key: &str, table: &str) -> String {
        let elsewhere = self.known.iter().find(|known| known.setting.key == key);
        let advice = match (nearest(key, &self.names(table)), elsewhere) {
            (_, Some(Known { table, .. })) if table.is_empty() => {
                "it stands before all tables".to_owned()
            }
            (_, Some(known)) => format!("it stands in [{}]", known.table),
            (Some(name), None) => format!("is {} meant?", Excerpt(name)),
            (None, None) => format!("known are {}", self.names(table).join(", ")),
        };
        format!("unknown key {}; {advice}", Excerpt(key))
    }

    /// What can stand in a table: settings, then tables.
    fn names(&self, table: &str) -> Vec<String> {
        let (mut settings, mut tables) = (Vec::new(), Vec::new());
        for Known { table: own, setting } in &self.known {
            let (parent, name) = own.rsplit_once('.').unwrap_or(("", own));
            if own == table {
                settings.push(setting.key.clone());
            } else if parent == table && !tables.iter().any(|known| known == name) {
                tables.push(name.to_owned());
            }
        }
        [settings, tables].concat()
    }

    /// The place of a byte.
    fn place(&self, at: usize) -> Place {
        let before = self.text.get(..at).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        Place {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }

    fn wrong(&self, at: usize, what: &str) -> Error {
        Error::Config {
            path: one_line(&self.path.to_string_lossy()),
            place: self.place(at),
            what: one_line(what),
        }
    }
}

/// A value as its flag would be given it, if it is of the right type.
fn texts(known: &Known, value: &DeValue<'_>) -> Option<Vec<String>> {
    let takes = |name| known.setting.takes(name);
    match value {
        DeValue::String(text)
            if takes("string") || takes("array") || !known.setting.words().is_empty() =>
        {
            Some(vec![text.to_string()])
        }
        DeValue::Integer(number) if takes("integer") && number.radix() == 10 => {
            Some(vec![number.as_str().to_owned()])
        }
        DeValue::Boolean(is_so) if takes("boolean") => Some(vec![is_so.to_string()]),
        DeValue::Array(items) if takes("array") => {
            items.iter().map(|item| item.get_ref().as_str().map(str::to_owned)).collect()
        }
        _ => None,
    }
}

/// What a setting takes, in words.
fn type_of(known: &Known) -> String {
    let types = [
        ("array", "a list of texts"),
        ("boolean", "true or false"),
        ("integer", "a whole number"),
        ("string", "a text"),
    ];
    let taken = types.iter().filter(|(name, _)| known.setting.takes(name)).map(|(_, words)| *words);
    taken.collect::<Vec<_>>().join(" or ")
}
