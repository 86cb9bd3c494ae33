//! Checks that show `OK` or the difference, and tables of them.

use rust_xlsxwriter::utility::row_col_to_cell;
use rust_xlsxwriter::{ConditionalFormatCell, ConditionalFormatCellRule, XlsxError};

use crate::allocation::Limit;
use crate::money::Money;
use crate::report::workbook::formulas::{self, OK};
use crate::sheets::cell::Cell;
use crate::sheets::look::Tone;
use crate::sheets::page::{Column, Filter, Page};

/// The heading of a column of checks.
pub(super) const CHECK: &str = "Check";

/// A figure of a check: its value in cents or a count, and its formula.
pub(super) struct Figure {
    pub(super) value: i64,
    pub(super) cell: Cell<'static>,
    pub(super) formula: Option<String>,
}

impl Figure {
    pub(super) fn money(money: Money, formula: Option<String>) -> Figure {
        Figure {
            value: money.cents(),
            cell: Cell::Money(money),
            formula,
        }
    }

    pub(super) fn count(count: usize, formula: Option<String>) -> Figure {
        Figure {
            value: i64::try_from(count).unwrap_or(i64::MAX),
            cell: Cell::count(count),
            formula,
        }
    }

    /// A cap's share, with its denominator.
    pub(super) fn share(share: &crate::rules::Share, formula: Option<String>) -> Figure {
        let (part, whole) = (share.numerator, share.denominator);
        Figure {
            value: i64::try_from(part).unwrap_or(i64::MAX),
            cell: Cell::Percent(part, whole),
            formula,
        }
    }

    /// A cap's limit, in what the cap counts.
    pub(super) fn limit(limit: Limit, formula: Option<String>) -> Figure {
        Figure {
            value: i64::try_from(limit.number()).unwrap_or(i64::MAX),
            cell: limit.cell(),
            formula,
        }
    }

    pub(super) fn units(units: u64, formula: Option<String>) -> Figure {
        Figure::count(usize::try_from(units).unwrap_or(usize::MAX), formula)
    }

    pub(super) fn weight(hundredths: u64, formula: Option<String>) -> Figure {
        Figure {
            value: i64::try_from(hundredths).unwrap_or(i64::MAX),
            cell: Cell::Weight(hundredths),
            formula,
        }
    }
}

/// Two figures that must be the same.
pub(super) struct Equality {
    pub(super) what: String,
    pub(super) left: Figure,
    pub(super) right: Figure,
    /// How the cells that show them are compared.
    pub(super) check: fn(&str, &str) -> String,
}

/// The checks of a range of cells: column and rows from 0.
pub(super) struct Checks {
    pub(super) column: u16,
    pub(super) first: u32,
    pub(super) last: u32,
}

/// Colors checks: `OK` like FINAL, a difference like a rejected row.
pub(crate) fn color(
    page: &mut Page<'_>,
    (first, last): (u32, u32),
    column: u16,
) -> Result<(), XlsxError> {
    let (holds, differs) = page.check_formats();
    for (rule, format) in [
        (
            ConditionalFormatCellRule::EqualTo(format!("\"{OK}\"")),
            holds,
        ),
        (
            ConditionalFormatCellRule::NotEqualTo(format!("\"{OK}\"")),
            differs,
        ),
    ] {
        let colored = ConditionalFormatCell::new()
            .set_rule(rule)
            .set_format(format);
        page.sheet
            .add_conditional_format(first, column, last, column, &colored)?;
    }
    Ok(())
}

/// What a check shows for two figures of this calculation.
pub(super) fn checked(left: i64, right: i64) -> Cell<'static> {
    match left - right {
        0 => Cell::Digits(OK.into()),
        difference => Cell::Digits(difference.to_string().into()),
    }
}

/// Lines of a table that fit on one printed page with the sheet's band, a section and headings above them.
const PAGE_LINES: usize = 42;
/// The rows of such a page.
const PAGE_ROWS: usize = PAGE_LINES + 4;

/// Writes the lines of a table under a section, in parts of a printed page each: a workbook repeats only one range of rows on every
/// page, and the tables of this sheet have different headings. `write` gets the name of a part's table.
pub(super) fn in_parts<L>(
    page: &mut Page<'_>,
    (section, name): (&str, &str),
    lines: &[L],
    mut write: impl FnMut(&mut Page<'_>, &str, &[L]) -> Result<(), XlsxError>,
) -> Result<(), XlsxError> {
    let parts = lines.len().div_ceil(PAGE_LINES).max(1);
    let each = lines.len().div_ceil(parts);
    // Sections, headings and what is below the part come to four rows.
    if page.rows_on_page() + each + 4 > PAGE_ROWS {
        page.break_at(page.row())?;
    }
    page.section(section)?;
    if lines.is_empty() {
        return write(page, name, lines);
    }
    for (number, part) in lines.chunks(each).enumerate() {
        if number == 0 {
            write(page, name, part)?;
        } else {
            page.break_at(page.row())?;
            page.section(&format!("{section}, continued"))?;
            write(page, &format!("{name}_{}", number + 1), part)?;
        }
    }
    Ok(())
}

/// Tables of equalities under a section; gives the places of their checks.
pub(super) fn equalities(
    page: &mut Page<'_>,
    names: (&str, &str),
    headings: [&'static str; 3],
    lines: &[Equality],
) -> Result<Vec<Checks>, XlsxError> {
    let mut checks = Vec::new();
    in_parts(page, names, lines, |page, name, part| {
        checks.push(table(page, name, headings, part)?);
        Ok(())
    })?;
    Ok(checks)
}

fn table(
    page: &mut Page<'_>,
    name: &str,
    headings: [&'static str; 3],
    lines: &[Equality],
) -> Result<Checks, XlsxError> {
    let [what, left, right] = headings;
    let columns = [
        Column::word(what),
        Column::figure(left),
        Column::figure(right),
        Column::figure(CHECK),
    ];
    // There are a dozen lines and a few for each tier.
    let rows = u32::try_from(lines.len()).unwrap_or(u32::MAX);
    page.table(name, &columns, rows, Filter::PlainTable)?;
    let first = page.row();
    for Equality {
        what,
        left,
        right,
        check,
    } in lines
    {
        let [one, other] = [1, 2].map(|column| row_col_to_cell(page.row(), column));
        let live = left.formula.is_some() || right.formula.is_some();
        let cells = [
            Cell::words(what.clone()),
            left.cell.clone().by(left.formula.clone()),
            right.cell.clone().by(right.formula.clone()),
            checked(left.value, right.value).by(live.then(|| check(&one, &other))),
        ];
        page.line(&cells, Tone::Plain)?;
    }
    let checks = Checks {
        column: 3,
        first,
        last: page.row() - 1,
    };
    color(page, (checks.first, checks.last), checks.column)?;
    page.skip();
    Ok(checks)
}

pub(super) fn equality(what: impl Into<String>, left: Figure, right: Figure) -> Equality {
    Equality {
        what: what.into(),
        left,
        right,
        check: formulas::check,
    }
}
