//! Workbooks of Excel that are as plain as spreadsheet programs write them, read without the library: several times as fast. Whether
//! a workbook is plain is known before its first cell is handed on. Of what is not, nothing is read here, and the library reads all of it
//! (`workbook.rs`); what is plain, the library would read the same (docs/decisions/0018-reader-of-plain-worksheets.md).

use std::borrow::Cow;
use std::collections::HashMap;
use std::vec::IntoIter;

use calamine::{DataRef, ExcelDateTime, ExcelDateTimeType};

use super::cells::{Cell, CellKind, CellSource, Refusal, SheetInfo, SheetVisitor};
use super::limits::{
    CELLS_PER_FILE_MAX, COLUMNS_PER_SHEET_MAX, PLAIN_PARTS_BYTES_MAX, ROWS_PER_SHEET_MAX,
};
use super::preflight::format_of;
use super::tokens::{Token, Tokens, cell_text, decoded, local};
use super::workbook::{self, content};

// An empty cell has ten bytes at least: a sheet of these parts cannot have more cells than are read.
const _: () = assert!((PLAIN_PARTS_BYTES_MAX / 10) as u64 <= CELLS_PER_FILE_MAX);

const PACKAGE_RELATIONS: &str = "_rels/.rels";
const WORKBOOK: &str = "xl/workbook.xml";
const WORKBOOK_RELATIONS: &str = "xl/_rels/workbook.xml.rels";
const SHARED_TEXTS: &str = "xl/sharedstrings.xml";
const STYLES: &str = "xl/styles.xml";
const SHEETS: &str = "xl/worksheets/";

/// The parts that hold a workbook's cells, by their names as they are looked for, kept while every part is inflated to be judged.
#[derive(Default)]
pub struct Parts {
    by_name: HashMap<String, Vec<u8>>,
    bytes: usize,
    /// Whether a part was not kept that would have to be.
    incomplete: bool,
}

impl Parts {
    /// Whether a part of this name is to be kept.
    #[must_use]
    pub fn wants(&self, name: &str) -> bool {
        let wanted = [
            PACKAGE_RELATIONS,
            WORKBOOK,
            WORKBOOK_RELATIONS,
            SHARED_TEXTS,
            STYLES,
        ]
        .contains(&name);
        !self.incomplete && (wanted || name.starts_with(SHEETS))
    }

    /// Keeps more of a part.
    pub fn extend(&mut self, part: &mut Vec<u8>, bytes: &[u8]) {
        self.bytes += bytes.len();
        if self.bytes > PLAIN_PARTS_BYTES_MAX {
            self.give_up();
        }
        if !self.incomplete {
            part.extend_from_slice(bytes);
        }
    }

    /// Keeps a part that is complete. Where two have one name, it is the library that says which of them is read.
    pub fn keep(&mut self, name: String, part: Vec<u8>) {
        if self.by_name.insert(name, part).is_some() {
            self.give_up();
        }
    }

    /// Keeps nothing of the workbook.
    pub fn give_up(&mut self) {
        *self = Parts {
            incomplete: true,
            ..Parts::default()
        };
    }

    fn tokens(&self, name: &str) -> Option<Tokens<'_>> {
        self.by_name.get(name).and_then(|part| Tokens::of(part))
    }
}

/// Reads every worksheet; `None`, before the first cell, if the workbook is not plain.
pub fn read(parts: &Parts, visit: &mut SheetVisitor<'_>) -> Option<Result<(), Refusal>> {
    if parts.incomplete {
        return None;
    }
    package(parts)?;
    let (sheets, dates_1904) = sheets(parts)?;
    let texts = if parts.by_name.contains_key(SHARED_TEXTS) {
        shared_texts(parts.tokens(SHARED_TEXTS)?)?
    } else {
        Vec::new()
    };
    let formats = if parts.by_name.contains_key(STYLES) {
        formats(parts.tokens(STYLES)?)?
    } else {
        Vec::new()
    };
    let book = Book {
        texts,
        formats,
        dates_1904,
    };
    let cells: Option<Vec<_>> = sheets
        .iter()
        .map(|(_, path)| book.cells(parts.tokens(path)?))
        .collect();
    let visits = sheets.into_iter().zip(cells?);
    Some(
        visits
            .into_iter()
            .try_for_each(|((info, _), cells)| visit(info, &mut PlainCells(cells.into_iter()))),
    )
}

struct PlainCells<'b>(IntoIter<Cell<'b>>);

