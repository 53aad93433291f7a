//! Files that are read whole, since nothing useful of their kind is large. What is in them is not known here.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The most that is read: 1 MiB.
pub(crate) const BYTES_MAX: u64 = 1 << 20;

/// All bytes of a file; nothing, if they are more than may be.
pub(crate) fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(BYTES_MAX + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= BYTES_MAX).then_some(bytes))
}
