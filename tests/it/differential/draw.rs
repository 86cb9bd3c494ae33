//! Random batches, small and crowded: few pupils, days and programs, so that ties, second awards and completions of several
//! participants are common, with faults of every kind in some of the cells. The same seed gives the same batch.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use rust_xlsxwriter::{Format, Workbook};

use super::naive::{
    Cells, Ended, Entity, File, Program, Resolution, Rules, Sheet, Texts, TierRules, answer,
};
use crate::batch_builder::{RESOLUTIONS, TestBatch, headings};

/// Every reading with its values, as the specification lists them; of `cap_applies_to` the values of its list.
pub const READINGS: [(&str, &[&str]); 8] = [
    ("unit", &["pupil", "pupil_per_tier", "completion"]),
    ("cap_base", &["qualified", "reported"]),
    ("cap_rounding", &["floor", "nearest", "ceiling"]),
    ("cap_selection", &["earliest", "frl_first", "proportional"]),
    ("cap_applies_to", &KINDS),
    ("cap_money", &["stays_in_tier", "to_next_tier"]),
    ("rounding", &["uniform_floor", "largest_remainder"]),
    ("cross_entity", &["hold", "earliest"]),
];

/// Every kind of participant.
pub const KINDS: [&str; 4] = ["district", "district_charter", "institute_charter", "boces"];

const CATEGORIES: [&str; 6] = [
    "industry_credential",
    "internship",
    "residency",
    "pre_apprenticeship",
    "apprenticeship",
    "ap_course",
];

/// The first and the last budget year of the program.
const BUDGET_YEARS: std::ops::RangeInclusive<u32> = 2017..=2025;

const PATHS: [&str; 11] = [
    "submissions/0010.csv",
    "submissions/0010-fall.csv",
    "submissions/0020 Second District/fall.csv",
    "submissions/0020 Second District/2023-24 final.csv",
    "submissions/8001 institute.csv",
    "submissions/9035/spring/late.csv",
    "submissions/0030_first.csv",
    "submissions/Spring.csv",
    "submissions/00105.csv",
    "submissions/7777.csv",
    "submissions/ä.csv",
];

const WORKBOOKS: [&str; 3] = [
    "submissions/0010.xlsx",
    "submissions/0020 workbook.xlsx",
    "submissions/all.xlsx",
];

/// A batch as texts, and the folder that holds them.
pub struct Drawn {
    pub texts: Texts,
    pub batch: TestBatch,
}

struct Draw(ChaCha8Rng);

impl Draw {
    fn below(&mut self, bound: u32) -> u32 {
        self.0.random_range(0..bound)
    }

    fn chance(&mut self, percent: u32) -> bool {
        self.below(100) < percent
    }

    fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.position(from.len())]
    }

    fn position(&mut self, length: usize) -> usize {
        self.0.random_range(0..length)
    }

    fn some_of(&mut self, from: &[&str], percent: u32) -> Vec<String> {
        from.iter()
            .filter(|_| self.chance(percent))
            .map(ToString::to_string)
            .collect()
    }
}

/// The batch of a seed.
pub fn batch(seed: u64) -> Drawn {
    let mut draw = Draw(ChaCha8Rng::seed_from_u64(seed));
    let (rules, own_rules) = if draw.chance(40) {
        own_rules(&mut draw)
    } else {
        (rules_of_a_year(&mut draw), None)
    };
    let entities = entities(&mut draw);
    let programs = programs(&mut draw, rules.first_year);
    let files = files(&mut draw, &rules, &entities);
    let rows: usize = files
        .iter()
        .flat_map(|file| &file.sheets)
        .map(|sheet| sheet.rows.len())
        .sum();
    let most = u64::try_from(rules.per_unit).unwrap() * rows as u64;
    let available = match draw.below(10) {
        0 => u64::from(draw.below(50)),
        1 => 10 * most,
        _ => draw.0.random_range(0..=most),
    };
    let supplement = draw
        .chance(50)
        .then(|| i128::from(draw.0.random_range(0..=most / 3)));
    let ledger = (0..draw.below(4))
        .map(|_| (sasid(&mut draw, 30), program(&mut draw).to_uppercase()))
        .collect();
    let readings = some_readings(&mut draw);
    let mut texts = Texts {
        rules,
        readings,
        available: available.into(),
        supplement,
        programs,
        entities,
        ledger,
        resolutions: Vec::new(),
        files,
    };
    texts.resolutions = resolutions(&mut draw, &texts);
    let batch = folder(&mut draw, &texts, own_rules);
    Drawn { texts, batch }
}

