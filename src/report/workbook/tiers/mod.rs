//! *Tiers*: how each tier came to its rate, in figures and in words.

mod over;
mod words;

use crate::sheets::book::Workbook;
use rust_xlsxwriter::XlsxError;
use rust_xlsxwriter::utility::{cell_range_absolute, row_col_to_cell_absolute};

use super::context::Workbooks;
use super::formulas::{self, AVAILABLE, Letters, TIER_NUMBERS, TIER_RATES, TierCells, cap_share};
use super::headings::{CODES, FRL as LUNCH, OUTCOME, TIER, WEIGHT as ROW_WEIGHT};
use crate::allocation::{Cap, TierResult};
use crate::catalogue::Severity;
use crate::decision::Outcome;
use crate::money::Money;
use crate::rules::readings::{CapBase, CapMoney};
use crate::rules::terms::Category;
use crate::rules::{Share, Tier};
use crate::sheets::cell::Cell;
use crate::sheets::look::Tone;
use crate::sheets::page::{Column, Filter, Page, Stamp};

/// The sheet's name.
pub(super) const TIERS: &str = "Tiers";
const UNIT_TABLE: &str = "Units_and_cap";
const MONEY_TABLE: &str = "Money_and_rate";

/// Whether the tier was funded, in a word or two.
pub(super) fn funding(result: &TierResult) -> &'static str {
    match result {
        result if result.units == 0 => "no units",
        result if result.paid == Money::ZERO => "unfunded",
        result if result.prorated => "prorated",
        _ => "in full",
    }
}

/// Writes the sheet.
pub(super) fn write(
    workbook: &mut Workbook,
    report: &Workbooks<'_>,
    stamp: &Stamp,
) -> Result<(), XlsxError> {
    let money = report.money_width;
    let widths = vec![
        8.0,
        34.0,
        money,
        money,
        money,
        13.0,
        13.0,
        money.max(22.0),
        14.0,
        money,
        14.0,
        15.0,
    ];
    let about = "Tiers are funded strictly in order; a later tier is paid only from what the earlier ones leave.";
    let mut page = Page::begin(
        workbook.add_worksheet(),
        &report.look,
        stamp,
        TIERS,
        (about, false),
        widths,
    )?;
    page.as_document()?;
    page.skip();

    // The figures of a tier are in two tables, at the same distance from the first row.
    let live = report.without_formulas().is_none();
    let mut names = Vec::new();
    let units = unit_table(&mut page, report, live, &mut names)?;
    page.skip();
    money_table(&mut page, report, live.then_some(units), &mut names)?;
    page.skip();
    in_words(&mut page, report)?;
    page.skip();
    over::write(&mut page, report, live.then_some(units))?;
    for (name, cells) in names {
        workbook.define_name(name, &format!("={TIERS}!{cells}"))?;
    }
    Ok(())
}

/// A name for formulas, and its cells.
type Named = (String, String);

/// Writes the table of units; gives the row of the first tier, from 0.
fn unit_table(
    page: &mut Page<'_>,
    report: &Workbooks<'_>,
    live: bool,
    names: &mut Vec<Named>,
) -> Result<u32, XlsxError> {
    let results = &report.calculation.allocation.tiers;
    page.section("Units and cap")?;
    page.table(
        UNIT_TABLE,
        &UNIT_COLUMNS,
        rows_of(results),
        Filter::PlainTable,
    )?;
    let first = page.row();
    for (tier, result) in report.calculation.batch.rules.tiers.iter().zip(results) {
        let row = page.row();
        let formulas = live.then_some(UnitFormulas { report, tier, row });
        if live && result.cap.as_ref().and_then(Cap::share).is_some() {
            names.push((
                cap_share(tier.number),
                absolute(&UNIT_COLUMNS, CAP_SHARE, (row, row)),
            ));
        }
        page.line(&unit_cells(tier, result, formulas.as_ref()), Tone::Plain)?;
    }
    let rows = live.then_some((first, page.row() - 1));
    page.line(&unit_total(results, rows), Tone::Total)?;
    Ok(first)
}

