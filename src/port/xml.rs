//! An XML file as rules see it.

use std::ops::Range;

use roxmltree::{Attribute, Document, Node, ParsingOptions};

use super::facts::Facts;

/// An XML file: its text, its tree, and what is known beyond it.
pub struct Xml<'a> {
    /// Where it lies in its module.
    pub path: &'a str,
    /// What it says.
    pub text: &'a str,
    /// Its tree; every node and attribute knows its bytes.
    pub doc: Document<'a>,
    /// What is known of all modules and of the hop.
    pub facts: &'a Facts,
    /// The name of its module.
    pub module: &'a str,
}

/// The most levels that libxml2 reads, and so Odoo.
const LEVELS: usize = 256;

/// Returns the byte of the first element that is nested too deeply. Rules ask every node for those above it.
fn too_deep(doc: &Document<'_>) -> Option<usize> {
    let mut levels: Vec<usize> = Vec::new();
    for node in doc.descendants() {
        let level = node.parent().map_or(0, |above| levels[above.id().get_usize()] + 1);
        levels.push(level);
        if level > LEVELS {
            return Some(node.range().start);
        }
    }
    None
}

impl<'a> Xml<'a> {
    /// Parses; what is wrong is told with its byte.
    pub(super) fn parse(
        path: &'a str,
        module: &'a str,
        text: &'a str,
        facts: &'a Facts,
    ) -> Result<Xml<'a>, (usize, String)> {
        let options = ParsingOptions {
            allow_dtd: true,
            ..ParsingOptions::default()
        };
        match Document::parse_with_options(text, options) {
            Ok(doc) => match too_deep(&doc) {
                Some(at) => Err((
                    at,
                    "it is nested too deeply; the parser that Odoo uses refuses that".to_owned(),
                )),
                None => Ok(Xml {
                    path,
                    text,
                    doc,
                    facts,
                    module,
                }),
            },
            Err(error) => {
                let place = error.pos();
                let line = text
                    .split_inclusive('\n')
                    .take(place.row.saturating_sub(1) as usize)
                    .map(str::len)
                    .sum();
                Err((line, error.to_string()))
            }
        }
    }

    /// Returns the elements of a name, in the order of the text.
    pub fn elements<'d>(&'d self, name: &'d str) -> impl Iterator<Item = Node<'d, 'a>> {
        self.doc.descendants().filter(move |node| node.has_tag_name(name))
    }

    /// Returns the records of a model.
    pub fn records<'d>(&'d self, model: &'d str) -> impl Iterator<Item = Node<'d, 'a>> {
        self.elements("record")
            .filter(move |record| record.attribute("model") == Some(model))
    }

    /// Returns the field of a record.
    pub fn field<'d>(record: Node<'d, 'a>, name: &str) -> Option<Node<'d, 'a>> {
        record
            .children()
            .find(|node| node.has_tag_name("field") && node.attribute("name") == Some(name))
    }

    /// Returns the roots of the views: what stands inside `<field name="arch">`.
    pub fn archs<'d>(&'d self) -> impl Iterator<Item = Node<'d, 'a>> {
        self.elements("field")
            .filter(|field| field.attribute("name") == Some("arch"))
    }

    /// Says whether a node belongs to a view or a template.
    pub fn in_arch(node: Node<'_, '_>) -> bool {
        node.ancestors().skip(1).any(|above| {
            above.has_tag_name("template")
                || above.has_tag_name("templates")
                || (above.has_tag_name("field") && above.attribute("name") == Some("arch"))
        })
    }

    /// Returns the model of the view around a node: the `model` field of its record.
    pub fn view_model<'d>(node: Node<'d, 'a>) -> Option<&'d str> {
        let record = node.ancestors().find(|above| above.has_tag_name("record"))?;
        Self::field(record, "model")?.text()
    }

    /// Returns the name of a record or template with its module: `sale.view_order_form`.
    pub fn full_id(&self, id: &str) -> String {
        if id.contains('.') {
            id.to_owned()
        } else {
            format!("{}.{id}", self.module)
        }
    }

    /// Returns an attribute with its bytes.
    pub fn attribute<'d>(node: Node<'d, 'a>, name: &str) -> Option<Attribute<'d, 'a>> {
        node.attribute_node(name)
    }

    /// Returns the bytes of an attribute and of the blanks before it.
    pub fn attribute_with_blank(&self, attribute: Attribute<'_, '_>) -> Range<usize> {
        let Range { start, end } = attribute.range();
        let before = self.text[..start].trim_end().len();
        before..end
    }

    /// Returns the bytes of the start tag, with `<` and `>`.
    pub fn start_tag(&self, node: Node<'_, '_>) -> Range<usize> {
        let whole = node.range();
        let from = node
            .attributes()
            .next_back()
            .map_or(whole.start, |last| last.range().end);
        let close = self.text[from..whole.end]
            .find('>')
            .map_or(whole.end, |at| from + at + 1);
        whole.start..close
    }

    /// Returns the bytes of the name in the start tag, and in the end tag if there is one.
    pub fn tag_names(&self, node: Node<'_, '_>) -> (Range<usize>, Option<Range<usize>>) {
        let whole = node.range();
        let name = |from: usize| {
            let len = self.text[from..]
                .find(|c: char| c.is_whitespace() || matches!(c, '>' | '/'))
                .unwrap_or(0);
            from..from + len
        };
        let start = name(whole.start + 1);
        let closed = self.text[self.start_tag(node)].ends_with("/>");
        let end = (!closed).then(|| {
            self.text[whole.clone()]
                .rfind("</")
                .map(|at| name(whole.start + at + 2))
        });
        (start, end.flatten())
    }

    /// Returns the bytes of a node with its whole line or lines when nothing else stands on them.
    pub fn with_lines(&self, range: Range<usize>) -> Range<usize> {
        let line = self.text[..range.start].rfind('\n').map_or(0, |newline| newline + 1);
        let rest = self.text[range.end..]
            .find('\n')
            .map_or(self.text.len(), |newline| range.end + newline + 1);
        if self.text[line..range.start].trim().is_empty() && self.text[range.end..rest].trim().is_empty() {
            line..rest
        } else {
            range
        }
    }

    /// Returns the blanks a line begins with.
    pub fn indent(&self, at: usize) -> &'a str {
        let line = self.text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let rest = &self.text[line..at];
        &rest[..rest.len() - rest.trim_start().len()]
    }

    /// Returns how lines end.
    pub fn newline(&self) -> &'static str {
        super::file::newline(self.text)
    }
}
