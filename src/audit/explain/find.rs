//! Finds the row or participant that a reader means.

use std::collections::BTreeSet;

use super::{Explainer, OTHERS_NAMED_MAX};
use crate::audit::evidence::{RecordedParticipant, RecordedRow};
use crate::ranks::{ParticipantRank, RowRank};
use crate::results::columns::ResultColumn;
use crate::stop::Stop;

/// How well a file and sheet fit what was written.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Likeness {
    None,
    /// Their path ends with it.
    End,
    /// It is their name, or the name with folders before it.
    Name,
}

impl Explainer<'_> {
    /// The rows of a pupil, in the order of the report.
    #[must_use]
    pub fn rows_of_pupil(&self, sasid: &str) -> Vec<RowRank> {
        let rows = RowRank::enumerate(&self.evidence.rows);
        rows.filter(|(_, row)| row.submitted.get(ResultColumn::Sasid) == sasid)
            .map(|(position, _)| position)
            .collect()
    }

    /// The row at a place written `FILE!SHEET!ROW`. The end of the path is enough if only one file has it, and the sheet may be
    /// left out if only one can be meant.
    ///
    /// # Errors
    /// What is wrong with the place, with the nearest one that exists.
    pub fn row_at(&self, text: &str) -> Result<RowRank, Stop> {
        let wrong =
            |message: String, fix: String| Stop::usage(message, format!("--row \"{text}\""), fix);
        let (source, number) = place_of(text).ok_or_else(|| {
            let fix = "write FILE!SHEET!ROW, such as \"0880.xlsx!Sheet1!17\", or FILE!ROW for a text file";
            wrong(format!("\"{text}\" names no row"), fix.to_string())
        })?;
        let meant = self.sources_like(&source);
        if meant.is_empty() {
            return Err(wrong(
                format!("the report has no row of a file \"{source}\""),
                self.nearest_file(&source),
            ));
        }
        let rows: Vec<(RowRank, &RecordedRow)> = RowRank::enumerate(&self.evidence.rows)
            .filter(|(_, row)| meant.contains(&(&*row.file, &*row.sheet)))
            .collect();
        let found: Vec<&(RowRank, &RecordedRow)> =
            rows.iter().filter(|(_, row)| row.row == number).collect();
        match found[..] {
            [(only, _)] => Ok(*only),
            [] => {
                let numbers = || rows.iter().map(|(_, row)| row.row);
                let (first, last) = (numbers().min(), numbers().max());
                Err(wrong(
                    format!("row {number} holds no completion there"),
                    format!(
                        "its completions are in rows {} to {}",
                        first.unwrap_or_default(),
                        last.unwrap_or_default()
                    ),
                ))
            }
            _ => {
                let shown = found.iter().take(OTHERS_NAMED_MAX);
                let places: Vec<String> = shown.map(|(_, row)| row.place()).collect();
                Err(wrong(
                    format!("{} rows can be meant", found.len()),
                    format!(
                        "write more of the path, or the sheet: {}",
                        places.join("; ")
                    ),
                ))
            }
        }
    }

    /// The files and sheets whose names are the written text, or else end with it.
    fn sources_like(&self, written: &str) -> BTreeSet<(&str, &str)> {
        let sources: BTreeSet<(&str, &str)> = self
            .evidence
            .rows
            .iter()
            .map(|row| (&*row.file, &*row.sheet))
            .collect();
        let best = sources
            .iter()
            .map(|source| likeness(*source, written))
            .max()
            .unwrap_or(Likeness::None);
        sources
            .into_iter()
            .filter(|source| best > Likeness::None && likeness(*source, written) == best)
            .collect()
    }

    /// The fix for a file and sheet without rows.
    fn nearest_file(&self, source: &str) -> String {
        let wanted = source.split('!').next().unwrap_or(source);
        let of_file = self
            .evidence
            .rows
            .iter()
            .filter(|row| compared(&row.file).ends_with(wanted));
        let sheets: BTreeSet<&str> = of_file
            .map(|row| &*row.sheet)
            .filter(|sheet| !sheet.is_empty())
            .collect();
        if !sheets.is_empty() {
            return format!(
                "sheets with completions there: {}",
                sheets
                    .into_iter()
                    .take(OTHERS_NAMED_MAX)
                    .collect::<Vec<_>>()
                    .join(", ")
            );
        }
        let wanted = wanted.rsplit('/').next().unwrap_or(wanted);
        let names = self
            .evidence
            .submissions
            .iter()
            .map(|file| file.path.rsplit('/').next().unwrap_or(&file.path));
        let nearest = names
            .map(|name| {
                (
                    strsim::damerau_levenshtein(wanted, &name.to_lowercase()),
                    name,
                )
            })
            .min();
        let nearest = nearest
            .map(|(_, name)| format!("did you mean \"{name}\"? "))
            .unwrap_or_default();
        format!(
            "{nearest}every file is in the first column of completions.csv; a file without completions has no row"
        )
    }

    /// The participant of a code.
    ///
    /// # Errors
    /// If there is none, with the nearest one.
    pub fn participant_of(&self, code: &str) -> Result<ParticipantRank, Stop> {
        let found = self
            .evidence
            .participants
            .iter()
            .position(|claim| claim.code() == code.trim())
            .map(ParticipantRank::new);
        found.ok_or_else(|| {
            let codes: Vec<String> = self
                .evidence
                .participants
                .iter()
                .map(RecordedParticipant::code)
                .collect();
            let nearest = codes
                .iter()
                .min_by_key(|known| strsim::damerau_levenshtein(code, known));
            let nearest = nearest
                .map(|nearest| format!("did you mean {nearest}? "))
                .unwrap_or_default();
            let fix = format!(
                "{nearest}write 0880 for a district or BOCES, 0880-1234 for a charter school"
            );
            Stop::usage(
                format!("no row of the report belongs to a participant {code}"),
                "",
                fix,
            )
        })
    }
}

/// File and sheet as compared, and the row, of a place written `FILE!SHEET!ROW`.
fn place_of(text: &str) -> Option<(String, u32)> {
    let (source, row) = text.rsplit_once('!')?;
    let number = row.trim().parse().ok()?;
    let source = source.trim().trim_end_matches('!');
    (!source.trim_start_matches('!').is_empty()).then(|| (compared(source), number))
}

/// Names are compared without case and without the apostrophes around sheet names.
fn compared(name: &str) -> String {
    name.replace('\'', "").to_lowercase()
}

fn likeness((file, sheet): (&str, &str), written: &str) -> Likeness {
    let file = compared(file);
    let names = [format!("{file}!{}", compared(sheet)), file];
    let in_folder = format!("/{written}");
    if names
        .iter()
        .any(|name| name == written || name.ends_with(&in_folder))
    {
        Likeness::Name
    } else if names.iter().any(|name| name.ends_with(written)) {
        Likeness::End
    } else {
        Likeness::None
    }
}
