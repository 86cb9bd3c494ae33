//! Attacks on the public version: someone who reads all published tables, divides dollars by rates and solves for the counts in
//! non-negative integers recovers no withheld number. The attack does not know how the numbers were protected.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use cdip::allocation::Limit;
use cdip::audit::evidence::Evidence;
use cdip::calculation::Calculation;
use cdip::hash::sha256_of_file;
use cdip::intake::completions::Field;
use cdip::publication::files::reason;
use cdip::publication::{Publication, Table};
use cdip::ranks::TierRank;
use cdip::receipt::OutputFile;
use cdip::report::content::checksum_of;
use cdip::report::receipt;
use cdip::report::{Written, json, text};
use cdip::rules::Weight;
use cdip::rules::terms::ParticipantKind;
use cdip::stop::Stop;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use tempfile::TempDir;

use crate::batch_builder::{Row, TestBatch, clean_row};
use crate::spreadsheets::text_parts;
use crate::support::{self, cdip as run, root, stderr, stdout, tree};
use crate::tidy::has_extension;

/// A line of a published table, as anybody reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Shown {
    /// `tiers`, `participants`, `sectors` or `programs`.
    table: &'static str,
    /// A participant's code, a sector's name or a program's code; empty for the state.
    subject: String,
    /// A program's sector; empty otherwise.
    sector: String,
    /// `1`, or `all`.
    tier: String,
    /// Units, those with FRL and those without.
    numbers: [Option<i128>; 3],
    cents: Option<i128>,
    units_withheld: String,
    frl_withheld: String,
}

/// A publication, as anybody reads it.
#[derive(Clone, Debug)]
struct Published {
    pupils_min: i128,
    /// By tier: the rate and the FRL rate in cents.
    rates: BTreeMap<String, (i128, i128)>,
    /// By tier: the most of a participant, and what a unit without and with FRL takes of it. An attacker may know this from elsewhere.
    caps: BTreeMap<String, [i128; 3]>,
    lines: Vec<Shown>,
    /// What each payee gets, in cents, where that is published.
    payees: BTreeMap<String, i128>,
}

/// Units, those with FRL and those without, by table, subject and tier: what is true.
type Truth = BTreeMap<(&'static str, String, String), [i128; 3]>;

fn cents(dollars: &str) -> Option<i128> {
    let (whole, rest) = dollars.split_once('.')?;
    Some(whole.parse::<i128>().ok()? * 100 + rest.parse::<i128>().ok()?)
}

fn csv_lines(path: &Path) -> Vec<BTreeMap<String, String>> {
    support::csv_lines(&fs::read(path).unwrap())
}

/// Reads a publication's csv files.
fn read(folder: &Path, pupils_min: i128) -> Published {
    let mut published = Published {
        pupils_min,
        rates: BTreeMap::new(),
        caps: BTreeMap::new(),
        lines: Vec::new(),
        payees: BTreeMap::new(),
    };
    if folder.join("payees.csv").exists() {
        for line in csv_lines(&folder.join("payees.csv")) {
            let amount = cents(&line["amount"]).unwrap();
            published.payees.insert(line["payee"].clone(), amount);
        }
    }
    for (table, subject) in [
        ("tiers", ""),
        ("participants", "participant"),
        ("sectors", "sector"),
        ("programs", "program_code"),
    ] {
        for line in csv_lines(&folder.join(format!("{table}.csv"))) {
            let word = |column: &str| line.get(column).cloned().unwrap_or_default();
            if let (Some(rate), Some(frl_rate)) = (cents(&word("rate")), cents(&word("frl_rate"))) {
                published.rates.insert(word("tier"), (rate, frl_rate));
            }
            published.lines.push(Shown {
                table,
                subject: word(subject),
                sector: if table == "programs" {
                    word("sector")
                } else {
                    String::new()
                },
                tier: word("tier"),
                numbers: ["units", "frl_units", "other_units"]
                    .map(|column| word(column).parse().ok()),
                cents: cents(&word("amount")),
                units_withheld: word("withheld_units"),
                frl_withheld: word("withheld_frl"),
            });
        }
    }
    published
}

/// The same from a publication in memory.
fn shown(publication: &Publication<'_>) -> Published {
    let rates = publication
        .tiers
        .iter()
        .enumerate()
        .filter_map(|(tier, facts)| {
            let rates = facts.rate.zip(facts.frl_rate)?;
            Some((
                publication.tier_word(Some(TierRank::new(tier))),
                (i128::from(rates.0.cents()), i128::from(rates.1.cents())),
            ))
        });
    let lines = publication.lines.iter().map(|line| {
        let other = line
            .units
            .zip(line.frl_units)
            .map(|(units, frl)| units - frl);
        let subject = match line.table {
            Table::State => String::new(),
            Table::Sectors => line.subject.name.clone(),
            Table::Participants | Table::Programs => line.subject.code.clone(),
        };
        Shown {
            table: line.table.name(),
            subject,
            sector: if line.table == Table::Programs {
                line.subject.of.clone()
            } else {
                String::new()
            },
            tier: publication.tier_word(line.tier),
            numbers: [line.units, line.frl_units, other].map(|number| number.map(i128::from)),
            cents: line.amount.map(|amount| i128::from(amount.cents())),
            units_withheld: reason(line.units_withheld).to_string(),
            frl_withheld: if line.units.is_none() {
                "with units"
            } else {
                reason(line.split_withheld)
            }
            .to_string(),
        }
    });
    Published {
        pupils_min: i128::from(publication.pupils_min),
        rates: rates.collect(),
        caps: BTreeMap::new(),
        lines: lines.collect(),
        payees: publication
            .payees
            .iter()
            .flat_map(|payees| &payees.payments)
            .map(|(code, _, amount)| (code.clone(), i128::from(amount.cents())))
            .collect(),
    }
}

/// What a report's own rows say.
fn truth(report: &Path) -> Truth {
    let document: serde_json::Value =
        serde_json::from_slice(&fs::read(report.join("allocation.json")).unwrap()).unwrap();
    let sectors: BTreeMap<&str, &str> = document["programs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|program| {
            (
                program["code"].as_str().unwrap(),
                program["sector"].as_str().unwrap(),
            )
        })
        .collect();
    let mut truth = Truth::new();
    for row in csv_lines(&report.join("completions.csv")) {
        if !["paid", "unfunded"].contains(&row["outcome"].as_str()) {
            continue;
        }
        let sector = sectors[row["program_code"].as_str()];
        let mut keys = vec![("programs", row["program_code"].clone(), row["tier"].clone())];
        for tier in [row["tier"].clone(), "all".to_string()] {
            keys.push(("tiers", String::new(), tier.clone()));
            keys.push(("participants", row["participant"].clone(), tier.clone()));
            keys.push(("sectors", sector.to_string(), tier));
        }
        for key in keys {
            let numbers = truth.entry(key).or_default();
            numbers[0] += 1;
            numbers[if row["frl"] == "Y" { 1 } else { 2 }] += 1;
        }
    }
    truth
}

/// What is true of a line; nothing where nobody is.
fn true_numbers(truth: &Truth, line: &Shown) -> [i128; 3] {
    truth
        .get(&(line.table, line.subject.clone(), line.tier.clone()))
        .copied()
        .unwrap_or_default()
}

/// A sum of unknowns with factors that is known: `a x + b y = total`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Equation {
    terms: BTreeMap<usize, i128>,
    total: i128,
}

