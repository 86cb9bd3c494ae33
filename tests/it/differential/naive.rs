//! A second implementation, written from the calculation specification alone, in plain loops: texts go in, decisions and amounts
//! come out. It shares no code with the program, so that an error would have to be made twice to go unnoticed.
//!
//! Ties and orders compare whole texts; duplicates compare every row with every other; a rate is searched and not divided; odd
//! cents are handed out one after another. Amounts are cents, weights hundredths, all in 128 bits.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// The ten cells of a submitted row, in the order of the file contract.
pub type Cells = [String; 10];

const DISTRICT: usize = 0;
const SCHOOL: usize = 1;
const SASID: usize = 2;
const GRADE: usize = 3;
const PROGRAM: usize = 4;
const DATE: usize = 5;
const LUNCH: usize = 6;
const CREDIT: usize = 7;
const SCORE: usize = 8;
const SCHOOL_YEAR: usize = 9;

/// The rule values that the calculation needs.
#[derive(Clone, Debug)]
pub struct Rules {
    pub id: String,
    /// The first calendar year of the school year.
    pub first_year: u32,
    /// Cents.
    pub per_unit: i128,
    /// Hundredths.
    pub multiplier: i128,
    pub grades: Vec<i64>,
    pub score_min: u8,
    pub credit_required: Vec<String>,
    pub kinds: Vec<String>,
    pub tiers: Vec<TierRules>,
    /// Readings over the defaults.
    pub readings: BTreeMap<String, Vec<String>>,
}

/// Categories funded together.
#[derive(Clone, Debug)]
pub struct TierRules {
    pub name: String,
    pub categories: Vec<String>,
    /// The cap's share as it is written, `0.10`.
    pub cap_share: Option<String>,
}

/// A program of the qualified list.
#[derive(Clone, Debug)]
pub struct Program {
    pub code: String,
    pub category: String,
    /// The first calendar year of the first and the last school year.
    pub from: Option<u32>,
    pub to: Option<u32>,
}

/// An entry of the participants list.
#[derive(Clone, Debug)]
pub struct Entity {
    pub district: String,
    pub school: String,
    pub name: String,
    pub kind: String,
    pub participating: bool,
    pub supplemented: bool,
}

/// A decision on the record.
#[derive(Clone, Debug, Default)]
pub struct Resolution {
    pub district: String,
    pub school: String,
    pub sasid: String,
    pub program: String,
    pub file: String,
    pub sheet: String,
    pub row: Option<u32>,
    pub pay: bool,
}

/// A sheet: its name in a workbook, and its rows by physical number.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    pub name: String,
    pub rows: Vec<(u32, Cells)>,
}

/// A submission.
#[derive(Clone, Debug)]
pub struct File {
    /// Relative to the batch folder.
    pub path: String,
    pub sheets: Vec<Sheet>,
}

/// A whole batch as texts.
#[derive(Clone, Debug)]
pub struct Texts {
    pub rules: Rules,
    /// Readings over those of the rules.
    pub readings: BTreeMap<String, Vec<String>>,
    /// Cents.
    pub available: i128,
    /// Cents.
    pub supplement: Option<i128>,
    pub programs: Vec<Program>,
    pub entities: Vec<Entity>,
    /// SASID and program of what was paid before.
    pub ledger: Vec<(String, String)>,
    pub resolutions: Vec<Resolution>,
    pub files: Vec<File>,
}

/// What became of a row.
#[derive(Clone, Debug)]
pub struct Ended {
    pub file: String,
    pub sheet: String,
    pub sheet_order: usize,
    pub row: u32,
    pub outcome: &'static str,
    /// Those of errors, reasons and holds.
    pub codes: BTreeSet<&'static str>,
    pub warnings: BTreeSet<&'static str>,
    /// As padded, upper-cased or written in full; what could not be read as it was found.
    pub district: String,
    pub school: String,
    pub sasid: String,
    pub program: String,
    /// The program's, if it is on the list of the school year.
    pub category: Option<String>,
    pub date: String,
    pub grade: Option<i64>,
    pub lunch: Option<bool>,
    /// The position of its participant, participating or not.
    pub found: Option<usize>,
    /// Position of the tier in which it was a certificate.
    pub tier: Option<usize>,
    /// Hundredths, of a unit.
    pub weight: Option<i128>,
    pub amount: i128,
    score: Option<u8>,
    credit: bool,
}

