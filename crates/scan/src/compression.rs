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

    /// What was compressed.
    pub(crate) fn undo<'a>(
        self,
        reader: impl Read + Send + 'a,
    ) -> Result<Box<dyn Read + Send + 'a>, Error> {
        let reader = decoder(self, reader)?;
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

/// The most memory that a decoder of xz takes for what it has written, in KiB: what `xz -9` needs.
#[cfg(feature = "compression")]
const XZ_KIB_MAX: u32 = 128 << 10;

#[cfg(feature = "compression")]
fn decoder<'a>(
    compression: Compression,
    reader: impl Read + Send + 'a,
) -> Result<Box<dyn Read + Send + 'a>, Error> {
    let reader = io::BufReader::with_capacity(crate::blocks::BLOCK_BYTES, reader);
    Ok(match compression {
        Compression::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(reader)),
        Compression::Zstd => Box::new(zstd::Decoder::with_buffer(reader)?),
        Compression::Bzip2 => Box::new(bzip2::bufread::MultiBzDecoder::new(reader)),
        Compression::Xz => Box::new(lzma_rust2::XzReader::new_mem_limit(reader, true, XZ_KIB_MAX)),
    })
}

#[cfg(not(feature = "compression"))]
fn decoder<'a>(
    compression: Compression,
    _: impl Read + Send + 'a,
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
