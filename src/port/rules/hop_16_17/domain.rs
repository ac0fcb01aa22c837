//! A domain of `attrs` as the Python expression that 17.0 evaluates in its place.

use ruff_python_ast::{Expr, Number, UnaryOp};

use crate::port::{Python, range};

/// How strongly an expression binds, weakest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Binds {
    Or,
    And,
    Not,
    Compare,
    Atom,
}

/// An expression.
struct Term {
    text: String,
    binds: Binds,
}

impl Term {
    fn new(text: impl Into<String>, binds: Binds) -> Term {
        Term {
            text: text.into(),
            binds,
        }
    }

    /// Its text where what stands around it binds this strongly.
    fn within(self, binds: Binds) -> String {
        if self.binds < binds {
            format!("({})", self.text)
        } else {
            self.text
        }
    }

    fn join(terms: Vec<Term>, word: &str, binds: Binds) -> Term {
        match <[Term; 1]>::try_from(terms) {
            Ok([only]) => only,
            Err(terms) => {
                let terms: Vec<String> = terms.into_iter().map(|term| term.within(binds)).collect();
                Term::new(terms.join(word), binds)
            }
        }
    }

    fn not(self) -> Term {
        match self.text.strip_prefix("not ") {
            Some(inner) if self.binds == Binds::Not => Term::new(inner, Binds::Compare),
            _ => Term::new(format!("not {}", self.within(Binds::Not)), Binds::Not),
        }
    }
}

/// Turns the value of a modifier, a domain or something true or false, into an expression; `text` is what `expr` was
/// parsed from. Nothing when it says never. The error names what has no sure equivalent.
pub(super) fn expression(expr: &Expr, text: &str) -> Result<Option<String>, String> {
    let elements = match expr {
        Expr::List(list) => &list.elts,
        Expr::Tuple(tuple) => &tuple.elts,
        _ => return Ok(truth(expr)?.then(|| "True".to_owned())),
    };
    if elements.is_empty() {
        return Ok(None);
    }
    let mut rest = elements.as_slice();
    let mut terms = Vec::new();
    while !rest.is_empty() {
        terms.push(term(&mut rest, text)?);
    }
    Ok(Some(Term::join(terms, " and ", Binds::And).text))
}

fn truth(expr: &Expr) -> Result<bool, String> {
    match expr {
        Expr::BooleanLiteral(literal) => Ok(literal.value),
        Expr::NoneLiteral(_) => Ok(false),
        Expr::NumberLiteral(literal) => Ok(!matches!(&literal.value, Number::Int(value) if *value == 0)),
        Expr::Name(name) if matches!(name.id.as_str(), "true" | "false") => Ok(name.id.as_str() == "true"),
        _ => Err("it is neither a domain nor true or false".to_owned()),
    }
}

/// Takes the next term of a domain in Polish notation.
fn term(rest: &mut &[Expr], text: &str) -> Result<Term, String> {
    let [first, others @ ..] = *rest else {
        return Err("an operator of the domain lacks an operand".to_owned());
    };
    *rest = others;
    match Python::string(first) {
        Some("|") => operands(rest, text, "|", " or ", Binds::Or),
        Some("&") => operands(rest, text, "&", " and ", Binds::And),
        Some("!") => Ok(term(rest, text)?.not()),
        Some(other) => Err(format!("`{other}` is no operator of a domain")),
        None => leaf(first, text),
    }
}

/// Takes both operands; one that begins with the same operator is taken apart, it needs no parentheses.
fn operands(rest: &mut &[Expr], text: &str, sign: &str, word: &str, binds: Binds) -> Result<Term, String> {
    let mut terms = Vec::new();
    let mut wanted = 2;
    while wanted > 0 {
        match rest.first().and_then(Python::string) {
            Some(same) if same == sign => {
                *rest = &rest[1..];
                wanted += 1;
            }
            _ => {
                terms.push(term(rest, text)?);
                wanted -= 1;
            }
        }
    }
    Ok(Term::join(terms, word, binds))
}

