//! Judges the XML parts of a workbook piece by piece while they are inflated, before a parser that keeps whatever it finds sees
//! them. Nothing is decoded here: pieces are only measured, counted and compared.

use std::collections::HashSet;

use memchr::{memchr, memchr2, memchr3, memmem};
use quick_xml::XmlVersion;
use quick_xml::events::BytesStart;

use super::cells::{Refusal, SHAPE_PIECES_MAX, SheetShape, extension, is_error_value};
use super::limits::{
    COLUMNS_PER_SHEET_MAX, KEPT_BYTES_MAX, KEPT_ELEMENTS_MAX, MARKUP_BYTES_MAX,
    SHARED_STRINGS_BYTES_MAX, SHARED_STRINGS_MAX, SHEETS_PER_FILE_MAX,
};
use super::merges::Merge;

/// A piece of XML.
#[derive(Clone, Copy)]
pub enum Piece<'p> {
    /// A tag with its angle brackets.
    Tag(&'p [u8]),
    /// The text between two pieces of markup.
    Text(&'p [u8]),
    /// A comment, declaration or CDATA section.
    Other(&'p [u8]),
}

impl<'p> Piece<'p> {
    /// As it is in the part.
    pub fn bytes(self) -> &'p [u8] {
        match self {
            Piece::Tag(bytes) | Piece::Text(bytes) | Piece::Other(bytes) => bytes,
        }
    }

    /// The name of a tag without its prefix; empty for an end tag and for anything else.
    fn local_name(self) -> &'p [u8] {
        match self {
            Piece::Tag(tag) => local_name(tag),
            _ => &[],
        }
    }
}

/// Cuts XML into pieces as it comes, and holds only one of them.
#[derive(Default)]
pub struct Pieces {
    /// The beginning of a piece that is not complete yet.
    held: Vec<u8>,
}

impl Pieces {
    /// Takes more bytes and passes on every piece that they complete.
    pub fn feed(
        &mut self,
        bytes: &[u8],
        visit: &mut dyn FnMut(Piece<'_>) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        if self.held.is_empty() {
            let done = cut(bytes, visit)?;
            self.held.extend_from_slice(&bytes[done..]);
        } else {
            self.held.extend_from_slice(bytes);
            let done = cut(&self.held, visit)?;
            self.held.drain(..done);
        }
        if self.held.len() > MARKUP_BYTES_MAX {
            return Err(Refusal::limit(format!(
                "a part of the workbook holds a text or tag of more than {} kB",
                MARKUP_BYTES_MAX >> 10
            )));
        }
        Ok(())
    }

    /// The rest at the end of the part: a piece without its end.
    pub fn rest(&self) -> &[u8] {
        &self.held
    }
}

