//! Printing: color only where it helps, progress only on a terminal, and messages in one pattern.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::sync::OnceLock;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::window::takes_tones;
use crate::batch::Batch;
use crate::calculation::{Calculation, calculate};
use crate::catalogue::{Code, Severity};
use crate::finding::Finding;
use crate::stop::Stop;
use crate::words::{is_unseen, thousands, write_out};

/// Whether color may be used on standard output.
fn takes_color() -> bool {
    static TAKES_TONES: OnceLock<bool> = OnceLock::new();
    io::stdout().is_terminal()
        && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        && *TAKES_TONES.get_or_init(takes_tones)
}

/// How a piece of text is shown on a terminal.
#[derive(Clone, Copy)]
pub(super) enum Tone {
    Strong,
    Good,
    Warning,
    Bad,
}

/// What ends a tone.
const NO_TONE: &str = "\x1b[0m";
/// What begins each [`Tone`], and what ends one.
const TONES: [&str; 5] = ["\x1b[1m", "\x1b[1;32m", "\x1b[1;33m", "\x1b[1;31m", NO_TONE];

/// The text in a tone, if standard output takes color.
pub(super) fn toned(text: &str, tone: Tone) -> String {
    if !takes_color() {
        return text.to_string();
    }
    format!("{}{text}{NO_TONE}", TONES[tone as usize])
}

/// The first error of standard output.
static LOST: OnceLock<io::Error> = OnceLock::new();

/// Prints data. A closed pipe is not an error; any other failure ends the program with [`lost`].
pub(super) fn data(text: &str) {
    let mut out = io::stdout().lock();
    keep_failure(
        out.write_all(harmless(text).as_bytes())
            .and_then(|()| out.flush()),
    );
}

/// Prints data as [`data`] does while it is made, so that what is long is never in memory whole.
pub(super) fn streamed(make: impl FnOnce(&mut Lines) -> io::Result<()>) {
    let mut lines = Lines::default();
    keep_failure(make(&mut lines).and_then(|()| lines.flush()));
}

fn keep_failure(printed: io::Result<()>) {
    match printed {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            // The first error is the one to report.
            let _ = LOST.set(error);
        }
        _ => {}
    }
}

/// Bytes printed at a time.
const PIECE_BYTES: usize = 64 << 10;

/// Standard output, which gets whole lines: no character is cut, so each is seen to be harmless.
#[derive(Default)]
pub(super) struct Lines {
    held: Vec<u8>,
}

impl Lines {
    fn print(&mut self, length: usize) -> io::Result<()> {
        let text = String::from_utf8_lossy(&self.held[..length]);
        io::stdout().lock().write_all(harmless(&text).as_bytes())?;
        self.held.drain(..length);
        Ok(())
    }
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.held.extend_from_slice(bytes);
        if self.held.len() >= PIECE_BYTES
            && let Some(end) = self.held.iter().rposition(|byte| *byte == b'\n')
        {
            self.print(end + 1)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.print(self.held.len())?;
        io::stdout().lock().flush()
    }
}

/// The stop for printed data that did not arrive.
pub(super) fn lost() -> Option<Stop> {
    let message = format!("what was printed could not be written: {}", LOST.get()?);
    Some(Stop::usage(
        message,
        "",
        "make room where the output is directed to and run again; files that were written are complete",
    ))
}

/// Prints a message on standard error.
pub(super) fn error(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", harmless(text));
}

/// A text that is safe for a terminal: invisible characters are written out, except line ends, tabs and this program's tones. No
/// input can move the cursor, rename the window or reverse a line; at most it is bold or colored.
fn harmless(text: &str) -> Cow<'_, str> {
    let unseen = |c: char| is_unseen(c) && !matches!(c, '\n' | '\t');
    if !text.contains(unseen) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let tone = TONES
            .iter()
            .find(|tone| rest.starts_with(**tone))
            .filter(|_| takes_color());
        let length = tone.map_or(c.len_utf8(), |tone| tone.len());
        // A rules file from Windows is shown as it is.
        if tone.is_none() && unseen(c) && !rest.starts_with("\r\n") {
            write_out(c, &mut out);
        } else {
            out.push_str(&rest[..length]);
        }
        rest = &rest[length..];
    }
    Cow::Owned(out)
}

/// A finding in the pattern: what, where, fix, more.
pub(super) fn finding(finding: &Finding, fix: &str) -> String {
    let (word, _) = severity(finding.code.severity());
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{word}[{}]: {}", finding.code, finding.message);
    let _ = writeln!(text, "  --> {}", finding.place());
    let _ = writeln!(text, "   = fix: {fix}");
    let _ = write!(text, "   = more: {}", more(finding.code));
    text
}

