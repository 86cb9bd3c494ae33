//! Letters to payees and the board's packet (files.md, "Out: the other verbs").

use std::fs;
use std::path::Path;

use crate::cli::{cdip, root};

/// The report of a vector, in the folder `report`; its batch in `batch`, with the lines given after its own batch.toml.
fn report_of(vector: &str, more: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let batch = folder.path().join("batch");
    copy(&root().join("tests/vectors").join(vector), &batch);
    let settings = fs::read_to_string(batch.join("batch.toml")).unwrap();
    fs::write(batch.join("batch.toml"), format!("{settings}\n{more}")).unwrap();
    let output = cdip(folder.path(), &["run", "batch", "--out", "report"]);
    assert!(output.status.success(), "{output:?}");
    folder
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

const OFFICE: &str = "[office]\nname = \"Office of <Awards> & Grants\"\ncontact = \"awards@example.org\"\nappeal_until = 2024-10-31\nreturn_to = \"State treasury, account 123\"\nreturn_until = 2024-11-30\n";

fn page(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join("report-letters").join(name)).unwrap()
}

#[test]
fn a_payee_gets_a_letter_with_its_amount_in_figures_and_words_and_what_it_can_do_until_when() {
    let folder = report_of("02-full-funding", OFFICE);
    let output = cdip(folder.path(), &["letters", "report"]);
    assert!(output.status.success(), "{output:?}");
    // A slash is escaped too.
    let letters = page(folder.path(), "letters.html").replace("&#x2f;", "/");
    // 3,200.00 for 0010 and 1,200.00 for 0020.
    for said in [
        "$3,200.00</b>Three thousand two hundred and 00/100 dollars",
        "$1,200.00</b>One thousand two hundred and 00/100 dollars",
        "write to awards@example.org by October 31, 2024",
        "Office of &lt;Awards&gt; &amp; Grants",
    ] {
        assert!(letters.contains(said), "{said}");
    }
    assert_eq!(letters.matches("<section class=\"page letter").count(), 2);
    assert!(!letters.contains("DRAFT"));
}

#[test]
fn letters_and_packet_load_nothing_from_elsewhere() {
    let folder = report_of("02-full-funding", OFFICE);
    cdip(folder.path(), &["letters", "report"]);
    for name in ["letters.html", "packet.html"] {
        let page = page(folder.path(), name);
        for word in ["http://", "https://", "<script", "<link", "src=", "url("] {
            assert!(!page.contains(word), "{name} has {word}");
        }
    }
}

#[test]
fn what_is_made_from_a_preliminary_report_is_a_draft_on_every_page_and_in_its_name() {
    // The vector holds rows that two participants report.
    let folder = report_of("07-held-and-duplicate", OFFICE);
    let output = cdip(folder.path(), &["letters", "report"]);
    assert!(output.status.success(), "{output:?}");
    for name in ["letters-PRELIMINARY.html", "packet-PRELIMINARY.html"] {
        let page = page(folder.path(), name);
        let pages = page.matches("<section class=\"page").count();
        assert!(pages > 0);
        assert_eq!(
            page.matches("<p class=\"draft\">DRAFT.").count(),
            pages,
            "{name}"
        );
    }
    assert!(!folder.path().join("report-letters/letters.html").exists());
}

#[test]
fn a_letter_with_its_settlement_says_what_is_payable_now_and_what_must_come_back() {
    let folder = report_of("02-full-funding", OFFICE);
    // 3,200 - 3,000 = 200 due to 0010; 1,300 - 1,200 = 100 overpaid to 0020.
    let paid = "Payee,Date,Amount,Reference\n10,2024-09-01,3000.00,W1\n20,9/2/2024,1300.00,W2\n";
    fs::write(folder.path().join("paid.csv"), paid).unwrap();
    cdip(folder.path(), &["settle", "report", "--paid", "paid.csv"]);
    let with = ["letters", "report", "--settlement", "report-settlement"];
    let output = cdip(folder.path(), &with);
    assert!(output.status.success(), "{output:?}");
    let letters = page(folder.path(), "letters.html");
    assert!(letters.contains("<td>Payable now</td><td>$200.00</td>"));
    assert!(letters.contains("<td>Please return to the state</td><td>$100.00</td>"));
    assert_eq!(
        letters
            .matches("Please return $100.00 by November 30, 2024 to State treasury, account 123. Give your district code, 0020, as the reference.")
            .count(),
        1,
        "only the payee that was paid too much is asked"
    );
    // Another report is not the one that was settled.
    let other = report_of("04-cap-ten-percent", OFFICE);
    let settlement = folder.path().join("report-settlement");
    let with = [
        "letters",
        "report",
        "--settlement",
        settlement.to_str().unwrap(),
    ];
    let output = cdip(other.path(), &with);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("the settlement was made from a different report"),
        "{said}"
    );
}

