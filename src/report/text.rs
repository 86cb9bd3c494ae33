//! The csv files (files.md, "Out"): UTF-8, RFC 4180 quoting, LF line ends, and no text that a spreadsheet takes for a formula.

use std::borrow::Cow;
use std::io::{self, Write};
use std::ops::Range;

use super::entities::name_of;
use super::json::{AllocationFile, ParticipantEntry, allocation_file};
use crate::calculation::Calculation;
use crate::decision::Outcome;
use crate::finding::Finding;
use crate::ids::Sasid;
use crate::intake::lists::{Ledger, participant_code};
use crate::money::Money;
use crate::parallel::{on_each_core, ranges};
use crate::ranks::{ProgramRank, RowRank};
use crate::results::columns::FILES;
use crate::rules::{RuleSet, Tier};

/// A csv file being written. It gives the disk's errors: the csv crate would hide their kind, and with it what to do.
pub(crate) struct Lines<W: Write>(csv::Writer<W>);

pub(crate) fn writer<W: Write>(out: W) -> Lines<W> {
    Lines(
        csv::WriterBuilder::new()
            .terminator(csv::Terminator::Any(b'\n'))
            .from_writer(out),
    )
}

impl<W: Write> Lines<W> {
    pub(crate) fn write_record<T: AsRef<[u8]>>(
        &mut self,
        record: impl IntoIterator<Item = T>,
    ) -> io::Result<()> {
        self.0
            .write_record(record)
            .map_err(|error| match error.into_kind() {
                csv::ErrorKind::Io(error) => error,
                kind => io::Error::other(format!("a line of csv: {kind:?}")),
            })
    }

    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }

    fn into_inner(self) -> io::Result<W> {
        self.0.into_inner().map_err(csv::IntoInnerError::into_error)
    }
}

/// Puts an apostrophe before a text that a spreadsheet would calculate.
pub(crate) fn guard<'t>(text: impl Into<Cow<'t, str>>) -> Cow<'t, str> {
    let text = text.into();
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        Cow::Owned(format!("'{text}"))
    } else {
        text
    }
}

/// Rows of `completions.csv` in a piece: enough that a core is busy with it, and few enough for all cores to end together.
const ROWS_IN_A_PIECE: usize = 4_000;
/// More bytes than an average line has, so that a piece is allocated once.
const LINE_BYTES: usize = 192;

/// `completions.csv`: a row per submitted row.
pub fn completions(calculation: &Calculation, mut out: impl Write) -> io::Result<()> {
    let mut pieces = pieces_of_completions(calculation)?.into_iter();
    pieces.try_for_each(|piece| out.write_all(&piece))
}

/// The same in pieces that follow each other: the headings, then some thousand lines each.
pub(super) fn pieces_of_completions(calculation: &Calculation) -> io::Result<Vec<Vec<u8>>> {
    let records = calculation.records();
    let piece = |rows: Range<usize>| {
        let mut csv = writer(Vec::with_capacity(rows.len() * LINE_BYTES));
        for row in rows.map(RowRank::new) {
            let record = records.get(row);
            let cells = FILES.map(|column| guard(record.value(column).into_text()));
            csv.write_record(cells.iter().map(|cell| cell.as_bytes()))?;
        }
        csv.into_inner()
    };
    let mut headings = writer(Vec::new());
    headings.write_record(FILES.map(|column| column.entry().key))?;
    std::iter::once(headings.into_inner())
        .chain(on_each_core(ranges(records.len(), ROWS_IN_A_PIECE), piece))
        .collect()
}

/// `findings.csv`: every finding, without pupil data.
pub fn findings(calculation: &Calculation, out: impl Write) -> io::Result<()> {
    let participants = calculation.intake.participants.all();
    let findings = calculation.findings.iter().map(|finding| FindingLine {
        finding,
        participant: finding
            .participant
            .or_else(|| {
                let row = finding.position?;
                calculation.decisions[row].participant
            })
            .map_or("", |rank| participants[rank].code()),
        open: calculation.is_open(finding),
    });
    findings_as_csv(findings, out)
}

/// A line of `findings.csv`.
pub struct FindingLine<'f> {
    pub finding: &'f Finding,
    /// `0010-4500`; empty if it is not about a participant.
    pub participant: &'f str,
    /// Whether it is open.
    pub open: bool,
}

/// The headings of `findings.csv`.
pub const FINDING_COLUMNS: [&str; 11] = [
    "code",
    "severity",
    "source_file",
    "source_sheet",
    "source_row",
    "column",
    "cell",
    "message",
    "fix",
    "participant",
    "open",
];

