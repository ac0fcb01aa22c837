//! Stock and number sequences.

use super::probe::Probe;
use super::sql::{Part, sum};

pub(super) fn parts(probe: &Probe) -> Vec<Part> {
    let mut parts = Vec::new();
    if probe.has("stock_quant", &["product_id", "location_id", "quantity"]) {
        parts.push(stock());
    }
    if probe.has("ir_sequence", &["implementation", "number_next"]) {
        parts.push(sequences(probe));
    }
    parts
}

fn stock() -> Part {
    let (quantity, reserved) = (sum("q.quantity"), sum("q.reserved_quantity"));
    Part::list(
        "stock",
        format!(
            "SELECT q.product_id AS product, q.location_id AS location, {quantity} AS quantity, {reserved} AS reserved
             FROM stock_quant q JOIN stock_location l ON l.id = q.location_id
             WHERE l.usage IN ('internal', 'transit') GROUP BY 1, 2 ORDER BY 1, 2"
        ),
    )
}

/// Sequences without gaps keep their number in the table, the others in a sequence of PostgreSQL's, named after the
/// id with at least three digits. Journals number their entries by the highest number given.
fn sequences(probe: &Probe) -> Part {
    let mut query = String::from(
        "SELECT 'ir.sequence ' || s.id || coalesce(' (' || s.code || ')', '') AS name,
            coalesce(CASE WHEN s.implementation = 'standard' THEN p.last_value ELSE s.number_next END, 0) AS number
         FROM ir_sequence s LEFT JOIN pg_sequences p ON p.schemaname = 'public' AND p.sequencename =
            'ir_sequence_' || CASE WHEN s.id < 1000 THEN lpad(s.id::text, 3, '0') ELSE s.id::text END",
    );
    if probe.has("account_move", &["sequence_prefix", "sequence_number", "journal_id"]) {
        query.push_str(
            " UNION ALL SELECT 'journal ' || journal_id || ' ' || sequence_prefix, max(sequence_number)
              FROM account_move WHERE sequence_prefix IS NOT NULL AND state = 'posted' GROUP BY journal_id, sequence_prefix",
        );
    }
    query.push_str(" ORDER BY 1");
    Part::list("sequences", query)
}