/// What an attacker works with: every number of every line is an unknown, three to a line.
struct Attack {
    least: Vec<i128>,
    most: Vec<i128>,
    equations: Vec<Equation>,
    withheld: Vec<usize>,
}

/// Above every count of a test and of the sample.
const MANY: i128 = 1_000_000;
/// Steps that a search for another solution may take before the attacker gives up.
const STEPS_MAX: usize = 4_000;

impl Attack {
    /// Writes down everything that the publication says.
    fn on(published: &Published) -> Attack {
        let lines = &published.lines;
        let n = published.pupils_min;
        let mut attack = Attack {
            least: vec![0; 3 * lines.len()],
            most: vec![MANY; 3 * lines.len()],
            equations: Vec::new(),
            withheld: Vec::new(),
        };
        for (position, line) in lines.iter().enumerate() {
            attack.equation(
                [
                    (3 * position, 1),
                    (3 * position + 1, -1),
                    (3 * position + 2, -1),
                ],
                0,
            );
            for (which, number) in line.numbers.iter().enumerate() {
                let unknown = 3 * position + which;
                match number {
                    Some(number) => {
                        (attack.least[unknown], attack.most[unknown]) = (*number, *number);
                    }
                    None => attack.withheld.push(unknown),
                }
            }
            if let Some([most, other, frl]) = published
                .caps
                .get(&line.tier)
                .filter(|_| line.table == "participants" && !line.subject.contains('-'))
            {
                let unit = (*other).min(*frl);
                for (which, takes) in [unit, *frl, *other].into_iter().enumerate() {
                    let unknown = 3 * position + which;
                    attack.most[unknown] = attack.most[unknown].min(most / takes);
                }
                // What is left of the cap is an unknown too.
                let left = attack.least.len();
                attack.least.push(0);
                attack.most.push(*most);
                let terms = [
                    (3 * position + 1, *frl),
                    (3 * position + 2, *other),
                    (left, 1),
                ];
                attack.equation(terms, *most);
            }
            // The reasons are published too. A pupil has one unit in a tier, and in all tiers where each has money.
            let every_tier_pays =
                !published.rates.is_empty() && published.rates.values().all(|(rate, _)| *rate > 0);
            let units_are_pupils = line.tier != "all" || every_tier_pays;
            match line.units_withheld.as_str() {
                "small" => {
                    attack.least[3 * position] = 1;
                    if units_are_pupils {
                        attack.most[3 * position] = attack.most[3 * position].min(n - 1);
                    }
                }
                "protects another" => attack.least[3 * position] = n,
                _ => {}
            }
            if line.frl_withheld == "protects another" {
                (
                    attack.least[3 * position + 1],
                    attack.least[3 * position + 2],
                ) = (n, n);
            }
            attack.divide_dollars_by_rates(published, position);
        }
        attack.divide_payments_by_rates(published);
        attack.add_up(lines);
        attack
    }

    /// What a payee gets is what its participants have in each tier at the rates.
    fn divide_payments_by_rates(&mut self, published: &Published) {
        for (payee, cents) in &published.payees {
            let mut terms = Vec::new();
            for line in lines_of_payee(published, payee).filter(|line| tier_pays(published, *line))
            {
                let (rate, frl_rate) = published.rates[&published.lines[line].tier];
                terms.extend([(3 * line + 1, frl_rate), (3 * line + 2, rate)]);
            }
            self.equation(terms, *cents);
        }
    }

    /// The strongest that payments could tell: what each payee has in each tier that pays, with and without FRL.
    fn knowing_payees(published: &Published, truth: &Truth) -> Attack {
        // The dollars follow from these counts.
        let mut without = published.clone();
        without.payees.clear();
        let mut attack = Attack::on(&without);
        for payee in published.payees.keys() {
            for tier in published.rates.keys() {
                let lines: Vec<usize> = lines_of_payee(published, payee)
                    .filter(|line| published.lines[*line].tier == *tier)
                    .filter(|line| tier_pays(published, *line))
                    .collect();
                for which in 1..3 {
                    let number = |line: &usize| true_numbers(truth, &published.lines[*line])[which];
                    let total = lines.iter().map(number).sum();
                    attack.equation(lines.iter().map(|line| (3 * line + which, 1)), total);
                }
            }
        }
        attack
    }

    fn equation(&mut self, terms: impl IntoIterator<Item = (usize, i128)>, total: i128) {
        let mut equation = Equation {
            terms: BTreeMap::new(),
            total,
        };
        for (unknown, factor) in terms {
            *equation.terms.entry(unknown).or_default() += factor;
        }
        self.equations.push(equation);
    }

    fn divide_dollars_by_rates(&mut self, published: &Published, position: usize) {
        let line = &published.lines[position];
        let Some(cents) = line.cents else { return };
        let of_the_subject = published.lines.iter().enumerate().filter(|(_, other)| {
            other.table == line.table
                && other.subject == line.subject
                && (line.tier == "all" || other.tier == line.tier)
        });
        let mut terms = Vec::new();
        for (other, _) in of_the_subject.filter(|(_, other)| other.tier != "all") {
            let (rate, frl_rate) = published.rates[&published.lines[other].tier];
            terms.extend([(3 * other + 1, frl_rate), (3 * other + 2, rate)]);
        }
        self.equation(terms, cents);
    }

    /// Every sum that the tables have.
    fn add_up(&mut self, lines: &[Shown]) {
        let mut sums: BTreeMap<(&str, String, String), Vec<usize>> = BTreeMap::new();
        for (position, line) in lines.iter().enumerate() {
            match line.table {
                "programs" => sums
                    .entry(("sectors", line.sector.clone(), line.tier.clone()))
                    .or_default()
                    .push(position),
                _ if line.tier != "all" => sums
                    .entry((line.table, line.subject.clone(), "all".to_string()))
                    .or_default()
                    .push(position),
                _ => {}
            }
        }
        for (total, line) in lines.iter().enumerate() {
            let tables: &[&str] = if line.table == "tiers" {
                &["participants", "sectors"]
            } else {
                &[]
            };
            let mut parts: Vec<Vec<usize>> = tables
                .iter()
                .map(|table| {
                    (0..lines.len())
                        .filter(|at| lines[*at].table == *table && lines[*at].tier == line.tier)
                        .collect()
                })
                .collect();
            parts.extend(
                sums.get(&(line.table, line.subject.clone(), line.tier.clone()))
                    .cloned(),
            );
            for parts in parts {
                for which in 0..3 {
                    self.equation(
                        parts
                            .iter()
                            .map(|part| (3 * part + which, 1))
                            .chain([(3 * total + which, -1)]),
                        0,
                    );
                }
            }
        }
    }

    /// The equations with everything known put in.
    fn open_equations(&self) -> Vec<Equation> {
        let known = |unknown: usize| {
            (self.least[unknown] == self.most[unknown]).then_some(self.least[unknown])
        };
        let open = self.equations.iter().map(|equation| {
            let mut open = Equation {
                terms: BTreeMap::new(),
                total: equation.total,
            };
            for (unknown, factor) in &equation.terms {
                match known(*unknown) {
                    Some(number) => open.total -= factor * number,
                    None => *open.terms.entry(*unknown).or_default() += factor,
                }
            }
            open.terms.retain(|_, factor| *factor != 0);
            assert!(
                !open.terms.is_empty() || open.total == 0,
                "the tables contradict themselves"
            );
            open
        });
        open.filter(|equation| !equation.terms.is_empty()).collect()
    }

