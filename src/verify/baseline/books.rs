//! The books: trial balance, journals, open items, documents, tax report.

use super::probe::Probe;
use super::sql::{Part, sum};
use crate::ident::Series;

pub(super) fn parts(series: Series, probe: &Probe) -> Vec<Part> {
    if !probe.has(
        "account_move_line",
        &["parent_state", "debit", "credit", "balance", "account_id"],
    ) {
        return Vec::new();
    }
    let mut parts = vec![trial_balance(series, probe), journals(), unbalanced()];
    parts.extend(open_items(series, probe));
    parts.extend(documents(probe));
    parts.extend(vat(series, probe));
    parts.extend(signed_tax_tags(series, probe));
    parts
}

/// Since 18.0 an account has one code per company, kept under the id of the company's root. The column `code` of
/// older series stays behind after OpenUpgrade, hence the question for the series.
fn trial_balance(series: Series, probe: &Probe) -> Part {
    let code = if series.major() >= 18 && probe.has("account_account", &["code_store"]) {
        "a.code_store ->> split_part(c.parent_path, '/', 1)"
    } else {
        "a.code"
    };
    let (debit, credit, balance) = (sum("l.debit"), sum("l.credit"), sum("l.balance"));
    Part::list(
        "trial_balance",
        format!(
            "SELECT l.company_id AS company, a.id AS account, {code} AS code, count(*) AS items,
                {debit} AS debit, {credit} AS credit, {balance} AS balance
             FROM account_move_line l JOIN account_account a ON a.id = l.account_id
             JOIN res_company c ON c.id = l.company_id
             WHERE l.parent_state = 'posted' GROUP BY 1, 2, 3 ORDER BY 1, 2"
        ),
    )
}

fn journals() -> Part {
    let (debit, credit) = (sum("l.debit"), sum("l.credit"));
    Part::list(
        "journals",
        format!(
            "SELECT l.company_id AS company, l.journal_id AS journal, to_char(l.date, 'YYYY-MM') AS month,
                count(*) AS items, {debit} AS debit, {credit} AS credit
             FROM account_move_line l WHERE l.parent_state = 'posted' AND l.account_id IS NOT NULL
             GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
        ),
    )
}

fn unbalanced() -> Part {
    Part::value(
        "unbalanced",
        "SELECT coalesce(jsonb_agg(move_id ORDER BY move_id), '[]') FROM (
            SELECT move_id FROM account_move_line WHERE parent_state = 'posted'
            GROUP BY move_id HAVING abs(sum(balance)) > 0.005 LIMIT 1000) AS x",
    )
}

/// Account types were records of their own until 15.0 and are a selection since 16.0.
fn open_items(series: Series, probe: &Probe) -> Option<Part> {
    let (kind, join) = if series.major() >= 16 {
        probe.has("account_account", &["account_type"]).then_some((
            "CASE a.account_type WHEN 'asset_receivable' THEN 'receivable' WHEN 'liability_payable' THEN 'payable' END",
            "",
        ))?
    } else {
        probe
            .has("account_account_type", &["type"])
            .then_some(("t.type", "JOIN account_account_type t ON t.id = a.user_type_id"))?
    };
    let (residual, currency) = (sum("l.amount_residual"), sum("l.amount_residual_currency"));
    Some(Part::list(
        "open_items",
        format!(
            "SELECT l.company_id AS company, l.partner_id AS partner, {kind} AS kind, count(*) AS items,
                {residual} AS residual, {currency} AS residual_currency
             FROM account_move_line l JOIN account_account a ON a.id = l.account_id {join}
             WHERE l.parent_state = 'posted' AND NOT coalesce(l.reconciled, false)
               AND {kind} IN ('receivable', 'payable')
             GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
        ),
    ))
}

