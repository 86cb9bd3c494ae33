//! An office's whole year, run with the commands: a preliminary run, decisions, a final report, payments, a late file, a second
//! final report, settlement, letters, and the next year's run and settlement. Every cent is accounted for.

use std::fs;
use std::path::Path;

use crate::audit_sample::sheet;
use crate::support::{cdip, put, stderr, stdout};

const HEADINGS: &str = "District Code,School Code,SASID,Grade,Program Code,Completion Date,Free/Reduced Lunch,Graduation Credit,AP Exam Score\n";
const PROGRAMS: &str = "Program Code,Program Name,Category,Sector,Top 10,First School Year,Last School Year\n\
    IC1,\"Welding, entry level\",industry_credential,Skilled trades,Y,,\n\
    WT1,Internship,internship,Business,N,,\n\
    AP1,AP Computer Science A,ap_course,Information technology,N,,\n";
const PARTICIPANTS: &str = "District Code,School Code,Name,Kind,Participating,Requires Completion For Graduation,Vendor,Address\n\
    0010,,Alder District,district,Y,N,V-10,1 Main Street; Alder CO 80001\n\
    0020,,Birch District,district,Y,N,V-20,\n\
    0020,4500,Birch Charter,district_charter,Y,N,,\n";

struct Office {
    folder: tempfile::TempDir,
}

impl Office {
    fn file(&self, path: &str, content: &str) {
        put(self.folder.path(), path, content);
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.folder.path().join(path)).unwrap()
    }

    /// Runs a command; gives its exit status and what it wrote to standard error.
    fn does(&self, command: &str) -> (i32, String) {
        let words: Vec<&str> = command.split(' ').collect();
        let output = cdip(self.folder.path(), &words);
        let said = stderr(&output);
        (output.status.code().unwrap(), said)
    }

    fn succeeds(&self, command: &str) {
        let (status, said) = self.does(command);
        assert_eq!(status, 0, "{command}: {said}");
    }

    /// What a command that succeeds writes to standard output.
    fn says(&self, command: &str) -> String {
        let words: Vec<&str> = command.split(' ').collect();
        let output = cdip(self.folder.path(), &words);
        assert_eq!(output.status.code(), Some(0), "{command}");
        stdout(&output)
    }

    /// The first twelve characters of the SHA-256 of a report's receipt.
    fn receipt(&self, report: &str) -> String {
        let receipt = self.read(&format!("{report}/receipt.json"));
        cdip::hash::sha256_hex(receipt.as_bytes())[..12].to_string()
    }

    /// The rows of a sheet of a report's workbook, as texts.
    fn sheet(&self, report: &str, name: &str) -> Vec<Vec<String>> {
        let path = self.folder.path().join(report).join("statewide.xlsx");
        sheet(&path, name)
    }

    /// The column of a csv file whose lines begin with payee and name: by payee.
    fn amounts(&self, path: &str, column: &str) -> Vec<(String, String)> {
        let text = self.read(path);
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let headings = reader.headers().unwrap().clone();
        let at = headings
            .iter()
            .position(|heading| heading == column)
            .unwrap();
        let records = reader.records().map(Result::unwrap);
        records
            .map(|record| (record[0].to_string(), record[at].to_string()))
            .collect()
    }
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(payee, amount): &(&str, &str)| ((*payee).to_string(), (*amount).to_string());
    pairs.iter().map(owned).collect()
}

/// The batch of the first year: 3,600.00, one rejected row, and a cap that binds nobody.
fn first_year() -> Office {
    let office = Office {
        folder: tempfile::tempdir().unwrap(),
    };
    office.file(
        "2024/batch.toml",
        "rules = \"2024-25\"\navailable = \"3600.00\"\nrun_date = 2024-09-15\nlabel = \"Year one\"\nprepared_by = \"A. Analyst\"\n\
         [readings]\ncap_applies_to = []\n\
         [office]\nname = \"Incentive Office\"\ncontact = \"office@example.org\"\nappeal_until = 2024-10-31\n\
         [accounting]\nexpenditure = \"5100\"\npayable = \"2010\"\nreceivable = \"1300\"\n\
         columns = [{ heading = \"Fund\", value = \"1000\" }, { heading = \"Account\", from = \"account\" }, { heading = \"Dr\", from = \"debit\" }, { heading = \"Cr\", from = \"credit\" }, { heading = \"Supplier\", from = \"vendor\" }]\n",
    );
    office.file("2024/qualified-programs.csv", PROGRAMS);
    office.file("2024/participants.csv", PARTICIPANTS);
    office.file(
        "2024/submissions/0010.csv",
        &format!("{HEADINGS}0010,0101,1352407001,11,IC1,2024-03-01,N,Y,\n0010,0101,1352407002,Alumni,IC1,2024-03-02,N,Y,\n"),
    );
    office.file(
        "2024/submissions/0020.csv",
        &format!("{HEADINGS}0020,0101,1352407003,11,WT1,2024-03-01,Y,Y,\n0020,4500,1352407004,12,AP1,2024-05-07,N,Y,4\n"),
    );
    office
}

