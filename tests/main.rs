//! The one integration-test binary.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail like the tests do")]

mod backup;
mod docker_runtime;
mod git;
mod odoo_log;
mod runtime_contract;
mod verify_sql;
