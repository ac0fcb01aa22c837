//! Models, fields, methods and XML ids that Python names.

use std::collections::BTreeMap;

use ruff_python_ast::{Decorator, Expr, Stmt, StmtClassDef, StmtFunctionDef};

use super::super::super::{Level, Nodes, Python, SourceFile, range};
use super::super::nearest::{hint, nearest};
use super::super::python;
use super::super::world::Member;
use super::signatures::Signature;
use super::{Case, texts};

pub(super) fn judge(case: &mut Case<'_, '_>, file: &SourceFile, body: &[Stmt]) {
    let nodes = Nodes::of(body);
    for class in &nodes.classes {
        model(case, file, class, &nodes);
    }
    for call in &nodes.calls {
        external_id(case, file, call);
    }
    members_of_classes(case, file, &nodes);
    if !case.closed() || file.path.starts_with("tests/") {
        return;
    }
    for subscript in &nodes.subscripts {
        let Some(model) = Python::string(&subscript.slice) else {
            continue;
        };
        let of_env = Python::dotted(&subscript.value).is_some_and(|name| name.rsplit('.').next() == Some("env"));
        if of_env && model.contains('.') && !case.world.has_model(model) && !asked(&file.text, model) {
            case.say_model(&file.path, range(&*subscript.slice).start, model, Level::Error);
        }
    }
}

/// Says whether the file asks whether something is there before it uses it.
fn asked(text: &str, name: &str) -> bool {
    if text.contains("ir.module.module") {
        return true;
    }
    ['\'', '"'].iter().any(|quote| {
        let quoted = format!("{quote}{name}{quote}");
        text.match_indices(&quoted).any(|(at, _)| {
            let after = text[at + quoted.len()..].trim_start();
            after.starts_with("in ") || after.starts_with("not in ")
        })
    })
}

const BY_ID: [&str; 9] = [
    "ref",
    "has_group",
    "user_has_groups",
    "_for_xml_id",
    "_xmlid_to_res_id",
    "xmlid_to_res_id",
    "xmlid_to_object",
    "_render_template",
    "_xmlid_lookup",
];

/// Judges the XML id of a call such as `env.ref('base.main_company')`.
fn external_id(case: &mut Case<'_, '_>, file: &SourceFile, call: &ruff_python_ast::ExprCall) {
    let Expr::Attribute(function) = &*call.func else { return };
    let name = function.attr.id.as_str();
    if !BY_ID.contains(&name) {
        return;
    }
    let of = Python::dotted(&function.value).unwrap_or_default();
    if name == "ref" && of.rsplit('.').next() != Some("env") {
        return;
    }
    let Some(first) = call.arguments.args.first() else {
        return;
    };
    let Some(id) = Python::string(first) else { return };
    let tolerant = call.arguments.find_keyword("raise_if_not_found").is_some() || call.arguments.args.len() > 1;
    if !id.contains('.') || tolerant || file.path.starts_with("tests/") {
        return;
    }
    for id in id.split(',').map(|id| id.trim().trim_start_matches('!')) {
        // Code may name what only some customers have.
        if !case.world.addons.contains_key(id.split('.').next().unwrap_or_default()) {
            continue;
        }
        // Who asks for a record that is not there fails; who asks for a group that is not there is told no.
        let fails = matches!(name, "ref" | "_for_xml_id" | "xmlid_to_object");
        let level = if fails { Level::Error } else { Level::Warning };
        case.id(&file.path, range(first).start, id, level);
    }
}

