//! hopp with file systems mounted that nobody else sees: small ones, and ones that must not be written.

use std::path::Path;
use std::process::Command;

/// Returns a command that mounts these first, as shell commands say, and is the other then. It needs root.
///
/// The process keeps its id, so that `/proc/ID/root` leads to what it sees.
pub(crate) fn with_mounts(mounts: &str, command: &Command) -> Command {
    let mut mounted = Command::new("unshare");
    let script = format!("{mounts}; cd .; exec \"$@\"");
    mounted
        .args(["--mount", "sh", "-ec", &script, "sh"])
        .arg(command.get_program())
        .args(command.get_args());
    for (name, value) in command.get_envs() {
        mounted.env(name, value.unwrap_or_default());
    }
    if let Some(folder) = command.get_current_dir() {
        mounted.current_dir(folder);
    }
    mounted
}

/// Mounts a new file system of this size (`40m`) on a folder.
pub(crate) fn small(folder: &Path, size: &str) -> String {
    let folder = folder.display();
    format!("mkdir -p {folder}; mount -t tmpfs -o size={size} tmpfs {folder}")
}

/// Makes a folder unwritable.
pub(crate) fn read_only(folder: &Path) -> String {
    let folder = folder.display();
    format!("mkdir -p {folder}; mount --bind {folder} {folder}; mount -o remount,ro,bind {folder}")
}

/// Fills the disk that a folder lies on, as the process sees it. Returns the file that does it.
pub(crate) fn fill(process: u32, folder: &Path) -> std::path::PathBuf {
    let seen = Path::new("/proc").join(process.to_string()).join("root");
    let file = seen.join(folder.strip_prefix("/").unwrap()).join("filler");
    let output = Command::new("dd")
        .args(["if=/dev/zero", "bs=64k"])
        .arg(format!("of={}", file.display()))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("No space left on device"), "{said}");
    file
}
