//! How a column is read so that equal values are equal texts, whatever type each side keeps them in.

/// What kind of value a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Number,
    Flag,
    Text,
    Json,
    Moment,
    Day,
    Bytes,
}

impl Kind {
    /// Returns the kind of a type of PostgreSQL's; `None` for those that Odoo does not use.
    pub(super) fn of(typname: &str) -> Option<Kind> {
        Some(match typname {
            "int2" | "int4" | "int8" | "float4" | "float8" | "numeric" => Kind::Number,
            "bool" => Kind::Flag,
            "varchar" | "text" | "bpchar" => Kind::Text,
            "jsonb" | "json" => Kind::Json,
            "timestamp" | "timestamptz" => Kind::Moment,
            "date" => Kind::Day,
            "bytea" => Kind::Bytes,
            _ => return None,
        })
    }
}

/// From this length on a text is cut, and the rest stands for itself as a hash.
const LONG: usize = 600;

/// Returns the expressions that read a column on both sides; `None` where the types have nothing in common.
///
/// Odoo makes no difference between nothing and zero, false or an empty text, so neither do these.
pub(super) fn read(before: (&str, Kind), after: (&str, Kind)) -> Option<[String; 2]> {
    use Kind::{Day, Json, Moment, Text};
    let pair = match (before.1, after.1) {
        (one, other) if one == other => [plain(before.0, one), plain(after.0, other)],
        // 16.0 keeps translations in the field.
        (Text, Json) => [plain(before.0, Text), english(after.0)],
        (Json, Text) => [english(before.0), plain(after.0, Text)],
        (Moment, Day) | (Day, Moment) => [day(before.0), day(after.0)],
        _ => return None,
    };
    Some(pair)
}

/// Returns the expressions that read a plain text before and the HTML made of it after: what they say, without tags and
/// whatever space there is between words.
pub(super) fn read_as_html(before: (&str, Kind), after: (&str, Kind)) -> Option<[String; 2]> {
    let [was, is] = read(before, after)?;
    // The text of a JSON document has its own way to write quotes and ends of lines.
    let json = before.1 == Kind::Json && after.1 == Kind::Json;
    let (quote, space) = if json { (r#"\""#, r"\s|\\[nrt]") } else { ("\"", r"\s") };
    let tagless = format!("regexp_replace({is}, '<[^>]*>', '', 'g')");
    let said = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&#34;", quote),
        ("&#39;", "''"),
        ("&amp;", "&"),
    ]
    .iter()
    .fold(tagless, |text, (entity, sign)| {
        format!("replace({text}, '{entity}', '{sign}')")
    });
    let close = |text: String| format!("nullif(regexp_replace({text}, '{space}', '', 'g'), '')");
    Some([close(was), close(said)])
}

fn plain(column: &str, kind: Kind) -> String {
    match kind {
        Kind::Number => format!("nullif(round({column}::numeric, 6), 0)::text"),
        Kind::Flag => format!("CASE WHEN {column} THEN 'true' END"),
        Kind::Text => format!("nullif({column}::text, '')"),
        Kind::Json => format!("nullif(nullif({column}::jsonb::text, '{{}}'), 'null')"),
        Kind::Moment => format!("date_trunc('second', {column})::text"),
        Kind::Day => format!("{column}::text"),
        Kind::Bytes => format!("md5({column})"),
    }
}

fn english(column: &str) -> String {
    format!("nullif({column} ->> 'en_US', '')")
}

fn day(column: &str) -> String {
    format!("{column}::date::text")
}

/// Returns the expression that shows a value to people: short, and of a secret nothing but whether it is the same.
pub(super) fn shown(expression: &str, secret: bool) -> String {
    if secret {
        return format!("'md5:' || md5({expression})");
    }
    format!(
        "CASE WHEN length({expression}) > {LONG} THEN left({expression}, 60) || '… md5:' || md5({expression}) ELSE {expression} END"
    )
}

/// Says whether a column holds what nobody may read in a report.
pub(super) fn is_secret(model: &str, column: &str) -> bool {
    let secret = [
        "password",
        "passwd",
        "secret",
        "token",
        "apikey",
        "api_key",
        "private_key",
        "smtp_pass",
        "credential",
    ];
    (model == "ir.config_parameter" && column == "value") || secret.iter().any(|word| column.contains(word))
}

/// Returns a value as a report shows it.
pub(super) fn display(value: Option<&str>) -> String {
    const SHOWN: usize = 60;
    let Some(text) = value else {
        return "nothing".into();
    };
    if text.starts_with("md5:") {
        return "(hidden)".into();
    }
    let number = text.contains('.') && text.bytes().all(|byte| byte.is_ascii_digit() || b".-".contains(&byte));
    let text = if number {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        text.split("… md5:").next().unwrap_or(text)
    };
    let line = text.replace(['\n', '\r'], " ");
    match line.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("`{}…`", &line[..end]),
        None => format!("`{line}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_became_translated_is_read_in_english() {
        let read = read(("t.\"name\"", Kind::Text), ("t.\"name\"", Kind::Json)).unwrap();
        assert_eq!(read[1], "nullif(t.\"name\" ->> 'en_US', '')");
    }

    #[test]
    fn a_number_is_not_held_against_a_text() {
        assert_eq!(read(("a", Kind::Number), ("a", Kind::Text)), None);
    }

    #[test]
    fn a_text_that_became_html_is_read_without_tags() {
        let read = read_as_html(("a", Kind::Text), ("b", Kind::Text)).unwrap();
        assert_eq!(
            read[0],
            "nullif(regexp_replace(nullif(a::text, ''), '\\s', '', 'g'), '')"
        );
        assert!(read[1].contains("regexp_replace(nullif(b::text, ''), '<[^>]*>', '', 'g')"));
        assert_eq!(read_as_html(("a", Kind::Number), ("b", Kind::Text)), None);
    }

    #[test]
    fn values_are_shown_short_and_secrets_not_at_all() {
        assert_eq!(display(Some("1250.500000")), "`1250.5`");
        assert_eq!(display(Some("100.000000")), "`100`");
        assert_eq!(display(Some("md5:0123")), "(hidden)");
        assert_eq!(display(None), "nothing");
        assert_eq!(display(Some(&"å".repeat(100))), format!("`{}…`", "å".repeat(60)));
    }
}
