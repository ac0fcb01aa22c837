//! Failures as a person meets them: a message, hints, and the exit code. The only place that knows exit codes.

use crate::event::{Failure as StepFailure, FailureKind, Outcome};
use crate::journal::{JournalError, LockError};
use crate::runtime::{RuntimeError, RuntimeErrorKind};
use crate::spec::Problems;
use crate::ui;
use crate::world::backup::BackupError;
use crate::world::remedy::of_disk;

/// Exit codes. Documented in the README, stable.
pub mod exit {
    /// Everything was done.
    pub const DONE: u8 = 0;
    /// hopp itself is broken.
    pub const INTERNAL: u8 = 1;
    /// The command line makes no sense.
    pub const USAGE: u8 = 2;
    /// A plan or playbook is invalid.
    pub const INVALID: u8 = 10;
    /// Docker, disk, git or an image.
    pub const ENVIRONMENT: u8 = 11;
    /// A step failed.
    pub const STEP: u8 = 20;
    /// Something was lost or is broken.
    pub const VERIFICATION: u8 = 21;
    /// The agreement does not include it.
    pub const NOT_ENTITLED: u8 = 22;
    /// Another run holds the lock.
    pub const LOCKED: u8 = 30;
    /// A person stopped the run; it can go on.
    pub const INTERRUPTED: u8 = 130;
}

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub struct Failure {
    /// The exit code.
    pub code: u8,
    /// What went wrong, in lower case.
    pub message: String,
    /// What to do.
    pub hints: Vec<String>,
    /// Lines that prove it.
    pub excerpt: Vec<String>,
}

impl Failure {
    /// Returns a failure with a code.
    pub fn new(code: u8, message: impl Into<String>) -> Failure {
        Failure {
            code,
            message: message.into(),
            hints: Vec::new(),
            excerpt: Vec::new(),
        }
    }

    /// Returns a failure of the environment.
    pub fn environment(message: impl Into<String>) -> Failure {
        Failure::new(exit::ENVIRONMENT, message)
    }

    /// Returns the failure of something that could not be written or read on this machine.
    pub fn of_files(error: &(dyn std::error::Error + 'static)) -> Failure {
        let failure = Failure::environment(error.to_string());
        match of_disk(error) {
            Some(remedy) => failure.hint(remedy),
            None => failure,
        }
    }

    /// Adds what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Failure {
        self.hints.push(hint.into());
        self
    }

    /// Prints it on standard error.
    pub fn print(&self) {
        if !self.message.is_empty() {
            let word = console::Style::new().red().bold().for_stderr().apply_to("error");
            ui::say(&format!("{word}: {}", self.message));
        }
        for line in &self.excerpt {
            ui::say(&format!("  | {line}"));
        }
        for hint in &self.hints {
            let word = console::Style::new().cyan().for_stderr().apply_to("hint");
            ui::say(&format!("{word}: {hint}"));
        }
    }

    /// Returns the failure of a file with problems, which are printed here and now.
    pub fn problems(problems: &Problems) -> Failure {
        ui::say(&ui::diagnostic::render(problems, ui::colours()));
        Failure::new(exit::INVALID, "")
    }
}

impl From<RuntimeError> for Failure {
    fn from(error: RuntimeError) -> Failure {
        let unreachable = error.kind == RuntimeErrorKind::Unreachable;
        let failure = Failure::environment(error.to_string());
        if unreachable {
            failure.hint("is Docker running, and may this user use it? `docker info` must answer")
        } else {
            failure
        }
    }
}

impl From<JournalError> for Failure {
    fn from(error: JournalError) -> Failure {
        let newer = matches!(error, JournalError::Newer { .. });
        let failure = Failure::of_files(&error);
        if newer {
            failure.hint("use the hopp that wrote it or a later one; `--run ID` looks at another run")
        } else {
            failure
        }
    }
}

impl From<LockError> for Failure {
    fn from(error: LockError) -> Failure {
        match &error {
            LockError::Held { .. } => Failure::new(exit::LOCKED, error.to_string())
                .hint("wait until it has ended, or look at it with `hopp status`"),
            LockError::Io { .. } => Failure::of_files(&error),
        }
    }
}

impl From<BackupError> for Failure {
    fn from(error: BackupError) -> Failure {
        let failure = Failure::of_files(&error);
        let failure = match error.remedy() {
            Some(remedy) => failure.hint(remedy),
            None => failure,
        };
        failure.hint("the backup was not changed")
    }
}

impl From<StepFailure> for Failure {
    fn from(failure: StepFailure) -> Failure {
        let code = match failure.kind {
            FailureKind::Environment => exit::ENVIRONMENT,
            FailureKind::Step | FailureKind::Timeout => exit::STEP,
            FailureKind::Interrupted => exit::INTERRUPTED,
            FailureKind::Internal => exit::INTERNAL,
        };
        Failure {
            code,
            message: failure.message,
            hints: failure.hints,
            excerpt: failure.excerpt,
        }
    }
}

/// Returns the exit code of a run.
pub(super) fn code_of(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Done => exit::DONE,
        Outcome::VerificationFailed => exit::VERIFICATION,
        Outcome::Failed => exit::STEP,
        Outcome::EnvironmentFailed => exit::ENVIRONMENT,
        Outcome::Interrupted => exit::INTERRUPTED,
        Outcome::Broken => exit::INTERNAL,
    }
}
