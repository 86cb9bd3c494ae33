//! Libraries that panic where this program wants an error: the panic is caught, and prints nothing.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

static QUIET: Once = Once::new();

/// Runs what may panic; gives the words of the panic instead. What it changes must not be used after one.
pub(crate) fn contained<T>(run: impl FnOnce() -> T) -> Result<T, String> {
    QUIET.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !GUARDED.get() {
                usual(info);
            }
        }));
    });
    let outer = GUARDED.replace(true);
    let outcome = catch_unwind(AssertUnwindSafe(run));
    GUARDED.set(outer);
    outcome.map_err(|panic| words(&*panic))
}

fn words(panic: &(dyn Any + Send)) -> String {
    let literal = panic.downcast_ref::<&str>().map(ToString::to_string);
    literal
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_its_words_and_a_panic_within_one_leaves_the_outer_guard_in_place() {
        assert_eq!(contained(|| 7), Ok(7));
        assert_eq!(
            contained(|| panic!("disk {}", 28)),
            Err::<(), _>("disk 28".to_string())
        );
        let nested = contained(|| {
            assert_eq!(
                contained(|| panic!("inner")),
                Err::<(), _>("inner".to_string())
            );
            GUARDED.get()
        });
        assert_eq!(nested, Ok(true));
        assert!(!GUARDED.get());
    }
}
