//! The folder a delivery lies in: there whole, or as it was before.

use std::path::{Path, PathBuf};

use super::SUMS;
use crate::engine::Stop;
use crate::journal::StateFolder;
use crate::steps::stop::file;

/// How the delivered files end; customer and series come first.
const ENDINGS: [&str; 3] = [".zip", ".dump", "-filestore.tar"];

/// Refuses a folder that holds anything but an earlier delivery, which is all that may be replaced.
pub(super) fn only_ours(target: &Path, stem: &str) -> Result<(), Stop> {
    let entries = match fs_err::read_dir(target) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(file(error)),
    };
    for entry in entries {
        let name = entry.map_err(file)?.file_name().to_string_lossy().into_owned();
        let ours = name == SUMS || ENDINGS.iter().any(|ending| name == format!("{stem}{ending}"));
        if !ours {
            return Err(Stop::environment(format!(
                "{} holds `{name}`, which hopp did not deliver",
                target.display()
            ))
            .hint("a delivery replaces its folder: name a new one under `deliver.to`, or move the file away"));
        }
    }
    Ok(())
}

/// Returns where a folder lies while it is written, and where an earlier one lies while it gives way.
pub(in crate::steps) fn partial_and_old(target: &Path) -> (PathBuf, PathBuf) {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    (
        target.with_file_name(format!(".{name}.partial")),
        target.with_file_name(format!(".{name}.old")),
    )
}

/// Writes down which folder is being delivered to, so that what a killed run leaves there is found.
pub(super) fn announce(state: &StateFolder, target: &Path) -> Result<(), Stop> {
    let target = std::path::absolute(target).map_err(file)?;
    state.write_json(&state.delivering(), &target).map_err(file)
}

/// Returns the folder that the last delivery was for, until that is done.
pub(in crate::steps) fn delivering(state: &StateFolder) -> Option<PathBuf> {
    let bytes = fs_err::read(state.delivering()).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// Takes note that the delivery is done.
pub(super) fn delivered(state: &StateFolder) -> Result<(), Stop> {
    fs_err::remove_file(state.delivering()).map_err(file)
}

/// Makes the folder to write into, without what a killed run left of it.
pub(super) fn beside(target: &Path) -> Result<tempfile::TempDir, Stop> {
    let (partial, old) = partial_and_old(target);
    if old.exists() && !target.exists() {
        // Killed between the two renames: until the new delivery is there, the earlier one is the customer's only one.
        fs_err::rename(&old, target).map_err(file)?;
    }
    for left in [&partial, &old] {
        match fs_err::remove_dir_all(left) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(file(error)),
            Ok(()) | Err(_) => {}
        }
    }
    tempfile::Builder::new()
        .prefix(partial.file_name().unwrap_or_default())
        .rand_bytes(0)
        .tempdir_in(target.parent().unwrap_or(Path::new(".")))
        .map_err(file)
}

/// Moves the finished folder into place; an earlier delivery gives way in the same moment.
pub(super) fn publish(folder: tempfile::TempDir, target: &Path) -> Result<(), Stop> {
    let made = folder.keep();
    set_readable(&made).map_err(file)?;
    let (_, old) = partial_and_old(target);
    let earlier = target.exists();
    if earlier {
        fs_err::rename(target, &old).map_err(file)?;
    }
    fs_err::rename(&made, target).map_err(file)?;
    if earlier {
        fs_err::remove_dir_all(old).map_err(file)?;
    }
    Ok(())
}

/// A temporary folder is its maker's alone; a delivery is for others too.
fn set_readable(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs_err::set_permissions(folder, std::fs::Permissions::from_mode(0o755))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_with_files_of_somebody_else_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        only_ours(&folder.path().join("new"), "acme-19.0").unwrap();
        for name in [
            "acme-19.0.zip",
            "acme-19.0.dump",
            "acme-19.0-filestore.tar",
            "SHA256SUMS",
        ] {
            fs_err::write(folder.path().join(name), "").unwrap();
        }
        only_ours(folder.path(), "acme-19.0").unwrap();
        fs_err::write(folder.path().join("letter.txt"), "").unwrap();
        let stop = only_ours(folder.path(), "acme-19.0").unwrap_err();
        assert!(stop.failure.message.contains("letter.txt"), "{}", stop.failure.message);
    }

    #[test]
    fn a_delivery_replaces_an_earlier_one_and_what_killed_ones_left() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("acme-19.0");
        for left in [".acme-19.0.partial", ".acme-19.0.old", "acme-19.0"] {
            fs_err::create_dir(folder.path().join(left)).unwrap();
            fs_err::write(folder.path().join(left).join("SHA256SUMS"), left).unwrap();
        }
        let made = beside(&target).unwrap();
        fs_err::write(made.path().join("SHA256SUMS"), "new").unwrap();
        publish(made, &target).unwrap();
        assert_eq!(fs_err::read_to_string(target.join("SHA256SUMS")).unwrap(), "new");
        assert_eq!(fs_err::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_delivery_that_was_killed_between_its_renames_is_put_back_first() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("acme-19.0");
        for left in [".acme-19.0.partial", ".acme-19.0.old"] {
            fs_err::create_dir(folder.path().join(left)).unwrap();
            fs_err::write(folder.path().join(left).join("SHA256SUMS"), left).unwrap();
        }
        drop(beside(&target).unwrap());
        assert_eq!(
            fs_err::read_to_string(target.join("SHA256SUMS")).unwrap(),
            ".acme-19.0.old"
        );
        assert_eq!(fs_err::read_dir(folder.path()).unwrap().count(), 1);
    }
}
