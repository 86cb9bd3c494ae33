//! The law, year by year: one complete base for the first year, and dated differences (`sets/base.toml`, `sets/changes.toml`). What
//! years share is written once, so that a correction reaches all of them.

use serde::Deserialize;
use toml::Spanned;

use super::parameters::{AmountTable, EligibilityTable, RuleSet, Tier, TierTable};
use super::parse::{self, Overrides, SourceTable};
use super::readings::ReadingDoc;
use super::sources::{Basis, Source};
use crate::config::{Document, did_you_mean};
use crate::stop::Stop;
use crate::year::Year;

const BASE: Document<'static> = Document {
    file: "base.toml (built in)",
    text: include_str!("sets/base.toml"),
};
const CHANGES: Document<'static> = Document {
    file: "changes.toml (built in)",
    text: include_str!("sets/changes.toml"),
};

/// The first budget year of the program, by the calendar year in which it begins.
pub(super) const FIRST_BUDGET_YEAR: u16 = 2017;
/// The last budget year of the program.
pub(super) const LAST_BUDGET_YEAR: u16 = 2025;
/// The act that makes it the last.
pub(super) const ENDED_BY: &str = "SB25-315 (2025)";

/// An act of the legislature.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Act {
    /// `SB23-065 (2023)`.
    pub name: String,
    /// What it did.
    pub did: String,
    /// How firmly that is known.
    pub basis: Basis,
    /// What is not known about it.
    pub open: Option<String>,
    /// What would settle that.
    pub settled_by: Option<String>,
}

/// What the state published about a year.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Published {
    /// The school year of the completions.
    pub completions_of: Year,
    /// How many were reported, as the publication words it.
    pub reported: String,
    /// How many were paid.
    pub paid: String,
    /// From how much money.
    pub money: String,
    /// How much each got.
    pub each: String,
    /// How firmly `each` is known.
    pub basis: Basis,
}

/// A difference from the year before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The first budget year it holds for.
    pub from: Year,
    /// The last one, if it ends before the program does.
    pub until: Option<Year>,
    /// The act that made it, if any.
    pub act: Option<String>,
    /// What changed, a clause.
    pub what: String,
}

impl Change {
    fn holds_in(&self, year: Year) -> bool {
        self.from <= year && self.until.is_none_or(|until| year <= until)
    }
}

/// The law as the program understands it.
#[derive(Clone, Debug)]
pub struct History {
    /// In the order of their years.
    pub acts: Vec<Act>,
    /// In the order of their years.
    pub published: Vec<Published>,
    /// In the order of their years.
    pub changes: Vec<Change>,
    /// A rule set for each budget year of the program, in order.
    pub years: Vec<RuleSet>,
}

impl History {
    /// Reads the base and the changes, and builds every year.
    ///
    /// # Errors
    /// Only if the built-in files are broken, which the tests of this module rule out.
    pub fn read() -> Result<History, Stop> {
        History::of(BASE, CHANGES)
    }

    fn of(base: Document<'_>, document: Document<'_>) -> Result<History, Stop> {
        let base = parse::parse(base)?;
        let file: ChangesFile = document.parse()?;
        let mut changes: Vec<Dated> = Vec::with_capacity(file.changes.len());
        for table in file.changes {
            let change = Dated::read(document, table, &file.acts)?;
            if changes
                .last()
                .is_some_and(|last| last.change.from > change.change.from)
            {
                return Err(document.stop_on(
                    &change.table.from,
                    "the changes are not in the order of their years",
                    "sort them",
                ));
            }
            changes.push(change);
        }
        let years = budget_years()
            .map(|year| rules_of(document, year, &base, &changes))
            .collect::<Result<_, _>>()?;
        Ok(History {
            acts: file.acts,
            published: file.published,
            changes: changes.into_iter().map(|dated| dated.change).collect(),
            years,
        })
    }

    /// The changes with which a budget year begins.
    pub fn changes_of(&self, year: Year) -> impl Iterator<Item = &Change> {
        self.changes
            .iter()
            .filter(move |change| change.from == year)
    }

    /// What is special about a budget year, in one clause.
    #[must_use]
    pub fn special(&self, year: Year) -> String {
        let said: Vec<&str> = self
            .changes_of(year)
            .map(|change| change.what.as_str())
            .collect();
        if said.is_empty() {
            "as the year before".to_string()
        } else {
            said.join("; ")
        }
    }

