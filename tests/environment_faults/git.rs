//! Repositories that are not reachable, and pins that lead to nothing.

use super::server::{answer, answering};
use super::{Sketch, count, said};
use crate::harness::Ended;

/// What git's servers answer for a repository without a single commit.
fn empty_repository() -> String {
    let refs = "0000000000000000000000000000000000000000 capabilities^{}\0 agent=test\n";
    let body = format!("001e# service=git-upload-pack\n0000{:04x}{refs}0000", refs.len() + 4);
    answer("200 OK", "application/x-git-upload-pack-advertisement", &body)
}

impl Sketch {
    /// Writes the plan with a repository at this address.
    fn code_at(&self, url: &str) {
        let plan = fs_err::read_to_string(self.customer.path("plan.yaml")).unwrap();
        let plan = plan.replace(&self.customer.code.url(), url);
        self.customer.write("plan.yaml", &plan);
    }

    /// Runs hopp with a cache of its own, that a test may throw away.
    fn hopp(&self, args: &[&str]) -> Ended {
        let mut command = self.customer.command(args);
        Ended::of(command.env("XDG_CACHE_HOME", self.customer.path("cache")))
    }

    fn plan(&self) -> Ended {
        self.hopp(&["plan", "plan.yaml"])
    }
}

#[test]
fn a_fetch_that_fails_for_a_moment_is_tried_again_on_the_screen_and_in_the_journal() {
    let sketch = Sketch::new("env-git-busy");
    let mut asked = 0;
    let place = answering(move |_| {
        asked += 1;
        match asked {
            1 | 2 => answer("503 Service Unavailable", "text/plain", ""),
            _ => empty_repository(),
        }
    });
    sketch.code_at(&format!("http://{place}/code.git"));
    let ended = sketch.customer.hopp(&["run", "plan.yaml", "--until", "preflight"]);
    said(&ended, 0, &["! fetch code: ", "503", "again in 1", "again in 2"]);
    let retried = sketch.customer.steps("step-retried");
    assert_eq!(retried, ["checkout/code@19.0", "checkout/code@19.0"]);
}

#[test]
fn a_remote_that_nobody_answers_at_is_given_up_with_the_remedy() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let place = closed.local_addr().unwrap();
    drop(closed);
    let sketch = Sketch::new("env-git-dead");
    sketch.code_at(&format!("http://{place}/code.git"));
    let ended = sketch.plan();
    said(
        &ended,
        11,
        &[
            "repository `code`",
            &place.to_string(),
            "cannot be reached",
            "hint: check the network",
        ],
    );
    assert_eq!(count(&ended, "again in"), 3, "{}", ended.err);
}

#[test]
fn what_no_waiting_changes_is_not_tried_again() {
    let cases = [
        (
            "404 Not Found",
            "there is no repository at",
            "private repositories need `auth`",
        ),
        (
            "401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"git\"",
            "refuses the login",
            "give the repository `auth`",
        ),
    ];
    let sketch = Sketch::new("env-git-no");
    let mut url = sketch.customer.code.url();
    for (status, words, remedy) in cases {
        let place = answering(|_| answer(status, "text/plain", ""));
        let plan = fs_err::read_to_string(sketch.customer.path("plan.yaml")).unwrap();
        let new = format!("http://{place}/code.git");
        sketch.customer.write("plan.yaml", &plan.replace(&url, &new));
        url = new;
        let ended = sketch.plan();
        said(&ended, 11, &["repository `code`", words, remedy]);
        assert_eq!(count(&ended, "again in"), 0, "{}", ended.err);
    }
}

#[test]
fn a_pin_outlives_a_force_push_and_a_deleted_branch_and_only_update_moves_it() {
    let sketch = Sketch::new("env-git-pin");
    let branch = "refs/heads/19.0";
    let code = &sketch.customer.code;
    let old = code.commit(branch, &[("a.txt", "1")], "pinned");
    said(&sketch.plan(), 0, &[]);
    let pins = || fs_err::read_to_string(sketch.customer.path("env-git-pin.lock.yaml")).unwrap();
    assert!(pins().contains(&old));

    // Rewritten, and the mirror still has the old commit.
    code.delete(branch);
    let new = code.commit(branch, &[("a.txt", "2")], "rewritten");
    said(&sketch.plan(), 0, &[]);
    assert!(pins().contains(&old), "a plan does not move pins");

    // On another machine, which never saw it.
    let forget = || fs_err::remove_dir_all(sketch.customer.path("cache")).unwrap();
    forget();
    let remedy = "`hopp update PLAN` moves the pin";
    said(
        &sketch.plan(),
        11,
        &["repository `code`", &old, "`19.0`", &format!("it is {new} now"), remedy],
    );
    assert!(pins().contains(&old), "a failure does not move pins");
    said(
        &sketch.hopp(&["update", "plan.yaml", "--repo", "code"]),
        0,
        &[&old[..10], &new[..10]],
    );
    assert!(pins().contains(&new));

    code.delete(branch);
    said(&sketch.plan(), 0, &[]);
    forget();
    said(
        &sketch.plan(),
        11,
        &[&new, "`19.0`", "it does not exist any more", remedy],
    );
}

#[test]
fn what_is_pinned_and_mirrored_needs_no_remote() {
    let sketch = Sketch::new("env-git-offline");
    let code = &sketch.customer.code;
    for branch in ["18.0", "19.0"] {
        code.commit(&format!("refs/heads/{branch}"), &[("a.txt", "1")], "pinned");
    }
    said(&sketch.plan(), 0, &[]);
    fs_err::remove_dir_all(code.path().join("objects")).unwrap();
    said(&sketch.plan(), 0, &["steps to do"]);
}
