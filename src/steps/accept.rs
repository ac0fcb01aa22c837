//! Findings that the plan accepts: shown as such, and not counted as errors.

use jiff::civil::Date;

use crate::event::{Finding, Severity};
use crate::spec::Accepted;

/// Marks the findings that are accepted on this day. One whose day is over counts as it did.
pub(super) fn apply(accepted: &[Accepted], findings: Vec<Finding>, today: Date) -> Vec<Finding> {
    findings
        .into_iter()
        .map(|mut finding| {
            let meant = |accept: &&Accepted| {
                accept.id == finding.code || accept.id == format!("{}/{}", finding.code, finding.subject)
            };
            let Some(accept) = accepted.iter().find(meant) else {
                return finding;
            };
            if today > accept.until {
                finding.remedy = format!(
                    "{} (it was accepted until {}: {})",
                    finding.remedy, accept.until, accept.why
                );
                return finding;
            }
            // Still above what is merely worth knowing, so that it is shown wherever findings are.
            finding.severity = finding.severity.min(Severity::Warning);
            finding.message = format!("accepted until {} ({}): {}", accept.until, accept.why, finding.message);
            finding
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn finding() -> Finding {
        Finding {
            severity: Severity::Error,
            code: "vat-differs".into(),
            area: "tax".into(),
            subject: "tax report".into(),
            message: "the tax report reads zero".into(),
            remedy: "look".into(),
            evidence: Vec::new(),
            since: None,
        }
    }

    fn applied(id: &str, today: Date) -> Finding {
        let accepted = [Accepted {
            id: id.into(),
            why: "closed years".into(),
            until: date(2027, 6, 30),
        }];
        apply(&accepted, vec![finding()], today).remove(0)
    }

    #[test]
    fn an_accepted_finding_is_shown_and_is_no_error() {
        let accepted = applied("vat-differs", date(2027, 6, 30));
        assert_eq!(accepted.severity, Severity::Warning);
        assert!(
            accepted
                .message
                .starts_with("accepted until 2027-06-30 (closed years): the tax"),
            "{}",
            accepted.message
        );
        assert_eq!(
            applied("vat-differs/tax report", date(2027, 1, 1)).severity,
            Severity::Warning
        );
    }

    #[test]
    fn after_its_day_it_counts_again_and_another_always_did() {
        let expired = applied("vat-differs", date(2027, 7, 1));
        assert_eq!(expired.severity, Severity::Error);
        assert!(expired.remedy.contains("was accepted until 2027-06-30"));
        assert_eq!(applied("vat-differs/elsewhere", date(2027, 1, 1)), finding());
    }
}