fn model(case: &mut Case<'_, '_>, file: &SourceFile, class: &StmtClassDef, nodes: &Nodes<'_>) {
    let Some(part) = python::model(class) else { return };
    if !case.closed() || file.path.starts_with("tests/") {
        return;
    }
    let mut gone = false;
    for inherited in part.inherits.iter().chain(&part.delegates) {
        if !case.has_model(inherited) {
            let at = place_of(file, class, inherited);
            case.say_model(&file.path, at, inherited, Level::Error);
            gone = true;
        }
    }
    if !part.defines && !case.has_model(&part.name) {
        let at = place_of(file, class, &part.name);
        case.say_model(&file.path, at, &part.name, Level::Error);
        gone = true;
    }
    for (name, _, call) in super::super::super::Class::of(class).fields() {
        field(case, file, &part.name, name, call, gone);
    }
    if gone || part.open {
        return;
    }
    texts::paths(case, file, class, &part.name);
    for method in super::super::super::Class::of(class).methods() {
        // Of two decorators of a kind the outer one counts.
        let mut seen = Vec::new();
        for decorator in &method.decorator_list {
            let kind = decorator
                .expression
                .as_call_expr()
                .and_then(|call| Python::dotted(&call.func));
            if seen.contains(&kind) {
                continue;
            }
            seen.push(kind);
            paths(case, file, class, &part.name, method.name.id.as_str(), decorator);
        }
        if !part.defines && !unnamed(case, file, &part, method) {
            overridden(case, file, &part, method.name.id.as_str(), range(method), nodes);
        }
    }
}

/// Returns where a class names a model.
fn place_of(file: &SourceFile, class: &StmtClassDef, model: &str) -> usize {
    let whole = range(class);
    file.text[whole.clone()]
        .find(&format!("'{model}'"))
        .or_else(|| file.text[whole.clone()].find(&format!("\"{model}\"")))
        .map_or(whole.start, |at| whole.start + at)
}

fn field(
    case: &mut Case<'_, '_>,
    file: &SourceFile,
    model: &str,
    name: &str,
    call: &ruff_python_ast::ExprCall,
    gone: bool,
) {
    let keyword = |name: &str| call.arguments.find_keyword(name).map(|keyword| &keyword.value);
    let kind = Python::called(call).unwrap_or_default();
    if matches!(kind, "Many2one" | "One2many" | "Many2many")
        && let Some(expr) = keyword("comodel_name").or_else(|| call.arguments.args.first())
        && let Some(to) = Python::string(expr)
        && !case.has_model(to)
    {
        case.say_model(&file.path, range(expr).start, to, Level::Error);
    }
    if !gone {
        extended(case, file, model, name, call);
        texts::domain(case, file, (model, name), call);
    }
    if let Some(groups) = keyword("groups")
        && let Some(text) = Python::string(groups)
    {
        for group in text.split(',').map(|it| it.trim().trim_start_matches('!')) {
            if group.contains('.') {
                case.id(&file.path, range(groups).start, group, Level::Error);
            }
        }
    }
    if let Some(related) = keyword("related")
        && let Some(path) = Python::string(related)
        && !gone
        && let Some((model, part)) = case.lost_part(model, path)
    {
        // A field that is related to itself through a class of its own.
        if part != name {
            case.say_field(&file.path, range(related).start, &model, &part, Level::Error);
        }
    }
}

/// Judges a field that says nothing of where it leads or what it may be: another class must have said so.
fn extended(case: &mut Case<'_, '_>, file: &SourceFile, model: &str, name: &str, call: &ruff_python_ast::ExprCall) {
    let says = match Python::called(call) {
        Some("Many2one" | "One2many" | "Many2many") => "comodel_name",
        Some("Selection") => "selection",
        _ => return,
    };
    let arguments = &call.arguments;
    let by_itself = !arguments.args.is_empty()
        || [says, "related"].iter().any(|it| arguments.find_keyword(it).is_some())
        || arguments.keywords.iter().any(|it| it.arg.is_none());
    if by_itself || case.world.parts(model).is_empty() || case.world.defined(model, name, &case.known) != Some(1) {
        return;
    }
    let best = nearest(
        name,
        case.world
            .field_names(model, &case.known)
            .into_iter()
            .filter(|it| *it != name),
    );
    let remedy = hint(best, &format!("say `{says}`, or extend the field that took its place"));
    let message = format!("`{model}` has no field `{name}` to extend");
    case.say(
        "ref.field",
        Level::Error,
        &file.path,
        range(call).start,
        message,
        remedy,
    );
}

