//! What letters and packet say about their report and the office.

use serde::Serialize;

use super::words::{day, day_written};
use crate::allocation::TierResult;
use crate::audit::evidence::Evidence;
use crate::money::Money;
use crate::receipt::Program;
use crate::rules::TEXT_NOT_AT_HAND;

/// The report, in words.
#[derive(Serialize)]
pub(super) struct Head {
    label: String,
    standing: String,
    is_final: bool,
    budget_year: String,
    school_year: String,
    run_date: String,
    rules: String,
    /// SHA-256 of the report's receipt.
    receipt: String,
    /// `cdip 0.1.0`
    program: String,
    prepared_by: Option<String>,
    office: Office,
    /// Who checked the law and when, or that the statute's text was not at hand.
    law: String,
    has_supplement: bool,
    tiers: Vec<TierTerms>,
}

/// The office; fields that the batch does not set are `None`.
#[derive(Serialize)]
struct Office {
    name: Option<String>,
    contact: Option<String>,
    deadline: Option<String>,
    appeal_until: Option<String>,
    return_to: Option<String>,
    return_until: Option<String>,
}

/// A tier's rates.
#[derive(Serialize)]
struct TierTerms {
    number: u32,
    name: String,
    rate: String,
    frl_rate: String,
    /// Whether pupils with free or reduced-price lunch got a different amount.
    has_frl_rate: bool,
    /// `full`, `prorated`, `no_money` or `no_awards`.
    paid_in: &'static str,
    /// The rate as a share of the full amount: `66.2%`.
    percent: String,
    per_unit: String,
    /// The most for one participant: `485 awards`.
    cap: Option<String>,
}

impl Head {
    pub(super) fn of(report: &Evidence) -> Head {
        let rules = &report.rules;
        let office = &report.office;
        let written = |date: &Option<String>| date.as_deref().map(day_written);
        let program = Program::own();
        Head {
            label: report.label.clone(),
            standing: report.standing.clone(),
            is_final: report.is_final(),
            budget_year: rules.budget_year.to_string(),
            school_year: rules.school_year.to_string(),
            run_date: day(report.run_date),
            rules: rules.id.clone(),
            receipt: report.receipt.clone(),
            program: format!("{} {}", program.name, program.version),
            prepared_by: report.prepared_by.clone(),
            office: Office {
                name: office.name.clone(),
                contact: office.contact.clone(),
                deadline: written(&office.deadline),
                appeal_until: written(&office.appeal_until),
                return_to: office.return_to.clone(),
                return_until: written(&office.return_until),
            },
            law: law(report),
            has_supplement: report.supplement_available.is_some(),
            tiers: rules
                .tiers
                .iter()
                .zip(&report.allocation.tiers)
                .map(|(tier, result)| {
                    TierTerms::of(tier.number, &tier.name, rules.per_unit, result)
                })
                .collect(),
        }
    }
}

impl TierTerms {
    fn of(number: u32, name: &str, per_unit: Money, result: &TierResult) -> TierTerms {
        let paid_in = if result.units == 0 {
            "no_awards"
        } else if result.paid == Money::ZERO {
            "no_money"
        } else if result.prorated {
            "prorated"
        } else {
            "full"
        };
        TierTerms {
            number,
            name: name.to_string(),
            rate: result.rate.grouped(),
            frl_rate: result.frl_rate.grouped(),
            has_frl_rate: result.frl_rate != result.rate,
            paid_in,
            percent: result.rate.percent_of(per_unit),
            per_unit: per_unit.grouped(),
            cap: result.cap.as_ref().map(|cap| cap.most("award")),
        }
    }
}

/// Who checked the law, or that no one is named.
fn law(report: &Evidence) -> String {
    let office = &report.office;
    match (&office.law_checked_by, &office.law_checked_on) {
        (Some(by), Some(on)) => {
            format!(
                "{by} checked the rules against the statute on {}.",
                day_written(on)
            )
        }
        (Some(by), None) => format!("{by} checked the rules against the statute."),
        (None, _) => TEXT_NOT_AT_HAND.to_string(),
    }
}
