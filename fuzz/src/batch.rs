//! A whole small batch: the input decides rules, readings, money, rows, ledger and decisions; it is calculated to the end and written.

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;

use cdip::batch::Batch;
use cdip::calculation::{Calculation, settle};
use cdip::decision::Outcome;
use cdip::finding::Finding;
use cdip::ids::Sasid;
use cdip::intake::completions::Field;
use cdip::intake::lists::{Ledger, Resolution, read_ledger, read_resolutions};
use cdip::intake::{Intake, Layout, Lists, read_in_memory};
use cdip::money::{MONEY_MAX_CENTS, Money};
use cdip::ranks::RowRank;
use cdip::report::{json, text};
use cdip::rules::readings::{
    CapBase, CapMoney, CapRounding, CapSelection, CrossEntity, Readings, Rounding, Unit,
};
use cdip::rules::terms::{KindSet, ParticipantKind};
use cdip::rules::{RuleSet, Share, TierCap, Weight};
use cdip::values;

use super::panics;
use super::privacy::holds_nobody;
use super::submission::{RULES, lists};

const FILES: [&str; 3] = [
    "submissions/0010.csv",
    "submissions/0020/second.csv",
    "submissions/nobody.csv",
];
const DISTRICTS: [&str; 8] = ["0010", "0020", "8001", "9035", "10", "0030", "0999", ""];
const SCHOOLS: [&str; 4] = ["0101", "4500", "4600", "x"];
/// Few pupils, so that one has many completions; the last is not an id.
const PUPILS: [&str; 8] = [
    "1000000001",
    "1000000002",
    "1000000003",
    "1000000004",
    "1000000005",
    "1000000006",
    "1000000007",
    "1.0E+09",
];
const GRADES: [&str; 8] = ["9", "10", "11", "12", "12th", "8", "Senior", ""];
const PROGRAMS: [&str; 8] = ["IC1", "ic1", "IN1", "RE1", "PA1", "AP1", "IC9", "ZZ9"];
const DATES: [&str; 8] = [
    "2023-07-01",
    "2023-12-31",
    "2024-01-02",
    "5/17/2024",
    "2024-06-30",
    "2024-07-01",
    "05/06/2024",
    "some day",
];
const LUNCHES: [&str; 8] = ["Y", "N", "F", "R", "P", "", "no", "?"];
const ANSWERS: [&str; 4] = ["Y", "N", "", "maybe"];
const SCORES: [&str; 4] = ["3", "5", "2", ""];
const YEARS: [&str; 4] = ["2023-24", "", "2022-23", "x"];
const SHARES: [(&str, u64, u64); 4] = [
    ("0.10", 1, 10),
    ("0", 0, 1),
    ("0.333333", 333_333, 1_000_000),
    ("1", 1, 1),
];
/// As many rows as an input may have: the properties look at pairs.
const ROWS_MAX: usize = 60;

/// An input, byte by byte; zeros behind its end.
struct Choices<'d>(&'d [u8]);

impl Choices<'_> {
    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        *first
    }

    fn of<T: Copy>(&mut self, values: &[T]) -> T {
        values[usize::from(self.byte()) % values.len()]
    }

    fn number(&mut self) -> u64 {
        (0..4).fold(0, |number, _| number << 8 | u64::from(self.byte()))
    }
}

