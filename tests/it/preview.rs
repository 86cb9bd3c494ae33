//! `cdip preview` and `cdip factors`: what a district can expect, from its own rows and the totals of the state.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use calamine::Reader as _;
use cdip::batch::Batch;
use cdip::calculation::Calculation;
use cdip::decision::Outcome;
use cdip::factors::Factors;
use cdip::inspection::{Basis, inspect};
use cdip::intake::completions::Field;
use cdip::money::Money;
use cdip::preview::{Preview, preview};
use cdip::ranks::RowRank;
use rust_decimal::Decimal;
use serde_json::Value;

use crate::batch_builder::{RESOLUTIONS, Row, TestBatch, clean_row, dollars, pupil};
use crate::support::{cdip, root, stderr, stdout};
use crate::vectors::{self, calculated};

#[test]
fn the_factors_of_a_run_give_its_limits_rates_and_money_again() {
    for folder in vectors::folders() {
        let calculation = calculated(&folder);
        let factors = Factors::of(&calculation);
        let terms = factors.terms(&calculation.batch.rules);
        for (tier, terms) in calculation.allocation.tiers.iter().zip(terms) {
            let of_the_run = (
                tier.money_before,
                tier.cap.clone(),
                tier.rate,
                tier.frl_rate,
                tier.prorated,
                tier.paid,
                tier.residual,
                tier.money_after,
            );
            let again = (
                terms.money_before,
                terms.cap,
                terms.rate,
                terms.frl_rate,
                terms.prorated,
                terms.paid,
                terms.residual,
                terms.money_after,
            );
            assert_eq!(again, of_the_run, "{}", folder.display());
        }
        let mut bytes = Vec::new();
        factors.write(&calculation.batch.rules, &mut bytes).unwrap();
        assert_eq!(
            Factors::read("factors.json", &bytes, &calculation.batch.rules).unwrap(),
            factors,
            "{}",
            folder.display()
        );
    }
}

/// The entities of a batch: those that some file names.
pub fn entities(calculation: &Calculation) -> BTreeSet<String> {
    calculation
        .intake
        .files
        .iter()
        .filter_map(|file| file.entity.clone())
        .collect()
}

/// What is paid through an entity.
pub fn payment(calculation: &Calculation, entity: &str) -> Money {
    calculation
        .payees()
        .into_iter()
        .filter(|(code, _)| *code == entity)
        .map(|(_, total)| total)
        .sum()
}

/// By entity, how many of its pupils are in a file of another, or of nobody, as well.
pub fn shared_pupils(calculation: &Calculation) -> BTreeMap<String, usize> {
    let rows = calculation.intake.completions.rows();
    let mut reporters: BTreeMap<&str, BTreeSet<Option<&str>>> = BTreeMap::new();
    for position in RowRank::all(rows.len()) {
        let entity = calculation.intake.files[rows.file(position)]
            .entity
            .as_deref();
        reporters
            .entry(rows.text(position, Field::Sasid))
            .or_default()
            .insert(entity);
    }
    let mut shared = BTreeMap::new();
    for entity in reporters
        .values()
        .filter(|entities| entities.len() > 1)
        .flatten()
        .flatten()
    {
        *shared.entry((*entity).to_string()).or_insert(0) += 1;
    }
    shared
}

/// The preview of an entity from its files in a batch, at the batch's own factors.
pub fn preview_of(calculation: &Calculation, entity: &str) -> Preview {
    let batch = &calculation.batch;
    let files = calculation
        .intake
        .files
        .iter()
        .filter(|file| file.entity.as_deref() == Some(entity));
    let paths: Vec<PathBuf> = files.map(|file| batch.root.join(&*file.path)).collect();
    let factors = Factors::of(calculation);
    let mut basis = Basis::of_batch(batch).unwrap();
    basis.rules = Some((batch.rules.clone(), factors.readings));
    let inspection = inspect(&paths, basis, &|_, _| {}).unwrap();
    preview(
        inspection,
        batch.rules.clone(),
        factors,
        entity,
        Decimal::new(1, 1),
    )
    .unwrap()
}

#[test]
fn with_the_states_factors_a_preview_is_the_states_payment_to_the_cent() {
    let calculation = calculated(&root().join("samples/statewide-2024-25"));
    let shared = shared_pupils(&calculation);
    let mut compared = 0;
    for entity in entities(&calculation)
        .iter()
        .filter(|entity| !shared.contains_key(*entity))
        .filter(|entity| reports_all_its_rows(&calculation, entity))
    {
        let preview = preview_of(&calculation, entity);
        assert_eq!(
            preview.expected.total,
            payment(&calculation, entity),
            "{entity}"
        );
        let (low, high) = preview.bounds();
        assert!(
            low <= preview.expected.total && preview.expected.total <= high,
            "{entity}"
        );
        compared += 1;
    }
    assert!(compared >= 20, "only {compared} entities share no pupil");
}

