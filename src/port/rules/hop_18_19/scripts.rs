//! Names that scripts import from where they are no more.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::OnceLock;

use crate::port::rules::{Deed, Look, Rule, Script};
use crate::port::{Edit, Found};

pub(super) const MOVED: Rule = Rule {
    id: "19.48",
    title: "imports of scripts that moved",
    why: "the script is gone or does not export the name any more: the bundle of the web client does not start",
    source: "static/src of all modules of 18.0 and 19.0 compared: names that exactly one script exports now",
    deed: Deed::Mechanical,
    words: &["import"],
    looks: &[Look::Script(imports)],
};

const TABLE: &str = include_str!("scripts.txt");

/// Where names are now, by the script they were in and the name.
fn table() -> &'static BTreeMap<(&'static str, &'static str), &'static str> {
    static MOVES: OnceLock<BTreeMap<(&str, &str), &str>> = OnceLock::new();
    MOVES.get_or_init(|| {
        let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
        let moves = lines.flat_map(|line| {
            let mut words = line.split(' ');
            let (from, to) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
            words.map(move |name| ((from, name), to))
        });
        moves.collect()
    })
}

/// `import { a, b as c } from "script";`
struct Import<'a> {
    whole: Range<usize>,
    names: Vec<&'a str>,
    script: &'a str,
    place: Range<usize>,
}

/// Finds the imports of names at the margin.
fn all(text: &str) -> Vec<Import<'_>> {
    let mut imports = Vec::new();
    for (start, _) in text.match_indices("import") {
        let at_margin = start == 0 || text[..start].ends_with('\n');
        let Some(open) = text[start + "import".len()..].trim_start().strip_prefix('{') else {
            continue;
        };
        let inside = text.len() - open.len();
        let Some((names, rest)) = open.split_once('}') else {
            continue;
        };
        let Some(rest) = rest.trim_start().strip_prefix("from") else {
            continue;
        };
        let rest = rest.trim_start();
        let Some(quote) = rest.chars().next().filter(|it| matches!(it, '"' | '\'')) else {
            continue;
        };
        let place = text.len() - rest.len() + 1;
        let Some(len) = rest[1..].find(quote) else { continue };
        // A comment between names belongs to one of them.
        if !at_margin || names.contains(['/', '{']) || inside < start {
            continue;
        }
        let end = place + len + 1;
        let end = end + usize::from(text[end..].starts_with(';'));
        imports.push(Import {
            whole: start..end,
            names: names
                .split(',')
                .map(str::trim)
                .filter(|name| !name.is_empty())
                .collect(),
            script: &text[place..place + len],
            place: place..place + len,
        });
    }
    imports
}

fn imports(script: &Script<'_>, found: &mut Found) {
    let newline = if script.text.contains("\r\n") { "\r\n" } else { "\n" };
    for import in all(script.text) {
        let mut parts: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for name in &import.names {
            let original = name.split_whitespace().next().unwrap_or(name);
            let to = table().get(&(import.script, original)).copied();
            parts.entry(to.unwrap_or(import.script)).or_default().push(name);
        }
        if parts.keys().all(|to| *to == import.script) {
            continue;
        }
        if let [only] = *parts.keys().collect::<Vec<_>>().as_slice() {
            found.replace(import.place.clone(), *only);
            continue;
        }
        let quote = &script.text[import.place.start - 1..import.place.start];
        let stays = parts.get_key_value(import.script);
        let goes = parts.iter().filter(|(to, _)| **to != import.script);
        let lines: Vec<String> = (stays.into_iter().chain(goes))
            .map(|(to, names)| format!("import {{ {} }} from {quote}{to}{quote};", names.join(", ")))
            .collect();
        found.change(vec![Edit::replace(import.whole.clone(), lines.join(newline))]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_in_one_script_only() {
        let names = TABLE.lines().filter(|line| !line.starts_with('#'));
        let count: usize = names.map(|line| line.split(' ').count() - 2).sum();
        assert_eq!(table().len(), count);
    }
}
