//! *Participants*: rows, units and money by tier of each participant.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::sheets::book::Workbook;
use rust_xlsxwriter::XlsxError;

use super::context::Workbooks;
use super::formulas::{self, Letters, is, over_units};
use super::headings::{AMOUNT, COMPLETIONS, FRL, KEY, KEY_PREFIX, OUTCOME, TIER};
use crate::allocation::{Limit, TierShare};
use crate::decision::{Outcome, over_cap_at_rates};
use crate::intake::lists::{Ruling, Subject, participant_code};
use crate::money::Money;
use crate::ranks::ParticipantRank;
use crate::results::frame::{Dimension, Tally};
use crate::rules::Weight;
use crate::rules::terms::{KindSet, ParticipantKind};
use crate::sheets::cell::Cell;
use crate::sheets::listing::{FIRST_ROW, Listing};
use crate::sheets::look::Tone;
use crate::sheets::page::{Column, Stamp};

/// The sheet's name.
pub(super) const PARTICIPANTS: &str = "Participants";

const CODE: &str = "Participant";
const KIND: &str = "Kind";
const PAYEE: &str = "Payee";
pub(super) const ROWS: &str = "Rows";
const ROWS_PAID: &str = "Rows paid";
pub(super) const SUPPLEMENT: &str = "Supplement";
/// The heading of a participant's total.
pub(super) const TOTAL: &str = "Total";

/// The heading of the total of a participant's payee.
const PAYEES_TOTAL: &str = "Total of payee";
/// The heading of what the rows over the cap would be paid at their tiers' rates.
const CAP_COST: &str = "Cap cost at most";

/// The headings of a tier's counts.
fn counts_of_tier(number: u32) -> [String; 3] {
    ["units", "FRL units", "over cap"].map(|what| format!("Tier {number} {what}"))
}

/// Formulas over a participant's rows on *Completions*, found by the cell with its code.
pub(super) struct Formulas {
    pub(super) code: String,
}

impl Formulas {
    /// Units, units with lunch and over cap of a tier.
    fn of_tier(&self, number: u32) -> [String; 3] {
        let tier = number.to_string();
        [
            self.units(&tier),
            self.frl_units(&tier),
            self.over_cap(&tier),
        ]
    }

    fn key(&self) -> String {
        format!("\"{KEY_PREFIX}\"&{}", self.code)
    }

    fn rows(&self) -> String {
        formulas::count(&[(KEY, &self.key())])
    }

    fn rows_paid(&self) -> String {
        formulas::count(&[(KEY, &self.key()), (OUTCOME, &is(Outcome::Paid))])
    }

    pub(super) fn units(&self, tier: &str) -> String {
        over_units(formulas::count, &[(KEY, &self.key()), (TIER, tier)])
    }

    fn frl_units(&self, tier: &str) -> String {
        over_units(
            formulas::count,
            &[(KEY, &self.key()), (TIER, tier), (FRL, "\"Y\"")],
        )
    }

    pub(super) fn over_cap(&self, tier: &str) -> String {
        formulas::count(&[
            (KEY, &self.key()),
            (TIER, tier),
            (OUTCOME, &is(Outcome::OverCap)),
        ])
    }

    pub(super) fn amount(&self, tier: &str) -> String {
        format!(
            "ROUND({},2)",
            formulas::sum(AMOUNT, &[(KEY, &self.key()), (TIER, tier)])
        )
    }
}

/// A participant's figure in a column, for another sheet that has its code.
pub(super) fn figure(heading: &str, code: &str) -> String {
    figure_of(CODE, code, heading)
}

/// The sum of a column over the participants of a payee.
pub(super) fn figure_of_payee(heading: &str, payee: &str) -> String {
    figure_of(PAYEE, payee, heading)
}

/// The sum of a column over lines with a text in another column. An equality compares texts; a criterion would compare them as
/// numbers.
fn figure_of(by: &str, text: &str, heading: &str) -> String {
    format!("ROUND(SUMPRODUCT(({PARTICIPANTS}[{by}]={text})*1,{PARTICIPANTS}[{heading}]),2)")
}

