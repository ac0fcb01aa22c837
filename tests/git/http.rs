//! What servers say no with, against a server that says only that.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use hopp::world::git::{Credentials, GitError};

use super::Cache;

/// Answers every request with this, and counts them.
fn server(answer: &'static str) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/acme/addons.git", listener.local_addr().unwrap());
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
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
            }
            counted.fetch_add(1, Ordering::SeqCst);
            // The client may have gone already; then there is nobody to tell.
            let _gone = stream.write_all(answer.as_bytes());
        }
    });
    (url, count)
}

fn refusal(url: &str, token: Option<&str>) -> GitError {
    let credentials = Credentials {
        username: Some("me".to_owned()),
        token: token.map(str::to_owned),
        ssh_key: None,
    };
    let cache = Cache::new();
    let fetched = cache.mirrors.fetch(url, &credentials, &|_| (), &|| false);
    fetched.unwrap_err()
}

#[test]
fn a_refused_token_ends_in_an_error_without_the_token() {
    let (url, count) = server(
        "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"git\"\r\n\
         Content-Length: 0\r\nConnection: close\r\n\r\n",
    );
    let error = refusal(&url, Some("s3cret"));
    assert!(matches!(error, GitError::Auth { .. }), "{error:?}");
    assert!(error.to_string().contains(&url), "{error}");
    assert!(!format!("{error:?}").contains("s3cret"));
    assert!(error.remedy().is_some());
    let asked = count.load(Ordering::SeqCst);
    assert!((2..6).contains(&asked), "asked {asked} times");

    let inside = url.replace("//", "//me:s3cret@");
    assert!(!format!("{:?}", refusal(&inside, None)).contains("s3cret"));
}

#[test]
fn a_repository_that_is_not_there_is_told_apart_from_a_server_that_is_not() {
    let (url, _) = server("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    let error = refusal(&url, None);
    assert!(matches!(error, GitError::NotFound { .. }), "{error:?}");

    let closed = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/a.git", closed.local_addr().unwrap());
    drop(closed);
    let error = refusal(&url, None);
    assert!(matches!(error, GitError::Network { .. }), "{error:?}");
}
