//! Fields in Python: the models of expressions, followed through assignments, loops and calls.

mod calls;
mod values;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use ruff_python_ast::visitor::source_order::{SourceOrderVisitor, walk_stmt};
use ruff_python_ast::{Expr, ExprAttribute, ExprContext, Stmt, StmtClassDef, StmtFunctionDef};

use super::strings::is_leaf;
use super::{How, Use};
use crate::port::{Class, Python, range};

/// What an expression stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    /// Records of a model.
    Records(String),
    /// Values to write on a model: a dictionary, or a list of them.
    Values(String),
}

impl Kind {
    fn records(self) -> Option<String> {
        match self {
            Kind::Records(model) => Some(model),
            Kind::Values(_) => None,
        }
    }
}

/// Returns the fields that a file names, in no order.
pub fn of_python(python: &Python<'_>) -> Vec<Use> {
    walked(python).rest()
}

/// Returns the same, and the methods that a file calls on records whose model is known; calls on `super()` are left out.
pub(in crate::port) fn with_calls(python: &Python<'_>) -> (Vec<Use>, Vec<Call>) {
    let mut walk = walked(python);
    let called = std::mem::take(&mut walk.called);
    (walk.rest(), called)
}

/// A method that is called on records.
pub(in crate::port) struct Call {
    /// The model of the records.
    pub(in crate::port) model: String,
    /// The method.
    pub(in crate::port) method: String,
    /// The bytes of its name.
    pub(in crate::port) place: Range<usize>,
    /// Whether the records are `self`.
    pub(in crate::port) own: bool,
}

fn walked<'p, 'a>(python: &'p Python<'a>) -> Walk<'p, 'a> {
    let mut walk = Walk {
        python,
        scope: BTreeMap::new(),
        given: BTreeMap::new(),
        keyed: BTreeMap::new(),
        attributes: BTreeMap::new(),
        class: None,
        returns: None,
        uses: Vec::new(),
        called: Vec::new(),
        loose: Vec::new(),
    };
    for stmt in python.body {
        walk.visit_stmt(stmt);
    }
    walk
}

/// The state of the walk. `'a` is the file's.
struct Walk<'p, 'a> {
    python: &'p Python<'a>,
    /// What names stand for.
    scope: BTreeMap<String, Kind>,
    /// What was assigned to names: dictionaries and domains that are used later.
    given: BTreeMap<String, Vec<&'a Expr>>,
    /// `name['key']`: the keys by name.
    keyed: BTreeMap<String, Vec<&'a Expr>>,
    /// What attributes of `self` stand for that are no fields: those of a test case.
    attributes: BTreeMap<String, Kind>,
    /// The model of the class.
    class: Option<String>,
    /// The model of the values that the function returns.
    returns: Option<String>,
    uses: Vec<Use>,
    called: Vec<Call>,
    /// Conditions of domains whose model was not known when they were met.
    loose: Vec<&'a Expr>,
}

/// Methods that return values for another model than their own.
const PREPARE: [(&str, &str); 10] = [
    ("_prepare_invoice_line", "account.move.line"),
    ("_prepare_account_move_line", "account.move.line"),
    ("_prepare_invoice", "account.move"),
    ("_prepare_stock_moves", "stock.move"),
    ("_prepare_stock_move_vals", "stock.move"),
    ("_get_stock_move_values", "stock.move"),
    ("_prepare_move_line_vals", "stock.move.line"),
    ("_prepare_purchase_order_line", "purchase.order.line"),
    ("_prepare_purchase_order_line_from_procurement", "purchase.order.line"),
    ("_prepare_purchase_order", "purchase.order"),
];

fn prepared(name: &str) -> Option<&'static str> {
    PREPARE
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, model)| *model)
}

