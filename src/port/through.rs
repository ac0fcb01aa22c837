//! One file through the rules of a hop.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::chosen::{Chosen, concerns};
use super::draft::Draft;
use super::edit::{Collision, Made, apply};
use super::facts::Facts;
use super::found::Said;
use super::python::Tree;
use super::rules::{Look, Rule, Script};
use super::{Edit, Found, Kind, Level, Manifest, Python, Table, Xml};

/// What a rule made of a file.
pub(super) struct Version {
    /// The rule's number among those of the hop.
    pub(super) rule: usize,
    /// How many changes it made.
    pub(super) changes: usize,
    /// The edits that it made.
    pub(super) edits: Vec<Edit>,
    /// The text after it.
    pub(super) text: String,
}

/// Takes a file through the rules; it is parsed again only after a rule changed it.
///
/// A file that does not parse is left alone. A change after which it would not parse is not made.
pub(super) fn through(module: &str, draft: &mut Draft, chosen: &Chosen, facts: &Facts) -> Vec<Version> {
    let mut versions = Vec::new();
    let kind = draft.file.kind();
    if kind == Kind::Other || draft.broken.is_some() {
        return versions;
    }
    let mut concerned = chosen.concerned(kind, &draft.file.text);
    // A file that no rule looks at may be broken too, and is worth a line.
    if !concerned.contains(&true)
        && !std::mem::replace(&mut draft.parsed, true)
        && let Err((at, message)) = parses(module, &draft.file.path, &draft.file.text, kind, facts)
    {
        draft.cannot(at, message);
    }
    while concerned.contains(&true) {
        draft.parsed = true;
        let mut said = Vec::new();
        let asked = ask(module, draft, chosen, &mut concerned, facts, &mut said);
        for (rule, said) in said {
            draft.say(rule, said);
        }
        match asked {
            Err((at, message)) => {
                draft.cannot(at, message);
                break;
            }
            Ok(None) => break,
            Ok(Some((number, made))) => {
                let rule = chosen.rules[number];
                if let Err((at, _)) = parses(module, &draft.file.path, &made.text, kind, facts) {
                    draft.say(rule, broken(super::edit::before(&made.edits, at), rule));
                    continue;
                }
                draft.becomes(made.text.clone(), made.edits.clone());
                versions.push(Version {
                    rule: number,
                    changes: made.changes,
                    edits: made.edits,
                    text: made.text,
                });
                let again = chosen.concerned(kind, &draft.file.text);
                concerned = (again.into_iter().enumerate())
                    .map(|(other, concerned)| concerned && other > number)
                    .collect();
            }
        }
    }
    versions
}

/// A file with its tree.
enum View<'a> {
    Python(Python<'a>),
    Manifest(Manifest<'a>),
    Xml(Xml<'a>),
    Csv(Table<'a>),
    Script(Script<'a>),
}

/// Asks the rules that may be concerned until one changes the text, and crosses out those that were asked.
fn ask(
    module: &str,
    draft: &Draft,
    chosen: &Chosen,
    concerned: &mut [bool],
    facts: &Facts,
    said: &mut Vec<(&'static Rule, Said)>,
) -> Result<Option<(usize, Made)>, (usize, String)> {
    let (text, kind) = (draft.file.text.as_str(), draft.file.kind());
    let tree = tree(text, kind)?;
    let Some(view) = see(module, &draft.file.path, text, kind, tree.as_ref(), facts)? else {
        return Ok(None);
    };
    for (number, concerned) in concerned.iter_mut().enumerate() {
        if !std::mem::take(concerned) {
            continue;
        }
        let rule = chosen.rules[number];
        // A fault in one rule must not cost the work of all others.
        let looked = catch_unwind(AssertUnwindSafe(|| {
            let found = look(rule, kind, &view);
            let made = apply(text, &found.changes, &found.shared);
            (found.said, made)
        }));
        let Ok((told, made)) = looked else {
            said.push((rule, fault(rule)));
            continue;
        };
        said.extend(told.into_iter().map(|told| (rule, told)));
        said.extend(made.collisions.iter().map(|one| (rule, collided(one, rule))));
        if made.changes > 0 && made.text != text {
            return Ok(Some((number, made)));
        }
    }
    Ok(None)
}

fn look(rule: &Rule, kind: Kind, view: &View<'_>) -> Found {
    let mut found = Found::default();
    for look in rule.looks.iter().filter(|look| concerns(look, kind)) {
        match (look, view) {
            (Look::Python(look), View::Python(python)) => look(python, &mut found),
            (Look::Manifest(look), View::Manifest(manifest)) => look(manifest, &mut found),
            (Look::Xml(look), View::Xml(xml)) => look(xml, &mut found),
            (Look::Csv(look), View::Csv(table)) => look(table, &mut found),
            (Look::Script(look), View::Script(script)) => look(script, &mut found),
            _ => {}
        }
    }
    found
}

fn tree(text: &str, kind: Kind) -> Result<Option<Tree>, (usize, String)> {
    match kind {
        Kind::Python | Kind::Manifest => Tree::parse(text).map(Some),
        _ => Ok(None),
    }
}

/// Says whether a text is what its file's kind asks for.
pub(super) fn parses(module: &str, path: &str, text: &str, kind: Kind, facts: &Facts) -> Result<(), (usize, String)> {
    let tree = tree(text, kind)?;
    if kind != Kind::Python {
        see(module, path, text, kind, tree.as_ref(), facts)?;
    }
    Ok(())
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

/// Says that changes want the same text.
pub(super) fn collided(collision: &Collision, rule: &Rule) -> Said {
    Said {
        at: collision.start,
        level: Level::Warning,
        message: format!(
            "{} changes want the same text; none was made ({})",
            collision.changes, rule.title
        ),
        remedy: "make it by hand".to_owned(),
    }
}

/// Says that a change was not made because nobody could read the file afterwards.
pub(super) fn broken(at: usize, rule: &Rule) -> Said {
    Said {
        at,
        level: Level::Warning,
        message: format!(
            "after this change the file would not parse; it was not made ({})",
            rule.title
        ),
        remedy: "make it by hand, and report it to hopp's makers".to_owned(),
    }
}

/// Says that a rule itself failed.
pub(super) fn fault(rule: &Rule) -> Said {
    Said {
        at: 0,
        level: Level::Warning,
        message: format!(
            "the rule failed on this file and changed nothing in it ({})",
            rule.title
        ),
        remedy: "look at the file yourself, and report it to hopp's makers".to_owned(),
    }
}
