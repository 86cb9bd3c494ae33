//! A list as a table: rows by column, and every fault with its cells. A list with a fault stops the run; all faults are reported at
//! once (calculation.md, section 2, "Lists").

use std::borrow::Cow;
use std::marker::PhantomData;
use std::sync::Arc;

use super::super::cells::{CellKind, CellSource, Refusal, SheetInfo};
use super::super::formats::visit_sheets;
use super::super::guard::guarded;
use super::super::headings::{Header, Heading, Headings};
use super::super::table::{Allowance, RowLook, RowSink, SheetOutcome, Value, read_sheet};
use crate::catalogue::Code;
use crate::finding::{describe, place};
use crate::ids::Sasid;
use crate::stop::Stop;
use crate::values::{Answer, answer, first_invisible, padded_code, said, upper_case, whole_number};

/// Cells named for one fault; more are counted. What is wrong in five rows is wrong in the sixth for the same reason.
const PLACES_SHOWN_MAX: usize = 5;

/// The columns of a list.
pub(crate) trait ListColumn: Copy + 'static {
    /// The headings, in the order of the columns.
    const HEADINGS: &'static [Heading];
    /// How many of the last headings a header can leave out, if it has all others in their order.
    const UNWRITTEN: usize;

    /// Its place among the columns.
    fn position(self) -> usize;
}

/// Declares the columns of a list: key, heading, whether it is required.
macro_rules! list_columns {
    ($column:ident { $($rest:tt)+ }) => { crate::intake::lists::table::list_columns!($column, 0 { $($rest)+ }); };
    ($column:ident, $unwritten:literal { $($name:ident: $need:ident $key:literal $title:literal;)+ }) => {
        // A list of decisions has a column that is headed Column.
        #[allow(clippy::enum_variant_names)]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum $column { $($name,)+ }

        impl crate::intake::lists::table::ListColumn for $column {
            const HEADINGS: &'static [crate::intake::headings::Heading] =
                &[$(crate::intake::headings::Heading::$need($key, $title),)+];
            const UNWRITTEN: usize = $unwritten;

            fn position(self) -> usize {
                self as usize
            }
        }
    };
}
pub(crate) use list_columns;

/// A list as text: its headings, and a line for each entry with its cells in the order of the columns.
pub(crate) fn to_csv<C: ListColumn>(entries: impl Iterator<Item = Vec<String>>) -> String {
    let mut csv = csv::WriterBuilder::new().from_writer(Vec::new());
    // Writing to memory cannot fail.
    let _ = csv.write_record(C::HEADINGS.iter().map(|heading| heading.title));
    for entry in entries {
        let _ = csv.write_record(entry);
    }
    let bytes = csv.into_inner().unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The text of a yes or no in a list.
pub(crate) fn answer_text(yes: bool) -> String {
    if yes { "Y" } else { "N" }.to_string()
}

/// A row of a list.
pub(crate) struct ListRow<C> {
    sheet: Option<Arc<str>>,
    /// The physical row, or the line of a text file.
    pub(crate) number: u32,
    columns: Arc<[Option<u32>]>,
    values: Vec<String>,
    kinds: Vec<Option<CellKind>>,
    of: PhantomData<C>,
}

impl<C: ListColumn> ListRow<C> {
    /// The kind of a cell; `None` if it is empty.
    fn kind(&self, column: C) -> Option<CellKind> {
        self.kinds.get(column.position()).copied().flatten()
    }

    /// The text of a column, trimmed; empty if the list does not have the column.
    pub(crate) fn text(&self, column: C) -> &str {
        self.values
            .get(column.position())
            .map_or("", String::as_str)
    }

    /// A code; in a text file without the `="..."` or the apostrophe that keeps its zeros.
    fn code(&self, column: C) -> Cow<'_, str> {
        said(self.text(column), self.sheet.is_none())
    }

    /// Whether a cell of a text file is where its heading would be, if the header had it.
    pub(crate) fn is_unwritten(&self, column: C) -> bool {
        let written = self.columns.get(column.position()).copied().flatten();
        self.sheet.is_none() && written.is_none() && !self.text(column).is_empty()
    }

    /// The text of a column, without the guard against formulas that our own csv files may have.
    pub(crate) fn unguarded(&self, column: C) -> &str {
        let text = self.text(column);
        match text.strip_prefix('\'') {
            Some(rest) if rest.starts_with(['=', '+', '-', '@', '\t', '\r']) => rest,
            _ => text,
        }
    }
}

/// The faults of a list, each with its cells.
#[derive(Default)]
pub(crate) struct Faults(Vec<Fault>);

struct Fault {
    stop: Stop,
    cells: usize,
}

impl Faults {
    fn add(&mut self, stop: Stop) {
        let same = self
            .0
            .iter_mut()
            .find(|fault| (&fault.stop.message, &fault.stop.fix) == (&stop.message, &stop.fix));
        match same {
            Some(fault) => {
                fault.cells += 1;
                if fault.cells <= PLACES_SHOWN_MAX {
                    fault.stop.places.extend(stop.places);
                }
            }
            None => self.0.push(Fault { stop, cells: 1 }),
        }
    }

