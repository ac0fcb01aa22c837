//! The terminal.
//!
//! Data goes to standard output through [`out`], everything else to standard error through [`say`] and [`Progress`].
//! [`Stream`] is the same as [`Progress`] for programs, on standard output.

mod activities;
pub mod diagnostic;
mod line;
mod live;
mod progress;
mod stream;
pub mod table;
mod tell;
mod tracker;

use std::io::Write as _;
use std::sync::{Mutex, PoisonError};

use indicatif::MultiProgress;

pub use activities::{Activities, Activity};
pub use progress::Progress;
pub use stream::Stream;
pub use tracker::Expected;

/// The bars that are on the terminal, of which there is one per process: lines go above them.
static BARS: Mutex<Option<MultiProgress>> = Mutex::new(None);

/// Prints data to standard output, in one piece: who is killed leaves no half of a line. A reader that went away is not
/// an error.
pub fn out(text: &str) {
    let end = if text.is_empty() || text.ends_with('\n') {
        ""
    } else {
        "\n"
    };
    raw(format!("{text}{end}").as_bytes());
}

/// Prints bytes to standard output as they are.
pub fn raw(bytes: &[u8]) {
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(bytes).ok();
    stdout.flush().ok();
}

/// Tells a person something, on standard error; above the bars, when there are some.
pub fn say(text: &str) {
    let bars = BARS.lock().unwrap_or_else(PoisonError::into_inner).clone();
    match bars {
        Some(bars) => {
            bars.println(text).ok();
        }
        None => {
            writeln!(std::io::stderr(), "{text}").ok();
        }
    }
}

/// Says which bars are on the terminal.
fn show(bars: Option<MultiProgress>) {
    *BARS.lock().unwrap_or_else(PoisonError::into_inner) = bars;
}

/// Says whether standard error shows colours: a terminal, and neither `NO_COLOR` nor a dumb one.
pub fn colours() -> bool {
    console::colors_enabled_stderr()
}
