//! The lines of a record that a person wants to see.

use super::place::is_somebodys;

/// How long a line of an excerpt may be, in characters.
const LONGEST: usize = 300;
/// How many lines it may have.
const LINES: usize = 9;

/// Returns what proves a failure: of a traceback the frames in scripts and in the plan's own code, and the exception; Odoo's
/// own frames only where there are no others.
pub(super) fn of_record(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty() && !is_underline(line))
        .collect();
    let ours = of_traceback(text);
    if ours.is_empty() {
        let (head, tail) = lines.split_at(lines.len().min(1));
        let mut excerpt = end(head, 1);
        excerpt.extend(end(tail, LINES - 1));
        return excerpt;
    }
    end(&ours, LINES)
}

fn of_traceback(text: &str) -> Vec<&str> {
    // Of exceptions that came from each other, the one in somebody's code tells.
    let tracebacks = text.split("Traceback (most recent call last):\n").skip(1);
    let told: Vec<Vec<&str>> = tracebacks.map(of_one).collect();
    told.into_iter()
        .rev()
        .find(|lines| !lines.is_empty())
        .unwrap_or_default()
}

fn of_one(traceback: &str) -> Vec<&str> {
    let mut kept = Vec::new();
    let mut in_frame = false;
    let mut found = false;
    let mut in_exception = false;
    let own = |line: &&str| !line.starts_with("During handling of") && !line.starts_with("The above exception");
    let lines = traceback.lines().take_while(own);
    for line in lines.filter(|line| !line.trim().is_empty() && !is_underline(line)) {
        if line.starts_with("  File \"") {
            in_frame = is_somebodys(line);
            found |= in_frame;
        }
        // The exception's own lines stand at the margin; what follows them belongs to it.
        in_exception |= !line.starts_with(' ');
        if in_frame || in_exception {
            kept.push(line);
        }
    }
    if found { kept } else { Vec::new() }
}

/// Returns the last lines, none of them too long.
pub(super) fn end(lines: &[&str], count: usize) -> Vec<String> {
    lines[lines.len().saturating_sub(count)..]
        .iter()
        .map(|line| line.chars().take(LONGEST).collect())
        .collect()
}

/// Python 3.11 and newer underline the failing expression.
fn is_underline(line: &str) -> bool {
    line.trim().chars().all(|c| matches!(c, '~' | '^'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_traceback_only_the_frames_of_somebody_s_code_and_the_exception_are_kept() {
        let text = "Failed to initialize database `x`.\nTraceback (most recent call last):\n  File \"/usr/lib/odoo/modules/migration.py\", line 257, in exec_script\n    mod.migrate(cr, v)\n    ~~~^^^\n\
            \u{20} File \"/mnt/hopp/own/shelf/migrations/19.0.1.1.0/pre-fault.py\", line 3, in migrate\n    cr.execute(q)\n\
            \u{20} File \"/usr/lib/odoo/sql_db.py\", line 433, in execute\n    self._obj.execute(query, params)\n\
            psycopg2.errors.UndefinedColumn: column \"n\" does not exist\nLINE 1: SELECT n\n               ^\n";
        assert_eq!(
            of_record(text),
            [
                "  File \"/mnt/hopp/own/shelf/migrations/19.0.1.1.0/pre-fault.py\", line 3, in migrate",
                "    cr.execute(q)",
                "psycopg2.errors.UndefinedColumn: column \"n\" does not exist",
                "LINE 1: SELECT n",
            ]
        );
    }
}
