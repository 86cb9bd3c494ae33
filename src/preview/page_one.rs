//! Parts of a preview's first page that explain the figures: what could change them, whom they are for, and which rows earn nothing.

use rust_xlsxwriter::XlsxError;

use super::workbook::Book;
use crate::money::Money;
use crate::sheets::cell::Cell;
use crate::sheets::look::Tone;
use crate::sheets::page::{Column, Filter, Page};
use crate::words::counted;

impl Book<'_> {
    /// What these figures depend on and leave out, beginning with the rows that are not included.
    pub(super) fn what_could_move_it(&self) -> Vec<String> {
        let others = self
            .preview
            .rows_of_others()
            .into_iter()
            .map(|(name, rows)| {
                let (rows, are) = (
                    counted(rows as u64, "row"),
                    if rows == 1 { "is" } else { "are" },
                );
                format!("{rows} in these files {are} of {name}, and {are} not in these figures.")
            });
        let rest = format!("Sources: {}.", self.rests_on);
        let known = self
            .preview
            .unknowns()
            .into_iter()
            .chain([self.caps_in_words()]);
        others.chain([rest]).chain(known).collect()
    }

    /// The district and each of its charters, if it has any: the state pays all of it to the district.
    pub(super) fn whom_it_is_for(&self, page: &mut Page<'_>) -> Result<(), XlsxError> {
        let preview = self.preview;
        let participants = preview.inspection.intake.participants.all();
        let mut shares = preview.by_participant();
        shares.retain(|(_, amount)| *amount > Money::ZERO);
        if !shares
            .iter()
            .any(|(rank, _)| !participants[*rank].school_code.is_empty())
        {
            return Ok(());
        }
        page.section("Whom it is for")?;
        let columns = [Column::word("Participant"), Column::figure("Would be paid")];
        let lines = u32::try_from(shares.len()).unwrap_or(u32::MAX);
        page.table("Participants", &columns, lines, Filter::PlainTable)?;
        let mut to_pass_on = Money::ZERO;
        for (rank, amount) in shares {
            let participant = &participants[rank];
            if !participant.school_code.is_empty() {
                to_pass_on += amount;
            }
            let name = format!("{} {}", participant.code(), participant.name);
            page.line(&[Cell::words(name), Cell::Money(amount)], Tone::Plain)?;
        }
        let total = [
            Cell::text("Paid to the district"),
            Cell::Money(preview.expected.total),
        ];
        page.line(&total, Tone::Total)?;
        let text = format!(
            "{} of it is for charter schools; pass it on to them.",
            to_pass_on.grouped()
        );
        page.paragraph(&text, &self.look.paragraph)?;
        page.skip();
        Ok(())
    }

    /// Rows that earn nothing, without dollars, so that no one is tempted to change facts.
    pub(super) fn facts(&self, page: &mut Page<'_>) -> Result<(), XlsxError> {
        let look = &self.look;
        let facts: Vec<_> = self
            .preview
            .corrections
            .iter()
            .filter(|fact| fact.is_fact())
            .collect();
        if facts.is_empty() {
            return Ok(());
        }
        page.section("Rows that earn nothing: leave them in if they are correct")?;
        for fact in facts {
            let rows = counted(fact.rows as u64, "row");
            let text = format!("{rows}: {} ({})", fact.title, fact.code);
            page.paragraph(&text, &look.paragraph)?;
        }
        page.skip();
        Ok(())
    }
}
