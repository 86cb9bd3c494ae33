//! Comparisons: a result under different readings or rules equals the result of a batch that really has them.

use std::fs;

use cdip::config::Document;
use cdip::money::Money;
use cdip::rules::parse;
use cdip::rules::readings::{READINGS, ReadingValue, Readings};
use cdip::rules::terms::ParticipantKind;
use cdip::scenarios::{alternatives, compare, own_figures, rehearse};
use tempfile::TempDir;

use crate::support::{cdip as run, copy_tree, root, stderr, stdout};
use crate::vectors::calculated;

fn copied(vector: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    copy_tree(&root().join("tests/vectors").join(vector), folder.path());
    folder
}

/// The readings as a `[readings]` table of `batch.toml`.
fn table(entries: Vec<(cdip::rules::readings::ReadingDoc, ReadingValue)>) -> String {
    let lines = entries.into_iter().map(|(doc, value)| match value {
        ReadingValue::One(value) => format!("{} = \"{value}\"\n", doc.key),
        ReadingValue::Many(values) => format!("{} = {values:?}\n", doc.key),
    });
    format!("\n[readings]\n{}", lines.collect::<String>())
}

#[test]
fn every_scenario_is_what_the_batch_would_have_given_under_that_reading() {
    for vector in [
        "05-over-cap-pupil-in-a-later-tier",
        "13-resolutions",
        "17-capped-money-to-the-next-tier",
        "random-9391",
    ] {
        let folder = copied(vector);
        let calculation = calculated(folder.path());
        let own = own_figures(&calculation);
        let compared = compare(&calculation, alternatives(calculation.batch.readings)).unwrap();
        // Seven readings with one value each to leave aside, and four kinds to leave out or take in.
        let values: usize = READINGS.iter().map(|doc| doc.alternatives.len()).sum();
        assert_eq!(compared.len(), values - 7, "{vector}");
        let toml = fs::read_to_string(folder.path().join("batch.toml")).unwrap();
        let without = toml.split("[readings]").next().unwrap().to_string();
        for compared in compared {
            fs::write(
                folder.path().join("batch.toml"),
                format!("{without}{}", table(compared.scenario.readings.entries())),
            )
            .unwrap();
            let alone = calculated(folder.path());
            assert_eq!(
                own_figures(&alone),
                compared.figures,
                "{vector}: {}",
                compared.scenario.name()
            );
            let moved: Money = compared.effects.iter().copied().sum();
            let totals =
                |figures: &cdip::scenarios::Figures| figures.totals.iter().copied().sum::<Money>();
            assert_eq!(
                moved,
                totals(&compared.figures) - totals(&own),
                "{vector}: {}",
                compared.scenario.name()
            );
            assert_eq!(compared.gained() + compared.lost(), moved);
        }
    }
}

#[test]
fn rules_rehearsed_on_their_own_batch_change_nothing() {
    let folder = copied("random-9391");
    let calculation = calculated(folder.path());
    let rehearsal = rehearse(&calculation, calculation.batch.rules.clone()).unwrap();
    assert_eq!(rehearsal.changed, []);
    assert_eq!(rehearsal.figures, own_figures(&calculation));
    assert!(
        rehearsal
            .effects
            .iter()
            .all(|effect| *effect == Money::ZERO)
    );
}

#[test]
fn a_rehearsal_under_a_lower_amount_pays_every_unit_less_and_says_whom() {
    // 02-full-funding: 1000.00 + 1200.00 + 1000.00 + 1000.00 are paid; at 500.00 a unit it is half of that.
    let folder = copied("02-full-funding");
    let calculation = calculated(folder.path());
    let text = fs::read_to_string(folder.path().join("rules.toml"))
        .unwrap()
        .replace("\"1000.00\"", "\"500.00\"");
    let rules = parse(Document {
        file: "half.toml",
        text: &text,
    })
    .unwrap();
    let rehearsal = rehearse(&calculation, rules).unwrap();
    assert_eq!(
        rehearsal.figures.paid.cents() * 2,
        own_figures(&calculation).paid.cents()
    );
    assert_eq!(
        rehearsal.changed.len(),
        4,
        "every paid row has another amount"
    );
    assert!(rehearsal.moves().is_empty(), "no row ends differently");
}

