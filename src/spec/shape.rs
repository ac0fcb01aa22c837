//! What may stand where in a file, read off the JSON Schema of its types.
//!
//! serde stops at the first surprise. Walking the file against this shape ([`super::fit`]) finds all of them, and
//! because the shape comes from the types' own schema the two cannot drift apart.

use indexmap::IndexMap;
use schemars::{JsonSchema, schema_for};
use serde_json::{Map, Value};

/// What a value must look like.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// Any single value.
    Text,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// One of some words.
    Word(Vec<String>),
    /// A sequence.
    List(Box<Shape>),
    /// A mapping whose keys the user chooses.
    Table(Box<Shape>),
    /// A mapping with known keys.
    Record {
        /// The type's name in the schema, such as `Repository`.
        name: String,
        /// Its keys.
        keys: IndexMap<String, Key>,
    },
    /// A single value, or what is in here.
    TextOr(Box<Shape>),
    /// `true`, `false`, or what is in here.
    BooleanOr(Box<Shape>),
    /// A mapping with exactly one of some keys.
    OneOf {
        /// The type's name in the schema, such as `Step`.
        name: String,
        /// Its keys.
        keys: IndexMap<String, Key>,
    },
}

/// A known key.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    /// What its value must look like.
    pub shape: Shape,
    /// Whether it must be there.
    pub required: bool,
    /// Whether it may be left without a value.
    pub nullable: bool,
    /// What it is for: the type's doc comment.
    pub about: String,
}

impl Shape {
    /// Returns the shape of a type.
    pub fn of<T: JsonSchema>() -> Shape {
        let schema = schema_for!(T);
        let root = schema.as_value();
        let name = root["title"].as_str().unwrap_or_default();
        Translator {
            definitions: &root["$defs"],
        }
        .shape(root, name)
    }

    /// Returns a value that fits and says nothing.
    pub fn blank(&self) -> Value {
        match self {
            Shape::Text | Shape::TextOr(_) => Value::from(""),
            Shape::Number => Value::from(0),
            Shape::Boolean | Shape::BooleanOr(_) => Value::Bool(false),
            Shape::Word(words) => Value::from(words.first().map_or("", String::as_str)),
            Shape::List(_) => Value::Array(Vec::new()),
            Shape::Table(_) => Value::Object(Map::new()),
            Shape::Record { keys, .. } => {
                let required = keys.iter().filter(|(_, key)| key.required);
                Value::Object(required.map(|(name, key)| (name.clone(), key.shape.blank())).collect())
            }
            Shape::OneOf { keys, .. } => blank_choice(keys),
        }
    }
}

impl Key {
    /// Returns the value of the key when it is left without one.
    pub fn blank(&self) -> Value {
        match self.shape {
            Shape::List(_) | Shape::Table(_) | Shape::Record { .. } => self.shape.blank(),
            _ => Value::Null,
        }
    }
}

/// Returns a mapping with the first of the possible keys, and a blank value.
pub fn blank_choice(keys: &IndexMap<String, Key>) -> Value {
    let first = keys.iter().take(1);
    Value::Object(first.map(|(name, key)| (name.clone(), key.shape.blank())).collect())
}

struct Translator<'s> {
    definitions: &'s Value,
}

