//! What files are checked against: the options that several verbs share.

use std::path::PathBuf;

use clap::Args;

use super::given;
use crate::batch::reading::input_of;
use crate::batch::{Batch, read_columns};
use crate::inspection::Basis;
use crate::intake::lists::{read_participants, read_programs};
use crate::stop::Stop;

/// Rules, lists and headings, from a batch or one by one.
#[derive(Args, Debug)]
pub(super) struct BasisArguments {
    /// A batch folder: its rules, lists, ledger and headings are used. Its submissions are only read if no FILE is given.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["rules", "programs", "participants"])]
    pub(super) batch: Option<PathBuf>,
    /// An id, a budget year such as 2024-25, or a path ending in .toml.
    #[arg(long)]
    pub(super) rules: Option<String>,
    /// The list of qualified programs (.xlsx .ods .csv).
    #[arg(long, value_name = "FILE")]
    programs: Option<PathBuf>,
    /// The participants list (.xlsx .ods .csv).
    #[arg(long, value_name = "FILE")]
    participants: Option<PathBuf>,
    /// Your own headings: a file with the table [columns] as in batch.toml.
    #[arg(long, value_name = "FILE")]
    columns: Option<PathBuf>,
}

impl BasisArguments {
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
                .push(input_of(&list, "qualified programs", programs.all().len()));
            basis.programs = Some(programs);
        }
        if let Some(path) = &self.participants {
            let list = given::list(path)?;
            let participants = read_participants(&list.name, &list.bytes)?;
            basis
                .others
                .inputs
                .push(input_of(&list, "participants", participants.all().len()));
            basis.participants = Some(participants);
        }
        if let Some(path) = &self.columns {
            let list = given::list(path)?;
            let own = read_columns(&list.name, &list.bytes)?;
            basis.layout.columns = own.headings;
            basis.layout.constants = own.constants;
        }
        Ok(basis)
    }
}
