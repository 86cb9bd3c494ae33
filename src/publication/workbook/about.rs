//! The sheet that says what was counted, under which rules, and how pupils are protected.

use rust_xlsxwriter::XlsxError;

use super::{ABOUT, Sheets};
use crate::publication::{Table, Tally};
use crate::rules::readings::ReadingValue;
use crate::sheets::book::Workbook;
use crate::sheets::page::{Column, Page};
use crate::words::{listed, thousands};

impl Sheets<'_, '_> {
    pub(super) fn about(&self, workbook: &mut Workbook) -> Result<(), XlsxError> {
        let columns = [Column::text("", 26.0), Column::text("", 124.0)];
        let about = "What was counted, under which rules, and how pupils are protected.";
        let mut page = self.begin(workbook, ABOUT, about, &columns)?;
        page.skip();
        page.section("What was counted")?;
        self.what_was_counted(&mut page)?;
        page.skip();
        page.section("How pupils are protected")?;
        self.how_pupils_are_protected(&mut page)?;
        page.skip();
        page.section("How many numbers are withheld")?;
        for table in Table::ALL {
            page.note(
                table.name(),
                &withheld_in_words(&self.publication.tally(table)),
            )?;
        }
        Ok(())
    }

    fn what_was_counted(&self, page: &mut Page<'_>) -> Result<(), XlsxError> {
        let rules = &self.publication.evidence.rules;
        page.note(
            "Unit",
            "what one award is paid for, within the participant's cap; units of a tier without money left are counted and paid $0.00",
        )?;
        page.note("Amount", "what the units are paid by the tiers; a supplement, where there was one, is not included")?;
        page.note("Rules", &format!("{}: {}", rules.id, rules.title))?;
        for (doc, value) in rules.readings.entries() {
            let value = match &value {
                ReadingValue::One(value) => (*value).to_string(),
                ReadingValue::Many(values) => listed(values.iter().copied()),
            };
            page.note(doc.key, &value)?;
        }
        Ok(())
    }

    fn how_pupils_are_protected(&self, page: &mut Page<'_>) -> Result<(), XlsxError> {
        let least = self.publication.pupils_min;
        page.note(
            "Few pupils",
            &format!("a number about 1 to {} pupils is withheld", least - 1),
        )?;
        page.note(
            "FRL",
            &format!("how many pupils have free or reduced-price lunch is withheld where fewer than {least} have it or fewer than {least} have it not, none included"),
        )?;
        page.note("None", "a participant, sector or program without any unit in a tier shows 0: it speaks of no pupil")?;
        page.note(
            "Other numbers",
            &format!(
                "further numbers are withheld until, for each withheld number, two different states were found that publish exactly the same; a number of few \
                 pupils differs between them by {} or more where its units are concerned, and differs also for a participant who knows its own numbers",
                self.publication.width
            ),
        )?;
        page.note("Amounts", "an amount is published only where every count behind it is: divided by the rates it says nothing new")?;
        if let Some(payees) = &self.publication.payees {
            page.note("Payments", &payees.in_words(least))?;
        }
        page.note(
            "Two publications",
            "anyone who compares two publications of the same year can learn what each withholds; there should be only one",
        )
    }
}

fn withheld_in_words(tally: &Tally) -> String {
    let number = |count: usize| thousands(count as u64);
    format!(
        "{} lines; units withheld in {} as few and in {} to protect another; FRL alone in {} and {}; amounts in {}",
        number(tally.lines),
        number(tally.units_small),
        number(tally.units_protect),
        number(tally.split_small),
        number(tally.split_protect),
        number(tally.amounts)
    )
}
