//! Printing: colour only where it helps, progress only on a terminal, and messages in one pattern.

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::batch::Batch;
use crate::calculation::{Calculation, calculate};
use crate::catalogue::{Code, Severity};
use crate::finding::Finding;
use crate::stop::Stop;
use crate::words::thousands;

/// Whether colour may be used on standard output.
fn colour(stream: &impl IsTerminal) -> bool {
    stream.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// How a piece of text is shown on a terminal.
#[derive(Clone, Copy)]
pub(super) enum Tone {
    Strong,
    Good,
    Warning,
    Bad,
}

/// The text in a tone, where standard output takes colour.
pub(super) fn toned(text: &str, tone: Tone) -> String {
    if !colour(&io::stdout()) {
        return text.to_string();
    }
    let code = match tone {
        Tone::Strong => "1",
        Tone::Good => "1;32",
        Tone::Warning => "1;33",
        Tone::Bad => "1;31",
    };
    format!("\x1b[{code}m{text}\x1b[0m")
}

/// Prints data. A reader that closed the pipe has seen enough.
pub(super) fn data(text: &str) {
    let _ = io::stdout().lock().write_all(text.as_bytes());
}

/// Prints a message on standard error.
pub(super) fn error(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// A finding in the pattern: what, where, fix, more.
pub(super) fn finding(finding: &Finding) -> String {
    let (word, _) = severity(finding.code.severity());
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{word}[{}]: {}", finding.code, finding.message);
    let _ = writeln!(text, "  --> {}", finding.place());
    let _ = writeln!(text, "   = fix: {}", finding.fix());
    let _ = write!(text, "   = more: {}", more(finding.code));
    text
}

/// How grave a finding is, in the word that begins its message, and its tone.
pub(super) fn severity(severity: Severity) -> (&'static str, Tone) {
    match severity {
        Severity::Warning => ("warning", Tone::Warning),
        Severity::Held => ("held", Tone::Warning),
        Severity::NotQualified => ("not qualified", Tone::Strong),
        Severity::Refused | Severity::Rejected => ("error", Tone::Bad),
    }
}

/// Where to read more about a code.
pub(super) fn more(code: Code) -> String {
    format!("cdip rules explain {code}")
}

/// A count with thousands separators: `13,000`.
pub(super) fn grouped(count: usize) -> String {
    thousands(count as u64)
}

/// `1 row`, `2 rows`.
pub(super) fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{} {}", grouped(count), if count == 1 { one } else { many })
}

/// A bar for a stage of long work; invisible unless standard error is a terminal.
pub(super) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    pub(super) fn new(stage: &'static str) -> Progress {
        let target = if io::stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let style = ProgressStyle::with_template("{msg:<8} [{bar:40}] {pos}/{len}").unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::with_draw_target(None, target).with_style(style.progress_chars("=> ")).with_message(stage);
        Progress { bar }
    }

    pub(super) fn advance(&self, done: usize, total: usize) {
        self.bar.set_length(total as u64);
        self.bar.set_position(done as u64);
    }
}

/// Calculates a batch behind a bar.
pub(super) fn calculated(batch: Batch) -> Result<Calculation, Stop> {
    let progress = Progress::new("reading");
    calculate(batch, &|done, total| progress.advance(done, total))
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
