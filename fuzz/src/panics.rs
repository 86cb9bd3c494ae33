//! The program catches a panic of a reader and refuses its file (`intake/guard.rs`). Good for a clerk; here every one of them counts.

use std::cell::RefCell;
use std::panic;
use std::sync::Once;

use cdip::intake::guard::guarded;

/// Where calamine is known to panic on a damaged workbook, with its version, so that an update is looked at anew. The program refuses such a
/// file as F101, which is also what is right to say of it. No other panic is let pass, and none of code that is not calamine's.
const KNOWN: [&str; 6] = [
    // The readers of the two binary formats take fields out of records without asking how long these are, in many places.
    "calamine-0.38.0/src/xls.rs:",
    "calamine-0.38.0/src/xlsb/",
    "calamine-0.38.0/src/utils.rs:",
    // The address of a cell, past what 32 bits hold: a column in either case, a row.
    "calamine-0.38.0/src/xlsx/mod.rs:3096",
    "calamine-0.38.0/src/xlsx/mod.rs:3097",
    "calamine-0.38.0/src/xlsx/mod.rs:3112",
];

thread_local! {
    static LAST: RefCell<Option<Caught>> = const { RefCell::new(None) };
}

/// A panic that the program caught.
struct Caught {
    place: String,
    said: String,
}

static WATCHED: Once = Once::new();

/// Runs a reader, and panics where a panic was caught in it that is not known.
pub fn none_caught<T>(read: impl FnOnce() -> T) -> T {
    WATCHED.call_once(|| {
        // The program's own hook, which says nothing of a panic that is caught, must stand beneath this one.
        let _ = guarded(|| Ok(()));
        let beneath = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let place = info
                .location()
                .map(|place| format!("{}:{}", place.file(), place.line()))
                .unwrap_or_default();
            LAST.set(Some(Caught {
                place,
                said: info.to_string(),
            }));
            beneath(info);
        }));
    });
    LAST.set(None);
    let read = read();
    if let Some(Caught { place, said }) = LAST.take() {
        assert!(
            KNOWN.iter().any(|known| place.contains(known)),
            "a reader {said}"
        );
    }
    read
}
