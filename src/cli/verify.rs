//! `cdip verify`: is the report what the program wrote?

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use super::console::{self, Progress, Tone, counted, toned};
use super::format::{OutputFormat, TEXT_OR_JSON, one_of};
use crate::audit::verify::{
    Asked, Derived, Discrepancy, Source, Subject, Verification, subject, verify, verify_derived,
};
use crate::receipt::RECEIPT;
use crate::stop::{Status, Stop};
use crate::words::written_out;

/// Differences of one file printed on the terminal; `--format json` has them all.
const DIFFERENCES_PER_FILE_SHOWN_MAX: usize = 10;
/// Differences printed on the terminal in all: two screens.
const DIFFERENCES_SHOWN_MAX: usize = 40;

const EXAMPLES: &str = "Examples:
  cdip verify reports/june
  cdip verify reports/june --batch my-batch
  cdip verify reports/june --batch my-batch --format json
  cdip verify reports/june --receipt SHA256            the one you kept apart
  cdip verify reports/june-public --report reports/june
  cdip verify reports/june-settlement --report reports/june --paid paid.xlsx

Without --batch, cdip compares the files with the receipt in the folder. With --batch it calculates everything again, and compares every cell of every workbook, csv and json with what it writes. It makes a public version or a settlement again from its report. It changes nothing in any folder.

Exit status: 0 nothing differs; 2 no report, or wrong configuration of the batch; 3 the receipt or the batch cannot be read; 4 a difference was found.";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct VerifyArguments {
    /// The folder of a report, a public version or a settlement: the one with receipt.json.
    #[arg(value_name = "REPORT")]
    folder: PathBuf,
    /// The batch that the report was made from: calculate it again and compare every cell.
    #[arg(long, value_name = "DIR")]
    batch: Option<PathBuf>,
    /// The SHA-256 of the receipt that you kept apart from the report.
    #[arg(long, value_name = "SHA256", value_parser = hash)]
    receipt: Option<String>,
    /// For a public version or a settlement: the report that it was made from.
    #[arg(long, value_name = "DIR", conflicts_with = "batch")]
    report: Option<PathBuf>,
    /// For a settlement: the payments made.
    #[arg(long, value_name = "FILE", requires = "report")]
    paid: Option<PathBuf>,
    /// For a settlement: the opening balances, if it had any.
    #[arg(long, value_name = "FILE", requires = "report")]
    carried: Option<PathBuf>,
    /// For a settlement: the accounts, if it was given any.
    #[arg(long, value_name = "FILE", requires = "report")]
    accounts: Option<PathBuf>,
    /// How the result is printed.
    #[arg(long, default_value = "text", value_parser = one_of(TEXT_OR_JSON))]
    format: OutputFormat,
}

/// The digits of a SHA-256.
const HASH_DIGITS: usize = 64;

/// A SHA-256 as somebody wrote it down.
fn hash(text: &str) -> Result<String, String> {
    let text = text.trim().to_lowercase();
    let is_hash = text.len() == HASH_DIGITS && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_hash {
        Ok(text)
    } else {
        Err(format!(
            "not a SHA-256: write its {HASH_DIGITS} digits, 0 to 9 and a to f"
        ))
    }
}

pub(super) fn run(arguments: &VerifyArguments) -> Result<Status, Stop> {
    let subject = subject(&arguments.folder);
    let verification = match &subject {
        Subject::Report => of_report(arguments)?,
        Subject::Publication(said) => of_publication(arguments, said)?,
        Subject::Settlement(said) => of_settlement(arguments, said)?,
        Subject::Years | Subject::Letters => {
            no_batch(arguments)?;
            no_report(arguments)?;
            verify_derived(&arguments.folder, arguments.receipt.as_deref(), None)?
        }
    };
    arguments.format.print(
        || text(&subject, arguments, &verification),
        || document(&verification),
    );
    if let Some(stop) = &verification.stopped {
        console::error(&stop.to_string());
    }
    Ok(verification.status())
}

fn of_report(arguments: &VerifyArguments) -> Result<Verification, Stop> {
    no_report(arguments)?;
    let progress = Progress::new("checking");
    let asked = Asked {
        batch: arguments.batch.as_deref(),
        receipt: arguments.receipt.as_deref(),
    };
    verify(&arguments.folder, asked, &|done, total| {
        progress.advance(done, total);
    })
}

