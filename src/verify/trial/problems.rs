//! What Odoo's log and the looks at the views say is wrong with a module, in few words and with a place.

use std::collections::BTreeMap;

use serde::Serialize;

use super::place::{self, Place};
use super::{Answer, Sources};
use crate::odoo::log::{Level, LogEvent, LogReader, Record};

/// Something that is wrong with a module.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// What Odoo says, shortened to what matters.
    pub message: String,
    /// The module whose file it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub module: Option<String>,
    /// The file, from the module's folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// A few lines of what Odoo shows.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub excerpt: Vec<String>,
}

impl Problem {
    /// Returns the words of its message that can be looked for elsewhere, the most telling first.
    pub fn words(&self) -> Vec<&str> {
        place::words(&self.message)
    }

    /// Returns the module that this one only waits for: it depends on it, and that one does not install.
    pub fn waits_for(&self) -> Option<&str> {
        let rest = self.message.strip_prefix("depends on `")?;
        rest.strip_suffix("`, which does not install")
    }
}

/// What is wrong with a module.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) errors: Vec<Problem>,
    pub(super) warnings: Vec<Problem>,
}

/// Reads an answer about a module.
pub(super) fn of(module: &str, answer: &Answer, sources: &Sources) -> Found {
    let mut found = Found::default();
    let mut told: BTreeMap<String, usize> = BTreeMap::new();
    let records = records(&answer.log);
    let not_installed = (records.iter()).find(|record| record.level < Level::Error && refuses(record, module));
    // What the grammar of views has against one, before the view itself is named.
    let mut grammar: Option<String> = None;
    for record in (records.iter()).filter(|record| record.level >= Level::Warning && !is_noise(record)) {
        if let Some(said) = by_grammar(record) {
            grammar = grammar.filter(|known| known.contains("attribute")).or(Some(said));
            continue;
        }
        let nth = told.entry(record.headline().to_owned()).or_default();
        let mut problem = of_record(module, record, *nth, grammar.as_deref(), sources);
        *nth += 1;
        if problem.message.contains("Invalid view")
            && let Some(said) = grammar.take()
        {
            problem.message = format!("{}: {said}", problem.message);
        }
        if record.level >= Level::Error {
            found.errors.push(problem);
        } else {
            found.warnings.push(problem);
        }
    }
    if let Some(said) = grammar {
        let place = place::search(module, &said, 0, sources);
        found.warnings.push(problem(module, said, place, "", sources));
    }
    let broken = answer.broken.iter().map(|view| {
        let place = place::of_record(module, &view.xmlid, sources);
        let message = format!("the view `{}` does not load: {}", view.xmlid, said(&view.error));
        problem(module, message, place, &view.error, sources)
    });
    found.errors.extend(broken);
    // A failure speaks of the database once more in the end.
    let mut seen: Vec<String> = Vec::new();
    found.errors.retain(|error| {
        let new = !seen.contains(&error.message);
        seen.push(error.message.clone());
        new
    });
    if found.errors.is_empty()
        && let Some(message) = silent(answer, not_installed)
    {
        found.errors.push(Problem {
            message,
            module: Some(module.to_owned()),
            ..Problem::default()
        });
    }
    found
}

fn records(log: &str) -> Vec<Record> {
    let mut records = Vec::new();
    let mut reader = LogReader::default();
    let mut take = |event| {
        if let LogEvent::Record(record) = event {
            records.push(record);
        }
    };
    reader.push(log.as_bytes(), &mut take);
    reader.finish(&mut take);
    // Where more is known, that the registry could not be loaded is known as well.
    let says_more = |record: &Record| record.level >= Level::Error && !is_echo(record);
    if records.iter().any(says_more) {
        records.retain(|record| !is_echo(record));
    }
    records
}

/// Returns what the grammar of views has against one.
fn by_grammar(record: &Record) -> Option<String> {
    if record.logger != "odoo.tools.view_validation" {
        return None;
    }
    let said = record
        .headline()
        .split("RELAXNG_ERR_")
        .nth(1)
        .and_then(|said| said.split_once(": "));
    Some(said.map_or(record.headline(), |(_, said)| said).to_owned())
}

