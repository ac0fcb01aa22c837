//! A Docker daemon of a test's own, which may be stopped, killed and started again. The one that all tests share may not.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use super::engine::docker;

/// How long a daemon may take until it answers; it has nothing to do, but the machine may.
const ANSWERS_WITHIN: Duration = Duration::from_mins(2);
/// What a daemon says that ends because containerd did not start in time.
const GAVE_UP: &str = "failed to start containerd: timeout";

/// A running daemon without a network. Containers, images and folders go with it, also when the test is killed.
///
/// Declare it before the customers on it: what is declared last goes first.
pub(crate) struct PrivateEngine {
    files: PathBuf,
    guard: Child,
    answers: BufReader<ChildStdout>,
}

impl PrivateEngine {
    /// Starts a daemon, and brings these images of the shared one: names with a tag.
    pub(crate) fn start(images: &[&str]) -> PrivateEngine {
        // The path of a socket must be short; images are large and need a disk.
        let folder = |place: &Path| {
            let folder = tempfile::Builder::new().prefix("hopp-engine-").tempdir_in(place);
            folder.unwrap().keep()
        };
        let files = folder(Path::new("/tmp"));
        let data = folder(Path::new(env!("CARGO_TARGET_TMPDIR")));
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/harness/private_engine.sh");
        let mut guard = Command::new("sh")
            .args([&script, &files, &data])
            // What ends the test must not end the one who cleans up after it.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let answers = BufReader::new(guard.stdout.take().unwrap());
        let mut engine = PrivateEngine { files, guard, answers };
        engine.up();
        engine.bring(images);
        engine
    }

    /// Returns what `DOCKER_HOST` is for this daemon.
    pub(crate) fn host(&self) -> String {
        format!("unix://{}", self.socket().display())
    }

    /// Returns its socket.
    pub(crate) fn socket(&self) -> PathBuf {
        self.files.join("docker.sock")
    }

    /// Copies images of the shared daemon to this one; layers they share are copied once.
    pub(crate) fn bring(&self, images: &[&str]) {
        if images.is_empty() {
            return;
        }
        let copy = format!("docker save {} | docker --host {} load", images.join(" "), self.host());
        let copied = Command::new("sh").args(["-c", &copy]).output().unwrap();
        assert!(copied.status.success(), "{}", String::from_utf8_lossy(&copied.stderr));
    }

    /// Runs docker on this daemon, which must answer.
    pub(crate) fn docker(&self, args: &[&str]) -> String {
        let host = self.host();
        docker(&[&["--host", &host], args].concat())
    }

    /// Stops it as `systemctl stop docker` does: containers are stopped first.
    pub(crate) fn stop(&mut self) {
        self.order("stop");
    }

    /// Kills it; its containers run on until it is started again.
    pub(crate) fn kill(&mut self) {
        self.order("kill");
    }

    /// Starts it and waits until it answers.
    pub(crate) fn up(&mut self) {
        let log = fs_err::read_to_string(self.files.join("log")).unwrap_or_default();
        let mut given_up = log.matches(GAVE_UP).count();
        self.order("start");
        let end = Instant::now() + ANSWERS_WITHIN;
        let host = self.host();
        while !Command::new("docker")
            .args(["--host", &host, "version"])
            .output()
            .unwrap()
            .status
            .success()
        {
            let log = fs_err::read_to_string(self.files.join("log")).unwrap_or_default();
            assert!(Instant::now() < end, "the daemon does not answer: {log}");
            // On a busy machine containerd may need longer than a daemon waits for it; that one has ended.
            if log.matches(GAVE_UP).count() > given_up {
                given_up += 1;
                self.order("start");
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    fn order(&mut self, order: &str) {
        let orders = self.guard.stdin.as_mut().unwrap();
        writeln!(orders, "{order}").unwrap();
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        assert_eq!(answer, "done\n", "the guard of the daemon has ended");
    }
}

impl Drop for PrivateEngine {
    fn drop(&mut self) {
        // The end of its orders is the guard's own.
        drop(self.guard.stdin.take());
        self.guard.wait().ok();
    }
}