/// Whether every row that is counted for an entity is in a file of its own.
pub fn reports_all_its_rows(calculation: &Calculation, entity: &str) -> bool {
    let rows = calculation.intake.completions.rows();
    let participants = calculation.intake.participants.all();
    RowRank::enumerate(&calculation.decisions).all(|(position, decision)| {
        let counted_for = decision
            .participant
            .is_some_and(|rank| participants[rank].payee() == entity);
        !counted_for
            || calculation.intake.files[rows.file(position)]
                .entity
                .as_deref()
                == Some(entity)
    })
}

#[test]
fn with_the_factors_of_every_vector_a_preview_is_the_payment_within_the_cents_that_only_the_state_can_give()
 {
    let (mut compared, mut with_supplement, mut with_cents) = (0, 0, 0);
    for folder in vectors::folders() {
        let calculation = calculated(&folder);
        let shared = shared_pupils(&calculation);
        for entity in entities(&calculation) {
            if shared.contains_key(&entity) || !reports_all_its_rows(&calculation, &entity) {
                continue;
            }
            let preview = preview_of(&calculation, &entity);
            let more = payment(&calculation, &entity).cents() - preview.expected.total.cents();
            // A cent of tier 1 can bring another one of the supplement, which is at most as much again.
            let supplement = if preview.factors.supplement.is_some() {
                preview.expected.part.cents_more_max
            } else {
                0
            };
            let most = preview.expected.part.cents_more_max + supplement;
            assert!(
                (0..=most).contains(&more),
                "{}, {entity}: {more} cents more, at most {most}",
                folder.display()
            );
            // What stands on its rows and in its programs is the same money, but for the cents that fall where the remainders are largest.
            let by_program: i64 = preview
                .by_program()
                .iter()
                .map(|money| money.amount.cents())
                .sum();
            let by_tier = (preview.expected.total - preview.supplement()).cents();
            assert!(
                (by_program - by_tier).abs() <= preview.expected.part.cents_more_max,
                "{}, {entity}",
                folder.display()
            );
            let claims: Money = preview
                .claims()
                .iter()
                .map(|claim| claim.share.amount)
                .sum();
            assert_eq!(claims.cents(), by_tier, "{}, {entity}", folder.display());
            compared += 1;
            with_supplement += usize::from(preview.supplement() > Money::ZERO);
            with_cents += usize::from(preview.expected.part.cents_more_max > 0);
        }
    }
    assert!(
        compared >= 20 && with_supplement > 0 && with_cents > 0,
        "{compared} previews, {with_supplement}, {with_cents}"
    );
}

#[test]
fn a_share_of_whole_cents_awaits_no_missing_cent_and_one_with_a_fraction_at_most_one() {
    let pupil = |sasid: &str, district: &str| {
        clean_row()
            .with(Field::Sasid, sasid)
            .with(Field::DistrictCode, district)
    };
    // Of three internships two are of 0010. 900.00 x 2 / 3 = 600.00 is whole; 1,000.00 x 2 / 3 = 666.666.. is not.
    for (available, expected, cents_more) in [("900.00", "600.00", 0), ("1000.00", "666.66", 1)] {
        let folder = TestBatch::new()
            .rows(
                "submissions/0010.csv",
                &[pupil("1000000001", "0010"), pupil("1000000002", "0010")],
            )
            .rows("submissions/0020.csv", &[pupil("1000000003", "0020")])
            .available(available)
            .reading("rounding", "\"largest_remainder\"")
            .write();
        let preview = preview_of(&calculated(folder.path()), "0010");
        assert_eq!(
            (
                preview.expected.total.to_string().as_str(),
                preview.expected.part.cents_more_max
            ),
            (expected, cents_more)
        );
        let told = preview.unknowns();
        let is_told = told.iter().any(|sentence| {
            sentence.starts_with("Up to 1 cent more can fall to this entity by the largest")
        });
        assert_eq!(is_told, cents_more > 0, "{told:?}");
    }
}

#[test]
fn a_district_and_its_charter_await_a_missing_cent_each() {
    // Of six internships one is the district's, one its charter's: 1,000.00 / 6 = 166.666.. each, floored 166.66; the other district has
    // four, 666.666.., floored 666.66. 1,000.00 - 2 x 166.66 - 666.66 = 0.02; all fractions are equal, so the first two get a cent each.
    let others: Vec<Row> = (3..7)
        .map(|number| pupil(number).with(Field::DistrictCode, "0020"))
        .collect();
    let folder = TestBatch::new()
        .rows(
            "submissions/0010.csv",
            &[pupil(1), pupil(2).with(Field::SchoolCode, "4500")],
        )
        .rows("submissions/0020.csv", &others)
        .available("1000.00")
        .reading("rounding", "\"largest_remainder\"")
        .write();
    let calculation = calculated(folder.path());
    let preview = preview_of(&calculation, "0010");
    assert_eq!(
        (
            preview.expected.total.to_string().as_str(),
            preview.expected.part.cents_more_max
        ),
        ("333.32", 2)
    );
    let claims: Vec<String> = preview
        .claims()
        .iter()
        .map(|claim| claim.share.amount.to_string())
        .collect();
    assert_eq!(claims, ["166.66", "166.66"]);
    assert_eq!(payment(&calculation, "0010").to_string(), "333.34");
}

