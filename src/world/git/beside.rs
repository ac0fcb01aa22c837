//! Folders that are written beside their place and then moved there.

use std::io;
use std::path::Path;

use tempfile::TempDir;

/// Makes a temporary folder beside `place`, for what will take its place, and removes what a killed process left of
/// an earlier attempt. Only one process may work on a place at a time.
pub(super) fn work_folder(place: &Path) -> io::Result<TempDir> {
    let folder = place.parent().filter(|parent| !parent.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    fs_err::create_dir_all(folder)?;
    let name = place.file_name().unwrap_or_default().to_string_lossy();
    let prefix = format!(".{name}.new-");
    for entry in fs_err::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(&prefix) {
            fs_err::remove_dir_all(entry.path())?;
        }
    }
    tempfile::Builder::new().prefix(&prefix).tempdir_in(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_process_left_is_removed_and_neighbours_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let left = work_folder(&folder.path().join("acme")).unwrap().keep();
        let neighbour = work_folder(&folder.path().join("acme-2")).unwrap().keep();
        let again = work_folder(&folder.path().join("acme")).unwrap();
        assert!(!left.exists() && neighbour.exists() && again.path().exists());
    }
}