fn documents(probe: &Probe) -> Option<Part> {
    if !probe.has("account_move", &["move_type", "state", "amount_total_signed"]) {
        return None;
    }
    let payment_state = if probe.has("account_move", &["payment_state"]) {
        "coalesce(payment_state, '')"
    } else {
        "''"
    };
    let (total, residual) = (sum("amount_total_signed"), sum("amount_residual_signed"));
    Some(Part::list(
        "documents",
        format!(
            "SELECT j.company_id AS company, move_type AS kind, state, {payment_state} AS payment_state,
                count(*) AS count, {total} AS total, {residual} AS residual
             FROM account_move m JOIN account_journal j ON j.id = m.journal_id
             GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"
        ),
    ))
}

/// What the tax report says, by the rule of the series.
///
/// Until 18.0 a grid has two tags, `+se_05` and `-se_05`, and an item turns the sign round where it says so
/// (14.0 may lack that column: there entries of sales journals and refunds turn it, entries of cash
/// basis never do). In 19.0 a grid has one tag, `se_05`, found by
/// exactly that name, and the report's formula carries the sign.
fn vat(series: Series, probe: &Probe) -> Option<Part> {
    let links = "account_account_tag_account_move_line_rel";
    if !probe.has(links, &["account_move_line_id", "account_account_tag_id"]) {
        return None;
    }
    let name = |alias: &str| {
        if series.major() >= 17 {
            format!("{alias}.name ->> 'en_US'")
        } else {
            format!("{alias}.name")
        }
    };
    let tagged = format!(
        "FROM account_move_line l JOIN {links} r ON r.account_move_line_id = l.id
         JOIN account_account_tag t ON t.id = r.account_account_tag_id"
    );
    let tag = name("t");
    let query = if series.major() >= 19 {
        if !probe.has("account_report_expression", &["engine", "formula"]) {
            return None;
        }
        let amount = sum("l.balance * g.sign");
        format!(
            "SELECT l.company_id AS company, g.grid, to_char(l.date, 'YYYY-MM') AS month, {amount} AS amount
             {tagged} JOIN (
                SELECT DISTINCT ON (1) ltrim(formula, '-') AS grid, CASE WHEN formula LIKE '-%' THEN -1 ELSE 1 END AS sign
                FROM account_report_expression WHERE engine = 'tax_tags' ORDER BY 1, 2) AS g ON g.grid = {tag}
             WHERE l.parent_state = 'posted' AND t.applicability = 'taxes' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
        )
    } else {
        let turned = if probe.has("account_move_line", &["tax_tag_invert"]) {
            "CASE WHEN l.tax_tag_invert THEN -1 ELSE 1 END"
        } else {
            "CASE WHEN m.tax_cash_basis_rec_id IS NOT NULL THEN 1
                  WHEN (j.type = 'sale') = (m.move_type IN ('in_refund', 'out_refund')) THEN 1 ELSE -1 END"
        };
        let amount = sum(&format!(
            "l.balance * CASE WHEN t.tax_negate THEN -1 ELSE 1 END * {turned}"
        ));
        format!(
            "SELECT l.company_id AS company, ltrim({tag}, '+-') AS grid, to_char(l.date, 'YYYY-MM') AS month, {amount} AS amount
             {tagged} JOIN account_move m ON m.id = l.move_id JOIN account_journal j ON j.id = l.journal_id
             WHERE l.parent_state = 'posted' AND t.applicability = 'taxes' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
        )
    };
    Some(Part::list("vat", query))
}

/// Until 18.0 tags have a sign, so there is nothing to count.
fn signed_tax_tags(series: Series, probe: &Probe) -> Option<Part> {
    let links = "account_account_tag_account_tax_repartition_line_rel";
    let present = probe.has(links, &["account_account_tag_id"]);
    (series.major() >= 19 && present).then(|| {
        Part::value(
            "signed_tax_tags",
            format!(
                "SELECT count(*) FROM {links} r JOIN account_account_tag t ON t.id = r.account_account_tag_id
                 WHERE t.applicability = 'taxes' AND t.name ->> 'en_US' ~ '^[+-]'"
            ),
        )
    })
}
