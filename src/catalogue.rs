//! The catalogue: every code that the program can report, with why, fix and example. Help, `docs/checks.md` and the workbooks are
//! made from this one table.

use std::fmt;

use crate::reasons::{Reason, Slip};

/// How serious a finding is, named after what becomes of the row or file: the most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The file was not read.
    Refused,
    /// The row cannot be read.
    Rejected,
    /// A person must decide.
    Held,
    /// Probably not what its sender meant; open until it is corrected or attested. No effect on money.
    Question,
    /// The row is readable but does not qualify.
    NotQualified,
    /// No effect on money.
    Warning,
}

impl Severity {
    /// Every severity, in their order.
    pub const ALL: [Severity; 6] = [
        Severity::Refused,
        Severity::Rejected,
        Severity::Held,
        Severity::Question,
        Severity::NotQualified,
        Severity::Warning,
    ];

    /// As written in `findings.csv`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Severity::Refused => "refused",
            Severity::Rejected => "rejected",
            Severity::NotQualified => "not_qualified",
            Severity::Held => "held",
            Severity::Warning => "warning",
            Severity::Question => "question",
        }
    }

    /// For people: what it means.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Severity::Refused => "the file was not read; nothing in it counts",
            Severity::Rejected => "the row cannot be read and is not counted",
            Severity::NotQualified => "the row can be read, but the state does not pay it",
            Severity::Held => "the row waits for a decision in resolutions.csv",
            Severity::Warning => {
                "the row or file counts as submitted; check that it is what you meant"
            }
            Severity::Question => {
                "it can be read, but is probably not what you meant; the report is not final until someone corrects it, or confirms it in resolutions.csv"
            }
        }
    }
}

/// What the catalogue knows of a code.
#[derive(Clone, Copy, Debug)]
pub struct CodeEntry {
    /// The code.
    pub code: Code,
    /// How serious it is.
    pub severity: Severity,
    /// What is wrong, a clause.
    pub title: &'static str,
    /// Why it matters, with the source of the rule.
    pub why: &'static str,
    /// What the entity that sent it can do.
    pub fix: &'static str,
    /// What the program office can do in its own files, which no entity has; empty if there is nothing more.
    pub office: &'static str,
    /// A faulty value and the right one.
    pub example: &'static str,
    /// The lists without which the code cannot be found.
    pub needs: &'static [Needed],
    /// What an N code means as a reason not to qualify; none for any other code.
    pub reason: Option<Reason>,
}

impl CodeEntry {
    /// What a finding is called, as a slip or as a fact: a reason that can be either has a title for each, so that nobody takes one for
    /// the other.
    #[must_use]
    pub fn title_as(&self, is_slip: bool) -> &'static str {
        let own = self.reason.and_then(|reason| {
            if is_slip {
                reason.title_as_slip
            } else {
                reason.title_as_fact
            }
        });
        own.unwrap_or(self.title)
    }

    /// What its sender can do about it as a slip.
    #[must_use]
    pub fn fix_as_slip(&self) -> &'static str {
        let own = self.reason.and_then(|reason| reason.fix_as_slip);
        own.unwrap_or(self.fix)
    }
}

/// What a check needs besides the submissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needed {
    /// A rule set.
    Rules,
    /// The qualified list.
    Programs,
    /// The participants list.
    Participants,
    /// The ledger of prior payments.
    Ledger,
    /// A whole batch: its other files, its decisions, its run date.
    Batch,
}

macro_rules! if_given {
    () => {
        None
    };
    ($given:expr) => {
        Some($given)
    };
}

macro_rules! catalogue {
    ($($code:ident, $severity:ident $(($reason:expr))?, $title:literal, $why:literal, $fix:literal $(or $office:literal)?, $example:literal $(, $need:ident)*;)+) => {
        /// The code of a finding.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $(#[doc = $title] $code,)+ }

        /// Every entry, in ascending order of code.
        pub const CATALOGUE: &[CodeEntry] = &[$(CodeEntry {
            code: Code::$code, severity: Severity::$severity, title: $title, why: $why, fix: $fix, office: concat!($($office)?), example: $example,
            needs: &[$(Needed::$need),*], reason: if_given!($($reason)?),
        },)+];

        impl Code {
            /// As written: `E204`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Code::$code => stringify!($code),)+ }
            }
        }
    };
}

