//! One completion in several rows: the same SASID and program among the rows still without an outcome.

use super::collector::Collector;
use super::row::Row;
use crate::catalogue::Code;
use crate::decision::Outcome;
use crate::intake::completions::Field;
use crate::ranks::RowRank;
use crate::rules::readings::{CrossEntity, Readings};

/// Holds completions that several participants report. Of those that one participant reports several times, one row stays.
pub(super) fn settle(decisions: &mut [Row], readings: &Readings, collector: &mut Collector<'_>) {
    let mut open: Vec<RowRank> = RowRank::all(decisions.len())
        .filter(|position| decisions[*position].outcome.is_none())
        .collect();
    let key = |decision: &Row| (decision.sasid, decision.program);
    // Of one completion, the first row in this order stays: date, participant, file path, sheet order, row number.
    open.sort_unstable_by_key(|position| {
        (
            key(&decisions[*position]),
            decisions[*position].standing(*position),
        )
    });
    let groups: Vec<&[RowRank]> = open
        .chunk_by(|a, b| key(&decisions[*a]) == key(&decisions[*b]))
        .collect();
    for group in groups {
        let participant = decisions[group[0]].participant;
        let shared = group
            .iter()
            .any(|position| decisions[*position].participant != participant);
        if shared && readings.cross_entity == CrossEntity::Hold {
            for position in group {
                decisions[*position].codes.add(Code::H501);
                decisions[*position].outcome = Some(Outcome::Held);
                collector.add_plain(*position, Code::H501, Field::Sasid);
            }
        } else {
            for position in &group[1..] {
                decisions[*position].outcome = Some(Outcome::Duplicate);
                let message = if decisions[*position].participant == participant {
                    format!(
                        "the same completion is in {}, and counts there",
                        collector.where_is(group[0], *position)
                    )
                } else {
                    "another participant reports the same completion, and it counts there"
                        .to_string()
                };
                collector.add(*position, Code::W223, Field::ProgramCode, message);
            }
        }
    }
}
