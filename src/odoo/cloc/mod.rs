//! Counting lines of code exactly as `odoo cloc` does: bytes in, counts out.
//!
//! [`Rules`] say what a series counts. [`count`] counts one file, [`Exclusions`] say which files of a module are free,
//! and a [`Tally`] holds what was counted, left out and not countable, module by module: what a bill is based on.

mod bytes;
mod exclude;
mod own;
mod python;
mod rules;
mod tally;
mod text;

pub use exclude::{Exclusion, Exclusions};
pub use own::Own;
pub use rules::{Kind, MAX_FILE_BYTES, Python, Rules};
pub use tally::{Count, Counted, Excluded, Fault, Faulty, ModuleTally, Tally};

/// Counts the lines of one file, or of code that a database holds.
///
/// The bytes are read as Latin-1, as Odoo does: each is a character, whatever the file's encoding.
pub fn count(content: &[u8], kind: Kind, rules: Rules) -> Result<Count, Fault> {
    let content = text::strip(content);
    match kind {
        Kind::Python => python::lines(content, rules.python()).ok_or(Fault::Syntax),
        Kind::Xml => Ok(text::xml(content)),
        Kind::JavaScript | Kind::Css | Kind::Scss => {
            if (rules.max_line()).is_some_and(|most| text::has_line_longer_than(content, most)) {
                return Err(Fault::LineTooLong);
            }
            Ok(text::c_like(content, kind))
        }
    }
}
