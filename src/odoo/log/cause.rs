//! The root cause of a failed hop, in words, with hints.

mod data;
mod dependency;
mod excerpt;
mod known;
mod place;
mod skew;

use super::hop::{HopLogSummary, ModuleProgress, Phase};
use super::record::Record;
pub use place::CODE;
use place::Place;

/// Why a hop failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Cause {
    kind: Kind,
    pub(super) blame: Blame,
    pub(super) message: String,
    pub(super) hints: Vec<String>,
    pub(super) excerpt: Vec<String>,
    pub(super) dependency: Option<(String, String)>,
}

/// What a failure lies in, where that decides what else must be looked at to tell it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Blame {
    /// A module, a script, or nothing that is known.
    #[default]
    Code,
    /// PostgreSQL, whose own log and state say why.
    Postgres,
    /// A limit that somebody set for queries.
    StatementTimeout,
    /// Another session.
    Deadlock,
    /// An OpenUpgrade that is newer than this Odoo.
    OpenUpgrade,
    /// Odoo's own process was killed.
    Killed,
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
    /// A pattern we know, with the line of the script it happened in.
    Placed,
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
    let place = place::in_script(text);
    let mut cause = dependency::missing(text)
        .or_else(|| skew::found(text, place.as_ref()))
        .or_else(|| known::in_text(text))
        .or_else(|| data::broken(text))
        .or_else(|| script(text, place.as_ref()))
        .unwrap_or_else(|| plain(record));
    if cause.blame == Blame::Code
        && cause.dependency.is_none()
        && let Some(repository) = place::repository(text)
    {
        cause.hints.push(format!(
            "commit the correction to the repository `{repository}`, take it with `hopp update PLAN --repo {repository}`, and run again"
        ));
    }
    if let Some(place) = place {
        cause.kind = Kind::Placed;
        if !cause.message.contains(&place.script) {
            cause.message = format!("{}, in {}, line {}", cause.message, place.script, place.line);
        }
    }
    if cause.excerpt.is_empty() {
        cause.excerpt = excerpt::of_record(text);
    }
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
    let mut cause = Cause::known(
        format!("the log stops {place}: odoo was killed"),
        &["the usual reason is memory: raise `limits.memory` of the plan, or look at the machine's own log (`dmesg`)"],
    );
    cause.blame = Blame::Killed;
    cause
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
    let mut cause = Cause::known(
        format!(
            "the migration script {} failed in line {}: {}",
            place.script,
            place.line,
            exception.unwrap_or("for an unknown reason")
        ),
        &[],
    );
    if text.contains("openupgrade_scripts/scripts/") {
        cause.hints.push(
            "OpenUpgrade did not expect this data: correct it with a `sql` step in `before` of this hop, or pin another OpenUpgrade"
                .into(),
        );
    }
    Some(cause)
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
        assert_eq!(
            cause.message,
            "OpenUpgrade is newer than this Odoo: base/19.0.1.3/post-migration.py, line 12, wants `base.XCG`, which this Odoo does not have"
        );
        assert_eq!(cause.blame, Blame::OpenUpgrade);
    }

    #[test]
    fn a_record_wanted_within_an_expression_is_named_without_its_quotes() {
        // 17.0 to 18.0, with scripts half a year newer than Odoo.
        let cause = of_record(&critical(
            "Traceback (most recent call last):\nValueError: ValueError('External ID not found in the system: payment.payment_method_appota') while evaluating\n\"[(6, 0, [ref('payment.payment_method_appota')])]\"\n\nThe above exception was the direct cause of the following exception:\n\nTraceback (most recent call last):\n  File \"/opt/openupgrade/odoo/addons/openupgrade_scripts/scripts/payment/18.0.2.0/post-migration.py\", line 48, in migrate\n    openupgrade.load_data(env, \"payment\", \"18.0.2.0/noupdate_changes.xml\")\n",
        ));
        assert_eq!(
            cause.message,
            "OpenUpgrade is newer than this Odoo: payment/18.0.2.0/post-migration.py, line 48, wants `payment.payment_method_appota`, which this Odoo does not have"
        );
    }

    #[test]
    fn a_method_that_a_newer_script_calls_is_a_version_skew_too() {
        let trace = |said: &str| {
            format!(
                "Traceback (most recent call last):\n  File \"/opt/openupgrade/odoo/addons/openupgrade_scripts/scripts/account/18.0.1.3/post-migration.py\", line 224, in _create_batch_payment_sequence\n    to_create_seqs._create_batch_payment_sequence()\n{said}\n"
            )
        };
        let cause = of_record(&critical(&trace(
            "AttributeError: 'res.company' object has no attribute '_create_batch_payment_sequence'",
        )));
        assert_eq!(
            cause.message,
            "OpenUpgrade is newer than this Odoo: account/18.0.1.3/post-migration.py, line 224, wants `res.company._create_batch_payment_sequence`, which this Odoo does not have"
        );
        assert_eq!(cause.blame, Blame::OpenUpgrade);
        let own = of_record(&critical(&trace(
            "AttributeError: 'NoneType' object has no attribute 'id'",
        )));
        assert_eq!(own.blame, Blame::Code);
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
    }

    #[test]
    fn what_a_query_of_a_script_ran_into_is_told_with_the_script_s_line() {
        let bad_query = of_record(&critical("ERROR: canceling statement due to statement timeout"));
        let cause = of_record(&critical(
            "Traceback (most recent call last):\n  File \"/mnt/hopp/own/shelf/migrations/19.0.1.1.0/pre-fault.py\", line 2, in migrate\n    cr.execute(q)\npsycopg2.errors.QueryCanceled: canceling statement due to statement timeout",
        ));
        assert!(cause.rank() > bad_query.rank());
        assert_eq!(cause.blame, Blame::StatementTimeout);
        assert!(
            cause
                .message
                .ends_with("statement timeout, in shelf/migrations/19.0.1.1.0/pre-fault.py, line 2"),
            "{}",
            cause.message
        );
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
