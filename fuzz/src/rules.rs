//! A rules file: read, or refused with a line and a key; what is read can be written, and can pay.

use cdip::allocation::{Certificate, Claimant, Demand, allocate};
use cdip::config::Document;
use cdip::ids::Sasid;
use cdip::money::{MONEY_MAX_CENTS, Money};
use cdip::ranks::{ParticipantRank, ProgramRank, RowRank};
use cdip::rules::terms::{Category, ParticipantKind};
use cdip::rules::{RuleSet, parse};
use cdip::stop::Stop;
use cdip::values;

use super::stops;

const FILE: &str = "rules.toml";

/// A rules file.
pub fn run(data: &[u8]) {
    let read = |bytes: &[u8]| -> Result<RuleSet, Stop> { parse(Document::decode(FILE, bytes)?) };
    let rules = match (read(data), read(data)) {
        (Ok(rules), again) => {
            assert_eq!(
                Ok(&rules),
                again.as_ref(),
                "the same file gives the same rules"
            );
            rules
        }
        (Err(stop), again) => {
            assert_eq!(
                again,
                Err(stop.clone()),
                "the same file stops for the same reason"
            );
            return stops::holds(&stop, FILE, data);
        }
    };
    let written = rules.to_toml();
    let again = read(written.as_bytes())
        .unwrap_or_else(|stop| panic!("rules as written are refused: {stop}\n{written}"));
    let unhashed = |rules: &RuleSet| RuleSet {
        sha256: String::new(),
        ..rules.clone()
    };
    assert_eq!(
        unhashed(&again),
        unhashed(&rules),
        "rules as written are the same rules"
    );
    let _ = rules.to_json();
    for cents in [0, 1, 99_999, 250_000, MONEY_MAX_CENTS] {
        allocate(&rules, &rules.readings, &demand(&rules, cents))
            .unwrap_or_else(|broken| panic!("{broken}"));
    }
}

/// A completion of each category that has a tier, for two pupils of each of two participants.
fn demand(rules: &RuleSet, cents: i64) -> Demand {
    let date = values::date("2024-05-17", false).unwrap().day;
    let kinds = ParticipantKind::ALL;
    let claimants = kinds
        .iter()
        .map(|kind| Claimant {
            kind: *kind,
            requires_completion: true,
        })
        .collect();
    let funded = Category::ALL
        .iter()
        .copied()
        .enumerate()
        .filter(|(_, category)| rules.tier_of(*category).is_some());
    let certificates = funded.flat_map(|(program, category)| {
        (0..4).map(move |pupil| Certificate {
            row: RowRank::new(program * 4 + pupil),
            date,
            sasid: Sasid::from_number(pupil as u64),
            program: ProgramRank::new(program),
            participant: ParticipantRank::new(pupil / 2),
            category,
            frl: pupil % 2 == 0,
        })
    });
    let money = Money::from_cents(cents);
    Demand {
        certificates: certificates.collect(),
        claimants,
        reported: [4; Category::ALL.len()],
        available: money,
        supplement: Some(money),
    }
}
