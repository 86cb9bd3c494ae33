//! XML as spreadsheet programs write it, cut into tags and texts where it stands. Whatever is written otherwise ends it: a part is
//! either as strict as this, or is left to a library that knows all of XML.

use std::borrow::Cow;

use memchr::{memchr, memchr3};
use quick_xml::escape::unescape;

/// The most elements within each other: spreadsheet programs need some ten.
const DEPTH_MAX: usize = 64;

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token<'m> {
    /// The begin of an element, by its name; one that is empty has its end right behind.
    Open(&'m str),
    /// What stands between two tags, as it is written.
    Text(&'m str),
    /// The end of the element that was opened last.
    Close(&'m str),
}

/// A part, the elements that are open, and the attributes of the one opened last.
pub struct Tokens<'m> {
    text: &'m str,
    at: usize,
    open: Vec<&'m str>,
    attributes: Vec<(&'m str, &'m str)>,
    /// Whether the element opened last is empty, and its end still to come.
    empty: bool,
}

impl<'m> Tokens<'m> {
    /// The tokens of a part, if its declaration is one that spreadsheet programs write: XML 1.0 in UTF-8.
    pub fn of(part: &'m [u8]) -> Option<Tokens<'m>> {
        let text = std::str::from_utf8(part).ok()?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let at = if text.starts_with("<?xml") {
            text.find("?>")?
        } else {
            0
        };
        if at > 0 {
            let declared = text.get(..at)?.to_ascii_lowercase().replace('\'', "\"");
            let rest = declared.strip_prefix("<?xml version=\"1.0\"")?;
            let rest = rest.strip_prefix(" encoding=\"utf-8\"").unwrap_or(rest);
            if !["", " standalone=\"yes\"", " standalone=\"no\""].contains(&rest) {
                return None;
            }
        }
        let at = if at > 0 { at + "?>".len() } else { 0 };
        Some(Tokens {
            text,
            at,
            open: Vec::new(),
            attributes: Vec::new(),
            empty: false,
        })
    }

    /// The next token; `None` at the end, and at whatever is not strict.
    pub fn next(&mut self) -> Option<Token<'m>> {
        if self.empty {
            self.empty = false;
            return self.open.pop().map(Token::Close);
        }
        let bytes = self.text.as_bytes();
        let rest = bytes.get(self.at..)?;
        if *rest.first()? != b'<' {
            let end = self.at + memchr(b'<', rest)?;
            let text = self.text.get(self.at..end)?;
            self.at = end;
            return Some(Token::Text(text));
        }
        match rest.get(1)? {
            b'/' => {
                let name = self.open.pop()?;
                let end = 2 + name.len();
                if rest.get(2..end)? != name.as_bytes() || *rest.get(end)? != b'>' {
                    return None;
                }
                self.at += end + 1;
                Some(Token::Close(name))
            }
            begin if begin.is_ascii_alphabetic() => {
                let name = self.name_at(self.at + 1)?;
                self.at = self.attributes_from(self.at + 1 + name.len())?;
                if self.open.len() == DEPTH_MAX {
                    return None;
                }
                self.open.push(name);
                Some(Token::Open(name))
            }
            // A comment, a declaration, an instruction, characters that are no markup.
            _ => None,
        }
    }

    /// Reads attributes up to the end of the tag, and gives where that is.
    fn attributes_from(&mut self, mut at: usize) -> Option<usize> {
        let bytes = self.text.as_bytes();
        self.attributes.clear();
        loop {
            let begin = at;
            while is_blank(*bytes.get(at)?) {
                at += 1;
            }
            match *bytes.get(at)? {
                b'>' => return Some(at + 1),
                b'/' if bytes.get(at + 1) == Some(&b'>') => {
                    self.empty = true;
                    return Some(at + 2);
                }
                _ if at == begin => return None,
                _ => {}
            }
            let name = self.name_at(at)?;
            at += name.len();
            let [b'=', quote @ (b'"' | b'\''), ..] = *bytes.get(at..)? else {
                return None;
            };
            at += 2;
            let mut end = at;
            while !matches!(*bytes.get(end)?, b'"' | b'\'' | b'<' | b'&') {
                end += 1;
            }
            let value = if bytes.get(end) == Some(&quote) {
                self.text.get(at..end)?
            } else {
                // The rarer value, with a reference or the other kind of quote in it.
                let value = self.text.get(at..at + memchr(quote, bytes.get(at..)?)?)?;
                decoded(value).filter(|_| !value.contains('<'))?;
                value
            };
            at += value.len() + 1;
            self.attributes.push((name, value));
        }
    }

    fn name_at(&self, at: usize) -> Option<&'m str> {
        let bytes = self.text.as_bytes();
        let mut end = at;
        while is_of_name(*bytes.get(end)?) {
            end += 1;
        }
        self.text.get(at..end).filter(|name| !name.is_empty())
    }

    /// The next token that is no text. What is passed over is sound.
    pub fn tag(&mut self) -> Option<Token<'m>> {
        loop {
            match self.next()? {
                Token::Text(text) => decoded(text)?,
                tag => return Some(tag),
            };
        }
    }

    /// The text of the element opened last, which holds nothing else.
    pub fn text(&mut self) -> Option<&'m str> {
        match self.next()? {
            Token::Text(text) => matches!(self.next()?, Token::Close(_)).then_some(text),
            Token::Close(_) => Some(""),
            Token::Open(_) => None,
        }
    }

    /// Bytes that are still to come.
    pub fn left(&self) -> usize {
        self.text.len().saturating_sub(self.at)
    }

    /// How many elements are open, the one opened last included.
    pub fn depth(&self) -> usize {
        self.open.len()
    }

    /// Every attribute of the element opened last, as it is written.
    pub fn attributes(&self) -> &[(&'m str, &'m str)] {
        &self.attributes
    }

    /// Attributes of the element opened last, as they are written; none may stand there twice.
    #[inline]
    pub fn values<const N: usize>(&self, names: [&str; N]) -> Option<[Option<&'m str>; N]> {
        let mut values = [None; N];
        for (name, value) in &self.attributes {
            for (wanted, found) in names.iter().zip(&mut values) {
                if wanted == name && found.replace(*value).is_some() {
                    return None;
                }
            }
        }
        Some(values)
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

#[inline]
fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'_' | b'-' | b'.')
}

