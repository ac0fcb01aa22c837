//! What every upgrade changes in records, and why that is right. Seen in real upgrades or in OpenUpgrade's scripts.

use crate::verify::compare::{BUSINESS, Way};

/// Models that Odoo keeps for itself, or that an invariant of their own looks at.
const LEFT_OUT: [&str; 42] = [
    "account.account.tag",
    "account.chart.template",
    "base.",
    "bus.",
    "decimal.precision",
    "discuss.channel.rtc.session",
    "iap.",
    "ir.actions.act_window.view",
    "ir.actions.todo",
    "ir.attachment",
    "ir.autovacuum",
    "ir.cron.trigger",
    "ir.default",
    "ir.demo",
    "ir.embedded.actions",
    "ir.http",
    "ir.logging",
    "ir.mail_server",
    "ir.model",
    "ir.module",
    "ir.profile",
    "ir.property",
    "ir.qweb",
    "ir.translation",
    "ir.websocket",
    "mail.guest",
    "mail.ice.server",
    "mail.presence",
    "mail.push",
    "onboarding.",
    "payment.method",
    "privacy.",
    "publisher_warranty",
    "res.device",
    "res.users.log",
    "res.users.settings",
    "spreadsheet.",
    "theme.",
    "web_editor.",
    "web_tour.",
    "digest.tip",
    "fetchmail.server",
];

/// Models that start like one of those and hold what people decided nevertheless.
const KEPT: [&str; 2] = ["base.automation", "ir.model.access"];

/// Models that come with the code of a series: compared where the modules can be asked what of it is theirs.
const OF_CODE: [&str; 10] = [
    "account.report",
    "base.automation",
    "ir.act",
    "ir.asset",
    "ir.cron",
    "ir.ui.menu",
    "ir.ui.view",
    "mail.message.subtype",
    "res.country",
    "res.groups",
];

/// Says whether a model's records are no business of the customer's, or are looked at by an invariant of their own.
/// `asked`: whether the modules can be asked which values are theirs.
pub(super) fn is_left_out(model: &str, asked: bool) -> bool {
    let starts = |list: &[&str]| list.iter().any(|start| model.starts_with(start));
    (!KEPT.contains(&model) && starts(&LEFT_OUT)) || (!asked && starts(&OF_CODE))
}

/// Says whether a model comes with the code of a series and opens nothing by itself: menus, views, actions.
pub(super) fn is_of_code(model: &str) -> bool {
    !model.starts_with("res.groups") && OF_CODE.iter().any(|start| model.starts_with(start))
}

/// Says the same of a table of links.
pub(super) fn is_left_out_link(model: &str, relation: &str, table: &str, asked: bool) -> bool {
    let groups = relation == "res.groups" || model == "res.groups";
    let of_code = ["ir.model", "ir.module"];
    let either = |start: &&str| model.starts_with(*start) || relation.starts_with(*start);
    // Who is in which group is compared with everything that groups imply.
    table == "res_groups_users_rel"
        || (groups && !asked)
        || of_code.iter().any(&either)
        || is_left_out(model, asked)
        || (!asked && OF_CODE.iter().any(either))
}

/// Columns that change whenever a record is touched, or that Odoo makes anew: (model, column); `*` is any model.
const LEFT_OUT_COLUMNS: [(&str, &str); 14] = [
    ("*", "write_date"),
    ("*", "write_uid"),
    ("*", "__last_update"),
    // Its next number is held against the last by an invariant of its own.
    ("ir.sequence.date_range", "number_next"),
    ("ir.sequence", "number_next"),
    // What Odoo keeps of a text of a module, or of the run of an action.
    ("ir.ui.view", "arch_fs"),
    ("ir.ui.view", "arch_prev"),
    ("ir.ui.view", "arch_updated"),
    ("ir.cron", "cron_name"),
    ("ir.cron", "failure_count"),
    ("ir.cron", "first_failure_date"),
    ("ir.cron", "active"),
    // Goes with the view it points at.
    ("ir.actions.act_window", "view_id"),
    ("ir.actions.act_window", "search_view_id"),
];

