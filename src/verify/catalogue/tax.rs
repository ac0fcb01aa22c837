//! Tax: the mapping of taxes at the border, and what is reported of each tax.

use super::{Expect, Invariant};
use crate::event::Severity::Error;

pub(super) const ALL: &[Invariant] = &[
    Invariant {
        id: "tax-mapping",
        area: "tax",
        title: "which tax a fiscal position puts in place of which",
        severity: Error,
        expect: Expect::NoneLost,
        remedy: "compare the fiscal positions and their taxes in both databases: invoices would carry another tax",
        explained: &[],
        query: |ground| {
            // 19.0 keeps the mapping at the taxes.
            if ground.has("account_fiscal_position_account_tax_rel", &["account_tax_id"])
                && ground.has("account_tax_alternatives", &["dest_tax_id", "src_tax_id"])
            {
                return Some(
                    "SELECT concat_ws(' ', f.account_fiscal_position_id, a.src_tax_id, a.dest_tax_id),
                        concat('fiscal position ', f.account_fiscal_position_id, ', tax ', a.src_tax_id, ' becomes ', a.dest_tax_id), 'mapped'
                     FROM account_fiscal_position_account_tax_rel f JOIN account_tax_alternatives a ON a.dest_tax_id = f.account_tax_id"
                        .into(),
                );
            }
            ground
                .has(
                    "account_fiscal_position_tax",
                    &["position_id", "tax_src_id", "tax_dest_id"],
                )
                .then(|| {
                    "SELECT concat_ws(' ', position_id, tax_src_id, tax_dest_id),
                    concat('fiscal position ', position_id, ', tax ', tax_src_id, ' becomes ', tax_dest_id), 'mapped'
                 FROM account_fiscal_position_tax WHERE tax_src_id IS NOT NULL AND tax_dest_id IS NOT NULL"
                        .into()
                })
        },
    },
    Invariant {
        id: "tax-lines",
        area: "tax",
        title: "posted tax amounts and bases per company, tax and month",
        severity: Error,
        expect: Expect::Same,
        remedy: "compare tax_line_id and the taxes of the journal items in both databases",
        explained: &[],
        query: |ground| {
            ground
                .has(
                    "account_move_line",
                    &["tax_line_id", "parent_state", "balance", "tax_base_amount"],
                )
                .then(|| {
                    let (tax, base) = (super::money("l.balance"), super::money("l.tax_base_amount"));
                    format!(
                        "SELECT concat_ws(' ', l.company_id, l.tax_line_id, to_char(l.date, 'YYYY-MM')),
                            concat('company ', l.company_id, ', tax ', l.tax_line_id, ', ', to_char(l.date, 'YYYY-MM')),
                            concat(count(*), ' items, tax ', {tax}, ', base ', {base})
                         FROM account_move_line l WHERE l.parent_state = 'posted' AND l.tax_line_id IS NOT NULL
                         GROUP BY l.company_id, l.tax_line_id, to_char(l.date, 'YYYY-MM')"
                    )
                })
        },
    },
];
