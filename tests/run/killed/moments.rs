//! SIGKILL at random moments inside each step.

use std::time::Duration;

use super::{ENDS_WITH, Small};
use crate::harness::content::Content;

/// Where chance begins. Told with every failure; another number makes another story.
pub(super) const SEED: u64 = 20_261_122;

/// Chance that can be repeated (`SplitMix64`).
struct Chance(u64);

impl Chance {
    /// Returns a number below another.
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end.max(1)
    }
}

/// Runs the plan with nothing happening to it; returns what was delivered, and how many milliseconds each step took.
pub(super) fn undisturbed(small: &Small) -> (Content, Vec<(String, u64)>) {
    let patient = small.customer("kill-small");
    patient.customer.run(&[], ENDS_WITH);
    let journal = patient.customer.journal();
    let finished = journal.iter().filter_map(|event| event.get("step-finished"));
    let took = finished
        .map(|event| {
            let step = event["step"].as_str().unwrap().to_owned();
            (step, event["elapsed_ms"].as_u64().unwrap())
        })
        .collect();
    patient.has_nothing_left();
    (small.content(&patient, "kill-small"), took)
}

/// Kills runs inside each step, in long steps more often; returns what was delivered at last, and where runs were killed.
pub(super) fn killed_at_random(small: &Small, took: &[(String, u64)]) -> (Content, Vec<String>) {
    let patient = small.customer("kill-moments");
    let mut chance = Chance(SEED);
    let mut left: Vec<(&str, u64, u32)> = took
        .iter()
        .map(|(step, ms)| (step.as_str(), *ms, if *ms < 1000 { 1 } else { 3 }))
        .collect();
    let mut points = Vec::new();
    loop {
        let mut running = patient.customer.start(&[]);
        let mut delay = None;
        while let (None, Some(line)) = (delay, running.next()) {
            let due = left
                .iter_mut()
                .find(|(step, _, times)| *step == line.step && *times > 0);
            if let Some((step, ms, times)) = due.filter(|_| line.event == "step-started") {
                *times -= 1;
                delay = Some(chance.below(*ms));
                points.push(format!("{} ms into {step}", delay.unwrap_or_default()));
            }
        }
        let Some(delay) = delay else {
            let ended = running.end();
            let story = format!("seed {SEED}, killed {points:#?}");
            assert_eq!(
                ended.code,
                ENDS_WITH,
                "{} {story} {:#}",
                ended.err,
                patient.customer.report()
            );
            break;
        };
        std::thread::sleep(Duration::from_millis(delay));
        running.kill();
    }
    // Nothing is left to do, so that this one only looks.
    patient.customer.run(&[], ENDS_WITH);
    patient.has_nothing_left();
    (small.content(&patient, "kill-moments"), points)
}