/// The journal under the office's own headings; its debits are its credits.
fn journal_balances(office: &Office, path: &str) -> i64 {
    let text = office.read(path);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let cents = |text: &str| text.replace('.', "").parse::<i64>().unwrap();
    let (mut debits, mut credits) = (0, 0);
    for record in reader.records().map(Result::unwrap) {
        debits += cents(&record[2]);
        credits += cents(&record[3]);
    }
    assert_eq!(debits, credits, "{path}");
    debits
}

#[test]
fn an_office_accounts_for_every_cent_of_two_years() {
    let office = first_year();

    // Preliminary: grade "Alumni" cannot be read. 1,000 + 1,200 + 1,000 = 3,200 of 3,600.
    let (status, _) = office.does("run 2024 --out report --require-final");
    assert_eq!(status, 1);
    let folder = office.folder.path();
    assert!(!Path::new(&folder.join("report/payments.csv")).exists());
    office.succeeds("letters report");
    assert!(
        office
            .read("report-letters/letters-PRELIMINARY.html")
            .contains("DRAFT.")
    );

    // The decision corrects the grade; the first final report: tier 1 takes 2,000, tier 2 1,200, tier 3 the 400 that are left.
    office.file(
        "2024/resolutions.csv",
        "Source File,Source Row,Column,Was,Becomes,Decision,Reason,Approved By,Date\n\
         submissions/0010.csv,3,Grade,Alumni,12,correct,The district's transcript says senior,Director,2024-09-12\n",
    );
    office.succeeds("run 2024 --out report --require-final");
    assert_eq!(
        office.amounts("report/payments.csv", "amount"),
        pairs(&[("0010", "2000.00"), ("0020", "1600.00")])
    );
    assert_eq!(
        office.amounts("report/payments.csv", "vendor"),
        pairs(&[("0010", "V-10"), ("0020", "V-20")])
    );

    // Paid as it says: 3,600, all there is. Then a late file comes; the paid report is not replaced unasked.
    office.file(
        "paid.csv",
        "Payee,Date,Amount,Reference\n0010,2024-09-14,2000.00,W1\n0020,2024-09-14,1600.00,W2\n",
    );
    office.file(
        "2024/submissions/0010 late.csv",
        &format!("{HEADINGS}0010,0101,1352407005,10,IC1,2024-04-01,N,Y,\n"),
    );
    let (status, said) = office.does("run 2024 --out report --require-final");
    assert_eq!(status, 2, "{said}");
    // Tier 1 takes 3,000; the pupil with lunch aid gets the 600 that are left: 600 / 1.2 = 500 the unit, 1.2 x 500 = 600.
    let replaced = office.receipt("report");
    let said = office.says("run 2024 --out report --require-final --replace");
    assert!(
        said.ends_with(&format!(
            "\nIt replaced the FINAL report with receipt {replaced}.\n"
        )),
        "{said}"
    );
    assert_eq!(
        office.amounts("report/payments.csv", "amount"),
        pairs(&[("0010", "3000.00"), ("0020", "600.00")])
    );

    // Settlement: 1,000 due to 0010, for which no cash is left before 0020 returns the 1,000 that it was paid too much.
    office.succeeds("settle report --paid paid.csv --recovery next_year");
    for (column, first, second) in [
        ("award", "3000.00", "600.00"),
        ("paid", "2000.00", "1600.00"),
        ("due", "1000.00", "0.00"),
        ("payable_now", "0.00", "0.00"),
        ("after_recovery", "1000.00", "0.00"),
        ("to_recover", "0.00", "0.00"),
        ("carried", "0.00", "1000.00"),
    ] {
        assert_eq!(
            office.amounts("report-settlement/settlement.csv", column),
            pairs(&[("0010", first), ("0020", second)]),
            "{column}"
        );
    }
    assert_eq!(
        office.read("report-settlement/journal.csv"),
        "Fund,Account,Dr,Cr,Supplier\n\
         1000,5100,1000.00,0.00,V-10\n\
         1000,2010,0.00,1000.00,V-10\n\
         1000,1300,1000.00,0.00,V-20\n\
         1000,5100,0.00,1000.00,V-20\n"
    );
    assert_eq!(
        journal_balances(&office, "report-settlement/journal.csv"),
        200_000
    );

    // Letters: an address, what waits for recovery, and what is carried.
    office.succeeds("letters report --settlement report-settlement");
    let letters = office.read("report-letters/letters.html");
    for said in [
        "1 Main Street<br>\nAlder CO 80001<br>",
        "<td>Payable later, when other payees have returned money</td><td>$1,000.00</td>",
        "<td>You owe the state; we take it off next year&#x27;s award</td><td>$1,000.00</td>",
        "Birch Charter",
    ] {
        let plain = said.replace("&#x27;", "'");
        assert!(letters.contains(&plain), "{plain}");
    }

    // Next year's ledger: the four paid completions; the AP course was left without money and may come again.
    assert_eq!(
        office.read("report/prior-payments-next.csv"),
        "SASID,Program Code,Budget Year\n1352407001,IC1,2024-25\n1352407002,IC1,2024-25\n1352407003,WT1,2024-25\n1352407005,IC1,2024-25\n"
    );
    next_year(&office);
}

