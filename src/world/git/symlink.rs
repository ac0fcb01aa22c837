//! Which symbolic links of a repository may be written to this machine.

/// Says why a link must not be written, if so.
///
/// `depth` is how many folders below the checkout the link's own folder lies. A target may climb (`../`) as far as
/// the checkout and then only go down: climbing after a name could pass through another link and leave unseen.
pub(super) fn refusal(target: &[u8], depth: usize) -> Option<&'static str> {
    if target.is_empty() {
        return Some("it is a link to nothing");
    }
    if target.starts_with(b"/") {
        return Some("it is a link to an absolute path");
    }
    let mut climbed = 0;
    let mut went_down = false;
    for part in target.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." if went_down => return Some("it is a link that climbs after going down"),
            b".." => climbed += 1,
            _ => went_down = true,
        }
    }
    (climbed > depth).then_some("it is a link to something outside the checkout")
}

#[cfg(test)]
mod tests {
    use super::refusal;

    #[test]
    fn links_inside_the_checkout_are_kept() {
        assert_eq!(refusal(b"neighbour", 0), None);
        assert_eq!(refusal(b"../../../../web_x", 4), None);
        assert_eq!(refusal(b"./a/b", 0), None);
    }

    #[test]
    fn links_out_of_the_checkout_are_refused() {
        for (target, depth) in [
            (&b"/etc/passwd"[..], 3),
            (b"..", 0),
            (b"../../x", 1),
            (b"a/../../x", 1),
            (b"", 1),
        ] {
            assert!(refusal(target, depth).is_some(), "{target:?}");
        }
    }
}
