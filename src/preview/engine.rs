//! The money of an entity's rows at the state's terms, with and without additional completions.

use rust_decimal::Decimal;

use crate::allocation::outlook::{Part, TierTerms, part};
use crate::allocation::{Certificate, Demand};
use crate::factors::Factors;
use crate::ids::Sasid;
use crate::money::Money;
use crate::ranks::{ParticipantRank, ProgramRank, RowRank};
use crate::rules::RuleSet;
use crate::rules::terms::Category;
use crate::stop::Stop;

/// What the entity gets at one statewide demand.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The difference of the statewide demand from the factors' (-0.1 is a tenth less).
    pub growth: Decimal,
    /// The state's terms.
    pub terms: Vec<TierTerms>,
    /// The entity's rows at those terms.
    pub part: Part,
    /// The supplement by participant.
    pub supplements: Vec<Money>,
    /// The total of its participants, supplement included.
    pub total: Money,
}

/// Invented pupils count down from here. A SASID has ten digits, so none of these is real.
const INVENTED_PUPIL: u64 = u64::MAX / 2;

/// The money of an entity's rows at the state's terms.
pub(super) struct Engine<'p> {
    pub(super) rules: &'p RuleSet,
    pub(super) factors: &'p Factors,
    pub(super) demand: &'p Demand,
    pub(super) requires_completion: &'p [bool],
    /// What the entity's own rows ask of the supplement, which the factors' total holds. `None` while that is not known: then nothing is
    /// taken for an addition.
    pub(super) own_asked: Option<Money>,
}

impl Engine<'_> {
    pub(super) fn scenario(
        &self,
        growth: Decimal,
        extra: &[Certificate],
    ) -> Result<Scenario, Stop> {
        let factors = if growth.is_zero() {
            self.factors.clone()
        } else {
            self.factors.grown(self.rules, growth)?
        };
        let terms = factors.terms(self.rules);
        let mut demand = self.demand.clone();
        demand.certificates.extend_from_slice(extra);
        let part = part(self.rules, &factors.readings, &demand, &terms)
            .map_err(|error| Stop::defect(&error.to_string()))?;
        // What is added to the entity's own rows is added to what the state asks. With another demand of the whole state, it is in that.
        let added = match self.own_asked {
            Some(own) if growth.is_zero() => self.asked(&part).iter().copied().sum::<Money>() - own,
            _ => Money::ZERO,
        };
        let supplements: Vec<Money> = match self.factors.supplement {
            Some(pool) => self
                .asked(&part)
                .into_iter()
                .map(|amount| supplement(amount, pool.available, pool.asked + added))
                .collect(),
            None => vec![Money::ZERO; demand.claimants.len()],
        };
        let total = part.allocation.paid() + supplements.iter().copied().sum();
        Ok(Scenario {
            growth,
            terms,
            part,
            supplements,
            total,
        })
    }

    /// What each participant asks of the supplement: its money of tier 1, if it requires completions.
    pub(super) fn asked(&self, part: &Part) -> Vec<Money> {
        let first = part.allocation.tiers.first();
        ParticipantRank::all(self.requires_completion.len())
            .map(|rank| match first {
                Some(tier) if self.requires_completion[rank] => tier.shares[rank].amount,
                _ => Money::ZERO,
            })
            .collect()
    }

    /// What additional certificates add at the given factors.
    pub(super) fn worth(&self, base: Money, extra: &[Certificate]) -> Result<Money, Stop> {
        Ok(self.scenario(Decimal::ZERO, extra)?.total - base)
    }
}

/// amount x min(1, pool / asked), floored to the cent (calculation.md, section 4).
fn supplement(amount: Money, pool: Money, asked: Money) -> Money {
    if asked <= pool {
        return amount;
    }
    let cents = i128::from(amount.cents()) * i128::from(pool.cents()) / i128::from(asked.cents());
    // At most the amount itself, which is 64 bits.
    Money::from_cents(i64::try_from(cents).unwrap_or(amount.cents()))
}

/// A completion at the end of the school year, of a pupil without any other.
pub(super) fn invented(
    rules: &RuleSet,
    number: usize,
    participant: ParticipantRank,
    category: Category,
    frl: bool,
) -> Certificate {
    let sasid = Sasid::from_number(INVENTED_PUPIL - number as u64);
    Certificate {
        row: RowRank::new(usize::MAX - number),
        date: rules.school_year.last_day(),
        sasid,
        program: ProgramRank::new(usize::MAX),
        participant,
        category,
        frl,
    }
}
