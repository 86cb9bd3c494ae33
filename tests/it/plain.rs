//! The program's own reader of plain workbooks against the library that reads all others: the same sheets, cells, texts and kinds, or not
//! plain (docs/decisions/0018-reader-of-plain-worksheets.md). What fuzzing finds comes here too.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use cdip::intake::cells::CellKind;
use cdip::intake::limits::PLAIN_PARTS_BYTES_MAX;
use cdip::intake::plain::{SheetRead, read_both_ways};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use rust_xlsxwriter::{
    Chart, ChartType, ExcelDateTime, Format, Formula, Workbook, Worksheet, XlsxError,
};
use tempfile::TempDir;

use crate::cli::root;
use crate::corpus::targets::plain::{RELATIONS, WORKBOOK, workbook};
use crate::corpus::targets::workbook::PART_END;
use crate::spreadsheets::{Cell, sheet, with_parts, xlsx};

/// The sheets of a workbook that is plain; none where it is not.
fn read(bytes: &[u8], what: &str) -> Option<Vec<SheetRead>> {
    let (plain, library) =
        read_both_ways(bytes).unwrap_or_else(|refusal| panic!("{what}: {refusal:?}"))?;
    let plain = plain.unwrap_or_else(|refusal| panic!("{what}: {refusal:?}"));
    assert_eq!(
        plain,
        library
            .unwrap_or_else(|refusal| panic!("{what} is plain but the library says {refusal:?}")),
        "{what}"
    );
    Some(plain)
}

/// Like [`read`], where a workbook may be refused before either reader sees it.
fn read_if_sound(bytes: &[u8], what: &str) -> Option<Vec<SheetRead>> {
    read_both_ways(bytes)
        .is_ok()
        .then(|| read(bytes, what))
        .flatten()
}

const TEXTS: &str = "<sst uniqueCount=\"5\"><si><t>Grade</t></si><si><t xml:space=\"preserve\"> a &amp; b\n</t></si><si><t> \u{a0}c&#32;</t></si>\
    <si/><si><r><t>rich </t></r><r><rPr><b/></rPr><t xml:space=\"preserve\"> text</t></r></si></sst>";
/// The general format, a day, a duration, a day of the East, a text.
const STYLES: &str = "<styleSheet><numFmts count=\"2\"><numFmt numFmtId=\"164\" formatCode=\"yyyy\\-mm\\-dd\"/>\
    <numFmt numFmtId=\"165\" formatCode=\"[h]:mm\"/></numFmts><fonts><font><b/><name val=\"A &amp; B\"/></font></fonts>\
    <fills><fill><patternFill patternType=\"none\"/></fill></fills><borders><border><left/></border></borders>\
    <cellStyleXfs><xf numFmtId=\"14\"/></cellStyleXfs><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"164\"><alignment wrapText=\"1\"/></xf>\
    <xf numFmtId=\"165\"/><xf numFmtId=\"27\"/><xf numFmtId=\"49\"/></cellXfs><dxfs><dxf><font><b/></font></dxf></dxfs></styleSheet>";

/// A workbook of parts; one that is empty is left out, or an ordinary one.
fn of_parts(parts: &[&str]) -> Vec<u8> {
    let parts: Vec<&[u8]> = parts.iter().map(|part| part.as_bytes()).collect();
    workbook(&parts.join(PART_END)).unwrap()
}

/// A workbook with one sheet, and what stands in the sheet's rows.
fn of_rows(rows: &str) -> Vec<u8> {
    of_parts(&[
        &format!("<worksheet><dimension ref=\"A1:C3\"/><sheetData>{rows}</sheetData><x:extLst>"),
        TEXTS,
        STYLES,
    ])
}

/// The cells of the first row: column, text, kind.
fn row_of(cells: &str) -> Option<Vec<(u32, String, CellKind)>> {
    let sheets = read(
        &of_rows(&format!("<row r=\"7\" spans=\"1:3\">{cells}</row>")),
        cells,
    )?;
    let cells = sheets.into_iter().flat_map(|(_, cells)| cells);
    Some(
        cells
            .map(|cell| (cell.column, cell.text.into_owned(), cell.kind))
            .collect(),
    )
}

