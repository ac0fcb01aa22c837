//! 16.3, 16.24: how views are asked for, and what their classes are called.

use ruff_python_ast::{Expr, StmtFunctionDef};

use crate::port::rules::code::methods;
use crate::port::{Edit, Found, Level, Python, Xml, range};

const NAMES: [(&str, &str); 2] = [("fields_view_get", "get_view"), ("_fields_view_get", "_get_view")];

/// `fields_view_get(view_id, view_type, toolbar, submenu)` becomes `get_view(view_id, view_type, **options)`.
pub(super) fn get_view(python: &Python<'_>, found: &mut Found) {
    let mut overridden = Vec::new();
    for function in methods(python, &["fields_view_get", "_fields_view_get"]) {
        overridden.push(range(function));
        if function.name.id.as_str() == "fields_view_get" {
            method(python, function, found);
        } else {
            found.say(
                range(&function.name).start,
                Level::Error,
                "_fields_view_get is not called in 16.0",
                "override _get_view(view_id, view_type, **options), which returns the tree of the view and its record",
            );
        }
    }
    for call in &python.nodes.calls {
        let Expr::Attribute(attribute) = &*call.func else {
            continue;
        };
        let at = range(&attribute.attr);
        if attribute.attr.id.as_str() != "fields_view_get" || overridden.iter().any(|it| it.contains(&at.start)) {
            continue;
        }
        let mut edits = vec![Edit::replace(at, "get_view")];
        for name in ["toolbar", "submenu"] {
            edits.extend(
                call.arguments
                    .find_keyword(name)
                    .map(|it| Edit::remove(python.argument_with_comma(call, it))),
            );
        }
        if call.arguments.args.len() < 3 && edits.len() < 3 {
            found.change(edits);
        } else {
            found.say(
                range(&attribute.attr).start,
                Level::Warning,
                "fields_view_get is deprecated in 16.0 and gone in 17.0",
                "get_view(view_id, view_type); toolbar and fields come with get_views",
            );
        }
    }
}

/// An override: its parameters, and what it hands to super.
fn method(python: &Python<'_>, function: &StmtFunctionDef, found: &mut Found) {
    let within = range(function);
    let all = &function.parameters.args;
    let names: Vec<&str> = all.iter().map(|it| it.parameter.name.id.as_str()).collect();
    let usual = matches!(names.as_slice(), ["self", "view_id", "view_type", "toolbar", "submenu"])
        && function.parameters.kwarg.is_none();
    let mut edits = vec![Edit::replace(range(&function.name), "get_view")];
    let mut handed = 0;
    for call in &python.nodes.calls {
        let Expr::Attribute(attribute) = &*call.func else {
            continue;
        };
        if !within.contains(&range(*call).start) || !NAMES.iter().any(|(old, _)| attribute.attr.id.as_str() == *old) {
            continue;
        }
        let arguments = &call.arguments;
        let keywords = arguments.keywords.iter().filter_map(|it| it.arg.as_ref());
        handed += keywords
            .filter(|it| matches!(it.id.as_str(), "toolbar" | "submenu"))
            .count()
            + arguments.args.len().saturating_sub(2);
        let (view, kind) = if arguments.args.len() > 1 {
            ("view_id", "view_type")
        } else {
            ("view_id=view_id", "view_type=view_type")
        };
        let (Some(open), close) = (python.text[range(&attribute.attr).end..].find('('), range(*call).end) else {
            continue;
        };
        let open = range(&attribute.attr).end + open + 1;
        edits.push(Edit::replace(range(&attribute.attr), "get_view"));
        edits.push(Edit::replace(open..close - 1, format!("{view}, {kind}, **options")));
    }
    let reads = python
        .nodes
        .names
        .iter()
        .filter(|name| within.contains(&range(**name).start) && matches!(name.id.as_str(), "toolbar" | "submenu"));
    let fields = python.nodes.subscripts.iter().any(|it| {
        within.contains(&range(*it).start) && matches!(Python::string(&it.slice), Some("fields" | "toolbar"))
    });
    if !usual || handed != reads.count() || fields || edits.len() < 3 {
        return found.say(
            range(&function.name).start,
            Level::Error,
            "fields_view_get is not called in 16.0: what this override changes is lost",
            "override get_view(view_id, view_type, **options), which returns `arch` and `models`, or _get_view",
        );
    }
    edits.push(Edit::replace(
        range(&all[1]).start..range(&all[4]).end,
        "view_id=None, view_type=\"form\", **options",
    ));
    found.change(edits);
}

