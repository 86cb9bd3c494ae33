//! Properties of every settlement (calculation.md, section 7), over random awards, payments and opening balances.

pub mod files;

use std::collections::BTreeMap;

use cdip::intake::completions::Field;
use cdip::money::Money;
use cdip::settlement::calculation::{Recovery, SettledPayee, Settlement, Terms, settle};
use cdip::settlement::folder::{SettlementFolder, SettlementLine};
use proptest::prelude::*;

use crate::batch_builder::{TestBatch, pupil};
use crate::differential::settlement as naive;
use crate::support::{cdip, stderr, stdout, tree};
use crate::vectors::report_of;

/// Amounts in cents for some of nine payees.
fn amounts() -> impl Strategy<Value = BTreeMap<String, Money>> {
    prop::collection::btree_map(1_u32..10, 0_i64..500_000, 0..9).prop_map(|amounts| {
        amounts
            .into_iter()
            .map(|(payee, cents)| (format!("{:04}", payee * 10), Money::from_cents(cents)))
            .collect()
    })
}

fn terms() -> impl Strategy<Value = Terms> {
    let recovery = prop_oneof![
        Just(Recovery::Now),
        Just(Recovery::NextYear),
        Just(Recovery::None)
    ];
    (
        amounts(),
        amounts(),
        amounts(),
        0_i64..3_000_000,
        0_i64..500,
        recovery,
    )
        .prop_map(
            |(awards, paid, opening, available, tolerance, recovery)| Terms {
                awards,
                paid,
                opening,
                available: Money::from_cents(available),
                tolerance: Money::from_cents(tolerance),
                recovery,
            },
        )
}

fn sum(settlement: &Settlement, column: fn(&SettledPayee) -> Money) -> i64 {
    settlement.total(column).cents()
}

/// The settlement as its file has it.
fn read_back(terms: &Terms, lines: &[SettledPayee]) -> SettlementFolder {
    let lines = lines.iter().map(|line| SettlementLine {
        payee: line.payee.clone(),
        name: String::new(),
        vendor: String::new(),
        award: line.award,
        paid: line.paid,
        due: line.due,
        payable_now: line.payable_now,
        after_recovery: line.after_recovery,
        to_recover: line.to_recover,
        carried: line.carried,
        waived: line.waived,
    });
    SettlementFolder {
        receipt: String::new(),
        report: String::new(),
        tolerance: terms.tolerance,
        lines: lines.collect(),
    }
}

/// The terms as the second implementation has them: each payee was paid in two payments.
fn given(terms: &Terms) -> naive::Given {
    let cents = |amounts: &BTreeMap<String, Money>| {
        amounts
            .iter()
            .map(|(payee, amount)| (payee.clone(), i128::from(amount.cents())))
            .collect()
    };
    let payments = terms.paid.iter().flat_map(|(payee, paid)| {
        let (paid, date) = (i128::from(paid.cents()), "2024-10-01".to_string());
        [
            (payee.clone(), date.clone(), paid + 700, "W-1".to_string()),
            (payee.clone(), date, -700, "V-1".to_string()),
        ]
    });
    naive::Given {
        awards: cents(&terms.awards),
        payments: payments.collect(),
        opening: cents(&terms.opening),
        available: i128::from(terms.available.cents()),
        tolerance: i128::from(terms.tolerance.cents()),
        recovery: match terms.recovery {
            Recovery::Now => naive::Recovery::Now,
            Recovery::NextYear => naive::Recovery::NextYear,
            Recovery::None => naive::Recovery::None,
        },
    }
}