/// A text of a receipt.
fn said_by(receipt: &Value, pointer: &str) -> String {
    let text = receipt.pointer(pointer).and_then(Value::as_str);
    text.unwrap_or_default().to_string()
}

fn of_publication(arguments: &VerifyArguments, said: &Value) -> Result<Verification, Stop> {
    let receipt = arguments.receipt.as_deref();
    no_batch(arguments)?;
    no_payments(arguments)?;
    let Some(report) = &arguments.report else {
        return verify_derived(&arguments.folder, receipt, None);
    };
    let derived = Derived {
        sources: vec![Source {
            what: "the report".to_string(),
            path: report.join(RECEIPT),
            sha256: said_by(said, "/report/receipt_sha256"),
        }],
        again: &|folder| super::publish::again(report, said, folder),
    };
    verify_derived(&arguments.folder, receipt, Some(&derived))
}

fn of_settlement(arguments: &VerifyArguments, said: &Value) -> Result<Verification, Stop> {
    let receipt = arguments.receipt.as_deref();
    no_batch(arguments)?;
    let Some(report) = &arguments.report else {
        return verify_derived(&arguments.folder, receipt, None);
    };
    let Some(paid) = &arguments.paid else {
        return Err(Stop::usage(
            "a settlement cannot be made again without the payments made",
            "--paid",
            "give the file of payments that it was made from",
        ));
    };
    let given = [
        ("report", Some(report.join(RECEIPT))),
        ("payments made", Some(paid.clone())),
        ("opening balances", arguments.carried.clone()),
        ("accounts", arguments.accounts.clone()),
    ];
    let mut sources = Vec::new();
    for (role, path) in given {
        if let Some((path, sha256)) = as_recorded(said, role, path)? {
            sources.push(Source {
                what: format!("the file of {role}"),
                path,
                sha256,
            });
        }
    }
    let derived = Derived {
        sources,
        again: &|folder| {
            let files = super::settle::Files {
                report,
                paid,
                carried: arguments.carried.as_deref(),
                accounts: arguments.accounts.as_deref(),
            };
            super::settle::again(&files, said, folder)
        },
    };
    verify_derived(&arguments.folder, receipt, Some(&derived))
}

/// A file for a settlement with the SHA-256 that its receipt records; none where it had no such file.
fn as_recorded(
    settlement: &Value,
    role: &str,
    given: Option<PathBuf>,
) -> Result<Option<(PathBuf, String)>, Stop> {
    let mut inputs = settlement["inputs"].as_array().into_iter().flatten();
    let recorded = inputs
        .find(|input| input["role"] == role)
        .map(|input| said_by(input, "/sha256"));
    match (given, recorded) {
        (Some(path), Some(sha256)) => Ok(Some((path, sha256))),
        (None, None) => Ok(None),
        (None, Some(_)) => Err(Stop::usage(
            format!("the settlement was made with a file of {role}"),
            "",
            "give that file too: --carried FILE for opening balances, --accounts FILE for accounts",
        )),
        (Some(path), None) => Err(Stop::usage(
            format!("the settlement was made without a file of {role}"),
            path.display().to_string(),
            "leave this file out",
        )),
    }
}

/// Only what was made from a single report is made again from it.
fn no_report(arguments: &VerifyArguments) -> Result<(), Stop> {
    if arguments.report.is_none() {
        return Ok(());
    }
    Err(Stop::usage(
        "--report is for the public version of a report, or for a settlement; this folder is neither",
        arguments.folder.display().to_string(),
        "leave --report out; --batch DIR compares a report with its batch",
    ))
}

/// Payments say nothing of a public version.
fn no_payments(arguments: &VerifyArguments) -> Result<(), Stop> {
    let given = [
        ("--paid", &arguments.paid),
        ("--carried", &arguments.carried),
        ("--accounts", &arguments.accounts),
    ];
    let Some((option, _)) = given.iter().find(|(_, path)| path.is_some()) else {
        return Ok(());
    };
    Err(Stop::usage(
        format!("the folder is not a settlement, which {option} is for"),
        arguments.folder.display().to_string(),
        format!("leave {option} out"),
    ))
}

/// A batch says nothing of what was made from a report.
fn no_batch(arguments: &VerifyArguments) -> Result<(), Stop> {
    if arguments.batch.is_none() {
        return Ok(());
    }
    Err(Stop::usage(
        "the folder is not a report but what was made from one",
        arguments.folder.display().to_string(),
        "give --report DIR in place of --batch; verify the report itself with its batch",
    ))
}

