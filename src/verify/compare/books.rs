//! The books must be what they were, to the last hundredth.

use std::collections::BTreeSet;
use std::fmt::Display;

use super::diff::{Difference, differences};
use super::{Comparison, Way, finding};
use crate::amount::Amount;
use crate::event::Severity;
use crate::verify::baseline::{Baseline, VatGrid};

pub(super) fn compare(before: &Baseline, after: &Baseline, way: &Way) -> Vec<Comparison> {
    let mut all = Vec::new();
    if !before.trial_balance.is_empty() {
        all.push(trial_balance(before, after));
        all.push(journals(before, after));
        all.push(unbalanced(before, after));
        all.push(open_items(before, after));
        all.push(documents(before, after));
    }
    if !before.vat.is_empty() || after.signed_tax_tags > before.signed_tax_tags {
        all.push(vat(before, after, way));
    }
    if !before.stock.is_empty() {
        all.push(stock(before, after, way));
    }
    all
}

/// Writes differences for people: `account 1510: 10 before, gone after`.
fn lines<K, T>(found: &[Difference<K, T>], name: impl Fn(&T) -> String, value: impl Fn(&T) -> String) -> Vec<String> {
    let side = |item: Option<&T>| item.map_or_else(|| "nothing".into(), &value);
    found
        .iter()
        .filter_map(|difference| {
            let any = difference.before.or(difference.after)?;
            Some(format!(
                "{}: {} before, {} after",
                name(any),
                side(difference.before),
                side(difference.after)
            ))
        })
        .collect()
}

fn differ(comparison: Comparison, code: &str, subject: &str, message: &str, evidence: Vec<String>) -> Comparison {
    if evidence.is_empty() {
        return comparison;
    }
    comparison.finding(finding(
        Severity::Error,
        (code, "books"),
        subject,
        message,
        "do not go live: find the journal items behind the difference, by id, in both databases",
        evidence,
    ))
}

fn trial_balance(before: &Baseline, after: &Baseline) -> Comparison {
    let found = differences(
        &before.trial_balance,
        &after.trial_balance,
        |row| (row.company, row.account),
        |b, a| (b.items, b.debit, b.credit, b.balance) == (a.items, a.debit, a.credit, a.balance),
    );
    let short = |baseline: &Baseline| {
        let debit: Amount = baseline.trial_balance.iter().map(|row| row.debit).sum();
        let credit: Amount = baseline.trial_balance.iter().map(|row| row.credit).sum();
        format!(
            "{} accounts, debit {debit}, credit {credit}",
            baseline.trial_balance.len()
        )
    };
    let evidence = lines(
        &found,
        |row| {
            let code = row.code.as_deref().unwrap_or("without code");
            format!("company {}, account {code} (id {})", row.company, row.account)
        },
        |row| {
            format!(
                "{} items, debit {}, credit {}, balance {}",
                row.items, row.debit, row.credit, row.balance
            )
        },
    );
    let recoded = differences(
        &before.trial_balance,
        &after.trial_balance,
        |row| (row.company, row.account),
        |b, a| b.code == a.code,
    );
    let comparison = Comparison::new(
        "trial-balance",
        "trial balance per company and account",
        short(before),
        short(after),
    );
    if evidence.is_empty() && !recoded.is_empty() {
        let codes = lines(
            &recoded,
            |row| format!("company {}, account id {}", row.company, row.account),
            |row| row.code.clone().unwrap_or_else(|| "no code".into()),
        );
        return comparison.finding(finding(
            Severity::Warning,
            ("account-code-changed", "books"),
            "account.account",
            "accounts have another code than before",
            "check the chart of accounts; reports and interfaces find accounts by their code",
            codes,
        ));
    }
    differ(
        comparison,
        "books-differ",
        "trial balance",
        "the trial balance is not what it was",
        evidence,
    )
}