/// What is calculated.
struct Asked {
    batch: Batch,
    files: Vec<(&'static str, Vec<u8>)>,
    rows: usize,
    ledger: Option<Ledger>,
    resolutions: Vec<Resolution>,
}

/// Rules, readings, money, ledger, decisions and rows.
pub fn run(data: &[u8]) {
    let asked = asked(&mut Choices(data));
    let calculation = calculated(&asked, asked.batch.available);
    let outputs = outputs(&calculation);
    let again = calculated(&asked, asked.batch.available);
    assert_eq!(
        calculation.decisions, again.decisions,
        "the same batch has the same decisions"
    );
    assert_eq!(
        calculation.allocation, again.allocation,
        "the same batch has the same allocation"
    );
    assert_eq!(
        outputs,
        self::outputs(&again),
        "the same batch has the same outputs to the byte"
    );
    rows_are_conserved(&asked, &calculation);
    money_is_conserved(&calculation);
    nobody_is_paid_who_must_not_be(&calculation);
    outputs_say_the_same(&calculation, &outputs);
    let more = Money::from_cents((asked.batch.available.cents() + 100).min(MONEY_MAX_CENTS));
    let richer = calculated(&asked, more);
    assert!(
        richer.allocation.paid() >= calculation.allocation.paid(),
        "a dollar more never pays less in all"
    );
}

fn calculated(asked: &Asked, available: Money) -> Calculation {
    let intake = panics::none_caught(|| {
        let lists = Lists {
            ledger: asked.ledger.clone(),
            resolutions: asked.resolutions.clone(),
            ..lists()
        };
        let files: Vec<(&str, &[u8])> = asked
            .files
            .iter()
            .map(|(path, bytes)| (*path, bytes.as_slice()))
            .collect();
        read_in_memory(
            &files,
            &Layout {
                delimiter: Some(b','),
                ..Layout::default()
            },
            lists,
        )
        .unwrap()
    });
    settle(
        Batch {
            available,
            ..asked.batch.clone()
        },
        intake,
    )
    .unwrap_or_else(|stop| panic!("{stop}"))
}

fn asked(choices: &mut Choices<'_>) -> Asked {
    let rules = rules(choices);
    let readings = readings(choices);
    let money = |choices: &mut Choices<'_>| match choices.byte() % 8 {
        0 => 0,
        1 => MONEY_MAX_CENTS,
        2 => i64::from(choices.byte()),
        _ => i64::try_from(choices.number() % 10_000_000).unwrap(),
    };
    let available = money(choices);
    let supplement = (choices.byte() % 2 == 1).then(|| money(choices));
    // The largest amount is the most that a report is read back with.
    let supplement = supplement.map(|cents| cents.min(MONEY_MAX_CENTS - available));
    let batch = of(rules, readings, available, supplement);
    let ledger = ledger(choices);
    let resolutions = resolutions(choices);
    let (files, rows) = files(choices);
    Asked {
        batch,
        files,
        rows,
        ledger,
        resolutions,
    }
}

/// A batch with these rules and this money, in cents.
pub fn of(rules: RuleSet, readings: Readings, available: i64, supplement: Option<i64>) -> Batch {
    Batch {
        root: PathBuf::new(),
        name: "batch".to_string(),
        label: "test".to_string(),
        available: Money::from_cents(available),
        supplement: supplement.map(Money::from_cents),
        run_date: values::date("2024-09-15", false).unwrap().day,
        prepared_by: None,
        rules,
        readings,
        overrides: cdip::rules::Overrides::default(),
        columns: cdip::batch::OwnColumns::default(),
        words: Vec::new(),
        office: cdip::batch::ProgramOffice::default(),
        accounting: cdip::receipt::AccountingEntry::default(),
        delimiter: None,
        inputs: Vec::new(),
        previous: None,
    }
}

fn rules(choices: &mut Choices<'_>) -> RuleSet {
    let mut rules = RULES.clone();
    rules.per_unit = Money::from_cents(choices.of(&[100_000, 72_533, 1, 0, MONEY_MAX_CENTS]));
    rules.frl_multiplier = Weight::from_hundredths(choices.of(&[120, 100, 133, 250]));
    for tier in &mut rules.tiers {
        let share = choices.of(&[
            None,
            Some(SHARES[0]),
            Some(SHARES[1]),
            Some(SHARES[2]),
            Some(SHARES[3]),
        ]);
        tier.cap = share.map(|(text, numerator, denominator)| {
            TierCap::Share(Share {
                text: text.to_string(),
                numerator,
                denominator,
            })
        });
    }
    rules
}

fn readings(choices: &mut Choices<'_>) -> Readings {
    let kinds = choices.byte();
    let bound = ParticipantKind::ALL
        .iter()
        .enumerate()
        .filter(|(bit, _)| kinds >> bit & 1 == 1);
    Readings {
        unit: choices.of(Unit::ALL),
        cap_base: choices.of(CapBase::ALL),
        cap_rounding: choices.of(CapRounding::ALL),
        cap_selection: choices.of(CapSelection::ALL),
        cap_applies_to: bound.map(|(_, kind)| *kind).collect::<KindSet>(),
        cap_money: choices.of(CapMoney::ALL),
        rounding: choices.of(Rounding::ALL),
        cross_entity: choices.of(CrossEntity::ALL),
    }
}

fn ledger(choices: &mut Choices<'_>) -> Option<Ledger> {
    let entries = choices.byte() % 5;
    let lines = (0..entries).map(|_| {
        format!(
            "{},{},2022-23\n",
            choices.of(&PUPILS[..7]),
            choices.of(&PROGRAMS)
        )
    });
    let lines: String = lines.collect();
    // None of them is a ledger that is not there.
    (entries > 0).then(|| {
        read_ledger(
            "prior-payments.csv",
            format!("SASID,Program Code,Budget Year\n{lines}").as_bytes(),
            None,
            None,
        )
        .unwrap()
    })
}

