//! Names of the ORM and of what lies around it.

use crate::port::rules::{Deed, Look, Rule};
use crate::port::{Found, Level, Python, range};

pub(super) const AUTO_JOIN: Rule = Rule {
    id: "19.6",
    title: "auto_join → bypass_search_access",
    why: "the parameter has another name; 19.0 warns and ignores the old one",
    source: "odoo/orm/fields_relational.py, 19.0",
    deed: Deed::Mechanical,
    words: &["auto_join"],
    looks: &[Look::Python(auto_join)],
};

pub(super) const READ_GROUP: Rule = Rule {
    id: "19.19",
    title: "read_group → _read_group or formatted_read_group",
    why: "read_group is deprecated, and the web client does not call it any more: overriding it has no effect",
    source: "odoo/orm/models.py, read_group; odoo/addons/web/models/models.py, web_read_group, 19.0",
    deed: Deed::Detect,
    words: &["read_group"],
    looks: &[Look::Python(read_group)],
};

pub(super) const URL_JOIN: Rule = Rule {
    id: "19.23",
    title: "url_join → odoo.tools.urls.urljoin",
    why: "werkzeug dropped the function; Odoo's own refuses to leave the base",
    source: "odoo/tools/urls.py, 19.0",
    deed: Deed::Detect,
    words: &["url_join"],
    looks: &[Look::Python(url_join)],
};

pub(super) const MODULE_PATH: Rule = Rule {
    id: "19.28",
    title: "get_module_path, load_manifest → Manifest",
    why: "the functions are deprecated",
    source: "odoo/modules/module.py, 19.0",
    deed: Deed::Detect,
    words: &[
        "load_manifest",
        "get_manifest",
        "load_information_from_description_file",
    ],
    looks: &[Look::Python(module_path)],
};

pub(super) const EMPLOYEE_BASE: Rule = Rule {
    id: "19.37",
    title: "hr.employee.base → hr.employee",
    why: "the abstract model is gone: the registry does not load",
    source: "odoo/addons/hr/models, 19.0",
    deed: Deed::Mechanical,
    words: &["hr.employee.base"],
    looks: &[Look::Python(employee_base)],
};

pub(super) const TOGGLE: Rule = Rule {
    id: "19.40",
    title: "toggle_active → action_archive, action_unarchive",
    why: "the method is deprecated, and the web client does not call it any more: overriding it has no effect",
    source: "odoo/orm/models.py, 19.0",
    deed: Deed::Detect,
    words: &["toggle_active"],
    looks: &[Look::Python(toggle)],
};

pub(super) const CONFIG: Rule = Rule {
    id: "19.46",
    title: "config.misc",
    why: "the configuration keeps no sections of others any more: AttributeError",
    source: "odoo/tools/config.py, 19.0",
    deed: Deed::Detect,
    words: &["config.misc"],
    looks: &[Look::Python(config)],
};

fn config(python: &Python<'_>, found: &mut Found) {
    for attribute in &python.nodes.attributes {
        let of_config = Python::dotted(&attribute.value).is_some_and(|it| it == "config" || it.ends_with(".config"));
        if of_config && attribute.attr.id.as_str() == "misc" {
            found.say(
                range(&attribute.attr).start,
                Level::Error,
                "`config.misc` is gone with the sections of odoo.conf that Odoo does not know",
                "read the section with `configparser` from the file `config['config']` names",
            );
        }
    }
}

fn auto_join(python: &Python<'_>, found: &mut Found) {
    for call in &python.nodes.calls {
        let is_field = Python::dotted(&call.func).is_some_and(|name| name.starts_with("fields."));
        if is_field && let Some(keyword) = call.arguments.find_keyword("auto_join") {
            let name = keyword.arg.as_ref().map(range).unwrap_or_default();
            found.replace(name, "bypass_search_access");
        }
    }
}

fn read_group(python: &Python<'_>, found: &mut Found) {
    for function in &python.nodes.functions {
        if function.name.id.as_str() == "read_group" {
            found.say(
                range(&function.name).start,
                Level::Warning,
                "nothing of Odoo calls `read_group` any more: this override has no effect",
                "override `_read_group`, `formatted_read_group` or, for a field, `_read_group_select`",
            );
        }
    }
    for call in &python.nodes.calls {
        if let Some(attribute) = call.func.as_attribute_expr()
            && attribute.attr.id.as_str() == "read_group"
        {
            found.say(
                range(&attribute.attr).start,
                Level::Note,
                "`read_group` is deprecated",
                "use `_read_group(domain, groupby, aggregates)`, which returns tuples, or `formatted_read_group`",
            );
        }
    }
}

fn url_join(python: &Python<'_>, found: &mut Found) {
    for call in &python.nodes.calls {
        if Python::called(call) == Some("url_join") {
            found.say(
                range(*call).start,
                Level::Note,
                "`url_join` of werkzeug is kept by Odoo for old code",
                "use `odoo.tools.urls.urljoin`; it raises when the result leaves the base",
            );
        }
    }
}

fn module_path(python: &Python<'_>, found: &mut Found) {
    for call in &python.nodes.calls {
        if let Some(name @ ("load_manifest" | "get_manifest" | "load_information_from_description_file")) =
            Python::called(call)
        {
            found.say(
                range(*call).start,
                Level::Note,
                format!("`{name}` is deprecated"),
                "use `odoo.modules.module.Manifest.for_addon(name)`",
            );
        }
    }
}

fn employee_base(python: &Python<'_>, found: &mut Found) {
    for literal in &python.nodes.strings {
        if literal.value.to_str() == "hr.employee.base"
            && let Some(inside) = python.inside(literal)
        {
            found.replace(inside, "hr.employee");
        }
    }
}

fn toggle(python: &Python<'_>, found: &mut Found) {
    for function in &python.nodes.functions {
        if function.name.id.as_str() == "toggle_active" {
            found.say(
                range(&function.name).start,
                Level::Warning,
                "the web client does not call `toggle_active` any more: this override has no effect",
                "override `action_archive` and `action_unarchive`",
            );
        }
    }
}