proptest! {
    #[test]
    fn every_line_is_that_of_a_second_implementation(terms in terms()) {
        let lines = settle(&terms).unwrap().payees.into_iter().map(|line| {
            let cents = |amount: Money| i128::from(amount.cents());
            let settled = naive::Settled {
                award: cents(line.award),
                paid: cents(line.paid),
                due: cents(line.due),
                payable_now: cents(line.payable_now),
                after_recovery: cents(line.after_recovery),
                to_recover: cents(line.to_recover),
                carried: cents(line.carried),
                waived: cents(line.waived),
            };
            (line.payee, settled)
        });
        prop_assert_eq!(Some(lines.collect()), naive::settle(&given(&terms)));
    }

    #[test]
    fn awards_are_what_was_paid_and_is_due_less_what_was_overpaid(terms in terms()) {
        let settlement = settle(&terms).unwrap();
        prop_assert_eq!(
            sum(&settlement, |p| p.award),
            sum(&settlement, |p| p.paid) + sum(&settlement, |p| p.due_before_offset)
                - sum(&settlement, |p| p.overpaid)
                + sum(&settlement, |p| p.settled_difference)
        );
    }

    #[test]
    fn no_more_is_payable_now_than_there_is_cash(terms in terms()) {
        let settlement = settle(&terms).unwrap();
        let paid: i64 = terms.paid.values().map(|paid| paid.cents()).sum();
        let cash = terms.available.cents() - paid;
        prop_assert!(sum(&settlement, |p| p.payable_now) <= cash.max(0));
        // Less than a cent a payee stays over where the cash does not cover the dues.
        let dues = sum(&settlement, |p| p.due);
        if dues > cash && cash > 0 {
            let left = cash - sum(&settlement, |p| p.payable_now);
            prop_assert!(left < i64::try_from(settlement.payees.len()).unwrap());
        } else if dues <= cash {
            prop_assert_eq!(sum(&settlement, |p| p.payable_now), dues);
        }
    }

    #[test]
    fn every_payee_of_any_list_has_one_line_and_nobody_else_has(terms in terms()) {
        let settlement = settle(&terms).unwrap();
        let mut codes: Vec<&String> =
            [&terms.awards, &terms.paid, &terms.opening].into_iter().flat_map(BTreeMap::keys).collect();
        codes.sort();
        codes.dedup();
        let lines: Vec<&String> = settlement.payees.iter().map(|line| &line.payee).collect();
        prop_assert_eq!(lines, codes);
    }

    #[test]
    fn no_payee_is_owed_and_owes_for_the_same_year(terms in terms()) {
        for line in settle(&terms).unwrap().payees {
            prop_assert!(line.due_before_offset == Money::ZERO || line.overpaid == Money::ZERO);
            prop_assert_eq!(line.payable_now + line.after_recovery, line.due);
            prop_assert_eq!(line.due + line.offset, line.due_before_offset);
            prop_assert_eq!(line.to_recover + line.carried + line.waived, line.open);
        }
    }

    #[test]
    fn what_a_letter_works_out_from_a_settlements_file_is_what_was_settled(terms in terms()) {
        let lines = settle(&terms).unwrap().payees;
        let folder = read_back(&terms, &lines);
        for (written, line) in folder.lines.iter().zip(&lines) {
            let difference = folder.settled_difference_of(written);
            let (offset, owed_before) = (folder.offset_of(written), folder.owed_before_of(written));
            prop_assert_eq!(difference, line.settled_difference);
            prop_assert_eq!(offset, line.offset);
            prop_assert_eq!(owed_before, line.opening - line.offset);
            // Award, payments, difference, taken off and still owed: what is left is due, or owed where it is below zero.
            prop_assert_eq!(
                written.award - written.paid - difference - offset - owed_before,
                written.payable_now + written.after_recovery
                    - written.to_recover - written.carried - written.waived
            );
        }
    }

    #[test]
    fn another_payees_overpayment_changes_what_is_due_to_nobody(terms in terms(), extra in 1_i64..100_000) {
        let before = settle(&terms).unwrap();
        let mut more = terms.clone();
        more.paid.insert("9990".to_string(), Money::from_cents(extra));
        let after = settle(&more).unwrap();
        for line in before.payees {
            let same = after.payees.iter().find(|other| other.payee == line.payee).unwrap();
            prop_assert_eq!(line.due, same.due);
            prop_assert_eq!(line.open, same.open);
        }
    }
}

