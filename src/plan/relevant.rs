//! Which modules of the repositories can have a say in what becomes of the database. Others may change at will.

use std::collections::BTreeSet;

use crate::ident::{Fingerprint, Hasher, Series};
use crate::spec::{Engine, Plan, Verb};

use super::{Code, Facts};

/// Modules whose code matters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relevant {
    names: BTreeSet<String>,
    /// What is installed is not known, so everything counts.
    everything: bool,
}

impl Relevant {
    /// Says whether a module's code matters.
    pub fn contains(&self, module: &str) -> bool {
        self.everything || self.names.contains(module)
    }
}

/// Returns the modules whose code of a series matters to the database: those that are installed, those that a step of
/// the plan names, what they depend on, and what installs itself beside them.
///
/// `also` names further ones: what OpenUpgrade's table of renames may turn installed modules into.
pub fn relevant(plan: &Plan, facts: &Facts, series: Series, also: &BTreeSet<String>) -> Relevant {
    let installed = &facts.backup.modules;
    let mut names: BTreeSet<String> = installed.keys().chain(also).cloned().collect();
    let own = || facts.code_for(series).flat_map(|code| &code.modules);
    let offered: BTreeSet<&str> = own().map(|(name, _)| name.as_str()).collect();
    names.extend(named(plan, &offered));
    // A hop brings modules of Odoo's own that nobody can list beforehand; an update does not.
    let may_come = |name: &str| plan.engine_of(series) == Engine::Openupgrade && !offered.contains(name);
    loop {
        let before = names.len();
        for (name, manifest) in own() {
            let installs_itself = manifest.auto_install.as_ref().is_some_and(|triggers| {
                let mut triggers = triggers.iter();
                triggers.all(|trigger| names.contains(trigger) || may_come(trigger))
            });
            if names.contains(name) || installs_itself {
                names.insert(name.clone());
                names.extend(manifest.depends.iter().cloned());
            }
        }
        if names.len() == before {
            break;
        }
    }
    Relevant {
        names,
        everything: installed.is_empty(),
    }
}

/// Returns the offered modules that steps of the plan name, Python by any word of its text (`base.module_shelf` too).
fn named(plan: &Plan, offered: &BTreeSet<&str>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let scripts = plan.hops.values().flat_map(|hop| hop.before.iter().chain(&hop.after));
    for script in scripts {
        match &script.verb {
            Verb::Install(words) | Verb::Update(words) | Verb::Command(words) => {
                found.extend(words.iter().flat_map(|word| words_of(word)));
            }
            Verb::Python { text, .. } => found.extend(words_of(text)),
            Verb::Sql { .. } | Verb::Uninstall(_) | Verb::Check { .. } | Verb::Ask(_) => {}
        }
    }
    let of_record = |word: &'_ str| offered.get(word.strip_prefix("module_")?).copied();
    found
        .iter()
        .filter_map(|word| offered.get(word).copied().or_else(|| of_record(word)))
        .map(str::to_owned)
        .collect()
}

fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_'))
}

/// Returns what of a series' code matters, as the values that fingerprints are made of.
pub(super) fn code_values(plan: &Plan, facts: &Facts, series: Series) -> Vec<String> {
    let relevant = relevant(plan, facts, series, &BTreeSet::new());
    let scripts = plan.openupgrade.get(&series).and_then(|pins| pins.repository.as_ref());
    let value = |code: &Code| {
        if scripts == Some(&code.repository) || relevant.everything {
            return format!("{} {}", code.repository, code.tree);
        }
        let contents = code.contents.iter().filter(|(name, _)| relevant.contains(name));
        let contents: Vec<String> = contents.map(|(name, content)| format!("{name} {content}")).collect();
        let ported = if code.commit.is_some() { "" } else { "not ported" };
        format!("{} {ported} {}", code.repository, contents.join(" "))
    };
    facts.code_for(series).map(value).collect()
}

/// Returns the content of modules that matter only because of these names; `None` when there are none.
pub fn let_in(plan: &Plan, facts: &Facts, series: Series, names: &BTreeSet<String>) -> Option<Fingerprint> {
    let (without, with) = (
        relevant(plan, facts, series, &BTreeSet::new()),
        relevant(plan, facts, series, names),
    );
    let mut hasher = Hasher::default();
    let mut any = false;
    for code in facts.code_for(series) {
        for (name, content) in &code.contents {
            if with.contains(name) && !without.contains(name) {
                hasher.field(name, content.as_str());
                any = true;
            }
        }
    }
    any.then(|| hasher.finish())
}
