//! The headings of a table: which are there, which are missing, and which texts are probably meant for them.

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization;

use crate::words::column_letters;

/// A heading that the program knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heading {
    /// The key under `[columns]` in `batch.toml`.
    pub key: &'static str,
    /// As people write it.
    pub title: &'static str,
    /// Whether a header row must have it.
    pub required: bool,
    /// What other programs call it. These are offered as candidates for a missing heading and never accepted: only a person knows
    /// that the column means the same.
    pub cousins: &'static [&'static str],
}

impl Heading {
    /// A heading that must be in the header row.
    #[must_use]
    pub const fn required(key: &'static str, title: &'static str) -> Heading {
        Heading {
            key,
            title,
            required: true,
            cousins: &[],
        }
    }

    /// A heading that may be missing.
    #[must_use]
    pub const fn optional(key: &'static str, title: &'static str) -> Heading {
        Heading {
            key,
            title,
            required: false,
            cousins: &[],
        }
    }

    /// How similar a text is: 1 is the same, 0 has nothing in common. Another program's name must match exactly; the title itself
    /// may have typing errors.
    pub(super) fn nearness(&self, text: &str) -> f64 {
        let text = bare(text);
        let written = normalise(&text);
        let is_named = std::iter::once(&self.title)
            .chain(self.cousins)
            .any(|word| normalise(word) == written);
        if is_named {
            return 1.0;
        }
        let likeness = |one: &str, other: &str| strsim::normalized_damerau_levenshtein(one, other);
        let telling = likeness(&telling_words(self.title), &telling_words(&text));
        telling.min(likeness(&normalise(self.title), &written))
    }
}

/// The headings of one kind of table, with the office's own words for them.
#[derive(Clone, Debug)]
pub struct Headings {
    known: &'static [Heading],
    /// By known heading: its own title, normalized.
    titles: Vec<String>,
    /// Normalized heading -> (column of the table, whether it is the office's own word).
    words: BTreeMap<String, (usize, bool)>,
    /// Column of the table -> the office's own word, as written.
    own: BTreeMap<usize, String>,
    /// Column of the table -> its value in files without the column.
    constants: BTreeMap<usize, String>,
    /// How many of the last known headings need not be written: see [`Headings::with_unwritten`].
    unwritten: usize,
}

/// The header row, and which column holds what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The physical row.
    pub row: u32,
    /// By known heading: the column in the file.
    pub columns: Vec<Option<u32>>,
    /// By known heading: as written in the file.
    pub written: Vec<Option<Box<str>>>,
    /// The headings that are not read, with their columns.
    pub unread: Vec<(u32, Box<str>)>,
}

/// The texts of a row by column, while the header is looked for.
pub(super) type Texts = Vec<(u32, String)>;

/// A heading that is twice in a row, and its two columns.
type Twice = (&'static str, [u32; 2]);

/// Words that many headings share: they do not tell one from another.
const SHARED_WORDS: [&str; 5] = ["code", "date", "status", "number", "score"];

/// The words of a heading that tell it from others.
fn telling_words(heading: &str) -> String {
    heading
        .split(|c: char| !c.is_alphanumeric())
        .map(str::to_lowercase)
        .filter(|word| !SHARED_WORDS.contains(&word.as_str()))
        .collect()
}

/// A heading without brackets and footnote marks: `SASID (10 digits)`, `SASID¹`.
fn bare(heading: &str) -> String {
    parted(heading).0
}

/// The same, and what is left out of it.
fn parted(heading: &str) -> (String, String) {
    let mut depth = 0_usize;
    let (mut text, mut marks) = (String::new(), String::new());
    for c in heading.chars() {
        let is_mark = matches!(c, '\u{b9}' | '\u{b2}' | '\u{b3}' | '\u{2070}'..='\u{2079}');
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ if depth == 0 && !is_mark => text.push(c),
            _ => marks.push(c),
        }
    }
    (text, marks)
}

