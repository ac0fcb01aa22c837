//! Files in and out of containers, as tar archives that are never held whole.

use std::io::{self, Read};

use bollard::query_parameters::{
    ContainerArchiveInfoOptionsBuilder, DownloadFromContainerOptionsBuilder, UploadToContainerOptionsBuilder,
};
use futures_util::{Stream, StreamExt, stream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::Docker;
use super::pipe::{Piece, PipeReader, PipeWriter, pipe};
use crate::container::ContainerId;
use crate::runtime::{RuntimeError, RuntimeErrorKind, TarReader, TarWriter};

/// Unpacks an archive into a folder of a container.
pub(super) async fn upload(
    docker: &Docker,
    container: &ContainerId,
    folder: &str,
    archive: TarWriter,
) -> Result<(), RuntimeError> {
    let action = format!("upload to {folder} of container {}", container.0);
    // A refusal while the archive is under way arrives as a broken connection, so the usual one is looked for before.
    let look = ContainerArchiveInfoOptionsBuilder::new().path(folder).build();
    docker
        .quick
        .get_container_archive_info(&container.0, Some(look))
        .await
        .map_err(docker.failed(&action))
        .map_err(|error| missing(error, folder))?;
    let (body, writing) = send(archive);
    let options = UploadToContainerOptionsBuilder::new().path(folder).build();
    let sent = docker
        .patient
        .upload_to_container(&container.0, Some(options), bollard::body_try_stream(body))
        .await
        .map_err(docker.failed(&action));
    finish(action, sent, writing).await
}

/// Reads a file or folder of a container.
pub(super) async fn download(
    docker: &Docker,
    container: &ContainerId,
    path: &str,
    archive: TarReader,
) -> Result<(), RuntimeError> {
    let action = format!("download {path} of container {}", container.0);
    let options = DownloadFromContainerOptionsBuilder::new().path(path).build();
    let mut pieces = docker
        .patient
        .download_from_container(&container.0, Some(options))
        .boxed();
    // The first piece tells whether the file is there at all; a reader should not start before.
    let first = match pieces.next().await {
        Some(Err(error)) => return Err(missing(docker.failed(action)(error), path)),
        first => first,
    };
    let (into, out_of) = pipe();
    let reading = tokio::task::spawn_blocking(move || {
        let mut reader = PipeReader::new(out_of);
        archive(&mut reader)?;
        // What follows the end of an archive is padding, but the connection wants to be read to its end.
        io::copy(&mut reader.by_ref(), &mut io::sink()).map(drop)
    });
    let mut pieces = stream::iter(first).chain(pieces);
    let mut received = Ok(());
    while let Some(piece) = pieces.next().await {
        let (piece, last) = match piece {
            Ok(bytes) => (Piece::Data(bytes), false),
            Err(error) => {
                let error = docker.failed(&action)(error);
                let told = Piece::Broken(io::Error::other(error.message.clone()));
                received = Err(error);
                (told, true)
            }
        };
        if into.send(piece).await.is_err() || last {
            break;
        }
    }
    if received.is_ok() {
        // Nobody listens when the reader failed, and then its own error is the one to report.
        into.send(Piece::End).await.ok();
    }
    drop(into);
    finish(action, received, reading).await
}

/// Starts a writer on a blocking thread and returns what it writes as the body of a request.
pub(super) fn send(
    archive: TarWriter,
) -> (
    impl Stream<Item = io::Result<bytes::Bytes>> + Send + 'static,
    JoinHandle<io::Result<()>>,
) {
    let (sender, receiver) = pipe();
    let writing = tokio::task::spawn_blocking(move || write(archive, sender));
    let body = stream::unfold(Some(receiver), |receiver| async {
        let mut receiver = receiver?;
        match receiver.recv().await {
            Some(Piece::Data(bytes)) => Some((Ok(bytes), Some(receiver))),
            Some(Piece::End) => None,
            Some(Piece::Broken(error)) => Some((Err(error), None)),
            None => Some((Err(io::ErrorKind::UnexpectedEof.into()), None)),
        }
    });
    (body, writing)
}

fn write(archive: TarWriter, sender: mpsc::Sender<Piece>) -> io::Result<()> {
    let mut pipe = PipeWriter::new(sender);
    let result = {
        let out: &mut dyn io::Write = &mut pipe;
        let mut builder = tar::Builder::new(out);
        archive(&mut builder).and_then(|()| builder.finish())
    };
    let closed = pipe.close(&result);
    result.and(closed)
}

/// Decides which of two failures is the cause: the engine's, or that of the thread at the other end of the pipe.
///
/// Each side sees a broken pipe when the other one fails first.
pub(super) async fn finish(
    action: String,
    engine: Result<(), RuntimeError>,
    thread: JoinHandle<io::Result<()>>,
) -> Result<(), RuntimeError> {
    let thread = match thread.await {
        Ok(result) => result,
        Err(panic) => Err(io::Error::other(panic)),
    };
    match (thread, engine) {
        (Err(error), Ok(())) => Err(of_thread(action, &error)),
        (Err(error), Err(_)) if error.kind() != io::ErrorKind::BrokenPipe => Err(of_thread(action, &error)),
        (_, engine) => engine,
    }
}

fn of_thread(action: String, error: &io::Error) -> RuntimeError {
    let kind = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => RuntimeErrorKind::NoSpace,
        _ => RuntimeErrorKind::Other,
    };
    RuntimeError::new(action, kind, error.to_string())
}

/// Gives words to a "not found" that comes without any, as the answer to a HEAD request does.
fn missing(mut error: RuntimeError, path: &str) -> RuntimeError {
    if error.is_not_found() && error.message.is_empty() {
        error.message = format!("the container or {path} in it does not exist");
    }
    error
}
