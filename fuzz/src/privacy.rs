//! No value that could be a pupil's is in a message.

/// A name that is in seeds and dictionaries as a pupil's: no program, heading or message has a word like it.
pub const NAME: &str = "Zyxquorra";

/// So many digits in a row are an id: the largest number that a message states is a limit of eight.
const ID_DIGITS: usize = 9;

/// Panics where a text holds an id or the name. `allowed` are names of files and sheets, which may be in a message whatever they are.
pub fn holds_nobody<'n>(text: &str, allowed: impl IntoIterator<Item = &'n str>) {
    let mut rest = text.to_string();
    for name in allowed.into_iter().filter(|name| !name.is_empty()) {
        rest = rest.replace(name, "");
    }
    let id = rest
        .split(|c: char| !c.is_ascii_digit())
        .any(|digits| digits.len() >= ID_DIGITS);
    assert!(!id, "an id is in a message: {text}");
    assert!(
        !rest.to_lowercase().contains(&NAME.to_lowercase()),
        "a name is in a message: {text}"
    );
}
