//! Kinds and categories in an office's own words: which allowed value is most likely meant.

use crate::config::did_you_mean;
use crate::rules::terms::{Category, ParticipantKind};

/// Beginnings of words that people use for a kind, specific ones first, and what they can mean.
const KINDS: &[(&str, &[ParticipantKind])] = &[
    ("csi", &[ParticipantKind::InstituteCharter]),
    ("institute", &[ParticipantKind::InstituteCharter]),
    ("state charter", &[ParticipantKind::InstituteCharter]),
    ("district charter", &[ParticipantKind::DistrictCharter]),
    (
        "charter",
        &[
            ParticipantKind::DistrictCharter,
            ParticipantKind::InstituteCharter,
        ],
    ),
    ("boces", &[ParticipantKind::Boces]),
    ("board of coop", &[ParticipantKind::Boces]),
    ("coop", &[ParticipantKind::Boces]),
    ("district", &[ParticipantKind::District]),
];

/// The same for categories of programs.
const CATEGORIES: &[(&str, &[Category])] = &[
    ("pre apprentice", &[Category::PreApprenticeship]),
    ("preapprentice", &[Category::PreApprenticeship]),
    ("apprentice", &[Category::Apprenticeship]),
    ("intern", &[Category::Internship]),
    ("residen", &[Category::Residency]),
    ("ap ", &[Category::ApCourse]),
    ("advanced placement", &[Category::ApCourse]),
    ("credential", &[Category::IndustryCredential]),
    ("certif", &[Category::IndustryCredential]),
    ("licens", &[Category::IndustryCredential]),
];

/// What to write for an unknown kind.
pub(super) fn kind(text: &str) -> String {
    let known = ParticipantKind::ALL.iter().map(|kind| kind.as_str());
    let meant = named(text, KINDS).iter().map(|kind| kind.as_str());
    fix(text, &meant.collect::<Vec<_>>(), &known.collect::<Vec<_>>())
}

/// What to write for an unknown category.
pub(super) fn category(text: &str) -> String {
    let known = Category::ALL.iter().map(|category| category.as_str());
    let meant = named(text, CATEGORIES).iter().map(|kind| kind.as_str());
    fix(text, &meant.collect::<Vec<_>>(), &known.collect::<Vec<_>>())
}

/// What the first matching beginning can mean.
fn named<T>(text: &str, beginnings: &'static [(&str, &[T])]) -> &'static [T] {
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let text = format!(" {} ", words.join(" "));
    let found = beginnings
        .iter()
        .find(|(beginning, _)| text.contains(&format!(" {beginning}")));
    found.map_or(&[], |(_, meant)| meant)
}

fn fix(text: &str, meant: &[&str], known: &[&str]) -> String {
    if meant.is_empty() {
        return did_you_mean(text, known.iter().copied());
    }
    let meant: Vec<String> = meant.iter().map(|word| format!("`{word}`")).collect();
    format!(
        "did you mean {}? allowed: {}",
        meant.join(" or "),
        known.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_in_words_of_ones_own_are_understood() {
        for (text, meant) in [
            ("CSI Charter", "`institute_charter`"),
            ("Charter", "`district_charter` or `institute_charter`"),
            ("School District", "`district`"),
            ("Board of Cooperative Services", "`boces`"),
            ("distrct", "`district`"),
        ] {
            let fix = kind(text);
            let wanted = format!("did you mean {meant}? allowed: district,");
            assert!(fix.starts_with(&wanted), "{text}: {fix}");
        }
        assert!(kind("Alumni").starts_with("allowed: "));
    }

    #[test]
    fn categories_in_words_of_ones_own_are_understood() {
        for (text, meant) in [
            ("AP", "ap_course"),
            ("AP Computer Science", "ap_course"),
            ("credential", "industry_credential"),
            ("Industry Certificate", "industry_credential"),
            ("Pre-Apprentice", "pre_apprenticeship"),
            ("Registered apprentice", "apprenticeship"),
            ("Residence", "residency"),
        ] {
            let fix = category(text);
            assert!(
                fix.starts_with(&format!("did you mean `{meant}`? ")),
                "{text}: {fix}"
            );
        }
        // Application is not AP.
        assert!(category("application").starts_with("allowed: "));
    }
}
