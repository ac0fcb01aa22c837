//! Several things going on at once, before there is a run to show.

use std::sync::atomic::{AtomicBool, Ordering};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

/// Shows several things going on at once.
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
