//! Names of sheets and columns that formulas and other sheets refer to.

use crate::results::columns::ResultColumn;

/// The sheet of the state's workbook.
pub(super) const COMPLETIONS: &str = "Completions";

/// Headings that formulas refer to.
pub(super) const SOURCE_FILE: &str = ResultColumn::SourceFile.entry().title;
pub(super) const TIER: &str = ResultColumn::Tier.entry().title;
pub(super) const FRL: &str = ResultColumn::Frl.entry().title;
pub(super) const PARTICIPANT: &str = ResultColumn::Participant.entry().title;
pub(super) const OUTCOME: &str = ResultColumn::Outcome.entry().title;
pub(super) const CODES: &str = ResultColumn::Codes.entry().title;
pub(super) const WEIGHT: &str = ResultColumn::Weight.entry().title;
pub(super) const AMOUNT: &str = ResultColumn::Amount.entry().title;
pub(super) const KEY: &str = ResultColumn::Key.entry().title;
pub(super) const RATE: &str = ResultColumn::Rate.entry().title;
pub(super) const ROW: &str = ResultColumn::SourceRow.entry().title;
/// What a participant's key begins with.
pub(super) const KEY_PREFIX: &str = "P-";
