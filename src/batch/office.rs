//! The program office, and what reports say about it.

use std::borrow::Cow;

use chrono::NaiveDate;

use crate::rules::TEXT_NOT_AT_HAND;

/// The program office, as a reader needs it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProgramOffice {
    pub name: Option<String>,
    /// Who answers questions.
    pub contact: Option<String>,
    /// The deadline for submissions.
    pub deadline: Option<NaiveDate>,
    /// The deadline for appeals.
    pub appeal_until: Option<NaiveDate>,
    /// Where payees return money: an account or an address.
    pub return_to: Option<String>,
    /// Until when they return it.
    pub return_until: Option<NaiveDate>,
    /// Who checked the rules against the statute.
    pub law_checked_by: Option<String>,
    pub law_checked_on: Option<NaiveDate>,
}

impl ProgramOffice {
    /// Who checked the rules against the statute; if nobody did, asks for it.
    #[must_use]
    pub fn law_in_words(&self) -> Cow<'static, str> {
        let Some(by) = &self.law_checked_by else {
            return Cow::Borrowed(TEXT_NOT_AT_HAND);
        };
        let on = self
            .law_checked_on
            .map_or(String::new(), |day| format!(" on {day}"));
        Cow::Owned(format!(
            "{by} checked parameters and readings against C.R.S. 22-54-138(5){on}."
        ))
    }

    /// Whom to ask: the office, its contact, or both; empty if neither is known.
    #[must_use]
    pub fn questions_to(&self) -> Option<String> {
        let known: Vec<&str> = [&self.name, &self.contact]
            .into_iter()
            .filter_map(|text| text.as_deref())
            .collect();
        (!known.is_empty()).then(|| known.join(", "))
    }

    /// The deadline that a report names: for files while it is PRELIMINARY, for appeals once it is FINAL.
    #[must_use]
    pub fn until(&self, is_final: bool) -> Option<(&'static str, String)> {
        if is_final {
            let day = self.appeal_until?;
            return Some(("Appeal", format!("You can appeal a decision until {day}.")));
        }
        let day = self.deadline?;
        Some(("Deadline", format!("Send your corrected file by {day}.")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_about_counsel_is_replaced_by_who_checked_the_law() {
        let mut office = ProgramOffice::default();
        assert_eq!(office.law_in_words(), TEXT_NOT_AT_HAND);
        office.law_checked_by = Some("Jo Example, Assistant Attorney General".into());
        assert_eq!(
            office.law_in_words(),
            "Jo Example, Assistant Attorney General checked parameters and readings against C.R.S. 22-54-138(5)."
        );
        office.law_checked_on = NaiveDate::from_ymd_opt(2024, 8, 30);
        assert_eq!(
            office.law_in_words(),
            "Jo Example, Assistant Attorney General checked parameters and readings against C.R.S. 22-54-138(5) on 2024-08-30."
        );
    }

    #[test]
    fn a_reader_is_told_whom_to_ask_and_until_when() {
        let mut office = ProgramOffice::default();
        assert_eq!(office.questions_to(), None);
        assert_eq!(office.until(true), None);
        office.contact = Some("cdip@example.org".into());
        office.deadline = NaiveDate::from_ymd_opt(2024, 10, 15);
        office.appeal_until = NaiveDate::from_ymd_opt(2024, 12, 1);
        assert_eq!(office.questions_to().as_deref(), Some("cdip@example.org"));
        office.name = Some("CDIP office".into());
        assert_eq!(
            office.questions_to().as_deref(),
            Some("CDIP office, cdip@example.org")
        );
        assert_eq!(
            office.until(false).unwrap().1,
            "Send your corrected file by 2024-10-15."
        );
        assert_eq!(
            office.until(true).unwrap().1,
            "You can appeal a decision until 2024-12-01."
        );
    }
}
