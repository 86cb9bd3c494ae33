//! `cdip preview`: what a district can expect.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use rust_decimal::Decimal;

use super::basis::BasisArguments;
use super::console::{self, Progress, Tone, counted, toned};
use super::format::{OutputFormat, TEXT_OR_JSON, one_of};
use super::given;
use super::output::{is_xlsx, nearest, refuse_foreign, write_workbook};
use super::tiers;
use crate::audit::evidence::Evidence;
use crate::catalogue::{Needed, Severity};
use crate::factors::{Factors, Origin};
use crate::finding::Finding;
use crate::inspection::{Basis, Inspection, inspect};
use crate::intake::SUBMISSIONS;
use crate::money::Money;
use crate::preview::workbook;
use crate::preview::{Correction, EarlierAward, Fixing, Preview, SPREAD_DEFAULT, preview};
use crate::report::entities::name_of;
use crate::rules::RuleSet;
use crate::stop::{Status, Stop};
use crate::words::{self, standing};

const EXAMPLES: &str = "Examples:
  cdip preview 0880.xlsx --entity 0880 --batch my-batch --factors factors.json
  cdip preview spring --entity 0880 --batch my-batch --factors reports/2023-24
  cdip preview 0880.csv --entity 0880 --factors factors.json --out preview.xlsx
  cdip preview 0880.csv --entity 0880 --units 6500,1300,700 --available 9500000

The file factors.json is in every report of the state; cdip factors makes an estimate for next year. Nothing is sent anywhere, and cdip does not read the batch's submissions. A preview is not an award: only the state knows what other entities report and how the year ends.";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct PreviewArguments {
    /// The entity's files, or folders of them.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// The entity's 4-digit District Code; its charters are previewed with it.
    #[arg(long, value_name = "CODE")]
    entity: String,
    /// Statewide factors: factors.json, or a report folder that holds it.
    #[arg(long, value_name = "FILE", required_unless_present = "units")]
    factors: Option<PathBuf>,
    /// If you have no factors file: assumed statewide units per tier, tier 1 first.
    #[arg(
        long,
        value_delimiter = ',',
        conflicts_with = "factors",
        requires = "available"
    )]
    units: Option<Vec<u64>>,
    /// The share of those units with free or reduced-price lunch.
    #[arg(long, default_value = "0", requires = "units")]
    frl_share: Decimal,
    /// The assumed appropriation, in dollars.
    #[arg(long, value_name = "DOLLARS", requires = "units")]
    available: Option<String>,
    /// The state's report of an earlier year: the preview also says what the entity got then.
    #[arg(long, value_name = "REPORT")]
    last_year: Option<PathBuf>,
    #[command(flatten)]
    against: BasisArguments,
    /// How far the state's demand may differ either way while it is not final [default: 0.1, a tenth].
    #[arg(long)]
    spread: Option<Decimal>,
    /// Also write a workbook: a folder, which then holds preview-CODE.xlsx, or a file ending in .xlsx.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// How the preview is printed.
    #[arg(long, default_value = "text", value_parser = one_of(TEXT_OR_JSON))]
    format: OutputFormat,
}

pub(super) fn run(arguments: &PreviewArguments) -> Result<Status, Stop> {
    let spread = arguments.spread.unwrap_or(SPREAD_DEFAULT);
    given::share("--spread", spread, &SPREAD_DEFAULT.to_string())?;
    let mut basis = arguments.against.basis()?;
    let (rules, factors) = rules_and_factors(arguments, &basis)?;
    refuse_idle_spread(arguments, &factors)?;
    basis.rules = Some((rules.clone(), factors.readings));
    refuse_if_lacking(&basis)?;
    let inspection = {
        let progress = Progress::new("reading");
        inspect(&arguments.files, basis, &|done, total| {
            progress.advance(done, total);
        })?
    };
    if inspection.read_nothing() {
        for finding in &inspection.findings {
            console::error(&console::finding(finding, finding.fix()));
        }
        return Ok(Status::Nothing);
    }
    let workbook = arguments
        .out
        .as_deref()
        .map(|out| place(arguments, out))
        .transpose()?;
    let status = tell_refused(&inspection);
    let earlier = arguments.last_year.as_deref().map(Evidence::open);
    let earlier = earlier.transpose()?;
    let mut preview = preview(inspection, rules, factors, &arguments.entity, spread)?;
    preview.earlier = earlier.map(|report| award_in(&report, &arguments.entity));
    refuse_if_of_others(&preview)?;
    arguments
        .format
        .print(|| text(&preview), || preview.to_json());
    if let Some(path) = workbook {
        write_workbook(&path, workbook::TITLE, |path| {
            workbook::write(&preview, path)
        })?;
    }
    Ok(status)
}

/// What an entity gets in a report.
fn award_in(report: &Evidence, entity: &str) -> EarlierAward {
    let mut payees = report.payees.iter();
    let payee = payees.find(|payee| payee.code == entity);
    let mut participants = report.participants.iter();
    let is_named = participants.any(|participant| participant.payee() == entity);
    EarlierAward {
        budget_year: report.rules.budget_year,
        standing: report.standing.clone(),
        total: payee
            .map(|payee| payee.total)
            .or(is_named.then_some(Money::ZERO)),
    }
}

