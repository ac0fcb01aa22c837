//! `hopp run` one event at a time: it does nothing more after an event until it is told to go on.
//!
//! Every event goes to the journal first and to standard output then. That is a pipe with room for one packet, which the
//! event before still takes, so hopp stands still between the two until that is read.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::pipe::{PipeFlags, fcntl_setpipe_size, pipe_with};

use super::running::{Line, read_all};
use super::{Customer, Ended};

/// What a pipe takes in one piece, and all that the smallest pipe takes.
const PACKET: usize = 4096;

/// A `hopp run` that stands still after every event. Killed when dropped.
pub(crate) struct Paced {
    child: Child,
    packets: File,
    errors: Option<JoinHandle<String>>,
    runs: PathBuf,
    earlier: usize,
    /// The run, and how many of its journal's lines were seen.
    run: Option<PathBuf>,
    seen: usize,
    /// How many packets to read before hopp goes on: the last one of the event before, and all but the last of the last
    /// event's.
    waiting: usize,
}

impl Customer {
    /// Starts `hopp run`.
    pub(crate) fn start_paced(&self) -> Paced {
        let runs = self.state().join("runs");
        let (packets, input) = pipe_with(PipeFlags::CLOEXEC | PipeFlags::DIRECT).unwrap();
        fcntl_setpipe_size(&input, PACKET).unwrap();
        let mut input = File::from(input);
        input.write_all(b"\n").unwrap();
        let mut command = self.command(&["run", "plan.yaml", "--format", "json", "--no-progress"]);
        let mut child = command.stdout(input).stderr(Stdio::piped()).spawn().unwrap();
        // What the command keeps of the pipe would keep its end from being seen.
        drop(command);
        let errors = child.stderr.take().unwrap();
        Paced {
            child,
            packets: File::from(packets),
            errors: Some(std::thread::spawn(move || read_all(errors))),
            earlier: count(&runs),
            runs,
            run: None,
            seen: 0,
            waiting: 0,
        }
    }
}

impl Paced {
    /// Lets hopp go on to the next event, and returns that once it is in the journal; `None` when the process has ended.
    pub(crate) fn next(&mut self) -> Option<Line> {
        for _ in 0..self.waiting {
            let mut packet = [0; PACKET];
            // None comes from a process that has ended.
            let _read = self.packets.read(&mut packet).unwrap();
        }
        self.waiting = 0;
        loop {
            let ended = self.child.try_wait().unwrap().is_some();
            if let Some(line) = self.grown() {
                return Some(line);
            }
            if ended {
                return None;
            }
            std::thread::sleep(Duration::from_millis(3));
        }
    }

    /// Returns the journal's next line, when it is there.
    fn grown(&mut self) -> Option<Line> {
        if self.run.is_none() {
            let mut runs: Vec<PathBuf> = fs_err::read_dir(&self.runs)
                .ok()?
                .map(|run| run.unwrap().path())
                .collect();
            runs.sort();
            self.run = runs.get(self.earlier).cloned();
        }
        let text = fs_err::read_to_string(self.run.as_ref()?.join("journal.jsonl")).ok()?;
        let line = text.split_inclusive('\n').skip(1).nth(self.seen)?.strip_suffix('\n')?;
        self.seen += 1;
        self.waiting = (line.len() + 1).div_ceil(PACKET);
        Some(Line::read(line))
    }

    /// Sends SIGKILL and waits for the end.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for the end of a process that ends.
    pub(crate) fn end(&mut self) -> Ended {
        let status = self.child.wait().unwrap();
        Ended {
            code: status.code().unwrap_or(-1),
            out: String::new(),
            err: self
                .errors
                .take()
                .map(|errors| errors.join().unwrap())
                .unwrap_or_default(),
        }
    }
}

impl Drop for Paced {
    fn drop(&mut self) {
        // Most have ended by now.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn count(runs: &PathBuf) -> usize {
    fs_err::read_dir(runs).map_or(0, Iterator::count)
}
