//! Users and what they may do.

use std::collections::{BTreeMap, BTreeSet};

use super::{Comparison, Way, finding, known};
use crate::event::Severity;
use crate::verify::baseline::{Baseline, User};
use crate::verify::shipped::Shipped;

/// Who has one of these can read or change everything, or the books.
const POWERFUL: [&str; 3] = [
    "base.group_system",
    "base.group_erp_manager",
    "account.group_account_manager",
];

pub(super) fn compare(before: &Baseline, after: &Baseline, way: &Way, shipped: Option<&Shipped>) -> Vec<Comparison> {
    if before.users.is_empty() {
        return Vec::new();
    }
    let now: BTreeMap<i64, &User> = after.users.iter().map(|user| (user.id, user)).collect();
    let mut all = vec![users(before, after, &now, way)];
    all.extend(rights((before, after), &now, way, shipped));
    all
}

fn users(before: &Baseline, after: &Baseline, now: &BTreeMap<i64, &User>, way: &Way) -> Comparison {
    let active = |baseline: &Baseline| {
        let active = baseline.users.iter().filter(|user| user.active).count();
        format!("{active} active of {}", baseline.users.len())
    };
    let mut reasons = Vec::new();
    let mut evidence = Vec::new();
    for user in &before.users {
        match now.get(&user.id) {
            None => match known::user_gone(&user.login, way) {
                Some(why) => reasons.push(why),
                None => evidence.push(format!("{} is gone", user.login)),
            },
            Some(after) if user.active && !after.active => {
                evidence.push(format!("{} cannot log in any more", user.login));
            }
            Some(after) if user.login != after.login => {
                evidence.push(format!("{} is called {} now", user.login, after.login));
            }
            Some(after) if user.share != after.share => {
                let what = if after.share { "a portal" } else { "an internal" };
                evidence.push(format!("{} is {what} user now", user.login));
            }
            Some(_) => {}
        }
    }
    let comparison = Comparison::new("users", "users", active(before), active(after));
    if !evidence.is_empty() {
        return comparison.finding(finding(
            Severity::Error,
            ("users-lost", "people"),
            "res.users",
            "users are not who they were",
            "look at the users in the settings of the upgraded database",
            evidence,
        ));
    }
    if reasons.is_empty() {
        comparison
    } else {
        comparison.explained(reasons.join("; "))
    }
}

/// Compares groups by name: what was lost, and what was gained. One finding holds every group, each with the users it
/// is about.
fn rights(
    (before, after): (&Baseline, &Baseline),
    now: &BTreeMap<i64, &User>,
    way: &Way,
    shipped: Option<&Shipped>,
) -> [Comparison; 2] {
    let modules_before: BTreeSet<&str> = before
        .modules
        .iter()
        .map(|module| way.renames.module(&module.name))
        .collect();
    let modules_after: BTreeSet<&str> = after.modules.iter().map(|module| module.name.as_str()).collect();
    let mut lost: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let mut gained: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let groups_before: BTreeSet<String> = before.groups.iter().map(|group| renamed(&group.name, way)).collect();
    let groups_after: BTreeSet<&str> = after.groups.iter().map(|group| group.name.as_str()).collect();
    let mut explained = BTreeSet::new();
    let now_implied = &implications(before, after, way, shipped);
    for (user, after) in pairs(before, now) {
        let had: BTreeSet<String> = user.groups.iter().map(|group| renamed(group, way)).collect();
        for group in had.iter().filter(|group| !after.groups.contains(group)) {
            if let Some(hop) = known::group_gone(group, way).filter(|_| !groups_after.contains(group.as_str())) {
                explained.insert(format!("{hop}.0 does without {group}"));
            } else if modules_after.contains(module_of(group)) || modules_after.is_empty() {
                lost.entry(group.clone()).or_default().push(&user.login);
            } else {
                explained.insert(format!("{group} went with its module"));
            }
        }
        let implied = implied_now(&had, now_implied);
        for group in after.groups.iter().filter(|group| !had.contains(*group)) {
            // A group that nothing he had implies, even now, was given to him. Of a new one only its module knows that.
            let known = match shipped {
                Some(shipped) => !shipped.gives(group, user.id),
                None => groups_before.contains(group),
            };
            let given = known && !implied.contains(group.as_str());
            if given || POWERFUL.contains(&group.as_str()) {
                gained.entry(group).or_default().push(&user.login);
            } else if !modules_before.contains(module_of(group)) {
                explained.insert(format!("{group} came with a new module"));
            }
        }
    }
    let given = |baseline: &Baseline| {
        let sum: usize = baseline.users.iter().map(|user| user.groups.len()).sum();
        format!("{sum} memberships")
    };
    let comparison = Comparison::new(
        "rights",
        "groups of each user, implied ones included",
        given(before),
        given(after),
    );
    let gained = gained_finding(
        Comparison::new("rights-gained", "groups that users were not in", 0, gained.len()),
        &gained,
    );
    let lost = match lost.len() {
        0 if explained.is_empty() => comparison,
        0 => comparison.explained(explained.into_iter().collect::<Vec<_>>().join("; ")),
        1 => {
            let (group, users) = lost.into_iter().next().unwrap_or_default();
            comparison.finding(finding(
                Severity::Warning,
                ("rights-lost", "people"),
                group.as_str(),
                format!("users are no longer in {group}"),
                "give them the group again, or the one that took its place",
                users.into_iter().map(String::from).collect(),
            ))
        }
        groups => comparison.finding(finding(
            Severity::Warning,
            ("rights-lost", "people"),
            "res.groups",
            format!("users are no longer in {groups} groups"),
            "give them these groups again, or those that took their place",
            lost.into_iter()
                .map(|(group, users)| format!("{group}: {}", users.join(", ")))
                .collect(),
        )),
    };
    [lost, gained]
}