/// What a module's own upgrade script changes behind the back of its data files: external id, column; `*` is any column.
const SCRIPTED: [(&str, &str); 15] = [
    // Cutting a copy's ties switches it on.
    ("web.neutralize_banner", "*"),
    ("website.neutralize_ribbon", "*"),
    // 19.0 has them stand alone.
    ("website.snippets", "inherit_id"),
    ("website.snippet_options", "inherit_id"),
    ("crm.crm_pls_fields_param", "*"),
    ("sale.action_orders", "*"),
    ("project_sms.ir_rule_sms_template_project_manager", "*"),
    ("hr_holidays.hr_leave_allocation_rule_multicompany", "*"),
    (
        "hr_timesheet_attendance.hr_timesheet_attendance_report_rule_approver",
        "*",
    ),
    // A job that nobody had set otherwise runs daily, as it is woken when there is something to do.
    ("event.event_mail_scheduler", "interval_number"),
    ("sms.ir_cron_sms_scheduler_action", "interval_number"),
    // Mails to the holder of a card are in the language of their model.
    ("loyalty.mail_template_gift_card", "lang"),
    ("loyalty.mail_template_loyalty_card", "lang"),
    // Expenses are counted in pieces.
    ("hr_expense.expense_product_communication_product_template", "uom_id"),
    ("hr_expense.expense_product_gift_product_template", "uom_id"),
];

/// Columns that a hop renames: (the hop's target, model at the end, before, after).
const RENAMED: [(u8, &str, &str, &str); 45] = [
    (15, "calendar.recurrence", "mo", "mon"),
    (15, "calendar.recurrence", "tu", "tue"),
    (15, "calendar.recurrence", "we", "wed"),
    (15, "calendar.recurrence", "th", "thu"),
    (15, "calendar.recurrence", "fr", "fri"),
    (15, "calendar.recurrence", "sa", "sat"),
    (15, "calendar.recurrence", "su", "sun"),
    (
        15,
        "account.move",
        "tax_cash_basis_move_id",
        "tax_cash_basis_origin_move_id",
    ),
    (15, "mail.message", "no_auto_thread", "reply_to_force_new"),
    (15, "pos.order.line", "note", "customer_note"),
    (
        15,
        "res.company",
        "account_tax_fiscal_country_id",
        "account_fiscal_country_id",
    ),
    (16, "account.analytic.line", "move_id", "move_line_id"),
    (17, "account.tax", "description", "invoice_label"),
    (16, "crm.lead", "lost_reason", "lost_reason_id"),
    (16, "product.supplierinfo", "name", "partner_id"),
    (16, "stock.rule", "location_id", "location_dest_id"),
    (17, "hr.attendance", "check_in_latitude", "in_latitude"),
    (17, "hr.attendance", "check_in_longitude", "in_longitude"),
    (17, "hr.attendance", "check_out_latitude", "out_latitude"),
    (17, "hr.attendance", "check_out_longitude", "out_longitude"),
    (17, "hr.expense", "unit_amount", "price_unit"),
    (17, "hr.expense", "total_amount", "total_amount_currency"),
    (17, "hr.expense", "total_amount_company", "total_amount"),
    (17, "project.task", "planned_hours", "allocated_hours"),
    (18, "account.move", "payment_id", "origin_payment_id"),
    (18, "hr.applicant", "description", "applicant_notes"),
    (18, "pos.order", "note", "floating_order_name"),
    (18, "project.project", "analytic_account_id", "account_id"),
    (18, "purchase.requisition", "origin", "reference"),
    (18, "purchase.requisition", "schedule_date", "date_start"),
    (
        19,
        "res.company",
        "check_account_audit_trail",
        "restrictive_audit_trail",
    ),
    (19, "account.account", "deprecated", "active"),
    (19, "calendar.alarm", "sms_notify_responsible", "notify_responsible"),
    (19, "fleet.vehicle", "first_contract_date", "contract_date_start"),
    (19, "hr.employee", "gender", "sex"),
    (19, "hr.attendance", "in_city", "in_location"),
    (19, "hr.attendance", "out_city", "out_location"),
    (19, "hr.expense", "sheet_id", "former_sheet_id"),
    (19, "pos.config", "sequence_id", "order_seq_id"),
    (19, "pos.config", "sequence_line_id", "order_line_seq_id"),
    (19, "pos.order", "general_note", "general_customer_note"),
    (19, "purchase.order", "notes", "note"),
    (19, "purchase.order.line", "product_uom", "product_uom_id"),
    (19, "sale.order.line", "product_uom", "product_uom_id"),
    (19, "stock.route", "packaging_selectable", "package_type_selectable"),
];