/// Decisions; where they contradict each other, which stops a run, the batch has none.
fn resolutions(choices: &mut Choices<'_>) -> Vec<Resolution> {
    let mut lines = String::from(
        "District Code,School Code,SASID,Program Code,Source File,Source Sheet,Source Row,Decision\n",
    );
    for _ in 0..choices.byte() % 5 {
        let decision = choices.of(&["pay", "deny", ""]);
        let line = match choices.byte() % 3 {
            0 => format!(
                "{},,{},{},,,",
                choices.of(&DISTRICTS[..4]),
                choices.of(&PUPILS[..7]),
                choices.of(&PROGRAMS)
            ),
            1 => format!(",,,,{},,{}", choices.of(&FILES), 1 + choices.byte() % 16),
            _ => format!(",,,,{},,", choices.of(&FILES)),
        };
        lines.push_str(&format!("{line},{decision}\n"));
    }
    read_resolutions("resolutions.csv", lines.as_bytes()).unwrap_or_default()
}

/// The submitted files, and how many rows are in them.
fn files(choices: &mut Choices<'_>) -> (Vec<(&'static str, Vec<u8>)>, usize) {
    let mut rows: BTreeMap<&str, Vec<Vec<&str>>> =
        FILES.iter().map(|file| (*file, Vec::new())).collect();
    let mut count = 0;
    while !choices.0.is_empty() && count < ROWS_MAX {
        let first = choices.byte();
        let file = FILES[usize::from(first) % FILES.len()];
        let row = vec![
            choices.of(&DISTRICTS),
            choices.of(&SCHOOLS),
            choices.of(&PUPILS),
            choices.of(&GRADES),
            choices.of(&PROGRAMS),
            choices.of(&DATES),
            choices.of(&LUNCHES),
            choices.of(&ANSWERS),
            choices.of(&SCORES),
            choices.of(&YEARS),
        ];
        rows.entry(file).or_default().push(row);
        count += 1;
    }
    // No text among the choices needs quotes.
    let written = rows.into_iter().map(|(file, rows)| {
        let lines = std::iter::once(Field::ALL.map(Field::title).to_vec())
            .chain(rows)
            .map(|row| row.join(","));
        (file, lines.collect::<Vec<_>>().join("\n").into_bytes())
    });
    (written.collect(), count)
}

fn rows_are_conserved(asked: &Asked, calculation: &Calculation) {
    assert_eq!(
        calculation.intake.completions.len(),
        asked.rows,
        "every row submitted is read"
    );
    assert_eq!(calculation.decisions.len(), asked.rows);
    assert_eq!(
        calculation
            .buckets()
            .iter()
            .map(|(_, count)| count)
            .sum::<usize>(),
        asked.rows,
        "every row has one outcome"
    );
    let trails = calculation.trails();
    for position in RowRank::all(asked.rows) {
        let reason = trails.reason(&calculation.decisions, position);
        assert_eq!(
            reason.standing.is_some(),
            calculation.decisions[position].weight.is_some(),
            "a unit has its standing"
        );
        let other = |row: &RowRank| row.index() < asked.rows && *row != position;
        assert!(
            reason.others.iter().all(other)
                && reason.others.windows(2).all(|pair| pair[0] < pair[1])
        );
        let named = matches!(
            calculation.decisions[position].outcome,
            Outcome::Duplicate | Outcome::AlreadyCounted
        );
        assert!(
            !named || reason.others.len() == 1,
            "who is not counted is told for which row"
        );
    }
}

fn money_is_conserved(calculation: &Calculation) {
    let Calculation {
        batch,
        decisions,
        allocation,
        ..
    } = calculation;
    let rows: Money = decisions.iter().map(|decision| decision.amount).sum();
    let residuals: Money = allocation.tiers.iter().map(|tier| tier.residual).sum();
    assert_eq!(
        rows + residuals + allocation.unspent,
        batch.available,
        "every cent is paid, left over or unspent"
    );
    let payees: Money = calculation
        .payees()
        .into_iter()
        .map(|(_, total)| total)
        .sum();
    assert_eq!(
        payees,
        rows + allocation.supplement(),
        "every cent of a row or supplement has a payee"
    );
    assert!(allocation.supplement() <= batch.supplement.unwrap_or_default());
    for decision in decisions {
        assert_eq!(
            decision.outcome == Outcome::Paid,
            decision.amount > Money::ZERO,
            "paid is what has an amount"
        );
        let weight = decision.weight.unwrap_or(Weight::ONE);
        let most =
            (i128::from(batch.rules.per_unit.cents()) * i128::from(weight.hundredths()) + 99) / 100;
        assert!(
            (0..=most).contains(&i128::from(decision.amount.cents())),
            "nobody gets more than a full award"
        );
    }
}

