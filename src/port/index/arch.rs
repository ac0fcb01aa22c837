//! A view or template as a tree of its own: it can be changed, and every node remembers where it was written.

use roxmltree::{Document, Node as Xml, NodeType, ParsingOptions};

/// Where something was written: the number of its source and the byte in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Origin {
    /// Which source, as the caller counts them.
    pub(crate) source: u32,
    /// The byte in its file.
    pub(crate) at: usize,
}

/// An attribute.
#[derive(Clone, Debug)]
pub(crate) struct Attr {
    pub(crate) name: String,
    pub(crate) value: String,
    /// Who wrote it; not always who wrote the element.
    pub(crate) origin: Origin,
}

/// What a node is.
#[derive(Clone, Debug)]
pub(crate) enum What {
    Element { tag: String, attrs: Vec<Attr> },
    Text(String),
}

/// A node.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) parent: Option<usize>,
    pub(crate) children: Vec<usize>,
    pub(crate) what: What,
    pub(crate) origin: Origin,
}

/// A tree; nodes are numbers.
#[derive(Clone, Debug)]
pub(crate) struct Tree {
    pub(crate) nodes: Vec<Node>,
    pub(crate) root: usize,
}

impl Tree {
    /// Parses the text of one element; its first byte stands at `at` in its file.
    pub(crate) fn parse(text: &str, source: u32, at: usize) -> Option<Tree> {
        let options = ParsingOptions {
            allow_dtd: true,
            ..ParsingOptions::default()
        };
        let doc = Document::parse_with_options(text, options).ok()?;
        let mut tree = Tree {
            nodes: Vec::new(),
            root: 0,
        };
        tree.root = tree.read(doc.root_element(), None, source, at);
        Some(tree)
    }

    fn read(&mut self, xml: Xml<'_, '_>, parent: Option<usize>, source: u32, at: usize) -> usize {
        let origin = |byte: usize| Origin { source, at: at + byte };
        let attrs = xml.attributes().map(|attr| Attr {
            name: attr.name().to_owned(),
            value: attr.value().to_owned(),
            origin: origin(attr.range().start),
        });
        let what = What::Element {
            tag: xml.tag_name().name().to_owned(),
            attrs: attrs.collect(),
        };
        let number = self.add(what, parent, origin(xml.range().start));
        for child in xml.children() {
            let child = match child.node_type() {
                NodeType::Element => self.read(child, Some(number), source, at),
                NodeType::Text => {
                    let text = What::Text(child.text().unwrap_or_default().to_owned());
                    self.add(text, Some(number), origin(child.range().start))
                }
                _ => continue,
            };
            self.nodes[number].children.push(child);
        }
        number
    }

    fn add(&mut self, what: What, parent: Option<usize>, origin: Origin) -> usize {
        self.nodes.push(Node {
            parent,
            children: Vec::new(),
            what,
            origin,
        });
        self.nodes.len() - 1
    }

    /// Copies a part of another tree, or of this one, under a parent that does not know it yet.
    pub(crate) fn copy(&mut self, from: &Tree, node: usize, parent: Option<usize>) -> usize {
        let Node {
            what, origin, children, ..
        } = &from.nodes[node];
        let number = self.add(what.clone(), parent, *origin);
        for child in children {
            let child = self.copy(from, *child, Some(number));
            self.nodes[number].children.push(child);
        }
        number
    }

    /// Returns the name of an element.
    pub(crate) fn tag(&self, node: usize) -> &str {
        match &self.nodes[node].what {
            What::Element { tag, .. } => tag,
            What::Text(_) => "",
        }
    }

