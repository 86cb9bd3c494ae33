//! The parameters of a rule set, each defined once: its key, its type, how a file writes it, what it means, what of two years cannot be
//! compared if it changed between them, and what a clerk is told of it. Rules files, dated changes, TOML and JSON, comparisons, the sheet
//! *Readings and law*, the reference pages and the template take them from here.
//!
//! A later parameter has a default: rule sets that do not mention it have that value, so their text and hash stay the same.

use serde::Deserialize;
use serde_json::{Value, json};
use toml::Spanned;

use super::numbers::{Share, Weight};
use super::parse;
use super::readings::Readings;
use super::sources::Source;
use super::terms::{Category, CategorySet, KindSet, ParticipantKind};
use crate::config::Document;
use crate::money::Money;
use crate::stop::Stop;
use crate::words::listed;
use crate::year::Year;

/// A list of words in a file, each at its place.
type Words = Spanned<Vec<Spanned<String>>>;

/// A parameter's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParameterValue {
    /// As a rules file writes it; nothing if the key is left out.
    pub written: Written,
    /// In words, for people: `$1,000.00`; `District`, `BOCES`.
    pub words: Vec<String>,
}

impl ParameterValue {
    /// `$1,000.00`, `District and BOCES`.
    #[must_use]
    pub fn shown(&self) -> String {
        listed(self.words.iter().map(String::as_str))
    }
}

/// How a rules file writes a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    Absent,
    Text(String),
    Number(u64),
    Numbers(Vec<u8>),
    Words(Vec<&'static str>),
}

/// A parameter of a rule set or of one of its tiers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParameterEntry {
    /// `amount`, `eligibility` or `tier`.
    pub section: &'static str,
    /// Its key in the section.
    pub key: &'static str,
    /// What it means, a sentence.
    pub meaning: &'static str,
    /// Its value.
    pub value: ParameterValue,
    /// Whether a rules file may leave it out, because it has its default.
    pub left_out: bool,
}

/// A key that a `[[source]]` can be about, in the order of the tables.
pub fn keys() -> impl Iterator<Item = String> {
    RULE_SET_KEYS
        .iter()
        .chain(TIER_KEYS)
        .map(|known| format!("{}.{}", known.section, known.key))
}

/// What is known of a parameter.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    section: &'static str,
    key: &'static str,
    /// What it means, a sentence.
    pub meaning: &'static str,
    /// What cannot be compared across its change, and why.
    pub effect: &'static str,
}

/// What is known of a parameter, by its full key: `amount.per_unit`.
#[must_use]
pub fn known(full_key: &str) -> Option<&'static Known> {
    let (section, key) = full_key.split_once('.')?;
    RULE_SET_KEYS
        .iter()
        .chain(TIER_KEYS)
        .find(|known| (known.section, known.key) == (section, key))
}

/// What a clerk who fills in a submission is told of a parameter.
#[derive(Clone, Copy, Debug)]
enum Clerk {
    /// Nothing: no cell of a submission can be right or wrong because of it.
    Nothing,
    /// A topic, and a sentence with `{}` for the value.
    Told(&'static str, &'static str),
}

