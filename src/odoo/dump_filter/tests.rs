use proptest::prelude::*;

use super::*;

fn filtered(dump: &str) -> Result<String, DumpError> {
    let mut filter = DumpFilter::default();
    let mut kept = String::new();
    for line in dump.split_inclusive('\n') {
        if filter.keep(line.as_bytes())? {
            kept.push_str(line);
        }
    }
    filter.finish()?;
    Ok(kept)
}

#[test]
fn what_belongs_to_another_server_is_left_out() {
    let dump = "--\n-- PostgreSQL database dump\n--\n\n\\restrict aB3\n\nSET transaction_timeout = 0;\n\
        SET default_table_access_method = heap;\nCREATE DATABASE acme WITH TEMPLATE = template0;\n\
        ALTER DATABASE acme OWNER TO odoo;\n\\connect acme\nCREATE SCHEMA public;\n\
        COMMENT ON SCHEMA public IS 'two\nlines; and more';\nALTER TABLE public.t OWNER TO \"the owner\";\n\
        ALTER FUNCTION public.f(a integer) OWNER TO odoo;\nGRANT ALL ON SCHEMA public TO PUBLIC;\n\
        REVOKE ALL ON TABLE public.t\n  FROM odoo;\nCREATE TABLE public.t (\n    id integer\n);\n\
        \\unrestrict aB3\n-- PostgreSQL database dump complete\n";
    let kept = "--\n-- PostgreSQL database dump\n--\n\n\nSET default_table_access_method = heap;\n\
        CREATE TABLE public.t (\n    id integer\n);\n-- PostgreSQL database dump complete\n";
    assert_eq!(filtered(dump).unwrap(), kept);
}

#[test]
fn what_only_looks_like_it_is_kept() {
    for dump in [
        "COMMENT ON TABLE public.t IS 'rights:\nGRANT ALL ON x;\n\\! ls\n';\n",
        "CREATE FUNCTION public.f() RETURNS void LANGUAGE plpgsql AS $_$\nBEGIN\nREVOKE a; -- it's\nEND;\n$_$;\n",
        "INSERT INTO public.t VALUES (E'it\\'s\nGRANT x;\n');\n",
        "ALTER TABLE public.t ADD CONSTRAINT c CHECK ((a <> ' OWNER TO x y'));\n",
        "/* one /* two */\nGRANT x;\n*/\n",
        "CREATE TABLE public.\"odd;'name\" (\n    \"GRANT \" integer\n);\n",
        "CREATE SCHEMA public_2;\n",
        "ALTER TABLE ONLY public.t\n    ADD CONSTRAINT t_pkey PRIMARY KEY (id);\n",
    ] {
        assert_eq!(filtered(dump).unwrap(), dump);
    }
}

#[test]
fn a_dump_made_with_clean_restores_into_an_empty_database() {
    let dump = "ALTER TABLE ONLY public.t DROP CONSTRAINT t_pkey;\nALTER TABLE public.t ALTER COLUMN id DROP DEFAULT;\n\
        DROP TABLE public.t;\nDROP SCHEMA public;\nCREATE TABLE public.t ();\n";
    assert_eq!(filtered(dump).unwrap(), "CREATE TABLE public.t ();\n");
}

#[test]
fn commands_of_psql_are_refused_wherever_they_stand() {
    let refused = |dump: &str| match filtered(dump) {
        Err(DumpError::Command { line, command }) => (line, command),
        other => panic!("{other:?}"),
    };
    assert_eq!(refused("SET a = 1;\n\\! rm -rf /\n"), (2, "\\!".to_owned()));
    assert_eq!(refused("SELECT 1 \\g |sh\n"), (1, "\\g".to_owned()));
    assert_eq!(refused("SELECT 'a\\';\n\\copy t from x\n"), (2, "\\copy".to_owned()));
}

#[test]
fn old_dumps_escape_with_backslashes() {
    let dump = "SET standard_conforming_strings = off;\nSELECT 'a\\'\nGRANT b';\nSELECT 1;\n";
    assert_eq!(filtered(dump).unwrap(), dump);
}

#[test]
fn a_dump_that_ends_early_says_where() {
    let place = |dump: &str| match filtered(dump) {
        Err(DumpError::Truncated { place, line }) => (line, place),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        place("COPY public.t (a) FROM stdin;\n1\n2"),
        (3, "inside the data of a table")
    );
    assert_eq!(place("CREATE TABLE public.t (\n"), (1, "inside a statement"));
    assert_eq!(place("-- PostgreSQL database dump\n"), (1, "before its end mark"));
}

proptest! {
    #[test]
    fn data_is_kept_byte_for_byte(
        rows in prop::collection::vec(
            prop_oneof!["\\PC{0,40}", "(GRANT|ALTER|\\\\restrict|COPY|'|;|\\$\\$| |\t){1,6}"], 0..20
        ),
    ) {
        prop_assume!(rows.iter().all(|row| row.trim() != "\\."));
        let data: String = rows.iter().map(|row| row.clone() + "\n").collect();
        let dump = format!("GRANT a TO b;\nCOPY public.t (a, b) FROM stdin;\n{data}\\.\n\nREVOKE a FROM b;\nSELECT 1;\n");
        let kept = format!("COPY public.t (a, b) FROM stdin;\n{data}\\.\n\nSELECT 1;\n");
        prop_assert_eq!(filtered(&dump), Ok(kept));
    }

    #[test]
    fn filtering_twice_is_filtering_once(
        lines in prop::collection::vec(
            prop_oneof![
                Just("GRANT a TO b;"), Just("CREATE TABLE t ("), Just(");"), Just("'"), Just("$$"), Just("-- it's"),
                Just("ALTER TABLE t OWNER TO x;"), Just("COPY t (a) FROM stdin;"), Just("\\."), Just("DROP TABLE t;"),
            ], 0..30
        ),
    ) {
        let dump = lines.join("\n") + "\n";
        if let Ok(once) = filtered(&dump) {
            prop_assert_eq!(filtered(&once), Ok(once));
        }
    }

    #[test]
    fn no_dump_makes_it_panic(dump in "([-'\"$;/*\\\\\n aE]|\\PC){0,80}") {
        let mut filter = DumpFilter::default();
        for line in dump.split_inclusive('\n') {
            if filter.keep(line.as_bytes()).is_err() {
                break;
            }
        }
    }
}
