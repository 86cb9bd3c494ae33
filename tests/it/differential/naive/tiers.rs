//! The tiers, in order.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::Ended;
use super::duplicates::{participant, place, standing};
use super::rules::TierRules;
use super::texts::Texts;

/// A tier's figures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tier {
    pub money_before: i128,
    pub certificates: u64,
    pub units: u64,
    pub frl_units: u64,
    /// What the cap says in `allocation.json`, next to what it says without one.
    pub cap: Vec<(&'static str, Value)>,
    pub over_cap: u64,
    pub rate: i128,
    pub frl_rate: i128,
    pub paid: i128,
    pub prorated: bool,
    pub residual: i128,
    pub money_after: i128,
    /// By position of the entity: units, FRL units, over the cap, amount.
    pub shares: BTreeMap<usize, (u64, u64, u64, i128)>,
}

type Readings = BTreeMap<String, Vec<String>>;

/// The figures of all tiers, and what is left after the last.
pub fn allocate(texts: &Texts, readings: &Readings, rows: &mut [Ended]) -> (Vec<Tier>, i128) {
    let mut money = texts.available;
    let mut paid_pupils: BTreeSet<String> = BTreeSet::new();
    let mut tiers = Vec::new();
    for (index, rules) in texts.rules.tiers.iter().enumerate() {
        let mut tier = Tier {
            money_before: money,
            ..Tier::default()
        };
        let certificates = certificates(texts, rules, rows);
        tier.certificates = certificates.len() as u64;
        for row in &certificates {
            rows[*row].tier = Some(index);
        }
        let unit = readings["unit"][0].as_str();
        let units = units(texts, unit, &paid_pupils, certificates, rows);
        let (kept, over) = cap(texts, readings, rules, &mut tier, units, rows);
        let (demand, carried) = rate(texts, readings, &mut tier, &kept, &over, rows);
        amounts(texts, readings, &mut tier, &kept, demand, rows);
        for unit in kept.iter().filter(|unit| rows[**unit].amount > 0) {
            paid_pupils.insert(rows[*unit].sasid.clone());
        }

        // 5. money after
        tier.money_after = money - tier.paid;
        if tier.prorated {
            tier.money_after = highest(money, |cents| cents * demand <= money * carried);
            tier.residual = money - tier.paid - tier.money_after;
        }
        money = tier.money_after;
        count(&mut tier, &kept, &over, rows);
        tiers.push(tier);
    }
    (tiers, money)
}

fn listed(rules: &TierRules, row: &Ended) -> bool {
    row.category
        .as_ref()
        .is_some_and(|category| rules.categories.contains(category))
}

/// In standing order.
fn certificates(texts: &Texts, rules: &TierRules, rows: &[Ended]) -> Vec<usize> {
    let mut certificates: Vec<usize> = (0..rows.len())
        .filter(|row| rows[*row].outcome.is_empty() && listed(rules, &rows[*row]))
        .collect();
    certificates.sort_by(|a, b| standing(texts, &rows[*a], &rows[*b]));
    certificates
}

/// 1. units
fn units(
    texts: &Texts,
    reading: &str,
    paid_pupils: &BTreeSet<String>,
    certificates: Vec<usize>,
    rows: &mut [Ended],
) -> Vec<usize> {
    let mut units: Vec<usize> = Vec::new();
    for row in certificates {
        let here = units
            .iter()
            .any(|unit| rows[*unit].sasid == rows[row].sasid);
        let again = match reading {
            "completion" => false,
            "pupil" => here || paid_pupils.contains(&rows[row].sasid),
            "pupil_per_tier" => here,
            other => panic!("unit {other}"),
        };
        if again {
            rows[row].outcome = "already_counted";
        } else {
            let lunch = rows[row].lunch == Some(true);
            rows[row].weight = Some(if lunch { texts.rules.multiplier } else { 100 });
            units.push(row);
        }
    }
    units
}