#[test]
fn cells_of_every_plain_kind_are_read_as_the_library_reads_them() {
    use CellKind::{Boolean, Date, Error, Number, Text};
    for (cells, expected) in [
        (
            "<c r=\"A7\" t=\"s\"><v>0</v></c><c r=\"XFD7\" t=\"s\"><v>1</v></c>",
            &[(0, "Grade", Text), (16_383, " a & b\n", Text)][..],
        ),
        (
            "<c r='B7' s='4' t='s' ><v>2</v></c>",
            &[(1, "\u{a0}c", Text)],
        ),
        (
            "<c r=\"B7\" t=\"s\"><v>3</v></c><c r=\"C7\" t=\"s\"><v>4</v></c>",
            &[(1, "", Text), (2, "rich text", Text)],
        ),
        (
            "<c r=\"A7\" t=\"inlineStr\"><is><t> a&lt;&#x41;&#66;&quot;&apos;&gt; </t></is></c>",
            &[(0, "a<AB\"'>", Text)],
        ),
        (
            "<c r=\"A7\" t=\"inlineStr\"><is><t/></is></c><c r=\"B7\" t=\"inlineStr\"><is/></c>",
            &[(0, "", Text), (1, "", Text)],
        ),
        (
            "<c r=\"A7\" t=\"inlineStr\"/><c r=\"B7\" t=\"inlineStr\"></c><c r=\"C7\" s=\"1\"/>",
            &[],
        ),
        (
            "<c r=\"A7\"><v>9</v></c><c r=\"B7\" t=\"n\"><v>-0.50</v></c>",
            &[(0, "9", Number), (1, "-0.5", Number)],
        ),
        (
            "<c r=\"A7\"><v>0</v></c><c r=\"B7\"><v>007</v></c><c r=\"C7\"><v>-0</v></c>",
            &[(0, "0", Number), (1, "7", Number), (2, "-0", Number)],
        ),
        (
            "<c r=\"A7\"><v>999999999999999</v></c><c r=\"B7\"><v>9999999999999999</v></c>",
            &[(0, "999999999999999", Number), (1, "1e16", Number)],
        ),
        (
            "<c r=\"A7\"><v>1.5E+3</v></c><c r=\"B7\"><v>1e400</v></c><c r=\"C7\"><v>2e-7</v></c>",
            &[
                (0, "1500", Number),
                (1, "#NUM!", Error),
                (2, "0.0000002", Number),
            ],
        ),
        (
            "<c r=\"A7\" s=\"1\"><v>45427</v></c><c r=\"B7\" s=\"2\"><v>1.5</v></c>",
            &[(0, "2024-05-15", Date), (1, "1.5", Number)],
        ),
        (
            "<c r=\"A7\" s=\"3\"><v>45427.5</v></c><c r=\"B7\" s=\"99\"><v>45427</v></c>",
            &[(0, "2024-05-15 12:00:00", Date), (1, "45427", Number)],
        ),
        (
            "<c r=\"A7\" s=\"1\" t=\"n\"><v>-1</v></c><c r=\"B7\" s=\"0\"><v></v></c><c r=\"C7\"><v/></c>",
            &[(0, "1899-12-31", Date)],
        ),
        (
            "<c r=\"A7\" t=\"b\"><v>1</v></c><c r=\"B7\" t=\"b\"><v>0</v></c><c r=\"C7\" t=\"b\"><v/></c>",
            &[(0, "TRUE", Boolean), (1, "FALSE", Boolean)],
        ),
        (
            "<c r=\"A7\" t=\"e\"><v>#N/A</v></c><c r=\"B7\" t=\"e\"><f>1/0</f><v>#DIV/0!</v></c>",
            &[(0, "#N/A", Error), (1, "#DIV/0!", Error)],
        ),
        (
            "<c r=\"A7\"><f>1+1</f><v>2</v></c><c r=\"B7\" t=\"str\"><f>A1&amp;\"x\"</f><v> a&amp;b </v></c>",
            &[(0, "2", Number), (1, " a&b ", Text)],
        ),
        (
            "<c r=\"A7\"><f>1+1</f></c><c r=\"B7\"><f/><v/></c><c r=\"C7\" t=\"str\"><f>A1</f></c>",
            &[(0, "#N/A", Error), (1, "#N/A", Error), (2, "#N/A", Error)],
        ),
        (
            "<c r=\"A7\" t=\"str\"><v></v></c><c r=\"B7\" t=\"str\"><v/></c><c r=\"C7\" t=\"str\"/>",
            &[(0, "", Text), (1, "", Text)],
        ),
        (
            "<c r=\"A7\"><f t=\"shared\" ref=\"A7:B7\" si=\"0\">1</f><v>1</v></c><c r=\"B7\"><f t=\"shared\" si=\"0\"/><v>1</v></c>",
            &[(0, "1", Number), (1, "1", Number)],
        ),
        (
            "<c r=\"A7\"><f t=\"array\" ref=\"A7\" aca=\"false\">1</f><v>1</v></c>",
            &[(0, "1", Number)],
        ),
        (
            " <c\n r=\"A7\"\tcm=\"1\" x:y=\"&lt;'\"> <v xml:space=\"preserve\">1</v> </c>\r\n",
            &[(0, "1", Number)],
        ),
    ] {
        let expected = expected
            .iter()
            .map(|(column, text, kind)| (*column, (*text).to_string(), *kind))
            .collect::<Vec<_>>();
        assert_eq!(row_of(cells), Some(expected), "{cells}");
    }
}

