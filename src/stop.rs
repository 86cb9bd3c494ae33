//! What ends a run before it has a result, and the exit status it ends with (files.md, "Exit status").

use std::fmt;

use crate::words::{one_line, written_out};

/// The exit status of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Status {
    /// Done.
    Done = 0,
    /// Done, but a file was refused, or the result had to be final and is not.
    Refused = 1,
    /// Wrong usage or configuration.
    Usage = 2,
    /// Nothing could be read, or the batch as a whole passes a limit.
    Nothing = 3,
    /// `verify` found a difference, or a report contradicts itself.
    Difference = 4,
    /// An invariant of the program is broken.
    Broken = 70,
}

/// A reason to stop: one message in the house pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// The exit status.
    pub status: Status,
    /// What is wrong: one line without a period.
    pub message: String,
    /// Where: file, line, sheet, cell. Several if two places contradict each other.
    pub places: Vec<String>,
    /// What to do about it.
    pub fix: String,
    /// Other reasons to stop that were found in the same pass.
    pub also: Vec<Stop>,
}

impl Stop {
    /// One stop for all of them, the first as its own reason; none without any.
    pub fn of_all(stops: impl IntoIterator<Item = Stop>) -> Option<Stop> {
        let mut stops = stops.into_iter();
        let mut first = stops.next()?;
        for mut stop in stops {
            let mut also = std::mem::take(&mut stop.also);
            first.also.push(stop);
            first.also.append(&mut also);
        }
        Some(first)
    }

    /// A stop for wrong usage or configuration.
    pub fn usage(
        message: impl Into<String>,
        place: impl Into<String>,
        fix: impl Into<String>,
    ) -> Stop {
        let shown = |text: String| one_line(text.into()).into_owned();
        Stop {
            status: Status::Usage,
            message: shown(message.into()),
            places: vec![shown(place.into())],
            fix: shown(fix.into()),
            also: Vec::new(),
        }
    }

    /// A stop for a broken invariant: a defect of the program, never of the input.
    #[must_use]
    pub fn defect(message: &str) -> Stop {
        Stop {
            status: Status::Broken,
            message: one_line(message.to_string().into()).into_owned(),
            places: Vec::new(),
            fix: "nothing was written; this is a defect of the program: please report it with the batch".to_string(),
            also: Vec::new(),
        }
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", written_out(&self.message))?;
        for place in self.places.iter().filter(|place| !place.is_empty()) {
            write!(f, "\n  --> {}", written_out(place))?;
        }
        if !self.fix.is_empty() {
            write!(f, "\n   = fix: {}", written_out(&self.fix))?;
        }
        for other in &self.also {
            write!(f, "\n{other}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Stop {}
