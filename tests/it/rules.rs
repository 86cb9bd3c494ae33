//! The law, year by year: its values, its sources, the commands that show it, and rules of other states.

use std::collections::BTreeSet;
use std::fs;

use cdip::allocation::{Certificate, Claimant, Demand, TierResult, allocate};
use cdip::batch::Batch;
use cdip::batch::money::verified_money;
use cdip::calculation::Calculation;
use cdip::decision::Outcome;
use cdip::hash::sha256_hex;
use cdip::ids::Sasid;
use cdip::money::Money;
use cdip::ranks::{ParticipantRank, ProgramRank, RowRank};
use cdip::rules::history::History;
use cdip::rules::parameters::{keys, known};
use cdip::rules::readings::{Readings, Unit};
use cdip::rules::terms::{Category, CategorySet, KindSet, ParticipantKind};
use cdip::rules::{Basis, RuleSet, built_in, built_in_ids};
use cdip::year::Year;
use chrono::NaiveDate;
use tempfile::TempDir;

use crate::support::{cdip, root, stderr, stdout};
use crate::vectors::calculated;

fn rules(id: &str) -> RuleSet {
    built_in(id)
        .unwrap()
        .unwrap_or_else(|| panic!("{id} is not built in"))
}

/// What a verb of `cdip rules` prints; it must end with 0 and say nothing else.
fn printed(arguments: &[&str]) -> String {
    let output = cdip(root(), &[&["rules"], arguments].concat());
    assert_eq!(stderr(&output), "", "{arguments:?}");
    assert_eq!(output.status.code(), Some(0), "{arguments:?}");
    stdout(&output)
}

/// What a verb says that ends with 2 and prints no data.
fn refused(arguments: &[&str]) -> String {
    let output = cdip(root(), &[&["rules"], arguments].concat());
    assert_eq!(stdout(&output), "", "{arguments:?}");
    assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    stderr(&output)
}

type Cap<'a> = (u32, &'a str, &'a str);

/// What a year's rules must be.
struct OfAYear {
    year: &'static str,
    /// The beginning of their hash. Reports and factors name it: one that changes makes `verify` call every report of that year different.
    hash: &'static str,
    /// Of every tier that has one: the tier's number, the key, the value.
    caps: &'static [Cap<'static>],
    multiplier: &'static str,
    kinds: KindSet,
    unit: Unit,
    /// The appropriation; none where it is not verified.
    money: Option<&'static str>,
}

/// Every budget year, in the order of the columns of [`OfAYear`].
fn years() -> Vec<OfAYear> {
    let first: KindSet = [
        ParticipantKind::District,
        ParticipantKind::DistrictCharter,
        ParticipantKind::InstituteCharter,
    ]
    .into_iter()
    .collect();
    let all = KindSet::all();
    let (none, tenth): (&[Cap<'_>], &[Cap<'_>]) = (&[], &[(1, "cap_share", "0.10")]);
    let (each, once) = (Unit::Completion, Unit::Pupil);
    let (one, two) = (Some("$1,000,000.00"), Some("$2,000,000.00"));
    let (five, most) = (Some("$5,000,000.00"), Some("$9,500,000.00"));
    let table = [
        ("2017-18", "23317db21944", none, "1.00", first, each, one),
        ("2018-19", "a98b583e618b", tenth, "1.00", first, each, two),
        ("2019-20", "0bdaad2a05a1", tenth, "1.00", first, each, None),
        ("2020-21", "0a191184c1ee", tenth, "1.00", first, each, None),
        ("2021-22", "1ab5e8b61b18", tenth, "1.00", first, each, None),
        ("2022-23", "dd2150d2e499", tenth, "1.00", first, each, None),
        ("2023-24", "33be89fb299d", tenth, "1.20", all, once, most),
        ("2024-25", "8d31f7d41ab0", tenth, "1.20", all, once, most),
        ("2025-26", "d61fef3e220e", tenth, "1.20", all, once, five),
    ];
    let of_a_year = |(year, hash, caps, multiplier, kinds, unit, money)| OfAYear {
        year,
        hash,
        caps,
        multiplier,
        kinds,
        unit,
        money,
    };
    table.into_iter().map(of_a_year).collect()
}

/// The last budget year of the table, and the first one that is refused.
fn last_and_next() -> (&'static str, String) {
    let last = years().pop().unwrap().year;
    let next = Year::beginning(Year::parse(last).unwrap().first() + 1).unwrap();
    (last, next.to_string())
}

