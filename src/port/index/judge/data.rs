//! Records of XML and CSV files: models, fields, XML ids.

use roxmltree::Node;

use super::super::super::facts::Facts;
use super::super::super::table::Table;
use super::super::super::{Kind, Level, SourceFile};
use super::super::records;
use super::super::world::Member;
use super::{Case, expression};

pub(super) fn judge(case: &mut Case<'_, '_>) {
    for file in &case.module.files {
        // What the manifest does not name is not loaded.
        if !case.lists(&file.path) {
            continue;
        }
        match file.kind() {
            Kind::Xml => xml(case, file),
            Kind::Csv => csv(case, file),
            _ => {}
        }
    }
}

fn xml(case: &mut Case<'_, '_>, file: &SourceFile) {
    let Some(doc) = records::parse(&file.text) else { return };
    let root = doc.root_element();
    if !matches!(root.tag_name().name(), "odoo" | "openerp" | "data") {
        return;
    }
    for node in doc.descendants().filter(Node::is_element) {
        match node.tag_name().name() {
            "record" => record(case, file, node),
            "menuitem" => {
                for name in ["parent", "action"] {
                    attribute_id(case, file, node, name);
                }
                groups(case, file, node, "groups");
            }
            "template" => {
                if node.attribute("inherit_id").is_some() {
                    parent_view(case, file, node, "inherit_id");
                }
                groups(case, file, node, "groups");
                calls(case, file, node);
            }
            "function" => {
                if let (Some(model), Some(name)) = (node.attribute_node("model"), node.attribute("name")) {
                    model_and_method(case, file, model.value(), name, model.range().start);
                }
            }
            _ => {}
        }
    }
}

fn attribute_id(case: &mut Case<'_, '_>, file: &SourceFile, node: Node<'_, '_>, name: &str) {
    if let Some(it) = node.attribute_node(name) {
        case.id(&file.path, it.range().start, it.value(), Level::Error);
    }
}

/// Judges a list of groups: `base.group_user,!base.group_portal`.
fn groups(case: &mut Case<'_, '_>, file: &SourceFile, node: Node<'_, '_>, name: &str) {
    if let Some(it) = node.attribute_node(name) {
        for group in it.value().split(',') {
            let group = group.trim().trim_start_matches(['!', '-']);
            if !group.is_empty() {
                case.id(&file.path, it.range().start, group, Level::Error);
            }
        }
    }
}

fn model_and_method(case: &mut Case<'_, '_>, file: &SourceFile, model: &str, method: &str, at: usize) {
    if !case.closed() {
        return;
    }
    if !case.has_model(model) {
        case.say_model(&file.path, at, model, Level::Error);
    } else if case.world.member(model, method, &case.known) == Member::Nothing {
        let best = super::super::nearest::nearest(method, case.world.members(model));
        let remedy = super::super::nearest::hint(best, "find what took its place");
        let message = format!("`{model}` has no method `{method}`");
        case.say("ref.method", Level::Error, &file.path, at, message, remedy);
    }
}

/// Judges the view another one inherits from.
fn parent_view(case: &mut Case<'_, '_>, file: &SourceFile, node: Node<'_, '_>, name: &str) {
    let Some(it) = node.attribute_node(name) else { return };
    let id = records::full(&case.module.name, it.value().trim());
    let (module, _) = id.split_once('.').unwrap_or_default();
    let known = case.world.has_view(&id) || case.world.has_id(&id);
    if known || (!case.closed() && !case.world.addons.contains_key(module)) {
        return;
    }
    let views = (case.world.ids_of(module)).filter(|id| case.world.model_of(id) == Some("ir.ui.view"));
    let best = super::super::nearest::nearest(&id, views);
    let remedy = super::super::nearest::hint(best, "inherit from the view that shows this now, or leave it out");
    let message = format!("there is no view `{id}` to inherit from");
    case.say("ref.view", Level::Error, &file.path, it.range().start, message, remedy);
}

/// Judges the templates that a server-side template calls.
fn calls(case: &mut Case<'_, '_>, file: &SourceFile, template: Node<'_, '_>) {
    for node in template.descendants() {
        let Some(it) = node.attribute_node("t-call") else {
            continue;
        };
        let id = it.value();
        if id.contains('.') && !id.contains(['{', '#', ' ', '<', '$']) {
            case.id(&file.path, it.range().start, id, Level::Error);
        }
    }
}

