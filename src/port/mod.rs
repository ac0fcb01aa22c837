//! Code upgrade: a module's files in, edits and findings out. Pure: no file is read or written here.
//!
//! A rule looks at one parsed file, or at a whole module, and says which byte ranges become what. Everything it does
//! not name stays as it is, byte for byte.

mod chosen;
mod depth;
mod draft;
mod edit;
mod facts;
mod file;
mod found;
pub mod index;
mod manifest;
pub mod migration;
mod perform;
mod python;
mod relations;
pub mod rules;
mod table;
mod through;
pub mod uses;
mod xml;

pub use edit::{Collision, Edit, Made, apply};
pub use facts::{Facts, Model};
pub use file::{Kind, NotText, SourceFile};
pub use found::{Finding, Found, Level};
pub use manifest::Manifest;
pub use perform::{Applied, Hop, Lines, Module, Options, Ported, Unparsed, port};
pub use python::{Class, Nodes, Python, range};
pub use table::Table;
pub use xml::Xml;
