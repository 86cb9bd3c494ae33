//! The workbook of a public version, `public.xlsx`, with a mark for each withheld number. Charts use published cells only.

mod about;

use std::cmp::Reverse;
use std::path::Path;

use crate::sheets::book::Workbook;
use rust_xlsxwriter::XlsxError;

use super::network::Withheld;
use super::{Line, Publication, Table};
use crate::money::Money;
use crate::sheets::book;
use crate::sheets::cell::Cell;
use crate::sheets::charts;
use crate::sheets::look::{Look, Tone};
use crate::sheets::page::{Column, Filter, Page, Stamp};
use crate::sheets::page::{money_width, width_of};
use crate::words::standing;

const SUMMARY: &str = "Summary";
/// Marks a number about too few pupils.
const SMALL: &str = "*";
/// Marks a number from which such a number could be calculated.
const PROTECTS: &str = "**";
const BY_PARTICIPANT: &str = "By participant";
const BY_PAYEE: &str = "By payee";
const BY_SECTOR: &str = "By sector";
const BY_PROGRAM: &str = "By program";
const FRL_SHARE: &str = "FRL share";
const ABOUT: &str = "About this data";
/// The other sheets and their content.
const WHERE_TO_LOOK: [(&str, &str); 5] = [
    (
        BY_PARTICIPANT,
        "units and amounts of each participant by tier",
    ),
    (
        BY_SECTOR,
        "units and amounts of each sector of the economy by tier",
    ),
    (BY_PROGRAM, "units, FRL share and amounts of each program"),
    (
        FRL_SHARE,
        "units with free or reduced-price lunch by sector and by participant",
    ),
    (
        ABOUT,
        "what was counted, under which rules, and how pupils are protected",
    ),
];
const TIER_HEADINGS: [&str; 9] = [
    "Tier",
    "Units",
    "With FRL",
    "FRL share",
    "Over cap",
    "Rate",
    "FRL rate",
    "Paid",
    "Residual",
];
/// The position of *Paid* among them, from 0.
const PAID: u16 = 7;
/// Width of a column of counts.
const COUNT_WIDTH: f64 = 13.0;
/// Width of a column that names the tier, next to the filter's button.
const TIER_COUNT_WIDTH: f64 = 17.0;
/// Lines of Summary that the chart of sectors covers, from its first figure.
const CHART_LINES: u32 = 16;
/// The heading of the note about what a chart does not show.
const NOT_IN_THE_CHART: &str = "Not in the chart";

/// Writes the workbook. Its date is the report's run date, so that the same report gives the same bytes.
pub fn write(publication: &Publication<'_>, path: &Path) -> Result<(), XlsxError> {
    let evidence = publication.evidence;
    let rules = &evidence.rules;
    let is_final = evidence.is_final();
    let title = "CDIP public report".to_string();
    let stamp = Stamp {
        facts: format!(
            "{title} \u{b7} {} \u{b7} budget year {} \u{b7} completions of {} \u{b7} rules {} \u{b7} run date {}",
            evidence.label, rules.budget_year, rules.school_year, rules.id, evidence.run_date
        ),
        title: title.clone(),
        standing: standing(is_final),
        is_final,
        reason: if is_final {
            "nothing is open in the report behind it"
        } else {
            "rows or files are still open; every number can change"
        }
        .to_string(),
        label: evidence.label.clone(),
    };
    let mut workbook = book::begin(&stamp, evidence.run_date, None);
    let sheets = Sheets {
        publication,
        look: Look::new(),
        stamp,
        money_width: money_width(evidence.available),
        legend: format!(
            "{SMALL} fewer than {} pupils, or fewer than that with or without free or reduced-price lunch (FRL); {PROTECTS} withheld so \
             that a number marked {SMALL} cannot be calculated.",
            publication.pupils_min
        ),
    };
    sheets.summary(&mut workbook)?;
    sheets.by_participant(&mut workbook)?;
    sheets.by_payee(&mut workbook)?;
    sheets.by_sector(&mut workbook)?;
    sheets.by_program(&mut workbook)?;
    sheets.frl_share(&mut workbook)?;
    sheets.about(&mut workbook)?;
    book::save(&mut workbook, path)
}

/// Shared by the sheets.
struct Sheets<'p, 'e> {
    publication: &'p Publication<'e>,
    look: Look,
    stamp: Stamp,
    money_width: f64,
    legend: String,
}

/// The lines of one subject: its tiers, then all of them together.
type Group<'l> = Vec<&'l Line>;

