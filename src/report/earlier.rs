//! The report before, and the figures by which two reports are compared.

use std::collections::{BTreeMap, BTreeSet};

use crate::allocation::Allocation;
use crate::decision::{Outcome, Settled};
use crate::ids::Sasid;
use crate::money::Money;
use crate::ranks::TierRank;
use crate::receipt::short;
use crate::rules::RuleSet;

/// The report before, if there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Earlier {
    /// `batch.toml` names none.
    NotNamed,
    /// Its receipt is named, but the report cannot be read, for this reason.
    NotAtHand(String),
    /// Read and calculated again.
    AtHand(Box<EarlierReport>),
}

/// A report to compare with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarlierReport {
    /// `FINAL` or `PRELIMINARY`.
    pub standing: String,
    /// `2023-24`
    pub budget_year: String,
    /// SHA-256 of its receipt.
    pub receipt: String,
    pub headline: Headline,
    /// Units within the cap, by code of the participant.
    pub units: BTreeMap<String, u64>,
}

impl EarlierReport {
    /// `2023-24, FINAL, receipt 07e4e9203d5a`
    #[must_use]
    pub fn in_words(&self) -> String {
        format!(
            "{}, {}, receipt {}",
            self.budget_year,
            self.standing,
            short(&self.receipt)
        )
    }
}

/// The key figures of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Headline {
    /// The money for the tiers.
    pub available: Money,
    /// The units within the cap at the full amount.
    pub demand: Money,
    /// What the tiers pay.
    pub paid: Money,
    /// Number, demand and payment of each tier.
    pub tiers: Vec<(u32, Money, Money)>,
    /// Different pupils with a paid completion.
    pub pupils: u64,
    /// Paid completions.
    pub completions: u64,
    /// Submitted rows.
    pub rows: u64,
    /// Payees that get money: one whose units are all unfunded is not counted.
    pub payees: u64,
}

impl Headline {
    /// The figures of a calculation, or of a report that was read back.
    #[must_use]
    pub fn of(
        rules: &RuleSet,
        available: Money,
        decisions: &[Settled],
        allocation: &Allocation,
        payees: usize,
    ) -> Headline {
        let paid = || {
            let decisions = decisions.iter();
            decisions.filter(|decision| decision.outcome == Outcome::Paid)
        };
        let pupils: BTreeSet<Sasid> = paid().filter_map(|decision| decision.sasid).collect();
        let tiers = TierRank::enumerate(&allocation.tiers).map(|(rank, tier)| {
            let demand = tier.demand(rules);
            (rules.tiers[rank].number, demand, tier.paid)
        });
        Headline {
            available,
            demand: allocation.demand(rules),
            paid: allocation.paid(),
            tiers: tiers.collect(),
            pupils: pupils.len() as u64,
            completions: paid().count() as u64,
            rows: decisions.len() as u64,
            payees: payees as u64,
        }
    }

    /// The shortfall: what is missing to pay every unit in full.
    #[must_use]
    pub fn shortfall(&self) -> Money {
        (self.demand - self.paid).max(Money::ZERO)
    }

    /// Each figure with its name, in the order in which a page shows them.
    #[must_use]
    pub fn figures(&self) -> Vec<(String, Figure)> {
        let named = |name: &str, figure| (name.to_string(), figure);
        let mut figures = vec![
            named("Money available", Figure::Money(self.available)),
            named("Demand at the full amount", Figure::Money(self.demand)),
            named("Paid by the tiers", Figure::Money(self.paid)),
            named("Shortfall", Figure::Money(self.shortfall())),
            named(
                "Share of demand paid",
                Figure::Share(self.paid, self.demand),
            ),
        ];
        figures.extend(self.tiers.iter().map(|(number, demand, paid)| {
            let name = format!("Share of demand paid, tier {number}");
            (name, Figure::Share(*paid, *demand))
        }));
        figures.extend([
            named("Pupils paid", Figure::Count(self.pupils)),
            named("Completions paid", Figure::Count(self.completions)),
            named("Rows submitted", Figure::Count(self.rows)),
            named("Payees", Figure::Count(self.payees)),
        ]);
        figures
    }
}

/// A figure of a [`Headline`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    Money(Money),
    /// A part of a whole.
    Share(Money, Money),
    Count(u64),
}

/// A figure of two reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    pub name: String,
    /// None if the report before does not have this tier.
    pub before: Option<Figure>,
    pub now: Figure,
}

/// The figures of a report, each with that of the report before.
#[must_use]
pub fn compared(before: &Headline, now: &Headline) -> Vec<Compared> {
    let mut old = before.figures();
    let mut taken = |name: &str| {
        let at = old.iter().position(|(other, _)| other == name)?;
        Some(old.remove(at).1)
    };
    now.figures()
        .into_iter()
        .map(|(name, now)| Compared {
            before: taken(&name),
            name,
            now,
        })
        .collect()
}
