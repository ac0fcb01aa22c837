//! Which model a relational field leads to: what the modules at hand say, and Odoo's own models.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use super::facts::Facts;

/// Odoo's own models of 18.0 and 19.0, a line each: its name, `<` and a model it takes fields from, and its relational
/// fields with the models they lead to. A field that the first line knows is named alone. Computed and configuration
/// models are left out.
const TABLE: &str = include_str!("core_relations.txt");

struct Core {
    inherits: BTreeMap<&'static str, Vec<&'static str>>,
    fields: BTreeMap<(&'static str, &'static str), &'static str>,
}

fn core() -> &'static Core {
    static CORE: OnceLock<Core> = OnceLock::new();
    CORE.get_or_init(|| {
        let mut core = Core {
            inherits: BTreeMap::new(),
            fields: BTreeMap::new(),
        };
        let mut common: BTreeMap<&str, &str> = BTreeMap::new();
        for line in TABLE.lines() {
            let mut words = line.split(' ');
            let model = words.next().unwrap_or_default();
            for word in words {
                match (word.strip_prefix('<'), word.split_once('=')) {
                    (Some(parent), _) => core.inherits.entry(model).or_default().push(parent),
                    (None, Some((field, to))) if model == "*" => {
                        common.insert(field, to);
                    }
                    (None, Some((field, to))) => {
                        core.fields.insert((model, field), to);
                    }
                    (None, None) => {
                        if let Some(to) = common.get(word) {
                            core.fields.insert((model, word), to);
                        }
                    }
                }
            }
            core.inherits.entry(model).or_default();
        }
        core
    })
}

impl Facts {
    /// Returns the model a field leads to; nothing when the field is unknown or leads nowhere.
    pub fn comodel(&self, model: &str, field: &str) -> Option<&str> {
        if matches!(field, "create_uid" | "write_uid") {
            return Some("res.users");
        }
        (self.family(model).into_iter()).find_map(|model| {
            let own = self.models.get(model).and_then(|it| it.fields.get(field));
            match own {
                Some((_, Some(to))) => Some(to.as_str()),
                _ => core().fields.get(&(model, field)).copied(),
            }
        })
    }

    /// Returns a model and all that it takes fields from, itself first.
    pub fn family<'f>(&'f self, model: &'f str) -> Vec<&'f str> {
        let (mut family, mut next) = (vec![model], 0);
        while let Some(&model) = family.get(next) {
            next += 1;
            let own = self.models.get(model).into_iter().flat_map(|it| &it.inherits);
            let cores = core().inherits.get(model).into_iter().flatten().copied();
            let parents: BTreeSet<&str> = own.map(String::as_str).chain(cores).collect();
            for parent in parents {
                if !family.contains(&parent) {
                    family.push(parent);
                }
            }
        }
        family
    }

    /// Returns the models that the `to many` and `to one` fields of a model lead to.
    pub fn neighbours(&self, model: &str) -> BTreeSet<&str> {
        let mut found = BTreeSet::new();
        for model in self.family(model) {
            let own = self.models.get(model).into_iter().flat_map(|it| it.fields.values());
            found.extend(own.filter_map(|(_, to)| to.as_deref()));
            let cores = core().fields.range((model, "")..);
            found.extend(cores.take_while(|((it, _), _)| *it == model).map(|(_, to)| *to));
        }
        found
    }

    /// Returns the model that `model_sale_order_line` stands for: names with dots and underscores look alike there.
    pub fn model_of_id(&self, id: &str) -> Option<&str> {
        let name = id.rsplit('.').next()?.strip_prefix("model_")?;
        let same = |model: &&str| model.replace('.', "_") == name;
        let own = self.models.keys().map(String::as_str);
        own.chain(core().inherits.keys().copied()).find(same)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_leads_on_through_models_that_odoo_and_the_modules_at_hand_define() {
        let mut facts = Facts::default();
        let line = facts.models.entry("acme.line".to_owned()).or_default();
        line.inherits.insert("sale.order.line".to_owned());
        let field = ("Many2one".to_owned(), Some("acme.plan".to_owned()));
        line.fields.insert("plan_id".to_owned(), field);
        assert_eq!(facts.comodel("acme.line", "plan_id"), Some("acme.plan"));
        assert_eq!(facts.comodel("acme.line", "tax_id"), Some("account.tax"));
        assert_eq!(facts.comodel("product.product", "categ_id"), Some("product.category"));
        assert_eq!(facts.comodel("acme.line", "write_uid"), Some("res.users"));
        assert_eq!(facts.comodel("acme.line", "name"), None);
        assert_eq!(facts.model_of_id("sale.model_sale_order_line"), Some("sale.order.line"));
        assert!(facts.neighbours("sale.order").contains("sale.order.line"));
    }
}
