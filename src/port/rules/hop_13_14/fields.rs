//! Fields of account.move.

use crate::port::rules::fields::{csv, python, renamed, xml};
use crate::port::rules::renames::Renamed;
use crate::port::rules::{Deed, Look, Rule};
use crate::port::{Found, Python, Xml};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "14.5",
        title: "type of account.move → move_type",
        why: "the field has another name: views and code that name the old one fail",
        source: "addons/account/models/account_move.py, 13.0 and 14.0",
        deed: Deed::Mechanical,
        words: &["type"],
        looks: &[
            Look::Python(|it, found| {
                python(it, found, TYPE);
                default_python(it, found);
            }),
            Look::Xml(|it, found| {
                xml(it, found, TYPE);
                default_xml(it, found);
            }),
            Look::Csv(|it, found| csv(it, found, TYPE)),
        ],
    },
    Rule {
        id: "14.6",
        title: "invoice_payment_state → payment_state",
        why: "the field has another name: views and code that name the old one fail",
        source: "addons/account/models/account_move.py, 13.0 and 14.0",
        deed: Deed::Mechanical,
        words: &["invoice_payment_state"],
        looks: &[
            Look::Python(|it, found| python(it, found, STATE)),
            Look::Xml(|it, found| xml(it, found, STATE)),
            Look::Csv(|it, found| csv(it, found, STATE)),
        ],
    },
    Rule {
        id: "14.7",
        title: "invoice_sent → is_move_sent",
        why: "the field has another name: views and code that name the old one fail",
        source: "addons/account/models/account_move.py, 13.0 and 14.0",
        deed: Deed::Mechanical,
        words: &["invoice_sent"],
        looks: &[
            Look::Python(|it, found| python(it, found, SENT)),
            Look::Xml(|it, found| xml(it, found, SENT)),
            Look::Csv(|it, found| csv(it, found, SENT)),
        ],
    },
];

const TYPE: &[Renamed] = &[renamed(
    &["account.move", "account.invoice.report"],
    "type",
    "move_type",
    false,
)];
const STATE: &[Renamed] = &[renamed(
    &["account.move"],
    "invoice_payment_state",
    "payment_state",
    true,
)];
const SENT: &[Renamed] = &[renamed(&["account.move"], "invoice_sent", "is_move_sent", true)];

/// Values that only the type of an entry has.
const TYPES: [&str; 7] = [
    "entry",
    "out_invoice",
    "out_refund",
    "in_invoice",
    "in_refund",
    "out_receipt",
    "in_receipt",
];

/// `default_type` of a context, known by its value.
fn default_in(text: &str, start: usize, found: &mut Found) {
    for (at, _) in text.match_indices("default_type") {
        let rest = text[at + "default_type".len()..].trim_start_matches(['\'', '"', ':', '=', ' ']);
        let value = rest.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).next();
        if value.is_some_and(|value| TYPES.contains(&value)) {
            found.replace(start + at..start + at + "default_type".len(), "default_move_type");
        }
    }
}

fn default_python(python: &Python<'_>, found: &mut Found) {
    default_in(python.text, 0, found);
}

fn default_xml(xml: &Xml<'_>, found: &mut Found) {
    default_in(&xml.text.replace("&quot;", "     '"), 0, found);
}
