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

use crate::audit::difference::{Difference, difference};
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
        let within_the_year = within_the_year(sources)?;
        Ok(Correspondence {
            report: Head::of(sources.report),
            letters: letter::letters(sources, within_the_year.as_ref()),
            packet: Packet::of(sources, within_the_year.as_ref())?,
        })
    }

    /// Letters, one a payee.
    #[must_use]
    pub fn letters(&self) -> usize {
        self.letters.len()
    }

    /// Whether a letter leaves a gap for the address.
    #[must_use]
    pub fn lacks_an_address(&self) -> bool {
        self.letters.iter().any(Letter::lacks_address)
    }
}

/// What changed since an earlier report of the same budget year, if one is given. The rows of two years are unrelated.
fn within_the_year(sources: Sources<'_>) -> Result<Option<Difference>, Stop> {
    let year = sources.report.rules.budget_year;
    sources
        .since
        .filter(|since| since.rules.budget_year == year)
        .map(|since| difference(since, sources.report))
        .transpose()
}
