//! Fields of 16.0 that have another name. Their order matters: two of hr.expense change places.

use crate::port::Level;
use crate::port::rules::fields::{Changed, python, renamed, say_python, say_xml, xml};
use crate::port::rules::renames::Renamed;
use crate::port::rules::{Deed, Look, Rule};

/// A rule about fields of hr.expense.
macro_rules! expense {
    ($id:literal, $title:literal, $words:expr, $table:ident) => {
        Rule {
            id: $id,
            title: $title,
            why: "the field has another name: views and code that name the old one fail, or read another amount",
            source: "addons/hr_expense/models/hr_expense.py, 16.0 and 17.0",
            deed: Deed::Mechanical,
            words: $words,
            looks: &[
                Look::Python(|it, found| python(it, found, $table)),
                Look::Xml(|it, found| xml(it, found, $table)),
            ],
        }
    };
}

pub(super) const RULES: &[Rule] = &[
    expense!(
        "17.11",
        "total_amount of hr.expense → total_amount_currency",
        &["total_amount"],
        TOTAL
    ),
    expense!(
        "17.12",
        "unit_amount of hr.expense → price_unit",
        &["unit_amount"],
        UNIT
    ),
    expense!(
        "17.13",
        "amount_tax of hr.expense → tax_amount_currency",
        &["amount_tax"],
        TAX
    ),
    expense!(
        "17.14",
        "untaxed_amount of hr.expense → untaxed_amount_currency",
        &["untaxed_amount"],
        UNTAXED
    ),
    expense!(
        "17.15",
        "total_amount_company of hr.expense → total_amount",
        &["total_amount_company"],
        COMPANY
    ),
    expense!(
        "17.16",
        "sheet_is_editable → is_editable, attachment_number → nb_attachment",
        &["sheet_is_editable", "attachment_number"],
        EDITABLE
    ),
    Rule {
        id: "17.17",
        title: "the private address of employees",
        why: "an employee has private_street, private_email and their like; no contact holds the private address",
        source: "addons/hr/models/hr_employee.py, 16.0 and 17.0",
        deed: Deed::Detect,
        words: &["address_home_id"],
        looks: &[
            Look::Python(|it, found| say_python(it, found, HOME)),
            Look::Xml(|it, found| say_xml(it, found, HOME)),
        ],
    },
    Rule {
        id: "17.18",
        title: "l10n_mx_tax_type → l10n_mx_factor_type",
        why: "the field has another name: views and code that name the old one fail",
        source: "addons/l10n_mx/models/account.py, 17.0",
        deed: Deed::Mechanical,
        words: &["l10n_mx_tax_type"],
        looks: &[
            Look::Python(|it, found| python(it, found, MEXICO)),
            Look::Xml(|it, found| xml(it, found, MEXICO)),
        ],
    },
];

const EXPENSE: &[&str] = &["hr.expense"];
const TOTAL: &[Renamed] = &[renamed(EXPENSE, "total_amount", "total_amount_currency", false)];
const UNIT: &[Renamed] = &[renamed(EXPENSE, "unit_amount", "price_unit", false)];
const TAX: &[Renamed] = &[renamed(EXPENSE, "amount_tax", "tax_amount_currency", false)];
const UNTAXED: &[Renamed] = &[renamed(EXPENSE, "untaxed_amount", "untaxed_amount_currency", false)];
const COMPANY: &[Renamed] = &[renamed(EXPENSE, "total_amount_company", "total_amount", true)];
const EDITABLE: &[Renamed] = &[
    renamed(EXPENSE, "sheet_is_editable", "is_editable", true),
    renamed(EXPENSE, "attachment_number", "nb_attachment", false),
];
const MEXICO: &[Renamed] = &[renamed(
    &["account.tax", "account.tax.template"],
    "l10n_mx_tax_type",
    "l10n_mx_factor_type",
    true,
)];
const HOME: &[Changed] = &[Changed {
    models: &["hr.employee", "hr.employee.base"],
    name: "address_home_id",
    alone: true,
    level: Level::Error,
    message: "address_home_id of employees is gone in 17.0",
    remedy: "private_street, private_city, private_email, …; work_contact_id is the contact at work",
}];