/// The units within the cap that a participant has in tiers of these numbers, for another sheet.
pub(super) fn all_units(tiers: impl Iterator<Item = u32>, code: &str) -> String {
    let of_tiers: Vec<String> = tiers
        .map(|tier| figure(&counts_of_tier(tier)[0], code))
        .collect();
    of_tiers.join("+")
}

/// How many of the participants that a tier's cap binds have units that take more than its limit, which is in a cell.
pub(super) fn above_the_limit(
    tier: u32,
    (limit, multiplier): (Limit, Weight),
    cell: &str,
    bound: KindSet,
) -> String {
    let [units, frl, _] = counts_of_tier(tier).map(|heading| format!("{PARTICIPANTS}[{heading}]"));
    let (taken, most) = match limit {
        Limit::Units(_) => (units, cell.to_string()),
        // Whole cents: not every spreadsheet rounds each number of a column.
        Limit::Worth { .. } => {
            let [ordinary, with_frl] = [Weight::ONE, multiplier].map(|unit| limit.takes(unit));
            (
                format!("({units}-{frl})*{ordinary}+{frl}*{with_frl}"),
                format!("ROUND({cell}*100,0)"),
            )
        }
    };
    format!("SUMPRODUCT(({taken}>{most})*{})", is_bound(bound))
}

/// How many have units over the cap but fewer within it than its limit.
pub(super) fn cut_below_the_limit(tier: u32, limit: &str, bound: KindSet) -> String {
    let [units, _, over_cap] = counts_of_tier(tier);
    format!(
        "SUMPRODUCT(({PARTICIPANTS}[{over_cap}]>0)*({PARTICIPANTS}[{units}]<{limit})*{})",
        is_bound(bound)
    )
}

/// 1 for a participant that a cap binds, 0 for others.
fn is_bound(bound: KindSet) -> String {
    let mut kinds = vec!["0".to_string()];
    kinds.extend(
        bound
            .iter()
            .map(|kind| format!("({PARTICIPANTS}[{KIND}]=\"{}\")", kind.label())),
    );
    format!("({})", kinds.join("+"))
}

/// The heading of what a tier pays.
pub(super) fn amount_heading(tier: u32) -> String {
    format!("Tier {tier} amount")
}

/// The participants that the sheet shows, by rank: those that take part or have rows. The list has every district of the state, and
/// the others would only hide these.
pub(super) fn shown(report: &Workbooks<'_>) -> Vec<ParticipantRank> {
    let participants = report.calculation.intake.participants.all();
    let of_rows = report
        .calculation
        .results
        .by_participant(participants.len());
    ParticipantRank::all(participants.len())
        .filter(|rank| participants[*rank].participating || of_rows[*rank].rows > 0)
        .collect()
}

/// The codes of participants that count as not participating by a line of the resolutions.
fn excluded(report: &Workbooks<'_>) -> BTreeSet<String> {
    let calculation = report.calculation;
    let lines = calculation.intake.resolutions.iter();
    let effective = lines
        .zip(&calculation.lines)
        .filter(|(line, effect)| line.ruling == Some(Ruling::Exclude) && effect.took_effect());
    effective
        .filter_map(|(line, _)| match &line.subject {
            Ok(Subject::Participant { district, school }) => {
                Some(participant_code(district, school))
            }
            _ => None,
        })
        .collect()
}

/// Whose money a line shows.
enum Whose {
    /// A participant's own, by formulas over *Completions*; the row of its line, from 0.
    OwnByFormula(u32),
    /// A participant's own, as values.
    Own,
    /// All participants', as sums of the columns.
    Total,
    /// A kind's, as sums of the columns over its lines.
    Kind(ParticipantKind),
}

/// What the lines of the sheet need.
struct Lines<'l> {
    report: &'l Workbooks<'l>,
    columns: Vec<Column>,
    shown: Vec<ParticipantRank>,
    /// The rows of each participant, and the paid ones.
    rows: Vec<Tally>,
    paid: Vec<Tally>,
    /// What each participant's rows over the cap would be paid; none if no tier has a cap.
    cap_costs: Option<Vec<Money>>,
    /// The codes of participants that a decision excludes.
    excluded: BTreeSet<String>,
    live: bool,
}

