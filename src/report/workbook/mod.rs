//! The Excel workbooks: `statewide.xlsx` for finance staff and auditors, and one workbook for each reporting entity.
//!
//! Made with the kit in `sheets/`. The same calculation gives the same bytes: no clock is read, the file's date is the batch's run
//! date.

mod board;
mod completions;
mod conservation;
pub mod context;
mod decided;
mod entity;
mod findings;
pub(crate) mod formulas;
mod headings;
mod inputs;
mod law;
mod participants;
mod payments;
mod resolutions;
mod review;
mod summary;
#[cfg(test)]
mod tests;
mod tiers;
mod why;

use std::path::Path;

use crate::sheets::book::Workbook;
use rust_xlsxwriter::XlsxError;

pub use self::context::Workbooks;
use super::entities::ReportingEntity;
use crate::finding::Finding;
use crate::sheets::book::save;

impl Workbooks<'_> {
    /// Writes `statewide.xlsx`.
    pub fn write_statewide(&self, path: &Path) -> Result<(), XlsxError> {
        save(&mut self.statewide()?, path)
    }

    /// Writes the workbook of one reporting entity. It holds nothing of any other.
    pub fn write_entity(&self, entity: &ReportingEntity, path: &Path) -> Result<(), XlsxError> {
        save(&mut self.entity(entity)?, path)
    }

    fn statewide(&self) -> Result<Workbook, XlsxError> {
        let stamp = self.stamp("CDIP statewide report".to_string(), self.open_in_words());
        let mut workbook = self.workbook(&stamp);
        let findings: Vec<&Finding> = self.calculation.findings.iter().collect();
        let demand = board::write(&mut workbook, self, &stamp)?;
        summary::write(&mut workbook, self, &stamp, &demand)?;
        tiers::write(&mut workbook, self, &stamp)?;
        participants::write(&mut workbook, self, &stamp)?;
        payments::write(&mut workbook, self, &stamp)?;
        completions::write(&mut workbook, self, &stamp)?;
        findings::write(&mut workbook, self, &stamp, &findings)?;
        law::write(&mut workbook, self, &stamp)?;
        resolutions::write(&mut workbook, self, &stamp)?;
        inputs::write(&mut workbook, self, &stamp)?;
        conservation::write(&mut workbook, self, &stamp)?;
        review::write(&mut workbook, self, &stamp)?;
        Ok(workbook)
    }

    fn entity(&self, entity: &ReportingEntity) -> Result<Workbook, XlsxError> {
        let reason = if self.is_final {
            "these amounts are your award"
        } else {
            "rows, files, questions or decisions of the statewide batch are still open; amounts can change"
        };
        let stamp = self.stamp(
            format!("CDIP report for {} {}", entity.code, entity.name),
            reason.to_string(),
        );
        let mut workbook = self.workbook(&stamp);
        entity::write(&mut workbook, self, entity, &stamp)?;
        Ok(workbook)
    }
}
