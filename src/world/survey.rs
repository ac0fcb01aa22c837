//! A backup surveyed where it lies: one pass over its dump, without restoring it and without a hash of it.

use std::ffi::OsStr;
use std::io::Read;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use super::backup::{BackupError, recognise, unpacked, zip};
use super::filestore::{FilestoreSource, list_filestore, read_filestore};
use super::lines::BUFFER;
use super::{hash, process};
use crate::ident::Series;
use crate::odoo::backup::{BackupKind, Compression, Contents, pg_header};
use crate::odoo::cloc::Own;
use crate::odoo::dump::{Dump, DumpScan};
use crate::odoo::stored::{Collector, Stored};
use crate::odoo::survey::{Survey, Surveyor};

/// What was found out about a backup.
#[derive(Clone, Debug)]
pub struct Surveyed {
    /// Where it is.
    pub path: PathBuf,
    /// What it is.
    pub kind: BackupKind,
    /// Its size on disk, in bytes.
    pub bytes: u64,
    /// The series of the database.
    pub series: Series,
    /// Version of the module `base`.
    pub version: String,
    /// Whether Odoo Enterprise is installed.
    pub enterprise: bool,
    /// Version of the PostgreSQL server it came from.
    pub pg_version: Option<String>,
    /// The database's name.
    pub database: Option<String>,
    /// What is in the database.
    pub survey: Survey,
    /// The code that lives in the database alone.
    pub own: Own,
}

/// A survey under way: pieces of SQL go in, whoever reads them.
pub struct Reading {
    path: PathBuf,
    kind: BackupKind,
    said: Contents,
    scan: DumpScan,
    surveyor: Surveyor,
    filestore: Option<FilestoreSource>,
}

/// Surveys a backup. `filestore` is where its attachments are when it does not hold them. Blocks.
///
/// An archive of `pg_dump` is [`BackupError::NoPgRestore`] where no `pg_restore` is found: see [`begin`].
pub fn survey(path: &Path, filestore: Option<&Path>, cancelled: &dyn Fn() -> bool) -> Result<Surveyed, BackupError> {
    let mut reading = begin(path, filestore)?;
    let kind = reading.kind.clone();
    pour(path, &kind, &mut |piece| reading.feed(piece), cancelled)?;
    reading.finish()
}

/// Reads what people put into a database off its backup, where it lies. Blocks.
pub fn stored(path: &Path, cancelled: &dyn Fn() -> bool) -> Result<Stored, BackupError> {
    let kind = recognise(path)?;
    let (mut scan, mut collector) = (DumpScan::default(), Collector::default());
    pour(path, &kind, &mut |piece| scan.feed(piece, &mut collector), cancelled)?;
    check(path, &scan.finish(&mut collector))?;
    Ok(collector.finish())
}

/// Hands over the SQL of a backup, piece by piece.
fn pour(
    path: &Path,
    kind: &BackupKind,
    feed: &mut dyn FnMut(&[u8]),
    cancelled: &dyn Fn() -> bool,
) -> Result<(), BackupError> {
    let mut sql: Box<dyn Read> = match kind {
        BackupKind::OdooZip => Box::new(zip::open_dump(path, "dump.sql", Compression::None)?),
        BackupKind::ZipWithDump { member, compression } => Box::new(zip::open_dump(path, member, *compression)?),
        BackupKind::PlainSql(compression) => Box::new(unpacked(path, *compression)?),
        BackupKind::PgCustom | BackupKind::PgDirectory => return restore_to(path, feed, cancelled),
    };
    let mut buffer = vec![0; BUFFER];
    loop {
        let read = match sql.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(read) => read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(BackupError::unpacking(path, error)),
        };
        feed(&buffer[..read]);
        if cancelled() {
            return Err(BackupError::Cancelled { path: path.to_owned() });
        }
    }
}

/// Looks at what a backup is and at its filestore, and waits for its SQL: with `pg_restore --data-only -f -`
/// anything may feed it.
pub fn begin(path: &Path, filestore: Option<&Path>) -> Result<Reading, BackupError> {
    let kind = recognise(path)?;
    let said = match kind {
        BackupKind::OdooZip => zip::manifest(path)?.unwrap_or_default(),
        BackupKind::PgCustom | BackupKind::PgDirectory => header(path, &kind)?,
        BackupKind::ZipWithDump { .. } | BackupKind::PlainSql(_) => Contents::default(),
    };
    let mut surveyor = Surveyor::default();
    let source = match filestore {
        Some(path) => Some(FilestoreSource::open(path)?),
        None => beside(path, &kind),
    };
    if let Some(source) = &source {
        if filestore.is_some() {
            surveyor.with_filestore();
        }
        list_filestore(source, &mut |name, bytes| surveyor.file(name, bytes))
            .map_err(|source| BackupError::io("look at the filestore", source))?;
    }
    Ok(Reading {
        path: path.to_owned(),
        kind,
        said,
        scan: DumpScan::default(),
        surveyor,
        filestore: source,
    })
}

/// Returns the filestore that may be part of a backup. One without attachments counts as none.
fn beside(path: &Path, kind: &BackupKind) -> Option<FilestoreSource> {
    match kind {
        BackupKind::OdooZip | BackupKind::ZipWithDump { .. } => Some(FilestoreSource::Zip(path.to_owned())),
        BackupKind::PgDirectory => Some(path.join("filestore"))
            .filter(|path| path.is_dir())
            .map(FilestoreSource::Folder),
        BackupKind::PgCustom | BackupKind::PlainSql(_) => None,
    }
}

