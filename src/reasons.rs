//! What a reason not to qualify (an N code) means for the people who read it: whether it can be a slip, whether an appeal can waive it,
//! and whether its cell's text matters. The catalogue says it of each code, so that `check`, the page, previews, decisions and the funnel
//! of years treat a new reason alike.

/// When a reason is a slip that the sender can correct.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slip {
    /// The reason is about what happened.
    Never,
    /// If the cell is empty.
    IfEmpty,
    /// If the day is later than any file of the school year can report.
    IfNotYetPossible,
    /// If another value is proposed for the cell.
    IfProposed,
    /// If another program is proposed, or no list ever had the code.
    IfNotOfAnotherYear,
}

impl Slip {
    /// Whether the reason is about what happened and not about how it was written, unless the day cannot be: no dollars are shown for
    /// changing it.
    #[must_use]
    pub const fn is_fact(self) -> bool {
        matches!(self, Slip::Never | Slip::IfNotYetPossible)
    }
}

/// A reason not to qualify.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reason {
    pub slip: Slip,
    /// Whether `qualify` in `resolutions.csv` can waive it.
    pub is_waivable: bool,
    /// Whether the message is about the cell's text, which can then be quoted to its sender.
    pub is_about_text: bool,
    /// What it is called as a slip, if not by the code's title.
    pub title_as_slip: Option<&'static str>,
    /// What it is called as a fact, if not by the code's title.
    pub title_as_fact: Option<&'static str>,
    /// What its sender can do about it as a slip, if not the code's fix.
    pub fix_as_slip: Option<&'static str>,
}

impl Reason {
    /// A reason that is a slip at these times. No appeal can waive it, and it is not about a text, until it says otherwise.
    pub(crate) const fn slip(slip: Slip) -> Reason {
        Reason {
            slip,
            is_waivable: false,
            is_about_text: false,
            title_as_slip: None,
            title_as_fact: None,
            fix_as_slip: None,
        }
    }

    pub(crate) const fn waivable(mut self) -> Reason {
        self.is_waivable = true;
        self
    }

    pub(crate) const fn about_text(mut self) -> Reason {
        self.is_about_text = true;
        self
    }

    pub(crate) const fn as_slip(mut self, title: &'static str) -> Reason {
        self.title_as_slip = Some(title);
        self
    }

    pub(crate) const fn fixed_by(mut self, fix: &'static str) -> Reason {
        self.fix_as_slip = Some(fix);
        self
    }

    pub(crate) const fn as_fact(mut self, title: &'static str) -> Reason {
        self.title_as_fact = Some(title);
        self
    }

    /// Whether a cell with another text could have kept the row.
    #[must_use]
    pub fn can_be_mistyped(&self) -> bool {
        self.slip != Slip::Never || self.is_about_text
    }
}
