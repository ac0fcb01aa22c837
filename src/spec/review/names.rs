//! Names of customers and modules.

use super::Review;
use crate::spec::document::Place;

/// How long a customer's name may be: it becomes part of container and database names.
const LONGEST_CUSTOMER: usize = 32;

fn is_word(text: &str, first: impl Fn(char) -> bool, rest: impl Fn(char) -> bool) -> bool {
    text.starts_with(first) && text.chars().skip(1).all(rest)
}

/// Returns whether a text is the technical name of an Odoo module.
pub(super) fn is_module(text: &str) -> bool {
    let part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    is_word(text, |c| c.is_ascii_lowercase() || c == '_', part)
}

/// Returns whether a text can name a repository: it becomes a folder and part of step names.
pub(super) fn is_repository(text: &str) -> bool {
    let part = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    is_word(text, |c| c.is_ascii_alphanumeric(), part)
}

/// Returns whether a text can be a customer's short name.
pub(in crate::spec) fn is_customer(text: &str) -> bool {
    let part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
    is_word(text, |c| c.is_ascii_lowercase(), part) && text.len() <= LONGEST_CUSTOMER
}

impl Review<'_> {
    pub(super) fn customer(&mut self, name: &str) {
        if is_customer(name) {
            return;
        }
        let place = self.root().key("customer");
        let problem = place
            .error(
                "customer-name",
                format!("`{name}` cannot be a customer's short name"),
                "becomes part of container and file names",
            )
            .help("use a lower-case letter, then lower-case letters, digits, `_` or `-`; 32 at most");
        self.report(problem);
    }

    /// Checks a list of module names of a step.
    pub(super) fn module_list(&mut self, place: &Place<'_>, modules: &[String]) {
        if modules.is_empty() {
            let problem = place
                .error("empty-list", "this step names no module", "an empty list")
                .help("name at least one module, or remove the step");
            self.report(problem);
        }
        for (index, module) in modules.iter().enumerate() {
            self.module_name(&place.item(index), module);
        }
    }

    /// Checks the name of a module at its place.
    pub(super) fn module_name(&mut self, place: &Place<'_>, module: &str) {
        if !is_module(module) {
            let message = format!("`{module}` is not the name of a module");
            let problem = place
                .error("module-name", message, "not a technical name")
                .help("technical names are of lower-case letters, digits and `_`, like the module's folder");
            self.report(problem);
        }
    }
}
