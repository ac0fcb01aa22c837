//! Inherited views applied to what the target has, and the fields and methods that views name.

use std::collections::{BTreeMap, HashSet};

use super::super::super::Level;
use super::super::arch::Tree;
use super::super::inherit::{self, Applied};
use super::super::mend::{self, Mend};
use super::super::nearest::{hint, nearest};
use super::super::world::{Member, ViewAt, World};
use super::super::xpath::{self, Outcome};
use super::{Case, expression};

pub(super) fn judge(case: &mut Case<'_, '_>) {
    if !case.closed() {
        return;
    }
    let world = case.world;
    let mine: BTreeMap<u32, ViewAt<'_>> = world.views_of(&case.module.name).map(|at| (at.number, at)).collect();
    let mut done = HashSet::new();
    for at in mine.values() {
        let Some(root) = primary(world, *at, &case.known) else {
            continue;
        };
        if !done.insert(root.number) {
            continue;
        }
        let mut told = Vec::new();
        let Some(tree) = combine(world, root, &case.known, 0, &mut |at, applied| told.push((at, applied))) else {
            continue;
        };
        // Something that could not be decided may have brought or taken what is asked for later.
        let mut certain = true;
        for (at, applied) in told {
            certain &= applied.undecided == 0;
            if !mine.contains_key(&at.number) {
                certain &= applied.lost.is_empty();
                continue;
            }
            for lost in applied.lost {
                if certain {
                    case.mends.extend(elsewhere(&mine, &at, &tree, &lost));
                    tell(case, &at, &tree, &lost);
                }
            }
        }
        if !root.view.template && certain {
            let model = root
                .view
                .model
                .as_deref()
                .or_else(|| inherited_model(world, root, &case.known));
            if let Some(model) = model {
                let model = model.to_owned();
                fields(case, &mine, &tree, tree.root, Some(&model), &[]);
                labels(case, &mine, &tree);
            }
        }
    }
}

/// Follows a view to the one that stands by itself.
fn primary<'a>(world: &World<'a>, mut at: ViewAt<'a>, among: &HashSet<&str>) -> Option<ViewAt<'a>> {
    for _ in 0..50 {
        match &at.view.inherit {
            Some(inherit) if !at.view.primary => {
                let parent = world.view(inherit, among)?;
                if other_model(&at, &parent) {
                    return Some(at);
                }
                at = parent;
            }
            _ => return Some(at),
        }
    }
    None
}

/// Says whether a view is of another model than its parent: it then stands by itself.
fn other_model(at: &ViewAt<'_>, parent: &ViewAt<'_>) -> bool {
    matches!((&at.view.model, &parent.view.model), (Some(a), Some(b)) if a != b)
}

fn inherited_model<'a>(world: &World<'a>, at: ViewAt<'a>, among: &HashSet<&str>) -> Option<&'a str> {
    let parent = world.view(at.view.inherit.as_deref()?, among)?;
    let root = primary(world, parent, among)?;
    root.view.model.as_deref()
}

/// Puts a view together as Odoo does: its parent's if it has one, itself, then what inherits from it.
fn combine<'a>(
    world: &World<'a>,
    root: ViewAt<'a>,
    among: &HashSet<&str>,
    guard: usize,
    told: &mut dyn FnMut(ViewAt<'a>, Applied),
) -> Option<Tree> {
    if guard > 30 {
        return None;
    }
    let arch = world.tree(&root)?;
    let mut tree = match &root.view.inherit {
        Some(inherit) => {
            let parent = primary(world, world.view(inherit, among)?, among)?;
            let mut uncertain = 0;
            let mut tree = combine(world, parent, among, guard + 1, &mut |_, applied| {
                uncertain += applied.undecided + applied.lost.len();
            })?;
            let mut applied = inherit::apply(&mut tree, &arch);
            applied.undecided += uncertain;
            told(root, applied);
            tree
        }
        None => (*arch).clone(),
    };
    let heirs = |parent: &ViewAt<'a>| -> Vec<ViewAt<'a>> {
        let mut heirs = world.heirs(&parent.view.id, among);
        heirs.retain(|it| !it.view.primary && it.view.active && !other_model(it, parent));
        heirs
    };
    let mut stack: Vec<ViewAt<'a>> = heirs(&root);
    stack.reverse();
    let mut steps = 0;
    while let Some(at) = stack.pop() {
        steps += 1;
        if steps > 2000 {
            return None;
        }
        let arch = world.tree(&at)?;
        told(at, inherit::apply(&mut tree, &arch));
        let mut next = heirs(&at);
        next.reverse();
        stack.extend(next);
    }
    Some(tree)
}