fn record(case: &mut Case<'_, '_>, file: &SourceFile, record: Node<'_, '_>) {
    let Some(model) = record.attribute("model") else { return };
    let at = record.range().start;
    let known = case.world.has_model(model);
    if !known && case.closed() && !model.contains(['%', '{']) {
        case.say_model(&file.path, at, model, Level::Error);
    }
    for node in record.children().filter(|it| it.has_tag_name("field")) {
        let Some(name) = node.attribute("name") else { continue };
        // `name@fr` is a translation.
        let name = name.split('@').next().unwrap_or(name);
        let at = node.range().start;
        if known && case.closed() && case.world.member(model, name, &case.known) == Member::Nothing {
            case.say_field(&file.path, at, model, name, Level::Error);
        }
        if known && case.closed() {
            value(case, file, node, model, name);
        }
        if model == "ir.ui.view" && name == "inherit_id" {
            parent_view(case, file, node, "ref");
        } else {
            attribute_id(case, file, node, "ref");
        }
        if known {
            searched(case, file, node, model, name);
        }
        groups(case, file, node, "groups");
        if let Some(eval) = node.attribute_node("eval")
            && let Some(parsed) = expression::parse(eval.value())
        {
            for id in expression::refs(&parsed) {
                case.id(&file.path, eval.range().start, &id, Level::Error);
            }
        }
        let text = node.text().map(str::trim).unwrap_or_default();
        let names_model = match name {
            "model" => matches!(model, "ir.ui.view" | "ir.actions.report"),
            "res_model" => matches!(model, "ir.actions.act_window" | "mail.activity.type"),
            "model_id" => model == "ir.filters",
            _ => false,
        };
        if names_model && !text.is_empty() && case.closed() && !case.has_model(text) {
            case.say_model(&file.path, at, text, Level::Error);
        }
        if (model, name) == ("ir.actions.report", "report_name") && text.contains('.') && !text.contains(' ') {
            report(case, file, record, text, at);
        }
        if name == "arch" {
            arch(case, file, node);
        } else {
            placeholders(case, file, node);
        }
    }
    actions(case, file, record, model);
}

/// Judges the domain by which a field finds its record: `search="[('code', '=', 'x')]"`.
fn searched(case: &mut Case<'_, '_>, file: &SourceFile, node: Node<'_, '_>, model: &str, name: &str) {
    let Some(search) = node.attribute_node("search").filter(|_| case.closed()) else {
        return;
    };
    let Member::Field(field) = case.world.member(model, name, &case.known) else {
        return;
    };
    let named = node.attribute("model").map(str::to_owned);
    let (Some(to), Some(parsed)) = (named.or_else(|| field.to.clone()), expression::parse(search.value())) else {
        return;
    };
    for path in expression::domain(&parsed) {
        if let Some((model, part)) = case.lost_part(&to, &path) {
            case.say_field(&file.path, search.range().start, &model, &part, Level::Error);
        }
    }
}

/// Judges the value of a selection.
fn value(case: &mut Case<'_, '_>, file: &SourceFile, node: Node<'_, '_>, model: &str, name: &str) {
    let is_text = ["eval", "ref", "search", "type", "file"]
        .iter()
        .all(|attribute| !node.has_attribute(*attribute));
    let value = node.text().map(str::trim).unwrap_or_default();
    if !is_text || value.is_empty() || node.children().any(|it| it.is_element()) {
        return;
    }
    let Some(values) = case.world.values(model, name) else {
        return;
    };
    if values.contains(value) {
        return;
    }
    let best = super::super::nearest::nearest(value, values.iter().copied());
    let all: Vec<&str> = values.iter().copied().take(8).collect();
    let remedy = super::super::nearest::hint(best, &format!("it may be {}", all.join(", ")));
    let message = format!("`{model}.{name}` cannot be `{value}`");
    case.say(
        "ref.value",
        Level::Error,
        &file.path,
        node.range().start,
        message,
        remedy,
    );
}