#[test]
fn every_year_has_the_cap_the_multiplier_the_kinds_the_unit_and_the_money_of_the_specification_and_keeps_its_hash()
 {
    let ids: Vec<String> = years()
        .iter()
        .map(|known| format!("co-cdip-{}", known.year))
        .collect();
    assert_eq!(built_in_ids(), ids, "a new year has its line in `years`");
    for (id, known) in ids.iter().zip(years()) {
        let rules = rules(id);
        let mut caps = Vec::new();
        for tier in &rules.tiers {
            let entries = tier.entries().into_iter();
            let given = entries.filter(|entry| entry.key.starts_with("cap_") && !entry.left_out);
            caps.extend(given.map(|entry| (tier.number, entry.key, entry.value.shown())));
        }
        let caps: Vec<Cap<'_>> = caps
            .iter()
            .map(|(tier, key, value)| (*tier, *key, value.as_str()))
            .collect();
        assert_eq!(caps, known.caps, "{id}");
        assert_eq!(rules.frl_multiplier.to_string(), known.multiplier, "{id}");
        assert_eq!(rules.participant_kinds, known.kinds, "{id}");
        let readings = Readings {
            unit: known.unit,
            ..Readings::default()
        };
        assert_eq!(rules.readings, readings, "{id}");
        let money = verified_money(&rules).map(|(money, _)| money.grouped());
        assert_eq!(money.as_deref(), known.money, "{id}");
        let hash = &rules.sha256[..12];
        assert_eq!(hash, known.hash, "{id}");
    }
}

#[test]
fn what_no_act_has_changed_is_the_same_in_every_year() {
    let workplace: CategorySet = [
        Category::Internship,
        Category::Residency,
        Category::PreApprenticeship,
        Category::Apprenticeship,
    ]
    .into_iter()
    .collect();
    for category in Category::ALL {
        assert_eq!(
            category.is_workplace_training(),
            workplace.contains(*category),
            "{category:?}"
        );
    }
    let only = |category: Category| -> CategorySet { [category].into_iter().collect() };
    for id in built_in_ids() {
        let rules = rules(&id);
        assert_eq!(
            rules.title,
            format!(
                "Career Development Incentive Program, budget year {}",
                rules.budget_year
            )
        );
        assert_eq!(
            (id, rules.school_year),
            (
                format!("co-cdip-{}", rules.budget_year),
                rules.budget_year.before()
            )
        );
        assert_eq!(
            (rules.per_unit.to_string().as_str(), rules.grades.as_slice()),
            ("1000.00", &[9, 10, 11, 12][..])
        );
        assert_eq!(
            (rules.ap_score_min, rules.graduation_credit_required),
            (3, only(Category::IndustryCredential))
        );
        let tiers: Vec<_> = rules
            .tiers
            .iter()
            .map(|tier| (tier.number, tier.categories))
            .collect();
        assert_eq!(
            tiers,
            [
                (1, only(Category::IndustryCredential)),
                (2, workplace),
                (3, only(Category::ApCourse))
            ]
        );
    }
}

#[test]
fn every_parameter_and_reading_of_every_year_has_a_source_that_holds_in_it() {
    for id in built_in_ids() {
        let rules = rules(&id);
        let parameters = rules.parameters_in_force();
        for key in ["budget_year", "school_year", "available"]
            .into_iter()
            .chain(parameters.iter().map(|parameter| parameter.key.as_str()))
        {
            assert!(
                rules.sources_of(key).next().is_some(),
                "{id}: {key} has no source"
            );
        }
        for source in &rules.sources {
            let holds = source.from.unwrap() <= rules.budget_year
                && source.until.is_none_or(|until| rules.budget_year <= until);
            assert!(holds, "{id}: {source:?}");
        }
    }
}

