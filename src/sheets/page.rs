//! A sheet from top to bottom: the title band with its title and standing, then its parts; and how it prints.

use std::borrow::Cow;

use rust_xlsxwriter::{Format, IgnoreError, Table, TableColumn, TableStyle, Worksheet, XlsxError};

use super::cell::{Cell, fitting};
use super::look::{Kind, Look, Tone};
use super::print::{LETTER_INCHES, LETTER_POINTS, inches, print_first, printed_columns};
use super::spliced::Spliced;
use crate::money::Money;

/// Points of a line of text in the default font.
pub(crate) const LINE_POINTS: u16 = 15;
/// Rows of the title band: title, standing, facts, what the sheet shows.
pub(crate) const BAND_ROWS: u32 = 4;
/// Lines of text that a row can be high: Excel ends a row at 409 points.
const LINES_MAX: u16 = 27;
/// Lines of a cell that a person fills in with words, perhaps on paper: about a quarter of an inch in the smallest scale.
const LINES_TO_WRITE_ON: u16 = 2;
/// Characters that the indent of a text and the cell's own margins take.
const INDENT: f64 = 2.0;
/// Characters of running text on the width of one digit, in which Excel measures columns.
const CHARACTERS_PER_DIGIT: f64 = 1.12;

/// What every sheet and page of a workbook shows.
#[derive(Debug)]
pub(crate) struct Stamp {
    /// What the workbook is: `CDIP statewide report`.
    pub(crate) title: String,
    /// `FINAL` or `PRELIMINARY`.
    pub(crate) standing: &'static str,
    pub(crate) is_final: bool,
    /// Why it is PRELIMINARY, or that nothing is open.
    pub(crate) reason: String,
    /// The batch's label.
    pub(crate) label: String,
    /// Label, years, rules and run date.
    pub(crate) facts: String,
}

/// A column of a table.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(crate) heading: Cow<'static, str>,
    /// In characters of the default font; zero if several tables share the sheet's widths.
    pub(crate) width: f64,
    /// Figures are aligned right, and so is their heading.
    figures: bool,
    /// Whether the column, and those after it, are left out when the sheet is printed.
    on_screen: bool,
}

impl Column {
    /// A column of texts.
    pub(crate) const fn text(heading: &'static str, width: f64) -> Column {
        Column {
            heading: Cow::Borrowed(heading),
            width,
            figures: false,
            on_screen: false,
        }
    }

    /// A column of figures.
    pub(crate) const fn figures(heading: &'static str, width: f64) -> Column {
        Column {
            heading: Cow::Borrowed(heading),
            width,
            figures: true,
            on_screen: false,
        }
    }

    /// A column of texts in a table that takes the sheet's widths.
    pub(crate) const fn word(heading: &'static str) -> Column {
        Column::text(heading, 0.0)
    }

    /// A column of figures in a table that takes the sheet's widths.
    pub(crate) const fn figure(heading: &'static str) -> Column {
        Column::figures(heading, 0.0)
    }

    /// The same column as wide as the batch needs it.
    pub(crate) fn wide(mut self, width: f64) -> Column {
        self.width = width;
        self
    }

    /// The same column, left out when the sheet is printed.
    pub(crate) fn on_screen(mut self) -> Column {
        self.on_screen = true;
        self
    }

    /// A column of texts with a heading made for this workbook.
    pub(crate) fn text_of(heading: String, width: f64) -> Column {
        Column {
            heading: Cow::Owned(heading),
            width,
            figures: false,
            on_screen: false,
        }
    }

    /// A column of figures with a heading made for this batch.
    pub(crate) fn figures_of(heading: String, width: f64) -> Column {
        Column {
            heading: Cow::Owned(heading),
            width,
            figures: true,
            on_screen: false,
        }
    }
}

/// How a table is set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Filter {
    /// An Excel table with a filter in every heading.
    Table,
    /// An Excel table without filters, for a handful of rows.
    PlainTable,
    /// A filter over plain cells.
    Cells,
}