/// Headings compare without case, spaces and punctuation, and composed: a Mac can store accents apart.
#[must_use]
pub fn normalise(heading: &str) -> String {
    // Called for every cell of every row, so ASCII skips the composing.
    if heading.is_ascii() {
        let letters = heading.chars().filter(char::is_ascii_alphanumeric);
        return letters.map(|c| c.to_ascii_lowercase()).collect();
    }
    heading
        .nfc()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

impl Headings {
    /// The program's own headings.
    #[must_use]
    pub fn new(known: &'static [Heading]) -> Headings {
        let titles: Vec<String> = known
            .iter()
            .map(|heading| normalise(heading.title))
            .collect();
        let words = titles
            .iter()
            .enumerate()
            .map(|(column, title)| (title.clone(), (column, false)))
            .collect();
        Headings {
            known,
            titles,
            words,
            own: BTreeMap::new(),
            constants: BTreeMap::new(),
            unwritten: 0,
        }
    }

    /// Lets the last known headings be left out of a header that has all others in their order: what is behind them is then read as
    /// if they were written. So lines of our own file of decisions can be copied below a header that lacks its columns for people.
    #[must_use]
    pub(super) fn with_unwritten(mut self, unwritten: usize) -> Headings {
        self.unwritten = unwritten;
        self
    }

    /// The columns of the headings that a header leaves out, each with its heading's position among the known.
    pub(super) fn unwritten(&self, header: &Header) -> Vec<(u32, usize)> {
        let first = self.known.len() - self.unwritten;
        let (written, left_out) = header.columns.split_at(first);
        let is_complete = (0..)
            .zip(written)
            .all(|(column, found)| *found == Some(column));
        let is_last = left_out.iter().all(Option::is_none) && header.unread.is_empty();
        let columns = (0..).zip(0..self.known.len()).skip(first);
        columns.filter(|_| is_complete && is_last).collect()
    }

    /// Adds the office's own word for a heading; it takes precedence over the program's.
    #[must_use]
    pub fn with_own(mut self, key: &str, word: &str) -> Headings {
        if let Some(column) = self.known.iter().position(|heading| heading.key == key) {
            self.words.insert(normalise(word), (column, true));
            self.own.insert(column, word.to_string());
        }
        self
    }

    /// Adds a value for a column that files then need not have.
    #[must_use]
    pub fn with_constant(mut self, key: &str, value: &str) -> Headings {
        if let Some(column) = self.known.iter().position(|heading| heading.key == key) {
            self.constants.insert(column, value.to_string());
        }
        self
    }

    /// Forgets a heading and the office's own word for it: cdip then treats such a column like any other that it does not read.
    #[must_use]
    pub fn without(mut self, key: &str) -> Headings {
        if let Some(column) = self.known.iter().position(|heading| heading.key == key) {
            self.words.retain(|_, (known, _)| *known != column);
            self.own.remove(&column);
            self.constants.remove(&column);
        }
        self
    }

    /// Whether a column of the table can be in a file at all.
    pub(super) fn knows(&self, column: usize) -> bool {
        self.words.values().any(|(known, _)| *known == column)
    }

    /// The known headings.
    #[must_use]
    pub fn known(&self) -> &'static [Heading] {
        self.known
    }

    /// The position of the known heading that a text is, if it is one.
    pub(super) fn position(&self, text: &str) -> Option<usize> {
        self.words.get(&normalise(text)).map(|(column, _)| *column)
    }

    /// Columns with a value for files without them.
    pub(super) fn constants(&self) -> impl Iterator<Item = (usize, &String)> {
        self.constants
            .iter()
            .map(|(column, constant)| (*column, constant))
    }

    /// Whether a row is the header, or near to one.
    pub(super) fn judge(&self, row: u32, texts: &Texts) -> HeaderRow {
        let (columns, twice) = self.columns(texts);
        let missing = self.missing(&columns);
        if !missing.is_empty() {
            if !self.has_required(&columns, texts) {
                return HeaderRow::IsNone;
            }
            let missing = self.with_candidates(&missing, &columns, texts);
            return HeaderRow::IsNear(Nearest { row, missing });
        }
        if let Some((title, columns)) = twice {
            return HeaderRow::HasTwice(title, columns);
        }
        let text_in = |column: u32| {
            let found = texts.iter().find(|(other, _)| *other == column);
            found.map(|(_, text)| text.as_str().into())
        };
        let unread = texts
            .iter()
            .filter(|(column, _)| !columns.contains(&Some(*column)))
            .map(|(column, text)| (*column, text.as_str().into()))
            .collect();
        HeaderRow::Is(Header {
            row,
            written: columns
                .iter()
                .map(|column| column.and_then(text_in))
                .collect(),
            columns,
            unread,
        })
    }

    /// The columns of a row if it were the header, and a heading that is in it twice.
    fn columns(&self, texts: &Texts) -> (Vec<Option<u32>>, Option<Twice>) {
        let mut columns: Vec<Option<(u32, bool)>> = vec![None; self.known.len()];
        let mut twice = None;
        for (column, text) in texts {
            let Some((known, own)) = self.words.get(&normalise(text)).copied() else {
                continue;
            };
            match columns[known] {
                Some((first, before)) if before == own => {
                    twice = Some((self.known[known].title, [first, *column]));
                }
                Some((_, true)) => {}
                _ => columns[known] = Some((*column, own)),
            }
        }
        let columns = columns
            .into_iter()
            .map(|column| column.map(|(column, _)| column));
        (columns.collect(), twice)
    }

    /// The required headings that a row lacks, by their column in the table.
    fn missing(&self, columns: &[Option<u32>]) -> Vec<usize> {
        let known = self.known.iter().zip(columns).enumerate();
        known
            .filter(|(at, (heading, column))| {
                heading.required && column.is_none() && !self.constants.contains_key(at)
            })
            .map(|(at, _)| at)
            .collect()
    }

    /// Whether a row has a required heading, even if a unit follows it.
    fn has_required(&self, columns: &[Option<u32>], texts: &Texts) -> bool {
        let required: Vec<usize> = (0..self.known.len())
            .filter(|at| self.known[*at].required)
            .collect();
        required.iter().any(|at| columns[*at].is_some())
            || texts
                .iter()
                .any(|(_, text)| self.is_marked(text, &required))
    }

    /// Whether a text is one of these headings followed by a unit or a footnote mark.
    fn is_marked(&self, text: &str, headings: &[usize]) -> bool {
        let bare = normalise(&bare(text));
        headings.iter().any(|at| self.titles[*at] == bare)
    }

    /// Candidates for missing headings: the most similar of the row's other texts, each for one heading only.
    fn with_candidates(
        &self,
        missing: &[usize],
        columns: &[Option<u32>],
        texts: &Texts,
    ) -> Vec<Missing> {
        let known = columns.iter().flatten().count();
        let mut free: Vec<&(u32, String)> = texts
            .iter()
            .filter(|(column, text)| {
                !columns.contains(&Some(*column))
                    && (self.is_marked(text, missing) || is_quotable(text, known))
            })
            .collect();
        let with_candidate = |at: &usize| {
            let heading = &self.known[*at];
            let nearness = free
                .iter()
                .enumerate()
                .map(|(place, (_, text))| (place, heading.nearness(text)));
            let best = nearness
                .filter(|(_, near)| *near >= CANDIDATE_NEARNESS_MIN)
                .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
            Missing {
                title: heading.title,
                own: self.own.get(at).cloned(),
                candidate: best
                    .map(|(place, _)| free.remove(place))
                    .map(|(column, text)| (shown(text), *column)),
            }
        };
        missing.iter().map(with_candidate).collect()
    }
}

