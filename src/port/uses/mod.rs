//! Where a file names fields, and of which model, as far as that can be told.

mod csv;
mod piece;
mod python;
mod sql;
mod strings;
mod views;
mod xml;

use std::ops::Range;

pub use csv::of_csv;
pub use python::of_python;
pub(in crate::port) use python::{Call, with_calls};
pub(in crate::port) use sql::Statement;
pub use xml::of_xml;

/// How a field is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// `record.field`, read.
    Read,
    /// `record.field = …`.
    Write,
    /// `field = fields.…` in a class.
    Define,
    /// The key of a value to write: a dictionary's, a record's in XML, a column.
    Key,
    /// A step of a path: `@api.depends`, `mapped`, `related`, an order.
    Path,
    /// The left side of a condition of a domain.
    Domain,
    /// `<field>`, `<label>`, `<groupby>` in a view.
    View,
    /// A field that the path of an inheriting view looks for.
    Anchor,
    /// A name in an expression of a view.
    Name,
}

/// A field that is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// Of which model; nothing when that cannot be told.
    pub model: Option<String>,
    /// The field.
    pub field: String,
    /// The bytes of its name in the file; nothing when they are not as they read (escaped, joined).
    pub place: Range<usize>,
    /// How.
    pub how: How,
    /// The operator of its condition.
    pub operator: Option<String>,
    /// `True` or `False` when it is compared with or set to one of these, and where that stands.
    pub truth: Option<(Range<usize>, bool)>,
}

impl Use {
    fn new(model: Option<&str>, field: &str, place: Range<usize>, how: How) -> Use {
        Use {
            model: model.map(str::to_owned),
            field: field.to_owned(),
            place,
            how,
            operator: None,
            truth: None,
        }
    }
}
