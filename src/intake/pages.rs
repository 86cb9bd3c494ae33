//! The program's own pages in a workbook that comes back as a submission: those of a template, and the first page of marked copies,
//! awards, previews and the state's workbook, which are not submissions. A text in one of the first rows identifies them; it
//! survives Excel, LibreOffice and every format with sheets. So no warning says that such a sheet "was not read", and an old
//! template is recognized.

use std::fmt;

use super::cells::{Cell, CellSource, Formulas, Refusal};
use super::completions::SUBMISSION;
use super::lists::Programs;
use crate::rules::RuleSet;

/// Identifies the first page of a marked copy or an award.
pub const MARKED_PAGE: &str = "cdip-marked-1";
/// Identifies the first page of a preview.
pub const PREVIEW_PAGE: &str = "cdip-preview-1";
/// Identifies the first page of the state's workbook.
pub const REPORT_PAGE: &str = "cdip-report-1";

/// Pages of workbooks that are not submissions, and what such a workbook is.
const OWN_PAGES: [(&str, &str); 3] = [
    (MARKED_PAGE, "a marked copy or an award"),
    (PREVIEW_PAGE, "a preview"),
    (REPORT_PAGE, "the workbook of a report"),
];

/// Precedes a template's fingerprint.
const TEMPLATE_PAGE: &str = "cdip-template-1";

/// The rows in which the text is looked for: it is right below a page's title.
const PAGE_ROWS_MAX: u32 = 10;

/// Characters kept of the hash: two lists agree in 64 bits by chance once in 10^19 pairs.
const HASH_CHARS: usize = 16;

/// The longest id of rules that a message repeats: no real id is longer.
const ID_CHARS_MAX: usize = 64;

/// What a template was made for: the rules, the programs on the list for their school year, and the headings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    /// The rules' id.
    pub rules: String,
    /// The beginning of a SHA-256 over all of it, hexadecimal.
    pub hash: String,
}

impl Fingerprint {
    /// The fingerprint of a template made for these rules and this list.
    #[must_use]
    pub fn of(rules: &RuleSet, programs: &Programs) -> Fingerprint {
        // Every text with its length, so that no two lists give the same content.
        let mut content = String::new();
        let mut add = |text: &str| content.push_str(&format!("{}:{text}\n", text.len()));
        for text in [TEMPLATE_PAGE, &rules.id, &rules.sha256] {
            add(text);
        }
        // A template may lack an optional column.
        for heading in SUBMISSION.iter().filter(|heading| heading.required) {
            add(heading.title);
        }
        for program in programs
            .all()
            .iter()
            .filter(|program| program.qualifies_in(rules.school_year))
        {
            for text in [&program.code, &program.name, program.category.as_str()] {
                add(text);
            }
        }
        let hash = crate::hash::sha256_hex(content.as_bytes())
            .chars()
            .take(HASH_CHARS)
            .collect();
        // In the cell it is one word.
        let rules = rules.id.split_whitespace().collect::<Vec<_>>().join("-");
        Fingerprint { rules, hash }
    }

    fn parse(text: &str) -> Option<Fingerprint> {
        let mut words = text.trim().strip_prefix(TEMPLATE_PAGE)?.split_whitespace();
        let (rules, hash) = (words.next()?, words.next()?);
        let is_id = rules.len() <= ID_CHARS_MAX
            && rules
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        let is_hash = hash.len() == HASH_CHARS && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        (is_hash && words.next().is_none()).then(|| Fingerprint {
            rules: if is_id {
                rules.to_string()
            } else {
                "other rules".to_string()
            },
            hash: hash.to_ascii_lowercase(),
        })
    }

    /// What is wrong with a template of this fingerprint; `None` if it is the one that the batch expects.
    #[must_use]
    pub fn stale_in(&self, expected: &Fingerprint) -> Option<String> {
        if self.hash == expected.hash {
            None
        } else if self.rules == expected.rules {
            Some(format!(
                "the template was made for another list of programs, or an earlier version of the rules {}",
                expected.rules
            ))
        } else {
            Some(format!(
                "the template was made for {}; this batch runs under {}",
                self.rules, expected.rules
            ))
        }
    }
}

