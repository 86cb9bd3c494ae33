//! Test batches: a sound batch of one clean row, and the changes of each test.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use cdip::batch::Batch;
use cdip::calculation::{Calculation, calculate};
use cdip::catalogue::Code;
use cdip::decision::Outcome;
use cdip::intake::completions::Field;
use cdip::money::Money;
use cdip::ranks::RowRank;
use cdip::stop::Stop;
use tempfile::TempDir;

use crate::support::{cdip, put};

/// The SASID of [`clean_row`].
pub const SASID: &str = "1000000001";

/// The file in which the clean row stands.
pub const FILE: &str = "submissions/0010.csv";

/// A program of each category; `IC9` left the list in 2021-22, so that it is not on that of 2023-24.
pub const PROGRAMS: &str = "\
Program Code,Program Name,Category,Sector,Top 10,First School Year,Last School Year
IC1,Welding,industry_credential,Trades,Y,,
IC9,Typewriting,industry_credential,Office,N,2016-17,2021-22
IN1,Internship,internship,Any,N,,
RE1,Residency,residency,Health,N,,
PA1,Carpentry first year,pre_apprenticeship,Construction,N,,
AA1,Carpentry,apprenticeship,Construction,N,,
AP1,AP Computer Science A,ap_course,IT,N,,
";

/// A participant of each kind, and a district that does not take part.
pub const PARTICIPANTS: &str = "\
District Code,School Code,Name,Kind,Participating,Requires Completion For Graduation
0010,,First District,district,Y,Y
0010,4500,District Charter,district_charter,Y,N
0020,,Second District,district,Y,N
0030,,Third District,district,N,N
8001,4600,Institute Charter,institute_charter,Y,N
9035,,Mountain BOCES,boces,Y,N
";

/// The headings of `resolutions.csv`.
pub const RESOLUTIONS: &str = "District Code,School Code,SASID,Program Code,Source File,Source Sheet,Source Row,Decision,Reason,Approved By,Date\n";

/// How many fields every test file has as columns. A field that came later is a column only where a row fills it, so that the tests
/// which name columns by their letters stay as they are.
const COLUMNS: usize = 11;

/// A submitted row: a text by [`Field`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row([String; Field::COUNT]);

/// A row without fault: an internship, which no cap and no extra condition binds, paid $1,000.00 in full.
pub fn clean_row() -> Row {
    Row(std::array::from_fn(|_| String::new()))
        .with(Field::DistrictCode, "0010")
        .with(Field::SchoolCode, "0101")
        .with(Field::Sasid, SASID)
        .with(Field::Grade, "11")
        .with(Field::ProgramCode, "IN1")
        .with(Field::CompletionDate, "2024-05-17")
        .with(Field::Lunch, "N")
        .with(Field::GraduationCredit, "Y")
}

/// The clean row with another SASID.
pub fn with_sasid(sasid: &str) -> Row {
    clean_row().with(Field::Sasid, sasid)
}

/// The clean row with the SASID `10000000` and these two digits; 1 is [`SASID`].
pub fn pupil(number: u32) -> Row {
    assert!(number < 100);
    with_sasid(&format!("10000000{number:02}"))
}

impl Row {
    /// The same row with another text in a field.
    pub fn with(mut self, field: Field, text: impl Into<String>) -> Row {
        self.0[field as usize] = text.into();
        self
    }

    /// The text of a field.
    pub fn text(&self, field: Field) -> &str {
        &self.0[field as usize]
    }

    /// The texts in the order of [`headings`].
    pub fn texts(&self) -> Vec<String> {
        self.0[..COLUMNS].to_vec()
    }
}

/// The headings of a submission, in the order of [`Field`], without those that came later.
pub fn headings() -> Vec<String> {
    let fields = Field::ALL[..COLUMNS].iter();
    fields.map(|field| field.title().to_string()).collect()
}

/// Rows beneath their headings.
pub fn table_of(rows: &[Row]) -> Vec<Vec<String>> {
    std::iter::once(headings())
        .chain(rows.iter().map(Row::texts))
        .collect()
}

