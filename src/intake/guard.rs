//! A parser that panics on a hostile file must not end the batch: the panic becomes a refusal of that file.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use super::cells::Refusal;
use crate::catalogue::Code;

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

static QUIET: Once = Once::new();

/// Runs a reader; a panic in it becomes a refusal, and prints nothing.
pub fn guarded<T>(read: impl FnOnce() -> Result<T, Refusal>) -> Result<T, Refusal> {
    QUIET.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !GUARDED.get() {
                usual(info);
            }
        }));
    });
    GUARDED.set(true);
    // The reader owns all that it changes, so nothing half-changed survives the panic.
    let outcome = catch_unwind(AssertUnwindSafe(read));
    GUARDED.set(false);
    outcome.unwrap_or_else(|_| Err(Refusal::new(Code::F101, "the file cannot be read: its parts contradict each other")))
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
