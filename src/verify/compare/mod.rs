//! Before against after: every difference is explained by a rule, or is a finding.

mod books;
mod counts;
mod diff;
mod known;
mod modules;
mod people;

use std::fmt::Display;

pub(super) use known::{BUSINESS, group_implies, made_of, model_gone, model_grew};
use serde::{Deserialize, Serialize};

use super::baseline::Baseline;
use super::shipped::Shipped;
use crate::event::{Finding, Severity};
use crate::ident::Series;
use crate::odoo::openupgrade::Renames;

/// One invariant, held against the database before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// The invariant: `trial-balance`, `rows/sale.order`.
    pub invariant: String,
    /// The invariant for people.
    pub title: String,
    /// What was, in short.
    pub before: String,
    /// What is, in short.
    pub after: String,
    /// Why a difference is right, where there is one and a rule explains it.
    pub explained: Option<String>,
    /// What a person must look at.
    pub finding: Option<Finding>,
}

impl Comparison {
    pub(super) fn new(
        invariant: impl Into<String>,
        title: impl Into<String>,
        before: impl Display,
        after: impl Display,
    ) -> Comparison {
        Comparison {
            invariant: invariant.into(),
            title: title.into(),
            before: format!("{before}"),
            after: format!("{after}"),
            explained: None,
            finding: None,
        }
    }

    pub(super) fn explained(mut self, why: impl Into<String>) -> Comparison {
        self.explained = Some(why.into());
        self
    }

    pub(super) fn finding(mut self, finding: Finding) -> Comparison {
        self.finding = Some(finding);
        self
    }
}

/// What the comparison knows about the way from one database to the other.
#[derive(Clone, Copy, Debug)]
pub struct Way<'a> {
    hops: &'a [Series],
    renames: &'a Renames,
}

impl<'a> Way<'a> {
    /// Returns the way over hops, named by their targets.
    pub fn new(hops: &'a [Series], renames: &'a Renames) -> Way<'a> {
        Way { hops, renames }
    }

    /// Returns what a model is called at the end.
    pub(super) fn model(&self, name: &'a str) -> &'a str {
        self.renames.model(name)
    }

    /// Returns the SQL expression for what a model, which the expression `text` names, is called at the end; `models` are
    /// those that there are.
    pub(super) fn renamed(&self, text: &str, models: impl Iterator<Item = &'a str>) -> String {
        let moved = models.filter_map(|model| {
            let name = self.model(model);
            (name != model).then(|| format!("WHEN '{model}' THEN '{name}'"))
        });
        let cases: Vec<String> = moved.collect();
        if cases.is_empty() {
            return format!("nullif({text}, '')");
        }
        format!("CASE {text} {} ELSE nullif({text}, '') END", cases.join(" "))
    }

    /// Says whether records of another model came to this one.
    pub(super) fn is_merge_target(&self, model: &str) -> bool {
        self.renames.is_merge_target(model)
    }

    /// Says whether the way has more than one hop.
    pub(super) fn is_far(&self) -> bool {
        self.hops.len() > 1
    }

    /// Says whether the way passes any hop to another series.
    pub fn hops(&self) -> bool {
        !self.hops.is_empty()
    }

    /// Says whether the way passes the hop to this series.
    pub(super) fn passes(&self, major: u8) -> bool {
        self.hops.iter().any(|hop| hop.major() == major)
    }
}

/// Returns the hops of a route that lead to another series: what a hop to 19.0 converts, a patch of 19.0 finds converted.
pub fn passed(from: Series, route: &[Series]) -> Vec<Series> {
    route.iter().copied().filter(|hop| *hop > from).collect()
}

/// Holds a database before its first hop against the same after its last. `hops` are the targets of the hops.
pub fn compare(before: &Baseline, after: &Baseline, hops: &[Series], renames: &Renames) -> Vec<Comparison> {
    along(before, after, &Way::new(hops, renames), None)
}

/// The same, along a way; `shipped` is what the modules say of their groups, where they could be asked.
pub fn along(before: &Baseline, after: &Baseline, way: &Way, shipped: Option<&Shipped>) -> Vec<Comparison> {
    let mut all = books::compare(before, after, way);
    all.extend(counts::compare(before, after, way));
    all.extend(people::compare(before, after, way, shipped));
    all.extend(modules::compare(before, after, way));
    all
}

/// The lines of evidence a finding carries at most.
const EVIDENCE: usize = 10;

