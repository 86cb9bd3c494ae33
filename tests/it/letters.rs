//! Letters to payees and the board's packet (files.md, "Out: the other verbs").

use std::fs;
use std::path::Path;

use crate::support::{cdip, copy_tree, root, stderr, stdout, tree};

/// The report of a vector, in the folder `report`; its batch in `batch`, with the lines given after its own batch.toml.
fn report_of(vector: &str, more: &str) -> tempfile::TempDir {
    report_after(vector, more, |_| ())
}

/// The same after a change of the batch.
fn report_after(vector: &str, more: &str, change: impl Fn(&Path)) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let batch = folder.path().join("batch");
    copy_tree(&root().join("tests/vectors").join(vector), &batch);
    change(&batch);
    let settings = fs::read_to_string(batch.join("batch.toml")).unwrap();
    fs::write(batch.join("batch.toml"), format!("{settings}\n{more}")).unwrap();
    let output = cdip(folder.path(), &["run", "batch", "--out", "report"]);
    assert!(output.status.success(), "{output:?}");
    folder
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
fn the_boards_packet_has_4_to_6_pages_and_charts_with_and_without_an_earlier_report() {
    let folder = report_of("02-full-funding", OFFICE);
    let vector = root().join("tests/vectors/07-held-and-duplicate");
    let run = ["run", vector.to_str().unwrap(), "--out", "earlier"];
    let output = cdip(folder.path(), &run);
    assert!(output.status.success(), "{output:?}");
    let pages = |more: &[&str]| {
        let output = cdip(folder.path(), &[&["letters", "report"], more].concat());
        assert!(output.status.success(), "{output:?}");
        let packet = page(folder.path(), "packet.html");
        let count = |tag: &str| packet.matches(tag).count();
        // One of the money, the tiers, the sectors and the payees each.
        assert_eq!(count("<svg "), 4, "charts: {more:?}");
        let pages = count("<section class=\"page\">");
        assert!((4..=6).contains(&pages), "{pages} pages: {more:?}");
        pages
    };
    // What changed since the earlier report has a page of its own.
    assert_eq!(pages(&["--since", "earlier"]), pages(&[]) + 1);
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
    let said = stderr(&output);
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
        "<td>Waived: you need not return it</td><td>$100.00</td>",
    ] {
        assert_eq!(letters.matches(line).count(), 1, "{line}");
    }
    // Nobody has to return money: an account for it is not missed.
    let said = stderr(&output);
    assert!(
        said.contains("does not name: name, contact, appeal_until\n"),
        "{said}"
    );
}

/// Settles the report as given and writes its letters. Gives what the settlement printed, and by payee the lines under Payment.
fn payment_lines(
    folder: &Path,
    (paid, owed): (&str, &str),
    more: &[&str],
) -> (String, Vec<Vec<(String, String)>>) {
    fs::write(folder.join("paid.csv"), paid).unwrap();
    fs::write(folder.join("owed.csv"), owed).unwrap();
    let settle = [
        "settle",
        "report",
        "--paid",
        "paid.csv",
        "--carried",
        "owed.csv",
    ];
    let output = cdip(folder, &[&settle, more].concat());
    assert!(output.status.success(), "{output:?}");
    let printed = stdout(&output);
    let with = ["letters", "report", "--settlement", "report-settlement"];
    let output = cdip(folder, &with);
    assert!(output.status.success(), "{output:?}");
    let letters = page(folder, "letters.html");
    let tables = letters.split("<h2>Payment</h2>").skip(1);
    let lines = tables.map(|rest| {
        let (table, _) = rest.split_once("</table>").unwrap();
        let rows = table.split("<td>").skip(1).map(|cell| {
            let (text, _) = cell.split_once("</td>").unwrap();
            text.to_string()
        });
        let cells: Vec<String> = rows.collect();
        cells
            .chunks(2)
            .map(|row| (row[0].clone(), row[1].clone()))
            .collect()
    });
    (printed, lines.collect())
}

fn lines(lines: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = lines.iter();
    owned
        .map(|(words, amount)| ((*words).to_string(), (*amount).to_string()))
        .collect()
}

