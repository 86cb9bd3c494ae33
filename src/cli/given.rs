//! Opens what arguments name: rules, lists, factors and dollars.

use std::path::Path;

use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::Value;

use crate::allocation::outlook::TierDemand;
use crate::audit::evidence::Evidence;
use crate::batch::ListFile;
use crate::config::Document;
use crate::disk::read_plain;
use crate::factors::{COUNT_MAX, Factors, Origin};
use crate::intake::limits::FILE_BYTES_MAX;
use crate::money::Money;
use crate::rules::history;
use crate::rules::readings::Readings;
use crate::rules::{self, RuleSet};
use crate::stop::Stop;
use crate::words::thousands;
use crate::year::Year;

/// The file of a report that holds the statewide factors.
const FACTORS: &str = "factors.json";

/// A rule set with its text, of which the SHA-256 is taken.
pub(super) struct OpenedRules {
    pub(super) rules: RuleSet,
    pub(super) text: String,
}

/// The rules of an id, of a budget year, or of a file.
pub(super) fn rules(name: &str) -> Result<OpenedRules, Stop> {
    let is_file = Path::new(name)
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("toml"));
    if is_file {
        return rules_of_file(name);
    }
    let id = Year::parse(name).map_or_else(|| name.to_string(), history::id_of);
    let rules = rules::built_in(&id)?.ok_or_else(|| {
        let (message, fix) = rules::why_not_built_in(&id);
        Stop::usage(message, "", fix)
    })?;
    Ok(OpenedRules {
        text: rules.to_toml(),
        rules,
    })
}

fn rules_of_file(name: &str) -> Result<OpenedRules, Stop> {
    let bytes = read_plain(Path::new(name), FILE_BYTES_MAX).map_err(|error| {
        Stop::usage(
            format!("the rules file cannot be opened: {error}"),
            name,
            "give the path of a rules file",
        )
    })?;
    let document = Document::decode(name, &bytes)?;
    Ok(OpenedRules {
        rules: rules::parse(document)?,
        text: document.text.to_string(),
    })
}

/// A list that an option names.
pub(super) fn list(path: &Path) -> Result<ListFile, Stop> {
    let name = path.display().to_string();
    let bytes = read_plain(path, FILE_BYTES_MAX).map_err(|error| {
        Stop::usage(
            format!("the file cannot be opened: {error}"),
            name.clone(),
            "check the path, and close the file in Excel",
        )
    })?;
    Ok(ListFile { name, bytes })
}

/// The name of a file without its folders, for an output that must not depend on its place.
pub(super) fn own_name(path: &Path) -> String {
    path.file_name().map_or_else(
        || path.display().to_string(),
        |name| name.to_string_lossy().into_owned(),
    )
}

/// The amount that an option gives.
pub(super) fn dollars(option: &str, text: &str, example: &str) -> Result<Money, Stop> {
    Money::from_dollars(text).map_err(|error| {
        Stop::usage(
            format!("{option} \"{text}\" {error}"),
            "",
            format!("write dollars such as {example}"),
        )
    })
}

/// A share from 0 to 1 that an option gives.
pub(super) fn share(option: &str, share: Decimal, example: &str) -> Result<(), Stop> {
    if (Decimal::ZERO..=Decimal::ONE).contains(&share) {
        return Ok(());
    }
    Err(Stop::usage(
        format!("{option} {share} is not a share"),
        "",
        format!("write a share from 0 to 1, such as {example}"),
    ))
}

/// The fix for missing factors.
const GIVE_FACTORS: &str = "give a report folder with factors.json, or a file made by cdip factors";