    /// Gauss and Jordan over the rationals, in whole numbers: equations of which as many as possible have few unknowns.
    fn reduced(&self) -> Vec<Equation> {
        let open = self.open_equations();
        let unknowns: Vec<usize> = open
            .iter()
            .flat_map(|equation| equation.terms.keys().copied())
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        let width = unknowns.len();
        let mut rows: Vec<Vec<i128>> = open
            .iter()
            .map(|equation| {
                let mut row = vec![0; width + 1];
                for (unknown, factor) in &equation.terms {
                    row[unknowns.binary_search(unknown).unwrap()] = *factor;
                }
                row[width] = equation.total;
                row
            })
            .collect();
        let mut rank = 0;
        for column in 0..width {
            let Some(pivot) = (rank..rows.len()).find(|row| rows[*row][column] != 0) else {
                continue;
            };
            rows.swap(rank, pivot);
            let pivot = rows[rank].clone();
            for (_, factors) in rows
                .iter_mut()
                .enumerate()
                .filter(|(row, factors)| *row != rank && factors[column] != 0)
            {
                let factor = factors[column];
                for (number, of_pivot) in factors.iter_mut().zip(&pivot) {
                    if *number != 0 || *of_pivot != 0 {
                        *number = number.checked_mul(pivot[column]).unwrap()
                            - of_pivot.checked_mul(factor).unwrap();
                    }
                }
                let divisor = factors.iter().fold(0, |divisor, number| {
                    if *number == 0 {
                        divisor
                    } else {
                        common_divisor(divisor, number.abs())
                    }
                });
                if divisor > 1 {
                    for number in factors.iter_mut() {
                        *number /= divisor;
                    }
                }
            }
            rank += 1;
        }
        rows.truncate(rank);
        let equation = |row: Vec<i128>| Equation {
            terms: (0..width)
                .filter(|column| row[*column] != 0)
                .map(|column| (unknowns[column], row[column]))
                .collect(),
            total: row[width],
        };
        rows.into_iter().map(equation).collect()
    }

    /// Narrows what each unknown can be; `false` where nothing is left.
    fn narrow(equations: &[Equation], least: &mut [i128], most: &mut [i128]) -> bool {
        loop {
            let mut narrowed = false;
            for equation in equations {
                let ends = |unknown: usize, factor: i128, least: &[i128], most: &[i128]| {
                    let (a, b) = (factor * least[unknown], factor * most[unknown]);
                    (a.min(b), a.max(b))
                };
                let (mut low, mut high) = (0, 0);
                for (unknown, factor) in &equation.terms {
                    let (least, most) = ends(*unknown, *factor, least, most);
                    low += least;
                    high += most;
                }
                if low > equation.total || high < equation.total {
                    return false;
                }
                for (unknown, factor) in &equation.terms {
                    let (own_low, own_high) = ends(*unknown, *factor, least, most);
                    // What is left for this one when the others are as large, or as small, as they can be.
                    let (from, to) = (
                        equation.total - (high - own_high),
                        equation.total - (low - own_low),
                    );
                    let (from, to) = if *factor > 0 {
                        (from, to)
                    } else {
                        (-to, -from)
                    };
                    let size = factor.abs();
                    let (from, to) = (
                        from.div_euclid(size) + i128::from(from.rem_euclid(size) != 0),
                        to.div_euclid(size),
                    );
                    let now = (least[*unknown].max(from), most[*unknown].min(to));
                    if now.0 > now.1 {
                        return false;
                    }
                    if now != (least[*unknown], most[*unknown]) {
                        (least[*unknown], most[*unknown]) = now;
                        narrowed = true;
                        // Its ends have moved: the rest of this equation is looked at in the next round.
                        break;
                    }
                }
            }
            if !narrowed {
                return true;
            }
        }
    }

    /// A solution within some ends, or none; `Err` when the attacker gives up.
    fn solve(
        equations: &[Equation],
        mut least: Vec<i128>,
        mut most: Vec<i128>,
        steps: &mut usize,
    ) -> Result<Option<Vec<i128>>, ()> {
        *steps = steps.checked_sub(1).ok_or(())?;
        if !Attack::narrow(equations, &mut least, &mut most) {
            return Ok(None);
        }
        let open = equations
            .iter()
            .flat_map(|equation| equation.terms.keys().copied())
            .filter(|unknown| least[*unknown] < most[*unknown]);
        let Some(unknown) = open.min_by_key(|unknown| (most[*unknown] - least[*unknown], *unknown))
        else {
            return Ok(Some(least));
        };
        let middle = least[unknown] + (most[unknown] - least[unknown]) / 2;
        let mut lower = most.clone();
        lower[unknown] = middle;
        let mut upper = least.clone();
        upper[unknown] = middle + 1;
        match Attack::solve(equations, least, lower, steps)? {
            Some(solution) => Ok(Some(solution)),
            None => Attack::solve(equations, upper, most, steps),
        }
    }

    /// The withheld numbers that linear algebra and whole numbers tell: three to a line.
    fn recovered(&self) -> Vec<usize> {
        let (mut least, mut most) = (self.least.clone(), self.most.clone());
        let mut equations = self.reduced();
        equations.extend(self.open_equations());
        assert!(
            Attack::narrow(&equations, &mut least, &mut most),
            "the tables contradict themselves"
        );
        self.withheld
            .iter()
            .copied()
            .filter(|unknown| least[*unknown] == most[*unknown])
            .collect()
    }

    /// Unions of withheld cells of one participant, tier or sector that follow by adding and subtracting, and are of few pupils; each
    /// by its lines and which number. Every unit is another pupil here.
    fn unions_of_few(&self, published: &Published, truth: &Truth) -> Vec<(Vec<usize>, usize)> {
        const SUBSETS_MAX: u32 = 1 << 8;
        let reduced = self.reduced();
        let lines = &published.lines;
        let mut groups: BTreeMap<(&str, &str, &str), Vec<usize>> = BTreeMap::new();
        for (position, line) in lines.iter().enumerate() {
            match line.table {
                "programs" => groups
                    .entry(("programs of", &line.sector, &line.tier))
                    .or_default()
                    .push(position),
                "tiers" => {}
                _ => {
                    groups
                        .entry((line.table, "", &line.tier))
                        .or_default()
                        .push(position);
                    if line.tier != "all" {
                        groups
                            .entry((line.table, &line.subject, ""))
                            .or_default()
                            .push(position);
                    }
                }
            }
        }
        let mut few = Vec::new();
        for members in groups.values() {
            for which in 0..3 {
                let hidden: Vec<usize> = members
                    .iter()
                    .copied()
                    .filter(|line| lines[*line].numbers[which].is_none())
                    .collect();
                // Every subset of a handful; of more the whole, each pair, and the whole without each one.
                let subsets: Vec<Vec<usize>> = if hidden.len() < 8 {
                    (1..SUBSETS_MAX.min(1 << hidden.len()))
                        .map(|mask| {
                            let chosen = hidden.iter().enumerate();
                            chosen
                                .filter(|(bit, _)| mask & (1 << bit) != 0)
                                .map(|(_, line)| *line)
                                .collect()
                        })
                        .collect()
                } else {
                    let without = |left_out: usize| {
                        let kept = hidden.iter().copied();
                        kept.filter(|line| *line != left_out).collect::<Vec<_>>()
                    };
                    let mut subsets: Vec<Vec<usize>> =
                        hidden.iter().map(|line| without(*line)).collect();
                    for (at, one) in hidden.iter().enumerate() {
                        subsets.extend(hidden[at + 1..].iter().map(|other| vec![*one, *other]));
                    }
                    subsets.push(hidden.clone());
                    subsets
                };
                for subset in subsets {
                    let sum = |which: usize| -> i128 {
                        let numbers = subset.iter().map(|line| true_numbers(truth, &lines[*line]));
                        numbers.map(|numbers| numbers[which]).sum()
                    };
                    let (units, number) = (sum(0), sum(which));
                    // Of pupils who are there, that none has FRL is about each of them.
                    let is_few = number < published.pupils_min && units > 0;
                    let unknowns = subset.iter().map(|line| 3 * line + which);
                    if is_few && follows(&reduced, unknowns) {
                        few.push((subset, which));
                    }
                }
            }
        }
        few
    }

