//! `cdip factors`: an assumption of what the whole state will ask.

use std::path::{Path, PathBuf};

use clap::Args;
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::Value;

use super::console;
use crate::allocation::outlook::TierDemand;
use crate::disk::read_plain;
use crate::factors::{Factors, Origin};
use crate::intake::limits::FILE_BYTES_MAX;
use crate::money::Money;
use crate::rules::RuleSet;
use crate::rules::readings::Readings;
use crate::stop::{Status, Stop};

/// The file of a report that holds them.
pub(super) const FACTORS: &str = "factors.json";

const EXAMPLES: &str = "Examples:
  cdip factors --from reports/2023-24 --growth 0.1 --available 9500000 > factors.json
  cdip factors --from reports/2023-24 --rules 2024-25 --available 9500000 > factors.json
  cdip factors --rules 2024-25 --available 9500000 --units 6500,1300,700 --frl-share 0.35 > factors.json

Growth 0.1 is a tenth more of everything that the state asked. The factors are totals of the whole state: no entity's figure, no pupil's.";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct FactorsArguments {
    /// A report folder, or a file of factors, to begin with.
    #[arg(long, value_name = "REPORT", required_unless_present = "units")]
    from: Option<PathBuf>,
    /// How much more the state will ask: 0.1 is a tenth more, -0.05 a twentieth less.
    #[arg(long, default_value = "0", allow_negative_numbers = true)]
    growth: Decimal,
    /// The appropriation, in dollars [default: that of the factors begun with].
    #[arg(long, value_name = "DOLLARS", required_unless_present = "from")]
    available: Option<String>,
    /// The rules of the coming year: an id, a budget year, or a path ending in .toml [default: those of the factors begun with].
    #[arg(long, required_unless_present = "from")]
    rules: Option<String>,
    /// Units of each tier within the cap, from the first on, where there is no report to begin with.
    #[arg(long, value_delimiter = ',', conflicts_with = "from")]
    units: Option<Vec<u64>>,
    /// The share of those units with free or reduced-price lunch.
    #[arg(long, default_value = "0", requires = "units")]
    frl_share: Decimal,
}

pub(super) fn run(arguments: &FactorsArguments) -> Result<Status, Stop> {
    let available = arguments.available.as_deref().map(dollars).transpose()?;
    let (rules, factors) = match (&arguments.from, &arguments.units) {
        (Some(from), _) => grown(arguments, from, available)?,
        (None, units) => {
            let rules = super::rules::open(arguments.rules.as_deref().unwrap_or_default())?.rules;
            let units = units.as_deref().unwrap_or_default();
            let factors = assumed(
                &rules,
                rules.readings,
                units,
                arguments.frl_share,
                available.unwrap_or_default(),
            )?;
            let factors = factors.grown(arguments.growth)?;
            (rules, factors)
        }
    };
    console::data(&format!("{:#}\n", factors.to_json(&rules)));
    Ok(Status::Done)
}

/// The amount of `--available`.
pub(super) fn dollars(text: &str) -> Result<Money, Stop> {
    Money::from_dollars(text).map_err(|error| {
        Stop::usage(
            format!("--available \"{text}\" {error}"),
            "",
            "write dollars such as 9500000",
        )
    })
}

/// What to do where factors are missing.
const GIVE_FACTORS: &str = "give a report folder with factors.json, or a file made by cdip factors";

/// The bytes of factors in a report folder or a file, and the name they are shown by.
fn open(path: &Path) -> Result<(String, Vec<u8>), Stop> {
    let file = if path.is_dir() {
        path.join(FACTORS)
    } else {
        path.to_path_buf()
    };
    let shown = file.display().to_string();
    let cannot = |error| {
        Stop::usage(
            format!("the factors cannot be opened: {error}"),
            shown.clone(),
            GIVE_FACTORS,
        )
    };
    let bytes = read_plain(&file, FILE_BYTES_MAX).map_err(cannot)?;
    Ok((shown, bytes))
}

/// Reads factors that must hold under these rules.
pub(super) fn read_under(path: &Path, rules: &RuleSet) -> Result<Factors, Stop> {
    let (shown, bytes) = open(path)?;
    Factors::read(&shown, &bytes, rules)
}

/// Reads factors with the rules that they name.
pub(super) fn read(path: &Path) -> Result<(RuleSet, Factors), Stop> {
    let (shown, bytes) = open(path)?;
    let named = serde_json::from_slice::<Value>(&bytes)
        .ok()
        .and_then(|document| document["rules"]["id"].as_str().map(str::to_string));
    let named =
        named.ok_or_else(|| Stop::usage("these are no factors", shown.clone(), GIVE_FACTORS))?;
    let rules = super::rules::open(&named)?.rules;
    let factors = Factors::read(&shown, &bytes, &rules)?;
    Ok((rules, factors))
}

fn grown(
    arguments: &FactorsArguments,
    from: &Path,
    available: Option<Money>,
) -> Result<(RuleSet, Factors), Stop> {
    let (own_rules, last) = read(from)?;
    let mut factors = last.grown(arguments.growth)?;
    factors.available = available.unwrap_or(last.available);
    let mut words = match &last.origin {
        Origin::Run { label, .. } => format!("the demand of \"{label}\""),
        Origin::Assumption(words) => words.clone(),
    };
    if !arguments.growth.is_zero() {
        words.push_str(&format!(", changed by {}", arguments.growth));
    }
    let rules = match &arguments.rules {
        None => own_rules,
        Some(name) => {
            let rules = super::rules::open(name)?.rules;
            let same = |a: &crate::rules::Tier, b: &crate::rules::Tier| {
                a.categories == b.categories && a.cap_share == b.cap_share
            };
            if rules.tiers.len() != own_rules.tiers.len()
                || !rules
                    .tiers
                    .iter()
                    .zip(&own_rules.tiers)
                    .all(|(a, b)| same(a, b))
            {
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

/// Factors of nothing but an assumption: units of each tier, the share of them with lunch, and the money.
pub(super) fn assumed(
    rules: &RuleSet,
    readings: Readings,
    units: &[u64],
    frl_share: Decimal,
    available: Money,
) -> Result<Factors, Stop> {
    if units.len() != rules.tiers.len() {
        let message = format!(
            "--units has {} figures; {} has {} tiers",
            units.len(),
            rules.id,
            rules.tiers.len()
        );
        return Err(Stop::usage(
            message,
            "",
            "write a figure for each tier, such as --units 6500,1300,700",
        ));
    }
    if frl_share < Decimal::ZERO || frl_share > Decimal::ONE {
        return Err(Stop::usage(
            format!("--frl-share {frl_share} is no share"),
            "",
            "write a share from 0 to 1, such as 0.35",
        ));
    }
    let lunch = |units: u64| {
        let share = (Decimal::from(units) * frl_share)
            .round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
        u64::try_from(share).unwrap_or(0).min(units)
    };
    let demand = units.iter().map(|units| TierDemand {
        certificates: *units,
        cap_base: *units,
        units: *units,
        frl_units: lunch(*units),
        ..TierDemand::default()
    });
    let demand: Vec<TierDemand> = demand.collect();
    let asked: Vec<String> = units.iter().map(u64::to_string).collect();
    let words = format!(
        "{} units asked of the tiers, {} of them with lunch, with {} available",
        asked.join(", "),
        frl_share,
        available.grouped()
    );
    Ok(Factors {
        origin: Origin::Assumption(words),
        rules_id: rules.id.clone(),
        rules_sha256: rules.sha256.clone(),
        readings,
        available,
        demand,
        supplement: None,
    })
}
