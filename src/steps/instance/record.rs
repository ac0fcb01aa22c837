//! What is remembered of an instance: where it is and how to log in.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Instance, InstanceKind};
use crate::engine::Stop;
use crate::ident::Fingerprint;
use crate::steps::Workshop;

/// An instance as it is written down. The file is its user's alone: the password is in it.
#[derive(Serialize, Deserialize)]
pub(super) struct Record {
    url: String,
    login: String,
    password: String,
    code: Option<PathBuf>,
    state: Fingerprint,
}

impl Record {
    pub(super) fn of(instance: &Instance) -> Record {
        Record {
            url: instance.url.clone(),
            login: instance.login.clone(),
            password: instance.password.clone(),
            code: instance.code.clone(),
            state: instance.state.clone(),
        }
    }

    pub(super) fn instance(self) -> Instance {
        Instance {
            url: self.url,
            login: self.login,
            password: self.password,
            code: self.code,
            state: self.state,
        }
    }

    /// Reads what was written; what cannot be read was not.
    pub(super) fn read(workshop: &Workshop, kind: InstanceKind) -> Option<Record> {
        let bytes = fs_err::read(path(workshop.state.root(), kind)).ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    pub(super) fn write(&self, workshop: &Workshop, kind: InstanceKind) -> Result<(), Stop> {
        let path = path(workshop.state.root(), kind);
        workshop.state.write_json(&path, self).map_err(crate::steps::stop::file)
    }

    /// Removes what was written, when something was.
    pub(super) fn forget(workshop: &Workshop, kind: InstanceKind) -> Result<(), Stop> {
        match fs_err::remove_file(path(workshop.state.root(), kind)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(crate::steps::stop::file(error)),
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

/// Returns where an instance is written down in a state folder.
pub(super) fn path(state: &Path, kind: InstanceKind) -> PathBuf {
    let folder = state.join("instances");
    folder.join(format!("{}.json", kind.name()))
}
