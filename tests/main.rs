//! The one integration-test binary.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail like the tests do")]

mod odoo_log;
