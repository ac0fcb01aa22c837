//! Findings from faults: one for each cause, with the records it breaks.

use std::collections::BTreeMap;

use super::{Before, Fault, Kind, OffView, ViewCheck};
use crate::event::{Finding, Severity};
use crate::verify::shipped::Shipped;
use crate::words;

/// How many lines of evidence name what is broken; the rest is counted.
const NAMED: usize = 10;

/// Returns one finding for each cause: a thing that is gone, or what Odoo says.
pub(super) fn of_faults(faults: &[Fault], before: &Before, shipped: Option<&Shipped>) -> Vec<Finding> {
    let mut causes: BTreeMap<(Kind, bool, Option<Excuse>, String), Vec<&Fault>> = BTreeMap::new();
    for fault in faults {
        let excuse = if was_so(fault, before) {
            Some(Excuse::Before)
        } else {
            is_shipped(fault, shipped).then_some(Excuse::Shipped)
        };
        let key = (fault.kind, fault.grave, excuse, cause(fault));
        causes.entry(key).or_default().push(fault);
    }
    let told = causes.into_iter();
    told.map(|((kind, grave, excuse, cause), faults)| finding((kind, grave, excuse), &cause, &faults))
        .collect()
}

/// Why the upgrade is not to blame.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Excuse {
    /// It was so before.
    Before,
    /// The data files of its module have it so.
    Shipped,
}

/// Says whether an action that no menu leads to has the view that its module's data file gives it: Odoo's own 19.0 has one for
/// which that is a view of another model.
fn is_shipped(fault: &Fault, shipped: Option<&Shipped>) -> bool {
    let says = |column| shipped.is_some_and(|shipped| shipped.says(&fault.record, fault.id, column));
    fault.kind == Kind::Action && !fault.grave && fault.names.is_empty() && says("res_model") && says("view_id")
}

/// Says whether a record was as broken before the upgrade: its texts are the same, and what they name was not there either.
fn was_so(fault: &Fault, before: &Before) -> bool {
    let syntax = fault
        .error
        .as_deref()
        .is_some_and(|error| error.starts_with("SyntaxError"));
    let never = !fault.names.is_empty() && fault.names.iter().all(|name| before.never_had(name));
    (syntax || never) && before.has_same(fault)
}

/// Returns the same text for faults that one thing explains.
fn cause(fault: &Fault) -> String {
    if !fault.names.is_empty() {
        return fault.names.join(", ");
    }
    // What was said about a record names the record.
    let said = fault.error.as_deref().unwrap_or_default();
    match fault.kind {
        Kind::Report | Kind::Mail => said.rsplit_once(": ").map_or(said, |(_, reason)| reason).to_owned(),
        _ => said.to_owned(),
    }
}

fn finding((kind, grave, excuse): (Kind, bool, Option<Excuse>), cause: &str, faults: &[&Fault]) -> Finding {
    let was_so = excuse == Some(Excuse::Before);
    let severity = if excuse.is_some() {
        Severity::Info
    } else {
        kind.severity(grave)
    };
    let first = faults[0];
    let (subject, who) = match faults {
        [one] => (label(one), format!("the {} `{}`", kind.noun(), one.name)),
        many if first.names.is_empty() => (
            format!("{}: {cause}", kind.noun()),
            words::count(many.len(), kind.noun()),
        ),
        many => (plain_names(first), words::count(many.len(), kind.noun())),
    };
    let verb = |one: &'static str, many: &'static str| if faults.len() == 1 { one } else { many };
    let mut message = if kind == Kind::Unseen {
        format!(
            "the {} could not be looked at: {}",
            first.name,
            first.error.as_deref().unwrap_or("it is not known why")
        )
    } else if first.names.is_empty() {
        let error = first.error.as_deref().unwrap_or("Odoo gives no reason");
        format!("{who} {}: {error}", verb("fails", "fail"))
    } else {
        let gone = if was_so { "not there" } else { "gone" };
        let names: Vec<String> = first.names.iter().map(|name| said(name)).collect();
        let is = if names.len() == 1 { "is" } else { "are" };
        format!(
            "{who} {} {}, which {is} {gone}",
            verb("names", "name"),
            names.join(", ")
        )
    };
    if was_so {
        message.push_str("; it was so before the upgrade");
    }
    if excuse == Some(Excuse::Shipped) {
        message.push_str("; its module has it so, and no menu leads there");
    }
    Finding {
        severity,
        code: kind.code().into(),
        area: "views".into(),
        subject,
        message,
        remedy: remedy(kind, faults),
        evidence: evidence(faults),
        since: None,
    }
}

