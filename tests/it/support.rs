//! What many files of tests need: the program and what it says, files and folders, and a way to say
//! that a test cannot run on this machine.

use std::collections::BTreeMap;
use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Runs the program in a folder.
pub fn cdip(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cdip"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap()
}

/// What a program wrote to standard output.
pub fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// What a program wrote to standard error.
pub fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// What a program wrote to standard output, then to standard error.
pub fn said(output: &Output) -> String {
    stdout(output) + &stderr(output)
}

/// The repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below a folder, relative to it, with its bytes, in ascending order of path.
pub fn tree(folder: &Path) -> Vec<(String, Vec<u8>)> {
    fn walk(folder: &Path, below: &str, files: &mut Vec<(String, Vec<u8>)>) {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = format!("{below}{}", entry.file_name().to_string_lossy());
            if entry.file_type().unwrap().is_dir() {
                walk(&entry.path(), &format!("{path}/"), files);
            } else {
                files.push((path, fs::read(entry.path()).unwrap()));
            }
        }
    }
    let mut files = Vec::new();
    walk(folder, "", &mut files);
    files.sort();
    files
}

/// The names in a folder, in ascending order.
pub fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Writes a file below a folder, and makes the folders on the way.
pub fn put(folder: &Path, path: &str, content: impl AsRef<[u8]>) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

/// Copies every file below a folder into another folder.
pub fn copy_tree(from: &Path, to: &Path) {
    for (path, bytes) in tree(from) {
        put(to, &path, bytes);
    }
}

/// The records of a csv file, each with its texts by heading.
pub fn csv_lines(csv: &[u8]) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(csv);
    reader.deserialize().map(Result::unwrap).collect()
}

/// Says that a test, or what is left of it, cannot run on this machine.
pub fn left_out(reason: &str) {
    // The harness names the thread of a test after the test.
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    // Nobody would see an `eprintln!`: the harness keeps what the macros print unless a test fails.
    // It does not keep what is written to the stream itself, where its own line may be unfinished.
    let line = format!("\nLEFT OUT of {test}: {reason}\n");
    std::io::stderr().lock().write_all(line.as_bytes()).unwrap();
}

/// What Python answers in a folder; `None`, and said, where there is no Python.
pub fn python(folder: &Path, arguments: &[&str], input: &str) -> Option<Output> {
    let started = Command::new("python3")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .current_dir(folder)
        .spawn();
    let mut python = match started {
        Ok(python) => python,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            left_out("there is no python3 on this machine");
            return None;
        }
        Err(error) => panic!("python3 cannot be started: {error}"),
    };
    python
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    Some(python.wait_with_output().unwrap())
}
