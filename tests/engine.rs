//! The engine with scripted steps: order, time, failure, cancel, and what is on disk when.

mod stage;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hopp::engine::{Done, Stop};
use hopp::event::{Entry, Event, FailureKind, Finding, Outcome, Severity};
use hopp::ident::Fingerprint;
use hopp::journal::JournalError;

use crate::sample::id;
use stage::{Stage, finding, started};

#[tokio::test]
async fn steps_are_done_in_an_order_that_their_needs_allow_and_no_more_at_once_than_told() {
    let stage = Stage::new().jobs(2);
    let at_once = Arc::new(AtomicUsize::new(0));
    let most = Arc::new(AtomicUsize::new(0));
    let (now, peak) = (at_once.clone(), most.clone());
    let played = stage
        .play(move |_, _| {
            let (now, peak) = (now.clone(), peak.clone());
            async move {
                peak.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(5)).await;
                now.fetch_sub(1, Ordering::SeqCst);
                Ok(Done::default())
            }
        })
        .await;
    assert_eq!(played.outcome, Outcome::Done);
    assert_eq!(most.load(Ordering::SeqCst), 2);
    let ended = played.finished();
    assert_eq!(ended.len(), played.graph.nodes().len());
    for node in played.graph.nodes() {
        let place = |step| ended.iter().position(|ended| ended == step);
        for needed in node.after.iter().chain(&node.database) {
            assert!(place(needed) < place(&node.id), "{} before {needed}", node.id);
        }
    }
}

#[tokio::test]
async fn a_step_s_beginning_is_on_disk_before_the_step_acts() {
    let stage = Stage::new();
    let journal = stage.journal();
    let played = stage
        .play(move |node, _| {
            let journal = journal.clone();
            async move {
                let written = hopp::journal::read(&journal).unwrap();
                let begun = written.iter().any(|entry| started(&entry.event) == Some(&node.id));
                if begun {
                    Ok(Done::default())
                } else {
                    Err(Stop::step("not on disk"))
                }
            }
        })
        .await;
    assert_eq!(played.outcome, Outcome::Done);
}

#[tokio::test]
async fn what_a_step_says_is_on_disk_before_its_own_end() {
    let played = Stage::new()
        .play(|node, context| async move {
            if node.id == id("restore") {
                for n in 0..50 {
                    context.emit(Event::Delivered {
                        path: n.to_string(),
                        bytes: 0,
                        sha256: Fingerprint::of("x"),
                    });
                }
            }
            Ok(Done::default())
        })
        .await;
    let place = |wanted: &dyn Fn(&Event) -> bool| played.events().iter().rposition(wanted);
    let said = place(&|event| matches!(event, Event::Delivered { path, .. } if path == "49"));
    let ended = place(&|event| matches!(event, Event::StepFinished { step, .. } if *step == id("restore")));
    assert!(said.is_some() && said < ended, "{said:?} {ended:?}");
}

#[tokio::test]
async fn a_transient_failure_is_tried_again_and_written_down() {
    let tries = Arc::new(AtomicUsize::new(0));
    let count = tries.clone();
    let played = Stage::new()
        .play(move |node, _| {
            let count = count.clone();
            async move {
                if node.id == id("image/postgres") && count.fetch_add(1, Ordering::SeqCst) < 2 {
                    let mut stop = Stop::environment("the registry does not answer");
                    stop.transient = true;
                    return Err(stop);
                }
                Ok(Done::default())
            }
        })
        .await;
    assert_eq!((played.outcome, tries.load(Ordering::SeqCst)), (Outcome::Done, 3));
    let waits: Vec<u64> = played
        .events()
        .iter()
        .filter_map(|event| match event {
            Event::StepRetried { step, wait_ms, failure } if *step == id("image/postgres") => {
                assert_eq!(failure.message, "the registry does not answer");
                Some(*wait_ms)
            }
            _ => None,
        })
        .collect();
    assert_eq!(waits, [1, 2]);
}

#[tokio::test]
async fn a_failure_that_stays_ends_the_run_after_the_last_attempt() {
    let tries = Arc::new(AtomicUsize::new(0));
    let count = tries.clone();
    let played = Stage::new()
        .play(move |node, _| {
            let count = count.clone();
            async move {
                if node.id != id("image/postgres") {
                    return Ok(Done::default());
                }
                count.fetch_add(1, Ordering::SeqCst);
                let mut stop = Stop::environment("no route to the registry");
                stop.transient = true;
                Err(stop)
            }
        })
        .await;
    assert_eq!(played.outcome, Outcome::EnvironmentFailed);
    assert_eq!(tries.load(Ordering::SeqCst), 3);
    assert_eq!(played.failure("image/postgres").kind, FailureKind::Environment);
}