/// Declares the parameters of a rule set by the section of a rules file that they are in, and with them the type of a rule set.
macro_rules! rule_set_parameters {
    ($( $section:ident: $table:ident {
        $( $key:ident: $type:ty = $raw:ty, $read:path $(, default $default:expr)?; $meaning:literal; $effect:literal; $clerk:expr; )+
    } )+) => {
        /// The rules of one budget year.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct RuleSet {
            /// `co-cdip-2024-25` or the like.
            pub id: String,
            /// The name people use.
            pub title: String,
            /// The year of the money.
            pub budget_year: Year,
            /// The year of the completions.
            pub school_year: Year,
            $($( #[doc = $meaning] pub $key: $type, )+)+
            /// In ascending order of number.
            pub tiers: Vec<Tier>,
            /// The rule set's readings; a batch may choose others.
            pub readings: Readings,
            /// Where everything comes from.
            pub sources: Vec<Source>,
            /// SHA-256 of the rules file, hexadecimal; for a built-in rule set that of its text as a rules file ([`RuleSet::to_toml`]).
            pub sha256: String,
        }

        /// What a rule set is besides its parameters.
        pub(super) struct Frame {
            pub id: String,
            pub title: String,
            pub budget_year: Year,
            pub school_year: Year,
            pub tiers: Vec<Tier>,
            pub readings: Readings,
            pub sources: Vec<Source>,
            pub sha256: String,
        }

        $(
            /// A section of a rules file or of a change.
            #[derive(Clone, Default, Deserialize)]
            #[serde(deny_unknown_fields)]
            pub(super) struct $table { $( $key: Option<$raw>, )+ }
        )+

        /// The sections of a rules file.
        pub(super) struct Sections<'f> { $( pub $section: &'f Spanned<$table>, )+ }

        const RULE_SET_KEYS: &[Known] = &[$($( Known {
            section: stringify!($section), key: stringify!($key), meaning: $meaning, effect: $effect,
        }, )+)+];

        const CLERKS: &[Clerk] = &[$($( $clerk, )+)+];

        impl RuleSet {
            pub(super) fn framed(document: Document<'_>, frame: Frame, sections: &Sections<'_>) -> Result<RuleSet, Stop> {
                Ok(RuleSet {
                    id: frame.id,
                    title: frame.title,
                    budget_year: frame.budget_year,
                    school_year: frame.school_year,
                    $($( $key: match &sections.$section.get_ref().$key {
                        Some(raw) => $read(document, raw)?,
                        None => value_or_missing!(document, sections.$section, $key $(, $default)?),
                    }, )+)+
                    tiers: frame.tiers,
                    readings: frame.readings,
                    sources: frame.sources,
                    sha256: frame.sha256,
                })
            }

            /// Applies the sections of a change to the rules.
            pub(super) fn change(&mut self, document: Document<'_>, $( $section: &$table, )+) -> Result<(), Stop> {
                $($( if let Some(raw) = &$section.$key {
                    self.$key = $read(document, raw)?;
                } )+)+
                Ok(())
            }

            /// Every parameter but those of the tiers, in the order of a rules file.
            #[must_use]
            pub fn entries(&self) -> Vec<ParameterEntry> {
                vec![$($( ParameterEntry {
                    section: stringify!($section),
                    key: stringify!($key),
                    meaning: $meaning,
                    value: self.$key.parameter(),
                    left_out: is_default!(self.$key $(, $default)?),
                }, )+)+]
            }
        }
    };
}

impl RuleSet {
    /// What a clerk who fills in a submission is told: a topic and a sentence for each parameter that asks something of a row.
    #[must_use]
    pub fn told_to_clerks(&self) -> Vec<(&'static str, String)> {
        let entries = self.entries().into_iter().zip(CLERKS);
        let asking = entries.filter(|(entry, _)| !entry.left_out && !entry.value.words.is_empty());
        asking
            .filter_map(|(entry, clerk)| match clerk {
                Clerk::Nothing => None,
                Clerk::Told(topic, sentence) => {
                    let words = entry.value.words.join(", ");
                    Some((*topic, sentence.replace("{}", &words)))
                }
            })
            .collect()
    }
}

