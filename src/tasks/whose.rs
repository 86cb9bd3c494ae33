//! Whose a file is, and which of its rows say another district.

use std::collections::BTreeMap;

use crate::checks::of_most_rows;
use crate::decision::FourDigits;
use crate::inspection::Inspection;
use crate::ranks::RowRank;
use crate::words::{counted, listed, thousands};

/// Rows of another district that are named; the others are counted.
const ROWS_NAMED_MAX: usize = 10;

/// The entity of some files, by a name or by most of the rows, and the rows of others.
#[derive(Debug)]
pub struct Whose<'i> {
    pub code: String,
    /// As the participants list has it.
    pub name: Option<&'i str>,
    /// Whether the name of a file says it.
    pub is_named: bool,
    /// Its rows, and all rows.
    pub rows: usize,
    pub total: usize,
    pub others: Vec<Others<'i>>,
}

/// The rows that say another district.
#[derive(Debug)]
pub struct Others<'i> {
    pub code: String,
    pub name: Option<&'i str>,
    pub rows: usize,
    /// The first of them, as a person sees them.
    pub first: Vec<u32>,
}

impl<'i> Whose<'i> {
    /// `None` if neither a name nor a row says a district.
    #[must_use]
    pub fn of(inspection: &'i Inspection) -> Option<Whose<'i>> {
        let mut by_district: BTreeMap<FourDigits, Vec<RowRank>> = BTreeMap::new();
        let rows = inspection.intake.completions.rows();
        for (row, decision) in RowRank::enumerate(&inspection.decisions) {
            if let Some(district) = decision.district {
                by_district.entry(district).or_default().push(row);
            }
        }
        let participants = &inspection.intake.participants;
        let name = |code: &str| {
            let rank = participants.exactly(code, "");
            rank.map(|rank| &*participants.all()[rank].name)
        };
        let mut files = inspection.intake.files.iter();
        let named = files.find_map(|file| file.entity.clone());
        let is_named = named.is_some();
        let counts = by_district.iter();
        let most = of_most_rows(counts.map(|(code, rows)| (*code, rows.len())));
        let code = named.or_else(|| most.map(|(code, _)| code.as_str().to_string()))?;
        let others = by_district.iter();
        let others = others.filter(|(other, _)| other.as_str() != code);
        let others = others.map(|(other, found)| Others {
            code: other.as_str().to_string(),
            name: name(other.as_str()),
            rows: found.len(),
            first: found
                .iter()
                .take(ROWS_NAMED_MAX)
                .map(|row| rows.row(*row))
                .collect(),
        });
        Some(Whose {
            name: name(&code),
            is_named,
            rows: FourDigits::new(&code)
                .and_then(|code| by_district.get(&code))
                .map_or(0, Vec::len),
            total: rows.len(),
            others: others.collect(),
            code,
        })
    }

    /// `This is the file of 0897 Inkberry Mesa R-22, by its name. But 2 rows say 0937 Jackdaw Park 2 (rows 28 and 29).` `None` if the
    /// name and every row say the same district.
    #[must_use]
    pub fn in_words(&self) -> Option<String> {
        if self.is_named && self.others.is_empty() {
            return None;
        }
        let own = called(&self.code, self.name);
        let first = if self.is_named {
            format!("This is the file of {own}, by its name.")
        } else {
            format!(
                "The file's name does not say whose it is. It looks like that of {own} ({} of {}). If it is, put {} before the file's name.",
                thousands(self.rows as u64),
                counted(self.total as u64, "row"),
                self.code,
            )
        };
        if self.others.is_empty() {
            return Some(first);
        }
        let others: Vec<String> = self.others.iter().map(Others::in_words).collect();
        let others = listed(others.iter().map(String::as_str));
        Some(format!("{first} But {others}."))
    }
}

impl Others<'_> {
    fn in_words(&self) -> String {
        let (rows, say) = if self.rows == 1 {
            ("row", "says")
        } else {
            ("rows", "say")
        };
        let mut named: Vec<String> = self.first.iter().map(u32::to_string).collect();
        let more = self.rows - named.len();
        if more > 0 {
            named.push(format!("{} more", thousands(more as u64)));
        }
        format!(
            "{} {say} {} ({rows} {})",
            counted(self.rows as u64, "row"),
            called(&self.code, self.name),
            listed(named.iter().map(String::as_str))
        )
    }
}

fn called(code: &str, name: Option<&str>) -> String {
    name.map_or_else(|| code.to_string(), |name| format!("{code} {name}"))
}
