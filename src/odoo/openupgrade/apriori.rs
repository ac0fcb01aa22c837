//! `apriori.py`: which modules and models OpenUpgrade renames or merges. Read as text, never run.

use std::collections::BTreeMap;

/// What OpenUpgrade knows beforehand about one hop. Old name to new name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Apriori {
    /// Modules that have another name in the new series.
    pub renamed_modules: BTreeMap<String, String>,
    /// Modules that became part of another.
    pub merged_modules: BTreeMap<String, String>,
    /// Models that have another name.
    pub renamed_models: BTreeMap<String, String>,
    /// Models that became part of another.
    pub merged_models: BTreeMap<String, String>,
}

/// A text that is not an `apriori.py`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotApriori {
    /// A dictionary holds something other than pairs of texts.
    #[error("failed to read OpenUpgrade's apriori.py: `{name}` is not a dictionary of texts (line {line})")]
    NotTexts {
        /// The dictionary.
        name: &'static str,
        /// Where, counted from 1.
        line: usize,
    },
    /// None of the dictionaries is there.
    #[error("failed to read OpenUpgrade's apriori.py: it defines no `renamed_modules`")]
    Empty,
}

/// Reads an `apriori.py`. A dictionary that is missing is empty: old series do not have them all.
pub fn parse_apriori(text: &str) -> Result<Apriori, NotApriori> {
    let apriori = Apriori {
        renamed_modules: dictionary(text, "renamed_modules")?.ok_or(NotApriori::Empty)?,
        merged_modules: dictionary(text, "merged_modules")?.unwrap_or_default(),
        renamed_models: dictionary(text, "renamed_models")?.unwrap_or_default(),
        merged_models: dictionary(text, "merged_models")?.unwrap_or_default(),
    };
    Ok(apriori)
}

/// Reads `name = { 'old': 'new', … }`, a statement at the margin.
fn dictionary(text: &str, name: &'static str) -> Result<Option<BTreeMap<String, String>>, NotApriori> {
    let Some(start) = assignment(text, name) else {
        return Ok(None);
    };
    let fail = |rest: &str| NotApriori::NotTexts {
        name,
        line: text[..text.len() - rest.len()].matches('\n').count() + 1,
    };
    let mut rest = skip_blank(start).strip_prefix('{').ok_or_else(|| fail(start))?;
    let mut map = BTreeMap::new();
    loop {
        rest = skip_blank(rest);
        if rest.starts_with('}') {
            return Ok(Some(map));
        }
        let (key, after) = string(rest).ok_or_else(|| fail(rest))?;
        let after = skip_blank(after).strip_prefix(':').ok_or_else(|| fail(after))?;
        let (value, after) = value(skip_blank(after)).ok_or_else(|| fail(after))?;
        // One key of 16.0 ends in a blank.
        map.insert(key.trim().to_owned(), value.trim().to_owned());
        rest = skip_blank(after);
        rest = rest.strip_prefix(',').unwrap_or(rest);
    }
}

fn assignment<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = text;
    while let Some(at) = rest.find(name) {
        let at_margin = at == 0 || rest.as_bytes()[at - 1] == b'\n';
        let after = &rest[at + name.len()..];
        if at_margin && let Some(value) = after.trim_start_matches(' ').strip_prefix('=') {
            return Some(value);
        }
        rest = after;
    }
    None
}

/// Skips white space and comments.
fn skip_blank(text: &str) -> &str {
    let mut rest = text.trim_start();
    while let Some(comment) = rest.strip_prefix('#') {
        rest = comment.find('\n').map_or("", |end| &comment[end..]).trim_start();
    }
    rest
}

/// Reads a value: texts that follow one another are one, in brackets or not; a long name is broken that way.
fn value(text: &str) -> Option<(String, &str)> {
    let (bracket, mut rest) = text
        .strip_prefix('(')
        .map_or((false, text), |inner| (true, skip_blank(inner)));
    let (first, after) = string(rest)?;
    let mut value = first.to_owned();
    rest = skip_blank(after);
    while let Some((part, after)) = string(rest) {
        value.push_str(part);
        rest = skip_blank(after);
    }
    let rest = if bracket { rest.strip_prefix(')')? } else { rest };
    Some((value, rest))
}

/// Reads a Python text in single or double quotes; names hold no escapes.
fn string(text: &str) -> Option<(&str, &str)> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let inner = &text[1..];
    let end = inner.find(quote)?;
    let value = &inner[..end];
    (!value.contains(['\\', '\n'])).then_some((value, &inner[end + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\"\"\"renamed_modules = nothing\n\"\"\"\n# renamed_modules\n\
        renamed_modules = {\n    # odoo\n    \"l10n_ec_website_sale\": \"l10n_ec_sale\",\n    'gift_card ': 'loyalty'  # why\n}\n\
        merged_modules = {}\nrenamed_models={'procurement.group': 'stock.reference',}\n";

    #[test]
    fn dictionaries_are_read_with_comments_and_stray_blanks() {
        let apriori = parse_apriori(TEXT).unwrap();
        assert_eq!(apriori.renamed_modules["l10n_ec_website_sale"], "l10n_ec_sale");
        assert_eq!(apriori.renamed_modules["gift_card"], "loyalty");
        assert_eq!(apriori.renamed_models["procurement.group"], "stock.reference");
        assert!(apriori.merged_modules.is_empty() && apriori.merged_models.is_empty());
    }

    #[test]
    fn a_long_name_may_be_broken_as_it_is_in_16_and_18() {
        let text = "renamed_modules = {\n    \"account_statement_import_file_reconciliation_widget\": (\n        \
            \"account_statement_import_file_reconcile_oca\"\n    ),\n    \"x\": \"\"  # why\n    \"long\" \"er\",\n}";
        let apriori = parse_apriori(text).unwrap();
        let widget = "account_statement_import_file_reconciliation_widget";
        assert_eq!(
            apriori.renamed_modules[widget],
            "account_statement_import_file_reconcile_oca"
        );
        assert_eq!(apriori.renamed_modules["x"], "longer");
        assert!(parse_apriori("renamed_modules = {'a': ('b' 'c'}").is_err());
    }

    #[test]
    fn what_is_not_a_text_is_named_with_its_line() {
        let text = "renamed_modules = {\n  'a': 'b',\n  'c': 3,\n}";
        assert_eq!(
            parse_apriori(text),
            Err(NotApriori::NotTexts {
                name: "renamed_modules",
                line: 3
            })
        );
        assert_eq!(parse_apriori("x = 1"), Err(NotApriori::Empty));
        assert!(parse_apriori("renamed_modules = {'a").is_err());
    }
}
