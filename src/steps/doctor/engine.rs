//! The container engine: who it is, what it can, and what time it is there.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{Check, silent};
use crate::container::EngineInfo;
use crate::runtime::{Runtime, RuntimeError};

/// The oldest API that hopp was tried with, of Docker 20.10.
const OLDEST_API: (u32, u32) = (1, 41);
/// How far two clocks may be apart.
const APART: SignedDuration = SignedDuration::from_secs(5);

/// Asks the engine who it is.
pub(super) async fn examine(
    runtime: &Result<Arc<dyn Runtime>, RuntimeError>,
    limit: Duration,
) -> (Vec<Check>, Option<EngineInfo>) {
    let unreachable = |error: &RuntimeError| {
        Check::pass("engine", "Docker", error.to_string()).fail("make `docker info` answer for this user")
    };
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return (vec![unreachable(error)], None),
    };
    let asked = Timestamp::now();
    match tokio::time::timeout(limit, runtime.engine()).await {
        Err(_) => (vec![silent("engine", "Docker".into(), limit)], None),
        Ok(Err(error)) => (vec![unreachable(&error)], None),
        Ok(Ok(info)) => (about(&info, asked, Timestamp::now()), Some(info)),
    }
}

/// Judges what an engine says of itself, asked and answered at these times.
fn about(info: &EngineInfo, asked: Timestamp, answered: Timestamp) -> Vec<Check> {
    let who = Check::pass(
        "engine",
        "Docker",
        format!("{}, API {} at {}", info.version, info.api, info.address),
    );
    let storage = Check::pass("engine", "storage driver", info.storage.clone());
    let version = info.cgroups.as_deref().unwrap_or("unknown");
    let limits = match (info.limits_memory, info.limits_cpus) {
        (true, true) => "memory and processor time can be limited",
        (true, false) => "processor time cannot be limited",
        (false, true) => "memory cannot be limited",
        (false, false) => "neither memory nor processor time can be limited",
    };
    let groups = Check::pass("engine", "cgroups", format!("version {version}; {limits}"));
    vec![
        if api(&info.api).is_some_and(|api| api < OLDEST_API) {
            who.warn("hopp was never tried with it: update Docker to 20.10 or later")
        } else {
            who
        },
        match info.storage.as_str() {
            "vfs" => storage.warn("every layer of an image is a full copy: let Docker use overlay2"),
            "devicemapper" | "aufs" => storage.warn("Docker has given this driver up: let it use overlay2"),
            _ => storage,
        },
        if info.limits_memory && info.limits_cpus {
            groups
        } else {
            groups.warn("`limits` in a plan are not kept there: enable the controllers (kernel command line, systemd)")
        },
        clock(info.now, asked, answered),
    ]
}

fn api(version: &str) -> Option<(u32, u32)> {
    let (major, minor) = version.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// Compares the engine's clock, read some time between two looks at ours.
fn clock(theirs: Option<Timestamp>, asked: Timestamp, answered: Timestamp) -> Check {
    let check = |message: String| Check::pass("clock", "the engine's and this machine's", message);
    let Some(theirs) = theirs else {
        return check("the engine does not tell the time".into()).warn("compare `date` on both machines");
    };
    let apart = if theirs < asked {
        asked.duration_since(theirs)
    } else if theirs > answered {
        theirs.duration_since(answered)
    } else {
        SignedDuration::ZERO
    };
    let seconds = apart.as_secs();
    if apart <= APART {
        return check("they agree".into());
    }
    let word = if theirs < asked { "behind" } else { "ahead" };
    check(format!("the engine's clock is {seconds} s {word}"))
        .warn("let NTP set both clocks: certificates, sessions and reports go by them")
}

#[cfg(test)]
mod tests {
    use super::super::Level;
    use super::*;

    #[test]
    fn clocks_some_seconds_apart_are_told_and_a_slow_answer_is_no_difference() {
        let at = |seconds: i64| Timestamp::from_second(1_800_000_000 + seconds).unwrap();
        let level = |theirs: i64| clock(Some(at(theirs)), at(0), at(8));
        assert_eq!(level(4).level, Level::Pass);
        assert_eq!(level(-3).level, Level::Pass);
        assert_eq!(level(-60).message, "the engine's clock is 60 s behind");
        assert_eq!(level(20).message, "the engine's clock is 12 s ahead");
        assert_eq!(level(20).level, Level::Warn);
        assert_eq!(clock(None, at(0), at(1)).level, Level::Warn);
    }

    #[test]
    fn an_old_engine_a_wasteful_driver_and_missing_limits_are_warnings() {
        let info = EngineInfo {
            version: "19.03.1".into(),
            api: "1.40".into(),
            address: "unix:///x".into(),
            local: true,
            cpus: 2,
            memory: 1 << 33,
            storage: "vfs".into(),
            cgroups: None,
            limits_memory: false,
            limits_cpus: true,
            data_root: "/".into(),
            now: None,
        };
        let checks = about(&info, Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH);
        assert!(checks.iter().all(|check| check.level == Level::Warn), "{checks:?}");
        assert!(checks[2].message.contains("memory cannot be limited"));
    }
}
