//! A pipe between a blocking thread that writes or reads an archive and the async side that sends or receives it.
//!
//! A few pieces fit in it and no more, so that a slow side holds back a fast one and nothing is ever held whole.

use std::io::{self, Read, Write};

use bytes::{Buf, Bytes, BytesMut};
use tokio::sync::mpsc;

/// Size of the pieces that go through.
const PIECE: usize = 64 * 1024;
/// How many pieces fit.
const DEPTH: usize = 8;

/// Something on its way through a pipe.
pub(super) enum Piece {
    /// Some of the content.
    Data(Bytes),
    /// The content is complete. A pipe that closes without this was cut off.
    End,
    /// The side that writes failed.
    Broken(io::Error),
}

/// Makes a pipe.
pub(super) fn pipe() -> (mpsc::Sender<Piece>, mpsc::Receiver<Piece>) {
    mpsc::channel(DEPTH)
}

/// The writing end, for a blocking thread.
pub(super) struct PipeWriter {
    sender: mpsc::Sender<Piece>,
    buffer: BytesMut,
}

impl PipeWriter {
    /// Makes the writing end of a pipe.
    pub(super) fn new(sender: mpsc::Sender<Piece>) -> Self {
        PipeWriter {
            sender,
            buffer: BytesMut::with_capacity(PIECE),
        }
    }

    /// Sends what is left, and whether the content is complete.
    pub(super) fn close(mut self, result: &io::Result<()>) -> io::Result<()> {
        match result {
            Ok(()) => {
                self.flush()?;
                self.send(Piece::End)
            }
            Err(error) => self.send(Piece::Broken(io::Error::new(error.kind(), error.to_string()))),
        }
    }

    fn send(&self, piece: Piece) -> io::Result<()> {
        self.sender
            .blocking_send(piece)
            .map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

impl Write for PipeWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(PIECE - self.buffer.len());
        self.buffer.extend_from_slice(&bytes[..taken]);
        if self.buffer.len() == PIECE {
            self.flush()?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let piece = self.buffer.split().freeze();
        self.buffer.reserve(PIECE);
        self.send(Piece::Data(piece))
    }
}

/// The reading end, for a blocking thread.
pub(super) struct PipeReader {
    receiver: mpsc::Receiver<Piece>,
    current: Bytes,
    ended: bool,
}

impl PipeReader {
    /// Makes the reading end of a pipe.
    pub(super) fn new(receiver: mpsc::Receiver<Piece>) -> Self {
        PipeReader {
            receiver,
            current: Bytes::new(),
            ended: false,
        }
    }
}

impl Read for PipeReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.current.is_empty() && !self.ended {
            match self.receiver.blocking_recv() {
                Some(Piece::Data(bytes)) => self.current = bytes,
                Some(Piece::End) => self.ended = true,
                Some(Piece::Broken(error)) => return Err(error),
                None => return Err(io::ErrorKind::UnexpectedEof.into()),
            }
        }
        let taken = buffer.len().min(self.current.len());
        buffer[..taken].copy_from_slice(&self.current[..taken]);
        self.current.advance(taken);
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_goes_in_comes_out(pieces in prop::collection::vec(
            prop::collection::vec(any::<u8>(), 0..100_000), 0..6,
        )) {
            let (sender, receiver) = pipe();
            let sent = pieces.clone();
            let writer = std::thread::spawn(move || {
                let mut writer = PipeWriter::new(sender);
                let result = sent.iter().try_for_each(|piece| writer.write_all(piece));
                writer.close(&result)
            });
            let mut content = Vec::new();
            PipeReader::new(receiver).read_to_end(&mut content).unwrap();
            writer.join().unwrap().unwrap();
            prop_assert_eq!(content, pieces.concat());
        }
    }

    #[test]
    fn content_that_was_cut_off_is_not_taken_for_complete() {
        let (sender, receiver) = pipe();
        sender.blocking_send(Piece::Data(Bytes::from_static(b"half"))).unwrap();
        drop(sender);
        let mut content = Vec::new();
        let error = PipeReader::new(receiver).read_to_end(&mut content).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn a_writer_learns_that_nobody_reads_any_more() {
        let (sender, receiver) = pipe();
        drop(receiver);
        let mut writer = PipeWriter::new(sender);
        let error = writer.write_all(&vec![0; 2 * PIECE]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    }
}