/// Some readings, each with any of its values.
fn some_readings(draw: &mut Draw) -> BTreeMap<String, Vec<String>> {
    let mut readings = BTreeMap::new();
    for (key, values) in READINGS {
        if draw.chance(70) {
            let value = if key == "cap_applies_to" {
                draw.some_of(values, 70)
            } else {
                vec![draw.pick(values).to_string()]
            };
            readings.insert(key.to_string(), value);
        }
    }
    readings
}

/// The table of section 6.
pub fn rules_of_year(budget_year: u32) -> Rules {
    let tier = |name: &str, categories: &[&str], cap_share: Option<&str>| TierRules {
        name: name.to_string(),
        categories: categories.iter().map(ToString::to_string).collect(),
        cap_share: cap_share.map(str::to_string),
    };
    let newer = budget_year >= 2023;
    let kinds = if newer { &KINDS[..] } else { &KINDS[..3] };
    let unit = if newer { "pupil" } else { "completion" };
    Rules {
        id: format!("co-cdip-{budget_year}-{}", budget_year - 1999),
        first_year: budget_year - 1,
        per_unit: 100_000,
        multiplier: if newer { 120 } else { 100 },
        grades: vec![9, 10, 11, 12],
        score_min: 3,
        credit_required: vec!["industry_credential".to_string()],
        kinds: kinds.iter().map(ToString::to_string).collect(),
        tiers: vec![
            tier(
                "Industry credentials",
                &CATEGORIES[..1],
                (budget_year >= 2018).then_some("0.10"),
            ),
            tier("Workplace training", &CATEGORIES[1..5], None),
            tier("Advanced Placement", &CATEGORIES[5..], None),
        ],
        readings: BTreeMap::from([("unit".to_string(), vec![unit.to_string()])]),
    }
}

fn rules_of_a_year(draw: &mut Draw) -> Rules {
    rules_of_year(draw.0.random_range(BUDGET_YEARS))
}

/// Rules of a deployment's own, and their file.
fn own_rules(draw: &mut Draw) -> (Rules, Option<String>) {
    let mut left: Vec<&str> = CATEGORIES.to_vec();
    let mut tiers = Vec::new();
    for number in 1..=1 + draw.below(4) {
        if left.is_empty() {
            break;
        }
        let some = (0..=draw.position(left.len().min(3)))
            .map(|_| left.remove(draw.position(left.len())).to_string())
            .collect();
        let cap_share = draw.chance(60).then(|| {
            draw.pick(&["0.10", "0", "0.05", "0.25", "0.333333", "0.5", "1", "0.125"])
                .to_string()
        });
        tiers.push(TierRules {
            name: format!("Tier {number}"),
            categories: some,
            cap_share,
        });
    }
    let per_unit = [100_000, 72_533, 99_999, 1, 37, 500_000][draw.position(6)];
    let mut kinds = draw.some_of(&KINDS, 85);
    if kinds.is_empty() {
        kinds.push("district".to_string());
    }
    let grades: Vec<i64> = (0..=12)
        .filter(|grade| draw.chance(if *grade < 9 { 5 } else { 90 }))
        .collect();
    let rules = Rules {
        id: "own".to_string(),
        first_year: 2017 + draw.below(8),
        per_unit,
        multiplier: [100, 120, 133, 250, 101][draw.position(5)],
        grades: if grades.is_empty() { vec![12] } else { grades },
        score_min: 1 + u8::try_from(draw.below(5)).unwrap(),
        credit_required: draw.some_of(&CATEGORIES, 25),
        kinds,
        tiers,
        readings: some_readings(draw),
    };
    let text = rules_file(&rules);
    (rules, Some(text))
}

