//! `cdip completions` and `cdip man`: what a shell and `man` know of the command line, made from the command line itself.

use std::fs;
use std::path::PathBuf;

use clap::builder::Resettable;
use clap::{Args, Command};
use clap_complete::Shell;

use super::console;
use super::output::{refuse_inside_report, say_written};
use crate::disk::{self, Existing};
use crate::report::publish::{cannot_write, cannot_write_file};
use crate::stop::{Status, Stop};

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  cdip completions bash
  cdip completions powershell

Save the output where your shell looks for it: for bash ~/.local/share/bash-completion/completions/cdip, for PowerShell at the end of the file that $PROFILE names.")]
pub(super) struct CompletionsArguments {
    /// The shell to write for.
    shell: Shell,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  cdip man --out man1

With --out ~/.local/share/man/man1, man cdip-run shows the page of a verb.")]
pub(super) struct ManArguments {
    /// The folder to write to: a page for cdip and one for each verb.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

pub(super) fn completions(arguments: &CompletionsArguments, mut command: Command) -> Status {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, "cdip", &mut script);
    console::data(&String::from_utf8_lossy(&script));
    Status::Done
}

pub(super) fn man(arguments: &ManArguments, command: Command) -> Result<Status, Stop> {
    refuse_inside_report(&arguments.out.join("cdip.1"))?;
    fs::create_dir_all(&arguments.out).map_err(|error| cannot_write(&arguments.out, &error))?;
    let mut command = command.disable_help_subcommand(true);
    command.build();
    let verbs = command.get_subcommands().cloned();
    for (name, page) in std::iter::once(("cdip".to_string(), command.clone()))
        .chain(verbs.map(|verb| (format!("cdip-{}", verb.get_name()), verb)))
    {
        let path = arguments.out.join(format!("{name}.1"));
        disk::put(&path, Existing::Replaced, |path| {
            let shown = page.get_after_help().map(ToString::to_string);
            let mut bytes = Vec::new();
            clap_mangen::Man::new(page.after_help(Resettable::Reset))
                .title(&name)
                .render(&mut bytes)?;
            bytes.extend(examples(&shown.unwrap_or_default()).bytes());
            fs::write(path, bytes)
        })
        .map_err(|error| cannot_write_file(&path, &error))?;
        say_written(&path);
    }
    Ok(Status::Done)
}

/// The examples of a help with their line breaks, and its last words: `man` would fill and hyphenate commands like prose.
fn examples(help: &str) -> String {
    let parts = help.split("\n\n").filter(|part| !part.is_empty());
    let parts = parts.map(|part| {
        let lines: Vec<String> = part.lines().map(as_roff).collect();
        match lines.split_first() {
            Some((first, commands)) if first == "Examples:" => {
                format!(".SH EXAMPLES\n.nf\n{}\n.fi\n", commands.join("\n"))
            }
            _ => format!(".PP\n{}\n", lines.join("\n")),
        }
    });
    parts.collect()
}

/// A line of a page: a backslash, a hyphen and a point at its beginning mean something to `man`.
fn as_roff(line: &str) -> String {
    let escaped = line.replace('\\', "\\e").replace('-', "\\-");
    if escaped.starts_with(['.', '\'']) {
        format!("\\&{escaped}")
    } else {
        escaped
    }
}