fn journals(before: &Baseline, after: &Baseline) -> Comparison {
    let found = differences(
        &before.journals,
        &after.journals,
        |row| (row.company, row.journal, row.month.as_str()),
        |b, a| b == a,
    );
    let evidence = lines(
        &found,
        |row| format!("company {}, journal {}, {}", row.company, row.journal, row.month),
        |row| format!("{} items, debit {}, credit {}", row.items, row.debit, row.credit),
    );
    let short = |baseline: &Baseline| format!("{} months of journals", baseline.journals.len());
    differ(
        Comparison::new(
            "journals",
            "posted items per company, journal and month",
            short(before),
            short(after),
        ),
        "journals-differ",
        "journals",
        "posted items of a month are not what they were",
        evidence,
    )
}

fn unbalanced(before: &Baseline, after: &Baseline) -> Comparison {
    let old: BTreeSet<i64> = before.unbalanced.iter().copied().collect();
    let evidence = after
        .unbalanced
        .iter()
        .filter(|id| !old.contains(id))
        .map(|id| format!("account.move {id}"))
        .collect();
    let comparison = Comparison::new(
        "unbalanced",
        "entries that do not add up to zero",
        before.unbalanced.len(),
        after.unbalanced.len(),
    );
    differ(
        comparison,
        "entries-unbalanced",
        "account.move",
        "entries that added up to zero no longer do",
        evidence,
    )
}

fn open_items(before: &Baseline, after: &Baseline) -> Comparison {
    let found = differences(
        &before.open_items,
        &after.open_items,
        |row| (row.company, row.kind.as_str(), row.partner),
        |b, a| b == a,
    );
    let evidence = lines(
        &found,
        |row| {
            let partner = row
                .partner
                .map_or_else(|| "no partner".into(), |id| format!("partner {id}"));
            format!("company {}, {}, {partner}", row.company, row.kind)
        },
        |row| format!("{} items, {} open", row.items, row.residual),
    );
    let short = |baseline: &Baseline| {
        let items: u64 = baseline.open_items.iter().map(|row| row.items).sum();
        let of = |kind: &str| -> Amount {
            let rows = baseline.open_items.iter().filter(|row| row.kind == kind);
            rows.map(|row| row.residual).sum()
        };
        format!(
            "{items} items, receivable {}, payable {}",
            of("receivable"),
            of("payable")
        )
    };
    differ(
        Comparison::new(
            "open-items",
            "open receivables and payables per partner",
            short(before),
            short(after),
        ),
        "open-items-differ",
        "open items",
        "what partners owe and are owed is not what it was",
        evidence,
    )
}

fn documents(before: &Baseline, after: &Baseline) -> Comparison {
    let found = differences(
        &before.documents,
        &after.documents,
        |row| {
            (
                row.company,
                row.kind.as_str(),
                row.state.as_str(),
                row.payment_state.as_str(),
            )
        },
        |b, a| b == a,
    );
    let evidence = lines(
        &found,
        |row| {
            format!(
                "company {}, {} {} {}",
                row.company, row.kind, row.state, row.payment_state
            )
        },
        |row| format!("{}, total {}, open {}", row.count, row.total, row.residual),
    );
    let short = |baseline: &Baseline| {
        let count: u64 = baseline.documents.iter().map(|row| row.count).sum();
        format!("{count} entries")
    };
    differ(
        Comparison::new(
            "documents",
            "invoices and entries by kind, state and payment",
            short(before),
            short(after),
        ),
        "documents-differ",
        "account.move",
        "invoices or entries changed their state or their sums",
        evidence,
    )
}

/// Grids that a series shows with the other sign, and counts with the other sign in the sum to pay: (the hop's target, grid).
///
/// The taxes of `l10n_se` had `-se_48` on purchases until 17.0 and `se_49` added it; 18.0 has `+se_48` and deducts it.
const TURNED: [(u8, &str); 1] = [(18, "se_48")];

