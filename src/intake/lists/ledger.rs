//! The ledger of prior payments: completions that were paid in an earlier budget year.

use std::collections::HashMap;

use super::programs::Programs;
use super::table::{Faults, List, list_columns};
use crate::ids::Sasid;
use crate::stop::Stop;
use crate::values::made_of;
use crate::year::Year;

list_columns!(Column {
    Sasid: required "sasid" "SASID";
    ProgramCode: required "program_code" "Program Code";
    BudgetYear: required "budget_year" "Budget Year";
});

/// A completion paid before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriorPayment {
    /// Its physical row in the ledger.
    pub line: u32,
    pub sasid: Sasid,
    /// Upper case.
    pub program: String,
    /// As written.
    pub budget_year: String,
}

/// The ledger of prior payments.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    file: String,
    entries: Vec<PriorPayment>,
    by_pupil: HashMap<Sasid, Vec<usize>>,
}

impl Ledger {
    /// The file that it is in.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The entries in the order of the file.
    #[must_use]
    pub fn entries(&self) -> &[PriorPayment] {
        &self.entries
    }

    /// The first entry that paid the pupil's program, in any year (N309).
    #[must_use]
    pub fn entry(&self, sasid: Sasid, program: &str) -> Option<&PriorPayment> {
        let entries = self.by_pupil.get(&sasid)?.iter();
        entries
            .map(|entry| &self.entries[*entry])
            .find(|entry| entry.program == program)
    }

    /// Whether the pupil's program was paid in any year.
    #[must_use]
    pub fn holds(&self, sasid: Sasid, program: &str) -> bool {
        self.entry(sasid, program).is_some()
    }
}

/// Codes that a spreadsheet spoiled. They would match no completion, which would then be paid again.
struct Spoiled<'p> {
    programs: Option<&'p Programs>,
    /// By code that the list does not have: what it became, and the code that it was.
    known: HashMap<String, Option<(&'static str, String)>>,
}

impl<'p> Spoiled<'p> {
    fn new(programs: Option<&'p Programs>) -> Spoiled<'p> {
        Spoiled {
            programs,
            known: HashMap::new(),
        }
    }

    fn code(&mut self, typed: &str) -> Option<(&'static str, String)> {
        let programs = self.programs.filter(|list| list.rank(typed).is_none())?;
        if let Some(known) = self.known.get(typed) {
            return known.clone();
        }
        let made = programs
            .all()
            .iter()
            .find_map(|program| Some((made_of(typed, &program.code)?, program.code.clone())));
        self.known.insert(typed.to_string(), made.clone());
        made
    }
}

/// Reads the ledger of prior payments; `programs` is the qualified list, if it could be read. Rows of the batch's own budget year
/// or later are refused: payments of the same year belong to a settlement (calculation.md, section 7).
///
/// # Errors
/// A [`Stop`] with every fault of the list and its cells.
pub fn read_ledger(
    file: &str,
    bytes: &[u8],
    batch_year: Option<Year>,
    programs: Option<&Programs>,
) -> Result<Ledger, Stop> {
    let mut spoiled = Spoiled::new(programs);
    let list: List<'_, Column> = List::read(file, bytes)?;
    let mut faults = Faults::default();
    let mut ledger = Ledger {
        file: file.to_string(),
        ..Ledger::default()
    };
    for row in list.rows() {
        let sasid = list.sasid(&mut faults, row, Column::Sasid);
        let program = list.program_code(&mut faults, row, Column::ProgramCode);
        if let Some((what, code)) = program.as_deref().and_then(|typed| spoiled.code(typed)) {
            list.fault(
                &mut faults,
                (row, Column::ProgramCode),
                format!("Program Code is {what}, which a spreadsheet makes of {code}"),
                format!("write {code} if that was paid, and save the column as text"),
            );
        }
        let budget_year = row.unguarded(Column::BudgetYear);
        let is_own = |year: Year| batch_year.is_some_and(|own| own <= year);
        if Year::parse_loosely(budget_year).is_some_and(is_own) {
            list.fault(
                &mut faults,
                (row, Column::BudgetYear),
                format!("a payment of budget year {budget_year} is not a prior payment"),
                "remove the rows of the batch's own year and later: what this run pays is not a prior payment",
            );
        }
        let (Some(sasid), Some(program)) = (sasid, program) else {
            continue;
        };
        ledger
            .by_pupil
            .entry(sasid)
            .or_default()
            .push(ledger.entries.len());
        ledger.entries.push(PriorPayment {
            line: row.number,
            sasid,
            program,
            budget_year: budget_year.to_string(),
        });
    }
    faults.or(ledger)
}
