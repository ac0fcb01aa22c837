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

/// Columns that a hop fills from others: (the hop's target, model, column, what it must be, from the old columns).
///
/// What the old database would answer is what the new one must have.
const CONVERTED: [(u8, &str, &str, &str, &[&str]); 9] = [
    // 19.0 matches invoices by itself, and OpenUpgrade archives the models that asked for it.
    (
        19,
        "account.reconcile.model",
        "active",
        "CASE WHEN t.active AND t.rule_type <> 'invoice_matching' THEN 'true' END",
        &["active", "rule_type"],
    ),
    // OpenUpgrade appends the mobile number, as 19.0 has one number only.
    (19, "res.partner", "phone", MOBILE_TOO, &["phone", "mobile"]),
    (19, "crm.lead", "phone", MOBILE_TOO, &["phone", "mobile"]),
    (19, "hr.applicant", "phone", MOBILE_TOO, &["phone", "mobile"]),
    (
        19,
        "ir.actions.act_window",
        "target",
        "CASE WHEN t.target = 'inline' THEN 'current' ELSE t.target END",
        &["target"],
    ),
    (
        19,
        "product.category",
        "property_valuation",
        "replace(t.property_valuation::text, 'manual_periodic', 'periodic')",
        &["property_valuation"],
    ),
    (
        19,
        "mrp.workorder",
        "state",
        "CASE WHEN t.state IN ('pending', 'waiting') THEN 'blocked' ELSE t.state END",
        &["state"],
    ),
    (
        19,
        "event.event",
        "badge_format",
        "CASE WHEN t.badge_format IN ('96x134', '96x82') THEN 'four_per_sheet' ELSE t.badge_format END",
        &["badge_format"],
    ),
    (
        19,
        "website",
        "add_to_cart_action",
        "CASE WHEN t.add_to_cart_action = 'force_dialog' THEN 'stay' ELSE t.add_to_cart_action END",
        &["add_to_cart_action"],
    ),
];

const MOBILE_TOO: &str = "CASE WHEN coalesce(t.mobile, '') IN ('', coalesce(t.phone, '')) THEN nullif(t.phone, '') \
     ELSE concat_ws(' // ', nullif(t.phone, ''), t.mobile) END";

/// Records that a module's own upgrade script changes behind the back of its data files, by external id.
const SCRIPTED: [&str; 6] = [
    // Cutting a copy's ties switches it on.
    "web.neutralize_banner",
    "crm.crm_pls_fields_param",
    "sale.action_orders",
    "project_sms.ir_rule_sms_template_project_manager",
    "hr_holidays.hr_leave_allocation_rule_multicompany",
    "hr_timesheet_attendance.hr_timesheet_attendance_report_rule_approver",
];

/// Columns that a hop renames: (the hop's target, model at the end, before, after).
const RENAMED: [(u8, &str, &str, &str); 14] = [
    (
        19,
        "res.company",
        "check_account_audit_trail",
        "restrictive_audit_trail",
    ),
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
    turned
        || LEFT_OUT_COLUMNS
            .iter()
            .any(|(of, name)| *name == column && (*of == "*" || *of == model))
}

/// Returns what a converted column must be, as an expression over the columns of the database before.
pub(super) fn converted(way: &Way, model: &str, column: &str, has: impl Fn(&str) -> bool) -> Option<&'static str> {
    CONVERTED
        .iter()
        .find(|(hop, of, name, _, from)| {
            *of == model && *name == column && way.passes(*hop) && from.iter().all(|old| has(old))
        })
        .map(|(_, _, _, expression, _)| *expression)
}

/// Says whether a module's own upgrade script changes this record.
pub(super) fn is_scripted(xmlid: &str) -> bool {
    SCRIPTED.contains(&xmlid)
}

/// Says whether an external id is that of a record of a company's chart of accounts (`account.1_fp_sweden`): made from a
/// template once, and the company's own since; no update writes it.
pub(super) fn is_of_chart(xmlid: &str) -> bool {
    let name = xmlid.split_once('.').map_or(xmlid, |(_, name)| name);
    name.split_once('_')
        .is_some_and(|(company, _)| !company.is_empty() && company.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Returns the condition for the records of a model that say something about the customer: a copy has a name and a
/// uuid of its own.
pub(super) fn only(model: &str) -> Option<&'static str> {
    (model == "ir.config_parameter").then_some("t.key NOT LIKE 'database.%'")
}

/// Returns what a column is called at the end of the way.
pub(super) fn renamed_column<'a>(way: &Way, model: &str, column: &'a str) -> &'a str {
    RENAMED
        .iter()
        .find(|(hop, of, old, _)| *of == model && *old == column && way.passes(*hop))
        .map_or(column, |(_, _, _, new)| new)
}

/// Says whether an update of a module may write its records of this model again: not where they are the customer's
/// own since the day they were made.
pub(super) fn updates_may_write(model: &str) -> bool {
    !BUSINESS.contains(&model)
}
