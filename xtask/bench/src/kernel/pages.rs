//! Numbers in memory of their own, in pages as NumPy has them.

use std::ops::{Deref, DerefMut};
use std::{fs, io};

use memmap2::MmapMut;
use zerocopy::FromBytes;

use crate::error::{Error, at};

/// Why bytes are numbers.
const WHOLE: &str = "a page is aligned, and the numbers in it are whole";

/// Numbers in huge pages, where the system has them: NumPy asks for such, and through small ones memory gives less.
pub(super) struct Pages(MmapMut);

impl Pages {
    pub(super) fn copied(values: &[f64]) -> Result<Self, Error> {
        let memory = in_huge_pages(size_of_val(values)).map_err(at("memory for numbers"))?;
        let mut pages = Self(memory);
        pages.copy_from_slice(values);
        Ok(pages)
    }
}

fn in_huge_pages(n_bytes: usize) -> io::Result<MmapMut> {
    let memory = MmapMut::map_anon(n_bytes)?;
    // A system without them refuses; the page says so.
    #[cfg(target_os = "linux")]
    let _ = memory.advise(memmap2::Advice::HugePage);
    Ok(memory)
}

/// When the system gives huge pages; the word in brackets holds.
pub(super) fn setting() -> String {
    let text = fs::read_to_string("/sys/kernel/mm/transparent_hugepage/enabled");
    text.map_or("none".to_owned(), |text| text.trim().to_owned())
}

impl Deref for Pages {
    type Target = [f64];

    fn deref(&self) -> &[f64] {
        <[f64]>::ref_from_bytes(&self.0).expect(WHOLE)
    }
}

impl DerefMut for Pages {
    fn deref_mut(&mut self) -> &mut [f64] {
        <[f64]>::mut_from_bytes(&mut self.0).expect(WHOLE)
    }
}
