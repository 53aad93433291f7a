//! The libraries of Arrow and Parquet between strangers' bytes and us: what they say of them becomes one line, and where
//! the bytes make them panic, that is said in a line, too.

use std::{
    cell::Cell,
    panic::{self, AssertUnwindSafe},
    sync::Once,
};

use crate::{Error, Format};

/// How much is told of what a library says.
const CAUSE_CHARS_MAX: usize = 200;

thread_local! {
    /// Whether a panic in this thread is caught, and so needs no telling.
    static IS_CAUGHT: Cell<bool> = const { Cell::new(false) };
}

/// What is wrong with an input, in one line. It may have names from the input in it.
pub(crate) fn damaged(format: Format, cause: &impl ToString) -> Error {
    let cause = cause.to_string();
    let line = cause.lines().next().unwrap_or_default();
    let shown = line.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c });
    Error::Damaged { format, cause: shown.take(CAUSE_CHARS_MAX).collect() }
}

/// What a library makes of bytes from outside. Should they make it panic, that is an error as any other.
pub(crate) fn caught<T, E: ToString>(
    format: Format,
    read: impl FnOnce() -> Result<T, E>,
) -> Result<T, Error> {
    silence_caught();
    IS_CAUGHT.set(true);
    let outcome = panic::catch_unwind(AssertUnwindSafe(read));
    IS_CAUGHT.set(false);
    match outcome {
        Ok(outcome) => outcome.map_err(|error| damaged(format, &error)),
        Err(_) => Err(damaged(format, &"its bytes contradict one another")),
    }
}

/// Keeps the panics that are caught from being told on stderr; others are told as before.
fn silence_caught() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let told = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if !IS_CAUGHT.get() {
                told(panic);
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_a_line_whatever_columns_are_called() {
        let error = damaged(Format::Arrow, &"no column \u{1b}[2J of\nthat name").to_string();
        assert!(error.contains("no column \u{fffd}[2J of;"), "{error}");
    }
}
