//! A release of OpenUpgrade's scripts: what it says about one hop, read from its files as text.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::ident::Series;

use super::apriori::{Apriori, NotApriori, parse_apriori};
use super::changes::{Changes, Reader, is_script};

/// How well OpenUpgrade covers a module at a hop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grade {
    /// It has scripts.
    Done,
    /// Somebody looked at what changed and wrote that nothing needs doing.
    NothingToDo,
    /// Nothing changed that holds data: views and the like, or nothing at all.
    LowRisk,
    /// Models or fields changed, and nobody has looked at it.
    NotCovered,
}

/// What a release says about the hop that ends at its series.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Release {
    /// Its version, such as `19.0.1.0.0.407`; a branch of a repository has none.
    pub version: Option<String>,
    /// Renames and merges.
    pub apriori: Apriori,
    /// What becomes of fields, models and XML ids.
    pub changes: Changes,
    /// Modules that Odoo dropped at this hop. Renamed and merged ones may be among them.
    pub gone: BTreeSet<String>,
    /// Modules of the new series it knows changes of. One it does not list did not change.
    grades: BTreeMap<String, Grade>,
}

impl Release {
    /// Returns how well a module of Odoo is covered.
    pub fn grade(&self, module: &str) -> Grade {
        self.grades.get(module).copied().unwrap_or(Grade::LowRisk)
    }

    /// Says whether a module of this name is one of Odoo's in the new series, as far as that shows: one that did not
    /// change is not listed.
    pub fn lists(&self, module: &str) -> bool {
        self.grades.contains_key(module)
    }
}

/// Returns what PyPI calls an addon of a series; up to 14.0 packages are named after their series.
pub fn package(series: Series, name: &str) -> String {
    let prefix = if series.major() == 14 {
        "odoo14-addon"
    } else {
        "odoo-addon"
    };
    format!("{prefix}-{name}")
}

/// Says whether a file of a release is worth its text, by its path from the folder of `openupgrade_scripts`.
///
/// Of scripts those are that begin with renames; of the others only the names.
pub fn is_read(path: &str) -> bool {
    path == "apriori.py"
        || is_coverage(path)
        || (path.starts_with("scripts/")
            && (path.rsplit('.').next() == Some("txt") || path.rsplit('/').next().is_some_and(is_script)))
}

/// Says whether a path is that of a page of the documentation about coverage: `docsource/modules180-190.rst`.
fn is_coverage(path: &str) -> bool {
    path.rsplit('/').next().is_some_and(|name| {
        name.strip_prefix("modules")
            .and_then(|name| name.strip_suffix(".rst"))
            .is_some()
    })
}

/// Reads a release from its files, in any order: path and, where [`is_read`] wants it, text.
pub fn parse_release<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Release, NotApriori> {
    let mut seen: BTreeMap<&str, Seen> = BTreeMap::new();
    let mut release = Release::default();
    let mut apriori = Err(NotApriori::Empty);
    let mut changes = Reader::default();
    let mut pages = Vec::new();
    for (path, text) in files {
        if path == "apriori.py" {
            apriori = parse_apriori(text);
        } else if is_coverage(path) {
            pages.push(text);
        }
        let mut parts = path.split('/');
        let (Some("scripts"), Some(module), Some(version), Some(file), None) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            continue;
        };
        if version == "tests" {
            continue;
        }
        if file == "upgrade_general_log.txt" {
            release.gone.extend(gone_in(text).map(str::to_owned));
            continue;
        }
        changes.add(file, text);
        seen.entry(module).or_default().add(file, text);
    }
    release.apriori = apriori?;
    release.changes = changes.done();
    release.grades = seen
        .into_iter()
        .map(|(module, seen)| (module.to_owned(), seen.grade()))
        .collect();
    for page in pages {
        release.page(page);
    }
    release.changes.removed_modules.clone_from(&release.gone);
    Ok(release)
}

impl Release {
    /// Adds a page of the documentation: it knows what was deleted, and here and there of work without a file.
    fn page(&mut self, text: &str) {
        for (module, mark, status) in rows(text) {
            if mark == "|del|" {
                self.gone.insert(module.to_owned());
                continue;
            }
            let said = match status {
                status if status.starts_with("Done") => Grade::Done,
                status if status.starts_with("Nothing to do") => Grade::NothingToDo,
                _ => continue,
            };
            let grade = self.grades.entry(module.to_owned()).or_insert(said);
            *grade = (*grade).min(said);
        }
    }
}

/// What files a module has.
#[derive(Default)]
struct Seen {
    scripts: bool,
    work: bool,
    layout: bool,
}

impl Seen {
    fn add(&mut self, file: &str, text: &str) {
        let script = ["pre-", "post-", "end-"].iter().any(|stage| file.starts_with(stage));
        let is_python = file.rsplit('.').next() == Some("py");
        self.scripts |= script && is_python;
        if file == "upgrade_analysis.txt" {
            self.layout |= changes_layout(text);
        } else {
            // `upgrade_analysis_work.txt`, and how it is misspelt.
            self.work |= file.starts_with("upgrade_analysis");
        }
    }

