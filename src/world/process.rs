//! Programs of this machine.

use std::ffi::OsStr;
use std::io::{self, BufReader, Read};
use std::ops::ControlFlow;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::thread;

use super::lines::{BUFFER, next_piece};

/// How much of what a program complains is kept; the rest is read and forgotten.
const COMPLAINTS: u64 = 64 * 1024;

/// How a program ended.
#[derive(Clone, Debug)]
pub struct Ended {
    /// Its exit status; `None` when it was stopped because nothing more was wanted of it.
    pub status: Option<ExitStatus>,
    /// What it wrote to stderr.
    pub stderr: String,
}

/// Runs a program and hands over its output line by line, each with its line break; very long lines come in pieces.
///
/// The program is killed when `each` breaks. Fails when it cannot be started or its output cannot be read.
pub fn each_line<A: AsRef<OsStr>>(
    program: &Path,
    args: &[A],
    each: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
) -> io::Result<Ended> {
    let mut child = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let complaints = thread::spawn(move || {
        let mut text = Vec::new();
        if let Some(mut stderr) = stderr {
            // What cannot be read of a complaint is not worth a failure of its own.
            let _kept = stderr.by_ref().take(COMPLAINTS).read_to_end(&mut text);
            let _rest = io::copy(&mut stderr, &mut io::sink());
        }
        String::from_utf8_lossy(&text).into_owned()
    });

    let mut output = BufReader::with_capacity(BUFFER, stdout.ok_or(io::ErrorKind::BrokenPipe)?);
    let mut line = Vec::new();
    let finished = loop {
        match next_piece(&mut output, BUFFER as u64, &mut line) {
            Ok(true) if each(&line).is_break() => break Ok(false),
            Ok(true) => {}
            Ok(false) => break Ok(true),
            Err(error) => break Err(error),
        }
    };
    if !matches!(finished, Ok(true)) {
        child.kill()?;
    }
    drop(output);
    let status = child.wait()?;
    let stderr = complaints.join().unwrap_or_default();
    Ok(Ended {
        status: finished?.then_some(status),
        stderr,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(script: &str, each: &mut dyn FnMut(&[u8]) -> ControlFlow<()>) -> Ended {
        each_line(Path::new("/bin/sh"), &["-c", script], each).unwrap()
    }

    #[test]
    fn output_complaints_and_status_come_back() {
        let mut lines = Vec::new();
        let ended = run("echo a; echo b; echo oh >&2; exit 3", &mut |line| {
            lines.push(line.to_vec());
            ControlFlow::Continue(())
        });
        assert_eq!(lines, [b"a\n", b"b\n"]);
        assert_eq!(ended.status.and_then(|status| status.code()), Some(3));
        assert_eq!(ended.stderr, "oh\n");
    }

    #[test]
    fn a_program_nobody_listens_to_is_stopped() {
        let ended = run("while :; do echo y; done", &mut |_| ControlFlow::Break(()));
        assert!(ended.status.is_none());
    }
}
