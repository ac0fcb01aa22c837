//! Tokens of Python.

/// A token and where it lies.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    /// What it is.
    pub kind: Kind,
    /// The line it begins on, from 1.
    pub line: u32,
    /// Where it begins in the text.
    pub begin: usize,
    /// Where it ends.
    pub end: usize,
}

macro_rules! kinds {
    (plain { $($plain:ident,)* } words { $($word:ident $spelt:literal,)* } signs { $($sign:ident $written:literal,)* }) => {
        /// What a token is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Kind { $($plain,)* $($word,)* $($sign,)* }

        impl Kind {
            /// Returns the keyword that a word is.
            pub(super) fn keyword(word: &[u8]) -> Option<Kind> {
                const WORDS: &[(&str, Kind)] = &[$(($spelt, Kind::$word),)*];
                let found = WORDS.iter().find(|(spelt, _)| spelt.as_bytes() == word);
                found.map(|(_, kind)| *kind)
            }

            /// Returns the longest sign that a text begins with, and its length.
            pub(super) fn sign(text: &[u8]) -> Option<(Kind, usize)> {
                const SIGNS: &[(&str, Kind)] = &[$(($written, Kind::$sign),)*];
                let found = SIGNS.iter().find(|(written, _)| text.starts_with(written.as_bytes()));
                found.map(|(written, kind)| (*kind, written.len()))
            }
        }
    };
}

// Signs: the longer before those they begin with.
kinds! {
    plain {
        End, Newline, Indent, Dedent, Name, Number, Text, Bytes,
        // An f-string: its prefix and opening quote, text in it, its closing quote, and a field's closing brace.
        FormatBegin, FormatText, FormatEnd, FieldEnd,
    }
    words {
        False "False", None "None", True "True", And "and", As "as", Assert "assert", Async "async", Await "await",
        Break "break", Class "class", Continue "continue", Def "def", Del "del", Elif "elif", Else "else",
        Except "except", Finally "finally", For "for", From "from", Global "global", If "if", Import "import",
        In "in", Is "is", Lambda "lambda", Nonlocal "nonlocal", Not "not", Or "or", Pass "pass", Raise "raise",
        Return "return", Try "try", While "while", With "with", Yield "yield",
    }
    signs {
        PowerBy "**=", FloorBy "//=", RightBy ">>=", LeftBy "<<=", Ellipsis "...",
        Power "**", Floor "//", Right ">>", Left "<<", AtMost "<=", AtLeast ">=", Equals "==", Differs "!=",
        Arrow "->", Walrus ":=", PlusBy "+=", MinusBy "-=", TimesBy "*=", OverBy "/=", ModuloBy "%=",
        BitAndBy "&=", BitOrBy "|=", BitXorBy "^=", AtBy "@=",
        Open "(", Close ")", OpenSquare "[", CloseSquare "]", OpenCurly "{", CloseCurly "}", Comma ",", Colon ":",
        Semicolon ";", Dot ".", Assign "=", Plus "+", Minus "-", Times "*", Over "/", Modulo "%", BitAnd "&",
        BitOr "|", BitXor "^", Tilde "~", Less "<", Greater ">", At "@", Bang "!",
    }
}