/// Writes the table of money; `units` is the row of the first tier in the table of units, if there are formulas.
fn money_table(
    page: &mut Page<'_>,
    report: &Workbooks<'_>,
    units: Option<u32>,
    names: &mut Vec<Named>,
) -> Result<(), XlsxError> {
    let results = &report.calculation.allocation.tiers;
    page.section("Money and rate")?;
    page.table(
        MONEY_TABLE,
        &MONEY_COLUMNS,
        rows_of(results),
        Filter::PlainTable,
    )?;
    let first = page.row();
    for (tier, result) in report.calculation.batch.rules.tiers.iter().zip(results) {
        let row = page.row();
        let formulas = units.map(|units| MoneyFormulas {
            report,
            unit: units + (row - first),
            row,
            first: row == first,
        });
        page.line(&money_cells(tier, result, formulas.as_ref()), Tone::Plain)?;
    }
    let last = page.row() - 1;
    let rows = units.map(|_| (first, last));
    if rows.is_some() {
        names.push((
            TIER_NUMBERS.to_string(),
            absolute(&MONEY_COLUMNS, NUMBER, (first, last)),
        ));
        let [rate, frl_rate] = [RATE, FRL_RATE].map(|heading| Letters(&MONEY_COLUMNS).at(heading));
        names.push((
            TIER_RATES.to_string(),
            cell_range_absolute(first, rate, last, frl_rate),
        ));
    }
    page.line(&money_total(results, rows), Tone::Total)
}

/// A rule set has at least one tier and far fewer than a sheet has rows.
fn rows_of(results: &[TierResult]) -> u32 {
    u32::try_from(results.len()).unwrap_or(u32::MAX)
}

fn in_words(page: &mut Page<'_>, report: &Workbooks<'_>) -> Result<(), XlsxError> {
    let look = &report.look;
    let calculation = report.calculation;
    page.section("In words")?;
    let tiers = calculation.batch.rules.tiers.iter();
    for (tier, result) in tiers.zip(&calculation.allocation.tiers) {
        let text = format!(
            "{}{}",
            words::cap(report, result),
            words::rate(report, result)
        );
        let categories = crate::words::listed(tier.categories.iter().map(Category::label));
        page.spread(&[
            (0, 0, &format!("Tier {}", tier.number), &look.topic),
            (1, 1, &format!("{} ({categories})", tier.name), &look.topic),
            (2, page.last_column(), &text, &look.paragraph),
        ])?;
    }
    Ok(())
}

/// The cells under a heading over some rows, for a name.
fn absolute(columns: &[Column], heading: &str, (first, last): (u32, u32)) -> String {
    let column = Letters(columns).at(heading);
    if first == last {
        row_col_to_cell_absolute(first, column)
    } else {
        cell_range_absolute(first, column, last, column)
    }
}

// Headings of the two tables; other sheets refer to some of them.
const NUMBER: &str = "Tier";
const CERTIFICATES: &str = "Certificates";
const ALREADY_COUNTED: &str = "Already counted";
const CLAIMED: &str = "Units claimed";
const CAP_SHARE: &str = "Cap, share";
const CAP_BASE: &str = "Cap, base";
pub(super) const CAP_LIMIT: &str = "Cap, limit for each";
pub(super) const OVER_CAP: &str = "Over cap";
pub(super) const UNITS: &str = "Units";
pub(super) const FRL_UNITS: &str = "With FRL";
pub(super) const WEIGHT: &str = "Weight";
pub(super) const MONEY_BEFORE: &str = "Money before";
const DEMAND: &str = "Divided by weight";
const QUOTIENT: &str = "Money ÷ weight";
pub(super) const RATE: &str = "Rate";
pub(super) const FRL_RATE: &str = "FRL rate";
pub(super) const PAID: &str = "Paid";
pub(super) const RESIDUAL: &str = "Residual";
pub(super) const MONEY_AFTER: &str = "Money after";
pub(super) const FUNDING: &str = "Funding";

const UNIT_COLUMNS: [Column; 12] = [
    Column::figure(NUMBER),
    Column::word("Name"),
    Column::figure(CERTIFICATES),
    Column::figure(ALREADY_COUNTED),
    Column::figure(CLAIMED),
    Column::figure(CAP_SHARE),
    Column::figure(CAP_BASE),
    Column::figure(CAP_LIMIT),
    Column::figure(OVER_CAP),
    Column::figure(UNITS),
    Column::figure(FRL_UNITS),
    Column::figure(WEIGHT),
];