#[test]
fn what_was_paid_before_is_nothing_to_correct() {
    let rows = [clean_row(), clean_row().with(Field::Sasid, "1000000002")];
    let folder = TestBatch::of(&rows)
        .ledger(&format!(
            "1000000002,{},2022-23\n",
            clean_row().texts()[Field::ProgramCode as usize]
        ))
        .write();
    let calculation = calculated(folder.path());
    assert_eq!(calculation.count(Outcome::NotQualified), 1);
    assert_eq!(preview_of(&calculation, "0010").corrections, []);
}

/// Pupils of two districts, two of them with lunch; money for all but a little.
pub fn state() -> TestBatch {
    let rows = |district: &str, first: u32, count: u32| -> Vec<Row> {
        let row = |number: u32| {
            let row = pupil(number).with(Field::DistrictCode, district);
            row.with(
                Field::Lunch,
                if number.is_multiple_of(5) { "Y" } else { "N" },
            )
        };
        (first..first + count).map(row).collect()
    };
    TestBatch::new()
        .rows("submissions/0010.csv", &rows("0010", 1, 6))
        .rows("submissions/0020.csv", &rows("0020", 12, 4))
        .available("5000.00")
}

#[test]
fn a_preview_on_the_command_line_needs_no_submission_of_anybody_else() {
    let folder = state().with_report();
    fs::rename(
        folder.path().join("submissions/0010.csv"),
        folder.path().join("0010.csv"),
    )
    .unwrap();
    fs::remove_dir_all(folder.path().join("submissions")).unwrap();

    let arguments = [
        "preview",
        "0010.csv",
        "--entity",
        "0010",
        "--factors",
        "report",
        "--batch",
        ".",
    ];
    let output = cdip(folder.path(), &arguments);
    // Weights: 0010 has 6 pupils, one with lunch: 6.2; 0020 has 4, one with lunch: 4.2. 5,000 / 10.4 = 480.769...: 480.76 and 576.91.
    // 5 x 480.76 + 576.91 = 2,980.71. At the full rate: 5 x 1,000 + 1,200 = 6,200.
    assert_eq!(
        stdout(&output),
        "\
PREVIEW, not an award: 0010 First District
co-cdip-2024-25 · completions of 2023-24 · factors of test, run 2024-09-15, FINAL

Expected $2,980.71
At the full rate it would be $6,200.00

Tier                         Units  Over cap        Rate    FRL rate          Expected
1 Industry credentials           0         0       $0.00       $0.00             $0.00
2 Workplace training             6         0     $480.76     $576.91         $2,980.71
3 Advanced Placement             0         0       $0.00       $0.00             $0.00
Rows that qualify: 6 would be paid

One more completion of a pupil without any other is worth
  tier 1 Industry credentials: $0.00, with free or reduced-price lunch $0.00
  tier 2 Workplace training: $480.76, with free or reduced-price lunch $576.91
  tier 3 Advanced Placement: $0.00, with free or reduced-price lunch $0.00

If another district also reports a pupil, you may get less: their rows are held, or the pupil is counted elsewhere.
Based on the state's final totals: one amount without a range. What is said here can still change it.
Completions paid in an earlier year are not known here, and will not be paid again.
"
    );
    let output = cdip(
        folder.path(),
        &[&arguments[..], &["--format", "json"]].concat(),
    );
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (json["entity"].as_str(), json["expected"]["total"].as_str()),
        (Some("0010"), Some("2980.71"))
    );
    let payments = fs::read_to_string(folder.path().join("report/awards.csv")).unwrap();
    assert!(
        payments.contains(",0010,0010,First District,district,0.00,2980.71,0.00,0.00,2980.71"),
        "{payments}"
    );
    let factors = fs::read_to_string(folder.path().join("report/factors.json")).unwrap();
    assert!(
        !factors.contains("0010") && !factors.contains("100000"),
        "no entity and no pupil: {factors}"
    );
}