    /// The withheld numbers that have one value in all solutions in whole numbers.
    fn recovered_by_search(&self) -> Vec<usize> {
        let (mut least, mut most) = (self.least.clone(), self.most.clone());
        let mut equations = self.reduced();
        equations.extend(self.open_equations());
        assert!(
            Attack::narrow(&equations, &mut least, &mut most),
            "the tables contradict themselves"
        );
        let Ok(Some(first)) = Attack::solve(
            &equations,
            least.clone(),
            most.clone(),
            &mut STEPS_MAX.clone(),
        ) else {
            return Vec::new();
        };
        let mut open: BTreeSet<usize> = self.withheld.iter().copied().collect();
        let mut recovered = Vec::new();
        while let Some(unknown) = open.pop_first() {
            let mut another = None;
            let mut gave_up = false;
            for (from, to) in [
                (least[unknown], first[unknown] - 1),
                (first[unknown] + 1, most[unknown]),
            ] {
                let (mut least, mut most) = (least.clone(), most.clone());
                (least[unknown], most[unknown]) = (from, to);
                match if from > to {
                    Ok(None)
                } else {
                    Attack::solve(&equations, least, most, &mut STEPS_MAX.clone())
                } {
                    Ok(Some(solution)) => another = Some(solution),
                    Ok(None) => {}
                    Err(()) => gave_up = true,
                }
            }
            match another {
                // Whatever differs in the other solution is not told either.
                Some(solution) => open.retain(|unknown| solution[*unknown] == first[*unknown]),
                None if gave_up => {}
                None => recovered.push(unknown),
            }
        }
        recovered
    }
}

/// Whom a participant's money goes to: what its code begins with.
fn payee_of(line: &Shown) -> &str {
    line.subject.split('-').next().unwrap()
}

/// The lines of the participants of a payee, by tier.
fn lines_of_payee<'p>(
    published: &'p Published,
    payee: &'p str,
) -> impl Iterator<Item = usize> + 'p {
    let lines = published.lines.iter().enumerate();
    lines
        .filter(move |(_, line)| line.table == "participants" && payee_of(line) == payee)
        .filter(|(_, line)| line.tier != "all")
        .map(|(position, _)| position)
}

fn tier_pays(published: &Published, line: usize) -> bool {
    let rates = published.rates.get(&published.lines[line].tier);
    rates.is_some_and(|(rate, _)| *rate > 0)
}

/// What follows from the payments alone, for everybody or for one who knows a participant's own numbers: nothing but the sums of the
/// tables and where nobody is. Nothing that is withheld can keep it.
fn payments_alone(published: &Published, truth: &Truth, insider: Option<&str>) -> Vec<Equation> {
    let mut alone = published.clone();
    for line in &mut alone.lines {
        let numbers = true_numbers(truth, line);
        let is_own = line.table == "participants" && Some(line.subject.as_str()) == insider;
        line.numbers = [None; 3];
        if is_own || numbers[0] == 0 {
            line.numbers = numbers.map(Some);
        }
        line.cents = None;
        line.units_withheld.clear();
        line.frl_withheld.clear();
    }
    Attack::knowing_payees(&alone, truth).reduced()
}

/// Asserts that whatever the payments are divided by, they tell nothing but the counts of their payees.
fn assert_payments_tell_no_more(published: &Published, truth: &Truth) {
    let alone = payments_alone(published, truth, None);
    let attack = Attack::knowing_payees(published, truth);
    for unknown in attack
        .recovered()
        .into_iter()
        .chain(attack.recovered_by_search())
    {
        let line = &published.lines[unknown / 3];
        assert!(
            follows(&alone, [unknown].into_iter()),
            "recovered {line:?}, in truth {:?}",
            true_numbers(truth, line)
        );
    }
    for (union, which) in attack.unions_of_few(published, truth) {
        let unknowns = union.iter().map(|line| 3 * line + which);
        assert!(
            follows(&alone, unknowns),
            "{which} of {:#?}",
            union
                .iter()
                .map(|line| &published.lines[*line])
                .collect::<Vec<_>>()
        );
    }
}

/// Whether the sum of some unknowns follows from reduced equations: each begins with an unknown that no other has.
fn follows(reduced: &[Equation], unknowns: impl Iterator<Item = usize>) -> bool {
    let mut terms: BTreeMap<usize, i128> = unknowns.map(|unknown| (unknown, 1)).collect();
    for equation in reduced {
        let Some((pivot, factor)) = equation.terms.first_key_value() else {
            continue;
        };
        let Some(of_sum) = terms.get(pivot).copied().filter(|of_sum| *of_sum != 0) else {
            continue;
        };
        // terms = factor * terms - of_sum * equation: the pivot goes.
        for number in terms.values_mut() {
            *number = number.checked_mul(*factor).unwrap();
        }
        for (unknown, number) in &equation.terms {
            *terms.entry(*unknown).or_default() -= of_sum.checked_mul(*number).unwrap();
        }
        terms.retain(|_, number| *number != 0);
        let divisor = terms
            .values()
            .fold(0, |divisor, number| common_divisor(divisor, number.abs()));
        if divisor > 1 {
            for number in terms.values_mut() {
                *number /= divisor;
            }
        }
    }
    terms.is_empty()
}

fn common_divisor(a: i128, b: i128) -> i128 {
    if b == 0 { a } else { common_divisor(b, a % b) }
}

/// A program of each tier and more of the first two; sectors go across tiers.
const PROGRAMS: &str = "\
Program Code,Program Name,Category,Sector,Top 10,First School Year,Last School Year
IC1,Welding,industry_credential,Trades,Y,,
IC2,Plumbing,industry_credential,Trades,N,,
IC3,Nurse aide,industry_credential,Health,N,,
IN1,Shop internship,internship,Trades,N,,
IN2,Clinic internship,internship,Health,N,,
AP1,AP Computer Science A,ap_course,Computing,N,,
";
const CODES: [&str; 6] = ["IC1", "IC2", "IC3", "IN1", "IN2", "AP1"];

/// So many pupils of a district with and without FRL in a program.
type Group = (&'static str, &'static str, usize, usize);

