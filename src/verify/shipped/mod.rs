//! What the modules' own code says of the records they brought.
//!
//! An update writes these records again, so a change in them is no sign of anything: whether it was the update's is told
//! by the data files alone. [`python_script`] reads those of every installed module inside Odoo of the series, as an
//! update would, and writes nothing. What follows from its answer is `content`'s to judge.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Deserialize;

use super::compare::{Way, group_implies};
use crate::ident::Series;

/// Where the script leaves its answer, inside the container.
pub const RESULT_PATH: &str = "/tmp/hopp/shipped.json";

/// Who is in one of these may change everything.
const ADMINISTRATORS: [&str; 2] = ["base.group_system", "base.group_erp_manager"];

/// Groups that OpenUpgrade takes from a rule by its own code, and not by a data file: the rule, the group.
const TAKEN: [(&str, &str); 1] = [(
    "hr_attendance.hr_attendance_rule_attendance_admin",
    "hr_attendance.group_hr_attendance_manager",
)];

const READ: &str = include_str!("read.py");

/// What the data files of the installed modules say.
#[derive(Clone, Debug, Default)]
pub struct Shipped {
    records: HashMap<(String, i64), Said>,
    /// Links that data files ask for, and whether an update would make them again.
    links: HashMap<Link, bool>,
    /// Links that data files remove.
    off: BTreeSet<Link>,
    /// Groups by their external ids.
    groups: HashMap<String, i64>,
    /// Ends of links that have no others than data files say.
    exact: BTreeSet<(String, End)>,
    /// Records that data files bring and that are not there: external id, model, whether updates leave it alone.
    absent: BTreeMap<String, (String, bool)>,
    /// External ids whose `noupdate` is what a data file says.
    settled: BTreeSet<String>,
    /// Whether the code of every installed module was there: else another may have had the last word.
    whole: bool,
    /// What could not be read: modules without code, records that refer to something missing.
    pub failed: Vec<String>,
}

/// What the data files say of one record.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Said {
    pub(super) model: String,
    pub(super) id: i64,
    pub(super) xmlid: String,
    /// Whether updates leave it alone (`noupdate`).
    pub(super) kept: bool,
    pub(super) name: String,
    /// Columns that hold what the data files say.
    pub(super) same: BTreeSet<String>,
    /// Columns that hold something else: what the data files say, what they hold.
    pub(super) other: BTreeMap<String, [String; 2]>,
    pub(super) links: Vec<Links>,
    /// Whether it is archived though no data file says so.
    #[serde(default)]
    pub(super) off: bool,
}

/// What the data files say of the links of one field of a record.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Links {
    pub(super) table: String,
    /// The column that holds the record.
    from: String,
    /// The column that holds the other.
    to: String,
    pub(super) relation: String,
    all: Vec<i64>,
    /// Whether there must be no others.
    exact: bool,
    off: Vec<i64>,
    pub(super) missing: Vec<i64>,
}

/// One end of a link: the column of the table, the id in it.
pub(super) type End = (String, i64);

/// A link, its ends in the order of their columns: either side's field may speak of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Link {
    table: String,
    ends: [End; 2],
}

impl Link {
    pub(super) fn new(table: &str, one: (&str, i64), other: (&str, i64)) -> Link {
        let mut ends = [one, other].map(|(column, id)| (column.to_owned(), id));
        ends.sort();
        Link {
            table: table.into(),
            ends,
        }
    }
}

/// What the data files say of one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// The value is theirs.
    Theirs,
    /// Another is theirs, and an update would have written it.
    Another,
    /// The value is not theirs, or they name none: it should be what it was.
    Nothing,
}

#[derive(Deserialize)]
struct Answer {
    records: Vec<Said>,
    absent: BTreeMap<String, (String, bool)>,
    #[serde(default)]
    settled: BTreeSet<String>,
    failed: Vec<String>,
    without_code: Vec<String>,
}

/// An answer that could not be read.
#[derive(Debug, thiserror::Error)]
#[error("failed to read what the modules ship: {source}")]
pub struct NotShipped {
    source: serde_json::Error,
}

/// Returns a script for the standard input of `odoo shell` in a container of this series, the database's own.
///
/// It changes nothing and writes its answer to [`RESULT_PATH`]. About 4 seconds for 7 000 records.
///
/// `scripts` is the folder in the container with OpenUpgrade's scripts by module: what they write counts like the modules'.
pub fn python_script(series: Series, scripts: &str) -> String {
    let major = series.major();
    format!("SERIES = {major}\nRESULT = \"{RESULT_PATH}\"\nSCRIPTS = \"{scripts}\"\n{READ}")
}

