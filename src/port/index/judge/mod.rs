//! Every reference of a module, asked in the target.

mod assets;
mod calls;
mod classes;
mod data;
pub(super) mod expression;
mod imports;
mod packages;
mod scripts;
mod signatures;
mod sql;
mod templates;
mod texts;
mod uses;
mod views;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::super::file::place;
use super::super::{Finding, Kind, Level, Module, SourceFile};
use super::mend::Mend;
use super::world::{Closure, Member, World};
use super::{Addon, Field, Index, read};
use crate::parallel;

/// What was found out about a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// Its name.
    pub name: String,
    /// References that lead nowhere, in the order of the files.
    pub findings: Vec<Finding>,
    /// What may have been so ever since: overrides of nothing, which break nothing, overrides that take other arguments, and
    /// what code says of fields and values where it may mean something else. They are worth telling where it was otherwise
    /// in the source.
    pub doubtful: Vec<Finding>,
}

/// Asks a target about every reference of some modules, which stand beside each other there.
///
/// A module that depends on another that is nowhere is judged only on what that one could not bring.
pub fn judge(index: &Index, modules: &[Module]) -> Vec<Judged> {
    let told = judged(index, modules);
    told.into_iter().map(|(judged, _)| judged).collect()
}

/// The same, with what can be followed to where it is now.
pub(crate) fn judged(index: &Index, modules: &[Module]) -> Vec<(Judged, Vec<Mend>)> {
    let read = parallel::map(modules, read::module);
    let names = modules.iter().map(|module| module.name.clone());
    let at_hand: BTreeMap<String, Addon> = names.zip(read).collect();
    let world = World::new(index, &at_hand);
    let judged = parallel::map(modules, |module| one(&world, module));
    judged.into_iter().flatten().collect()
}

/// Leaves out of what was judged in the target what leads nowhere in the source either: it was so before.
///
/// `before` is what the source said of the modules as they were.
pub fn only_lost(judged: &mut [Judged], before: &[Judged]) {
    for module in judged {
        let Some(old) = before.iter().find(|it| it.name == module.name) else {
            continue;
        };
        let known: HashSet<(&str, &str, &str)> = old.findings.iter().map(key).collect();
        module.findings.retain(|finding| !known.contains(&key(finding)));
        let doubted: HashSet<(&str, &str, &str)> = old.doubtful.iter().map(key).collect();
        let (_, lost): (Vec<Finding>, Vec<Finding>) =
            (module.doubtful.drain(..)).partition(|finding| doubted.contains(&key(finding)));
        module.findings.extend(lost);
        sort(&mut module.findings);
    }
}

fn sort(findings: &mut Vec<Finding>) {
    findings.sort_by(|a, b| (&a.path, a.line, a.column, a.rule).cmp(&(&b.path, b.line, b.column, b.rule)));
    findings.dedup();
}

/// What a finding is about; its line may have moved.
fn key(finding: &Finding) -> (&str, &str, &str) {
    (finding.rule, &finding.path, &finding.message)
}

fn one(world: &World<'_>, module: &Module) -> Option<(Judged, Vec<Mend>)> {
    let (name, addon) = world.addons.get_key_value(module.name.as_str())?;
    let Closure {
        depends,
        known,
        missing,
    } = world.closure(name);
    let mut case = Case {
        world,
        module,
        addon,
        certain: missing.is_empty()
            && !known
                .iter()
                .any(|name| world.addons.get(name).is_some_and(|addon| addon.computed)),
        depends,
        known,
        missing,
        findings: Vec::new(),
        doubtful: Vec::new(),
        mends: Vec::new(),
    };
    assets::judge(&mut case);
    data::judge(&mut case);
    views::judge(&mut case);
    for file in &module.files {
        if file.kind() == Kind::Python && !file.path.starts_with("migrations/") && !file.path.starts_with("upgrades/") {
            let Ok(tree) = super::super::python::Tree::parse(&file.text) else {
                continue;
            };
            imports::judge(&mut case, file, tree.body());
            classes::judge(&mut case, file, tree.body());
            uses::judge(&mut case, file, &tree);
            sql::judge(&mut case, file, tree.body());
        }
    }
    scripts::judge(&mut case);
    templates::judge(&mut case);
    let (mut doubtful, mut findings): (Vec<Finding>, Vec<Finding>) =
        (case.findings.into_iter()).partition(|finding| match finding.rule {
            "ref.super" => true,
            // One that others run into is certain.
            "ref.signature" => finding.level != Level::Error,
            _ => false,
        });
    doubtful.extend(case.doubtful);
    sort(&mut doubtful);
    sort(&mut findings);
    let judged = Judged {
        name: module.name.clone(),
        findings,
        doubtful,
    };
    Some((judged, case.mends))
}

/// A module before the judge.
struct Case<'w, 'a> {
    world: &'w World<'a>,
    module: &'w Module,
    addon: &'a Addon,
    /// The module and all it depends on.
    depends: HashSet<&'a str>,
    /// The same, what is installed anyway, and what installs itself beside them.
    known: HashSet<&'a str>,
    /// What it depends on and nobody has.
    missing: BTreeSet<&'a str>,
    certain: bool,
    findings: Vec<Finding>,
    doubtful: Vec<Finding>,
    mends: Vec<Mend>,
}

