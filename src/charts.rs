//! Charts as inline SVG, for pages that are read on a screen and printed. The figures of a chart are also in a table next to it, so a
//! screen reader reads only the picture's title.
//!
//! Positions are whole tenths of a pixel. Series differ in lightness, in dashes and in marks too, so that they survive a grayscale
//! printer.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::words::thousands;

/// Width of a chart in SVG pixels; a page scales it to the available room.
const WIDTH: i64 = 480;
/// Height of the plot of a chart.
const PLOT_HEIGHT: i64 = 190;
/// Room for the figures of the axis.
const LEFT: i64 = 62;
/// Room for the names of the bars.
const NAMES: i64 = 208;
/// Room after the longest bar for its figure.
const FIGURE: i64 = 84;
/// Height of a line of text.
const LINE: i64 = 18;
/// Characters of a bar's name. A longer name is cut; the table has the full name.
const NAME_CHARS_MAX: usize = 24;
/// Labels that fit next to each other on an axis.
const LABELS_MAX: usize = 8;
/// The most grid lines above zero.
const STEPS_MAX: i64 = 4;
/// The largest figure that is drawn, positive or negative: far above any amount, far below overflow.
const FIGURE_MAX: i64 = 1 << 60;

/// Color, dashes and mark of a series, by its position.
const STYLES: [Style; 4] = [
    Style::new("#1f3864", "#1f3864", ""),
    Style::new("#9a4d00", "#f4c57c", "7 4"),
    Style::new("#0b6b5d", "#9fd8cf", "2 4"),
    Style::new("#6b2fa0", "#e3d3f2", "10 3 2 3"),
];

struct Style {
    line: &'static str,
    fill: &'static str,
    dashes: &'static str,
}

impl Style {
    const fn new(line: &'static str, fill: &'static str, dashes: &'static str) -> Style {
        Style { line, fill, dashes }
    }

    fn of(series: usize) -> &'static Style {
        &STYLES[series % STYLES.len()]
    }
}

/// The unit of a chart's figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A count.
    Count,
    /// Cents, shown as dollars.
    Cents,
}

/// A line of a chart, or its columns of one color.
#[derive(Clone, Debug)]
pub struct Series {
    pub name: String,
    /// By label; `None` if there is no figure. Negative figures count as zero.
    pub values: Vec<Option<i64>>,
    /// Positions of labels at which the way of counting changes: the line breaks there.
    pub breaks: Vec<usize>,
}

impl Series {
    /// A series with a figure for each label.
    #[must_use]
    pub fn new(name: impl Into<String>, values: impl IntoIterator<Item = i64>) -> Series {
        Series {
            name: name.into(),
            values: values.into_iter().map(Some).collect(),
            breaks: Vec::new(),
        }
    }

    /// The same series, with labels at which the way of counting changes.
    #[must_use]
    pub fn broken_at(self, breaks: Vec<usize>) -> Series {
        Series { breaks, ..self }
    }
}

/// A chart over labels such as years.
#[derive(Clone, Debug)]
pub struct Chart {
    /// The content in one sentence.
    pub title: String,
    pub labels: Vec<String>,
    /// At most four can be told apart.
    pub series: Vec<Series>,
    pub unit: Unit,
    /// The top of the axis is at least this, so that several charts can be compared.
    pub top: Option<i64>,
}

/// Escapes a text for the body or a quoted attribute of a page.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // HTML knows no other control characters.
            c if c.is_control() && !matches!(c, '\n' | '\t') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// A figure in few characters, rounded half up: `$9.5M`, `$950K`, `12,573`.
fn short(value: i64, unit: Unit) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let size = value.unsigned_abs();
    match unit {
        Unit::Count if size < 1_000_000 => format!("{sign}{}", thousands(size)),
        Unit::Count => format!("{sign}{}", compact(size, 1)),
        Unit::Cents => format!("{sign}${}", compact(size, 100)),
    }
}

