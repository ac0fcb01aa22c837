//! Where everything in a YAML text stands.
//!
//! `serde_yaml` forgets positions once it has built a value, so this is a second reading of the same text, by events,
//! into a tree that keeps the byte range of every key and value. Meaning is left to the types.

use std::collections::HashMap;
use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle, StrInput, Tag};

/// Deeper nesting than this is refused: no plan needs it, and reading is recursive.
const DEEPEST: usize = 64;
/// More values than this are refused: aliases of aliases grow without bound.
const MOST_NODES: usize = 100_000;

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its bytes in the text.
    pub range: Range<usize>,
    /// Its tag as written (`!sql`), unless it is one of YAML's own (`!!str`).
    pub tag: Option<String>,
    /// What it is.
    pub content: Content,
}

/// What a [`Node`] is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A single value.
    Scalar {
        /// The value, unquoted and unescaped.
        text: String,
        /// Whether it was written without quotes, and so may be a number, a boolean or nothing.
        plain: bool,
    },
    /// A sequence.
    List(Vec<Node>),
    /// A mapping, in the order it was written, duplicates included.
    Map(Vec<Entry>),
}

/// A key and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// The key's bytes in the text.
    pub key_range: Range<usize>,
    /// The value.
    pub value: Node,
}

/// A text that is not YAML, or YAML of a kind hopp does not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Syntax {
    /// What is wrong, in lower case.
    pub message: String,
    /// Where, in bytes.
    pub range: Range<usize>,
}

impl Node {
    /// Returns the entries of a mapping; of anything else, none.
    pub fn entries(&self) -> &[Entry] {
        match &self.content {
            Content::Map(entries) => entries,
            _ => &[],
        }
    }

    /// Returns the items of a sequence; of anything else, none.
    pub fn items(&self) -> &[Node] {
        match &self.content {
            Content::List(items) => items,
            _ => &[],
        }
    }

    /// Returns the entry with this key.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key == key)
    }

    /// Returns whether this is YAML's nothing: no value at all, `~` or `null`.
    pub fn is_null(&self) -> bool {
        matches!(&self.content, Content::Scalar { text, plain: true }
            if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    fn size(&self) -> usize {
        1 + match &self.content {
            Content::Scalar { .. } => 0,
            Content::List(items) => items.iter().map(Node::size).sum(),
            Content::Map(entries) => entries.iter().map(|entry| entry.value.size()).sum(),
        }
    }
}

/// Reads a text; `None` when it holds no value at all.
pub fn read(text: &str) -> Result<Option<Node>, Syntax> {
    let mut offsets: Vec<usize> = text.char_indices().map(|(byte, _)| byte).collect();
    offsets.push(text.len());
    let mut reader = Reader {
        text,
        offsets,
        parser: Parser::new_from_str(text),
        anchors: HashMap::new(),
        nodes: 0,
    };
    reader.document()
}

struct Reader<'t> {
    text: &'t str,
    /// The byte at which each character starts: the parser counts in characters, everyone else in bytes.
    offsets: Vec<usize>,
    parser: Parser<'t, StrInput<'t>>,
    anchors: HashMap<usize, Node>,
    nodes: usize,
}

impl<'t> Reader<'t> {
    fn byte(&self, character: usize) -> usize {
        self.offsets.get(character).copied().unwrap_or(self.text.len())
    }

    fn next(&mut self) -> Result<(Event<'t>, Range<usize>), Syntax> {
        match self.parser.next_event() {
            Some(Ok((event, span))) => {
                let start = self.byte(span.start.index());
                let end = self.byte(span.end.index()).max(start);
                Ok((event, start..end))
            }
            Some(Err(error)) => {
                let at = self.byte(error.marker().index());
                Err(self.syntax(error.info(), at..at))
            }
            None => Ok((Event::StreamEnd, self.text.len()..self.text.len())),
        }
    }

    /// Makes an error; one without extent gets the character it stands at, or the last one before it.
    fn syntax(&self, message: impl Into<String>, range: Range<usize>) -> Syntax {
        let range = if range.is_empty() {
            let start = range.start.min(self.text.trim_end().len());
            let end = self.text[start..]
                .chars()
                .next()
                .map_or(start, |c| start + c.len_utf8());
            start..end
        } else {
            range
        };
        Syntax {
            message: message.into(),
            range,
        }
    }

