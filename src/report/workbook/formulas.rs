//! Live formulas: when the statewide workbook has them, what they may refer to, and what the workbook says about them.
//!
//! A formula starts from what the program decided, the outcomes on *Completions*, and from the parameters on *Readings and law*; it
//! recalculates units, rates, amounts and totals. It refers to another sheet by the names of tables and columns, which survive
//! sorting, and to its own row by plain addresses. Every cell has the program's own value as the formula's result.
//!
//! A spreadsheet calculates in binary fractions, so every division is one of whole numbers (cents by hundredths), cut with `INT`. The
//! quotient of whole numbers a and b is either whole or at least 1/b away from a whole number. Where a is at most [`EXACT_MAX`], that
//! is more than the last of the 15 digits to which spreadsheets compare and cut, so that `INT` can only give the exact quotient.

use rust_xlsxwriter::utility::row_col_to_cell;

use super::context::Workbooks;
use crate::allocation::Cap;
use crate::decision::Outcome;
use crate::rules::Share;
use crate::rules::readings::{CapMoney, CapRounding, Rounding};
use crate::sheets::page::Column;
use crate::words::{column_letters, thousands};

/// The largest whole number that a formula divides; see above for why.
pub(crate) const EXACT_MAX: u128 = 100_000_000_000_000;

/// The name of the cell with the appropriation.
pub(crate) const AVAILABLE: &str = "available";
/// The name of the cell with the most that one award pays.
pub(crate) const PER_UNIT: &str = "per_unit";
/// The name of the cell with the weight of a unit with free or reduced-price lunch.
pub(crate) const FRL_MULTIPLIER: &str = "frl_multiplier";
/// The name of the cell with the supplement's pool.
pub(crate) const SUPPLEMENT_AVAILABLE: &str = "supplement_available";
/// The name of the column with the numbers of the tiers.
pub(crate) const TIER_NUMBERS: &str = "tier_numbers";
/// The name of the two columns with their rates: the ordinary one, and that with free or reduced-price lunch.
pub(crate) const TIER_RATES: &str = "tier_rates";
/// The name of the cell that sums up every check of *Conservation*.
pub(crate) const CONSERVATION: &str = "every_check";

/// The name of the cell with a tier's cap.
pub(crate) fn cap_share(tier: u32) -> String {
    format!("cap_share_{tier}")
}

/// The denominator of a cap's share in formulas: the rules' own, or at least hundredths of a percent, so that a changed cell may
/// have them.
pub(crate) fn cap_denominator(share: &Share) -> u64 {
    share.denominator.max(10_000)
}

/// Why a workbook has values and no formulas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WithoutFormulas {
    /// No row was submitted.
    NoRows,
    /// More rows, files or participants than formulas cover.
    TooLong,
    /// Amounts so large that a spreadsheet could cut a quotient wrongly.
    TooLarge,
}

/// Letters of columns by heading, for formulas of *Completions* and of tables over its rows.
pub(crate) struct Letters<'l>(pub(crate) &'l [Column]);

impl Letters<'_> {
    /// The address of a row's cell under a heading; the row from 0.
    pub(crate) fn cell(&self, heading: &str, row: u32) -> String {
        row_col_to_cell(row, self.at(heading))
    }

    /// The cells under a heading over some rows, from 0, with the last one.
    pub(crate) fn range(&self, heading: &str, first: u32, last: u32) -> String {
        let letter = column_letters(self.at(heading));
        format!("{letter}{}:{letter}{}", first + 1, last + 1)
    }

    /// # Panics
    /// If there is no such column: a defect of the sheet's own list of columns.
    pub(crate) fn at(&self, heading: &str) -> u16 {
        let at = (0..)
            .zip(self.0)
            .find(|(_, column)| column.heading == heading);
        at.unwrap_or_else(|| {
            panic!("a formula names the column {heading}, which the sheet does not have")
        })
        .0
    }
}

/// Counts the rows of *Completions* that meet all criteria: (heading, criterion as in a formula).
pub(crate) fn count(criteria: &[(&str, &str)]) -> String {
    let criteria: Vec<String> = criteria
        .iter()
        .map(|(heading, is)| format!("Completions[{heading}],{is}"))
        .collect();
    format!("COUNTIFS({})", criteria.join(","))
}