#[test]
fn a_letter_says_what_an_earlier_debt_took_off_and_what_need_not_be_returned() {
    let folder = report_of("02-full-funding", "");
    // 0010: 3,200 - 3,000 = 200, of which 50 pay off its debt. 0020: 1,300 - 1,200 = 100 beyond the award, waived.
    let paid = "Payee,Date,Amount,Reference\n10,2024-09-01,3000.00,W1\n20,9/2/2024,1300.00,W2\n";
    fs::write(folder.path().join("paid.csv"), paid).unwrap();
    fs::write(folder.path().join("owed.csv"), "Payee,Amount\n10,50.00\n").unwrap();
    let settle = [
        "settle",
        "report",
        "--paid",
        "paid.csv",
        "--carried",
        "owed.csv",
        "--recovery",
        "none",
    ];
    let output = cdip(folder.path(), &settle);
    assert!(output.status.success(), "{output:?}");
    let with = ["letters", "report", "--settlement", "report-settlement"];
    let output = cdip(folder.path(), &with);
    let letters = page(folder.path(), "letters.html");
    for line in [
        "<td>Taken off for an earlier budget year</td><td>$50.00</td>",
        "<td>Payable now</td><td>$150.00</td>",
        "<td>Paid beyond the award; you need not return it</td><td>$100.00</td>",
    ] {
        assert_eq!(letters.matches(line).count(), 1, "{line}");
    }
    // Nobody has to return money: an account for it is not missed.
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("does not name: name, contact, appeal_until\n"),
        "{said}"
    );
}

#[test]
fn a_letter_that_asks_for_money_back_leaves_a_gap_where_the_office_names_no_account_and_day() {
    let folder = report_of("02-full-funding", "");
    let paid = "Payee,Date,Amount,Reference\n20,9/2/2024,1300.00,W2\n";
    fs::write(folder.path().join("paid.csv"), paid).unwrap();
    cdip(folder.path(), &["settle", "report", "--paid", "paid.csv"]);
    let with = ["letters", "report", "--settlement", "report-settlement"];
    let output = cdip(folder.path(), &with);
    let letters = page(folder.path(), "letters.html");
    assert!(letters.contains("Please return $100.00 by <span class=\"gap\">[date]</span> to <span class=\"gap\">[account or address]</span>."));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("does not name: name, contact, appeal_until, return_to, return_until"),
        "{said}"
    );
    // Without a settlement nobody is asked for money.
    let output = cdip(folder.path(), &["letters", "report", "--out", "plain"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("does not name: name, contact, appeal_until\n"),
        "{said}"
    );
}

#[test]
fn the_boards_packet_says_that_the_money_is_not_what_the_law_gives() {
    let folder = report_of("02-full-funding", OFFICE);
    let settings = folder.path().join("batch/batch.toml");
    let by_law = fs::read_to_string(&settings).unwrap();
    let by_law = by_law.replace("\"rules.toml\"", "\"co-cdip-2024-25\"");
    fs::write(&settings, by_law).unwrap();
    cdip(
        folder.path(),
        &["run", "batch", "--out", "report", "--replace"],
    );
    cdip(folder.path(), &["letters", "report"]);
    let packet = page(folder.path(), "packet.html").replace("&#x2f;", "/");
    let first_page = packet.split("<section class=\"page\">").nth(1).unwrap();
    let note = "<b>Note:</b> Available is $10,000.00, but SB23-065 (2023) gives";
    assert!(first_page.contains(note), "{first_page}");
    assert!(
        first_page.contains(" $9,500,000.00 for budget year 2024-25."),
        "{first_page}"
    );
}

#[test]
fn an_offices_own_template_is_filled_in_and_its_error_names_the_line() {
    let folder = report_of("02-full-funding", OFFICE);
    let write = |text: &str| fs::write(folder.path().join("letters.html"), text).unwrap();
    let run = || {
        cdip(
            folder.path(),
            &["letters", "report", "--template", "letters.html"],
        )
    };
    write("{% for letter in letters %}{{ letter.code }} {{ letter.amount }};{% endfor %}");
    assert!(run().status.success());
    assert_eq!(
        page(folder.path(), "letters.html"),
        "0010 $3,200.00;0020 $1,200.00;"
    );
    for (text, place) in [
        ("Dear reader\n{{ letter.amuont }}\n", "letters.html, line 2"),
        (
            "{% for letter in letters %}\n{{ letter.amuont }}{% endfor %}",
            "letters.html, line 2",
        ),
        (
            "Dear reader\n\n{% for letter in %}\n",
            "letters.html, line 3",
        ),
    ] {
        write(text);
        let output = run();
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(
            said.contains("the template cannot be filled in") && said.contains(place),
            "{said}"
        );
    }
    // What was there stays as it was.
    assert_eq!(
        page(folder.path(), "letters.html"),
        "0010 $3,200.00;0020 $1,200.00;"
    );
}

#[test]
fn letters_are_the_same_bytes_for_the_same_report_and_their_checksums_hold() {
    let folder = report_of("04-cap-ten-percent", OFFICE);
    cdip(folder.path(), &["letters", "report"]);
    let place = folder.path().join("report-letters");
    let receipt = fs::read(place.join("receipt.json")).unwrap();
    cdip(folder.path(), &["letters", "report"]);
    assert_eq!(receipt, fs::read(place.join("receipt.json")).unwrap());
    for line in fs::read_to_string(place.join("SHA256SUMS"))
        .unwrap()
        .lines()
    {
        let (sha256, path) = line.split_once("  ").unwrap();
        let bytes = fs::read(place.join(path)).unwrap();
        assert_eq!(cdip::hash::sha256_hex(&bytes), sha256, "{path}");
    }
}
