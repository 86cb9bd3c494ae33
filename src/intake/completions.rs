//! The frame of completions: every submitted row as it was found, with its provenance.

use polars::prelude::{
    Column, DataFrame, IntoColumn, NamedFrom, PolarsError, PolarsResult, Series, StringChunked,
    StringChunkedBuilder, UInt32Chunked,
};

use super::cells::CellKind;
use super::table::{Heading, LooksLike, Value};
use crate::ranks::RowRank;

/// What a submission's columns are. The order is that of the frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// District Code
    DistrictCode,
    /// School Code
    SchoolCode,
    /// SASID
    Sasid,
    /// Grade
    Grade,
    /// Program Code
    ProgramCode,
    /// Completion Date
    CompletionDate,
    /// Free/Reduced Lunch
    Lunch,
    /// Graduation Credit
    GraduationCredit,
    /// AP Exam Score
    ApScore,
    /// School Year
    SchoolYear,
}

/// The headings of a submission (files.md), in the order of [`Field`].
pub const SUBMISSION: &[Heading] = &[
    Heading::required("district_code", "District Code").like(&[
        "District",
        "District Number",
        "LEA Code",
        "Organization Code",
    ]),
    Heading::required("school_code", "School Code").like(&[
        "School",
        "School Number",
        "Building Code",
    ]),
    Heading::required("sasid", "SASID").like(&[
        "Student ID",
        "State Student ID",
        "State ID",
        "Student Number",
        "Student",
    ]),
    Heading::required("grade", "Grade").like(&["Grade Level", "Student Grade"]),
    Heading::required("program_code", "Program Code").like(&[
        "Program",
        "Credential Code",
        "Course Code",
        "Code",
    ]),
    Heading::required("completion_date", "Completion Date").like(&[
        "Date",
        "Date Completed",
        "Date Earned",
        "Completed",
    ]),
    Heading::required("free_reduced_lunch", "Free/Reduced Lunch").like(&[
        "FRL",
        "FRL Status",
        "Lunch",
        "Free Reduced Lunch Status",
    ]),
    Heading::optional("graduation_credit", "Graduation Credit"),
    Heading::optional("ap_exam_score", "AP Exam Score"),
    Heading::optional("school_year", "School Year"),
];

impl Field {
    /// Every field.
    pub const ALL: [Field; 10] = [
        Field::DistrictCode,
        Field::SchoolCode,
        Field::Sasid,
        Field::Grade,
        Field::ProgramCode,
        Field::CompletionDate,
        Field::Lunch,
        Field::GraduationCredit,
        Field::ApScore,
        Field::SchoolYear,
    ];

    /// Its heading.
    #[must_use]
    pub fn title(self) -> &'static str {
        SUBMISSION[self as usize].title
    }

    /// The name of its column in the frame.
    #[must_use]
    pub fn key(self) -> &'static str {
        SUBMISSION[self as usize].key
    }
}

/// What a cell can be, in the order of the numbers that stand for it in the frame; 0 is an empty one.
const KINDS: [CellKind; 5] = [
    CellKind::Text,
    CellKind::Number,
    CellKind::Date,
    CellKind::Boolean,
    CellKind::Error,
];
/// Bits that hold what a cell is: six values need three, and ten fields of three fit 32.
const KIND_BITS: usize = 3;
const KIND_MASK: u32 = (1 << KIND_BITS) - 1;
const _: () = assert!(Field::ALL.len() * KIND_BITS <= 32);

/// The number that stands for what a cell is.
fn kind_bits(kind: Option<CellKind>) -> u32 {
    kind.map_or(0, |kind| kind as u32 + 1)
}

/// Columns of one file, being filled.
pub(super) struct Builder {
    file: u32,
    sheet: u32,
    sheets: Vec<u32>,
    rows: Vec<u32>,
    kinds: Vec<u32>,
    looks: Vec<u32>,
    texts: [StringChunkedBuilder; Field::ALL.len()],
}

impl Builder {
    /// Columns for a file, by its position among the batch's files.
    pub(super) fn new(file: u32) -> Builder {
        let texts = Field::ALL.map(|field| StringChunkedBuilder::new(field.key().into(), 0));
        Builder {
            file,
            sheet: 0,
            sheets: Vec::new(),
            rows: Vec::new(),
            kinds: Vec::new(),
            looks: Vec::new(),
            texts,
        }
    }

    /// The rows that follow stand on this sheet.
    pub(super) fn begin_sheet(&mut self, sheet: u32) {
        self.sheet = sheet;
    }

