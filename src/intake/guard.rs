//! A parser that panics on a hostile file must not end the batch: the panic refuses that file.

use super::cells::Refusal;
use crate::catalogue::Code;
use crate::guard::contained;

/// Runs a reader; a panic in it becomes a refusal, and prints nothing.
pub fn guarded<T>(read: impl FnOnce() -> Result<T, Refusal>) -> Result<T, Refusal> {
    // The reader owns everything that it changes, so nothing half-changed survives the panic.
    contained(read).unwrap_or_else(|_| {
        Err(Refusal::new(
            Code::F101,
            "the file cannot be read: its parts contradict each other",
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_that_panics_refuses_its_file() {
        let outcome: Result<(), Refusal> = guarded(|| panic!("hostile"));
        assert_eq!(outcome.unwrap_err().code, Code::F101);
        assert_eq!(guarded(|| Ok(7)), Ok(7));
    }
}
