//! Columns that a hop fills from others, and how their values follow from the database before.

use crate::verify::compare::Way;

/// Columns that a hop fills from others: (the hop's target, model, column, what it must be, from the old columns).
///
/// What the old database would answer is what the new one must have.
const CONVERTED: [(u8, &str, &str, &str, &[&str]); 22] = [
    // OpenUpgrade of 16.0 (`account`, `_account_move_fast_fill_display_type`): what a line without a type is, follows from its entry,
    // its tax and its account.
    (16, "account.move.line", "display_type", LINE_TYPE, LINE_COLUMNS),
    // The same script: of a tax and of what is to be paid there is no quantity.
    (
        16,
        "account.move.line",
        "quantity",
        "CASE WHEN t.display_type IS NULL AND m.move_type IN ('out_invoice', 'out_refund', 'in_invoice', 'in_refund')
            AND (t.tax_line_id IS NOT NULL OR a.type IN ('receivable', 'payable')) THEN NULL
         ELSE nullif(round(t.quantity::numeric, 6), 0)::text END",
        LINE_COLUMNS,
    ),
    // OpenUpgrade of 16.0 (`mail`, `mail_channel_unset_wrong_group_public_id`): a group may join channels, not conversations.
    (
        16,
        "discuss.channel",
        "group_public_id",
        "CASE WHEN t.channel_type = 'channel' THEN nullif(round(t.group_public_id::numeric, 6), 0)::text END",
        &["channel_type", "group_public_id"],
    ),
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
    // Whether it is before or after is a field of its own.
    (
        19,
        "base.automation",
        "trg_date_range",
        "nullif(round(abs(t.trg_date_range)::numeric, 6), 0)::text",
        &["trg_date_range"],
    ),
    // A menu always has an address, that of its page if it has one.
    (
        19,
        "website.menu",
        "url",
        "coalesce((SELECT nullif(p.url, '') FROM website_page p WHERE p.id = t.page_id), nullif(t.url, ''), '#')",
        &["page_id", "url"],
    ),
    (
        19,
        "purchase.order",
        "state",
        "CASE WHEN t.state = 'done' THEN 'purchase' ELSE t.state END",
        &["state"],
    ),
    (
        19,
        "pos.order",
        "state",
        "CASE WHEN t.state = 'invoiced' THEN 'done' ELSE t.state END",
        &["state"],
    ),
    // Whoever an employee works as, is one.
    (
        19,
        "res.partner",
        "employee",
        "CASE WHEN t.employee OR EXISTS (SELECT FROM hr_employee e WHERE e.work_contact_id = t.id) THEN 'true' END",
        &["employee", "hr_employee.work_contact_id"],
    ),
    // A year is chosen from a list, and nought is none.
    (
        19,
        "fleet.vehicle",
        "model_year",
        "nullif(nullif(t.model_year, '0'), '')",
        &["model_year"],
    ),
    (
        19,
        "fleet.vehicle.model",
        "model_year",
        "nullif(nullif(t.model_year::text, '0'), '')",
        &["model_year"],
    ),
    // High is the third of four, unless a module had made four of the two already.
    (
        19,
        "project.task",
        "priority",
        "CASE WHEN t.priority = '1' AND NOT EXISTS (SELECT FROM project_task o WHERE o.priority IN ('2', '3')) THEN '2' \
         ELSE nullif(t.priority, '') END",
        &["priority"],
    ),
    // The activity for a lot about to expire is an ordinary one.
    (
        19,
        "mail.activity",
        "activity_type_id",
        "nullif(round((CASE WHEN t.activity_type_id = (SELECT d.res_id FROM ir_model_data d WHERE d.module = 'product_expiry' \
            AND d.name = 'mail_activity_type_alert_date_reached') \
         THEN (SELECT d.res_id FROM ir_model_data d WHERE d.module = 'mail' AND d.name = 'mail_activity_data_todo') \
         ELSE t.activity_type_id END)::numeric, 6), 0)::text",
        &["activity_type_id"],
    ),
    (
        19,
        "mail.activity",
        "summary",
        "CASE WHEN t.activity_type_id = (SELECT d.res_id FROM ir_model_data d WHERE d.module = 'product_expiry' \
            AND d.name = 'mail_activity_type_alert_date_reached') \
         THEN coalesce(t.summary, 'Alert Date Reached') ELSE nullif(t.summary, '') END",
        &["activity_type_id", "summary"],
    ),
];

const MOBILE_TOO: &str = "CASE WHEN coalesce(t.mobile, '') IN ('', coalesce(t.phone, '')) THEN nullif(t.phone, '') \
     ELSE concat_ws(' // ', nullif(t.phone, ''), t.mobile) END";

/// Returns what a converted column must be, as an expression over the columns of the database before.
pub(super) fn converted(way: &Way, model: &str, column: &str, has: impl Fn(&str) -> bool) -> Option<&'static str> {
    CONVERTED
        .iter()
        .find(|(hop, of, name, _, from)| {
            *of == model && *name == column && way.passes(*hop) && from.iter().all(|old| has(old))
        })
        .map(|(_, _, _, expression, _)| *expression)
}

/// Returns what a column must be on both sides that is explained by other records of its own database.
///
/// A copy of a page that a website made and nobody changed is what its original is: OpenUpgrade brings it up to date. How
/// likely an opportunity is, Odoo predicts anew with what it learns, where nobody said otherwise.
pub(super) fn told_by_others(model: &str, column: &str, has: impl Fn(&str) -> bool) -> Option<&'static str> {
    let copied = model == "ir.ui.view" && has("website_id") && has("key");
    let predicted = model == "crm.lead" && has("probability") && has("automated_probability");
    match column {
        "probability" if predicted => Some(
            "CASE WHEN t.probability > 0 AND t.probability = t.automated_probability THEN 'as predicted' \
             ELSE nullif(round(t.probability::numeric, 6), 0)::text END",
        ),
        "prorated_revenue" if predicted && has("expected_revenue") => Some(
            "CASE WHEN t.probability > 0 AND t.probability = t.automated_probability \
                AND abs(t.prorated_revenue - t.expected_revenue * t.probability / 100) < 0.01 THEN 'as predicted' \
             ELSE nullif(round(t.prorated_revenue::numeric, 6), 0)::text END",
        ),
        "arch_db" if copied => Some(
            "CASE WHEN t.website_id IS NOT NULL AND t.type = 'qweb' AND EXISTS (SELECT FROM ir_ui_view o WHERE o.key = t.key \
                AND o.website_id IS NULL AND o.type = 'qweb' AND o.arch_db = t.arch_db) \
             THEN 'as its original' ELSE nullif(t.arch_db::text, '') END",
        ),
        _ => None,
    }
}
