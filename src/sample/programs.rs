//! An illustrative list of qualified programs: real kinds of credentials, invented codes.

use crate::rules::terms::Category;

/// So many of 100 completions are of the categories for which this holds.
type Share = (u32, fn(Category) -> bool);

pub(super) const SHARES: [Share; 3] = [
    (73, |category| category == Category::IndustryCredential),
    (16, Category::is_workplace_training),
    (11, |category| category == Category::ApCourse),
];

/// The years of a program on the list; the batch's school year is 2023-24.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Listed {
    /// Since this year; from the beginning if empty.
    From(&'static str),
    /// The last year on the list.
    Until(&'static str),
    /// Listed only after the school year of the batch.
    NotBefore(&'static str),
}

/// One entry of the list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Program {
    pub(super) code: &'static str,
    pub(super) name: &'static str,
    pub(super) category: Category,
    pub(super) sector: &'static str,
    pub(super) top_10: bool,
    pub(super) listed: Listed,
    /// How often pupils choose it, relative to the others of its tier.
    pub(super) weight: u32,
}

impl Program {
    /// Whether a completion of the batch's school year can qualify with it.
    pub(super) fn is_current(&self) -> bool {
        matches!(self.listed, Listed::From(_))
    }
}

/// A program on the list since `since`.
const fn p(
    code: &'static str,
    name: &'static str,
    category: Category,
    sector: &'static str,
    since: &'static str,
    weight: u32,
) -> Program {
    Program {
        code,
        name,
        category,
        sector,
        top_10: false,
        listed: Listed::From(since),
        weight,
    }
}

/// The same, and one of the ten that the state names each year.
const fn top(program: Program) -> Program {
    Program {
        top_10: true,
        ..program
    }
}

/// The same, but not on the list in the school year of the batch.
const fn off(program: Program, listed: Listed) -> Program {
    Program { listed, ..program }
}

use Category::{
    ApCourse, Apprenticeship, IndustryCredential as Credential, Internship, PreApprenticeship,
    Residency,
};

const TRADES: &str = "Skilled trades";
const HEALTH: &str = "Health";
const IT: &str = "Information technology";
const HOSPITALITY: &str = "Hospitality";
const BUSINESS: &str = "Business";
const AGRICULTURE: &str = "Agriculture";
const SAFETY: &str = "Public safety";
const TRANSPORT: &str = "Transportation";
const EDUCATION: &str = "Education";
const MANUFACTURING: &str = "Manufacturing";

/// The list. No official codes are public; these are invented and show only the kind.
#[rustfmt::skip] // One program a line, so that the list is readable.
pub(super) static PROGRAMS: [Program; 66] = [
    top(p("IC101", "Certified nurse aide", Credential, HEALTH, "", 60)),
    p("IC102", "Emergency medical responder", Credential, HEALTH, "", 22),
    top(p("IC103", "Emergency medical technician", Credential, HEALTH, "", 18)),
    top(p("IC104", "Phlebotomy technician", Credential, HEALTH, "2020-21", 12)),
    p("IC105", "Pharmacy technician", Credential, HEALTH, "", 14),
    top(p("IC106", "Clinical medical assistant", Credential, HEALTH, "", 16)),
    p("IC107", "First aid, CPR and AED, healthcare provider", Credential, HEALTH, "", 45),
    p("IC108", "Dental assistant, entry level", Credential, HEALTH, "2021-22", 6),
    top(p("IC110", "Welder, structural, entry level", Credential, TRADES, "", 40)),
    p("IC111", "Welding, gas metal arc, qualification test", Credential, TRADES, "", 24),
    p("IC112", "Construction core curriculum", Credential, TRADES, "", 55),
    p("IC113", "Carpentry, level 1", Credential, TRADES, "", 20),
    top(p("IC114", "Electrical, level 1", Credential, TRADES, "", 15)),
    p("IC115", "Plumbing, level 1", Credential, TRADES, "2019-20", 8),
    p("IC116", "Heating and air conditioning, entry level", Credential, TRADES, "", 9),
    p("IC117", "Construction safety, 10 hours", Credential, TRADES, "", 85),
    p("IC118", "Construction safety, 30 hours", Credential, TRADES, "", 14),
    p("IC120", "Computer hardware technician", Credential, IT, "", 22),
    top(p("IC121", "Network technician", Credential, IT, "", 14)),
    top(p("IC122", "Cybersecurity, entry level", Credential, IT, "", 16)),
    p("IC123", "Python programming, entry level", Credential, IT, "2020-21", 18),
    p("IC124", "Web design, associate", Credential, IT, "", 10),
    p("IC125", "Cloud practitioner", Credential, IT, "2021-22", 8),
    p("IC130", "Food safety manager", Credential, HOSPITALITY, "", 65),
    p("IC131", "Professional cook, entry level", Credential, HOSPITALITY, "", 28),
    p("IC132", "Guest service professional", Credential, HOSPITALITY, "", 12),
    p("IC140", "Office software specialist", Credential, BUSINESS, "", 50),
    p("IC141", "Bookkeeping software user", Credential, BUSINESS, "", 16),
    p("IC142", "Entrepreneurship and small business", Credential, BUSINESS, "2020-21", 20),
    p("IC150", "Agricultural mechanics", Credential, AGRICULTURE, "", 14),
    p("IC151", "Veterinary assistant", Credential, AGRICULTURE, "", 10),
    p("IC160", "Fire fighter, level 1", Credential, SAFETY, "", 8),
    p("IC161", "Wildland fire fighter, entry level", Credential, SAFETY, "", 10),
    p("IC162", "Emergency dispatcher", Credential, SAFETY, "2022-23", 5),
    top(p("IC170", "Automotive service, entry level", Credential, TRANSPORT, "", 34)),
    p("IC171", "Drone pilot, small aircraft", Credential, TRANSPORT, "2020-21", 16),
    p("IC172", "Forklift operator", Credential, TRANSPORT, "", 14),
    p("IC180", "Machining, measurement and safety", Credential, MANUFACTURING, "", 12),
    top(p("IC181", "Computer-aided design, associate", Credential, MANUFACTURING, "", 24)),
    p("IC190", "Early childhood teacher assistant", Credential, EDUCATION, "", 22),
    off(p("IC126", "Animation software for browsers, associate", Credential, IT, "", 1), Listed::Until("2020-21")),
    off(p("IC143", "Word processing, core", Credential, BUSINESS, "", 1), Listed::Until("2021-22")),
    off(p("IC109", "Home health aide, short course", Credential, HEALTH, "", 1), Listed::Until("2022-23")),
    off(p("IC127", "Data analytics, entry level", Credential, IT, "", 1), Listed::NotBefore("2024-25")),
    p("WI201", "Internship in health care", Internship, HEALTH, "", 18),
    p("WI202", "Internship in information technology", Internship, IT, "", 14),
    p("WI203", "Internship in construction", Internship, TRADES, "", 12),
    p("WI204", "Internship in business and finance", Internship, BUSINESS, "", 16),
    p("WI205", "Internship in education", Internship, EDUCATION, "", 14),
    p("WI206", "Internship in agriculture", Internship, AGRICULTURE, "", 8),
    p("WI207", "Internship in manufacturing", Internship, MANUFACTURING, "", 9),
    p("WR211", "Residency in health care", Residency, HEALTH, "", 2),
    p("WR212", "Residency in teaching", Residency, EDUCATION, "", 2),
    p("WP221", "Pre-apprenticeship, construction trades", PreApprenticeship, TRADES, "", 18),
    p("WP222", "Pre-apprenticeship, electrical", PreApprenticeship, TRADES, "", 7),
    p("WP223", "Pre-apprenticeship, heavy equipment", PreApprenticeship, TRADES, "2021-22", 5),
    p("WP224", "Pre-apprenticeship, masonry", PreApprenticeship, TRADES, "", 3),
    p("WA231", "Apprenticeship, medical assistant", Apprenticeship, HEALTH, "2019-20", 5),
    p("WA232", "Apprenticeship, machinist", Apprenticeship, MANUFACTURING, "", 5),
    p("WA233", "Apprenticeship, software support", Apprenticeship, IT, "2020-21", 4),
    p("WA234", "Apprenticeship, financial services", Apprenticeship, BUSINESS, "", 4),
    p("WA235", "Apprenticeship, teacher aide", Apprenticeship, EDUCATION, "2022-23", 4),
    p("AP301", "AP Computer Science A", ApCourse, IT, "", 38),
    p("AP302", "AP Computer Science Principles", ApCourse, IT, "", 60),
    p("AP303", "AP Career course: cybersecurity fundamentals", ApCourse, IT, "2023-24", 6),
    p("AP304", "AP Career course: business and personal finance", ApCourse, BUSINESS, "2023-24", 6),
];
