//! The passport of a dollar: which steps decided on a row or on a participant's money, with their values, rules and sources.
//!
//! Made from a report's own evidence. Nothing here prints, and no passport holds a SASID, a name of a pupil or a birth date.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;

use super::cells::{SourceCell, shown};
use super::evidence::{Claim, Evidence, RecordedFinding};
use crate::allocation::TierResult;
use crate::catalogue::{Code, Codes, Severity};
use crate::decision::{Outcome, Settled};
use crate::intake::completions::Field;
use crate::intake::lists::CHARTER_SCHOOL_INSTITUTE;
use crate::money::Money;
use crate::ranks::{ParticipantRank, RowRank, TierRank};
use crate::results::columns::ResultColumn;
use crate::rules::readings::{CapBase, CapMoney, CapRounding, ReadingValue, Rounding, Unit};
use crate::rules::terms::ParticipantKind;
use crate::rules::{Basis, Share, Weight};
use crate::stop::Stop;
use crate::trail::{Facts, Other, Trails, place_from};
use crate::words::{counted, listed, thousands, weight};

/// Other rows that a step names in full; more are counted.
const OTHERS_NAMED_MAX: usize = 4;

/// Something that decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// What it is about, in a word or two.
    pub topic: &'static str,
    /// What was decided, with the values.
    pub decided: String,
    /// Where the rule stands: a section of the calculation's specification.
    pub rule: &'static str,
    /// What the rule's parameters and readings rest on.
    pub sources: Vec<Cited>,
    /// The readings of the law that decided here.
    pub readings: Vec<ReadingUsed>,
}

/// A source of a parameter or reading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cited {
    /// The key: `amount.per_unit`.
    pub of: String,
    /// The act or page.
    pub cite: String,
    /// How firmly it is known.
    #[serde(serialize_with = "basis_word")]
    pub basis: Basis,
}

fn basis_word<S: serde::Serializer>(basis: &Basis, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(basis.as_str())
}

/// A reading and what it means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReadingUsed {
    /// `unit`
    pub key: &'static str,
    /// `pupil`
    pub value: String,
    /// What the program does under it.
    pub meaning: String,
}

/// Why one row ended where it did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Passport {
    /// File, sheet and row in words.
    pub place: String,
    /// Where the row ended.
    #[serde(serialize_with = "outcome_word")]
    pub outcome: Outcome,
    /// Its codes, separated by a space.
    pub codes: String,
    /// What it is paid.
    pub amount: Money,
    /// `0010-4500`; empty where none was found.
    pub participant: String,
    /// The same in one line, as in the workbook.
    pub trail: String,
    /// What the row says: heading and value. Never the SASID, and of what could not be read only the shape.
    pub values: Vec<(&'static str, String)>,
    /// The cells as they stand in the submission; empty unless the batch was given.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cells: Vec<SourceCell>,
    /// What decided, in order.
    pub steps: Vec<Step>,
    /// Where to look next.
    pub next: Vec<String>,
}

fn outcome_word<S: serde::Serializer>(outcome: &Outcome, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(outcome.as_str())
}

/// One tier of a participant's money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ParticipantTier {
    /// The tier's number.
    pub tier: u32,
    /// The tier's name.
    pub name: String,
    /// Units within the cap.
    pub units: u64,
    /// Those of them with free or reduced-price lunch.
    pub frl_units: u64,
    /// Units over the cap.
    pub over_cap: u64,
    /// What they are paid.
    pub amount: Money,
    /// How the amount comes about.
    pub arithmetic: String,
}

/// Why a participant is paid what it is paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ParticipantPassport {
    /// `0010-4500`
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its kind in words.
    pub kind: &'static str,
    /// Who the state pays.
    pub payee: String,
    /// By tier in which it has a unit.
    pub tiers: Vec<ParticipantTier>,
    /// The supplement.
    pub supplement: Money,
    /// Tiers and supplement.
    pub total: Money,
    /// Rows by outcome: outcome, rows, the codes on them with their counts.
    pub outcomes: Vec<(&'static str, usize, String)>,
    /// What decided on the money.
    pub steps: Vec<Step>,
    /// Where to look next.
    pub next: Vec<String>,
}

/// Explains a report.
pub struct Explainer<'e> {
    evidence: &'e Evidence,
    trails: Trails,
    findings: HashMap<(&'e str, &'e str, u32), Vec<&'e RecordedFinding>>,
}

