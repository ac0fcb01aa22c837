//! The timeline: a bar for every attempt at a step, a band for every hop, a mark for every checkpoint.
//!
//! Across, everything is in per cent of the run's time, so that the chart fits any width while its letters keep their size.

use jiff::Timestamp;

use super::writer::Html;
use crate::report::text::Text;
use crate::report::{Attempt, Report, StepLine};
use crate::words;

/// Heights in CSS pixels.
const ROW: usize = 24;
const BAR: usize = 15;
const HEAD: usize = 30;
const FOOT: usize = 24;
/// Letters of a step's name that fit beside its bar on a telephone.
const LABEL: usize = 34;

/// The time that the chart covers.
struct Scale {
    start: Timestamp,
    ms: i64,
}

impl Scale {
    fn of(report: &Report) -> Option<Scale> {
        let start = report.started?;
        let end = report.ended.or(report.last_event)?;
        let ms = end.as_millisecond().saturating_sub(start.as_millisecond());
        Some(Scale { start, ms: ms.max(1) })
    }

    /// Where a moment lies, in per cent. A clock that was set back puts nothing outside.
    fn percent(&self, at: Timestamp) -> f64 {
        self.percent_of(at.as_millisecond().saturating_sub(self.start.as_millisecond()))
    }

    #[expect(clippy::cast_precision_loss, reason = "a pixel is enough")]
    fn percent_of(&self, ms: i64) -> f64 {
        (ms as f64 * 100.0 / self.ms as f64).clamp(0.0, 100.0)
    }
}

