//! TOML files with errors that name file, line and key, what is wrong and what is allowed.

use std::ops::Range;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer};

use crate::stop::Stop;

/// A TOML file in memory: where an error of its content stands can be said.
#[derive(Clone, Copy, Debug)]
pub struct Document<'a> {
    /// The name shown in messages.
    pub file: &'a str,
    /// Its text.
    pub text: &'a str,
}

impl<'a> Document<'a> {
    /// Decodes UTF-8 (with or without byte order mark).
    pub fn decode(file: &'a str, bytes: &'a [u8]) -> Result<Document<'a>, Stop> {
        let text = std::str::from_utf8(bytes).map_err(|_| {
            Stop::usage(
                format!("{file} is not UTF-8 text"),
                file,
                "save it as UTF-8",
            )
        })?;
        Ok(Document {
            file,
            text: text.strip_prefix('\u{feff}').unwrap_or(text),
        })
    }

    /// Reads the whole document as `T`.
    pub fn parse<T: DeserializeOwned>(self) -> Result<T, Stop> {
        toml::from_str(self.text).map_err(|error| self.stop_of(&error))
    }

    /// Reads the document entry by entry: an entry that cannot be read is a fault, and left out. Every key of `T` may be missing. Nothing where the text is not TOML.
    pub fn parse_all<T: DeserializeOwned>(self, faults: &mut Vec<Stop>) -> Option<T> {
        /// No file has so many wrong entries; a document that cannot be read for another reason must not be tried for ever.
        const FAULTS_MAX: usize = 100;
        let mut table = match DeTable::parse(self.text) {
            Ok(table) => table,
            Err(error) => {
                faults.push(self.stop_of(&error));
                return None;
            }
        };
        let mut found: Vec<(usize, Stop)> = Vec::new();
        let mut read = None;
        while read.is_none() && found.len() < FAULTS_MAX {
            let error = match T::deserialize(Deserializer::from(table.clone())) {
                Ok(rest) => {
                    read = Some(rest);
                    continue;
                }
                Err(error) => error,
            };
            let start = error.span().unwrap_or(0..0).start;
            found.push((start, self.stop_of(&error)));
            if !take_out(table.get_mut(), start) {
                break;
            }
        }
        found.sort_by_key(|(start, _)| *start);
        faults.extend(found.into_iter().map(|(_, stop)| stop));
        read
    }

    /// Adds the fault that a key is missing, unless a misspelled one was told already that is most likely meant.
    pub fn add_missing(self, key: &str, faults: &mut Vec<Stop>) {
        let meant = format!("did you mean `{key}`?");
        let at_the_key = format!(", key {key}");
        let is_told = faults.iter().any(|stop| {
            let about_the_key = stop.places.iter().any(|place| place.ends_with(&at_the_key));
            about_the_key || stop.fix.contains(&meant)
        });
        if !is_told {
            let fix = format!("add `{key} = ...`");
            faults.push(self.stop_at(0..0, format!("key `{key}` is missing"), fix));
        }
    }

    fn stop_of(self, error: &toml::de::Error) -> Stop {
        let (message, fix) = explain(error.message());
        self.stop_at(error.span().unwrap_or(0..0), message, fix)
    }

    /// A stop at a place of the document.
    pub fn stop_at(
        self,
        span: Range<usize>,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) -> Stop {
        let line = 1 + self
            .text
            .bytes()
            .take(span.start)
            .filter(|byte| *byte == b'\n')
            .count();
        let key = DeTable::parse(self.text)
            .ok()
            .and_then(|table| key_at(table.get_ref(), span.start));
        let place = match key {
            Some(key) => format!("{}, line {line}, key {key}", self.file),
            None => format!("{}, line {line}", self.file),
        };
        Stop::usage(message, place, fix)
    }

    /// A stop about a value that was read.
    pub fn stop_on<T>(
        self,
        value: &Spanned<T>,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) -> Stop {
        self.stop_at(value.span(), message, fix)
    }
}