impl<'e> Explainer<'e> {
    /// Prepares to explain a report.
    #[must_use]
    pub fn of(evidence: &'e Evidence) -> Explainer<'e> {
        let claimants: Vec<_> = evidence.participants.iter().map(Claim::claimant).collect();
        let trails = Trails::of(
            &evidence.rules,
            &evidence.rules.readings,
            &claimants,
            &evidence.certificates,
            &evidence.decisions,
            &evidence.allocation,
        );
        let mut findings: HashMap<_, Vec<&RecordedFinding>> = HashMap::new();
        for finding in &evidence.findings {
            if let (file, sheet, Some(row)) = &finding.at {
                findings
                    .entry((file.as_str(), sheet.as_str(), *row))
                    .or_default()
                    .push(finding);
            }
        }
        Explainer {
            evidence,
            trails,
            findings,
        }
    }

    /// The rows of a pupil, in the order of the report.
    #[must_use]
    pub fn rows_of_pupil(&self, sasid: &str) -> Vec<RowRank> {
        let rows = RowRank::enumerate(&self.evidence.rows);
        rows.filter(|(_, row)| row.submitted.get(ResultColumn::Sasid) == sasid)
            .map(|(position, _)| position)
            .collect()
    }

    /// The row at a place written `FILE!SHEET!ROW`; of the path, an end that only one file has is enough, and the sheet may be left out
    /// where only one can be meant.
    ///
    /// # Errors
    /// What is wrong with the place, and the nearest one that exists.
    pub fn row_at(&self, text: &str) -> Result<RowRank, Stop> {
        let wrong =
            |message: String, fix: String| Stop::usage(message, format!("--row \"{text}\""), fix);
        let example =
            "write FILE!SHEET!ROW, such as \"0880.xlsx!Sheet1!17\", or FILE!ROW for a text file"
                .to_string();
        let parsed = text
            .rsplit_once('!')
            .and_then(|(source, row)| Some((source, row.trim().parse::<u32>().ok()?)));
        let Some((source, number)) =
            parsed.filter(|(source, _)| !source.trim_matches('!').is_empty())
        else {
            return Err(wrong(format!("\"{text}\" names no row"), example));
        };
        let source = source
            .trim()
            .trim_end_matches('!')
            .replace('\'', "")
            .to_lowercase();
        // The best way in which a row's file and sheet are what was written; 0 is no way.
        let rank = |file: &str, sheet: &str| -> u8 {
            let file = file.to_lowercase().replace('\'', "");
            let full = format!("{file}!{}", sheet.to_lowercase().replace('\'', ""));
            let ends = |whole: &str| whole.ends_with(&source);
            let name = |whole: &str| *whole == *source || whole.ends_with(&format!("/{source}"));
            match (name(&full) || name(&file), ends(&full) || ends(&file)) {
                (true, _) => 2,
                (false, true) => 1,
                (false, false) => 0,
            }
        };
        let mut sources: BTreeMap<(&str, &str), u8> = BTreeMap::new();
        for row in &self.evidence.rows {
            sources
                .entry((&row.file, &row.sheet))
                .or_insert_with(|| rank(&row.file, &row.sheet));
        }
        let best = sources.values().copied().max().unwrap_or(0);
        if best == 0 {
            return Err(wrong(
                format!("the report has no row of a file \"{source}\""),
                self.nearest_file(&source),
            ));
        }
        let meant: Vec<(&str, &str)> = sources
            .into_iter()
            .filter(|(_, rank)| *rank == best)
            .map(|(source, _)| source)
            .collect();
        let rows = self
            .evidence
            .rows
            .iter()
            .enumerate()
            .filter(|(_, row)| row.row == number);
        let found: Vec<usize> = rows
            .filter(|(_, row)| {
                meant
                    .binary_search(&(row.file.as_str(), row.sheet.as_str()))
                    .is_ok()
            })
            .map(|(position, _)| position)
            .collect();
        match found[..] {
            [only] => Ok(RowRank::new(only)),
            [] => {
                let numbers = self
                    .evidence
                    .rows
                    .iter()
                    .filter(|row| meant.contains(&(row.file.as_str(), row.sheet.as_str())));
                let numbers: Vec<u32> = numbers.map(|row| row.row).collect();
                let (first, last) = (
                    numbers.iter().min().unwrap_or(&0),
                    numbers.iter().max().unwrap_or(&0),
                );
                Err(wrong(
                    format!("row {number} holds no completion there"),
                    format!("its completions stand in rows {first} to {last}"),
                ))
            }
            _ => {
                let places: Vec<String> = found
                    .iter()
                    .take(OTHERS_NAMED_MAX)
                    .map(|row| self.evidence.rows[*row].place())
                    .collect();
                Err(wrong(
                    format!("{} rows can be meant", found.len()),
                    format!(
                        "write more of the path, or the sheet: {}",
                        places.join("; ")
                    ),
                ))
            }
        }
    }

    /// What to write instead of a file and sheet that no row has.
    fn nearest_file(&self, source: &str) -> String {
        let wanted = source.split('!').next().unwrap_or(source);
        let of_file = self
            .evidence
            .rows
            .iter()
            .filter(|row| row.file.to_lowercase().replace('\'', "").ends_with(wanted));
        let sheets: BTreeSet<&str> = of_file
            .map(|row| row.sheet.as_str())
            .filter(|sheet| !sheet.is_empty())
            .collect();
        if !sheets.is_empty() {
            return format!(
                "sheets with completions there: {}",
                sheets
                    .into_iter()
                    .take(OTHERS_NAMED_MAX)
                    .collect::<Vec<_>>()
                    .join(", ")
            );
        }
        let wanted = wanted.rsplit('/').next().unwrap_or(wanted);
        let names = self
            .evidence
            .submissions
            .iter()
            .map(|file| file.path.rsplit('/').next().unwrap_or(&file.path));
        let nearest = names
            .map(|name| {
                (
                    strsim::damerau_levenshtein(wanted, &name.to_lowercase()),
                    name,
                )
            })
            .min();
        let nearest = nearest
            .map(|(_, name)| format!("did you mean \"{name}\"? "))
            .unwrap_or_default();
        format!(
            "{nearest}every file is in the first column of completions.csv; a file without completions has no row"
        )
    }

    /// The participant of a code.
    ///
    /// # Errors
    /// That there is none, and the nearest one.
    pub fn participant_of(&self, code: &str) -> Result<ParticipantRank, Stop> {
        let found = self
            .evidence
            .participants
            .iter()
            .position(|claim| claim.code() == code.trim())
            .map(ParticipantRank::new);
        found.ok_or_else(|| {
            let codes: Vec<String> = self.evidence.participants.iter().map(Claim::code).collect();
            let nearest = codes
                .iter()
                .min_by_key(|known| strsim::damerau_levenshtein(code, known));
            let nearest = nearest
                .map(|nearest| format!("did you mean {nearest}? "))
                .unwrap_or_default();
            let fix = format!(
                "{nearest}write 0880 for a district or BOCES, 0880-1234 for a charter school"
            );
            Stop::usage(
                format!("no row of the report belongs to a participant {code}"),
                "",
                fix,
            )
        })
    }

    /// The passport of a row.
    #[must_use]
    pub fn passport(&self, row: RowRank) -> Passport {
        let (record, decision) = (&self.evidence.rows[row], &self.evidence.decisions[row]);
        let mut steps = Vec::new();
        self.checks(row, &mut steps);
        self.held(row, &mut steps);
        self.on_the_record(decision, &mut steps);
        let outcome = decision.outcome;
        match outcome {
            Outcome::Duplicate => self.duplicate(row, &mut steps),
            _ if outcome.is_certificate() => self.funding(row, &mut steps),
            _ => {}
        }
        let submitted = &record.submitted;
        Passport {
            place: record.place(),
            outcome,
            codes: decision.codes.to_string(),
            amount: decision.amount,
            participant: record.participant.clone(),
            trail: self.short(row),
            values: [
                (
                    Field::DistrictCode,
                    submitted.get(ResultColumn::DistrictCode),
                ),
                (Field::SchoolCode, submitted.get(ResultColumn::SchoolCode)),
                (Field::Grade, submitted.get(ResultColumn::Grade)),
                (Field::ProgramCode, submitted.get(ResultColumn::ProgramCode)),
                (
                    Field::CompletionDate,
                    submitted.get(ResultColumn::CompletionDate),
                ),
                (Field::Lunch, submitted.get(ResultColumn::Frl)),
            ]
            .map(|(field, text)| {
                (
                    field.title(),
                    shown(field, text, false, decision.category.is_some()),
                )
            })
            .to_vec(),
            cells: Vec::new(),
            steps,
            next: next(decision.codes, outcome),
        }
    }

    /// The trail in one line.
    #[must_use]
    pub fn short(&self, row: RowRank) -> String {
        let decision = &self.evidence.decisions[row];
        let reason = self.trails.reason(&self.evidence.decisions, row);
        let other = reason.others.first().map(|other| {
            let tier = self.evidence.decisions[*other]
                .tier
                .map(|tier| self.evidence.rules.tiers[tier].number);
            let (own, theirs) = (&self.evidence.rows[row], &self.evidence.rows[*other]);
            let place = Some(place_from(
                (&own.file, &own.sheet),
                &theirs.file,
                &theirs.sheet,
                theirs.row,
            ));
            (
                Other {
                    place,
                    tier,
                    outcome: self.evidence.decisions[*other].outcome,
                },
                reason.others.len() - 1,
            )
        });
        let resolution = self
            .resolution(decision)
            .map(|resolution| format!("resolutions.csv line {}", resolution.line));
        let facts = Facts {
            outcome: decision.outcome,
            codes: decision.codes,
            tier: decision
                .tier
                .map(|tier| self.evidence.rules.tiers[tier].number),
            standing: reason.standing,
            weight: decision.weight,
            amount: decision.amount,
            other,
            resolution: resolution.as_deref(),
        };
        facts.short()
    }

    fn resolution(&self, decision: &Settled) -> Option<&'e super::evidence::RecordedResolution> {
        decision
            .resolution
            .and_then(|number| self.evidence.resolutions.get(number))
    }

