//! How the workbooks look: one set of formats for every sheet. Fills also differ in lightness, for a grayscale printer, and a fill
//! always has its word.

use rust_xlsxwriter::{Format, FormatAlign, FormatBorder};

/// Headers, titles and the first series of a chart.
pub(crate) const INK: u32 = 0x001F_3864;
/// The second series of a chart, light enough to be told from the first without color.
pub(crate) const SAND: u32 = 0x00F4_C57C;
const WHITE: u32 = 0x00FF_FFFF;
const MIST: u32 = 0x00EE_F2F8;
const LINE: u32 = 0x00D0_D5DD;
const AMBER: u32 = 0x00FF_D966;
const CORAL: u32 = 0x00EE_A090;
const GREEN: u32 = 0x00C6_E5C3;
/// Cells that can be changed.
const CREAM: u32 = 0x00FF_F7D6;
const NOT_COPIED: u32 = 0x00E2_E2E2;
const GREY_INK: u32 = 0x0040_4040;
const LINK_INK: u32 = 0x000B_4FA8;

/// Tones of a row.
const TONES: usize = 3;

/// How the rows of a table differ from each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    /// A row like any other.
    Plain,
    /// A row that heads those below it.
    Group,
    /// A total.
    Total,
}

/// The fill of a word, by the name of its color.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shade {
    Red,
    Coral,
    Orange,
    Khaki,
    Linen,
    Lilac,
    PaleLilac,
    Blue,
    PaleBlue,
    PaleGreen,
    Smoke,
}

impl Shade {
    pub(super) const ALL: [Shade; 11] = [
        Shade::Red,
        Shade::Coral,
        Shade::Orange,
        Shade::Khaki,
        Shade::Linen,
        Shade::Lilac,
        Shade::PaleLilac,
        Shade::Blue,
        Shade::PaleBlue,
        Shade::PaleGreen,
        Shade::Smoke,
    ];

    /// Its color, and whether the word is bold, which means that there is something to do.
    const fn color(self) -> (u32, bool) {
        match self {
            Shade::Red => (0x00DF_7F6E, true),
            Shade::Coral => (CORAL, true),
            Shade::Orange => (0x00FA_CB6E, true),
            Shade::Khaki => (0x00D6_CCB2, false),
            Shade::Linen => (0x00EF_E8D5, false),
            Shade::Lilac => (0x00D9_D2E9, false),
            Shade::PaleLilac => (0x00EA_E6F4, false),
            Shade::Blue => (0x00BF_D6EC, false),
            Shade::PaleBlue => (0x00DB_E8F5, false),
            Shade::PaleGreen => (0x00E8_F5E6, false),
            Shade::Smoke => (0x00F5_F5F5, false),
        }
    }
}

/// What a cell holds, for its format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Words,
    Digits,
    Count,
    Number,
    Money,
    Rate,
    Quotient,
    Weight,
    UnitWeight,
    Percent,
    Date,
    Word(Shade),
    Link,
}

/// The kinds whose format depends on the row.
const KINDS: [Kind; 12] = [
    Kind::Text,
    Kind::Words,
    Kind::Digits,
    Kind::Count,
    Kind::Number,
    Kind::Money,
    Kind::Rate,
    Kind::Quotient,
    Kind::Weight,
    Kind::UnitWeight,
    Kind::Percent,
    Kind::Date,
];

/// The formats of a row, in the order of [`KINDS`].
type RowFormats = [Format; KINDS.len()];

fn row_formats(base: &Format) -> RowFormats {
    let with = |number_format: &str| base.clone().set_num_format(number_format);
    // Indented, so that a text does not touch the figure on its left.
    let text = base.clone().set_align(FormatAlign::Left).set_indent(1);
    KINDS.map(|kind| match kind {
        Kind::Text | Kind::Word(_) | Kind::Link => text.clone(),
        Kind::Words => text.clone().set_text_wrap(),
        Kind::Digits => base.clone().set_align(FormatAlign::Right),
        Kind::Count => with("#,##0"),
        Kind::Number => with("0"),
        // A formula can give a word, such as open: it is on the right, as the figures are.
        Kind::Money => with("$#,##0.00").set_align(FormatAlign::Right),
        // The third part is for zero, which is not shown.
        Kind::Rate => with("$#,##0.00;;"),
        Kind::Quotient => with("$#,##0.0000;;"),
        Kind::Weight => with("#,##0.00"),
        Kind::UnitWeight => with("#,##0.00;;"),
        Kind::Percent => with("0.00%").set_align(FormatAlign::Right),
        Kind::Date => with("yyyy-mm-dd")
            .set_align(FormatAlign::Left)
            .set_indent(1),
    })
}

/// The heading of a column.
fn header() -> Format {
    Format::new()
        .set_bold()
        .set_font_color(WHITE)
        .set_background_color(INK)
        .set_text_wrap()
        .set_align(FormatAlign::VerticalCenter)
        .set_border(FormatBorder::Thin)
        .set_border_color(LINE)
}

/// A total.
fn total() -> Format {
    Format::new()
        .set_align(FormatAlign::Top)
        .set_bold()
        .set_background_color(MIST)
        .set_border_top(FormatBorder::Thin)
        .set_border_bottom(FormatBorder::Double)
        .set_border_color(INK)
}