/// The formulas of a tier in the table of units: they count rows of *Completions*.
struct UnitFormulas<'f> {
    report: &'f Workbooks<'f>,
    tier: &'f Tier,
    row: u32,
}

impl UnitFormulas<'_> {
    fn cell(&self, heading: &str) -> String {
        Letters(&UNIT_COLUMNS).cell(heading, self.row)
    }

    fn rows(&self, outcome: Outcome) -> String {
        formulas::count(&[
            (TIER, &self.cell(NUMBER)),
            (OUTCOME, &formulas::is(outcome)),
        ])
    }

    fn base(&self) -> String {
        match self.report.calculation.batch.readings.cap_base {
            CapBase::Qualified => self.cell(CERTIFICATES),
            // Readable rows have no E code, which would be the first of a row's codes.
            CapBase::Reported => {
                let tier = self.cell(NUMBER);
                let set_aside = match self.set_aside() {
                    0 => String::new(),
                    rows => format!("-{rows}"),
                };
                format!(
                    "{}-{}{set_aside}",
                    formulas::count(&[(TIER, &tier)]),
                    formulas::count(&[(TIER, &tier), (CODES, "\"E*\"")])
                )
            }
        }
    }

    /// Readable rows of the tier that a decision set aside: no column of the list tells them from other denied rows.
    fn set_aside(&self) -> usize {
        let calculation = self.report.calculation;
        let tiers = &calculation.batch.rules.tiers;
        calculation
            .decisions
            .iter()
            .filter(|decision| decision.set_aside && !decision.codes.any(Severity::Rejected))
            .filter_map(|decision| decision.tier)
            .filter(|tier| tiers[*tier].number == self.tier.number)
            .count()
    }

    fn limit(&self, share: &Share) -> String {
        let rounding = self.report.calculation.batch.readings.cap_rounding;
        formulas::limit(
            rounding,
            share,
            &cap_share(self.tier.number),
            &self.cell(CAP_BASE),
        )
    }

    fn units(&self, and: &[(&str, &str)]) -> String {
        formulas::over_units(
            formulas::count,
            &[&[(TIER, self.cell(NUMBER).as_str())], and].concat(),
        )
    }

    fn weight(&self) -> String {
        let tier = self.cell(NUMBER);
        format!(
            "ROUND({},2)",
            formulas::over_units(
                |criteria| formulas::sum(ROW_WEIGHT, criteria),
                &[(TIER, &tier)]
            )
        )
    }
}

fn unit_cells<'c>(
    tier: &'c Tier,
    result: &TierResult,
    formulas: Option<&UnitFormulas<'_>>,
) -> Vec<Cell<'c>> {
    let claimed = result.units + result.over_cap;
    let none = || Cell::Digits("no cap".into());
    let input = |cell: Cell<'c>| {
        if formulas.is_some() {
            Cell::Input(Box::new(cell))
        } else {
            cell
        }
    };
    let no_share = || Cell::Digits("no share".into());
    let cap = match (&result.cap, result.cap.as_ref().and_then(Cap::share)) {
        (None, _) => [none(), none(), none()],
        (Some(cap), None) => [no_share(), no_share(), cap.limit().cell()],
        (Some(cap), Some((share, base))) => [
            input(Cell::Percent(share.numerator, share.denominator)),
            Cell::Count(base).by(formulas.map(UnitFormulas::base)),
            cap.limit().cell().by(formulas.map(|of| of.limit(share))),
        ],
    };
    let mut cells = vec![
        Cell::Number(tier.number),
        Cell::words(&tier.name),
        Cell::Count(result.certificates)
            .by(formulas.map(|of| format!("{}+{}", of.cell(ALREADY_COUNTED), of.cell(CLAIMED)))),
        Cell::Count(result.certificates - claimed)
            .by(formulas.map(|of| of.rows(Outcome::AlreadyCounted))),
        Cell::Count(claimed)
            .by(formulas.map(|of| format!("{}+{}", of.cell(OVER_CAP), of.cell(UNITS)))),
    ];
    cells.extend(cap);
    cells.extend([
        Cell::Count(result.over_cap).by(formulas.map(|of| of.rows(Outcome::OverCap))),
        Cell::Count(result.units).by(formulas.map(|of| of.units(&[]))),
        Cell::Count(result.frl_units).by(formulas.map(|of| of.units(&[(LUNCH, "\"Y\"")]))),
        Cell::Weight(result.weight_hundredths).by(formulas.map(UnitFormulas::weight)),
    ]);
    cells
}

