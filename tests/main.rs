//! The one integration-test binary.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail like the tests do")]

mod accelerate;
mod architecture;
mod assess;
mod backup;
mod bill;
mod ci_reports;
mod ci_workflows;
mod cli;
mod cloc;
mod diagnostics;
mod docker_runtime;
mod doctor;
mod dry_run;
mod engine;
mod environment_faults;
mod git;
mod harness;
mod hop_faults;
mod instance;
mod journals;
mod lab;
mod odoo_log;
mod patch;
mod plan;
mod reports;
mod run;
mod running;
mod runtime_contract;
mod sample;
mod schema;
mod verify_alone;
mod verify_planted;
mod verify_run;
mod verify_sql;
mod verify_views;