fn nobody_is_paid_who_must_not_be(calculation: &Calculation) {
    let Calculation {
        batch,
        intake,
        decisions,
        ..
    } = calculation;
    let rows = intake.completions.rows();
    let mut pupils = HashSet::new();
    let mut completions = HashSet::new();
    for (position, decision) in
        RowRank::enumerate(decisions).filter(|(_, decision)| decision.outcome == Outcome::Paid)
    {
        let (sasid, program) = (
            rows.text(position, Field::Sasid),
            rows.text(position, Field::ProgramCode).to_uppercase(),
        );
        assert!(
            completions.insert((sasid, program.clone())),
            "a completion is paid once"
        );
        assert!(
            pupils.insert(sasid) || batch.readings.unit != Unit::Pupil,
            "a pupil is paid once"
        );
        let number = Sasid::parse(sasid).expect("who is paid has an id");
        assert!(
            intake
                .ledger
                .as_ref()
                .is_none_or(|ledger| !ledger.holds(number, &program)),
            "what was paid before is not paid again"
        );
        let participant =
            &intake.participants.all()[decision.participant.expect("who is paid takes part")];
        assert!(
            participant.participating && batch.rules.participant_kinds.contains(participant.kind),
            "who is paid takes part"
        );
        let tier = decision.tier.expect("who is paid has a tier");
        let category = decision.category.expect("who is paid has a category");
        assert!(batch.rules.tiers[tier].categories.contains(category));
    }
}

/// The files for machines, by name.
fn outputs(calculation: &Calculation) -> BTreeMap<&'static str, Vec<u8>> {
    type Write = fn(&Calculation, &mut Vec<u8>) -> std::io::Result<()>;
    let files: [(&str, Write); 5] = [
        ("completions.csv", |calculation, out| {
            text::completions(calculation, out)
        }),
        ("findings.csv", |calculation, out| {
            text::findings(calculation, out)
        }),
        ("payments.csv", |calculation, out| {
            text::payments(calculation, out)
        }),
        ("prior-payments-next.csv", |calculation, out| {
            text::prior_payments_next(calculation, out)
        }),
        ("allocation.json", |calculation, out| {
            json::allocation(calculation, out)
        }),
    ];
    let written = files.into_iter().map(|(name, write)| {
        let mut bytes = Vec::new();
        write(calculation, &mut bytes).unwrap();
        (name, bytes)
    });
    written.collect()
}

/// What other programs read is what was calculated.
fn outputs_say_the_same(calculation: &Calculation, outputs: &BTreeMap<&str, Vec<u8>>) {
    // Every record is one line, and nothing behind the amount has a comma: a reader of csv would take most of the time of a run.
    let text = |name: &str| std::str::from_utf8(&outputs[name]).unwrap();
    let amounts = |name: &str, heading: &str| -> Vec<Money> {
        let (headings, lines) = text(name).split_once('\n').unwrap();
        let behind = headings.rsplit(',').position(|one| one == heading).unwrap();
        let amount = |line: &str| {
            let amount = line.rsplit(',').nth(behind).unwrap_or_default();
            Money::from_dollars(amount).unwrap_or_else(|error| panic!("{amount} {error}"))
        };
        lines.lines().map(amount).collect()
    };
    assert!(
        calculation
            .decisions
            .iter()
            .map(|decision| decision.amount)
            .eq(amounts("completions.csv", "amount"))
    );
    assert_eq!(
        text("findings.csv").lines().skip(1).count(),
        calculation.findings.len()
    );
    let payments: Money = amounts("payments.csv", "amount").into_iter().sum();
    assert_eq!(
        payments,
        calculation.allocation.paid() + calculation.allocation.supplement()
    );
    let next = read_ledger(
        "prior-payments.csv",
        &outputs["prior-payments-next.csv"],
        None,
        None,
    )
    .unwrap_or_else(|stop| panic!("{stop}"));
    let before = calculation
        .intake
        .ledger
        .as_ref()
        .map_or(0, |ledger| ledger.entries().len());
    assert_eq!(
        next.entries().len(),
        before + calculation.count(Outcome::Paid),
        "next year's ledger is the old one and what was paid"
    );
    nobody_is_named(&calculation.findings, &calculation.intake);
}

fn nobody_is_named(findings: &[Finding], intake: &Intake) {
    for finding in findings {
        let files = intake.files.iter().map(|file| &*file.path);
        holds_nobody(&finding.message, files.clone());
        holds_nobody(finding.fix(), files);
    }
}
