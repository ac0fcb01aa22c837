//! Faults of the environment, each provoked for real: the exit code, the words, the remedy, and a state to go on from.
//!
//! These tests need Docker with the images `odoo:19.0` and `postgres:15` (`make images`) and fail without.

mod engine;
