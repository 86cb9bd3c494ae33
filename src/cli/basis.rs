//! What files are checked against: the options that several verbs share.

use std::path::{Path, PathBuf};

use clap::Args;

use super::console::shell_word;
use super::given;
use super::near::DatesSay;
use crate::batch::reading::input_of;
use crate::batch::{Batch, read_columns};
use crate::inspection::Basis;
use crate::intake::lists::{read_participants, read_programs};
use crate::intake::{PARTICIPANTS_ROLE, PROGRAMS_ROLE};
use crate::stop::Stop;

/// Rules, lists and headings, from a batch or one by one.
#[derive(Args, Clone, Debug)]
pub(super) struct BasisArguments {
    /// A batch folder: its rules, lists, ledger and headings are used. Its submissions are only read if no FILE is given.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["rules", "programs", "participants"])]
    pub(super) batch: Option<PathBuf>,
    /// An id, a budget year such as 2024-25, or a path ending in .toml.
    #[arg(long)]
    pub(super) rules: Option<String>,
    /// The list of qualified programs (.xlsx .ods .csv).
    #[arg(long, value_name = "FILE")]
    pub(super) programs: Option<PathBuf>,
    /// The participants list (.xlsx .ods .csv).
    #[arg(long, value_name = "FILE")]
    pub(super) participants: Option<PathBuf>,
    /// Your own headings and words: a spreadsheet with the columns Ours and Yours (--columns-out writes one), or the tables [columns] and [values] as in batch.toml.
    #[arg(long, value_name = "FILE")]
    columns: Option<PathBuf>,
}

impl BasisArguments {
    /// The options for rules and lists as they were typed, each with a blank in front.
    pub(super) fn as_words(&self) -> String {
        let rules = self.rules.as_ref().map(Path::new);
        let options = [
            ("--batch", self.batch.as_deref()),
            ("--rules", rules),
            ("--programs", self.programs.as_deref()),
            ("--participants", self.participants.as_deref()),
        ];
        let given = options
            .into_iter()
            .filter_map(|(option, path)| Some((option, path?)));
        given.fold(String::new(), |words, (option, path)| {
            words + " " + option + " " + &shell_word(path)
        })
    }

    /// Takes the rules of the year that the dates say, where lists were given and no rules. Gives whether it did.
    pub(super) fn takes_rules_of(&mut self, dates: &DatesSay) -> bool {
        let has_lists = self.programs.is_some() && self.participants.is_some();
        if self.batch.is_some() || self.rules.is_some() || !has_lists {
            return false;
        }
        self.rules = dates.budget_year().map(|year| year.to_string());
        self.rules.is_some()
    }

    pub(super) fn basis(&self) -> Result<Basis, Stop> {
        let mut basis = match &self.batch {
            Some(folder) => Basis::of_batch(&Batch::open(folder)?)?,
            None => Basis::default(),
        };
        if let Some(name) = &self.rules {
            let rules = given::rules(name)?.rules;
            let readings = rules.readings;
            basis.rules = Some((rules, readings));
        }
        if let Some(path) = &self.programs {
            let list = given::list(path)?;
            let programs = read_programs(&list.name, &list.bytes)?;
            basis
                .others
                .inputs
                .push(input_of(&list, PROGRAMS_ROLE, programs.all().len()));
            basis.programs = Some(programs);
        }
        if let Some(path) = &self.participants {
            let list = given::list(path)?;
            let participants = read_participants(&list.name, &list.bytes)?;
            basis
                .others
                .inputs
                .push(input_of(&list, PARTICIPANTS_ROLE, participants.all().len()));
            basis.participants = Some(participants);
        }
        if let Some(path) = &self.columns {
            let list = given::list(path)?;
            let own = read_columns(&list.name, &list.bytes)?;
            basis.layout.columns = own.columns.headings;
            basis.layout.constants = own.columns.constants;
            for (field, word, meaning) in &own.words {
                basis.others.words.map(*field, word, meaning);
            }
        }
        Ok(basis)
    }
}