#[test]
fn the_basis_of_every_year_is_that_of_the_specification() {
    let bases = |year: &str, key: &str| -> Vec<Basis> {
        rules(&format!("co-cdip-{year}"))
            .sources_of(key)
            .map(|source| source.basis)
            .collect()
    };
    assert_eq!(bases("2017-18", "tier.cap_share"), [Basis::Verified]);
    assert_eq!(bases("2017-18", "readings.unit"), [Basis::Inference]);
    assert_eq!(
        bases("2018-19", "tier.cap_share"),
        [Basis::Verified, Basis::Open],
        "whether the cap held in its first year"
    );
    assert_eq!(bases("2019-20", "tier.cap_share"), [Basis::Verified]);
    assert_eq!(bases("2019-20", "available"), [Basis::Open]);
    assert_eq!(bases("2022-23", "available"), [Basis::Open]);
    for year in ["2020-21", "2021-22"] {
        let residency_is_open = rules(&format!("co-cdip-{year}"))
            .sources_of("tier.categories")
            .any(|source| source.cite.contains("SB21-119"));
        assert_eq!(residency_is_open, year == "2021-22", "{year}");
    }
    assert_eq!(
        bases("2023-24", "amount.frl_multiplier"),
        [Basis::Verified, Basis::Inference]
    );
    assert_eq!(bases("2023-24", "available"), [Basis::Verified]);
    assert_eq!(
        bases("2024-25", "available"),
        [Basis::Verified, Basis::Open],
        "the long bill was not checked"
    );
    assert_eq!(bases("2025-26", "available"), [Basis::Verified]);
}

#[test]
fn only_2023_24_has_the_supplement() {
    for id in built_in_ids() {
        assert_eq!(
            rules(&id).sources_of("supplement").next().is_some(),
            id == "co-cdip-2023-24",
            "{id}"
        );
    }
}

#[test]
fn the_hash_of_a_built_in_set_is_that_of_the_text_that_show_prints_and_a_batch_under_that_text_has_the_same()
 {
    for id in built_in_ids() {
        let text = printed(&["show", &id, "--format", "toml"]);
        let rules = rules(&id);
        assert_eq!(sha256_hex(text.as_bytes()), rules.sha256, "{id}");
        let folder = batch(&rules, "1.00", &[], &[]);
        fs::write(folder.path().join("rules.toml"), text).unwrap();
        assert_eq!(Batch::open(folder.path()).unwrap().rules, rules, "{id}");
        fs::write(folder.path().join("batch.toml"), batch_toml(&id, "1.00")).unwrap();
        assert_eq!(Batch::open(folder.path()).unwrap().rules, rules, "{id}");
    }
}

#[test]
fn the_list_has_a_line_for_each_year_that_says_what_is_special() {
    assert_eq!(
        printed(&["list"]),
        "\
co-cdip-2017-18  Career Development Incentive Program, budget year 2017-18 (completions of 2016-17): the first year; no cap, one amount for every pupil
co-cdip-2018-19  Career Development Incentive Program, budget year 2018-19 (completions of 2017-18): a cap of 10 % on industry certificates, whose first year is open
co-cdip-2019-20  Career Development Incentive Program, budget year 2019-20 (completions of 2018-19): about $5,000,000 a year
co-cdip-2020-21  Career Development Incentive Program, budget year 2020-21 (completions of 2019-20): as the year before
co-cdip-2021-22  Career Development Incentive Program, budget year 2021-22 (completions of 2020-21): top-10 credentials are named; whether residencies stay is open
co-cdip-2022-23  Career Development Incentive Program, budget year 2022-23 (completions of 2021-22): as the year before
co-cdip-2023-24  Career Development Incentive Program, budget year 2023-24 (completions of 2022-23): BOCES take part; 120 % for free or reduced-price lunch; $9,500,000; the supplement of (5)(f); one award per pupil (our reading; no act says so)
co-cdip-2024-25  Career Development Incentive Program, budget year 2024-25 (completions of 2023-24): no supplement: (5)(f) was for 2023-24 alone
co-cdip-2025-26  Career Development Incentive Program, budget year 2025-26 (completions of 2024-25): the last year; $5,000,000
"
    );
}

#[test]
fn a_set_is_shown_with_every_value_its_citation_and_how_firmly_it_is_known() {
    let text = printed(&["show", "2024-25"]);
    assert!(
        text.starts_with(
            "co-cdip-2024-25: Career Development Incentive Program, budget year 2024-25\n"
        ),
        "{text}"
    );
    assert!(
        text.contains("The literal text of C.R.S. 22-54-138(5) was not at hand"),
        "{text}"
    );
    let multiplier = "\
amount.frl_multiplier = 1.20
    [verified] C.R.S. 22-54-138(5)(e), SB23-065 (2023)
        120 % of the per-pupil amount for a pupil eligible for free or reduced-price lunch, in all
        three categories.
    [inference] C.R.S. 22-54-138(5)(e), SB23-065 (2023)
";
    assert!(text.contains(multiplier), "{text}");
    let rules = rules("co-cdip-2024-25");
    for parameter in rules.parameters_in_force() {
        assert!(
            text.contains(&format!("\n{} = {}\n", parameter.label, parameter.value)),
            "{}",
            parameter.label
        );
    }
    assert!(
        text.lines().all(|line| line.chars().count() <= 100),
        "{text}"
    );
    assert!(!text.contains("no source is named"), "{text}");
}

