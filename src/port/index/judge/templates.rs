//! Templates of the web client: what they inherit from, the places they change, what they call.

use std::collections::{HashMap, HashSet};

use super::super::super::Level;
use super::super::Template;
use super::super::arch::Tree;
use super::super::inherit;
use super::super::nearest::{hint, nearest};
use super::super::world::World;
use super::Case;

/// A template with its addon and a number of its own.
#[derive(Clone, Copy)]
struct At<'a> {
    addon: &'a str,
    number: u32,
    template: &'a Template,
}

pub(super) fn judge(case: &mut Case<'_, '_>) {
    let world = case.world;
    if case.addon.templates.is_empty() {
        return;
    }
    let all = gather(world, &case.known);
    let mut done = HashSet::new();
    for template in &case.addon.templates {
        calls(case, template);
        let Some(inherit) = &template.inherit else { continue };
        if !all.named.contains_key(inherit.as_str()) {
            if case.closed() || world.template_names.contains(inherit.as_str()) {
                missing(case, template, inherit);
            }
            continue;
        }
        if !case.closed() {
            continue;
        }
        // All extensions of one template are judged at once.
        let root = if template.primary {
            template.name.as_deref().unwrap_or_default()
        } else {
            inherit
        };
        if done.insert(root.to_owned()) {
            apply(case, &all, root);
        }
    }
}

fn missing(case: &mut Case<'_, '_>, template: &Template, inherit: &str) {
    let best = nearest(inherit, case.world.template_names.iter().copied());
    let remedy = hint(best, "find the template that shows this now");
    let message = if case.world.template_names.contains(inherit) {
        format!("template `{inherit}` belongs to a module this one does not depend on")
    } else {
        format!("there is no template `{inherit}` to inherit from")
    };
    case.say(
        "ref.template",
        Level::Error,
        &template.path,
        template.at,
        message,
        remedy,
    );
}

struct All<'a> {
    named: HashMap<&'a str, At<'a>>,
    heirs: HashMap<&'a str, Vec<At<'a>>>,
}

/// Gathers the templates that a module can see, in the order they are loaded.
fn gather<'a>(world: &World<'a>, among: &HashSet<&'a str>) -> All<'a> {
    let mut all = All {
        named: HashMap::new(),
        heirs: HashMap::new(),
    };
    let mut addons: Vec<&'a str> = among.iter().copied().collect();
    addons.sort_by_key(|name| world.load_order(name));
    let mut number = 0;
    for name in addons {
        let Some(addon) = world.addons.get(name) else { continue };
        for template in &addon.templates {
            number += 1;
            let at = At {
                addon: name,
                number,
                template,
            };
            match (&template.inherit, &template.name) {
                (Some(inherit), _) if !template.primary => all.heirs.entry(inherit).or_default().push(at),
                (_, Some(name)) => {
                    all.named.insert(name, at);
                }
                _ => {}
            }
        }
    }
    all
}

fn apply(case: &mut Case<'_, '_>, all: &All<'_>, root: &str) {
    let mut told = Vec::new();
    if combine(all, root, 0, &mut told).is_none() {
        return;
    }
    let mut certain = true;
    for (at, applied, names) in told {
        certain &= applied.undecided == 0;
        if at.addon != case.module.name {
            certain &= applied.lost.is_empty();
            continue;
        }
        for lost in applied.lost {
            if certain {
                let wanted = lost.wants.split(['\'', '"']).nth(1).unwrap_or_default();
                let absent = !wanted.is_empty() && !names.iter().any(|it| it == wanted);
                let best = absent
                    .then(|| nearest(wanted, names.iter().map(String::as_str)))
                    .flatten();
                let parent = at.template.inherit.as_deref().unwrap_or_default();
                let message = format!("template `{parent}` has no `{}`", lost.wants);
                let remedy = hint(best, "find the place in the template as it is now");
                case.say(
                    "ref.anchor",
                    Level::Error,
                    &at.template.path,
                    lost.origin.at,
                    message,
                    remedy,
                );
            }
        }
    }
}

type Told<'a> = Vec<(At<'a>, inherit::Applied, Vec<String>)>;

/// Puts a template together: its parent's if it has one, itself, then its extensions.
fn combine<'a>(all: &All<'a>, name: &str, guard: usize, told: &mut Told<'a>) -> Option<Tree> {
    if guard > 20 {
        return None;
    }
    let at = *all.named.get(name)?;
    let own = Tree::parse(&at.template.text, at.number, at.template.at)?;
    let mut tree = match &at.template.inherit {
        Some(inherit) => {
            let mut tree = combine(all, inherit, guard + 1, told)?;
            let names = words(&tree);
            told.push((at, inherit::apply(&mut tree, &specs(own)), names));
            tree
        }
        None => own,
    };
    for heir in all.heirs.get(name).map_or(&[][..], Vec::as_slice) {
        let own = Tree::parse(&heir.template.text, heir.number, heir.template.at)?;
        let names = words(&tree);
        told.push((*heir, inherit::apply(&mut tree, &specs(own)), names));
    }
    Some(tree)
}

/// The element of an inheriting template is no spec itself.
fn specs(mut tree: Tree) -> Tree {
    let root = tree.root;
    tree.rename(root, "data");
    tree
}

fn words(tree: &Tree) -> Vec<String> {
    let attributes = ["name", "class", "t-ref", "t-call", "t-if", "t-foreach"];
    let nodes = tree.below(tree.root).into_iter();
    let values = nodes.flat_map(|node| attributes.iter().filter_map(move |it| tree.attr(node, it)));
    values
        .flat_map(|value| value.split_whitespace().chain([value]))
        .map(str::to_owned)
        .collect()
}

/// Judges the templates that a template calls.
fn calls(case: &mut Case<'_, '_>, template: &Template) {
    let Some(tree) = Tree::parse(&template.text, 0, template.at) else {
        return;
    };
    for node in tree.below(tree.root) {
        let Some(name) = tree.attr(node, "t-call") else {
            continue;
        };
        if name.contains(['{', '#', ' ', '$']) || !name.contains('.') || !case.closed() {
            continue;
        }
        if !case.world.template_names.contains(name) {
            let best = nearest(name, case.world.template_names.iter().copied());
            let remedy = hint(best, "find what took its place");
            let message = format!("there is no template `{name}`");
            let at = tree.nodes[node].origin.at;
            case.say("ref.template", Level::Error, &template.path, at, message, remedy);
        }
    }
}
