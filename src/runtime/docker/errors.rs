//! From bollard's errors to ours: the one place that decides which kind of no an engine gave.

use std::error::Error as StdError;
use std::io;

use bollard::errors::Error;

use crate::runtime::{RuntimeError, RuntimeErrorKind};

/// Makes our error of bollard's, about `action` on the engine at `address`.
pub(super) fn failed(action: impl Into<String>, address: &str, error: &Error) -> RuntimeError {
    let (kind, message) = match error {
        Error::DockerResponseServerError { status_code, message } => {
            (kind_of(Some(*status_code), message), message.trim().into())
        }
        Error::DockerStreamError { error } => (kind_of(None, error), error.trim().into()),
        Error::SocketNotFoundError(_) => (
            RuntimeErrorKind::Unreachable,
            format!("nothing listens at {address}; start Docker, or set DOCKER_HOST"),
        ),
        Error::RequestTimeoutError => (
            RuntimeErrorKind::Unreachable,
            format!("the engine at {address} does not answer"),
        ),
        Error::HyperLegacyError { err } => (RuntimeErrorKind::Unreachable, broken(address, err, err.is_connect())),
        Error::HyperResponseError { err } => (RuntimeErrorKind::Unreachable, broken(address, err, false)),
        Error::IOError { err } if is_break(err.kind()) => (RuntimeErrorKind::Unreachable, broken(address, err, false)),
        Error::IOError { err } => (kind_of(None, &err.to_string()), err.to_string()),
        other => (RuntimeErrorKind::Other, other.to_string()),
    };
    RuntimeError::new(action, kind, message)
}

/// What an engine says when it cannot reach a registry, or the registry has no time; there are only words for it.
const NETWORK: [&str; 17] = [
    "dial tcp",
    "dial unix",
    "i/o timeout",
    "tls handshake timeout",
    "connection refused",
    "connection reset",
    "no such host",
    "name resolution",
    "server misbehaving",
    "network is unreachable",
    "no route to host",
    "unexpected eof",
    "toomanyrequests",
    "request canceled",
    "deadline exceeded",
    "unexpected http status: 5",
    "service unavailable",
];

/// Reads the kind off an answer's status and words.
///
/// The words go first: engines answer 500 for a full disk, and 500 or 404 for what a registry refused.
fn kind_of(status: Option<u16>, message: &str) -> RuntimeErrorKind {
    let message = message.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
    if says(&["no space left on device", "disk quota exceeded"]) {
        RuntimeErrorKind::NoSpace
    } else if says(&[
        "unauthorized",
        "authentication required",
        "no basic auth credentials",
        "incorrect username or password",
    ]) {
        RuntimeErrorKind::Unauthorized
    } else if says(&["manifest unknown", "pull access denied", "no such image"]) {
        RuntimeErrorKind::NotFound
    } else if says(&["x509", "certificate", "http response to https client"]) {
        // Of a registry's connection too, but no waiting makes it trusted.
        RuntimeErrorKind::Other
    } else if says(&NETWORK) {
        RuntimeErrorKind::Network
    } else {
        match status {
            Some(401 | 403) => RuntimeErrorKind::Unauthorized,
            Some(404) => RuntimeErrorKind::NotFound,
            Some(409) => RuntimeErrorKind::Conflict,
            _ => RuntimeErrorKind::Other,
        }
    }
}

/// Says whether an error in the middle of a stream means that its connection is gone.
fn is_break(kind: io::ErrorKind) -> bool {
    matches!(
        kind,
        io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::TimedOut
    )
}

/// Words for a connection that could not be made, or broke.
fn broken(address: &str, error: &(dyn StdError + 'static), at_connect: bool) -> String {
    let causes: Vec<_> = std::iter::successors(Some(error), |cause| (*cause).source()).collect();
    let io_kind = causes
        .iter()
        .find_map(|cause| cause.downcast_ref::<io::Error>())
        .map(io::Error::kind);
    // The last cause is the most exact one; those before repeat "client error (Connect)".
    let reason = causes.last().map(ToString::to_string).unwrap_or_default();
    match io_kind {
        Some(io::ErrorKind::PermissionDenied) => {
            format!("permission denied at {address}; add your user to the docker group or use sudo")
        }
        Some(io::ErrorKind::ConnectionRefused | io::ErrorKind::NotFound) => {
            format!("nothing listens at {address}; start Docker, or set DOCKER_HOST")
        }
        _ if at_connect => format!("cannot reach {address}: {reason}; check DOCKER_HOST"),
        _ => format!("the connection to {address} broke: {reason}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_an_answer_outweigh_its_status() {
        let kind = |status, message| {
            let error = Error::DockerResponseServerError {
                status_code: status,
                message: String::from(message),
            };
            failed("try", "unix:///x", &error).kind
        };
        assert_eq!(kind(404, "No such container: x"), RuntimeErrorKind::NotFound);
        assert_eq!(kind(409, "name is in use"), RuntimeErrorKind::Conflict);
        assert_eq!(kind(403, "denied"), RuntimeErrorKind::Unauthorized);
        assert_eq!(
            kind(500, "write /var/lib/docker/x: no space left on device"),
            RuntimeErrorKind::NoSpace
        );
        assert_eq!(
            kind(500, "Head https://r/v2/: unauthorized: authentication required"),
            RuntimeErrorKind::Unauthorized
        );
        assert_eq!(
            kind(500, "manifest for odoo:99 not found: manifest unknown"),
            RuntimeErrorKind::NotFound
        );
        assert_eq!(
            kind(500, "dial tcp: lookup registry.example: i/o timeout"),
            RuntimeErrorKind::Network
        );
        assert_eq!(
            kind(500, "received unexpected HTTP status: 503 Service Unavailable"),
            RuntimeErrorKind::Network
        );
        assert_eq!(
            kind(500, "Get https://r/v2/: x509: certificate signed by unknown authority"),
            RuntimeErrorKind::Other
        );
    }

    #[test]
    fn a_stream_that_reports_a_full_disk_is_about_space() {
        let error = Error::DockerStreamError {
            error: "write /x: no space left on device".into(),
        };
        assert_eq!(failed("pull", "unix:///x", &error).kind, RuntimeErrorKind::NoSpace);
    }

    #[test]
    fn a_stream_that_breaks_is_about_the_connection() {
        let err = io::Error::from(io::ErrorKind::ConnectionReset);
        let error = failed("run", "tcp://far:1", &Error::IOError { err });
        assert_eq!(error.kind, RuntimeErrorKind::Unreachable);
        assert!(error.message.contains("tcp://far:1"), "{error}");
    }

    #[test]
    fn a_forbidden_socket_comes_with_the_remedy() {
        let error = io::Error::from(io::ErrorKind::PermissionDenied);
        let message = broken("unix:///x", &error, true);
        assert!(message.contains("docker group"), "{message}");
    }
}
