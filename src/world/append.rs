//! Files that are only ever appended to, a line at a time, by one process at a time.

use std::io::{self, Read as _, Write as _};
use std::path::Path;

use fd_lock::RwLock;
use fs_err as fs;

/// Appends a line to a file, which is created when it is not there, and returns once it is on disk.
///
/// `line` is given what the file holds, and returns the line without its break; an error of its own leaves the file as it
/// is, and an empty one where there was none. Others who append to the same file meanwhile are waited for.
pub fn append<E>(path: &Path, line: impl FnOnce(&str) -> Result<String, E>) -> io::Result<Result<(), E>> {
    let is_new = !path.exists();
    let file = fs::OpenOptions::new().read(true).append(true).create(true).open(path)?;
    let mut lock = RwLock::new(file.into_file());
    let mut file = lock.write()?;
    let mut held = String::new();
    file.read_to_string(&mut held)?;
    let line = match line(&held) {
        Ok(line) => line,
        Err(error) => return Ok(Err(error)),
    };
    // An editor may have left the last line without its break.
    let open = if held.is_empty() || held.ends_with('\n') {
        ""
    } else {
        "\n"
    };
    file.write_all(format!("{open}{line}\n").as_bytes())?;
    file.sync_all()?;
    if is_new && let Some(folder) = path.parent() {
        // The name in the folder is to survive a power cut as well.
        fs::File::open(if folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            folder
        })?
        .sync_all()?;
    }
    Ok(Ok(()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_follow_each_other_and_an_error_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.jsonl");
        append(&path, |held| Ok::<_, String>(format!("{} before", held.len())))
            .unwrap()
            .unwrap();
        append(&path, |held| Ok::<_, String>(format!("{} before", held.len())))
            .unwrap()
            .unwrap();
        let said = append(&path, |_| Err::<String, _>("no")).unwrap();
        assert_eq!(said, Err("no"));
        assert_eq!(fs::read_to_string(&path).unwrap(), "0 before\n9 before\n");
    }

    #[test]
    fn a_last_line_without_its_break_is_not_continued() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.jsonl");
        fs::write(&path, "one").unwrap();
        append(&path, |_| Ok::<_, ()>("two".into())).unwrap().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "one\ntwo\n");
    }

    #[test]
    fn those_who_append_at_the_same_time_wait_for_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.jsonl");
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let number = |held: &str| Ok::<_, ()>(held.lines().count().to_string());
                    append(&path, number).unwrap().unwrap();
                });
            }
        });
        let held = fs::read_to_string(&path).unwrap();
        let lines: Vec<&str> = held.lines().collect();
        assert_eq!(lines, ["0", "1", "2", "3", "4", "5", "6", "7"]);
    }
}
