//! Warns where the batch's money is not what the law is known to give. No amount changes.

use super::{BATCH_FILE, Batch};
use crate::catalogue::Code;
use crate::finding::Finding;
use crate::money::Money;
use crate::rules::{Basis, RuleSet, Source};
use crate::year::Year;

/// The one budget year whose law gives a supplement, C.R.S. 22-54-138(5)(f).
const SUPPLEMENT_YEAR: Option<Year> = Year::beginning(2023);

/// W228 and W229: a supplement in a year without one, and an appropriation other than the verified one.
#[must_use]
pub fn doubts(batch: &Batch) -> Vec<Finding> {
    [supplement_of_no_law(batch), other_money(batch)]
        .into_iter()
        .flatten()
        .collect()
}

fn supplement_of_no_law(batch: &Batch) -> Option<Finding> {
    let year = batch.rules.budget_year;
    let pool = batch.supplement.filter(|_| Some(year) != SUPPLEMENT_YEAR)?;
    let message = format!(
        "supplement_available is {}, but the law gives a supplement for 2023-24 alone, and the rules are those of {year}; cdip pays it anyway",
        pool.grouped()
    );
    Some(Finding::of_file(Code::W228, BATCH_FILE).saying(message))
}

/// The appropriation that a verified source names, and that source.
#[must_use]
pub fn verified_money(rules: &RuleSet) -> Option<(Money, &Source)> {
    let mut sources = rules.sources_of("available");
    let source = sources.find(|source| source.basis == Basis::Verified)?;
    Some((dollars_in(&source.note)?, source))
}

fn other_money(batch: &Batch) -> Option<Finding> {
    let (known, source) = verified_money(&batch.rules)?;
    if batch.available == known {
        return None;
    }
    let message = format!(
        "available is {}, but {} gives {} for budget year {}",
        batch.available.grouped(),
        source.cite,
        known.grouped(),
        batch.rules.budget_year
    );
    Some(Finding::of_file(Code::W229, BATCH_FILE).saying(message))
}

/// The first amount in a note: `$9,500,000 a year`.
fn dollars_in(note: &str) -> Option<Money> {
    let (_, rest) = note.split_once('$')?;
    let is_amount = |c: char| c.is_ascii_digit() || c == ',' || c == '.';
    let end = rest.find(|c| !is_amount(c)).unwrap_or(rest.len());
    Money::from_written(rest[..end].trim_end_matches([',', '.'])).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_can_end_with_its_amount_or_name_none() {
        assert_eq!(dollars_in("it was $12.50.").map(Money::cents), Some(1250));
        assert_eq!(dollars_in("$2,000"), Money::from_dollars("2000").ok());
        assert_eq!(dollars_in("no amount"), None);
        assert_eq!(dollars_in("in $"), None);
    }
}
