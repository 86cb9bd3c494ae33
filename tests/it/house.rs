//! The structure of the code: the size of files and functions, which room may import which, and no import cycles. The map in
//! `docs/architecture.md` describes what is enforced here.
//!
//! It reads the sources without comments, texts and inner tests (`tidy.rs`); functions are measured in the tests too. An import is any
//! path that a file names: in `use`, in its groups, or in the middle of code.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use crate::support::{root, tree};
use crate::tidy::{bare, has_extension, is_word, sources};

/// A screen and a half; what is longer does two things.
const FUNCTION_LINES_MAX: usize = 70;
/// As much as a reader can keep track of.
const FILE_LINES_MAX: usize = 600;
/// A type and what is made of it may know each other; three files that do are one file in three pieces.
const CIRCLE_FILES_MAX: usize = 2;

/// A path in code or a module, from its root.
type Segments = Vec<String>;

/// The module of a file: `src/intake/mod.rs` -> `intake`, `src/main.rs` -> nothing, as `src/lib.rs`.
fn module_of(path: &str) -> Segments {
    let path = path
        .trim_start_matches("src/")
        .trim_end_matches(".rs")
        .trim_end_matches("/mod");
    if matches!(path, "lib" | "main") {
        return Vec::new();
    }
    path.split('/').map(str::to_string).collect()
}

/// The paths of a use tree: `crate::a::{b, c::{self, d as e}}`, each with the name that it is known by.
fn leaves(tree: &str, before: &[String], leaves_found: &mut Vec<(Segments, String)>) {
    let tree = tree.trim();
    if let Some((head, group)) = tree.split_once('{') {
        let mut path = before.to_vec();
        path.extend(segments(head));
        let group = group.rsplit_once('}').map_or(group, |(group, _)| group);
        for part in split_group(group) {
            leaves(part, &path, leaves_found);
        }
        return;
    }
    if tree.is_empty() {
        return;
    }
    let (path, alias) = tree.split_once(" as ").unwrap_or((tree, ""));
    let mut whole = before.to_vec();
    whole.extend(segments(path));
    if whole.last().is_some_and(|last| last == "self") && whole.len() > 1 {
        whole.pop();
    }
    let name = match alias.trim() {
        "" => whole.last().cloned().unwrap_or_default(),
        alias => alias.to_string(),
    };
    leaves_found.push((whole, name));
}

fn segments(path: &str) -> Segments {
    path.split("::")
        .map(str::trim)
        .filter(|segment| !segment.is_empty())
        .map(str::to_string)
        .collect()
}

/// The parts of a group, at its own commas.
fn split_group(group: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0, 0);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&group[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&group[start..]);
    parts
}

/// The use trees of code, and the code without them.
fn uses(code: &str) -> (Vec<String>, String) {
    let (mut trees, mut rest) = (Vec::new(), String::new());
    let mut tree: Option<String> = None;
    for line in code.lines() {
        let begun = line
            .trim_start()
            .trim_start_matches("pub(crate) ")
            .trim_start_matches("pub(super) ")
            .trim_start_matches("pub ")
            .strip_prefix("use ");
        match (&mut tree, begun) {
            (None, None) => {
                rest.push_str(line);
                rest.push('\n');
                continue;
            }
            (None, Some(begun)) => tree = Some(begun.to_string()),
            (Some(tree), _) => tree.push_str(line),
        }
        if line.contains(';') {
            trees.extend(
                tree.take()
                    .map(|tree| tree.trim_end_matches([';', ' ']).to_string()),
            );
        }
    }
    (trees, rest)
}

/// The paths of at least two segments in code.
fn inline_paths(code: &str) -> Vec<Segments> {
    code.split(|c: char| !is_word(c) && c != ':')
        .map(|path| segments(path.split(":::").next().unwrap_or_default()))
        .filter(|path| path.len() > 1)
        .collect()
}

/// Which file each module is, and what each file names.
struct House {
    /// By module; the file's path in the repository.
    files: BTreeMap<Segments, String>,
    arrows: BTreeMap<String, BTreeSet<String>>,
}

