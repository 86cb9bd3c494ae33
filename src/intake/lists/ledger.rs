//! The ledger of prior payments: completions that were paid in an earlier budget year.

use std::collections::HashMap;

use super::table::{Faults, List, list_columns};
use crate::ids::Sasid;
use crate::stop::Stop;
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
    entries: Vec<PriorPayment>,
    by_pupil: HashMap<Sasid, Vec<usize>>,
}

impl Ledger {
    /// The entries in the order of the file.
    #[must_use]
    pub fn entries(&self) -> &[PriorPayment] {
        &self.entries
    }

    /// The first entry that paid the pupil's program, in whatever year (N309).
    #[must_use]
    pub fn entry(&self, sasid: Sasid, program: &str) -> Option<&PriorPayment> {
        let entries = self.by_pupil.get(&sasid)?.iter();
        entries
            .map(|entry| &self.entries[*entry])
            .find(|entry| entry.program == program)
    }

    /// Whether the pupil's program was paid in whatever year.
    #[must_use]
    pub fn holds(&self, sasid: Sasid, program: &str) -> bool {
        self.entry(sasid, program).is_some()
    }
}

/// Reads the ledger of prior payments. Rows of the batch's own budget year or a later one are refused: paying twice what one run
/// has paid is what a settlement is for (calculation.md, section 7).
///
/// # Errors
/// A [`Stop`] with every fault of the list and its cells.
pub fn read_ledger(file: &str, bytes: &[u8], batch_year: Option<Year>) -> Result<Ledger, Stop> {
    let list: List<'_, Column> = List::read(file, bytes)?;
    let mut faults = Faults::default();
    let mut ledger = Ledger::default();
    for row in list.rows() {
        let sasid = list.sasid(&mut faults, row, Column::Sasid);
        let program = list.program_code(&mut faults, row, Column::ProgramCode);
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
