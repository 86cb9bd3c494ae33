//! Arguments to exit status, nothing else.

use std::process::ExitCode;

/// Some hundredths of the time of a run (docs/decisions/0019-allocator.md).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cdip::cli::main()
}