/// The sum of a column over the rows of the tiers, from the first to the last; money to the cent.
fn sum_of(columns: &[Column], heading: &str, rows: Option<(u32, u32)>) -> Option<String> {
    rows.map(|(first, last)| {
        format!(
            "ROUND(SUM({}),2)",
            Letters(columns).range(heading, first, last)
        )
    })
}

fn unit_total(results: &[TierResult], rows: Option<(u32, u32)>) -> Vec<Cell<'static>> {
    let count = |heading: &str, of: fn(&TierResult) -> u64| {
        Cell::Count(results.iter().map(of).sum()).by(sum_of(&UNIT_COLUMNS, heading, rows))
    };
    vec![
        Cell::text("Total"),
        Cell::Empty,
        count(CERTIFICATES, |tier| tier.certificates),
        count(ALREADY_COUNTED, |tier| {
            tier.certificates - tier.units - tier.over_cap
        }),
        count(CLAIMED, |tier| tier.units + tier.over_cap),
        Cell::Empty,
        Cell::Empty,
        Cell::Empty,
        count(OVER_CAP, |tier| tier.over_cap),
        count(UNITS, |tier| tier.units),
        count(FRL_UNITS, |tier| tier.frl_units),
        Cell::Weight(results.iter().map(|tier| tier.weight_hundredths).sum()).by(sum_of(
            &UNIT_COLUMNS,
            WEIGHT,
            rows,
        )),
    ]
}

const MONEY_COLUMNS: [Column; 11] = [
    Column::figure(NUMBER),
    Column::word("Name"),
    Column::figure(MONEY_BEFORE),
    Column::figure(DEMAND),
    Column::figure(QUOTIENT),
    Column::figure(RATE),
    Column::figure(FRL_RATE),
    Column::figure(PAID),
    Column::figure(RESIDUAL),
    Column::figure(MONEY_AFTER),
    Column::word(FUNDING),
];

/// The formulas of a tier in the table of money: from the money before it to the money after it. Divisions are of whole numbers,
/// cents and hundredths of weight.
struct MoneyFormulas<'f> {
    report: &'f Workbooks<'f>,
    /// The tier's row in the table of units.
    unit: u32,
    /// Its row in this one.
    row: u32,
    /// Whether no tier is before it.
    first: bool,
}