#[test]
fn a_set_is_shown_as_json_with_the_keys_of_a_rules_file() {
    let json: serde_json::Value =
        serde_json::from_str(&printed(&["show", "co-cdip-2017-18", "--format", "json"])).unwrap();
    assert_eq!(
        (&json["schema"], &json["id"]),
        (&"cdip-rules-1".into(), &"co-cdip-2017-18".into())
    );
    assert_eq!(
        (&json["amount"]["frl_multiplier"], &json["readings"]["unit"]),
        (&"1.00".into(), &"completion".into())
    );
    assert_eq!(
        (
            &json["tier"][0]["cap_share"],
            &json["tier"][2]["categories"][0]
        ),
        (&serde_json::Value::Null, &"ap_course".into())
    );
    assert_eq!(json["sha256"], rules("co-cdip-2017-18").sha256.as_str());
    assert_eq!(
        (&json["source"][0]["from"], &json["source"][0]["until"]),
        (&"2017-18".into(), &"2017-18".into())
    );
}

#[test]
fn a_rules_file_is_shown_by_its_path_and_its_hash_is_that_of_the_file() {
    let path = "samples/rules/ohio.toml";
    let file = fs::read_to_string(root().join(path)).unwrap();
    assert_eq!(printed(&["show", path, "--format", "toml"]), file);
    let text = printed(&["show", path]);
    assert!(
        text.contains(&sha256_hex(file.as_bytes()))
            && text.contains("\namount.per_unit = 725.00\n    [verified] Ohio"),
        "{text}"
    );
    assert!(
        !text.contains("22-54-138"),
        "another state's rules say nothing about Colorado's statute: {text}"
    );
    assert!(
        text.contains("\neligibility.ap_score_min = 3\n    no source is named in the rules\n"),
        "{text}"
    );
}

#[test]
fn the_difference_of_2022_23_and_2023_24_names_the_act_and_each_of_its_changes() {
    let text = printed(&["diff", "2022-23", "2023-24"]);
    assert!(
        text.starts_with(
            "\
co-cdip-2022-23 -> co-cdip-2023-24

  2023-24  SB23-065 (2023): BOCES take part; 120 % for free or reduced-price lunch; $9,500,000; the supplement of (5)(f)
  2023-24  one award per pupil (our reading; no act says so)

amount.frl_multiplier: 1.00 -> 1.20
    [verified] C.R.S. 22-54-138(5)(e), SB23-065 (2023)
"
        ),
        "{text}"
    );
    for says in [
        "\neligibility.participant_kinds: + boces\n    [verified] HB16-1289 (2016); SB23-065 (2023)\n",
        "\nreadings.unit: completion -> pupil\n    [open] C.R.S. 22-54-138(5)",
        "\navailable\n    [verified] SB23-065 (2023)\n        $9,500,000 a year from 2023-24",
        "\nsupplement\n    [verified] C.R.S. 22-54-138(5)(f), SB23-065 (2023)\n",
        "\nreadings.cap_applies_to\n    [open] HB18-1266 (2018); SB23-065 (2023)\n",
    ] {
        assert!(text.contains(says), "{says} is missing in: {text}");
    }
    let values = text
        .lines()
        .filter(|line| line.contains(": ") && !line.starts_with(' '))
        .count();
    assert_eq!(values, 3, "nothing else has changed: {text}");
}

#[test]
fn a_difference_read_backwards_names_the_same_act() {
    let text = printed(&["diff", "2018-19", "2017-18"]);
    assert!(
        text.contains("\n  2018-19  HB18-1266 (2018): a cap of 10 %"),
        "{text}"
    );
    assert!(text.contains("\ntier 1: cap_share: 0.10 -> none\n    [verified] C.R.S. 22-54-138(5); HB18-1266 (2018)\n"), "{text}");
}

