//! Which file and line of a module a record of Odoo's log is about.

use std::collections::{BTreeMap, BTreeSet};

use super::Sources;

/// A file of a module, and the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) module: String,
    pub(super) path: String,
    /// From 1.
    pub(super) line: u32,
}

/// Returns every place in modules at hand that a text names, in its order: lines of a traceback that only hand over to
/// Odoo's own method are left out.
pub(super) fn frames(text: &str, sources: &Sources) -> Vec<Place> {
    let lines: Vec<&str> = text.lines().collect();
    let hands_over = |number: usize| lines.get(number + 1).is_some_and(|next| next.contains("super("));
    (lines.iter().enumerate())
        .filter(|(number, line)| !(line.trim_start().starts_with("File \"") && hands_over(*number)))
        .filter_map(|(_, line)| in_line(line, sources))
        .collect()
}

/// Reads `…/addons/MODULE/PATH", line 3` and `…/addons/MODULE/PATH:3`.
fn in_line(line: &str, sources: &Sources) -> Option<Place> {
    line.match_indices("/addons/").find_map(|(at, word)| {
        let rest = &line[at + word.len()..];
        let end = rest.find(['"', '\'', ':', ',', ' ', ')']).unwrap_or(rest.len());
        let (module, path) = rest[..end].split_once('/')?;
        sources.get(module)?.get(path)?;
        let after = rest[end..].trim_start_matches(['"', '\'']);
        let number = after.strip_prefix(", line ").or_else(|| after.strip_prefix(':'))?;
        let digits = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
        Some(Place {
            module: module.to_owned(),
            path: path.to_owned(),
            line: number[..digits].parse().ok()?,
        })
    })
}

/// Returns the line of a module's manifest that says a word, with the manifest's path.
pub(super) fn in_manifest(module: &str, word: &str, sources: &Sources) -> (Option<String>, Option<u32>) {
    let path = "__manifest__.py";
    let text = sources.get(module).and_then(|files| files.get(path));
    let line = text.and_then(|text| text.lines().position(|line| line.contains(word)));
    (text.map(|_| path.to_owned()), line.map(number))
}

/// Returns where a module declares the record of an external id.
pub(super) fn of_record(module: &str, xmlid: &str, sources: &Sources) -> Option<Place> {
    let name = xmlid
        .strip_prefix(module)
        .and_then(|rest| rest.strip_prefix('.'))
        .unwrap_or(xmlid);
    let says = [
        format!("id=\"{name}\""),
        format!("id=\"{xmlid}\""),
        format!("id='{name}'"),
    ];
    sources.get(module)?.iter().find_map(|(path, text)| {
        let line = text
            .lines()
            .position(|line| says.iter().any(|says| line.contains(says)))?;
        Some(Place {
            module: module.to_owned(),
            path: path.clone(),
            line: number(line),
        })
    })
}

/// Returns the line of a record, from where it begins on, that what Odoo says speaks of; that beginning where none does.
pub(super) fn within(place: &Place, said: &str, sources: &Sources) -> u32 {
    let text = sources.get(&place.module).and_then(|files| files.get(&place.path));
    let Some(text) = text else { return place.line };
    let first = usize::try_from(place.line).unwrap_or(1).saturating_sub(1);
    let lines: Vec<&str> = text.lines().skip(first).collect();
    let end = lines
        .iter()
        .position(|line| line.contains("</record>") || line.contains("</template>"));
    let lines = &lines[..end.map_or(lines.len(), |end| end + 1)];
    likeliest(lines.iter().copied(), &words(said)).map_or(place.line, |line| place.line + number(line) - 1)
}

/// Looks for the place that a record without one speaks of: the line of the module with the most telling of its words.
/// `nth` tells records that say the same apart.
pub(super) fn search(module: &str, said: &str, nth: usize, sources: &Sources) -> Option<Place> {
    let files = sources.get(module)?;
    let mut words = words(said);
    words.retain(|word| *word != module);
    let lines: Vec<(&String, usize, &str)> = ([".py", ".xml", ".csv"].iter())
        .flat_map(|ending| files.iter().filter(move |(path, _)| path.ends_with(ending)))
        .filter(|(path, _)| !path.starts_with("tests/"))
        .flat_map(|(path, text)| text.lines().enumerate().map(move |(line, text)| (path, line, text)))
        .collect();
    let best = ranked(lines.iter().map(|(_, _, text)| *text), &words);
    let (path, line, _) = lines[*best.get(nth).or_else(|| best.first())?];
    Some(Place {
        module: module.to_owned(),
        path: path.clone(),
        line: number(line),
    })
}

fn number(line: usize) -> u32 {
    u32::try_from(line + 1).unwrap_or(u32::MAX)
}

fn likeliest<'a>(lines: impl Iterator<Item = &'a str>, words: &[&str]) -> Option<usize> {
    ranked(lines, words).first().copied()
}

