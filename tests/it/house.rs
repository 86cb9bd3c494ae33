//! The house: how large its files and functions are, which room may know which, and that no import runs in a circle. The map in
//! `docs/architecture.md` says what is enforced here.
//!
//! Read are the sources without comments, texts and inner tests (`tidy.rs`). An arrow is a path that a file names: `use`, groups in
//! it, and paths in the middle of code.

use std::collections::{BTreeMap, BTreeSet};

use crate::tidy::{code_of, is_word, program};

/// A screen and a half; what is longer does two things.
const FUNCTION_LINES_MAX: usize = 70;
/// What one can still find one's way in.
const FILE_LINES_MAX: usize = 600;
/// A type and what is made of it may know each other; three files that do are one file in three pieces.
const CIRCLE_FILES_MAX: usize = 2;

/// Functions over the measure, each with its reason.
const LONG_FUNCTIONS: [(&str, &str, &str); 0] = [];
/// Files over the measure, each with its reason.
const LONG_FILES: [(&str, &str); 0] = [];
/// Circles inside a room, by their first file, each with its reason.
const CIRCLES: [(&str, &str); 0] = [];

/// What a room never knows, directly: one row for each room of the map.
const NEVER: [(&str, &[&str]); 0] = [];

/// A path in code: its segments, and `None` in front of nothing.
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
            trees.extend(tree.take().map(|tree| tree.trim_end_matches([';', ' ']).to_string()));
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

/// The first folder or file below `src`.
fn room_of(path: &str) -> String {
    module_of(path)
        .first()
        .cloned()
        .unwrap_or_else(|| "root".to_string())
}

fn sources() -> BTreeMap<String, String> {
    program()
        .into_iter()
        .map(|(path, source)| (path, code_of(&source)))
        .collect()
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