/// Returns how a record is known: by its external id, else by model, id and name.
fn label(fault: &Fault) -> String {
    match &fault.xmlid {
        _ if fault.table.is_empty() => fault.name.clone(),
        Some(xmlid) => xmlid.clone(),
        None => format!("{} {} ({})", fault.record, fault.id, fault.name),
    }
}

fn plain_names(fault: &Fault) -> String {
    let names = fault
        .names
        .iter()
        .map(|name| name.split_once(':').map_or(name.as_str(), |(_, name)| name));
    names.collect::<Vec<_>>().join(", ")
}

/// Says what a name is the name of.
fn said(name: &str) -> String {
    let member = |of: &str| match of.rsplit_once('.') {
        Some((model, name)) => (name.to_owned(), model.to_owned()),
        None => (of.to_owned(), "its model".to_owned()),
    };
    match name.split_once(':') {
        Some(("model", model)) => format!("the model {model}"),
        Some(("xmlid", xmlid)) => format!("the external id {xmlid}"),
        Some(("action", id)) => format!("the action {id}"),
        Some((_, method)) => {
            let (name, model) = member(method);
            format!("the method `{name}` of {model}")
        }
        None => {
            let (field, model) = member(name);
            format!("the field `{field}` of {model}")
        }
    }
}

fn remedy(kind: Kind, faults: &[&Fault]) -> String {
    let ids: Vec<String> = faults.iter().map(|fault| fault.id.to_string()).collect();
    kind.remedy(&faults[0].table, &ids.join(", "))
}

fn evidence(faults: &[&Fault]) -> Vec<String> {
    let lines = faults.iter().map(|fault| {
        let mut line = label(fault);
        if fault.xmlid.is_some() {
            line = format!("{line} ({} {}, `{}`)", fault.record, fault.id, fault.name);
        }
        let details = [
            fault.of.as_ref().map(|of| format!("of {of}")),
            fault.place.clone(),
            fault.error.clone().filter(|_| fault.kind != Kind::Unseen),
        ];
        for detail in details.into_iter().flatten() {
            line = format!("{line}, {detail}");
        }
        line
    });
    let mut lines: Vec<String> = lines.take(NAMED).collect();
    if faults.len() > lines.len() {
        lines.push(format!("… and {} more", faults.len() - lines.len()));
    }
    lines
}

/// Returns what tells of views of modules that were active before and are off now.
pub(super) fn of_views_off(off: &[OffView], before: &Before) -> Vec<Finding> {
    let switched: Vec<&OffView> = off.iter().filter(|view| before.was_active(view.id)).collect();
    let mut found = Vec::new();
    for own in [true, false] {
        let some: Vec<&&OffView> = switched.iter().filter(|view| view.own == own).collect();
        let Some(first) = some.first() else { continue };
        let views = words::count(some.len(), "view");
        let (severity, whose) = if own {
            (Severity::Warning, "modules that are not Odoo's")
        } else {
            (Severity::Info, "Odoo's modules")
        };
        let mut evidence: Vec<String> = some
            .iter()
            .take(NAMED)
            .map(|view| {
                format!(
                    "{} ({}) of {}",
                    view.xmlid,
                    view.id,
                    view.model.as_deref().unwrap_or("no model")
                )
            })
            .collect();
        if some.len() > evidence.len() {
            evidence.push(format!("… and {} more", some.len() - evidence.len()));
        }
        found.push(Finding {
            severity,
            code: "views-off".into(),
            area: "views".into(),
            subject: if some.len() == 1 { first.xmlid.clone() } else { format!("views of {whose}") },
            message: format!("{views} of {whose} that showed before the upgrade {} off now", if some.len() == 1 { "is" } else { "are" }),
            remedy: "switch a view that is missed on again (`UPDATE ir_ui_view SET active = true WHERE id = …;` in an `after` step): `verify` says then what is wrong with it".into(),
            evidence,
            since: None,
        });
    }
    found
}

