//! Parses a rules file. An error names file, line, key, value and what is allowed.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use serde::Deserialize;
use toml::Spanned;

use super::numbers::{Share, Weight};
use super::parameters::{AmountTable, EligibilityTable, Frame, RuleSet, Sections, Tier, TierTable};
use super::readings::{
    CapBase, CapMoney, CapRounding, CapSelection, CrossEntity, READINGS, Readings, Rounding, Unit,
};
use super::sources::{Basis, Source};
use super::terms::{Category, CategorySet, KindSet, ParticipantKind};
use crate::config::{Document, did_you_mean};
use crate::money::Money;
use crate::stop::Stop;
use crate::year::Year;

/// The finest share: six decimals are more than any act has used, and keep the cap's arithmetic far inside 64 bits.
const SHARE_DECIMALS_MAX: u32 = 6;
/// The largest multiplier: no act pays a pupil more than a hundredfold.
const MULTIPLIER_HUNDREDTHS_MAX: u16 = 10_000;
/// The highest tier number; a spreadsheet column of payments is made for each tier.
const TIER_NUMBER_MAX: u32 = 99;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RulesFile {
    id: Spanned<String>,
    title: String,
    budget_year: Spanned<String>,
    school_year: Spanned<String>,
    amount: Spanned<AmountTable>,
    eligibility: Spanned<EligibilityTable>,
    #[serde(rename = "tier", default)]
    tiers: Vec<Spanned<TierTable>>,
    #[serde(default)]
    readings: Overrides,
    #[serde(rename = "source", default)]
    sources: Vec<SourceTable>,
}

/// A `[[source]]` entry.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SourceTable {
    of: Spanned<String>,
    cite: String,
    basis: Spanned<String>,
    #[serde(default)]
    note: String,
    settled_by: Option<String>,
    from: Option<Spanned<String>>,
    until: Option<Spanned<String>>,
}

/// A `[readings]` table: the readings that are chosen.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Overrides {
    unit: Option<Spanned<String>>,
    cap_base: Option<Spanned<String>>,
    cap_rounding: Option<Spanned<String>>,
    cap_selection: Option<Spanned<String>>,
    cap_applies_to: Option<Vec<Spanned<String>>>,
    cap_money: Option<Spanned<String>>,
    rounding: Option<Spanned<String>>,
    cross_entity: Option<Spanned<String>>,
}

impl Overrides {
    /// Applies the table to other readings.
    pub fn over(&self, document: Document<'_>, beneath: Readings) -> Result<Readings, Stop> {
        macro_rules! choose {
            ($field:ident, $kind:ty) => {
                match &self.$field {
                    None => beneath.$field,
                    Some(text) => <$kind>::parse(text.get_ref()).ok_or_else(|| {
                        let allowed = <$kind>::DOC
                            .alternatives
                            .iter()
                            .map(|alternative| alternative.value);
                        not_among(document, text, "reading", allowed)
                    })?,
                }
            };
        }
        Ok(Readings {
            unit: choose!(unit, Unit),
            cap_base: choose!(cap_base, CapBase),
            cap_rounding: choose!(cap_rounding, CapRounding),
            cap_selection: choose!(cap_selection, CapSelection),
            cap_applies_to: match &self.cap_applies_to {
                None => beneath.cap_applies_to,
                Some(kinds) => kind_set(document, kinds)?,
            },
            cap_money: choose!(cap_money, CapMoney),
            rounding: choose!(rounding, Rounding),
            cross_entity: choose!(cross_entity, CrossEntity),
        })
    }
}

