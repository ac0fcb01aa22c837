use proptest::prelude::*;

use super::super::Python;

fn count(text: &str) -> Option<u64> {
    super::lines(text.as_bytes(), Python::V310).map(|count| count.code)
}

/// What `CPython` 3.13 says of each, seen by running it.
#[test]
fn a_line_counts_when_a_node_begins_on_it() {
    for (text, lines) in [
        ("", 0),
        ("# c", 0),
        ("x=1; y=2", 1),
        (
            "try:\n    a()\nexcept E:\n    b()\nelse:\n    c()\nfinally:\n    d()",
            6,
        ),
        ("if a:\n    b\nelse:\n    c", 3),
        ("x = [\n    1,\n    2,\n]", 3),
        ("f(\n    a=1,\n    *b,\n    **c\n)", 4),
        ("x = a \\\n+ b", 2),
        ("from a import (\n    b,\n    c,\n)", 3),
        ("'''doc\nstring'''", 1),
        ("x = ('a'\n     'b'\n     'c')", 1),
        ("(\na\n)", 2),
        ("(\na\n) + b", 3),
        ("x = (\na\n)", 2),
        ("x = (\na,\n)", 2),
        ("with (\n    a as b,\n    c\n):\n    pass", 4),
        ("def f(\n    a,\n    /,\n    *,\n    b=1,\n    **k\n):\n    pass", 5),
        ("@d\n@e(\n    1\n)\ndef f(): pass", 4),
        ("f'''\n{x}\ny {z}\n'''", 3),
        ("(f'a{x}b'\n f'c')", 1),
        ("(f'a{x}b'\n 'c'\n f'{y}')", 2),
        ("f'''{x:\n{w}\n}'''", 2),
        (
            "match a:\n    case (\n        b\n    ):\n        pass\n    case {\n        'k': [1, *c]\n    }: pass",
            6,
        ),
        ("match = 1\nmatch[match]\nmatch(case)", 3),
        ("type X[\nT,\n*Ts\n] = int", 4),
        ("x\\\n  .y", 1),
        ("if 1:\n\tx\n\ty", 3),
        ("a = \\\n(1)", 2),
        ("a\rb\r\nc", 3),
        ("a.b.c(d .e, f. g)[h.i].j.k = l.m", 1),
        ("import a.b.c as d, e.f\nfrom .g.h import i\nfrom ...j import k", 3),
        ("@a.b\ndef f(c: d.e = f.g): pass", 2),
        ("a.b: c.d = 1\ndel e.f\nfor g.h in i.j: k.l += 1", 3),
        (
            "match a.b:\n    case c.d: pass\n    case {e.f: g}: pass\n    case h.i(j=k.l): pass",
            4,
        ),
        ("match.a(b)\ncase.c\ntype.d = 1", 3),
        ("f'{a.b!r:{c.d}}'", 1),
    ] {
        assert_eq!(count(text), Some(lines), "{text}");
    }
}

#[test]
fn what_python_refuses_is_refused() {
    for text in [
        "print 'x'",
        "exec code",
        "raise E, 'x'",
        "except E, e:",
        "0777",
        "1__0",
        "1a",
        "f(a=1, b)",
        "f(**a, *b)",
        "f(a, b for b in c)",
        "f() = 1",
        "a, b += 1",
        "(a, b): int",
        "def f(a=1, b): pass",
        "def f(*): pass",
        "def f(**k, a): pass",
        "del f()",
        "(*a)",
        "[*a for a in b]",
        "x = {**a for a in b}",
        "if a:\nb",
        "if a:\n    b\n  c",
        "if 1:\n        x\n\ty",
        "(",
        ")",
        "(]",
        "'",
        "'''",
        "'\\x4'",
        "b'\u{e5}'",
        "'a' b'b'",
        "\u{e5}\u{e4}\u{f6} = 1",
        "\u{feff}x = 1",
        "x = 1\0",
        "f'{}'",
        "f'{a b}'",
        "f'}'",
        "f'{a!x}'",
        "f'{'",
        "import a.b as",
        "from a import b,",
        "from a import ()",
        "try: pass",
        "try: pass\nexcept* E: pass\nexcept F: pass",
        "a ? b",
        "x = $1",
        "a\n\u{c}  b",
        "\\",
        "a if b",
        "lambda: (yield) = 1",
        "a := 1",
        "@d\nx = 1",
        "a.if",
        "a.1",
        "a..b",
        "a.b'c'",
        "a.b c.d",
        "(a.b := 1)",
        "f(a.b=1)",
        "def a.b(): pass",
        "def f(a.b): pass",
        "class a.b: pass",
        "lambda a.b: 1",
        "global a.b",
        "import a.b as c.d",
        "from a import b.c",
        "with a as b.c, d as e.f g: pass",
        "try: pass\nexcept a as b.c: pass",
        "match a:\n    case b as c.d: pass",
        "match a:\n    case {b: c}: pass",
        "f'{a!r.b}'",
    ] {
        assert_eq!(count(text), None, "{text}");
    }
}

#[test]
fn python_before_310_sees_no_line_in_an_import_and_no_match() {
    let old = |text: &str| super::lines(text.as_bytes(), Python::V39).map(|count| count.code);
    assert_eq!(old("from a import (\n    b,\n    c,\n)"), Some(1));
    assert_eq!(old("match a:\n    case 1: pass"), None);
    assert_eq!(old("match(a)"), Some(1));
    // The second field is written like the first, and is taken for it.
    assert_eq!(old("f'''\n{x}\n{x}\n{y}\n{z!r}\n'''"), Some(3));
}

#[test]
fn deep_nesting_ends_in_a_count_or_a_refusal() {
    for (open, close) in [
        ("(", ")"),
        ("[", "]"),
        ("{1:", "}"),
        ("f(", ")"),
        ("f'{", "}'"),
        ("x[", "]"),
    ] {
        let nested = |depth: usize| format!("{}1{}", open.repeat(depth), close.repeat(depth));
        assert_eq!(count(&nested(60)), Some(1), "{open}");
        assert_eq!(count(&nested(100_000)), None, "{open}");
    }
    for prefix in ["-", "not ", "lambda: ", "await ", "1 if 1 else ", "1 ** ", "*"] {
        count(&format!("{}1", prefix.repeat(100_000)));
    }
    assert_eq!(count(&"if a:\n".repeat(200)), None);
    let deep: Vec<String> = (0..120).map(|depth| " ".repeat(depth) + "if a:\n").collect();
    let deep = deep.concat();
    assert_eq!(count(&format!("{deep}{}pass", " ".repeat(120))), None);
}

proptest! {
    #[test]
    fn any_bytes_are_counted_or_refused(bytes in any::<Vec<u8>>()) {
        if let Some(count) = super::lines(&bytes, Python::V310) {
            prop_assert!(count.code <= bytes.len() as u64);
        }
    }

    #[test]
    fn anything_like_python_is_counted_or_refused(
        text in "(f?['\"]{1,3}|[{}()\\[\\]]|[:=,.*!\\\\#@;]|def |class |if |for |in |match |case |with |as |lambda |[ab1]|\n *|\t|\r){0,60}"
    ) {
        for python in [Python::V39, Python::V310] {
            let ends = 1 + text.matches(['\n', '\r']).count() as u64;
            let count = super::lines(text.as_bytes(), python);
            prop_assert!(count.is_none_or(|count| count.code <= ends));
            let feeds = 1 + text.matches('\n').count() as u64;
            prop_assert!(count.is_none_or(|count| count.total == feeds));
        }
    }
}
