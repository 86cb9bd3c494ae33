//! `preview-0880.xlsx`: what an entity's own rows would get at given factors. One page for a superintendent, what to fix with dollars,
//! every row, and the assumptions as cells that can be changed. Never an award, and no data of any other entity.

use std::path::Path;

use chrono::NaiveDate;
use rust_xlsxwriter::XlsxError;

use super::{CapPosition, Preview, assumptions};
use crate::allocation::AwardOutcome;
use crate::allocation::outlook::TierTerms;
use crate::decision::Outcome;
use crate::disk::folder_of;
use crate::factors::Origin;
use crate::intake::completions::Rows;
use crate::intake::pages::PREVIEW_PAGE;
use crate::money::Money;
use crate::ranks::{RowRank, TierRank};
use crate::report::entities::name_of;
use crate::shades;
use crate::sheets::book::{Workbook, begin, save};
use crate::sheets::cell::Cell;
use crate::sheets::charts;
use crate::sheets::look::{Look, Tone};
use crate::sheets::page::{Column, Filter, Page, Stamp};
use crate::sheets::page::{money_width, width_of};
use crate::words::{counted, standing};

/// The sheet for a superintendent.
pub(super) const SUMMARY: &str = "Summary";
/// The sheet of every row.
pub(super) const ROWS: &str = "Rows";
/// The beginning of every preview's title.
pub(crate) const TITLE: &str = "CDIP preview for ";
/// The sheet of findings with dollars.
pub(super) const WHAT_TO_FIX: &str = "What to fix";
/// The most lines of a table on *Summary*: more would not fit on its one page, and later sheets have them all.
const LINES_MAX: usize = 8;
/// The columns of the tiers in words.
fn units_in_words(terms: &[TierTerms]) -> String {
    let mut limits: Vec<&str> = Vec::new();
    for cap in terms.iter().filter_map(|terms| terms.cap.as_ref()) {
        if !limits.contains(&cap.for_a_district()) {
            limits.push(cap.for_a_district());
        }
    }
    let over = if limits.is_empty() {
        "no tier of this year has one".to_string()
    } else {
        let limits = limits.join(", or beyond ");
        format!("units beyond {limits}. They earn nothing")
    };
    format!(
        "Units: the completions that count for an award. Where the rules give one award for each pupil, only the first of a pupil counts. \
         Over the cap: {over}. FRL: free or reduced-price lunch."
    )
}

/// Participants with their cap on *Summary*, those nearest to it; *Assumptions* has them all.
const CAPS_MAX: usize = 3;

/// A preview about to be written.
pub(super) struct Book<'p> {
    pub(super) preview: &'p Preview,
    pub(super) look: Look,
    pub(super) stamp: Stamp,
    /// Where the factors come from, in full.
    pub(super) rests_on: String,
    /// `0880 Example Valley`.
    pub(super) entity: String,
    /// Width of a column of amounts.
    pub(super) money_width: f64,
    pub(super) rows: Rows<'p>,
    /// Positions of the rows that concern the entity.
    pub(super) shown: Vec<RowRank>,
}

/// Writes the workbook of a preview. Long sheets are spooled to the folder it is written to, so that rows of pupils are written nowhere
/// else.
pub fn write(preview: &Preview, path: &Path) -> Result<(), XlsxError> {
    save(&mut workbook(preview, folder_of(path))?, path)
}

/// The workbook of a preview; its long sheets are spooled to a folder.
fn workbook(preview: &Preview, folder: &Path) -> Result<Workbook, XlsxError> {
    let book = Book::of(preview);
    let mut workbook = begin(&book.stamp, made(preview), Some(folder));
    book.summary(&mut workbook)?;
    book.what_to_fix(&mut workbook)?;
    book.list_rows(&mut workbook)?;
    assumptions::write(&mut workbook, &book)?;
    Ok(workbook)
}