impl MoneyFormulas<'_> {
    fn cell(&self, heading: &str) -> String {
        Letters(&MONEY_COLUMNS).cell(heading, self.row)
    }

    fn unit(&self, heading: &str) -> String {
        Letters(&UNIT_COLUMNS).cell(heading, self.unit)
    }

    fn to_next_tier(&self) -> bool {
        self.report.calculation.batch.readings.cap_money == CapMoney::ToNextTier
    }

    fn before(&self) -> String {
        if self.first {
            AVAILABLE.to_string()
        } else {
            Letters(&MONEY_COLUMNS).cell(MONEY_AFTER, self.row - 1)
        }
    }

    fn demand(&self) -> String {
        let within = self.unit(WEIGHT);
        if !self.to_next_tier() {
            return within;
        }
        let over_cap = formulas::sum(
            ROW_WEIGHT,
            &[
                (TIER, &self.cell(NUMBER)),
                (OUTCOME, &formulas::is(Outcome::OverCap)),
            ],
        );
        format!("ROUND({within}+{over_cap},2)")
    }

    /// The cells that the tier's money is calculated from.
    fn cells(&self) -> TierCells {
        TierCells {
            units: self.unit(UNITS),
            demand: self.cell(DEMAND),
            before: self.cell(MONEY_BEFORE),
            rate: self.cell(RATE),
        }
    }

    fn quotient(&self) -> String {
        self.cells().quotient()
    }

    fn rate(&self) -> String {
        self.cells().rate()
    }

    fn frl_rate(&self) -> String {
        self.cells().frl_rate()
    }

    fn if_prorated(&self, then: &str, otherwise: &str) -> String {
        self.cells().if_prorated(then, otherwise)
    }

    fn share(&self, weight: &str) -> String {
        self.cells().share(weight)
    }

    fn paid(&self) -> String {
        let (units, lunch) = (self.unit(UNITS), self.unit(FRL_UNITS));
        let at_rates = format!(
            "ROUND(({units}-{lunch})*{}+{lunch}*{},2)",
            self.cell(RATE),
            self.cell(FRL_RATE)
        );
        match (self.report.amounts_follow_rates(), self.to_next_tier()) {
            (true, _) => at_rates,
            // All of it, to the cent.
            (false, false) => self.if_prorated(&self.cell(MONEY_BEFORE), &at_rates),
            (false, true) => self.if_prorated(&self.share(&self.unit(WEIGHT)), &at_rates),
        }
    }

    fn residual(&self) -> String {
        self.if_prorated(
            &format!(
                "ROUND({}-{}-{},2)",
                self.cell(MONEY_BEFORE),
                self.cell(PAID),
                self.cell(MONEY_AFTER)
            ),
            "0",
        )
    }

    fn after(&self) -> String {
        let carried = if self.to_next_tier() {
            self.share(&format!("({}-{})", self.cell(DEMAND), self.unit(WEIGHT)))
        } else {
            "0".to_string()
        };
        self.if_prorated(
            &carried,
            &format!("ROUND({}-{},2)", self.cell(MONEY_BEFORE), self.cell(PAID)),
        )
    }

    fn funding(&self) -> String {
        let prorated = self.if_prorated("\"prorated\"", "\"in full\"");
        format!(
            "IF({}=0,\"no units\",IF({}=0,\"unfunded\",{prorated}))",
            self.unit(UNITS),
            self.cell(PAID)
        )
    }
}

fn money_cells<'c>(
    tier: &'c Tier,
    result: &TierResult,
    formulas: Option<&MoneyFormulas<'_>>,
) -> Vec<Cell<'c>> {
    let shown = words::quotient(result);
    vec![
        Cell::Number(tier.number),
        Cell::words(&tier.name),
        Cell::Money(result.money_before).by(formulas.map(MoneyFormulas::before)),
        Cell::Weight(result.demand_hundredths).by(formulas.map(MoneyFormulas::demand)),
        match formulas {
            Some(of) => Cell::Quotient(result.money_before, result.demand_hundredths)
                .by(Some(of.quotient())),
            None => shown.map_or(Cell::Empty, Cell::Digits),
        },
        Cell::Money(result.rate).by(formulas.map(MoneyFormulas::rate)),
        Cell::Money(result.frl_rate).by(formulas.map(MoneyFormulas::frl_rate)),
        Cell::Money(result.paid).by(formulas.map(MoneyFormulas::paid)),
        Cell::Money(result.residual).by(formulas.map(MoneyFormulas::residual)),
        Cell::Money(result.money_after).by(formulas.map(MoneyFormulas::after)),
        Cell::text(funding(result)).by(formulas.map(MoneyFormulas::funding)),
    ]
}

/// Money before and after a tier is the same money passed on, so only payments and residuals are summed.
fn money_total(results: &[TierResult], rows: Option<(u32, u32)>) -> Vec<Cell<'static>> {
    let sum = |heading: &str, of: fn(&TierResult) -> Money| {
        Cell::Money(results.iter().map(of).sum()).by(sum_of(&MONEY_COLUMNS, heading, rows))
    };
    let mut cells = vec![Cell::text("Total")];
    cells.resize(7, Cell::Empty);
    cells.extend([
        sum(PAID, |tier| tier.paid),
        sum(RESIDUAL, |tier| tier.residual),
        Cell::Empty,
        Cell::Empty,
    ]);
    cells
}

/// A figure of *Tiers* for another sheet: a tier's, by its position from 0, or the sum.
pub(super) fn figure(heading: &str, tier: Option<usize>) -> String {
    let table = if MONEY_COLUMNS.iter().any(|column| column.heading == heading) {
        MONEY_TABLE
    } else {
        UNIT_TABLE
    };
    match tier {
        Some(tier) => format!("INDEX({table}[{heading}],{})", tier + 1),
        None => format!("ROUND(SUM({table}[{heading}]),2)"),
    }
}
