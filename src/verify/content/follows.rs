//! What went with a record that is gone: told with its cause, and not by itself.
//!
//! A message goes with the record it is about, a line with its order, and who pointed at either points at nothing. Only what
//! a foreign key that cascades, or the columns `res_model` and `res_id`, tie to a lost record is its consequence; a
//! record that is gone although the one it belongs to is there is a loss of its own.

use std::collections::{BTreeMap, BTreeSet};

use super::grade;
use super::judge::{self, Judged};
use super::net::{Change, Net, Row};
use super::pair::Pair;
use crate::event::{Finding, Severity};
use crate::verify::compare::{BUSINESS, Comparison, Way, model_gone};
use crate::verify::shipped::Shipped;

/// How many kinds of consequence a finding names; the rest is counted.
const NAMED: usize = 6;

/// A record: its model at the end, its id.
type Record = (String, i64);

/// A record that is gone.
#[derive(Clone, Debug)]
pub(super) struct Gone {
    pub(super) id: i64,
    pub(super) label: Option<String>,
    /// The external id that a module gave it.
    xmlid: Option<String>,
    /// What it goes with.
    of: Vec<Record>,
    /// What it points at otherwise.
    at: Vec<Record>,
    /// Whether Odoo itself wrote it about another record.
    note: bool,
}

/// What Odoo writes about a record by itself, and who hears of it.
const NOTES: [&str; 5] = [
    "mail.followers",
    "mail.mail",
    "mail.message.schedule",
    "mail.notification",
    "mail.tracking.value",
];

/// A value that pointed at a record, and does no longer.
#[derive(Clone, Debug)]
pub(super) struct Lapsed {
    column: usize,
    at: Record,
    own: bool,
    change: Change,
}

impl Gone {
    pub(super) fn of(pair: &Pair, row: &Row) -> Gone {
        let value = |index: usize| row.5.get(index).and_then(Option::as_deref);
        let place = |name: &str| pair.columns.iter().position(|column| column.name == name);
        let (mut of, mut at) = (Vec::new(), Vec::new());
        for (index, column) in pair.columns.iter().enumerate() {
            if let (Some((model, cascades)), Some(id)) = (&column.points, value(index).and_then(id)) {
                let list = if *cascades { &mut of } else { &mut at };
                list.push((model.clone(), id));
            }
        }
        let model = place("res_model").or_else(|| place("model")).and_then(value);
        // The value says what the model is called at the end, the label what it was called: a model that was merged into
        // another is gone, and its records with it.
        let was = row.2.as_deref().and_then(|label| label.rsplit_once(' '));
        if let Some(record) = place("res_id").and_then(value).and_then(id) {
            let was = was.filter(|(_, number)| id(number) == Some(record));
            let was = was.and_then(|(before, _)| before.rsplit(' ').next());
            let models: BTreeSet<&str> = model.into_iter().chain(was).collect();
            of.extend(models.into_iter().map(|model| (model.to_owned(), record)));
        }
        let by_people = place("message_type").and_then(value).is_some_and(is_by_people);
        Gone {
            note: NOTES.contains(&pair.model.as_str()) || (pair.model == "mail.message" && !by_people),
            id: row.1,
            label: row.2.clone(),
            xmlid: row.3.clone(),
            of,
            at,
        }
    }
}

impl Lapsed {
    /// Returns what a changed value is, where it pointed at a record.
    pub(super) fn of(pair: &Pair, index: usize, own: bool, change: &Change) -> Option<Lapsed> {
        let (model, _) = pair.columns.get(index)?.points.as_ref()?;
        Some(Lapsed {
            column: index,
            at: (model.clone(), id(change.before.as_deref()?)?),
            own,
            change: change.clone(),
        })
    }
}

/// Says whether messages of this type are people's: written, or sent and received.
fn is_by_people(message_type: &str) -> bool {
    !matches!(message_type, "notification" | "user_notification" | "auto_comment")
}

/// Reads the id that a number is.
fn id(text: &str) -> Option<i64> {
    text.split('.').next()?.parse().ok()
}

