//! What every hop asks for.

mod models;
mod openupgrade;
mod sql;

use ruff_python_ast::Expr;

use crate::port::{Edit, Found, Level, Manifest, Xml, range};

use super::{Deed, Deeds, Look, Rule, Whole};

/// The rules, in their order. The version comes last: it says for which series the rest was done.
pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "A4",
        title: "<data noupdate=\"0\"> → <data>, <openerp> → <odoo>",
        why: "`<openerp>` is not accepted any more; noupdate=\"0\" is the default",
        source: "odoo/import_xml.rng, 17.0",
        deed: Deed::Mechanical,
        words: &["noupdate=\"0\"", "<openerp"],
        looks: &[Look::Xml(data)],
    },
    Rule {
        id: "A5",
        title: "<tree> without string",
        why: "lists have no title",
        source: "odoo/addons/base/rng/tree_view.rng",
        deed: Deed::Mechanical,
        words: &["<tree"],
        looks: &[Look::Xml(tree)],
    },
    openupgrade::DEPENDS,
    models::MODELS,
    openupgrade::FIELDS,
    openupgrade::ABSENT,
    sql::SQL,
    Rule {
        id: "A3",
        title: "migration scripts of earlier series",
        why: "scripts run when a database comes from a version before theirs; those of earlier series never run again",
        source: "odoo/modules/migration.py",
        deed: Deed::Detect,
        words: &[],
        looks: &[Look::Module(migrations)],
    },
    Rule {
        id: "A2",
        title: "installable again",
        why: "a module that is not installable is not there",
        source: "odoo/modules/module.py",
        deed: Deed::Mechanical,
        words: &["installable"],
        looks: &[Look::Manifest(installable)],
    },
    Rule {
        id: "A1",
        title: "version",
        why: "19.0 refuses a module whose version names another series, 17.0 and 18.0 fail on it",
        source: "odoo/modules/module.py, adapt_version, 17.0 and 19.0",
        deed: Deed::Mechanical,
        words: &[],
        looks: &[Look::Manifest(version)],
    },
];

fn data(xml: &Xml<'_>, found: &mut Found) {
    for node in xml.elements("data") {
        if let Some(attribute) = node
            .attribute_node("noupdate")
            .filter(|attribute| attribute.value() == "0")
        {
            found.remove(xml.attribute_with_blank(attribute));
        }
    }
    for node in xml.elements("openerp") {
        let (start, end) = xml.tag_names(node);
        let tags = [Some(start), end].into_iter().flatten();
        found.change(tags.map(|tag| Edit::replace(tag, "odoo")).collect());
    }
}

fn tree(xml: &Xml<'_>, found: &mut Found) {
    for node in xml.elements("tree").filter(|node| Xml::in_arch(*node)) {
        if let Some(attribute) = node.attribute_node("string") {
            found.remove(xml.attribute_with_blank(attribute));
        }
    }
}

fn migrations(whole: &Whole<'_>, deeds: &mut Deeds) {
    let from = whole.facts.to.saturating_sub(1);
    let mut told = Vec::new();
    for file in whole.files {
        let Some(rest) = file.path.strip_prefix("migrations/") else {
            continue;
        };
        let Some((version, name)) = rest.split_once('/') else {
            continue;
        };
        let series = version.split('.').next().and_then(|series| series.parse::<u8>().ok());
        if series.is_some_and(|series| (8..from).contains(&series))
            && rest.rsplit('.').next() == Some("py")
            && !name.starts_with("__")
            && !told.contains(&version)
        {
            told.push(version);
            let mut found = Found::default();
            found.say(
                0,
                Level::Note,
                format!("scripts for {version} run only on databases older than that"),
                "remove them when every database has passed that version",
            );
            deeds.found.push((file.path.clone(), found));
        }
    }
}

fn installable(manifest: &Manifest<'_>, found: &mut Found) {
    if let Some(Expr::BooleanLiteral(literal)) = manifest.value("installable")
        && !literal.value
    {
        found.replace(range(literal), "True");
    }
}

/// `18.0.1.2.3` becomes `19.0.1.0.0`; a version without series stays, Odoo puts its own before it.
fn version(manifest: &Manifest<'_>, found: &mut Found) {
    let Some(literal) = manifest
        .value("version")
        .and_then(|value| value.as_string_literal_expr())
    else {
        return;
    };
    let Some(inside) = manifest.python.inside(literal) else {
        found.say(
            range(literal).start,
            Level::Warning,
            "the version is not a plain text",
            "write it as one literal",
        );
        return;
    };
    let to = manifest.python.facts.to;
    let parts: Vec<&str> = literal.value.to_str().split('.').collect();
    if parts.len() == 5 && parts[1] == "0" && parts[0].parse::<u8>().is_ok_and(|series| series < to) {
        found.replace(inside, format!("{to}.0.1.0.0"));
    }
}
