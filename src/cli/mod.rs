//! The command line: one file per verb, and the only place that prints. Data goes to standard output, everything else to standard
//! error (files.md, "Exit status").

mod audit_sample;
mod basis;
mod check;
mod console;
mod diff;
mod dropped;
mod effects;
mod explain;
mod factors;
mod format;
mod given;
mod letters;
mod near;
mod output;
mod page;
mod preview;
mod publish;
mod readings;
mod rehearse;
mod review;
mod rules;
mod run;
mod sample;
mod settle;
mod shell;
mod template;
mod tiers;
mod verify;
mod window;
mod years;

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue};
use clap::{CommandFactory, Parser, Subcommand};

use crate::batch::no_such_file;
use crate::stop::{Status, Stop};

const EXAMPLES: &str = "Examples:
  cdip run samples/statewide-2024-25       calculate, and write a report
  cdip run my-batch --out reports/june     write somewhere else
  cdip check 0880.xlsx --batch my-batch    what the run would find in a file
  cdip readings my-batch                   what each open question is worth
  cdip rehearse my-batch --rules 2025-26   the same batch under other rules
  cdip explain REPORT --row 0880.xlsx!17   why a row is paid what it is paid
  cdip diff reports/may reports/june       why each participant's money changed
  cdip verify REPORT --batch my-batch      is every cell what cdip writes?
  cdip audit-sample REPORT --method mus --size 60 --seed 2024
  cdip settle REPORT --paid paid.xlsx      what is due now, or must come back
  cdip letters REPORT                      letters, and a packet for the board
  cdip years reports                       what changed from year to year
  cdip publish REPORT                      a version that is safe to publish
  cdip rules explain N303                  what a code means, and what to do
  cdip rules explain unit                  a question the law leaves open
  cdip sample --out my-batch               a synthetic batch to try things on
  cdip template --batch my-batch --out template.xlsx
  cdip page --batch my-batch --out check-cdip.html

Exit status: 0 done; 1 done, but a file was refused, check found errors or open questions, or the report is not final with --require-final; 2 wrong usage or configuration; 3 nothing could be read; 4 verify found a difference, or a report's figures do not follow from its rows; 70 a defect of the program.";

/// The verbs by who uses them; a test compares them with the actual verbs.
const VERBS: &str = "\
For the state office:
  run          Calculate a batch and write its report
  readings     Say what each question the law leaves open is worth in dollars
  rehearse     Try other rules on a batch before they go live
  settle       Say what each payee is due now, or must return
  letters      Write a letter to each payee, and the board's packet
  publish      Write a version of a report that is safe to publish
  years        Compare the reports of several years
  factors      Estimate next year's totals of the state, for previews
  template     Make an empty submission workbook for the districts
  page         Make the page with which districts check their files

For districts:
  check        Check files as the state's run does, without money
  preview      Estimate what a district can expect for its files
  rules        List the built-in rules, or explain a code or a reading

For auditors:
  verify       Check that every cell of a report is exactly what cdip wrote
  explain      Say why a row, a pupil or a participant is paid what it is
  diff         Compare two reports: why each participant's money changed
  review       Say where an auditor looks first
  audit-sample Draw paid rows for an audit, with a form to fill in

To set up and try:
  sample       Make a synthetic batch like a real one
  completions  Let your shell complete the names of commands and options
  man          Write man pages
  help         Show this help, or a command's";

const TEMPLATE: &str =
    "{about-with-newline}\n{usage-heading} {usage}\n\n{before-help}Options:\n{options}{after-help}";

