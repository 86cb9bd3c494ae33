//! The marked copy of a file that was checked: `check --mark`, and the page's download.

use std::path::Path;

use crate::sheets::book::Workbook;
use rust_xlsxwriter::XlsxError;

use super::marked::{self, Content, Marking, Open};
use crate::finding::Finding;
use crate::inspection::Inspection;
use crate::intake::submission::SourceFile;
use crate::ranks::RowRank;
use crate::shades;
use crate::tasks::{self, Stand, Typed, Whose};

/// The beginning of every marked copy's title.
pub(crate) const MARKED_COPY: &str = "CDIP check of ";
const ABOUT: &str = "The column Outcome says of each row whether it is ready, to look at again, to fix, or earns nothing. This is a \
             check, not an award; other districts' files are not known here.";
/// The same without rules or lists.
const ABOUT_UNJUDGED: &str = "The column Outcome says of each row whether it can be read, is to look at again, or to fix. Whether rows \
             qualify was not checked.";

/// Marks the one file of an inspection; long sheets use temporary files in a folder.
pub fn marked_copy(
    inspection: &Inspection,
    file: &SourceFile,
    bytes: &[u8],
    spool: Option<&Path>,
) -> Result<Workbook, XlsxError> {
    let tasks = tasks::of(inspection);
    // Its owner reads it: a message quotes what was typed, as that of the check does.
    let typed = Typed::new(inspection, &tasks);
    let quoting: Vec<Finding> = tasks
        .iter()
        .map(|task| Finding {
            message: typed.message(task.finding).into_owned().into(),
            ..task.finding.clone()
        })
        .collect();
    let open: Vec<Open<'_>> = quoting
        .iter()
        .zip(&tasks)
        .map(|(finding, task)| Open {
            finding,
            work: Some((task.work, task.title())),
        })
        .collect();
    let stands = tasks::stands(inspection, &tasks);
    let is_open = |finding: &&Finding| inspection.is_open(finding);
    let settled = inspection.findings.len() - inspection.findings.iter().filter(is_open).count();
    let rows: Vec<RowRank> = RowRank::all(inspection.intake.completions.len()).collect();
    let rules = inspection.rules.as_ref();
    let facts = rules.map_or("Checked without rules".to_string(), |rules| {
        format!(
            "Checked under {} (completions of {})",
            rules.id, rules.school_year
        )
    });
    let programs = &inspection.intake.programs;
    let ended = |row: RowRank| {
        let label = match stands[row] {
            Stand::Ready if !inspection.was_judged() => "Can be read",
            stand => stand.label(),
        };
        let codes = inspection.decisions[row].codes;
        (codes, label, shades::of_stand(stands[row]))
    };
    let marking = Marking {
        intake: &inspection.intake,
        ended: &ended,
        files: &[0],
        rows: &rows,
        settled,
        open: &open,
        edge: None,
        follows: rules
            .filter(|_| !programs.all().is_empty())
            .map(|rules| (rules, programs)),
        title: format!("{MARKED_COPY}{}", file.path),
        facts,
        label: file.path.to_string(),
        counts: Some(tasks::in_a_sentence(inspection, &tasks)),
        whose: Whose::of(inspection).and_then(|whose| whose.in_words()),
        about: about(inspection).to_string(),
        date: inspection.day(),
        spool,
    };
    let content = Content::Own {
        bytes,
        reading: &inspection.reading,
    };
    marked::workbook(&marking, content)
}

fn about(inspection: &Inspection) -> &'static str {
    if inspection.was_judged() {
        ABOUT
    } else {
        ABOUT_UNJUDGED
    }
}