    /// The value if there is no fault, otherwise the faults.
    pub(crate) fn or<T>(self, value: T) -> Result<T, Stop> {
        let stops = self.0.into_iter().map(|fault| {
            let mut stop = fault.stop;
            if fault.cells > PLACES_SHOWN_MAX {
                let more = fault.cells - PLACES_SHOWN_MAX;
                let cells = if more == 1 { "cell" } else { "cells" };
                stop.places.push(format!("and {more} more {cells}"));
            }
            stop
        });
        Stop::of_all(stops).map_or(Ok(value), Err)
    }
}

/// A list as read.
pub(crate) struct List<'f, C> {
    file: &'f str,
    rows: Vec<ListRow<C>>,
}

struct ListSink<C> {
    sheet: Option<Arc<str>>,
    columns: Arc<[Option<u32>]>,
    rows: Vec<ListRow<C>>,
    /// Rows of a text file with more fields than headings, each with its sheet.
    spilled: Vec<(Option<Arc<str>>, u32)>,
    /// Sheets with formulas that are not calculated, each with the reason.
    doubted: Vec<(Option<Arc<str>>, String)>,
}

impl<C> RowSink for ListSink<C> {
    fn header(&mut self, header: &Header) {
        self.columns = header.columns.clone().into();
    }

    fn row(&mut self, row: u32, values: &[Value], look: RowLook) {
        // A note next to a list shifts nothing in a workbook, where cells have addresses.
        if look.spills && self.sheet.is_none() {
            self.spilled.push((self.sheet.clone(), row));
        }
        let kinds = values.iter().map(|value| value.kind);
        let texts = values.iter().map(|value| value.text().to_string());
        self.rows.push(ListRow {
            sheet: self.sheet.clone(),
            number: row,
            columns: Arc::clone(&self.columns),
            kinds: kinds.collect(),
            values: texts.collect(),
            of: PhantomData,
        });
    }
}

impl<'f, C: ListColumn> List<'f, C> {
    pub(crate) fn read(file: &'f str, bytes: &[u8]) -> Result<List<'f, C>, Stop> {
        let headings = Headings::new(C::HEADINGS).with_unwritten(C::UNWRITTEN);
        let mut sink = ListSink {
            sheet: None,
            columns: Arc::default(),
            rows: Vec::new(),
            spilled: Vec::new(),
            doubted: Vec::new(),
        };
        let mut found = false;
        let mut nearest = None;
        let mut allowance = Allowance::LIST;
        let mut visit = |info: SheetInfo, source: &mut dyn CellSource| {
            sink.sheet = info.name.map(Into::into);
            sink.columns = Arc::default();
            match read_sheet(source, &headings, &mut sink, &mut allowance)? {
                SheetOutcome::Read { .. } => {
                    found = true;
                    let doubt = source.formulas().doubt(&sink.columns);
                    sink.doubted
                        .extend(doubt.map(|doubt| (sink.sheet.clone(), doubt)));
                }
                SheetOutcome::NoHeader {
                    nearest: Some(near),
                } => nearest = Some(near),
                _ => {}
            }
            Ok(())
        };
        guarded(|| visit_sheets(file, bytes, &headings, None, &mut visit))
            .map_err(|refusal| refused(file, refusal))?;
        if found {
            return List {
                file,
                rows: Vec::new(),
            }
            .of_sound_rows(sink);
        }
        let required: Vec<&str> = C::HEADINGS
            .iter()
            .filter(|heading| heading.required)
            .map(|heading| heading.title)
            .collect();
        let fix = match nearest {
            Some(near) => format!("row {} comes nearest; {}", near.row, near.fix()),
            None => format!("the headings are: {}", required.join(", ")),
        };
        Err(Stop::usage("no row holds the required headings", file, fix))
    }

    /// The list with these rows, unless a row has more fields than headings, or a value is an uncalculated formula.
    fn of_sound_rows(mut self, sink: ListSink<C>) -> Result<List<'f, C>, Stop> {
        let mut faults = Faults::default();
        let mut add =
            |code: Code, message: &str, (sheet, row): (&Option<Arc<str>>, Option<u32>)| {
                let at = place(self.file, sheet.as_deref(), row, None);
                let fix = if code == Code::E211 {
                    shifted_fix::<C>()
                } else {
                    code.entry().fix
                };
                faults.add(Stop::usage(format!("[{code}] {message}"), at, fix));
            };
        for (sheet, row) in &sink.spilled {
            add(Code::E211, Code::E211.entry().title, (sheet, Some(*row)));
        }
        for (sheet, doubt) in &sink.doubted {
            add(Code::W230, doubt, (sheet, None));
        }
        self.rows = sink.rows;
        for row in &self.rows {
            for (position, kind) in row.kinds.iter().enumerate() {
                if *kind == Some(CellKind::Error) {
                    let message = format!("{} is an error value", C::HEADINGS[position].title);
                    let fix = "correct the formula, or enter the value itself";
                    faults.add(Stop::usage(message, self.place_at(row, position), fix));
                }
            }
        }
        faults.or(self)
    }

