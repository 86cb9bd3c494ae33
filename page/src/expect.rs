//! What to expect: an entity's own rows at the state's factors, as in `cdip preview`, with each charter separately, and what is worth
//! fixing. Never an award.

use cdip::inspection::Inspection;
use cdip::kit::OpenedKit;
use cdip::money::Money;
use cdip::preview::{Preview, SPREAD_DEFAULT, preview};
use cdip::stop::Stop;
use serde_json::{Value, json};

/// The figures of an entity.
pub fn figures(opened: &OpenedKit, inspection: Inspection, entity: &str) -> Result<Value, Stop> {
    let preview = previewed(opened, inspection, entity)?;
    let (low, high) = preview.bounds();
    let participants = preview.inspection.intake.participants.all();
    let tiers: Vec<Value> = preview
        .rules
        .tiers
        .iter()
        .zip(&preview.expected.part.allocation.tiers)
        .map(|(tier, own)| {
            json!({ "tier": tier.number, "name": tier.name, "units": own.units, "over_cap": own.over_cap,
                    "amount": own.paid.grouped() })
        })
        .collect();
    let shares: Vec<Value> = preview
        .by_participant()
        .into_iter()
        .map(|(rank, amount)| {
            let participant = &participants[rank];
            json!({ "code": participant.code(), "name": participant.name, "is_charter": !participant.school_code.is_empty(),
                    "amount": amount.grouped(), "any": amount > Money::ZERO })
        })
        .collect();
    let one_more: Vec<Value> = preview
        .one_more
        .iter()
        .map(|more| {
            let tier = &preview.rules.tiers[more.tier];
            json!({ "tier": tier.number, "name": tier.name, "frl": more.frl, "worth": more.worth.grouped() })
        })
        .collect();
    let slips = preview.corrections.iter();
    let slips: Vec<Value> = slips
        .filter(|correction| !correction.is_fact())
        .map(|correction| {
            json!({ "code": correction.code.as_str(), "title": correction.title,
                    "rows": correction.rows, "up_to": correction.up_to, "worth": correction.worth.grouped() })
        })
        .collect();
    let fixing = preview.fixing.map(|all| {
        let in_all = preview.expected.total + all.worth;
        json!({ "worth": all.worth.grouped(), "in_all": in_all.grouped(), "rows": all.rows,
                "words": all.in_words(), "several": all.several.0, "several_worth": all.several.1.grouped() })
    });
    Ok(json!({
        "plan": low.grouped(), "expected": preview.expected.total.grouped(), "best": high.grouped(),
        "tiers": tiers, "shares": shares, "one_more": one_more, "no_more": preview.why_no_more(),
        "slips": slips, "fixing": fixing,
        "rows": preview.rows_in_words(),
        "unknown": preview.unknowns(),
    }))
}

fn previewed(opened: &OpenedKit, inspection: Inspection, entity: &str) -> Result<Preview, Stop> {
    let factors = opened
        .factors
        .clone()
        .ok_or_else(|| Stop::usage("this page has no statewide factors", "", ""))?;
    preview(
        inspection,
        opened.rules.clone(),
        factors,
        entity,
        SPREAD_DEFAULT,
    )
}