/// The second year pays nobody twice, and takes off what 0020 owes.
fn next_year(office: &Office) {
    office.file(
        "2025/batch.toml",
        "rules = \"2025-26\"\navailable = \"5000.00\"\nrun_date = 2025-09-15\nlabel = \"Year two\"\nprevious_receipt = \"../report/receipt.json\"\n[readings]\ncap_applies_to = []\n",
    );
    office.file("2025/qualified-programs.csv", PROGRAMS);
    office.file(
        "2025/participants.csv",
        &PARTICIPANTS.replace(
            "0010,,Alder District,district,Y",
            "0010,,Alder District,district,N",
        ),
    );
    office.file(
        "2025/prior-payments.csv",
        &office.read("report/prior-payments-next.csv"),
    );
    office.file(
        "2025/submissions/0020.csv",
        &format!("{HEADINGS}0020,0101,1352407003,12,WT1,2024-09-10,Y,Y,\n0020,4500,1352407006,12,AP1,2025-05-07,N,Y,5\n"),
    );
    let said = office.says("run 2025 --out next --require-final");
    let before = office.receipt("report");
    for line in [
        format!(
            "Checked against 4 prior payments: prior-payments-next.csv of the report before (FINAL, receipt {before})."
        ),
        // Of the first year's 3,000 + 1,200 + 1,000 = 5,200, 3,600 were paid: 69.2 percent.
        format!(
            "The report before (2024-25, FINAL, receipt {before}): $3,600.00 paid, 69.2% of its demand. Now: $1,000.00, 100.0%. More on sheet Board."
        ),
    ] {
        assert!(said.contains(&line), "{said}");
    }
    compares_both_years(office);
    office.succeeds("verify next --batch 2025");
    // The internship was paid in 2024-25 (N309); the AP course is paid 1,000.
    assert!(
        office
            .read("next/completions.csv")
            .contains("not_qualified,N309")
    );
    assert_eq!(
        office.amounts("next/payments.csv", "amount"),
        pairs(&[("0020", "1000.00")])
    );
    office.file("paid-next.csv", "Payee,Date,Amount,Reference\n");
    office
        .succeeds("settle next --paid paid-next.csv --carried report-settlement/carried-next.csv");
    // 1,000 awarded, 1,000 owed from the year before: nothing is due and nothing is owed any more.
    for (column, amount) in [
        ("award", "1000.00"),
        ("due", "0.00"),
        ("to_recover", "0.00"),
        ("carried", "0.00"),
    ] {
        assert_eq!(
            office.amounts("next-settlement/settlement.csv", column),
            pairs(&[("0020", amount)]),
            "{column}"
        );
    }
    // Awards of both years 3,600 + 1,000 = 4,600 = 3,600 paid + 1,000 still payable to 0010.
    let receivable = office.read("next-settlement/journal.csv");
    assert!(
        receivable.contains(
            "Accounts receivable,Balance of an earlier year taken off the award,0.00,1000.00,0020"
        ),
        "{receivable}"
    );
    office.succeeds("letters next --settlement next-settlement --since report");
    let packet = office.read("next-letters/packet.html");
    assert!(packet.contains("the report that this batch names as the one before"));
    assert!(
        office
            .read("next-letters/letters.html")
            .contains("Award for budget year 2024-25: $600.00 (change +$400.00)")
    );
}

