//! A file that somebody drops on the program, or a double-click on the program itself.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::console;
use super::near::CHECKED;
use super::window::is_own_window;

const WELCOME: &str = "cdip checks spreadsheets of completions for Colorado's Career Development Incentive Program.
To check your file: drag it onto this program and let go. cdip writes a marked copy next to it, and changes nothing else.
Nothing is sent anywhere.
For everything else, open a terminal and type: cdip --help";

/// The arguments of the check that a lone file asks for: `cdip FILE` is `cdip check FILE --mark "FILE (checked).xlsx"`.
pub(super) fn as_check(arguments: &[OsString]) -> Option<Vec<OsString>> {
    let [program, file] = arguments else {
        return None;
    };
    let path = Path::new(file);
    if !path.is_file() {
        return None;
    }
    let mut check = vec![program.clone(), "check".into(), file.clone()];
    check.extend(["--mark".into(), marked(path).into_os_string()]);
    Some(check)
}

/// Where the marked copy goes.
fn marked(path: &Path) -> PathBuf {
    let mut name = path.file_stem().unwrap_or_default().to_os_string();
    name.push(CHECKED);
    name.push(".xlsx");
    path.with_file_name(name)
}

/// What somebody sees who opens the program by a double-click; `false` where it was not.
pub(super) fn welcome(arguments: &[OsString]) -> bool {
    let alone = arguments.len() == 1 && is_own_window();
    if alone {
        console::error(WELCOME);
    }
    alone
}

/// Keeps the window open until a key is pressed, where Windows opened it for this program alone: it would be gone with the last word.
pub(super) fn stay_open() {
    if is_own_window() {
        console::error("\nPress Enter to close this window.");
        let _ = std::io::stdin().read_line(&mut String::new());
    }
}
