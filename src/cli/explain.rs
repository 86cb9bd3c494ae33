//! `cdip explain`: the passport of a dollar.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::{ArgGroup, Args};
use serde_json::json;

use super::console::{Tone, counted, grouped, in_column, toned, wrapped};
use super::format::{OutputFormat, TEXT_OR_JSON, one_of};
use crate::audit::cells::source_cells;
use crate::audit::evidence::Evidence;
use crate::audit::explain::{Explainer, ParticipantPassport, Passport, Step};
use crate::decision::Outcome;
use crate::ids::Sasid;
use crate::money::Money;
use crate::stop::{Status, Stop};
use crate::words::thousands;

/// Where the words of a step begin.
const INDENTATION: &str = "                ";

const EXAMPLES: &str = "Examples:
  cdip explain reports/statewide-2024-25 --row \"0880 Denver.xlsx!Sheet1!17\"
  cdip explain reports/statewide-2024-25 --row 0880.csv!17  a csv has no sheet
  cdip explain reports/statewide-2024-25 --participant 0880
  cdip explain reports/statewide-2024-25 --sasid 1234567890  all of a pupil

Put a place with ! in quotation marks on a Linux or macOS command line: '0880.xlsx!17'. cdip reads only the report and writes nothing. It first calculates the report again from its own rows and rules; if the figures differ, it ends with status 4. Pages such as docs/law.md are those of cdip's own documentation.";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, group(ArgGroup::new("what").required(true)))]
pub(super) struct ExplainArguments {
    /// The report folder that cdip run wrote.
    report: PathBuf,
    /// One row; the end of the path is enough, and the sheet may be left out where a file has only one.
    #[arg(long, value_name = "FILE!SHEET!ROW", group = "what")]
    row: Option<String>,
    /// Every row of a pupil. The SASID is used only for the search and is never printed.
    #[arg(long, value_name = "SASID", group = "what")]
    sasid: Option<String>,
    /// The money of a participant: 0880 for a district or BOCES, 0880-1234 for a charter school.
    #[arg(long, value_name = "CODE", group = "what")]
    participant: Option<String>,
    /// The batch folder that the report was made from: shows the cells as they are in the submission, after checking the file's
    /// SHA-256.
    #[arg(long, value_name = "DIR", conflicts_with = "participant")]
    batch: Option<PathBuf>,
    /// How it is printed.
    #[arg(long, default_value = "text", value_parser = one_of(TEXT_OR_JSON))]
    format: OutputFormat,
}

pub(super) fn run(arguments: &ExplainArguments) -> Result<Status, Stop> {
    // Before anything is read: a typing error should not wait.
    if let Some(sasid) = &arguments.sasid
        && Sasid::parse(sasid.trim()).is_none()
    {
        return Err(Stop::usage(
            "--sasid is not exactly 10 digits",
            "",
            "write the pupil's 10-digit SASID",
        ));
    }
    let evidence = Evidence::open(&arguments.report)?;
    let explainer = Explainer::of(&evidence);
    if let Some(code) = &arguments.participant {
        let passport = explainer.participant(explainer.participant_of(code)?);
        arguments.format.print(
            || participant(&evidence, &passport),
            || json!({ "report": evidence.label, "standing": evidence.standing, "participant": passport }),
        );
    } else {
        let passports = passports(arguments, &evidence, &explainer)?;
        arguments.format.print(
            || rows_in_text(&evidence, arguments.sasid.is_some(), &passports),
            || json!({ "report": evidence.label, "standing": evidence.standing, "rows": passports }),
        );
        if let Some(stop) = changed_cells(&passports) {
            return Err(stop);
        }
    }
    Ok(Status::Done)
}

/// The stop for cells of the batch that no longer give what the report recorded.
fn changed_cells(passports: &[Passport]) -> Option<Stop> {
    let mut places = Vec::new();
    for passport in passports {
        for cell in passport.cells.iter().filter(|cell| cell.recorded.is_some()) {
            places.push(format!("{}, cell {}", passport.place, cell.cell));
        }
    }
    let message = match places.len() {
        0 => return None,
        1 => "a cell now says something else than the report recorded".to_string(),
        many => format!("{many} cells now say something else than the report recorded"),
    };
    Some(Stop {
        status: Status::Difference,
        message,
        places,
        fix: "find out who changed the file, its decisions or the receipt: cdip verify --batch compares everything".to_string(),
        also: Vec::new(),
    })
}

/// The passports of the requested rows, with their submitted cells if the batch is given.
fn passports(
    arguments: &ExplainArguments,
    evidence: &Evidence,
    explainer: &Explainer,
) -> Result<Vec<Passport>, Stop> {
    let rows = match (&arguments.row, &arguments.sasid) {
        (Some(place), _) => vec![explainer.row_at(place)?],
        (None, sasid) => explainer.rows_of_pupil(sasid.as_deref().unwrap_or_default().trim()),
    };
    if rows.is_empty() {
        return Err(Stop::usage(
            "the report has no row of the pupil asked for",
            "",
            "check the number; a SASID that could not be read is in findings.csv (E203)",
        ));
    }
    let mut passports: Vec<Passport> = rows.iter().map(|row| explainer.passport(*row)).collect();
    if let Some(batch) = &arguments.batch {
        let cells = source_cells(evidence, batch, &rows)?;
        for (passport, cells) in passports.iter_mut().zip(cells) {
            passport.cells = cells;
        }
    }
    Ok(passports)
}