/// Says whether a record only repeats that something failed.
fn is_echo(record: &Record) -> bool {
    ["Failed to load registry", "Couldn't load module"]
        .iter()
        .any(|words| record.message.starts_with(words))
        && record.message.lines().count() == 1
}

/// Says why a module is not installed although nothing was logged as an error.
fn silent(answer: &Answer, refused: Option<&Record>) -> Option<String> {
    if let Some(seconds) = answer.timed_out {
        return Some(format!("it was not installed after {seconds} seconds"));
    }
    if let Some(raised) = &answer.raised {
        return Some(raised.clone());
    }
    if answer.exit == 0 && answer.is_installed() {
        return None;
    }
    Some(match (refused, &answer.state) {
        (Some(record), _) => record.headline().to_owned(),
        (None, Some(state)) => format!("its state is `{state}`, and Odoo does not say why"),
        (None, None) => format!("Odoo ended with exit code {}, and does not say why", answer.exit),
    })
}

/// Says whether a record tells that a module cannot be installed, without being an error.
fn refuses(record: &Record, module: &str) -> bool {
    const REFUSALS: [&str; 5] = [
        "incompatible version",
        "not installable",
        "invalid module names",
        "manifest not found",
        "invalid manifest",
    ];
    place::has_word(&record.message, module) && REFUSALS.iter().any(|words| record.message.contains(words))
}

/// Says whether a record is none of the module's: settings of the container, and sums of what was said before.
fn is_noise(record: &Record) -> bool {
    record.logger == "odoo.tools.config"
        || record.logger == "odoo.tests.result"
        || record.message.starts_with("Transient module states were reset")
        || record.message.starts_with("At least one test failed")
        || is_sum_of_tests(&record.message)
        || record.message.contains("tests when loading database")
}

/// Reads `Module shelf: 1 failures, 0 errors of 2 tests`; every failure was told before.
fn is_sum_of_tests(message: &str) -> bool {
    message.starts_with("Module ") && message.contains(" failures, ") && message.contains(" tests")
}

fn of_record(module: &str, record: &Record, nth: usize, grammar: Option<&str>, sources: &Sources) -> Problem {
    let text = record.message.as_str();
    let message = said(text);
    let frames = place::frames(text, sources);
    let is_code = |place: &&Place| has_ending(&place.path, "py");
    let place = (frames.iter().rev().find(is_code))
        .or_else(|| frames.last())
        .cloned()
        .or_else(|| in_manifest(module, text, sources))
        .or_else(|| place::search(module, &message, nth, sources));
    let mut problem = problem(module, message, place.clone(), text, sources);
    if let (Some(said), Some(place)) = (grammar, place)
        && problem.message.contains("Invalid view")
    {
        problem.line = Some(place::within(&place, said, sources));
    }
    problem
}

fn has_ending(path: &str, ending: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, it)| it == ending)
}

/// A package that is missing is a line of the manifest.
fn in_manifest(module: &str, text: &str, sources: &Sources) -> Option<Place> {
    let name = text.split_once("external dependency is not met: ")?.1.lines().next()?;
    let name = name.rsplit(' ').next()?;
    let (path, line) = place::in_manifest(module, name, sources);
    Some(Place {
        module: module.to_owned(),
        path: path?,
        line: line?,
    })
}

fn problem(module: &str, message: String, place: Option<Place>, text: &str, sources: &Sources) -> Problem {
    let line = place.as_ref().map(|place| {
        if has_ending(&place.path, "xml") {
            place::within(place, &message, sources)
        } else {
            place.line
        }
    });
    Problem {
        message,
        line,
        module: Some(place.as_ref().map_or(module, |place| place.module.as_str()).to_owned()),
        path: place.map(|place| place.path),
        excerpt: excerpt(text),
    }
}

