//! The sheet that projects the auditor's findings to the whole population. Every figure that follows from them is a formula.

use crate::sheets::book::Workbook;
use rust_xlsxwriter::XlsxError;

use super::factors::{CONFIDENCE_DEFAULT, CONFIDENCES, FACTORS, OVERSTATEMENTS_MAX};
use super::workbook::{Places, to_fill};
use super::{Method, Sample};
use crate::money::Money;
use crate::sheets::cell::{Cell, OPEN};
use crate::sheets::look::{Kind, Look, Tone};
use crate::sheets::page::{Column, Filter, Page, Stamp};

pub(super) const SHEET: &str = "Evaluation";
/// Names of cells that formulas use.
pub(super) const INTERVAL: &str = "sample_interval";
const CONFIDENCE: &str = "sample_confidence";
const TOLERABLE: &str = "sample_tolerable";
const LEFT: &str = "Rows still to be audited";
/// The heading where what was understated is taken off what was overstated.
const NET: &str = "Projected to the population, net of understatement";

pub(super) fn write(
    workbook: &mut Workbook,
    look: &Look,
    stamp: &Stamp,
    sample: &Sample<'_>,
) -> Result<(), XlsxError> {
    let about = "What the amounts filled in on Selected rows say of the whole population. Every figure is a formula, except \
                 those of the population and the number of selections, which come from the report and the draw. Shaded cells can be changed.";
    let page = Page::begin(
        workbook.add_worksheet(),
        look,
        stamp,
        SHEET,
        (about, false),
        vec![46.0, 20.0, 12.0, 12.0, 12.0, 16.0, 16.0, 20.0],
    )?;
    let mut sheet = Evaluation {
        page,
        sample,
        places: Places::of(sample),
        names: Vec::new(),
        left: String::new(),
    };
    sheet.page.skip();
    sheet.page.section("Where the work stands")?;
    sheet.progress()?;
    match sample.plan.method {
        Method::Money if sample.has_interval() => sheet.monetary_units()?,
        Method::Money => sheet.every_row()?,
        Method::Random => sheet.every_row_alike()?,
        Method::Stratified => sheet.stratified()?,
    }
    for (name, row) in std::mem::take(&mut sheet.names) {
        workbook.define_name(name, &format!("='{SHEET}'!$B${row}"))?;
    }
    Ok(())
}

/// A figure: label, value, formula, and explanation.
struct Figure<'f> {
    words: &'f str,
    value: Cell<'f>,
    formula: String,
    about: &'f str,
}

struct Evaluation<'w, 's> {
    page: Page<'w>,
    sample: &'s Sample<'s>,
    places: Places,
    /// Named cells, all in column B: name and row as Excel counts it.
    names: Vec<(&'static str, u32)>,
    /// The cell that says how many rows are still to be audited.
    left: String,
}

impl Evaluation<'_, '_> {
    /// The next row, as Excel counts it.
    fn next(&self) -> u32 {
        self.page.row() + 1
    }

    /// Writes a figure; gives its cell.
    fn figure(&mut self, figure: Figure<'_>) -> Result<String, XlsxError> {
        let cell = format!("$B${}", self.next());
        self.page.line_to_edge(
            vec![
                Cell::text(figure.words),
                figure.value.by(Some(figure.formula)),
                Cell::text(figure.about),
            ],
            Tone::Plain,
        )?;
        Ok(cell)
    }

    /// Writes a cell that can be changed, under a name.
    fn input(
        &mut self,
        name: &'static str,
        words: &str,
        value: Cell<'_>,
        about: &str,
    ) -> Result<(), XlsxError> {
        self.names.push((name, self.next()));
        let cells = vec![Cell::text(words), value, Cell::text(about)];
        self.page.line_to_edge(cells, Tone::Plain)
    }

