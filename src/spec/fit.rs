//! Walks a file against the shape of its type and finds everything that does not fit, not only the first.
//!
//! What does not fit is replaced by something blank, so that the rest can be looked at for its meaning.

use std::ops::Range;
use std::path::Path;

use indexmap::IndexMap;
use serde_json::{Map, Number, Value};

use super::problem::Problem;
use super::shape::{self, Key, Shape};
use super::spans::{Content, Entry, Node};
use super::suggest::{closest, quoted, remedy};

/// What came of the walk.
#[derive(Debug, Default)]
pub struct Fit {
    /// What does not fit.
    pub problems: Vec<Problem>,
    /// The places that were blanked: what is said about them later is about the blanks.
    pub blanked: Vec<Range<usize>>,
}

/// Walks a file; returns its value as far as it fits, and what does not.
pub fn fit(file: &Path, root: &Node, shape: &Shape) -> (Value, Fit) {
    let mut walk = Walk {
        file,
        fit: Fit::default(),
    };
    let anchor = root
        .entries()
        .first()
        .map_or(root.range.clone(), |entry| entry.key_range.clone());
    let value = walk.value(root, shape, "", &anchor);
    let spans = walk.fit.problems.iter().filter_map(|problem| problem.span.clone());
    walk.fit.blanked.extend(spans);
    (value, walk.fit)
}

struct Walk<'f> {
    file: &'f Path,
    fit: Fit,
}