fn dollars(cents: i128) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

fn school_year(first: u32) -> String {
    format!("{first}-{:02}", (first + 1) % 100)
}

fn readings_table(readings: &BTreeMap<String, Vec<String>>) -> String {
    let mut text = "[readings]\n".to_string();
    for (key, values) in readings {
        if key == "cap_applies_to" {
            text.push_str(&format!("{key} = {values:?}\n"));
        } else {
            text.push_str(&format!("{key} = {:?}\n", values[0]));
        }
    }
    text
}

fn rules_file(rules: &Rules) -> String {
    let mut text = format!(
        "id = \"{}\"\ntitle = \"Own rules\"\nbudget_year = \"{}\"\nschool_year = \"{}\"\n\n[amount]\nper_unit = \"{}\"\nfrl_multiplier = \"{}\"\n\n\
         [eligibility]\ngrades = {:?}\nap_score_min = {}\ngraduation_credit_required = {:?}\nparticipant_kinds = {:?}\n",
        rules.id,
        school_year(rules.first_year + 1),
        school_year(rules.first_year),
        dollars(rules.per_unit),
        dollars(rules.multiplier),
        rules.grades,
        rules.score_min,
        rules.credit_required,
        rules.kinds,
    );
    for (index, tier) in rules.tiers.iter().enumerate() {
        text.push_str(&format!(
            "\n[[tier]]\nnumber = {}\nname = {:?}\ncategories = {:?}\n",
            index + 1,
            tier.name,
            tier.categories
        ));
        if let Some(share) = &tier.cap_share {
            text.push_str(&format!("cap_share = \"{share}\"\n"));
        }
    }
    text + "\n" + &readings_table(&rules.readings)
}

fn entities(draw: &mut Draw) -> Vec<Entity> {
    const ALL: [(&str, &str, &str); 9] = [
        ("0010", "", "district"),
        ("0010", "4500", "district_charter"),
        ("0010", "4501", "district_charter"),
        ("0020", "", "district"),
        ("0020", "4510", "district_charter"),
        ("0030", "", "district"),
        ("8001", "4600", "institute_charter"),
        ("8001", "4601", "institute_charter"),
        ("9035", "", "boces"),
    ];
    let mut entities: Vec<Entity> = ALL
        .iter()
        .map(|(district, school, kind)| Entity {
            district: district.to_string(),
            school: school.to_string(),
            name: format!("Entity {district} {school}").trim().to_string(),
            kind: kind.to_string(),
            participating: draw.chance(90),
            supplemented: draw.chance(40),
        })
        .collect();
    // The order of the list means nothing.
    let turn = draw.position(entities.len());
    entities.rotate_left(turn);
    entities
}

const PROGRAMS: [(&str, &str); 11] = [
    ("IC1", "industry_credential"),
    ("IC2", "industry_credential"),
    ("ic3", "industry_credential"),
    ("IC10", "industry_credential"),
    ("IN1", "internship"),
    ("RE1", "residency"),
    ("PA1", "pre_apprenticeship"),
    ("AA1", "apprenticeship"),
    ("AP1", "ap_course"),
    ("AP-2", "ap_course"),
    ("OLD", "industry_credential"),
];