/// What a row above the data is.
pub(super) enum HeaderRow {
    Is(Header),
    /// The header, but with a heading in two columns.
    HasTwice(&'static str, [u32; 2]),
    IsNear(Nearest),
    IsNone,
}

/// A required heading that a row lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// As people write it.
    pub title: &'static str,
    /// The office's own word, which was looked for too.
    pub own: Option<String>,
    /// The candidate for it: a text of the row and its column.
    pub candidate: Option<(String, u32)>,
}

/// The row most like a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nearest {
    /// The physical row.
    pub row: u32,
    /// The required headings that it lacks.
    pub missing: Vec<Missing>,
}

impl Nearest {
    /// The headings that it lacks, in words.
    #[must_use]
    pub fn lacks(&self) -> String {
        let titles = self.missing.iter().map(|missing| match &missing.own {
            Some(own) => format!("{} (\"{own}\" under [columns])", missing.title),
            None => missing.title.to_string(),
        });
        titles.collect::<Vec<_>>().join(", ")
    }

    /// The fix, with the cells that may be meant.
    #[must_use]
    pub fn fix(&self) -> String {
        let mut meant = Vec::new();
        let mut absent = Vec::new();
        for Missing {
            title, candidate, ..
        } in &self.missing
        {
            let Some((text, column)) = candidate else {
                absent.push(*title);
                continue;
            };
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let cell = format!("{}{}", column_letters(*column), self.row);
            meant.push(format!("did you mean \"{text}\" in {cell} for {title}?"));
        }
        let them = if meant.len() == 1 { "it" } else { "them" };
        let rename = (!meant.is_empty()).then(|| format!("{} then rename {them}", meant.join(" ")));
        let add = (!absent.is_empty()).then(|| format!("add there: {}", absent.join(", ")));
        let steps: Vec<String> = rename.into_iter().chain(add).collect();
        steps.join("; ")
    }
}

