//! Promises of the sources and pages that no compiler checks. Each exception has its reason, and the test fails if an exception is no
//! longer needed.
//!
//! Tested elsewhere: that every code has a test (`codes.rs`) and is shown in `docs/messages` (`gallery.rs`), that
//! `docs/checks.md` is the catalogue (`fresh.rs`), and that commands in pages run (`walkthrough.rs`).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::support::{root, tree};

/// Files or folders that know numbers with a binary fraction, and why no amount depends on them.
const FLOATS: [(&str, &str); 17] = [
    (
        "src/intake/cells.rs",
        "a number of a spreadsheet is one; here it becomes its shortest exact text",
    ),
    ("src/intake/workbook.rs", "the same, for old workbooks"),
    (
        "src/intake/headings.rs",
        "how near a heading comes to a known one, for a message",
    ),
    (
        "src/intake/guess.rs",
        "the same, for a proposal that a person confirms",
    ),
    ("src/settlement/workbook.rs", "widths of columns"),
    ("src/years/workbook.rs", "widths of columns"),
    (
        "src/sheets/",
        "what is shown: widths, heights, and values of cells, made in one place",
    ),
    ("src/report/workbook/", "widths of columns"),
    (
        "src/returns/",
        "widths of columns, and the numbers of a submission as its spreadsheet held them",
    ),
    ("src/preview/", "widths of columns"),
    ("src/scenarios/workbook.rs", "widths of columns"),
    ("src/audit/difference/workbook.rs", "widths of columns"),
    ("src/audit/samples/", "widths of columns"),
    ("src/publication/workbook", "widths of columns"),
    ("src/sample/workbook.rs", "cells of a synthetic workbook"),
    ("src/sample/lists.rs", "chances of invention"),
    ("src/sample/defects.rs", "chances of invention"),
];

/// Files where a number becomes one with a binary fraction, and what it is.
const CONVERSIONS: [(&str, &str); 6] = [
    (
        "src/sheets/cell.rs",
        "the value of a cell: the one place where an amount becomes one, to be shown",
    ),
    ("src/sheets/page.rs", "the width of a column"),
    ("src/returns/marked/sheet.rs", "the width of a column"),
    ("src/returns/corrected.rs", "the width of a column"),
    ("src/years/workbook.rs", "the width of a column"),
    (
        "src/sample/workbook.rs",
        "the value of a cell of a synthetic workbook",
    ),
];

/// Places that may panic, how many in a file, and why none of them does.
const PANICS: [(&str, usize, &str); 7] = [
    (
        "src/allocation/fund.rs",
        1,
        "the demand holds only categories with a tier: N307 takes the others out",
    ),
    (
        "src/report/workbook/formulas.rs",
        1,
        "the sheet's own columns: every sheet is written in the tests",
    ),
    (
        "src/results/columns.rs",
        1,
        "readers limit the text of a row far below 4 GB",
    ),
    (
        "src/results/group.rs",
        1,
        "the room's own frame: it has every column that is asked for",
    ),
    (
        "src/sample/habits.rs",
        1,
        "no input: the sample is synthetic",
    ),
    (
        "src/sample/statewide.rs",
        2,
        "no input: the sample is synthetic and its options were checked",
    ),
    (
        "src/sample/completions.rs",
        1,
        "no input: the sample is synthetic",
    ),
];

/// A source without comments, texts and tests: what is left is code, on its own lines.
pub fn code_of(source: &str) -> String {
    const FOR_TESTS: &str = "\n#[cfg(test)]\n";
    // `mod tests;` among the modules ends nothing: what follows it is code.
    let is_tests_of_the_file = |at: &usize| {
        let mut items = source[at + FOR_TESTS.len()..].lines();
        let item = items.find(|line| !line.starts_with("#["));
        item.is_some_and(|item| item.starts_with("mod ") && item.contains('{'))
    };
    let mut places = source.match_indices(FOR_TESTS).map(|(at, _)| at);
    bare(&source[..places.find(is_tests_of_the_file).unwrap_or(source.len())])
}

/// A source without comments and texts; every line keeps its number.
pub fn bare(source: &str) -> String {
    let mut code = String::new();
    let mut rest = source;
    while let Some(next) = rest.chars().next() {
        let taken = taken(rest, code.chars().last());
        if taken == 0 {
            code.push(next);
            rest = &rest[next.len_utf8()..];
        } else {
            code.push(' ');
            code.extend(rest[..taken].chars().filter(|c| *c == '\n'));
            rest = &rest[taken..];
        }
    }
    code
}

