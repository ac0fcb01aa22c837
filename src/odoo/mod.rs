//! What Odoo is.

pub mod accelerate;
pub mod backup;
pub mod cloc;
pub mod dump;
pub mod dump_filter;
pub mod fates;
pub mod literal;
pub mod log;
pub mod manifest;
pub mod modules_sql;
pub mod neutralize;
pub mod openupgrade;
pub mod stored;
pub mod survey;
