//! *Assumptions*: the assumptions of a preview as cells that can be changed, and formulas from the state's demand to what the
//! entity would get.
//! The formulas are exact for the same reason as those of `statewide.xlsx` (see `formulas`).

use crate::sheets::book::Workbook;
use rust_xlsxwriter::utility::{row_col_to_cell, row_col_to_cell_absolute};
use rust_xlsxwriter::{ConditionalFormatFormula, XlsxError};

use super::Claim;
use super::workbook::Book;
use crate::allocation::Cap;
use crate::allocation::outlook::{TierDemand, TierTerms};
use crate::money::Money;
use crate::report::workbook::formulas::{
    self, AVAILABLE, EXACT_MAX, FRL_MULTIPLIER, PER_UNIT, TierCells, cap_denominator,
};
use crate::rules::Tier;
use crate::rules::readings::{CapMoney, CapSelection, Rounding, Unit};
use crate::sheets::cell::Cell;
use crate::sheets::look::Tone;
use crate::sheets::page::{Column, Filter, Page};

/// The sheet's name.
pub(super) const ASSUMPTIONS: &str = "Assumptions";

const DEMAND_COLUMNS: [Column; 9] = [
    Column::word("Tier"),
    Column::figure("Cap, share"),
    Column::figure("Cap, base"),
    Column::figure("Cap, limit for each"),
    Column::figure("Units"),
    Column::figure("With FRL"),
    Column::figure("Over the cap"),
    Column::figure("Of them with FRL"),
    Column::figure("Divided by weight"),
];

const MONEY_COLUMNS: [Column; 9] = [
    Column::word("Tier"),
    Column::figure("Money before"),
    Column::figure("Money ÷ weight"),
    Column::figure("Rate"),
    Column::figure("FRL rate"),
    Column::figure("All units together"),
    Column::figure("Residual"),
    Column::figure("Money after"),
    Column::word("Funding"),
];

const OWN_COLUMNS: [Column; 9] = [
    Column::word("Participant and tier"),
    Column::figure("Units asked for"),
    Column::figure("With FRL"),
    Column::figure("Over the cap, with FRL"),
    Column::figure("Limit"),
    Column::figure("Over the cap"),
    Column::figure("Units"),
    Column::figure("Of them with FRL"),
    Column::figure("Would be paid"),
];

/// Writes the sheet.
pub(super) fn write(workbook: &mut Workbook, book: &Book<'_>) -> Result<(), XlsxError> {
    let sheet = Sheet {
        book,
        live: divides_exactly(book),
    };
    let mut widths = vec![52.0];
    widths.resize(8, book.money_width);
    widths.push(book.money_width.max(16.0));
    let about = "Change a shaded cell, and the formulas below follow: more or less money, another demand of the state, other units of \
             your own. The other sheets stay as they are.";
    let mut page = Page::begin(
        workbook.add_worksheet(),
        &book.look,
        &book.stamp,
        ASSUMPTIONS,
        (about, false),
        widths,
    )?;
    page.sheet
        .set_screen_gridlines(false)
        .set_freeze_panes(3, 0)?;
    page.skip();
    let names = sheet.terms(&mut page)?;
    let demand = sheet.demand(&mut page)?;
    let money = sheet.money(&mut page, demand)?;
    sheet.own(&mut page, demand, money)?;
    page.section("What is a formula, and what the formulas leave out")?;
    for sentence in sheet.left_out() {
        page.paragraph(&sentence, &book.look.paragraph)?;
    }
    for (name, row) in names {
        workbook.define_name(
            name,
            &format!("={ASSUMPTIONS}!{}", row_col_to_cell_absolute(row, 1)),
        )?;
    }
    Ok(())
}