/// A state of such groups, each pupil with one completion.
fn state(groups: &[Group]) -> TestBatch {
    let mut batch = TestBatch::new().programs(PROGRAMS);
    let districts: BTreeSet<&str> = groups.iter().map(|group| group.0).collect();
    let mut participants =
        "District Code,School Code,Name,Kind,Participating,Requires Completion For Graduation\n"
            .to_string();
    for district in &districts {
        participants.push_str(&match district.split_once('-') {
            Some((district, school)) => {
                format!("{district},{school},Charter {school},district_charter,Y,N\n")
            }
            None => format!("{district},,District {district},district,Y,N\n"),
        });
    }
    let mut pupil = 1_000_000_000_u64;
    for district in &districts {
        let mut rows: Vec<Row> = Vec::new();
        for (_, program, frl, other) in groups.iter().filter(|group| group.0 == *district) {
            for number in 0..frl + other {
                pupil += 1;
                let (district, school) = district.split_once('-').unwrap_or((district, "0001"));
                rows.push(
                    clean_row()
                        .with(Field::DistrictCode, district)
                        .with(Field::SchoolCode, school)
                        .with(Field::Sasid, pupil.to_string())
                        .with(Field::ProgramCode, *program)
                        .with(Field::Lunch, if number < *frl { "Y" } else { "N" })
                        .with(Field::ApScore, if *program == "AP1" { "5" } else { "" }),
                );
            }
        }
        batch = batch.rows(&format!("submissions/{district}.csv"), &rows);
    }
    batch.participants(&participants)
}

/// The part of a report that a publication is made from.
fn report_of(calculation: &Calculation) -> TempDir {
    let folder = TempDir::new().unwrap();
    report_into(calculation, folder.path());
    folder
}

/// The part of a report that others are made from, without workbooks.
pub fn report_into(calculation: &Calculation, folder: &Path) {
    let create = |name: &str| fs::File::create(folder.join(name)).unwrap();
    json::allocation(calculation, create("allocation.json")).unwrap();
    text::completions(calculation, create("completions.csv")).unwrap();
    text::findings(calculation, create("findings.csv")).unwrap();
    text::awards(calculation, create("awards.csv")).unwrap();
    let mut names = vec![
        "allocation.json",
        "awards.csv",
        "completions.csv",
        "findings.csv",
    ];
    if calculation.is_final() {
        text::payments(calculation, create("payments.csv")).unwrap();
        names.push("payments.csv");
    }
    let outputs: Vec<OutputFile> = names
        .into_iter()
        .map(|path| {
            let (sha256, bytes) = sha256_of_file(&folder.join(path)).unwrap();
            OutputFile {
                path: path.to_string(),
                sha256,
                bytes,
            }
        })
        .collect();
    let content = checksum_of(&fs::read(folder.join("completions.csv")).unwrap());
    receipt::write(
        calculation,
        &Written {
            files: outputs,
            content,
        },
        folder,
    )
    .unwrap();
}

/// What is published of a state, and what is true.
fn published(batch: &TestBatch, pupils_min: u32) -> Result<(Published, Truth), Stop> {
    published_by(batch, pupils_min, false)
}

/// The same, with what payees get or without.
fn published_by(
    batch: &TestBatch,
    pupils_min: u32,
    payees: bool,
) -> Result<(Published, Truth), Stop> {
    let calculation = batch.calculated();
    let report = report_of(&calculation);
    let evidence = Evidence::open(report.path())?;
    let publication = if payees {
        Publication::with_payees(&evidence, pupils_min)?
    } else {
        Publication::of(&evidence, pupils_min)?
    };
    let mut published = shown(&publication);
    if calculation
        .batch
        .readings
        .cap_applies_to
        .contains(ParticipantKind::District)
    {
        for (tier, result) in calculation
            .batch
            .rules
            .tiers
            .iter()
            .zip(&calculation.allocation.tiers)
        {
            published.caps.extend(
                result
                    .cap
                    .as_ref()
                    .map(|cap| (tier.number.to_string(), in_whole_parts(cap.limit()))),
            );
        }
    }
    Ok((published, truth(report.path())))
}

/// A limit and what units take of it, in the largest part that these have in common.
fn in_whole_parts(limit: Limit) -> [i128; 3] {
    let frl = Weight::from_hundredths(120);
    let takes = [Weight::ONE, frl].map(|unit| i128::from(limit.takes(unit)));
    let part = common_divisor(takes[0], takes[1]);
    [
        i128::from(limit.number()) / part,
        takes[0] / part,
        takes[1] / part,
    ]
}

/// A publication in which only numbers of few pupils are withheld: what protects them is shown after all.
fn unprotected(published: &Published, truth: &Truth) -> Published {
    let mut bare = published.clone();
    for line in &mut bare.lines {
        let numbers = true_numbers(truth, line);
        if line.units_withheld == "protects another" {
            line.units_withheld.clear();
            line.numbers[0] = Some(numbers[0]);
            line.frl_withheld = if numbers[1].min(numbers[2]) < bare.pupils_min {
                "small"
            } else {
                "protects another"
            }
            .to_string();
        }
        if line.frl_withheld == "protects another" {
            line.frl_withheld.clear();
            line.numbers = numbers.map(Some);
        }
    }
    bare
}

/// Whether every published number is true, and none stands for few pupils.
fn assert_sound(published: &Published, truth: &Truth) {
    for line in &published.lines {
        let numbers = true_numbers(truth, line);
        for (shown, number) in line.numbers.iter().zip(numbers) {
            assert!(
                shown.is_none_or(|shown| shown == number),
                "{line:?} {numbers:?}"
            );
        }
        let few = |number: i128| number > 0 && number < published.pupils_min;
        assert!(line.numbers[0].is_none_or(|units| !few(units)), "{line:?}");
        let [Some(units), Some(frl), Some(other)] = line.numbers else {
            continue;
        };
        assert!(
            units == 0 || frl.min(other) >= published.pupils_min,
            "{line:?}"
        );
    }
    // No participant, sector or program is missing.
    assert_eq!(
        truth
            .keys()
            .filter(|key| published.lines.iter().any(|line| (
                line.table,
                &line.subject,
                &line.tier
            ) == (key.0, &key.1, &key.2)))
            .count(),
        truth.len()
    );
}

/// Three districts of which one has two pupils in workplace training; with at least 3 pupils to a number.
const SMALL_STATE: [Group; 9] = [
    ("0010", "IC1", 9, 9),
    ("0010", "IN1", 1, 1),
    ("0020", "IC1", 8, 8),
    ("0020", "IN1", 6, 6),
    ("0020", "IN2", 5, 5),
    ("0030", "IC3", 7, 7),
    ("0030", "IN2", 8, 8),
    ("0040", "IC2", 9, 8),
    ("0040", "IN1", 7, 9),
];

#[test]
fn a_number_of_few_pupils_is_withheld_with_others_of_its_row_and_column() {
    // Tier 2 has 2 + 22 + 16 + 16 = 56 units: with 22, 16 and 16 published, 0010 would have 56 - 54 = 2. Its row has 18 + 2 = 20.
    let (published, truth) = published(&state(&SMALL_STATE), 3).unwrap();
    assert_sound(&published, &truth);
    let line = |table: &str, subject: &str, tier: &str| {
        published
            .lines
            .iter()
            .find(|line| {
                (line.table, line.subject.as_str(), line.tier.as_str()) == (table, subject, tier)
            })
            .unwrap()
    };
    assert_eq!(line("participants", "0010", "2").units_withheld, "small");
    assert_eq!(
        line("participants", "0010", "1").units_withheld,
        "protects another",
        "else 20 - 18 = 2"
    );
    assert_eq!(
        line("tiers", "", "2").numbers,
        [Some(56), Some(27), Some(29)]
    );
    let in_tier_2 = published
        .lines
        .iter()
        .filter(|line| line.table == "participants" && line.tier == "2");
    assert_eq!(
        in_tier_2.filter(|line| line.numbers[0].is_none()).count(),
        3,
        "two alone could each subtract itself"
    );
    assert_eq!(
        Attack::on(&published).recovered_by_search(),
        Vec::<usize>::new()
    );
}