fn text(subject: &Subject, arguments: &VerifyArguments, verification: &Verification) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail, here and below.
    let _ = writeln!(
        text,
        "{}",
        toned(&arguments.folder.display().to_string(), Tone::Strong)
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
        let from = if arguments.batch.is_some() {
            counted(inputs, "file of the batch", "files of the batch")
        } else {
            "the report".to_string()
        };
        let _ = writeln!(text, "calculated again from {from}");
    }
    if let Some(version) = &verification.other_version {
        let own = env!("CARGO_PKG_VERSION");
        let version = written_out(version);
        let what = format!(
            "The report was written by version {version} of the program, and this is {own}"
        );
        let _ = writeln!(
            text,
            "{what}: bytes can differ for that reason alone. Verify with version {version}."
        );
    }
    differences(verification, &mut text);
    let _ = writeln!(text, "\n{}", verdict(subject, arguments, verification));
    text
}

fn differences(verification: &Verification, text: &mut String) {
    let causes = verification.differences.iter();
    let causes = causes.filter(|difference| !difference.follows).count();
    // Causes come first, and of them those of the batch: another batch explains everything behind it, and only a little of that says
    // anything about the batch.
    let (listed, following) = verification.differences.split_at(causes);
    let of_source = listed.iter().take_while(|one| one.is_of_source()).count();
    let (told, explained) = if of_source > 0 && listed.len() > DIFFERENCES_SHOWN_MAX {
        listed.split_at(of_source)
    } else {
        (listed, &[][..])
    };
    let shown = by_file(told, text);
    if !explained.is_empty() {
        let files: BTreeSet<&str> = explained.iter().map(|one| one.file.as_str()).collect();
        let more = explained.len() + verification.unlisted;
        let _ = writeln!(
            text,
            "\nThe folder was not made from this source: {} in {} of the folder",
            counted(more, "more difference", "more differences"),
            counted(files.len(), "file", "files")
        );
    }
    if !following.is_empty() {
        let _ = writeln!(
            text,
            "\n{} because of that",
            counted(following.len(), "checksum differs", "checksums differ")
        );
    }
    if verification.unlisted > 0 {
        let count = counted(verification.differences.len(), "of them", "of them");
        let _ = writeln!(text, "--format json has {count}");
    } else if shown < listed.len() {
        let _ = writeln!(text, "All of them: --format json");
    }
}

/// Tells differences, those of a file next to each other, as many as two screens hold; gives how many are told.
fn by_file(differences: &[Discrepancy], text: &mut String) -> usize {
    let (mut shown, mut rest) = (0, differences);
    while let Some(first) = rest.first() {
        let of_file = rest
            .iter()
            .take_while(|difference| difference.file == first.file);
        let (of_file, others) = rest.split_at(of_file.count());
        rest = others;
        let fit = DIFFERENCES_PER_FILE_SHOWN_MAX.min(DIFFERENCES_SHOWN_MAX - shown);
        for difference in of_file.iter().take(fit) {
            let _ = write!(text, "\n{}", one(difference));
        }
        shown += fit.min(of_file.len());
        if of_file.len() > fit && fit > 0 {
            let more = counted(of_file.len() - fit, "more difference", "more differences");
            let _ = writeln!(text, "  and {more} in {}", written_out(&first.file));
        }
        if shown == DIFFERENCES_SHOWN_MAX && !rest.is_empty() {
            let more = counted(rest.len(), "more difference", "more differences");
            let _ = writeln!(text, "\nand {more} in other files");
            break;
        }
    }
    shown
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
    let mut text = written_out(&format!(
        "{}{sheet}{place}: {}",
        difference.file, difference.what
    ));
    text.push('\n');
    if let (Some(found), true) = (&difference.found, difference.found == difference.expected) {
        let _ = writeln!(text, "  {:<9} {}", "both", written_out(found));
        return text;
    }
    for (word, value) in [
        ("found", &difference.found),
        ("expected", &difference.expected),
    ] {
        if let Some(value) = value {
            let _ = writeln!(text, "  {word:<9} {}", written_out(value));
        }
    }
    text
}

