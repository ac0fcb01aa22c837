//! The lines of the live display: as wide as the screen at most, never wrapped.

use std::time::{Duration, Instant};

use super::tracker::{Running, Tracker};
use crate::engine::{Measure, Unit};
use crate::ident::StepId;
use crate::words;

/// Names of steps are as wide as this at most where there is room.
const NAME: usize = 28;
/// And as wide as this at least, so that the column stays where it is: `19.0/neutralize`.
const SHORT: usize = 15;
/// Below this width there is no room for what is expected.
const NARROW: usize = 40;
/// From this width on there is room for everything.
const WIDE: usize = 100;

/// A line in parts, so that they can be coloured.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Parts {
    /// The step, padded.
    pub(super) name: String,
    /// What it does, padded.
    pub(super) doing: String,
    /// Its times.
    pub(super) times: String,
}

impl Parts {
    /// Returns the line without colours.
    #[cfg(test)]
    fn plain(&self) -> String {
        format!("{} {} {}", self.name, self.doing, self.times)
    }
}

/// Returns the lines of all steps that run for a screen with room for `width` characters.
pub(super) fn steps(tracker: &Tracker, now: Instant, width: usize) -> Vec<Parts> {
    let longest = tracker.running().map(|(id, _)| count(id.as_str())).max().unwrap_or(0);
    let most = if width >= WIDE { NAME } else { (width / 3).min(NAME) };
    let name_width = longest.max(SHORT).min(most);
    tracker
        .running()
        .map(|(id, running)| {
            let name = pad(&fit(id.as_str(), name_width), name_width);
            let times = match width {
                NARROW.. => times(tracker, id, running, now, width >= WIDE),
                _ => taken(running.elapsed(now)),
            };
            let room = width.saturating_sub(name_width + 1 + count(&times) + 1);
            let doing = pad(&fit(&doing(running), room), room);
            Parts { name, doing, times }
        })
        .collect()
}

/// Returns what a step does and how far it is: `34/99 stock: 19.0.1.1/post-migration`.
pub(super) fn doing(running: &Running) -> String {
    let advance = &running.advance;
    match advance.measure.map(measure) {
        Some(measure) if advance.doing.is_empty() => measure,
        Some(measure) => format!("{measure} {}", advance.doing),
        None => advance.doing.clone(),
    }
}

/// Returns the times of a step: `45 s of ~2 min`, and how much is left where there is room.
pub(super) fn times(tracker: &Tracker, id: &StepId, running: &Running, now: Instant, roomy: bool) -> String {
    let elapsed = running.elapsed(now);
    let taken = taken(elapsed);
    match tracker.left(id, now) {
        Some(left) if !left.is_zero() => {
            let whole = rough(elapsed + left);
            if roomy {
                format!("{taken} of ~{whole}, ~{} left", rough(left))
            } else {
                format!("{taken} of ~{whole}")
            }
        }
        _ => taken,
    }
}

/// Returns the last line: the run as a whole.
pub(super) fn run(tracker: &Tracker, now: Instant, width: usize) -> String {
    let (ended, of) = tracker.ended();
    let steps = format!("{ended} of {of} steps");
    let elapsed = tracker.elapsed(now);
    let Some(left) = tracker.run_left(now).filter(|left| !left.is_zero()) else {
        return fit(&format!("{steps}, {}", taken(elapsed)), width);
    };
    let times = format!("{}, ~{} left", taken(elapsed), rough(left));
    let room = width.saturating_sub(count(&steps) + count(&times) + 2).min(60);
    if room < 8 {
        return fit(&format!("{steps}, {times}"), width);
    }
    let share = elapsed.as_secs_f64() / (elapsed + left).as_secs_f64();
    format!("{steps} {} {times}", bar(share, room))
}

/// Returns a bar of this many characters.
fn bar(share: f64, width: usize) -> String {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a bar is short, and a share lies between 0 and 1"
    )]
    let full = (share.clamp(0.0, 1.0) * width as f64).floor() as usize;
    let full = full.min(width);
    "━".repeat(full) + &"─".repeat(width - full)
}

fn measure(measure: Measure) -> String {
    match measure.unit {
        Unit::Count => format!("{}/{}", measure.done, measure.of),
        Unit::Bytes => format!("{} of {}", words::bytes(measure.done), words::bytes(measure.of)),
    }
}

/// Returns a time that passed, without fractions: they would flicker.
fn taken(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..60 => format!("{seconds} s"),
        _ => words::duration(millis(time)),
    }
}

