//! Terms of payment: what is due when, by the rule of each series.

use super::{Expect, Ground, Invariant};
use crate::event::Severity::Error;

pub(super) const ALL: &[Invariant] = &[Invariant {
    id: "payment-terms",
    area: "books",
    title: "terms of payment: what is due when, of invoices of 2026-01-15 and 2026-08-31",
    severity: Error,
    expect: Expect::Kept,
    remedy: "correct the lines of these terms, or invoices are due on another day: the backup's account_payment_term_line says \
             what was meant; going to 16.0, add the playbook `community_known_issues` to the plan",
    explained: &[],
    query: |ground| {
        let due = due(ground)?;
        let name = ground.shape.text("p", "account_payment_term", "name");
        // Until 16.0 a line takes what the others leave.
        Some(format!(
            "SELECT p.id, concat('payment term ', p.id, ' (', min({name}), ')'),
                string_agg(concat(l.share, ' on ', l.due), ', ' ORDER BY l.due, l.share)
             FROM account_payment_term p JOIN (
                SELECT t.payment_id, to_char(({due})::date, 'YYYY-MM-DD') AS due,
                    CASE t.value WHEN 'fixed' THEN '' || round(t.value_amount::numeric, 2)
                        WHEN 'balance' THEN round(100 - coalesce((SELECT sum(o.value_amount) FROM account_payment_term_line o
                            WHERE o.payment_id = t.payment_id AND o.value = 'percent'), 0)::numeric, 2) || ' %'
                        ELSE round(t.value_amount::numeric, 2) || ' %' END AS share
                FROM account_payment_term_line t CROSS JOIN (VALUES (timestamp '2026-01-15'), (timestamp '2026-08-31')) AS i (day)
             ) AS l ON l.payment_id = p.id
             GROUP BY p.id"
        ))
    },
}];

/// Returns the expression for the day on which a line `t` is due of an invoice of `i.day`, as `_get_due_date` (16.0 and later)
/// and `compute` (before) of Odoo's own code have it.
///
/// 17.0 has no months: OpenUpgrade makes 30 days of each, and so does this.
fn due(ground: &Ground) -> Option<String> {
    const TABLE: &str = "account_payment_term_line";
    let has = |columns: &[&str]| ground.has("account_payment_term", &["name"]) && ground.has(TABLE, columns);
    let whole = ["payment_id", "value", "value_amount"];
    // The last day of the month of a day.
    let end = |day: &str| format!("(date_trunc('month', {day}) + interval '1 month - 1 day')");
    // A day of the month of a day, the last where it has fewer.
    let nth = |day: &str, nth: &str| {
        format!(
            "least(date_trunc('month', {day}) + make_interval(days => greatest({nth}, 1) - 1), {})",
            end(day)
        )
    };
    let major = ground.series.major();
    if major >= 17 && has(&["delay_type", "nb_days"]) && has(&whole) {
        let after = "(i.day + make_interval(days => coalesce(t.nb_days, 0)))";
        let next = if has(&["days_next_month"]) {
            "coalesce(nullif(regexp_replace(t.days_next_month, '[^0-9]', '', 'g'), '')::int, 1)"
        } else {
            "1"
        };
        return Some(format!(
            "CASE t.delay_type
                WHEN 'days_after_end_of_month' THEN {} + make_interval(days => coalesce(t.nb_days, 0))
                WHEN 'days_after_end_of_next_month' THEN {} + make_interval(days => coalesce(t.nb_days, 0))
                WHEN 'days_end_of_month_on_the' THEN CASE WHEN {next} = 0 THEN {} ELSE {} END
                ELSE {after} END",
            end("i.day"),
            end("(i.day + interval '1 month')"),
            end(after),
            nth(&format!("({after} + interval '1 month')"), next),
        ));
    }
    if major == 16 && has(&["months", "days", "end_month", "days_after"]) && has(&whole) {
        let in_month = "(i.day + make_interval(months => coalesce(t.months, 0), days => coalesce(t.days, 0)))";
        return Some(format!(
            "CASE WHEN t.end_month THEN {} + make_interval(days => coalesce(t.days_after, 0))
                ELSE i.day + make_interval(days => 30 * coalesce(t.months, 0) + coalesce(t.days, 0)) END",
            end(in_month)
        ));
    }
    if major <= 15 && has(&["option", "days", "day_of_the_month"]) && has(&whole) {
        let after = "(i.day + make_interval(days => t.days))";
        let next =
            format!("({after} + make_interval(months => (t.day_of_the_month < extract(day FROM {after}))::int))");
        return Some(format!(
            "CASE t.option
                WHEN 'after_invoice_month' THEN {} + make_interval(days => t.days)
                WHEN 'day_following_month' THEN {}
                WHEN 'day_current_month' THEN {}
                ELSE CASE WHEN t.day_of_the_month > 0 THEN {} ELSE {after} END END",
            end("i.day"),
            nth("(i.day + interval '1 month')", "t.days"),
            nth("i.day", "t.days"),
            nth(&next, "t.day_of_the_month"),
        ));
    }
    None
}
