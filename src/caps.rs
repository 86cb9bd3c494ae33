//! What a cap says: its words for sheets, letters and passports, its cells, and its keys in files. What it allows is in
//! `allocation/cap.rs`.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::allocation::{Cap, Limit};
use crate::money::Money;
use crate::rules::readings::{CapBase, CapRounding, Readings};
use crate::sheets::cell::Cell;
use crate::words::{counted, thousands};

impl Cap {
    /// The most that it lets one participant be paid for, in units or, for readers outside, in awards: `485 awards`.
    #[must_use]
    pub fn most(&self, noun: &str) -> String {
        match self.limit() {
            Limit::Units(units) => counted(units, noun),
            Limit::Worth { most, .. } => {
                format!("{noun}s worth {} at the full amount", most.grouped())
            }
        }
    }

    /// How the limit is calculated: `Cap: 0.10 × 401 qualified certificates = 40.1, rounded down`.
    pub(crate) fn calculated(&self, readings: &Readings) -> String {
        match self {
            Cap::Share { share, base, .. } => {
                let what = match readings.cap_base {
                    CapBase::Qualified => "qualified certificates",
                    CapBase::Reported => "reported rows",
                };
                let rounded = match readings.cap_rounding {
                    CapRounding::Floor => "rounded down",
                    CapRounding::Nearest => "rounded to the nearest whole number",
                    CapRounding::Ceiling => "rounded up",
                };
                let exact = format!(
                    "Cap: {} × {} {what} = {}",
                    share.text,
                    thousands(*base),
                    share.exactly(*base)
                );
                if share.is_whole(*base) {
                    exact
                } else {
                    format!("{exact}, {rounded}")
                }
            }
        }
    }

    /// The same for a passport: `Limit: 0.10 x 401 certificates of the tier = 40.1, rounded down: 40`.
    pub(crate) fn arithmetic(&self, readings: &Readings) -> String {
        match self {
            Cap::Share { share, base, limit } => {
                let what = match readings.cap_base {
                    CapBase::Qualified => "certificates of the tier",
                    CapBase::Reported => "reported rows of the tier",
                };
                let (of, exactly) = (thousands(*base), share.exactly(*base));
                let start = format!("Limit: {} x {of} {what} = {exactly}", share.text);
                if share.is_whole(*base) {
                    return start;
                }
                let how = match readings.cap_rounding {
                    CapRounding::Floor => "rounded down",
                    CapRounding::Nearest => "rounded to the nearest",
                    CapRounding::Ceiling => "rounded up",
                };
                format!("{start}, {how}: {}", thousands(*limit))
            }
        }
    }

    /// The keys of what it rests on: its parameter, and readings besides `cap_selection`. Rounding matters only if there is a fraction.
    pub(crate) fn rests_on(&self) -> (&'static str, Vec<&'static str>) {
        match self {
            Cap::Share { share, base, .. } => {
                let mut readings = vec!["cap_base"];
                if !share.is_whole(*base) {
                    readings.push("cap_rounding");
                }
                ("tier.cap_share", readings)
            }
        }
    }

    /// In a word or two, for a list: `0.10`.
    pub(crate) fn briefly(&self) -> String {
        match self {
            Cap::Share { share, .. } => share.text.clone(),
        }
    }

    /// What a unit that is over it is beyond, for the people of a district.
    pub(crate) fn for_a_district(&self) -> &'static str {
        match self {
            Cap::Share { .. } => {
                "the share of the state's completions that one district or charter can be paid for in this tier"
            }
        }
    }
}

impl Limit {
    /// So many of what it counts, in words.
    pub(crate) fn amount(self, number: u64) -> String {
        match self {
            Limit::Units(_) => thousands(number),
            Limit::Worth { .. } => {
                Money::from_cents(i64::try_from(number).unwrap_or(i64::MAX)).grouped()
            }
        }
    }

    pub(crate) fn cell(self) -> Cell<'static> {
        match self {
            Limit::Units(units) => Cell::Count(units),
            Limit::Worth { most, .. } => Cell::Money(most),
        }
    }

    pub(crate) fn to_json(self) -> Value {
        match self {
            Limit::Units(units) => json!(units),
            Limit::Worth { most, .. } => json!(most),
        }
    }
}