/// A report of the vector with full funding: 3,200.00 for 0010 and 1,200.00 for 0020 of 10,000.00.
fn with_report() -> tempfile::TempDir {
    report_of("02-full-funding")
}

fn settled(folder: &tempfile::TempDir, paid: &str) -> std::process::Output {
    settled_by(folder, paid, &[])
}

/// The same with further options.
fn settled_by(folder: &tempfile::TempDir, paid: &str, more: &[&str]) -> std::process::Output {
    std::fs::write(folder.path().join("paid.csv"), paid).unwrap();
    let arguments = [&["settle", "report", "--paid", "paid.csv"], more].concat();
    cdip(folder.path(), &arguments)
}

/// A file of the settlement.
fn written(folder: &tempfile::TempDir, name: &str) -> String {
    std::fs::read_to_string(folder.path().join("report-settlement").join(name)).unwrap()
}

#[test]
fn what_was_paid_before_is_taken_off_the_award_and_what_was_paid_too_much_comes_back() {
    let folder = with_report();
    let paid = "Payee,Date,Amount,Reference,Budget Year\n10,2024-09-01,3000.00,W1,\n20,9/2/2024,1300.00,W2,2024-25\n20,2023-09-02,5.00,W0,2023-24\n";
    let output = settled(&folder, paid);
    assert!(output.status.success(), "{output:?}");
    let read = |name: &str| written(&folder, name);
    // 3,200 - 3,000 = 200 due to 0010; 1,300 - 1,200 = 100 overpaid to 0020; the 5.00 of another year do not count.
    assert_eq!(
        read("settlement.csv"),
        "payee,name,vendor,award,paid,due,payable_now,after_recovery,to_recover,carried\n\
         0010,District 0010,,3200.00,3000.00,200.00,200.00,0.00,0.00,0.00\n\
         0020,District 0020,,1200.00,1300.00,0.00,0.00,0.00,100.00,0.00\n"
    );
    assert_eq!(
        read("journal.csv"),
        "date,reference,account,description,debit,credit,payee,vendor\n\
         2024-09-15,CDIP-2024-25-0010,Program expenditure,Award not yet paid,200.00,0.00,0010,\n\
         2024-09-15,CDIP-2024-25-0010,Accounts payable,Award payable now,0.00,200.00,0010,\n\
         2024-09-15,CDIP-2024-25-0020,Accounts receivable,Overpayment to be returned,100.00,0.00,0020,\n\
         2024-09-15,CDIP-2024-25-0020,Program expenditure,Overpayment to be returned,0.00,100.00,0020,\n"
    );
    assert_eq!(read("carried-next.csv"), "Payee,Amount\n");
    // The payment of another year is counted on the screen and listed on the sheet. Day 45171 of a spreadsheet is September 2, 2023.
    let said = stdout(&output);
    let told = "\n1 payment of another budget year not counted: see the sheet Payments made\n";
    assert!(said.contains(told), "{said}");
    let path = folder.path().join("report-settlement/settlement.xlsx");
    let mut book: calamine::Xlsx<_> = calamine::open_workbook(path).unwrap();
    let sheet = calamine::Reader::worksheet_range(&mut book, "Payments made").unwrap();
    let listed = sheet.rows().find(|row| row[5] == *"W0").unwrap();
    let listed: Vec<String> = listed.iter().map(ToString::to_string).collect();
    assert_eq!(
        listed.join("|"),
        "4|0020|District 0020|45171|5|W0|2023-24|no|"
    );
}