#[test]
fn a_cell_that_is_written_in_an_odd_way_is_left_to_the_library() {
    for cells in [
        // Comments, instructions, characters that are no markup, prefixes, elements that do not belong there, ends that do not fit.
        "<!-- a --><c r=\"A7\"><v>1</v></c>",
        "<c r=\"A7\"><v><!-- a -->1</v></c>",
        "<c r=\"A7\"><?a b?><v>1</v></c>",
        "<c r=\"A7\" t=\"str\"><v><![CDATA[a]]></v></c>",
        "<c r=\"A7\" t=\"inlineStr\"><is><t><![CDATA[a]]></t></is></c>",
        "<x:c r=\"A7\"><v>1</v></x:c>",
        "<c r=\"A7\"><x:v>1</x:v></c>",
        "<c r=\"A7\"><v>1</v><extLst/></c>",
        "<extLst/>",
        "<c r=\"A7\"><v>1</c></v>",
        "<c r=\"A7\"><v>1</v ></c>",
        // Addresses that are missing, lower case, out of order, of another row, in no worksheet.
        "<c><v>1</v></c>",
        "<c r=\"a7\"><v>1</v></c>",
        "<c r=\"B7\"><v>1</v></c><c r=\"A7\"><v>1</v></c>",
        "<c r=\"A7\"><v>1</v></c><c r=\"A7\"><v>1</v></c>",
        "<c r=\"A8\"><v>1</v></c>",
        "<c r=\"A17\"><v>1</v></c>",
        "<c r=\"A07\"><v>1</v></c>",
        "<c r=\"7\"><v>1</v></c>",
        "<c r=\"XFE7\"><v>1</v></c>",
        "<c r=\"AAAA7\"><v>1</v></c>",
        "</row><row r=\"7\">",
        "</row><row r=\"6\">",
        "</row><row>",
        "</row><row r=\"1048577\">",
        "</row><row r=\"A8\">",
        "</row><row r=\"4294967303\">",
        // Attributes twice, without quotes, without a value.
        "<c r=\"A7\" r=\"B7\"><v>1</v></c>",
        "<c r=\"A7\" t=\"n\" t=\"s\"><v>1</v></c>",
        "<c r=\"A7\" s=1><v>1</v></c>",
        "<c r=\"A7\" s><v>1</v></c>",
        "<c r=\"A7\" t=\"n\"s=\"1\"><v>1</v></c>",
        // Numbers that are none, or written as no program writes them.
        "<c r=\"A7\"><v> 5 </v></c>",
        "<c r=\"A7\"><v>6,500.25</v></c>",
        "<c r=\"A7\"><v>+5</v></c>",
        "<c r=\"A7\"><v>.5</v></c>",
        "<c r=\"A7\"><v>5.</v></c>",
        "<c r=\"A7\"><v>5e</v></c>",
        "<c r=\"A7\"><v>-</v></c>",
        "<c r=\"A7\"><v>inf</v></c>",
        "<c r=\"A7\"><v>NaN</v></c>",
        "<c r=\"A7\"><v>&#49;</v></c>",
        "<c r=\"A7\"><v>1&#49;</v></c>",
        "<c r=\"A7\" s=\"x\"><v>5</v></c>",
        "<c r=\"A7\" s=\"-1\"><v>5</v></c>",
        // Shared texts by a number that is none, or of none.
        "<c r=\"A7\" t=\"s\"><v>xyz</v></c>",
        "<c r=\"A7\" t=\"s\"><v>-1</v></c>",
        "<c r=\"A7\" t=\"s\"><v> 1</v></c>",
        // Kinds and values that there are not.
        "<c r=\"A7\" t=\"d\"><v>2024-05-17</v></c>",
        "<c r=\"A7\" t=\"is\"><is><t>a</t></is></c>",
        "<c r=\"A7\" t=\"b\"><v>true</v></c>",
        "<c r=\"A7\" t=\"inlineStr\"><v>1</v></c>",
        "<c r=\"A7\"><is><t>a</t></is></c>",
        "<c r=\"A7\"><v>1</v><v>2</v></c>",
        "<c r=\"A7\"><v>1</v><f>1</f></c>",
        "<c r=\"A7\"><f>1</f><f>2</f></c>",
        // Texts with escapes that XML does not know, ends of lines, readings aloud.
        "<c r=\"A7\" t=\"str\"><v>a_x000D_b</v></c>",
        "<c r=\"A7\" t=\"str\"><v>a\r\nb</v></c>",
        "<c r=\"A7\" t=\"inlineStr\"><is><t>a</t><rPh><t>b</t></rPh></is></c>",
    ] {
        let workbook = of_rows(&format!("<row r=\"7\">{cells}</row>"));
        assert_eq!(read_if_sound(&workbook, cells), None, "{cells}");
    }
}

