//! Lists of code that people have from other tools: git-aggregator's `repos.yaml`, doodba's `repos.yaml` and `addons.yaml`,
//! odoo-openupgrade-wizard's `config.yml`, and module names in a `modules.csv`.
//!
//! Which kind a file is shows in what it says. What has no place in a plan is told, not dropped.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde::Deserialize;

use super::yaml::{self, YamlError};
use crate::ident::Series;

/// Repositories that hold Odoo itself, or OpenUpgrade: images and releases bring those.
const ODOOS: [&str; 5] = [
    "odoo/odoo",
    "oca/ocb",
    "odoo/enterprise",
    "odoo/design-themes",
    "oca/openupgrade",
];
/// Names in doodba's `addons.yaml` that are no repositories of modules.
const NO_REPOSITORIES: [&str; 2] = ["odoo", "private"];

/// A file that is none of the lists.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAList {
    /// It is not YAML.
    #[error("it is not YAML: {0}")]
    Yaml(#[from] YamlError),
    /// It says nothing that is known.
    #[error(
        "it is neither a `repos.yaml`, an `addons.yaml`, a `config.yml` of odoo-openupgrade-wizard nor a `modules.csv`"
    )]
    Unknown,
}

/// What a list says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CodeList {
    /// The repositories.
    pub repositories: Vec<Listed>,
    /// Modules that are said to be in use, where it names any.
    pub modules: Vec<String>,
    /// The series to go to.
    pub target: Option<Series>,
    /// PostgreSQL's image.
    pub postgres: Option<String>,
    /// What has no place in a plan, in sentences for people.
    pub left_out: Vec<String>,
}

/// A repository of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// A short name, fit for a plan.
    pub name: String,
    /// Where git finds it.
    pub url: String,
    /// The branch, tag or commit. Nothing where the list leaves it to the series.
    pub reference: Option<String>,
    /// Further refs to merge.
    pub merge: Vec<String>,
    /// The same by series, once [`CodeList::settle`] knows of which: a branch that is not named after it, and merges.
    pub branches: BTreeMap<Series, String>,
    /// Further refs to merge, by series.
    pub merges: BTreeMap<Series, Vec<String>>,
    /// The modules that are used of it, where the list says so.
    pub modules: Vec<String>,
}

impl Listed {
    /// Says whether it is somebody's for everybody: one of OCA's.
    pub fn is_oca(&self) -> bool {
        slug(&self.url).starts_with("oca/")
    }

    /// Returns what its host calls the repository, in small letters: `web` of `https://github.com/OCA/web.git`.
    pub fn repository_name(&self) -> String {
        let slug = slug(&self.url);
        slug.rsplit('/').next().unwrap_or_default().to_owned()
    }

    /// Returns the series that its branch is of, when that is named after one.
    pub fn series(&self) -> Option<Series> {
        self.reference.as_deref()?.parse().ok()
    }
}

impl CodeList {
    /// Adds what another list says; repositories of the same URL are one.
    pub fn add(&mut self, other: CodeList) {
        for listed in other.repositories {
            let same = |known: &&mut Listed| slug(&known.url) == slug(&listed.url) && !slug(&listed.url).is_empty();
            match self.repositories.iter_mut().find(same) {
                Some(known) => {
                    known.reference = known.reference.take().or(listed.reference);
                    known.merge.extend(listed.merge);
                    known.branches.extend(listed.branches);
                    known.merges.extend(listed.merges);
                    known.modules.extend(listed.modules);
                }
                None => self.repositories.push(listed),
            }
        }
        self.modules.extend(other.modules);
        self.target = self.target.or(other.target);
        self.postgres = self.postgres.take().or(other.postgres);
        self.left_out.extend(other.left_out);
    }

    /// Books refs and merges under a series: the one the branch is named after, else this one.
    pub fn settle(&mut self, series: Series) {
        for listed in &mut self.repositories {
            let of = listed.series().unwrap_or(series);
            if let Some(reference) = listed.reference.take().filter(|reference| *reference != of.to_string()) {
                listed.branches.insert(of, reference);
            }
            if !listed.merge.is_empty() {
                let merge = std::mem::take(&mut listed.merge);
                listed.merges.entry(of).or_default().extend(merge);
            }
        }
    }

    /// Gives every repository a name of its own.
    pub fn name_apart(&mut self) {
        let mut taken: Vec<String> = Vec::new();
        for listed in &mut self.repositories {
            let wanted = listed.name.clone();
            let mut number = 2;
            while taken.contains(&listed.name) {
                listed.name = format!("{wanted}-{number}");
                number += 1;
            }
            taken.push(listed.name.clone());
        }
    }
}