    /// Every source with the years whose rule sets have it, in the order of keys and years.
    #[must_use]
    pub fn sources(&self) -> Vec<HeldSource<'_>> {
        let mut held: Vec<HeldSource<'_>> = Vec::new();
        for rules in &self.years {
            for source in &rules.sources {
                match held.iter_mut().find(|held| held.source == source) {
                    Some(held) => held.last = rules.budget_year,
                    None => held.push(HeldSource {
                        source,
                        first: rules.budget_year,
                        last: rules.budget_year,
                    }),
                }
            }
        }
        // Stable: the sources of one key stay in the order of their years.
        held.sort_by_key(|held| parse::source_rank(&held.source.of));
        held
    }

    /// Everything that is not settled: the inferences and the open points.
    #[must_use]
    pub fn open_points(&self) -> Vec<HeldSource<'_>> {
        let mut points = self.sources();
        points.retain(|held| held.source.is_open());
        points
    }

    /// The acts about which something is not known, with what that is and what would settle it.
    pub fn open_acts(&self) -> impl Iterator<Item = (&Act, &str, &str)> {
        self.acts
            .iter()
            .filter_map(|act| Some((act, act.open.as_deref()?, act.settled_by.as_deref()?)))
    }

    /// The values that rule sets choose for a reading, in the order of years.
    #[must_use]
    pub fn choices(&self, reading: &ReadingDoc) -> Vec<Choice> {
        let key = format!("readings.{}", reading.key);
        let mut choices: Vec<Choice> = Vec::new();
        for rules in &self.years {
            let entries = rules.readings.entries();
            let value = entries
                .into_iter()
                .find(|(doc, _)| doc.key == reading.key)
                .map(|(_, value)| value.to_string())
                .unwrap_or_default();
            let sources: Vec<Source> = rules.sources_of(&key).cloned().collect();
            match choices.last_mut() {
                Some(last) if last.value == value && last.sources == sources => {
                    last.last = rules.budget_year;
                }
                _ => choices.push(Choice {
                    first: rules.budget_year,
                    last: rules.budget_year,
                    value,
                    sources,
                }),
            }
        }
        choices
    }
}

/// The value that the rule sets of some years choose for a reading, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The first of the years.
    pub first: Year,
    /// The last of them.
    pub last: Year,
    /// The value.
    pub value: String,
    /// Where it comes from.
    pub sources: Vec<Source>,
}

/// A source and the years whose rule sets have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldSource<'h> {
    /// What is said.
    pub source: &'h Source,
    /// The first budget year.
    pub first: Year,
    /// The last one.
    pub last: Year,
}

/// The budget years of the program, in order.
pub fn budget_years() -> impl Iterator<Item = Year> {
    (FIRST_BUDGET_YEAR..=LAST_BUDGET_YEAR).filter_map(Year::beginning)
}

/// Whether a calendar year is one since the program began, in which no reported pupil was born.
pub(crate) fn is_since_the_program(year: i32) -> bool {
    year >= i32::from(FIRST_BUDGET_YEAR)
}

/// The built-in id of a budget year.
#[must_use]
pub fn id_of(year: Year) -> String {
    format!("co-cdip-{year}")
}

/// The rule set of one year: the base, every change up to that year, and the sources that hold in it.
fn rules_of(
    document: Document<'_>,
    year: Year,
    base: &RuleSet,
    changes: &[Dated],
) -> Result<RuleSet, Stop> {
    let in_the_base = base.budget_year.to_string();
    let mut rules = base.clone();
    rules.id = base.id.replace(&in_the_base, &year.to_string());
    rules.title = base.title.replace(&in_the_base, &year.to_string());
    rules.budget_year = year;
    rules.school_year = year.before();
    for source in &mut rules.sources {
        source.from = Some(base.budget_year);
    }
    for dated in changes.iter().filter(|dated| dated.change.holds_in(year)) {
        dated.apply(document, &mut rules)?;
    }
    rules
        .sources
        .retain(|source| source.until.is_none_or(|until| year <= until));
    keep_the_latest_money(&mut rules.sources);
    rules
        .sources
        .sort_by_key(|source| parse::source_rank(&source.of));
    rules.sha256 = crate::hash::sha256_hex(rules.to_toml().as_bytes());
    Ok(rules)
}

