//! Files from programs that write the formats in unusual ways: what Excel opens is read, and a file that would silently lose a pupil
//! is refused. docs/hostile-inputs.md lists them.

use cdip::calculation::Calculation;
use cdip::catalogue::Code;
use cdip::intake::completions::Field;
use cdip::ranks::RowRank;

use crate::batch_builder::{Row, TestBatch, headings, pupil, submitted, table_of};
use crate::binary::{
    contained, xls, xls_begin, xls_head, xls_of, xls_record, xlsb, xlsb_of, xlsb_record, xlsb_sheet,
};
use crate::spreadsheets::{cells, ods, parts, sheet, text_parts, with_parts, xlsx, zip_of};

/// The code and message of each finding about a file as a whole.
fn refusals(calculation: &Calculation) -> Vec<(Code, &str)> {
    calculation
        .findings
        .iter()
        .filter(|finding| calculation.intake.files[0].refused == Some(finding.code))
        .map(|finding| (finding.code, &*finding.message))
        .collect()
}

/// What was read of a field, row by row.
fn read(calculation: &Calculation, field: Field) -> Vec<&str> {
    let rows = calculation.intake.completions.rows();
    RowRank::all(rows.len())
        .map(|position| rows.text(position, field))
        .collect()
}

/// A text cell of an old workbook with one byte a character, as later versions store it.
fn narrow(row: u16, column: u16, text: &str) -> Vec<u8> {
    let length = u16::try_from(text.len()).unwrap().to_le_bytes();
    let head = xls_head(row, column, 0);
    xls_record(
        0x0204,
        &[&head[..], &length, &[0], text.as_bytes()].concat(),
    )
}

