//! Faults of Odoo and PostgreSQL during a run, each provoked for real, told by what the person in front of it reads.
//!
//! These tests need Docker with the images `odoo:19.0` and `postgres:15` (`make images`) and fail without.

mod hop;
mod night;
mod screen;

pub(crate) use screen::Screen;
