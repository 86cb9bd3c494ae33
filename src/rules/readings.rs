//! Readings: choices where the law is silent (calculation.md, "Readings"). Each documents itself, so that help, workbook and
//! documentation cannot differ from the code.

use serde_json::{Map, Value, json};

use super::terms::{KindSet, ParticipantKind};
use crate::config::did_you_mean;
use crate::words::{clause, listed, sentence};

/// One value of a reading and what it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alternative {
    /// As written in `batch.toml` and rule sets.
    pub value: &'static str,
    /// What the program does under it, one sentence.
    pub meaning: &'static str,
}

/// What a reading decides, and its alternatives.
#[derive(Clone, Copy, Debug)]
pub struct ReadingDoc {
    /// The key under `[readings]`.
    pub key: &'static str,
    /// The question that the law leaves open.
    pub question: &'static str,
    /// Why it is open, and why the default is the default.
    pub why: &'static str,
    /// The values; the first is the default. For `cap_applies_to` these are the members of the list.
    pub alternatives: &'static [Alternative],
}

impl ReadingDoc {
    /// What a value means, in one sentence.
    #[must_use]
    pub fn meaning(&self, value: &ReadingValue) -> String {
        match value {
            ReadingValue::One(value) => self.meaning_of(value).to_string(),
            ReadingValue::Many(values) => {
                let meanings = values.iter().map(|value| self.meaning_of(value));
                let members: Vec<String> = meanings
                    .map(|meaning| clause(meaning.trim_end_matches('.')))
                    .collect();
                sentence(&listed(members.iter().map(String::as_str)))
            }
        }
    }

    /// What one of the alternatives means.
    #[must_use]
    pub fn meaning_of(&self, value: &str) -> &'static str {
        let mut alternatives = self.alternatives.iter();
        let found = alternatives.find(|alternative| alternative.value == value);
        found.map_or("", |found| found.meaning)
    }
}

