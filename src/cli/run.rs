//! `cdip run`: the main job.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;

use super::console::{self, Progress, Tone, counted, grouped, headline, toned};
use super::output::{nearest, refuse_inside_report};
use super::tiers;
use crate::audit::earlier::earlier;
use crate::batch::Batch;
use crate::calculation::Calculation;
use crate::catalogue::{Code, Severity};
use crate::checks;
use crate::decision::Outcome;
use crate::finding::{Finding, line_or_row};
use crate::money::Money;
use crate::receipt::{RECEIPT, REPORT, final_report_in, short};
use crate::report::earlier::Earlier;
use crate::report::ledger::checked_against;
use crate::report::publish::{Place, cannot_write};
use crate::report::{self, Written};
use crate::stop::{Status, Stop};

/// Refused files, and warnings about the batch itself, shown in full on standard error; the others are in findings.csv.
const FINDINGS_SHOWN_MAX: usize = 10;
/// Codes shown in the summary, so that it fits one screen.
const CODES_SHOWN_MAX: usize = 8;

const EXAMPLES: &str = "Examples:
  cdip run samples/statewide-2024-25
  cdip run my-batch --out reports/june --require-final

A report is FINAL when no file is refused, no row is rejected or held, no question is open, and no line of resolutions.csv has W214 (it finds nothing) or W220 (it lacks a reason, an approval or a date). Otherwise it is PRELIMINARY, and says so on every page.";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct RunArguments {
    /// The batch folder: batch.toml, the lists, and submissions/.
    batch: PathBuf,
    /// Where the report goes [default: reports/<name of the batch folder>].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Replace a FINAL report. Otherwise cdip stops, because you may have paid from it.
    #[arg(long)]
    replace: bool,
    /// End with status 1 if the report is only PRELIMINARY.
    #[arg(long)]
    require_final: bool,
}

pub(super) fn run(arguments: &RunArguments) -> Result<Status, Stop> {
    let batch = Batch::open(&arguments.batch)?;
    let target = arguments
        .out
        .clone()
        .unwrap_or_else(|| Path::new("reports").join(&batch.name));
    refuse_among_submissions(&batch, &target)?;
    refuse_inside_report(&target)?;
    let place = Place::take(&target)?;
    place.refuse_another_kind(REPORT)?;
    let before = final_report_in(&target);
    let earlier = earlier(&batch);
    let calculation = console::calculated(batch)?;
    print_urgent(&calculation);
    refuse_if_nothing_was_read(&calculation)?;
    let (written, receipt) = place.publish(|folder, syncing| {
        let progress = Progress::new("writing");
        let made = write(&calculation, &earlier, folder, &|file, done, total| {
            syncing.begin(file);
            progress.advance(done, total);
        });
        let (written, receipt) = made.map_err(|error| cannot_write(&target, &error))?;
        // The same report again replaces nothing.
        if let Some(before) = before.as_ref().filter(|before| **before != receipt) {
            refuse_replacing(&calculation.batch, &target, before, arguments.replace)?;
        }
        Ok((written, receipt))
    })?;
    let mut text = summary(&calculation, &earlier);
    where_it_is(&mut text, &target, &written, &receipt);
    if let Some(receipt) = before.filter(|before| *before != receipt) {
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "It replaced the FINAL report with receipt {}.",
            short(&receipt)
        );
    }
    console::data(&text);
    let refused = calculation.open_refusals() > 0;
    let short_of_final = arguments.require_final && !calculation.is_final();
    if short_of_final {
        console::error(
            "error: the report is PRELIMINARY, and --require-final asks for a final one\n   = fix: see \"What blocks\"",
        );
    }
    Ok(if refused || short_of_final {
        Status::Refused
    } else {
        Status::Done
    })
}

/// Writes a report into an empty folder; gives its files and the SHA-256 of its receipt.
pub(super) fn write(
    calculation: &Calculation,
    earlier: &Earlier,
    folder: &Path,
    complete: &(dyn Fn(PathBuf, usize, usize) + Sync),
) -> io::Result<(Written, String)> {
    let written = report::write(calculation, earlier, folder, complete)?;
    let receipt = report::receipt::write(calculation, &written, folder)?;
    Ok((written, receipt))
}

