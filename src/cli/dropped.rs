//! A file that is dropped on the program, or a double-click on the program itself.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::console;
use super::near::CHECKED;
use super::window::is_own_window;
use crate::batch::BATCH_FILE;
use crate::page;

/// The name of the page that a double-click writes.
const PAGE: &str = "check-cdip.html";

const WELCOME: &str = "cdip checks spreadsheets of completions for Colorado's Career Development Incentive Program.
To check your file: drag it onto this program and let go. cdip writes a marked copy next to it, and changes nothing else.
Nothing is sent anywhere.
For everything else, open a terminal and type: cdip --help";

/// The arguments for a single file: `cdip FILE` is `cdip check FILE --mark "FILE (checked).xlsx"`.
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

/// What a double-click shows; `false` if the program was not opened by one.
pub(super) fn welcome(arguments: &[OsString]) -> bool {
    let alone = arguments.len() == 1 && is_own_window();
    if alone {
        console::error(WELCOME);
    }
    alone
}

/// The arguments for a double-click that writes the page: the program is in a batch's folder and has the page's engine.
pub(super) fn as_page() -> Option<Vec<OsString>> {
    let program = std::env::current_exe().ok()?;
    page::engine().ok()?;
    page_of(program.parent()?)
}

fn page_of(folder: &Path) -> Option<Vec<OsString>> {
    if !folder.join(BATCH_FILE).is_file() {
        return None;
    }
    let mut arguments: Vec<OsString> = ["cdip", "page", "--batch"].map(OsString::from).into();
    arguments.extend([folder.into(), "--out".into(), folder.join(PAGE).into()]);
    Some(arguments)
}

/// Keeps the window open until a key is pressed, if Windows opened it for this program alone: otherwise it would close at once.
pub(super) fn stay_open() {
    if is_own_window() {
        console::error("\nPress Enter to close this window.");
        let _ = std::io::stdin().read_line(&mut String::new());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_double_click_in_a_batchs_folder_asks_for_its_page_and_elsewhere_for_none() {
        let folder = tempfile::TempDir::new().unwrap();
        assert_eq!(page_of(folder.path()), None);
        std::fs::write(folder.path().join(BATCH_FILE), "").unwrap();
        let at = folder.path().as_os_str();
        let page = folder.path().join("check-cdip.html");
        assert_eq!(
            page_of(folder.path()).unwrap(),
            [
                "cdip".as_ref(),
                "page".as_ref(),
                "--batch".as_ref(),
                at,
                "--out".as_ref(),
                page.as_os_str()
            ]
        );
    }
}