/// Reads a list of whatever kind.
pub fn read(name: &str, text: &str) -> Result<CodeList, NotAList> {
    let text = text.trim_start_matches('\u{feff}');
    if name.to_ascii_lowercase().ends_with(".csv") {
        let modules = module_names(text);
        return if modules.is_empty() {
            Err(NotAList::Unknown)
        } else {
            Ok(CodeList {
                modules,
                ..CodeList::default()
            })
        };
    }
    // Whether it is YAML at all; a value that fits nothing below is a list of no known kind.
    yaml::documents::<serde::de::IgnoredAny>(text)?;
    if let Ok(project) = yaml::from_text::<WizardProject>(text) {
        return Ok(of_wizard(project));
    }
    if let Ok(repositories) = yaml::from_text::<IndexMap<String, Aggregated>>(text)
        && !repositories.is_empty()
    {
        return Ok(of_aggregator(repositories));
    }
    match yaml::documents::<IndexMap<String, AddonsEntry>>(text) {
        Ok(documents) if documents.iter().any(is_addons) => Ok(of_addons(documents)),
        _ => Err(NotAList::Unknown),
    }
}

/// An entry of git-aggregator.
#[derive(Deserialize)]
struct Aggregated {
    remotes: IndexMap<String, String>,
    #[serde(default)]
    merges: Vec<Merge>,
    #[serde(default)]
    shell_command_after: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Merge {
    Words(String),
    Pair {
        remote: String,
        #[serde(rename = "ref")]
        reference: Word,
    },
}

/// A word that YAML may take for a number: `16.0`.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Word {
    Text(String),
    Number(f64),
}

impl Word {
    fn text(&self) -> String {
        match self {
            Word::Text(text) => text.clone(),
            Word::Number(number) if number.fract() == 0.0 => format!("{number:.1}"),
            Word::Number(number) => number.to_string(),
        }
    }
}

impl Merge {
    fn parts(&self) -> (String, String) {
        match self {
            Merge::Words(words) => {
                let (remote, reference) = words.trim().split_once(char::is_whitespace).unwrap_or((words, ""));
                (remote.to_owned(), reference.trim().to_owned())
            }
            Merge::Pair { remote, reference } => (remote.clone(), reference.text()),
        }
    }
}

fn of_aggregator(entries: IndexMap<String, Aggregated>) -> CodeList {
    let mut list = CodeList::default();
    for (folder, entry) in entries {
        let merges: Vec<(String, String)> = entry.merges.iter().map(Merge::parts).collect();
        let first = merges.first();
        let remote = first.map(|(remote, _)| remote.as_str());
        let Some((remote, url)) = entry
            .remotes
            .iter()
            .find(|(name, _)| remote.is_none_or(|remote| remote == *name))
        else {
            list.left_out.push(format!("{folder}: its first merge names no remote"));
            continue;
        };
        let name = name_of(&folder);
        if ODOOS.contains(&slug(url).as_str()) {
            list.left_out
                .push(format!("{folder}: {url} comes with the image or the release"));
            continue;
        }
        let mut listed = Listed {
            name,
            url: plain_url(url),
            reference: first.and_then(|(_, reference)| of_its_own(reference)),
            merge: Vec::new(),
            branches: BTreeMap::new(),
            merges: BTreeMap::new(),
            modules: Vec::new(),
        };
        for (other, reference) in merges.iter().skip(1) {
            if other == remote {
                listed.merge.push(reference.clone());
            } else {
                let at = entry.remotes.get(other).map_or("an unknown remote", String::as_str);
                list.left_out.push(format!(
                    "{folder}: `{reference}` of {at} is merged too; a plan merges refs of one remote"
                ));
            }
        }
        if entry.shell_command_after.is_some() {
            list.left_out
                .push(format!("{folder}: its `shell_command_after` is not run"));
        }
        list.repositories.push(listed);
    }
    list
}

/// Returns a ref that says something of its own: one that a variable stands for is the series'.
fn of_its_own(reference: &str) -> Option<String> {
    (!reference.is_empty() && !reference.contains('$') && reference != "HEAD").then(|| reference.to_owned())
}

