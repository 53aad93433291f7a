//! A panic in a log for programs: one line as of everything else, where the standard library would write paragraphs.

use std::any::Any;
use std::{panic, thread};

/// Has panics told in the log from now on.
pub(super) fn tell() {
    panic::set_hook(Box::new(|panic| {
        let thread = thread::current();
        let location = panic.location().map(ToString::to_string);
        tracing::error!(
            thread = thread.name(),
            location,
            reason = reason(panic.payload()),
            "a thread panicked; this is a defect of the service"
        );
    }));
}

/// What a panic says, if it was written by whoever wrote the program: a text that was made may hold what a client sent.
fn reason(payload: &(dyn Any + Send)) -> Option<&'static str> {
    payload.downcast_ref::<&'static str>().copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::catch_unwind;

    #[test]
    fn a_reason_that_was_made_is_not_told() {
        let fixed = catch_unwind(|| panic!("it is never empty")).unwrap_err();
        assert_eq!(reason(&*fixed), Some("it is never empty"));
        let value = std::hint::black_box(48_151_623);
        let made = catch_unwind(|| panic!("it is {value}")).unwrap_err();
        assert_eq!(reason(&*made), None);
    }
}