/// As written on the pages of a template.
impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{TEMPLATE_PAGE} {} {}", self.rules, self.hash)
    }
}

/// A page of the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Page {
    /// Of a template.
    Template(Fingerprint),
    /// Of a workbook that is not a submission, and what it is.
    Own(&'static str),
}

/// A sheet's cells on their way to a reader; notices whether the sheet is a page of the program.
pub(super) struct Noticing<'s> {
    source: &'s mut dyn CellSource,
    pub(super) page: Option<Page>,
}

impl<'s> Noticing<'s> {
    pub(super) fn new(source: &'s mut dyn CellSource) -> Noticing<'s> {
        Noticing { source, page: None }
    }
}

impl CellSource for Noticing<'_> {
    fn formulas(&self) -> Formulas {
        self.source.formulas()
    }

    fn next_cell(&mut self) -> Result<Option<Cell<'_>>, Refusal> {
        let cell = self.source.next_cell()?;
        if let Some(cell) = &cell
            && cell.row <= PAGE_ROWS_MAX
            && self.page.is_none()
        {
            let own = || {
                let mut pages = OWN_PAGES.iter();
                let page = pages.find(|(stamp, _)| cell.text.trim() == *stamp);
                page.map(|(_, what)| Page::Own(what))
            };
            self.page = Fingerprint::parse(&cell.text)
                .map(Page::Template)
                .or_else(own);
        }
        Ok(cell)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn programs(csv: &str) -> Programs {
        let csv = format!(
            "Program Code,Program Name,Category,Sector,Top 10,First School Year,Last School Year\n{csv}"
        );
        crate::intake::lists::read_programs("programs.csv", csv.as_bytes()).unwrap()
    }

    fn rules(id: &str) -> RuleSet {
        crate::rules::built_in(id).unwrap().unwrap()
    }

    #[test]
    fn a_fingerprint_reads_back_and_names_what_is_other() {
        let list = programs("IC1,Welding,industry_credential,,,,\n");
        let made = Fingerprint::of(&rules("co-cdip-2024-25"), &list);
        assert_eq!(
            Fingerprint::parse(&format!(" {made}\n")),
            Some(made.clone())
        );
        assert_eq!(made.stale_in(&made), None);
        let year = Fingerprint::of(&rules("co-cdip-2025-26"), &list);
        let said = made.stale_in(&year).unwrap();
        assert_eq!(
            said,
            "the template was made for co-cdip-2024-25; this batch runs under co-cdip-2025-26"
        );
        let longer =
            programs("IC1,Welding,industry_credential,,,,\nIC2,Baking,industry_credential,,,,\n");
        let said = made
            .stale_in(&Fingerprint::of(&rules("co-cdip-2024-25"), &longer))
            .unwrap();
        assert!(said.contains("another list of programs"), "{said}");
    }

    #[test]
    fn a_fingerprint_does_not_change_with_what_the_template_does_not_show() {
        let of = |csv: &str| Fingerprint::of(&rules("co-cdip-2024-25"), &programs(csv));
        let plain = of("IC1,Welding,industry_credential,,,,\nIN1,Internship,internship,,,,\n");
        // Another order, sectors, and a program that left the list before the school year.
        let same = of(
            "IN1,Internship,internship,Health,Y,,\nIC9,Typing,industry_credential,,,,2021-22\nIC1,Welding,industry_credential,,,,\n",
        );
        assert_eq!(plain, same);
        assert_ne!(
            plain,
            of("IC1,Wielding,industry_credential,,,,\nIN1,Internship,internship,,,,\n")
        );
    }

    #[test]
    fn what_is_no_fingerprint_is_none_and_a_text_in_its_place_is_not_repeated() {
        for text in [
            "",
            "cdip-template-1",
            "cdip-template-1 a",
            "cdip-template-1 a 0123",
            "cdip-template-1 a 0123456789abcdeg",
            "Maria",
        ] {
            assert_eq!(Fingerprint::parse(text), None, "{text}");
        }
        let odd = Fingerprint::parse("cdip-template-1 Mar\u{ed}a 0123456789ABCDEF").unwrap();
        assert_eq!(
            (odd.rules.as_str(), odd.hash.as_str()),
            ("other rules", "0123456789abcdef")
        );
    }
}