#[test]
fn what_a_correction_is_worth_is_said_in_dollars_the_dearest_first() {
    let rows = [
        clean_row(),
        // Two credentials without graduation credit, one of them with an empty cell: 1,000; one unreadable grade with lunch: 1,200; a program nobody knows.
        clean_row()
            .with(Field::Sasid, "1000000002")
            .with(Field::ProgramCode, "IC1")
            .with(Field::GraduationCredit, "N"),
        clean_row()
            .with(Field::Sasid, "1000000003")
            .with(Field::ProgramCode, "IC1")
            .with(Field::GraduationCredit, ""),
        clean_row()
            .with(Field::Sasid, "1000000004")
            .with(Field::Grade, "Alumni")
            .with(Field::Lunch, "Y"),
        clean_row()
            .with(Field::Sasid, "1000000005")
            .with(Field::ProgramCode, "XX9"),
        // Of a pupil who has an award already: nothing.
        clean_row()
            .with(Field::ProgramCode, "RE1")
            .with(Field::ApScore, "9"),
    ];
    let batch = TestBatch::of(&rows);
    let calculation = batch.calculated();
    // Tier 1 has no unit in this state, so that its rate is 0 until somebody asks: the factors assume that ten do.
    let mut factors = Factors::of(&calculation);
    factors.demand[0].units = 10;
    factors.demand[0].cap_base = 100;
    let folder = batch.write();
    let mut basis = Basis::of_batch(&Batch::open(folder.path()).unwrap()).unwrap();
    basis.rules = Some((calculation.batch.rules.clone(), factors.readings));
    let inspection = inspect(
        &[folder.path().join("submissions/0010.csv")],
        basis,
        &|_, _| {},
    )
    .unwrap();
    let preview = preview(
        inspection,
        calculation.batch.rules.clone(),
        factors,
        "0010",
        Decimal::new(1, 1),
    )
    .unwrap();
    assert_eq!(preview.expected.total, dollars(1000));
    let corrections: Vec<(String, usize, Money)> = preview
        .corrections
        .iter()
        .map(|correction| {
            (
                correction.code.to_string(),
                correction.rows,
                correction.worth,
            )
        })
        .collect();
    // Of the two credentials without credit, one says No: to change that would be to change a fact, and no dollars are held out for it.
    let expected = [("E204", 1, 1200), ("N305", 1, 1000), ("E209", 1, 0)];
    assert_eq!(
        corrections,
        expected.map(|(code, rows, worth)| (code.to_string(), rows, dollars(worth)))
    );
    assert_eq!(calculation.count(Outcome::Rejected), 2);
}

#[test]
fn next_years_factors_grow_from_last_years() {
    let folder = state().with_report();
    let output = cdip(
        folder.path(),
        &[
            "factors",
            "--from",
            "report",
            "--growth",
            "0.1",
            "--available",
            "6000",
        ],
    );
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    // 10 units grow to 11, 2 with lunch to 2.2, rounded 2. 6,000 / (9 + 2.4) = 526.3157...
    assert_eq!(
        (
            json["tiers"][1]["units"].as_u64(),
            json["tiers"][1]["frl_units"].as_u64()
        ),
        (Some(11), Some(2))
    );
    assert_eq!(
        (
            json["tiers"][1]["rate"].as_str(),
            json["tiers"][1]["frl_rate"].as_str()
        ),
        (Some("526.31"), Some("631.57"))
    );
    assert_eq!(
        json["origin"]["assumption"].as_str(),
        Some("the demand of \"test\", changed by 0.1, with $6,000.00 available")
    );

    // From nothing but an assumption: 100 + 50 + 10 units, half of them with lunch.
    let arguments = [
        "factors",
        "--rules",
        "2024-25",
        "--available",
        "100000",
        "--units",
        "100,50,10",
        "--frl-share",
        "0.5",
    ];
    let output = cdip(folder.path(), &arguments);
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    // 100,000 / (50 + 50 x 1.2) = 909.0909...
    assert_eq!(
        json["tiers"][0]["rate"].as_str(),
        Some("909.09"),
        "{}",
        stderr(&output)
    );
    let origin = |extra: &[&str]| {
        let output = cdip(folder.path(), &[&arguments[..], extra].concat());
        let json: Value = serde_json::from_slice(&output.stdout).unwrap();
        json["origin"]["assumption"].as_str().unwrap().to_string()
    };
    let words =
        "100, 50, 10 units asked of the tiers, 0.5 of them with lunch, with $100,000.00 available";
    assert_eq!(origin(&[]), words);
    assert_eq!(
        origin(&["--growth", "0.1"]),
        format!("{words}, changed by 0.1")
    );
}