/// Funding calculator and batch processor for Colorado's Career Development Incentive Program (C.R.S. 22-54-138).
///
/// Reads the spreadsheets of completions that districts send, decides which completions qualify, and divides the appropriation among
/// them, tier by tier. Its workbooks trace every dollar to a row, a rule and a rate.
#[derive(Debug, Parser)]
#[command(
    name = "cdip",
    version,
    help_template = TEMPLATE,
    before_help = VERBS,
    after_help = EXAMPLES,
    max_term_width = 110
)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Calculate a batch and write its report.
    Run(run::RunArguments),
    /// Check files as the state's run does; no money is calculated.
    Check(check::CheckArguments),
    /// Estimate what a district can expect for its files.
    Preview(preview::PreviewArguments),
    /// Estimate next year's totals of the state, which previews use, from last year's or from an assumption.
    Factors(factors::FactorsArguments),
    /// Say why a row, a pupil or a participant is paid what it is paid: each step with its rule and source.
    Explain(explain::ExplainArguments),
    /// Compare two reports: why each participant's money changed, split into parts that add up exactly.
    Diff(diff::DiffArguments),
    /// Say what each payee is due now, or must return, after what was paid before.
    Settle(settle::SettleArguments),
    /// Write a letter to each payee, and the board's packet.
    Letters(letters::LettersArguments),
    /// Compare the reports of several years: trends, changes, and what cannot be compared.
    Years(years::YearsArguments),
    /// Write a version of a report that is safe to publish: small counts are withheld.
    Publish(publish::PublishArguments),
    /// List the built-in rules, or explain a code or a reading.
    Rules(rules::RulesArguments),
    /// Say what each question the law leaves open is worth in dollars.
    Readings(readings::ReadingsArguments),
    /// Try other rules on a batch before they go live.
    Rehearse(rehearse::RehearseArguments),
    /// Check that every cell of a report is exactly what cdip wrote.
    Verify(verify::VerifyArguments),
    /// Say where an auditor looks first: participants whose shares are far above the state's medians.
    Review(review::ReviewArguments),
    /// Draw paid rows for an audit, with a workpaper that evaluates what the auditor finds.
    AuditSample(audit_sample::AuditSampleArguments),
    /// Make a synthetic batch like a real one.
    Sample(sample::SampleArguments),
    /// Make an empty submission workbook for the entities.
    Template(template::TemplateArguments),
    /// Make the page with which districts check their files in a browser; they install nothing.
    Page(page::PageArguments),
    /// Let your shell complete the names of commands and options.
    Completions(shell::CompletionsArguments),
    /// Write man pages.
    Man(shell::ManArguments),
}

impl Verb {
    /// Whether the verb's output has no pupils' rows and is meant for others.
    fn is_public(&self) -> bool {
        matches!(
            self,
            Verb::Publish(_) | Verb::Sample(_) | Verb::Template(_) | Verb::Page(_) | Verb::Man(_)
        )
    }
}

/// Lets only the owner read what this process writes (docs/decisions/0015-who-may-read-a-report.md). The process's mask also covers
/// what libraries spool. On Windows a file has the permissions of its folder.
fn keep_private() {
    #[cfg(unix)]
    {
        use rustix::fs::Mode;
        let others = Mode::RWXG | Mode::RWXO;
        let asked = rustix::process::umask(others);
        rustix::process::umask(asked | others);
    }
}

/// The stop for a folder or files in place of a verb: no verb has a point or a slash in it.
fn path_without_verb(error: &clap::Error) -> Option<Stop> {
    let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand) else {
        return None;
    };
    let path = Path::new(word);
    let is_path = path.extension().is_some() || word.contains(std::path::is_separator);
    if is_path && !path.exists() {
        return Some(no_such_file(path));
    }
    let fix = if path.is_dir() {
        format!("to calculate a batch, run: cdip run \"{word}\"")
    } else {
        format!("to check files, run: cdip check \"{word}\"")
    };
    path.exists()
        .then(|| Stop::usage("cdip was not told what to do with this", word, fix))
}

/// Handles arguments without a verb to run: prints help, version or the error, and gives the exit status.
fn unparsed(error: &clap::Error) -> Status {
    if let Some(stop) = path_without_verb(error) {
        console::error(&stop.to_string());
        return stop.status;
    }
    // Help and version are data and end with 0; a wrong argument ends with 2. A closed pipe is not an error.
    let _ = error.print();
    if error.use_stderr() {
        Status::Usage
    } else {
        Status::Done
    }
}

/// Runs the program with the process's arguments.
#[must_use]
pub fn main() -> ExitCode {
    let status = run_arguments(std::env::args_os().collect());
    dropped::stay_open();
    ExitCode::from(status as u8)
}

