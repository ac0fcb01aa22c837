//! The one integration-test binary.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail like the tests do")]

mod backup;
mod diagnostics;
mod docker_runtime;
mod engine;
mod git;
mod journals;
mod odoo_log;
mod plan;
mod runtime_contract;
mod sample;
mod verify_sql;
