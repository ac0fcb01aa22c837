//! 14.1, 14.2, 17.29: `<act_window>` and `<report>` as the records they stood for.

use roxmltree::Node;

use crate::port::{Found, Level, Xml};

/// Models whose `ir.model` record is known to belong to a module.
const OWNERS: [(&str, &str); 22] = [
    ("account.move", "account"),
    ("account.move.line", "account"),
    ("account.payment", "account"),
    ("account.bank.statement", "account"),
    ("crm.lead", "crm"),
    ("hr.employee", "hr"),
    ("mail.message", "mail"),
    ("mrp.bom", "mrp"),
    ("mrp.production", "mrp"),
    ("pos.order", "point_of_sale"),
    ("product.product", "product"),
    ("product.template", "product"),
    ("project.project", "project"),
    ("project.task", "project"),
    ("purchase.order", "purchase"),
    ("purchase.order.line", "purchase"),
    ("sale.order", "sale"),
    ("sale.order.line", "sale"),
    ("stock.move", "stock"),
    ("stock.picking", "stock"),
    ("stock.quant", "stock"),
    ("uom.uom", "uom"),
];

/// A record that is being written: its fields, a line each.
struct Record {
    model: &'static str,
    lines: Vec<String>,
}

impl Record {
    fn text(&mut self, name: &str, value: &str) {
        // What stood between quotes stands between tags: only a quote may be plain there, and may stay as it is.
        self.lines.push(format!("<field name=\"{name}\">{value}</field>"));
    }

    fn reference(&mut self, name: &str, id: &str) {
        self.lines.push(format!("<field name=\"{name}\" ref=\"{id}\"/>"));
    }

    fn binding(&mut self, model: &str) {
        let id = format!("model_{}", model.replace('.', "_"));
        let owner = OWNERS
            .iter()
            .find(|(known, _)| *known == model)
            .map(|(_, owner)| *owner);
        let base = model.starts_with("res.") || model.starts_with("ir.");
        match owner.or(base.then_some("base")) {
            Some(owner) => self.reference("binding_model_id", &format!("{owner}.{id}")),
            None => (self.lines).push(format!(
                "<field name=\"binding_model_id\" search=\"[('model', '=', '{model}')]\"/>"
            )),
        }
    }

    fn groups(&mut self, groups: &str) {
        let commands: Vec<String> = (groups.split(',').map(str::trim))
            .map(|group| match group.strip_prefix('-') {
                Some(group) => format!("(3, ref('{group}'))"),
                None => format!("(4, ref('{group}'))"),
            })
            .collect();
        self.lines.push(format!(
            "<field name=\"groups_id\" eval=\"[{}]\"/>",
            commands.join(", ")
        ));
    }

    fn write(self, xml: &Xml<'_>, node: Node<'_, '_>, found: &mut Found) {
        let (newline, indent) = (xml.newline(), xml.indent(node.range().start));
        let id = node.attribute("id").unwrap_or_default();
        let mut text = format!("<record id=\"{id}\" model=\"{}\">", self.model);
        for line in &self.lines {
            text.push_str(&[newline, indent, "    ", line].concat());
        }
        text.push_str(&[newline, indent, "</record>"].concat());
        found.replace(node.range(), text);
    }
}

fn unknown(node: Node<'_, '_>, name: &str, found: &mut Found) {
    found.say(
        node.range().start,
        Level::Error,
        format!("the attribute {name} of <{}> has no field", node.tag_name().name()),
        "write the record by hand",
    );
}

pub(super) fn act_window(xml: &Xml<'_>, found: &mut Found) {
    'actions: for node in xml.elements("act_window") {
        let mut record = Record {
            model: "ir.actions.act_window",
            lines: Vec::new(),
        };
        for attribute in node.attributes() {
            let value = &xml.text[attribute.range_value()];
            match attribute.name() {
                "id" | "view_type" | "key2" => {}
                // Only an action for several records said so.
                "multi" if !matches!(value, "True" | "true" | "1") => {}
                "name" | "res_model" | "view_mode" | "domain" | "context" | "usage" | "limit" | "target"
                | "binding_type" => {
                    record.text(attribute.name(), value);
                }
                "view_id" => record.reference("view_id", value),
                "src_model" | "binding_model" => record.binding(value),
                "binding_views" => record.text("binding_view_types", value),
                "multi" => record.text("binding_view_types", "list"),
                "groups" => record.groups(value),
                other => {
                    unknown(node, other, found);
                    continue 'actions;
                }
            }
        }
        record.write(xml, node, found);
    }
}

pub(super) fn report(xml: &Xml<'_>, found: &mut Found) {
    'reports: for node in xml.elements("report") {
        // `<report>` is also an element of some views.
        if node.attribute("model").is_none() || Xml::in_arch(node) {
            continue;
        }
        let mut record = Record {
            model: "ir.actions.report",
            lines: Vec::new(),
        };
        for attribute in node.attributes() {
            let value = &xml.text[attribute.range_value()];
            match attribute.name() {
                "id" | "multi" | "auto" | "header" | "menu" => {}
                "string" => record.text("name", value),
                "name" => record.text("report_name", value),
                "file" => record.text("report_file", value),
                "model" | "report_type" | "attachment" | "usage" | "print_report_name" => {
                    record.text(attribute.name(), value);
                }
                "attachment_use" => record
                    .lines
                    .push(format!("<field name=\"attachment_use\" eval=\"{value}\"/>")),
                "paperformat" => record.reference("paperformat_id", value),
                "groups" => record.groups(value),
                other => {
                    unknown(node, other, found);
                    continue 'reports;
                }
            }
        }
        let menu = node.attribute("menu").unwrap_or("True");
        if !matches!(menu, "False" | "0" | "false") {
            record.binding(node.attribute("model").unwrap_or_default());
            record.text("binding_type", "report");
        }
        record.write(xml, node, found);
    }
}
