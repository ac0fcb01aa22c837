//! How bad a difference is, and of which area: money, tax, stock, rights gained and documents lost are errors.

use crate::event::Severity;
use crate::verify::compare::BUSINESS;

/// Where a model belongs: the start of its name, the area. The first that fits counts.
const AREAS: [(&str, &str); 37] = [
    ("account.tax", "tax"),
    ("account.fiscal.position", "tax"),
    ("account.", "books"),
    ("analytic.", "books"),
    ("payment.", "books"),
    ("res.currency", "books"),
    ("res.partner.bank", "books"),
    ("res.bank", "books"),
    ("ir.sequence", "books"),
    ("sale.", "books"),
    ("purchase.", "books"),
    ("pos.", "books"),
    ("hr.expense", "books"),
    ("loyalty.", "books"),
    ("stock.", "stock"),
    ("product.", "stock"),
    ("uom.", "stock"),
    ("mrp.", "stock"),
    ("repair.", "stock"),
    ("delivery.", "stock"),
    ("mail.", "documents"),
    ("discuss.", "documents"),
    ("mailing.", "documents"),
    ("documents.", "documents"),
    ("sms.", "documents"),
    ("calendar.", "documents"),
    ("res.users", "people"),
    ("res.groups", "people"),
    ("ir.cron", "running"),
    ("ir.mail_server", "documents"),
    ("res.company", "people"),
    ("res.partner", "people"),
    ("ir.rule", "people"),
    ("ir.model.access", "people"),
    ("auth", "people"),
    ("hr.", "people"),
    ("ir.config_parameter", "structure"),
];

/// Columns that decide how a record looks, or that Odoo works out from others.
const COSMETIC: [&str; 17] = [
    "color",
    "sequence",
    "icon",
    "icon_id",
    "parent_path",
    "complete_name",
    "commercial_company_name",
    "display_name",
    "sequence2",
    "priority",
    "kanban_state",
    "is_favorite",
    "is_manually_modified",
    "nextcall",
    "lastcall",
    "web_icon",
    // What Odoo predicts of an opportunity.
    "automated_probability",
];

/// What models of Odoo's own are called that are in no area of business; any other is of a module of somebody else's, whose
/// figures are nobody's to change.
const TECHNICAL: [&str; 29] = [
    "base.",
    "base_",
    "blog.",
    "bus.",
    "chatbot.",
    "crm.",
    "digest.",
    "event.",
    "fleet.",
    "forum.",
    "gamification.",
    "iap.",
    "im_livechat.",
    "ir.",
    "link.",
    "lunch.",
    "maintenance.",
    "membership.",
    "onboarding.",
    "project.",
    "rating.",
    "res.",
    "resource.",
    "slide.",
    "spreadsheet.",
    "survey.",
    "utm.",
    "web",
    "wizard.",
];

/// Texts beside the figures.
const REMARKS: [&str; 7] = ["narration", "note", "notes", "comment", "description", "name", "ref"];

/// Returns the area of a model.
pub(super) fn area(model: &str) -> &'static str {
    AREAS
        .iter()
        .find(|(start, _)| model.starts_with(start))
        .map_or("structure", |(_, area)| area)
}

/// Returns how bad it is that the values of a column changed.
pub(super) fn changed(model: &str, column: &str, ttype: &str, filled: bool) -> Severity {
    let area = area(model);
    let figure = matches!(ttype, "monetary" | "float" | "integer");
    let money = matches!(area, "books" | "tax" | "stock");
    let foreign = area == "structure" && !TECHNICAL.iter().any(|start| model.starts_with(start));
    // A link to share a document is made when it is first needed.
    // Of views for the same purpose the one of the least priority is shown.
    let shown_first = model == "ir.ui.view" && column == "priority";
    if (COSMETIC.contains(&column) && !shown_first) || (column == "access_token" && filled) {
        return Severity::Info;
    }
    if ttype == "monetary" || (figure && (money || foreign)) || rights(model, column) {
        return Severity::Error;
    }
    let partners = model == "res.partner" && column == "vat";
    // Accounts, terms of payment, and how stock is valued, for each company.
    let of_company =
        ["res.partner", "product.template", "product.category"].contains(&model) && column.starts_with("property_");
    let company = model == "res.company"
        && (column.ends_with("lock_date")
            || ["currency_id", "vat", "fiscalyear_last_day", "fiscalyear_last_month"].contains(&column));
    let token = column == "access_token";
    let ledger = model.starts_with("account.") || model.starts_with("res.currency") || model == "res.partner.bank";
    // Where it is, whether it is done, and which lot it was.
    let stock = model.starts_with("stock.") && (ttype == "many2one" || column == "state")
        || model == "stock.lot" && column == "name";
    // What is counted in: a piece or a dozen.
    let unit = money
        && matches!(
            column,
            "uom_id" | "uom_po_id" | "product_uom_id" | "product_uom" | "relative_uom_id"
        );
    let done = money && column == "state";
    // Whether what is there is the company's own.
    let place = model == "stock.location" && column == "usage";
    // What it is about, and whether customers see it; who wants no more mail.
    let seen = model == "mail.message" && matches!(column, "res_id" | "model" | "is_internal" | "subtype_id");
    let unwanted = (model.ends_with(".blacklist") && column == "active") || column == "opt_out";
    let remark = REMARKS.contains(&column) && !matches!(ttype, "date" | "datetime");
    let numbers = model.starts_with("ir.sequence");
    // An entry is told by its number.
    let numbers = numbers || (model == "account.move" && column == "name");
    // Whose it is, when stock moved, and where it is booked.
    let whose = matches!(column, "partner_id" | "partner_invoice_id" | "analytic_distribution") && area == "books";
    let when = model.starts_with("stock.move") && column == "date";
    // What is sold at which price, of what it is made, and which accounts a product or a payment is booked on.
    let price = model == "product.pricelist.item" && !remark;
    let made = model.starts_with("mrp.") && ttype == "many2one";
    let booked = (model == "product.template" && column == "categ_id")
        || (money && ttype == "many2one" && column.ends_with("account_id"));
    let owed = model == "hr.leave.allocation" && figure;
    if partners
        || of_company
        || company
        || numbers
        || whose
        || when
        || price
        || made
        || booked
        || owed
        || stock
        || unit
        || done
        || place
        || seen
        || unwanted
        || (ledger && !token && !remark)
    {
        return Severity::Error;
    }
    Severity::Warning
}