/// What is told of the records that are gone.
#[derive(Clone, Debug, Default)]
pub(super) struct Losses {
    /// By model, those that are told by themselves, and how many more are not kept in mind.
    pub(super) own: BTreeMap<String, (Vec<Gone>, u64)>,
    /// Those that Odoo itself removed, as no data file brings them any more.
    pub(super) dropped: BTreeSet<Record>,
    /// By model of the cause and then of the consequence: how many records went too.
    with: BTreeMap<String, BTreeMap<String, u64>>,
    /// By model of the cause and then by column: how many values pointed there.
    pointed: BTreeMap<String, BTreeMap<String, u64>>,
    /// By model of the cause, how bad the worst consequence is.
    grave: BTreeMap<String, Severity>,
    /// Everything that is told, with the model of its cause.
    told: BTreeMap<Record, String>,
    /// What is gone and not told, as nobody misses it.
    silent: BTreeSet<Record>,
    /// By model, how many are told.
    counted: BTreeMap<String, u64>,
}

impl Losses {
    /// Finds the causes of what is gone, and gives values that pointed at something which is there back to the changes.
    pub(super) fn settle(net: &mut Net, pairs: &[Pair], dangling: &BTreeSet<Record>, way: &Way) -> Losses {
        let mut losses = Losses::default();
        let without_model = of_models_gone(net, way);
        let mut all: BTreeMap<Record, (&Gone, bool)> = BTreeMap::new();
        for (index, table) in &net.tables {
            let Some(pair) = pairs.get(*index) else { continue };
            let model = &pair.model;
            *losses.counted.entry(model.clone()).or_default() += table.gone.1;
            if table.gone.1 > 0 {
                losses.own.entry(model.clone()).or_default().1 = table.gone.1;
            }
            for gone in &table.gone.0 {
                let record = (model.clone(), gone.id);
                let (told, dropped) = told(gone, &record, dangling, net.shipped.as_ref());
                let told = told && !follows_both(gone, &record, way);
                if dropped {
                    losses.dropped.insert(record.clone());
                }
                all.insert(record, (gone, told));
            }
        }
        all.extend(
            without_model
                .iter()
                .map(|(record, gone)| (record.clone(), (gone, false))),
        );
        if way.is_far() {
            // What the modules of the series between brought is not known: what belonged to that is nobody's to tell.
            let went = |gone: &Gone| {
                gone.of
                    .iter()
                    .chain(&gone.at)
                    .any(|of| all.get(of).is_some_and(|(_, told)| !told))
            };
            let with: Vec<Record> = all
                .iter()
                .filter(|(_, (gone, told))| *told && gone.xmlid.is_none() && went(gone))
                .map(|(record, _)| record.clone())
                .collect();
            for record in with {
                if let Some((_, told)) = all.get_mut(&record) {
                    *told = false;
                }
            }
        }
        // What nobody would miss is told where something went with it that is missed, and not only what Odoo noted of it.
        let mut causes = BTreeSet::new();
        for (record, (gone, told)) in all.iter().filter(|(_, (_, told))| *told) {
            let root = cause(record, &all);
            let of_itself = root == *record && *told;
            if of_itself || !gone.note || all.get(&root).is_some_and(|(_, told)| *told) {
                causes.insert(root);
            }
        }
        for (record, (gone, _)) in &all {
            let root = cause(record, &all);
            if !causes.contains(&root) {
                continue;
            }
            losses.take(record, gone, &root, all.get(record).is_some_and(|(_, told)| *told));
        }
        for (record, (gone, told)) in &all {
            if !told && causes.contains(record) && gone.xmlid.is_some() {
                losses.dropped.insert(record.clone());
            }
        }
        losses.silent = all
            .keys()
            .filter(|record| !losses.told.contains_key(record))
            .cloned()
            .collect();
        // Of a model of the customer's own a count tells what Odoo removed, as nothing else does.
        let notes = losses.silent.iter().filter(|(model, _)| model.starts_with("mail."));
        for (model, _) in notes {
            *losses.counted.entry(model.clone()).or_default() += 1;
        }
        for (index, table) in &mut net.tables {
            for lapsed in std::mem::take(&mut table.lapsed) {
                let column = pairs
                    .get(*index)
                    .and_then(|pair| Some((pair, pair.columns.get(lapsed.column)?)));
                match (losses.told.get(&lapsed.at), column) {
                    (Some(root), Some((pair, column))) => {
                        let of_cause = losses.pointed.entry(root.clone()).or_default();
                        *of_cause
                            .entry(format!("{} of {}", column.name, pair.model))
                            .or_default() += 1;
                    }
                    // The hop replaced what it removed.
                    _ if losses.silent.contains(&lapsed.at) && lapsed.change.after.is_some() => {}
                    _ => table.change(lapsed.column, lapsed.own, lapsed.change),
                }
            }
        }
        losses
    }