/// A FINAL report is replaced only where that is asked for, and never where the batch names it as the one before its own.
fn refuse_replacing(
    batch: &Batch,
    target: &Path,
    receipt: &str,
    is_asked: bool,
) -> Result<(), Stop> {
    let shown = target.display().to_string();
    if !is_asked {
        let what = format!(
            "the folder holds a FINAL report (receipt {}), which may be the one that was paid from",
            short(receipt)
        );
        let fix = "give another --out, or --replace if nothing was paid from it";
        return Err(Stop::usage(what, shown, fix));
    }
    let previous = batch.previous.as_ref();
    let previous = previous.and_then(|previous| previous.path.canonicalize().ok());
    if previous.is_some() && previous == target.join(RECEIPT).canonicalize().ok() {
        return Err(Stop::usage(
            "batch.toml names the report in this folder as the one before (previous_receipt), so it cannot be replaced",
            shown,
            "give another --out",
        ));
    }
    Ok(())
}

fn refuse_if_nothing_was_read(calculation: &Calculation) -> Result<(), Stop> {
    let files = &calculation.intake.files;
    if files.iter().any(|file| file.refused.is_none()) {
        return Ok(());
    }
    Err(Stop {
        status: Status::Nothing,
        message: "nothing could be read: every file was refused".to_string(),
        places: vec![format!("{}/", crate::intake::SUBMISSIONS)],
        fix: "mend the files as said above and run again".to_string(),
        also: Vec::new(),
    })
}

/// A report below `submissions/` would be read as submissions by the next run.
fn refuse_among_submissions(batch: &Batch, target: &Path) -> Result<(), Stop> {
    let submissions = batch.root.join(crate::intake::SUBMISSIONS).canonicalize();
    match (submissions, nearest(target)) {
        (Ok(submissions), Some(nearest)) if nearest.starts_with(&submissions) => {
            let shown = target.display().to_string();
            Err(Stop::usage(
                "the report would be among the submissions",
                shown,
                "give an --out outside of submissions/",
            ))
        }
        _ => Ok(()),
    }
}

/// Prints what the person who runs the batch should see at once: refused files, and what is odd about the batch itself.
fn print_urgent(calculation: &Calculation) {
    print_findings(
        calculation,
        |finding| finding.code.severity() == Severity::Refused && calculation.is_open(finding),
        ("file was refused", "files were refused"),
    );
    print_findings(
        calculation,
        |finding| {
            matches!(
                finding.code,
                Code::W214
                    | Code::W219
                    | Code::W220
                    | Code::W228
                    | Code::W229
                    | Code::W231
                    | Code::W232
            )
        },
        ("warning about the batch", "warnings about the batch"),
    );
    print_findings(
        calculation,
        |finding| {
            matches!(finding.code, Code::Q403 | Code::Q406 | Code::Q407)
                && calculation.is_open(finding)
        },
        ("question about the batch", "questions about the batch"),
    );
}

/// Prints findings that the person who runs the batch should see at once, and counts those that do not fit.
fn print_findings(
    calculation: &Calculation,
    wanted: impl Fn(&Finding) -> bool,
    (one, many): (&str, &str),
) {
    let found: Vec<&Finding> = calculation
        .findings
        .iter()
        .filter(|finding| wanted(finding))
        .collect();
    for finding in found.iter().take(FINDINGS_SHOWN_MAX) {
        console::error(&console::finding(finding, &finding.fix_for_office()));
    }
    if found.len() > FINDINGS_SHOWN_MAX {
        let more = counted(found.len() - FINDINGS_SHOWN_MAX, one, many);
        console::error(&format!("and {more} more: see findings.csv"));
    }
}