/// Millions or thousands with one decimal, or a whole number; `parts` make one unit.
fn compact(parts: u64, in_one: u64) -> String {
    let ones = half_up(parts, in_one);
    if ones < 10_000 {
        return thousands(ones);
    }
    let tenths_of_thousands = half_up(parts, 100 * in_one);
    // 1,000K is written as 1M.
    if tenths_of_thousands < 10_000 {
        return format!("{}K", with_tenths(tenths_of_thousands));
    }
    format!("{}M", with_tenths(half_up(parts, 100_000 * in_one)))
}

fn half_up(part: u64, of: u64) -> u64 {
    part / of + u64::from(part % of >= of.div_ceil(2))
}

fn with_tenths(tenths: u64) -> String {
    match tenths % 10 {
        0 => thousands(tenths / 10),
        rest => format!("{}.{rest}", thousands(tenths / 10)),
    }
}

/// Tenths of a pixel as SVG text.
fn px(tenths: i64) -> String {
    match tenths % 10 {
        0 => (tenths / 10).to_string(),
        rest => format!("{}.{rest}", tenths / 10),
    }
}

/// A part of a length: `length * part / whole`.
fn share(length: i64, part: i64, whole: i64) -> i64 {
    let exact = i128::from(length) * i128::from(part) / i128::from(whole.max(1));
    i64::try_from(exact).unwrap_or(length)
}

/// The distance between grid lines for a largest figure: 1, 2 or 5 with zeros.
fn step(top: i64, unit: Unit) -> i64 {
    // An axis of dollars has grid lines at whole dollars only.
    let mut step: i64 = if unit == Unit::Cents { 100 } else { 1 };
    let mut factors = [2, 5, 10].into_iter().cycle();
    let mut unit_step = step;
    while step.saturating_mul(STEPS_MAX) < top {
        let factor = factors.next().unwrap_or(10);
        step = unit_step.saturating_mul(factor);
        if factor == 10 {
            unit_step = step;
        }
    }
    step
}

/// A chart being drawn.
struct Plot<'c> {
    chart: &'c Chart,
    svg: String,
    /// The upper edge of the plot.
    above: i64,
    top: i64,
}