/// A line of the chart.
enum Row<'a> {
    Step(&'a StepLine),
    /// A checkpoint that was brought back: of which step, when, how long it took.
    Restored(&'a str, Timestamp, u64),
}

/// Writes the chart and its key; nothing when nothing ran.
pub(super) fn timeline(html: &mut Html, report: &Report, text: &Text) {
    let rows = rows(report);
    let Some(scale) = Scale::of(report).filter(|_| !rows.is_empty()) else {
        return html.say("p", &[("class", "quiet")], text.sentence.nothing_ran);
    };
    let height = (HEAD + rows.len() * ROW + FOOT).to_string();
    html.element("figure", &[("class", "timeline")], |html| {
        let attributes = [
            ("role", "img"),
            ("aria-labelledby", "chart"),
            ("width", "100%"),
            ("height", height.as_str()),
        ];
        html.element("svg", &attributes, |html| {
            html.say("title", &[("id", "chart")], text.sentence.chart);
            hatching(html);
            for hop in &report.hops {
                band(html, report, &scale, &hop.from, &hop.to, rows.len());
            }
            axis(html, &scale, rows.len());
            for (index, row) in rows.iter().enumerate() {
                draw(html, report, &scale, row, HEAD + index * ROW, text);
            }
        });
        key(html, report, text);
    });
}

fn rows(report: &Report) -> Vec<Row<'_>> {
    let steps = report.steps.iter().filter(|step| !step.attempts.is_empty());
    let restored = report.checkpoints.iter().filter(|checkpoint| checkpoint.restored);
    let mut rows: Vec<(Timestamp, Row<'_>)> = restored
        .map(|line| {
            let step = line.step.as_deref().unwrap_or("…");
            (
                began(line.at, line.elapsed_ms),
                Row::Restored(step, line.at, line.elapsed_ms),
            )
        })
        .chain(steps.filter_map(|step| Some((step.attempts.first()?.started, Row::Step(step)))))
        .collect();
    rows.sort_by_key(|(began, _)| *began);
    rows.into_iter().map(|(_, row)| row).collect()
}

fn began(ended: Timestamp, elapsed_ms: u64) -> Timestamp {
    let elapsed = i64::try_from(elapsed_ms).unwrap_or(i64::MAX);
    Timestamp::from_millisecond(ended.as_millisecond().saturating_sub(elapsed)).unwrap_or(ended)
}

/// The pattern of attempts that came to nothing, and of what had not ended.
fn hatching(html: &mut Html) {
    html.element("defs", &[], |html| {
        let square = [
            ("width", "6"),
            ("height", "6"),
            ("patternUnits", "userSpaceOnUse"),
            ("patternTransform", "rotate(45)"),
        ];
        for (id, class) in [("failed-hatch", "failed"), ("open-hatch", "running")] {
            let attributes: Vec<(&'static str, &str)> = [("id", id)].into_iter().chain(square).collect();
            html.element("pattern", &attributes, |html| {
                html.empty("rect", &[("class", class), ("width", "3"), ("height", "6")]);
            });
        }
    });
}

/// A hop's time, behind its steps.
fn band(html: &mut Html, report: &Report, scale: &Scale, from: &str, to: &str, rows: usize) {
    let steps = report.steps.iter().filter(|step| step.hop.as_deref() == Some(to));
    let attempts: Vec<&Attempt> = steps.flat_map(|step| &step.attempts).collect();
    let Some(start) = attempts.iter().map(|attempt| attempt.started).min() else {
        return;
    };
    let end = attempts.iter().filter_map(|attempt| attempt.ended).max();
    let has_open = attempts.iter().any(|attempt| attempt.ended.is_none());
    let start = scale.percent(start);
    let end = end.filter(|_| !has_open).map_or(100.0, |end| scale.percent(end));
    let (x, width) = (format!("{start:.2}%"), format!("{:.2}%", (end - start).max(0.2)));
    let height = (rows * ROW + HEAD - 4).to_string();
    let name = format!("{from} → {to}");
    // Beside many others there is only room for where it leads.
    let short = if report.hops.len() > 2 { to } else { &name };
    html.element("g", &[("class", "band")], |html| {
        html.say("title", &[], &name);
        html.empty("rect", &[("x", &x), ("y", "0"), ("width", &width), ("height", &height)]);
        let (x, anchor) = if start > 85.0 {
            (format!("{end:.2}%"), "end")
        } else {
            (x.clone(), "start")
        };
        let dx = if anchor == "end" { "-6" } else { "6" };
        html.say(
            "text",
            &[("x", &x), ("dx", dx), ("y", "16"), ("text-anchor", anchor)],
            short,
        );
    });
}

fn axis(html: &mut Html, scale: &Scale, rows: usize) {
    let bottom = HEAD + rows * ROW;
    html.element("g", &[("class", "axis")], |html| {
        let y = bottom.to_string();
        html.empty("line", &[("x1", "0"), ("x2", "100%"), ("y1", &y), ("y2", &y)]);
        for ms in ticks(scale.ms) {
            let percent = scale.percent_of(ms);
            let (x, top, label) = (
                format!("{percent:.2}%"),
                (bottom + 5).to_string(),
                (bottom + 18).to_string(),
            );
            html.empty("line", &[("x1", &x), ("x2", &x), ("y1", &y), ("y2", &top)]);
            let anchor = if percent < 3.0 {
                "start"
            } else if percent > 96.0 {
                "end"
            } else {
                "middle"
            };
            html.say(
                "text",
                &[("x", &x), ("y", &label), ("text-anchor", anchor)],
                &moment(ms),
            );
        }
    });
}

/// Returns round moments, at most six of them, the first of which is the beginning.
fn ticks(total: i64) -> Vec<i64> {
    const SECONDS: [i64; 18] = [
        1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400,
    ];
    let step = SECONDS
        .into_iter()
        .map(|seconds| seconds * 1000)
        .find(|step| total / step < 6);
    let step = step.unwrap_or(total);
    (0..=total / step).map(|index| index * step).collect()
}

/// Says a moment of the axis: `0`, `30 s`, `5 min`, `1 h 30 min`.
fn moment(ms: i64) -> String {
    let seconds = ms / 1000;
    match seconds {
        0 => "0".into(),
        1..60 => format!("{seconds} s"),
        60..3600 if seconds % 60 == 0 => format!("{} min", seconds / 60),
        60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ if seconds % 3600 == 0 => format!("{} h", seconds / 3600),
        _ => format!("{} h {:02} min", seconds / 3600, seconds % 3600 / 60),
    }
}

fn draw(html: &mut Html, report: &Report, scale: &Scale, row: &Row<'_>, y: usize, text: &Text) {
    match row {
        Row::Restored(step, at, elapsed_ms) => {
            let title = (text.checkpoint_restored)(step);
            let (start, end) = (scale.percent(began(*at, *elapsed_ms)), scale.percent(*at));
            bar(html, "restored", (start, end), y, &title);
            let label = Label {
                name: &(text.checkpoint)(step),
                time: &words::duration(*elapsed_ms),
                word: "",
                is_on_paint: false,
            };
            label.write(html, (start, end), y);
        }
        Row::Step(step) => {
            let end = scale.percent(report.last_event.unwrap_or(scale.start));
            let mut reach = (100.0_f64, 0.0_f64);
            for (index, attempt) in step.attempts.iter().enumerate() {
                let is_last = index + 1 == step.attempts.len();
                let class = match (is_last, attempt.ended) {
                    (false, _) => "retried",
                    (true, None) => "running",
                    (true, Some(_)) => class(&step.status),
                };
                let span = (
                    scale.percent(attempt.started),
                    attempt.ended.map_or(end, |at| scale.percent(at)),
                );
                reach = (reach.0.min(span.0), reach.1.max(span.1));
                bar(html, class, span, y, &told(step, index, text));
            }
            let marks = report.checkpoints.iter();
            let mine = marks.filter(|mark| !mark.restored && mark.step.as_deref() == Some(step.id.as_str()));
            for checkpoint in mine {
                diamond(
                    html,
                    scale.percent(checkpoint.at),
                    y,
                    &(text.checkpoint_saved)(&step.id),
                );
            }
            let word = if step.status == "done" {
                ""
            } else {
                (text.status)(&step.status)
            };
            let label = Label {
                name: &step.id,
                time: &step.elapsed_ms.map(words::duration).unwrap_or_default(),
                word,
                is_on_paint: matches!(step.attempts.as_slice(), [only] if only.ended.is_some()),
            };
            label.write(html, reach, y);
        }
    }
}

/// Says a bar in words, for whoever points at it.
fn told(step: &StepLine, index: usize, text: &Text) -> String {
    let mut told = format!("{}: {}", step.id, step.title);
    if step.attempts.len() > 1 {
        told = format!("{told}, {}", (text.attempt)(index + 1));
    }
    match step.attempts.get(index).and_then(|attempt| attempt.failure.as_deref()) {
        Some(failure) => format!("{told}: {failure}"),
        None => told,
    }
}

fn class(status: &str) -> &'static str {
    match status {
        "failed" => "failed",
        "stopped" => "stopped",
        _ => "done",
    }
}

fn bar(html: &mut Html, class: &'static str, (start, end): (f64, f64), y: usize, title: &str) {
    let (x, y, height) = (
        format!("{start:.2}%"),
        (y + (ROW - BAR) / 2).to_string(),
        BAR.to_string(),
    );
    let width = format!("{:.2}%", (end - start).max(0.0));
    html.element("g", &[("class", class)], |html| {
        html.say("title", &[], title);
        html.empty("rect", &[("x", &x), ("y", &y), ("width", &width), ("height", &height)]);
        // What took no time is seen nevertheless.
        html.empty(
            "rect",
            &[
                ("class", "edge"),
                ("x", &x),
                ("y", &y),
                ("width", "2"),
                ("height", &height),
            ],
        );
    });
}

fn diamond(html: &mut Html, at: f64, y: usize, title: &str) {
    let (x, y) = (format!("{at:.2}%"), (y + ROW / 2).to_string());
    html.element(
        "svg",
        &[("class", "mark"), ("x", &x), ("y", &y), ("overflow", "visible")],
        |html| {
            html.say("title", &[], title);
            html.empty("path", &[("d", "M0-6 6 0 0 6-6 0Z")]);
        },
    );
}

/// What stands beside a bar, where there is room; else on it.
struct Label<'a> {
    name: &'a str,
    time: &'a str,
    /// How it ended, where that is not well.
    word: &'a str,
    /// Whether the bar is painted, and not hatched or an outline.
    is_on_paint: bool,
}

