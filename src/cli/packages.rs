//! What Python can import in an image, asked of its own interpreter.

use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use crate::container::{ContainerId, Exec, Stream};
use crate::port::index::Packages;
use crate::runtime::Runtime;

/// Prints what can be imported and what is installed. Packages without an `__init__` are folders on the path.
const ASK: &str = "import importlib.metadata, json, os, pkgutil, sys
names = {it.name for it in pkgutil.iter_modules()} | set(sys.builtin_module_names)
names |= set(getattr(sys, 'stdlib_module_names', ()))
for folder in filter(os.path.isdir, sys.path):
    names |= {it.name for it in os.scandir(folder) if it.is_dir() and it.name.isidentifier()}
installed = {it.metadata['Name'] for it in importlib.metadata.distributions()}
print(json.dumps({'names': sorted(names), 'installed': sorted(filter(None, installed))}))
";

/// What the interpreter says.
#[derive(Deserialize)]
struct Said {
    names: Vec<String>,
    installed: Vec<String>,
}

/// Asks in a container that sleeps; nothing where it cannot be asked.
pub(super) async fn of(docker: &dyn Runtime, container: &ContainerId) -> Option<Packages> {
    // It takes a moment; an answer that was cut off would be kept as none.
    let cancel = CancellationToken::new();
    docker.start(container).await.ok()?;
    let mut answer = Vec::new();
    let exit = {
        let mut take = |stream: Stream, bytes: &[u8]| {
            if stream == Stream::Out {
                answer.extend_from_slice(bytes);
            }
        };
        let ask = Exec::new(["python3", "-c", ASK]);
        docker.exec(container, &ask, &mut take, &cancel).await.ok()?
    };
    let said: Said = serde_json::from_slice(&answer).ok().filter(|_| exit.success())?;
    Some(Packages {
        names: said.names.into_iter().collect(),
        distributions: said.installed.iter().map(|name| Packages::distribution(name)).collect(),
    })
}
