//! Reading streams line by line without an allocation for each, and without holding lines of any length.

use std::io::{self, BufRead, Read};

/// Size of the buffers that files are read through.
pub(super) const BUFFER: usize = 1 << 20;

/// Reads a line with its line break into `line`, or the first `limit` bytes of it; the next call goes on from there.
/// Tells whether there was anything left to read.
pub(super) fn next_piece(reader: &mut impl BufRead, limit: u64, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    Ok(reader.take(limit).read_until(b'\n', line)? > 0)
}

/// Fails when more bytes come than there can honestly be.
pub(super) struct Bounded<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Bounded<R> {
    /// Lets `most` bytes pass.
    pub(super) fn new(inner: R, most: u64) -> Self {
        Bounded { inner, left: most }
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.left = self.left.checked_sub(read as u64).ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::InvalidData,
                "it unpacks to more than there can honestly be in it",
            )
        })?;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_come_in_pieces() {
        let mut reader = &b"abcdef\ng"[..];
        let mut pieces = Vec::new();
        let mut line = Vec::new();
        while next_piece(&mut reader, 4, &mut line).unwrap() {
            pieces.push(line.clone());
        }
        assert_eq!(pieces, [&b"abcd"[..], b"ef\n", b"g"]);
    }

    #[test]
    fn a_stream_longer_than_it_may_be_is_an_error() {
        let mut text = Vec::new();
        assert!(Bounded::new(&b"abcd"[..], 4).read_to_end(&mut text).is_ok());
        assert!(Bounded::new(&b"abcde"[..], 4).read_to_end(&mut text).is_err());
    }
}
