//! `cdip settle`: what is due now and what must come back, after what was paid before.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};
use serde_json::Value;

use super::console::{self, counted, headline, where_it_is};
use super::output::{self, publish_at};
use crate::audit::evidence::Evidence;
use crate::batch::read_accounting;
use crate::money::Money;
use crate::receipt::RECEIPT;
use crate::report::publish::cannot_write;
use crate::settlement::calculation::{Recovery, SettledPayee};
use crate::settlement::files::{self, SettlementInput};
use crate::settlement::payments::{PaidFor, PaymentMade, read_carried, read_payments};
use crate::settlement::settled::{Given, SettledReport};
use crate::stop::{Status, Stop};

/// The end of the folder's name, where no other is given.
const SUFFIX: &str = "-settlement";

const EXAMPLES: &str = "Examples:
  cdip settle reports/june --paid paid.xlsx
  cdip settle reports/june --paid paid.csv --recovery next_year
  cdip settle reports/june --paid paid.csv --carried carried-next.csv

Your payments are a spreadsheet with the columns Payee, Date, Amount and Reference, and if you like Budget Year and Note. A negative amount is money taken back. Opening balances (--carried) have the columns Payee and Amount.";

impl ValueEnum for Recovery {
    fn value_variants<'a>() -> &'a [Recovery] {
        &Recovery::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let meaning = self.meaning().trim_end_matches('.');
        Some(PossibleValue::new(self.as_str()).help(meaning))
    }
}

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct SettleArguments {
    /// The report folder: what cdip run wrote.
    report: PathBuf,
    /// The payments made, as xlsx, ods or csv.
    #[arg(long, value_name = "FILE")]
    paid: PathBuf,
    /// What payees still owe: the carried-next.csv of the last settlement of an earlier budget year.
    #[arg(long, value_name = "FILE")]
    carried: Option<PathBuf>,
    /// What happens to money that payees owe.
    #[arg(long, value_enum, default_value = "now")]
    recovery: Recovery,
    /// Leave differences of at most this many dollars alone.
    #[arg(long, value_name = "DOLLARS", default_value = "0.00")]
    tolerance: String,
    /// Accounts and columns for the journal, in place of [accounting] in batch.toml: a TOML file with the same keys.
    #[arg(long, value_name = "FILE")]
    accounts: Option<PathBuf>,
    /// Settle a PRELIMINARY report; every page and file name says so.
    #[arg(long)]
    preliminary: bool,
    /// Where the settlement goes [default: the report folder's name with -settlement].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

pub(super) fn run(arguments: &SettleArguments) -> Result<Status, Stop> {
    let evidence = Evidence::open(&arguments.report)?;
    if !evidence.is_final() && !arguments.preliminary {
        return Err(Stop::usage(
            "the report is PRELIMINARY: what it awards may still change",
            arguments.report.display().to_string(),
            "settle the final report; --preliminary shows what a settlement would come to",
        ));
    }
    let (settled, inputs) = settled(&evidence, arguments)?;
    let target = arguments
        .out
        .clone()
        .unwrap_or_else(|| output::next_to(&arguments.report, SUFFIX));
    let (count, receipt) = publish_at(
        &target,
        "the settlement's place",
        "give another --out: a settlement never replaces a report",
        |folder| files::write(&settled, &inputs, folder),
    )?;
    settled.strangers().into_iter().for_each(warn_of);
    if let Some(carried) = &arguments.carried {
        for payee in settled.unknown_debtors() {
            warn_of_debtor(payee, carried);
        }
    }
    console::data(&summary(&settled, &target, count, &receipt));
    Ok(Status::Done)
}

/// A payee may be gone since it was paid: excluded, say. Then its money comes back; otherwise its code is a slip.
fn warn_of(stranger: &PaymentMade) {
    let PaymentMade { payee, place, .. } = stranger;
    console::error(&format!(
        "warning: {payee} was paid, but it is not a payee or a participant of the report\n  --> {place}\n   = fix: correct the Payee; if it \
         is right, the settlement treats all that {payee} was paid as an overpayment"
    ));
}

/// A payee that owes may be in no report of this year; otherwise its code is a slip.
fn warn_of_debtor(payee: &str, carried: &Path) {
    console::error(&format!(
        "warning: {payee} owes from an earlier year, but it is not a payee or a participant of the report\n  --> {}\n   \
         = fix: correct the Payee; if it is right, {payee} has no award that its debt could be taken off",
        carried.display()
    ));
}

/// The settlement of a report, and the files it was made from.
fn settled(
    evidence: &Evidence,
    arguments: &SettleArguments,
) -> Result<(SettledReport, Vec<SettlementInput>), Stop> {
    let mut inputs = vec![SettlementInput {
        path: RECEIPT.to_string(),
        role: "report",
        sha256: evidence.receipt.clone(),
    }];
    let given = given(arguments, evidence, &mut inputs)?;
    Ok((SettledReport::of(evidence, given)?, inputs))
}

/// What a settlement is made from.
pub(super) struct Files<'f> {
    pub(super) report: &'f Path,
    pub(super) paid: &'f Path,
    pub(super) carried: Option<&'f Path>,
    pub(super) accounts: Option<&'f Path>,
}

