//! The rules applied, hop by hop, in their order.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use memchr::memmem;

use crate::odoo::openupgrade::Apriori;

use super::edit::{Collision, apply};
use super::facts::Facts;
use super::file::place;
use super::found::Said;
use super::python::Tree;
use super::rules::{self, Deeds, Look, Rule, Script, Whole};
use super::{Finding, Found, Kind, Level, Manifest, Python, SourceFile, Table, Xml};

/// A module and its files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    /// Its name: that of its folder.
    pub name: String,
    /// Its files that are text, in the order of their paths.
    pub files: Vec<SourceFile>,
}

/// One hop, and what OpenUpgrade knows of it.
#[derive(Clone, Debug, Default)]
pub struct Hop {
    /// The series it leads to, such as 19.
    pub to: u8,
    /// Renames and merges.
    pub renames: Apriori,
}

/// Which rules.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Only these; empty means all.
    pub only: Vec<String>,
}

impl Options {
    fn wants(&self, rule: &Rule) -> bool {
        self.only.is_empty() || self.only.iter().any(|id| id == rule.id)
    }
}

/// A rule that changed a module.
pub struct Applied {
    /// The rule.
    pub rule: &'static Rule,
    /// The series of its hop.
    pub to: u8,
    /// How many changes it made.
    pub changes: usize,
    /// The files after it, by path: their text, or nothing when it removed them.
    pub files: BTreeMap<String, Option<String>>,
}

/// A file that is left alone, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unparsed {
    /// The file, from the module's folder.
    pub path: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong with it.
    pub message: String,
}

/// What became of a module.
pub struct Ported {
    /// Its name.
    pub name: String,
    /// The rules that changed it, in their order.
    pub applied: Vec<Applied>,
    /// What a person must look at.
    pub findings: Vec<Finding>,
    /// Files no rule could look at.
    pub unparsed: Vec<Unparsed>,
    /// Its files afterwards.
    pub files: Vec<SourceFile>,
}

/// Brings modules over one hop after the other. Modules are worked on side by side.
pub fn port(modules: Vec<Module>, hops: &[Hop], options: &Options) -> Vec<Ported> {
    let mut ported: Vec<Ported> = (modules.into_iter())
        .map(|module| Ported {
            name: module.name,
            applied: Vec::new(),
            findings: Vec::new(),
            unparsed: Vec::new(),
            files: module.files,
        })
        .collect();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    for hop in hops {
        let modules: Vec<Module> = (ported.iter())
            .map(|module| Module {
                name: module.name.clone(),
                files: module.files.clone(),
            })
            .collect();
        let facts = Facts::gather(hop.to, hop.renames.clone(), &modules);
        let rules: Vec<&'static Rule> = rules::of_hop(hop.to).filter(|rule| options.wants(rule)).collect();
        let queue = std::sync::Mutex::new(ported.iter_mut());
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    loop {
                        let next = queue
                            .lock()
                            .map_or_else(|poisoned| poisoned.into_inner().next(), |mut queue| queue.next());
                        let Some(module) = next else { break };
                        bring(module, hop.to, &rules, &facts);
                    }
                });
            }
        });
    }
    for module in &mut ported {
        module
            .findings
            .sort_by(|a, b| (&a.path, a.line, a.column, a.rule).cmp(&(&b.path, b.line, b.column, b.rule)));
        module.findings.dedup();
        module.unparsed.dedup();
    }
    ported
}

