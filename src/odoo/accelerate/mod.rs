//! The accelerator: what takes work out of Odoo's upgrade of a database that changes nothing in the database.
//!
//! Patches of Odoo's Python go into the process through the interpreter's start-up, so nothing of it is on the addons path
//! or in the database; each applies only to a function whose source it was shown for (`hopp_patches.py` says what each
//! leaves out). PostgreSQL is given indexes for the time of the hop ([`indexes`]).

pub mod indexes;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Where the patches lie in Odoo's container.
pub const FOLDER: &str = "/tmp/hopp/accelerate";
/// A line of the standard output that is longer is none of the accelerator's.
const LONGEST: usize = 4096;

/// Returns the files of the accelerator: path in the container, content.
pub fn files() -> Vec<(String, Vec<u8>)> {
    [
        ("sitecustomize.py", include_str!("sitecustomize.py")),
        ("hopp_accelerate.py", include_str!("hopp_accelerate.py")),
        ("hopp_patches.py", include_str!("hopp_patches.py")),
        ("hopp_clean_up.py", include_str!("hopp_clean_up.py")),
    ]
    .map(|(name, text)| (format!("{FOLDER}/{name}"), text.as_bytes().to_vec()))
    .into()
}

/// Returns the command that runs a command with the patches. An image's own `PYTHONPATH` stays; it may be where Odoo is.
pub fn command(command: Vec<String>) -> Vec<String> {
    let script = format!(r#"PYTHONPATH="{FOLDER}${{PYTHONPATH:+:$PYTHONPATH}}" exec "$@""#);
    let shell = ["sh".to_owned(), "-c".to_owned(), script, "accelerated".to_owned()];
    shell.into_iter().chain(command).collect()
}

/// What became of the patches.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accelerated {
    /// The patches that applied.
    #[serde(default)]
    pub on: Vec<String>,
    /// The patches that did not, and why.
    #[serde(default)]
    pub off: BTreeMap<String, String>,
}

/// Reads on Odoo's standard output what the patches say of themselves.
#[derive(Default)]
pub struct Listener {
    line: Vec<u8>,
    heard: Accelerated,
}

#[derive(Deserialize)]
struct Line {
    #[serde(rename = "hopp-accelerate")]
    said: Said,
}

#[derive(Deserialize)]
struct Said {
    patch: String,
    off: Option<String>,
}

impl Listener {
    /// Takes what was printed.
    pub fn feed(&mut self, bytes: &[u8]) {
        for piece in bytes.split_inclusive(|&byte| byte == b'\n') {
            if self.line.len() < LONGEST {
                self.line.extend_from_slice(piece);
            }
            if piece.ends_with(b"\n") {
                self.hear();
            }
        }
    }

    fn hear(&mut self) {
        if let Ok(Line { said }) = serde_json::from_slice::<Line>(&self.line) {
            match said.off {
                Some(why) => {
                    self.heard.off.insert(said.patch, why);
                }
                None if self.heard.on.contains(&said.patch) => {}
                None => self.heard.on.push(said.patch),
            }
        }
        self.line.clear();
    }

    /// Returns what was heard.
    pub fn finish(mut self) -> Accelerated {
        self.hear();
        self.heard
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_patches_say_is_told_from_whatever_else_is_printed() {
        let mut listener = Listener::default();
        let printed = b"hello\n{\"hopp-accelerate\": {\"patch\": \"a\", \"on\": \"12\"}}\n{}\n\
            {\"hopp-accelerate\": {\"patch\": \"b\", \"off\": \"another source\"}}";
        for piece in printed.chunks(7) {
            listener.feed(piece);
        }
        let heard = listener.finish();
        assert_eq!(heard.on, ["a"]);
        assert_eq!(heard.off["b"], "another source");
        assert_eq!(heard.off.len(), 1);
    }

    #[test]
    fn an_image_s_own_python_path_stays() {
        let told = |own: Option<&str>| {
            let line = command(
                ["sh", "-c", "echo $PYTHONPATH:$1", "odoo", "a b"]
                    .map(str::to_owned)
                    .into(),
            );
            let mut run = std::process::Command::new(&line[0]);
            run.args(&line[1..])
                .env_remove("PYTHONPATH")
                .envs(own.map(|own| ("PYTHONPATH", own)));
            String::from_utf8(run.output().unwrap().stdout).unwrap()
        };
        assert_eq!(told(None), format!("{FOLDER}:a b\n"));
        assert_eq!(told(Some("/opt/odoo")), format!("{FOLDER}:/opt/odoo:a b\n"));
    }

    #[test]
    fn an_endless_line_is_not_kept() {
        let mut listener = Listener::default();
        for _ in 0..100 {
            listener.feed(&[b'x'; 1000]);
        }
        assert!(listener.line.len() <= LONGEST + 1000);
        assert_eq!(listener.finish(), Accelerated::default());
    }
}
