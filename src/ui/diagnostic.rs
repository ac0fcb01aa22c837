//! Problems in what the user wrote, drawn with the lines they are about.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet, normalize_untrusted_str};

use crate::spec::problem::{Problem, Problems, Severity};

/// Lines are cut to this width.
const WIDTH: usize = 120;

/// Returns the problems, each with its place, source line, label and remedy, and a line that counts them.
///
/// Nothing without problems. Colour never carries a meaning of its own.
pub fn render(problems: &Problems, colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() }.term_width(WIDTH);
    let mut text = String::new();
    for problem in problems {
        let group = group(problem, problems.source(&problem.file));
        text.push_str(&renderer.render(&[group]));
        text.push_str("\n\n");
    }
    if !problems.is_empty() {
        text.push_str(&summary(problems));
        text.push('\n');
    }
    text
}

fn group<'p>(problem: &'p Problem, source: Option<&'p str>) -> Group<'p> {
    let level = match problem.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info | Severity::Accepted => Level::INFO,
    };
    let path = problem.file.to_string_lossy();
    let title = level
        .primary_title(normalize_untrusted_str(&problem.message))
        .id(problem.code);
    let group = match (&problem.span, source) {
        (Some(span), Some(source)) => {
            let label = normalize_untrusted_str(&problem.label);
            let mut snippet = Snippet::source(source)
                .path(path)
                .annotation(AnnotationKind::Primary.span(first_line(source, span)).label(label));
            if let Some((span, label)) = &problem.related {
                let label = normalize_untrusted_str(label);
                let annotation = AnnotationKind::Context.span(first_line(source, span)).label(label);
                snippet = snippet.annotation(annotation);
            }
            title.element(snippet)
        }
        _ => title.element(Origin::path(path)),
    };
    match &problem.help {
        Some(help) => group.element(Level::HELP.message(normalize_untrusted_str(help))),
        None => group,
    }
}

/// Cuts a span to its first line: a bracket around half the file points at nothing.
fn first_line(source: &str, span: &std::ops::Range<usize>) -> std::ops::Range<usize> {
    let line = source
        .get(span.clone())
        .and_then(|text| text.lines().next())
        .unwrap_or_default();
    span.start..(span.start + line.len()).max(span.start)
}

/// `3 problems in acme.yaml`, with each file that has some.
fn summary(problems: &Problems) -> String {
    let mut files: Vec<(PathBuf, usize)> = Vec::new();
    for problem in problems {
        match files.iter_mut().find(|(file, _)| *file == problem.file) {
            Some((_, count)) => *count += 1,
            None => files.push((problem.file.clone(), 1)),
        }
    }
    let mut line = String::new();
    for (file, count) in &files {
        let comma = if line.is_empty() { "" } else { ", " };
        let noun = if *count == 1 { "problem" } else { "problems" };
        let file: &Path = file;
        // Writing to a text cannot fail.
        let _ = write!(line, "{comma}{count} {noun} in {}", file.display());
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str, span: std::ops::Range<usize>) -> Problems {
        let mut problems = Problems::new();
        let file = Path::new("acme.yaml");
        problems.keep_source(file, text.to_owned());
        problems.push(
            Problem::error("some-code", file, "a message")
                .at(span, "a label")
                .help("a remedy"),
        );
        problems
    }

    #[test]
    fn the_place_is_right_behind_letters_of_two_bytes() {
        let text = "kund: åäö # här\nmål: fel\n";
        let start = text.find("fel").unwrap();
        let drawn = render(&problems(text, start..start + 3), false);
        assert!(drawn.contains("acme.yaml:2:6"), "{drawn}");
        assert!(drawn.contains("mål: fel\n  |      ^^^ a label"), "{drawn}");
        assert!(drawn.contains("help: a remedy"), "{drawn}");
        assert!(drawn.ends_with("1 problem in acme.yaml\n"), "{drawn}");
    }

    #[test]
    fn escape_sequences_in_a_file_do_not_reach_the_terminal() {
        let drawn = render(&problems("a: \u{1b}[31mred\n", 0..1), false);
        assert!(!drawn.contains('\u{1b}'), "{drawn:?}");
    }

    #[test]
    fn no_problems_are_no_text() {
        assert_eq!(render(&Problems::new(), true), "");
    }
}