#[test]
fn every_fault_of_the_payments_is_told_at_once_with_its_cell_and_nothing_is_written() {
    let folder = with_report();
    let output = settled(
        &folder,
        "Payee,Date,Amount,Reference\n10,2024-10-01,3000.00,W1\n20,9/2/2024,1300.005,W2\n20,9/3/2024,1.00,W3\n20,9/3/2024,1.00,W3\n30,2024-09-02,-50,W9\n",
    );
    assert_eq!(output.status.code(), Some(2));
    let said = stderr(&output);
    for (message, place) in [
        (
            "the payment of 2024-10-01 is after the report's run date, 2024-09-15",
            "paid.csv, line 2, field 2 (Date)",
        ),
        (
            "\"1300.005\" has more than two decimals",
            "paid.csv, line 3, field 3 (Amount)",
        ),
        (
            "one payment to 0020 is listed twice",
            "paid.csv, line 4, field 4 (Reference)\n  --> paid.csv, line 5, field 4 (Reference)",
        ),
        (
            "the payments to 0030 sum to -$50.00, below zero",
            "paid.csv, line 6, field 3 (Amount)",
        ),
    ] {
        assert!(
            said.contains(message) && said.contains(place),
            "{message}: {said}"
        );
    }
    assert!(!folder.path().join("report-settlement").exists());
}

#[test]
fn payments_below_zero_are_told_at_a_line_that_counts_and_took_money_back() {
    let folder = with_report();
    // 100 - 200 = -100; the 5.00 are of another year, and the 30.00 are not what is wrong. Of 0030: -50, with a code as spreadsheets write it.
    let output = settled(
        &folder,
        "Payee,Date,Amount,Reference,Budget Year\n20,2024-09-01,70.00,W1,\n20,2024-09-02,-200.00,V1,2024-25\n20,2024-09-03,30.00,W2,\n\
         20,2023-09-02,-5.00,V0,2023-24\n30.0,2024-09-02,-50.00,V2,\n",
    );
    assert_eq!(output.status.code(), Some(2));
    let said = stderr(&output);
    for told in [
        "the payments to 0020 sum to -$100.00, below zero\n  --> paid.csv, line 3, field 3 (Amount)\n",
        "the payments to 0030 sum to -$50.00, below zero\n  --> paid.csv, line 6, field 3 (Amount)\n",
    ] {
        assert!(said.contains(told), "{said}");
    }
}

#[test]
fn a_sum_below_zero_is_not_told_of_a_payee_whose_lines_have_another_mistake() {
    // The line that cannot be read may bring the sum above zero, and of the payment that is listed twice one goes: 80 - 50 = 30.
    for (lines, mistake) in [
        (
            "20,9/2/2024,1300.005,W2\n20,2024-09-03,-50,V1\n",
            "\"1300.005\" has more than two decimals",
        ),
        (
            "2x,9/2/2024,1300.00,W2\n20,2024-09-03,-50,V1\n",
            "Payee is a text of 2 characters, not 4 digits",
        ),
        (
            "20,9/2/2024,80.00,W2\n20,2024-09-03,-50,V1\n20,2024-09-03,-50,V1\n",
            "one payment to 0020 is listed twice",
        ),
    ] {
        let folder = with_report();
        let output = settled(&folder, &format!("Payee,Date,Amount,Reference\n{lines}"));
        assert_eq!(output.status.code(), Some(2));
        let said = stderr(&output);
        assert!(said.contains(mistake), "{said}");
        assert!(!said.contains("below zero"), "{said}");
    }
}

#[test]
fn an_empty_amount_is_called_empty_in_the_payments_and_in_the_opening_balances() {
    let folder = with_report();
    std::fs::write(
        folder.path().join("owed.csv"),
        "Payee,Amount\n10,\n20,five\n",
    )
    .unwrap();
    let output = settled_by(
        &folder,
        "Payee,Date,Amount,Reference\n10,2024-09-01,,W1\n",
        &["--carried", "owed.csv"],
    );
    assert_eq!(output.status.code(), Some(2));
    let said = stderr(&output);
    for told in [
        "Amount is empty\n  --> paid.csv, line 2, field 3 (Amount)\n",
        "Amount is empty\n  --> owed.csv, line 2, field 2 (Amount)\n",
        "\"five\" is not an amount in dollars such as \"9500000.00\"\n  --> owed.csv, line 3, field 2 (Amount)\n",
    ] {
        assert!(said.contains(told), "{said}");
    }
}

