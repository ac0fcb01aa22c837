use proptest::prelude::*;

use super::*;

fn value(text: &str) -> Value {
    parse(text).unwrap_or_else(|error| panic!("{text}: {error}")).value
}

fn error(text: &str) -> String {
    parse(text).expect_err(text).to_string()
}

fn string(text: &str) -> Value {
    Value::Str(text.to_owned())
}

#[test]
fn strings_are_read_as_python_reads_them() {
    assert_eq!(
        value(
            r"'a\tb\x41\u00e5\101\
c\q'"
        ),
        string("a\tbA\u{e5}Ac\\q")
    );
    assert_eq!(value(r#"r'\n' "x" u'y'"#), string(r"\nxy"));
    assert_eq!(value(r#"""" "two" ""three\"""""#), string(r#" "two" ""three""#));
    assert_eq!(value("''"), string(""));
    assert_eq!(value("'a' + 'b'"), string("ab"));
    assert_eq!(value(r"b'\xff\0a'"), Value::Bytes(vec![0xff, 0, b'a']));
    assert_eq!(value(r"rb'\x'"), Value::Bytes(br"\x".to_vec()));
}

#[test]
fn a_parenthesis_is_a_tuple_only_with_a_comma() {
    assert_eq!(value("((('a')))"), string("a"));
    assert_eq!(value("('a'\n 'b')"), string("ab"));
    let Value::Tuple(items) = value("('a',)") else {
        panic!("not a tuple")
    };
    assert_eq!(items.len(), 1);
    assert_eq!(value("()"), Value::Tuple(Vec::new()));
}

#[test]
fn comments_joined_lines_and_a_byte_order_mark_are_skipped() {
    let text = "\u{feff}# -*- coding: utf-8 -*-\r\n{  # begin\r\n 'a': [1, \\\n -2,],\n}\n# end";
    let Value::Dict(pairs) = value(text) else {
        panic!("not a dictionary")
    };
    let Value::List(items) = &pairs[0].1.value else {
        panic!("not a list")
    };
    assert_eq!(items[1].value, Value::Number("-2".to_owned()));
    assert_eq!(items[1].at, Place { line: 4, column: 2 });
}

#[test]
fn sets_and_dictionaries_share_their_braces() {
    assert_eq!(value("{}"), Value::Dict(Vec::new()));
    assert_eq!(value("set()"), Value::Set(Vec::new()));
    assert!(matches!(value("{1, 2}"), Value::Set(items) if items.len() == 2));
    assert_eq!(error("{'a': 1, 'b'}"), "1:13: `:` and a value must follow each key");
    assert_eq!(error("{'a', 'b': 1}"), "1:10: `:` and a value must follow each key");
}

#[test]
fn what_would_have_to_be_computed_is_an_error_with_its_place() {
    assert_eq!(error("{'a': os.getcwd()}"), "1:7: `os` would have to be computed");
    assert_eq!(error("[\n  f'{x}',\n]"), "2:3: an f-string would have to be computed");
    assert_eq!(
        error("[1 + 2]"),
        "1:6: a number plus a number would have to be computed"
    );
    assert_eq!(error("-'a'"), "1:2: a sign before a string would have to be computed");
    assert_eq!(error("'%s' % 'a'"), "1:6: `%` after the end of the value");
}

#[test]
fn mistakes_are_shown_where_they_are() {
    assert_eq!(error("['å', 'b'\n 1]"), "2:2: expected `,` or `]`, found `1`");
    assert_eq!(error("{'a': [1,\n2"), "1:7: `[` is never closed");
    assert_eq!(error("'a\n'"), "1:1: this string is never closed");
    assert_eq!(error("1__x"), "1:1: `1__x` is not a number");
    assert_eq!(error(""), "1:1: a value is missing at the end of the file");
    assert_eq!(error(r"'\xg'"), "1:4: this escape needs 2 hexadecimal digits");
}

#[test]
fn values_too_deep_in_each_other_are_an_error_and_no_crash() {
    let text = "[".repeat(100_000);
    assert!(error(&text).contains("deep"), "{}", error(&text));
    assert!(error(&"-".repeat(100_000)).contains("deep"));
}

/// Writes a value the way Python's `repr` does, as far as reading it back goes.
fn written(value: &Value) -> String {
    let list = |items: &[Node]| {
        let items: Vec<String> = items.iter().map(|node| written(&node.value) + ",").collect();
        items.join(" ")
    };
    match value {
        Value::None => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(text) => text.clone(),
        Value::Str(text) => {
            let coded: Vec<String> = text.chars().map(|c| format!("\\U{:08x}", u32::from(c))).collect();
            format!("'{}'", coded.concat())
        }
        Value::Bytes(bytes) => {
            let coded: Vec<String> = bytes.iter().map(|byte| format!("\\x{byte:02x}")).collect();
            format!("b\"{}\"", coded.concat())
        }
        Value::List(items) => format!("[{}]", list(items)),
        Value::Tuple(items) => format!("({})", list(items)),
        Value::Set(items) if items.is_empty() => "set()".to_owned(),
        Value::Set(items) => format!("{{{}}}", list(items)),
        Value::Dict(pairs) => {
            let pairs: Vec<String> = pairs
                .iter()
                .map(|(key, value)| format!("{}: {},", written(&key.value), written(&value.value)))
                .collect();
            format!("{{{}}}", pairs.join("\n  "))
        }
    }
}

/// Forgets the places, so that values from different texts compare.
fn placeless(value: Value) -> Value {
    let node = |node: Node| Node {
        value: placeless(node.value),
        at: Place { line: 0, column: 0 },
    };
    match value {
        Value::List(items) => Value::List(items.into_iter().map(node).collect()),
        Value::Tuple(items) => Value::Tuple(items.into_iter().map(node).collect()),
        Value::Set(items) => Value::Set(items.into_iter().map(node).collect()),
        Value::Dict(pairs) => Value::Dict(pairs.into_iter().map(|(key, value)| (node(key), node(value))).collect()),
        other => other,
    }
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::None),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(|number| Value::Number(number.to_string())),
        any::<String>().prop_map(Value::Str),
        any::<Vec<u8>>().prop_map(Value::Bytes),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        let node = inner.prop_map(|value| Node {
            value,
            at: Place { line: 0, column: 0 },
        });
        let items = prop::collection::vec(node.clone(), 0..6);
        prop_oneof![
            items.clone().prop_map(Value::List),
            items.clone().prop_map(Value::Tuple),
            items.prop_map(Value::Set),
            prop::collection::vec((node.clone(), node), 0..6).prop_map(Value::Dict),
        ]
    })
}

proptest! {
    #[test]
    fn a_value_written_is_the_value_read(value in any_value()) {
        prop_assert_eq!(placeless(super::parse(&written(&value)).unwrap().value), value);
    }

    #[test]
    fn any_text_is_read_or_refused_inside_it(text in "([\\[\\]{}(),:+\\-'\"#\\\\ \nabrf0-9.]|True|None|\\PC){0,60}") {
        if let Err(error) = super::parse(&text) {
            prop_assert!(error.at.line <= text.split('\n').count());
        }
    }
}