/// A sheet being written, row by row and never upwards.
pub(crate) struct Page<'w> {
    pub(crate) sheet: &'w mut Worksheet,
    look: &'w Look,
    widths: Vec<f64>,
    /// The last printed column. Text over several columns ends there.
    last_printed: u16,
    row: u32,
    /// Height of the rows since the sheet's top.
    points: f64,
    /// Rows that begin a page when printed: the library takes all of them at once.
    breaks: Vec<u32>,
}

impl<'w> Page<'w> {
    /// Begins a sheet with its band. `about`: what the sheet shows, and whether that is highlighted; `widths`: those of its
    /// columns.
    pub(crate) fn begin(
        sheet: &'w mut Worksheet,
        look: &'w Look,
        stamp: &Stamp,
        name: &str,
        about: (&str, bool),
        widths: Vec<f64>,
    ) -> Result<Page<'w>, XlsxError> {
        let printed = printed_columns(&widths);
        Page::begin_printing(sheet, look, stamp, name, about, (widths, printed))
    }

    /// The same for a sheet that is one table. Columns for the screen are not printed.
    pub(crate) fn begin_list(
        sheet: &'w mut Worksheet,
        look: &'w Look,
        stamp: &Stamp,
        name: &str,
        about: (&str, bool),
        columns: &[Column],
    ) -> Result<Page<'w>, XlsxError> {
        let widths: Vec<f64> = columns.iter().map(|column| column.width).collect();
        let on_screen = columns.iter().position(|column| column.on_screen);
        let printed = printed_columns(&widths).min(on_screen.unwrap_or(usize::MAX));
        Page::begin_printing(sheet, look, stamp, name, about, (widths, printed))
    }

    fn begin_printing(
        sheet: &'w mut Worksheet,
        look: &'w Look,
        stamp: &Stamp,
        name: &str,
        (about, notice): (&str, bool),
        (widths, printed): (Vec<f64>, usize),
    ) -> Result<Page<'w>, XlsxError> {
        sheet.set_name(name)?;
        for (column, width) in (0..).zip(&widths) {
            sheet.set_column_width(column, *width)?;
        }
        print_first(sheet, stamp, name, (&widths, printed))?;
        let last_printed = u16::try_from(printed.saturating_sub(1)).unwrap_or(u16::MAX);
        let mut page = Page {
            sheet,
            look,
            widths,
            last_printed,
            row: 0,
            points: 0.0,
            breaks: Vec::new(),
        };
        let standing = if stamp.is_final {
            &look.settled
        } else {
            &look.preliminary
        };
        page.band(name, &look.title, 28)?;
        page.band(
            &format!("{}: {}", stamp.standing, stamp.reason),
            standing,
            20,
        )?;
        page.band(&stamp.facts, &look.facts, 18)?;
        page.paragraph(about, if notice { &look.notice } else { &look.about })?;
        Ok(page)
    }

    /// A sheet to be read and not filtered: without grid lines, its band in sight and on every printed page.
    pub(crate) fn as_document(&mut self) -> Result<(), XlsxError> {
        self.sheet
            .set_screen_gridlines(false)
            .set_repeat_rows(0, 2)?
            .set_freeze_panes(3, 0)?;
        Ok(())
    }

    /// The formats of a check that holds, and of one that does not.
    pub(crate) fn check_formats(&self) -> (&'w Format, &'w Format) {
        (&self.look.holds, &self.look.differs)
    }

    /// The next row, from 0.
    pub(crate) fn row(&self) -> u32 {
        self.row
    }

    /// Writes a text into a hidden row, by which a program recognizes the page in every format.
    pub(crate) fn stamped(&mut self, text: &str) -> Result<(), XlsxError> {
        self.sheet.set_row_hidden(self.row)?;
        self.line(&[Cell::text(text)], Tone::Plain)
    }

    /// Leaves a row empty.
    pub(crate) fn skip(&mut self) {
        self.end_row(LINE_POINTS);
    }

    fn end_row(&mut self, points: u16) {
        self.row += 1;
        self.points += f64::from(points);
    }

    /// Begins a new page unless the first Letter page has this much room left. The length of later pages depends on the reader's
    /// fonts, so a part is only safe from a cut at its heading if it begins a page.
    pub(crate) fn break_unless_room(&mut self, points: u16) -> Result<(), XlsxError> {
        let printed = &self.widths[..=usize::from(self.last_printed)];
        let room = LETTER_POINTS * (inches(printed) / LETTER_INCHES).max(1.0);
        if self.points + f64::from(points) > room {
            self.break_at(self.row)?;
        }
        Ok(())
    }

    /// The rows since the last page that was begun on purpose.
    pub(crate) fn rows_on_page(&self) -> usize {
        let rows = self.row - self.breaks.last().copied().unwrap_or_default();
        usize::try_from(rows).unwrap_or(usize::MAX)
    }

    /// Begins a printed page at a row.
    pub(crate) fn break_at(&mut self, row: u32) -> Result<(), XlsxError> {
        self.breaks.push(row);
        self.sheet.set_page_breaks(&self.breaks)?;
        Ok(())
    }

    /// The last column of text over the whole page: the last printed one.
    pub(crate) fn last_column(&self) -> u16 {
        self.last_printed
    }

    fn band(&mut self, text: &str, format: &Format, points: u16) -> Result<(), XlsxError> {
        self.sheet.set_row_height(self.row, points)?;
        self.merged(0, self.last_column(), text, format)?;
        self.end_row(points);
        Ok(())
    }

    /// A text over several columns of the current row.
    fn merged(
        &mut self,
        first: u16,
        last: u16,
        text: &str,
        format: &Format,
    ) -> Result<(), XlsxError> {
        let text = fitting(text);
        if first == last {
            self.sheet
                .write_string_with_format(self.row, first, text, format)?;
        } else {
            self.sheet
                .merge_range(self.row, first, self.row, last, &text, format)?;
        }
        Ok(())
    }

    /// Lines that a text needs over some columns. Excel does not fit the height of merged cells by itself.
    fn lines(&self, text: &str, first: u16, last: u16) -> u16 {
        let width: f64 = self.widths[usize::from(first)..=usize::from(last)]
            .iter()
            .sum();
        lines_of(text, width)
    }

    /// The heading of a part.
    pub(crate) fn section(&mut self, text: &str) -> Result<(), XlsxError> {
        self.band(text, &self.look.section, 22)
    }

    /// Running text over the whole width.
    pub(crate) fn paragraph(&mut self, text: &str, format: &Format) -> Result<(), XlsxError> {
        let last = self.last_column();
        let points = LINE_POINTS * self.lines(text, 0, last) + 3;
        self.sheet.set_row_height(self.row, points)?;
        self.merged(0, last, text, format)?;
        self.end_row(points);
        Ok(())
    }

    /// A row of texts, each over a range of columns (first, last) and in its format; as high as the highest text.
    pub(crate) fn spread(&mut self, texts: &[(u16, u16, &str, &Format)]) -> Result<(), XlsxError> {
        let lines = texts
            .iter()
            .map(|(first, last, text, _)| self.lines(text, *first, *last))
            .max()
            .unwrap_or(1);
        self.sheet
            .set_row_height(self.row, LINE_POINTS * lines + 3)?;
        for (first, last, text, format) in texts {
            self.merged(*first, *last, text, format)?;
        }
        self.end_row(LINE_POINTS * lines + 3);
        Ok(())
    }

    /// A topic in the first column and running text next to it.
    pub(crate) fn note(&mut self, topic: &str, text: &str) -> Result<(), XlsxError> {
        let last = self.last_column();
        self.spread(&[
            (0, 0, topic, &self.look.topic),
            (1, last, text, &self.look.paragraph),
        ])
    }

    /// A link to a sheet and what is there.
    pub(crate) fn link(&mut self, sheet: &str, text: &str) -> Result<(), XlsxError> {
        let last = self.last_column();
        self.merged(1, last, text, &self.look.paragraph)?;
        Cell::Sheet(sheet).put(self.sheet, self.row, 0, self.look, Tone::Plain)?;
        self.end_row(LINE_POINTS);
        Ok(())
    }

    /// Begins the table that a sheet is about, as [`Page::table`] does: its headings stay in view with the first columns, and are
    /// repeated on every printed page. Gives the row of the headings.
    pub(crate) fn main_table(
        &mut self,
        name: &str,
        columns: &[Column],
        rows: u32,
        frozen: u16,
    ) -> Result<u32, XlsxError> {
        let header = self.row;
        self.sheet
            .set_freeze_panes(header + 1, frozen)?
            .set_repeat_rows(header, header)?;
        self.table(name, columns, rows, Filter::Table)?;
        Ok(header)
    }

    /// The headings of a table with so many rows, which must follow.
    pub(crate) fn table(
        &mut self,
        name: &str,
        columns: &[Column],
        rows: u32,
        filter: Filter,
    ) -> Result<(), XlsxError> {
        self.headings((name, columns, rows), filter, None)
    }

    /// The same, with a filter in every heading, for rows that are spliced.
    pub(crate) fn spliced_table(
        &mut self,
        table: (&str, &[Column], u32),
        spliced: &mut Spliced,
    ) -> Result<(), XlsxError> {
        self.headings(table, Filter::Table, Some(spliced))
    }

    fn headings(
        &mut self,
        (name, columns, rows): (&str, &[Column], u32),
        filter: Filter,
        spliced: Option<&mut Spliced>,
    ) -> Result<(), XlsxError> {
        let look = self.look;
        let last_column = u16::try_from(columns.len().saturating_sub(1)).unwrap_or(u16::MAX);
        let lines = (0..)
            .zip(columns)
            .map(|(column, heading)| self.heading_lines(column, &heading.heading, filter))
            .max()
            .unwrap_or(1);
        self.sheet
            .set_row_height(self.row, LINE_POINTS * lines + 6)?;
        let format = |column: &Column| match (column.figures, filter) {
            (false, _) => &look.header,
            (true, Filter::PlainTable) => &look.header_figures,
            (true, _) => &look.header_filtered,
        };
        if filter == Filter::Cells || rows == 0 {
            for (column, heading) in (0..).zip(columns) {
                let (text, format) = (&*heading.heading, format(heading));
                self.sheet
                    .write_string_with_format(self.row, column, text, format)?;
            }
            if rows > 0 {
                self.sheet
                    .autofilter(self.row, 0, self.row + rows, last_column)?;
            }
        } else {
            let headings: Vec<TableColumn> = columns
                .iter()
                .map(|column| {
                    TableColumn::new()
                        .set_header(&*column.heading)
                        .set_header_format(format(column))
                })
                .collect();
            let table = Table::new()
                .set_name(name)
                .set_columns(&headings)
                .set_style(TableStyle::Light1)
                .set_banded_rows(false)
                .set_autofilter(filter != Filter::PlainTable);
            let given = spliced.map_or(rows, |spliced| {
                spliced.table(name, (self.row, last_column), rows)
            });
            self.sheet
                .add_table(self.row, 0, self.row + given, last_column, &table)?;
        }
        if rows > 0 {
            // Codes are texts of digits on purpose: no green corner in every cell.
            self.sheet.ignore_error_range(
                self.row + 1,
                0,
                self.row + rows,
                last_column,
                IgnoreError::NumberStoredAsText,
            )?;
        }
        self.end_row(LINE_POINTS * lines + 6);
        Ok(())
    }

    /// Lines that a bold heading needs in its column, next to a filter button.
    fn heading_lines(&self, column: u16, heading: &str, filter: Filter) -> u16 {
        let beside = if filter == Filter::PlainTable {
            1.0
        } else {
            3.0
        };
        let room = (self.widths[usize::from(column)] - beside).max(1.0);
        let mut lines = 1;
        let mut filled = 0.0;
        for word in heading.split(' ') {
            let length = characters(word);
            if filled > 0.0 && filled + 1.0 + length > room {
                lines += 1;
                filled = length;
            } else {
                filled += 1.0 + length;
            }
        }
        lines
    }

    /// Extends the headings just written to the sheet's edge, so that words in the last column have room.
    pub(crate) fn heading_to_edge(&mut self, columns: &[Column]) -> Result<(), XlsxError> {
        let first = u16::try_from(columns.len()).unwrap_or(u16::MAX);
        self.row -= 1;
        self.merged(first, self.last_column(), "", &self.look.header)?;
        self.row += 1;
        Ok(())
    }

    /// A row of cells, extended by empty ones to the sheet's edge.
    pub(crate) fn line_to_edge(
        &mut self,
        mut cells: Vec<Cell<'_>>,
        tone: Tone,
    ) -> Result<(), XlsxError> {
        cells.resize(self.widths.len(), Cell::Empty);
        self.line(&cells, tone)
    }

    /// A row of cells, as high as its longest words need: not every program fits heights by itself when it opens a file.
    pub(crate) fn line(&mut self, cells: &[Cell<'_>], tone: Tone) -> Result<(), XlsxError> {
        for (column, cell) in (0..).zip(cells) {
            cell.put(self.sheet, self.row, column, self.look, tone)?;
        }
        let lines = height(cells, &self.widths);
        if lines > 1 {
            self.sheet.set_row_height(self.row, LINE_POINTS * lines)?;
        }
        self.end_row(LINE_POINTS * lines);
        Ok(())
    }

    /// The same as a spliced row, for lists.
    pub(crate) fn spliced_line(
        &mut self,
        rows: &mut Spliced,
        cells: &[Cell<'_>],
        tone: Tone,
    ) -> Result<(), XlsxError> {
        let points = LINE_POINTS * height(cells, &self.widths);
        rows.begin_row(self.row, (points > LINE_POINTS).then_some(points))?;
        for (column, cell) in (0..).zip(cells) {
            cell.splice((&mut *self.sheet, &mut *rows), column, self.look, tone)?;
        }
        rows.end_row()?;
        self.end_row(points);
        Ok(())
    }
}

/// Lines of a row: as many as its longest words need in their column, and as many as a person does who fills in words.
fn height(cells: &[Cell<'_>], widths: &[f64]) -> u16 {
    let lines = cells.iter().zip(widths).map(|(cell, width)| match cell {
        Cell::Words(words) => lines_of(words, *width),
        Cell::Input(empty) if **empty == Cell::Blank(Kind::Words) => LINES_TO_WRITE_ON,
        _ => 1,
    });
    lines.max().unwrap_or(1)
}

/// Lines that wrapped text needs in a cell of some width.
pub(crate) fn lines_of(text: &str, width: f64) -> u16 {
    let width = (width - INDENT).max(1.0) * CHARACTERS_PER_DIGIT;
    // A character has at least one byte: most texts need no counting.
    if !text.contains('\n')
        && u32::try_from(text.len()).is_ok_and(|bytes| f64::from(bytes) <= width)
    {
        return 1;
    }
    let lines = |line: &str| {
        let mut lines = 1_u16;
        let mut filled = 0.0;
        for word in line.split(' ') {
            let length = characters(word);
            if filled > 0.0 && filled + length > width {
                lines = lines.saturating_add(1);
                filled = 0.0;
            }
            // A word longer than the line, such as a path, breaks anywhere.
            let mut left = length;
            while left > width && lines < LINES_MAX {
                lines += 1;
                left -= width;
            }
            filled += left + 1.0;
        }
        lines
    };
    text.lines()
        .map(lines)
        .fold(0_u16, u16::saturating_add)
        .clamp(1, LINES_MAX)
}

fn characters(word: &str) -> f64 {
    f64::from(u32::try_from(word.chars().count()).unwrap_or(u32::MAX))
}

/// The width of a column, in characters, for the longest of some texts on one line, within a minimum and maximum.
pub(crate) fn width_of<'t>(texts: impl Iterator<Item = &'t str>, least: u8, greatest: u8) -> f64 {
    // Capitals and digits are wider than the average letter, and a text is indented.
    let longest = texts
        .map(|text| text.chars().count() + 4)
        .max()
        .unwrap_or(0);
    f64::from(
        u8::try_from(longest)
            .unwrap_or(u8::MAX)
            .clamp(least, greatest),
    )
}

/// The width of a column, in characters, for amounts up to this one, in bold.
pub(crate) fn money_width(largest: Money) -> f64 {
    let characters = largest.grouped().len() + 3;
    f64::from(u8::try_from(characters).unwrap_or(u8::MAX)).max(14.0)
}
