//! The one integration-test binary.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail like the tests do")]

mod docker_runtime;
mod odoo_log;
mod runtime_contract;