impl<'l> Lines<'l> {
    fn of(report: &'l Workbooks<'l>) -> Lines<'l> {
        let calculation = report.calculation;
        let participants = calculation.intake.participants.all().len();
        let results = &calculation.results;
        let rows = results.by_participant(participants);
        let paid = results
            .only(Dimension::Outcome, Outcome::Paid as usize)
            .by_participant(participants);
        Lines {
            report,
            columns: columns(report, calculation.batch.supplement.is_some()),
            shown: shown(report),
            rows,
            paid,
            cap_costs: has_cap(report).then(|| cap_costs(report)),
            excluded: excluded(report),
            live: report.without_formulas().is_none(),
        }
    }

    /// The sum of a column over the participants of a total's line.
    fn sum(&self, heading: &str, whose: &Whose) -> Option<String> {
        self.live.then(|| match whose {
            Whose::Kind(kind) => figure_of(KIND, &format!("\"{}\"", kind.label()), heading),
            _ => format!("ROUND(SUM({PARTICIPANTS}[{heading}]),2)"),
        })
    }

    /// The formulas of the participant whose line is in a row.
    fn formulas(&self, row: u32) -> Formulas {
        Formulas {
            code: format!("${}", Letters(&self.columns).cell(CODE, row)),
        }
    }

    fn line(&self, index: usize, cells: &mut Vec<Cell<'l>>) {
        let rank = self.shown[index];
        let participant = &self.report.calculation.intake.participants.all()[rank];
        // With formulas there are fewer participants than a sheet has rows.
        let row = u32::try_from(index)
            .ok()
            .filter(|_| self.live)
            .map(|row| FIRST_ROW + row);
        let of = row.map(|row| self.formulas(row));
        let takes_part = match participant.participating {
            true if self.excluded.contains(participant.code()) => "Excluded",
            true => "Yes",
            false => "No",
        };
        cells.extend([
            Cell::text(participant.code()),
            Cell::words(&participant.name),
            Cell::text(participant.kind.label()),
            Cell::text(takes_part),
            Cell::text(participant.payee()),
            Cell::Count(self.rows[rank].rows).by(of.as_ref().map(Formulas::rows)),
            Cell::Count(self.paid[rank].rows).by(of.as_ref().map(Formulas::rows_paid)),
        ]);
        let whose = row.map_or(Whose::Own, Whose::OwnByFormula);
        self.money(&[rank], &whose, cells);
        let payee = row.map(|row| {
            let code = Letters(&self.columns).cell(PAYEE, row);
            figure_of_payee(TOTAL, &format!("${code}"))
        });
        cells.push(Cell::Money(self.of_payee(participant.payee())).by(payee));
        cells.extend(
            self.cap_costs
                .iter()
                .map(|costs| Cell::Money(costs[rank.index()])),
        );
        self.units(&[rank], &whose, cells);
    }

    /// What a payee gets for all its participants.
    fn of_payee(&self, payee: &str) -> Money {
        let calculation = self.report.calculation;
        let participants = calculation.intake.participants.all();
        ParticipantRank::all(participants.len())
            .filter(|rank| participants[*rank].payee() == payee)
            .map(|rank| calculation.allocation.total_of(rank))
            .sum()
    }

    fn total(&self, label: String, ranks: &[ParticipantRank], whose: &Whose) -> Vec<Cell<'static>> {
        let count = |of: &[Tally], heading: &str| {
            Cell::Count(ranks.iter().map(|rank| of[*rank].rows).sum()).by(self.sum(heading, whose))
        };
        let mut cells = vec![Cell::text(label)];
        cells.extend([const { Cell::Empty }; 4]);
        cells.push(count(&self.rows, ROWS));
        cells.push(count(&self.paid, ROWS_PAID));
        self.money(ranks, whose, &mut cells);
        // Not summed: a payee's total is on the line of each of its participants.
        cells.push(Cell::Empty);
        if let Some(costs) = &self.cap_costs {
            let sum = ranks.iter().map(|rank| costs[rank.index()]).sum();
            cells.push(Cell::Money(sum));
        }
        self.units(ranks, whose, &mut cells);
        cells
    }

    /// Below the total: a line for each kind, then the rows without a participant, so that rows reconcile with *Completions*.
    fn beneath(&self) -> Vec<(Tone, Vec<Cell<'static>>)> {
        let participants = self.report.calculation.intake.participants.all();
        let mut lines = Vec::new();
        for kind in ParticipantKind::ALL {
            let shown = self.shown.iter().copied();
            let ranks: Vec<ParticipantRank> = shown
                .filter(|rank| participants[*rank].kind == *kind)
                .collect();
            if ranks.is_empty() {
                continue;
            }
            let mut line = self.total(
                format!("{} of this kind", ranks.len()),
                &ranks,
                &Whose::Kind(*kind),
            );
            line[2] = Cell::text(kind.label());
            lines.push((Tone::Plain, line));
        }
        let listed: u64 = self.shown.iter().map(|rank| self.rows[*rank].rows).sum();
        let submitted = self.report.records.len() as u64;
        let of = |formula: String| self.live.then_some(formula);
        let nobody = formulas::count(&[(KEY, &format!("\"{KEY_PREFIX}\""))]);
        for (tone, label, rows, formula) in [
            (
                Tone::Plain,
                "Rows without a participant",
                submitted - listed,
                nobody,
            ),
            (
                Tone::Total,
                "All submitted rows",
                submitted,
                format!("ROWS({COMPLETIONS}[{OUTCOME}])"),
            ),
        ] {
            let mut line = vec![Cell::Empty; self.columns.len()];
            line[0] = Cell::text(label);
            let at = usize::from(Letters(&self.columns).at(ROWS));
            line[at] = Cell::Count(rows).by(of(formula));
            lines.push((tone, line));
        }
        lines
    }

    /// Amount of each tier, the supplement and the total.
    fn money(&self, ranks: &[ParticipantRank], whose: &Whose, cells: &mut Vec<Cell<'_>>) {
        let calculation = self.report.calculation;
        let allocation = &calculation.allocation;
        let letters = Letters(&self.columns);
        let mut parts = Vec::new();
        for (tier, result) in calculation.batch.rules.tiers.iter().zip(&allocation.tiers) {
            let heading = amount_heading(tier.number);
            let formula = match whose {
                Whose::OwnByFormula(row) => {
                    parts.push(letters.cell(&heading, *row));
                    Some(self.formulas(*row).amount(&tier.number.to_string()))
                }
                Whose::Own => None,
                Whose::Total | Whose::Kind(_) => self.sum(&heading, whose),
            };
            let shares = ranks.iter().map(|rank| result.shares[*rank].amount);
            cells.push(Cell::Money(shares.sum()).by(formula));
        }
        if calculation.batch.supplement.is_some() {
            // A participant's own supplement is a value: its division has more digits than a spreadsheet carries.
            let formula = match whose {
                Whose::Total | Whose::Kind(_) => self.sum(SUPPLEMENT, whose),
                Whose::Own | Whose::OwnByFormula(_) => None,
            };
            let supplements = ranks.iter().map(|rank| allocation.supplements[*rank]);
            cells.push(Cell::Money(supplements.sum()).by(formula));
            if let Whose::OwnByFormula(row) = whose {
                parts.push(letters.cell(SUPPLEMENT, *row));
            }
        }
        let formula = match whose {
            Whose::OwnByFormula(_) => Some(format!("ROUND({},2)", parts.join("+"))),
            Whose::Own => None,
            Whose::Total | Whose::Kind(_) => self.sum(TOTAL, whose),
        };
        let totals = ranks.iter().map(|rank| allocation.total_of(*rank));
        cells.push(Cell::Money(totals.sum()).by(formula));
    }

    /// Units, units with lunch and units over the cap, of each tier.
    fn units(&self, ranks: &[ParticipantRank], whose: &Whose, cells: &mut Vec<Cell<'_>>) {
        let calculation = self.report.calculation;
        let tiers = calculation.batch.rules.tiers.iter();
        for (tier, result) in tiers.zip(&calculation.allocation.tiers) {
            let headings = counts_of_tier(tier.number);
            let formulas: [Option<String>; 3] = match whose {
                Whose::OwnByFormula(row) => self.formulas(*row).of_tier(tier.number).map(Some),
                Whose::Own => [const { None }; 3],
                Whose::Total | Whose::Kind(_) => {
                    headings.each_ref().map(|heading| self.sum(heading, whose))
                }
            };
            let total = sum_of_shares(ranks.iter().map(|rank| result.shares[*rank]));
            let counts = [total.units, total.frl_units, total.over_cap];
            let counted = counts.into_iter().zip(formulas);
            cells.extend(counted.map(|(count, formula)| Cell::Count(count).by(formula)));
        }
    }
}

