//! The words of the law that rules and lists share: categories of programs and kinds of participants.

/// Declares an enum of fixed words with a small set type over it.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $(#[$set_doc:meta])* $set:ident, { $($(#[$variant_doc:meta])* $variant:ident = $value:literal, $label:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$variant_doc])* $variant,)+ }

        impl $name {
            /// Every value, in the order of the specification.
            pub const ALL: &'static [$name] = &[$($name::$variant,)+];

            /// As written in lists and rule sets.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $value,)+ }
            }

            /// In words, for people.
            #[must_use]
            pub const fn label(self) -> &'static str {
                match self { $($name::$variant => $label,)+ }
            }

            /// The value written so; case, spaces and hyphens do not matter.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                let plain = text.trim().to_lowercase().replace([' ', '-'], "_");
                Self::ALL.iter().copied().find(|value| value.as_str() == plain)
            }
        }

        $(#[$set_doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $set(u8);

        // The set is a byte: a ninth value needs a wider one.
        const _: () = assert!($name::ALL.len() <= u8::BITS as usize);

        impl $set {
            /// Every value.
            #[must_use]
            pub fn all() -> Self {
                $name::ALL.iter().copied().collect()
            }

            /// Whether the set holds the value.
            #[must_use]
            pub const fn contains(self, value: $name) -> bool {
                self.0 & (1 << value as u8) != 0
            }

            /// Whether the set holds nothing.
            #[must_use]
            pub const fn is_empty(self) -> bool {
                self.0 == 0
            }

            /// Its values in the order of the specification.
            pub fn iter(self) -> impl Iterator<Item = $name> {
                $name::ALL.iter().copied().filter(move |value| self.contains(*value))
            }
        }

        impl From<$name> for $set {
            fn from(value: $name) -> Self {
                $set(1 << value as u8)
            }
        }

        impl FromIterator<$name> for $set {
            fn from_iter<I: IntoIterator<Item = $name>>(values: I) -> Self {
                $set(values.into_iter().fold(0, |bits, value| bits | 1 << value as u8))
            }
        }
    };
}

words!(
    /// What kind of program a completion is of; decides its tier.
    Category,
    /// A set of categories.
    CategorySet,
    {
        /// An industry credential.
        IndustryCredential = "industry_credential", "Industry credential";
        /// An internship.
        Internship = "internship", "Internship";
        /// A residency.
        Residency = "residency", "Residency";
        /// A construction pre-apprenticeship.
        PreApprenticeship = "pre_apprenticeship", "Pre-apprenticeship";
        /// A construction apprenticeship.
        Apprenticeship = "apprenticeship", "Apprenticeship";
        /// An Advanced Placement course.
        ApCourse = "ap_course", "AP course";
    }
);

impl Category {
    /// Whether it is workplace training, which is neither a credential nor a course.
    #[must_use]
    pub const fn is_workplace_training(self) -> bool {
        match self {
            Category::Internship
            | Category::Residency
            | Category::PreApprenticeship
            | Category::Apprenticeship => true,
            Category::IndustryCredential | Category::ApCourse => false,
        }
    }
}

words!(
    /// What kind of entity the award is counted for.
    ParticipantKind,
    /// A set of kinds of participants.
    KindSet,
    {
        /// A school district.
        District = "district", "District";
        /// A charter school of a district; paid through the district.
        DistrictCharter = "district_charter", "District charter";
        /// A charter school of the Charter School Institute; paid through the institute.
        InstituteCharter = "institute_charter", "Institute charter";
        /// A board of cooperative services.
        Boces = "boces", "BOCES";
    }
);

/// What the Charter School Institute is called where no list names it.
pub const INSTITUTE_NAME: &str = "Charter School Institute";
