//! Arguments to exit status, nothing else.

use std::process::ExitCode;

/// A twentieth of the time of a run, and a third less memory for a year's batch (docs/decisions/0019-allocator.md).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cdip::cli::main()
}