impl CellSource for PlainCells<'_> {
    fn next_cell(&mut self) -> Result<Option<Cell<'_>>, Refusal> {
        Ok(self.0.next())
    }
}

/// Makes sure that the workbook stands where it is looked for.
fn package(parts: &Parts) -> Option<()> {
    let mut tokens = parts.tokens(PACKAGE_RELATIONS)?;
    let mut found = None;
    root(&mut tokens, "Relationships")?;
    while let Token::Open(name) = tokens.tag()? {
        let [kind, target] = tokens.values(["Type", "Target"])?;
        if name != "Relationship" || end(&mut tokens).is_none() {
            return None;
        }
        if kind?.ends_with("/relationships/officeDocument") {
            found = target;
        }
    }
    matches!(found?, "xl/workbook.xml" | "/xl/workbook.xml").then_some(())
}

fn root(tokens: &mut Tokens<'_>, name: &str) -> Option<()> {
    (tokens.tag()? == Token::Open(name)).then_some(())
}

/// Makes sure that the element that is open ends here.
fn end(tokens: &mut Tokens<'_>) -> Option<()> {
    matches!(tokens.tag()?, Token::Close(_)).then_some(())
}

/// The worksheets in their order, each with its part, and whether dates count from 1904.
fn sheets(parts: &Parts) -> Option<(Vec<(SheetInfo, String)>, bool)> {
    let relations = relations(parts)?;
    let mut tokens = parts.tokens(WORKBOOK)?;
    let mut dates_1904 = false;
    let mut all = Vec::new();
    root(&mut tokens, "workbook")?;
    while tokens.depth() > 0 {
        let Token::Open(name) = tokens.tag()? else {
            continue;
        };
        match local(name) {
            "sheet" => {
                let [name, state] = tokens.values(["name", "state"])?;
                let name = decoded(name?)?.into_owned();
                let mut ids = tokens
                    .attributes()
                    .iter()
                    .filter(|(key, _)| *key == "id" || key.ends_with(":id"));
                let (Some((_, id)), None) = (ids.next(), ids.next()) else {
                    return None;
                };
                let hidden = match state {
                    None | Some("visible") => false,
                    Some("hidden" | "veryHidden") => true,
                    Some(_) => return None,
                };
                let (kind, target) = *relations.get(id)?;
                all.push((name, hidden, kind.rsplit('/').next()?, target));
            }
            "workbookPr" => {
                let [dates] = tokens.values(["date1904"])?;
                dates_1904 = dates.map_or(dates_1904, |dates| matches!(dates, "1" | "true"));
            }
            "definedName" => {
                decoded(tokens.text()?)?;
            }
            "workbook" => return None,
            _ => {}
        }
    }
    let mut names: Vec<&str> = all.iter().map(|(name, ..)| name.as_str()).collect();
    names.sort_unstable();
    if names.windows(2).any(|two| two.first() == two.last()) {
        return None;
    }
    let mut sheets = Vec::new();
    for (name, hidden, kind, target) in all {
        let path = target
            .strip_prefix('/')
            .map_or_else(|| format!("xl/{target}"), String::from)
            .to_ascii_lowercase();
        match kind {
            "worksheet" => sheets.push((
                SheetInfo {
                    name: Some(name),
                    hidden,
                    dates_1904,
                },
                path,
            )),
            "chartsheet" | "dialogsheet" => {}
            _ => return None,
        }
    }
    Some((sheets, dates_1904))
}

/// What the workbook refers to, by id: kind and target.
fn relations(parts: &Parts) -> Option<HashMap<&str, (&str, &str)>> {
    let mut tokens = parts.tokens(WORKBOOK_RELATIONS)?;
    let mut relations = HashMap::new();
    root(&mut tokens, "Relationships")?;
    while let Token::Open(name) = tokens.tag()? {
        let [Some(id), Some(kind), Some(target)] = tokens.values(["Id", "Type", "Target"])? else {
            return None;
        };
        if name != "Relationship"
            || end(&mut tokens).is_none()
            || relations.insert(id, (kind, target)).is_some()
        {
            return None;
        }
    }
    Some(relations)
}