/// A tier's cap in `allocation.json` and `factors.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CapEntry {
    /// What the cap is a share of; none for another kind of cap.
    pub cap_base: Option<u64>,
    /// The most units for one participant; none where the cap does not count units.
    pub cap_limit: Option<u64>,
    /// What those units may be worth, where the cap counts dollars.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap_worth: Option<Money>,
}

impl CapEntry {
    /// Of a tier; all none without a cap.
    #[must_use]
    pub fn of(cap: Option<&Cap>) -> CapEntry {
        let (cap_limit, cap_worth) = match cap.map(Cap::limit) {
            None => (None, None),
            Some(Limit::Units(units)) => (Some(units), None),
            Some(Limit::Worth { most, .. }) => (None, Some(most)),
        };
        CapEntry {
            cap_base: cap.and_then(Cap::share).map(|(_, base)| base),
            cap_limit,
            cap_worth,
        }
    }

    /// The key of the limit, and the limit as a file has it.
    pub(crate) fn limit(&self) -> (&'static str, String) {
        match (self.cap_limit, self.cap_worth) {
            (_, Some(worth)) => ("cap_worth", format!("\"{worth}\"")),
            (Some(units), None) => ("cap_limit", units.to_string()),
            (None, None) => ("cap_limit", "null".to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Share;

    fn tenth() -> Cap {
        // 0.10 x 401 = 40.1
        Cap::Share {
            share: Share {
                text: "0.10".into(),
                numerator: 1,
                denominator: 10,
            },
            base: 401,
            limit: 40,
        }
    }

    #[test]
    fn a_files_keys_hold_units_as_a_number_and_dollars_under_a_key_of_their_own() {
        let entry = CapEntry::of(Some(&tenth()));
        assert_eq!(json!(entry), json!({ "cap_base": 401, "cap_limit": 40 }));
        assert_eq!(entry.limit(), ("cap_limit", "40".to_string()));
        let none = CapEntry::of(None);
        assert_eq!(json!(none), json!({ "cap_base": null, "cap_limit": null }));
        assert_eq!(none.limit(), ("cap_limit", "null".to_string()));
        let dollars = CapEntry {
            cap_worth: Some(Money::from_cents(340_000)),
            ..none
        };
        assert_eq!(json!(dollars)["cap_worth"], "3400.00");
        assert_eq!(dollars.limit(), ("cap_worth", "\"3400.00\"".to_string()));
    }

    #[test]
    fn the_words_of_a_share_show_its_arithmetic() {
        let readings = Readings::default();
        assert_eq!(
            tenth().calculated(&readings),
            "Cap: 0.10 × 401 qualified certificates = 40.1, rounded down"
        );
        assert_eq!(
            tenth().arithmetic(&readings),
            "Limit: 0.10 x 401 certificates of the tier = 40.1, rounded down: 40"
        );
        assert_eq!(tenth().most("award"), "40 awards");
        // 0.10 x 400 = 40: there is nothing to round.
        let Cap::Share { share, .. } = tenth();
        let whole = Cap::Share {
            share,
            base: 400,
            limit: 40,
        };
        assert_eq!(
            whole.calculated(&readings),
            "Cap: 0.10 × 400 qualified certificates = 40"
        );
        assert_eq!(
            whole.arithmetic(&readings),
            "Limit: 0.10 x 400 certificates of the tier = 40"
        );
    }

    #[test]
    fn a_limit_is_shown_in_what_it_counts() {
        let worth = Limit::Worth {
            most: Money::from_cents(340_000),
            per_unit: Money::from_cents(100_000),
        };
        assert_eq!(worth.amount(20_050), "$200.50");
        assert_eq!(worth.cell(), Cell::Money(Money::from_cents(340_000)));
        assert_eq!(worth.to_json(), json!("3400.00"));
        assert_eq!(Limit::Units(1_200).amount(1_200), "1,200");
        assert_eq!(Limit::Units(1_200).cell(), Cell::Count(1_200));
    }
}