/// Factors with the rules that they name: those that were given, if they are these, or built-in ones.
pub(super) fn factors(path: &Path, given: Option<&RuleSet>) -> Result<(RuleSet, Factors), Stop> {
    let (shown, bytes) = bytes_of_factors(path)?;
    let document = serde_json::from_slice::<Value>(&bytes).unwrap_or_default();
    let Some(id) = document["rules"]["id"].as_str() else {
        return Err(Stop::usage("these are not factors", shown, GIVE_FACTORS));
    };
    let is_named =
        |rules: &&RuleSet| rules.id == id && document["rules"]["sha256"] == rules.sha256.as_str();
    let rules = match given.filter(is_named) {
        Some(rules) => rules.clone(),
        None => rules::built_in(id)?.ok_or_else(|| {
            Stop::usage(
                format!("the factors are those of the rules {id}, which are not built in"),
                shown.clone(),
                match given {
                    None => "give the file of these rules with --rules",
                    Some(_) => "--rules gives others: give the very file that the report was made with, or what you expect with --units",
                },
            )
        })?,
    };
    let factors = Factors::read(&shown, &bytes, &rules)?;
    Ok((rules, factors))
}

/// Factors that must be for these rules.
pub(super) fn factors_under(path: &Path, rules: &RuleSet) -> Result<Factors, Stop> {
    let (shown, bytes) = bytes_of_factors(path)?;
    Factors::read(&shown, &bytes, rules)
}

/// Refuses a report that an option calls an earlier one and that is not: it must be of an earlier budget year, or of an earlier run.
/// `path` is what the option names.
pub(super) fn refuse_unless_earlier(
    earlier: &Evidence,
    report: &Evidence,
    option: &str,
    path: &Path,
) -> Result<(), Stop> {
    let made = |report: &Evidence| (report.rules.budget_year, report.run_date);
    let ((year, run_date), (own_year, own_date)) = (made(earlier), made(report));
    let message = if earlier.receipt == report.receipt {
        format!("{option} is the report itself, so nothing can have changed")
    } else if (year, run_date) > (own_year, own_date) {
        format!(
            "{option} is a later report: budget year {year}, run {run_date}; this one is of {own_year}, run {own_date}"
        )
    } else {
        return Ok(());
    };
    Err(Stop::usage(
        message,
        path.display().to_string(),
        format!("give an earlier report, or leave {option} out"),
    ))
}

/// The bytes of factors in a report folder or a file, and the name to show.
fn bytes_of_factors(path: &Path) -> Result<(String, Vec<u8>), Stop> {
    let file = if path.is_dir() {
        path.join(FACTORS)
    } else {
        path.to_path_buf()
    };
    let shown = file.display().to_string();
    let bytes = read_plain(&file, FILE_BYTES_MAX).map_err(|error| {
        Stop::usage(
            format!("the factors cannot be opened: {error}"),
            shown.clone(),
            GIVE_FACTORS,
        )
    })?;
    Ok((shown, bytes))
}

/// Factors from an assumption: units of each tier, the share of them with lunch, and the money.
pub(super) fn assumed_factors(
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
        let fix = "write a figure for each tier, such as --units 6500,1300,700";
        return Err(Stop::usage(message, "", fix));
    }
    if units.iter().any(|units| *units > COUNT_MAX) {
        return Err(Stop::usage(
            format!(
                "--units asks for more than {} units of a tier",
                thousands(COUNT_MAX)
            ),
            "",
            "write the units of each tier, such as --units 6500,1300,700",
        ));
    }
    share("--frl-share", frl_share, "0.35")?;
    let asked: Vec<String> = units.iter().map(u64::to_string).collect();
    let words = format!(
        "{} units asked of the tiers, {frl_share} of them with lunch, with {} available",
        asked.join(", "),
        available.grouped()
    );
    Ok(Factors {
        origin: Origin::Assumption(words),
        rules_id: rules.id.clone(),
        rules_sha256: rules.sha256.clone(),
        readings,
        available,
        demand: units
            .iter()
            .map(|units| assumed_demand(*units, frl_share))
            .collect(),
        supplement: None,
    })
}

fn assumed_demand(units: u64, frl_share: Decimal) -> TierDemand {
    let frl_units = (Decimal::from(units) * frl_share)
        .round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
    TierDemand {
        certificates: units,
        cap_base: units,
        units,
        frl_units: u64::try_from(frl_units).unwrap_or(0).min(units),
        ..TierDemand::default()
    }
}
