use proptest::prelude::*;

use super::super::Python;

fn count(text: &str) -> Option<u64> {
    super::lines(text.as_bytes(), Python::V310)
}

#[test]
fn x() {
    assert_eq!(count("x = 1"), Some(1));
}

proptest! {
    #[test]
    fn any_bytes_are_counted_or_refused(bytes in any::<Vec<u8>>()) {
        let _ = super::lines(&bytes, Python::V310);
    }
}