#[test]
fn the_attack_recovers_what_is_withheld_without_protection() {
    let (published, truth) = published(&state(&SMALL_STATE), 3).unwrap();
    let bare = unprotected(&published, &truth);
    assert!(bare.lines.iter().any(|line| line.units_withheld == "small"));
    let attack = Attack::on(&bare);
    let recovered = attack.recovered();
    assert!(
        !recovered.is_empty()
            && recovered
                .iter()
                .all(|unknown| attack.recovered_by_search().contains(unknown))
    );
    let lines = recovered.iter().map(|unknown| &bare.lines[unknown / 3]);
    assert!(
        lines
            .map(|line| (line.subject.as_str(), line.tier.as_str()))
            .any(|line| line == ("0010", "2"))
    );
}

#[test]
fn the_attack_recovers_counts_from_an_amount() {
    // 0010 has 9 with and 9 without FRL in tier 1, both withheld; its row shows 10 of each. $19,800.00 are $1,200.00 x and $1,000.00 y
    // in whole numbers: 4 and 15, 9 and 9, or 14 and 3. Only 9 and 9 are no more than 10 each.
    let (mut published, _) = published(&state(&SMALL_STATE), 3).unwrap();
    let at = published
        .lines
        .iter()
        .position(|line| (line.subject.as_str(), line.tier.as_str()) == ("0010", "1"))
        .unwrap();
    assert_eq!(
        (published.lines[at].numbers, published.lines[at].cents),
        ([None; 3], None)
    );
    assert_eq!(
        Attack::on(&published).recovered_by_search(),
        Vec::<usize>::new()
    );
    published.lines[at].cents = cents("19800.00");
    assert!(
        Attack::on(&published)
            .recovered_by_search()
            .contains(&(3 * at))
    );
}

#[test]
fn a_pupil_with_several_units_is_one_pupil() {
    // Under unit = completion the one pupil of 0050 has three units in tier 1: not three pupils, so they are withheld at 3.
    let pupil = |program: &str| {
        clean_row()
            .with(Field::DistrictCode, "0050")
            .with(Field::Sasid, "2000000001")
            .with(Field::ProgramCode, program)
    };
    let with_0050: Vec<Group> = SMALL_STATE
        .into_iter()
        .chain([("0050", "IC1", 0, 1)])
        .collect();
    let batch = state(&with_0050).reading("unit", "\"completion\"");
    let batch = batch.rows("submissions/0050.csv", &["IC1", "IC2", "IC3"].map(pupil));
    let (published, truth) = published(&batch, 3).unwrap();
    let line = |subject: &str, tier: &str| {
        published
            .lines
            .iter()
            .find(|line| line.subject == subject && line.tier == tier)
            .unwrap()
    };
    assert_eq!(true_numbers(&truth, line("0050", "1")), [3, 0, 3]);
    for tier in ["1", "all"] {
        assert_eq!(
            (
                line("0050", tier).numbers,
                line("0050", tier).units_withheld.as_str()
            ),
            ([None; 3], "small")
        );
    }
}

#[test]
fn amounts_that_are_not_at_the_rate_are_published_for_the_state_alone() {
    // $60,000.00 for 100 units in tier 1 under largest_remainder: cents go to single units, which ones depends on withheld counts.
    let batch = state(&SMALL_STATE)
        .available("60000.00")
        .reading("rounding", "\"largest_remainder\"");
    let (published, _) = published(&batch, 3).unwrap();
    for line in published.lines.iter().filter(|line| line.tier == "1") {
        assert_eq!(line.cents.is_some(), line.table == "tiers", "{line:?}");
    }
}

#[test]
fn units_over_the_cap_are_published_where_they_say_nothing_about_few() {
    // Tier 1 has 18 + 16 + 14 + 17 = 65 certificates: the cap is 6, and 12 + 10 + 8 + 11 = 41 units are over it. Where 6 units are
    // few, to say that units are over the cap is to say that somebody has exactly 6.
    let report = report_of(
        &state(&SMALL_STATE)
            .reading("cap_applies_to", "[\"district\"]")
            .calculated(),
    );
    let evidence = Evidence::open(report.path()).unwrap();
    let over_cap = |pupils_min| Publication::of(&evidence, pupils_min).unwrap().tiers[0].over_cap;
    assert_eq!(over_cap(3), Some(41));
    assert_eq!(over_cap(7), None);
}

#[test]
fn a_state_that_nothing_can_protect_is_not_published() {
    let stop = published(&state(&[("0010", "IC1", 1, 1)]), 3).unwrap_err();
    assert!(
        stop.message
            .starts_with("the report holds too few pupils to be published"),
        "{stop}"
    );
}

/// Random states with what is published of them: pupils by district and program, the least pupils, and whether money is short.
/// The same ones every time.
fn random_states(cases: u32, each: impl Fn(Result<(Published, Truth), Stop>)) {
    let districts = ["0010", "0020", "0030", "0040", "0050", "0060"];
    random_states_of(districts, false, cases, each);
}

