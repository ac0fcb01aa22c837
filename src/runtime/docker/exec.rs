//! Running a command inside a container.

use std::time::Duration;

use bollard::container::LogOutput;
use bollard::exec::StartExecResults;
use bollard::models::ExecConfig;
use futures_util::StreamExt;
use tokio::io::AsyncWriteExt;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::{Docker, containers};
use crate::container::{ContainerId, Exec, Exit, Stream};
use crate::runtime::{Output, RuntimeError, RuntimeErrorKind};

/// Runs a command until it ends. The engine has no way to end one: after a cancel it runs on until it notices that nobody
/// reads its output, or the container stops.
pub(super) async fn exec(
    docker: &Docker,
    container: &ContainerId,
    exec: &Exec,
    output: Output<'_>,
    cancel: &CancellationToken,
) -> Result<Exit, RuntimeError> {
    let program = exec.command.first().map_or("nothing", String::as_str);
    let action = format!("run {program} in container {}", container.0);
    tokio::select! {
        biased;
        () = cancel.cancelled() => Err(RuntimeError::cancelled(action)),
        exit = run(docker, &action, container, exec, output) => exit,
    }
}

async fn run(
    docker: &Docker,
    action: &str,
    container: &ContainerId,
    exec: &Exec,
    output: Output<'_>,
) -> Result<Exit, RuntimeError> {
    let config = ExecConfig {
        attach_stdin: Some(exec.stdin.is_some()),
        attach_stdout: Some(true),
        attach_stderr: Some(true),
        cmd: Some(exec.command.clone()),
        user: exec.user.clone(),
        env: Some(exec.env.iter().map(|(name, value)| format!("{name}={value}")).collect()),
        ..ExecConfig::default()
    };
    let id = docker
        .quick
        .create_exec(&container.0, config)
        .await
        .map_err(docker.failed(action))?
        .id;
    let started = docker
        .quick
        .start_exec(&id, None)
        .await
        .map_err(docker.failed(action))?;
    if let StartExecResults::Attached {
        output: mut printed,
        mut input,
    } = started
    {
        let stdin = exec.stdin.as_deref();
        let ends = stdin.is_some() && !exec.stays;
        let feed = async move {
            // A command that does not read to the end is no error; its exit code tells what it thinks.
            if input.write_all(stdin.unwrap_or_default()).await.is_ok() && ends {
                input.shutdown().await.ok();
            }
            input
        };
        tokio::pin!(feed);
        // Held until the output ends: dropping it might close more than the command's input.
        let mut idle_input = None;
        loop {
            tokio::select! {
                input = &mut feed, if idle_input.is_none() => idle_input = Some(input),
                piece = printed.next() => match piece {
                    None => break,
                    Some(piece) => match piece.map_err(docker.failed(action))? {
                        LogOutput::StdErr { message } => output(Stream::Err, &message),
                        other => output(Stream::Out, &other.into_bytes()),
                    },
                },
            }
        }
    }
    exit(docker, action, container, &id).await
}

/// Asks how the command ended, until it has.
async fn exit(docker: &Docker, action: &str, container: &ContainerId, id: &str) -> Result<Exit, RuntimeError> {
    let mut pause = Duration::from_millis(5);
    loop {
        let inspected = docker.quick.inspect_exec(id).await;
        let code = match inspected.map_err(docker.failed(action)) {
            Ok(exec) if exec.running == Some(true) => None,
            Ok(exec) => exec.exit_code,
            // The engine forgets the commands of a container that stops.
            Err(error) if matches!(error.kind, RuntimeErrorKind::NotFound | RuntimeErrorKind::Conflict) => None,
            Err(error) => return Err(error),
        };
        if let Some(code) = code {
            let out_of_memory = code == 137 && ran_out_of_memory(docker, container).await;
            return Ok(Exit { code, out_of_memory });
        }
        let running = containers::state(docker, &container.0)
            .await?
            .is_some_and(|state| state.running);
        if !running {
            let message = "the container stopped before the command ended";
            return Err(RuntimeError::new(action, RuntimeErrorKind::Conflict, message));
        }
        sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(1));
    }
}

/// Says whether the engine saw the container run out of memory.
async fn ran_out_of_memory(docker: &Docker, container: &ContainerId) -> bool {
    containers::inspect(docker, &container.0)
        .await
        .ok()
        .and_then(|inspected| inspected.state?.oom_killed)
        .unwrap_or_default()
}