/// The bytes of a comment or of a literal of text that the source begins with; 0 for everything else.
fn taken(source: &str, before: Option<char>) -> usize {
    let up_to = |end: &str, from: usize| {
        source[from..]
            .find(end)
            .map_or(source.len(), |at| from + at + end.len())
    };
    if source.starts_with("//") {
        return source.find('\n').unwrap_or(source.len());
    }
    if source.starts_with("/*") {
        return up_to("*/", 2);
    }
    let raw = source
        .strip_prefix('r')
        .filter(|_| before.is_none_or(|c| !c.is_alphanumeric() && c != '_'));
    if let Some(rest) = raw
        .map(|rest| rest.trim_start_matches('#'))
        .filter(|rest| rest.starts_with('"'))
    {
        let hashes = source.len() - rest.len() - 1;
        return up_to(&format!("\"{}", "#".repeat(hashes)), hashes + 2);
    }
    if source.starts_with('"') {
        let mut escaped = false;
        for (at, c) in source.char_indices().skip(1) {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => return at + 1,
                _ => {}
            }
        }
    }
    // A character, and not a lifetime.
    if let Some(rest) = source.strip_prefix('\'') {
        let first = rest.chars().next().unwrap_or_default();
        if first == '\\' {
            return up_to("'", 3);
        }
        if rest[first.len_utf8()..].starts_with('\'') {
            return first.len_utf8() + 2;
        }
    }
    0
}

pub fn has_extension(path: &str, extension: &str) -> bool {
    Path::new(path)
        .extension()
        .is_some_and(|found| found == extension)
}

/// Every source of the program by path, as code.
pub fn sources() -> BTreeMap<String, String> {
    let sources = tree(&root().join("src")).into_iter().filter(|(path, _)| {
        let of_tests = path.ends_with("/tests.rs") || path.contains("/tests/");
        has_extension(path, "rs") && !of_tests
    });
    let sources: BTreeMap<String, String> = sources
        .map(|(path, bytes)| {
            (
                format!("src/{path}"),
                code_of(&String::from_utf8(bytes).unwrap()),
            )
        })
        .collect();
    assert!(sources.len() > 100, "the sources are found");
    sources
}

pub fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The words and numbers of code; a number keeps its point.
fn words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|c: char| !is_word(c) && c != '.')
        .flat_map(|word| {
            let number = word.starts_with(|c: char| c.is_ascii_digit());
            if number {
                vec![word]
            } else {
                word.split('.').collect()
            }
        })
}

/// `1.5`, and not the range `1..5` nor the field `0.1` of a field.
fn is_float(word: &str) -> bool {
    let float_literal = |(whole, fraction): (&str, &str)| {
        !fraction.is_empty()
            && [whole, fraction]
                .iter()
                .all(|part| part.chars().all(|c| c.is_ascii_digit() || c == '_'))
    };
    matches!(word, "f64" | "f32")
        || word.ends_with("f64") && word.starts_with(|c: char| c.is_ascii_digit())
        || word.split_once('.').is_some_and(float_literal)
}

fn files_where(holds: impl Fn(&str) -> bool) -> BTreeSet<String> {
    sources()
        .into_iter()
        .filter(|(_, code)| holds(code))
        .map(|(path, _)| path)
        .collect()
}

#[test]
fn no_number_with_a_binary_fraction_stands_where_money_is_calculated() {
    let excepted = |path: &str| {
        FLOATS
            .iter()
            .map(|(place, _)| *place)
            .find(|place| path.starts_with(place))
            .unwrap_or("without a reason")
    };
    let found: BTreeMap<&str, Vec<String>> = files_where(|code| words(code).any(is_float))
        .into_iter()
        .fold(BTreeMap::new(), |mut found, path| {
            found.entry(excepted(&path)).or_default().push(path);
            found
        });
    assert_eq!(
        found.keys().copied().collect::<BTreeSet<_>>(),
        FLOATS.iter().map(|(place, _)| *place).collect(),
        "{found:#?}"
    );
    let converted = files_where(|code| code.contains(" as f64") || code.contains("f64::from("));
    assert_eq!(
        converted,
        CONVERSIONS
            .iter()
            .map(|(path, _)| (*path).to_string())
            .collect()
    );
}