    fn progress(&mut self) -> Result<(), XlsxError> {
        let audited = self.places.all(&self.places.audited);
        let difference = self.places.all(&self.places.difference);
        let drawn = self.sample.drawn.len() as u64;
        let amounts = self.places.all(&self.places.amount);
        for (words, value, formula, about) in [
            ("Rows drawn", drawn, format!("ROWS({amounts})"), ""),
            (
                "Rows with an audited amount",
                0,
                format!("COUNT({audited})"),
                "",
            ),
            (
                LEFT,
                drawn,
                format!("ROWS({amounts})-COUNT({audited})"),
                "Audit every row before you conclude. Until then the figures below are of the rows audited so far.",
            ),
            (
                "Rows overstated",
                0,
                format!("COUNTIF({difference},\">0\")"),
                "Paid more than the evidence supports.",
            ),
            (
                "Rows understated",
                0,
                format!("COUNTIF({difference},\"<0\")"),
                "Paid less than the evidence supports.",
            ),
        ] {
            let cell = self.figure(Figure {
                words,
                value: Cell::Count(value),
                formula,
                about,
            })?;
            if words == LEFT {
                self.left = cell;
            }
        }
        self.figure(Figure {
            words: "Overstated in the rows drawn, net",
            value: Cell::Money(Money::ZERO),
            formula: format!("SUM({difference})"),
            about: "",
        })?;
        Ok(())
    }

    /// The population's rows and amount; gives their cells.
    fn population(&mut self) -> Result<[String; 2], XlsxError> {
        let (rows, amount) = self.sample.population();
        let mut cells = [String::new(), String::new()];
        for (place, (words, value)) in [
            ("Paid rows of the population", Cell::count(rows)),
            ("Amount of the population", Cell::Money(amount)),
        ]
        .into_iter()
        .enumerate()
        {
            cells[place] = format!("$B${}", self.next());
            let cells = vec![Cell::text(words), value];
            self.page.line_to_edge(cells, Tone::Plain)?;
        }
        Ok(cells)
    }

    fn every_row(&mut self) -> Result<(), XlsxError> {
        self.page.section("Result")?;
        self.page.note(
            "Nothing is projected",
            "Every paid row is in the sample, so the amount overstated in the rows drawn is that of the population.",
        )
    }

    fn every_row_alike(&mut self) -> Result<(), XlsxError> {
        self.page.section(NET)?;
        let [rows, amount] = self.population()?;
        let audited = self.places.all(&self.places.audited);
        let difference = self.places.all(&self.places.difference);
        let amounts = self.places.all(&self.places.amount);
        let count = format!("COUNT({audited})");
        for (words, formula, about) in [
            (
                "Projected by the mean difference",
                format!("IF({count}=0,\"{OPEN}\",{rows}*SUM({difference})/{count})"),
                "Mean overstatement of the audited rows times the rows of the population.",
            ),
            (
                "Projected by ratio",
                format!(
                    "IF({count}=0,\"{OPEN}\",{amount}*SUM({difference})/SUMPRODUCT(ISNUMBER({audited})*{amounts}))"
                ),
                "Overstated part of the audited amounts times the amount of the population.",
            ),
        ] {
            self.figure(Figure {
                words,
                value: Cell::Blank(Kind::Money),
                formula,
                about,
            })?;
        }
        self.no_limit()
    }

    /// Explains that rows drawn by count give no limit.
    fn no_limit(&mut self) -> Result<(), XlsxError> {
        self.page.note(
            "No upper limit",
            "A few rows with a difference do not support one. For a limit at a confidence that you choose, draw by monetary units (--method mus).",
        )
    }

    fn stratified(&mut self) -> Result<(), XlsxError> {
        self.page.section(NET)?;
        let columns = [
            Column::word("Kind of participant"),
            Column::figure("Tier"),
            Column::figure("Paid rows"),
            Column::figure("Drawn"),
            Column::figure("Audited"),
            Column::figure("Overstated"),
            Column::figure("Mean"),
            Column::figure("Projected"),
        ];
        let sample = self.sample;
        let lines = u32::try_from(sample.strata.len()).unwrap_or(u32::MAX);
        self.page
            .table("Projected", &columns, lines, Filter::PlainTable)?;
        let first = self.next();
        let [kinds, tiers, differences] = [
            &self.places.kind,
            &self.places.tier,
            &self.places.difference,
        ]
        .map(|column| self.places.all(column));
        for (stratum, tally) in &sample.strata {
            let row = self.next();
            let of_stratum = format!("({kinds}=A{row})*({tiers}=B{row})");
            let audited = format!("SUMPRODUCT({of_stratum}*ISNUMBER({differences}))");
            let overstated = format!("SUMIFS({differences},{kinds},A{row},{tiers},B{row})");
            self.page.line(
                &[
                    Cell::text(stratum.0.label()),
                    Cell::Number(stratum.1),
                    Cell::count(tally.rows),
                    Cell::count(tally.drawn),
                    Cell::Count(0).by(Some(audited)),
                    Cell::Money(Money::ZERO).by(Some(overstated)),
                    open_until(&format!("E{row}>0"), &format!("F{row}/E{row}")),
                    open_until(&format!("E{row}>0"), &format!("C{row}*G{row}")),
                ],
                Tone::Plain,
            )?;
        }
        let last = self.next() - 1;
        let sum = |column: char| Some(format!("SUM({column}{first}:{column}{last})"));
        let (rows, _) = sample.population();
        self.page.line(
            &[
                Cell::text("All"),
                Cell::Empty,
                Cell::count(rows).by(sum('C')),
                Cell::count(sample.drawn.len()).by(sum('D')),
                Cell::Count(0).by(sum('E')),
                Cell::Money(Money::ZERO).by(sum('F')),
                Cell::Empty,
                // Where no row of a stratum is audited, nothing is known of it, nor of all.
                open_until(
                    &format!("COUNT(H{first}:H{last})=ROWS(H{first}:H{last})"),
                    &format!("SUM(H{first}:H{last})"),
                ),
            ],
            Tone::Total,
        )?;
        self.no_limit()
    }