/// Makes a finding; of the evidence the first lines are kept and the rest is counted.
fn finding(
    severity: Severity,
    (code, area): (&str, &str),
    subject: impl Into<String>,
    message: impl Into<String>,
    remedy: impl Into<String>,
    mut evidence: Vec<String>,
) -> Finding {
    if evidence.len() > EVIDENCE {
        let more = evidence.len() - EVIDENCE;
        evidence.truncate(EVIDENCE);
        evidence.push(format!("… and {more} more"));
    }
    Finding {
        severity,
        code: code.into(),
        area: area.into(),
        subject: subject.into(),
        message: message.into(),
        remedy: remedy.into(),
        evidence,
        since: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::baseline::{AccountBalance, TableCount, User, VatGrid};

    fn to_19() -> [Series; 1] {
        [Series::NEWEST]
    }

    #[test]
    fn a_patch_passes_no_hop() {
        assert_eq!(passed(Series::NEWEST, &to_19()), []);
        assert_eq!(passed("18.0".parse().unwrap(), &to_19()), to_19());
    }

    fn findings(before: &Baseline, after: &Baseline) -> Vec<Finding> {
        compare(before, after, &to_19(), &Renames::default())
            .into_iter()
            .filter_map(|comparison| comparison.finding)
            .collect()
    }

    fn book(balance: &str) -> Baseline {
        Baseline {
            trial_balance: vec![AccountBalance {
                company: 1,
                account: 7,
                code: Some("1510".into()),
                items: 2,
                debit: "10".parse().unwrap(),
                credit: "0".parse().unwrap(),
                balance: balance.parse().unwrap(),
            }],
            ..Baseline::default()
        }
    }

    #[test]
    fn a_database_is_equal_to_itself() {
        assert_eq!(findings(&book("10"), &book("10")), []);
    }

    #[test]
    fn one_hundredth_in_one_account_is_found() {
        let found = findings(&book("10"), &book("10.01"));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].code, "books-differ");
        assert_eq!(found[0].severity, Severity::Error);
        assert!(found[0].evidence[0].contains("1510"), "{:?}", found[0]);
    }

    #[test]
    fn an_account_that_is_gone_is_found() {
        assert_eq!(findings(&book("10"), &Baseline::default()).len(), 1);
    }

    #[test]
    fn a_tax_grid_that_reads_zero_is_found_and_the_signed_tags_are_named() {
        let mut before = Baseline::default();
        before.vat.push(VatGrid {
            company: 1,
            grid: "se_05".into(),
            month: "2026-11".into(),
            amount: "4261174.43".parse().unwrap(),
        });
        let found = findings(&before, &Baseline::default());
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].code, "vat-differs");
        assert!(found[0].remedy.contains("+se_05"), "{}", found[0].remedy);
    }

    #[test]
    fn a_tax_grid_that_18_shows_without_a_minus_is_the_same_and_one_left_with_it_is_not() {
        let box_48 = |amount: &str| Baseline {
            vat: vec![VatGrid {
                company: 1,
                grid: "se_48".into(),
                month: "2026-11".into(),
                amount: amount.parse().unwrap(),
            }],
            ..Baseline::default()
        };
        let found = |amount: &str, hops: [u8; 2]| {
            let hops = hops.map(|major| Series::from_major(major).unwrap());
            let all = compare(&box_48("-563.63"), &box_48(amount), &hops, &Renames::default());
            all.into_iter().find_map(|comparison| comparison.finding)
        };
        assert_eq!(found("-563.63", [16, 17]), None);
        assert_eq!(found("563.63", [17, 18]), None);
        assert_eq!(found("563.63", [18, 19]), None);
        let left = found("-563.63", [17, 18]).unwrap();
        assert!(left.remedy.contains("`l10n_se`"), "{}", left.remedy);
        assert!(found("563.64", [18, 19]).is_some());
    }

    fn rows(model: &str, custom: bool, rows: u64) -> Baseline {
        Baseline {
            tables: vec![TableCount {
                table: model.replace('.', "_"),
                model: model.into(),
                custom,
                rows,
                of_modules: 0,
            }],
            ..Baseline::default()
        }
    }

    #[test]
    fn fewer_rows_of_a_custom_model_are_found_and_fewer_groups_are_not() {
        let found = findings(&rows("x_berth", true, 20), &rows("x_berth", true, 19));
        assert_eq!(found[0].code, "rows-lost");
        let found = findings(&rows("res.groups", false, 20), &rows("res.groups", false, 19));
        assert_eq!(found, []);
    }

    #[test]
    fn records_that_came_with_a_module_are_not_asked_after_and_one_more_is() {
        let named = |count, of_modules| {
            let mut all = rows("product.product", false, count);
            all.tables[0].of_modules = of_modules;
            all
        };
        // 15.0 brings a product for the delivery of gifts.
        assert_eq!(findings(&named(20, 2), &named(21, 3)), []);
        assert_eq!(findings(&named(20, 2), &named(22, 3))[0].code, "rows-added");
        assert_eq!(findings(&named(20, 3), &named(21, 3))[0].code, "rows-added");
    }

    #[test]
    fn rows_of_a_renamed_model_are_looked_for_under_its_new_name() {
        use crate::odoo::openupgrade::Apriori;
        let mut hop = Apriori::default();
        hop.renamed_models.insert("x.old".into(), "x.new".into());
        let renames = Renames::chain([&hop]);
        let (before, after) = (rows("x.old", true, 20), rows("x.new", true, 20));
        let all = compare(&before, &after, &to_19(), &renames);
        assert!(all.iter().all(|comparison| comparison.finding.is_none()));
        assert!(all.iter().any(|comparison| comparison.explained.is_some()));
    }

    #[test]
    fn a_user_who_lost_a_right_is_found() {
        let user = |groups: &[&str]| Baseline {
            users: vec![User {
                id: 2,
                login: "eva".into(),
                active: true,
                share: false,
                groups: groups.iter().map(ToString::to_string).collect(),
            }],
            ..Baseline::default()
        };
        let found = findings(
            &user(&["account.group_account_user", "base.group_user"]),
            &user(&["base.group_user"]),
        );
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].code, "rights-lost");
        assert_eq!(found[0].evidence, ["eva"]);
    }
}
