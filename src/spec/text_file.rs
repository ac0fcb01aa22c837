//! Reading a file that should be a UTF-8 text.

use std::io::{self, ErrorKind};
use std::path::Path;

use fs_err as fs;

use crate::ident::Fingerprint;

use super::problem::Problem;

/// A text and what identifies it.
#[derive(Clone, Debug)]
pub(super) struct TextFile {
    /// The text, without a byte order mark.
    pub(super) text: String,
    /// SHA-256 of the file's bytes.
    pub(super) sha256: Fingerprint,
}

/// A file that is not a readable text.
#[derive(Debug, thiserror::Error)]
pub(super) enum TextError {
    /// The file system said no.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It is not UTF-8 from this byte on.
    #[error("line {line} is not UTF-8")]
    NotUtf8 {
        /// The line, from 1.
        line: usize,
    },
}

/// Reads a text file.
pub(super) fn read(path: &Path) -> Result<TextFile, TextError> {
    let bytes = fs::read(path)?;
    let sha256 = Fingerprint::of(&bytes);
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = valid.split(|byte| *byte == b'\n').count();
        TextError::NotUtf8 { line }
    })?;
    let text = text.strip_prefix('\u{feff}').map_or(text.clone(), str::to_owned);
    Ok(TextFile { text, sha256 })
}

impl TextError {
    /// Returns whether the file is simply not there.
    pub(super) fn is_missing(&self) -> bool {
        matches!(self, TextError::Io(error) if error.kind() == ErrorKind::NotFound)
    }

    /// Returns the problem with a file, named as the user named it.
    pub(super) fn problem(&self, shown: &Path) -> Problem {
        let file = shown.display();
        match self {
            TextError::NotUtf8 { .. } => {
                Problem::error("not-utf8", shown, format!("`{file}` cannot be read: {self}")).help("save it as UTF-8")
            }
            TextError::Io(error) => match error.kind() {
                ErrorKind::NotFound => Problem::error("file-missing", shown, format!("`{file}` does not exist")),
                ErrorKind::IsADirectory => Problem::error("file-is-folder", shown, format!("`{file}` is a folder"))
                    .help("name the YAML file in it"),
                kind => Problem::error("file-unreadable", shown, format!("`{file}` cannot be read: {kind}")),
            },
        }
    }
}
