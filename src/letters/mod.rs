//! What goes out on paper after a report: a letter to each payee, and the board's packet. Both are filled-in templates that an office
//! can replace.

mod changes;
pub mod files;
mod head;
mod letter;
mod packet;
mod questions;
mod sectors;
pub mod templates;
mod words;

use serde::Serialize;

use crate::audit::evidence::Evidence;
use crate::settlement::folder::SettlementFolder;
use crate::stop::Stop;
use head::Head;
use letter::Letter;
use packet::Packet;

/// What letters and packet are made from.
#[derive(Clone, Copy)]
pub struct Sources<'s> {
    pub report: &'s Evidence,
    /// What was settled after the payments made.
    pub settlement: Option<&'s SettlementFolder>,
    /// The report before: of the same year, or of the year before.
    pub since: Option<&'s Evidence>,
}

/// All that the templates are given.
#[derive(Serialize)]
pub struct Correspondence {
    report: Head,
    letters: Vec<Letter>,
    packet: Packet,
}

impl Correspondence {
    /// Gathers what the letters and the packet say.
    ///
    /// # Errors
    /// A [defect](Stop::defect) if a comparison does not add up.
    pub fn of(sources: Sources<'_>) -> Result<Correspondence, Stop> {
        Ok(Correspondence {
            report: Head::of(sources.report),
            letters: letter::letters(sources),
            packet: Packet::of(sources)?,
        })
    }

    /// Letters, one a payee.
    #[must_use]
    pub fn letters(&self) -> usize {
        self.letters.len()
    }
}
