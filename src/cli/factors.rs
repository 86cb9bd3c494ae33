//! `cdip factors`: an assumption of the whole state's demand.

use std::path::{Path, PathBuf};

use clap::Args;
use rust_decimal::Decimal;

use super::{format, given};
use crate::factors::{Factors, Origin};
use crate::money::Money;
use crate::rules::{RuleSet, Tier};
use crate::stop::{Status, Stop};

const EXAMPLES: &str = "Examples:
  cdip factors --from reports/2023-24 --growth 0.1 --out factors.json
  cdip factors --from reports/2023-24 --rules 2024-25 --available 9500000
  cdip factors --rules 2024-25 --available 9500000 --units 6500,1300,700

Growth 0.1 is a tenth more of everything that the state asked for. The factors are totals of the whole state, never of one entity or pupil.";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct FactorsArguments {
    /// A report folder, or a file of factors, to start from.
    #[arg(long, value_name = "REPORT", required_unless_present = "units")]
    from: Option<PathBuf>,
    /// How much more the state will ask for: 0.1 is a tenth more, -0.05 a twentieth less.
    #[arg(long, default_value = "0", allow_negative_numbers = true)]
    growth: Decimal,
    /// The appropriation, in dollars [default: that of --from].
    #[arg(long, value_name = "DOLLARS", required_unless_present = "from")]
    available: Option<String>,
    /// The rules of the coming year: an id, a budget year, or a path ending in .toml [default: those of --from].
    #[arg(long, required_unless_present = "from")]
    rules: Option<String>,
    /// If you have no report to start from: units of each tier within the cap, tier 1 first.
    #[arg(long, value_delimiter = ',', conflicts_with = "from")]
    units: Option<Vec<u64>>,
    /// The share of those units with free or reduced-price lunch.
    #[arg(long, default_value = "0", requires = "units")]
    frl_share: Decimal,
    /// Where the factors go [default: standard output].
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(super) fn run(arguments: &FactorsArguments) -> Result<Status, Stop> {
    let available = arguments
        .available
        .as_deref()
        .map(|text| given::dollars("--available", text, "9500000"))
        .transpose()?;
    let (rules, factors) = match (&arguments.from, &arguments.units) {
        (Some(from), _) => grown(arguments, from, available)?,
        (None, units) => {
            let rules = given::rules(arguments.rules.as_deref().unwrap_or_default())?.rules;
            let units = units.as_deref().unwrap_or_default();
            let factors = given::assumed_factors(
                &rules,
                rules.readings,
                units,
                arguments.frl_share,
                available.unwrap_or_default(),
            )?;
            let mut factors = factors.grown(&rules, arguments.growth)?;
            if let Origin::Assumption(words) = &mut factors.origin {
                words.push_str(&changed_by(arguments.growth));
            }
            (rules, factors)
        }
    };
    let json = factors.to_json(&rules);
    match &arguments.out {
        None => format::json(&json),
        Some(path) => super::output::write_json(path, &json)?,
    }
    Ok(Status::Done)
}

/// What a growth adds to the words of an origin.
fn changed_by(growth: Decimal) -> String {
    if growth.is_zero() {
        String::new()
    } else {
        format!(", changed by {growth}")
    }
}

fn grown(
    arguments: &FactorsArguments,
    from: &Path,
    available: Option<Money>,
) -> Result<(RuleSet, Factors), Stop> {
    let coming = arguments.rules.as_deref().map(given::rules).transpose()?;
    let coming = coming.map(|opened| opened.rules);
    let (own_rules, last) = given::factors(from, coming.as_ref())?;
    let mut factors = last.grown(&own_rules, arguments.growth)?;
    factors.available = available.unwrap_or(last.available);
    let mut words = match &last.origin {
        Origin::Run { label, .. } => format!("the demand of \"{label}\""),
        Origin::Assumption(words) => words.clone(),
    };
    words.push_str(&changed_by(arguments.growth));
    let rules = match coming {
        None => own_rules,
        Some(rules) => {
            if !are_same_tiers(&rules.tiers, &own_rules.tiers) {
                let message = format!(
                    "the tiers of {} are not those of {}: what was asked of one says nothing about the other",
                    rules.id, own_rules.id
                );
                return Err(Stop::usage(
                    message,
                    "",
                    "give the units of each tier with --units",
                ));
            }
            factors.rules_id.clone_from(&rules.id);
            factors.rules_sha256.clone_from(&rules.sha256);
            factors.readings = rules.readings;
            words.push_str(&format!(", under {}", rules.id));
            rules
        }
    };
    factors.supplement = None;
    factors.origin = Origin::Assumption(format!(
        "{words}, with {} available",
        factors.available.grouped()
    ));
    Ok((rules, factors))
}

/// Whether the demand of some tiers can be used for others: every parameter but number and name is the same.
fn are_same_tiers(some: &[Tier], others: &[Tier]) -> bool {
    some.len() == others.len()
        && some
            .iter()
            .zip(others)
            .all(|(one, other)| one.entries() == other.entries())
}
