//! A server that says what a test wants it to.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread;

/// An answer with this body.
pub(super) fn answer(status: &str, kind: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

/// Answers every request, whose first line is handed over, and returns the server's `host:port`.
pub(super) fn answering(mut answer: impl FnMut(&str) -> String + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = Vec::new();
            let mut buffer = [0; 1024];
            while !request.ends_with(b"\r\n\r\n") {
                match stream.read(&mut buffer) {
                    Ok(read) if read > 0 => request.extend(&buffer[..read]),
                    _ => break,
                }
                // Who begins a TLS connection is told at once that this is none.
                if !request[0].is_ascii_uppercase() {
                    break;
                }
            }
            if let Some(line) = String::from_utf8_lossy(&request).lines().next()
                && line.contains(" HTTP/")
            {
                // The client may have gone already; then there is nobody to tell.
                let _gone = stream.write_all(answer(line).as_bytes());
            }
        }
    });
    place
}
