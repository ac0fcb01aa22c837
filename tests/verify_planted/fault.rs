//! A fault: what is done, and the finding that tells it.

use fs_err as fs;
use hopp::event::{Finding, Severity};

#[derive(Debug)]
pub(super) struct Fault {
    pub(super) area: String,
    pub(super) what: String,
    pub(super) severity: Severity,
    pub(super) code: String,
    /// A part of the finding's subject.
    pub(super) subject: String,
    /// A part of one line of its evidence; empty where it needs none.
    pub(super) evidence: String,
    pub(super) sql: String,
}

impl Fault {
    /// Says whether it is another finding of the fault before it.
    pub(super) fn is_planted_above(&self) -> bool {
        self.sql.trim() == "SELECT 1;"
    }

    pub(super) fn is_told_by(&self, finding: &Finding) -> bool {
        finding.code == self.code
            && finding.area == self.area
            && finding.severity == self.severity
            && finding.subject.contains(&self.subject)
            && (self.evidence.is_empty() || finding.evidence.iter().any(|line| line.contains(&self.evidence)))
    }
}

/// Returns a file of `fixtures/faults`.
pub(super) fn text(name: &str) -> String {
    fs::read_to_string(format!("fixtures/faults/{name}.sql")).unwrap()
}

/// The triggers that watch over foreign keys rest, as they do when a tool writes behind Odoo's back.
pub(super) fn quietly(sql: &str) -> String {
    format!("SET search_path = public; SET session_replication_role = replica;\n{sql}")
}

/// Reads faults as `fixtures/faults/planted.sql` explains them.
pub(super) fn read(text: &str) -> Vec<Fault> {
    text.split("\n\n")
        .filter(|block| block.contains(" | "))
        .map(one)
        .collect()
}

fn one(block: &str) -> Fault {
    let mut lines = block.trim().splitn(3, '\n').map(|line| line.trim_start_matches("-- "));
    let (area, what) = lines.next().unwrap().split_once(": ").unwrap();
    let finding: Vec<&str> = lines.next().unwrap().split('|').map(str::trim).collect();
    let [severity, code, subject, evidence] = finding[..] else {
        panic!("{block}");
    };
    Fault {
        area: area.into(),
        what: what.into(),
        severity: match severity {
            "error" => Severity::Error,
            "warning" => Severity::Warning,
            _ => panic!("{block}"),
        },
        code: code.into(),
        subject: subject.into(),
        evidence: evidence.into(),
        sql: lines.next().unwrap().into(),
    }
}
