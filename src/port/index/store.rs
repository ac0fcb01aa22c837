//! The cache file: what was read once.

use super::Index;

/// Raised with the shape of [`Index`], so that a file of another shape is read anew.
const SHAPE: &[u8; 8] = b"hoppidx4";

/// A cache file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// Another version of hopp wrote it.
    #[error("the index was written by another version")]
    Shape,
    /// It is damaged.
    #[error("the index is damaged: {0}")]
    Damaged(String),
}

impl Index {
    /// Packs it for a file.
    pub fn pack(&self) -> Result<Vec<u8>, IndexError> {
        let damaged = |error: &dyn std::fmt::Display| IndexError::Damaged(error.to_string());
        let json = serde_json::to_vec(self).map_err(|error| damaged(&error))?;
        let packed = zstd::encode_all(json.as_slice(), 3).map_err(|error| damaged(&error))?;
        Ok([SHAPE.as_slice(), &packed].concat())
    }

    /// Unpacks a file.
    pub fn unpack(bytes: &[u8]) -> Result<Index, IndexError> {
        let damaged = |error: &dyn std::fmt::Display| IndexError::Damaged(error.to_string());
        let packed = bytes.strip_prefix(SHAPE.as_slice()).ok_or(IndexError::Shape)?;
        let json = zstd::decode_all(packed).map_err(|error| damaged(&error))?;
        serde_json::from_slice(&json).map_err(|error| damaged(&error))
    }
}