    fn findings_at(&self, row: RowRank) -> &[&'e RecordedFinding] {
        let record = &self.evidence.rows[row];
        self.findings
            .get(&(record.file.as_str(), record.sheet.as_str(), record.row))
            .map_or(&[], Vec::as_slice)
    }

    /// The checks: what failed, each with its cell and fix; or that everything passed; and what was noticed on the way.
    fn checks(&self, row: RowRank, steps: &mut Vec<Step>) {
        let codes = self.evidence.decisions[row].codes;
        let section = "section 2";
        let (rejected, unqualified) = (
            codes.any(Severity::Rejected),
            codes.any(Severity::NotQualified),
        );
        for finding in self
            .findings_at(row)
            .iter()
            .filter(|finding| codes.contains(finding.code) && finding.code != Code::H501)
        {
            let cell = if finding.cell.is_empty() {
                String::new()
            } else {
                format!(", cell {}", finding.cell)
            };
            steps.push(Step {
                topic: if finding.code.severity() == Severity::Held {
                    "Held"
                } else {
                    "Check failed"
                },
                decided: format!(
                    "{} {} ({}{cell}). Fix: {}",
                    finding.code, finding.message, finding.column, finding.fix
                ),
                rule: section,
                sources: key_of(finding.code)
                    .map(|key| self.sources([key]))
                    .unwrap_or_default(),
                readings: Vec::new(),
            });
        }
        let passed = match (rejected, unqualified) {
            (true, _) => {
                "it cannot be read, so no rule of eligibility was applied and it takes no part in anything else"
            }
            (_, true) if codes.contains(Code::N301) => {
                "the rest passed; N305 to N307 were not asked, because without the program its category is unknown"
            }
            (_, true) => "every other check passed",
            _ if codes.contains(Code::H502) => {
                "every other check passed: it can be read and would qualify"
            }
            _ => {
                "every check passed: it can be read, and program, grade, date, participant, credit and score qualify"
            }
        };
        steps.push(step("Checks", passed.to_string(), section));
        // W223 says what the step of the duplicate says.
        let noticed = |finding: &&&RecordedFinding| {
            finding.code.severity() == Severity::Warning && finding.code != Code::W223
        };
        let warnings = self.findings_at(row).iter().filter(noticed);
        let warnings: Vec<String> = warnings
            .map(|finding| format!("{} {}", finding.code, finding.message))
            .collect();
        if !warnings.is_empty() {
            steps.push(step("Noticed", warnings.join("; "), section));
        }
    }