fn mark(withheld: Withheld) -> Cell<'static> {
    Cell::Digits(
        if withheld == Withheld::Small {
            SMALL
        } else {
            PROTECTS
        }
        .into(),
    )
}

fn units(line: &Line) -> Cell<'static> {
    line.units
        .map_or_else(|| mark(line.units_withheld), Cell::Count)
}

fn frl_withheld(line: &Line) -> Withheld {
    if line.units.is_none() {
        line.units_withheld
    } else {
        line.split_withheld
    }
}

fn frl_units(line: &Line) -> Cell<'static> {
    line.frl_units
        .map_or_else(|| mark(frl_withheld(line)), Cell::Count)
}

fn frl_share(line: &Line) -> Cell<'static> {
    match line.frl_units.zip(line.units) {
        Some((frl, units)) => Cell::Percent(frl, units),
        None => mark(frl_withheld(line)),
    }
}

fn amount(amount: Option<Money>) -> Cell<'static> {
    amount.map_or_else(|| mark(Withheld::Protects), Cell::Money)
}

/// Rows of a sheet: participants, sectors and programs are a few thousand at most.
fn rows(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

impl Sheets<'_, '_> {
    fn groups(&self, table: Table) -> Vec<Group<'_>> {
        let tiers = self.publication.evidence.rules.tiers.len();
        let lines: Vec<&Line> = self.publication.table(table).collect();
        lines.chunks(tiers + 1).map(<[&Line]>::to_vec).collect()
    }

    /// A column for each tier and one for all of them.
    fn tier_columns(&self, what: &str, width: f64) -> Vec<Column> {
        let tiers = self
            .publication
            .evidence
            .rules
            .tiers
            .iter()
            .map(|tier| format!("{what}, tier {}", tier.number));
        tiers
            .chain([format!("{what}, all")])
            .map(|heading| Column::figures_of(heading, width))
            .collect()
    }

    fn begin<'w>(
        &'w self,
        workbook: &'w mut Workbook,
        name: &str,
        about: &str,
        columns: &[Column],
    ) -> Result<Page<'w>, XlsxError> {
        let widths = columns.iter().map(|column| column.width).collect();
        let about = format!("{about} {}", self.legend);
        Page::begin(
            workbook.add_worksheet(),
            &self.look,
            &self.stamp,
            name,
            (&about, false),
            widths,
        )
    }

    /// A sheet that is one table.
    fn listing(
        &self,
        workbook: &mut Workbook,
        (name, about): (&str, &str),
        columns: &[Column],
        frozen: u16,
        lines: Vec<Vec<Cell<'_>>>,
    ) -> Result<(), XlsxError> {
        let mut page = self.begin(workbook, name, about, columns)?;
        let header = page.row();
        page.sheet
            .set_freeze_panes(header + 1, frozen)?
            .set_repeat_rows(header, header)?;
        page.table(
            &name.replace(' ', "_"),
            columns,
            rows(lines.len()),
            Filter::Table,
        )?;
        if lines.is_empty() {
            page.line(&[Cell::text("nobody has a unit")], Tone::Plain)?;
        }
        for line in lines {
            page.line(&line, Tone::Plain)?;
        }
        Ok(())
    }

    fn summary(&self, workbook: &mut Workbook) -> Result<(), XlsxError> {
        let (money, count) = (self.money_width, COUNT_WIDTH);
        let widths = [40.0, money, count, count, count, count, count, money, count];
        let columns = widths.map(|width| Column::text("", width));
        let about = "What the state pays for completed credentials, workplace training and Advanced Placement courses; a unit is what one award is paid for.";
        let mut page = self.begin(workbook, SUMMARY, about, &columns)?;
        page.as_document()?;
        page.skip();
        page.section("Tiers, in the order in which they are funded")?;
        self.tiers(&mut page)?;
        self.sectors_by_money(&mut page)?;
        page.section("Where to look")?;
        for (sheet, what) in WHERE_TO_LOOK {
            page.link(sheet, what)?;
        }
        if self.publication.payees.is_some() {
            page.link(BY_PAYEE, "what the state pays to each payee")?;
        }
        Ok(())
    }

    /// The table of tiers, with a chart if money is published.
    fn tiers(&self, page: &mut Page<'_>) -> Result<(), XlsxError> {
        let publication = self.publication;
        let lines: Vec<&Line> = publication.table(Table::State).collect();
        let headings = TIER_HEADINGS.map(|heading| match heading {
            "Tier" => Column::word(heading),
            _ => Column::figure(heading),
        });
        page.table("Tiers", &headings, rows(lines.len()), Filter::PlainTable)?;
        let first = page.row();
        let mut last = first;
        for line in &lines {
            let tone = match line.tier {
                Some(_) => Tone::Plain,
                None => Tone::Total,
            };
            if line.tier.is_some() {
                last = page.row();
            }
            page.line(&self.tier_line(line), tone)?;
        }
        page.skip();
        if publication.money && !lines.is_empty() {
            let figures = charts::Figures {
                sheet: SUMMARY,
                first,
                last,
            };
            let chart = charts::paid_by_tier(&figures, PAID);
            let row = page.row();
            page.sheet.insert_chart_with_offset(row, 0, &chart, 8, 4)?;
            for _ in 0..CHART_LINES - 3 {
                page.skip();
            }
        }
        Ok(())
    }

    /// A tier, or all of them, under [`TIER_HEADINGS`].
    fn tier_line(&self, line: &Line) -> Vec<Cell<'_>> {
        let publication = self.publication;
        let Some(tier) = line.tier else {
            return vec![
                Cell::words(line.subject.name.clone()),
                units(line),
                frl_units(line),
                frl_share(line),
                Cell::Empty,
                Cell::Empty,
                Cell::Empty,
                amount(line.amount),
                Cell::Empty,
            ];
        };
        let number = publication.evidence.rules.tiers[tier].number;
        let facts = &publication.tiers[tier];
        vec![
            Cell::words(format!("{number} {}", line.subject.name)),
            units(line),
            frl_units(line),
            frl_share(line),
            facts
                .over_cap
                .map_or_else(|| mark(Withheld::Protects), Cell::Count),
            amount(facts.rate),
            amount(facts.frl_rate),
            amount(line.amount),
            amount(facts.residual),
        ]
    }

    /// Sectors whose amount is published, the largest first, with their chart.
    fn sectors_by_money(&self, page: &mut Page<'_>) -> Result<(), XlsxError> {
        let mut sectors: Vec<(Money, &Line)> = self
            .publication
            .table(Table::Sectors)
            .filter(|line| line.tier.is_none())
            .filter_map(|line| line.amount.map(|amount| (amount, line)))
            .filter(|(amount, _)| *amount > Money::ZERO)
            .collect();
        if sectors.is_empty() {
            return Ok(());
        }
        sectors.sort_by_key(|(amount, line)| (Reverse(*amount), line.subject.name.clone()));
        page.section("Money by sector, where it is published")?;
        page.table(
            "Sectors",
            &[Column::word("Sector"), Column::figure("Paid")],
            rows(sectors.len()),
            Filter::PlainTable,
        )?;
        let first = page.row();
        for (amount, line) in &sectors {
            page.line(
                &[Cell::words(line.subject.name.clone()), Cell::Money(*amount)],
                Tone::Plain,
            )?;
        }
        let last = page.row() - 1;
        let chart = charts::money_by_sector(&charts::Figures {
            sheet: SUMMARY,
            first,
            last,
        });
        page.sheet
            .insert_chart_with_offset(first - 1, 2, &chart, 20, 4)?;
        while page.row() < first + CHART_LINES {
            page.skip();
        }
        let withheld = self.publication.table(Table::Sectors);
        let withheld = withheld.filter(|line| line.tier.is_none() && line.amount.is_none());
        let names = withheld.map(|line| line.subject.name.clone());
        not_in_the_chart(page, &names.collect::<Vec<_>>())
    }

    fn name_width(&self) -> f64 {
        let names = self
            .publication
            .table(Table::Participants)
            .map(|line| line.subject.name.as_str());
        width_of(names, 24, 48)
    }

    fn by_participant(&self, workbook: &mut Workbook) -> Result<(), XlsxError> {
        let mut columns = vec![
            Column::text("Participant", 13.0),
            Column::text("Name", self.name_width()),
            Column::text("Kind", 18.0),
        ];
        columns.extend(self.tier_columns("Units", TIER_COUNT_WIDTH));
        columns.extend(self.tier_columns("Amount", self.money_width));
        let groups = self.groups(Table::Participants);
        let lines = groups.iter().filter_map(|group| {
            let subject = &group.first()?.subject;
            let mut cells = vec![
                Cell::text(&subject.code),
                Cell::words(&subject.name),
                Cell::text(&subject.of),
            ];
            cells.extend(group.iter().map(|line| units(line)));
            cells.extend(group.iter().map(|line| amount(line.amount)));
            Some(cells)
        });
        let about =
            "Every participant with a unit: its units within the cap and what they are paid.";
        self.listing(
            workbook,
            (BY_PARTICIPANT, about),
            &columns,
            2,
            lines.collect(),
        )
    }

    /// What each payee gets, if published.
    fn by_payee(&self, workbook: &mut Workbook) -> Result<(), XlsxError> {
        let Some(payees) = &self.publication.payees else {
            return Ok(());
        };
        let columns = [
            Column::text("Payee", 11.0),
            Column::text("Name", self.name_width()),
            Column::figures("Award", self.money_width),
        ];
        let lines = payees.payments.iter().map(|(code, name, award)| {
            vec![Cell::text(code), Cell::words(name), Cell::Money(*award)]
        });
        let about = "What the state pays to each payee: a district also for its charter schools, the Charter School Institute (8001) for its \
                     schools. Payments are public record.";
        self.listing(workbook, (BY_PAYEE, about), &columns, 2, lines.collect())
    }

    fn by_sector(&self, workbook: &mut Workbook) -> Result<(), XlsxError> {
        let mut columns = vec![Column::text("Sector", 32.0)];
        columns.extend(self.tier_columns("Units", TIER_COUNT_WIDTH));
        columns.extend(self.tier_columns("Amount", self.money_width));
        let groups = self.groups(Table::Sectors);
        let lines = groups.iter().filter_map(|group| {
            let mut cells = vec![Cell::words(&group.first()?.subject.name)];
            cells.extend(group.iter().map(|line| units(line)));
            cells.extend(group.iter().map(|line| amount(line.amount)));
            Some(cells)
        });
        let about = "Units within the cap and what they are paid, by the sector of the program that was completed.";
        self.listing(workbook, (BY_SECTOR, about), &columns, 1, lines.collect())
    }

    fn by_program(&self, workbook: &mut Workbook) -> Result<(), XlsxError> {
        let columns = [
            Column::text("Program code", 14.0),
            Column::text("Program", 48.0),
            Column::text("Sector", 28.0),
            Column::text("Tier", 8.0),
            Column::figures("Units", COUNT_WIDTH),
            Column::figures("With FRL", COUNT_WIDTH),
            Column::figures("FRL share", COUNT_WIDTH),
            Column::figures("Amount", self.money_width),
        ];
        let lines = self.publication.table(Table::Programs).map(|line| {
            vec![
                Cell::text(&line.subject.code),
                Cell::words(&line.subject.name),
                Cell::text(&line.subject.of),
                Cell::text(self.publication.tier_word(line.tier)),
                units(line),
                frl_units(line),
                frl_share(line),
                amount(line.amount),
            ]
        });
        let about = "Every program with a unit. A pupil who completed several counts for the program that is paid.";
        self.listing(workbook, (BY_PROGRAM, about), &columns, 2, lines.collect())
    }

    fn frl_share(&self, workbook: &mut Workbook) -> Result<(), XlsxError> {
        let mut columns = vec![
            Column::text("Participant", 13.0),
            Column::text("Name", self.name_width()),
        ];
        columns.extend(self.tier_columns("With FRL", TIER_COUNT_WIDTH));
        columns.extend([
            Column::figures("Units, all", COUNT_WIDTH),
            Column::figures("FRL share, all", COUNT_WIDTH),
        ]);
        let about = "Units of pupils with free or reduced-price lunch, and their share of all units. None and all of a group are withheld like few: \
                     they would say it of each pupil.";
        let mut page = self.begin(workbook, FRL_SHARE, about, &columns)?;
        for (heading, table, first) in [
            ("By sector", Table::Sectors, "Group"),
            ("By participant", Table::Participants, "Participant"),
        ] {
            let groups = self.groups(table);
            columns[0].heading = first.into();
            page.skip();
            page.section(heading)?;
            page.table(
                &format!("FRL_{}", table.name()),
                &columns,
                rows(groups.len()),
                Filter::PlainTable,
            )?;
            for group in groups {
                let Some(all) = group.last() else { continue };
                // Sectors have no code.
                let code = match table {
                    Table::Sectors => "Sector",
                    _ => &all.subject.code,
                };
                let mut cells = vec![Cell::text(code), Cell::words(&all.subject.name)];
                cells.extend(group.iter().map(|line| frl_units(line)));
                cells.extend([units(all), frl_share(all)]);
                page.line(&cells, Tone::Plain)?;
            }
        }
        Ok(())
    }
}

/// Names the lines without a bar in a chart, because their amount is withheld.
fn not_in_the_chart(page: &mut Page<'_>, withheld: &[String]) -> Result<(), XlsxError> {
    if withheld.is_empty() {
        return Ok(());
    }
    let what = format!("{}: the amount is withheld", withheld.join(", "));
    page.note(NOT_IN_THE_CHART, &what)
}