/// Says whether a column says nothing about the customer's data.
pub(super) fn is_left_out_column(way: &Way, model: &str, column: &str) -> bool {
    // 19.0 turns the factors round; what they say of each other is an invariant of its own.
    let turned = way.passes(19) && model == "uom.uom" && column == "factor";
    // 19.0 has no reports of expenses: how far an expense is follows from its entry.
    let followed = way.passes(19) && model == "hr.expense" && column == "state";
    turned
        || followed
        || LEFT_OUT_COLUMNS
            .iter()
            .any(|(of, name)| *name == column && (*of == "*" || *of == model))
}

/// Says whether a module's own upgrade script changes this value.
pub(super) fn is_scripted(xmlid: &str, column: &str) -> bool {
    SCRIPTED
        .iter()
        .any(|(of, name)| *of == xmlid && (*name == "*" || *name == column))
}

/// Says whether an external id is that of a record of a company's chart of accounts (`account.1_fp_sweden`): made from a
/// template once, and the company's own since; no update writes it.
pub(super) fn is_of_chart(xmlid: &str) -> bool {
    let name = xmlid.split_once('.').map_or(xmlid, |(_, name)| name);
    name.split_once('_')
        .is_some_and(|(company, _)| !company.is_empty() && company.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Returns the condition for the records of a model that say something about the customer.
pub(super) fn only(way: &Way, model: &str, has: impl Fn(&str) -> bool) -> Option<&'static str> {
    match model {
        // Up to 14.0 channels follow as well; only persons still do after that.
        "mail.followers" if has("partner_id") => Some("t.partner_id IS NOT NULL"),
        // A copy has a name and a uuid of its own.
        "ir.config_parameter" => Some("t.key NOT LIKE 'database.%'"),
        // 19.0 has one address for all kinds of equipment, and OpenUpgrade deletes those of each.
        "mail.alias" if way.passes(19) && has("alias_parent_model_id") => Some(
            "NOT EXISTS (SELECT FROM ir_model m WHERE m.id = t.alias_parent_model_id AND m.model = 'maintenance.equipment.category')",
        ),
        // Providers that no module makes work (14.0 calls them `manual`): Odoo's advertisements, renamed and removed from hop to hop.
        "payment.provider" if way.passes(16) && has("code") => Some("t.code <> 'none'"),
        "payment.provider" if way.passes(16) && has("provider") => Some(
            "NOT (t.provider IN ('none', 'manual') AND EXISTS (SELECT FROM ir_model_data d \
             WHERE d.model = 'payment.acquirer' AND d.res_id = t.id))",
        ),
        _ => None,
    }
}

/// Returns the condition for the records of a model whose links say something about the customer.
pub(super) fn only_linked(way: &Way, model: &str) -> Option<&'static str> {
    // 16.0 allows no groups on a view that extends another; OpenUpgrade of 16.0 (`base`) takes them from those of modules.
    (model == "ir.ui.view" && way.passes(16)).then_some(
        "NOT (t.inherit_id IS NOT NULL AND t.mode = 'extension' AND EXISTS (SELECT FROM ir_model_data d \
         WHERE d.model = 'ir.ui.view' AND d.res_id = t.id))",
    )
}

/// Says whether what a model's records say is held against each other as a whole, by an invariant of its own: which days
/// a payment is due on, 14.0, 16.0 and 17.0 each say in columns of their own (`payment-terms`).
pub(super) fn is_said_otherwise(way: &Way, model: &str) -> bool {
    model == "account.payment.term.line" && (way.passes(16) || way.passes(17))
}

/// Returns what a column is called at the end of the way.
pub(super) fn renamed_column<'a>(way: &Way, model: &str, column: &'a str) -> &'a str {
    RENAMED
        .iter()
        .find(|(hop, of, old, _)| *of == model && *old == column && way.passes(*hop))
        .map_or(column, |(_, _, _, new)| new)
}

/// Says whether a record's whole content is another's since the hop: a payment provider that no module had taken is one of
/// those that a module new to the series takes.
pub(super) fn is_taken(model: &str, column: &str, before: Option<&str>) -> bool {
    model == "payment.provider" && column == "code" && before == Some("none")
}

/// Says whether an update of a module may write its records of this model again: not where they are the customer's
/// own since the day they were made.
pub(super) fn updates_may_write(model: &str) -> bool {
    !BUSINESS.contains(&model)
}
