//! An inspection: every check of the state's run on some files, without money. It says which checks it could not make.

mod json;

use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use crate::batch::Batch;
use crate::batch::reading;
use crate::catalogue::{CATALOGUE, Code, Codes, Needed};
use crate::checks::{self, CheckedBatch};
use crate::decision::{Checked, Outcome};
use crate::finding::Finding;
use crate::intake::fields::Fields;
use crate::intake::lists::{Participants, Programs};
use crate::intake::pages::Fingerprint;
use crate::intake::submission::Reading;
use crate::intake::{Intake, Layout, Lists, SUBMISSIONS, stale_templates};
use crate::rules::readings::Readings;
use crate::rules::{self, RuleSet};
use crate::stop::Stop;

/// The outcomes of a check, and what they are called here.
pub const OUTCOMES: [(Option<Outcome>, &str); 6] = [
    (None, "pass"),
    (Some(Outcome::Rejected), "rejected"),
    (Some(Outcome::NotQualified), "not qualified"),
    (Some(Outcome::Held), "held"),
    (Some(Outcome::Duplicate), "duplicate"),
    (Some(Outcome::Denied), "denied"),
];

/// What files are checked against. Checks that need something missing are skipped.
#[derive(Clone, Debug, Default)]
pub struct Basis {
    /// The rules and the readings in force.
    pub rules: Option<(RuleSet, Readings)>,
    /// The qualified list.
    pub programs: Option<Programs>,
    /// The participants list.
    pub participants: Option<Participants>,
    /// The rest: ledger, resolutions, and the files that all lists were read from.
    pub others: Lists,
    /// How the office's submissions are written.
    pub layout: Layout,
    /// The batch folder, if there is one. Files in it are shown by their path in it.
    pub root: Option<PathBuf>,
    /// Whether all submissions of the batch are read: only then does every decision find its file, and only then is it known who
    /// sent nothing.
    pub whole_batch: bool,
}

/// Something that checks need and do not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// As the catalogue names it.
    pub needed: Needed,
    /// What it is.
    pub what: &'static str,
    /// What its checks ask.
    pub checks: &'static str,
    /// How to give it to `cdip check`.
    pub option: &'static str,
    /// The codes that cannot be found without it, as the catalogue says.
    pub codes: Vec<Code>,
}

fn codes_that_need(needed: Needed) -> impl Iterator<Item = Code> {
    CATALOGUE
        .iter()
        .filter(move |entry| entry.needs.contains(&needed))
        .map(|entry| entry.code)
}

impl Basis {
    /// Everything of a batch except its submissions.
    pub fn of_batch(batch: &Batch) -> Result<Basis, Stop> {
        let mut lists = reading::read_lists(batch)?;
        Ok(Basis {
            rules: Some((batch.rules.clone(), batch.readings)),
            programs: Some(std::mem::take(&mut lists.programs)),
            participants: Some(std::mem::take(&mut lists.participants)),
            others: lists,
            layout: batch.layout(),
            root: Some(batch.root.clone()),
            whole_batch: false,
        })
    }

    /// What is missing.
    #[must_use]
    pub fn lacks(&self) -> Vec<Need> {
        let needs = [
            (
                self.rules.is_none(),
                Needed::Rules,
                "rules",
                "whether days, grades and scores fit the year",
                "--rules 2024-25",
            ),
            (
                self.programs.is_none(),
                Needed::Programs,
                "a list of qualified programs",
                "whether the programs are on the qualified list",
                "--programs FILE",
            ),
            (
                self.participants.is_none(),
                Needed::Participants,
                "a participants list",
                "whether districts and schools take part",
                "--participants FILE",
            ),
            (
                self.others.ledger.is_none(),
                Needed::Ledger,
                "a ledger of prior payments",
                "whether a completion was paid in an earlier year",
                "--batch DIR with prior-payments.csv",
            ),
        ];
        needs
            .into_iter()
            .filter(|(is_lacking, ..)| *is_lacking)
            .map(|(_, needed, what, checks, option)| Need {
                needed,
                what,
                checks,
                option,
                codes: codes_that_need(needed).collect(),
            })
            .collect()
    }
}

/// Files, inspected.
#[derive(Debug)]
pub struct Inspection {
    /// What was read.
    pub intake: Intake,
    /// By row; a row that passes every check is a certificate.
    pub decisions: Vec<Checked>,
    /// Every finding: by path, sheet order, row, column, code.
    pub findings: Vec<Finding>,
    /// Per file: its reporting entity, by its name or by nearly all of its rows.
    pub entities: Vec<Option<String>>,
    /// Per file: whether a decision closed it.
    pub closed_files: Vec<bool>,
    /// What was missing.
    pub skipped: Vec<Need>,
    /// How the files were read.
    pub reading: Reading,
    /// The rules that were applied, if any.
    pub rules: Option<RuleSet>,
    /// Whether all submissions of a batch were read, so that what others report is known.
    pub whole_batch: bool,
}

