//! What a machine can judge of the English (CONTRIBUTING.md, "House rules"): banned phrases, British spellings, lines
//! too long for a page, help wrapped by hand, and sentences too long for a message.
//!
//! It reads the pages, the comments and texts of the sources, the templates and the page. It does not read code, so variables may have
//! any name.

use std::collections::BTreeSet;
use std::fs;

use crate::support::{root, tree};
use crate::tidy::{code_of, has_extension, pages};

/// Turns of a translation, and what to write.
const TURNS: [(&str, &str); 14] = [
    ("stands in", "is in"),
    ("stand in", "are in"),
    ("stood in", "was in"),
    ("standing in", "in"),
    ("whoever", "anyone who"),
    ("gravest", "most urgent"),
    ("dearest", "worth most"),
    ("beside", "next to"),
    ("is to be done", "there is ... to do"),
    ("are to be done", "there are ... to do"),
    ("of a kind that there is not", "unknown"),
    ("in the office's hand", "the office decides"),
    ("what is to go", "remove"),
    ("cannot be broken", "docs/reliability.md has the evidence"),
];

/// After "is no", these make plain English: "is no longer".
const AFTER_NO: [&str; 10] = [
    "longer", "more", "one", "other", "less", "such", "faster", "stronger", "farther", "way",
];

/// Spellings that are not those of the United States; the beginning of a word is enough.
const BRITISH: [&str; 24] = [
    "neighbour",
    "colour",
    "behaviour",
    "favour",
    "honour",
    "labour",
    "judgement",
    "licence",
    "centre",
    "recognis",
    "organis",
    "normalis",
    "summaris",
    "synchronis",
    "optimis",
    "serialis",
    "authoris",
    "categoris",
    "capitalis",
    "labelled",
    "grey",
    "artefact",
    "learnt",
    "programme",
];

/// Where a turn or a spelling stays, and why.
const EXCEPTIONS: [(&str, &str, &str); 2] = [
    (
        "docs/law.md",
        "",
        "made from the rule sets, whose words are in the hashes of the rules",
    ),
    (
        "src/rules/sets/",
        "",
        "the words of a rule set are in its hash, which factors and reports name",
    ),
];

/// Pages are read in an editor and in a terminal.
const LINE_CHARACTERS_MAX: usize = 100;
/// Pages that the program makes, a paragraph a line, or that have one line an entry.
const LONG_LINES: [(&str, &str); 4] = [
    ("docs/checks.md", "made by `cdip rules explain --all`"),
    ("docs/law.md", "made by `cdip rules law`"),
    ("docs/messages/README.md", "made by gallery.rs"),
    ("CHANGELOG.md", "one line an entry"),
];

/// What can be taken in at once, and what no message goes beyond.
const SENTENCE_WORDS_MAX: usize = 35;

/// The comments and texts of a source without its inner tests, each line with its number.
fn texts_of(source: &str) -> Vec<(usize, &str)> {
    let code = code_of(source);
    let lines = source.lines().zip(code.lines()).enumerate();
    let texts = lines.filter(|(_, (line, code))| line.trim() != code.trim());
    texts
        .map(|(at, (line, code))| (at + 1, text_of(line, code)))
        .collect()
}

/// The part of a line behind its first quote or comment: what is before it is code.
fn text_of<'a>(line: &'a str, code: &str) -> &'a str {
    if code.trim().is_empty() {
        return line;
    }
    let begin = [line.find('"'), line.find("//")]
        .into_iter()
        .flatten()
        .min();
    begin.map_or("", |begin| &line[begin..])
}

/// Everything that a person reads, as (path, number of the line, text).
fn read() -> Vec<(String, usize, String)> {
    let mut read = Vec::new();
    for (path, page) in pages() {
        for (at, line) in page.lines().enumerate() {
            read.push((path.clone(), at + 1, line.to_string()));
        }
    }
    for (path, bytes) in tree(&root().join("src")) {
        let Ok(text) = String::from_utf8(bytes) else {
            continue;
        };
        let path = format!("src/{path}");
        if path.ends_with("tests.rs") {
            continue;
        }
        if has_extension(&path, "rs") {
            let texts = texts_of(&text).into_iter();
            read.extend(texts.map(|(at, line)| (path.clone(), at, line.to_string())));
        } else {
            let lines = text.lines().enumerate();
            read.extend(lines.map(|(at, line)| (path.clone(), at + 1, line.to_string())));
        }
    }
    for path in ["page/page.html", "page/page.js", "page/README.md"] {
        let text = fs::read_to_string(root().join(path)).unwrap();
        let lines = text.lines().enumerate();
        read.extend(lines.map(|(at, line)| (path.to_string(), at + 1, line.to_string())));
    }
    assert!(read.len() > 10_000, "the texts are found");
    read
}

/// Whether a text has a word or phrase as such, and not inside of another word.
fn has_phrase(text: &str, phrase: &str) -> bool {
    text.match_indices(phrase).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + phrase.len()..].chars().next();
        [before, after]
            .iter()
            .all(|next| next.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != '-'))
    })
}

