//! Charts. Their figures are in cells next to them. A dark and a light series differ in gray too.

use rust_xlsxwriter::{
    Chart, ChartAxisCrossing, ChartDataLabel, ChartDataLabelPosition, ChartFont, ChartFormat,
    ChartLegendPosition, ChartLine, ChartMarker, ChartMarkerType, ChartSeries, ChartSolidFill,
    ObjectMovement,
};

use super::look::{INK, SAND};

/// Rows that the chart of payees covers from its first figure on.
pub(crate) const PAYEES_ROWS: u32 = 15;
/// Rows that the chart of programs covers from the table's heading on.
pub(crate) const PROGRAM_ROWS: u32 = 12;
/// Width in pixels of the chart of an expected range, and of that of programs: those of the columns next to their tables.
const RANGE_WIDTH: u32 = 480;
const PROGRAM_WIDTH: u32 = 420;
/// Axes and labels show whole dollars; the cells have the cents.
const DOLLARS: &str = "$#,##0";
const GRID: u32 = 0xD9_D9_D9;

/// Rows of a sheet that hold the figures of a chart.
pub(crate) struct Figures {
    pub(crate) sheet: &'static str,
    pub(crate) first: u32,
    pub(crate) last: u32,
}

/// Each tier's demand and what it is paid: tier names in column A, demand in B, paid in C.
pub(crate) fn money_by_tier(figures: &Figures) -> Chart {
    let series = [("Demand at the full amount", 1, SAND), ("Paid", 2, INK)];
    let mut chart = columns(figures, "Demand and money by tier", &series);
    chart.legend().set_position(ChartLegendPosition::Bottom);
    chart.set_alt_text("Column chart: what each tier asks for at the full amount and what it is paid; the figures are in the table Demand against money on the sheet Board.");
    chart
}

/// What each tier is paid: tier names in column A, dollars in a column.
pub(crate) fn paid_by_tier(figures: &Figures, paid: u16) -> Chart {
    let mut chart = columns(figures, "Money by tier", &[("Paid", paid, INK)]);
    chart.legend().set_hidden();
    chart.set_alt_text("Column chart: what each tier is paid; the figures are in the table above.");
    chart
}

/// Columns in dollars over the names in column A, with a series for each given name, column and color.
fn columns(figures: &Figures, title: &str, series: &[(&str, u16, u32)]) -> Chart {
    let mut chart = Chart::new_column();
    let Figures { sheet, first, last } = *figures;
    for (name, column, color) in series {
        chart
            .add_series()
            .set_name(*name)
            .set_categories((sheet, first, 0, last, 0))
            .set_values((sheet, first, *column, last, *column))
            .set_gap(80)
            .set_format(&mut filled(*color))
            .set_data_label(&label());
    }
    chart
        .title()
        .set_name(title)
        .set_font(ChartFont::new().set_size(13).set_bold());
    chart
        .y_axis()
        .set_num_format(DOLLARS)
        .set_min(0)
        .set_major_gridlines_line(ChartLine::new().set_color(GRID));
    chart
        .set_width(760)
        .set_height(226)
        .set_object_movement(ObjectMovement::MoveButDontSizeWithCells);
    chart
}

/// The largest payees, the largest on top: payees in column A, payments in B.
pub(crate) fn largest_payees(figures: &Figures) -> Chart {
    let mut chart = bars(figures, "Payment", "The largest payees");
    chart
        .set_width(730)
        .set_height(310)
        .set_alt_text("Bar chart: the payments to the largest payees, the largest on top; the figures are in the table on the left.");
    chart
}

/// What is paid for each sector, the largest on top: sectors in column A, dollars in B.
pub(crate) fn money_by_sector(figures: &Figures) -> Chart {
    let mut chart = bars(figures, "Paid", "Money by sector");
    chart
        .set_width(650)
        .set_height(310)
        .set_alt_text("Bar chart: dollars paid for each sector, the largest on top; the figures are in the table on the left.");
    chart
}

/// Money that changes hands under each reading, the most on top: readings in column A, dollars in B.
pub(crate) fn changes_hands(figures: &Figures) -> Chart {
    let mut chart = bars(
        figures,
        "Money moved",
        "Money that changes hands under each reading",
    );
    chart
        .set_width(900)
        .set_height(420)
        .set_alt_text("Bar chart: dollars that change hands under each reading, the most on top; the figures are in the table above.");
    chart
}

/// A preview's expectation with its range, and the full rate to compare: names in column A, dollars in B.
pub(crate) fn expected_range(figures: &Figures) -> Chart {
    let mut chart = bars_without_axis(figures, "What is expected, and between which ends");
    chart.set_width(RANGE_WIDTH).set_height(200).set_alt_text(
        "Bar chart: what is expected, the low and the high end, and the full rate; the figures are in the table on the left.",
    );
    chart
}

/// Expected money by program, the most on top: programs in column A, dollars in B.
pub(crate) fn money_by_program(figures: &Figures) -> Chart {
    let mut chart = bars_without_axis(figures, "Expected money by program");
    chart
        .set_width(PROGRAM_WIDTH)
        .set_height(245)
        .set_alt_text("Bar chart: expected dollars by program, the most on top; the figures are in the table on the left.");
    chart
}

/// Bars of a preview: its page has little room, so every bar has its dollars next to it.
fn bars_without_axis(figures: &Figures, title: &str) -> Chart {
    let mut chart = bars(figures, "Would be paid", title);
    chart.x_axis().set_hidden(true);
    chart.y_axis().set_font(ChartFont::new().set_size(8));
    chart
}