/// A tier's figures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tier {
    pub money_before: i128,
    pub certificates: u64,
    pub units: u64,
    pub frl_units: u64,
    pub cap_base: Option<u64>,
    pub cap_limit: Option<u64>,
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

/// The result.
#[derive(Clone, Debug)]
pub struct Answer {
    pub readings: BTreeMap<String, Vec<String>>,
    /// In the order of the batch: path by bytes, sheet order, row number.
    pub rows: Vec<Ended>,
    pub tiers: Vec<Tier>,
    pub unspent: i128,
    /// By position of the entity.
    pub supplements: BTreeMap<usize, i128>,
    /// Resolutions that find nothing, by position.
    pub idle: Vec<usize>,
    /// Files that do not say whose they are.
    pub nameless: Vec<String>,
}

/// Decides and allocates. `None` where the run must stop: decisions on one completion that contradict each other.
pub fn answer(texts: &Texts) -> Option<Answer> {
    let readings = readings(texts);
    let mut rows = read(texts);
    let mut nameless = Vec::new();
    qualify(texts, &mut rows);
    contradictions_of_lunch(&mut rows);
    hold_wrong_files(texts, &mut rows, &mut nameless);
    find_duplicates(texts, readings["cross_entity"][0] == "hold", &mut rows);
    // The cap's base counts what could be read: a resolution that closes a rejected row makes nothing readable.
    let readable: Vec<bool> = rows.iter().map(|row| row.outcome != "rejected").collect();
    let idle = resolve(texts, &mut rows)?;
    let (tiers, unspent) = allocate(texts, &readings, &readable, &mut rows);
    let supplements = supplements(texts, &tiers[0]);
    Some(Answer {
        readings,
        rows,
        tiers,
        unspent,
        supplements,
        idle,
        nameless,
    })
}

fn readings(texts: &Texts) -> BTreeMap<String, Vec<String>> {
    let mut readings = BTreeMap::new();
    for (key, value) in [
        ("unit", "pupil"),
        ("cap_base", "qualified"),
        ("cap_rounding", "floor"),
        ("cap_selection", "earliest"),
        ("cap_money", "stays_in_tier"),
        ("rounding", "uniform_floor"),
        ("cross_entity", "hold"),
    ] {
        readings.insert(key.to_string(), vec![value.to_string()]);
    }
    let all = ["district", "district_charter", "institute_charter", "boces"].map(str::to_string);
    readings.insert("cap_applies_to".to_string(), all.to_vec());
    for (key, value) in texts.rules.readings.iter().chain(&texts.readings) {
        readings.insert(key.clone(), value.clone());
    }
    readings
}

fn trimmed(text: &str) -> String {
    text.trim_matches(|c: char| c.is_whitespace() || c == '\u{a0}')
        .to_string()
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A code of 4 digits, and whether zeros were put before it.
fn code(text: &str) -> Option<(String, bool)> {
    if !is_digits(text) || text.len() > 4 {
        return None;
    }
    let mut code = text.to_string();
    while code.len() < 4 {
        code.insert(0, '0');
    }
    Some((code, text.len() < 4))
}

/// Kindergarten is grade 0.
fn grade(text: &str) -> Option<i64> {
    let text = text.to_lowercase();
    if text == "k" || text == "kg" {
        return Some(0);
    }
    for number in 0..=12_i64 {
        let ending = match number {
            1 => "st",
            2 => "nd",
            3 => "rd",
            _ => "th",
        };
        let spellings = [
            format!("{number}"),
            format!("{number:02}"),
            format!("{number}{ending}"),
            format!("{number:02}0"),
        ];
        if spellings.contains(&text) {
            return Some(number);
        }
    }
    None
}

/// `2024-05-17` in all three spellings.
fn date(text: &str) -> Option<String> {
    let (year, month, day) = if text.matches('-').count() == 2 {
        let parts: Vec<&str> = text.split('-').collect();
        if parts[0].len() != 4 || parts[1].len() != 2 || parts[2].len() != 2 {
            return None;
        }
        (parts[0], parts[1], parts[2])
    } else if text.matches('/').count() == 2 {
        let parts: Vec<&str> = text.split('/').collect();
        if parts[2].len() != 4 || parts[0].len() > 2 || parts[1].len() > 2 {
            return None;
        }
        (parts[2], parts[0], parts[1])
    } else if text.len() == 8 && is_digits(text) {
        (&text[4..], &text[..2], &text[2..4])
    } else {
        return None;
    };
    if ![year, month, day].into_iter().all(is_digits) {
        return None;
    }
    let (year, month, day): (u32, u32, u32) =
        (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let last = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    (1..=last)
        .contains(&day)
        .then(|| format!("{year:04}-{month:02}-{day:02}"))
}

fn lunch(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "y" | "yes" | "true" | "t" | "1" | "free" | "reduced" => Some(true),
        "" | "n" | "no" | "false" | "0" | "paid" => Some(false),
        _ => None,
    }
}

fn credit(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "y" | "yes" | "true" | "t" | "1" => Some(true),
        "" | "n" | "no" | "false" | "f" | "0" => Some(false),
        _ => None,
    }
}

