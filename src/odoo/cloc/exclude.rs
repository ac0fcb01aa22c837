//! Which files of a module are free.

use std::borrow::Cow;
use std::fmt;

use super::Rules;
use crate::odoo::literal::{self, Node, Value};

/// The lists of a manifest that make files free, in Odoo's order.
const LISTS: [&str; 3] = ["cloc_exclude", "demo", "demo_xml"];

/// The rule that makes something free.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exclusion {
    /// A pattern that holds for every module: [`Rules::free`].
    Always(&'static str),
    /// A pattern or file of the module's manifest.
    Manifest {
        /// The list it stands in: `cloc_exclude`, `demo` or `demo_xml`.
        list: &'static str,
        /// The pattern as written.
        pattern: String,
    },
    /// The record has an xmlid of the module `__cloc_exclude__`.
    Xmlid,
}

impl fmt::Display for Exclusion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Exclusion::Always(pattern) => write!(f, "{pattern}"),
            Exclusion::Manifest { list, pattern } => write!(f, "{list}: {pattern}"),
            Exclusion::Xmlid => write!(f, "__cloc_exclude__"),
        }
    }
}

/// The patterns of one module. A folder without a manifest has none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exclusions(Vec<(Pattern, Exclusion)>);

/// A pattern of paths, taken apart once for all files.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Pattern {
    /// It names no file the way the walk names it.
    Nothing,
    Segments(Vec<Segment>),
}

/// A part of a pattern between slashes.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    /// `**`: any number of folders.
    Deep,
    /// `*`: any name.
    Any,
    /// A name as it is.
    Name(String),
    /// A name with `*`, `?` or `[…]` in it.
    Glob(Vec<char>),
}

impl Exclusions {
    /// Returns the patterns of a module with this manifest.
    ///
    /// Of a manifest that cannot be read only the general patterns hold; one broken list stops the reading of the
    /// lists after it.
    pub fn of_manifest(manifest: &[u8], rules: Rules) -> Exclusions {
        let mut patterns: Vec<_> = (rules.free())
            .map(|pattern| (Pattern::of(pattern), Exclusion::Always(pattern)))
            .collect();
        let text = match std::str::from_utf8(manifest) {
            Ok(text) if text.is_ascii() => Cow::Borrowed(text),
            _ => Cow::Owned(manifest.iter().map(|byte| char::from(*byte)).collect::<String>()),
        };
        let Ok(Node {
            value: Value::Dict(pairs),
            ..
        }) = literal::parse(text.trim_start_matches([' ', '\t']))
        else {
            return Exclusions(patterns);
        };
        for list in LISTS {
            let is_it = |node: &Node| matches!(&node.value, Value::Str(text) if text == list);
            let Some((_, node)) = pairs.iter().rev().find(|(key, _)| is_it(key)) else {
                continue;
            };
            let Some(items) = texts(&node.value) else {
                break;
            };
            patterns.extend(items.into_iter().filter(|item| !item.is_empty()).map(|pattern| {
                let by = Exclusion::Manifest {
                    list,
                    pattern: pattern.clone(),
                };
                (Pattern::of(&pattern), by)
            }));
        }
        Exclusions(patterns)
    }

    /// Returns the first rule that makes a file free; the path is relative to the module's folder.
    pub fn of(&self, path: &str) -> Option<&Exclusion> {
        let (_, by) = self.0.iter().find(|(pattern, _)| pattern.matches(path))?;
        Some(by)
    }

    /// Returns the rules that exempt folders, and those that do not: where no folder above a file is free by one of the
    /// former, only the latter can make the file free.
    pub fn parted(self) -> (Exclusions, Exclusions) {
        let (folders, others) = (self.0.into_iter()).partition(|(pattern, _)| pattern.folders().is_some());
        (Exclusions(folders), Exclusions(others))
    }

    /// Returns the first rule that makes all that is in a folder free, whatever it is.
    pub fn of_folder(&self, path: &str) -> Option<&Exclusion> {
        let (_, by) = self.0.iter().find(|(pattern, _)| pattern.covers(path))?;
        Some(by)
    }
}

/// Returns what iterating over a value yields, as far as it is text; `None` when Python could not iterate over it.
fn texts(value: &Value) -> Option<Vec<String>> {
    let text = |node: &Node| match &node.value {
        Value::Str(text) => Some(text.clone()),
        _ => None,
    };
    match value {
        Value::List(items) | Value::Tuple(items) | Value::Set(items) => Some(items.iter().filter_map(text).collect()),
        Value::Dict(pairs) => Some(pairs.iter().filter_map(|(key, _)| text(key)).collect()),
        Value::Str(letters) => Some(letters.chars().map(String::from).collect()),
        Value::Bytes(_) => Some(Vec::new()),
        Value::None | Value::Bool(_) | Value::Number(_) => None,
    }
}