fn has_cap(report: &Workbooks<'_>) -> bool {
    let tiers = &report.calculation.allocation.tiers;
    tiers.iter().any(|tier| tier.cap.is_some())
}

fn cap_costs(report: &Workbooks<'_>) -> Vec<Money> {
    let calculation = report.calculation;
    let by_tier = over_cap_at_rates(&calculation.decisions, &calculation.allocation);
    ParticipantRank::all(calculation.intake.participants.all().len())
        .map(|rank| by_tier.iter().map(|costs| costs[rank.index()]).sum())
        .collect()
}

fn sum_of_shares(shares: impl Iterator<Item = TierShare>) -> TierShare {
    shares.fold(TierShare::default(), |sum, share| TierShare {
        units: sum.units + share.units,
        frl_units: sum.frl_units + share.frl_units,
        over_cap: sum.over_cap + share.over_cap,
        amount: sum.amount + share.amount,
    })
}

/// Writes the sheet.
pub(super) fn write(
    workbook: &mut Workbook,
    report: &Workbooks<'_>,
    stamp: &Stamp,
) -> Result<(), XlsxError> {
    let lines = Lines::of(report);
    let total = |label, range: Range<usize>| lines.total(label, &lines.shown[range], &Whose::Total);
    let beneath = || lines.beneath();
    let listing = Listing {
        name: PARTICIPANTS,
        about: "Everyone who takes part or sent rows. Money by tier comes first; units are farther right. Total of payee includes all participants \
                paid through it. Cap cost at most: what the rows over the cap would earn at the tier's rates, less if a pupil is paid in a later \
                tier; this figure does not follow a shaded cell. Below the total: each kind, and the rows without a participant."
            .to_string(),
        notice: false,
        columns: lines.columns.clone(),
        frozen: 2,
        rows: lines.shown.len(),
        none: "nobody takes part",
        total: Some(&total),
        beneath: Some(&beneath),
    };
    listing.write(workbook, report.kit(), stamp, |row, cells| {
        lines.line(row, cells);
        Tone::Plain
    })
}

fn columns(report: &Workbooks<'_>, supplement: bool) -> Vec<Column> {
    let money_width = report.money_width;
    let mut columns = vec![
        Column::text(CODE, 15.0),
        Column::text("Name", report.name_width),
        Column::text(KIND, 18.0),
        Column::text("Takes part", 10.0),
        Column::text(PAYEE, 10.0),
        Column::figures(ROWS, 10.0),
        Column::figures(ROWS_PAID, 10.0),
    ];
    let tiers = &report.calculation.batch.rules.tiers;
    let amounts = tiers.iter().map(|tier| amount_heading(tier.number));
    columns.extend(amounts.map(|heading| Column::figures_of(heading, money_width)));
    if supplement {
        columns.push(Column::figures(SUPPLEMENT, money_width));
    }
    columns.push(Column::figures(TOTAL, money_width));
    columns.push(Column::figures(PAYEES_TOTAL, money_width));
    if has_cap(report) {
        columns.push(Column::figures(CAP_COST, money_width));
    }
    // These come last: they are for the screen and do not fit on paper.
    let counts = tiers.iter().flat_map(|tier| counts_of_tier(tier.number));
    columns.extend(counts.map(|heading| Column::figures_of(heading, 11.0).on_screen()));
    columns
}
