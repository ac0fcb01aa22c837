//! Writes HTML in which only hopp's own words can be markup: tags and attribute names are `&'static str`, everything
//! else is escaped.

use crate::report::clean::{clean, parts};

/// A page that is being written.
#[derive(Default)]
pub(super) struct Html {
    text: String,
}

/// Attributes: name and value.
pub(super) type Attributes<'a> = &'a [(&'static str, &'a str)];

/// Elements that stand on a line of their own.
const BLOCKS: [&str; 23] = [
    "html", "head", "meta", "style", "body", "main", "header", "footer", "section", "nav", "h1", "h2", "h3", "h4", "p",
    "ul", "li", "dl", "div", "table", "tr", "figure", "svg",
];

impl Html {
    /// Begins a page.
    pub(super) fn page() -> Html {
        Html {
            text: "<!doctype html>\n".to_owned(),
        }
    }

    /// Returns the page.
    pub(super) fn finish(self) -> String {
        self.text
    }

    /// Writes an element.
    pub(super) fn element(&mut self, tag: &'static str, attributes: Attributes<'_>, inside: impl FnOnce(&mut Html)) {
        self.open(tag, attributes);
        self.text.push('>');
        inside(self);
        self.text.push_str("</");
        self.text.push_str(tag);
        self.text.push('>');
        self.end(tag);
    }

    /// Writes an element that holds only text.
    pub(super) fn say(&mut self, tag: &'static str, attributes: Attributes<'_>, text: &str) {
        self.element(tag, attributes, |html| html.text(text));
    }

    /// Writes an element without content.
    pub(super) fn empty(&mut self, tag: &'static str, attributes: Attributes<'_>) {
        self.open(tag, attributes);
        self.text.push_str("/>");
        self.end(tag);
    }

    /// Writes text.
    pub(super) fn text(&mut self, text: &str) {
        for char in clean(text).chars() {
            match char {
                '&' => self.text.push_str("&amp;"),
                '<' => self.text.push_str("&lt;"),
                '>' => self.text.push_str("&gt;"),
                '"' => self.text.push_str("&quot;"),
                '\'' => self.text.push_str("&#39;"),
                other => self.text.push(other),
            }
        }
    }

    /// Writes text whose parts between backticks are code.
    pub(super) fn prose(&mut self, text: &str) {
        for (is_code, part) in parts(text) {
            if is_code {
                self.say("code", &[], part);
            } else {
                self.text(part);
            }
        }
    }

    /// Writes a style sheet or another text of hopp's own as it is.
    pub(super) fn verbatim(&mut self, text: &'static str) {
        self.text.push_str(text);
    }

    fn open(&mut self, tag: &'static str, attributes: Attributes<'_>) {
        self.text.push('<');
        self.text.push_str(tag);
        for (name, value) in attributes {
            self.text.push(' ');
            self.text.push_str(name);
            self.text.push_str("=\"");
            self.text(value);
            self.text.push('"');
        }
    }

    fn end(&mut self, tag: &str) {
        if BLOCKS.contains(&tag) {
            self.text.push('\n');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_our_own_words_is_markup() {
        let mut html = Html::default();
        let hostile = "\"><script>alert('x')</script>&amp;";
        html.say("td", &[("title", hostile)], hostile);
        let escaped = "&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;amp;";
        assert_eq!(html.finish(), format!("<td title=\"{escaped}\">{escaped}</td>"));
    }

    #[test]
    fn code_between_backticks_is_escaped_like_everything_else() {
        let mut html = Html::default();
        html.prose("run `a<b` now");
        assert_eq!(html.finish(), "run <code>a&lt;b</code> now");
    }
}