fn leaf(expr: &Expr, text: &str) -> Result<Term, String> {
    let elements = match expr {
        Expr::List(list) => &list.elts,
        Expr::Tuple(tuple) => &tuple.elts,
        _ => return Err(format!("`{}` is no term of a domain", &text[range(expr)])),
    };
    let [left, operator, right] = elements.as_slice() else {
        return Err(format!("`{}` is no term of a domain", &text[range(expr)]));
    };
    let Some(operator) = Python::string(operator) else {
        return Err("the operator is no text".to_owned());
    };
    let Some(field) = Python::string(left) else {
        // `(1, '=', 1)`: always, or never.
        let (left, right) = (truth(left)?, truth(right)?);
        let holds = match operator {
            "=" | "==" => left == right,
            "!=" | "<>" => left != right,
            _ => return Err(format!("`{}` has no field", &text[range(expr)])),
        };
        return Ok(Term::new(if holds { "True" } else { "False" }, Binds::Atom));
    };
    if !is_field(field) {
        return Err(format!("`{field}` is not a field of the record or of its parent"));
    }
    let value = value(right, text)?;
    let compare = |sign: &str| Ok(Term::new(format!("{field} {sign} {value}"), Binds::Compare));
    match operator {
        "=" | "==" => Ok(match value.as_str() {
            "True" => Term::new(field, Binds::Atom),
            "False" | "None" | "[]" | "()" => Term::new(field, Binds::Atom).not(),
            _ if right.is_list_expr() || right.is_tuple_expr() => return compare("in"),
            _ => return compare("=="),
        }),
        "!=" | "<>" => Ok(match value.as_str() {
            "True" => Term::new(field, Binds::Atom).not(),
            "False" | "None" | "[]" | "()" => Term::new(field, Binds::Atom),
            _ if right.is_list_expr() || right.is_tuple_expr() => return compare("not in"),
            _ => return compare("!="),
        }),
        "<" | ">" | "<=" | ">=" => compare(operator),
        "in" | "not in" => Ok(member(field, operator, right, text)?),
        "=?" => match value.as_str() {
            "False" | "None" => Ok(Term::new("True", Binds::Atom)),
            _ => compare("=="),
        },
        _ => Err(format!("the operator `{operator}` has no equivalent")),
    }
}

fn member(field: &str, operator: &str, right: &Expr, text: &str) -> Result<Term, String> {
    let single = std::slice::from_ref(right);
    let elements = match right {
        Expr::List(list) => list.elts.as_slice(),
        Expr::Tuple(tuple) => tuple.elts.as_slice(),
        _ => single,
    };
    // A field of many records is a list of ids: one of them has to be meant.
    if field.ends_with("_ids") {
        let mut terms = Vec::new();
        for element in elements {
            terms.push(Term::new(
                format!("{} {operator} {field}", value(element, text)?),
                Binds::Compare,
            ));
        }
        return Ok(match (terms.is_empty(), operator) {
            (true, "in") => Term::new("False", Binds::Atom),
            (true, _) => Term::new("True", Binds::Atom),
            (false, "in") => Term::join(terms, " or ", Binds::Or),
            (false, _) => Term::join(terms, " and ", Binds::And),
        });
    }
    let value = value(right, text)?;
    Ok(match right {
        Expr::List(_) | Expr::Tuple(_) | Expr::Name(_) | Expr::Attribute(_) => {
            Term::new(format!("{field} {operator} {value}"), Binds::Compare)
        }
        _ => Term::new(format!("{field} {operator} [{value}]"), Binds::Compare),
    })
}

