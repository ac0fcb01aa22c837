//! The `hopp` binary: hands argv to the library and its answer to the shell.

use std::process::ExitCode;

fn main() -> ExitCode {
    hopp::cli::run()
}