catalogue! {
    E201, Rejected, "District Code is not 4 digits",
        "The district code decides who is paid. Spreadsheets drop leading zeros, so cdip pads 1 to 3 digits, with a warning (W201). It cannot \
         mend anything else safely.",
        "Write the 4-digit code as text, for example 0880.",
        "`ABC` or `08800` is rejected; `880` becomes `0880` with W201.";
    E202, Rejected, "School Code is not 4 digits",
        "The school code tells a charter school from its district. cdip pads 1 to 3 digits, with a warning (W202). Codes such as UUUU \
         are not codes of a school.",
        "Write the 4-digit code as text; use 0000 where the pupil belongs to no school.",
        "`UUUU` is rejected; `101` becomes `0101` with W202.";
    E203, Rejected, "SASID is not exactly 10 digits",
        "The state's student id tells pupils apart: one award is paid per pupil. A shorter number may be another pupil's, so cdip never \
         pads it.",
        "Copy the 10-digit SASID from your student system.",
        "`12345` is rejected; a 10-digit number is right.";
    E204, Rejected, "Grade is not K or 0-12",
        "Only grades named by the rules qualify, so the grade must be readable.",
        "Enter 9, 10, 11 or 12; also accepted: 09, 9th, Gr 9, Grade 9, Freshman to Senior, and the state's 090, 100, 110, 120.",
        "`Alumni` is rejected; `12` or `Senior` is right.";
    E205, Rejected, "Program Code is empty",
        "Without a program nothing can be matched with the qualified list.",
        "Enter the program's code from the qualified list.",
        "An empty cell is rejected; `IC1` or `ic1` is right.";
    E206, Rejected, "Completion Date is not a date",
        "The date decides the school year, and the order in which completions are counted.",
        "Enter a date such as 5/17/2024, the month first.",
        "`02/30/2024` is rejected; `02/29/2024` is right.";
    E208, Rejected, "Free/Reduced Lunch is not yes or no",
        "The award is 20% higher with free or reduced-price lunch (C.R.S. 22-54-138(5)(e), SB23-065), so cdip does not guess. A column with \
         R or P has meal codes: F is free, R reduced, P paid. In a column with 0, 1 and 2, 2 is reduced.",
        "Write Yes, Free or Reduced; or No or Paid. Empty means no.",
        "`F` is rejected in a column without R and P: write `Free` or `No`.";
    E209, Rejected, "AP Exam Score is not 1-5",
        "Scores run from 1 to 5; any other number means the column is shifted, so it is checked on every row.",
        "Enter 1, 2, 3, 4 or 5. Leave the cell empty only if the pupil took no AP exam.",
        "`7` is rejected; `3` or an empty cell is right.";
    E210, Rejected, "Graduation Credit is not yes or no",
        "Industry credentials must carry credit toward graduation, so the answer must be readable. Empty counts as no.",
        "Write Yes or No.",
        "`?` is rejected; `Y` is right.";
    E211, Rejected, "the row has more fields than there are headings",
        "There is a value after the last heading's column. A comma inside a value can have shifted the values after it, so that they are under \
         wrong headings.",
        "Put values that hold a comma between quotation marks, or save the file as .xlsx, and send it again.",
        "`0010,0101,...,Y,,,moved` under nine headings is rejected.";
    F101, Refused, "the file cannot be read",
        "It is damaged, or not what its name says. None of it counts, so that half a file is never paid.",
        "Open it in Excel and save it again as .xlsx (Excel Workbook) or .csv.",
        "A workbook whose upload broke off.";
    F102, Refused, "the file is protected by a password",
        "A protected file cannot be read without its password, which this program never asks for.",
        "Open it in Excel. If it asks for a password: File > Info > Protect Workbook > Encrypt with Password, delete the password and save. If it opens without asking: turn Review > Protect Workbook off and save it as .xlsx.",
        "An .xlsx that Excel opens only with a password.";
    F103, Refused, "no row holds the required headings",
        "Columns are found by their headings; without them a value could be taken for another.",
        "Add the missing headings in one row above the data, not merged over two rows."
        or "map its headings under [columns] in batch.toml.",
        "A sheet with `Student` instead of `SASID`.";
    F104, Refused, "the file passes a limit",
        "Limits protect the batch from files that would exhaust memory; real submissions stay far below them.",
        "Save only the completions in a new workbook and send that.",
        "A workbook of a few kilobytes that inflates to gigabytes.";
    F105, Refused, "the file is not a submission",
        "Every file in the folder is either read or named, so that none is left out silently.",
        "Save it as .xlsx, .xlsm, .xlsb, .xls, .ods, .csv or .txt, if it holds completions."
        or "move it out of submissions/ if it does not.",
        "`letter.docx` or a link to another folder.";
    F106, Refused, "a heading appears twice",
        "Two columns with one heading could hold different values; nobody can say which one is meant.",
        "Delete or rename one of the two columns.",
        "`SASID` in column C and again in column H.";
    F107, Refused, "the file cannot be opened",
        "Another program holds it, or this account may not read it.",
        "Close it in Excel and run again; else check the permissions of the file.",
        "A workbook that is still open in Excel on Windows.";
    F108, Refused, "a quotation mark swallows the lines after it",
        "A cell that begins with a quotation mark goes on to the next quotation mark. If that is in a later row, the rows between disappear into \
         one cell.",
        "Delete the quotation mark, or write it twice inside a quoted field, or save the file again from a spreadsheet.",
        "`\"see note` in a comment, without a closing mark.";
    F109, Refused, "the file changed while it was read",
        "Another program was writing it, so cdip could have read half of the old file and half of the new one.",
        "Wait until it is saved or copied completely, and run again.",
        "A workbook that a synchronizing folder is just replacing.";
    H501, Held, "two participants report this pupil and program",
        "One completion is paid once, and the record does not say to whom (reading cross_entity).",
        "Tell the program office which entity is right."
        or "decide it in resolutions.csv: District Code, School Code, SASID, Program Code, and pay or deny.",
        "A pupil who moved in March and is reported by both districts.", Rules, Programs, Participants;
    H502, Held, "the row is of another district than its file",
        "A file reports for one district. A row of another district may be a typing mistake, or not this district's.",
        "Correct the District Code, or send the row in its own district's file. If both are right as they are, tell the program office."
        or "decide it in resolutions.csv: pay or deny.",
        "A row with 0020 in `0010.csv`.", Participants;
    N301, NotQualified(Reason::slip(Slip::IfNotOfAnotherYear)
            .as_fact("the program was on the qualified list in other years only")),
        "the program is not on the qualified list for the school year",
        "Only programs on the year's list qualify; the workforce council publishes it each December (C.R.S. 22-54-138; Talent Pipeline \
         Report).",
        "Check the code against the qualified list of that school year.",
        "`XX9`, or a program whose last year on the list was 2021-22.", Rules, Programs;
    N302, NotQualified(Reason::slip(Slip::Never).waivable().about_text()), "the grade does not qualify",
        "The state pays for grades 9 to 12 (C.R.S. 22-54-138; rules: eligibility.grades).",
        "Correct the grade if it is wrong; otherwise do nothing.",
        "Grade `8`.", Rules;
    N303, NotQualified(Reason::slip(Slip::IfNotYetPossible)
            .as_slip("the completion date is in the future").fixed_by("Correct the date.")
            .waivable().about_text()),
        "the completion date is outside the school year",
        "A budget year pays the completions of the preceding school year, July 1 to June 30 inclusive (C.R.S. 22-54-138(5)).",
        "Correct the date if it is wrong. If it is right, leave the row in: it earns nothing here.",
        "For 2023-24: `2023-06-30` or `2024-07-01`.", Rules;
    N304, NotQualified(Reason::slip(Slip::IfProposed)
            .as_slip("the District Code is almost that of a district that takes part")),
        "the row's district or school does not take part",
        "Only entities that take part are paid. A listed charter school is a participant of its own and never falls back to its \
         district.",
        "Check District Code and School Code. If the district or school should take part, ask the program office.",
        "A district that is not on the participants list, or is listed with Participating N.", Participants;
    N305, NotQualified(Reason::slip(Slip::IfEmpty)
            .as_slip("Graduation Credit is empty for an industry credential").waivable()),
        "the credential carries no graduation credit",
        "An industry credential must carry credit toward graduation (C.R.S. 22-54-138; rules: eligibility.graduation_credit_required).",
        "Enter Yes in Graduation Credit if the credential counts toward graduation.",
        "An industry credential with `N` or an empty cell.", Rules, Programs;
    N306, NotQualified(Reason::slip(Slip::IfEmpty)
            .as_slip("the AP exam score is missing").as_fact("the AP exam score is too low").waivable().about_text()),
        "the AP exam score is missing or too low",
        "An AP course must be \"qualified to receive college credit\" (HB16-1289); cdip takes this to mean 3 or more (inference; rules: \
         eligibility.ap_score_min).",
        "Enter the score if it is missing. A score that is too low does not qualify.",
        "An AP course with score `2` or an empty cell.", Rules, Programs;
    N307, NotQualified(Reason::slip(Slip::Never)), "the rules fund no tier for this category",
        "A category that is in no tier of the rules is not paid.",
        "There is nothing to do under these rules.",
        "A residency under rules without residencies.", Rules, Programs;
    N308, NotQualified(Reason::slip(Slip::Never)), "the participant is of a kind that the rules do not pay",
        "BOCES can be paid from budget year 2023-24 (SB23-065; rules: eligibility.participant_kinds).",
        "There is nothing to do under these rules.",
        "A BOCES in budget year 2022-23.", Rules, Participants;
    N309, NotQualified(Reason::slip(Slip::Never).waivable()), "this completion was paid before",
        "One completion is never paid in two years: pupil and program are in the ledger of prior payments. (C.R.S. 22-54-138)",
        "There is nothing to do. Leave the row in; other reports use it.",
        "A credential of a graduate reported again the year after.", Ledger;
    Q401, Question, "a heading is like one that is missing",
        "An optional column was not found, and an unread heading looks like it: the column's values would be counted as empty.",
        "Rename the heading. If it is something else, tell the program office."
        or "map it under [columns] in batch.toml, or attest in resolutions.csv that it is something else.",
        "`Grad Credit` instead of `Graduation Credit`.";
    Q402, Question, "most rows of the file fail for the same reason",
        "More than half of the readable rows share one reason not to qualify. Probably a column, the year or a list is wrong.",
        "Check that this is the right file, year and list. If it is, tell the program office."
        or "attest in resolutions.csv that it is.",
        "A file of last year: nearly all rows have N303.";
    Q403, Question, "a participant sent nothing",
        "It participates, and no row of any file belongs to it: its file may be missing or have been passed over.",
        "Send the file, or tell the program office that there is nothing to report."
        or "ask for the file, or attest in resolutions.csv that there is nothing to report.",
        "A district on the participants list without a file.", Batch;
    Q404, Question, "the SASID looks rounded or made up",
        "Zeros at the end are what rounding leaves of a long number, and equal or counted digits are placeholders: the row would be paid as \
         another pupil's.",
        "Copy the SASID from the student system as text. If it is right as it is, tell the program office."
        or "attest in resolutions.csv that it is right.",
        "A number that ends in five zeros.";
    Q405, Question, "the School Code is almost that of a charter",
        "One digit differs, or two neighbors are swapped: the row counts for the district and not for the charter.",
        "Correct the School Code. If it is right as it is, tell the program office."
        or "attest in resolutions.csv that it is right.",
        "`4532` where `4523` is a charter of the district.", Participants;
    Q406, Question, "two files of one entity share most of their rows",
        "They may be two versions of one file, of which only the later should count.",
        "Send only the later version. Tell the program office which one that is, or that both count."
        or "deny the old one in resolutions.csv by its Source File, or attest that both count.",
        "`0010 final.csv` and `0010 corrected.csv`.", Participants;
    Q407, Question, "a file was passed over for its name",
        "Names that begin with `~$` or a point are left behind by programs, but this one is too large for that.",
        "Rename the file so that it is read, or delete it."
        or "attest in resolutions.csv that it is to stay unread.",
        "`.0880.csv` with rows in it.";
    W201, Warning, "leading zeros were put back in District Code",
        "Spreadsheets drop leading zeros from numbers; cdip puts them back.",
        "There is nothing to do. To keep the zeros, format the column as text before you enter the codes.",
        "`880` is read as `0880`.";
    W202, Warning, "leading zeros were put back in School Code",
        "Spreadsheets drop leading zeros from numbers; cdip puts them back.",
        "There is nothing to do. To keep the zeros, format the column as text before you enter the codes.",
        "`101` is read as `0101`.";
    W208, Warning, "Free/Reduced Lunch is empty and counts as no",
        "If it should say yes, an empty cell costs the district a sixth of the award: $200 of $1,200.",
        "Write Yes or No.",
        "An empty cell.";
    W211, Warning, "the pupil is reported with and without free or reduced-price lunch",
        "Each row is paid by its own value, so two rows of one pupil can be paid differently.",
        "Find out which is right, and enter it in every row of the pupil.",
        "`Y` in one row and `N` in another of the same SASID.";
    W213, Warning, "School Year is not the year of this batch",
        "Only the completion date decides; a different school year hints at an old file.",
        "Check that this is the right file.",
        "`2022-23` in a batch for 2023-24.", Rules;
    W214, Warning, "a resolution finds nothing",
        "Its line does not fit: it names nothing that is there, or the content that it was made for has changed, or it says two things. It has no \
         effect and keeps the report PRELIMINARY.",
        "Check the codes, the file, the row number and Was; delete the line if nobody needs it anymore.",
        "A decision on a row that was corrected later.", Batch;
    W215, Warning, "the file's name does not begin with a District Code",
        "Neither its name nor its folder begins with a District Code of the participants list, so rows of a wrong district cannot be \
         noticed (H502).",
        "Begin the file's name with the 4-digit District Code.",
        "`2023-24 final.xlsx` instead of `0880 final.xlsx`.", Participants;
    W216, Warning, "a hidden sheet was read",
        "Hidden sheets count like any other; people forget that they are there.",
        "Unhide it and look. Delete it if it should not count.",
        "A hidden sheet `Old` with the required headings.";
    W217, Warning, "a sheet was not read",
        "It has content but no row with the required headings, while another sheet of the workbook has them.",
        "If it holds completions, give it the same headings as the other sheets.",
        "A second sheet on which `Grade` is missing from the headings.";
    W218, Warning, "the file holds no completions",
        "There are headings but no row beneath them.",
        "If you have nothing to report, do nothing. Otherwise send the right file.",
        "An empty template.";
    W219, Warning, "a file next to the lists was not read",
        "Its name is almost that of a list; under that name it has no effect, and a missing ledger pays completions a second time.",
        "Rename it as the message says, or move it out of the batch folder.",
        "`prior-payment.csv` instead of `prior-payments.csv`.";
    W220, Warning, "a resolution has no reason, approval or date that counts",
        "A decision about money is a record. It needs a reason, an approval by someone who did not prepare the batch, and a date not after the \
         run. Without them it has no effect and keeps the report PRELIMINARY.",
        "Give a Reason, an Approved By who did not prepare the batch, and a Date that is not after the run_date.",
        "`pay` with an empty Reason.", Batch;
    W221, Warning, "a character that cannot be seen is in the cell",
        "Web pages and word processors leave zero-width spaces, soft hyphens and no-break spaces behind. At the ends of a text they are white \
         space; inside it they make another text that looks the same.",
        "Empty the cell and type the text again, without copying it.",
        "`IC1` with a zero-width space before the 1 is another program code.";
    W222, Warning, "the row looks like a total, a note or the headings again",
        "Every line under the headings is read as a row, so that none is left out silently. This one looks like a total or a note.",
        "Delete the row and send the file again."
        or "close it with deny in resolutions.csv.",
        "`Total` and a number under the last completion.";
    W223, Warning, "the same completion is in another row",
        "One completion is paid once: of rows with the same pupil and program, that with the earliest date counts.",
        "If it is the same completion, do nothing. If not, correct the SASID or the Program Code of the wrong row.",
        "A credential in the file of December and again in that of June.", Rules, Programs, Participants;
    W224, Warning, "the template is not that of this batch",
        "A template carries the programs, grades and dates of one year; an old one offers programs that no longer qualify and lacks new ones. \
         The file is read like any other.",
        "Download this year's template and copy the rows into it. Check the program codes and dates.",
        "Last year's template, saved under a new name.", Rules, Programs;
    W226, Warning, "a two-digit year was read as a year after 2000",
        "`24` is read as 2024; the completion date decides the school year.",
        "Write the year with four digits.",
        "`5/17/24` is read as 2024-05-17.";
    W227, Warning, "the column's letters were read as meal codes",
        "A bare letter or 2 under Free/Reduced Lunch means something only in its column. F is Free where the column has an R or a P, and 2 is \
         reduced where it has a 0.",
        "Check that F means Free here; write Yes or No to be safe.",
        "A column with F, R and P.";
    W228, Warning, "a supplement is paid in a year whose law gives none",
        "C.R.S. 22-54-138(5)(f) gave a supplement for budget year 2023-24 alone. cdip pays the batch's supplement_available anyway.",
        "Take supplement_available out of batch.toml, unless an act gives it.",
        "`supplement_available` in a batch of 2024-25.", Batch;
    W229, Warning, "the money available is not what the law is known to give",
        "The batch says how much there is; one wrong digit changes what everyone is paid.",
        "Compare available with the appropriation, and correct batch.toml if it is wrong. If a different act gave this amount, do nothing.",
        "`available` of $8,000,000.00 in 2024-25, for which $9,500,000 is verified.", Batch;
    W230, Warning, "formulas of the sheet are not calculated yet",
        "A program wrote formulas and left it to Excel to calculate them: what the file says of their cells is not what Excel shows.",
        "Open the file in Excel, save it there, and send it again.",
        "A workbook made by a script, with formulas without results.";
    W231, Warning, "a resolution has nothing left to do",
        "What it decides is so already; the line is not open.",
        "There is nothing to do; you can delete the line.",
        "`exclude` for a participant that does not participate.", Batch;
    W232, Warning, "lines of the resolutions have no Decision yet",
        "Nothing is decided by them. They keep nothing from being final by themselves; what they are about may.",
        "Fill in Decision, Reason, Approved By and Date, or delete the lines.",
        "A line of `cdip check --resolutions-out`, as it was written.", Batch;
    W233, Warning, "the Program Name is that of another program",
        "Only the code counts: the row is paid as the program of its code. Its name is exactly that of another listed program, so one of the two may be a slip.",
        "Check which of the two is right. Correct the Program Code if the name is right; otherwise there is nothing to do.",
        "`IC150` next to the name of IC120.", Rules, Programs;
}

