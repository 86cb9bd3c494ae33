//! `cdip letters`: a letter to each payee, and the board's packet.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;

use super::console::{self, counted, headline, where_it_is};
use super::given::refuse_unless_earlier;
use super::output::{self, publish_at};
use crate::audit::evidence::Evidence;
use crate::disk::read_plain;
use crate::intake::limits::FILE_BYTES_MAX;
use crate::letters::files::Pages;
use crate::letters::templates::Templates;
use crate::letters::{Correspondence, Sources};
use crate::money::Money;
use crate::settlement::folder::SettlementFolder;
use crate::stop::{Status, Stop};

/// The end of the folder's name, where no other is given.
const SUFFIX: &str = "-letters";

const EXAMPLES: &str = "Examples:
  cdip letters reports/june
  cdip letters reports/june --settlement reports/june-settlement
  cdip letters reports/june --since reports/2023-24
  cdip letters reports/june --template office/letters.html

Open letters.html and packet.html in a browser and print them. To change a template, copy it from the folder templates and keep its name: letters.html, packet.html, charts.html or style.css. docs/letters.md lists what they can print.";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct LettersArguments {
    /// The report folder: what cdip run wrote.
    report: PathBuf,
    /// The settlement of the report: letters then say what is due now or must come back.
    #[arg(long, value_name = "DIR")]
    settlement: Option<PathBuf>,
    /// An earlier report, of this budget year or of the one before: the packet says what changed.
    #[arg(long, value_name = "REPORT")]
    since: Option<PathBuf>,
    /// The office's own template; may be given several times.
    #[arg(long, value_name = "FILE")]
    template: Vec<PathBuf>,
    /// Where the letters go [default: the report folder's name with -letters].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

pub(super) fn run(arguments: &LettersArguments) -> Result<Status, Stop> {
    let report = Evidence::open(&arguments.report)?;
    let earlier = arguments.since.as_deref();
    let since = earlier.map(Evidence::open).transpose()?;
    if let (Some(since), Some(folder)) = (&since, earlier) {
        refuse_unless_earlier(since, &report, "--since", folder)?;
    }
    let settlement = arguments
        .settlement
        .as_deref()
        .map(|path| settlement_of(&report, path))
        .transpose()?;
    let templates = templates(&arguments.template)?;
    let sources = Sources {
        report: &report,
        settlement: settlement.as_ref(),
        since: since.as_ref(),
    };
    let correspondence = Correspondence::of(sources)?;
    let pages = Pages::of(sources, &correspondence, &templates)?;
    let target = arguments
        .out
        .clone()
        .unwrap_or_else(|| output::next_to(&arguments.report, SUFFIX));
    let (files, receipt) = publish_at(
        &target,
        "the letters' place",
        "give another --out: letters never replace a report",
        |folder| pages.write(folder),
    )?;
    let mut text = summary(&report, correspondence.letters());
    let print = format!("print {} from a browser", pages.names().join(" and "));
    text.push_str(&where_it_is("Letters", &target, (files, &print), &receipt));
    console::data(&text);
    let asks = settlement
        .as_ref()
        .is_some_and(SettlementFolder::asks_for_money);
    if let Some(missing) = missing(&report, asks, correspondence.lacks_an_address()) {
        console::error(&missing);
    }
    Ok(Status::Done)
}

/// The settlement, if it is this report's.
fn settlement_of(report: &Evidence, path: &Path) -> Result<SettlementFolder, Stop> {
    let settlement = SettlementFolder::open(path)?;
    if settlement.report == report.receipt {
        return Ok(settlement);
    }
    Err(Stop::usage(
        "the settlement was made from a different report",
        path.display().to_string(),
        "run cdip settle on this report, then write the letters",
    ))
}

fn templates(paths: &[PathBuf]) -> Result<Templates, Stop> {
    let mut templates = Templates::default();
    for path in paths {
        let shown = path.display().to_string();
        let bytes = read_plain(path, FILE_BYTES_MAX).map_err(|error| {
            Stop::usage(
                format!("the template cannot be opened: {error}"),
                shown.as_str(),
                "check the path",
            )
        })?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        templates.replace(&shown, &name, bytes)?;
    }
    Ok(templates)
}

fn summary(report: &Evidence, letters: usize) -> String {
    let award: Money = report.payees.iter().map(|payee| payee.total).sum();
    let mut text = String::new();
    // Writing to a String cannot fail, here and below.
    let _ = writeln!(
        text,
        "{}",
        headline(&report.label, &report.standing, report.is_final())
    );
    if !report.is_final() {
        let _ = writeln!(text, "Every letter and page is a draft and says so.");
    }
    let _ = writeln!(
        text,
        "{} for {} of awards",
        counted(letters, "letter", "letters"),
        award.grouped()
    );
    text
}

/// What letters lack because the batch does not name it.
fn missing(report: &Evidence, asks_for_money: bool, lacks_an_address: bool) -> Option<String> {
    let office = &report.office;
    let keys: Vec<&str> = [
        ("name", office.name.is_none()),
        ("contact", office.contact.is_none()),
        ("appeal_until", office.appeal_until.is_none()),
        ("return_to", asks_for_money && office.return_to.is_none()),
        (
            "return_until",
            asks_for_money && office.return_until.is_none(),
        ),
    ]
    .into_iter()
    .filter_map(|(key, is_missing)| is_missing.then_some(key))
    .collect();
    let mut lines = Vec::new();
    if !keys.is_empty() {
        lines.push(format!(
            "note: the letters leave a gap for what [office] in batch.toml does not name: {}",
            keys.join(", ")
        ));
    }
    if lacks_an_address {
        lines.push(
            "note: some letters leave a gap for the address: the report has none of their payees (column Address of the participants list)"
                .to_string(),
        );
    }
    (!lines.is_empty()).then(|| lines.join("\n"))
}
