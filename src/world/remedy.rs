//! What a person can do about a disk that refuses.

use std::error::Error;
use std::io;

/// Returns what to do about an error that a full, locked or forbidden disk is behind.
pub fn of_disk(error: &(dyn Error + 'static)) -> Option<&'static str> {
    let mut causes = std::iter::successors(Some(error), |cause| (*cause).source());
    let kind = causes.find_map(|cause| cause.downcast_ref::<io::Error>())?.kind();
    match kind {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            Some("free space on that disk, then run again: it goes on from the last checkpoint")
        }
        io::ErrorKind::ReadOnlyFilesystem => {
            Some("that disk is mounted read-only: mount it writable, or copy the plan to a folder that is")
        }
        io::ErrorKind::PermissionDenied => {
            Some("give this user the right to write there, or copy the plan to a folder of this user")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::backup::BackupError;

    #[test]
    fn a_full_disk_is_recognised_below_the_words_of_others() {
        let full = || io::Error::from(io::ErrorKind::StorageFull);
        let backup = BackupError::io("read the backup", full());
        assert!(of_disk(&backup).unwrap().contains("free space"));
        assert!(of_disk(&full()).is_some());
        assert_eq!(of_disk(&io::Error::from(io::ErrorKind::NotFound)), None);
    }
}