/// The date in the file's properties: the run date of the factors, otherwise the school year's last day. The clock is never read.
fn made(preview: &Preview) -> NaiveDate {
    let run_date = match &preview.factors.origin {
        Origin::Run { run_date, .. } => run_date.parse().ok(),
        Origin::Assumption(_) => None,
    };
    run_date.unwrap_or_else(|| preview.rules.school_year.last_day())
}

/// The source of the factors: a few words with the date, and a longer note.
fn origin(preview: &Preview) -> (String, &str) {
    match &preview.factors.origin {
        Origin::Run {
            is_final,
            label,
            run_date,
        } => (
            format!("factors of the run of {run_date}, {}", standing(*is_final)),
            label,
        ),
        Origin::Assumption(words) => ("assumed factors".to_string(), words),
    }
}

impl<'p> Book<'p> {
    fn of(preview: &'p Preview) -> Book<'p> {
        let entity = format!(
            "{} {}",
            preview.entity,
            name_of(&preview.inspection.intake.participants, &preview.entity)
        );
        let (origin, more) = origin(preview);
        let stamp = Stamp {
            title: format!("{TITLE}{entity}"),
            standing: "PREVIEW",
            is_final: false,
            reason:
                "what would be paid if the assumptions hold; not an award, and not a promise of one"
                    .to_string(),
            facts: format!(
                "completions of {} \u{b7} rules {} \u{b7} {origin}",
                preview.rules.school_year, preview.rules.id
            ),
            // Must fit into the footer of every printed page.
            label: origin.clone(),
        };
        let rests_on = format!("{origin}: {more}");
        // Changed assumptions rarely give more than the money of the whole state.
        let money_width = money_width(preview.factors.available.max(preview.at_full_rate));
        let rows = preview.inspection.intake.completions.rows();
        let participant = |position: RowRank| preview.inspection.decisions[position].participant;
        let shown = RowRank::all(rows.len())
            .filter(|position| preview.concerns(rows.file(*position), participant(*position)))
            .collect();
        Book {
            preview,
            look: Look::new(),
            stamp,
            rests_on,
            entity,
            money_width,
            rows,
            shown,
        }
    }

    fn summary(&self, workbook: &mut Workbook) -> Result<(), XlsxError> {
        let about = format!(
            "What the completions reported by {} would earn if the whole state asks for what factors.json says. The state's run decides, not this page.",
            self.entity
        );
        let widths = vec![38.0, self.money_width, 9.0, 9.0, 11.0, 11.0, 13.0, 13.0];
        let mut page = Page::begin(
            workbook.add_worksheet(),
            &self.look,
            &self.stamp,
            SUMMARY,
            (&about, true),
            widths,
        )?;
        // One page to print.
        page.sheet
            .set_portrait()
            .set_print_fit_to_pages(1, 1)
            .set_screen_gridlines(false)
            .set_freeze_panes(3, 0)?;
        page.stamped(PREVIEW_PAGE)?;
        page.skip();
        self.expected(&mut page)?;
        page.section("What could still change it")?;
        for sentence in self.what_could_move_it() {
            page.paragraph(&sentence, &self.look.paragraph)?;
        }
        page.skip();
        self.whom_it_is_for(&mut page)?;
        self.tiers(&mut page)?;
        self.worth_fixing(&mut page)?;
        self.facts(&mut page)?;
        self.programs(&mut page)?;
        page.section("Where to look")?;
        page.link(
            WHAT_TO_FIX,
            "every finding with file, cell and what to do, the one worth most first",
        )?;
        page.link(ROWS, "every row and how it would end")?;
        page.link(
            assumptions::ASSUMPTIONS,
            "the totals behind these figures; change them there to see the effect",
        )
    }

    fn expected(&self, page: &mut Page<'_>) -> Result<(), XlsxError> {
        let preview = self.preview;
        let (low, high) = preview.bounds();
        let expected = ("Expected", preview.expected.total);
        // The state's final totals leave no low and no high end.
        let mut lines = if low == high {
            vec![expected]
        } else {
            vec![("Plan with no more than", low), expected, ("At best", high)]
        };
        lines.extend(self.in_full());
        page.section("What to plan with")?;
        let header = page.row();
        page.table(
            "Expected",
            &[
                Column::word("If the assumptions hold"),
                Column::figure("Would be paid"),
            ],
            u32::try_from(lines.len()).unwrap_or(u32::MAX),
            Filter::PlainTable,
        )?;
        let first = page.row();
        for (index, (what, money)) in lines.into_iter().enumerate() {
            page.line(
                &[Cell::text(what), Cell::Money(money)],
                if index == 0 { Tone::Group } else { Tone::Plain },
            )?;
        }
        let figures = charts::Figures {
            sheet: SUMMARY,
            first,
            last: page.row() - 1,
        };
        page.sheet
            .insert_chart_with_offset(header, 2, &charts::expected_range(&figures), 10, 4)?;
        self.counts(page)?;
        if let Some(earlier) = &preview.earlier {
            page.paragraph(&earlier.in_words(), &self.look.paragraph)?;
        }
        if let Some((_, more)) = &preview.range {
            let percent = (more.growth * rust_decimal::Decimal::ONE_HUNDRED).normalize();
            page.paragraph(
                &format!("The low and the high end: the whole state asks for {percent}% more or {percent}% less."),
                &self.look.about,
            )?;
        }
        page.skip();
        Ok(())
    }

    /// What full funding would bring. It has no supplement, so what is expected is set against it without one.
    fn in_full(&self) -> Vec<(&'static str, Money)> {
        let preview = self.preview;
        if preview.factors.supplement.is_none() {
            return vec![("If every tier paid in full", preview.at_full_rate)];
        }
        vec![
            (
                "Expected without the supplement",
                preview.without_supplement(),
            ),
            ("In full, without the supplement", preview.at_full_rate),
        ]
    }

    /// The number of rows and their expected outcomes.
    fn counts(&self, page: &mut Page<'_>) -> Result<(), XlsxError> {
        let preview = self.preview;
        let ended = |outcome: Outcome| {
            let decisions = &preview.inspection.decisions;
            Cell::count(
                self.shown
                    .iter()
                    .filter(|row| decisions[**row].ended() == Some(outcome))
                    .count(),
            )
        };
        let rows = [
            ("Rows read", Cell::count(preview.inspection.decisions.len())),
            (
                "Rows that would be paid",
                Cell::count(preview.count(AwardOutcome::Paid)),
            ),
            ("Rows that cannot be read", ended(Outcome::Rejected)),
            ("Rows that would not qualify", ended(Outcome::NotQualified)),
            ("Rows that would be held", ended(Outcome::Held)),
            (
                "Rows of pupils who already have an award",
                Cell::count(preview.count(AwardOutcome::AlreadyCounted)),
            ),
            (
                "Rows over the cap",
                Cell::count(preview.count(AwardOutcome::OverCap)),
            ),
            (
                "Rows for which no money would be left",
                Cell::count(preview.count(AwardOutcome::Unfunded)),
            ),
            ("Rows that repeat a completion", ended(Outcome::Duplicate)),
            ("Rows denied by a decision", ended(Outcome::Denied)),
            (
                "Rows of other districts",
                Cell::count(preview.inspection.decisions.len() - self.shown.len()),
            ),
        ];
        // Always the first five, and those others that occur, so that the sum is the rows read.
        for (_, (what, count)) in (0..)
            .zip(rows)
            .filter(|(line, (_, count))| *line < 5 || *count != Cell::count(0))
        {
            page.line(&[Cell::text(what), count], Tone::Plain)?;
        }
        Ok(())
    }

    fn tiers(&self, page: &mut Page<'_>) -> Result<(), XlsxError> {
        let preview = self.preview;
        let columns = [
            Column::word("Tier"),
            Column::figure("Would be paid"),
            Column::figure("Units"),
            Column::figure("Over the cap"),
            Column::figure("Rate"),
            Column::figure("FRL rate"),
            Column::figure("One more completion"),
            Column::figure("One more with FRL"),
        ];
        page.section("By tier, and what one more pupil with a completion would add")?;
        let tiers = &preview.rules.tiers;
        page.table(
            "Tiers",
            &columns,
            u32::try_from(tiers.len()).unwrap_or(u32::MAX),
            Filter::PlainTable,
        )?;
        let results = &preview.expected.part.allocation.tiers;
        let worth = |tier: TierRank, frl: bool| {
            let more = preview
                .one_more
                .iter()
                .find(|more| more.tier == tier && more.frl == frl);
            more.map_or(Cell::Empty, |more| Cell::Money(more.worth))
        };
        for (index, ((tier, own), terms)) in tiers
            .iter()
            .zip(results)
            .zip(&preview.expected.terms)
            .enumerate()
        {
            let cells = [
                Cell::words(format!("{} {}", tier.number, tier.name)),
                Cell::Money(own.paid),
                Cell::Count(own.units),
                Cell::Count(own.over_cap),
                Cell::Rate(terms.rate),
                Cell::Rate(terms.frl_rate),
                worth(TierRank::new(index), false),
                worth(TierRank::new(index), true),
            ];
            page.line(&cells, Tone::Plain)?;
        }
        if preview.factors.supplement.is_some() {
            page.line_to_edge(
                vec![Cell::text("Supplement"), Cell::Money(preview.supplement())],
                Tone::Plain,
            )?;
        }
        let units = results.iter().map(|tier| tier.units).sum();
        let over_cap = results.iter().map(|tier| tier.over_cap).sum();
        let total = vec![
            Cell::text("Expected"),
            Cell::Money(preview.expected.total),
            Cell::Count(units),
            Cell::Count(over_cap),
        ];
        page.line_to_edge(total, Tone::Total)?;
        self.about_tiers(page)
    }

    fn about_tiers(&self, page: &mut Page<'_>) -> Result<(), XlsxError> {
        if let Some(why) = self.preview.why_no_more() {
            page.paragraph(&why, &self.look.paragraph)?;
        }
        let units = units_in_words(&self.preview.expected.terms);
        page.paragraph(&units, &self.look.about)?;
        page.skip();
        Ok(())
    }

    fn worth_fixing(&self, page: &mut Page<'_>) -> Result<(), XlsxError> {
        let look = &self.look;
        page.section("Likely slips: look them up, and correct what is wrong")?;
        let (header, figures) = (&look.header, &look.header_figures);
        page.spread(&[
            (0, 0, "Finding", header),
            (1, 1, "Would add about", figures),
            (2, 2, "Rows", figures),
            (3, 7, "What to do", header),
        ])?;
        let corrections = self.preview.corrections.iter();
        let corrections: Vec<_> = corrections.filter(|found| !found.is_fact()).collect();
        if corrections.is_empty() {
            page.paragraph(
                "Nothing: no row waits for a correction that would bring money.",
                &look.paragraph,
            )?;
        }
        if let Some(fixing) = &self.preview.fixing {
            let text = fixing.of_all(self.preview.expected.total);
            page.paragraph(&text, &look.paragraph)?;
        }
        for correction in corrections.iter().take(LINES_MAX) {
            let entry = correction.code.entry();
            let words = look.words();
            let severity = look
                .shade(shades::of_severity(entry.severity))
                .clone()
                .set_text_wrap()
                .unset_bold();
            let up_to = if correction.up_to { " (up to)" } else { "" };
            page.spread(&[
                (
                    0,
                    0,
                    &format!("{} {}{up_to}", entry.code, correction.title),
                    &severity,
                ),
                (3, 7, entry.fix_as_slip(), words),
            ])?;
            Cell::Money(correction.worth).put(page.sheet, page.row() - 1, 1, look, Tone::Plain)?;
            Cell::count(correction.rows).put(page.sheet, page.row() - 1, 2, look, Tone::Plain)?;
        }
        if let Some(more) = corrections
            .len()
            .checked_sub(LINES_MAX)
            .filter(|more| *more > 0)
        {
            page.paragraph(
                &format!(
                    "and {} of less worth on {WHAT_TO_FIX}",
                    counted(more as u64, "other code")
                ),
                &look.about,
            )?;
        }
        page.skip();
        Ok(())
    }

    fn programs(&self, page: &mut Page<'_>) -> Result<(), XlsxError> {
        let programs = self.preview.inspection.intake.programs.all();
        let by_program = self.preview.by_program();
        let (shown, others) = by_program.split_at(by_program.len().min(LINES_MAX));
        page.section("Expected money by program")?;
        let columns = [
            Column::word("Program"),
            Column::figure("Would be paid"),
            Column::figure("Rows"),
        ];
        let lines =
            u32::try_from(shown.len() + usize::from(!others.is_empty())).unwrap_or(u32::MAX);
        let header = page.row();
        page.table("Programs", &columns, lines, Filter::PlainTable)?;
        if shown.is_empty() {
            page.line(&[Cell::text("no row would be paid")], Tone::Plain)?;
            page.skip();
            return Ok(());
        }
        let first = page.row();
        for money in shown {
            let program = &programs[money.program];
            let cells = [
                Cell::words(format!("{} {}", program.code, program.name)),
                Cell::Money(money.amount),
                Cell::count(money.rows),
            ];
            page.line(&cells, Tone::Plain)?;
        }
        let figures = charts::Figures {
            sheet: SUMMARY,
            first,
            last: page.row() - 1,
        };
        if !others.is_empty() {
            let what = counted(others.len() as u64, "other program");
            let (money, rows) = (
                others.iter().map(|other| other.amount).sum(),
                others.iter().map(|other| other.rows).sum(),
            );
            page.line(
                &[Cell::text(what), Cell::Money(money), Cell::count(rows)],
                Tone::Plain,
            )?;
        }
        page.sheet.insert_chart_with_offset(
            header,
            3,
            &charts::money_by_program(&figures),
            10,
            4,
        )?;
        while page.row() < header + charts::PROGRAM_ROWS {
            page.skip();
        }
        page.skip();
        Ok(())
    }

    /// The distance to the cap, the nearest first.
    pub(super) fn caps_in_words(&self) -> String {
        let participants = self.preview.inspection.intake.participants.all();
        let mut caps: Vec<&CapPosition> = self.preview.caps.iter().collect();
        caps.sort_by_key(|cap| cap.left);
        let near = caps.iter().take(CAPS_MAX).map(|cap| {
            let (code, tier) = (
                participants[cap.participant].code(),
                self.preview.rules.tiers[cap.tier].number,
            );
            format!(
                "{code} has {} in tier {tier}, {}",
                counted(cap.units, "unit"),
                cap.from_limit()
            )
        });
        let near: Vec<String> = near.collect();
        match (near.is_empty(), caps.len().saturating_sub(CAPS_MAX)) {
            (true, _) => "The cap: no participant of this entity has a unit in a tier with a cap."
                .to_string(),
            (false, 0) => format!("The cap: {}.", near.join("; ")),
            (false, more) => format!(
                "The cap: {}; {more} more on {}.",
                near.join("; "),
                assumptions::ASSUMPTIONS
            ),
        }
    }

    pub(super) fn file_column(&self) -> Column {
        let paths = self
            .preview
            .inspection
            .intake
            .files
            .iter()
            .map(|file| &*file.path);
        Column::text("Source file", width_of(paths, 20, 48))
    }
}