    fn on_the_record(&self, decision: &Settled, steps: &mut Vec<Step>) {
        let Some(resolution) = self.resolution(decision) else {
            return;
        };
        let given = |text: &str, none: &str| {
            if text.is_empty() {
                none.to_string()
            } else {
                text.to_string()
            }
        };
        let effect = match (resolution.decision.as_str(), decision.outcome) {
            ("pay", Outcome::Denied) => {
                "another row of this completion is paid, and this one is denied"
            }
            ("pay", _) => "this row is taken back in; the other rows of its completion are denied",
            _ => "this row is denied",
        };
        let decided = format!(
            "resolutions.csv line {}: {effect}. Reason: {}. Approved by: {}, {}",
            resolution.line,
            given(&resolution.reason, "not given"),
            given(&resolution.approved_by, "not given"),
            given(&resolution.date, "no date")
        );
        steps.push(step("Decision", decided, "section 2, resolutions"));
    }

    /// Places of rows, with their participants.
    fn places(&self, rows: &[RowRank]) -> String {
        let place = |row: &RowRank| {
            let record = &self.evidence.rows[*row];
            format!("{} ({})", record.short_place(), record.participant)
        };
        let named: Vec<String> = rows.iter().take(OTHERS_NAMED_MAX).map(place).collect();
        let named = listed(named.iter().map(String::as_str));
        if rows.len() > OTHERS_NAMED_MAX {
            format!("{named}, and {} more", rows.len() - OTHERS_NAMED_MAX)
        } else {
            named
        }
    }

    fn held(&self, row: RowRank, steps: &mut Vec<Step>) {
        let decision = &self.evidence.decisions[row];
        let participant = &self.evidence.rows[row].participant;
        if decision.codes.contains(Code::H501) {
            let others = self.trails.reason(&self.evidence.decisions, row).others;
            let word = if decision.outcome == Outcome::Held {
                "held"
            } else {
                "was held"
            };
            let decided = format!(
                "{word} (H501): the same pupil and program also stands in {}",
                self.places(&others)
            );
            steps.push(self.reading_step(
                "Held",
                decided,
                "section 2, duplicates",
                &["cross_entity"],
            ));
        }
        if decision.outcome != Outcome::Held {
            return;
        }
        let decided = format!(
            "a line in resolutions.csv for {participant}, this pupil and program: pay takes the earliest of its rows back in and denies every \
             other row of the completion; deny ends its rows. Until then nobody is paid for it"
        );
        steps.push(step("To settle it", decided, "section 2, resolutions"));
    }

    fn duplicate(&self, row: RowRank, steps: &mut Vec<Step>) {
        let others = self.trails.reason(&self.evidence.decisions, row).others;
        let Some(stands) = others.first() else { return };
        let fate = self.evidence.decisions[*stands].outcome;
        let decided = format!(
            "the same pupil and program stands in {}, which comes first by date, participant, file, sheet and row; that row is {}",
            self.places(&others),
            fate.label().to_lowercase()
        );
        let reading: &[&str] =
            if self.evidence.rows[*stands].participant == self.evidence.rows[row].participant {
                &[]
            } else {
                &["cross_entity"]
            };
        steps.push(self.reading_step("Duplicate", decided, "section 2, duplicates", reading));
    }

