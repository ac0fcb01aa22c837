//! Where in the customer's files something is wrong, as far as the words of a finding or failure tell.

use std::path::{Component, Path};

use super::{Report, StepLine};

/// Where the modules of the plan's repositories lie in every Odoo container.
const CODE: &str = "/mnt/hopp/";

/// A file, and a line where one is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Relative: to the repository whose module it is, else to where the plan's own path starts.
    pub(super) path: String,
    /// Counted from 1.
    pub(super) line: Option<u32>,
}

/// Returns the place of something that was said in these words; the plan where they name none.
pub(super) fn of<'a>(report: &Report, words: impl IntoIterator<Item = &'a String>) -> Place {
    // A traceback names the innermost file last, and Odoo's own files are nobody's to correct.
    let named = words.into_iter().filter_map(|line| in_code(line)).last();
    named.unwrap_or_else(|| Place {
        path: relative(&report.plan),
        line: None,
    })
}

/// Returns the place of a step's failure: a file of the customer's code, else the step's own script, else the plan.
pub(super) fn of_step<'a>(report: &Report, step: &StepLine, words: impl IntoIterator<Item = &'a String>) -> Place {
    let words: Vec<&String> = words.into_iter().collect();
    let place = of(report, words.iter().copied());
    let script = ["sql ", "python ", "check "]
        .iter()
        .find_map(|verb| step.title.strip_prefix(verb));
    match script {
        Some(script) if place.path == relative(&report.plan) => Place {
            path: beside_plan(report, script),
            line: words.iter().find_map(|line| line_of_psql(line)),
        },
        _ => place,
    }
}

fn in_code(line: &str) -> Option<Place> {
    let (_, rest) = line.rsplit_once(CODE)?;
    let end = rest
        .find(|c: char| c.is_whitespace() || "\"':,)(".contains(c))
        .unwrap_or(rest.len());
    let (path, rest) = rest.split_at(end);
    let (_repository, path) = path.split_once('/')?;
    let is_file = Path::new(path).extension().is_some();
    let is_plain = Path::new(path)
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    let digits = rest
        .strip_prefix(':')
        .or_else(|| rest.trim_start_matches('"').strip_prefix(", line "));
    (is_file && is_plain).then(|| Place {
        path: path.to_owned(),
        line: digits.and_then(number),
    })
}

/// Reads `psql:<stdin>:12: ERROR …`.
fn line_of_psql(line: &str) -> Option<u32> {
    number(line.strip_prefix("psql:<stdin>:")?)
}

fn number(text: &str) -> Option<u32> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text[..end].parse().ok().filter(|line| *line > 0)
}

/// Returns the path of a file that the plan names, as seen from where the plan's own path starts.
fn beside_plan(report: &Report, file: &str) -> String {
    let mut path: Vec<&str> = Vec::new();
    let plan = relative(&report.plan);
    let folder = plan.rsplit_once('/').map_or("", |(folder, _)| folder);
    for part in folder.split('/').chain(file.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                path.pop();
            }
            part => path.push(part),
        }
    }
    path.join("/")
}

/// Returns a path without what only this machine knows.
fn relative(path: &str) -> String {
    let path = path.trim_start_matches("./");
    if path.starts_with('/') || path.split('/').any(|part| part == "..") {
        path.rsplit('/').next().unwrap_or(path).to_owned()
    } else {
        path.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_traceback_leads_to_the_innermost_line_of_the_customer_s_code() {
        for (line, place) in [
            (
                "  File \"/mnt/hopp/acme-addons/acme_loyalty/models/partner.py\", line 12, in _compute",
                Some(("acme_loyalty/models/partner.py", Some(12))),
            ),
            (
                "while parsing /mnt/hopp/code/club_member/views/club.xml:5, somewhere inside",
                Some(("club_member/views/club.xml", Some(5))),
            ),
            ("/mnt/hopp/code/a/b.csv", Some(("a/b.csv", None))),
            ("/mnt/hopp/code/../../etc/passwd.py:1", None),
            ("/mnt/hopp/code", None),
            ("  File \"/usr/lib/python3/dist-packages/odoo/models.py\", line 3", None),
        ] {
            let expected = place.map(|(path, line): (&str, Option<u32>)| Place {
                path: path.into(),
                line,
            });
            assert_eq!(in_code(line), expected, "{line}");
        }
    }

    #[test]
    fn only_what_lies_below_is_told_of_a_path() {
        assert_eq!(relative("./customers/acme.yaml"), "customers/acme.yaml");
        assert_eq!(relative("/home/somebody/acme.yaml"), "acme.yaml");
        assert_eq!(relative("../acme.yaml"), "acme.yaml");
        assert_eq!(line_of_psql("psql:<stdin>:12: ERROR:  42P01"), Some(12));
    }
}