/// Every row that is one, with what can be read of it, in the order of the batch.
fn read(texts: &Texts) -> Vec<Ended> {
    let mut rows = Vec::new();
    for file in &texts.files {
        for (sheet_order, sheet) in file.sheets.iter().enumerate() {
            for (number, cells) in &sheet.rows {
                let cells: Vec<String> = cells.iter().map(|cell| trimmed(cell)).collect();
                if cells.iter().all(String::is_empty) {
                    continue;
                }
                rows.push(read_row(
                    texts,
                    &cells,
                    (&file.path, sheet_order, &sheet.name, *number),
                ));
            }
        }
    }
    rows.sort_by(|a, b| {
        (a.file.as_bytes(), a.sheet_order, a.row).cmp(&(b.file.as_bytes(), b.sheet_order, b.row))
    });
    rows
}

fn read_row(
    texts: &Texts,
    cells: &[String],
    (file, sheet_order, sheet, row): (&str, usize, &str, u32),
) -> Ended {
    let mut codes = BTreeSet::new();
    let mut warnings = BTreeSet::new();
    let mut four_digits = |cell: usize, error: &'static str, warning: &'static str| {
        let Some((code, padded)) = code(&cells[cell]) else {
            codes.insert(error);
            return cells[cell].clone();
        };
        if padded {
            warnings.insert(warning);
        }
        code
    };
    let district = four_digits(DISTRICT, "E201", "W201");
    let school = four_digits(SCHOOL, "E202", "W202");
    if cells[SASID].len() != 10 || !is_digits(&cells[SASID]) {
        codes.insert("E203");
    }
    let grade = grade(&cells[GRADE]);
    if grade.is_none() {
        codes.insert("E204");
    }
    if cells[PROGRAM].is_empty() {
        codes.insert("E205");
    }
    let date = date(&cells[DATE]);
    if date.is_none() {
        codes.insert("E206");
    }
    let lunch = lunch(&cells[LUNCH]);
    if lunch.is_none() {
        codes.insert("E208");
    }
    if cells[LUNCH].is_empty() {
        warnings.insert("W208");
    }
    let score = match cells[SCORE].as_str() {
        "" => None,
        text @ ("1" | "2" | "3" | "4" | "5") => Some(text.as_bytes()[0] - b'0'),
        _ => {
            codes.insert("E209");
            None
        }
    };
    let credit = credit(&cells[CREDIT]);
    if credit.is_none() {
        codes.insert("E210");
    }
    let year = format!(
        "{}-{:02}",
        texts.rules.first_year,
        (texts.rules.first_year + 1) % 100
    );
    if !cells[SCHOOL_YEAR].is_empty() && cells[SCHOOL_YEAR] != year {
        warnings.insert("W213");
    }
    Ended {
        file: file.to_string(),
        sheet: sheet.to_string(),
        sheet_order,
        row,
        outcome: if codes.is_empty() { "" } else { "rejected" },
        codes,
        warnings,
        district,
        school,
        sasid: cells[SASID].clone(),
        program: cells[PROGRAM].to_uppercase(),
        category: None,
        date: date.unwrap_or(cells[DATE].clone()),
        grade,
        lunch,
        found: None,
        tier: None,
        weight: None,
        amount: 0,
        score,
        credit: credit == Some(true),
    }
}