/// The first page of the workbook has the figures of both years, and says so where those of the year before are not at hand.
fn compares_both_years(office: &Office) {
    let board = office.sheet("next", "Board");
    let figures = |name: &str| {
        let row = board.iter().find(|row| row[0] == name);
        row.unwrap_or_else(|| panic!("no figure {name}"))[1..4].to_vec()
    };
    // Now, before, change.
    assert_eq!(
        figures("Figure"),
        ["Now, 2025-26", "Before, 2024-25", "Change"]
    );
    for (name, expected) in [
        ("Money available", ["5000", "3600", "1400"]),
        ("Demand at the full amount", ["1000", "5200", "-4200"]),
        ("Paid by the tiers", ["1000", "3600", "-2600"]),
        ("Shortfall", ["0", "1600", "-1600"]),
        // Tier 2 was paid 600 of 1,200; now nobody asks for anything.
        ("Share of demand paid, tier 2", ["", "0.5", ""]),
        ("Pupils paid", ["1", "4", "-3"]),
        ("Completions paid", ["1", "4", "-3"]),
        ("Rows submitted", ["2", "5", "-3"]),
        ("Payees", ["1", "2", "-1"]),
    ] {
        assert_eq!(figures(name), expected, "{name}");
    }
    // A receipt alone is no report: there is nothing to compare with, and a ledger that it does not know is doubtful.
    office.file("alone/receipt.json", &office.read("report/receipt.json"));
    for (path, content) in [
        (
            "batch.toml",
            office
                .read("2025/batch.toml")
                .replace("../report", "../alone"),
        ),
        (
            "qualified-programs.csv",
            office.read("2025/qualified-programs.csv"),
        ),
        ("participants.csv", office.read("2025/participants.csv")),
        (
            "prior-payments.csv",
            "SASID,Program Code,Budget Year\n1352407001,IC1,2024-25\n".to_string(),
        ),
        (
            "submissions/0020.csv",
            office.read("2025/submissions/0020.csv"),
        ),
    ] {
        office.file(&format!("2025b/{path}"), &content);
    }
    let said = office.says("run 2025b --out alone-next");
    for line in [
        "Checked against 1 prior payment. The ledger is not prior-payments-next.csv of the report before",
        "The report before is not at hand to compare with: its files are not next to its receipt.",
    ] {
        assert!(said.contains(line), "{said}");
    }
    let board = office.sheet("alone-next", "Board");
    assert!(
        board
            .iter()
            .any(|row| row[0] == "The report before" && row[1].starts_with("Not available:"))
    );
}

#[test]
fn a_batch_never_replaces_the_report_that_it_names_as_the_one_before() {
    let office = first_year();
    office.file(
        "2024/resolutions.csv",
        "Source File,Source Row,Decision,Reason,Approved By,Date\nsubmissions/0010.csv,3,deny,No such grade,Director,2024-09-12\n",
    );
    office.succeeds("run 2024 --out report --require-final");
    let settings = office.read("2024/batch.toml");
    office.file(
        "2024/batch.toml",
        &format!("previous_receipt = \"../report/receipt.json\"\n{settings}"),
    );
    let before = office.read("report/receipt.json");
    let (status, said) = office.does("run 2024 --out report --replace");
    assert_eq!(status, 2);
    assert!(
        said.contains("names the report in this folder as the one before"),
        "{said}"
    );
    assert_eq!(office.read("report/receipt.json"), before);
}

#[test]
fn a_district_paid_only_for_its_charter_school_is_asked_to_pass_the_money_on() {
    let office = first_year();
    office.file(
        "2024/submissions/0010.csv",
        &format!("{HEADINGS}0010,0101,1352407001,11,IC1,2024-03-01,N,Y,\n"),
    );
    office.file(
        "2024/submissions/0020.csv",
        &format!("{HEADINGS}0020,4500,1352407004,12,AP1,2024-05-07,N,Y,4\n"),
    );
    office.succeeds("run 2024 --out report");
    office.succeeds("letters report");
    let letters = office.read("report-letters/letters-PRELIMINARY.html");
    let (alder, birch) = letters.split_once("Birch District").unwrap();
    let asked = "This award includes money for charter schools. Please pass it on to the schools.";
    assert!(birch.contains(asked), "{birch}");
    assert!(!alder.contains(asked), "{alder}");
}