impl Code {
    /// The entry of the code.
    #[must_use]
    pub fn entry(self) -> &'static CodeEntry {
        // The macro lists codes and entries in the same order.
        &CATALOGUE[self as usize]
    }

    /// How serious it is.
    #[must_use]
    pub fn severity(self) -> Severity {
        self.entry().severity
    }

    /// The code written so; case does not matter.
    #[must_use]
    pub fn parse(text: &str) -> Option<Code> {
        let upper = text.trim().to_ascii_uppercase();
        CATALOGUE
            .iter()
            .map(|entry| entry.code)
            .find(|code| code.as_str() == upper)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The codes of one row: a set that lists itself in ascending order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Codes(u128);

impl Codes {
    /// No code.
    pub const NONE: Codes = Codes(0);
    /// Every code of the catalogue.
    pub const ALL: Codes = Codes(u128::MAX >> (128 - CATALOGUE.len()));

    /// Adds a code.
    pub fn add(&mut self, code: Code) {
        self.0 |= 1 << code as u128;
    }

    /// Takes a code out.
    pub fn remove(&mut self, code: Code) {
        self.0 &= !(1 << code as u128);
    }

    /// Whether it holds a code.
    #[must_use]
    pub const fn contains(self, code: Code) -> bool {
        self.0 & (1 << code as u128) != 0
    }

    /// Whether it holds no code.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Reads codes separated by spaces or commas; none if a word is not a code.
    #[must_use]
    pub fn parse(text: &str) -> Option<Codes> {
        let mut codes = Codes::NONE;
        for word in text.split([' ', ',', ';']).filter(|word| !word.is_empty()) {
            codes.add(Code::parse(word)?);
        }
        Some(codes)
    }

    #[must_use]
    pub fn of(self, severities: &[Severity]) -> Codes {
        let mut codes = Codes::NONE;
        for code in self
            .iter()
            .filter(|code| severities.contains(&code.severity()))
        {
            codes.add(code);
        }
        codes
    }

    #[must_use]
    pub fn without(self, severity: Severity) -> Codes {
        let mut codes = Codes::NONE;
        for code in self.iter().filter(|code| code.severity() != severity) {
            codes.add(code);
        }
        codes
    }

    /// Whether it holds a code of that severity.
    #[must_use]
    pub fn any(self, severity: Severity) -> bool {
        !self.is_empty() && self.iter().any(|code| code.severity() == severity)
    }

    /// In ascending order.
    pub fn iter(self) -> impl Iterator<Item = Code> {
        CATALOGUE
            .iter()
            .map(|entry| entry.code)
            .filter(move |code| self.contains(*code))
    }
}

impl fmt::Display for Codes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, code) in self.iter().enumerate() {
            write!(f, "{}{code}", if position > 0 { " " } else { "" })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whether_a_row_can_be_read_is_known_without_rules_and_lists() {
        let errors = CATALOGUE
            .iter()
            .filter(|entry| entry.severity == Severity::Rejected);
        for entry in errors {
            assert_eq!(entry.needs, [], "{}", entry.code);
        }
    }