/// Returns a time as an estimate says it: `25 s`, `3 min`, `2 h 10 min`.
pub(super) fn rough(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..=55 => format!("{} s", seconds.div_ceil(5).max(1) * 5),
        56..3570 => format!("{} min", (seconds + 30) / 60),
        _ => {
            let minutes = (seconds + 150) / 300 * 5;
            format!("{} h {:02} min", minutes / 60, minutes % 60)
        }
    }
}

pub(super) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// Cuts a text to a width; what is missing is told by `…`.
pub(super) fn fit(text: &str, width: usize) -> String {
    if width == 0 {
        return String::new();
    }
    // What others print may hold anything; a line stays a line.
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    console::truncate_str(&text, width, "…").into_owned()
}

fn pad(text: &str, width: usize) -> String {
    console::pad_str(text, width, console::Alignment::Left, None).into_owned()
}

fn count(text: &str) -> usize {
    console::measure_text_width(text)
}

#[cfg(test)]
mod tests {
    use super::super::tracker::tests::{advanced, finished, run as begins, started};
    use super::*;
    use crate::engine::Advance;

    fn tracker() -> (Tracker, Instant) {
        let now = Instant::now();
        let expected = [("19.0/upgrade", 110_000), ("verify", 12_000)];
        let expected = expected.map(|(id, ms)| (StepId::new(id), ms)).into();
        let mut tracker = Tracker::new(expected, now);
        let plan: [(&str, &[&str]); 4] = [
            ("restore", &[]),
            ("checkout/bryggan-addons@19.0", &[]),
            ("19.0/upgrade", &["restore"]),
            ("verify", &["19.0/upgrade"]),
        ];
        tracker.hear(&begins(&plan), now);
        for signal in [
            started("restore"),
            finished("restore", 3_000),
            started("checkout/bryggan-addons@19.0"),
            started("19.0/upgrade"),
        ] {
            tracker.hear(&signal, now);
        }
        let now = now + Duration::from_secs(45);
        let advance = Advance::doing("stock_account: 19.0.1.1/post-migration")
            .count(34, 99)
            .share(0.4);
        tracker.hear(&advanced("19.0/upgrade", advance), now);
        tracker.hear(
            &advanced(
                "checkout/bryggan-addons@19.0",
                Advance::doing("fetching").bytes(1 << 20, 3 << 20),
            ),
            now,
        );
        (tracker, now)
    }

    #[test]
    fn a_narrow_screen_shows_what_matters_and_no_line_is_longer_than_it() {
        let (tracker, now) = tracker();
        let lines: Vec<String> = steps(&tracker, now, 78).iter().map(Parts::plain).collect();
        assert_eq!(
            lines,
            [
                "checkout/bryggan-addons@1… 1.0 MiB of 3.0 MiB fetching                    45 s",
                "19.0/upgrade               34/99 stock_account: 19.0.1.1/post-… 45 s of ~2 min",
            ]
        );
        assert_eq!(
            run(&tracker, now, 78),
            "1 of 4 steps ━━━━━━━━━━━━━━━━━────────────────────────────── 45 s, ~1 min left"
        );
        for width in [0, 5, 20, 40, 60, 80, 99, 100, 200] {
            for line in steps(&tracker, now, width) {
                assert!(count(&line.plain()) <= width.max(18), "{width}: {}", line.plain());
            }
            assert!(count(&run(&tracker, now, width)) <= width, "{width}");
        }
    }

    #[test]
    fn a_wide_screen_shows_everything() {
        let (tracker, now) = tracker();
        let lines: Vec<String> = steps(&tracker, now, 120).iter().map(Parts::plain).collect();
        assert_eq!(
            lines[1],
            "19.0/upgrade                 34/99 stock_account: 19.0.1.1/post-migration                    45 s of ~2 min, ~1 min left"
        );
    }

    #[test]
    fn what_others_print_cannot_break_a_line() {
        assert_eq!(fit("a\nb\tc\u{1b}[2Jd", 20), "a b c [2Jd");
        assert_eq!(fit("åäöåäö", 4), "åäö…");
    }

    #[test]
    fn estimates_are_rough() {
        for (seconds, text) in [
            (0, "5 s"),
            (3, "5 s"),
            (52, "55 s"),
            (58, "1 min"),
            (100, "2 min"),
            (3_569, "59 min"),
            (3_590, "1 h 00 min"),
            (7_800, "2 h 10 min"),
        ] {
            assert_eq!(rough(Duration::from_secs(seconds)), text, "{seconds}");
        }
    }
}