#[test]
fn a_column_of_the_journal_that_there_is_not_is_told_with_its_line() {
    let office = first_year();
    let settings = office
        .read("2024/batch.toml")
        .replace("from = \"debit\"", "from = \"debt\"");
    office.file("2024/batch.toml", &settings);
    let (status, said) = office.does("run 2024 --out report");
    assert_eq!(status, 2);
    assert!(
        said.contains("\"debt\" is not a column of the journal")
            && said.contains("did you mean `debit`?"),
        "{said}"
    );
}

#[test]
fn diff_names_what_changed_in_the_configuration_and_factors_go_to_a_file() {
    let office = first_year();
    office.succeeds("run 2024 --out before");
    let settings = office.read("2024/batch.toml");
    let settings = settings
        .replace("A. Analyst", "B. Analyst")
        .replace("2024-10-31", "2024-11-15");
    office.file("2024/batch.toml", &settings);
    office.succeeds("run 2024 --out after");
    let output = cdip(office.folder.path(), &["diff", "before", "after"]);
    let shown = stdout(&output);
    for said in [
        "prepared_by: \"A. Analyst\" -> \"B. Analyst\"",
        "appeal_until: \"2024-10-31\" -> \"2024-11-15\"",
    ] {
        assert!(shown.contains(said), "{shown}");
    }
    office.succeeds("factors --from before --out factors.json");
    // It writes over its own file and over nothing else.
    office.succeeds("factors --from after --out factors.json");
    office.file("note.txt", "mine");
    assert_eq!(office.does("factors --from after --out note.txt").0, 2);
    assert_eq!(office.read("note.txt"), "mine");
}

#[test]
fn a_sample_of_as_many_years_as_can_be_asked_for_is_final_in_each() {
    let office = Office {
        folder: tempfile::tempdir().unwrap(),
    };
    // Decisions that fit today's rules find nothing under the earliest, and are taken out.
    office.succeeds("sample --out office --entities 20 --rows 400 --years 8");
    office.succeeds("years office/reports");
    let years = office.read("office/reports/years/years.csv");
    for first in 2017..=2024 {
        let year = format!("\n{first}-{:02},", first + 1 - 2000);
        assert!(years.contains(&year), "{year}");
    }
}

#[test]
fn the_years_of_the_sample_are_final_and_can_be_settled_written_to_and_compared() {
    let office = Office {
        folder: tempfile::tempdir().unwrap(),
    };
    office.succeeds("sample --out office --entities 30 --rows 700 --years 2");
    for year in ["2023-24", "2024-25"] {
        office.succeeds(&format!(
            "verify office/reports/{year} --batch office/{year}"
        ));
        // What was paid before the late file came, and now; everybody's payment is accounted for.
        office.succeeds(&format!(
            "settle office/reports/{year} --paid office/{year}/payments-made.csv"
        ));
        office.succeeds(&format!(
            "letters office/reports/{year} --settlement office/reports/{year}-settlement"
        ));
        let resolutions = office.read(&format!("office/{year}/resolutions.csv"));
        for decision in ["pay", "deny", "correct", "qualify", "exclude", "attest"] {
            assert!(
                resolutions.contains(&format!(",{decision},")),
                "{year}: {decision}"
            );
        }
        assert!(
            journal_of(&office, &format!("office/reports/{year}-settlement")) > 0,
            "the late file and the payment that came back leave something to settle"
        );
    }
    // Each year takes the ledger that the year before leaves, and reports some of it again.
    assert_eq!(
        office.read("office/2024-25/prior-payments.csv"),
        office.read("office/reports/2023-24/prior-payments-next.csv")
    );
    let completions = office.read("office/reports/2024-25/completions.csv");
    assert!(completions.contains("N309"), "some were paid before");
    office.succeeds("years office/reports --out years");
    let receipt = office.read("office/reports/2024-25/receipt.json");
    assert!(receipt.contains("previous_receipt"));
}

/// The sum of a journal's debits, which is that of its credits, in cents.
fn journal_of(office: &Office, settlement: &str) -> i64 {
    let debits = office.amounts(&format!("{settlement}/journal.csv"), "debit");
    let credits = office.amounts(&format!("{settlement}/journal.csv"), "credit");
    let sum = |amounts: &[(String, String)]| -> i64 {
        let cents = |amount: &String| amount.replace('.', "").parse::<i64>().unwrap_or(0);
        amounts.iter().map(|(_, amount)| cents(amount)).sum()
    };
    assert_eq!(sum(&debits), sum(&credits), "{settlement}");
    sum(&debits)
}