    #[test]
    fn a_question_that_blocks_final_is_more_urgent_than_what_needs_no_decision() {
        use Severity::{Held, NotQualified, Question, Warning};
        assert!(Severity::ALL.is_sorted());
        assert!(Held < Question && Question < NotQualified && NotQualified < Warning);
    }

    #[test]
    fn every_code_finds_its_own_entry_and_the_table_is_in_order() {
        assert!(CATALOGUE.len() <= 128, "a set of codes has 128 places");
        assert!(
            CATALOGUE
                .windows(2)
                .all(|pair| pair[0].code.as_str() < pair[1].code.as_str())
        );
        for entry in CATALOGUE {
            assert_eq!(Code::parse(entry.code.as_str()), Some(entry.code));
            assert_eq!(entry.code.entry().code, entry.code);
            let letter = match entry.severity {
                Severity::Refused => 'F',
                Severity::Rejected => 'E',
                Severity::NotQualified => 'N',
                Severity::Held => 'H',
                Severity::Warning => 'W',
                Severity::Question => 'Q',
            };
            assert!(entry.code.as_str().starts_with(letter), "{}", entry.code);
            assert!(Severity::ALL.contains(&entry.severity), "{}", entry.code);
        }
    }

    #[test]
    fn every_code_about_qualifying_is_a_reason_and_no_other() {
        for entry in CATALOGUE {
            let is_about_qualifying = entry.severity == Severity::NotQualified;
            assert_eq!(
                entry.reason.is_some(),
                is_about_qualifying,
                "{}",
                entry.code
            );
        }
    }

    #[test]
    fn a_reason_that_can_be_a_slip_or_a_fact_is_called_differently() {
        for entry in CATALOGUE {
            let differs = entry.title_as(true) != entry.title_as(false);
            let can_be_either = entry
                .reason
                .is_some_and(|reason| reason.slip != Slip::Never);
            assert_eq!(differs, can_be_either, "{}", entry.code);
        }
    }

    #[test]
    fn what_an_entity_is_told_names_no_file_that_only_the_program_office_has() {
        let of_the_office = |needed: &&CodeEntry| needed.needs.contains(&Needed::Batch);
        for entry in CATALOGUE.iter().filter(|entry| !of_the_office(entry)) {
            for file in ["resolutions", "batch.toml", "submissions/"] {
                assert!(!entry.fix.contains(file), "{}: {}", entry.code, entry.fix);
            }
        }
    }

    #[test]
    fn codes_are_listed_in_ascending_order_separated_by_one_space() {
        let mut codes = Codes::NONE;
        for code in [Code::N309, Code::N301, Code::N304] {
            codes.add(code);
        }
        assert_eq!(codes.to_string(), "N301 N304 N309");
        assert_eq!(Codes::NONE.to_string(), "");
    }
}