impl House {
    fn of(sources: &BTreeMap<String, String>) -> House {
        let files: BTreeMap<Segments, String> = sources
            .keys()
            .filter(|path| *path != "src/main.rs")
            .map(|path| (module_of(path), path.clone()))
            .collect();
        let mut house = House {
            files,
            arrows: BTreeMap::new(),
        };
        for (path, code) in sources {
            let arrows = house.named_by(path, code);
            house.arrows.insert(path.clone(), arrows);
        }
        house
    }

    /// The files that a file names, itself aside.
    fn named_by(&self, path: &str, code: &str) -> BTreeSet<String> {
        let module = module_of(path);
        let (trees, rest) = uses(code);
        let mut found = Vec::new();
        for tree in &trees {
            leaves(tree, &[], &mut found);
        }
        let mut known: BTreeMap<String, Segments> = self
            .files
            .keys()
            .filter(|child| child.len() == module.len() + 1 && child.starts_with(&module))
            .map(|child| (child[module.len()].clone(), child.clone()))
            .collect();
        let mut targets = Vec::new();
        for (tree, name) in found {
            let absolute = absolute(&module, &known, &tree);
            if self.files.contains_key(&absolute) {
                known.insert(name, absolute.clone());
            }
            targets.push(absolute);
        }
        for inline in inline_paths(&rest) {
            targets.push(absolute(&module, &known, &inline));
        }
        targets
            .iter()
            .filter_map(|target| self.file_of(target))
            .filter(|file| *file != path)
            .map(str::to_string)
            .collect()
    }

    /// The file of the longest module that a path begins with.
    fn file_of(&self, path: &[String]) -> Option<&str> {
        (1..=path.len())
            .rev()
            .find_map(|length| self.files.get(&path[..length]))
            .map(String::as_str)
    }

    /// Files that reach each other, in groups of more than one.
    fn circles(&self, wanted: impl Fn(&str, &str) -> bool) -> Vec<BTreeSet<String>> {
        let reach: BTreeMap<&str, BTreeSet<&str>> = self
            .arrows
            .keys()
            .map(|file| (file.as_str(), self.reached_from(file, &wanted)))
            .collect();
        let mut circles = BTreeSet::new();
        for (file, reached) in &reach {
            let circle: BTreeSet<String> = reached
                .iter()
                .filter(|other| reach[*other].contains(file))
                .map(|other| (*other).to_string())
                .collect();
            if circle.len() > 1 {
                circles.insert(circle);
            }
        }
        circles.into_iter().collect()
    }

    fn reached_from(&self, file: &str, wanted: impl Fn(&str, &str) -> bool) -> BTreeSet<&str> {
        let mut reached = BTreeSet::new();
        let mut open = vec![file];
        while let Some(from) = open.pop() {
            for to in self.arrows.get(from).into_iter().flatten() {
                if wanted(from, to) && reached.insert(to.as_str()) {
                    open.push(to);
                }
            }
        }
        reached
    }

    /// The arrows between rooms, with the files that they run between.
    fn rooms(&self) -> BTreeMap<(String, String), Vec<String>> {
        let mut rooms: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
        for (from, targets) in &self.arrows {
            for to in targets {
                let (one, other) = (room_of(from), room_of(to));
                if one != other {
                    rooms
                        .entry((one, other))
                        .or_default()
                        .push(format!("{from} -> {to}"));
                }
            }
        }
        rooms
    }
}

/// A path as seen from the root, where it is of this program.
fn absolute(module: &[String], known: &BTreeMap<String, Segments>, path: &[String]) -> Segments {
    let mut base = match path[0].as_str() {
        "crate" | "cdip" => Vec::new(),
        "self" | "super" => module.to_vec(),
        name => match known.get(name) {
            Some(module) => module.clone(),
            None => return Vec::new(),
        },
    };
    for (at, segment) in path.iter().enumerate() {
        match segment.as_str() {
            "super" => {
                base.pop();
            }
            _ if at == 0 => {}
            segment => base.push(segment.to_string()),
        }
    }
    base
}

/// The first folder or file below `src`; what is in none of them is the root.
fn room_of(path: &str) -> String {
    let module = module_of(path);
    module.first().map_or("root", String::as_str).to_string()
}

