//! What letters and packet are made from.

use crate::audit::evidence::Evidence;
use crate::settlement::folder::SettlementFolder;

/// What letters and packet are made from.
#[derive(Clone, Copy)]
pub struct Sources<'s> {
    pub report: &'s Evidence,
    /// The settlement, if given.
    pub settlement: Option<&'s SettlementFolder>,
    /// The earlier report: of the same year, or of the year before.
    pub since: Option<&'s Evidence>,
}
