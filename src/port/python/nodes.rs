//! The nodes of a file by kind, gathered in one walk.

use ruff_python_ast::visitor::source_order::{SourceOrderVisitor, walk_expr, walk_stmt};
use ruff_python_ast::{
    Expr, ExprAttribute, ExprBinOp, ExprCall, ExprDict, ExprName, ExprStringLiteral, ExprSubscript, Stmt, StmtAssign,
    StmtClassDef, StmtFunctionDef, StmtImport, StmtImportFrom,
};

/// The nodes that rules ask for, each kind in the order of the text, an outer one before what it holds.
#[derive(Default)]
pub struct Nodes<'a> {
    /// `f(…)`.
    pub calls: Vec<&'a ExprCall>,
    /// `value.attr`.
    pub attributes: Vec<&'a ExprAttribute>,
    /// Names.
    pub names: Vec<&'a ExprName>,
    /// Text literals; docstrings are among them.
    pub strings: Vec<&'a ExprStringLiteral>,
    /// `value[slice]`.
    pub subscripts: Vec<&'a ExprSubscript>,
    /// `{key: value}`.
    pub dicts: Vec<&'a ExprDict>,
    /// `left op right`.
    pub operations: Vec<&'a ExprBinOp>,
    /// Classes.
    pub classes: Vec<&'a StmtClassDef>,
    /// Functions and methods.
    pub functions: Vec<&'a StmtFunctionDef>,
    /// Assignments without annotation.
    pub assignments: Vec<&'a StmtAssign>,
    /// `import a`.
    pub imports: Vec<&'a StmtImport>,
    /// `from a import b`.
    pub imports_from: Vec<&'a StmtImportFrom>,
}

impl<'a> Nodes<'a> {
    pub(crate) fn of(body: &'a [Stmt]) -> Nodes<'a> {
        let mut nodes = Nodes::default();
        nodes.visit_body(body);
        nodes
    }
}

impl<'a> SourceOrderVisitor<'a> for Nodes<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::ClassDef(class) => self.classes.push(class),
            Stmt::FunctionDef(function) => self.functions.push(function),
            Stmt::Assign(assign) => self.assignments.push(assign),
            Stmt::Import(import) => self.imports.push(import),
            Stmt::ImportFrom(import) => self.imports_from.push(import),
            _ => {}
        }
        walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Call(call) => self.calls.push(call),
            Expr::Attribute(attribute) => self.attributes.push(attribute),
            Expr::Name(name) => self.names.push(name),
            Expr::StringLiteral(literal) => self.strings.push(literal),
            Expr::Subscript(subscript) => self.subscripts.push(subscript),
            Expr::Dict(dict) => self.dicts.push(dict),
            Expr::BinOp(operation) => self.operations.push(operation),
            _ => {}
        }
        walk_expr(self, expr);
    }
}