/// Reads the answer of the script.
pub fn parse(json: &str) -> Result<Shipped, NotShipped> {
    let answer: Answer = serde_json::from_str(json.trim()).map_err(|source| NotShipped { source })?;
    let mut shipped = Shipped {
        whole: answer.without_code.is_empty(),
        absent: answer.absent,
        settled: answer.settled,
        failed: answer.failed,
        ..Shipped::default()
    };
    for said in answer.records {
        for links in &said.links {
            let link = |other: &i64| Link::new(&links.table, (&links.from, said.id), (&links.to, *other));
            for asked in links.all.iter().map(link) {
                *shipped.links.entry(asked).or_default() |= !said.kept;
            }
            shipped.off.extend(links.off.iter().map(link));
            if links.exact {
                shipped
                    .exact
                    .insert((links.table.clone(), (links.from.clone(), said.id)));
            }
        }
        if said.model == "res.groups" {
            shipped.groups.insert(said.xmlid.clone(), said.id);
        }
        shipped.records.insert((said.model.clone(), said.id), said);
    }
    for (rule, group) in TAKEN {
        let rule = shipped
            .records
            .values()
            .find(|said| said.xmlid == rule)
            .map(|said| said.id);
        if let Some((rule, group)) = rule.zip(shipped.named(group)) {
            let ends = (("rule_group_id", rule), ("group_id", group));
            shipped.off.insert(Link::new("rule_group_rel", ends.0, ends.1));
        }
    }
    Ok(shipped)
}

impl Shipped {
    /// Returns the external ids whose `noupdate` is what the data files say.
    pub fn settled(&self) -> BTreeSet<String> {
        self.settled.clone()
    }

    fn said(&self, model: &str, id: i64) -> Option<&Said> {
        self.records.get(&(model.to_owned(), id))
    }

    /// Returns what the data files say of a value in the database; `None` where they do not bring the record.
    pub(super) fn word(&self, model: &str, id: i64, column: &str) -> Option<Word> {
        let said = self.said(model, id)?;
        Some(if said.same.contains(column) {
            Word::Theirs
        } else if self.whole && said.other.contains_key(column) && !said.kept {
            Word::Another
        } else {
            Word::Nothing
        })
    }

    /// Says whether data files ask for a link, or OpenUpgrade makes it.
    pub(super) fn links(&self, link: &Link) -> bool {
        // 19.0 gives new users what the template user had; nobody is an administrator by that.
        let new_users = |end: &End| self.named("base.default_user_group") == Some(end.1);
        let powerful = |end: &End| ADMINISTRATORS.iter().any(|group| self.named(group) == Some(end.1));
        let given = link.table == "res_groups_implied_rel"
            && link.ends.iter().any(new_users)
            && !link.ends.iter().any(powerful);
        given || self.links.contains_key(link)
    }

    /// Says whether data files, or OpenUpgrade, let one group imply another; both by their external ids.
    pub(super) fn implies(&self, group: &str, implied: &str) -> bool {
        let ends = self.named(group).zip(self.named(implied));
        ends.is_some_and(|(gid, hid)| self.links(&Link::new("res_groups_implied_rel", ("gid", gid), ("hid", hid))))
    }

    /// Returns the links between groups that hops of the way make and no data file says.
    pub(super) fn implied_on(&self, way: &Way) -> BTreeSet<Link> {
        let both = self
            .groups
            .iter()
            .flat_map(|one| self.groups.iter().map(move |other| (one, other)));
        both.filter(|((group, _), (implied, _))| group_implies(group, implied, way))
            .map(|((_, gid), (_, hid))| Link::new("res_groups_implied_rel", ("gid", *gid), ("hid", *hid)))
            .collect()
    }

    /// Says whether data files put a user in a group.
    pub(super) fn gives(&self, group: &str, user: i64) -> bool {
        let link = |gid| Link::new("res_groups_users_rel", ("gid", gid), ("uid", user));
        self.named(group).is_some_and(|gid| self.links.contains_key(&link(gid)))
    }

    /// Returns the group of this external id.
    fn named(&self, xmlid: &str) -> Option<i64> {
        self.groups.get(xmlid).copied()
    }

    /// Says whether data files remove a link, or would make it again and so are asked about it elsewhere.
    pub(super) fn unlinks(&self, link: &Link) -> bool {
        if let Some(again) = self.links.get(link) {
            return *again && self.whole;
        }
        let exact = |end: &End| self.exact.contains(&(link.table.clone(), end.clone()));
        self.off.contains(link) || link.ends.iter().any(exact)
    }

