//! Log lines for people and for programs, and what gets into them: only what this crate says itself. Libraries below it
//! speak of headers and frames, and with them of tokens.

use std::env;
use std::io::{self, IsTerminal};

use tracing::Metadata;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::FilterFn;
use tracing_subscriber::fmt;
use tracing_subscriber::registry::Registry;

use super::json::JsonLayer;
use super::lines::Lines;
use crate::config::{LogFormat, Telemetry};

/// Something that takes what is said.
pub(super) type BoxedLayer = Box<dyn Layer<Registry> + Send + Sync>;

/// What writes lines.
pub(super) fn layer(config: &Telemetry, lines: Lines) -> BoxedLayer {
    let filter = own_and_exporters(config.log_level.into());
    match config.log_format {
        LogFormat::Json => JsonLayer(lines).with_filter(filter).boxed(),
        LogFormat::Pretty => {
            fmt::layer().with_writer(lines).with_ansi(is_styled()).with_filter(filter).boxed()
        }
    }
}

/// Whether lines may have colours: on a terminal, unless somebody does not want them.
fn is_styled() -> bool {
    let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    let is_dumb = env::var_os("TERM").is_some_and(|value| value == "dumb");
    io::stderr().is_terminal() && !is_set("NO_COLOR") && !is_dumb
}

/// The events of this repository up to a level.
#[cfg(feature = "otlp")]
pub(super) fn own(level: LevelFilter) -> FilterFn<impl Fn(&Metadata<'_>) -> bool> {
    let is_meant = move |event: &Metadata<'_>| {
        event.is_event() && event.target().starts_with("exacta_") && *event.level() <= level
    };
    FilterFn::new(is_meant).with_max_level_hint(level)
}

/// The same, and the warnings of what sends telemetry, which nobody else could be told.
fn own_and_exporters(level: LevelFilter) -> FilterFn<impl Fn(&Metadata<'_>) -> bool> {
    let is_meant = move |event: &Metadata<'_>| {
        let level = match event.target() {
            target if target.starts_with("exacta_") => level,
            target if target.starts_with("opentelemetry") => level.min(LevelFilter::WARN),
            _ => LevelFilter::OFF,
        };
        event.is_event() && *event.level() <= level
    };
    FilterFn::new(is_meant).with_max_level_hint(level)
}