impl Translator<'_> {
    fn shape(&self, schema: &Value, name: &str) -> Shape {
        if let Some(reference) = schema["$ref"].as_str() {
            let name = reference.rsplit('/').next().unwrap_or_default();
            return self.shape(&self.definitions[name], name);
        }
        // A single value that may be more than that.
        if let Some([single, more]) = schema["anyOf"].as_array().map(Vec::as_slice)
            && more["type"] != "null"
        {
            let more = || Box::new(self.shape(more, name));
            match single["type"].as_str() {
                Some("string") => return Shape::TextOr(more()),
                Some("boolean") => return Shape::BooleanOr(more()),
                _ => {}
            }
        }
        // `Option<T>` of a named type.
        if let Some(choices) = schema["anyOf"].as_array()
            && let Some(some) = choices.iter().find(|choice| choice["type"] != "null")
        {
            return self.shape(some, name);
        }
        if let Some(variants) = schema["oneOf"].as_array() {
            return self.variants(variants, name);
        }
        match type_name(schema) {
            "array" => Shape::List(Box::new(self.shape(&schema["items"], name))),
            "object" if schema["properties"].is_object() => Shape::Record {
                name: name.to_owned(),
                keys: self.keys(schema),
            },
            "object" => Shape::Table(Box::new(self.shape(&schema["additionalProperties"], name))),
            "boolean" => Shape::Boolean,
            "number" | "integer" => Shape::Number,
            _ => Shape::Text,
        }
    }

    /// An enum: of words, or of mappings with one key each.
    fn variants(&self, variants: &[Value], name: &str) -> Shape {
        let words: Vec<String> = variants
            .iter()
            .filter_map(|v| Some(v["const"].as_str()?.to_owned()))
            .collect();
        if words.len() == variants.len() {
            return Shape::Word(words);
        }
        let keys = variants.iter().flat_map(|variant| {
            let about = variant["description"].as_str().unwrap_or_default().to_owned();
            let keys = self.keys(variant).into_iter();
            keys.map(move |(key, known)| {
                (
                    key,
                    Key {
                        about: about.clone(),
                        ..known
                    },
                )
            })
        });
        Shape::OneOf {
            name: name.to_owned(),
            keys: keys.collect(),
        }
    }

    fn keys(&self, schema: &Value) -> IndexMap<String, Key> {
        let required: Vec<&str> = schema["required"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let properties = schema["properties"].as_object().into_iter().flatten();
        properties
            .map(|(name, property)| {
                let shape = self.shape(property, name);
                let required = required.contains(&name.as_str());
                let optional = property["default"].is_null() && !required;
                let key = Key {
                    // serde_yaml takes a collection or record without a value for an empty one.
                    nullable: optional || matches!(shape, Shape::List(_) | Shape::Table(_) | Shape::Record { .. }),
                    shape,
                    required,
                    about: property["description"].as_str().unwrap_or_default().to_owned(),
                };
                (name.clone(), key)
            })
            .collect()
    }
}

/// The type of a value; of `["string", "null"]`, the one that is not null.
fn type_name(schema: &Value) -> &str {
    match &schema["type"] {
        Value::Array(types) => types
            .iter()
            .filter_map(Value::as_str)
            .find(|name| *name != "null")
            .unwrap_or_default(),
        one => one.as_str().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::plan_file::PlanFile;

    fn record(shape: &Shape) -> &IndexMap<String, Key> {
        match shape {
            Shape::Record { keys, .. } | Shape::OneOf { keys, .. } => keys,
            other => panic!("not a record: {other:?}"),
        }
    }

    #[test]
    fn a_plan_has_the_shape_of_its_types() {
        let plan = Shape::of::<PlanFile>();
        let keys = record(&plan);
        assert!(keys["customer"].required && !keys["customer"].nullable);
        assert!(!keys["hops"].required && keys["hops"].nullable);
        assert_eq!(
            keys["engine"].shape,
            Shape::Word(vec!["openupgrade".into(), "update".into(), "odoo-service".into()])
        );
        assert!(!keys["engine"].nullable, "serde_yaml refuses an enum without a value");
        let Shape::Table(hop) = &keys["hops"].shape else {
            panic!("hops: {:?}", keys["hops"])
        };
        let Shape::List(step) = &record(hop)["before"].shape else {
            panic!("no list of steps")
        };
        assert_eq!(record(step)["uninstall"].shape, Shape::List(Box::new(Shape::Text)));
        assert_eq!(record(&keys["limits"].shape)["cpus"].shape, Shape::Number);
        let Shape::Table(list) = &record(&keys["images"].shape)["apt"].shape else {
            panic!("no table")
        };
        assert_eq!(**list, Shape::List(Box::new(Shape::Text)));
    }
}