#[test]
fn amounts_are_read_as_accounting_systems_write_them() {
    let folder = with_report();
    let output = settled(
        &folder,
        "Payee,Date,Amount,Reference\n10,2024-09-01,\"$3,200.00\",W1\n20,2024-09-01,\"1,300.00\",W2\n20,2024-09-02,\"($100.00)\",W3\n",
    );
    assert!(output.status.success(), "{output:?}");
    // 0010: 3,200 - 3,200 = 0. 0020: 1,200 - (1,300 - 100) = 0.
    assert_eq!(
        written(&folder, "settlement.csv"),
        "payee,name,vendor,award,paid,due,payable_now,after_recovery,to_recover,carried\n\
         0010,District 0010,,3200.00,3200.00,0.00,0.00,0.00,0.00,0.00\n\
         0020,District 0020,,1200.00,1200.00,0.00,0.00,0.00,0.00,0.00\n"
    );
}

#[test]
fn a_payee_that_the_report_does_not_name_is_told_and_owes_all_that_it_was_paid() {
    let folder = with_report();
    let output = settled(
        &folder,
        "Payee,Date,Amount,Reference\n10,2024-09-01,3200.00,W1\n9999,2024-09-01,5.00,W2\n9999,2024-09-02,6.00,W3\n",
    );
    assert!(output.status.success(), "{output:?}");
    let said = stderr(&output);
    assert_eq!(
        said,
        "warning: 9999 was paid, but it is not a payee or a participant of the report\n  --> paid.csv, line 3, field 1 (Payee)\n   \
         = fix: correct the Payee; if it is right, the settlement treats all that 9999 was paid as an overpayment\n"
    );
    // 5 + 6 = 11.
    assert!(
        written(&folder, "settlement.csv").contains("9999,,,0.00,11.00,0.00,0.00,0.00,11.00,0.00")
    );
}

#[test]
fn an_opening_balance_of_a_payee_that_the_report_does_not_name_is_told() {
    let folder = with_report();
    std::fs::write(
        folder.path().join("owed.csv"),
        "Payee,Amount\n10,7.00\n9999,5.00\n",
    )
    .unwrap();
    let paid = "Payee,Date,Amount,Reference\n10,2024-09-01,3200.00,W1\n";
    let output = settled_by(&folder, paid, &["--carried", "owed.csv"]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(
        stderr(&output),
        "warning: 9999 owes from an earlier year, but it is not a payee or a participant of the report\n  --> owed.csv\n   \
         = fix: correct the Payee; if it is right, 9999 has no award that its debt could be taken off\n"
    );
    assert!(
        written(&folder, "settlement.csv").contains("9999,,,0.00,0.00,0.00,0.00,0.00,5.00,0.00")
    );
}

#[test]
fn a_settlement_says_which_one_it_replaced_and_letters_never_replace_it() {
    let folder = with_report();
    let paid = "Payee,Date,Amount,Reference\n10,2024-09-01,3200.00,W1\n";
    let said = |paid: &str| stderr(&settled(&folder, paid));
    assert_eq!(said(paid), "");
    assert_eq!(said(paid), "", "the same again replaces nothing");
    let receipt = cdip::hash::sha256_hex(written(&folder, "receipt.json").as_bytes());
    assert_eq!(
        said(&format!("{paid}20,2024-09-01,1200.00,W2\n")),
        format!(
            "replaced: report-settlement, which had receipt {}\n",
            &receipt[..12]
        )
    );
    let before = tree(folder.path());
    let output = cdip(
        folder.path(),
        &["letters", "report", "--out", "report-settlement"],
    );
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert_eq!(
        stderr(&output),
        "error: the folder holds a settlement\n  --> report-settlement\n   \
         = fix: give another --out: a folder is replaced only by one of its own kind\n"
    );
    assert!(tree(folder.path()) == before);
}

#[test]
fn a_settlement_with_an_unknown_recovery_is_not_made_again_with_another() {
    let folder = with_report();
    settled(&folder, "Payee,Date,Amount,Reference\n");
    let known = written(&folder, "receipt.json");
    let unknown = known.replace("\"recovery\": \"now\"", "\"recovery\": \"later\"");
    assert!(known != unknown);
    std::fs::write(
        folder.path().join("report-settlement/receipt.json"),
        unknown,
    )
    .unwrap();
    let verify = ["verify", "report-settlement", "--report", "report"];
    let output = cdip(
        folder.path(),
        &[&verify[..], &["--paid", "paid.csv"]].concat(),
    );
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains("error: the settlement was made with an unknown recovery, \"later\"\n"),
        "{said}"
    );
}

