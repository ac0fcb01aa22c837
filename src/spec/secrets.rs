//! Keeps secrets that should not be in a file from being shown on the way to saying so.

use std::ops::Range;

use super::spans::{Content, Node};

/// Beginnings of tokens that git hosts give out.
const TOKENS: [&str; 8] = ["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "gldt-"];
/// Parts of keys whose values are secret.
const SECRET_KEYS: [&str; 5] = ["token", "password", "passwd", "secret", "api_key"];
/// A user name in a URL that is at least this long is taken for a token.
const LONG_USER: usize = 20;

/// Returns the text with every secret in it replaced by `*`, byte for byte, so that positions stay.
///
/// `tree` is the text's, when it could be read; without it, lines whose key sounds secret lose their value.
pub fn masked(text: &str, tree: Option<&Node>) -> String {
    let mut ranges = in_urls(text);
    ranges.extend(tokens(text));
    match tree {
        Some(tree) => below_secret_keys(tree, false, &mut ranges),
        None => ranges.extend(secret_lines(text)),
    }
    let mut masked = String::with_capacity(text.len());
    for (at, character) in text.char_indices() {
        if character != '\n' && ranges.iter().any(|range| range.contains(&at)) {
            masked.extend(std::iter::repeat_n('*', character.len_utf8()));
        } else {
            masked.push(character);
        }
    }
    masked
}

/// Returns whether a URL carries a password, or a token as its user name.
pub fn url_has_secret(url: &str) -> bool {
    !in_urls(url).is_empty()
}

/// Returns whether a text looks like a token rather than the name of one.
pub fn is_token(text: &str) -> bool {
    !tokens(text).is_empty()
}

fn sounds_secret(key: &str) -> bool {
    let key = key.to_lowercase().replace('-', "_");
    SECRET_KEYS.iter().any(|part| key.contains(part))
}

/// `scheme://user:PASSWORD@host`, and `https://TOKEN@host`.
fn in_urls(text: &str) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    for (at, mark) in text.match_indices("://") {
        let start = at + mark.len();
        let rest = &text[start..];
        let end = rest
            .find(|c: char| c.is_whitespace() || "/\"'`,}]".contains(c))
            .unwrap_or(rest.len());
        let Some(user_end) = rest[..end].rfind('@') else {
            continue;
        };
        let user = &rest[..user_end];
        match user.find(':') {
            Some(colon) if colon + 1 < user.len() => ranges.push(start + colon + 1..start + user_end),
            None if user.len() >= LONG_USER || is_token(user) => ranges.push(start..start + user_end),
            _ => {}
        }
    }
    ranges
}

fn tokens(text: &str) -> Vec<Range<usize>> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    TOKENS
        .iter()
        .flat_map(|prefix| text.match_indices(prefix))
        .filter_map(|(at, prefix)| {
            let length = text[at..].find(|c| !is_part(c)).unwrap_or(text.len() - at);
            // The bare prefix, as in a sentence about tokens, is no token.
            (length > prefix.len() + 4).then_some(at..at + length)
        })
        .collect()
}

/// Every value below a key that sounds secret, but for the names that [`super::plan_file::Secret`] asks for.
fn below_secret_keys(node: &Node, secret: bool, ranges: &mut Vec<Range<usize>>) {
    match &node.content {
        Content::Scalar { .. } if secret && !node.is_null() => ranges.push(node.range.clone()),
        Content::Scalar { .. } => {}
        Content::List(items) => items.iter().for_each(|item| below_secret_keys(item, secret, ranges)),
        Content::Map(entries) => {
            for entry in entries {
                let named = secret && matches!(entry.key.as_str(), "env" | "file");
                let secret = !named && (secret || sounds_secret(&entry.key));
                below_secret_keys(&entry.value, secret, ranges);
            }
        }
    }
}

fn secret_lines(text: &str) -> Vec<Range<usize>> {
    let mut start = 0;
    let mut ranges = Vec::new();
    for line in text.split_inclusive('\n') {
        if let Some(colon) = line.find(':')
            && sounds_secret(line)
        {
            ranges.push(start + colon + 1..start + line.len());
        }
        start += line.len();
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::spans;
    use proptest::prelude::*;

    fn shown(text: &str) -> String {
        masked(text, spans::read(text).unwrap().as_ref())
    }

    #[test]
    fn a_password_in_a_url_is_masked_and_the_user_is_not() {
        assert_eq!(
            shown("url: https://me:s3cret@x.org/a.git"),
            "url: https://me:******@x.org/a.git"
        );
        assert_eq!(shown("url: ssh://git@x.org/a.git"), "url: ssh://git@x.org/a.git");
    }

    #[test]
    fn a_token_as_user_name_is_masked() {
        let token = "ghp_0123456789abcdef";
        assert!(url_has_secret(&format!("https://{token}@github.com/a/b.git")));
        assert!(!shown(&format!("url: https://{token}@github.com/a/b.git")).contains(token));
    }

    #[test]
    fn what_stands_where_a_secret_is_named_is_masked_but_for_names() {
        assert_eq!(shown("token: hemlig"), "token: ******");
        assert_eq!(shown("token: { value: hemligt }"), "token: { value: ******* }");
        assert_eq!(shown("token: { env: GIT_TOKEN }"), "token: { env: GIT_TOKEN }");
        assert_eq!(shown("password: [a, b]"), "password: [*, *]");
    }

    #[test]
    fn a_text_that_is_not_yaml_loses_whole_lines() {
        assert_eq!(masked("a: [\n token: å\nb: 1", None), "a: [\n token:***\nb: 1");
    }

    proptest! {
        #[test]
        fn masking_keeps_every_position(text in "[a-zåö:/@ \ntoken]{0,80}") {
            let masked = masked(&text, None);
            prop_assert_eq!(masked.len(), text.len());
            let breaks = |text: &str| text.match_indices('\n').map(|(at, _)| at).collect::<Vec<_>>();
            prop_assert_eq!(breaks(&masked), breaks(&text));
        }
    }
}