impl<'a> Walk<'_, 'a> {
    fn class_of(&mut self, class: &'a StmtClassDef) {
        let outer = (
            self.class.take(),
            std::mem::take(&mut self.attributes),
            self.scope.clone(),
        );
        self.class = Class::of(class).model().map(str::to_owned);
        let (uses, loose) = (self.uses.len(), self.loose.len());
        self.class_body(class);
        if !self.attributes.is_empty() {
            // A test reads in one method what another one sets: what is known now counts for all of them.
            self.uses.truncate(uses);
            self.loose.truncate(loose);
            self.class_body(class);
        }
        (self.class, self.attributes, self.scope) = outer;
    }

    fn class_body(&mut self, class: &'a StmtClassDef) {
        self.class_strings(class);
        for (name, target) in Class::of(class).definitions() {
            self.uses
                .push(Use::new(self.class.as_deref(), name, target, How::Define));
        }
        for stmt in &class.body {
            match stmt {
                Stmt::FunctionDef(function) => self.function(function),
                other => self.visit_stmt(other),
            }
        }
    }

    fn function(&mut self, function: &'a StmtFunctionDef) {
        for decorator in &function.decorator_list {
            self.decorator(&decorator.expression);
        }
        let outer = (
            self.scope.clone(),
            std::mem::take(&mut self.given),
            std::mem::take(&mut self.keyed),
            self.returns.take(),
        );
        let mut parameters = function.parameters.iter().map(|it| it.name().id.as_str());
        let first = parameters.next();
        let rest: Vec<&str> = parameters.collect();
        for name in first.iter().chain(&rest) {
            self.scope.remove(*name);
        }
        if let (Some(name @ ("self" | "cls" | "records" | "rec")), Some(model)) = (first, &self.class) {
            self.scope.insert(name.to_owned(), Kind::Records(model.clone()));
            let values = matches!(
                function.name.id.as_str(),
                "create" | "write" | "_create" | "_write" | "copy"
            );
            if let Some(second) = rest.first().filter(|_| values) {
                self.scope.insert((*second).to_owned(), Kind::Values(model.clone()));
            }
        }
        self.returns = prepared(function.name.id.as_str()).map(str::to_owned);
        for default in function
            .parameters
            .iter()
            .filter_map(ruff_python_ast::AnyParameterRef::default)
        {
            self.expr(default);
        }
        for stmt in &function.body {
            self.visit_stmt(stmt);
        }
        (self.scope, self.given, self.keyed, self.returns) = outer;
    }

    /// Binds the target of an assignment, a loop or a `with`.
    fn bind(&mut self, target: &'a Expr, kind: Option<Kind>) {
        match target {
            Expr::Name(name) => {
                let name = name.id.to_string();
                match kind {
                    Some(kind) => {
                        self.scope.insert(name, kind);
                    }
                    None => {
                        self.scope.remove(&name);
                    }
                }
            }
            Expr::Attribute(attribute) => {
                let of_self =
                    matches!(&*attribute.value, Expr::Name(name) if matches!(name.id.as_str(), "self" | "cls"));
                if let (true, Some(kind)) = (of_self && self.class.is_none(), kind) {
                    self.attributes.insert(attribute.attr.id.to_string(), kind);
                }
                self.expr(target);
            }
            Expr::Tuple(tuple) => tuple.elts.iter().for_each(|it| self.bind(it, None)),
            Expr::List(list) => list.elts.iter().for_each(|it| self.bind(it, None)),
            Expr::Starred(starred) => self.bind(&starred.value, None),
            other => {
                self.expr(other);
            }
        }
    }

    /// Looks through an expression, and says what it stands for.
    fn expr(&mut self, expr: &'a Expr) -> Option<Kind> {
        match expr {
            Expr::Name(name) => self.scope.get(name.id.as_str()).cloned(),
            Expr::Attribute(attribute) => self.attribute(attribute),
            Expr::Subscript(subscript) => self.subscript(subscript),
            Expr::Call(call) => self.call(call),
            Expr::BoolOp(operation) => {
                let kinds: Vec<_> = operation.values.iter().map(|value| self.expr(value)).collect();
                kinds.into_iter().flatten().next()
            }
            Expr::BinOp(operation) => {
                let (left, right) = (self.expr(&operation.left), self.expr(&operation.right));
                left.or(right).filter(|kind| matches!(kind, Kind::Records(_)))
            }
            Expr::If(conditional) => {
                self.expr(&conditional.test);
                let (body, other) = (self.expr(&conditional.body), self.expr(&conditional.orelse));
                body.or(other)
            }
            Expr::Named(named) => {
                let kind = self.expr(&named.value);
                self.bind(&named.target, kind.clone());
                kind
            }
            Expr::Compare(compare) => {
                self.expr(&compare.left);
                for other in &compare.comparators {
                    if let (Some(Kind::Values(model)), Expr::StringLiteral(_)) = (self.expr(other), &*compare.left) {
                        self.text(Some(&model), &compare.left, How::Key);
                    }
                }
                None
            }
            Expr::Lambda(lambda) => {
                let outer = self.scope.clone();
                // `default=lambda self: …`
                if let (Some(model), Some(first)) =
                    (&self.class, lambda.parameters.iter().flat_map(|it| it.iter()).next())
                    && matches!(first.name().id.as_str(), "self" | "rec" | "record" | "r")
                    && !self.scope.contains_key(first.name().id.as_str())
                {
                    let kind = Kind::Records(model.clone());
                    self.scope.insert(first.name().id.to_string(), kind);
                }
                self.expr(&lambda.body);
                self.scope = outer;
                None
            }
            Expr::ListComp(it) => self.comprehension(&it.generators, &[&it.elt]),
            Expr::SetComp(it) => self.comprehension(&it.generators, &[&it.elt]),
            Expr::Generator(it) => self.comprehension(&it.generators, &[&it.elt]),
            Expr::DictComp(it) => self.comprehension(&it.generators, &[&it.key, &it.value]),
            Expr::Tuple(tuple) if is_leaf(&tuple.elts) => {
                self.loose.push(expr);
                self.expr(&tuple.elts[2])
            }
            Expr::List(list) if is_leaf(&list.elts) => {
                self.loose.push(expr);
                self.expr(&list.elts[2])
            }
            Expr::Starred(starred) => self.expr(&starred.value),
            other => {
                super::strings::children(other, &mut |child| {
                    self.expr(child);
                });
                None
            }
        }
    }

    fn comprehension(
        &mut self,
        generators: &'a [ruff_python_ast::Comprehension],
        results: &[&'a Expr],
    ) -> Option<Kind> {
        let outer = self.scope.clone();
        for generator in generators {
            let kind = self.expr(&generator.iter);
            self.bind(&generator.target, kind);
            for condition in &generator.ifs {
                self.expr(condition);
            }
        }
        for result in results {
            self.expr(result);
        }
        self.scope = outer;
        None
    }

    fn attribute(&mut self, attribute: &'a ExprAttribute) -> Option<Kind> {
        let name = attribute.attr.id.as_str();
        if Python::is_env(&attribute.value) {
            return Some(Kind::Records(
                match name {
                    "user" => "res.users",
                    "company" | "companies" => "res.company",
                    _ => return None,
                }
                .to_owned(),
            ));
        }
        let of_self = matches!(&*attribute.value, Expr::Name(it) if matches!(it.id.as_str(), "self" | "cls"));
        if of_self
            && self.class.is_none()
            && let Some(kind) = self.attributes.get(name)
        {
            return Some(kind.clone());
        }
        let value = self.expr(&attribute.value);
        if name == "env" || name == "_fields" {
            return None;
        }
        let model = value.and_then(Kind::records);
        if matches!(name, "_origin" | "browse") {
            return model.map(Kind::Records);
        }
        let how = if attribute.ctx == ExprContext::Load {
            How::Read
        } else {
            How::Write
        };
        self.uses
            .push(Use::new(model.as_deref(), name, range(&attribute.attr), how));
        let to = self.python.facts.comodel(&model?, name)?;
        Some(Kind::Records(to.to_owned()))
    }

    fn subscript(&mut self, subscript: &'a ruff_python_ast::ExprSubscript) -> Option<Kind> {
        if Python::is_env(&subscript.value) {
            self.expr(&subscript.value);
            return match &*subscript.slice {
                Expr::StringLiteral(literal) => Some(Kind::Records(literal.value.to_str().to_owned())),
                other => {
                    let own = matches!(other, Expr::Attribute(it) if it.attr.id.as_str() == "_name");
                    self.class.clone().filter(|_| own).map(Kind::Records)
                }
            };
        }
        let value = self.expr(&subscript.value);
        let Expr::StringLiteral(_) = &*subscript.slice else {
            self.expr(&subscript.slice);
            return value;
        };
        match value {
            Some(Kind::Records(model)) => {
                let how = if subscript.ctx == ExprContext::Load {
                    How::Read
                } else {
                    How::Write
                };
                let to = self.text(Some(&model), &subscript.slice, how);
                to.map(Kind::Records)
            }
            Some(Kind::Values(model)) => {
                self.text(Some(&model), &subscript.slice, How::Key);
                None
            }
            None => {
                if let Expr::Name(name) = &*subscript.value {
                    let keys = self.keyed.entry(name.id.to_string()).or_default();
                    keys.push(&subscript.slice);
                }
                None
            }
        }
    }

    /// Adds what was named without a model: keys of dictionaries and conditions that belong to nothing known.
    fn rest(mut self) -> Vec<Use> {
        for expr in std::mem::take(&mut self.loose) {
            self.domain(None, expr);
        }
        let seen: BTreeSet<usize> = self.uses.iter().map(|it| it.place.start).collect();
        let mut keys: Vec<&'a Expr> = Vec::new();
        for dict in &self.python.nodes.dicts {
            keys.extend(dict.items.iter().filter_map(|item| item.key.as_ref()));
        }
        keys.extend(self.python.nodes.subscripts.iter().map(|it| &*it.slice));
        for key in keys {
            if let Expr::StringLiteral(literal) = key
                && let Some(inside) = self.python.inside(literal)
                && !seen.contains(&inside.start)
            {
                self.uses.push(Use::new(None, literal.value.to_str(), inside, How::Key));
            }
        }
        // A place that is met twice counts once, with its model where one is known.
        let order = |it: &Use| (it.place.start, it.place.end, it.model.is_none());
        self.uses.sort_by_key(order);
        self.uses.dedup_by(|b, a| a.place == b.place);
        self.uses
    }
}