/// Returns how bad it is that a value of a module's record is not the module's.
pub(super) fn of_module(model: &str, column: &str) -> Severity {
    match changed(model, column, "", false) {
        Severity::Info if column == "sequence" || column == "web_icon" => Severity::Warning,
        other => other,
    }
}

/// Says whether a column decides who may do what.
fn rights(model: &str, column: &str) -> bool {
    match model {
        "ir.rule" | "ir.model.access" | "res.users.apikeys" => column != "name",
        "res.groups" => column == "share",
        "res.users" => ["password", "totp_secret", "company_id", "share", "partner_id"].contains(&column),
        _ => false,
    }
}

/// Returns how bad it is that records are gone.
pub(super) fn lost(model: &str) -> Severity {
    let weighs = matches!(area(model), "books" | "tax" | "stock") || BUSINESS.contains(&model);
    let opens = matches!(model, "ir.rule" | "ir.model.access" | "mail.message");
    if model != "mail.followers" && (weighs || opens) {
        Severity::Error
    } else {
        Severity::Warning
    }
}

/// Returns how bad it is that there are records which no module brought.
pub(super) fn added(model: &str) -> Severity {
    match model {
        // Settings, what the chatter notes, and what a challenge sets its people.
        "ir.config_parameter" | "mail.tracking.value" | "mail.notification" | "gamification.goal" => Severity::Info,
        "ir.model.access" | "res.users" | "res.users.apikeys" | "account.move" | "account.move.line"
        | "stock.quant" | "account.payment" => Severity::Error,
        _ => Severity::Warning,
    }
}

/// Returns how bad it is that two records are no longer linked.
pub(super) fn unlinked(model: &str, relation: &str) -> Severity {
    let money = |model: &str| matches!(area(model), "books" | "tax") || model == "account.account.tag";
    let opens = |model: &str| matches!(model, "ir.rule" | "res.groups" | "res.users");
    let of_company = model == "account.account" && relation == "res.company";
    if opens(model) && opens(relation)
        || money(relation) && money(model)
        || relation.starts_with("account.tax")
        || of_company
    {
        Severity::Error
    } else {
        Severity::Warning
    }
}

/// Returns how bad it is that two records are linked that were not.
pub(super) fn linked(model: &str, relation: &str) -> Severity {
    let access = |model: &str| matches!(model, "res.users" | "res.company");
    if access(model) && access(relation) {
        Severity::Error
    } else {
        unlinked(model, relation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_tax_stock_and_rights_weigh_more_than_texts() {
        assert_eq!(
            changed("account.move.line", "balance", "monetary", false),
            Severity::Error
        );
        assert_eq!(changed("stock.quant", "quantity", "float", false), Severity::Error);
        assert_eq!(changed("res.users", "company_id", "many2one", false), Severity::Error);
        assert_eq!(changed("res.partner", "email", "char", false), Severity::Warning);
        assert_eq!(changed("res.partner", "vat", "char", false), Severity::Error);
        assert_eq!(changed("res.partner", "color", "integer", false), Severity::Info);
        assert_eq!(changed("res.currency.rate", "name", "date", false), Severity::Error);
        assert_eq!(changed("club.member", "fee_paid", "float", false), Severity::Error);
        assert_eq!(
            changed("project.task", "allocated_hours", "float", false),
            Severity::Warning
        );
        assert_eq!(changed("stock.location", "usage", "selection", false), Severity::Error);
        assert_eq!(
            changed("mail.message", "is_internal", "boolean", false),
            Severity::Error
        );
        assert_eq!(changed("mail.blacklist", "active", "boolean", false), Severity::Error);
        assert_eq!(
            changed("product.pricelist.item", "product_tmpl_id", "many2one", false),
            Severity::Error
        );
        assert_eq!(changed("mrp.production", "bom_id", "many2one", false), Severity::Error);
        assert_eq!(
            changed("pos.payment.method", "receivable_account_id", "many2one", false),
            Severity::Error
        );
        assert_eq!(unlinked("account.account", "res.company"), Severity::Error);
        assert_eq!(lost("mail.followers"), Severity::Warning);
        assert_eq!(lost("account.payment.term.line"), Severity::Error);
        assert_eq!(linked("res.users", "res.company"), Severity::Error);
    }
}
