//! Frames of HTTP/2 (RFC 9113), byte by byte: what no client library would send.

use super::Peer;

/// What a client sends first: the preface, and settings that say nothing.
pub(crate) fn opening() -> Vec<u8> {
    [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), frame(SETTINGS, 0, 0, b"")].concat()
}

pub(crate) const DATA: u8 = 0;
pub(crate) const HEADERS: u8 = 1;
pub(crate) const RST_STREAM: u8 = 3;
pub(crate) const SETTINGS: u8 = 4;
pub(crate) const PING: u8 = 6;
pub(crate) const GOAWAY: u8 = 7;
pub(crate) const WINDOW_UPDATE: u8 = 8;
pub(crate) const CONTINUATION: u8 = 9;

pub(crate) const END_STREAM: u8 = 1;
pub(crate) const END_HEADERS: u8 = 4;

/// The error code `ENHANCE_YOUR_CALM`.
pub(crate) const CALM: u32 = 11;

pub(crate) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let len = (payload.len() as u32).to_be_bytes();
    [&len[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// A header as a literal that is not kept, its name and value in plain octets.
pub(crate) fn header(name: &str, value: &str) -> Vec<u8> {
    let text = |text: &str| [&[text.len() as u8], text.as_bytes()].concat();
    [vec![0], text(name), text(value)].concat()
}

/// The header block of a request.
pub(crate) fn request(method: &str, path: &str) -> Vec<u8> {
    [
        header(":method", method),
        header(":scheme", "http"),
        header(":path", path),
        header(":authority", "test"),
    ]
    .concat()
}

/// A whole request without a body.
pub(crate) fn get(stream: u32, path: &str) -> Vec<u8> {
    frame(HEADERS, END_STREAM | END_HEADERS, stream, &request("GET", path))
}

/// What a server has sent on a connection that it closed: the kind and the payload of each frame.
pub(crate) fn received(peer: &mut Peer) -> Vec<(u8, Vec<u8>)> {
    parse(&peer.rest())
}

/// What a server has sent once there is a frame of this kind. It stays to be read.
pub(crate) fn received_until(peer: &mut Peer, kind: u8) -> Vec<(u8, Vec<u8>)> {
    loop {
        let frames = parse(&peer.received);
        if frames.iter().any(|(known, _)| *known == kind) {
            return frames;
        }
        assert!(peer.receive().unwrap() > 0, "closed without a frame of kind {kind}");
    }
}

fn parse(mut rest: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let mut frames = Vec::new();
    while let Some((head, body)) = rest.split_at_checked(9) {
        let len = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
        let Some((payload, next)) = body.split_at_checked(len) else { break };
        frames.push((head[3], payload.to_vec()));
        rest = next;
    }
    frames
}

/// The error code that the last of the frames ends the connection with.
pub(crate) fn goaway(frames: &[(u8, Vec<u8>)]) -> Option<u32> {
    let (_, payload) = frames.iter().rfind(|(kind, _)| *kind == GOAWAY)?;
    Some(u32::from_be_bytes(payload[4..8].try_into().unwrap()))
}
