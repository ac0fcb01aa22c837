//! `${customer}`, `${database}`, `${target}` and `${source}` in paths and command arguments.

use crate::ident::Series;

use super::suggest::remedy;

/// Every placeholder there is.
const NAMES: [&str; 4] = ["customer", "database", "target", "source"];

/// What placeholders stand for.
#[derive(Clone, Copy, Debug)]
pub struct Values<'a> {
    /// The customer's short name.
    pub customer: &'a str,
    /// The series the plan ends at.
    pub target: Option<Series>,
    /// The series of the backup, where it is known already.
    pub source: Option<Series>,
}

/// A placeholder that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlaceholderError {
    /// `${` without an end.
    #[error("`${{` is not closed by `}}`")]
    Open,
    /// A name that stands for nothing.
    #[error("`${{{0}}}` stands for nothing")]
    Unknown(String),
}

impl PlaceholderError {
    /// Returns what to do about it.
    pub fn remedy(&self) -> String {
        match self {
            PlaceholderError::Open => "close it with `}`; a shell's own variable is written `$NAME`".to_owned(),
            PlaceholderError::Unknown(name) => remedy(name, "placeholders", NAMES),
        }
    }
}

/// Names that PostgreSQL's own databases have.
const RESERVED: [&str; 3] = ["postgres", "template0", "template1"];
/// What the names of checkpoints begin with.
pub const CHECKPOINT: &str = "cp_";

/// Returns the name of a customer's database while it is worked on.
pub fn database_name(customer: &str) -> String {
    let name = customer.replace('-', "_");
    // A customer may be called what PostgreSQL or a checkpoint is called.
    if RESERVED.contains(&name.as_str()) || name.starts_with(CHECKPOINT) {
        return format!("odoo_{name}");
    }
    name
}

/// Replaces placeholders; one whose value is not known yet stays as it is.
pub fn fill(text: &str, values: &Values<'_>) -> Result<String, PlaceholderError> {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        filled.push_str(&rest[..start]);
        let (name, after) = rest[start + 2..].split_once('}').ok_or(PlaceholderError::Open)?;
        let written = &rest[start..rest.len() - after.len()];
        let value = match name {
            "customer" => Some(values.customer.to_owned()),
            "database" => Some(database_name(values.customer)),
            "target" => values.target.map(|series| series.to_string()),
            "source" => values.source.map(|series| series.to_string()),
            _ => return Err(PlaceholderError::Unknown(name.to_owned())),
        };
        filled.push_str(value.as_deref().unwrap_or(written));
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const VALUES: Values<'_> = Values {
        customer: "acme",
        target: Some(Series::NEWEST),
        source: None,
    };

    #[test]
    fn known_values_are_filled_in_and_unknown_ones_wait() {
        assert_eq!(fill("${customer}-${target}/å", &VALUES).unwrap(), "acme-19.0/å");
        assert_eq!(fill("from-${source}", &VALUES).unwrap(), "from-${source}");
        let club = Values {
            customer: "ik-bryggan",
            ..VALUES
        };
        assert_eq!(fill("psql -d ${database}", &club).unwrap(), "psql -d ik_bryggan");
    }

    #[test]
    fn what_stands_for_nothing_is_refused() {
        assert_eq!(
            fill("${custmer}", &VALUES),
            Err(PlaceholderError::Unknown("custmer".into()))
        );
        assert_eq!(fill("a ${customer", &VALUES), Err(PlaceholderError::Open));
    }

    proptest! {
        #[test]
        fn a_text_without_placeholders_stays_as_it_is(text in "[^$]{0,40}") {
            prop_assert_eq!(fill(&text, &VALUES).unwrap(), text);
        }
    }
}