impl Pattern {
    fn of(pattern: &str) -> Pattern {
        // What ends with a slash, or leads out and in again, names no file the way the walk names it.
        if pattern.ends_with('/') || pattern.starts_with('/') {
            return Pattern::Nothing;
        }
        let segments: Vec<Segment> = pattern
            .split('/')
            .filter(|part| !matches!(*part, "" | "."))
            .map(|part| match part {
                "**" => Segment::Deep,
                "*" => Segment::Any,
                glob if glob.contains(['*', '?', '[']) => Segment::Glob(glob.chars().collect()),
                name => Segment::Name(name.to_owned()),
            })
            .collect();
        if segments.is_empty() {
            Pattern::Nothing
        } else {
            Pattern::Segments(segments)
        }
    }

    /// Says whether Python's `pathlib` finds this file with this pattern.
    fn matches(&self, path: &str) -> bool {
        match self {
            Pattern::Nothing => false,
            Pattern::Segments(segments) => below(segments, Some(path)),
        }
    }

    /// Says whether all that a folder can hold is found with this pattern.
    fn covers(&self, folder: &str) -> bool {
        self.folders().is_some_and(|folders| below(folders, Some(folder)))
    }

    /// Returns the part for folders of a pattern for all that they can hold.
    fn folders(&self) -> Option<&[Segment]> {
        let Pattern::Segments(segments) = self else {
            return None;
        };
        let [folders @ .., Segment::Deep, Segment::Any] = segments.as_slice() else {
            return None;
        };
        // What is all `**` is the module's own folder too.
        let is_deeper = folders.iter().any(|segment| *segment != Segment::Deep);
        is_deeper.then_some(folders)
    }
}

/// Says whether what is left of a path fits what is left of a pattern; nothing is left of a path behind its last name.
fn below(segments: &[Segment], path: Option<&str>) -> bool {
    let parts = path.map(|path| match path.split_once('/') {
        Some((part, deeper)) => (part, Some(deeper)),
        None => (path, None),
    });
    match (segments.split_first(), parts) {
        (None, None) | (Some((Segment::Deep, [])), Some(_)) => true,
        (Some((Segment::Deep, rest)), None) => below(rest, None),
        (Some((Segment::Deep, rest)), Some((_, deeper))) => below(rest, path) || below(segments, deeper),
        (Some((segment, rest)), Some((part, deeper))) => {
            let fits = match segment {
                Segment::Deep | Segment::Any => true,
                Segment::Name(name) => name == part,
                Segment::Glob(glob) => one(glob, &part.chars().collect::<Vec<char>>()),
            };
            fits && below(rest, deeper)
        }
        (Some(_), None) | (None, Some(_)) => false,
    }
}

/// Says whether a name fits a pattern of `*`, `?` and `[…]`.
fn one(pattern: &[char], name: &[char]) -> bool {
    let (mut at, mut star) = ((0, 0), None);
    loop {
        let (in_pattern, in_name) = at;
        match pattern.get(in_pattern) {
            Some('*') => {
                star = Some(at);
                at.0 += 1;
                continue;
            }
            None if in_name == name.len() => return true,
            Some(_) if in_name < name.len() => {
                if let Some(length) = letter(&pattern[in_pattern..], name[in_name]) {
                    at = (in_pattern + length, in_name + 1);
                    continue;
                }
            }
            _ => {}
        }
        // It does not fit here: the last star takes one letter more.
        let Some((star_at, taken)) = star.filter(|(_, taken)| *taken < name.len()) else {
            return false;
        };
        star = Some((star_at, taken + 1));
        at = (star_at + 1, taken + 1);
    }
}

/// Returns how long the pattern for one letter is, when the letter fits it.
fn letter(pattern: &[char], letter: char) -> Option<usize> {
    match pattern.first()? {
        '?' => Some(1),
        '[' => match set(pattern) {
            Some((length, negated, members)) => (within(members, letter) != negated).then_some(length),
            None => (letter == '[').then_some(1),
        },
        other => (*other == letter).then_some(1),
    }
}

/// Reads `[…]` or `[!…]`: its length, whether it is negated, and its members.
fn set(pattern: &[char]) -> Option<(usize, bool, &[char])> {
    let negated = pattern.get(1) == Some(&'!');
    let begin = if negated { 2 } else { 1 };
    // A bracket that comes first is a member.
    let close = pattern.get(begin + 1..)?.iter().position(|c| *c == ']')? + begin + 1;
    Some((close + 1, negated, &pattern[begin..close]))
}