#[test]
fn no_tier_of_an_assumption_has_more_units_than_factors_can_be_read_with() {
    let folder = state().write();
    let asked = |units: &str, growth: &str| {
        let assumed = ["factors", "--rules", "2024-25", "--available", "100000"];
        let arguments = [&assumed[..], &["--units", units, "--growth", growth]].concat();
        let output = cdip(folder.path(), &arguments);
        (output.status.code(), stderr(&output))
    };
    assert_eq!(asked("1000000000,1,1", "0"), (Some(0), String::new()));
    for (units, growth, words) in [
        (
            "1000000001,1,1",
            "0",
            "--units asks for more than 1,000,000,000 units of a tier",
        ),
        (
            "18446744073709551615,1,1",
            "0",
            "--units asks for more than 1,000,000,000 units of a tier",
        ),
        (
            "500000000,1,1",
            "1.1",
            "growth 1.1 leads to more than 1,000,000,000 units of a tier",
        ),
    ] {
        let (status, said) = asked(units, growth);
        assert_eq!(status, Some(2), "{said}");
        assert!(said.starts_with(&format!("error: {words}\n")), "{said}");
    }
}

#[test]
fn factors_that_were_tampered_with_or_belong_to_other_rules_are_refused() {
    let folder = state().with_report();
    let path = folder.path().join("report/factors.json");
    let sound = fs::read_to_string(&path).unwrap();
    let said = |text: &str| {
        fs::write(folder.path().join("factors.json"), text).unwrap();
        let output = cdip(
            folder.path(),
            &[
                "preview",
                "submissions/0010.csv",
                "--entity",
                "0010",
                "--factors",
                "factors.json",
                "--batch",
                ".",
            ],
        );
        assert_eq!(output.status.code(), Some(2), "{text}");
        stderr(&output)
    };
    let tampered = said(&sound.replace("\"480.76\"", "\"999.76\""));
    assert!(
        tampered.contains(
            "they contradict themselves: rate of tier 2 is \"999.76\" and follows as \"480.76\""
        ),
        "{tampered}"
    );
    let rules = cdip::rules::built_in("co-cdip-2024-25")
        .unwrap()
        .unwrap()
        .sha256;
    let other = said(&sound.replace(&rules, &"0".repeat(64)));
    assert!(
        other.contains("the files are checked under co-cdip-2024-25"),
        "{other}"
    );
    assert!(said("{}").contains("these are not factors"));
    assert!(said("garbage").contains("these are not factors"));
    // Every figure that follows is compared, and nothing of a file that is none is quoted.
    for key in ["rate", "frl_rate", "paid", "residual", "money_after"] {
        let (before, value) = sound.split_once(&format!("\"{key}\": \"")).unwrap();
        let changed = said(&format!("{before}\"{key}\": \"9{value}"));
        assert!(
            changed.contains(&format!("contradict themselves: {key} of tier 1")),
            "{changed}"
        );
    }
    let quoted = said("[\"1234567890\"]");
    assert!(!quoted.contains("1234567890"), "{quoted}");
}

#[test]
fn factors_under_rules_of_a_file_need_that_file_and_the_message_says_so() {
    let vector = root().join("tests/vectors/02-full-funding");
    let folder = tempfile::tempdir().unwrap();
    let run = ["run", vector.to_str().unwrap(), "--out", "report"];
    assert!(cdip(folder.path(), &run).status.success());
    let grown = |more: &[&str]| {
        let from = ["factors", "--from", "report"];
        cdip(folder.path(), &[&from[..], more].concat())
    };
    let rules = vector.join("rules.toml");
    let output = grown(&["--rules", rules.to_str().unwrap()]);
    assert!(output.status.success(), "{output:?}");
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["rules"]["id"].as_str(), Some("vector"));
    let refused = grown(&[]);
    assert_eq!(refused.status.code(), Some(2));
    assert_eq!(
        stderr(&refused).replace('\\', "/"),
        "error: the factors are those of the rules vector, which are not built in\n  --> report/factors.json\n   \
         = fix: give the file of these rules with --rules\n"
    );
}

#[test]
fn a_refused_file_is_named_next_to_the_money_that_it_is_not_in_until_a_decision_closes_it() {
    let folder = state().with_report();
    let letter = "submissions/0010 letter.xlsx";
    fs::write(folder.path().join(letter), "Dear state").unwrap();
    let preview = |files: &[&str]| {
        let terms = ["--entity", "0010", "--factors", "report", "--batch", "."];
        let output = cdip(folder.path(), &[&["preview"], files, &terms].concat());
        (output.status.code(), stdout(&output), stderr(&output))
    };
    let (_, alone, _) = preview(&["submissions/0010.csv"]);
    let (status, both, said) = preview(&["submissions/0010.csv", letter]);
    assert_eq!(status, Some(1), "{said}");
    assert_eq!(both, alone);
    assert!(
        said.starts_with("error[F101]: the file ends in .xlsx but is not a workbook\n"),
        "{said}"
    );
    assert!(said.contains(&format!("\n  --> {letter}\n")), "{said}");
    let decision = format!("{RESOLUTIONS},,,,{letter},,,deny,a letter,Office,2024-09-01\n");
    fs::write(folder.path().join("resolutions.csv"), decision).unwrap();
    let (status, closed, said) = preview(&["submissions/0010.csv", letter]);
    assert_eq!((status, closed, said), (Some(0), alone, String::new()));
}