/// The headings and these rows as records of an old workbook.
fn table(rows: &[Row]) -> Vec<Vec<u8>> {
    table_of(rows)
        .into_iter()
        .zip(0..)
        .flat_map(|(texts, row)| {
            (0..)
                .zip(texts)
                .filter(|(_, text)| !text.is_empty())
                .map(move |(column, text)| narrow(row, column, &text))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// The stream of an old workbook of one sheet with these rows.
fn stream_of(rows: &[Row]) -> Vec<u8> {
    use std::io::Read as _;
    let workbook = xls_of(&[("Sheet1", false, table(rows).concat())], &[], false);
    let mut stream = Vec::new();
    cfb::CompoundFile::open(std::io::Cursor::new(workbook))
        .unwrap()
        .open_stream("Workbook")
        .unwrap()
        .read_to_end(&mut stream)
        .unwrap();
    stream
}

#[test]
fn an_old_workbook_that_is_cut_off_in_its_stream_is_refused_and_no_half_of_it_is_paid() {
    let stream = stream_of(&[pupil(1), pupil(2), pupil(3)]);
    let whole = submitted("0010.xls", contained("Workbook", &stream));
    assert_eq!(read(&whole, Field::Sasid).len(), 3);
    // The last four bytes are the end of the sheet; a cell of the last row has more than twenty.
    for cut in [4, 30, stream.len() / 3] {
        let short = contained("Workbook", &stream[..stream.len() - cut]);
        let calculation = submitted("0010.xls", short);
        assert_eq!(
            refusals(&calculation),
            [(Code::F101, "the workbook is damaged: it is cut off")],
            "{cut}"
        );
        assert!(calculation.intake.completions.is_empty());
    }
}

#[test]
fn a_sheet_that_is_not_where_the_list_of_sheets_says_refuses_the_workbook() {
    let stream = stream_of(&[pupil(1)]);
    let listed = stream
        .windows(2)
        .position(|bytes| bytes == 0x0085_u16.to_le_bytes())
        .unwrap();
    let mut moved = stream.clone();
    moved[listed + 4] += 4;
    let calculation = submitted("0010.xls", contained("Workbook", &moved));
    assert_eq!(
        refusals(&calculation),
        [(
            Code::F101,
            "the workbook is damaged: a sheet is not where its list of sheets says"
        )]
    );
}

/// A row whose free or reduced-price lunch is a formula in a record of this number, with the result 1.
fn with_formula(record: u16) -> Vec<u8> {
    let mut cells = table(&[pupil(1)]);
    let lunch = u16::try_from(Field::Lunch as usize).unwrap();
    cells.retain(|cell| cell[4..8] != xls_head(1, lunch, 0)[..4]);
    let result = [&xls_head(1, lunch, 0)[..], &1.0_f64.to_le_bytes(), &[0; 8]].concat();
    cells.push(xls_record(record, &result));
    xls_of(&[("Sheet1", false, cells.concat())], &[], false)
}

#[test]
fn formulas_in_the_records_of_older_versions_are_read_like_any_other() {
    for record in [0x0006, 0x0206, 0x0406] {
        let calculation = submitted("0010.xls", with_formula(record));
        assert_eq!(read(&calculation, Field::Lunch), ["1"], "{record:#06x}");
    }
}

#[test]
fn a_cell_in_a_record_that_is_not_known_refuses_the_workbook() {
    for record in 1..=5 {
        let cells = [table(&[pupil(1)]).concat(), xls_record(record, &[0; 9])].concat();
        let calculation = submitted("0010.xls", xls_of(&[("Sheet1", false, cells)], &[], false));
        assert_eq!(
            refusals(&calculation),
            [(
                Code::F101,
                "the workbook holds cells in a form that cannot be read"
            )]
        );
    }
}

#[test]
fn texts_of_an_old_workbook_are_read_whatever_code_page_it_names() {
    // JExcelAPI and others name Windows-1252, although the texts of this version are UTF-16.
    for page in [1252_u16, 1200, 367] {
        let cells = table(&[pupil(1)]).concat();
        let globals = xls_record(0x0042, &page.to_le_bytes());
        let calculation = submitted(
            "0010.xls",
            xls_of(&[("Sheet1", false, cells)], &globals, false),
        );
        assert_eq!(read(&calculation, Field::Sasid), ["1000000001"], "{page}");
    }
}

#[test]
fn a_number_format_of_the_workbooks_own_is_no_date_because_of_its_number() {
    // 30 and 55 are dates in East Asian versions; here they are the workbook's own, one a number and one a date.
    let text = |text: &str| {
        [
            &u16::try_from(text.len()).unwrap().to_le_bytes()[..],
            &[0],
            text.as_bytes(),
        ]
        .concat()
    };
    let format = |number: u16, code: &str| {
        xls_record(0x041E, &[&number.to_le_bytes()[..], &text(code)].concat())
    };
    let style = |number: u8| xls_record(0x00E0, &[&[0, 0, number, 0][..], &[0; 16]].concat());
    let globals = [
        format(30, "0"),
        format(55, "yyyy-mm-dd"),
        style(30),
        style(55),
    ]
    .concat();
    let number = |field: Field, style: u16, number: f64| {
        let column = u16::try_from(field as usize).unwrap();
        xls_record(
            0x0203,
            &[&xls_head(1, column, style)[..], &number.to_le_bytes()].concat(),
        )
    };
    let mut cells = table(&[pupil(1)
        .with(Field::Sasid, "")
        .with(Field::CompletionDate, "")]);
    // Styles 0 and 1 are the builder's; 45,429 is 2024-05-17.
    cells.push(number(Field::Sasid, 2, 1_000_000_001.0));
    cells.push(number(Field::CompletionDate, 3, 45_429.0));
    let calculation = submitted(
        "0010.xls",
        xls_of(&[("Sheet1", false, cells.concat())], &globals, false),
    );
    assert_eq!(read(&calculation, Field::Sasid), ["1000000001"]);
    assert_eq!(read(&calculation, Field::CompletionDate), ["2024-05-17"]);
}

#[test]
fn charts_and_modules_among_the_sheets_of_an_old_workbook_are_passed_over() {
    let mut stream = stream_of(&[pupil(1)]);
    // The list of sheets once more, as one that is a module and begins nowhere.
    let listed = stream
        .windows(2)
        .position(|bytes| bytes == 0x0085_u16.to_le_bytes())
        .unwrap();
    let length = usize::from(u16::from_le_bytes([stream[listed + 2], stream[listed + 3]]));
    let mut module = stream[listed..listed + 4 + length].to_vec();
    module[4..8].copy_from_slice(&[0; 4]);
    module[9] = 6;
    // Its name differs in the last letter.
    let last = module.len() - 2;
    module[last] = b'2';
    let begin = u32::from_le_bytes(stream[listed + 4..listed + 8].try_into().unwrap());
    let moved = begin + u32::try_from(module.len()).unwrap();
    stream[listed + 4..listed + 8].copy_from_slice(&moved.to_le_bytes());
    stream.splice(listed..listed, module);
    let calculation = submitted("0010.xls", contained("Workbook", &stream));
    assert_eq!(read(&calculation, Field::Sasid), ["1000000001"]);
}

#[test]
fn a_container_whose_table_is_filled_with_marks_of_an_end_is_read() {
    const FAT_AT: usize = 76;
    let mut bytes = contained("Workbook", &stream_of(&[pupil(1)]));
    let size = 1_usize << bytes[30];
    let sectors = bytes.len() / size - 1;
    let table = u32::from_le_bytes(bytes[FAT_AT..FAT_AT + 4].try_into().unwrap());
    let begin = (usize::try_from(table).unwrap() + 1) * size;
    for entry in sectors..size / 4 {
        let at = begin + 4 * entry;
        bytes[at..at + 4].copy_from_slice(&0xFFFF_FFFE_u32.to_le_bytes());
    }
    let calculation = submitted("0010.xls", bytes);
    assert_eq!(read(&calculation, Field::Sasid), ["1000000001"]);
}

#[test]
fn a_stream_that_does_not_begin_as_a_workbook_does_is_refused() {
    let stream = stream_of(&[pupil(1)]);
    let begin = xls_begin(5).len();
    let calculation = submitted("0010.xls", contained("Workbook", &stream[begin..]));
    assert_eq!(
        refusals(&calculation),
        [(
            Code::F101,
            "the workbook is damaged: it does not begin as a workbook does"
        )]
    );
}

/// A workbook with two pupils, its parts by name.
fn parts_of_two() -> Vec<(String, String)> {
    let rows: Vec<Vec<String>> = [headings(), pupil(1).texts(), pupil(2).texts()].into();
    text_parts(&xlsx(&[sheet("May & June", cells(&rows))]))
}

fn both_read(parts: &[(String, impl AsRef<[u8]>)], what: &str) {
    both_read_in("0010.xlsx", parts, what);
}

fn both_read_in(file: &str, parts: &[(String, impl AsRef<[u8]>)], what: &str) {
    let calculation = submitted(file, zip_of(parts));
    assert_eq!(
        read(&calculation, Field::Sasid),
        ["1000000001", "1000000002"],
        "{what}: {:?}",
        refusals(&calculation)
    );
    let file = &calculation.intake.files[0];
    assert_eq!(file.sheets[0].name.as_deref(), Some("May & June"), "{what}");
}

#[test]
fn the_parts_of_a_workbook_may_be_called_anything_that_its_relations_say() {
    let renamed = |from: &str, to: &str| -> Vec<(String, String)> {
        let target = |name: &str| name.trim_start_matches("xl/").to_string();
        parts_of_two()
            .into_iter()
            .map(|(name, text)| {
                #[allow(clippy::case_sensitive_file_extension_comparisons)] // A part, not a file.
                let text = if name.ends_with(".rels") {
                    text.replace(from, to).replace(&target(from), &target(to))
                } else {
                    text
                };
                (name.replace(from, to), text)
            })
            .collect()
    };
    both_read(
        &renamed("xl/sharedStrings.xml", "xl/texts7.xml"),
        "shared texts",
    );
    both_read(&renamed("xl/styles.xml", "xl/looks.xml"), "styles");
    let mut workbook = renamed("xl/workbook.xml", "xl/workbook22.xml");
    for (name, _) in &mut workbook {
        *name = name.replace("workbook.xml.rels", "workbook22.xml.rels");
    }
    both_read(&workbook, "the workbook");
    let with_names = |change: &dyn Fn(&str) -> String| -> Vec<(String, String)> {
        parts_of_two()
            .into_iter()
            .map(|(name, text)| (change(&name), text))
            .collect()
    };
    both_read(&with_names(&|name| name.replace('/', "\\")), "backslashes");
    both_read(
        &with_names(&|name| name.replace("xl/workbook.xml", "xl/Workbook.xml")),
        "a capital",
    );
}

/// A binary workbook with two pupils, its parts by name; `more` records stand behind those of its cells.
fn binary_parts_of_two(more: &[u8]) -> Vec<(String, Vec<u8>)> {
    let rows: Vec<Vec<String>> = [headings(), pupil(1).texts(), pupil(2).texts()].into();
    let mut parts = parts(&xlsb(&[sheet("May & June", cells(&rows))]));
    for (name, content) in &mut parts {
        if name == "xl/worksheets/sheet1.bin" {
            content.extend(more);
        }
    }
    parts
}

#[test]
fn the_parts_of_a_binary_workbook_may_be_called_anything_too() {
    let with_names = |change: &dyn Fn(&str) -> String| -> Vec<(String, Vec<u8>)> {
        binary_parts_of_two(&[])
            .into_iter()
            .map(|(name, content)| (change(&name), content))
            .collect()
    };
    let read = |parts: &[(String, Vec<u8>)], what: &str| both_read_in("0010.xlsb", parts, what);
    read(&with_names(&|name| name.replace('/', "\\")), "backslashes");
    read(&with_names(&str::to_uppercase), "capitals");
    // At the root, under other names, as its relations say.
    let mut moved: Vec<(String, Vec<u8>)> = with_names(&|name| match name {
        "xl/workbook.bin" => "book.bin".to_string(),
        "xl/_rels/workbook.bin.rels" => "_rels/book.bin.rels".to_string(),
        "xl/worksheets/sheet1.bin" => "pages/may.bin".to_string(),
        name => name.replace("xl/", ""),
    });
    for (name, content) in &mut moved {
        if name.ends_with("rels") {
            let text = String::from_utf8(content.clone()).unwrap();
            *content = text
                .replace("worksheets/sheet1.bin", "/pages/may.bin")
                .into_bytes();
        }
    }
    let document = "<Relationships><Relationship Id=\"a\" Type=\"x/officeDocument\" Target=\"book.bin\"/></Relationships>";
    moved.push(("_rels/.rels".to_string(), document.as_bytes().to_vec()));
    read(&moved, "other names");
}

#[test]
fn a_merge_in_a_binary_workbook_has_its_value_in_each_of_its_rows() {
    // The school of both pupils is one cell: rows 1 and 2 (from 0), column 1.
    let area: Vec<u8> = [1_u32, 2, 1, 1]
        .into_iter()
        .flat_map(u32::to_le_bytes)
        .collect();
    let mut rows: Vec<Vec<String>> = [headings(), pupil(1).texts(), pupil(2).texts()].into();
    rows[2][1].clear();
    let mut parts = parts(&xlsb(&[sheet("May", cells(&rows))]));
    for (name, content) in &mut parts {
        if name == "xl/worksheets/sheet1.bin" {
            content.extend(xlsb_record(0xB0, &area));
        }
    }
    let calculation = submitted("0010.xlsb", zip_of(&parts));
    assert_eq!(read(&calculation, Field::SchoolCode), ["0101", "0101"]);
    // One that is cut off could be of any rows.
    let cut = binary_parts_of_two(&xlsb_record(0xB0, &area[..12]));
    let calculation = submitted("0010.xlsb", zip_of(&cut));
    let expected = "the workbook is damaged: an area of merged cells is cut off";
    assert_eq!(refusals(&calculation), [(Code::F101, expected)]);
}

#[test]
fn parts_in_utf_16_are_read_whatever_part_it_is() {
    for with_mark in [true, false] {
        let parts: Vec<(String, Vec<u8>)> = parts_of_two()
            .into_iter()
            .map(|(name, text)| {
                let text = text.replace("encoding=\"UTF-8\"", "encoding=\"UTF-16\"");
                let mark = with_mark.then_some(0xFEFF);
                let units = mark.into_iter().chain(text.encode_utf16());
                (name, units.flat_map(u16::to_le_bytes).collect())
            })
            .collect();
        both_read(&parts, "UTF-16");
    }
}

#[test]
fn two_sheets_of_one_name_refuse_the_workbook_because_one_of_them_would_be_lost() {
    let rows = |number: u32| cells(&[headings(), pupil(number).texts()]);
    let two = |second: &'static str| [sheet("May", rows(1)), sheet(second, rows(2))];
    let twice = with_parts(&xlsx(&two("Mai")), |_, text| text.replace("Mai", "May"));
    for (name, content) in [
        ("0010.xlsx", twice),
        ("0010.xlsb", xlsb(&two("May"))),
        ("0010.xls", xls(&two("May"))),
    ] {
        let calculation = submitted(name, content);
        let expected = "the workbook is damaged: two of its sheets have one name";
        assert_eq!(refusals(&calculation), [(Code::F101, expected)], "{name}");
    }
    let calculation = submitted("0010.ods", ods(&two("May")));
    assert_eq!(
        read(&calculation, Field::Sasid),
        ["1000000001", "1000000002"]
    );
}

#[test]
fn a_document_of_word_is_no_workbook() {
    let relations = "<Relationships><Relationship Id=\"a\" Type=\"x/officeDocument\" Target=\"word/document.xml\"/></Relationships>";
    let none = "<Relationships/>";
    let parts = [
        ("_rels/.rels", relations),
        ("word/document.xml", "<w:document><w:body/></w:document>"),
        ("word/_rels/document.xml.rels", none),
    ];
    let calculation = submitted("0010.xlsx", zip_of(&parts));
    let expected = "the file is a document of Office but no workbook";
    assert_eq!(refusals(&calculation), [(Code::F101, expected)]);
}

#[test]
fn sheets_without_a_part_and_sheets_of_macros_are_no_sheets_of_completions() {
    let listed = |more: &str, relation: &str| -> Vec<(String, String)> {
        parts_of_two()
            .into_iter()
            .map(|(name, text)| match name.as_str() {
                "xl/workbook.xml" => (name, text.replace("</sheets>", &format!("{more}</sheets>"))),
                "xl/_rels/workbook.xml.rels" => {
                    let end = format!("{relation}</Relationships>");
                    (name, text.replace("</Relationships>", &end))
                }
                _ => (name, text),
            })
            .collect()
    };
    let module = |number: u32| {
        format!(
            "<sheet name=\"Module{number}\" sheetId=\"{}\" state=\"veryHidden\" r:id=\"\"/>",
            90 + number
        )
    };
    both_read(&listed(&module(1), ""), "a module");
    both_read(&listed(&(module(1) + &module(2)), ""), "two modules");
    both_read(
        &listed(
            "<sheet name=\"Macro1\" sheetId=\"91\" r:id=\"rIdM\"/>",
            "<Relationship Id=\"rIdM\" Type=\"http://schemas.microsoft.com/office/2006/relationships/xlMacrosheet\" Target=\"macrosheets/sheet1.xml\"/>",
        ),
        "a macro sheet",
    );
    // A sheet that has a relation and no part could hold pupils.
    let lost = listed(
        "<sheet name=\"Lost\" sheetId=\"91\" r:id=\"rIdM\"/>",
        "<Relationship Id=\"rIdM\" Type=\"r/worksheet\" Target=\"worksheets/sheet9.xml\"/>",
    );
    let calculation = submitted("0010.xlsx", zip_of(&lost));
    assert_eq!(
        refusals(&calculation),
        [(
            Code::F101,
            "the workbook is damaged: a part of it is missing"
        )]
    );
}

#[test]
fn the_size_that_a_sheet_claims_is_a_hint_and_nothing_else() {
    for size in ["1:3", "A:J", "J3:A1", "", "nothing"] {
        let changed: Vec<(String, String)> = parts_of_two()
            .into_iter()
            .map(|(name, text)| match text.split_once("<dimension ref=\"") {
                Some((before, rest)) => {
                    let (_, after) = rest.split_once('"').unwrap();
                    (name, format!("{before}<dimension ref=\"{size}\"{after}"))
                }
                None => (name, text),
            })
            .collect();
        both_read(&changed, size);
    }
}

#[test]
fn a_merge_over_rows_has_its_value_in_each_of_them_its_headings_included() {
    // District Code and SASID are merged over the two rows of headings; the school of two pupils is one cell.
    let mut rows = vec![headings(), headings(), pupil(1).texts(), pupil(2).texts()];
    for (at, heading) in rows[0].iter_mut().enumerate() {
        if at != 0 && at != 2 {
            *heading = String::from(if at == 3 { "Of the pupil" } else { "" });
        }
    }
    rows[1][0].clear();
    rows[1][2].clear();
    rows[3][1].clear();
    let merges = "<mergeCells count=\"3\"><mergeCell ref=\"A1:A2\"/><mergeCell ref=\"C1:C2\"/><mergeCell ref=\"B3:B4\"/></mergeCells>";
    let workbook = with_parts(&xlsx(&[sheet("May", cells(&rows))]), |_, text| {
        text.replace("</sheetData>", &format!("</sheetData>{merges}"))
    });
    let calculation = submitted("0010.xlsx", workbook);
    assert_eq!(
        read(&calculation, Field::SchoolCode),
        ["0101", "0101"],
        "{:?}",
        refusals(&calculation)
    );
    assert_eq!(
        read(&calculation, Field::Sasid),
        ["1000000001", "1000000002"]
    );
    let document = with_parts(&ods(&[sheet("May", cells(&rows))]), |_, text| {
        let cell = |content: &str| {
            format!("<table:table-cell office:value-type=\"string\"><text:p>{content}</text:p>")
        };
        let merged = |text: String, content: &str| {
            let spanned = cell(content).replace(
                "<table:table-cell",
                "<table:table-cell table:number-rows-spanned=\"2\"",
            );
            text.replacen(&cell(content), &spanned, 1)
        };
        merged(merged(merged(text, "District Code"), "SASID"), "0101")
    });
    let calculation = submitted("0010.ods", document);
    assert_eq!(
        read(&calculation, Field::SchoolCode),
        ["0101", "0101"],
        "{:?}",
        refusals(&calculation)
    );
    assert_eq!(
        read(&calculation, Field::Sasid),
        ["1000000001", "1000000002"]
    );
}

#[test]
fn tables_that_keep_the_cells_of_other_documents_are_no_sheets() {
    let rows: Vec<Vec<String>> = [headings(), pupil(1).texts()].into();
    let document = ods(&[sheet("May", cells(&rows)), sheet("Copy", cells(&rows))]);
    for mark in ["style", "source"] {
        let marked = with_parts(&document, |_, text| {
            let at = text
                .rfind("<table:table table:name=\"Copy\"")
                .unwrap_or(text.len());
            let (before, copy) = text.split_at(at);
            let copy = match mark {
                "style" => copy.replacen("\"shown\"", "\"ta_extref\"", 1),
                _ => copy.replacen('>', "><table:table-source xlink:href=\"other.ods\"/>", 1),
            };
            format!("{before}{copy}")
        });
        let calculation = submitted("0010.ods", marked);
        assert_eq!(read(&calculation, Field::Sasid), ["1000000001"], "{mark}");
    }
}

#[test]
fn cells_of_a_binary_workbook_that_leave_their_column_out_are_read() {
    // 0x0011 is a text without a column; the row's first cell has one.
    let wide = |text: &str| -> Vec<u8> {
        let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        [
            &u32::try_from(text.len()).unwrap().to_le_bytes()[..],
            &units,
        ]
        .concat()
    };
    let row = |number: u32, texts: Vec<String>| -> Vec<u8> {
        let head = xlsb_record(0, &[&number.to_le_bytes()[..], &[0; 13]].concat());
        let cells = texts.into_iter().enumerate().flat_map(|(column, text)| {
            let content = [vec![0; 4], wide(&text)].concat();
            match column {
                0 => xlsb_record(6, &[vec![0; 4], content].concat()),
                _ => xlsb_record(0x0011, &content),
            }
        });
        head.into_iter().chain(cells).collect()
    };
    let rows = [row(0, headings()), row(1, pupil(1).texts())].concat();
    let workbook = xlsb_of(&[("May", false, xlsb_sheet(&rows))], false);
    let calculation = submitted("0010.xlsb", workbook);
    assert_eq!(
        read(&calculation, Field::Sasid),
        ["1000000001"],
        "{:?}",
        refusals(&calculation)
    );
    assert_eq!(read(&calculation, Field::GraduationCredit), ["Y"]);
}

#[test]
fn a_note_of_several_lines_is_read_whatever_commas_it_holds() {
    let table = "District Code,School Code,SASID,Grade,Program Code,Completion Date,Free/Reduced Lunch,Graduation Credit,Notes\n\
                 0010,0101,1000000001,11,IN1,2024-05-17,N,Y,\"first\nred, green, blue, a, b, c, d\nlast\"\n\
                 0010,0101,1000000002,11,IN1,2024-05-17,N,Y,\n\u{1a}";
    let calculation = submitted("0010.csv", table);
    assert_eq!(
        read(&calculation, Field::Sasid),
        ["1000000001", "1000000002"]
    );
}

#[test]
fn a_heading_with_a_unit_or_a_footnote_is_offered_and_one_that_only_shares_a_word_is_not() {
    let said = |headings: &str| {
        let calculation = submitted("0010.csv", format!("{headings}\n0010,0101,x,11,y,z,N\n"));
        let finding = calculation
            .findings
            .iter()
            .find(|finding| finding.code == Code::F103)
            .unwrap();
        (
            finding.message.to_string(),
            finding.fix.clone().unwrap().clone(),
        )
    };
    let (_, fix) = said(
        "District Code (4 digits),School Code,SASID (10 digits),Grade (9-12),Program Code,Completion Date,Free/Reduced Lunch\u{b2}",
    );
    for meant in [
        "\"District Code (4 digits)\" in A1",
        "\"SASID (10 digits)\" in C1",
        "\"Grade (9-12)\" in D1",
        "\"Free/Reduced Lunch\u{b2}\" in G1",
    ] {
        assert!(fix.contains(meant), "{fix}");
    }
    let (_, fix) = said("District Code,School Code,Students,Grade,County Code,RowStatus,Year");
    assert!(!fix.contains("did you mean"), "{fix}");
    let (message, _) = said("Name,Year,Total,School Year,Region,Share,Rank");
    assert_eq!(
        message,
        "no row holds any of the required headings: this does not look like a submission"
    );
}

#[test]
fn a_column_that_fails_in_every_row_is_told_to_be_another_column_once() {
    let fixes = |rows: u32, sound: u32| -> Vec<String> {
        let rows: Vec<Row> = (0..rows)
            .map(|number| {
                if number < sound {
                    pupil(number)
                } else {
                    pupil(number).with(Field::Sasid, format!("{number}"))
                }
            })
            .collect();
        let calculation = TestBatch::of(&rows).calculated();
        let found = calculation
            .findings
            .iter()
            .filter(|finding| finding.code == Code::E203);
        let mut fixes: Vec<String> = found.map(|finding| finding.fix().to_string()).collect();
        fixes.dedup();
        fixes
    };
    let told = fixes(5, 0);
    assert_eq!(told.len(), 1);
    assert!(
        told[0].starts_with("Every row fails: column C is probably not the SASID column."),
        "{told:?}"
    );
    // Four rows are too few, and one sound row shows that the column is the right one.
    for others in [fixes(4, 0), fixes(6, 1)] {
        assert_eq!(others, [Code::E203.entry().fix]);
    }
}

#[test]
fn a_list_may_hold_notes_and_its_headings_are_offered_as_those_of_a_submission_are() {
    let programs = "Program Code,Program Name,Category\n\
                    IN1,\"Internship, first\nor second, or third, or fourth\nyear\",internship\n";
    let calculation = TestBatch::of(&[pupil(1)]).programs(programs).calculated();
    assert_eq!(read(&calculation, Field::Sasid), ["1000000001"]);
    let stop = TestBatch::of(&[pupil(1)])
        .programs("Program Code (5 characters),Program Name,Category\nIN1,Internship,internship\n")
        .stop();
    assert!(
        stop.fix
            .contains("did you mean \"Program Code (5 characters)\" in A1 for Program Code?"),
        "{}",
        stop.fix
    );
}

#[test]
fn text_between_the_paragraphs_of_a_cell_is_not_part_of_it() {
    let rows: Vec<Vec<String>> = [headings(), pupil(1).texts()].into();
    let document = with_parts(&ods(&[sheet("May", cells(&rows))]), |_, text| {
        text.replace("</text:p>", "</text:p>\n      ")
            .replace("<text:p>", "\n      <text:p>")
            .replace("<text:p>IN1</text:p>", "<text:p>IN1</text:p>between")
    });
    let calculation = submitted("0010.ods", document);
    assert_eq!(read(&calculation, Field::ProgramCode), ["IN1"]);
}

#[test]
fn codes_in_a_list_may_be_written_as_those_of_a_submission() {
    let sound = TestBatch::of(&[pupil(1)]);
    let ledger = |sasid: &str| {
        let line = format!("{sasid},IN1,2022-23");
        let calculation = TestBatch::of(&[pupil(1)]).ledger(&line).calculated();
        crate::batch_builder::codes_found(&calculation)
    };
    // The pupil's internship was paid before, however the export keeps the digits of the id.
    for sasid in [
        "1000000001",
        "\"=\"\"1000000001\"\"\"",
        "'1000000001",
        "1000000001.0",
    ] {
        assert_eq!(ledger(sasid), [Code::N309], "{sasid}");
    }
    assert_eq!(crate::batch_builder::codes_found(&sound.calculated()), []);
}

#[test]
fn text_in_rows_under_the_name_of_an_old_workbook_is_read_as_text() {
    let table = |divider: &str| {
        let rows = [headings(), pupil(1).texts()];
        rows.map(|row| row.join(divider) + "\r\n").concat()
    };
    for divider in ["\t", ",", ";"] {
        let calculation = submitted("0010.xls", table(divider));
        assert_eq!(
            read(&calculation, Field::Sasid),
            ["1000000001"],
            "{divider:?}"
        );
    }
    let pages = [
        "<html><table><tr><td>District Code\n</td></tr></table></html>".to_string(),
        "\u{feff}<?xml version=\"1.0\"?>\n<Workbook/>".to_string(),
        "ID;PWXL\nC;Y1;X1;K1\nE\n".to_string(),
        format!("\u{9}\u{0}{}", table(",")),
        "District Code".to_string(),
    ];
    for page in pages {
        let calculation = submitted("0010.xls", page.clone());
        let expected = "the file ends in .xls but is not a workbook";
        assert_eq!(refusals(&calculation), [(Code::F101, expected)], "{page}");
    }
}

#[test]
fn a_merge_in_an_old_workbook_has_its_value_in_each_of_its_rows() {
    let mut cells = table(&[pupil(1), pupil(2)]);
    let school = u16::try_from(Field::SchoolCode as usize).unwrap();
    // The school of the second pupil is part of the first one's cell: rows 1 and 2 (from 0), column 1.
    cells.retain(|cell| cell[4..8] != xls_head(2, school, 0)[..4]);
    let area: Vec<u8> = [1_u16, 1, 2, 1, 1]
        .into_iter()
        .flat_map(u16::to_le_bytes)
        .collect();
    cells.push(xls_record(0x00E5, &area));
    let calculation = submitted(
        "0010.xls",
        xls_of(&[("May", false, cells.concat())], &[], false),
    );
    assert_eq!(read(&calculation, Field::SchoolCode), ["0101", "0101"]);
}

#[test]
fn a_heading_of_the_deployments_own_that_is_missing_is_named_as_it_was_looked_for() {
    let rows = "District Code,School Code,Pupil,Grade,Program Code,Completion Date,Free/Reduced Lunch\n0010,0101,x,11,IN1,y,N\n";
    let calculation = TestBatch::of(&[pupil(1)])
        .file("submissions/0010.csv", rows)
        .column("sasid", "Student Number")
        .calculated();
    assert_eq!(
        refusals(&calculation),
        [(
            Code::F103,
            "no row holds the required headings; row 1 comes nearest and lacks SASID (\"Student Number\" under [columns])"
        )]
    );
}

#[test]
fn a_list_of_sheets_that_is_cut_off_refuses_the_workbook_and_no_sheet_of_it_is_lost() {
    let rows = |number: u32| cells(&[headings(), pupil(number).texts()]);
    let two = [sheet("May", rows(1)), sheet("June", rows(2))];
    let cut = |bytes: &[u8], part: &str, at: &dyn Fn(&[u8]) -> usize| {
        let mut parts = parts(bytes);
        for (name, content) in &mut parts {
            // The part is under another name, so that only the relations lead to it.
            if name == part {
                content.truncate(at(content));
            }
            *name = name.replace('/', "\\");
        }
        zip_of(&parts)
    };
    let find = |content: &[u8], wanted: &[u8]| {
        let found = content
            .windows(wanted.len())
            .rposition(|bytes| bytes == wanted);
        found.unwrap()
    };
    // Before the second sheet of the list, which is record 0x9C in a binary workbook.
    let binary = cut(&xlsb(&two), "xl/workbook.bin", &|content| {
        find(content, &[0x9C, 0x01])
    });
    let xml = cut(&xlsx(&two), "xl/workbook.xml", &|content| {
        find(content, b"<sheet ")
    });
    for (name, content) in [("0010.xlsb", binary), ("0010.xlsx", xml)] {
        let calculation = submitted(name, content);
        let [(code, message)] = refusals(&calculation)[..] else {
            panic!("{name} is read");
        };
        assert_eq!(code, Code::F101);
        assert!(message.contains("cut off"), "{message}");
    }
}
