//! A source file, read as far as the rules need it.

use std::collections::BTreeSet;
use std::path::Path;

/// A file below `src`, without comments and without what strings say.
pub(super) struct Source {
    path: String,
    code: String,
    lines: usize,
}

impl Source {
    /// Takes a file's path from the project's folder, and its text.
    pub(super) fn new(path: &str, text: &str) -> Source {
        let is_tests = path.ends_with("/tests.rs");
        let own = if is_tests {
            0
        } else {
            text.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len())
        };
        Source {
            path: path.to_owned(),
            code: code_of(text),
            lines: text[..own].lines().count(),
        }
    }

    /// Returns the path from the project's folder.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// Returns how long the file is up to its tests.
    pub(super) fn lines_without_tests(&self) -> usize {
        self.lines
    }

    /// Returns the layer: the folder or file right below `src`; `None` for the crate's own two files.
    pub(super) fn layer(&self) -> Option<&str> {
        let layer = self.path.strip_prefix("src/")?.split('/').next()?;
        let layer = layer.strip_suffix(".rs").unwrap_or(layer);
        (!matches!(layer, "lib" | "main")).then_some(layer)
    }

    /// Says whether the code contains this, not as a part of a longer word.
    pub(super) fn says(&self, phrase: &str) -> bool {
        let part_of_word = |c: char| c.is_alphanumeric() || c == '_';
        self.code.match_indices(phrase).any(|(at, _)| {
            let before = self.code[..at].chars().next_back();
            let after = self.code[at + phrase.len()..].chars().next();
            let goes_on = phrase.ends_with(part_of_word) && after.is_some_and(part_of_word);
            !(before.is_some_and(part_of_word) || goes_on)
        })
    }

    /// Returns the first segment of every path from the crate's root.
    pub(super) fn layers_used(&self) -> BTreeSet<String> {
        let tokens = tokens(&self.code);
        let mut used = BTreeSet::new();
        for at in 0..tokens.len() {
            let rest = &tokens[at..];
            let after = match rest {
                ["crate", "::", rest @ ..] => rest,
                // `super` as often as the module is deep ends at the root. A test module is one deeper, and never
                // names its way up to the root.
                ["super", "::", ..] if at == 0 || tokens[at - 1] != "::" => {
                    let supers = rest.chunks(2).take_while(|pair| *pair == ["super", "::"]).count();
                    if supers < self.depth() || self.is_in_tests(&tokens[..at]) {
                        continue;
                    }
                    &rest[2 * supers..]
                }
                _ => continue,
            };
            used.extend(first_segments(after));
        }
        used
    }

    /// Returns how many modules lie between the crate's root and this file, itself included.
    fn depth(&self) -> usize {
        let inner = self.path.trim_start_matches("src/").trim_end_matches(".rs");
        inner.trim_end_matches("/mod").split('/').count()
    }

    fn is_in_tests(&self, before: &[&str]) -> bool {
        self.path.ends_with("/tests.rs") || before.windows(2).any(|two| two == ["mod", "tests"])
    }
}

/// Returns the names right after `crate::`: one, or one for each branch of a group.
fn first_segments(tokens: &[&str]) -> Vec<String> {
    if tokens.first() != Some(&"{") {
        return tokens.first().map(|name| (*name).to_owned()).into_iter().collect();
    }
    let mut names = Vec::new();
    let mut depth = 0;
    let mut expects_name = false;
    for token in tokens {
        match *token {
            "{" => {
                depth += 1;
                expects_name = depth == 1;
            }
            "}" => {
                depth -= 1;
                if depth == 0 {
                    break;
                }
            }
            "," => expects_name = depth == 1,
            name if expects_name => {
                names.push(name.to_owned());
                expects_name = false;
            }
            _ => {}
        }
    }
    names
}

/// Splits code into words, `::` and single other characters.
fn tokens(code: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = code.trim_start();
    while let Some(first) = rest.chars().next() {
        let word = rest
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(rest.len());
        let length = match word {
            0 if rest.starts_with("::") => 2,
            0 => first.len_utf8(),
            word => word,
        };
        tokens.push(&rest[..length]);
        rest = rest[length..].trim_start();
    }
    tokens
}

/// Returns the code alone: comments become spaces, strings and characters become empty.
fn code_of(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (skipped, stands_for) = if rest.starts_with("//") {
            (rest.find('\n').unwrap_or(rest.len()), " ")
        } else if rest.starts_with("/*") {
            (end_of_comment(rest), " ")
        } else if let Some(hashes) = raw_string(rest, &code) {
            let close = format!("\"{}", "#".repeat(hashes));
            let open = hashes + 2;
            let end = rest[open..]
                .find(&close)
                .map_or(rest.len(), |at| open + at + close.len());
            (end, "\"\"")
        } else if first == '"' {
            (end_of_quoted(rest, '"'), "\"\"")
        } else if first == '\'' && is_character(rest) {
            (end_of_quoted(rest, '\''), "''")
        } else {
            code.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        };
        code.push_str(stands_for);
        rest = &rest[skipped..];
    }
    code
}

fn end_of_comment(text: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < text.len() {
        let here = &text[at..];
        if here.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if here.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += here.chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// Returns how many `#` a raw string that begins here has.
fn raw_string(text: &str, before: &str) -> Option<usize> {
    let in_word = |c: char| c.is_alphanumeric() || c == '_';
    if before.trim_end_matches('b').ends_with(in_word) {
        return None;
    }
    let after = text.strip_prefix('r')?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    after[hashes..].starts_with('"').then_some(hashes)
}

fn end_of_quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Tells a character from a lifetime.
fn is_character(text: &str) -> bool {
    let mut chars = text.chars().skip(1);
    match chars.next() {
        Some('\\') => true,
        Some(_) => chars.next() == Some('\''),
        None => false,
    }
}

/// Reads every Rust file below a folder `src`, in the order of their paths.
pub(super) fn every_source(src: &Path) -> Vec<Source> {
    let mut sources = Vec::new();
    let mut folders = vec![src.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs_err::read_dir(&folder).expect("a folder of sources can be listed") {
            let path = entry.expect("a folder of sources can be listed").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs_err::read_to_string(&path).expect("a source file can be read");
                let inside = path.strip_prefix(src).expect("it lies below src");
                sources.push(Source::new(&format!("src/{}", inside.display()), &text));
            }
        }
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    sources
}