/// Returns what tells of things that could not be looked at.
pub(super) fn of_the_look(check: &ViewCheck) -> Option<Finding> {
    let slow = (check.too_slow > 0).then(|| {
        format!(
            "{} took too long and were given up",
            words::count(usize::try_from(check.too_slow).unwrap_or(usize::MAX), "look")
        )
    });
    let printed = check
        .not_printed
        .as_ref()
        .map(|why| format!("no report could be printed: {why}"));
    let evidence: Vec<String> = slow.into_iter().chain(printed).collect();
    (!evidence.is_empty()).then(|| Finding {
        severity: Severity::Info,
        code: "views-unseen".into(),
        area: "views".into(),
        subject: "what was not looked at".into(),
        message: "some views, reports or templates were not looked at to the end".into(),
        remedy: "try them by hand in the test instance: `hopp up PLAN test`".into(),
        evidence,
        since: None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::parse_before;
    use super::*;

    fn filter(id: i64) -> Fault {
        Fault {
            kind: Kind::Filter,
            table: "ir_filters".into(),
            record: "ir.filters".into(),
            id,
            name: "Mine".into(),
            names: vec!["res.partner.mobile".into()],
            texts: [("domain".to_owned(), serde_json::json!("[('mobile', '!=', False)]"))].into(),
            ..Fault::default()
        }
    }

    #[test]
    fn one_cause_is_one_finding_with_ten_records_named() {
        let faults: Vec<Fault> = (1..=12).map(filter).collect();
        let found = of_faults(&faults, &Before::default(), None);
        let [one] = &found[..] else { panic!("{found:?}") };
        assert_eq!(one.subject, "res.partner.mobile");
        assert_eq!(
            one.message,
            "12 saved filters name the field `mobile` of res.partner, which is gone"
        );
        assert_eq!(one.evidence.len(), 11);
        assert_eq!(one.evidence[10], "… and 2 more");
        assert_eq!(one.severity, Severity::Warning);
    }

    #[test]
    fn a_record_as_it_was_that_names_what_never_was_is_no_fault_of_the_upgrade() {
        let before = |fields: &str| {
            let json = format!(
                r#"{{"models": ["res.partner"], "fields": [{fields}],
                     "rows": {{"ir_filters": {{"3": {{"domain": "[('mobile', '!=', False)]"}}}}}}}}"#
            );
            of_faults(&[filter(3)], &parse_before(&json).unwrap(), None).remove(0)
        };
        let vanished = before(r#""res.partner.mobile""#);
        assert_eq!(vanished.severity, Severity::Warning);
        assert_eq!(vanished.subject, "ir.filters 3 (Mine)");
        let never = before("");
        assert_eq!(never.severity, Severity::Info);
        assert!(
            never.message.ends_with("it was so before the upgrade"),
            "{}",
            never.message
        );
    }

    #[test]
    fn what_people_meet_daily_is_an_error_and_the_rest_a_warning() {
        let report = |grave| Fault {
            kind: Kind::Report,
            table: "ir_act_report_xml".into(),
            error: Some("on account.move 7: AttributeError: gone".into()),
            grave,
            ..Fault::default()
        };
        let found = of_faults(&[report(true), report(false)], &Before::default(), None);
        let severities: Vec<Severity> = found.iter().map(|one| one.severity).collect();
        assert_eq!(severities, [Severity::Warning, Severity::Error]);
    }

    #[test]
    fn a_view_that_showed_before_and_is_off_now_is_told() {
        let view = |id, own| OffView {
            id,
            xmlid: format!("a.view_{id}"),
            name: None,
            model: Some("res.partner".into()),
            own,
        };
        let before = parse_before(r#"{"active": [1, 2]}"#).unwrap();
        let found = of_views_off(&[view(1, true), view(2, false), view(3, true)], &before);
        let told: Vec<(&str, Severity)> = found.iter().map(|one| (one.subject.as_str(), one.severity)).collect();
        assert_eq!(told, [("a.view_1", Severity::Warning), ("a.view_2", Severity::Info)]);
    }

    #[test]
    fn an_action_that_its_module_has_so_and_no_menu_leads_to_is_no_fault_of_the_upgrade() {
        let json = r#"{"absent": {}, "failed": [], "without_code": [], "records": [{"model": "ir.actions.act_window", "id": 5,
            "xmlid": "a.act", "kept": false, "name": "A", "same": ["res_model", "view_id"], "other": {}, "links": []}]}"#;
        let shipped = crate::verify::shipped::parse(json).unwrap();
        let told = |id, grave| {
            let fault = Fault {
                kind: Kind::Action,
                record: "ir.actions.act_window".into(),
                id,
                error: Some("its view is one of another model".into()),
                grave,
                ..Fault::default()
            };
            of_faults(&[fault], &Before::default(), Some(&shipped))
                .remove(0)
                .severity
        };
        assert_eq!(told(5, false), Severity::Info);
        assert_eq!(told(5, true), Severity::Error);
        assert_eq!(told(6, false), Severity::Warning);
    }
}
