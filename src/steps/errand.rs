//! Several pieces of work in the PostgreSQL container under one `exec`: the engine takes a tenth of a second for each,
//! which is more than most of them take themselves.

use std::fmt::Write as _;

use tokio_util::sync::CancellationToken;

use super::database::{Database, PATIENT, refused};
use super::names::ROLE;
use crate::container::Exec;
use crate::engine::Stop;

/// Ends the SQL of a piece; no SQL of ours has such a line.
const END: &str = "END-OF-HOPP-SQL";
/// Begins the line on which a script that failed says in which of its pieces.
const MARK: &str = "hopp-failed-in:";

/// Pieces of work that are done in order, up to the first that fails.
#[derive(Default)]
pub(super) struct Errand {
    pieces: Vec<String>,
    script: String,
}

impl Errand {
    /// Adds shell commands; `what` names them in an error.
    pub(super) fn shell(mut self, what: impl Into<String>, commands: &str) -> Self {
        self.begin(what);
        self.script.push_str(commands);
        self.script.push('\n');
        self
    }

    /// Adds SQL in a database; `what` names it in an error. What it returns is printed, unaligned, tuples only.
    pub(super) fn sql(mut self, what: impl Into<String>, database: &str, sql: &str) -> Self {
        self.begin(what);
        let command = "psql -X -q -A -t -v ON_ERROR_STOP=1 -v VERBOSITY=verbose";
        let _ = writeln!(
            self.script,
            "{command} -U {ROLE} -d '{database}' -f - <<'{END}'\n{sql}\n{END}"
        );
        self
    }

    /// Adds the pieces of another errand.
    pub(super) fn then(mut self, other: Errand) -> Self {
        let before = self.pieces.len();
        self.pieces.extend(other.pieces);
        let _ = writeln!(
            self.script,
            "first=$((first + {before}))\n{}first=$((first - {before}))",
            other.script
        );
        self
    }

    fn begin(&mut self, what: impl Into<String>) {
        let _ = writeln!(self.script, "piece=$((first + {}))", self.pieces.len());
        self.pieces.push(what.into());
    }

    /// Does the work as root and returns what it printed.
    pub(super) async fn run(&self, database: &Database, cancel: &CancellationToken) -> Result<String, Stop> {
        let mut exec = Exec::new(["sh", "-ec", &self.whole()]).user("root");
        exec.env = vec![("PGOPTIONS".into(), PATIENT.into())];
        let mut printed = database.exec(&exec, None, cancel).await?;
        if printed.exit.success() {
            return Ok(printed.out);
        }
        let what = self.failed(&mut printed.err);
        Err(refused(what, &printed.err, printed.exit))
    }

    fn whole(&self) -> String {
        let trap = format!("trap 'code=$?; [ $code = 0 ] || echo \"{MARK} $piece\" >&2' EXIT");
        format!("first=0\n{trap}\n{}", self.script)
    }

    /// Returns the piece that failed, and takes the line that says so out of what was printed. A script that was killed
    /// has no such line.
    fn failed(&self, printed: &mut String) -> &str {
        let all = self.pieces.first().map_or("", String::as_str);
        let Some(at) = printed.rfind(MARK) else {
            return all;
        };
        let line = printed.split_off(at);
        let number = line.trim_start_matches(MARK).trim().parse::<usize>();
        number
            .ok()
            .and_then(|number| self.pieces.get(number))
            .map_or(all, String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    fn run(errand: &Errand) -> (String, String) {
        let output = Command::new("sh").args(["-ec", &errand.whole()]).output();
        let output = output.expect("a shell");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (text(&output.stdout), text(&output.stderr))
    }

    #[test]
    fn the_piece_that_failed_is_named_and_nothing_after_it_is_done() {
        let inner = Errand::default()
            .shell("third", "echo three")
            .shell("fourth", "echo four; echo no >&2; false")
            .shell("fifth", "echo five");
        let errand = Errand::default()
            .shell("first", "echo one")
            .shell("second", "echo two")
            .then(inner)
            .shell("sixth", "echo six");
        let (out, mut err) = run(&errand);
        assert_eq!(out, "one\ntwo\nthree\nfour\n");
        assert_eq!(errand.failed(&mut err), "fourth");
        assert_eq!(err, "no\n");
    }

    #[test]
    fn pieces_after_those_of_another_errand_count_on() {
        let errand = Errand::default()
            .shell("first", "true")
            .then(Errand::default().shell("second", "true"))
            .shell("third", "false");
        let (_, mut err) = run(&errand);
        assert_eq!(errand.failed(&mut err), "third");
    }

    #[test]
    fn an_errand_that_was_killed_is_named_by_its_first_piece() {
        let errand = Errand::default().shell("first", "true").shell("second", "kill -9 $$");
        let (_, mut err) = run(&errand);
        assert_eq!(errand.failed(&mut err), "first");
    }
}
