//! Reads the report before, which a batch names, to compare its own report with.

use std::collections::BTreeMap;
use std::path::Path;

use super::evidence::Evidence;
use crate::batch::Batch;
use crate::money::Money;
use crate::ranks::ParticipantRank;
use crate::receipt::RECEIPT;
use crate::report::earlier::{Earlier, EarlierReport, Headline};

/// The report before. If it cannot be read or was changed, it is only not at hand; that does not stop the run.
#[must_use]
pub fn earlier(batch: &Batch) -> Earlier {
    let Some(previous) = &batch.previous else {
        return Earlier::NotNamed;
    };
    let is_receipt = previous
        .path
        .file_name()
        .is_some_and(|name| name == RECEIPT);
    let folder = previous.path.parent().unwrap_or(Path::new(""));
    if !is_receipt || !folder.join("allocation.json").is_file() {
        return Earlier::NotAtHand("its files are not next to its receipt".to_string());
    }
    match Evidence::open(folder) {
        Err(stop) => Earlier::NotAtHand(stop.message),
        Ok(report) if report.receipt != previous.input.sha256 => {
            Earlier::NotAtHand("its receipt changed while it was read".to_string())
        }
        Ok(report) => Earlier::AtHand(Box::new(EarlierReport {
            standing: report.standing.clone(),
            budget_year: report.rules.budget_year.to_string(),
            receipt: report.receipt.clone(),
            headline: headline(&report),
            units: units(&report),
        })),
    }
}

/// Units within the cap, by code of the participant.
#[must_use]
pub fn units(report: &Evidence) -> BTreeMap<String, u64> {
    let tiers = &report.allocation.tiers;
    ParticipantRank::enumerate(&report.participants)
        .map(|(rank, participant)| {
            let units = tiers.iter().map(|tier| tier.shares[rank].units).sum();
            (participant.code(), units)
        })
        .collect()
}

/// The key figures of a report.
#[must_use]
pub fn headline(report: &Evidence) -> Headline {
    let payees = report.payees.iter();
    let paid = payees.filter(|payee| payee.total > Money::ZERO);
    Headline::of(
        &report.rules,
        report.available,
        &report.decisions,
        &report.allocation,
        paid.count(),
    )
}
