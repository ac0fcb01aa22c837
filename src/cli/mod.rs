//! The front door: argv in, exit code out. One file per command.

mod actions;
mod assess;
mod bill;
mod check;
mod clean;
mod cloc;
mod code;
mod completions;
mod doctor;
mod dry_run;
mod environment;
mod failure;
mod fetch;
mod gather;
mod index;
mod init;
mod log_work;
mod logs;
mod packages;
mod plan;
mod port;
mod production;
mod report;
mod rules;
mod run;
mod schema;
mod source;
mod status;
mod up;
mod update;
mod verify;
mod walk;
mod wanted;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

use environment::Environment;
pub use failure::{Failure, exit};

/// Takes a customer's Odoo from one series to the next, hop by hop, in containers, on a copy, and proves what it did.
///
/// Exit codes: 0 done, 1 internal, 2 usage, 10 plan or playbook invalid, 11 environment (Docker, disk, git, image),
/// 20 a step failed, 21 verification failed, 22 not included in the agreement, 30 locked by another run,
/// 130 interrupted, resumable.
#[derive(Debug, Parser)]
#[command(name = "hopp", version, max_term_width = 100)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Assess(assess::Args),
    Init(init::Args),
    Check(check::Args),
    Doctor(doctor::Args),
    Plan(plan::Args),
    Run(run::Args),
    Status(status::Args),
    Logs(logs::Args),
    Report(report::Args),
    Verify(verify::Args),
    Up(up::UpArgs),
    Down(up::DownArgs),
    Update(update::Args),
    Bill(bill::Args),
    LogWork(log_work::Args),
    Cloc(cloc::Args),
    Port(port::Args),
    Rules(rules::Args),
    Index(index::Args),
    Clean(clean::Args),
    Schema(schema::Args),
    Completions(completions::Args),
}

/// Parses the command line, does what it says, and returns the exit code.
pub fn run() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            let code = if error.use_stderr() { exit::USAGE } else { exit::DONE };
            error.print().ok();
            return ExitCode::from(code);
        }
    };
    let environment = Environment::read();
    if let Some(filter) = environment.log_filter() {
        tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_writer(std::io::stderr)
            .init();
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            Failure::new(exit::INTERNAL, format!("cannot start: {error}")).print();
            return ExitCode::from(exit::INTERNAL);
        }
    };
    let result = runtime.block_on(dispatch(args.command, &environment));
    // Threads that still read from a container must not hold up the end.
    runtime.shutdown_background();
    match result {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            failure.print();
            ExitCode::from(failure.code)
        }
    }
}

async fn dispatch(command: Command, environment: &Environment) -> Result<u8, Failure> {
    match command {
        Command::Assess(args) => assess::run(&args, environment).await,
        Command::Init(args) => init::run(&args, environment).await,
        Command::Check(args) => Ok(check::run(&args)),
        Command::Doctor(args) => doctor::run(&args, environment).await,
        Command::Plan(args) => plan::run(&args, environment).await,
        Command::Run(args) => run::run(&args, environment).await,
        Command::Status(args) => status::run(&args),
        Command::Logs(args) => logs::run(&args).await,
        Command::Report(args) => report::run(&args),
        Command::Verify(args) => verify::run(&args, environment).await,
        Command::Up(args) => up::up(&args, environment).await,
        Command::Down(args) => up::down(&args, environment).await,
        Command::Update(args) => update::run(&args, environment).await,
        Command::Bill(args) => bill::run(&args, environment).await,
        Command::LogWork(args) => log_work::run(&args),
        Command::Cloc(args) => cloc::run(&args, environment).await,
        Command::Port(args) => Box::pin(port::run(&args, environment)).await,
        Command::Rules(args) => Ok(rules::run(&args)),
        Command::Index(args) => index::run(&args, environment).await,
        Command::Clean(args) => clean::run(&args, environment).await,
        Command::Schema(args) => Ok(schema::run(&args)),
        Command::Completions(args) => Ok(completions::run(&args, &mut Args::command())),
    }
}