/// The same of such participants, published with what payees get or without.
fn random_states_of(
    districts: [&'static str; 6],
    payees: bool,
    cases: u32,
    each: impl Fn(Result<(Published, Truth), Stop>),
) {
    // Mostly more pupils than the least, often fewer, and here and there nobody.
    let count = || prop_oneof![2 => Just(0_usize), 3 => 1..4_usize, 5 => 3..14_usize];
    let groups = vec(
        (0..districts.len(), 0..CODES.len(), count(), count()),
        8..26,
    );
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    let mut runner =
        TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    // With half a million every tier is paid in full; with thirty thousand a tier is prorated and later ones get nothing.
    let states = (
        groups,
        3..=6_u32,
        select(&["500000.00", "30000.00"][..]),
        select(&["[]", "[]", "[\"district\"]"][..]),
    );
    let run = runner.run(&states, |(groups, pupils_min, available, capped)| {
        let groups: Vec<Group> = groups
            .iter()
            .map(|(district, program, frl, other)| {
                (districts[*district], CODES[*program], *frl, *other)
            })
            .collect();
        each(published_by(
            &state(&groups)
                .available(available)
                .reading("cap_applies_to", capped),
            pupils_min,
            payees,
        ));
        Ok(())
    });
    run.unwrap();
}

#[test]
fn no_random_state_gives_a_withheld_number_away() {
    const STATES: usize = 150;
    let (refused, withheld) = (Cell::new(0), Cell::new(0));
    random_states(u32::try_from(STATES).unwrap(), |state| match state {
        Err(_) => refused.set(refused.get() + 1),
        Ok((published, truth)) => {
            assert_sound(&published, &truth);
            let attack = Attack::on(&published);
            withheld.set(withheld.get() + attack.withheld.len());
            assert_eq!(
                attack.unions_of_few(&published, &truth),
                [],
                "of these lines: {:#?}",
                published.lines
            );
            if let Some(unknown) = attack
                .recovered()
                .into_iter()
                .chain(attack.recovered_by_search())
                .next()
            {
                let line = &published.lines[unknown / 3];
                panic!(
                    "recovered {line:?}, in truth {:?}",
                    true_numbers(&truth, line)
                );
            }
        }
    });
    assert!(
        refused.get() * 2 < STATES,
        "{} of {STATES} states are too small: the test tests little",
        refused.get()
    );
    assert!(withheld.get() > 10 * STATES, "{} withheld", withheld.get());
}

/// Two payees with charters, one of them with two, and one without.
const WITH_CHARTERS: [&str; 6] = [
    "0010",
    "0010-4500",
    "0010-4600",
    "0020",
    "0030",
    "0030-4500",
];

#[test]
fn published_payments_tell_the_counts_of_their_payees_and_nothing_else() {
    const STATES: usize = 60;
    let (refused, told, kept) = (Cell::new(0), Cell::new(0), Cell::new(0));
    random_states_of(
        WITH_CHARTERS,
        true,
        u32::try_from(STATES).unwrap(),
        |state| match state {
            Err(_) => refused.set(refused.get() + 1),
            Ok((published, truth)) => {
                assert_sound(&published, &truth);
                assert!(!published.payees.is_empty());
                assert_payments_tell_no_more(&published, &truth);
                let alone = payments_alone(&published, &truth, None);
                for at in Attack::on(&published).withheld {
                    let count = if follows(&alone, [at].into_iter()) {
                        &told
                    } else {
                        &kept
                    };
                    count.set(count.get() + 1);
                }
            }
        },
    );
    assert!(
        refused.get() * 3 < STATES * 2,
        "{} of {STATES} states are too small: the test tests little",
        refused.get()
    );
    assert!(
        told.get() > STATES && kept.get() > STATES,
        "{} told, {} kept",
        told.get(),
        kept.get()
    );
}

#[test]
fn with_payments_a_participant_learns_no_more_than_what_its_payee_has_besides() {
    let attacks = Cell::new(0);
    random_states_of(WITH_CHARTERS, true, 12, |state| {
        let Ok((published, truth)) = state else {
            return;
        };
        for insider in WITH_CHARTERS {
            let mut known = published.clone();
            for line in known
                .lines
                .iter_mut()
                .filter(|line| line.table == "participants" && line.subject == insider)
            {
                line.numbers = true_numbers(&truth, line).map(Some);
            }
            attacks.set(attacks.get() + 1);
            let alone = payments_alone(&published, &truth, Some(insider));
            for unknown in Attack::knowing_payees(&known, &truth).recovered_by_search() {
                let line = &known.lines[unknown / 3];
                let [units, frl, other] = true_numbers(&truth, line);
                let few = if unknown % 3 == 0 {
                    units < known.pupils_min
                } else {
                    frl.min(other) < known.pupils_min
                };
                assert!(
                    !few || follows(&alone, [unknown].into_iter()),
                    "{insider} recovers {line:?}, in truth {units}, {frl}, {other}"
                );
            }
        }
    });
    assert!(attacks.get() > 12, "{} attacks", attacks.get());
}

#[test]
fn a_payment_divided_by_the_rates_tells_a_count_that_is_not_printed() {
    // 0040 has 2 pupils with FRL and 3 without in tier 1, and nothing else.
    let mut groups = SMALL_STATE.to_vec();
    groups.retain(|group| group.0 != "0040");
    groups.push(("0040", "IC2", 2, 3));
    let batch = state(&groups);
    let (with, truth) = published_by(&batch, 6, true).unwrap();
    // $1,200.00 x 2 + $1,000.00 x 3 = $5,400.00.
    assert_eq!(with.payees["0040"], 540_000);
    let at = with
        .lines
        .iter()
        .position(|line| (line.subject.as_str(), line.tier.as_str()) == ("0040", "1"))
        .unwrap();
    assert_eq!(with.lines[at].numbers, [None; 3]);
    assert!(Attack::on(&with).recovered_by_search().contains(&(3 * at)));
    assert!(follows(
        &payments_alone(&with, &truth, None),
        [3 * at].into_iter()
    ));
    // Without payments nobody can tell.
    let (without, _) = published(&batch, 6).unwrap();
    assert!(without.payees.is_empty());
    assert!(
        !Attack::on(&without)
            .recovered_by_search()
            .contains(&(3 * at))
    );
}

#[test]
fn payments_that_depend_on_single_pupils_are_not_published() {
    let batch = state(&SMALL_STATE)
        .available("60000.00")
        .reading("rounding", "\"largest_remainder\"");
    let stop = published_by(&batch, 3, true).unwrap_err();
    assert!(
        stop.message
            .starts_with("payees cannot be published under rounding = largest_remainder"),
        "{stop}"
    );
}

#[test]
fn a_participant_who_knows_its_own_numbers_recovers_no_other_of_few_pupils() {
    let attacks = Cell::new(0);
    random_states(20, |state| {
        let Ok((published, truth)) = state else {
            return;
        };
        let participants: BTreeSet<&str> = published
            .lines
            .iter()
            .filter(|line| line.table == "participants")
            .map(|line| line.subject.as_str())
            .collect();
        for insider in participants {
            let mut known = published.clone();
            for line in known
                .lines
                .iter_mut()
                .filter(|line| line.table == "participants" && line.subject == insider)
            {
                line.numbers = true_numbers(&truth, line).map(Some);
            }
            attacks.set(attacks.get() + 1);
            for unknown in Attack::on(&known).recovered_by_search() {
                let line = &known.lines[unknown / 3];
                let [units, frl, other] = true_numbers(&truth, line);
                let is_units = unknown % 3 == 0;
                let few = if is_units {
                    units < known.pupils_min
                } else {
                    frl.min(other) < known.pupils_min
                };
                assert!(
                    !few,
                    "{insider} recovers {line:?}, in truth {units}, {frl}, {other}"
                );
            }
        }
    });
    assert!(attacks.get() > 50, "{} attacks", attacks.get());
}

/// The sample's report and its publication, made once.
fn sample() -> &'static (TempDir, PathBuf, PathBuf) {
    static SAMPLE: OnceLock<(TempDir, PathBuf, PathBuf)> = OnceLock::new();
    SAMPLE.get_or_init(|| {
        let folder = TempDir::new().unwrap();
        let batch = root().join("samples/statewide-2024-25");
        let output = run(
            folder.path(),
            &["run", batch.to_str().unwrap(), "--out", "report"],
        );
        assert!(
            output.status.code().is_some_and(|status| status <= 1),
            "{output:?}"
        );
        let output = run(folder.path(), &["publish", "report"]);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        let (report, public) = (
            folder.path().join("report"),
            folder.path().join("report-public"),
        );
        (folder, report, public)
    })
}

#[test]
fn the_statewide_sample_gives_no_withheld_number_away() {
    let (_, report, public) = sample();
    let (published, truth) = (read(public, 16), truth(report));
    assert_sound(&published, &truth);
    let attack = Attack::on(&published);
    assert_eq!(attack.recovered(), Vec::<usize>::new());
    assert_eq!(attack.unions_of_few(&published, &truth), []);
    // The same tables without what protects them: hundreds of districts' numbers of few pupils fall.
    let bare = unprotected(&published, &truth);
    assert!(Attack::on(&bare).recovered().len() > 20);
}

#[test]
fn charts_of_the_sample_show_dollars_and_name_what_is_withheld() {
    let (_, _, public) = sample();
    let workbook = public.join("public.xlsx");
    let rows = crate::audit_sample::sheet(&workbook, "Summary");
    let tiers = rows.iter().find(|row| row[0] == "Tier").unwrap();
    assert_eq!(tiers[7], "Paid");
    let parts = text_parts(&fs::read(&workbook).unwrap()).into_iter();
    let charts: String = parts
        .filter(|(name, _)| name.starts_with("xl/charts/"))
        .map(|(_, part)| part)
        .collect();
    // Of the tiers column H, of the sectors column B: no count of units is shown as dollars.
    let values = charts.split("<c:val>").skip(1);
    let columns: Vec<&str> = values
        .map(|series| series.split_once("Summary!$").unwrap().1)
        .map(|range| &range[..1])
        .collect();
    assert_eq!(columns, ["H", "B"]);
    let withheld: Vec<String> = csv_lines(&public.join("sectors.csv"))
        .into_iter()
        .filter(|line| line["tier"] == "all" && line["amount"].is_empty())
        .map(|line| line["sector"].clone())
        .collect();
    assert!(!withheld.is_empty());
    let named = rows.iter().find(|row| row[0] == "Not in the chart");
    let wanted = format!("{}: the amount is withheld", withheld.join(", "));
    assert_eq!(named.unwrap()[1], wanted);
}

