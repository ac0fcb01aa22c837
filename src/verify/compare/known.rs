//! Differences that every upgrade makes, and why they are right. Seen in real upgrades or in OpenUpgrade's scripts.

use super::Way;

/// Models of business: their records must be as many after as before.
pub(in crate::verify) const BUSINESS: [&str; 57] = [
    "account.account",
    "account.analytic.account",
    "account.analytic.line",
    "account.asset",
    "account.bank.statement",
    "account.bank.statement.line",
    "account.full.reconcile",
    "account.journal",
    "account.move",
    "account.move.line",
    "account.partial.reconcile",
    "account.payment",
    "account.tax",
    "calendar.event",
    "crm.lead",
    "event.event",
    "event.registration",
    "fleet.vehicle",
    "helpdesk.ticket",
    "hr.attendance",
    "hr.contract",
    "hr.department",
    "hr.employee",
    "hr.expense",
    "hr.job",
    "hr.leave",
    "loyalty.card",
    "mailing.contact",
    "mailing.mailing",
    "mail.followers",
    "maintenance.equipment",
    "maintenance.request",
    "mrp.bom",
    "mrp.production",
    "mrp.workorder",
    "note.note",
    "pos.order",
    "pos.order.line",
    "pos.session",
    "product.pricelist",
    "product.product",
    "product.supplierinfo",
    "product.template",
    "project.project",
    "project.task",
    "purchase.order",
    "purchase.order.line",
    "repair.order",
    "res.company",
    "res.partner",
    "res.partner.bank",
    "sale.order",
    "sale.order.line",
    "stock.lot",
    "stock.move",
    "stock.move.line",
    "stock.picking",
];

/// Models of business whose records may become more by the upgrade itself, never fewer.
pub(super) const GROWING: [&str; 2] = ["mail.message", "stock.warehouse"];

/// Says why a model that had records is gone, `None` when nobody knows.
pub(in crate::verify) fn model_gone(model: &str, way: &Way) -> Option<&'static str> {
    const GONE: [(u8, &str, &str); 31] = [
        (15, "stock.inventory", "15.0 counts stock in the quants themselves"),
        (15, "stock.inventory.line", "15.0 counts stock in the quants themselves"),
        (
            16,
            "account.account.type",
            "16.0 made the type a selection of the account",
        ),
        (16, "ir.translation", "16.0 keeps translations in the field itself"),
        (16, "account.tax.report.line", "16.0 has one engine for all reports"),
        (17, "account.account.template", "17.0 keeps charts of accounts in code"),
        (17, "account.tax.template", "17.0 keeps charts of accounts in code"),
        (17, "account.chart.template", "17.0 keeps charts of accounts in code"),
        (17, "account.group.template", "17.0 keeps charts of accounts in code"),
        (
            17,
            "account.fiscal.position.template",
            "17.0 keeps charts of accounts in code",
        ),
        (
            17,
            "account.fiscal.position.tax.template",
            "17.0 keeps charts of accounts in code",
        ),
        (
            17,
            "account.fiscal.position.account.template",
            "17.0 keeps charts of accounts in code",
        ),
        (
            17,
            "account.tax.repartition.line.template",
            "17.0 keeps charts of accounts in code",
        ),
        (
            17,
            "account.reconcile.model.template",
            "17.0 keeps charts of accounts in code",
        ),
        (17, "repair.line", "17.0 makes parts of a repair stock moves"),
        (18, "ir.property", "18.0 keeps values per company in the record itself"),
        (19, "account.fiscal.position.tax", "19.0 keeps the mapping at the taxes"),
        (
            19,
            "res.partner.title",
            "19.0 has no titles; the column stays in the database",
        ),
        (19, "uom.category", "19.0 relates units to each other directly"),
        (
            19,
            "stock.valuation.layer",
            "19.0 values moves; the table stays in the database",
        ),
        (19, "product.packaging", "19.0 makes packagings units of measure"),
        (19, "hr.contract", "19.0 keeps contracts as versions of the employee"),
        (
            19,
            "sale.order.option",
            "19.0 makes optional products lines of the order",
        ),
        (19, "procurement.group", "19.0 has stock references in its place"),
        (
            19,
            "sale.order.template.option",
            "19.0 makes optional products lines of the template",
        ),
        (19, "hr.expense.sheet", "19.0 approves and books each expense by itself"),
        (
            19,
            "hr.employee.skill.log",
            "19.0 dates the skills themselves; the table stays in the database",
        ),
        (
            19,
            "account.reconcile.model.partner.mapping",
            "19.0 has a reconciliation model for each of them",
        ),
        (
            19,
            "res.partner.autocomplete.sync",
            "a queue of Odoo's own, emptied within the hour",
        ),
        (
            19,
            "l10n_id_efaktur.document",
            "19.0 has another tax document for Indonesia; the table stays in the database",
        ),
        (
            19,
            "l10n_id_efaktur.efaktur.range",
            "19.0 has another tax document for Indonesia; the table stays in the database",
        ),
    ];
    GONE.iter()
        .find(|(hop, name, _)| *name == model && way.passes(*hop))
        .map(|(_, _, why)| *why)
}

/// Says why a user is gone.
pub(super) fn user_gone(login: &str, way: &Way) -> Option<&'static str> {
    (login == "default" && way.passes(19))
        .then_some("19.0 deletes the template user `default`; nobody could log in with it")
}

