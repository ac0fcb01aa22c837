//! A developer's own copies of the code.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::container::Mount;
use crate::engine::Stop;
use crate::ident::Series;
use crate::steps::Workshop;
use crate::steps::odoo_container::{self, CODE};
use crate::steps::stop::file;

/// Returns the folder with the copies for a series.
pub(super) fn folder(workshop: &Workshop, series: Series) -> PathBuf {
    workshop.state.root().join("dev").join(series.to_string())
}

/// Returns the mounts of the copies. They are made once and never written over.
pub(super) fn mounts(workshop: &Workshop, series: Series) -> Result<Vec<Mount>, Stop> {
    let mut mounts = Vec::new();
    for code in workshop.facts.code_for(series).filter(|code| code.commit.is_some()) {
        let own = folder(workshop, series).join(&code.repository);
        if !own.exists() {
            let checkout = workshop.state.checkout(&code.repository, &series.to_string());
            copy_folder(&checkout, &own).map_err(file)?;
        }
        let source = fs_err::canonicalize(&own).map_err(file)?;
        mounts.push(Mount::Bind {
            source: source.to_string_lossy().into_owned(),
            target: odoo_container::place_of(code, format!("{CODE}/{}", code.repository)),
            read_only: false,
        });
    }
    Ok(mounts)
}

/// Copies a folder with its files, links and modes; a copy that was not finished does not get the name.
fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    let partial = to.with_extension("partial");
    if partial.exists() {
        fs_err::remove_dir_all(&partial)?;
    }
    copy_below(from, &partial)?;
    fs_err::rename(&partial, to)
}

fn copy_below(from: &Path, to: &Path) -> std::io::Result<()> {
    fs_err::create_dir_all(to)?;
    readable(to)?;
    for entry in fs_err::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        let kind = entry.file_type()?;
        if kind.is_dir() {
            copy_below(&entry.path(), &target)?;
        } else if kind.is_symlink() {
            std::os::unix::fs::symlink(fs_err::read_link(entry.path())?, &target)?;
        } else {
            fs_err::copy(entry.path(), &target)?;
            readable(&target)?;
        }
    }
    Ok(())
}

/// Lets Odoo read it, which runs as another user, whatever the developer's umask is.
fn readable(path: &Path) -> std::io::Result<()> {
    let mode = fs_err::metadata(path)?.permissions().mode();
    let execute = if mode & 0o100 == 0 { 0 } else { 0o111 };
    fs_err::set_permissions(path, std::fs::Permissions::from_mode(mode | 0o444 | execute))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_has_every_file_link_and_mode_and_can_be_read_by_everybody() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        fs_err::create_dir_all(from.join("shelf")).unwrap();
        for (name, mode) in [("book.py", 0o600), ("tool.sh", 0o700)] {
            let path = from.join("shelf").join(name);
            fs_err::write(&path, name).unwrap();
            fs_err::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        }
        fs_err::set_permissions(&from, std::fs::Permissions::from_mode(0o700)).unwrap();
        std::os::unix::fs::symlink("book.py", from.join("shelf/same.py")).unwrap();
        copy_folder(&from, &to).unwrap();
        let mode = |path: &str| fs_err::metadata(to.join(path)).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode("shelf/book.py"), 0o644);
        assert_eq!(mode("shelf/tool.sh"), 0o755);
        assert_eq!(mode("") & 0o555, 0o555);
        assert_eq!(fs_err::read_to_string(to.join("shelf/same.py")).unwrap(), "book.py");
        assert_eq!(
            fs_err::read_link(to.join("shelf/same.py")).unwrap(),
            Path::new("book.py")
        );
    }
}