#[test]
fn the_files_of_another_entity_are_no_preview_of_nothing() {
    let folder = state().with_report();
    let output = cdip(
        folder.path(),
        &[
            "preview",
            "submissions/0010.csv",
            "--entity",
            "0020",
            "--factors",
            "report",
            "--batch",
            ".",
        ],
    );
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        stderr(&output),
        "error: of the 6 rows in these files none is of 0020 or its charters\n   \
         = fix: give the files of that entity, or the --entity that the files are from\n"
    );
}

#[test]
fn without_factors_a_preview_says_on_which_assumption_it_rests() {
    let folder = state().write();
    let arguments = [
        "preview",
        "submissions/0010.csv",
        "--entity",
        "0010",
        "--batch",
        ".",
    ];
    let assumed = [
        "--units",
        "0,20,0",
        "--frl-share",
        "0.5",
        "--available",
        "11000",
    ];
    let output = cdip(
        folder.path(),
        &[&arguments[..], &assumed, &["--format", "json"]].concat(),
    );
    let json: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", stderr(&output)));
    // 11,000 / (10 + 10 x 1.2) = 500.00 and 600.00; 5 x 500 + 600 = 3,100.
    assert_eq!(json["expected"]["total"].as_str(), Some("3100.00"));
    let text = stdout(&cdip(folder.path(), &[&arguments[..], &assumed].concat()));
    assert!(text.contains("assumed: 0, 20, 0 units asked of the tiers, 0.5 of them with lunch, with $11,000.00 available"), "{text}");
    let neither = cdip(folder.path(), &arguments);
    assert_eq!(neither.status.code(), Some(2), "factors or an assumption");
    let no_rules = ["preview", "submissions/0010.csv", "--entity", "0010"];
    let output = cdip(folder.path(), &[&no_rules[..], &assumed].concat());
    assert!(stderr(&output).contains("an assumption needs rules"));
}