/// Declares the parameters of a tier besides its number and name, and with them the type of a tier. Each kind of cap has a key of its own;
/// a tier has at most one of them.
macro_rules! tier_parameters {
    (
        { $( $key:ident: $type:ty = $raw:ty, $read:path $(, default $default:expr)?; $meaning:literal; $effect:literal; )+ }
        caps { $( $kind:ident($of:ty): $cap_key:ident, $cap_read:path; $cap_meaning:literal; $cap_effect:literal; )+ }
    ) => {
        /// A group of categories funded together.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Tier {
            /// Its number; tiers are funded in ascending order.
            pub number: u32,
            /// Its name.
            pub name: String,
            $( #[doc = $meaning] pub $key: $type, )+
            /// What one participant may be paid for, if there is a limit.
            pub cap: Option<TierCap>,
        }

        /// The cap of a tier in the rules.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum TierCap {
            $( #[doc = $cap_meaning] $kind($of), )+
        }

        /// A `[[tier]]` of a rules file, or of a change, where every key but the number is optional.
        #[derive(Clone, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(super) struct TierTable {
            pub number: Spanned<i64>,
            pub name: Option<String>,
            $( pub $key: Option<$raw>, )+
            $( $cap_key: Option<Spanned<String>>, )+
        }

        const TIER_KEYS: &[Known] = &[
            $( Known { section: "tier", key: stringify!($key), meaning: $meaning, effect: $effect }, )+
            $( Known { section: "tier", key: stringify!($cap_key), meaning: $cap_meaning, effect: $cap_effect }, )+
        ];

        impl Tier {
            /// A new tier of this number.
            pub(super) fn read(document: Document<'_>, number: u32, table: &Spanned<TierTable>) -> Result<Tier, Stop> {
                let given = table.get_ref();
                let Some(name) = given.name.clone() else {
                    return Err(missing(document, table, "name"));
                };
                Ok(Tier {
                    number,
                    name,
                    $( $key: match &given.$key {
                        Some(raw) => $read(document, raw)?,
                        None => value_or_missing!(document, table, $key $(, $default)?),
                    }, )+
                    cap: given.cap(document)?.flatten(),
                })
            }

            /// Applies a change to the tier. A cap takes the place of one of another kind.
            pub(super) fn change(&mut self, document: Document<'_>, table: &TierTable) -> Result<(), Stop> {
                if let Some(name) = &table.name {
                    self.name.clone_from(name);
                }
                $( if let Some(raw) = &table.$key {
                    self.$key = $read(document, raw)?;
                } )+
                if let Some(cap) = table.cap(document)? {
                    self.cap = cap;
                }
                Ok(())
            }

            /// Its parameters besides number and name, in the order of a rules file.
            #[must_use]
            pub fn entries(&self) -> Vec<ParameterEntry> {
                vec![
                    $( ParameterEntry {
                        section: "tier",
                        key: stringify!($key),
                        meaning: $meaning,
                        value: self.$key.parameter(),
                        left_out: is_default!(self.$key $(, $default)?),
                    }, )+
                    $( ParameterEntry {
                        section: "tier",
                        key: stringify!($cap_key),
                        meaning: $cap_meaning,
                        value: match &self.cap {
                            Some(TierCap::$kind(of)) => of.parameter(),
                            _ => value(Written::Absent, ["no cap"]),
                        },
                        left_out: !matches!(self.cap, Some(TierCap::$kind(_))),
                    }, )+
                ]
            }
        }

        impl TierTable {
            /// The cap that it gives, or that it takes away; nothing if it says nothing of a cap.
            fn cap(&self, document: Document<'_>) -> Result<Option<Option<TierCap>>, Stop> {
                let mut given: Option<(&str, Option<TierCap>)> = None;
                $( if let Some(text) = &self.$cap_key {
                    if let Some((other, _)) = given {
                        let message = format!("a tier has one cap, and this one also has `{other}`");
                        return Err(document.stop_on(text, message, "leave one of them out"));
                    }
                    let cap = parse::unless_none(document, text, $cap_read)?;
                    given = Some((stringify!($cap_key), cap.map(TierCap::$kind)));
                } )+
                Ok(given.map(|(_, cap)| cap))
            }
        }
    };
}

/// The default of a key that is not there, or the stop that names it.
macro_rules! value_or_missing {
    ($document:expr, $table:expr, $key:ident) => {
        return Err(missing($document, $table, stringify!($key)))
    };
    ($document:expr, $table:expr, $key:ident, $default:expr) => {
        $default
    };
}

macro_rules! is_default {
    ($value:expr) => {
        false
    };
    ($value:expr, $default:expr) => {
        $value == $default
    };
}

rule_set_parameters! {
    amount: AmountTable {
        per_unit: Money = Spanned<String>, parse::dollars;
            "The most that one award pays.";
            "Rates, dollars and the cost of full funding: the amount of an award differs.";
            Clerk::Nothing;
        frl_multiplier: Weight = Spanned<String>, parse::multiplier;
            "The weight of a unit with free or reduced-price lunch.";
            "Rates and dollars of units with free or reduced-price lunch, and the cost of full funding. A prorated rate is lower where units weigh more.";
            Clerk::Nothing;
    }
    eligibility: EligibilityTable {
        grades: Vec<u8> = Spanned<Vec<Spanned<i64>>>, parse::grades;
            "Grades that qualify.";
            "Qualified rows, units, pupils and dollars: pupils of other grades count.";
            Clerk::Told("Grades", "{}");
        ap_score_min: u16 = Spanned<i64>, parse::whole::<_, 1, 5>;
            "The lowest AP exam score that qualifies.";
            "Qualified rows, units, pupils and dollars of AP courses, and every total with them.";
            Clerk::Told("AP courses", "an AP Exam Score of {} or more");
        graduation_credit_required: CategorySet = Words, parse::category_set;
            "Categories that must carry credit toward graduation.";
            "Qualified rows, units, pupils and dollars of the categories named, and every total with them.";
            Clerk::Told("Graduation credit", "Yes is needed for: {}");
        participant_kinds: KindSet = Words, parse::participant_kinds;
            "Kinds of participants that can be paid.";
            "Every total of units, pupils and dollars: of the state, and by kind, sector, category and tier. Some kinds are paid in one of the years only. \
             Participants of a kind that is paid in both years can be compared.";
            Clerk::Nothing;
    }
}