fn gained_finding(comparison: Comparison, gained: &BTreeMap<&str, Vec<&str>>) -> Comparison {
    let Some((group, users)) = gained.first_key_value() else {
        return comparison;
    };
    let (subject, message, evidence) = if gained.len() == 1 {
        let users = users.iter().map(ToString::to_string).collect();
        (*group, format!("users are in {group} who were not"), users)
    } else {
        let lines = gained
            .iter()
            .map(|(group, users)| format!("{group}: {}", users.join(", ")));
        let message = format!("users are in {} groups in which they were not", gained.len());
        ("res.groups", message, lines.collect())
    };
    comparison.finding(finding(
        Severity::Error,
        ("rights-gained", "people"),
        subject,
        message,
        "take the group away from them, unless they should have it",
        evidence,
    ))
}

/// Returns what groups imply after the last hop, as far as that is right: what they did before, what the modules' data
/// files say, and what a new group brings along.
fn implications<'a>(
    before: &Baseline,
    after: &'a Baseline,
    way: &Way,
    shipped: Option<&Shipped>,
) -> BTreeMap<&'a str, Vec<&'a str>> {
    let were: BTreeMap<String, BTreeSet<String>> = before
        .groups
        .iter()
        .map(|group| {
            let implied = group.implies.iter().map(|name| renamed(name, way));
            (renamed(&group.name, way), implied.collect())
        })
        .collect();
    let right = |group: &str, implied: &String| match (were.get(group), shipped) {
        (Some(were), Some(shipped)) => {
            were.contains(implied) || shipped.implies(group, implied) || known::group_implies(group, implied, way)
        }
        _ => true,
    };
    after
        .groups
        .iter()
        .map(|group| {
            let implied = group.implies.iter().filter(|implied| right(&group.name, implied));
            (group.name.as_str(), implied.map(String::as_str).collect())
        })
        .collect()
}

/// Returns all that these groups imply after the last hop.
fn implied_now<'a>(had: &'a BTreeSet<String>, implies: &BTreeMap<&'a str, Vec<&'a str>>) -> BTreeSet<&'a str> {
    let mut all = BTreeSet::new();
    let mut open: Vec<&str> = had.iter().map(String::as_str).collect();
    while let Some(group) = open.pop() {
        let next = implies.get(group).into_iter().flatten().copied();
        open.extend(next.filter(|name| all.insert(*name)));
    }
    all
}

/// Returns the users of both sides who can log in.
fn pairs<'a>(before: &'a Baseline, now: &'a BTreeMap<i64, &'a User>) -> impl Iterator<Item = (&'a User, &'a User)> {
    before
        .users
        .iter()
        .filter(|user| user.active)
        .filter_map(|user| Some((user, *now.get(&user.id)?)))
}

fn module_of(group: &str) -> &str {
    group.split_once('.').map_or(group, |(module, _)| module)
}

fn renamed(group: &str, way: &Way) -> String {
    let group = known::group_moved(group, way).unwrap_or(group);
    match group.split_once('.') {
        Some((module, name)) => format!("{}.{name}", way.renames.module(module)),
        None => group.into(),
    }
}