#[test]
fn what_stands_around_the_cells_is_plain_or_left_to_the_library() {
    let row = "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row>";
    let plain = format!("<worksheet><sheetData>{row}</sheetData></worksheet>");
    let sheet = |begin: &str| format!("{begin}<sheetData>{row}</sheetData></worksheet>");
    let [sst, styles] = [TEXTS, STYLES].map(String::from);
    let books = [
        "<workbook><workbookPr date1904=\"true\"/><sheets><sheet name=\"A &amp; &#66;\" state=\"hidden\" r:id=\"rId1\"/></sheets></workbook>",
        "<workbook><sheets><sheet name=\"\" state=\"veryHidden\" id=\"rId1\"/></sheets><definedNames><definedName name=\"a\">1&lt;2</definedName></definedNames></workbook>",
        "<workbook><mc:AlternateContent><x15ac:absPath url=\"C:\\\"/></mc:AlternateContent><sheets><sheet name=\"A\" state=\"visible\" r:id=\"rId1\"/></sheets><extLst><x15:workbookPr/></extLst></workbook>",
    ];
    for parts in [
        vec![
            sheet(
                "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\r\n<worksheet xmlns=\"a\">",
            ),
            sst.clone(),
        ],
        vec![
            sheet("\u{feff}<?xml version='1.0' encoding='utf-8'?><worksheet>"),
            sst.clone(),
        ],
        vec![
            sheet(
                "<?xml version=\"1.0\"?><worksheet><dimension ref=\"A1\"/><sheetViews><sheetView/></sheetViews>",
            ),
            sst.clone(),
        ],
        vec![
            "<worksheet><sheetData/></worksheet>".to_string(),
            String::new(),
            String::new(),
        ],
        vec![
            "<worksheet><sheetData></sheetData></worksheet>".to_string(),
            "<sst/>".to_string(),
            "<styleSheet/>".to_string(),
        ],
        vec![
            plain.clone(),
            sst.clone(),
            styles.replace("</numFmts>", "</numFmts><x14:extLst><x:y/></x14:extLst>"),
        ],
        vec![
            plain.clone(),
            sst.clone(),
            styles.clone(),
            books[0].to_string(),
        ],
        vec![
            plain.clone(),
            sst.clone(),
            styles.clone(),
            books[1].to_string(),
        ],
        vec![
            plain.clone(),
            sst.clone(),
            styles.clone(),
            books[2].to_string(),
        ],
        vec![
            plain.clone(),
            sst.clone(),
            styles.clone(),
            String::new(),
            RELATIONS.replace("worksheets", "/xl/WorkSheets"),
        ],
        vec![
            plain.clone(),
            sst.clone(),
            styles.clone(),
            String::new(),
            RELATIONS.replace("r/worksheet", "r/chartsheet"),
        ],
    ] {
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        assert!(
            read(&of_parts(&parts), &parts.join("\n")).is_some(),
            "{parts:?}"
        );
    }
    for (what, parts) in [
        (
            "an encoding",
            vec![
                sheet("<?xml version=\"1.0\" encoding=\"windows-1252\"?><worksheet>"),
                sst.clone(),
            ],
        ),
        (
            "a version",
            vec![sheet("<?xml version=\"1.1\"?><worksheet>"), sst.clone()],
        ),
        (
            "a declaration",
            vec![sheet("<!DOCTYPE worksheet><worksheet>"), sst.clone()],
        ),
        (
            "a comment",
            vec![sheet("<worksheet><!-- a -->"), sst.clone()],
        ),
        (
            "a prefix",
            vec![sheet("<x:worksheet>").replace("</w", "</x:w"), sst.clone()],
        ),
        (
            "an area",
            vec![sheet("<worksheet><dimension ref=\"B1:A1\"/>"), sst.clone()],
        ),
        (
            "an area without an address",
            vec![sheet("<worksheet><dimension/>"), sst.clone()],
        ),
        (
            "a text that is not there",
            vec![plain.clone(), "<sst/>".to_string()],
        ),
        ("no texts", vec![plain.clone(), String::new()]),
        (
            "a reference",
            vec![plain.clone(), sst.replace("&amp;", "&nbsp;")],
        ),
        (
            "readings aloud",
            vec![
                plain.clone(),
                sst.replace("</t></si>", "</t><rPh><t>a</t></rPh></si>"),
            ],
        ),
        (
            "an escape",
            vec![plain.clone(), sst.replace("Grade", "_x0041_")],
        ),
        (
            "a prefix of texts",
            vec![
                plain.clone(),
                sst.replace("<t>Grade</t>", "<x:t>Grade</x:t>"),
            ],
        ),
        (
            "nested formats",
            vec![
                plain.clone(),
                sst.clone(),
                styles.replace("<alignment", "<xf/><alignment"),
            ],
        ),
        (
            "sections elsewhere",
            vec![
                plain.clone(),
                sst.clone(),
                styles.replace("<dxfs>", "<dxfs><cellXfs/>"),
            ],
        ),
        (
            "a format twice numbered",
            vec![
                plain.clone(),
                sst.clone(),
                styles.replace("<xf numFmtId=\"0\"", "<xf numFmtId=\"0\" numFmtId=\"1\""),
            ],
        ),
        (
            "a state",
            vec![
                plain.clone(),
                sst.clone(),
                styles.clone(),
                books[0].replace("hidden", "seen"),
            ],
        ),
        (
            "a relation",
            vec![
                plain.clone(),
                sst.clone(),
                styles.clone(),
                books[0].replace("rId1", "rId2"),
            ],
        ),
        (
            "a kind of sheet",
            vec![
                plain.clone(),
                sst.clone(),
                styles.clone(),
                String::new(),
                RELATIONS.replace("r/worksheet", "r/sheet"),
            ],
        ),
        (
            "a name twice",
            vec![
                plain.clone(),
                sst.clone(),
                styles.clone(),
                WORKBOOK.replace("<sheets>", "<sheets><sheet name=\"May\"/>"),
            ],
        ),
    ] {
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        assert_eq!(read_if_sound(&of_parts(&parts), what), None, "{what}");
    }
}