/// Returns what a text says in one line: of a traceback the exception at its root, of a view what is wrong with it.
fn said(text: &str) -> String {
    let text = root_of(text);
    let text = text.split("\nView error context:").next().unwrap_or(text);
    let mut parts: Vec<&str> = Vec::new();
    for line in text.lines().map(str::trim) {
        let is_code = line.starts_with('<') || line.starts_with("while parsing ") || line.starts_with("Error while ");
        if !line.is_empty() && !is_code && !line.starts_with("File \"") {
            parts.push(line);
        }
    }
    let exception = |line: &str| {
        line.split_once(": ")
            .is_some_and(|(name, _)| name.ends_with("ParseError"))
    };
    if parts.len() > 1 {
        parts.retain(|line| !exception(line));
    }
    let mut line = parts.join(" ");
    if line.is_empty() {
        let first = text.lines().map(str::trim).find(|line| !line.is_empty());
        first.unwrap_or_default().clone_into(&mut line);
    }
    for (entity, character) in [
        ("&#39;", "'"),
        ("&#34;", "\""),
        ("&quot;", "\""),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
    ] {
        line = line.replace(entity, character);
    }
    let end = line.floor_char_boundary(400);
    if end < line.len() {
        line.truncate(end);
        line.push('…');
    }
    line
}

/// Returns the exception that explains a record: the last, or what it was made from where it only says which file was read.
fn root_of(text: &str) -> &str {
    let mut tracebacks: Vec<&str> = text.split("Traceback (most recent call last):\n").collect();
    if tracebacks.len() == 1 {
        return text;
    }
    while tracebacks.len() > 2 {
        let last = exception_in(tracebacks[tracebacks.len() - 1]);
        if !(last.contains("while parsing ") && last.contains("somewhere inside")) {
            break;
        }
        tracebacks.pop();
    }
    exception_in(tracebacks[tracebacks.len() - 1])
}

/// Returns what follows the frames of a traceback, without what introduces the next.
fn exception_in(traceback: &str) -> &str {
    let mut at = 0;
    let mut start = 0;
    for line in traceback.split_inclusive('\n') {
        let after = at + line.len();
        if line.starts_with("  ") && start == at {
            start = after;
        }
        at = after;
    }
    let text = &traceback[start..];
    let end = ["\nThe above exception", "\nDuring handling of"]
        .iter()
        .filter_map(|words| text.find(words))
        .min();
    text[..end.unwrap_or(text.len())].trim()
}

/// Returns the last lines of a text, without paths of the container.
fn excerpt(text: &str) -> Vec<String> {
    const LINES: usize = 8;
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    if lines.len() < 2 {
        return Vec::new();
    }
    lines[lines.len().saturating_sub(LINES)..]
        .iter()
        .map(|line| shown(line))
        .collect()
}

