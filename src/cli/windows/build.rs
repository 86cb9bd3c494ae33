//! What Windows shows of the program: its icon, its version, and that it takes UTF-8 and long paths.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=src/cli/windows");
    // Of the system that is built for, not of the one that builds.
    if env::var_os("CARGO_CFG_WINDOWS").is_none() {
        return;
    }
    let built = winresource::WindowsResource::new()
        .set_icon("src/cli/windows/cdip.ico")
        .set_manifest_file("src/cli/windows/cdip.manifest")
        .set("ProductName", "cdip")
        .set("FileDescription", "cdip")
        .compile();
    if let Err(error) = built {
        // The program works without them.
        println!("cargo::warning=no icon, version or manifest: {error}");
    }
}