/// Each function with its lines, from `fn` to its last brace.
fn functions(code: &str) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("fn ") {
        let before = code[..at].chars().next_back();
        let name: String = code[at + 3..].chars().take_while(|c| is_word(*c)).collect();
        if before.is_some_and(is_word) || name.is_empty() {
            continue;
        }
        if let Some(length) = body_end(&code[at..]) {
            found.push((name, code[at..at + length].lines().count()));
        }
    }
    found
}

/// Where a function ends; a signature without a body has none.
fn body_end(code: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut brackets = 0_usize;
    for (at, c) in code.char_indices() {
        match c {
            '(' | '[' => brackets += 1,
            ')' | ']' => brackets = brackets.saturating_sub(1),
            ';' if depth == 0 && brackets == 0 => return None,
            '{' => depth += 1,
            '}' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

/// A row of the map in `docs/architecture.md`: rooms, and what they never know beyond what the order forbids.
struct MapRow {
    rooms: Vec<String>,
    never: Vec<String>,
}

/// The names between backticks, without their folder and ending.
fn names(cell: &str) -> Vec<String> {
    cell.split('`')
        .skip(1)
        .step_by(2)
        .map(|name| {
            name.trim_start_matches("src/")
                .trim_end_matches(['/'])
                .trim_end_matches(".rs")
                .to_string()
        })
        .collect()
}

/// The cells of each row of the table under a heading.
fn table(page: &str, heading: &str) -> Vec<Vec<String>> {
    let section = page.split(&format!("\n## {heading}\n")).nth(1).unwrap();
    let section = section.split("\n## ").next().unwrap();
    section
        .lines()
        .filter(|line| line.starts_with('|'))
        .skip(2)
        .map(|line| {
            let cells = line.trim_matches('|').split('|');
            cells.map(|cell| cell.trim().to_string()).collect()
        })
        .collect()
}

fn page() -> String {
    fs::read_to_string(root().join("docs/architecture.md")).unwrap()
}

fn map() -> Vec<MapRow> {
    let rows = table(&page(), "The map").into_iter().map(|cells| MapRow {
        rooms: names(&cells[0]),
        never: names(&cells[2]),
    });
    rows.collect()
}

/// The sources of the program and of the page, with their tests.
fn sources_with_tests() -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for folder in ["src", "page/src"] {
        let files = tree(&root().join(folder)).into_iter();
        let rust = files.filter(|(path, _)| has_extension(path, "rs"));
        found.extend(rust.map(|(path, bytes)| {
            let code = bare(&String::from_utf8(bytes).unwrap());
            (format!("{folder}/{path}"), code)
        }));
    }
    assert!(found.len() > sources().len(), "the tests are found");
    found
}

#[test]
fn no_function_is_longer_than_a_screen_and_a_half_tests_included() {
    let mut found = Vec::new();
    for (path, code) in sources_with_tests() {
        let long = functions(&code)
            .into_iter()
            .filter(|(_, lines)| *lines > FUNCTION_LINES_MAX);
        found.extend(long.map(|(name, lines)| format!("{path}: fn {name} has {lines} lines")));
    }
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn no_file_is_longer_than_600_lines() {
    let lengths = sources()
        .into_iter()
        .map(|(path, code)| (path, code.lines().count()));
    let long: Vec<(String, usize)> = lengths
        .filter(|(_, lines)| *lines > FILE_LINES_MAX)
        .collect();
    assert_eq!(long, Vec::new());
}

#[test]
fn every_room_is_on_the_map() {
    let on_the_map: Vec<String> = map().into_iter().flat_map(|row| row.rooms).collect();
    let rooms: BTreeSet<String> = sources()
        .keys()
        .map(|path| room_of(path))
        .filter(|room| room != "root")
        .collect();
    assert_eq!(
        on_the_map.iter().cloned().collect::<BTreeSet<_>>(),
        rooms,
        "each folder and file below src has a row in the map of docs/architecture.md"
    );
    assert_eq!(on_the_map.len(), rooms.len(), "and only one");
}

#[test]
fn a_room_knows_only_rooms_above_it_on_the_map_and_none_of_those_it_never_knows() {
    let house = House::of(&sources());
    let map = map();
    let row_of = |room: &str| {
        map.iter()
            .position(|row| row.rooms.iter().any(|name| name == room))
    };
    let mut wrong = Vec::new();
    for ((from, to), files) in house.rooms() {
        let (Some(one), Some(other)) = (row_of(&from), row_of(&to)) else {
            continue;
        };
        if other > one || map[one].never.contains(&to) {
            wrong.push(format!("{from} -> {to}: {}", files.join(", ")));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    for name in map.iter().flat_map(|row| &row.never) {
        assert!(row_of(name).is_some(), "{name} is not a room");
    }
}

#[test]
fn a_library_is_used_only_where_the_page_says_so() {
    for cells in table(&page(), "Libraries") {
        let rooms = names(&cells[1]);
        for library in names(&cells[0]) {
            let used: BTreeSet<String> = sources()
                .iter()
                .filter(|(_, code)| uses_library(code, &library))
                .map(|(path, _)| room_of(path))
                .filter(|room| !rooms.contains(room))
                .collect();
            assert_eq!(used, BTreeSet::new(), "{library}");
        }
    }
}

fn uses_library(code: &str, library: &str) -> bool {
    code.match_indices(library).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let after = &code[at + library.len()..];
        before.is_none_or(|c| !is_word(c) && c != ':') && after.starts_with("::")
    })
}

#[test]
fn no_import_runs_in_a_circle_between_rooms_nor_of_three_files_inside_one() {
    let house = House::of(&sources());
    let mut rooms = House {
        files: BTreeMap::new(),
        arrows: BTreeMap::new(),
    };
    for (from, to) in house.rooms().into_keys() {
        rooms.arrows.entry(to.clone()).or_default();
        rooms.arrows.entry(from).or_default().insert(to);
    }
    assert_eq!(rooms.circles(|_, _| true), Vec::new(), "between rooms");
    let inside: Vec<BTreeSet<String>> = house
        .circles(|from, to| room_of(from) == room_of(to))
        .into_iter()
        .filter(|circle| circle.len() > CIRCLE_FILES_MAX)
        .collect();
    assert_eq!(inside, Vec::new(), "inside a room");
}

#[test]
fn arrows_are_read_from_groups_aliases_and_paths_in_the_middle_of_code() {
    let source = |path: &str, code: &str| (path.to_string(), code.to_string());
    let house = House::of(&BTreeMap::from([
        source("src/lib.rs", "pub mod a;\npub mod b;\n"),
        source(
            "src/a/mod.rs",
            "mod one;\nmod two;\nuse crate::b::{self, deep::{Thing, Other as Else}};\nfn f() {\n    one::run()\n}\n",
        ),
        source("src/a/one.rs", "use super::two;\n"),
        source(
            "src/a/two.rs",
            "fn g() -> super::T {\n    crate::b::deep::h()\n}\n",
        ),
        source("src/b/mod.rs", "pub mod deep;\n"),
        source("src/b/deep.rs", "use std::fs;\n"),
    ]));
    let named = |path: &str| {
        house.arrows[path]
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        named("src/a/mod.rs"),
        ["src/a/one.rs", "src/b/deep.rs", "src/b/mod.rs"]
    );
    assert_eq!(named("src/a/one.rs"), ["src/a/two.rs"]);
    assert_eq!(named("src/a/two.rs"), ["src/a/mod.rs", "src/b/deep.rs"]);
    assert_eq!(named("src/b/deep.rs"), [""; 0]);
    let circles = house.circles(|_, _| true);
    assert_eq!(circles.len(), 1);
    assert_eq!(circles[0].len(), 3);
}

#[test]
fn a_function_is_measured_from_its_name_to_its_last_brace() {
    let code = "trait T {\n    fn declared(&self, of: [u8; 3]);\n}\nimpl T {\n    fn two() -> u8 {\n        if a { b } }\n    fn three() {\n\n    }\n}\n";
    assert_eq!(
        functions(code),
        [("two".to_string(), 2), ("three".to_string(), 3)]
    );
}