fn run_arguments(given: Vec<OsString>) -> Status {
    if dropped::welcome(&given) {
        return dropped::as_page().map_or(Status::Done, run_parsed);
    }
    if let Some(stop) = window::swallowed(&given) {
        console::error(&stop.to_string());
        return stop.status;
    }
    run_parsed(dropped::as_check(&given).unwrap_or(given))
}

fn run_parsed(arguments: Vec<OsString>) -> Status {
    match Arguments::try_parse_from(arguments) {
        Ok(arguments) => run_verb(arguments.verb),
        Err(error) => unparsed(&error),
    }
}

/// Runs a verb, and says why it could not.
fn run_verb(verb: Verb) -> Status {
    if !verb.is_public() {
        keep_private();
    }
    let outcome = match verb {
        Verb::Run(arguments) => run::run(&arguments),
        Verb::Check(arguments) => check::run(&arguments),
        Verb::Preview(arguments) => preview::run(&arguments),
        Verb::Factors(arguments) => factors::run(&arguments),
        Verb::Explain(arguments) => explain::run(&arguments),
        Verb::Diff(arguments) => diff::run(&arguments),
        Verb::Settle(arguments) => settle::run(&arguments),
        Verb::Letters(arguments) => letters::run(&arguments),
        Verb::Years(arguments) => years::run(&arguments),
        Verb::Publish(arguments) => publish::run(&arguments),
        Verb::Rules(arguments) => rules::run(&arguments),
        Verb::Readings(arguments) => readings::run(&arguments),
        Verb::Rehearse(arguments) => rehearse::run(&arguments),
        Verb::Verify(arguments) => verify::run(&arguments),
        Verb::Review(arguments) => review::run(&arguments),
        Verb::AuditSample(arguments) => audit_sample::run(&arguments),
        Verb::Sample(arguments) => sample::run(&arguments),
        Verb::Template(arguments) => template::run(&arguments),
        Verb::Page(arguments) => page::run(&arguments),
        Verb::Completions(arguments) => Ok(shell::completions(&arguments, Arguments::command())),
        Verb::Man(arguments) => shell::man(&arguments, Arguments::command()),
    };
    let status = outcome.unwrap_or_else(|stop: Stop| {
        console::error(&stop.to_string());
        stop.status
    });
    console::lost().map_or(status, |stop| {
        console::error(&stop.to_string());
        status.max(stop.status)
    })
}

#[cfg(test)]
mod tests {
    use clap::Command;

    use super::*;

    #[test]
    fn the_groups_of_the_help_name_every_verb_once() {
        let mut named: Vec<&str> = VERBS
            .lines()
            .filter_map(|line| line.strip_prefix("  ")?.split_whitespace().next())
            .collect();
        named.sort_unstable();
        let command = Arguments::command();
        let mut verbs: Vec<&str> = command.get_subcommands().map(Command::get_name).collect();
        verbs.push("help");
        verbs.sort_unstable();
        assert_eq!(named, verbs);
    }

    /// A word that cannot be shorter: the hash of a receipt.
    const HASH_CHARS: usize = 64;

    /// Every help as it is written: the program's and each verb's, and those of their verbs.
    fn helps(command: &Command, helps: &mut Vec<(String, String)>) {
        let about = [command.get_before_help(), command.get_after_help()];
        for text in about.into_iter().flatten() {
            helps.push((command.get_name().to_string(), text.to_string()));
        }
        for verb in command.get_subcommands() {
            self::helps(verb, helps);
        }
    }

    #[test]
    fn examples_of_every_help_fit_into_80_columns_and_prose_has_no_breaks_by_hand() {
        let mut texts = Vec::new();
        helps(&Arguments::command(), &mut texts);
        assert!(texts.len() > 15, "{}", texts.len());
        for (verb, text) in texts {
            let mut before = "";
            for line in text.lines() {
                let is_example = line.starts_with("  ");
                let is_prose = |line: &str| !line.is_empty() && !line.starts_with("  ");
                let has_hash = line.split(' ').any(|word| word.len() == HASH_CHARS);
                if is_example && !has_hash {
                    assert!(line.chars().count() <= 80, "{verb}: {line}");
                }
                assert!(
                    !(is_prose(before) && is_prose(line)),
                    "{verb}: a line is broken by hand: {line}"
                );
                before = line;
            }
        }
    }
}