#[test]
fn two_years_without_an_act_between_them_are_the_same() {
    assert_eq!(
        printed(&["diff", "2019-20", "2020-21"]),
        "co-cdip-2019-20 -> co-cdip-2020-21\n\nNo act took effect between them.\n\nEvery parameter and reading has the same value.\n"
    );
}

#[test]
fn a_rules_file_is_compared_with_a_built_in_year() {
    let text = printed(&["diff", "2024-25", "samples/rules/wisconsin.toml"]);
    for says in [
        "co-cdip-2024-25 -> wisconsin-2024-25\n",
        "\neligibility.grades: 9, 10, 11, 12 -> 12\n    [inference] Wis. Stat. 106.273(3)\n",
        "\neligibility.participant_kinds: - district_charter, - institute_charter, - boces\n",
        "\ntier 1: categories: + pre_apprenticeship, + apprenticeship\n",
        // Tiers in a row share the sources of their key.
        "-> none\ntier 3: categories: ap_course -> none\n    [inference] the Department",
    ] {
        assert!(text.contains(says), "{says} is missing in: {text}");
    }
}

#[test]
fn a_tier_that_only_the_second_set_has_is_named_too() {
    let text = printed(&["diff", "samples/rules/wisconsin.toml", "2024-25"]);
    assert!(
        text.contains("\ntier 3: categories: none -> ap_course\n"),
        "{text}"
    );
}

#[test]
fn a_changed_value_that_still_cites_the_old_source_is_said_to_have_none_of_its_own() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("what-if.toml");
    fs::write(
        &file,
        rules("co-cdip-2025-26")
            .to_toml()
            .replace("\"1.20\"", "\"1.50\""),
    )
    .unwrap();
    assert_eq!(
        printed(&["diff", "2025-26", file.to_str().unwrap()]),
        "co-cdip-2025-26 -> co-cdip-2025-26\n\nNo act took effect between them.\n\n\
         amount.frl_multiplier: 1.20 -> 1.50\n    no source given\n"
    );
}

#[test]
fn a_reading_is_explained_with_what_each_year_chooses_and_why() {
    let text = printed(&["explain", "unit"]);
    let choices = text.split("\nThe built-in rules choose:\n").nth(1).unwrap();
    let (last, _) = last_and_next();
    let expected = format!(
        "  2017-18 to 2022-23: completion
    [inference] the department's page of 2021-22; published totals
        The page pays \"each completed credential\", and the published totals of these years count
        completions.
        settled by: the text of C.R.S. 22-54-138(5) as of these years, or a payment list of the
        department that names a pupil twice
  2023-24 to {last}: pupil
    [open] C.R.S. 22-54-138(5); the department's pages of 2021-22 and 2024
        \"each pupil\" in the act and on the page of 2024, \"each completed credential\" on the page of
        2021-22; published totals count completions.
        settled by: the text of C.R.S. 22-54-138(5), or a payment list of the department from
        2023-24 on that names a pupil twice or never does
"
    );
    assert_eq!(choices, expected);
}

#[test]
fn every_inference_and_open_point_is_listed_with_what_would_settle_it() {
    let text = printed(&["open"]);
    let history = History::read().unwrap();
    let points = history.open_points();
    assert!(
        text.contains(&format!("\nOf the rule sets ({} points)\n", points.len())),
        "{text}"
    );
    let listed = text
        .lines()
        .filter(|line| line.starts_with("    [inference]") || line.starts_with("    [open]"))
        .count();
    let open_acts = history.acts.iter().filter(|act| act.open.is_some()).count();
    assert_eq!(listed, points.len() + open_acts);
    assert_eq!(text.matches("        settled by: ").count(), listed);
    assert!(
        text.contains("\ntier.cap_share (2018-19)\n    [open] HB18-1266 (2018)\n"),
        "{text}"
    );
}

