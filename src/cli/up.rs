//! `hopp up` and `hopp down`: instances of the upgraded database.

use std::path::PathBuf;
use std::time::Instant;

use super::environment::Environment;
use super::failure::{Failure, exit};
use super::gather::{self, Pins};
use crate::engine::{self, Signal, Stop};
use crate::ident::StepId;
use crate::steps::{self, Instance, InstanceKind};
use crate::ui;

/// Bring up an instance of the upgraded database, on 127.0.0.1 and with no way out
#[derive(Debug, clap::Args)]
pub(super) struct UpArgs {
    /// The plan file
    plan: PathBuf,
    /// What it is for
    #[arg(value_enum, default_value = "test")]
    kind: Kind,
    /// The port on 127.0.0.1; a free one when not said
    #[arg(long, default_value_t = 0)]
    port: u16,
}

/// Take an instance down: its containers and volumes
#[derive(Debug, clap::Args)]
pub(super) struct DownArgs {
    /// The plan file
    plan: PathBuf,
    /// Which; all when not said
    #[arg(value_enum)]
    kind: Option<Kind>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Kind {
    /// For the customer to try things
    Test,
    /// For developers: their own copies of the code, reloaded as they change
    Dev,
}

impl From<Kind> for InstanceKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Test => InstanceKind::Test,
            Kind::Dev => InstanceKind::Dev,
        }
    }
}

pub(super) async fn up(args: &UpArgs, environment: &Environment) -> Result<u8, Failure> {
    let start = Instant::now();
    let runtime = gather::docker(environment)?;
    let cancel = super::run::interruptible();
    let gathered = gather::gather(&args.plan, environment, runtime.as_ref(), Pins::Look, &cancel).await?;
    let series = gathered.plan.target;
    let upgraded = gathered
        .graph
        .last_of_chain()
        .and_then(|node| gathered.fingerprints().remove(&node.id))
        .filter(|fingerprint| gathered.checkpoints.contains_key(fingerprint));
    let state = gathered.state.clone();
    let folder = state.root().join("instances");
    let workshop = super::run::workshop(gathered, runtime, super::run::named("instance"));
    let kind = InstanceKind::from(args.kind);
    let step = StepId::new(format!("instance/{}", kind.name()));
    let context = engine::alone(step, &folder, cancel, move |signal| {
        if let Signal::Progress { advance, .. } = &signal {
            ui::say(&format!("  {}", advance.doing));
        }
    });
    let failed = |stop: Stop| Failure::from(*stop.failure);
    // What is up already needs no lock: a run does not touch it.
    if let Some(instance) = steps::standing_instance(&workshop, &context, kind)
        .await
        .map_err(failed)?
    {
        tell(&instance);
        let another_port = args.port != 0 && !instance.url.ends_with(&format!(":{}", args.port));
        let earlier = upgraded.as_ref() != Some(&instance.state);
        for (differs, what) in [
            (another_port, "it is on the port it was made with"),
            (earlier, "it shows an earlier state of this plan"),
        ] {
            if differs {
                let (plan, kind) = (args.plan.display(), kind.name());
                ui::say(&format!(
                    "{what}; `hopp down {plan} {kind}` and `hopp up {plan} {kind}` make a new one"
                ));
            }
        }
        return Ok(exit::DONE);
    }
    let Some(upgraded) = upgraded else {
        return Err(Failure::new(
            exit::STEP,
            "there is no upgraded database that this plan, as it is now, would produce",
        )
        .hint(format!("`hopp run {}` makes it", args.plan.display())));
    };
    let _lock = super::run::take_lock(&state)?;
    let made = steps::make_instance(&workshop, &context, kind, series, &upgraded, args.port).await;
    tell(&made.map_err(failed)?);
    ui::say(&format!("up in {}", super::run::took(start)));
    Ok(exit::DONE)
}

fn tell(instance: &Instance) {
    ui::out(&instance.url);
    ui::out(&format!(
        "login {}, password {} (of this instance alone)",
        instance.login, instance.password
    ));
    if let Some(code) = &instance.code {
        ui::out(&format!("code {}", code.display()));
    }
}

pub(super) async fn down(args: &DownArgs, environment: &Environment) -> Result<u8, Failure> {
    let runtime = gather::docker(environment)?;
    let (state, customer) = gather::state_of(&args.plan)?;
    let names = steps::Names::new(&customer, &state);
    let kinds = match args.kind {
        Some(kind) => vec![kind.into()],
        None => vec![InstanceKind::Test, InstanceKind::Dev],
    };
    let mut gone = 0;
    for kind in kinds {
        gone += steps::down(runtime.as_ref(), &names, kind)
            .await
            .map_err(|stop| Failure::from(*stop.failure))?;
    }
    ui::say(&format!("{} removed", crate::words::count(gone, "thing")));
    Ok(exit::DONE)
}
