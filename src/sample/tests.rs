use std::{
    collections::{BTreeMap, BTreeSet},
    io::{Cursor, Read as _},
};

use calamine::{Data, Reader as _, open_workbook_auto_from_rs};

use super::{
    completion::{Completion, Defect},
    defects::RATES,
    habits::SavedAs,
    options::SYNTHETIC,
    programs::{PROGRAMS, SHARES},
    submissions::Line,
    *,
};

const DEFAULT: SampleOptions = SampleOptions {
    entities: 70,
    rows: 13_000,
    seed: 1,
};

/// A batch before it becomes files.
struct Invented {
    statewide: Statewide,
    completions: Completions,
    defects: Defects,
}

fn invent(options: SampleOptions) -> Invented {
    let mut rng = ChaCha8Rng::seed_from_u64(options.seed);
    let statewide = Statewide::invent(
        options.entities,
        options.rows,
        SampleYear::LAST.budget_year().before(),
        &mut rng,
    );
    let mut completions = Completions::invent(&statewide, &mut rng);
    let defects = Defects::strike(&mut completions, &statewide, &mut rng);
    Invented {
        statewide,
        completions,
        defects,
    }
}

/// Submitted rows as they are in the files: completions and totals.
fn submitted_rows(invented: &Invented) -> usize {
    let submissions = submissions::lay_out(&invented.statewide, &invented.completions);
    let lines = submissions
        .iter()
        .flat_map(|submission| &submission.sheets)
        .flat_map(|sheet| &sheet.lines);
    lines
        .filter(|line| matches!(line, Line::Completion(_) | Line::Total(_)))
        .count()
}

/// Rows of a tier that nothing keeps from being certificates.
fn certificates(invented: &Invented, tier: usize) -> Vec<&Completion> {
    let harmless = [
        None,
        Some(Defect::LunchMissing),
        Some(Defect::LunchContradicted),
    ];
    let rows = invented.completions.rows.iter();
    rows.filter(|row| harmless.contains(&row.defect) && row.is_sound(&invented.statewide))
        .filter(|row| SHARES[tier].1(row.program.category))
        .collect()
}

fn first_sheet(bytes: &[u8]) -> Vec<Vec<Data>> {
    let mut workbook = open_workbook_auto_from_rs(Cursor::new(bytes)).expect("a spreadsheet");
    let sheet = workbook
        .worksheet_range_at(0)
        .expect("a sheet")
        .expect("a readable sheet");
    sheet.rows().map(<[Data]>::to_vec).collect()
}

#[test]
fn the_same_options_give_the_same_bytes_and_another_seed_others() {
    let small = SampleOptions {
        entities: 70,
        rows: 1_500,
        seed: 7,
    };
    let first = files(&small).unwrap();
    assert_eq!(first, files(&small).unwrap());
    assert_ne!(first, files(&SampleOptions { seed: 8, ..small }).unwrap());
}

#[test]
fn a_year_of_several_says_the_command_that_makes_it() {
    let small = SampleOptions {
        entities: 3,
        rows: 60,
        seed: 7,
    };
    let readme = |year: &SampleYear<'_>| -> String {
        let mut files = files_of(&small, year).unwrap().into_iter();
        let readme = files.find(|file| file.path == "README.md").unwrap();
        String::from_utf8(readme.bytes).unwrap()
    };
    let options = "with --entities 3 --rows 60 --seed 7.\n";
    let alone = readme(&SampleYear::LAST);
    assert!(
        alone.contains(&format!("\nMade by `cdip sample` {options}"))
            && alone.contains("--decided"),
        "{alone}"
    );
    let of_several = readme(&SampleYear {
        years_back: 1,
        before: None,
    });
    assert!(
        of_several.contains(&format!("\nMade by `cdip sample --years`, {options}"))
            && !of_several.contains("--decided"),
        "{of_several}"
    );
}

#[test]
fn exactly_the_rows_asked_for_are_submitted() {
    for (entities, rows) in [
        (1, 1),
        (1, 2),
        (2, 2),
        (5, 6),
        (13, 13),
        (70, 70),
        (70, 13_000),
        (120, 20_001),
        (178, 40_000),
    ] {
        let invented = invent(SampleOptions {
            entities,
            rows,
            seed: 3,
        });
        assert_eq!(
            submitted_rows(&invented),
            rows as usize,
            "{entities} entities, {rows} rows"
        );
        assert_eq!(invented.statewide.reporters.len(), entities as usize);
    }
}