    fn monetary_units(&mut self) -> Result<(), XlsxError> {
        let (_, amount) = self.sample.population();
        let size = self.sample.plan.size as u64;
        self.page.section("What you decide")?;
        self.input(
            CONFIDENCE,
            "Confidence",
            Cell::Input(Box::new(Cell::Percent(
                CONFIDENCES[CONFIDENCE_DEFAULT],
                100,
            ))),
            "80%, 90% or 95%: one of the columns of factors below.",
        )?;
        self.input(
            TOLERABLE,
            "Tolerable overstatement",
            to_fill(Kind::Money),
            "The largest overstatement that you accept. Empty: no conclusion is drawn.",
        )?;
        self.page.section("Projected to the population")?;
        let [_, total] = self.population()?;
        let selections = format!("$B${}", self.next());
        let cells = vec![Cell::text("Selections"), Cell::Count(size)];
        self.page.line_to_edge(cells, Tone::Plain)?;
        self.names.push((INTERVAL, self.next()));
        self.figure(Figure {
            words: "Interval",
            value: Cell::Quotient(amount, size.saturating_mul(100)),
            formula: format!("{total}/{selections}"),
            about: "Amount by selections. A row of an interval or more is always drawn, and is not projected.",
        })?;
        let projected = self.places.all(&self.places.projected);
        let over = self.figure(Figure {
            words: "Projected overstatement",
            value: Cell::Money(Money::ZERO),
            formula: format!("SUMIF({projected},\">0\")"),
            about: "Of each row the overstated part of its amount, times the interval.",
        })?;
        self.figure(Figure {
            words: "Projected understatement",
            value: Cell::Money(Money::ZERO),
            formula: format!("-SUMIF({projected},\"<0\")"),
            about: "Shown separately: it does not reduce the overstatement.",
        })?;
        self.upper_limit(&over)
    }

    /// The upper limit, and below it the table of factors.
    fn upper_limit(&mut self, over: &str) -> Result<(), XlsxError> {
        let (_, amount) = self.sample.population();
        // The figures below, a section, a note and the headings are above the table.
        let first = self.next() + 7;
        let last = first + u32::try_from(OVERSTATEMENTS_MAX).unwrap_or_default();
        let tainting = self.places.all(&self.places.tainting);
        let factor = FACTORS[0][CONFIDENCE_DEFAULT];
        let precision = basic_precision(amount, self.sample.plan.size as u64, factor);
        let basic = self.figure(Figure {
            words: "Basic precision",
            value: Cell::Money(precision),
            formula: format!("ROUND({INTERVAL}*F{first},2)"),
            about: "Overstatement that is possible even if no row shows any: the interval times the factor for 0.",
        })?;
        let allowance = self.figure(Figure {
            words: "Allowance for what was found",
            value: Cell::Money(Money::ZERO),
            formula: format!("SUM(H{first}:H{last})"),
            about: "From the table below.",
        })?;
        let left = self.left.clone();
        let too_many = format!("COUNTIF({tainting},\">0\")>{OVERSTATEMENTS_MAX}");
        let limit = self.figure(Figure {
            words: "Upper limit of the overstatement",
            value: Cell::Blank(Kind::Money),
            formula: format!(
                "IF({left}>0,\"{OPEN}\",IF({too_many},\"beyond the table\",{over}+{basic}+{allowance}))"
            ),
            about: "With the confidence above, the population is overstated by no more than this.",
        })?;
        self.figure(Figure {
            words: "Conclusion",
            value: Cell::Digits(OPEN.into()),
            formula: format!(
                "IF(OR({left}>0,NOT(ISNUMBER({TOLERABLE}))),\"{OPEN}\",IF({limit}<={TOLERABLE},\"accepted\",\"not accepted\"))"
            ),
            about: "Whether the limit is within the tolerable overstatement. Open until every row is audited.",
        })?;
        self.page.section("Confidence factors")?;
        self.page.note(
            "Source",
            "The mean of a Poisson distribution at which this many overstatements or fewer have the probability 1 - confidence, rounded up to hundredths. \
             The AICPA Audit Guide Audit Sampling prints the same table (monetary unit sampling, overstatements).",
        )?;
        self.factors(&tainting)
    }