    fn grade(&self) -> Grade {
        match self {
            Seen { scripts: true, .. } => Grade::Done,
            Seen { work: true, .. } => Grade::NothingToDo,
            Seen { layout: true, .. } => Grade::NotCovered,
            Seen { .. } => Grade::LowRisk,
        }
    }
}

/// Says whether an analysis lists changes of models or fields, not only of records.
fn changes_layout(text: &str) -> bool {
    let mut in_records = false;
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if line.starts_with("---") {
            in_records = line.starts_with("---XML records");
        } else if !in_records {
            return true;
        }
    }
    false
}

/// Returns the modules that a release's `upgrade_general_log.txt` has a section for: those of the old series that the new
/// one lacks.
pub fn gone_in(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| {
        let line = line.trim().trim_matches('-');
        let module = match line.strip_prefix("Probably obsolete module ") {
            Some(module) => module,
            None => line.strip_prefix("Models in module '")?.strip_suffix('\'')?,
        };
        (module != "general").then_some(module)
    })
}

/// Reads a grid table of reStructuredText: module, its mark (`|new|`, `|del|` or none) and its status.
fn rows(text: &str) -> impl Iterator<Item = (&str, &str, &str)> {
    text.lines().filter_map(|line| {
        let line = line.strip_prefix('|')?.trim();
        let (mark, line) = ["|new|", "|del|"]
            .into_iter()
            .find_map(|mark| Some((mark, line.strip_prefix(mark)?)))
            .unwrap_or(("", line));
        let mut cells = line.split('|');
        let module = cells.next()?.trim();
        let status = cells.next()?.trim();
        let is_name = !module.is_empty() && module.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        (is_name && module != "Module").then_some((module, mark, status))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(files: &[(&str, &str)]) -> Release {
        let apriori = ("apriori.py", "renamed_modules = {'a': 'b'}\n");
        parse_release(files.iter().copied().chain([apriori])).unwrap()
    }

    #[test]
    fn a_modules_files_tell_how_well_it_is_covered() {
        use Grade::{Done, LowRisk, NotCovered, NothingToDo};
        let layout = "---Models in module 'x'---\n---Fields in module 'x'---\nx / res.partner / y (char): NEW\n";
        let records = "---Models in module 'x'---\n---Fields in module 'x'---\n---XML records in module 'x'---\nNEW ir.ui.view: x.y\n";
        let release = release(&[
            ("scripts/done/19.0.1.0/upgrade_analysis.txt", layout),
            ("scripts/done/19.0.1.0/pre-migration.py", ""),
            ("scripts/looked/19.0.1.0/upgrade_analysis.txt", layout),
            ("scripts/looked/19.0.1.0/upgrade_analysis work.txt", ""),
            ("scripts/risky/19.0.1.0/upgrade_analysis.txt", layout),
            ("scripts/risky/tests/post-migration.py", ""),
            ("scripts/views/19.0.1.0/upgrade_analysis.txt", records),
            (
                "scripts/same/19.0.1.0/upgrade_analysis.txt",
                "---nothing has changed in this module--\n",
            ),
            ("scripts/base/tests/data.py", ""),
        ]);
        let grades = ["done", "looked", "risky", "views", "same", "unlisted"].map(|module| release.grade(module));
        assert_eq!(grades, [Done, NothingToDo, NotCovered, LowRisk, LowRisk, LowRisk]);
        assert!(release.lists("same") && !release.lists("unlisted") && !release.lists("base"));
        assert_eq!(release.apriori.renamed_modules["a"], "b");
    }

    #[test]
    fn the_general_log_has_a_section_for_each_module_that_is_gone() {
        let log = "---Models in module 'general'---\nobsolete model a.b [module still_here]\n\
                   ---Probably obsolete module membership---\n---Models in module 'membership'---\n\
                   ---Models in module 'pos_mercury'---\n---Probably obsolete module website_x---\n";
        let release = release(&[("scripts/base/19.0.1.3/upgrade_general_log.txt", log)]);
        assert_eq!(
            release.gone.iter().collect::<Vec<_>>(),
            ["membership", "pos_mercury", "website_x"]
        );
    }

    #[test]
    fn a_page_of_the_documentation_adds_what_was_deleted_and_done() {
        let page = "Module coverage\n+---+---+\n| Module   | Status + Extra Information |\n+===+===+\n\
                    | account   |Done   | |\n+---+---+\n| |del| membership |   | Merged into x. |\n\
                    | |new| api_doc     |  | |\n| bus |Nothing to do | No DB layout changes. |\n| other | | |\n";
        let release = release(&[("docsource/modules180-190.rst", page)]);
        assert_eq!(release.gone.iter().collect::<Vec<_>>(), ["membership"]);
        assert_eq!(release.grade("account"), Grade::Done);
        assert_eq!(release.grade("bus"), Grade::NothingToDo);
        assert!(!release.lists("other") && !release.lists("api_doc"));
    }

    #[test]
    fn a_release_without_its_table_of_renames_is_none() {
        assert_eq!(parse_release([("scripts/a/19.0.1/x.py", "")]), Err(NotApriori::Empty));
    }
}
