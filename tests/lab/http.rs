//! A browser's share of HTTP, on 127.0.0.1.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::{Value, json};

/// Keeps the cookies of one session.
pub(crate) struct Browser {
    address: SocketAddr,
    cookies: BTreeMap<String, String>,
}

/// What a server answered.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Browser {
    /// Opens one on the address that `hopp up` printed.
    pub(crate) fn on(url: &str) -> Browser {
        Browser {
            address: url.trim_start_matches("http://").parse().unwrap(),
            cookies: BTreeMap::new(),
        }
    }

    pub(crate) fn get(&mut self, path: &str) -> Answer {
        self.ask("GET", path, "", "")
    }

    /// Fills in a form and sends it.
    pub(crate) fn post(&mut self, path: &str, form: &str) -> Answer {
        self.ask("POST", path, "application/x-www-form-urlencoded", form)
    }

    /// Calls a JSON route and returns its result.
    #[track_caller]
    pub(crate) fn call(&mut self, path: &str, params: &Value) -> Value {
        let request = json!({ "jsonrpc": "2.0", "method": "call", "params": params });
        let answer = self.ask("POST", path, "application/json", &request.to_string());
        let mut answer: Value =
            serde_json::from_slice(&answer.body).unwrap_or_else(|_| panic!("{path}: {}", answer.text()));
        assert!(answer.get("error").is_none(), "{path}: {answer}");
        answer["result"].take()
    }

    /// Calls a method of a model in the session's name.
    #[track_caller]
    pub(crate) fn method(&mut self, model: &str, method: &str, args: &Value, kwargs: &Value) -> Value {
        let params = json!({ "model": model, "method": method, "args": args, "kwargs": kwargs });
        self.call(&format!("/web/dataset/call_kw/{model}/{method}"), &params)
    }

    /// Sends a request and returns the connection, still open, with what was sent first as answer.
    pub(crate) fn upgrade(&self, path: &str) -> String {
        let mut stream = self.connect();
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nUpgrade: websocket\r\n\
             Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{}\r\n",
            self.cookie_line(),
            host = self.address,
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut head = [0; 512];
        let length = stream.read(&mut head).unwrap();
        String::from_utf8_lossy(&head[..length]).into_owned()
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect_timeout(&self.address, Duration::from_secs(5)).unwrap();
        stream.set_read_timeout(Some(Duration::from_mins(2))).unwrap();
        stream
    }

    fn cookie_line(&self) -> String {
        let pairs: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        if pairs.is_empty() {
            return String::new();
        }
        format!("Cookie: {}\r\n", pairs.join("; "))
    }

    fn ask(&mut self, method: &str, path: &str, kind: &str, body: &str) -> Answer {
        let mut stream = self.connect();
        let mut request = format!(
            "{method} {path} HTTP/1.0\r\nHost: {}\r\n{}",
            self.address,
            self.cookie_line()
        );
        if method == "POST" {
            request = format!("{request}Content-Type: {kind}\r\nContent-Length: {}\r\n", body.len());
        }
        stream.write_all(format!("{request}\r\n{body}").as_bytes()).unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        let split = bytes
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .expect("an answer with a head");
        let head = String::from_utf8_lossy(&bytes[..split]).into_owned();
        for line in head.lines() {
            let Some(cookie) = line.strip_prefix("Set-Cookie: ") else {
                continue;
            };
            if let Some((name, value)) = cookie.split(';').next().and_then(|pair| pair.split_once('=')) {
                self.cookies.insert(name.into(), value.into());
            }
        }
        Answer {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            body: bytes[split + 4..].to_vec(),
        }
    }
}