/// The name of an element without its prefix.
pub fn local(name: &str) -> &str {
    name.split_once(':').map_or(name, |(_, local)| local)
}

/// A text with its references resolved; `None` where one is unknown.
pub fn decoded(text: &str) -> Option<Cow<'_, str>> {
    if memchr(b'&', text.as_bytes()).is_some() {
        unescape(text).ok()
    } else {
        Some(Cow::Borrowed(text))
    }
}

/// The text of a cell, without the blanks around it unless they are to be kept. `None` also for the escapes of control characters
/// that spreadsheets have beside those of XML (`_x000D_`), and for ends of lines that XML would write otherwise.
pub fn cell_text(text: &str, keep_blanks: bool) -> Option<Cow<'_, str>> {
    let trimmed = |text: &'_ str| -> std::ops::Range<usize> {
        if keep_blanks {
            return 0..text.len();
        }
        let blank = [' ', '\t', '\r', '\n'];
        let begin = text.len() - text.trim_start_matches(blank).len();
        begin..text.trim_end_matches(blank).len().max(begin)
    };
    if memchr3(b'&', b'\r', b'_', text.as_bytes()).is_none() {
        return text.get(trimmed(text)).map(Cow::Borrowed);
    }
    if text.contains('\r') {
        return None;
    }
    let text = decoded(text)?;
    if text.contains("_x") {
        return None;
    }
    Some(match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.get(trimmed(text))?),
        Cow::Owned(text) => Cow::Owned(text.get(trimmed(&text))?.to_string()),
    })
}