#[test]
fn nothing_panics_but_where_a_reason_is_given() {
    let mut found = BTreeMap::new();
    for (path, code) in sources() {
        // A constant is calculated by the compiler.
        let lines = code.lines().filter(|line| {
            !line
                .trim_start()
                .trim_start_matches("pub ")
                .starts_with("const ")
        });
        let places = [
            ".unwrap()",
            ".expect(",
            "panic!",
            "unreachable!",
            "todo!",
            "unimplemented!",
            "unwrap_unchecked",
        ];
        let count: usize = lines
            .map(|line| {
                places
                    .iter()
                    .map(|place| line.matches(place).count())
                    .sum::<usize>()
            })
            .sum();
        if count > 0 {
            found.insert(path, count);
        }
    }
    assert_eq!(
        found,
        PANICS
            .iter()
            .map(|(path, count, _)| ((*path).to_string(), *count))
            .collect()
    );
}

#[test]
fn only_the_command_line_prints() {
    let prints = [
        "print!",
        "println!",
        "eprint!",
        "eprintln!",
        "dbg!",
        "stdout(",
        "stderr(",
    ];
    let found = files_where(|code| prints.iter().any(|print| code.contains(print)));
    assert!(
        found.contains("src/cli/console.rs")
            && found.iter().all(|path| path.starts_with("src/cli/")),
        "{found:?}"
    );
}

/// The clock cannot be turned back by a test: that nothing reads it is seen here, and in the committed specimen, which was written on
/// another day than `fresh.rs` compares it on.
#[test]
fn nothing_reads_the_clock_the_time_zone_or_the_locale() {
    let reads = [
        "::now(",
        "Utc",
        "Local",
        "Instant",
        "OffsetDateTime",
        "elapsed(",
        "locale",
        "thread_rng",
        "random()",
        "RandomState",
    ];
    let found = files_where(|code| reads.iter().any(|read| code.contains(read)));
    assert_eq!(found, BTreeSet::new());
    // Of the environment only the arguments, whether colors are wanted, and where a temporary folder could not be made, to say so;
    // a build for Windows asks whether it is one, and a double-click in which folder the program is.
    let found = files_where(|code| code.contains("env::"));
    assert_eq!(
        found,
        [
            "src/audit/verify/mod.rs",
            "src/cli/console.rs",
            "src/cli/dropped.rs",
            "src/cli/mod.rs",
            "src/cli/windows/build.rs",
        ]
        .map(str::to_string)
        .into()
    );
}

#[test]
fn the_allocation_knows_no_files_no_frames_and_no_codes() {
    let unknown = [
        "intake",
        "report",
        "finding",
        "catalogue",
        "checks",
        "cli",
        "audit",
        "polars",
        "calamine",
        "std::fs",
        "std::io",
    ];
    for (path, code) in sources()
        .into_iter()
        .filter(|(path, _)| path.starts_with("src/allocation/") || path == "src/money.rs")
    {
        for module in unknown {
            let used = [format!("crate::{module}"), format!("{module}::")]
                .iter()
                .any(|name| code.contains(name.as_str()));
            assert!(!used, "{path} uses {module}");
        }
    }
}

#[test]
fn unsafe_code_is_forbidden_and_every_warning_fails_the_checks() {
    let manifest: toml::Table = fs::read_to_string(root().join("Cargo.toml"))
        .unwrap()
        .parse()
        .unwrap();
    assert_eq!(
        manifest["lints"]["rust"]["unsafe_code"].as_str(),
        Some("forbid")
    );
    let checks = fs::read_to_string(root().join(".ci/run")).unwrap();
    assert!(
        checks
            .lines()
            .any(|line| line == "cargo clippy --all-targets -- -D warnings"),
        "every warning is denied"
    );
    assert_eq!(
        files_where(|code| words(code).any(|word| word == "unsafe")),
        BTreeSet::new()
    );
}

/// The pages: the README, the change log and everything in `docs`, relative to the repository.
pub fn pages() -> Vec<(String, String)> {
    let docs = tree(&root().join("docs"))
        .into_iter()
        .filter(|(path, _)| has_extension(path, "md"));
    let mut pages: Vec<(String, String)> = docs
        .map(|(path, bytes)| (format!("docs/{path}"), String::from_utf8(bytes).unwrap()))
        .collect();
    for path in ["README.md", "CHANGELOG.md", "CONTRIBUTING.md"] {
        pages.push((
            path.to_string(),
            fs::read_to_string(root().join(path)).unwrap(),
        ));
    }
    assert!(pages.len() > 20, "the pages are found");
    pages
}