    /// Returns the records that an update would make and that are not there: external id, model.
    pub(super) fn absent(&self) -> impl Iterator<Item = (&str, &str)> {
        let made = self.absent.iter().filter(|(_, (_, kept))| self.whole && !kept);
        made.map(|(xmlid, (model, _))| (xmlid.as_str(), model.as_str()))
    }

    /// Says whether data files still bring a record that is gone: then no update deleted it.
    pub(super) fn still_brings(&self, xmlid: &str) -> bool {
        self.absent.get(xmlid).is_some_and(|(_, kept)| *kept)
    }

    /// Returns every record that an update would write otherwise than it is, in the order of their models. Those that were
    /// `born` in the hop, as (model, id), are what the data files say, whether updates leave them alone or not.
    pub(super) fn contradicted(&self, born: &BTreeSet<(String, i64)>) -> Vec<&Said> {
        let differs = |said: &&Said| {
            let new = born.contains(&(said.model.clone(), said.id));
            let differs = !said.other.is_empty() || said.links.iter().any(|links| !links.missing.is_empty());
            self.whole && ((differs && (new || !said.kept)) || (new && said.off))
        };
        let mut all: Vec<&Said> = self.records.values().filter(differs).collect();
        all.sort_by_key(|said| (&said.model, said.id));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shipped(kept: bool, without_code: &str) -> Shipped {
        parse(&format!(
            r#"{{"absent": {{"a.rule": ["ir.rule", false], "a.kept": ["ir.rule", true]}}, "failed": [], "without_code": [{without_code}], "records": [
            {{"model": "res.groups", "id": 7, "xmlid": "a.g", "kept": {kept}, "name": "G", "same": ["name"],
              "other": {{"share": ["True", "None"]}}, "links": [{{"table": "rel", "from": "gid", "to": "hid",
              "relation": "res.groups", "all": [1, 2], "exact": false, "off": [3], "missing": [2]}}]}}]}}"#
        ))
        .unwrap()
    }

    #[test]
    fn an_update_answers_for_what_its_module_says_and_for_nothing_else() {
        let all = shipped(false, "");
        assert_eq!(all.word("res.groups", 7, "name"), Some(Word::Theirs));
        assert_eq!(all.word("res.groups", 7, "share"), Some(Word::Another));
        assert_eq!(all.word("res.groups", 7, "comment"), Some(Word::Nothing));
        assert_eq!(all.word("res.groups", 8, "name"), None);
        assert_eq!(all.contradicted(&BTreeSet::new()).len(), 1);
        assert_eq!(shipped(true, "").word("res.groups", 7, "share"), Some(Word::Nothing));
        let born = BTreeSet::from([("res.groups".to_owned(), 7)]);
        assert_eq!(shipped(true, "").contradicted(&BTreeSet::new()).len(), 0);
        assert_eq!(shipped(true, "").contradicted(&born).len(), 1);
    }

    #[test]
    fn where_code_is_missing_another_module_may_have_had_the_last_word() {
        let some = shipped(false, "\"own\"");
        assert_eq!(some.word("res.groups", 7, "share"), Some(Word::Nothing));
        assert_eq!(some.contradicted(&BTreeSet::new()).len(), 0);
        assert_eq!(some.absent().count(), 0);
        assert_eq!(shipped(false, "").absent().count(), 1);
        assert!(shipped(false, "").still_brings("a.kept"));
    }

    #[test]
    fn a_group_that_a_script_takes_from_a_rule_is_no_link_lost() {
        let said = |model: &str, id: i64, xmlid: &str| {
            format!(
                r#"{{"model": "{model}", "id": {id}, "xmlid": "{xmlid}", "kept": true, "name": "", "same": [], "other": {{}}, "links": []}}"#
            )
        };
        let [(rule, group)] = TAKEN;
        let records = [
            said("ir.rule", 5, rule),
            said("res.groups", 6, group),
            said("res.groups", 7, "a.g"),
        ];
        let json = format!(
            r#"{{"absent": {{}}, "failed": [], "without_code": [], "records": [{}]}}"#,
            records.join(",")
        );
        let shipped = parse(&json).unwrap();
        let link = |group| Link::new("rule_group_rel", ("rule_group_id", 5), ("group_id", group));
        assert!(shipped.unlinks(&link(6)));
        assert!(!shipped.unlinks(&link(7)));
    }

    #[test]
    fn a_link_is_the_same_from_both_ends() {
        let all = shipped(false, "");
        assert!(all.links(&Link::new("rel", ("hid", 1), ("gid", 7))));
        assert!(!all.links(&Link::new("rel", ("hid", 7), ("gid", 1))));
        assert!(all.unlinks(&Link::new("rel", ("gid", 7), ("hid", 3))));
        assert!(!all.unlinks(&Link::new("rel", ("gid", 7), ("hid", 4))));
    }
}
