//! The books: what was posted, reconciled and numbered.

use super::{Expect, Ground, Invariant, money};
use crate::event::Severity::{Error, Warning};

const LOOK: &str = "do not go live: compare the journal items named here in both databases";

pub(super) const ALL: &[Invariant] = &[
    Invariant {
        id: "trial-balance-months",
        area: "books",
        title: "posted items per company, account, month and journal",
        severity: Error,
        expect: Expect::Same,
        remedy: LOOK,
        explained: &[(14, "14.0 gives every payment and statement line an entry of its own")],
        query: |ground| {
            ground
                .has("account_move_line", &["parent_state", "journal_id", "account_id", "balance"])
                .then(|| {
                    let (debit, credit) = (money("l.debit"), money("l.credit"));
                    let account = account(ground);
                    format!(
                        "SELECT concat_ws(' ', l.company_id, l.account_id, to_char(l.date, 'YYYY-MM'), l.journal_id),
                            concat('company ', l.company_id, ', account ', min({account}), ', journal ', l.journal_id, ', ', to_char(l.date, 'YYYY-MM')),
                            concat(count(*), ' items, debit ', {debit}, ', credit ', {credit})
                         FROM account_move_line l JOIN account_account a ON a.id = l.account_id
                         WHERE l.parent_state = 'posted' GROUP BY l.company_id, l.account_id, to_char(l.date, 'YYYY-MM'), l.journal_id"
                    )
                })
        },
    },
    Invariant {
        id: "items-contradict",
        area: "books",
        title: "items whose balance is not debit less credit, or whose state is not their entry's",
        severity: Error,
        expect: Expect::NoneNew,
        remedy: LOOK,
        explained: &[],
        query: |ground| {
            ground.has("account_move_line", &["debit", "credit", "balance", "parent_state"]).then(|| {
                "SELECT l.id, concat('journal item ', l.id, ' of ', m.name),
                    concat(l.debit, ' - ', l.credit, ' = ', l.balance, ', ', l.parent_state, ' in an entry that is ', m.state)
                 FROM account_move_line l JOIN account_move m ON m.id = l.move_id
                 WHERE abs(coalesce(l.debit, 0) - coalesce(l.credit, 0) - coalesce(l.balance, 0)) > 0.005
                    OR l.parent_state IS DISTINCT FROM m.state".into()
            })
        },
    },
    Invariant {
        id: "reconciliations",
        area: "books",
        title: "reconciled amounts per month",
        severity: Error,
        expect: Expect::Same,
        remedy: "compare account_partial_reconcile in both databases: payments may stand against other invoices, or none",
        explained: &[],
        query: |ground| {
            ground.has("account_partial_reconcile", &["amount", "max_date", "company_id"]).then(|| {
                let amount = money("amount");
                format!(
                    "SELECT concat_ws(' ', company_id, to_char(max_date, 'YYYY-MM')),
                        concat('company ', company_id, ', ', to_char(max_date, 'YYYY-MM')), concat(count(*), ' of ', {amount})
                     FROM account_partial_reconcile GROUP BY company_id, to_char(max_date, 'YYYY-MM')"
                )
            })
        },
    },
    Invariant {
        id: "items-reconciled-wrongly",
        area: "books",
        title: "items that count as reconciled and are open, or lack their reconciliation",
        severity: Error,
        expect: Expect::NoneNew,
        remedy: LOOK,
        explained: &[],
        query: |ground| {
            ground
                .has(
                    "account_move_line",
                    &["reconciled", "amount_residual", "full_reconcile_id"],
                )
                .then(|| {
                    "SELECT l.id, concat('journal item ', l.id, ' of ', l.move_name), concat('open ', l.amount_residual)
                 FROM account_move_line l WHERE l.reconciled AND (abs(l.amount_residual) > 0.005
                    OR (l.full_reconcile_id IS NOT NULL
                        AND NOT EXISTS (SELECT FROM account_full_reconcile f WHERE f.id = l.full_reconcile_id)))"
                        .into()
                })
        },
    },
    Invariant {
        id: "entry-names",
        area: "books",
        title: "names that two posted entries of a journal share, and posted entries without a name",
        severity: Error,
        expect: Expect::NoneNew,
        remedy: "number these entries as they were; their names are in the backup",
        explained: &[],
        query: |ground| {
            ground.has("account_move", &["name", "journal_id", "state"]).then(|| {
                "SELECT concat_ws(' ', journal_id, name), concat('journal ', journal_id, ', name ', coalesce(name, 'missing')),
                    concat('entries ', string_agg(id::text, ', ' ORDER BY id))
                 FROM account_move WHERE state = 'posted' GROUP BY journal_id, name
                 HAVING count(*) > 1 OR coalesce(name, '/') IN ('/', '')".into()
            })
        },
    },
    Invariant {
        id: "number-gaps",
        area: "books",
        title: "numbers missing from the series of posted entries",
        severity: Error,
        expect: Expect::NoneNew,
        remedy: "find the entries with these numbers in the backup: they are gone, or have another number",
        explained: &[],
        query: |ground| {
            ground.has("account_move", &["sequence_prefix", "sequence_number", "journal_id"]).then(|| {
                "SELECT concat_ws(' ', journal_id, sequence_prefix), concat('journal ', journal_id, ', ', sequence_prefix),
                    concat(max(sequence_number) - min(sequence_number) + 1 - count(DISTINCT sequence_number), ' missing')
                 FROM account_move WHERE state = 'posted' AND sequence_number > 0 GROUP BY journal_id, sequence_prefix
                 HAVING max(sequence_number) - min(sequence_number) + 1 > count(DISTINCT sequence_number)".into()
            })
        },
    },
    Invariant {
        id: "sequence-ranges",
        area: "books",
        title: "number sequences by period, which must not fall",
        severity: Error,
        expect: Expect::NotLower,
        remedy: "set the sequences to the numbers they had: numbers would be given twice",
        explained: &[],
        query: |ground| {
            ground
                .has("ir_sequence_date_range", &["sequence_id", "number_next"])
                .then(|| {
                    "SELECT r.id, concat('sequence ', r.sequence_id, ' from ', r.date_from),
                    coalesce(CASE WHEN s.implementation = 'standard' THEN p.last_value END, r.number_next, 0)
                 FROM ir_sequence_date_range r JOIN ir_sequence s ON s.id = r.sequence_id
                 LEFT JOIN pg_sequences p ON p.schemaname = 'public' AND p.sequencename =
                    'ir_sequence_' || CASE WHEN s.id < 1000 THEN lpad(s.id::text, 3, '0') ELSE s.id::text END
                    || '_' || CASE WHEN r.id < 1000 THEN lpad(r.id::text, 3, '0') ELSE r.id::text END"
                        .into()
                })
        },
    },
    Invariant {
        id: "sequences-missing",
        area: "books",
        title: "number sequences that lack their counter in PostgreSQL",
        severity: Error,
        expect: Expect::NoneNew,
        remedy: "make the counter again (`CREATE SEQUENCE ir_sequence_NNN`) with the number it had",
        explained: &[],
        query: |ground| {
            ground.has("ir_sequence", &["implementation", "use_date_range"]).then(|| {
                "SELECT s.id, concat('sequence ', s.id, ' (', s.code, ')'), 'no counter' FROM ir_sequence s
                 WHERE s.implementation = 'standard' AND NOT EXISTS (SELECT FROM pg_sequences p WHERE p.schemaname = 'public'
                    AND p.sequencename = 'ir_sequence_' || CASE WHEN s.id < 1000 THEN lpad(s.id::text, 3, '0') ELSE s.id::text END)".into()
            })
        },
    },
    Invariant {
        id: "hash-chain",
        area: "books",
        title: "entries sealed with a hash, per journal",
        severity: Error,
        expect: Expect::Same,
        remedy: "compare inalterable_hash of the entries in both databases: the chain must not be broken",
        explained: &[],
        query: |ground| {
            ground
                .has("account_move", &["inalterable_hash", "journal_id"])
                .then(|| {
                    "SELECT journal_id, concat('journal ', journal_id),
                    concat(count(*), ' entries, md5 ', md5(string_agg(inalterable_hash, ' ' ORDER BY id)))
                 FROM account_move WHERE inalterable_hash IS NOT NULL GROUP BY journal_id"
                        .into()
                })
        },
    },
    Invariant {
        id: "analytic",
        area: "books",
        title: "analytic amounts per account and month",
        severity: Error,
        expect: Expect::Same,
        remedy: "compare account_analytic_line in both databases",
        explained: &[],
        query: |ground| {
            ground.has("account_analytic_line", &["account_id", "amount", "date"]).then(|| {
                let amount = money("amount");
                format!(
                    "SELECT concat_ws(' ', coalesce(account_id, 0), to_char(date, 'YYYY-MM')),
                        concat('analytic account ', account_id, ', ', to_char(date, 'YYYY-MM')), concat(count(*), ' of ', {amount})
                     FROM account_analytic_line GROUP BY account_id, to_char(date, 'YYYY-MM')"
                )
            })
        },
    },
    Invariant {
        id: "account-types",
        area: "books",
        title: "what kind of account each account is",
        severity: Warning,
        expect: Expect::NoneLost,
        remedy: "compare the types of these accounts: balance sheet and profit and loss are made from them",
        explained: &[],
        query: |ground| {
            ground.has("account_account", &["account_type"]).then(|| {
                let account = account(ground);
                format!("SELECT a.id, concat('account ', {account}), a.account_type FROM account_account a")
            })
        },
    },
];

/// Returns the expression for the code of an account `a`: since 18.0 it has one per company.
fn account(ground: &Ground) -> &'static str {
    if ground.series.major() >= 18 && ground.has("account_account", &["code_store"]) {
        "(SELECT min(value) FROM jsonb_each_text(a.code_store))"
    } else {
        "a.code"
    }
}
