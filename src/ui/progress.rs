//! What a run looks like while it runs: bars on a terminal, one line per change elsewhere.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use console::Style;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::say;
use crate::engine::Signal;
use crate::event::{Event, FailureKind, Severity};
use crate::ident::StepId;
use crate::words;

/// Without a terminal, a step that goes on says where it is this often.
const QUIET_FOR: Duration = Duration::from_secs(15);

/// Shows signals of a run on standard error.
pub struct Progress {
    bars: Option<MultiProgress>,
    running: BTreeMap<StepId, Running>,
}

struct Running {
    bar: Option<ProgressBar>,
    last_line: Instant,
}

impl Progress {
    /// Returns a display: bars when standard error is a terminal and, as `can_redraw` says, one that can draw them;
    /// lines elsewhere.
    pub fn new(can_redraw: bool) -> Progress {
        let draws = can_redraw && console::Term::stderr().is_term();
        let bars = draws.then(|| MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(10)));
        super::show(bars.clone());
        Progress {
            bars,
            running: BTreeMap::new(),
        }
    }

    /// Shows a signal.
    pub fn hear(&mut self, signal: Signal) {
        match signal {
            Signal::Event(entry) => self.event(entry.event),
            Signal::Progress {
                step,
                message,
                position,
            } => self.progress(&step, &message, position),
        }
    }

    fn event(&mut self, event: Event) {
        match event {
            Event::RunStarted {
                run, from, to, steps, ..
            } => {
                let left = steps
                    .iter()
                    .filter(|step| step.decision == crate::event::Decision::Run)
                    .count();
                say(&format!(
                    "run {run}: {from} → {to}, {} to do",
                    words::count(left, "step")
                ));
            }
            Event::StepStarted { step, .. } => self.started(step),
            Event::StepFinished { step, elapsed_ms, .. } => {
                self.ended(&step);
                let mark = Style::new().green().for_stderr().apply_to("✓");
                say(&format!("{mark} {step:<28} {}", words::duration(elapsed_ms)));
            }
            Event::StepReused { step, .. } => {
                let mark = Style::new().dim().for_stderr().apply_to("=");
                say(&format!("{mark} {step:<28} as before"));
            }
            Event::StepFailed {
                step,
                elapsed_ms,
                failure,
                ..
            } => {
                self.ended(&step);
                let mark = match failure.kind {
                    FailureKind::Interrupted => Style::new().yellow().for_stderr().apply_to("■"),
                    _ => Style::new().red().for_stderr().apply_to("✗"),
                };
                say(&format!(
                    "{mark} {step:<28} {} {}",
                    words::duration(elapsed_ms),
                    failure.message
                ));
            }
            Event::StepRetried { step, failure, wait_ms } => {
                say(&format!(
                    "! {step:<28} {}; again in {}",
                    failure.message,
                    words::duration(wait_ms)
                ));
            }
            Event::FindingRaised { finding, .. } if finding.severity != Severity::Info => {
                let (style, word) = match finding.severity {
                    Severity::Error => (Style::new().red(), "error"),
                    Severity::Warning | Severity::Info => (Style::new().yellow(), "warning"),
                };
                let word = style.for_stderr().apply_to(word);
                say(&format!("  {word}: {}: {}", finding.subject, finding.message));
            }
            Event::FindingRaised { .. }
            | Event::CheckpointSaved { .. }
            | Event::CheckpointRestored { .. }
            | Event::Delivered { .. }
            | Event::RunFinished { .. } => {}
        }
    }

    fn started(&mut self, step: StepId) {
        let bar = self.bars.as_ref().map(|bars| {
            let bar = bars.add(ProgressBar::new_spinner());
            bar.set_style(spinner());
            bar.set_prefix(step.to_string());
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        if bar.is_none() {
            say(&format!("▸ {step}"));
        }
        self.running.insert(
            step,
            Running {
                bar,
                last_line: Instant::now(),
            },
        );
    }

    fn ended(&mut self, step: &StepId) {
        if let Some(Running { bar: Some(bar), .. }) = self.running.remove(step) {
            bar.finish_and_clear();
        }
    }

    fn progress(&mut self, step: &StepId, message: &str, position: Option<(u64, u64)>) {
        let Some(running) = self.running.get_mut(step) else {
            return;
        };
        if let Some(bar) = &running.bar {
            match position {
                Some((done, of)) => bar.set_message(format!("{done}/{of} {message}")),
                None => bar.set_message(message.to_owned()),
            }
            return;
        }
        if running.last_line.elapsed() < QUIET_FOR {
            return;
        }
        running.last_line = Instant::now();
        let text = match position {
            Some((done, of)) => format!("  {step:<28} {done}/{of} {message}"),
            None => format!("  {step:<28} {message}"),
        };
        say(&text);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        super::show(None);
    }
}

/// Shows several things going on at once, before there is a run to show.
#[derive(Default)]
pub struct Activities {
    bars: Option<MultiProgress>,
}

/// One of several things going on. Gone from the screen when dropped.
pub struct Activity {
    name: String,
    bar: Option<ProgressBar>,
    told: AtomicBool,
}

impl Activities {
    /// Returns an empty display on standard error.
    pub fn new() -> Activities {
        Activities {
            bars: console::Term::stderr().is_term().then(MultiProgress::new),
        }
    }

    /// Begins something; it shows once it has something to tell.
    pub fn begin(&self, name: &str) -> Activity {
        Activity {
            name: name.to_owned(),
            bar: self
                .bars
                .as_ref()
                .map(|bars| bars.add(ProgressBar::new_spinner().with_style(spinner()))),
            told: AtomicBool::new(false),
        }
    }
}

impl Activity {
    /// Tells how it goes: each line on a terminal, only the first elsewhere.
    pub fn tell(&self, line: &str) {
        let first = !self.told.swap(true, Ordering::Relaxed);
        match &self.bar {
            Some(bar) => {
                bar.set_prefix(self.name.clone());
                bar.set_message(line.to_owned());
                bar.tick();
            }
            None if first => super::say(&format!("▸ {}", self.name)),
            None => {}
        }
    }

    /// Tells something that must be seen, and stays on the screen.
    pub fn warn(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.println(line),
            None => super::say(line),
        }
    }
}

impl Drop for Activity {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn spinner() -> ProgressStyle {
    ProgressStyle::with_template("{spinner} {prefix:<28!} {elapsed:>4} {wide_msg}")
        .unwrap_or_else(|_| ProgressStyle::default_spinner())
}