    pub(super) fn push(&mut self, row: u32, values: &[Value], looks_like: LooksLike) {
        self.looks.push(looks_like as u32);
        self.sheets.push(self.sheet);
        self.rows.push(row);
        let mut kinds = 0;
        for ((position, texts), value) in self.texts.iter_mut().enumerate().zip(values) {
            texts.append_option(value.kind.map(|_| &*value.found));
            kinds |= kind_bits(value.kind) << (position * KIND_BITS);
        }
        self.kinds.push(kinds);
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The frame of the file.
    pub(super) fn finish(self) -> PolarsResult<DataFrame> {
        let height = self.rows.len();
        let mut columns: Vec<Column> = vec![
            Series::new("file".into(), vec![self.file; height]).into(),
            Series::new("sheet".into(), self.sheets).into(),
            Series::new("row".into(), self.rows).into(),
            Series::new("kinds".into(), self.kinds).into(),
            Series::new("looks".into(), self.looks).into(),
        ];
        columns.extend(
            self.texts
                .into_iter()
                .map(|texts| texts.finish().into_column()),
        );
        DataFrame::new(height, columns)
    }
}

/// Every submitted row, in the order of the batch: file path by bytes, sheet order, row number.
///
/// Columns of the frame: `file` (position among the batch's files), `sheet` (position in the file), `row` (physical), `kinds`
/// (three bits per field: what the cell was), `looks` (position in [`LooksLike::ALL`]), then a column of text per [`Field`] as it was found,
/// null where the cell is empty.
#[derive(Clone, Debug)]
pub struct Completions {
    frame: DataFrame,
}

impl Completions {
    /// Joins the files' frames, given in order.
    pub(super) fn concat(frames: Vec<DataFrame>) -> PolarsResult<Completions> {
        let mut all = Builder::new(0).finish()?;
        for frame in frames {
            all.vstack_mut_owned(frame)?;
        }
        all.rechunk_mut_par();
        Ok(Completions { frame: all })
    }

    /// The frame itself.
    #[must_use]
    pub fn frame(&self) -> &DataFrame {
        &self.frame
    }

    /// Rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.frame.height()
    }

    /// Whether no row was submitted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.frame.height() == 0
    }

    /// A view of the columns for reading row by row.
    ///
    /// # Errors
    /// If the frame is not one of completions.
    pub fn rows(&self) -> Result<Rows<'_>, PolarsError> {
        let number = |name: &str| self.frame.column(name)?.u32();
        let texts = Field::ALL
            .into_iter()
            .map(|field| self.frame.column(field.key())?.str());
        Ok(Rows {
            files: number("file")?,
            sheets: number("sheet")?,
            row_numbers: number("row")?,
            kinds: number("kinds")?,
            looks: number("looks")?,
            texts: texts.collect::<Result<_, PolarsError>>()?,
        })
    }
}

/// The columns of the frame, readable by position.
pub struct Rows<'c> {
    files: &'c UInt32Chunked,
    sheets: &'c UInt32Chunked,
    row_numbers: &'c UInt32Chunked,
    kinds: &'c UInt32Chunked,
    looks: &'c UInt32Chunked,
    texts: Vec<&'c StringChunked>,
}

impl<'c> Rows<'c> {
    /// Rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.row_numbers.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Position of the row's file among the batch's files.
    #[must_use]
    pub fn file(&self, position: RowRank) -> usize {
        self.files.get(position.index()).unwrap_or(0) as usize
    }

    /// Position of the row's sheet in its file.
    #[must_use]
    pub fn sheet(&self, position: RowRank) -> usize {
        self.sheets.get(position.index()).unwrap_or(0) as usize
    }

    /// The physical row, or the line of a text file.
    #[must_use]
    pub fn row(&self, position: RowRank) -> u32 {
        self.row_numbers.get(position.index()).unwrap_or(0)
    }

    /// The text of a field, trimmed; empty where the cell is.
    #[must_use]
    pub fn text(&self, position: RowRank, field: Field) -> &'c str {
        self.found(position, field)
            .trim_matches(crate::values::is_blank)
    }

    /// The text of a field as it was found, with the white space around it.
    #[must_use]
    pub fn found(&self, position: RowRank, field: Field) -> &'c str {
        self.texts[field as usize]
            .get(position.index())
            .unwrap_or("")
    }

    /// What the row looks like, its cells under unknown headings included.
    #[must_use]
    pub fn looks_like(&self, position: RowRank) -> LooksLike {
        LooksLike::ALL[self.looks.get(position.index()).unwrap_or(0) as usize]
    }

    /// What the cell of a field was; `None` where it is empty.
    #[must_use]
    pub fn kind(&self, position: RowRank, field: Field) -> Option<CellKind> {
        let kinds = self.kinds.get(position.index()).unwrap_or(0);
        KINDS.into_iter().find(|kind| {
            kind_bits(Some(*kind)) == kinds >> (field as usize * KIND_BITS) & KIND_MASK
        })
    }

    /// Whether the cell was a number without a date format.
    #[must_use]
    pub fn is_number(&self, position: RowRank, field: Field) -> bool {
        self.kind(position, field) == Some(CellKind::Number)
    }
}
