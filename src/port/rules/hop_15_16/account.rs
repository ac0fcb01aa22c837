//! 16.8, 16.9: the type of an account is a selection.

use roxmltree::Node;

use crate::port::{Edit, Found, Python, Xml, range};

/// XML ids of account.account.type and what they are now.
const TYPES: [(&str, &str); 17] = [
    ("receivable", "asset_receivable"),
    ("payable", "liability_payable"),
    ("liquidity", "asset_cash"),
    ("credit_card", "liability_credit_card"),
    ("current_assets", "asset_current"),
    ("non_current_assets", "asset_non_current"),
    ("prepayments", "asset_prepayments"),
    ("fixed_assets", "asset_fixed"),
    ("current_liabilities", "liability_current"),
    ("non_current_liabilities", "liability_non_current"),
    ("equity", "equity"),
    ("revenue", "income"),
    ("other_income", "income_other"),
    ("expenses", "expense"),
    ("depreciation", "expense_depreciation"),
    ("direct_costs", "expense_direct_cost"),
    ("off_sheet", "off_balance"),
];

fn of_id(id: &str) -> Option<&'static str> {
    let name = id.rsplit('.').next()?.strip_prefix("data_account_type_")?;
    TYPES.iter().find(|(old, _)| *old == name).map(|(_, new)| *new)
}

/// `<field name="user_type_id" ref="account.data_account_type_receivable"/>` of an account.
pub(super) fn data(xml: &Xml<'_>, found: &mut Found) {
    for model in ["account.account", "account.account.template"] {
        for record in xml.records(model) {
            let Some(field) = Xml::field(record, "user_type_id") else {
                continue;
            };
            if let Some(kind) = field.attribute("ref").and_then(of_id) {
                found.replace(field.range(), format!("<field name=\"account_type\">{kind}</field>"));
            } else {
                say(field, found);
            }
        }
    }
}

fn say(field: Node<'_, '_>, found: &mut Found) {
    found.say(
        field.range().start,
        crate::port::Level::Error,
        "user_type_id of accounts is gone in 16.0",
        "account_type, one of asset_receivable, liability_payable, asset_cash, income, expense and more",
    );
}

/// Conditions such as `("account_id.internal_type", "=", "receivable")`, and keys of values.
pub(super) fn conditions(python: &Python<'_>, found: &mut Found) {
    for literal in &python.nodes.strings {
        let text = literal.value.to_str();
        let paths = ["user_type_id.type", "account_internal_type", "internal_type"];
        let Some(path) = paths
            .into_iter()
            .find(|path| text == *path || text.ends_with(&format!(".{path}")))
        else {
            if text == "user_type_id" || text.ends_with("account_id.user_type_id") {
                let at = range(*literal).start;
                keyed(python, at, literal, found);
            }
            continue;
        };
        // The value stands in the same condition.
        let end = range(*literal).end;
        let close = python.text[end..].find(')').map_or(end, |close| end + close);
        let values: Vec<_> = (python.nodes.strings.iter())
            .filter(|it| range(**it).start > end && range(**it).start < close)
            .collect();
        let known = |value: &str| matches!(value, "receivable" | "payable" | "liquidity" | "other");
        let mut edits = Vec::new();
        for value in &values {
            let new = match value.value.to_str() {
                "receivable" => "asset_receivable",
                "payable" => "liability_payable",
                _ => continue,
            };
            edits.extend(python.inside(value).map(|inside| Edit::replace(inside, new)));
        }
        let other = values.iter().filter(|it| known(it.value.to_str())).count() - edits.len();
        match python.inside(literal) {
            Some(inside) if !edits.is_empty() && other == 0 => {
                edits.push(Edit::replace(inside.end - path.len()..inside.end, "account_type"));
                found.change(edits);
            }
            _ => found.say(
                range(*literal).start,
                crate::port::Level::Warning,
                format!("`{text}`: the type of an account is account_type in 16.0, with other values"),
                "asset_receivable, liability_payable, asset_cash and liability_credit_card, …",
            ),
        }
    }
}

/// `"user_type_id": self.env.ref("account.data_account_type_revenue").id`
fn keyed(python: &Python<'_>, at: usize, literal: &ruff_python_ast::ExprStringLiteral, found: &mut Found) {
    let end = range(literal).end;
    let rest = &python.text[end..];
    let inside = python.inside(literal);
    let call = (python.nodes.calls.iter()).find(|call| {
        let start = range(**call).start;
        start > end
            && python.text[end..start].chars().all(|c| matches!(c, ':' | ' '))
            && Python::called(call) == Some("ref")
    });
    let kind = call.and_then(|call| of_id(call.arguments.args.first().and_then(Python::string)?));
    if let (Some(call), Some(kind), Some(inside)) = (call, kind, inside)
        && rest.starts_with(':')
        && python.text[range(*call).end..].starts_with(".id")
    {
        let start = range(*call).start;
        found.change(vec![
            Edit::replace(inside, "account_type"),
            Edit::replace(start..range(*call).end + 3, format!("\"{kind}\"")),
        ]);
    } else {
        found.say(
            at,
            crate::port::Level::Error,
            "user_type_id of accounts is gone in 16.0",
            "account_type, one of asset_receivable, liability_payable, asset_cash, income, expense and more",
        );
    }
}
