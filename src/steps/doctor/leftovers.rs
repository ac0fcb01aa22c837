//! What crashes left.

use super::Check;
use crate::journal::StateFolder;
use crate::runtime::Runtime;
use crate::spec::Plan;
use crate::steps::leftovers::leftovers;
use crate::words;

/// How many are named.
const NAMED: usize = 3;

/// Looks for what crashes left: of the plan's customer, or of all customers of this engine.
pub(super) async fn examine(runtime: &dyn Runtime, state: Option<&StateFolder>, plan: Option<&Plan>) -> Vec<Check> {
    let whose = match state {
        Some(_) => "of this customer",
        None => "of all customers",
    };
    let check = |message: String| Check::pass("leftovers", whose, message);
    let found = match leftovers(runtime, state).await {
        Ok(found) => found,
        Err(error) => return vec![check(error.to_string()).warn("see `engine`")],
    };
    if found.is_empty() {
        return vec![check("none".into())];
    }
    let mut names: Vec<String> = found
        .iter()
        .take(NAMED)
        .map(|left| {
            let name = left
                .name
                .strip_prefix("sha256:")
                .map_or(left.name.as_str(), |id| &id[..id.len().min(12)]);
            format!("{} {name}", left.kind.name())
        })
        .collect();
    if found.len() > NAMED {
        names.push("…".into());
    }
    let plan = plan.map(|plan| format!(" {}", plan.path.display())).unwrap_or_default();
    let message = format!("{}: {}", words::count(found.len(), "thing"), names.join(", "));
    vec![check(message).warn(format!("`hopp clean --leftovers{plan}` removes what nobody needs"))]
}
