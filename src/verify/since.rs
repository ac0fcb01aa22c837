//! Since which hop something is so: a fold over what was found after each hop.

use serde::{Deserialize, Serialize};

use super::baseline::Summary;
use crate::event::{Finding, Severity};
use crate::ident::Series;

/// What a look at the database after a hop told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AfterHop {
    /// The hop, by the series it ends at.
    pub hop: Series,
    /// The database in figures.
    pub summary: Summary,
    /// What was not as it had been before the first hop, and no rule explained.
    pub found: Vec<Finding>,
}

impl AfterHop {
    /// Returns a look that told this and took no figures.
    pub fn of(hop: Series, found: Vec<Finding>) -> AfterHop {
        AfterHop {
            hop,
            summary: Summary::new(),
            found,
        }
    }

    /// Says whether it told this.
    pub fn tells(&self, finding: &Finding) -> bool {
        // The quick look counts the records that the proof names.
        let alike = |other: &Finding| {
            other.code == finding.code || (other.code == "rows-lost" && finding.code == "record-lost")
        };
        let same = |other: &Finding| other.subject == finding.subject && alike(other);
        self.found.iter().any(same)
    }
}

/// Returns the first hop after which a finding was so, and stayed so to the end; `None` where the looks do not tell.
///
/// `route` names all hops, `looks` are of as many of the last of them as are known, in order. What one hop alone can have
/// done is its doing, whether it was looked for or not.
pub fn since(finding: &Finding, route: &[Series], looks: &[AfterHop]) -> Option<Series> {
    if let [only] = route {
        return Some(*only);
    }
    let told = looks.iter().rev().take_while(|after| after.tells(finding)).count();
    // So after every hop that is known; it may have been so before.
    if told == looks.len() && looks.len() < route.len() {
        return None;
    }
    looks[looks.len() - told..].first().map(|after| after.hop)
}

/// Returns what is new after the last of these hops, as a person is told at once: a warning, until the end says more.
pub fn news(hops: &[AfterHop]) -> Vec<Finding> {
    let Some((last, earlier)) = hops.split_last() else {
        return Vec::new();
    };
    let known = |finding: &&Finding| earlier.last().is_some_and(|before| before.tells(finding));
    let new = last.found.iter().filter(|finding| !known(finding));
    new.map(|finding| at_once(finding, last.hop)).collect()
}

fn at_once(finding: &Finding, hop: Series) -> Finding {
    let first = finding.evidence.first();
    let first = first.map_or_else(String::new, |line| format!(" ({line})"));
    Finding {
        severity: finding.severity.min(Severity::Warning),
        message: format!("after {hop}: {}{first}", finding.message),
        since: Some(hop),
        ..finding.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(code: &str) -> Finding {
        Finding {
            severity: Severity::Error,
            code: code.into(),
            area: "books".into(),
            subject: "trial balance".into(),
            message: "the trial balance is not what it was".into(),
            remedy: "look".into(),
            evidence: vec!["account 1510: 10 before, 11 after".into()],
            since: None,
        }
    }

    /// Hops from 16.0 on, each with the codes that were found after it.
    fn hops(found: &[&[&str]]) -> Vec<AfterHop> {
        let hop = |(major, codes): (u8, &&[&str])| {
            let found = codes.iter().copied().map(finding).collect();
            AfterHop::of(Series::from_major(major).unwrap(), found)
        };
        (16..).zip(found).map(hop).collect()
    }

    fn since_of(code: &str, found: &[&[&str]]) -> Option<String> {
        let looks = hops(found);
        let route: Vec<Series> = looks.iter().map(|after| after.hop).collect();
        since(&finding(code), &route, &looks).map(|hop| hop.to_string())
    }

    #[test]
    fn a_finding_is_so_since_the_hop_from_which_on_it_was_always_so() {
        assert_eq!(since_of("a", &[&[], &["a"], &["a", "b"]]).as_deref(), Some("17.0"));
        assert_eq!(since_of("b", &[&[], &["a"], &["a", "b"]]).as_deref(), Some("18.0"));
        assert_eq!(since_of("a", &[&["a"], &["a"], &["a"]]).as_deref(), Some("16.0"));
        assert_eq!(
            since_of("a", &[&["a"], &[], &["a"]]).as_deref(),
            Some("18.0"),
            "it was well in between"
        );
    }

    #[test]
    fn what_the_looks_do_not_tell_is_not_known_but_a_single_hop_did_it_all() {
        assert_eq!(since_of("view", &[&["a"], &["a"]]), None);
        assert_eq!(since_of("a", &[&["a"], &[]]), None);
        assert_eq!(since_of("a", &[]), None);
        assert_eq!(since_of("view", &[&[]]).as_deref(), Some("16.0"));
        let looks = hops(&[&["a"], &["a"]]);
        let route: Vec<Series> = Series::all().skip(1).take(3).collect();
        assert_eq!(
            since(&finding("a"), &route, &looks),
            None,
            "the look after 15.0 is not known"
        );
    }

    #[test]
    fn a_hop_tells_what_is_new_and_in_figures() {
        let told = news(&hops(&[&["a"], &["a", "b"]]));
        let codes: Vec<&str> = told.iter().map(|finding| finding.code.as_str()).collect();
        assert_eq!(codes, ["b"]);
        assert_eq!(told[0].severity, Severity::Warning);
        assert_eq!(
            told[0].message,
            "after 17.0: the trial balance is not what it was (account 1510: 10 before, 11 after)"
        );
        assert_eq!(news(&hops(&[&["a"], &["a"]])), []);
    }
}
