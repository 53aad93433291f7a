//! What the fuzz targets share: a reader that cuts, and what is compared and must be true of every outcome.

use std::io::{self, Read};

use exacta_scan::{Error, Place, Table};

/// A reader that gives what it holds in pieces of one size.
pub struct Pieces<'a> {
    /// What is still to come.
    pub bytes: &'a [u8],
    /// How much is given at a time.
    pub size: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let size = self.size.min(buffer.len());
        self.bytes.read(&mut buffer[..size])
    }
}

/// All that a scan says, to compare; and what must be true of it.
pub fn outcome(result: Result<Table, Error>, bytes: &[u8]) -> String {
    let table = match result {
        Ok(table) => table,
        Err(error) => {
            let text = error.to_string();
            assert!(!text.contains(char::is_control), "{text:?}");
            if let Some(Place::Text { offset, .. }) = error.place() {
                assert!(offset <= bytes.len() as u64);
            }
            return format!("{} {text} {:?}", error.code(), error.place());
        }
    };
    let mut text = format!("{} {:?}", table.rows, table.warnings);
    for column in table.columns {
        let counts = column.partial.counts();
        assert_eq!(counts.total(), table.rows);
        assert_eq!(column.first_invalid.is_some(), counts.invalid > 0);
        let bytes = column.partial.to_bytes();
        text += &format!(" {} {:?} {:?} {bytes:?}", column.name, column.kind, column.first_invalid);
    }
    text
}