#[test]
fn a_workbook_with_more_than_the_parts_that_are_kept_is_left_to_the_library() {
    let padded = |bytes: usize| {
        of_parts(&[&format!(
            "<worksheet><sheetData/></worksheet>{}",
            " <a/>".repeat(bytes / 5)
        )])
    };
    assert!(read(&padded(PLAIN_PARTS_BYTES_MAX - 5_000), "a large part").is_some());
    assert_eq!(
        read(&padded(PLAIN_PARTS_BYTES_MAX), "a part too large"),
        None
    );
    let twice = with_parts(&of_rows(""), |_, part| part);
    assert!(read(&twice, "as it is").is_some());
}

/// What stands in many cells of a sheet, and in few.
fn fill(sheet: &mut Worksheet) -> Result<(), XlsxError> {
    let formats = [
        "yyyy-mm-dd",
        "[h]:mm",
        "0.00",
        "00000",
        "@",
        "d/m/yy h:mm",
        "\"FY \"0",
        "General",
    ];
    let formats = formats.map(|format| Format::new().set_num_format(format).set_bold());
    // By rows: in its mode for constant memory the library does not go back.
    for (row, number) in (0..).zip([
        0.0,
        45_427.0,
        45_427.75,
        -1.5,
        1e21,
        123_456_789_012_345.6,
        0.1 + 0.2,
        60.0,
    ]) {
        for (column, format) in (0..).zip(&formats) {
            sheet.write_number_with_format(row, column, number, format)?;
        }
    }
    sheet.write_blank(9, 1, &formats[0])?;
    let texts = [
        "a",
        " padded ",
        "two\nlines",
        "A & B < C > \"d\" 'e'",
        "Ñandú \u{1f393}",
        "=1+1",
        "007",
        "",
        "\t",
        "x_y",
        "]]>",
    ];
    for (column, text) in (0..).zip(texts) {
        sheet.write_string(10, column, text)?;
    }
    for (column, text) in (0..).zip(texts) {
        sheet.write_string(11, column, text.repeat(2))?;
    }
    sheet
        .write_boolean(12, 0, true)?
        .write_boolean(12, 1, false)?;
    sheet.write_formula(12, 2, Formula::new("1+1").set_result("2"))?;
    sheet.write_formula(12, 3, Formula::new("\"a\"&\"b\"").set_result("a&b"))?;
    sheet.write_formula(12, 4, Formula::new("NA()").set_result("#N/A"))?;
    sheet.write_formula(12, 5, Formula::new("TRUE()").set_result("TRUE"))?;
    sheet.write_datetime_with_format(
        12,
        6,
        ExcelDateTime::from_ymd(2024, 5, 17)?,
        &Format::new().set_num_format("mmm d"),
    )?;
    sheet.write_url(12, 7, "https://example.org/?a=1&b=2")?;
    sheet.insert_note(12, 8, &rust_xlsxwriter::Note::new("a note"))?;
    sheet.write_rich_string(
        12,
        9,
        &[
            (&Format::default(), "plain "),
            (&Format::new().set_bold(), "bold"),
        ],
    )?;
    sheet.merge_range(14, 0, 15, 3, "merged", &Format::new())?;
    sheet.write_string(1_048_575, 16_383, "last")?;
    sheet.autofilter(10, 0, 12, 3)?;
    Ok(())
}