/// Whether no formula divides a number above [`EXACT_MAX`].
fn divides_exactly(book: &Book<'_>) -> bool {
    let (rules, factors) = (&book.preview.rules, &book.preview.factors);
    let cents = |money: Money| u128::from(money.cents().unsigned_abs());
    let multiplier = u128::from(rules.frl_multiplier.hundredths());
    let mut divided = vec![
        cents(factors.available) * 100,
        cents(rules.per_unit) * multiplier,
    ];
    for (terms, demand) in book.preview.expected.terms.iter().zip(&factors.demand) {
        if let Some((share, base)) = terms.cap.as_ref().and_then(Cap::share) {
            divided.push((2 * u128::from(base) + 1) * u128::from(cap_denominator(share)));
        }
        if factors.readings.cap_money == CapMoney::ToNextTier
            || factors.readings.rounding == Rounding::LargestRemainder
        {
            // A remainder below the demand by a weight of at most the demand.
            divided.push((u128::from(demand.units + demand.over_cap) * multiplier).pow(2));
        }
    }
    divided.into_iter().all(|divided| divided <= EXACT_MAX)
}

/// The cell of a column in a row from 0.
fn at(row: u32, column: u16) -> String {
    row_col_to_cell(row, column)
}

struct Sheet<'b> {
    book: &'b Book<'b>,
    /// Whether the sheet has formulas.
    live: bool,
}