    /// Gives every `%(xml_id)d` of the arch its addon, as Odoo does before views are put together.
    pub(crate) fn qualify(&mut self, addon: &str) {
        for node in &mut self.nodes {
            let What::Element { attrs, .. } = &mut node.what else {
                continue;
            };
            for attr in attrs.iter_mut().filter(|attr| attr.value.contains("%(")) {
                let pieces: Vec<&str> = attr.value.split("%(").collect();
                let mut value = pieces[0].to_owned();
                for piece in &pieces[1..] {
                    let id = piece.split(')').next().unwrap_or_default();
                    value.push_str("%(");
                    if !id.contains('.') && piece[id.len()..].starts_with(")d") {
                        value.push_str(addon);
                        value.push('.');
                    }
                    value.push_str(piece);
                }
                attr.value = value;
            }
        }
    }

    /// Gives an element another name.
    pub(crate) fn rename(&mut self, node: usize, name: &str) {
        if let What::Element { tag, .. } = &mut self.nodes[node].what {
            name.clone_into(tag);
        }
    }

    /// Returns the attributes of an element.
    pub(crate) fn attrs(&self, node: usize) -> &[Attr] {
        match &self.nodes[node].what {
            What::Element { attrs, .. } => attrs,
            What::Text(_) => &[],
        }
    }

    /// Returns the value of an attribute.
    pub(crate) fn attr(&self, node: usize, name: &str) -> Option<&str> {
        self.attrs(node)
            .iter()
            .find(|attr| attr.name == name)
            .map(|attr| attr.value.as_str())
    }

    /// Sets or, with nothing, removes an attribute.
    pub(crate) fn set_attr(&mut self, node: usize, name: &str, value: &str, origin: Origin) {
        if let What::Element { attrs, .. } = &mut self.nodes[node].what {
            attrs.retain(|attr| attr.name != name);
            if !value.is_empty() {
                attrs.push(Attr {
                    name: name.to_owned(),
                    value: value.to_owned(),
                    origin,
                });
            }
        }
    }

    /// Says whether a node is an element.
    pub(crate) fn is_element(&self, node: usize) -> bool {
        matches!(self.nodes[node].what, What::Element { .. })
    }

    /// Returns the elements inside an element, one level down.
    pub(crate) fn elements(&self, node: usize) -> impl Iterator<Item = usize> {
        let children = self.nodes[node].children.iter().copied();
        children.filter(|child| self.is_element(*child))
    }

    /// Returns all text below a node.
    pub(crate) fn text(&self, node: usize) -> String {
        match &self.nodes[node].what {
            What::Text(text) => text.clone(),
            What::Element { .. } => self.nodes[node]
                .children
                .iter()
                .map(|child| self.text(*child))
                .collect(),
        }
    }

    /// Returns a node and all below it, in the order of the document.
    pub(crate) fn below(&self, node: usize) -> Vec<usize> {
        let mut all = vec![node];
        let mut next = 0;
        // Depth first: children take the place right behind their parent.
        let mut stack: Vec<usize> = self.nodes[node].children.iter().rev().copied().collect();
        all.reserve(stack.len());
        while let Some(child) = stack.pop() {
            all.push(child);
            stack.extend(self.nodes[child].children.iter().rev());
            next += 1;
        }
        debug_assert_eq!(next + 1, all.len());
        all
    }

    /// Returns the nodes above a node, the nearest first.
    pub(crate) fn above(&self, node: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(self.nodes[node].parent, |above| self.nodes[*above].parent)
    }

    /// Takes a node out of its parent.
    pub(crate) fn detach(&mut self, node: usize) {
        if let Some(parent) = self.nodes[node].parent.take() {
            self.nodes[parent].children.retain(|child| *child != node);
        }
    }

    /// Returns a node's place among its parent's children.
    pub(crate) fn place(&self, node: usize) -> Option<(usize, usize)> {
        let parent = self.nodes[node].parent?;
        let place = self.nodes[parent].children.iter().position(|child| *child == node)?;
        Some((parent, place))
    }

    /// Puts a loose node under a parent at a place.
    pub(crate) fn attach(&mut self, node: usize, parent: usize, place: usize) {
        self.nodes[node].parent = Some(parent);
        let children = &mut self.nodes[parent].children;
        let place = place.min(children.len());
        children.insert(place, node);
    }
}
