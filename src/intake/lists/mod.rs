//! The lists of a batch: qualified programs, participants, prior payments and resolutions. A faulty list stops the run and names
//! every wrong cell; a submission never does (calculation.md, section 2, "Lists").

mod ledger;
mod meant;
mod participants;
mod programs;
mod resolutions;
pub(crate) mod table;

pub use ledger::{Ledger, PriorPayment, read_ledger};
pub use participants::{
    CHARTER_SCHOOL_INSTITUTE, Participant, Participants, participant_code, read_participants,
};
pub use programs::{Program, Programs, read_programs};
pub use resolutions::{
    BLOCKS_FINAL, FOR_PEOPLE, RESOLUTIONS, Resolution, Ruling, Subject, read_resolutions,
};