#[tokio::test]
async fn a_failure_stops_what_else_runs_and_starts_nothing_more() {
    let played = Stage::new()
        .play(|node, context| async move {
            match node.id.as_str() {
                "image/postgres" => Err(Stop::step("broken")),
                "image/18.0" => {
                    context.cancel.cancelled().await;
                    Err(Stop::new(FailureKind::Interrupted, "interrupted"))
                }
                _ => Ok(Done::default()),
            }
        })
        .await;
    assert_eq!(played.outcome, Outcome::Failed);
    assert_eq!(played.failure("image/18.0").kind, FailureKind::Interrupted);
    assert!(
        !played
            .events()
            .iter()
            .any(|event| started(event) == Some(&id("provision")))
    );
}

#[tokio::test]
async fn a_step_that_takes_too_long_is_told_to_stop_and_may_clean_up() {
    let cleaned = Arc::new(AtomicUsize::new(0));
    let count = cleaned.clone();
    let played = Stage::new()
        .timeout(Duration::from_millis(20))
        .play(move |node, context| {
            let count = count.clone();
            async move {
                if node.id == id("restore") {
                    context.cancel.cancelled().await;
                    tokio::task::yield_now().await;
                    count.fetch_add(1, Ordering::SeqCst);
                    return Err(Stop::new(FailureKind::Interrupted, "interrupted").excerpt(["last words".to_owned()]));
                }
                Ok(Done::default())
            }
        })
        .await;
    assert_eq!((played.outcome, cleaned.load(Ordering::SeqCst)), (Outcome::Failed, 1));
    let failure = played.failure("restore");
    assert_eq!(failure.kind, FailureKind::Timeout);
    assert_eq!(failure.excerpt, ["last words"]);
}

#[tokio::test]
async fn a_step_that_does_not_listen_holds_nobody_up_when_its_time_is_over_or_a_person_stops_the_run() {
    for stopped in [false, true] {
        let stage = Stage::new()
            .timeout(Duration::from_millis(if stopped { 600_000 } else { 20 }))
            .grace(Duration::from_millis(50));
        let cancel = stage.cancel.clone();
        let played = stage
            .play(move |node, _context| {
                let cancel = cancel.clone();
                async move {
                    if node.id == id("restore") {
                        if stopped {
                            cancel.cancel();
                        }
                        std::future::pending::<()>().await;
                    }
                    Ok(Done::default())
                }
            })
            .await;
        let failure = played.failure("restore");
        let (outcome, kind) = if stopped {
            (Outcome::Interrupted, FailureKind::Interrupted)
        } else {
            (Outcome::Failed, FailureKind::Timeout)
        };
        assert_eq!((played.outcome, failure.kind), (outcome, kind));
        assert!(failure.hints[0].contains("its containers are removed"), "{failure:?}");
    }
}

#[tokio::test]
async fn a_person_s_stop_interrupts_whatever_the_step_says_of_it() {
    let stage = Stage::new();
    let cancel = stage.cancel.clone();
    let played = stage
        .play(move |node, context| {
            let cancel = cancel.clone();
            async move {
                if node.id == id("restore") {
                    cancel.cancel();
                    context.cancel.cancelled().await;
                    return Err(Stop::environment("the container is gone"));
                }
                Ok(Done::default())
            }
        })
        .await;
    assert_eq!(played.outcome, Outcome::Interrupted);
}

#[tokio::test]
async fn a_stop_between_two_steps_is_no_success() {
    let stage = Stage::new();
    let cancel = stage.cancel.clone();
    let played = stage
        .play(move |node, _| {
            if node.id == id("restore") {
                cancel.cancel();
            }
            async { Ok(Done::default()) }
        })
        .await;
    assert_eq!(played.outcome, Outcome::Interrupted);
    assert!(!played.finished().contains(&id("verify")));
}

#[tokio::test]
async fn a_stop_during_the_pause_before_another_attempt_does_not_wait_for_it() {
    let stage = Stage::new().back_off(Duration::from_hours(1));
    let cancel = stage.cancel.clone();
    let played = stage
        .play(move |node, _| {
            let cancel = cancel.clone();
            async move {
                if node.id == id("restore") {
                    cancel.cancel();
                    let mut stop = Stop::environment("no answer");
                    stop.transient = true;
                    return Err(stop);
                }
                Ok(Done::default())
            }
        })
        .await;
    assert_eq!(played.outcome, Outcome::Interrupted);
    assert_eq!(played.failure("restore").kind, FailureKind::Interrupted);
}

#[tokio::test]
async fn an_error_among_the_findings_fails_the_verification_and_not_the_delivery() {
    let played = Stage::new()
        .play(|node, _| async move {
            let mut done = Done::default();
            if node.id == id("verify") {
                done.findings.push(finding(Severity::Error));
            }
            Ok(done)
        })
        .await;
    assert_eq!(played.outcome, Outcome::VerificationFailed);
    assert!(played.finished().contains(&id("deliver")));
}

#[tokio::test]
async fn a_warning_among_the_findings_fails_nothing() {
    let played = Stage::new()
        .play(|_, _| async {
            let mut done = Done::default();
            done.findings.push(finding(Severity::Warning));
            Ok(done)
        })
        .await;
    assert_eq!(played.outcome, Outcome::Done);
}

