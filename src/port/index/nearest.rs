//! The name that was probably meant.

/// Returns the most similar of some names, when one is similar enough to be worth saying.
pub(crate) fn nearest<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let best = known
        .into_iter()
        .filter(|name| *name != wanted)
        .map(|name| (likeness(wanted, name), name))
        .max_by(|(a, _), (b, _)| a.total_cmp(b))?;
    (best.0 >= 0.75).then_some(best.1)
}

fn likeness(a: &str, b: &str) -> f64 {
    // A part added or lost weighs little: `product_uom` and `product_uom_id`, `groups_id` and `group_ids`.
    let contained = b.strip_prefix(a).or_else(|| a.strip_prefix(b));
    if let Some(rest) = contained.filter(|rest| rest.starts_with(['_', '.', '/']) && rest.len() < 10) {
        #[expect(clippy::cast_precision_loss, reason = "it is a small number")]
        return 0.98 - rest.len() as f64 / 100.0;
    }
    strsim::normalized_damerau_levenshtein(a, b)
}

/// Says what to do: the name that was probably meant, else that someone must look.
pub(crate) fn hint(best: Option<&str>, otherwise: &str) -> String {
    best.map_or_else(|| otherwise.to_owned(), |best| format!("perhaps `{best}` is meant"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_told_only_when_it_is_near() {
        let known = ["group_ids", "product_uom_readonly", "product_uom_id", "partner_id"];
        assert_eq!(nearest("groups_id", known), Some("group_ids"));
        assert_eq!(nearest("product_uom", known), Some("product_uom_id"));
        assert_eq!(nearest("partner_ids", known), Some("partner_id"));
        assert_eq!(nearest("zzz", known), None);
    }
}