fn programs(draw: &mut Draw, first_year: u32) -> Vec<Program> {
    let programs = PROGRAMS.iter().map(|(code, category)| {
        let (from, to) = match draw.below(8) {
            0 => (Some(first_year), Some(first_year)),
            1 => (Some(first_year - draw.below(3)), None),
            2 if *code == "OLD" => (None, Some(first_year - 1)),
            3 if *code == "OLD" => (Some(first_year + 1), None),
            4 => (None, Some(first_year + draw.below(3))),
            _ => (None, None),
        };
        Program {
            code: code.to_string(),
            category: category.to_string(),
            from,
            to,
        }
    });
    programs.collect()
}

fn program(draw: &mut Draw) -> &'static str {
    // Half of all rows share three programs, so that pupils report the same one twice.
    let among = if draw.chance(50) { 3 } else { PROGRAMS.len() };
    PROGRAMS[draw.position(among)].0
}

fn sasid(draw: &mut Draw, pupils: u32) -> String {
    format!("10000{:05}", draw.below(pupils))
}

fn files(draw: &mut Draw, rules: &Rules, entities: &[Entity]) -> Vec<File> {
    let pupils = 3 + draw.below(40);
    // In per cent of the cells.
    let dirt = [0, 0, 1, 4][draw.position(4)];
    let most = if draw.chance(15) { 120 } else { 40 };
    let rows = 1 + draw.below(most);
    let mut files: Vec<File> = Vec::new();
    for _ in 0..=draw.below(4) {
        let path = draw.pick(&PATHS);
        if files.iter().all(|file| file.path != path) {
            files.push(File {
                path: path.to_string(),
                sheets: vec![Sheet::default()],
            });
        }
    }
    if draw.chance(10) {
        let sheets = ["Spring", "Fall", "Nachtrag 2"][..=draw.position(3)].iter();
        let sheets = sheets
            .map(|name| Sheet {
                name: name.to_string(),
                rows: Vec::new(),
            })
            .collect();
        files.push(File {
            path: draw.pick(&WORKBOOKS).to_string(),
            sheets,
        });
    }
    for _ in 0..rows {
        let entity = &entities[draw.position(entities.len())];
        let cells = cells(draw, rules, entity, pupils, dirt);
        // Mostly into a file of its own entity or one that is nobody's.
        let mut file = draw.position(files.len());
        for _ in 0..3 {
            let path = &files[file].path;
            if path.contains(&entity.district) || path.contains("Spring") || path.contains('ä') {
                break;
            }
            file = draw.position(files.len());
        }
        let sheet = draw.position(files[file].sheets.len());
        let rows = &mut files[file].sheets[sheet].rows;
        // Beneath the headings, and beneath a title here and there.
        let number = match rows.last() {
            Some((last, _)) => last + 1,
            None if draw.chance(10) => 4,
            None => 2,
        };
        rows.push((number, cells));
    }
    files
}

