//! The one spelling of all cells of a column that are no numbers, while there is only one: what a person may want to name
//! as null. A column with two is text and costs nothing more.

use crate::Batch;

/// A longer text is no spelling of a missing value.
const CHARS_MAX: usize = 24;

/// What the invalid cells of a column are so far.
#[derive(Debug, Default)]
pub(super) enum Spelling {
    #[default]
    Unseen,
    One(String),
    Several,
}

impl Spelling {
    /// Looks at the invalid cells of a column of a batch, until there are two spellings.
    #[cold]
    pub(super) fn look(&mut self, batch: &Batch<'_>, index: usize) {
        for row in &batch.columns[index].invalid {
            if matches!(self, Self::Several) {
                return;
            }
            self.merge(Self::One(batch.origin.text(*row as usize, index)));
        }
    }

    /// Takes what another has seen of the same column.
    pub(super) fn merge(&mut self, other: Self) {
        *self = match (std::mem::replace(self, Self::Several), other) {
            (Self::Unseen, Self::One(text)) if text.chars().count() > CHARS_MAX => Self::Several,
            (Self::Unseen, other) | (other, Self::Unseen) => other,
            (Self::One(text), Self::One(other)) if text == other => Self::One(text),
            _ => Self::Several,
        };
    }

    /// The spelling, if there is one and no other.
    pub(super) fn into_one(self) -> Option<String> {
        match self {
            Self::One(text) => Some(text),
            _ => None,
        }
    }
}