#[test]
fn workbooks_of_the_writing_library_are_plain_whether_their_texts_are_shared_or_not() {
    for constant_memory in [false, true] {
        let mut workbook = Workbook::new();
        for (name, hidden) in [("May", false), ("June & July", true), ("Déjà vu", false)] {
            let sheet = if constant_memory {
                workbook.add_worksheet_with_constant_memory()
            } else {
                Ok(workbook.add_worksheet())
            }
            .unwrap();
            sheet.set_name(name).unwrap().set_hidden(hidden);
            fill(sheet).unwrap();
        }
        let mut chart = Chart::new(ChartType::Column);
        chart.add_series().set_values("May!$A$1:$A$3");
        workbook
            .add_chartsheet()
            .insert_chart(0, 0, &chart)
            .unwrap();
        workbook.define_name("Rows", "=May!$A$1:$B$2").unwrap();
        let sheets = read(&workbook.save_to_buffer().unwrap(), "a workbook").expect("it is plain");
        let infos: Vec<_> = sheets
            .iter()
            .map(|(info, _)| (info.name.as_deref().unwrap(), info.hidden))
            .collect();
        assert_eq!(
            infos,
            [("May", false), ("June & July", true), ("Déjà vu", false)]
        );
        assert!(sheets.iter().all(|(_, cells)| cells.len() > 80));
    }
}

/// The workbooks of Excel beneath a folder.
fn workbooks(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            workbooks(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "xlsx") {
            found.push(path);
        }
    }
}

