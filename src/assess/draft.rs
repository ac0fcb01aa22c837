//! A plan to start from: what was detected, with comments where a person has to decide.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::Assessment;
use crate::ident::Series;
use crate::odoo::fates::{Fate, Origin, Way, oca_repository};
use crate::odoo::survey::Module;
use crate::spec::lists::{CodeList, Listed};

/// Modules that the playbook of known issues is about.
const DASHBOARDS: [&str; 2] = ["spreadsheet_dashboard_purchase", "spreadsheet_dashboard_purchase_stock"];

/// Returns the text of a plan. `modules` are those of the database, whose websites tell of repositories; `list` is what
/// other tools' files say, with a name for each repository.
pub fn draft(
    assessment: &Assessment,
    modules: &BTreeMap<String, Module>,
    customer: &str,
    backup: &str,
    to: Series,
    list: &CodeList,
) -> String {
    let database = &assessment.database;
    let edition = if database.enterprise { "Enterprise" } else { "Community" };
    let mut text = format!(
        "# Odoo {} {edition}, {}. `hopp check` says what is wrong with this plan, `hopp assess` what will become of each module.\n\
         customer: {customer}\nsource:\n  backup: {}\ntarget: \"{to}\"\n",
        database.series,
        crate::words::count(assessment.modules.len(), "installed module"),
        quoted(backup),
    );
    if database.attachments.filestore.is_none() && database.attachments.stored > 0 {
        text = text.replace(
            "target:",
            "  # The backup does not hold the attachments' files:\n  # filestore: path/to/filestore\ntarget:",
        );
    }
    if database.enterprise {
        text.push_str("# OpenUpgrade does not cover Enterprise; Odoo's own service does.\nengine: odoo-service\n");
    }
    let playbooks = playbooks(assessment);
    if !playbooks.is_empty() {
        text.push_str("playbooks:\n");
        for (name, why) in playbooks {
            let _ = writeln!(text, "  - {name} # {why}");
        }
    }
    if let Some(name) = &list.postgres {
        let _ = writeln!(text, "images:\n  postgres: {{ name: {} }}", quoted(name));
    }
    text.push_str(&repositories(assessment, modules, customer, list, to));
    text.push_str(&decisions(&assessment.modules));
    text.push_str(&compared(assessment, &list.modules));
    if !list.left_out.is_empty() {
        text.push_str("# Not taken over from the lists:\n");
        for line in &list.left_out {
            let _ = writeln!(text, "#   {}", one_line(line));
        }
    }
    text
}

/// Returns a repository of a list as an entry of the plan, without series that lie off the route.
fn entry(listed: &Listed, route: &[Series]) -> String {
    let mut text = String::new();
    if !listed.modules.is_empty() {
        let _ = writeln!(text, "  # {}", one_line(&listed.modules.join(", ")));
    }
    let _ = writeln!(
        text,
        "  - name: {}\n    url: {}",
        quoted(&listed.name),
        quoted(&listed.url)
    );
    if listed.is_oca() {
        text.push_str("    role: third-party\n");
    }
    let on_route = |series: &Series| route.contains(series);
    let branches = listed.branches.iter().filter(|(series, _)| on_route(series));
    let branches: Vec<String> = branches
        .map(|(series, name)| format!("\"{series}\": {}", quoted(name)))
        .collect();
    if !branches.is_empty() {
        let _ = writeln!(text, "    branches: {{ {} }}", branches.join(", "));
    }
    let merges = listed.merges.iter().filter(|(series, _)| on_route(series));
    let merges: Vec<String> = merges
        .map(|(series, refs)| {
            let refs: Vec<String> = refs.iter().map(|one| quoted(one)).collect();
            format!("\"{series}\": [{}]", refs.join(", "))
        })
        .collect();
    if !merges.is_empty() {
        let _ = writeln!(text, "    merge: {{ {} }}", merges.join(", "));
    }
    text
}

/// Says where a list of modules and the database differ.
fn compared(assessment: &Assessment, listed: &[String]) -> String {
    if listed.is_empty() {
        return String::new();
    }
    let installed: BTreeSet<&str> = assessment.modules.iter().map(|way| way.module.as_str()).collect();
    let listed: BTreeSet<&str> = listed.iter().map(String::as_str).collect();
    let mut text = String::new();
    let mut tell = |what: &str, names: Vec<&&str>| {
        if !names.is_empty() {
            let names: Vec<&str> = names.into_iter().copied().collect();
            let _ = writeln!(text, "# {what}: {}", names.join(", "));
        }
    };
    tell("Listed and not installed", listed.difference(&installed).collect());
    tell("Installed and not listed", installed.difference(&listed).collect());
    text
}

/// Returns a text that stays within a comment.
fn one_line(text: &str) -> String {
    text.split(char::is_control).collect::<Vec<_>>().join(" ")
}

/// Returns the playbooks that fit, and why.
fn playbooks(assessment: &Assessment) -> Vec<(&'static str, &'static str)> {
    let mut fitting = Vec::new();
    let companies = &assessment.database.companies;
    let is_swedish = companies.iter().any(|company| {
        let chart = company.chart.as_deref().unwrap_or_default();
        company.country.as_deref() == Some("SE") || chart == "se" || chart.starts_with("se_")
    });
    let has = |name: &str| assessment.modules.iter().any(|way| way.module == name);
    if is_swedish && has("account") {
        fitting.push(("l10n_se", "a company keeps its books in Sweden"));
    }
    let ends_at = |major| assessment.hops.iter().any(|hop| hop.to.major() == major);
    // 16.0 and 17.0 bring the dashboards to whoever buys.
    let dashboards = DASHBOARDS.iter().any(|name| has(name)) || (ends_at(17) && has("purchase"));
    if ends_at(15) || (ends_at(18) && dashboards) {
        fitting.push(("community_known_issues", "a hop of this route is known to stumble"));
    }
    fitting
}