/// Declares a reading as an enum that knows its key, its values and their meanings.
macro_rules! reading {
    ($(#[$doc:meta])* $name:ident, $key:literal, $question:literal, $why:literal,
     { $($(#[$variant_doc:meta])* $variant:ident = $value:literal, $meaning:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $(#[doc = $meaning] $variant,)+ }

        impl $name {
            /// Every value, the default first.
            pub const ALL: &'static [$name] = &[$($name::$variant,)+];
            /// What the reading decides.
            pub const DOC: ReadingDoc = ReadingDoc {
                key: $key, question: $question, why: $why,
                alternatives: &[$(Alternative { value: $value, meaning: $meaning },)+],
            };

            /// As written in a file.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $value,)+ }
            }

            /// The value written so, if it is one.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.as_str() == text)
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::ALL[0]
            }
        }
    };
}

reading!(
    /// What one award is paid for.
    Unit, "unit",
    "Is one award paid for a pupil or for a completion?",
    "The act says \"each pupil\". The department's 2021-22 page says \"each completed credential\", its 2024 page \"each pupil who \
     completes a program\". Published totals count completions. The default follows the words of the act.",
    {
        Pupil = "pupil", "One award per pupil: the pupil's first certificate in the earliest tier that can pay it.";
        PupilPerTier = "pupil_per_tier", "One award per pupil in each tier.";
        Completion = "completion", "One award for every qualified completion.";
    }
);

reading!(
    /// What the tier's cap is a share of.
    CapBase, "cap_base",
    "Is the 10% cap a share of the qualified or of all reported certificates?",
    "HB18-1266 says \"of the total number of completed industry certificates reported\". It does not say whether rows that do not \
     qualify count as reported. Under the default a row that does not qualify changes no amount: otherwise a participant could raise the cap \
     by reporting rows that earn nothing.",
    {
        Qualified = "qualified", "The base is the tier's certificates: the rows that passed every check.";
        Reported = "reported", "The base is every readable row whose program is on the year's list in the tier's categories.";
    }
);

reading!(
    /// How the cap's limit becomes a whole number.
    CapRounding, "cap_rounding",
    "How is the cap's limit rounded to a whole number of certificates?",
    "The act gives a percentage and no rounding. Rounding down keeps everyone at or below 10%.",
    {
        Floor = "floor", "Rounded down.";
        Nearest = "nearest", "Rounded to the nearest whole number, halves up.";
        Ceiling = "ceiling", "Rounded up.";
    }
);

reading!(
    /// Which units of a capped participant are kept.
    CapSelection, "cap_selection",
    "Which certificates of a capped participant are paid?",
    "The cap counts certificates, not dollars. The act does not say which ones; the order of completion is the neutral choice.",
    {
        Earliest = "earliest", "The earliest by date, then by SASID and program.";
        FrlFirst = "frl_first", "First those of pupils with free or reduced-price lunch, then the others; each group by date.";
        Proportional = "proportional", "Pupils with free or reduced-price lunch keep their share of the participant's units, rounded half up.";
    }
);

reading!(
    /// Where the money goes that a capped participant does not get.
    CapMoney, "cap_money",
    "Does the money of over-cap certificates stay in the tier?",
    "The act does not say who gains from the cap. Staying in the tier follows from the order of the distributions.",
    {
        StaysInTier = "stays_in_tier", "Yes: it raises the rate of the tier's other units.";
        ToNextTier = "to_next_tier", "No: over-cap units count in the demand, and their share of the money goes to the next tier.";
    }
);

reading!(
    /// How fractions of cents in a prorated tier are settled.
    Rounding, "rounding",
    "How are fractions of a cent settled in a prorated tier?",
    "The act is silent. Under the default equal pupils get equal amounts, and a residual of a few dollars stays unpaid.",
    {
        UniformFloor = "uniform_floor", "Every unit gets the rate rounded down to the cent. The rest is the tier's residual.";
        LargestRemainder = "largest_remainder", "All the money is paid: the cents that are left go one each to the largest fractions.";
    }
);

reading!(
    /// What happens to a completion that two participants report.
    CrossEntity, "cross_entity",
    "Who is paid when two participants report the same pupil and program?",
    "The record does not settle it, and paying the wrong one is hard to undo. By default a person decides.",
    {
        Hold = "hold", "Nobody: the rows are held until the office decides.";
        Earliest = "earliest", "The earliest completion; the other rows are duplicates.";
    }
);

/// `cap_applies_to`: which kinds of participants the cap binds.
pub const CAP_APPLIES_TO: ReadingDoc = ReadingDoc {
    key: "cap_applies_to",
    question: "Which kinds of participants does the 10% cap bind?",
    why: "HB18-1266 names \"a single district or charter school\". BOCES came in 2023, and the act does not name them. By default the cap binds all kinds.",
    alternatives: &[
        Alternative {
            value: "district",
            meaning: "School districts.",
        },
        Alternative {
            value: "district_charter",
            meaning: "Charter schools of a district.",
        },
        Alternative {
            value: "institute_charter",
            meaning: "Institute charter schools.",
        },
        Alternative {
            value: "boces",
            meaning: "Boards of cooperative services.",
        },
    ],
};

/// Every reading, in the order of calculation.md.
pub const READINGS: [ReadingDoc; 8] = [
    Unit::DOC,
    CapBase::DOC,
    CapRounding::DOC,
    CapSelection::DOC,
    CAP_APPLIES_TO,
    CapMoney::DOC,
    Rounding::DOC,
    CrossEntity::DOC,
];

/// The readings in force for a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Readings {
    /// What one award is paid for.
    pub unit: Unit,
    /// What the cap is a share of.
    pub cap_base: CapBase,
    /// How the cap's limit is rounded.
    pub cap_rounding: CapRounding,
    /// Which units of a capped participant are kept.
    pub cap_selection: CapSelection,
    /// Which kinds the cap binds.
    pub cap_applies_to: KindSet,
    /// Where over-cap money goes.
    pub cap_money: CapMoney,
    /// How fractions of cents are settled.
    pub rounding: Rounding,
    /// What happens to a completion reported twice.
    pub cross_entity: CrossEntity,
}

impl Default for Readings {
    fn default() -> Self {
        Readings {
            unit: Unit::default(),
            cap_base: CapBase::default(),
            cap_rounding: CapRounding::default(),
            cap_selection: CapSelection::default(),
            cap_applies_to: KindSet::all(),
            cap_money: CapMoney::default(),
            rounding: Rounding::default(),
            cross_entity: CrossEntity::default(),
        }
    }
}

/// The value of one reading, as written in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadingValue {
    /// One of the alternatives.
    One(&'static str),
    /// Members of the list (`cap_applies_to`).
    Many(Vec<&'static str>),
}

impl std::fmt::Display for ReadingValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ReadingValue::One(value) => f.write_str(value),
            ReadingValue::Many(values) => f.write_str(&values.join(", ")),
        }
    }
}

impl serde::Serialize for ReadingValue {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            ReadingValue::One(value) => serializer.serialize_str(value),
            ReadingValue::Many(values) => serializer.collect_seq(values),
        }
    }
}