/// The dotted key whose entry covers the position.
fn key_at(table: &DeTable<'_>, position: usize) -> Option<String> {
    for (key, value) in table {
        let name = key.get_ref();
        let inner = match value.get_ref() {
            DeValue::Table(inner) => key_at(inner, position),
            DeValue::Array(items) => items.iter().find_map(|item| match item.get_ref() {
                DeValue::Table(inner) => key_at(inner, position),
                _ => None,
            }),
            _ => None,
        };
        if let Some(inner) = inner {
            return Some(format!("{name}.{inner}"));
        }
        if key.span().contains(&position) || value.span().contains(&position) {
            return Some(name.to_string());
        }
    }
    None
}

/// Takes the innermost entry that covers the position out of a table.
fn take_out(table: &mut DeTable<'_>, position: usize) -> bool {
    let mut covering = None;
    for (key, value) in table.iter_mut() {
        if let DeValue::Table(inner) = value.get_mut()
            && take_out(inner, position)
        {
            return true;
        }
        if key.span().contains(&position) || value.span().contains(&position) {
            covering = Some(key.clone());
        }
    }
    covering.is_some_and(|key| table.remove(&key).is_some())
}

/// Turns the parser's words into ours: (what is wrong, the fix).
fn explain(message: &str) -> (String, String) {
    // serde puts every name of its messages between backticks: the first is the one found, the others are those allowed.
    let names: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    if message.starts_with("unknown field") {
        let (found, known) = names
            .split_first()
            .map_or(("", &[][..]), |(found, known)| (*found, known));
        return (
            format!("unknown key `{found}`"),
            did_you_mean(found, known.iter().copied()),
        );
    }
    if let (true, Some(key)) = (message.starts_with("missing field"), names.first()) {
        return (
            format!("key `{key}` is missing"),
            format!("add `{key} = ...`"),
        );
    }
    if message.starts_with("invalid type") && message.ends_with("expected a string") {
        return (message.to_string(), "put it between quotes".to_string());
    }
    (
        message
            .lines()
            .next()
            .unwrap_or("cannot be read")
            .to_string(),
        "write it as the example in the documentation shows".to_string(),
    )
}

/// `did you mean ...? allowed: ...`, the nearest known word first.
#[must_use]
pub fn did_you_mean<'a>(found: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    let nearest = known
        .iter()
        .map(|word| {
            (
                strsim::damerau_levenshtein(&found.to_lowercase(), word),
                *word,
            )
        })
        .min()
        // More than half of the letters wrong is not a slip of the pen.
        .filter(|(distance, word)| *distance * 2 <= word.len().max(found.len()));
    let allowed = format!("allowed: {}", known.join(", "));
    match nearest {
        Some((_, word)) => format!("did you mean `{word}`? {allowed}"),
        None => allowed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        #[allow(dead_code)]
        label: String,
        #[allow(dead_code)]
        inner: Option<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[allow(dead_code)]
        count: u32,
    }

    fn error(text: &str) -> String {
        Document {
            file: "batch.toml",
            text,
        }
        .parse::<Sample>()
        .unwrap_err()
        .to_string()
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line_and_the_nearest_known_one() {
        assert_eq!(
            error("label = \"x\"\nlabbel = \"y\"\n"),
            "error: unknown key `labbel`\n  --> batch.toml, line 2, key labbel\n   = fix: did you mean `label`? allowed: label, inner"
        );
    }

    #[test]
    fn a_wrong_type_deep_inside_is_named_with_its_whole_key() {
        let message = error("label = \"x\"\n[inner]\ncount = \"many\"\n");
        assert!(message.contains("expected u32"), "{message}");
        assert!(
            message.contains("batch.toml, line 3, key inner.count"),
            "{message}"
        );
    }

    #[test]
    fn a_missing_key_says_which() {
        assert!(
            error("").starts_with("error: key `label` is missing"),
            "{}",
            error("")
        );
    }

    #[test]
    fn broken_syntax_names_the_line() {
        assert!(
            error("label = \n").contains("batch.toml, line 1"),
            "{}",
            error("label = \n")
        );
    }
}