fn rows_in_text(evidence: &Evidence, of_pupil: bool, passports: &[Passport]) -> String {
    let mut text = head(evidence);
    if of_pupil {
        let paid: Money = passports.iter().map(|passport| passport.amount).sum();
        let rows = counted(passports.len(), "row", "rows");
        // Writing to a String cannot fail, here and below.
        let _ = writeln!(
            text,
            "The pupil asked for: {rows}, {} in all",
            paid.grouped()
        );
        for passport in passports {
            let _ = writeln!(text, "  {}\n      {}", passport.place, passport.trail);
        }
        text.push('\n');
    }
    for (position, passport) in passports.iter().enumerate() {
        if position > 0 {
            text.push('\n');
        }
        row_in_text(&mut text, passport);
    }
    text
}

fn head(evidence: &Evidence) -> String {
    format!(
        "{} · {} · {}\n\n",
        evidence.label, evidence.rules.id, evidence.standing
    )
}

fn row_in_text(text: &mut String, passport: &Passport) {
    let tone = match passport.outcome {
        Outcome::Paid => Tone::Good,
        Outcome::Rejected => Tone::Bad,
        _ => Tone::Warning,
    };
    let _ = writeln!(text, "{}", toned(&passport.place, Tone::Strong));
    let ended = format!("{} {}", passport.outcome.label(), passport.amount.grouped());
    let _ = writeln!(
        text,
        "{}\nIn short: {}\n",
        toned(&ended, tone),
        passport.trail
    );
    let values = passport
        .values
        .iter()
        .map(|(heading, value)| format!("{heading} {value}"));
    let values = format!("As recorded: {}", values.collect::<Vec<_>>().join(" · "));
    text.push_str(&wrapped(&values, ""));
    if !passport.cells.is_empty() {
        let cells = passport.cells.iter().map(|cell| match &cell.recorded {
            None => format!("{} {} {}", cell.cell, cell.heading, cell.found),
            Some(recorded) => format!(
                "{} {} {} (NOT AS RECORDED: {recorded})",
                cell.cell, cell.heading, cell.found
            ),
        });
        text.push_str(&wrapped(
            &format!("As submitted: {}", cells.collect::<Vec<_>>().join(" · ")),
            "",
        ));
    }
    text.push('\n');
    steps(text, &passport.steps);
    for next in &passport.next {
        let _ = writeln!(text, "\nMore: {next}");
    }
}

fn steps(text: &mut String, steps: &[Step]) {
    for (number, step) in (1..).zip(steps) {
        let body = wrapped(&step.decided, INDENTATION);
        let _ = write!(text, "{number:>2} {:<12} {}", step.topic, body.trim_start());
        text.push_str(&wrapped(&by(step), INDENTATION));
    }
}

/// The rule, its sources, and the readings that decided.
fn by(step: &Step) -> String {
    let mut parts = vec![step.rule.to_string()];
    for cited in step
        .sources
        .iter()
        .filter(|cited| !cited.of.starts_with("readings."))
    {
        let part = format!("{}, {}", cited.cite, cited.basis.as_str());
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
    for reading in &step.readings {
        let key = format!("readings.{}", reading.key);
        let cited = step.sources.iter().filter(|cited| cited.of == key);
        let cited: Vec<String> = cited
            .map(|cited| format!("{}, {}", cited.cite, cited.basis.as_str()))
            .collect();
        let cited = if cited.is_empty() {
            String::new()
        } else {
            format!(" ({})", cited.join("; "))
        };
        parts.push(format!(
            "reading {} = {}{cited}",
            reading.key, reading.value
        ));
    }
    format!("[{}]", parts.join(" | "))
}

fn participant(evidence: &Evidence, passport: &ParticipantPassport) -> String {
    let mut text = head(evidence);
    let name = format!("{} {}", passport.code, passport.name);
    let _ = writeln!(
        text,
        "{} ({}), paid to {}",
        toned(&name, Tone::Strong),
        passport.kind,
        passport.payee
    );
    let _ = writeln!(
        text,
        "{} in all\n",
        toned(&passport.total.grouped(), Tone::Strong)
    );
    tiers(&mut text, passport);
    if passport.supplement > Money::ZERO {
        let _ = writeln!(
            text,
            "{:<54}{:>18}",
            "Supplement",
            passport.supplement.grouped()
        );
    }
    let _ = writeln!(text, "{:<54}{:>18}\n", "Total", passport.total.grouped());
    let _ = writeln!(text, "{}", toned("Its rows", Tone::Strong));
    for (outcome, rows, codes) in &passport.outcomes {
        let codes = if codes.is_empty() {
            String::new()
        } else {
            format!("   {codes}")
        };
        let _ = writeln!(
            text,
            "{:>8} {}{codes}",
            grouped(*rows),
            outcome.to_lowercase()
        );
    }
    text.push('\n');
    steps(&mut text, &passport.steps);
    text.push('\n');
    for next in &passport.next {
        let _ = writeln!(text, "More: {next}");
    }
    text
}

fn tiers(text: &mut String, passport: &ParticipantPassport) {
    if passport.tiers.is_empty() {
        return;
    }
    let heading = format!(
        "{:<26}{:>8}{:>10}{:>10}{:>18}",
        "Tier", "Units", "With FRL", "Over cap", "Amount"
    );
    let _ = writeln!(text, "{}", toned(&heading, Tone::Strong));
    for tier in &passport.tiers {
        let name = in_column(&format!("{} {}", tier.tier, tier.name), 26);
        let _ = writeln!(
            text,
            "{name}{:>8}{:>10}{:>10}{:>18}  = {}",
            thousands(tier.units),
            thousands(tier.frl_units),
            thousands(tier.over_cap),
            tier.amount.grouped(),
            tier.arithmetic
        );
    }
}
