//! The live display on a terminal: a line for each step that runs, one for the run, and what is said above them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use console::Style;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::tracker::Tracker;
use super::{line, say, tell};
use crate::engine::Signal;
use crate::ident::StepId;

/// How often the lines are drawn: often enough to look alive.
const TICK: Duration = Duration::from_millis(125);
/// What turns while a step runs.
const SPINNER: [&str; 8] = ["⠋", "⠙", "⠸", "⠴", "⠦", "⠇", "⠏", "⠛"];

/// Draws lines until it is dropped.
pub(super) struct Live {
    screen: Arc<Mutex<Screen>>,
    painter: Option<std::thread::JoinHandle<()>>,
}

struct Screen {
    tracker: Tracker,
    bars: MultiProgress,
    lines: BTreeMap<StepId, ProgressBar>,
    run: ProgressBar,
    ticks: usize,
    over: bool,
}

impl Live {
    pub(super) fn new(tracker: Tracker) -> Live {
        let bars = MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(10));
        super::show(Some(bars.clone()));
        let run = bars.add(bare());
        let screen = Arc::new(Mutex::new(Screen {
            tracker,
            bars,
            lines: BTreeMap::new(),
            run,
            ticks: 0,
            over: false,
        }));
        let shared = screen.clone();
        let painter = std::thread::spawn(move || {
            while paint(&shared) {
                std::thread::sleep(TICK);
            }
        });
        Live {
            screen,
            painter: Some(painter),
        }
    }

    pub(super) fn hear(&mut self, signal: &Signal) {
        let said = {
            let mut screen = lock(&self.screen);
            screen.tracker.hear(signal, Instant::now());
            match signal {
                Signal::Event(entry) => {
                    screen.match_lines();
                    screen.draw();
                    tell::event(&entry.event)
                }
                Signal::Progress { .. } => None,
            }
        };
        if let Some(text) = said {
            // The whole of a long message is told when the run has ended.
            let width = width();
            let short: Vec<_> = text
                .lines()
                .map(|line| console::truncate_str(line, width, "…"))
                .collect();
            say(&short.join("\n"));
        }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        lock(&self.screen).over = true;
        if let Some(painter) = self.painter.take() {
            painter.join().ok();
        }
        let screen = lock(&self.screen);
        screen.lines.values().for_each(ProgressBar::finish_and_clear);
        screen.run.finish_and_clear();
        super::show(None);
    }
}

/// Draws once; `false` when there is nothing left to draw.
fn paint(screen: &Mutex<Screen>) -> bool {
    let mut screen = lock(screen);
    if screen.over {
        return false;
    }
    screen.ticks += 1;
    screen.draw();
    true
}

impl Screen {
    /// Has a line for each step that runs, in the order of the plan, above that of the run.
    fn match_lines(&mut self) {
        let Screen {
            tracker,
            bars,
            lines,
            run,
            ..
        } = self;
        lines.retain(|id, bar| {
            let runs = tracker.get(id).is_some();
            if !runs {
                bar.finish_and_clear();
                bars.remove(bar);
            }
            runs
        });
        for (id, _) in tracker.running() {
            lines
                .entry(id.clone())
                .or_insert_with(|| bars.insert_before(run, bare()));
        }
    }

    fn draw(&self) {
        let now = Instant::now();
        // The spinner and a blank stand before each line; a full line would wrap on some terminals.
        let width = width().saturating_sub(3);
        let (cyan, dim) = (Style::new().cyan().for_stderr(), Style::new().dim().for_stderr());
        let spinner = SPINNER[self.ticks % SPINNER.len()];
        let parts = line::steps(&self.tracker, now, width);
        for ((id, _), parts) in self.tracker.running().zip(parts) {
            if let Some(bar) = self.lines.get(id) {
                bar.set_message(format!(
                    "{} {} {} {}",
                    cyan.apply_to(spinner),
                    parts.name,
                    parts.doing,
                    dim.apply_to(parts.times)
                ));
            }
        }
        if self.tracker.ended().1 > 0 {
            let text = line::run(&self.tracker, now, width);
            self.run.set_message(format!("  {}", dim.apply_to(text)));
        }
    }
}

fn lock(screen: &Mutex<Screen>) -> std::sync::MutexGuard<'_, Screen> {
    screen.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Returns how many characters a line of the terminal holds now: people resize.
fn width() -> usize {
    usize::from(console::Term::stderr().size().1)
}

/// Returns a bar that shows a text and nothing else.
fn bare() -> ProgressBar {
    let style = ProgressStyle::with_template("{msg}").unwrap_or_else(|_| ProgressStyle::default_spinner());
    ProgressBar::new_spinner().with_style(style)
}