    fn take(&mut self, record: &Record, gone: &Gone, root: &Record, missed: bool) {
        let (model, cause) = (&record.0, &root.0);
        if missed {
            let severity = grade::lost(model);
            let worst = self.grave.entry(cause.clone()).or_insert(severity);
            *worst = (*worst).max(severity);
        }
        if record == root {
            self.own.entry(model.clone()).or_default().0.push(gone.clone());
        } else {
            let of_cause = self.with.entry(cause.clone()).or_default();
            *of_cause.entry(model.clone()).or_default() += 1;
        }
        *self.counted.entry(model.clone()).or_default() += 1;
        self.told.insert(record.clone(), cause.clone());
    }

    /// Says whether it is told that a record is gone, or nobody misses it.
    pub(super) fn tells(&self, model: &str, id: i64) -> bool {
        let record = (model.to_owned(), id);
        self.told.contains_key(&record) || self.silent.contains(&record)
    }

    /// Returns the records that are there and that lost ones of this model were about, by their models.
    pub(super) fn left_behind(&self, model: &str) -> BTreeMap<&str, BTreeSet<i64>> {
        let mut left: BTreeMap<&str, BTreeSet<i64>> = BTreeMap::new();
        let own = self.own.get(model).into_iter().flat_map(|(own, _)| own);
        for (of, id) in own
            .filter(|gone| gone.note || gone.xmlid.is_none())
            .flat_map(|gone| &gone.of)
        {
            if of != model {
                left.entry(of).or_default().insert(*id);
            }
        }
        left
    }

    /// Returns the models whose findings tell of records of this model.
    pub(super) fn causes(&self, model: &str) -> BTreeSet<&str> {
        let of_model = self.told.iter().filter(|((of, _), _)| of == model);
        of_model.map(|(_, cause)| cause.as_str()).collect()
    }

    /// How bad it is that records of this model are gone, with all that went with them.
    pub(super) fn severity(&self, model: &str) -> Severity {
        let own = grade::lost(model);
        self.grave.get(model).map_or(own, |worst| own.max(*worst))
    }

    /// Returns one finding for each model that the series does without and whose records took others along.
    pub(super) fn of_models_gone(&self, pairs: &[Pair], way: &Way) -> Vec<Finding> {
        let without = self
            .own
            .iter()
            .filter(|(model, _)| !pairs.iter().any(|pair| pair.model == **model));
        let without = without.filter_map(|(model, (own, _))| Some((model, own, model_gone(model, way)?)));
        let finding = |(model, own, why): (&String, &Vec<Gone>, &str)| {
            let some = own.iter().take(judge::NAMED).map(|gone| format!("{model} {}", gone.id));
            Finding {
                severity: Severity::Warning,
                code: "record-lost".into(),
                area: grade::area(model).into(),
                subject: model.clone(),
                message: format!(
                    "{} of {model} took others along ({why}){}",
                    crate::words::count(own.len(), "record"),
                    self.with(model)
                ),
                remedy: "what people wrote about them is in the backup; what else the series kept of them is told by its model".into(),
                evidence: judge::with_rest(some.collect(), own.len() as u64),
                since: None,
            }
        };
        without.map(finding).collect()
    }

    /// Returns what went with records of this model, as the end of a sentence.
    pub(super) fn with(&self, model: &str) -> String {
        let mut text = listed(", and with them ", self.with.get(model));
        text += &listed(
            "; nothing is left where these pointed at them: ",
            self.pointed.get(model),
        );
        text
    }
}