    /// From the participant to the payee.
    fn funding(&self, row: RowRank, steps: &mut Vec<Step>) {
        let (record, decision) = (&self.evidence.rows[row], &self.evidence.decisions[row]);
        let (Some(rank), Some(tier)) = (decision.participant, decision.tier) else {
            return;
        };
        let claim = &self.evidence.participants[rank];
        let rules = &self.evidence.rules;
        let result = &self.evidence.allocation.tiers[tier];
        let why = if claim.school_code.is_empty() {
            format!(
                "District Code {}; its School Code {} is no charter of the participants list",
                record.submitted.get(ResultColumn::DistrictCode),
                record.submitted.get(ResultColumn::SchoolCode)
            )
        } else {
            format!(
                "the participants list names School Code {} of {} as a charter",
                record.submitted.get(ResultColumn::SchoolCode),
                record.submitted.get(ResultColumn::DistrictCode)
            )
        };
        let decided = format!("{}, {}: {why}", claim.code(), kind_in_words(claim.kind));
        steps.push(self.sourced(
            "Participant",
            decided,
            "section 2, N304",
            ["eligibility.participant_kinds"],
        ));
        let category = decision
            .category
            .map_or("", crate::rules::terms::Category::label);
        let decided = format!(
            "{} {}, which funds the category {category}",
            rules.tiers[tier].number, rules.tiers[tier].name
        );
        steps.push(self.sourced("Tier", decided, "section 3", ["tier.categories"]));
        self.unit(row, tier, steps);
        if decision.weight.is_none() {
            return;
        }
        self.cap(row, tier, steps);
        if decision.outcome == Outcome::OverCap {
            return;
        }
        steps.push(self.rate(tier));
        if result.money_before == Money::ZERO {
            return;
        }
        let uneven = result.prorated && rules.readings.rounding == Rounding::LargestRemainder;
        if decision.frl == Some(true) && !uneven {
            let decided = format!(
                "with free or reduced-price lunch {} x {} = {}",
                rules.frl_multiplier,
                result.rate.grouped(),
                floored(
                    i128::from(result.rate.cents()) * i128::from(rules.frl_multiplier.hundredths()),
                    result.frl_rate
                )
            );
            steps.push(self.sourced(
                "FRL rate",
                decided,
                "section 3.3",
                ["amount.frl_multiplier"],
            ));
        }
        if uneven {
            let exact = exact_share(result, decision.weight.unwrap_or(Weight::ONE));
            let decided = format!(
                "the pot is paid to the cent: {} x {} / {} = {exact}; this row gets {}, because missing cents go one each to the largest fractions",
                result.money_before.grouped(),
                decision.weight.unwrap_or(Weight::ONE),
                weight(result.demand_hundredths),
                decision.amount.grouped()
            );
            steps.push(self.reading_step("Cents", decided, "section 3.4", &["rounding"]));
        }
        if decision.outcome == Outcome::Paid {
            let decided = format!("{} to {}", decision.amount.grouped(), self.payee(claim));
            steps.push(step("Payee", decided, "section 1"));
        }
        if tier.is_first() && self.evidence.allocation.supplements[rank] > Money::ZERO {
            steps.push(self.supplement(rank));
        }
    }

    fn unit(&self, row: RowRank, tier: TierRank, steps: &mut Vec<Step>) {
        let decision = &self.evidence.decisions[row];
        let decided = if decision.weight.is_some() {
            match (self.evidence.rules.readings.unit, tier.index()) {
                (Unit::Completion, _) => "it is a unit: every completion is one".to_string(),
                (Unit::Pupil, 1..) => {
                    "it is a unit: the pupil's first certificate in this tier, and no certificate of the pupil is paid in an earlier one"
                        .to_string()
                }
                _ => "it is a unit: the pupil's first certificate in this tier".to_string(),
            }
        } else {
            let others = self.trails.reason(&self.evidence.decisions, row).others;
            let stood = others.first().map(|other| {
                let stood = &self.evidence.decisions[*other];
                let number = stood
                    .tier
                    .map_or(0, |tier| self.evidence.rules.tiers[tier].number);
                let fate = match stood.outcome {
                    Outcome::Paid => format!("paid {}", stood.amount.grouped()),
                    other => other.label().to_lowercase(),
                };
                format!(
                    "the pupil is counted by {} (tier {number}, {fate})",
                    self.places(&others[..1])
                )
            });
            format!(
                "it is no unit: {}",
                stood.unwrap_or_else(|| "the pupil is counted by another completion".to_string())
            )
        };
        steps.push(self.reading_step("Unit", decided, "section 3.1", &["unit"]));
    }

    fn cap(&self, row: RowRank, tier: TierRank, steps: &mut Vec<Step>) {
        let decision = &self.evidence.decisions[row];
        let (rules, result) = (&self.evidence.rules, &self.evidence.allocation.tiers[tier]);
        let (Some(share), Some(base), Some(limit), Some(rank)) = (
            &rules.tiers[tier].cap_share,
            result.cap_base,
            result.cap_limit,
            decision.participant,
        ) else {
            return;
        };
        let claim = &self.evidence.participants[rank];
        let readings = &rules.readings;
        let arithmetic =
            cap_arithmetic(share, base, limit, readings.cap_rounding, readings.cap_base);
        if !readings.cap_applies_to.contains(claim.kind) {
            let decided = format!(
                "the cap does not bind a participant of this kind, {}",
                claim.kind.label().to_lowercase()
            );
            steps.push(self.reading_step("Cap", decided, "section 3.2", &["cap_applies_to"]));
            return;
        }
        let share_of = result.shares[rank];
        let all = share_of.units + share_of.over_cap;
        let Some(standing) = self.trails.reason(&self.evidence.decisions, row).standing else {
            return;
        };
        let (position, mut keys) = if all <= limit {
            let units = format!(
                "{} has {} here, the limit is {}: all are within it",
                claim.code(),
                counted(all, "unit"),
                thousands(limit)
            );
            (units, Vec::new())
        } else {
            let side = if decision.outcome == Outcome::OverCap {
                "over the cap"
            } else {
                "within it"
            };
            let order = match standing.group {
                None => String::new(),
                Some(_) => format!(
                    " (of {} in all, of which the limit keeps {})",
                    counted(all, "unit"),
                    thousands(limit)
                ),
            };
            let order = format!("{}: {}{order}: {side}", claim.code(), standing);
            (order, vec!["cap_selection"])
        };
        keys.push("cap_base");
        // Rounding decides only where there is a fraction.
        if u128::from(share.numerator) * u128::from(base) % u128::from(share.denominator) != 0 {
            keys.push("cap_rounding");
        }
        let mut cap = self.reading_step(
            "Cap",
            format!("{position}. {arithmetic}"),
            "section 3.2",
            &keys,
        );
        cap.sources.splice(0..0, self.sources(["tier.cap_share"]));
        steps.push(cap);
    }

