//! The frames of a body as a reader, which blocks until there is one.

use std::io::{self, Read};
use std::sync::Arc;

use bytes::{Buf, Bytes};
use tokio::sync::mpsc::Receiver;

use super::session::Session;
use crate::problem::Refusal;

/// What is said of a body, piece by piece. One whose end is not told was left by its sender.
pub(super) enum Piece {
    Data(Bytes),
    End,
    Refused(Refusal),
}

/// A body as a reader.
pub(super) struct Frames {
    /// What is here already.
    current: Bytes,
    rest: Option<Rest>,
}

/// What is still to come.
struct Rest {
    pieces: Receiver<Piece>,
    session: Arc<Session>,
}

impl Frames {
    pub(super) fn whole(current: Bytes) -> Self {
        Self { current, rest: None }
    }

    pub(super) fn arriving(start: Bytes, pieces: Receiver<Piece>, session: Arc<Session>) -> Self {
        Self { rest: Some(Rest { pieces, session }), ..Self::whole(start) }
    }

    /// The next frame, or nothing at the end.
    fn next(&mut self) -> io::Result<Option<Bytes>> {
        let Some(rest) = &mut self.rest else { return Ok(None) };
        match rest.next() {
            Some(Piece::Data(data)) => Ok(Some(data)),
            Some(Piece::End) => {
                self.rest = None;
                Ok(None)
            }
            Some(Piece::Refused(refusal)) => Err(rest.session.refuse(refusal)),
            None => Err(rest.session.refuse(Refusal::BodyBroken)),
        }
    }
}

impl Rest {
    /// The next piece. While there is none, others compute.
    fn next(&mut self) -> Option<Piece> {
        match self.pieces.try_recv() {
            Ok(piece) => Some(piece),
            Err(_) => self.session.without_turn(|| self.pieces.blocking_recv()),
        }
    }
}

impl Read for Frames {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.current.is_empty() {
            match self.next()? {
                Some(data) => self.current = data,
                None => return Ok(0),
            }
        }
        let len = buffer.len().min(self.current.len());
        self.current.copy_to_slice(&mut buffer[..len]);
        Ok(len)
    }
}