fn within(members: &[char], letter: char) -> bool {
    let mut rest = members;
    while let Some(first) = rest.first() {
        if let [from, '-', to, ..] = rest {
            if (*from..=*to).contains(&letter) {
                return true;
            }
            rest = &rest[3..];
        } else {
            if *first == letter {
                return true;
            }
            rest = &rest[1..];
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ident::Series;

    #[test]
    fn patterns_match_as_pathlib_does() {
        for (pattern, path) in [
            ("tests/**/*", "tests/a.py"),
            ("tests/**/*", "tests/deep/er/a.py"),
            ("**/*.js", "a.js"),
            ("**/*.js", "static/src/a.js"),
            ("lib/**", "lib/a/b.js"),
            ("data/*.xml", "data/.hidden.xml"),
            ("./data//a.xml", "data/a.xml"),
            ("data/[!ab]?.xml", "data/c1.xml"),
            ("data/[]x].xml", "data/].xml"),
            ("data/[a-c][", "data/b["),
            ("*a*b*.py", "xaab_b.py"),
        ] {
            assert!(Pattern::of(pattern).matches(path), "{pattern} {path}");
        }
        for (pattern, path) in [
            ("tests/**/*", "sub/tests/a.py"),
            ("tests/**/*", "tests.py"),
            ("data/*.xml", "data/deep/a.xml"),
            ("data/*.XML", "data/a.xml"),
            ("data/", "data/a.xml"),
            ("data", "data/a.xml"),
            ("/data/a.xml", "data/a.xml"),
            ("../m/a.py", "a.py"),
            (".", "a.py"),
            ("data/[!ab].xml", "data/a.xml"),
        ] {
            assert!(!Pattern::of(pattern).matches(path), "{pattern} {path}");
        }
    }

    #[test]
    fn a_folder_is_free_where_all_that_it_can_hold_is() {
        for (pattern, folder) in [
            ("tests/**/*", "tests"),
            ("lib/**/**/*", "lib"),
            ("./static//lib/**/*", "static/lib"),
            ("**/lib/**/*", "static/lib"),
            ("*/l?b/**/*", "static/lib"),
        ] {
            assert!(Pattern::of(pattern).covers(folder), "{pattern} {folder}");
            for file in ["a.py", "deep/er/.a.py"] {
                assert!(
                    Pattern::of(pattern).matches(&format!("{folder}/{file}")),
                    "{pattern} {folder}"
                );
            }
        }
        for (pattern, folder) in [
            ("tests/**/*", "sub"),
            ("tests/**/*", "sub/tests"),
            ("tests/*", "tests"),
            ("tests/**/*.py", "tests"),
            ("**/a.py", "tests"),
            ("**/*", "tests"),
            ("**/**/*", "tests"),
            ("lib/**/", "lib"),
            // This one finds a file of the name too.
            ("lib/**", "lib"),
        ] {
            assert!(!Pattern::of(pattern).covers(folder), "{pattern} {folder}");
        }
    }

    #[test]
    fn a_manifest_names_what_is_free_besides() {
        let rules = Rules::of(Series::NEWEST);
        let free = |manifest: &str, path: &str| {
            let found = Exclusions::of_manifest(manifest.as_bytes(), rules);
            found.of(path).map(ToString::to_string)
        };
        let manifest = "{'demo': ['demo/a.xml', ''], 'cloc_exclude': ('lib/**/*',), 'demo_xml': 'x'}";
        assert_eq!(free(manifest, "demo/a.xml").as_deref(), Some("demo: demo/a.xml"));
        assert_eq!(free(manifest, "lib/a.js").as_deref(), Some("cloc_exclude: lib/**/*"));
        assert_eq!(free(manifest, "x").as_deref(), Some("demo_xml: x"));
        assert_eq!(free(manifest, "upgrades/1.0/pre.py").as_deref(), Some("upgrades/**/*"));
        assert_eq!(free(manifest, "models/a.py"), None);
        // A list that is none ends the reading of lists, and a byte order mark is no Python in Latin-1.
        assert_eq!(free("{'cloc_exclude': None, 'demo': ['a.xml']}", "a.xml"), None);
        assert_eq!(free("\u{feff}{'demo': ['a.xml']}", "a.xml"), None);
        assert!(free("computed()", "tests/a.py").is_some());
        // The name on disk is not the name in Latin-1.
        assert_eq!(free("{'demo': ['å.xml']}", "å.xml"), None);
        let old = Rules::of(Series::OLDEST);
        assert_eq!(Exclusions::of_manifest(b"{}", old).of("upgrades/a.py"), None);
    }
}
