//! Arguments to exit status, nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    cdip::cli::main()
}
