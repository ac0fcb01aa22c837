//! Columns that a hop fills from others, and how their values follow from the database before.

use crate::verify::compare::Way;

/// Columns that a hop fills from others: (the hop's target, model, column, what it must be, from the old columns).
///
/// What the old database would answer is what the new one must have.
const CONVERTED: [(u8, &str, &str, &str, &[&str]); 22] = [
    // OpenUpgrade of 16.0 (`account`, `_account_move_fast_fill_display_type`): what a line without a type is, follows from its entry,
    // its tax and its account; of a tax and of what is to be paid there is no quantity.
    (16, "account.move.line", "display_type", LINE_TYPE, LINE_COLUMNS),
    (16, "account.move.line", "quantity", LINE_QUANTITY, LINE_COLUMNS),
    // OpenUpgrade of 16.0 (`mail`, `mail_channel_unset_wrong_group_public_id`): a group may join channels, not conversations.
    (
        16,
        "mail.channel",
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

/// What a journal item without a type is since 16.0.
const LINE_TYPE: &str = "coalesce(nullif(t.display_type, ''), (SELECT CASE \
        WHEN m.move_type NOT IN ('out_invoice', 'out_refund', 'in_invoice', 'in_refund') THEN 'product' \
        WHEN t.tax_line_id IS NOT NULL THEN 'tax' WHEN y.type IN ('receivable', 'payable') THEN 'payment_term' END \
     FROM account_move m, account_account a JOIN account_account_type y ON y.id = a.user_type_id \
     WHERE m.id = t.move_id AND a.id = t.account_id), 'product')";

const LINE_QUANTITY: &str = "CASE WHEN nullif(t.display_type, '') IS NULL AND EXISTS (SELECT \
     FROM account_move m, account_account a JOIN account_account_type y ON y.id = a.user_type_id \
     WHERE m.id = t.move_id AND a.id = t.account_id AND m.move_type IN ('out_invoice', 'out_refund', 'in_invoice', 'in_refund') \
        AND (t.tax_line_id IS NOT NULL OR y.type IN ('receivable', 'payable'))) THEN NULL \
     ELSE nullif(round(t.quantity::numeric, 6), 0)::text END";

const LINE_COLUMNS: &[&str] = &[
    "display_type",
    "tax_line_id",
    "quantity",
    "account_move.move_type",
    "account_account.user_type_id",
    "account_account_type.type",
];

const MOBILE_TOO: &str = "CASE WHEN coalesce(t.mobile, '') IN ('', coalesce(t.phone, '')) THEN nullif(t.phone, '') \
     ELSE concat_ws(' // ', nullif(t.phone, ''), t.mobile) END";

/// Returns what a converted column must be, as an expression over the columns of the database before.
pub(super) fn converted(way: &Way, model: &str, column: &str, has: impl Fn(&str) -> bool) -> Option<&'static str> {
    CONVERTED
        .iter()
        .find(|(hop, of, name, _, from)| {
            way.model(of) == model && *name == column && way.passes(*hop) && from.iter().all(|old| has(old))
        })
        .map(|(_, _, _, expression, _)| *expression)
}

/// Columns that a hop fills where nothing was, with what its own database says: (the hop's target, model, column, the value).
///
/// 18.0 and 19.0 load charts of accounts anew (`_load` and `_post_load_data` of `account.chart.template`): a company without a country
/// gets the chart's, a journal without accounts for differences the company's.
const GIVEN: [(&[u8], &str, &str, &str); 4] = [
    (
        &[18, 19],
        "account.journal",
        "profit_account_id",
        "(SELECT c.default_cash_difference_income_account_id FROM res_company c WHERE c.id = t.company_id)",
    ),
    (
        &[18, 19],
        "account.journal",
        "loss_account_id",
        "(SELECT c.default_cash_difference_expense_account_id FROM res_company c WHERE c.id = t.company_id)",
    ),
    (
        &[18, 19],
        "res.company",
        "account_fiscal_country_id",
        "(SELECT n.id FROM res_country n WHERE lower(n.code) = split_part(t.chart_template, '_', 1))",
    ),
    (
        &[18, 19],
        "res.partner",
        "country_id",
        "(SELECT n.id FROM res_company c JOIN res_country n ON lower(n.code) = split_part(c.chart_template, '_', 1) \
          WHERE c.partner_id = t.id)",
    ),
];

/// Stands before a value that the hop gives where nothing was.
const MARK: &str = "given ";

/// Returns the expression for a column that a hop fills: `is` reads it, and what the hop gives is marked. `has` says which
/// tables have which columns.
pub(super) fn given(
    way: &Way,
    model: &str,
    column: &str,
    is: &str,
    has: impl Fn(&str, &str) -> bool,
) -> Option<String> {
    let (_, _, _, value) = GIVEN
        .iter()
        .find(|(hops, of, name, _)| *of == model && *name == column && hops.iter().any(|hop| way.passes(*hop)))?;
    let known = match model {
        "account.journal" => has("res_company", "default_cash_difference_income_account_id"),
        _ => has("res_company", "chart_template"),
    };
    known.then(|| format!("CASE WHEN t.\"{column}\" = {value} THEN '{MARK}' || {is} ELSE {is} END"))
}

/// Returns a value without the mark of [`given`], and whether it had it.
pub(super) fn unmarked(value: Option<&str>) -> (Option<&str>, bool) {
    match value.and_then(|value| value.strip_prefix(MARK)) {
        Some(plain) => (Some(plain), true),
        None => (value, false),
    }
}

/// Returns the expressions for what a mail template says before and after 15.0, from those that read it: OpenUpgrade of 15.0
/// (`mail`, `_migrate_mail_templates`) writes placeholders and conditions in the syntax of `QWeb`.
///
/// Of a body they read the text, without tags, placeholders, conditions and space; a condition that was not converted stays text.
pub(super) fn template(way: &Way, model: &str, column: &str, [was, is]: &[String; 2]) -> Option<[String; 2]> {
    const LINES: [&str; 7] = [
        "subject",
        "email_from",
        "email_to",
        "email_cc",
        "reply_to",
        "partner_to",
        "lang",
    ];
    if !way.passes(15) || model != "mail.template" {
        return None;
    }
    if LINES.contains(&column) {
        let safe = format!(r"regexp_replace({was}, '\s?\|\s?safe\s?', '', 'g')");
        let was = format!(r"regexp_replace({safe}, '\$\{{([^}}]*)\}}', '{{{{\1}}}}', 'g')");
        return Some([was, is.clone()]);
    }
    let said = |text: &str| {
        let plain = format!("regexp_replace({text}, '<[^>]*>|&nbsp;|&#160;|\u{a0}', '', 'g')");
        format!(r"nullif(regexp_replace({plain}, '\s', '', 'g'), '')")
    };
    let was = [
        r"\$\{[^}]*\}",
        r"%\s?(if|elif|for|set)\s[^\n]*:",
        r"%\s?(endif|endfor|else\s?:*)\s*$",
        r"%\s?set\s[^\n]*$",
    ]
    .iter()
    .fold(was.clone(), |text, old| {
        format!("regexp_replace({text}, '{old}', '', 'gn')")
    });
    (column == "body_html").then(|| [said(&was), said(is)])
}

/// Returns the expressions for the text of a view, from those that read it: 16.0 keeps it without the declaration of XML.
pub(super) fn arch(way: &Way, model: &str, column: &str, [was, is]: &[String; 2]) -> Option<[String; 2]> {
    let text = |text: &str| format!(r"nullif(regexp_replace({text}, '^\s*<\?xml[^>]*\?>\s*|\s+$', '', 'g'), '')");
    (way.passes(16) && (model, column) == ("ir.ui.view", "arch_db")).then(|| [text(was), text(is)])
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
