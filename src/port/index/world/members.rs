//! What a model has: fields, columns, methods and their parameters, values of selections.

use std::collections::{BTreeSet, HashSet};

use super::super::ANYTHING;
use super::{Member, World};

impl<'a> World<'a> {
    /// Finds a member of a model: a field, a method, another name.
    /// What anyone brings counts; what nobody does may still come from a class that is not understood, if it is among
    /// these addons.
    pub(crate) fn member(&self, model: &str, name: &str, among: &HashSet<&str>) -> Member<'a> {
        if name.starts_with("x_") || self.index.base.contains(name) {
            return match self.declared(model, name, among) {
                Member::Nothing => Member::Unknown,
                found => found,
            };
        }
        self.declared(model, name, among)
    }

    fn declared(&self, model: &str, name: &str, among: &HashSet<&str>) -> Member<'a> {
        let mut seen = HashSet::new();
        // Classes of other models first: a field with a type tells more than a name.
        let mut queue = vec![model, "base"];
        let mut other = Member::Nothing;
        let mut related = None;
        while let Some(model) = queue.pop() {
            let Some((model, parts)) = self.models.get_key_value(model) else {
                if model != "base" {
                    other = Member::Unknown;
                }
                continue;
            };
            if !seen.insert(*model) {
                continue;
            }
            for (_, part) in parts.iter().filter(|(addon, _)| among.contains(addon)) {
                if let Some(field) = part.fields.get(name)
                    && (!field.kind.is_empty() || matches!(other, Member::Nothing))
                {
                    if !field.kind.is_empty() && (field.to.is_some() || !relational(&field.kind)) {
                        return Member::Field(field);
                    }
                    // Where it leads is known from its path.
                    related = related.or(Some(field).filter(|field| field.related.is_some()));
                    other = Member::Unknown;
                }
                if matches!(other, Member::Nothing) && (part.methods.contains_key(name) || part.names.contains(name)) {
                    other = Member::Name;
                }
                queue.extend(part.inherits.iter().chain(&part.delegates).map(String::as_str));
            }
        }
        if let Some(field) = related {
            return Member::Field(field);
        }
        // What a mixin does not have, those that use it may.
        let mixin = self.parts(model).iter().any(|(_, part)| part.mixin);
        if matches!(other, Member::Nothing) && (mixin || self.is_open(&seen, among)) {
            return Member::Unknown;
        }
        other
    }

    /// Says whether a model or what it takes from has a method, the classes of one addon left out.
    pub(crate) fn has_elsewhere(&self, model: &str, method: &str, but: &str) -> bool {
        if self.index.base.contains(method) {
            return true;
        }
        let mut seen = HashSet::new();
        let mut queue = vec!["base", model];
        while let Some(other) = queue.pop() {
            if !seen.insert(other) {
                continue;
            }
            for (addon, part) in self.parts(other) {
                let has = part.open || part.methods.contains_key(method) || part.names.contains(method);
                if has && (*addon != but || other != model) {
                    return true;
                }
                queue.extend(part.inherits.iter().map(String::as_str));
            }
        }
        false
    }

    /// Says whether a model's table has no such column: no class of any addon brings one. What it shows of the records that
    /// it is built on (`_inherits`) lies in their tables.
    pub(crate) fn lacks_column(&self, model: &str, column: &str, among: &HashSet<&str>) -> bool {
        let mut seen = HashSet::new();
        let mut queue = vec!["base", model];
        while let Some(other) = queue.pop() {
            if !seen.insert(other) {
                continue;
            }
            for (addon, part) in self.parts(other) {
                let may = part.open && among.contains(addon);
                if may || part.fields.get(column).is_some_and(|field| !field.unstored) {
                    return false;
                }
                queue.extend(part.inherits.iter().map(String::as_str));
            }
            if other != "base" && self.parts(other).is_empty() {
                return false;
            }
        }
        !self.index.base.contains(column) && !self.parts(model).iter().any(|(_, part)| part.mixin)
    }

    /// Returns how many classes of a model and of what it takes from define a field, in some addons; nothing where one may do
    /// so unseen.
    pub(crate) fn defined(&self, model: &str, field: &str, among: &HashSet<&str>) -> Option<usize> {
        let mut seen = HashSet::new();
        let mut queue = vec!["base", model];
        let mut number = 0;
        while let Some(other) = queue.pop() {
            if !seen.insert(other) {
                continue;
            }
            for (_, part) in self.parts(other).iter().filter(|(addon, _)| among.contains(addon)) {
                if part.open || (part.mixin && other == model) {
                    return None;
                }
                number += usize::from(part.fields.contains_key(field) || part.names.contains(field));
                queue.extend(part.inherits.iter().chain(&part.delegates).map(String::as_str));
            }
        }
        Some(number)
    }

    /// Returns the parameters of a method wherever a model or what it takes from defines it in some addons, the classes of one
    /// left out; nothing where one of them may come from something that is not understood.
    pub(crate) fn definitions(
        &self,
        model: &str,
        method: &str,
        but: &str,
        among: &HashSet<&str>,
    ) -> Option<Vec<&'a str>> {
        if self.index.base.contains(method) {
            return None;
        }
        let mut found = Vec::new();
        let mut seen = HashSet::new();
        let mut queue = vec!["base", model];
        while let Some(other) = queue.pop() {
            if !seen.insert(other) {
                continue;
            }
            for (addon, part) in self.parts(other).iter().filter(|(addon, _)| among.contains(addon)) {
                queue.extend(part.inherits.iter().map(String::as_str));
                if *addon == but && other == model {
                    continue;
                }
                if part.open || part.names.contains(method) {
                    return None;
                }
                found.extend(part.methods.get(method).map(String::as_str));
            }
        }
        Some(found)
    }

    /// Returns the values that a selection may have, whoever adds them; nothing where one of its parts is not literal.
    pub(crate) fn values(&self, model: &str, field: &str) -> Option<BTreeSet<&'a str>> {
        let mut values = BTreeSet::new();
        let mut seen = HashSet::new();
        let mut queue = vec!["base", model];
        while let Some(other) = queue.pop() {
            if !seen.insert(other) {
                continue;
            }
            for (_, part) in self.parts(other) {
                queue.extend(part.inherits.iter().chain(&part.delegates).map(String::as_str));
                if part.open {
                    return None;
                }
                if let Some(it) = part.fields.get(field) {
                    if it.kind != "Selection" || it.values.iter().any(|value| value == ANYTHING) {
                        return None;
                    }
                    values.extend(it.values.iter().map(String::as_str));
                }
            }
        }
        (!values.is_empty()).then_some(values)
    }

    fn is_open(&self, models: &HashSet<&str>, among: &HashSet<&str>) -> bool {
        let mut parts = models.iter().flat_map(|model| self.parts(model));
        parts.any(|(addon, part)| part.open && among.contains(addon))
    }

    /// Returns the names of all members of a model.
    pub(crate) fn members(&self, model: &str) -> BTreeSet<&'a str> {
        let mut seen = HashSet::new();
        let mut queue = vec![model];
        let mut names = BTreeSet::new();
        while let Some(model) = queue.pop() {
            let Some((model, parts)) = self.models.get_key_value(model) else {
                continue;
            };
            if !seen.insert(*model) {
                continue;
            }
            for (_, part) in parts {
                names.extend(part.fields.keys().map(String::as_str));
                names.extend(part.methods.keys().map(String::as_str));
                queue.extend(part.inherits.iter().chain(&part.delegates).map(String::as_str));
            }
        }
        names
    }

    /// Returns the fields of a model.
    pub(crate) fn field_names(&self, model: &str, among: &HashSet<&str>) -> Vec<&'a str> {
        let is_field = |name: &&str| matches!(self.member(model, name, among), Member::Field(_) | Member::Unknown);
        self.members(model).into_iter().filter(is_field).collect()
    }
}

fn relational(kind: &str) -> bool {
    matches!(kind, "Many2one" | "One2many" | "Many2many")
}
