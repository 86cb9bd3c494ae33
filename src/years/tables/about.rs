//! Tables about the years themselves: their reports, their rules, and what changed from one to the next.

use super::{Heading, Table, Value};
use crate::words::standing;
use crate::years::Years;
use crate::years::largest::{CHANGES_LISTED, Largest, Split};
use crate::years::lasting::Event;

impl Years {
    /// Whose money changed most from a year to the next.
    #[must_use]
    pub fn largest_table(&self, largest: &Largest) -> Table {
        let headings = vec![
            Heading::text("Participant", 13),
            Heading::text("Name", 36),
            Heading::figure(largest.from.to_string(), 16),
            Heading::figure("Own completions", 17),
            Heading::figure("Rate", 17),
            Heading::figure("Rules", 17),
            Heading::figure(largest.to.to_string(), 16),
            Heading::figure("Change", 17),
        ];
        let rows = largest.changes.iter().map(|change| {
            let split = Split::of(&change.parts);
            vec![
                Value::text(change.code.as_str()),
                Value::text(change.name.as_str()),
                Value::Money(change.parts.before),
                Value::Money(split.own),
                Value::Money(split.rate),
                Value::Money(split.rules),
                Value::Money(change.parts.after),
                Value::Money(change.parts.change()),
            ]
        });
        Table {
            title: format!(
                "The largest changes from {} to {}",
                largest.from, largest.to
            ),
            about: format!(
                "The {CHANGES_LISTED} participants whose award, supplement included, changed most. Own completions: the effect of its own rows of \
                 {1}, all else as in {0}. Rate: the effect of everyone else's rows, and of the money, on the rates. Rules: the effect of the \
                 rules of {1}; what they alone pay, such as a kind of participant that was not paid before, is all in it. The three parts add \
                 up to the change.",
                largest.from, largest.to
            ),
            headings,
            rows: rows.collect(),
        }
    }

    /// Who joined, left, was renamed or got a different payee.
    #[must_use]
    pub fn participants_changed(&self) -> Table {
        events_table(
            "Participants that came, went or changed",
            "Participants are followed by their codes. New and gone: with and without a submitted row. Merged?: most of its pupils are now paid \
             for at one other participant. Only the office knows whether it merged.",
            self.participant_events(),
        )
    }

    /// Programs that are new, gone, or renamed.
    #[must_use]
    pub fn programs_changed(&self) -> Table {
        events_table(
            "Programs that came, went or changed",
            "Programs are followed by their codes. New and gone: with and without a submitted row.",
            self.program_events(),
        )
    }

    /// The rules of each year.
    #[must_use]
    pub fn rules_held(&self) -> Table {
        let rows = self.years.iter().map(|facts| {
            vec![
                Value::year(facts.year),
                Value::year(facts.rules.school_year),
                Value::text(facts.rules.id.as_str()),
                Value::words(facts.rules.title.as_str()),
                Value::text(facts.rules.readings.unit.as_str()),
                Value::text(facts.rules.frl_multiplier.to_string()),
                Value::words(caps(facts)),
            ]
        });
        Table {
            title: "Which rules held".to_string(),
            about: "Unit: what one award is paid for. FRL weight: the weight of a unit with free or reduced-price lunch.".to_string(),
            headings: vec![
                Heading::text("Budget year", 12),
                Heading::text("Completions of", 14),
                Heading::text("Rules", 20),
                Heading::text("Title", 44),
                Heading::text("Unit", 12),
                Heading::text("FRL weight", 11),
                Heading::text("Cap", 24),
            ],
            rows: rows.collect(),
        }
    }

    /// Which figures cannot be compared, and why.
    #[must_use]
    pub fn not_comparable(&self) -> Table {
        let rows = self.rule_changes().into_iter().map(|change| {
            vec![
                Value::text(format!("{} to {}", change.from, change.to)),
                Value::text(change.key),
                Value::words(change.meaning),
                Value::words(change.change),
                Value::words(change.effect),
                Value::words(change.because.join("; ")),
            ]
        });
        Table {
            title: "Which figures cannot be compared, and why".to_string(),
            about: "Every change of the rules, and of the readings of what the law leaves open, from one year to the next. Figures that are not \
                    named here were counted in the same way."
                .to_string(),
            headings: vec![
                Heading::text("Years", 20),
                Heading::text("Rule", 30),
                Heading::text("What it is", 36),
                Heading::text("Change", 26),
                Heading::text("What cannot be compared", 50),
                Heading::text("Source", 36),
            ],
            rows: rows.collect(),
        }
    }

    /// Completions that were paid in more than one year.
    #[must_use]
    pub fn paid_twice_table(&self) -> Table {
        let rows = self.paid_twice.iter().map(|twice| {
            vec![
                Value::text(twice.participant.as_str()),
                Value::year(twice.years.0),
                Value::text(twice.places.0.as_str()),
                Value::year(twice.years.1),
                Value::text(twice.places.1.as_str()),
            ]
        });
        Table {
            title: "Completions paid in more than one year".to_string(),
            about: "The same pupil and program, paid in both years. No completion may be paid twice: the ledger of prior payments prevents it."
                .to_string(),
            headings: vec![
                Heading::text("Participant", 14),
                Heading::text("First paid in", 13),
                Heading::text("Row", 44),
                Heading::text("Again in", 13),
                Heading::text("Row of the later report", 44),
            ],
            rows: rows.collect(),
        }
    }

    /// The reports behind the figures.
    #[must_use]
    pub fn sources(&self) -> Table {
        let rows = self.years.iter().map(|facts| {
            vec![
                Value::year(facts.year),
                Value::text(facts.label.as_str()),
                Value::text(facts.folder.as_str()),
                Value::text(facts.run_date.to_string()),
                Value::text(standing(facts.is_final)),
                Value::text(facts.receipt_sha256.as_str()),
            ]
        });
        Table {
            title: "The reports behind the figures".to_string(),
            about: "Each report's files were checked against its receipt, and its allocation was calculated again.".to_string(),
            headings: vec![
                Heading::text("Budget year", 12),
                Heading::text("Label", 36),
                Heading::text("Folder", 28),
                Heading::text("Run date", 12),
                Heading::text("Status", 13),
                Heading::text("SHA-256 of the receipt", 68),
            ],
            rows: rows.collect(),
        }
    }
}

fn events_table(title: &str, about: &str, events: Vec<Event>) -> Table {
    let rows = events.into_iter().map(|event| {
        vec![
            Value::year(event.year),
            Value::text(event.code),
            Value::text(event.what),
            Value::words(event.detail),
        ]
    });
    Table {
        title: title.to_string(),
        about: about.to_string(),
        headings: vec![
            Heading::text("Budget year", 12),
            Heading::text("Code", 13),
            Heading::text("What", 14),
            Heading::text("In words", 80),
        ],
        rows: rows.collect(),
    }
}

/// `tier 1: 0.10`, or words for no cap.
fn caps(facts: &crate::years::year::YearFacts) -> String {
    let capped = facts.tiers.iter().filter_map(|tier| {
        let cap = tier.result.cap.as_ref()?;
        Some(format!("tier {}: {}", tier.number, cap.briefly()))
    });
    let caps: Vec<String> = capped.collect();
    if caps.is_empty() {
        "none".to_string()
    } else {
        caps.join(", ")
    }
}