/// Judges members of Odoo's own classes that code takes hold of by themselves: `ProductProduct._compute_quantities`.
fn members_of_classes(case: &mut Case<'_, '_>, file: &SourceFile, nodes: &Nodes<'_>) {
    if !case.closed() || file.path.starts_with("tests/") {
        return;
    }
    let mut classes: BTreeMap<&str, &str> = BTreeMap::new();
    for import in nodes.imports_from.iter().filter(|import| import.level == 0) {
        let from = import.module.as_ref().map_or("", |module| module.id.as_str());
        // A controller may be called like a model.
        if from.contains(".controllers") {
            continue;
        }
        let Some(addon) = from
            .strip_prefix("odoo.addons.")
            .and_then(|rest| rest.split('.').next())
        else {
            continue;
        };
        let Some(addon) = case.world.addons.get(addon) else {
            continue;
        };
        for alias in &import.names {
            // A class of a model is called like it.
            let named = alias.name.id.as_str().to_lowercase();
            let mut parts = addon.models.iter();
            if let Some(part) = parts.find(|part| part.name.replace(['.', '_'], "") == named) {
                classes.insert(Python::local(alias), &part.name);
            }
        }
    }
    for attribute in &nodes.attributes {
        let Expr::Name(base) = &*attribute.value else { continue };
        let Some(model) = classes.get(base.id.as_str()).filter(|_| attribute.ctx.is_load()) else {
            continue;
        };
        let name = attribute.attr.id.as_str();
        if name.starts_with("__") || case.world.member(model, name, &case.known) != Member::Nothing {
            continue;
        }
        let remedy = hint(nearest(name, case.world.members(model)), "find what took its place");
        let message = format!("`{}` (`{model}`) has no `{name}`", base.id);
        case.say(
            "ref.import",
            Level::Error,
            &file.path,
            range(*attribute).start,
            message,
            remedy,
        );
    }
}

/// Judges the paths of `@api.depends`, `@api.onchange`, `@api.constrains`.
fn paths(
    case: &mut Case<'_, '_>,
    file: &SourceFile,
    class: &StmtClassDef,
    model: &str,
    method: &str,
    decorator: &Decorator,
) {
    let Expr::Call(call) = &decorator.expression else {
        return;
    };
    let level = match Python::dotted(&call.func).as_deref() {
        Some("api.depends") => Level::Error,
        Some("api.onchange" | "api.constrains") => Level::Warning,
        _ => return,
    };
    // Nobody follows what a method depends on that computes nothing.
    let quoted = ['"', '\''].map(|quote| format!("{quote}{method}{quote}"));
    let mut files = case.module.files.iter();
    let computes = files.any(|file| quoted.iter().any(|name| file.text.contains(name)))
        || (method.starts_with("_compute") && case.world.has_elsewhere(model, method, &case.module.name));
    if level == Level::Error && !computes {
        return;
    }
    let transient = (class.arguments.as_ref())
        .and_then(|arguments| Python::dotted(arguments.args.first()?))
        .is_some_and(|base| base.ends_with("TransientModel"));
    for arg in &call.arguments.args {
        if let Some(path) = Python::string(arg)
            // A wizard does not follow what happens in other models.
            && let path = if transient { path.split('.').next().unwrap_or(path) } else { path }
            && let Some((model, part)) = case.lost_part(model, path)
        {
            case.say_field(&file.path, range(arg).start, &model, &part, level);
        }
    }
}