/// Finds the one place of a view that is called what the end of a lost path is called, in the same nested view.
fn elsewhere(mine: &BTreeMap<u32, ViewAt<'_>>, at: &ViewAt<'_>, tree: &Tree, lost: &inherit::Lost) -> Option<Mend> {
    let last = mend::last_step(&lost.wants)?;
    let within = |node: usize| {
        let mut fields = tree.above(node).filter(|above| tree.tag(*above) == "field");
        fields.find_map(|field| tree.attr(field, "name"))
    };
    let same = |node: usize| match within(node) {
        Some(field) => lost.wants.contains(&format!("field[@name='{field}']/")),
        None => !lost
            .wants
            .split('/')
            .rev()
            .skip(1)
            .any(|step| step.starts_with("field[")),
    };
    let found: Vec<usize> = (xpath::all(tree, &last)?.into_iter())
        .filter(|node| !mine.contains_key(&tree.nodes[*node].origin.source) && same(*node))
        .collect();
    let [node] = found.as_slice() else { return None };
    // Others of the name may stand before it: then what it stands in says which is meant.
    let around = (tree.above(*node)).find_map(|above| Some(format!("//{}{}", tree.tag(above), named(tree, above)?)));
    let exprs = [Some(last.clone()), around.map(|around| around + &last)];
    let expr = (exprs.into_iter().flatten()).find(|expr| xpath::first(tree, expr) == Outcome::Found(*node))?;
    Some(Mend {
        path: at.view.path.clone(),
        at: lost.origin.at,
        expr,
    })
}

fn named(tree: &Tree, node: usize) -> Option<String> {
    let of = |attribute: &str| {
        let value = tree.attr(node, attribute).filter(|value| !value.contains('\''))?;
        Some(format!("[@{attribute}='{value}']"))
    };
    of("name").or_else(|| of("id"))
}

fn tell(case: &mut Case<'_, '_>, at: &ViewAt<'_>, tree: &Tree, lost: &inherit::Lost) {
    let parent = at.view.inherit.as_deref().unwrap_or_default();
    let names: Vec<&str> = (tree.below(tree.root).into_iter())
        .flat_map(|node| {
            ["name", "id", "t-name"]
                .into_iter()
                .filter_map(move |it| tree.attr(node, it))
        })
        .collect();
    let wanted = lost.wants.split(['\'', '"']).nth(1).unwrap_or_default();
    let missing = !wanted.is_empty() && !names.contains(&wanted);
    let best = missing.then(|| nearest(wanted, names)).flatten();
    let message = format!("`{parent}` has no `{}`", lost.wants);
    let remedy = hint(best, "find the place in the view as it is now");
    case.say(
        "ref.anchor",
        Level::Error,
        &at.view.path,
        lost.origin.at,
        message,
        remedy,
    );
}

/// Judges the fields, methods and expressions of a view; only what this module wrote.
fn fields(
    case: &mut Case<'_, '_>,
    mine: &BTreeMap<u32, ViewAt<'_>>,
    tree: &Tree,
    node: usize,
    model: Option<&str>,
    parents: &[&str],
) {
    if !tree.is_element(node) {
        return;
    }
    let Some(model) = model.filter(|model| !case.world.parts(model).is_empty()) else {
        return;
    };
    let origin = tree.nodes[node].origin;
    let own = mine.get(&origin.source).map(|at| at.view.path.clone());
    let name = tree.attr(node, "name");
    let mut inner: Option<String> = None;
    match (tree.tag(node), name) {
        ("field" | "groupby", Some(name)) => {
            let member = case.world.member(model, name, &case.known);
            if let Some(path) = &own
                && member == Member::Nothing
            {
                case.say_field(path, origin.at, model, name, Level::Error);
            }
            if let Member::Field(field) = member {
                inner = field.to.clone();
            }
            let below = inner.clone();
            attributes(case, mine, tree, node, model, below.as_deref(), parents);
            let mut chain = vec![model];
            chain.extend(parents);
            let is_groupby = tree.tag(node) == "groupby";
            for child in tree.elements(node) {
                let parents: &[&str] = if is_groupby { parents } else { &chain };
                fields(case, mine, tree, child, inner.as_deref(), parents);
            }
            return;
        }
        ("button", Some(name)) if tree.attr(node, "type") == Some("object") => {
            if let Some(path) = &own
                && case.world.member(model, name, &case.known) == Member::Nothing
            {
                let best = nearest(name, case.world.members(model));
                let remedy = hint(best, "find what took its place, or leave the button out");
                let message = format!("`{model}` has no method `{name}`");
                case.say("ref.method", Level::Error, path, origin.at, message, remedy);
            }
        }
        _ => {}
    }
    attributes(case, mine, tree, node, model, Some(model), parents);
    for child in tree.elements(node) {
        fields(case, mine, tree, child, Some(model), parents);
    }
}