impl<'a> SourceOrderVisitor<'a> for Walk<'_, 'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::ClassDef(class) => self.class_of(class),
            Stmt::FunctionDef(function) => self.function(function),
            Stmt::Assign(assign) => {
                let kind = self.expr(&assign.value);
                for target in &assign.targets {
                    if let Expr::Name(name) = target {
                        let given = self.given.entry(name.id.to_string()).or_default();
                        given.push(&assign.value);
                    }
                    self.bind(target, kind.clone());
                }
            }
            Stmt::AugAssign(assign) => {
                self.expr(&assign.value);
                match &*assign.target {
                    Expr::Name(name) => {
                        let given = self.given.entry(name.id.to_string()).or_default();
                        given.push(&assign.value);
                    }
                    other => {
                        self.expr(other);
                    }
                }
            }
            Stmt::For(each) => {
                let kind = self.expr(&each.iter);
                match (&*each.target, &*each.iter) {
                    (Expr::Tuple(pair), Expr::Call(call)) if Python::called(call) == Some("enumerate") => {
                        if let ([number, item], Some(over)) = (pair.elts.as_slice(), call.arguments.args.first()) {
                            let kind = self.expr(over);
                            self.bind(number, None);
                            self.bind(item, kind);
                        }
                    }
                    _ => self.bind(&each.target, kind),
                }
                self.visit_body(&each.body);
                self.visit_body(&each.orelse);
            }
            Stmt::With(with) => {
                for item in &with.items {
                    let kind = self.expr(&item.context_expr);
                    if let Some(target) = &item.optional_vars {
                        self.bind(target, kind);
                    }
                }
                self.visit_body(&with.body);
            }
            Stmt::Return(it) => {
                if let Some(value) = &it.value {
                    self.expr(value);
                    if let Some(model) = self.returns.clone() {
                        self.values(&model, value);
                    }
                }
            }
            other => walk_stmt(self, other),
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        self.expr(expr);
    }
}
