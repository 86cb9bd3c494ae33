//! The lists that a batch cannot do without, and the ledger: read, or refused with the cell.

use cdip::intake::lists::{read_ledger, read_participants, read_programs};
use cdip::ranks::{ParticipantRank, ProgramRank};
use cdip::rules::terms::{Category, ParticipantKind};
use cdip::stop::Stop;

use super::privacy::holds_nobody;
use super::{panics, stops};

/// The first byte says which list the rest is.
pub fn run(data: &[u8]) {
    let Some((kind, bytes)) = data.split_first() else {
        return;
    };
    match kind {
        b'q' => programs(bytes),
        b'p' => participants(bytes),
        _ => ledger(bytes),
    }
}

/// Reads a list twice; panics unless both came out the same, and a stop is one that a clerk can act on.
fn read<T>(
    file: &str,
    bytes: &[u8],
    read: fn(&str, &[u8]) -> Result<T, Stop>,
    shown: fn(&T) -> String,
) -> Option<T> {
    let once = || panics::none_caught(|| read(file, bytes));
    match (once(), once()) {
        (Ok(list), Ok(again)) => {
            assert_eq!(
                shown(&list),
                shown(&again),
                "the same file is the same list"
            );
            Some(list)
        }
        (Err(stop), Err(again)) => {
            assert_eq!(stop, again, "the same file stops for the same reason");
            stops::holds(&stop, file, bytes);
            None
        }
        _ => panic!("the same file is read once and not twice"),
    }
}

fn programs(bytes: &[u8]) {
    let Some(programs) = read("qualified-programs.csv", bytes, read_programs, |programs| {
        format!("{:?}", programs.all())
    }) else {
        return;
    };
    for (rank, program) in ProgramRank::enumerate(programs.all()) {
        assert_eq!(programs.rank(&program.code), Some(rank));
        assert!(!program.code.is_empty() && Category::ALL.contains(&program.category));
    }
    assert!(
        programs
            .all()
            .windows(2)
            .all(|pair| pair[0].code < pair[1].code),
        "a rank is the order of the code"
    );
}

fn participants(bytes: &[u8]) {
    let list = read(
        "participants.csv",
        bytes,
        read_participants,
        |participants| format!("{:?}", participants.all()),
    );
    let Some(participants) = list else { return };
    for (rank, participant) in ParticipantRank::enumerate(participants.all()) {
        let (district, school) = (
            participant.district_code.as_str(),
            participant.school_code.as_str(),
        );
        assert_eq!(participants.exactly(district, school), Some(rank));
        assert!(
            participants.has_district(district)
                && district.len() == 4
                && matches!(school.len(), 0 | 4)
        );
        let charter = matches!(
            participant.kind,
            ParticipantKind::DistrictCharter | ParticipantKind::InstituteCharter
        );
        assert_eq!(
            charter,
            !school.is_empty(),
            "a charter school, and nobody else, has a school code"
        );
    }
    assert!(
        participants.all().windows(2).all(|pair| pair[0] < pair[1]),
        "a rank is the order of the codes"
    );
}

fn ledger(bytes: &[u8]) {
    let file = "prior-payments.csv";
    let read_ledger = |file: &str, bytes: &[u8]| read_ledger(file, bytes, None, None);
    if let Err(stop) = read_ledger(file, bytes) {
        holds_nobody(&stop.to_string(), []);
    }
    let Some(ledger) = read(file, bytes, read_ledger, |ledger| {
        format!("{:?}", ledger.entries())
    }) else {
        return;
    };
    for entry in ledger.entries() {
        assert!(
            ledger.holds(entry.sasid, &entry.program),
            "what is in the ledger is held by it"
        );
    }
}