#[test]
fn what_is_waived_has_its_column_its_line_and_its_payee_in_the_receipt() {
    let folder = with_report();
    let output = settled_by(
        &folder,
        "Payee,Date,Amount,Reference\n20,2024-09-01,1300.00,W1\n",
        &["--recovery", "none"],
    );
    // 1,300 - 1,200 = 100.
    let said = stdout(&output);
    assert!(
        said.contains("Waived                     $100.00  1 payee\n"),
        "{said}"
    );
    let path = folder.path().join("report-settlement/settlement.xlsx");
    let mut book: calamine::Xlsx<_> = calamine::open_workbook(path).unwrap();
    let sheet = calamine::Reader::worksheet_range(&mut book, "Settlement").unwrap();
    let last = |name: &str| {
        let mut rows = sheet.rows();
        let row = rows.find(|row| row.iter().any(|cell| *cell == name));
        row.unwrap().last().unwrap().to_string()
    };
    assert_eq!(
        (last("Payee").as_str(), last("0020").as_str()),
        ("Waived", "100")
    );
    let receipt: serde_json::Value =
        serde_json::from_str(&written(&folder, "receipt.json")).unwrap();
    assert_eq!(
        receipt["predicate"]["waived"],
        serde_json::json!({ "0020": "100.00" })
    );
}

#[test]
fn the_supplements_pool_is_money_of_the_settlement_and_the_institute_has_its_name_without_an_award()
{
    let folder = report_of("12-supplement");
    let output = settled(
        &folder,
        "Payee,Date,Amount,Reference\n8001,2024-09-01,5.00,W1\n",
    );
    // The report has no institute charter, so the institute is told like any other payee that it does not name.
    let warned = stderr(&output);
    assert!(
        warned.starts_with(
            "warning: 8001 was paid, but it is not a payee or a participant of the report\n"
        ),
        "{warned}"
    );
    // 10,000.00 + 900.00 - 5.00 = 10,895.00 are left; the dues of 5,100.00 take nothing from the line.
    let said = stdout(&output);
    assert!(
        said.contains("Money left              $10,895.00"),
        "{said}"
    );
    // Each award with its supplement: 1,000.00 + 281.25, 2,200.00 + 618.75, and 1,000.00 without one.
    assert_eq!(
        written(&folder, "settlement.csv"),
        "payee,name,vendor,award,paid,due,payable_now,after_recovery,to_recover,carried\n\
         0010,District 0010,,1281.25,0.00,1281.25,1281.25,0.00,0.00,0.00\n\
         0020,District 0020,,2818.75,0.00,2818.75,2818.75,0.00,0.00,0.00\n\
         0030,District 0030,,1000.00,0.00,1000.00,1000.00,0.00,0.00,0.00\n\
         8001,Charter School Institute,,0.00,5.00,0.00,0.00,0.00,5.00,0.00\n"
    );
}