/// The word that begins a finding's message, by severity, and its tone.
pub(super) fn severity(severity: Severity) -> (&'static str, Tone) {
    match severity {
        Severity::Warning => ("warning", Tone::Warning),
        Severity::Question => ("question", Tone::Warning),
        Severity::Held => ("held", Tone::Warning),
        Severity::NotQualified => ("not qualified", Tone::Strong),
        Severity::Refused | Severity::Rejected => ("error", Tone::Bad),
    }
}

/// Where to read more about a code.
pub(super) fn more(code: Code) -> String {
    format!("cdip rules explain {code}")
}

/// What shells change also between quotation marks.
const CHANGED_BY_SHELLS: [char; 5] = ['"', '$', '`', '!', '%'];

/// A path as typed into a terminal; `FILE` in the place of a name that no quotation marks make harmless in every shell.
pub(super) fn shell_word(path: &Path) -> String {
    let shown = path.display().to_string();
    let is_plain = |c: char| c.is_alphanumeric() || "._-/\\:".contains(c);
    if shown.contains(CHANGED_BY_SHELLS) {
        "FILE".to_string()
    } else if shown.chars().all(is_plain) {
        shown
    } else {
        format!("\"{shown}\"")
    }
}

/// A name at the beginning of a line whose figures begin at a column. A name that reaches it has a line of its own above them.
pub(super) fn in_column(name: &str, width: usize) -> String {
    if name.chars().count() < width {
        format!("{name:<width$}")
    } else {
        format!("{name}\n{:width$}", "")
    }
}

/// What a summary begins with: a label, and FINAL or PRELIMINARY.
pub(super) fn headline(label: &str, standing: &str, is_final: bool) -> String {
    let tone = if is_final { Tone::Good } else { Tone::Warning };
    format!("{}  {}", toned(label, Tone::Strong), toned(standing, tone))
}

/// Where a folder was written, and the receipt by which it is known.
pub(super) fn where_it_is(
    what: &str,
    target: &Path,
    (files, how): (usize, &str),
    receipt: &str,
) -> String {
    format!(
        "{what}: {} ({}; {how})\nReceipt: sha256 {receipt}\n",
        target.display(),
        counted(files, "file", "files")
    )
}

/// A count with thousands separators: `13,000`.
pub(super) fn grouped(count: usize) -> String {
    thousands(count as u64)
}

/// `1 row`, `2 rows`.
pub(super) fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{} {}", grouped(count), if count == 1 { one } else { many })
}

/// Notes wrap here, so that they can be read next to another window.
const COLUMNS_MAX: usize = 100;

/// The text after a sign such as `  --> `, wrapped and aligned.
pub(super) fn hanging(sign: &str, text: &str) -> String {
    let indentation = " ".repeat(sign.chars().count());
    let lines = wrapped(text, &indentation);
    format!(
        "{sign}{}",
        lines.get(indentation.len()..).unwrap_or_default()
    )
}

/// The text in indented lines; nothing for an empty text.
pub(super) fn wrapped(text: &str, indentation: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= COLUMNS_MAX => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(format!("{indentation}{word}")),
        }
    }
    lines.into_iter().map(|line| line + "\n").collect()
}

/// A bar for a stage of long work; invisible unless standard error is a terminal.
pub(super) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    pub(super) fn new(stage: &'static str) -> Progress {
        let target = if io::stderr().is_terminal() {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let style = ProgressStyle::with_template("{msg:<8} [{bar:40}] {pos}/{len}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::with_draw_target(None, target)
            .with_style(style.progress_chars("=> "))
            .with_message(stage);
        Progress { bar }
    }

    pub(super) fn advance(&self, done: usize, total: usize) {
        self.bar.set_length(total as u64);
        self.bar.set_position(done as u64);
    }
}

/// Calculates a batch with a progress bar.
pub(super) fn calculated(batch: Batch) -> Result<Calculation, Stop> {
    let progress = Progress::new("reading");
    calculate(batch, &|done, total| progress.advance(done, total))
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_note_is_broken_between_words_and_every_line_is_indented() {
        let text = wrapped(&"word ".repeat(40), "    ");
        assert_eq!(text.split_whitespace().count(), 40);
        assert!(
            text.lines().count() == 3
                && text
                    .lines()
                    .all(|line| line.starts_with("    word") && line.len() <= COLUMNS_MAX),
            "{text}"
        );
        assert_eq!(wrapped("", "    "), "");
    }

    #[test]
    fn a_name_that_means_something_to_a_shell_is_typed_between_quotation_marks() {
        for plain in ["reports/2024-25", "C:\\my_batch\\0010.xlsx", "a\u{f1}o.csv"] {
            assert_eq!(shell_word(Path::new(plain)), plain);
        }
        for name in ["my batch", "a&b.csv", "(old).xlsx", "spring;2.csv"] {
            assert_eq!(shell_word(Path::new(name)), format!("\"{name}\""));
        }
        for name in ["y$(touch x).csv", "50%.csv", "a`b`.csv"] {
            assert_eq!(shell_word(Path::new(name)), "FILE");
        }
    }
}