#[test]
fn options_out_of_range_are_refused_with_the_range() {
    let message = |entities, rows| {
        files(&SampleOptions {
            entities,
            rows,
            seed: 1,
        })
        .unwrap_err()
        .to_string()
    };
    assert_eq!(
        message(0, 10),
        "a sample cannot have 0 entities; choose from 1 to 178"
    );
    assert_eq!(
        message(179, 1_000),
        "a sample cannot have 179 entities; choose from 1 to 178"
    );
    assert!(
        message(70, 69).contains("choose from 70 "),
        "{}",
        message(70, 69)
    );
    assert!(
        message(70, 10_000_001).ends_with("to 10000000"),
        "{}",
        message(70, 10_000_001)
    );
}

#[test]
fn the_smallest_batches_can_be_written() {
    for (entities, rows) in [(1, 1), (3, 5), (13, 40)] {
        files(&SampleOptions {
            entities,
            rows,
            seed: 1,
        })
        .unwrap();
    }
}

#[test]
fn every_defect_is_present_at_its_rate() {
    let Invented { completions, .. } = invent(DEFAULT);
    for (defect, rate) in RATES {
        let found = completions
            .rows
            .iter()
            .filter(|row| row.defect == Some(defect))
            .count();
        let meant = (completions.rows.len() * rate + 5_000) / 10_000;
        assert_eq!(found, meant, "{defect:?}");
        assert!(found > 0, "{defect:?}");
    }
}

#[test]
fn every_format_and_every_kind_of_program_is_present() {
    let invented = invent(DEFAULT);
    let submissions = submissions::lay_out(&invented.statewide, &invented.completions);
    let formats: Vec<SavedAs> = submissions
        .iter()
        .map(|submission| submission.habits.format)
        .collect();
    for extension in ["xlsx", "ods", "csv", "txt"] {
        assert!(
            formats.iter().any(|format| format.extension() == extension),
            "{extension}"
        );
    }
    for program in &PROGRAMS {
        assert!(
            invented
                .completions
                .rows
                .iter()
                .any(|row| row.program.code == program.code),
            "{}",
            program.code
        );
    }
}

#[test]
fn a_cap_of_a_tenth_binds_for_the_two_largest_only() {
    let invented = invent(DEFAULT);
    let certificates = certificates(&invented, 0);
    let mut units: BTreeMap<u16, BTreeSet<u64>> = BTreeMap::new();
    for row in &certificates {
        let participant = invented
            .statewide
            .participant_of(row.district, row.school)
            .unwrap();
        // A charter school is a participant of its own; only districts come near the cap.
        if participant.school_code.is_none() {
            units.entry(row.district).or_default().insert(row.sasid);
        }
    }
    let over_cap: Vec<u16> = units
        .iter()
        .filter(|(_, pupils)| pupils.len() > certificates.len() / 10)
        .map(|(code, _)| *code)
        .collect();
    let mut largest: Vec<u16> = invented.statewide.reporters[..2]
        .iter()
        .map(|reporter| reporter.code)
        .collect();
    largest.sort_unstable();
    assert_eq!(over_cap, largest);
}

#[test]
fn ids_are_invented_and_belong_to_one_pupil_each() {
    let invented = invent(DEFAULT);
    assert!(
        invented
            .completions
            .rows
            .iter()
            .all(|row| row.sasid / 100_000_000 == 99)
    );
    let mut schools: BTreeMap<u64, BTreeSet<u16>> = BTreeMap::new();
    for row in invented
        .completions
        .rows
        .iter()
        .filter(|row| row.defect != Some(Defect::OtherDistrictsRow))
    {
        schools.entry(row.sasid).or_default().insert(row.district);
    }
    let shared = schools
        .values()
        .filter(|districts| districts.len() > 1)
        .count();
    assert_eq!(shared, invented.defects.reported_twice.len());
}

#[test]
fn codes_are_unique_and_no_year_is_a_district() {
    let Statewide { participants, .. } = invent(SampleOptions {
        entities: 178,
        rows: 500,
        seed: 2,
    })
    .statewide;
    let keys: BTreeSet<_> = participants
        .iter()
        .map(|entry| (entry.district_code, entry.school_code))
        .collect();
    assert_eq!(keys.len(), participants.len());
    let names: BTreeSet<_> = participants.iter().map(|entry| &entry.name).collect();
    assert_eq!(names.len(), participants.len());
    // "2023 fall.xlsx" must not name an entity.
    assert!(
        participants
            .iter()
            .all(|entry| ![2023, 2024].contains(&entry.district_code))
    );
    let codes: BTreeSet<_> = PROGRAMS.iter().map(|program| program.code).collect();
    assert_eq!(codes.len(), PROGRAMS.len());
}