/// Says whether somebody followed a record of a model that was merged into another: who followed both records follows the one.
fn follows_both(gone: &Gone, record: &Record, way: &Way) -> bool {
    let mut words = gone.label.as_deref().unwrap_or_default().split(' ');
    let model = words.next().unwrap_or_default();
    record.0 == "mail.followers" && way.model(model) != model && way.is_merge_target(way.model(model))
}

/// Returns the records of models that the series does without, and with which others went.
fn of_models_gone(net: &Net, way: &Way) -> BTreeMap<Record, Gone> {
    let all = net
        .tables
        .values()
        .flat_map(|table| &table.gone.0)
        .flat_map(|gone| &gone.of);
    let of_models = all.filter(|(model, _)| model_gone(model, way).is_some());
    let gone = |(model, id): &Record| {
        let gone = Gone {
            id: *id,
            label: None,
            xmlid: None,
            of: Vec::new(),
            at: Vec::new(),
            note: false,
        };
        ((model.clone(), *id), gone)
    };
    of_models.map(gone).collect()
}

/// Says whether a record that is gone is told, and whether Odoo itself removed it although it is told.
fn told(gone: &Gone, record: &Record, dangling: &BTreeSet<Record>, shipped: Option<&Shipped>) -> (bool, bool) {
    let Some(xmlid) = &gone.xmlid else {
        return (true, false);
    };
    let still = shipped.is_some_and(|shipped| shipped.still_brings(xmlid));
    let left = dangling.contains(record);
    let told = still || left || !super::known::updates_may_write(&record.0);
    (told, told && !still && !left)
}

/// Returns the record with which this one went: itself, if it went with none.
fn cause(record: &Record, all: &BTreeMap<Record, (&Gone, bool)>) -> Record {
    let mut seen = BTreeSet::from([record]);
    let mut at = record;
    while let Some((gone, _)) = all.get(at) {
        // A tree of records of one model is told by all of them.
        let mut above = gone.of.iter().filter(|of| of.0 != at.0);
        let Some(next) = above.find_map(|of| all.get_key_value(of)) else {
            return at.clone();
        };
        if !seen.insert(next.0) {
            break;
        }
        at = next.0;
    }
    record.clone()
}

fn listed(start: &str, of: Option<&BTreeMap<String, u64>>) -> String {
    let Some(of) = of else { return String::new() };
    let mut most: Vec<(&String, &u64)> = of.iter().collect();
    most.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let mut named: Vec<String> = most
        .iter()
        .take(NAMED)
        .map(|(what, count)| format!("{count} of {}", what.replace(" of ", " at ")))
        .collect();
    let rest: u64 = most.iter().skip(NAMED).map(|(_, count)| **count).sum();
    if rest > 0 {
        named.push(format!("{rest} others"));
    }
    format!("{start}{}", named.join(", "))
}

