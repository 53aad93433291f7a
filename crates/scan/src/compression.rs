//! Compressed input, recognized by how it begins and undone as it is read. A stream may be several compressed ones, one
//! behind the other. What is in it is not known here.

use std::{
    fmt,
    io::{self, Read},
};

use crate::Error;

/// How a stream is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Compression {
    /// RFC 1952.
    Gzip,
    /// RFC 8878.
    Zstd,
    /// As the program bzip2 writes it.
    Bzip2,
    /// As the program xz writes it.
    Xz,
}

impl Compression {
    /// The compression of a stream that begins with these bytes.
    pub(crate) fn detect(start: &[u8]) -> Option<Self> {
        // Text may begin with BZh: the next bytes are the mark of a block, or of the end.
        let is_bzip2 = start.starts_with(b"BZh")
            && start.get(4..10).is_some_and(|mark| mark == b"1AY&SY" || mark == b"\x17rE8P\x90");
        match start {
            [0x1f, 0x8b, 8, ..] => Some(Self::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Self::Zstd),
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Self::Xz),
            _ => is_bzip2.then_some(Self::Bzip2),
        }
    }

    /// How much of what it has written a decoder looks back at, in bytes, unless less is said: what `xz -9` and
    /// `zstd --long` need.
    pub const WINDOW_BYTES_MAX: u64 = 128 << 20;

    /// What was compressed, by a decoder that keeps `window_bytes_max` of it at the most. What needs more is an error.
    ///
    /// # Errors
    ///
    /// When this build has no decoder. What is wrong with the bytes is said when they are read, by an
    /// [`io::Error`] that becomes an [`Error`] again.
    ///
    /// ```
    /// use std::io::Read;
    /// use exacta_scan::Compression;
    ///
    /// let mut undone = Compression::Gzip.undo(&b"no gzip"[..], Compression::WINDOW_BYTES_MAX)?;
    /// let error = undone.read_to_end(&mut Vec::new()).unwrap_err();
    /// assert_eq!(exacta_scan::Error::from(error).code(), "compression.invalid");
    /// # Ok::<(), exacta_scan::Error>(())
    /// ```
    pub fn undo<'a>(
        self,
        reader: impl Read + Send + 'a,
        window_bytes_max: u64,
    ) -> Result<Box<dyn Read + Send + 'a>, Error> {
        let reader = decoder(self, reader, window_bytes_max)?;
        Ok(Box::new(Undone { reader, compression: self }))
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Bzip2 => "bzip2",
            Self::Xz => "xz",
        })
    }
}

#[cfg(feature = "compression")]
fn decoder<'a>(
    compression: Compression,
    reader: impl Read + Send + 'a,
    window_bytes_max: u64,
) -> Result<Box<dyn Read + Send + 'a>, Error> {
    let window_kib_max = (window_bytes_max >> 10).min(u32::MAX.into()) as u32;
    let reader = io::BufReader::with_capacity(crate::blocks::BLOCK_BYTES, reader);
    Ok(match compression {
        Compression::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(reader)),
        Compression::Zstd => {
            let mut decoder = zstd::Decoder::with_buffer(reader)?;
            decoder.window_log_max(window_bytes_max.max(1).ilog2())?;
            Box::new(decoder)
        }
        Compression::Bzip2 => Box::new(bzip2::bufread::MultiBzDecoder::new(reader)),
        Compression::Xz => {
            Box::new(lzma_rust2::XzReader::new_mem_limit(reader, true, window_kib_max))
        }
    })
}

#[cfg(not(feature = "compression"))]
fn decoder<'a>(
    compression: Compression,
    _: impl Read + Send + 'a,
    _: u64,
) -> Result<Box<dyn Read + Send + 'a>, Error> {
    Err(Error::FeatureMissing { what: compression.to_string(), feature: "compression" })
}

/// A decoder whose complaints are told from those of the stream behind it.
struct Undone<'a> {
    reader: Box<dyn Read + Send + 'a>,
    compression: Compression,
}

impl Read for Undone<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.reader.read(buffer).map_err(|error| match error.kind() {
            // What the system says has a number. What is to be tried again is no fault.
            _ if error.raw_os_error().is_some() => error,
            io::ErrorKind::Interrupted => error,
            _ => io::Error::other(Error::Compression {
                compression: self.compression,
                cause: error.to_string(),
            }),
        })
    }
}