/// Every format that the workbooks use, made once.
#[derive(Debug)]
pub(crate) struct Look {
    /// By [`Tone`], and those of cells that can be changed.
    rows: [RowFormats; TONES + 1],
    shades: [Format; Shade::ALL.len()],
    /// The title of a sheet, white on dark.
    pub(crate) title: Format,
    /// The line that says PRELIMINARY.
    pub(crate) preliminary: Format,
    /// The line that says FINAL.
    pub(crate) settled: Format,
    /// The line with label, rules and date.
    pub(crate) facts: Format,
    /// What a sheet shows.
    pub(crate) about: Format,
    /// The same, highlighted.
    pub(crate) notice: Format,
    /// The heading of a column of text.
    pub(crate) header: Format,
    /// The heading of a column of figures.
    pub(crate) header_figures: Format,
    /// The same, leaving room for the filter's button.
    pub(crate) header_filtered: Format,
    /// The heading of a part of a sheet.
    pub(crate) section: Format,
    /// Running text.
    pub(crate) paragraph: Format,
    /// The topic next to running text.
    pub(crate) topic: Format,
    /// A link to another sheet.
    pub(crate) link: Format,
    /// A check that holds, in the color of FINAL.
    pub(crate) holds: Format,
    /// A check that does not, in the color of a rejected row.
    pub(crate) differs: Format,
    /// The heading of a column whose content is not copied.
    pub(crate) not_copied: Format,
}

/// A format and its number, by which spliced rows know it: one number is one format throughout a sheet.
#[derive(Clone, Copy)]
pub(crate) struct Numbered<'l> {
    pub(crate) number: usize,
    pub(crate) format: &'l Format,
}

/// How many formats of a look have a number: shades, then links, headings and columns that are not copied, then rows by tone and
/// kind. Other formats are numbered from here on.
pub(crate) const NUMBERS: usize = ROWS_FROM + KINDS.len() * (TONES + 1);
const LINK: usize = Shade::ALL.len();
const HEADER: usize = LINK + 1;
const NOT_COPIED_AT: usize = LINK + 2;
const ROWS_FROM: usize = LINK + 3;

impl Look {
    pub(crate) fn new() -> Look {
        let cell = Format::new()
            .set_align(FormatAlign::Top)
            .set_border_bottom(FormatBorder::Thin)
            .set_border_color(LINE);
        let running = Format::new()
            .set_align(FormatAlign::Top)
            .set_align(FormatAlign::Left)
            .set_indent(1)
            .set_text_wrap();
        let line = Format::new()
            .set_align(FormatAlign::VerticalCenter)
            .set_indent(1);
        let fill = |color: u32| cell.clone().set_background_color(color);
        let word = |color: u32| fill(color).set_align(FormatAlign::Left).set_indent(1);
        let header = header();
        Look {
            rows: [
                row_formats(&cell),
                row_formats(&fill(MIST).set_bold()),
                row_formats(&total()),
                row_formats(
                    &fill(CREAM)
                        .set_border(FormatBorder::Thin)
                        .set_border_color(INK),
                ),
            ],
            shades: Shade::ALL.map(|shade| match shade.color() {
                (color, true) => word(color).set_bold(),
                (color, false) => word(color),
            }),
            title: line
                .clone()
                .set_bold()
                .set_font_size(16)
                .set_font_color(WHITE)
                .set_background_color(INK),
            preliminary: line.clone().set_bold().set_background_color(AMBER),
            settled: line.clone().set_bold().set_background_color(GREEN),
            facts: line
                .clone()
                .set_background_color(MIST)
                .set_font_color(GREY_INK),
            notice: running.clone().set_bold().set_background_color(SAND),
            about: running.clone().set_italic().set_font_color(GREY_INK),
            header_figures: header.clone().set_align(FormatAlign::Right),
            header_filtered: header.clone().set_align(FormatAlign::Right).set_indent(2),
            header: header.set_indent(1),
            // Only fill and weight, on top of a cell's own format.
            holds: Format::new().set_background_color(GREEN),
            differs: Format::new().set_background_color(CORAL).set_bold(),
            section: line
                .set_bold()
                .set_font_size(13)
                .set_font_color(INK)
                .set_border_bottom(FormatBorder::Medium)
                .set_border_color(INK),
            topic: running.clone().set_bold(),
            not_copied: running
                .clone()
                .set_font_color(GREY_INK)
                .set_background_color(NOT_COPIED),
            paragraph: running,
            link: cell
                .set_align(FormatAlign::Left)
                .set_indent(1)
                .set_font_color(LINK_INK)
                .set_underline(rust_xlsxwriter::FormatUnderline::Single),
        }
    }

    /// The format of a kind of cell in a row; or of one that can be changed.
    pub(crate) fn format(&self, kind: Kind, changeable: bool, tone: Tone) -> &Format {
        self.numbered(kind, changeable, tone).format
    }

    /// The same with its number.
    pub(crate) fn numbered(&self, kind: Kind, changeable: bool, tone: Tone) -> Numbered<'_> {
        let (number, format) = match kind {
            Kind::Word(shade) => (shade as usize, self.shade(shade)),
            Kind::Link => (LINK, &self.link),
            _ => {
                let row = if changeable { TONES } else { tone as usize };
                let kind = KINDS.iter().position(|other| *other == kind);
                let kind = kind.unwrap_or(0);
                let number = ROWS_FROM + row * KINDS.len() + kind;
                (number, &self.rows[row][kind])
            }
        };
        Numbered { number, format }
    }

    /// The heading of a column, with its number.
    pub(crate) fn numbered_header(&self) -> Numbered<'_> {
        Numbered {
            number: HEADER,
            format: &self.header,
        }
    }

    /// The heading of a column whose content is not copied, with its number.
    pub(crate) fn numbered_not_copied(&self) -> Numbered<'_> {
        Numbered {
            number: NOT_COPIED_AT,
            format: &self.not_copied,
        }
    }

    /// The format of words in a plain row.
    pub(crate) fn words(&self) -> &Format {
        self.format(Kind::Words, false, Tone::Plain)
    }

    /// The format of a word in its shade.
    pub(crate) fn shade(&self, shade: Shade) -> &Format {
        &self.shades[shade as usize]
    }
}