/// The texts that cells refer to by number.
fn shared_texts(mut tokens: Tokens<'_>) -> Option<Vec<Cow<'_, str>>> {
    let mut texts = Vec::new();
    root(&mut tokens, "sst")?;
    while let Token::Open(name) = tokens.tag()? {
        if name != "si" {
            return None;
        }
        texts.push(rich_text(&mut tokens)?);
    }
    Some(texts)
}

/// The text of the element opened last, in one piece or in several of their own looks.
fn rich_text<'m>(tokens: &mut Tokens<'m>) -> Option<Cow<'m, str>> {
    let depth = tokens.depth();
    let mut text: Option<Cow<'m, str>> = None;
    loop {
        match tokens.tag()? {
            Token::Open("t") => {
                let [space] = tokens.values(["xml:space"])?;
                let more = cell_text(tokens.text()?, space == Some("preserve"))?;
                text = Some(match text {
                    None => more,
                    Some(text) => Cow::Owned(text.into_owned() + &more),
                });
            }
            // What is to be read aloud, and what another program adds.
            Token::Open("rPh" | "is" | "si") => return None,
            Token::Open(name) if name.contains(':') => return None,
            Token::Close(_) if tokens.depth() < depth => return Some(text.unwrap_or_default()),
            _ => {}
        }
    }
}

/// Whether numbers are shown as a date or a duration; none where they are shown as numbers.
type Shown = Option<ExcelDateTimeType>;

/// How the numbers of cells are shown, by the number of their format.
fn formats(mut tokens: Tokens<'_>) -> Option<Vec<Shown>> {
    /// What the library reads of the styles: sections and what each holds.
    const SECTIONS: [(&str, &str); 5] = [
        ("numFmts", "numFmt"),
        ("fonts", "font"),
        ("fills", "fill"),
        ("borders", "border"),
        ("cellXfs", "xf"),
    ];
    let mut own = HashMap::new();
    let mut formats = Vec::new();
    let mut held = "";
    root(&mut tokens, "styleSheet")?;
    while tokens.depth() > 0 {
        let Token::Open(name) = tokens.tag()? else {
            continue;
        };
        let (name, depth) = (local(name), tokens.depth());
        let section = SECTIONS.iter().find(|(section, _)| *section == name);
        // Elsewhere than where they belong, the library would take them for something else.
        if name == "styleSheet" || (depth != 2 && section.is_some()) || (depth > 3 && name == held)
        {
            return None;
        }
        if depth == 2 {
            held = section.map_or("", |(_, held)| held);
        } else if depth == 3 && name == held {
            let [id, code] = tokens.values(["numFmtId", "formatCode"])?;
            match name {
                "numFmt" => {
                    if let (Some(id), Some(code)) = (id, code) {
                        own.insert(id, shown_by(&decoded(code)?)?);
                    }
                }
                "xf" => formats.push(
                    id.and_then(|id| own.get(id).copied().unwrap_or_else(|| shown_by_number(id))),
                ),
                _ => {}
            }
        }
    }
    Some(formats)
}

/// Formats that every spreadsheet program knows by number.
fn shown_by_number(id: &str) -> Shown {
    match id {
        "46" => Some(ExcelDateTimeType::TimeDelta),
        // From 27 on, but for 45 and 47, those of East Asia.
        "14" | "15" | "16" | "17" | "18" | "19" | "20" | "21" | "22" | "45" | "47" | "27"
        | "28" | "29" | "30" | "31" | "32" | "33" | "34" | "35" | "36" | "50" | "51" | "52"
        | "53" | "54" | "55" | "56" | "57" | "58" => Some(ExcelDateTimeType::DateTime),
        _ => None,
    }
}

/// What a format of the workbook's own shows: the library's decision, which it does not tell.
fn shown_by(code: &str) -> Option<Shown> {
    let (mut literal, mut quoted, mut half_day) = (false, false, false);
    let mut brackets = 0_u8;
    let mut elapsed = false;
    let mut before = ' ';
    for c in code.chars() {
        if literal {
            literal = false;
        } else if matches!(c, '_' | '\\' | '*') {
            literal = true;
        } else if quoted {
            quoted = c != '"';
        } else {
            let lower = c.to_ascii_lowercase();
            match c {
                '"' => quoted = true,
                // Only the first of several formats counts: that of positive numbers.
                ';' => return Some(None),
                '[' => brackets = brackets.checked_add(1)?,
                ']' if brackets == 1 && elapsed => return Some(Some(ExcelDateTimeType::TimeDelta)),
                ']' => brackets = brackets.saturating_sub(1),
                _ if brackets == 0 && !half_day && lower == 'a' => half_day = true,
                _ if brackets == 0 && half_day && matches!(lower, 'p' | 'm' | '/') => {
                    return Some(Some(ExcelDateTimeType::DateTime));
                }
                _ if brackets == 0 && !half_day && matches!(lower, 'd' | 'm' | 'h' | 'y' | 's') => {
                    return Some(Some(ExcelDateTimeType::DateTime));
                }
                _ if elapsed && c.eq_ignore_ascii_case(&before) => {}
                _ => elapsed = before == '[' && matches!(lower, 'm' | 'h' | 's'),
            }
        }
        before = c;
    }
    Some(None)
}

