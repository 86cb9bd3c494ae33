//! A deployment's own headings, and the row that is found to be the header.

use cdip::intake::completions::{Field, SUBMISSION};
use cdip::intake::headings::{Header, Headings, Missing, normalise};
use cdip::intake::table::{Allowance, RowLook, RowSink, SheetOutcome, Value, read_sheet};
use cdip::intake::text::TextCells;

use super::privacy::holds_nobody;
use super::{panics, stops};

/// Ends the file of headings; what follows is a sheet as csv.
const SHEET: u8 = 0x1e;

/// A file of headings as `cdip check --columns` takes it, and a sheet.
pub fn run(data: &[u8]) {
    let (columns, sheet) = data
        .iter()
        .position(|byte| *byte == SHEET)
        .map_or((&[][..], data), |at| (&data[..at], &data[at + 1..]));
    let own = match cdip::batch::read_columns("columns.toml", columns) {
        Ok(own) => own.columns.headings,
        Err(stop) => {
            stops::holds(&stop, "columns.toml", columns);
            Vec::new()
        }
    };
    let mut words: Vec<String> = own.iter().map(|(_, word)| normalise(word)).collect();
    words.sort();
    assert!(
        words.iter().all(|word| !word.is_empty())
            && words.windows(2).all(|pair| pair[0] != pair[1]),
        "every own heading is known by its letters"
    );
    let headings = own
        .iter()
        .fold(Headings::new(SUBMISSION), |headings, (field, word)| {
            headings.with_own(field.key(), word)
        });
    let text = cdip::intake::text::decode(sheet);
    let lines: Vec<u32> = (1..=u32::try_from(1 + sheet.len()).unwrap()).collect();
    let read = || {
        let mut sink = Found::default();
        let outcome = read_sheet(
            &mut TextCells::new(&text, b','),
            &headings,
            &mut sink,
            &mut Allowance::SUBMISSION.clone(),
        );
        (sink, outcome)
    };
    let (found, outcome) = panics::none_caught(read);
    assert_eq!(
        (&found, &outcome),
        (&read().0, &read().1),
        "the same sheet has the same header"
    );
    match (&found.header, outcome) {
        (Some(header), Ok(SheetOutcome::Read { rows })) => {
            assert_eq!(rows, found.rows.len());
            assert!(
                found
                    .rows
                    .iter()
                    .all(|row| *row > header.row && lines.contains(row)),
                "rows stand beneath their header"
            );
            is_meant(header, &own);
        }
        // Refused in a row beneath the header.
        (Some(header), Err(_)) => is_meant(header, &own),
        (None, Err(_) | Ok(SheetOutcome::Empty)) => assert!(found.rows.is_empty()),
        (None, Ok(SheetOutcome::NoHeader { nearest })) => {
            assert!(found.rows.is_empty());
            for Missing {
                title, candidate, ..
            } in nearest.into_iter().flat_map(|nearest| nearest.missing)
            {
                assert!(
                    SUBMISSION
                        .iter()
                        .any(|heading| heading.title == title && heading.required)
                );
                // Digits only as a footnote mark or a unit: never an id.
                holds_nobody(candidate.as_ref().map_or("", |(text, _)| text), []);
            }
        }
        (found, outcome) => panic!("{found:?} and yet {outcome:?}"),
    }
}

/// Panics unless every heading found means its column, none is found twice, and the required ones are there.
fn is_meant(header: &Header, own: &[(Field, String)]) {
    for ((heading, column), written) in SUBMISSION.iter().zip(&header.columns).zip(&header.written)
    {
        assert!(
            column.is_some() || !heading.required,
            "{} is required",
            heading.title
        );
        assert_eq!(column.is_some(), written.is_some());
        let Some(written) = written else { continue };
        let words = own
            .iter()
            .filter(|(field, _)| field.key() == heading.key)
            .map(|(_, word)| word.as_str());
        let means = words
            .chain([heading.title])
            .any(|word| normalise(word) == normalise(written));
        assert!(means, "{written} is not {}", heading.title);
    }
    let mut columns: Vec<u32> = header.columns.iter().flatten().copied().collect();
    columns.sort_unstable();
    assert!(
        columns.windows(2).all(|pair| pair[0] < pair[1]),
        "a column has one heading"
    );
}

#[derive(Debug, Default, PartialEq)]
struct Found {
    header: Option<Header>,
    rows: Vec<u32>,
}

impl RowSink for Found {
    fn header(&mut self, header: &Header) {
        assert!(self.header.is_none(), "a sheet has one header");
        self.header = Some(header.clone());
    }

    fn row(&mut self, row: u32, values: &[Value], _: RowLook) {
        assert!(self.header.is_some() && values.len() == SUBMISSION.len());
        self.rows.push(row);
    }
}
