//! *Tiers*: how each tier came to its rate, in figures and in words.

use rust_xlsxwriter::{Workbook, XlsxError};

use super::Workbooks;
use super::cell::Cell;
use super::look::Tone;
use super::page::{Column, Filter, Page, Stamp};
use crate::allocation::TierResult;
use crate::money::Money;
use crate::rules::readings::{CapBase, CapMoney, CapRounding, CapSelection, Rounding};
use crate::rules::terms::Category;
use crate::rules::{RuleSet, Share, Tier};
use crate::words::{counted, thousands, weight};

/// The sheet's name.
pub(super) const TIERS: &str = "Tiers";
/// Decimals of a quotient that are shown before it is cut.
const QUOTIENT_DECIMALS: usize = 6;

/// How far the money went, in a word or two.
pub(super) fn funding(result: &TierResult) -> &'static str {
    match result {
        result if result.units == 0 => "no units",
        result if result.paid == Money::ZERO => "unfunded",
        result if result.prorated => "prorated",
        _ => "in full",
    }
}

/// Writes the sheet.
pub(super) fn write(workbook: &mut Workbook, report: &Workbooks<'_>, stamp: &Stamp) -> Result<(), XlsxError> {
    let rules = &report.calculation.batch.rules;
    let results = &report.calculation.allocation.tiers;
    let money = report.money_width;
    let widths = vec![8.0, 34.0, money, money, money, 13.0, 13.0, money.max(22.0), 14.0, money, 14.0, 15.0];
    let about = "Tiers are funded strictly in order; a later tier is paid only from what the earlier ones leave. Figures first, then \
                 each tier in words.";
    let mut page = Page::begin(workbook.add_worksheet(), &report.look, stamp, TIERS, (about, false), widths)?;
    page.sheet.set_screen_gridlines(false).set_repeat_rows(0, 2)?.set_freeze_panes(3, 0)?;
    page.skip();

    page.section("Units and cap")?;
    // A rule set has at least one tier and far fewer than a sheet has rows.
    let rows = u32::try_from(results.len()).unwrap_or(u32::MAX);
    page.table("Units_and_cap", &UNIT_COLUMNS, rows, Filter::PlainTable)?;
    for (tier, result) in rules.tiers.iter().zip(results) {
        page.line(&unit_cells(tier, result), Tone::Plain)?;
    }
    page.line(&unit_total(results), Tone::Total)?;
    page.skip();

    page.section("Money and rate")?;
    page.table("Money_and_rate", &MONEY_COLUMNS, rows, Filter::PlainTable)?;
    for (tier, result) in rules.tiers.iter().zip(results) {
        page.line(&money_cells(tier, result), Tone::Plain)?;
    }
    page.line(&money_total(results), Tone::Total)?;
    page.skip();

    page.section("In words")?;
    for (tier, result) in rules.tiers.iter().zip(results) {
        let text = format!("{}{}", cap_in_words(report, tier, result), rate_in_words(report, result));
        let categories = crate::words::listed(tier.categories.iter().map(Category::label));
        let last = 11;
        page.spread(&[
            (0, 0, &format!("Tier {}", tier.number), &report.look.topic),
            (1, 1, &format!("{} ({categories})", tier.name), &report.look.topic),
            (2, last, &text, &report.look.paragraph),
        ])?;
    }
    page.skip();
    over_the_cap(&mut page, report)
}

const UNIT_COLUMNS: [Column; 12] = [
    Column::figure("Tier"),
    Column::word("Name"),
    Column::figure("Certificates"),
    Column::figure("Already counted"),
    Column::figure("Units claimed"),
    Column::figure("Cap, share"),
    Column::figure("Cap, base"),
    Column::figure("Cap, limit for each"),
    Column::figure("Over cap"),
    Column::figure("Units"),
    Column::figure("With FRL"),
    Column::figure("Weight"),
];

