//! Fields of 17.0 that have another name, or another sense.

use crate::port::Level;
use crate::port::rules::fields::{Changed, csv, python, renamed, say_python, say_xml, xml};
use crate::port::rules::renames::Renamed;
use crate::port::rules::{Deed, Look, Rule};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "18.15",
        title: "period_lock_date of companies",
        why: "sales and purchases are locked by a date of their own",
        source: "addons/account/models/company.py, 17.0 and 18.0",
        deed: Deed::Detect,
        words: &["period_lock_date"],
        looks: &[
            Look::Python(|it, found| say_python(it, found, LOCK)),
            Look::Xml(|it, found| say_xml(it, found, LOCK)),
        ],
    },
    Rule {
        id: "18.16",
        title: "reversal_move_id → reversal_move_ids",
        why: "the field has another name: views and code that name the old one fail",
        source: "addons/account/models/account_move.py, 17.0 and 18.0",
        deed: Deed::Mechanical,
        words: &["reversal_move_id"],
        looks: &[
            Look::Python(|it, found| python(it, found, REVERSAL)),
            Look::Xml(|it, found| xml(it, found, REVERSAL)),
            Look::Csv(|it, found| csv(it, found, REVERSAL)),
        ],
    },
    Rule {
        id: "18.23",
        title: "companies and codes of accounts",
        why: "an account belongs to several companies and has a code in each",
        source: "addons/account/models/account_account.py, 17.0 and 18.0",
        deed: Deed::Detect,
        words: &["company_id"],
        looks: &[
            Look::Python(|it, found| say_python(it, found, ACCOUNT)),
            Look::Xml(|it, found| say_xml(it, found, ACCOUNT)),
        ],
    },
];

const REVERSAL: &[Renamed] = &[renamed(
    &["account.move"],
    "reversal_move_id",
    "reversal_move_ids",
    true,
)];
const LOCK: &[Changed] = &[Changed {
    models: &["res.company"],
    name: "period_lock_date",
    alone: true,
    level: Level::Error,
    message: "period_lock_date of companies is gone in 18.0",
    remedy: "sale_lock_date and purchase_lock_date; company._get_violated_lock_dates(date, …) for all",
}];
const ACCOUNT: &[Changed] = &[Changed {
    models: &["account.account"],
    name: "company_id",
    alone: false,
    level: Level::Error,
    message: "company_id of accounts is company_ids in 18.0",
    remedy: "(\"company_ids\", \"in\", company.ids) in domains; account.with_company(company).code for its code there",
}];