#[test]
fn a_rehearsal_under_another_years_rules_keeps_the_batchs_completions_and_names_the_reasons() {
    let folder = copied("08-charters-and-boces");
    let output = run(folder.path(), &["rehearse", ".", "--rules", "2022-23"]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    // Before 2023-24 a BOCES could not be paid, and a tenth of four certificates is none: 9035 is out by its kind, the others by the cap.
    assert!(
        text.contains("        1  N308 the participant is of a kind that the rules do not pay\n"),
        "{text}"
    );
    assert!(text.contains("        3  paid -> over cap\n"), "{text}");
    assert!(
        text.contains("        1  paid -> not qualified\n"),
        "{text}"
    );
    assert!(
        text.contains("paid                 $4,000.00             $0.00        -$4,000.00\n"),
        "{text}"
    );
}

#[test]
fn the_table_of_readings_is_sorted_by_what_changes_hands_and_takes_named_combinations() {
    let folder = copied("05-over-cap-pupil-in-a-later-tier");
    let arguments = [
        "readings",
        ".",
        "--with",
        "both: unit=completion, cap_rounding=ceiling",
        "--out",
        "readings.xlsx",
    ];
    let output = run(folder.path(), &arguments);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(stderr(&output), "written: readings.xlsx\n");
    assert!(text.contains("\nboth  "), "{text}");
    assert!(folder.path().join("readings.xlsx").is_file());
    let json = run(folder.path(), &["readings", ".", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    let moved = |scenario: &serde_json::Value| {
        let cents = |key: &str| {
            scenario[key]
                .as_str()
                .unwrap()
                .replace(['.', '-'], "")
                .parse::<i64>()
                .unwrap()
        };
        cents("gained").max(cents("lost"))
    };
    let moved: Vec<i64> = json["scenarios"]
        .as_array()
        .unwrap()
        .iter()
        .map(moved)
        .collect();
    assert!(
        moved.is_sorted_by(|a, b| a >= b) && moved[0] > 0,
        "{moved:?}"
    );
}

#[test]
fn every_value_of_every_reading_can_be_chosen_and_changes_that_reading_alone() {
    for doc in READINGS {
        for alternative in doc.alternatives {
            let chosen = Readings::default()
                .choosing(doc.key, alternative.value)
                .unwrap();
            for ((reading, value), (_, default)) in chosen
                .entries()
                .into_iter()
                .zip(Readings::default().entries())
            {
                let expected = if reading.key == doc.key {
                    alternative.value.to_string()
                } else {
                    default.to_string()
                };
                assert_eq!(
                    value.to_string(),
                    expected,
                    "{} = {}: {}",
                    doc.key,
                    alternative.value,
                    reading.key
                );
            }
        }
    }
}

#[test]
fn the_kinds_that_the_cap_binds_are_joined_by_a_plus_and_may_be_none() {
    let kinds = |value: &str| -> Vec<ParticipantKind> {
        Readings::default()
            .choosing("cap_applies_to", value)
            .unwrap()
            .cap_applies_to
            .iter()
            .collect()
    };
    assert_eq!(
        kinds("boces+district"),
        [ParticipantKind::District, ParticipantKind::Boces]
    );
    assert_eq!(kinds("none"), []);
    assert_eq!(kinds(""), []);
}

#[test]
fn a_combination_that_cannot_be_read_says_what_is_allowed() {
    let folder = copied("02-full-funding");
    for (combination, says) in [
        (
            "both: unit=pupils",
            "error: unit has no value \"pupils\": did you mean `pupil`? allowed: pupil, pupil_per_tier, completion\n",
        ),
        (
            "both: unti=pupil",
            "error: unknown reading \"unti\": did you mean `unit`?",
        ),
        ("unit=pupil", "error: the combination has no name\n"),
        (
            "both: cap_applies_to=district+bocess",
            "error: cap_applies_to has no value \"bocess\": did you mean `boces`?",
        ),
    ] {
        let output = run(folder.path(), &["readings", ".", "--with", combination]);
        let message = stderr(&output);
        assert!(message.starts_with(says), "{message}");
        assert_eq!(output.status.code(), Some(2));
    }
}
