use proptest::prelude::*;

use super::*;

/// Wants two columns of one table.
#[derive(Default)]
struct Wanting(Vec<(Option<String>, Option<String>)>);

impl Reader for Wanting {
    fn wants(&mut self, table: &str) -> &'static [&'static str] {
        match table {
            "wanted" => &["b", "absent", "d"],
            _ => &[],
        }
    }

    fn begins(&mut self, _: &str, has: &[bool]) {
        assert_eq!(has, [true, false, true]);
    }

    fn row(&mut self, _: &str, row: &Row<'_>) {
        assert_eq!(row.raw(1), None);
        self.0.push((row.owned(0), row.owned(2)));
    }
}

const DUMP: &str = "--\n-- PostgreSQL database dump\n--\n\\restrict key\n-- Dumped from database version 15.18 (Debian)\n\
    CREATE TABLE public.ir_module_module (\n);\n\
    COPY public.other (x) FROM stdin;\nCOPY public.wanted (b) FROM stdin;\n-- PostgreSQL database dump complete\n\\.\n\n\
    COPY public.wanted (a, \"b\", c, d, e) FROM stdin;\n\
    1\tx\\ty\\\\z\\x41\\101\t\\N\t\\N\tlast\n\
    2\t\t\tå\tlast\n\\.\n\
    COPY audit.wanted (a) FROM stdin;\n\\.\n\
    --\n-- PostgreSQL database dump complete\n--\n";

fn scanned(dump: &[u8], size: usize) -> (Dump, Wanting) {
    let mut wanting = Wanting::default();
    let mut scan = DumpScan::default();
    for piece in dump.chunks(size) {
        scan.feed(piece, &mut wanting);
    }
    (scan.finish(&mut wanting), wanting)
}

#[test]
fn rows_and_bytes_are_counted_and_wanted_columns_come_unescaped() {
    for size in [1, 2, 3, 7, 64, 4096] {
        let (dump, wanting) = scanned(DUMP.as_bytes(), size);
        let extent = |table: &str| (dump.tables[table].rows, dump.tables[table].bytes);
        assert_eq!(extent("other"), (2, 72), "{size}");
        assert_eq!(extent("wanted").0, 2);
        assert_eq!(extent("audit.wanted"), (0, 0));
        assert_eq!(
            wanting.0,
            [
                (Some("x\ty\\zAA".to_owned()), None),
                (Some(String::new()), Some("å".to_owned()))
            ]
        );
        assert!(dump.ended && dump.has_modules && !dump.inserts && dump.cut_in.is_none());
        assert_eq!(dump.pg_version.as_deref(), Some("15.18"));
    }
}

#[test]
fn a_dump_cut_off_inside_a_table_says_in_which() {
    let end = DUMP.find("\tlast\n2").unwrap();
    let (dump, wanting) = scanned(&DUMP.as_bytes()[..end], 10);
    assert_eq!(dump.cut_in.as_deref(), Some("wanted"));
    assert!(!dump.ended && wanting.0.is_empty(), "half a row is no row");
}

#[test]
fn inserts_are_noticed() {
    let (dump, _) = scanned(b"INSERT INTO public.res_users VALUES (1);\n", 100);
    assert!(dump.inserts);
}

proptest! {
    #[test]
    fn where_the_pieces_are_cut_changes_nothing(size in 1_usize..200, text in "([a-z\\\\\t\n.]{0,8}\n){0,30}") {
        let dump = format!("COPY public.other (x) FROM stdin;\n{text}");
        let whole = scanned(dump.as_bytes(), dump.len()).0;
        prop_assert_eq!(scanned(dump.as_bytes(), size).0, whole);
    }
}
