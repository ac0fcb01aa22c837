//! The root cause of a failed hop, in words, with hints.

use super::hop::{HopLogSummary, ModuleProgress, Phase};
use super::record::Record;

/// Why a hop failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Cause {
    kind: Kind,
    pub(super) message: String,
    pub(super) hints: Vec<String>,
    pub(super) excerpt: Vec<String>,
    pub(super) dependency: Option<(String, String)>,
}

/// What sort of cause, the surer the later.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// An error of which nothing more is known.
    #[default]
    Said = 1,
    /// An exception that stopped everything.
    Exception,
    /// A pattern we know.
    Known,
}

impl Cause {
    /// Returns how sure this cause is; the surer of two errors of a log explains it, the first of equals.
    pub(super) fn rank(&self) -> u8 {
        self.kind as u8
    }

    fn known(message: impl Into<String>, hints: &[&str]) -> Cause {
        Cause {
            kind: Kind::Known,
            message: message.into(),
            hints: hints.iter().map(ToString::to_string).collect(),
            ..Cause::default()
        }
    }
}

/// Returns what an error record says about the cause.
pub(super) fn of_record(record: &Record) -> Cause {
    let text = record.message.as_str();
    let place = place(text);
    let mut cause = dependency(text)
        .or_else(|| version_skew(text))
        .or_else(|| PATTERNS.iter().find_map(|pattern| pattern.in_text(text)))
        .or_else(|| script(text, place.as_ref()))
        .unwrap_or_else(|| plain(record));
    if let Some(place) = place.filter(|place| !cause.message.contains(&place.script)) {
        cause
            .hints
            .push(format!("it happened in {}, line {}", place.script, place.line));
    }
    cause.excerpt = excerpt(text);
    cause
}

/// Returns the cause of modules that a hop left behind although it came to its end.
pub(super) fn of_unfinished_modules(summary: &HopLogSummary) -> Option<Cause> {
    let (modules, what) = if !summary.inconsistent.is_empty() {
        (&summary.inconsistent, "are left between two states")
    } else if !summary.not_installable.is_empty() {
        (&summary.not_installable, "have no code that can be installed")
    } else {
        return None;
    };
    Some(Cause::known(
        format!("the modules {} {what}", modules.join(", ")),
        &["each needs code of the target series in one of the plan's repositories, or the fate `uninstall`"],
    ))
}

/// Returns the cause of a log that just stops.
pub(super) fn cut_off(progress: Option<&ModuleProgress>) -> Cause {
    let place = match progress {
        Some(at) if at.phase == Phase::CleaningUp => "while cleaning up".to_owned(),
        Some(at) if !at.module.is_empty() => {
            format!("at module {} ({} of {})", at.module, at.index, at.total)
        }
        _ => "before the first module".to_owned(),
    };
    Cause::known(
        format!("the log stops {place}: odoo was killed"),
        &["the usual reason is memory: raise `limits.memory` of the plan, or look at the machine's own log"],
    )
}

/// A failure known by words that occur in its record.
struct Pattern {
    words: &'static [&'static str],
    message: &'static str,
    hint: &'static str,
}

impl Pattern {
    fn in_text(&self, text: &str) -> Option<Cause> {
        self.words
            .iter()
            .any(|words| text.contains(words))
            .then(|| Cause::known(self.message, &[self.hint]))
    }
}