/// Judges labels: what they are for must be in the view.
fn labels(case: &mut Case<'_, '_>, mine: &BTreeMap<u32, ViewAt<'_>>, tree: &Tree) {
    let all = tree.below(tree.root);
    let named: HashSet<&str> = (all.iter())
        .flat_map(|node| ["name", "id"].into_iter().filter_map(|it| tree.attr(*node, it)))
        .collect();
    for node in all.iter().filter(|node| tree.tag(**node) == "label") {
        let Some(label) = tree.attrs(*node).iter().find(|attr| attr.name == "for") else {
            continue;
        };
        let Some(at) = mine.get(&label.origin.source) else {
            continue;
        };
        if !label.value.is_empty() && !named.contains(label.value.as_str()) {
            let best = nearest(&label.value, named.iter().copied());
            let message = format!("the view has no `{}`, which a label is for", label.value);
            let remedy = hint(best, "leave the label out, or bring what it is for");
            let path = at.view.path.clone();
            case.say("ref.anchor", Level::Error, &path, label.origin.at, message, remedy);
        }
    }
}

/// Judges attributes that name fields. `target` is the model a domain speaks of.
fn attributes(
    case: &mut Case<'_, '_>,
    mine: &BTreeMap<u32, ViewAt<'_>>,
    tree: &Tree,
    node: usize,
    model: &str,
    target: Option<&str>,
    parents: &[&str],
) {
    for attr in tree.attrs(node) {
        let Some(path) = mine.get(&attr.origin.source).map(|at| at.view.path.clone()) else {
            continue;
        };
        let at = attr.origin.at;
        let mut lost: Vec<(String, String)> = Vec::new();
        match attr.name.as_str() {
            "invisible" | "readonly" | "required" | "column_invisible" => {
                let Some(parsed) = expression::parse(&attr.value) else {
                    continue;
                };
                let used = expression::used(&parsed);
                lost.extend(used.fields.iter().filter_map(|name| case.lost_part(model, name)));
                if let Some(parent) = parents.first() {
                    lost.extend(used.of_parent.iter().filter_map(|name| case.lost_part(parent, name)));
                }
            }
            "domain" | "filter_domain" => {
                let target = if attr.name == "filter_domain" {
                    Some(model)
                } else {
                    target
                };
                if let (Some(target), Some(parsed)) = (target, expression::parse(&attr.value)) {
                    let paths = expression::domain(&parsed);
                    lost.extend(paths.iter().filter_map(|path| case.lost_part(target, path)));
                    if attr.name == "domain" {
                        lost.extend(case.lost_names(model, &parsed));
                    }
                }
            }
            "context" => {
                if let Some(parsed) = expression::parse(&attr.value) {
                    if tree.tag(node) == "filter" {
                        let paths = expression::group_by(&parsed);
                        lost.extend(paths.iter().filter_map(|path| case.lost_part(model, path)));
                    }
                    lost.extend(case.lost_names(model, &parsed));
                }
            }
            "date_start" | "date_stop" | "date_delay" | "color" | "all_day" | "default_group_by" | "default_order"
                if matches!(
                    tree.tag(node),
                    "list" | "tree" | "kanban" | "calendar" | "graph" | "pivot"
                ) =>
            {
                for name in attr.value.split(',') {
                    let name = name.split_whitespace().next().unwrap_or_default();
                    let name = name.split(':').next().unwrap_or_default();
                    if !name.is_empty() {
                        lost.extend(case.lost_part(model, name));
                    }
                }
            }
            name if name.starts_with("decoration-") => {
                if let Some(parsed) = expression::parse(&attr.value) {
                    lost.extend(case.lost_names(model, &parsed));
                }
            }
            _ => {}
        }
        for (model, part) in lost {
            case.say_field(&path, at, &model, &part, Level::Error);
        }
    }
}