/// The entries themselves are right, and what is reported of them to the tax agency is not: an error.
fn vat(before: &Baseline, after: &Baseline, way: &Way) -> Comparison {
    let nonzero = |rows: &[VatGrid]| -> Vec<VatGrid> {
        let kept = rows.iter().filter(|row| !row.amount.is_zero());
        kept.cloned().collect()
    };
    let (mut old, new) = (nonzero(&before.vat), nonzero(&after.vat));
    let is_turned = |grid: &str| TURNED.iter().any(|(hop, of)| *of == grid && way.passes(*hop));
    for row in old.iter_mut().filter(|row| is_turned(&row.grid)) {
        row.amount = -row.amount;
    }
    let found = differences(
        &old,
        &new,
        |row| (row.company, row.grid.as_str(), row.month.as_str()),
        |b, a| b.amount == a.amount,
    );
    let short = |rows: &[VatGrid]| count(rows.len(), "figure that is not zero", "figures that are not zero");
    let comparison = Comparison::new(
        "vat",
        "tax report per company, grid and month",
        short(&old),
        short(&new),
    );
    let mut evidence = lines(
        &found,
        |row| format!("company {}, {} in {}", row.company, row.grid, row.month),
        |row| row.amount.to_string(),
    );
    let signed = after.signed_tax_tags;
    if signed > 0 {
        let links = count(signed, "link", "links");
        evidence.insert(
            0,
            format!(
                "taxes have {links} to tags with a sign, which {} does not read: new invoices would be missing too",
                after.version
            ),
        );
    }
    if evidence.is_empty() {
        return comparison;
    }
    let grids: BTreeSet<&str> = found.iter().map(|difference| difference.key.1).collect();
    let grids: Vec<&str> = grids.into_iter().collect();
    let to_zero = found.iter().all(|difference| difference.after.is_none());
    let message = match (grids.is_empty(), to_zero) {
        (true, _) => "the tax report will not find new invoices".to_owned(),
        (_, true) => format!("the tax report of the past reads zero for {}", grids.join(", ")),
        (_, false) => format!(
            "the tax report of the past reads something else for {}",
            grids.join(", ")
        ),
    };
    let remedy = if way.passes(19) && to_zero {
        let example = grids.first().copied().unwrap_or("se_05");
        format!(
            "19.0 looks for tags without a sign: add the playbook `l10n_se` to the plan, or in an `after` step move the links of `+{example}` and `-{example}` to the tag \
             `{example}`, likewise for every grid, in account_account_tag_account_move_line_rel and \
             account_account_tag_account_tax_repartition_line_rel"
        )
    } else if found.iter().any(|difference| is_turned(difference.key.1)) {
        "18.0 shows se_48 without a minus and deducts it: add the playbook `l10n_se` to the plan, or in a `before` step of the \
         hop to 18.0 let journal items and tax repartition lines change `-se_48` and `+se_48` with each other"
            .into()
    } else {
        "compare the tags of the journal items with those the tax report of the new series asks for".into()
    };
    comparison.finding(finding(
        Severity::Error,
        ("vat-differs", "tax"),
        "tax report",
        message,
        remedy,
        evidence,
    ))
}

fn stock(before: &Baseline, after: &Baseline, way: &Way) -> Comparison {
    let reserved_counts = !way.passes(17);
    let found = differences(
        &before.stock,
        &after.stock,
        |row| (row.product, row.location),
        |b, a| b.quantity == a.quantity && (b.reserved == a.reserved || !reserved_counts),
    );
    let short = |baseline: &Baseline| {
        let quantity: Amount = baseline.stock.iter().map(|row| row.quantity).sum();
        let places = count(baseline.stock.len(), "place", "places");
        format!("{quantity} pieces in {places}")
    };
    let comparison = Comparison::new("stock", "stock per product and location", short(before), short(after));
    let evidence = lines(
        &found,
        |row| format!("product {}, location {}", row.product, row.location),
        |row| format!("{}, {} of it reserved", row.quantity, row.reserved),
    );
    if evidence.is_empty() {
        return comparison;
    }
    comparison.finding(finding(
        Severity::Error,
        ("stock-differs", "stock"),
        "stock.quant",
        "what is in stock is not what it was",
        "look at the stock moves of these products in both databases",
        evidence,
    ))
}

fn count<N: Copy + Display + PartialEq + From<u8>>(number: N, one: &str, many: &str) -> String {
    let word = if number == N::from(1) { one } else { many };
    format!("{number} {word}")
}
