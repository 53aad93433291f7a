//! Objects that take members of these names and no others, each once.
//!
//! What the members mean is not here.

use exacta_scan::{Excerpt, JsonReader};

use super::JsonError;
use crate::problem::Refusal;

/// How long a name is shown that is none of ours, in characters: of a longer one the object alone is told.
const NAME_CHARS_MAX: usize = 200;

/// The members of an object that is being read.
pub(crate) struct Members {
    known: &'static [&'static str],
    n_required: usize,
    /// A bit for each that was there.
    seen: u32,
}

impl Members {
    /// Steps into the object that must stand here. The first of its members must be there.
    pub(crate) fn begin(
        reader: &mut JsonReader<'_>,
        known: &'static [&'static str],
        n_required: usize,
    ) -> Result<Self, Refusal> {
        reader.begin_object()?;
        Ok(Self { known, n_required, seen: 0 })
    }

    /// Steps to the value of the next member; behind the last one, out of the object.
    pub(crate) fn next(
        &mut self,
        reader: &mut JsonReader<'_>,
    ) -> Result<Option<&'static str>, Refusal> {
        let name = reader.next_name()?;
        let offset = reader.offset() - 1;
        let Some(name) = name else {
            self.check_missing(offset)?;
            return Ok(None);
        };
        let Some(index) = self.known.iter().position(|known| *known == name) else {
            return Err(self.unknown(&name, offset).into());
        };
        if self.seen >> index & 1 == 1 {
            let message = format!("duplicate field `{name}`: send it once");
            return Err(JsonError::shape(message, offset).within(&name).into());
        }
        self.seen |= 1 << index;
        Ok(Some(self.known[index]))
    }

    fn check_missing(&self, offset: u64) -> Result<(), JsonError> {
        let is_missing = |index: &usize| self.seen >> index & 1 == 0;
        match (0..self.n_required).find(is_missing) {
            None => Ok(()),
            Some(index) => {
                Err(JsonError::shape(format!("missing field `{}`", self.known[index]), offset))
            }
        }
    }

    fn unknown(&self, name: &str, offset: u64) -> JsonError {
        let known: Vec<_> = self.known.iter().map(|known| format!("`{known}`")).collect();
        let message = format!("unknown field {}, expected {}", Excerpt(name), known.join(" or "));
        let error = JsonError::shape(message, offset);
        if name.chars().count() > NAME_CHARS_MAX { error } else { error.within(name) }
    }
}
