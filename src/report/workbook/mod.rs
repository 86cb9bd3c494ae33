//! The Excel workbooks: `statewide.xlsx` for finance staff and auditors, and one workbook for each reporting entity.
//!
//! Made with the kit in `sheets/`. The same calculation gives the same bytes: no clock is read, the file's date is the batch's run
//! date.

mod completions;
mod conservation;
pub mod context;
mod entity;
mod findings;
pub(crate) mod formulas;
mod headings;
mod inputs;
mod law;
mod participants;
mod payments;
mod resolutions;
mod summary;
#[cfg(test)]
mod tests;
mod tiers;

use std::path::Path;

use rust_xlsxwriter::{Workbook, XlsxError};

pub use self::context::Workbooks;
use super::entities::ReportingEntity;
use crate::finding::Finding;
use crate::ranks::RowRank;
use crate::returns::marked;
use crate::sheets::book::save;
use crate::sheets::page::Stamp;

impl Workbooks<'_> {
    /// Writes `statewide.xlsx`.
    pub fn write_statewide(&self, path: &Path) -> Result<(), XlsxError> {
        save(&mut self.statewide()?, path)
    }

    /// Writes the workbook of one reporting entity. It holds nothing of any other.
    pub fn write_entity(&self, entity: &ReportingEntity, path: &Path) -> Result<(), XlsxError> {
        save(&mut self.entity(entity)?, path)
    }

    /// Writes the marked-up return of one reporting entity: its own files and rows, and of their columns only those that the program
    /// knows.
    pub fn write_marked(&self, entity: &ReportingEntity, path: &Path) -> Result<(), XlsxError> {
        let calculation = self.calculation;
        let own = entity::own_findings(self, entity);
        let open: Vec<&Finding> = own
            .iter()
            .copied()
            .filter(|finding| calculation.is_open(finding))
            .collect();
        let Stamp {
            title,
            facts,
            label,
            ..
        } = self.stamp(
            format!("CDIP marked-up return of {} {}", entity.code, entity.name),
            String::new(),
        );
        let standing = if calculation.is_final() {
            "Outcomes are those of the FINAL report."
        } else {
            "Outcomes are those of a PRELIMINARY report and can change until it is final."
        };
        let marking = marked::Marking {
            intake: &calculation.intake,
            ended: &|row| {
                let decision = &calculation.decisions[row];
                (decision.codes, Some(decision.outcome))
            },
            files: &entity.files,
            rows: &entity.rows,
            settled: own.len() - open.len(),
            open: &open,
            title,
            facts,
            label,
            about: standing.to_string(),
            date: calculation.batch.run_date,
            spool: self.spool.as_deref(),
        };
        marked::write(path, &marking, marked::Content::Known)
    }

    fn statewide(&self) -> Result<Workbook, XlsxError> {
        let stamp = self.stamp("CDIP statewide report".to_string(), self.open_in_words());
        let mut workbook = self.workbook(&stamp)?;
        let findings: Vec<&Finding> = self.calculation.findings.iter().collect();
        summary::write(&mut workbook, self, &stamp)?;
        tiers::write(&mut workbook, self, &stamp)?;
        participants::write(&mut workbook, self, &stamp)?;
        payments::write(&mut workbook, self, &stamp)?;
        completions::write(
            &mut workbook,
            self,
            &stamp,
            headings::COMPLETIONS,
            self.records.len(),
            RowRank::new,
            None,
        )?;
        findings::write(&mut workbook, self, &stamp, &findings)?;
        law::write(&mut workbook, self, &stamp)?;
        resolutions::write(&mut workbook, self, &stamp)?;
        inputs::write(&mut workbook, self, &stamp)?;
        conservation::write(&mut workbook, self, &stamp)?;
        Ok(workbook)
    }

    fn entity(&self, entity: &ReportingEntity) -> Result<Workbook, XlsxError> {
        let reason = if self.calculation.is_final() {
            "nothing is open in the statewide batch"
        } else {
            "rows or files of the statewide batch are still open; amounts can change"
        };
        let stamp = self.stamp(
            format!("CDIP report for {} {}", entity.code, entity.name),
            reason.to_string(),
        );
        let mut workbook = self.workbook(&stamp)?;
        entity::write(&mut workbook, self, entity, &stamp)?;
        Ok(workbook)
    }
}