fn dirty<'a>(draw: &mut Draw, dirt: u32, sound: &'a str, faulty: &[&'a str]) -> &'a str {
    if draw.chance(dirt) {
        draw.pick(faulty)
    } else {
        sound
    }
}

fn cells(draw: &mut Draw, rules: &Rules, entity: &Entity, pupils: u32, dirt: u32) -> Cells {
    if draw.chance(dirt / 2) {
        return std::array::from_fn(|_| {
            if draw.chance(10) {
                " \u{a0}".to_string()
            } else {
                String::new()
            }
        });
    }
    let school = if entity.school.is_empty() {
        draw.pick(&["0101", "0101", "0", "4599"])
    } else {
        entity.school.as_str()
    };
    let district = if draw.chance(1) {
        "0040"
    } else {
        entity.district.as_str()
    };
    let district = if draw.chance(5) {
        district.trim_start_matches('0')
    } else {
        district
    };
    let sasid = sasid(draw, pupils);
    let year = rules.first_year;
    let day = draw.below(12);
    let date = match draw.below(6) {
        0 => format!("{}/{}/{year}", 9, day + 1),
        1 => format!("09{:02}{year}", day + 1),
        2 if draw.chance(20) => format!("{year}-07-01"),
        2 if draw.chance(20) => format!("{}-06-30", year + 1),
        2 if draw.chance(30) => format!("2/29/{}", year + 1),
        _ => format!("{year}-09-{:02}", day + 1),
    };
    let outside = [
        format!("{year}-06-30"),
        format!("{}-07-01", year + 1),
        format!("12/31/{}", year - 1),
    ];
    let no_date = [
        "",
        "2024-02-30",
        "2/30/2024",
        "13/1/2024",
        "05/17/24",
        "May 17",
        "31122023",
        "0/1/2024",
        "2023-02-29",
        "1.5.2024",
    ];
    let date = match draw.below(100) {
        n if n < dirt => outside[draw.position(outside.len())].as_str(),
        n if n < 2 * dirt => draw.pick(&no_date),
        _ => date.as_str(),
    };
    let program = program(draw);
    let grade = draw.pick(&[
        "9", "10", "11", "12", "09", "9th", "10TH", "090", "120", "12",
    ]);
    let grade = dirty(
        draw,
        2 * dirt,
        grade,
        &[
            "8", "K", "kg", "0", "3rd", "1ST", "070", "13", "PK", "", "Senior", "130", "-1",
        ],
    );
    let lunch = if draw.chance(3 * dirt) {
        draw.pick(&[
            "Yes", "FREE", "reduced", "t", "1", "No", "paid", "F", "r", "P", "?", "false", "0",
        ])
    } else {
        ""
    };
    let lunch = match lunch {
        "" if draw.chance(40) => "Y",
        "" if draw.chance(5) => "",
        "" => "N",
        lunch => lunch,
    };
    let credit = dirty(
        draw,
        15,
        "Y",
        &["", "N", "no", "F", "true", "1", "0", "YES"],
    );
    let score = if PROGRAMS
        .iter()
        .any(|(code, category)| *code == program && *category == "ap_course")
    {
        dirty(draw, 20, "5", &["1", "2", "3", "4", ""])
    } else {
        dirty(draw, 10, "", &["1", "4"])
    };
    let year_written = if draw.chance(20) {
        school_year(if draw.chance(20) { year - 1 } else { year })
    } else {
        String::new()
    };
    let written = if draw.chance(2) { "XX9" } else { program };
    let mut cells = [
        dirty(draw, dirt, district, &["ABCD", "", "00100", "1O"]).to_string(),
        dirty(draw, dirt, school, &["UUUU", "", "12345"]).to_string(),
        dirty(
            draw,
            dirt,
            &sasid,
            &["123456789", "", "1000000000x", "10000000001"],
        )
        .to_string(),
        grade.to_string(),
        dirty(draw, dirt, written, &["", " "]).to_string(),
        date.to_string(),
        lunch.to_string(),
        dirty(draw, dirt, credit, &["?", "maybe", "P"]).to_string(),
        dirty(draw, dirt, score, &["0", "6", "pass", "-3"]).to_string(),
        year_written,
    ];
    for cell in &mut cells {
        if draw.chance(3) {
            *cell = format!(" {cell}\u{a0}");
        }
        if draw.chance(3) {
            *cell = cell.to_lowercase();
        }
    }
    cells
}

/// Decisions, mostly on what waits for one, which the second implementation says.
fn resolutions(draw: &mut Draw, texts: &Texts) -> Vec<Resolution> {
    let Some(undecided) = draw.chance(50).then(|| answer(texts)).flatten() else {
        return Vec::new();
    };
    let held: Vec<&Ended> = undecided
        .rows
        .iter()
        .filter(|row| row.outcome == "held")
        .collect();
    let rejected: Vec<&Ended> = undecided
        .rows
        .iter()
        .filter(|row| row.outcome == "rejected")
        .collect();
    let mut resolutions = Vec::new();
    for _ in 0..draw.below(7) {
        if !held.is_empty() && draw.chance(70) {
            let row = held[draw.position(held.len())];
            let entity = &texts.entities[row.found.unwrap()];
            let mut one = Resolution {
                district: entity.district.clone(),
                school: entity.school.clone(),
                sasid: row.sasid.clone(),
                program: row.program.clone(),
                pay: draw.chance(70),
                ..Resolution::default()
            };
            if draw.chance(5) {
                one.sasid = sasid(draw, 99_999);
            }
            resolutions.push(one);
        } else if !rejected.is_empty() {
            let row = rejected[draw.position(rejected.len())];
            let number = if draw.chance(10) {
                row.row + 1
            } else {
                row.row
            };
            resolutions.push(Resolution {
                file: row.file.clone(),
                sheet: row.sheet.clone(),
                row: Some(number),
                ..Resolution::default()
            });
        }
    }
    // Most batches should not be stopped: of decisions that contradict each other, the later ones are mostly left out.
    if draw.chance(95) {
        let mut kept: Vec<Resolution> = Vec::new();
        for one in resolutions {
            let again = |other: &Resolution| {
                (&one.sasid, &one.program, &one.file, one.row)
                    == (&other.sasid, &other.program, &other.file, other.row)
            };
            if !kept.iter().any(again) {
                kept.push(one);
            }
        }
        return kept;
    }
    resolutions
}

fn csv_table(heading: &str, lines: impl Iterator<Item = Vec<String>>) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(heading.trim_end().split(',')).unwrap();
    for line in lines {
        writer.write_record(line).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

fn yes(answer: bool) -> String {
    if answer { "Y" } else { "N" }.to_string()
}

fn folder(draw: &mut Draw, texts: &Texts, own_rules: Option<String>) -> TestBatch {
    let rules = if own_rules.is_some() {
        "rules.toml"
    } else {
        &texts.rules.id
    };
    let supplement = texts
        .supplement
        .map(|cents| format!("supplement_available = \"{}\"\n", dollars(cents)))
        .unwrap_or_default();
    let settings = format!(
        "rules = \"{rules}\"\navailable = \"{}\"\nrun_date = 2024-09-15\nlabel = \"drawn\"\n{supplement}\n{}",
        dollars(texts.available),
        readings_table(&texts.readings)
    );
    let year = |year: Option<u32>| year.map(school_year).unwrap_or_default();
    let programs = texts.programs.iter().map(|program| {
        vec![
            program.code.clone(),
            format!("Program {}", program.code),
            program.category.clone(),
            String::new(),
            String::new(),
            year(program.from),
            year(program.to),
        ]
    });
    let programs = csv_table(
        "Program Code,Program Name,Category,Sector,Top 10,First School Year,Last School Year",
        programs,
    );
    let participants = texts.entities.iter().map(|entity| {
        let Entity {
            district,
            school,
            name,
            kind,
            participating,
            supplemented,
        } = entity.clone();
        vec![
            district,
            school,
            name,
            kind,
            yes(participating),
            yes(supplemented),
        ]
    });
    let participants = csv_table(
        "District Code,School Code,Name,Kind,Participating,Requires Completion For Graduation",
        participants,
    );
    let mut batch = TestBatch::new()
        .file("batch.toml", settings)
        .programs(&programs)
        .participants(&participants);
    if let Some(rules) = own_rules {
        batch = batch.file("rules.toml", rules);
    }
    if !texts.ledger.is_empty() {
        let lines: Vec<String> = texts
            .ledger
            .iter()
            .map(|(sasid, program)| format!("{sasid},{program},2019-20"))
            .collect();
        batch = batch.ledger(&lines.join("\n"));
    }
    if !texts.resolutions.is_empty() {
        let lines = texts.resolutions.iter().map(|one| {
            let Resolution {
                district,
                school,
                sasid,
                program,
                file,
                sheet,
                row,
                pay,
            } = one.clone();
            let row = row.map(|row| row.to_string()).unwrap_or_default();
            let decision = if pay { "pay" } else { "deny" }.to_string();
            [
                vec![district, school, sasid, program, file, sheet, row, decision],
                ["reviewed", "Office", "2024-09-01"]
                    .map(str::to_string)
                    .to_vec(),
            ]
            .concat()
        });
        batch = batch.file("resolutions.csv", csv_table(RESOLUTIONS, lines));
    }
    texts.files.iter().fold(batch, |batch, file| {
        let content = if WORKBOOKS.contains(&file.path.as_str()) {
            workbook(draw, file)
        } else {
            csv_file(draw, file).into_bytes()
        };
        batch.file(&file.path, content)
    })
}

/// The columns in any order.
fn order(draw: &mut Draw) -> Vec<usize> {
    let mut columns: Vec<usize> = (0..headings().len()).collect();
    for last in (1..columns.len()).rev() {
        columns.swap(last, draw.position(last + 1));
    }
    columns
}

/// The lines above the headings.
fn title_lines(sheet: &Sheet) -> u32 {
    sheet.rows.first().map_or(0, |(row, _)| row - 2)
}

fn csv_file(draw: &mut Draw, file: &File) -> String {
    let sheet = &file.sheets[0];
    let columns = order(draw);
    let line = |cells: &[String]| -> Vec<String> {
        columns
            .iter()
            .map(|column| cells[*column].clone())
            .collect()
    };
    let mut writer = csv::WriterBuilder::new()
        .flexible(true)
        .from_writer(Vec::new());
    for _ in 0..title_lines(sheet) {
        writer
            .write_record(["Completions of the year", "to be checked"])
            .unwrap();
    }
    writer.write_record(line(&headings())).unwrap();
    for (_, cells) in &sheet.rows {
        writer.write_record(line(cells)).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

/// A number cell that says what a text says.
fn number_of(column: usize, text: &str) -> Option<f64> {
    const DATE: usize = 5;
    let number: f64 = text
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse().ok())
        .flatten()?;
    if column != DATE {
        return (number.to_string() == text).then_some(number);
    }
    // MMDDYYYY, which a spreadsheet writes without its leading zero.
    (text.len() == 8).then_some(number)
}

/// The serial of a day.
fn serial_of(date: NaiveDate) -> f64 {
    // 2000-01-01
    const DAY_36526: NaiveDate = NaiveDate::from_ymd_opt(2000, 1, 1).unwrap();
    f64::from(i32::try_from((date - DAY_36526).num_days()).unwrap() + 36_526)
}

/// Numbers stand as numbers and dates as dates or serials, where they can and chance wants it.
fn workbook(draw: &mut Draw, file: &File) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let day = Format::new().set_num_format("yyyy-mm-dd");
    for sheet in &file.sheets {
        let page = workbook.add_worksheet().set_name(&sheet.name).unwrap();
        for (at, column) in (0..).zip(order(draw)) {
            page.write_string(title_lines(sheet), at, &headings()[column])
                .unwrap();
            for (row, cells) in &sheet.rows {
                let (row, text) = (row - 1, &cells[column]);
                let date = NaiveDate::parse_from_str(text, "%Y-%m-%d")
                    .ok()
                    .filter(|date| date.to_string() == *text);
                match (number_of(column, text), date) {
                    _ if text.is_empty() => continue,
                    (Some(number), _) if draw.chance(50) => {
                        page.write_number(row, at, number).unwrap()
                    }
                    (_, Some(date)) if draw.chance(40) => page
                        .write_datetime_with_format(row, at, date, &day)
                        .unwrap(),
                    (_, Some(date)) if draw.chance(40) => {
                        page.write_number(row, at, serial_of(date)).unwrap()
                    }
                    _ => page.write_string(row, at, text).unwrap(),
                };
            }
        }
    }
    workbook.save_to_buffer().unwrap()
}
