//! Findings that the plan accepts: shown as such, and not counted as errors.

use jiff::civil::Date;

use crate::event::{Finding, Severity};
use crate::spec::{Accepted, suggest};
use crate::verify::catalogue;

/// Marks the findings that are accepted on this day. One whose day is over counts as it did; what accepts nothing that
/// was found is a finding itself.
pub(super) fn apply(accepted: &[Accepted], findings: Vec<Finding>, today: Date) -> Vec<Finding> {
    let idle: Vec<Finding> = accepted
        .iter()
        .filter(|accept| !findings.iter().any(|finding| is_meant(accept, finding)))
        .map(|accept| accepts_nothing(accept, &findings))
        .collect();
    let mut all: Vec<Finding> = findings
        .into_iter()
        .map(|mut finding| {
            let Some(accept) = accepted.iter().find(|accept| is_meant(accept, &finding)) else {
                return finding;
            };
            if today > accept.until {
                finding.remedy = format!(
                    "{} (it was accepted until {}: {})",
                    finding.remedy, accept.until, accept.why
                );
                return finding;
            }
            finding.severity = Severity::Accepted;
            finding.message = format!("accepted until {} ({}): {}", accept.until, accept.why, finding.message);
            finding
        })
        .collect();
    all.extend(idle);
    all
}

fn is_meant(accept: &Accepted, finding: &Finding) -> bool {
    accept.id == finding.code || accept.id == format!("{}/{}", finding.code, finding.subject)
}

/// Tells of an acceptance that nothing answers to: a slip of the finger, or a difference that is gone.
fn accepts_nothing(accept: &Accepted, findings: &[Finding]) -> Finding {
    let names = findings
        .iter()
        .flat_map(|finding| [finding.code.clone(), format!("{}/{}", finding.code, finding.subject)]);
    let names: Vec<String> = names.collect();
    let invariants = catalogue::all();
    let known = names
        .iter()
        .map(String::as_str)
        .chain(invariants.iter().map(|invariant| invariant.id));
    let (severity, remedy) = match suggest::closest(&accept.id, known) {
        Some(meant) if meant != accept.id => (Severity::Warning, format!("did you mean `{meant}`?")),
        _ => (
            Severity::Info,
            "take it out of `accept` if the difference is gone; `hopp report` names each finding's id".to_owned(),
        ),
    };
    Finding {
        severity,
        code: "accepts-nothing".into(),
        area: "checks".into(),
        subject: accept.id.clone(),
        message: format!("the plan accepts `{}`, and nothing of that name was found", accept.id),
        remedy,
        evidence: Vec::new(),
        since: None,
    }
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
        assert_eq!(accepted.severity, Severity::Accepted);
        assert!(
            accepted
                .message
                .starts_with("accepted until 2027-06-30 (closed years): the tax"),
            "{}",
            accepted.message
        );
        assert_eq!(
            applied("vat-differs/tax report", date(2027, 1, 1)).severity,
            Severity::Accepted
        );
    }

    #[test]
    fn after_its_day_it_counts_again_and_another_always_did() {
        let expired = applied("vat-differs", date(2027, 7, 1));
        assert_eq!(expired.severity, Severity::Error);
        assert!(expired.remedy.contains("was accepted until 2027-06-30"));
        assert_eq!(applied("vat-differs/elsewhere", date(2027, 1, 1)), finding());
    }

    #[test]
    fn what_accepts_nothing_is_told_with_what_may_be_meant() {
        let accepted = ["vat-difers", "trial-balance-month", "journal-gone"].map(|id| Accepted {
            id: id.into(),
            why: "closed years".into(),
            until: date(2027, 6, 30),
        });
        let found = apply(&accepted, vec![finding()], date(2027, 1, 1));
        let told: Vec<_> = found[1..]
            .iter()
            .map(|one| (one.severity, one.remedy.as_str()))
            .collect();
        assert_eq!(found[0], finding());
        assert_eq!(told[0], (Severity::Warning, "did you mean `vat-differs`?"));
        assert_eq!(told[1], (Severity::Warning, "did you mean `trial-balance-months`?"));
        assert_eq!(told[2].0, Severity::Info);
    }
}
