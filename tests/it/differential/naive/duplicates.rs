//! The order of rows, and completions that are reported more than once.

use std::cmp::Ordering;

use super::Ended;
use super::texts::Texts;

/// The codes of a row's participant, the school's empty unless it is a charter.
pub fn participant<'a>(texts: &'a Texts, row: &Ended) -> (&'a str, &'a str) {
    row.found.map_or(("", ""), |found| {
        (
            &texts.entities[found].district,
            &texts.entities[found].school,
        )
    })
}

pub fn same_completion(a: &Ended, b: &Ended) -> bool {
    a.sasid == b.sasid && a.program == b.program
}

pub fn place(a: &Ended, b: &Ended) -> Ordering {
    a.file
        .as_bytes()
        .cmp(b.file.as_bytes())
        .then(a.sheet_order.cmp(&b.sheet_order))
        .then(a.row.cmp(&b.row))
}

/// The standing order.
pub fn standing(texts: &Texts, a: &Ended, b: &Ended) -> Ordering {
    (a.date.cmp(&b.date))
        .then(a.sasid.cmp(&b.sasid))
        .then(a.program.cmp(&b.program))
        .then(participant(texts, a).cmp(&participant(texts, b)))
        .then(place(a, b))
}

pub fn find(texts: &Texts, hold: bool, rows: &mut [Ended]) {
    let mut fates = Vec::new();
    for (position, row) in rows
        .iter()
        .enumerate()
        .filter(|(_, row)| row.outcome.is_empty())
    {
        let mut across = false;
        let mut least = true;
        for other in rows
            .iter()
            .filter(|other| other.outcome.is_empty() && same_completion(row, other))
        {
            across |= participant(texts, other) != participant(texts, row);
            let order = (other.date.cmp(&row.date))
                .then(participant(texts, other).cmp(&participant(texts, row)))
                .then(place(other, row));
            least &= order != Ordering::Less;
        }
        if across && hold {
            fates.push((position, "held"));
        } else if !least {
            fates.push((position, "duplicate"));
        }
    }
    for (position, fate) in fates {
        rows[position].outcome = fate;
        if fate == "held" {
            rows[position].codes.insert("H501");
        }
    }
}