#[test]
fn what_is_worth_fixing_is_told_apart_from_facts_and_charters_and_others_are_named() {
    let batch = TestBatch::of(&[
        pupil(1),
        // Without lunch it gets $1,000.00, with lunch it would get $1,200.00.
        pupil(2).with(Field::Lunch, ""),
        // IN1 with a hyphen: one program is proposed.
        pupil(3).with(Field::ProgramCode, "IN-1"),
        pupil(4).with(Field::DistrictCode, "0020"),
        pupil(5).with(Field::SchoolCode, "4500"),
        // The day before the school year begins.
        pupil(6).with(Field::CompletionDate, "2023-06-30"),
        // No file can report that year: a slip.
        pupil(7).with(Field::CompletionDate, "2042-05-17"),
        // Two faults, so neither alone brings it anything.
        pupil(8)
            .with(Field::Grade, "Alumni")
            .with(Field::Lunch, "maybe"),
        // No list tells what program it is.
        pupil(9).with(Field::ProgramCode, "XX9"),
    ]);
    let calculation = batch.calculated();
    let folder = batch.write();
    let factors = Factors::of(&calculation);
    let mut basis = Basis::of_batch(&Batch::open(folder.path()).unwrap()).unwrap();
    basis.rules = Some((calculation.batch.rules.clone(), factors.readings));
    let files = [folder.path().join("submissions/0010.csv")];
    let inspection = inspect(&files, basis, &|_, _| {}).unwrap();
    let rules = calculation.batch.rules.clone();
    let preview = preview(inspection, rules, factors, "0010", Decimal::new(1, 1)).unwrap();
    // Pupils 1 and 2 of the district and 5 of the charter.
    assert_eq!(preview.expected.total, dollars(3_000));
    let by_participant: Vec<Money> = preview
        .by_participant()
        .iter()
        .map(|(_, amount)| *amount)
        .filter(|amount| *amount > Money::ZERO)
        .collect();
    assert_eq!(by_participant, [dollars(2_000), dollars(1_000)]);
    assert_eq!(preview.rows_of_others(), [("0020".to_string(), 1)]);
    let found: Vec<(String, usize, Money, bool, bool)> = preview
        .corrections
        .iter()
        .map(|found| {
            (
                found.code.to_string(),
                found.rows,
                found.worth,
                found.up_to,
                found.is_fact(),
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            // Pupil 4, if the District Code is wrong.
            ("H502".to_string(), 1, dollars(1_000), true, false),
            ("N301".to_string(), 1, dollars(1_000), true, false),
            ("N303".to_string(), 1, dollars(1_000), false, false),
            ("N303".to_string(), 1, dollars(1_000), false, true),
            ("W208".to_string(), 1, dollars(200), true, false),
        ]
    );
    // To fix: pupils 3, 4, 7, 8 and 9. 1,000 each but for the unknown program, and 200 for lunch: 4 x 1,000 + 200.
    let fixing = preview.fixing.unwrap();
    assert_eq!((fixing.rows, fixing.unpriced()), (5, 1));
    assert_eq!(fixing.several, (1, dollars(1_000)));
    assert_eq!(fixing.counted, (0, dollars(0)));
    assert_eq!(fixing.worth, dollars(4_200));
    assert_eq!(
        fixing.in_words(),
        "5 rows to fix: 4 are priced here; 1 has no price, because its program is not known."
    );
    let path = folder.path().join("preview.xlsx");
    cdip::preview::workbook::write(&preview, &path).unwrap();
    let summary = calamine::open_workbook::<calamine::Xlsx<_>, _>(&path)
        .unwrap()
        .worksheet_range("Summary")
        .unwrap();
    let rows: Vec<Vec<String>> = summary
        .rows()
        .map(|row| {
            row.iter()
                .map(ToString::to_string)
                .filter(|text| !text.is_empty())
                .collect()
        })
        .collect();
    let has = |wanted: &[&str]| {
        assert!(
            rows.iter().any(|row| row == wanted),
            "{wanted:?} is not in {rows:#?}"
        );
    };
    // Both ends are the expected amount, so it is said once.
    has(&["Expected", "3000"]);
    assert!(rows.iter().all(|row| !row.contains(&"At best".to_string())));
    has(&["Rows read", "9"]);
    has(&["0010 First District", "2000"]);
    has(&["0010-4500 District Charter", "1000"]);
    has(&["$1,000.00 of it is for charter schools; pass it on to them."]);
    has(&["1 row in these files is of 0020, and is not in these figures."]);
    has(&["1 row: the completion date is outside the school year (N303)"]);
    has(&[
        "W208 Free/Reduced Lunch is empty and counts as no (up to)",
        "200",
        "1",
        "Write Yes or No.",
    ]);
}

#[test]
fn the_full_rate_is_set_against_what_the_tiers_pay_without_the_supplement() {
    let vector = root().join("tests/vectors/12-supplement");
    let folder = tempfile::tempdir().unwrap();
    let run = ["run", vector.to_str().unwrap(), "--out", "report"];
    assert!(cdip(folder.path(), &run).status.success());
    let file = vector.join("submissions/0020.csv");
    let (file, batch) = (file.to_str().unwrap(), vector.to_str().unwrap());
    let terms = ["--entity", "0020", "--factors", "report", "--batch", batch];
    let said = |more: &[&str]| {
        let output = cdip(
            folder.path(),
            &[&["preview", file], &terms[..], more].concat(),
        );
        assert!(output.status.success(), "{output:?}");
        stdout(&output)
    };
    // Both pupils are paid in full, 1,000 + 1,200. With 1,000 of 0010 they ask 3,200 of the pool of 900: 2,200 x 900 / 3,200 = 618.75.
    let text = said(&[]);
    assert!(
        text.contains(
            "Expected $2,818.75\nAt the full rate it would be $2,200.00, and at the expected rate $2,200.00, both without the supplement\n"
        ),
        "{text}"
    );
    // One more: 1,000, and of the pool, of which 4,200 are asked then, 3,200 x 900 / 4,200 = 685.71; less 618.75 that is 1,066.96.
    assert!(
        text.contains("  tier 1 Industry credentials: $1,066.96, with free"),
        "{text}"
    );
    let json: Value =
        serde_json::from_str(&said(&["--format", "json", "--out", "previews"])).unwrap();
    assert_eq!(
        (
            &json["at_full_rate"],
            &json["expected"]["without_supplement"]
        ),
        (&"2200.00".into(), &"2200.00".into())
    );
    let summary =
        crate::audit_sample::sheet(&folder.path().join("previews/preview-0020.xlsx"), "Summary");
    for (name, amount) in [
        ("Expected", "2818.75"),
        ("Expected without the supplement", "2200"),
        ("In full, without the supplement", "2200"),
    ] {
        let row = summary.iter().find(|row| row[0] == name).unwrap();
        assert_eq!(row[1], amount, "{name}");
    }
}

#[test]
fn nobody_is_shown_dollars_for_a_district_that_cannot_be_paid() {
    let list = |kept: &str| {
        format!(
            "District Code,School Code,Name,Kind,Participating,Requires Completion For Graduation\n\
             0010,,First District,district,Y,N\n0030,,Third District,district,N,N\n{kept}\
             9035,,Mountain BOCES,boces,Y,N\n"
        )
    };
    let preview = |entity: &str, list: &str, rules: &str| {
        let row = clean_row().with(Field::DistrictCode, entity);
        // A grade that cannot be read is a row to fix, but fixing it brings nothing.
        let rows = [row.with(Field::Grade, "Alumni")];
        let batch = TestBatch::new()
            .rows("submissions/0010.csv", &[clean_row()])
            .rows(&format!("submissions/{entity}.csv"), &rows)
            .participants(list)
            .rules(rules);
        preview_of(&calculated(batch.write().path()), entity)
    };
    let alone = preview("0030", &list(""), "2024-25");
    assert_eq!(alone.one_more, []);
    assert_eq!(
        alone.why_no_more().unwrap(),
        "One more completion would not be paid: 0030 does not take part."
    );
    let fixing = alone.fixing.unwrap();
    assert_eq!((fixing.unpriced(), fixing.worth), (1, dollars(0)));
    assert_eq!(
        fixing.in_words(),
        "1 row to fix: 1 has no price, because its district or school does not take part."
    );
    // BOCES came with the rules of 2023-24.
    let boces = preview("9035", &list(""), "2022-23");
    assert_eq!(
        boces.why_no_more().unwrap(),
        "One more completion would not be paid: the rules of 2022-23 do not pay participants of the kind of 9035."
    );
    assert_eq!(
        boces.fixing.unwrap().in_words(),
        "1 row to fix: 1 has no price, because the rules do not pay a participant of its kind."
    );
}

#[test]
fn what_a_charter_would_be_paid_is_said_where_its_district_does_not_take_part() {
    let list = "District Code,School Code,Name,Kind,Participating,Requires Completion For Graduation\n\
                0010,,First District,district,N,N\n0010,4500,District Charter,district_charter,Y,N\n";
    let row = clean_row().with(Field::SchoolCode, "4500");
    let folder = TestBatch::of(&[row]).participants(list).write();
    let calculation = calculated(folder.path());
    let preview = preview_of(&calculation, "0010");
    assert_eq!(preview.why_no_more(), None);
    // An internship in tier 2, paid in full: 1,000.00, and 1,200.00 with lunch.
    let of_tier_2: Vec<Money> = preview.one_more[2..4]
        .iter()
        .map(|more| more.worth)
        .collect();
    assert_eq!(of_tier_2, [dollars(1_000), dollars(1_200)]);
}

#[test]
fn a_spread_is_refused_where_the_states_totals_are_final() {
    let folder = state().with_report();
    let file = ["preview", "submissions/0010.csv", "--entity", "0010"];
    let with = |terms: &[&str]| {
        let spread = ["--batch", ".", "--spread", "0.2"];
        cdip(folder.path(), &[&file, terms, &spread].concat())
    };
    let refused = with(&["--factors", "report"]);
    assert_eq!(refused.status.code(), Some(2));
    assert_eq!(
        stderr(&refused),
        "error: the factors are FINAL: what the state asks for no longer changes, so --spread has no effect\n   \
         = fix: leave --spread out\n"
    );
    let assumed = with(&["--units", "0,20,0", "--available", "11000"]);
    let said = stdout(&assumed);
    assert!(
        said.contains(" if the state asks 20% less or more\n"),
        "{said}"
    );
}

#[test]
fn an_award_of_nothing_is_told_apart_from_a_report_that_does_not_name_the_entity() {
    let rows = |district: &str, number: u32, grade: &str| {
        let row = pupil(number).with(Field::DistrictCode, district);
        [row.with(Field::Grade, grade)]
    };
    // Nobody in grade 8 earns anything; 9035 has no row that year.
    let folder = TestBatch::new()
        .rows("submissions/0010.csv", &rows("0010", 1, "11"))
        .rows("submissions/0020.csv", &rows("0020", 2, "8"))
        .with_report();
    let said = |entity: &str| {
        let file = format!("{entity}.csv");
        let csv = crate::batch_builder::csv_of(&rows(entity, 3, "11"));
        fs::write(folder.path().join(&file), csv).unwrap();
        let terms = [
            "--factors",
            "report",
            "--batch",
            ".",
            "--last-year",
            "report",
        ];
        let arguments = [&["preview", &file, "--entity", entity], &terms[..]].concat();
        stdout(&cdip(folder.path(), &arguments))
    };
    for (entity, sentence) in [
        ("0010", "The award of 2024-25 was $1,000.00 (FINAL)."),
        ("0020", "The award of 2024-25 was $0.00 (FINAL)."),
        (
            "9035",
            "The report of 2024-25 (FINAL) does not name this entity.",
        ),
    ] {
        let text = said(entity);
        assert!(text.contains(&format!("\n{sentence}\n")), "{text}");
    }
}