fn repositories(
    assessment: &Assessment,
    modules: &BTreeMap<String, Module>,
    customer: &str,
    list: &CodeList,
    to: Series,
) -> String {
    let mut oca: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut others: BTreeMap<Origin, BTreeSet<&str>> = BTreeMap::new();
    for way in &assessment.modules {
        let website = modules.get(&way.module).map_or("", |module| module.website.as_str());
        match (way.origin, oca_repository(website)) {
            (Origin::Oca, Some(repository)) => oca.entry(repository).or_default().push(&way.module),
            // One whose data goes to a module of Odoo's own at the first hop needs no code of its own.
            _ if way.hops.first().is_some_and(|hop| hop.grade.is_some()) => {}
            (Origin::Oca | Origin::ThirdParty | Origin::Custom, _) => {
                others.entry(way.origin).or_default().insert(&way.module);
            }
            (Origin::Core | Origin::Enterprise | Origin::Imported, _) => {}
        }
    }
    let listed_oca: BTreeSet<String> = (list.repositories.iter().filter(|listed| listed.is_oca()))
        .map(Listed::repository_name)
        .collect();
    oca.retain(|repository, _| !listed_oca.contains(&repository.to_ascii_lowercase()));
    let mut text = String::new();
    if !list.repositories.is_empty() {
        let from = assessment.database.series;
        let route: Vec<Series> = Series::all()
            .filter(|series| *series >= from && *series <= to)
            .collect();
        text.push_str("repositories:\n  # From the lists; see that each has a branch for every hop.\n");
        text.extend(list.repositories.iter().map(|listed| entry(listed, &route)));
    }
    if !oca.is_empty() {
        text.push_str(if text.is_empty() { "repositories:\n" } else { "" });
        text.push_str("  # Guessed from the modules' websites; see that each has a branch for every hop.\n");
    }
    for (repository, modules) in oca {
        let _ = writeln!(
            text,
            "  # {}\n  - name: oca-{repository}\n    url: https://github.com/OCA/{repository}.git\n    role: third-party",
            modules.join(", ")
        );
    }
    if others.is_empty() {
        return text;
    }
    if text.is_empty() {
        text.push_str("# repositories:\n");
    }
    for (origin, modules) in others {
        let names: Vec<&str> = modules.into_iter().collect();
        let role = if origin == Origin::Custom {
            "custom"
        } else {
            "third-party"
        };
        let _ = writeln!(
            text,
            "  # Where is the code of these ({})? {}\n  # - name: {customer}-{role}\n  #   url: git@git.example.com:{customer}/addons.git\n  #   role: {role}",
            origin.word(),
            names.join(", ")
        );
    }
    text
}

/// Returns the modules that somebody has to decide about, each with its fate.
fn decisions(ways: &[Way]) -> String {
    let open = ways.iter().filter(|way| {
        matches!(way.verdict(), Fate::ToPort | Fate::Missing | Fate::Removed) && way.origin != Origin::Enterprise
    });
    let lines: String = open.fold(String::new(), |mut text, way| {
        let hop = way.turning_point().map(|hop| hop.to.to_string()).unwrap_or_default();
        let _ = writeln!(
            text,
            "#   {}: {{ fate: uninstall, why: \"…\" }} # {} ({hop})",
            way.module,
            way.verdict()
        );
        text
    });
    if lines.is_empty() {
        return lines;
    }
    format!("# To be decided: add code for these above, or uninstall them here.\n# modules:\n{lines}")
}

/// Returns a customer's short name made from a text, such as the backup's.
pub fn customer_of(text: &str) -> String {
    let name: String = text
        .to_ascii_lowercase()
        .chars()
        .map(|c| {
            if c.is_ascii_lowercase() || c.is_ascii_digit() {
                c
            } else {
                '-'
            }
        })
        .collect();
    let name = name.trim_start_matches(|c: char| !c.is_ascii_lowercase());
    // Dates and series are the backup's, not the customer's.
    let dated = name
        .match_indices('-')
        .find(|(at, _)| name[at + 1..].starts_with(|c: char| c.is_ascii_digit()));
    let name = dated.map_or(name, |(at, _)| &name[..at]);
    let short: String = name.chars().take(32).collect();
    let short = short.trim_end_matches('-');
    if short.is_empty() {
        "customer".to_owned()
    } else {
        short.to_owned()
    }
}

/// Returns a text as YAML that means it and nothing else.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::customer_of;

    #[test]
    fn a_customers_name_is_made_of_what_the_backup_is_called() {
        assert_eq!(customer_of("Acme_Nord_2026-11-01"), "acme-nord");
        assert_eq!(customer_of("acme-18.0"), "acme");
        assert_eq!(customer_of("2026 dump"), "dump");
        assert_eq!(customer_of("åäö"), "customer");
        assert!(customer_of(&"a".repeat(80)).len() <= 32);
    }
}