fn report(case: &mut Case<'_, '_>, file: &SourceFile, record: Node<'_, '_>, name: &str, at: usize) {
    let kind = records::field(record, "report_type").and_then(|it| it.text());
    if kind.is_none_or(|kind| kind.starts_with("qweb")) {
        case.id(&file.path, at, name, Level::Warning);
    }
}

/// Judges what a view's arch refers to: actions, groups, templates.
fn arch(case: &mut Case<'_, '_>, file: &SourceFile, field: Node<'_, '_>) {
    for node in field.descendants().filter(Node::is_element) {
        placeholders(case, file, node);
        if node.attribute("groups").is_some() && !node.has_tag_name("attribute") {
            groups(case, file, node, "groups");
        }
        if node.has_tag_name("attribute")
            && node.attribute("name") == Some("groups")
            && let Some(text) = node.text()
        {
            for group in text.split(',').map(|it| it.trim().trim_start_matches('!')) {
                if !group.is_empty() {
                    case.id(&file.path, node.range().start, group, Level::Error);
                }
            }
        }
    }
    calls(case, file, field);
}

fn placeholders(case: &mut Case<'_, '_>, file: &SourceFile, node: Node<'_, '_>) {
    for attribute in node.attributes() {
        for (id, _) in expression::placeholders(attribute.value()) {
            case.id(&file.path, attribute.range().start, id, Level::Error);
        }
    }
    if !node.children().any(|it| it.is_element())
        && let Some(text) = node.text()
    {
        for (id, _) in expression::placeholders(text) {
            case.id(&file.path, node.range().start, id, Level::Error);
        }
    }
}

/// Judges the domain and the context of an action or a filter.
fn actions(case: &mut Case<'_, '_>, file: &SourceFile, record: Node<'_, '_>, model: &str) {
    let of = match model {
        "ir.actions.act_window" => "res_model",
        "ir.filters" | "ir.rule" => "model_id",
        _ => return,
    };
    let Some(of) = records::field(record, of) else { return };
    let by_id = of.attribute("ref").and_then(|id| case.world.facts.model_of_id(id));
    let Some(target) = by_id.or(of.text().map(str::trim)) else {
        return;
    };
    if !case.closed() || !case.world.has_model(target) {
        return;
    }
    // The domain of a rule is worked out when the rule is made.
    let level = if model == "ir.rule" {
        Level::Error
    } else {
        Level::Warning
    };
    for (name, group_by) in [("domain", false), ("domain_force", false), ("context", true)] {
        let Some(field) = records::field(record, name) else {
            continue;
        };
        let Some(text) = field.text().or_else(|| field.attribute("eval")) else {
            continue;
        };
        let Some(parsed) = expression::parse(text) else {
            continue;
        };
        let paths = if group_by {
            expression::group_by(&parsed)
        } else {
            expression::domain(&parsed)
        };
        for path in paths {
            if let Some((model, part)) = case.lost_part(target, &path) {
                case.say_field(&file.path, field.range().start, &model, &part, level);
            }
        }
    }
}

fn csv(case: &mut Case<'_, '_>, file: &SourceFile) {
    let facts = Facts::default();
    let Ok(table) = Table::parse(&file.path, &case.module.name, &file.text, &facts) else {
        return;
    };
    let model = table.model().to_owned();
    // Other tables are read by code of their own.
    if table.column("id").is_none() {
        return;
    }
    let known = case.world.has_model(&model);
    if !model.contains('.') {
        return;
    }
    if !known {
        if case.closed() {
            case.say_model(&file.path, 0, &model, Level::Error);
        }
        return;
    }
    let Some(head) = table.rows.first() else { return };
    for (number, cell) in head.iter().enumerate() {
        let name = cell.value.split([':', '/', '@', '.']).next().unwrap_or_default().trim();
        if case.closed()
            && !name.is_empty()
            && name != "id"
            && case.world.member(&model, name, &case.known) == Member::Nothing
        {
            case.say_field(&file.path, cell.range.start, &model, name, Level::Error);
        }
        if !cell.value.ends_with(":id") && !cell.value.ends_with("/id") {
            continue;
        }
        for row in table.records() {
            let Some(value) = row.get(number) else { continue };
            for id in value.value.split(',').map(str::trim).filter(|id| !id.is_empty()) {
                case.id(&file.path, value.range.start, id, Level::Error);
            }
        }
    }
}