/// 2. cap: the units within it and those over it.
fn cap(
    texts: &Texts,
    readings: &Readings,
    rules: &TierRules,
    tier: &mut Tier,
    units: Vec<usize>,
    rows: &mut [Ended],
) -> (Vec<usize>, Vec<usize>) {
    let mut kept = units.clone();
    if let Some((key, text)) = &rules.cap {
        assert_eq!(key, "cap_share", "a kind of cap that this does not know");
        let base = match readings["cap_base"][0].as_str() {
            "qualified" => tier.certificates,
            // Rows that were denied by their source have left the submission.
            "reported" => rows
                .iter()
                .filter(|row| row.readable() && !row.left && listed(rules, row))
                .count() as u64,
            other => panic!("cap_base {other}"),
        };
        let limit = limit(share(text), base, &readings["cap_rounding"][0]);
        tier.cap = vec![("cap_base", json!(base)), ("cap_limit", json!(limit))];
        let limit = usize::try_from(limit).unwrap();
        kept = all_within(texts, readings, limit, &units, rows);
    }
    let over: Vec<usize> = units
        .into_iter()
        .filter(|unit| !kept.contains(unit))
        .collect();
    for unit in &over {
        rows[*unit].outcome = "over_cap";
    }
    (kept, over)
}

/// 3. rate: what the money is divided by, and what of that is carried to the next tier.
fn rate(
    texts: &Texts,
    readings: &Readings,
    tier: &mut Tier,
    kept: &[usize],
    over: &[usize],
    rows: &[Ended],
) -> (i128, i128) {
    let weight_of =
        |units: &[usize]| -> i128 { units.iter().filter_map(|unit| rows[*unit].weight).sum() };
    let to_next = readings["cap_money"][0] == "to_next_tier";
    let carried = if to_next { weight_of(over) } else { 0 };
    let demand = weight_of(kept) + carried;
    let money = tier.money_before * 100;
    tier.prorated = !kept.is_empty() && money < texts.rules.per_unit * demand;
    if !kept.is_empty() {
        tier.rate = highest(texts.rules.per_unit, |rate| rate * demand <= money);
        let of_lunch = tier.rate * texts.rules.multiplier;
        tier.frl_rate = highest(of_lunch, |rate| rate * 100 <= of_lunch);
    }
    (demand, carried)
}

/// 4. amounts
fn amounts(
    texts: &Texts,
    readings: &Readings,
    tier: &mut Tier,
    kept: &[usize],
    demand: i128,
    rows: &mut [Ended],
) {
    let money = tier.money_before;
    if readings["rounding"][0] == "largest_remainder" && tier.prorated {
        let within_cap: i128 = kept.iter().filter_map(|unit| rows[*unit].weight).sum();
        let total = highest(money, |cents| cents * demand <= money * within_cap);
        spread(texts, rows, kept, money, demand, total);
    } else {
        for unit in kept {
            let lunch = rows[*unit].lunch == Some(true);
            rows[*unit].amount = if lunch { tier.frl_rate } else { tier.rate };
        }
    }
    for unit in kept {
        let amount = rows[*unit].amount;
        rows[*unit].outcome = if amount > 0 { "paid" } else { "unfunded" };
        tier.paid += amount;
    }
}

fn count(tier: &mut Tier, kept: &[usize], over: &[usize], rows: &[Ended]) {
    tier.units = kept.len() as u64;
    tier.over_cap = over.len() as u64;
    for unit in kept {
        let row = &rows[*unit];
        let share = tier.shares.entry(row.found.unwrap()).or_default();
        let frl = u64::from(row.lunch == Some(true));
        share.0 += 1;
        share.1 += frl;
        share.3 += row.amount;
        tier.frl_units += frl;
    }
    for unit in over {
        let share = tier.shares.entry(rows[*unit].found.unwrap()).or_default();
        share.2 += 1;
    }
}

/// `0.10` as a numerator and its power of ten.
fn share(text: &str) -> (u64, u64) {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let denominator = decimals.chars().fold(1, |denominator, _| denominator * 10);
    (format!("{whole}{decimals}").parse().unwrap(), denominator)
}

/// The greatest number from 0 up to a bound that fits, found by steps that only go up; 0 fits.
pub fn highest(bound: i128, fits: impl Fn(i128) -> bool) -> i128 {
    let mut found = 0;
    for step in [1_000_000, 10_000, 100, 1] {
        while found + step <= bound && fits(found + step) {
            found += step;
        }
    }
    found
}