impl Readings {
    /// The readings with one of them changed: `value` as in a file, several kinds joined by `+`. The error says what is allowed.
    pub fn choosing(mut self, key: &str, value: &str) -> Result<Readings, String> {
        fn one<T>(value: Option<T>, found: &str, doc: &ReadingDoc) -> Result<T, String> {
            let allowed = doc.alternatives.iter().map(|alternative| alternative.value);
            value.ok_or_else(|| {
                format!(
                    "{} has no value \"{found}\": {}",
                    doc.key,
                    did_you_mean(found, allowed)
                )
            })
        }
        match key {
            "unit" => self.unit = one(Unit::parse(value), value, &Unit::DOC)?,
            "cap_base" => self.cap_base = one(CapBase::parse(value), value, &CapBase::DOC)?,
            "cap_rounding" => {
                self.cap_rounding = one(CapRounding::parse(value), value, &CapRounding::DOC)?;
            }
            "cap_selection" => {
                self.cap_selection = one(CapSelection::parse(value), value, &CapSelection::DOC)?;
            }
            "cap_money" => self.cap_money = one(CapMoney::parse(value), value, &CapMoney::DOC)?,
            "rounding" => self.rounding = one(Rounding::parse(value), value, &Rounding::DOC)?,
            "cross_entity" => {
                self.cross_entity = one(CrossEntity::parse(value), value, &CrossEntity::DOC)?;
            }
            "cap_applies_to" => {
                let kinds = value
                    .split('+')
                    .filter(|kind| !kind.is_empty() && *kind != "none");
                self.cap_applies_to = kinds
                    .map(|kind| one(ParticipantKind::parse(kind), kind, &CAP_APPLIES_TO))
                    .collect::<Result<KindSet, String>>()?;
            }
            _ => {
                return Err(format!(
                    "unknown reading \"{key}\": {}",
                    did_you_mean(key, READINGS.iter().map(|doc| doc.key))
                ));
            }
        }
        Ok(self)
    }

    /// By key, as a file holds them.
    #[must_use]
    pub fn to_json(&self) -> Map<String, Value> {
        let entries = self.entries().into_iter();
        entries
            .map(|(doc, value)| (doc.key.to_string(), json!(value)))
            .collect()
    }

    /// The readings with those of a file changed. The error says what is allowed.
    pub fn choosing_all(self, found: &Map<String, Value>) -> Result<Readings, String> {
        let mut readings = self;
        for (key, value) in found {
            let value = match value {
                Value::Array(values) => {
                    let words: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
                    words.join("+")
                }
                value => value.as_str().unwrap_or_default().to_string(),
            };
            readings = readings.choosing(key, &value)?;
        }
        Ok(readings)
    }

    /// Every reading with its value, in the order of [`READINGS`].
    #[must_use]
    pub fn entries(&self) -> Vec<(ReadingDoc, ReadingValue)> {
        let kinds = self
            .cap_applies_to
            .iter()
            .map(ParticipantKind::as_str)
            .collect();
        let values = [
            ReadingValue::One(self.unit.as_str()),
            ReadingValue::One(self.cap_base.as_str()),
            ReadingValue::One(self.cap_rounding.as_str()),
            ReadingValue::One(self.cap_selection.as_str()),
            ReadingValue::Many(kinds),
            ReadingValue::One(self.cap_money.as_str()),
            ReadingValue::One(self.rounding.as_str()),
            ReadingValue::One(self.cross_entity.as_str()),
        ];
        READINGS.into_iter().zip(values).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::terms::KindSet;

    #[test]
    fn what_a_list_means_is_one_sentence() {
        let meaning =
            |kinds: &[&'static str]| CAP_APPLIES_TO.meaning(&ReadingValue::Many(kinds.to_vec()));
        assert_eq!(
            meaning(&["district", "district_charter", "boces"]),
            "School districts, charter schools of a district and boards of cooperative services."
        );
        assert_eq!(meaning(&["boces"]), "Boards of cooperative services.");
        assert_eq!(meaning(&[]), "None.");
    }

    #[test]
    fn what_a_file_says_of_the_readings_comes_back_also_a_cap_that_binds_nobody() {
        let of_nobody = Readings {
            unit: Unit::Completion,
            cap_applies_to: KindSet::default(),
            ..Readings::default()
        };
        let written = of_nobody.to_json();
        assert_eq!(written["cap_applies_to"], json!([]));
        assert_eq!(written["unit"], json!("completion"));
        assert_eq!(Readings::default().choosing_all(&written), Ok(of_nobody));
    }
}
