//! `hopp plan`: what would happen, and what is there already.

use std::path::PathBuf;

use super::environment::Environment;
use super::failure::{Failure, exit};
use super::gather::{self, Pins};
use super::run::{Format, interruptible};
use crate::event::Decision;
use crate::ident::StepId;
use crate::{ui, words};

/// Print what a run would do: hops, steps, checkpoints, and what is left
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The plan file
    plan: PathBuf,
    /// Stop after this step
    #[arg(long, value_name = "STEP")]
    until: Option<String>,
    /// How to print it
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

pub(super) async fn run(args: &Args, environment: &Environment) -> Result<u8, Failure> {
    let runtime = gather::docker(environment)?;
    let (state, _) = gather::state_of(&args.plan)?;
    // A run that is going on has its pins, and may be writing them.
    let lock = super::run::take_lock(&state).ok();
    let pins = if lock.is_some() { Pins::Keep } else { Pins::Look };
    let gathered = gather::gather(&args.plan, environment, runtime.as_ref(), pins, &interruptible()).await?;
    let until = args.until.as_ref().map(StepId::new);
    super::run::known_step(&gathered.graph, until.as_ref())?;
    let decisions = gathered.decide(until.as_ref());
    let steps = super::run::planned(&gathered, &decisions);
    if args.format == Format::Json {
        let value = serde_json::json!({
            "customer": gathered.plan.customer,
            "from": gathered.facts.from,
            "to": gathered.plan.target,
            "resume_from": decisions.resume_from,
            "steps": steps,
        });
        ui::out(&serde_json::to_string_pretty(&value).unwrap_or_default());
        return Ok(exit::DONE);
    }
    let fingerprints = gathered.fingerprints();
    let rows: Vec<Vec<String>> = steps
        .iter()
        .map(|step| {
            let checkpoint = fingerprints
                .get(&step.id)
                .and_then(|fingerprint| gathered.checkpoints.get(fingerprint))
                .map(|checkpoint| words::bytes(checkpoint.bytes))
                .unwrap_or_default();
            let expected = gathered
                .history
                .expected_ms(&step.id)
                .filter(|_| step.decision == Decision::Run)
                .map(words::duration)
                .unwrap_or_default();
            vec![
                step.id.to_string(),
                step.title.clone(),
                match step.decision {
                    Decision::Run => "will run",
                    Decision::Reuse => "as before",
                    Decision::Skip => "not needed",
                }
                .to_owned(),
                expected,
                checkpoint,
            ]
        })
        .collect();
    let route: Vec<String> = std::iter::once(gathered.facts.from)
        .chain(gathered.plan.route(gathered.facts.from))
        .map(|series| series.to_string())
        .collect();
    ui::out(&format!("{}: {}", gathered.plan.customer, route.join(" → ")));
    ui::out(&ui::table::table(
        &["step", "what it does", "this time", "took", "checkpoint"],
        &rows,
        1,
        &[3, 4],
    ));
    ui::out(&if decisions.nothing_runs() {
        "nothing is left to do".to_owned()
    } else {
        let left = steps.iter().filter(|step| step.decision == Decision::Run).count();
        match &decisions.resume_from {
            Some(step) => format!(
                "{} to do, from the checkpoint of `{step}` on",
                words::count(left, "step")
            ),
            None => format!("{} to do", words::count(left, "step")),
        }
    });
    Ok(exit::DONE)
}
