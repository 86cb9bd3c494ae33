//! The district's page: one HTML file that checks a spreadsheet in the browser. Made of the texts in `page/`, the engine compiled for the
//! browser, and the year's kit. Its policy forbids it to connect to anything.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::kit::Kit;
use crate::rules::RuleSet;
use crate::stop::Stop;

const HTML: &str = include_str!("../page/page.html");
const STYLE: &str = include_str!("../page/page.css");
const SCRIPT: &str = include_str!("../page/page.js");
const WORKER: &str = include_str!("../page/worker.js");
/// The engine, compressed; `page/build` makes it.
#[cfg(feature = "page")]
const ENGINE: &[u8] = include_bytes!("../page/dist/engine.wasm.gz");

/// The engine that this program holds.
///
/// # Errors
/// The program was built without it.
pub fn engine() -> Result<&'static [u8], Stop> {
    #[cfg(feature = "page")]
    return Ok(ENGINE);
    #[cfg(not(feature = "page"))]
    return Err(Stop::usage(
        "this cdip was built without the engine of the page",
        "",
        "in its sources run page/build, and then cargo build --release --features page",
    ));
}

/// The page for a kit. The same kit and engine, the same bytes.
#[must_use]
pub fn html(kit: &Kit, rules: &RuleSet, engine: &[u8]) -> String {
    // An end of a script inside a script would end it: in JSON a less-than can be written otherwise.
    let json = serde_json::json!(kit).to_string().replace('<', "\\u003c");
    filled(HTML, |name| match name {
        "policy" => policy(),
        "style" => STYLE.to_string(),
        "script" => SCRIPT.to_string(),
        "worker" => WORKER.to_string(),
        "engine" => base64(engine),
        "kit" => json.clone(),
        "school_year" => escaped(&rules.school_year.to_string()),
        "rules" => escaped(&rules.id),
        "version" => env!("CARGO_PKG_VERSION").to_string(),
        "lists_of" => kit.lists_of.format("%-m/%-d/%Y").to_string(),
        "facts" => escaped(&facts(kit, rules)),
        _ => String::new(),
    })
}

/// The engine of a page that was made before, so that its other parts can be made anew.
#[must_use]
pub fn engine_of(page: &str) -> Option<Vec<u8>> {
    let (_, rest) = page.split_once("id=\"engine\">")?;
    let (text, _) = rest.split_once("</script>")?;
    unpacked(text)
}

/// School year, lists, deadline and contact in sentences.
fn facts(kit: &Kit, rules: &RuleSet) -> String {
    let us = |date: chrono::NaiveDate| date.format("%-m/%-d/%Y").to_string();
    let mut facts = format!(
        "School year {}. Lists of programs and participants of {}.",
        rules.school_year,
        us(kit.lists_of)
    );
    if let Some(deadline) = kit.deadline {
        let _ = write!(facts, " Deadline {}.", us(deadline));
    }
    let contact: Vec<&str> = [kit.office.as_deref(), kit.contact.as_deref()]
        .into_iter()
        .flatten()
        .collect();
    if !contact.is_empty() {
        let _ = write!(facts, " Questions: {}.", contact.join(", "));
    }
    facts
}

/// Nothing is loaded and nothing connects. Only this style and these scripts run, known by their hashes.
fn policy() -> String {
    let hash = |text: &str| format!("'sha256-{}'", base64(&Sha256::digest(text.as_bytes())));
    format!(
        "default-src 'none'; script-src {} 'wasm-unsafe-eval' blob:; worker-src blob:; style-src {}; connect-src 'none'; \
         img-src 'none'; base-uri 'none'; form-action 'none'",
        hash(SCRIPT),
        hash(STYLE)
    )
}

/// A text with its places `{{name}}` filled in, once: what is filled in is not looked at again.
fn filled(template: &str, fill: impl Fn(&str) -> String) -> String {
    let mut parts = template.split("{{");
    let mut text = parts.next().unwrap_or_default().to_string();
    for part in parts {
        let (name, rest) = part.split_once("}}").unwrap_or(("", part));
        text.push_str(&fill(name));
        text.push_str(rest);
    }
    text
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Three bytes as four letters (RFC 4648).
fn base64(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let at = |index: usize| u32::from(three.get(index).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for letter in 0..4 {
            let six = (bits >> (18 - 6 * letter)) & 63;
            let is_filler = letter > three.len();
            text.push(if is_filler {
                '='
            } else {
                char::from(ALPHABET[six as usize])
            });
        }
    }
    text
}

fn unpacked(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    for four in text.trim().as_bytes().chunks(4) {
        let mut bits = 0_u32;
        let letters = four.iter().take_while(|letter| **letter != b'=').count();
        for letter in four.iter().take(letters) {
            let six = ALPHABET.iter().position(|known| known == letter)?;
            bits = bits << 6 | u32::try_from(six).ok()?;
        }
        bits <<= 6 * (4 - u32::try_from(letters).ok()?);
        bytes.extend(
            bits.to_be_bytes()
                .into_iter()
                .skip(1)
                .take(letters.checked_sub(1)?),
        );
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_become_letters_and_bytes_again() {
        // RFC 4648, section 10.
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(bytes.as_bytes()), text);
            assert_eq!(unpacked(text).unwrap(), bytes.as_bytes());
        }
    }

    #[test]
    fn a_place_is_filled_once() {
        let filled = filled("a {{one}} b {{two}} c", |name| {
            format!("<{name}{{{{one}}}}>")
        });
        assert_eq!(filled, "a <one{{one}}> b <two{{one}}> c");
    }

    #[test]
    fn no_script_ends_before_its_end_and_the_page_names_no_address() {
        for text in [SCRIPT, WORKER, STYLE] {
            assert!(!text.contains("</"), "it would end the element it is in");
        }
        for text in [HTML, SCRIPT, WORKER, STYLE] {
            assert!(!text.contains("://"), "an address");
        }
    }
}
