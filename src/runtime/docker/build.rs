//! Building an image from a folder, with the engine's classic builder.

use std::collections::{HashMap, VecDeque};
use std::path::Path;

use bollard::query_parameters::BuildImageOptionsBuilder;
use futures_util::StreamExt;

use super::{Docker, archive, images, spec};
use crate::container::{Image, Labels, Stream};
use crate::runtime::{Output, RuntimeError, RuntimeErrorKind};

/// How many lines before a failure belong to its message.
const CONTEXT: usize = 5;

/// Builds an image. The whole folder is sent, whatever a `.dockerignore` says: contexts are written by hopp.
pub(super) async fn build(
    docker: &Docker,
    context: &Path,
    tag: &str,
    labels: &Labels,
    args: &[(String, String)],
    output: Output<'_>,
) -> Result<Image, RuntimeError> {
    let action = format!("build image {tag}");
    if !context.join("Dockerfile").is_file() {
        let message = format!("{} has no Dockerfile", context.display());
        return Err(RuntimeError::new(action, RuntimeErrorKind::Other, message));
    }
    let folder = context.to_owned();
    let (body, writing) = archive::send(Box::new(move |tar| {
        tar.follow_symlinks(false);
        tar.append_dir_all(".", folder)
    }));
    let args: HashMap<_, _> = args.iter().cloned().collect();
    let options = BuildImageOptionsBuilder::new()
        .t(tag)
        .labels(&spec::labels(labels))
        .buildargs(&args)
        .rm(true)
        .forcerm(true)
        .build();
    let mut news = docker
        .patient
        .build_image(options, None, Some(bollard::body_try_stream(body)))
        .boxed();
    let mut tail = Tail::default();
    let mut built = Ok(());
    while let Some(item) = news.next().await {
        match item {
            Ok(info) => {
                for text in [info.stream, info.status].into_iter().flatten() {
                    let (stream, text) = uncoloured(&text);
                    output(stream, text.as_bytes());
                    tail.take(text);
                }
            }
            Err(error) => {
                let mut error = docker.failed(&action)(error);
                error.message = tail.explain(&error.message);
                built = Err(error);
                break;
            }
        }
    }
    archive::finish(action, built, writing).await?;
    images::existing(docker, tag).await
}

/// Takes off the red in which the builder shows what a step wrote to standard error, and tells that from it.
fn uncoloured(text: &str) -> (Stream, &str) {
    match text.strip_prefix("\u{1b}[91m") {
        Some(text) => (Stream::Err, text.strip_suffix("\u{1b}[0m").unwrap_or(text)),
        None => (Stream::Out, text),
    }
}

/// The end of a build's output.
#[derive(Default)]
struct Tail {
    step: Option<String>,
    lines: VecDeque<String>,
}

impl Tail {
    fn take(&mut self, text: &str) {
        for line in text.lines().map(str::trim_end).filter(|line| !line.is_empty()) {
            if line.starts_with("Step ") {
                self.step = Some(line.into());
                self.lines.clear();
            } else if !line.starts_with(" ---> ") && !line.starts_with("Removing intermediate") {
                self.lines.push_back(line.into());
                if self.lines.len() > CONTEXT {
                    self.lines.pop_front();
                }
            }
        }
    }

    /// Adds the step that failed and its last words to the engine's message.
    fn explain(&self, message: &str) -> String {
        let step = self.step.iter().map(|step| format!("\nin: {step}"));
        let lines = self.lines.iter().map(|line| format!("\n    {line}"));
        std::iter::once(message.to_owned()).chain(step).chain(lines).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn red_output_is_error_output() {
        assert_eq!(uncoloured("\u{1b}[91mno\n\u{1b}[0m"), (Stream::Err, "no\n"));
        assert_eq!(uncoloured("yes\n"), (Stream::Out, "yes\n"));
    }

    #[test]
    fn a_failure_is_explained_by_its_own_step_alone() {
        let mut tail = Tail::default();
        tail.take("Step 1/2 : RUN true\n ---> Running in 1\nfine\n");
        tail.take("Step 2/2 : RUN pip install x\n");
        tail.take("ERROR: no x\n\n");
        assert_eq!(
            tail.explain("it returned a non-zero code: 1"),
            "it returned a non-zero code: 1\nin: Step 2/2 : RUN pip install x\n    ERROR: no x"
        );
    }
}
