//! The rules applied, hop by hop, in their order.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use crate::odoo::openupgrade::{Apriori, Changes};
use crate::parallel;

use super::chosen::Chosen;
use super::draft::{Draft, Origin};
use super::edit::{Edit, apply};
use super::facts::Facts;
use super::rules::{Deeds, Look, Rule, Whole};
use super::through::{Version, broken, collided, fault, parses, through};
use super::{Finding, SourceFile};

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
    /// What becomes of fields, models and XML ids.
    pub changes: Changes,
}

/// Which lines findings name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lines {
    /// Those of the files after every change.
    #[default]
    After,
    /// Those of the files as they were handed in.
    Before,
}

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Only these rules; empty means all.
    pub only: Vec<String>,
    /// Not these.
    pub without: Vec<String>,
    /// Which lines findings name.
    pub lines: Lines,
    /// Modules that stand at a later series than the first hop begins with: hops up to there are not theirs.
    pub stands: BTreeMap<String, u8>,
}

impl Options {
    pub(super) fn wants(&self, rule: &Rule) -> bool {
        let names = |ids: &[String]| ids.iter().any(|id| id == rule.id);
        (self.only.is_empty() || names(&self.only)) && !names(&self.without)
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
    /// The edits it made in files that it did not move, by path: bytes of the file before it.
    pub edits: BTreeMap<String, Vec<Edit>>,
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
    /// The rules that changed it, in the order in which they did: each on top of the one before.
    pub applied: Vec<Applied>,
    /// What a person must look at.
    pub findings: Vec<Finding>,
    /// Files no rule could look at.
    pub unparsed: Vec<Unparsed>,
    /// Its files afterwards.
    pub files: Vec<SourceFile>,
    /// The texts that files had which are not what they were any more, by their path then.
    pub originals: BTreeMap<String, String>,
}

/// A module on its way.
struct Work {
    name: String,
    applied: Vec<Applied>,
    drafts: Vec<Draft>,
    removed: Vec<Draft>,
}

/// Brings modules over one hop after the other. Modules are worked on side by side.
pub fn port(modules: Vec<Module>, hops: &[Hop], options: &Options) -> Vec<Ported> {
    let mut works: Vec<Work> = (modules.into_iter())
        .map(|module| Work {
            name: module.name,
            applied: Vec::new(),
            drafts: module.files.into_iter().map(Draft::of).collect(),
            removed: Vec::new(),
        })
        .collect();
    for hop in hops {
        let mut heard: Vec<(&str, &mut Draft)> = Vec::new();
        for work in &mut works {
            heard.extend(work.drafts.iter_mut().map(|draft| (work.name.as_str(), draft)));
        }
        let mut facts = Facts::gather(hop.to, hop.renames.clone(), heard);
        facts.changes.clone_from(&hop.changes);
        let chosen = Chosen::new(hop.to, options);
        let behind = |work: &&mut Work| options.stands.get(&work.name).is_none_or(|stands| *stands < hop.to);
        let queue: Vec<Mutex<&mut Work>> = works.iter_mut().filter(behind).map(Mutex::new).collect();
        parallel::map(&queue, |work| {
            let mut work = work.lock().unwrap_or_else(PoisonError::into_inner);
            bring(&mut work, hop.to, &chosen, &facts);
        });
    }
    works.into_iter().map(|work| work.done(options.lines)).collect()
}

impl Work {
    fn done(self, lines: Lines) -> Ported {
        // What was said of a file that is gone helps only those who look at it as it was.
        let gone = if lines == Lines::Before {
            self.removed.as_slice()
        } else {
            &[]
        };
        let told = || self.drafts.iter().chain(gone);
        let mut findings: Vec<Finding> = told().flat_map(|draft| draft.findings(lines)).collect();
        findings.sort_by(|a, b| {
            let key = |it: &Finding| (it.line, it.column, it.rule);
            (&a.path, key(a), &a.message).cmp(&(&b.path, key(b), &b.message))
        });
        findings.dedup();
        let unparsed = told().filter_map(|draft| draft.unparsed(lines)).collect();
        let mut originals = BTreeMap::new();
        let mut files = Vec::with_capacity(self.drafts.len());
        for draft in self.drafts {
            let untouched = draft.is_untouched();
            if let Some(Origin { path, text }) = draft.origin
                && !untouched
            {
                originals.insert(path, text.unwrap_or_else(|| draft.file.text.clone()));
            }
            files.push(draft.file);
        }
        for draft in self.removed {
            if let Some(Origin { path, text }) = draft.origin {
                originals.insert(path, text.unwrap_or(draft.file.text));
            }
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ported {
            name: self.name,
            applied: self.applied,
            findings,
            unparsed,
            files,
            originals,
        }
    }
}

/// Brings one module over one hop: file by file through all rules, then the rules that see the whole.
fn bring(work: &mut Work, to: u8, chosen: &Chosen, facts: &Facts) {
    let mut applied: Vec<Applied> = (chosen.rules.iter())
        .map(|rule| Applied {
            rule,
            to,
            changes: 0,
            files: BTreeMap::new(),
            edits: BTreeMap::new(),
        })
        .collect();
    for draft in &mut work.drafts {
        for Version {
            rule,
            changes,
            edits,
            text,
        } in through(&work.name, draft, chosen, facts)
        {
            let applied = &mut applied[rule];
            applied.changes += changes;
            applied.files.insert(draft.file.path.clone(), Some(text));
            applied.edits.insert(draft.file.path.clone(), edits);
        }
    }
    work.applied
        .extend(applied.into_iter().filter(|applied| applied.changes > 0));
    for &rule in &chosen.rules {
        for look in rule.looks {
            if let Look::Module(look) = look {
                whole(work, rule, *look, to, facts);
            }
        }
    }
}

/// Lets a rule look at a module as a whole, and does what it asks for.
fn whole(work: &mut Work, rule: &'static Rule, look: fn(&Whole<'_>, &mut Deeds), to: u8, facts: &Facts) {
    let files: Vec<&SourceFile> = work.drafts.iter().map(|draft| &draft.file).collect();
    let looked = catch_unwind(AssertUnwindSafe(|| {
        let mut deeds = Deeds::default();
        look(
            &Whole {
                name: &work.name,
                files: &files,
                facts,
            },
            &mut deeds,
        );
        deeds
    }));
    let Ok(deeds) = looked else {
        if let Some(draft) = work.drafts.first_mut() {
            draft.say(rule, fault(rule));
        }
        return;
    };
    let mut applied = Applied {
        rule,
        to,
        changes: 0,
        files: BTreeMap::new(),
        edits: BTreeMap::new(),
    };
    for (path, found) in deeds.found {
        let Some(draft) = work.drafts.iter_mut().find(|draft| draft.file.path == path) else {
            continue;
        };
        let made = apply(&draft.file.text, &found.changes, &found.shared);
        found.said.into_iter().for_each(|said| draft.say(rule, said));
        (made.collisions.iter()).for_each(|collision| draft.say(rule, collided(collision, rule)));
        if made.changes == 0 || made.text == draft.file.text {
            continue;
        }
        let kind = draft.file.kind();
        if draft.broken.is_none()
            && let Err((at, _)) = parses(&work.name, &path, &made.text, kind, facts)
        {
            draft.say(rule, broken(super::edit::before(&made.edits, at), rule));
            continue;
        }
        applied.changes += made.changes;
        applied.files.insert(path.clone(), Some(made.text.clone()));
        applied.edits.insert(path, made.edits.clone());
        draft.becomes(made.text, made.edits);
    }
    for (from, to) in deeds.moved {
        let free = work.drafts.iter().all(|draft| draft.file.path != to);
        if free && let Some(draft) = work.drafts.iter_mut().find(|draft| draft.file.path == from) {
            applied.edits.remove(&from);
            applied.files.insert(from, None);
            applied.files.insert(to.clone(), Some(draft.file.text.clone()));
            draft.file.path = to;
            draft.heard = None;
            applied.changes += 1;
        }
    }
    for path in deeds.removed {
        if let Some(at) = work.drafts.iter().position(|draft| draft.file.path == path) {
            let draft = work.drafts.remove(at);
            if draft.origin.is_some() {
                work.removed.push(draft);
            }
            applied.edits.remove(&path);
            applied.files.insert(path, None);
            applied.changes += 1;
        }
    }
    for (path, text) in deeds.added {
        if work.drafts.iter().all(|draft| draft.file.path != path)
            && let Ok(file) = SourceFile::read(path.clone(), text.clone().into_bytes())
        {
            work.drafts.push(Draft::new(file));
            applied.files.insert(path, Some(text));
            applied.changes += 1;
        }
    }
    if applied.changes > 0 {
        work.applied.push(applied);
    }
}