fn unit_cells<'c>(tier: &'c Tier, result: &TierResult) -> Vec<Cell<'c>> {
    let claimed = result.units + result.over_cap;
    let optional = |count: Option<u64>| count.map_or(Cell::Digits("no cap".into()), Cell::Count);
    vec![
        Cell::Number(tier.number),
        Cell::words(&tier.name),
        Cell::Count(result.certificates),
        Cell::Count(result.certificates - claimed),
        Cell::Count(claimed),
        tier.cap_share.as_ref().map_or(Cell::Digits("no cap".into()), |share| Cell::Percent(share.numerator, share.denominator)),
        optional(result.cap_base),
        optional(result.cap_limit),
        Cell::Count(result.over_cap),
        Cell::Count(result.units),
        Cell::Count(result.frl_units),
        Cell::Weight(result.weight_hundredths),
    ]
}

fn unit_total(results: &[TierResult]) -> Vec<Cell<'static>> {
    let sum = |of: fn(&TierResult) -> u64| results.iter().map(of).sum::<u64>();
    let certificates = sum(|tier| tier.certificates);
    let claimed = sum(|tier| tier.units + tier.over_cap);
    vec![
        Cell::text("Total"),
        Cell::Empty,
        Cell::Count(certificates),
        Cell::Count(certificates - claimed),
        Cell::Count(claimed),
        Cell::Empty,
        Cell::Empty,
        Cell::Empty,
        Cell::Count(sum(|tier| tier.over_cap)),
        Cell::Count(sum(|tier| tier.units)),
        Cell::Count(sum(|tier| tier.frl_units)),
        Cell::Weight(sum(|tier| tier.weight_hundredths)),
    ]
}

const MONEY_COLUMNS: [Column; 11] = [
    Column::figure("Tier"),
    Column::word("Name"),
    Column::figure("Money before"),
    Column::figure("Weight it is divided by"),
    Column::figure("Money ÷ weight"),
    Column::figure("Rate"),
    Column::figure("FRL rate"),
    Column::figure("Paid"),
    Column::figure("Residual"),
    Column::figure("Money after"),
    Column::word("Funding"),
];

fn money_cells<'c>(tier: &'c Tier, result: &TierResult) -> Vec<Cell<'c>> {
    vec![
        Cell::Number(tier.number),
        Cell::words(&tier.name),
        Cell::Money(result.money_before),
        Cell::Weight(result.demand_hundredths),
        quotient(result).map_or(Cell::Empty, Cell::Digits),
        Cell::Money(result.rate),
        Cell::Money(result.frl_rate),
        Cell::Money(result.paid),
        Cell::Money(result.residual),
        Cell::Money(result.money_after),
        Cell::text(funding(result)),
    ]
}

/// Money before and after a tier is handed on: only what is paid and what is left over adds up.
fn money_total(results: &[TierResult]) -> Vec<Cell<'static>> {
    let sum = |of: fn(&TierResult) -> Money| Cell::Money(results.iter().map(of).sum());
    let mut cells = vec![Cell::text("Total")];
    cells.resize(7, Cell::Empty);
    cells.extend([sum(|tier| tier.paid), sum(|tier| tier.residual), Cell::Empty, Cell::Empty]);
    cells
}

/// Money by weight, cut after six decimals and never rounded: `$730.769230…`, `$500.00`. None without weight.
fn quotient(result: &TierResult) -> Option<std::borrow::Cow<'static, str>> {
    let weight = u128::from(result.demand_hundredths);
    let cents = u128::try_from(result.money_before.cents()).unwrap_or(0);
    // cents / (hundredths / 100) is cents to the unit, so the dollars are cents / hundredths.
    let dollars = i64::try_from(cents.checked_div(weight)?).unwrap_or(i64::MAX);
    let mut remainder = cents % weight;
    let mut decimals = String::new();
    while decimals.len() < 2 || (remainder > 0 && decimals.len() < QUOTIENT_DECIMALS) {
        remainder *= 10;
        decimals.push_str(&(remainder / weight).to_string());
        remainder %= weight;
    }
    let whole = thousands(dollars.unsigned_abs());
    Some(format!("${whole}.{decimals}{}", if remainder > 0 { "…" } else { "" }).into())
}

/// share x base without a rounding: `649.8`.
fn exact_limit(share: &Share, base: u64) -> String {
    let product = u128::from(share.numerator) * u128::from(base);
    let denominator = u128::from(share.denominator);
    let whole = thousands(u64::try_from(product / denominator).unwrap_or(u64::MAX));
    // The denominator is a power of ten: as many decimals as it has zeros.
    let places = denominator.ilog10() as usize;
    let decimals = format!("{:0places$}", product % denominator);
    let decimals = if places == 0 { "" } else { decimals.trim_end_matches('0') };
    if decimals.is_empty() { whole } else { format!("{whole}.{decimals}") }
}