/// Findings under the headings of `findings.csv`.
pub fn findings_as_csv<'f>(
    findings: impl Iterator<Item = FindingLine<'f>>,
    out: impl Write,
) -> io::Result<()> {
    let mut csv = writer(out);
    csv.write_record(FINDING_COLUMNS)?;
    for FindingLine {
        finding,
        participant,
        open,
    } in findings
    {
        csv.write_record([
            finding.code.as_str(),
            finding.code.severity().as_str(),
            &guard(&*finding.file),
            &guard(finding.sheet.as_deref().unwrap_or_default()),
            &finding.row.map(|row| row.to_string()).unwrap_or_default(),
            finding.column.map_or("", |(title, _)| title),
            &finding.cell(),
            &guard(&*finding.message),
            &guard(finding.fix_for_office()),
            participant,
            if open { "yes" } else { "no" },
        ])?;
    }
    csv.flush()
}

/// `awards.csv`: a line per participant with a share. The columns are those of three tiers; a rule set with more has more.
pub fn awards(calculation: &Calculation, out: impl Write) -> io::Result<()> {
    let mut csv = writer(out);
    for line in award_lines(&allocation_file(calculation), &calculation.batch.rules) {
        csv.write_record(line.into_iter().map(|cell| guard(cell).into_owned()))?;
    }
    csv.flush()
}

/// The lines of `awards.csv`, the headings first, as `allocation.json` gives them.
#[must_use]
pub fn award_lines(file: &AllocationFile, rules: &RuleSet) -> Vec<Vec<String>> {
    let mut heading: Vec<String> = [
        "standing",
        "budget_year",
        "run_date",
        "payee",
        "participant",
        "name",
        "kind",
    ]
    .map(String::from)
    .into();
    heading.extend(
        rules
            .tiers
            .iter()
            .map(|tier| format!("tier_{}", tier.number)),
    );
    heading.extend(["supplement".to_string(), "total".to_string()]);
    let of_participant = |entry: &ParticipantEntry| {
        let school = entry.school_code.as_deref().unwrap_or_default();
        let mut line = vec![
            file.standing.clone(),
            rules.budget_year.to_string(),
            file.run_date.clone(),
            entry.payee.clone(),
            participant_code(&entry.district_code, school),
            entry.name.clone(),
            entry.kind.clone(),
        ];
        let amount = |tier: &Tier| {
            let share = entry.tiers.iter().find(|share| share.tier == tier.number);
            share.map_or(Money::ZERO, |share| share.amount).to_string()
        };
        line.extend(rules.tiers.iter().map(amount));
        line.extend([entry.supplement.to_string(), entry.total.to_string()]);
        line
    };
    let lines = file.participants.iter().map(of_participant);
    std::iter::once(heading).chain(lines).collect()
}

/// The headings of `payments.csv`.
pub const PAYMENT_COLUMNS: [&str; 6] = [
    "payee",
    "name",
    "vendor",
    "budget_year",
    "run_date",
    "amount",
];

/// `payments.csv`: a line per payee for the accounting system, without anything that could be paid by mistake. Only a FINAL report
/// has it.
pub fn payments(calculation: &Calculation, out: impl Write) -> io::Result<()> {
    let mut csv = writer(out);
    let participants = &calculation.intake.participants;
    csv.write_record(PAYMENT_COLUMNS)?;
    for (code, amount) in calculation.payees() {
        let vendor = participants
            .of_payee(code)
            .map_or("", |entry| entry.vendor.as_str());
        csv.write_record([
            code,
            &guard(name_of(participants, code)),
            &guard(vendor),
            &calculation.batch.rules.budget_year.to_string(),
            &calculation.batch.run_date.to_string(),
            &amount.to_string(),
        ])?;
    }
    csv.flush()
}

/// `prior-payments-next.csv`: the old ledger and every paid row, to be next year's `prior-payments.csv`. Only a FINAL report has it.
pub fn prior_payments_next(calculation: &Calculation, out: impl Write) -> io::Result<()> {
    let mut csv = writer(out);
    csv.write_record(["SASID", "Program Code", "Budget Year"])?;
    for entry in calculation.intake.ledger.iter().flat_map(Ledger::entries) {
        csv.write_record([
            entry.sasid.reveal().as_str(),
            &guard(&entry.program),
            &guard(&entry.budget_year),
        ])?;
    }
    let budget_year = calculation.batch.rules.budget_year.to_string();
    let programs = calculation.intake.programs.all();
    let mut paid: Vec<(Sasid, ProgramRank)> = calculation
        .decisions
        .iter()
        .filter(|decision| decision.outcome == Outcome::Paid && decision.amount > Money::ZERO)
        .filter_map(|decision| decision.sasid.zip(decision.program))
        .collect();
    paid.sort_unstable();
    for (sasid, program) in paid {
        csv.write_record([
            sasid.reveal().as_str(),
            &guard(&programs[program].code),
            &budget_year,
        ])?;
    }
    csv.flush()
}