fn qualify(texts: &Texts, rows: &mut [Ended]) {
    let rules = &texts.rules;
    let first = format!("{:04}-07-01", rules.first_year);
    let last = format!("{:04}-06-30", rules.first_year + 1);
    for row in rows.iter_mut().filter(|row| row.outcome.is_empty()) {
        let mut add = |code| {
            row.codes.insert(code);
        };
        for program in &texts.programs {
            let in_year = program.from.is_none_or(|from| from <= rules.first_year)
                && program.to.is_none_or(|to| rules.first_year <= to);
            if in_year && program.code.to_uppercase() == row.program {
                row.category = Some(program.category.clone());
            }
        }
        if row.category.is_none() {
            add("N301");
        }
        if !row.grade.is_some_and(|grade| rules.grades.contains(&grade)) {
            add("N302");
        }
        if row.date < first || row.date > last {
            add("N303");
        }
        row.found = texts
            .entities
            .iter()
            .position(|entity| entity.district == row.district && entity.school == row.school);
        if row.found.is_none() {
            row.found = texts
                .entities
                .iter()
                .position(|entity| entity.district == row.district && entity.school.is_empty());
        }
        match row.found.map(|found| &texts.entities[found]) {
            None => add("N304"),
            Some(entity) => {
                if !entity.participating {
                    add("N304");
                }
                if !rules.kinds.contains(&entity.kind) {
                    add("N308");
                }
            }
        }
        if let Some(category) = &row.category {
            if rules.credit_required.contains(category) && !row.credit {
                add("N305");
            }
            if category == "ap_course" && row.score.is_none_or(|score| score < rules.score_min) {
                add("N306");
            }
            if !rules
                .tiers
                .iter()
                .any(|tier| tier.categories.contains(category))
            {
                add("N307");
            }
        }
        if texts
            .ledger
            .iter()
            .any(|(sasid, program)| *sasid == row.sasid && program.to_uppercase() == row.program)
        {
            add("N309");
        }
        if !row.codes.is_empty() {
            row.outcome = "not_qualified";
        }
    }
}

fn contradictions_of_lunch(rows: &mut [Ended]) {
    let says = |row: &Ended, answer: bool| {
        row.sasid.len() == 10 && is_digits(&row.sasid) && row.lunch == Some(answer)
    };
    for position in 0..rows.len() {
        let sasid = rows[position].sasid.clone();
        let with = rows.iter().any(|row| row.sasid == sasid && says(row, true));
        let without = rows
            .iter()
            .any(|row| row.sasid == sasid && says(row, false));
        if with && without {
            rows[position].warnings.insert("W211");
        }
    }
}

/// The code that a name begins with.
fn leading_code(name: &str) -> Option<&str> {
    let digits = name.bytes().take_while(u8::is_ascii_digit).count();
    (digits == 4).then(|| &name[..4])
}

fn hold_wrong_files(texts: &Texts, rows: &mut [Ended], nameless: &mut Vec<String>) {
    for file in &texts.files {
        let entity = file.path.rsplit('/').find_map(|name| {
            let code = leading_code(name)?;
            texts
                .entities
                .iter()
                .any(|entity| entity.district == code)
                .then_some(code)
        });
        match entity {
            None => nameless.push(file.path.clone()),
            Some(entity) => {
                for row in rows.iter_mut().filter(|row| {
                    row.file == file.path && row.outcome.is_empty() && row.district != entity
                }) {
                    row.outcome = "held";
                    row.codes.insert("H502");
                }
            }
        }
    }
}

/// The codes of a row's participant, the school's empty unless it is a charter.
fn participant<'a>(texts: &'a Texts, row: &Ended) -> (&'a str, &'a str) {
    row.found.map_or(("", ""), |found| {
        (
            &texts.entities[found].district,
            &texts.entities[found].school,
        )
    })
}

fn same_completion(a: &Ended, b: &Ended) -> bool {
    a.sasid == b.sasid && a.program == b.program
}

fn place(a: &Ended, b: &Ended) -> Ordering {
    a.file
        .as_bytes()
        .cmp(b.file.as_bytes())
        .then(a.sheet_order.cmp(&b.sheet_order))
        .then(a.row.cmp(&b.row))
}

fn standing(texts: &Texts, a: &Ended, b: &Ended) -> Ordering {
    (a.date.cmp(&b.date))
        .then(a.sasid.cmp(&b.sasid))
        .then(a.program.cmp(&b.program))
        .then(participant(texts, a).cmp(&participant(texts, b)))
        .then(place(a, b))
}