impl Walk<'_> {
    fn report(&mut self, code: &'static str, range: &Range<usize>, message: String, label: &str, help: Option<String>) {
        let problem = Problem::error(code, self.file, message).at(range.clone(), label);
        self.fit.problems.push(Problem { help, ..problem });
    }

    /// `anchor` is where to point when something is missing from this value.
    fn value(&mut self, node: &Node, shape: &Shape, place: &str, anchor: &Range<usize>) -> Value {
        if let Some(tag) = &node.tag {
            let help = match shape {
                Shape::OneOf { .. } => format!(
                    "write it as a mapping with one key: `{}: …`",
                    tag.trim_start_matches('!')
                ),
                _ => "write the value without the tag".to_owned(),
            };
            let message = format!("{} has a tag", named(place));
            self.report(
                "tag",
                &node.range,
                message,
                &format!("`{tag}` is a YAML tag"),
                Some(help),
            );
            return shape.blank();
        }
        match (shape, &node.content) {
            (Shape::OneOf { name, keys }, _) if name == "Secret" => return self.secret(node, keys, place),
            (Shape::TextOr(more) | Shape::BooleanOr(more), Content::Map(_)) => {
                return self.value(node, more, place, anchor);
            }
            (Shape::Text | Shape::TextOr(_), Content::Scalar { text, .. }) if !node.is_null() => {
                return Value::from(text.as_str());
            }
            (Shape::Number, Content::Scalar { text, plain: true }) => {
                if let Some(number) = number(text) {
                    return Value::Number(number);
                }
            }
            (Shape::Boolean | Shape::BooleanOr(_), Content::Scalar { text, plain: true }) => match text.as_str() {
                "true" | "True" | "TRUE" => return Value::Bool(true),
                "false" | "False" | "FALSE" => return Value::Bool(false),
                _ => {}
            },
            (Shape::Word(words), Content::Scalar { text, .. }) if !node.is_null() => {
                return self.word(node, text, words, place);
            }
            (Shape::List(item), Content::List(items)) => {
                let values = items.iter().enumerate().map(|(index, node)| {
                    let anchor = node.entries().first().map_or(&node.range, |entry| &entry.key_range);
                    self.value(node, item, &format!("{place}[{index}]"), anchor)
                });
                return values.collect();
            }
            (Shape::Table(item), Content::Map(entries)) => return self.table(entries, item, place),
            (Shape::Record { keys, .. }, Content::Map(entries)) => return self.record(entries, keys, place, anchor),
            (Shape::OneOf { keys, .. }, Content::Map(entries)) => return self.one_of(node, entries, keys, place),
            _ => {}
        }
        self.wrong_type(node, shape, place);
        shape.blank()
    }

    fn word(&mut self, node: &Node, text: &str, words: &[String], place: &str) -> Value {
        if words.iter().any(|word| word == text) {
            return Value::from(text);
        }
        let help = remedy(text, "possible values", words.iter().map(String::as_str));
        let message = format!("{} cannot be `{text}`", named(place));
        self.report(
            "unknown-value",
            &node.range,
            message,
            "not one of the possible values",
            Some(help),
        );
        Value::from(words.first().map_or("", String::as_str))
    }

    /// A key's value; a value that does not fit makes its key a blanked place as well.
    fn entry(&mut self, entry: &Entry, known: &Key, place: &str) -> Value {
        let node = &entry.value;
        if known.nullable && node.is_null() && node.tag.is_none() {
            return known.blank();
        }
        let before = self.fit.problems.len();
        let value = self.value(node, &known.shape, place, &entry.key_range);
        let whole = |problem: &Problem| problem.span.as_ref() == Some(&node.range);
        if self.fit.problems[before..].iter().any(whole) {
            self.fit.blanked.push(entry.key_range.clone());
        }
        value
    }

    fn table(&mut self, entries: &[Entry], item: &Shape, place: &str) -> Value {
        let known = Key {
            shape: item.clone(),
            required: false,
            nullable: matches!(item, Shape::List(_) | Shape::Table(_) | Shape::Record { .. }),
            about: String::new(),
        };
        let mut map = Map::new();
        for entry in entries {
            if !self.is_duplicate(entry, entries) {
                let value = self.entry(entry, &known, &join(place, &entry.key));
                map.insert(entry.key.clone(), value);
            }
        }
        Value::Object(map)
    }

    fn record(&mut self, entries: &[Entry], keys: &IndexMap<String, Key>, place: &str, anchor: &Range<usize>) -> Value {
        let mut map = Map::new();
        for entry in entries {
            if self.is_duplicate(entry, entries) {
                continue;
            }
            let Some(known) = keys.get(&entry.key) else {
                self.unknown_key(entry, keys, place);
                continue;
            };
            let value = self.entry(entry, known, &join(place, &entry.key));
            map.insert(entry.key.clone(), value);
        }
        for (name, key) in keys.iter().filter(|(_, key)| key.required) {
            if !map.contains_key(name) {
                let message = format!("{} is missing", named(&join(place, name)));
                let help = format!("add `{name}:`. {}", key.about);
                self.report(
                    "missing-key",
                    anchor,
                    message,
                    &format!("`{name}` is not here"),
                    Some(help),
                );
                map.insert(name.clone(), key.shape.blank());
            }
        }
        Value::Object(map)
    }

    fn one_of(&mut self, node: &Node, entries: &[Entry], keys: &IndexMap<String, Key>, place: &str) -> Value {
        let Some((first, others)) = entries.split_first() else {
            let help = format!("possible keys: {}", quoted(keys.keys().map(String::as_str)));
            self.report(
                "empty-step",
                &node.range,
                format!("{} says nothing", named(place)),
                "one key is needed",
                Some(help),
            );
            return shape::blank_choice(keys);
        };
        let mut value = shape::blank_choice(keys);
        if let Some(known) = keys.get(&first.key) {
            let inner = self.entry(first, known, &join(place, &first.key));
            value = Value::Object(Map::from_iter([(first.key.clone(), inner)]));
        } else {
            self.unknown_key(first, keys, place);
        }
        for other in others {
            if self.is_duplicate(other, entries) {
                continue;
            }
            if keys.contains_key(&other.key) {
                let help = format!("make it an item of its own: `- {}: …`", other.key);
                let message = format!("{} has more than one key", named(place));
                self.report(
                    "two-keys",
                    &other.key_range,
                    message,
                    &format!("`{}` came first", first.key),
                    Some(help),
                );
            } else {
                self.unknown_key(other, keys, place);
            }
        }
        value
    }

    /// A secret is named, never written; what is written instead is not repeated.
    fn secret(&mut self, node: &Node, keys: &IndexMap<String, Key>, place: &str) -> Value {
        if let [entry] = node.entries()
            && let Some(known) = keys.get(&entry.key)
        {
            let value = self.entry(entry, known, &join(place, &entry.key));
            return Value::Object(Map::from_iter([(entry.key.clone(), value)]));
        }
        let message = format!("{} must say where the secret is found, not hold it", named(place));
        let help =
            "write `{ env: NAME }` or `{ file: path }`, and change the secret if this file was shared".to_owned();
        self.report("secret-in-clear", &node.range, message, "not shown", Some(help));
        shape::blank_choice(keys)
    }

    fn unknown_key(&mut self, entry: &Entry, keys: &IndexMap<String, Key>, place: &str) {
        let names = keys.keys().map(String::as_str);
        let help = if entry.key == "<<" {
            "YAML's merge key is not read; repeat the keys, or use an alias for a whole value".to_owned()
        } else {
            remedy(&entry.key, "known here", names.clone())
        };
        let label =
            closest(&entry.key, names).map_or("not a key hopp knows here".to_owned(), |meant| format!("`{meant}`?"));
        let within = if place.is_empty() {
            String::new()
        } else {
            format!(" in `{place}`")
        };
        let message = format!("unknown key `{}`{within}", entry.key);
        self.report("unknown-key", &entry.key_range, message, &label, Some(help));
    }

    fn is_duplicate(&mut self, entry: &Entry, entries: &[Entry]) -> bool {
        let first = entries.iter().find(|other| other.key == entry.key);
        let Some(first) = first.filter(|first| first.key_range != entry.key_range) else {
            return false;
        };
        let problem = Problem::error(
            "duplicate-key",
            self.file,
            format!("the key `{}` is there twice", entry.key),
        )
        .at(entry.key_range.clone(), "and again here")
        .related(first.key_range.clone(), "first here")
        .help("keep one of them; hopp does not guess which");
        self.fit.problems.push(problem);
        true
    }

    fn wrong_type(&mut self, node: &Node, shape: &Shape, place: &str) {
        let found = match &node.content {
            _ if node.is_null() => "nothing",
            Content::Scalar { plain: false, .. } => "a quoted text",
            Content::Scalar { .. } => "a single value",
            Content::List(_) => "a list",
            Content::Map(_) => "a mapping",
        };
        let (expected, help) = expected(shape, node);
        if node.is_null() {
            let message = format!("{} has no value", named(place));
            let help = help.unwrap_or_else(|| "write a value, or remove the key".to_owned());
            self.report(
                "no-value",
                &node.range,
                message,
                &format!("expected {expected}"),
                Some(help),
            );
        } else {
            let message = format!("{} should be {expected}, but is {found}", named(place));
            self.report(
                "wrong-type",
                &node.range,
                message,
                &format!("expected {expected}"),
                help,
            );
        }
    }
}

