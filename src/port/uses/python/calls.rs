//! Calls: what they return, and what their arguments name.

use ruff_python_ast::{Expr, ExprCall, ExprLambda, Stmt, StmtClassDef};

use super::{Kind, Walk, prepared};
use crate::port::uses::piece::Piece;
use crate::port::uses::strings::{About, expression, path};
use crate::port::uses::{How, Use};
use crate::port::{Python, range};

/// Methods that return records of the model they are called on; those of `Form` among them.
const SAME: [&str; 26] = [
    "search",
    "browse",
    "create",
    "with_context",
    "with_user",
    "with_company",
    "with_env",
    "sudo",
    "exists",
    "filtered",
    "filtered_domain",
    "sorted",
    "copy",
    "new",
    "union",
    "concat",
    "with_prefetch",
    "ensure_one",
    "search_fetch",
    "edit",
    "save",
    "_filtered_access",
    "_filter_access_rules",
    "with_delay",
    "_origin",
    "_new",
];

/// What records with some names are, by the beginnings of their ids.
const REFERENCES: [(&str, &str); 7] = [
    (".group_", "res.groups"),
    ("base.user_", "res.users"),
    ("uom.product_uom", "uom.uom"),
    ("base.main_company", "res.company"),
    ("base.res_partner", "res.partner"),
    ("stock.stock_location", "stock.location"),
    ("product.product_product", "product.product"),
];