    /// Records that a row has more fields than there are headings.
    pub(crate) fn shifted(&self, faults: &mut Faults, row: &ListRow<C>) {
        let at = place(self.file, row.sheet.as_deref(), Some(row.number), None);
        let message = format!("[{}] {}", Code::E211, Code::E211.entry().title);
        faults.add(Stop::usage(message, at, shifted_fix::<C>()));
    }

    pub(crate) fn rows(&self) -> &[ListRow<C>] {
        &self.rows
    }

    pub(crate) fn place(&self, row: &ListRow<C>, column: C) -> String {
        self.place_at(row, column.position())
    }

    fn place_at(&self, row: &ListRow<C>, position: usize) -> String {
        place(
            self.file,
            row.sheet.as_deref(),
            Some(row.number),
            Some((
                C::HEADINGS[position].title,
                row.columns.get(position).copied().flatten(),
            )),
        )
    }

    fn title(column: C) -> &'static str {
        C::HEADINGS[column.position()].title
    }

    /// Records that a cell is wrong.
    pub(crate) fn fault(
        &self,
        faults: &mut Faults,
        (row, column): (&ListRow<C>, C),
        message: impl Into<String>,
        fix: impl Into<String>,
    ) {
        faults.add(Stop::usage(message, self.place(row, column), fix));
    }

    /// Records that two rows contradict each other.
    pub(crate) fn contradiction(
        &self,
        faults: &mut Faults,
        (first, second): (&ListRow<C>, &ListRow<C>),
        column: C,
        message: String,
        fix: &str,
    ) {
        let mut stop = Stop::usage(message, self.place(first, column), fix);
        stop.places.push(self.place(second, column));
        faults.add(stop);
    }

    /// A district or school code of 4 digits, padded.
    pub(crate) fn code(&self, faults: &mut Faults, row: &ListRow<C>, column: C) -> Option<String> {
        let text = row.text(column);
        let said = row.code(column);
        let code = padded_code(whole_number(&said)).map(|(code, _)| code.into_owned());
        if code.is_none() {
            // In a wrong column of resolutions.csv this can be a SASID.
            let message = format!(
                "{} is {}, not 4 digits",
                Self::title(column),
                describe(text)
            );
            self.fault(
                faults,
                (row, column),
                message,
                "write the 4-digit code as text",
            );
        }
        code
    }

    /// Whether a cell says yes; an empty cell means no.
    pub(crate) fn yes(&self, faults: &mut Faults, row: &ListRow<C>, column: C) -> Option<bool> {
        let text = row.text(column);
        match answer(text) {
            Some(Answer::Yes) => Some(true),
            Some(Answer::No | Answer::Empty) => Some(false),
            None => {
                let message = format!("{} \"{text}\" is not yes or no", Self::title(column));
                self.fault(faults, (row, column), message, "write Y or N");
                None
            }
        }
    }

    pub(crate) fn sasid(&self, faults: &mut Faults, row: &ListRow<C>, column: C) -> Option<Sasid> {
        let sasid = Sasid::parse(whole_number(&row.code(column)));
        if sasid.is_none() {
            self.fault(
                faults,
                (row, column),
                "SASID is not exactly 10 digits",
                "copy the 10-digit SASID as text",
            );
        }
        sasid
    }

    /// A program code in upper case: never empty, and without invisible characters, which would make it another code.
    pub(crate) fn program_code(
        &self,
        faults: &mut Faults,
        row: &ListRow<C>,
        column: C,
    ) -> Option<String> {
        let said = said(row.unguarded(column), row.sheet.is_none());
        let code = upper_case(&said).into_owned();
        if code.is_empty() {
            let fix = "enter the program's code";
            self.fault(faults, (row, column), "Program Code is empty", fix);
            return None;
        }
        if row.kind(column) == Some(CellKind::Date) {
            let fix = "format the column as text and enter the code again";
            let message = "Program Code is a date: a spreadsheet made it of the code";
            self.fault(faults, (row, column), message, fix);
            return None;
        }
        if let Some(name) = first_invisible(&code) {
            let message = format!("[W221] there is {name} in the Program Code");
            self.fault(faults, (row, column), message, "type the code again");
            return None;
        }
        Some(code)
    }
}

/// What to do about a row with more fields than there are headings.
fn shifted_fix<C: ListColumn>() -> &'static str {
    if C::UNWRITTEN > 0 {
        "put a value that holds a comma between quotation marks; copy lines of a file of decisions only below all of its headings, in \
         their order"
    } else {
        "put a value that holds a comma between quotation marks, or delete what is behind the last heading's column"
    }
}

fn refused(file: &str, refusal: Refusal) -> Stop {
    let Refusal {
        code, message, fix, ..
    } = refusal;
    let fix = fix.unwrap_or_else(|| code.entry().fix.to_string());
    Stop::usage(format!("[{code}] {message}"), file, fix)
}