/// Horizontal bars, the first on top: names in column A, dollars in B.
fn bars(figures: &Figures, series: &str, title: &str) -> Chart {
    let mut chart = Chart::new_bar();
    let Figures { sheet, first, last } = *figures;
    chart
        .add_series()
        .set_name(series)
        .set_categories((sheet, first, 0, last, 0))
        .set_values((sheet, first, 1, last, 1))
        .set_gap(50)
        .set_format(&mut filled(INK))
        .set_data_label(&label());
    chart
        .title()
        .set_name(title)
        .set_font(ChartFont::new().set_size(13).set_bold());
    chart.legend().set_hidden();
    chart
        .x_axis()
        .set_num_format(DOLLARS)
        .set_min(0)
        .set_major_gridlines_line(ChartLine::new().set_color(GRID));
    // The first on top, and the dollars still at the bottom.
    chart
        .y_axis()
        .set_reverse()
        .set_crossing(ChartAxisCrossing::Max);
    chart.set_object_movement(ObjectMovement::MoveButDontSizeWithCells);
    chart
}

/// Rows of a sheet that hold the figures of a chart over the years.
pub(crate) struct Span<'s> {
    pub(crate) sheet: &'s str,
    pub(crate) first: u32,
    pub(crate) last: u32,
}

/// Colors of lines, the darkest first; each has its mark too.
const LINES: [(u32, ChartMarkerType); 6] = [
    (INK, ChartMarkerType::Circle),
    (0x009A_4D00, ChartMarkerType::Square),
    (0x000B_6B5D, ChartMarkerType::Diamond),
    (0x006B_2FA0, ChartMarkerType::Triangle),
    (0x00C0_392B, ChartMarkerType::X),
    (0x0060_6060, ChartMarkerType::Star),
];

/// Counts over the years: years in column A, each series in its column, with its look and name; an empty cell is a gap.
pub(crate) fn counts_by_year(span: &Span<'_>, series: &[(u16, usize, &str)]) -> Chart {
    let mut chart = Chart::new_line();
    let Span { sheet, first, last } = *span;
    for (column, look, name) in series {
        lined(
            chart
                .add_series()
                .set_name(*name)
                .set_categories((sheet, first, 0, last, 0))
                .set_values((sheet, first, *column, last, *column)),
            *look,
        );
    }
    over_years(&mut chart, "Completions, units and pupils", "#,##0");
    chart.set_alt_text("Line chart: completions, units and pupils by budget year; the figures are in the table beneath.");
    chart
}

/// Dollars over the years: years in column A, each series in its column.
pub(crate) fn money_by_year<const N: usize>(span: &Span<'_>, series: [(&str, u16); N]) -> Chart {
    let mut chart = Chart::new_column();
    let Span { sheet, first, last } = *span;
    for ((name, column), color) in series.into_iter().zip([INK, SAND].into_iter().cycle()) {
        chart
            .add_series()
            .set_name(name)
            .set_categories((sheet, first, 0, last, 0))
            .set_values((sheet, first, column, last, column))
            .set_gap(80)
            .set_format(&mut filled(color));
    }
    over_years(
        &mut chart,
        "Paid, and what full funding would have cost",
        DOLLARS,
    );
    chart.set_alt_text("Column chart: dollars paid and the cost of full funding by budget year; the figures are in the table beneath.");
    chart
}

/// A line for each row of a table: its name in a column, the years in the heading from one column to another.
pub(crate) fn lines_by_row(
    span: &Span<'_>,
    (name, header, from, to): (u16, u32, u16, u16),
    title: &str,
) -> Chart {
    let mut chart = Chart::new_line();
    for (at, row) in (span.first..=span.last).enumerate() {
        lined(
            chart
                .add_series()
                .set_name((span.sheet, row, name))
                .set_categories((span.sheet, header, from, header, to))
                .set_values((span.sheet, row, from, row, to)),
            at,
        );
    }
    over_years(&mut chart, title, "#,##0");
    chart.set_alt_text(format!(
        "Line chart: {title}; the figures are in the table of completions beneath."
    ));
    chart
}

fn lined(series: &mut ChartSeries, at: usize) {
    let (color, mark) = LINES[at % LINES.len()];
    let mut format = ChartFormat::new();
    format.set_line(ChartLine::new().set_color(color).set_width(2));
    let mut marker = ChartMarker::new();
    marker.set_type(mark).set_size(7);
    series.set_format(&mut format).set_marker(&marker);
}

fn over_years(chart: &mut Chart, title: &str, number_format: &str) {
    chart
        .title()
        .set_name(title)
        .set_font(ChartFont::new().set_size(13).set_bold());
    chart.legend().set_position(ChartLegendPosition::Bottom);
    chart
        .y_axis()
        .set_num_format(number_format)
        .set_min(0)
        .set_major_gridlines_line(ChartLine::new().set_color(GRID));
    chart
        .set_width(600)
        .set_height(325)
        .set_object_movement(ObjectMovement::MoveButDontSizeWithCells);
}

fn filled(color: u32) -> ChartFormat {
    let mut format = ChartFormat::new();
    format.set_solid_fill(ChartSolidFill::new().set_color(color));
    format
}

fn label() -> ChartDataLabel {
    let mut label = ChartDataLabel::new();
    label
        .show_value()
        .set_num_format(DOLLARS)
        .set_position(ChartDataLabelPosition::OutsideEnd)
        .set_font(ChartFont::new().set_size(9));
    label
}
