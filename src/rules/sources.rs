//! Where a parameter or reading comes from, and how firmly it is known.

use serde::Deserialize;

use crate::year::Year;

/// How firmly a parameter is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Basis {
    /// Read in a public source.
    Verified,
    /// Follows from verified figures.
    Arithmetic,
    /// Our reading.
    Inference,
    /// The law or the record is silent.
    Open,
}

impl Basis {
    /// Every basis, the firmest first.
    pub const ALL: [Basis; 4] = [
        Basis::Verified,
        Basis::Arithmetic,
        Basis::Inference,
        Basis::Open,
    ];

    /// As written in a rule set.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Basis::Verified => "verified",
            Basis::Arithmetic => "arithmetic",
            Basis::Inference => "inference",
            Basis::Open => "open",
        }
    }

    /// What it means, for people.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Basis::Verified => "read in a public source",
            Basis::Arithmetic => "follows from verified figures",
            Basis::Inference => "our reading",
            Basis::Open => "the law or the record is silent",
        }
    }
}

/// Where a parameter or reading comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The key it is about: `amount.per_unit`, `tier.cap_share`, `readings.unit`.
    pub of: String,
    /// The act or page.
    pub cite: String,
    /// How firmly it is known.
    pub basis: Basis,
    /// What a reader should know about it.
    pub note: String,
    /// What would settle it, if it is not verified.
    pub settled_by: Option<String>,
    /// The first budget year it held for.
    pub from: Option<Year>,
    /// The last one, if it ended before the program did.
    pub until: Option<Year>,
}

impl Source {
    /// Whether it says what is not settled.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        match self.basis {
            Basis::Verified | Basis::Arithmetic => false,
            Basis::Inference | Basis::Open => true,
        }
    }
}