fn cap_in_words(report: &Workbooks<'_>, tier: &Tier, result: &TierResult) -> String {
    let readings = &report.calculation.batch.readings;
    let reached = counted(result.certificates, "certificate");
    let claimed = result.units + result.over_cap;
    let units = match result.certificates - claimed {
        0 => format!("{reached} reached the tier; each is a unit. "),
        before => {
            let (before, claimed) = (thousands(before), thousands(claimed));
            format!("{reached} reached the tier; {before} of them belong to pupils whose award is counted already, {claimed} are units. ")
        }
    };
    let (Some(share), Some(base), Some(limit)) = (&tier.cap_share, result.cap_base, result.cap_limit) else {
        return units;
    };
    let base_words = match readings.cap_base {
        CapBase::Qualified => "qualified certificates",
        CapBase::Reported => "reported certificates",
    };
    let rounding = match readings.cap_rounding {
        CapRounding::Floor => "rounded down",
        CapRounding::Nearest => "rounded to the nearest whole number",
        CapRounding::Ceiling => "rounded up",
    };
    let kept = match readings.cap_selection {
        CapSelection::Earliest => "the earliest are kept",
        CapSelection::FrlFirst => "those with free or reduced-price lunch are kept first",
        CapSelection::Proportional => "they are kept in proportion to free or reduced-price lunch",
    };
    let participants = result.shares.iter().filter(|share| share.over_cap > 0).count() as u64;
    let over = match participants {
        0 => "Nobody has more.".to_string(),
        _ => format!("{} with {} above it: {kept}.", counted(participants, "participant"), counted(result.over_cap, "unit")),
    };
    format!(
        "{units}Cap: {} × {} {base_words} = {}, {rounding}: at most {} for one participant. {over} ",
        share.text,
        thousands(base),
        exact_limit(share, base),
        counted(limit, "unit")
    )
}

fn rate_in_words(report: &Workbooks<'_>, result: &TierResult) -> String {
    let rules = &report.calculation.batch.rules;
    let readings = &report.calculation.batch.readings;
    let before = result.money_before.grouped();
    let after = result.money_after.grouped();
    if result.units == 0 {
        return format!("Nothing is to be paid; {after} goes on.");
    }
    let units = format!(
        "{}{}, {} of them with free or reduced-price lunch, have a weight of {}",
        counted(result.units, "unit"),
        if result.cap_limit.is_some() { " within the cap" } else { "" },
        thousands(result.frl_units),
        weight(result.weight_hundredths)
    );
    if result.money_before == Money::ZERO {
        return format!("{units}. No money is left for them: they are unfunded.");
    }
    if !result.prorated {
        return format!(
            "{units}. {before} pays them in full: {}. {} is paid and {after} goes on.",
            at_rates(rules, result),
            result.paid.grouped()
        );
    }
    let demand = match readings.cap_money {
        CapMoney::StaysInTier => String::new(),
        CapMoney::ToNextTier => format!(" ({} with the units over the cap, which count in the demand)", weight(result.demand_hundredths)),
    };
    let quotient = quotient(result).unwrap_or_default();
    let spread = match readings.rounding {
        Rounding::UniformFloor => format!("{} = {} is paid", product(result), result.paid.grouped()),
        Rounding::LargestRemainder => format!(
            "{} is paid: the cents that the floored rates leave go one each to the largest fractions, so a row can get a cent more than \
             its rate",
            result.paid.grouped()
        ),
    };
    let carried = match readings.cap_money {
        CapMoney::StaysInTier => "nothing goes on".to_string(),
        CapMoney::ToNextTier => format!("{after}, the share of the units over the cap, goes on"),
    };
    format!(
        "{units}{demand}. {before} ÷ {} = {quotient}, less than {}: the tier is prorated and {}. {spread}; {} is the tier's residual, \
         never carried on; {carried}.",
        weight(result.demand_hundredths),
        rules.per_unit.grouped(),
        at_rates(rules, result),
        result.residual.grouped()
    )
}