tier_parameters! {
    {
        categories: CategorySet = Words, parse::category_set;
            "Groups of categories, funded in this order.";
            "Everything by tier: a tier has different categories. Rates and dollars by category too, because a tier is paid before the next.";
    }
    caps {
        Share(Share): cap_share, parse::share;
            "The share of a tier's certificates that one participant may be paid for.";
            "Units within the cap and over it, their pupils, and what the largest participants are paid.";
    }
}

impl TierCap {
    /// Whether its limit grows with the rows of the whole state.
    #[must_use]
    pub fn grows_with_the_state(&self) -> bool {
        match self {
            TierCap::Share(_) => true,
        }
    }
}

fn missing<T>(document: Document<'_>, table: &Spanned<T>, key: &str) -> Stop {
    document.stop_on(
        table,
        format!("key `{key}` is missing"),
        format!("add `{key} = ...`"),
    )
}

/// What can be a parameter.
trait Parameter {
    fn parameter(&self) -> ParameterValue;
}

fn value(written: Written, words: impl IntoIterator<Item = impl ToString>) -> ParameterValue {
    let words = words.into_iter().map(|word| word.to_string()).collect();
    ParameterValue { written, words }
}

impl Parameter for Money {
    fn parameter(&self) -> ParameterValue {
        value(Written::Text(self.to_string()), [self.grouped()])
    }
}

impl Parameter for Weight {
    fn parameter(&self) -> ParameterValue {
        value(Written::Text(self.to_string()), [self])
    }
}

impl Parameter for Vec<u8> {
    fn parameter(&self) -> ParameterValue {
        let grades = self.iter().map(|grade| crate::values::grade_text(*grade));
        value(Written::Numbers(self.clone()), grades)
    }
}

impl Parameter for u16 {
    fn parameter(&self) -> ParameterValue {
        value(Written::Number((*self).into()), [self])
    }
}

impl Parameter for CategorySet {
    fn parameter(&self) -> ParameterValue {
        value(
            Written::Words(self.iter().map(Category::as_str).collect()),
            self.iter().map(Category::label),
        )
    }
}

impl Parameter for KindSet {
    fn parameter(&self) -> ParameterValue {
        value(
            Written::Words(self.iter().map(ParticipantKind::as_str).collect()),
            self.iter().map(ParticipantKind::label),
        )
    }
}

impl Parameter for Share {
    fn parameter(&self) -> ParameterValue {
        value(Written::Text(self.text.clone()), [&self.text])
    }
}

impl Written {
    /// The value in TOML; nothing if the key is left out.
    #[must_use]
    pub fn to_toml(&self) -> Option<String> {
        match self {
            Written::Absent => None,
            Written::Text(text) => Some(super::quoting::quoted(text)),
            Written::Number(number) => Some(number.to_string()),
            Written::Numbers(numbers) => Some(format!("{numbers:?}")),
            Written::Words(words) => Some(super::quoting::list(words)),
        }
    }

    /// The value in JSON; null if a file leaves the key out.
    #[must_use]
    pub fn to_json(&self) -> Value {
        match self {
            Written::Absent => Value::Null,
            Written::Text(text) => json!(text),
            Written::Number(number) => json!(number),
            Written::Numbers(numbers) => json!(numbers),
            Written::Words(words) => json!(words),
        }
    }

    /// The words of a file without quotes; `none` for nothing.
    #[must_use]
    pub fn in_words(&self) -> String {
        let words = match self {
            Written::Absent => String::new(),
            Written::Text(text) => text.clone(),
            Written::Number(number) => number.to_string(),
            Written::Numbers(numbers) => {
                let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
                numbers.join(", ")
            }
            Written::Words(words) => words.join(", "),
        };
        if words.is_empty() {
            "none".to_string()
        } else {
            words
        }
    }

    /// The members, if the value is a list of words.
    #[must_use]
    pub fn members(&self) -> Option<&[&'static str]> {
        match self {
            Written::Words(words) => Some(words),
            _ => None,
        }
    }
}