/// An entry of doodba's `addons.yaml`: globs of modules, or the settings of a document.
#[derive(Deserialize)]
#[serde(untagged)]
enum AddonsEntry {
    Modules(Vec<String>),
    Settings(IndexMap<String, SettingValue>),
    Nothing(()),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum SettingValue {
    Text(String),
    Other(serde::de::IgnoredAny),
}

/// Says whether a document lists modules of repositories; only its settings are mappings.
fn is_addons(document: &IndexMap<String, AddonsEntry>) -> bool {
    let is_one = |(name, entry): (&String, &AddonsEntry)| {
        matches!(name.as_str(), "ENV" | "ONLY") || !matches!(entry, AddonsEntry::Settings(_))
    };
    !document.is_empty() && document.iter().all(is_one)
}

fn of_addons(documents: Vec<IndexMap<String, AddonsEntry>>) -> CodeList {
    let mut list = CodeList::default();
    for mut document in documents {
        let mut pattern = "https://github.com/OCA/{}.git".to_owned();
        if let Some(AddonsEntry::Settings(settings)) = document.shift_remove("ENV")
            && let Some(SettingValue::Text(text)) = settings.get("DEFAULT_REPO_PATTERN")
        {
            pattern.clone_from(text);
        }
        if document.shift_remove("ONLY").is_some() {
            list.left_out
                .push("an `ONLY`: what it limits is taken over for every environment".to_owned());
        }
        for (name, entry) in document {
            let modules = match entry {
                AddonsEntry::Modules(modules) => modules,
                AddonsEntry::Settings(_) | AddonsEntry::Nothing(()) => Vec::new(),
            };
            if name == "private" {
                list.left_out
                    .push("private: the modules in the project's own folder; name its repository".to_owned());
            }
            if NO_REPOSITORIES.contains(&name.as_str()) {
                continue;
            }
            list.repositories.push(Listed {
                url: pattern.replace("{}", &name),
                name: name_of(&name),
                reference: None,
                merge: Vec::new(),
                branches: BTreeMap::new(),
                merges: BTreeMap::new(),
                modules: modules.into_iter().filter(|module| module != "*").collect(),
            });
        }
    }
    list
}

/// A project of odoo-openupgrade-wizard.
#[derive(Deserialize)]
struct WizardProject {
    migration_steps: Vec<WizardStep>,
    #[serde(default)]
    postgres_image_name: Option<String>,
}

#[derive(Deserialize)]
struct WizardStep {
    version: Word,
}

fn of_wizard(project: WizardProject) -> CodeList {
    let mut list = CodeList {
        postgres: project.postgres_image_name,
        ..CodeList::default()
    };
    for step in project.migration_steps {
        let version = step.version.text();
        match version.parse::<Series>() {
            Ok(series) => list.target = list.target.max(Some(series)),
            Err(_) => list.left_out.push(format!(
                "a step at {version}: hopp works with {} to {}",
                Series::OLDEST,
                Series::NEWEST
            )),
        }
    }
    list
}

/// Returns the modules of a table: the first cell of each line that can name one. A head is none.
fn module_names(text: &str) -> Vec<String> {
    const HEADS: [&str; 6] = ["module", "modules", "name", "module_name", "technical_name", "state"];
    let cells = text.lines().filter_map(|line| line.split([',', ';', '\t']).next());
    let cells = cells.map(|cell| cell.trim().trim_matches('"'));
    let is_name = |cell: &&str| {
        let part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        !cell.is_empty() && cell.chars().all(part) && !HEADS.contains(cell)
    };
    cells.filter(is_name).map(str::to_owned).collect()
}

/// Returns the short name of a folder: `./src/web` is `web`.
fn name_of(folder: &str) -> String {
    let last = folder.trim_end_matches('/').rsplit('/').next().unwrap_or(folder);
    let fits = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let name: String = last.chars().map(|c| if fits(c) { c } else { '-' }).collect();
    let name = name.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
    if name.is_empty() {
        "addons".to_owned()
    } else {
        name.to_owned()
    }
}

/// Returns a URL as git takes it: older lists write `git+` before it.
fn plain_url(url: &str) -> String {
    url.strip_prefix("git+").unwrap_or(url).to_owned()
}

/// Returns owner and name of a URL, in small letters: `oca/web`, whatever the way there.
fn slug(url: &str) -> String {
    let url = url.trim_end_matches('/').trim_end_matches(".git").to_ascii_lowercase();
    let mut parts = url.rsplit(['/', ':']);
    match (parts.next(), parts.next()) {
        (Some(name), Some(owner)) if !owner.is_empty() => format!("{owner}/{name}"),
        _ => url,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(list: &CodeList) -> Vec<String> {
        let one = |listed: &Listed| {
            format!(
                "{} {} {} {:?} {:?}",
                listed.name,
                listed.url,
                listed.reference.as_deref().unwrap_or("-"),
                listed.merge,
                listed.modules
            )
        };
        list.repositories.iter().map(one).collect()
    }

    #[test]
    fn a_list_of_git_aggregator_names_repositories_refs_and_merges() {
        let text = "./addons/web:\n  remotes:\n    oca: https://github.com/OCA/web.git\n    own: git+ssh://git@git.example.com/acme/web.git\n\
                    \x20 merges:\n    - oca 18.0\n    - oca refs/pull/12/head\n    - { remote: own, ref: 18.0 }\n  target: own 18.0\n  shell_command_after: [make]\n\
                    odoo:\n  remotes: { ocb: https://github.com/OCA/OCB }\n  merges: [ocb 18.0]\n  target: ocb 18.0\n";
        let list = read("repos.yaml", text).unwrap();
        assert_eq!(
            listed(&list),
            ["web https://github.com/OCA/web.git 18.0 [\"refs/pull/12/head\"] []"]
        );
        assert_eq!(list.repositories[0].series(), Series::from_major(18));
        assert_eq!(list.left_out.len(), 3, "{:?}", list.left_out);
        assert!(list.left_out[0].contains("`18.0` of git+ssh://"), "{:?}", list.left_out);
    }

    #[test]
    fn doodbas_two_lists_are_one() {
        let repos = "./server-tools:\n  defaults: { depth: $DEPTH_MERGE }\n  remotes: { oca: \"https://github.com/OCA/server-tools.git\" }\n\
                     \x20 target: oca $ODOO_VERSION\n  merges:\n    - oca $ODOO_VERSION\n    - oca refs/pull/7/head\n";
        let addons = "server-tools: [module_auto_update]\nweb:\n  - web_responsive\n  - \"*\"\nprivate: [\"*\"]\n---\n\
                      ENV:\n  DEFAULT_REPO_PATTERN: https://git.example.com/acme/{}.git\nONLY:\n  PGDATABASE: [acme]\nacme-addons:\n";
        let mut list = read("repos.yaml", repos).unwrap();
        list.add(read("addons.yaml", addons).unwrap());
        assert_eq!(
            listed(&list),
            [
                "server-tools https://github.com/OCA/server-tools.git - [\"refs/pull/7/head\"] [\"module_auto_update\"]",
                "web https://github.com/OCA/web.git - [] [\"web_responsive\"]",
                "acme-addons https://git.example.com/acme/acme-addons.git - [] []",
            ]
        );
        assert_eq!(list.left_out.len(), 2, "{:?}", list.left_out);
    }

    #[test]
    fn a_project_of_the_wizard_tells_the_target_and_postgresql() {
        let text = "project_name: acme\npostgres_image_name: postgres:13\nodoo_versions:\n  13.0: {}\n  18.0: {}\n\
                    migration_steps:\n  - { name: 1, version: 13.0, execution_context: regular }\n  - { name: 2, version: 18.0 }\n  - { name: 3, version: \"16.0\" }\n";
        let list = read("config.yml", text).unwrap();
        assert_eq!(
            (list.target, list.postgres.as_deref()),
            (Series::from_major(18), Some("postgres:13"))
        );
        assert_eq!(list.left_out, ["a step at 13.0: hopp works with 14.0 to 19.0"]);
    }

    #[test]
    fn modules_are_the_first_cells_that_can_be_names() {
        let text = "Technical name,Description\nbase,Base\n\"sale\";x\n\nstock\t1\nNot a module\nname\n";
        assert_eq!(read("modules.csv", text).unwrap().modules, ["base", "sale", "stock"]);
        assert_eq!(read("modules.csv", "A,B\n"), Err(NotAList::Unknown));
    }

    #[test]
    fn anything_else_is_none_of_them() {
        for text in ["", "- a\n", "hello", "services: { odoo: { image: x } }\nversion: 3\n"] {
            assert_eq!(read("some.yaml", text), Err(NotAList::Unknown), "{text}");
        }
        assert!(matches!(read("some.yaml", "a: [\n"), Err(NotAList::Yaml(_))));
    }

    #[test]
    fn refs_belong_to_the_series_they_are_named_after_or_to_the_databases() {
        let text = "a: { remotes: { o: https://h/o/a }, merges: [o 17.0, o refs/pull/1/head] }\n\
                    b: { remotes: { o: https://h/o/b }, merges: [o fixes] }\n";
        let mut list = read("repos.yaml", text).unwrap();
        let [at_17, at_18] = [17, 18].map(|major| Series::from_major(major).unwrap());
        list.settle(at_18);
        let [a, b] = list.repositories.as_slice() else {
            panic!("{list:?}")
        };
        assert_eq!(a.merges, BTreeMap::from([(at_17, vec!["refs/pull/1/head".to_owned()])]));
        assert!(a.branches.is_empty() && b.merges.is_empty());
        assert_eq!(b.branches, BTreeMap::from([(at_18, "fixes".to_owned())]));
    }

    #[test]
    fn names_are_made_fit_and_apart() {
        assert_eq!(name_of("./a b/ünder score"), "nder-score");
        assert_eq!(name_of("///"), "addons");
        let mut list = read(
            "repos.yaml",
            "a/x: { remotes: { o: https://h/a/x } }\nb/x: { remotes: { o: https://h/b/x } }\n",
        )
        .unwrap();
        list.name_apart();
        let names: Vec<&str> = list.repositories.iter().map(|listed| listed.name.as_str()).collect();
        assert_eq!(names, ["x", "x-2"]);
    }
}