/// Whether a heading can be a misspelling of another (Q401).
#[must_use]
pub fn is_like(heading: &str, title: &str) -> bool {
    let (some, others) = (words(heading), words(title));
    if some.is_empty() {
        return false;
    }
    if begin(&some, &others) || begin(&others, &some) {
        return true;
    }
    let (a, b) = (normalise(heading), normalise(title));
    let long = |text: &str| text.chars().count() >= LETTERS_MIN;
    long(&a) && long(&b) && (a.contains(&b) || b.contains(&a) || is_misspelled(&a, &b))
}

/// A heading that is like a title as a message quotes it, if it can name nobody: its words begin words of the title, or it is the title
/// but for a slip.
#[must_use]
pub fn quoted(heading: &str, title: &str) -> Option<String> {
    let (name, _) = parted(heading);
    let own = words(&name);
    let is_shortened = !own.is_empty() && begin(&own, &words(title));
    let can_be = is_shortened || is_misspelled(&normalise(&name), &normalise(title));
    can_be.then(|| shown(heading))
}

fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// Whether each word begins one of the others.
fn begin(some: &[String], others: &[String]) -> bool {
    some.iter()
        .all(|word| others.iter().any(|other| other.starts_with(word.as_str())))
}

fn is_misspelled(a: &str, b: &str) -> bool {
    strsim::levenshtein(a, b) <= EDITS_MAX
}

/// Whether a message may quote a text of a row that has so many known headings. One with digits may be an id, unless it is a known
/// heading itself: what is behind that is cut off unless it is a unit.
fn is_quotable(text: &str, known: usize) -> bool {
    known >= KNOWN_TO_QUOTE_MIN && !text.chars().any(char::is_numeric)
}

/// A heading as a message shows it: what is in brackets only if that is a unit, since it may be an id or a name.
fn shown(heading: &str) -> String {
    let (name, marks) = parted(heading);
    if is_unit(&marks) {
        heading.to_string()
    } else {
        format!("{} ...", name.trim())
    }
}

/// `10 digits`, `9-12`, `MM/DD/YYYY`, `¹`: plain characters, few digits, and no word but those of a unit.
fn is_unit(text: &str) -> bool {
    let is_of_a_date = |word: &str| word.chars().all(|c| "mdy".contains(c));
    let is_plain = |c: char| c.is_ascii_graphic() || c == ' ' || c.is_numeric();
    text.chars().all(is_plain)
        && text.chars().filter(|c| c.is_numeric()).count() <= UNIT_DIGITS_MAX
        && text
            .split(|c: char| !c.is_alphabetic())
            .map(str::to_lowercase)
            .all(|word| UNIT_WORDS.contains(&word.as_str()) || is_of_a_date(&word))
}

/// Words of a unit behind a heading.
const UNIT_WORDS: [&str; 10] = [
    "y",
    "n",
    "digit",
    "digits",
    "character",
    "characters",
    "letters",
    "yes",
    "no",
    "optional",
];
/// Digits of a unit or footnote behind a heading: `(10 digits)`, `(2023-24)`. An id has ten.
const UNIT_DIGITS_MAX: usize = 6;
/// A row needs this many known headings before its other texts are quoted as candidates: with fewer it may be data, and a text in
/// it a pupil's name.
pub const KNOWN_TO_QUOTE_MIN: usize = 3;
/// A heading needs this many letters to be compared as a whole.
const LETTERS_MIN: usize = 5;
/// Typing errors that leave a heading recognizable.
const EDITS_MAX: usize = 2;
/// How similar a candidate must be: more than a quarter wrong is not a typing error.
pub(super) const CANDIDATE_NEARNESS_MIN: f64 = 0.75;