    /// The rate of a tier with its arithmetic, or why there is none.
    fn rate(&self, tier: TierRank) -> Step {
        let (rules, result) = (&self.evidence.rules, &self.evidence.allocation.tiers[tier]);
        let money = result.money_before.grouped();
        let with_over_cap = result.demand_hundredths > result.weight_hundredths;
        let included = if with_over_cap {
            " (those over the cap included)"
        } else {
            ""
        };
        let demand = format!(
            "{} weighted units{included}",
            weight(result.demand_hundredths)
        );
        let section = "section 3.3";
        if result.money_before == Money::ZERO {
            let short = self.evidence.allocation.tiers[..tier.index()]
                .iter()
                .rposition(|earlier| earlier.prorated);
            let taken = match short {
                Some(earlier) => format!(
                    "tier {} was already short and took what there was",
                    rules.tiers[earlier].number
                ),
                None if tier.is_first() => "the batch has none".to_string(),
                None => "the earlier tiers took it to the last cent".to_string(),
            };
            return self.sourced(
                "No money",
                format!("nothing is left before this tier: {taken}"),
                section,
                ["tier.categories"],
            );
        }
        if !result.prorated {
            let decided = format!(
                "{money} before the tier covers {demand} x {}: each gets the full {}",
                rules.per_unit.grouped(),
                rules.per_unit.grouped()
            );
            return self.sourced("Rate", decided, section, ["amount.per_unit"]);
        }
        let dividend = i128::from(result.money_before.cents()) * 10_000;
        let divisor = i128::from(result.demand_hundredths.max(1));
        let quotient = if dividend % divisor == 0 {
            floored(dividend / divisor, result.rate)
        } else {
            // Four decimals show why the cent is what it is.
            format!(
                "{}..., floored to {}",
                in_fractions(dividend / divisor),
                result.rate.grouped()
            )
        };
        let decided = format!(
            "the money is short: {money} before the tier / {demand} = {quotient}, less than {}",
            rules.per_unit.grouped()
        );
        let mut keys = Vec::new();
        // Over-cap units are in or out of the divisor by a reading; without any it decides nothing.
        if result.over_cap > 0 || rules.readings.cap_money == CapMoney::ToNextTier {
            keys.push("cap_money");
        }
        if rules.readings.rounding == Rounding::UniformFloor {
            keys.push("rounding");
        }
        let mut rate = self.reading_step("Rate", decided, section, &keys);
        rate.sources.splice(0..0, self.sources(["amount.per_unit"]));
        rate
    }

    fn supplement(&self, rank: ParticipantRank) -> Step {
        let allocation = &self.evidence.allocation;
        let own = allocation
            .tiers
            .first()
            .map(|tier| tier.shares[rank].amount)
            .unwrap_or_default();
        let asked: i128 = self
            .evidence
            .participants
            .iter()
            .zip(
                allocation
                    .tiers
                    .first()
                    .map_or(&[][..], |tier| &tier.shares),
            )
            .filter(|(claim, _)| claim.requires_completion)
            .map(|(_, share)| i128::from(share.amount.cents()))
            .sum();
        let asked = Money::from_cents(i64::try_from(asked).unwrap_or(i64::MAX));
        let pool = self.evidence.supplement_available.unwrap_or_default();
        let arithmetic = if asked <= pool {
            format!(
                "the pool of {} covers the {} that all ask for",
                pool.grouped(),
                asked.grouped()
            )
        } else {
            format!(
                "x {} / {}, the pool over what all ask for",
                pool.grouped(),
                asked.grouped()
            )
        };
        let decided = format!(
            "{} requires a completion before graduation: beside its rows it gets {}, its {} of tier {} again ({arithmetic})",
            self.evidence.participants[rank].code(),
            allocation.supplements[rank].grouped(),
            own.grouped(),
            self.evidence
                .rules
                .tiers
                .first()
                .map_or(1, |tier| tier.number),
        );
        self.sourced("Supplement", decided, "section 4", ["supplement"])
    }

    /// Who the state pays for a participant, and why.
    fn payee(&self, claim: &Claim) -> String {
        let code = &claim.district_code;
        let named = self
            .evidence
            .participants
            .iter()
            .find(|other| other.district_code == *code && other.school_code.is_empty());
        let payee = named.map_or_else(|| code.clone(), |other| format!("{code} {}", other.name));
        match claim.kind {
            ParticipantKind::District => format!("{payee}: the district itself"),
            ParticipantKind::Boces => format!("{payee}: a BOCES is paid itself"),
            ParticipantKind::DistrictCharter => {
                format!("{payee}: a district charter is paid through its district")
            }
            ParticipantKind::InstituteCharter => {
                let institute = named.map_or_else(
                    || format!("{CHARTER_SCHOOL_INSTITUTE} Charter School Institute"),
                    |_| payee.clone(),
                );
                format!("{institute}: an institute charter is paid through the institute")
            }
        }
    }

