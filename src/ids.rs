//! Ids of pupils. Whatever prints a value for people or logs prints a placeholder; outputs that need the id ask for it by name.

use std::fmt;
use std::num::NonZeroU64;

/// The state's student id: exactly ten digits, so that the number orders and compares like the text. Kept plus one, so that an id
/// or none takes eight bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sasid(NonZeroU64);

impl Sasid {
    const DIGITS: usize = 10;

    /// The id, if the text is exactly ten ASCII digits. It is never padded: a shorter number may be another pupil's.
    #[must_use]
    pub fn parse(text: &str) -> Option<Sasid> {
        let is_id = text.len() == Sasid::DIGITS && text.bytes().all(|byte| byte.is_ascii_digit());
        is_id
            .then(|| text.parse().ok().map(Sasid::from_number))
            .flatten()
    }

    /// The id of a number. One beyond ten digits is nobody's, which is what an invented pupil needs.
    #[must_use]
    pub const fn from_number(number: u64) -> Sasid {
        Sasid(NonZeroU64::MIN.saturating_add(number))
    }

    /// The ten digits, for outputs that may hold them.
    #[must_use]
    pub fn reveal(self) -> String {
        format!("{:0>width$}", self.reveal_number(), width = Sasid::DIGITS)
    }

    /// The number, for outputs that may hold it and for what is only compared.
    #[must_use]
    pub const fn reveal_number(self) -> u64 {
        self.0.get() - 1
    }
}

/// What stands for an id wherever it must not be read.
const PLACEHOLDER: &str = "[SASID]";

impl fmt::Debug for Sasid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(PLACEHOLDER)
    }
}

impl fmt::Display for Sasid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(PLACEHOLDER)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_shown_only_to_code_that_asks_for_it() {
        let id = Sasid::parse("0000000001").unwrap();
        assert_eq!(format!("{id} {id:?}"), "[SASID] [SASID]");
        assert_eq!(id.reveal(), "0000000001");
    }

    #[test]
    fn an_id_is_ten_digits_and_never_padded() {
        for text in ["", "123456789", "12345678901", "123456789a"] {
            assert_eq!(Sasid::parse(text), None, "{text}");
        }
    }
}