    fn document(&mut self) -> Result<Option<Node>, Syntax> {
        let mut found = None;
        loop {
            match self.next()? {
                (Event::StreamEnd, _) => return Ok(found.filter(|node: &Node| !node.is_null())),
                (Event::DocumentStart(_), range) if found.is_some() => {
                    return Err(self.syntax("a second document begins here; a file holds one", range));
                }
                (Event::DocumentStart(_), _) => {
                    let event = self.next()?;
                    found = Some(self.node(event, 0)?);
                }
                _ => {}
            }
        }
    }

    fn node(&mut self, (event, range): (Event<'t>, Range<usize>), depth: usize) -> Result<Node, Syntax> {
        if depth > DEEPEST {
            return Err(self.syntax("this is nested too deeply", range));
        }
        self.count(1, &range)?;
        let (node, anchor) = match event {
            Event::Scalar(value, style, anchor, tag) => {
                let content = Content::Scalar {
                    text: value.into_owned(),
                    plain: style == ScalarStyle::Plain,
                };
                let end = quoted_end(&self.text[range.clone()]).map_or(range.end, |end| range.start + end);
                (self.tagged(content, range.start..end, tag.as_deref()), anchor)
            }
            Event::SequenceStart(anchor, tag) => {
                let (items, range) = self.items(range, depth)?;
                (self.tagged(Content::List(items), range, tag.as_deref()), anchor)
            }
            Event::MappingStart(anchor, tag) => {
                let (entries, range) = self.entries(range, depth)?;
                (self.tagged(Content::Map(entries), range, tag.as_deref()), anchor)
            }
            Event::Alias(anchor) => {
                let node = self.anchors.get(&anchor).cloned();
                let node = node.ok_or_else(|| self.syntax("this alias refers to itself", range.clone()))?;
                self.count(node.size(), &range)?;
                return Ok(node);
            }
            _ => return Err(self.syntax("a value is missing here", range)),
        };
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn count(&mut self, nodes: usize, range: &Range<usize>) -> Result<(), Syntax> {
        self.nodes += nodes;
        if self.nodes > MOST_NODES {
            return Err(self.syntax("there are too many values in this file", range.clone()));
        }
        Ok(())
    }

    /// Drops blanks and line breaks that the parser counts to a value's end.
    fn tagged(&self, content: Content, range: Range<usize>, tag: Option<&Tag>) -> Node {
        let trimmed = self.text[range.clone()].trim_end().len();
        Node {
            range: range.start..range.start + trimmed,
            tag: tag.filter(|tag| !tag.is_yaml_core_schema()).map(ToString::to_string),
            content,
        }
    }

    fn items(&mut self, start: Range<usize>, depth: usize) -> Result<(Vec<Node>, Range<usize>), Syntax> {
        let mut items: Vec<Node> = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, end) => {
                    let last = items.last().map(|item| item.range.end);
                    return Ok((items, extent(&start, &end, last)));
                }
                event => items.push(self.node(event, depth + 1)?),
            }
        }
    }

    fn entries(&mut self, start: Range<usize>, depth: usize) -> Result<(Vec<Entry>, Range<usize>), Syntax> {
        let mut entries: Vec<Entry> = Vec::new();
        loop {
            let event = self.next()?;
            if let (Event::MappingEnd, end) = event {
                let last = entries
                    .last()
                    .map(|entry| entry.value.range.end.max(entry.key_range.end));
                return Ok((entries, extent(&start, &end, last)));
            }
            let key = self.node(event, depth + 1)?;
            let Content::Scalar { text, .. } = key.content else {
                return Err(self.syntax("a key must be a single value", key.range));
            };
            let event = self.next()?;
            let mut value = self.node(event, depth + 1)?;
            if value.range.is_empty() {
                // A key without a value: an empty spot somewhere after it points at nothing, the key does.
                value.range = key.range.clone();
            }
            entries.push(Entry {
                key: text,
                key_range: key.range,
                value,
            });
        }
    }
}

/// The end of a quoted text: the parser counts blanks and comments behind it to it.
fn quoted_end(text: &str) -> Option<usize> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let mut characters = text.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        let doubled = quote == '\'' && characters.peek().is_some_and(|(_, next)| *next == quote);
        if (character == '\\' && quote == '"') || (character == quote && doubled) {
            characters.next();
        } else if character == quote {
            return Some(at + 1);
        }
    }
    None
}

