//! What steps share, for a trial: there is no customer, no backup and no run.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::code::Code;
use super::{REPOSITORY, Workshop};
use crate::engine::Stop;
use crate::ident::{Fingerprint, RunId, Series};
use crate::journal::{History, StateFolder};
use crate::odoo::backup::{Backup, BackupKind, Compression};
use crate::plan::{self, Facts, Identities, Texts};
use crate::runtime::Runtime;
use crate::spec::{self, Lock, Plan};
use crate::steps::Settings;

/// Whose the things of a trial are on the engine.
pub const CUSTOMER: &str = "trial";

/// Returns the folder with what belongs to trials of a series, below the user's cache. The engine's volume with the
/// templates is named after it.
pub fn state(cache: &Path, series: Series) -> PathBuf {
    cache.join("trials").join(series.to_string()).join(CUSTOMER)
}

/// Brings together what steps share.
pub(super) fn set_up(
    runtime: &Arc<dyn Runtime>,
    settings: &Settings,
    state: &Path,
    images: Option<&Plan>,
    series: Series,
    code: &Code,
) -> Result<Workshop, Stop> {
    let state = StateFolder::at(state);
    let mut plan = made_up(&state, series)?;
    let mut lock = Lock::default();
    if let Some(own) = images {
        plan.images = own.images.clone();
        plan.limits = own.limits.clone();
        lock = Lock::read(&Lock::path_for(own)).map_err(super::super::stop::file)?;
    }
    let facts = Facts {
        backup: nothing(&plan, series, code),
        from: series,
        filestore: None,
        code: vec![plan::Code {
            repository: REPOSITORY.into(),
            series,
            reference: series.to_string(),
            commit: None,
            tree: String::new(),
            modules: code.manifests.clone(),
            contents: std::collections::BTreeMap::new(),
            requirements: None,
            addons_folders: vec![String::new()],
            ported: None,
        }],
        deployed: Vec::new(),
        today: jiff::Zoned::now().date(),
        texts: Texts::default(),
    };
    let graph = plan::compile(&plan, &facts);
    let history = History::load(&state);
    let run = RunId::new(format!("trial-{}", std::process::id()));
    Ok(Workshop::new(
        plan,
        facts,
        graph,
        runtime.clone(),
        state,
        run,
        settings.clone(),
        history,
        lock,
        Identities::new(),
    )
    .leaving_pins())
}

/// Makes up a plan: an update of this series, which adds nothing to the image but what modules want.
fn made_up(state: &StateFolder, series: Series) -> Result<Plan, Stop> {
    let (plan, backup) = (state.root().join("trial.yaml"), state.root().join("nothing.sql"));
    let text = format!(
        "customer: {CUSTOMER}\nsource: {{ backup: nothing.sql, series: \"{series}\" }}\ntarget: \"{series}\"\nengine: update\n"
    );
    fs_err::create_dir_all(state.root()).map_err(super::super::stop::file)?;
    for (path, text) in [(&backup, ""), (&plan, text.as_str())] {
        if fs_err::read_to_string(path).is_ok_and(|there| there == text) {
            continue;
        }
        fs_err::write(path, text).map_err(super::super::stop::file)?;
    }
    spec::load(&plan).map_err(|problems| {
        let first = problems
            .iter()
            .map(|problem| problem.message.clone())
            .next()
            .unwrap_or_default();
        Stop::step(format!("the made-up plan {} cannot be read: {first}", plan.display()))
    })
}

/// A backup of nothing in which the tried modules count as installed: so the image gets the packages that they want.
fn nothing(plan: &Plan, series: Series, code: &Code) -> Backup {
    let installed = code.manifests.keys().map(|name| (name.clone(), series.to_string()));
    Backup {
        path: plan.backup.clone(),
        kind: BackupKind::PlainSql(Compression::None),
        series: Some(series),
        version: None,
        enterprise: false,
        modules: installed.collect(),
        pg_version: None,
        database: None,
        has_filestore: false,
        bytes: 0,
        sha256: Fingerprint::of(series.to_string()),
    }
}