impl<'a> Walk<'_, 'a> {
    pub(super) fn call(&mut self, call: &'a ExprCall) -> Option<Kind> {
        let arguments = &call.arguments;
        let (method, receiver) = match &*call.func {
            Expr::Attribute(attribute) => {
                let of_fields = matches!(&*attribute.value, Expr::Name(name) if name.id.as_str() == "fields");
                if of_fields && self.class.is_some() {
                    self.field(call);
                }
                (attribute.attr.id.as_str(), self.expr(&attribute.value))
            }
            Expr::Name(name) => return self.function_call(call, name.id.as_str()),
            other => {
                self.expr(other);
                self.arguments(call, None);
                return None;
            }
        };
        if method == "ref" {
            self.arguments(call, None);
            let id = arguments.args.first().and_then(Python::string)?;
            let known = REFERENCES.iter().find(|(part, _)| id.contains(part));
            return known.map(|(_, model)| Kind::Records((*model).to_owned()));
        }
        let Some(Kind::Records(model)) = receiver else {
            if let Some(Kind::Values(model)) = receiver {
                match (method, arguments.args.first()) {
                    ("get" | "pop" | "setdefault", Some(key)) => {
                        self.text(Some(&model), key, How::Key);
                    }
                    ("update" | "append", Some(values)) => self.values(&model, values),
                    _ => {}
                }
                self.arguments(call, None);
                return (method == "copy").then_some(Kind::Values(model));
            }
            self.arguments(call, None);
            return prepared(method).map(|model| Kind::Values(model.to_owned()));
        };
        if let Expr::Attribute(function) = &*call.func {
            let of = Python::dotted(&function.value);
            let is_super =
                matches!(&*function.value, Expr::Call(it) if Python::dotted(&it.func).as_deref() == Some("super"));
            if !is_super {
                self.called.push(super::Call {
                    model: model.clone(),
                    method: method.to_owned(),
                    place: range(&function.attr),
                    own: of.as_deref() == Some("self"),
                });
            }
        }
        let result = self.arguments(call, Some(&model));
        self.named_in(call, method, &model);
        if SAME.contains(&method) {
            return Some(Kind::Records(model));
        }
        match method {
            "mapped" => match arguments.args.first()? {
                Expr::StringLiteral(literal) => {
                    let mut steps = literal.value.to_str().split('.');
                    let facts = self.python.facts;
                    let end = steps.try_fold(model.as_str(), |model, step| facts.comodel(model, step))?;
                    Some(Kind::Records(end.to_owned()))
                }
                _ => result,
            },
            "default_get" => Some(Kind::Values(model)),
            _ => prepared(method).map(|model| Kind::Values(model.to_owned())),
        }
    }

    fn function_call(&mut self, call: &'a ExprCall, name: &str) -> Option<Kind> {
        let first = call.arguments.args.first();
        match name {
            "super" => return self.class.clone().map(Kind::Records),
            "Form" | "sorted" | "reversed" | "list" | "min" | "max" | "filter" => {
                let kind = first.and_then(|first| self.expr(first));
                let model = kind.clone().and_then(Kind::records);
                self.arguments(call, model.as_deref());
                return kind;
            }
            "getattr" | "hasattr" | "setattr" => {
                if let [record, field, ..] = &*call.arguments.args
                    && let Some(Kind::Records(model)) = self.expr(record)
                {
                    self.text(Some(&model), field, How::Read);
                }
            }
            _ => {}
        }
        self.arguments(call, None);
        None
    }

    /// Looks through arguments; functions among them get records of the model. Returns what the last of these returns.
    fn arguments(&mut self, call: &'a ExprCall, model: Option<&str>) -> Option<Kind> {
        let mut result = None;
        let keywords = call.arguments.keywords.iter().map(|keyword| &keyword.value);
        for value in call.arguments.args.iter().chain(keywords) {
            match (value, model) {
                (Expr::Lambda(lambda), Some(model)) => result = self.lambda(lambda, model),
                _ => {
                    self.expr(value);
                }
            }
        }
        result
    }

    fn lambda(&mut self, lambda: &'a ExprLambda, model: &str) -> Option<Kind> {
        let outer = self.scope.clone();
        for (at, parameter) in lambda.parameters.iter().flat_map(|it| it.iter()).enumerate() {
            let name = parameter.name().id.to_string();
            if at == 0 {
                self.scope.insert(name, Kind::Records(model.to_owned()));
            } else if let Some(default) = parameter.default() {
                match self.expr(default) {
                    Some(kind) => self.scope.insert(name, kind),
                    None => self.scope.remove(&name),
                };
            }
        }
        let result = self.expr(&lambda.body);
        self.scope = outer;
        result
    }

    /// Takes what the arguments of a method of records name in texts.
    fn named_in(&mut self, call: &'a ExprCall, method: &str, model: &str) {
        let argument = |at: usize, name: &str| {
            let named = call.arguments.find_keyword(name).map(|keyword| &keyword.value);
            named.or_else(|| call.arguments.args.get(at))
        };
        match method {
            "search"
            | "search_count"
            | "search_fetch"
            | "_search"
            | "filtered_domain"
            | "search_read"
            | "read_group"
            | "_read_group"
            | "formatted_read_group"
            | "web_search_read"
            | "_where_calc" => {
                if let Some(domain) = argument(0, "domain").or_else(|| argument(0, "args")) {
                    self.domain(Some(model), domain);
                }
            }
            "create" | "write" | "update" | "new" | "_write" | "_create" | "copy" | "copy_data" => {
                let default = if method.starts_with("copy") { "default" } else { "vals" };
                if let Some(values) = argument(0, default).or_else(|| argument(0, "vals_list")) {
                    self.values(model, values);
                }
            }
            "mapped" | "filtered" | "sorted" | "grouped" => {
                if let Some(text) = argument(0, "key") {
                    self.texts(Some(model), text, How::Path);
                }
            }
            "read"
            | "default_get"
            | "fields_get"
            | "flush_model"
            | "flush_recordset"
            | "invalidate_model"
            | "invalidate_recordset"
            | "modified" => {
                if let Some(names) = argument(0, "fields").or_else(|| argument(0, "fnames")) {
                    self.texts(Some(model), names, How::View);
                }
            }
            _ => {}
        }
        let lists: &[(usize, &str)] = match method {
            "search_read" => &[(1, "fields"), (4, "order")],
            "search_fetch" => &[(1, "field_names"), (9, "order")],
            "search" => &[(3, "order")],
            "_read_group" => &[(1, "groupby"), (2, "aggregates"), (9, "order")],
            "formatted_read_group" => &[(1, "groupby"), (2, "aggregates")],
            "read_group" => &[(1, "fields"), (2, "groupby"), (5, "orderby")],
            _ => &[],
        };
        for (at, name) in lists {
            if let Some(names) = argument(*at, name) {
                self.texts(Some(model), names, How::Path);
            }
        }
    }

    /// Takes what the definition of a field names: `related`, `domain`, `currency_field`, the inverse.
    fn field(&mut self, call: &'a ExprCall) {
        let class = self.class.clone();
        let named = |name: &str| call.arguments.find_keyword(name).map(|keyword| &keyword.value);
        let comodel = named("comodel_name")
            .or_else(|| call.arguments.args.first())
            .and_then(Python::string);
        let comodel = comodel.map(str::to_owned).or_else(|| {
            let steps = named("related").and_then(Python::string)?.split('.');
            let facts = self.python.facts;
            let end = steps.fold(class.as_deref(), |model, step| facts.comodel(model?, step));
            end.map(str::to_owned)
        });
        for name in ["related", "currency_field"] {
            if let Some(text) = named(name) {
                self.texts(class.as_deref(), text, How::Path);
            }
        }
        let kind = Python::called(call);
        let second = call.arguments.args.get(1).filter(|_| kind == Some("One2many"));
        if let Some(inverse) = named("inverse_name").or(second) {
            self.text(comodel.as_deref(), inverse, How::Path);
        }
        match named("domain") {
            Some(Expr::StringLiteral(literal)) => {
                if let Some(inside) = self.python.inside(literal) {
                    let piece = Piece::plain(literal.value.to_str(), inside.start);
                    let about = About {
                        domain: comodel.as_deref(),
                        names: class.as_deref(),
                        parent: None,
                        record: true,
                    };
                    expression(self.python.facts, &piece, about, &mut self.uses);
                }
            }
            Some(Expr::Lambda(lambda)) => self.domain(comodel.as_deref(), &lambda.body),
            Some(other) => self.domain(comodel.as_deref(), other),
            None => {}
        }
    }

    /// Takes `@api.depends('a.b')` and its kin.
    pub(super) fn decorator(&mut self, expr: &'a Expr) {
        self.expr(expr);
        let Expr::Call(call) = expr else { return };
        let how = match Python::dotted(&call.func).as_deref() {
            Some("api.depends" | "depends") => How::Path,
            Some("api.onchange" | "api.constrains" | "onchange" | "constrains") => How::View,
            _ => return,
        };
        let class = self.class.clone();
        for argument in &call.arguments.args {
            self.texts(class.as_deref(), argument, how);
        }
    }

    /// Takes what a class says of its model in texts.
    pub(super) fn class_strings(&mut self, class: &'a StmtClassDef) {
        let model = self.class.clone();
        for stmt in &class.body {
            let Stmt::Assign(assign) = stmt else { continue };
            let [Expr::Name(name)] = assign.targets.as_slice() else {
                continue;
            };
            if matches!(
                name.id.as_str(),
                "_order" | "_rec_name" | "_parent_name" | "_rec_names_search" | "_date_name" | "_fold_name"
            ) {
                self.texts(model.as_deref(), &assign.value, How::Path);
            }
        }
    }

    /// Takes a text, or each of several, that names fields: `a.b`, `date:month`, `name desc, id`.
    pub(super) fn texts(&mut self, model: Option<&str>, expr: &'a Expr, how: How) {
        match expr {
            Expr::StringLiteral(literal) => {
                let Some(inside) = self.python.inside(literal) else {
                    return;
                };
                let text = literal.value.to_str();
                let mut at = 0;
                for part in text.split(',') {
                    let blank = part.len() - part.trim_start().len();
                    let start = inside.start + at + blank;
                    let place = |it: std::ops::Range<usize>| start + it.start..start + it.end;
                    path(self.python.facts, model, part.trim(), place, how, &mut self.uses);
                    at += part.len() + 1;
                }
            }
            Expr::List(list) => list.elts.iter().for_each(|it| self.texts(model, it, how)),
            Expr::Tuple(tuple) => tuple.elts.iter().for_each(|it| self.texts(model, it, how)),
            Expr::Starred(starred) => self.texts(model, &starred.value, how),
            Expr::BinOp(operation) => {
                self.texts(model, &operation.left, how);
                self.texts(model, &operation.right, how);
            }
            _ => {}
        }
    }

    /// Takes a text that is one name, and returns the model the field leads to.
    pub(super) fn text(&mut self, model: Option<&str>, expr: &'a Expr, how: How) -> Option<String> {
        let Expr::StringLiteral(literal) = expr else {
            return None;
        };
        let inside = self.python.inside(literal)?;
        let name = literal.value.to_str();
        self.uses.push(Use::new(model, name, inside, how));
        self.python.facts.comodel(model?, name).map(str::to_owned)
    }
}

/// Returns the bytes of the names of keyword arguments: `dict(tax_id=…)`.
pub(super) fn keyword_names(call: &ExprCall) -> impl Iterator<Item = (&str, std::ops::Range<usize>, &Expr)> {
    (call.arguments.keywords.iter()).filter_map(|keyword| {
        let name = keyword.arg.as_ref()?;
        Some((name.id.as_str(), range(name), &keyword.value))
    })
}