/// Passes on the complete pieces; gives their length in bytes.
fn cut(
    bytes: &[u8],
    visit: &mut dyn FnMut(Piece<'_>) -> Result<(), Refusal>,
) -> Result<usize, Refusal> {
    /// The longest beginning that tells the kind of a piece.
    const BEGIN_BYTES: usize = b"<![CDATA[".len();
    let mut done = 0;
    while let rest @ [first, ..] = &bytes[done..] {
        let piece = if *first != b'<' {
            memchr(b'<', rest).map(|end| Piece::Text(&rest[..end]))
        } else if matches!(rest.get(1), Some(b'!' | b'?')) {
            if rest.len() < BEGIN_BYTES {
                None
            } else {
                let (begin, end) = match rest {
                    _ if rest.starts_with(b"<!--") => (4, &b"-->"[..]),
                    _ if rest.starts_with(b"<![CDATA[") => (BEGIN_BYTES, &b"]]>"[..]),
                    _ if rest.starts_with(b"<?") => (2, &b"?>"[..]),
                    _ => (2, &b">"[..]),
                };
                let end = memmem::find(&rest[begin..], end).map(|at| begin + at + end.len());
                let piece = end.map(|end| &rest[..end]);
                if begin == 2
                    && rest[1] == b'!'
                    && piece
                        .is_some_and(|piece| piece[1..].contains(&b'<') || piece.contains(&b'['))
                {
                    return Err(Refusal::damaged(
                        "a part of it declares entities of its own",
                    ));
                }
                piece.map(Piece::Other)
            }
        } else {
            let piece = tag_end(rest).map(|end| &rest[..end]);
            if piece.is_some_and(|piece| {
                piece.get(1) == Some(&b'/') && memchr2(b'"', b'\'', piece).is_some()
            }) {
                return Err(Refusal::damaged("a tag of it is cut off"));
            }
            piece.map(Piece::Tag)
        };
        let Some(piece) = piece else { break };
        if piece.bytes().len() > MARKUP_BYTES_MAX {
            return Err(Refusal::limit(format!(
                "a part of the workbook holds a text or tag of more than {} kB",
                MARKUP_BYTES_MAX >> 10
            )));
        }
        visit(piece)?;
        done += piece.bytes().len();
    }
    Ok(done)
}

/// Where a tag ends: at the first angle bracket outside quotes.
fn tag_end(tag: &[u8]) -> Option<usize> {
    let mut done = 0;
    loop {
        let at = done + memchr3(b'>', b'"', b'\'', &tag[done..])?;
        if tag[at] == b'>' {
            return Some(at + 1);
        }
        done = at + 1;
        done += memchr(tag[at], &tag[done..])? + 1;
    }
}

/// The name of a tag without its prefix; empty for an end.
fn local_name(tag: &[u8]) -> &[u8] {
    let name = &tag[1..tag
        .iter()
        .position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>'))
        .unwrap_or(tag.len())];
    let name = name.strip_suffix(b"/").unwrap_or(name);
    if name.is_empty() || name[0] == b'/' {
        return &[];
    }
    name.rsplit(|byte| *byte == b':').next().unwrap_or_default()
}

/// The value of an attribute, by its name without prefix.
fn attribute(tag: &[u8], name: &str) -> Option<String> {
    let inside = std::str::from_utf8(tag.get(1..tag.len() - 1)?).ok()?;
    let name_bytes = inside
        .find(|c: char| c.is_ascii_whitespace())
        .unwrap_or(inside.len());
    let element = BytesStart::from_content(inside.trim_end_matches('/'), name_bytes);
    attribute_of(&element, name)
}

/// The value of an attribute of an element, by its name without prefix.
pub(super) fn attribute_of(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = element
        .attributes()
        .with_checks(false)
        .flatten()
        .find(|attribute| attribute.key.local_name().as_ref() == name)?;
    found
        .normalized_value(XmlVersion::Implicit1_0)
        .ok()
        .map(std::borrow::Cow::into_owned)
}

/// Whether the parser of a workbook keeps elements of a local name.
fn is_kept(name: &[u8]) -> bool {
    matches!(
        name,
        b"xf"
            | b"font"
            | b"fill"
            | b"border"
            | b"numFmt"
            | b"dxf"
            | b"sheet"
            | b"definedName"
            | b"Relationship"
    )
}

/// Replaces an error value that the parser does not know: `#SPILL!`, `#CALC!` and future ones.
const OTHER_ERROR: &[u8] = b"#VALUE!";

/// Follows the cells of a sheet to tell error values from other texts.
#[derive(Default)]
struct ErrorCells {
    /// Inside a cell with an error, and inside its value.
    cell: bool,
    value: bool,
}

impl ErrorCells {
    /// Whether the piece is an error value that the parser does not know.
    fn is_unknown(&mut self, piece: Piece<'_>, name: &[u8]) -> bool {
        match piece {
            Piece::Tag(tag) => {
                match name {
                    b"c" => {
                        let error = tag
                            .windows(3)
                            .any(|window| matches!(window, b"\"e\"" | b"'e'"));
                        self.cell = error && attribute(tag, "t").as_deref() == Some("e");
                    }
                    name => self.value = self.cell && name == b"v",
                }
                false
            }
            Piece::Text(text) => self.value && !is_error_value(text),
            Piece::Other(_) => false,
        }
    }
}

/// What a file adds to a column's width in characters: five pixels, in hundredths of a character.
const MARGIN_HUNDREDTHS: u32 = 71;

/// The columns of a `col` element, from 0, and their width in hundredths of a character.
fn width_of_columns(tag: &[u8]) -> Option<(u32, u32, u32)> {
    let number = |name: &str| attribute(tag, name)?.trim().parse::<u32>().ok();
    let (first, last) = (number("min")?, number("max")?);
    let width = attribute(tag, "width")?;
    let (whole, part) = width.split_once('.').unwrap_or((&width, ""));
    let hundredths: u32 = format!("{part:0<2}").get(..2)?.parse().ok()?;
    let whole: u32 = whole.trim().parse().ok().filter(|whole| *whole <= 255)?;
    let is_range = first >= 1 && first <= last && last <= COLUMNS_PER_SHEET_MAX;
    let width = (whole * 100 + hundredths).saturating_sub(MARGIN_HUNDREDTHS);
    is_range.then_some((first - 1, last - 1, width))
}

/// What was found in a part so far.
#[derive(Default)]
pub struct Judgement {
    kept_elements: usize,
    kept_bytes: u64,
    /// Whether the next text belongs to a kept element.
    kept_open: bool,
    shared_strings: usize,
    claimed_strings: Option<u64>,
    sheets: HashSet<String>,
    sheet_parts: HashSet<String>,
    errors: ErrorCells,
    /// Whether the parser would refuse something in it: an unknown error value, or an invalid sheet size.
    pub to_mend: bool,
    /// Merged cells that span several rows.
    pub merges: Vec<Merge>,
    /// Widths and titles.
    pub shape: SheetShape,
    /// Whether a sheet, or the workbook, is in a binary part.
    pub binary_targets: bool,
}

impl Judgement {
    /// Judges one piece.
    pub fn piece(&mut self, piece: Piece<'_>) -> Result<(), Refusal> {
        let name = piece.local_name();
        self.to_mend |= self.errors.is_unknown(piece, name) || is_to_leave_out(piece, name);
        match piece {
            Piece::Tag(tag) => self.tag(tag, name),
            Piece::Text(text) if self.kept_open => self.keep(text.len()),
            _ => Ok(()),
        }
    }

    fn keep(&mut self, bytes: usize) -> Result<(), Refusal> {
        self.kept_bytes += bytes as u64;
        if self.kept_elements > KEPT_ELEMENTS_MAX || self.kept_bytes > KEPT_BYTES_MAX {
            let megabytes = KEPT_BYTES_MAX >> 20;
            let message = format!(
                "the workbook has more than {KEPT_ELEMENTS_MAX} formats and names, or more than {megabytes} MB of them"
            );
            return Err(Refusal::limit(message));
        }
        Ok(())
    }

    fn tag(&mut self, tag: &[u8], name: &[u8]) -> Result<(), Refusal> {
        self.kept_open = is_kept(name);
        if self.kept_open {
            self.kept_elements += 1;
            self.keep(tag.len())?;
        }
        match name {
            b"si" => {
                self.shared_strings += 1;
                if self.shared_strings > SHARED_STRINGS_MAX {
                    return Err(Refusal::limit(format!(
                        "the workbook has more than {SHARED_STRINGS_MAX} texts"
                    )));
                }
            }
            // What does not fit 64 bits is not a valid number of texts. The number of uses (`count`) reserves nothing.
            b"sst" => {
                let claimed = attribute(tag, "uniqueCount")
                    .map(|count| count.trim().parse().unwrap_or(u64::MAX));
                self.claimed_strings = self.claimed_strings.max(claimed);
            }
            b"sheet" => {
                // Sheets without a part cannot share one.
                let id = attribute(tag, "id").filter(|id| !id.is_empty());
                if !id.is_none_or(|id| self.sheets.insert(id)) {
                    return Err(Refusal::damaged("two of its sheets are in one place"));
                }
                if self.sheets.len() > SHEETS_PER_FILE_MAX {
                    return Err(Refusal::limit(format!(
                        "the workbook has more than {SHEETS_PER_FILE_MAX} sheets"
                    )));
                }
            }
            // The number of a formula that cells share has 32 bits, also on machines whose numbers have more.
            b"f" if attribute(tag, "t").as_deref() == Some("shared") => {
                let number = attribute(tag, "si");
                if number.is_some_and(|number| number.trim().parse::<u32>().is_err()) {
                    return Err(Refusal::damaged("a shared formula has no valid number"));
                }
            }
            b"Relationship" => self.relationship(tag)?,
            b"col" if self.shape.widths.len() < SHAPE_PIECES_MAX => {
                self.shape.widths.extend(width_of_columns(tag));
            }
            b"mergeCell" => {
                let area = attribute(tag, "ref");
                let merge = area.as_deref().and_then(Merge::of_area);
                if self.shape.titles.len() < SHAPE_PIECES_MAX {
                    self.shape
                        .titles
                        .extend(merge.as_ref().and_then(Merge::as_title));
                }
                self.merges.extend(merge.filter(Merge::spans_rows));
                if self.merges.len() > KEPT_ELEMENTS_MAX {
                    return Err(Refusal::limit(format!(
                        "a sheet has more than {KEPT_ELEMENTS_MAX} merged cells"
                    )));
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The parser finds the workbook and its sheets by these: only parts judged here are allowed, and each sheet once.
    fn relationship(&mut self, tag: &[u8]) -> Result<(), Refusal> {
        let kind = attribute(tag, "Type").unwrap_or_default();
        let kind = kind.rsplit('/').next().unwrap_or_default();
        if !matches!(
            kind,
            "officeDocument" | "worksheet" | "chartsheet" | "dialogsheet"
        ) {
            return Ok(());
        }
        let target = attribute(tag, "Target")
            .unwrap_or_default()
            .to_ascii_lowercase();
        let ending = extension(&target);
        self.binary_targets |= ending == "bin";
        if target.contains(CUSTOM) || !matches!(ending.as_str(), "xml" | "bin") {
            return Err(Refusal::damaged("a sheet is in a part that is none"));
        }
        if kind == "worksheet" && !self.sheet_parts.insert(target) {
            return Err(Refusal::damaged("two of its sheets are in one place"));
        }
        Ok(())
    }

    /// The verdict on the whole part, once its inflated size is known.
    pub fn end(&self, part_bytes: u64) -> Result<(), Refusal> {
        if (self.shared_strings > 0 || self.claimed_strings.is_some())
            && part_bytes > SHARED_STRINGS_BYTES_MAX
        {
            return Err(Refusal::limit(format!(
                "the texts of the workbook have more than {} MB",
                SHARED_STRINGS_BYTES_MAX >> 20
            )));
        }
        // The parser reserves memory for as many texts as are claimed. Each takes at least the five bytes of an empty `<si/>`.
        if self.claimed_strings.is_some_and(|claimed| {
            claimed > part_bytes / 5 + 1 || claimed > SHARED_STRINGS_MAX as u64
        }) {
            return Err(Refusal::limit(
                "the workbook claims more texts than it can hold",
            ));
        }
        Ok(())
    }
}

/// The folder for parts of other programs, in any form. No sheet is in it, and nothing of it is read.
pub const CUSTOM: &str = "customxml/";

/// Whether a piece gives the size of a sheet other than by two cells, such as whole rows, which LibreOffice writes. It is only a
/// hint, but the parser would refuse the workbook for it.
fn is_odd_dimension(piece: Piece<'_>, name: &[u8]) -> bool {
    let Piece::Tag(tag) = piece else { return false };
    name == b"dimension" && attribute(tag, "ref").is_none_or(|area| Merge::of_area(&area).is_none())
}

/// Whether a piece says that the part is in UTF-16, which is no longer so when the parser sees it.
fn is_other_encoding(piece: Piece<'_>) -> bool {
    let Piece::Other(bytes) = piece else {
        return false;
    };
    bytes.starts_with(b"<?xml") && memmem::find(&bytes.to_ascii_lowercase(), b"utf-16").is_some()
}

fn is_to_leave_out(piece: Piece<'_>, name: &[u8]) -> bool {
    is_odd_dimension(piece, name) || is_other_encoding(piece)
}

/// Replaces what the parser would refuse: unknown error values and invalid sheet sizes.
#[derive(Default)]
pub struct Mender {
    errors: ErrorCells,
}

impl Mender {
    /// What to write in place of a piece.
    pub fn mended<'p>(&mut self, piece: Piece<'p>) -> &'p [u8] {
        let name = piece.local_name();
        if is_to_leave_out(piece, name) {
            b""
        } else if self.errors.is_unknown(piece, name) {
            OTHER_ERROR
        } else {
            piece.bytes()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Code;

    /// The pieces of a text that comes a few bytes at a time.
    fn pieces(text: &str, step: usize) -> Result<Vec<String>, Refusal> {
        let mut found = Vec::new();
        let mut pieces = Pieces::default();
        for bytes in text.as_bytes().chunks(step) {
            pieces.feed(bytes, &mut |piece| {
                found.push(String::from_utf8_lossy(piece.bytes()).into_owned());
                Ok(())
            })?;
        }
        Ok(found)
    }

    #[test]
    fn pieces_are_the_same_however_the_bytes_come() {
        let text = "<?xml version=\"1.0\"?><!-- <a> ' --><a b='>' c=\"'\">x<![CDATA[<no>]]]]></a><!DOCTYPE m><b/>";
        let expected = [
            "<?xml version=\"1.0\"?>",
            "<!-- <a> ' -->",
            "<a b='>' c=\"'\">",
            "x",
            "<![CDATA[<no>]]]]>",
            "</a>",
            "<!DOCTYPE m>",
            "<b/>",
        ];
        for step in [1, 2, 3, 7, 1_000] {
            assert_eq!(pieces(text, step).unwrap(), expected, "{step}");
        }
    }

    #[test]
    fn a_piece_may_be_as_long_as_the_limit_and_no_longer() {
        let text = |length: usize| format!("<a>{}<b>", "x".repeat(length));
        for step in [64 << 10, 4 << 20] {
            assert!(pieces(&text(MARKUP_BYTES_MAX), step).is_ok());
            assert_eq!(
                pieces(&text(MARKUP_BYTES_MAX + 1), step).unwrap_err().code,
                Code::F104
            );
            assert_eq!(
                pieces(&format!("<!--{}", "<x>".repeat(MARKUP_BYTES_MAX)), step)
                    .unwrap_err()
                    .code,
                Code::F104
            );
        }
    }

    #[test]
    fn entities_of_a_part_and_quotes_in_its_ends_are_refused() {
        for text in ["<!DOCTYPE a [<!ENTITY b \"c\">]>", "</a \">\" >"] {
            assert_eq!(pieces(text, 100).unwrap_err().code, Code::F101, "{text}");
        }
    }

    fn judged(xml: &str, part_bytes: u64) -> Result<Judgement, Refusal> {
        let mut judgement = Judgement::default();
        Pieces::default().feed(xml.as_bytes(), &mut |piece| judgement.piece(piece))?;
        judgement.end(part_bytes).map(|()| judgement)
    }

    #[test]
    fn a_part_that_claims_more_texts_than_it_has_bytes_for_is_refused() {
        let sane =
            |attributes: &str| judged(&format!("<sst{attributes}><si/></sst>"), 1_000).is_ok();
        // 1,000 bytes hold at most 200 strings of five; the number of uses is another thing.
        for attributes in [
            "",
            " count=\"9000\"",
            " count=\"9000\" uniqueCount=\"200\"",
            " uniqueCount='1'",
        ] {
            assert!(sane(attributes), "{attributes}");
        }
        for attributes in [
            " uniqueCount=\"202\"",
            "\tuniqueCount = '99999999999'",
            "\nuniqueCount=\"-1\"",
            " uniqueCount=\"18446744073709551616\"",
        ] {
            assert!(!sane(attributes), "{attributes}");
        }
    }

    #[test]
    fn texts_and_formats_may_be_as_many_as_their_limits_and_no_more() {
        for (element, limit) in [("<si/>", SHARED_STRINGS_MAX), ("<xf/>", KEPT_ELEMENTS_MAX)] {
            assert!(judged(&element.repeat(limit), 1_000).is_ok(), "{element}");
            assert_eq!(
                judged(&element.repeat(limit + 1), 1_000)
                    .err()
                    .map(|refusal| refusal.code),
                Some(Code::F104),
                "{element}"
            );
        }
        assert!(judged("<si/>", SHARED_STRINGS_BYTES_MAX).is_ok());
        assert!(judged("<si/>", SHARED_STRINGS_BYTES_MAX + 1).is_err());
        let sheets = |count: usize| {
            (0..count)
                .map(|number| format!("<sheet r:id=\"rId{number}\"/>"))
                .collect::<String>()
        };
        assert!(judged(&sheets(SHEETS_PER_FILE_MAX), 1_000).is_ok());
        assert!(judged(&sheets(SHEETS_PER_FILE_MAX + 1), 1_000).is_err());
    }

    #[test]
    fn a_sheet_is_read_once_and_only_from_a_part_that_was_judged() {
        let relation = |kind: &str, target: &str| {
            format!("<Relationship Id=\"a\" Type=\"http://x/{kind}\" Target=\"{target}\"/>")
        };
        let one = relation("worksheet", "worksheets/sheet1.xml");
        assert!(judged(&(one.clone() + &relation("image", "media/image1.png")), 0).is_ok());
        for xml in [
            one.clone()
                + &one
                    .to_uppercase()
                    .replace("RELATIONSHIP ID", "Relationship Id")
                    .replace("TYPE", "Type")
                    .replace("WORKSHEET\"", "worksheet\"")
                    .replace("TARGET", "Target"),
            relation("worksheet", "media/image1.png"),
            relation("officeDocument", "/customXml/item1.xml"),
            "<sheet r:id=\"a\"/><sheet r:id=\"a\"/>".to_string(),
        ] {
            assert_eq!(
                judged(&xml, 0).err().map(|refusal| refusal.code),
                Some(Code::F101),
                "{xml}"
            );
        }
    }

    #[test]
    fn an_error_value_that_the_parser_does_not_know_becomes_one_that_it_knows() {
        let xml = "<c r=\"A1\" t=\"e\"><f>X()</f><v>#SPILL!</v></c><c t=\"str\"><v>#SPILL!</v></c><c t='e'><v>#N/A</v></c>";
        assert!(judged(xml, 0).unwrap().to_mend);
        assert!(
            !judged(&xml.replacen("#SPILL!", "#REF!", 1), 0)
                .unwrap()
                .to_mend
        );
        let mut mender = Mender::default();
        let mut out = Vec::new();
        let mut write = |piece: Piece<'_>| {
            out.extend_from_slice(mender.mended(piece));
            Ok(())
        };
        Pieces::default().feed(xml.as_bytes(), &mut write).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            xml.replacen("#SPILL!", "#VALUE!", 1)
        );
    }
}