/// The state's final totals have no spread. To take it without a word would leave a planner waiting for a range.
fn refuse_idle_spread(arguments: &PreviewArguments, factors: &Factors) -> Result<(), Stop> {
    match factors.origin {
        Origin::Run { is_final: true, .. } if arguments.spread.is_some() => Err(Stop::usage(
            "the factors are FINAL: what the state asks for no longer changes, so --spread has no effect",
            "",
            "leave --spread out",
        )),
        _ => Ok(()),
    }
}

/// A preview needs all that the checks need; a ledger it can do without, and says so.
fn refuse_if_lacking(basis: &Basis) -> Result<(), Stop> {
    match basis
        .lacks()
        .into_iter()
        .find(|need| need.needed != Needed::Ledger)
    {
        None => Ok(()),
        Some(need) => Err(Stop::usage(
            format!("a preview needs {}", need.what),
            "",
            format!("give --batch DIR or {}", need.option),
        )),
    }
}

/// Names the refused files that no decision closed: no figure holds anything of them.
fn tell_refused(inspection: &Inspection) -> Status {
    let is_refused = |finding: &&Finding| {
        finding.code.severity() == Severity::Refused && inspection.is_open(finding)
    };
    let mut status = Status::Done;
    for finding in inspection.findings.iter().filter(is_refused) {
        console::error(&console::finding(finding, finding.fix()));
        status = Status::Refused;
    }
    status
}

fn refuse_if_of_others(preview: &Preview) -> Result<(), Stop> {
    if !preview.is_of_others() {
        return Ok(());
    }
    let rows = counted(preview.inspection.decisions.len(), "row", "rows");
    let message = format!(
        "of the {rows} in these files none is of {} or its charters",
        preview.entity
    );
    let fix = "give the files of that entity, or the --entity that the files are from";
    Err(Stop::usage(message, "", fix))
}

/// Where the workbook goes: never among the submissions, which would take it for one.
fn place(arguments: &PreviewArguments, out: &Path) -> Result<PathBuf, Stop> {
    let path = if is_xlsx(out) && !out.is_dir() {
        out.to_path_buf()
    } else {
        out.join(format!("preview-{}.xlsx", arguments.entity))
    };
    let submissions = arguments
        .against
        .batch
        .as_ref()
        .map(|batch| batch.join(SUBMISSIONS));
    let read = arguments
        .files
        .iter()
        .chain(&submissions)
        .filter_map(|read| read.canonicalize().ok());
    // A folder stands for every file in it.
    if nearest(&path).is_some_and(|there| read.into_iter().any(|read| there.starts_with(read))) {
        let fix = "give the files one by one, or --out outside of the folder that is read";
        return Err(Stop::usage(
            "the preview would be written among the files that are read",
            path.display().to_string(),
            fix,
        ));
    }
    refuse_foreign(&path, workbook::TITLE)?;
    Ok(path)
}

/// The rules are those of the batch, those given, or those that the factors name.
fn rules_and_factors(
    arguments: &PreviewArguments,
    basis: &Basis,
) -> Result<(RuleSet, Factors), Stop> {
    match (&arguments.factors, &basis.rules) {
        (Some(factors), None) => given::factors(factors, None),
        (Some(factors), Some((rules, _))) => {
            Ok((rules.clone(), given::factors_under(factors, rules)?))
        }
        (None, Some((rules, readings))) => {
            let available = arguments.available.as_deref().unwrap_or_default();
            let available = given::dollars("--available", available, "9500000")?;
            let units = arguments.units.as_deref().unwrap_or_default();
            Ok((
                rules.clone(),
                given::assumed_factors(rules, *readings, units, arguments.frl_share, available)?,
            ))
        }
        (None, None) => Err(Stop::usage(
            "an assumption needs rules",
            "",
            "give --batch DIR or --rules 2024-25",
        )),
    }
}

fn text(preview: &Preview) -> String {
    let mut text = String::new();
    head(preview, &mut text);
    expected(preview, &mut text);
    if let Some(earlier) = &preview.earlier {
        let _ = writeln!(text, "{}\n", earlier.in_words());
    }
    by_tier(preview, &mut text);
    caps(preview, &mut text);
    one_more(preview, &mut text);
    corrections(preview, &mut text);
    text.push('\n');
    for (name, rows) in preview.rows_of_others() {
        let rows = counted(rows, "row", "rows");
        let _ = writeln!(
            text,
            "{rows} in these files: of {name}, and in none of these figures."
        );
    }
    for sentence in preview.unknowns() {
        let _ = writeln!(text, "{sentence}");
    }
    text
}

