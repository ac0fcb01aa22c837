//! How long a hop takes, plain and accelerated in turn: `make bench-hop`. Ratios of what was measured in turn say more
//! than seconds do on a machine with other work, and processor time says more than either.

use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::same;
use crate::harness::content::of_zip;
use crate::harness::{Customer, docker, sample, step};

/// How often both are done.
const ROUNDS: usize = 2;
/// How often processor time is asked for.
const EVERY: Duration = Duration::from_millis(250);
const SOCKET: &str = "/var/run/docker.sock";

/// Seconds that the step took, that Odoo worked, and that PostgreSQL worked for it.
#[derive(Clone, Copy)]
struct Took {
    wall: f64,
    odoo: f64,
    postgres: f64,
}

#[test]
#[ignore = "takes a quarter of an hour: `make bench-hop` runs it"]
#[expect(clippy::print_stdout, reason = "the table is what it is for")]
fn bench_hop() {
    let test = "bench_hop";
    println!(
        "{:10} {:>24} {:>24} {:>24} {:>24}",
        "", "wall", "Odoo's processor time", "PostgreSQL's", "both"
    );
    // acme's website has a view that no hop can save: the proof finds it.
    for (name, plain, fast, ends, ratio) in [
        ("bryggan", "bench-b-plain", "bench-b-fast", 0, 0.75),
        ("acme", "bench-a-plain", "bench-a-fast", 21, 0.60),
    ] {
        let Some(folder) = sample(test, name) else { continue };
        let began = Timestamp::now();
        let hop_of =
            |customer: &'static str, more: &str, whole: bool| hop(customer, name, &folder, more, whole.then_some(ends));
        let mut all = [Vec::new(), Vec::new()];
        for round in 0..ROUNDS {
            let (one, before) = hop_of(plain, "accelerate: false", round == 0);
            let (other, after) = hop_of(fast, "", round == 0);
            if let (Some(before), Some(after)) = (before, after) {
                same(&of_zip(&before.0, began), &of_zip(&after.0, began));
            }
            all[0].push(one);
            all[1].push(other);
        }
        let least = |of: fn(&Took) -> f64| {
            all.each_ref()
                .map(|took| took.iter().map(of).fold(f64::INFINITY, f64::min))
        };
        let both = least(|took| took.odoo + took.postgres);
        let columns = [
            least(|took| took.wall),
            least(|took| took.odoo),
            least(|took| took.postgres),
            both,
        ];
        let columns = columns.map(|[plain, fast]| format!("{plain:7.1} → {fast:5.1} {:7.2}", fast / plain));
        println!("{name:10} {}", columns.map(|column| format!("{column:>24}")).join(" "));
        assert!(
            both[1] / both[0] <= ratio,
            "{name}: the hop is to take {ratio} of its time at most"
        );
    }
}

/// A delivered zip, and the folder it is in.
struct Delivered(
    PathBuf,
    #[expect(dead_code, reason = "goes when dropped")] tempfile::TempDir,
);

/// Takes a fresh customer over the hop; a whole run ends with this exit code and delivers.
fn hop(name: &'static str, who: &str, folder: &Path, more: &str, whole: Option<i32>) -> (Took, Option<Delivered>) {
    let addons = folder.join("addons");
    let branches = ["18.0", "19.0"].map(|branch| (branch, addons.join(branch)));
    let branches = branches.each_ref().map(|(branch, path)| (*branch, path.as_path()));
    let customer = Customer::new(name, &folder.join(format!("{who}-18.0.zip")), &branches);
    customer.plan(more);
    let meter = Meter::start(customer.state());
    match whole {
        Some(code) => customer.run(&[], code),
        None => customer.run(&["--until", "19.0/upgrade"], 0),
    };
    let (odoo, postgres) = meter.end();
    let wall = step(&customer.report(), "19.0/upgrade")["elapsed_ms"].as_f64().unwrap() / 1000.0;
    let delivered = whole.map(|_| {
        let kept = tempfile::tempdir().unwrap();
        let zip = kept.path().join("delivered.zip");
        let made = customer.path(&format!("delivered/{name}-19.0/{name}-19.0.zip"));
        fs_err::copy(made, &zip).unwrap();
        Delivered(zip, kept)
    });
    (Took { wall, odoo, postgres }, delivered)
}

/// Reads the processor time of a customer's containers while the hop runs.
struct Meter {
    over: Arc<AtomicBool>,
    reading: JoinHandle<(f64, f64)>,
}

impl Meter {
    fn start(state: PathBuf) -> Meter {
        let over = Arc::new(AtomicBool::new(false));
        let stop = over.clone();
        let reading = std::thread::spawn(move || {
            let (mut odoo, mut before, mut after) = (0.0_f64, 0.0, 0.0_f64);
            while !stop.load(Ordering::Relaxed) {
                std::thread::sleep(EVERY);
                let filter = format!("label=org.hopp.state={}", state.display());
                let names = docker(&["ps", "--filter", &filter, "--format", "{{.Names}}"]);
                let of = |end: &str| names.lines().find(|name| name.ends_with(end)).and_then(processor_time);
                let (began, ended) = (happened(&state, "step-started"), happened(&state, "step-finished"));
                match of("-postgres") {
                    Some(time) if !began => before = time,
                    Some(time) if !ended => after = time,
                    _ => {}
                }
                odoo = of("-upgrade").unwrap_or(0.0).max(odoo);
            }
            (odoo, after - before)
        });
        Meter { over, reading }
    }

    fn end(self) -> (f64, f64) {
        self.over.store(true, Ordering::Relaxed);
        self.reading.join().unwrap()
    }
}

/// Says whether the journal of the customer's only run has this event of the hop.
fn happened(state: &Path, event: &str) -> bool {
    let Ok(runs) = fs_err::read_dir(state.join("runs")) else {
        return false;
    };
    let journals = runs.filter_map(|run| fs_err::read_to_string(run.ok()?.path().join("journal.jsonl")).ok());
    let said = format!("\"{event}\":{{\"step\":\"19.0/upgrade\"");
    journals.into_iter().any(|journal| journal.contains(&said))
}

/// Asks the engine for the seconds that a container has worked so far.
fn processor_time(container: &str) -> Option<f64> {
    let mut engine = UnixStream::connect(SOCKET).unwrap();
    let ask =
        format!("GET /v1.41/containers/{container}/stats?stream=false&one-shot=true HTTP/1.0\r\nHost: docker\r\n\r\n");
    engine.write_all(ask.as_bytes()).unwrap();
    let mut answer = String::new();
    engine.read_to_string(&mut answer).ok()?;
    let stats: Value = serde_json::from_str(answer.split_once("\r\n\r\n")?.1).ok()?;
    Some(stats["cpu_stats"]["cpu_usage"]["total_usage"].as_f64()? / 1e9)
}