/// Brings one module over one hop: file by file through all rules, then the rules that see the whole.
fn bring(module: &mut Ported, to: u8, rules: &[&'static Rule], facts: &Facts) {
    let mut texts: Vec<BTreeMap<String, Option<String>>> = vec![BTreeMap::new(); rules.len()];
    let mut counts = vec![0; rules.len()];
    for file in &mut module.files {
        let outcome = through(&module.name, &file.path, &mut file.text, rules, facts);
        for (number, made, text) in outcome.versions {
            counts[number] += made;
            texts[number].insert(file.path.clone(), Some(text));
        }
        module.findings.extend(outcome.findings);
        if let Some(unparsed) = outcome.unparsed
            && !module.unparsed.iter().any(|known| known.path == unparsed.path)
        {
            module.unparsed.push(unparsed);
        }
    }
    for (number, rule) in rules.iter().enumerate() {
        for look in rule.looks {
            if let Look::Module(look) = look {
                let mut deeds = Deeds::default();
                look(
                    &Whole {
                        name: &module.name,
                        files: &module.files,
                        facts,
                    },
                    &mut deeds,
                );
                counts[number] += carry_out(module, rule, deeds, &mut texts[number]);
            }
        }
    }
    for ((rule, changes), files) in rules.iter().zip(counts).zip(texts) {
        if changes > 0 {
            module.applied.push(Applied {
                rule,
                to,
                changes,
                files,
            });
        }
    }
}

#[derive(Default)]
struct Outcome {
    versions: Vec<(usize, usize, String)>,
    findings: Vec<Finding>,
    unparsed: Option<Unparsed>,
}

/// Takes a file through the rules; it is parsed again only after a rule changed it.
fn through(module: &str, path: &str, text: &mut String, rules: &[&'static Rule], facts: &Facts) -> Outcome {
    let kind = Kind::of(path);
    let mut outcome = Outcome::default();
    let mut next = 0;
    while next < rules.len() {
        let changed = match ask(module, path, text, kind, rules, facts, &mut next, &mut outcome) {
            Ok(changed) => changed,
            Err((at, message)) => {
                let (line, column) = place(text, at);
                outcome.unparsed = Some(Unparsed {
                    path: path.to_owned(),
                    line,
                    column,
                    message,
                });
                return outcome;
            }
        };
        match changed {
            Some((number, made, new)) => {
                outcome.versions.push((number, made, new.clone()));
                *text = new;
            }
            None => break,
        }
    }
    outcome
}

/// A file with its tree, made when the first rule asks for it.
enum View<'a> {
    Python(Python<'a>),
    Manifest(Manifest<'a>),
    Xml(Xml<'a>),
    Csv(Table<'a>),
    Script(Script<'a>),
}

type Changed = Option<(usize, usize, String)>;

/// Asks the rules from `next` on until one changes the text; `next` is then the one after it.
#[expect(
    clippy::too_many_arguments,
    reason = "one place, and every one of them is another thing"
)]
fn ask(
    module: &str,
    path: &str,
    text: &str,
    kind: Kind,
    rules: &[&'static Rule],
    facts: &Facts,
    next: &mut usize,
    outcome: &mut Outcome,
) -> Result<Changed, (usize, String)> {
    let tree = OnceCell::new();
    let mut view = None;
    while *next < rules.len() {
        let number = *next;
        let rule = rules[number];
        *next += 1;
        let looks = rule
            .looks
            .iter()
            .filter(|look| concerns(look, kind))
            .collect::<Vec<_>>();
        if looks.is_empty() || !holds_one(text, rule.words) {
            continue;
        }
        if view.is_none() {
            if matches!(kind, Kind::Python | Kind::Manifest) {
                tree.set(Tree::parse(text)?).ok();
            }
            view = Some(see(module, path, text, kind, tree.get(), facts)?);
        }
        let Some(Some(view)) = &view else { return Ok(None) };
        let mut found = Found::default();
        for look in looks {
            match (look, view) {
                (Look::Python(look), View::Python(python)) => look(python, &mut found),
                (Look::Manifest(look), View::Manifest(manifest)) => look(manifest, &mut found),
                (Look::Xml(look), View::Xml(xml)) => look(xml, &mut found),
                (Look::Csv(look), View::Csv(table)) => look(table, &mut found),
                (Look::Script(look), View::Script(script)) => look(script, &mut found),
                _ => {}
            }
        }
        let (new, made, collisions) = apply(text, &found.changes, &found.shared);
        outcome.findings.extend(told(rule, path, text, found.said, &collisions));
        if made > 0 && new != text {
            return Ok(Some((number, made, new)));
        }
    }
    Ok(None)
}

fn see<'a>(
    module: &'a str,
    path: &'a str,
    text: &'a str,
    kind: Kind,
    tree: Option<&'a Tree>,
    facts: &'a Facts,
) -> Result<Option<View<'a>>, (usize, String)> {
    Ok(match (kind, tree) {
        (Kind::Python, Some(tree)) => Some(View::Python(Python::new(path, module, text, tree, facts))),
        (Kind::Manifest, Some(tree)) => Some(View::Manifest(
            Manifest::new(path, module, text, tree, facts).ok_or((0, "it holds no dictionary".to_owned()))?,
        )),
        (Kind::Xml, _) => Some(View::Xml(Xml::parse(path, module, text, facts)?)),
        (Kind::Csv, _) => Some(View::Csv(Table::parse(path, module, text, facts)?)),
        (Kind::Script, _) => Some(View::Script(Script {
            path,
            text,
            facts,
            module,
        })),
        _ => None,
    })
}

fn concerns(look: &Look, kind: Kind) -> bool {
    match look {
        Look::Python(_) => kind == Kind::Python,
        Look::Xml(_) => kind == Kind::Xml,
        Look::Csv(_) => kind == Kind::Csv,
        Look::Manifest(_) => kind == Kind::Manifest,
        Look::Script(_) => kind == Kind::Script,
        Look::Module(_) => false,
    }
}

fn holds_one(text: &str, words: &[&str]) -> bool {
    words.is_empty()
        || words
            .iter()
            .any(|word| memmem::find(text.as_bytes(), word.as_bytes()).is_some())
}

/// Gives what was said its place, and says what collided.
fn told(rule: &'static Rule, path: &str, text: &str, said: Vec<Said>, collisions: &[Collision]) -> Vec<Finding> {
    let finding = |at: usize, level: Level, message: String, remedy: String| {
        let (line, column) = place(text, at);
        Finding {
            rule: rule.id,
            level,
            path: path.to_owned(),
            line,
            column,
            message,
            remedy,
        }
    };
    let collided = collisions.iter().map(|collision| {
        let message = format!(
            "{} changes want the same text; none was made ({})",
            collision.changes, rule.title
        );
        finding(collision.start, Level::Warning, message, "make it by hand".to_owned())
    });
    (said.into_iter())
        .map(|said| finding(said.at, said.level, said.message, said.remedy))
        .chain(collided)
        .collect()
}

/// Carries out what a rule makes of a whole module, and counts the changes.
fn carry_out(
    module: &mut Ported,
    rule: &'static Rule,
    deeds: Deeds,
    texts: &mut BTreeMap<String, Option<String>>,
) -> usize {
    let mut changes = 0;
    for (path, found) in deeds.found {
        let Some(file) = module.files.iter_mut().find(|file| file.path == path) else {
            continue;
        };
        let (new, made, collisions) = apply(&file.text, &found.changes, &found.shared);
        module
            .findings
            .extend(told(rule, &path, &file.text, found.said, &collisions));
        if made > 0 && new != file.text {
            changes += made;
            texts.insert(path, Some(new.clone()));
            file.text = new;
        }
    }
    for (from, to) in deeds.moved {
        if let Some(file) = module.files.iter_mut().find(|file| file.path == from) {
            texts.insert(from, None);
            texts.insert(to.clone(), Some(file.text.clone()));
            file.path = to;
            changes += 1;
        }
    }
    for path in deeds.removed {
        if let Some(at) = module.files.iter().position(|file| file.path == path) {
            module.files.remove(at);
            texts.insert(path, None);
            changes += 1;
        }
    }
    for (path, text) in deeds.added {
        if module.files.iter().all(|file| file.path != path)
            && let Ok(file) = SourceFile::read(path.clone(), text.clone().into_bytes())
        {
            module.files.push(file);
            texts.insert(path, Some(text));
            changes += 1;
        }
    }
    changes
}