#[test]
fn a_year_without_law_is_refused_with_the_act_that_began_or_ended_the_program() {
    let (last, next) = last_and_next();
    assert_eq!(
        refused(&["show", &next]),
        format!(
            "error: cdip has no rules for \"co-cdip-{next}\": the program has ended\n   \
             = fix: SB25-315 (2025) ends the program: {last} is its last budget year ($5,000,000; a part of it may pay for administering \
             start-up funding). From {next} \"sustain funding\" (C.R.S. 22-54-205) replaces it: of its total, 20 % is for postsecondary credit, \
             40 % for credentials, 35 % for work-based learning and 5 % for administration. It may pay several items for one student, and money \
             that a category does not use may be moved. The state board sets the percentages from 2027-28. The rate per item, eligibility, \
             total, rule for a shortfall and payees of sustain funding are not public, so nobody can calculate what it pays.\n"
        )
    );
    assert_eq!(
        refused(&["diff", "co-cdip-2016-17", "2017-18"]),
        "error: cdip has no rules for \"co-cdip-2016-17\": the program had not begun\n   \
         = fix: HB16-1289 (2016) created it; 2017-18 is its first budget year\n"
    );
    let text = refused(&["show", "co-cdpi-2024-25"]);
    assert!(
        text.starts_with("error: unknown rules \"co-cdpi-2024-25\"\n   = fix: did you mean `co-cdip-2024-25`? allowed: co-cdip-2017-18, "),
        "{text}"
    );
    let text = refused(&["show", "missing.toml"]);
    assert!(
        text.starts_with("error: the rules file cannot be opened: ")
            && text.contains("\n  --> missing.toml\n"),
        "{text}"
    );
}

#[test]
fn the_page_of_the_law_is_what_the_rule_sets_say() {
    let page = fs::read_to_string(root().join("docs/law.md")).unwrap();
    assert!(
        page == cdip::reference::law().unwrap(),
        "run: cdip rules law > docs/law.md"
    );
    assert_eq!(printed(&["law"]), page);
    assert!(
        page.contains("The literal text of C.R.S. 22-54-138(5) was not at hand")
            && page.contains("Counsel should check")
    );
}

// What was published, under the rules of its own year. Participants share the completions evenly, so that none comes near the cap.

fn most_units(tier: &TierResult) -> Option<u64> {
    tier.cap.as_ref().and_then(|cap| cap.limit().units())
}

/// The tiers of a year's rules with so many certificates of each of the three distributions.
fn funded(
    year: &str,
    available: Money,
    certificates: [usize; 3],
    claimants: &[ParticipantKind],
) -> Vec<TierResult> {
    let categories = [
        Category::IndustryCredential,
        Category::Internship,
        Category::ApCourse,
    ];
    let categories = categories
        .into_iter()
        .zip(certificates)
        .flat_map(|(category, count)| std::iter::repeat_n(category, count));
    let certificates = categories.enumerate().map(|(row, category)| Certificate {
        row: RowRank::new(row),
        date: NaiveDate::from_ymd_opt(2022, 3, 1).unwrap(),
        sasid: Sasid::from_number(row as u64),
        program: ProgramRank::new(category as usize),
        participant: ParticipantRank::new(row % claimants.len()),
        category,
        frl: row % 2 == 0,
    });
    let rules = rules(&format!("co-cdip-{year}"));
    let claimants = claimants
        .iter()
        .map(|kind| Claimant {
            kind: *kind,
            requires_completion: false,
        })
        .collect();
    let demand = Demand {
        certificates: certificates.collect(),
        claimants,
        reported: [0; 6],
        available,
        supplement: None,
    };
    allocate(&rules, &rules.readings, &demand).unwrap().tiers
}

#[test]
fn a_year_of_the_shape_of_2021_22_funds_9130_credentials_of_61_districts_and_9_charters_and_no_later_tier()
 {
    let claimants = [
        vec![ParticipantKind::District; 61],
        vec![ParticipantKind::DistrictCharter; 9],
    ]
    .concat();
    // 12,573 reported, 9,130 paid in tier 1; that the other 3,443 were of the later tiers, and the $5,000,000, are assumptions.
    let tiers = funded(
        "2022-23",
        Money::from_cents(500_000_000),
        [9_130, 2_443, 1_000],
        &claimants,
    );
    // A tenth of 9,130 is 913; each of 70 has 130 or 131. 5,000,000 / 9,130 = 547.6451.., also with free or reduced-price lunch.
    assert_eq!(
        (most_units(&tiers[0]), tiers[0].units, tiers[0].over_cap),
        (Some(913), 9_130, 0)
    );
    assert_eq!(
        (tiers[0].rate.to_string().as_str(), tiers[0].frl_rate),
        ("547.64", tiers[0].rate)
    );
    // 9,130 x 547.64 = 4,999,953.20; 5,000,000.00 - 4,999,953.20 = 46.80, never carried on
    assert_eq!(
        (
            tiers[0].paid.to_string().as_str(),
            tiers[0].residual.to_string().as_str()
        ),
        ("4999953.20", "46.80")
    );
    assert!(
        tiers[1..]
            .iter()
            .all(|tier| tier.money_before == Money::ZERO
                && tier.paid == Money::ZERO
                && tier.units > 0)
    );
}

