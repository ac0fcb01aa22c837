//! What a run left on the screen.

use crate::lab::Said;

/// How much a terminal shows at once.
const SCREENFUL: usize = 30;

/// The end of a run as a person reads it.
pub(crate) struct Screen {
    text: String,
}

impl Screen {
    /// Takes what a run that ended with this code printed at its end.
    pub(crate) fn of(said: Said, code: i32) -> Screen {
        let said = said.ended(code);
        let screen = Screen { text: said.out };
        let lines = screen.text.lines().count();
        assert!(lines <= SCREENFUL, "{lines} lines:\n{}", screen.text);
        screen
    }

    /// Looks for words on it.
    #[track_caller]
    pub(crate) fn says(&self, words: &[&str]) {
        for words in words {
            assert!(self.text.contains(words), "`{words}` is not in:\n{}", self.text);
        }
    }
}