/// Judges an override: what `super()` reaches must be there.
fn overridden(
    case: &mut Case<'_, '_>,
    file: &SourceFile,
    part: &super::super::ModelPart,
    method: &str,
    whole: std::ops::Range<usize>,
    nodes: &Nodes<'_>,
) {
    let call = nodes.calls.iter().find(|call| {
        let Expr::Attribute(function) = &*call.func else {
            return false;
        };
        let Expr::Call(inner) = &*function.value else {
            return false;
        };
        let is_super = matches!(&*inner.func, Expr::Name(name) if name.id.as_str() == "super");
        is_super && function.attr.id.as_str() == method && whole.contains(&range(**call).start)
    });
    let Some(call) = call else { return };
    let at = range(*call).start;
    if case.world.has_elsewhere(&part.name, method, &case.module.name) {
        arguments(case, file, part, method, call);
        return;
    }
    // Two classes of one module may build on each other.
    let own = (case.addon.models.iter())
        .filter(|it| it.name == part.name && it.methods.contains_key(method))
        .count();
    if own > 1 || asks(&file.text[whole]) {
        return;
    }
    let best = nearest(method, case.world.members(&part.name));
    let remedy = hint(best, "nobody calls it any more: find what took its place");
    let message = format!("`{}` has no method `{method}` to override", part.name);
    case.say("ref.super", Level::Warning, &file.path, at, message, remedy);
}

/// Judges what an override takes and passes on: exact where every definition that `super()` may reach is understood.
fn arguments(
    case: &mut Case<'_, '_>,
    file: &SourceFile,
    part: &super::super::ModelPart,
    method: &str,
    call: &ruff_python_ast::ExprCall,
) {
    let Some(definitions) = case
        .world
        .definitions(&part.name, method, &case.module.name, &case.known)
    else {
        return;
    };
    let read: Option<Vec<Signature<'_>>> = definitions.iter().map(|text| Signature::read(text)).collect();
    let Some(there) = read.filter(|there| !there.is_empty()) else {
        return;
    };
    let at = range(call).start;
    let shown = definitions[0]
        .split_once(", ")
        .map_or("", |(_, rest)| rest)
        .replace('?', "=…");
    let name = format!("`{}.{method}`", part.name);
    if there.iter().all(|it| !it.takes(call)) {
        let message = format!("{name} takes ({shown}), and not what is passed on here");
        let remedy = "pass on what it takes now".to_owned();
        case.say("ref.arguments", Level::Error, &file.path, at, message, remedy);
    } else if let Some(own) = part.methods.get(method).and_then(|own| Signature::read(own))
        && there.iter().all(|it| !own.stands_for(it))
    {
        let message = format!("{name} takes ({shown}), and this override does not");
        let remedy = "take the same arguments: others pass them".to_owned();
        case.say("ref.signature", Level::Warning, &file.path, at, message, remedy);
    }
}

/// Judges an override that does not take what others pass to the method by name, and says whether there is such a thing:
/// they fail when it is called.
fn unnamed(
    case: &mut Case<'_, '_>,
    file: &SourceFile,
    part: &super::super::ModelPart,
    method: &StmtFunctionDef,
) -> bool {
    let name = method.name.id.as_str();
    let Some(own) = part.methods.get(name).and_then(|own| Signature::read(own)) else {
        return false;
    };
    let definitions = (case.world).definitions(&part.name, name, &case.module.name, &case.known);
    let there: Vec<Signature<'_>> = definitions.into_iter().flatten().filter_map(Signature::read).collect();
    let mut passed: Vec<(&str, &str)> = Vec::new();
    for addon in &case.depends {
        let names = case.world.addons.get(addon).and_then(|it| it.passes.get(name));
        passed.extend(names.into_iter().flatten().map(|argument| (argument.as_str(), *addon)));
    }
    passed.sort_unstable();
    let lost = passed.into_iter().find(|(argument, addon)| {
        *addon != case.module.name
            && !own.knows(argument)
            && !there.is_empty()
            && there.iter().all(|it| it.names(argument))
    });
    if let Some((argument, addon)) = lost {
        let message = format!(
            "`{addon}` passes `{argument}` to `{}.{name}`, which this override does not take",
            part.name
        );
        let remedy = format!("take `{argument}`, and pass it on to `super()`");
        let at = range(&method.name).start;
        case.say("ref.signature", Level::Error, &file.path, at, message, remedy);
    }
    lost.is_some()
}

/// Says whether a method asks before it calls on.
fn asks(text: &str) -> bool {
    text.contains("hasattr(") || text.contains("AttributeError")
}