/// Reads a rules file.
///
/// # Errors
/// A [`Stop`] that names file, line and key for a syntax error, an unknown key, a wrong type or an impossible rule.
pub fn parse(document: Document<'_>) -> Result<RuleSet, Stop> {
    let file: RulesFile = document.parse()?;
    if file.id.get_ref().trim().is_empty() {
        return Err(document.stop_on(
            &file.id,
            "the id is empty",
            "give the rules a name such as \"co-cdip-2024-25\"",
        ));
    }
    let school_year = year(document, &file.school_year)?;
    let budget_year = year(document, &file.budget_year)?;
    if budget_year.before() != school_year {
        let message = format!("budget year {budget_year} does not pay school year {school_year}");
        return Err(document.stop_on(
            &file.school_year,
            message,
            format!("write \"{}\"", budget_year.before()),
        ));
    }
    let sections = Sections {
        amount: &file.amount,
        eligibility: &file.eligibility,
    };
    let frame = Frame {
        id: file.id.get_ref().clone(),
        title: file.title,
        budget_year,
        school_year,
        tiers: tiers(document, &file.tiers)?,
        readings: file.readings.over(document, Readings::default())?,
        sources: file
            .sources
            .into_iter()
            .map(|table| source(document, table))
            .collect::<Result<_, _>>()?,
        sha256: crate::hash::sha256_hex(document.text.as_bytes()),
    };
    RuleSet::framed(document, frame, &sections)
}

fn bad_value(document: Document<'_>, value: &Spanned<String>, why: &str, fix: &str) -> Stop {
    document.stop_on(value, format!("\"{}\" {why}", value.get_ref()), fix)
}

fn not_among<'a>(
    document: Document<'_>,
    value: &Spanned<String>,
    what: &str,
    allowed: impl IntoIterator<Item = &'a str>,
) -> Stop {
    let found = value.get_ref();
    document.stop_on(
        value,
        format!("unknown {what} \"{found}\""),
        did_you_mean(found, allowed),
    )
}

pub(super) fn year(document: Document<'_>, text: &Spanned<String>) -> Result<Year, Stop> {
    Year::parse(text.get_ref()).ok_or_else(|| {
        bad_value(
            document,
            text,
            "is not a year",
            "write a year such as \"2023-24\"",
        )
    })
}

pub(super) fn dollars(document: Document<'_>, text: &Spanned<String>) -> Result<Money, Stop> {
    Money::from_dollars(text.get_ref()).map_err(|error| {
        bad_value(
            document,
            text,
            &error.to_string(),
            "write dollars such as \"1000.00\"",
        )
    })
}

/// A whole number of a range.
pub(super) fn whole<N: TryFrom<i64>, const LEAST: i64, const MOST: i64>(
    document: Document<'_>,
    value: &Spanned<i64>,
) -> Result<N, Stop> {
    let number = *value.get_ref();
    let in_range = Some(number).filter(|number| (LEAST..=MOST).contains(number));
    in_range
        .and_then(|number| N::try_from(number).ok())
        .ok_or_else(|| {
            document.stop_on(
                value,
                format!("{number} is out of range"),
                format!("allowed: {LEAST} to {MOST}"),
            )
        })
}

pub(super) fn grades(
    document: Document<'_>,
    values: &Spanned<Vec<Spanned<i64>>>,
) -> Result<Vec<u8>, Stop> {
    if values.get_ref().is_empty() {
        return Err(document.stop_on(
            values,
            "no grade qualifies",
            "name at least one grade from 0 (kindergarten) to 12",
        ));
    }
    let grades: BTreeSet<u8> = values
        .get_ref()
        .iter()
        .map(|value| whole::<_, 0, 12>(document, value))
        .collect::<Result<_, _>>()?;
    Ok(grades.into_iter().collect())
}

pub(super) fn multiplier(document: Document<'_>, text: &Spanned<String>) -> Result<Weight, Stop> {
    let fix = "write a number from \"1.00\" to \"100.00\" with at most two decimals";
    exact(text.get_ref(), 2)
        .and_then(|(digits, scale)| u16::try_from(digits * (100 / scale)).ok())
        .filter(|hundredths| (100..=MULTIPLIER_HUNDREDTHS_MAX).contains(hundredths))
        .map(Weight::from_hundredths)
        .ok_or_else(|| bad_value(document, text, "is not a multiplier", fix))
}

/// How a dated change says that a tier no longer has a cap.
const NO_CAP: &str = "none";