/// Takes from the comparisons what the proof told record by record: a count of records that are gone, and what a named
/// invariant misses of records that are gone; `files` says whether those were asked that look at every file by itself.
pub fn told_once(judged: &mut Judged, comparisons: &mut [Comparison], files: bool, way: &Way) {
    for comparison in comparisons {
        let Some(finding) = &comparison.finding else { continue };
        let counted = match finding.code.as_str() {
            "rows-lost" => {
                let number = |text: &str| text.parse::<u64>().unwrap_or_default();
                let lost = number(&comparison.before).saturating_sub(number(&comparison.after));
                let model = way.model(&finding.subject).to_owned();
                let named = judged.losses.counted.get(&model).copied().unwrap_or_default();
                // Of a model of the customer's own nobody knows how much it weighs.
                if !BUSINESS.contains(&model.as_str()) {
                    judged.weigh(&model, finding.severity);
                }
                named >= lost
            }
            "documents-lost" => files,
            _ => false,
        };
        if counted {
            comparison.finding = None;
            comparison.explained = Some("told record by record".into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ident::Series;
    use crate::odoo::openupgrade::Renames;
    use crate::verify::content::{Column, ForeignKey, Judged, Model, Shape, judge, pair};

    /// Two models with chatter: an order has lines, which go with it, and a salesman, who may go without it.
    fn shape() -> Shape {
        let models = [
            ("sale.order", vec!["user"]),
            ("sale.order.line", vec!["order"]),
            ("crm.team", vec![]),
            ("mail.message", vec!["model", "res_id", "message_type"]),
        ];
        let mut shape = Shape::default();
        for (model, columns) in models {
            let table = model.replace('.', "_");
            let kind = |name: &str| if name.starts_with('m') { "varchar" } else { "int4" };
            let with_id = columns.iter().copied().chain(["id"]);
            let kinds = with_id.map(|name| (name.to_owned(), kind(name).to_owned()));
            shape.tables.insert(table.clone(), kinds.collect());
            let fields = columns.iter().map(|name| ((*name).to_owned(), "char".to_owned()));
            let fields = fields.collect();
            let choices = BTreeMap::new();
            shape.models.insert(model.into(), Model { table, fields, choices });
        }
        let key = |table: &str, column: &str, target: &str, cascades| ForeignKey {
            table: table.into(),
            column: column.into(),
            target: target.into(),
            cascades,
        };
        shape.keys.push(key("sale_order_line", "order", "sale_order", true));
        shape.keys.push(key("sale_order", "user", "crm_team", false));
        shape
    }

    /// A row: model, id, external id, values by column.
    type Given<'a> = (&'a str, i64, Option<&'a str>, &'a [(&'a str, &'a str)]);

    /// Judges what is there before and after.
    fn judged(before: &[Given], after: &[Given]) -> Judged {
        let (shape, hops, renames) = (shape(), [Series::NEWEST], Renames::default());
        let way = Way::new(&hops, &renames);
        let pairs = pair(&shape, &shape, &way, false);
        let line = |(model, id, xmlid, values): &Given| {
            let index = pairs.iter().position(|pair| pair.model == *model).unwrap();
            let value = |column: &Column| {
                let found = values.iter().find(|(name, _)| *name == column.name);
                found.map(|(_, value)| *value)
            };
            let values: Vec<Option<&str>> = pairs[index].columns.iter().map(value).collect();
            serde_json::json!([index, id, null, xmlid, null, values]).to_string()
        };
        let [before, after] = [before, after].map(|rows| rows.iter().map(line).collect::<Vec<_>>());
        let mut net = Net::default();
        let lines = (before.iter().map(String::as_str), after.iter().map(String::as_str));
        net.compare(&pairs, lines.0, lines.1).unwrap();
        judge(net, &pairs, &BTreeSet::new(), &way)
    }

    fn told(judged: &Judged) -> Vec<(&str, &str)> {
        let findings = judged.findings.iter();
        findings
            .map(|finding| (finding.subject.as_str(), finding.message.as_str()))
            .collect()
    }

    const LINE: &[(&str, &str)] = &[("order", "7.000000")];
    const COMMENT: &[(&str, &str)] = &[
        ("model", "sale.order.line"),
        ("res_id", "70"),
        ("message_type", "comment"),
    ];

    #[test]
    fn what_goes_with_a_lost_record_is_told_with_it_over_any_number_of_steps() {
        let all = [
            ("sale.order", 7, None, &[][..]),
            ("sale.order.line", 70, None, LINE),
            ("mail.message", 700, None, COMMENT),
        ];
        let judged = judged(&all, &[]);
        let message = "1 of 0 records of sale.order are gone, and with them 1 of mail.message, 1 of sale.order.line";
        assert_eq!(told(&judged), [("sale.order", message)]);
        assert_eq!(judged.findings[0].severity, Severity::Error);
        assert!(judged.tells("mail.message", 700));
    }

    #[test]
    fn what_is_lost_although_its_record_is_there_is_a_loss_of_its_own() {
        let order = ("sale.order", 7, None, &[][..]);
        let judged = judged(&[order, ("sale.order.line", 70, None, LINE)], &[order]);
        assert_eq!(told(&judged)[0].0, "sale.order.line");
        assert_eq!(judged.findings.len(), 1);
    }

    #[test]
    fn a_value_that_pointed_at_a_lost_record_is_told_with_it_and_any_other_by_itself() {
        let order = |id, user: &'static [(&'static str, &'static str)]| ("sale.order", id, None, user);
        let before = [order(7, &[("user", "3.000000")]), order(8, &[("user", "4.000000")])];
        let gone = [
            before[0],
            before[1],
            ("crm.team", 3, None, &[]),
            ("crm.team", 4, None, &[]),
        ];
        let judged = judged(&gone, &[order(7, &[]), order(8, &[]), ("crm.team", 4, None, &[])]);
        let team =
            "1 of 0 records of crm.team are gone; nothing is left where these pointed at them: 1 of user at sale.order";
        assert!(told(&judged).contains(&("crm.team", team)), "{:?}", told(&judged));
        let order = judged
            .findings
            .iter()
            .find(|finding| finding.subject == "sale.order: user")
            .unwrap();
        assert!(
            order.evidence.len() == 1 && order.evidence[0].starts_with("sale.order 8"),
            "{order:?}"
        );
    }

    #[test]
    fn what_a_module_no_longer_brings_is_told_only_where_something_of_peoples_went_with_it() {
        let team = ("crm.team", 3, Some("crm.team_1"), &[][..]);
        let message = |kind: &'static [(&'static str, &'static str)]| ("mail.message", 1, None, kind);
        let note = message(&[("model", "crm.team"), ("res_id", "3"), ("message_type", "notification")]);
        assert_eq!(told(&judged(&[team, note], &[])), []);
        let written = message(&[("model", "crm.team"), ("res_id", "3"), ("message_type", "comment")]);
        let judged = judged(&[team, written], &[]);
        let told = told(&judged);
        assert_eq!(
            told,
            [(
                "crm.team",
                "1 of 0 records of crm.team are gone, and with them 1 of mail.message"
            )]
        );
        assert!(
            judged.findings[0]
                .remedy
                .contains("noupdate = true WHERE model = 'crm.team' AND res_id IN (3)")
        );
    }

    #[test]
    fn messages_about_records_of_a_model_that_the_series_does_without_are_told_by_that() {
        let about = [
            ("model", "hr.expense.sheet"),
            ("res_id", "2"),
            ("message_type", "comment"),
        ];
        let judged = judged(&[("mail.message", 1, None, &about)], &[]);
        assert_eq!(judged.findings[0].subject, "hr.expense.sheet");
        assert_eq!(
            (judged.findings.len(), judged.findings[0].severity),
            (1, Severity::Warning)
        );
    }

    #[test]
    fn what_was_about_a_model_that_is_merged_into_another_is_about_both() {
        let (shape, hops, renames) = (shape(), [Series::NEWEST], Renames::default());
        let pairs = pair(&shape, &shape, &Way::new(&hops, &renames), false);
        let index = pairs.iter().position(|pair| pair.model == "mail.message").unwrap();
        let value = |column: &Column| match column.name.as_str() {
            "model" => Some("stock.quant"),
            "res_id" => Some("7"),
            _ => None,
        };
        let values: Vec<Option<&str>> = pairs[index].columns.iter().map(value).collect();
        let row = serde_json::json!([index, 1, "Counted of stock.inventory 7", null, null, values]);
        let gone = Gone::of(&pairs[index], &serde_json::from_value(row).unwrap());
        assert_eq!(
            gone.of,
            [("stock.inventory".to_owned(), 7), ("stock.quant".to_owned(), 7)]
        );
    }

    #[test]
    fn a_count_of_records_is_not_told_beside_their_names() {
        let mut judged = judged(&[("crm.team", 3, None, &[])], &[]);
        let (hops, renames) = ([Series::NEWEST], Renames::default());
        let finding = |code: &str| Finding {
            severity: Severity::Error,
            code: code.into(),
            subject: "crm.team".into(),
            ..judged.findings[0].clone()
        };
        let counted = |after| Comparison::new("rows/crm.team", "records", 2, after).finding(finding("rows-lost"));
        let mut comparisons = [counted(1), counted(0)];
        told_once(&mut judged, &mut comparisons, true, &Way::new(&hops, &renames));
        assert!(comparisons[0].finding.is_none());
        assert!(comparisons[1].finding.is_some(), "of two only one is named");
        assert_eq!(
            judged.findings[0].severity,
            Severity::Error,
            "a model of nobody's weighs as its count does"
        );
    }
}