#[test]
fn the_payments_of_the_sample_tell_the_counts_of_their_payees_and_nothing_else() {
    let (folder, report, _) = sample();
    let arguments = ["publish", "report", "--preliminary", "--payees", "--out"];
    let output = run(folder.path(), &[&arguments[..], &["paid-public"]].concat());
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let public = folder.path().join("paid-public");
    let (published, truth) = (read(&public, 16), truth(report));
    assert_sound(&published, &truth);
    // Every payee, to the cent.
    let awards = csv_lines(&report.join("awards.csv"));
    for (payee, amount) in &published.payees {
        let of_payee = awards.iter().filter(|award| award["payee"] == *payee);
        let total: i128 = of_payee.map(|award| cents(&award["total"]).unwrap()).sum();
        assert_eq!(total, *amount, "{payee}");
    }
    let payees: BTreeSet<&str> = awards.iter().map(|award| award["payee"].as_str()).collect();
    assert_eq!(payees.len(), published.payees.len());
    let alone = payments_alone(&published, &truth, None);
    let attack = Attack::knowing_payees(&published, &truth);
    let recovered = attack.recovered();
    for unknown in &recovered {
        let line = &published.lines[unknown / 3];
        assert!(follows(&alone, [*unknown].into_iter()), "{line:?}");
    }
    let recovered: BTreeSet<usize> = recovered.iter().map(|at| at / 3).collect();
    // The command says how many lines those are, and the twin can be made again.
    let said = stdout(&output);
    let few = format!(
        "{} lines of the tables are about fewer than 16 pupils and known by that",
        recovered.len()
    );
    assert!(said.contains(&few), "{said}");
    assert!(said.contains("What that costs: units withheld "), "{said}");
    let verified = run(
        folder.path(),
        &["verify", "paid-public", "--report", "report"],
    );
    assert_eq!(verified.status.code(), Some(0), "{verified:?}");
}

#[test]
fn every_published_amount_is_the_published_counts_at_the_published_rates() {
    let (_, _, public) = sample();
    let published = read(public, 16);
    let mut amounts = 0;
    for line in published.lines.iter().filter(|line| line.tier != "all") {
        let (rate, frl_rate) = published.rates[&line.tier];
        match (line.cents, line.numbers) {
            (Some(cents), [_, Some(frl), Some(other)]) => {
                assert_eq!(cents, frl * frl_rate + other * rate, "{line:?}");
            }
            (Some(cents), _) => assert_eq!((cents, rate, frl_rate), (0, 0, 0), "{line:?}"),
            (None, numbers) => assert_eq!(numbers[1], None, "{line:?}"),
        }
        amounts += usize::from(line.cents.is_some_and(|cents| cents > 0));
    }
    assert!(amounts > 50, "{amounts} amounts");
}

/// Every file of a publication as text; of a workbook each part.
fn texts(folder: &Path) -> Vec<(String, String)> {
    let mut texts = Vec::new();
    for (name, bytes) in tree(folder) {
        if !has_extension(&name, "xlsx") {
            texts.push((name, String::from_utf8(bytes).unwrap()));
            continue;
        }
        for (part, text) in text_parts(&bytes) {
            texts.push((format!("{name}, part {part}"), text));
        }
    }
    texts
}

#[test]
fn nothing_of_a_pupil_or_a_submitted_file_stands_in_a_publication() {
    let (_, report, public) = sample();
    let rows = csv_lines(&report.join("completions.csv"));
    let pupils: HashSet<&str> = rows
        .iter()
        .map(|row| row["sasid"].as_str())
        .filter(|sasid| sasid.len() == 10)
        .collect();
    let files: BTreeSet<&str> = rows.iter().map(|row| row["source_file"].as_str()).collect();
    assert!(pupils.len() > 5_000 && files.len() > 50);
    let texts = texts(public);
    assert!(texts.len() > 10);
    for (name, text) in &texts {
        let of_ten_digits = text
            .split(|c: char| !c.is_ascii_alphanumeric())
            .find(|word| pupils.contains(word));
        assert_eq!(of_ten_digits, None, "{name}");
        for file in &files {
            let last = file.rsplit('/').next().unwrap();
            assert!(
                !text.contains(file) && !text.contains(last),
                "{name} names {file}"
            );
        }
    }
}

#[test]
fn a_publication_has_the_same_bytes_whenever_it_is_made_and_replaces_itself() {
    let (folder, _, public) = sample();
    let before = tree(public);
    let again = run(
        folder.path(),
        &["publish", "report", "--preliminary", "--out", "again"],
    );
    assert_eq!(again.status.code(), Some(0), "{again:?}");
    assert_eq!(tree(&folder.path().join("again")), before);
    let over = run(
        folder.path(),
        &[
            "publish",
            "report",
            "--preliminary",
            "--out",
            "again",
            "--min-cell",
            "30",
        ],
    );
    assert_eq!(over.status.code(), Some(0), "{over:?}");
    assert_ne!(tree(&folder.path().join("again")), before);
}

#[test]
fn a_final_report_is_published_beside_itself() {
    let folder = state(&SMALL_STATE).write_as_batch();
    let output = run(folder.path(), &["run", "batch", "--out", "report"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let output = run(folder.path(), &["publish", "report", "--min-cell", "3"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let words = stdout(&output);
    assert!(
        words.starts_with("test  FINAL, made public\nNo number is about fewer than 3 pupils.\n")
            && words.contains("\nPublish a report once: "),
        "{words}"
    );
    assert!(
        words.contains("Publication: report-public (7 files; begin with public.xlsx)"),
        "{words}"
    );
    let files: Vec<String> = tree(&folder.path().join("report-public"))
        .into_iter()
        .map(|(path, _)| path)
        .collect();
    let expected = [
        "SHA256SUMS",
        "participants.csv",
        "programs.csv",
        "public.xlsx",
        "receipt.json",
        "sectors.csv",
        "tiers.csv",
    ];
    assert_eq!(files, expected);
}

#[test]
fn a_preliminary_report_a_place_with_a_report_and_too_low_a_least_are_refused() {
    let (folder, ..) = sample();
    // Undecided, the sample is preliminary.
    for arguments in [
        ["sample", "--out", "undecided"].as_slice(),
        &["run", "undecided", "--out", "preliminary"],
    ] {
        let output = run(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
    }
    for (arguments, words) in [
        (
            vec!["publish", "preliminary"],
            "the report is PRELIMINARY: published now and again when it is final",
        ),
        (
            vec!["publish", "preliminary", "--preliminary", "--out", "report"],
            "the publication's place holds a report",
        ),
        (
            vec!["publish", "report", "--min-cell", "2"],
            "2 is not in 3..=1000",
        ),
        (
            vec!["publish", "report-public"],
            "the folder is the public version of a report",
        ),
    ] {
        let output = run(folder.path(), &arguments);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        let message = stderr(&output);
        assert!(message.contains(words), "{message}");
    }
}
