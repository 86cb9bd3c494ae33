//! A preview in sentences, as the terminal, the workbook and the page show them.

use super::{EarlierAward, Fixing, Preview};
use crate::allocation::AwardOutcome;
use crate::catalogue::Code;
use crate::factors::Origin;
use crate::rules::readings::CrossEntity;
use crate::words::{counted, thousands};

impl EarlierAward {
    /// `The award of 2023-24 was $1,000.00 (FINAL).`
    #[must_use]
    pub fn in_words(&self) -> String {
        let (year, standing) = (self.budget_year, &self.standing);
        match self.total {
            Some(total) => format!("The award of {year} was {} ({standing}).", total.grouped()),
            None => format!("The report of {year} ({standing}) does not name this entity."),
        }
    }
}

impl Preview {
    /// The expected outcomes of qualifying rows, in words: `39 would be paid, 8 of pupils counted already`.
    #[must_use]
    pub fn rows_in_words(&self) -> String {
        let rows = [
            (AwardOutcome::Paid, "would be paid"),
            (AwardOutcome::AlreadyCounted, "of pupils counted already"),
            (AwardOutcome::OverCap, "over the cap"),
            (AwardOutcome::Unfunded, "without money left for them"),
        ];
        let rows = rows.map(|(outcome, words)| (self.count(outcome), words));
        let rows = rows.iter().filter(|(count, _)| *count > 0);
        let rows: Vec<String> = rows
            .map(|(count, words)| format!("{} {words}", thousands(*count as u64)))
            .collect();
        if rows.is_empty() {
            return "none".to_string();
        }
        rows.join(", ")
    }

    /// Why one more completion would bring nothing, if nobody of the entity can be paid.
    #[must_use]
    pub fn why_no_more(&self) -> Option<String> {
        if !self.one_more.is_empty() {
            return None;
        }
        let listed = self.inspection.intake.participants.all();
        let mut own = self.participants.iter().map(|rank| &listed[*rank]);
        let (entity, year) = (&self.entity, self.rules.budget_year);
        let why = match (own.len(), own.any(|one| one.participating)) {
            (1, true) => {
                format!("the rules of {year} do not pay participants of the kind of {entity}")
            }
            (_, true) => format!(
                "nobody of {entity} who takes part is of a kind that the rules of {year} pay"
            ),
            (1, false) => format!("{entity} does not take part"),
            (_, false) => format!("neither {entity} nor a charter of it takes part"),
        };
        Some(format!("One more completion would not be paid: {why}."))
    }

    /// The cents that only the state's run can give, as `1 cent`; `None` if there are none.
    #[must_use]
    pub fn cents_more(&self) -> Option<String> {
        let cents = self.expected.part.cents_more_max;
        (cents > 0).then(|| counted(cents.unsigned_abs(), "cent"))
    }

    /// What this preview cannot know, in sentences.
    #[must_use]
    pub fn unknowns(&self) -> Vec<String> {
        let cross = match self.factors.readings.cross_entity {
            CrossEntity::Hold => "their rows are held, or the pupil is counted elsewhere",
            CrossEntity::Earliest => "the earlier completion counts, wherever it is",
        };
        let mut unknowns = vec![format!(
            "If another district also reports a pupil, you may get less: {cross}."
        )];
        unknowns.push(match &self.factors.origin {
            Origin::Run { is_final: true, .. } => {
                "Based on the state's final totals: one amount without a range. What is said here can still change it."
                    .to_string()
            }
            Origin::Run { .. } => {
                "Based on the totals of a preliminary run, which change until every row is settled."
                    .to_string()
            }
            Origin::Assumption(words) => format!("Based on an assumption: {words}."),
        });
        if self
            .inspection
            .skipped
            .iter()
            .any(|need| need.codes.contains(&Code::N309))
        {
            unknowns.push(
                "Completions paid in an earlier year are not known here, and will not be paid again."
                    .to_string(),
            );
        }
        if let Some(Fixing {
            counted: (rows @ 1.., worth),
            ..
        }) = self.fixing
        {
            let (are, it) = if rows == 1 {
                ("is", "it")
            } else {
                ("are", "each")
            };
            unknowns.push(format!(
                "{} {are} in these figures with {}, although a question about {it} is open.",
                counted(rows as u64, "row"),
                worth.grouped()
            ));
        }
        if let Some(cents) = self.cents_more() {
            unknowns.push(format!(
                "Up to {cents} more can fall to this entity by the largest remainders of the whole state."
            ));
        }
        unknowns
    }
}