fn find_duplicates(texts: &Texts, hold: bool, rows: &mut [Ended]) {
    let mut fates = Vec::new();
    for (position, row) in rows
        .iter()
        .enumerate()
        .filter(|(_, row)| row.outcome.is_empty())
    {
        let mut across = false;
        let mut least = true;
        for other in rows
            .iter()
            .filter(|other| other.outcome.is_empty() && same_completion(row, other))
        {
            across |= participant(texts, other) != participant(texts, row);
            let order = (other.date.cmp(&row.date))
                .then(participant(texts, other).cmp(&participant(texts, row)))
                .then(place(other, row));
            least &= order != Ordering::Less;
        }
        if across && hold {
            fates.push((position, "held"));
        } else if !least {
            fates.push((position, "duplicate"));
        }
    }
    for (position, fate) in fates {
        rows[position].outcome = fate;
        if fate == "held" {
            rows[position].codes.insert("H501");
        }
    }
}

/// What is denied before what is paid: the order of the lines changes nothing. Gives the resolutions that find nothing.
fn resolve(texts: &Texts, rows: &mut [Ended]) -> Option<Vec<usize>> {
    let all = &texts.resolutions;
    for (position, one) in all.iter().enumerate().filter(|(_, one)| one.row.is_none()) {
        for other in all[..position].iter().filter(|other| other.row.is_none()) {
            let same = one.sasid == other.sasid && one.program == other.program;
            let same_participant = one.district == other.district && one.school == other.school;
            if same && ((one.pay && other.pay) || (same_participant && one.pay != other.pay)) {
                return None;
            }
        }
    }
    let mut idle = Vec::new();
    for pays in [false, true] {
        for (position, one) in all.iter().enumerate().filter(|(_, one)| one.pay == pays) {
            let mut found: Vec<usize> = (0..rows.len())
                .filter(|row| {
                    let row = &rows[*row];
                    if let Some(number) = one.row {
                        return row.outcome == "rejected"
                            && (&row.file, &row.sheet, row.row) == (&one.file, &one.sheet, number);
                    }
                    let completion =
                        row.sasid == one.sasid && row.program == one.program.to_uppercase();
                    row.outcome == "held"
                        && completion
                        && participant(texts, row) == (one.district.as_str(), one.school.as_str())
                })
                .collect();
            found.sort_by(|a, b| standing(texts, &rows[*a], &rows[*b]));
            if found.is_empty() {
                idle.push(position);
            } else if pays {
                let taken = found[0];
                for other in 0..rows.len() {
                    let open = rows[other].outcome == "held" || rows[other].outcome.is_empty();
                    if other != taken && open && same_completion(&rows[other], &rows[taken]) {
                        rows[other].outcome = "denied";
                    }
                }
                rows[taken].outcome = "";
            } else {
                for row in found {
                    rows[row].outcome = "denied";
                }
            }
        }
    }
    idle.sort_unstable();
    Some(idle)
}

/// `0.10` as a numerator and its power of ten.
fn share(text: &str) -> (u64, u64) {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let denominator = decimals.chars().fold(1, |denominator, _| denominator * 10);
    (format!("{whole}{decimals}").parse().unwrap(), denominator)
}

