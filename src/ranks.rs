//! Positions that name something: of a row, a program, a participant, a tier. A type each, so that none is taken for another.
//! They take four bytes, also where there may be none, since a million rows hold several of them; every limit is far below 2^32.

use std::fmt;
use std::num::NonZeroU32;
use std::ops::{Index, IndexMut};

macro_rules! rank {
    ($(#[doc = $doc:literal])+ $name:ident) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(NonZeroU32);

        impl $name {
            /// The rank at a position counted from 0.
            #[must_use]
            pub fn new(index: usize) -> $name {
                let counted = u32::try_from(index).unwrap_or(u32::MAX).saturating_add(1);
                $name(NonZeroU32::new(counted).unwrap_or(NonZeroU32::MAX))
            }

            /// Its position, from 0.
            #[must_use]
            pub const fn index(self) -> usize {
                // Kept counted from 1.
                self.0.get() as usize - 1
            }

            /// Every rank among so many.
            pub fn all(count: usize) -> impl DoubleEndedIterator<Item = $name> + ExactSizeIterator {
                (0..count).map($name::new)
            }

            /// What is ranked so, each with its rank.
            pub fn enumerate<T>(all: &[T]) -> impl DoubleEndedIterator<Item = ($name, &T)> + ExactSizeIterator {
                all.iter().enumerate().map(|(index, one)| ($name::new(index), one))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.index(), f)
            }
        }

        impl<T> Index<$name> for [T] {
            type Output = T;
            fn index(&self, rank: $name) -> &T {
                &self[rank.index()]
            }
        }

        impl<T> IndexMut<$name> for [T] {
            fn index_mut(&mut self, rank: $name) -> &mut T {
                &mut self[rank.index()]
            }
        }

        impl<T> Index<$name> for Vec<T> {
            type Output = T;
            fn index(&self, rank: $name) -> &T {
                &self.as_slice()[rank.index()]
            }
        }

        impl<T> IndexMut<$name> for Vec<T> {
            fn index_mut(&mut self, rank: $name) -> &mut T {
                &mut self.as_mut_slice()[rank.index()]
            }
        }
    };
}

rank! {
    /// A submitted row: its position in the order of the batch (path by bytes, sheet order, row number).
    RowRank
}
rank! {
    /// A program: its position on the qualified list in the order of codes.
    ProgramRank
}
rank! {
    /// A participant: its position on the participants list in the order of (district code, school code or empty).
    ParticipantRank
}
rank! {
    /// A tier: its position in the rules, from 0.
    TierRank
}
rank! {
    /// A line of the resolutions: its position among those that were read.
    ResolutionRank
}

impl TierRank {
    /// Whether no tier is funded before it.
    #[must_use]
    pub const fn is_first(self) -> bool {
        self.index() == 0
    }
}