impl Case<'_, '_> {
    /// Says whether all it depends on is known, models included.
    fn closed(&self) -> bool {
        self.certain
    }

    /// Says whether a model is there when the module is installed.
    fn has_model(&self, model: &str) -> bool {
        let mut parts = self.world.parts(model).iter();
        let there = parts.any(|(addon, part)| part.defines && (self.known.contains(addon) || !self.closed()));
        there || model == "base" || model.starts_with("x_")
    }

    /// Says whether the manifest names a data file.
    fn lists(&self, path: &str) -> bool {
        self.addon.data.iter().any(|file| file == path)
    }

    fn file(&self, path: &str) -> Option<&SourceFile> {
        self.module.files.iter().find(|file| file.path == path)
    }

    fn say(&mut self, rule: &'static str, level: Level, path: &str, at: usize, message: String, remedy: String) {
        let (line, column) = self.file(path).map_or((0, 1), |file| place(&file.text, at));
        self.findings.push(Finding {
            rule,
            level: level.within(path),
            path: path.to_owned(),
            line,
            column,
            message,
            remedy,
        });
    }

    /// Doubts what was said since there were so many findings.
    fn doubt(&mut self, since: usize) {
        self.doubtful.extend(self.findings.drain(since..));
    }

    /// Follows a path of fields; returns the model and the part that it has not.
    fn lost_part(&self, model: &str, path: &str) -> Option<(String, String)> {
        let mut model = model.to_owned();
        for part in path.split('.') {
            if self.world.parts(&model).is_empty() {
                return None;
            }
            match self.world.member(&model, part, &self.known) {
                Member::Field(field) => model = self.leads_to(&model, field, 0)?,
                Member::Nothing => return Some((model, part.to_owned())),
                Member::Name | Member::Unknown => return None,
            }
        }
        None
    }

    /// Returns the fields that an expression names and a model has not.
    fn lost_names(&self, model: &str, parsed: &expression::Parsed) -> Vec<(String, String)> {
        let used = expression::used(parsed);
        let lost = used.fields.iter().filter_map(|name| self.lost_part(model, name));
        lost.collect()
    }

    /// Returns the model a field leads to; one that is related leads where its path ends.
    fn leads_to(&self, model: &str, field: &Field, depth: usize) -> Option<String> {
        if let Some(to) = &field.to {
            return Some(to.clone());
        }
        let path = field.related.as_deref().filter(|_| depth < 5)?;
        path.split('.').try_fold(model.to_owned(), |model, part| {
            match self.world.member(&model, part, &self.known) {
                Member::Field(field) => self.leads_to(&model, field, depth + 1),
                _ => None,
            }
        })
    }

    /// Tells a field that a model has not.
    fn say_field(&mut self, path: &str, at: usize, model: &str, field: &str, level: Level) {
        let best = super::nearest::nearest(field, self.world.field_names(model, &self.known));
        let message = format!("`{model}` has no field `{field}`");
        let remedy = super::nearest::hint(best, "find what took its place, or leave it out");
        self.say("ref.field", level, path, at, message, remedy);
    }

    /// Tells a model that is nowhere.
    fn say_model(&mut self, path: &str, at: usize, model: &str, level: Level) {
        let best = super::nearest::nearest(model, self.world.model_names());
        let message = format!("there is no model `{model}`");
        let remedy = super::nearest::hint(best, "find what took its place, or leave it out");
        self.say("ref.model", level, path, at, message, remedy);
    }

    /// Judges an XML id.
    fn id(&mut self, path: &str, at: usize, id: &str, level: Level) {
        let id = id.trim();
        let name = self.module.name.clone();
        let id = super::records::full(&name, id);
        let (module, _) = id.split_once('.').unwrap_or_default();
        let odd = |c: char| c.is_whitespace() || matches!(c, '%' | '{' | '}' | '\'' | '"' | '(' | '/' | '$');
        // What data name must be there when they are loaded; code may ask for more.
        let is_data = matches!(Kind::of(path), Kind::Xml | Kind::Csv) && level == Level::Error;
        let beyond = is_data && self.closed() && self.world.addons.contains_key(module) && !self.known.contains(module);
        if id.contains(odd) || (self.world.has_id(&id) && !beyond) {
            return;
        }
        if !self.closed() && !self.world.addons.contains_key(module) {
            return;
        }
        let best = (!beyond)
            .then(|| super::nearest::nearest(&id, self.world.ids_of(module)))
            .flatten();
        let (message, otherwise) = if beyond {
            (
                format!("`{id}` is of `{module}`, which nothing here depends on"),
                "depend on that module, or leave it out",
            )
        } else if self.world.addons.contains_key(module) {
            (
                format!("there is no XML id `{id}`"),
                "find what took its place, or leave it out",
            )
        } else {
            (
                format!("there is no XML id `{id}`: no module `{module}`"),
                "depend on the module that has it now, or leave it out",
            )
        };
        let remedy = super::nearest::hint(best, otherwise);
        self.say("ref.xmlid", level, path, at, message, remedy);
    }
}