/// Sums a column of *Completions* over the rows that meet all criteria.
pub(crate) fn sum(of: &str, criteria: &[(&str, &str)]) -> String {
    let criteria: Vec<String> = criteria
        .iter()
        .map(|(heading, is)| format!(",Completions[{heading}],{is}"))
        .collect();
    format!("SUMIFS(Completions[{of}]{})", criteria.concat())
}

/// An outcome as a criterion.
pub(crate) fn is(outcome: Outcome) -> String {
    format!("\"{}\"", outcome.label())
}

/// The same over units within the cap: paid or unfunded rows.
pub(crate) fn over_units(
    formula: impl Fn(&[(&str, &str)]) -> String,
    criteria: &[(&str, &str)],
) -> String {
    let with = |outcome: Outcome| {
        let outcome = is(outcome);
        formula(&[criteria, &[(super::headings::OUTCOME, &outcome)]].concat())
    };
    format!("{}+{}", with(Outcome::Paid), with(Outcome::Unfunded))
}

/// The cells that hold what a tier's money is calculated from.
pub(crate) struct TierCells {
    /// Units within the cap.
    pub(crate) units: String,
    /// The weight that the money is divided by.
    pub(crate) demand: String,
    /// The money before the tier.
    pub(crate) before: String,
    /// Its rate.
    pub(crate) rate: String,
}

impl TierCells {
    /// Money by weight, with more digits than cents.
    pub(crate) fn quotient(&self) -> String {
        let TierCells { demand, before, .. } = self;
        format!("IF({demand}=0,0,{before}/{demand})")
    }

    /// The rate.
    pub(crate) fn rate(&self) -> String {
        let TierCells {
            units,
            demand,
            before,
            ..
        } = self;
        format!(
            "IF({units}=0,0,MIN({PER_UNIT},INT(ROUND({before}*100,0)*100/ROUND({demand}*100,0))/100))"
        )
    }

    /// The rate of a unit with free or reduced-price lunch.
    pub(crate) fn frl_rate(&self) -> String {
        format!(
            "INT(ROUND({}*100,0)*ROUND({FRL_MULTIPLIER}*100,0)/100)/100",
            self.rate
        )
    }

    /// A tier is prorated if the floored rate is below the full amount: that is whole cents, so the exact rate is then below it
    /// too.
    pub(crate) fn if_prorated(&self, then: &str, otherwise: &str) -> String {
        format!(
            "IF(AND({}>0,{}<{PER_UNIT}),{then},{otherwise})",
            self.units, self.rate
        )
    }

    /// A weight's share of the money, floored to the cent: money x weight / demand. The product can have more digits than a
    /// spreadsheet carries, so the whole quotient is taken first and then the share of the remainder.
    pub(crate) fn share(&self, weight: &str) -> String {
        let cents = format!("ROUND({}*100,0)", self.before);
        let demand = format!("ROUND({}*100,0)", self.demand);
        let weight = format!("ROUND({weight}*100,0)");
        format!(
            "(INT({cents}/{demand})*{weight}+INT(({cents}-INT({cents}/{demand})*{demand})*{weight}/{demand}))/100"
        )
    }
}

/// The limit of a cap, share x base, as a division of whole numbers. Share and base are cells or names.
pub(crate) fn limit(rounding: CapRounding, of: &Share, share: &str, base: &str) -> String {
    let denominator = cap_denominator(of);
    let product = format!("ROUND({share}*{denominator},0)*{base}");
    match rounding {
        CapRounding::Floor => format!("INT({product}/{denominator})"),
        CapRounding::Nearest => format!(
            "INT((2*{product}+{denominator})/{})",
            u128::from(denominator) * 2
        ),
        CapRounding::Ceiling => format!("INT(({product}+{denominator}-1)/{denominator})"),
    }
}

/// `OK` if two figures are equal to the cent, otherwise the difference.
pub(crate) fn check(left: &str, right: &str) -> String {
    format!("IF(ROUND({left}-{right},2)=0,\"{OK}\",ROUND({left}-{right},2))")
}

/// `OK` if a cell still has exactly the calculated figure, otherwise the difference.
pub(crate) fn check_exactly(left: &str, right: &str) -> String {
    format!("IF({left}={right},\"{OK}\",{left}-{right})")
}

/// Shown by a check that holds.
pub(crate) const OK: &str = "OK";

