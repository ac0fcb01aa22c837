//! A registry for images, as far as a question goes.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What a registry needs to say to describe an image.
const MANIFEST: &str = r#"{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json","config":{"mediaType":"application/vnd.docker.container.image.v1+json","size":2,"digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"},"layers":[]}"#;

/// What a greeting in TLS begins with.
const TLS: u8 = 0x16;

/// Serves a registry that has `there`, keeps `private` to itself, and knows nothing else. Returns its host.
pub(super) fn registry() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = Vec::new();
            let mut buffer = [0; 1024];
            while !request.ends_with(b"\r\n\r\n") && !request.starts_with(&[TLS]) {
                match stream.read(&mut buffer) {
                    Ok(read) if read > 0 => request.extend(&buffer[..read]),
                    _ => break,
                }
            }
            // The engine tries https first; when that comes to nothing it tries http on a loopback address.
            if !request.starts_with(b"GET") && !request.starts_with(b"HEAD") {
                continue;
            }
            let request = String::from_utf8_lossy(&request).into_owned();
            let path = request.split(' ').nth(1).unwrap_or_default();
            let (status, body) = match path {
                "/v2/" => ("200 OK", "{}"),
                path if path.starts_with("/v2/there/manifests/") => ("200 OK", MANIFEST),
                path if path.starts_with("/v2/private/") => (
                    "401 Unauthorized",
                    r#"{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}"#,
                ),
                _ => (
                    "404 Not Found",
                    r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}"#,
                ),
            };
            let answer = format!(
                "HTTP/1.1 {status}\r\nContent-Type: application/vnd.docker.distribution.manifest.v2+json\r\n\
                 Docker-Distribution-Api-Version: registry/2.0\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
            // Who has gone away need not be told.
            stream.write_all(answer.as_bytes()).ok();
        }
    });
    host
}

/// Somebody who takes every connection and never says a word, until dropped.
pub(super) struct Silent {
    pub(super) host: String,
    connections: Arc<Mutex<Vec<TcpStream>>>,
}

impl Silent {
    pub(super) fn new() -> Silent {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let connections: Arc<Mutex<Vec<TcpStream>>> = Arc::default();
        let kept = Arc::clone(&connections);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                kept.lock().unwrap().push(stream.unwrap());
            }
        });
        Silent { host, connections }
    }
}

impl Drop for Silent {
    fn drop(&mut self) {
        for stream in self.connections.lock().unwrap().drain(..) {
            stream.shutdown(std::net::Shutdown::Both).ok();
        }
    }
}