const PATTERNS: [Pattern; 6] = [
    Pattern {
        words: &[
            "No space left on device",
            "could not extend file",
            "could not write to file",
        ],
        message: "the disk is full",
        hint: "free space where the containers' volumes are; then run again",
    },
    Pattern {
        words: &["canceling statement due to statement timeout"],
        message: "a query took longer than the database's statement timeout",
        hint: "look for `statement_timeout` set on the database or the role (`ALTER DATABASE … RESET statement_timeout`)",
    },
    Pattern {
        words: &["deadlock detected"],
        message: "somebody else worked on the database during the upgrade and the two locked each other out",
        hint: "nothing may read or write the database while odoo upgrades it",
    },
    Pattern {
        words: &[
            "server closed the connection unexpectedly",
            "the database system is in recovery mode",
            "terminating connection due to administrator command",
            "the database system is shutting down",
            "Connection refused",
        ],
        message: "PostgreSQL went away in the middle of the upgrade",
        hint: "its own log tells why: killed, out of memory, or a full disk (`No space left on device`)",
    },
    Pattern {
        words: &["module base cannot be loaded"],
        message: "odoo cannot load its own module base",
        hint: "the addons path does not hold odoo's addons",
    },
    Pattern {
        words: &["out of shared memory", "max_locks_per_transaction"],
        message: "PostgreSQL ran out of locks",
        hint: "raise max_locks_per_transaction of the migration's PostgreSQL",
    },
];

fn dependency(text: &str) -> Option<Cause> {
    let (module, name) = if let Some((_, rest)) = text.split_once("Unable to upgrade module \"") {
        let (module, rest) = rest.split_once('"')?;
        let name = rest.split_once("is not met: ")?.1.lines().next()?.trim();
        (module, name)
    } else if let Some((_, rest)) = text.rsplit_once("ModuleNotFoundError: No module named '") {
        let name = rest.split_once('\'')?.0;
        if name.starts_with("odoo") {
            return None;
        }
        (module_of_traceback(text).unwrap_or("odoo"), name)
    } else {
        return None;
    };
    let mut cause = Cause::known(
        format!("the module {module} cannot do without `{name}`, which the image does not have"),
        &["add it to the Python packages of the image in the plan"],
    );
    cause.dependency = Some((module.into(), name.into()));
    Some(cause)
}

/// A script of OpenUpgrade names a record that this build of Odoo does not have (LAB: `ref=XCG`).
fn version_skew(text: &str) -> Option<Cause> {
    if !text.contains("openupgrade_scripts/") {
        return None;
    }
    let missing = text
        .rsplit_once("External ID not found in the system: ")
        .map(|(_, rest)| rest.split_whitespace().next().unwrap_or_default())
        .or_else(|| {
            let (_, rest) = text.rsplit_once("ref=")?;
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '.')?;
            (end > 0).then_some(&rest[..end])
        })?;
    Some(Cause::known(
        format!("OpenUpgrade is newer than this build of odoo: it wants `{missing}`, which odoo does not have"),
        &[
            "pin an older build of OpenUpgrade in the plan (by date, not newer than the odoo image), or take a newer odoo image",
        ],
    ))
}

fn script(text: &str, place: Option<&Place>) -> Option<Cause> {
    let exception = exception(text);
    if let Some((module, rest)) = text.lines().next()?.split_once(": error in migration script ") {
        let (file, said) = rest.split_once(": ")?;
        return Some(Cause::known(
            format!("the migration script {file} of module {module} failed: {}", said.trim()),
            &[],
        ));
    }
    let place = place?;
    Some(Cause::known(
        format!(
            "the migration script {} failed in line {}: {}",
            place.script,
            place.line,
            exception.unwrap_or("for an unknown reason")
        ),
        &[],
    ))
}

fn plain(record: &Record) -> Cause {
    match exception(&record.message) {
        Some(line) => Cause {
            kind: Kind::Exception,
            message: line.into(),
            ..Cause::default()
        },
        None => Cause {
            message: record.headline().into(),
            ..Cause::default()
        },
    }
}

/// Returns the line that names the exception of the last traceback in a record.
fn exception(text: &str) -> Option<&str> {
    let (_, last) = text.rsplit_once("Traceback (most recent call last):\n")?;
    last.lines().find(|line| !line.is_empty() && !line.starts_with(' '))
}

/// A place in a migration script.
struct Place {
    script: String,
    line: u32,
}

