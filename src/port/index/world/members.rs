//! What a model has: fields, columns, methods and their parameters, values of selections.

use std::collections::{BTreeSet, HashSet};

use super::super::{ANYTHING, Field, ModelPart};
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
                        // Of two classes that let it lead elsewhere the one that is loaded last counts.
                        let elsewhere = |(addon, part): &(&str, &ModelPart)| {
                            let to = part.fields.get(name).and_then(|other| other.to.as_ref());
                            among.contains(addon) && to.is_some() && to != field.to.as_ref()
                        };
                        if field.to.is_some() && parts.iter().any(elsewhere) {
                            return Member::Unknown;
                        }
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

    /// Returns the classes of a model and of what it takes from, `base` among them, each with its model and its addon: those of
    /// addons that count. Where `delegates` says so, what the model is built on (`_inherits`) is there as well.
    fn family(
        &self,
        model: &str,
        delegates: bool,
        counts: &dyn Fn(&str) -> bool,
    ) -> Vec<(&'a str, &'a str, &'a ModelPart)> {
        let mut family = Vec::new();
        let mut seen = HashSet::new();
        let mut queue = vec!["base", model];
        while let Some((name, parts)) = queue.pop().map(|name| (name, self.parts(name))) {
            if !seen.insert(name) {
                continue;
            }
            for (addon, part) in parts.iter().filter(|(addon, _)| counts(addon)) {
                family.push((part.name.as_str(), *addon, *part));
                queue.extend(part.inherits.iter().map(String::as_str));
                let built_on = part.delegates.iter().filter(|_| delegates);
                queue.extend(built_on.map(String::as_str));
            }
        }
        family
    }

    /// Says whether a model or what it takes from has a method, the classes of one addon left out.
    pub(crate) fn has_elsewhere(&self, model: &str, method: &str, but: &str) -> bool {
        let has = |part: &ModelPart| part.open || part.methods.contains_key(method) || part.names.contains(method);
        let mut family = self.family(model, false, &|_| true).into_iter();
        self.index.base.contains(method) || family.any(|(of, addon, part)| has(part) && (addon != but || of != model))
    }

    /// Says whether a model's table has no such column: no class of any addon brings one. What it shows of the records that
    /// it is built on (`_inherits`) lies in their tables.
    pub(crate) fn lacks_column(&self, model: &str, column: &str, among: &HashSet<&str>) -> bool {
        let family = self.family(model, false, &|_| true);
        let brings = |part: &ModelPart| part.fields.get(column).is_some_and(|field| !field.unstored);
        let may_bring = |(of, addon, part): &(&str, &str, &ModelPart)| {
            let unknown = part.inherits.iter().any(|parent| self.parts(parent).is_empty());
            brings(part) || unknown || (part.open && among.contains(addon)) || (part.mixin && *of == model)
        };
        !self.parts(model).is_empty() && !self.index.base.contains(column) && !family.iter().any(may_bring)
    }

    /// Returns how many classes of a model and of what it takes from define a field, in some addons; nothing where one may do
    /// so unseen.
    pub(crate) fn defined(&self, model: &str, field: &str, among: &HashSet<&str>) -> Option<usize> {
        let family = self.family(model, true, &|addon| among.contains(addon));
        let unseen = |(of, _, part): &(&str, &str, &ModelPart)| part.open || (part.mixin && *of == model);
        let defines = |part: &ModelPart| part.fields.contains_key(field) || part.names.contains(field);
        let number = family.iter().filter(|(_, _, part)| defines(part)).count();
        (!family.iter().any(unseen)).then_some(number)
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
        let mut family = self.family(model, false, &|addon| among.contains(addon));
        family.retain(|(of, addon, _)| *addon != but || *of != model);
        let unseen = |part: &ModelPart| part.open || part.names.contains(method);
        if self.index.base.contains(method) || family.iter().any(|(_, _, part)| unseen(part)) {
            return None;
        }
        let texts = family.into_iter().filter_map(|(_, _, part)| part.methods.get(method));
        Some(texts.map(String::as_str).collect())
    }

    /// Returns the values that a selection may have, whoever adds them; nothing where one of its parts is not literal.
    pub(crate) fn values(&self, model: &str, field: &str) -> Option<BTreeSet<&'a str>> {
        let family = self.family(model, true, &|_| true);
        let fields = || family.iter().filter_map(|(_, _, part)| part.fields.get(field));
        let is_literal = |it: &Field| it.kind == "Selection" && it.values.iter().all(|value| value != ANYTHING);
        if family.iter().any(|(_, _, part)| part.open) || !fields().all(is_literal) {
            return None;
        }
        let values: BTreeSet<&str> = fields().flat_map(|it| &it.values).map(String::as_str).collect();
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