/// Inspects files and folders of files. `progress` is told after each file: (files read, files in all).
pub fn inspect(
    paths: &[PathBuf],
    basis: Basis,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Inspection, Stop> {
    let basis = Basis {
        whole_batch: are_all_submissions(paths, basis.root.as_deref()),
        ..basis
    };
    let whole_batch = basis.whole_batch;
    let read = |layout: &Layout, root: Option<&Path>, lists| match root {
        Some(root) if whole_batch => reading::read_all(root, layout, lists, progress),
        _ => reading::read_given(paths, root, layout, lists, progress),
    };
    inspect_read(basis, read)
}

/// Whether the paths are the folder of all submissions of a batch, however it is written.
fn are_all_submissions(paths: &[PathBuf], root: Option<&Path>) -> bool {
    let ([path], Some(root)) = (paths, root) else {
        return false;
    };
    let real = |path: &Path| path.canonicalize().ok();
    let submissions = real(&root.join(SUBMISSIONS));
    submissions.is_some() && submissions == real(path)
}

/// Inspects what `read` gives of the files, under the lists.
pub fn inspect_read(
    basis: Basis,
    read: impl FnOnce(&Layout, Option<&Path>, Lists) -> Result<Intake, Stop>,
) -> Result<Inspection, Stop> {
    let skipped = basis.lacks();
    let mut scope = Codes::ALL;
    let of_a_batch = codes_that_need(Needed::Batch).filter(|_| !basis.whole_batch);
    for code in skipped
        .iter()
        .flat_map(|need| &need.codes)
        .copied()
        .chain(of_a_batch)
    {
        scope.remove(code);
    }
    let Basis {
        rules,
        programs,
        participants,
        others,
        layout,
        root,
        whole_batch,
    } = basis;
    let lists = Lists {
        programs: programs.unwrap_or_default(),
        participants: participants.unwrap_or_default(),
        ..others
    };
    let of_the_rules = rules.as_ref().map(|(rules, _)| Fields::of(rules));
    let layout = Layout {
        fields: of_the_rules.unwrap_or_default(),
        ..layout
    };
    let mut intake = read(&layout, root.as_deref(), lists)?;
    // Without rules none of their codes is in the scope, so any rules serve.
    let (under, readings) = match &rules {
        Some((rules, readings)) => (rules.clone(), *readings),
        None => any_rules()?,
    };
    if scope.contains(Code::W224) {
        intake.findings.extend(stale_templates(
            &intake.files,
            &Fingerprint::of(&under, &intake.programs),
        ));
    }
    let CheckedBatch {
        rows: decisions,
        findings,
        entities,
        closed_files,
        ..
    } = checks::decide_within(scope, &under, &readings, &intake)?;
    let findings = checks::in_order(&intake, findings);
    let reading = layout.reading();
    Ok(Inspection {
        intake,
        decisions,
        findings,
        entities,
        closed_files,
        skipped,
        reading,
        rules: rules.map(|(rules, _)| rules),
        whole_batch,
    })
}

fn any_rules() -> Result<(RuleSet, Readings), Stop> {
    let newest = rules::built_in_ids()
        .into_iter()
        .last()
        .map(|id| rules::built_in(&id))
        .transpose()?
        .flatten();
    let rules =
        newest.ok_or_else(|| Stop::usage("no rules are built in", "", "give --rules FILE"))?;
    let readings = rules.readings;
    Ok((rules, readings))
}

impl Inspection {
    /// Whether a finding is still open.
    #[must_use]
    pub fn is_open(&self, finding: &Finding) -> bool {
        checks::is_open(
            finding,
            &self.intake,
            |row| self.decisions[row].ended(),
            &self.closed_files,
        )
    }

    /// Rows with an outcome; `None` counts those that pass every check made.
    #[must_use]
    pub fn count(&self, outcome: Option<Outcome>) -> usize {
        self.decisions
            .iter()
            .filter(|decision| decision.ended() == outcome)
            .count()
    }

    /// What was not checked of rows that were judged.
    pub(crate) fn unknown(&self) -> Option<String> {
        let no_ledger = self
            .skipped
            .iter()
            .any(|need| need.needed == Needed::Ledger);
        let text = match (no_ledger, self.whole_batch) {
            (true, false) => {
                "Not checked: payments of earlier years, and what others report about the same pupils."
            }
            (true, true) => "Not checked: payments of earlier years.",
            (false, false) => "Not checked: what others report about the same pupils.",
            (false, true) => return None,
        };
        Some(text.to_string())
    }

    /// The open findings to show ([`checks::to_show`]).
    #[must_use]
    pub fn to_show(&self) -> Vec<&Finding> {
        checks::to_show(&self.findings, |finding| self.is_open(finding))
    }

    /// The date of workbooks about it. The clock is never read, so the same file and lists give the same bytes.
    #[must_use]
    pub fn day(&self) -> NaiveDate {
        let rules = self.rules.as_ref();
        rules.map_or_else(NaiveDate::default, |rules| rules.school_year.first_day())
    }

    /// Whether rules and lists were given, so that rows could be judged.
    pub(crate) fn was_judged(&self) -> bool {
        let lacks = |code| self.skipped.iter().any(|need| need.codes.contains(&code));
        !lacks(Code::N301) && !lacks(Code::N304)
    }

    /// Whether every file was refused, so that nothing could be read.
    #[must_use]
    pub fn read_nothing(&self) -> bool {
        self.intake.files.iter().all(|file| file.refused.is_some())
    }

    /// Whether a report of these files could not be final.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.findings
            .iter()
            .any(|finding| finding.keeps_from_final() && self.is_open(finding))
    }
}

/// A file's path in a batch: its own if it is in one, otherwise the likely one.
#[must_use]
pub fn path_in_batch(path: &str) -> String {
    if path.starts_with(&format!("{SUBMISSIONS}/")) {
        return path.to_string();
    }
    let name = Path::new(path).file_name().map_or_else(
        || path.to_string(),
        |name| name.to_string_lossy().into_owned(),
    );
    format!("{SUBMISSIONS}/{name}")
}