/// Returns the innermost frame that lies in a migration script.
fn place(text: &str) -> Option<Place> {
    text.lines().rev().find_map(|line| {
        let rest = line.trim_start().strip_prefix("File \"")?;
        let (path, rest) = rest.split_once("\", line ")?;
        let at = ["/openupgrade_scripts/scripts/", "/migrations/", "/upgrades/"]
            .iter()
            .find_map(|folder| {
                path.find(folder).map(|at| match *folder {
                    "/openupgrade_scripts/scripts/" => at + folder.len(),
                    // The module's name stands before the folder.
                    _ => path[..at].rfind('/').map_or(0, |slash| slash + 1),
                })
            })?;
        let end = rest.find(|c: char| !c.is_ascii_digit())?;
        Some(Place {
            script: path[at..].into(),
            line: rest[..end].parse().ok()?,
        })
    })
}

/// Returns the addon whose file the traceback names last.
fn module_of_traceback(text: &str) -> Option<&str> {
    text.lines().rev().find_map(|line| {
        let path = line.trim_start().strip_prefix("File \"")?.split_once('"')?.0;
        let (_, rest) = path.rsplit_once("addons/")?;
        Some(rest.split('/').find(|part| !part.contains('.'))?).filter(|name| !name.is_empty())
    })
}

/// Returns the lines of a record that a person wants to see: its first, and the end of its traceback.
fn excerpt(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty() && !is_underline(line))
        .collect();
    let (head, tail) = lines.split_at(lines.len().min(1));
    let tail = &tail[tail.len().saturating_sub(8)..];
    head.iter()
        .chain(tail)
        .map(|line| line.chars().take(300).collect())
        .collect()
}

/// Python 3.11 and newer underline the failing expression.
fn is_underline(line: &str) -> bool {
    line.trim().chars().all(|c| matches!(c, '~' | '^'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn critical(message: &str) -> Record {
        let mut record = Record::begin(
            "2026-11-22 18:32:40,447 8 CRITICAL acme odoo.service.server: Failed to initialize database `acme`.",
        )
        .unwrap();
        record.message.push('\n');
        record.message.push_str(message);
        record
    }

    #[test]
    fn a_script_newer_than_odoo_is_named_a_version_skew() {
        let cause = of_record(&critical(
            "Traceback (most recent call last):\n  File \"/x/openupgrade_scripts/scripts/base/19.0.1.3/post-migration.py\", line 12, in migrate\n    load()\nValueError: External ID not found in the system: base.XCG\n",
        ));
        assert!(cause.message.contains("`base.XCG`"), "{}", cause.message);
        assert_eq!(
            cause.hints[1],
            "it happened in base/19.0.1.3/post-migration.py, line 12"
        );
    }

    #[test]
    fn a_failing_script_is_named_with_its_line() {
        let cause = of_record(&critical(
            "Traceback (most recent call last):\n  File \"/mnt/extra-addons/acme_base/migrations/19.0.1.0/pre-fix.py\", line 7, in migrate\n    cr.execute(q)\n  File \"/usr/lib/odoo/sql_db.py\", line 433, in execute\npsycopg2.errors.UndefinedColumn: column \"mobile\" does not exist\n",
        ));
        assert_eq!(
            cause.message,
            "the migration script acme_base/migrations/19.0.1.0/pre-fix.py failed in line 7: psycopg2.errors.UndefinedColumn: column \"mobile\" does not exist"
        );
        assert_eq!(cause.hints, Vec::<String>::new());
    }

    #[test]
    fn a_missing_import_names_the_module_that_wants_it() {
        let cause = of_record(&critical(
            "Traceback (most recent call last):\n  File \"/mnt/extra-addons/acme_bank/models/bank.py\", line 1, in <module>\n    import schwifty\nModuleNotFoundError: No module named 'schwifty'",
        ));
        assert_eq!(cause.dependency, Some(("acme_bank".into(), "schwifty".into())));
    }

    #[test]
    fn an_exception_nobody_knows_is_quoted() {
        let cause = of_record(&critical(
            "Traceback (most recent call last):\n  File \"/x.py\", line 1, in f\n    ^^^\nKeyError: 'x'\n",
        ));
        assert_eq!(cause.message, "KeyError: 'x'");
        assert!(!cause.excerpt.iter().any(|line| line.contains('^')));
    }
}