#[test]
fn every_workbook_of_the_sample_and_the_vectors_is_plain() {
    let mut found = Vec::new();
    for folder in ["samples", "tests/vectors"] {
        workbooks(&root().join(folder), &mut found);
    }
    assert!(found.len() > 40);
    for path in found {
        let what = path.display().to_string();
        assert!(
            read(&fs::read(&path).unwrap(), &what).is_some(),
            "{what} is not plain"
        );
    }
}

#[test]
fn the_workbooks_of_a_report_are_read_the_same_where_they_are_plain() {
    let mut found = Vec::new();
    workbooks(&root().join("reports/statewide-2024-25"), &mut found);
    let plain = found
        .iter()
        .filter(|path| read(&fs::read(path).unwrap(), &path.display().to_string()).is_some())
        .count();
    assert!(plain > found.len() / 2, "{plain} of {}", found.len());
}

/// Made with openpyxl 3.1.5: shared texts, numbers, truth values, days, a time, a duration, a formula that nobody calculated, merged and
/// styled cells without content, a hidden sheet.
#[test]
fn a_workbook_of_openpyxl_is_plain() {
    let bytes = fs::read(root().join("tests/fixtures/openpyxl.xlsx")).unwrap();
    let sheets = read(&bytes, "openpyxl").expect("it is plain");
    let names: Vec<_> = sheets
        .iter()
        .map(|(info, cells)| (info.name.as_deref().unwrap(), info.hidden, cells.len()))
        .collect();
    // Nine headings, 8 + 9 + 8 cells beneath, one merged; a time and a duration.
    assert_eq!(
        names,
        [("Completions & more", false, 35), ("Hidden", true, 2)]
    );
}

#[test]
fn workbooks_of_libreoffice_are_plain() {
    let folder = TempDir::new().unwrap();
    let rows = vec![
        ["Grade", "a & b", " two\nlines ", ""]
            .map(Cell::from)
            .to_vec(),
        vec![
            Cell::Number(12.5),
            Cell::Date(2024, 5, 17),
            Cell::Boolean(true),
            Cell::Error("#DIV/0!"),
            Cell::Uncalculated,
        ],
    ];
    fs::write(
        folder.path().join("from.xlsx"),
        xlsx(&[sheet("May", rows.clone()), sheet("June", rows)]),
    )
    .unwrap();
    let profile = format!(
        "-env:UserInstallation=file://{}",
        folder.path().join("profile").display()
    );
    let arguments = [
        profile.as_str(),
        "--headless",
        "--norestore",
        "--convert-to",
        "xlsx:Calc MS Excel 2007 XML",
        "--outdir",
    ];
    let to = folder.path().join("to");
    let output = Command::new("soffice")
        .args(arguments)
        .arg(&to)
        .arg(folder.path().join("from.xlsx"))
        .output();
    if !output.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: LibreOffice is not installed");
        return;
    }
    let sheets =
        read(&fs::read(to.join("from.xlsx")).unwrap(), "LibreOffice").expect("it is plain");
    assert_eq!(sheets.len(), 2);
    assert_eq!(sheets[0].1.len(), 8);
}

/// Pieces of the codes of formats.
const CODES: [&str; 24] = [
    "yyyy", "d", "m", "h", "s", "[h]", "[ss]", "[", "]", "[Red]", "\"", "\\", "_", "*", ";", "a",
    "AM/PM", "A/P", "0", "#,##0", "General", "E+", "[$-409]", "é",
];

/// Pieces of markup, sound and not, that a sheet is changed by.
const PIECES: [&str; 40] = [
    "<c r=\"B2\">",
    "</c>",
    "<v>",
    "</v>",
    "<v/>",
    "<f>",
    "</f>",
    "<is>",
    "</is>",
    "<t>",
    "</t>",
    "<t xml:space=\"preserve\">",
    "<row r=\"3\">",
    "</row>",
    "<r>",
    "</r>",
    "<rPh>",
    "</rPh>",
    "<!-- -->",
    "<![CDATA[a]]>",
    "<?a?>",
    "&amp;",
    "&#10;",
    "&#x41;",
    "&",
    ";",
    " ",
    "\n",
    "\r",
    "_x0041_",
    " t=\"s\"",
    " t=\"str\"",
    " s=\"1\"",
    "\"",
    "'",
    "0",
    "1",
    "-",
    ".",
    "e",
];