/// Returns the lines, from 0, that hold the rarest of these words, all that are equally good. Of two words the one that
/// is said first counts more.
fn ranked<'a>(lines: impl Iterator<Item = &'a str>, words: &[&str]) -> Vec<usize> {
    let mut holds: Vec<Vec<usize>> = vec![Vec::new(); words.len()];
    for (number, line) in lines.enumerate() {
        for (found, word) in holds.iter_mut().zip(words) {
            if has_word(line, word) {
                found.push(number);
            }
        }
    }
    let mut weights: BTreeMap<usize, usize> = BTreeMap::new();
    for (order, found) in holds.iter().enumerate() {
        for line in found {
            // A word that is everywhere says nothing.
            *weights.entry(*line).or_default() += 10_000 / found.len() + words.len() - order;
        }
    }
    let best = weights.values().max().copied().unwrap_or_default();
    let all = weights.into_iter().filter(|(_, weight)| *weight == best && best > 0);
    all.map(|(line, _)| line).collect()
}

/// Says whether a word stands in a line, and not inside a longer one.
pub(super) fn has_word(line: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back().is_none_or(|c| !is_part(c));
        let after = line[at + word.len()..].chars().next().is_none_or(|c| !is_part(c));
        (before || !word.starts_with(is_part)) && (after || !word.ends_with(is_part))
    })
}

/// Returns the words of a message that can be looked for in code, in its order: what it quotes, and names with `_` or `.`
/// in them.
pub(super) fn words(said: &str) -> Vec<&str> {
    let mut words = BTreeSet::new();
    for quote in ['\'', '"', '`'] {
        let parts: Vec<&str> = said.split(quote).collect();
        let quoted = parts.iter().skip(1).step_by(2);
        words.extend(
            quoted
                .map(|word| word.trim())
                .filter(|word| word.len() > 2 && word.len() < 120),
        );
    }
    // What the grammar of views says: `Invalid attribute expand for element group`.
    words.extend(
        said.split("attribute ")
            .skip(1)
            .filter_map(|rest| rest.split_once(" for element"))
            .map(|(name, _)| name),
    );
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    for word in said.split(|c: char| !is_part(c)) {
        let word = word.trim_matches('.');
        if word.len() > 3 && !word.contains("..") && (word.contains('_') || word.contains('.')) {
            words.insert(word);
            words.extend(word.rsplit('.').next().filter(|last| last.contains('_')));
        }
    }
    words.retain(|word| !word.contains('\n') && word.chars().any(char::is_alphabetic));
    let mut words: Vec<&str> = words.into_iter().collect();
    words.sort_by_key(|word| said.find(word));
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(path: &str, text: &str) -> Sources {
        BTreeMap::from([("shelf".to_owned(), BTreeMap::from([(path.to_owned(), text.to_owned())]))])
    }

    fn place(path: &str, line: u32) -> Place {
        Place {
            module: "shelf".to_owned(),
            path: path.to_owned(),
            line,
        }
    }

    #[test]
    fn a_frame_that_hands_over_is_not_the_place() {
        let text = "  File \"/tmp/hopp/try_1/addons/shelf/book.py\", line 7, in create\n    self.lend()\n\
                    \x20 File \"/tmp/hopp/try_1/addons/shelf/book.py\", line 9, in lend\n    return super().lend()\n\
                    \x20 File \"/usr/lib/python3/dist-packages/odoo/addons/base/models/x.py\", line 1, in lend\n";
        assert_eq!(frames(text, &sources("book.py", "")), [place("book.py", 7)]);
        let parsing = "while parsing /tmp/hopp/try_1/addons/shelf/views.xml:12, somewhere inside";
        assert_eq!(frames(parsing, &sources("views.xml", "")), [place("views.xml", 12)]);
    }

    #[test]
    fn inside_a_record_the_line_is_the_one_with_the_rarest_word() {
        let xml = "<odoo>\n<record id=\"a\">\n <field name=\"arch\">\n  <field name=\"title\"/>\n  <field name=\"gone\"/>\n </field>\n</record>\n<field name=\"gone\"/>\n";
        let said = "Field \"gone\" does not exist in model \"shelf.book\"";
        assert_eq!(within(&place("v.xml", 2), said, &sources("v.xml", xml)), 5);
        assert_eq!(within(&place("v.xml", 2), "odd", &sources("v.xml", xml)), 2);
    }

    #[test]
    fn records_that_say_the_same_are_about_one_line_each() {
        let python = "class A:\n    _sql_constraints = []\n\n\nclass B:\n    _sql_constraints = []\n";
        let sources = sources("book.py", python);
        let said = "Model attribute '_sql_constraints' is no longer supported";
        assert_eq!(search("shelf", said, 0, &sources), Some(place("book.py", 2)));
        assert_eq!(search("shelf", said, 1, &sources), Some(place("book.py", 6)));
        assert_eq!(search("shelf", "nothing of it here", 0, &sources), None);
    }

    #[test]
    fn a_view_is_found_where_its_record_is() {
        let sources = sources("v.xml", "<odoo>\n<record id=\"book_form\" model=\"ir.ui.view\">\n");
        assert_eq!(of_record("shelf", "shelf.book_form", &sources), Some(place("v.xml", 2)));
        assert_eq!(of_record("shelf", "shelf.form", &sources), None);
    }
}
