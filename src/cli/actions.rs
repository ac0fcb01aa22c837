//! GitHub Actions: annotations, the step's summary, its outputs. Only where `GITHUB_ACTIONS` says so.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::environment::Environment;
use super::failure::Failure;
use super::run::Format;
use crate::ident::Fingerprint;
use crate::report::{Report, github};
use crate::ui;

/// The job that hopp runs in.
pub(super) struct Actions {
    summary: Option<PathBuf>,
    output: Option<PathBuf>,
    /// Ends the time in which nothing that is printed counts as a command.
    token: String,
    format: Format,
}

impl Actions {
    /// Returns the job, when there is one. From here on nothing that is printed counts as a command to the runner, so
    /// that neither a log nor a database can give it any.
    pub(super) fn of(environment: &Environment, format: Format) -> Option<Actions> {
        let variables = environment.github_actions()?;
        let secret = format!("{} {}", std::process::id(), Timestamp::now().as_nanosecond());
        let actions = Actions {
            summary: variables.summary,
            output: variables.output,
            token: Fingerprint::of(secret).as_str().to_owned(),
            format,
        };
        actions.print(&format!("::stop-commands::{}", actions.token));
        Some(actions)
    }

    /// Annotates findings and failures, and adds to the step's summary.
    pub(super) fn tell(&self, report: &Report) {
        self.annotate(github::annotations(report).trim_end());
        append(self.summary.as_deref(), &github::summary(report));
    }

    /// Annotates why there was no run.
    pub(super) fn failed(&self, plan: &Path, failure: &Failure) {
        if !failure.message.is_empty() {
            let plan = plan.to_string_lossy();
            self.annotate(&github::refused(&plan, &failure.message, &failure.hints));
        }
    }

    /// Sets an output of the step.
    pub(super) fn output(&self, name: &str, value: &str) {
        append(self.output.as_deref(), &format!("{name}={value}\n"));
    }

    fn annotate(&self, commands: &str) {
        self.print(&format!("::{}::", self.token));
        if !commands.is_empty() {
            self.print(commands);
        }
        self.print(&format!("::stop-commands::{}", self.token));
    }

    /// Prints commands on standard output, or beside it where that belongs to the events. The runner reads both.
    fn print(&self, commands: &str) {
        match self.format {
            Format::Human => ui::out(commands),
            Format::Json => ui::say(commands),
        }
    }
}

impl Drop for Actions {
    fn drop(&mut self) {
        self.print(&format!("::{}::", self.token));
    }
}

/// Adds to a file that the runner reads. What cannot be written is said and changes nothing else.
fn append(path: Option<&Path>, text: &str) {
    let Some(path) = path else { return };
    let opened = fs_err::OpenOptions::new().append(true).create(true).open(path);
    if let Err(error) = opened.and_then(|mut file| file.write_all(text.as_bytes())) {
        ui::say(&format!("the runner was not told: {error}"));
    }
}
