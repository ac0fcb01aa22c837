//! Plain dumps: SQL in a file, packed or not.

use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

use super::{BackupError, Found};
use crate::odoo::backup::{BackupKind, Compression, Contents, ModuleScan};
use crate::world::lines::{BUFFER, Bounded, next_piece};

/// What a packed file may unpack to without suspicion: a GiB, or so many times its size.
const HONEST_BYTES: u64 = 1 << 30;
const HONEST_RATIO: u64 = 1000;
/// How far from the end of a dump its last line is looked for.
const TAIL: u64 = 4096;

/// Opens a file and unpacks it as it is read.
pub(crate) fn unpacked(path: &Path, compression: Compression) -> Result<Box<dyn Read + Send>, BackupError> {
    let cannot_open = |source| BackupError::io("open the dump", source);
    let file = fs_err::File::open(path).map_err(cannot_open)?;
    let size = file.metadata().map_err(cannot_open)?.len();
    let file = BufReader::with_capacity(BUFFER, file);
    if compression == Compression::None {
        return Ok(Box::new(file));
    }
    let most = HONEST_BYTES.max(size.saturating_mul(HONEST_RATIO));
    let unpacked = unpack(file, compression).map_err(cannot_open)?;
    Ok(Box::new(Bounded::new(unpacked, most)))
}

/// Unpacks a stream as it is read.
pub(crate) fn unpack(
    packed: impl BufRead + Send + 'static,
    compression: Compression,
) -> io::Result<Box<dyn Read + Send>> {
    Ok(match compression {
        Compression::None => Box::new(packed),
        Compression::Gzip => Box::new(MultiGzDecoder::new(packed)),
        Compression::Zstd => Box::new(zstd::Decoder::with_buffer(packed)?),
    })
}

pub(super) fn find(path: &Path, compression: Compression, cancelled: &dyn Fn() -> bool) -> Result<Found, BackupError> {
    // A packed dump must be unpacked to its end to know that it is whole; of the other, the end can be looked at.
    let to_the_end = compression != Compression::None;
    if !to_the_end {
        check_end(path)?;
    }
    let contents = scan(path, unpacked(path, compression)?, to_the_end, cancelled)?;
    Ok(Found {
        kind: BackupKind::PlainSql(compression),
        contents,
        has_filestore: false,
    })
}

/// Reads a dump until the modules are known, or to its end, which must then be `pg_dump`'s.
pub(super) fn scan(
    path: &Path,
    dump: impl Read,
    to_the_end: bool,
    cancelled: &dyn Fn() -> bool,
) -> Result<Contents, BackupError> {
    let mut dump = BufReader::with_capacity(BUFFER, dump);
    let mut scan = ModuleScan::default();
    let mut line = Vec::new();
    let mut since_asked = 0;
    while next_piece(&mut dump, BUFFER as u64, &mut line).map_err(|error| BackupError::unpacking(path, error))? {
        scan.piece(&line);
        since_asked += line.len();
        if since_asked > BUFFER {
            since_asked = 0;
            if cancelled() {
                return Err(BackupError::Cancelled { path: path.to_owned() });
            }
        }
        if scan.is_complete() && !to_the_end {
            break;
        }
    }
    if to_the_end && !scan.has_ended() {
        return Err(without_end(path));
    }
    scan.finish()
        .ok_or_else(|| BackupError::NotOdoo { path: path.to_owned() })
}

/// Checks that a dump which is not packed ends as `pg_dump` ends one.
fn check_end(path: &Path) -> Result<(), BackupError> {
    let cannot_read = |source| BackupError::io("read the dump", source);
    let mut file = fs_err::File::open(path).map_err(cannot_read)?;
    let size = file.metadata().map_err(cannot_read)?.len();
    file.seek(SeekFrom::Start(size.saturating_sub(TAIL)))
        .map_err(cannot_read)?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail).map_err(cannot_read)?;
    let end = b"-- PostgreSQL database dump complete";
    let is_whole = tail.windows(end.len()).any(|window| window == end);
    is_whole.then_some(()).ok_or_else(|| without_end(path))
}

fn without_end(path: &Path) -> BackupError {
    BackupError::Damaged {
        path: path.to_owned(),
        reason: "the line `-- PostgreSQL database dump complete` is missing at its end".to_owned(),
    }
}