/// The summary: rows by outcome, tiers, what blocks, where to look. Fits one screen.
fn summary(calculation: &Calculation, earlier: &Earlier) -> String {
    let batch = &calculation.batch;
    let mut text = String::new();
    // Writing to a String cannot fail, here and below.
    let _ = writeln!(
        text,
        "{}",
        headline(&batch.label, calculation.standing(), calculation.is_final())
    );
    let _ = writeln!(
        text,
        "{} · completions of {} · run date {}\n",
        batch.rules.id, batch.rules.school_year, batch.run_date
    );
    rows_by_outcome(calculation, &mut text);
    by_tier(calculation, &mut text);
    what_blocks(calculation, &mut text);
    what_earns_nothing(calculation, &mut text);
    ledger(calculation, &mut text);
    compared_with(calculation, earlier, &mut text);
    text
}

/// Where the report is, and the checksums by which it is known.
fn where_it_is(text: &mut String, target: &Path, written: &Written, receipt: &str) {
    // Writing to a String cannot fail, here and below.
    let _ = writeln!(
        text,
        "Report: {} ({}; begin with statewide.xlsx)",
        target.display(),
        counted(written.files.len() + 2, "file", "files")
    );
    let _ = writeln!(
        text,
        "Content: sha256 {} ({})",
        written.content,
        report::content::COMMAND
    );
    let _ = writeln!(text, "Receipt: sha256 {receipt}");
}

