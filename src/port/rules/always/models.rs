//! Models that have another name or are gone.

use std::ops::Range;

use ruff_python_ast::{Expr, ExprStringLiteral, Stmt};

use crate::port::rules::{Deed, Look, Rule};
use crate::port::{Class, Facts, Found, Level, Python, Table, Xml, range};

pub(super) const MODELS: Rule = Rule {
    id: "A7",
    title: "models that have another name",
    why: "OpenUpgrade renames the model; the old name is not in the registry",
    source: "openupgrade_scripts/apriori.py, renamed_models",
    deed: Deed::Mechanical,
    words: &[],
    looks: &[Look::Python(in_python), Look::Xml(in_xml), Look::Csv(in_csv)],
};

/// Models whose records live on under another name, while their methods and most fields do not.
const ANOTHER: [(&str, &str); 4] = [
    (
        "procurement.group",
        "procurements are run by `stock.rule` (`self.env['stock.rule'].run(…)`), documents are linked by stock.reference",
    ),
    ("hr.contract", "a contract is a version of an employee: hr.version"),
    (
        "product.packaging",
        "packagings are units of measure: uom.uom, and product.uom for barcodes",
    ),
    ("hr.candidate", "a candidate is an applicant again: hr.applicant"),
];

/// What became of a model.
enum Fate<'f> {
    Renamed(&'f str),
    Another(&'static str),
    Gone,
}

fn fate<'f>(facts: &'f Facts, model: &str) -> Option<Fate<'f>> {
    let renamed = facts.renames.renamed_models.get(model);
    let merged = facts.renames.merged_models.get(model);
    let gone = facts.changes.removed_models.contains(model);
    // A module at hand that defines the model keeps it.
    let defined = |it: &crate::port::Model| !it.fields.is_empty() && !it.inherits.contains(model);
    if (renamed.is_none() && merged.is_none() && !gone)
        || (gone && renamed.is_none() && facts.models.get(model).is_some_and(defined))
    {
        return None;
    }
    if let Some((_, advice)) = ANOTHER.iter().find(|(known, _)| *known == model) {
        return Some(Fate::Another(advice));
    }
    Some(match renamed {
        Some(new) => Fate::Renamed(new),
        None => Fate::Gone,
    })
}

fn say(found: &mut Found, path: &str, at: usize, model: &str, fate: &Fate<'_>) {
    let advice = match fate {
        Fate::Another(advice) => advice,
        _ => "remove what depends on it, or find what took its place",
    };
    let level = Level::Error.within(path);
    found.say(at, level, format!("the model {model} is gone"), advice);
}

fn in_python(python: &Python<'_>, found: &mut Found) {
    let facts = python.facts;
    let candidates = |literal: &&&ExprStringLiteral| {
        let text = literal.value.to_str();
        text.contains('.') && fate(facts, text).is_some()
    };
    let places: Vec<Range<usize>> = (python.nodes.strings.iter())
        .filter(candidates)
        .map(|it| range(*it))
        .collect();
    if places.is_empty() {
        return;
    }
    let mut names: Vec<&ExprStringLiteral> = Vec::new();
    for subscript in &python.nodes.subscripts {
        let of_env = Python::is_env(&subscript.value);
        names.extend(subscript.slice.as_string_literal_expr().filter(|_| of_env));
    }
    for call in &python.nodes.calls {
        let kind = Python::dotted(&call.func).unwrap_or_default();
        if matches!(
            kind.as_str(),
            "fields.Many2one" | "fields.One2many" | "fields.Many2many" | "fields.Reference"
        ) {
            let comodel = call.arguments.find_argument_value("comodel_name", 0);
            names.extend(comodel.and_then(|it| it.as_string_literal_expr()));
        }
    }
    for class in &python.nodes.classes {
        for stmt in &class.body {
            let Stmt::Assign(assign) = stmt else { continue };
            let target = assign.targets.first().and_then(|it| it.as_name_expr());
            if !target.is_some_and(|it| matches!(it.id.as_str(), "_inherit" | "_inherits")) {
                continue;
            }
            match &*assign.value {
                Expr::List(list) => names.extend(list.elts.iter().filter_map(|it| it.as_string_literal_expr())),
                Expr::Tuple(tuple) => names.extend(tuple.elts.iter().filter_map(|it| it.as_string_literal_expr())),
                Expr::Dict(dict) => {
                    names.extend((dict.items.iter()).filter_map(|item| item.key.as_ref()?.as_string_literal_expr()));
                }
                other => names.extend(other.as_string_literal_expr()),
            }
            // `_name` that repeats `_inherit` extends, too.
            let name = Class::of(class)
                .assigned("_name")
                .and_then(|it| it.as_string_literal_expr());
            let same = name.filter(|name| Class::of(class).inherits().contains(&name.value.to_str()));
            names.extend(same);
        }
    }
    for dict in &python.nodes.dicts {
        for item in &dict.items {
            let key = item.key.as_ref().and_then(Python::string);
            if matches!(key, Some("res_model" | "model" | "relation" | "comodel_name")) {
                names.extend(item.value.as_string_literal_expr());
            }
        }
    }
    names.sort_by_key(|it| range(*it).start);
    names.dedup_by_key(|it| range(*it).start);
    for literal in names {
        match (fate(facts, literal.value.to_str()), python.inside(literal)) {
            (Some(Fate::Renamed(new)), Some(inside)) => found.replace(inside, new),
            (Some(fate), _) => say(found, python.path, range(literal).start, literal.value.to_str(), &fate),
            (None, _) => {}
        }
    }
}

