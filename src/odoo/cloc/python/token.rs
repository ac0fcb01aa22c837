//! Tokens of Python.

/// A token and where it lies.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    /// What it is.
    pub kind: Kind,
    /// The line it begins on, from 1.
    pub line: u32,
    /// Where it begins in the text; of what Python is counted in, [`super::super::MAX_FILE_BYTES`] are the most.
    begin: u32,
    /// Where it ends.
    end: u32,
}

impl Token {
    /// Makes a token of a text that is not longer than a `u32` can say.
    #[inline]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "of millions of tokens none is asked again"
    )]
    pub(super) fn new(kind: Kind, line: u32, begin: usize, end: usize) -> Token {
        Token {
            kind,
            line,
            begin: begin as u32,
            end: end as u32,
        }
    }

    pub(super) fn begin(self) -> usize {
        self.begin as usize
    }

    pub(super) fn end(self) -> usize {
        self.end as usize
    }
}

/// Returns the first letters of a text, eight at most, as one number.
const fn packed(text: &[u8], length: usize) -> u64 {
    if let Some(eight) = text.first_chunk() {
        // Of no letters all are taken, which are no keyword: it would begin with a letter.
        return u64::from_le_bytes(*eight) & (u64::MAX >> ((64 - 8 * length) % 64));
    }
    let (mut number, mut at) = (0, 0);
    while at < length {
        number |= (text[at] as u64) << (8 * at);
        at += 1;
    }
    number
}

/// Returns where a word is looked for; the factor was searched for until no two keywords had the same place.
const fn slot(number: u64) -> usize {
    (number.wrapping_mul(0xb57c_8e05_e3c9_b0e1) >> 58) as usize
}

macro_rules! kinds {
    (plain { $($plain:ident,)* } words { $($word:ident $spelt:literal,)* } signs { $($sign:ident $written:literal,)* }) => {
        /// What a token is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Kind { $($plain,)* $($word,)* $($sign,)* }

        /// The keywords as numbers, each in the one place where it is looked for.
        const WORDS: [(u64, Kind); 64] = {
            let mut table = [(0, Kind::Name); 64];
            $(
                let number = packed($spelt, $spelt.len());
                assert!(table[slot(number)].0 == 0, "two keywords have the same place");
                table[slot(number)] = (number, Kind::$word);
            )*
            table
        };

        const SIGNS: &[(&[u8], Kind)] = &[$(($written, Kind::$sign),)*];
        /// The sign that a byte alone is.
        const SINGLE: [Option<Kind>; 256] = {
            let mut table = [None; 256];
            let mut at = 0;
            while at < SIGNS.len() {
                let (written, kind) = SIGNS[at];
                if written.len() == 1 {
                    table[written[0] as usize] = Some(kind);
                }
                at += 1;
            }
            table
        };

        /// Whether a byte begins a sign of more than one.
        const LONGER: [bool; 256] = {
            let mut table = [false; 256];
            let mut at = 0;
            while at < SIGNS.len() {
                let (written, _) = SIGNS[at];
                if written.len() > 1 {
                    table[written[0] as usize] = true;
                }
                at += 1;
            }
            table
        };

        impl Kind {
            /// Returns what a word is: a keyword, or a name. A text begins with it.
            #[inline]
            pub(super) fn of_word(text: &[u8], length: usize) -> Kind {
                // No keyword is longer than eight letters: each is one number.
                if length > 8 {
                    return Kind::Name;
                }
                let number = packed(text, length);
                let (spelt, kind) = WORDS[slot(number)];
                if spelt == number { kind } else { Kind::Name }
            }

            /// Returns the longest sign that a text begins with, and its length.
            #[inline]
            pub(super) fn sign(text: &[u8]) -> Option<(Kind, usize)> {
                let first = usize::from(*text.first()?);
                let second = text.get(1).copied().unwrap_or_default();
                // Most signs stand alone: nothing after them can make them longer.
                if !(LONGER[first] && matches!(second, b'=' | b'*' | b'/' | b'>' | b'<' | b'.')) {
                    return SINGLE[first].map(|kind| (kind, 1));
                }
                let is_it = |written: &[u8]| written[0] == text[0] && text.starts_with(written);
                SIGNS.iter().find(|(written, _)| is_it(written)).map(|(written, kind)| (*kind, written.len()))
            }
        }
    };
}

// Signs: the longer before those they begin with.
kinds! {
    plain {
        // Names with dots between them are one: most attributes are written so.
        End, Newline, Indent, Dedent, Name, Names, Number, Text, Bytes,
        // An f-string: its prefix and opening quote, text in it, its closing quote, and a field's closing brace.
        FormatBegin, FormatText, FormatEnd, FieldEnd,
    }
    words {
        False b"False", None b"None", True b"True", And b"and", As b"as", Assert b"assert", Async b"async", Await b"await",
        Break b"break", Class b"class", Continue b"continue", Def b"def", Del b"del", Elif b"elif", Else b"else",
        Except b"except", Finally b"finally", For b"for", From b"from", Global b"global", If b"if", Import b"import",
        In b"in", Is b"is", Lambda b"lambda", Nonlocal b"nonlocal", Not b"not", Or b"or", Pass b"pass", Raise b"raise",
        Return b"return", Try b"try", While b"while", With b"with", Yield b"yield",
    }
    signs {
        PowerBy b"**=", FloorBy b"//=", RightBy b">>=", LeftBy b"<<=", Ellipsis b"...",
        Power b"**", Floor b"//", Right b">>", Left b"<<", AtMost b"<=", AtLeast b">=", Equals b"==", Differs b"!=",
        Arrow b"->", Walrus b":=", PlusBy b"+=", MinusBy b"-=", TimesBy b"*=", OverBy b"/=", ModuloBy b"%=",
        BitAndBy b"&=", BitOrBy b"|=", BitXorBy b"^=", AtBy b"@=",
        Open b"(", Close b")", OpenSquare b"[", CloseSquare b"]", OpenCurly b"{", CloseCurly b"}", Comma b",", Colon b":",
        Semicolon b";", Dot b".", Assign b"=", Plus b"+", Minus b"-", Times b"*", Over b"/", Modulo b"%", BitAnd b"&",
        BitOr b"|", BitXor b"^", Tilde b"~", Less b"<", Greater b">", At b"@", Bang b"!",
    }
}