/// Returns a line with files named from their modules on.
fn shown(line: &str) -> String {
    match (line.find('/'), line.rfind("/addons/")) {
        (Some(start), Some(end)) if start <= end => format!("{}{}", &line[..start], &line[end + "/addons/".len()..]),
        _ => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources() -> Sources {
        let files = [
            (
                "__manifest__.py",
                "{\n    'external_dependencies': {'python': ['isbnlib']},\n}\n",
            ),
            ("models/book.py", "from odoo.tools import gone\n"),
            (
                "views/book.xml",
                "<odoo>\n<record id=\"book_form\" model=\"ir.ui.view\">\n<field name=\"groups_id\"/>\n<field name=\"arch\" type=\"xml\">\n<xpath expr=\"//field[@name='mobile']\"/>\n</field></record></odoo>\n",
            ),
        ];
        let files = files.map(|(path, text)| (path.to_owned(), text.to_owned()));
        BTreeMap::from([("shelf".to_owned(), BTreeMap::from(files))])
    }

    fn found(lines: &str) -> Found {
        let answer = Answer {
            exit: -1,
            log: lines.to_owned(),
            ..Answer::default()
        };
        of("shelf", &answer, &sources())
    }

    fn told(problem: &Problem) -> String {
        let place = problem.path.as_deref().unwrap_or("-");
        format!("{place}:{}: {}", problem.line.unwrap_or_default(), problem.message)
    }

    #[test]
    fn an_import_that_fails_is_the_line_of_the_import() {
        let found = found(
            "2026-11-22 18:32:40,447 8 CRITICAL acme odoo.service.server: Failed to initialize database `acme`.\n\
             Traceback (most recent call last):\n\
             \x20 File \"/usr/lib/python3/dist-packages/odoo/service/server.py\", line 1510, in preload_registries\n\
             \x20   registry = Registry.new(dbname)\n\
             \x20 File \"/tmp/hopp/try_1/addons/shelf/models/book.py\", line 1, in <module>\n\
             \x20   from odoo.tools import gone\n\
             ImportError: cannot import name 'gone' from 'odoo.tools' (/usr/lib/python3/dist-packages/odoo/tools/__init__.py)\n",
        );
        let [error] = found.errors.as_slice() else {
            panic!("{found:?}")
        };
        assert!(
            told(error).starts_with("models/book.py:1: ImportError: cannot import name 'gone'"),
            "{}",
            told(error)
        );
    }

    #[test]
    fn a_record_that_cannot_be_read_is_told_by_its_cause_and_the_line_with_the_field() {
        let found = found(
            "2026-11-22 18:32:40,447 8 CRITICAL acme odoo.service.server: Failed to initialize database `acme`.\n\
             Traceback (most recent call last):\n\
             \x20 File \"/usr/lib/python3/dist-packages/odoo/orm/models.py\", line 5, in create\n\
             \x20   raise ValueError()\n\
             ValueError: Invalid field 'groups_id' in 'ir.ui.view'\n\n\
             The above exception was the direct cause of the following exception:\n\n\
             Traceback (most recent call last):\n\
             \x20 File \"/usr/lib/python3/dist-packages/odoo/tools/convert.py\", line 618, in _tag_root\n\
             \x20   raise ParseError()\n\
             odoo.tools.convert.ParseError: while parsing /tmp/hopp/try_1/addons/shelf/views/book.xml:2, somewhere inside\n\
             <record id=\"book_form\" model=\"ir.ui.view\">\n",
        );
        let [error] = found.errors.as_slice() else {
            panic!("{found:?}")
        };
        assert_eq!(
            told(error),
            "views/book.xml:3: ValueError: Invalid field 'groups_id' in 'ir.ui.view'"
        );
    }

    #[test]
    fn a_lost_anchor_is_the_line_of_the_xpath() {
        let found = found(
            "2026-11-22 18:32:40,447 8 CRITICAL acme odoo.service.server: Failed to initialize database `acme`.\n\
             Traceback (most recent call last):\n\
             \x20 File \"/usr/lib/python3/dist-packages/odoo/tools/convert.py\", line 616, in _tag_root\n\
             \x20   raise ParseError(msg) from None\n\
             odoo.tools.convert.ParseError: while parsing /tmp/hopp/try_1/addons/shelf/views/book.xml:2\n\
             Error while parsing or validating view:\n\n\
             Element '<xpath expr=\"//field[@name=&#39;mobile&#39;]\">' cannot be located in parent view\n\n\
             View error context:\n{'file': '/tmp/hopp/try_1/addons/shelf/views/book.xml',\n 'line': 1}\n",
        );
        let [error] = found.errors.as_slice() else {
            panic!("{found:?}")
        };
        assert_eq!(
            told(error),
            "views/book.xml:5: Element '<xpath expr=\"//field[@name='mobile']\">' cannot be located in parent view"
        );
    }

    #[test]
    fn a_missing_package_is_a_line_of_the_manifest() {
        let found = found(
            "2026-11-22 18:32:40,447 8 CRITICAL acme odoo.service.server: Failed to initialize database `acme`.\n\
             Traceback (most recent call last):\n\
             \x20 File \"/usr/lib/python3/dist-packages/odoo/modules/loading.py\", line 1, in x\n\
             \x20   raise\n\
             odoo.exceptions.UserError: Unable to install module \"shelf\" because an external dependency is not met: Python library not installed: isbnlib\n",
        );
        assert_eq!(found.errors[0].line, Some(2));
    }

    #[test]
    fn a_module_that_odoo_passes_over_without_an_error_says_why() {
        let log = "2026-11-22 18:32:40,447 8 WARNING acme odoo.modules.module: The module shelf has an incompatible version, setting installable=False\n";
        let answer = Answer {
            state: Some("uninstallable".into()),
            log: log.to_owned(),
            ..Answer::default()
        };
        let found = of("shelf", &answer, &sources());
        assert_eq!(
            found.errors[0].message,
            "The module shelf has an incompatible version, setting installable=False"
        );
    }
}
