//! Windows and its windows: whose one is, whether it shows color, and what becomes of quotation marks that are typed into it.

use std::ffi::OsString;

#[cfg(windows)]
use winsafe::{GetCurrentProcessId, HPROCESSLIST, HSTD, SysResult, co};

use crate::stop::Stop;

/// The stop for `"C:\my batch\"`: there the backslash makes the closing quotation mark, and what follows, a part of the name. Windows
/// allows no such name, and `PowerShell` completes folders like this.
pub(super) fn swallowed(arguments: &[OsString]) -> Option<Stop> {
    let mut arguments = arguments
        .iter()
        .skip(1)
        .map(|given| given.to_string_lossy());
    let place = arguments.find(|given| cfg!(windows) && given.contains('"'))?;
    let fix = "leave out the backslash before the closing quotation mark, as in \"C:\\my batch\"";
    Some(Stop::usage(
        "a quotation mark is a part of this name",
        place.into_owned(),
        fix,
    ))
}

/// Whether the Explorer started the program, by a double-click or a dropped file.
#[cfg(windows)]
pub(super) fn is_own_window() -> bool {
    let Ok(mut processes) = HPROCESSLIST::CreateToolhelp32Snapshot(co::TH32CS::SNAPPROCESS, None)
    else {
        return false;
    };
    let listed: Vec<(u32, u32, String)> = processes
        .iter_processes()
        .filter_map(Result::ok)
        .map(|entry| {
            (
                entry.th32ProcessID,
                entry.th32ParentProcessID,
                entry.szExeFile(),
            )
        })
        .collect();
    let own = GetCurrentProcessId();
    let parent = listed.iter().find(|(id, ..)| *id == own);
    parent
        .and_then(|(_, parent, _)| listed.iter().find(|(id, ..)| id == parent))
        .is_some_and(|(.., name)| name.eq_ignore_ascii_case("explorer.exe"))
}

/// Elsewhere a program has no window of its own.
#[cfg(not(windows))]
pub(super) fn is_own_window() -> bool {
    false
}

/// Whether the window takes what begins and ends a tone. An older one shows it as text until it is asked.
#[cfg(windows)]
pub(super) fn takes_tones() -> bool {
    let ask = || -> SysResult<()> {
        // Dropped, the handle would be closed, and with it standard output.
        let window = HSTD::GetStdHandle(co::STD_HANDLE::OUTPUT)?.leak();
        let mode = window.GetConsoleMode()?;
        window.SetConsoleMode(mode | co::CONSOLE::ENABLE_VIRTUAL_TERMINAL_PROCESSING)
    };
    ask().is_ok()
}

/// Elsewhere every terminal does.
#[cfg(not(windows))]
pub(super) fn takes_tones() -> bool {
    true
}