/// Says why a group is gone though its module is there: settings and roles that a hop does without.
pub(super) fn group_gone(group: &str, way: &Way) -> Option<u8> {
    const GONE: [(u8, &str); 16] = [
        (15, "mrp.group_locked_by_default"),
        (16, "analytic.group_analytic_tags"),
        (16, "stock.group_auto_reception_report"),
        (16, "website.group_website_publisher"),
        (17, "account.group_show_line_subtotals_tax_excluded"),
        (17, "account.group_show_line_subtotals_tax_included"),
        (17, "base.group_private_addresses"),
        (17, "hr_attendance.group_hr_attendance"),
        (17, "hr_attendance.group_hr_attendance_kiosk"),
        (17, "hr_attendance.group_hr_attendance_use_pin"),
        (17, "hr_attendance.group_hr_attendance_user"),
        (17, "project.group_subtask_project"),
        (17, "sale_stock.group_display_incoterm"),
        (18, "product.group_sale_pricelist"),
        (18, "stock.group_stock_picking_wave"),
        (18, "stock.group_stock_storage_categories"),
    ];
    let gone = GONE.iter().find(|(hop, name)| *name == group && way.passes(*hop));
    gone.map(|(hop, _)| *hop)
}

/// Returns what a group is called that a hop moved to another module.
pub(super) fn group_moved(group: &str, way: &Way) -> Option<&'static str> {
    const MOVED: [(u8, &str, &str); 3] = [
        (
            15,
            "sale_stock.group_lot_on_invoice",
            "stock_account.group_lot_on_invoice",
        ),
        (
            16,
            "sale.group_delivery_invoice_address",
            "account.group_delivery_invoice_address",
        ),
        (
            18,
            "product.group_discount_per_so_line",
            "sale.group_discount_per_so_line",
        ),
    ];
    let moved = MOVED.iter().find(|(hop, old, _)| *old == group && way.passes(*hop));
    moved.map(|(_, _, new)| *new)
}

/// Says whether the way lets one group imply another, both by their external ids: what the data files of the last series do not say.
pub(in crate::verify) fn group_implies(group: &str, implied: &str, way: &Way) -> bool {
    const IMPLIED: [(u8, &str, &str); 3] = [
        // Where more than one currency is active (`_toggle_group_multi_currency` of `res.currency`).
        (15, "base.group_user", "base.group_multi_currency"),
        // Until 14.0 every user could edit mail templates.
        (15, "base.group_user", "mail.group_mail_template_editor"),
        (17, "sales_team.group_sale_manager", "mail.group_mail_template_editor"),
    ];
    let is = |(hop, of, name): &(u8, &str, &str)| *of == group && *name == implied && way.passes(*hop);
    IMPLIED.iter().any(is)
}

/// Says why a number sequence is gone that gave numbers, by its code.
pub(super) fn sequence_gone(code: &str, way: &Way) -> Option<&'static str> {
    (code == "account.reconcile" && way.passes(17)).then_some("17.0 numbers reconciliations by their id")
}

/// Says why there are more records of a model of business.
pub(in crate::verify) fn model_grew(model: &str, way: &Way) -> Option<&'static str> {
    const GREW: [(u8, &str, &str); 13] = [
        (
            14,
            "account.move",
            "14.0 gives every payment and statement line an entry of its own",
        ),
        (
            14,
            "account.move.line",
            "14.0 gives every payment and statement line an entry of its own",
        ),
        (
            15,
            "mail.followers",
            "15.0 has the administrator follow every account of a chart's template",
        ),
        (
            15,
            "stock.picking.type",
            "15.0 gives every warehouse a type of operation for returns",
        ),
        (15, "ir.sequence", "15.0 numbers the returns of every warehouse"),
        (
            18,
            "stock.picking.type",
            "18.0 gives every warehouse types of operation for quality, storage and cross docking",
        ),
        (
            18,
            "ir.sequence",
            "18.0 numbers the quality control, storage and cross docking of every warehouse",
        ),
        (
            18,
            "discuss.channel.member",
            "18.0 makes a channel of the administrators, who are its members",
        ),
        (17, "stock.move", "17.0 makes parts of a repair stock moves"),
        (17, "stock.move.line", "17.0 makes parts of a repair stock moves"),
        (
            19,
            "hr.contract",
            "19.0 keeps a version of every employee, with or without a contract",
        ),
        (
            19,
            "ir.asset",
            "OpenUpgrade keeps the colours of each website's footer in a style sheet of its own",
        ),
        (
            19,
            "payment.provider",
            "19.0 installs modules of payment providers that each company gets one of, switched off",
        ),
    ];
    GREW.iter()
        .find(|(hop, name, _)| *name == model && way.passes(*hop))
        .map(|(_, _, why)| *why)
        .or_else(|| {
            GROWING
                .contains(&model)
                .then_some("the upgrade itself logs messages and brings files of its modules")
        })
}

/// Returns the model whose records became records of this one, and why: where it had none, nothing explains more of these.
pub(in crate::verify) fn made_of(model: &str, way: &Way) -> Option<(&'static str, &'static str)> {
    const MADE_OF: [(u8, &str, &str, &str); 3] = [
        (
            19,
            "sale.order.line",
            "sale.order.option",
            "19.0 makes optional products lines of the order",
        ),
        (
            19,
            "sale.order.template.line",
            "sale.order.template.option",
            "19.0 makes optional products lines of the template",
        ),
        (
            19,
            "account.reconcile.model",
            "account.reconcile.model.partner.mapping",
            "19.0 has a reconciliation model for each mapping of a partner",
        ),
    ];
    MADE_OF
        .iter()
        .find(|(hop, name, ..)| *name == model && way.passes(*hop))
        .map(|(_, _, from, why)| (*from, *why))
}