impl<'c> Plot<'c> {
    fn begin(chart: &'c Chart) -> Plot<'c> {
        let figures = chart
            .series
            .iter()
            .flat_map(|series| series.values.iter().flatten());
        let most = figures.copied().max().unwrap_or_default();
        let most = most.max(chart.top.unwrap_or_default()).clamp(1, FIGURE_MAX);
        let step = step(most, chart.unit);
        let top = most.div_euclid(step).saturating_mul(step);
        let top = if top < most {
            top.saturating_add(step)
        } else {
            top
        };
        let names = if chart.series.len() > 1 {
            i64::try_from(chart.series.len()).unwrap_or(0)
        } else {
            0
        };
        let above = 12 + names * LINE;
        let mut plot = Plot {
            chart,
            svg: opened(&chart.title, above + PLOT_HEIGHT + LINE + 10),
            above,
            top,
        };
        plot.grid(step);
        plot
    }

    /// The height of a figure, in tenths of a pixel from the top.
    fn y(&self, value: i64) -> i64 {
        (self.above + PLOT_HEIGHT) * 10
            - share(PLOT_HEIGHT * 10, value.clamp(0, self.top), self.top)
    }

    /// The width of a label, in tenths of a pixel.
    fn each(&self) -> i64 {
        let labels = i64::try_from(self.chart.labels.len().max(1)).unwrap_or(1);
        (WIDTH - LEFT - 14) * 10 / labels
    }

    /// The middle of a label.
    fn x(&self, label: usize) -> i64 {
        let label = i64::try_from(label).unwrap_or_default();
        LEFT * 10 + self.each() * label + self.each() / 2
    }

    fn grid(&mut self, step: i64) {
        let mut value = 0;
        while value <= self.top {
            let y = self.y(value);
            let _ = write!(
                self.svg,
                "<line x1=\"{LEFT}\" y1=\"{0}\" x2=\"{1}\" y2=\"{0}\" stroke=\"#d0d5dd\"/><text x=\"{2}\" y=\"{3}\" text-anchor=\"end\">{4}</text>",
                px(y),
                WIDTH - 14,
                LEFT - 6,
                px(y + 40),
                short(value, self.chart.unit)
            );
            value += step;
        }
        let labels = self.chart.labels.len();
        let every = labels.div_ceil(LABELS_MAX).max(1);
        for (at, label) in self.chart.labels.iter().enumerate() {
            // The last one always has its label.
            if (labels - 1 - at).is_multiple_of(every) {
                let _ = write!(
                    self.svg,
                    "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
                    px(self.x(at)),
                    self.above + PLOT_HEIGHT + LINE,
                    escaped(label)
                );
            }
        }
    }

    /// The legend: the name of each series, with a `sample` of its look.
    fn names(&mut self, sample: impl Fn(&Style, i64) -> String) {
        if self.chart.series.len() < 2 {
            return;
        }
        for (at, series) in self.chart.series.iter().enumerate() {
            let y = i64::try_from(at).unwrap_or_default() * LINE + 14;
            let _ = write!(
                self.svg,
                "{}<text x=\"{}\" y=\"{y}\">{}</text>",
                sample(Style::of(at), y - 4),
                LEFT + 34,
                escaped(&series.name)
            );
        }
    }

    fn end(mut self) -> String {
        self.svg.push_str("</svg>");
        self.svg
    }
}

fn opened(title: &str, height: i64) -> String {
    format!(
        "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{}\" font-size=\"13\" font-family=\"inherit\" fill=\"#1a1a1a\">",
        escaped(title)
    )
}

/// Lines over the labels, with a mark at each figure.
#[must_use]
pub fn lines(chart: &Chart) -> String {
    let mut plot = Plot::begin(chart);
    plot.names(|style, y| {
        format!(
            "<line x1=\"{LEFT}\" y1=\"{y}\" x2=\"{}\" y2=\"{y}\" stroke=\"{}\" stroke-width=\"2.5\" stroke-dasharray=\"{}\"/>",
            LEFT + 28,
            style.line,
            style.dashes
        )
    });
    let breaks: BTreeSet<usize> = chart
        .series
        .iter()
        .flat_map(|series| series.breaks.iter().copied())
        .collect();
    for label in breaks {
        let x = px(plot.x(label) - plot.each() / 2);
        let _ = write!(
            plot.svg,
            "<line x1=\"{x}\" y1=\"{}\" x2=\"{x}\" y2=\"{}\" stroke=\"#404040\" stroke-dasharray=\"1 3\"/>",
            plot.above,
            plot.above + PLOT_HEIGHT
        );
    }
    for (at, series) in chart.series.iter().enumerate() {
        let style = Style::of(at);
        let mut path = String::new();
        let mut marks = String::new();
        let mut pen = 'M';
        for (label, value) in series.values.iter().enumerate() {
            let Some(value) = value else {
                pen = 'M';
                continue;
            };
            if series.breaks.contains(&label) {
                pen = 'M';
            }
            let (x, y) = (px(plot.x(label)), px(plot.y(*value)));
            let _ = write!(path, "{pen}{x} {y}");
            let _ = write!(
                marks,
                "<circle cx=\"{x}\" cy=\"{y}\" r=\"3.5\" fill=\"{}\" stroke=\"{}\"/>",
                style.fill, style.line
            );
            pen = 'L';
        }
        let _ = write!(
            plot.svg,
            "<path d=\"{path}\" fill=\"none\" stroke=\"{}\" stroke-width=\"2.5\" stroke-dasharray=\"{}\"/>{marks}",
            style.line, style.dashes
        );
    }
    plot.end()
}

/// Columns over the labels, side by side for each label.
#[must_use]
pub fn columns(chart: &Chart) -> String {
    let mut plot = Plot::begin(chart);
    plot.names(|style, y| {
        format!(
            "<rect x=\"{}\" y=\"{}\" width=\"20\" height=\"10\" fill=\"{}\" stroke=\"{}\"/>",
            LEFT + 8,
            y - 5,
            style.fill,
            style.line
        )
    });
    let series = i64::try_from(chart.series.len().max(1)).unwrap_or(1);
    // A fifth on either side of a label stays empty, and no column gets too wide.
    let width = (plot.each() * 3 / 5 / series).min(480);
    for (at, one) in chart.series.iter().enumerate() {
        let style = Style::of(at);
        let at = i64::try_from(at).unwrap_or_default();
        for (label, value) in one.values.iter().enumerate() {
            let Some(value) = value else { continue };
            let y = plot.y(*value);
            let x = plot.x(label) - width * series / 2 + width * at;
            let _ = write!(
                plot.svg,
                "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{}\" stroke=\"{}\"/>",
                px(x),
                px(y),
                px(width),
                px((plot.above + PLOT_HEIGHT) * 10 - y),
                style.fill,
                style.line
            );
        }
    }
    plot.end()
}

/// Horizontal bars, each with its name and its figure; below zero they go to the left.
#[must_use]
pub fn bars(title: &str, rows: &[(String, i64)], unit: Unit) -> String {
    let height = i64::try_from(rows.len()).unwrap_or_default() * (LINE + 6) + 8;
    let mut svg = opened(title, height);
    let most = rows.iter().map(|(_, value)| *value).max().unwrap_or(0);
    let least = rows.iter().map(|(_, value)| *value).min().unwrap_or(0);
    let (most, least) = (most.clamp(0, FIGURE_MAX), least.clamp(-FIGURE_MAX, 0));
    let span = (most - least).max(1);
    // The figure of a bar to the left is at its left end.
    let room = WIDTH - NAMES - FIGURE - if least < 0 { FIGURE } else { 0 };
    let zero = (NAMES + if least < 0 { FIGURE } else { 0 }) * 10 + share(room * 10, -least, span);
    for (at, (name, value)) in rows.iter().enumerate() {
        let y = i64::try_from(at).unwrap_or_default() * (LINE + 6) + 6;
        let size = value.saturating_abs().min(FIGURE_MAX);
        let width = share(room * 10, size, span).max(5);
        let style = Style::of(usize::from(*value < 0));
        let (x, end, anchor) = if *value < 0 {
            (zero - width, zero - width - 50, "end")
        } else {
            (zero, zero + width + 50, "start")
        };
        let _ = write!(
            svg,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text><rect x=\"{}\" y=\"{y}\" width=\"{}\" height=\"{LINE}\" fill=\"{}\" stroke=\"{}\"/><text x=\"{}\" y=\"{}\" text-anchor=\"{anchor}\">{}</text>",
            NAMES - 8,
            y + 14,
            escaped(&cut(name)),
            px(x),
            px(width),
            style.fill,
            style.line,
            px(end),
            y + 14,
            short(*value, unit)
        );
    }
    svg.push_str("</svg>");
    svg
}

fn cut(name: &str) -> String {
    if name.chars().count() <= NAME_CHARS_MAX {
        return name.to_string();
    }
    let kept: String = name.chars().take(NAME_CHARS_MAX - 1).collect();
    format!("{}\u{2026}", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_short_and_rounded_half_up() {
        for (value, unit, said) in [
            (950_000_000, Unit::Cents, "$9.5M"),
            // 48,278.97 is nearer to 48.3 thousand; 999,999.99 is a million.
            (-4_827_897, Unit::Cents, "-$48.3K"),
            (99_999_999, Unit::Cents, "$1M"),
            (99_994_999, Unit::Cents, "$999.9K"),
            (999_499, Unit::Cents, "$9,995"),
            (999_950, Unit::Cents, "$10K"),
            (99_995_000, Unit::Cents, "$1M"),
            (1_234_567, Unit::Count, "1.2M"),
            (100_000, Unit::Cents, "$1,000"),
            (-250_000_000, Unit::Cents, "-$2.5M"),
            (12_573, Unit::Count, "12,573"),
        ] {
            assert_eq!(short(value, unit), said);
        }
    }

    #[test]
    fn the_lines_of_a_grid_are_one_two_or_five_with_zeros_apart() {
        // At most four lines above zero: 9,500,000 / 5,000,000 = 2, 8,000 / 2,000 = 4, 8,001 needs five.
        assert_eq!(step(950_000_000, Unit::Cents), 500_000_000);
        assert_eq!(step(8_000, Unit::Count), 2_000);
        assert_eq!(step(8_001, Unit::Count), 5_000);
        assert_eq!(step(1, Unit::Count), 1);
        assert_eq!(step(30, Unit::Cents), 100);
    }

    #[test]
    fn a_chart_says_its_title_and_no_text_of_an_input_leaves_its_place() {
        let chart = Chart {
            title: "Units of \"Arts & <Crafts>\"".to_string(),
            labels: vec!["2023-24".to_string(), "2024-25".to_string()],
            series: vec![Series::new("a<b", [3, 4]), Series::new("c", [0, 2])],
            unit: Unit::Count,
            top: None,
        };
        for svg in [lines(&chart), columns(&chart)] {
            assert!(svg.contains("aria-label=\"Units of &quot;Arts &amp; &lt;Crafts&gt;&quot;\""));
            assert!(svg.contains(">a&lt;b</text>") && svg.ends_with("</svg>"));
        }
        let row = |name: &str, value| (name.to_string(), value);
        let svg = bars("Changes", &[row("<i>", 500), row("b", -700)], Unit::Cents);
        assert!(svg.contains("&lt;i&gt;") && svg.contains(">-$7</text>"));
    }

    #[test]
    fn a_line_does_not_lead_to_figures_that_are_counted_otherwise() {
        let labels = ["a", "b", "c"].map(str::to_string).to_vec();
        let chart = |series: Series| Chart {
            title: String::new(),
            labels: labels.clone(),
            series: vec![series],
            unit: Unit::Count,
            top: None,
        };
        let whole = lines(&chart(Series::new("Units", [1, 2, 3])));
        let broken = lines(&chart(Series::new("Units", [1, 2, 3]).broken_at(vec![2])));
        // The pen goes down at the first figure, and again at the third.
        let pens = |svg: &str| {
            svg.split("<path d=\"")
                .nth(1)
                .unwrap()
                .split('"')
                .next()
                .unwrap()
                .matches('M')
                .count()
        };
        assert_eq!((pens(&whole), pens(&broken)), (1, 2));
    }

    #[test]
    fn a_chart_of_nothing_is_still_a_chart() {
        let chart = Chart {
            title: "Nothing".to_string(),
            labels: Vec::new(),
            series: Vec::new(),
            unit: Unit::Cents,
            top: None,
        };
        assert!(lines(&chart).ends_with("</svg>"));
        assert!(bars("Nothing", &[], Unit::Count).ends_with("</svg>"));
    }

    #[test]
    fn the_largest_figures_overflow_nothing() {
        let chart = Chart {
            title: String::new(),
            labels: vec![String::new()],
            series: vec![Series::new("", [i64::MAX])],
            unit: Unit::Cents,
            top: Some(i64::MAX),
        };
        assert!(columns(&chart).ends_with("</svg>"));
        let row = |value| (String::new(), value);
        assert!(bars("", &[row(i64::MAX), row(i64::MIN)], Unit::Count).ends_with("</svg>"));
    }
}
