//! A report that somebody changed and made to fit its checksums: it is refused, or every figure of it is that of a calculation.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use cdip::audit::evidence::Evidence;
use cdip::calculation::settle;
use cdip::hash::sha256_hex;
use cdip::intake::lists::read_participants;
use cdip::intake::{Layout, Lists, read_in_memory};
use cdip::receipt::RECEIPT;
use cdip::report;
use cdip::report::content::checksum_of;
use cdip::report::earlier::Earlier;
use cdip::stop::{Status, Stop};
use cdip::years::Years;
use cdip::years::reports::read;
use tempfile::TempDir;

use super::privacy::holds_nobody;
use super::submission::{RULES, lists};
use super::{batch, panics};

/// The files that are read back, each under the letter that an input begins with.
pub const FILES: [(u8, &str); 6] = [
    (b'a', "allocation.json"),
    (b'c', "completions.csv"),
    (b'f', "findings.csv"),
    (b'm', "payments.csv"),
    (b'r', RECEIPT),
    (b'w', "awards.csv"),
];

/// Two pupils of a district, one of its charter and one of another district, one too early, one twice.
const SUBMITTED: [(&str, &[u8]); 2] = [
    (
        "submissions/0010.csv",
        b"District Code,School Code,SASID,Grade,Program Code,Completion Date,Free/Reduced Lunch
0010,0101,1000000001,11,IN1,2024-05-17,N
0010,4500,1000000002,11,IN1,2024-05-17,Y
0010,0101,1000000003,12,RE1,2022-05-17,N
0010,0101,1000000001,11,IN1,2024-05-18,N
",
    ),
    (
        "submissions/0020.csv",
        b"District Code,School Code,SASID,Grade,Program Code,Completion Date,Free/Reduced Lunch
0020,0201,1000000004,11,IN1,2024-05-17,N
",
    ),
];

/// Who sent them.
const PARTICIPANTS: &[u8] = b"District Code,School Code,Name,Kind,Participating
0010,,First District,district,Y
0010,4500,District Charter,district_charter,Y
0020,,Second District,district,Y
";

/// $2,500.00 for three internships: the tier is prorated.
const AVAILABLE_CENTS: i64 = 250_000;

struct Honest {
    folder: TempDir,
    receipt: String,
    files: BTreeMap<&'static str, Vec<u8>>,
}

static HONEST: LazyLock<Honest> = LazyLock::new(|| {
    let participants = read_participants("participants.csv", PARTICIPANTS).unwrap();
    let intake = read_in_memory(
        &SUBMITTED,
        &Layout::default(),
        Lists {
            participants,
            ..lists()
        },
    )
    .unwrap();
    let batch = batch::of(RULES.clone(), RULES.readings, AVAILABLE_CENTS, None);
    let calculation = settle(batch, intake).unwrap();
    assert!(calculation.is_final(), "{:?}", calculation.findings);
    let folder = TempDir::new().unwrap();
    let written = report::write(
        &calculation,
        &Earlier::NotNamed,
        folder.path(),
        &|_, _, _| {},
    )
    .unwrap();
    report::receipt::write(&calculation, &written, folder.path()).unwrap();
    let read = |name: &str| fs::read(folder.path().join(name)).unwrap();
    Honest {
        receipt: String::from_utf8(read(RECEIPT)).unwrap(),
        files: FILES.iter().map(|(_, name)| (*name, read(name))).collect(),
        folder,
    }
});

/// What an untouched report gives for each of its files.
pub fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    FILES
        .iter()
        .map(|(letter, name)| (*name, [&[*letter], HONEST.files[name].as_slice()].concat()))
        .collect()
}

/// The first byte says which file of the report the rest takes the place of.
pub fn run(data: &[u8]) {
    let Some((kind, bytes)) = data.split_first() else {
        return;
    };
    let Some((_, name)) = FILES.iter().find(|(letter, _)| letter == kind) else {
        return;
    };
    let honest = &*HONEST;
    let folder = honest.folder.path();
    fs::write(folder.join(name), bytes).unwrap();
    cover_up(folder, name, bytes);
    let once = || panics::none_caught(|| Evidence::open(folder));
    match (once(), once()) {
        (Ok(evidence), Ok(again)) => {
            assert_eq!(evidence.rows, again.rows);
            assert_eq!(evidence.allocation, again.allocation);
            holds(&evidence, folder);
        }
        (Err(stop), Err(again)) => {
            assert_eq!(
                stop, again,
                "the same report is refused for the same reason"
            );
            refused(&stop, folder);
        }
        _ => panic!("the same report is read once and not twice"),
    }
    fs::write(folder.join(name), &honest.files[name]).unwrap();
    fs::write(folder.join(RECEIPT), &honest.receipt).unwrap();
}

/// The receipt records the changed file as if it had been written so.
fn cover_up(folder: &Path, name: &str, bytes: &[u8]) {
    if name == RECEIPT {
        return;
    }
    let honest = &*HONEST;
    let before = &honest.files[name];
    let mut receipt = honest
        .receipt
        .replace(&sha256_hex(before), &sha256_hex(bytes));
    if name == "completions.csv" {
        receipt = receipt.replace(&checksum_of(before), &checksum_of(bytes));
    }
    fs::write(folder.join(RECEIPT), receipt).unwrap();
}

fn holds(evidence: &Evidence, folder: &Path) {
    assert_eq!(evidence.rows.len(), evidence.decisions.len());
    let most = evidence.available + evidence.supplement_available.unwrap_or_default();
    assert!(
        evidence.allocation.paid() <= most,
        "no more is paid than there is"
    );
    match panics::none_caught(|| read(&[folder.to_path_buf()], true)) {
        Ok(reports) => {
            if let Err(stop) = Years::of(&reports, None) {
                refused(&stop, folder);
            }
        }
        Err(stop) => refused(&stop, folder),
    }
}

fn refused(stop: &Stop, folder: &Path) {
    assert!(
        matches!(stop.status, Status::Usage | Status::Difference),
        "{stop:?}"
    );
    let folder = folder.display().to_string();
    assert!(!stop.message.chars().any(char::is_control), "{stop:?}");
    // Whom a payment goes to is quoted, so that one sees what was put in: a payee is never a pupil.
    if !(stop.message.contains("payments.csv, record ") && stop.message.contains(" of payee ")) {
        holds_nobody(&stop.to_string(), [folder.as_str()]);
    }
}
