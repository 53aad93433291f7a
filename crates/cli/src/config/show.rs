//! `exacta config`: prints where the file is, and each setting with where it comes from.

use clap::Arg;
use clap::parser::ValueSource;
use exacta_client::without_secrets;

use super::known::{self, Known};
use super::{Config, probe};
use crate::args::one_line_of;
use crate::error::Error;
use crate::output;
use crate::text::one_line;

/// Prints them all. A variable that is wrong is shown as it is: who asks wants to see it.
pub(crate) fn show(config: &Config) -> Result<(), Error> {
    let rows: Vec<_> = known::all().iter().map(|known| row(config, known)).collect();
    let width =
        |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let (name_width, value_width) = (width(0), width(1).min(28));
    let mut text = format!("file  {}\n\n", one_line(&config.path.to_string_lossy()));
    for [name, value, from] in &rows {
        let line = format!("{name:name_width$}  {value:value_width$}  {from}");
        text.extend([line.trim_end(), "\n"]);
    }
    output::print(&text)
}

/// A setting, what it is when the command line does not say, and who says so.
fn row(config: &Config, known: &Known) -> [String; 3] {
    let entry = config.entry(known);
    let owner = known.owner();
    let variable = known.flag_of(&owner).and_then(Arg::get_env).expect("each setting has one");
    let tried = probe(known, |flag| match entry {
        Some(entry) => flag.default_values(entry.values.clone()),
        None => flag,
    });
    let (value, from) = match tried {
        Err(error) => {
            let value = std::env::var_os(variable).unwrap_or_default();
            let from = format!("{}: {}", variable.display(), one_line_of(&error));
            (value.to_string_lossy().into_owned(), from)
        }
        Ok(matches) => {
            let values = matches.get_raw(&known.id()).into_iter().flatten();
            let values: Vec<_> = values.map(|value| value.to_string_lossy()).collect();
            let from = match (matches.value_source(&known.id()), entry) {
                (Some(ValueSource::EnvVariable), _) => variable.to_string_lossy().into_owned(),
                (Some(_), Some(entry)) => format!("line {} of the file", entry.place.line),
                _ => String::new(),
            };
            (values.join(","), from)
        }
    };
    let value =
        if value.is_empty() { "–".to_owned() } else { one_line(&without_secrets(&value)) };
    [known.path(), value, one_line(&from)]
}
