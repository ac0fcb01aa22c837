//! Failures known by words that occur in their record.

use super::{Blame, Cause};

struct Pattern {
    words: &'static [&'static str],
    blame: Blame,
    message: &'static str,
    hint: &'static str,
}

/// The first that fits counts.
const PATTERNS: [Pattern; 6] = [
    Pattern {
        words: &[
            "No space left on device",
            "could not extend file",
            "could not write to file",
        ],
        blame: Blame::Postgres,
        message: "the disk is full",
        hint: "free space where the containers' volumes are; then run again",
    },
    Pattern {
        words: &["canceling statement due to statement timeout"],
        blame: Blame::StatementTimeout,
        message: "a query took longer than the database's statement timeout",
        hint: "an upgrade needs no such limit; run again without it",
    },
    Pattern {
        words: &["deadlock detected"],
        blame: Blame::Deadlock,
        message: "somebody else worked on the database during the upgrade and the two locked each other out",
        hint: "nothing may read or write the database while odoo upgrades it: end that session, then run again",
    },
    Pattern {
        words: &[
            "server closed the connection unexpectedly",
            "the database system is in recovery mode",
            "the database system is not yet accepting connections",
            "terminating connection due to administrator command",
            "terminating connection because of crash",
            "the database system is shutting down",
            "Connection refused",
            "connection already closed",
        ],
        blame: Blame::Postgres,
        message: "PostgreSQL went away in the middle of the upgrade",
        hint: "its own log tells why: killed, out of memory, or a full disk (`No space left on device`)",
    },
    Pattern {
        words: &["module base cannot be loaded"],
        blame: Blame::Code,
        message: "odoo cannot load its own module base",
        hint: "the addons path does not hold odoo's addons",
    },
    Pattern {
        words: &["out of shared memory", "max_locks_per_transaction"],
        blame: Blame::Code,
        message: "PostgreSQL ran out of locks",
        hint: "raise max_locks_per_transaction of the migration's PostgreSQL",
    },
];

/// Returns the cause that a text's words stand for.
pub(super) fn in_text(text: &str) -> Option<Cause> {
    let occurs = |pattern: &&Pattern| pattern.words.iter().any(|words| text.contains(words));
    let pattern = PATTERNS.iter().find(occurs)?;
    let mut cause = Cause::known(pattern.message, &[pattern.hint]);
    cause.blame = pattern.blame;
    Some(cause)
}