/// The range of a collection: to its bracket, or to its last member's end where it has no brackets.
fn extent(start: &Range<usize>, end: &Range<usize>, last: Option<usize>) -> Range<usize> {
    let end = if end.is_empty() {
        last.unwrap_or(start.end)
    } else {
        end.end
    };
    start.start..end.max(start.start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn root(text: &str) -> Node {
        read(text).unwrap().unwrap()
    }

    #[test]
    fn keys_and_values_have_byte_ranges_also_behind_letters_of_two_bytes() {
        let text = "kund: \"Åkeri å Ö\" # åäö\nmål: { från: 18.0 , till: '19.0' }\nlista:\n  - é\n  - [a, b]\n";
        let root = root(text);
        let of = |entry: &Entry| {
            (
                text[entry.key_range.clone()].to_owned(),
                text[entry.value.range.clone()].to_owned(),
            )
        };
        assert_eq!(of(&root.entries()[0]), ("kund".into(), "\"Åkeri å Ö\"".into()));
        let goal = &root.entries()[1];
        assert_eq!(of(goal).1, "{ från: 18.0 , till: '19.0' }");
        assert_eq!(of(&goal.value.entries()[0]), ("från".into(), "18.0".into()));
        assert_eq!(of(&goal.value.entries()[1]), ("till".into(), "'19.0'".into()));
        let items = root.entries()[2].value.items();
        assert_eq!(&text[items[0].range.clone()], "é");
        assert_eq!(&text[items[1].range.clone()], "[a, b]");
    }

    #[test]
    fn a_value_ends_before_the_comment_behind_it() {
        let text = "a: 'it''s' # one\nb: \"say \\\"x\\\"\" # two\nc: d # three\n";
        let root = root(text);
        let values = root.entries().iter().map(|entry| &text[entry.value.range.clone()]);
        assert_eq!(values.collect::<Vec<_>>(), ["'it''s'", r#""say \"x\"""#, "d"]);
    }

    #[test]
    fn a_block_ends_where_its_last_value_ends() {
        let text = "a:\n  b: 1\n  c: 2\n\n\nd: 3\n";
        assert_eq!(&text[root(text).entries()[0].value.range.clone()], "b: 1\n  c: 2");
    }

    #[test]
    fn a_key_without_a_value_is_pointed_at_itself() {
        let text = "a:\nb: 1\n";
        let root = root(text);
        let node = &root.entries()[0].value;
        assert!(node.is_null());
        assert_eq!(&text[node.range.clone()], "a");
    }

    #[test]
    fn an_alias_is_what_it_refers_to() {
        let root = root("a: &x [1, 2]\nb: *x\n");
        assert_eq!(root.entry("a").unwrap().value, root.entry("b").unwrap().value);
    }

    #[test]
    fn aliases_of_aliases_do_not_grow_without_bound() {
        let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for level in 1..10 {
            let inner = vec![format!("*a{}", level - 1); 10].join(", ");
            text = format!("{text}a{level}: &a{level} [{inner}]\n");
        }
        assert!(read(&text).unwrap_err().message.contains("too many values"));
    }

    #[test]
    fn deep_nesting_is_refused() {
        let nested = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(read(&nested(20)).is_ok());
        assert!(read(&nested(100)).unwrap_err().message.contains("nested too deeply"));
        assert!(read(&"[".repeat(10_000)).is_err());
    }

    #[test]
    fn a_file_of_comments_holds_nothing() {
        assert_eq!(read("# nothing\n").unwrap(), None);
        assert_eq!(read("---\n").unwrap(), None);
        assert_eq!(read("").unwrap(), None);
    }

    #[test]
    fn a_second_document_is_refused_where_it_begins() {
        assert_eq!(read("a: 1\n---\nb: 2\n").unwrap_err().range.start, 5);
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_within_its_bounds(text in "[a-zå:{}\\[\\]&*!\"'|>\\-# \n]{0,60}") {
            match read(&text) {
                Ok(Some(node)) => prop_assert!(text.get(node.range).is_some()),
                Ok(None) => {}
                Err(error) => prop_assert!(text.get(error.range).is_some()),
            }
        }
    }
}
