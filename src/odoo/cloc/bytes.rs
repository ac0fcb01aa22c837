//! Eight bytes at once, as one number: what is looked for most often lies near, and a search built for what lies far
//! takes longer to begin than to find it.

/// How far something is looked for that lies near, in bytes.
const NEAR: usize = 32;

/// Returns eight of a byte.
pub(super) const fn eight(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// Returns where the first of some bytes is; `far` goes on where none is near.
#[inline]
pub(super) fn find<const N: usize>(
    text: &[u8],
    wanted: [u8; N],
    far: impl FnOnce(&[u8]) -> Option<usize>,
) -> Option<usize> {
    let mut at = 0;
    while at < NEAR
        && let Some(bytes) = text[at..].first_chunk()
    {
        let bytes = u64::from_le_bytes(*bytes);
        // Of each the lowest bit that is set is that of the first such byte; those above it may be wrong.
        let found = wanted.iter().fold(0, |found, byte| {
            let others = bytes ^ eight(*byte);
            found | (others.wrapping_sub(eight(1)) & !others)
        }) & eight(0x80);
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    far(&text[at..]).map(|found| at + found)
}

/// Returns how many spaces a text begins with.
#[inline]
pub(super) fn spaces(text: &[u8]) -> usize {
    let mut count = 0;
    while let Some(bytes) = text[count..].first_chunk() {
        let others = u64::from_le_bytes(*bytes) ^ eight(b' ');
        if others != 0 {
            return count + others.trailing_zeros() as usize / 8;
        }
        count += 8;
    }
    let rest = &text[count..];
    count + rest.iter().position(|byte| *byte != b' ').unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_is_found_wherever_it_is() {
        for before in 0..100 {
            for after in 0..20 {
                // Bytes that differ from the wanted ones in little.
                let others = |length: usize| b"!#&[]\x0b\x09\xa2\xa7\x00".iter().copied().cycle().take(length);
                for wanted in *b"\"'\n" {
                    let text: Vec<u8> = others(before).chain([wanted]).chain(others(after)).collect();
                    let far = |rest: &[u8]| memchr::memchr3(b'"', b'\'', b'\n', rest);
                    assert_eq!(find(&text, *b"\"'\n", far), Some(before));
                    assert_eq!(find(&text[before + 1..], *b"\"'\n", far), None);
                }
                let text = [vec![b' '; before], others(after).collect()].concat();
                assert_eq!(spaces(&text), before);
            }
        }
    }
}