impl Label<'_> {
    fn write(&self, html: &mut Html, (start, end): (f64, f64), y: usize) {
        let (at, dx, anchor, class) = if end <= 55.0 {
            (end, "10", "start", "label")
        } else if start >= 45.0 {
            (start, "-8", "end", "label")
        } else {
            (
                start,
                "8",
                "start",
                if self.is_on_paint { "label on" } else { "label over" },
            )
        };
        let (x, y) = (format!("{at:.2}%"), (y + ROW / 2 + 4).to_string());
        let attributes = [
            ("class", class),
            ("x", &x),
            ("dx", dx),
            ("y", &y),
            ("text-anchor", anchor),
        ];
        html.element("text", &attributes, |html| {
            html.say("tspan", &[("class", "name")], &shortened(self.name));
            for (class, words) in [("time", self.time), ("word", self.word)] {
                if !words.is_empty() {
                    html.say("tspan", &[("class", class), ("dx", "6")], words);
                }
            }
        });
    }
}

fn shortened(name: &str) -> String {
    match name.char_indices().nth(LABEL) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.to_owned(),
    }
}

fn key(html: &mut Html, report: &Report, text: &Text) {
    let sentence = &text.sentence;
    let attempts = || report.steps.iter().flat_map(|step| &step.attempts);
    let entries = [
        (
            report.checkpoints.iter().any(|mark| !mark.restored),
            "mark",
            sentence.key_checkpoint,
        ),
        (
            report.checkpoints.iter().any(|mark| mark.restored),
            "restored",
            sentence.key_restored,
        ),
        (
            report.steps.iter().any(|step| step.attempts.len() > 1),
            "retried",
            sentence.key_retried,
        ),
        (
            attempts().any(|attempt| attempt.ended.is_none()),
            "running",
            sentence.key_open,
        ),
    ];
    let shown: Vec<_> = entries.into_iter().filter(|(is_there, ..)| *is_there).collect();
    if shown.is_empty() {
        return;
    }
    html.element("figcaption", &[("class", "key")], |html| {
        for (_, class, words) in shown {
            html.element("span", &[], |html| {
                let attributes = [
                    ("class", "swatch"),
                    ("width", "16"),
                    ("height", "12"),
                    ("aria-hidden", "true"),
                ];
                html.element("svg", &attributes, |html| {
                    html.element("g", &[("class", class)], |html| {
                        if class == "mark" {
                            html.empty("path", &[("d", "M8 0 14 6 8 12 2 6Z")]);
                        } else {
                            html.empty("rect", &[("width", "16"), ("height", "12")]);
                        }
                    });
                });
                html.text(words);
            });
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_has_few_and_round_moments() {
        assert_eq!(ticks(68_000), [0, 15_000, 30_000, 45_000, 60_000]);
        assert_eq!(ticks(1), [0]);
        for total in [1, 999, 59_999, 3_600_000, 86_400_000, 40 * 86_400_000] {
            assert!((1..=7).contains(&ticks(total).len()), "{total}");
        }
        let said: Vec<String> = [0, 30_000, 90_000, 300_000, 3_600_000, 5_400_000].map(moment).into();
        assert_eq!(said, ["0", "30 s", "1 min 30 s", "5 min", "1 h", "1 h 30 min"]);
    }

    #[test]
    fn a_long_name_is_cut_between_letters() {
        assert_eq!(shortened("kort"), "kort");
        assert_eq!(shortened(&"å".repeat(40)), format!("{}…", "å".repeat(LABEL)));
    }
}