    /// The passport of a participant's money.
    #[must_use]
    pub fn participant(&self, rank: ParticipantRank) -> ParticipantPassport {
        let (evidence, claim) = (self.evidence, &self.evidence.participants[rank]);
        let mut steps = Vec::new();
        let mut tiers = Vec::new();
        for (index, (tier, result)) in evidence
            .rules
            .tiers
            .iter()
            .zip(&evidence.allocation.tiers)
            .enumerate()
        {
            let share = result.shares[rank];
            if share.units + share.over_cap == 0 {
                continue;
            }
            let ordinary = share.units - share.frl_units;
            let product =
                |units: u64, rate: Money| format!("{} x {}", thousands(units), rate.grouped());
            let uneven =
                result.prorated && evidence.rules.readings.rounding == Rounding::LargestRemainder;
            let arithmetic = if uneven {
                format!(
                    "{} and its fractions of a cent by the reading rounding",
                    product(share.units, result.rate)
                )
            } else {
                format!(
                    "{} + {} with FRL",
                    product(ordinary, result.rate),
                    product(share.frl_units, result.frl_rate)
                )
            };
            tiers.push(ParticipantTier {
                tier: tier.number,
                name: tier.name.clone(),
                units: share.units,
                frl_units: share.frl_units,
                over_cap: share.over_cap,
                amount: share.amount,
                arithmetic,
            });
            if share.over_cap > 0
                && let (Some(cap), Some(base), Some(limit)) =
                    (&tier.cap_share, result.cap_base, result.cap_limit)
            {
                let readings = &evidence.rules.readings;
                let decided = format!(
                    "tier {}: {} of {}, limit {}: {} over it. {}",
                    tier.number,
                    thousands(limit),
                    counted(share.units + share.over_cap, "unit"),
                    thousands(limit),
                    thousands(share.over_cap),
                    cap_arithmetic(cap, base, limit, readings.cap_rounding, readings.cap_base)
                );
                let mut cap = self.reading_step(
                    "Cap",
                    decided,
                    "section 3.2",
                    &["cap_selection", "cap_base"],
                );
                cap.sources.splice(0..0, self.sources(["tier.cap_share"]));
                steps.push(cap);
            }
            // Where the cap leaves nobody a unit there is no rate.
            if result.units == 0 {
                continue;
            }
            let rate = self.rate(TierRank::new(index));
            steps.push(Step {
                decided: format!("tier {}: {}", tier.number, rate.decided),
                ..rate
            });
        }
        if evidence.allocation.supplements[rank] > Money::ZERO {
            steps.push(self.supplement(rank));
        }
        let total = evidence.allocation.total_of(rank);
        steps.push(step(
            "Payee",
            format!("{} to {}", total.grouped(), self.payee(claim)),
            "section 1",
        ));
        ParticipantPassport {
            code: claim.code(),
            name: claim.name.clone(),
            kind: claim.kind.label(),
            payee: claim.district_code.clone(),
            tiers,
            supplement: evidence.allocation.supplements[rank],
            total,
            outcomes: self.outcomes(rank),
            steps,
            next: vec![
                format!(
                    "its rows: sheet Completions of statewide.xlsx, column Participant = {}",
                    claim.code()
                ),
                "one of them: cdip explain REPORT --row FILE!SHEET!ROW".to_string(),
            ],
        }
    }

    /// Rows of a participant by outcome, those with money first, and the codes on them.
    fn outcomes(&self, rank: ParticipantRank) -> Vec<(&'static str, usize, String)> {
        let mut rows: BTreeMap<std::cmp::Reverse<Outcome>, (usize, BTreeMap<Code, usize>)> =
            BTreeMap::new();
        for decision in self
            .evidence
            .decisions
            .iter()
            .filter(|decision| decision.participant == Some(rank))
        {
            let entry = rows.entry(std::cmp::Reverse(decision.outcome)).or_default();
            entry.0 += 1;
            for code in decision.codes.iter() {
                *entry.1.entry(code).or_default() += 1;
            }
        }
        let words = |codes: BTreeMap<Code, usize>| {
            codes
                .iter()
                .map(|(code, rows)| format!("{code} x {rows}"))
                .collect::<Vec<_>>()
                .join(", ")
        };
        rows.into_iter()
            .map(|(outcome, (rows, codes))| (outcome.0.label(), rows, words(codes)))
            .collect()
    }

