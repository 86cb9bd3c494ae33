//! What goes out on paper after a report: a letter to each payee, and the board's packet. Both are filled-in templates that an office
//! can replace.

mod changes;
pub mod files;
mod head;
mod letter;
mod packet;
mod questions;
mod sectors;
mod sources;
pub mod templates;
mod words;

use serde::Serialize;

use crate::stop::Stop;
use head::Head;
use letter::Letter;
use packet::Packet;
pub use sources::Sources;

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