/// Bootstrap 4 → 5, class by class.
fn class(name: &str) -> Option<String> {
    let sides = [("ml-", "ms-"), ("mr-", "me-"), ("pl-", "ps-"), ("pr-", "pe-")];
    for (old, new) in sides {
        if let Some(rest) = name.strip_prefix(old) {
            let size = rest.rsplit('-').next().unwrap_or(rest);
            return matches!(size, "0" | "1" | "2" | "3" | "4" | "5" | "auto").then(|| format!("{new}{rest}"));
        }
    }
    for part in ["text-", "float-", "border-", "rounded-"] {
        if let Some(side) = name.strip_prefix(part) {
            let (before, side) = side
                .rsplit_once('-')
                .map_or(("", side), |(before, side)| (before, side));
            let before = if before.is_empty() {
                String::new()
            } else {
                format!("{before}-")
            };
            return match side {
                "left" => Some(format!("{part}{before}start")),
                "right" => Some(format!("{part}{before}end")),
                _ => None,
            };
        }
    }
    if let Some(weight) = name.strip_prefix("font-weight-") {
        return Some(format!("fw-{weight}"));
    }
    Some(
        match name {
            "font-italic" => "fst-italic",
            "sr-only" => "visually-hidden",
            "no-gutters" => "g-0",
            "badge-pill" => "rounded-pill",
            _ => return None,
        }
        .to_owned(),
    )
}

/// Attributes of Bootstrap's scripts.
const DATA: [&str; 11] = [
    "toggle",
    "target",
    "dismiss",
    "parent",
    "ride",
    "slide",
    "slide-to",
    "spy",
    "trigger",
    "placement",
    "offset",
];

pub(super) fn bootstrap(xml: &Xml<'_>, found: &mut Found) {
    for node in xml
        .doc
        .descendants()
        .filter(|node| node.is_element() && Xml::in_arch(*node))
    {
        for attribute in node.attributes() {
            let place = attribute.range_value();
            let name = attribute.name();
            if name == "class" && xml.text[place.clone()] == *attribute.value() {
                let mut at = place.start;
                for part in xml.text[place].split([' ', '\n', '\t']) {
                    if let Some(new) = class(part) {
                        found.replace(at..at + part.len(), new);
                    } else if part == "form-group" || part.starts_with("badge-") {
                        found.say(
                            at,
                            Level::Note,
                            format!("Bootstrap 5 has no class {part}"),
                            "text-bg-… for badges, mb-3 for groups of a form",
                        );
                    }
                    at += part.len() + 1;
                }
            } else if let Some(data) = name.strip_prefix("data-").filter(|data| DATA.contains(data)) {
                let toggles = node
                    .attribute("data-toggle")
                    .or(node.attribute("data-dismiss"))
                    .or(node.attribute("data-ride"));
                let bootstrap = matches!(
                    toggles,
                    Some(
                        "dropdown"
                            | "modal"
                            | "collapse"
                            | "tab"
                            | "tooltip"
                            | "popover"
                            | "carousel"
                            | "button"
                            | "alert"
                            | "pill"
                    )
                );
                if bootstrap {
                    found.replace(attribute.range_qname(), format!("data-bs-{data}"));
                }
            }
        }
    }
}