/// Rows beneath their headings as csv.
pub fn csv_of(rows: &[Row]) -> String {
    let later = Field::ALL[COLUMNS..].iter().copied();
    let filled: Vec<Field> = later
        .filter(|field| rows.iter().any(|row| !row.0[*field as usize].is_empty()))
        .collect();
    let mut writer = csv::Writer::from_writer(Vec::new());
    let titles = filled.iter().map(|field| field.title().to_string());
    writer
        .write_record(headings().into_iter().chain(titles))
        .unwrap();
    for row in rows {
        let texts = filled.iter().map(|field| row.0[*field as usize].clone());
        writer
            .write_record(row.texts().into_iter().chain(texts))
            .unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

/// A batch folder in memory; it stands on disk only while it is calculated.
#[derive(Clone, Debug)]
pub struct TestBatch {
    rules: String,
    available: String,
    settings: String,
    readings: BTreeMap<String, String>,
    columns: String,
    files: BTreeMap<String, Vec<u8>>,
    /// Whether participants without a row stay on the list as they are.
    asks_who_sent_nothing: bool,
}

impl TestBatch {
    /// A batch without submissions, with the money that the law is known to give: far more than it needs.
    ///
    /// The cap binds nobody here: a tenth of a handful of rows is none, so every small test would be about the cap.
    pub fn new() -> TestBatch {
        let batch = TestBatch {
            rules: "co-cdip-2024-25".to_string(),
            available: "9500000.00".to_string(),
            settings: String::new(),
            readings: BTreeMap::new(),
            columns: String::new(),
            files: BTreeMap::new(),
            asks_who_sent_nothing: false,
        };
        batch
            .reading("cap_applies_to", "[]")
            .programs(PROGRAMS)
            .participants(PARTICIPANTS)
    }

    /// A batch of these rows in [`FILE`].
    pub fn of(rows: &[Row]) -> TestBatch {
        TestBatch::new().rows(FILE, rows)
    }

    /// A file of the folder, in place of the one that has its path.
    pub fn file(mut self, path: &str, content: impl Into<Vec<u8>>) -> TestBatch {
        self.files.insert(path.to_string(), content.into());
        self
    }

    /// The folder without a file.
    pub fn without(mut self, path: &str) -> TestBatch {
        assert!(self.files.remove(path).is_some(), "the batch has no {path}");
        self
    }

    /// A submission of these rows as csv.
    pub fn rows(self, path: &str, rows: &[Row]) -> TestBatch {
        self.file(path, csv_of(rows))
    }

    /// The qualified list as csv.
    pub fn programs(self, csv: &str) -> TestBatch {
        self.file("qualified-programs.csv", csv)
    }

    /// The participants list as csv.
    pub fn participants(self, csv: &str) -> TestBatch {
        self.file("participants.csv", csv)
    }

    /// Completions paid before, as lines `SASID,Program Code,Budget Year`.
    pub fn ledger(self, lines: &str) -> TestBatch {
        self.file(
            "prior-payments.csv",
            format!("SASID,Program Code,Budget Year\n{lines}\n"),
        )
    }

    /// Decisions on the record, as lines under [`RESOLUTIONS`].
    pub fn resolutions(self, lines: &str) -> TestBatch {
        self.file("resolutions.csv", format!("{RESOLUTIONS}{lines}\n"))
    }

    /// Other rules: a built-in id or the path of a file of the batch.
    pub fn rules(mut self, rules: &str) -> TestBatch {
        self.rules = rules.to_string();
        self
    }

    /// Another appropriation, in dollars.
    pub fn available(mut self, dollars: &str) -> TestBatch {
        self.available = dollars.to_string();
        self
    }

    /// A further line of `batch.toml`.
    pub fn setting(mut self, line: &str) -> TestBatch {
        self.settings.push_str(line);
        self.settings.push('\n');
        self
    }

    /// Leaves participants without a row on the list as they are: each is a question (Q403), which most tests are not about.
    pub fn asking_who_sent_nothing(mut self) -> TestBatch {
        self.asks_who_sent_nothing = true;
        self
    }

    /// A reading, its value as TOML.
    pub fn reading(mut self, key: &str, value: &str) -> TestBatch {
        self.readings.insert(key.to_string(), value.to_string());
        self
    }

    /// A deployment's own heading.
    pub fn column(mut self, key: &str, heading: &str) -> TestBatch {
        self.columns.push_str(&format!("{key} = \"{heading}\"\n"));
        self
    }

    fn batch_toml(&self) -> String {
        let TestBatch {
            rules,
            available,
            settings,
            columns,
            ..
        } = self;
        let readings: String = self
            .readings
            .iter()
            .map(|(key, value)| format!("{key} = {value}\n"))
            .collect();
        format!(
            "rules = \"{rules}\"\navailable = \"{available}\"\nrun_date = 2024-09-15\nlabel = \"test\"\n{settings}\n[readings]\n{readings}\n[columns]\n{columns}"
        )
    }

    /// Writes the folder; `batch.toml` too, unless the test has put one of its own.
    pub fn write(&self) -> TempDir {
        let folder = TempDir::new().unwrap();
        self.write_into(folder.path());
        folder
    }

    /// Writes the folder as `batch` into a new folder, and gives the new one.
    pub fn write_as_batch(&self) -> TempDir {
        let folder = TempDir::new().unwrap();
        self.write_into(&folder.path().join("batch"));
        folder
    }

    /// Writes the folder and runs the program there; the report is `report`.
    pub fn with_report(&self) -> TempDir {
        let folder = self.write();
        let output = cdip(folder.path(), &["run", ".", "--out", "report"]);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        folder
    }

    /// The files of the folder by path, without `batch.toml`.
    pub fn files(&self) -> &BTreeMap<String, Vec<u8>> {
        &self.files
    }

    /// Writes the folder into another one. Participants that sent nothing do not participate there, unless the test is about them.
    pub fn write_into(&self, folder: &Path) {
        self.write_as_it_is(folder);
        if let (false, Some(list)) = (
            self.asks_who_sent_nothing,
            self.files.get("participants.csv"),
        ) {
            fs::write(folder.join("participants.csv"), self.those_with_rows(list)).unwrap();
        }
    }

    fn write_as_it_is(&self, folder: &Path) {
        fs::create_dir_all(folder.join("submissions")).unwrap();
        fs::write(folder.join("batch.toml"), self.batch_toml()).unwrap();
        for (path, content) in &self.files {
            put(folder, path, content);
        }
    }

    /// The participants list, on which nobody participates who has no row in a file of comma-separated texts; but the first district.
    fn those_with_rows(&self, list: &[u8]) -> Vec<u8> {
        let Ok(list) = std::str::from_utf8(list) else {
            return list.to_vec();
        };
        let submitted: String = self
            .files
            .iter()
            .filter(|(path, _)| path.starts_with("submissions/"))
            .map(|(_, content)| String::from_utf8_lossy(content))
            .collect();
        let has_rows = |line: &str| {
            let codes: Vec<&str> = line.splitn(3, ',').collect();
            match codes[..] {
                ["0010", "", _] => true,
                [district, "", _] => {
                    let in_path =
                        |path: &String| path.starts_with("submissions/") && path.contains(district);
                    submitted.contains(&format!("{district},")) || self.files.keys().any(in_path)
                }
                [district, school, _] => submitted.contains(&format!("{district},{school},")),
                _ => true,
            }
        };
        let lines = list.lines().map(|line| {
            if has_rows(line) {
                line.to_string()
            } else {
                line.replacen(",Y,", ",N,", 1)
            }
        });
        lines
            .map(|line| line + "\n")
            .collect::<String>()
            .into_bytes()
    }

    /// The result, or what stops the run.
    pub fn outcome(&self) -> Result<Calculation, Stop> {
        let folder = TempDir::new().unwrap();
        self.write_as_it_is(folder.path());
        let mut calculation = calculated_in(&folder)?;
        calculation
            .findings
            .retain(|finding| self.asks_who_sent_nothing || finding.code != Code::Q403);
        Ok(calculation)
    }

    /// The result of a batch that nothing stops.
    pub fn calculated(&self) -> Calculation {
        self.outcome().unwrap_or_else(|stop| panic!("{stop}"))
    }

    /// What stops the run.
    pub fn stop(&self) -> Stop {
        self.outcome().expect_err("the run is stopped")
    }
}

/// A folder with a sound batch as `batch`.
pub fn with_batch() -> TempDir {
    TestBatch::of(&[clean_row()]).write_as_batch()
}

/// The result of a batch with one file below `submissions`.
pub fn submitted(path: &str, content: impl Into<Vec<u8>>) -> Calculation {
    TestBatch::new()
        .file(&format!("submissions/{path}"), content)
        .calculated()
}

/// The result of the batch in a folder.
pub fn calculated_in(folder: &TempDir) -> Result<Calculation, Stop> {
    calculate(Batch::open(folder.path())?, &|_, _| {})
}

/// What became of a submitted row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ended {
    /// Its file, relative to the batch folder.
    pub file: String,
    /// Its sheet, in a workbook.
    pub sheet: Option<String>,
    /// Its physical row.
    pub row: u32,
    /// Its outcome.
    pub outcome: Outcome,
    /// Its E, N and H codes.
    pub codes: String,
    /// What it is paid.
    pub amount: Money,
}

/// By line of the resolutions: whether it took effect.
pub fn effects(calculation: &Calculation) -> Vec<bool> {
    calculation
        .lines
        .iter()
        .map(cdip::checks::LineEffect::took_effect)
        .collect()
}

/// What became of every row, in the order of the batch.
pub fn ends(calculation: &Calculation) -> Vec<Ended> {
    let rows = calculation.intake.completions.rows();
    let ended = RowRank::enumerate(&calculation.decisions).map(|(position, decision)| {
        let file = &calculation.intake.files[rows.file(position)];
        Ended {
            file: file.path.to_string(),
            sheet: file.sheets[rows.sheet(position)]
                .name
                .as_deref()
                .map(str::to_string),
            row: rows.row(position),
            outcome: decision.outcome,
            codes: decision.codes.to_string(),
            amount: decision.amount,
        }
    });
    ended.collect()
}

/// Row number, outcome and codes of every row, for batches of one file.
pub fn rows_ended(calculation: &Calculation) -> Vec<(u32, Outcome, String)> {
    ends(calculation)
        .into_iter()
        .map(|ended| (ended.row, ended.outcome, ended.codes))
        .collect()
}

/// The codes of all findings, in their order.
pub fn codes_found(calculation: &Calculation) -> Vec<Code> {
    calculation
        .findings
        .iter()
        .map(|finding| finding.code)
        .collect()
}

/// Whole dollars.
pub fn dollars(dollars: i64) -> Money {
    Money::from_cents(dollars * 100)
}
