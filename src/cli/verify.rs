//! `cdip verify`: is the report what the program wrote?

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use super::console::{self, Progress, Tone, counted, toned};
use super::format::{Format, TEXT_OR_JSON, one_of};
use crate::audit::verify::{Discrepancy, Verification, verify};
use crate::stop::{Status, Stop};

/// Differences of one file printed on the terminal; `--format json` has them all.
const DIFFERENCES_PER_FILE_SHOWN_MAX: usize = 10;
/// Differences printed on the terminal in all: two screens.
const DIFFERENCES_SHOWN_MAX: usize = 40;

const EXAMPLES: &str = "Examples:
  cdip verify reports/statewide-2024-25
  cdip verify reports/statewide-2024-25 --batch samples/statewide-2024-25
  cdip verify reports/june --batch my-batch --format json

Without --batch the files are compared with the receipt in the folder. With --batch everything is calculated again, and every cell of every workbook, csv and json is compared with what cdip writes. Nothing in either folder is changed.

Exit status: 0 nothing differs; 2 no report, or wrong configuration of the batch; 3 the receipt or the batch cannot be read; 4 a difference was found.";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct VerifyArguments {
    /// The report's folder: the one with receipt.json.
    report: PathBuf,
    /// The batch that the report was made from: calculate it again and compare every cell.
    #[arg(long, value_name = "DIR")]
    batch: Option<PathBuf>,
    /// How the result is printed.
    #[arg(long, default_value = "text", value_parser = one_of(TEXT_OR_JSON))]
    format: Format,
}

pub(super) fn run(arguments: &VerifyArguments) -> Result<Status, Stop> {
    let verification = {
        let progress = Progress::new("checking");
        verify(
            &arguments.report,
            arguments.batch.as_deref(),
            &|done, total| progress.advance(done, total),
        )?
    };
    arguments.format.print(
        || text(arguments, &verification),
        || document(&verification),
    );
    if let Some(stop) = &verification.stopped {
        console::error(&stop.to_string());
    }
    Ok(verification.status())
}

fn text(arguments: &VerifyArguments, verification: &Verification) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail, here and below.
    let _ = writeln!(
        text,
        "{}",
        toned(&arguments.report.display().to_string(), Tone::Strong)
    );
    let receipt = verification
        .receipt_sha256
        .as_ref()
        .map_or("no receipt".to_string(), |sha256| {
            format!("receipt sha256 {sha256}")
        });
    let _ = writeln!(
        text,
        "{} · {receipt}",
        counted(verification.files, "file", "files")
    );
    if let Some(inputs) = verification.inputs {
        let _ = writeln!(
            text,
            "calculated again from {}",
            counted(inputs, "file of the batch", "files of the batch")
        );
    }
    if let Some(version) = &verification.other_version {
        let own = env!("CARGO_PKG_VERSION");
        let version = printable(version);
        let what = format!(
            "The report was written by version {version} of the program, and this is {own}"
        );
        let _ = writeln!(
            text,
            "{what}: bytes can differ for that reason alone. Verify with version {version}."
        );
    }
    differences(verification, &mut text);
    let _ = writeln!(text, "\n{}", verdict(arguments, verification));
    text
}

fn differences(verification: &Verification, text: &mut String) {
    let mut shown = 0;
    let mut rest = verification.differences.as_slice();
    while let Some(first) = rest.first() {
        let (of_file, others) = rest.split_at(
            rest.iter()
                .take_while(|difference| difference.file == first.file)
                .count(),
        );
        rest = others;
        let fit = DIFFERENCES_PER_FILE_SHOWN_MAX.min(DIFFERENCES_SHOWN_MAX - shown);
        for difference in of_file.iter().take(fit) {
            let _ = write!(text, "\n{}", one(difference));
        }
        shown += fit.min(of_file.len());
        if of_file.len() > fit && fit > 0 {
            let more = counted(of_file.len() - fit, "more difference", "more differences");
            let _ = writeln!(text, "  and {more} in {}", printable(&first.file));
        }
        if shown == DIFFERENCES_SHOWN_MAX && !rest.is_empty() {
            let _ = writeln!(
                text,
                "\nand {} in other files",
                counted(rest.len(), "more difference", "more differences")
            );
            break;
        }
    }
    if shown < verification.differences.len() {
        let _ = writeln!(text, "All of them: --format json");
    }
}

/// `statewide.xlsx, sheet Payments, cell D17: the cell differs`, with both values below.
fn one(difference: &Discrepancy) -> String {
    let sheet = difference
        .sheet
        .as_ref()
        .map(|sheet| format!(", sheet {sheet}"))
        .unwrap_or_default();
    let place = difference
        .place
        .as_ref()
        .map(|place| format!(", {place}"))
        .unwrap_or_default();
    let mut text = printable(&format!(
        "{}{sheet}{place}: {}",
        difference.file, difference.what
    ));
    text.push('\n');
    for (word, value) in [
        ("found", &difference.found),
        ("expected", &difference.expected),
    ] {
        if let Some(value) = value {
            let _ = writeln!(text, "  {word:<9} {}", printable(value));
        }
    }
    text
}

/// Names of files and texts of a receipt can hold anything; no terminal is to obey them.
fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '?' } else { c })
        .collect()
}

fn verdict(arguments: &VerifyArguments, verification: &Verification) -> String {
    let without_batch = "A report that was rewritten as a whole, receipt included, cannot be told from a true one in this way. To find out, \
                         give --batch DIR:\nthen everything is calculated again. Or compare the receipt's SHA-256 above with the one that the run \
                         printed.";
    let count = verification.differences.len() + verification.unlisted;
    match (count, &arguments.batch) {
        (0, _) if verification.stopped.is_some() => toned(
            "NOT VERIFIED: the files are as the receipt says, but the batch cannot be calculated.",
            Tone::Bad,
        ),
        (0, None) => format!(
            "{}\n{without_batch}",
            toned("UNCHANGED: every file is as the receipt says.", Tone::Good)
        ),
        (0, Some(_)) => toned(
            "VERIFIED: every file is, byte for byte, what this program writes from this batch.",
            Tone::Good,
        ),
        (_, batch) => {
            let files: std::collections::BTreeSet<&str> = verification
                .differences
                .iter()
                .map(|difference| difference.file.as_str())
                .collect();
            let what = format!(
                "DIFFERENT: {} in {}.",
                counted(count, "difference", "differences"),
                counted(files.len(), "file", "files")
            );
            let what = toned(&what, Tone::Bad);
            match batch {
                Some(_) => what,
                None => format!(
                    "{what} What was changed in a file cannot be said without the batch: give --batch DIR.\n{without_batch}"
                ),
            }
        }
    }
}

fn document(verification: &Verification) -> Value {
    let differences: Vec<Value> = verification
        .differences
        .iter()
        .map(|difference| {
            json!({
                "file": difference.file, "sheet": difference.sheet, "place": difference.place, "what": difference.what,
                "found": difference.found, "expected": difference.expected,
            })
        })
        .collect();
    json!({
        "verified": verification.status() == Status::Done,
        "with_batch": verification.inputs.is_some(),
        "receipt_sha256": verification.receipt_sha256,
        "files": verification.files,
        "written_by_other_version": verification.other_version,
        "stopped": verification.stopped.as_ref().map(|stop| stop.message.clone()),
        "differences": differences,
        "unlisted": verification.unlisted,
    })
}