fn head(preview: &Preview, text: &mut String) {
    let name = name_of(&preview.inspection.intake.participants, &preview.entity);
    // Writing to a String cannot fail, here and below.
    let _ = writeln!(
        text,
        "{}: {} {name}",
        toned("PREVIEW, not an award", Tone::Warning),
        preview.entity
    );
    let factors = match &preview.factors.origin {
        Origin::Run {
            is_final,
            label,
            run_date,
        } => {
            let standing = standing(*is_final);
            format!("factors of {label}, run {run_date}, {standing}")
        }
        Origin::Assumption(words) => format!("assumed: {words}"),
    };
    let _ = writeln!(
        text,
        "{} · completions of {} · {factors}\n",
        preview.rules.id, preview.rules.school_year
    );
}

fn expected(preview: &Preview, text: &mut String) {
    let (low, high) = preview.bounds();
    let _ = write!(
        text,
        "Expected {}",
        toned(&preview.expected.total.grouped(), Tone::Strong)
    );
    if low != high {
        let _ = write!(text, ", between {} and {}", low.grouped(), high.grouped());
    }
    if let Some((_, more)) = &preview.range {
        let _ = write!(
            text,
            " if the state asks {}% less or more",
            (more.growth * Decimal::ONE_HUNDRED).normalize()
        );
    }
    let _ = write!(
        text,
        "\nAt the full rate it would be {}",
        preview.at_full_rate.grouped()
    );
    // The full rate has no supplement: without one it can be less than what is expected with one.
    if preview.factors.supplement.is_some() {
        let _ = write!(
            text,
            ", and at the expected rate {}, both without the supplement",
            preview.without_supplement().grouped()
        );
    }
    text.push_str("\n\n");
}

fn caps(preview: &Preview, text: &mut String) {
    for cap in &preview.caps {
        let code = preview.inspection.intake.participants.all()[cap.participant].code();
        let tier = preview.rules.tiers[cap.tier].number;
        let _ = writeln!(
            text,
            "Cap of tier {tier}: {code} has {}, {}",
            words::counted(cap.units, "unit"),
            cap.from_limit()
        );
    }
}

fn one_more(preview: &Preview, text: &mut String) {
    if let Some(why) = preview.why_no_more() {
        let _ = writeln!(text, "\n{why}");
        return;
    }
    text.push_str("\nOne more completion of a pupil without any other is worth\n");
    for pair in preview.one_more.chunks(2) {
        if let [plain, lunch] = pair {
            let tier = &preview.rules.tiers[plain.tier];
            let _ = writeln!(
                text,
                "  tier {} {}: {}, with free or reduced-price lunch {}",
                tier.number,
                tier.name,
                plain.worth.grouped(),
                lunch.worth.grouped()
            );
        }
    }
}

fn corrections(preview: &Preview, text: &mut String) {
    if preview.corrections.is_empty() && preview.fixing.is_none() {
        return;
    }
    let (facts, slips): (Vec<&Correction>, Vec<&Correction>) = preview
        .corrections
        .iter()
        .partition(|correction| correction.is_fact());
    if !slips.is_empty() {
        text.push_str(
            "\nWhat correcting likely slips is worth, if every row qualifies once corrected\n",
        );
    }
    for correction in slips {
        let rows = counted(correction.rows, "row", "rows");
        let _ = writeln!(
            text,
            "  {} {:>14}  {} {}: {rows}",
            if correction.up_to { "up to" } else { "about" },
            correction.worth.grouped(),
            correction.code,
            correction.title
        );
    }
    if let Some(fixing) = &preview.fixing {
        fixed(preview, fixing, text);
    }
    if !facts.is_empty() {
        text.push_str("\nRows that earn nothing: leave them in if they are correct\n");
    }
    for fact in facts {
        let rows = counted(fact.rows, "row", "rows");
        let _ = writeln!(text, "  {} {}: {rows}", fact.code, fact.title);
    }
    text.push_str("Each with its cell and its fix: cdip check\n");
}

/// What correcting everything is worth, and how the rows to fix add up.
fn fixed(preview: &Preview, fixing: &Fixing, text: &mut String) {
    let (several, worth) = fixing.several;
    if several > 0 {
        let rows = counted(several, "row", "rows");
        let _ = writeln!(
            text,
            "  up to {:>14}  more than one fault: {rows}",
            worth.grouped()
        );
    }
    let _ = writeln!(
        text,
        "  up to {:>14}  all of it: {} in all",
        fixing.worth.grouped(),
        (preview.expected.total + fixing.worth).grouped()
    );
    if fixing.rows > 0 {
        let _ = writeln!(text, "  {}", fixing.in_words());
    }
}

fn by_tier(preview: &Preview, text: &mut String) {
    let _ = writeln!(text, "{}", tiers::headings("Expected"));
    let results = preview
        .rules
        .tiers
        .iter()
        .zip(&preview.expected.part.allocation.tiers)
        .zip(&preview.expected.terms);
    for ((tier, own), terms) in results {
        let line = tiers::line(
            tier,
            [own.units, own.over_cap],
            [terms.rate, terms.frl_rate, own.paid],
        );
        let _ = writeln!(text, "{line}");
    }
    if preview.factors.supplement.is_some() {
        let _ = writeln!(
            text,
            "{:<68}{:>18}",
            "Supplement",
            preview.supplement().grouped()
        );
    }
    let _ = writeln!(text, "Rows that qualify: {}", preview.rows_in_words());
}