fn allocate(
    texts: &Texts,
    readings: &BTreeMap<String, Vec<String>>,
    readable: &[bool],
    rows: &mut [Ended],
) -> (Vec<Tier>, i128) {
    let reading = |key: &str| readings[key][0].as_str();
    let multiplier = texts.rules.multiplier;
    let mut money = texts.available;
    let mut paid_pupils: BTreeSet<String> = BTreeSet::new();
    let mut tiers = Vec::new();
    for (index, rules) in texts.rules.tiers.iter().enumerate() {
        let mut tier = Tier {
            money_before: money,
            ..Tier::default()
        };
        let listed = |row: &Ended| {
            row.category
                .as_ref()
                .is_some_and(|category| rules.categories.contains(category))
        };
        let mut certificates: Vec<usize> = (0..rows.len())
            .filter(|row| rows[*row].outcome.is_empty() && listed(&rows[*row]))
            .collect();
        certificates.sort_by(|a, b| standing(texts, &rows[*a], &rows[*b]));
        tier.certificates = certificates.len() as u64;

        // 1. units
        let mut counted = paid_pupils.clone();
        let mut units: Vec<usize> = Vec::new();
        for row in certificates {
            rows[row].tier = Some(index);
            let again = match reading("unit") {
                "completion" => false,
                "pupil" => counted.contains(&rows[row].sasid),
                "pupil_per_tier" => units
                    .iter()
                    .any(|unit| rows[*unit].sasid == rows[row].sasid),
                other => panic!("unit {other}"),
            };
            if again {
                rows[row].outcome = "already_counted";
            } else {
                counted.insert(rows[row].sasid.clone());
                rows[row].weight = Some(if rows[row].lunch == Some(true) {
                    multiplier
                } else {
                    100
                });
                units.push(row);
            }
        }

        // 2. cap
        let mut kept = units.clone();
        if let Some(text) = &rules.cap_share {
            let base = match reading("cap_base") {
                "qualified" => tier.certificates,
                "reported" => (0..rows.len())
                    .filter(|row| readable[*row] && listed(&rows[*row]))
                    .count() as u64,
                other => panic!("cap_base {other}"),
            };
            let limit = limit(share(text), base, reading("cap_rounding"));
            tier.cap_base = Some(base);
            tier.cap_limit = Some(limit);
            kept = all_within(
                texts,
                readings,
                usize::try_from(limit).unwrap(),
                &units,
                rows,
            );
        }
        let over: Vec<usize> = units
            .iter()
            .copied()
            .filter(|unit| !kept.contains(unit))
            .collect();
        for unit in &over {
            rows[*unit].outcome = "over_cap";
        }

        // 3. rate
        let weight_of = |units: &[usize], rows: &[Ended]| -> i128 {
            units.iter().filter_map(|unit| rows[*unit].weight).sum()
        };
        let within_cap = weight_of(&kept, rows);
        let to_next = reading("cap_money") == "to_next_tier";
        let carried = if to_next { weight_of(&over, rows) } else { 0 };
        let demand = within_cap + carried;
        tier.prorated = !kept.is_empty() && money * 100 < texts.rules.per_unit * demand;
        if !kept.is_empty() {
            tier.rate = highest(texts.rules.per_unit, |rate| rate * demand <= money * 100);
            tier.frl_rate = highest(tier.rate * multiplier, |rate| {
                rate * 100 <= tier.rate * multiplier
            });
        }

        // 4. amounts
        if reading("rounding") == "largest_remainder" && tier.prorated {
            let total = highest(money, |cents| cents * demand <= money * within_cap);
            spread(texts, rows, &kept, money, demand, total);
        } else {
            for unit in &kept {
                rows[*unit].amount = if rows[*unit].lunch == Some(true) {
                    tier.frl_rate
                } else {
                    tier.rate
                };
            }
        }
        for unit in &kept {
            rows[*unit].outcome = if rows[*unit].amount > 0 {
                "paid"
            } else {
                "unfunded"
            };
            if rows[*unit].amount > 0 {
                paid_pupils.insert(rows[*unit].sasid.clone());
            }
            tier.paid += rows[*unit].amount;
        }

        // 5. money after
        tier.money_after = money - tier.paid;
        if tier.prorated {
            tier.money_after = highest(money, |cents| cents * demand <= money * carried);
            tier.residual = money - tier.paid - tier.money_after;
        }
        money = tier.money_after;

        tier.units = kept.len() as u64;
        tier.over_cap = over.len() as u64;
        for (unit, is_over) in kept
            .iter()
            .map(|unit| (*unit, false))
            .chain(over.iter().map(|unit| (*unit, true)))
        {
            let row = &rows[unit];
            let share = tier.shares.entry(row.found.unwrap()).or_default();
            let frl = u64::from(row.lunch == Some(true));
            if is_over {
                share.2 += 1;
            } else {
                share.0 += 1;
                share.1 += frl;
                tier.frl_units += frl;
            }
            share.3 += row.amount;
        }
        tiers.push(tier);
    }
    (tiers, money)
}

/// The greatest number from 0 up to a bound that fits, found by steps that only go up; 0 fits.
fn highest(bound: i128, fits: impl Fn(i128) -> bool) -> i128 {
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

fn supplements(texts: &Texts, first: &Tier) -> BTreeMap<usize, i128> {
    let Some(available) = texts.supplement else {
        return BTreeMap::new();
    };
    let flagged = first
        .shares
        .iter()
        .filter(|(position, _)| texts.entities[**position].supplemented);
    let amounts: Vec<(usize, i128)> = flagged
        .map(|(position, share)| (*position, share.3))
        .collect();
    let sum: i128 = amounts.iter().map(|(_, amount)| amount).sum();
    let part = |amount: i128| highest(amount, |cents| cents * sum <= amount * available);
    amounts
        .into_iter()
        .filter(|_| sum > 0)
        .map(|(position, amount)| (position, part(amount)))
        .collect()
}