/// What a shape looks like in words, and how to write what was probably meant.
fn expected(shape: &Shape, node: &Node) -> (String, Option<String>) {
    let scalar = match &node.content {
        Content::Scalar { text, .. } if !node.is_null() => Some(text.as_str()),
        _ => None,
    };
    match shape {
        Shape::Text => ("a single value".into(), None),
        Shape::TextOr(_) => ("a single value or a mapping".into(), None),
        Shape::Number => (
            "a number".into(),
            Some("write it without quotes and units, such as `4` or `2.5`".into()),
        ),
        Shape::Boolean | Shape::BooleanOr(_) => {
            let words = match shape {
                Shape::BooleanOr(_) => "`true`, `false` or a mapping",
                _ => "`true` or `false`",
            };
            let meant = match scalar.map(str::to_lowercase).as_deref() {
                Some("yes" | "y" | "on" | "1") => Some("write `true`".into()),
                Some("no" | "n" | "off" | "0") => Some("write `false`".into()),
                _ => None,
            };
            (words.into(), meant)
        }
        Shape::Word(words) => (format!("one of {}", quoted(words.iter().map(String::as_str))), None),
        Shape::List(_) => ("a list".into(), scalar.map(|text| format!("write `[{text}]`"))),
        Shape::Table(_) => ("a mapping".into(), None),
        Shape::Record { keys, .. } => {
            let names = quoted(keys.keys().map(String::as_str));
            ("a mapping".into(), Some(format!("known keys: {names}")))
        }
        Shape::OneOf { keys, .. } => {
            let names: Vec<&str> = keys.keys().map(String::as_str).collect();
            let extension = scalar
                .and_then(|text| text.rsplit_once('.'))
                .map(|(_, extension)| extension);
            let verb = match extension {
                Some("sql") => "sql",
                Some("py") => "python",
                _ => {
                    return (
                        "a mapping with one key".into(),
                        Some(format!("possible keys: {}", quoted(names))),
                    );
                }
            };
            (
                "a mapping with one key".into(),
                scalar.map(|text| format!("write `{verb}: {text}`")),
            )
        }
    }
}

/// A number as `serde_yaml` takes it: decimal, and finite.
fn number(text: &str) -> Option<Number> {
    if !text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c)) {
        return None;
    }
    Number::from_f64(text.parse().ok()?)
}

fn join(place: &str, key: &str) -> String {
    match (place.is_empty(), key.contains('.')) {
        (true, _) => key.to_owned(),
        (false, true) => format!("{place}[\"{key}\"]"),
        (false, false) => format!("{place}.{key}"),
    }
}

fn named(place: &str) -> String {
    if place.is_empty() {
        "the file".to_owned()
    } else {
        format!("`{place}`")
    }
}