    /// The sources of some keys.
    fn sources<'k>(&self, keys: impl IntoIterator<Item = &'k str>) -> Vec<Cited> {
        let mut cited = Vec::new();
        for key in keys {
            let sources = self
                .evidence
                .rules
                .sources
                .iter()
                .filter(|source| source.of == key);
            cited.extend(sources.map(|source| Cited {
                of: key.to_string(),
                cite: source.cite.clone(),
                basis: source.basis,
            }));
        }
        cited
    }

    fn sourced<'k>(
        &self,
        topic: &'static str,
        decided: String,
        rule: &'static str,
        keys: impl IntoIterator<Item = &'k str>,
    ) -> Step {
        Step {
            sources: self.sources(keys),
            ..step(topic, decided, rule)
        }
    }

    /// A step on which readings decided.
    fn reading_step(
        &self,
        topic: &'static str,
        decided: String,
        rule: &'static str,
        keys: &[&str],
    ) -> Step {
        let entries = self.evidence.rules.readings.entries();
        let readings = keys
            .iter()
            .filter_map(|key| entries.iter().find(|(doc, _)| doc.key == *key))
            .map(|(doc, value)| {
                let meaning = match value {
                    ReadingValue::One(value) => doc
                        .alternatives
                        .iter()
                        .find(|alternative| alternative.value == *value)
                        .map(|found| found.meaning),
                    ReadingValue::Many(_) => None,
                };
                ReadingUsed {
                    key: doc.key,
                    value: value.to_string(),
                    meaning: meaning.unwrap_or(doc.question).to_string(),
                }
            });
        let readings = readings.collect();
        let of: Vec<String> = keys.iter().map(|key| format!("readings.{key}")).collect();
        Step {
            readings,
            sources: self.sources(of.iter().map(String::as_str)),
            ..step(topic, decided, rule)
        }
    }
}

fn step(topic: &'static str, decided: String, rule: &'static str) -> Step {
    Step {
        topic,
        decided,
        rule,
        sources: Vec::new(),
        readings: Vec::new(),
    }
}

/// The parameter of the rules that a code's check asks.
fn key_of(code: Code) -> Option<&'static str> {
    match code {
        Code::N302 => Some("eligibility.grades"),
        Code::N301 | Code::N303 => Some("school_year"),
        Code::N305 => Some("eligibility.graduation_credit_required"),
        Code::N306 => Some("eligibility.ap_score_min"),
        Code::N307 => Some("tier.categories"),
        Code::N308 => Some("eligibility.participant_kinds"),
        _ => None,
    }
}

fn next(codes: Codes, outcome: Outcome) -> Vec<String> {
    match codes.iter().next() {
        Some(code) => vec![format!("cdip rules explain {code}")],
        None if matches!(outcome, Outcome::Duplicate) => {
            vec!["cdip explain REPORT --row FILE!SHEET!ROW of the row that stands".to_string()]
        }
        None if outcome == Outcome::AlreadyCounted => vec!["cdip rules explain unit".to_string()],
        None if outcome == Outcome::OverCap => vec!["cdip rules explain cap_selection".to_string()],
        None => {
            vec!["sheet Tiers of statewide.xlsx has the whole arithmetic of the rate".to_string()]
        }
    }
}

const fn kind_in_words(kind: ParticipantKind) -> &'static str {
    match kind {
        ParticipantKind::District => "a district",
        ParticipantKind::DistrictCharter => "a district charter",
        ParticipantKind::InstituteCharter => "an institute charter",
        ParticipantKind::Boces => "a BOCES",
    }
}

/// `Limit: 0.10 x 401 certificates = 40.1, rounded down to 40`.
fn cap_arithmetic(
    share: &Share,
    base: u64,
    limit: u64,
    rounding: CapRounding,
    of: CapBase,
) -> String {
    let what = match of {
        CapBase::Qualified => "certificates of the tier",
        CapBase::Reported => "reported rows of the tier",
    };
    let product = u128::from(share.numerator) * u128::from(base);
    let (whole, rest) = (
        product / u128::from(share.denominator),
        product % u128::from(share.denominator),
    );
    let start = format!("Limit: {} x {} {what} = ", share.text, thousands(base));
    if rest == 0 {
        return format!("{start}{}", thousands(limit));
    }
    // The denominator is a power of ten: as many decimals as it has zeros.
    let decimals = share.denominator.ilog10() as usize;
    let fraction = format!("{rest:0decimals$}");
    let how = match rounding {
        CapRounding::Floor => "rounded down",
        CapRounding::Nearest => "rounded to the nearest",
        CapRounding::Ceiling => "rounded up",
    };
    format!(
        "{start}{whole}.{}, {how}: {}",
        fraction.trim_end_matches('0'),
        thousands(limit)
    )
}

/// An amount in hundredths of a cent with all its four decimals: `$790.0560`.
fn in_fractions(hundredths_of_cents: i128) -> String {
    let whole = u64::try_from(hundredths_of_cents / 10_000).unwrap_or(0);
    format!("${}.{:04}", thousands(whole), hundredths_of_cents % 10_000)
}

/// An exact amount in hundredths of a cent, and what is left of it when floored: `$790.056, floored to $790.05`.
fn floored(hundredths_of_cents: i128, floor: Money) -> String {
    if hundredths_of_cents % 100 == 0 {
        return floor.grouped();
    }
    format!(
        "{}, floored to {}",
        in_fractions(hundredths_of_cents).trim_end_matches('0'),
        floor.grouped()
    )
}

/// What a weight's share of a tier's money is before it is settled to cents, four decimals of it.
fn exact_share(result: &TierResult, unit: Weight) -> String {
    let demand = i128::from(result.demand_hundredths.max(1));
    let share = i128::from(result.money_before.cents()) * i128::from(unit.hundredths()) * 100;
    format!(
        "{}{}",
        in_fractions(share / demand),
        if share % demand == 0 { "" } else { "..." }
    )
}
