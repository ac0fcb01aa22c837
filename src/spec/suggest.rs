//! "Did you mean …?" and lists of names in sentences.

/// Returns the candidate that was most likely meant by a mistyped word.
pub fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase().replace('_', "-");
    let allowed = (word.chars().count() / 3).clamp(1, 3);
    candidates
        .into_iter()
        .map(|candidate| {
            let folded = candidate.to_lowercase().replace('_', "-");
            (strsim::damerau_levenshtein(&word, &folded), candidate)
        })
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Returns `did you mean …?` when a candidate is close, and the list of what there is to choose from.
pub fn remedy<'a>(word: &str, what: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    let candidates: Vec<&str> = candidates.into_iter().collect();
    let list = format!("{what}: {}", quoted(candidates.iter().copied()));
    match closest(word, candidates) {
        Some(meant) => format!("did you mean `{meant}`? {list}"),
        None => list,
    }
}

/// Returns `` `a`, `b`, `c` ``.
pub fn quoted<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_understood() {
        let keys = ["repositories", "modules", "hops"];
        assert_eq!(closest("reposotories", keys), Some("repositories"));
        assert_eq!(closest("module", keys), Some("modules"));
        assert_eq!(closest("Hops", keys), Some("hops"));
        assert_eq!(closest("odoo_service", ["odoo-service"]), Some("odoo-service"));
    }

    #[test]
    fn something_else_altogether_is_not() {
        assert_eq!(closest("colour", ["repositories", "modules", "hops"]), None);
        assert_eq!(closest("x", ["ab"]), None);
    }
}
