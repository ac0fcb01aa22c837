//! Making and asking [`RuntimeError`]s.

use super::{RuntimeError, RuntimeErrorKind};

impl RuntimeError {
    /// Makes an error from what was tried, what kind of no it was and the words for it.
    pub fn new(action: impl Into<String>, kind: RuntimeErrorKind, message: impl Into<String>) -> Self {
        RuntimeError {
            action: action.into(),
            message: message.into(),
            kind,
        }
    }

    /// Makes the error of something that was stopped on request.
    pub fn cancelled(action: impl Into<String>) -> Self {
        Self::new(action, RuntimeErrorKind::Cancelled, "stopped on request")
    }

    /// Says whether waiting may help: an engine that is restarted comes back, and so does a network.
    pub fn is_transient(&self) -> bool {
        matches!(self.kind, RuntimeErrorKind::Unreachable | RuntimeErrorKind::Network)
    }

    /// Says whether the thing does not exist.
    pub fn is_not_found(&self) -> bool {
        self.kind == RuntimeErrorKind::NotFound
    }
}

/// Turns "it does not exist" into `None`, and keeps every other error.
pub(super) fn optional<T>(result: Result<T, RuntimeError>) -> Result<Option<T>, RuntimeError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}
