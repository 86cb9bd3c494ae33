//! The usual confidence factors of monetary-unit sampling: the most overstatements to expect in the population, in intervals, by
//! how many a sample showed.
//!
//! The factor for k overstatements is the mean of a Poisson distribution under which k or fewer have the probability 1 - confidence,
//! rounded up to hundredths. The AICPA Audit Guide *Audit Sampling* prints the same figures (confidence factors for monetary unit
//! sampling, overstatements).

/// Confidence in percent.
pub const CONFIDENCES: [u64; 3] = [80, 90, 95];
/// The default one, by position.
pub const CONFIDENCE_DEFAULT: usize = 2;
/// The most overstatements in the table. With more, no auditor accepts the population by a sample.
pub const OVERSTATEMENTS_MAX: usize = 20;

/// By overstatements: hundredths, in the order of [`CONFIDENCES`].
pub const FACTORS: [[u64; CONFIDENCES.len()]; OVERSTATEMENTS_MAX + 1] = [
    [161, 231, 300],
    [300, 389, 475],
    [428, 533, 630],
    [552, 669, 776],
    [673, 800, 916],
    [791, 928, 1052],
    [908, 1054, 1185],
    [1024, 1178, 1315],
    [1138, 1300, 1444],
    [1252, 1421, 1571],
    [1366, 1541, 1697],
    [1478, 1660, 1821],
    [1590, 1779, 1945],
    [1702, 1896, 2067],
    [1813, 2013, 2189],
    [1924, 2130, 2310],
    [2034, 2246, 2431],
    [2144, 2361, 2550],
    [2254, 2476, 2670],
    [2364, 2591, 2788],
    [2473, 2705, 2907],
];

#[cfg(test)]
#[expect(clippy::cast_precision_loss, reason = "small whole numbers")]
mod tests {
    use super::*;

    /// The probability of `most` or fewer under a mean given in hundredths.
    fn at_most(most: usize, hundredths: u64) -> f64 {
        let mean = hundredths as f64 / 100.0;
        let (mut term, mut sum) = ((-mean).exp(), 0.0);
        for k in 0..=most {
            sum += term;
            term *= mean / (k as f64 + 1.0);
        }
        sum
    }

    #[test]
    fn each_factor_is_the_least_hundredth_with_the_confidence() {
        for (overstatements, factors) in FACTORS.into_iter().enumerate() {
            for (factor, confidence) in factors.into_iter().zip(CONFIDENCES) {
                let missed = 1.0 - confidence as f64 / 100.0;
                assert!(at_most(overstatements, factor) <= missed);
                assert!(at_most(overstatements, factor - 1) > missed);
            }
        }
    }
}