/// A year's money replaces the earlier one's. That one then needs no `until`, which would change the hash of its year.
fn keep_the_latest_money(sources: &mut Vec<Source>) {
    let is_money = |source: &Source| source.of == "available" && source.until.is_none();
    let latest = sources.iter().filter(|source| is_money(source));
    let latest = latest.filter_map(|source| source.from).max();
    sources.retain(|source| !is_money(source) || source.from == latest);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangesFile {
    #[serde(rename = "act")]
    acts: Vec<Act>,
    published: Vec<Published>,
    #[serde(rename = "change")]
    changes: Vec<ChangeTable>,
}

/// A `[[change]]`: the keys of a rules file, all optional.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangeTable {
    from: Spanned<String>,
    until: Option<Spanned<String>>,
    act: Option<Spanned<String>>,
    what: String,
    #[serde(default)]
    amount: AmountTable,
    #[serde(default)]
    eligibility: EligibilityTable,
    #[serde(rename = "tier", default)]
    tiers: Vec<Spanned<TierTable>>,
    #[serde(default)]
    readings: Overrides,
    /// Values whose earlier sources no longer hold for the year; their open points stay. Earlier years keep the sources, and with them
    /// their hash.
    #[serde(default)]
    replaces: Vec<Spanned<String>>,
    /// Values whose earlier open points are settled.
    #[serde(default)]
    settles: Vec<Spanned<String>>,
    #[serde(rename = "source", default)]
    sources: Vec<SourceTable>,
}

/// A change whose year and act are known.
struct Dated {
    change: Change,
    table: ChangeTable,
}

impl Dated {
    fn read(document: Document<'_>, table: ChangeTable, acts: &[Act]) -> Result<Dated, Stop> {
        let from = parse::year(document, &table.from)?;
        let until = match &table.until {
            Some(text) => Some(parse::year(document, text)?),
            None => None,
        };
        if let Some(act) = table
            .act
            .as_ref()
            .filter(|name| acts.iter().all(|act| act.name != *name.get_ref()))
        {
            let fix = did_you_mean(act.get_ref(), acts.iter().map(|act| act.name.as_str()));
            return Err(document.stop_on(act, format!("unknown act \"{}\"", act.get_ref()), fix));
        }
        let act = table.act.clone().map(Spanned::into_inner);
        Ok(Dated {
            change: Change {
                from,
                until,
                act,
                what: table.what.clone(),
            },
            table,
        })
    }

    fn apply(&self, document: Document<'_>, rules: &mut RuleSet) -> Result<(), Stop> {
        let ChangeTable {
            amount,
            eligibility,
            tiers,
            readings,
            replaces,
            settles,
            sources,
            ..
        } = &self.table;
        rules.change(document, amount, eligibility)?;
        for table in tiers {
            change_tier(document, &mut rules.tiers, table)?;
        }
        rules.readings = readings.over(document, rules.readings)?;
        let known = replaces.iter().map(|of| (of, false, "source"));
        let open = settles.iter().map(|of| (of, true, "open point"));
        for (of, is_open, what) in known.chain(open) {
            let before = rules.sources.len();
            rules
                .sources
                .retain(|source| source.of != *of.get_ref() || source.is_open() != is_open);
            if rules.sources.len() == before {
                let message = format!("no earlier {what} is about `{}`", of.get_ref());
                let fix = "name a value as a `[[source]]` does, such as `tier.categories`";
                return Err(document.stop_on(of, message, fix.to_string()));
            }
        }
        for table in sources {
            let source = parse::source(document, table.clone())?;
            rules.sources.push(Source {
                from: Some(self.change.from),
                until: source.until.or(self.change.until),
                ..source
            });
        }
        Ok(())
    }
}

