//! Disks: how much room there is.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// Room on the disk that a path lies on, or would lie on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Free bytes, for this user.
    pub free: u64,
    /// Tells one file system from another.
    pub device: u64,
}

/// Returns the room where a path lies; where it does not exist yet, its nearest folder that does. `None` when that
/// cannot be seen.
pub fn room(path: &Path) -> Option<Room> {
    let there: PathBuf = path.ancestors().find(|path| path.exists())?.to_owned();
    let found = rustix::fs::statvfs(&there).ok()?;
    Some(Room {
        free: found.f_bavail.saturating_mul(found.f_frsize),
        device: fs_err::metadata(&there).ok()?.dev(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_not_there_yet_has_the_room_of_the_one_it_will_be_in() {
        let folder = tempfile::tempdir().unwrap();
        let below = room(&folder.path().join("not/yet")).unwrap();
        assert_eq!(below.device, room(folder.path()).unwrap().device);
        assert!(below.free > 0);
    }
}