fn is_field(name: &str) -> bool {
    let name = name.strip_prefix("parent.").unwrap_or(name);
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// The text of a value, on one line.
fn value(expr: &Expr, text: &str) -> Result<String, String> {
    let written = &text[range(expr)];
    let sequence = |elements: &[Expr], open: &str, close: &str| {
        let values: Result<Vec<String>, String> = elements.iter().map(|element| value(element, text)).collect();
        values.map(|values| format!("{open}{}{close}", values.join(", ")))
    };
    match expr {
        Expr::List(list) => sequence(&list.elts, "[", "]"),
        Expr::Tuple(tuple) if tuple.elts.len() == 1 => sequence(&tuple.elts, "(", ",)"),
        Expr::Tuple(tuple) => sequence(&tuple.elts, "(", ")"),
        Expr::BooleanLiteral(_) | Expr::NoneLiteral(_) | Expr::NumberLiteral(_) => Ok(written.to_owned()),
        Expr::StringLiteral(literal) if literal.value.as_slice().len() == 1 => Ok(written.to_owned()),
        Expr::UnaryOp(unary) if unary.op == UnaryOp::USub && unary.operand.is_number_literal_expr() => {
            Ok(written.to_owned())
        }
        // The client read these as JavaScript does.
        Expr::Name(name) => Ok(match name.id.as_str() {
            "true" => "True",
            "false" => "False",
            "null" => "None",
            other => other,
        }
        .to_owned()),
        Expr::Attribute(_) | Expr::Call(_) => Ok(written.split_whitespace().collect::<Vec<_>>().join(" ")),
        _ => Err(format!("`{written}` is not a plain value")),
    }
}

#[cfg(test)]
mod tests {
    use ruff_python_parser::parse_expression;

    use super::*;

    fn said(domain: &str) -> String {
        let parsed = parse_expression(domain).unwrap();
        match expression(parsed.expr(), domain) {
            Ok(text) => text.unwrap_or_else(|| "never".to_owned()),
            Err(why) => format!("no: {why}"),
        }
    }

    #[test]
    fn a_domain_becomes_the_expression_that_means_the_same() {
        for (domain, expected) in [
            ("[('a', '=', 'x')]", "a == 'x'"),
            ("[('a', '=', False), ('b', '!=', False)]", "not a and b"),
            ("['|', ('a', '=', True), ('b', '>', 0)]", "a or b > 0"),
            (
                "['|', '|', ('a', '=', 1), ('b', '=', 2), ('c', '=', 3), ('d', '=', 4)]",
                "(a == 1 or b == 2 or c == 3) and d == 4",
            ),
            (
                "['|', ('a', '=', 1), '&', ('b', '=', 2), ('c', '=', 3)]",
                "a == 1 or b == 2 and c == 3",
            ),
            (
                "['&', '|', ('a', '=', 1), ('b', '=', 2), ('c', '=', 3)]",
                "(a == 1 or b == 2) and c == 3",
            ),
            ("['!', ('a', '=', 1)]", "not a == 1"),
            ("['!', ('a', '=', False)]", "a"),
            ("['!', '|', ('a', '=', 1), ('b', '=', 2)]", "not (a == 1 or b == 2)"),
            (
                "[('state', 'not in', ('draft','sent'))]",
                "state not in ('draft', 'sent')",
            ),
            ("[('state', 'in', ['draft'])]", "state in ['draft']"),
            ("[('state', 'in', 'draft')]", "state in ['draft']"),
            ("[('line_ids', '=', [])]", "not line_ids"),
            ("[('tag_ids', 'in', [1, 2])]", "1 in tag_ids or 2 in tag_ids"),
            ("[('parent.state', '!=', 'done')]", "parent.state != 'done'"),
            ("[('a', '=', ['x', 'y'])]", "a in ['x', 'y']"),
            ("[('a', '=?', 3)]", "a == 3"),
            ("[(1, '=', 1)]", "True"),
            ("[('n', '=', -1)]", "n == -1"),
            ("[('a', '=', true)]", "a"),
            ("[]", "never"),
            ("0", "never"),
            ("1", "True"),
            ("[('a', 'ilike', 'x')]", "no: the operator `ilike` has no equivalent"),
            (
                "[('a.b', '=', 'x')]",
                "no: `a.b` is not a field of the record or of its parent",
            ),
            ("['|', ('a', '=', 1)]", "no: an operator of the domain lacks an operand"),
            ("[('a', '=')]", "no: `('a', '=')` is no term of a domain"),
            ("uid", "no: it is neither a domain nor true or false"),
        ] {
            assert_eq!(said(domain), expected, "{domain}");
        }
    }
}
