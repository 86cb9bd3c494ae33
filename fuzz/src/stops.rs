//! What must hold of a reason to stop: it is one a clerk can act on.

use cdip::stop::{Status, Stop};

/// Panics unless the stop is wrong usage of a file, said in one line, at a line that the file has, and with something to do.
pub fn holds(stop: &Stop, file: &str, bytes: &[u8]) {
    assert_eq!(stop.status, Status::Usage, "{stop:?}");
    let one_line = |text: &str| !text.is_empty() && !text.chars().any(char::is_control);
    assert!(one_line(&stop.message) && one_line(&stop.fix), "{stop:?}");
    assert!(!stop.places.is_empty(), "{stop:?}");
    let lines = 1 + bytes
        .iter()
        .filter(|byte| matches!(byte, b'\n' | b'\r'))
        .count();
    // The cells beyond those that are named are counted.
    let named = |place: &&String| !(place.starts_with("and ") && place.contains(" more cell"));
    for place in stop.places.iter().filter(named) {
        assert!(
            place.starts_with(file) && !place.chars().any(char::is_control),
            "{stop:?}"
        );
        let line = place.split(", line ").nth(1).map(|rest| {
            rest.chars()
                .take_while(char::is_ascii_digit)
                .collect::<String>()
        });
        let stands = line.is_none_or(|line| {
            line.parse::<usize>()
                .is_ok_and(|line| (1..=lines).contains(&line))
        });
        assert!(stands, "the file has {lines} lines: {stop:?}");
    }
    for other in &stop.also {
        holds(other, file, bytes);
    }
}