fn header(path: &Path, kind: &BackupKind) -> Result<Contents, BackupError> {
    let not = |reason: &str| BackupError::NotABackup {
        path: path.to_owned(),
        reason: reason.to_owned(),
    };
    let file = match kind {
        BackupKind::PgDirectory => path.join("toc.dat"),
        _ => path.to_owned(),
    };
    let file = fs_err::File::open(file)
        .map_err(|_| not("the folder has no toc.dat, as `pg_dump --format=directory` writes it"))?;
    let mut head = Vec::new();
    file.take(4096)
        .read_to_end(&mut head)
        .map_err(|source| BackupError::io("read the dump", source))?;
    let header = pg_header(&head).ok_or_else(|| not("its header is not one of `pg_dump`"))?;
    Ok(Contents {
        pg_version: header.pg_version,
        database: header.database,
        ..Contents::default()
    })
}

/// Lets this machine's `pg_restore` write the SQL of an archive.
fn restore_to(path: &Path, feed: &mut dyn FnMut(&[u8]), cancelled: &dyn Fn() -> bool) -> Result<(), BackupError> {
    let path = path.to_owned();
    let missing = || BackupError::NoPgRestore { path: path.clone() };
    let program = which::which("pg_restore").map_err(|_| missing())?;
    let options = ["--data-only", "-f", "-"].map(OsStr::new);
    let args: Vec<&OsStr> = options.into_iter().chain([path.as_os_str()]).collect();
    let ended = process::each_line(&program, &args, &mut |line| {
        feed(line);
        if cancelled() {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    })
    .map_err(|source| BackupError::io("run pg_restore", source))?;
    let Some(status) = ended.status else {
        return Err(BackupError::Cancelled { path });
    };
    complaint(&path, status.success(), &ended.stderr)
}

/// Says what is wrong when `pg_restore` did not end well.
fn complaint(path: &Path, success: bool, complaints: &str) -> Result<(), BackupError> {
    let path = path.to_owned();
    if success {
        Ok(())
    } else if complaints.contains("unsupported version") {
        Err(BackupError::NoPgRestore { path })
    } else if complaints.contains("end of file") {
        Err(BackupError::Damaged {
            path,
            reason: "pg_restore met its end in the middle".to_owned(),
        })
    } else {
        Err(BackupError::PgRestore {
            path,
            message: complaints.lines().next().unwrap_or("no reason given").to_owned(),
        })
    }
}

impl Reading {
    /// Takes a piece of the SQL.
    pub fn feed(&mut self, piece: &[u8]) {
        self.scan.feed(piece, &mut self.surveyor);
    }

    /// Takes how `pg_restore` ended, and what it complained of.
    pub fn restored(&self, success: bool, complaints: &str) -> Result<(), BackupError> {
        complaint(&self.path, success, complaints)
    }

    /// Joins what was read, once all of it was; says so when it is not what it should be.
    pub fn finish(self) -> Result<Surveyed, BackupError> {
        let Reading {
            path,
            kind,
            said,
            scan,
            mut surveyor,
            filestore,
        } = self;
        let dump = scan.finish(&mut surveyor);
        check(&path, &dump)?;
        let own = own_code(&mut surveyor, filestore.as_ref())?;
        let survey = surveyor.finish(&dump);
        let contents = Contents {
            version: survey.modules.get("base").map(|base| base.version.clone()),
            ..Contents::default()
        };
        let wrong = |source| BackupError::WrongVersion {
            path: path.clone(),
            source,
        };
        let series = contents
            .series()
            .map_err(wrong)?
            .ok_or_else(|| BackupError::NotOdoo { path: path.clone() })?;
        let bytes = size_of(&path).map_err(|source| BackupError::io("look at the backup", source))?;
        Ok(Surveyed {
            kind,
            bytes,
            series,
            version: contents.version.unwrap_or_default(),
            enterprise: survey
                .modules
                .get("web_enterprise")
                .is_some_and(crate::odoo::survey::Module::is_installed),
            pg_version: dump.pg_version.or(said.pg_version),
            database: said.database.or(dump.database),
            survey,
            own,
            path,
        })
    }
}

/// Returns the database's own code, with the files of imported modules that the filestore has.
fn own_code(surveyor: &mut Surveyor, filestore: Option<&FilestoreSource>) -> Result<Own, BackupError> {
    let mut own = surveyor.take_own();
    let wanted = own.stored();
    if let Some(source) = filestore.filter(|_| !wanted.is_empty()) {
        let found = read_filestore(source, &wanted);
        own.fill(&found.map_err(|source| BackupError::io("read files of the filestore", source))?);
    }
    Ok(own)
}

/// Returns the size of a file, or of all files of a folder.
fn size_of(path: &Path) -> std::io::Result<u64> {
    let files = hash::files_of(path)?;
    let sizes = files
        .iter()
        .map(|inside| Ok(fs_err::metadata(hash::below(path, inside))?.len()));
    sizes.sum()
}

/// Says so when a dump is not whole, not Odoo's, or written in a way that cannot be read.
fn check(path: &Path, dump: &Dump) -> Result<(), BackupError> {
    let damaged = |reason: String| BackupError::Damaged {
        path: path.to_owned(),
        reason,
    };
    if let Some(table) = &dump.cut_in {
        return Err(damaged(format!("it ends inside the data of the table {table}")));
    }
    if !dump.ended {
        return Err(damaged(
            "the line `-- PostgreSQL database dump complete` is missing at its end".to_owned(),
        ));
    }
    if dump.tables.contains_key("ir_module_module") {
        return Ok(());
    }
    let path = path.to_owned();
    Err(if dump.has_modules && dump.inserts {
        BackupError::Inserts { path }
    } else {
        BackupError::NotOdoo { path }
    })
}
