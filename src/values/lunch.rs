//! Free or reduced-price lunch (calculation.md, "Lunch"): the meaning of words, and of letters by their column.

use super::answers::Answer;
use super::characters::among;

/// The meaning of single letters and digits in a column, judged by its other cells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Letters {
    /// Some cell is a single R or P: F is Free, R Reduced, P Paid.
    pub meal_codes: bool,
    /// Some cell is 0: 2 is reduced.
    pub zero: bool,
}

impl Letters {
    /// Adds a cell of the column as evidence.
    pub fn see(&mut self, text: &str) {
        self.meal_codes |= among(text, &["r", "p"]);
        self.zero |= text == "0";
    }
}

/// The meaning of a cell of the column.
#[must_use]
pub fn lunch(text: &str, letters: Letters) -> Option<Answer> {
    const YES: [&str; 12] = [
        "y",
        "yes",
        "true",
        "t",
        "1",
        "free",
        "reduced",
        "free lunch",
        "reduced lunch",
        "reduced price",
        "reduced-price",
        "eligible",
    ];
    const NO: [&str; 8] = [
        "n",
        "no",
        "false",
        "0",
        "paid",
        "full price",
        "not eligible",
        "ineligible",
    ];
    match text {
        "" => Some(Answer::Empty),
        "01" | "02" => Some(Answer::Yes),
        "00" => Some(Answer::No),
        "2" => letters.zero.then_some(Answer::Yes),
        _ if among(text, &["f", "r"]) => letters.meal_codes.then_some(Answer::Yes),
        _ if among(text, &["p"]) => letters.meal_codes.then_some(Answer::No),
        _ if among(text, &YES) => Some(Answer::Yes),
        _ if among(text, &NO) => Some(Answer::No),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(cells: &[&str]) -> Letters {
        let mut letters = Letters::default();
        for cell in cells {
            letters.see(cell);
        }
        letters
    }

    #[test]
    fn a_letter_is_read_from_its_column() {
        let meals = of(&["F", "r", ""]);
        assert_eq!(
            ["F", "r", "P"].map(|text| lunch(text, meals)),
            [Some(Answer::Yes), Some(Answer::Yes), Some(Answer::No)]
        );
        assert_eq!(lunch("F", of(&["F", "N", "Y"])), None);
        assert_eq!(lunch("2", of(&["0", "1", "2"])), Some(Answer::Yes));
        assert_eq!(lunch("2", of(&["00", "1", "2"])), None);
    }

    #[test]
    fn words_are_read_in_any_column() {
        for text in ["Free Lunch", "REDUCED-PRICE", "eligible", "01", "02", "T"] {
            assert_eq!(lunch(text, Letters::default()), Some(Answer::Yes), "{text}");
        }
        for text in [
            "Full Price",
            "not eligible",
            "Ineligible",
            "00",
            "0",
            "paid",
        ] {
            assert_eq!(lunch(text, Letters::default()), Some(Answer::No), "{text}");
        }
        assert_eq!(lunch("", Letters::default()), Some(Answer::Empty));
        for text in ["maybe", "03", "Free/Reduced"] {
            assert_eq!(lunch(text, Letters::default()), None, "{text}");
        }
    }
}