#[tokio::test]
async fn what_was_done_before_is_told_again_with_its_result_and_findings_and_verdict() {
    let first = Stage::new();
    let played = first
        .play(|node, _| async move {
            let mut done = Done::with(serde_json::json!({ "step": node.id }));
            if node.id == id("verify") {
                done.findings.push(finding(Severity::Error));
            }
            Ok(done)
        })
        .await;
    let second = played.again();
    let again = second
        .play(|node, _| async move { panic!("{} runs again", node.id) })
        .await;
    assert_eq!(again.outcome, Outcome::VerificationFailed);
    let told: Vec<&Finding> = again
        .events()
        .iter()
        .filter_map(|event| match event {
            Event::FindingRaised { step, finding } => {
                assert_eq!(*step, id("verify"));
                Some(finding)
            }
            _ => None,
        })
        .collect();
    assert_eq!(told, [&finding(Severity::Error)]);
    let result = again.events().iter().find_map(|event| match event {
        Event::StepReused { step, result, .. } if *step == id("measure") => Some(result),
        _ => None,
    });
    assert_eq!(
        result.map(|result| &result["step"]),
        Some(&serde_json::json!("measure"))
    );
}

#[tokio::test]
async fn a_step_that_panics_fails_by_name_and_the_journal_says_so() {
    let played = Stage::new()
        .play(|node, _| async move {
            assert!(node.id != id("restore"), "this step has a mistake in it");
            Ok(Done::default())
        })
        .await;
    assert_eq!(played.outcome, Outcome::Broken);
    let failure = played.failure("restore");
    assert_eq!(failure.kind, FailureKind::Internal);
    assert!(
        failure.message.contains("this step has a mistake in it"),
        "{}",
        failure.message
    );
}

#[tokio::test]
async fn a_checkpoint_that_is_gone_is_named_so_that_the_run_can_be_decided_again() {
    let played = Stage::new()
        .play(|node, _| async move {
            if node.id == id("19.0/upgrade") {
                let mut stop = Stop::environment("checkpoint is gone");
                stop.lost_checkpoint = Some(Fingerprint::of("gone"));
                return Err(stop);
            }
            Ok(Done::default())
        })
        .await;
    assert_eq!(played.lost_checkpoints, [Fingerprint::of("gone")]);
}

#[tokio::test]
async fn a_step_whose_own_image_is_unknown_gets_its_fingerprint_once_the_image_is_there() {
    let played = Stage::new()
        .unknown_images()
        .play(|node, context| async move {
            if node.id == id("19.0/upgrade") {
                assert!(context.parent.is_some(), "the state it starts from has a name");
            }
            let is_image = node.id.as_str().starts_with("image/");
            Ok(Done {
                identity: is_image.then(|| Fingerprint::of(node.id.as_str())),
                ..Done::default()
            })
        })
        .await;
    assert_eq!(played.outcome, Outcome::Done);
    let known = hopp::plan::fingerprints(&played.graph, &crate::sample::identities(&played.graph));
    for event in played.events() {
        if let Event::StepFinished { step, fingerprint, .. } = event {
            assert_eq!(Some(fingerprint), known.get(step), "{step}");
        }
    }
}

#[tokio::test]
async fn a_change_of_the_database_without_a_name_for_its_result_is_refused() {
    let played = Stage::new()
        .unknown_images()
        .play(|_, _| async { Ok(Done::default()) })
        .await;
    assert_eq!(played.outcome, Outcome::Broken);
    assert_eq!(played.failure("modules").kind, FailureKind::Internal);
    assert!(!played.finished().contains(&id("18.0/upgrade")));
}

#[tokio::test]
async fn a_journal_that_cannot_be_written_ends_the_run_once_every_step_has_cleaned_up() {
    let stage = Stage::new();
    let cleaned = Arc::new(AtomicUsize::new(0));
    let count = cleaned.clone();
    let mut written = 0;
    let mut full = |event: Event| {
        if matches!(event, Event::Delivered { .. }) {
            return Err(JournalError::Io {
                path: "journal.jsonl".into(),
                source: std::io::ErrorKind::StorageFull.into(),
            });
        }
        written += 1;
        Ok(Entry {
            seq: written,
            at: jiff::Timestamp::UNIX_EPOCH,
            event,
        })
    };
    let walked = stage
        .walk(&mut full, move |node, context| {
            let count = count.clone();
            async move {
                if node.id == id("image/postgres") {
                    context.emit(Event::Delivered {
                        path: "backup.zip".into(),
                        bytes: 0,
                        sha256: Fingerprint::of("x"),
                    });
                }
                if node.id != id("preflight") {
                    context.cancel.cancelled().await;
                    count.fetch_add(1, Ordering::SeqCst);
                }
                Ok(Done::default())
            }
        })
        .await;
    assert!(matches!(walked, Err(JournalError::Io { .. })));
    // The three images were on their way.
    assert_eq!(cleaned.load(Ordering::SeqCst), 3);
}