    fn factors(&mut self, tainting: &str) -> Result<(), XlsxError> {
        let percent = |place: usize| format!("{}%", CONFIDENCES[place]);
        let columns = [
            Column::figure("Overstatements, the largest part first"),
            Column::figure("Part of the amount"),
            Column::figures_of(percent(0), 0.0),
            Column::figures_of(percent(1), 0.0),
            Column::figures_of(percent(2), 0.0),
            Column::figure("Factor"),
            Column::figure("Increase - 1"),
            Column::figure("Allowance"),
        ];
        let lines = u32::try_from(FACTORS.len()).unwrap_or(u32::MAX);
        self.page
            .table("Factors", &columns, lines, Filter::PlainTable)?;
        let [low, middle, high] = CONFIDENCES;
        for (place, factors) in FACTORS.iter().enumerate() {
            let row = self.next();
            let chosen = format!(
                "IF(ROUND({CONFIDENCE}*100,0)={low},C{row},IF(ROUND({CONFIDENCE}*100,0)={middle},D{row},\
                 IF(ROUND({CONFIDENCE}*100,0)={high},E{row},NA())))"
            );
            let factor = factors[CONFIDENCE_DEFAULT];
            let mut cells = vec![Cell::count(place), Cell::Empty];
            cells.extend(factors.map(Cell::Weight));
            cells.insert(5, Cell::Weight(factor).by(Some(chosen)));
            if place > 0 {
                let part =
                    format!("IF(COUNTIF({tainting},\">0\")>={place},LARGE({tainting},{place}),0)");
                cells[1] = Cell::Percent(0, 1).by(Some(part));
                let increase = factor - FACTORS[place - 1][CONFIDENCE_DEFAULT];
                let before = row - 1;
                cells.push(
                    // Consecutive factors differ by at least one.
                    Cell::Weight(increase.saturating_sub(100))
                        .by(Some(format!("F{row}-F{before}-1"))),
                );
                cells.push(Cell::Money(Money::ZERO).by(Some(format!("B{row}*{INTERVAL}*G{row}"))));
            }
            self.page.line(&cells, Tone::Plain)?;
        }
        Ok(())
    }
}

/// An amount once something holds, and until then `open`.
fn open_until(holds: &str, amount: &str) -> Cell<'static> {
    Cell::Blank(Kind::Money).by(Some(format!("IF({holds},{amount},\"{OPEN}\")")))
}

/// The interval times a factor in hundredths, to the nearest cent: shown until a spreadsheet calculates.
fn basic_precision(amount: Money, size: u64, factor: u64) -> Money {
    let (amount, size) = (i128::from(amount.cents()), i128::from(size.max(1)));
    let hundredths = amount * i128::from(factor);
    let cents = (hundredths * 2 + size * 100) / (size * 200);
    Money::from_cents(i64::try_from(cents).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_basic_precision_is_to_the_nearest_cent() {
        // 2.31 x $1.00 / 4 = 0.5775; 3.00 x $4,400.00 / 4 = 3,300.
        let cents = Money::from_cents;
        assert_eq!(basic_precision(cents(100), 4, 231), cents(58));
        assert_eq!(basic_precision(cents(440_000), 4, 300), cents(330_000));
    }
}