/// What a unit gets, lunch included.
fn at_rates(rules: &RuleSet, result: &TierResult) -> String {
    let floored = if result.prorated { ", floored to the cent," } else { "" };
    format!(
        "each unit gets {}{floored} and one with free or reduced-price lunch {} × that, {}",
        result.rate.grouped(),
        rules.frl_multiplier,
        result.frl_rate.grouped()
    )
}

/// Units times rates: `7,000 × $730.76 + 5,000 × $876.91`.
fn product(result: &TierResult) -> String {
    let ordinary = format!("{} × {}", thousands(result.units - result.frl_units), result.rate.grouped());
    if result.frl_units == 0 { ordinary } else { format!("{ordinary} + {} × {}", thousands(result.frl_units), result.frl_rate.grouped()) }
}

const OVER_COLUMNS: [Column; 8] = [
    Column::figure("Tier"),
    Column::word("Participant"),
    Column::word("Code"),
    Column::figure("Units claimed"),
    Column::figure("Within the cap"),
    Column::figure("Over cap"),
    Column::figure("Limit"),
    Column::figure("Amount"),
];

/// Who is over the cap, tier by tier.
fn over_the_cap(page: &mut Page<'_>, report: &Workbooks<'_>) -> Result<(), XlsxError> {
    let calculation = report.calculation;
    let participants = calculation.intake.participants.all();
    let tiers = calculation.batch.rules.tiers.iter().zip(&calculation.allocation.tiers);
    let over: Vec<_> = tiers
        .flat_map(|(tier, result)| (0..participants.len()).map(move |rank| (tier, result, rank)))
        .filter(|(_, result, rank)| result.shares[*rank].over_cap > 0)
        .collect();
    page.section("Participants over the cap")?;
    let rows = u32::try_from(over.len()).unwrap_or(u32::MAX);
    page.table("Over_the_cap", &OVER_COLUMNS, rows, Filter::PlainTable)?;
    if over.is_empty() {
        page.line(&[Cell::Empty, Cell::text("none")], Tone::Plain)?;
    }
    for (tier, result, rank) in over {
        let share = &result.shares[rank];
        let cells = [
            Cell::Number(tier.number),
            Cell::words(&participants[rank].name),
            Cell::text(participants[rank].code()),
            Cell::Count(share.units + share.over_cap),
            Cell::Count(share.units),
            Cell::Count(share.over_cap),
            result.cap_limit.map_or(Cell::Empty, Cell::Count),
            Cell::Money(share.amount),
        ];
        page.line(&cells, Tone::Plain)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tier(cents: i64, hundredths: u64) -> TierResult {
        TierResult {
            money_before: Money::from_cents(cents),
            certificates: 0,
            units: 0,
            frl_units: 0,
            cap_base: None,
            cap_limit: None,
            over_cap: 0,
            weight_hundredths: hundredths,
            demand_hundredths: hundredths,
            rate: Money::ZERO,
            frl_rate: Money::ZERO,
            paid: Money::ZERO,
            prorated: false,
            residual: Money::ZERO,
            money_after: Money::ZERO,
            shares: Vec::new(),
        }
    }

    #[test]
    fn a_quotient_is_cut_and_says_so() {
        // $9,500,000 / 13,000 = 730.76923076..
        assert_eq!(quotient(&tier(950_000_000, 1_300_000)).unwrap(), "$730.769230…");
        assert_eq!(quotient(&tier(100_000, 200)).unwrap(), "$500.00");
        assert_eq!(quotient(&tier(1_000_000_000, 100)).unwrap(), "$10,000,000.00");
        assert_eq!(quotient(&tier(1_000, 0)), None);
    }

    #[test]
    fn a_share_of_a_base_is_written_exactly() {
        let share = |text: &str, numerator, denominator| Share { text: text.into(), numerator, denominator };
        assert_eq!(exact_limit(&share("0.10", 10, 100), 6_498), "649.8");
        assert_eq!(exact_limit(&share("0.10", 1, 10), 60_000), "6,000");
        assert_eq!(exact_limit(&share("0.05", 5, 100), 101), "5.05");
        assert_eq!(exact_limit(&share("1", 1, 1), 7), "7");
    }
}