/// Changes the tier of that number, or adds it.
fn change_tier(
    document: Document<'_>,
    tiers: &mut Vec<Tier>,
    table: &Spanned<TierTable>,
) -> Result<(), Stop> {
    let number = parse::tier_number(document, &table.get_ref().number)?;
    let Some(position) = tiers.iter().position(|tier| tier.number == number) else {
        return parse::add_tier(document, tiers, number, table);
    };
    parse::categories_of_its_own(document, tiers, number, table.get_ref())?;
    tiers[position].change(document, table.get_ref())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::TierCap;
    use crate::rules::difference::Parameter;
    use crate::rules::terms::Category;

    fn last_year() -> Year {
        Year::beginning(LAST_BUDGET_YEAR).unwrap()
    }

    /// The changes of the program with one more, from the last year on.
    fn with_change(keys: &str) -> Result<History, Stop> {
        let text = format!(
            "{}\n[[change]]\nfrom = \"{}\"\nwhat = \"x\"\n{keys}\n",
            CHANGES.text,
            last_year()
        );
        History::of(
            BASE,
            Document {
                file: "changes.toml",
                text: &text,
            },
        )
    }

    fn year(history: &History, budget_year: &str) -> RuleSet {
        let found = history
            .years
            .iter()
            .find(|rules| rules.budget_year.to_string() == budget_year);
        found.unwrap().clone()
    }

    /// The rules of the last year and of the one before it.
    fn last_two(history: &History) -> (&RuleSet, &RuleSet) {
        let [.., before, last] = &history.years[..] else {
            panic!("there are several years");
        };
        (last, before)
    }

    #[test]
    fn the_money_of_a_later_year_replaces_the_money_of_an_earlier_one() {
        let source = |of: &str, from: u16| Source {
            of: of.to_string(),
            cite: "an act".to_string(),
            basis: Basis::Verified,
            note: "a note".to_string(),
            settled_by: None,
            from: Year::beginning(from),
            until: None,
        };
        let mut sources = vec![
            source("available", 2024),
            source("amount.per_unit", 2017),
            source("available", 2025),
        ];
        keep_the_latest_money(&mut sources);
        assert_eq!(
            sources,
            [source("amount.per_unit", 2017), source("available", 2025)]
        );
    }

    /// Each fact in words, with its year: the last year of the program, and how many tiers there are.
    fn facts_in_words(rules: &RuleSet) -> Vec<String> {
        let about = rules
            .sources
            .iter()
            .filter(|source| ["budget_year", "tier.categories"].contains(&source.of.as_str()));
        about.map(|source| source.note.clone()).collect()
    }

    #[test]
    fn sources_of_the_last_year_say_its_number_and_that_of_its_tiers() {
        let rules = History::read().unwrap().years.last().unwrap().clone();
        // At least one note says it, and none says anything else: a note of an earlier year would contradict the new one.
        let says = |begins: &str, words: &str| {
            let notes = facts_in_words(&rules);
            let about: Vec<&String> = notes.iter().filter(|note| note.contains(begins)).collect();
            !about.is_empty() && about.iter().all(|note| note.contains(words))
        };
        let begins = "The program's last budget year is ";
        let last = format!("{begins}{}.", last_year());
        let fix = "needs `replaces` and a source in the change of the new year (CONTRIBUTING.md, Add a budget year)";
        assert!(says(begins, &last), "the note of `budget_year` {fix}");
        let tiers = ["One", "Two", "Three", "Four", "Five"][rules.tiers.len() - 1];
        let begins = " sequential distributions";
        let tiers = format!("{tiers}{begins}");
        assert!(says(begins, &tiers), "the note of `tier.categories` {fix}");
    }

    #[test]
    fn no_change_and_no_act_calls_an_earlier_year_the_last() {
        let history = History::read().unwrap();
        for change in &history.changes {
            let is_right = !change.what.contains("last year") || change.from == last_year();
            assert!(
                is_right,
                "correct `what` of {}: {}",
                change.from, change.what
            );
        }
        for act in &history.acts {
            let calls_one_the_last = act.did.contains("last budget year");
            let next = Year::beginning(LAST_BUDGET_YEAR + 1).unwrap();
            let is_right = act
                .did
                .contains(&format!("{} is its last budget year", last_year()))
                && act.did.contains(&format!("From {next} "));
            assert!(
                !calls_one_the_last || is_right,
                "correct `did` of {}",
                act.name
            );
        }
    }

    #[test]
    fn a_change_can_replace_what_earlier_sources_say_and_earlier_years_keep_them_and_their_hash() {
        let source = "[[change.source]]\nof = \"budget_year\"\ncite = \"x\"\nbasis = \"verified\"\nnote = \"new\"";
        let history = with_change(&format!("replaces = [\"budget_year\"]\n{source}")).unwrap();
        let [.., before, last] = history.years.as_slice() else {
            panic!("fewer than two years")
        };
        let of_year = |rules: &RuleSet| {
            let notes = rules
                .sources
                .iter()
                .filter(|source| source.of == "budget_year");
            notes.map(|source| source.note.clone()).collect::<Vec<_>>()
        };
        assert_eq!(of_year(last), ["new"]);
        let now = year(&History::read().unwrap(), &before.budget_year.to_string());
        assert_eq!(
            (of_year(before), &before.sha256),
            (of_year(&now), &now.sha256)
        );
        let refused = with_change("replaces = [\"amount.nothing\"]").unwrap_err();
        assert!(
            refused
                .message
                .contains("no earlier source is about `amount.nothing`"),
            "{refused}"
        );
    }

    #[test]
    fn what_replaces_a_source_keeps_the_open_points_until_the_change_says_that_they_are_settled() {
        let open_points = |keys: &str| {
            let source = "[[change.source]]\nof = \"tier.categories\"\ncite = \"x\"\nbasis = \"verified\"\nnote = \"new\"";
            let history = with_change(&format!("{keys}\n{source}")).unwrap();
            let last = history.years.last().unwrap();
            let about = last.sources_of("tier.categories");
            about
                .map(|source| (source.note == "new", source.is_open()))
                .collect::<Vec<_>>()
        };
        let replaces = "replaces = [\"tier.categories\"]";
        let before = open_points("");
        let open = before.iter().filter(|(_, is_open)| *is_open).count();
        assert!(open > 0 && before.len() > open + 1);
        assert_eq!(open_points(replaces).len(), open + 1);
        let settled = format!("{replaces}\nsettles = [\"tier.categories\"]");
        assert_eq!(open_points(&settled), [(true, false)]);
        let refused = with_change("settles = [\"budget_year\"]").unwrap_err();
        assert!(
            refused.message.contains("no earlier open point is about"),
            "{refused}"
        );
    }

    #[test]
    fn a_later_year_can_take_a_cap_away_and_earlier_years_keep_theirs_and_their_hash() {
        let history = with_change("[[change.tier]]\nnumber = 1\ncap_share = \"none\"").unwrap();
        let (last, before) = last_two(&history);
        assert_eq!(last.tiers[0].cap, None);
        assert!(before.tiers[0].cap.is_some());
        let built_in = History::read().unwrap();
        assert_eq!(before.sha256, last_two(&built_in).1.sha256);
    }

    #[test]
    fn what_was_known_of_a_value_ends_with_the_value() {
        let years = History::read().unwrap().years;
        for pair in years.windows(2) {
            let [before, after] = pair else { continue };
            let (old, new) = (before.parameters(), after.parameters());
            // That a new tier has no cap says nothing of the caps that there are.
            let changed = new.iter().filter(|parameter| {
                let was = old.iter().find(|old| old.label == parameter.label);
                was.map_or(!parameter.is_default, |was| was != *parameter)
            });
            for Parameter { key, .. } in changed {
                let stale = after
                    .sources_of(key)
                    .filter(|source| !source.is_open() && before.sources.contains(source));
                assert_eq!(
                    stale.map(|source| &source.note).next(),
                    None,
                    "{}: name `{key}` in `replaces`",
                    after.id
                );
            }
        }
    }

    #[test]
    fn the_texts_about_the_cap_are_true_of_every_year() {
        for rules in History::read().unwrap().years {
            for tier in &rules.tiers {
                let is_a_tenth =
                    |cap: &TierCap| matches!(cap, TierCap::Share(share) if share.text == "0.10");
                let of_credentials = tier.categories == Category::IndustryCredential.into();
                assert!(
                    tier.cap
                        .as_ref()
                        .is_none_or(|cap| is_a_tenth(cap) && of_credentials),
                    "{}, tier {}: the readings about the cap (readings.rs), letters/packet.rs and docs/batch.md speak of a cap of 10 % that counts industry credentials; \
                     say there what holds for this cap, then name it here",
                    rules.id,
                    tier.number
                );
            }
        }
    }

    #[test]
    fn a_change_can_hold_for_one_year_only() {
        let changes = CHANGES.text.replacen(
            "[[change]]\nfrom = \"2019-20\"",
            "[[change]]\nfrom = \"2018-19\"\nuntil = \"2018-19\"\nwhat = \"half\"\n\
             [change.amount]\nper_unit = \"500.00\"\n\n[[change.source]]\nof = \"amount.per_unit\"\n\
             cite = \"half\"\nbasis = \"verified\"\nnote = \"half\"\n\n[[change]]\nfrom = \"2019-20\"",
            1,
        );
        let document = Document {
            file: "changes.toml",
            text: &changes,
        };
        let history = History::of(BASE, document).unwrap();
        let per_unit = |budget_year| year(&history, budget_year).per_unit.to_string();
        assert_eq!(per_unit("2017-18"), "1000.00");
        assert_eq!(per_unit("2018-19"), "500.00");
        assert_eq!(per_unit("2019-20"), "1000.00");
        // Its source says so too.
        let halved = year(&history, "2018-19");
        let source = halved.sources.iter().find(|source| source.cite == "half");
        assert_eq!(source.unwrap().until, Some(halved.budget_year));
    }

    /// The number of a new tier, a tier of several categories, and these as a rules file writes them.
    fn tier_to_divide(history: &History) -> (u32, u32, Vec<String>) {
        let (last, _) = last_two(history);
        let new = last.tiers.iter().map(|tier| tier.number).max().unwrap() + 1;
        let words = |tier: &Tier| -> Vec<String> {
            let categories = tier.categories.iter();
            categories
                .map(|each| format!("\"{}\"", each.as_str()))
                .collect()
        };
        let tier = last
            .tiers
            .iter()
            .find(|tier| words(tier).len() > 1)
            .unwrap();
        (new, tier.number, words(tier))
    }

    #[test]
    fn a_change_can_move_a_category_to_a_tier_of_its_own() {
        let built_in = History::read().unwrap();
        let (new, divided, categories) = tier_to_divide(&built_in);
        let (moved, kept) = categories.split_last().unwrap();
        let history = with_change(&format!(
            "[[change.tier]]\nnumber = {divided}\ncategories = [{}]\n\
             [[change.tier]]\nnumber = {new}\nname = \"New\"\ncategories = [{moved}]",
            kept.join(", ")
        ))
        .unwrap();
        let count = |history: &History| {
            let (last, before) = last_two(history);
            (before.tiers.len(), last.tiers.len())
        };
        let (before, last) = count(&built_in);
        assert_eq!(count(&history), (before, last + 1));
    }

    #[test]
    fn a_new_tier_without_a_name_or_with_another_tiers_category_is_refused_with_the_reason() {
        let (new, divided, categories) = tier_to_divide(&History::read().unwrap());
        let stop = |keys: &str| {
            let change = format!("[[change.tier]]\nnumber = {new}\n{keys}");
            with_change(&change).unwrap_err().to_string()
        };
        let (taken, empty) = (stop(&format!("categories = [{}]", categories[0])), stop(""));
        let why = format!(
            "category {} is in tier {divided} and in tier {new}",
            categories[0]
        );
        assert!(taken.contains(&why), "{taken}");
        assert!(empty.contains("key `name` is missing"), "{empty}");
    }

    #[test]
    fn a_parameter_at_its_default_is_not_in_the_text_of_the_rules_and_so_not_in_their_hash() {
        let text = year(&History::read().unwrap(), "2017-18").to_toml();
        assert!(!text.contains("cap_share ="), "{text}");
    }

    #[test]
    fn the_first_year_is_the_base_and_the_years_follow_each_other_to_the_last() {
        let history = History::read().unwrap();
        let years: Vec<Year> = history
            .years
            .iter()
            .map(|rules| rules.budget_year)
            .collect();
        assert_eq!(years, budget_years().collect::<Vec<_>>());
        assert_eq!(years[0], parse::parse(BASE).unwrap().budget_year);
        assert!(
            history
                .changes
                .iter()
                .all(|change| years.contains(&change.from)),
            "a change outside the program's years"
        );
    }

    #[test]
    fn no_source_ends_before_it_begins_and_each_holds_in_at_least_one_year() {
        let history = History::read().unwrap();
        let held = history.sources().len();
        let written = [BASE, CHANGES]
            .iter()
            .flat_map(|document| document.text.lines())
            .filter(|line| line.ends_with("source]]"))
            .count();
        assert_eq!(held, written);
    }

    #[test]
    fn what_is_not_verified_says_what_would_settle_it() {
        let history = History::read().unwrap();
        for point in history.open_points() {
            assert!(
                point.source.settled_by.is_some(),
                "{}: {}",
                point.source.of,
                point.source.note
            );
        }
        for act in &history.acts {
            assert!(act.basis == Basis::Verified, "{}", act.name);
            assert_eq!(act.open.is_some(), act.settled_by.is_some(), "{}", act.name);
        }
    }

    #[test]
    fn a_change_by_an_act_that_is_not_listed_is_refused() {
        let acts = History::read().unwrap().acts;
        for (act, known) in [("HB18-1266 (2018)", true), ("HB18-1266 (2081)", false)] {
            let table: ChangeTable = toml::from_str(&format!(
                "from = \"2018-19\"\nact = \"{act}\"\nwhat = \"a cap\""
            ))
            .unwrap();
            let refused = Dated::read(CHANGES, table, &acts)
                .err()
                .map(|stop| stop.message);
            assert_eq!(refused, (!known).then(|| format!("unknown act \"{act}\"")));
        }
    }
}
