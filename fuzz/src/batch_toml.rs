//! `batch.toml`: read, or refused with a line and a key.

use std::fs;

use cdip::batch::{BATCH_FILE, Batch};
use cdip::money::{MONEY_MAX_CENTS, Money};
use tempfile::TempDir;

use super::stops;
use super::submission::RULES;

/// The configuration of a batch whose folder also holds a rules file, `rules.toml`.
pub fn run(data: &[u8]) {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join(BATCH_FILE), data).unwrap();
    fs::write(folder.path().join("rules.toml"), RULES.to_toml()).unwrap();
    match (Batch::open(folder.path()), Batch::open(folder.path())) {
        (Ok(batch), Ok(again)) => {
            assert_eq!(
                format!("{batch:?}"),
                format!("{again:?}"),
                "the same file is the same batch"
            );
            for amount in [Some(batch.available), batch.supplement]
                .into_iter()
                .flatten()
            {
                assert!((Money::ZERO..=Money::from_cents(MONEY_MAX_CENTS)).contains(&amount));
            }
            assert_eq!(
                batch.readings_under(&batch.rules).unwrap(),
                batch.readings,
                "the readings are the rules' with the batch's over them"
            );
        }
        (Err(mut stop), Err(again)) => {
            assert_eq!(stop, again, "the same file stops for the same reason");
            // The folder holds no lists, which is told in the same run.
            let shown = folder.path().display().to_string();
            stop.also.retain(|stop| stop.places != [shown.as_str()]);
            stops::holds(&stop, BATCH_FILE, data);
        }
        _ => panic!("the same file is read once and not twice"),
    }
}
