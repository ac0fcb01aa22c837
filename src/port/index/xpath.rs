//! A small evaluator of `XPath` 1.0: what views and templates are located with.
//!
//! What it does not know it does not decide.

mod eval;
mod parse;

use super::arch::Tree;

/// What came of a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome<T> {
    /// Found.
    Found(T),
    /// Certainly not there.
    Nothing,
    /// The expression says something that is not known here.
    Undecided,
}

/// Finds the first element of an expression, evaluated at the root of a tree.
pub(crate) fn first(tree: &Tree, expr: &str) -> Outcome<usize> {
    let Some(parsed) = parse::parse(expr) else {
        return Outcome::Undecided;
    };
    match eval::nodes(tree, &parsed) {
        Some(nodes) => nodes.first().copied().map_or(Outcome::Nothing, Outcome::Found),
        None => Outcome::Undecided,
    }
}

/// Returns all elements of an expression; nothing when it cannot be decided.
pub(crate) fn all(tree: &Tree, expr: &str) -> Option<Vec<usize>> {
    eval::nodes(tree, &parse::parse(expr)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: &str = r#"<form><sheet><group name="a"><field name="x" class="o_a b"/><field name="y"/></group>
        <notebook><page string="Lines"><field name="lines"><list><field name="x"/></list></field></page></notebook>
        <p>Hello <b>you</b></p></sheet><footer/></form>"#;

    fn at(expr: &str) -> String {
        let tree = Tree::parse(FORM, 0, 0).unwrap();
        match first(&tree, expr) {
            Outcome::Found(node) => {
                let name = tree.attr(node, "name").unwrap_or_default();
                format!("{} {name}", tree.tag(node))
            }
            Outcome::Nothing => "-".to_owned(),
            Outcome::Undecided => "?".to_owned(),
        }
    }

    #[test]
    fn what_views_are_located_with_is_found_as_libxml_finds_it() {
        for (expr, found) in [
            ("//field[@name='y']", "field y"),
            ("/form/sheet/group", "group a"),
            ("/sheet", "-"),
            ("sheet/group[@name='a']/field[2]", "field y"),
            (".", "form "),
            ("//field[@name='lines']/list/field[@name='x']", "field x"),
            ("//list/field[@name='y']", "-"),
            ("//field[@name='y']/..", "group a"),
            ("//field[hasclass('b')]", "field x"),
            ("//field[hasclass('b', 'c')]", "-"),
            ("//field[contains(@class, 'o_a')]", "field x"),
            ("//page[@string='Lines']//field[1]", "field lines"),
            ("(//field[@name='x'])[2]/..", "list "),
            ("//field[@name='x'][last()]", "field x"),
            ("//field[last()]", "field y"),
            ("//group[field[@name='y']]", "group a"),
            ("//field[@name='y']/preceding-sibling::field[1]", "field x"),
            ("//field[@name='y']/ancestor::sheet", "sheet "),
            ("//*[@name='a'] | //footer", "group a"),
            ("//field[not(@class) and @name!='lines']", "field y"),
            ("//p[b[text()='you']]", "p "),
            ("//page[normalize-space(@string)='Lines'][position()=1]", "page "),
            ("//*[local-name()='page']", "?"),
            ("//field[@name=", "?"),
        ] {
            assert_eq!(at(expr), found, "{expr}");
        }
    }
}