#[test]
fn names_and_birth_dates_stand_in_submissions_only_and_the_batch_is_small() {
    let files = files(&DEFAULT).unwrap();
    let size: usize = files.iter().map(|file| file.bytes.len()).sum();
    assert!(size < 4_000_000, "{size} bytes");
    assert!(files.is_sorted_by_key(|file| &file.path));
    for file in files
        .iter()
        .filter(|file| !file.path.starts_with("submissions/"))
    {
        let text = match file.path.rsplit_once('.') {
            Some((_, "xlsx")) => format!("{:?}", first_sheet(&file.bytes)[1]),
            Some((_, "csv")) => String::from_utf8(file.bytes.clone())
                .unwrap()
                .lines()
                .next()
                .unwrap()
                .to_owned(),
            _ => continue,
        };
        for column in ["Last Name", "First Name", "Birth Date"] {
            assert!(!text.contains(column), "{}: {text}", file.path);
        }
    }
}

#[test]
fn every_workbook_and_text_file_says_that_it_is_synthetic() {
    for file in files(&DEFAULT).unwrap() {
        let labelled = match file.path.rsplit_once('.').map(|(_, extension)| extension) {
            Some(part @ ("xlsx" | "ods")) => {
                let properties = if part == "xlsx" {
                    "docProps/core.xml"
                } else {
                    "meta.xml"
                };
                let mut archive = zip::ZipArchive::new(Cursor::new(&file.bytes)).unwrap();
                let mut text = String::new();
                archive
                    .by_name(properties)
                    .unwrap()
                    .read_to_string(&mut text)
                    .unwrap();
                text.contains(SYNTHETIC)
            }
            // Three columns are fixed, and the ids tell.
            _ if file.path == "prior-payments.csv" => true,
            // One byte a letter, whatever the encoding.
            _ => {
                let letters: Vec<u8> = file
                    .bytes
                    .iter()
                    .copied()
                    .filter(|&byte| byte != 0)
                    .collect();
                letters
                    .windows(SYNTHETIC.len())
                    .any(|window| window == SYNTHETIC.as_bytes())
            }
        };
        assert!(labelled, "{}", file.path);
    }
}

#[test]
fn a_spreadsheet_reads_back_as_it_was_laid_out() {
    let invented = invent(DEFAULT);
    let submissions = submissions::lay_out(&invented.statewide, &invented.completions);
    let files = submissions::write(&submissions).unwrap();
    for (submission, file) in submissions.iter().zip(&files) {
        if submission.habits.format.is_text() {
            continue;
        }
        let sheet = first_sheet(&file.bytes);
        assert_eq!(
            sheet.len(),
            submission.sheets[0].lines.len(),
            "{}",
            file.path
        );
        for (cells, line) in sheet.iter().zip(&submission.sheets[0].lines) {
            if let Line::Completion(completion) = line {
                let id = completion.sasid.to_string();
                let short = completion.defect == Some(Defect::SasidTooShort);
                assert!(
                    short || cells.iter().any(|cell| cell.to_string() == id),
                    "{}: {cells:?}",
                    file.path
                );
            }
        }
    }
}

#[test]
fn decisions_point_at_rows_that_cannot_be_read() {
    let files = files(&DEFAULT).unwrap();
    let content = |path: &str| &files.iter().find(|file| file.path == path).unwrap().bytes;
    let mut reader = csv::Reader::from_reader(content("resolutions.csv").as_slice());
    let records: Vec<_> = reader.records().map(Result::unwrap).collect();
    // Eight that decide held and rejected rows, and one of each of the other four kinds.
    assert_eq!(records.len(), 12);
    for decision in ["pay", "deny", "correct", "qualify", "exclude", "attest"] {
        assert!(
            records.iter().any(|record| record[12] == *decision),
            "no line says {decision}"
        );
    }
    let of_total = records
        .iter()
        .find(|record| record[13].contains("total row") && record[4].ends_with("xlsx"))
        .unwrap();
    let row: usize = of_total[6].parse().unwrap();
    let sheet = first_sheet(content(&of_total[4]));
    assert!(
        sheet[row - 1]
            .iter()
            .any(|cell| cell == &Data::String("Total".to_owned())),
        "{:?}",
        sheet[row - 1]
    );
    assert_eq!(sheet.len(), row);
}
