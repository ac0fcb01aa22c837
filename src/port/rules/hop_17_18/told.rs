//! What 18.0 changed and no rule can rewrite.

use std::collections::BTreeSet;

use crate::port::rules::code::{
    say_calls, say_extensions, say_methods, say_models, say_strings, say_tables, say_texts,
};
use crate::port::rules::{Deed, Look, Rule};
use crate::port::{Class, Level, Python, range};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "18.3",
        title: "cards of kanban views",
        why: "18.0 draws `kanban-box` for a while, with a warning; its own views have `card` and other classes",
        source: "addons/web/static/src/views/kanban/kanban_arch_parser.js, 18.0",
        deed: Deed::Detect,
        words: &["kanban-box", "kanban-menu"],
        looks: &[Look::Xml(|xml, found| {
            for node in xml.doc.descendants() {
                let name = node.attribute("t-name").unwrap_or_default();
                if matches!(name, "kanban-box" | "kanban-menu") {
                    found.say(
                        node.range().start,
                        Level::Note,
                        format!("the template {name} is deprecated in 18.0"),
                        "t-name=\"card\" with fields and plain markup, t-name=\"menu\" for its menu",
                    );
                }
                let path = node.attribute("expr").unwrap_or_default();
                if path.contains("kanban-box") || path.contains("kanban-menu") || path.contains("oe_kanban") {
                    found.say(
                        node.range().start,
                        Level::Warning,
                        "Odoo's own kanban views have the template `card` and other classes in 18.0: this place may be gone",
                        "look it up in the view of 18.0: //t[@t-name='card']",
                    );
                }
            }
        })],
    },
    Rule {
        id: "18.18",
        title: "_name_search",
        why: "names are searched by _search_display_name; an override of _name_search or name_search finds less",
        source: "odoo/models.py, 18.0",
        deed: Deed::Detect,
        words: &["name_search"],
        looks: &[Look::Python(|python, found| {
            let remedy =
                "_rec_names_search for more fields, else _search_display_name(operator, value), which returns a domain";
            let message = "an override of `{}`: 18.0 searches names by _search_display_name";
            say_methods(
                python,
                found,
                &["_name_search", "name_search"],
                Level::Warning,
                message,
                remedy,
            );
        })],
    },
    Rule {
        id: "18.20",
        title: "related fields stored",
        why: "a related field that is stored only for grouping or search needs no column any more",
        source: "odoo/models.py, _read_group_groupby, 18.0",
        deed: Deed::Detect,
        words: &["related"],
        looks: &[Look::Python(|python, found| {
            for class in &python.nodes.classes {
                for (name, _, call) in Class::of(class).fields() {
                    let stored = call
                        .arguments
                        .find_keyword("store")
                        .filter(|it| python.at(&it.value) == "True");
                    if let Some(stored) = stored.filter(|_| call.arguments.find_keyword("related").is_some()) {
                        found.say(
                            range(stored).start,
                            Level::Note,
                            format!("{name} is stored; 18.0 groups by related fields without"),
                            "drop store=True if it served grouping alone",
                        );
                    }
                }
            }
        })],
    },
    Rule {
        id: "18.21",
        title: "ir.property",
        why: "values by company are a JSON column of the record's own table; the model is gone",
        source: "odoo/addons/base/models, 17.0 and 18.0; odoo/fields.py",
        deed: Deed::Detect,
        words: &["ir.property", "ir_property"],
        looks: &[
            Look::Python(|python, found| {
                say_strings(python, found, &["ir.property"], Level::Error, PROPERTY, PROPERTIES);
            }),
            Look::Xml(|xml, found| say_models(xml, found, &["ir.property"], Level::Error, PROPERTY, PROPERTIES)),
            Look::Module(|whole, deeds| say_tables(whole, deeds, &["ir.property"], Level::Error, PROPERTY, PROPERTIES)),
        ],
    },
    Rule {
        id: "18.22",
        title: "copy and copy_data of several records",
        why: "both work on several records, and copy_data returns a list",
        source: "odoo/models.py, 18.0",
        deed: Deed::Detect,
        words: &["def copy"],
        looks: &[Look::Python(|python, found| {
            let message = "`{}` is called with several records in 18.0";
            let remedy = "zip(self, super().copy_data(default=default)) for the values, zip(self, super().copy(default)) for the copies";
            say_methods(python, found, &["copy", "copy_data"], Level::Warning, message, remedy);
        })],
    },
    Rule {
        id: "18.24",
        title: "inselect and _flush_search",
        why: "the operator and the method are gone: an error when they are used",
        source: "odoo/osv/expression.py, odoo/models.py, 18.0",
        deed: Deed::Detect,
        words: &["inselect", "_flush_search"],
        looks: &[Look::Python(|python, found| {
            let texts = &["inselect", "not inselect"];
            let remedy = "(field, 'in', Query or SQL)";
            say_strings(
                python,
                found,
                texts,
                Level::Error,
                "the operator `{}` is gone in 18.0",
                remedy,
            );
            let message = "`{}` is deprecated in 18.0";
            say_calls(
                python,
                found,
                &["_flush_search"],
                Level::Warning,
                message,
                "_search flushes what it reads",
            );
            say_methods(
                python,
                found,
                &["_flush_search"],
                Level::Warning,
                message,
                "_search flushes what it reads",
            );
        })],
    },
    Rule {
        id: "18.25",
        title: "hidden fields for expressions",
        why: "18.0 adds the fields that expressions read by itself",
        source: "odoo/addons/base/models/ir_ui_view.py, 18.0",
        deed: Deed::Detect,
        words: &["invisible=\"1\"", "invisible=\"True\""],
        looks: &[Look::Xml(|xml, found| {
            for arch in xml.archs() {
                let read: BTreeSet<&str> = (arch.descendants())
                    .flat_map(|node| {
                        ["invisible", "readonly", "required", "column_invisible"].map(|name| node.attribute(name))
                    })
                    .flatten()
                    .flat_map(|text| text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')))
                    .collect();
                for field in arch.descendants().filter(|node| node.has_tag_name("field")) {
                    let hidden = ["invisible", "column_invisible"]
                        .iter()
                        .any(|name| matches!(field.attribute(*name), Some("1" | "True")));
                    let name = field.attribute("name").unwrap_or_default();
                    if hidden && field.attributes().len() == 2 && read.contains(name) {
                        found.say(
                            field.range().start,
                            Level::Note,
                            format!("{name} is hidden here for an expression; 18.0 adds it by itself"),
                            "drop it, unless other views inherit from this place",
                        );
                    }
                }
            }
        })],
    },
    Rule {
        id: "18.26",
        title: "the service rpc",
        why: "there is no such service: a component that asks for it fails",
        source: "addons/web/static/src/core/network/rpc.js, 18.0",
        deed: Deed::Detect,
        words: &["useService(\"rpc\")", "useService('rpc')", "services.rpc"],
        looks: &[Look::Script(|script, found| {
            let texts = &["useService(\"rpc\")", "useService('rpc')", "services.rpc"];
            let remedy = "import { rpc } from \"@web/core/network/rpc\";";
            say_texts(
                script,
                found,
                texts,
                Level::Error,
                "`{}`: the service rpc is gone in 18.0",
                remedy,
            );
        })],
    },
    Rule {
        id: "18.27",
        title: "pos.combo and mrp.document",
        why: "the models are product.combo, product.combo.item and product.document",
        source: "OpenUpgrade 18.0, apriori.py",
        deed: Deed::Detect,
        words: &["pos.combo", "pos_combo", "mrp.document", "mrp_document"],
        looks: &[
            Look::Python(|python, found| say_strings(python, found, COMBOS, Level::Error, COMBO, COMBINED)),
            Look::Xml(|xml, found| say_models(xml, found, COMBOS, Level::Error, COMBO, COMBINED)),
        ],
    },
    Rule {
        id: "18.28",
        title: "registry.unaccent and netsvc.log",
        why: "deprecated",
        source: "odoo/netsvc.py, odoo/modules/registry.py, 18.0",
        deed: Deed::Detect,
        words: &["unaccent", "netsvc"],
        looks: &[Look::Python(|python, found| {
            for call in &python.nodes.calls {
                let name = Python::dotted(&call.func).unwrap_or_default();
                let (message, remedy) = if name == "netsvc.log" || name == "odoo.netsvc.log" {
                    ("netsvc.log is deprecated in 18.0", "logging")
                } else if name.ends_with("registry.unaccent") || name.ends_with("pool.unaccent") {
                    (
                        "registry.unaccent of 18.0 takes and returns SQL",
                        "build the condition with odoo.tools.SQL",
                    )
                } else {
                    continue;
                };
                found.say(range(*call).start, Level::Warning, message, remedy);
            }
        })],
    },
    Rule {
        id: "18.29",
        title: "applicants and candidates",
        why: "who applies is an hr.candidate; the applicant keeps what belongs to the job",
        source: "addons/hr_recruitment/models/hr_candidate.py, 18.0",
        deed: Deed::Detect,
        words: &["hr.applicant"],
        looks: &[Look::Python(|python, found| {
            say_extensions(
                python,
                found,
                "hr.applicant",
                Level::Warning,
                "name, partner, mail, phone and skills of an applicant are those of its candidate_id in 18.0 (and its own again in 19.0)",
                "fields and overrides about the person go to hr.candidate",
            );
        })],
    },
    Rule {
        id: "18.30",
        title: "csv_reader and csv_writer",
        why: "deprecated",
        source: "odoo/tools/pycompat.py, 18.0",
        deed: Deed::Detect,
        words: &["csv_reader", "csv_writer"],
        looks: &[Look::Python(|python, found| {
            let message = "`{}` is deprecated in 18.0";
            say_calls(
                python,
                found,
                &["csv_reader", "csv_writer"],
                Level::Warning,
                message,
                "csv.reader or csv.writer over a text stream",
            );
        })],
    },
    Rule {
        id: "18.32",
        title: "payments without journal entry",
        why: "a payment may have no journal entry, and its fields are its own: account.payment does not inherit account.move",
        source: "addons/account/models/account_payment.py, 17.0 and 18.0",
        deed: Deed::Detect,
        words: &["account.payment"],
        looks: &[Look::Python(|python, found| {
            say_extensions(
                python,
                found,
                "account.payment",
                Level::Warning,
                "account.payment has no fields of account.move in 18.0, and move_id may be empty",
                "read the payment's own fields; expect payments without entry; states are draft, in_process, paid, canceled, rejected",
            );
        })],
    },
    Rule {
        id: "18.33",
        title: "SQL about ir_property",
        why: "the table is gone: values by company are JSON, company id to value",
        source: "odoo/fields.py, 18.0",
        deed: Deed::Detect,
        words: &["ir_property"],
        looks: &[
            Look::Python(|python, found| {
                for literal in &python.nodes.strings {
                    let text = literal.value.to_str();
                    let upper = text.to_ascii_uppercase();
                    if text.contains("ir_property")
                        && (upper.contains("FROM") || upper.contains("JOIN") || upper.contains("UPDATE"))
                    {
                        found.say(range(*literal).start, Level::Error, PROPERTY_TABLE, PROPERTY_COLUMN);
                    }
                }
            }),
            Look::Xml(|xml, found| {
                for node in xml.doc.descendants().filter(roxmltree::Node::is_text) {
                    if node
                        .text()
                        .is_some_and(|text| text.contains("ir_property") && !text.contains("model_ir_property"))
                    {
                        found.say(node.range().start, Level::Error, PROPERTY_TABLE, PROPERTY_COLUMN);
                    }
                }
            }),
        ],
    },
];

const PROPERTY: &str = "the model {} is gone in 18.0";
const PROPERTIES: &str = "write the company-dependent field with_company(); defaults are ir.default records";
const PROPERTY_TABLE: &str = "the table ir_property is gone in 18.0";
const PROPERTY_COLUMN: &str = "the column of the field holds JSON: (column ->> company_id::text)";
const COMBOS: &[&str] = &["pos.combo", "pos.combo.line", "mrp.document"];
const COMBO: &str = "the model {} is gone in 18.0";
const COMBINED: &str = "pos.combo is product.combo, pos.combo.line product.combo.item, mrp.document product.document";