/// The markup with pieces put in, and stretches taken out or put elsewhere.
fn changed(markup: &str, changes: &[(Index, Index, &str, u8)]) -> String {
    let mut markup: Vec<char> = markup.chars().collect();
    for (at, to, piece, kind) in changes {
        let at = at.index(markup.len() + 1);
        let end = (at + 1 + to.index(8)).min(markup.len());
        match kind {
            0 => drop(markup.splice(at..at, piece.chars())),
            1 => drop(markup.drain(at..end)),
            2 => drop(markup.splice(at..end, piece.chars())),
            _ => {
                let moved: Vec<char> = markup.drain(at..end).collect();
                let at = to.index(markup.len() + 1);
                drop(markup.splice(at..at, moved));
            }
        }
    }
    markup.into_iter().collect()
}

fn any_changes() -> impl Strategy<Value = Vec<(Index, Index, &'static str, u8)>> {
    vec(
        (any::<Index>(), any::<Index>(), select(&PIECES[..]), 0_u8..4),
        0..3,
    )
}

/// A cell at an address, of any kind.
fn any_cell() -> impl Strategy<Value = String> {
    let number = prop_oneof![
        proptest::num::f64::NORMAL.prop_map(|n| n.to_string()),
        any::<i32>().prop_map(|n| n.to_string()),
        (0_u32..60_000).prop_map(|n| n.to_string())
    ];
    let text = "[ -%'-;=?-^`-~\n\t\u{a0}é]{0,6}|&(lt|gt|amp|quot|apos|#x?[1-9]{1,2});";
    prop_oneof![
        3 => (number, 0..7_u32).prop_map(|(number, style)| format!(" s=\"{style}\"><v>{number}</v>")),
        2 => (0..6_u32).prop_map(|text| format!(" t=\"s\"><v>{text}</v>")),
        2 => text.prop_map(|text| format!(" t=\"inlineStr\"><is><t>{text}</t></is>")),
        1 => text.prop_map(|text| format!(" t=\"str\"><f>{text}</f><v>{text}</v>")),
        1 => select(&[" t=\"b\"><v>1</v>", " t=\"e\"><v>#REF!</v>", "><f>1</f>", " s=\"1\">", ">"][..]).prop_map(String::from),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_sheet_and_what_small_changes_make_of_it_is_not_plain_or_read_the_same(
        rows in vec(vec(any_cell(), 0..4), 0..4), changes in any_changes(), others in any_changes(), styles in any_changes()
    ) {
        let row = |(row, cells): (usize, &Vec<String>)| {
            let cells = cells.iter().zip('A'..).map(|(cell, column)| format!("<c r=\"{column}{row}\"{cell}</c>"));
            format!("<row r=\"{row}\">{}</row>", cells.collect::<String>())
        };
        let rows: String = (1..).zip(&rows).map(row).collect();
        let sheet = format!("<worksheet><dimension ref=\"A1\"/><sheetData>{rows}</sheetData></worksheet>");
        let workbook = of_parts(&[&changed(&sheet, &changes), &changed(TEXTS, &others), &changed(STYLES, &styles)]);
        let read = read_if_sound(&workbook, &sheet);
        prop_assert!(read.is_some() || !(changes.is_empty() && others.is_empty() && styles.is_empty()) || rows.contains("<v>5</v>"), "{sheet}");
    }

    #[test]
    fn any_format_of_numbers_shows_a_date_where_the_library_sees_one(pieces in vec(select(&CODES[..]), 0..7), letters in "[!-~]{0,6}", id in 0_u32..200) {
        let code = (pieces.concat() + &letters).replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
        let styles = format!("<styleSheet><numFmts><numFmt numFmtId=\"164\" formatCode=\"{code}\"/></numFmts><cellXfs><xf numFmtId=\"164\"/><xf numFmtId=\"{id}\"/></cellXfs></styleSheet>");
        let sheet = "<worksheet><sheetData><row r=\"1\"><c r=\"A1\" s=\"0\"><v>45427.25</v></c><c r=\"B1\" s=\"1\"><v>60</v></c></row></sheetData></worksheet>";
        prop_assert!(read(&of_parts(&[sheet, "", &styles]), &code).is_some());
    }
}
