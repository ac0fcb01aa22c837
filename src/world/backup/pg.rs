//! Archives of `pg_dump`, which only its sister `pg_restore` can read.

use std::ffi::OsStr;
use std::io::Read;
use std::ops::ControlFlow;
use std::path::Path;

use super::{BackupError, Found};
use crate::odoo::backup::{BackupKind, Contents, ModuleScan, pg_header};
use crate::world::process;

/// How much of an archive its header is looked for in.
const HEADER: u64 = 4096;

pub(super) fn find(path: &Path, kind: BackupKind, cancelled: &dyn Fn() -> bool) -> Result<Found, BackupError> {
    let table_of_contents = match kind {
        BackupKind::PgDirectory => path.join("toc.dat"),
        _ => path.to_owned(),
    };
    let not = |reason: &str| BackupError::NotABackup {
        path: path.to_owned(),
        reason: reason.to_owned(),
    };
    let file = fs_err::File::open(&table_of_contents)
        .map_err(|_| not("the folder has no toc.dat, as `pg_dump --format=directory` writes it"))?;
    let mut head = Vec::new();
    file.take(HEADER)
        .read_to_end(&mut head)
        .map_err(|source| BackupError::io("read the dump", source))?;
    let header = pg_header(&head).ok_or_else(|| not("its header is not one of `pg_dump`"))?;
    let contents = modules(path, cancelled)?.unwrap_or_default();
    Ok(Found {
        contents: Contents {
            pg_version: header.pg_version,
            database: header.database,
            ..contents
        },
        has_filestore: kind == BackupKind::PgDirectory && path.join("filestore").is_dir(),
        kind,
    })
}

/// Asks `pg_restore` for the table of modules. `None` when there is no `pg_restore` here, or one too old.
fn modules(path: &Path, cancelled: &dyn Fn() -> bool) -> Result<Option<Contents>, BackupError> {
    let Ok(program) = which::which("pg_restore") else {
        return Ok(None);
    };
    let options = ["-f", "-", "--data-only", "-t", "ir_module_module"].map(OsStr::new);
    let args: Vec<&OsStr> = options.into_iter().chain([path.as_os_str()]).collect();
    let mut scan = ModuleScan::default();
    let mut stopped = false;
    let ended = process::each_line(&program, &args, &mut |line| {
        scan.piece(line);
        stopped = cancelled();
        if stopped || scan.is_complete() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    })
    .map_err(|source| BackupError::io("run pg_restore", source))?;
    if stopped {
        return Err(BackupError::Cancelled { path: path.to_owned() });
    }
    match ended.status {
        Some(status) if !status.success() && ended.stderr.contains("unsupported version") => Ok(None),
        Some(status) if !status.success() && ended.stderr.contains("end of file") => Err(BackupError::Damaged {
            path: path.to_owned(),
            reason: "pg_restore met its end in the middle".to_owned(),
        }),
        Some(status) if !status.success() => Err(BackupError::PgRestore {
            path: path.to_owned(),
            message: ended.stderr.lines().next().unwrap_or("no reason given").to_owned(),
        }),
        _ => scan
            .finish()
            .map(Some)
            .ok_or_else(|| BackupError::NotOdoo { path: path.to_owned() }),
    }
}