/// The share of a base, counted up from nothing.
fn limit((numerator, denominator): (u64, u64), base: u64, rounding: &str) -> u64 {
    let exact = numerator * base;
    let mut limit = 0;
    match rounding {
        "floor" => {
            while (limit + 1) * denominator <= exact {
                limit += 1;
            }
        }
        "ceiling" => {
            while limit * denominator < exact {
                limit += 1;
            }
        }
        "nearest" => {
            while (2 * limit + 1) * denominator <= 2 * exact {
                limit += 1;
            }
        }
        other => panic!("cap_rounding {other}"),
    }
    limit
}

/// The units that stay within the cap, in standing order.
fn all_within(
    texts: &Texts,
    readings: &BTreeMap<String, Vec<String>>,
    limit: usize,
    units: &[usize],
    rows: &[Ended],
) -> Vec<usize> {
    let mut kept = units.to_vec();
    for (position, entity) in texts.entities.iter().enumerate() {
        if readings["cap_applies_to"].contains(&entity.kind) {
            let own: Vec<usize> = units
                .iter()
                .copied()
                .filter(|unit| rows[*unit].found == Some(position))
                .collect();
            let stays = within(&readings["cap_selection"][0], limit, &own, |unit| {
                rows[*unit].lunch == Some(true)
            });
            kept.retain(|unit| !own.contains(unit) || stays.contains(unit));
        }
    }
    kept
}

/// The units of one participant, in standing order, that stay within the cap.
fn within(
    selection: &str,
    limit: usize,
    own: &[usize],
    frl: impl Fn(&usize) -> bool,
) -> Vec<usize> {
    if own.len() <= limit {
        return own.to_vec();
    }
    let with: Vec<usize> = own.iter().copied().filter(&frl).collect();
    let without: Vec<usize> = own.iter().copied().filter(|unit| !frl(unit)).collect();
    match selection {
        "earliest" => own[..limit].to_vec(),
        "frl_first" => with.into_iter().chain(without).take(limit).collect(),
        "proportional" => {
            let mut lunch = 0;
            while (2 * lunch + 1) * own.len() <= 2 * limit * with.len() {
                lunch += 1;
            }
            while lunch > with.len() {
                lunch -= 1;
            }
            while limit - lunch > without.len() {
                lunch += 1;
            }
            with[..lunch]
                .iter()
                .chain(&without[..limit - lunch])
                .copied()
                .collect()
        }
        other => panic!("cap_selection {other}"),
    }
}

/// Hands cents out, always where most is still due, the first of those that tie: in hundreds while everybody is due as much, then singly.
fn hand_out(dues: &[i128], denominator: i128, total: i128) -> Vec<i128> {
    let mut given = vec![0; dues.len()];
    let mut left = total;
    for step in [10_000, 100, 1] {
        while left >= step {
            let mut most = 0;
            for next in 1..dues.len() {
                if dues[next] - given[next] * denominator > dues[most] - given[most] * denominator {
                    most = next;
                }
            }
            if step > 1 && dues[most] - given[most] * denominator < step * denominator {
                break;
            }
            given[most] += step;
            left -= step;
        }
    }
    given
}

fn spread(
    texts: &Texts,
    rows: &mut [Ended],
    kept: &[usize],
    money: i128,
    demand: i128,
    total: i128,
) {
    let mut own: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    for unit in kept {
        own.entry(participant(texts, &rows[*unit]))
            .or_default()
            .push(*unit);
    }
    let due = |unit: usize, rows: &[Ended]| money * rows[unit].weight.unwrap();
    let dues: Vec<i128> = own
        .values()
        .map(|units| units.iter().map(|unit| due(*unit, rows)).sum())
        .collect();
    let totals = hand_out(&dues, demand, total);
    for (mut units, total) in own.into_values().zip(totals) {
        units.sort_by(|a, b| {
            let (a, b) = (&rows[*a], &rows[*b]);
            a.sasid
                .cmp(&b.sasid)
                .then(a.program.cmp(&b.program))
                .then(place(a, b))
        });
        let dues: Vec<i128> = units.iter().map(|unit| due(*unit, rows)).collect();
        for (unit, amount) in units.iter().zip(hand_out(&dues, demand, total)) {
            rows[*unit].amount = amount;
        }
    }
}