/// What a comparison with the receipt in the folder cannot see.
const WITHOUT_BATCH: &str = "This does not show whether the report was rewritten as a whole, receipt included. To find out, give --batch DIR: cdip then calculates\neverything again. Or compare the receipt's SHA-256 above with the one that the run printed: --receipt SHA256.";
/// What a comparison with the batch cannot see.
const WITH_BATCH: &str = "This does not show that the batch is the original one: a changed batch, run again, verifies too. To rule that out, compare the receipt's\nSHA-256 above with the one that was noted on the day of the run: --receipt SHA256.";
const KEPT_APART: &str = "The receipt is the one whose SHA-256 was kept apart.";

fn verdict(subject: &Subject, arguments: &VerifyArguments, verification: &Verification) -> String {
    if !verification.differences.is_empty() {
        return different(subject, arguments, verification);
    }
    if verification.stopped.is_some() {
        let what =
            "NOT VERIFIED: the files are as the receipt says, but they cannot be calculated again.";
        return toned(what, Tone::Bad);
    }
    let again = verification.inputs.is_some();
    let kept_apart = arguments.receipt.is_some();
    let (what, cannot_see) = match (subject, again) {
        (Subject::Report, true) => (
            "VERIFIED: every file is, byte for byte, what this program writes from this batch.",
            WITH_BATCH,
        ),
        (Subject::Report, false) => (
            "UNCHANGED: every file is as the receipt says, and the report does not contradict itself.",
            WITHOUT_BATCH,
        ),
        (Subject::Publication(_), false) => (
            "UNCHANGED: every file is as the receipt says.",
            "It is the public version of a report. --report DIR makes it again from the report and compares.",
        ),
        (Subject::Settlement(_), false) => (
            "UNCHANGED: every file is as the receipt says.",
            "It is a settlement. --report DIR --paid FILE makes it again from the report and the payments, and compares.",
        ),
        (Subject::Years, _) => (
            "UNCHANGED: every file is as the receipt says.",
            "It was made from several reports: make it again from them, and compare the receipts.",
        ),
        (Subject::Letters, _) => (
            "UNCHANGED: every file is as the receipt says.",
            "It is a folder of letters: write them again from the report with cdip letters --out, and compare the receipts.",
        ),
        (_, true) => (
            "VERIFIED: every file is, byte for byte, what this program makes of this report.",
            "To check the report itself, run cdip verify on it.",
        ),
    };
    let receipt_is_known = kept_apart.then_some(KEPT_APART);
    // A receipt kept apart leaves nothing that a rewritten report or batch could hide.
    let rest = match (subject, kept_apart) {
        (Subject::Report, true) => None,
        _ => Some(cannot_see),
    };
    let lines = [
        Some(toned(what, Tone::Good)),
        receipt_is_known.map(String::from),
        rest.map(String::from),
    ];
    lines.into_iter().flatten().collect::<Vec<_>>().join("\n")
}

fn different(
    subject: &Subject,
    arguments: &VerifyArguments,
    verification: &Verification,
) -> String {
    // What follows from something else is not counted again.
    let causes = verification
        .differences
        .iter()
        .filter(|difference| !difference.follows);
    let count = causes.clone().count() + verification.unlisted;
    let files: BTreeSet<&str> = causes.map(|difference| difference.file.as_str()).collect();
    let what = format!(
        "DIFFERENT: {} in {}.",
        counted(count, "difference", "differences"),
        counted(files.len(), "file", "files")
    );
    let what = toned(&what, Tone::Bad);
    if verification.inputs.is_some() || arguments.batch.is_some() {
        return what;
    }
    match subject {
        Subject::Years | Subject::Letters => what,
        Subject::Report => format!("{what} To see which cell, give --batch DIR.\n{WITHOUT_BATCH}"),
        _ => format!("{what} To see which cell, give --report DIR."),
    }
}

fn document(verification: &Verification) -> Value {
    let differences: Vec<Value> = verification
        .differences
        .iter()
        .map(|difference| {
            json!({
                "file": difference.file, "sheet": difference.sheet, "place": difference.place, "what": difference.what,
                "found": difference.found, "expected": difference.expected, "follows": difference.follows,
            })
        })
        .collect();
    json!({
        "verified": verification.status() == Status::Done,
        "calculated_again": verification.inputs.is_some(),
        "receipt_sha256": verification.receipt_sha256,
        "files": verification.files,
        "written_by_other_version": verification.other_version,
        "stopped": verification.stopped.as_ref().map(|stop| stop.message.clone()),
        "differences": differences,
        "unlisted": verification.unlisted,
    })
}
