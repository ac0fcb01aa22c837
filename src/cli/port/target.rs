//! The target's source, asked about what was ported.

use super::Args;
use crate::cli::environment::Environment;
use crate::cli::failure::Failure;
use crate::cli::source;
use crate::port::index::{Index, Judged, judge, only_lost, settle};
use crate::port::{Lines, Module, Ported};

/// What is asked.
pub(super) struct Target {
    index: Index,
    /// The source the modules come from.
    from: Option<Index>,
}

impl Target {
    /// Reads what the command names, if it does.
    pub(super) async fn read(args: &Args, environment: &Environment) -> Result<Option<Target>, Failure> {
        let Some(what) = &args.index else { return Ok(None) };
        let from = match &args.index_from {
            Some(from) => Some(source::index(from, environment).await?),
            None => None,
        };
        let index = source::index(what, environment).await?;
        Ok(Some(Target { index, from }))
    }

    /// Asks the source about modules as they are.
    pub(super) fn before(&self, modules: &[Module]) -> Option<Vec<Judged>> {
        self.from.as_ref().map(|from| judge(from, modules))
    }

    /// Asks the target about modules that were ported, follows what moved there in those that rules may change, and adds
    /// what it says to their findings.
    pub(super) fn judge(
        &self,
        ported: &mut [Ported],
        before: Option<&[Judged]>,
        lines: Lines,
        may: &dyn Fn(&Ported) -> bool,
    ) {
        let mut judged = settle(&self.index, ported, may);
        if let Some(before) = before {
            only_lost(&mut judged, before);
        }
        for (module, judged) in ported.iter_mut().zip(judged) {
            for mut finding in judged.findings {
                if lines == Lines::Before
                    && let Some(original) = module.originals.get(&finding.path)
                    && let Some(file) = module.files.iter().find(|file| file.path == finding.path)
                {
                    finding.line = line_before(original, &file.text, finding.line);
                }
                module.findings.push(finding);
            }
            module
                .findings
                .sort_by(|a, b| (&a.path, a.line, a.column, a.rule).cmp(&(&b.path, b.line, b.column, b.rule)));
        }
    }
}

/// Returns where a line of the text as it is now stood before: the nearest that says the same.
fn line_before(original: &str, now: &str, line: usize) -> usize {
    let text = now.lines().nth(line.saturating_sub(1)).unwrap_or_default();
    let same = original.lines().enumerate().filter(|(_, other)| *other == text);
    same.map(|(number, _)| number + 1)
        .min_by_key(|number| number.abs_diff(line))
        .unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_found_again_in_the_text_as_it_was() {
        assert_eq!(line_before("a\nb\nc\n", "a\nnew\nb\nc\n", 4), 3);
        assert_eq!(line_before("a\nb\nb\n", "b\nb\n", 1), 2);
        assert_eq!(line_before("a\n", "z\n", 1), 1);
    }
}