fn rows_by_outcome(calculation: &Calculation, text: &mut String) {
    let files = calculation.intake.files.len();
    let rows = counted(calculation.intake.completions.len(), "row", "rows");
    let _ = writeln!(
        text,
        "{} in {}",
        toned(&rows, Tone::Strong),
        counted(files, "file", "files")
    );
    let shown: Vec<String> = Outcome::ALL
        .iter()
        .rev()
        .map(|outcome| (calculation.count(*outcome), outcome))
        .filter(|(count, outcome)| *count > 0 || **outcome == Outcome::Paid)
        .map(|(count, outcome)| {
            format!("{:>10} {}", grouped(count), outcome.label().to_lowercase())
        })
        .collect();
    for line in shown.chunks(3) {
        let line: String = line.iter().map(|cell| format!("{cell:<28}")).collect();
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text.push('\n');
}

fn by_tier(calculation: &Calculation, text: &mut String) {
    let allocation = &calculation.allocation;
    let _ = writeln!(text, "{}", tiers::headings("Paid"));
    for (tier, result) in calculation.batch.rules.tiers.iter().zip(&allocation.tiers) {
        let line = tiers::line(
            tier,
            [result.units, result.over_cap],
            [result.rate, result.frl_rate, result.paid],
        );
        let funding = match (result.prorated, result.paid > Money::ZERO) {
            (false, _) => "",
            (true, true) => "  prorated",
            (true, false) => "  unfunded",
        };
        let _ = writeln!(text, "{line}{funding}");
    }
    let residuals: Money = allocation.tiers.iter().map(|tier| tier.residual).sum();
    let _ = writeln!(
        text,
        "{} available = {} paid + {} residual + {} unspent",
        calculation.batch.available.grouped(),
        allocation.paid().grouped(),
        residuals.grouped(),
        allocation.unspent.grouped()
    );
    if let Some(pool) = calculation.batch.supplement {
        let _ = writeln!(
            text,
            "{} supplement of {}",
            allocation.supplement().grouped(),
            pool.grouped()
        );
    }
    text.push('\n');
}

/// What keeps the report from being FINAL, by code, with the first place of each.
fn what_blocks(calculation: &Calculation, text: &mut String) {
    if calculation.is_final() {
        return;
    }
    let total: usize = calculation
        .what_is_open()
        .iter()
        .map(|(count, _)| count)
        .sum();
    let _ = writeln!(
        text,
        "{} {} {} this report from being final:",
        toned("What blocks:", Tone::Bad),
        calculation.what_is_open_in_words(),
        if total == 1 { "keeps" } else { "keep" }
    );
    by_code(calculation, Finding::keeps_from_final, text);
    let _ = writeln!(
        text,
        "Each with its cell and its fix: findings.csv and sheet Findings. A code in full: cdip rules explain CODE\n"
    );
}

/// The rows that were read and do not qualify, by code.
fn what_earns_nothing(calculation: &Calculation, text: &mut String) {
    let rows = calculation.count(Outcome::NotQualified);
    if rows == 0 {
        return;
    }
    let _ = writeln!(
        text,
        "{} {}:",
        toned("What earns nothing:", Tone::Warning),
        counted(rows, "row does not qualify", "rows do not qualify")
    );
    let is_wanted = |finding: &Finding| finding.severity() == Severity::NotQualified;
    by_code(calculation, is_wanted, text);
    text.push('\n');
}

/// A line for each code with an open finding: how often, what it is, and the first place.
fn by_code(calculation: &Calculation, wanted: fn(&Finding) -> bool, text: &mut String) {
    let mut by_code: BTreeMap<Code, Vec<&Finding>> = BTreeMap::new();
    for finding in checks::to_show(&calculation.findings, |it| calculation.is_open(it)) {
        if wanted(finding) {
            by_code.entry(finding.code).or_default().push(finding);
        }
    }
    let codes = by_code.len();
    let mut by_code: Vec<_> = by_code.into_iter().collect();
    // Refused files first, then what is most frequent.
    by_code.sort_by_key(|(code, findings)| {
        (
            code.severity() != Severity::Refused,
            Reverse(findings.len()),
            *code,
        )
    });
    for (code, findings) in by_code.into_iter().take(CODES_SHOWN_MAX) {
        let _ = writeln!(
            text,
            "  {code} {:>5} x {}, first {}",
            grouped(findings.len()),
            code.entry().title,
            first_place(findings[0])
        );
    }
    if codes > CODES_SHOWN_MAX {
        let more = counted(codes - CODES_SHOWN_MAX, "code", "codes");
        let _ = writeln!(text, "  and {more} more");
    }
}

/// What earlier payments were compared with.
fn ledger(calculation: &Calculation, text: &mut String) {
    let _ = match checked_against(calculation) {
        None => writeln!(
            text,
            "The batch has no ledger of prior payments (prior-payments.csv), so nothing could be checked against it.\n"
        ),
        Some(ledger) if ledger.is_doubtful => {
            writeln!(text, "{}\n", toned(&ledger.text, Tone::Warning))
        }
        Some(ledger) => writeln!(text, "{}\n", ledger.text),
    };
}

/// The report before in a line, where the batch names one.
fn compared_with(calculation: &Calculation, earlier: &Earlier, text: &mut String) {
    let _ = match earlier {
        Earlier::NotNamed => Ok(()),
        Earlier::NotAtHand(why) => writeln!(
            text,
            "The report before is not at hand to compare with: {why}.\n"
        ),
        Earlier::AtHand(before) => {
            let old = &before.headline;
            let now = calculation.allocation.paid();
            let demand = calculation.allocation.demand(&calculation.batch.rules);
            writeln!(
                text,
                "The report before ({}): {} paid, {} of its demand. Now: {}, {}. More on sheet Board.\n",
                before.in_words(),
                old.paid.grouped(),
                old.paid.percent_of(old.demand),
                now.grouped(),
                now.percent_of(demand),
            )
        }
    };
}

/// A place short enough for one line.
fn first_place(finding: &Finding) -> String {
    let name = finding.file.rsplit('/').next().unwrap_or(&finding.file);
    let sheet = finding
        .sheet
        .as_ref()
        .map(|sheet| format!(" {sheet}!"))
        .unwrap_or_default();
    match (finding.cell(), finding.row) {
        (cell, _) if !cell.is_empty() => format!(
            "{name}{}{cell}",
            if sheet.is_empty() {
                " ".to_string()
            } else {
                sheet
            }
        ),
        (_, Some(row)) => {
            let word = line_or_row(name, finding.sheet.as_deref());
            format!("{name} {word} {row}")
        }
        _ => name.to_string(),
    }
}