/// What the cells of a workbook refer to.
struct Book<'p> {
    texts: Vec<Cow<'p, str>>,
    formats: Vec<Shown>,
    dates_1904: bool,
}

/// Bytes of markup to a cell, where there are few: for a first guess at how many cells there are.
const CELL_BYTES: usize = 32;

impl<'p> Book<'p> {
    /// The cells of a sheet that are not empty.
    fn cells<'b>(&'b self, mut tokens: Tokens<'p>) -> Option<Vec<Cell<'b>>> {
        loop {
            match tokens.tag()? {
                Token::Open("sheetData") => break,
                Token::Open("dimension") => tokens.values(["ref"])?[0].and_then(area)?,
                Token::Open(name) if name.contains(':') => return None,
                _ => {}
            }
        }
        let mut cells = Vec::with_capacity(tokens.left() / CELL_BYTES);
        let mut row_before = 0;
        while let Token::Open(name) = tokens.tag()? {
            let [Some(written)] = tokens.values(["r"])? else {
                return None;
            };
            let row = whole(written)
                .filter(|row| name == "row" && *row > row_before && *row <= ROWS_PER_SHEET_MAX)?;
            row_before = row;
            let mut column_min = 0;
            while let Token::Open(name) = tokens.tag()? {
                if name != "c" {
                    return None;
                }
                let [Some(place), style, kind] = tokens.values(["r", "s", "t"])? else {
                    return None;
                };
                let column = place
                    .strip_suffix(written)
                    .and_then(column)
                    .filter(|column| *column >= column_min)?;
                column_min = column + 1;
                self.cell(&mut tokens, style, kind, |(text, kind)| {
                    cells.push(Cell {
                        row,
                        column,
                        text,
                        kind,
                    });
                })?;
            }
        }
        Some(cells)
    }

    /// Hands on what stands in the cell opened last, if anything does: a formula, a value or both.
    fn cell<'b>(
        &'b self,
        tokens: &mut Tokens<'p>,
        style: Option<&str>,
        kind: Option<&str>,
        found: impl FnOnce(Content<'b>),
    ) -> Option<()> {
        let mut next = tokens.tag()?;
        let formula = next == Token::Open("f");
        if formula {
            check_formula(tokens)?;
            next = tokens.tag()?;
        }
        let nothing = || content(DataRef::Empty, formula);
        let content = match (next, kind) {
            (Token::Close(_), _) => {
                nothing().map(found);
                return Some(());
            }
            (Token::Open("is"), Some("inlineStr")) => Some((rich_text(tokens)?, CellKind::Text)),
            (Token::Open("v"), _) => match (tokens.text()?, kind) {
                ("", None | Some("n" | "s" | "b" | "e")) => nothing(),
                (value, kind) => Some(self.value(value, style, kind)?),
            },
            _ => return None,
        };
        content.map(found);
        end(tokens)
    }

    fn value<'b>(
        &'b self,
        value: &'p str,
        style: Option<&str>,
        kind: Option<&str>,
    ) -> Option<Content<'b>> {
        /// The library knows no others.
        const ERRORS: [&str; 7] = [
            "#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!",
        ];
        Some(match (kind, value) {
            (None | Some("n"), _) => {
                let shown = match style {
                    None => None,
                    Some(style) => self
                        .formats
                        .get(usize::try_from(whole(style)?).ok()?)
                        .copied()
                        .flatten(),
                };
                self.number(value, shown)?
            }
            (Some("s"), _) => (
                Cow::Borrowed(
                    self.texts
                        .get(usize::try_from(whole(value)?).ok()?)?
                        .as_ref(),
                ),
                CellKind::Text,
            ),
            (Some("str"), _) => (cell_text(value, true)?, CellKind::Text),
            (Some("b"), "0") => (Cow::Borrowed("FALSE"), CellKind::Boolean),
            (Some("b"), "1") => (Cow::Borrowed("TRUE"), CellKind::Boolean),
            (Some("e"), _) if ERRORS.contains(&value) => (Cow::Borrowed(value), CellKind::Error),
            _ => return None,
        })
    }

    fn number<'b>(&'b self, written: &'p str, shown: Shown) -> Option<Content<'b>> {
        /// So many digits are exact in binary: their text is the number's.
        const EXACT_DIGITS: usize = 15;
        if shown.is_none()
            && written.len() <= EXACT_DIGITS
            && whole_digits(written)
            && (written == "0" || !written.starts_with('0'))
        {
            return Some((Cow::Borrowed(written), CellKind::Number));
        }
        let number: f64 = Some(written)
            .filter(|written| is_number(written))?
            .parse()
            .ok()?;
        content(
            shown.map_or(DataRef::Float(number), |kind| {
                DataRef::DateTime(ExcelDateTime::new(number, kind, self.dates_1904))
            }),
            false,
        )
    }
}