#[test]
fn a_letter_tells_an_old_debt_and_its_lines_add_up_whether_it_is_returned_or_carried_or_waived() {
    let folder = report_of("02-full-funding", OFFICE);
    let paid = "Payee,Date,Amount,Reference\n10,2024-09-01,3000.00,W1\n20,9/2/2024,1500.00,W2\n";
    let owed = "Payee,Amount\n10,250.00\n20,50.00\n";
    for (recovery, last) in [
        ("now", "Please return to the state"),
        (
            "next_year",
            "You owe the state; we take it off next year's award",
        ),
        ("none", "Waived: you need not return it"),
    ] {
        let (printed, letters) =
            payment_lines(folder.path(), (paid, owed), &["--recovery", recovery]);
        // 3,200 - 3,000 = 200 are not yet paid. The old debt of 250 takes all of it; 250 - 200 = 50 are still owed.
        let first = lines(&[
            ("Award", "$3,200.00"),
            ("Paid before", "$3,000.00"),
            ("Taken off for an earlier budget year", "$200.00"),
            ("Still owed from an earlier budget year", "$50.00"),
            ("Payable now", "$0.00"),
            (last, "$50.00"),
        ]);
        // 1,500 - 1,200 = 300 beyond the award, and 50 from before: 350.
        let second = lines(&[
            ("Award", "$1,200.00"),
            ("Paid before", "$1,500.00"),
            ("Owed from an earlier budget year", "$50.00"),
            ("Payable now", "$0.00"),
            (last, "$350.00"),
        ]);
        assert_eq!(letters, [first, second], "{recovery}");
        // 50 + 350 = 400.
        assert!(printed.contains("$400.00  2 payees"), "{printed}");
    }
}

#[test]
fn a_letter_tells_a_difference_that_the_tolerance_leaves_alone() {
    let folder = report_of("02-full-funding", OFFICE);
    let paid = "Payee,Date,Amount,Reference\n10,2024-09-01,3198.00,W1\n20,9/2/2024,1203.00,W2\n";
    let owed = "Payee,Amount\n20,7.00\n";
    let (_, letters) = payment_lines(folder.path(), (paid, owed), &["--tolerance", "5"]);
    // 3,200 - 3,198 = 2 and 1,203 - 1,200 = 3 are at most 5. The old debt of 7 is not of this year.
    let first = lines(&[
        ("Award", "$3,200.00"),
        ("Paid before", "$3,198.00"),
        ("Small difference between the two, left alone", "$2.00"),
        ("Payable now", "$0.00"),
    ]);
    let second = lines(&[
        ("Award", "$1,200.00"),
        ("Paid before", "$1,203.00"),
        ("Small difference between the two, left alone", "$3.00"),
        ("Owed from an earlier budget year", "$7.00"),
        ("Payable now", "$0.00"),
        ("Please return to the state", "$7.00"),
    ]);
    assert_eq!(letters, [first, second]);
}

/// The report of the year before in the folder `earlier`: the same rows, but the one of 0020 has this grade.
fn year_before(folder: &Path, grade: &str) {
    let row = format!("{grade},AP2,2023-03-01");
    let changes = [
        ("rules.toml", "\"2023-24\"", "\"2022-23\""),
        ("rules.toml", "\"2024-25\"", "\"2023-24\""),
        ("batch.toml", "2024-09-15", "2023-09-15"),
        ("submissions/0010.csv", "2024-03-01", "2023-03-01"),
        ("submissions/0020.csv", "11,AP2,2024-03-01", &row),
    ];
    earlier(
        folder,
        &root().join("tests/vectors/02-full-funding"),
        &changes,
    );
}

/// Replaces a text in a file, which must have it.
fn replace(path: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{text}");
    fs::write(path, text.replace(from, to)).unwrap();
}

