//! What programs do, told instead of run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::files::{Files, Node};
use crate::container::{ContainerSpec, Exit, Mount, Stream};

type Hook = Arc<dyn Fn(&mut Scene<'_>) -> i64 + Send + Sync>;

/// Says what a command does.
#[derive(Clone)]
pub struct Rule {
    words: String,
    reading: Option<String>,
    prints: Vec<(Stream, Vec<u8>)>,
    pub(super) exit: Exit,
    pub(super) takes: Duration,
    pub(super) serves: bool,
    hook: Option<Hook>,
    pub(super) left: Option<u32>,
}

impl Rule {
    /// Applies to commands whose words, joined by spaces, contain this text. It prints nothing and ends with code 0.
    pub fn when(words: &str) -> Rule {
        Rule {
            words: words.into(),
            reading: None,
            prints: Vec::new(),
            exit: Exit {
                code: 0,
                out_of_memory: false,
            },
            takes: Duration::ZERO,
            serves: false,
            hook: None,
            left: None,
        }
    }

    /// Applies only to commands whose standard input contains this text.
    #[must_use]
    pub fn reading(mut self, text: &str) -> Rule {
        self.reading = Some(text.into());
        self
    }

    /// Prints a line.
    #[must_use]
    pub fn prints(mut self, line: &str) -> Rule {
        self.prints.push((Stream::Out, format!("{line}\n").into_bytes()));
        self
    }

    /// Prints a line to standard error.
    #[must_use]
    pub fn complains(mut self, line: &str) -> Rule {
        self.prints.push((Stream::Err, format!("{line}\n").into_bytes()));
        self
    }

    /// Ends with this code.
    #[must_use]
    pub fn exits(mut self, code: i64) -> Rule {
        self.exit.code = code;
        self
    }

    /// Is killed for using too much memory.
    #[must_use]
    pub fn runs_out_of_memory(mut self) -> Rule {
        self.exit = Exit {
            code: 137,
            out_of_memory: true,
        };
        self
    }

    /// Ends only after this many milliseconds. Everything it prints and changes comes first.
    #[must_use]
    pub fn takes_ms(mut self, milliseconds: u64) -> Rule {
        self.takes = Duration::from_millis(milliseconds);
        self
    }

    /// Runs until it is stopped.
    #[must_use]
    pub fn serves(mut self) -> Rule {
        self.serves = true;
        self
    }

    /// Applies this many times and then no more.
    #[must_use]
    pub fn times(mut self, times: u32) -> Rule {
        self.left = Some(times);
        self
    }

    /// Does this, and ends with the code it returns unless the rule has another one than 0.
    #[must_use]
    pub fn does(mut self, hook: impl Fn(&mut Scene<'_>) -> i64 + Send + Sync + 'static) -> Rule {
        self.hook = Some(Arc::new(hook));
        self
    }

    /// Says whether the rule applies.
    pub(super) fn applies(&self, command: &[String], stdin: &[u8]) -> bool {
        self.left != Some(0)
            && command.join(" ").contains(&self.words)
            && self
                .reading
                .as_ref()
                .is_none_or(|text| String::from_utf8_lossy(stdin).contains(text))
    }

    /// Plays the command in a scene and returns what it printed and how it ends.
    pub(super) fn play(&self, scene: &mut Scene<'_>) -> (Vec<(Stream, Vec<u8>)>, Exit) {
        scene.printed.extend(self.prints.iter().cloned());
        let mut exit = self.exit;
        if let Some(hook) = &self.hook {
            let code = hook(scene);
            if exit.code == 0 {
                exit.code = code;
            }
        }
        (std::mem::take(&mut scene.printed), exit)
    }
}

/// What a command sees.
pub struct Scene<'a> {
    /// The container it runs in.
    pub spec: &'a ContainerSpec,
    /// Program and arguments.
    pub command: Vec<String>,
    /// Environment: the container's and the exec's.
    pub env: BTreeMap<String, String>,
    /// What it reads.
    pub stdin: Vec<u8>,
    pub(super) files: &'a mut Files,
    pub(super) volumes: BTreeMap<&'a str, &'a mut Files>,
    pub(super) printed: Vec<(Stream, Vec<u8>)>,
}

impl Scene<'_> {
    /// Prints bytes as they are.
    pub fn print(&mut self, bytes: impl Into<Vec<u8>>) {
        self.printed.push((Stream::Out, bytes.into()));
    }

    /// Prints bytes to standard error.
    pub fn complain(&mut self, bytes: impl Into<Vec<u8>>) {
        self.printed.push((Stream::Err, bytes.into()));
    }

    /// Returns the content of a file.
    pub fn read(&mut self, path: &str) -> Option<Vec<u8>> {
        let (files, path) = self.locate(path);
        match files.get(path)? {
            Node::File(content) => Some(content.clone()),
            Node::Folder | Node::Link(_) => None,
        }
    }

    /// Writes a file.
    pub fn write(&mut self, path: &str, content: impl Into<Vec<u8>>) {
        let (files, path) = self.locate(path);
        files.put(path, Node::File(content.into()));
    }

    /// Makes a folder and those above it.
    pub fn make_folder(&mut self, path: &str) {
        let (files, path) = self.locate(path);
        files.put(path, Node::Folder);
    }

    /// Returns the file system that holds a path, and the path in it.
    pub(super) fn locate(&mut self, path: &str) -> (&mut Files, PathBuf) {
        let spec = self.spec;
        let innermost = spec
            .mounts
            .iter()
            .filter_map(|mount| match mount {
                Mount::Volume { name, target, .. } => Some((name.as_str(), Path::new(path).strip_prefix(target).ok()?)),
                Mount::Bind { .. } | Mount::Tmpfs { .. } => None,
            })
            .min_by_key(|(_, rest)| rest.as_os_str().len());
        let (name, rest) = innermost.unwrap_or(("", Path::new(path)));
        match self.volumes.get_mut(name) {
            Some(volume) => (volume, Path::new("/").join(rest)),
            None => (self.files, path.into()),
        }
    }
}