#[test]
fn a_payment_of_the_run_date_counts_and_one_that_was_taken_back_whole_leaves_the_award_due() {
    let folder = with_report();
    let output = settled(
        &folder,
        "Payee,Date,Amount,Reference\n10,2024-09-15,3200.00,W1\n20,2024-09-01,1200.00,W2\n20,2024-09-02,-1200.00,V2\n",
    );
    assert!(output.status.success(), "{output:?}");
    // 0010: 3,200 - 3,200 = 0. 0020: 1,200 - (1,200 - 1,200) = 1,200.
    assert_eq!(
        written(&folder, "settlement.csv"),
        "payee,name,vendor,award,paid,due,payable_now,after_recovery,to_recover,carried\n\
         0010,District 0010,,3200.00,3200.00,0.00,0.00,0.00,0.00,0.00\n\
         0020,District 0020,,1200.00,0.00,1200.00,1200.00,0.00,0.00,0.00\n"
    );
}

#[test]
fn what_is_carried_or_waived_is_a_formula_of_the_payments_in_the_workbook() {
    for (recovery, heading) in [("next_year", "Carried to next year"), ("none", "Waived")] {
        let folder = with_report();
        let paid = "Payee,Date,Amount,Reference\n20,2024-09-01,1300.00,W1\n";
        settled_by(&folder, paid, &["--recovery", recovery]);
        let path = folder.path().join("report-settlement/settlement.xlsx");
        let mut book: calamine::Xlsx<_> = calamine::open_workbook(path).unwrap();
        let sheet = calamine::Reader::worksheet_range(&mut book, "Settlement").unwrap();
        let formulas = calamine::Reader::worksheet_formula(&mut book, "Settlement").unwrap();
        let find = |text: &str| {
            let mut cells = sheet.used_cells();
            let (row, column, _) = cells.find(|(.., cell)| **cell == *text).unwrap();
            (u32::try_from(row).unwrap(), u32::try_from(column).unwrap())
        };
        let (top, left) = sheet.start().unwrap();
        let at = (find("0020").0 + top, find(heading).1 + left);
        // Paid (E) less the award (D): 1,300 - 1,200 = 100.
        let formula = formulas.get_value(at).unwrap();
        let difference = format!("E{0}-D{0}", at.0 + 1);
        assert!(formula.contains(&difference), "{recovery}: {formula}");
        assert_eq!(
            sheet.get_value(at).unwrap().to_string(),
            "100",
            "{recovery}"
        );
    }
}

#[test]
fn who_is_paid_for_a_charter_that_earns_nothing_is_no_stranger() {
    let row = |district: &str, school: &str, number: u32| {
        pupil(number)
            .with(Field::DistrictCode, district)
            .with(Field::SchoolCode, school)
            .with(Field::Grade, "8")
    };
    // Nobody in grade 8 earns anything, so neither charter does. The list, not the report, has the name of 0010.
    let list = "District Code,School Code,Name,Kind,Participating,Requires Completion For Graduation\n\
                0010,,First District,district,N,N\n0010,4500,District Charter,district_charter,Y,N\n\
                8001,4600,Institute Charter,institute_charter,Y,N\n";
    let folder = TestBatch::new()
        .participants(list)
        .rows("submissions/0010.csv", &[row("0010", "4500", 1)])
        .rows("submissions/8001.csv", &[row("8001", "4600", 2)])
        .with_report();
    let output = settled(
        &folder,
        "Payee,Date,Amount,Reference\n10,2024-09-01,5.00,W1\n8001,2024-09-01,7.00,W2\n",
    );
    assert!(output.status.success(), "{output:?}");
    assert_eq!(stderr(&output), "");
    assert!(written(&folder, "settlement.csv").ends_with(
        "0010,,,0.00,5.00,0.00,0.00,0.00,5.00,0.00\n\
             8001,Charter School Institute,,0.00,7.00,0.00,0.00,0.00,7.00,0.00\n"
    ));
}