/// The report of a changed batch, in the folder `earlier`.
fn earlier(folder: &Path, batch: &Path, changes: &[(&str, &str, &str)]) {
    let before = folder.join("before");
    copy_tree(batch, &before);
    for (name, from, to) in changes {
        replace(&before.join(name), from, to);
    }
    let output = cdip(folder, &["run", "before", "--out", "earlier", "--replace"]);
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn a_letter_says_why_an_award_of_an_earlier_report_of_the_year_changed() {
    let folder = report_of("02-full-funding", OFFICE);
    let changes = [
        ("batch.toml", "2024-09-15", "2024-09-01"),
        ("submissions/0020.csv", ",11,AP2,", ",8,AP2,"),
    ];
    earlier(folder.path(), &folder.path().join("batch"), &changes);
    let output = cdip(folder.path(), &["letters", "report", "--since", "earlier"]);
    assert!(output.status.success(), "{output:?}");
    // Grade 8 earned 0020 nothing; grade 11 earns it 1.20 x 1,000.00. 0010 has 3,200.00 in both reports, and its letter says nothing of it.
    let letters = page(folder.path(), "letters.html");
    let said: Vec<&str> = letters
        .lines()
        .filter(|line| line.contains("The report of "))
        .collect();
    assert_eq!(
        said,
        [
            "<li>The report of September 1, 2024 awarded $0.00. The change is +$1,200.00: +$1,200.00 because of your own rows.</li>"
        ]
    );
}

#[test]
fn a_letter_names_an_award_of_the_year_before_only_if_that_report_is_final() {
    let folder = report_of("02-full-funding", OFFICE);
    // 0010 got 3,200.00 in both years. A grade that is not one keeps the report of the year before open.
    for (grade, named) in [("11", 1), ("old", 0)] {
        year_before(folder.path(), grade);
        let output = cdip(folder.path(), &["letters", "report", "--since", "earlier"]);
        assert!(output.status.success(), "{output:?}");
        let award = "Award for budget year 2023-24: $3,200.00 (change $0.00).";
        let letters = page(folder.path(), "letters.html");
        assert_eq!(letters.matches(award).count(), named, "grade {grade}");
    }
    for (report, since, message) in [
        ("report", "report", "--since is the report itself"),
        (
            "earlier",
            "report",
            "--since is a later report: budget year 2024-25, run 2024-09-15;",
        ),
    ] {
        let output = cdip(folder.path(), &["letters", report, "--since", since]);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        let said = stderr(&output);
        assert!(said.starts_with(&format!("error: {message}")), "{said}");
    }
}

/// District 0020 has one paid completion, and its charter school one of Advanced Placement, which is paid last.
fn charter_of_0020(available: &str) -> tempfile::TempDir {
    report_after("03-later-tiers-get-what-is-left", OFFICE, |batch| {
        let change = |name: &str, from: &str, to: &str| replace(&batch.join(name), from, to);
        let charter = "Completion For Graduation\n0020,4500,Charter of 0020,district_charter,Y,N\n";
        change("participants.csv", "Completion For Graduation\n", charter);
        change(
            "submissions/0020.csv",
            "0020,0101,1352407005",
            "0020,4500,1352407005",
        );
        change("batch.toml", "\"3500.00\"", available);
    })
}

#[test]
fn to_a_district_with_a_charter_school_no_letter_calls_the_schools_rows_those_of_others() {
    let folder = charter_of_0020("\"10000.00\"");
    let changes = [
        ("batch.toml", "2024-09-15", "2024-09-01"),
        ("submissions/0020.csv", "1352407005,11", "1352407005,8"),
    ];
    earlier(folder.path(), &folder.path().join("batch"), &changes);
    let output = cdip(folder.path(), &["letters", "report", "--since", "earlier"]);
    assert!(output.status.success(), "{output:?}");
    // Grade 8 earned the charter school nothing: 1,000.00 for the district alone; grade 11 earns another 1,000.00.
    let said = "The report of September 1, 2024 awarded $1,000.00. The change is +$1,000.00: +$1,000.00 because of the rows that were reported.";
    assert_eq!(page(folder.path(), "letters.html").matches(said).count(), 1);
}

#[test]
fn a_district_is_asked_to_pass_money_on_only_if_the_award_holds_money_of_a_charter_school() {
    // Of 3,500.00 nothing is left for the third tier; 10,000.00 pay it too.
    for (available, charter, asked) in [
        ("\"3500.00\"", "$0.00", 0),
        ("\"10000.00\"", "$1,000.00", 1),
    ] {
        let folder = charter_of_0020(available);
        cdip(folder.path(), &["letters", "report"]);
        let letters = page(folder.path(), "letters.html");
        let (_, of_charter) = letters.split_once("Charter of 0020").unwrap();
        let (line, _) = of_charter.split_once("</tr>").unwrap();
        assert!(line.ends_with(&format!("<td>{charter}</td>")), "{line}");
        let request = "This award includes money for charter schools. Please pass it on";
        assert_eq!(letters.matches(request).count(), asked, "{available}");
    }
}

#[test]
fn a_letter_does_not_say_that_nothing_qualified_where_the_cap_left_no_award() {
    // 10% of the one credential, rounded down, is 0 awards: the credential qualifies and is over the cap.
    let folder = report_after("02-full-funding", OFFICE, |batch| {
        let rules = fs::read_to_string(batch.join("rules.toml")).unwrap();
        let categories = "\ncategories = [\"industry_credential\"]\n";
        assert!(rules.contains(categories));
        let capped = format!("{categories}cap_share = \"0.10\"\n");
        fs::write(batch.join("rules.toml"), rules.replace(categories, &capped)).unwrap();
    });
    cdip(folder.path(), &["letters", "report"]);
    let letters = page(folder.path(), "letters.html");
    let said = "no row in the state is an award in this tier.";
    assert_eq!(letters.matches(said).count(), 2, "once a letter");
    assert!(letters.contains("District 0010 has 1 more"), "{letters}");
}

#[test]
fn the_packet_counts_what_is_over_the_cap_also_of_participants_that_get_nothing() {
    // 10% of two credentials, rounded down, is 0 awards: one credential of 0010 and the only row of 0020 are over the cap.
    let folder = report_after("02-full-funding", OFFICE, |batch| {
        for (name, from, to) in [
            (
                "rules.toml",
                "\ncategories = [\"industry_credential\"]\n",
                "\ncategories = [\"industry_credential\"]\ncap_share = \"0.10\"\n",
            ),
            (
                "submissions/0020.csv",
                "AP2,2024-03-01,Y,Y,3",
                "IC1,2024-03-01,Y,Y,",
            ),
        ] {
            let text = fs::read_to_string(batch.join(name)).unwrap();
            assert!(text.contains(from), "{text}");
            fs::write(batch.join(name), text.replace(from, to)).unwrap();
        }
    });
    cdip(folder.path(), &["letters", "report"]);
    let packet = page(folder.path(), "packet.html");
    // 0010: 1,200 in the second tier and 1,000 in the third.
    let line = "<td>District</td><td>1</td><td>2</td><td>2</td><td>$2,200.00</td>";
    assert!(packet.contains(line), "{packet}");
}

#[test]
fn the_packet_counts_and_lists_the_payees_that_get_money() {
    // 0010: 1,000 in the first tier and 1,000 + 1,200 in the second. Both awards of 0020 are of the third, and nothing is left.
    let folder = report_after("03-later-tiers-get-what-is-left", OFFICE, |batch| {
        let settings = fs::read_to_string(batch.join("batch.toml")).unwrap();
        fs::write(
            batch.join("batch.toml"),
            settings.replace("3500.00", "3200.00"),
        )
        .unwrap();
        let rows = fs::read_to_string(batch.join("submissions/0020.csv")).unwrap();
        let rows = rows.replace("IC1,2024-03-01,N,Y,", "AP2,2024-03-01,N,Y,5");
        fs::write(batch.join("submissions/0020.csv"), rows).unwrap();
    });
    cdip(folder.path(), &["letters", "report"]);
    let packet = page(folder.path(), "packet.html");
    for said in [
        "<td>Paid by the tiers, to 1 payee for 1 participant</td><td>$3,200.00</td>",
        "The largest payees (1 of 1)",
    ] {
        assert!(packet.contains(said), "{said}");
    }
    let mut workbook: calamine::Xlsx<_> =
        calamine::open_workbook(folder.path().join("report/statewide.xlsx")).unwrap();
    for sheet in ["Board", "Summary"] {
        let cells = calamine::Reader::worksheet_range(&mut workbook, sheet).unwrap();
        let line = cells.rows().find(|row| row[0] == "Payees");
        assert_eq!(line.unwrap()[1].to_string(), "1", "{sheet}");
    }
    // 0020 gets a letter, though it gets no money.
    assert!(page(folder.path(), "letters.html").contains("District code 0020"));
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
    let said = stderr(&output);
    assert!(
        said.contains("does not name: name, contact, appeal_until, return_to, return_until"),
        "{said}"
    );
    // Without a settlement nobody is asked for money.
    let output = cdip(folder.path(), &["letters", "report", "--out", "plain"]);
    let said = stderr(&output);
    assert!(
        said.contains("does not name: name, contact, appeal_until\n"),
        "{said}"
    );
}

/// What is noted where 0010 has an address, 0020 this one, and so much was paid before.
fn noted(address: &str, paid: &str) -> String {
    let folder = report_after("02-full-funding", OFFICE, |batch| {
        let list = fs::read_to_string(batch.join("participants.csv")).unwrap();
        let list = list.replace("Graduation\n", "Graduation,Address\n");
        let list = list.replace(
            "District 0010,district,Y,N\n",
            "District 0010,district,Y,N,1 Main Street\n",
        );
        let of_0020 = format!("District 0020,district,Y,N,{address}\n");
        let list = list.replace("District 0020,district,Y,N\n", &of_0020);
        fs::write(batch.join("participants.csv"), list).unwrap();
    });
    let paid = format!("Payee,Date,Amount,Reference\n{paid}");
    fs::write(folder.path().join("paid.csv"), paid).unwrap();
    let output = cdip(folder.path(), &["settle", "report", "--paid", "paid.csv"]);
    assert!(output.status.success(), "{output:?}");
    let with = ["letters", "report", "--settlement", "report-settlement"];
    let output = cdip(folder.path(), &with);
    assert!(output.status.success(), "{output:?}");
    stderr(&output)
}

#[test]
fn a_letter_without_an_address_is_noted_also_if_only_the_settlement_has_its_payee() {
    let note = "note: some letters leave a gap for the address";
    assert_eq!(noted("2 Main Street", ""), "");
    assert!(noted(";", "").starts_with(note));
    assert!(noted("2 Main Street", "30,9/2/2024,100.00,W1\n").starts_with(note));
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
        let said = stderr(&output);
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
fn what_the_programs_template_misses_in_an_offices_own_is_no_defect_of_the_program() {
    let folder = report_of("02-full-funding", OFFICE);
    // The packet also draws the chart of the tiers.
    let charts = "{% macro bars(title, rows) %}{{ title }}{% endmacro %}\n";
    fs::create_dir(folder.path().join("office")).unwrap();
    fs::write(folder.path().join("office/charts.html"), charts).unwrap();
    let with = ["letters", "report", "--template", "office/charts.html"];
    let output = cdip(folder.path(), &with);
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    let program = include_str!("../../src/letters/templates/packet.html");
    let line = program
        .lines()
        .position(|line| line.contains("charts.tiers"));
    for part in [
        "error: the program's own template cannot be filled in with yours: ".to_string(),
        "tiers".to_string(),
        "\n  --> office/charts.html\n".to_string(),
        format!(
            "\n  --> the program's own packet.html, line {}\n",
            line.unwrap() + 1
        ),
        "\n   = fix: compare your templates with the program's own ".to_string(),
    ] {
        assert!(said.contains(&part), "{part}: {said}");
    }
}

#[test]
fn two_files_for_one_template_are_refused() {
    let folder = report_of("02-full-funding", OFFICE);
    for place in ["old", "new"] {
        fs::create_dir(folder.path().join(place)).unwrap();
        fs::write(folder.path().join(place).join("style.css"), "p {}\n").unwrap();
    }
    let first = ["letters", "report", "--template", "old/style.css"];
    let output = cdip(
        folder.path(),
        &[&first[..], &["--template", "new/style.css"]].concat(),
    );
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert_eq!(
        stderr(&output),
        "error: two files replace the template style.css\n  --> old/style.css\n  --> new/style.css\n   = fix: give one of them\n"
    );
    assert!(!folder.path().join("report-letters").exists());
}

#[test]
fn letters_are_the_same_bytes_for_the_same_report_and_their_checksums_hold() {
    let folder = report_of("04-cap-ten-percent", OFFICE);
    let written = |out: &str| {
        let output = cdip(folder.path(), &["letters", "report", "--out", out]);
        assert!(output.status.success(), "{output:?}");
        tree(&folder.path().join(out))
    };
    let files = written("first");
    assert!(files == written("second"));
    let place = folder.path().join("first");
    let sums = fs::read_to_string(place.join("SHA256SUMS")).unwrap();
    // The letters, the packet and four templates; SHA256SUMS does not list itself and the receipt, which has its hash.
    assert_eq!((sums.lines().count(), files.len()), (6, 6 + 2));
    for line in sums.lines() {
        let (sha256, path) = line.split_once("  ").unwrap();
        let bytes = fs::read(place.join(path)).unwrap();
        assert_eq!(cdip::hash::sha256_hex(&bytes), sha256, "{path}");
    }
}
