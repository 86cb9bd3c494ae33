//! stub
use super::entities::ReportingEntity;
use crate::calculation::Calculation;
use rust_xlsxwriter::{Workbook, XlsxError};
use std::path::Path;
/// stub
pub fn write_statewide(_: &Calculation, path: &Path) -> Result<(), XlsxError> {
    let mut w = Workbook::new();
    w.add_worksheet();
    w.save(path)
}
/// stub
pub fn write_entity(_: &Calculation, _: &ReportingEntity, path: &Path) -> Result<(), XlsxError> {
    let mut w = Workbook::new();
    w.add_worksheet();
    w.save(path)
}