impl Sheet<'_> {
    fn input<'c>(&self, cell: Cell<'c>) -> Cell<'c> {
        if self.live {
            Cell::Input(Box::new(cell))
        } else {
            cell
        }
    }

    fn formula(&self, expression: String) -> Option<String> {
        self.live.then_some(expression)
    }

    /// Writes the money and the terms of an award. Returns the names of their cells with their rows.
    fn terms(&self, page: &mut Page<'_>) -> Result<Vec<(&'static str, u32)>, XlsxError> {
        let preview = self.book.preview;
        page.section("The money")?;
        let lines = [
            (
                AVAILABLE,
                "Available to the whole state",
                Cell::Money(preview.factors.available),
            ),
            (
                PER_UNIT,
                "The most that one award pays",
                Cell::Money(preview.rules.per_unit),
            ),
            (
                FRL_MULTIPLIER,
                "Weight of a unit with FRL",
                Cell::Weight(u64::from(preview.rules.frl_multiplier.hundredths())),
            ),
        ];
        let mut names = Vec::new();
        for (name, what, value) in lines {
            names.push((name, page.row()));
            page.line(&[Cell::text(what), self.input(value)], Tone::Plain)?;
        }
        page.skip();
        Ok(if self.live { names } else { Vec::new() })
    }

    fn tiers(&self) -> impl Iterator<Item = (&Tier, &TierDemand, &TierTerms)> {
        let preview = self.book.preview;
        preview
            .rules
            .tiers
            .iter()
            .zip(&preview.factors.demand)
            .zip(&preview.expected.terms)
            .map(|((tier, demand), terms)| (tier, demand, terms))
    }

    fn to_next_tier(&self) -> bool {
        self.book.preview.factors.readings.cap_money == CapMoney::ToNextTier
    }

    /// Writes the state's demand. Returns the row of the first tier.
    fn demand(&self, page: &mut Page<'_>) -> Result<u32, XlsxError> {
        page.section("What the whole state asks for in each tier")?;
        let tiers = u32::try_from(self.book.preview.rules.tiers.len()).unwrap_or(u32::MAX);
        page.table("Demand", &DEMAND_COLUMNS, tiers, Filter::PlainTable)?;
        let first = page.row();
        for (tier, demand, terms) in self.tiers() {
            let row = page.row();
            let none = || Cell::Digits("no cap".into());
            let no_share = || Cell::Digits("no share".into());
            let rounding = self.book.preview.factors.readings.cap_rounding;
            let [share, base, limit] = match (&terms.cap, terms.cap.as_ref().and_then(Cap::share)) {
                (None, _) => [none(), none(), none()],
                (Some(cap), None) => [no_share(), no_share(), cap.limit().cell()],
                (Some(cap), Some((share, base))) => {
                    let by = formulas::limit(rounding, share, &at(row, 1), &at(row, 2));
                    [
                        self.input(Cell::Percent(share.numerator, share.denominator)),
                        self.input(Cell::Count(base)),
                        cap.limit().cell().by(self.formula(by)),
                    ]
                }
            };
            let mut weight = format!(
                "({}-{})+{}*{FRL_MULTIPLIER}",
                at(row, 4),
                at(row, 5),
                at(row, 5)
            );
            if self.to_next_tier() {
                weight.push_str(&format!(
                    "+({}-{})+{}*{FRL_MULTIPLIER}",
                    at(row, 6),
                    at(row, 7),
                    at(row, 7)
                ));
            }
            let cells = [
                Cell::words(format!("{} {}", tier.number, tier.name)),
                share,
                base,
                limit,
                self.input(Cell::Count(demand.units)),
                self.input(Cell::Count(demand.frl_units)),
                self.input(Cell::Count(demand.over_cap)),
                self.input(Cell::Count(demand.over_cap_frl)),
                Cell::Weight(terms.demand_hundredths())
                    .by(self.formula(format!("ROUND({weight},2)"))),
            ];
            page.line(&cells, Tone::Plain)?;
        }
        page.skip();
        Ok(first)
    }

    /// Writes how the money covers the demand. Returns the row of the first tier.
    fn money(&self, page: &mut Page<'_>, demand: u32) -> Result<u32, XlsxError> {
        page.section("What each tier gets")?;
        let tiers = u32::try_from(self.book.preview.rules.tiers.len()).unwrap_or(u32::MAX);
        page.table("Rates", &MONEY_COLUMNS, tiers, Filter::PlainTable)?;
        let first = page.row();
        for ((tier, _, terms), asked) in self.tiers().zip(demand..) {
            let row = page.row();
            let of = MoneyFormulas {
                sheet: self,
                asked,
                row,
            };
            let before = if row == first {
                AVAILABLE.to_string()
            } else {
                at(row - 1, 7)
            };
            let funding = match (terms.paid, terms.prorated) {
                (Money::ZERO, _) => "nothing",
                (_, true) => "prorated",
                (_, false) => "in full",
            };
            let cells = [
                Cell::words(format!("{} {}", tier.number, tier.name)),
                Cell::Money(terms.money_before).by(self.formula(before)),
                Cell::Quotient(terms.money_before, terms.demand_hundredths())
                    .by(self.formula(of.cells().quotient())),
                Cell::Rate(terms.rate).by(self.formula(of.cells().rate())),
                Cell::Rate(terms.frl_rate).by(self.formula(of.cells().frl_rate())),
                Cell::Money(terms.paid).by(self.formula(of.paid())),
                Cell::Money(terms.residual).by(self.formula(of.residual())),
                Cell::Money(terms.money_after).by(self.formula(of.after())),
                Cell::text(funding).by(self.formula(of.funding())),
            ];
            page.line(&cells, Tone::Plain)?;
        }
        page.skip();
        Ok(first)
    }

    fn own(&self, page: &mut Page<'_>, demand: u32, money: u32) -> Result<(), XlsxError> {
        let preview = self.book.preview;
        page.section(&format!("What {} would get", self.book.entity))?;
        let claims = preview.claims();
        let lines = u32::try_from(claims.len()).unwrap_or(u32::MAX);
        page.table("Own", &OWN_COLUMNS, lines, Filter::PlainTable)?;
        if claims.is_empty() {
            page.line(
                &[Cell::text("nothing: no row passes every check")],
                Tone::Plain,
            )?;
        }
        let first = page.row();
        for claim in &claims {
            let cells = self.claim(claim, page.row(), demand, money);
            page.line(&cells, Tone::Plain)?;
        }
        let supplement = preview.supplement();
        let total = |money: Money, what: &'static str, expression: Option<String>| {
            let mut cells = vec![Cell::text(what)];
            cells.resize(8, Cell::Empty);
            cells.push(Cell::Money(money).by(expression));
            cells
        };
        let sum = |last: u32| format!("ROUND(SUM({}:{}),2)", at(first, 8), at(last, 8));
        if preview.factors.supplement.is_some() {
            page.line(&total(supplement, "Supplement", None), Tone::Plain)?;
        }
        let last = page.row() - 1;
        // Without a line there is nothing to add up.
        let formula = if last >= first {
            self.formula(sum(last))
        } else {
            None
        };
        page.line(
            &total(preview.expected.total, "Expected", formula),
            Tone::Total,
        )?;
        let expected = page.row() - 1;
        page.line(
            &total(preview.expected.total, "As calculated from the files", None),
            Tone::Plain,
        )?;
        let check = page.row();
        let difference = format!("ROUND({}-{},2)", at(expected, 8), at(check - 1, 8));
        page.line(
            &total(
                Money::ZERO,
                "The effect of your changes",
                self.formula(difference),
            ),
            Tone::Plain,
        )?;
        let (holds, differs) = page.check_formats();
        for (rule, format) in [("=0", holds), ("<>0", differs)] {
            let condition = ConditionalFormatFormula::new()
                .set_rule(format!("={}{rule}", at(check, 8)).as_str())
                .set_format(format);
            page.sheet
                .add_conditional_format(check, 8, check, 8, &condition)?;
        }
        page.skip();
        Ok(())
    }

    fn claim(&self, claim: &Claim, row: u32, demand: u32, money: u32) -> Vec<Cell<'static>> {
        let preview = self.book.preview;
        let (tier, terms) = (
            &preview.rules.tiers[claim.tier],
            &preview.expected.terms[claim.tier],
        );
        let participant = &preview.inspection.intake.participants.all()[claim.participant];
        let share = claim.share;
        // There are fewer tiers than rows in a sheet.
        let offset = u32::try_from(claim.tier.index()).unwrap_or(u32::MAX);
        let applies_to = preview.factors.readings.cap_applies_to;
        let bound = |_: &&Cap| applies_to.contains(participant.kind);
        let (limit, over) = match terms.cap.as_ref().filter(bound).map(Cap::limit) {
            None => (Cell::Digits("no cap".into()), Some("0".to_string())),
            Some(limit) => (
                limit.cell().by(self.formula(at(demand + offset, 3))),
                // Where the limit does not say how many units it keeps, that is a value.
                limit
                    .units()
                    .map(|_| format!("MAX(0,{}-{})", at(row, 1), at(row, 4))),
            ),
        };
        let frl = format!(
            "MIN({},{}-MIN({},{}))",
            at(row, 6),
            at(row, 2),
            at(row, 3),
            at(row, 5)
        );
        let of = MoneyFormulas {
            sheet: self,
            asked: demand + offset,
            row: money + offset,
        };
        vec![
            Cell::words(format!(
                "{} {}, tier {}",
                participant.code(),
                participant.name,
                tier.number
            )),
            self.input(Cell::Count(share.units + share.over_cap)),
            self.input(Cell::Count(share.frl_units + claim.over_cap_frl)),
            self.input(Cell::Count(claim.over_cap_frl)),
            limit,
            Cell::Count(share.over_cap).by(over.filter(|_| self.live)),
            Cell::Count(share.units).by(self.formula(format!("{}-{}", at(row, 1), at(row, 5)))),
            Cell::Count(share.frl_units).by(self.formula(frl)),
            Cell::Money(share.amount).by(self.formula(of.amount(&at(row, 6), &at(row, 7)))),
        ]
    }

    /// Effects of a changed cell in the state's run that the sheet does not show.
    fn left_out(&self) -> Vec<String> {
        let preview = self.book.preview;
        let readings = &preview.factors.readings;
        if !self.live {
            return vec![
                "Every figure of this sheet is a value: its numbers are so large that a spreadsheet, which calculates to 15 digits, \
                 could be wrong by a cent."
                    .to_string(),
            ];
        }
        let mut sentences = vec![
            "Formulas: limits, weights, rates, the money of each tier, and what you would get. Each shows this program's own result until a spreadsheet \
             calculates it again, to the cent."
                .to_string(),
            "Your units and the state's are changed apart: the state's do not grow with yours, nor the base of the cap with either.".to_string(),
        ];
        if readings.unit == Unit::Pupil {
            sentences.push(
                "Later tiers: a pupil who is over the cap, or finds no money, can count in a later tier. The units of later tiers stay as they were \
                 calculated from the files."
                    .to_string(),
            );
        }
        if preview
            .expected
            .terms
            .iter()
            .any(|terms| terms.cap.is_some())
        {
            let order = match readings.cap_selection {
                CapSelection::Earliest => "the earliest completions are kept",
                CapSelection::FrlFirst => "units with FRL are kept first",
                CapSelection::Proportional => "units with and without FRL are kept in proportion",
            };
            sentences.push(format!(
                "Which units are over the cap follows from the rows ({order}); how many of them have FRL is a shaded cell and does not follow a changed limit."
            ));
        }
        if preview.factors.supplement.is_some() {
            sentences.push("The supplement is a value and follows no change.".to_string());
        }
        if let Some(cents) = preview.cents_more() {
            sentences.push(format!(
                "Under rounding = largest_remainder up to {cents} more can fall to you: the cents that are missing go to the largest remainders of \
                 the whole state."
            ));
        }
        sentences
    }
}