fn in_xml(xml: &Xml<'_>, found: &mut Found) {
    for node in xml.doc.descendants().filter(roxmltree::Node::is_element) {
        if let Some(attribute) = node.attribute_node("model") {
            change(xml.facts, xml.path, attribute.value(), attribute.range_value(), found);
        }
        for name in ["ref", "model_id"] {
            if let Some(attribute) = node.attribute_node(name) {
                reference(xml.facts, xml.path, attribute.value(), attribute.range_value(), found);
            }
        }
        let of_model = matches!(
            node.attribute("name"),
            Some("model" | "res_model" | "relation" | "binding_model")
        );
        if node.has_tag_name("field")
            && of_model
            && let Some(text) = node.first_child().filter(roxmltree::Node::is_text)
            && let Some(value) = text.text()
        {
            let blank = value.len() - value.trim_start().len();
            let start = text.range().start + blank;
            change(
                xml.facts,
                xml.path,
                value.trim(),
                start..start + value.trim().len(),
                found,
            );
        }
    }
}

fn change(facts: &Facts, path: &str, model: &str, place: Range<usize>, found: &mut Found) {
    match fate(facts, model) {
        Some(Fate::Renamed(new)) => found.replace(place, new),
        Some(fate) => say(found, path, place.start, model, &fate),
        None => {}
    }
}

/// `product.model_product_packaging` names a model with underscores.
fn reference(facts: &Facts, path: &str, id: &str, place: Range<usize>, found: &mut Found) {
    let Some(at) = id.find("model_").filter(|at| *at == 0 || id[..*at].ends_with('.')) else {
        return;
    };
    let name = &id[at + "model_".len()..];
    let same = |model: &&String| model.replace('.', "_") == name;
    let renamed = facts.renames.renamed_models.keys().find(same);
    let Some(model) = renamed.or_else(|| facts.changes.removed_models.iter().find(same)) else {
        return;
    };
    match fate(facts, model) {
        Some(Fate::Renamed(new)) => {
            let start = place.start + at + "model_".len();
            found.replace(start..place.end, new.replace('.', "_"));
        }
        Some(fate) => say(found, path, place.start, model, &fate),
        None => {}
    }
}

fn in_csv(table: &Table<'_>, found: &mut Found) {
    for (at, head) in table.rows.first().into_iter().flatten().enumerate() {
        if !matches!(head.value.as_str(), "model_id:id" | "model_id/id") {
            continue;
        }
        for row in table.records() {
            if let Some(field) = row.get(at) {
                reference(table.facts, table.path, &field.value, field.range.clone(), found);
            }
        }
    }
}