#[test]
fn the_published_amounts_of_the_first_two_years_come_out_under_the_rules_of_those_years() {
    // 1,000,000 / 1,800 = 555.555.. and 2,000,000 / 3,168 = 631.313.., floored to whole cents.
    for (year, dollars, completions, rate) in [
        ("2017-18", 1_000_000, 1_800, "555.55"),
        ("2018-19", 2_000_000, 3_168, "631.31"),
    ] {
        let tiers = funded(
            year,
            Money::from_cents(dollars * 100),
            [completions, 0, 0],
            &[ParticipantKind::District; 20],
        );
        assert_eq!(
            (
                tiers[0].rate.to_string().as_str(),
                tiers[0].frl_rate,
                tiers[0].over_cap
            ),
            (rate, tiers[0].rate, 0),
            "{year}"
        );
    }
}

// Other states. The batches are tiny, so that the arithmetic next to them can be followed.

fn batch_toml(rules: &str, available: &str) -> String {
    format!(
        "rules = \"{rules}\"\navailable = \"{available}\"\nrun_date = 2026-01-15\nlabel = \"test\"\n"
    )
}

/// A batch folder: programs are (code, category), rows (district, pupil, grade, program); completed in March of the school year.
fn batch(
    rules: &RuleSet,
    available: &str,
    programs: &[(&str, &str)],
    rows: &[(u16, u32, u8, &str)],
) -> TempDir {
    let folder = TempDir::new().unwrap();
    let write = |path: &str, text: String| fs::write(folder.path().join(path), text).unwrap();
    write("batch.toml", batch_toml("rules.toml", available));
    write("rules.toml", rules.to_toml());
    let programs: String = programs
        .iter()
        .map(|(code, category)| format!("{code},Program {code},{category},Sample,N,,\n"))
        .collect();
    write(
        "qualified-programs.csv",
        format!(
            "Program Code,Program Name,Category,Sector,Top 10,First School Year,Last School Year\n{programs}"
        ),
    );
    let mut districts: Vec<u16> = rows.iter().map(|(district, ..)| *district).collect();
    districts.sort_unstable();
    districts.dedup();
    let participants: String = districts
        .iter()
        .map(|district| format!("{district:04},,Entity {district:04},district,Y,N\n"))
        .collect();
    write(
        "participants.csv",
        format!(
            "District Code,School Code,Name,Kind,Participating,Requires Completion For Graduation\n{participants}"
        ),
    );
    let year = rules.budget_year.first();
    let rows: String = rows
        .iter()
        .map(|(district, pupil, grade, program)| {
            format!("{district:04},0101,{pupil:010},{grade},{program},{year}-03-01,N\n")
        })
        .collect();
    fs::create_dir(folder.path().join("submissions")).unwrap();
    write(
        "submissions/all.csv",
        format!(
            "District Code,School Code,SASID,Grade,Program Code,Completion Date,Free/Reduced Lunch\n{rows}"
        ),
    );
    folder
}

/// A sample of `samples/rules`.
fn sample(name: &str) -> RuleSet {
    let text = fs::read_to_string(root().join("samples/rules").join(name)).unwrap();
    cdip::rules::parse(cdip::config::Document {
        file: name,
        text: &text,
    })
    .unwrap()
}

/// By row: how it ended and what it was paid.
fn ends(calculation: &Calculation) -> Vec<(Outcome, String)> {
    calculation
        .decisions
        .iter()
        .map(|decision| (decision.outcome, decision.amount.to_string()))
        .collect()
}