/// The formulas of a tier. Divisions are of whole numbers, cents and hundredths of weight.
struct MoneyFormulas<'s> {
    sheet: &'s Sheet<'s>,
    /// The tier's row in the state's demand.
    asked: u32,
    /// The tier's row in the money.
    row: u32,
}

impl MoneyFormulas<'_> {
    /// The cells that the tier's money is calculated from.
    fn cells(&self) -> TierCells {
        TierCells {
            units: at(self.asked, 4),
            demand: at(self.asked, 8),
            before: at(self.row, 1),
            rate: at(self.row, 3),
        }
    }

    /// What some units get; both arguments are cells.
    fn amount(&self, units: &str, frl_units: &str) -> String {
        let at_rates = format!(
            "ROUND(({units}-{frl_units})*{}+{frl_units}*{},2)",
            at(self.row, 3),
            at(self.row, 4)
        );
        match self.sheet.book.preview.factors.readings.rounding {
            Rounding::UniformFloor => at_rates,
            Rounding::LargestRemainder => {
                let weight = format!("(({units}-{frl_units})+{frl_units}*{FRL_MULTIPLIER})");
                self.cells()
                    .if_prorated(&self.cells().share(&weight), &at_rates)
            }
        }
    }

    fn paid(&self) -> String {
        self.amount(&at(self.asked, 4), &at(self.asked, 5))
    }

    fn residual(&self) -> String {
        self.cells().if_prorated(
            &format!(
                "ROUND({}-{}-{},2)",
                at(self.row, 1),
                at(self.row, 5),
                at(self.row, 7)
            ),
            "0",
        )
    }

    fn after(&self) -> String {
        let carried = if self.sheet.to_next_tier() {
            self.cells().share(&format!(
                "(({}-{})+{}*{FRL_MULTIPLIER})",
                at(self.asked, 6),
                at(self.asked, 7),
                at(self.asked, 7)
            ))
        } else {
            "0".to_string()
        };
        self.cells().if_prorated(
            &carried,
            &format!("ROUND({}-{},2)", at(self.row, 1), at(self.row, 5)),
        )
    }

    fn funding(&self) -> String {
        let prorated = self.cells().if_prorated("\"prorated\"", "\"in full\"");
        format!("IF({}=0,\"nothing\",{prorated})", at(self.row, 5))
    }
}