/// "is no date" in a text, but not "there is no date", which is how one says it.
fn is_no(text: &str) -> Option<String> {
    text.match_indices("is no ").find_map(|(at, found)| {
        let before = text[..at].trim_end();
        let word: String = text[at + found.len()..]
            .chars()
            .take_while(|c| c.is_alphanumeric())
            .collect();
        let whole = text[..at].ends_with(' ') || at == 0;
        let plain = before.ends_with("there") || AFTER_NO.contains(&word.as_str());
        (whole && !plain && !word.is_empty()).then(|| format!("is no {word}: write \"is not a\""))
    })
}

/// The beginning of a word that is spelled as in Britain; `aria-labelledby` is a name that HTML gives.
fn british(text: &str) -> Option<&'static str> {
    text.split(|c: char| !c.is_alphabetic())
        .filter(|word| *word != "labelledby")
        .find_map(|word| BRITISH.into_iter().find(|begin| word.starts_with(begin)))
}

/// "65 %" in prose; a `%` of a template belongs to its braces, and one before a number is a remainder.
fn spaced_percent(text: &str) -> bool {
    text.match_indices(" %").any(|(at, found)| {
        let before = text[..at].chars().next_back();
        let after = text[at + found.len()..].trim_start().chars().next();
        before.is_some_and(|c| c.is_ascii_digit())
            && after.is_none_or(|c| !c.is_ascii_digit() && c != '}')
    })
}

/// What is wrong with a line, if anything.
fn fault(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    let turn = TURNS
        .iter()
        .find(|(turn, _)| has_phrase(&lower, turn))
        .map(|(turn, better)| format!("\"{turn}\": write \"{better}\""));
    turn.or_else(|| is_no(&lower))
        .or_else(|| british(&lower).map(|word| format!("\"{word}\" is British")))
        .or_else(|| spaced_percent(text).then(|| "write \"65%\", without a space".to_string()))
}

#[test]
fn nothing_that_a_person_reads_has_a_banned_turn_or_a_british_spelling() {
    let mut used = BTreeSet::new();
    let mut found = Vec::new();
    for (path, at, text) in read() {
        let Some(fault) = fault(&text) else { continue };
        let excepted = EXCEPTIONS
            .iter()
            .find(|(place, word, _)| path.starts_with(place) && text.to_lowercase().contains(word));
        match excepted {
            Some((place, _, _)) => {
                used.insert(*place);
            }
            None => found.push(format!("{path}:{at}: {fault}\n    {}", text.trim())),
        }
    }
    assert!(
        found.is_empty(),
        "{} lines:\n{}",
        found.len(),
        found.join("\n")
    );
    for (place, _, reason) in EXCEPTIONS {
        assert!(
            used.contains(place),
            "{place} needs no exception any more: {reason}"
        );
    }
}

#[test]
fn lines_of_pages_are_no_longer_than_100_characters() {
    let mut found = Vec::new();
    for (path, page) in pages() {
        if LONG_LINES.iter().any(|(place, _)| path == *place) {
            continue;
        }
        let mut fenced = false;
        for (at, line) in page.lines().enumerate() {
            fenced ^= line.trim_start().starts_with("```");
            // A table is one line a row; an example and its output are shown as they are.
            let shown = fenced || line.starts_with("    ") || line.starts_with('|');
            if !shown && line.chars().count() > LINE_CHARACTERS_MAX {
                found.push(format!("{path}:{}: {}", at + 1, line.chars().count()));
            }
        }
    }
    assert!(found.is_empty(), "wrap these:\n{}", found.join("\n"));
}

#[test]
fn sentences_of_the_catalogue_and_the_gallery_have_at_most_35_words() {
    let pages = ["docs/checks.md", "docs/messages/README.md"];
    let mut found = Vec::new();
    let mut read = 0;
    for path in pages {
        let page = fs::read_to_string(root().join(path)).unwrap();
        for line in page.lines().filter(|line| !line.starts_with('|')) {
            for sentence in line.split(". ") {
                let words = sentence.split_whitespace().count();
                read += 1;
                if words > SENTENCE_WORDS_MAX {
                    found.push(format!("{path}: {words} words: {sentence}"));
                }
            }
        }
    }
    assert!(read > 500, "only {read} sentences were found");
    assert!(
        found.is_empty(),
        "{} sentences:\n{}",
        found.len(),
        found.join("\n")
    );
}

#[test]
fn a_fault_is_found_and_plain_english_is_left_alone() {
    for text in [
        "the cell is no date",
        "the row stands in the ledger",
        "Whoever sends it",
        "the chart beside it",
        "a colour",
        "Judgement",
        "about 65 % of it",
    ] {
        assert!(fault(text).is_some(), "{text}");
    }
    for text in [
        "there is no date",
        "it is no longer held",
        "besides, it is not a date",
        "a color, 65% of it",
        "{% if a | length > 1 %}",
        "counts as it stands",
    ] {
        assert_eq!(fault(text), None, "{text}");
    }
    assert_eq!(
        texts_of("let beside = 1; // why\nlet b = 2;\n"),
        [(1, "// why")]
    );
}