/// A page without its fenced blocks, in which nothing is a heading or a link.
fn prose(page: &str) -> String {
    let mut fenced = false;
    let lines = page.lines().filter(|line| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        !fenced && !fence
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// What a link to a heading says: lower case, spaces as hyphens, without punctuation; a number behind one that stands twice.
fn anchors(page: &str) -> BTreeSet<String> {
    let mut anchors = BTreeSet::new();
    for line in prose(page).lines().filter(|line| line.starts_with('#')) {
        let heading = line.trim_start_matches('#').trim().to_lowercase();
        let slug: String = heading
            .chars()
            .filter(|c| is_word(*c) || matches!(c, ' ' | '-'))
            .map(|c| if c == ' ' { '-' } else { c })
            .collect();
        let mut anchor = slug.clone();
        let mut number = 0;
        while !anchors.insert(anchor) {
            number += 1;
            anchor = format!("{slug}-{number}");
        }
    }
    anchors
}

/// The targets of the links of a page, in prose.
fn links(page: &str) -> Vec<String> {
    let prose = prose(page);
    prose
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'))
        .map(|(target, _)| target.to_string())
        .collect()
}

/// `docs/messages/../checks.md` -> `docs/checks.md`
fn resolved(path: &Path) -> PathBuf {
    let mut resolved = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => {
                assert!(resolved.pop(), "{} leaves the repository", path.display());
            }
            Component::CurDir => {}
            other => resolved.push(other),
        }
    }
    resolved
}

#[test]
fn every_link_of_every_page_leads_somewhere() {
    let mut followed = 0;
    for (page, text) in pages() {
        for link in links(&text)
            .into_iter()
            .filter(|link| !link.starts_with("http") && !link.starts_with("mailto:"))
        {
            let (path, anchor) = link
                .split_once('#')
                .map_or((link.as_str(), None), |(path, anchor)| (path, Some(anchor)));
            let target = if path.is_empty() {
                PathBuf::from(&page)
            } else {
                resolved(&Path::new(&page).parent().unwrap().join(path))
            };
            assert!(
                root().join(&target).exists(),
                "{page}: no file behind {link}"
            );
            if let Some(anchor) = anchor {
                let text = fs::read_to_string(root().join(&target)).unwrap();
                assert!(
                    anchors(&text).contains(anchor),
                    "{page}: no heading behind {link}"
                );
            }
            followed += 1;
        }
    }
    assert!(followed > 40, "only {followed} links were found");
}

#[test]
fn comments_texts_and_tests_are_told_from_code() {
    let source = "let a = \"1.5 \\\" .unwrap()\"; // 2.5\nlet b = r#\"3.5 \"f64\"#; /* f32\n */ let c: &'static str = f('\"', '\\'', 'x'); let d = 4.5;\n#[cfg(test)]\nmod tests { panic!() }";
    let code = code_of(source);
    assert_eq!(
        words(&code)
            .filter(|word| is_float(word))
            .collect::<Vec<_>>(),
        ["4.5"]
    );
    assert_eq!(code.lines().count(), 3);
    assert!(!code.contains("unwrap") && !code.contains("panic") && code.contains("'static str"));
    let with_a_module = "mod a;\n#[cfg(test)]\nmod tests;\nmod b;\nconst C: u8 = 1;\n#[cfg(test)]\n#[allow(x)]\nmod tests {}";
    assert!(code_of(with_a_module).ends_with("const C: u8 = 1;"));
    for (word, float) in [
        ("1.5", true),
        ("1_000.0", true),
        ("f64", true),
        ("1f64", true),
        ("1..5", false),
        ("0", false),
        ("a1.5", false),
    ] {
        assert_eq!(is_float(word), float, "{word}");
    }
}

#[test]
fn an_anchor_is_made_of_its_heading_as_code_hosts_make_it() {
    let page = "# Why is *this* row paid?\n```\n# no heading\n```\n## E201: District Code\n## Again\n## Again\n[a](x.md#b) `c`";
    let expected = [
        "why-is-this-row-paid",
        "e201-district-code",
        "again",
        "again-1",
    ]
    .map(str::to_string);
    assert_eq!(anchors(page), BTreeSet::from(expected));
    assert_eq!(links(page), ["x.md#b"]);
}
