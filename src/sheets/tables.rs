//! Tables of spliced rows. The library keeps an entry in memory for every cell of a table, so it gets a table of one row; when the
//! workbook is saved, the table's part is written anew for all of its rows.

use std::io;

use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, Writer};

use crate::words::column_letters;

/// A table with more rows than the library knows.
pub(super) struct LongTable {
    /// No other table of the workbook has this name.
    pub(super) name: String,
    /// Its cells: `A5:AF13004`.
    cells: String,
}

impl LongTable {
    /// A table of so many rows, from the last of its headings: row and column from 0.
    pub(super) fn new(name: &str, (headings, column): (u32, u16), rows: u32) -> LongTable {
        let first = headings + 1;
        let letters = column_letters(column);
        LongTable {
            name: name.to_string(),
            cells: format!("A{first}:{letters}{}", first + rows),
        }
    }

    /// Takes the table that a part of a package is about, and makes the part anew. `None` if the part is about another table.
    pub(super) fn take_of(part: &[u8], tables: &mut Vec<LongTable>) -> io::Result<Option<Vec<u8>>> {
        let mut reader = Reader::from_reader(part);
        let mut whole = Writer::new(Vec::with_capacity(part.len()));
        let mut taken: Option<LongTable> = None;
        loop {
            let event = match reader.read_event().map_err(io::Error::other)? {
                Event::Eof => return Ok(taken.map(|_| whole.into_inner())),
                Event::Start(tag) if tag.name().as_ref() == "table" => {
                    let name = tag.try_get_attribute("name").map_err(io::Error::other)?;
                    let is_it = |table: &LongTable| {
                        name.as_ref().is_some_and(|name| *name.value == *table.name)
                    };
                    let Some(at) = tables.iter().position(is_it) else {
                        return Ok(None);
                    };
                    Event::Start(taken.insert(tables.swap_remove(at)).over_all(&tag)?)
                }
                Event::Empty(tag) if tag.name().as_ref() == "autoFilter" => match &taken {
                    Some(table) => Event::Empty(table.over_all(&tag)?),
                    None => return Ok(None),
                },
                event => event,
            };
            whole.write_event(event)?;
        }
    }

    /// The same element, with all cells of the table as its `ref`.
    fn over_all(&self, tag: &BytesStart<'_>) -> io::Result<BytesStart<'static>> {
        let mut whole = BytesStart::new(tag.name().as_ref().to_string());
        for attribute in tag.attributes() {
            let mut attribute = attribute.map_err(io::Error::other)?;
            if attribute.key.as_ref() == "ref" {
                attribute = Attribute::from(("ref", self.cells.as_str()));
            }
            whole.push_attribute(attribute);
        }
        Ok(whole)
    }
}

#[cfg(test)]
mod tests {
    use rust_xlsxwriter::{Table, TableColumn, Workbook};

    use super::*;

    /// What the library writes of a table of two columns and so many rows, in a workbook of its own.
    fn part(name: &str, filter: bool, rows: u32) -> String {
        let headings = ["\"A & <B>\"", "C"].map(|heading| TableColumn::new().set_header(heading));
        let table = Table::new()
            .set_name(name)
            .set_columns(&headings)
            .set_autofilter(filter);
        let mut workbook = Workbook::new();
        let sheet = workbook.add_worksheet();
        sheet.add_table(4, 0, 4 + rows, 1, &table).unwrap();
        let bytes = std::io::Cursor::new(workbook.save_to_buffer().unwrap());
        let mut parts = zip::ZipArchive::new(bytes).unwrap();
        let part = parts.by_name("xl/tables/table1.xml").unwrap();
        io::read_to_string(part).unwrap()
    }

    #[test]
    fn a_table_is_extended_to_what_the_library_would_have_written() {
        for filter in [false, true] {
            let mut tables = vec![
                LongTable::new("Other", (4, 1), 9),
                LongTable::new("Rows", (4, 1), 130_000),
            ];
            let extended = LongTable::take_of(part("Rows", filter, 1).as_bytes(), &mut tables);
            let extended = String::from_utf8(extended.unwrap().unwrap()).unwrap();
            assert_eq!(extended, part("Rows", filter, 130_000));
            assert_eq!(tables.len(), 1, "it is taken once");
            assert_eq!(tables[0].name, "Other");
        }
    }

    #[test]
    fn a_part_of_another_table_or_of_none_stays_as_it_is() {
        let mut tables = vec![LongTable::new("Rows", (4, 1), 9)];
        for part in [
            part("Row", true, 1),
            "<autoFilter ref=\"A1:B2\"/>".to_string(),
        ] {
            assert_eq!(
                LongTable::take_of(part.as_bytes(), &mut tables).unwrap(),
                None
            );
        }
        assert!(LongTable::take_of(b"<table name=", &mut tables).is_err());
        assert_eq!(tables.len(), 1);
    }
}