/// Settles again as a settlement's receipt says, into an empty folder.
pub(super) fn again(files: &Files<'_>, said: &Value, folder: &Path) -> Result<(), Stop> {
    let recovery = said["recovery"].as_str().unwrap_or_default();
    let unknown = |_| {
        Stop::usage(
            format!("the settlement was made with an unknown recovery, \"{recovery}\""),
            RECEIPT,
            "verify it with the version of cdip that wrote it",
        )
    };
    let arguments = SettleArguments {
        report: files.report.to_path_buf(),
        paid: files.paid.to_path_buf(),
        carried: files.carried.map(Path::to_path_buf),
        recovery: Recovery::from_str(recovery, false).map_err(unknown)?,
        tolerance: said["tolerance"].as_str().unwrap_or("0.00").to_string(),
        accounts: files.accounts.map(Path::to_path_buf),
        preliminary: true,
        out: None,
    };
    let (settled, inputs) = settled(&Evidence::open(files.report)?, &arguments)?;
    files::write(&settled, &inputs, folder).map_err(|error| cannot_write(folder, &error))?;
    Ok(())
}

/// What a line of the summary adds up.
type Figure = fn(&SettledPayee) -> Money;

/// Reads a file and records it as an input.
fn input(
    path: &Path,
    role: &'static str,
    inputs: &mut Vec<SettlementInput>,
) -> Result<Vec<u8>, Stop> {
    let given = super::given::list(path)?;
    inputs.push(SettlementInput {
        path: super::given::own_name(path),
        role,
        sha256: crate::hash::sha256_hex(&given.bytes),
    });
    Ok(given.bytes)
}

fn given(
    arguments: &SettleArguments,
    evidence: &Evidence,
    inputs: &mut Vec<SettlementInput>,
) -> Result<Given, Stop> {
    let name = |path: &Path| path.display().to_string();
    let of = PaidFor {
        budget_year: evidence.rules.budget_year,
        run_date: evidence.run_date,
    };
    let bytes = input(&arguments.paid, "payments made", inputs)?;
    let payments = read_payments(&name(&arguments.paid), &bytes, of);
    let opening = match &arguments.carried {
        Some(path) => {
            let bytes = input(path, "opening balances", inputs)?;
            read_carried(&name(path), &bytes)
        }
        None => Ok(BTreeMap::new()),
    };
    let (payments, opening) = match (payments, opening) {
        (Ok(payments), Ok(opening)) => (payments, opening),
        (payments, opening) => {
            let stops = [payments.err(), opening.err()];
            let none = || Stop::defect("a list that cannot be read without a reason");
            return Err(Stop::of_all(stops.into_iter().flatten()).unwrap_or_else(none));
        }
    };
    let tolerance = super::given::dollars("--tolerance", &arguments.tolerance, "1.00")?;
    let accounting = match &arguments.accounts {
        Some(path) => read_accounting(&name(path), &input(path, "accounts", inputs)?)?,
        None => evidence.accounting.clone(),
    };
    Ok(Given {
        payments,
        opening,
        tolerance,
        recovery: arguments.recovery,
        accounting,
    })
}

fn summary(settled: &SettledReport, target: &Path, count: usize, receipt: &str) -> String {
    let settlement = &settled.settlement;
    let mut text = String::new();
    // Writing to a String cannot fail, here and below.
    let _ = writeln!(
        text,
        "{}, settled",
        headline(&settled.label, settled.standing(), settled.is_final)
    );
    let payees = |owes: fn(&SettledPayee) -> Money| {
        settlement
            .payees
            .iter()
            .filter(|line| owes(line) > Money::ZERO)
            .count()
    };
    let waives = settled.given.recovery == Recovery::None;
    let waived: Option<(&str, Figure)> = waives.then_some(("Waived", |line| line.waived));
    let lines: [(&str, Figure); 6] = [
        ("Awards", |line| line.award),
        ("Paid before", |line| line.paid),
        ("Payable now", |line| line.payable_now),
        ("After recovery", |line| line.after_recovery),
        ("To recover", |line| line.to_recover),
        ("Carried", |line| line.carried),
    ];
    for (words, amount) in lines.into_iter().chain(waived) {
        let _ = writeln!(
            text,
            "{words:<16}{:>18}  {}",
            settlement.total(amount).grouped(),
            counted(payees(amount), "payee", "payees")
        );
    }
    let _ = writeln!(text, "Money left      {:>18}", settlement.cash.grouped());
    let other_years = settled.given.payments.of_other_years.len();
    if other_years > 0 {
        let _ = writeln!(
            text,
            "{} of another budget year not counted: see the sheet Payments made",
            counted(other_years, "payment", "payments")
        );
    }
    text + &where_it_is(
        "Settlement",
        target,
        (count, "begin with settlement.xlsx"),
        receipt,
    )
}