/// A text and what it was.
type Content<'b> = (Cow<'b, str>, CellKind);

/// Makes sure that the library finds nothing wrong with the formula opened last; its text is not read.
fn check_formula(tokens: &mut Tokens<'_>) -> Option<()> {
    let [kind, shared, cells] = tokens.values(["t", "si", "ref"])?;
    if kind == Some("shared") {
        whole(shared?)?;
        cells.map_or(Some(()), area)?;
    }
    decoded(tokens.text()?).map(|_| ())
}

/// A number of few digits.
fn whole(text: &str) -> Option<u32> {
    /// So many fit 32 bits.
    const DIGITS_MAX: usize = 9;
    Some(text)
        .filter(|text| text.len() <= DIGITS_MAX && whole_digits(text))?
        .parse()
        .ok()
}

fn whole_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a text is a decimal number as programs write it, with an exponent or without.
fn is_number(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    let (decimal, exponent) = text
        .split_once(['e', 'E'])
        .map_or((text, None), |(decimal, exponent)| {
            (decimal, Some(exponent))
        });
    let (before, behind) = decimal
        .split_once('.')
        .map_or((decimal, None), |(before, behind)| (before, Some(behind)));
    let exponent = exponent.map(|exponent| exponent.strip_prefix(['+', '-']).unwrap_or(exponent));
    whole_digits(before) && behind.is_none_or(whole_digits) && exponent.is_none_or(whole_digits)
}

/// The position of a column, from its letters.
fn column(letters: &str) -> Option<u32> {
    /// The last column is `XFD`.
    const LETTERS_MAX: usize = 3;
    if letters.is_empty()
        || letters.len() > LETTERS_MAX
        || !letters.bytes().all(|byte| byte.is_ascii_uppercase())
    {
        return None;
    }
    let number = letters
        .bytes()
        .fold(0, |number, byte| number * 26 + u32::from(byte - b'A') + 1);
    (number <= COLUMNS_PER_SHEET_MAX).then(|| number - 1)
}

/// Makes sure that a text is the address of a cell, or of an area from its first cell to its last, wherever that is said to be.
fn area(text: &str) -> Option<()> {
    let place = |text: &str| -> Option<(u32, u32)> {
        let (letters, digits) = text.split_at(text.find(|c: char| c.is_ascii_digit())?);
        Some((column(letters)?, whole(digits).filter(|row| *row > 0)?))
    };
    let (first, last) = text.split_once(':').unwrap_or((text, text));
    let ((left, top), (right, bottom)) = (place(first)?, place(last)?);
    (left <= right && top <= bottom).then_some(())
}

/// A sheet and its cells.
pub type SheetRead = (SheetInfo, Vec<Cell<'static>>);

/// What a reader makes of a workbook.
pub type WorkbookRead = Result<Vec<SheetRead>, Refusal>;

/// What this reader makes of a workbook, and what the library makes of it: a test holds one against the other. `None` where the workbook
/// is not plain.
pub fn read_both_ways(bytes: &[u8]) -> Result<Option<(WorkbookRead, WorkbookRead)>, Refusal> {
    let safe = format_of("workbook.xlsx", bytes)?;
    let (mut own, mut librarys) = (Vec::new(), Vec::new());
    let gather = |sheets: &mut Vec<SheetRead>, info, source: &mut dyn CellSource| {
        let mut cells = Vec::new();
        while let Some(cell) = source.next_cell()? {
            cells.push(Cell {
                text: Cow::Owned(cell.text.into_owned()),
                ..cell
            });
        }
        sheets.push((info, cells));
        Ok(())
    };
    let Some(plain) = read(&safe.parts, &mut |info, source| {
        gather(&mut own, info, source)
    }) else {
        return Ok(None);
    };
    let library = workbook::read(safe.format, &safe.mended(bytes)?, &mut |info, source| {
        gather(&mut librarys, info, source)
    });
    Ok(Some((plain.map(|()| own), library.map(|()| librarys))))
}
