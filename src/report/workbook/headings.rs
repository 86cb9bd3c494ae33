//! Names of sheets and columns that formulas and other sheets refer to.

/// The sheet of the state's workbook.
pub(super) const COMPLETIONS: &str = "Completions";
/// The sheet of an entity's workbook.
pub(super) const ROWS: &str = "Rows";

/// Headings that formulas refer to.
pub(super) const SOURCE_FILE: &str = "Source file";
pub(super) const TIER: &str = "Tier";
pub(super) const FRL: &str = "FRL";
pub(super) const PARTICIPANT: &str = "Participant";
pub(super) const PAYEE: &str = "Payee";
pub(super) const OUTCOME: &str = "Outcome";
pub(super) const CODES: &str = "Codes";
pub(super) const WEIGHT: &str = "Weight";
pub(super) const AMOUNT: &str = "Amount";
/// The participant behind letters: a spreadsheet compares `0010` as the number 10, and `P-0010` as it stands.
pub(super) const KEY: &str = "Key";
pub(super) const RATE: &str = "Rate";
pub(super) const ROW: &str = "Row";
/// What stands before a participant's code in its key.
pub(super) const KEY_PREFIX: &str = "P-";
