//! `hopp run` while it runs: followed event by event, and killed at any of them.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::thread::JoinHandle;

use serde_json::Value;

use super::{Customer, Ended};

/// A `hopp run` that goes on. Killed when dropped.
pub(crate) struct Running {
    child: Child,
    lines: BufReader<ChildStdout>,
    errors: Option<JoinHandle<String>>,
}

/// One event as `--format json` prints it.
#[derive(Debug)]
pub(crate) struct Line {
    /// The event's name: `step-started` …
    pub(crate) event: String,
    /// The step it is about, when it is about one.
    pub(crate) step: String,
}

impl Line {
    /// Reads a line of a journal.
    pub(super) fn read(text: &str) -> Line {
        let entry: Value = serde_json::from_str(text).unwrap();
        let (event, about) = entry["event"].as_object().unwrap().iter().next().unwrap();
        let text = |name: &str| about.get(name).and_then(Value::as_str).map(str::to_owned);
        Line {
            event: event.clone(),
            step: text("step").unwrap_or_default(),
        }
    }
}

impl Customer {
    /// Starts `hopp run`.
    pub(crate) fn start(&self, args: &[&str]) -> Running {
        let mut all = vec!["run", "plan.yaml", "--format", "json"];
        all.extend(args);
        Running::begin(self.command(&all))
    }

    /// Returns the log of a step of the last run, as far as it is written.
    pub(crate) fn log(&self, step: &str) -> String {
        let name = format!("{}.log", step.replace('/', "-"));
        let path: Option<PathBuf> = self.runs().pop().map(|run| run.join("logs").join(name));
        path.and_then(|path| fs_err::read(path).ok())
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default()
    }
}

impl Running {
    /// Starts a command that is `hopp run --format json` in the end.
    pub(crate) fn begin(mut command: Command) -> Running {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        let errors = child.stderr.take().unwrap();
        Running {
            child,
            lines,
            errors: Some(std::thread::spawn(move || read_all(errors))),
        }
    }

    /// Waits for the next event; `None` when the process has ended.
    pub(crate) fn next(&mut self) -> Option<Line> {
        loop {
            let mut text = String::new();
            if self.lines.read_line(&mut text).unwrap() == 0 || !text.ends_with('\n') {
                return None;
            }
            // Between the events it tells how far steps are.
            if text.contains("\"event\":{") {
                return Some(Line::read(&text));
            }
        }
    }

    /// Waits for an event about a step.
    pub(crate) fn wait_for(&mut self, event: &str, step: &str) {
        while let Some(line) = self.next() {
            if line.event == event && line.step == step {
                return;
            }
        }
        panic!("the run ended before {event} of {step}: {:?}", self.end());
    }

    /// Returns the id of its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends SIGKILL and waits for the end.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Sends what Ctrl-C sends.
    pub(crate) fn interrupt(&self) {
        self.signal("INT");
    }

    /// Sends a signal by its name.
    pub(crate) fn signal(&self, name: &str) {
        let command = format!("kill -{name} {}", self.child.id());
        let status = Command::new("sh").args(["-c", &command]).status().unwrap();
        assert!(status.success());
    }

    /// Waits for the end.
    pub(crate) fn end(&mut self) -> Ended {
        let mut out = String::new();
        self.lines.read_to_string(&mut out).unwrap();
        let status = self.child.wait().unwrap();
        Ended {
            code: status.code().unwrap_or(-1),
            out,
            err: self
                .errors
                .take()
                .map(|errors| errors.join().unwrap())
                .unwrap_or_default(),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Most have ended by now.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

pub(super) fn read_all(mut errors: ChildStderr) -> String {
    let mut text = String::new();
    errors.read_to_string(&mut text).ok();
    text
}