#[test]
fn ohio_pays_each_credential_the_same_prorated_share_of_725_dollars() {
    let rows = [
        (10, 1, 11, "IC1"),
        (10, 1, 11, "IC2"),
        (20, 2, 12, "IC1"),
        (20, 3, 12, "IN1"),
    ];
    let folder = batch(
        &sample("ohio.toml"),
        "1740.00",
        &[
            ("IC1", "industry_credential"),
            ("IC2", "industry_credential"),
            ("IN1", "internship"),
        ],
        &rows,
    );
    // 3 x 725 = 2,175 > 1,740; 1,740 / 3 = 580. Pupil 1 has two credentials and two awards; an internship is in no tier.
    let paid = (Outcome::Paid, "580.00".to_string());
    let nothing = (Outcome::NotQualified, "0.00".to_string());
    assert_eq!(
        ends(&calculated(folder.path())),
        [paid.clone(), paid.clone(), paid, nothing]
    );
}

#[test]
fn wisconsin_pays_a_graduate_once_however_many_certifications() {
    let rows = [
        (10, 1, 12, "IC1"),
        (10, 1, 12, "IC2"),
        (20, 2, 12, "AP1"),
        (20, 3, 11, "IC1"),
    ];
    let programs = [
        ("IC1", "industry_credential"),
        ("IC2", "industry_credential"),
        ("AP1", "apprenticeship"),
    ];
    let folder = batch(&sample("wisconsin.toml"), "1500.00", &programs, &rows);
    // Two graduates, 2 x 1,000 = 2,000 > 1,500; 1,500 / 2 = 750. The second certification counts no more; grade 11 is not a graduate.
    let paid = (Outcome::Paid, "750.00".to_string());
    let without = |outcome: Outcome| (outcome, "0.00".to_string());
    let expected = [
        paid.clone(),
        without(Outcome::AlreadyCounted),
        paid,
        without(Outcome::NotQualified),
    ];
    assert_eq!(ends(&calculated(folder.path())), expected);
}

#[test]
fn hawaii_pays_the_levels_of_credentials_in_order_and_no_school_for_more_than_a_tenth_of_a_level() {
    // Advanced: 20 certificates, three of school 10, two each of schools 11 to 18, one of school 19. Door Opener: one of each school.
    let advanced = [
        10, 10, 10, 11, 11, 12, 12, 13, 13, 14, 14, 15, 15, 16, 16, 17, 17, 18, 18, 19,
    ];
    let mut rows: Vec<(u16, u32, u8, &str)> = (1..)
        .zip(advanced)
        .map(|(pupil, school)| (school, pupil, 12, "ADV"))
        .collect();
    rows.extend(
        (101..)
            .zip(10..20)
            .map(|(pupil, school)| (school, pupil, 11, "DOOR")),
    );
    rows.push((10, 201, 10, "BASE"));
    let programs = [
        ("ADV", "industry_credential"),
        ("DOOR", "internship"),
        ("BASE", "residency"),
    ];
    let folder = batch(&sample("hawaii.toml"), "20500.00", &programs, &rows);
    let calculation = calculated(folder.path());
    let tiers = &calculation.allocation.tiers;
    // A tenth of 20 is 2: school 10 keeps two of its three. 19 x 1,000 = 19,000 of 20,500; 1,500 go on.
    assert_eq!(
        (
            most_units(&tiers[0]),
            tiers[0].units,
            tiers[0].over_cap,
            tiers[0].paid.to_string().as_str()
        ),
        (Some(2), 19, 1, "19000.00")
    );
    // A tenth of 10 is 1, which every school has. 1,500 / 10 = 150 each; Hawaii would pay the first one in full and half the next.
    assert_eq!(
        (
            most_units(&tiers[1]),
            tiers[1].units,
            tiers[1].rate.to_string().as_str()
        ),
        (Some(1), 10, "150.00")
    );
    // A tenth of 1 is 0.1, rounded down none; and nothing is left.
    assert_eq!(
        (
            most_units(&tiers[2]),
            tiers[2].over_cap,
            tiers[2].paid.to_string().as_str()
        ),
        (Some(0), 1, "0.00")
    );
}

#[test]
fn each_parameter_is_known_by_its_own_key() {
    let meaning = |key: &str| known(key).map(|known| known.meaning).unwrap_or_default();
    assert!(meaning("tier.cap_share").contains("one participant may be paid for"));
    assert!(
        meaning("amount.per_unit").contains("award"),
        "{}",
        meaning("amount.per_unit")
    );
    let meanings: BTreeSet<&str> = keys().map(|key| known(&key).unwrap().meaning).collect();
    assert_eq!(meanings.len(), keys().count());
    assert!(known("tier.nothing").is_none());
}