/// A cap, unless it is the word that takes one away.
pub(super) fn unless_none<T>(
    document: Document<'_>,
    text: &Spanned<String>,
    read: impl Fn(Document<'_>, &Spanned<String>) -> Result<T, Stop>,
) -> Result<Option<T>, Stop> {
    if text.get_ref() == NO_CAP {
        return Ok(None);
    }
    read(document, text).map(Some)
}

/// A cap's share.
pub(super) fn share(document: Document<'_>, text: &Spanned<String>) -> Result<Share, Stop> {
    exact(text.get_ref(), SHARE_DECIMALS_MAX)
        .filter(|(numerator, denominator)| numerator <= denominator)
        .map(|(numerator, denominator)| Share {
            text: text.get_ref().clone(),
            numerator,
            denominator,
        })
        .ok_or_else(|| {
            bad_value(
                document,
                text,
                "is not a share",
                "write a number from \"0\" to \"1\" with at most six decimals, or \"none\"",
            )
        })
}

/// A decimal that is not negative as (digits, power of ten), if it has at most `decimals` decimals.
fn exact(text: &str, decimals: u32) -> Option<(u64, u64)> {
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    let value = Decimal::from_str_exact(text)
        .ok()
        .filter(|_| plain)?
        .normalize();
    let digits = u64::try_from(value.mantissa())
        .ok()
        .filter(|digits| u32::try_from(*digits).is_ok())?;
    (value.scale() <= decimals).then(|| (digits, 10_u64.pow(value.scale())))
}

pub(super) fn category_set(
    document: Document<'_>,
    words: &Spanned<Vec<Spanned<String>>>,
) -> Result<CategorySet, Stop> {
    let words = words.get_ref().iter();
    words.map(|word| category(document, word)).collect()
}

fn category(document: Document<'_>, word: &Spanned<String>) -> Result<Category, Stop> {
    let known = || Category::ALL.iter().map(|category| category.as_str());
    Category::parse(word.get_ref()).ok_or_else(|| not_among(document, word, "category", known()))
}

fn kind_set(document: Document<'_>, words: &[Spanned<String>]) -> Result<KindSet, Stop> {
    let known = || ParticipantKind::ALL.iter().map(|kind| kind.as_str());
    words
        .iter()
        .map(|word| {
            ParticipantKind::parse(word.get_ref())
                .ok_or_else(|| not_among(document, word, "kind of participant", known()))
        })
        .collect()
}

/// The kinds that can be paid; at least one.
pub(super) fn participant_kinds(
    document: Document<'_>,
    words: &Spanned<Vec<Spanned<String>>>,
) -> Result<KindSet, Stop> {
    if words.get_ref().is_empty() {
        let known: Vec<&str> = ParticipantKind::ALL
            .iter()
            .map(|kind| kind.as_str())
            .collect();
        return Err(document.stop_on(
            words,
            "no kind of participant can be paid",
            format!("name at least one of: {}", known.join(", ")),
        ));
    }
    kind_set(document, words.get_ref())
}

fn tiers(document: Document<'_>, tables: &[Spanned<TierTable>]) -> Result<Vec<Tier>, Stop> {
    if tables.is_empty() {
        return Err(document.stop_at(0..0, "the rules have no tier", "add at least one [[tier]]"));
    }
    let mut tiers: Vec<Tier> = Vec::with_capacity(tables.len());
    for table in tables {
        let number = tier_number(document, &table.get_ref().number)?;
        if tiers.iter().any(|tier| tier.number == number) {
            return Err(document.stop_on(
                &table.get_ref().number,
                format!("two tiers have the number {number}"),
                "give each tier a number of its own",
            ));
        }
        add_tier(document, &mut tiers, number, table)?;
    }
    Ok(tiers)
}

pub(super) fn tier_number(document: Document<'_>, number: &Spanned<i64>) -> Result<u32, Stop> {
    let found = *number.get_ref();
    u32::try_from(found)
        .ok()
        .filter(|number| (1..=TIER_NUMBER_MAX).contains(number))
        .ok_or_else(|| {
            document.stop_on(
                number,
                format!("a tier cannot have the number {found}"),
                format!("allowed: 1 to {TIER_NUMBER_MAX}"),
            )
        })
}

/// Adds a tier in the order of the numbers.
pub(super) fn add_tier(
    document: Document<'_>,
    tiers: &mut Vec<Tier>,
    number: u32,
    table: &Spanned<TierTable>,
) -> Result<(), Stop> {
    categories_of_its_own(document, tiers, number, table.get_ref())?;
    tiers.push(Tier::read(document, number, table)?);
    tiers.sort_by_key(|tier| tier.number);
    Ok(())
}

/// A tier needs at least one category, each once, and none of another tier.
pub(super) fn categories_of_its_own(
    document: Document<'_>,
    tiers: &[Tier],
    number: u32,
    table: &TierTable,
) -> Result<(), Stop> {
    let Some(words) = &table.categories else {
        return Ok(());
    };
    if words.get_ref().is_empty() {
        let known: Vec<&str> = Category::ALL.iter().map(|c| c.as_str()).collect();
        return Err(document.stop_on(
            words,
            format!("tier {number} has no categories"),
            format!("name at least one of: {}", known.join(", ")),
        ));
    }
    let mut seen = BTreeSet::new();
    for word in words.get_ref() {
        let category = category(document, word)?;
        if !seen.insert(category) {
            let message = format!(
                "category \"{}\" is twice in tier {number}",
                category.as_str()
            );
            return Err(document.stop_on(word, message, "leave it there once"));
        }
        let funds_it = |tier: &&Tier| tier.number != number && tier.categories.contains(category);
        if let Some(other) = tiers.iter().find(funds_it) {
            let message = format!(
                "category \"{}\" is in tier {} and in tier {number}",
                category.as_str(),
                other.number
            );
            return Err(document.stop_on(word, message, "leave it in one of them"));
        }
    }
    Ok(())
}

/// Every key that a `[[source]]` can be about, in the order in which they are shown. `available` and `supplement` are for what the
/// law says about money that the batch gives.
fn source_keys() -> Vec<String> {
    let before = ["id", "budget_year", "school_year", "available"];
    let readings = READINGS.iter().map(|doc| format!("readings.{}", doc.key));
    let owned = |key: &&str| (*key).to_string();
    before
        .iter()
        .map(owned)
        .chain(super::parameters::keys())
        .chain(["supplement"].iter().map(owned))
        .chain(readings)
        .collect()
}

/// The place of a source's key among all keys, to sort by.
#[must_use]
pub fn source_rank(of: &str) -> usize {
    let keys = source_keys();
    keys.iter().position(|key| key == of).unwrap_or(keys.len())
}

pub(super) fn basis(document: Document<'_>, word: &Spanned<String>) -> Result<Basis, Stop> {
    let known = Basis::ALL
        .into_iter()
        .find(|basis| basis.as_str() == word.get_ref());
    known.ok_or_else(|| not_among(document, word, "basis", Basis::ALL.map(Basis::as_str)))
}

pub(super) fn source(document: Document<'_>, table: SourceTable) -> Result<Source, Stop> {
    let known = source_keys();
    if !known.contains(table.of.get_ref()) {
        return Err(not_among(
            document,
            &table.of,
            "key",
            known.iter().map(String::as_str),
        ));
    }
    let basis = basis(document, &table.basis)?;
    let from = table
        .from
        .as_ref()
        .map(|text| year(document, text))
        .transpose()?;
    let until = table
        .until
        .as_ref()
        .map(|text| year(document, text))
        .transpose()?;
    if let (Some(from), Some(until), Some(text)) = (from, until, &table.until)
        && until < from
    {
        let message = format!("`until` {until} is before `from` {from}");
        return Err(document.stop_on(text, message, format!("write \"{from}\" or a later year")));
    }
    Ok(Source {
        of: table.of.into_inner(),
        cite: table.cite,
        basis,
        note: table.note,
        settled_by: table.settled_by,
        from,
        until,
    })
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::super::parameters::TierCap;
    use super::*;

    /// The built-in rules of 2024-25 as a rules file.
    static RULES: LazyLock<String> = LazyLock::new(|| {
        super::super::built_in("co-cdip-2024-25")
            .unwrap()
            .unwrap()
            .to_toml()
    });

    fn error(text: &str) -> String {
        parse(Document {
            file: "rules.toml",
            text,
        })
        .unwrap_err()
        .to_string()
    }

    /// The built-in rules with one piece of text replaced.
    fn broken(from: &str, to: &str) -> String {
        assert!(RULES.contains(from), "{from} is not in the rules");
        error(&RULES.replacen(from, to, 1))
    }

    #[test]
    fn the_built_in_rules_of_2024_25_say_what_the_specification_says() {
        let rules = parse(Document {
            file: "rules.toml",
            text: &RULES,
        })
        .unwrap();
        assert_eq!(rules.id, "co-cdip-2024-25");
        assert_eq!(
            (rules.budget_year.to_string(), rules.school_year.to_string()),
            ("2024-25".into(), "2023-24".into())
        );
        assert_eq!(
            (rules.per_unit.to_string(), rules.frl_multiplier.to_string()),
            ("1000.00".into(), "1.20".into())
        );
        assert_eq!(
            (rules.grades.as_slice(), rules.ap_score_min),
            (&[9, 10, 11, 12][..], 3)
        );
        assert_eq!(rules.participant_kinds, KindSet::all());
        let tiers: Vec<_> = rules
            .tiers
            .iter()
            .map(|tier| tier.categories.iter().count())
            .collect();
        assert_eq!(tiers, [1, 4, 1]);
        let tenth = Share {
            text: "0.10".to_string(),
            numerator: 1,
            denominator: 10,
        };
        assert_eq!(rules.tiers[0].cap, Some(TierCap::Share(tenth)));
        assert_eq!(rules.readings, Readings::default());
    }

    /// Each rule, changed so, is refused at its line in words that hold these.
    fn refused(changes: &[(&str, &str, &[&str])]) {
        for (from, to, says) in changes {
            let message = broken(from, to);
            assert!(message.contains("rules.toml, line "), "{message}");
            for words in *says {
                assert!(message.contains(words), "{words} is missing in: {message}");
            }
        }
    }

    #[test]
    fn an_impossible_tier_names_line_key_value_and_what_is_allowed() {
        refused(&[
            (
                "number = 2",
                "number = 1",
                &["two tiers have the number 1", "key tier.number"],
            ),
            (
                "[\"ap_course\"]",
                "[\"internship\"]",
                &[
                    "category \"internship\" is in tier 2 and in tier 3",
                    "key tier.categories",
                ],
            ),
            (
                "[\"ap_course\"]",
                "[\"ap_course\", \"ap_course\"]",
                &[
                    "category \"ap_course\" is twice in tier 3",
                    "tier.categories",
                ],
            ),
            (
                "[\"ap_course\"]",
                "[\"ap_courses\"]",
                &[
                    "unknown category \"ap_courses\"",
                    "did you mean `ap_course`?",
                ],
            ),
            (
                "number = 2",
                "number = 0",
                &[
                    "a tier cannot have the number 0",
                    "key tier.number",
                    "allowed: 1 to 99",
                ],
            ),
            (
                "number = 2",
                "number = -2",
                &["a tier cannot have the number -2", "allowed: 1 to 99"],
            ),
            (
                "[\"ap_course\"]",
                "[]",
                &["tier 3 has no categories", "key tier.categories"],
            ),
        ]);
    }

    #[test]
    fn an_impossible_share_names_line_key_value_and_what_is_allowed() {
        refused(&[
            (
                "cap_share = \"0.10\"",
                "cap_share = \"1.10\"",
                &[
                    "\"1.10\" is not a share",
                    "key tier.cap_share",
                    "from \"0\" to \"1\"",
                ],
            ),
            (
                "cap_share = \"0.10\"",
                "cap_share = \"-0.10\"",
                &["\"-0.10\" is not a share", "from \"0\" to \"1\""],
            ),
            (
                "cap_share = \"0.10\"",
                "cap_share = \"10%\"",
                &["\"10%\" is not a share", "at most six decimals"],
            ),
            (
                "cap_share = \"0.10\"",
                "cap_share = 0.10",
                &["expected a string", "key tier.cap_share"],
            ),
        ]);
    }

    #[test]
    fn an_impossible_amount_names_line_key_value_and_what_is_allowed() {
        refused(&[
            (
                "per_unit = \"1000.00\"",
                "per_unit = \"1000.005\"",
                &["\"1000.005\"", "key amount.per_unit", "write dollars"],
            ),
            (
                "per_unit = \"1000.00\"",
                "per_unit = \"-1\"",
                &["\"-1\" is below zero", "key amount.per_unit"],
            ),
            (
                "frl_multiplier = \"1.20\"",
                "frl_multiplier = \"0.5\"",
                &["is not a multiplier", "key amount.frl_multiplier"],
            ),
            (
                "frl_multiplier = \"1.20\"",
                "frl_multiplier = \"1.125\"",
                &["is not a multiplier", "two decimals"],
            ),
        ]);
    }

    #[test]
    fn an_unknown_reading_names_line_key_value_and_what_is_allowed() {
        refused(&[
            (
                "unit = \"pupil\"",
                "unit = \"pupils\"",
                &[
                    "unknown reading \"pupils\"",
                    "key readings.unit",
                    "did you mean `pupil`?",
                ],
            ),
            (
                "cap_money = \"stays_in_tier\"",
                "cap_money = \"lost\"",
                &[
                    "unknown reading \"lost\"",
                    "key readings.cap_money",
                    "allowed: stays_in_tier, to_next_tier",
                ],
            ),
        ]);
    }

    #[test]
    fn impossible_terms_of_eligibility_name_line_key_value_and_what_is_allowed() {
        refused(&[
            (
                "[9, 10, 11, 12]",
                "[]",
                &[
                    "no grade qualifies",
                    "key eligibility.grades",
                    "0 (kindergarten) to 12",
                ],
            ),
            (
                "participant_kinds = [\"district\", \"district_charter\", \"institute_charter\", \"boces\"]",
                "participant_kinds = []",
                &[
                    "no kind of participant can be paid",
                    "name at least one of: district, district_charter, institute_charter, boces",
                ],
            ),
            (
                "ap_score_min = 3",
                "ap_score_min = 6",
                &["6 is out of range", "allowed: 1 to 5"],
            ),
            (
                "grades = [9,",
                "grades = [90,",
                &["90 is out of range", "allowed: 0 to 12"],
            ),
            (
                "\"boces\"]",
                "\"bocess\"]",
                &[
                    "unknown kind of participant \"bocess\"",
                    "did you mean `boces`?",
                ],
            ),
        ]);
    }

    #[test]
    fn an_impossible_year_or_source_names_line_key_value_and_what_is_allowed() {
        refused(&[
            (
                "until = \"2024-25\"",
                "until = \"2016-17\"",
                &[
                    "`until` 2016-17 is before `from` 2024-25",
                    "key source.until",
                ],
            ),
            (
                "from = \"2017-18\"",
                "from = \"2017\"",
                &["\"2017\" is not a year", "key source.from"],
            ),
            (
                "school_year = \"2023-24\"",
                "school_year = \"2024-25\"",
                &["does not pay school year", "write \"2023-24\""],
            ),
            (
                "school_year = \"2023-24\"",
                "school_year = \"2023\"",
                &["\"2023\" is not a year"],
            ),
            (
                "basis = \"verified\"",
                "basis = \"sure\"",
                &["unknown basis \"sure\"", "allowed: verified"],
            ),
        ]);
    }

    #[test]
    fn an_unknown_key_names_line_key_value_and_what_is_allowed() {
        refused(&[
            (
                "of = \"amount.per_unit\"",
                "of = \"amount.per_pupil\"",
                &[
                    "unknown key \"amount.per_pupil\"",
                    "did you mean `amount.per_unit`?",
                ],
            ),
            (
                "per_unit =",
                "per_pupil =",
                &["unknown key `per_pupil`", "did you mean `per_unit`?"],
            ),
        ]);
    }

    #[test]
    fn rules_without_a_tier_are_refused() {
        let text = RULES.split("[[tier]]").next().unwrap();
        assert!(
            error(text).contains("the rules have no tier"),
            "{}",
            error(text)
        );
    }
}