impl Workbooks<'_> {
    /// Why the statewide workbook has no formulas; none if it has.
    pub(crate) fn without_formulas(&self) -> Option<WithoutFormulas> {
        let intake = &self.calculation.intake;
        let (rows, participants, files) = (
            self.records.len(),
            intake.participants.all().len(),
            intake.files.len(),
        );
        if rows == 0 {
            return Some(WithoutFormulas::NoRows);
        }
        // No other list is longer: *Inputs* also has the lists.
        let lists = [rows, participants, files + intake.inputs.len()];
        let lookups = (rows as u64).saturating_mul((participants + files) as u64);
        if lookups > self.limits.lookups
            || !lists.iter().all(|rows| self.limits.formulas_over(*rows))
        {
            return Some(WithoutFormulas::TooLong);
        }
        (!self.divides_exactly()).then_some(WithoutFormulas::TooLarge)
    }

    /// Whether no formula of the tier table divides a number above [`EXACT_MAX`].
    fn divides_exactly(&self) -> bool {
        let batch = &self.calculation.batch;
        let cents = |money: crate::money::Money| u128::from(money.cents().unsigned_abs());
        let multiplier = u128::from(batch.rules.frl_multiplier.hundredths());
        let rows = self.records.len() as u128;
        let mut divided = vec![
            cents(batch.available) * 100,
            cents(batch.rules.per_unit) * multiplier,
        ];
        for tier in &self.calculation.allocation.tiers {
            if let Some((share, _)) = tier.cap.as_ref().and_then(Cap::share) {
                divided.push(2 * u128::from(cap_denominator(share)) * rows);
            }
        }
        if batch.readings.cap_money == CapMoney::ToNextTier {
            // A remainder below the demand by a weight of at most the demand.
            divided.push((rows * multiplier).pow(2));
        }
        divided.into_iter().all(|divided| divided <= EXACT_MAX)
    }

    /// Whether a row's amount is the rate of its tier.
    pub(crate) fn amounts_follow_rates(&self) -> bool {
        self.calculation.batch.readings.rounding == Rounding::UniformFloor
    }

    /// Says which figures of this workbook are formulas.
    pub(crate) fn formulas_in_words(&self) -> String {
        match self.without_formulas() {
            None => {
                let amounts = if self.amounts_follow_rates() {
                    ""
                } else {
                    " Amounts of single rows are values too: under rounding = largest_remainder a row's cents depend on all other rows."
                };
                format!(
                    "Figures on Summary, Tiers, Participants, Payments, Passed on and Conservation are formulas, and so are weights, rates and amounts on \
                     Completions. Change a shaded cell on Readings and law, or an outcome or FRL on Completions, to see the effect. It is only \
                     a sketch: cdip may then decide rows differently, so run it again for the real result. Conservation shows what no longer \
                     agrees. A cap's share on Tiers moves the limit, not which units are over it. Board, Findings, Inputs, Resolutions, \
                     Review, the supplement, counts of files and payees, and all words are values.{amounts}"
                )
            }
            Some(WithoutFormulas::NoRows) => "No row was submitted: every figure of this workbook is a value.".to_string(),
            Some(WithoutFormulas::TooLong) => format!(
                "Every figure of this workbook is a value: with formulas a spreadsheet would calculate for too long after each change. \
                 Workbooks have formulas for up to {} rows, and for up to {} rows times participants and files; this batch has more.",
                thousands(self.limits.formula_rows.into()),
                thousands(self.limits.lookups)
            ),
            Some(WithoutFormulas::TooLarge) => "Every figure of this workbook is a value: its amounts are so large that a spreadsheet, which \
                 calculates to 15 digits, could be wrong by a cent."
                .to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_is_to_the_cent_and_gives_the_difference() {
        assert_eq!(
            check("B3", "C3"),
            "IF(ROUND(B3-C3,2)=0,\"OK\",ROUND(B3-C3,2))"
        );
    }

    #[test]
    fn the_largest_number_that_is_divided_leaves_a_quotient_away_from_the_next_whole_one() {
        // The quotient just below a whole number n is n - 1/b with n x b <= EXACT_MAX + 1: to 15 digits it is not n.
        for divisor in [3_u128, 7, 134_480, 999_983, 4_999_999] {
            let whole = EXACT_MAX / divisor;
            let below = whole * divisor - 1;
            let number = |whole: u128| whole.to_string().parse::<f64>().unwrap();
            let to_15_digits: f64 = format!("{:.14e}", number(below) / number(divisor))
                .parse()
                .unwrap();
            assert!(to_15_digits < number(whole), "{below} / {divisor}");
        }
    }
}
